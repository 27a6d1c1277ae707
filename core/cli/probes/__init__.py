"""What ``fanion self-test`` tries, a function for each part: it says what it found, or raises what is wrong.

A module is loaded when its part is tried: a library that is missing is then a line of the report, not its end.
"""

from __future__ import annotations

from core.problem import Problem
from core.text import T, Text


class Lacking(Problem):
    """Part of the installation, or of the computer, is not as Fanion needs it."""

    code = "lacking"
    exit_code = 1


def again() -> Text:
    """What to do where files of Fanion's own are missing or damaged."""
    return T("Install Fanion again.")
