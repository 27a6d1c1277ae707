"""The dialogs of the kiosk's password: one chooses it, the other asks for it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QWidget

from core.system.password import LONGEST, SHORTEST, hash_of, matches
from core.text import T, Text
from gui.toolkit.forms.form_fields import FieldRows
from gui.toolkit.grey_reason import GreyReason
from gui.toolkit.layouts import column
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.widgets import WrappedLabel

#: Milliseconds for which nothing can be tried after a wrong password.
_PAUSE: Final = 2_000


class _PasswordDialog(QDialog):
    def __init__(self, parent: QWidget, title: Text, explained: Text, does: Text, *fields: Text) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.say = Parts(self)
        self.say(self.setWindowTitle, title)
        form = FieldRows()
        self.fields = [QLineEdit() for _ in fields]
        for field, words in zip(self.fields, fields, strict=True):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setMaxLength(LONGEST)
            form.add(self.say.label_of(field, words), field)
        self.wrong = WrappedLabel(TextSize.BODY)
        mark(self.wrong, "text-red")
        self.wrong.hide()
        buttons = QDialogButtonBox()
        self.yes = buttons.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        mark(self.yes, "primary")
        self.say(self.yes.setText, does)
        self.say(buttons.addButton("", QDialogButtonBox.ButtonRole.RejectRole).setText, T("Cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        edges = (STEP * 3, STEP * 2, STEP * 3, STEP * 2)
        column(self.say.label(explained), form, self.wrong, buttons, spacing=STEP * 2, inside=self, margins=edges)
        self.setMinimumWidth(440)
        self.fields[0].setFocus()

    def complain(self, words: Text) -> None:
        """Say what is wrong with the password, and let it be typed again."""
        self.say(self.wrong.setText, words)
        self.wrong.show()
        self.say(self.fields[0].setAccessibleDescription, words)
        self.fields[0].setFocus()
        self.fields[0].selectAll()


class NewPasswordDialog(_PasswordDialog):
    """Has a password chosen, typed twice."""

    #: The hash of the chosen password; empty for none.
    chosen = Signal(str)

    def __init__(self, parent: QWidget, *, is_set: bool) -> None:
        """`is_set`: there is one already, which an empty field takes away."""
        none = T("It is needed to leave the kiosk. Leave both fields empty to have none: then no password is needed.")
        once = T("It is needed to leave the kiosk. Fanion cannot show it again: write it down.")
        title = T("Password of the kiosk")
        super().__init__(parent, title, none if is_set else once, T("Save"), T("Password"), T("Repeat the password"))
        self._is_set = is_set

    def accept(self) -> None:
        """Hand out the hash of the chosen password, or say why it cannot be chosen and stay."""
        first, second = (field.text() for field in self.fields)
        if first != second:
            self.complain(T("The two are not the same."))
        elif len(first) < SHORTEST and not (self._is_set and not first):
            self.complain(T("Choose one of {least} to {most} characters.", least=SHORTEST, most=LONGEST))
        else:
            self.chosen.emit(hash_of(first) if first else "")
            super().accept()


class LeaveKioskDialog(_PasswordDialog):
    """Asks for the password that leaves the kiosk. After a wrong one nothing can be tried for a moment."""

    def __init__(self, parent: QWidget, password_hash: str) -> None:
        """`password_hash` is the hash of the password."""
        explained = T("The whole window then stays open until Fanion is closed.")
        super().__init__(parent, T("Leave the kiosk"), explained, T("Leave"), T("Password"))
        self._hash = password_hash
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._grey = GreyReason(self.yes)
        self._pause.timeout.connect(lambda: self._grey.show(None))

    def accept(self) -> None:
        """Close with acceptance if the password is right; else stay, and let nothing be tried for a moment."""
        if not self.yes.isEnabled():
            return
        if matches(self.fields[0].text(), self._hash):
            super().accept()
        else:
            self._grey.show(T("The password is wrong."))
            self._pause.start()
            self.complain(T("The password is wrong."))
