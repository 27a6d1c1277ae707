"""The window: the bar at the top, one page at a time, the line at the bottom.

It joins the Desk page to the others, to the papers and to the line at the bottom; no page knows another, and none knows
the window. What is not needed to be seen is loaded later, by `pages` and `services`.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from gui.toolkit.jobs import JobRunner
from gui.toolkit.layouts import column
from gui.toolkit.manual_link import ManualWanted
from gui.toolkit.parts import Parts
from gui.toolkit.remembered import OWNER_AT_START
from gui.toolkit.theme import Appearance
from gui.window.bars.status_bar import StatusBar
from gui.window.bars.top_bar import TopBar
from gui.window.kiosk import Kiosk
from gui.window.pages import DESK, LOG, PAGES, POLICY, PageRow
from gui.window.switches import Switches

if TYPE_CHECKING:  # loaded late
    from core.desk.papers.log_evidence import LogStatus
    from core.ledger.records import Entry
    from core.model import Policy
    from gui.log.log_page import LogPage
    from gui.papers.papers import Papers
    from gui.policy.policy_page import PolicyPage
    from gui.toolkit.forms.form_dialog import WrittenFile
    from gui.toolkit.page import Keys, Page
    from gui.toolkit.translated_text import Translatable
    from gui.window.bars.alarm_bar import AlarmBar

#: Logical pixels. On a screen up to the first, the window takes all there is when it is opened for the first time.
_SMALL_SCREEN: Final = QSize(1440, 900)
_FIRST_SIZE: Final = QSize(1366, 768)
_LEAST_SIZE: Final = QSize(900, 500)
#: What the frame and title of a window take of the screen, with some room to spare.
_FRAME: Final = QSize(0, 48)


class MainWindow(QMainWindow):
    """The one window of a desk."""

    #: It was painted for the first time.
    first_painted = Signal()
    #: Fanion is to end, and to start again.
    again_wanted = Signal()

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        looks: Appearance,
        settings: QSettings,
        pages: Sequence[PageRow] = PAGES,
        **phones: Any,
    ) -> None:
        """`phones` are further arguments of :class:`gui.desk.session.phone_sessions.PhoneSessions`, for tests."""
        super().__init__()
        self.say = Parts(self)
        self.desk = desk
        self.runner = runner
        self.looks = looks
        self.rows = {row.name: row for row in pages}
        self._settings = settings
        self._pages: dict[str, Page] = {}
        self._papers: Papers | None = None
        #: Over every page, once the log was ever amiss.
        self.alarm: AlarmBar | None = None
        self.stack = QStackedWidget()
        self._has_begun = False
        #: The page that was shown before this one.
        self._before = DESK
        self.desk_page = DeskPage(desk, runner, **phones)
        self.bar = TopBar(pages, self.open_page)
        self.nav, self.officer_button, self.language = self.bar.nav, self.bar.officer_button, self.bar.language
        self.scheme, self.help = self.bar.scheme, self.bar.help
        self.switches = Switches(self, self.bar)
        self.kiosk = Kiosk(self)
        self.kiosk.closed.connect(self.bar.be_kiosk)
        self.bar.leave.clicked.connect(self.kiosk.leave)
        inside = QWidget()
        self.status_bar = StatusBar(desk, runner)
        self._column = column(self.bar, (self.stack, 1), self.status_bar, spacing=0, inside=inside)
        self.setCentralWidget(inside)
        self.desk_page.recorded.connect(self.recorded)
        self.desk_page.introduced.connect(self._say_who)
        self.desk_page.passing.connect(self.say_passing)
        guarded = self.kiosk.guarded
        self.desk_page.ban_wanted.connect(guarded(lambda app, platform: self.policy_page.new_rule(app, platform)))
        self.desk_page.except_wanted.connect(guarded(lambda *arguments: self.policy_page.new_exception(*arguments)))
        self._restore()
        self.kiosk.begin()
        self._say_who()
        self.switches.show_words()

    # --- pages

    def open_page(self, name: str) -> Page:
        """Show a page; in a kiosk, always the desk."""
        row = self.rows[name if self.is_open(name) else DESK]
        page = self._page(row.name)
        if page is not self.stack.currentWidget():
            self._before = self.page_name()
        self.stack.setCurrentWidget(page)
        self.bar.choose(row.name)
        self.say(self.setWindowTitle, T("Fanion: {page}", page=row.title))
        return page

    def is_open(self, name: str) -> bool:
        """Whether a page can be shown now."""
        return self.rows[name].in_kiosk or not self.kiosk.locked

    def _page(self, name: str) -> Page:
        """A page, made when it is first wanted."""
        if name not in self._pages:
            page = self._pages[name] = self.rows[name].make(self)
            self.stack.addWidget(page)
            page.restore(self._settings)
        return self._pages[name]

    def page_name(self) -> str:
        """Which page is shown."""
        return next((name for name, page in self._pages.items() if page is self.stack.currentWidget()), DESK)

    def go_back(self) -> None:
        """Show the page that was shown before this one."""
        self.open_page(self._before)

    def chapter(self) -> str:
        """The anchor of the chapter of the manual about the page that is shown."""
        name = self.page_name()
        return self._page(name).chapter or self.rows[name].chapter

    @property
    def policy_page(self) -> PolicyPage:
        """The policy page, made if it was not wanted yet."""
        return cast("PolicyPage", self._page(POLICY))

    def _open_log(self) -> LogPage:
        return cast("LogPage", self.open_page(LOG))

    def show_policy(self, policy: Policy) -> None:
        """Name the policy that was just read."""
        self.status_bar.show_policy(policy)

    def policy_changed(self, sentence: Text) -> None:
        """Judge phones by other rules from now on."""
        self.status_bar.read_policy()
        self.desk_page.policy_changed()
        if self.page_name() != POLICY:  # there it stands over the rules, with the way back
            self.say_passing(sentence)

    def add_strip(self, strip: QWidget) -> None:
        """Have `strip` over the line at the bottom, under every page."""
        self._column.insertWidget(self._column.count() - 1, strip)

    # --- how it is made

    @property
    def memory(self) -> QSettings:
        """What the window remembers: sizes, folders, choices."""
        return self._settings

    @property
    def widget(self) -> QWidget:
        """The window itself."""
        return self

    @property
    def papers(self) -> Papers:
        """What makes papers of the log; made when it is first wanted."""
        if self._papers is None:
            from gui.papers.papers import Papers  # brings SQLite, cryptography and all reports

            self._papers = Papers(self.desk, self.runner, self._settings, self)
            self._papers.file_written.connect(self.say_written)
            self._papers.recorded.connect(self.recorded)
            self._papers.printed.connect(self.desk_page.tell)
        return self._papers

    # --- what the officer does

    def begin(self) -> None:
        """Once the window is seen: watch what is plugged in, and say what is on record."""
        if self._has_begun:
            return
        self._has_begun = True
        from gui.window.services import Services  # brings the phones: not before the window is seen

        self.first_painted.emit()
        services = self.services = Services(self, self.rows.values(), self.switches)
        self.beside, self.attention, self.text_size = services.beside, services.attention, services.text_size
        self.closing = services.closing
        services.bursts.scanned.connect(self.scanned)
        self._join_bar()
        self._join_desk()
        services.newer.changed.connect(self.status_bar.show_newer)
        services.newer.remember()
        self.desk_page.begin()
        if self._settings.value(OWNER_AT_START, False, bool) and len(QGuiApplication.screens()) > 1:
            self.beside.switch_owner()
        focused = self.focusWidget()
        if focused is None or not self.stack.isAncestorOf(focused):
            self.desk_page.cards.setFocus()
        self.status_bar.count()
        self.status_bar.read_policy()
        self.beside.follow_lessons()

    def _join_bar(self) -> None:
        """Have the bar at the top and the line at the bottom act."""
        guarded = self.kiosk.guarded
        self.beside.introduced.connect(self._say_who)
        self.beside.owner_faced.connect(self.bar.owner.setChecked)
        self.bar.officer_button.clicked.connect(self.beside.ask_who)
        self.bar.owner.clicked.connect(self.beside.switch_owner)
        self.bar.help.clicked.connect(lambda: self.beside.show_manual())
        self.status_bar.stands.connect(self._show_standing)
        self.status_bar.menu_wanted.connect(guarded(lambda near: self.papers.show_menu(near)))
        self.status_bar.verify_wanted.connect(guarded(self.verify_log))
        self.status_bar.open_wanted.connect(self.services.open_outside)

    def _join_desk(self) -> None:
        """Join what the Desk page has built by now to the other pages, to the papers and to the line at the bottom."""
        guarded, desk = self.kiosk.guarded, self.desk_page
        desk.page.log_wanted.connect(guarded(self.show_record))
        desk.phones.trouble.connect(self.status_bar.say_trouble)
        desk.page.apps.copied.connect(self.status_bar.say_copied)
        desk.page.receipt_wanted.connect(lambda *check: self.papers.receipt_now(*check))
        desk.page.owner_page_wanted.connect(lambda *check: self.papers.print_owner_page(*check))
        desk.page.managed.export_wanted.connect(guarded(lambda form: self.policy_page.export_for(form)))
        desk.page.returns.formats_wanted.connect(guarded(lambda *at: self.policy_page.offer_formats(*at)))
        desk.page.queue_page_wanted.connect(lambda maker: self.papers.print_queue_page(maker))
        desk.lessons_wanted.connect(lambda: self.beside.lessons.open_list())

    def scanned(self, code: str, whole: bool) -> None:
        """A barcode reader has read `code` outside a text field, perhaps not the `whole` of it: it is for the desk,
        unless a dialog is open."""
        if QGuiApplication.modalWindow() is None:
            self.open_page(DESK)
            self.desk_page.scanned(code, whole)

    def settings_changed(self) -> None:
        """Have the settings apply that are other ones now."""
        self._say_who()
        self.attention.tray.refresh()
        self.text_size.apply()
        if text.language() != self.desk.settings.language:
            self.switches.use_language(self.desk.settings.language)

    def folder_changed(self) -> None:
        """See anew which log this is."""
        self.status_bar.count()

    def start_again(self) -> None:
        """End, and start again."""
        self.again_wanted.emit()

    def customEvent(self, event: QEvent) -> None:
        """Some widget asks for a chapter of the manual."""
        if isinstance(event, ManualWanted):
            event.accept()
            self.beside.show_manual(event.anchor)

    def page_keys(self) -> list[tuple[Text, Keys]]:
        """What the keys do on each tab that can be opened now."""
        tabs = [row for row in self.rows.values() if row.tab and self.is_open(row.name)]
        return [(row.title, self._page(row.name).shortcuts()) for row in tabs]

    def show_yourself(self) -> None:
        """Come to the front: Fanion was started again."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    # --- what is said at the edges

    def _say_who(self) -> None:
        if self._has_begun:
            self.beside.follow_lessons()
        self.desk_page.meet_officer()
        officer = self.desk.proposed_officer or T("no name yet")
        workplace = T("{desk} · {officer}", desk=self.desk.name, officer=officer)
        self.bar.name(self.officer_button, lambda: str(workplace)[:60])
        self.say(self.officer_button.setToolTip, T("Who works here; it is in every entry"))

    def recorded(self, practice: bool) -> None:
        """Something may be new on record; whether in the practice log."""
        self.status_bar.count()
        if practice:
            self.beside.follow_lessons()
        self.status_bar.read_policy()  # it was read for that check: another may have been put in its place
        for page in self._pages.values():
            page.something_recorded(practice)

    def say_passing(self, words: Translatable) -> None:
        """Tell something at the bottom, for a moment."""
        self.status_bar.say_passing(words)

    def say_written(self, file: WrittenFile) -> None:
        """Tell at the bottom that a file was written, with the way to it."""
        self.status_bar.say_made(file.sentence, file.file)

    def _show_standing(self, standing: LogStatus | Problem | None) -> None:
        """Have a bar over every page while the log is amiss."""
        if self.alarm is None:
            if standing is None or not (isinstance(standing, Problem) or standing.faults):
                return
            self.alarm = self.services.alarm_bar(self.kiosk.guarded(self.verify_log), self.status_bar.count)
            self._column.insertWidget(1, self.alarm)
        self.alarm.show_standing(standing)

    def undo(self, removal: Entry) -> None:
        """Go to the phone that a removal was done on, if it is here; else say what to do first."""
        problem = self.desk_page.offer_undo(removal)
        if problem is None:
            self.open_page(DESK)
        else:
            self._open_log().detail.notice.show_problem(problem)

    def verify_log(self) -> None:
        """Verify the desk's own log."""
        log = self._open_log()
        log.real.setChecked(True)
        log.verify()

    def show_record(self, entry: int, practice: bool) -> None:
        """Show the record with this number in the log, or in the practice log."""
        self._open_log().show_record(entry, practice)

    # --- remembered

    def _restore(self) -> None:
        screen = QGuiApplication.primaryScreen()
        room = screen.availableGeometry() if screen else QRect(QPoint(), _FIRST_SIZE)
        self.setMinimumSize(_LEAST_SIZE.boundedTo(room.size() - _FRAME))
        geometry = self._settings.value("window/geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(_FIRST_SIZE.boundedTo(room.size()))
            self.move(room.center() - self.rect().center())
            if room.size().boundedTo(_SMALL_SCREEN) == room.size():
                self.setWindowState(Qt.WindowState.WindowMaximized)
        self._page(DESK)
        last = self.rows.get(str(self._settings.value("window/page", DESK)))
        self.open_page(last.name if last is not None and last.tab else DESK)

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
        if self._has_begun and not self.closing.may_close():
            event.ignore()
            return
        self._save()
        for dialog in self.findChildren(QDialog):
            dialog.close()
        if self._has_begun:
            self.beside.close_all()
            self.attention.taskbar.clear()
        super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._has_begun:
            # After the first painting: what is loaded now would only keep the window from being seen.
            QTimer.singleShot(0, self.begin)
