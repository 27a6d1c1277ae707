"""Reading an Android phone: one compound stream, parsed while it arrives.

The script asks for properties and users; then, for each user by number (a list without a number dies on a Samsung with
a Secure Folder), which packages there are, which of them are part of the system, and which are switched off; then for
the one snapshot of all profiles, `dumpsys package packages`, for the signers and the screens by which a renamed copy
shows, and for the device administrators.

The lists are quick, so they give a first look, and no app can write into them, so they say what an app could profit
from. The snapshot has all profiles, also those whose list the phone refuses, and says who signed what; but an app's own
text stands in it. So an app is there where either says so; it is part of the system, or switched off, only where a list
says so; and where the two disagree about an app, its own file must be looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

from core import value_names
from core.jobs import Cancel, Progress, Report
from core.model import Admin, App, AppState, Enabled, Gap, Inventory, Phone, PhoneIdentity, Profile, ProfileKind
from core.phones.accounting import Account, Left, Leftovers, Why
from core.phones.android.link import phone_identity, shell
from core.phones.android.link.link import Link
from core.phones.android.link.problems import TooMuch
from core.phones.android.link.shell import AnswerPart, Sorter, part
from core.phones.android.listings import health, management, short_answers
from core.phones.android.listings.dump import PROFILE_LIMIT, Dump
from core.phones.android.listings.screens import Links, Screens
from core.phones.android.listings.short_answers import ListedApp
from core.text import T, Text, first_few

_T = TypeVar("_T")
_Glimpse = Callable[[Inventory], None]
HOW_AGAIN: Final = T("Check the phone again; if it stays so, restart it first.")

_HOW_TO_SEE: Final = T("Open these apps on the phone and see what they are. Remove what is not known.")

#: How many apps a gap names.
_NAMED: Final = 20

#: Since Android 7 (seen there, and later) the listing prints the certificate's hash; Android 2 printed an address in
#: its memory in the same place.
HASHES_SINCE: Final = 24

#: Since which SDK the table of screens is known to keep its texts in the order of their hashes (seen on 24, 28, 29; in
#: AOSP's code since 19).
ORDERED_SINCE: Final = 24

#: What is said where something was left of a shorter answer.
_ANSWERS: Final = {
    "properties": T("The phone’s list of its properties has lines that make no sense."),
    "users": T("The phone’s list of its profiles has lines that make no sense."),
    "lists": T("The phone’s lists of apps that came with it, or are switched off, have lines that make no sense."),
    "admins": T("The phone’s list of device administrators has lines that make no sense."),
}

_SILENT: Final = T("The phone did not answer for this profile.")
_HOW: Final = {
    ProfileKind.SECURE_FOLDER: T(
        "Have the holder open Secure Folder on the phone and show its apps, or move them out of it."
    ),
    ProfileKind.WORK: T(
        "Have the holder show the work profile's apps on the phone, or ask the organisation that manages that profile."
    ),
    ProfileKind.PRIVATE_SPACE: T("Have the holder unlock the private space, and check the phone again."),
}


def script(nonce: str) -> str:
    """The whole reading as one shell script; it works in every Android's shell since 2.3 and in any POSIX shell."""
    second = part(nonce, "system $I", "pm list packages -s --user $I")
    second += part(nonce, "disabled $I", "pm list packages -d --user $I")
    return (
        "set -f\n"
        + part(nonce, "properties", "getprop")
        + part(nonce, "boot", phone_identity.BOOT_ID)
        + health.first(nonce)
        + users_and_lists(nonce)
        + for_each_user(second)
        + part(nonce, "profiles", "dumpsys user")
        + part(nonce, "snapshot", "dumpsys $T package packages")
        + part(nonce, "screens", "dumpsys $T package r activity content")
        + part(nonce, "links", "case $S in 3[1-9]|[4-9][0-9]) pm get-app-links;; esac")
        + part(nonce, "admins", "dumpsys device_policy")
        + health.script(nonce)
        + for_each_user(health.script_of_profile(nonce))
        + part(nonce, "end", ":")
    )


