"""What is assumed of reading an Android phone's files whole, of its own hashes of them, and of when apps were used."""

from __future__ import annotations

from typing import Final

from core.phones.android.files.app_evidence import hashes_of
from core.phones.assumptions.android_facts import AndroidFacts
from core.phones.assumptions.assumption import (
    NO_ANSWER,
    NOTHING,
    OTHER_SYSTEM,
    Assumption,
    TrialResult,
    Untried,
    accounted,
    aosp,
    published,
    result,
    untried,
)
from core.text import T

_EVIDENCE: Final = ("android/files/app_evidence.py",)
#: The first API level whose phones have the program for hashes.
_SUMS_SINCE: Final = 26


def _sums(facts: AndroidFacts) -> TrialResult:
    if (whole := facts.whole_file) is None:
        return NOTHING if facts.files else NO_ANSWER
    if facts.sdk < _SUMS_SINCE:
        return OTHER_SYSTEM
    lines, code = whole.sums
    account = hashes_of(lines, [whole.path])
    if code != 0 or not account.value:
        return result(False, code=code, lines=len(lines))
    return accounted(account.left, files=len(account.value))


def _whole(facts: AndroidFacts) -> TrialResult:
    if (whole := facts.whole_file) is None or not whole.sha256:
        return NOTHING if facts.files else NO_ANSWER
    numbers = {"bytes": whole.bytes, "expected": whole.size, "seconds": round(whole.seconds, 2)}
    if not whole.given or whole.bytes != whole.size:
        return result(False, **numbers)
    phones_own = hashes_of(whole.sums[0], [whole.path]).value.get(whole.path, whole.sha256)
    return result(phones_own == whole.sha256, **numbers, same_hash=int(phones_own == whole.sha256))


ROWS: Final[tuple[Assumption[AndroidFacts], ...]] = (
    Assumption(
        "evidence.sums",
        T("The phone itself gives the fingerprint of a file in a known form (since Android 8)."),
        published("toybox, sha256sum"),
        _EVIDENCE,
        _sums,
    ),
    Assumption(
        "evidence.whole",
        T("A file comes whole over ADB’s file service, with the fingerprint that the phone gives of it."),
        aosp("packages/modules/adb, file_sync_protocol.h"),
        (*_EVIDENCE, "android/link/file_service.py"),
        _whole,
    ),
    Assumption(
        "evidence.last-used",
        T("The phone tells when an app was last used, in a known form."),
        aosp("frameworks/base, UserUsageStatsService.java"),
        ("android/listings/usage.py",),
        lambda facts: untried(Untried.PRIVATE),
    ),
)
