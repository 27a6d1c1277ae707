"""What the window loads only once it is wanted: the one place of this folder with imports inside functions.

Loaded with the window, they would keep it from being seen for as long again: the log and the papers bring SQLite and
cryptography, the policy page the formats of policies. None of these modules knows the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QWidget

from core.desk.desk import Desk
from core.text import Text
from gui.desk.desk_page import DeskPage
from gui.toolkit.jobs import JobRunner

if TYPE_CHECKING:
    from gui.log.log_page import LogPage
    from gui.papers.papers import Papers
    from gui.policy.policy_page import PolicyPage
    from gui.window.alarm_bar import AlarmBar


def log_page(desk: Desk, runner: JobRunner) -> LogPage:
    """The page with what is on record."""
    from gui.log.log_page import LogPage

    return LogPage(desk, runner)


def policy_page(desk: Desk, runner: JobRunner, memory: QSettings, desk_page: DeskPage) -> PolicyPage:
    """The page with the rules, which it tries on the phones of the Desk page."""
    from gui.policy.policy_page import PolicyPage

    return PolicyPage(desk, runner, memory=memory, checks=desk_page.checks)


def papers(desk: Desk, runner: JobRunner, memory: QSettings, window: QWidget) -> Papers:
    """What makes papers of the log."""
    from gui.papers.papers import Papers

    return Papers(desk, runner, memory, window)


def alarm_bar() -> AlarmBar:
    """The bar that tells that the log is amiss: at most desks never."""
    from gui.window.alarm_bar import AlarmBar

    return AlarmBar()


def officer_dialog(desk: Desk, window: QWidget) -> QDialog:
    """The dialog that asks who works here."""
    from gui.window.dialogs import OfficerDialog

    return OfficerDialog(desk, window)


def shortcuts_dialog(groups: Sequence[tuple[Text, Sequence[tuple[Text, QKeySequence]]]], window: QWidget) -> QDialog:
    """The dialog that names every key, in `groups` with their headings."""
    from gui.window.dialogs import ShortcutsDialog

    return ShortcutsDialog(groups, window)


def may_close(window: QWidget, desk_page: DeskPage) -> bool:
    """Ask whether to close the window while phones of the Desk page are being changed."""
    from gui.window.dialogs import may_close

    return may_close(window, desk_page.phones)
