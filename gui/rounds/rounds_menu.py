"""The rounds of a desk in a menu: the newest at once, the others by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtWidgets import QMenu

from core.rounds.rounds import KnownRound
from core.text import T, grouped, plain
from gui.toolkit.widgets import literal

#: Rounds on one page.
_PAGE: Final = 20
#: Characters of a name.
_NAME: Final = 120


def add_rounds(menu: QMenu, rounds: Sequence[KnownRound], current: str, choose: Callable[[str], object]) -> None:
    """Have all rounds in a menu, the newest first, and the one with the number `current` marked; `choose` is told the
    number of another one."""
    _add(menu, rounds[:_PAGE], current, choose)
    if len(rounds) <= _PAGE:
        return
    pages = menu.addMenu(literal(str(T("Older rounds"))))
    for start in range(_PAGE, len(rounds), _PAGE):
        page = rounds[start : start + _PAGE]
        range_words = T("{first} to {last}", first=grouped(start + 1), last=grouped(start + len(page)))
        _add(pages.addMenu(literal(str(range_words))), page, current, choose)


def _add(menu: QMenu, page: Sequence[KnownRound], current: str, choose: Callable[[str], object]) -> None:
    for known_round in page:
        name = plain(known_round.about.name, _NAME)
        words = T("{round}, closed", round=name) if known_round.ended is not None else name
        action = menu.addAction(literal(str(words)), partial(choose, known_round.about.id))
        action.setCheckable(True)
        action.setChecked(known_round.about.id == current)
