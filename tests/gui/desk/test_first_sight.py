"""What the eye sees first on the page of a phone: little, and in the order in which it matters."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from core.simulator import load, scenario_list
from gui.desk.acts.all_acts import HAND_BACK
from tests.gui.conftest import MakeOffice, Office, texts
from tests.gui.desk.test_presses import WECHAT, refusing

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


def test_a_phone_that_was_handed_back_says_what_was_found_removed_and_left_and_why_before_all_else(
    office: Office,
) -> None:
    made = load("walk-up")
    apps = [app for app in made.apps if app.package != WECHAT]
    office.plug("S1", replace(made, apps=(*apps, *refusing().apps)))
    office.until(office.block.remove.isVisible)
    office.idle()
    office.remove()
    office.until(lambda: office.headline == "1 banned app")
    office.idle()
    office.page.desk_actions.want(HAND_BACK)
    office.type("Called away")
    office.press("Alt+F")
    office.until(lambda: office.headline == "Handed back with 1 banned app")
    office.idle()
    assert lines_of_sentence(office) <= LINES
    said, fold = " ".join(office.texts(office.page)), office.page.handed_back
    in_order = [
        "2 banned apps were found: 1 removed and 1 still there.",
        "Left on the phone: WeChat.",
        "Reason: Called away",
        "Say to the holder",
        "How it was handed back",
        "USB debugging off",
    ]
    assert sorted(in_order, key=said.index) == in_order
    assert not fold.rows.isVisible()
    office.click(fold.toggle)
    assert office.says("confirmed by the phone", fold.rows)
