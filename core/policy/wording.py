"""A policy's reasons in words: why an app is what a rule names, in sentences that can be read aloud."""

from __future__ import annotations

from datetime import date
from typing import Final

from core.model import App, Excepted, Match, Policy, Rule, Signed, Strength
from core.text import Bilingual, T, Text, Value

_EN: Final = "January February March April May June July August September October November December"
_FR: Final = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
_MONTHS: Final = tuple(map(Bilingual, _EN.split(), _FR.split()))


def excepted_words(by: Excepted, until: Value) -> Text:
    """By whose decision a phone may have an app; `until` is the last day as it is written there."""
    return T(
        "Excepted until {date} by {authority}, {reference} (entry {entry}).",
        date=until,
        authority=by.authority,
        reference=by.reference,
        entry=by.entry,
    )


def long_date(day: date) -> Bilingual:
    """A date as it is written out in each language: 1 March 2023, 1er mars 2023."""
    month = _MONTHS[day.month - 1]
    first = "1er" if day.day == 1 else str(day.day)
    return Bilingual(f"{day.day} {month.en} {day.year}", f"{first} {month.fr} {day.year}")


def why(policy: Policy, rule: Rule, product: Bilingual, app: App, match: Match) -> Text:
    """Why `app` is a finding. `product` is the name of the very application where the app bears its id."""
    decided = _decided(policy, rule, product)
    sighting = _sign_sentence(rule, product, app, match)
    if sighting is None:
        return decided
    return sighting if match in (Match.LABEL, Match.WEB_PAGE) else T("{seen} {decided}", seen=sighting, decided=decided)


def _sign_sentence(rule: Rule, product: Bilingual, app: App, match: Match) -> Text | None:
    """What the app has of the product, where that is not simply its name."""
    name = app.label or app.package
    match match:
        case Match.NAMED | Match.NAMED_AND_SIGNED | Match.PAST_THE_STORE:
            return None
        case Match.LOOK_ALIKE:
            return T("This app has the id of {product}, but its maker did not sign it.", product=product)
        case Match.SAME_SIGNER:
            return T("{app} is signed by the maker of {product}, under another name.", app=name, product=rule.product)
        case Match.SAME_CODE:
            return T("{app} has the code of {product}, under another name.", app=name, product=rule.product)
        case Match.SUSPECTED_SIGNER:
            return T(
                "{app} may be {product} under another name: its signer has the same short code, but its certificate "
                "could not be compared.",
                app=name,
                product=rule.product,
            )
        case Match.SUSPECTED_CODE:
            return T(
                "{app} may be {product} under another name: it has code of that name, and nothing that was read tells "
                "which it is.",
                app=name,
                product=rule.product,
            )
        case Match.WEB_PAGE:
            return T(
                "{app} opens a page of {product} like an app; the browser made it. It is shown for information and is "
                "not counted as banned: the rule is about the app.",
                app=name,
                product=rule.product,
            )
        case Match.LABEL:
            return T(
                "{app} calls itself “{label}”, like {product}; nothing that was read of it shows that it is.",
                app=app.package,
                label=app.label,
                product=rule.product,
            )


def past_the_store(app: App, *, is_named: bool = False) -> Text:
    """Why a person is to look at an app that no ban names; `is_named` where another rule names it. Its signer's name is
    told beside it: that is a person's."""
    name = app.label or app.package
    match app.signed:
        case Signed.ORGANISATION:
            origin = T("{app} came from no store: an organisation signed it for phones of its choice.", app=name)
        case Signed.DEVELOPER:
            origin = T("{app} came from no store: a developer signed it, as is done to try an app out.", app=name)
        case _:
            origin = T("{app} came from no store, and who signed it is not known.", app=name)
    if is_named:
        return T(
            "{seen} Its id is not banned, but a banned app can come this way under another id: see what it is and what "
            "for.",
            seen=origin,
        )
    return T(
        "{seen} No rule names it, but a banned app can come this way under another id: see what it is and what for.",
        seen=origin,
    )


def _decided(policy: Policy, rule: Rule, product: Bilingual) -> Text:
    """Who decided it and since when, or what is said where nothing was decided."""
    scope, authority, since = rule.scope or policy.scope, rule.authority.name, long_date(rule.effective)
    match rule.strength:
        case Strength.BAN if product == rule.product:
            return T(
                "{app} has been banned on {scope} since {date} by decision of {authority}.",
                app=product,
                scope=scope,
                date=since,
                authority=authority,
            )
        case Strength.BAN:
            return T(
                "{app} ({product}) has been banned on {scope} since {date} by decision of {authority}.",
                app=product,
                product=rule.product,
                scope=scope,
                date=since,
                authority=authority,
            )
        case Strength.RECOMMENDATION:
            return T(
                "{app} is not banned, but since {date} {authority} has recommended restricting its use on {scope}.",
                app=product,
                date=since,
                authority=authority,
                scope=scope,
            )
        case _:
            return T(
                "{app} is shown for information and is not counted as banned: {reason}",
                app=product,
                reason=rule.reason,
            )
