"""The pages of the window, one row each: a page that has its row has its tab, its key and its chapter of the manual.

A page is loaded once it is first wanted: with the window, it would keep it from being seen for as long again. The log
brings SQLite and cryptography, the policy page the formats of policies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from core.text import T, Text

if TYPE_CHECKING:
    from gui.toolkit.page import Page
    from gui.window.shell import PageShell

#: The page that is always there.
DESK: Final = "desk"
ROUND: Final = "round"
LOG: Final = "log"
POLICY: Final = "policy"
SETTINGS: Final = "settings"


class PageRow(NamedTuple):
    """All that the window knows of a page before it is made."""

    #: What it is called in the program, and remembered by.
    name: str
    title: Text
    icon: str
    #: The keys that open it, as Qt writes them.
    key: str
    #: The anchor of the chapter of the manual about it.
    chapter: str
    #: Makes the page, and joins it to the window.
    make: Callable[[PageShell], Page]
    #: Whether it is one of the tabs, of which the last one is shown again at the next start; else it has a button
    #: beside the switches.
    tab: bool = True
    #: Whether a kiosk has it.
    in_kiosk: bool = False
    #: What the key does, where that is said otherwise than of all pages.
    key_opens: Text | None = None

    @property
    def does(self) -> Text:
        """What the key does."""
        return self.key_opens or T("Go to the {page} page", page=self.title)


def _desk(shell: PageShell) -> Page:
    return shell.desk_page


def _round(shell: PageShell) -> Page:
    from gui.rounds.rounds_page import RoundsPage  # with the page

    page = RoundsPage(shell.desk, shell.runner, memory=shell.memory)
    page.recorded.connect(shell.recorded)
    page.file_written.connect(shell.say_written)
    page.report_wanted.connect(lambda *arguments: shell.papers.round_report(*arguments))
    page.due_list_wanted.connect(lambda *arguments: shell.papers.due_list(*arguments))
    page.letters_wanted.connect(lambda *arguments: shell.papers.letters(*arguments))
    page.entry_wanted.connect(shell.show_record)
    page.plugged = lambda: shell.desk_page.plugged()
    return page


def _log(shell: PageShell) -> Page:
    from gui.log.log_page import LogPage  # with the page

    page = LogPage(shell.desk, shell.runner)
    page.recorded.connect(shell.recorded)
    page.detail.receipt_wanted.connect(lambda *check: shell.papers.receipt(*check))
    page.more_wanted.connect(lambda *about: shell.papers.show_menu(*about))
    page.detail.undo_wanted.connect(shell.undo)
    return page


def _policy(shell: PageShell) -> Page:
    from gui.policy.policy_page import PolicyPage  # with the page

    page = PolicyPage(shell.desk, shell.runner, memory=shell.memory, checks=shell.desk_page.checks)
    page.loaded.connect(shell.show_policy)
    page.changed.connect(shell.policy_changed)
    page.recorded.connect(shell.recorded)
    page.file_written.connect(shell.say_written)
    return page


def _settings(shell: PageShell) -> Page:
    from gui.settings.settings_page import SettingsPage  # with the page

    page = SettingsPage(shell.desk, shell.runner, shell.memory)
    page.changed.connect(shell.settings_changed)
    page.policy_wanted.connect(lambda: shell.open_page(POLICY))
    page.back_wanted.connect(shell.go_back)
    page.phones_here = lambda: bool(shell.desk_page.phones.sessions)
    page.folder.acted.connect(lambda words: shell.folder_changed())
    page.again_wanted.connect(shell.start_again)
    return page


#: The pages in their order.
PAGES: Final = (
    PageRow(DESK, T("Desk"), "desk", "Ctrl+1", "officer#check-a-phone", _desk, in_kiosk=True),
    PageRow(ROUND, T("Round"), "round", "Ctrl+2", "officer#a-round", _round),
    PageRow(LOG, T("Log"), "log", "Ctrl+3", "officer#the-log-as-evidence", _log),
    PageRow(POLICY, T("Policy"), "policy", "Ctrl+4", "officer#the-policy-and-exceptions", _policy),
    PageRow(
        SETTINGS,
        T("Settings"),
        "settings",
        "Ctrl+,",
        "officer#settings",
        _settings,
        tab=False,
        key_opens=T("Open the settings"),
    ),
)
