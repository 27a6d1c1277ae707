"""The Settings page: what applies, who has set it, and what may be changed here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtPrintSupport import QPrinterInfo
from PySide6.QtWidgets import QFrame, QLayout, QMessageBox, QWidget

from core.desk.desk import Desk
from core.desk.desk_facts import DeskFacts, desk_facts
from core.desk.papers.carry_home import readable_bundles, readable_words
from core.desk.settings.setting_files import SettingSource, SourceOfSetting, export_settings, sources
from core.desk.settings.settings import SettingsProblem, unknown_keys
from core.desk.settings.settings_table import ROWS
from core.ledger.records import Entry
from core.problem import Problem
from core.text import N, T, Text, plain
from gui.settings import question
from gui.settings.data_folder import DataFolderButtons, FolderInUse
from gui.settings.password_dialog import NewPasswordDialog
from gui.settings.setting_line import SettingLine
from gui.settings.setting_rows import FACTS, MEMORY, SettingEntry, sections
from gui.toolkit import file_dialogs
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, one_call
from gui.toolkit.layouts import ScrollArea, column, row
from gui.toolkit.lists.list_page import shortcut
from gui.toolkit.lists.tables import SearchField
from gui.toolkit.page import Page, PageKey
from gui.toolkit.parts import Parts
from gui.toolkit.remembered import PRINTER
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.widgets import ProblemBar

_TEXT: Final = 500
#: Logical pixels: a line of text is no longer than can be read.
_WIDTH: Final = 920
#: From when on the sections have their ways beside them.
_WIDE: Final = 1_000
#: What the folder of settings files is remembered by.
_FOLDER: Final = "settings/files"
_LANE: Final = "settings"


class SettingsPage(Page):
    """Changes the officer's own settings as soon as they are entered. What the department has set is shown."""

    #: Settings apply that are other ones than before.
    changed = Signal()
    #: The policy is to be chosen, on its page.
    policy_wanted = Signal()
    #: The page that was shown before is wanted again.
    back_wanted = Signal()
    #: Fanion is to start again, with another data folder.
    again_wanted = Signal()

    def __init__(self, desk: Desk, runner: JobRunner, memory: QSettings) -> None:
        """`memory` is what the window remembers."""
        super().__init__()
        self._desk, self._runner, self._memory = desk, runner, memory
        #: Tells whether phones are here, practice phones too.
        self.phones_here: Callable[[], bool] = lambda: False
        self.say = Parts(self)
        self.title = self.say.label(T("Settings"), TextSize.TITLE)
        self.search = SearchField()
        self.say(self.search.invite, T("Search the settings…"))
        self.say.name(self.search, T("Search the settings"))
        self.search.textChanged.connect(self._look_for)
        self.problem = ProblemBar()
        self.folder = DataFolderButtons(desk)
        self.folder.obstacle = self._under_way
        self.folder.again_wanted.connect(self.again_wanted)
        self.folder.trouble.connect(self.problem.show_problem)
        self.folder.acted.connect(self._say_folder)
        self.lines: dict[str, SettingLine] = {}
        self._sections: list[tuple[QWidget, list[SettingLine]]] = []
        self.nothing = self.say.label(T("No setting matches these words."), TextSize.BODY, "muted")
        inside = QWidget()
        titled_rows = sections()
        cards = column(
            *(self._section(title, rows) for title, rows in titled_rows), self.nothing, None, spacing=STEP * 2
        )
        inside.setLayout(cards)
        inside.setMaximumWidth(_WIDTH)
        self.area = ScrollArea(inside)
        self.say.name(self.area, T("All settings"))
        self._ways = QWidget()
        ways = [self._way(title, card) for (title, _), (card, _) in zip(titled_rows, self._sections, strict=True)]
        column(*ways, None, spacing=STEP // 2, inside=self._ways)
        room = QWidget()
        room.setMaximumWidth(_WIDTH)
        row(self.title, (self.search, 1), spacing=STEP * 3, inside=room)
        middle = row(self._ways, (self.area, 1), spacing=STEP * 2)
        self.status = self.say.label("", TextSize.SMALL, "muted")
        self.bring = self.say.button(T("Import…"), self.bring_file, icon="bring")
        self.hand_out = self.say.button(T("Export…"), self.save_file, icon="export")
        self.begin_anew = self.say.button(T("Reset…"), self.ask_to_reset)
        self.back = self.say.button(T("Back"), self.back_wanted.emit, tip=T("Back to the page before (Esc)"))
        column(
            room,
            self.problem,
            (middle, 1),
            row(self.bring, self.hand_out, self.begin_anew, (self.status, 1), self.back),
            spacing=STEP * 2,
            inside=self,
            margins=(STEP * 3, STEP * 2, STEP * 3, STEP * 2),
        )
        for keys, act, _ in self.keys():
            if act is not None:
                shortcut(keys, act, self, Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._look_for("")

    def keys(self) -> list[PageKey]:
        return [
            (QKeySequence(QKeySequence.StandardKey.Find), self.search.setFocus, T("Search the settings")),
            (QKeySequence("Esc"), self.leave, T("Back to the page before")),
        ]

    def leave(self) -> None:
        """Show all settings again where some were searched for; else go back to the page before."""
        if self.search.text():
            self.search.clear()
        else:
            self.back_wanted.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_settings()
        self.problem.show_problem(self._desk.fault)
        self._tell_unknown()
        self._runner.start(self, _LANE, one_call(desk_facts, self._desk), self._show_facts)
        self.search.setFocus()

    def _section(self, title: Text, rows: Iterable[SettingEntry]) -> QWidget:
        card = QFrame()
        mark(card, "card")
        lines = [SettingLine(page_row) for page_row in rows]
        for line in lines:
            line.change_wanted.connect(self.change)
            self.lines[line.about.key] = line
        parts: list[QWidget | QLayout] = [self.say.label(title, TextSize.HEAD)]
        for line in lines:
            parts += [line, self.folder] if line.about.key == "data" else [line]
        if "policy" in {line.about.key for line in lines}:
            parts.append(self.say.button(T("Choose on the Policy page…"), self.policy_wanted.emit, kind="link"))
        column(*parts, spacing=STEP * 2, inside=card, margins=(STEP * 2,) * 4)
        self._sections.append((card, lines))
        return card

    def _way(self, title: Text, card: QWidget) -> QWidget:
        """Make the button that scrolls to a section."""
        return self.say.button(title, lambda: self.area.verticalScrollBar().setValue(card.y()), kind="link")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ways.setVisible(self.width() >= _WIDE)

    # What applies

    def show_settings(self) -> None:
        """Show the values that apply, and who has set each."""
        settings = self._desk.settings
        try:
            origins: Mapping[str, SourceOfSetting] = sources(self._desk.data)
        except SettingsProblem as problem:
            self.problem.show_problem(problem)
            origins = {}
        for key in ROWS:
            source = origins.get(key, SourceOfSetting(SettingSource.STANDARD))
            if settings.is_locked(key) and source.source in (SettingSource.OWN, SettingSource.STANDARD):
                source = SourceOfSetting(SettingSource.DEPARTMENT_FILE)
            self.lines[key].show_value(getattr(settings, key), source)
        self._show_memory()

    def _show_memory(self) -> None:
        for key in MEMORY:
            if key != PRINTER:
                self.lines[key].show_value(self._memory.value(key, False, bool))
        line, chosen = self.lines[PRINTER], str(self._memory.value(PRINTER) or "")
        printers = QPrinterInfo.availablePrinterNames()
        line.offer(printers)
        note = T("It is not there now: the system’s own choice is proposed.") if chosen not in ("", *printers) else ""
        line.show_value(chosen, note=note)

    def _tell_unknown(self) -> None:
        """Say which keys a newer Fanion has set, as far as the file can be read."""
        try:
            unknown = unknown_keys(self._desk.data)
        except SettingsProblem:
            return
        if unknown:
            names = ", ".join(unknown)
            self.say(
                self.status.setText,
                T("Not known to this version of Fanion, and left as it is: {keys}.", keys=plain(names, _TEXT)),
            )

    def _show_facts(self, end: JobEnd[DeskFacts]) -> None:
        if isinstance(end, Failed):
            self.problem.show_problem(end.problem)
        if not isinstance(end, Done):
            return
        facts = end.value
        values: dict[str, Text | str] = {
            "log": str(self._desk.log_folder),
            "key": facts.key or T("none yet"),
            "fingerprint": facts.fingerprint or T("none yet"),
        }
        for key in FACTS:
            self.lines[key].show_value(values.get(key, ""))
        self.show_folder()
        health = self.lines["health"]
        health.say(health.field.setText, lambda: "\n".join(map(str, facts.health)))  # type: ignore[attr-defined]
        if facts.problem is not None and self._desk.fault is None:
            self.problem.show_problem(facts.problem)

    def show_folder(self) -> None:
        """Show where the data are, what has decided that, and what can be done about it."""
        self.lines["data"].show_value(str(self._desk.data), note=self.folder.origin_words())
        self.folder.refresh()

    def _under_way(self) -> Problem | None:
        """What keeps the data folder from being changed now: it would be written into the log that is left."""
        if self.phones_here():
            return FolderInUse(
                T("The data folder cannot be changed while phones are here: what is done with them is in its log."),
                T("Finish with the phones, unplug them, and try again once the list of phones is empty."),
            )
        if not self._runner.idle:
            return FolderInUse(
                T("The data folder cannot be changed while something is being read or written in it."),
                T("Wait until that is done, and try again."),
            )
        return None

    def _say_folder(self, words: Text) -> None:
        self.say(self.status.setText, words)
        self.show_folder()

    # Changing

    def change(self, key: str, value: object) -> None:
        """Have a setting of the officer's own be so; say why where it cannot be, and show what applies."""
        if key in MEMORY:
            self._memory.setValue(key, value)
            self._show_memory()
            self.say(self.status.setText, T("Saved."))
            self.changed.emit()
        elif key == "kiosk_password":
            self.ask_password()
        elif key == "head_office_key" and value == "":
            self.ask_to_forget_key()
        elif key == "head_office_key":
            self._do(partial(self._desk.change, head_office_key=value))
            self._runner.start(self, _LANE, one_call(readable_bundles, self._desk, False), self._show_readable)
        else:
            self._do(partial(self._desk.change, **{key: value}))

    def _show_readable(self, end: JobEnd[tuple[Entry, ...]]) -> None:
        """Name the bundles that were carried home before a key was set. A log that cannot be read says so elsewhere."""
        if isinstance(end, Done) and end.value:
            self.say(self.status.setText, T("Saved. {bundles}", bundles=readable_words(end.value)))

    def ask_password(self) -> NewPasswordDialog:
        """Ask for the password that leaves the kiosk; none takes the present one away."""
        dialog = NewPasswordDialog(self.window(), is_set=bool(self._desk.settings.kiosk_password))
        dialog.chosen.connect(lambda hashed: self._do(partial(self._desk.change, kiosk_password=hashed)))
        dialog.open()
        return dialog

    def ask_to_forget_key(self) -> QMessageBox:
        """Ask whether what is carried home is to be unencrypted from now on."""
        box = question.ask(
            self,
            T("Forget head office’s key"),
            T("Send to head office without encryption from now on?"),
            T("A person who finds the USB key can then read it."),
            T("Forget the key"),
            lambda: self._do(partial(self._desk.forget, "head_office_key")),
        )
        box.rejected.connect(self.show_settings)
        return box

    def bring_file(self) -> None:
        """Ask for a file with settings, and take them over."""
        file = file_dialogs.choose_file(self, T("Import settings"), self._memory, _FOLDER, "*.toml")
        if file is None:
            return
        self._do(partial(self._import, file))

    def _import(self, file: Path) -> Text:
        outcome = self._desk.import_settings(file)
        sentence = N(
            "{count} setting was imported.", "{count} settings were imported.", outcome.keys - len(outcome.left_out)
        )
        if outcome.left_out:
            names = ", ".join(str(self.lines[key].about.name) for key in outcome.left_out)
            sentence = T("{said} Left out, as your organisation has set them: {names}.", said=sentence, names=names)
        return sentence

    def save_file(self) -> None:
        """Save the settings that apply into a file, for another desk."""
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
        return question.ask(
            self,
            T("Reset the settings"),
            T("Go back to the standard settings, where your organisation has set nothing?"),
            T(
                "The file that has them now is kept in the same folder. Head office’s key is forgotten too, if "
                "you have set it."
            ),
            T("Reset"),
            self.reset,
        )

    def reset(self) -> None:
        """Have the standard settings; the file that was there is kept beside."""
        self._do(self._reset)

    def _reset(self) -> Text:
        backup = self._desk.reset_settings()
        if backup is None:
            return T("They are already the standard settings.")
        return T("Reset. What was set before is in {file}.", file=backup.name)

    def _do(self, act: Callable[[], Text | None]) -> None:
        """Change the settings, and say what `act` returns of that; say why they cannot be changed where it raises."""
        try:
            sentence = act()
        except SettingsProblem as problem:
            self.problem.show_problem(problem)
            self.show_settings()
            return
        self.problem.show_problem(self._desk.fault)
        self.say(self.status.setText, T("Saved.") if sentence is None else sentence)
        self.show_settings()
        self.changed.emit()

    def _look_for(self, words: str) -> None:
        count = 0
        for card, lines in self._sections:
            for line in lines:
                line.setVisible(line.has(words))
            fitting = [line for line in lines if line.has(words)]
            if self.lines["data"] in lines:
                self.folder.setVisible(self.lines["data"] in fitting)
            card.setVisible(bool(fitting))
            count += len(fitting)
        self.nothing.setVisible(not count)
