"""What the self-test reads of one Android phone: what a check reads, kept raw, and the files of some of its apps.

Nothing on the phone is changed. All of it stays in memory: what leaves are the numbers that the probes make of it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from core.jobs import Cancel, Progress, Report
from core.model import App, Inventory, Phone, Profile, ProfileKind
from core.phones.accounting import Account
from core.phones.android import inventory, second_look
from core.phones.android.apk import Contents, Remote, read
from core.phones.android.files import app_evidence, identify, ranges
from core.phones.android.files.file_reading import AppFile, FileReading
from core.phones.android.files.locate import BASE, locate
from core.phones.android.link import shell
from core.phones.android.link.file_service import FileNotGiven
from core.phones.android.link.link import Answers, Link, ask
from core.phones.android.link.problems import TooMuch
from core.phones.android.listings import short_answers
from core.phones.android.listings.dump import Dump
from core.phones.android.listings.screens import Links, Screens
from core.phones.android.listings.short_answers import Packages
from core.phones.driver import SecondLook
from core.phones.trial.recorder import PartAnswer, Recorder, parts
from core.text import T

#: Apps whose files are read: of those that were installed, and of those that came with the phone; splits of each.
_INSTALLED_APPS: Final = 24
_SYSTEM_APPS: Final = 8
_SPLITS: Final = 3
#: The largest file that is read whole (bytes).
_WHOLE_LIMIT: Final = 30 * 2**20
#: Bytes of the answer to the short questions: `dumpsys adb` is not among them.
_SHORT: Final = 2**16
#: What is asked beside a check's own questions: whether debugging can be read back, and how long a short answer takes.
_SHORT_QUESTIONS: Final = {
    "debugging": "settings get global adb_enabled",
    "options": "settings get global development_settings_enabled",
    "wireless": "settings get global adb_wifi_enabled",
}


@dataclass(slots=True)
class FilesRead:
    """The files of some apps: where the phone says that they are, and what came of reading each."""

    located: Account[dict[str, list[AppFile]]]
    readings: dict[str, list[FileReading]] = field(default_factory=dict)

    @property
    def all(self) -> list[FileReading]:
        return [reading for readings in self.readings.values() for reading in readings]

    @property
    def contents(self) -> dict[str, Account[Contents]]:
        """What the base files said, by package; without those that did not come, or are damaged."""
        return {
            package: first.result for package, (first, *_) in self.readings.items() if isinstance(first.result, Account)
        }


@dataclass(slots=True)
class WholeFile:
    """One file that was read whole: its size as the phone lists it, the bytes that came, its hash here, and what the
    phone's own `sha256sum` answers; `given` is whether the phone gave it at all."""

    path: str
    size: int
    sums: tuple[Sequence[str], int] = ((), -1)
    bytes: int = 0
    sha256: str = ""
    seconds: float = 0.0
    given: bool = True


class AndroidFacts:
    """What was read of one phone so far. What did not come is None, or empty."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.inventory: Inventory | None = None
        self.again: SecondLook | None = None
        self.files: FilesRead | None = None
        self.short: Answers = {}
        self.whole_file: WholeFile | None = None

    @property
    def over_usb(self) -> bool:
        """Whether Fanion itself holds the phone's USB interface."""
        return self.recorder.lasting and not self.recorder.loopback

    @cached_property
    def phone(self) -> Phone | None:
        """How the phone describes itself; None as long as it does not."""
        if (part := self.parts.get("properties")) is None:
            return None  # Nothing is lost: that it did not come is told of each row
        return short_answers.phone(short_answers.properties(part.lines).value, False)

    @property
    def sdk(self) -> int:
        return self.phone.sdk if self.phone else 0

    @property
    def maker(self) -> str:
        return self.phone.maker.casefold() if self.phone else ""

    @property
    def samsung(self) -> bool:
        return self.maker == "samsung"

    @property
    def apps(self) -> Sequence[App]:
        return self.inventory.apps if self.inventory else ()

    @property
    def profiles(self) -> Sequence[Profile]:
        return self.inventory.profiles if self.inventory else ()

    @cached_property
    def parts(self) -> Mapping[str, PartAnswer]:
        """The parts of the whole reading's answer."""
        run = next((e for e in self.recorder.runs if " begin snapshot" in e.command), None)
        return parts(run) if run else {}

    @cached_property
    def again_parts(self) -> Mapping[str, PartAnswer]:
        """The parts of the last look's answer."""
        run = next((e for e in self.recorder.runs if " begin known $I" in e.command), None)
        return parts(run) if run else {}

    def of_profiles(self, word: str) -> dict[int, PartAnswer]:
        """The answers to one question to each profile, by its number."""
        named = ((name.partition(" "), part) for name, part in self.parts.items())
        return {int(number): part for (first, _, number), part in named if first == word and number.isdecimal()}

    @cached_property
    def lists(self) -> dict[int, tuple[Account[Packages], int]]:
        """Each profile's list of apps, and its exit code."""
        return {
            id: (short_answers.packages(part.lines), part.code) for id, part in self.of_profiles("packages").items()
        }

    @cached_property
    def dump(self) -> Dump | None:
        """The snapshot, read by itself."""
        if (part := self.parts.get("snapshot")) is None:
            return None  # Nothing is lost: that it did not come is told of each row
        dump = Dump()
        dump.block(part.text)
        dump.end(part.code)
        return dump

    @cached_property
    def screens(self) -> Screens | None:
        """The table of screens, read by itself."""
        if (part := self.parts.get("screens")) is None:
            return None  # Nothing is lost: that it did not come is told of each row
        screens = Screens(ordered=self.sdk >= inventory.ORDERED_SINCE)
        screens.block(part.text)
        screens.end(part.code)
        return screens

    @cached_property
    def links(self) -> Links | None:
        """The list of signers, read by itself; None before Android 12."""
        if (part := self.parts.get("links")) is None or not part.text.strip():
            return None  # Nothing is lost: that it did not come is told of each row
        links = Links()
        links.block(part.text)
        links.end(part.code)
        return links

    def kinds(self) -> set[ProfileKind]:
        """The kinds of the phone's profiles."""
        return {profile.kind for profile in self.profiles}


