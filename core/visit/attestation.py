"""What an officer saw on the phone itself where a computer could not look, and what becomes of the visit's verdict.

The check's verdict stays what it is. By the officer's word the visit turns red; and only where the policy lets such a
word count for a kind of profile, and nothing else kept it amber, it turns green.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.ledger import records
from core.ledger.records.visit import LIST_LIMIT, WORDS_LIMIT
from core.model import Attested, Check, Policy, Profile, ProfileKind, Verdict


def unseen(check: Check) -> tuple[Profile, ...]:
    """The profiles of the phone that a check could not read."""
    return tuple(profile for profile in check.inventory.profiles if not profile.readable)


def looked(check: Check, entry: int, answer: Attested, rules: Sequence[str], note: str) -> records.Looked:
    """The record that an officer looked on the phone after `check`, whose own record is `entry`.

    `rules` are those that name the banned apps that were seen. ValueError where an answer makes no sense.
    """
    named = [rule for id in dict.fromkeys(rules) if (rule := check.policy.rule(id)) is not None]
    if bool(rules) != (answer is Attested.APP_SEEN) or len(named) != len(set(rules)):
        raise ValueError("the apps that were seen go with the answer that one was, by rules of the policy")
    profiles = unseen(check)[:LIST_LIMIT]
    counted = counting(check) if answer is Attested.NOTHING_SEEN else ()
    return records.Looked(
        answer=answer,
        products=tuple(rule.product for rule in named[:LIST_LIMIT]),
        rules=tuple(rule.id for rule in named[:LIST_LIMIT]),
        verdict=_verdict(check, answer, counted),
        profiles=tuple(profile.id for profile in profiles),
        profile_kinds=tuple(str(profile.kind) for profile in profiles),
        counted=counted,
        note=records.Personal(note.strip()[:WORDS_LIMIT]),
        check=entry,
    )


def counting(check: Check) -> tuple[int, ...]:
    """The unread profiles that count as seen once an officer has looked through them, by the policy of the check."""
    return tuple(profile.id for profile in unseen(check)[:LIST_LIMIT] if profile.kind in _kinds(check.policy))


def _kinds(policy: Policy) -> tuple[ProfileKind, ...]:
    return policy.attested or ()


def _verdict(check: Check, answer: Attested, counted: Sequence[int]) -> Verdict:
    if answer is Attested.APP_SEEN:
        return Verdict.RED
    # Judged anew without the gaps that the word closes: whatever else keeps a check from green still does.
    inventory = check.inventory
    left = tuple(gap for gap in inventory.gaps if gap.profile is None or gap.profile not in counted)
    return replace(check, inventory=replace(inventory, gaps=left)).verdict
