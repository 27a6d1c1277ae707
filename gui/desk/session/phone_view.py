"""What is known of one phone on the Desk page, for the page and the card to show. It changes only on the GUI thread."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from core.jobs import Progress
from core.ledger import records
from core.model import Check, Finding, Labels, Phone, Profile, Verdict
from core.model.visit_state import VisitState
from core.phones.driver import Answer, Management, Step
from core.phones.removal_plan import Planned, Removal
from core.problem import Problem
from core.text import Bilingual, T, Text, plain
from core.visit import attestation
from core.visit.by_hand import ByHand
from core.visit.hand_back import HandBackResult
from core.visit.journal import FindingKey, finding_key
from core.visit.undo import Undoable, Undone
from gui.desk.session.app_rows import AppRow
from gui.desk.session.coming_removal import ComingRemoval
from gui.desk.session.lane import FileRead, FinishedCheck, UnfinishedCheck
from gui.desk.session.unsettled import UnsettledBans
from gui.toolkit.jobs import Job
from gui.toolkit.theme import Status

if TYPE_CHECKING:  # it loads what ADB needs
    from core.phones.watch import Sighting
    from core.simulator import Act
    from core.visit.phone_source import DeskPhone, Practice


#: Characters of a serial number that tell two phones of one model apart.
_END: Final = 4
#: Findings that are acted on in one go: nothing is done that was not shown. A hostile phone may have thousands.
AT_ONCE: Final = 60


class Phase(Enum):
    """What is under way with a phone."""

    RESTING = "resting"
    WAITING = "waiting"
    OPENING = "opening"
    ASKED = "asked"
    READING = "reading"
    LOOKING = "looking"
    REMOVING = "removing"
    UNDOING = "undoing"
    #: Copies of banned apps' files are made.
    KEEPING = "keeping"
    HANDING_BACK = "handing-back"


@dataclass(slots=True)
class AssetLabels:
    """What the department calls the phone: `current` is what its next record will have."""

    current: Labels = Labels()  # noqa: RUF009 - it is frozen
    #: The phone that it was said of, if that was known then.
    of: Phone | None = None
    #: Why something could not be written down, and what.
    problem: Problem | None = None
    unsaved: Labels | None = None
    #: What was said and waits, maybe behind a check.
    waiting: deque[Labels] = field(default_factory=deque)

    @property
    def latest(self) -> Labels:
        """What the officer said last, as far as nothing went wrong with it."""
        return self.waiting[-1] if self.waiting else self.current


class PhoneView:
    """One phone, as it is shown."""

    def __init__(self, key: str, name: str | Bilingual, *, practice: bool) -> None:
        self.key = key
        #: The number of its place at the desk (:mod:`core.desk.slots`), from 1.
        self.slot = 0
        self.sighting: Sighting | None = None
        self.phase = Phase.RESTING
        self.absent = False
        self.practice = practice
        #: Which practice phone it is; empty for a real one.
        self.scenario = ""
        self.progress: Progress | None = None
        #: Bans that were found while the reading goes on.
        self.bans_seen: tuple[Finding, ...] = ()
        self.unsettled = UnsettledBans()
        #: The apps, while their files are looked into.
        self.reading: UnfinishedCheck | None = None
        #: What the files that were looked into say, by package.
        self.app_files: dict[str, FileRead] = {}
        #: How many files were looked into, and how many seconds that took.
        self.files_read = 0
        self.files_time = 0.0
        #: When the first of them began (`time.monotonic`).
        self.files_from = 0.0
        self.checked: FinishedCheck | None = None
        self.checked_at: datetime | None = None
        #: Who works at the desk.
        self.officer = ""
        #: It is to be read, which waits until somebody has said who works here.
        self.waits_for_officer = False
        #: How its visit stands, by what of it is on record: what was red stays so, also where the phone has left.
        self.state = VisitState()
        #: What an officer saw on the phone itself since the last check.
        self.attestation: records.Attestation | None = None
        self.handed_back: HandBackResult | None = None
        self.handed_back_at: datetime | None = None
        #: What the log says of its earlier visits, where it is certainly the same phone.
        self.greeting: Text | None = None
        #: The app that is being removed by hand on the phone: what a quick look said last, where one was had, and of
        #: which finding.
        self.still_there: bool | None = None
        self.looked_for: Finding | None = None
        #: Such a look is under way: another one waits for its end.
        self.looking_for = False
        #: What the phone said when it was asked to open the screen for it, and for what it was asked.
        self.screen_answer: Answer | None = None
        self.screen_item: ByHand | None = None
        #: The findings that were to be removed by hand when the officer had the phone read again.
        self.read_again_for: frozenset[FindingKey] = frozenset()
        #: What is left to be removed by hand is shown once nothing is under way.
        self.by_hand_again = False
        #: A removal that is asked for and has not begun.
        self.coming_removal: ComingRemoval | None = None
        #: A removal or an undoing is under way, with the reading that ends it.
        self.settling = False
        #: What is being removed is only switched off.
        self.only_switches_off = False
        self.removal: Removal | None = None
        self.undone: Undone | None = None
        #: The banned apps that were found and of whose files copies are kept, and how many files those are.
        self.kept: frozenset[FindingKey] = frozenset()
        self.kept_files = 0
        #: The steps of the removal or undoing under way, each with its answer once there is one.
        self.steps: list[tuple[Step, Answer | None]] = []
        self.problem: Problem | None = None
        self.stopped = False
        #: The fingerprint of the desk's key, as the phone shows it in its question.
        self.fingerprint = ""
        #: When it began to show it (`time.monotonic`); 0.0 before that.
        self.asked_at = 0.0
        #: How often it left before it could be read.
        self.early_departures = 0
        #: How it is opened; still there once the phone has left, None while it cannot be opened.
        self.source: DeskPhone | None = None
        #: A practice phone that is made ready at the desk.
        self.not_ready: Practice | None = None
        #: What its owner, who is played, can do to bring a practice phone nearer to ready.
        self.acts: tuple[Act, ...] = ()
        self.phone: Phone | None = None
        self.labels = AssetLabels()
        #: A removal or an undoing was cut off: steps were taken, and what the last one did is not known.
        self.cut_off = False
        #: The number of the visit, which all its records bear.
        self.number = secrets.token_hex(6)
        self._name = name
        self._job: Job[Any] | None = None

    @property
    def platform(self) -> str:
        """``android`` or ``ios``: as it said itself, or as it was sighted."""
        phone = self.phone or self.source or self.sighting
        return phone.platform if phone is not None else "android"

    def tell_change(self, *, recorded: bool) -> None:
        """Have what shows the phone show it anew; `recorded`: the log may have new records."""

    @property
    def check(self) -> Check | None:
        """The last check, if the phone is still as it found it."""
        return self.checked.check if self.checked else None

    @property
    def name(self) -> str:
        """Maker and model as the phone gave them, or what is known before that."""
        return self.phone.name if self.phone and self.phone.model else str(self._name or T("A phone"))

    @property
    def serial_end(self) -> str:
        """The end of its serial number; empty if that is not known or all that is known, and for practice phones."""
        if self.practice:
            return ""
        serial = (self.phone.serial if self.phone else "") or (self.sighting.serial if self.sighting else "")
        return "" if serial == self.name else plain(serial.strip()[-_END:], _END)

    @property
    def is_handed_back(self) -> bool:
        """Whether this visit ended with handing the phone back."""
        return self.handed_back is not None

    @property
    def opened_as(self) -> Sighting | None:
        """As what the phone was sighted that is opened; None where none was sighted."""
        return self.source.sighting if self.source is not None else None

    @property
    def busy(self) -> bool:
        return self._job is not None

    @property
    def changing(self) -> bool:
        """Whether the phone is being changed: it should not be pulled now."""
        return self.phase in (Phase.REMOVING, Phase.UNDOING)

    @property
    def verdict(self) -> Verdict | None:
        """The visit's, once nothing is read any more: red as long as no reading has shown otherwise."""
        verdict = self.standing.verdict
        if self.check is None and (self.busy or verdict is not Verdict.RED):
            return None
        return verdict

    def call_off(self) -> ComingRemoval | None:
        """Have no removal wait any more. Returns the one that did."""
        coming, self.coming_removal = self.coming_removal, None
        return coming

    @property
    def asks_told(self) -> bool:
        """Whether the policy has an officer say, before each removal, that the holder was told what is lost."""
        check = self.check or (self.reading.check if self.reading is not None else None)
        return check is not None and check.policy.confirm_told

    @property
    def standing(self) -> VisitState:
        """How the visit stands, with the banned apps that were seen and could not be put on record, or were seen on the
        phone before it was plugged in again."""
        if self.check is not None and self.state.last is None:
            return VisitState.of(self.check)
        if not self.unsettled.bans or self.check is not None or self.state.verdict is Verdict.RED:
            return self.state
        return replace(self.state, open_bans=tuple(dict.fromkeys(f.product for f in self.unsettled.bans)))

    @property
    def unseen(self) -> tuple[Profile, ...]:
        """The profiles that the last check could not read."""
        return attestation.unseen(self.check) if self.check is not None else ()

    @property
    def may_look_at(self) -> bool:
        """Whether an officer may look on the phone itself, though nothing keeps it from being handed back: there is a
        place that a computer is not known to see."""
        places = bool(self.check.inventory.places) if self.check is not None else False
        free = not (self.busy or self.absent) and not self.is_handed_back and self.attestation is None
        return places and free and not self.to_look_at

    @property
    def to_look_at(self) -> bool:
        """Whether an officer is to look on the phone itself: something was not seen, or could not be made sure."""
        check = self.check
        unsure = check is not None and check.verdict is Verdict.AMBER and bool(check.gaps or check.suspected)
        return unsure and self.attestation is None and not self.absent

    @property
    def settled(self) -> bool:
        """Whether nothing is left but to hand the phone back: what is amber is allowed so, or was looked at."""
        return self.verdict is Verdict.GREEN or (self.verdict is Verdict.AMBER and not self.to_look_at)

    @property
    def by_hand(self) -> tuple[ByHand, ...]:
        """The banned apps that no step can remove: they are removed on the phone itself."""
        return self.checked.by_hand if self.checked and not self.absent else ()

    @property
    def management(self) -> Management | None:
        """The phone's management, where that is the better tool against its banned apps."""
        still = self.checked is not None and not (self.busy or self.absent) and not self.is_handed_back
        return self.checked.management if self.checked is not None and still else None

    @property
    def bans(self) -> tuple[Finding, ...]:
        """The bans that make it red."""
        return self.check.red if self.check else self.bans_seen or self.left_red

    @property
    def left_red(self) -> tuple[Finding, ...]:
        """The bans that were seen on it where its check did not end, whatever stopped it: it is no better than that."""
        return self.unsettled.bans if self.check is None and not self.busy and not self.is_handed_back else ()

    @property
    def banned_count(self) -> int:
        """How many banned products are on it: those that were found, and those that an officer saw."""
        by_officer = self.attestation.products if self.attestation is not None else ()
        return len({*(f.product for f in self.bans), *by_officer}) if self.busy else self.standing.left_count

    @property
    def rows(self) -> tuple[AppRow, ...] | None:
        """Its apps, as far as they are known; None where it was not read."""
        reading = self.reading or self.checked
        return reading.rows if reading else None

    @property
    def status(self) -> Status:
        """What its colour says. Red as soon as a ban is seen; green only once every file was looked into."""
        if self.verdict is not None and not self.changing:
            return Status(self.verdict.value)
        if self.bans_seen and not self.problem and not self.stopped:
            return Status.RED
        return Status.NEUTRAL

    @property
    def removable(self) -> list[Planned]:
        """The bans that something can be done about, be it by hand; of very many only the first, those with steps
        before the others."""
        return self._removable()[:AT_ONCE]

    @property
    def to_remove(self) -> list[Planned]:
        """Those of them that one press removes: where the phone refused every step in this visit, its owner does."""
        refused = {finding_key(planned.finding) for planned in self.by_hand}
        return [item for item in self.removable if item.steps and finding_key(item.finding) not in refused]

    @property
    def also(self) -> list[Planned]:
        """What does not make it red but could be ticked to be removed too; of very many only the first."""
        return self._also()[:AT_ONCE]

    @property
    def for_next_time(self) -> int:
        """How many more of both there are, which are shown once these are done with."""
        return sum(max(len(items) - AT_ONCE, 0) for items in (self._removable(), self._also()))

    def _removable(self) -> list[Planned]:
        bans = self.bans
        return sorted((i for i in self._planned() if i.finding in bans), key=lambda item: not item.steps)

    def _also(self) -> list[Planned]:
        bans = self.bans
        return [i for i in self._planned() if i.finding not in bans and i.steps]

    def _planned(self) -> tuple[Planned, ...]:
        return self.checked.plan.items if self.checked and not self.absent else ()

    @property
    def undoable(self) -> tuple[Undoable, ...]:
        """The steps of the last removal that can be taken back."""
        return tuple(u for u in self.checked.undoable if u.possible) if self.checked and not self.absent else ()

    @property
    def can_be_labelled(self) -> bool:
        """Whether there is, or can be, a record to keep labels with."""
        return not self.absent or self.check is not None

    @property
    def stopping(self) -> bool:
        return self._job is not None and self._job.cancel.pressed
