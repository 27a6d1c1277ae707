"""Scenarios: what a practice phone is and how it behaves, as data in `resources/practice/*.toml`.

They belong to the program, so a file that makes no sense is a bug and raises ValueError, never a Problem.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Final, TypeVar

from core.simulator import scenario_list
from core.text import Bilingual

_T = TypeVar("_T")

#: What a rule for an act may name; the words are those of `pm`.
ACTS: Final = frozenset(
    {"uninstall", "disable-user", "enable", "suspend", "unsuspend", "hide", "clear", "install-existing"}
)

#: How an app's file can be: in several parts, as a store delivers it; noise; not there although the phone names it.
SPLIT: Final = "split"
GARBLED: Final = "garbled"
MISSING: Final = "missing"
FILES: Final = frozenset({SPLIT, GARBLED, MISSING})

#: The most that an app's file may be filled with.
MAX_KILOBYTES: Final = 8192


@dataclass(frozen=True, slots=True)
class Device:
    """What the phone says of itself. `properties` are further or other answers of `getprop`."""

    maker: str
    model: str
    name: str
    device: str
    android: str
    sdk: int
    patch: str
    serial: str
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProfileData:
    """A user of the phone. `flags` are hexadecimal, as in UserInfo; `closed` keeps the shell out.

    `type` is what `dumpsys user` says since Android 11, such as ``profile.MANAGED``; empty where it is not known.
    """

    id: int
    name: str
    flags: str
    type: str = ""
    running: bool = True
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an app."""

    code: int
    name: str


@dataclass(frozen=True, slots=True)
class AdminData:
    """The app is a device administrator in one profile; or its owner (`owner` is "device" or "profile")."""

    receiver: str
    profile: int = 0
    test_only: bool = False
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the phone says to one act instead of doing it: a text, or a Java exception.

    `profile` None is every profile.
    """

    act: str
    text: str = ""
    exception: str = ""
    code: int = 1
    profile: int | None = None


@dataclass(frozen=True, slots=True)
class AppData:
    """One app at the beginning. `factory` is the version in the system image where that has been updated.

    `undone` are acts that the phone confirms and takes back at once. `label` is what the app is called on the screen,
    `components` the classes behind its screens (full, or ``.Main``), the first of which the launcher starts.

    `certificate` names the one that signs the app's file: one that is in `resources/practice/certificates`, or any
    other name, from which one is made; where empty, the app has one of its own. What the phone's lists say of the
    signer follows from it. A phone that lies has its own `signer` (the 32-bit hash that dumpsys prints) or
    `signer_sha256` (what `pm get-app-links` prints for an app with `domains`), both in hexadecimal.

    In `archived_in` its code was taken off the phone, and its data and its icon were kept (Android 15).

    A `library` is a shared one, whose name ends with an underscore and its version: it has a file, and is in no list.

    `apk` is how the app's file is: one and readable where empty; or one of FILES. `apk_kilobytes` is the size of the
    content that it is filled with; 0 is some hundred.
    """

    package: str
    version: Version
    system: bool = False
    factory: Version | None = None
    installer: str = ""
    signer: str = ""
    signer_sha256: str = ""
    certificate: str = ""
    label: str = ""
    components: tuple[str, ...] = ()
    apk: str = ""
    apk_kilobytes: int = 0
    domains: tuple[str, ...] = ()
    profiles: tuple[int, ...] = (0,)
    disabled_in: tuple[int, ...] = ()
    suspended_in: tuple[int, ...] = ()
    archived_in: tuple[int, ...] = ()
    library: bool = False
    admin: AdminData | None = None
    answers: tuple[Answer, ...] = ()
    undone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """The cable loses contact while `command` runs, once it has written `after_bytes`; `times` times in all.

    With `acts` false, that happens before the command has done anything.
    """

    command: str
    after_bytes: int = 0
    times: int = 1
    acts: bool = True


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds that `dumpsys package` and any other command take."""

    dumpsys: float = 0.4
    command: float = 0.03