def gather(facts: AndroidFacts, report: Report, cancel: Cancel) -> None:
    """Read the phone into `facts`, as far as it comes. Raises PhoneProblem, Cancelled."""
    link = facts.recorder
    facts.inventory = inventory.read(link, False, report, cancel)
    report(Progress(T("Looking at the lists again"), 0.6))
    facts.again = second_look.look_again(link, facts.inventory, cancel)
    ask(link, shell.parts(_SHORT_QUESTIONS), cancel, _SHORT, facts.short)
    report(Progress(T("Looking into some of the apps"), 0.7))
    _read_files(facts, link, cancel)
    _read_whole(facts, link, cancel)


def _sample(apps: Sequence[App]) -> list[App]:
    """Some apps that were installed, those of several files first, and some that came with the phone."""
    present = [app for app in apps if any(state.installed for state in app.states)]
    foreign = sorted((app for app in present if app.must_be_looked_into), key=lambda app: -len(app.splits or ()))
    own = [app for app in present if not app.must_be_looked_into]
    return foreign[:_INSTALLED_APPS] + own[:: max(len(own) // _SYSTEM_APPS, 1)][:_SYSTEM_APPS]


def _read_files(facts: AndroidFacts, link: Link, cancel: Cancel) -> None:
    sample = _sample(facts.apps)
    longest = ranges.command_limit(facts.sdk)
    files = facts.files = FilesRead(locate(link, sample, cancel, longest, lambda app: app.splits))
    for number, app in enumerate(sample):
        mine = sorted(files.located.value.get(app.package, ()), key=lambda file: file.name != BASE)
        if mine:
            remote = Remote(mine[0].size)
            first = FileReading(mine[0], read(remote, facts.sdk), remote if number < identify.ICONS_LIMIT else None)
            splits = [FileReading(f, read(Remote(f.size), facts.sdk, base=False)) for f in mine[1 : 1 + _SPLITS]]
            files.readings[app.package] = [first, *splits]
    reader = ranges.Reader(link, longest)
    for reading in files.all:
        reading.advance(None)
    while waiting := [reading for reading in files.all if not reading.is_complete]:
        identify.step(reader, waiting[: identify.SIDE_BY_SIDE], cancel)


def _read_whole(facts: AndroidFacts, link: Link, cancel: Cancel) -> None:
    """Have the phone hash the smallest of the files that were looked into, and read it whole."""
    files = [reading.file for reading in facts.files.all if reading.file.size <= _WHOLE_LIMIT] if facts.files else []
    if not files:
        return  # Nothing is lost: its rows are told as not tried
    file = min(files, key=lambda file: file.size)
    whole = facts.whole_file = WholeFile(file.path, file.size)
    answers = ask(link, shell.parts({"sums": app_evidence.command([file.path])}), cancel, _SHORT)
    whole.sums = answers.get("sums", ([], -1))
    digest = hashlib.sha256()

    def take(piece: memoryview) -> None:
        whole.bytes += len(piece)
        digest.update(piece)

    begin = time.monotonic()
    try:
        link.pull(file.path, take, cancel, file.size)
    except (FileNotGiven, TooMuch):  # Nothing is lost: that it was not given is told
        whole.given = False
    whole.seconds, whole.sha256 = time.monotonic() - begin, digest.hexdigest()