def users_and_lists(nonce: str) -> str:
    """The users (left in $U), and the list of each one's apps. $S becomes the SDK, $L and $T options for it.

    The options of a list are there since Android 8; dumpsys gives up after 10 s of its own accord, and a slow phone
    with many apps needs longer (-t since Android 8).
    """
    return (
        'L=-f; T=; S=$(getprop ro.build.version.sdk); case $S in 2[6-9]|[3-9][0-9]) T="-t 60"; '
        + 'L="-f -U -i --show-versioncode";; esac\n'
        + f'U=$(pm list users 2>&1); R=$?; echo "{nonce} begin users"; echo "$U"; echo; echo "{nonce} end users $R"\n'
        + for_each_user(part(nonce, "packages $I", "pm list packages $L --user $I"))
    )


def for_each_user(commands: str) -> str:
    """`commands` with each user's number as $I: by the first entry of each line of the user list, whatever stands in
    the user's name behind it. Of a name with line breaks, what looks like an entry only makes us ask in vain."""
    inside = commands.rstrip("\n").replace("\n", "; ")
    return (
        "IFS='\n'; for W in $U; do unset IFS; case $W in *UserInfo{[0-9]*) I=${W#*UserInfo{}; I=${I%%:*}; "
        f'case $I in ""|*[!0-9]*) ;; *) {inside};; esac;; esac; done; unset IFS\n'
    )


def read(
    link: Link,
    practice: bool,
    report: Report,
    cancel: Cancel,
    glimpse: _Glimpse | None = None,
    sought: Collection[str] = (),
) -> Inventory:
    """Read the phone behind `link`. `practice` tells whether it is a practice phone; the apps `sought` are read past
    every limit.

    Raises what `Link.run` raises, but not TooMuch: then what came before the limit counts, and the rest is a gap.
    """
    nonce = shell.nonce()
    reading = InventoryReading(practice, report, glimpse, sought)
    sorter = Sorter(nonce, reading.begin)
    lines = shell.Lines(sorter.block)
    report(Progress(T("Asking the phone what is on it"), 0.0))
    try:
        link.run(script(nonce), lines.feed, cancel)
        lines.end()
    except TooMuch as problem:
        reading.cut = Gap(problem.sentence, problem.next_step)
    except BaseException:
        sorter.end()
        reading.glimpse_what_came()
        raise
    if "end" not in sorter.finished and reading.cut is None:
        reading.cut = Gap(T("The phone broke off its answer before the end."), HOW_AGAIN)
    sorter.end()
    for name in sorter.unfinished:
        reading.leftovers.add(Why.CUT, "answer", text=name)
    return reading.inventory()


