"""Labels and buttons with their texts, made in one call each; the texts follow the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QButtonGroup, QLabel, QWidget

from core.text import T, Text
from gui.toolkit.buttons import Button, be_one_of_many, button, icon_button
from gui.toolkit.images.icons import icon as icon_named
from gui.toolkit.layouts import row
from gui.toolkit.manual_link import ask_for_chapter
from gui.toolkit.roles import SpokenRole, be_a_fold, speak_as
from gui.toolkit.theme import TextSize, mark
from gui.toolkit.translated_text import Translatable, TranslatedText, worded
from gui.toolkit.widgets import ElidedLabel, WrappedLabel, as_tip, plain_label

#: Milliseconds for which a button says that it has copied.
COPIED: Final = 2_000

#: A text, or what gives it anew whenever it is said.
Said = Translatable | Callable[[], Translatable]


LabelType = TypeVar("LabelType", bound=QLabel)


class Parts(TranslatedText):
    """Makes the parts of one widget: ``self.say = Parts(self); self.say.button(T("Stop"), self._stop)``."""

    def button(
        self,
        text: Said,
        pressed: Callable[..., object] | None = None,
        *,
        icon: str = "",
        kind: str = "",
        name: Said | None = None,
        tip: Said | None = None,
        destroys: bool = False,
        folds: bool = False,
    ) -> Button:
        """A button; `name` is what a screen reader says where that is more than its text, `tip` its tooltip.

        One that `folds` unfolds something while it is pressed in.
        """
        new_button = button(icon, kind, destroys=destroys)
        if folds:
            be_a_fold(new_button)
        self(new_button.setText, text)
        return self._described(new_button, pressed, name, tip)

    def icon_button(
        self,
        icon: str,
        name: Said,
        pressed: Callable[..., object] | None = None,
        *,
        kind: str = "",
        tip: Said | None = None,
    ) -> Button:
        """A button that has only an icon: `name` is its tooltip, unless that is another one, and what is read aloud."""
        return self._described(icon_button(icon, kind), pressed, name, name if tip is None else tip)

    def chapter_link(self, anchor: str, about: Translatable) -> Button:
        """A link to the chapter of the manual that says more; a screen reader hears what it is `about`."""
        link = self.button(T("More about this"), kind="link", name=lambda: T("More about this: {about}", about=about))
        link.clicked.connect(lambda: ask_for_chapter(link, anchor))
        return link

    def label(
        self,
        text: Said,
        size: TextSize = TextSize.BODY,
        kind: str = "",
        *,
        selectable: bool = False,
        heading: bool | None = None,
    ) -> WrappedLabel:
        """A text over as many lines as it needs; `kind` is its look, such as "muted".

        `heading` is whether a screen reader is told that it is one; where nothing is said, large ones are.
        """
        return self._saying(WrappedLabel(size, selectable=selectable), text, kind, heading)

    def line(
        self, text: Said, size: TextSize = TextSize.BODY, kind: str = "", *, heading: bool | None = None
    ) -> ElidedLabel:
        """A text on one line, elided where there is no room."""
        return self._saying(ElidedLabel(size), text, kind, heading)

    def _saying(self, label: LabelType, text: Said, kind: str, heading: bool | None) -> LabelType:
        if heading is not None:  # before it has words: with them a screen reader asks what it is
            speak_as(label, SpokenRole.HEADING if heading else None)
        if kind:
            mark(label, kind)
        self(label.setText, text)
        return label

    def chips(self, *texts: Said) -> tuple[QButtonGroup, list[Button]]:
        """Buttons of which one is pressed in at a time, at first the first, and the group that numbers them from 0."""
        buttons = [self.button(text, kind="chip") for text in texts]
        return self.group(*buttons), buttons

    def group(self, *buttons: Button) -> QButtonGroup:
        """Have one of `buttons` pressed in at a time, at first the first; the group numbers them from 0."""
        group = QButtonGroup(self)
        for number, choice in enumerate(buttons):
            be_one_of_many(choice)
            group.addButton(choice, number)
        buttons[0].setChecked(True)
        return group

    def name(self, widget: QWidget, name: Said, tip: Said | None = None) -> None:
        """What a screen reader says of `widget`, and its tooltip where there is one."""
        self(widget.setAccessibleName, name)
        if tip is not None:
            self(widget.setToolTip, tip)

    def long_tip(self, widget: QWidget, text: Said) -> None:
        """A tooltip of any length, broken into lines. A screen reader has the text without the tags of the tooltip."""
        self(widget.setToolTip, lambda: as_tip(worded(text)))
        self(widget.setAccessibleDescription, text)

    def label_of(self, field: QWidget, text: Said) -> QLabel:
        """A label to stand beside `field`, which has the same text for a screen reader."""
        label = plain_label()
        label.setBuddy(field)
        self(label.setText, text)
        self.name(field, text)
        return label

    def _described(
        self, new_button: Button, pressed: Callable[..., object] | None, name: Said | None, tip: Said | None
    ) -> Button:
        if pressed is not None:
            new_button.clicked.connect(pressed)
        if name is not None:
            self(new_button.setAccessibleName, name)
        if tip is not None:
            self(new_button.setToolTip, tip)
        return new_button


class CopyButton(Button):
    """A button that says, for a moment, that it has copied: in its text, or by its icon where that is all it has."""

    def __init__(
        self, text: Text, pressed: Callable[[], object], *, with_text: bool = True, primary: bool = False
    ) -> None:
        super().__init__()
        self.say = Parts(self)
        self._primary = primary
        if primary:
            mark(self, "primary")
        self._text = text
        self._with_text = with_text
        if with_text:
            self.setIconSize(QSize(22, 16))
        self._timer = QTimer(self, singleShot=True, interval=COPIED)
        self._timer.timeout.connect(self.restore)
        self.clicked.connect(pressed)
        self.restore()

    def confirm(self) -> None:
        """Say on the button that its text is on the clipboard now."""
        self._show("check", T("Copied"))
        self._timer.start()

    def restore(self) -> None:
        """Have the button offer to copy again, as it did at first."""
        self._timer.stop()
        self._show("copy", self._text)

    def _show(self, name: str, text: Text) -> None:
        if self._with_text:
            self.setIcon(icon_named("copy", "primary" if self._primary else ""))
            self.say(self.setText, text)
        else:
            self.setIcon(icon_named(name))
            self.say(self.setAccessibleName, text)


#: The property by which the style sheet rounds only the outer corners.
_JOINED: Final = "joined"


class Segments(QWidget):
    """Two choices or more, side by side. Which one is pressed in is their group's."""

    def __init__(self, *choices: Button) -> None:
        super().__init__()
        mark(self, "clear")
        for choice in choices:
            choice.setProperty(_JOINED, "middle")
        choices[0].setProperty(_JOINED, "first")
        choices[-1].setProperty(_JOINED, "last")
        row(*choices, spacing=0, inside=self)
