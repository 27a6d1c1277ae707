"""What is wrong with a policy: the failure of everything in :mod:`core.policy`."""

from __future__ import annotations

from core.model import Problem
from core.text import Text


class PolicyProblem(Problem):
    """A policy file cannot be used. `line` is the line of the fault, from 1; None where it is not about a line."""

    code = "policy"
    exit_code = 5

    def __init__(self, sentence: Text, next_step: Text, detail: str = "", line: int | None = None) -> None:
        super().__init__(sentence, next_step, detail)
        self.line = line
