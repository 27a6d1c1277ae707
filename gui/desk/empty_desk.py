"""The page where no phone is: how to plug one in, practice phones to try, and, once, who works here.

Nobody's phone is recorded before somebody has said who works here: a real phone that is plugged in before waits, and
this page, with the cursor in the field, stays in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QWidget

from core.desk.desk import Desk
from core.desk.officer_name import NoPersonsName
from core.desk.settings.settings import SettingsProblem
from core.text import Bilingual, T
from gui.toolkit.announcement import announce
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STATUS_ICONS, STEP, Status, TextSize, mark
from gui.toolkit.widgets import EmptyState

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent, QShowEvent

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
        #: Asks who works here, until that is known; None where it was known from the beginning.
        self.intro: QFrame | None = None
        if desk.lacks_officer:
            self._ask_who_works_here()
        label = self._parts.label(T("No phone at hand? Try a practice phone:"), TextSize.SMALL, "muted")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.first_practice: dict[str, QPushButton] = {
            name: self._parts.button(
                word, lambda checked=False, name=name: self.practice_wanted.emit(name), icon=STATUS_ICONS[status]
            )
            for name, (word, status) in FIRST_PRACTICE.items()
        }
        tip = T("Practice phones with goals that are checked automatically (Ctrl+Shift+K)")
        self.learn = self._parts.button(
            T("Learn Fanion: ten lessons"), self.lessons_wanted.emit, icon="practice", kind="link", tip=tip
        )
        #: For those who have no phone at hand.
        self.practice = QWidget()
        mark(self.practice, "clear")
        column(
            STEP * 2,
            label,
            row(None, *self.first_practice.values(), None, spacing=-1),
            row(None, self.learn, None),
            spacing=-1,
            inside=self.practice,
        )
        self.inside.addWidget(self.practice)
        self.say_what_waits(False)

    def say_what_waits(self, waits: bool) -> None:
        """Say that a phone waits for the officer's name, or how one is plugged in."""
        if waits:
            title, sentence = T("Who works here?"), T("A phone is plugged in. Its check starts once your name is here.")
        else:
            title = T("Plug in a phone")
            sentence = T(
                "On the phone, switch on Developer options and USB debugging, then tap Allow. "
                "The check starts automatically."
            )
        self.say(self.title.setText, title)
        self.say(self.sentence.setText, sentence)
        self.practice.setVisible(not waits)

    def ask_name(self) -> None:
        """Put the cursor where the officer's name is typed."""
        if self.intro is not None and self._desk.lacks_officer and not self.desk_name.hasFocus():
            self.officer.setFocus()

    def meet_officer(self) -> None:
        """Ask no more once it is known who works here."""
        if self.intro is not None:
            self.intro.setVisible(self._desk.lacks_officer)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.ask_name()

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
        self.officer, self.desk_name = QLineEdit(self._desk.proposed_officer), QLineEdit(self._desk.name)
        self.desk_name.setEnabled(not self._desk.settings.is_locked("desk"))
        questions = ((self.officer, T("Your name, for the log")), (self.desk_name, T("Name of this desk")))
        fields = []
        for field, label in questions:
            field.setMaxLength(120)
            field.setMinimumWidth(180)
            field.returnPressed.connect(self._introduce)
            fields.append(column(self._parts.label_of(field, label), field, spacing=STEP // 2))
        save = self._parts.button(T("Save"), self._introduce, kind="primary")
        #: Why what was typed is no name.
        self.wrong = self._parts.label("", TextSize.SMALL)
        self.wrong.hide()
        edges = (STEP * 2, STEP * 2, STEP * 2, STEP * 2)
        line = row(*fields, (save, 0, Qt.AlignmentFlag.AlignBottom), spacing=STEP * 2)
        column(line, self.wrong, inside=self.intro, margins=edges)
        self.inside.addLayout(row(None, self.intro, None))

    def _introduce(self) -> None:
        try:
            locked = self._desk.settings.is_locked("desk")
            self._desk.introduce(self.officer.text(), None if locked else self.desk_name.text().strip())
        except NoPersonsName as problem:
            words = T("{a} {b}", a=problem.sentence, b=problem.next_step)
            self._parts(self.wrong.setText, words)
            self.wrong.show()
            announce(self.officer, str(words))
            self.officer.setFocus()
            self.officer.selectAll()
        except SettingsProblem as problem:
            self.failed.emit(problem)
        else:
            self.wrong.hide()
            self.introduced.emit()
