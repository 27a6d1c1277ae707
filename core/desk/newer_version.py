"""That there is a newer Fanion, told by a signed file on a stick: there is no network that could be asked.

The file ``fanion-release`` names a version, its day, where to get it, and one line on it in both languages; minisign's
signature lies beside it. It is read in full, verified with a key that came with this program or that the department has
set, and only then looked into. Nothing is downloaded or installed because of it.
"""

from __future__ import annotations

import contextlib
import os
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from core import __version__
from core.desk.settings.settings_table import Settings
from core.problem import Problem
from core.system.files import files
from core.system.minisign import MinisignError, PublicKey, public_keys
from core.system.minisign_signature import MinisignSignature
from core.text import Bilingual, T, one_line, plain

FILE_NAME: Final = "fanion-release"
SIGNATURE: Final = ".minisig"
#: The form of the file that this version knows; a newer one has a higher number.
FORMAT: Final = 1
#: Bytes of the file, and of its signature.
LIMIT: Final = 8_192
#: Characters of the line on the version, and of where to get it.
_LINE: Final = 200

#: Where the keys are that come with the program, one file of minisign's each. A clone has none before a first release.
KEYS: Final = Path(__file__).resolve().parents[2] / "resources" / "release-keys"
_KEY_LIMIT: Final = 1_024
#: In the data folder: the file that told last of a newer version, with its signature; it is verified at each start.
KEPT: Final = "newer-version"

_VERSION: Final = re.compile(r"(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})")


class UpdateProblem(Problem):
    """The file that was to tell of a newer version does not."""

    code = "update-notice"
    exit_code = 5


class NoNotice(UpdateProblem):
    """There is no such file."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            T("There is no file {name} in {place}.", name=file.name, place=str(file.parent)),
            T("Choose the USB key, or the folder on it, that has the file."),
        )


@dataclass(frozen=True, slots=True)
class Release:
    """What the file says, all of it short and on one line."""

    version: str
    day: date
    where: str
    about: Bilingual

    @property
    def is_newer(self) -> bool:
        """Whether it is newer than this program."""
        return _numbers(self.version) > _numbers(__version__)


def look(place: Path, keys: Sequence[PublicKey]) -> Release:
    """What the file `place`, or the one in the folder `place`, says of a newer version.

    Raises UpdateProblem: also where it is of this version or of an older one.
    """
    return _newer(*_read(place), keys)


def _newer(data: bytes, signature: bytes, keys: Sequence[PublicKey]) -> Release:
    """Verify and read a file, and refuse one that is of no newer version. Raises UpdateProblem."""
    release = parse(data, signature, keys)
    if release.version == __version__:
        raise UpdateProblem(
            T("You have this version already: Fanion {version}.", version=release.version), T("There is nothing to do.")
        )
    if not release.is_newer:
        raise UpdateProblem(
            T(
                "The file announces Fanion {version}, which is older than this one, {own}.",
                version=release.version,
                own=__version__,
            ),
            T("Leave the file aside: an older version has faults that this one has no more."),
        )
    return release


def parse(data: bytes, signature: bytes, keys: Sequence[PublicKey]) -> Release:
    """Verify that one of `keys` has signed the file, then read it. Raises UpdateProblem."""
    if not keys:
        raise UpdateProblem(
            T("This Fanion has no key by which news of a version could be verified."),
            T("Ask the people who look after Fanion for you: they can set “release_key” for this computer."),
        )
    try:
        signed = MinisignSignature.parse(signature)
    except MinisignError as error:
        raise UpdateProblem(
            T("The signature beside the file is damaged."), T("Copy both files to the USB key again."), str(error)
        ) from error
    if not any(signed.is_by(key, data) for key in keys):
        raise UpdateProblem(
            T("The file is not signed by a key that this Fanion trusts, or was changed since."),
            T("Do not use what came with it, and tell the people who look after Fanion for you."),
        )
    return _release(data)


def _release(data: bytes) -> Release:
    """Read a file that was verified. Raises UpdateProblem where it is not of the form that this version knows."""
    try:
        table = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise _unreadable(str(error)) from error
    form = table.get("format")
    if type(form) is int and form > FORMAT:
        raise UpdateProblem(
            T("The file is in a newer form than this Fanion reads."),
            T("There is a newer version: ask where to get it the people who look after Fanion for you."),
        )
    version, day = table.get("version"), table.get("date")
    lines = [table.get(key) for key in ("where", "en", "fr")]
    if form != FORMAT or type(form) is not int or not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise _unreadable("format or version")
    if type(day) is not date or isinstance(day, datetime):
        raise _unreadable("date")
    texts = [line for line in lines if isinstance(line, str) and line.strip() and line == one_line(line, _LINE)]
    if len(texts) != len(lines):
        raise _unreadable("where, en or fr")
    where, en, fr = texts
    return Release(version, day, where, Bilingual(en, fr))


def _unreadable(detail: str) -> UpdateProblem:
    return UpdateProblem(
        T("The file is signed, but it does not say which version it is about."),
        T("Tell the people who made it."),
        plain(detail, 300),
    )


def _read(place: Path) -> tuple[bytes, bytes]:
    """The bytes of the file and of its signature. Raises UpdateProblem."""
    file = place / FILE_NAME if os.path.isdir(place) else place  # Path.is_dir may raise
    beside = file.with_name(file.name + SIGNATURE)
    unsigned = UpdateProblem(
        T("The file is not signed: there is no {name} beside it.", name=beside.name),
        T("Copy both files to the USB key, or ask for a signed one."),
    )
    return _content(file, NoNotice(file)), _content(beside, unsigned)


def _content(file: Path, missing: UpdateProblem) -> bytes:
    """Read a file that may be on anybody's USB key. Raises `missing` or another UpdateProblem."""
    try:
        return files.read_file(file, LIMIT, links=False)
    except FileNotFoundError as error:
        raise missing from error
    except (OSError, ValueError) as error:
        raise _closed(file, error) from error


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _closed(file: Path, error: OSError | ValueError) -> UpdateProblem:
    if isinstance(error, files.TooLargeError):
        return UpdateProblem(
            T("{file} is too large to tell of a version.", file=file.name), T("Choose the file that was signed for it.")
        )
    return UpdateProblem(
        T("{file} could not be read.", file=file.name), T("Check the USB key, and try again."), str(error)
    )


def believed_keys(settings: Settings) -> list[PublicKey]:
    """The keys that are believed here: those that came with the program, and the department's. One that is damaged is
    none."""
    keys = public_keys(settings.release_key)
    try:
        came_along = sorted(KEYS.glob("*.pub"))
    except OSError:
        came_along = []
    for file in came_along:
        try:
            keys.append(PublicKey.parse_file(files.read_file(file, _KEY_LIMIT)))
        except (OSError, ValueError):
            continue
    return keys


def keep(place: Path, data: Path, keys: Sequence[PublicKey]) -> Release:
    """As :func:`look`; what was found is kept in the data folder and told again at each start. Raises UpdateProblem."""
    content, signature = _read(place)
    release = _newer(content, signature, keys)
    with contextlib.suppress(OSError):  # it is told now all the same
        folder = data / KEPT
        files.make_folder(folder, shared=False)
        files.replace_file(folder / FILE_NAME, content)
        files.replace_file(folder / (FILE_NAME + SIGNATURE), signature)
    return release


def stored_release(data: Path, keys: Sequence[PublicKey]) -> Release | None:
    """The newer version that was told of before, if it still is one; None without."""
    try:
        return look(data / KEPT, keys) if files.is_folder(data / KEPT) else None
    except (UpdateProblem, OSError):
        return None
