"""From the keys and values of a policy file to a :class:`core.model.Policy`.

:func:`build` trusts a document in which :func:`core.policy.format.schema.faults` found nothing wrong.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Any, Final

from core.model import Authority, Code, Label, Policy, Rule, RuleId, Signer, Strength, Team
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
#: The groups of a rule that stand under headings of their own: the attribute that has them, and what each is.
GROUPS: Final[Mapping[str, tuple[str, type]]] = {
    "app": ("ids", RuleId),
    "signer": ("signers", Signer),
    "code": ("code", Code),
    "label": ("labels", Label),
    "team": ("teams", Team),
}
# Not \s: a no-break space, which French has before a colon, is to stay.
_BREAKS: Final = re.compile(r"[ \t\r\n]+")


def is_app_id(text: str, platform: str) -> bool:
    """Whether an app can have this id on a platform."""
    return len(text) <= _APP_ID_LIMIT and APP_IDS[platform].fullmatch(text) is not None


def build(document: Mapping[str, Any], sha256: str, source: str) -> Policy:
    """The policy that a document without faults describes."""
    authorities = {name: Authority(**_values(table)) for name, table in document.get("authority", {}).items()}
    rules = tuple(_rule(table, authorities) for table in document.get("rule", ()))
    return Policy(**_values(document, but=("authority", "rule")), rules=rules, sha256=sha256, source=source)


def _rule(table: Mapping[str, Any], authorities: Mapping[str, Authority]) -> Rule:
    groups: dict[str, Any] = {
        attribute: tuple(kind(**_values(one)) for one in table.get(key, ()))
        for key, (attribute, kind) in GROUPS.items()
    }
    return Rule(
        **_values(table, but=("strength", "authority", *GROUPS)),
        **groups,
        strength=Strength(table["strength"]),
        authority=authorities[table["authority"]],
    )


def _values(table: Mapping[str, Any], but: Container[str] = ()) -> dict[str, Any]:
    """The keys of a table, which the classes of :mod:`core.model` have as attributes, and their values."""
    return {key: _value(value) for key, value in table.items() if key not in but}


def _value(value: Any) -> Any:
    match value:
        case str():
            return folded(value)
        case dict():  # a text in two languages
            return Bilingual(folded(value["en"]), folded(value["fr"]))
        case list():  # ids, in which there is nothing to fold
            return tuple(value)
        case _:
            return value


def folded(text: str) -> str:
    """A text without the line breaks that its writer needed to keep it readable in the file."""
    return _BREAKS.sub(" ", text).strip()
