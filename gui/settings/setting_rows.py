"""What each setting is called and what it does, in the order in which they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from core.system.sounds import can_play
from core.text import T, Text


class Kind(Enum):
    """How a setting is changed. One that is SHOWN is the department's alone."""

    TEXT = auto()
    NUMBER = auto()
    SWITCH = auto()
    CHOICE = auto()
    SHOWN = auto()


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting as it is shown: its key in a settings file, its name, and what it does; `choices` are the values that
    it may have, each with its name, where it is a choice."""

    key: str
    name: Text
    about: Text
    kind: Kind = Kind.TEXT
    choices: tuple[tuple[str, Text | str], ...] = ()


def about_sounds() -> Text:
    """What the sounds are, or why there are none on this computer."""
    if can_play():
        return T("Quiet ones: a phone was plugged in, is red, is green, or needs you. Many at once are one sound.")
    return T("No program that plays sounds was found on this computer: Fanion stays silent.")


SECTIONS: Final[tuple[tuple[Text, tuple[SettingRow, ...]], ...]] = (
    (
        T("Who works here"),
        (
            SettingRow("officer", T("Your name"), T("Stands in every record from now on.")),
            SettingRow("desk", T("Name of this desk"), T("Stands in every record from now on.")),
            SettingRow(
                "language",
                T("Language"),
                T("Of the window, of papers, of the command line."),
                Kind.CHOICE,
                (("en", "English"), ("fr", "Français")),
            ),
            SettingRow("sounds", T("Sounds"), about_sounds(), Kind.SWITCH),
            SettingRow(
                "tray",
                T("Icon in the tray"),
                T("Counts the phones that need you, where the desktop has a tray. Closing the window closes Fanion."),
                Kind.SWITCH,
            ),
        ),
    ),
    (
        T("Checks"),
        (
            SettingRow(
                "ask_imei",
                T("Ask for the IMEI"),
                T("Where a phone does not tell it, a field asks for it. It is a personal value."),
                Kind.SWITCH,
            ),
            SettingRow(
                "policy",
                T("Policy"),
                T("By which policy phones are judged. It is chosen on the Policy page, since the choice is on record."),
                Kind.SHOWN,
            ),
        ),
    ),
    (
        T("Log"),
        (
            SettingRow(
                "retention_months",
                T("Keep personal values for (months)"),
                T("After so many months, those of clean checks are due to be erased; 0 leaves that to a person."),
                Kind.NUMBER,
            ),
            SettingRow(
                "csv_separator",
                T("CSV files for people"),
                T("What stands between two cells. A spreadsheet takes what its own language expects."),
                Kind.CHOICE,
                (("comma", T("Comma")), ("semicolon", T("Semicolon, as in French"))),
            ),
            SettingRow(
                "organisation",
                T("Organisation"),
                T("A domain name, under which logs that are begun from then on have theirs."),
            ),
            SettingRow(
                "head_office_key",
                T("Head office’s public key"),
                T("What is carried home can then be read by its owner alone. Several keys have spaces between them."),
            ),
        ),
    ),
    (
        T("Set by your organisation alone"),
        (
            SettingRow("policy_root", T("Root of signed policies"), T("Whose keys sign policies."), Kind.SHOWN),
            SettingRow("unsigned_policy", T("Unsigned policies"), T("Whether they count."), Kind.SHOWN),
            SettingRow("own_rules", T("Rules of the desk’s own"), T("Whether a desk may have any."), Kind.SHOWN),
            SettingRow("exceptions", T("Exceptions"), T("Whether a desk may grant any."), Kind.SHOWN),
            SettingRow(
                "shared_log",
                T("Shared log"),
                T("The folder in which all users of this computer write one."),
                Kind.SHOWN,
            ),
            SettingRow(
                "release_key",
                T("Keys for news of versions"),
                T("Whose word is believed, beside those that came with Fanion, that there is a newer version."),
                Kind.SHOWN,
            ),
        ),
    ),
)
