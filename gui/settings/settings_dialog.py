"""The settings over the window: what applies, who has set it, and what may be changed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QLineEdit, QMessageBox, QSpinBox, QWidget

from core.desk.desk import Desk
from core.desk.setting_files import Source, SourceOfSetting, export_settings, sources
from core.desk.settings import SettingsProblem
from core.problem import Problem
from core.text import N, T, Text, plain
from gui.settings.setting_rows import SECTIONS, Kind, SettingRow
from gui.toolkit import file_dialogs
from gui.toolkit.form_fields import CheckBox, opener
from gui.toolkit.layouts import ScrollArea, column, row
from gui.toolkit.parts import Parts
from gui.toolkit.tables import ComboBox, SearchField
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.widgets import ProblemBar, WrappedLabel

_SIZE: Final = (760, 620)
_TEXT: Final = 500
_MONTHS: Final = 1_200
_FIELD: Final = 260
#: What the folder of settings files is remembered by.
_FOLDER: Final = "settings/files"


class SettingLine(QFrame):
    """One setting: its name, what it does, who has set it, and what changes it."""

    #: Another value is wanted, for its key.
    wanted = Signal(str, object)

    def __init__(self, about: SettingRow) -> None:
        super().__init__()
        self.about = about
        self.say = Parts(self)
        mark(self, "clear")
        name = self.say.label(about.name, TextSize.STRONG)
        told = self.say.label(about.about, TextSize.SMALL, "muted")
        self.source = self.say.label("", TextSize.SMALL, "muted", selectable=True)
        self.field = self._field()
        self.field.setMinimumWidth(_FIELD)
        self.field.setMaximumWidth(_FIELD)
        self.say.name(self.field, about.name)
        self.say(self.field.setAccessibleDescription, about.about)
        texts = column(name, told, self.source, spacing=2)
        row((texts, 1), (self.field, 0, Qt.AlignmentFlag.AlignTop), spacing=STEP * 2, inside=self)
        self._value: object = None

    def _field(self) -> QWidget:
        match self.about.kind:
            case Kind.TEXT:
                text = QLineEdit()
                text.editingFinished.connect(lambda: self._want(" ".join(text.text().split())))
                return text
            case Kind.NUMBER:
                number = QSpinBox()
                number.setRange(0, _MONTHS)
                number.editingFinished.connect(lambda: self._want(number.value()))
                return number
            case Kind.SWITCH:
                switch = CheckBox()
                self.say(switch.setText, T("Yes"))
                switch.clicked.connect(lambda: self._want(switch.isChecked()))
                return switch
            case Kind.CHOICE:
                choice = ComboBox()
                for at, (value, words) in enumerate(self.about.choices):
                    choice.addItem("", value)
                    self.say(partial(choice.setItemText, at), words)
                choice.activated.connect(lambda: self._want(choice.currentData()))
                return choice
            case Kind.SHOWN:
                return WrappedLabel(selectable=True)

    def _want(self, value: object) -> None:
        if value != self._value:
            self.wanted.emit(self.about.key, value)

    def show_value(self, value: object, source: SourceOfSetting) -> None:
        """Show what applies and who has set it."""
        self._value, field = value, self.field
        locked = source.source in (Source.DEPARTMENT_FILE, Source.GROUP_POLICY)
        if isinstance(field, QLineEdit):
            field.setText(str(value))
            field.setReadOnly(locked)
        elif isinstance(field, QSpinBox):
            field.setValue(int(str(value)))
        elif isinstance(field, CheckBox):
            field.setChecked(bool(value))
        elif isinstance(field, ComboBox):
            field.setCurrentIndex(field.findData(value))
        elif isinstance(field, WrappedLabel):
            self.say(field.setText, _shown(value))
        if not isinstance(field, WrappedLabel):
            field.setEnabled(not locked or isinstance(field, QLineEdit))
        self.say(self.source.setText, _said(source))

    def has(self, words: str) -> bool:
        """Whether these words stand in what is said of it."""
        said = f"{self.about.name} {self.about.about} {self.about.key}".casefold()
        return all(word in said for word in words.casefold().split())


class SettingsDialog(QDialog):
    """Changes the officer's own settings as soon as they are entered. What the department has set is shown."""

    #: Settings apply that are other ones than before.
    changed = Signal()
    #: The policy is to be chosen, on its page.
    policy_wanted = Signal()

    def __init__(self, desk: Desk, parent: QWidget, memory: QSettings | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk, self._memory = desk, memory
        self.say = Parts(self)
        self.say(self.setWindowTitle, T("Settings"))
        self.search = SearchField()
        self.say(self.search.invite, T("Search the settings…"))
        self.say.name(self.search, T("Search the settings"))
        self.search.textChanged.connect(self._look_for)
        self.problem = ProblemBar()
        self.lines: dict[str, SettingLine] = {}
        self._sections: list[tuple[QWidget, list[SettingLine]]] = []
        inside = QWidget()
        self.nothing = self.say.label(T("No setting has these words."), TextSize.BODY, "muted")
        column(*map(self._section, SECTIONS), self.nothing, None, spacing=STEP * 2, inside=inside)
        self.status = self.say.label("", TextSize.SMALL, "muted")
        self.bring = self.say.button(T("Import…"), self.bring_file, icon="bring")
        self.hand_out = self.say.button(T("Export…"), self.save_file, icon="export")
        self.begin_anew = self.say.button(T("Reset…"), self.ask_to_reset)
        place = opener(T("Open the data folder"), lambda: desk.data, self.say)
        shut = self.say.button(T("Close"), self.accept)
        for one in (self.bring, self.hand_out, self.begin_anew, place, shut):
            one.setAutoDefault(False)
        area = ScrollArea(inside)
        self.say.name(area, T("All settings"))
        column(
            self.search,
            self.problem,
            (area, 1),
            self.status,
            row(self.bring, self.hand_out, self.begin_anew, place, None, shut),
            spacing=STEP,
            inside=self,
            margins=(STEP * 2,) * 4,
        )
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self).activated.connect(self.search.setFocus)
        room = parent.size()
        self.resize(min(_SIZE[0], room.width() - STEP * 4), min(_SIZE[1], room.height() - STEP * 4))
        self.show_settings()
        self.problem.show_problem(desk.fault)
        self._look_for("")
        self.search.setFocus()

    def _section(self, section: tuple[Text, tuple[SettingRow, ...]]) -> QWidget:
        title, rows = section
        card = QFrame()
        mark(card, "card")
        lines = [SettingLine(one) for one in rows]
        for one in lines:
            one.wanted.connect(self.change)
            self.lines[one.about.key] = one
        parts: list[QWidget] = [self.say.label(title, TextSize.HEAD), *lines]
        if "policy" in {one.about.key for one in lines}:
            choose = self.say.button(T("Choose on the Policy page…"), self._go_to_policy, kind="link")
            choose.setAutoDefault(False)
            parts.append(choose)
        column(*parts, spacing=STEP * 2, inside=card, margins=(STEP * 2,) * 4)
        self._sections.append((card, lines))
        return card

    def show_settings(self) -> None:
        """Show what applies."""
        settings = self._desk.settings
        try:
            found: Mapping[str, SourceOfSetting] = sources(self._desk.data)
        except SettingsProblem as problem:
            self.problem.show_problem(problem)
            found = {}
        for key, line in self.lines.items():
            source = found.get(key, SourceOfSetting(Source.STANDARD))
            if settings.is_locked(key) and source.source in (Source.OWN, Source.STANDARD):
                source = SourceOfSetting(Source.DEPARTMENT_FILE)
            line.show_value(getattr(settings, key), source)

    # Changing

    def change(self, key: str, value: object) -> None:
        """Have a setting of the officer's own be so; say why where it cannot be, and show what applies."""
        self._do(partial(self._desk.change, **{key: value}), T("Saved."))

    def bring_file(self) -> None:
        """Take over the settings of a file."""
        file = file_dialogs.choose_file(self, T("Import settings"), self._memory, _FOLDER, "*.toml")
        if file is None:
            return
        self._do(partial(self._import, file), None)

    def _import(self, file: Path) -> None:
        made = self._desk.import_settings(file)
        said = N("{count} setting was taken over.", "{count} settings were taken over.", made.keys - len(made.left_out))
        if made.left_out:
            names = ", ".join(str(self.lines[key].about.name) for key in made.left_out)
            said = T("{said} Left out, as your organisation has set them: {names}.", said=said, names=names)
        self.say(self.status.setText, said)

    def save_file(self) -> None:
        """Hand out the settings that apply, for another desk."""
        file = file_dialogs.save_as(self, T("Export settings"), self._memory, _FOLDER, "fanion-settings.toml")
        if file is None:
            return
        try:
            file_dialogs.write(file, export_settings(self._desk.settings))
        except Problem as problem:
            self.problem.show_problem(problem)
        else:
            self.problem.show_problem(None)
            self.say(self.status.setText, T("Saved: {file}", file=plain(file.name, _TEXT)))

    def ask_to_reset(self) -> QMessageBox:
        """Ask whether the officer's own settings are to be the standard ones again."""
        asked = T("Have the standard settings again, where your organisation has set nothing?")
        box = QMessageBox(QMessageBox.Icon.Question, str(T("Reset the settings")), str(asked), parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        more = T("The file that has them now is kept beside. Also head office’s key is forgotten, if you have set it.")
        box.setInformativeText(str(more))
        yes = box.addButton(str(T("Reset")), QMessageBox.ButtonRole.AcceptRole)
        no = box.addButton(str(T("Cancel")), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(no)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        yes.clicked.connect(self.reset)
        box.open()
        return box

    def reset(self) -> None:
        """Have the standard settings; the file that was there is kept beside."""
        self._do(self._reset, None)

    def _reset(self) -> None:
        kept = self._desk.reset_settings()
        if kept is None:
            self.say(self.status.setText, T("They were the standard settings already."))
        else:
            self.say(self.status.setText, T("Reset. What was set before is in {file}.", file=kept.name))

    def _do(self, act: Callable[[], object], done: Text | None) -> None:
        try:
            act()
        except SettingsProblem as problem:
            self.problem.show_problem(problem)
            self.show_settings()
            return
        self.problem.show_problem(self._desk.fault)
        if done is not None:
            self.say(self.status.setText, done)
        self.show_settings()
        self.changed.emit()

    def _go_to_policy(self) -> None:
        self.accept()
        self.policy_wanted.emit()

    def _look_for(self, words: str) -> None:
        found = 0
        for card, lines in self._sections:
            for line in lines:
                line.setVisible(line.has(words))
            shown = [line for line in lines if line.has(words)]
            card.setVisible(bool(shown))
            found += len(shown)
        self.nothing.setVisible(not found)


def _shown(value: object) -> Text | str:
    if isinstance(value, bool):
        return T("Yes") if value else T("No")
    return plain(str(value), _TEXT) or T("not set")


def _said(source: SourceOfSetting) -> Text | str:
    place = plain(source.place, _TEXT)
    match source.source:
        case Source.GROUP_POLICY:
            return T("Locked: a group policy of your organisation has set this ({place}).", place=place)
        case Source.DEPARTMENT_FILE if place:
            return T("Locked: your organisation has set this, in {place}.", place=place)
        case Source.DEPARTMENT_FILE:
            return T("Locked: your organisation has set this.")
        case Source.OWN:
            return T("You have set this.")
        case Source.STANDARD:
            return T("Standard")
