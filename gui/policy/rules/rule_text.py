"""What a rule says, in full: what it is about, since when, why, and on whose word."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from core import value_names
from core.model import Rule
from core.policy.wording import long_date
from core.text import Bilingual, T, Text
from gui.policy.rules.rule_model import ORIGINS, STATUSES, Entry, Origin
from gui.policy.rules.strength_flag import Pill
from gui.policy.table_base import bounded
from gui.toolkit.theme import STEP, Status, TextSize, colours, mark
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import ElidedLabel, StatusIcon, WrappedLabel

#: Characters that one text of a rule shows. The longest of the built-in policy has about a thousand.
_PROSE: Final = 4_000


class Words(QFrame):
    """What a rule says."""

    def __init__(self) -> None:
        super().__init__()
        self.say = TranslatedText(self)
        mark(self, "card")
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        around = QVBoxLayout(self)
        around.setContentsMargins(1, STEP // 2, STEP // 2, STEP // 2)
        around.addWidget(self.area)
        self.product = _prose(TextSize.TITLE)
        self.strength = Pill()
        self.since = ElidedLabel()
        self.whose = ElidedLabel(TextSize.STRONG)
        self._whose_glyph = StatusIcon(16)
        self._whose = QWidget()
        self.dates = _prose()
        self.scope = _prose()
        self.maker = _prose()
        self.reason = _prose()
        self.note = _prose()
        self.by = _prose(TextSize.STRONG)
        self.instrument = _prose()
        mark(self.instrument, "muted")
        self.quote = _prose()
        self.unofficial = ElidedLabel(TextSize.SMALL)
        mark(self.unofficial, "muted")
        self.address = QLineEdit(readOnly=True)
        self._note = _Part(self.note)
        self._dates = _Part(self.dates)
        self._scope = _Part(self.scope)
        self._maker = _Part(self.maker)
        self._source = QWidget()
        self._unofficial = QWidget()

        first = QHBoxLayout()
        first.setSpacing(STEP)
        first.addWidget(self.strength)
        first.addWidget(self.since, 1)
        quoted = QFrame()
        mark(quoted, "quote")
        inside = QHBoxLayout(quoted)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(STEP * 3 // 2)
        inside.addWidget(_Rail())
        inside.addWidget(self.quote, 1)
        self._quoted = quoted
        whose = QHBoxLayout(self._whose)
        whose.setContentsMargins(0, 0, 0, 0)
        whose.setSpacing(STEP)
        whose.addWidget(self._whose_glyph)
        whose.addWidget(self.whose, 1)
        glyph = StatusIcon(14)
        glyph.show_status(Status.INFO)
        row = QHBoxLayout(self._unofficial)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(STEP)
        row.addWidget(glyph)
        row.addWidget(self.unofficial, 1)
        self.source_caption = ElidedLabel(TextSize.SMALL)
        mark(self.source_caption, "muted")
        source = QVBoxLayout(self._source)
        source.setContentsMargins(0, 0, 0, 0)
        source.setSpacing(STEP // 2)
        source.addWidget(self.source_caption)
        source.addWidget(self.address)
        self._by = _Part(self.by, self.instrument, quoted, self._unofficial, self._source)

        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(STEP * 2, STEP, STEP * 2, STEP)
        column.setSpacing(STEP)
        column.addWidget(self.product)
        column.addLayout(first)
        column.addWidget(self._whose)
        for part in (self.reason, self._note, self._by, self._dates, self._scope, self._maker):
            column.addWidget(part)
        column.addStretch(1)
        self.area.setWidget(inner)
        # So that the card is its ground, in the light and in the dark.
        inner.setAutoFillBackground(False)
        self.area.viewport().setAutoFillBackground(False)

        self.say(self.area.setAccessibleName, T("The chosen rule"))
        self.say(self._note.caption.setText, T("What to know before acting on it"))
        self.say(self._by.caption.setText, T("Authority"))
        self.say(self._dates.caption.setText, T("Dates"))
        self.say(self._scope.caption.setText, T("For which devices"))
        self.say(self._maker.caption.setText, T("Publisher"))
        self.say(self.unofficial.setText, T("The French words are not an official text."))
        self.say(self.source_caption.setText, T("Where the words can be read; Fanion opens no address"))
        self.say(self.address.setAccessibleName, T("Address where the words can be read"))

    def show_entry(self, entry: Entry) -> None:
        """Show this rule, from its beginning."""
        rule, by = entry.rule, entry.rule.authority
        self._say(self.product, rule.product)
        self.strength.show_strength(STATUSES[rule.strength])
        self.say(self.strength.setText, value_names.STRENGTHS[rule.strength])
        self.say(self.since.setText, T("since {date}", date=long_date(rule.effective)))
        self._show_origin(entry.origin)
        self._say(self.reason, rule.reason)
        if rule.note is not None:
            self._say(self.note, rule.note)
        self._note.setVisible(rule.note is not None)
        self._say(self.by, T("By {authority}", authority=by.name))
        self._say(self.instrument, by.instrument)
        self._say(self.quote, T("“{quote}”", quote=by.quote))
        self._quoted.setVisible(by.quote != rule.reason)  # a desk's own rule quotes nobody
        self._unofficial.setVisible(not by.official_fr)
        self.address.setText(bounded(by.url, _PROSE))
        self.address.setCursorPosition(0)
        self._source.setVisible(bool(by.url))
        self._show_more(rule)
        self.area.verticalScrollBar().setValue(0)

    def _show_origin(self, origin: Origin) -> None:
        self._whose.setVisible(origin is not Origin.POLICY)
        self._whose_glyph.show_status(Status.NEUTRAL, "desk" if origin.own else "eye-off")
        self.say(self.whose.setText, ORIGINS[origin])

    def _show_more(self, rule: Rule) -> None:
        """What most rules do not have."""
        days = (
            (T("Announced on {date}.", date=long_date(rule.announced)) if rule.announced else None),
            T("In effect since {date}.", date=long_date(rule.effective)),
            (T("To be carried out by {date}.", date=long_date(rule.deadline)) if rule.deadline else None),
        )
        self.say(self.dates.setText, lambda: " ".join(str(day) for day in days if day is not None))
        self._dates.setVisible(rule.announced is not None or rule.deadline is not None)
        self._say(self.scope, rule.scope or "")
        self._scope.setVisible(rule.scope is not None)
        self._say(self.maker, rule.publisher)
        self._maker.setVisible(bool(rule.publisher))

    def _say(self, label: WrappedLabel, text: Text | Bilingual | str) -> None:
        self.say(label.setText, lambda: bounded(str(text), _PROSE))


class _Part(QWidget):
    """A part of a rule under a heading."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.caption = ElidedLabel(TextSize.SMALL)
        mark(self.caption, "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, STEP // 2, 0, 0)
        column.setSpacing(STEP // 2)
        column.addWidget(self.caption)
        for widget in widgets:
            column.addWidget(widget)


class _Rail(QWidget):
    """The line beside what is quoted."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(3)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(colours(self.palette()).control))


def _prose(size: TextSize = TextSize.BODY) -> WrappedLabel:
    label = WrappedLabel(size, selectable=True)
    # A single endless word must not push the others out of sight.
    label.setMinimumWidth(1)
    return label
