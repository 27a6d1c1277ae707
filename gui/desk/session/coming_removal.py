"""The seconds between the press that removes apps and the removal itself, in which an officer can stop it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the window is seen before the journal of a visit is loaded
    from core.visit.journal import FindingKey

#: Milliseconds; tests have shorter ones.
SECOND = 1_000


@dataclass(frozen=True, slots=True)
class ComingRemoval:
    """A removal that begins by itself when its `seconds` are over: nothing of it is recorded or sent before.

    `count` is of the products that are removed, `off` of those among them that are only switched off; `since` is when
    it was asked for (`time.monotonic`).
    """

    #: The key of its phone.
    phone: str
    findings: frozenset[FindingKey]
    count: int
    off: int
    seconds: int
    since: float

    @property
    def milliseconds(self) -> int:
        """How long it waits in all."""
        return self.seconds * SECOND

    @property
    def share(self) -> float:
        """How much of its time is over, 0 to 1."""
        whole = self.milliseconds / 1_000
        return min((time.monotonic() - self.since) / whole, 1.0) if whole else 1.0
