"""Scenarios: what a practice phone is and how it behaves, as data in `resources/practice/*.toml`.

They belong to the program, so a file that makes no sense is a bug and raises ValueError, never a Problem.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Annotated, Any, Literal

import msgspec

from core.simulator import scenario_list
from core.simulator.apk.pictures import Picture

#: What a phone can be told to do with an app; the words are those of `pm`.
Act = Literal["uninstall", "disable-user", "enable", "suspend", "unsuspend", "install-existing"]

#: A restriction of a user by Android's name for it.
Restriction = Annotated[str, msgspec.Meta(pattern=r"\Ano_[a-z_]{1,60}\Z")]

#: How an app's file is: whole and readable; noise; not there although the phone names it.
ApkKind = Literal["", "garbled", "missing"]


@dataclass(frozen=True, slots=True)
class PracticeDevice:
    """What the phone says of itself. `properties` are further or other answers of `getprop`, `settings` those of
    `settings get` by space and key (``secure sms_default_application``). `patch` is a day, or a time before today as in
    ``5 months ago``. `lock` is what `dumpsys lock_settings` calls the owner's lock.
    """

    maker: str
    model: str
    name: str
    device: str
    android: str
    sdk: int
    patch: str
    serial: str
    properties: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    lock: str = "Pin"


@dataclass(frozen=True, slots=True)
class ProfileData:
    """A user of the phone. `flags` are hexadecimal, as in UserInfo; `closed` keeps the shell out.

    `type` is what `dumpsys user` says since Android 11, such as ``profile.MANAGED``; empty where it is not known.
    `restrictions` are what may not be done in it, by Android's names (``no_install_apps``): the owner of the phone or
    of the profile forbids it; where there is none, the system itself.
    """

    id: int
    name: str
    flags: str
    type: str = ""
    closed: bool = False
    restrictions: tuple[Restriction, ...] = ()

    @property
    def is_quiet(self) -> bool:
        """Whether it is paused or locked away (UserInfo.FLAG_QUIET_MODE): such a profile is stopped."""
        return bool(int(self.flags, 16) & 0x80)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an app."""

    code: int
    name: str


@dataclass(frozen=True, slots=True)
class AdminData:
    """The app is a device administrator in one profile; or its owner (`owner` is "device" or "profile").

    `organisation_owned`: its profile's owner speaks for the organisation that owns the phone.
    """

    receiver: str
    profile: int = 0
    owner: Literal["", "device", "profile"] = ""
    organisation_owned: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the phone says to one act instead of doing it: a text, or a Java exception."""

    act: Act
    text: str = ""
    exception: str = ""
    code: int = 1


@dataclass(frozen=True, slots=True)
class AppData:
    """One app at the beginning. `factory` is the version in the system image where that has been updated.

    `undone` are acts that the phone confirms and takes back at once. `label` is what the app is called on the screen,
    `components` the classes behind its screens (full, or ``.Main``), the first of which the launcher starts.

    `certificate` names the one that signs the app's file: one that is in `resources/practice/certificates`, or any
    other name, from which one is made; where empty, the app has one of its own. What the phone's lists say of the
    signer follows from it. A phone that lies has its own `signer`, the 32-bit hash that dumpsys prints.

    In `off_in` it is switched off, as its owner or the phone's user may do; in `hidden_in` an owner hides it.

    In `archived_in` its code was taken off the phone, and its data and its icon were kept (Android 15).

    A `library` is a shared one, whose name ends with an underscore and its version: it has a file, and is in no list.

    `start_url` is the address at which an app starts that a browser made of a page (WebAPK).

    `holds` are the ids of apps that it runs inside itself, out of its own data: only who opens it sees them.

    `icon` is what the launcher shows; of what is no picture, a hostile phone has some.

    `code` are the names of the classes in its file's code.

    `apk_kilobytes` is the size of the content that the app's file is filled with; 0 is some hundred.
    """

    package: str
    version: Version
    system: bool = False
    factory: Version | None = None
    installer: str = ""
    signer: str = ""
    certificate: str = ""
    label: str = ""
    components: tuple[str, ...] = ()
    apk: ApkKind = ""
    icon: Picture = ""
    code: tuple[str, ...] = ()
    apk_kilobytes: Annotated[int, msgspec.Meta(ge=0, le=8192)] = 0
    domains: tuple[str, ...] = ()
    start_url: str = ""
    holds: tuple[str, ...] = ()
    profiles: tuple[int, ...] = (0,)
    archived_in: tuple[int, ...] = ()
    off_in: tuple[int, ...] = ()
    hidden_in: tuple[int, ...] = ()
    library: bool = False
    admin: AdminData | None = None
    refusals: tuple[Refusal, ...] = ()
    undone: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class CableFault:
    """The cable loses contact the first time that `command` runs, once it has written `after_bytes`."""

    command: str
    after_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A practice phone as it is at the beginning.

    `filler` is the number of ordinary apps besides `apps`. After its real content, the list of packages goes on with
    made-up ones for `flood_megabytes`. `sums`: it has no `sha256sum`, or one that prints in a form of its own, never
    answers, or prints without end.
    `computers` are the names of others that it trusts. `begins` is how it is when it is plugged in at a desk, where its
    owner is played; for a command line, or another ADB client, it is ready at once.
    """

    name: str
    device: PracticeDevice
    profiles: tuple[ProfileData, ...]
    apps: tuple[AppData, ...] = ()
    filler: int = 0
    faults: tuple[CableFault, ...] = ()
    flood_megabytes: int = 0
    sums: Literal["", "none", "garbled", "silent", "flood"] = ""
    computers: tuple[str, ...] = ()
    begins: scenario_list.Begins = "ready"


