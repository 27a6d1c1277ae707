"""One record in full: in words, as it was recorded, and its proof; and what can be done with it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFrameFormat,
    QTextLength,
    QTextTableFormat,
)
from PySide6.QtWidgets import QBoxLayout, QFrame, QTextEdit, QWidget

from core import describe, value_names
from core.describe.record import FieldGroup, RecordField, fields
from core.desk.desk import Desk
from core.ledger.records import Entry, Kind, Record
from core.text import T, Text
from gui.log.exact_record import ExactView, ProofView, make_read_only
from gui.log.record_model import STATUSES
from gui.toolkit.grey_reason import offer
from gui.toolkit.jobs import JobRunner
from gui.toolkit.layouts import column, row
from gui.toolkit.lists.list_page import Stack
from gui.toolkit.parts import CopyButton, Parts
from gui.toolkit.theme import STEP, TextSize, colours, font, mark
from gui.toolkit.widgets import EmptyState, ProblemBar, StatusIcon, WrappedLabel, copy

#: Logical pixels, below which everything that can be done stands on one line.
_LOW: Final = 340
#: Logical pixels that it has at least.
_NARROW: Final = 320
#: The width of the labels, in per cent.
_LABELS: Final = 40
#: The records that a removal leaves.
_REMOVALS: Final = (Kind.REMOVAL_INTENDED, Kind.REMOVAL_OUTCOME)


class FieldsView(QTextEdit):
    """The fields of a record in two columns, to be read and selected: a label and its value on each line.

    The text is put in as it is: nothing in it can be a command to draw something.
    """

    copied = Signal()

    def __init__(self) -> None:
        super().__init__()
        make_read_only(self)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.setStyleSheet(
            "QTextEdit { background: transparent; border: 1px solid transparent; border-radius: 4px; }"
            "QTextEdit:focus { border-color: palette(link); }"
        )

    def show_groups(self, groups: tuple[FieldGroup, ...]) -> None:
        """Show these fields, each group under its title."""
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

    def _table(self, cursor: QTextCursor, fields: tuple[RecordField, ...]) -> None:
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
        for number, field in enumerate(fields):
            table.cellAt(number, 0).firstCursorPosition().insertText(str(field.label), label)
            table.cellAt(number, 1).firstCursorPosition().insertText(field.value, value)

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


class RecordView(QFrame):
    """Shows one record in full, or why there is none."""

    #: The number of another record, which this one refers to.
    entry_wanted = Signal(int)
    #: The name of the visit of which all records are wanted.
    visit_wanted = Signal(str)
    #: A receipt of this check is wanted: the number of its record, and whether it is practice.
    receipt_wanted = Signal(int, bool)
    #: The removal that this record is about is to be undone.
    undo_wanted = Signal(object)

    def __init__(self, desk: Desk, runner: JobRunner) -> None:
        super().__init__()
        self.entry: Entry | None = None
        self.say = Parts(self)
        mark(self, "card")
        self._reference_number = 0
        self._compact = False
        self.glyph = StatusIcon(20)
        self.title = WrappedLabel(TextSize.TITLE)
        self.about = self.say.label("", TextSize.SMALL, "muted")
        self.copy_button = CopyButton(T("Copy the whole entry"), self.copy_all, with_text=False)
        self.say(self.copy_button.setToolTip, T("Copy the whole entry (Ctrl+C)"))
        self.text = FieldsView()
        self.text.copied.connect(self.copy_all)
        self.say.name(self.text, T("The whole entry"))
        self.exact = ExactView()
        self.proof = ProofView(desk, runner)
        self.views = Stack(self.text, self.exact, self.proof)
        self.tabs, chips = self.say.chips(T("In words"), T("As recorded"), T("Proof"))
        self.in_words, self.as_recorded, self.as_proved = chips
        self.tabs.idToggled.connect(self._turned)
        self.notice = ProblemBar()
        self.notice.offer(T("Close"), lambda: self.notice.show_problem(None))
        self.reference = self.say.button(
            "", lambda: self.entry_wanted.emit(self._reference_number), icon="chevron-right", kind="link"
        )
        visit = T("All of this visit")
        self.visit = self.say.button(
            lambda: "" if self._compact else visit,
            lambda: self.visit_wanted.emit(self.entry.visit if self.entry else ""),
            icon="filter",
            kind="link",
            name=visit,
            tip=visit,
        )
        self.receipt = self.say.button(T("Receipt…"), self.ask_receipt, icon="receipt")
        self.undo = self.say.button(
            T("Undo…"),
            lambda: self.undo_wanted.emit(self.entry),
            icon="undo",
            tip=T("Go to this phone, and see what putting the app back would do"),
        )
        self._lay_out()

    def _lay_out(self) -> None:
        top = Qt.AlignmentFlag.AlignTop
        names = column(self.title, self.about, spacing=STEP // 4)
        head = row((self.glyph, 0, top), (names, 1), (self.copy_button, 0, top))
        self._tab_row = row(self.in_words, self.as_recorded, self.as_proved, None, spacing=STEP // 2)
        self._links = row(self.reference, self.visit, None)
        self._bottom = column(self._links, row(self.receipt, self.undo, None))
        self._blank, self._empty, self._record = QWidget(), EmptyState("log"), QWidget()
        parts = (head, self._tab_row, (self.views, 1), self.notice, self._bottom)
        column(*parts, inside=self._record, margins=(STEP * 2, STEP * 3 // 2, STEP, STEP))
        self._states = Stack(self._blank, self._empty, self._record)
        column(self._states, inside=self, margins=(1, 1, 1, 1))

    def minimumSizeHint(self) -> QSize:
        """As wide as the words on the three chips, which are never cut."""
        words = self._tab_row.minimumSize().width() + STEP * 3 + 2
        return QSize(max(_NARROW, words), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        compact = event.size().height() < _LOW
        if compact != self._compact:
            self._compact = compact
            way = QBoxLayout.Direction.RightToLeft if compact else QBoxLayout.Direction.TopToBottom
            self._bottom.setDirection(way)
            across, back = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.RightToLeft
            self._links.setDirection(back if compact else across)  # at the right end then
            self._size_title()
            self.say.again()

    def _size_title(self) -> None:
        """A change of the style sheet brings a font back that was there before."""
        title_font = font(TextSize.STRONG if self._compact else TextSize.TITLE)
        if self.title.font() != title_font:
            self.title.setFont(title_font)

    def show_entry(self, entry: Entry) -> None:
        """Show a record."""
        if entry is not self.entry:
            self.entry = entry
            self.notice.show_problem(None)
            self._show(entry)
            self._states.setCurrentWidget(self._record)

    def show_none(self, why: Text | None = None) -> None:
        """Show that there is no record, with the reason if there is one."""
        self.entry = None
        self.proof.forget()
        self.say(self._empty.sentence.setText, why or "")
        self._states.setCurrentWidget(self._empty if why else self._blank)

    def _show(self, entry: Entry) -> None:
        verdict = describe.verdict(entry)
        self._size_title()
        self.glyph.setVisible(verdict is not None)
        if verdict is None:
            self.title.setText(str(describe.kind(entry)))
        else:
            self.glyph.show_status(STATUSES[verdict])
            self.title.setText(str(value_names.pair(describe.kind(entry), value_names.VERDICTS[verdict])))
        about = T("Entry {entry} · {when}", entry=entry.seq, when=describe.when(entry))
        self.say(self.about.setText, T("Practice · {about}", about=about) if entry.practice is True else about)
        self._reference_number = _reference(entry)
        link_text = T("Go to entry {entry}", entry=self._reference_number)
        self.say(self.reference.setText, lambda: "" if self._compact else link_text)
        self.say.name(self.reference, link_text, tip=link_text)
        self.reference.setVisible(self._reference_number > 0)
        self.visit.setVisible(isinstance(entry.visit, str) and bool(entry.visit))
        self.text.show_groups(fields(entry))
        self._show_acts(entry)
        self._show_view()
        self.copy_button.restore()

    def _show_acts(self, entry: Entry) -> None:
        """Show what can be done with this record, and why what cannot be done cannot."""
        offer(self.receipt, bool(entry.visit))
        if entry.visit:
            why = T("Save a PDF of this check with its proof (Ctrl+P)")
        else:
            why = T("A receipt is made of a check: this entry belongs to none.")
        self.say(self.receipt.setToolTip, why)
        self.say(self.receipt.setAccessibleDescription, why)
        self.undo.setVisible(entry.kind in _REMOVALS)

    def _show_view(self) -> None:
        """Fill the view that is seen: the others are not worth the work until they are."""
        if self.entry is None:
            return
        if self.views.currentWidget() is self.exact:
            self.exact.show_entry(self.entry)
        elif self.views.currentWidget() is self.proof:
            self.proof.show_entry(self.entry.seq, self.entry.practice is True)

    def _turned(self, number: int, checked: bool) -> None:
        if checked:
            self.views.setCurrentIndex(number)
            self._show_view()

    def read(self) -> None:
        """Put the cursor into the view of the record that is shown."""
        (self.text, self.exact.text, self.proof.text)[self.tabs.checkedId()].setFocus()

    def turn(self) -> None:
        """Show the next view of the record."""
        self.tabs.button((self.tabs.checkedId() + 1) % len(self.tabs.buttons())).setChecked(True)

    def refresh_proof(self) -> None:
        """Look for the proof again where there was none: something was recorded, and may have sealed it."""
        if self.views.currentWidget() is self.proof and self.proof.proved is None:
            self._show_view()

    def ask_receipt(self) -> None:
        """Want a receipt of this record's check, where it belongs to one."""
        if self.receipt.isEnabled() and self.entry is not None:
            self.receipt_wanted.emit(self.entry.seq, self.entry.practice is True)

    def whole(self) -> str:
        """The record as text: a heading and a field on each line."""
        if self.entry is None:
            return ""
        lines = [f"{self.title.text()}\n{self.about.text()}"]
        for group in fields(self.entry):
            lines_of_group = "\n".join(str(value_names.pair(field.label, field.value)) for field in group.fields)
            lines.append(f"{group.title}\n{lines_of_group}")
        return "\n\n".join(lines) + "\n"

    def copy_all(self) -> None:
        """Put the whole record on the clipboard."""
        if self.entry is not None:
            copy(self.whole())
            self.copy_button.confirm()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self.entry is not None and event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._show(self.entry)


def _reference(entry: Entry) -> int:
    """The number of the earlier record that this one refers to; 0 if there is none."""
    record = entry.record
    numbers = record.refers_to() if isinstance(record, Record) else ()
    return next((number for number in numbers if 0 < number < 2**31), 0)
