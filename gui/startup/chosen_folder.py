"""What is asked at the start where the data folder that was chosen is not there.

No other folder takes its place by itself: what is checked then would be in another log, and no one would know.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from core.desk.desk import Desk
from core.desk.settings import data_choice, settings
from core.desk.settings.data_choice import ChoiceProblem, ChosenFolderGone
from core.desk.settings.settings import SettingsProblem
from core.text import T, Text, plain

#: Characters of a path.
_PATH = 500


def settle(problem: ChoiceProblem) -> Desk | None:
    """Ask until there is a desk: in the chosen folder, which is there now, or in the standard one for this time.

    None if Fanion is not to start. `problem` is what was wrong at first.
    """
    while True:
        box = question(problem)
        box.exec()
        answer = box.buttonRole(box.clickedButton()) if box.clickedButton() is not None else None
        if answer is QMessageBox.ButtonRole.YesRole:
            return Desk.at_standard()
        if answer is not QMessageBox.ButtonRole.AcceptRole:
            return None
        try:
            return Desk.at(None)
        except ChoiceProblem as again:
            problem = again


def question(problem: ChoiceProblem) -> QMessageBox:
    """The question: try again, take the standard folder for this time, or quit. Enter tries again, Esc quits."""
    box = QMessageBox(QMessageBox.Icon.Warning, "Fanion", str(problem.sentence))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText("\n\n".join(map(str, _explained(problem))))
    again = box.addButton(str(T("Try again")), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(str(T("Standard folder, this time")), QMessageBox.ButtonRole.YesRole)
    leave = box.addButton(str(T("Quit")), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(again)
    box.setEscapeButton(leave)
    return box


def _explained(problem: ChoiceProblem) -> list[Text]:
    """What can be done, and what the standard folder would mean."""
    standard = plain(str(data_choice.standard_folder()), _PATH)
    try:
        log = settings.load(None).shared_log
    except SettingsProblem:  # it is told once there is a desk
        log = ""
    first = (
        T("Plug in or connect what it is on, and try again.")
        if isinstance(problem, ChosenFolderGone)
        else T("Ask your IT support, or take the standard folder this time and choose yours again in the settings.")
    )
    if log:
        means = T(
            "The standard folder, {folder}, has other settings. The log stays in {log}.",
            folder=standard,
            log=plain(log, _PATH),
        )
    else:
        means = T(
            "The standard folder, {folder}, has other settings, other own rules and another log: what you check with "
            "it is not in the log of the chosen folder.",
            folder=standard,
        )
    return [first, means]
