"""The policy page as an officer meets it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.desk.active_policy import ActivePolicy
from core.desk.desk import Desk
from core.desk.settings.settings_table import Settings
from core.model import Policy, Rule
from core.policy.format.policy_file import load, load_built_in
from core.policy.problems import PolicyProblem
from core.policy.wording import long_date
from core.text import LANGUAGES, Language
from gui.policy.policy_page import PolicyPage
from gui.toolkit.jobs import JobRunner
from gui.toolkit.lists.pills import Pills
from gui.toolkit.lists.tables import Flag
from gui.toolkit.theme import DARK, LIGHT, Appearance, ColourScheme, Status
from gui.toolkit.translated_text import speak
from tests.gui.policy.conftest import MakePage, look_at

PolicyFile = Callable[..., Path]


def chosen(page: PolicyPage) -> str:
    """The rule that is shown in full."""
    assert page.right.currentWidget() is page.rule
    assert page.rule.entry is not None
    return page.rule.entry.rule.id


def chosen_ids(page: PolicyPage) -> list[str]:
    rows = page.rule.table.selectionModel().selectedRows()
    return [page.rule.ids.row(index.row()).id for index in rows]


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def texts(widget: QWidget) -> str:
    """All labels that can be seen, as they are said."""
    return "\n".join(
        label.accessibleName() or label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)
    )


# What it shows


def test_the_head_says_which_policy_it_is(page: PolicyPage) -> None:
    canada = load_built_in("canada")
    head = page.head
    assert head.title.whole() == "Applications banned on Government of Canada mobile devices"
    told = "In force for: government-issued mobile devices (3 bans, 1 recommendation, 13 notices)"
    assert head.scope.whole() == told
    assert head.version.value.whole() == f"canada {canada.version}"
    assert head.issued.value.whole() == str(long_date(canada.issued))
    assert head.trust.value.whole() == "comes with Fanion"
    assert head.since.value.whole() == "the first start; recorded at the first check"
    assert not head.parts.isVisible()
    assert not page.warnings.isVisible()
    assert canada.sha256.startswith(head.sha256.value.whole().rstrip("…"))
    assert page.count.whole() == "17 rules"


@pytest.mark.slow
def test_the_sha_256_can_be_copied_whole(qtbot: QtBot, page: PolicyPage) -> None:
    qtbot.mouseClick(page.head.copy_button, Qt.MouseButton.LeftButton)
    assert clipboard() == load_built_in("canada").sha256
    assert page.head.copy_button.text() == "Copied"
    qtbot.waitUntil(lambda: page.head.copy_button.text() == "Copy")


def shown(page: PolicyPage, rule: Rule, language: Language) -> None:
    """The chosen rule is `rule`, whole."""
    assert chosen(page) == rule.id
    said = texts(page.rule.words)
    by = rule.authority
    for text in (rule.product, rule.reason, by.name, by.instrument, by.quote, long_date(rule.effective), rule.note):
        assert text is None or text.in_language(language) in said
    assert page.rule.words.address.text() == by.url
    assert page.rule.words.address.isVisibleTo(page) == bool(by.url)
    ids = page.rule.ids
    rows = [ids.cells(row) for row in range(ids.rowCount())]
    assert [(id, app, source) for _, id, app, _, source in rows] == [
        (i.id, i.product.in_language(language), i.source) for i in rule.ids
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_can_be_reached_with_the_arrow_keys_and_is_shown_whole(
    qtbot: QtBot, page: PolicyPage, language: Language
) -> None:
    speak(language)
    page.rule.words.sources.setChecked(True)
    page.table.setFocus()
    for rule in load_built_in("canada").rules:
        shown(page, rule, language)
        qtbot.keyClick(page.table, Qt.Key.Key_Down)


def test_that_the_french_is_not_official_is_said_in_both_languages(page: PolicyPage) -> None:
    label = page.rule.words.unofficial
    assert label.isVisible()
    assert label.whole() == "The French words are not an official text."
    speak("fr")
    assert label.isVisible()


def test_where_the_french_is_official_nothing_is_said_of_it(make_page: MakePage, policy_file: PolicyFile) -> None:
    page = make_page(policy_file(official="true"))
    assert not page.rule.words.unofficial.isVisible()


def test_a_quote_stands_in_typographic_quotation_marks(page: PolicyPage) -> None:
    quote = page.rule.words.quote
    assert quote.text().startswith("“Effective February 28, 2023")
    speak("fr")
    assert quote.text().startswith("«\N{NO-BREAK SPACE}À compter du 28 février 2023")


def test_an_address_can_be_selected_and_is_no_link(qtbot: QtBot, page: PolicyPage) -> None:
    address = page.rule.words.address
    assert address.isReadOnly()
    address.setFocus()
    qtbot.keySequence(address, QKeySequence(QKeySequence.StandardKey.SelectAll))
    qtbot.keySequence(address, QKeySequence(QKeySequence.StandardKey.Copy))
    assert clipboard() == "https://world-spectator.com/news_story.php?id=4680"
    assert not [label for label in page.findChildren(QLabel) if label.openExternalLinks()]


def test_sources_and_doubts_are_folded_away_and_there_where_there_are_any(
    make_page: MakePage, policy_file: PolicyFile
) -> None:
    page = make_page(policy_file())
    words = page.rule.words
    assert not words.sources.isVisible()
    policy_file(note="Ask first.")
    page.reload()
    assert not words.note.isVisible()
    words.sources.click()
    assert words.note.isVisible()
    assert words.note.text() == "Ask first."


def test_a_policy_of_ones_own_says_which_file_it_is(make_page: MakePage, policy_file: PolicyFile) -> None:
    file = policy_file()
    page = make_page(file)
    assert page.head.trust.value.whole() == f"not signed: ours.toml, in {file.parent}"
    assert page.head.scope.whole().endswith("(1 ban, 0 recommendations, 0 notices)")
    assert page.count.whole() == "1 rule"
    assert page.rule.by_ids.text() == "1 id"
    assert not page.rule.by_signatures.isVisible()


# Searching


def test_an_id_that_is_typed_is_chosen_in_its_rule(qtbot: QtBot, page: PolicyPage) -> None:
    qtbot.keyClicks(page.search, "com.tencent.mm")
    assert chosen(page) == "wechat"
    assert chosen_ids(page) == ["com.tencent.mm"]
    assert page.count.whole() == "2 of 17 rules"
    assert page.rules.rowCount() == 2


def test_an_id_far_down_is_scrolled_to(qtbot: QtBot, page: PolicyPage) -> None:
    qtbot.keyClicks(page.search, "com.kaspersky.securityadvisor")
    assert chosen(page) == "kaspersky"
    table = page.rule.table
    (row,) = table.selectionModel().selectedRows()
    assert table.viewport().rect().intersects(table.visualRect(row))


def test_an_id_on_two_platforms_is_chosen_on_both(qtbot: QtBot, page: PolicyPage) -> None:
    qtbot.keyClicks(page.search, "com.zhiliaoapp.musically")
    assert chosen(page) == "tiktok"
    assert chosen_ids(page) == ["com.zhiliaoapp.musically"] * 2


def test_searching_knows_neither_accents_nor_capitals_nor_the_language(qtbot: QtBot, page: PolicyPage) -> None:
    qtbot.keyClicks(page.search, "DEBOGAGE")
    assert chosen(page) == "wechat-coolassist"


def test_a_rule_stays_chosen_when_the_search_is_emptied(qtbot: QtBot, page: PolicyPage) -> None:
    qtbot.keyClicks(page.search, "lemon8")
    qtbot.keyClick(page.search, Qt.Key.Key_Escape)
    assert page.search.text() == ""
    assert chosen(page) == "lemon8"
    assert chosen_ids(page) == []
    assert page.count.whole() == "17 rules"


def test_where_no_rule_fits_the_page_says_so_and_offers_the_way_back(qtbot: QtBot, page: PolicyPage) -> None:
    qtbot.keyClicks(page.search, "com.example.none")
    assert page.right.currentWidget() is page.nothing
    assert page.nothing.title.text() == "No rule matches “com.example.none”"
    assert page.count.whole() == "0 of 17 rules"
    qtbot.mouseClick(page.nothing.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert chosen(page) == "tiktok"
    assert page.count.whole() == "17 rules"


# Keys


def test_the_page_can_be_worked_with_keys_alone(qtbot: QtBot, page: PolicyPage) -> None:
    page.table.setFocus()
    qtbot.keySequence(page, QKeySequence(QKeySequence.StandardKey.Find))
    assert page.search.hasFocus()
    qtbot.keyClicks(page.search, "com.tencent")
    qtbot.keyClick(page.search, Qt.Key.Key_Down)
    assert page.table.hasFocus()
    assert chosen(page) == "wechat"
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert chosen(page) == "wecom"
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert page.rule.table.hasFocus()
    qtbot.keySequence(page, QKeySequence(QKeySequence.StandardKey.Find))
    assert page.search.selectedText() == "com.tencent"
    qtbot.keyClick(page.search, Qt.Key.Key_Return)
    assert page.table.hasFocus()


def test_a_page_that_is_not_seen_has_no_keys(qtbot: QtBot, runner: JobRunner, tmp_path: Path) -> None:
    """Other pages have a search and lists of their own."""
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    elsewhere, page = QLineEdit(), PolicyPage(Desk(tmp_path, Settings()), runner)
    column.addWidget(elsewhere)
    column.addWidget(page)
    page.hide()
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    elsewhere.setFocus()
    with qtbot.assertNotEmitted(page.loaded):
        for key in (QKeySequence(QKeySequence.StandardKey.Find), QKeySequence(Qt.Key.Key_F5)):
            qtbot.keySequence(elsewhere, key)
        qtbot.keyClick(elsewhere, Qt.Key.Key_Down)
    assert elsewhere.hasFocus()


def test_tab_leads_through_the_page_and_out_of_its_tables(qtbot: QtBot, page: PolicyPage) -> None:
    page.rule.words.sources.setChecked(True)
    page.search.setFocus()
    seen: list[QWidget | None] = []
    for _ in range(20):
        seen.append(QApplication.focusWidget())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    for widget in (page.search, page.table, page.rule.words.address, page.rule.table, page.head.copy_button):
        assert widget in seen


def test_chosen_rules_are_copied_as_cells(qtbot: QtBot, page: PolicyPage) -> None:
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keySequence(page.table, QKeySequence(QKeySequence.StandardKey.Copy))
    assert clipboard() == "Banned\tTikTok\t2023-02-28\nBanned\tWeChat\t2023-10-30"


def test_chosen_ids_are_copied_as_cells(qtbot: QtBot, page: PolicyPage) -> None:
    qtbot.keyClicks(page.search, "com.kmsjp")
    page.rule.table.setFocus()
    qtbot.keySequence(page.rule.table, QKeySequence(QKeySequence.StandardKey.Copy))
    assert clipboard().split("\t")[:3] == ["Android", "com.kmsjp", "Kaspersky (preinstalled, Japan)"]


def test_a_copied_cell_cannot_become_a_formula(qtbot: QtBot, make_page: MakePage, policy_file: PolicyFile) -> None:
    page = make_page(policy_file(product="=1+1", source="+2\t3"))
    page.table.setFocus()
    qtbot.keySequence(page.table, QKeySequence(QKeySequence.StandardKey.Copy))
    assert clipboard() == "Banned\t'=1+1\t2026-01-01"
    page.rule.table.selectRow(0)
    page.rule.table.setFocus()
    qtbot.keySequence(page.rule.table, QKeySequence(QKeySequence.StandardKey.Copy))
    assert clipboard() == "Android\torg.example.chat\t'=1+1\tone source\t'+2 3"


def test_nothing_chosen_copies_nothing(qtbot: QtBot, page: PolicyPage) -> None:
    QGuiApplication.clipboard().setText("mine")
    page.rule.table.setFocus()
    qtbot.keySequence(page.rule.table, QKeySequence(QKeySequence.StandardKey.Copy))
    page.table.clearSelection()
    page.table.copy_rows()
    assert clipboard() == "mine"


def test_every_key_is_told(page: PolicyPage) -> None:
    told = {str(text): keys.toString() for text, keys in page.shortcuts()}
    assert told == {
        "Search the policy, or ask whether an app would be banned": "Ctrl+F",
        "Reload the policy": "F5",
        "Add a rule of this desk": "Ctrl+N",
        "Edit the chosen rule of this desk": "F2",
        "Go to the button that undoes the last change": "Ctrl+Z",
        "Show the exceptions": "Ctrl+E",
        "Import a signed policy": "Ctrl+O",
        "Save the policy for device management": "Ctrl+S",
        "Delete the chosen rule of this desk, or switch one of the policy off or on": "Del",
        "Put the rule in the form in force": "Ctrl+Return",
        "Copy the chosen rows": "Ctrl+C",
    }


# Reading


def test_a_policy_that_cannot_be_used_is_told_with_its_line_and_can_be_tried_again(
    qtbot: QtBot, make_page: MakePage, policy_file: PolicyFile
) -> None:
    file = policy_file()
    sound = file.read_text(encoding="utf-8")
    file.write_text(sound.replace('"ban"', '"bann"'), encoding="utf-8")
    page = make_page(file)
    with pytest.raises(PolicyProblem) as raised:
        load(file)
    assert page.states.currentWidget() is page.unusable
    assert page.problem.isVisible()
    assert page.problem.sentence.text() == str(raised.value.sentence)
    assert "ours.toml, line 20" in page.problem.sentence.text()
    assert page.problem.next_step.text() == str(raised.value.next_step)

    file.write_text(sound, encoding="utf-8")
    with qtbot.waitSignal(page.loaded) as told:
        qtbot.mouseClick(page.problem.button, Qt.MouseButton.LeftButton)
    assert not page.problem.isVisible()
    assert chosen(page) == "chat"
    assert isinstance(told.args[0], Policy)
    assert told.args[0] == page.policy


def test_a_policy_that_is_gone_is_not_shown_as_if_it_were_in_force(
    qtbot: QtBot, make_page: MakePage, policy_file: PolicyFile
) -> None:
    file = policy_file()
    page = make_page(file)
    file.unlink()
    qtbot.keyClick(page.table, Qt.Key.Key_F5)
    assert page.policy is None
    assert page.states.currentWidget() is page.unusable
    assert page.problem.sentence.text() == f"The policy file {file} is not there."


def test_reading_again_keeps_the_search_and_the_chosen_rule(qtbot: QtBot, page: PolicyPage) -> None:
    qtbot.keyClicks(page.search, "com.tencent")
    look_at(page, "qq")
    with qtbot.waitSignal(page.loaded):
        page.reload()
    assert page.search.text() == "com.tencent"
    assert chosen(page) == "qq"


def test_nothing_is_read_before_the_page_is_shown(qtbot: QtBot, runner: JobRunner, tmp_path: Path) -> None:
    page = PolicyPage(Desk(tmp_path, Settings()), runner)
    qtbot.addWidget(page)
    assert page.policy is None
    with qtbot.waitSignal(page.loaded):
        page.reload()
    with qtbot.assertNotEmitted(page.loaded):
        page.show()


class SlowDesk(Desk):
    """Its policy is read when `let_go` says so; the first time it is another one."""

    def __init__(self, data: Path, first: Path) -> None:
        super().__init__(data, Settings(unsigned_policy=True))
        self.begun, self.let_go = threading.Event(), threading.Event()
        self._first: Path | None = first

    def active_policy(self) -> ActivePolicy:
        self.begun.set()
        assert self.let_go.wait(10)
        file, self._first = self._first, None
        return super().active_policy() if file is None else ActivePolicy(load(file), load(file))


@pytest.fixture
def threads(qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.close()


def test_while_a_policy_is_read_the_page_says_so_and_only_the_last_reading_counts(
    qtbot: QtBot, threads: JobRunner, tmp_path: Path, policy_file: PolicyFile
) -> None:
    desk = SlowDesk(tmp_path, policy_file())
    page = PolicyPage(desk, threads)
    qtbot.addWidget(page)
    heard: list[Policy] = []
    page.loaded.connect(heard.append)
    page.show()
    assert page.states.currentWidget() is page.loading
    assert page.loading.title.text() == "Reading the policy…"
    assert desk.begun.wait(10)
    page.reload()
    desk.let_go.set()
    qtbot.waitUntil(lambda: threads.idle and page.policy is not None)
    assert [policy.id for policy in heard] == ["canada"]


# Looks, language, names


def test_the_language_changes_while_it_is_shown(qtbot: QtBot, page: PolicyPage) -> None:
    look_at(page, "kaspersky")
    qtbot.keyClicks(page.search, "kaspersky")
    speak("fr")
    assert page.head.title.whole() == "Applications interdites sur les appareils mobiles du gouvernement du Canada"
    assert page.head.issued.value.whole() == long_date(load_built_in("canada").issued).fr
    assert page.rule.words.product.text() == "suite d’applications Kaspersky"
    assert page.rule.words.strength.accessibleName() == "Interdite"
    assert page.table.model().index(0, 1).data() == "suite d’applications Kaspersky"
    assert page.search.text() == "kaspersky"
    assert chosen(page) == "kaspersky"
    speak("en")
    assert page.rule.words.strength.accessibleName() == "Banned"


def test_a_problem_changes_its_language_too(make_page: MakePage, tmp_path: Path) -> None:
    page = make_page(tmp_path / "none.toml")
    speak("fr")
    assert page.problem.sentence.text() == f"Le fichier de politique {tmp_path / 'none.toml'} est introuvable."


def nameless(interface: QAccessibleInterface, path: str = "") -> Iterator[str]:
    """Controls that a screen reader could not name."""
    role = interface.role()
    name = interface.text(QAccessible.Text.Name)
    here = f"{path}/{role.name}"
    wanted = {
        QAccessible.Role.Button,
        QAccessible.Role.EditableText,
        QAccessible.Role.Table,
        QAccessible.Role.CheckBox,
        QAccessible.Role.ComboBox,
    }
    if role in wanted and not name:
        yield here
    if role is QAccessible.Role.EditableText:
        return  # what is inside it is for the field itself to name
    for number in range(interface.childCount()):
        child = interface.child(number)
        if child is not None and child.isValid():
            yield from nameless(child, here)


@pytest.mark.parametrize("words", ["", "com.example.none"])
def test_no_control_is_nameless(qtbot: QtBot, page: PolicyPage, words: str) -> None:
    page.search.setText(words)
    assert not list(nameless(QAccessible.queryAccessibleInterface(page)))


def test_it_has_the_colours_of_the_moment(qtbot: QtBot, qapp: QApplication) -> None:
    pill = Pills()
    qtbot.addWidget(pill)
    pill.show_flags([Flag(Status.RED, "Banned")])
    looks = Appearance(qapp, ColourScheme.LIGHT)
    looks.dress(pill)
    for choice, colours in ((ColourScheme.LIGHT, LIGHT), (ColourScheme.DARK, DARK)):
        looks.choose(choice)
        pill.resize(pill.sizeHint())
        ground = pill.grab().toImage().pixelColor(pill.width() - 4, pill.height() // 2)
        assert ground.name() == colours.status[Status.RED].back
    looks.deleteLater()


@pytest.mark.parametrize(("width", "height"), [(1078, 540), (1366, 620)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits_on_a_small_screen(page: PolicyPage, width: int, height: int, language: Language) -> None:
    speak(language)
    page.resize(width, height)
    assert (page.width(), page.height()) == (width, height)
    assert page.minimumSizeHint().width() <= width
    assert page.minimumSizeHint().height() <= height
    assert page.table.horizontalScrollBar().maximum() == 0  # the rules need no scrolling across


def test_a_files_words_are_plain_and_cannot_push_anything_away(make_page: MakePage, policy_file: PolicyFile) -> None:
    endless = "<b>" + "W" * 50_000
    page = make_page(policy_file(title=endless, product=endless, reason=endless, quote=endless, note=endless))
    words = page.rule.words
    assert words.product.text().startswith("<b>W")
    assert len(words.product.text()) < 5_000
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in words.findChildren(QLabel))
    assert page.minimumSizeHint().width() <= 1078
    assert words.area.widget().width() <= words.area.viewport().width()


# What is remembered


def test_columns_and_panes_are_remembered(qtbot: QtBot, make_page: MakePage, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    first, second = make_page(), make_page()
    first.table.setColumnWidth(0, 111)
    first.rule.table.setColumnWidth(1, 222)
    first.panes.setSizes([600, 700])
    first.rule.setSizes([200, 300])
    first.save(settings)
    second.restore(settings)
    assert second.table.columnWidth(0) == 111
    assert second.rule.table.columnWidth(1) == 222
    assert second.panes.sizes() == first.panes.sizes()
    assert second.rule.sizes() == first.rule.sizes()


def test_what_somebody_wrote_into_the_settings_by_hand_does_no_harm(page: PolicyPage, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    for key in ("rules", "ids", "panes", "rule"):
        settings.setValue(f"policy/{key}", "wide")
    before = page.panes.sizes()
    page.restore(settings)
    assert page.panes.sizes() == before


def test_nothing_remembered_leaves_everything_as_it_is(page: PolicyPage, tmp_path: Path) -> None:
    before = page.panes.sizes()
    page.restore(QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))
    assert page.panes.sizes() == before
