"""What tables are made of: the table itself, the flags in its cells, the search and the choices above it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSettings,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from core.text import T
from core.text import as_cell as text_as_cell
from gui.toolkit.buttons import ENTER
from gui.toolkit.images.icons import icon, pixmap
from gui.toolkit.layouts import FocusRing
from gui.toolkit.lists.chosen_rows import ChosenRows
from gui.toolkit.lists.column_heads import ColumnHeads
from gui.toolkit.theme import STATUS_ICONS, STEP, Colours, Status, TextSize, colours, font
from gui.toolkit.translated_text import Translatable, TranslatedText, worded

Index = QModelIndex | QPersistentModelIndex

#: Rows of a list that are in sight on the smallest screen.
LEAST_ROWS: Final = 2

#: Logical pixels of the glyph of a flag.
GLYPH: Final = 14
#: A model gives a :class:`Flag` for this role where :class:`FlagDelegate` is to paint one.
FLAG_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1
#: What gives the words of a choice anew, in the language in use.
_WORDS_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 2


@dataclass(frozen=True, slots=True)
class Flag:
    """A status and its word, for a cell of a table."""

    status: Status
    word: str
    #: No finding: without a pill, so that those which are stand out among hundreds.
    quiet: bool = False
    #: A pill of which only the outline is drawn, with dashes: what is found, but allowed.
    outlined: bool = False
    #: The icon, where it is not that of the status.
    glyph: str = ""


class SearchField(QLineEdit):
    """The field for what is looked for. Escape empties it."""

    def __init__(self) -> None:
        super().__init__()
        self.setMaxLength(200)
        say = TranslatedText(self)
        look = self.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        empty = self.addAction(icon("clear"), QLineEdit.ActionPosition.TrailingPosition)
        empty.setVisible(False)
        empty.triggered.connect(self.clear)
        look.triggered.connect(self.setFocus)
        say(look.setText, T("Search"))
        say(empty.setText, T("Clear the search"))
        self.textChanged.connect(lambda text: empty.setVisible(bool(text)))

    def invite(self, text: str) -> None:
        """Say in the empty field, and to a screen reader, what can be looked for."""
        self.setPlaceholderText(text)
        self.setAccessibleName(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class ComboBox(QComboBox):
    """A choice of one. Draws its own arrow, in the colour of the palette."""

    def __init__(self) -> None:
        super().__init__()
        #: Since its rows were first shown.
        self._rows: ChosenRows | None = None

    def add_choice(self, words: Translatable | Callable[[], Translatable], value: object = None) -> None:
        """Add a choice at the end: its words, which follow the language, and its value."""
        self.addItem(worded(words), value)
        self.setItemData(self.count() - 1, partial(worded, words), _WORDS_ROLE)

    def showPopup(self) -> None:
        if self._rows is None:
            self._rows = ChosenRows(self.view(), self._press)
        super().showPopup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ENTER:  # it acts in every field of a form: here as Space does
            self.showPopup()
        else:
            super().keyPressEvent(event)

    def _press(self) -> None:
        """Choose the row that assistive technology has pressed."""
        row = self.view().currentIndex().row()
        self.hidePopup()
        self.setCurrentIndex(row)
        self.activated.emit(row)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            for number in range(self.count()):
                if (words := self.itemData(number, _WORDS_ROLE)) is not None:
                    self.setItemText(number, words())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        c = colours(self.palette())
        colour = QColor(c.text if self.isEnabled() else c.control)
        top = (self.height() - 16) // 2
        painter.drawPixmap(self.width() - 16 - STEP, top, pixmap("chevron-down", colour, 16, self.devicePixelRatioF()))


def paint_flag(painter: QPainter, pill: QRectF, c: Colours, flag: Flag, ink: str = "", glyph: int = GLYPH) -> None:
    """Paint a flag as `pill`, in the font that is set: its ground unless it is quiet, its glyph, its word.

    `ink` is the colour of the word where that is not its status' own, `glyph` the side of the glyph in logical pixels.
    """
    pair = c.status[flag.status]
    text = QColor(ink or pair.text)
    if flag.outlined:
        painter.setPen(QPen(text, 1.0, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setPen(QColor(pair.line))
        painter.setBrush(QColor(pair.back))
    if flag.outlined or not flag.quiet:
        painter.drawRoundedRect(pill, 4, 4)
    name = flag.glyph or STATUS_ICONS[flag.status]
    drawn = pixmap(name, QColor(pair.text), glyph, painter.device().devicePixelRatioF())
    painter.drawPixmap(round(pill.left()) + 6, round(pill.top() + (pill.height() - glyph) / 2), drawn)
    painter.setPen(text)
    words = pill.adjusted(glyph + 11, 0, 0, 0)
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, flag.word)


class FlagDelegate(QStyledItemDelegate):
    """Paints the model's :class:`Flag` as a pill: the status' ground, its glyph, its word. A quiet one has no pill."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._font = font(TextSize.STRONG)
        self._metrics = QFontMetrics(self._font)
        self._quiet_font = font(TextSize.BODY)
        self._quiet_metrics = QFontMetrics(self._quiet_font)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        flag = index.data(FLAG_ROLE)
        if not isinstance(flag, Flag):
            super().paint(painter, option, index)
            return
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        c = colours(option.palette)
        ink = ""
        if flag.quiet:
            ink = c.selected_text if option.state & QStyle.StateFlag.State_Selected else c.muted
        glyph = min(GLYPH, option.rect.height() - 8)
        metrics = self._quiet_metrics if flag.quiet else self._metrics
        room = option.rect.width() - STEP - glyph - 18
        word = metrics.elidedText(flag.word, Qt.TextElideMode.ElideRight, max(room, 1))
        width = metrics.horizontalAdvance(word) + glyph + 18
        pill = QRectF(option.rect).adjusted(3.5, 3.5, 0, -3.5)
        pill.setWidth(min(width, option.rect.width() - STEP))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._quiet_font if flag.quiet else self._font)
        paint_flag(painter, pill, c, replace(flag, word=word), ink, glyph)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        flag = index.data(FLAG_ROLE)
        if not isinstance(flag, Flag):
            return super().sizeHint(option, index)
        return QSize(self.width_of([flag.word]), self._metrics.height() + 10)

    def width_of(self, words: Iterable[str]) -> int:
        """Logical pixels that the longest of these words takes as a flag."""
        return max((self._metrics.horizontalAdvance(word) for word in words), default=0) + 14 + 18 + STEP * 2


