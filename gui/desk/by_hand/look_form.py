"""Where a phone was not wholly seen: the officer looks on it together with its owner, and says what was seen."""

from __future__ import annotations

from functools import partial
from typing import Final
from weakref import WeakKeyDictionary

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QFrame, QLineEdit, QWidget

from core import value_names
from core.guides import Guide
from core.model import Attested, Check, Profile, ProfileKind, Rule, Strength
from core.text import Bilingual, T, Text
from core.visit import attestation
from gui.desk.acts.act_words import guide_of
from gui.desk.acts.all_acts import APP_SEEN, DECLINED, NOTHING_SEEN
from gui.desk.phone_drawing import PhoneDrawing
from gui.desk.ready.holder_row import HolderAct, HolderRow
from gui.desk.ready.ready_parts import TOP
from gui.desk.session import played_holder
from gui.desk.session.page_state import LookAnswer
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.buttons import RoundBox, TickBox
from gui.toolkit.layouts import FlowLayout, column, row
from gui.toolkit.parts import Parts, Said
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import KeyCap, StatusIcon, literal

#: Characters of a note.
_LIMIT = 500
#: The share of its own size that a drawing beside a step has.
_DRAWN = 0.6
#: Of the three steps: open it, unlock it, look through it.
_DRAWINGS: Final = ("look-open", "look-unlock", "look-through")
#: Logical pixels, below which the form has none.
_WIDE = 700
#: Banned products that are named where the officer is to look for them; all of them can be chosen.
_NAMED = 4


#: The act of each answer, whose key stands beside it.
_ACTS: Final = {Attested.NOTHING_SEEN: NOTHING_SEEN, Attested.APP_SEEN: APP_SEEN, Attested.DECLINED: DECLINED}


#: An answer, the rules whose apps were seen, and the note.
_Draft = tuple[Attested | None, tuple[str, ...], str]


