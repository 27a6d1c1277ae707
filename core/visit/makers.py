"""Who made the apps of an iPhone: what is told where the phone does not say it.

No file of an app can be had, and none is needed: the phone's system compares each app with its signature, and tells for
which team that is. An app of which it does not tell that is known by its id and its name alone.
"""

from __future__ import annotations

from core.model import App, Check, Gap, Rule
from core.policy.matching.index import index
from core.text import N, T, Text


def by_name_alone(check: Check) -> list[Gap]:
    """A gap for each app that calls itself like a banned one, where its maker, by whom alone it could be told, is not
    known, or where it came past the store: anyone may give an app any name, sign a banned one anew under another id,
    and be told as its maker."""
    rules, unknown = index(check.policy, check.inventory.phone.platform), set(check.makers_not_told)
    banned = {finding.app.package for finding in check.bans}
    return [
        _gap(app, rule, state.profile, told=app not in unknown)
        for app in check.inventory.apps
        if (app in unknown or app.past_the_store) and app.package not in banned
        for rule in rules.bans_called_like(app)
        for state in app.states
        if state.present
    ]


def _gap(app: App, rule: Rule, profile: int, *, told: bool) -> Gap:
    name = app.label or app.package
    if told:
        gap_text = T("{app} calls itself like {product}, and came from no store.", app=name, product=rule.product)
    else:
        gap_text = T(
            "{app} calls itself like {product}, and the phone does not tell who made it.",
            app=name,
            product=rule.product,
        )
    how = T("Open the app on the phone and see what it is; if it is that app, remove it there.")
    return Gap(gap_text, how, profile)


def not_read(count: int, all: int, why: Text) -> Text:
    """That it was not read of so many apps of `all` who made them."""
    return N(
        "Who made {count} app of {all} was not read. {why}",
        "Who made {count} apps of {all} was not read. {why}",
        count,
        all=all,
        why=why,
    )
