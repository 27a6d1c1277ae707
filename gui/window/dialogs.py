"""The dialogs over the window: its keys, and who works here."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from core.desk.desk import Desk
from core.desk.settings.settings import SettingsProblem
from core.text import T, Text
from gui.toolkit.forms.form_fields import FieldRows
from gui.toolkit.grey_reason import GreyReason
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.widgets import ProblemBar, plain_label


class ShortcutsDialog(QDialog):
    """Every key that does something."""

    #: The officer wants to know more of the program itself.
    about_wanted = Signal()

    def __init__(self, groups: Sequence[tuple[Text, Sequence[tuple[Text, QKeySequence]]]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        say = Parts(self)
        say(self.setWindowTitle, T("Keyboard shortcuts"))
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setHorizontalSpacing(STEP * 3)
        grid.setVerticalSpacing(STEP)
        grid.setColumnStretch(1, 1)
        for group, keys in groups:
            grid.addWidget(say.label(group, TextSize.STRONG, heading=True), grid.rowCount(), 0, 1, 2)
            for does, key in keys:
                native = plain_label(key.toString(QKeySequence.SequenceFormat.NativeText))
                mark(native, "key")
                line = grid.rowCount()
                grid.addWidget(native, line, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
                grid.addWidget(say.label(does), line, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        say.name(area, T("Keyboard shortcuts"))
        shut = QPushButton(str(T("Close")))
        shut.setDefault(True)
        shut.clicked.connect(self.accept)
        about = say.button(T("About Fanion…"), self.accept, kind="link")
        about.clicked.connect(self.about_wanted)
        about.setAutoDefault(False)
        column((area, 1), row(about, None, shut), inside=self, margins=(STEP * 2, STEP * 2, STEP * 2, STEP * 2))
        self.resize(560, min(640, parent.height() - STEP * 8))


class OfficerDialog(QDialog):
    """Who works here, and at which desk: it stands in every record from now on."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        say = Parts(self)
        say(self.setWindowTitle, T("Who works here"))
        self._desk = desk
        explained = say.label(
            T("Both will appear in every entry from now on. Entries that are there already do not change.")
        )
        self.officer, self.desk_name = QLineEdit(desk.proposed_officer), QLineEdit(desk.name)
        self.trouble = ProblemBar()
        form = FieldRows()
        for key, field, words in (
            ("officer", self.officer, T("Your name")),
            ("desk", self.desk_name, T("Name of this desk")),
        ):
            field.setMaxLength(120)
            if desk.settings.is_locked(key):
                reason = GreyReason(field, say)
                form.add(say.label_of(field, words), column(field, reason.line, spacing=2))
                reason.show(T("Your organisation has set this."))
                say(field.setToolTip, T("Your organisation has set this."))
            else:
                form.add(say.label_of(field, words), field)
        buttons = QDialogButtonBox()
        keep = buttons.addButton(str(T("Save")), QDialogButtonBox.ButtonRole.AcceptRole)
        mark(keep, "primary")
        buttons.addButton(str(T("Cancel")), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        edges = (STEP * 3, STEP * 2, STEP * 3, STEP * 2)
        self._column = column(explained, form, self.trouble, buttons, spacing=STEP * 2, inside=self, margins=edges)
        self.setMinimumWidth(460)

    def accept(self) -> None:
        """Keep it, unless it cannot be kept; then say why and stay."""
        locked = self._desk.settings.is_locked
        try:
            self._desk.introduce(
                None if locked("officer") else self.officer.text(),
                None if locked("desk") else self.desk_name.text().strip(),
            )
        except SettingsProblem as problem:
            self.trouble.show_problem(problem)
            self._column.activate()
            needed = max(self._column.totalHeightForWidth(self.width()), self.sizeHint().height())
            self.resize(self.width(), max(self.height(), needed))
            return
        super().accept()
