"""What has to be said of a phone of a round beside how it was left, in words."""

from __future__ import annotations

from datetime import date
from functools import reduce
from typing import Final

from core.policy.wording import long_date
from core.rounds.coverage.coverage import Coverage
from core.rounds.coverage.phone_coverage import CoverageState, PhoneCoverage
from core.rounds.model import Loss, LossCause
from core.text import N, T, Text, Value, grouped

_MAY_BE_LOST: Final = T("no check is matched with it, but one that cannot be matched any more may be its own")


def remarks(phone: PhoneCoverage) -> tuple[Text, ...]:
    """All that is to be said of a phone."""
    texts: list[Text] = []
    if phone.loss is not None:
        texts.append(_check_lost(phone, phone.loss))
    if phone.contradiction is not None:
        texts.append(phone.contradiction.words)
    if phone.may_be_lost:
        texts.append(_MAY_BE_LOST)
    if phone.mistimed is not None:
        texts.append(
            T(
                "the entry of its check has the date {date}, which is outside of the days of the round; its place in "
                "the log is within them",
                date=long_date(phone.mistimed),
            )
        )
    return tuple(texts)


def remark(phone: PhoneCoverage) -> Value:
    """All remarks on a phone in one text; empty where there is nothing to remark."""
    texts: tuple[Value, ...] = remarks(phone)
    return reduce(lambda a, b: T("{a}; {b}", a=a, b=b), texts) if texts else ""


def doubts(covered: Coverage) -> tuple[Text, ...]:
    """What the numbers of a round do not show by themselves, each in a sentence. Red phones that are not on the roster
    have a number and a list of their own, by :attr:`Coverage.red_unexpected`."""
    texts: list[Text] = []
    if covered.unmatched:
        texts.append(
            N(
                "{count} check cannot be matched with the roster any more, {red} of them red: phones that are due may "
                "be among them.",
                "{count} checks cannot be matched with the roster any more, {red} of them red: phones that are due "
                "may be among them.",
                len(covered.unmatched),
                red=grouped(len(covered.lost_red)),
            )
        )
    if covered.contradicting:
        texts.append(
            N(
                "{count} phone was named by an asset tag or a number that is another phone’s.",
                "{count} phones were named by an asset tag or a number that is another phone’s.",
                len(covered.contradicting),
            )
        )
    if covered.mistimed:
        texts.append(
            N(
                "{count} check is counted by its place in the log, although its time is outside of the days of the "
                "round.",
                "{count} checks are counted by their place in the log, although their time is outside of the days of "
                "the round.",
                len(covered.mistimed),
            )
        )
    if covered.afterwards:
        texts.append(
            N(
                "{count} phone was checked after the last day, which is not counted; {red} of these red.",
                "{count} phones were checked after the last day, which is not counted; {red} of these red.",
                len(covered.afterwards),
                red=grouped(sum(phone.state is CoverageState.RED for phone in covered.afterwards)),
            )
        )
    if covered.ended is not None and covered.differs:
        texts.append(
            T(
                "The record of its end does not fit the checks: it tells of {ended} red phones, and the checks show "
                "{red}.",
                ended=grouped(covered.ended.red),
                red=grouped(len(covered.of(CoverageState.RED))),
            )
        )
    return tuple(texts)


def roster_lost(loss: Loss) -> Text:
    """Why the roster of a round is not known any more."""
    if loss.cause is LossCause.FORGOTTEN and loss.day is not None:
        return T("The roster was forgotten on {date}, by {officer}.", date=long_date(loss.day), officer=loss.officer)
    return T("The roster that the log tells of is gone, or was changed.")


def _check_lost(phone: PhoneCoverage, loss: Loss) -> Text:
    if loss.cause is not LossCause.ERASED:
        return T("{why} Whether this phone was on it is not known any more.", why=roster_lost(loss))
    return _unexplained_loss(phone.state) if loss.day is None else _erased(phone.state, loss.day, loss.officer)


def _erased(state: CoverageState, day: date, officer: str) -> Text:
    """What is known of a check whose personal values were erased."""
    values: dict[str, Value] = {"date": long_date(day), "officer": officer}
    match state:
        case CoverageState.RED:
            return T("was red, erased on {date}, by {officer}", **values)
        case CoverageState.AMBER:
            return T("was amber, erased on {date}, by {officer}", **values)
        case CoverageState.GREEN:
            return T("was green, erased on {date}, by {officer}", **values)
    return T("was checked, erased on {date}, by {officer}", **values)


def _unexplained_loss(state: CoverageState) -> Text:
    """What is known of a check whose personal values are not there, without a record that they were erased."""
    match state:
        case CoverageState.RED:
            return T("was red; what named it is gone, and no entry tells that it was erased")
        case CoverageState.AMBER:
            return T("was amber; what named it is gone, and no entry tells that it was erased")
        case CoverageState.GREEN:
            return T("was green; what named it is gone, and no entry tells that it was erased")
    return T("was checked; what named it is gone, and no entry tells that it was erased")
