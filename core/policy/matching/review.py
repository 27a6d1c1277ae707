"""Review: which apps a person is to look at although no ban names them, and what a phone says of their signers.

Where an app did not come from the store of the phone's maker, its id says little: a banned app can be signed anew under
another one, and no list of ids finds it. Such an app is listed with its signer. It never decides a verdict, as most of
them are an organisation's own.
"""

from __future__ import annotations

from typing import Final

from core.model import App, Evidence, EvidenceKind, Finding, Match, Profile, Strength
from core.policy.wording import past_the_store
from core.text import Bilingual

#: What stands in place of a rule's id: no policy can have a rule of this name.
RULE: Final = "past-the-store"
#: From where this evidence is known.
_THE_PHONE: Final = "the phone"


def signer_of(app: App) -> tuple[Evidence, ...]:
    """Who signed an app that came past the store: the signer's name and developer team, as far as the phone tells."""
    if not app.past_the_store:
        return ()
    signs = ((EvidenceKind.SIGNER_NAME, app.signed_by), (EvidenceKind.TEAM_ID, app.team))
    return tuple(Evidence(kind, value, _THE_PHONE, "") for kind, value in signs if value)


def for_review(app: App, profile: Profile, *, is_named: bool = False) -> Finding:
    """The finding of an app that a person is to look at, in one profile. `is_named`: a notice or a recommendation names
    it."""
    name = app.label or app.package
    return Finding(
        rule=RULE,
        product=Bilingual(name, name),
        strength=Strength.REVIEW,
        app=app,
        profile=profile,
        evidence=signer_of(app),
        why=past_the_store(app, is_named=is_named),
        match=Match.PAST_THE_STORE,
    )
