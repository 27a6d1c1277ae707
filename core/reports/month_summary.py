"""The summary of a month, for those who answer for a programme: how many visits, and what came of them.

No phone and no person but the officers is named in it: neither serial numbers, nor holders, nor tags. Each visit is
counted in the month in which it began, with everything that was recorded of it.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Final

from core import describe, value_names
from core.describe.visits import Fate, PastCheck, RecordedVisit
from core.ledger.problems import LedgerProblem
from core.ledger.reader import LedgerReader
from core.ledger.records import AppFound, Entry, Kind
from core.ledger.seals import NotSealed, Seal
from core.ledger.search.visit_list import visits_in
from core.model import Verdict
from core.reports.page import Attached, Said, labels, say, typeset
from core.reports.receipt import proof_words
from core.reports.story import stamp
from core.same_phone import names_one_phone
from core.text import Bilingual, Language, N, T, Text, Value, as_cell, one_line

#: Visits that are read at a time.
_PAGE: Final = 100
#: Products, officers and kinds of acts that are listed each; characters of a name.
_LISTED: Final = 20
_NAME: Final = 60

_LABELS: Final = {
    "practice": T("Practice: no real phone is counted here"),
    "practice_short": T("Practice"),
    "checkpoint": T("Checkpoint"),
    "qr": T("QR code of the checkpoint that is printed beside it"),
    "verdicts": T("Visits by the verdict of their last check"),
    "proof": T("The log when this page was made"),
    "days": T("By day"),
    "day": T("Day"),
    "visits": T("Visits"),
    **{str(verdict): word for verdict, word in value_names.VERDICTS.items()},
    "none": T("Not read"),
}

#: What made a last check amber, the weightiest first.
_SUSPECTED: Final = T("an app that may be a banned one")
_UNSEEN: Final = T("not all could be seen")
_EXCEPTED: Final = T("a banned app that an exception allows")
_CONTAINED: Final = T("a banned app that is switched off")


class MonthToCome(LedgerProblem):
    """The summary of a month was asked for that has not begun."""

    code = "month-to-come"

    def __init__(self, month: date) -> None:
        super().__init__(
            T("{month} has not begun yet: there is nothing to sum up.", month=f"{month:%Y-%m}"),
            T("Choose this month or an earlier one. If it is right, set this computer’s clock."),
        )


@dataclass(frozen=True, slots=True)
class MonthSummary:
    """A month in numbers, as a page and as a table. `size` and `root` are of the checkpoint on it."""

    pdf: bytes
    csv: bytes
    size: int
    root: bytes
    visits: int


@dataclass
class MonthTally:
    """What the visits of a month come to. A verdict is None where a phone was not read."""

    visits: int = 0
    first: int = 0
    last: int = 0
    before: Counter[Verdict | None] = field(default_factory=Counter)
    after: Counter[Verdict | None] = field(default_factory=Counter)
    cleared: int = 0
    #: The verdict at the end of each phone's last visit.
    phones: dict[tuple[str, ...], Verdict | None] = field(default_factory=dict)
    reasons: Counter[Text] = field(default_factory=Counter)
    fates: dict[Fate, Counter[Value]] = field(default_factory=lambda: {fate: Counter() for fate in Fate})
    excepted: Counter[Value] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    officers: Counter[str] = field(default_factory=Counter)
    days: dict[date, Counter[Verdict | None]] = field(default_factory=dict)

    def add(self, visit: RecordedVisit) -> None:
        """Count one more visit."""
        before, after = _verdict(visit.before), visit.verdict
        self.visits += 1
        self.first, self.last = self.first or visit.seq, max(self.last, visit.last)
        self.before[before] += 1
        self.after[after] += 1
        self.cleared += before is Verdict.RED and after is not Verdict.RED
        serial = describe.serial(visit.about)
        # A phone whose serial number was erased, or that has none of its own, is told by its visit alone.
        named = (describe.maker_and_model(visit.about), serial) if names_one_phone(serial) else (str(visit.seq),)
        self.phones[named] = after
        if visit.after is not None and after is Verdict.AMBER:
            self.reasons[_reason(visit.after)] += 1
        for found, fate in visit.fates:
            self.fates[fate][_product(found)] += 1
        for found in visit.excepted:
            self.excepted[_product(found)] += 1
        for kind in visit.others:
            self.others[str(kind) if kind in list(Kind) else ""] += 1
        for officer in visit.officers:
            self.officers[officer] += 1
        self.days.setdefault(visit.began.astimezone().date(), Counter())[after] += 1


def make_summary(
    ledger: LedgerReader, month: date, languages: tuple[Language, ...], *, today: date | None = None
) -> MonthSummary:
    """The summary of the month that has the day `month`, by this computer's local time, by which it is `today`.

    Raises MonthToCome, NotSealed if a record of these visits is not sealed yet, another LedgerProblem, or PageProblem.
    """
    today = today or date.today()
    month = month.replace(day=1)
    if month > today:
        raise MonthToCome(month)
    tally = tally_of(ledger, month)
    seal = ledger.newest_seal()
    newest = ledger.entry(seal.size) if seal else None
    if seal is None or newest is None or seal.size < tally.last:
        raise NotSealed(tally.last or max(1, ledger.count()))
    groups = list(_groups(tally))
    page: dict[str, Any] = {
        "title": say(T("Summary of the month"), languages),
        "name": say(T("Summary of the month {month}", month=f"{month:%Y-%m}"), languages),
        "month": f"{month:%Y-%m}",
        "practice": newest.practice is not False,
        "foot": say(T("Fanion {version}, from the log of the desk", version=newest.app_version), languages),
        "facts": [
            {"label": say(label, languages), "value": say(value, languages, 160)}
            for label, value in _facts(month, today, newest)
        ],
        "verdicts": [
            {"verdict": str(v), "word": say(value_names.VERDICTS[v], languages), "count": tally.after[v]}
            for v in Verdict
        ],
        "groups": [
            {"title": say(title, languages), "rows": [_row(label, value, languages) for label, value in rows]}
            for title, rows in groups
        ],
        "days": [
            [day.isoformat(), *map(str, (of.total(), *(of[verdict] for verdict in (*Verdict, None))))]
            for day, of in sorted(tally.days.items())
        ],
        "labels": labels(_LABELS, languages),
        "use": [say(_use(seal.size), languages, 1_000)],
        **proof_words(seal.note, languages),
    }
    attached = [Attached("checkpoint.txt", bytes(seal.note).decode(), "text/plain", T("The checkpoint"))]
    pdf = typeset("month", page, time=newest.time, languages=languages, attached=attached)
    table = _table(month, today, newest, seal, tally, groups, languages)
    return MonthSummary(pdf, table, seal.size, seal.checkpoint.root, tally.visits)


def tally_of(ledger: LedgerReader, month: date) -> MonthTally:
    """What the visits that began in a month come to; `month` is its first day. Raises LedgerProblem."""
    since, until = _begin(month), _begin(next_month(month))
    tally = MonthTally()
    for begun in visits_in(ledger, since, until):
        for start in range(0, len(begun), _PAGE):
            for entries in ledger.of_visits(begun[start : start + _PAGE]):
                visit = RecordedVisit(entries)
                if since <= visit.began < until:  # a clock may have been set back
                    tally.add(visit)
    return tally


def next_month(month: date) -> date:
    """The first day of the month after that of `month`."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min).astimezone()


