"""One rule of a policy in full: what it is about, why, on whose word, and the ids by which it is known."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QItemSelectionModel, QSettings, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from core import words
from core.model import Rule
from core.policy.match import long_date
from core.text import Bilingual, N, T, Text
from gui.icons import pixmap
from gui.parts import Glyph, Line, Prose, copy
from gui.policy.model import STATUSES, Entry, IdsModel, Query, bounded
from gui.sayings import Sayings
from gui.tables import Table, as_cell
from gui.theme import GLYPHS, STEP, Size, Status, colours, font, mark

#: Characters that one text of a rule shows. The longest of the built-in policy has about a thousand.
_PROSE: Final = 4_000
#: Logical pixels. The source has what is left.
_WIDTHS: Final = (112, 240, 168, 128)


class RulePane(QSplitter):
    """Shows one rule: its words above, its ids below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.say = Sayings(self)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(STEP)
        self.words = _Words()
        self.ids = IdsModel(self)
        self.table = Table()
        self.table.setModel(self.ids)
        self.table.set_widths(*_WIDTHS)
        self.table.copied.connect(self.copy_ids)
        self.caption = Line(Size.STRONG)
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP // 2)
        column.addWidget(self.caption)
        column.addWidget(self.table, 1)
        self.addWidget(self.words)
        self.addWidget(below)
        self.setStretchFactor(0, 3)
        self.setStretchFactor(1, 2)
        self.setSizes([300, 200])
        self.say(self.table.setAccessibleName, T("Ids of the applications that this rule names"))
        self.rule: Rule | None = None

    def show_entry(self, entry: Entry, query: Query) -> None:
        """Show a rule; the ids that are looked for are chosen."""
        if self.rule is not entry.rule:
            self.rule = entry.rule
            self.words.show_rule(entry.rule)
            self.ids.show(entry.rule.ids)
            self.say(self.caption.setText, _ids(len(entry.rule.ids)))
        self._choose(entry.hits(query))

    def _choose(self, rows: tuple[int, ...]) -> None:
        chosen = self.table.selectionModel()
        chosen.clear()
        for row in rows:
            flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
            chosen.select(self.ids.index(row, 0), flags)
        if rows:
            # Where the arrow keys go on from, and what a screen reader says first.
            chosen.setCurrentIndex(self.ids.index(rows[0], 1), QItemSelectionModel.SelectionFlag.NoUpdate)
            self.table.scrollTo(self.ids.index(rows[0], 0))
        else:
            self.table.scrollToTop()

    def copy_ids(self) -> None:
        """Put the chosen ids on the clipboard, one a line, as cells of a spreadsheet."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        if rows:
            copy("\n".join("\t".join(map(as_cell, self.ids.cells(row))) for row in rows))

    def save(self, settings: QSettings) -> None:
        self.table.save(settings, "policy/ids")

    def restore(self, settings: QSettings) -> None:
        self.table.restore(settings, "policy/ids")

    def retranslate(self) -> None:
        """The language has changed: the cells, which are not said by :class:`Sayings`."""
        self.ids.retranslate()


def _ids(count: int) -> Text:
    return N("{count} application id", "{count} application ids", count)


class _Words(QFrame):
    """What a rule says."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Sayings(self)
        mark(self, "card")
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        around = QVBoxLayout(self)
        around.setContentsMargins(1, STEP // 2, STEP // 2, STEP // 2)
        around.addWidget(self.area)
        self.product = _prose(Size.TITLE)
        self.strength = Pill()
        self.since = Line()
        self.reason = _prose()
        self.note = _prose()
        self.by = _prose(Size.STRONG)
        self.instrument = _prose()
        mark(self.instrument, "muted")
        self.quote = _prose()
        self.unofficial = Line(Size.SMALL)
        mark(self.unofficial, "muted")
        self.address = QLineEdit(readOnly=True)
        self._note = _Part(self.note)
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
        glyph = Glyph(14)
        glyph.show_status(Status.INFO)
        row = QHBoxLayout(self._unofficial)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(STEP)
        row.addWidget(glyph)
        row.addWidget(self.unofficial, 1)
        self.source_caption = Line(Size.SMALL)
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
        column.addWidget(self.reason)
        column.addWidget(self._note)
        column.addWidget(self._by)
        column.addStretch(1)
        self.area.setWidget(inner)
        # So that the card is its ground, in the light and in the dark.
        inner.setAutoFillBackground(False)
        self.area.viewport().setAutoFillBackground(False)

        self.say(self.area.setAccessibleName, T("The chosen rule"))
        self.say(self._note.caption.setText, T("What to know before acting on it"))
        self.say(self._by.caption.setText, T("Authority"))
        self.say(self.unofficial.setText, T("The French words are not an official text."))
        self.say(self.source_caption.setText, T("Where the words can be read; Fanion opens no address"))
        self.say(self.address.setAccessibleName, T("Address where the words can be read"))

    def show_rule(self, rule: Rule) -> None:
        by = rule.authority
        self._say(self.product, rule.product)
        self.strength.show_strength(STATUSES[rule.strength])
        self.say(self.strength.setText, words.STRENGTHS[rule.strength])
        self.say(self.since.setText, T("since {date}", date=long_date(rule.effective)))
        self._say(self.reason, rule.reason)
        if rule.note is not None:
            self._say(self.note, rule.note)
        self._note.setVisible(rule.note is not None)
        self._say(self.by, T("By {authority}", authority=by.name))
        self._say(self.instrument, by.instrument)
        self._say(self.quote, T("“{quote}”", quote=by.quote))
        self._unofficial.setVisible(not by.official_fr)
        self.address.setText(bounded(by.url, _PROSE))
        self.address.setCursorPosition(0)
        self._source.setVisible(bool(by.url))
        self.area.verticalScrollBar().setValue(0)

    def _say(self, label: Prose, text: Text | Bilingual) -> None:
        self.say(label.setText, lambda: bounded(str(text), _PROSE))


class _Part(QWidget):
    """A part of a rule under a heading."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.caption = Line(Size.SMALL)
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


class Pill(QWidget):
    """A strength as the table paints it: ground, glyph, word."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._status = Status.NEUTRAL
        self._word = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_strength(self, status: Status) -> None:
        self._status = status
        self.update()

    def setText(self, word: str) -> None:
        self._word = word
        self.setAccessibleName(word)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        return self._word

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(font(Size.STRONG))
        return QSize(metrics.horizontalAdvance(self._word) + 36, metrics.height() + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        pair = colours(self.palette()).status[self._status]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(pair.line))
        painter.setBrush(QBrush(QColor(pair.back)))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 4, 4)
        glyph = pixmap(GLYPHS[self._status], QColor(pair.text), 14, self.devicePixelRatioF())
        painter.drawPixmap(8, (self.height() - 14) // 2, glyph)
        painter.setFont(font(Size.STRONG))
        painter.setPen(QColor(pair.text))
        room = self.rect().adjusted(27, 0, -4, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._word)


def _prose(size: Size = Size.BODY) -> Prose:
    label = Prose(size, selectable=True)
    # A single endless word must not push the others out of sight.
    label.setMinimumWidth(1)
    return label
