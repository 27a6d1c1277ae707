"""The window: the bar at the top, one page at a time, the line at the bottom.

It knows the pages, and joins them to the papers and to the line at the bottom; they know neither each other nor it.

What is imported inside a function here is loaded once it is wanted: with the window, it would keep it from being seen
for as long again. The log and the papers bring SQLite and cryptography, the policy page the formats of policies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

from PySide6.QtCore import (
    QByteArray,
    QEvent,
    QPoint,
    QRect,
    QSettings,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QCloseEvent, QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QDialog, QMainWindow, QStackedWidget, QWidget

from core import text
from core.desk.desk import Desk
from core.problem import Problem
from core.text import T, Text
from gui.desk.desk_page import DeskPage
from gui.toolkit import file_dialogs
from gui.toolkit.jobs import JobRunner
from gui.toolkit.layouts import column
from gui.toolkit.manual_link import ManualWanted
from gui.toolkit.parts import Parts
from gui.toolkit.remembered import OWNER_AT_START
from gui.toolkit.theme import Appearance
from gui.window.bars.status_bar import StatusBar
from gui.window.bars.top_bar import TopBar
from gui.window.keys import make_keys, of_qt
from gui.window.kiosk import Kiosk
from gui.window.secondary_windows import KeyGroups, SecondaryWindows
from gui.window.switches import Switches

if TYPE_CHECKING:  # loaded late
    from core.desk.papers.log_evidence import LogStatus
    from core.ledger.records import Entry
    from gui.log.log_page import LogPage
    from gui.papers.papers import Papers
    from gui.policy.policy_page import PolicyPage
    from gui.rounds.rounds_page import RoundsPage
    from gui.settings.settings_page import SettingsPage
    from gui.toolkit.forms.form_dialog import WrittenFile
    from gui.window.bars.alarm_bar import AlarmBar

    Page = DeskPage | LogPage | PolicyPage | RoundsPage | SettingsPage


#: The pages by name, in their order, each with its word and its icon.
PAGES: Final = {
    "desk": (T("Desk"), "desk"),
    "round": (T("Round"), "round"),
    "log": (T("Log"), "log"),
    "policy": (T("Policy"), "policy"),
}

#: Logical pixels. On a screen up to the first, the window takes all there is when it is opened for the first time.
_SMALL_SCREEN: Final = QSize(1440, 900)
_FIRST_SIZE: Final = QSize(1366, 768)
_LEAST_SIZE: Final = QSize(900, 500)


class MainWindow(QMainWindow):
    """The one window of a desk."""

    #: It was painted for the first time.
    seen = Signal()
    #: Fanion is to end, and to start again.
    again_wanted = Signal()

    def __init__(self, desk: Desk, runner: JobRunner, looks: Appearance, settings: QSettings, **phones: Any) -> None:
        """`phones` are further arguments of :class:`gui.desk.session.phone_sessions.PhoneSessions`, for tests."""
        super().__init__()
        self.say = Parts(self)
        self.desk = desk
        self.runner = runner
        self.looks = looks
        self._settings = settings
        self._pages: dict[str, Page] = {}
        self._papers: Papers | None = None
        #: Over every page, once the log was ever amiss.
        self.alarm: AlarmBar | None = None
        self.stack = QStackedWidget()
        self._begun = False
        #: The page that was shown before this one.
        self._before = "desk"
        self.desk_page = DeskPage(desk, runner, **phones)
        self._add("desk", self.desk_page)
        self.bar = TopBar(PAGES, self.open_page)
        self.nav, self.who, self.language = self.bar.nav, self.bar.who, self.bar.language
        self.scheme, self.help = self.bar.scheme, self.bar.help
        self.beside = SecondaryWindows(self, self._keys)
        self.beside.introduced.connect(self._say_who)
        self.who.clicked.connect(self.beside.ask_who)
        self.bar.owner.clicked.connect(self.beside.switch_owner)
        self.switches = Switches(self)
        self.help.clicked.connect(lambda: self.beside.show_manual())
        self.kiosk = Kiosk(self)
        self.bar.leave.clicked.connect(self.kiosk.leave)
        inside = QWidget()
        self.status_bar = StatusBar(desk, runner)
        self._column = column(self.bar, (self.stack, 1), self.status_bar, spacing=0, inside=inside)
        self.setCentralWidget(inside)
        self.say(self.setWindowTitle, "Fanion")
        self.desk_page.recorded.connect(self._recorded)
        self.desk_page.introduced.connect(self._say_who)
        self.desk_page.passing.connect(lambda words: self.status_bar.say_passing(words))
        guarded = self.kiosk.guarded
        self.desk_page.ban_wanted.connect(guarded(lambda app, platform: self.policy_page.new_rule(app, platform)))
        self.desk_page.except_wanted.connect(guarded(lambda *asked: self.policy_page.new_exception(*asked)))
        self._restore()
        self.kiosk.begin()
        self._say_who()
        self.switches.show_words()

    # --- pages

    def open_page(self, name: str) -> Page:
        """Show a page; in a kiosk, always the desk."""
        page = self._page("desk" if self.kiosk.locked else name)
        if page is not self.stack.currentWidget():
            self._before = self.page_name()
        self.stack.setCurrentWidget(page)
        self.bar.choose(self.page_name())
        return page

    def _page(self, name: str) -> Page:
        """A page, made when it is first wanted."""
        if name not in self._pages:
            made: dict[str, Callable[[], Page]] = {
                "log": self._log_page,
                "policy": self._policy_page,
                "round": self._rounds_page,
                "settings": self._settings_page,
            }
            self._add(name, made[name]())
        return self._pages[name]

    def page_name(self) -> str:
        """Which page is shown."""
        return next((name for name, page in self._pages.items() if page is self.stack.currentWidget()), "desk")

    def _log_page(self) -> LogPage:
        from gui.log.log_page import LogPage

        page = LogPage(self.desk, self.runner)
        page.recorded.connect(self._recorded)
        page.detail.receipt_wanted.connect(lambda *check: self.papers.receipt(*check))
        page.more_wanted.connect(lambda *about: self.papers.show_menu(*about))
        page.detail.undo_wanted.connect(self._undo)
        return page

    def _rounds_page(self) -> RoundsPage:
        from gui.rounds.rounds_page import RoundsPage

        page = RoundsPage(self.desk, self.runner, memory=self._settings)
        page.recorded.connect(self._recorded)
        page.file_written.connect(self.say_written)
        page.report_wanted.connect(lambda *asked: self.papers.round_report(*asked))
        page.due_list_wanted.connect(lambda *asked: self.papers.due_list(*asked))
        page.letters_wanted.connect(lambda *asked: self.papers.letters(*asked))
        page.plugged = lambda: self.desk_page.plugged()
        return page

    def _policy_page(self) -> PolicyPage:
        from gui.policy.policy_page import PolicyPage

        page = PolicyPage(self.desk, self.runner, memory=self._settings, checks=self.desk_page.checks)
        page.loaded.connect(self.status_bar.show_policy)
        page.changed.connect(self._policy_changed)
        page.recorded.connect(self._recorded)
        page.file_written.connect(self.say_written)
        return page

    def _settings_page(self) -> SettingsPage:
        from gui.settings.settings_page import SettingsPage

        page = SettingsPage(self.desk, self.runner, self._settings)
        page.changed.connect(self._settings_changed)
        page.policy_wanted.connect(lambda: self.open_page("policy"))
        page.left.connect(lambda: self.open_page(self._before))
        page.phones_here = lambda: bool(self.desk_page.phones.sessions)
        page.folder.done.connect(lambda words: self.status_bar.count())
        page.again_wanted.connect(self.again_wanted)
        return page

    @property
    def policy_page(self) -> PolicyPage:
        """The policy page, made if it was not wanted yet."""
        return cast("PolicyPage", self._page("policy"))

    def _policy_changed(self, sentence: Text) -> None:
        """Phones are judged by other rules from now on."""
        self.status_bar.read_policy()
        self.desk_page.policy_changed()
        if self.page_name() != "policy":  # there it stands over the rules, with the way back
            self.status_bar.say_passing(sentence)

    def _add(self, name: str, page: Page) -> None:
        self._pages[name] = page
        self.stack.addWidget(page)
        page.restore(self._settings)

    def add_strip(self, strip: QWidget) -> None:
        """Have `strip` over the line at the bottom, under every page."""
        self._column.insertWidget(self._column.count() - 1, strip)

    # --- how it is made

    @property
    def memory(self) -> QSettings:
        """What the window remembers: sizes, folders, choices."""
        return self._settings

    @property
    def papers(self) -> Papers:
        """What makes papers of the log; made when it is first wanted."""
        if self._papers is None:
            from gui.papers.papers import Papers

            self._papers = Papers(self.desk, self.runner, self._settings, self)
            self._papers.file_written.connect(self.say_written)
            self._papers.recorded.connect(self._recorded)
            self._papers.printed.connect(self.desk_page.tell)
        return self._papers

    # --- what the officer does

    def begin(self) -> None:
        """Once the window is seen: watch what is plugged in, and say what is on record."""
        if self._begun:
            return
        self._begun = True
        from gui.window.alerts.attention import Attention  # brings the phones
        from gui.window.newer_version import NewerVersion
        from gui.window.text_size import TextSizeChooser

        self.seen.emit()
        self.text_size = TextSizeChooser(self)
        self._shortcuts = make_keys(self, {name: word for name, (word, _) in PAGES.items()})
        guarded = self.kiosk.guarded
        self.desk_page.page.log_wanted.connect(guarded(self._show_record))
        self.desk_page.phones.trouble.connect(self.status_bar.say_trouble)
        self.desk_page.page.apps.copied.connect(self.status_bar.say_copied)
        self.desk_page.page.receipt_wanted.connect(lambda *check: self.papers.receipt_now(*check))
        self.desk_page.page.owner_page_wanted.connect(lambda *check: self.papers.print_owner_page(*check))
        self.desk_page.page.managed.export_wanted.connect(guarded(lambda form: self.policy_page.export_for(form)))
        self.desk_page.page.queue_page_wanted.connect(lambda maker: self.papers.print_queue_page(maker))
        self.status_bar.stands.connect(self._show_standing)
        self.status_bar.menu_wanted.connect(guarded(lambda near: self.papers.show_menu(near)))
        self.status_bar.verify_wanted.connect(guarded(self.verify_log))
        self.status_bar.open_wanted.connect(lambda file: file_dialogs.open_outside(file))
        self.attention = Attention(self)
        self.newer = NewerVersion(self.desk, self.runner, self.memory, self)
        self.newer.changed.connect(self.status_bar.show_newer)
        self.newer.remember()
        self.desk_page.begin()
        if self._settings.value(OWNER_AT_START, False, bool) and len(QGuiApplication.screens()) > 1:
            self.beside.switch_owner()
        focused = self.focusWidget()
        if focused is None or not self.stack.isAncestorOf(focused):
            self.desk_page.cards.setFocus()
        self.status_bar.count()
        self.status_bar.read_policy()
        self.desk_page.lessons_wanted.connect(lambda: self.beside.lessons.open_list())
        self.beside.follow_lessons()

    def scanned(self, code: str) -> None:
        """A barcode reader has read `code` outside a text field: it is for the desk, unless a dialog is open."""
        if QGuiApplication.modalWindow() is None:
            self.open_page("desk")
            self.desk_page.scanned(code)

    def _settings_changed(self) -> None:
        self._say_who()
        self.attention.tray.refresh()
        self.text_size.apply()
        if text.language() != self.desk.settings.language:
            self.switches.use_language(self.desk.settings.language)

    def customEvent(self, event: QEvent) -> None:
        """Some widget asks for a chapter of the manual."""
        if isinstance(event, ManualWanted):
            event.accept()
            self.beside.show_manual(event.anchor)

    def _keys(self) -> KeyGroups:
        """Every key that does something, by page."""
        open_here = {name: word for name, (word, _) in PAGES.items() if name == "desk" or not self.kiosk.locked}
        pages = [(word, self._page(name).shortcuts()) for name, word in open_here.items()]
        return [(T("Everywhere"), [*self._shortcuts, *of_qt()]), *pages]

    def show_yourself(self) -> None:
        """Come to the front: Fanion was started again."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    # --- what is said at the edges

    def _say_who(self) -> None:
        if self._begun:
            self.beside.follow_lessons()
        who = T("{desk} · {officer}", desk=self.desk.name, officer=self.desk.officer)
        self.bar.name(self.who, lambda: str(who)[:60])
        self.say(self.who.setToolTip, T("Who works here; it stands in every entry"))

    def _recorded(self, practice: bool) -> None:
        self.status_bar.count()
        if practice:
            self.beside.follow_lessons()
        self.status_bar.read_policy()  # it was read for that check: another may have been put in its place
        if "log" in self._pages:
            cast("LogPage", self._pages["log"]).refresh()
        if "round" in self._pages:
            cast("RoundsPage", self._pages["round"]).something_recorded(practice)

    def say_written(self, written: WrittenFile) -> None:
        """Tell at the bottom that a file was written, with the way to it."""
        self.status_bar.say_made(written.sentence, written.file)

    def _show_standing(self, standing: LogStatus | Problem | None) -> None:
        """Have a bar over every page while the log is amiss."""
        if self.alarm is None:
            if standing is None or not (isinstance(standing, Problem) or standing.faults):
                return
            from gui.window.bars.alarm_bar import AlarmBar  # at most desks never needed

            self.alarm = AlarmBar(self.kiosk.guarded(self.verify_log), self.status_bar.count)
            self._column.insertWidget(1, self.alarm)
        self.alarm.show_standing(standing)

    def _undo(self, removal: Entry) -> None:
        """Go to the phone that a removal was done on, if it is here; else say what to do first."""
        problem = self.desk_page.offer_undo(removal)
        if problem is None:
            self.open_page("desk")
        else:
            cast("LogPage", self.open_page("log")).detail.notice.show_problem(problem)

    def verify_log(self) -> None:
        """Verify the desk's own log."""
        log = cast("LogPage", self.open_page("log"))
        log.real.setChecked(True)
        log.verify()

    def _show_record(self, entry: int, practice: bool) -> None:
        cast("LogPage", self.open_page("log")).show_record(entry, practice)

    # --- remembered

    def _restore(self) -> None:
        screen = QGuiApplication.primaryScreen()
        room = screen.availableGeometry() if screen else QRect(QPoint(), _FIRST_SIZE)
        self.setMinimumSize(_LEAST_SIZE.boundedTo(room.size()))
        geometry = self._settings.value("window/geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(_FIRST_SIZE.boundedTo(room.size()))
            self.move(room.center() - self.rect().center())
            if room.size().boundedTo(_SMALL_SCREEN) == room.size():
                self.setWindowState(Qt.WindowState.WindowMaximized)
        page = str(self._settings.value("window/page", "desk"))
        self.open_page(page if page in PAGES else "desk")

    def _save(self) -> None:
        self._settings.setValue("window/geometry", self.saveGeometry())
        self._settings.setValue("window/page", self.page_name())
        for page in self._pages.values():
            page.save(self._settings)
        self._settings.sync()

    # --- the end

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.kiosk.may_close():
            event.ignore()
            return
        if self.desk_page.phones.changing:
            from gui.window.dialogs import may_close

            if not may_close(self, self.desk_page.phones):
                event.ignore()
                return
        self._save()
        for dialog in self.findChildren(QDialog):
            dialog.close()
        self.beside.close_all()
        if self._begun:
            self.attention.taskbar.clear()
        super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._begun:
            # After the first painting: what is loaded now would only keep the window from being seen.
            QTimer.singleShot(0, self.begin)
