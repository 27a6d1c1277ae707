"""A failure that a user can meet, as opposed to a bug; and the end that a user wants."""

from __future__ import annotations

from core.text import Text


class Problem(Exception):  # noqa: N818 - a state of the world, told to people
    """The world's fault, not ours: one plain sentence and one next step, in both languages.

    Every failure that a user can meet is one. Anything else that is raised is a bug. A failure has a class of its own
    where some code does something else about it than about others; otherwise its `code` alone tells it from them.
    """

    #: What a script can test for; stable across versions.
    code: str = "problem"
    #: Exit code of the command line: 4 a phone's problem, 5 the ledger's or the policy's.
    exit_code: int = 4

    def __init__(
        self, sentence: Text, next_step: Text, detail: str = "", *, code: str = "", exit_code: int | None = None
    ) -> None:
        """`code` and `exit_code` are those of the class unless they are given."""
        super().__init__(sentence.message)
        self.code = code or self.code
        self.exit_code = self.exit_code if exit_code is None else exit_code
        self.sentence = sentence
        self.next_step = next_step
        #: What the machine said, in its own words; for the log, never needed to understand the sentence.
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.sentence} {self.next_step}"


class Cancelled(Exception):  # noqa: N818 - not an error: the officer pressed the button
    """The officer cancelled. What was already done stays done and is on record."""
