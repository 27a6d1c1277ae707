"""What the cards say of findings: how sure, in a word; by what it was recognised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from core import value_names
from core.describe import installers
from core.model import Finding, Identity, Match, Strength
from core.policy.wording import long_date
from core.text import Bilingual, T, Text

#: Cards that say by what their app was recognised; of more apps, the details do.
_FEW: Final = 4

#: How sure a finding is, in a word, with its sign: by id and signer, by id alone, by something else.
SURENESS: Final = {
    Match.NAMED_AND_SIGNED: (T("Certain"), "check"),
    Match.NAMED: (T("Very likely"), "tag"),
    Match.LOOK_ALIKE: (T("Very likely"), "tag"),
    Match.SAME_SIGNER: (T("Very likely"), "seal"),
    Match.SAME_CODE: (T("Likely"), "seal"),
    Match.SUSPECTED_SIGNER: (T("Not sure"), "question"),
    Match.SUSPECTED_CODE: (T("Not sure"), "question"),
    Match.LABEL: (T("A hint"), "info"),
    Match.WEB_PAGE: (T("Certain"), "info"),
    Match.PAST_THE_STORE: (value_names.STRENGTHS[Strength.REVIEW], "search"),
}

_RECOGNISED: Final = {
    Match.NAMED_AND_SIGNED: T("App ID and signature match."),
    Match.NAMED: T("App ID matches; signature not checked."),
    Match.LOOK_ALIKE: T("App ID matches; signature does not."),
    Match.SAME_SIGNER: T("Different name, same signature."),
    Match.SAME_CODE: T("Different name, same code."),
    Match.SUSPECTED_SIGNER: T("Short code of the signer matches; certificate not checked."),
    Match.SUSPECTED_CODE: T("It has code of that name; what it is was not settled."),
    Match.LABEL: T("Only the name on the screen matches."),
    Match.WEB_PAGE: T("A web page of the service, not the app."),
    Match.PAST_THE_STORE: T("Not from a store, and no ban names it."),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One app that a rule speaks of, in all its profiles together."""

    findings: tuple[Finding, ...]
    name: Bilingual | Text
    where: Text
    #: By what it was recognised, and what else is to be known of it; empty where the details are enough.
    recognised: Text | str
    sure: Text
    glyph: str
    #: The app's own picture as its file has it, for people to look at.
    icon: bytes = b""


def cards_of(findings: Iterable[Finding], identities: Mapping[str, Identity]) -> list[Card]:
    """One card for each app; `identities` are what was read of their files, by package."""
    apps: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        apps.setdefault((finding.rule, finding.app.package), []).append(finding)
    few = len(apps) <= _FEW
    return [_card(tuple(of_app), identities.get(of_app[0].app.package), few=few) for of_app in apps.values()]


def _card(findings: tuple[Finding, ...], identity: Identity | None, *, few: bool) -> Card:
    first = findings[0]
    installer = installers.installer(first.app)
    source = T("from {store}", store=installer) if isinstance(installer, str) else installer
    if not first.app.installer and not first.app.system:
        source = T("source not known")
    where = value_names.on_one_line([*dict.fromkeys(value_names.profile(f.profile) for f in findings), source])
    recognised: Text | str = _RECOGNISED[first.match] if few or first.excepted or first.contained else ""
    if first.excepted is not None:
        until = long_date(first.excepted.until)
        recognised = T("{recognised} It is excepted until {date}.", recognised=recognised, date=until)
    elif first.contained:
        recognised = T("{recognised} It is switched off and cannot be started.", recognised=recognised)
    sure, glyph = SURENESS[first.match]
    name = T("{product}, called “{label}”", product=first.product, label=first.app.label) if _hides(first) else None
    icon = identity.icon if identity is not None else b""
    return Card(findings, name or first.product, where, recognised, sure, glyph, icon)


def recognised(finding: Finding) -> Text:
    """By what an app was recognised, in a sentence."""
    return _RECOGNISED[finding.match]


def _hides(finding: Finding) -> bool:
    return finding.match.other_name and bool(finding.app.label)
