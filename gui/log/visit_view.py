"""One visit in full: whose phone, how it came and how it went, and what happened, to the second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from core import describe, value_names
from core.describe import app_evidence, can_return
from core.describe.visits import Event, RecordedVisit
from core.policy.wording import long_date
from core.text import N, T, Text, Value, one_line
from gui.log.record_model import STATUSES
from gui.log.visit_model import flags, visit_name
from gui.toolkit.grey_reason import offer
from gui.toolkit.images.icons import pixmap
from gui.toolkit.layouts import FocusRing, column, row
from gui.toolkit.lists.chosen_rows import ChosenRows
from gui.toolkit.lists.list_page import Stack
from gui.toolkit.lists.pills import Pills
from gui.toolkit.lists.tables import Index
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STATUS_ICONS, STEP, TextSize, colours, font, mark
from gui.toolkit.widgets import ElidedLabel, EmptyState, as_tip

#: Logical pixels that it has at least.
_NARROW: Final = 320
#: Logical pixels of the track with its dots, of a dot, and of the ground of a verdict on it.
_TRACK: Final = 28
_DOT: Final = 10
_DISC: Final = 20
_ROOT: Final = QModelIndex()
#: Characters of one line.
_LINE: Final = 300
#: What is offered of an :class:`Event` beside its words.
_EVENT_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1


class EventRows(QAbstractListModel):
    """The events of a visit as rows, the first first."""

    def __init__(self) -> None:
        super().__init__()
        self.events: Sequence[Event] = ()

    def show(self, events: Sequence[Event]) -> None:
        """Show these events in the list."""
        self.beginResetModel()
        self.events = events
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.events)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        event = self.events[index.row()]
        if role == _EVENT_ROLE:
            return event
        headline = one_line(str(event.headline), _LINE)
        if role == Qt.ItemDataRole.DisplayRole:
            return headline
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(headline)
        return f"{_second(event)}, {headline}" if role == Qt.ItemDataRole.AccessibleTextRole else None


def _second(event: Event) -> str:
    return describe.when(event.entry)[len("2026-11-24 ") :]


class _EventDelegate(QStyledItemDelegate):
    """Paints an event on a track: a dot, or the glyph of a verdict; its words; its time at the right."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        event = index.data(_EVENT_ROLE)
        option.widget.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        c, verdict = colours(option.palette), describe.verdict(event.entry)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        room: QRect = option.rect
        middle, x = room.center().y(), room.left() + STEP // 2 + _TRACK // 2
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.line), 2))
        first, last = index.row() == 0, index.row() == index.model().rowCount() - 1
        painter.drawLine(x, middle if first else room.top(), x, middle if last else room.bottom())
        if verdict is None:
            painter.setPen(QPen(QColor(c.control), 1.5))
            painter.setBrush(QColor(c.raised))
            painter.drawEllipse(x - _DOT // 2, middle - _DOT // 2, _DOT, _DOT)
        else:
            pair = c.status[STATUSES[verdict]]
            painter.setPen(QColor(pair.line))
            painter.setBrush(QColor(pair.back))
            painter.drawEllipse(x - _DISC // 2, middle - _DISC // 2, _DISC, _DISC)
            glyph = pixmap(STATUS_ICONS[STATUSES[verdict]], QColor(pair.text), 12, painter.device().devicePixelRatioF())
            painter.drawPixmap(x - 6, middle - 6, glyph)
        small = font(TextSize.SMALL)
        time = _second(event)
        wide = QFontMetrics(small).horizontalAdvance(time)
        painter.setFont(small)
        painter.setPen(QColor(c.selected_text if chosen else c.muted))
        painter.drawText(
            room.adjusted(0, 0, -STEP, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, time
        )
        strong = font(TextSize.BODY if verdict is None else TextSize.STRONG)
        painter.setFont(strong)
        painter.setPen(QColor(c.selected_text if chosen else c.text))
        words = room.adjusted(_TRACK + STEP, 0, -wide - STEP * 2, 0)
        headline = QFontMetrics(strong).elidedText(str(index.data()), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, headline)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, max(QFontMetrics(font(TextSize.STRONG)).height() + 12, 30))


class _Timeline(QListView):
    """The events; Enter opens the chosen one, and so does a click."""

    opened = Signal(object)

    def __init__(self, rows: EventRows) -> None:
        super().__init__()
        self.setModel(rows)
        self.setItemDelegate(_EventDelegate(self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        mark(self, "cards")
        FocusRing(self)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.clicked.connect(self._open)
        ChosenRows(self, lambda: self._open(self.currentIndex()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 64)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(index.data(_EVENT_ROLE).entry)


class VisitView(QFrame):
    """Shows one visit in full, or why there is none."""

    #: A record of the visit is to be shown in full.
    opened = Signal(object)
    #: A receipt of this check is wanted: the number of its record, and whether it is practice.
    receipt_wanted = Signal(int, bool)
    #: The name of the visit of which all records are wanted.
    visit_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.visit: RecordedVisit | None = None
        self.say = Parts(self)
        mark(self, "card")
        self.title = ElidedLabel(TextSize.TITLE)
        self.about = self.say.line("", TextSize.SMALL, "muted")
        self.pills = Pills()
        self.took = self.say.line("", TextSize.SMALL, "muted")
        self.took.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.rows = EventRows()
        self.timeline = _Timeline(self.rows)
        self.say.name(self.timeline, T("What happened in the visit"))
        self.timeline.opened.connect(self.opened)
        self.fold = self.say.button(T("Show all lines"), kind="link", folds=True)
        self.fold.toggled.connect(self._show_lines)
        self.returns = self.say.label("", TextSize.SMALL, "muted", selectable=True)
        self.numbers = self.say.line("", TextSize.SMALL, "muted")
        tip = T("Save a PDF of the last check of this visit with its proof (Ctrl+P)")
        self.receipt = self.say.button(T("Receipt…"), self.ask_receipt, icon="receipt", tip=tip)
        every = T("The entries of this visit among all entries, as an auditor reads them")
        self.all = self.say.button(T("All entries"), self._ask_all, icon="log", tip=every)
        self._lay_out()

    def _lay_out(self) -> None:
        verdict, rule = row(self.pills, (self.took, 1)), QFrame()
        mark(rule, "hair")
        heads = column(self.title, self.about, STEP // 2, verdict, STEP // 2, rule, spacing=STEP // 2)
        foot = column(self.returns, row((self.numbers, 1), self.fold), row(self.receipt, self.all, None))
        self._blank, self._empty, self._visit_part = QWidget(), EmptyState("log"), QWidget()
        edges = (STEP * 2, STEP * 3 // 2, STEP * 2, STEP * 3 // 2)
        column(heads, (self.timeline, 1), foot, inside=self._visit_part, margins=edges)
        self._states = Stack(self._blank, self._empty, self._visit_part)
        column(self._states, inside=self, margins=(1, 1, 1, 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROW, super().minimumSizeHint().height())

    def show_visit(self, visit: RecordedVisit) -> None:
        """Show a visit; of the one that is shown already, what is new in it."""
        same = self.visit is not None and self.visit.seq == visit.seq
        place = self.timeline.currentIndex().row() if same else -1
        if visit is not self.visit or not self.rows.events:
            self.visit = visit
            self._show(visit)
            if same and 0 <= place < self.rows.rowCount():
                self.timeline.setCurrentIndex(self.rows.index(place))
        self._states.setCurrentWidget(self._visit_part)

    def show_none(self, why: Text | None = None) -> None:
        """Show that there is no visit, with the reason if there is one."""
        self.visit = None
        self.rows.show(())
        self.say(self._empty.sentence.setText, why or "")
        self._states.setCurrentWidget(self._empty if why else self._blank)

    def _show(self, visit: RecordedVisit) -> None:
        labels = visit.labels
        self.title.setText(visit.holder_or_tag or visit_name(visit))
        # When it began stands first, as in the list: the first line below may be later.
        began = describe.local_time(visit.entries[0])
        parts: list[Value] = [long_date(began.date()), f"{began:%H:%M}"]
        parts += [visit_name(visit)] if visit.holder_or_tag else []
        parts += [labels.tag] if labels.tag and labels.holder else []
        if visit.about.practice is True:
            parts.insert(0, T("Practice"))
        self.say(self.about.setText, lambda: " · ".join(map(str, parts)))
        verdicts = flags(visit)
        self.pills.show_flags(verdicts)
        name = T("Verdict: {verdict}", verdict=" → ".join(flag.word for flag in verdicts))
        self.pills.setAccessibleName(str(name))
        self.say(self.took.setText, _took(visit))
        self._show_lines()
        returns = visit.after.ended.returns if visit.after is not None else ()
        self.returns.setVisible(bool(returns))
        if returns:
            self.say(self.returns.setText, can_return.sentence(returns))
        numbers = T("Entries {first} to {last}", first=visit.seq, last=visit.last)
        kept = app_evidence.files_kept(visit.entries)
        self.say(self.numbers.setText, value_names.on_one_line([numbers, kept] if kept is not None else [numbers]))
        offer(self.receipt, visit.after is not None)

    def _show_lines(self) -> None:
        """Show what happened; with what only led to it where that is unfolded, or where there is nothing else."""
        events = self.visit.events if self.visit is not None else ()
        told = [event for event in events if not event.technical]
        self.rows.show(events if self.fold.isChecked() else told or events)
        self.fold.setVisible(0 < len(told) < len(events))

    def read(self) -> None:
        """Go into what happened, to the first event where none was chosen."""
        if not self.timeline.currentIndex().isValid() and self.rows.rowCount():
            self.timeline.setCurrentIndex(self.rows.index(0))
        self.timeline.setFocus()

    def ask_receipt(self) -> None:
        """Want a receipt of the last check, where there is one."""
        if self.visit is not None and self.visit.after is not None:
            entry = self.visit.after.entry
            self.receipt_wanted.emit(entry.seq, entry.practice is True)

    def _ask_all(self) -> None:
        if self.visit is not None:
            self.visit_wanted.emit(self.visit.entries[0].visit or "")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self.visit is not None and event.type() == QEvent.Type.LanguageChange:
            self._show(self.visit)


def _took(visit: RecordedVisit) -> Text:
    """How long a visit lasted, by the clock of its records; a clock may have been set back."""
    seconds = max(round((visit.ended - visit.began).total_seconds()), 0)
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return N("{count} s", "{count} s", rest)
    if minutes >= 60:
        return T("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
    return T("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
