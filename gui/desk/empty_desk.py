"""The page where no phone is: how to plug one in, practice phones to try, and, once, who works here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton

from core.desk.desk import Desk
from core.desk.settings.settings import SettingsProblem
from core.text import Bilingual, T
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STATUS_ICONS, STEP, Status, TextSize, mark
from gui.toolkit.widgets import EmptyState

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

#: The practice phones that are offered first, one of each colour. Their own titles would have to be read from files.
FIRST_PRACTICE: Final = {
    "walk-up": (T("Red verdict"), Status.RED),
    "unseen": (T("Amber verdict"), Status.AMBER),
    "clean": (T("Green verdict"), Status.GREEN),
}


#: Logical pixels of height below which the picture is left out.
_LOW: Final = 330


class EmptyDesk(EmptyState):
    """Invites to plug a phone in."""

    #: A practice phone of this scenario is to be plugged in.
    practice_wanted = Signal(str)
    #: The list of the lessons is to be shown.
    lessons_wanted = Signal()
    #: The officer has told who works here; or why that could not be kept.
    introduced = Signal()
    failed = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__("cable")
        self._desk = desk
        self._parts = Parts(self)
        self.say(self.title.setText, T("Plug in a phone"))
        how = T(
            "On the phone, switch on Developer options and USB debugging, then tap Allow. "
            "The check starts automatically."
        )
        self.say(self.sentence.setText, how)
        if desk.must_ask("officer") and desk.fault is None:
            self._ask_who_works_here()
        label = self._parts.label(T("No phone at hand? Try a practice phone:"), TextSize.SMALL, "muted")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.first_practice: dict[str, QPushButton] = {
            name: self._parts.button(
                word, lambda checked=False, name=name: self.practice_wanted.emit(name), icon=STATUS_ICONS[status]
            )
            for name, (word, status) in FIRST_PRACTICE.items()
        }
        self.inside.addSpacing(STEP * 2)
        self.inside.addWidget(label)
        self.inside.addLayout(row(None, *self.first_practice.values(), None, spacing=-1))
        tip = T("Practice phones with goals that are checked automatically (Ctrl+Shift+K)")
        self.learn = self._parts.button(
            T("Learn Fanion: ten lessons"), self.lessons_wanted.emit, icon="practice", kind="link", tip=tip
        )
        self.inside.addLayout(row(None, self.learn, None))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.be_small(self.height() < _LOW)

    def describe_practice(self, description: Callable[[str], Bilingual]) -> None:
        """Tell of each practice phone what it shows, once the window is seen: its `description` is read from a file."""
        for name, choice in self.first_practice.items():
            self._parts.long_tip(choice, description(name))

    def _ask_who_works_here(self) -> None:
        """Asked once: who stands in the records."""
        self.intro = QFrame()
        mark(self.intro, "card")
        self.officer, self.desk_name = QLineEdit(self._desk.officer), QLineEdit(self._desk.name)
        questions = ((self.officer, T("Your name, for the log")), (self.desk_name, T("Name of this desk")))
        fields = []
        for field, label in questions:
            field.setMaxLength(120)
            field.setMinimumWidth(180)
            field.returnPressed.connect(self._introduce)
            fields.append(column(self._parts.label_of(field, label), field, spacing=STEP // 2))
        save = self._parts.button(T("Save"), self._introduce, kind="primary")
        edges = (STEP * 2, STEP * 2, STEP * 2, STEP * 2)
        row(*fields, (save, 0, Qt.AlignmentFlag.AlignBottom), spacing=STEP * 2, inside=self.intro, margins=edges)
        self.inside.addLayout(row(None, self.intro, None))

    def _introduce(self) -> None:
        try:
            locked = self._desk.settings.is_locked("desk")
            self._desk.introduce(self.officer.text().strip(), None if locked else self.desk_name.text().strip())
        except SettingsProblem as problem:
            self.failed.emit(problem)
            return
        self.intro.hide()
        self.introduced.emit()
