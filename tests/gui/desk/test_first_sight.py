"""What the eye sees first on the page of a phone: little, and in the order in which it matters."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from core.simulator import scenario_list
from tests.gui.conftest import MakeOffice, Office, texts

#: Words and controls that a red page has at most before anything was done; French takes a fifth more words.
WORDS, CONTROLS = {"en": 120, "fr": 144}, 9
#: Lines that are said under a headline at most.
LINES = 2


def words(page: QWidget) -> int:
    return sum(bool(re.search(r"\w", word)) for said in texts(page) for word in said.split())


def controls(page: QWidget) -> int:
    found = [one for one in page.findChildren(QWidget) if isinstance(one, QAbstractButton | QLineEdit)]
    return sum(one.isVisible() and one.isEnabled() for one in found)


def lines_of_sentence(office: Office) -> int:
    said = office.block.sentence
    return said.heightForWidth(said.width()) // QFontMetrics(said.font()).lineSpacing() if said.isVisible() else 0


@pytest.mark.slow
@pytest.mark.usefixtures("short_flood")
@pytest.mark.parametrize("language", WORDS)
def test_of_no_practice_phone_more_is_said_than_an_officer_reads(open_office: MakeOffice, language: str) -> None:
    office = open_office(own={"language": language})
    kits = [name for name in scenario_list.every() if scenario_list.begins(name) == "ready"]
    red = 0
    for name in kits:
        session = office.window.desk_page.practise(name)
        office.idle()
        assert office.page.session is session
        assert lines_of_sentence(office) <= LINES, (name, office.block.sentence.text())
        if office.colour == "red":
            red += 1
            assert words(office.page) <= WORDS[language], (name, texts(office.page))
            assert controls(office.page) <= CONTROLS, name
            assert not office.says("Chief Information Officer", office.page)
        office.fanion.phones.put_away(session)
    assert red > len(kits) // 3
