"""A rule of a desk's own as a form has it: texts as they were typed, and the rule that they make."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from core.desk.policy import policy_changes
from core.desk.policy.policy_changes import OwnRules
from core.model import App, Authority, Policy, Rule, RuleId, Signer, Strength
from core.policy.format.checks import FormatFault
from core.policy.format.tables import Unique, slug
from core.text import Bilingual, Language, T, Text
from gui.policy.rules.rule_model import PLATFORMS

#: The fields of the form, in their order.
FIELDS: Final = (
    "product",
    "android",
    "ios",
    "strength",
    "reason",
    "authority",
    "reference",
    "effective",
    "signers",
    "note",
)

#: A text that is not given.
NOTHING: Final = Bilingual("", "")

#: How well a desk knows what it has seen itself.
_CONFIDENCE: Final = "one source"
#: Not every space: a no-break space, which French has before a colon, is to stay.
_BREAKS: Final = re.compile(r"[ \t\r\n]+")
#: Hexadecimal digits of a SHA-256.
_SHA256: Final = 64

_NEEDED: Final = {
    "product": T("Say what the product is called."),
    "android": T("Give at least one id of the app, or its signer."),
    "reason": T("Say why, in one sentence."),
    "authority": T("Say who decided it."),
    "reference": T("Give the reference of the decision, such as a file number."),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form. Ids and signers are one a line; where a text is given once, it is the same in both."""

    effective: date
    product: Bilingual = NOTHING
    android: str = ""
    ios: str = ""
    strength: Strength = Strength.BAN
    reason: Bilingual = NOTHING
    authority: Bilingual = NOTHING
    reference: str = ""
    signers: str = ""
    note: Bilingual = NOTHING


def of_rule(rule: Rule) -> Draft:
    """A rule as the form shows it."""
    return Draft(
        effective=rule.effective,
        product=_once(rule.product),
        android="\n".join(id.id for id in rule.ids if id.platform == "android"),
        ios="\n".join(id.id for id in rule.ids if id.platform == "ios"),
        strength=rule.strength,
        reason=_once(rule.reason),
        authority=_once(rule.authority.name),
        reference=rule.authority.instrument.en,
        signers="\n".join(filter(None, map(_line_of, rule.signers))),
        note=_once(rule.note) if rule.note else NOTHING,
    )


def of_app(app: App, platform: str, today: date) -> Draft:
    """A ban of an app that was met on a phone."""
    draft = Draft(today, Bilingual(app.label or app.package, ""))
    return replace(draft, android=app.package) if platform == "android" else replace(draft, ios=app.package)


def signers_of(app: App) -> str:
    """The signers of an app, one a line: the certificate and its short code together where they are of the same one."""
    if len(app.certificates) == len(app.signers) == 1:
        return f"{app.certificates[0]} {app.signers[0]}"
    return "\n".join(app.certificates or app.signers)


def rule_of(draft: Draft, id: str, original: Rule | None = None) -> Rule:
    """The rule that the form makes. What a form does not ask for stays as the `original` has it."""
    product = _both(draft.product)
    reason = _both(draft.reason)
    reference = draft.reference.strip()
    name = _both(draft.authority)
    authority = Authority(name, Bilingual(reference, reference), reason, official_fr=True)
    if original is not None and (original.authority.name, original.authority.instrument.en) == (name, reference):
        before = original.authority
        # A desk's own rule quotes its reason; what was quoted from elsewhere stays.
        authority = replace(before, quote=reason) if before.quote == original.reason else before
    made = Rule(
        id=id,
        product=product,
        strength=draft.strength,
        effective=draft.effective,
        reason=reason,
        authority=authority,
        ids=tuple(_ids(draft, product, reference, original)),
        note=_both(draft.note) if draft.note.en.strip() or draft.note.fr.strip() else None,
        signers=tuple(_signers(draft, reference, original)),
    )
    if original is None:
        return made
    return replace(
        made,
        code=original.code,
        labels=original.labels,
        teams=original.teams,
        publisher=original.publisher,
        scope=original.scope,
        announced=original.announced,
        deadline=original.deadline,
    )


def new_id(draft: Draft, own: OwnRules, base: Policy) -> str:
    """An id for a new rule, after its product."""
    unique = Unique()
    for rule in (*own.rules, *base.rules):
        unique.name(rule.id)
    return unique.name(slug(_both(draft.product).en, "rule"))


def put(own: OwnRules, rule: Rule) -> OwnRules:
    """With this rule: in its place, where there is one of its id."""
    if any(known.id == rule.id for known in own.rules):
        return replace(own, rules=tuple(rule if known.id == rule.id else known for known in own.rules))
    return replace(own, rules=(*own.rules, rule))


def without(own: OwnRules, id: str) -> OwnRules:
    """Without the rule of that id."""
    return replace(own, rules=tuple(rule for rule in own.rules if rule.id != id))


def switched(own: OwnRules, id: str, *, off: bool) -> OwnRules:
    """With a rule of the policy switched off, or on again."""
    others = tuple(one for one in own.off if one != id)
    return replace(own, off=(*others, id) if off else others)


def wrong(draft: Draft, own: OwnRules, rule: Rule, base: Policy) -> dict[str, Text]:
    """What is wrong with the form, the first thing of each field, in the form's order. Empty: it can be saved."""
    mine = put(own, rule)
    number = [known.id for known in mine.rules].index(rule.id)
    found: dict[str, Text] = dict(_own_faults(draft))
    for fault in policy_changes.wrong(mine, base):
        field = _field(fault, number, rule)
        if field:
            said = _NEEDED.get(field) if _is_empty(draft, field) else None
            found.setdefault(field, said or _Sentence.of(_with_platform(fault.sentence)))
    return {field: found[field] for field in FIELDS if field in found}


