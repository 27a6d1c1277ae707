"""How the window's last run ended, and which crash files no officer has been asked about yet: a small file in the data
folder.

A run that is cut off leaves the file as it was while it ran, so that the next one can tell. Nothing here raises: a run
that cannot write it has nothing to tell the next time.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from core.system.files import files
from core.system.support import crash_files

FILE_NAME: Final = "last-run.json"
#: Bytes of the file, and names in it: the crash files that are kept are fewer.
_LIMIT: Final = 65_536
_NAMES: Final = 200


class Ending(StrEnum):
    """How a run of Fanion ended."""

    ORDERLY = "orderly"
    #: By a bug that was shown, after which it was closed or could not go on.
    BUG = "bug"
    #: It never came to its end: the program or the computer was stopped.
    CUT_OFF = "cut-off"


@dataclass(frozen=True, slots=True)
class EarlierRuns:
    """How the last run ended, and the crash files that were not shown yet, the oldest first."""

    ending: Ending
    files: tuple[Path, ...]

    @property
    def crashed(self) -> bool:
        """Whether a bug ended the last run; one in native code leaves no other word than its file."""
        return self.ending is Ending.BUG or any(path.stem.endswith("-native") for path in self.files)

    @property
    def is_told(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.files) or self.ending is not Ending.ORDERLY


class RunState:
    """The file that tells of a run from its beginning to its end. May be used from any thread."""

    def __init__(self, data: Path) -> None:
        """Read what the last run left: before native crashes are looked for, so that theirs is new."""
        self._path = data / FILE_NAME
        self._data = data
        self._lock = threading.Lock()
        self._ended = False
        self._before, told_files = _read(self._path)
        # A data folder that has no such file yet may have crash files of years: they were shown when they were made.
        self._told_names = (
            told_files if told_files is not None else {path.name for path in crash_files.crash_files_in(data)}
        )

    def begin(self) -> EarlierRuns:
        """Write that this run has begun. Returns what there is to tell of those before."""
        with self._lock:
            if not self._ended:
                self._write(Ending.CUT_OFF)
            new = tuple(path for path in crash_files.crash_files_in(self._data) if path.name not in self._told_names)
        return EarlierRuns(self._before, new)

    def tell_no_more(self, paths: Iterable[Path]) -> None:
        """Write that these crash files were shown."""
        with self._lock:
            self._told_names |= {path.name for path in paths}
            if not self._ended:
                self._write(Ending.CUT_OFF)

    def end(self, ending: Ending = Ending.ORDERLY) -> None:
        """This run has come to its end; the first word about that counts."""
        with self._lock:
            if not self._ended:
                self._ended = True
                self._write(ending)

    def _write(self, state: Ending) -> None:
        names = {path.name for path in crash_files.crash_files_in(self._data)}
        content = {"state": state.value, "told": sorted(self._told_names & names)}
        with contextlib.suppress(OSError, ValueError):
            if self._data.is_dir():
                files.replace_file(self._path, json.dumps(content).encode())


def note_bug(data: Path) -> None:
    """Write that a bug ended the run, which cannot say so itself any more."""
    RunState(data).end(Ending.BUG)


def _read(path: Path) -> tuple[Ending, set[str] | None]:
    """Read how the last run ended, and which files were shown; None where there is no such file, or none of use."""
    try:
        content = json.loads(files.read_file(path, _LIMIT))
        names = content["told"]
        ending = Ending(content["state"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Ending.ORDERLY, None
    if not isinstance(names, list) or len(names) > _NAMES or not all(isinstance(name, str) for name in names):
        return Ending.ORDERLY, None
    return ending, set(names)