def _verdict(check: PastCheck | None) -> Verdict | None:
    return check.verdict if check is not None else None


def _reason(check: PastCheck) -> Text:
    ended = check.ended
    if ended.suspected:
        return _SUSPECTED
    if ended.unseen:
        return _UNSEEN
    return _EXCEPTED if ended.excepted else _CONTAINED


def _product(found: AppFound) -> Value:
    product = found.product
    if isinstance(product, Bilingual):
        return Bilingual(one_line(product.en, _NAME), one_line(product.fr, _NAME))
    return one_line(found.package, _NAME)


def _facts(month: date, today: date, newest: Entry) -> list[tuple[Text, Value]]:
    whole = next_month(month) <= today
    until = T("the whole month") if whole else T("up to {date}, as the month is not over", date=today.isoformat())
    return [
        (T("Desk"), newest.desk),
        (T("Period"), until),
        (T("Newest entry"), f"{newest.seq} · {stamp(newest.time, newest.time.astimezone().tzinfo or UTC)}"),
    ]


def _groups(tally: MonthTally) -> Iterator[tuple[Text, list[tuple[Value, Value]]]]:
    """The numbers under their headings; where there is nothing to count, that is said by a zero."""
    last = Counter(tally.phones.values())
    yield (
        T("Visits and phones"),
        [
            (T("Visits"), tally.visits),
            (T("Phones"), len(tally.phones)),
            (T("Phones that were red at their last check"), last[Verdict.RED]),
            (T("Visits that came red and did not leave red"), tally.cleared),
        ],
    )
    yield T("Visits by the verdict of their first check"), _verdicts(tally.before)
    yield T("Visits by the verdict of their last check"), _verdicts(tally.after)
    yield T("Why visits ended amber"), _counted(tally.reasons, T("Visits"))
    yield T("Apps removed, by product"), _counted(tally.fates[Fate.REMOVED], T("Apps"))
    yield (
        T("Apps that were tried, and not seen to be gone"),
        [
            (T("Switched off; it came with the phone"), tally.fates[Fate.SWITCHED_OFF].total()),
            (T("Still there"), tally.fates[Fate.STILL_THERE].total()),
            (T("Not verified by a check that saw everything"), tally.fates[Fate.NOT_VERIFIED].total()),
        ],
    )
    yield T("Exceptions used, by product"), _counted(tally.excepted, T("Exceptions"))
    named = Counter({describe.KINDS.get(kind, T("of a kind that this version does not know")): count
                     for kind, count in tally.others.items()})  # fmt: skip
    yield T("What else was done, by visits"), _counted(named, T("Visits"))
    yield T("Visits by officer"), _counted(tally.officers, T("Visits"))


