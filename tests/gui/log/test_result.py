"""What a verification came to, in words: never more than is true."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core import text
from core.describe.verification import Tone, as_text, fault_about, verification_text
from core.ledger.verify.faults import Fault, FaultKind, Verification
from core.text import T

HOLDS = Verification("desk-4.example/1", 1_207, 402, 1_204, 0, False, datetime(2026, 11, 24, tzinfo=UTC), (), 0)
ALTERED = Fault(FaultKind.ALTERED, 17, 17, T("The entry was changed after it was written."))
CLOCK = Fault(FaultKind.CLOCK_BACK, 44, 45, T("The computer’s clock was set back before this entry."))


def titles(found: Verification) -> list[str]:
    return [str(part.title) for part in verification_text(found).parts]


def test_a_log_that_holds() -> None:
    result = verification_text(HOLDS)
    assert result.tone is Tone.GREEN
    assert str(result.headline) == "Nothing was changed, removed or reordered in the 1,204 sealed entries."


def test_what_is_not_covered_is_said_plainly() -> None:
    result = verification_text(HOLDS)
    limits = [f"{part.title}. {part.meaning}" for part in result.parts if part.limits]
    assert "nothing from outside was compared" in str(result.sentence)
    assert any("none" in said and "cut off at the end" in said for said in limits)
    assert any("the last 3 entries" in said for said in limits)
    assert any("only from this computer" in said and "replaced both the log and its keys" in said for said in limits)


def test_outside_copies_and_keys_lift_the_limits_that_they_lift() -> None:
    found = replace(HOLDS, outside=1_100, pinned=True, records=1_204)
    assert "Covered by the outside copies that you brought: 1,100 entries" in titles(found)
    assert "Keys: from outside, as you brought them" in titles(found)
    assert not [part for part in verification_text(found).parts if part.limits]


def test_a_break_is_red_whatever_else_holds() -> None:
    result = verification_text(replace(HOLDS, outside=1_204, pinned=True, faults=(ALTERED, CLOCK), count=2))
    assert result.tone is Tone.RED
    assert str(result.headline) == "The log does not match its seals: 1 break."
    assert not any("nothing was changed" in str(part.meaning) for part in result.parts)


def test_the_clock_is_a_warning_and_no_break() -> None:
    result = verification_text(replace(HOLDS, faults=(CLOCK,), count=1))
    assert result.tone is Tone.AMBER
    assert str(result.headline).startswith("Nothing was changed")
    assert "clock" in str(result.sentence)


@pytest.mark.parametrize(
    ("found", "tone", "words"),
    [
        (replace(HOLDS, records=0, sealed=0, seals=0), Tone.NEUTRAL, "The log is empty"),
        (replace(HOLDS, records=5, sealed=0, seals=0), Tone.AMBER, "Nothing is sealed yet"),
    ],
)
def test_a_log_of_which_little_can_be_said(found: Verification, tone: Tone, words: str) -> None:
    result = verification_text(found)
    assert (result.tone, str(result.headline)) == (tone, words)


def test_more_faults_than_are_listed_are_counted() -> None:
    result = verification_text(replace(HOLDS, faults=(ALTERED,) * 3, count=5_000, breaks=5_000))
    assert "5,000 breaks" in str(result.headline)
    assert result.further_count == 4_997


def test_which_records_a_fault_is_about() -> None:
    assert [str(fault_about(f)) for f in (ALTERED, CLOCK, replace(ALTERED, first=0, last=0))] == [
        "Entry 17",
        "Entries 44 to 45",
        "The whole log",
    ]


def test_the_result_as_text_has_everything_in_both_languages() -> None:
    found = replace(HOLDS, faults=(ALTERED,), count=3)
    whole = as_text(found, "2026-11-24 14:02", ("receipt.pdf",))
    for words in ("desk-4.example/1", "receipt.pdf", "Entry 17: The entry was changed", "altered", "And 2 more."):
        assert words in whole
    for part in verification_text(found).parts:
        assert str(part.title) in whole
        assert str(part.meaning) in whole
    text.use("fr")
    assert "1\N{NARROW NO-BREAK SPACE}204" in as_text(HOLDS, "", ())
