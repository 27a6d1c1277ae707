"""The platforms of phones: one row each, with what differs between them.

Whatever depends on the platform of a phone asks its row. Nothing else compares a platform's name, but the code that
talks to a phone and the formats of policies. A new platform is a row here, a guide, and code that sees its phones and
opens them (:mod:`core.phones.watch`, :mod:`core.phones.connect`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from core.text import N, T, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """How a phone of a platform is handed back.

    `debugging`: its debugging is switched off, and may stay on where the policy allows that; else the trust in this
    computer is taken back. `doing` says so in a few words while it is done, and `note` in a sentence. `subject` is what
    is switched off, `button` that finishing does it, `how` what that does. `remediation` is the same for an OCSF event,
    in English. `put_back` is what the owner sets back that Fanion does not see, where there is something.
    """

    debugging: bool
    doing: Text
    note: Text
    subject: Text
    button: Text
    how: Text
    remediation: str
    put_back: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One platform.

    `id` is its name in policies and records, `system` what its system is called in every language, and `phones` what
    its phones are called. `ocsf` is its system's number in OCSF. `first`: it is the platform of the first versions,
    which named none. Its phones are reached by `protocol`, ``adb`` or ``usbmux``.

    Apps. `app_id` is a pattern of the ids that an app can have, and `folds_ids`: capitals and small letters of one are
    the same. `own_ids` is how the ids of the maker's own apps begin, where an app that is listed as a part of the
    system need not be one. `by_team`: the system tells for which developer team an app is signed, and gives no file of
    it; else its certificates and its code are read from its file. `clips`: an app can be there as a part of another
    one, under an id of its own.

    Getting ready. `guide` is the guide of its only maker (:mod:`core.guides`), empty where it has many; `steps` are
    the steps of its guides. `question` is the state (:mod:`core.phones.states`) of a phone that asks its owner, and
    `fingerprint` tells whether it then shows this computer's. `tap` is what its owner does, `answer` what the officer
    is told.

    Words. `line` and `about` describe a phone by `phone`, `os`, `patch` and `serial`; `version` is its system with its
    version. `ids` asks for app ids of a rule. `archived` adds to a reason that an app is archived. `one_source` says
    that an id is not sure. `green` is what a green phone says where that is not that everything was read, and
    `by_id_alone` the same where so many apps do not tell who made them. `app_read` is what was read of an app, and
    `queue` what is read and what happens at the end, for people who wait. `unreadable_answer` is said of an answer that
    is not in the form of its protocol.
    """

    id: str
    system: str
    phones: Text
    ocsf: int
    protocol: str
    first: bool = False
    app_id: str
    folds_ids: bool = False
    own_ids: str = ""
    by_team: bool = False
    clips: bool = False
    guide: str = ""
    steps: tuple[str, ...]
    question: str
    fingerprint: bool = False
    tap: Text
    answer: Text
    line: Callable[..., Text]
    about: Callable[..., Text]
    version: Callable[[str], Text | str]
    ids: Text
    archived: Callable[[Text], Text]
    one_source: Text
    green: Text | None = None
    by_id_alone: Callable[[int], Text] | None = None
    app_read: Text
    queue: Text
    unreadable_answer: Text
    leaving: Leaving


def _by_id_alone(count: int) -> Text:
    return N(
        "No banned app is among the apps that this iPhone lists to a computer."
        " It does not tell who made {count} of them, which was compared by its id and name alone."
        " Whether hidden apps are among them is not known.",
        "No banned app is among the apps that this iPhone lists to a computer."
        " It does not tell who made {count} of them, which were compared by their ids and names alone."
        " Whether hidden apps are among them is not known.",
        count,
    )


