"""Every place on this computer, beside the log, where a personal value of a record can rest, and what an erasure does
there.

What is there for a moment only is in :mod:`core.system.files.momentary`, and goes with a killed program or at the next
start. What was handed out is on record: :mod:`core.desk.papers.erasures` tells of it. Everything that lies in the data
folder is looked through, also what no version of Fanion has put there.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from core.system.files import momentary
from core.system.files.erasing import erase_file, erase_folder
from core.system.files.files import NotAFileError, is_folder, read_file
from core.system.files.unfinished import sweep
from core.system.support import crash_files
from core.text import N, Text, first_few


class ErasureEffect(Enum):
    """What an erasure does to a file."""

    #: It is the log's own: the value is erased in it with its record, or it has none.
    LOG = "log"
    #: By a promise that has tests of its own, no value of a record comes into it.
    NONE = "none"
    #: It is erased whole, where it has the value.
    ERASED = "erased"
    #: The officer is told that it has the value.
    TOLD = "told"


#: By the beginning of a file's path in the data folder, the first that fits; of all others it is told.
PLACES: Final = {
    "ledger.db*": ErasureEffect.LOG,
    "ledger-*/*": ErasureEffect.LOG,
    "practice-ledger.db*": ErasureEffect.LOG,
    "practice-ledger-*/*": ErasureEffect.LOG,
    "app-names.db": ErasureEffect.NONE,
    "keys/*": ErasureEffect.NONE,
    "slots.json": ErasureEffect.NONE,
    "support/*": ErasureEffect.NONE,
    f"{crash_files.FOLDER}/*": ErasureEffect.ERASED,
    "*": ErasureEffect.TOLD,
}
#: What an earlier version left of a capture that was to be read, if it was killed.
_LEFT: Final = "capture-to-read.fanion-capture"
#: Where an earlier version kept by which keys iPhones trusted this computer, on Linux.
_PAIR_RECORDS: Final = Path("keys", "iphones")
#: Bytes of the largest file that is looked through: a roster.
_LARGEST: Final = 128 * 2**20
#: Characters of a value that is not looked for where it would only be told: every file has one as short.
_SHORT: Final = 3
_STRING: Final = re.compile(rb'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The files in the data folder that had some value of a record: those that were `erased` with it, and those that
    still have it, or may have it."""

    erased: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def lines(self) -> Iterator[Text]:
        """Say so, a sentence for each that there is something to say about."""
        if self.erased:
            yield N(
                "{count} report of a fault of Fanion, which quoted it, was deleted too.",
                "{count} reports of faults of Fanion, which quoted it, were deleted too.",
                len(self.erased),
            )
        if self.left:
            yield N(
                "{count} file in the data folder still has it, or may: {files}. Have a roster forgotten with fanion "
                "round forget; delete any other file that nothing needs.",
                "{count} files in the data folder still have it, or may: {files}. Have a roster forgotten with fanion "
                "round forget; delete any other file that nothing needs.",
                len(self.left),
                files=first_few(self.left, 10),
            )


def effect_on(name: str) -> ErasureEffect:
    """What an erasure does to the file that has this path in the data folder, its parts parted by slashes."""
    return next(found for pattern, found in PLACES.items() if fnmatchcase(name, pattern))


def erase_elsewhere(data: Path, values: Collection[str]) -> Elsewhere:
    """Erase files beside the log that have one of these values, or find that they have it. Never raises."""
    erased: list[str] = []
    left: list[str] = []
    for path in sorted(_files_in(data)) if values else ():
        name = path.relative_to(data).as_posix()
        if (what := effect_on(name)) in (ErasureEffect.LOG, ErasureEffect.NONE):
            continue  # Nothing is lost: it has none that the log's own erasure leaves
        if not _has(path, values, short=what is ErasureEffect.ERASED):
            continue
        if what is ErasureEffect.ERASED:
            with contextlib.suppress(OSError):  # Nothing is lost: it is told
                erase_file(path)
                erased.append(name)
                continue
        left.append(name)
    return Elsewhere(tuple(erased), tuple(left))


def clear(data: Path) -> None:
    """Clear away what killed programs have left of what was there for a moment only, and what earlier versions kept and
    none needs any more. Never raises."""
    momentary.clear()
    sweep(data)
    with contextlib.suppress(OSError):  # Nothing is lost: another start tries again
        erase_file(data / _LEFT)
        if is_folder(data / _PAIR_RECORDS):
            erase_folder(data / _PAIR_RECORDS)


def _files_in(data: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(data):
        yield from (Path(folder, name) for name in names)


def _has(path: Path, values: Collection[str], *, short: bool) -> bool:
    """Whether a file has one of these values, or may have: it cannot be read. Only where `short` is true one of few
    characters counts."""
    try:
        content = read_file(path, _LARGEST, links=False)
    except (FileNotFoundError, NotAFileError):  # Nothing is lost: it is no file, or there no more
        return False
    except OSError:
        return True
    forms = {form for value in values if value and (short or len(value) > _SHORT) for form in _forms(value)}
    if path.suffix == ".json":  # may be large: so it is read once, whatever the number of values
        return not forms.isdisjoint(string[1] for string in _STRING.finditer(content))
    return any(form in content for form in forms)


def _forms(value: str) -> Iterator[bytes]:
    """A value as files have it: as it is, in JSON, in Windows' own letters."""
    yield value.encode()
    yield json.dumps(value)[1:-1].encode()
    yield value.encode("utf-16-le")
