"""One line of the settings: what is set, who has set it, and what changes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from core.desk.settings.setting_files import SettingSource, SourceOfSetting
from core.text import T, Text, plain
from gui.settings.setting_rows import FieldKind, SettingEntry
from gui.toolkit.buttons import Button
from gui.toolkit.forms.form_fields import CheckBox, NumberField
from gui.toolkit.layouts import column, row
from gui.toolkit.lists.tables import ComboBox
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.widgets import WrappedLabel

_TEXT: Final = 500
#: Logical pixels.
_FIELD: Final = 260


class SettingLine(QFrame):
    """One setting: its name, what it does, who has set it, and what changes it."""

    #: Another value is wanted, for its key.
    change_wanted = Signal(str, object)

    def __init__(self, about: SettingEntry) -> None:
        super().__init__()
        self.about = about
        self.say = Parts(self)
        mark(self, "clear")
        name = self.say.label(about.name, TextSize.STRONG)
        explanation = self.say.label(about.about, TextSize.SMALL, "muted")
        self.source = self.say.label("", TextSize.SMALL, "muted", selectable=True)
        self.field = self._field()
        self.field.setMinimumWidth(_FIELD)
        self.field.setMaximumWidth(_FIELD)
        self.say.name(self.field, about.name)
        self.say(self.field.setAccessibleDescription, about.about)
        texts = column(name, explanation, self.source, spacing=2)
        row((texts, 1), (self.field, 0, Qt.AlignmentFlag.AlignVCenter), spacing=STEP * 2, inside=self)
        self._value: object = None

    def _field(self) -> QWidget:
        match self.about.kind:
            case FieldKind.TEXT:
                text = QLineEdit()
                text.editingFinished.connect(lambda: self._want(" ".join(text.text().split())))
                return text
            case FieldKind.NUMBER:
                number = NumberField(self.about.maximum)
                number.editingFinished.connect(lambda: self._want(number.value()))
                return number
            case FieldKind.SWITCH:
                switch = CheckBox()
                self.say(switch.setText, T("Yes"))
                switch.clicked.connect(lambda: self._want(switch.isChecked()))
                return switch
            case FieldKind.CHOICE:
                choice = ComboBox()
                for value, words in self.about.choices:
                    choice.add_choice(words, value)
                choice.activated.connect(lambda: self._want(choice.currentData()))
                return choice
            case FieldKind.BUTTON:
                return self.say.button("", lambda: self.change_wanted.emit(self.about.key, None))
            case FieldKind.SHOWN:
                return WrappedLabel(selectable=True)

    def offer(self, values: Iterable[str]) -> None:
        """Add values to choose from, each called as it is."""
        field = self.field
        if isinstance(field, ComboBox):
            for value in values:
                if field.findData(value) < 0:
                    field.addItem(plain(value, _TEXT), value)

    def _want(self, value: object) -> None:
        if value != self._value:
            self.change_wanted.emit(self.about.key, value)

    def show_value(self, value: object, source: SourceOfSetting | None = None, note: Text | str = "") -> None:
        """Show what applies, and who has set it; `note` instead of that where it is no setting of a file."""
        self._value, field = value, self.field
        locked = source is not None and source.source in (SettingSource.DEPARTMENT_FILE, SettingSource.GROUP_POLICY)
        if isinstance(field, QLineEdit):
            field.setText(str(value))
            field.setReadOnly(locked)
        elif isinstance(field, NumberField):
            field.setValue(int(str(value)))
        elif isinstance(field, CheckBox):
            field.setChecked(bool(value))
        elif isinstance(field, ComboBox):
            if field.findData(value) < 0:
                self.offer([str(value)])
            field.setCurrentIndex(field.findData(value))
        elif isinstance(field, WrappedLabel):
            self.say(field.setText, value_words(value))
        elif isinstance(field, Button):
            self.say(field.setText, T("Change…") if value else T("Set…"))
        if not isinstance(field, WrappedLabel):
            field.setEnabled(not locked or isinstance(field, QLineEdit))
        words_of_source = note if source is None or source.source is SettingSource.STANDARD else said_of(source)
        self.say(self.source.setText, words_of_source)
        self.say(field.setAccessibleDescription, words_of_source if not field.isEnabled() else "")
        self.source.setVisible(bool(str(words_of_source)))

    def has(self, words: str) -> bool:
        """Whether all these words stand in the name, the explanation or the key of the setting."""
        text = f"{self.about.name} {self.about.about} {self.about.key}".casefold()
        return all(word in text for word in words.casefold().split())


def value_words(value: object) -> Text | str:
    """A value in words."""
    if isinstance(value, Text):
        return value
    if isinstance(value, bool):
        return T("Yes") if value else T("No")
    return plain(str(value), _TEXT) or T("not set")


def said_of(source: SourceOfSetting) -> Text | str:
    """Who has set a setting, in words."""
    place = plain(source.place, _TEXT)
    match source.source:
        case SettingSource.GROUP_POLICY:
            return T("Locked: a group policy of your organisation has set this ({place}).", place=place)
        case SettingSource.DEPARTMENT_FILE if place:
            return T("Locked: your organisation has set this, in {place}.", place=place)
        case SettingSource.DEPARTMENT_FILE:
            return T("Locked: your organisation has set this.")
        case _:
            return T("You have set this.")
