"""The pages are rows: one that is added has all that a page has, without a word about it anywhere else."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel

from core.manual import manual
from core.text import LANGUAGES, T
from gui.startup import application
from gui.toolkit.layouts import column
from gui.toolkit.page import Keys, Page
from gui.window.dialogs import ShortcutsDialog
from gui.window.main_window import MainWindow
from gui.window.pages import PAGES, PageRow
from gui.window.shell import PageShell
from tests.gui.conftest import MakeOffice, Office, texts

KEY = "Ctrl+5"
CHAPTER = "officer#while-a-phone-is-read"


class LostPhones(Page):
    """A page as a colleague would add it."""

    def __init__(self, shell: PageShell) -> None:
        super().__init__()
        self.heard: list[bool] = []
        self.about = ""
        column(QLabel(f"Lost at {shell.desk.name}"), inside=self)

    @property
    def chapter(self) -> str:
        return self.about

    def shortcuts(self) -> Keys:
        return [(T("Search the log"), QKeySequence("Ctrl+J"))]

    def restore(self, settings: QSettings) -> None:
        self.setProperty("seen", settings.value("lost/seen"))

    def save(self, settings: QSettings) -> None:
        settings.setValue("lost/seen", "yes")

    def something_recorded(self, practice: bool) -> None:
        self.heard.append(practice)


ROW = PageRow("lost", T("Phones"), "phone", KEY, CHAPTER, LostPhones)


@pytest.fixture
def with_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every window has one page more."""
    monkeypatch.setattr(application, "MainWindow", partial(MainWindow, pages=(*PAGES, ROW)))


@pytest.fixture
def more(open_office: MakeOffice, with_row: None) -> Office:
    return open_office()


def lost(office: Office) -> LostPhones:
    (page,) = office.window.findChildren(LostPhones)
    return page


def settled(office: Office) -> None:
    """Nothing is read any more."""
    office.until(lambda: office.fanion.runner.idle)


def test_a_page_is_made_when_it_is_first_wanted(more: Office) -> None:
    assert not more.window.findChildren(LostPhones)
    more.press(KEY)
    assert lost(more).isVisible()
    more.window.open_page("desk")
    more.press(KEY)
    assert lost(more).isVisible()


def test_it_has_its_tab_and_its_title(more: Office) -> None:
    tab = more.window.nav["lost"]
    assert tab.accessibleName() == "Phones"
    assert tab.toolTip() == f"Phones ({KEY})"
    assert not tab.icon().isNull()
    more.click(tab)
    assert tab.isChecked()
    assert more.window.windowTitle() == "Fanion: Phones"
    more.see("Lost at Desk 4")
    more.window.switches.use_language("fr")
    assert more.window.windowTitle() == f"Fanion\N{NO-BREAK SPACE}: {tab.accessibleName()}"


def test_it_has_its_keys_in_the_sheet(more: Office) -> None:
    more.window.beside.show_keys()
    sheet = more.window.findChild(ShortcutsDialog)
    assert sheet is not None
    told = texts(sheet)
    assert {"Go to the Phones page", KEY, "Phones", "Search the log", "Ctrl+J"} <= set(told)
    sheet.close()


def test_it_has_its_chapter_of_the_manual(more: Office) -> None:
    more.press(KEY)
    for about, anchor in (("", CHAPTER), ("officer#hand-it-back", "officer#hand-it-back")):
        lost(more).about = about
        more.window.beside.show_manual()
        assert more.window.beside.manual is not None
        assert more.window.beside.manual.anchor == anchor


def test_it_hears_of_records_and_is_remembered(more: Office, open_office: MakeOffice) -> None:
    more.press(KEY)
    more.window.recorded(True)
    assert lost(more).heard == [True]
    settled(more)
    more.close()
    again = open_office(more.data)
    assert again.window.page_name() == "lost"
    assert lost(again).property("seen") == "yes"


def test_a_kiosk_has_it_only_if_its_row_says_so(open_office: MakeOffice, with_row: None) -> None:
    office = open_office(own={"kiosk": True})
    assert not office.window.nav["lost"].isVisible()
    office.press(KEY)
    assert office.window.page_name() == "desk"
    office.window.beside.show_keys()
    sheet = office.window.findChild(ShortcutsDialog)
    assert sheet is not None
    assert "Ctrl+J" not in texts(sheet)
    sheet.close()


def test_a_page_without_a_tab_has_a_button_and_is_not_shown_at_the_start(
    open_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = PageRow("lost", T("Phones"), "phone", KEY, CHAPTER, LostPhones, tab=False, key_opens=T("Phones"))
    monkeypatch.setattr(application, "MainWindow", partial(MainWindow, pages=(*PAGES, row)))
    office = open_office()
    assert "lost" not in office.window.nav
    office.click(office.window.bar.aside["lost"])
    assert office.window.bar.aside["lost"].isChecked()
    settled(office)
    office.close()
    assert open_office(office.data).window.page_name() == "desk"


def test_the_rows_agree_with_each_other_and_with_the_manual() -> None:
    keys = [QKeySequence(row.key) for row in PAGES]
    assert all(key.count() == 1 for key in keys)
    assert len({key.toString() for key in keys}) == len({row.name for row in PAGES}) == len(PAGES)
    for language in LANGUAGES:
        assert {row.chapter for row in PAGES} <= set(manual(language).sections)
    assert [row.name for row in PAGES if row.in_kiosk] == ["desk"]
