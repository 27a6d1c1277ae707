"""The dialog that asks what the department calls a phone. A barcode reader fills it as well as fingers do."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QWidget

from core.describe import LABELS
from core.model import Labels
from core.problem import Problem
from core.text import T, Text, plain
from gui.desk.session import flows
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.forms.form_fields import FieldRows
from gui.toolkit.layouts import column
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.widgets import ProblemBar

#: Characters of one label.
LIMIT: Final = 120


class NotPlain(Problem):
    """Something was typed or pasted that cannot be seen."""

    code = "label"

    def __init__(self, field: Text) -> None:
        super().__init__(
            T("“{field}” contains a character that the log cannot keep.", field=field),
            T("Delete it, and type it again without pasting."),
        )


class NeverRead(Problem):
    """The phone left before it was known which it was."""

    code = "never-read"

    def __init__(self) -> None:
        super().__init__(
            T("The phone was unplugged before it was read, so there is no entry to keep this with."),
            T("Plug it in again, then enter it again."),
        )


class AssetLabelDialog(QDialog):
    """Asset tag and holder, and the IMEI where the department asks for it: Enter saves, Escape leaves."""

    def __init__(self, session: PhoneSession, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.say = Parts(self)
        self._session = session
        self.say(self.setWindowTitle, T("Asset tag and holder"))
        explained = T(
            "For the log, where it can be erased later. It does not appear on the receipt of a green check. "
            "An empty field is left out of the entries that follow."
        )
        now = session.labels.unsaved or session.labels.latest
        form = FieldRows()
        self.fields = {
            key: self._field(words, getattr(now, key), form)
            for key, words in LABELS.items()
            if key != "imei" or session.desk.settings.ask_imei
        }
        self.trouble = ProblemBar()
        self.trouble.show_problem(session.labels.problem)
        buttons = QDialogButtonBox()
        self.save = buttons.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        mark(self.save, "primary")
        leave = buttons.addButton("", QDialogButtonBox.ButtonRole.RejectRole)
        self.say(self.save.setText, T("Save"))
        self.say(leave.setText, T("Cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._column = column(
            self.say.line(session.name, TextSize.TITLE),
            self.say.label(explained, kind="muted"),
            form,
            self.trouble,
            buttons,
            spacing=STEP * 2,
            inside=self,
            margins=(STEP * 3, STEP * 2, STEP * 3, STEP * 2),
        )
        self.save.setDefault(True)  # only now: before, it was in no dialog
        self.setMinimumWidth(460)
        first = next(iter(self.fields.values()))
        first.setFocus()
        first.selectAll()

    def _field(self, words: Text, value: str, form: FieldRows) -> QLineEdit:
        field = QLineEdit(value)
        field.setMaxLength(LIMIT)
        form.add(self.say.label_of(field, words), field)
        return field

    def accept(self) -> None:
        """Have it written down, unless that cannot be; then say why and stay."""
        typed = {key: field.text().strip() for key, field in self.fields.items()}
        labels = {key: plain(text, LIMIT) for key, text in typed.items()}
        wrong = next((key for key, text in labels.items() if "\N{REPLACEMENT CHARACTER}" in text), None)
        if wrong is not None:
            self._complain(NotPlain(LABELS[wrong]))
            self.fields[wrong].setFocus()
        elif not self._session.can_be_labelled:
            self._complain(NeverRead())
        else:
            flows.label(self._session, Labels(**labels))
            super().accept()

    def reject(self) -> None:
        """Leave it as it was."""
        flows.give_up_labels(self._session)
        super().reject()

    def _complain(self, problem: Problem) -> None:
        self.trouble.show_problem(problem)
        self._fit()

    def _fit(self) -> None:
        """Be as tall as every word needs: of a window, Qt does not ask how many lines wrapped text takes."""
        self._column.invalidate()
        self._column.activate()
        needed = max(self._column.totalHeightForWidth(self.width()), self._column.minimumSize().height())
        self.setMinimumHeight(needed)
        self.resize(self.width(), needed)

    def showEvent(self, event: QShowEvent) -> None:
        self._fit()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()
