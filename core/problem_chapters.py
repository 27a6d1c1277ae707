"""What a problem's code means, what to do, and which chapter of the manual says more; and what protects a phone.

The codes are data, in ``resources/problems.toml``: one row each, in both languages. A start knows the chapters about
protections without the manual (:mod:`core.manual`), and reads the rows only when a problem is met. The file belongs to
the program: one that makes no sense is a bug and raises ValueError, never a Problem.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from core.text import Bilingual

#: The chapter about what protects a phone and is in the way.
PROTECTIONS: Final = "troubleshooting#a-protection-of-the-phone-stands-in-the-way"
#: The chapter that says more about a signal of a phone's health, by the signal's name.
ABOUT_SIGNALS: Final = dict.fromkeys(("advanced-protection", "usb-protection", "auto-blocker"), PROTECTIONS)
#: Not through importlib.resources, which a start would have to load.
_ROWS: Final = Path(__file__).resolve().parents[1] / "resources" / "problems.toml"
#: Codes that are named where one was mistyped.
_NEAR: Final = 5


class ProblemRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What there is to say of a problem by its code alone. `chapter` is an anchor of the manual."""

    chapter: str
    meaning: Bilingual
    next_step: Bilingual


@cache
def problem_rows() -> Mapping[str, ProblemRow]:
    """The row of every code, chapter by chapter."""
    return msgspec.toml.decode(_ROWS.read_bytes(), type=dict[str, ProblemRow])


def chapter_about(code: str) -> str:
    """The chapter about a problem with this code. Raises KeyError for a code of no problem."""
    return problem_rows()[code].chapter


def near_codes(typed: str) -> list[str]:
    """The codes that are most like what was typed: those that contain it, or those that look like it; at most five."""
    codes, word = list(problem_rows()), typed.casefold()
    containing = [code for code in codes if word in code] if word else []
    alike = difflib.get_close_matches(word, codes, _NEAR, 0.6)
    return list(dict.fromkeys([*alike, *containing]))[:_NEAR]
