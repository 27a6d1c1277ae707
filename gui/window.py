"""The window: the bar at the top, one page at a time, the line at the bottom. It knows the pages; they know nothing of
each other, nor of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from PySide6.QtCore import QByteArray, QCoreApplication, QSettings, QSize, Qt, QTimer, QTranslator, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core import text
from core.desk import Desk
from core.problem import Problem
from core.settings import SettingsProblem
from core.text import Language, N, T, Text
from gui.desk.view import DeskPage
from gui.icons import app_pixmap, icon
from gui.parts import Line, button, icon_button
from gui.sayings import Sayings, speak
from gui.tasks import Done, Ended, Failed, Runner
from gui.theme import STEP, Choice, Looks, Size, font, mark

if TYPE_CHECKING:
    from core.model import Policy

    class Page(Protocol):
        """What the window asks of every page."""

        def shortcuts(self) -> list[tuple[Text, QKeySequence]]: ...

        def save(self, settings: QSettings) -> None: ...

        def restore(self, settings: QSettings) -> None: ...


#: The pages by name, in their order, each with its word and its icon.
PAGES: Final = {
    "desk": (T("Desk"), "desk"),
    "log": (T("Log"), "log"),
    "policy": (T("Policy"), "policy"),
}


class Window(QMainWindow):
    """The one window of a desk."""

    #: It was painted for the first time.
    seen = Signal()

    def __init__(self, desk: Desk, runner: Runner, looks: Looks, settings: QSettings, **phones: Any) -> None:
        """`phones` are further arguments of :class:`gui.desk.stays.Phones`, for tests."""
        super().__init__()
        self.say = Sayings(self)
        self.desk = desk
        self.runner = runner
        self.looks = looks
        self._settings = settings
        self._translator: QTranslator | None = None
        self._pages: dict[str, QWidget] = {}
        self._entries: int | None = None
        self._log_problem: Problem | None = None
        self._policy: Policy | None = None
        self._policy_problem: Problem | None = None
        self.stack = QStackedWidget()
        self._begun = False
        self.desk_page = DeskPage(desk, runner, **phones)
        self._add("desk", self.desk_page)
        self.nav: dict[str, QPushButton] = {}
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar())
        column.addWidget(self.stack, 1)
        column.addWidget(self._foot())
        self.setCentralWidget(inside)
        self.setMinimumSize(900, 500)
        self.say(self.setWindowTitle, "Fanion")
        self._keys()
        self.desk_page.recorded.connect(self._recorded)
        self.desk_page.introduced.connect(self._say_who)
        self._restore()
        self._say_who()
        self._say_switches()

    # --- pages

    def open_page(self, name: str) -> QWidget:
        """Show a page; it is made when it is first wanted."""
        if name not in self._pages:
            self._add(name, self._made(name))
        page = self._pages[name]
        self.stack.setCurrentWidget(page)
        self.nav[name].setChecked(True)
        return page

    def _go_to(self, name: str, checked: bool = False) -> None:
        self.open_page(name)

    def page_name(self) -> str:
        """Which page is shown."""
        return next(name for name, page in self._pages.items() if page is self.stack.currentWidget())

    def _made(self, name: str) -> QWidget:
        if name == "log":
            from gui.log.view import LogPage

            return LogPage(self.desk, self.runner)
        from gui.policy.view import PolicyPage

        return PolicyPage(self.desk, self.runner)

    def _add(self, name: str, page: QWidget) -> None:
        self._pages[name] = page
        self.stack.addWidget(page)
        cast("Page", page).restore(self._settings)

    # --- how it is made

    def _bar(self) -> QWidget:
        bar = QFrame()
        mark(bar, "bar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(STEP * 2, STEP, STEP * 2, STEP)
        row.setSpacing(STEP)
        picture = QLabel()
        picture.setPixmap(app_pixmap(24, self.devicePixelRatioF()))
        brand = QLabel("Fanion")
        brand.setTextFormat(Qt.TextFormat.PlainText)
        brand.setFont(font(Size.TITLE))
        row.addWidget(picture)
        row.addWidget(brand)
        row.addSpacing(STEP * 2)
        group = QButtonGroup(self)
        for number, (name, (word, picture_name)) in enumerate(PAGES.items(), 1):
            tab = button(picture_name, "nav")
            tab.setCheckable(True)
            self.say(tab.setText, word)
            self.say(tab.setToolTip, T("{page} (Ctrl+{number})", page=word, number=number))
            tab.clicked.connect(partial(self._go_to, name))
            group.addButton(tab)
            self.nav[name] = tab
            row.addWidget(tab)
        row.addStretch()
        self.who = button("person", "nav")
        self.who.clicked.connect(self.ask_who)
        self.language = button("language")
        self.language.clicked.connect(self.switch_language)
        self.scheme = icon_button("contrast")
        self.scheme.clicked.connect(self.switch_scheme)
        self.help = icon_button("help")
        self.help.clicked.connect(self.show_keys)
        self.say(self.help.setToolTip, T("Keys (F1)"))
        self.say(self.help.setAccessibleName, T("Keys"))
        for one in (self.who, self.language, self.scheme, self.help):
            row.addWidget(one)
        return bar

    def _foot(self) -> QWidget:
        foot = QFrame()
        mark(foot, "foot")
        row = QHBoxLayout(foot)
        row.setContentsMargins(STEP * 2, STEP // 2, STEP * 2, STEP // 2)
        row.setSpacing(STEP * 3)
        self.log_line = Line(Size.SMALL)
        self.policy_line = Line(Size.SMALL)
        self.trouble_line = Line(Size.SMALL)
        for line in (self.log_line, self.policy_line, self.trouble_line):
            mark(line, "muted")
            row.addWidget(line)
        row.setStretch(2, 1)
        self.say(self.log_line.setText, self._log_words)
        self.say(self.policy_line.setText, self._policy_words)
        return foot

    def _keys(self) -> None:
        self._shortcuts: list[tuple[Text, QKeySequence]] = []
        for number, (name, (word, _)) in enumerate(PAGES.items(), 1):
            self._key(f"Ctrl+{number}", T("Go to: {page}", page=word), partial(self._go_to, name))
        self._key("F1", T("Show the keys"), self.show_keys)
        self._key("Ctrl+Shift+L", T("Switch between English and French"), self.switch_language)
        self._key("Ctrl+Shift+D", T("Switch between light and dark"), self.switch_scheme)
        self._key("Ctrl+Q", T("Close Fanion"), self.close)

    def _key(self, key: str, does: Text, act: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(key), self)
        shortcut.activated.connect(act)
        self._shortcuts.append((does, QKeySequence(key)))

    # --- what the officer does

    def begin(self) -> None:
        """Once the window is seen: watch what is plugged in, and say what is on record."""
        if self._begun:
            return
        self._begun = True
        self.seen.emit()
        self.desk_page.page.log_wanted.connect(self._show_record)
        self.desk_page.phones.trouble.connect(self._say_trouble)
        self.desk_page.begin()
        focused = self.focusWidget()
        if focused is None or not self.stack.isAncestorOf(focused):
            self.desk_page.cards.setFocus()
        self._count_entries()
        self.runner.start(self, "policy", lambda cancel, report: self.desk.policy(None), self._policy_known)

    def switch_language(self) -> None:
        """Speak the other language, everywhere and at once; and next time."""
        if self.desk.settings.is_locked("language"):
            return
        language: Language = "fr" if text.language() == "en" else "en"
        self.use_language(language)
        try:
            self.desk.speak(language)
        except SettingsProblem as problem:
            self.desk_page.tell(problem)

    def use_language(self, language: Language) -> None:
        """Speak `language`. Qt's own words (in menus of text fields, in dialogs) follow."""
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)
            self._translator = None
        if language == "fr":
            from PySide6.QtCore import QLibraryInfo

            translator = QTranslator(self)
            folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            if translator.load("qtbase_fr", folder):
                QCoreApplication.installTranslator(translator)
                self._translator = translator
        speak(language)
        self._say_switches()

    def switch_scheme(self) -> None:
        """Dark if it is light, light if it is dark."""
        self.looks.choose(Choice.LIGHT if self.looks.dark else Choice.DARK)
        self._settings.setValue("scheme", self.looks.choice.value)
        self._say_switches()

    def ask_who(self) -> None:
        """Ask who works here."""
        from gui.sheets import WhoSheet

        sheet = WhoSheet(self.desk, self)
        sheet.accepted.connect(self._say_who)
        sheet.open()

    def show_keys(self) -> None:
        """Every key that does something, by page."""
        from gui.sheets import KeysSheet

        here = [(T("Everywhere"), self._shortcuts)]
        for name, (word, _) in PAGES.items():
            here.append((word, cast("Page", self._page(name)).shortcuts()))
        KeysSheet(here, self).open()

    def _page(self, name: str) -> QWidget:
        if name not in self._pages:
            self._add(name, self._made(name))
        return self._pages[name]

    def show_yourself(self) -> None:
        """Come to the front: somebody started Fanion again."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    # --- what is said at the edges

    def _say_who(self) -> None:
        who = T("{desk} · {officer}", desk=self.desk.name, officer=self.desk.officer)
        self.say(self.who.setText, str(who)[:60])
        self.say(self.who.setToolTip, T("Who works here; it stands in every record"))

    def _say_switches(self) -> None:
        self.say(self.language.setText, lambda: "Français" if text.language() == "en" else "English")
        self.say(
            self.language.setToolTip,
            lambda: "Parler français (Ctrl+Maj+L)" if text.language() == "en" else "Speak English (Ctrl+Shift+L)",
        )
        locked = self.desk.settings.is_locked("language")
        self.language.setEnabled(not locked)
        word = T("Light (Ctrl+Shift+D)") if self.looks.dark else T("Dark (Ctrl+Shift+D)")
        self.scheme.setIcon(icon("sun" if self.looks.dark else "moon"))
        self.say(self.scheme.setToolTip, word)
        self.say(self.scheme.setAccessibleName, T("Switch between light and dark"))

    def _say_trouble(self, problem: Problem | None) -> None:
        if problem is None:
            self.say(self.trouble_line.setText, "")
        else:
            self.say(self.trouble_line.setText, T("{problem} {step}", problem=problem.sentence, step=problem.next_step))

    def _log_words(self) -> Text:
        if self._log_problem is not None:
            return T("Log: {problem}", problem=self._log_problem.sentence)
        if self._entries is None:
            return T("Log: no entries yet")
        return N("Log: {count} entry", "Log: {count} entries", self._entries)

    def _policy_words(self) -> Text | str:
        if self._policy_problem is not None:
            return T("Policy: {problem}", problem=self._policy_problem.sentence)
        if self._policy is None:
            return ""
        return T("Policy: {title}, {version}", title=self._policy.title, version=self._policy.version)

    def _recorded(self, practice: bool) -> None:
        self._count_entries()
        log: Any = self._pages.get("log")
        if log is not None:
            log.refresh()

    def _show_record(self, entry: int, practice: bool) -> None:
        log: Any = self.open_page("log")
        log.show_record(entry, practice)

    def _count_entries(self) -> None:
        self.runner.start(self, "log count", lambda cancel, report: _entries(self.desk), self._counted)

    def _counted(self, end: Ended[int | None]) -> None:
        self._log_problem = end.problem if isinstance(end, Failed) else None
        if isinstance(end, Done):
            self._entries = end.value
        self.say(self.log_line.setText, self._log_words)

    def _policy_known(self, end: Ended[Policy]) -> None:
        self._policy_problem = end.problem if isinstance(end, Failed) else None
        self._policy = end.value if isinstance(end, Done) else None
        self.say(self.policy_line.setText, self._policy_words)

    # --- remembered

    def _restore(self) -> None:
        geometry = self._settings.value("window/geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            screen = QGuiApplication.primaryScreen()
            room = screen.availableSize() if screen else QSize(1366, 768)
            self.resize(min(1366, room.width()), min(768, room.height()))
        page = str(self._settings.value("window/page", "desk"))
        self.open_page(page if page in PAGES else "desk")

    def _save(self) -> None:
        self._settings.setValue("window/geometry", self.saveGeometry())
        self._settings.setValue("window/page", self.page_name())
        for page in self._pages.values():
            cast("Page", page).save(self._settings)
        self._settings.sync()

    # --- the end

    def closeEvent(self, event: QCloseEvent) -> None:
        changing = self.desk_page.phones.changing
        if changing and not self._may_close(changing):
            event.ignore()
            return
        self._save()
        from PySide6.QtWidgets import QDialog

        for sheet in self.findChildren(QDialog):
            sheet.close()
        super().closeEvent(event)

    def _may_close(self, changing: list[Any]) -> bool:
        """Ask; a removal that is cut off leaves a phone of which nobody knows."""
        from PySide6.QtWidgets import QMessageBox

        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(str(N("{count} phone is being changed.", "{count} phones are being changed.", len(changing))))
        box.setInformativeText(str(T("If you close Fanion now, it stops after the step under way.")))
        stop = box.addButton(str(T("Stop and close")), QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(str(T("Keep it open")), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.exec()
        return box.clickedButton() is stop

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._begun:
            # After the first painting: what is loaded now would only keep the window from being seen.
            QTimer.singleShot(0, self.begin)


def _entries(desk: Desk) -> int | None:
    """How many records the log has; None if there is none yet."""
    from core.desk import NothingRecorded

    try:
        with desk.read_ledger(practice=False) as ledger:
            return ledger.count()
    except NothingRecorded:
        return None
