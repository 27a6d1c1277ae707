"""What the Desk page has once phones can come: loaded a moment after the window is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from core import value_names
from core.capture.capture_file import Capture
from core.desk.desk import Desk
from core.desk.earlier_reasons import earlier_reasons
from core.desk.handed_back import handed_back_today
from core.problem import Problem
from core.simulator import scenario_list
from core.text import Bilingual, T, Text
from gui.desk import scan
from gui.desk.acts.all_acts import UNDO
from gui.desk.phone_list.arrival_bar import ArrivalBar
from gui.desk.phone_list.phone_list import PhoneList
from gui.desk.phone_list.phone_list_model import Order
from gui.desk.phone_list.practice_dialog import PracticeDialog
from gui.desk.phone_list.totals_bar import TotalsBar
from gui.desk.phone_page import PhonePage
from gui.desk.phone_text import title
from gui.desk.report.review_dialog import Review, ReviewDialog
from gui.desk.session import flows
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_sessions import PhoneSessions
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, one_call

if TYPE_CHECKING:
    from core.ledger.records import Entry


#: The label that a scan fills in, by what it means.
_FILLS: Final = {scan.Meaning.TAG: "tag", scan.Meaning.HOLDER: "holder"}


class PhonesAtDesk:
    """The phones at a desk, and what shows them: their list, the page of the chosen one, totals, and who just came."""

    def __init__(self, desk: Desk, runner: JobRunner, parent: QWidget, **arguments: Any) -> None:
        """`arguments` are further ones of :class:`PhoneSessions`, for tests."""
        self._desk = desk
        self._runner = runner
        self.phones = PhoneSessions(desk, runner, parent, **arguments)
        self.cards = PhoneList(self.phones)
        self.page = PhonePage()
        self.totals = TotalsBar(self.cards, self.page.desk_actions)
        self.arrival = ArrivalBar()
        self.page.put_away_wanted.connect(self.phones.put_away)
        self.page.act_wanted.connect(self.phones.act)
        self.page.list_wanted.connect(self.cards.setFocus)
        self.page.identity.scanned.undo_wanted.connect(flows.label)
        self.page.block.action_row.reason.earlier_wanted.connect(self._offer_reasons)
        self.cards.put_away.connect(self.phones.put_away)
        self.cards.look_again.connect(PhoneSession.look)

    def scan(self, code: str, whole: bool) -> Text | None:
        """Take up what a barcode reader has read, perhaps not the `whole` of it: show the phone that bears it, or give
        it to the phone that is shown. Returns what is to be told of it; None where the page tells it already."""
        badges = self._desk.settings.badge_pattern
        reading = scan.read(code, self.phones.sessions, self.page.session, badges, whole=whole)
        session = next((s for s in self.phones.sessions if s is reading.phone), None)
        if reading.meaning is scan.Meaning.FOUND and session is not None:
            self.cards.choose(session, asked=False)
        elif reading.meaning in _FILLS and session is not None:
            before = session.labels.latest
            filled = replace(before, **{_FILLS[reading.meaning]: reading.code})
            flows.label(session, filled)
            self.page.identity.scanned.tell(session, reading.words, before, filled)
            return None
        return reading.words

    def offer_undo(self, removal: Entry) -> None:
        """Show what undoing this removal would do. Raises Problem where that cannot be shown."""
        session = self.phones.phone_of(removal)
        self.cards.choose(session)
        self.page.show_session(session)
        self.page.desk_actions.want(UNDO)

    def practise(self, scenario: str, judged_by: str) -> PhoneSession:
        """Plug a practice phone in; `judged_by` is the name of the policy that judges it, if not the one in force."""
        session = self.phones.practise(scenario, scenario_list.offer(scenario).title, judged_by)
        self.cards.choose(session)
        return session

    def practice_sentence(self, scenario: str) -> Bilingual:
        """What a practice phone shows, in a sentence."""
        return scenario_list.offer(scenario).sentence

    def practise_file(self, file: Path, told: Callable[[PhoneSession | Problem], None]) -> None:
        """Plug in the practice phone of a file, and tell it, or why there is none."""

        def tell(plugged: PhoneSession | Problem) -> None:
            if isinstance(plugged, PhoneSession):
                self.cards.choose(plugged)
            told(plugged)

        self.phones.practise_file(file, tell)

    def practice_dialog(self, practise: Callable[[str], PhoneSession], memory: QSettings | None) -> PracticeDialog:
        """Every practice phone there is, to choose from; `practise` plugs one in."""
        return PracticeDialog(practise, self.practise_file, memory, self.cards.window())

    def review(self, session: PhoneSession, review: Review, memory: QSettings | None) -> None:
        """Show the file of a phone that was read wrong, to be read before it is saved."""
        name = f"phone-{datetime.now():%Y-%m-%d}{Capture.SUFFIX}"
        ReviewDialog(review, title(session), name, self._runner, memory, self.cards.window()).open()

    def arrival_words(self, session: PhoneSession) -> str:
        """What a screen reader says of a phone that was just plugged in."""
        where = T("Slot {slot}, {phone}", slot=session.slot, phone=title(session))
        return str(value_names.pair(T("Just plugged in"), where))

    def order(self, *, by_slot: bool) -> None:
        """Have the list by slots, or in the order of work."""
        self.cards.be_in_order(Order.SLOTS if by_slot else Order.WORK)

    def _offer_reasons(self) -> None:
        """Have the officer's earlier reasons read from the log, and offered."""
        session = self.page.session
        if session is None:
            return
        offer = self.page.block.action_row.reason.show_menu

        def read(end: JobEnd[tuple[str, ...]]) -> None:
            if self.page.session is not session:
                return
            match end:
                case Done(reasons):
                    offer(reasons)
                case Failed(problem):
                    offer((), problem.sentence)

        work = one_call(earlier_reasons, self._desk, session.practice)
        self._runner.start(self.page, "earlier reasons", work, read)

    def count_handed_back(self, parent: QWidget, on_end: Callable[[JobEnd[int]], None]) -> None:
        """Count what was handed back today, off the GUI thread."""
        now = datetime.now().astimezone()
        self._runner.start(parent, "handed back", one_call(handed_back_today, self._desk, now), on_end)
