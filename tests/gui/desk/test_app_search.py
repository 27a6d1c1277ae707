"""The search in the table of apps: what it finds, and how little a key has to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.model import App, AppState
from core.text import T
from gui.desk.apps.app_model import AppsModel, Column, Narrow
from gui.desk.apps.apps import Apps
from gui.desk.session.app_rows import AppKind, AppRow
from gui.desk.session.lane import FileRead
from gui.toolkit.lists.tables import Index, Table
from tests.examples import examples

#: As many as the least harmless phone of the tests claims.
MANY = 20_000


class Haystack(str):
    """What is looked into: how often, is counted."""

    looks = 0

    def __contains__(self, word: object) -> bool:
        Haystack.looks += 1
        return super().__contains__(word)  # type: ignore[operator]


class CountingRow(AppRow):
    """A row, and of which apps one was looked at for what their files tell."""

    __slots__ = ()
    looks: ClassVar[list[str]] = []

    def looked_into(self) -> AppRow:
        CountingRow.looks.append(self.app.package)
        return super().looked_into()


class CountingModel(AppsModel):
    """The rows, and which of them the table has asked for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.asked: set[int] = set()

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        self.asked.add(index.row())
        return super().data(index, role)


def app_row(package: str, *, system: bool = False) -> AppRow:
    app = App(package, 1, "1.0", "com.android.vending", system=system, states=(AppState(0, True),))
    haystack = Haystack(f"{package}\n1.0\npersonal".casefold())
    return CountingRow(
        AppKind.UNREAD, AppKind.UNREAD.word, app, (T("Personal"),), "Play", not system, False, None, None, haystack
    )


@pytest.fixture(scope="module")
def many() -> tuple[AppRow, ...]:
    return tuple(app_row(f"com.example.app{number}.something") for number in range(MANY))


@pytest.fixture
def apps(qtbot: QtBot, many: tuple[AppRow, ...]) -> Iterator[Apps]:
    """The table as it is unfolded, with so many apps."""
    shown = Apps()
    qtbot.addWidget(shown)
    shown.resize(900, 600)
    shown.show_rows(many, {}, anew=True)
    shown.show()
    qtbot.waitExposed(shown)
    QApplication.processEvents()
    yield shown
    shown.close()


def looks_at(apps: Apps, text: str) -> int:
    """How many rows a key looks into."""
    before = Haystack.looks
    apps.search.setText(text)
    return Haystack.looks - before


def test_each_further_key_looks_only_into_what_is_still_shown(apps: Apps) -> None:
    assert looks_at(apps, "app1") == MANY
    shown = apps.model.rowCount()
    assert 0 < shown < MANY
    assert looks_at(apps, "app19") == shown
    shown = apps.model.rowCount()
    assert looks_at(apps, "app199") == shown
    shown = apps.model.rowCount()
    assert looks_at(apps, "app199 per") <= shown * 2  # of two words
    assert looks_at(apps, "app19") == MANY, "what a key takes back may show every row"
    assert looks_at(apps, "") == 0
    assert apps.model.rowCount() == MANY


def test_a_key_that_leaves_the_rows_as_they_are_draws_no_row_anew(apps: Apps, qtbot: QtBot) -> None:
    apps.table.setCurrentIndex(apps.model.index(3, 0))
    chosen = apps.chosen()
    with qtbot.assertNotEmitted(apps.model.modelReset), qtbot.assertNotEmitted(apps.chosen_changed):
        for text in ("c", "co", "COM", "com.", "com. per"):
            apps.search.setText(text)
    assert apps.chosen() is chosen
    with qtbot.waitSignals([apps.model.modelReset, apps.chosen_changed]):
        apps.search.setText("app77")
    assert apps.chosen() is None


