"""What is assumed of the answers in which an Android phone says who owns it, and what may not be done on it."""

from __future__ import annotations

from typing import Final

from core.phones.android.listings import management
from core.phones.assumptions.android_facts import AndroidFacts
from core.phones.assumptions.assumption import (
    NO_ANSWER,
    NOTHING,
    OTHER_SYSTEM,
    Assumption,
    TrialResult,
    accounted,
    aosp,
    result,
)
from core.text import T

_MANAGEMENT: Final = ("android/listings/management.py",)
#: The first API level whose lists of restrictions are read.
_READ_SINCE: Final = 26


def _owners(facts: AndroidFacts) -> TrialResult:
    if (part := facts.parts.get("admins")) is None:
        return NO_ANSWER
    account = management.owners(part.lines)
    return accounted(account.left, owners=len(account.value)) if facts.sdk >= _READ_SINCE else OTHER_SYSTEM


def _restrictions(facts: AndroidFacts) -> TrialResult:
    if (part := facts.parts.get("profiles")) is None:
        return NO_ANSWER
    account = management.restrictions(part.lines)
    numbers = {
        "users": len(account.value.restrictions),
        "by_owners": sum(len(each.by_owner) for each in account.value.restrictions.values()),
        "in_force": sum(len(each.effective) for each in account.value.restrictions.values()),
    }
    return accounted(account.left, **numbers) if facts.sdk >= _READ_SINCE else OTHER_SYSTEM


def _agree(facts: AndroidFacts) -> TrialResult:
    """Whether both answers name the same owners, where there is one."""
    policy, users = facts.parts.get("admins"), facts.parts.get("profiles")
    if policy is None or users is None:
        return NO_ANSWER
    answers = management.ManagementAnswers()
    answers.device_policy(policy.lines, 0)
    answers.user(users.lines, 0)
    reading = answers.reading
    if facts.sdk < _READ_SINCE:
        return OTHER_SYSTEM
    if reading is None or not reading.owners:
        return NOTHING
    return result(reading.clear, owners=len(reading.owners))


ROWS: Final[tuple[Assumption[AndroidFacts], ...]] = (
    Assumption(
        "management.owners",
        T("The phone names its owners before its administrators, in known lines."),
        aosp("frameworks/base, OwnersData.java"),
        _MANAGEMENT,
        _owners,
    ),
    Assumption(
        "management.restrictions",
        T("The phone lists for each user what may not be done: by its system, by owners, and in all."),
        aosp("frameworks/base, UserManagerService.java, UserRestrictionsUtils.java"),
        _MANAGEMENT,
        _restrictions,
    ),
    Assumption(
        "management.agree",
        T("Where the phone or a profile has an owner, two answers say so alike."),
        aosp("frameworks/base, UserManagerService.java"),
        _MANAGEMENT,
        _agree,
    ),
)
