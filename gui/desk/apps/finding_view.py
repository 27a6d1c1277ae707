"""One finding in full: how sure it is and by what, who allows it nevertheless, and what can be done about it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontDatabase, QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

from core import value_names
from core.model import Evidence, Finding
from core.policy.wording import excepted_words, long_date
from core.text import T, Text
from gui.desk.acts.all_acts import EXCEPT, LEAVE
from gui.desk.session.app_rows import MATCH_GLYPHS, AppKind, AppRow
from gui.toolkit.layouts import ScrollArea, column, replace_inside, row
from gui.toolkit.parts import CopyButton, Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import ElidedLabel, StatusIcon, WrappedLabel, copy

#: Logical pixels that it takes.
WIDTH: Final = 344
#: Pieces of evidence that are shown; there are some ten at most.
_LIMIT: Final = 40

_TOP: Final = Qt.AlignmentFlag.AlignTop
_MATCH_STATUS: Final = {AppKind.HINT: Status.NEUTRAL, AppKind.SUSPECTED: Status.AMBER}


class FindingPane(QFrame):
    """Shows the finding of one row. Escape leaves it."""

    except_wanted = Signal(object)
    #: The record of the log that grants the exception.
    log_wanted = Signal(int)
    close_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "card")
        self.say = Parts(self)
        self.row: AppRow | None = None
        self.glyph = StatusIcon(20)
        self.title = WrappedLabel(TextSize.STRONG, selectable=True)
        self.flag = WrappedLabel()
        shut = LEAVE.with_key(T("Close the details"))
        self.close_button = self.say.icon_button(
            "close", T("Close the details"), lambda: self.close_wanted.emit(), kind="quiet", tip=shut
        )
        allow = EXCEPT.with_key(T("Allow this app on this phone until a given day, by decision of an authority"))
        self.grant = self.say.button(T("Grant an exception…"), self._grant, icon="seal", tip=allow)
        self.grant.show_key(EXCEPT.key_name)
        self.to_log = self.say.button("", self._show_in_log, icon="log", kind="link")
        self.area = ScrollArea(QWidget())
        self.say(self.area.setAccessibleName, T("How this app was recognised"))
        names = column(self.title, self.flag, spacing=2)
        column(
            row((self.glyph, 0, _TOP), (names, 1), (self.close_button, 0, _TOP)),
            (self.area, 1),
            (self.to_log, 0, Qt.AlignmentFlag.AlignLeft),
            (self.grant, 0, Qt.AlignmentFlag.AlignLeft),
            inside=self,
            margins=(STEP * 2, STEP + 4, STEP, STEP + 4),
        )

    def show_row(self, row: AppRow) -> None:
        """Show the finding of this row, which has one."""
        if row.finding is None or (self.row is not None and (row, row.finding) == (self.row, self.row.finding)):
            return
        self.row = row
        self._fill(row, row.finding)

    def _fill(self, app_row: AppRow, finding: Finding) -> None:
        self.glyph.show_status(app_row.kind.status, "seal" if app_row.kind is AppKind.EXCEPTED else "")
        self.say(self.title.setText, lambda: value_names.app_in(app_row.name, finding.profile))
        self.say(self.flag.setText, app_row.flag)
        self.grant.setVisible(finding.is_ban)
        excepted = finding.excepted
        self.to_log.setVisible(excepted is not None)
        if excepted is not None:
            self.say(self.to_log.setText, T("Go to entry {entry}", entry=excepted.entry))
        inside = QWidget()
        mark(inside, "clear")
        say = Parts(inside)
        glyph = StatusIcon(16, _MATCH_STATUS.get(app_row.kind, Status.NEUTRAL), MATCH_GLYPHS[finding.match])
        sure = say.label(value_names.pair(T("Certainty"), value_names.MATCHES[finding.match]), selectable=True)
        column(
            row((glyph, 0, _TOP), (sure, 1)),
            *(say.label(line, selectable=True) for line in _explanation(app_row, finding)),
            say.label(T("What it was recognised by"), TextSize.STRONG),
            *(_Proof(evidence) for evidence in finding.evidence[:_LIMIT]),
            None,
            inside=inside,
            margins=(0, 0, STEP, 0),
        )
        replace_inside(self.area, inside)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_wanted.emit()
        else:
            super().keyPressEvent(event)

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
        self.say = Parts(self)
        self._value = evidence.value
        kind = self.say.label(lambda: _capital(value_names.EVIDENCE[evidence.kind]), TextSize.SMALL, "muted")
        self.value = ElidedLabel(elide=Qt.TextElideMode.ElideMiddle)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(self.font().pointSizeF())
        self.value.setFont(fixed)
        self.value.setText(evidence.value)
        name = T("Copy {value}", value=evidence.value[:80])
        self.copy_button = CopyButton(name, self._copy, with_text=False)
        mark(self.copy_button, "quiet")
        self.copy_button.setIconSize(QSize(18, 18))
        self.copy_button.setFixedSize(STEP * 4, STEP * 3 + 4)
        self.say(self.copy_button.setToolTip, T("Copy the whole value"))
        confidence = value_names.CONFIDENCES.get(evidence.confidence, evidence.confidence)
        source_line = (
            T("Known from {confidence}: {source}", confidence=confidence, source=evidence.source)
            if evidence.source
            else T("Known from {confidence}", confidence=confidence)
        )
        source = self.say.label(source_line, TextSize.SMALL, "muted", selectable=True)
        column(kind, row((self.value, 1), self.copy_button, spacing=STEP // 2), source, spacing=0, inside=self)

    def _copy(self) -> None:
        copy(self._value)
        self.copy_button.confirm()


def _explanation(app_row: AppRow, finding: Finding) -> list[Text | str]:
    """Why it is a finding; what it is called on the phone; by whose decision it may stay."""
    lines: list[Text | str] = [finding.why]
    if app_row.off:
        lines.append(T("It is switched off."))
    if finding.app.label and finding.match.other_name:
        lines.append(T("On the phone it is called “{label}”.", label=finding.app.label))
    if finding.excepted is not None:
        lines.append(excepted_words(finding.excepted, long_date(finding.excepted.until)))
    return lines


def _capital(text: Text) -> str:
    capitalised = str(text)
    return capitalised[:1].upper() + capitalised[1:]
