"""Labels and buttons with their texts, made in one call each; the texts follow the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QLabel

from gui.toolkit.theme import TextSize, mark
from gui.toolkit.translated_text import Translatable, TranslatedText
from gui.toolkit.widgets import Button, ElidedLabel, WrappedLabel, button, icon_button

#: A text, or what gives it anew whenever it is said.
Said = Translatable | Callable[[], Translatable]
Worded = TypeVar("Worded", bound=QAbstractButton | QLabel)


class Parts(TranslatedText):
    """Makes the parts of one widget: ``self.say = Parts(self); self.say.button(T("Stop"), self._stop)``."""

    def button(
        self,
        text: Said,
        pressed: Callable[..., object],
        *,
        icon: str = "",
        kind: str = "",
        name: Said | None = None,
        tip: Said | None = None,
        destroys: bool = False,
    ) -> Button:
        """A button; `name` is what a screen reader says where that is more than its text, `tip` its tooltip."""
        made = button(icon, kind, destroys=destroys)
        self(made.setText, text)
        return self._described(made, pressed, name, tip)

    def icon_button(
        self, icon: str, name: Said, pressed: Callable[..., object], *, kind: str = "", tip: Said | None = None
    ) -> Button:
        """A button that has only an icon: `name` is its tooltip, unless that is another one, and what is read aloud."""
        return self._described(icon_button(icon, kind), pressed, name, name if tip is None else tip)

    def chip(self, text: Said, group: QButtonGroup) -> Button:
        """A button that stays pressed until another one of its `group` is; its id there is its place, from 0."""
        made = button(kind="chip")
        made.setCheckable(True)
        group.addButton(made, len(group.buttons()))
        self(made.setText, text)
        return made

    def label(
        self, text: Said, size: TextSize = TextSize.BODY, kind: str = "", *, selectable: bool = False
    ) -> WrappedLabel:
        """A text over as many lines as it needs; `kind` is its look, such as "muted"."""
        made = WrappedLabel(size, selectable=selectable)
        if kind:
            mark(made, kind)
        self(made.setText, text)
        return made

    def line(self, text: Said, size: TextSize = TextSize.BODY, kind: str = "") -> ElidedLabel:
        """A text on one line, elided where there is no room."""
        made = ElidedLabel(size)
        if kind:
            mark(made, kind)
        self(made.setText, text)
        return made

    def words(self, made: Worded, text: Said, *, name: Said | None = None, tip: Said | None = None) -> Worded:
        """Give a button or a label that was made elsewhere its texts: `name` and `tip` as in :meth:`button`."""
        self(made.setText, text)
        if name is not None:
            self(made.setAccessibleName, name)
        if tip is not None:
            self(made.setToolTip, tip)
        return made

    def _described(self, made: Button, pressed: Callable[..., object], name: Said | None, tip: Said | None) -> Button:
        made.clicked.connect(pressed)
        if name is not None:
            self(made.setAccessibleName, name)
        if tip is not None:
            self(made.setToolTip, tip)
        return made
