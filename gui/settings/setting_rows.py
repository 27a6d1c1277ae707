"""What each setting is called and what it does, in the order in which they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from core.desk.settings.settings import TEXT_SIZES
from core.system.sounds import can_play
from core.text import T, Text
from gui.toolkit.remembered import OWNER_AT_START, OWNER_FOLLOWS, PRINTER


class Kind(Enum):
    """How a setting is changed. One that is SHOWN is not changed here."""

    TEXT = auto()
    NUMBER = auto()
    SWITCH = auto()
    CHOICE = auto()
    #: Changed in a dialog of its own; the value itself is never shown.
    BUTTON = auto()
    SHOWN = auto()


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting as it is shown: its key, its name, and what it does; `choices` are the values that it may have, each
    with its name, where it is a choice. The key is that of a settings file, one of `MEMORY`, or one of `FACTS`."""

    key: str
    name: Text
    about: Text
    kind: Kind = Kind.TEXT
    choices: tuple[tuple[str | int, Text | str], ...] = ()


#: What the window itself remembers.
MEMORY: Final = (OWNER_AT_START, OWNER_FOLLOWS, PRINTER)
#: What is told of the desk, and set nowhere here.
FACTS: Final = ("data", "log", "key", "fingerprint", "health")


def about_sounds() -> Text:
    """What the sounds are, or why there are none on this computer."""
    if can_play():
        return T("Quiet ones: a phone was plugged in, is red, is green, or needs you. Many at once are one sound.")
    return T("No program that plays sounds was found on this computer: Fanion stays silent.")


SECTIONS: Final[tuple[tuple[Text, tuple[SettingRow, ...]], ...]] = (
    (
        T("Who works here"),
        (
            SettingRow("officer", T("Your name"), T("Stands in every entry from now on.")),
            SettingRow("desk", T("Name of this desk"), T("Stands in every entry from now on.")),
            SettingRow(
                "place", T("Place of the desk"), T("Such as a building and a room. Stands in every entry, too.")
            ),
            SettingRow(
                "language",
                T("Language"),
                T("Of the window, of papers, of the command line."),
                Kind.CHOICE,
                (("en", "English"), ("fr", "Français")),
            ),
        ),
    ),
    (
        T("Checks"),
        (
            SettingRow(
                "automatic_check",
                T("Check by itself"),
                T("A phone is checked as soon as it is ready. Nothing is ever removed by itself."),
                Kind.SWITCH,
            ),
            SettingRow(
                "ask_tag",
                T("Ask for the asset tag"),
                T("On the page of each phone that was checked and has none yet. It is personal information."),
                Kind.SWITCH,
            ),
            SettingRow(
                "ask_imei",
                T("Ask for the IMEI"),
                T("Where a phone does not tell it, a field asks for it. It is personal information."),
                Kind.SWITCH,
            ),
            SettingRow(
                "time_zone",
                T("Time zone"),
                T("Such as America/Toronto. In it, an exception ends with its last day. Empty: this computer’s own."),
            ),
            SettingRow(
                "policy",
                T("Policy"),
                T(
                    "By which policy phones are judged. It is chosen on the Policy page, since the choice goes into "
                    "the log."
                ),
                Kind.SHOWN,
            ),
            SettingRow(
                "health",
                T("Bounds of phone health"),
                T("Set by the policy in force: when a phone counts as badly protected."),
                Kind.SHOWN,
            ),
        ),
    ),
    (
        T("Window and paper"),
        (
            SettingRow(
                "text_size",
                T("Size of text and window"),
                T("Larger or smaller also with Ctrl++ and Ctrl+-. Fanion starts again for it, once no phone is here."),
                Kind.CHOICE,
                tuple((percent, T("{percent} %", percent=percent)) for percent in TEXT_SIZES),
            ),
            SettingRow("sounds", T("Sounds"), about_sounds(), Kind.SWITCH),
            SettingRow(
                "tray",
                T("Icon in the tray"),
                T("Counts the phones that need you, where the desktop has a tray. Closing the window closes Fanion."),
                Kind.SWITCH,
            ),
            SettingRow(
                OWNER_AT_START,
                T("Window for the owner at the start"),
                T("Open it with Fanion, where the computer has a second screen."),
                Kind.SWITCH,
            ),
            SettingRow(
                OWNER_FOLLOWS,
                T("Show each phone to its owner"),
                T("The window for the owner shows the phone that you look at, without a press for each."),
                Kind.SWITCH,
            ),
            SettingRow(
                PRINTER,
                T("Printer"),
                T("Proposed for every page. You still choose before it prints."),
                Kind.CHOICE,
                (("", T("The system’s own choice")),),
            ),
            SettingRow(
                "kiosk",
                T("Kiosk"),
                T("At the next start, the window has the Desk page alone, and there is nothing to configure."),
                Kind.SWITCH,
            ),
            SettingRow(
                "kiosk_password",
                T("Password of the kiosk"),
                T("It leaves the kiosk. Without one, a press is enough."),
                Kind.BUTTON,
            ),
        ),
    ),
    (
        T("Log"),
        (
            SettingRow(
                "retention_months",
                T("Keep personal information for (months)"),
                T(
                    "After so many months, that of checks which affected no person is to be erased; 0 leaves that to "
                    "a person."
                ),
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
        T("This desk"),
        (
            SettingRow(
                "data",
                T("Data folder"),
                T("Settings and practice; also the log, where none is shared."),
                Kind.SHOWN,
            ),
            SettingRow("log", T("Folder of the log"), T("The log of real phones, with its keys."), Kind.SHOWN),
            SettingRow("key", T("Key of the log"), T("By this name outsiders know it. Made with the log."), Kind.SHOWN),
            SettingRow(
                "fingerprint",
                T("Fingerprint of this computer"),
                T("What an Android phone shows when it asks to allow this computer. Made with the first phone."),
                Kind.SHOWN,
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
