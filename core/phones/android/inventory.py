"""Reading an Android phone: one compound stream, parsed while it arrives.

The script asks for properties and users, then for the package list of each user by number (a list without a number dies
on a Samsung with a Secure Folder), then for the one snapshot of all profiles, `dumpsys package packages`, for the
signers and the screens by which a renamed copy shows, and for the device administrators. The lists are quick, so they
give a first look; the snapshot is complete, so it decides; each is held against the other, and every disagreement is a
gap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from core import words
from core.jobs import Cancel, Progress, Report
from core.model import Admin, App, AppState, Gap, Inventory, Phone, Profile, ProfileKind
from core.phones.android import answers, shell
from core.phones.android.dump import PROFILE_LIMIT, Dump
from core.phones.android.link import Link
from core.phones.android.screens import Links, Screens
from core.phones.android.shell import Part, Sorter, part
from core.phones.android.states import TooMuch
from core.text import N, T, Text

_HOW_AGAIN: Final = T("Check the phone again; if it stays so, restart it first.")

_HOW_TOO_OLD: Final = T("This Android is too old to say so: look through its apps by hand.")

#: Since Android 7 (seen there, and later) the listing prints the certificate's hash; Android 2 printed an address in
#: its memory in the same place.
HASHES_SINCE: Final = 24

_HOW: Final = {
    ProfileKind.SECURE_FOLDER: T(
        "Have the owner open Secure Folder on the phone and show its apps, or move them out of it."
    ),
    ProfileKind.WORK: T(
        "Have the owner show the work profile's apps on the phone, or ask whoever manages that profile."
    ),
    ProfileKind.PRIVATE_SPACE: T("Have the owner unlock the private space, and check the phone again."),
}


def script(nonce: str) -> str:
    """The whole reading as one shell script; it works in every Android's shell since 2.3 and in any POSIX shell."""
    per_user = part(nonce, "packages $I", "pm list packages --user $I").rstrip("\n")
    return (
        "set -f\n"
        + part(nonce, "properties", "getprop")
        + f'U=$(pm list users 2>&1); R=$?; echo "{nonce} begin users"; echo "$U"; echo; echo "{nonce} end users $R"\n'
        # Words of the user list that begin an entry; a name that looks like one only makes us ask in vain.
        + "for W in $U; do case $W in UserInfo{[0-9]*) I=${W#*UserInfo{}; I=${I%%:*}; "
        + f'case $I in ""|*[!0-9]*) ;; *) {per_user};; esac;; esac; done\n'
        + part(nonce, "profiles", "dumpsys user")
        # dumpsys gives up after 10 s of its own accord; a slow phone with many apps needs longer (-t since Android 8).
        + 'T=; S=$(getprop ro.build.version.sdk); case $S in 2[6-9]|[3-9][0-9]) T="-t 60";; esac\n'
        + part(nonce, "snapshot", "dumpsys $T package packages")
        + part(nonce, "screens", "dumpsys $T package r activity")
        + part(nonce, "links", "case $S in 3[1-9]|[4-9][0-9]) pm get-app-links;; esac")
        + part(nonce, "admins", "dumpsys device_policy")
        + part(nonce, "end", ":")
    )


def read(
    link: Link,
    practice: bool,
    report: Report,
    cancel: Cancel,
    glimpse: Callable[[Inventory], None] | None = None,
) -> Inventory:
    """Read the phone behind `link`. `practice` tells whether it is a practice phone.

    Raises what `Link.run` raises, but not TooMuch: then what came before the limit counts, and the rest is a gap.
    """
    nonce = shell.nonce()
    reading = Reading(practice, report, glimpse)
    sorter = Sorter(nonce, reading.begin)
    lines = shell.Lines(sorter.block)
    report(Progress(T("Asking the phone what is on it"), 0.0))
    try:
        link.run(script(nonce), lines.feed, cancel)
        lines.end()
    except TooMuch as problem:
        reading.gaps.append(Gap(problem.sentence, problem.next_step))
    if "end" not in sorter.finished and not reading.gaps:
        reading.gaps.append(Gap(T("The phone broke off its answer before the end."), _HOW_AGAIN))
    return reading.inventory()


