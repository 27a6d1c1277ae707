"""The state of a practice phone: which apps are where, who administers it, what it shows.

Only the facts are here. What the phone says about them is in `core.simulator.commands`.
"""

from __future__ import annotations

import functools
import threading
import uuid
import zlib
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from core.simulator.model.app_files import app_files
from core.simulator.model.computer_keys import HostKey
from core.simulator.model.files import FileTree
from core.simulator.model.filler import ordinary_apps
from core.simulator.model.identity import component, full_name
from core.simulator.model.installed import AppOnProfile, Package
from core.simulator.model.java import array_map_order
from core.simulator.model.scenario import AdminData, AppData, CableFault, Scenario, common

ENABLED: Final = 1
DISABLED_USER: Final = 3

#: How many commands the phone remembers, and how much of each.
_LOG_LENGTH: Final = 10_000
_LOG_WIDTH: Final = 1000

_FIRST_APP_ID: Final = 10_050


class CableCutError(Exception):
    """The cable lost contact, as the scenario has it; or the phone's own end of the connection is switched off."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What `am start` put on the phone's screen."""

    user: int
    action: str
    data: str = ""


@dataclass(frozen=True, slots=True)
class ActiveAdmin:
    """An active device administrator or owner."""

    package: str
    data: AdminData

    @property
    def component(self) -> str:
        """As in `ComponentInfo{...}`: the package, then the class in full."""
        return f"{self.package}/{full_name(self.package, self.data.receiver)}"

    @property
    def short(self) -> str:
        """As in `com.example/.Receiver`."""
        return component(self.package, full_name(self.package, self.data.receiver))


