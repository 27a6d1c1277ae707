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


def add_rounds(menu: QMenu, known: Sequence[KnownRound], shown: str, choose: Callable[[str], object]) -> None:
    """Have all rounds in a menu, the newest first, and the one with the number `shown` marked; `choose` is told the
    number of another one."""
    _add(menu, known[:_PAGE], shown, choose)
    if len(known) <= _PAGE:
        return
    pages = menu.addMenu(literal(str(T("Older rounds"))))
    for start in range(_PAGE, len(known), _PAGE):
        some = known[start : start + _PAGE]
        said = T("{first} to {last}", first=grouped(start + 1), last=grouped(start + len(some)))
        _add(pages.addMenu(literal(str(said))), some, shown, choose)


def _add(menu: QMenu, some: Sequence[KnownRound], shown: str, choose: Callable[[str], object]) -> None:
    for one in some:
        name = plain(one.about.name, _NAME)
        words = T("{round}, closed", round=name) if one.ended is not None else name
        action = menu.addAction(literal(str(words)), partial(choose, one.about.id))
        action.setCheckable(True)
        action.setChecked(one.about.id == shown)