def load(name: str) -> Scenario:
    """The scenario `name`. Raises ValueError if there is none, or if its file makes no sense."""
    if name not in scenario_list.names():
        raise ValueError(f"no scenario {name!r}")
    return parse(name, _text(f"{name}.toml"))


@functools.cache
def common(name: str) -> Mapping[str, Any]:
    """What all practice phones have in common: the file `name` of `resources/practice/common`."""
    return tomllib.loads(_text(f"common/{name}.toml"))


def parse(name: str, source: str) -> Scenario:
    """The scenario in the TOML text `source`. Raises ValueError (so are TOMLDecodeError and msgspec's errors)."""
    document = {**tomllib.loads(source), "name": name}
    scenario = msgspec.convert(document, Scenario)
    _check_keys(document, msgspec.to_builtins(scenario), name)
    _check(scenario)
    return scenario


def _text(path: str) -> str:
    return (resources.files("resources") / "practice" / path).read_text(encoding="utf-8")


def _check_keys(document: object, read: object, where: str) -> None:
    """Raise ValueError for a key of the document that the scenario has not taken up."""
    if isinstance(document, dict) and isinstance(read, dict):
        for key, value in document.items():
            if key not in read:
                raise ValueError(f"{where}: unknown {key}")
            _check_keys(value, read[key], f"{where}.{key}")
    elif isinstance(document, list) and isinstance(read, list | tuple):
        for number, (document_item, read_item) in enumerate(zip(document, read, strict=True)):
            _check_keys(document_item, read_item, f"{where}[{number}]")


def _check(scenario: Scenario) -> None:
    """What no single table can know."""
    ids = [p.id for p in scenario.profiles]
    packages = [a.package for a in scenario.apps]
    if 0 not in ids or len(set(ids)) < len(ids) or len(set(packages)) < len(packages):
        raise ValueError(f"{scenario.name}: profile 0 is missing, or a profile or app is there twice")
    if not scenario.device.serial.startswith("PRACTICE"):
        raise ValueError(f"{scenario.name}: the serial does not say that it is practice")
    for app in scenario.apps:
        profile_ids = {*app.profiles, *app.archived_in, *([app.admin.profile] if app.admin else [])}
        if not profile_ids <= set(ids):
            raise ValueError(f"{scenario.name}: {app.package} is in a profile that is not there")
        if set(app.profiles) & set(app.archived_in):
            raise ValueError(f"{scenario.name}: {app.package} is installed and archived at once")
        if not {*app.off_in, *app.hidden_in} <= set(app.profiles):
            raise ValueError(f"{scenario.name}: {app.package} is off or hidden where it is not installed")
