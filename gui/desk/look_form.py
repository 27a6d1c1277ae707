"""Where a phone was not wholly seen: the officer looks on it together with its owner, and says what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QFrame, QLineEdit, QRadioButton, QWidget

from core.model import Attested, Profile, ProfileKind, Strength
from core.text import Bilingual, T, Text
from core.visit import attestation
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.layouts import FlowLayout, column, row
from gui.toolkit.parts import Parts, Said
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import StatusIcon, literal

#: Characters of a note.
_LIMIT = 500
#: Banned products that are named where the officer is to look for them; all of them can be chosen.
_NAMED = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """What the officer says: the answer, and the rules that name the banned apps that were seen."""

    answer: Attested
    rules: tuple[str, ...] = ()
    note: str = ""


class LookForm(QWidget):
    """What to do on the phone, step by step, and the answer. Nothing is chosen beforehand."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "clear")
        self.say = Parts(self)
        self._of: tuple[object, ...] = ()
        self._seen: dict[str, QCheckBox] = {}
        self.steps = QFrame()
        self._steps = row(spacing=STEP * 2, inside=self.steps)
        asked = self.say.label(T("I looked on the phone, together with the owner, and"), TextSize.STRONG)
        words = {
            Attested.NOTHING_SEEN: T("saw no banned app"),
            Attested.APP_SEEN: T("saw one…"),
            Attested.DECLINED: T("the owner would not open it"),
        }
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.answers: dict[Attested, QRadioButton] = {}
        for answer, word in words.items():
            one = self.answers[answer] = QRadioButton()
            self.say(one.setText, word)
            self._group.addButton(one)
            one.toggled.connect(self._changed)
        answers = QWidget()
        mark(answers, "clear")
        flow = FlowLayout(answers)
        for one in self.answers.values():
            flow.addWidget(one)
        self.products = QWidget()
        mark(self.products, "clear")
        self._products = FlowLayout(self.products, STEP * 2)
        self.note = QLineEdit()
        self.note.setMaxLength(_LIMIT)
        self.say(self.note.setPlaceholderText, T("Note for the log (may stay empty)"))
        self.say.name(self.note, T("Note for the log (may stay empty)"))
        who = StatusIcon(16, Status.NEUTRAL, "info")
        self.stays = self.say.label("", TextSize.SMALL, "muted")
        column(
            self.steps,
            asked,
            answers,
            self.products,
            self.note,
            row(who, (self.stays, 1)),
            spacing=STEP,
            inside=self,
        )

    def show_session(self, session: PhoneSession) -> None:
        """Show what is to be looked at on this phone; what was chosen of another one is forgotten."""
        check = session.check
        about = (session, check)
        if check is None or about == self._of:
            return
        self._of = about
        self._group.setExclusive(False)
        for one in self.answers.values():
            one.setChecked(False)
        self._group.setExclusive(True)
        self.note.clear()
        for box in self._seen.values():
            box.deleteLater()
        self._seen = {}
        for rule in check.policy.rules:
            if rule.strength is Strength.BAN:
                box = self._seen[rule.id] = QCheckBox()
                self.say(box.setText, partial(_box_text, rule.product))
                box.toggled.connect(self._changed)
                self._products.addWidget(box)
        self._show_steps(session.unseen, [r.product for r in check.policy.rules if r.strength is Strength.BAN])
        officer = session.officer
        word = T(
            "It stays amber and counts as looked at by {officer}: your word goes into the sealed log.",
            officer=officer,
        )
        if attestation.counting(check):
            word = T(
                "The policy lets the word of {officer} count for what was not read: it goes into the sealed log.",
                officer=officer,
            )
        self.say(self.stays.setText, word)
        self._changed()

    def _show_steps(self, unseen: tuple[Profile, ...], products: list[Bilingual]) -> None:
        while (item := self._steps.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for number, (what, how) in enumerate(_steps(unseen, products), 1):
            card = QFrame()
            mark(card, "nested")
            say = Parts(card)
            badge = say.label(str(number), TextSize.SMALL_STRONG)
            mark(badge, "badge")
            texts = column(say.label(what, TextSize.STRONG), say.label(how, TextSize.SMALL, "muted"), None, spacing=2)
            row(badge, (texts, 1), spacing=STEP + 4, inside=card, margins=(STEP + 4, STEP, STEP + 4, STEP))
            self._steps.addWidget(card, 1)

    def choose(self, answer: Attested) -> None:
        """Choose this answer, if the form is to be seen."""
        if self.isVisible():
            self.answers[answer].setChecked(True)

    def answer(self) -> Seen | None:
        """What was said, as soon as it is whole."""
        chosen = next((answer for answer, one in self.answers.items() if one.isChecked()), None)
        if chosen is None:
            return None
        rules = tuple(rule for rule, box in self._seen.items() if box.isChecked())
        if chosen is Attested.APP_SEEN:
            return Seen(chosen, rules, self.note.text()) if rules else None
        return Seen(chosen, (), self.note.text())

    def _changed(self) -> None:
        self.products.setVisible(self.answers[Attested.APP_SEEN].isChecked())
        self.changed.emit()


def _box_text(product: Bilingual) -> str:
    return literal(str(product))


def _steps(unseen: tuple[Profile, ...], products: list[Bilingual]) -> list[tuple[Said, Said]]:
    """What to do on the phone: open what no computer sees, unlock it, look through it."""
    look = T("Look through its apps")

    def named() -> Text:
        return T("Is one of these there: {products}?", products=", ".join(map(str, products[:_NAMED])))

    kinds = {profile.kind for profile in unseen}
    if kinds == {ProfileKind.SECURE_FOLDER}:
        opened = T("Open Secure Folder"), T("The owner taps its icon.")
    elif kinds == {ProfileKind.PRIVATE_SPACE}:
        opened = T("Open the private space"), T("At the bottom of the list of all apps.")
    elif ProfileKind.WORK in kinds and len(kinds) == 1:
        opened = T("Open the work apps"), T("Under the tab “Work” in the list of all apps.")
    else:
        opened = T("Open the list of all apps"), T("The owner swipes up on the home screen.")
    return [opened, (T("Unlock it"), T("With the owner’s own PIN.")), (look, named)]
