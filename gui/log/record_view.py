"""One record in full: in words, as it was recorded, and its proof; and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core import describe, value_names
from core.describe.record import fields
from core.ledger.records import Entry, Kind, Record
from core.problem import Problem
from core.text import T, Text
from gui.log.exact_record import COPIED, Exact, ProofView
from gui.log.field_list import Fields
from gui.log.record_model import STATUSES
from gui.toolkit.icons import icon
from gui.toolkit.jobs import JobRunner
from gui.toolkit.list_page import Stack
from gui.toolkit.theme import STEP, TextSize, font, mark
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import Button, EmptyState, ProblemBar, StatusIcon, WrappedLabel, button, copy

if TYPE_CHECKING:
    from core.desk.desk import Desk

#: Logical pixels, below which everything that can be done stands on one line.
_LOW: Final = 340
#: Logical pixels that it has at least.
_NARROW: Final = 320
#: The records that a removal leaves.
_REMOVALS: Final = (Kind.REMOVAL_INTENDED, Kind.REMOVAL_OUTCOME)


class Detail(QFrame):
    """Shows one record, or why there is none."""

    #: The number of another record, which this one refers to.
    wanted = Signal(int)
    #: The name of the visit of which all records are wanted.
    visit_wanted = Signal(str)
    #: A receipt of this check is wanted: the number of its record, and whether it is practice.
    receipt_wanted = Signal(int, bool)
    #: The removal that this record is about is to be undone.
    undo_wanted = Signal(object)

    def __init__(self, desk: Desk, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry: Entry | None = None
        self.say = TranslatedText(self)
        mark(self, "card")
        self._blank, self._empty, self._shown = QWidget(), EmptyState("log"), QWidget()
        self.glyph = StatusIcon(20)
        self.title = WrappedLabel(TextSize.TITLE)
        self.about = WrappedLabel(TextSize.SMALL)
        mark(self.about, "muted")
        self.text = Fields()
        self.exact = Exact()
        self.proof = ProofView(desk, runner)
        self.views = Stack()
        self.tabs = QButtonGroup(self)
        self.in_words, self.as_recorded, self.as_proved = (button(kind="chip") for _ in range(3))
        self.receipt, self.undo = button("receipt"), button("undo")
        self.notice = ProblemBar()
        self.copy_button, self.reference, self.visit = Button(), Button(), Button()
        self.copy_button.setIcon(icon("copy"))
        for link, name in ((self.reference, "chevron-right"), (self.visit, "filter")):
            mark(link, "link")
            link.setIcon(icon(name, "link"))
        self._reference_number = 0
        self._compact = False
        self._said_copied = QTimer(self, singleShot=True, interval=COPIED)
        self._states = Stack()
        self._lay_out()
        self._said_copied.timeout.connect(self._say_copy)
        self.copy_button.clicked.connect(self.copy_all)
        self.text.copied.connect(self.copy_all)
        self.reference.clicked.connect(lambda: self.wanted.emit(self._reference_number))
        self.visit.clicked.connect(lambda: self.visit_wanted.emit(self.entry.visit if self.entry else ""))
        self.tabs.idToggled.connect(self._turned)
        self.receipt.clicked.connect(self._ask_receipt)
        self.undo.clicked.connect(lambda: self.undo_wanted.emit(self.entry))
        self.say(self.in_words.setText, T("In words"))
        self.say(self.as_recorded.setText, T("As recorded"))
        self.say(self.as_proved.setText, T("Proof"))
        self.say(self.receipt.setText, T("Receipt…"))
        self.say(self.undo.setText, T("Undo…"))
        self.say(self.undo.setToolTip, T("Go to this phone, and see what putting the app back would do"))
        self.notice.offer(T("Close"), lambda: self.tell(None))
        self.say(self.copy_button.setToolTip, T("Copy the whole entry (Ctrl+C)"))
        self.say(self.visit.setText, lambda: "" if self._compact else T("All of this visit"))
        self.say(self.visit.setAccessibleName, T("All of this visit"))
        self.say(self.visit.setToolTip, T("All of this visit"))
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
        self._links = links = QHBoxLayout()
        links.setSpacing(STEP)
        links.addWidget(self.reference)
        links.addWidget(self.visit)
        links.addStretch()
        tabs = self._tab_row = QHBoxLayout()
        tabs.setSpacing(STEP // 2)
        pages = ((self.in_words, self.text), (self.as_recorded, self.exact), (self.as_proved, self.proof))
        for number, (tab, view) in enumerate(pages):
            tab.setCheckable(True)
            self.tabs.addButton(tab, number)
            tabs.addWidget(tab)
            self.views.addWidget(view)
        tabs.addStretch()
        self.in_words.setChecked(True)
        acts = QHBoxLayout()
        acts.setSpacing(STEP)
        acts.addWidget(self.receipt)
        acts.addWidget(self.undo)
        acts.addStretch()
        column = QVBoxLayout(self._shown)
        column.setContentsMargins(STEP * 2, STEP * 3 // 2, STEP, STEP)
        column.setSpacing(STEP)
        column.addLayout(head)
        column.addLayout(tabs)
        column.addWidget(self.views, 1)
        self._bottom = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._bottom.setSpacing(STEP)
        self._bottom.addLayout(links)
        self._bottom.addLayout(acts)
        column.addWidget(self.notice)
        column.addLayout(self._bottom)
        for state in (self._blank, self._empty, self._shown):
            self._states.addWidget(state)
        around = QVBoxLayout(self)
        around.setContentsMargins(1, 1, 1, 1)
        around.addWidget(self._states)

    def minimumSizeHint(self) -> QSize:
        """The words of its three views are never cut."""
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
        wanted = font(TextSize.STRONG if self._compact else TextSize.TITLE)
        if self.title.font() != wanted:
            self.title.setFont(wanted)

    def _reference_words(self) -> Text | str:
        return "" if self._compact else T("Go to entry {entry}", entry=self._reference_number)

    def show_entry(self, entry: Entry) -> None:
        """Show a record."""
        if entry is not self.entry:
            self.entry = entry
            self.tell(None)
            self._show(entry)
            self._states.setCurrentWidget(self._shown)

    def show_none(self, why: Text | None = None) -> None:
        """There is no record to show, for a reason that is worth a word, or for none."""
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
        self.about.setText(str(T("Practice · {about}", about=about) if entry.practice is True else about))
        self._reference_number = _reference(entry)
        self.reference.setVisible(self._reference_number > 0)
        self.say(self.reference.setText, self._reference_words)
        self.say(self.reference.setAccessibleName, T("Go to entry {entry}", entry=self._reference_number))
        self.say(self.reference.setToolTip, T("Go to entry {entry}", entry=self._reference_number))
        self.visit.setVisible(isinstance(entry.visit, str) and bool(entry.visit))
        self.text.show_groups(fields(entry))
        self._show_acts(entry)
        self._show_view()
        self._say_copy()

    def _show_acts(self, entry: Entry) -> None:
        """What can be done with this record, and why not."""
        self.receipt.setEnabled(bool(entry.visit))
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
        """Go into what is shown of the record."""
        (self.text, self.exact.text, self.proof.text)[self.tabs.checkedId()].setFocus()

    def turn(self) -> None:
        """Show the next view of the record."""
        self.tabs.button((self.tabs.checkedId() + 1) % len(self.tabs.buttons())).setChecked(True)

    def refresh_proof(self) -> None:
        """Something was recorded: what was not sealed may be now."""
        if self.views.currentWidget() is self.proof and self.proof.proved is None:
            self._show_view()

    def ask_receipt(self) -> None:
        """A receipt, by its key."""
        if self.receipt.isEnabled() and self.entry is not None:
            self._ask_receipt()

    def _ask_receipt(self) -> None:
        if self.entry is not None:
            self.receipt_wanted.emit(self.entry.seq, self.entry.practice is True)

    def tell(self, problem: Problem | None) -> None:
        """Why something cannot be done with this record; None: nothing any more."""
        self.notice.show_problem(problem)

    def whole(self) -> str:
        """The record as text: a heading and a field on each line."""
        if self.entry is None:
            return ""
        lines = [f"{self.title.text()}\n{self.about.text()}"]
        for group in fields(self.entry):
            told = "\n".join(str(value_names.pair(field.label, field.value)) for field in group.fields)
            lines.append(f"{group.title}\n{told}")
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


def _reference(entry: Entry) -> int:
    """The number of the earlier record that this one refers to; 0 if there is none."""
    record = entry.record
    numbers = record.refers_to() if isinstance(record, Record) else ()
    return next((number for number in numbers if 0 < number < 2**31), 0)
