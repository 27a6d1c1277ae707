"""From the keys and values of a policy file to a :class:`core.model.Policy`.

:func:`build` trusts a document in which :func:`core.policy.format.schema.faults` found nothing wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from core.model import Authority, Code, Label, Policy, Rule, RuleId, Signer, Strength, Team, Trust
from core.text import Bilingual

#: For how many days an exception may be granted where the policy does not say.
EXCEPTION_DAYS: Final = 365
PLATFORMS: Final = ("android", "ios")
#: How well an id is supported: seen in several public sources that do not copy each other, or in one.
CONFIDENCES: Final = ("several sources", "one source")

# Android: what PackageManager accepts. Apple: letters, digits, hyphens and full stops (CFBundleIdentifier), and the
# underscore, which real apps have. Neither may have an empty part, and no app that one installs has one part alone.
APP_IDS: Final = {
    "android": re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+"),
    "ios": re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+"),
}
_APP_ID_LIMIT: Final = 223
#: The digests of a certificate, by the number of hexadecimal digits that each has.
DIGESTS: Final = {"sha256": 64, "sha1": 40, "md5": 32}
# Not \s: a no-break space, which French has before a colon, is to stay.
_BREAKS: Final = re.compile(r"[ \t\r\n]+")


def is_app_id(text: str, platform: str) -> bool:
    """Whether an app can have this id on a platform."""
    return len(text) <= _APP_ID_LIMIT and APP_IDS[platform].fullmatch(text) is not None


def build(document: Mapping[str, Any], sha256: str, source: str, trust: Trust = Trust.UNSIGNED) -> Policy:
    """The policy that a document without faults describes."""
    authorities = {name: _authority(table) for name, table in document.get("authority", {}).items()}
    return Policy(
        id=document["id"],
        version=folded(document["version"]),
        issued=document["issued"],
        title=_bilingual(document["title"]),
        scope=_bilingual(document["scope"]),
        rules=tuple(_rule(table, authorities) for table in document.get("rule", ())),
        sha256=sha256,
        source=source,
        trust=trust,
        on=document.get("on", ""),
        off=tuple(document.get("off", ())),
        exception_days=document.get("exception_days", EXCEPTION_DAYS),
    )


def _rule(table: Mapping[str, Any], authorities: Mapping[str, Authority]) -> Rule:
    return Rule(
        id=table["id"],
        product=_bilingual(table["product"]),
        strength=Strength(table["strength"]),
        effective=table["effective"],
        reason=_bilingual(table["reason"]),
        authority=authorities[table["authority"]],
        ids=tuple(
            RuleId(
                app["platform"],
                app["id"],
                _bilingual(app["product"]),
                app["confidence"],
                folded(app["source"]),
                app.get("store", ""),
            )
            for app in table.get("app", ())
        ),
        note=_bilingual(table["note"]) if "note" in table else None,
        signers=tuple(
            Signer(
                tuple(signer["signs"]),
                signer["confidence"],
                folded(signer["source"]),
                shared=signer.get("shared", False),
                **{name: signer[name] for name in (*DIGESTS, "hash") if name in signer},
            )
            for signer in table.get("signer", ())
        ),
        code=tuple(
            Code(c["prefix"], c["confidence"], folded(c["source"]), tuple(c.get("also_in", ())))
            for c in table.get("code", ())
        ),
        labels=tuple(Label(folded(label["text"]), folded(label["source"])) for label in table.get("label", ())),
        teams=tuple(
            Team(team["id"], team["prefix"], team["confidence"], folded(team["source"]))
            for team in table.get("team", ())
        ),
        publisher=folded(table.get("publisher", "")),
        scope=_bilingual(table["scope"]) if "scope" in table else None,
        announced=table.get("announced"),
        deadline=table.get("deadline"),
    )


def _authority(table: Mapping[str, Any]) -> Authority:
    return Authority(
        name=_bilingual(table["name"]),
        instrument=_bilingual(table["instrument"]),
        quote=_bilingual(table["quote"]),
        official_fr=table["official_fr"],
        url=table.get("url", ""),
    )


def _bilingual(table: Mapping[str, str]) -> Bilingual:
    return Bilingual(folded(table["en"]), folded(table["fr"]))


def folded(text: str) -> str:
    """A text without the line breaks that its writer needed to keep it readable in the file."""
    return _BREAKS.sub(" ", text).strip()
