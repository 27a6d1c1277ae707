"""Every page, and what is over them, on a screen of 1366 by 768 pixels at 200 %."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTableView,
    QTextEdit,
    QWidget,
)

from core.desk.desk import Desk
from core.desk.settings.settings_table import Settings
from core.ledger import records
from core.ledger.verify.faults import Verification
from core.ledger.writer import Ledger, ledger_file
from core.model import Attested, Phone, Verdict
from core.phones.driver import Outcome
from core.text import T
from gui.desk.acts.all_acts import PLAN
from gui.log.filter_bar import Period
from gui.log.log_page import LogPage
from gui.log.verify_dialog import Verified
from gui.papers.round_dialogs import LettersDialog
from gui.policy.policy_page import PolicyPage
from gui.rounds.rounds_page import RoundsPage
from gui.toolkit.jobs import Done
from gui.toolkit.layouts import ScrollArea
from gui.toolkit.widgets import ElidedButton, ElidedLabel
from tests.gui.conftest import MakeOffice, Office
from tests.gui.log.conftest import WECHAT
from tests.inside import is_at_rest, is_fetching

SIZE = QSize(683, 384)
_VISITS = 12
PHONE = Phone("android", "samsung", "SM-S901W", "14", "R58N12ABCDE")
PARTS = (QPushButton, QLabel, QLineEdit, QComboBox, QAbstractItemView, QTextEdit, QPlainTextEdit, QAbstractSpinBox)
#: What draws its own inside.
WHOLE = (QComboBox, QAbstractItemView, QLineEdit, QAbstractSpinBox)


Small = Callable[[str, str], Office]


@pytest.fixture
def make_small(open_office: MakeOffice, tmp_path: Path, key: bytes) -> Small:
    """A window, in a language and a palette, with something on record; a step without an end among it."""

    def make(language: str, scheme: str) -> Office:
        data = tmp_path / "kept"
        (data / "keys").mkdir(parents=True)
        (data / "keys" / "adbkey").write_bytes(key)
        own = {"officer": "A. Roy", "desk": "Desk 4", "language": language}
        (data / "settings.toml").write_text(tomli_w.dumps(own), encoding="utf-8")
        (data / "window.ini").write_text(f"[General]\nscheme={scheme}\n", encoding="utf-8")
        write_log(data)
        office = open_office(data)
        office.window.setMinimumSize(1, 1)  # the screen of the tests is another one
        office.window.resize(SIZE)
        office.until(office.window.status_bar.outside.isVisible)
        office.window.activateWindow()
        office.until(office.window.isActiveWindow)
        return office

    return make


def write_log(data: Path) -> None:
    """Twelve visits, and the program was ended before the last step did."""
    policy = Desk(data, Settings()).policy(None)
    with Ledger(ledger_file(data), desk="Desk 4", officer="A. Roy", app_version="0.2.0") as ledger:
        for visit in range(_VISITS):
            told: dict[str, Any] = {"visit": f"v{visit}", "policy": policy, "phone": PHONE}
            ledger.append(records.CheckStarted(T("over USB")), **told)
            finding = ledger.append(records.AppFound.of(WECHAT), **told).seq
            ledger.append(
                records.CheckEnded(
                    verdict=Verdict.RED, profiles=1, apps=312, findings=1, bans=1, products=1, gaps=(), took_ms=900
                ),
                **told,
            )
            step = records.RemovalIntended("uninstall", "com.tencent.mm", 0, finding)
            intent = ledger.append(step, **told).seq
            if visit < _VISITS - 1:
                means = T("The phone says it is done.")
                ledger.append(
                    records.RemovalOutcome(intent=intent, outcome=Outcome.DONE, answer="Success", means=means), **told
                )


@pytest.fixture(params=[("en", "light"), ("fr", "dark")], ids="-".join)
def small(request: pytest.FixtureRequest, make_small: Small) -> Office:
    """In each language and each palette: the two do not depend on each other."""
    return make_small(*request.param)


@pytest.fixture
def office(make_small: Small) -> Office:
    return make_small("fr", "light")


def page_of(office: Office, name: str) -> LogPage | PolicyPage:
    return log_page(office) if name == "log" else policy_page(office)


def log_page(office: Office, *, visits: bool = False) -> LogPage:
    page = office.window.open_page("log")
    assert isinstance(page, LogPage)
    (page.head.visits if visits else page.head.entries).setChecked(True)
    still(office, page)
    return page


def still(office: Office, page: LogPage) -> None:
    def is_still() -> bool:
        source = page.side.source
        waiting = page.filters.pause.isActive() or is_fetching(source)
        runner = office.fanion.runner
        return is_at_rest(runner) and not waiting and source.share is None

    office.until(is_still)
    QApplication.processEvents()
    office.until(is_still)


def policy_page(office: Office) -> PolicyPage:
    page = office.window.open_page("policy")
    assert isinstance(page, PolicyPage)
    office.until(lambda: page.page_data is not None and office.fanion.runner.idle)
    return page


def area(one: QWidget, root: QWidget) -> QRect:
    """What is seen of it: what is scrolled out of sight is not."""
    seen, around = QRect(one.mapTo(root, QPoint()), one.size()), one.parentWidget()
    while around is not None and around is not root:
        if isinstance(around.parentWidget(), QAbstractScrollArea):
            seen &= QRect(around.mapTo(root, QPoint()), around.size())
        around = around.parentWidget()
    return seen


def leaves(root: QWidget) -> Iterator[QWidget]:
    for one in root.findChildren(QWidget):
        around, inside = one.parentWidget(), False
        while around is not None and around is not root:
            inside = inside or isinstance(around, WHOLE)
            around = around.parentWidget()
        empty = isinstance(one, QLabel) and not one.text() and one.pixmap().isNull()
        if one.isVisible() and isinstance(one, PARTS) and not inside and not empty:
            yield one


def told(one: QWidget) -> str:
    text = getattr(one, "text", "")
    return f"{type(one).__name__} {(text() if callable(text) else '') or one.accessibleName()}"


def faults(root: QWidget) -> list[str]:
    """What is drawn over something else, outside what it is in, or cut without an ellipsis."""
    found, shown = [], list(leaves(root))
    for one in shown:
        seen, around = QRect(one.mapTo(root, QPoint()), one.size()), one.parentWidget()
        while around is not None and not isinstance(around.parentWidget(), QAbstractScrollArea):
            if not QRect(around.mapTo(root, QPoint()), around.size()).contains(seen):
                found.append(f"{told(one)} reaches out of {told(around)}")
            if around is root:
                break
            around = around.parentWidget()
        hint = one.minimumSizeHint()
        high = one.heightForWidth(one.width()) if isinstance(one, QLabel) and one.wordWrap() else hint.height()
        if isinstance(one, QPushButton | QLabel) and one.height() < high:
            found.append(f"{told(one)} is cut in its height")
        if isinstance(one, QPushButton | QComboBox | QLabel) and not isinstance(one, ElidedLabel | ElidedButton):
            wide = 0 if isinstance(one, QLabel) and one.wordWrap() else hint.width()
            if one.width() < wide:
                found.append(f"{told(one)} is cut")
        if isinstance(one, QPushButton) and not one.text():
            assert one.accessibleName(), "a button that nobody can name"
            assert one.toolTip(), f"nobody knows what {one.accessibleName()} is"
    for one, other in combinations(shown, 2):
        if not one.isAncestorOf(other) and not (area(one, root) & area(other, root)).isEmpty():
            found.append(f"{told(one)} and {told(other)} are drawn over each other")
    return found


def rows(table: QTableView, root: QWidget) -> int:
    """How many rows are seen whole."""
    inside, seen = table.viewport(), 0
    for row in range(table.model().rowCount()):
        place = QRect(0, table.rowViewportPosition(row), 1, table.rowHeight(row))
        whole = inside.rect().contains(place)
        seen += whole and area(inside, root).contains(place.translated(inside.mapTo(root, QPoint())))
    return seen


def settle(office: Office) -> None:
    for _ in range(3):
        QApplication.processEvents()


def in_sight(one: QWidget, root: QWidget) -> bool:
    return area(one, root).height() >= min(one.height(), 20)


def desk_page(office: Office, scenario: str) -> None:
    office.window.open_page("desk")
    office.window.desk_page.practise(scenario)
    office.idle()
    settle(office)


def desk_faults(office: Office) -> list[str]:
    """As :func:`faults`, and what is too wide for the page, which scrolls up and down only."""
    areas = [one for one in office.page.findChildren(ScrollArea) if one.isVisible()]
    wide = [(told(one), one.widget().width() - one.viewport().width()) for one in areas]
    return faults(office.window) + [f"{one} is {more} too wide" for one, more in wide if more > 0]


@pytest.mark.slow
def test_nothing_of_the_desk_page_is_drawn_over_anything(small: Office) -> None:
    """And what is to be pressed next is always in sight, however long what it is about."""
    window, page = small.window, small.page
    desk_page(small, "walk-up")
    assert page.block.remove.isVisible()
    plan = partial(page.desk_actions.want, PLAN)
    for unfold in (plan, plan, page.health.details.click, page.returns.details.click, lambda: page.fold.open(True)):
        unfold()
        settle(small)
        assert not desk_faults(small)
        assert in_sight(page.block.remove, window)
        assert in_sight(page.block.action_row.aside, window)
    desk_page(small, "unseen")
    page.block.look.answers[Attested.APP_SEEN].setChecked(True)
    settle(small)
    assert not desk_faults(small)
    assert in_sight(page.block.record, window)
    desk_page(small, "clean")
    assert not desk_faults(small)
    assert in_sight(page.block.finish, window)
    small.click(page.block.finish)
    small.until(lambda: page.session is not None and page.session.handed_back is not None)
    small.idle()
    small.until(lambda: not desk_faults(small))  # Qt lays the rows out once they are shown


@pytest.mark.slow
def test_nothing_of_a_phone_that_is_not_ready_is_drawn_over_anything(small: Office) -> None:
    window, ready = small.window, small.page.ready
    for scenario in ("not-ready-debugging-off", "not-ready-asks"):
        session = window.desk_page.practise(scenario)
        small.until(lambda session=session: ready.isVisible() and ready.view is not None and bool(session.acts))
        small.until(lambda session=session: ready.view.key == session.key and ready.view.acts == session.acts)
        ready.cures.open(True)
        settle(small)
        assert not desk_faults(small)
        assert in_sight(ready.holder.buttons[0], window)


@pytest.mark.slow
def test_nothing_is_drawn_over_anything_while_an_app_is_removed_on_the_phone(small: Office) -> None:
    page = small.page
    desk_page(small, "device-admin")
    small.click(page.block.remove)
    small.until(page.block.on_phone.isVisible)
    small.idle()
    small.click(page.block.on_phone)
    settle(small)
    assert page.on_phone.card.isVisible()
    assert not desk_faults(small)


@pytest.mark.slow
def test_what_can_be_pressed_goes_back_to_its_block_where_there_is_room(office: Office) -> None:
    desk_page(office, "walk-up")
    block = office.block
    assert not block.isAncestorOf(block.remove)
    office.window.resize(1366, 768)
    office.until(lambda: block.isAncestorOf(block.remove) and block.remove.isVisible())
    settle(office)
    assert not faults(office.window)


def test_nothing_of_the_log_page_is_drawn_over_anything(small: Office) -> None:
    page, window = log_page(small), small.window
    assert page.small
    assert page.steps.isVisible()
    assert not faults(window)
    assert rows(page.table, window) >= 2
    page.filters.open_filters()
    page.filters.row.dates.use(Period.RANGE)
    page.filters.row.verdict.setCurrentIndex(1)
    still(small, page)
    assert not faults(window)
    assert rows(page.table, window) >= 2
    page.filters.open.setChecked(False)
    settle(small)
    assert not faults(window)
    page.filters.show_all()
    page.search.setText("nobody has written this")
    still(small, page)
    assert page.none_fits.isVisible()
    assert not faults(window)


def test_nothing_of_the_visits_is_drawn_over_anything(small: Office) -> None:
    page, window = log_page(small, visits=True), small.window
    assert not faults(window)
    assert rows(page.visits.table, window) >= 2
    small.qtbot.keyClick(page.visits.table, Qt.Key.Key_Return)
    still(small, page)
    assert page.visit.isVisible()
    assert not faults(window)
    small.qtbot.keyClick(page.visit.timeline, Qt.Key.Key_Return)
    assert page.detail.isVisible()
    assert not faults(window)
    small.qtbot.keyClick(page.detail.text, Qt.Key.Key_Escape)
    assert page.visit.timeline.isVisible()
    small.qtbot.keyClick(page.visit.timeline, Qt.Key.Key_Escape)
    assert page.visits.table.isVisible()


def test_nothing_of_a_record_is_drawn_over_anything(small: Office) -> None:
    page, window = log_page(small), small.window
    page.show_record(6, practice=False)
    for tab in (page.detail.in_words, page.detail.as_recorded, page.detail.as_proved):
        tab.setChecked(True)
        still(small, page)
        settle(small)
        assert page.detail.isVisible()
        assert not page.table.isVisible()
        assert not faults(window)


@pytest.mark.slow
def test_nothing_of_the_round_page_is_drawn_over_anything(small: Office) -> None:
    page = small.window.open_page("round")
    assert isinstance(page, RoundsPage)
    small.until(lambda: small.fanion.runner.idle)
    small.until(lambda: not faults(small.window))
    dialog = page.begin_round()
    dialog.name.setText("Une tournée")
    dialog.practice.setChecked(True)
    dialog.recheck.setValue(50)
    dialog.begin()
    small.until(lambda: page.page_data.coverage is not None and page.page_data.coverage.phones)
    dialog.close()
    small.until(lambda: small.fanion.runner.idle)
    small.until(lambda: not faults(small.window))
    due = page.open_due()
    due.resize(SIZE)
    small.until(lambda: due.model.rowCount() > 0)
    small.until(lambda: not faults(due))
    assert rows(due.table, due) >= 2
    due.close()
    page.want_letters()
    letters = next(one for one in small.window.findChildren(LettersDialog) if one.isVisible())
    small.until(lambda: not faults(letters))
    letters.close()


def test_nothing_of_the_policy_page_is_drawn_over_anything(small: Office) -> None:
    page, window = policy_page(small), small.window
    settle(small)
    assert not faults(window)
    assert rows(page.table, window) >= 2
    page.search.setText("com.tencent.mm")
    settle(small)
    assert page.answer.isVisible()
    assert not faults(window)
    assert rows(page.table, window) >= 2
    page.search.clear()
    page.notice.show_done(T("The rule “{product}” is in force at this desk.", product="Loud Games"), can_undo=True)
    settle(small)
    assert not faults(window)
    assert rows(page.table, window) >= 2
    page.notice.hide()
    page.head.details.setChecked(True)
    settle(small)
    assert page.head.version.isVisible()
    assert not faults(window)


def test_nothing_of_a_rule_is_drawn_over_anything(small: Office) -> None:
    page, window = policy_page(small), small.window
    small.click(page.open)
    for tab in (page.rule.by_ids, page.rule.by_signatures):
        tab.setChecked(True)
        settle(small)
        assert not faults(window)
        table = page.rule.table if tab is page.rule.by_ids else page.rule.signature_table
        assert rows(table, window) >= min(2, table.model().rowCount())
    assert not page.head.isVisible()
    assert page.rule.words.isVisible()


@pytest.mark.parametrize("name", ["log", "policy"])
def test_one_goes_into_what_is_chosen_and_back_with_keys(office: Office, name: str) -> None:
    page = page_of(office, name)
    table = page.table
    table.setFocus()
    office.press("Return")
    assert not table.isVisible()
    now = QApplication.focusWidget()
    assert now is not None
    assert page.panes.isAncestorOf(now)
    office.press("Esc")
    assert table.hasFocus()
    assert page.above.isVisible()
    settle(office)
    office.click(page.open)
    settle(office)
    office.click(page.back)
    assert table.hasFocus()
    office.press("Return")
    office.press("Ctrl+F")
    assert page.search.hasFocus()
    office.type("xy")
    office.press("Esc")
    assert page.search.text() == ""


def test_the_key_for_undo_goes_where_it_can_be_pressed(office: Office) -> None:
    page = policy_page(office)
    assert page.page_data is not None
    page._before = page.page_data.own
    page.notice.show_done(T("The rule “{product}” is in force at this desk.", product="Loud Games"), can_undo=True)
    page.go_into()
    office.press("Ctrl+Z")
    assert page.notice.undo.hasFocus()
    assert in_sight(page.notice.undo, office.window)


def test_keys_that_are_about_an_entry_show_it(office: Office) -> None:
    page = log_page(office)
    office.press("Ctrl+T")
    assert page.detail.isVisible()
    assert page.detail.as_recorded.isChecked()
    office.press("Ctrl+Shift+F")
    assert page.filters.row.kind.hasFocus()
    settle(office)
    office.click(page.steps.links[0])
    assert page.detail.entry is not None
    assert page.detail.isVisible()
    assert page.detail.entry.seq == page.steps.steps[0].seq
    still(office, page)
    office.click(page.detail.visit)
    assert page.table.isVisible()
    assert page.search.text() == "v11"


@pytest.mark.parametrize("name", ["log", "policy"])
def test_tab_reaches_everything_and_scrolls_it_into_sight(office: Office, name: str) -> None:
    page = page_of(office, name)
    if isinstance(page, LogPage):
        page.filters.open_filters()
    else:
        page.head.details.setChecked(True)
    office.window.nav[name].setFocus()
    settle(office)
    reached: set[QWidget] = set()
    while (now := QApplication.focusWidget()) is not None and now not in reached:
        reached.add(now)
        assert in_sight(now, office.window), told(now)
        office.qtbot.keyClick(now, Qt.Key.Key_Tab)
    for one in leaves(page):
        if isinstance(one, QPushButton | QLineEdit | QComboBox | QTableView) and one.isEnabled():
            assert one in reached or one.parentWidget() in reached or _of_one_choice(one), told(one)


def _of_one_choice(one: QWidget) -> bool:
    """The arrow keys go to the others of a choice."""
    return isinstance(one, QPushButton) and one.group() is not None


@pytest.mark.parametrize("name", ["log", "policy"])
def test_on_a_larger_screen_both_stand_beside_each_other_as_before(office: Office, name: str) -> None:
    office.window.resize(1366, 768)
    page = page_of(office, name)
    settle(office)
    page.panes.setSizes([500, 834])
    before = page.panes.sizes()
    office.window.resize(SIZE)
    settle(office)
    page.go_into()
    assert page.small
    page.save(office.fanion.settings)
    office.window.resize(1366, 768)
    office.until(lambda: page.panes.sizes() == before)
    assert page.above.isVisible()
    assert not page.open.isVisible()
    assert not page.back.isVisible()
    page.panes.setSizes([700, 634])
    page.restore(office.fanion.settings)
    assert page.panes.sizes() == before


@pytest.mark.slow
def test_a_larger_window_shows_both_and_nothing_over_anything(office: Office) -> None:
    for size in ((900, 500), (960, 520), (1366, 768)):
        office.window.resize(*size)
        for page in (log_page(office), policy_page(office)):
            settle(office)
            assert not page.small, size
            assert not faults(office.window), size
            assert rows(page.table, office.window) >= 2, size
            assert page._area.verticalScrollBar().maximum() == 0, size


def test_the_foot_elides_what_has_no_room(office: Office) -> None:
    log_page(office)
    status_bar = office.window.status_bar
    status_bar.say_made(T("Receipt saved: {file}", file="fanion-receipt-000012.pdf"), Path("fanion-receipt-000012.pdf"))
    settle(office)
    assert not faults(office.window)
    assert status_bar.outside.shown_text().endswith("…")
    assert status_bar.outside.text() in status_bar.outside.toolTip().replace("&nbsp;", " ")
    office.window.resize(1366, 768)
    settle(office)
    assert status_bar.outside.shown_text() == status_bar.outside.text()


def test_the_link_of_a_step_is_elided(office: Office) -> None:
    page = log_page(office)
    (link,) = page.steps.links
    assert isinstance(link, ElidedButton)
    assert link.shown_text().endswith("…")
    assert "com.tencent.mm" in link.accessibleName()
    assert page.steps.accessibleDescription()  # what is said at length where there is room


def test_a_sheet_with_many_buttons_fits_on_the_screen(office: Office, sheet_room: Callable[[QSize], None]) -> None:
    sheet_room(SIZE - QSize(48, 48))
    sheet = log_page(office).verify()
    held = Verification("tresor.example/desk-4/1f0c55a2", 1_207, 402, 1_204, 0, False, None, (), 0)
    sheet._ended(Done(Verified(held, ())))
    settle(office)
    assert sheet.width() <= SIZE.width() - 48
    assert sheet.height() <= SIZE.height() - 48
    assert not faults(sheet)
    sheet.close()
