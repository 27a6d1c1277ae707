"""The line at the bottom: what is on record, and how much of it is nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from core.desk.desk import Desk
from core.desk.papers import log_evidence
from core.desk.papers.log_evidence import LogStatus
from core.desk.problems import NothingRecorded
from core.desk.settings.data_choice import Origin
from core.desk.settings.settings_table import Settings
from core.ledger.seals import OutsideCoverage
from core.ledger.verify.faults import Fault, FaultKind
from core.problem import Problem
from core.text import T
from gui.desk.acts.all_acts import CHECK
from gui.papers.outside_copies import CheckpointDialog
from gui.toolkit.jobs import Done, Failed, JobRunner
from gui.toolkit.translated_text import speak
from gui.window.bars.status_bar import StatusBar
from tests.gui.conftest import Office

STANDING = LogStatus(12, 12, OutsideCoverage(0, None, "", 12), "file", ())
THEN = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)


@pytest.fixture
def status_bar(qtbot: QtBot, tmp_path: Path) -> StatusBar:
    status_bar = StatusBar(Desk.at(tmp_path), JobRunner(in_place=True))
    qtbot.addWidget(status_bar)
    status_bar.resize(1366, 30)
    status_bar.show()
    return status_bar


def tell(status_bar: StatusBar, outside: OutsideCoverage) -> str:
    count(status_bar, Done(replace(STANDING, outside=outside)))
    return status_bar.outside.text()


def count(status_bar: StatusBar, outcome: object) -> None:
    """Have the bar be told how a count of the log has ended."""
    status_bar._counted(outcome)  # type: ignore[arg-type]


def test_how_much_is_nowhere_else(status_bar: StatusBar) -> None:
    high = status_bar.minimumSizeHint().height()
    assert tell(status_bar, OutsideCoverage(0, None, "", 12)) == "Log not backed up yet"
    assert tell(status_bar, OutsideCoverage(11, THEN, "receipt", 1)) == "1 entry without an outside copy"
    assert tell(status_bar, OutsideCoverage(9, THEN, "receipt", 3)) == "3 entries without an outside copy"
    when = THEN.astimezone().strftime("%Y-%m-%d %H:%M")
    assert (
        tell(status_bar, OutsideCoverage(12, THEN, "folder", 0))
        == f"All entries are covered by an outside copy of {when}"
    )
    assert status_bar.log_line.whole() == "Desk log: 12 entries"
    assert status_bar.minimumSizeHint().height() == high  # the page above it stays where it is
    speak("fr")
    assert status_bar.log_line.whole().startswith("Journal du poste")


def test_a_log_that_is_carried_around_is_called_so(qtbot: QtBot, tmp_path: Path) -> None:
    status_bar = StatusBar(Desk(tmp_path, Settings(), portable=True), JobRunner(in_place=True))
    qtbot.addWidget(status_bar)
    status_bar.resize(1366, 30)
    status_bar.show()
    assert status_bar.log_line.whole() == "Desk log: no entries yet · portable"
    count(status_bar, Done(STANDING))
    assert status_bar.log_line.whole() == "Desk log: 12 entries · portable"


def test_a_log_that_stands_in_for_another_is_called_so(qtbot: QtBot, tmp_path: Path) -> None:
    desk = Desk(tmp_path, Settings(), origin=Origin.INSTEAD)
    status_bar = StatusBar(desk, JobRunner(in_place=True))
    qtbot.addWidget(status_bar)
    status_bar.resize(1366, 30)
    status_bar.show()
    count(status_bar, Done(STANDING))
    assert status_bar.log_line.whole() == "Desk log: 12 entries · not in the chosen folder"
    speak("fr")
    assert status_bar.log_line.whole().endswith(" · pas dans le dossier choisi")
    desk.shared = True  # that log does not depend on the data folder
    speak("en")
    assert status_bar.log_line.whole() == "Desk log: 12 entries"


def test_a_log_that_is_not_as_sealed_is_not_called_covered(status_bar: StatusBar, qtbot: QtBot) -> None:
    covered = replace(STANDING, outside=OutsideCoverage(12, THEN, "folder", 0))
    count(status_bar, Done(replace(covered, faults=(BREAK,))))
    assert status_bar.outside.text() == "Not known: the log does not match its seals"
    assert status_bar.outside.property("kind") == "broken"
    with qtbot.waitSignal(status_bar.verify_wanted), qtbot.assertNotEmitted(status_bar.menu_wanted):
        status_bar.outside.click()
    # What only limits a look at the log breaks nothing.
    for kind in (FaultKind.CLOCK_BACK, FaultKind.NO_KEYS):
        count(status_bar, Done(replace(covered, faults=(replace(BREAK, kind=kind),))))
        assert status_bar.outside.text().startswith("All entries are covered")
        assert status_bar.outside.property("kind") == "link"


def test_where_there_is_no_log_nothing_is_said_of_copies(status_bar: StatusBar) -> None:
    count(status_bar, Done(None))
    assert not status_bar.outside.isVisible()
    assert status_bar.log_line.whole() == "Desk log: no entries yet"


def test_a_number_is_never_elided(status_bar: StatusBar) -> None:
    tell(status_bar, OutsideCoverage(9, THEN, "receipt", 3))
    status_bar.say_made(T("Receipt saved: {file}", file="fanion-receipt-000012.pdf"), Path("fanion-receipt-000012.pdf"))
    status_bar.resize(900, 30)
    status_bar.layout().activate()  # type: ignore[union-attr]
    assert status_bar.log_line.text() == status_bar.log_line.whole()
    assert status_bar.passing_line.text() == "Receipt saved: fanion-receipt-000012.pdf"


def test_what_was_written_can_be_opened_for_a_while(status_bar: StatusBar, qtbot: QtBot) -> None:
    status_bar.say_made(T("Receipt saved: {file}", file="r.pdf"), Path("/tmp/r.pdf"))
    assert status_bar.passing_line.whole() == "Receipt saved: r.pdf"
    with qtbot.waitSignal(status_bar.open_wanted) as wanted:
        status_bar.open_button.click()
    assert wanted.args == [Path("/tmp/r.pdf")]
    status_bar.say_copied(2)
    assert not status_bar.open_button.isVisible()


def test_a_problem_is_told_in_place_of_the_numbers(status_bar: StatusBar, qtbot: QtBot) -> None:
    problem = Problem(T("The log cannot be opened."), T("Try again."))
    with qtbot.waitSignal(status_bar.stands) as stands:
        count(status_bar, Failed(problem))
    assert stands.args == [problem]
    assert "cannot be opened" in status_bar.log_line.whole()
    assert not status_bar.outside.isVisible()


# In the window


def real(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of a phone that is not practice."""
    from core.phones.android.phone import AndroidPhone

    made = AndroidPhone.__init__

    def init(self: AndroidPhone, link: object, own_key: str | None = None) -> None:
        made(self, link, own_key)  # type: ignore[arg-type]
        self.practice = False

    monkeypatch.setattr(AndroidPhone, "__init__", init)
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()


