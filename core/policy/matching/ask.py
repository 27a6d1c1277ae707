"""“Would this app be banned?”: what a policy says of a name, an id or a certificate that is typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.model import App, EvidenceKind, Policy, Rule
from core.policy.format.tables import PLATFORMS
from core.policy.matching.index import Index, folded, index
from core.policy.matching.match import recognise
from core.text import T, Text

#: Answers that are given: a word such as "com" is in every name.
LIMIT: Final = 20
#: Characters of a name in which it is looked for. One letter is in every name.
SHORTEST: Final = 2
_DIGEST: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}")
_HASH: Final = re.compile(r"[0-9a-f]{6,8}")


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """A rule that speaks of what was typed, and by what it does. `certain`: it is that very app, not one like it."""

    rule: Rule
    because: Text
    certain: bool


def would_be(policy: Policy, typed: str) -> tuple[RuleAnswer, ...]:
    """The rules that an app of this id, certificate, class or name would fall under, the surest first; none if none.

    A certificate may be given by SHA-256, SHA-1 or MD5, with or without colons, or by the short code of a listing.
    """
    text = typed.strip()
    if len(text) < SHORTEST:
        return ()
    answers: dict[tuple[str, bool], RuleAnswer] = {}
    for answer in (*_certain(policy, text), *_by_name(policy, text)):
        if all((answer.rule.id, certain) not in answers for certain in (True, answer.certain)):
            answers[answer.rule.id, answer.certain] = answer
    return tuple(sorted(answers.values(), key=lambda answer: not answer.certain))[:LIMIT]


def _certain(policy: Policy, text: str) -> Iterator[RuleAnswer]:
    """The rules that have the text as an id, as a certificate, or as the code of a class of that name."""
    digest = text.replace(":", "").lower()
    for platform in PLATFORMS:
        rule_index = index(policy, platform)
        for rule, id in rule_index.by_id(text):
            yield RuleAnswer(rule, T("{id} is the id of {product}.", id=id.id, product=id.product), certain=True)
        yield from _by_signer(rule_index, digest)
        for recognised in recognise(App("?", components=(text,)), rule_index):
            if any(e.kind is EvidenceKind.CODE for e in recognised.evidence):
                because = T("An app with this class has the code of {product}.", product=recognised.rule.product)
                yield RuleAnswer(recognised.rule, because, certain=True)


def _by_signer(rule_index: Index, digest: str) -> Iterator[RuleAnswer]:
    signers = rule_index.by_digest(digest) if _DIGEST.fullmatch(digest) else ()
    if _HASH.fullmatch(digest):
        signers = rule_index.by_hash(digest)
    for rule, _ in signers:
        yield RuleAnswer(
            rule, T("The maker of {product} signs with this certificate.", product=rule.product), certain=True
        )


def _by_name(policy: Policy, text: str) -> Iterator[RuleAnswer]:
    """The rules that have the text as a name of their product or of one of its apps, or as a part of a name or id."""
    needle = folded(text)
    if len(needle) < SHORTEST:
        return
    for rule in policy.rules:
        names = {folded(n) for n in (rule.product.en, rule.product.fr, *(label.text for label in rule.labels))}
        names |= {folded(n) for id in rule.ids for n in (id.product.en, id.product.fr)}
        if needle in names:
            yield RuleAnswer(rule, T("{product} goes by this name.", product=rule.product), certain=True)
        elif any(needle in name for name in names) or any(text.lower() in id.id.lower() for id in rule.ids):
            yield RuleAnswer(rule, T("{product} has this in one of its names.", product=rule.product), certain=False)
