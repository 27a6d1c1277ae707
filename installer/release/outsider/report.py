"""What an outsider writes down: rows of the same form as `installer.release.rows`, which an outsider does not have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

State = Literal["verified", "failed", "not tried"]


class NotInOrder(Exception):  # noqa: N818 - what is wrong, in a sentence, after which nothing more of it is looked at
    """Something is not what it says that it is."""


class NotTried(Exception):  # noqa: N818 - no error: what this machine has no tool for
    """Something cannot be looked at on this machine: why."""


class Report:
    """The rows, in the order in which things were looked at."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []

    def add(self, subject: str, state: State, detail: str = "") -> None:
        self.rows.append({"subject": subject, "state": state, "detail": detail})

    @contextmanager
    def row(self, subject: str) -> Iterator[list[str]]:
        """One row: verified with the sentences that the block adds to the list, or what the block raises."""
        sentences: list[str] = []
        try:
            yield sentences
        except NotTried as reason:
            self.add(subject, "not tried", str(reason))
        except Exception as problem:  # what is damaged may be wrong in any way, and the rest is looked at all the same
            about = str(problem) if isinstance(problem, NotInOrder) else f"{type(problem).__name__}: {problem}"
            self.add(subject, "failed", about)
        else:
            self.add(subject, "verified", " ".join(sentences))

    @property
    def failed(self) -> bool:
        return any(row["state"] == "failed" for row in self.rows)

    def text(self) -> str:
        return json.dumps(self.rows, ensure_ascii=False)
