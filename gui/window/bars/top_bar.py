"""The bar at the top of the window: the pages, who works here, and the switches. On a small screen it says less."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QLabel, QLayout, QWidget

from core.text import T
from gui.toolkit.buttons import Button, be_one_of_many, button, icon_button
from gui.toolkit.images.icons import app_pixmap
from gui.toolkit.layouts import row
from gui.toolkit.parts import Parts, Said
from gui.toolkit.roles import SpokenRole, be_a_tab, speak_as
from gui.toolkit.theme import STEP, TextSize, font, mark
from gui.toolkit.translated_text import worded
from gui.toolkit.widgets import literal, plain_label
from gui.window.pages import PageRow

#: What is left out where there is no room, one thing after the other: the program's name, who works here and the other
#: language, the words of the pages that are not shown with most of what is between the buttons, and the pages without
#: a tab, which have a key. The icons of the others stay, and their names for a screen reader.
_BRAND, _SIDE, _PAGES, _ASIDE = 1, 2, 3, 4
#: Logical pixels: what is left of the smallest screen of a desk at 200 %, with some to spare.
_LEAST_WIDTH: Final = 616


class TopBar(QFrame):
    """Never cuts a word: what has no room is left out whole."""

    def __init__(self, rows: Sequence[PageRow], go_to: Callable[[str], object]) -> None:
        """`rows` are those of the pages; `go_to` opens one by its name."""
        super().__init__()
        mark(self, "bar")
        self.say = Parts(self)
        self._left_out = 0
        #: What it was fitted for: each word that is left out or taken back asks for another fitting.
        self._fitted: object = None
        self._has_width = False
        self._words: dict[Button, tuple[int, Said]] = {}
        picture = QLabel()
        picture.setPixmap(app_pixmap(24, self.devicePixelRatioF()))
        self.brand = plain_label("Fanion")
        self.brand.setFont(font(TextSize.TITLE))
        self._rows, self._go_to = rows, go_to
        self.nav: dict[str, Button] = {}
        #: The buttons of the pages that have no tab.
        self.aside: dict[str, Button] = {}
        self._group = QButtonGroup(self)
        for page in rows:
            self._add(page)
        self.officer_button = button("person", "nav")
        owner = T("Window for the holder of the phone")
        self.owner = self.say.icon_button("screen", owner, kind="nav", tip=T("Window for the holder of the phone (F9)"))
        self.owner.setCheckable(True)
        self.language = button("language", "nav")
        self.scheme = icon_button("contrast", "nav")
        self.leave = self.say.button("", kind="nav", tip=T("Show the whole window again"))
        self.leave.hide()
        self._kiosk = False
        self.help = self.say.icon_button("help", T("Manual"), kind="nav", tip=T("Manual (F1)"))
        self._tab_list = QWidget()
        speak_as(self._tab_list, SpokenRole.TAB_LIST)
        self.say.name(self._tab_list, T("Pages"))
        self._tabs = row(*self.nav.values(), inside=self._tab_list)
        self._row = row(
            *(picture, self.brand, STEP * 2, self._tab_list, None),
            *(self.officer_button, self.owner, self.language, self.scheme, *self.aside.values(), self.help, self.leave),
            inside=self,
            margins=(STEP * 2, STEP, STEP * 2, STEP),
        )
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # it makes itself narrower
        self.name(self.leave, T("Leave the kiosk…"))
        for page in rows:
            if page.tab:
                self.name(self.nav[page.name], page.title)
                self.nav[page.name].toggled.connect(self._fit)

    def _add(self, page: PageRow) -> None:
        """Make the button that opens a page."""
        tip = T("{page} ({key})", page=page.title, key=page.key)
        if page.tab:
            button = self.nav[page.name] = self.say.button("", icon=page.icon, kind="nav", tip=tip)
            be_one_of_many(button)
            be_a_tab(button)
            self._group.addButton(button)
        else:  # not in the group of tabs, in which Tab leads to one alone
            button = self.aside[page.name] = self.say.icon_button(page.icon, page.title, kind="nav", tip=tip)
            button.setCheckable(True)
        button.clicked.connect(lambda checked: self._go_to(page.name))

    def choose(self, page: str) -> None:
        """Show which page is open."""
        for name, aside in self.aside.items():
            aside.setChecked(name == page)
        self._group.setExclusive(False)
        for name, tab in self.nav.items():
            tab.setChecked(name == page)
        self._group.setExclusive(True)

    def be_kiosk(self, kiosk: bool) -> None:
        """Leave out what leads to pages that a kiosk has not, and show the way out instead."""
        self._kiosk = kiosk
        for page in self._rows:
            if page.tab:
                self.nav[page.name].setVisible(page.in_kiosk or not kiosk)
        self.officer_button.setEnabled(not kiosk)
        self.leave.setVisible(kiosk)
        self._fitted = None
        self._fit()

    def name(self, bar_button: Button, words: Said) -> None:
        """Give one of the buttons its words, where there is room for them."""
        self._words[bar_button] = _PAGES if bar_button in self.nav.values() else _SIDE, words
        self.say(bar_button.setAccessibleName, words)
        self.say(bar_button.setText, partial(self._fitting_words, bar_button))
        self._fit()

    def _fitting_words(self, bar_button: Button) -> str:
        left_out = self._left_out >= self._words[bar_button][0] and not bar_button.isChecked()
        return "" if left_out else literal(worded(self._words[bar_button][1]))

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:  # a word is another one now, or a font
            self._fit()
        return handled

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_WIDTH, self._row.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._has_width = True
        self._fit()

    def _fit(self) -> None:
        """Leave out as little as can be; once it is known how wide the bar is."""
        if not self._has_width:
            return
        words = tuple((worded(words_of), bar_button.isChecked()) for bar_button, (_, words_of) in self._words.items())
        now = (self.width(), self.brand.font().key(), words)
        if now == self._fitted:
            return
        self._fitted = now
        for self._left_out in range(_ASIDE + 1):
            for bar_button in self._words:
                bar_button.setText(self._fitting_words(bar_button))
            self.brand.setVisible(self._left_out < _BRAND)
            for aside in self.aside.values():
                aside.setVisible(self._left_out < _ASIDE and not self._kiosk)
            for parts in (self._row, self._tabs):
                parts.setSpacing(STEP if self._left_out < _PAGES else STEP // 4)
            edge = STEP * 2 if self._left_out < _PAGES else STEP // 2
            self._row.setContentsMargins(edge, STEP, edge, STEP)
            self._tabs.invalidate()
            self._tabs.activate()
            self._tab_list.updateGeometry()  # how wide it was is remembered otherwise
            self._row.invalidate()
            if self._row.minimumSize().width() <= self.width():
                break
        self._row.activate()
