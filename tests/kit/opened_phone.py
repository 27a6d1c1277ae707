"""A visit's phone that is open already, with a policy and a log of the test's, and no desk around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo

from core.desk.app_names import AppNames
from core.desk.serial_numbers import SerialNumbers
from core.jobs import Cancel
from core.ledger.reader import LedgerReader
from core.ledger.writer import Ledger
from core.model import Phone, Policy
from core.phones.driver import Driver
from core.system.local_zone import system_zone
from core.text import Text


@dataclass(frozen=True)
class OpenedPhone:
    """A phone that is open already; the source of one visit."""

    driver: Driver
    fixed_policy: Policy
    open_ledger: Ledger
    names: AppNames | None = None
    reopens: bool = False
    serials: SerialNumbers = field(default_factory=SerialNumbers)
    zone: tzinfo = field(default_factory=system_zone)

    @property
    def practice(self) -> bool:
        return self.driver.practice

    def policy(self) -> Policy:
        return self.fixed_policy

    def open(self, cancel: Cancel, on_ask: Callable[[str], None]) -> Driver:
        return self.driver

    def ledger(self, practice: bool, policy: Policy) -> Ledger:
        return self.open_ledger

    def listed_otherwise(self, ledger: LedgerReader, phone: Phone, tag: str) -> Text | None:
        return None

    def is_blind(self, ledger: LedgerReader, phone: Phone) -> bool:
        return False

    def close(self) -> None:
        self.driver.close()
