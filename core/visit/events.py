"""What a visit tells while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.jobs import Progress
from core.model import Check, Finding, Identity, Phone
from core.phones.driver import Answer, Step


@dataclass(frozen=True, slots=True)
class AllowAsked:
    """The phone shows “Allow USB debugging?”, with this fingerprint of the desk's key."""

    fingerprint: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The phone is open and will be read now. `practice` tells whether it is a practice phone."""

    practice: bool


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a quick look found. A ban in it is there; that there is none says nothing yet."""

    phone: Phone
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class SoFar:
    """What is known while the apps' files are still being looked into. It is on record only once that has ended."""

    check: Check


@dataclass(frozen=True, slots=True)
class LookedInto:
    """An app's file was read."""

    identity: Identity


@dataclass(frozen=True, slots=True)
class StepBegins:
    """A step is on record and is now taken."""

    step: Step


@dataclass(frozen=True, slots=True)
class StepEnds:
    """The phone has answered to a step."""

    step: Step
    answer: Answer


Event = Progress | AllowAsked | Opened | Glimpse | SoFar | LookedInto | StepBegins | StepEnds
Listener = Callable[[Event], None]
