"""The result of what a dialog has done, in large."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from core.text import plain
from gui.toolkit.layouts import column, row
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import Translatable, TranslatedText
from gui.toolkit.widgets import ElidedLabel, StatusIcon, WrappedLabel


class ResultBanner(QFrame):
    """The result in large: a sign, one sentence, what belongs to it, and where it lies."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        self.glyph = StatusIcon(32)
        self.headline = WrappedLabel(TextSize.TITLE, selectable=True)
        # A path that is broken, or cut at its end, is none: its two ends are shown.
        self.place = ElidedLabel(TextSize.STRONG, elide=Qt.TextElideMode.ElideMiddle)
        self.folder = ElidedLabel(elide=Qt.TextElideMode.ElideMiddle)
        self.sentence = WrappedLabel(selectable=True)
        texts = column(self.headline, self.place, self.folder, self.sentence, None, spacing=STEP // 2)
        row(
            (self.glyph, 0, Qt.AlignmentFlag.AlignTop),
            (texts, 1),
            spacing=STEP * 2,
            inside=self,
            margins=(STEP * 2, STEP * 3 // 2, STEP * 2, STEP * 3 // 2),
        )

    def show_result(
        self,
        status: Status,
        headline: Translatable,
        sentence: Translatable | Callable[[], Translatable] = "",
        place: Path | None = None,
    ) -> None:
        """Show this result. `place` is where it lies."""
        mark(self, status.value)
        self.glyph.show_status(status)
        self.say(self.headline.setText, headline)
        self.say(self.sentence.setText, sentence)
        for line, text in (
            (self.place, place.name if place else ""),
            (self.folder, str(place.parent) if place else ""),
        ):
            line.setText(plain(text, 1_000))
            line.setVisible(bool(text))
        self.sentence.setVisible(bool(self.sentence.text()))
        told = self.headline.text(), self.place.whole(), self.folder.whole(), self.sentence.text()
        self.setAccessibleName(" ".join(filter(None, told)))
