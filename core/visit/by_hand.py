"""What is left to do on the phone itself, one app at a time: no step of a computer can do it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.model import Check, Finding, Inventory
from core.phones.driver import Driver, Step
from core.phones.hand_kind import Doer, HandKind
from core.text import Text
from core.visit.journal import Journal


@dataclass(frozen=True, slots=True)
class ByHand:
    """A banned app that no computer removes: what is to be done, of which kind that is, and the step that opens the
    phone's screen for it, where a computer can.

    `then` is what is left of it once this is done, where no quick look sees that.
    """

    finding: Finding
    instruction: Text
    kind: HandKind
    screen: Step | None
    then: ByHand | None = None

    @property
    def doer(self) -> Doer:
        """Who can do it."""
        return self.kind.doer

    @property
    def is_seen_going(self) -> bool:
        """Whether a quick look can see that the app is gone."""
        return self.finding.profile.readable and self.kind is not HandKind.ARCHIVED


def by_hand(check: Check, driver: Driver, journal: Journal) -> tuple[ByHand, ...]:
    """Everything in `check` that makes the phone red and that no step can remove, after what was tried in the visit:
    first what the holder can do now."""
    items = []
    for finding in check.red:
        tried = journal.tried(finding)
        if journal.has(finding) and driver.next_step(finding, check.inventory, tried) is None:
            items.append(_item(finding, check.inventory, driver, journal))
    return tuple(sorted(items, key=lambda item: item.doer is not Doer.HOLDER))


def _item(finding: Finding, inventory: Inventory, driver: Driver, journal: Journal) -> ByHand:
    tried = journal.tried(finding)
    kind = driver.hand_kind(finding, inventory, tried)
    then = None
    if kind is HandKind.DEVICE_ADMIN:
        admins = tuple(admin for admin in inventory.admins if admin.package != finding.app.package)
        then = _item(finding, replace(inventory, admins=admins), driver, journal)
    instruction = driver.by_hand(finding, inventory, tried)
    return ByHand(finding, instruction, kind, driver.settings_screen(finding, inventory, tried), then)
