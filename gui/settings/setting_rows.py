"""The rows of the settings page, in the order in which they are shown: every setting, what the window itself remembers,
and what is told of the desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from core.desk.settings.settings_table import ROWS, Editing, PageSection, SettingRow
from core.desk.settings.value_rules import Choice, Number, Switch
from core.system.sounds import can_play
from core.text import T, Text
from gui.toolkit.remembered import OWNER_AT_START, OWNER_FOLLOWS, PRINTER


class FieldKind(Enum):
    """How a setting is changed. One that is SHOWN is not changed here."""

    TEXT = auto()
    NUMBER = auto()
    SWITCH = auto()
    CHOICE = auto()
    #: Changed in a dialog of its own; the value itself is never shown.
    BUTTON = auto()
    SHOWN = auto()


@dataclass(frozen=True, slots=True)
class SettingEntry:
    """One row of the page: its section and its position there, its key, its name, and what it does; `choices` are the
    values that it may have, each with its name, where it is a choice, and `maximum` is the highest where it is a
    number. The key is that of a setting, one of `MEMORY`, or one of `FACTS`."""

    section: PageSection
    position: int
    key: str
    name: Text
    about: Text
    kind: FieldKind = FieldKind.SHOWN
    choices: tuple[tuple[str | int, Text | str], ...] = ()
    maximum: int = 0


#: What the window itself remembers.
MEMORY: Final = (OWNER_AT_START, OWNER_FOLLOWS, PRINTER)
#: What is told of the desk, and set nowhere here.
FACTS: Final = ("data", "log", "key", "fingerprint", "health")
#: The rows that are no settings.
_BESIDE: Final = (
    SettingEntry(
        PageSection.CHECKS,
        6,
        "health",
        T("Limits of phone health"),
        T("Set by the policy in force: when a phone counts as badly protected."),
    ),
    SettingEntry(
        PageSection.WINDOW,
        4,
        OWNER_AT_START,
        T("Window for the holder at the start"),
        T("Open it with Fanion, where the computer has a second screen."),
        FieldKind.SWITCH,
    ),
    SettingEntry(
        PageSection.WINDOW,
        5,
        OWNER_FOLLOWS,
        T("Show each phone to its holder"),
        T("The window for the holder always shows the phone that you are looking at."),
        FieldKind.SWITCH,
    ),
    SettingEntry(
        PageSection.WINDOW,
        6,
        PRINTER,
        T("Printer"),
        T("Proposed for every page. You still choose before it prints."),
        FieldKind.CHOICE,
        (("", T("The system’s own choice")),),
    ),
    SettingEntry(
        PageSection.DESK,
        1,
        "data",
        T("Data folder"),
        T("Settings and practice; also the log, where none is shared."),
    ),
    SettingEntry(PageSection.DESK, 2, "log", T("Folder of the log"), T("The log of real phones, with its keys.")),
    SettingEntry(
        PageSection.DESK, 3, "key", T("Key of the log"), T("The name by which others know it. Created with the log.")
    ),
    SettingEntry(
        PageSection.DESK,
        4,
        "fingerprint",
        T("Fingerprint of this computer"),
        T("What an Android phone shows when it asks to allow this computer. Created with the first phone."),
    ),
)


def about_sounds() -> Text:
    """What the sounds are, or why there are none on this computer."""
    if can_play():
        return ROWS["sounds"].about
    return T("No program that plays sounds was found on this computer: Fanion stays silent.")


def sections() -> list[tuple[Text, list[SettingEntry]]]:
    """The sections of the page: each with its title and its rows."""
    rows = sorted([*_BESIDE, *_settings()], key=lambda row: row.position)
    return [(section.value, [row for row in rows if row.section is section]) for section in PageSection]


def _settings() -> Iterator[SettingEntry]:
    for key, row in ROWS.items():
        about = about_sounds() if key == "sounds" else row.about
        choices = row.rule.names if isinstance(row.rule, Choice) else ()
        maximum = row.rule.maximum if isinstance(row.rule, Number) else 0
        yield SettingEntry(row.section, row.position, key, row.name, about, _kind(row), choices, maximum)


def _kind(row: SettingRow) -> FieldKind:
    if row.editing is not Editing.FIELD:
        return FieldKind.BUTTON if row.editing is Editing.DIALOG else FieldKind.SHOWN
    match row.rule:
        case Switch():
            return FieldKind.SWITCH
        case Number():
            return FieldKind.NUMBER
        case Choice():
            return FieldKind.CHOICE
        case _:
            return FieldKind.TEXT
