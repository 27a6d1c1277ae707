"""Whether banned apps can come back, in words: what is judged of a phone that is here, and what is on record alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from core import value_names
from core.model.can_return import Return, ReturnReason, overall
from core.text import Bilingual, N, T, Text, Value, one_line

#: Products and reasons that a line names.
_NAMED: Final = 3

_HEADS: Final = {
    Return.POSSIBLE: T("Banned apps can be reinstalled"),
    Return.UNKNOWN: T("Not known whether banned apps can be reinstalled"),
    Return.BLOCKED: T("Banned apps cannot be reinstalled"),
}
#: Behind each of these sentences: what it is worth.
EVIDENCE: Final = T("This is evidence of how the phone was set up at that time, not a promise.")
NOT_RECORDED: Final = T("Whether banned apps could be reinstalled was not recorded.")


class ReturnAnswer(Protocol):
    """A product's answer, judged now or on record."""

    @property
    def product(self) -> Bilingual | None: ...

    @property
    def state(self) -> Return | str: ...

    @property
    def reasons(self) -> Sequence[ReturnReason | str]: ...

    @property
    def detail(self) -> Sequence[str]: ...


def reason_words(reasons: Iterable[ReturnReason | str]) -> Text | None:
    """The first of these reasons in the middle of a sentence; one that this version does not know is left out. None: no
    reason is known to it."""
    reason_names = [value_names.RETURN_REASONS[r] for r in dict.fromkeys(reasons) if isinstance(r, ReturnReason)]
    return value_names.listed(reason_names[:_NAMED]) if reason_names else None


def weightiest(items: Iterable[ReturnAnswer]) -> Text | None:
    """The weightiest reason of some products, likewise; with it, the configuration profiles of an iPhone are named."""
    known = {reason: item for item in items for reason in item.reasons if isinstance(reason, ReturnReason)}
    first = next((reason for reason in ReturnReason if reason in known), None)
    if first is None:
        return None
    words, names = value_names.RETURN_REASONS[first], known[first].detail[:_NAMED]
    if first is ReturnReason.PROFILE_CONTENTS and names:
        return T("{why} ({names})", why=words, names=value_names.listed(names))
    return words


def line(returns: Sequence[ReturnAnswer]) -> Text:
    """Whether the banned apps of a phone can come back, in one sentence: by the worst that is known of any of them."""
    state = overall(returns)
    if state is None:
        return NOT_RECORDED
    worst = [item for item in returns if (item.state if isinstance(item.state, Return) else Return.UNKNOWN) is state]
    head, why = _HEADS[state], weightiest(worst)
    if len(worst) < len(returns):
        apps = _apps(worst)
        why = T("{apps} ({why})", apps=apps, why=why) if why is not None else T("{apps}", apps=apps)
    return T("{head}: {why}.", head=head, why=why) if why is not None else T("{head}.", head=head)


def sentence(returns: Sequence[ReturnAnswer]) -> Text:
    """The same for a paper, where anything is on record, with what it is worth."""
    whole = line(returns)
    return T("{sentences} {sentence}", sentences=whole, sentence=EVIDENCE) if returns else whole


def _apps(items: Sequence[ReturnAnswer]) -> Value:
    """The first of these products in a row."""
    products = [item.product for item in items if item.product is not None]
    names: list[Value] = [
        Bilingual(one_line(product.en, 80), one_line(product.fr, 80)) for product in dict.fromkeys(products)
    ]
    if not names:
        return T("the banned apps")
    if len(names) > _NAMED:
        names[_NAMED:] = [N("{count} more app", "{count} more apps", len(names) - _NAMED)]
    return value_names.listed(names)
