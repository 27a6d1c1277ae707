"""A verdict in a few words, for a card and for the banner."""

from __future__ import annotations

from core.model import Check, Verdict
from core.text import N, T, Text


def brief(check: Check) -> Text:
    """A verdict for a narrow card."""
    match check.verdict:
        case Verdict.GREEN:
            return T("Nothing banned")
        case Verdict.AMBER if not check.bans:
            return T("Incomplete check")
        case Verdict.AMBER:
            return T("Banned, switched off")
        case _:
            return short(check)


def short(check: Check) -> Text:
    """A verdict in a few words."""
    count = len(check.banned_products)
    match check.verdict:
        case Verdict.RED:
            return N("{count} banned app", "{count} banned apps", count)
        case Verdict.AMBER if check.bans:
            return N("{count} banned app, switched off", "{count} banned apps, switched off", count)
        case Verdict.AMBER:
            return T("Incomplete check")
        case Verdict.GREEN:
            return T("No banned app")
