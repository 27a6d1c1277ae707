"""What is told beside every answer of a store, on the command line: that it is of practice, and what is missing."""

from __future__ import annotations

import argparse
from typing import Any, Final

from core.cli import terminal
from core.head_office.questions.remarks import Remarks, of_store
from core.head_office.store.store import read
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
        "gaps": [terminal.pick(gap, "log desk first last") for gap in remarks.gaps],
        "kept_apart": [terminal.pick(kept_apart, "log desk first last checks") for kept_apart in remarks.apart],
        "forks": [terminal.pick(fork, "log desk") for fork in remarks.forks],
    }


def of_days_as_json(remarks: Remarks) -> dict[str, Any]:
    """The remarks beside an answer about some days for machines."""
    return {**as_json(remarks), "erased_red": remarks.erased, "contradicted": remarks.contradictions}


def answer(options: argparse.Namespace, fields: dict[str, Any], *answer_lines: object, code: int = 0) -> int:
    """Answer as :func:`core.cli.terminal.answer` does, with the remarks about the store of the command."""
    remarks = of_store(read(options.store))
    return terminal.answer(options, fields | as_json(remarks), *answer_lines, *lines(remarks), code=code)
