"""Bugs: what people are told of one, and the files in which they are kept for the people who mend them.

A bug is anything raised that is no :class:`core.problem.Problem`. Its file stays on this computer, and the officer who
hands it on can read it first: the versions, and the traceback. Nothing in here raises: no caller is left to catch it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import platform
import re
import sys
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import Final

from core import __version__
from core.problem import Problem
from core.system.files import files
from core.text import T, plain

FOLDER: Final = "crashes"
#: Where Python writes, while it dies, what native code it died of.
NATIVE: Final = "native.txt"
#: Files: the newest stay.
KEPT: Final = 50
#: Names that are tried within one second.
_TRIES: Final = 99
#: Characters of a line, and lines: what a phone sent may stand in a message, and a bug may have been deep.
_LINE: Final = 2_000
_LINES: Final = 2_000
#: Bytes of the largest file: as many lines as that, of as many letters.
_WHOLE: Final = _LINE * _LINES * 4
#: Bytes of a native crash that are looked at to tell whether there was one.
_LOOK: Final = 65_536

_OURS: Final = re.compile(r"\d{4}-\d\d-\d\d-\d{6}(-\d\d)?(-native)?\.txt")


class Bug(Problem):
    """Fanion itself has failed. `file` has the details, where they are in one and it is known which."""

    code = "bug"
    #: EX_SOFTWARE of BSD's sysexits: Python's own, 1, would look like a red phone.
    exit_code = 70

    def __init__(self, file: Path | None = None) -> None:
        if file is None:
            next_step = T("Look in the log what was done, and tell your IT support.")
        else:
            next_step = T("Look in the log what was done, and give {file} to your IT support.", file=str(file))
        super().__init__(T("Something went wrong inside Fanion itself."), next_step)
        self.file = file


def describe(error: BaseException, qt: str = "") -> str:
    """What a crash file says of `error`: the versions (`qt` is that of Qt, where it is there), then the traceback.

    It passes the door for a phone's text line by line, for a message may quote a phone.
    """
    try:
        lines = "".join(traceback.format_exception(error)).splitlines()
    except Exception as untold:  # an exception may have methods of its own, with bugs of their own
        lines = [f"{type(error).__name__}, which cannot be shown: {type(untold).__name__}"]
    if len(lines) > _LINES:  # it begins with what called, and ends with what went wrong
        lines[_LINES // 2 : -_LINES // 2] = ["…"]
    return _head(qt) + "".join(f"{plain(line, _LINE)}\n" for line in lines)


def keep(description: str, data: Path) -> Path | None:
    """Write the bug into a file of its own in the data folder, for its owner alone. None: that cannot be done."""
    try:
        content = description.encode("utf-8", "replace")
        return _keep(_folder(data), lambda path: files.write_new(path, content))
    except (OSError, ValueError):
        return None


def crash_files_in(data: Path) -> list[Path]:
    """The files of bugs in a data folder, the oldest first; none where that cannot be seen."""
    try:
        paths = [path for path in (data / FOLDER).iterdir() if _OURS.fullmatch(path.name)]
        return sorted(path for path in paths if path.is_file() and not path.is_symlink())
    except OSError:
        return []


def read(path: Path) -> str:
    """What a crash file says, all of it. Raises OSError, also of a file that is longer than any of ours."""
    text = files.read_file(path, _WHOLE, links=False).decode("utf-8", "replace")
    return "".join(f"{plain(line, _LINE)}\n" for line in text.splitlines())


class NativeCrashes:
    """Has Python write down, from :meth:`start` to :meth:`stop`, where it was when native code brought it down."""

    def __init__(self, data: Path, qt: str = "") -> None:
        self._data = data
        self._qt = qt
        self._file: FileIO | None = None
        self._was_on = False

    def start(self) -> Path | None:
        """Begin to watch. Returns the file of the crash that ended an earlier run, if one did; no officer was told of
        it yet."""
        crash_file = None
        try:
            native = _folder(self._data) / NATIVE
            crash_file = _rescue(native)
            # Written to from the end by each who has it open: two runs at once do not spoil each other's.
            self._file = open(native, "ab", buffering=0, opener=_privately)  # noqa: SIM115 - as long as it is on
            self._file.truncate(0)
            self._file.write(_head(self._qt).encode())
            self._was_on = faulthandler.is_enabled()
            faulthandler.enable(self._file)
        except (OSError, ValueError):
            self._close()
        return crash_file

    def stop(self) -> None:
        """An orderly end: what was written is of no use, as this run outlived it."""
        if self._file is None:
            return
        faulthandler.disable()
        if self._was_on and sys.__stderr__ is not None:
            with contextlib.suppress(OSError, ValueError):
                faulthandler.enable(sys.__stderr__)
        with contextlib.suppress(OSError):
            self._file.truncate(0)
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None


def _head(qt: str) -> str:
    """The versions of what was running, and an empty line. Neither the computer's name nor its user's."""
    lines = [
        f"Fanion {__version__}",
        f"Python {platform.python_version()}",
        f"{platform.platform(terse=True)}, {platform.machine()}",
        *([qt] if qt else []),
        datetime.now().astimezone().isoformat(" ", "seconds"),
    ]
    return "".join(f"{line}\n" for line in lines) + "\n"


def _folder(data: Path) -> Path:
    """The folder of the crash files, made if need be. Raises OSError."""
    folder = data / FOLDER
    files.make_folder(folder, shared=False)
    return folder


def _privately(path: str, flags: int) -> int:
    """Opens a file that, if it is new, only its owner may read."""
    return os.open(path, flags, 0o600)


def _keep(folder: Path, put: Callable[[Path], None], end: str = "", when: float | None = None) -> Path:
    """Have `put` make a new file, named after the second (`when`, or now), and delete the oldest. Raises OSError.

    `end` stands in its name before the suffix.
    """
    second = time.strftime("%Y-%m-%d-%H%M%S", time.localtime(when))
    for n in range(1, _TRIES + 1):
        path = folder / f"{second}{f'-{n:02}' if n > 1 else ''}{end}.txt"
        with contextlib.suppress(FileExistsError):
            put(path)
            _forget_the_oldest(path)
            return path
    raise FileExistsError(f"{_TRIES} crashes in a second")


def _forget_the_oldest(newest: Path) -> None:
    """Leave room for a few only. `newest` stays, also where the clock was put back."""
    with contextlib.suppress(OSError):
        stems = sorted(f.stem for f in newest.parent.iterdir() if f != newest and _OURS.fullmatch(f.name))
        for stem in stems[: max(0, len(stems) - KEPT + 1)]:
            with contextlib.suppress(OSError):
                (newest.parent / f"{stem}.txt").unlink()


def _rescue(native: Path) -> Path | None:
    """Rename what a native crash left, so that it stays. None: there was none. Raises OSError."""
    try:
        with native.open("rb") as file:
            content = file.read(_LOOK)
            when = os.fstat(file.fileno()).st_mtime
    except FileNotFoundError:
        return None
    head, blank, crash = content.partition(b"\n\n")
    if not (crash if blank and head.startswith(b"Fanion ") else content).strip():
        return None
    return _keep(native.parent, lambda path: files.move_new(native, path), "-native", when)
