"""Rows that are fetched as they are looked at."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from core import text
from core.ledger.records import Entry
from core.model import Verdict
from gui.log.paged_rows import PAGE
from gui.log.record_model import RecordColumn, RecordRows
from gui.toolkit.lists.tables import FLAG_ROLE, Flag
from gui.toolkit.theme import Status
from tests.gui.log.conftest import STARTED, Log, ended


@pytest.fixture
def entries(log: Log) -> dict[int, Entry]:
    log.write(*[STARTED] * 299, ended(Verdict.RED, bans=2))
    with log.ledger() as ledger:
        return {e.seq: e for e in ledger.entries()}


@pytest.fixture
def rows(qtbot: QtBot) -> RecordRows:
    return RecordRows()


@pytest.fixture
def asked(rows: RecordRows) -> list[list[int]]:
    asked: list[list[int]] = []
    rows.rows_wanted.connect(asked.append)
    return asked


def look(rows: RecordRows, row: int) -> str:
    return str(rows.index(row, RecordColumn.SUMMARY).data())


def answer(rows: RecordRows, entries: dict[int, Entry], numbers: Sequence[int]) -> None:
    rows.fetched([entries[number] for number in numbers])


def test_it_is_a_model_as_qt_wants_it(
    rows: RecordRows, entries: dict[int, Entry], qtmodeltester: ModelTester, qtbot: QtBot
) -> None:
    rows.rows_wanted.connect(lambda numbers: answer(rows, entries, numbers))
    rows.show(range(200, 0, -1))
    qtmodeltester.check(rows)
    rows.prepend(range(300, 200, -1))
    qtbot.waitUntil(lambda: look(rows, 0) == "Red: 2 banned apps")
    rows.show(array("q", [9, 5]))
    rows.extend(array("q", [3]))
    qtmodeltester.check(rows)


def test_a_row_shows_its_number_at_once_and_fills_in(
    rows: RecordRows, entries: dict[int, Entry], asked: list[list[int]], qtbot: QtBot
) -> None:
    rows.show(range(300, 0, -1))
    assert rows.index(0, RecordColumn.NUMBER).data() == "300"
    assert look(rows, 0) == "…"
    qtbot.waitUntil(lambda: bool(asked))
    with qtbot.waitSignal(rows.dataChanged) as changed:
        answer(rows, entries, asked[0])
    assert (changed.args[0].row(), changed.args[1].row()) == (0, PAGE - 1)
    assert look(rows, 0) == "Red: 2 banned apps"
    assert rows.index(1, RecordColumn.PHONE).data() == "Samsung Galaxy S22"


def test_each_page_is_asked_for_once(rows: RecordRows, asked: list[list[int]], qtbot: QtBot) -> None:
    rows.show(range(300, 0, -1))
    for row in range(30):
        look(rows, row)
    qtbot.waitUntil(lambda: bool(asked))
    look(rows, 5)
    qtbot.wait(5)
    assert asked == [list(range(300, 300 - PAGE, -1))]


def test_what_was_scrolled_past_is_not_fetched(rows: RecordRows, asked: list[list[int]], qtbot: QtBot) -> None:
    rows.show(range(1_000_000, 0, -1))
    for row in range(0, 1_000_000, 1_000):
        look(rows, row)
    qtbot.waitUntil(lambda: bool(asked))
    assert len(asked[0]) <= 3 * PAGE
    assert 1_000_000 - 999_000 in asked[0]
    assert 1_000_000 not in asked[0]


def test_what_is_wanted_during_a_fetch_comes_next(
    rows: RecordRows, entries: dict[int, Entry], asked: list[list[int]], qtbot: QtBot
) -> None:
    rows.show(range(300, 0, -1))
    look(rows, 0)
    qtbot.waitUntil(lambda: bool(asked))
    look(rows, 299)
    answer(rows, entries, asked[0])
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert 1 in asked[1]


def test_only_so_many_records_are_kept(
    rows: RecordRows, entries: dict[int, Entry], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr("gui.log.paged_rows._KEPT", 10)
    rows.show(range(300, 0, -1))
    answer(rows, entries, range(300, 200, -1))
    kept = [row for row in range(300) if rows.item(row) is not None]
    assert len(kept) == 10


def test_newer_ones_come_above_and_are_not_doubled(rows: RecordRows) -> None:
    rows.show(range(3, 0, -1))
    rows.prepend(range(5, 3, -1))
    rows.prepend([5, 4])
    assert [rows.number(row) for row in range(rows.rowCount())] == [5, 4, 3, 2, 1]
    rows.show(array("q", [7, 2]))
    rows.prepend([9, 7])
    rows.extend(array("q", [1]))
    assert [rows.number(row) for row in range(rows.rowCount())] == [9, 7, 2, 1]
    assert [rows.row(number) for number in (9, 2, 1, 8, 0, 99)] == [0, 2, 3, -1, -1, -1]


def test_a_million_numbers_take_no_memory(rows: RecordRows) -> None:
    rows.show(range(1_000_000, 0, -1))
    rows.prepend(range(1_000_002, 1_000_000, -1))
    assert isinstance(rows._numbers, range)
    assert rows.row(500_000) == 500_002


def test_what_cannot_be_read_says_so_and_is_asked_for_again_only_on_demand(
    rows: RecordRows, asked: list[list[int]], qtbot: QtBot
) -> None:
    rows.show(range(2, 0, -1))
    look(rows, 0)
    qtbot.waitUntil(lambda: len(asked) == 1)
    rows.fetched((), [2, 1])
    assert look(rows, 0) == "This entry cannot be read."
    qtbot.wait(5)
    assert len(asked) == 1
    rows.try_again()
    assert look(rows, 0) == "…"
    qtbot.waitUntil(lambda: len(asked) == 2)


def test_a_verdict_is_a_pill_and_a_word(rows: RecordRows, entries: dict[int, Entry]) -> None:
    rows.show(range(300, 0, -1))
    answer(rows, entries, [300, 299])
    assert rows.index(0, RecordColumn.SUMMARY).data(FLAG_ROLE) == Flag(Status.RED, "Red: 2 banned apps")
    assert rows.index(1, RecordColumn.SUMMARY).data(FLAG_ROLE) is None
    assert rows.index(0, RecordColumn.KIND).data() == "Check ended"
    assert rows.index(0, RecordColumn.KIND).data(Qt.ItemDataRole.AccessibleTextRole) == "A check ended"


def test_the_language_can_change(rows: RecordRows, entries: dict[int, Entry], qtbot: QtBot) -> None:
    rows.show(range(300, 0, -1))
    answer(rows, entries, [300])
    assert look(rows, 0).startswith("Red")
    text.use("fr")
    with qtbot.waitSignals([rows.dataChanged, rows.headerDataChanged]):
        rows.retranslate()
    assert look(rows, 0).startswith("Rouge")
