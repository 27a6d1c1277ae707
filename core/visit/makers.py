"""Who made the apps of an iPhone: what is told where the phone does not say it.

No file of an app can be had, and none is needed: the phone's system compares each app with its signature, and tells for
which team that is. An app of which it does not tell that is known by its id and its name alone.
"""

from __future__ import annotations

from core.model import Check, Finding, Gap, Match, Strength
from core.text import N, T, Text


def by_name_alone(check: Check) -> list[Gap]:
    """A gap for each app that calls itself like a banned one, where its maker, by whom alone it could be told, is not
    known, or where it came past the store: anyone may give an app any name, sign a banned one anew under another id,
    and be told as its maker."""
    unknown = {app.package for app in check.makers_not_told}
    by_name = [f for f in check.findings if f.match is Match.LABEL and f.strength is Strength.BAN]
    return [
        _gap(f, told=f.app.package not in unknown) for f in by_name if f.app.package in unknown or f.app.past_the_store
    ]


def _gap(finding: Finding, *, told: bool) -> Gap:
    name = finding.app.label or finding.app.package
    if told:
        gap_text = T("{app} calls itself like {product}, and came from no store.", app=name, product=finding.product)
    else:
        gap_text = T(
            "{app} calls itself like {product}, and the phone does not tell who made it.",
            app=name,
            product=finding.product,
        )
    how = T("Open the app on the phone and see what it is; if it is that app, remove it there.")
    return Gap(gap_text, how, finding.profile.id)


def not_read(count: int, all: int, why: Text) -> Text:
    """That it was not read of so many apps of `all` who made them."""
    return N(
        "Who made {count} app of {all} was not read. {why}",
        "Who made {count} apps of {all} was not read. {why}",
        count,
        all=all,
        why=why,
    )
