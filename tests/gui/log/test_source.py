"""What stands behind the rows, where a search is helped by its index."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from core.ledger import records
from core.ledger.search.record_filter import Filter
from core.text import T
from gui.log.record_model import RecordColumn
from gui.toolkit.jobs import JobRunner
from tests.gui.log.conftest import SERIAL, STARTED, Log, MakePage, settled, shown


def said(text: str) -> records.ProblemMet:
    return records.ProblemMet(code="x", sentence=T("{a}", a=text), next_step=T("b"))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A hundred records are many."""
    monkeypatch.setattr("core.ledger.search.scan._FIRST_STRETCH", 4)
    return


@pytest.fixture
def many(log: Log) -> Log:
    """200 records: the 10th and the 90th say so; the 50th is of the phone that is looked for."""
    log.write(*[STARTED] * 9, said(f"it says {SERIAL}"), *[STARTED] * 39, phone=False)
    log.write(STARTED)
    log.write(*[STARTED] * 39, said(f"it says {SERIAL} too"), *[STARTED] * 110, phone=False)
    return log


def test_who_fits_by_a_serial_stands_in_its_place(
    make_page: MakePage, many: Log, qtbot: QtBot, runner: JobRunner
) -> None:
    page = make_page()
    page.source.look_for(Filter(SERIAL.lower()))
    settled(qtbot, page, runner)
    assert shown(page, RecordColumn.NUMBER) == ["90", "50", "10"]
    page.source.look_for(Filter("it says"))
    settled(qtbot, page, runner)
    assert shown(page, RecordColumn.NUMBER) == ["90", "10"]
    page.source.look_for(Filter(phone=SERIAL))
    settled(qtbot, page, runner)
    assert shown(page, RecordColumn.NUMBER) == ["50"]
