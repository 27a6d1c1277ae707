"""What stands behind the rows, where a search is helped by its index."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from core.ledger import records
from core.ledger.search import search_index
from core.ledger.search.record_filter import Filter
from core.ledger.search.scan import ScanReader
from core.ledger.search.search_index import search_file
from core.text import T
from gui.log.ledger_jobs import merged
from gui.log.log_page import LogPage
from gui.log.record_model import Column
from gui.toolkit.jobs import JobRunner
from tests.gui.log.conftest import SERIAL, STARTED, Log, MakePage, settled, shown


def said(text: str) -> records.ProblemMet:
    return records.ProblemMet(code="x", sentence=T("{a}", a=text), next_step=T("b"))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A hundred records are many."""
    monkeypatch.setattr(search_index, "WORTH", 1)
    monkeypatch.setattr("core.ledger.search.scan._FIRST_STRETCH", 4)
    monkeypatch.setattr("core.ledger.search.scan._NEWEST", 4)
    yield
    search_index._looked_over.clear()


@pytest.fixture
def many(log: Log) -> Log:
    """200 records: the 10th and the 90th say so; the 50th is of the phone that is looked for."""
    log.write(*[STARTED] * 9, said(f"it says {SERIAL}"), *[STARTED] * 39, phone=False)
    log.write(STARTED)
    log.write(*[STARTED] * 39, said(f"it says {SERIAL} too"), *[STARTED] * 110, phone=False)
    return log


def index_of(log: Log) -> Path:
    return search_file(log.file())


def test_the_index_is_made_once_the_log_is_open(
    make_page: MakePage, many: Log, qtbot: QtBot, runner: JobRunner
) -> None:
    page = make_page()
    assert index_of(many).exists()
    with many.desk.read_ledger(practice=False) as ledger:
        proposal = search_index.propose(ledger, ["it says"])
    assert proposal is not None
    assert list(proposal.blocks) == [1, 65]
    many.write(*[STARTED] * 60)
    page.refresh()
    settled(qtbot, page, runner)
    with many.desk.read_ledger(practice=False) as ledger:
        proposal = search_index.propose(ledger, ["it says"])
    assert proposal is not None
    assert proposal.end == 257


def test_who_fits_by_a_serial_stands_in_its_place(
    make_page: MakePage, many: Log, qtbot: QtBot, runner: JobRunner
) -> None:
    page = make_page()
    page.source.look_for(Filter(SERIAL.lower()))
    settled(qtbot, page, runner)
    assert shown(page, Column.NUMBER) == ["90", "50", "10"]
    page.source.look_for(Filter("it says"))
    settled(qtbot, page, runner)
    assert shown(page, Column.NUMBER) == ["90", "10"]
    page.source.look_for(Filter(phone=SERIAL))
    settled(qtbot, page, runner)
    assert shown(page, Column.NUMBER) == ["50"]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """The index waits in its second block: that it does, and whether it may go on."""
    waits, go_on = threading.Event(), threading.Event()
    texts: Callable[..., str] = ScanReader.folded_texts

    def slow(self: ScanReader, first: int, before: int) -> str:
        if first == 65:
            waits.set()
            assert go_on.wait(10)
        return texts(self, first, before)

    monkeypatch.setattr(ScanReader, "folded_texts", slow)
    yield waits, go_on
    go_on.set()


def test_it_makes_way_for_a_search_and_goes_on_afterwards(
    log: Log, many: Log, qtbot: QtBot, runner: JobRunner, held: tuple[threading.Event, threading.Event]
) -> None:
    waits, go_on = held
    page = LogPage(log.desk, runner)
    qtbot.addWidget(page)
    page.head.entries.setChecked(True)
    page.show()
    qtbot.waitUntil(waits.is_set)
    page.source.look_for(Filter("it says"))
    qtbot.waitUntil(lambda: page.source.rows.rowCount() == 2)
    indexed: list[Any] = []
    with log.desk.read_ledger(practice=False) as ledger:
        indexed.append(search_index.propose(ledger, ["it says"]))
    assert indexed == [None]
    go_on.set()
    settled(qtbot, page, runner)
    with log.desk.read_ledger(practice=False) as ledger:
        assert search_index.propose(ledger, ["it says"]) is not None


@pytest.mark.parametrize(
    ("numbers", "late"),
    [([], []), ([3, 1], []), ([], [3, 1]), ([9, 7, 3], [8, 2]), ([9, 7, 3], [10, 4, 1]), ([5], [7, 6])],
)
def test_two_orders_become_one(numbers: list[int], late: list[int]) -> None:
    assert list(merged(array("q", numbers), array("q", late))) == sorted(numbers + late, reverse=True)
