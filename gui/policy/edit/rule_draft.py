"""A rule of a desk's own as a form has it: texts as they were typed, and the rule that they make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from core.desk.policy import policy_changes
from core.desk.policy.policy_changes import OwnRules
from core.model import App, Authority, Policy, Rule, RuleId, Signer, Strength, platforms
from core.policy.format.checks import FormatFault
from core.policy.format.tables import Unique, slug
from core.text import Bilingual, Language, T, Text

_BELOW_IDS: Final = ("strength", "reason", "authority", "reference", "effective", "signers", "note")

#: A text that is not given.
NOTHING: Final = Bilingual("", "")

#: How well a desk knows what it has seen itself.
_CONFIDENCE: Final = "one source"
#: Not every space: a no-break space, which French has before a colon, is to stay.
_BREAKS: Final = re.compile(r"[ \t\r\n]+")
#: Hexadecimal digits of a SHA-256.
_SHA256: Final = 64

_NEEDED: Final = {
    "product": T("Enter the name of the product."),
    "reason": T("Give the reason, in one sentence."),
    "authority": T("Enter who decided it."),
    "reference": T("Give the reference of the decision, such as a file number."),
}


_NO_IDS: Final = T("Give at least one id of the app, or its signer.")


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """What stands in the form. Ids and signers are one a line; where a text is given once, it is the same in both."""

    effective: date
    product: Bilingual = NOTHING
    #: By platform.
    ids: Mapping[str, str] = field(default_factory=dict)
    strength: Strength = Strength.BAN
    reason: Bilingual = NOTHING
    authority: Bilingual = NOTHING
    reference: str = ""
    signers: str = ""
    note: Bilingual = NOTHING


def fields() -> tuple[str, ...]:
    """The fields of the form, in their order; ids have one for each platform, which is called as that is."""
    return ("product", *platforms.PLATFORMS, *_BELOW_IDS)


def of_rule(rule: Rule) -> RuleDraft:
    """The draft with which the form begins to edit a rule."""
    return RuleDraft(
        effective=rule.effective,
        product=_once(rule.product),
        ids={name: "\n".join(id.id for id in rule.ids if name == id.platform) for name in platforms.PLATFORMS},
        strength=rule.strength,
        reason=_once(rule.reason),
        authority=_once(rule.authority.name),
        reference=rule.authority.instrument.en,
        signers="\n".join(filter(None, map(_line_of, rule.signers))),
        note=_once(rule.note) if rule.note else NOTHING,
    )


def of_app(app: App, platform: str, today: date) -> RuleDraft:
    """The draft of a ban of an app that was met on a phone."""
    return RuleDraft(today, Bilingual(app.label or app.package, ""), {platform: app.package})


def signers_of(app: App) -> str:
    """The signers of an app, one a line: the certificate and its short code together where they are of the same one."""
    if len(app.certificates) == len(app.signers) == 1:
        return f"{app.certificates[0]} {app.signers[0]}"
    return "\n".join(app.certificates or app.signers)


def rule_of(draft: RuleDraft, id: str, original: Rule | None = None) -> Rule:
    """The rule that the form makes. What a form does not ask for stays as the `original` has it."""
    product = _in_both_languages(draft.product)
    reason = _in_both_languages(draft.reason)
    reference = draft.reference.strip()
    name = _in_both_languages(draft.authority)
    authority = Authority(name, Bilingual(reference, reference), reason, official_fr=True)
    if original is not None and (original.authority.name, original.authority.instrument.en) == (name, reference):
        before = original.authority
        # A desk's own rule quotes its reason; what was quoted from elsewhere stays.
        authority = replace(before, quote=reason) if before.quote == original.reason else before
    typed: dict[str, Any] = {
        "id": id,
        "product": product,
        "strength": draft.strength,
        "effective": draft.effective,
        "reason": reason,
        "authority": authority,
        "ids": tuple(_ids(draft, product, reference, original)),
        "note": _in_both_languages(draft.note) if draft.note.en.strip() or draft.note.fr.strip() else None,
        "signers": tuple(_signers(draft, reference, original)),
    }
    return Rule(**typed) if original is None else replace(original, **typed)


def new_id(draft: RuleDraft, own: OwnRules, base: Policy) -> str:
    """Make an id for a new rule of its product's name, unlike those of all rules that there are."""
    unique = Unique()
    for rule in (*own.rules, *base.rules):
        unique.name(rule.id)
    return unique.name(slug(_in_both_languages(draft.product).en, "rule"))


def put(own: OwnRules, rule: Rule) -> OwnRules:
    """The own rules with this one: in place of the one with its id, or at the end."""
    if any(present.id == rule.id for present in own.rules):
        return replace(own, rules=tuple(rule if present.id == rule.id else present for present in own.rules))
    return replace(own, rules=(*own.rules, rule))


def without(own: OwnRules, id: str) -> OwnRules:
    """The own rules without the one that has this id."""
    return replace(own, rules=tuple(rule for rule in own.rules if rule.id != id))


def switched(own: OwnRules, id: str, *, off: bool) -> OwnRules:
    """The own rules with a rule of the policy switched off, or on again."""
    still_off = tuple(rule_id for rule_id in own.off if rule_id != id)
    return replace(own, off=(*still_off, id) if off else still_off)


def wrong(draft: RuleDraft, own: OwnRules, rule: Rule, base: Policy) -> dict[str, Text]:
    """What is wrong with the form, the first thing of each field, in the form's order. Empty: it can be saved."""
    mine = put(own, rule)
    number = [own_rule.id for own_rule in mine.rules].index(rule.id)
    faults: dict[str, Text] = dict(_own_faults(draft))
    for fault in policy_changes.wrong(mine, base):
        field = _field(fault, number, rule)
        if field:
            needed = _NO_IDS if field in platforms.PLATFORMS else _NEEDED.get(field)
            sentence = needed if _is_empty(draft, field) else None
            faults.setdefault(field, sentence or _Sentence.of(_with_platform(fault.sentence)))
    return {field: faults[field] for field in fields() if field in faults}