def test_it_counts_after_every_record_and_every_copy(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, opened_outside: list[Path]
) -> None:
    real(office, monkeypatch)
    office.see("Desk log: ")
    assert office.button("Log not backed up yet").isVisible()
    opened = opened_outside
    office.window.papers.open(CheckpointDialog)
    (sheet,) = office.window.findChildren(CheckpointDialog)
    key = tmp_path / "key"
    key.mkdir()
    sheet.folder.use(key)
    sheet.go.click()
    office.until(lambda: not sheet.busy)
    sheet.close()
    office.until(lambda: office.window.status_bar.outside.text().startswith("All entries are covered"))
    office.click("Open")
    assert opened[0].is_relative_to(key)
    office.page.desk_actions.want(CHECK)
    office.idle()
    office.until(lambda: "without an outside copy" in office.window.status_bar.outside.text())
    # Practice is a log of its own, of which the line says nothing.
    standing = log_evidence.log_status(office.desk, False)
    assert office.window.status_bar.log_line.whole() == f"Desk log: {standing.records} entries"


def test_its_menu_opens_above_it_and_has_every_paper(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[QMenu, QPoint]] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, at: shown.append((menu, at)))
    real(office, monkeypatch)
    link = office.window.status_bar.outside
    office.until(link.isVisible)
    office.click(link)
    ((menu, at),) = shown
    words = [action.text() for action in menu.actions() if action.text()]
    assert words[:3] == [
        "Receipt of the last check…",
        "Leave a checkpoint in a folder or on a USB key…",
        "Daily close (PDF)…",
    ]
    assert len(words) == 8
    assert at.y() + menu.sizeHint().height() <= link.mapToGlobal(link.rect().topLeft()).y()
    menu.deleteLater()


# The alarm


BREAK = Fault(FaultKind.ALTERED, 17, 17, T("The entry was changed after it was written."))


def test_a_log_that_is_not_as_sealed_alarms_over_every_page(office: Office) -> None:
    office.window.status_bar.stands.emit(replace(STANDING, faults=(BREAK,)))
    for page in ("desk", "policy", "log"):
        office.window.open_page(page)
        office.see("The log does not match its seals.", "Entry 17: The entry was changed after it was written.")
    office.window.open_page("desk")
    alarm = office.window.alarm
    assert alarm is not None
    office.click(alarm.verify)
    assert office.window.page_name() == "log"
    from gui.log.verify_dialog import VerifyDialog

    (sheet,) = office.window.findChildren(VerifyDialog)
    sheet.close()
    office.window.status_bar.stands.emit(STANDING)
    assert not alarm.isVisible()


@pytest.mark.parametrize("kind", [FaultKind.CLOCK_BACK, FaultKind.NO_KEYS])
def test_what_only_limits_the_log_alarms_nobody(office: Office, kind: FaultKind) -> None:
    office.window.status_bar.stands.emit(replace(STANDING, faults=(replace(BREAK, kind=kind),)))
    assert not office.says("does not match its seals")


def test_a_log_that_cannot_be_opened_is_told_and_tried_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = office.data / "ledger.db"
    broken.write_bytes(b"no log" * 200)
    office.window.status_bar.count()
    office.see("ledger.db is not a Fanion log")
    alarm = office.window.alarm
    assert alarm is not None
    assert alarm.isVisible()
    assert not alarm.verify.isVisible()
    broken.unlink()
    office.click(alarm.again)
    office.until(lambda: not alarm.isVisible())


def test_nothing_recorded_is_nothing_amiss(office: Office) -> None:
    with pytest.raises(NothingRecorded):
        log_evidence.log_status(office.desk, False)
    assert office.window.alarm is None
