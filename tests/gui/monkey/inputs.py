"""What the monkey presses, types, scans and plugs: the usual, and what no field or bus is made for."""

from __future__ import annotations

from typing import Final

from core.phones.states import PhoneState

#: Keys that work somewhere, those that act more often than once.
WORKING_KEYS: Final = [
    "Return",
    "Enter",
    "Space",
    "Esc",
    "Tab",
    "Backtab",
    "Up",
    "Down",
    "Left",
    "Right",
    "Home",
    "End",
    "PgUp",
    "PgDown",
    "Delete",
    "Backspace",
    "F1",
    "F2",
    "F5",
    "F6",
    "F10",
    "Shift+F10",
    "Menu",
    "Ctrl+A",
    "Ctrl+C",
    "Ctrl+V",
    "Ctrl+X",
    "Ctrl+Z",
    "Alt+Left",
    "Alt+Right",
    "Alt+R",
    "Alt+F",
    "Esc",
    "Return",
    "Ctrl+Shift+L",
    "Ctrl+Shift+D",
]
#: What is typed and scanned: tags, badges, names in both directions, and what no field is made for.
TEXTS: Final = (
    "DRH-0412",
    "A. Roy",
    "x",
    "Marie-Ève de la Tour d’Auvergne-Lauraguais-Beauchamp-Montmorency"[:60],
    "אברהם בן-דוד",
    "محمد 123 abc",
    "‮evil⁦name⁩",
    "0",
    "31/12/2026",
    "2026-12-31",
    "<b>bold</b> & \"quotes\" 'x'; --",
    "=1+1",
    "https://example.invalid/a?b=c",
)
#: A badge that holds a whole page.
LONG_BADGE: Final = "0123456789ABCDEF" * 256
STATES: Final = (
    PhoneState.READY,
    PhoneState.OFFLINE,
    PhoneState.UNAUTHORISED,
    PhoneState.READY,
    PhoneState.NO_PERMISSION,
    PhoneState.READY,
)
SIZES: Final = ((683, 384), (1366, 768), (900, 500))
