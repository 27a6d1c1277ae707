"""What an officer saw on the phone itself where a computer could not look, and what becomes of the visit's verdict.

The check's verdict stays what it is. By the officer's word the visit turns red; and only where the policy lets such a
word count for a kind of profile, or demands it, and nothing else kept it amber, it turns green.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.ledger import records
from core.ledger.records.visit import LIST_LIMIT, WORDS_LIMIT
from core.model import Attested, Check, Profile, Verdict


def unseen(check: Check) -> tuple[Profile, ...]:
    """The profiles of the phone that a check could not read."""
    return tuple(profile for profile in check.inventory.profiles if not profile.readable)


def to_look_into(check: Check) -> tuple[Profile, ...]:
    """Where an officer can look: those, and the places of which it is not known whether a computer sees them."""
    return (*unseen(check), *(place.profile for place in check.inventory.places))


def look_record(check: Check, entry: int, answer: Attested, rules: Sequence[str], note: str) -> records.Attestation:
    """The record that an officer looked on the phone after `check`, whose own record is `entry`.

    `rules` are those that name the banned apps that were seen. ValueError where an answer makes no sense.
    """
    seen_rules = [rule for id in dict.fromkeys(rules) if (rule := check.policy.rule(id)) is not None]
    if bool(rules) != (answer is Attested.APP_SEEN) or len(seen_rules) != len(set(rules)):
        raise ValueError("the apps that were seen go with the answer that one was, by rules of the policy")
    profiles = to_look_into(check)[:LIST_LIMIT]
    counted = counting(check) if answer is Attested.NOTHING_SEEN else ()
    return records.Attestation(
        answer=answer,
        products=tuple(rule.product for rule in seen_rules[:LIST_LIMIT]),
        rules=tuple(rule.id for rule in seen_rules[:LIST_LIMIT]),
        verdict=_verdict(check, answer, counted),
        profiles=tuple(profile.id for profile in profiles),
        profile_kinds=tuple(str(profile.kind) for profile in profiles),
        counted=counted,
        note=records.Personal(note.strip()[:WORDS_LIMIT]),
        check=entry,
    )


def counting(check: Check) -> tuple[int, ...]:
    """What counts as seen once an officer has looked through it, by the policy of the check: the kinds of which it says
    so, and the places where it demands that look."""
    counts, demanded = check.policy.attested or (), {gap.profile for gap in check.demanded}
    return tuple(
        profile.id for profile in to_look_into(check)[:LIST_LIMIT] if profile.kind in counts or profile.id in demanded
    )


def _verdict(check: Check, answer: Attested, counted: Sequence[int]) -> Verdict:
    if answer is Attested.APP_SEEN:
        return Verdict.RED
    # Judged anew without the gaps that the word closes: whatever else keeps a check from green still does.
    inventory, counts = check.inventory, check.policy.attested or ()
    # A demand lets the word close what the demand itself opened: no gap of the reading.
    closed = {profile.id for profile in unseen(check) if profile.id in counted and profile.kind in counts}
    open_gaps = tuple(gap for gap in inventory.gaps if gap.profile not in closed)
    places = tuple(place for place in inventory.places if place.profile.id not in counted)
    return replace(check, inventory=replace(inventory, gaps=open_gaps, places=places)).verdict
