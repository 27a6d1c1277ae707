"""Every setting, one row each: its type and default, which values it may have, who may set it, and how it is shown.

What reads and writes settings files and the registry, the settings page, the support bundle, the templates for group
policies, the department's example file and the table in the administrator's guide all come out of these rows. What
administrators read of a setting is in ``installer/settings_texts.toml``.

The order of the rows is that of the guide's table and of the group policies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from core.desk.settings import badge_pattern as badge_pattern_rules
from core.desk.settings.time_zone import is_zone
from core.desk.settings.value_rules import PATH_LIMIT, Choice, Number, OneLine, Setting, Switch, TextFormat, ValueRule
from core.head_office.bundles.encryption import KEYS_LIMIT, BadKey, public_keys
from core.system import minisign
from core.system.password_form import is_hash
from core.text import Language, N, T, Text

if TYPE_CHECKING:  # a start writes no table
    from core.reports.tables.csv_table import CsvSeparator


class PageSection(Enum):
    """The sections of the settings page, each with its title, in the order in which they are shown."""

    OFFICER = T("Who works here")
    CHECKS = T("Checks")
    WINDOW = T("Window and paper")
    LOG = T("Log")
    DESK = T("This desk")
    DEPARTMENT = T("Managed by your organisation")


class Editing(Enum):
    """How a setting is changed on the settings page."""

    FIELD = auto()
    #: In a dialog of its own; the value itself is never shown.
    DIALOG = auto()
    #: On another page, or not in the window at all.
    ELSEWHERE = auto()


#: Where a row stands that names no position: after those that do.
LAST: Final = 1_000
#: Characters of a public key of age, and of one of minisign.
_AGE_KEY: Final = 62
_MINISIGN_KEY: Final = 56


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting. `name` and `about` are what the settings page says, in its section, ordered by `position` there.

    `department` tells whether only the department may set it, since it decides whom this computer believes or what it
    can prove; `one_desk`, whether it is no other desk's business, and so is not exported. `since` is the version of
    Fanion that has it first.
    """

    default: Setting
    rule: ValueRule
    section: PageSection
    name: Text
    about: Text
    position: int = LAST
    editing: Editing = Editing.FIELD
    department: bool = False
    one_desk: bool = False
    since: str = "0.1"


_V = TypeVar("_V", bound=Setting)


def row(default: _V, rule: ValueRule, section: PageSection, name: Text, about: Text, **further: Any) -> _V:
    """A field of :class:`Settings`, with its row; `further` are values of :class:`SettingRow` by their names."""
    return field(default=default, metadata={"row": SettingRow(default, rule, section, name, about, **further)})


def department_row(default: _V, rule: ValueRule, name: Text, about: Text, **further: Any) -> _V:
    """A field of :class:`Settings` that only the department may set, with its row."""
    further |= {"editing": Editing.ELSEWHERE, "department": True}
    return row(default, rule, PageSection.DEPARTMENT, name, about, **further)


def _is_policy(value: str) -> bool:
    return re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) is not None or _is_full_path(value)


def _is_full_path(value: str) -> bool:
    return Path(value).is_absolute()


