"""The Round page opened on head office's store."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from core.desk.papers.store_keys import store_keys
from core.head_office.store.store_files import sign_list
from core.ledger.problems import LedgerProblem
from core.ledger.records import Kind
from core.ledger.writer import Ledger
from core.text import T
from gui.rounds.dialogs.list_dialog import ListDialog
from gui.rounds.rounds_page import RoundsPage
from gui.rounds.store_page import StorePage
from tests.gui.conftest import Office, texts
from tests.gui.rounds.conftest import press_in_menu
from tests.unit.head_office.conftest import Office as HeadOffice
from tests.unit.head_office.conftest import desks_in
from tests.unit.head_office.department import LISTED, SEEN, merged_store

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return merged_store(tmp_path_factory.mktemp("department"))


@pytest.fixture
def page(office: Office) -> RoundsPage:
    page = office.window.open_page("round")
    assert isinstance(page, RoundsPage)
    office.until(lambda: office.fanion.runner.idle)
    return page


def opened(office: Office, page: RoundsPage, folder: Path, choose_path: Callable[[Path | None], None]) -> StorePage:
    """The store that an officer has chosen."""
    choose_path(folder)
    press_in_menu(page, "head office’s store")
    assert page.store is not None
    office.until(page.store.working.isHidden)
    return page.store


@pytest.fixture
def shown(office: Office, page: RoundsPage, store: Path, choose_path: Callable[[Path | None], None]) -> StorePage:
    return opened(office, page, store, choose_path)


def choose(office: Office, shown: StorePage, words: str) -> None:
    at = shown.scope.findText(words)
    assert at >= 0, [shown.scope.itemText(n) for n in range(shown.scope.count())]
    shown.scope.setCurrentIndex(at)
    shown.scope.activated.emit(at)
    office.until(shown.working.isHidden)


def dialog(office: Office) -> ListDialog:
    office.until(lambda: any(one.isVisible() for one in office.window.findChildren(ListDialog)))
    shown = [one for one in office.window.findChildren(ListDialog) if one.isVisible()]
    return shown[0]


@pytest.mark.slow
def test_a_store_shows_how_the_phones_of_all_desks_stand(office: Office, page: RoundsPage, shown: StorePage) -> None:
    assert page.states.currentWidget() is shown
    said = " ".join(texts(shown))
    assert "All desks" in said
    assert "152 checks at 5 desks" in said
    assert "Québec 2" in said  # the silent one
    assert "WeChat" in said  # what came back
    assert "ca-tbs" in said
    assert shown.silent.number.text() == "1"
    assert not shown.working.isVisible()


@pytest.mark.slow
def test_a_round_of_all_laptops_is_chosen_by_its_name(office: Office, shown: StorePage) -> None:
    choose(office, shown, "Autumn round 2026 (2026)")
    assert shown.checked.text() == str(SEEN)
    assert shown.of.text() == f"of {LISTED} phones seen"
    assert "a week" in shown.pace_words.text()
    assert sum(row[-1] for row in shown.units.table.rows) == LISTED  # type: ignore[misc]


@pytest.mark.slow
def test_each_number_opens_its_list_which_is_searched_copied_and_saved(
    office: Office, shown: StorePage, tmp_path: Path, choose_path: Callable[[Path | None], None]
) -> None:
    office.desk.settings = replace(office.desk.settings, csv_separator="semicolon")
    choose(office, shown, "Autumn round 2026 (2026)")
    shown.due.number.click()
    due = dialog(office)
    assert due.model.rowCount() == LISTED - SEEN
    due.search.setText("legal never")
    assert 0 < due.model.rowCount() < LISTED - SEEN
    due.table.selectRow(0)
    due.table.copy_rows()
    assert QGuiApplication.clipboard().text().endswith("Legal\t\tnever seen")
    file = tmp_path / "due.csv"
    choose_path(file)
    due.keep.click()
    office.until(lambda: "due.csv" in due.count.text() or due.problem.isVisible())
    assert not due.problem.isVisible(), texts(due)
    rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert rows[0] == ["Phone", "Unit", "Model", "Seen"]
    assert len(rows) == due.model.rowCount() + 1
    exported = office.records(practice=False)[-1]
    assert (exported.kind, exported.body["records"], exported.body["chosen"]) == (
        Kind.EXPORTED,
        due.model.rowCount(),
        {"store": "due"},
    )
    due.accept()
    shown.red.number.click()
    assert dialog(office).model.cells(0)[0].startswith("DRH-")  # the asset tag that the desk knew it by


@pytest.mark.slow
def test_a_list_that_cannot_be_put_on_record_is_not_saved(
    office: Office,
    shown: StorePage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    choose_path: Callable[[Path | None], None],
) -> None:
    shown.red.number.click()
    red = dialog(office)
    file = tmp_path / "red.csv"
    choose_path(file)

    def refused(*record: object, **how: object) -> None:
        raise LedgerProblem(T("The disk is full."), T("Free some space."))

    monkeypatch.setattr(Ledger, "append", refused)
    red.keep.click()
    office.until(red.problem.isVisible)
    assert not file.exists()
    assert red.keep.isEnabled()


@pytest.mark.slow
def test_a_list_is_not_saved_beside_the_log(
    office: Office, shown: StorePage, choose_path: Callable[[Path | None], None]
) -> None:
    shown.red.number.click()
    red = dialog(office)
    choose_path(office.data / "red.csv")
    red.keep.click()
    office.until(red.problem.isVisible)
    assert "where the log itself is" in red.problem.sentence.text()
    assert not (office.data / "red.csv").exists()


def test_a_store_that_is_gone_at_the_next_start_is_said_with_the_way_back(office: Office, tmp_path: Path) -> None:
    settings = office.fanion.settings
    settings.setValue("rounds/shown-store", str(tmp_path / "gone"))
    again = RoundsPage(office.desk, office.fanion.runner, memory=settings)
    office.qtbot.addWidget(again)
    again.restore(settings)
    again.show()
    assert again.store is not None
    office.until(again.store.problem.isVisible)
    again.store.leave.click()
    assert not again.at_store


@pytest.mark.slow
def test_a_store_whose_list_another_has_changed_is_not_shown(
    office: Office, page: RoundsPage, store: Path, tmp_path: Path, choose_path: Callable[[Path | None], None]
) -> None:
    changed = shutil.copytree(store, tmp_path / "store")
    sign_list(changed, store_keys(office.desk))
    state = (changed / "store.json").read_bytes()
    (changed / "store.json").write_bytes(state + b" ")
    shown = opened(office, page, changed, choose_path)
    assert shown.problem.isVisible()
    assert "not signed with the store’s key" in shown.problem.sentence.text()
    (changed / "store.json").write_bytes(state)
    shown.reload()
    office.until(shown.working.isHidden)
    assert "152 checks at 5 desks" in " ".join(texts(shown))


@pytest.mark.slow
def test_it_speaks_the_language_that_is_chosen(office: Office, shown: StorePage) -> None:
    office.window.switches.use_language("fr")
    office.until(lambda: "Tous les postes" in " ".join(texts(shown)))
    assert shown.scope.currentText() == "90 derniers jours"


@pytest.mark.slow
def test_a_round_of_this_desk_is_shown_again_once_the_store_is_left(page: RoundsPage, shown: StorePage) -> None:
    shown.leave.click()
    assert page.states.currentWidget() is page.empty


def test_what_is_no_store_is_said_with_the_way_back(
    office: Office, page: RoundsPage, tmp_path: Path, choose_path: Callable[[Path | None], None]
) -> None:
    shown = opened(office, page, tmp_path, choose_path)
    assert shown.problem.isVisible()
    assert "no store" in shown.problem.sentence.text()
    assert not shown.numbers.isVisible()
    shown.leave.click()
    assert page.states.currentWidget() is page.empty


@pytest.mark.slow
def test_a_question_that_is_stopped_leaves_what_was_shown(office: Office, shown: StorePage) -> None:
    before = shown.dashboard
    shown.reload()
    shown.stop.click()
    office.until(shown.working.isHidden)
    assert shown.dashboard is not None
    assert before is not None
    assert shown.dashboard.scope == before.scope
    assert not shown.working.isVisible()


@pytest.mark.slow
def test_the_store_that_was_shown_is_shown_at_the_next_start(
    office: Office, page: RoundsPage, shown: StorePage, store: Path
) -> None:
    settings = office.fanion.settings
    page.save(settings)
    again = RoundsPage(office.desk, office.fanion.runner, memory=settings)
    again.restore(settings)
    assert again.store is not None
    assert again.store.folder == store
    assert again.states.currentWidget() is again.store
    again.deleteLater()


@pytest.fixture(scope="module")
def lacking(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store of practice in which the second bundle of three was never brought, and what is to be told of that."""
    folder = tmp_path_factory.mktemp("lacking")
    head_office = HeadOffice(folder)
    with desks_in(folder) as open_desk:
        desk = open_desk("Desk 4", practice=True)
        head_office.enrol(desk)
        bundles, after = [], 0
        for number in range(3):
            desk.check(f"R58N12ABC{number:02}", banned=number == 0)
            bundles.append(desk.bundle(after=after))
            (after,) = desk.ledger.newest_sizes(1)
        head_office.merge(bundles[0], bundles[2], practice=True)
    begin, end = bundles[1].name.split("-")[-2:]
    return head_office.store, f"Desk 4: entries {begin} to {end} were never brought."


@pytest.mark.slow
def test_what_was_never_brought_and_that_it_is_practice_stand_on_the_page_and_in_its_lists(
    office: Office,
    page: RoundsPage,
    lacking: tuple[Path, str],
    tmp_path: Path,
    choose_path: Callable[[Path | None], None],
) -> None:
    folder, gap = lacking
    shown = opened(office, page, folder, choose_path)
    assert shown.remarks.isVisible()
    assert shown.practice.isVisible()
    assert gap in shown.remarks.words.text()
    assert shown.checked.text() == "1"
    shown.red.number.click()
    red = dialog(office)
    assert gap in red.remarks.words.text()
    red.table.selectAll()
    red.table.copy_rows()
    assert QGuiApplication.clipboard().text().endswith("\tPractice")
    file = tmp_path / "red.csv"
    choose_path(file)
    red.keep.click()
    office.until(lambda: "red.csv" in red.count.text() or red.problem.isVisible())
    rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert {row[-1] for row in rows} == {"Practice"}


@pytest.mark.slow
def test_a_store_in_which_nothing_is_missing_says_nothing(shown: StorePage) -> None:
    assert shown.remarks.isHidden()
    assert shown.practice.isHidden()
