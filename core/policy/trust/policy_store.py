"""Where a computer keeps the signed policy that it accepted: replaced whole or not at all, whatever happens meanwhile.

The folder has one file, `current`, that names a folder beside it with a whole repository. A new one is written and made
durable beside the old one; then `current` is replaced in one step. What a crash leaves goes with the next change.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from core.policy.format.policy_file import LIMIT as POLICY_LIMIT
from core.policy.trust import refusals
from core.policy.trust.chain import LIMITS, ROTATIONS
from core.policy.trust.usb_stick import read_file
from core.system.files.file_lock import locked as lock_held
from core.system.files.files import (
    create_folder,
    ensure_file,
    make_folder,
    open_file,
    replace_file,
    sync_folder,
    write_new,
)

_POINTER: Final = "current"
_NAME: Final = re.compile(r"[0-9a-f]{16}")
#: What a change that was cut off leaves: a folder, or the file that was to take the place of `current`.
_LEFT: Final = re.compile(r"[0-9a-f]{16}|\.(?:current|fanion)-[0-9a-f]{16}")
_FOLDERS: Final = ("metadata", "targets")
#: Files in one folder of a repository that holds what one policy needs.
_FILES: Final = ROTATIONS + 4


def read(store: Path) -> dict[str, bytes] | None:
    """Every file of what is kept, by its path in the repository; None if nothing is. Raises TrustProblem."""
    for _ in range(3):  # another program may replace it while it is read
        name = _current(store)
        if name is None:
            return None
        try:
            return _image(store / name)
        except refusals.TrustProblem as problem:
            if _current(store) == name:
                raise refusals.altered(f"{problem.reason}: {problem.detail}") from problem
    raise refusals.altered("it changed while it was read")


def replace(store: Path, files: Mapping[str, bytes]) -> None:
    """Keep `files` from now on. When this returns, they are on the disk. Raises OSError; then the old ones are kept.

    Only while :func:`locked`.
    """
    name = secrets.token_hex(8)
    try:
        folder = store / name
        for sub in ("", *_FOLDERS):
            create_folder(folder / sub)
        for path, data in files.items():
            write_new(folder / path, data, shared=True)
        for sub in (*_FOLDERS, ""):
            sync_folder(folder / sub)
        sync_folder(store)
        replace_file(store / _POINTER, f"{name}\n".encode(), shared=True)
    except BaseException:
        if _current_name(store) != name:
            shutil.rmtree(store / name, ignore_errors=True)
        raise
    _clean(store)


@contextlib.contextmanager
def locked(store: Path) -> Iterator[None]:
    """Keep every other program from changing `store`, which is made if it is not there. Raises OSError."""
    make_folder(store)
    ensure_file(store / "lock")
    with os.fdopen(open_file(store / "lock", os.O_RDWR, links=False), "rb") as file, lock_held(file.fileno()):
        yield


def _current(store: Path) -> str | None:
    """The name of the folder that is kept. Raises TrustProblem."""
    try:
        data = read_file(store, _POINTER, 100)
    except refusals.TrustProblem as problem:
        raise refusals.altered(f"{problem.reason}: {problem.detail}") from problem
    if data is None:
        return None
    name = data.decode("ascii", "replace").removesuffix("\n")
    if not _NAME.fullmatch(name):
        raise refusals.altered("it does not say what is kept")
    return name


def _current_name(store: Path) -> str | None:
    try:
        return _current(store)
    except refusals.TrustProblem:
        return None


def _image(folder: Path) -> dict[str, bytes]:
    """Every file of a repository's folders, by its path. Raises TrustProblem, also for more files than one needs."""
    image: dict[str, bytes] = {}
    for sub in _FOLDERS:
        limit = max(LIMITS.values()) if sub == "metadata" else POLICY_LIMIT
        try:
            with os.scandir(folder / sub) as entries:
                names = []
                for entry in entries:
                    names.append(entry.name)
                    if len(names) > _FILES:
                        raise refusals.too_large(sub)
        except OSError as error:
            raise refusals.unreadable(sub, str(error)) from error
        for name in sorted(names):
            data = read_file(folder / sub, name, limit)
            if data is None:
                raise refusals.incomplete(name)
            image[f"{sub}/{name}"] = data
    return image


def _clean(store: Path) -> None:
    """Remove what is not kept any more, and what was never kept. That it cannot be is no failure."""
    current = _current_name(store)
    with contextlib.suppress(OSError):
        for name in os.listdir(store):
            if name == current or not _LEFT.fullmatch(name):
                continue
            if _NAME.fullmatch(name):
                shutil.rmtree(store / name, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    os.unlink(store / name)
