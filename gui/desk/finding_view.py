"""One finding in full: how sure it is and by what, who allows it nevertheless, and what can be done about it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core import value_names
from core.model import Evidence, Finding
from core.policy.wording import long_date
from core.text import T, Text
from gui.desk.app_rows import MATCH_GLYPHS, STATUS, Kind, Row
from gui.toolkit.icons import icon
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import ElidedLabel, StatusIcon, WrappedLabel, button, copy, icon_button

#: Logical pixels that it takes.
WIDTH: Final = 344
#: Milliseconds for which a button says that it has copied.
_COPIED: Final = 2_000
#: Pieces of evidence that are shown; there are some ten at most.
_LIMIT: Final = 40

_MATCH_STATUS: Final = {Kind.HINT: Status.NEUTRAL, Kind.SUSPECTED: Status.AMBER}


class FindingPane(QFrame):
    """Shows the finding of one row. Escape leaves it."""

    except_wanted = Signal(object)
    #: The record of the log that grants the exception.
    log_wanted = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "card")
        self.say = TranslatedText(self)
        self.row: Row | None = None
        self.glyph = StatusIcon(20)
        self.title = WrappedLabel(TextSize.STRONG, selectable=True)
        self.flag = WrappedLabel()
        self.close_button = icon_button("close", "quiet")
        self.say(self.close_button.setAccessibleName, T("Close the details"))
        self.say(self.close_button.setToolTip, T("Close the details (Esc)"))
        self.grant = button("seal")
        self.say(self.grant.setText, T("Except until…"))
        self.say(self.grant.setToolTip, T("Allow this app on this phone until a day, by somebody’s decision (Ctrl+E)"))
        self.to_log = button("log", "link")
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.say(self.area.setAccessibleName, T("How this app was recognised"))
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addWidget(self.title)
        names.addWidget(self.flag)
        head = QHBoxLayout()
        head.setSpacing(STEP)
        head.addWidget(self.glyph, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(names, 1)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(STEP * 2, STEP + 4, STEP, STEP + 4)
        column.setSpacing(STEP)
        column.addLayout(head)
        column.addWidget(self.area, 1)
        column.addWidget(self.to_log, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.grant, 0, Qt.AlignmentFlag.AlignLeft)
        self.close_button.clicked.connect(self.left)
        self.grant.clicked.connect(self._grant)
        self.to_log.clicked.connect(self._show_in_log)

    def show_row(self, row: Row) -> None:
        """Show the finding of this row, which has one."""
        if row.finding is None or (self.row is not None and (row, row.finding) == (self.row, self.row.finding)):
            return
        self.row = row
        self._fill(row, row.finding)

    def _fill(self, row: Row, finding: Finding) -> None:
        status = STATUS[row.kind]
        self.glyph.show_status(status, "seal" if row.kind is Kind.EXCEPTED else "")
        self.say(self.title.setText, lambda: value_names.app_in(row.name, finding.profile))
        self.say(self.flag.setText, row.flag)
        self.grant.setVisible(finding.is_ban)
        excepted = finding.excepted
        self.to_log.setVisible(excepted is not None)
        if excepted is not None:
            self.say(self.to_log.setText, T("Go to entry {entry}", entry=excepted.entry))
        inside = QWidget()
        mark(inside, "clear")
        say = TranslatedText(inside)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, STEP, 0)
        column.setSpacing(STEP)
        column.addLayout(_sure(row, finding, say))
        for told in _told(row, finding):
            prose = WrappedLabel(selectable=True)
            say(prose.setText, told)
            column.addWidget(prose)
        heading = WrappedLabel(TextSize.STRONG)
        say(heading.setText, T("What it was recognised by"))
        column.addWidget(heading)
        for evidence in finding.evidence[:_LIMIT]:
            column.addWidget(_Proof(evidence))
        column.addStretch()
        self.area.setWidget(inside)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and self.row is not None and self.row.finding is not None:
            self._fill(self.row, self.row.finding)

    def _grant(self) -> None:
        if self.row is not None and self.row.finding is not None:
            self.except_wanted.emit(self.row.finding)

    def _show_in_log(self) -> None:
        finding = self.row.finding if self.row is not None else None
        if finding is not None and finding.excepted is not None:
            self.log_wanted.emit(finding.excepted.entry)


class _Proof(QWidget):
    """One piece of evidence: what kind it is, the value that matched, and from where the policy has it."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__()
        mark(self, "clear")
        self.say = TranslatedText(self)
        kind = WrappedLabel(TextSize.SMALL)
        mark(kind, "muted")
        self.say(kind.setText, lambda: _capital(value_names.EVIDENCE[evidence.kind]))
        self.value = ElidedLabel(elide=Qt.TextElideMode.ElideMiddle)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(self.font().pointSizeF())
        self.value.setFont(fixed)
        self.value.setText(evidence.value)
        self._value = evidence.value
        self.copy_button = icon_button("copy", "quiet")
        self.copy_button.setFixedSize(STEP * 4, STEP * 3 + 4)
        self._said = QTimer(self, singleShot=True, interval=_COPIED)
        self._said.timeout.connect(self._say_copy)
        self.copy_button.clicked.connect(self._copy)
        confidence = value_names.CONFIDENCES.get(evidence.confidence, evidence.confidence)
        known = WrappedLabel(TextSize.SMALL, selectable=True)
        mark(known, "muted")
        self.say(
            known.setText,
            T("Known from {confidence}: {source}", confidence=confidence, source=evidence.source)
            if evidence.source
            else T("Known from {confidence}", confidence=confidence),
        )
        row = QHBoxLayout()
        row.setSpacing(STEP // 2)
        row.addWidget(self.value, 1)
        row.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(kind)
        column.addLayout(row)
        column.addWidget(known)
        self._say_copy()

    def _copy(self) -> None:
        copy(self._value)
        self.copy_button.setIcon(icon("check"))
        self.say(self.copy_button.setAccessibleName, T("Copied"))
        self._said.start()

    def _say_copy(self) -> None:
        self.copy_button.setIcon(icon("copy"))
        self.say(self.copy_button.setAccessibleName, T("Copy {value}", value=self._value[:80]))
        self.say(self.copy_button.setToolTip, T("Copy the whole value"))


def _sure(row: Row, finding: Finding, say: TranslatedText) -> QHBoxLayout:
    """How surely it is the app, with its sign."""
    glyph = StatusIcon(16)
    glyph.show_status(_MATCH_STATUS.get(row.kind, Status.NEUTRAL), MATCH_GLYPHS[finding.match])
    prose = WrappedLabel(selectable=True)
    say(prose.setText, value_names.pair(T("How sure"), value_names.MATCHES[finding.match]))
    line = QHBoxLayout()
    line.setSpacing(STEP)
    line.addWidget(glyph, 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(prose, 1)
    return line


def _told(row: Row, finding: Finding) -> list[Text | str]:
    """Why it is a finding; what it is called on the phone; by whose decision it may stay."""
    told: list[Text | str] = [finding.why]
    if row.off:
        told.append(T("It is switched off."))
    if finding.app.label and finding.match.other_name:
        told.append(T("On the phone it is called “{label}”.", label=finding.app.label))
    if finding.excepted is not None:
        by = finding.excepted
        told.append(
            T(
                "Excepted until {date} by {authority}, {reference} (entry {entry}).",
                date=long_date(by.until),
                authority=by.authority,
                reference=by.reference,
                entry=by.entry,
            )
        )
    return told


def _capital(text: Text) -> str:
    told = str(text)
    return told[:1].upper() + told[1:]