@dataclass(frozen=True, slots=True)
class Scenario:
    """A practice phone before anybody has touched it.

    `filler` is the number of ordinary apps besides `apps`. After its real content, the list of packages goes on with
    made-up ones for `flood_megabytes`.
    """

    name: str
    title: Bilingual
    description: Bilingual
    device: Device
    profiles: tuple[ProfileData, ...]
    apps: tuple[AppData, ...]
    filler: int
    timing: Timing = Timing()
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    flood_megabytes: int = 0


def scenarios() -> tuple[str, ...]:
    """The names of all scenarios, in order."""
    return scenario_list.names()


def load(name: str) -> Scenario:
    """The scenario `name`. Raises ValueError if there is none, or if its file makes no sense."""
    if name not in scenarios():
        raise ValueError(f"no scenario {name!r}")
    source = (resources.files("resources") / "practice" / f"{name}.toml").read_text(encoding="utf-8")
    return parse(name, source)


def parse(name: str, source: str) -> Scenario:
    """The scenario in the TOML text `source`. Raises ValueError (TOMLDecodeError is one)."""
    table = _Table(tomllib.loads(source), name)
    scenario = Scenario(
        name=name,
        title=_bilingual(table.table("title")),
        description=_bilingual(table.table("description")),
        device=_device(table.table("device")),
        profiles=tuple(_profile(t) for t in table.tables("profile")),
        apps=tuple(_app(t) for t in table.tables("app")),
        filler=table.get("filler", int, 0),
        timing=_timing(table.table("timing", optional=True)),
        settings=_settings(table.table("settings", optional=True)),
        faults=tuple(_fault(t) for t in table.tables("fault")),
        flood_megabytes=table.get("flood_megabytes", int, 0),
    )
    table.done()
    _check(scenario)
    return scenario