def _is_domain(value: str) -> bool:
    """Parts of letters, digits and hyphens; a name without a dot could be any organisation's."""
    return re.fullmatch(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", value) is not None


def _is_badge_pattern(value: str) -> bool:
    return value == "" or badge_pattern_rules.is_pattern(value)


def _is_hash(value: str) -> bool:
    return value == "" or is_hash(value)


def _are_office_keys(value: str) -> bool:
    """An empty text is no way to say that there are none: it may be one in which somebody has forgotten the key."""
    try:
        return bool(public_keys(value))
    except BadKey:
        return False


def _are_release_keys(value: str) -> bool:
    try:
        minisign.public_keys(value)
    except minisign.MinisignError:
        return False
    return True


def _longest(keys: int, length: int) -> int:
    """The number of characters of `keys` keys, each `length` characters long, with spaces between them."""
    return keys * (length + 1) - 1


#: How large the window may be, in percent.
TEXT_SIZES: Final = (100, 125, 150, 175, 200)


@dataclass(frozen=True, slots=True)
class Settings:
    """The values that apply. `locked` are the keys that the department set for this computer."""

    officer: str = row(
        "",
        OneLine(),
        PageSection.OFFICER,
        T("Your name"),
        T("It is in every entry from now on."),
        one_desk=True,
    )
    desk: str = row(
        "",
        OneLine(),
        PageSection.OFFICER,
        T("Name of this desk"),
        T("It is in every entry from now on."),
        one_desk=True,
    )
    place: str = row(
        "",
        OneLine(),
        PageSection.OFFICER,
        T("Place of the desk"),
        T("Such as a building and a room. It is in every entry, too."),
        one_desk=True,
    )
    language: Language = row(  # noqa: RUF009 - a field
        "en",
        Choice((("en", "English"), ("fr", "Français")), T("“language” must be “en” or “fr”")),
        PageSection.OFFICER,
        T("Language"),
        T("For the window, papers and the command line."),
    )
    policy: str = row(
        "",
        OneLine(
            PATH_LIMIT,
            _is_policy,
            T("“policy” must be the name of a policy that comes with Fanion, or the full path of a file"),
        ),
        PageSection.CHECKS,
        T("Policy"),
        T("By which policy phones are judged. It is chosen on the Policy page, since the choice goes into the log."),
        position=5,
        editing=Editing.ELSEWHERE,
    )
    organisation: str = row(
        "",
        OneLine(
            accepts=_is_domain,
            reason=T("“organisation” must be a domain name in lower-case letters, such as “tbs-sct.gc.ca”"),
        ),
        PageSection.LOG,
        T("Organisation"),
        T("The domain name under which new logs get their names."),
        position=3,
    )
    retention_months: int = row(
        0,
        Number(1_200),  # a hundred years
        PageSection.LOG,
        T("Keep personal information for (months)"),
        T(
            "After so many months, the information from checks that affected no person is due for erasure; 0 "
            "sets no time limit."
        ),
        position=1,
    )
    ask_imei: bool = row(
        False,
        Switch(),
        PageSection.CHECKS,
        T("Ask for the IMEI"),
        T("Where a phone does not tell it, a field asks for it. It is personal information."),
        position=3,
    )
    ask_tag: bool = row(
        False,
        Switch(),
        PageSection.CHECKS,
        T("Ask for the asset tag"),
        T("On the page of each phone that was checked and has none yet. It is personal information."),
        position=2,
    )
    automatic_check: bool = row(
        True,
        Switch(),
        PageSection.CHECKS,
        T("Check automatically"),
        T("A phone is checked as soon as it is ready. Nothing is ever removed automatically."),
        position=1,
    )
    removal_pause: int = row(
        3,
        Choice(
            tuple((seconds, N("{count} second", "{count} seconds", seconds)) for seconds in (3, 5, 10, 30)),
            T("“{key}” must be 3, 5, 10 or 30", key="removal_pause"),
        ),
        PageSection.CHECKS,
        T("Time to stop a removal"),
        T("Nothing is recorded or sent to the phone before it is over. Escape stops the removal."),
        position=5,
        since="1.0",
    )
    badge_pattern: str = row(
        "",
        TextFormat(
            badge_pattern_rules.LIMIT,
            _is_badge_pattern,
            T("“{key}” must be a simple pattern, such as “[A-Z]{example}”", key="badge_pattern", example="{2}\\d{6}"),
        ),
        PageSection.CHECKS,
        T("Pattern of badges"),
        T("A scanned code that it fits is a person’s badge and fills the holder. Empty: each code is an asset tag."),
        position=6,
        since="1.0",
    )
    #: Unless it is set, a kiosk is silent.
    sounds: bool = row(
        True,
        Switch(),
        PageSection.WINDOW,
        T("Sounds"),
        T("Quiet sounds when a phone is plugged in, is red, is green, or needs you. Several at once make one sound."),
        position=2,
    )
    tray: bool = row(
        False,
        Switch(),
        PageSection.WINDOW,
        T("Icon in the tray"),
        T("Counts the phones that need you, where the desktop has a tray. Closing the window closes Fanion."),
        position=3,
    )
    # Another desk could not leave a kiosk whose password it does not know.
    kiosk: bool = row(
        False,
        Switch(),
        PageSection.WINDOW,
        T("Kiosk"),
        T("At the next start, the window has the Desk page alone, and there is nothing to configure."),
        position=7,
        one_desk=True,
    )
    kiosk_password: str = row(
        "",
        TextFormat(120, _is_hash, T("“{key}” must be what “fanion kiosk” has printed", key="kiosk_password")),
        PageSection.WINDOW,
        T("Password of the kiosk"),
        T("It is needed to leave the kiosk. Without one, a press is enough."),
        position=8,
        editing=Editing.DIALOG,
        one_desk=True,
    )
    csv_separator: CsvSeparator = row(  # noqa: RUF009 - a field
        "comma",
        Choice(
            (("comma", T("Comma")), ("semicolon", T("Semicolon, as in French"))),
            T("“{key}” must be “comma” or “semicolon”", key="csv_separator"),
        ),
        PageSection.LOG,
        T("Separator in CSV files"),
        T("The character between two cells. A spreadsheet accepts the one that its language expects."),
        position=2,
    )
    time_zone: str = row(
        "",
        OneLine(
            accepts=is_zone,
            reason=T("“{key}” must be the name of a time zone, such as “America/Toronto”", key="time_zone"),
        ),
        PageSection.CHECKS,
        T("Time zone"),
        T("Such as America/Toronto. In it, an exception ends with its last day. Empty: this computer’s own."),
        position=4,
    )
    head_office_key: str = row(
        "",
        TextFormat(
            _longest(KEYS_LIMIT, _AGE_KEY),
            _are_office_keys,
            T(
                "“head_office_key” must be a public key of age (age1…), or at most {limit} of them with spaces between:"
                " none, or one that was mistyped or cut, is there",
                limit=KEYS_LIMIT,
            ),
        ),
        PageSection.LOG,
        T("Head office’s public key"),
        T("What is sent to head office can then be read only with the private key. Separate several keys with spaces."),
        position=4,
    )
    policy_root: str = department_row(
        "",
        OneLine(PATH_LIMIT, _is_full_path, T("“{key}” must be the full path of a file", key="policy_root")),
        T("Root of signed policies"),
        T("The file with the keys that may sign policies."),
    )
    unsigned_policy: bool = department_row(
        False, Switch(), T("Unsigned policies"), T("Whether policies without a signature may be used.")
    )
    own_rules: bool = department_row(
        True, Switch(), T("Rules of the desk’s own"), T("Whether a desk may have rules of its own.")
    )
    exceptions: bool = department_row(True, Switch(), T("Exceptions"), T("Whether a desk may grant exceptions."))
    shared_log: str = department_row(
        "",
        OneLine(PATH_LIMIT, _is_full_path, T("“{key}” must be the full path of a folder", key="shared_log")),
        T("Shared log"),
        T("The folder of one log for all users of this computer."),
    )
    # Of the person's eyes, not of the desk.
    text_size: int = row(
        100,
        Choice(
            tuple((percent, T("{percent} %", percent=percent)) for percent in TEXT_SIZES),
            T("“{key}” must be one of {sizes}", key="text_size", sizes=", ".join(map(str, TEXT_SIZES))),
        ),
        PageSection.WINDOW,
        T("Size of text and window"),
        T("Larger or smaller also with Ctrl++ and Ctrl+-. Fanion starts again for it, once no phone is here."),
        position=1,
        one_desk=True,
    )
    release_key: str = department_row(
        "",
        TextFormat(
            _longest(minisign.KEYS_LIMIT, _MINISIGN_KEY),
            _are_release_keys,
            T("“{key}” must be public keys of minisign, with spaces between them", key="release_key"),
        ),
        T("Keys for news of versions"),
        T("Keys that may announce a newer version, beside those that come with Fanion."),
    )
    locked: frozenset[str] = frozenset()

    def is_locked(self, key: str) -> bool:
        """Whether the department set `key`, so that it cannot be changed here."""
        return key in self.locked


def rows_of(settings: type[Settings]) -> Mapping[str, SettingRow]:
    """The row of each setting, by its key."""
    return {setting.name: setting.metadata["row"] for setting in fields(settings) if "row" in setting.metadata}


#: The row of every setting.
ROWS: Final = rows_of(Settings)
