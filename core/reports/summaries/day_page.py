"""The day's last page: what the log has of one day, the newest checkpoint, and lines to sign on.

A supervisor who keeps it has an outside copy of the log, also where no receipt leaves the desk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from core import describe, value_names
from core.describe.visits import RecordedVisit
from core.ledger.problems import LedgerProblem
from core.ledger.reader import LedgerReader
from core.ledger.records import CheckEnded, Entry, Kind, UndoOutcome
from core.model import Verdict
from core.model.visit_state import Fate
from core.phones.driver import Outcome
from core.reports.page import labels, say
from core.reports.summaries.counted_page import LABELS, Group, NewestCheckpoint, fates
from core.reports.summaries.phone_count import TWINS, PhoneCount
from core.text import Language, N, T, Text, Value, first_few, grouped

#: Names of officers and numbers of records that are listed.
_NAMES: Final = 8
_NUMBERS: Final = 12

_LABELS: Final = {
    **LABELS,
    "sign": T("Signatures"),
    "officer": T("Officer: name, signature, date"),
    "supervisor": T("Supervisor: name, signature, date"),
    "verdicts": T("Checks by their verdict"),
}
_LOG_TODAY: Final = T("The log at the end of the day")


@dataclass(frozen=True, slots=True)
class DayClose:
    """A day's page. `size` and `root` are of the checkpoint on it."""

    pdf: bytes
    size: int
    root: bytes


@dataclass
class Tally:
    """What the records of a day come to."""

    records: int = 0
    first: int = 0
    last: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    banned: Counter[Fate] = field(default_factory=Counter)
    undone: int = 0
    phones: PhoneCount = field(default_factory=PhoneCount)
    visits: set[str] = field(default_factory=set)
    officers: dict[str, None] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Tally:
        """Count the records of a day. A phone is how its visit of that day left it."""
        tally, visits = cls(), dict[str, list[Entry]]()
        for entry in entries:
            tally._add(entry)
            visits.setdefault(entry.visit or str(entry.seq), []).append(entry)
        for visit in map(RecordedVisit, map(tuple, visits.values())):
            if visit.checks or visit.cut_short is not None:
                tally.phones.saw(visit.about, visit.verdict)
                tally.banned.update(visit.state.fates.values())
        return tally

    def _add(self, entry: Entry) -> None:
        self.records += 1
        self.first = self.first or entry.seq
        self.last = entry.seq
        self.kinds[entry.kind] += 1
        self.officers.setdefault(describe.officer(entry))
        if entry.visit:
            self.visits.add(entry.visit)
        self.phones.heed(entry)
        match entry.record:
            case CheckEnded():
                verdict = describe.verdict(entry)
                if verdict is not None:
                    self.verdicts[verdict] += 1
            case UndoOutcome(outcome=Outcome.DONE):
                self.undone += 1


def make_close(
    ledger: LedgerReader, day: date, languages: tuple[Language, ...], *, today: date | None = None
) -> DayClose:
    """The page of one day, by this computer's local time, by which it is `today`.

    Raises NotSealed if a record of that day is not sealed yet, another LedgerProblem, as for a day that has not begun,
    or PageProblem.
    """
    today = today or date.today()
    if day > today:
        raise LedgerProblem(
            T("{day} has not begun yet: there is nothing to close.", day=day.isoformat()),
            T("Choose today or an earlier day. If the date is right, set this computer’s clock."),
            code="day-to-come",
        )
    since, until = (datetime.combine(d, time.min).astimezone() for d in (day, day + timedelta(days=1)))
    tally = Tally.of(ledger.entries(since=since, until=until))
    checkpoint = NewestCheckpoint.over(ledger, tally.last)
    seal = checkpoint.seal
    still_open = [e.seq for e in ledger.open_intents() if e.time < until]
    page: dict[str, Any] = {
        **checkpoint.page(
            T("Close of the day"),
            T("Close of the day {day}", day=day.isoformat()),
            _facts(tally, checkpoint),
            tally.verdicts,
            _groups(tally, still_open),
            _use(seal.size),
            languages,
        ),
        "day": day.isoformat(),
        "phones": say(_phones(tally), languages),
        "labels": labels(
            {**_LABELS, "proof": _LOG_TODAY if day == today else T("The log when this page was made")}, languages
        ),
    }
    return DayClose(checkpoint.typeset("close", page, languages), seal.size, seal.checkpoint.root)


def _facts(tally: Tally, checkpoint: NewestCheckpoint) -> list[tuple[Value, Value]]:
    names = list(tally.officers)
    officers: Value = ", ".join(names[:_NAMES])
    if 1 < len(names) <= _NAMES:
        officers = value_names.listed(names)
    if len(names) > _NAMES:
        officers = T("{names} and {count} more", names=officers, count=len(names) - _NAMES)
    return [
        (T("Desk"), checkpoint.newest.desk),
        *([(T("Officers"), officers)] if names else []),
        (T("Newest entry"), checkpoint.number_and_time),
    ]


def _groups(tally: Tally, still_open: list[int]) -> list[Group]:
    checks: list[tuple[Value, Value]] = [
        (T("Checks that came to their end"), sum(tally.verdicts.values())),
        (T("Phones"), tally.phones.last().total()),
        *([(TWINS, tally.phones.twins)] if tally.phones.twins else []),
        (T("Visits"), len(tally.visits)),
        (T("Problems met"), tally.kinds[Kind.PROBLEM]),
    ]
    banned, apps = fates(tally.banned)
    undone = [(T("Removal steps undone"), tally.undone)] if tally.undone else []
    log: list[tuple[Value, Value]] = [
        (T("Entries of the day"), tally.records),
        *([(T("Their numbers"), f"{tally.first}–{tally.last}")] if tally.records else []),
        (T("Exports"), tally.kinds[Kind.EXPORTED]),
        (T("Erasures"), tally.kinds[Kind.ERASED]),
        (T("Outside copies"), tally.kinds[Kind.OUTSIDE_COPY]),
    ]
    # What should not happen is only named where it has.
    for kind, label in _ALARMS.items():
        if tally.kinds[kind]:
            log.append((label, tally.kinds[kind]))
    numbers = first_few(still_open, _NUMBERS)
    open_: Value = (
        N("{count}: entry {numbers}", "{count}: entries {numbers}", len(still_open), numbers=numbers)
        if still_open
        else 0
    )
    return [
        (T("Checks"), checks),
        (banned, [*apps, *undone]),
        (T("Steps without a result, up to the end of the day"), [(T("Still open"), open_)]),
        (T("The log"), log),
    ]


_ALARMS: Final[Mapping[Kind, Text]] = {
    Kind.KEYS_REPLACED: T("The keys of the log were replaced"),
    Kind.FORK_SEEN: T("The log of another desk was not as it was seen before"),
}


def _phones(tally: Tally) -> Text:
    """How the phones of the day were when they were last seen."""
    last = tally.phones.last()
    return N(
        "{count} phone: {red}, {amber}, {green} at its last check.",
        "{count} phones: {red}, {amber}, {green} at their last check.",
        last.total(),
        red=N("{count} red", "{count} red", last[Verdict.RED]),
        amber=N("{count} amber", "{count} amber", last[Verdict.AMBER]),
        green=N("{count} green", "{count} green", last[Verdict.GREEN]),
    )


def _use(size: int) -> Text:
    return T(
        "Kept away from the computer that made it, this page contradicts the log if any of its first {size} entries is "
        "later changed, removed or replaced. To check that: fanion log verify --receipt FILE, with this PDF, or with "
        "the checkpoint typed or scanned into a file.",
        size=grouped(size),
    )
