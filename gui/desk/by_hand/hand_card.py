"""The card of one app that no computer removes: drawn, step by step, and what can be done where nobody can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from core import guides
from core.describe import by_hand
from core.guides import Guide
from core.model import Phone, platforms
from core.phones.driver import Outcome
from core.phones.hand_kind import Doer, HandKind
from core.text import T, Text
from core.visit.by_hand import ByHand
from core.visit.journal import finding_key
from gui.desk.acts.all_acts import CHECK, COPY_FOR_MANAGEMENT
from gui.desk.by_hand.hand_steps import HandSteps
from gui.desk.phone_drawing import PhoneDrawing
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.images.progress_ring import Tile
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import CopyButton, Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import StatusIcon

#: How large the drawing is, by the logical pixels that the card is wide at least; below that it is left out.
_SCALES: Final = ((760, 1.15), (540, 1.0), (440, 0.66))
#: The drawing of each kind.
_DRAWINGS: Final = {
    HandKind.APP_PAGE: "app-page",
    HandKind.FACTORY_APP: "factory-app",
    HandKind.DEVICE_ADMIN: "device-admin",
    HandKind.ARCHIVED: "archived-app",
    HandKind.SECURE_FOLDER: "secure-folder",
    HandKind.WORK_PROFILE: "work-profile",
    HandKind.HOME_SCREEN: "home-screen",
    HandKind.APP_CLIP: "app-clip",
    HandKind.SCREEN_TIME: "screen-time",
    HandKind.MANAGED: "managed",
    HandKind.PROTECTED: "protected",
    HandKind.PART_OF_SYSTEM: "protected",
}


@dataclass(frozen=True, slots=True)
class CardActs:
    """What the buttons of the card do."""

    open_screen: Callable[[], object]
    go_on: Callable[[], object]
    skip: Callable[[], object]
    copy: Callable[[], object]
    grant: Callable[[], object]
    hand_back: Callable[[], object]
    check: Callable[[], object]


class HandCard(QFrame):
    """One app: what is to be done now, who does it, and what else can be done."""

    def __init__(self, acts: CardActs) -> None:
        super().__init__()
        mark(self, "lit")
        self.say = Parts(self)
        self._compact = False
        self.drawing = PhoneDrawing(_DRAWINGS[HandKind.APP_PAGE])
        self.tile = Tile()
        self.app = self.say.label("", TextSize.HEAD)
        self.where = self.say.label("", kind="muted")
        self.still = self.say.label("", TextSize.STRONG)
        self._still = QWidget()
        mark(self._still, "clear")
        row(StatusIcon(16, Status.RED), (self.still, 1), spacing=STEP, inside=self._still)
        self.steps = HandSteps()
        self.again = self.say.button(T("Open the page again"), acts.open_screen, icon="phone")
        self.went = self.say.button(T("It is switched off"), acts.go_on, icon="check")
        self.skip = self.say.button(T("Skip this app for now"), acts.skip)
        self.copy = CopyButton(T("Copy the text for management"), acts.copy, primary=True)
        self.copy.setToolTip(COPY_FOR_MANAGEMENT.key_name)
        self.grant = self.say.button(T("Grant an exception…"), acts.grant, icon="lock")
        self.as_it_is = self.say.button(T("Hand it back as it is…"), acts.hand_back, icon="hand")
        again = T("Check again")
        self.check = self.say.button(again, acts.check, icon="refresh", kind="primary")
        self.check_too = self.say.button(again, acts.check, icon="refresh")
        for check in (self.check, self.check_too):
            check.show_key(CHECK.key_name)
        self._edges = (STEP * 3, STEP * 2, STEP * 3, STEP * 2)
        named = row(self.tile, (column(self.app, self.where, spacing=0), 1), spacing=STEP + 4)
        buttons = (self.again, self.went, self.skip, self.check)
        others = (self.copy, self.grant, self.as_it_is, self.check_too)
        texts = column(
            named,
            self._still,
            self.steps,
            STEP,
            None,
            *buttons,
            *others,
            spacing=STEP,
        )
        middle = Qt.AlignmentFlag.AlignTop
        self._row = row((self.drawing, 0, middle), (texts, 1), spacing=STEP * 3, inside=self, margins=self._edges)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def be_compact(self, compact: bool) -> None:
        """Take less room."""
        self._compact = compact
        edge = STEP if compact else STEP * 2
        self._row.setContentsMargins(edge * 3 // 2, edge, edge * 3 // 2, edge)
        self._fit()

    def _fit(self) -> None:
        scale = next((scale for width, scale in _SCALES if self.width() >= width), 0.0)
        self.drawing.setVisible(bool(scale))
        scale = min(scale, 0.66) if self._compact else scale
        if scale:
            self.drawing.scale_to(scale)
        self._row.setSpacing(STEP * 3 if scale >= 1 else STEP * 2)

    def show_item(self, item: ByHand, session: PhoneSession, *, where: Text, last: bool) -> None:
        """Show what is to be done about this app, which is `where`; `last`: no other comes after it."""
        holder = item.doer is Doer.HOLDER
        name, finding = item.finding.on_phone, item.finding
        guide = guide_for(session.phone)
        identity = session.check.identities.get(finding.app.package) if session.check is not None else None
        self.tile.show_app(str(name), identity.icon if identity is not None else b"")
        self.say(self.app.setText, name)
        self.say(self.where.setText, where)
        still = finding_key(finding) in session.read_again_for and session.checked_at is not None
        at = session.checked_at.strftime("%H:%M") if session.checked_at is not None else ""
        self.say(self.still.setText, T("Still there at {time}", time=at) if still else "")
        self._still.setVisible(still)
        opened = is_open(session, item)
        steps = by_hand.steps(item.kind, name, guide, item.instruction, opened=opened)
        after = by_hand.after_removal(in_sight=item.is_seen_going, last=last) if item.then is None else None
        if item.then is not None:
            steps = (*steps, T("Then uninstall it: Fanion opens its page."))
        if holder:
            self.steps.show_steps(_opened_words(item) if opened else None, steps, after)
        else:
            self.steps.show_way(by_hand.INSTEAD[item.doer], item.instruction)
        self.drawing.show_guide(guide, name=_DRAWINGS[item.kind], app=name)
        self.again.setVisible(item.screen is not None)
        self.went.setVisible(item.then is not None)
        self.skip.setVisible(holder and not last)
        self.check.setVisible(holder)
        for offer in (self.copy, self.grant, self.as_it_is, self.check_too):
            offer.setVisible(not holder)


def is_open(session: PhoneSession, item: ByHand) -> bool:
    """Whether the phone has said that it shows the screen for this."""
    answer = session.screen_answer
    return answer is not None and answer.outcome is Outcome.DONE and session.screen_item == item


def _opened_words(item: ByHand) -> Text:
    if item.kind is HandKind.DEVICE_ADMIN:
        return T("The security settings are open on the phone.")
    return T("Its page is open on the phone.")


def guide_for(phone: Phone | None) -> Guide:
    """The guide in whose words the phone is drawn."""
    if phone is None:
        return guides.guide(guides.OTHER)
    return guides.guide(platforms.of(phone.platform).guide or guides.maker_of(0, phone.maker) or guides.OTHER)