class Table(QTableView):
    """A table as all of ours are: rows are chosen, columns are remembered, Tab leaves it, Ctrl+C copies, Alt and arrow
    keys change a column's width and the order of the rows.

    `overlay` is what stands in its middle while it has no rows.
    """

    copied = Signal()
    entered_row = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._overlay = ""
        self._least_rows = 0
        self._cursor = FocusRing(self.viewport(), of=self, when=lambda: not self.model().rowCount())
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(max(QFontMetrics(font(TextSize.BODY)).height() + 12, 30))
        self.heads = ColumnHeads(self)
        self.setHorizontalHeader(self.heads)
        self.horizontalScrollBar().rangeChanged.connect(self.updateGeometry)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        if model is not None:
            ChosenRows(self)
            for changed in (model.rowsInserted, model.rowsRemoved, model.modelReset):
                changed.connect(self._cursor.look)

    def have_least(self, rows: int) -> None:
        """Always have room for so many rows; with 0, for as many as Qt thinks."""
        self._least_rows = rows
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        if not self._least_rows:
            return least
        head, row = self.horizontalHeader().sizeHint().height(), self.verticalHeader().defaultSectionSize()
        across = self.horizontalScrollBar()
        below = across.sizeHint().height() if across.maximum() > 0 else 0
        return QSize(least.width(), head + row * self._least_rows + self.frameWidth() * 2 + below)

    def set_overlay(self, text: str) -> None:
        """Set the words that stand in the middle while there are no rows."""
        self._overlay = text
        self.viewport().update()

    def set_widths(self, *widths: int) -> None:
        """How wide the columns are, from the first, until they are dragged (in logical pixels)."""
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)

    def save(self, settings: QSettings, key: str) -> None:
        """Remember the widths of the columns under `key`."""
        settings.setValue(key, self.horizontalHeader().saveState())

    def restore(self, settings: QSettings, key: str) -> None:
        """Take the columns back as they were remembered. Not what is no state of this table."""
        state = settings.value(key)
        if state is not None:
            try:
                self.horizontalHeader().restoreState(state)
            except TypeError:  # the file was edited by hand
                settings.remove(key)
        for column in range(self.horizontalHeader().count()):  # nothing of ours hides one: that could hide a flag
            self.setColumnHidden(column, False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        elif self.heads.take_key(event):
            event.accept()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_row.emit()
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.heads.mark_again()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.heads.mark_again()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.heads.mark_again()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._overlay and (self.model() is None or self.model().rowCount() == 0):
            painter = QPainter(self.viewport())
            painter.setPen(QColor(colours(self.palette()).muted))
            area = self.viewport().rect().adjusted(STEP * 2, STEP * 2, -STEP * 2, -STEP * 2)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._overlay)


def as_cell(text: str) -> str:
    """A text that may be pasted into a spreadsheet: it is one cell, whatever stands in it, and no formula.

    What begins like a formula or like a quoted cell, which would swallow those after it, gets an apostrophe in front.
    """
    cell = text_as_cell(text)
    return f"'{cell}" if cell.lstrip().startswith('"') else cell
