"""The two sheets over the window: the keys, and who works here."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.desk.desk import Desk
from core.desk.settings import SettingsProblem
from core.text import T, Text
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import ProblemBar, WrappedLabel


class ShortcutsDialog(QDialog):
    """Every key that does something."""

    def __init__(self, groups: list[tuple[Text, list[tuple[Text, QKeySequence]]]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(T("Keyboard shortcuts")))
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setHorizontalSpacing(STEP * 3)
        grid.setVerticalSpacing(STEP)
        row = 0
        for group, keys in groups:
            heading = WrappedLabel(TextSize.STRONG)
            heading.setText(str(group))
            grid.addWidget(heading, row, 0, 1, 2)
            row += 1
            for does, key in keys:
                native = QLabel(key.toString(QKeySequence.SequenceFormat.NativeText))
                native.setTextFormat(Qt.TextFormat.PlainText)
                mark(native, "key")
                told = WrappedLabel()
                told.setText(str(does))
                grid.addWidget(native, row, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
                grid.addWidget(told, row, 1)
                row += 1
        grid.setColumnStretch(1, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setAccessibleName(str(T("Keyboard shortcuts")))
        shut = QPushButton(str(T("Close")))
        shut.setDefault(True)
        shut.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(STEP * 2, STEP * 2, STEP * 2, STEP * 2)
        column.addWidget(area, 1)
        column.addWidget(shut, 0, Qt.AlignmentFlag.AlignRight)
        self.resize(560, min(640, parent.height() - STEP * 8))


class OfficerDialog(QDialog):
    """Who works here, and at which desk: it stands in every record from now on."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(T("Who works here")))
        self.say = TranslatedText(self)
        self._desk = desk
        explained = WrappedLabel()
        self.say(explained.setText, T("Both will appear in every record from now on. Existing records do not change."))
        self.officer, self.desk_name = QLineEdit(desk.officer), QLineEdit(desk.name)
        self.trouble = ProblemBar()
        form = QFormLayout()
        form.setSpacing(STEP)
        for key, field, words in (
            ("officer", self.officer, T("Your name")),
            ("desk", self.desk_name, T("Name of this desk")),
        ):
            label = QLabel(str(words))
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setBuddy(field)
            field.setAccessibleName(str(words))
            field.setMaxLength(120)
            if desk.settings.is_locked(key):
                field.setEnabled(False)
                field.setToolTip(str(T("Your organisation has set this.")))
            form.addRow(label, field)
        buttons = QDialogButtonBox()
        keep = buttons.addButton(str(T("Save")), QDialogButtonBox.ButtonRole.AcceptRole)
        mark(keep, "primary")
        buttons.addButton(str(T("Cancel")), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(STEP * 3, STEP * 2, STEP * 3, STEP * 2)
        column.setSpacing(STEP * 2)
        column.addWidget(explained)
        column.addLayout(form)
        column.addWidget(self.trouble)
        column.addWidget(buttons)
        self.setMinimumWidth(460)

    def accept(self) -> None:
        """Keep it, unless it cannot be kept; then say why and stay."""
        locked = self._desk.settings.is_locked
        try:
            self._desk.introduce(
                None if locked("officer") else self.officer.text().strip(),
                None if locked("desk") else self.desk_name.text().strip(),
            )
        except SettingsProblem as problem:
            self.trouble.show_problem(problem)
            self._column.activate()
            needed = max(self._column.totalHeightForWidth(self.width()), self.sizeHint().height())
            self.resize(self.width(), max(self.height(), needed))
            return
        super().accept()