class LookForm(QWidget):
    """What to do on the phone, step by step, and the answer. Nothing is chosen beforehand."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "clear")
        self.say = Parts(self)
        self._of: tuple[object, ...] = ()
        #: What was chosen and typed for phones that are not shown, each with the check that it is about.
        self._drafts: WeakKeyDictionary[PhoneSession, tuple[object, _Draft]] = WeakKeyDictionary()
        self._rule_boxes: dict[str, TickBox] = {}
        #: Of the place that is looked at, where that is drawn.
        self.drawing: PhoneDrawing | None = None
        #: Of the three steps on an Android phone.
        self._drawings: list[PhoneDrawing] = []
        self.steps = QFrame()
        self._steps = row(spacing=STEP * 2, inside=self.steps)
        self.holder = HolderRow()
        question = self.say.label(T("I looked on the phone, together with the holder, and"), TextSize.STRONG)
        words = {
            Attested.NOTHING_SEEN: T("saw no banned app"),
            Attested.APP_SEEN: T("saw one…"),
            Attested.DECLINED: T("the holder would not open it"),
        }
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.answers: dict[Attested, RoundBox] = {}
        for answer, word in words.items():
            box = self.answers[answer] = RoundBox()
            self.say(box.setText, word)
            self._group.addButton(box)
            box.toggled.connect(self._changed)
        answers = QWidget()
        mark(answers, "clear")
        flow = FlowLayout(answers)
        self._caps: list[KeyCap] = []
        for answer, box in self.answers.items():
            self._caps.append(KeyCap(_ACTS[answer].key_name))
            choice = QWidget()
            mark(choice, "clear")
            row(box, self._caps[-1], inside=choice)
            flow.addWidget(choice)
        self.products = QWidget()
        mark(self.products, "clear")
        self._products = FlowLayout(self.products, STEP * 2)
        self.note = QLineEdit()
        self.note.setMaxLength(_LIMIT)
        self.say(self.note.setPlaceholderText, T("Note for the log (optional)"))
        self.say.name(self.note, T("Note for the log (optional)"))
        glyph = StatusIcon(16, Status.NEUTRAL, "info")
        self.stays = self.say.label("", TextSize.SMALL, "muted")
        column(
            self.steps,
            self.holder,
            question,
            answers,
            self.products,
            self.note,
            row(glyph, (self.stays, 1)),
            spacing=STEP,
            inside=self,
        )

    def show_session(self, session: PhoneSession) -> None:
        """Show what is to be looked at on this phone; what was chosen for another is kept until that is shown again."""
        check = session.check
        about = (session, check)
        if check is None or about == self._of:
            return
        if isinstance(shown := self._of[0] if self._of else None, PhoneSession):
            self._drafts[shown] = (self._of[1], self._draft())
        self._of = about
        self._group.setExclusive(False)
        for choice in self.answers.values():
            choice.setChecked(False)
        self._group.setExclusive(True)
        self.note.clear()
        for box in self._rule_boxes.values():
            box.deleteLater()
        self._rule_boxes = {}
        before: QWidget = self.answers[Attested.DECLINED]
        for rule in check.policy.rules:
            if rule.strength is Strength.BAN:
                box = self._rule_boxes[rule.id] = TickBox()
                self.say(box.setText, partial(_box_text, rule.product))
                box.toggled.connect(self._changed)
                self._products.addWidget(box)
                QWidget.setTabOrder(before, box)  # where it stands, not behind all that the page has already
                before = box
        self._show_steps(session, check)
        self._offer_holder(session)
        self.say(self.stays.setText, _stays(session, check))
        of, draft = self._drafts.pop(session, (None, None))
        if of is check and draft is not None:
            self._take(draft)
        self._changed()

    def _draft(self) -> _Draft:
        """What was chosen and typed so far."""
        chosen = next((answer for answer, box in self.answers.items() if box.isChecked()), None)
        rules = tuple(rule for rule, box in self._rule_boxes.items() if box.isChecked())
        return chosen, rules, self.note.text()

    def _take(self, draft: _Draft) -> None:
        """Show what was chosen and typed before."""
        chosen, rules, note = draft
        if chosen is not None:
            self.answers[chosen].setChecked(True)
        for rule, box in self._rule_boxes.items():
            box.setChecked(rule in rules)
        self.note.setText(note)

    def _show_steps(self, session: PhoneSession, check: Check) -> None:
        while (item := self._steps.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        guide = guide_of(session.platform)
        place = guide.hidden if guide is not None and check.inventory.places else None
        products = [_short_name(rule) for rule in check.policy.rules if rule.strength is Strength.BAN]
        steps = _steps(session.unseen, products) if guide is None else _iphone_steps(guide, check, products)
        self.drawing = None
        if guide is not None and place is not None:
            self.drawing = PhoneDrawing(place.drawing, scale=_DRAWN)
            self.drawing.show_guide(guide)
            self._steps.addWidget(_step_card(1, place.title, place.note, place.path, self.drawing), 3)
        self._drawings = [PhoneDrawing(name, scale=_DRAWN) for name in _DRAWINGS] if guide is None else []
        for number, (title, how) in enumerate(steps, 1 if place is None else 2):
            below = self._drawings[number - 1] if guide is None else None
            self._steps.addWidget(_step_card(number, title, how, below=below), 2)
        self._fit()

    def _offer_holder(self, session: PhoneSession) -> None:
        """Have the holder of a practice phone played: what they show, or refuse to show, is what the officer saw."""
        acts: list[HolderAct] = []
        if played_holder.is_played(session):
            shows, refuses = T("Open it, and show what is there"), T("Refuse to open it")
            acts = [(shows, partial(self._see, session)), (refuses, partial(self.choose, Attested.DECLINED))]
        self.holder.offer(acts)

    def _see(self, session: PhoneSession) -> None:
        """Answer with what the holder of a practice phone shows."""
        rules = played_holder.shown_rules(session)
        self.choose(Attested.APP_SEEN if rules else Attested.NOTHING_SEEN)
        for rule, box in self._rule_boxes.items():
            box.setChecked(rule in rules)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is little room, the words have it, and each step the whole width."""
        wide = self.width() >= _WIDE
        self._steps.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self._steps.setSpacing(STEP * 2 if wide else STEP // 2)
        beside = [self.drawing] if self.drawing is not None else []
        for drawing in (*self._drawings, *beside):
            drawing.setVisible(wide)

    @property
    def first(self) -> QWidget:
        """The first of what is not said yet: an answer, or the banned apps that were seen."""
        if self.answers[Attested.APP_SEEN].isChecked() and self._rule_boxes:
            return next(iter(self._rule_boxes.values()))
        return self.answers[Attested.NOTHING_SEEN]

    def show_keys(self, drawn: bool) -> None:
        """Draw the keys beside the answers, where there is room."""
        for cap in self._caps:
            cap.setVisible(drawn)

    def choose(self, answer: Attested) -> None:
        """Choose this answer."""
        self.answers[answer].setChecked(True)

    def answer(self) -> LookAnswer | None:
        """What was said, as soon as it is whole."""
        chosen = next((answer for answer, box in self.answers.items() if box.isChecked()), None)
        if chosen is None:
            return None
        rules = tuple(rule for rule, box in self._rule_boxes.items() if box.isChecked())
        if chosen is Attested.APP_SEEN:
            return LookAnswer(chosen, rules, self.note.text()) if rules else None
        return LookAnswer(chosen, (), self.note.text())

    def _changed(self) -> None:
        self.products.setVisible(self.answers[Attested.APP_SEEN].isChecked())
        self.changed.emit()


def _step_card(
    number: int,
    title: Said,
    how: Said,
    where: Said = "",
    drawing: PhoneDrawing | None = None,
    below: PhoneDrawing | None = None,
) -> QFrame:
    """One step: its number, what to do, `where` on the phone and how; beside that a drawing, or below it one."""
    card = QFrame()
    mark(card, "nested")
    say = Parts(card)
    badge = say.label(str(number), TextSize.SMALL_STRONG)
    mark(badge, "badge")
    texts = column(say.label(title, TextSize.STRONG), spacing=2)
    if where:
        texts.addWidget(say.label(where))
    texts.addWidget(say.label(how, TextSize.SMALL, "muted"))
    texts.addStretch()
    inside = row((badge, 0, TOP), (texts, 1), spacing=STEP + 4, margins=(0, 0, 0, STEP // 2))
    end = 0 if below is not None else STEP
    whole = column(inside, spacing=STEP, inside=card, margins=(STEP + 4, STEP, STEP + 4, end))
    if below is not None:
        below.setFixedSize(below.sizeHint())
        whole.addWidget(below, 0, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
    if drawing is not None:
        inside.addWidget(drawing, 0, TOP)
    return card


def _box_text(product: Bilingual) -> str:
    return literal(str(product))


def _stays(session: PhoneSession, check: Check) -> Text:
    """What becomes of the verdict by the officer's word."""
    if check.demanded:
        outcome = T(
            "The policy requires {officer} to look before the phone can be green. Your answer goes into the "
            "sealed log.",
            officer=session.officer,
        )
    elif attestation.counting(check):
        outcome = T(
            "The policy accepts what {officer} saw in place of what was not read. Your answer goes into the "
            "sealed log.",
            officer=session.officer,
        )
    elif session.to_look_at:
        outcome = T(
            "The verdict stays amber, marked as checked by hand by {officer}. Your answer goes into the sealed log.",
            officer=session.officer,
        )
    else:
        outcome = T("Your answer goes into the sealed log. It changes the verdict only if you saw a banned app.")
    return outcome


def _short_name(rule: Rule) -> Bilingual:
    """The name of a banned product, by the shortest of its apps’ names that is a part of it."""
    shorter = [id.product for id in rule.ids if id.product.en in rule.product.en]
    return min(shorter, key=lambda name: len(name.en), default=rule.product)


def _products_question(products: list[Bilingual]) -> Said:
    def sentence() -> Text:
        return T(
            "Is one of these on the phone: {products}?", products=value_names.listed(products[:_NAMED], either=True)
        )

    return sentence


def _iphone_steps(guide: Guide, check: Check, products: list[Bilingual]) -> list[tuple[Said, Said]]:
    """What to do on an iPhone, beside what is drawn: where its lists are not whole, all of its apps are looked at."""
    steps: list[tuple[Said, Said]] = []
    if len(check.gaps) > len(check.demanded) and "app_library" in guide.words:
        library = T("Open {place}", place=guide.words["app_library"].text)
        steps.append((library, T("The holder swipes left past the last page of the home screen.")))
    return [*steps, (T("Look through its apps"), _products_question(products))]


def _steps(unseen: tuple[Profile, ...], products: list[Bilingual]) -> list[tuple[Said, Said]]:
    """What to do on the phone: open what no computer sees, unlock it, look through it."""
    look, question = T("Look through its apps"), _products_question(products)
    kinds = {profile.kind for profile in unseen}
    if kinds == {ProfileKind.SECURE_FOLDER}:
        opened = T("Open Secure Folder"), T("The holder taps its icon.")
    elif kinds == {ProfileKind.PRIVATE_SPACE}:
        opened = T("Open the private space"), T("At the bottom of the list of all apps.")
    elif ProfileKind.WORK in kinds and len(kinds) == 1:
        opened = T("Open the work apps"), T("Under the tab “Work” in the list of all apps.")
    else:
        opened = T("Open the list of all apps"), T("The holder swipes up on the home screen.")
    return [opened, (T("Unlock it"), T("With the holder’s own PIN.")), (look, question)]
