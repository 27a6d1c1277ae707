"""What the report of a round is made of: its coverage, and what the last visit of each phone has on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import tzinfo

from core import value_names
from core.describe.visits import RecordedVisit
from core.ledger.reader import LedgerReader
from core.ledger.records import AppFound, Attestation
from core.model.can_return import Return
from core.model.visit_state import Fate
from core.reports.rounds.round_figures import (
    Agreement,
    Counts,
    FoundProduct,
    ListedPhone,
    RoundDoubts,
    RoundFigures,
    without_names,
)
from core.reports.rounds.round_returns import UnitReturns
from core.rounds import recheck
from core.rounds.coverage import figures
from core.rounds.coverage.coverage import Coverage
from core.rounds.coverage.phone_coverage import CoverageState, PhoneCoverage
from core.rounds.coverage.remarks import remark, roster_lost
from core.rounds.coverage.seen_phones import until
from core.rounds.recheck import RecheckLook
from core.rounds.rounds import KnownRound
from core.text import Value


def report_figures(
    ledger: LedgerReader,
    known_round: KnownRound,
    covered: Coverage,
    policy: Value,
    to_come: Sequence[RecheckLook] = (),
    zone: tzinfo | None = None,
) -> RoundFigures:
    """The figures of a round, by its coverage and the log that it was made of: those of a closed round are of its end.
    `policy` is what its phones are judged by, in words. Of the phones that wait for a second look, those of `to_come`,
    it is not told how they were left. Days are those of a time zone. Raises LedgerProblem."""
    of = recheck.drawn(ledger, known_round.about.id)
    agreement = None
    if of is not None:
        second = recheck.status(covered, of)
        agreement = Agreement(second.size, second.again, second.agreed, second.lost)
    covered = recheck.blinded(covered, to_come)
    tally = _Tally()
    phones = (*covered.phones, *covered.unexpected, *covered.unmatched)
    checks = [phone.last for phone in phones if phone.last is not None]
    for phone in phones:
        if phone.last is None:
            continue
        visit = None
        if phone.last.visit and phone.last.verdict is not None:
            visit = until(RecordedVisit(ledger.of_visit(phone.last.visit)), known_round.end_entry)
        tally.add_return(visit, phone.unit)
        if visit is not None:
            tally.add(visit, phone.unit)
    return RoundFigures(
        name=known_round.about.name,
        place=known_round.about.place,
        policy=policy,
        units=tuple(figures.units(covered)),
        pace=figures.pace(covered),
        days=tuple(figures.days(covered)),
        late=len(covered.late),
        unexpected=len(covered.unexpected),
        unexpected_red=len(covered.red_unexpected),
        seen_twice=len(covered.seen_twice),
        left_out=known_round.roster.left_out if known_round.roster is not None else 0,
        found_products=tally.findings,
        removed=_counts(tally.removed),
        not_gone=_counts(tally.not_gone),
        unseen=_counts(tally.unseen),
        excepted=_counts(tally.excepted),
        attested=_counts(tally.attested),
        officers=_counts(Counter(check.officer for check in checks)),
        agreement=agreement,
        last_entry=max((*(check.entry for check in checks), known_round.end_entry or 0)),
        phones=tuple(_listed(phone) for phone in phones),
        totals=figures.whole(covered),
        closed=covered.today if covered.ended is not None else None,
        doubts=_doubts(covered),
        draws=recheck.draws_in(ledger, known_round, zone),
        returns=tally.returns,
    )


class _Tally:
    """What the last visits of the phones have on record."""

    def __init__(self) -> None:
        self._bans: Counter[tuple[Value, str]] = Counter()
        self._bans_removed: Counter[tuple[Value, str]] = Counter()
        self.removed: Counter[Value] = Counter()
        self.not_gone: Counter[Value] = Counter()
        self.unseen: Counter[Value] = Counter()
        self.excepted: Counter[Value] = Counter()
        self.attested: Counter[Value] = Counter()
        self._returns: dict[str, list[Return]] = {}

    @property
    def returns(self) -> tuple[UnitReturns, ...]:
        """The phones that were checked, by unit and by whether a banned app can come back to them."""
        return tuple(UnitReturns.of(unit, states) for unit, states in sorted(self._returns.items()))

    def add_return(self, visit: RecordedVisit | None, unit: str) -> None:
        """Count one more phone that was checked: what is not on record, or not to be told, is not known."""
        state = visit.after.ended.can_return if visit is not None and visit.after is not None else None
        self._returns.setdefault(unit, []).append(state or Return.UNKNOWN)

    @property
    def findings(self) -> tuple[FoundProduct, ...]:
        """Each product by unit, on how many phones it was found, and on how many of them it is no more."""
        return tuple(
            FoundProduct(product, unit, count, self._bans_removed[product, unit])
            for (product, unit), count in self._bans.items()
        )

    def add(self, visit: RecordedVisit, unit: str) -> None:
        """Count the last visit of one more phone."""
        before = {_product(app) for check in visit.checks for app in check.findings if app.is_ban}
        after = {_product(app) for app in visit.after.findings if app.is_ban} if visit.after else set()
        for product in before:
            self._bans[product, unit] += 1
            self._bans_removed[product, unit] += product not in after
        for product, fate in visit.state.fates.items():
            (self.removed if fate in (Fate.REMOVED, Fate.GONE) else self.not_gone)[product] += 1
        if visit.after is not None:
            self.unseen.update({without_names(gap.what) for gap in visit.after.ended.gaps})
            self.excepted.update({_product(app) for app in visit.excepted})
        look = visit.attestation.record if visit.attestation is not None else None
        if isinstance(look, Attestation):
            self.attested[value_names.ATTESTED.get(look.answer, str(look.answer))] += 1  # type: ignore[call-overload]


def _product(app: AppFound) -> Value:
    return app.product or app.package


def _counts(counted: Counter[Value]) -> Counts:
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], str(item[0]).casefold())))


def _doubts(covered: Coverage) -> RoundDoubts:
    on_record = (len(covered.of(CoverageState.RED)), covered.ended.red) if covered.ended is not None else None
    return RoundDoubts(
        contradicting=len(covered.contradicting),
        mistimed=len(covered.mistimed),
        lost=len(covered.unmatched),
        lost_red=len(covered.lost_red),
        afterwards=len(covered.afterwards),
        afterwards_red=sum(phone.state is CoverageState.RED for phone in covered.afterwards),
        roster=roster_lost(covered.loss) if covered.loss is not None else None,
        on_record=on_record if covered.differs else None,
    )


def _listed(phone: PhoneCoverage) -> ListedPhone:
    last = phone.last
    return ListedPhone(
        verdict=last.verdict if last is not None else None,
        listed=phone.line is not None if phone.loss is None else None,
        phone=phone.model,
        serial=phone.serial,
        imei=phone.imei,
        tag=phone.tag,
        holder=phone.holder,
        unit=phone.unit,
        checked=last.day if last is not None else None,
        officer=last.officer if last is not None else "",
        desk=last.desk if last is not None else "",
        banned=last.banned if last is not None else 0,
        remark=remark(phone),
        not_known=phone.state is CoverageState.NOT_KNOWN,
    )