class InventoryReading:
    """What one reading has gathered so far."""

    def __init__(self, practice: bool, report: Report, glimpse: _Glimpse | None, sought: Collection[str] = ()) -> None:
        self._practice = practice
        self._report = report
        self._glimpse = glimpse
        self.phone = Phone("android", "", "", "", "", practice=practice)
        self.identity: PhoneIdentity | None = None
        self._phone_properties: dict[str, str] = {}
        self.profiles: dict[int, Profile] = {}
        #: By profile: the apps that its list names, and those among them that are part of the system or switched off.
        self.lists: dict[int, Mapping[str, ListedApp]] = {}
        self.system: dict[int, frozenset[str]] = {}
        self.disabled: dict[int, frozenset[str]] = {}
        self._unlisted_told = False
        self._sought = frozenset(sought)
        self.dump = Dump(self._sought)
        self.screens = Screens()
        self.links = Links()
        self.admins: list[Admin] = []
        self.management = management.ManagementAnswers()
        self.health = health.Health()
        self.gaps: list[Gap] = []
        #: What the readers of the shorter answers left, by the answer.
        self.answers: dict[str, Leftovers] = {}
        #: What was left of the answer as a whole.
        self.leftovers = Leftovers()
        #: Apps that the screens or the signers were not read wholly of.
        self._accused: frozenset[str] = frozenset()
        #: Why not all of the answer came; what is missing at its end is no gap of its own then.
        self.cut: Gap | None = None

    def begin(self, name: str) -> AnswerPart:
        """Return the reader of the script's part `name`. A part that was not asked for is taken and dropped."""
        word, _, number = name.partition(" ")
        if number.isascii() and number.isdecimal() and len(number) < 10:
            if word == "packages":
                return shell.Collect(partial(self._packages, int(number)), keep=self._is_sought)
            if word in ("system", "disabled"):
                return shell.Collect(
                    partial(self._names, self.system if word == "system" else self.disabled, int(number))
                )
        if word == "health":
            return self.health.begin(number)
        if word == "snapshot":
            self._report(Progress(T("Reading every app in every profile"), 0.3))
            self._tell_early(())
            self.dump.counted = partial(self._counted, max(len(self._listed()), 1))
        if word == "screens":
            self.glimpse_unlisted()
            self.screens.ordered = self.phone.sdk >= ORDERED_SINCE
        streamed: dict[str, AnswerPart] = {"snapshot": self.dump, "screens": self.screens, "links": self.links}
        if word in streamed:
            return streamed[word]
        reader = {
            "properties": self._properties,
            "boot": self._boot,
            "users": self._users,
            "profiles": self._types,
            "admins": self._admins,
        }.get(word, lambda lines, code: None)
        return shell.Collect(reader)

    def _is_sought(self, line: str) -> bool:
        """Whether a line of a list names an app that is sought."""
        return not self._sought.isdisjoint(short_answers.packages([line]).value.apps)

    def glimpse_what_came(self) -> None:
        """Tell of all that was read where the phone is lost before the end: a banned app is known by whatever shows it,
        a name in half a list as well as a certificate."""
        inventory = self.inventory()
        if self._glimpse is not None and inventory.apps:
            self._glimpse(replace(inventory, names_only=True))

    def glimpse_unlisted(self) -> None:
        """Tell of the apps that the snapshot alone has (hidden, archived, in a closed profile) as soon as it came.
        Once: a phone can name the next part as often as it likes."""
        if self._glimpse is None or not self.dump.began or self._unlisted_told:
            return  # Nothing is lost: there is nothing to tell yet, or it was told
        self._unlisted_told = True
        listed = set(self._listed())
        dumped = self.dump.account(hashes=self.phone.sdk >= HASHES_SINCE, but=listed).value
        apps = [self._app(a.package, a) for a in dumped if any(s.present for s in a.states)]
        if apps:
            self._tell_early(apps)

    def _tell_early(self, unlisted: Sequence[App]) -> None:
        """Tell the glimpse, if there is one, of the apps that the lists name, and of those that they do not."""
        if self._glimpse is not None:
            inventory = Inventory(
                self.phone,
                tuple(self.profiles.values()),
                (*unlisted, *(self._app(name, None) for name in self._listed())),
                gaps=self.health.gaps(self.phone, self.profiles, whole=True),
                identity=self.identity,
                names_only=True,
            )
            self._glimpse(inventory)

    def _listed(self) -> list[str]:
        """The apps that the lists name, in any profile."""
        return sorted(frozenset[str]().union(*self.lists.values()))

    def _counted(self, expected: int, packages: int) -> None:
        """Tell how far the snapshot is, by the number of apps that the lists promised."""
        if packages % 25 == 0:
            share = 0.3 + 0.65 * min(packages / expected, 1.0)
            self._report(Progress(T("Reading every app in every profile"), share))

    def _strangers(self, apps: Collection[str]) -> Iterator[Left]:
        """The apps that have screens or signers, and are in no list and not in the snapshot either."""
        if self.dump.began and not self.cut:
            for package in sorted((self.screens.packages | self.links.packages) - set(apps)):
                yield Left(Why.DISAGREES, "app that is in no list", package)

    def _take(self, answer: str, account: Account[_T]) -> _T:
        """The value of an answer's account; what was left of it is kept under the answer's name."""
        return self.answers.setdefault(answer, Leftovers()).take(account)

    def _properties(self, lines: list[str], code: int) -> None:
        self._phone_properties = self._take("properties", short_answers.properties(lines))
        self.health.properties(lines)
        self.phone = short_answers.phone(self._phone_properties, self._practice)
        self._report(Progress(T("Asking for the lists of apps"), 0.05))
        if not self.phone.model:
            self.gaps.append(Gap(T("The phone did not say what it is."), HOW_AGAIN))

    @property
    def _samsung(self) -> bool:
        return self.phone.maker.casefold() == "samsung"

    def _boot(self, lines: list[str], code: int) -> None:
        self.identity = phone_identity.identity(self._phone_properties, lines if code == 0 else ())

    def _users(self, lines: list[str], code: int) -> None:
        """Profiles that were told before stay as they are: a phone may answer twice."""
        for profile in self._take("users", short_answers.users(lines, self._samsung, alone=True)):
            if len(self.profiles) < PROFILE_LIMIT:
                self.profiles.setdefault(profile.id, profile)
        if not self.profiles:
            self.gaps.append(Gap(T("The phone did not say which profiles it has."), HOW_AGAIN))
        elif code != 0 or len(self.profiles) >= PROFILE_LIMIT:
            self.gaps.append(Gap(T("The phone did not name all of its profiles."), HOW_AGAIN))

    def _types(self, lines: list[str], code: int) -> None:
        """`dumpsys user` knows the type of each profile; an old phone does not answer, and then the flags must do. It
        knows the restrictions of each as well."""
        self.management.user(lines, code)
        for profile in self._take("users", short_answers.users(lines, self._samsung)):
            listed = self.profiles.get(profile.id)
            if listed is not None:
                self.profiles[profile.id] = replace(listed, kind=profile.kind)
            else:
                self._unlisted(profile.id)

    def _unlisted(self, id: int) -> bool:
        """A profile that the user list does not have. Whether there is room for it."""
        if len(self.profiles) >= PROFILE_LIMIT:
            self.dump.too_many = True
            return False
        self.profiles[id] = short_answers.unlisted(id, self._samsung)
        return True

    def _packages(self, id: int, lines: list[str], code: int) -> None:
        profile = self.profiles.get(id)
        # What is left of a list keeps its profile from counting as read.
        listed = short_answers.packages(lines).value
        if profile is None:
            # A list without apps is of no profile: a line in a user's name looked like an entry, and was asked for.
            if listed.apps and self._unlisted(id):
                self.lists[id] = listed.apps
            return  # Nothing is lost: a list without any app, of a profile that no answer names
        self.lists[id] = listed.apps
        problem = listed.problem(code) if self.cut is None else _SILENT
        if problem is not None:
            self.profiles[id] = replace(profile, readable=False, why=problem)

    def _names(self, lists: dict[int, frozenset[str]], id: int, lines: list[str], code: int) -> None:
        """A list that cannot be relied upon speaks for no app; which is told where the profile's own list can be."""
        account = short_answers.packages(lines)
        if account.value.problem(code) is None:
            lists[id] = account.value.names
        elif self.cut is None and (profile := self.profiles.get(id)) is not None and profile.readable:
            self._take("lists", account)
            self.answers["lists"].add(Why.REFUSED, "list", text=str(id))

    def _admins(self, lines: list[str], code: int) -> None:
        self.admins = self._take("admins", short_answers.admins(lines))
        self.health.device_policy(lines, code)
        self.management.device_policy(lines, code)

    def inventory(self) -> Inventory:
        """Everything that was read, and the gaps."""
        hashes = self.phone.sdk >= HASHES_SINCE
        links = self.links.account()
        screens = self.screens.account()
        self._accused = frozenset(leftover.app for leftover in (*links.left, *screens.left) if leftover.app)
        dump = self.dump.account(self.screens.of, self.links.signers, hashes=hashes)
        dumped = {a.package: a for a in dump.value}
        oddities = [*screens.left, *links.left, *self._strangers({*dumped, *self._listed()})]
        for id in sorted(self.dump.profiles - set(self.profiles)):
            self._unlisted(id)
        names = dict.fromkeys([*dumped, *self._listed()])
        apps = tuple(self._app(name, dumped.get(name)) for name in names)
        if self.dump.failed and self.cut is None:
            self.gaps.append(Gap(T("The phone's full list of apps ended with an error."), HOW_AGAIN))
        gaps = [
            *self.health.gaps(self.phone, self.profiles, whole=self.cut is None),
            *self.gaps,
            *self._answer_gaps(),
            *([self.cut] if self.cut else self._dump_gaps(dump.left, oddities)),
            *self._profile_gaps(dumped),
        ]
        return Inventory(
            self.phone,
            tuple(self.profiles.values()),
            apps,
            tuple(self.admins),
            tuple(gaps),
            self.identity,
            self.health.readings,
            management=self.management.reading,
        )

    def _app(self, name: str, dumped: App | None) -> App:
        """An app as the lists have it, with what the snapshot adds: there wherever either says that it is there."""
        listed = {id: apps[name] for id, apps in self.lists.items() if name in apps}
        app = dumped or App(name, components=self.screens.of(name), certificates=self.links.signers.get(name, ()))
        first = next(iter(listed.values()), ListedApp())
        states = {state.profile: state for state in app.states}
        for id in listed:
            if id not in states or not states[id].installed:
                states[id] = AppState(id, installed=True)
        confirmed = self._is_confirmed(app, states, listed)
        states = {id: self._switched(name, state, dumped is not None) for id, state in states.items()}
        confirmed = confirmed and all(app.state(id) in (None, state) for id, state in states.items())
        installed = any(state.installed for state in states.values())
        # Of an app that an owner hides no list speaks: what the snapshot says of it is not confirmed.
        in_system = any(name in names for names in self.system.values()) if listed else app.system
        return replace(
            app,
            version_code=first.version_code if first.version_code is not None else app.version_code,
            installer=first.installer if first.version_code is not None else app.installer,
            system=in_system,
            updated_system=in_system and (app.updated_system or first.path.startswith("/data/")),
            code_path=first.path or ("" if self.dump.is_odd(name) else app.code_path),
            states=tuple(states.values()),
            confirmed=confirmed
            and not (installed and not listed)
            and not self._contradicted(app, first)
            and self._agree_on_the_system(name, listed)
            and name not in self._accused,
        )

    def _agree_on_the_system(self, name: str, listed: Collection[int]) -> bool:
        """Whether the lists of all profiles that have an app say alike that it is part of the system."""
        return len({name in self.system[id] for id in listed if id in self.system}) < 2

    def _contradicted(self, app: App, listed: ListedApp) -> bool:
        """Whether the list and the snapshot do not name the same file and version of an app.

        The list names the base file, the snapshot its folder, and both of an old phone the file: that name is
        compared, which Android makes anew with each installation.
        """
        if not self.dump.began or not app.states:
            return False
        moved = bool(listed.path and app.code_path) and app.code_path.rpartition("/")[2] not in listed.path.split("/")
        versions = (listed.version_code, app.version_code)
        return moved or (None not in versions and versions[0] != versions[1])

    def _switched(self, name: str, state: AppState, dumped: bool) -> AppState:
        """`state`, switched off only if both the profile's list and the snapshot (where it came) say so."""
        off = name in self.disabled.get(state.profile, ())
        if off and not dumped:
            return replace(state, enabled=Enabled.DISABLED)
        return state if off or not state.enabled.off else replace(state, enabled=Enabled.DEFAULT)

    def _is_confirmed(self, app: App, states: Mapping[int, AppState], listed: Mapping[int, ListedApp]) -> bool:
        """Whether nothing that was read of an app contradicts itself. What was not read at all is a gap anyway."""
        if not self.dump.began:
            return True
        if self.dump.is_doubtful(app.package) or not app.states:
            return False
        readable = {id for id in self.lists if self.profiles[id].readable}
        dumped = {state.profile for state in app.states if state.installed}
        return dumped & readable == set(listed) & readable

    def _answer_gaps(self) -> list[Gap]:
        """The phone's shorter answers of which something was left."""
        gaps = [Gap(_ANSWERS[answer], HOW_AGAIN) for answer, leftovers in self.answers.items() if leftovers.all]
        if self.leftovers.all and self.cut is None:
            gaps.append(Gap(T("The phone broke off an answer, and went on with the next."), HOW_AGAIN))
        return gaps

    def _dump_gaps(self, dump: Sequence[Left], oddities: Sequence[Left]) -> list[Gap]:
        """What the snapshot, the table of screens and the list of signers left, but what only has an app looked into:
        a field that is missing, and answers that do not agree."""
        sentences: list[Text] = []
        gaps: list[Gap] = []
        truncated = self.dump.truncated
        unknown = [name for name in self._listed() if name not in self.dump]
        if not self.dump.began:
            sentences.append(T("The phone did not give its full list of apps."))
        elif truncated or unknown:  # every app that a list names has a block
            sentences.append(T("The phone's full list of apps breaks off in the middle."))
        if self.dump.too_many:
            sentences.append(T("The phone claims to have more apps than can be true."))
        odd = sorted(self.dump.odd)
        grave = [item for item in dump if item.why not in (Why.MISSING, Why.DISAGREES) and item.app not in odd]
        if odd and not truncated:
            odd_lines = T(
                "The entries of some apps have lines that the phone itself does not write: {apps}.",
                apps=_first_few(odd),
            )
            gaps.append(Gap(odd_lines, _HOW_TO_SEE))
        elif grave and not truncated and self.dump.began:
            sentences.append(T("The phone's full list of apps has entries that make no sense."))
        packages = sorted({leftover.app for leftover in oddities if leftover.app and leftover.why is not Why.MISSING})
        if packages:
            oddly = T("Screens or signers of some apps are listed oddly: {apps}.", apps=_first_few(packages))
            gaps.append(Gap(oddly, _HOW_TO_SEE))
        if self.dump.began and any(not leftover.app for leftover in oddities):
            sentences.append(
                T("The phone did not list all of its screens: a renamed copy of a banned app may not be recognised.")
            )
        return [*gaps, *(Gap(sentence, HOW_AGAIN) for sentence in sentences)]

    def _profile_gaps(self, dumped: Mapping[str, App]) -> list[Gap]:
        gaps = []
        dumped_profiles = {s.profile for a in dumped.values() for s in a.states}
        for profile in list(self.profiles.values()):
            listed, why = self.lists.get(profile.id), None
            if profile.readable and listed is None:
                why = _SILENT
            elif profile.readable and (not listed or (self.dump.began and profile.id not in dumped_profiles)):
                why = T("The phone named no app at all for this profile.")
            if why is not None:
                self.profiles[profile.id] = profile = replace(profile, readable=False, why=why)
            if not profile.readable and not (profile.why == _SILENT and self.cut):
                sentence = value_names.pair(value_names.profile(profile), profile.why or "")
                gaps.append(Gap(sentence, _HOW.get(profile.kind, HOW_AGAIN), profile.id))
        return gaps


def _first_few(apps: Sequence[str]) -> Text | str:
    """The first of `apps`, for a sentence."""
    return first_few(apps, _NAMED) if len(apps) > _NAMED else value_names.listed(apps)