def _verdicts(of: Mapping[Verdict | None, int]) -> list[tuple[Value, Value]]:
    rows: list[tuple[Value, Value]] = [(value_names.VERDICTS[verdict], of.get(verdict, 0)) for verdict in Verdict]
    return [*rows, (T("Not read"), of.get(None, 0))]


def _counted(of: Mapping[Any, int], nothing: Text) -> list[tuple[Value, Value]]:
    """The most frequent first, and what the rest comes to; a zero with the word `nothing` where there are none."""
    ranked = sorted(of.items(), key=lambda pair: (-pair[1], str(pair[0])))
    rows: list[tuple[Value, Value]] = [(name, count) for name, count in ranked[:_LISTED]]
    rest = ranked[_LISTED:]
    if rest:
        rows.append((N("{count} other", "{count} others", len(rest)), sum(count for _, count in rest)))
    return rows or [(nothing, 0)]


def _row(label: Value, value: Value, languages: Sequence[Language]) -> dict[str, Said]:
    return {"label": say(label, languages), "value": say(value, languages)}


def _use(size: int) -> Text:
    return T(
        "These numbers were counted in the log whose checkpoint this is. Kept away from the computer that made it, "
        "this page contradicts the log if any of its first {size} entries is later changed, removed or replaced. To "
        "check that: fanion log verify --receipt FILE, with this PDF, or with the checkpoint typed or scanned into a "
        "file.",
        size=size,
    )


def _table(
    month: date,
    today: date,
    newest: Entry,
    seal: Seal,
    tally: MonthTally,
    groups: Sequence[tuple[Text, Sequence[tuple[Value, Value]]]],
    languages: Sequence[Language],
) -> bytes:
    """The same as a table for a spreadsheet: a heading, a name and a number in each row. No cell can be a formula."""

    def cell(value: Value) -> str:
        # As say(), without the places where a page may break a long word.
        words = dict.fromkeys(
            value.in_language(language) if isinstance(value, Text | Bilingual) else str(value) for language in languages
        )
        return as_cell(one_line(" / ".join(words), 240))

    text = io.StringIO()
    rows = csv.writer(text)
    about, by_day = T("About this summary"), T("Visits by day")
    rows.writerow(map(cell, (T("Group"), T("What"), T("Count or value"))))
    practice = T("yes") if newest.practice is not False else T("no")
    facts: list[tuple[Value, Value]] = [
        (T("Month"), f"{month:%Y-%m}"),
        *_facts(month, today, newest),
        (T("Practice"), practice),
        (T("Name of the log"), seal.checkpoint.origin),
        (T("Entries under the newest seal"), seal.size),
        (T("Hash over the entries"), seal.checkpoint.root.hex()),
    ]
    for label, value in facts:
        rows.writerow(map(cell, (about, label, value)))
    for title, some in groups:
        for label, value in some:
            rows.writerow(map(cell, (title, label, value)))
    for day, of in sorted(tally.days.items()):
        rows.writerow(map(cell, (by_day, day.isoformat(), of.total())))
    return text.getvalue().encode("utf-8-sig")
