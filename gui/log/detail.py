"""One record in full: every field in words, to be read, selected and copied as plain text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer, Signal
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
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QTextEdit, QVBoxLayout, QWidget

from core import tell, words
from core.ledger.entries import Entry
from core.text import T, Text
from gui.icons import icon
from gui.log.model import STATUSES
from gui.parts import Button, Empty, Glyph, Prose, copy
from gui.sayings import Sayings
from gui.theme import STEP, Size, colours, font, mark

#: Milliseconds for which the button says that it has copied.
_COPIED: Final = 2_000
#: The width of the labels, in per cent.
_LABELS: Final = 40
#: The fields of a record's body that name an earlier record.
_REFERENCES: Final = ("intent", "finding", "removal")


class Detail(QFrame):
    """Shows one record, or why there is none."""

    #: The number of another record, which this one refers to.
    wanted = Signal(int)
    #: The name of the visit of which all records are wanted.
    visit_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry: Entry | None = None
        self.say = Sayings(self)
        mark(self, "card")
        self._blank, self._empty, self._shown = QWidget(), Empty("log"), QWidget()
        self.glyph = Glyph(20)
        self.title = Prose(Size.TITLE)
        self.about = Prose(Size.SMALL)
        mark(self.about, "muted")
        self.text = _Fields()
        self.copy_button, self.reference, self.visit = Button(), Button(), Button()
        self.copy_button.setIcon(icon("copy"))
        for button, name in ((self.reference, "chevron-right"), (self.visit, "filter")):
            mark(button, "link")
            button.setIcon(icon(name, "link"))
        self._reference_number = 0
        self._said_copied = QTimer(self, singleShot=True, interval=_COPIED)
        self._states = QStackedWidget()
        self._lay_out()
        self._said_copied.timeout.connect(self._say_copy)
        self.copy_button.clicked.connect(self.copy_all)
        self.text.copied.connect(self.copy_all)
        self.reference.clicked.connect(lambda: self.wanted.emit(self._reference_number))
        self.visit.clicked.connect(lambda: self.visit_wanted.emit(self.entry.visit if self.entry else ""))
        self.say(self.copy_button.setToolTip, T("Copy the whole entry (Ctrl+C)"))
        self.say(self.visit.setText, T("All of this visit"))
        self.say(self.text.setAccessibleName, T("The whole entry"))
        self._say_copy()

    def _lay_out(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(STEP // 4)
        names.addWidget(self.title)
        names.addWidget(self.about)
        head = QHBoxLayout()
        head.setSpacing(STEP)
        head.addWidget(self.glyph, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(names, 1)
        head.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignTop)
        links = QHBoxLayout()
        links.setSpacing(STEP)
        links.addWidget(self.reference)
        links.addWidget(self.visit)
        links.addStretch()
        column = QVBoxLayout(self._shown)
        column.setContentsMargins(STEP * 2, STEP * 3 // 2, STEP, STEP)
        column.setSpacing(STEP)
        column.addLayout(head)
        column.addWidget(self.text, 1)
        column.addLayout(links)
        for state in (self._blank, self._empty, self._shown):
            self._states.addWidget(state)
        around = QVBoxLayout(self)
        around.setContentsMargins(1, 1, 1, 1)
        around.addWidget(self._states)

    def show_entry(self, entry: Entry) -> None:
        """Show a record."""
        if entry is not self.entry:
            self.entry = entry
            self._show(entry)
            self._states.setCurrentWidget(self._shown)

    def show_none(self, why: Text | None = None) -> None:
        """There is no record to show, for a reason that is worth a word, or for none."""
        self.entry = None
        self.say(self._empty.sentence.setText, why or "")
        self._states.setCurrentWidget(self._empty if why else self._blank)

    def _show(self, entry: Entry) -> None:
        verdict = tell.verdict(entry)
        self.glyph.setVisible(verdict is not None)
        if verdict is None:
            self.title.setText(str(tell.kind(entry)))
        else:
            self.glyph.show_status(STATUSES[verdict])
            self.title.setText(str(words.pair(tell.kind(entry), words.VERDICTS[verdict])))
        about = T("Entry {entry} · {when}", entry=entry.seq, when=tell.when(entry))
        self.about.setText(str(T("Practice · {about}", about=about) if entry.leaf["practice"] is True else about))
        self._reference_number = _reference(entry.body)
        self.reference.setVisible(self._reference_number > 0)
        self.reference.setText(str(T("Go to entry {entry}", entry=self._reference_number)))
        self.visit.setVisible(isinstance(entry.visit, str) and bool(entry.visit))
        self.text.show_groups(tell.fields(entry))
        self._say_copy()

    def whole(self) -> str:
        """The record as text: a heading and a field on each line."""
        if self.entry is None:
            return ""
        lines = [f"{self.title.text()}\n{self.about.text()}"]
        for group in tell.fields(self.entry):
            fields = "\n".join(str(words.pair(field.label, field.value)) for field in group.fields)
            lines.append(f"{group.title}\n{fields}")
        return "\n\n".join(lines) + "\n"

    def copy_all(self) -> None:
        """Put the whole record on the clipboard."""
        if self.entry is not None:
            copy(self.whole())
            self.copy_button.setIcon(icon("check"))
            self.say(self.copy_button.setAccessibleName, T("Copied"))
            self._said_copied.start()

    def _say_copy(self) -> None:
        self._said_copied.stop()
        self.copy_button.setIcon(icon("copy"))
        self.say(self.copy_button.setAccessibleName, T("Copy the whole entry"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self.entry is not None and event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._show(self.entry)


class _Fields(QTextEdit):
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

    def show_groups(self, groups: tuple[tell.Group, ...]) -> None:
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
        strong.setFont(font(Size.STRONG))
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(str(title), strong)

    def _table(self, cursor: QTextCursor, fields: tuple[tell.Field, ...]) -> None:
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


def _reference(body: Mapping[str, Any]) -> int:
    """The number of the earlier record that this one refers to; 0 if there is none."""
    numbers = [body[name] for name in _REFERENCES if type(body.get(name)) is int]
    return next((number for number in numbers if 0 < number < 2**31), 0)
