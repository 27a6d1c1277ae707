"""The window as its parts know it, and as its pages are joined to it. No part knows more of the window than this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # what the window has; this module is only said in types
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QWidget

    from core.desk.desk import Desk
    from core.ledger.records import Entry
    from core.model import Policy
    from core.text import Text
    from gui.desk.desk_page import DeskPage
    from gui.papers.papers import Papers
    from gui.toolkit.forms.form_dialog import WrittenFile
    from gui.toolkit.jobs import JobRunner
    from gui.toolkit.page import Keys, Page
    from gui.toolkit.theme import Appearance
    from gui.toolkit.translated_text import Translatable


class WindowShell(Protocol):
    """What the keys, the switches, the alerts and all that opens over the window may ask of it."""

    desk: Desk
    runner: JobRunner
    looks: Appearance
    desk_page: DeskPage

    @property
    def memory(self) -> QSettings:
        """What the window remembers: sizes, folders, choices."""

    @property
    def widget(self) -> QWidget:
        """The window itself: what opens over it and what ends with it has it as its parent."""

    def open_page(self, name: str) -> Page:
        """Show a page; in a kiosk, always the desk."""

    def page_name(self) -> str:
        """Which page is shown."""

    def chapter(self) -> str:
        """The anchor of the chapter of the manual about the page that is shown."""

    def page_keys(self) -> list[tuple[Text, Keys]]:
        """What the keys do on each tab that can be opened now."""

    def add_strip(self, strip: QWidget) -> None:
        """Have `strip` over the line at the bottom, under every page."""

    def say_passing(self, words: Translatable) -> None:
        """Tell something at the bottom, for a moment."""

    def say_written(self, file: WrittenFile) -> None:
        """Tell at the bottom that a file was written, with the way to it."""

    def show_yourself(self) -> None:
        """Come to the front."""

    def start_again(self) -> None:
        """End, and start again."""


class PageShell(WindowShell, Protocol):
    """What a page is joined to, beside that."""

    @property
    def papers(self) -> Papers:
        """What makes papers of the log."""

    def recorded(self, practice: bool) -> None:
        """Something may be new on record; whether in the practice log."""

    def show_record(self, entry: int, practice: bool) -> None:
        """Show the record with this number in the log, or in the practice log."""

    def undo(self, removal: Entry) -> None:
        """Go to the phone that a removal was done on, if it is here; else say what to do first."""

    def show_policy(self, policy: Policy) -> None:
        """Name the policy that was just read."""

    def policy_changed(self, sentence: Text) -> None:
        """Judge phones by other rules from now on."""

    def settings_changed(self) -> None:
        """Have the settings apply that are other ones now."""

    def folder_changed(self) -> None:
        """See anew which log this is."""

    def go_back(self) -> None:
        """Show the page that was shown before this one."""
