"""The computer, the program's own files, the settings and the disk: all that needs no library."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from importlib import resources as files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from core.cli.probes import Lacking, again
from core.desk.desk import Desk
from core.system.packaged import is_packaged
from core.text import N, T, Text

#: Bytes that have to be free for the log to grow.
_FREE: Final = 200_000_000
_MEGA: Final = 1_000_000
_GIGA: Final = 1_000_000_000
#: The kinds of files that come along: folder, ending, and how many there are at least. One level of folders below
#: counts too; the catalogue's source does not come along everywhere.
_KINDS: Final = (
    ("policies", ".toml", 6),
    ("icons", ".svg", 30),
    ("guides", ".md", 3),
    ("reports", ".typ", 4),
    ("practice", ".toml", 10),
    ("practice/certificates", ".der", 1),
    ("locale/fr/LC_MESSAGES", ".mo", 1),
    ("audit", ".py", 1),
)
#: What the builder wrote down of the packaged program’s folder: the length in bytes and the name of a file in each
#: line. Not on macOS, where signing changes files afterwards.
LIST: Final = "files.txt"


def machine(desk: Desk) -> Text:
    """The system, the processor and the C library: what the packages are built for."""
    if sys.platform == "linux":
        libc = " ".join(platform.libc_ver()) or "libc"
        return T("{system}, {processor}, {library}", system=_linux(), processor=platform.machine(), library=libc)
    if sys.platform == "darwin":
        return T("{system}, {processor}", system=f"macOS {platform.mac_ver()[0]}", processor=platform.machine())
    name = f"{platform.system()} {platform.release()} ({platform.version()})"
    return T("{system}, {processor}", system=name, processor=platform.machine())


def _linux() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = "Linux"
    return f"{name}, Linux {platform.release()}"


def python(desk: Desk) -> Text:
    packaged = is_packaged()
    version = platform.python_version()
    return (
        T("{version}, which came with Fanion", version=version)
        if packaged
        else T("{version}, {file}", version=version, file=sys.executable)
    )


def sqlite(desk: Desk) -> Text:
    """Tried with tables as the log and its search have them."""
    version = sqlite3.sqlite_version
    try:
        with contextlib.closing(sqlite3.connect(":memory:")) as trial:
            trial.execute("CREATE TABLE a (b TEXT) STRICT")
            trial.execute("CREATE VIRTUAL TABLE c USING fts5(b, tokenize='trigram')")
            trial.execute("SELECT '{}' ->> '$.a'")  # came with 3.38, as everything else that the log needs
    except sqlite3.Error as error:
        raise Lacking(
            T("SQLite {version} is older than what the log needs, or lacks part of it.", version=version),
            T("Use the packaged Fanion, which brings its own."),
            str(error),
        ) from error
    return T("{version}, with all that the log needs", version=version)


def resources(desk: Desk) -> Text:
    """Every kind of file is there, and none is empty; in the packaged program, every file as it was packed."""
    if (packaged := getattr(sys, "_MEIPASS", None)) is not None and sys.platform != "darwin":
        _require_whole(Path(packaged))
    root = files.files("resources")
    count = 0
    for folder, suffix, at_least in _KINDS:
        resource_files = list(_with_suffix(root, folder, suffix))
        missing = T("the files in {folder} are not all there", folder=f"resources/{folder}")
        if len(resource_files) < at_least:
            raise Lacking(T("Fanion’s folder is not whole: {missing}.", missing=missing), again())
        for file in resource_files:
            if not file.read_bytes().strip():
                raise Lacking(T("Fanion’s folder is not whole: {file} is empty.", file=file.name), again())
        count += len(resource_files)
    return N("{count} file is there", "{count} files are there", count)


def _require_whole(folder: Path) -> None:
    """Raise Lacking for the first file of the list that is not there, or not as long as it was."""
    try:
        lines = (folder / LIST).read_text(encoding="utf-8").splitlines()
        if not lines:
            raise FileNotFoundError(LIST)
    except (OSError, ValueError) as error:
        raise Lacking(T("Fanion’s folder is not whole: {file} is missing.", file=LIST), again(), str(error)) from error
    for line in lines:
        length, _, name = line.partition(" ")
        try:
            size = (folder / name).stat().st_size
        except (OSError, ValueError) as error:
            missing = T("Fanion’s folder is not whole: {file} is missing.", file=name)
            raise Lacking(missing, again(), str(error)) from error
        if str(size) != length:
            raise Lacking(
                T("Fanion’s folder is not whole: {file} is not as long as it was.", file=name),
                again(),
                f"{size} ≠ {length}",
            )


def _with_suffix(root: Traversable, folder: str, suffix: str) -> Iterator[Traversable]:
    place = root
    for name in folder.split("/"):
        place = place / name
    with contextlib.suppress(OSError):
        yield from (file for file in place.iterdir() if file.name.endswith(suffix) and file.is_file())


def french(desk: Desk) -> Text:
    sentence = T("No phone is plugged in.")
    try:
        translation = sentence.in_language("fr")
    except (OSError, ValueError) as error:
        raise Lacking(T("The French texts are not there."), again(), str(error)) from error
    if translation == sentence.in_language("en"):
        raise Lacking(T("The French texts are not there."), again())
    return T("the catalogue is there")


def settings(desk: Desk) -> Text:
    if desk.fault is not None:
        raise desk.fault
    return T("officer {officer}, desk {desk}", officer=desk.officer, desk=desk.name)


def disk(desk: Desk) -> Text:
    """On the disk that has the log, or will have it."""
    folder = desk.log_folder
    existing_folder = next((candidate for candidate in (folder, *folder.parents) if os.path.isdir(candidate)), folder)
    free = shutil.disk_usage(existing_folder).free
    if free < _FREE:
        raise Lacking(
            T(
                "Only {free} MB are free in {folder}; the log should have {needed} MB.",
                free=free // _MEGA,
                folder=str(folder),
                needed=_FREE // _MEGA,
            ),
            T("Free some space on the disk, then test again: fanion self-test."),
        )
    return T("{free} GB are free in {folder}", free=free / _GIGA, folder=str(folder))
