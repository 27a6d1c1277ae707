"""The state of a practice phone: which apps are where, who administers it, what it shows.

Only the facts are here. What the phone says about them is in `packages.py`, `commands.py` and `dump.py`.
"""

from __future__ import annotations

import threading
import uuid
import zlib
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from core.simulator.adb.computer_keys import HostKey
from core.simulator.model.app_files import AppFiles
from core.simulator.model.files import FileTree
from core.simulator.model.filler import ordinary_apps
from core.simulator.model.installed import AppOnProfile, Package
from core.simulator.model.scenario import AdminData, AppData, Fault, ProfileData, Scenario

ENABLED: Final = 1
DISABLED_USER: Final = 3

#: How many commands the phone remembers, and how much of each.
_LOG_LENGTH: Final = 10_000
_LOG_WIDTH: Final = 1000

_FIRST_APP_ID: Final = 10_050

#: The settings of a phone that somebody connected to a computer; a scenario's own are laid over them.
_SETTINGS: Final = {
    "global": {
        "adb_enabled": "1",
        "adb_wifi_enabled": "0",
        "development_settings_enabled": "1",
        "device_provisioned": "1",
        "package_verifier_user_consent": "1",
        "stay_on_while_plugged_in": "0",
        "verifier_verify_adb_installs": "1",
    },
    "secure": {
        "accessibility_enabled": "0",
        "enabled_accessibility_services": "",
        "install_non_market_apps": "0",
        "lockscreen.disabled": "0",
        "user_setup_complete": "1",
    },
    "system": {"screen_off_timeout": "30000", "system_locales": "en-CA"},
}


class CableCutError(Exception):
    """The cable lost contact, as the scenario has it."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What `am start` put on the phone's screen."""

    user: int
    action: str
    data: str = ""


@dataclass(slots=True)
class Admin:
    """An active device administrator or owner."""

    package: str
    data: AdminData

    @property
    def component(self) -> str:
        """As in `ComponentInfo{...}`: the package, then the class in full."""
        receiver = self.data.receiver
        return f"{self.package}/{self.package + receiver if receiver.startswith('.') else receiver}"

    @property
    def short(self) -> str:
        """As in `com.example/.Receiver`."""
        return self.component.replace(f"/{self.package}.", "/.", 1)


