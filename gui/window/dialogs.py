"""The dialogs over the window: its keys, who works here, and whether to close it while phones are being changed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QWidget,
)

from core.desk.desk import Desk
from core.desk.settings.settings import SettingsProblem
from core.text import N, T, Text
from gui.desk.session.phone_sessions import PhoneSessions
from gui.toolkit.buttons import button
from gui.toolkit.images.icons import pixmap
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, colours, mark
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
        self.officer, self.desk_name = QLineEdit(desk.officer), QLineEdit(desk.name)
        self.trouble = ProblemBar()
        form = QFormLayout()
        form.setSpacing(STEP)
        for key, field, words in (
            ("officer", self.officer, T("Your name")),
            ("desk", self.desk_name, T("Name of this desk")),
        ):
            field.setMaxLength(120)
            if desk.settings.is_locked(key):
                field.setEnabled(False)
                say(field.setToolTip, T("Your organisation has set this."))
            form.addRow(say.label_of(field, words), field)
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


def may_close(window: QWidget, phones: PhoneSessions) -> bool:
    """Ask whether to close while phones are being changed. Nothing is asked any more once the changes are done.

    A removal that is cut off leaves a phone of which it is not known what it has.
    """
    amber = colours(window.palette()).status[Status.AMBER]
    box = QMessageBox(window)
    box.setIconPixmap(pixmap("warning", QColor(amber.text), STEP * 5, window.devicePixelRatioF()))
    box.setTextFormat(Qt.TextFormat.PlainText)
    count = len(phones.changing)
    box.setText(str(N("{count} phone is being changed.", "{count} phones are being changed.", count)))
    lost = T(
        "If you close Fanion now, the step under way is cut off. Its result stays unknown until the phone is "
        "checked again."
    )
    box.setInformativeText(str(lost))
    stop = button(destroys=True)
    stop.setText(str(T("Stop and close")))
    box.addButton(stop, QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton(str(T("Keep it open")), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    past = False

    def look() -> None:
        nonlocal past
        if not phones.changing:
            past = True
            box.done(0)

    phones.changed.connect(look)
    phones.vanished.connect(look)
    try:
        box.exec()
    finally:
        phones.changed.disconnect(look)
        phones.vanished.disconnect(look)
    return past or box.clickedButton() is stop