class _Table:
    """A TOML table whose every key must be asked for."""

    def __init__(self, raw: Mapping[str, Any], where: str) -> None:
        self.raw = raw
        self._where = where
        self._left = set(raw)

    def get(self, key: str, kind: type[_T], default: _T | None = None) -> _T:
        """The value at `key`; needed if there is no `default`."""
        self._left.discard(key)
        value = self.raw.get(key, default)
        if kind is float and type(value) is int:
            value = float(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise ValueError(f"{self._where}: {key} is {value!r}, not {kind.__name__}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self.get(key, list, [])
        if not all(isinstance(v, str) for v in values):
            raise ValueError(f"{self._where}: {key} is not a list of texts")
        return tuple(values)

    def numbers(self, key: str, default: list[int]) -> tuple[int, ...]:
        """A list of whole numbers."""
        values = self.get(key, list, default)
        if not all(type(v) is int for v in values):
            raise ValueError(f"{self._where}: {key} is not a list of numbers")
        return tuple(values)

    def all_texts(self) -> dict[str, str]:
        """The whole table, where it holds texts only."""
        return {key: self.get(key, str) for key in self.raw}

    def table(self, key: str, *, optional: bool = False) -> _Table:
        """The table at `key`."""
        return _Table(self.get(key, dict, {} if optional else None), f"{self._where}.{key}")

    def tables(self, key: str) -> list[_Table]:
        """The list of tables at `key`; empty where there is none."""
        return [_Table(raw, f"{self._where}.{key}[{n}]") for n, raw in enumerate(self.get(key, list, []))]

    def done(self) -> None:
        """Everything has been asked for. Raises ValueError if there is more."""
        if self._left:
            raise ValueError(f"{self._where}: unknown {', '.join(sorted(self._left))}")


def _bilingual(table: _Table) -> Bilingual:
    text = Bilingual(table.get("en", str), table.get("fr", str))
    table.done()
    return text


def _device(table: _Table) -> Device:
    properties = table.table("properties", optional=True)
    device = Device(
        maker=table.get("maker", str),
        model=table.get("model", str),
        name=table.get("name", str),
        device=table.get("device", str),
        android=table.get("android", str),
        sdk=table.get("sdk", int),
        patch=table.get("patch", str),
        serial=table.get("serial", str),
        properties=properties.all_texts(),
    )
    table.done()
    return device


def _profile(table: _Table) -> ProfileData:
    profile = ProfileData(
        id=table.get("id", int),
        name=table.get("name", str),
        flags=table.get("flags", str),
        type=table.get("type", str, ""),
        running=table.get("running", bool, True),
        closed=table.get("closed", bool, False),
    )
    table.done()
    return profile


def _app(table: _Table) -> AppData:
    app = AppData(
        package=table.get("package", str),
        version=Version(table.get("version_code", int), table.get("version_name", str)),
        system=table.get("system", bool, False),
        factory=_version(table.table("factory")) if "factory" in table.raw else None,
        installer=table.get("installer", str, ""),
        signer=table.get("signer", str, ""),
        signer_sha256=table.get("signer_sha256", str, ""),
        certificate=table.get("certificate", str, ""),
        label=table.get("label", str, ""),
        components=table.texts("components"),
        apk=table.get("apk", str, ""),
        apk_kilobytes=table.get("apk_kilobytes", int, 0),
        domains=table.texts("domains"),
        profiles=table.numbers("profiles", [0]),
        disabled_in=table.numbers("disabled_in", []),
        suspended_in=table.numbers("suspended_in", []),
        archived_in=table.numbers("archived_in", []),
        library=table.get("library", bool, False),
        admin=_admin(table.table("admin")) if "admin" in table.raw else None,
        answers=tuple(_answer(t) for t in table.tables("answer")),
        undone=table.texts("undone"),
    )
    table.done()
    return app


def _version(table: _Table) -> Version:
    version = Version(table.get("version_code", int), table.get("version_name", str))
    table.done()
    return version


def _admin(table: _Table) -> AdminData:
    admin = AdminData(
        receiver=table.get("receiver", str),
        profile=table.get("profile", int, 0),
        test_only=table.get("test_only", bool, False),
        owner=table.get("owner", str, ""),
    )
    table.done()
    return admin


def _answer(table: _Table) -> Answer:
    answer = Answer(
        act=table.get("act", str),
        text=table.get("text", str, ""),
        exception=table.get("exception", str, ""),
        code=table.get("code", int, 1),
        profile=table.get("profile", int) if "profile" in table.raw else None,
    )
    table.done()
    return answer


def _settings(table: _Table) -> dict[str, dict[str, str]]:
    return {space: table.table(space).all_texts() for space in table.raw}


def _fault(table: _Table) -> Fault:
    fault = Fault(
        command=table.get("command", str),
        after_bytes=table.get("after_bytes", int, 0),
        times=table.get("times", int, 1),
        acts=table.get("acts", bool, True),
    )
    table.done()
    return fault


def _timing(table: _Table) -> Timing:
    timing = Timing(table.get("dumpsys", float, 0.4), table.get("command", float, 0.03))
    table.done()
    return timing


def _check(scenario: Scenario) -> None:
    """What no single table can know."""
    ids = [p.id for p in scenario.profiles]
    packages = [a.package for a in scenario.apps]
    if 0 not in ids or len(set(ids)) < len(ids) or len(set(packages)) < len(packages):
        raise ValueError(f"{scenario.name}: profile 0 is missing, or a profile or app is there twice")
    if not scenario.device.serial.startswith("PRACTICE"):
        raise ValueError(f"{scenario.name}: the serial does not say that it is practice")
    for app in scenario.apps:
        profiles = {*app.profiles, *app.disabled_in, *app.suspended_in, *app.archived_in}
        named = {*profiles, *([app.admin.profile] if app.admin else [])}
        if not named <= set(ids):
            raise ValueError(f"{scenario.name}: {app.package} is in a profile that is not there")
        if set(app.profiles) & set(app.archived_in):
            raise ValueError(f"{scenario.name}: {app.package} is installed and archived at once")
        if not {*app.undone, *(a.act for a in app.answers)} <= ACTS:
            raise ValueError(f"{scenario.name}: {app.package} has a rule for an act that is not one")
        if app.apk not in ("", *FILES) or not 0 <= app.apk_kilobytes <= MAX_KILOBYTES:
            raise ValueError(f"{scenario.name}: {app.package} has a file that cannot be")
        if app.admin and app.admin.owner not in ("", "device", "profile"):
            raise ValueError(f"{scenario.name}: {app.package} owns {app.admin.owner!r}")
