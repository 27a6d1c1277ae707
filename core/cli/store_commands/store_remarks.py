"""What is told beside every answer of a store, on the command line: that it is of practice, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from core.cli import terminal
from core.head_office.questions.remarks import Remarks
from core.head_office.store.stretches import Fork, KeptApart, LogGap
from core.text import N

#: Lines for people; `--json` has all of them.
_MOST: Final = 20


def lines(remarks: Remarks) -> list[object]:
    """The remarks for people: no more than they can read."""
    sentences = remarks.sentences
    shown_lines: list[object] = [f"! {sentence}" for sentence in sentences[:_MOST]]
    if (remaining := len(sentences) - _MOST) > 0:
        shown_lines.append(
            N(
                "! and {count} more of these: --json has them all",
                "! and {count} more of these: --json has them all",
                remaining,
            )
        )
    return shown_lines


def as_json(remarks: Remarks) -> dict[str, Any]:
    """The remarks about a whole store for machines."""
    return {
        "practice": remarks.practice,
        "gaps": gaps_as_json(remarks.gaps),
        "kept_apart": apart_as_json(remarks.apart),
        "forks": forks_as_json(remarks.forks),
    }


def of_days_as_json(remarks: Remarks) -> dict[str, Any]:
    """The remarks beside an answer about some days for machines."""
    return {**as_json(remarks), "erased_red": remarks.erased, "contradicted": remarks.contradictions}


def gaps_as_json(gaps: Iterable[LogGap]) -> list[dict[str, Any]]:
    """The entries that were never brought."""
    return [terminal.pick(gap, "log desk first last") for gap in gaps]


def apart_as_json(apart: Iterable[KeptApart]) -> list[dict[str, Any]]:
    """The entries that are kept apart behind them."""
    return [terminal.pick(kept_apart, "log desk first last checks") for kept_apart in apart]


def forks_as_json(forks: Iterable[Fork]) -> list[dict[str, Any]]:
    """The logs of which two histories were brought."""
    return [terminal.pick(fork, "log desk") for fork in forks]
