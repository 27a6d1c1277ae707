"""What the report of a round is made of: its coverage, and what the last visit of each phone has on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from core import value_names
from core.describe.visits import Fate, RecordedVisit
from core.ledger.reader import LedgerReader
from core.ledger.records import AppFound, Looked
from core.model import Match, Strength
from core.reports.round_figures import Agreement, Counts, Found, ListedPhone, RoundFigures, without_names
from core.rounds import figures, recheck
from core.rounds.coverage import Coverage, PhoneCoverage
from core.rounds.recheck import SecondLook
from core.rounds.rounds import KnownRound
from core.text import Bilingual, Value


def report_figures(
    ledger: LedgerReader, one: KnownRound, covered: Coverage, policy: Value, to_come: Sequence[SecondLook] = ()
) -> RoundFigures:
    """The figures of a round, by its coverage and the log that it was made of. `policy` is what its phones are judged
    by, in words. Of the phones that wait for a second look, those of `to_come`, it is not told how they were left.
    Raises LedgerProblem."""
    of = recheck.drawn(ledger, one.about.id)
    looks = recheck.sample(covered, of) if of is not None else ()
    covered = recheck.blinded(covered, to_come)
    tally = _Tally()
    checks = [phone.last for phone in (*covered.phones, *covered.unexpected) if phone.last is not None]
    for phone in (*covered.phones, *covered.unexpected):
        if phone.last is not None and phone.last.visit and phone.last.verdict is not None:
            tally.add(RecordedVisit(ledger.of_visit(phone.last.visit)), phone.unit)
    second = [look for look in looks if look.second is not None]
    agreement = Agreement(len(looks), len(second), sum(look.agrees is True for look in second))
    return RoundFigures(
        name=one.about.name,
        place=one.about.place,
        policy=policy,
        units=tuple(figures.units(covered)),
        pace=figures.pace(covered),
        days=tuple(figures.days(covered)),
        late=len(covered.late),
        unexpected=len(covered.unexpected),
        seen_twice=len(covered.seen_twice),
        left_out=one.roster.left_out if one.roster is not None else 0,
        found=tally.findings,
        removed=_counts(tally.removed),
        not_gone=_counts(tally.not_gone),
        unseen=_counts(tally.unseen),
        excepted=_counts(tally.excepted),
        attested=_counts(tally.attested),
        officers=_counts(Counter(check.officer for check in checks)),
        agreement=agreement if of is not None else None,
        last_entry=max((check.entry for check in checks), default=0),
        phones=tuple(_listed(phone) for phone in (*covered.phones, *covered.unexpected)),
    )


class _Tally:
    """What the last visits of the phones have on record."""

    def __init__(self) -> None:
        self._found: Counter[tuple[Value, str]] = Counter()
        self._gone: Counter[tuple[Value, str]] = Counter()
        self.removed: Counter[Value] = Counter()
        self.not_gone: Counter[Value] = Counter()
        self.unseen: Counter[Value] = Counter()
        self.excepted: Counter[Value] = Counter()
        self.attested: Counter[Value] = Counter()

    @property
    def findings(self) -> tuple[Found, ...]:
        """Each product by unit, on how many phones it was found, and on how many of them it is no more."""
        return tuple(
            Found(product, unit, count, self._gone[product, unit]) for (product, unit), count in self._found.items()
        )

    def add(self, visit: RecordedVisit, unit: str) -> None:
        """Count the last visit of one more phone."""
        before = {_product(found) for check in visit.checks for found in check.findings if _is_banned(found)}
        after = {_product(found) for found in visit.after.findings if _is_banned(found)} if visit.after else set()
        for product in before:
            self._found[product, unit] += 1
            self._gone[product, unit] += product not in after
        for cause, fate in visit.fates:
            (self.removed if fate is Fate.REMOVED else self.not_gone)[_product(cause)] += 1
        if visit.after is not None:
            self.unseen.update({without_names(gap.what) for gap in visit.after.ended.gaps})
            self.excepted.update({_product(found) for found in visit.excepted})
        looked = visit.looked.record if visit.looked is not None else None
        if isinstance(looked, Looked):
            self.attested[value_names.ATTESTED.get(looked.answer, str(looked.answer))] += 1  # type: ignore[call-overload]


def _is_banned(found: AppFound) -> bool:
    named = isinstance(found.match, Match) and not found.match.suspected
    return found.strength is Strength.BAN and (named or not isinstance(found.match, Match))


def _product(found: AppFound) -> Value:
    return found.product if isinstance(found.product, Bilingual) else str(found.product)


def _counts(counted: Counter[Value]) -> Counts:
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], str(one[0]).casefold())))


def _listed(phone: PhoneCoverage) -> ListedPhone:
    last = phone.last
    return ListedPhone(
        verdict=last.verdict if last is not None else None,
        listed=phone.line is not None,
        phone=phone.model,
        serial=phone.serial,
        imei=phone.imei,
        tag=phone.tag,
        holder=phone.holder,
        unit=phone.unit,
        checked=last.time.astimezone().date() if last is not None else None,
        officer=last.officer if last is not None else "",
        desk=last.desk if last is not None else "",
        banned=last.banned if last is not None else 0,
    )
