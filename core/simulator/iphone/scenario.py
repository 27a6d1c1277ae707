"""Scenarios of practice iPhones, as data in `resources/practice/iphone-*.toml`.

They belong to the program, so a file that makes no sense is a bug and raises ValueError, never a Problem.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Annotated, Any, Final, Literal

import msgspec

from core.simulator import scenario_list
from core.simulator.model.scenario import common

#: What an app is to the phone: one from the App Store, part of iOS, or
#: offloaded (its program is gone, its icon and data are not), half installed, an App Clip, one that management blocks,
#: one from TestFlight, signed by an enterprise, put on by somebody with a developer's certificate, of Swift
#: Playgrounds.
Kind = Literal[
    "user",
    "system",
    "offloaded",
    "placeholder",
    "clip",
    "blocked",
    "testflight",
    "enterprise",
    "sideloaded",
    "playground",
]

#: How the owner answers *Trust This Computer?*: this computer is trusted from before; the question is answered with yes
#: after some polls; with no; or not at all, until a test does.
Trust = Literal["trusted", "asks", "denies", "waits"]

#: The beginning of every practice iPhone's number, and how long one is.
UDID_START: Final = "00008101-PRACTICE"
_UDID_LENGTH: Final = 25


class IphoneApp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One app at the beginning.

    `signer` is its SignerIdentity where that is not the one of its `kind`, and `entitlements` what it is signed for
    where that is not its own id and the team of all practice apps: an empty table for one that tells nothing.
    `removal` says what comes of an attempt: ``ok``; ``silent``, the phone says that it is done and keeps the app;
    ``drop``, every connection breaks and the app stays; ``drop-removed``, they break and it is gone; ``hang``, no
    answer; any other word is the error's name.

    A hostile phone has `attributes` of any form in the place of the right ones, `padding` kilobytes behind the app's
    name, and a CFBundleName that is a table in a table, `nesting` deep.
    """

    id: str
    name: str = ""
    version: str = "1.0"
    kind: Kind = "user"
    signer: str = ""
    entitlements: Mapping[str, Any] | None = None
    removal: str = "ok"
    attributes: Mapping[str, Any] = {}
    padding: Annotated[int, msgspec.Meta(ge=0, le=16_384)] = 0
    nesting: Annotated[int, msgspec.Meta(ge=0, le=200)] = 0


class ConfigurationProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A configuration profile that is installed."""

    id: str
    name: str


class IphoneDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the phone says of itself. `values` are further or other answers, by domain (empty: the default one) and
    key."""

    product_type: str
    version: str
    build: str
    name: str
    udid: str
    serial: str
    imei: str = ""
    values: Mapping[str, Mapping[str, Any]] = {}


class IphoneScenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A practice iPhone as it is at the beginning.

    `polls` is how often a computer hears that the question is still open. `locked`: the screen is, and no computer can
    be trusted until it is unlocked. `pairing_error` is the name of the error that every Pair gets, as where management
    forbids it. `removal_allowed` is what management or Screen Time allows. `filler` is the number of ordinary apps
    besides `apps` and those of iOS. An `organisation` supervises the phone.
    """

    name: str
    device: IphoneDevice
    apps: tuple[IphoneApp, ...] = ()
    filler: int = 0
    trust: Trust = "trusted"
    polls: int = 2
    locked: bool = False
    passcode: bool = True
    pairing_error: str = ""
    removal_allowed: bool = True
    supervised: bool = False
    organisation: str = ""
    profiles: tuple[ConfigurationProfile, ...] = ()
    jailbroken: bool = False
    connection: Literal["USB", "Network"] = "USB"


def load_iphone(name: str) -> IphoneScenario:
    """The scenario `name`. Raises ValueError if there is none, or if its file makes no sense."""
    if name not in scenario_list.names("ios"):
        raise ValueError(f"no scenario {name!r}")
    return parse(name, (resources.files("resources") / "practice" / f"{name}.toml").read_text(encoding="utf-8"))


def parse(name: str, source: str) -> IphoneScenario:
    """The scenario in the TOML text `source`. Raises ValueError (so are TOMLDecodeError and msgspec's errors)."""
    scenario = msgspec.convert({**tomllib.loads(source), "name": name}, IphoneScenario)
    device, ids = scenario.device, [app.id for app in scenario.apps]
    if not device.udid.startswith(UDID_START) or len(device.udid) != _UDID_LENGTH or "PRACTICE" not in device.serial:
        raise ValueError(f"{name}: the phone's numbers do not say that it is practice")
    if len(set(ids)) < len(ids):
        raise ValueError(f"{name}: an app is there twice")
    return scenario


def all_apps(scenario: IphoneScenario) -> tuple[IphoneApp, ...]:
    """The scenario's own apps, those of iOS, and its ordinary ones; always the same."""
    names = common("iphone")
    own = {app.id for app in scenario.apps}
    of_ios = (IphoneApp(id, name, scenario.device.version, "system") for id, name in names["system"].items())
    ordinary = [IphoneApp(id, name, "12.4") for id, name in names["ordinary"].items()]
    made_up = (
        IphoneApp(f"ca.example.app{n:03}", f"Example {n}", "1.2.3") for n in range(scenario.filler - len(ordinary))
    )
    added = (*of_ios, *ordinary[: scenario.filler], *made_up)
    return (*scenario.apps, *(app for app in added if app.id not in own))
