"""Policies: which apps are banned, on whose word, and whether a phone has one of them.

:mod:`core.policy.format.policy_file` reads a policy from a file, :mod:`core.policy.matching.match` judges an inventory
with it. Nothing in here knows how a phone is read or where a finding is recorded.
"""

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
