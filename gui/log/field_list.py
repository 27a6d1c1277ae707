"""The fields of a record, to be read and selected: a label and its value on each line."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QTextCharFormat,
    QTextCursor,
    QTextFrameFormat,
    QTextLength,
    QTextOption,
    QTextTableFormat,
)
from PySide6.QtWidgets import QFrame, QTextEdit

from core.describe.record import Field, Group
from core.text import Text
from gui.toolkit.theme import STEP, TextSize, colours, font

#: The width of the labels, in per cent.
_LABELS: Final = 40


class Fields(QTextEdit):
    """The fields in two columns. The text is put in as it is: nothing in it can be a command to draw something."""

    copied = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setUndoRedoEnabled(False)
        self.document().setDocumentMargin(0)
        self.setStyleSheet(
            "QTextEdit { background: transparent; border: 1px solid transparent; border-radius: 4px; }"
            "QTextEdit:focus { border-color: palette(link); }"
        )

    def show_groups(self, groups: tuple[Group, ...]) -> None:
        """Have these fields."""
        self.clear()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for group in groups:
            self._heading(cursor, group.title)
            self._table(cursor, group.fields)
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _heading(self, cursor: QTextCursor, title: Text) -> None:
        strong = QTextCharFormat()
        strong.setFont(font(TextSize.STRONG))
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(str(title), strong)

    def _table(self, cursor: QTextCursor, fields: tuple[Field, ...]) -> None:
        shape = QTextTableFormat()
        shape.setBorder(0)
        shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
        shape.setCellPadding(STEP // 4)
        shape.setCellSpacing(0)
        shape.setBottomMargin(STEP * 3 // 2)
        shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        of_all = QTextLength.Type.PercentageLength
        shape.setColumnWidthConstraints([QTextLength(of_all, _LABELS), QTextLength(of_all, 100 - _LABELS)])
        table = cursor.insertTable(len(fields), 2, shape)
        c = colours(QGuiApplication.palette())  # its own has a ground that can be seen through
        label, value = QTextCharFormat(), QTextCharFormat()
        label.setForeground(QColor(c.muted))
        value.setForeground(QColor(c.text))
        for row, field in enumerate(fields):
            table.cellAt(row, 0).firstCursorPosition().insertText(str(field.label), label)
            table.cellAt(row, 1).firstCursorPosition().insertText(field.value, value)

    def createMimeDataFromSelection(self) -> QMimeData:
        """Plain text only: a label and its value on a line."""
        data = QMimeData()
        data.setText(self.textCursor().selection().toPlainText())
        return data

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and not self.textCursor().hasSelection():
            self.copied.emit()
        else:
            super().keyPressEvent(event)
