"""The checks on record, as rounds and lists take them: one for each visit in which a phone was read, as it was left.

They are found by the numbers of their entries. A time of an entry only says where to begin, and then also what stands
behind it is taken, whatever time it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, tzinfo
from typing import Final

from core.describe import labels, officer, phone, serial
from core.describe.visits import RecordedVisit
from core.ledger.problems import DamagedLedger
from core.ledger.reader import LedgerReader
from core.ledger.records import Entry, Erased, HandBackIntended, HandedBack, Kind, Personal
from core.model import Verdict
from core.rounds.days import beginning_of, day_of
from core.rounds.model import Loss, LossCause, SeenPhone

#: Records, and visits, that are read at a time.
_RECORDS: Final = 500
_VISITS: Final = 100
#: What tells that a phone was read: an end of a check, or what it had shown of banned apps without one.
_TELLING: Final = (Kind.CHECK_ENDED, Kind.BANS_SEEN)


def all_of(ledger: LedgerReader, kind: Kind, after: int = 0) -> Iterator[Entry]:
    """All records of a kind behind number `after`, the newest first. Raises LedgerProblem."""
    before: int | None = None
    while page := ledger.newest(_RECORDS, before=before, kind=kind):
        for entry in page:
            if entry.seq <= after:
                return
            yield entry
        before = page[-1].seq


class Erasures:
    """What was erased of a log: which records, when, and by whom. Read once it is asked for."""

    def __init__(self, ledger: LedgerReader, zone: tzinfo | None = None) -> None:
        self._ledger, self._zone = ledger, zone
        self._losses: dict[int, Loss] | None = None

    def of(self, seq: int) -> Loss:
        """How the personal values of record number `seq` were lost. Raises LedgerProblem."""
        if self._losses is None:
            self._losses = {}
            for entry in all_of(self._ledger, Kind.ERASED):
                if isinstance(entry.record, Erased):
                    loss = Loss(LossCause.ERASED, day_of(entry.time, self._zone), officer(entry))
                    self._losses |= dict.fromkeys(entry.record.records, loss)  # the first erasing stands at the end
        return self._losses.get(seq, Loss(LossCause.ERASED))


def first_since(ledger: LedgerReader, since: date, zone: tzinfo | None = None) -> int:
    """The number of the first record that was made on a day or a later one; 0 where none is. Raises LedgerProblem."""
    first = next(ledger.entries(since=beginning_of(since, zone)), None)
    return first.seq if first is not None else 0


def recorded_visits(ledger: LedgerReader, after: int, before: int | None = None) -> Iterator[RecordedVisit]:
    """The visits in which a phone was read, by a record behind number `after` and `before` another one, which the
    records of a visit are cut at. Raises LedgerProblem."""
    numbers = sorted(
        entry.seq for kind in _TELLING for entry in all_of(ledger, kind, after) if before is None or entry.seq < before
    )
    visits: set[str] = set()
    for start in range(0, len(numbers), _VISITS):
        records = _visits_of(ledger, numbers[start : start + _VISITS])
        new = [entries for entries in records if entries[0].visit is None or entries[0].visit not in visits]
        visits.update(entries[0].visit for entries in new if entries[0].visit is not None)
        for entries in new:
            if (visit := until(RecordedVisit(entries), before)) is not None:
                yield visit


def _visits_of(ledger: LedgerReader, numbers: Sequence[int]) -> list[tuple[Entry, ...]]:
    """The records of the visits to which records with these numbers belong; a record without a visit is one alone.

    Raises DamagedLedger where one belongs to none, LedgerProblem.
    """
    visits = list(ledger.of_visits(numbers))
    missing = set(numbers) - {entry.seq for entries in visits for entry in entries}
    alone = [entry for entry in ledger.entries_numbered(sorted(missing)) if entry.visit is None]
    if len(alone) != len(missing):
        lost = sorted(missing - {entry.seq for entry in alone})[:10]
        raise DamagedLedger(ledger.path, f"records {lost} are not among those of their visits")
    return visits + [(entry,) for entry in alone]


def until(visit: RecordedVisit, before: int | None) -> RecordedVisit | None:
    """A visit by its records before a number, as far as it had begun by then."""
    if before is None or visit.last < before:
        return visit
    entries = tuple(entry for entry in visit.entries if entry.seq < before)
    return RecordedVisit(entries) if entries else None


def seen_phones(ledger: LedgerReader, since: date, zone: tzinfo | None = None) -> Iterator[SeenPhone]:
    """Each visit on record in which a phone was read, from a day on, as it was left. Raises LedgerProblem."""
    after = first_since(ledger, since, zone)
    if not after:
        return
    erasures = Erasures(ledger, zone)
    for visit in recorded_visits(ledger, after - 1):
        if (phone_seen := seen_phone(visit, erasures, zone)) is not None:
            yield phone_seen


def seen_phone(visit: RecordedVisit, erasures: Erasures | None = None, zone: tzinfo | None = None) -> SeenPhone | None:
    """What a visit says of its phone; None where the phone was not read. Raises LedgerProblem."""
    after, cut_short, state = visit.after, visit.cut_short, visit.state
    if cut_short is not None:
        last = cut_short[0]
    elif after is not None:
        last = after.entry
    else:
        return None
    about = visit.about
    number, erased_in = _serial(last, visit.entries)
    labelled = labels(about)
    if not erased_in and any(_is_erased(value) for value in _labels(about)):
        erased_in = about.seq
    records = [entry.record for entry in reversed(visit.entries)]
    reason = next((record.reason.value for record in records if isinstance(record, HandBackIntended)), None)
    return SeenPhone(
        entry=last.seq,
        time=last.time,
        desk=last.desk,
        officer=officer(last),
        verdict=state.verdict or Verdict.AMBER,  # what is not known is not good
        serial=number,
        imei=labelled.imei,
        tag=labelled.tag,
        holder=labelled.holder,
        phone=phone(about),
        banned=state.left_count,
        is_attested=visit.attestation is not None,
        visit=last.visit or "",
        handed_back=any(isinstance(record, HandedBack) for record in records),
        reason=reason or "",
        zone=zone,
        erased=_loss(erased_in, erasures) if erased_in else None,
    )


def _serial(last: Entry, entries: Sequence[Entry]) -> tuple[str, int]:
    """The serial number of a visit's phone, by the record of the check, else by any other that still has it; and the
    number of the record of which it was erased where none has."""
    erased_in = 0
    for entry in (last, *reversed(entries)):
        if number := serial(entry):
            return number, 0
        if entry.device is not None and _is_erased(entry.device.serial):
            erased_in = erased_in or entry.seq
    return "", erased_in


def _labels(entry: Entry) -> tuple[Personal | None, ...]:
    """What names a phone beside its serial number."""
    return (entry.device.tag, entry.device.imei) if entry.device is not None else ()


def _is_erased(value: Personal | None) -> bool:
    return value is not None and value.value is None and bool(value.sealed)


def _loss(seq: int, erasures: Erasures | None) -> Loss:
    return erasures.of(seq) if erasures is not None else Loss(LossCause.ERASED)
