"""From where a visit has its phone, the policy that judges it, and the log that it is recorded in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from core import capture, guides, simulator
from core.desk.app_names import AppNames
from core.desk.desk import Desk
from core.desk.serial_numbers import SerialNumbers
from core.desk.settings.time_zone import zone_of
from core.jobs import Cancel
from core.model import Check, Finding, Phone, Policy, Strength, platforms
from core.phones.driver import Driver
from core.phones.states import PhoneState
from core.phones.watch import Road, Sighting
from core.simulator import scenario_list
from core.text import Text

# What ADB and the log need is loaded with the first phone, and what practice needs with its first one.
if TYPE_CHECKING:
    from core.capture.capture_file import Capture
    from core.ledger.reader import LedgerReader
    from core.ledger.writer import Ledger
    from core.simulator import IphoneHolder, MuxServer, PracticeIphone, PracticeOwner, PracticeServer
    from core.simulator.adb.server import AnswerTo


class PhoneSource(Protocol):
    """What a visit needs of the world around it."""

    @property
    def reopens(self) -> bool:
        """Whether the phone can be opened anew once its connection was lost."""

    @property
    def practice(self) -> bool:
        """Whether it is known to be a practice phone before it is opened."""

    @property
    def names(self) -> AppNames | None:
        """What apps are called, as far as this computer has met them."""

    @property
    def serials(self) -> SerialNumbers:
        """The serial numbers of the phones that are at the desk with this one."""

    @property
    def zone(self) -> tzinfo:
        """The department's time zone, in which an exception has its last day."""

    def listed_otherwise(self, ledger: LedgerReader, phone: Phone, tag: str) -> Text | None:
        """Why the phone does not have this asset tag, by a list of the department's; None where no list says so.

        Raises LedgerProblem.
        """

    def is_blind(self, ledger: LedgerReader, phone: Phone) -> bool:
        """Whether this is a second look, at which the officer is not to see how the first one ended. Raises Problem."""

    def policy(self) -> Policy:
        """The policy that judges the phone now. Raises Problem."""

    def open(self, cancel: Cancel, on_ask: Callable[[str], None]) -> Driver:
        """The opened phone. `on_ask` is told the fingerprint of the key that the phone asks about.

        Raises PhoneProblem, Cancelled.
        """

    def ledger(self, practice: bool, policy: Policy) -> Ledger:
        """The log, in which it is written that phones are judged by `policy` from now on. Raises LedgerProblem."""

    def close(self) -> None:
        """The phone will not be opened again."""


class DeskPhone(ABC):
    """A phone at a desk: judged by the policy in force there, recorded in its log, and opened anew where need be."""

    reopens = True
    practice = False
    #: As what it was sighted, where it was.
    sighting: Sighting | None = None

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def platform(self) -> str:
        """``android`` or ``ios``, as far as that is known before it is opened."""
        return self.sighting.platform if self.sighting is not None else "android"

    @cached_property
    def names(self) -> AppNames:
        return self.desk.names

    @property
    def serials(self) -> SerialNumbers:
        return self.desk.serials

    @property
    def zone(self) -> tzinfo:
        return zone_of(self.desk.settings.time_zone)

    def policy(self) -> Policy:
        if self.desk.fault is not None:
            raise self.desk.fault
        return self.desk.policy(None)

    @abstractmethod
    def open(self, cancel: Cancel, on_ask: Callable[[str], None]) -> Driver: ...

    def ledger(self, practice: bool, policy: Policy) -> Ledger:
        return self.desk.hold_ledger(practice, policy)

    def listed_otherwise(self, ledger: LedgerReader, phone: Phone, tag: str) -> Text | None:
        from core.rounds.roster.listed_tags import objection  # few phones are excepted by their asset tag

        return objection(ledger, self.desk.data, phone.serial, tag, practice=phone.practice)

    def is_blind(self, ledger: LedgerReader, phone: Phone) -> bool:
        # Most desks never draw.
        from core.desk.papers.round_days import round_day, round_zone
        from core.rounds.recheck import is_drawn

        today, zone = round_day(self.desk), round_zone(self.desk)
        return is_drawn(ledger, self.desk.data, phone.serial, today, zone, practice=phone.practice)

    def close(self) -> None:  # noqa: B027 - most phones leave nothing behind
        pass


class OpenedPhone(DeskPhone):
    """A phone that is open already, for one visit: neither its policy nor its log changes."""

    reopens = False

    def __init__(self, desk: Desk, driver: Driver, policy: Policy, ledger: Ledger) -> None:
        super().__init__(desk)
        self._driver, self._policy, self._ledger = driver, policy, ledger
        self.practice = driver.practice

    def policy(self) -> Policy:
        return self._policy

    def open(self, cancel: Cancel, on_ask: Callable[[str], None]) -> Driver:
        return self._driver

    def ledger(self, practice: bool, policy: Policy) -> Ledger:
        return self._ledger

    def close(self) -> None:
        self._driver.close()


class Plugged(DeskPhone):
    """A phone that was sighted."""

    def __init__(self, desk: Desk, sighting: Sighting) -> None:
        super().__init__(desk)
        self.sighting: Sighting = sighting

    def open(self, cancel: Cancel, on_ask: Callable[[str], None]) -> Driver:
        return self.desk.reach.phone(self.sighting, cancel, on_ask)


