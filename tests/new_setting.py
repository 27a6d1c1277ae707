"""A setting that Fanion does not have, as a developer would add it: its row, and its texts for administrators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import pytest

from core.desk.settings import settings
from core.desk.settings.settings_table import ROWS, PageSection, Settings, row, rows_of
from core.desk.settings.value_rules import Choice
from core.text import T
from installer.settings_files import SettingTexts, Texts, Words, read_texts

KEY: Final = "flag_colour"


@dataclass(frozen=True, slots=True)
class SettingsWithFlag(Settings):
    """The settings, and a new one."""

    flag_colour: str = row(
        "red",
        Choice(
            (("red", T("Red flag")), ("blue", T("Blue flag"))),
            T("“{key}” must be “red” or “blue”", key=KEY),
        ),
        PageSection.WINDOW,
        T("Colour of the flag"),
        T("What the flag on the roof has."),
        since="9.2",
    )


def add(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the new row in the table, and its field in the class of the settings, during a test."""
    monkeypatch.setitem(ROWS, KEY, rows_of(SettingsWithFlag)[KEY])  # type: ignore[arg-type]
    monkeypatch.setattr(settings, "Settings", SettingsWithFlag)


def texts() -> Texts:
    """The texts for administrators, with those of the new setting."""
    present = read_texts()
    words: Mapping[str, Words] = {
        "en": Words(
            title="Colour of the flag",
            help="Which colour the flag has.\n\nFive < six & all.",
            label="Colour:",
            comment="The colour of the flag: red or blue.",
            guide="which colour the flag on the roof has",
            choices={"red": "Red flag", "blue": "Blue flag"},
        ),
        "fr": Words(
            title="Couleur du drapeau",
            help="La couleur du drapeau.",
            label="Couleur\N{NO-BREAK SPACE}:",
            comment="La couleur du drapeau : red ou blue.",
            guide="la couleur du drapeau sur le toit",
            choices={"red": "Drapeau rouge", "blue": "Drapeau bleu"},
        ),
    }
    return replace(present, settings={**present.settings, KEY: SettingTexts('"blue"', words)})  # type: ignore[arg-type]