def test_the_buttons_are_not_worked_out_anew_while_nothing_is_chosen(apps: Apps, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(apps.chosen_changed):
        for text in ("app1", "app19", "app199", "zzz", ""):
            apps.search.setText(text)


def test_a_key_asks_for_no_more_rows_than_are_in_sight(qtbot: QtBot, many: tuple[AppRow, ...]) -> None:
    model, table = CountingModel(), Table()
    qtbot.addWidget(table)
    model.show_rows(many)
    table.setModel(model)
    table.resize(900, 600)
    table.show()
    qtbot.waitExposed(table)
    in_sight = table.viewport().height() // table.verticalHeader().defaultSectionSize() + 2
    for text in ("app1", "app19", "app199", "zzz", "app2", ""):
        model.asked.clear()
        model.look_for(text, Narrow.ALL)
        QApplication.processEvents()
        assert len(model.asked) <= in_sight, text
    assert model.asked


ACTS = st.one_of(
    st.tuples(st.just("look"), st.text("ab1. é", max_size=5), st.sampled_from(Narrow)),
    st.tuples(st.just("sort"), st.sampled_from([-1, *Column]), st.sampled_from(Qt.SortOrder)),
    st.tuples(st.just("name"), st.sampled_from(["a", "ab", "b.1", "é.b"]), st.text("ab é", max_size=3)),
)


@examples(60)
@given(st.lists(ACTS, max_size=12))
def test_what_is_shown_does_not_depend_on_the_way_to_it(acts: list[tuple[str, Any, Any]]) -> None:
    """A search that went on from the last one shows what a search of its own shows."""
    rows = tuple(app_row(package, system=package.startswith("b")) for package in ("a", "ab", "b.1", "é.b", "1", "aab"))
    stepwise, at_once = AppsModel(), AppsModel()
    stepwise.show_rows(rows)
    look, sort, names = ("", Narrow.ALL), (-1, Qt.SortOrder.AscendingOrder), dict[str, FileRead]()
    for act, first, second in acts:
        if act == "look":
            look = (first, second)
            stepwise.look_for(*look)
        elif act == "sort":
            sort = (first, second)
            stepwise.sort(*sort)
        elif first not in names:  # an app's file is read once
            names[first] = FileRead(first, second)
            stepwise.name({first: names[first]})
    at_once.show_rows(rows)
    at_once.name(names)
    at_once.sort(*sort)
    at_once.look_for(*look)

    def shown(model: AppsModel) -> list[tuple[str, str, AppKind]]:
        return [(row.app.package, row.name, row.kind) for row in map(model.row, range(model.rowCount()))]

    assert shown(stepwise) == shown(at_once)
    for words in look[0].casefold().split():
        assert all(words in stepwise.row(number).haystack for number in range(stepwise.rowCount()))


def test_upper_case_finds_the_same(apps: Apps) -> None:
    apps.search.setText("APP1999.")
    assert [apps.model.row(number).app.package for number in range(apps.model.rowCount())] == [
        "com.example.app1999.something"
    ]


def test_names_go_into_what_is_shown_and_leave_the_order_alone() -> None:
    model = AppsModel()
    rows = tuple(app_row(package) for package in ("a", "b"))
    model.show_rows(rows)
    model.name({"b": FileRead("b", "Bee")})
    assert [model.row(number).name for number in (0, 1)] == ["a", "Bee"]
    model.look_for("bee", Narrow.ALL)
    assert [model.row(number).name for number in range(model.rowCount())] == ["Bee"]
    model.look_for("", Narrow.ALL)
    assert [model.row(number).name for number in (0, 1)] == ["a", "Bee"]


def test_news_of_a_phone_look_only_at_the_apps_that_they_name(apps: Apps, many: tuple[AppRow, ...]) -> None:
    looks = CountingRow.looks
    files = {row.app.package: FileRead(row.app.package, f"App {number}") for number, row in enumerate(many)}
    looks.clear()
    apps.show_rows(many, files, anew=False)
    assert len(looks) == MANY
    looks.clear()
    apps.show_rows(many, files, anew=False)  # the phone has told something else
    assert looks == []
    first = many[0].app.package
    files[first] = FileRead(first, "Another name")
    apps.show_rows(many, files, anew=False)
    assert looks == [first]
    assert apps.model.row(0).name == "Another name"
    looks.clear()
    apps.show_rows(many[:10], files, anew=False)  # it was read again
    assert sorted(looks) == sorted(row.app.package for row in many[:10])
    assert apps.model.row(0).name == "Another name"
