"""The ten lessons, in their order, and the policy that judges their phones."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from core.lessons.first_lessons import FIRST
from core.lessons.later_lessons import LATER
from core.lessons.lesson import Lesson
from core.policy.format import policy_file

LESSONS: Final[tuple[Lesson, ...]] = (*FIRST, *LATER)
#: The policy that judges the practice phones of the lessons, whatever is in force at the desk: by another one a phone
#: that a lesson needs red could be green.
POLICY: Final = "canada"


def lesson(number: int) -> Lesson:
    """The lesson with this number, from 1. Raises KeyError for none."""
    if not 1 <= number <= len(LESSONS):
        raise KeyError(number)
    return LESSONS[number - 1]


@lru_cache(maxsize=1)
def judged_by() -> str:
    """The policy of the lessons with its version, in one word each."""
    policy = policy_file.load_built_in(POLICY)
    return f"{policy.id} {policy.version}"
