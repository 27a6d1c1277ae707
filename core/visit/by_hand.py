"""What is left to do on the phone itself, one app at a time: no step of a computer can do it."""

from __future__ import annotations

from dataclasses import dataclass

from core.model import Check, Finding
from core.phones.driver import Driver, Step
from core.text import Text
from core.visit.journal import Journal


@dataclass(frozen=True, slots=True)
class ByHand:
    """A banned app that its owner or the officer removes on the phone: what to do, and the step that opens the phone's
    screen for it, where a computer can."""

    finding: Finding
    instruction: Text
    screen: Step | None


def by_hand(check: Check, driver: Driver, journal: Journal) -> tuple[ByHand, ...]:
    """Everything in `check` that makes the phone red and that no step can remove, after what was tried in the visit."""
    items = []
    for finding in check.red:
        tried = journal.tried(finding)
        if journal.has(finding) and driver.next_step(finding, check.inventory, tried) is None:
            instruction = driver.by_hand(finding, check.inventory, tried)
            items.append(ByHand(finding, instruction, driver.settings_screen(finding, check.inventory, tried)))
    return tuple(items)
