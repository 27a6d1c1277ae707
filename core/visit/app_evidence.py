"""What was there of the banned apps, on record before a removal of them begins; and copies of their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from core.jobs import Cancel, Progress
from core.ledger import records
from core.ledger.evidence.folder import CopiedFile, Copies, EvidenceFolder, EvidenceProblem
from core.ledger.records import Entry
from core.model import Cancelled, Finding, Inventory
from core.phones.driver import Driver, PhoneProblem
from core.text import T, Text
from core.visit.events import Listener
from core.visit.journal import Journal

#: The part of a removal that it takes, of 1.0, as progress tells it.
EVIDENCE_SHARE: Final = 0.3
_MEGA: Final = 1e6
#: A progress is told each time so many bytes more are here: some times a second over a slow cable.
_REPORTED_EACH: Final = 4 * 2**20
#: Takes what is done now, and which part of it is over, of 1.0.
_Tell = Callable[[Text, float], None]


def record_evidence(
    findings: Sequence[Finding],
    inventory: Inventory,
    driver: Driver,
    journal: Journal,
    listener: Listener,
    cancel: Cancel,
    *,
    copies: bool = False,
    share: float = EVIDENCE_SHARE,
) -> tuple[Entry, ...]:
    """Put on record what there is of each banned app among `findings`, once in a visit as long as it stays as it is;
    with `copies`, or where the policy demands it, keep copies of their files. Returns the new records. `share` is the
    part of what is under way that this takes, of 1.0, as progress tells it.

    Of other apps nothing is asked. What a phone does not tell is on record as missing. Raises PhoneProblem or Cancelled
    after which nothing has been removed, and that is on record too, and EvidenceProblem, likewise, where copies cannot
    be kept; LedgerProblem.
    """
    copies = copies or journal.policy.evidence_copies
    banned = [f for f in findings if f.is_ban and not journal.has_evidence(f, copies=copies)]
    entries = []
    for number, finding in enumerate(banned):

        def tell(doing: Text, part: float, number: int = number) -> None:
            listener(Progress(doing, share * (number + part) / len(banned)))

        tell(T("Recording what is there of {app}", app=finding.display_name), 0.0)
        try:
            cancel.check()
            if copies:
                entries.append(_take_copies(finding, inventory, driver, journal, tell, cancel))
            else:
                last_used = journal.policy.evidence_last_used
                evidence = driver.app_evidence(finding, inventory, cancel, last_used=last_used)
                entries.append(journal.record_evidence(finding, evidence))
        except (PhoneProblem, EvidenceProblem, Cancelled) as stopped:
            journal.record_problem(stopped)
            raise
    return tuple(entries)


def _take_copies(
    finding: Finding, inventory: Inventory, driver: Driver, journal: Journal, tell: _Tell, cancel: Cancel
) -> Entry:
    """Keep a copy of each file of one app, all of them or none, and put on record what was there."""
    folder, last_used = EvidenceFolder(journal.ledger.path), journal.policy.evidence_last_used
    with folder.copying() as copies:
        keeper = _Keeper(copies, finding, tell)
        evidence = driver.app_evidence(finding, inventory, cancel, last_used=last_used, keeper=keeper)
        digests = {file.sha256 for file in records.EvidenceTaken.of(evidence, 0).files}
        return copies.keep(digests, lambda: journal.record_evidence(finding, evidence, copies=True))


@dataclass(slots=True)
class _Keeper:
    """A :class:`core.phones.driver.FileKeeper` that puts them into the evidence folder, and tells how far it is."""

    copies: Copies
    finding: Finding
    tell: _Tell
    size: int = 0
    copied: int = 0
    reported: int = 0

    def expect(self, size: int) -> None:
        self.copies.take_room(size)
        self.size = size

    @contextmanager
    def file(self) -> Iterator[_CountedFile]:
        with self.copies.file() as file:
            yield _CountedFile(file, self._count)

    def _count(self, size: int) -> None:
        self.copied += size
        if self.copied - self.reported >= _REPORTED_EACH or self.copied == self.size:
            self.reported = self.copied
            doing = T(
                "Keeping a copy of the files of {app}: {done} of {size} MB",
                app=self.finding.display_name,
                done=self.copied / _MEGA,
                size=self.size / _MEGA,
            )
            self.tell(doing, min(self.copied / max(self.size, 1), 1.0))


@dataclass(slots=True)
class _CountedFile:
    """A file that is being copied, whose bytes are counted as well."""

    copied: CopiedFile
    count: Callable[[int], None]

    @property
    def size(self) -> int:
        return self.copied.size

    @property
    def sha256(self) -> str:
        return self.copied.sha256

    def write(self, piece: memoryview) -> None:
        self.copied.write(piece)
        self.count(len(piece))