class Practice(DeskPhone):
    """A practice phone, which is made when it is opened first.

    One that is not ready has an `owner`, who is played act by act, and is sighted as a real phone would be. What is
    done on a phone by hand is played, too.
    """

    practice = True

    def __init__(
        self,
        desk: Desk,
        scenario: str,
        pace: float = 1.0,
        owner: PracticeOwner | IphoneHolder | None = None,
        judged_by: str = "",
    ) -> None:
        """`pace` multiplies the time that the phone takes for its answers. `judged_by` is the name of a policy that
        comes with Fanion; empty is that in force at the desk."""
        super().__init__(desk)
        self._judged_by = judged_by
        self._scenario = scenario
        self._pace = pace
        self.owner = owner
        self.server: PracticeServer | None = None
        self._mux: MuxServer | None = None
        self._iphone: PracticeIphone | None = None

    @property
    def platform(self) -> str:
        return scenario_list.platform(self._scenario)

    def policy(self) -> Policy:
        return self.desk.policy(self._judged_by, practice=True) if self._judged_by else super().policy()

    def open(self, cancel: Cancel, on_ask: Callable[[str], None]) -> Driver:
        opened = {"adb": self._open_android, "usbmux": self._open_iphone}
        return opened[platforms.of(self.platform).protocol](cancel, on_ask)

    def _open_android(self, cancel: Cancel, on_ask: Callable[[str], None]) -> Driver:
        if self.server is None:
            owner = self.owner
            answer: AnswerTo = owner.answer if isinstance(owner, simulator.PracticeOwner) else "allow"
            self.server = simulator.PracticeServer(simulator.load(self._scenario), answer=answer, pace=self._pace)
        return self.desk.reach.address("127.0.0.1", self.server.port, cancel, on_ask)

    def _open_iphone(self, cancel: Cancel, on_ask: Callable[[str], None]) -> Driver:
        if self._mux is None:
            if isinstance(self.owner, simulator.IphoneHolder):
                self._iphone = self.owner.phone
            else:
                self._iphone = simulator.PracticeIphone(simulator.load_iphone(self._scenario))
            self._mux = simulator.MuxServer(self._iphone, pace=self._pace)
        return self.desk.reach.iphones.open_through(
            ("127.0.0.1", self._mux.port), "", cancel, lambda: on_ask(""), may_ask=True, practice=True
        )

    def look(self, key: str) -> Sighting | None:
        """What the watch would see of one that is not ready, under `key`; None while it is away."""
        if self.owner is None or self.owner.appearance is simulator.UsbAppearance.AWAY:
            return None
        if isinstance(self.owner, simulator.IphoneHolder):
            serial = scenario_list.serial(self._scenario)
            return Sighting(key, serial, "", PhoneState.READY, Road.USB, maker="apple", platform="ios")
        device = simulator.load(self._scenario).device
        states = {
            simulator.UsbAppearance.CHARGING: PhoneState.CHARGING,
            simulator.UsbAppearance.NO_PERMISSION: PhoneState.NO_PERMISSION,
        }
        state = states.get(self.owner.appearance, PhoneState.READY)
        return Sighting(key, device.serial, "", state, Road.USB, maker=guides.maker_of(0, device.maker))

    def can_remove_by_hand(self, finding: Finding) -> bool:
        """Whether the phone's holder, who is played, can remove this app on the phone itself."""
        package, profile = finding.app.package, finding.profile.id
        if self._iphone is not None:
            return self._iphone.can_remove_by_hand(package)
        return self.server is not None and self.server.phone.can_remove_by_hand(package, profile)

    def has_app(self, finding: Finding) -> bool:
        """Whether the practice phone has this app, as its holder would see it."""
        package, profile = finding.app.package, finding.profile.id
        if self._iphone is not None:
            return package in self._iphone.installed()
        return self.server is not None and self.server.phone.is_in_use(package, profile)

    def remove_by_hand(self, finding: Finding) -> None:
        """Have the phone's holder, who is played, remove this app on the phone itself. What cannot be does nothing."""
        if not self.can_remove_by_hand(finding):
            return
        if self._iphone is not None:
            self._iphone.remove(finding.app.package)
        elif self.server is not None:
            self.server.phone.remove_by_hand(finding.app.package, finding.profile.id)

    def shown_by_holder(self, check: Check) -> tuple[str, ...]:
        """The rules of the banned products that the phone's holder, who is played, shows where a check decides nothing:
        apps in a profile that is closed to computers, those that another app holds, and what was found and is no ban
        by itself."""
        phone = self.server.phone if self.server is not None else None
        closed = [number for number, profile in phone.profiles.items() if profile.closed] if phone is not None else []
        hidden = {app for number in closed for app in phone.installed(number)} if phone is not None else set()
        hidden |= phone.held() if phone is not None else set()
        rules_found = {finding.rule for finding in check.findings if not finding.is_ban}
        bans = [rule for rule in check.policy.rules if rule.strength is Strength.BAN]
        return tuple(
            rule.id for rule in bans if rule.id in rules_found or hidden & {of_rule.id for of_rule in rule.ids}
        )

    def close(self) -> None:
        if self.server is not None:
            self.server.close()
            self.server = None
        if self._mux is not None:
            self._mux.close()
            self._mux = None


class Captured(DeskPhone):
    """A practice phone that answers as the phone of a capture did."""

    practice = True

    def __init__(self, desk: Desk, captured: Capture) -> None:
        super().__init__(desk)
        self._capture = captured

    @property
    def platform(self) -> str:
        return self._capture.head.platform

    def open(self, cancel: Cancel, on_ask: Callable[[str], None]) -> Driver:
        return capture.playing.opened(self._capture)