@dataclass(slots=True, eq=False)
class PracticePhone:
    """A phone that exists only here. May be used from any thread; hold `lock` where several facts must fit."""

    scenario: Scenario
    pace: float = 1.0
    lock: threading.RLock = field(default_factory=threading.RLock)
    packages: dict[str, Package] = field(init=False)
    profiles: dict[int, ProfileData] = field(init=False)
    admins: list[Admin] = field(init=False)
    settings: dict[str, dict[str, str]] = field(init=False)
    files: FileTree = field(init=False)
    screen: Screen | None = None
    #: Goes up with every change of a package.
    revision: int = 0
    _log: deque[str] = field(default_factory=lambda: deque(maxlen=_LOG_LENGTH))
    _keys: dict[tuple[int, int], HostKey] = field(default_factory=dict)
    _faults: list[Fault] = field(init=False)

    def __post_init__(self) -> None:
        scenario = self.scenario
        self.profiles = {p.id: p for p in scenario.profiles}
        self.packages = {}
        named = {a.package for a in scenario.apps}
        ordinary = ordinary_apps(scenario.filler, scenario.device.maker, tuple(self.profiles))
        apps = [*scenario.apps, *(a for a in ordinary if a.package not in named)]
        # A phone lists its packages in no order that means anything; here it is always the same one.
        for number, app in enumerate(sorted(apps, key=lambda a: zlib.crc32(a.package.encode()))):
            self.packages[app.package] = _package(app, _FIRST_APP_ID + number, self.profiles)
        self.admins = [Admin(a.package, a.admin) for a in scenario.apps if a.admin]
        self.settings = {s: {**_SETTINGS.get(s, {}), **scenario.settings.get(s, {})} for s in _SETTINGS}
        self._faults = list(scenario.faults)
        of_apps = AppFiles(lambda: self.revision, self.with_code, scenario.device.sdk)
        self.files = FileTree(of_apps.entries, str(uuid.uuid4()))

    # What a test looks at

    @property
    def log(self) -> tuple[str, ...]:
        """The phone's own commands that were run, in order, as they were after expansion."""
        with self.lock:
            return tuple(self._log)

    @property
    def known_keys(self) -> tuple[HostKey, ...]:
        """The computers that somebody allowed."""
        with self.lock:
            return tuple(self._keys.values())

    def installed(self, profile: int = 0) -> frozenset[str]:
        """The apps that are installed in `profile`."""
        with self.lock:
            return frozenset(p.name for p in self.packages.values() if p.states[profile].installed)

    def state(self, package: str, profile: int = 0) -> AppOnProfile:
        """One app in one profile; not installed if the phone does not know it."""
        with self.lock:
            found = self.packages.get(package)
            return found.states.get(profile, AppOnProfile(False)) if found else AppOnProfile(False)

    def with_code(self) -> tuple[Package, ...]:
        """The packages whose files are on the phone, as they are now."""
        with self.lock:
            return tuple(replace(p, states=dict(p.states)) for p in self.packages.values() if p.has_code)

    def is_admin(self, package: str) -> bool:
        """Whether the app is an active administrator or owner."""
        with self.lock:
            return any(a.package == package for a in self.admins)

    def owner(self, package: str) -> bool:
        """Whether the app owns the phone or a profile of it."""
        with self.lock:
            return any(a.package == package and a.data.owner for a in self.admins)

    # What changes

    def record(self, command: str) -> None:
        """Remember that `command` was run."""
        with self.lock:
            self._log.append(command[:_LOG_WIDTH])

    def remember_key(self, key: HostKey) -> None:
        """Somebody allowed this computer, and always."""
        with self.lock:
            self._keys[key.identity] = key

    def take_fault(self, command: str) -> Fault | None:
        """The fault that strikes `command` now, if any; it then strikes once less."""
        with self.lock:
            for at, fault in enumerate(self._faults):
                if fault.times > 0 and command.startswith(fault.command):
                    self._faults[at] = replace(fault, times=fault.times - 1)
                    return fault
            return None

    def change(self, package: Package, profile: int, state: AppOnProfile) -> None:
        """Give `package` a new state in `profile`."""
        with self.lock:
            package.states[profile] = state
            self._touch(package)

    def uninstall(self, package: Package, profiles: Iterable[int], *, keep_data: bool) -> None:
        """Take the app away from `profiles`; an app that is left nowhere is forgotten, unless it is in the system
        image or its data is kept.
        """
        with self.lock:
            for profile in profiles:
                package.states[profile] = AppOnProfile(False)
            self._touch(package)
            left = any(state.installed or state.archived for state in package.states.values())
            if not package.system and not keep_data and not left:
                del self.packages[package.name]

    def remove_update(self, package: Package) -> None:
        """Go back to the version in the system image, in every profile."""
        with self.lock:
            if package.data.factory is not None:
                package.version = package.data.factory
            package.updated = False
            self._touch(package)

    def dismiss_admin(self, package: str) -> None:
        """The app administers nothing any more."""
        with self.lock:
            self.admins = [a for a in self.admins if a.package != package]

    def show(self, screen: Screen) -> None:
        """Put something on the screen."""
        with self.lock:
            self.screen = screen

    def _touch(self, package: Package) -> None:
        package.revision += 1
        self.revision += 1


def _package(data: AppData, app_id: int, profiles: Iterable[int]) -> Package:
    states = {
        profile: AppOnProfile(
            installed=profile in data.profiles,
            suspended=profile in data.suspended_in,
            enabled=DISABLED_USER if profile in data.disabled_in else 0,
            archived=profile in data.archived_in,
        )
        for profile in profiles
    }
    return Package(data, app_id, data.version, data.factory is not None, states)
