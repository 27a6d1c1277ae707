"""A phone, its profiles and apps, what a department calls it, and what one reading of it gave."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from core.model.health import HealthReadings
from core.model.management import ManagementReading
from core.model.platforms import of
from core.phone_models import trade_name
from core.text import Text


@dataclass(frozen=True, slots=True)
class Phone:
    """One device, as it described itself. Every text has passed :func:`core.text.plain`.

    By maker, model and serial number it is compared and recorded. `market_name` is what it says that it is sold as,
    where that is not its model: for people to read, and never recorded.
    """

    platform: str
    maker: str
    model: str
    os: str
    serial: str
    sdk: int = 0
    patch: str = ""
    practice: bool = False
    market_name: str = ""

    @property
    def name(self) -> str:
        """What a person calls it: the maker, and what it is sold as; its model where that is not known."""
        return self._with_maker(trade_name(self.maker, self.model) or self.market_name or self.model)

    @property
    def maker_and_model(self) -> str:
        """Its maker and model as it says them: two phones that are sold under one name may be of two models."""
        return self._with_maker(self.model)

    @property
    def name_with_model(self) -> str:
        """What a person calls it, and its model where that is another word: for what is kept as evidence."""
        name = self.name
        return name if not self.model or name == self.maker_and_model else f"{name} ({self.model})"

    def _with_maker(self, model: str) -> str:
        """The maker before the model, but where the model says it already or is an iPhone."""
        if model.startswith("iPhone") or model.lower().startswith(self.maker.lower()):
            return model
        return f"{self.maker.capitalize() if self.maker.islower() else self.maker} {model}".strip()


#: A developer team behind an id: ten letters and digits, of which iPhones do not tell capitals.
_TEAM: Final = re.compile(r"\.[a-z0-9]{10}\Z")


def id_key(id: str, platform: str) -> str:
    """An app's id as it is compared: some systems make no difference between capitals and small letters."""
    return id.casefold() if of(platform).folds_ids else id


def id_forms(id: str, platform: str) -> tuple[str, ...]:
    """The ids, as they are compared, of which an app that has this one may be a copy: its own and, where teams sign
    apps, that without the team which stores for sideloading put behind it (AltStore, Sideloadly)."""
    key = id_key(id, platform)
    without = _TEAM.sub("", key) if of(platform).by_team else key
    return (key,) if without == key else (key, without)


@dataclass(frozen=True, slots=True)
class PhoneIdentity:
    """What tells one phone from another for as long as it runs; see :func:`core.same_phone.differences`.

    `build` is the fingerprint of its system, `boot` the random number of its present start: empty where the phone does
    not let it be read. `transport` is the number under which an adb server holds it, empty where there is no server.
    Compared as the phone gave them and never shown: what is not plain ASCII is kept as a digest.
    """

    serial: str = ""
    maker: str = ""
    model: str = ""
    build: str = ""
    boot: str = ""
    transport: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """What a department calls a phone, as the officer typed it: all of it is about a person, and none is needed."""

    tag: str = ""
    holder: str = ""
    imei: str = ""


class ProfileKind(StrEnum):
    """What a user or profile of a phone is for."""

    PERSONAL = "personal"
    WORK = "work"
    SECURE_FOLDER = "secure-folder"
    DUAL_APPS = "dual-apps"
    PRIVATE_SPACE = "private-space"
    GUEST = "guest"
    #: The folder where the owner of an iPhone keeps apps out of sight, since iOS 18.
    HIDDEN_APPS = "hidden-apps"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Profile:
    """A user or profile on the phone. `why` says why it could not be read, where it could not."""

    id: int
    name: str
    kind: ProfileKind
    running: bool = True
    readable: bool = True
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Admin:
    """An active device administrator, or an owner, in one profile."""

    profile: int
    component: str
    owner: bool = False
    test_only: bool = False

    @property
    def package(self) -> str:
        return self.component.partition("/")[0]


