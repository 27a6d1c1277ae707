"""Policies laid on each other: a built-in one below, a department's on it, a desk's own rules on top.

The higher one adds rules, replaces a rule by another with the same id, and switches rules off. So it does with what
holds other apps, which has ids as rules have; where services are on the web, all layers say together. It can shorten
the time for which exceptions may be granted, but not lengthen it. It can demand more looks on the phone itself, but not
fewer; a word to the holder before each removal, more evidence of what was there before it, and that management blocks
banned apps, but not lift such a demand. It can set other bounds for a phone's health, and have more of its signals
decide, but not fewer. The whole is believed as little as its least believed part.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from core.model import Layer, Policy, Rule, Trust

#: From the most to the least.
_BELIEVED: Final = (Trust.BUILT_IN, Trust.SIGNED, Trust.MACHINE, Trust.UNSIGNED)

#: The last that was put together: it is asked for with every check of every phone, and is made ready for matching once.
_last: list[tuple[Policy, Policy, Policy]] = []


def lay(lower: Policy, upper: Policy) -> Policy:
    """`upper` on `lower`, as one policy."""
    for below, above, whole in _last:
        if below is lower and above is upper:
            return whole
    whole = _laid(lower, upper)
    _last[:] = [(lower, upper, whole), *_last[:3]]
    return whole


def layers(policy: Policy) -> tuple[Layer, ...]:
    """The files that a policy was made of; itself, where it is one file."""
    return policy.layers or (Layer(policy.id, policy.version, policy.sha256, policy.source, policy.trust),)


def unknown_off(lower: Policy, upper: Policy) -> tuple[str, ...]:
    """What `upper` switches off although `lower` has no such rule: perhaps it was renamed, and bans again."""
    ids = {*(rule.id for rule in lower.rules), *(container.id for container in lower.containers)}
    return tuple(id for id in upper.off if id not in ids)


def _laid(lower: Policy, upper: Policy) -> Policy:
    """`upper` on `lower`: see the head of this module for what each of them decides."""
    replaced = {*upper.off, *(rule.id for rule in upper.rules)}
    covered = {*upper.off, *(container.id for container in upper.containers)}
    lower_rules = tuple(rule for rule in lower.rules if rule.id not in replaced)
    parts = (*layers(lower), *layers(upper))
    digest = hashlib.sha256("\n".join(part.sha256 for part in parts).encode()).hexdigest()
    return Policy(
        id=f"{lower.id}+{upper.id}",
        version=f"{lower.version}+{upper.version}",
        issued=max(lower.issued, upper.issued),
        title=lower.title if not upper.rules or lower_rules else upper.title,
        scope=lower.scope,
        rules=(*lower_rules, *(_scoped(rule, lower, upper) for rule in upper.rules)),
        sha256=digest,
        source=f"{lower.source}+{upper.source}",
        trust=max(lower.trust, upper.trust, key=_BELIEVED.index),
        layers=parts,
        off=tuple(dict.fromkeys((*lower.off, *upper.off))),
        exception_days=min(lower.exception_days, upper.exception_days),
        attested=lower.attested if upper.attested is None else upper.attested,
        demanded=tuple(dict.fromkeys((*lower.demanded, *upper.demanded))),
        keep_debugging=lower.keep_debugging if upper.keep_debugging is None else upper.keep_debugging,
        confirm_told=lower.confirm_told or upper.confirm_told,
        demand_blocked=lower.demand_blocked or upper.demand_blocked,
        evidence_last_used=lower.evidence_last_used or upper.evidence_last_used,
        evidence_copies=lower.evidence_copies or upper.evidence_copies,
        health=upper.health.over(lower.health),
        containers=(*(container for container in lower.containers if container.id not in covered), *upper.containers),
        web=tuple(dict.fromkeys((*lower.web, *upper.web))),
    )


def _scoped(rule: Rule, lower: Policy, upper: Policy) -> Rule:
    """A rule of the upper policy, with the scope of that policy where the lower one has another."""
    return rule if rule.scope is not None or upper.scope == lower.scope else replace(rule, scope=upper.scope)
