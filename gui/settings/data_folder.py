"""Another data folder: the buttons beside it on the Settings page, and the one question before Fanion starts again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from core.desk.desk import Desk
from core.desk.settings import data_choice
from core.desk.settings.data_choice import FolderContents, Origin
from core.problem import Problem
from core.text import T, Text, plain
from gui.settings import question
from gui.toolkit import file_dialogs
from gui.toolkit.forms.form_fields import opener
from gui.toolkit.layouts import row
from gui.toolkit.parts import Parts

#: Characters of a path.
_PATH: Final = 500
#: Where the data folder was given when Fanion was started, so that no choice would count.
_GIVEN: Final = {
    Origin.ARGUMENT: T("Set by --data when Fanion started: it cannot be changed here."),
    Origin.VARIABLE: T("Set by the variable FANION_DATA: it cannot be changed here."),
    Origin.PORTABLE: T("Beside the portable program: it cannot be changed here."),
}


class FolderInUse(Problem):
    """The data folder cannot be changed now: what is under way writes into it."""

    code = "data-folder-in-use"


class DataFolderButtons(QWidget):
    """Open the data folder, choose another, or go back to the standard one."""

    #: Another data folder is chosen: Fanion is to start again.
    again_wanted = Signal()
    #: What has been done, in words.
    acted = Signal(Text)
    #: A problem, or None where there is none any more.
    trouble = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.say = Parts(self)
        #: What keeps the data folder from being changed now.
        self.obstacle: Callable[[], Problem | None] = lambda: None
        self.open_it = opener(T("Open"), lambda: desk.data, self.say)
        self.say.name(self.open_it, T("Open the data folder"))
        self.change = self.say.button(
            T("Change…"), self.choose, name=T("Change the data folder…"), tip=T("Choose another data folder")
        )
        self.back = self.say.button(T("Back to the standard folder…"), self.ask_for_standard)
        row(self.open_it, self.change, self.back, None, inside=self)
        self.refresh()

    def refresh(self) -> None:
        """Show the buttons of what can be done with the data folder now."""
        self.change.setVisible(self._desk.origin not in _GIVEN)
        self.back.setVisible(self._desk.origin in (Origin.CHOSEN, Origin.INSTEAD))

    def origin_words(self) -> Text | str:
        """Why it is this folder, in words; empty for the standard one."""
        match self._desk.origin:
            case Origin.CHOSEN:
                return T("You have chosen it.")
            case Origin.INSTEAD:
                name = data_choice.chosen_name()
                if name:
                    return T("For this time: the chosen folder, {folder}, was not there.", folder=plain(name, _PATH))
                return T("For this time: which folder was chosen could not be read.")
            case Origin.STANDARD:
                return ""
            case origin:
                return _GIVEN[origin]

    def choose(self) -> None:
        """Have another folder chosen, and ask whether it is to be that one."""
        if self._is_in_the_way():
            return
        chosen = file_dialogs.choose_folder(self, T("Choose a data folder"), self._desk.data.parent)
        if chosen is not None:
            self.ask_for(data_choice.fitting(chosen))

    def ask_for(self, folder: Path) -> QMessageBox | None:
        """Ask whether `folder` is to be the data folder from now on; None where it cannot be."""
        if _is_same(folder, self._desk.data) and self._desk.origin is not Origin.INSTEAD:
            self.trouble.emit(None)
            self.acted.emit(T("It is this folder already."))
            return None
        if _is_same(folder, data_choice.standard_folder()):
            return self.ask_for_standard()
        try:
            data_choice.check(folder)
        except Problem as problem:
            self.trouble.emit(problem)
            return None
        return self._ask(folder, lambda: data_choice.choose(folder))

    def ask_for_standard(self) -> QMessageBox | None:
        """Ask whether the data are to be in the standard folder again; None where that cannot be now."""
        if self._is_in_the_way():
            return None
        if self._desk.origin is not Origin.INSTEAD:
            return self._ask(data_choice.standard_folder(), data_choice.choose_standard)
        return question.ask(
            self,
            T("Keep the standard folder"),
            T("Work with {folder} from now on?", folder=plain(str(self._desk.data), _PATH)),
            T("Fanion then no longer looks for the chosen folder. What is in it stays there."),
            T("Keep"),
            self._stay,
        )

    def _ask(self, folder: Path, keep: Callable[[], object]) -> QMessageBox:
        self.trouble.emit(None)
        return question.ask(
            self,
            T("Change the data folder"),
            T("Work with {folder} from now on?", folder=plain(str(folder), _PATH)),
            "\n\n".join(map(str, consequences(self._desk, folder))),
            T("Start again with it"),
            lambda: self._begin_again(keep),
        )

    def _begin_again(self, keep: Callable[[], object]) -> None:
        if self._is_in_the_way():
            return
        try:
            keep()
        except Problem as problem:
            self.trouble.emit(problem)
        else:
            self.again_wanted.emit()

    def _stay(self) -> None:
        try:
            data_choice.choose_standard()
        except Problem as problem:
            self.trouble.emit(problem)
            return
        self._desk.origin = Origin.STANDARD
        self.acted.emit(T("Saved."))

    def _is_in_the_way(self) -> bool:
        """Whether something keeps the folder from being changed now, which is then told."""
        obstacle = self.obstacle()
        self.trouble.emit(obstacle)
        return obstacle is not None


def consequences(desk: Desk, folder: Path) -> list[Text]:
    """What happens where `folder` becomes the data folder of `desk`, a paragraph each."""
    old, contents = plain(str(desk.data), _PATH), data_choice.contents(folder)
    if desk.shared:
        log = plain(str(desk.log_folder), _PATH)
        paragraphs = [
            T("Fanion starts again. Nothing is moved: settings and practice stay in {folder}.", folder=old),
            T("The log does not change: your organisation has it in {folder}.", folder=log),
        ]
        paragraphs.append(
            T("The new folder has no data of Fanion yet: it starts with the standard settings.")
            if contents is FolderContents.NOTHING
            else T("The new folder has data of Fanion already: its settings apply.")
        )
        return paragraphs
    paragraphs = [
        T("Fanion starts again. Nothing is moved: settings, practice, log and own rules stay in {folder}.", folder=old)
    ]
    match contents:
        case FolderContents.NOTHING:
            paragraphs.append(
                T(
                    "The new folder has no data of Fanion yet: it starts with the standard settings, no own "
                    "rules and a new log."
                )
            )
        case FolderContents.DATA:
            paragraphs.append(
                T("The new folder has data of Fanion already: its settings apply. It starts with a new log.")
            )
        case FolderContents.LOG:
            paragraphs.append(
                T("The new folder has a log of Fanion already: it goes on, with the settings and rules there.")
            )
    if data_choice.contents(desk.data) is FolderContents.LOG:
        paragraphs.append(
            T(
                "There are two logs then, and each proves only what is in it: keep both folders, and give the "
                "enrolment sheets of both to those who verify them."
            )
        )
    return paragraphs


def _is_same(first: Path, second: Path) -> bool:
    try:
        return os.path.samefile(first, second)
    except OSError:
        return first == second
