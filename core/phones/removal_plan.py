"""What a removal would do, and what it did: values that go from planning it to the page, the record and the papers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.model import Check, Finding
from core.phones.driver import Answer, Step
from core.phones.hand_kind import HandKind, android_kind
from core.text import Bilingual, T, Text, Value


@dataclass(frozen=True, slots=True)
class Planned:
    """What would be done about one finding: `steps` if the phone agrees, `otherwise` in turn as far as it refuses.

    `for_good`: no computer can put the app back afterwards. `by_hand` is what is left where there are no steps, and
    `screen` opens the phone's screen for it, where a computer can. `loses_data`: what the owner keeps in the app there
    (drafts, chats) is gone with it, and no undo brings it back.
    """

    finding: Finding
    steps: tuple[Step, ...]
    otherwise: tuple[Step, ...]
    for_good: bool
    by_hand: Text
    screen: Step | None = None
    loses_data: bool = False

    @property
    def only_switches_off(self) -> bool:
        """Whether the app stays on the phone, where it cannot be started then."""
        return bool(self.steps) and not self.steps[-1].act.startswith("uninstall")


def to_switch_off(findings: Iterable[Finding], plan: Iterable[Planned] = ()) -> frozenset[Bilingual]:
    """The products of which every app is only switched off by `plan`; where there is no plan yet, those that came with
    the phone."""
    planned = {(item.finding.rule, item.finding.app.package, item.finding.profile.id): item for item in plan}
    removed, off = set[Bilingual](), set[Bilingual]()
    for finding in findings:
        item = planned.get((finding.rule, finding.app.package, finding.profile.id))
        is_off = item.only_switches_off if item is not None else finding.app.system
        (off if is_off else removed).add(finding.product)
    return frozenset(off - removed)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that would be done, for the officer to see before it is."""

    check: Check
    items: tuple[Planned, ...]

    @property
    def loses(self) -> tuple[Finding, ...]:
        """The findings whose owner loses for good what is in the app: of these the owner is told before."""
        return tuple(item.finding for item in self.items if item.loses_data)


class Result(StrEnum):
    """What the phone's reading afterwards says of one finding."""

    REMOVED = "removed"
    #: Not seen any more, but the profile could not be wholly read either.
    NOT_VERIFIED = "not-verified"
    SWITCHED_OFF = "switched-off"
    #: On the phone, where its owner can switch it on again; at the moment it cannot be started.
    OFF = "off"
    #: On the phone, and suspended: at the moment it cannot be started.
    SUSPENDED = "suspended"
    STILL_THERE = "still-there"

    @property
    def by_hand(self) -> bool:
        """Whether the app is on the phone, and has to be removed there by hand."""
        return self in (Result.OFF, Result.SUSPENDED, Result.STILL_THERE)


def left_as(finding: Finding) -> Result:
    """What an app is that a reading has found: what was done to it may hold, although it was not removed."""
    state = finding.app.state(finding.profile.id)
    if finding.contained:
        return Result.SWITCHED_OFF
    if state is None or not state.off:
        return Result.STILL_THERE
    return Result.OFF if state.enabled.off or state.hidden else Result.SUSPENDED


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one finding. Where it is still there, `by_hand` is what the officer does, and `screen_open` tells
    whether the settings screen for it is now open on the phone."""

    finding: Finding
    history: tuple[tuple[Step, Answer], ...]
    result: Result
    by_hand: Text | None
    screen_open: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """A removal that was carried out, and the check that decided its results."""

    items: tuple[ItemResult, ...]
    check: Check


def way_by_hand(app: Value, kind: str, *, closed: bool, admin: bool, system: bool, archived: bool = False) -> Text:
    """How an app is removed on an Android phone itself, in a profile of this `kind`; see :func:`android_kind`."""
    way = android_kind(kind, closed=closed, admin=admin, system=system, archived=archived)
    if way is HandKind.SECURE_FOLDER:
        return T(
            "Have the holder open Secure Folder on the phone, touch and hold {app} and tap Uninstall. Then "
            "check again.",
            app=app,
        )
    if way is HandKind.WORK_PROFILE:
        return T(
            "Have the holder remove {app} in the work profile, or ask the organisation that manages that profile.",
            app=app,
        )
    if way is HandKind.DEVICE_ADMIN:
        return T(
            "On the phone, open Settings, Security, Device admin apps, switch {app} off, then uninstall it.", app=app
        )
    if way is HandKind.ARCHIVED:
        return T("On the phone, touch and hold the greyed icon of {app} and tap Uninstall. Then check again.", app=app)
    if way is HandKind.FACTORY_APP:
        return T("On the phone, open Settings, Apps, {app}, and tap Uninstall or Disable. Then check again.", app=app)
    return T("On the phone, open Settings, Apps, {app}, and tap Uninstall. Then check again.", app=app)
