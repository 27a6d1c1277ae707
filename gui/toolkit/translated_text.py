"""Texts on widgets that follow the language: said once, and said again whenever it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QEvent, QLocale, QObject
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from core import text
from core.text import Bilingual, Language, Text

Translatable = Text | Bilingual | str
Setter = Callable[[str], Any]

#: Texts of one widget before any of them is forgotten.
_MANY: Final = 50


class TranslatedText(QObject):
    """The texts of one widget and its parts: ``say = TranslatedText(self); say(label.setText, T("..."))``."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._texts: dict[Setter, Translatable | Callable[[], Translatable]] = {}
        #: With so many texts it is looked whether all their parts are still there.
        self._many = _MANY
        owner.installEventFilter(self)

    def __call__(self, setter: Setter, saying: Translatable | Callable[[], Translatable]) -> None:
        """Set a text; what the same setter was told before is forgotten. A callable is asked anew each time."""
        if len(self._texts) >= self._many:
            self._forget_deleted()
        self._texts[setter] = saying
        setter(worded(saying))

    def _forget_deleted(self) -> None:
        """Keep nothing of the parts that Qt has deleted: an owner that stays may make others in their place all day."""
        self._texts = {setter: saying for setter, saying in self._texts.items() if not _is_deleted(setter)}
        self._many = max(_MANY, 2 * len(self._texts))

    def again(self) -> None:
        """Say everything again, in the language that is in use now."""
        for setter, saying in list(self._texts.items()):
            if _is_deleted(setter):
                del self._texts[setter]
            else:
                setter(worded(saying))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LanguageChange:
            self.again()
        return False


def _is_deleted(setter: Setter) -> bool:
    """Whether this would set a text of a widget that Qt has deleted."""
    widget = getattr(setter, "__self__", None)
    return isinstance(widget, QObject) and not isValid(widget)


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