class Reading:
    """What one reading has gathered so far."""

    def __init__(self, practice: bool, report: Report, glimpse: Callable[[Inventory], None] | None) -> None:
        self._practice = practice
        self._report = report
        self._glimpse = glimpse
        self.phone = Phone("android", "", "", "", "")
        self.profiles: dict[int, Profile] = {}
        self.lists: dict[int, frozenset[str]] = {}
        self.dump = Dump()
        self.screens = Screens()
        self.links = Links()
        self.admins: list[Admin] = []
        self.gaps: list[Gap] = []

    def begin(self, name: str) -> Part:
        """Who reads the part `name`."""
        word, _, number = name.partition(" ")
        if word == "packages" and number.isascii() and number.isdecimal() and len(number) < 10:
            return shell.Collect(lambda lines, code: self._packages(int(number), lines, code))
        if word == "snapshot":
            self._report(Progress(T("Reading every app in every profile"), 0.3))
            if self._glimpse:
                self._glimpse(self._first_look())
            return _Snapshot(self.dump, self._listed, self._report, self._snapshot)
        if word == "screens":
            return self.screens
        if word == "links":
            return self.links
        done = {
            "properties": self._properties,
            "users": self._users,
            "profiles": self._types,
            "admins": self._admins,
        }.get(word, lambda lines, code: None)
        return shell.Collect(done)

    @property
    def _listed(self) -> int:
        return len(frozenset[str]().union(*self.lists.values()))

    def _properties(self, lines: list[str], code: int) -> None:
        self.phone = answers.phone(answers.properties(lines), self._practice)
        self._report(Progress(T("Asking for the lists of apps"), 0.05))
        if not self.phone.model:
            self.gaps.append(Gap(T("The phone did not say what it is."), _HOW_AGAIN))

    def _users(self, lines: list[str], code: int) -> None:
        self.profiles = {p.id: p for p in answers.users(lines)}
        if not self.profiles:
            self.gaps.append(Gap(T("The phone did not say which profiles it has."), _HOW_AGAIN))

    def _types(self, lines: list[str], code: int) -> None:
        """`dumpsys user` knows the type of each profile; an old phone does not answer, and then the flags must do."""
        for told in answers.users(lines):
            known = self.profiles.get(told.id)
            if known or len(self.profiles) < PROFILE_LIMIT:
                self.profiles[told.id] = replace(known, kind=told.kind) if known else answers.unlisted(told.id)

    def _packages(self, id: int, lines: list[str], code: int) -> None:
        profile = self.profiles.get(id)
        listed = answers.packages(lines)
        if profile is None:
            # Otherwise a name that looked like an entry of the user list.
            if listed.names and len(self.profiles) < PROFILE_LIMIT:
                self.profiles[id], self.lists[id] = answers.unlisted(id), listed.names
            return
        self.lists[id] = listed.names
        problem = listed.problem(code)
        if problem is not None:
            self.profiles[id] = replace(profile, readable=False, why=problem)

    def _snapshot(self, code: int) -> None:
        if code != 0:
            self.gaps.append(Gap(T("The phone's full list of apps ended with an error."), _HOW_AGAIN))

    def _admins(self, lines: list[str], code: int) -> None:
        self.admins = answers.admins(lines)

    def _first_look(self) -> Inventory:
        apps = _from_lists(self.lists)
        return Inventory(self.phone, tuple(self.profiles.values()), tuple(apps.values()))

    def inventory(self) -> Inventory:
        """Everything that was read, and the gaps."""
        hashes = self.phone.sdk >= HASHES_SINCE
        apps = {a.package: a for a in self.dump.apps(self.screens.of, self.links.signers, hashes=hashes)}
        for id in sorted(self.dump.profiles - set(self.profiles)):
            self.profiles[id] = answers.unlisted(id)
        gaps = [*self.gaps, *self._dump_gaps(), *self._profile_gaps(apps), *self._disagreements(apps)]
        gaps += self._unsigned(apps)
        for package, listed in _from_lists(self.lists).items():
            apps[package] = _joined(apps.get(package), listed)
        return Inventory(
            self.phone, tuple(self.profiles.values()), tuple(apps.values()), tuple(self.admins), tuple(gaps)
        )

    def _unsigned(self, apps: dict[str, App]) -> list[Gap]:
        """Apps that somebody installed and of which the phone did not say who signed them."""
        if not self.dump.began:
            return []
        silent = [
            a for a in apps.values() if not a.system and not a.signers and any(state.installed for state in a.states)
        ]
        if not silent:
            return []
        what = N(
            "The phone did not say who signed {count} app: a renamed copy of a banned app may not be recognised.",
            "The phone did not say who signed {count} apps: a renamed copy of a banned app may not be recognised.",
            len(silent),
        )
        return [Gap(what, _HOW_AGAIN if self.phone.sdk >= HASHES_SINCE else _HOW_TOO_OLD)]

    def _dump_gaps(self) -> list[Gap]:
        found: list[Text] = []
        if not self.dump.began:
            found.append(T("The phone did not give its full list of apps."))
        elif self.dump.truncated:
            found.append(T("The phone's full list of apps breaks off in the middle."))
        if self.dump.too_many:
            found.append(T("The phone claims to have more apps than can be true."))
        if self.dump.malformed or self.dump.stateless:
            found.append(T("The phone's full list of apps has entries that make no sense."))
        if self.dump.began and not self.screens.whole:
            found.append(
                T("The phone did not list all of its screens: a renamed copy of a banned app may not be recognised.")
            )
        return [Gap(what, _HOW_AGAIN) for what in found]

    def _profile_gaps(self, apps: dict[str, App]) -> list[Gap]:
        gaps = []
        told = {s.profile for a in apps.values() for s in a.states}
        for profile in list(self.profiles.values()):
            if profile.readable and profile.id not in self.lists:
                why = T("The phone did not answer for this profile.")
                self.profiles[profile.id] = profile = replace(profile, readable=False, why=why)
            elif profile.readable and (not self.lists[profile.id] or (self.dump.began and profile.id not in told)):
                why = T("The phone named no app at all for this profile.")
                self.profiles[profile.id] = profile = replace(profile, readable=False, why=why)
            if not profile.readable:
                what = words.pair(words.profile(profile), profile.why or "")
                gaps.append(Gap(what, _HOW.get(profile.kind, _HOW_AGAIN), profile.id))
        return gaps

    def _disagreements(self, apps: dict[str, App]) -> list[Gap]:
        """Where the list of a profile and the snapshot differ, although both were given."""
        if not self.dump.began:
            return []
        gaps = []
        libraries = self.dump.libraries
        names = _library_names(libraries)
        for id, listed in self.lists.items():
            if not self.profiles[id].readable:
                continue
            states = {p: s for p, a in apps.items() if (s := a.state(id)) and s.installed and p not in libraries}
            must = {p for p, s in states.items() if not (s.hidden or s.instant)}
            differ = (must - listed) | (listed - set(states) - names)
            if differ:
                what = N(
                    "{profile}: {count} app is in only one of the phone's two lists.",
                    "{profile}: {count} apps are in only one of the phone's two lists.",
                    len(differ),
                    profile=words.profile(self.profiles[id]),
                )
                gaps.append(Gap(what, _HOW_AGAIN, id))
        return gaps


