"""The page where no phone is: how to plug one in, practice phones to try, and, once, who works here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from core.desk.desk import Desk
from core.desk.settings import SettingsProblem
from core.text import T
from gui.toolkit.theme import STATUS_ICONS, STEP, Status, TextSize, mark
from gui.toolkit.widgets import EmptyState, WrappedLabel, as_tip, button

if TYPE_CHECKING:
    from core.simulator.scenario_list import Offer

#: The practice phones that are offered first, one of each colour. Their own titles would have to be read from files.
FIRST_PRACTICE: Final = {
    "walk-up": (T("Red verdict"), Status.RED),
    "unseen": (T("Amber verdict"), Status.AMBER),
    "clean": (T("Green verdict"), Status.GREEN),
}


class EmptyDesk(EmptyState):
    """Invites to plug a phone in."""

    #: A practice phone of this scenario is to be plugged in.
    practice_wanted = Signal(str)
    #: The officer has told who works here; or why that could not be kept.
    introduced = Signal()
    failed = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("cable", parent)
        self._desk = desk
        self.say(self.title.setText, T("Plug in a phone"))
        self.say(
            self.sentence.setText,
            T(
                "On the phone, switch on Developer options and USB debugging, then tap Allow. "
                "The check starts automatically."
            ),
        )
        if desk.must_ask("officer") and desk.fault is None:
            self._ask_who_works_here()
        self.first_practice: dict[str, QPushButton] = {}
        label = WrappedLabel(TextSize.SMALL)
        mark(label, "muted")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.say(label.setText, T("No phone at hand? Try a practice phone:"))
        self.inside.addSpacing(STEP * 2)
        self.inside.addWidget(label)
        row = QHBoxLayout()
        row.addStretch()
        for name, (word, status) in FIRST_PRACTICE.items():
            one = button(STATUS_ICONS[status])
            self.say(one.setText, word)
            one.clicked.connect(lambda checked=False, name=name: self.practice_wanted.emit(name))
            self.first_practice[name] = one
            row.addWidget(one)
        row.addStretch()
        self.inside.addLayout(row)

    def describe_practice(self) -> None:
        """Tell of each practice phone what it shows, once the window is seen: that is read from files."""
        from core.simulator import scenario_list  # not before the window is seen

        for name, one in self.first_practice.items():
            self.say(one.setToolTip, partial(_tip_of, scenario_list.offer(name)))

    def _ask_who_works_here(self) -> None:
        """Asked once: who stands in the records."""
        self.intro = QFrame()
        mark(self.intro, "card")
        self.officer, self.desk_name = QLineEdit(self._desk.officer), QLineEdit(self._desk.name)
        form = QHBoxLayout(self.intro)
        form.setContentsMargins(STEP * 2, STEP * 2, STEP * 2, STEP * 2)
        form.setSpacing(STEP * 2)
        for field, label in ((self.officer, T("Your name, for the log")), (self.desk_name, T("Name of this desk"))):
            words = QLabel()
            words.setBuddy(field)
            self.say(words.setText, label)
            self.say(field.setAccessibleName, label)
            field.setMaxLength(120)
            field.setMinimumWidth(180)
            field.returnPressed.connect(self._introduce)
            pair = QVBoxLayout()
            pair.setSpacing(STEP // 2)
            pair.addWidget(words)
            pair.addWidget(field)
            form.addLayout(pair)
        keep = button(kind="primary")
        self.say(keep.setText, T("Save"))
        keep.clicked.connect(self._introduce)
        form.addWidget(keep, 0, Qt.AlignmentFlag.AlignBottom)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self.intro)
        row.addStretch()
        self.inside.addLayout(row)

    def _introduce(self) -> None:
        try:
            locked = self._desk.settings.is_locked("desk")
            self._desk.introduce(self.officer.text().strip(), None if locked else self.desk_name.text().strip())
        except SettingsProblem as problem:
            self.failed.emit(problem)
            return
        self.intro.hide()
        self.introduced.emit()


def _tip_of(offer: Offer) -> str:
    return as_tip(str(offer.description))
