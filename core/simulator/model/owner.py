"""The owner of a practice phone that is not ready: what the phone is like meanwhile, and what can be done to it.

An officer plays the owner's hand, act by act, until the phone is ready.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

from core.simulator.scenario_list import Begins
from core.text import T, Text


class Act(StrEnum):
    """What the owner, or for the computer its administrator, does."""

    SWITCH_ON = "switch-on-debugging"
    ADMIT = "install-rule"
    UNLOCK = "unlock"
    REPLUG = "plug-in-again"
    ALLOW = "allow"
    ENTER_PASSCODE = "enter-passcode"
    TRUST = "trust"


ACT_NAMES: Final[dict[Act, Text]] = {
    Act.SWITCH_ON: T("Switch on USB debugging on the practice phone"),
    Act.ADMIT: T("Let this computer open the practice phone"),
    Act.UNLOCK: T("Unlock the practice phone and keep it so"),
    Act.REPLUG: T("Unplug the practice phone and plug it in again"),
    Act.ALLOW: T("Tap Allow on the practice phone"),
    Act.ENTER_PASSCODE: T("Unlock the practice iPhone"),
    Act.TRUST: T("Tap Trust on the practice iPhone"),
}


class UsbAppearance(StrEnum):
    """How the phone is on the USB bus."""

    READY = "ready"
    CHARGING = "charging"
    NO_PERMISSION = "no-permission"
    AWAY = "away"


class Asks(Protocol):
    """The phone's question whether to allow a computer; see :class:`core.simulator.adb.server.AllowQuestion`."""

    @property
    def withdrawn(self) -> threading.Event: ...


#: How often a waiting question looks whether it was withdrawn (seconds).
_LOOK: Final = 0.05


class PracticeOwner:
    """Plays one owner. May be used from any thread."""

    def __init__(self, begins: Begins, changed: Callable[[], None] = lambda: None) -> None:
        """`changed` is told, on any thread, where the phone changes without an act: it was asked, and said no or
        locked its screen."""
        self._begins = begins
        self._changed = changed
        self._moved = threading.Condition()
        self._allowed = begins == "ready"
        #: It refuses, or locks, at the first question only.
        self._first = True
        self._refused = False
        self._appearance = {"debugging-off": UsbAppearance.CHARGING, "no-permission": UsbAppearance.NO_PERMISSION}.get(
            begins, UsbAppearance.READY
        )

    @property
    def appearance(self) -> UsbAppearance:
        with self._moved:
            return self._appearance

    @property
    def acts(self) -> tuple[Act, ...]:
        """What can be done to bring it nearer to ready; nothing once it is."""
        with self._moved:
            return self._acts()

    def _acts(self) -> tuple[Act, ...]:
        match self._appearance:
            case UsbAppearance.CHARGING:
                return (Act.SWITCH_ON,)
            case UsbAppearance.NO_PERMISSION:
                return (Act.ADMIT,)
            case UsbAppearance.AWAY:
                return (Act.UNLOCK,)
        if self._allowed or (self._begins in ("denies", "locks") and self._first):
            return ()
        return (Act.REPLUG,) if self._refused else (Act.ALLOW,)

    def perform(self, act: Act) -> None:
        """Do `act`. One that is not among `acts` any more does nothing: a button may be pressed late."""
        with self._moved:
            if act not in self._acts():
                return
            if act is Act.ALLOW:
                self._allowed = True
            elif act is Act.REPLUG:
                self._refused = False
            else:
                self._appearance = UsbAppearance.READY
            self._moved.notify_all()

    def answer(self, question: Asks) -> bool:
        """The owner's answer to the phone's question, once there is one; no if it is withdrawn before."""
        with self._moved:
            first, self._first = self._first, False
            if first and self._begins == "denies":
                self._refused = True
            elif first and self._begins == "locks":
                self._appearance = UsbAppearance.AWAY
            else:
                while not (self._allowed or question.withdrawn.is_set()):
                    self._moved.wait(_LOOK)
                return self._allowed
        self._changed()
        return False