_ANDROID: Final = Platform(
    id="android",
    system="Android",
    phones=T("Android"),
    ocsf=201,
    protocol="adb",
    first=True,
    # What PackageManager accepts; no app that one installs has one part alone.
    app_id=r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+",
    steps=("developer_options", "usb_debugging", "allow"),
    question="unauthorised",
    fingerprint=True,
    tap=T("Please unlock your phone, compare the two lines and allow the computer."),
    answer=T("Look at the phone: tap Allow"),
    line=lambda **facts: T("{phone}, Android {os}, security patch {patch}, serial {serial}", **facts),
    about=lambda **facts: T("{phone} · Android {os}, patch {patch} · Serial {serial}", **facts),
    version=lambda os: T("Android {version}", version=os),
    ids=T("Ids on Android, one a line"),
    archived=lambda why: T(
        "{why} It is archived: its data is still on the phone, and one tap on its icon brings it back.", why=why
    ),
    one_source=T("Only one source says that this package name is of that app."),
    app_read=T("Parts of the files of apps that did not come with the phone, to tell what they are."),
    queue=T(
        "We read the list of apps, their program files and some settings; no messages, no photos. Nothing is installed."
        " At the end we switch debugging off."
    ),
    unreadable_answer=T("The phone's answer is not in the form that Android phones use."),
    leaving=Leaving(
        debugging=True,
        doing=T("Debugging goes off"),
        note=T("Debugging goes off last. Leave the phone plugged in."),
        subject=T("USB debugging"),
        button=T("Turned off when you finish"),
        how=T("Fanion turns it off last; the phone then disconnects."),
        remediation="developer options and USB debugging off",
    ),
)

_IPHONE: Final = Platform(
    id="ios",
    system="iOS",
    phones=T("iPhone and iPad"),
    ocsf=301,
    protocol="usbmux",
    # CFBundleIdentifier: letters, digits, hyphens and full stops; and the underscore, which real apps have.
    app_id=r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+",
    folds_ids=True,
    own_ids="com.apple.",
    by_team=True,
    clips=True,
    guide="apple",
    steps=("accessory", "trust", "passcode"),
    question="not-trusted",
    tap=T("Please unlock your phone, tap Trust and enter your passcode."),
    answer=T("Look at the phone: tap Trust and enter the passcode."),
    line=lambda *, patch, **facts: T("{phone}, iOS {os}, serial {serial}", **facts),
    about=lambda *, patch, **facts: T("{phone} · iOS {os} · Serial {serial}", **facts),
    version=lambda os: T("iOS {version}", version=os),
    ids=T("Ids on iPhone and iPad, one a line"),
    archived=lambda why: T(
        "{why} It is offloaded: its data is still on the phone, and one tap on its icon brings it back.", why=why
    ),
    one_source=T("Only one source says that this id is of that app."),
    # Whether the apps that its owner hid (since iOS 18) are among those that it lists has not been shown.
    green=T(
        "No banned app is among the apps that this iPhone lists to a computer."
        " Whether hidden apps are among them is not known."
    ),
    by_id_alone=_by_id_alone,
    app_read=T("Of each app that the iPhone lists: its name, its version and who signed it."),
    queue=T(
        "We read the list of apps and some settings; no messages, no photos. Nothing is installed. At the end the phone"
        " forgets this computer."
    ),
    unreadable_answer=T("The phone’s answer is not in the form that iPhones use."),
    leaving=Leaving(
        debugging=False,
        doing=T("Trust is taken back"),
        note=T("The trust in this computer is taken back. Leave the phone plugged in."),
        subject=T("Trust in this computer"),
        button=T("Taken back when you finish"),
        how=T(
            "When you finish, the phone and this computer forget each other if they trusted each other for this "
            "visit only. Nothing else is changed."
        ),
        remediation="trust in this computer taken back",
        put_back=T("If Lockdown Mode or Wired Accessories was changed for the check, please set it back."),
    ),
)

#: The row of each platform, in the order in which they are told.
PLATFORMS: Final[dict[str, Platform]] = {row.id: row for row in (_ANDROID, _IPHONE)}


def of(id: str) -> Platform:
    """The platform of this name. One that is not known, as a record can name it, has Android's words, and no name."""
    platform = PLATFORMS.get(id)
    return platform or replace(
        _ANDROID, id=id, system=id, first=False, ocsf=0, version=str, one_source=_IPHONE.one_source
    )


def of_record(name: str) -> Platform:
    """The platform that is meant where a record may name none."""
    return of(name) if name else next(row for row in PLATFORMS.values() if row.first)


def in_record(id: str) -> str:
    """A platform as a record names it: empty for the first one, which records of the first versions did not name."""
    return "" if of(id).first else id