class PracticePhone:
    """A phone that exists only here. May be used from any thread; hold `lock` where several facts must fit.

    `pace` multiplies every time that the phone takes.
    """

    def __init__(self, scenario: Scenario, pace: float = 1.0) -> None:
        self.scenario = scenario
        self.pace = pace
        self.lock = threading.RLock()
        self.profiles = {p.id: p for p in scenario.profiles}
        scenario_packages = {a.package for a in scenario.apps}
        ordinary = ordinary_apps(scenario.filler, scenario.device.maker, tuple(self.profiles))
        apps = [*scenario.apps, *(a for a in ordinary if a.package not in scenario_packages)]
        # Numbers are given in no order that means anything; here it is always the same one.
        ordered = enumerate(sorted(apps, key=lambda a: zlib.crc32(a.package.encode())))
        self.packages = {app.package: _package(app, _FIRST_APP_ID + n, self.profiles) for n, app in ordered}
        self.admins = [ActiveAdmin(a.package, a.admin) for a in scenario.apps if a.admin]
        self.screen: Screen | None = None
        #: What `settings` knows, by space and name. While `adb_enabled` there is not 1, no computer can connect.
        self.settings: dict[str, dict[str, str]] = {
            space: dict(values) for space, values in common("phone")["settings"].items()
        }
        for key, value in scenario.device.settings.items():
            space, _, name = key.partition(" ")
            self.settings[space][name] = value
        self._log: deque[str] = deque(maxlen=_LOG_LENGTH)
        self._keys: dict[str, HostKey] = {}
        self._faults = list(scenario.faults)
        #: Goes up with every change of a package.
        self._revision = 0
        of_apps = functools.lru_cache(maxsize=1)(lambda revision: app_files(self.with_code(), scenario.device.sdk))
        self.files = FileTree(lambda: of_apps(self._revision), str(uuid.uuid4()))

    # What a test looks at

    @property
    def log(self) -> tuple[str, ...]:
        """The phone's own commands that were run, in order, as they were after expansion."""
        with self.lock:
            return tuple(self._log)

    @property
    def known_keys(self) -> tuple[HostKey, ...]:
        """The computers that were allowed to connect."""
        with self.lock:
            return tuple(self._keys.values())

    def installed(self, profile: int = 0) -> frozenset[str]:
        """The apps that are installed in `profile`."""
        with self.lock:
            return frozenset(p.name for p in self.packages.values() if p.states[profile].installed)

    def held(self) -> frozenset[str]:
        """The apps inside other apps that are installed somewhere."""
        with self.lock:
            holders = (p for p in self.packages.values() if any(state.installed for state in p.states.values()))
            return frozenset(app for package in holders for app in package.data.holds)

    def state(self, package: str, profile: int = 0) -> AppOnProfile:
        """One app in one profile; not installed if the phone does not know it."""
        with self.lock:
            entry = self.packages.get(package)
            return entry.states.get(profile, AppOnProfile(False)) if entry else AppOnProfile(False)

    def with_code(self) -> tuple[Package, ...]:
        """The packages whose files are on the phone, as they are now."""
        with self.lock:
            return tuple(replace(p, states=dict(p.states)) for p in self.packages.values() if p.has_code)

    def in_order(self) -> list[Package]:
        """The packages in the order in which Android keeps them: by Java's hash of their names."""
        with self.lock:
            return [self.packages[name] for name in array_map_order(self.packages)]

    def admin(self, package: str) -> ActiveAdmin | None:
        """The app as an active administrator or owner; None if it is neither."""
        with self.lock:
            return next((a for a in self.admins if a.package == package), None)

    # What changes

    def record(self, command: str) -> None:
        """Remember that `command` was run."""
        with self.lock:
            self._log.append(command[:_LOG_WIDTH])

    def remember_key(self, key: HostKey) -> None:
        """Let the computer with this key connect from now on, without asking again."""
        with self.lock:
            self._keys[key.fingerprint] = key

    def take_fault(self, command: str) -> CableFault | None:
        """The fault that strikes `command` now, if any; it does so once."""
        with self.lock:
            fault = next((f for f in self._faults if command.startswith(f.command)), None)
            if fault is not None:
                self._faults.remove(fault)
            return fault

    def change(self, package: Package, profile: int, state: AppOnProfile) -> None:
        """Give `package` a new state in `profile`."""
        with self.lock:
            package.states[profile] = state
            self._revision += 1

    def uninstall(self, package: Package, profiles: Iterable[int]) -> None:
        """Take the app away from `profiles`; left nowhere, it is forgotten, unless it is in the system image."""
        with self.lock:
            for profile in profiles:
                package.states[profile] = AppOnProfile(False)
            self._revision += 1
            is_somewhere = any(state.installed or state.archived for state in package.states.values())
            if not package.system and not is_somewhere:
                del self.packages[package.name]

    def remove_update(self, package: Package) -> None:
        """Go back to the version in the system image, in every profile."""
        with self.lock:
            if package.data.factory is not None:
                package.version = package.data.factory
            package.updated = False
            self._revision += 1

    @property
    def debugging(self) -> bool:
        """Whether USB debugging is on."""
        with self.lock:
            return self.settings["global"].get("adb_enabled") == "1"

    def set(self, space: str, name: str, value: str) -> None:
        """Give a setting a value, as the phone's owner or the shell does."""
        with self.lock:
            self.settings[space][name] = value

    def can_remove_by_hand(self, name: str, profile: int) -> bool:
        """Whether the phone's holder can take this app off a profile with the phone's own settings: not where it owns
        the phone or the profile."""
        with self.lock:
            admin = self.admin(name)
            return self.is_in_use(name, profile) and not (admin is not None and admin.data.owner)

    def is_in_use(self, name: str, profile: int) -> bool:
        """Whether an app is on a profile, or archived there, and not switched off as a part of the system."""
        with self.lock:
            state, package = self.state(name, profile), self.packages.get(name)
            is_off = package is not None and package.system and state.enabled == DISABLED_USER
            return (state.installed or state.archived) and not is_off

    def remove_by_hand(self, name: str, profile: int) -> None:
        """Do what the phone's holder does on the page of an app: take its rights over the phone from it, and uninstall
        it, or switch it off where it came with the phone. What cannot be done does nothing."""
        with self.lock:
            if not self.can_remove_by_hand(name, profile):
                return
            self.dismiss_admin(name)
            package = self.packages[name]
            if package.system:
                self.change(package, profile, replace(package.states[profile], enabled=DISABLED_USER))
            else:
                self.uninstall(package, (profile,))

    def dismiss_admin(self, package: str) -> None:
        """The app administers nothing any more."""
        with self.lock:
            self.admins = [a for a in self.admins if a.package != package]


def _package(data: AppData, app_id: int, profiles: Iterable[int]) -> Package:
    states = {
        p: AppOnProfile(
            installed=p in data.profiles,
            enabled=DISABLED_USER if p in data.off_in else 0,
            archived=p in data.archived_in,
            hidden=p in data.hidden_in,
        )
        for p in profiles
    }
    return Package(data, app_id, data.version, data.factory is not None, states)