def already(draft: Draft, policy: Policy, id: str) -> Text | None:
    """That another rule in force names an app of this one already; None if none does."""
    ids = {("android", line) for line in _lines(draft.android)} | {("ios", line) for line in _lines(draft.ios)}
    for rule in policy.rules:
        for known in rule.ids if rule.id != id else ():
            if (known.platform, known.id) in ids:
                return T("The rule “{product}” already names {id}.", product=rule.product, id=known.id)
    return None


def _own_faults(draft: Draft) -> Iterable[tuple[str, Text]]:
    """What can be said better here than of a file."""
    for field in ("android", "ios"):
        seen: set[str] = set()
        for line in _lines(getattr(draft, field)):
            if line in seen:
                yield field, T("“{id}” stands here twice.", id=line)
            seen.add(line)
    for line in _lines(draft.signers):
        for word in line.split():
            digest = word.replace(":", "").lower()
            if len(digest) not in range(1, 9) and len(digest) != _SHA256:
                message = T("A signer is given by its SHA-256, which has 64 digits, or by its short code of at most 8.")
                yield "signers", message
            elif not set(digest) <= set("0123456789abcdef"):
                yield "signers", T("“{value}” is no number in hexadecimal digits (0 to 9, a to f).", value=word)


def _field(fault: FormatFault, number: int, rule: Rule) -> str:
    """The field that a fault of the file is about; empty where it is about another rule."""
    match fault.path:
        case ("authority", _, "instrument", *_):
            return "reference"
        case ("authority", _, "quote", *_):
            return "reason"
        case ("authority", *_):
            return "authority"
        case ("rule", int(at), *_) if at != number:
            return ""
        case ("rule", _, "app", int(which), "source", *_):
            return "reference"
        case ("rule", _, "app", int(which), "product", *_):
            return "product"
        case ("rule", _, "app", int(which), *_):
            return rule.ids[which].platform
        case ("rule", _, "signer", _, "source", *_):
            return "reference"
        case ("rule", _, "signer", *_):
            return "signers"
        case ("rule", _, "announced" | "deadline", *_):
            return "effective"
        case ("rule", _, str(key), *_) if key in FIELDS:
            return key
        case ("rule", _):
            return "android"
    return "product"


def _is_empty(draft: Draft, field: str) -> bool:
    value = getattr(draft, field)
    if isinstance(value, Bilingual):
        return not (value.en.strip() or value.fr.strip())
    return isinstance(value, str) and not value.strip()


def _ids(draft: Draft, product: Bilingual, reference: str, original: Rule | None) -> Iterable[RuleId]:
    """Those that stay in the order of the original, then the new ones in that of the form."""
    known = {(id.platform, id.id): id for id in original.ids} if original is not None else {}
    typed = [("android", line) for line in _lines(draft.android)] + [("ios", line) for line in _lines(draft.ios)]
    stay = [key for key in known if key in typed]
    for key in (*stay, *(key for key in typed if key not in known)):
        id = known.get(key)
        if id is None:
            yield RuleId(*key, product, _CONFIDENCE, reference)
        else:
            # An app that was called as its product still is.
            renamed = original is not None and id.product == original.product
            yield replace(id, product=product) if renamed else id


def _signers(draft: Draft, reference: str, original: Rule | None) -> Iterable[Signer]:
    known = {_line_of(signer): signer for signer in original.signers} if original is not None else {}
    android = tuple(_lines(draft.android))
    for line in _lines(draft.signers):
        digests = [word.replace(":", "").lower() for word in line.split()]
        sha256 = next((d for d in digests if len(d) == _SHA256), "")
        short = next((d.lstrip("0") or "0" for d in digests if len(d) != _SHA256), "")
        signer = known.get(" ".join(filter(None, (sha256, short))))
        if signer is not None:
            yield replace(signer, signs=tuple(id for id in signer.signs if id in android))
        else:
            # That it signs the apps of this rule is not said: then one that is signed otherwise is found all the same.
            yield Signer((), _CONFIDENCE, reference, sha256=sha256, hash=short)
    if original is not None:  # those that the form cannot show
        yield from (signer for signer in original.signers if not _line_of(signer))


def _line_of(signer: Signer) -> str:
    return " ".join(filter(None, (signer.sha256, signer.hash)))


def _lines(text: str) -> Iterable[str]:
    return (line.strip() for line in text.splitlines() if line.strip())


def _both(text: Bilingual) -> Bilingual:
    """One of the two may be left empty: then the other stands for both."""
    en, fr = (_BREAKS.sub(" ", one).strip() for one in (text.en, text.fr))
    return Bilingual(en or fr, fr or en)


def _once(text: Bilingual) -> Bilingual:
    return Bilingual(text.en, "") if text.en == text.fr else text


def _with_platform(what: Text) -> Text:
    """With the name of a platform where a file has its word for it."""
    values = tuple((n, PLATFORMS.get(str(v), v) if n == "platform" else v) for n, v in what.values)
    return replace(what, values=values)


class _Sentence(Text):
    """A fault of a file, of which the file's name and line would stand in front, as a sentence of its own."""

    __slots__ = ()

    @staticmethod
    def of(fault: Text) -> Text:
        return _Sentence(fault.message, fault.values, fault.plural, fault.count)

    def in_language(self, language: Language) -> str:
        told = super().in_language(language)
        return told[:1].upper() + told[1:]
