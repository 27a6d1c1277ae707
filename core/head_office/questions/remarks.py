"""What has to be told beside every answer of a store: that it is of practice, what was never brought, which logs have
two histories, and what no answer can say of phones whose personal information was erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from core.head_office.store.store import Store
from core.head_office.store.stretches import Fork, KeptApart, LogGap
from core.text import N, T, Text, plain

_TEXT: Final = 120
#: The tables that are read for what is told of some days.
TABLES_READ: Final = ("checks", "erased")
#: Red checks of these days whose phones are known no more, as their personal values were erased.
_ERASED: Final = """
SELECT count(*)
FROM checks
WHERE day BETWEEN DATE '{first}' AND DATE '{last}' AND verdict = 'red' AND NOT phone_known
    AND (log, seq) IN (SELECT log, record FROM erased)"""


@dataclass(frozen=True, slots=True)
class Remarks:
    """What a store does not have, or does not know, as far as an answer about some days goes.

    `gaps` are the entries that were never brought, `apart` what is kept apart behind them, `forks` the logs of which
    two histories were brought. `erased` counts the red checks of these days that are of no phone any more, and
    `contradictions` the phones whose serial numbers contradict what people wrote, or that desks found differently
    within two days.
    """

    practice: bool = False
    gaps: tuple[LogGap, ...] = ()
    apart: tuple[KeptApart, ...] = ()
    forks: tuple[Fork, ...] = ()
    erased: int = 0
    contradictions: int = 0

    @property
    def sentences(self) -> tuple[Text, ...]:
        """All remarks in sentences; none where there is nothing to remark."""
        words = [T("Practice: this store has only practice phones, no real ones.")] if self.practice else []
        words += [missing(gap) for gap in self.gaps]
        words += [kept_apart(bundle) for bundle in self.apart]
        words += [two_histories(fork) for fork in self.forks]
        if self.erased:
            words.append(
                N(
                    "{count} check of these days was red, erased: its phone is known no more, and it stays red.",
                    "{count} checks of these days were red, erased: their phones are known no more, and they stay red.",
                    self.erased,
                )
            )
        if self.contradictions:
            words.append(
                N(
                    "Of {count} phone a list, an asset tag or two desks contradict each other: its serial number and "
                    "the worst that was found count.",
                    "Of {count} phones lists, asset tags or desks contradict each other: their serial numbers and "
                    "the worst that was found count.",
                    self.contradictions,
                )
            )
        return tuple(words)


def of_store(store: Store) -> Remarks:
    """The remarks on a store that hold for every question to it."""
    uncounted = store.uncounted
    apart = sorted(
        (bundle for bundle in uncounted.apart.values() if not bundle.forked),
        key=lambda bundle: (bundle.log, bundle.first),
    )
    forks = sorted(uncounted.forks.values(), key=lambda fork: (fork.desk, fork.log))
    return Remarks(store.practice, uncounted.gaps, tuple(apart), tuple(forks))


def of_days(store: Store, database: Any, first: date, last: date, contradictions: int) -> Remarks:
    """What there is to tell of a store beside an answer about these days; `database` is that of
    core.head_office.questions.questions."""
    ((erased,),) = database.execute(_ERASED.format(first=first, last=last)).fetchall()
    general = of_store(store)
    return Remarks(general.practice, general.gaps, general.apart, general.forks, erased, contradictions)


def missing(gap: LogGap) -> Text:
    """Which entries were never brought."""
    return N(
        "{desk}: entry {first} was never brought.",
        "{desk}: entries {first} to {last} were never brought.",
        gap.last - gap.first + 1,
        desk=plain(gap.desk, _TEXT),
        first=gap.first,
        last=gap.last,
    )


def kept_apart(bundle: KeptApart) -> Text:
    """What is kept apart behind a gap."""
    return T(
        "{desk}: entries {first} to {last} do not count until then.",
        desk=plain(bundle.desk, _TEXT),
        first=bundle.first,
        last=bundle.last,
    )


def two_histories(fork: Fork) -> Text:
    """The sentence that a bundle brought a second history of a log."""
    return T(
        "{desk}: its log has two histories. Only the one that was merged first counts.", desk=plain(fork.desk, _TEXT)
    )