class _Snapshot:
    """The part that holds the dump; it tells how far it is, by the number of apps that the lists promised."""

    def __init__(self, dump: Dump, expected: int, report: Report, done: Callable[[int], None]) -> None:
        self._expected = max(expected, 1)
        self._report = report
        self._done = done
        self.block = dump.block
        dump.counted = self._counted

    def _counted(self, packages: int) -> None:
        if packages % 25 == 0:
            share = 0.3 + 0.65 * min(packages / self._expected, 1.0)
            self._report(Progress(T("Reading every app in every profile"), share))

    def end(self, code: int) -> None:
        self._done(code)


def _library_names(libraries: frozenset[str]) -> frozenset[str]:
    """A shared library goes by ``name_version`` in the snapshot and may go by ``name`` in the list."""
    return libraries | {name.rpartition("_")[0] for name in libraries}


def _from_lists(lists: dict[int, frozenset[str]]) -> dict[str, App]:
    apps: dict[str, list[AppState]] = {}
    for id, names in lists.items():
        for name in names:
            apps.setdefault(name, []).append(AppState(id, installed=True))
    return {name: App(name, states=tuple(states)) for name, states in sorted(apps.items())}


def _joined(app: App | None, listed: App) -> App:
    """`app` as the snapshot has it, and there wherever either source says that it is there."""
    if app is None:
        return listed
    there = {s.profile for s in app.states if s.installed}
    missing = tuple(s for s in listed.states if s.profile not in there)
    if not missing:
        return app
    kept = tuple(s for s in app.states if s.profile not in {m.profile for m in missing})
    return replace(app, states=kept + missing)
