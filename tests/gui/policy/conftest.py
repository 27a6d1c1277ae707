"""A policy page on a desk of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtWidgets import QDialog, QPushButton
from pytestqt.qtbot import QtBot

from core.desk.desk import Desk
from core.desk.settings.settings_table import Settings
from gui.policy.edit.labelled_field import LabelledField
from gui.policy.policy_page import PolicyPage
from gui.toolkit.jobs import JobRunner

Sheet = TypeVar("Sheet", bound=QDialog)
MakePage = Callable[..., PolicyPage]


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[JobRunner]:
    """Does its work at once, on the GUI thread."""
    runner = JobRunner(in_place=True)
    yield runner
    runner.close()


@pytest.fixture
def make_page(qtbot: QtBot, runner: JobRunner, tmp_path: Path) -> MakePage:
    """Shows a page for the built-in policy, or for the file that is named. Rules of the desk’s own are allowed."""

    def make(file: Path | str = "", **settings: Any) -> PolicyPage:
        page = PolicyPage(Desk(tmp_path, Settings(policy=str(file), unsigned_policy=True, **settings)), runner)
        qtbot.addWidget(page)
        page.resize(1366, 700)
        with qtbot.waitExposed(page):
            page.show()
        page.activateWindow()
        return page

    return make


@pytest.fixture
def page(make_page: MakePage) -> PolicyPage:
    return make_page()


@pytest.fixture
def policy_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a policy of one rule."""

    def write(**changes: str) -> Path:
        values = {
            "title": "A policy",
            "product": "Chat",
            "reason": "It listens.",
            "quote": "It is banned.",
            "official": "true",
            "url": "",
            "note": "",
            "source": "A list",
        } | changes
        url = f'url = "{values["url"]}"' if values["url"] else ""
        note = f"note.en = '''{values['note']}'''\nnote.fr = 'Remarque'" if values["note"] else ""
        file = tmp_path / "ours.toml"
        file.write_text(
            f"""
            id = "ours"
            version = "7"
            issued = 2026-02-01
            title.en = '''{values["title"]}'''
            title.fr = "Une politique"
            scope.en = "our phones"
            scope.fr = "nos téléphones"
            [authority.us]
            name.en = "our director"
            name.fr = "notre directrice"
            instrument.en = "Directive 1"
            instrument.fr = "Directive 1"
            quote.en = '''{values["quote"]}'''
            quote.fr = "Elle est interdite."
            official_fr = {values["official"]}
            {url}
            [[rule]]
            id = "chat"
            strength = "ban"
            effective = 2026-01-01
            authority = "us"
            product.en = '''{values["product"]}'''
            product.fr = "Clavardage"
            reason.en = '''{values["reason"]}'''
            reason.fr = "Elle écoute."
            {note}
            [[rule.app]]
            platform = "android"
            id = "org.example.chat"
            product.en = '''{values["product"]}'''
            product.fr = "Clavardage"
            confidence = "one source"
            source = '''{values["source"]}'''
            """,
            encoding="utf-8",
        )
        return file

    return write


def sheet(page: PolicyPage, kind: type[Sheet]) -> Sheet:
    """The one open sheet of this kind."""
    (found,) = [one for one in page.window().findChildren(kind) if one.isVisible()]
    return found


def open_sheets(page: PolicyPage) -> int:
    """How many sheets are over the window."""
    return sum(dialog.isVisible() for dialog in page.window().findChildren(QDialog))


def look_at(page: PolicyPage, id: str) -> None:
    """Choose a rule in the list."""
    row = next(n for n in range(page.rules.rowCount()) if page.rules.row(n).rule.id == id)
    page.table.selectRow(row)


def offered(page: PolicyPage) -> list[QPushButton]:
    """The buttons that are shown for the chosen rule."""
    rule = page.rule
    return [one for one in (rule.edit, rule.delete, rule.off, rule.on) if not one.isHidden()]


def says_wrong(field: LabelledField) -> str:
    """What a field of a form complains of; empty if of nothing."""
    return field.fault.text() if field.fault.isVisibleTo(field) else ""
