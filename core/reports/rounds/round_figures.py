"""What the report of a round is made of, in numbers; the phones themselves only for the detailed one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from core.model import Verdict
from core.reports.charts.chart_data import Bar, Day, Pace, summed
from core.reports.rounds.drawn_sample import DrawnSample
from core.reports.rounds.round_returns import UnitReturns
from core.text import Bilingual, T, Text, Value

#: Names with how many there are of each: a product with phones, an officer with checks.
Counts = tuple[tuple[Value, int], ...]


#: What stands in a sentence where something was named; what is said of a sentence that is not one of the catalogue's.
_UNNAMED: Final = "[…]"
_SOMETHING_ELSE: Final = T("Something else")


def without_names(sentence: Value) -> Value:
    """A sentence on what could not be seen without the apps, profiles and numbers in it, so that it can be counted, and
    be read by those who may not know what is on somebody's phone. Sentences and products in it stay."""
    if isinstance(sentence, Bilingual):
        return sentence
    if not isinstance(sentence, Text) or sentence.message == "{sentence}":
        return _SOMETHING_ELSE
    values = tuple((name, _unnamed(value)) for name, value in sentence.values)
    return Text(sentence.message, values, sentence.plural, sentence.count if sentence.plural is None else 2)


def _unnamed(value: Value) -> Value:
    if isinstance(value, Text):
        return without_names(value)
    return value if isinstance(value, Bilingual) else _UNNAMED


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """A product that was found on phones of a unit: on how many, and on how many of them it is no more. `unit` is
    empty for phones of which the roster names none, and for those that are not on it."""

    product: Value
    unit: str
    phones: int
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Agreement:
    """The blind second look: how many phones were drawn, how many of them a second officer has checked, and at how many
    of those both came to the same verdict. `lost` of the phones that were drawn from cannot be matched any more."""

    drawn: int
    checked: int
    agreed: int
    lost: int = 0


@dataclass(frozen=True, slots=True)
class RoundDoubts:
    """What the numbers of a round cannot show by themselves; 0 and None where there is nothing to say.

    `contradicting` phones were named by a word that is another phone's; `mistimed` checks are counted by their place in
    the log, against their own time; `lost` checks cannot be matched with the roster any more, of which `lost_red` were
    red; `afterwards` were checked after the last day and are not counted, of which `afterwards_red` were red. `roster`
    is why the roster is not known any more. `on_record` has the numbers of red phones that the log's entries show and
    that the record of the end tells, where the entries show more red or otherwise other numbers.
    """

    contradicting: int = 0
    mistimed: int = 0
    lost: int = 0
    lost_red: int = 0
    afterwards: int = 0
    afterwards_red: int = 0
    roster: Text | None = None
    on_record: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class ListedPhone:
    """One phone of the detailed report. `verdict` is that of its last check in the round: None while it is due, and
    where it was `checked` and is not to be told before a second look. `listed` says whether it is on the round's
    roster; None where that is not known any more. `remark` is what has to be said beside it. `not_known`: no check is
    matched with it, and one that cannot be matched may be its. What is not known is empty."""

    verdict: Verdict | None
    listed: bool | None = True
    phone: str = ""
    serial: str = ""
    imei: str = ""
    tag: str = ""
    holder: str = ""
    unit: str = ""
    checked: date | None = None
    officer: str = ""
    desk: str = ""
    banned: int = 0
    remark: Value = ""
    not_known: bool = False


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """A round on one day, or at its end where it was `closed`.

    `policy` is what its phones are judged by, in words. `late` are those of the due that were not seen for long,
    `unexpected` those that were checked and are not on the roster, of which `unexpected_red` were left red,
    `seen_twice` those that were checked in more than one visit, `left_out` the lines of the roster that could not be
    used.

    Of the last checks of the phones: `removed` and `not_gone` count apps, by product; `unseen` phones, by what could
    not be seen of them (:func:`without_names`); `excepted` exceptions used, by product; `attested` what officers saw on
    phones themselves, by what they said. `officers` counts checks. `last_entry` is the newest record that was counted,
    0 for none. `totals` are all phones of the roster, where they are not the sum of its `units`. `draws` are all draws
    in the days of the round. `returns` are the phones that were checked, by unit and by whether a banned app can come
    back to them.
    """

    name: str
    place: str
    policy: Value
    units: tuple[Bar, ...]
    pace: Pace
    days: tuple[Day, ...]
    late: int = 0
    unexpected: int = 0
    unexpected_red: int = 0
    seen_twice: int = 0
    left_out: int = 0
    found_products: tuple[FoundProduct, ...] = ()
    removed: Counts = ()
    not_gone: Counts = ()
    unseen: Counts = ()
    excepted: Counts = ()
    attested: Counts = ()
    officers: Counts = ()
    agreement: Agreement | None = None
    last_entry: int = 0
    phones: tuple[ListedPhone, ...] = ()
    totals: Bar | None = None
    closed: date | None = None
    doubts: RoundDoubts = RoundDoubts()
    draws: tuple[DrawnSample, ...] = ()
    returns: tuple[UnitReturns, ...] = ()

    @property
    def whole(self) -> Bar:
        """All phones of the roster."""
        return summed(self.units) if self.totals is None else self.totals
