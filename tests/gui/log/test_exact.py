"""A record as it was recorded, and its proof."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.ledger import records
from core.ledger.records import Kind
from core.ledger.tlog.notes import Proof
from core.model import Verdict
from core.text import T
from gui.log.exact_record import laid_out
from gui.log.log_page import LogPage
from gui.toolkit import file_dialogs
from gui.toolkit.jobs import JobRunner
from tests.gui.log.conftest import STARTED, WECHAT, Log, MakePage, ended, settled

Settle = Callable[[], None]


@pytest.fixture
def page(log: Log, make_page: MakePage) -> LogPage:
    """1 began, 2 found, 3 red, 4 intended, 5 done, 6 sealing began, 7 next key, 8 began and not sealed."""
    log.write(
        STARTED,
        records.AppFound.of(WECHAT),
        ended(Verdict.RED, bans=1),
        records.RemovalIntended("uninstall", "com.tencent.mm", 0, 2),
        records.RemovalOutcome(intent=4, outcome="done", answer="Success", means=T("The phone says it is done.")),
    )
    log.seal()
    log.write(STARTED)
    return make_page()


@pytest.fixture
def settle(page: LogPage, qtbot: QtBot, runner: JobRunner) -> Settle:
    return lambda: settled(qtbot, page, runner)


def go_to(page: LogPage, number: int, settle: Settle) -> None:
    page.table.go_to(page.source.rows.row(number))
    settle()


def test_as_recorded_it_can_be_read_and_is_copied_to_the_byte(page: LogPage, settle: Settle) -> None:
    go_to(page, 3, settle)
    page.detail.as_recorded.click()
    entry = page.detail.entry
    assert entry is not None
    assert json.loads(page.detail.exact.text.toPlainText()) == json.loads(entry.exact)
    assert entry.leaf_hash.hex() in page.detail.exact.hash.text().replace(" ", "")
    for press in (
        page.detail.exact.copy_button.click,
        lambda: QTest.keyClick(page.detail.exact.text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier),
    ):
        QGuiApplication.clipboard().setText("")
        press()
        assert QGuiApplication.clipboard().text().encode() == entry.exact
    assert page.detail.exact.copy_button.text() == "Copied"


def test_what_turns_a_text_around_is_written_by_its_number() -> None:
    shown = laid_out('{"a":"x\u202ey\u200bz","b":"é"}'.encode())
    assert "\\u202e" in shown
    assert "\u202e" not in shown
    assert json.loads(shown) == {"a": "x\u202ey\u200bz", "b": "é"}


def test_the_proof_of_a_sealed_record(page: LogPage, settle: Settle) -> None:
    go_to(page, 3, settle)
    page.detail.as_proved.click()
    settle()
    view = page.detail.proof
    assert view.sentence.text().startswith("Sealed, by the checkpoint over 7 entries of 20")
    view.copy_button.click()
    proof = Proof.parse(QGuiApplication.clipboard().text().encode())
    assert (proof.index, proof.checkpoint.size) == (2, 7)


def test_the_proof_is_saved_as_a_file(
    page: LogPage,
    settle: Settle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
    choose_path: Callable[[Path | None], None],
) -> None:
    go_to(page, 3, settle)
    page.detail.as_proved.click()
    settle()
    view, asked = page.detail.proof, list[Path]()

    def choose(parent: object, title: object, suggested: Path) -> Path:
        asked.append(suggested)
        return tmp_path / suggested.name

    monkeypatch.setattr(file_dialogs, "choose_new", choose)
    view.save_button.click()
    qtbot.waitUntil(lambda: view.sentence.text() == "Saved as entry-3.tlog-proof.")
    assert Proof.parse((tmp_path / "entry-3.tlog-proof").read_bytes()).index == 2
    choose_path(tmp_path / "gone" / "x.tlog-proof")
    view.save_button.click()
    qtbot.waitUntil(view.problem.isVisible)
    assert "could not be written" in view.problem.sentence.text()


def test_a_record_that_is_not_sealed_says_so_until_it_is(page: LogPage, log: Log, settle: Settle) -> None:
    go_to(page, 8, settle)
    page.detail.as_proved.click()
    settle()
    view = page.detail.proof
    assert view.sentence.text().startswith("Not sealed yet")
    assert not view.save_button.isVisible()
    log.seal()
    page.something_recorded(False)
    settle()
    assert view.sentence.text().startswith("Sealed")


def test_of_quick_changes_only_the_last_proof_is_shown(page: LogPage, settle: Settle) -> None:
    go_to(page, 1, settle)
    page.detail.as_proved.click()
    for number in (2, 3, 4, 5):
        page.table.go_to(page.source.rows.row(number))
    settle()
    assert page.detail.proof.proved is not None
    assert Proof.parse(page.detail.proof.proved.text).index == 4


def test_the_views_turn_by_key_and_stay_for_the_next_record(page: LogPage, settle: Settle) -> None:
    go_to(page, 3, settle)
    for view in (page.detail.exact, page.detail.proof, page.detail.text, page.detail.exact):
        QTest.keyClick(page, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
        assert page.detail.views.currentWidget() is view
    go_to(page, 1, settle)
    assert '"check-started"' in page.detail.exact.text.toPlainText()
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert page.detail.exact.text.hasFocus()
    settle()


def test_a_receipt_is_offered_where_there_is_a_check(page: LogPage, settle: Settle, qtbot: QtBot) -> None:
    go_to(page, 3, settle)
    with qtbot.waitSignal(page.detail.receipt_wanted) as wanted:
        page.detail.receipt.click()
    assert wanted.args == [3, False]
    with qtbot.waitSignal(page.detail.receipt_wanted):
        QTest.keyClick(page, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    go_to(page, 7, settle)
    assert page.detail.entry is not None
    assert page.detail.entry.kind == Kind.KEY_NEXT
    assert not page.detail.receipt.isEnabled()
    assert "belongs to none" in page.detail.receipt.toolTip()
    with qtbot.assertNotEmitted(page.detail.receipt_wanted):
        QTest.keyClick(page, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)


def test_undo_is_offered_on_removals_alone(page: LogPage, settle: Settle, qtbot: QtBot) -> None:
    go_to(page, 3, settle)
    assert not page.detail.undo.isVisible()
    go_to(page, 5, settle)
    with qtbot.waitSignal(page.detail.undo_wanted) as wanted:
        page.detail.undo.click()
    assert wanted.args is not None
    assert wanted.args[0].seq == 5


def test_what_the_ledger_writes_about_itself_is_not_chosen_first(page: LogPage, log: Log, settle: Settle) -> None:
    log.seal()
    page.source.open(practice=False)
    settle()
    assert page.source.rows.number(page.table.currentIndex().row()) == 8
