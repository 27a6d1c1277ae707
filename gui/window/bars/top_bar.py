"""The bar at the top of the window: the pages, who works here, and the switches. On a small screen it says less."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QLabel, QLayout

from core.text import T, Text
from gui.toolkit.buttons import Button, be_one_of_many, button, icon_button
from gui.toolkit.images.icons import app_pixmap
from gui.toolkit.layouts import row
from gui.toolkit.parts import Parts, Said
from gui.toolkit.theme import STEP, TextSize, font, mark
from gui.toolkit.translated_text import worded
from gui.toolkit.widgets import literal, plain_label

#: What is left out where there is no room, one thing after the other: the program's name, who works here and the other
#: language, the words of the pages that are not shown with most of what is between the buttons, and the settings, which
#: have a key. The icons of the others stay, and their names for a screen reader.
_BRAND, _SIDE, _PAGES, _SETTINGS = 1, 2, 3, 4
#: Logical pixels: what is left of the smallest screen of a desk at 200 %, with some to spare.
_LEAST_WIDTH: Final = 616


class TopBar(QFrame):
    """Never cuts a word: what has no room is left out whole."""

    def __init__(self, pages: Mapping[str, tuple[Text, str]], go_to: Callable[[str], object]) -> None:
        """`pages` by name, each with its word and its icon."""
        super().__init__()
        mark(self, "bar")
        self.say = Parts(self)
        self._left_out = 0
        #: What it was fitted for: each word that is left out or taken back asks for another fitting.
        self._fitted: object = None
        self._words: dict[Button, tuple[int, Said]] = {}
        picture = QLabel()
        picture.setPixmap(app_pixmap(24, self.devicePixelRatioF()))
        self.brand = plain_label("Fanion")
        self.brand.setFont(font(TextSize.TITLE))
        self.nav: dict[str, Button] = {}
        group = self._group = QButtonGroup(self)
        for number, (name, (word, icon)) in enumerate(pages.items(), 1):
            tip = T("{page} (Ctrl+{number})", page=word, number=number)
            tab = self.nav[name] = self.say.button("", icon=icon, kind="nav", tip=tip)
            tab.clicked.connect(lambda checked, name=name: go_to(name))
            be_one_of_many(tab)
            group.addButton(tab)
        self.who = button("person", "nav")
        owner = T("Window for the owner of the phone")
        self.owner = self.say.icon_button("screen", owner, kind="nav", tip=T("Window for the owner of the phone (F9)"))
        self.owner.setCheckable(True)
        self.language = button("language", "nav")
        self.scheme = icon_button("contrast", "nav")
        self.settings = self.say.icon_button("settings", T("Settings"), kind="nav", tip=T("Settings (Ctrl+,)"))
        self.settings.setCheckable(True)  # not in the group of pages, in which Tab leads to one alone
        self.settings.clicked.connect(lambda: go_to("settings"))
        self.leave = self.say.button("", kind="nav", tip=T("Have the whole window again"))
        self.leave.hide()
        self._kiosk = False
        self.help = self.say.icon_button("help", T("Manual"), kind="nav", tip=T("Manual (F1)"))
        self._row = row(
            *(picture, self.brand, STEP * 2, *self.nav.values(), None),
            *(self.who, self.owner, self.language, self.scheme, self.settings, self.help, self.leave),
            inside=self,
            margins=(STEP * 2, STEP, STEP * 2, STEP),
        )
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # it makes itself narrower
        self.name(self.leave, T("Leave the kiosk…"))
        for name, (word, _) in pages.items():
            self.name(self.nav[name], word)
            self.nav[name].toggled.connect(self._fit)

    def choose(self, page: str) -> None:
        """Show which page is open."""
        self.settings.setChecked(page == "settings")
        self._group.setExclusive(False)
        for name, tab in self.nav.items():
            tab.setChecked(name == page)
        self._group.setExclusive(True)

    def be_kiosk(self, kiosk: bool) -> None:
        """Leave out what leads away from the first page, and show the way out instead."""
        self._kiosk = kiosk
        for one in list(self.nav.values())[1:]:
            one.setVisible(not kiosk)
        self.who.setEnabled(not kiosk)
        self.leave.setVisible(kiosk)
        self._fitted = None
        self._fit()

    def name(self, one: Button, words: Said) -> None:
        """Give one of the buttons its words, where there is room for them."""
        self._words[one] = _PAGES if one in self.nav.values() else _SIDE, words
        self.say(one.setAccessibleName, words)
        self.say(one.setText, partial(self._shown, one))
        self._fit()

    def _shown(self, one: Button) -> str:
        left_out = self._left_out >= self._words[one][0] and not one.isChecked()
        return "" if left_out else literal(worded(self._words[one][1]))

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:  # a word is another one now, or a font
            self._fit()
        return done

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_WIDTH, self._row.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out as little as can be."""
        words = tuple((worded(said), one.isChecked()) for one, (_, said) in self._words.items())
        now = (self.width(), self.brand.font().key(), words)
        if now == self._fitted:
            return
        self._fitted = now
        for self._left_out in range(_SETTINGS + 1):
            for one in self._words:
                one.setText(self._shown(one))
            self.brand.setVisible(self._left_out < _BRAND)
            self.settings.setVisible(self._left_out < _SETTINGS and not self._kiosk)
            self._row.setSpacing(STEP if self._left_out < _PAGES else STEP // 4)
            edge = STEP * 2 if self._left_out < _PAGES else STEP // 2
            self._row.setContentsMargins(edge, STEP, edge, STEP)
            self._row.invalidate()
            if self._row.minimumSize().width() <= self.width():
                break
        self._row.activate()
