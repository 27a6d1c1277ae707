"""What opens beside the window or over it: the manual, the owner's window, the lessons, and the dialogs about the desk
and Fanion.

The manual and the lessons are loaded when they are first wanted.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from core.lessons import FILE_NAME
from core.text import T
from gui.desk.hand_back.owner_window import OwnerWindow
from gui.toolkit.page import Keys
from gui.window.about import AboutDialog
from gui.window.dialogs import OfficerDialog, ShortcutsDialog
from gui.window.keys import of_qt
from gui.window.newer_version import NewerVersion
from gui.window.on_screen import chapter_of_dialog, chapter_on_screen
from gui.window.shell import WindowShell

if TYPE_CHECKING:  # loaded late
    from gui.help.help_window import HelpWindow
    from gui.window.lesson_guide import LessonGuide

#: The property of a dialog in which F1 is a key.
_HELPED: Final = "fanion-f1"


class SecondaryWindows(QObject):
    """Opens them for the window, and closes them with it."""

    #: Who works here was entered anew.
    introduced = Signal()
    #: The window for the owner of a phone was opened or closed.
    owner_faced = Signal(bool)

    def __init__(self, shell: WindowShell, newer: NewerVersion) -> None:
        super().__init__(shell.widget)
        self._shell, self._newer = shell, newer
        self._window = shell.widget
        #: What the keys do that act on every page.
        self.keys: Keys = ()
        #: For a screen that faces the owner of a phone, once it was opened.
        self.owner: OwnerWindow | None = None
        #: Once it was opened.
        self.manual: HelpWindow | None = None
        self._lessons: LessonGuide | None = None
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def _focus_moved(self, before: QWidget | None, now: QWidget | None) -> None:
        """Have F1 lead to the manual in each dialog over the window, too: the window's own key is closed below it."""
        dialog = now.window() if now is not None else None
        if not isinstance(dialog, QDialog) or dialog.property(_HELPED) or not self._is_over_window(dialog):
            return
        dialog.setProperty(_HELPED, True)
        QShortcut(QKeySequence("F1"), dialog).activated.connect(lambda: self.show_manual_of(dialog))

    def _is_over_window(self, dialog: QWidget) -> bool:
        """Whether this window opened the dialog, or one of its dialogs did."""
        parent = dialog.parentWidget()
        return parent is not None and (parent.window() is self._window or self._is_over_window(parent.window()))

    def show_manual_of(self, dialog: QDialog) -> None:
        """Open the manual at the chapter of a dialog."""
        self.show_manual(chapter_of_dialog(dialog))

    @property
    def lessons(self) -> LessonGuide:
        """The lessons; made when they are first wanted."""
        if self._lessons is None:
            from gui.window.lesson_guide import LessonGuide  # brings the course: for those who learn

            self._lessons = LessonGuide(self._shell)
        return self._lessons

    def follow_lessons(self) -> None:
        """Something was practised, or another officer works here: the open lesson may have been gone on with."""
        if self._lessons is not None or os.path.exists(self._shell.desk.data / FILE_NAME):
            self.lessons.look_again()

    @property
    def lesson_chapter(self) -> str:
        """The chapter of the manual about the open lesson; empty where none is open."""
        return self._lessons.chapter if self._lessons is not None else ""

    def switch_owner(self) -> None:
        """Open the window for a screen that faces the owner of a phone, or close it."""
        if self.owner is None:
            self.owner = OwnerWindow()
            self._shell.looks.dress(self.owner)
            self.owner.closed.connect(lambda: self._owner_faced(False))
            self._shell.desk_page.shown_to_owner.connect(self.owner.show_phone)
        if self.owner.isVisible():
            self.owner.close()
        else:
            self.owner.open()
            self._window.activateWindow()
            self._owner_faced(True)

    def _owner_faced(self, faced: bool) -> None:
        self.owner_faced.emit(faced)
        self._shell.desk_page.face_owner(faced)

    def show_manual(self, anchor: str = "") -> None:
        """Open the manual: at this chapter, or at that of what is on the screen."""
        if self.manual is None:
            from gui.help.help_window import HelpWindow  # with the first look into the manual

            self.manual = HelpWindow()
            self._shell.looks.dress(self.manual)
            self.manual.keys_wanted.connect(self._show_keys_in_front)
        self.manual.open_chapter(anchor or self.lesson_chapter or chapter_on_screen(self._shell))
        self.manual.come_up()

    def _show_keys_in_front(self) -> None:
        self._window.activateWindow()
        self.show_keys()

    def show_keys(self) -> None:
        """Every key that does something, by page."""
        everywhere = (T("Everywhere"), (*self.keys, *of_qt()))
        dialog = ShortcutsDialog([everywhere, *self._shell.page_keys()], self._window)
        dialog.about_wanted.connect(self.show_about)
        dialog.open()

    def show_about(self) -> None:
        """Which Fanion this is, under which licence, and what those who give support want to know."""
        AboutDialog(self._shell.desk, self._shell.runner, self._newer, self._window).open()

    def ask_who(self) -> None:
        """Ask who works here."""
        dialog = OfficerDialog(self._shell.desk, self._window)
        dialog.accepted.connect(self.introduced)
        dialog.open()

    def close_all(self) -> None:
        """Close what stands beside the window."""
        for window in (self.owner, self.manual):
            if window is not None:
                window.close()
                window.deleteLater()
        self.owner = self.manual = None
