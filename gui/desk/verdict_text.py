"""A verdict in a few words, for a card and for the banner."""

from __future__ import annotations

from core.model import Check, Verdict
from core.text import N, T, Text


def for_card(check: Check) -> Text:
    """A verdict for a narrow card."""
    match check.verdict:
        case Verdict.GREEN:
            return T("Nothing banned")
        case Verdict.AMBER if any(f.excepted for f in check.bans):
            return T("Banned, excepted")
        case Verdict.AMBER if check.bans:
            return T("Banned, switched off")
        case Verdict.AMBER if check.suspected:
            return T("Suspected app")
        case Verdict.AMBER:
            return T("Incomplete check")
        case _:
            return for_headline(check)


def for_headline(check: Check) -> Text:
    """A verdict in a few words."""
    count = len(check.banned_products)
    match check.verdict:
        case Verdict.RED:
            return N("{count} banned app", "{count} banned apps", count)
        case Verdict.AMBER if any(f.excepted for f in check.bans):
            return N("{count} banned app, excepted", "{count} banned apps, excepted", count)
        case Verdict.AMBER if check.bans:
            return N("{count} banned app, switched off", "{count} banned apps, switched off", count)
        case Verdict.AMBER if check.suspected:
            suspected = len({f.app.package for f in check.suspected})
            return N("{count} suspected app", "{count} suspected apps", suspected)
        case Verdict.AMBER:
            return T("Incomplete check")
        case Verdict.GREEN:
            return T("No banned app")
