"""The manual in its window: opened at what is on the screen, read, searched and gone through with the keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from core import text
from core.manual import manual
from core.model import Verdict
from core.phones.driver import Unplugged
from core.problem import Problem
from core.text import LANGUAGES, T
from gui.help.chapter_view import _fragments
from gui.help.help_window import HelpWindow
from gui.toolkit.translated_text import speak
from gui.window import on_screen
from gui.window.dialogs import ShortcutsDialog
from gui.window.pages import PAGES
from tests.gui.conftest import Office


@pytest.fixture
def window(qtbot: QtBot) -> HelpWindow:
    made = HelpWindow()
    qtbot.addWidget(made)
    made.open_chapter("officer#check-a-phone")
    made.come_up()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def shown(window: HelpWindow) -> str:
    return window.chapter.toPlainText()


def press(window: HelpWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, key, modifier)


# --- reading


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chapter_can_be_shown(window: HelpWindow, language: text.Language) -> None:
    speak(language)
    for anchor, section in manual(language).sections.items():
        window.open_chapter(anchor)
        words = shown(window)
        assert section.title.replace("\N{NO-BREAK SPACE}", " ") in words
        assert "**" not in words
        assert "](" not in words


def test_a_part_of_a_chapter_is_scrolled_to(window: HelpWindow) -> None:
    window.resize(700, 400)
    QApplication.processEvents()
    window.open_chapter("officer#a-green-phone")
    QApplication.processEvents()
    at = window.chapter.cursorForPosition(QPoint(40, 24))
    assert "A green phone" in at.block().text()
    after = window.chapter.cursorRect(QTextCursor(at.block().next().next()))
    assert after.top() > 100, "there is the picture between"
    assert after.height() > 10


def test_a_link_leads_to_its_chapter_and_the_way_back_is_known(window: HelpWindow) -> None:
    window.chapter.anchorClicked.emit(QUrl("officer#hand-it-back"))
    assert "which ends the connection" in shown(window)
    press(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert window.anchor == "officer#check-a-phone"
    assert "App Library › Hidden" in shown(window)
    assert not window.back.isEnabled()
    press(window, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert window.anchor == "officer#hand-it-back"
    assert not window.forward.isEnabled()


def test_the_number_of_a_claim_is_small_and_leads_to_its_tests(window: HelpWindow) -> None:
    window.open_chapter("threats")
    numbers = [
        shape
        for start, length, shape in _fragments(window.chapter.document())
        if shape.isAnchor() and shown(window)[start : start + length].isdecimal()
    ]
    assert len(numbers) > 10
    assert {shape.verticalAlignment() for shape in numbers} == {QTextCharFormat.VerticalAlignment.AlignSuperScript}
    window.chapter.link_activated.emit(numbers[0].anchorHref())
    assert window.anchor == "threats#what-shows-it"
    assert "unit/ledger/test_threats.py::" in shown(window)
    assert window.chapter.horizontalScrollBar().maximum() == 0


def test_links_can_be_followed_with_the_keys(window: HelpWindow) -> None:
    window.open_chapter("officer#a-green-phone")
    window.chapter.setFocus()
    window.chapter.moveCursor(QTextCursor.MoveOperation.Start)
    for _ in range(2):
        press(window, Qt.Key.Key_Tab)
    press(window, Qt.Key.Key_Return)
    assert window.anchor != "officer#a-green-phone"


def test_the_manual_speaks_the_other_language_where_it_stands(window: HelpWindow) -> None:
    window.open_chapter("officer#an-amber-phone")
    speak("fr")
    assert window.anchor == "officer#an-amber-phone"
    assert "Le jaune n’est pas un soupçon" in shown(window)
    assert window.contents.currentItem().text(0) == "Un téléphone jaune"


def test_a_picture_is_as_wide_as_there_is_room_for(window: HelpWindow) -> None:
    def widths() -> list[float]:
        window.chapter.document().size()
        formats = [shape.toImageFormat() for _, _, shape in _fragments(window.chapter.document())]
        return [one.width() for one in formats if one.isValid() and one.name()]

    window.resize(1000, 700)
    QApplication.processEvents()
    window.open_chapter("officer#hand-it-back")
    wide = widths()
    window.resize(700, 500)
    QApplication.processEvents()
    assert len(wide) == len(widths()) == 1
    assert widths()[0] < wide[0]
    assert widths()[0] <= window.chapter.viewport().width()
    speak("fr")
    assert len(widths()) == 1


def test_nothing_but_a_picture_of_the_manual_is_ever_loaded(window: HelpWindow) -> None:
    kind = QTextDocument.ResourceType.ImageResource.value
    for name in ("file:///etc/passwd", "https://example.org/a.png", "../officer.en.md", "", "/etc/hostname"):
        assert window.chapter.loadResource(kind, QUrl(name)) is None


# --- searching


def test_a_search_shows_where_the_words_stand_and_escape_goes_back(window: HelpWindow) -> None:
    press(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(window.field, "keyring")
    assert window.hits.count() > 1
    assert window.hits.isVisible()
    assert "places found" in window.hit_count.text()
    press(window, Qt.Key.Key_Return)
    assert window.hits.hasFocus()
    assert "keyring" in shown(window).lower()
    assert window.chapter.extraSelections()
    press(window, Qt.Key.Key_Escape)
    assert window.contents.isVisible()
    assert not window.chapter.extraSelections()
    press(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_to_come_to_the_hits_with_tab_opens_none_and_enter_does(window: HelpWindow) -> None:
    window.field.setFocus()
    QTest.keyClicks(window.field, "keyring")
    before = window.anchor
    window.hits.setFocus(Qt.FocusReason.TabFocusReason)
    assert window.anchor == before
    press(window, Qt.Key.Key_Down)
    assert window.anchor != before
    before = window.anchor
    press(window, Qt.Key.Key_Up)
    assert window.anchor != before


def test_a_search_without_a_hit_says_so_and_leaves_the_chapter(window: HelpWindow) -> None:
    before = shown(window)
    window.field.setText("xyzzy")
    assert window.hit_count.text() == "Nothing found."
    press(window, Qt.Key.Key_Return)
    assert shown(window) == before


# --- what is on the screen


def test_every_chapter_of_the_screen_is_in_the_manual() -> None:
    anchors = {value for name, value in vars(on_screen).items() if name.isupper() and isinstance(value, str)}
    anchors |= {*(row.chapter for row in PAGES), *on_screen.VERDICTS.values(), *on_screen.DIALOGS.values()}
    assert len(anchors) >= 12
    assert set(on_screen.VERDICTS) == set(Verdict)
    for language in LANGUAGES:
        assert anchors <= set(manual(language).sections)


def opened(office: Office) -> str:
    """Where the manual opens now."""
    office.window.activateWindow()
    office.until(office.window.isActiveWindow)
    office.press("F1")
    assert office.window.beside.manual is not None
    office.until(office.window.beside.manual.isVisible)
    return office.window.beside.manual.anchor


def test_f1_opens_the_chapter_of_the_page(office: Office) -> None:
    assert opened(office) == "officer#check-a-phone"
    for row in PAGES:
        office.window.open_page(row.name)
        assert opened(office) == row.chapter


def test_f1_opens_the_chapter_of_a_dialog(office: Office) -> None:
    for opens, anchor in (
        (office.window.beside.show_keys, "officer#with-keys-alone-larger-or-read-aloud"),
        (office.window.beside.ask_who, "officer#what-is-recorded"),
        (office.window.beside.show_about, "officer#check-a-phone"),
    ):
        office.window.activateWindow()
        opens()
        dialog = next(one for one in office.window.findChildren(QDialog) if one.isVisible())
        office.until(lambda dialog=dialog: QApplication.activeWindow() is dialog)  # type: ignore[misc]
        office.press("F1")
        manual = office.window.beside.manual
        assert manual is not None
        office.until(manual.isVisible)
        assert manual.anchor == anchor
        manual.close()
        dialog.close()


def test_every_dialog_with_a_chapter_is_there() -> None:
    source = "".join(file.read_text("utf-8") for file in Path("gui").rglob("*.py"))
    assert not [name for name in on_screen.DIALOGS if f"class {name}(" not in source]


@pytest.mark.parametrize(
    ("scenario", "colour", "anchor"),
    [
        ("clean", "green", "officer#a-green-phone"),
        ("unseen", "amber", "officer#an-amber-phone"),
        ("walk-up", "red", "officer#a-red-phone"),
    ],
)
def test_f1_opens_the_chapter_of_the_phone_as_it_stands(
    office: Office, scenario: str, colour: str, anchor: str
) -> None:
    office.plug("S1", scenario)
    office.until(lambda: office.colour == colour)
    office.idle()
    assert opened(office) == anchor


def test_f1_opens_the_chapter_of_a_phone_that_is_not_ready(office: Office) -> None:
    office.window.desk_page.practise("not-ready-debugging-off")
    office.until(office.page.ready.isVisible)
    assert opened(office) == "officer#a-phone-that-is-not-ready"


def test_the_manual_leads_to_the_keys_and_closes_with_the_window(office: Office) -> None:
    opened(office)
    book = office.window.beside.manual
    assert book is not None
    office.click(book.keys)
    sheet = office.window.findChild(ShortcutsDialog)
    assert sheet is not None
    sheet.close()
    office.window.close()
    assert office.window.beside.manual is None


# --- a problem says more


def test_a_problem_leads_to_its_chapter(office: Office) -> None:
    office.window.desk_page.tell(Unplugged())
    bar = office.window.desk_page.trouble
    assert bar.chapter_link.isVisible()
    office.click(bar.chapter_link)
    assert office.window.beside.manual is not None
    assert office.window.beside.manual.anchor == "troubleshooting#the-phone-was-unplugged"


def test_a_problem_of_no_kind_leads_to_support(office: Office) -> None:
    office.window.desk_page.tell(Problem(T("Try again"), T("Try again")))
    office.click(office.window.desk_page.trouble.chapter_link)
    assert office.window.beside.manual is not None
    assert office.window.beside.manual.anchor == "administrator#self-test-and-support"