def already(draft: RuleDraft, policy: Policy, id: str) -> Text | None:
    """The sentence that another rule in force names an app of this one already; None if none does."""
    ids = set(_typed(draft))
    for rule in policy.rules:
        for rule_id in rule.ids if rule.id != id else ():
            if (rule_id.platform, rule_id.id) in ids:
                return T("The rule “{product}” already names {id}.", product=rule.product, id=rule_id.id)
    return None


def _own_faults(draft: RuleDraft) -> Iterable[tuple[str, Text]]:
    """The faults that can be told more plainly of a form than of a file: by field, what is wrong."""
    for platform, text in draft.ids.items():
        lines: set[str] = set()
        for line in _lines(text):
            if line in lines:
                yield platform, T("“{id}” is entered twice.", id=line)
            lines.add(line)
    for line in _lines(draft.signers):
        for word in line.split():
            digest = word.replace(":", "").lower()
            if len(digest) not in range(1, 9) and len(digest) != _SHA256:
                message = T("A signer is given by its SHA-256, which has 64 digits, or by its short code of at most 8.")
                yield "signers", message
            elif not set(digest) <= set("0123456789abcdef"):
                yield "signers", T("“{value}” is not a number in hexadecimal digits (0 to 9, a to f).", value=word)


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
        case ("rule", _, "app", int(place), "source", *_):
            return "reference"
        case ("rule", _, "app", int(place), "product", *_):
            return "product"
        case ("rule", _, "app", int(place), *_):
            return rule.ids[place].platform
        case ("rule", _, "signer", _, "source", *_):
            return "reference"
        case ("rule", _, "signer", *_):
            return "signers"
        case ("rule", _, "announced" | "deadline", *_):
            return "effective"
        case ("rule", _, str(key), *_) if key in fields():
            return key
        case ("rule", _):
            return next(iter(platforms.PLATFORMS))
    return "product"


def _is_empty(draft: RuleDraft, field: str) -> bool:
    value = draft.ids.get(field, "") if field in platforms.PLATFORMS else getattr(draft, field)
    if isinstance(value, Bilingual):
        return not (value.en.strip() or value.fr.strip())
    return isinstance(value, str) and not value.strip()


def _ids(draft: RuleDraft, product: Bilingual, reference: str, original: Rule | None) -> Iterable[RuleId]:
    """The rule's ids: those that stay in the order of the original, then the new ones in the order of the form."""
    by_key = {(id.platform, id.id): id for id in original.ids} if original is not None else {}
    typed = list(_typed(draft))
    stay = [key for key in by_key if key in typed]
    for key in (*stay, *(key for key in typed if key not in by_key)):
        id = by_key.get(key)
        if id is None:
            yield RuleId(*key, product, _CONFIDENCE, reference)
        else:
            # An app that was called as its product still is.
            renamed = original is not None and id.product == original.product
            yield replace(id, product=product) if renamed else id


def _signers(draft: RuleDraft, reference: str, original: Rule | None) -> Iterable[Signer]:
    by_line = {_line_of(signer): signer for signer in original.signers} if original is not None else {}
    own = {id for platform, id in _typed(draft) if not platforms.of(platform).by_team}
    for line in _lines(draft.signers):
        digests = [word.replace(":", "").lower() for word in line.split()]
        sha256 = next((d for d in digests if len(d) == _SHA256), "")
        short = next((d.lstrip("0") or "0" for d in digests if len(d) != _SHA256), "")
        signer = by_line.get(" ".join(filter(None, (sha256, short))))
        if signer is not None:
            yield replace(signer, signs=tuple(id for id in signer.signs if id in own))
        else:
            # That it signs the apps of this rule is not said: then one that is signed otherwise is found all the same.
            yield Signer((), _CONFIDENCE, reference, sha256=sha256, hash=short)
    if original is not None:  # those that the form cannot show
        yield from (signer for signer in original.signers if not _line_of(signer))


def _line_of(signer: Signer) -> str:
    return " ".join(filter(None, (signer.sha256, signer.hash)))


def _typed(draft: RuleDraft) -> Iterable[tuple[str, str]]:
    """The ids that stand in the form, each after its platform."""
    return ((name, line) for name in platforms.PLATFORMS for line in _lines(draft.ids.get(name, "")))


def _lines(text: str) -> Iterable[str]:
    return (line.strip() for line in text.splitlines() if line.strip())


def _in_both_languages(text: Bilingual) -> Bilingual:
    """The text in English and French; a language that was left empty has the text of the other one."""
    en, fr = (_BREAKS.sub(" ", words).strip() for words in (text.en, text.fr))
    return Bilingual(en or fr, fr or en)


def _once(text: Bilingual) -> Bilingual:
    return Bilingual(text.en, "") if text.en == text.fr else text


def _with_platform(sentence: Text) -> Text:
    """The sentence with the name of a platform in place of the word that files have for it."""
    values = tuple((n, platforms.of(str(v)).phones if n == "platform" else v) for n, v in sentence.values)
    return replace(sentence, values=values)


class _Sentence(Text):
    """A fault of a file, of which the file's name and line would stand in front, as a sentence of its own."""

    __slots__ = ()

    @staticmethod
    def of(fault: Text) -> Text:
        return _Sentence(fault.message, fault.values, fault.plural, fault.count)

    def in_language(self, language: Language) -> str:
        text = super().in_language(language)
        return text[:1].upper() + text[1:]
