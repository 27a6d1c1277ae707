"""The keys of the Desk page."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from core.text import T, Text
from gui.desk.phone_list import PhoneList
from gui.desk.phone_page import PhonePage


def make_keys(desk: QWidget, page: PhonePage, cards: PhoneList) -> list[tuple[Text, QKeySequence]]:
    """Make keys of `desk` that act on the page of the chosen phone, and on the list. Returns what each does."""
    keys: list[tuple[Text, QKeySequence]] = []
    for key, does, act in (
        ("F5", T("Check the phone again"), page.look_again),
        ("Ctrl+R", T("Show what removing the banned apps would do"), page.show_plan),
        ("Ctrl+Z", T("Undo the last removal"), page.show_undo),
        ("Ctrl+P", T("Save the receipt of the check"), page.ask_receipt),
        ("Ctrl+T", T("Say what your department calls the phone"), page.ask_labels),
        ("Ctrl+E", T("Grant an exception for the chosen app"), page.apps.grant_chosen),
        ("Ctrl+B", T("Ban the chosen app"), page.apps.ban_chosen),
        ("Shift+F10", T("Show what can be done with the chosen app"), page.apps.show_menu),
        ("Ctrl+.", T("Stop what is under way"), page.stop),
        ("Ctrl+L", T("Go to the list of phones"), cards.setFocus),
    ):
        shortcut = QShortcut(QKeySequence(key), desk)
        shortcut.activated.connect(act)
        keys.append((does, QKeySequence(key)))
    return [
        *keys,
        (T("Search the apps"), QKeySequence(QKeySequence.StandardKey.Find)),
        (T("Show how the chosen app was recognised"), QKeySequence("Return")),
        (T("Copy the chosen rows"), QKeySequence(QKeySequence.StandardKey.Copy)),
        (T("Leave the plan or the details, empty the search"), QKeySequence("Esc")),
        (T("Put a practice phone away"), QKeySequence("Del")),
    ]