class Enabled(StrEnum):
    """An Android package's enabled setting, by PackageManager's numbers 0 to 4."""

    DEFAULT = "default"
    ENABLED = "enabled"
    DISABLED = "disabled"
    DISABLED_USER = "disabled-user"
    DISABLED_UNTIL_USED = "disabled-until-used"
    UNKNOWN = "unknown"

    @property
    def off(self) -> bool:
        """Whether the setting keeps the app from being started."""
        return self in (Enabled.DISABLED, Enabled.DISABLED_USER, Enabled.DISABLED_UNTIL_USED)


@dataclass(frozen=True, slots=True)
class AppState:
    """One app in one profile."""

    profile: int
    installed: bool
    hidden: bool = False
    suspended: bool = False
    enabled: Enabled = Enabled.DEFAULT
    instant: bool = False
    first_install: str = ""
    #: Since Android 15: its code was taken off the phone, its data and its icon were kept. One tap brings it back.
    archived: bool = False

    @property
    def present(self) -> bool:
        """Whether the app is in this profile: installed, or archived."""
        return self.installed or self.archived

    @property
    def off(self) -> bool:
        """Whether the app cannot be started: disabled, suspended or hidden."""
        return self.hidden or self.suspended or self.enabled.off


class Signed(StrEnum):
    """For what an app was signed, where the phone's system looks at that before it starts one, and tells it."""

    #: To be given to everybody by the store of the phone's maker, which has seen it.
    STORE = "store"
    #: To be tried out before it comes into that store, which knows it.
    TESTING = "testing"
    #: By an organisation, for phones of its choice. No store has seen it.
    ORGANISATION = "organisation"
    #: By a developer, for phones of their own.
    DEVELOPER = "developer"
    #: By somebody else, or the phone names no signer.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class App:
    """One package on the phone, with its state in every profile that the phone spoke of.

    `signers` are the 32-bit hashes that Android prints (Java's Arrays.hashCode of the certificate), in hex, earlier
    signers of an app whose key was replaced among them; `certificates` the SHA-256 of the signers' certificates, in
    lower-case hex, where the phone told them. `components` are the classes that the phone lists behind the app's
    screens, by their full names. `team` is the Apple developer team that it is signed for, as :class:`Identity` has it,
    and `label` what it calls itself, where that is known.
    Times are the phone's own local time, as it printed them. Where `confirmed` is false, only one of the phone's
    listings knows the app so, or what it says of it makes no sense. `signed` is for
    what it was signed, and `signed_by` by whom, in the phone's words: the name of a person or of an organisation.
    `initiator` is the package that began its installation, as the system itself saw it, where `installer` is what was
    named as its installer. `splits` are the parts that it has beside its base, by the phone's listing; None where that
    does not tell. `factory_path` is the folder of the version that came with the phone, of a system app that was
    updated since.
    """

    package: str
    version_code: int | None = None
    version_name: str = ""
    installer: str = ""
    system: bool = False
    updated_system: bool = False
    signers: tuple[str, ...] = ()
    code_path: str = ""
    first_install: str = ""
    last_update: str = ""
    states: tuple[AppState, ...] = ()
    certificates: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    team: str = ""
    label: str = ""
    confirmed: bool = True
    signed: Signed | None = None
    signed_by: str = ""
    initiator: str = ""
    splits: tuple[str, ...] | None = None
    factory_path: str = ""

    @property
    def must_be_looked_into(self) -> bool:
        """Whether a listing is not enough to tell what it is: its code did not come with the phone, or the listings
        disagree about it."""
        came_along = self.system and not self.updated_system
        return any(state.installed for state in self.states) and not (came_along and self.confirmed)

    @property
    def past_the_store(self) -> bool:
        """Whether it came to the phone past its maker's store, so that a person is to look at it.

        What an organisation or a developer signed did, also where an iPhone lists it as its own: apps can be installed
        so (TrollStore installs them as System). Of which the signer is not known, only if it is not listed so.
        """
        if self.signed in (Signed.ORGANISATION, Signed.DEVELOPER):
            return True
        return not self.system and self.signed is Signed.UNKNOWN

    def of_maker(self, platform: str) -> bool:
        """Whether a phone of this platform lists it as its own, under an id of the maker's where those are known."""
        return self.system and id_key(self.package, platform).startswith(of(platform).own_ids)

    def state(self, profile: int) -> AppState | None:
        return next((s for s in self.states if s.profile == profile), None)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A signing certificate by its digests: of its DER bytes, in lower-case hex; `hash` is the 32-bit one of Java.

    `der` are those bytes, where they were read from an app's file.
    """

    sha256: str
    sha1: str = ""
    md5: str = ""
    hash: str = ""
    der: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """What an app's own file says that it is, read from parts of it.

    `certificates` are those that sign it now, `lineage` earlier ones that it proves to have been signed by (APK
    signature scheme v3). `components` are the classes behind its screens, by their full names. `teams` are the Apple
    developer teams that it is signed for: its own, and the one under which its id was given out, where that is another;
    none where the phone does not tell. `files` and `code` are the names of files and of classes in it that were sought
    (:class:`SoughtInFiles`). Where `why` is given,
    not all could be read: what is there counts, and nothing is concluded from what is not.
    `icon` is a PNG or WebP file as the app has it, where one was read: for people to look at, never for a rule.
    """

    package: str
    version_code: int | None = None
    label: str = ""
    certificates: tuple[Certificate, ...] = ()
    lineage: tuple[Certificate, ...] = ()
    components: tuple[str, ...] = ()
    why: Text | None = None
    icon: bytes = b""
    #: The address at which an app starts that a browser made of a page (WebAPK).
    start_url: str = ""
    teams: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    code: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SoughtInFiles:
    """What is sought in the files of apps: whole names of `files` in the archive, and `classes` of the code, each by
    its own name or, with a full stop at the end, all below a package; but none of the `parts`, which are in many
    makers' apps. The code is read of the apps `outside` alone, which no store installed: it is most of an app's file.
    """

    files: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    outside: frozenset[str] = frozenset()


NOTHING_SOUGHT: Final = SoughtInFiles()


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was not seen: what, why, and how to see it. `profile` is None where it is the whole phone.
    `chapter` of the manual says more, where there is one."""

    what: Text
    how: Text
    profile: int | None = None
    chapter: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the phone of which it is not known whether its listings cover it; a person can look there.

    `gap` says so where a policy demands that look; without such a demand the place keeps no phone from green.
    """

    profile: Profile
    gap: Gap


@dataclass(frozen=True, slots=True)
class Inventory:
    """What one reading of a phone gave. `gaps` is empty only if everything was read; `identity` is None where the
    reading broke off before the phone had said which it is. `places` are no `profiles`, and have numbers of their own.
    `names_only`: it has the quick lists alone, and nothing yet of what the phone says of its apps and its protection.
    `management` is None where the phone did not say who manages it.
    """

    phone: Phone
    profiles: tuple[Profile, ...]
    apps: tuple[App, ...]
    admins: tuple[Admin, ...] = ()
    gaps: tuple[Gap, ...] = ()
    identity: PhoneIdentity | None = None
    health: HealthReadings = field(default=HealthReadings(), compare=False)
    places: tuple[Place, ...] = ()
    names_only: bool = False
    management: ManagementReading | None = field(default=None, compare=False)

    def app(self, package: str) -> App | None:
        """The app of that id, as the phone's platform compares ids."""
        id = id_key(package, self.phone.platform)
        return next((a for a in self.apps if id_key(a.package, self.phone.platform) == id), None)

    def profile(self, id: int) -> Profile | None:
        return next((p for p in self.profiles if p.id == id), None)
