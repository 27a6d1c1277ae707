"""Texts on widgets that follow the language: said once, and said again whenever it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QLocale, QObject
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from core import text
from core.text import Bilingual, Language, Text

Translatable = Text | Bilingual | str
Setter = Callable[[str], Any]


class TranslatedText(QObject):
    """The texts of one widget and its parts: ``say = TranslatedText(self); say(label.setText, T("..."))``."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._texts: dict[Setter, Translatable | Callable[[], Translatable]] = {}
        owner.installEventFilter(self)

    def __call__(self, setter: Setter, saying: Translatable | Callable[[], Translatable]) -> None:
        """Set a text; what the same setter was told before is forgotten. A callable is asked anew each time."""
        self._texts[setter] = saying
        setter(worded(saying))

    def again(self) -> None:
        """Say everything again, in the language that is in use now."""
        for setter, saying in list(self._texts.items()):
            widget = getattr(setter, "__self__", None)
            if isinstance(widget, QObject) and not isValid(widget):
                del self._texts[setter]
            else:
                setter(worded(saying))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LanguageChange:
            self.again()
        return False


def worded(saying: Translatable | Callable[[], Translatable]) -> str:
    """What is said now, in the language in use."""
    return str(saying() if callable(saying) else saying)


def begin_in(language: Language) -> None:
    """Use `language` in every window that is opened from now on, and have a screen reader told that it is used."""
    text.use(language)
    QLocale.setDefault(QLocale(f"{language}_CA"))


def speak(language: Language) -> None:
    """Use `language` from now on, in every window that is open."""
    begin_in(language)
    for window in QApplication.topLevelWidgets():
        window.setLocale(QLocale())  # of some widgets, a screen reader is told their own
        # A widget hands this event on to its children.
        QApplication.sendEvent(window, QEvent(QEvent.Type.LanguageChange))
