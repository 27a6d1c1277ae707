"""What a desk's evidence folder holds, by what its log says: each file that a record refers to, and what none does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from core.desk.desk import Desk
from core.jobs import Cancel, Progress, Report, silent
from core.ledger.evidence.folder import EvidenceFolder, FileState
from core.ledger.evidence.kept_files import FileOnRecord, files_on_record
from core.text import T, Text, plain

#: Characters of a name in the folder that is none of Fanion's.
_NAME_LIMIT: Final = 300


class EvidenceState(StrEnum):
    """How a file of the evidence folder stands."""

    #: It is there in its size; its bytes were not compared.
    THERE = "there"
    #: It is there, and its bytes are those on record.
    WHOLE = "whole"
    ALTERED = "altered"
    MISSING = "missing"
    #: It was erased, as the log says.
    ERASED = "erased"
    #: Something lies in the folder to which no record refers that is still kept.
    NOT_IN_LOG = "not-in-log"


STATES: Final[dict[EvidenceState, Text]] = {
    EvidenceState.THERE: T("there, not verified"),
    EvidenceState.WHOLE: T("there and whole"),
    EvidenceState.ALTERED: T("altered"),
    EvidenceState.MISSING: T("missing"),
    EvidenceState.ERASED: T("erased"),
    EvidenceState.NOT_IN_LOG: T("not in the log"),
}


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file of the folder: `name` is what it is called there, `on_record` what a record says of it; None where none
    refers to it."""

    name: str
    state: EvidenceState
    on_record: FileOnRecord | None = None


@dataclass(frozen=True, slots=True)
class EvidenceFiles:
    """The files of the folder of one log, in the order of its records, and then what no record refers to."""

    folder: Path
    files: tuple[EvidenceFile, ...]

    @property
    def size(self) -> int:
        """How many bytes the files take that are there by what the log says; equal ones are one."""
        sizes = {f.name: f.on_record.size or 0 for f in self.files if f.on_record and f.state in _PRESENT}
        return sum(sizes.values())

    def count(self, *states: EvidenceState) -> int:
        """How many files stand so."""
        return sum(file.state in states for file in self.files)


_PRESENT: Final = (EvidenceState.THERE, EvidenceState.WHOLE)
_OF_FILE: Final = {
    FileState.THERE: EvidenceState.THERE,
    FileState.WHOLE: EvidenceState.WHOLE,
    FileState.ALTERED: EvidenceState.ALTERED,
    FileState.MISSING: EvidenceState.MISSING,
}


def evidence_files(
    desk: Desk, practice: bool, *, verify: bool = False, report: Report = silent, cancel: Cancel | None = None
) -> EvidenceFiles:
    """What the evidence folder holds; with `verify`, each file is read whole and hashed. Nothing in it is used.

    Raises LedgerProblem, EvidenceProblem, Cancelled.
    """
    cancel = cancel or Cancel()
    with desk.read_ledger(practice) as ledger:
        on_record, folder = tuple(files_on_record(ledger)), EvidenceFolder(ledger.path)
    states: dict[tuple[str, int | None], FileState] = {}
    files = []
    for number, file in enumerate(on_record):
        cancel.check()
        report(Progress(T("Verifying the files that are kept"), number / len(on_record)))
        if file.erased_by is not None:
            files.append(EvidenceFile(file.sha256, EvidenceState.ERASED, file))
            continue
        key = file.sha256, file.size
        if key not in states:
            states[key] = folder.look(*key, cancel, verify=verify)
        files.append(EvidenceFile(file.sha256, _OF_FILE[states[key]], file))
    kept = {file.sha256 for file in on_record if file.erased_by is None}
    strange = [plain(name, _NAME_LIMIT) for name in folder.names() if name not in kept]
    files += [EvidenceFile(name, EvidenceState.NOT_IN_LOG) for name in strange]
    return EvidenceFiles(folder.path, tuple(files))
