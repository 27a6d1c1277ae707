"""The day's last page: what the log has of one day, the newest checkpoint, and lines to sign on.

A supervisor who keeps it has an outside copy of the log, also where no receipt leaves the desk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from core import describe, value_names
from core.ledger.problems import LedgerProblem
from core.ledger.reader import LedgerReader
from core.ledger.records import CheckEnded, Entry, Kind, RemovalOutcome, UndoOutcome
from core.ledger.records.removal import OUTCOMES
from core.ledger.seals import NotSealed
from core.model import Verdict
from core.phones.driver import Outcome
from core.reports.page import Attached, Said, labels, say, typeset
from core.reports.receipt import proof_words
from core.reports.story import stamp
from core.same_phone import names_one_phone
from core.text import Language, N, T, Text, Value

#: Names of officers, numbers of records, and answers of phones that are listed.
_NAMES: Final = 8
_ANSWERS: Final = 5
_NUMBERS: Final = 12

_LABELS: Final = {
    "practice": T("Practice: no real phone is counted here"),
    "practice_short": T("Practice"),
    "checkpoint": T("Checkpoint"),
    "qr": T("QR code of the checkpoint that is printed beside it"),
    "sign": T("Signatures"),
    "officer": T("Officer: name, signature, date"),
    "supervisor": T("Supervisor: name, signature, date"),
    "verdicts": T("Checks by their verdict"),
}
_LOG_TODAY: Final = T("The log at the end of the day")


class DayToCome(LedgerProblem):
    """The page of a day was asked for that has not begun."""

    code = "day-to-come"

    def __init__(self, day: date) -> None:
        super().__init__(
            T("{day} has not begun yet: there is nothing to close.", day=day.isoformat()),
            T("Choose today or an earlier day. If the date is right, set this computer’s clock."),
        )


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
    removals: Counter[str] = field(default_factory=Counter)
    undos: Counter[str] = field(default_factory=Counter)
    #: The verdict of each phone's last check.
    phones: dict[tuple[str, ...], Verdict | None] = field(default_factory=dict)
    visits: set[str] = field(default_factory=set)
    officers: dict[str, None] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Tally:
        tally = cls()
        for entry in entries:
            tally._add(entry)
        return tally

    def _add(self, entry: Entry) -> None:
        self.records += 1
        self.first = self.first or entry.seq
        self.last = entry.seq
        self.kinds[entry.kind] += 1
        self.officers.setdefault(describe.officer(entry))
        if entry.visit:
            self.visits.add(entry.visit)
        match entry.record:
            case CheckEnded():
                verdict = describe.verdict(entry)
                if verdict is not None:
                    self.verdicts[verdict] += 1
                # A phone whose serial number was erased, or that has none of its own, is told by its visit alone.
                serial = describe.serial(entry)
                mine = describe.maker_and_model(entry), serial
                named = mine if names_one_phone(serial) else (entry.visit or str(entry.seq),)
                self.phones[named] = verdict
            case RemovalOutcome(outcome=outcome):
                self.removals[outcome] += 1
            case UndoOutcome(outcome=outcome):
                self.undos[outcome] += 1


def make_close(
    ledger: LedgerReader, day: date, languages: tuple[Language, ...], *, today: date | None = None
) -> DayClose:
    """The page of one day, by this computer's local time, by which it is `today`.

    Raises DayToCome, NotSealed if a record of that day is not sealed yet, another LedgerProblem, or PageProblem.
    """
    today = today or date.today()
    if day > today:
        raise DayToCome(day)
    since, until = (datetime.combine(d, time.min).astimezone() for d in (day, day + timedelta(days=1)))
    tally = Tally.of(ledger.entries(since=since, until=until))
    seal = ledger.newest_seal()
    newest = ledger.entry(seal.size) if seal else None
    if seal is None or newest is None or seal.size < tally.last:
        raise NotSealed(tally.last or max(1, ledger.count()))
    still_open = [e.seq for e in ledger.open_intents() if e.time < until]
    page: dict[str, Any] = {
        "title": say(T("Close of the day"), languages),
        "name": say(T("Close of the day {day}", day=day.isoformat()), languages),
        "day": day.isoformat(),
        "practice": newest.practice is not False,
        "foot": say(T("Fanion {version}, from the log of the desk", version=newest.app_version), languages),
        "facts": _facts(tally, newest, languages),
        "verdicts": [
            {"verdict": str(v), "word": say(value_names.VERDICTS[v], languages), "count": tally.verdicts[v]}
            for v in Verdict
        ],
        "groups": [
            {"title": say(title, languages), "rows": [_row(label, value, languages) for label, value in rows]}
            for title, rows in _groups(tally, still_open)
        ],
        "phones": say(_phones(tally), languages),
        "labels": labels(
            {**_LABELS, "proof": _LOG_TODAY if day == today else T("The log when this page was made")}, languages
        ),
        "use": [say(_use(seal.size), languages, 1_000)],
        **proof_words(seal.note, languages),
    }
    attached = [Attached("checkpoint.txt", bytes(seal.note).decode(), "text/plain", T("The checkpoint"))]
    pdf = typeset("close", page, time=newest.time, languages=languages, attached=attached)
    return DayClose(pdf, seal.size, seal.checkpoint.root)


def _facts(tally: Tally, newest: Entry, languages: tuple[Language, ...]) -> list[dict[str, Said]]:
    names = list(tally.officers)
    officers: Value = ", ".join(names[:_NAMES])
    if len(names) > _NAMES:
        officers = T("{names} and {count} more", names=officers, count=len(names) - _NAMES)
    facts: list[tuple[Text, Value]] = [
        (T("Desk"), newest.desk),
        *([(T("Officers"), officers)] if names else []),
        (T("Newest entry"), f"{newest.seq} · {stamp(newest.time, newest.time.astimezone().tzinfo or UTC)}"),
    ]
    return [{"label": say(label, languages), "value": say(value, languages, 160)} for label, value in facts]


def _groups(tally: Tally, still_open: list[int]) -> list[tuple[Text, list[tuple[Value, Value]]]]:
    checks: list[tuple[Value, Value]] = [
        (T("Checks that came to their end"), sum(tally.verdicts.values())),
        (T("Phones"), len(tally.phones)),
        (T("Visits"), len(tally.visits)),
        (T("Problems met"), tally.kinds[Kind.PROBLEM]),
    ]
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
    numbers = ", ".join(map(str, still_open[:_NUMBERS])) + ("…" if len(still_open) > _NUMBERS else "")
    open_: Value = (
        N("{count}: entry {numbers}", "{count}: entries {numbers}", len(still_open), numbers=numbers)
        if still_open
        else 0
    )
    return [
        (T("Checks"), checks),
        (T("Removal steps, as the phones answered"), _outcomes(tally.removals)),
        (T("Undo steps, as the phones answered"), _outcomes(tally.undos)),
        (T("Steps without a result, up to the end of the day"), [(T("Still open"), open_)]),
        (T("The log"), log),
    ]


_ALARMS: Final[Mapping[Kind, Text]] = {
    Kind.KEYS_REPLACED: T("The keys of the log were replaced"),
    Kind.FORK_SEEN: T("The log of another desk was not as it was seen before"),
}


def _outcomes(outcomes: Counter[str]) -> list[tuple[Value, Value]]:
    """How many steps came to what, the most frequent first; words of ours only, whatever a record has there."""
    known = Counter[str]()
    for word, number in outcomes.items():
        known[word if word in list(Outcome) else str(Outcome.UNKNOWN)] += number
    rows: list[tuple[Value, Value]] = [(OUTCOMES[word], n) for word, n in known.most_common(_ANSWERS)]
    if len(known) > _ANSWERS:
        rows.append((T("other answers"), known.total() - sum(n for _, n in known.most_common(_ANSWERS))))
    return rows or [(T("Steps"), 0)]


def _phones(tally: Tally) -> Text:
    """How the phones of the day were when they were last seen."""
    last = Counter(tally.phones.values())
    return N(
        "{count} phone: {red}, {amber}, {green} at its last check.",
        "{count} phones: {red}, {amber}, {green} at their last check.",
        len(tally.phones),
        red=N("{count} red", "{count} red", last[Verdict.RED]),
        amber=N("{count} amber", "{count} amber", last[Verdict.AMBER]),
        green=N("{count} green", "{count} green", last[Verdict.GREEN]),
    )


def _row(label: Value, value: Value, languages: tuple[Language, ...]) -> dict[str, Said]:
    return {"label": say(label, languages), "value": say(value, languages)}


def _use(size: int) -> Text:
    return T(
        "Kept away from the computer that made it, this page contradicts the log if any of its first {size} entries is "
        "later changed, removed or replaced. To check that: fanion log verify --receipt FILE, with this PDF, or with "
        "the checkpoint typed or scanned into a file.",
        size=size,
    )
