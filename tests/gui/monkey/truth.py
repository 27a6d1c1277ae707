"""What must be true whatever was pressed: the log's story and the page's are one, and nothing is done unasked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.describe.visits import RecordedVisit
from core.desk.papers import log_evidence
from core.desk.personal_places import ErasureEffect, effect_on
from core.ledger.place import ledger_file
from core.ledger.reader import LedgerReader
from core.ledger.records import CheckEnded, Entry, HandBackIntended, RemovalIntended
from core.model import Verdict
from core.model.visit_state import Fate, VisitState
from core.simulator import PracticeServer
from gui.desk.session import coming_removal
from gui.desk.session.phone_session import PhoneSession
from gui.startup.application import MEMORY
from tests.gui.conftest import Office
from tests.kit.holders_hand import can_start

#: Characters of a typed text that no file has by chance.
_TELLING = 6
#: A time on record has whole milliseconds.
_ROUNDING = timedelta(milliseconds=20)


@dataclass
class Press:
    """A press of *Remove* for a visit. Its removal is `due` at a time; `until` is when it was taken back, if it was."""

    visit: str
    due: datetime
    until: datetime | None = None
    #: The steps that followed from it. Where a phone refuses one, the next way is tried; none is taken twice.
    steps: set[tuple[str, str, int]] = field(default_factory=set)


def _named(intent: RemovalIntended, press: Press) -> tuple[str, str, int]:
    """The step. An administrator's app is uninstalled a second time, once it was switched off: that is another step."""
    app = intent.package, intent.profile
    again = intent.act == "uninstall" and {("uninstall", *app), ("disable", *app)} <= press.steps
    return ("uninstall again" if again else intent.act, *app)


@dataclass
class Agreements:
    """What an officer agreed to: the presses of *Remove*, by a hand."""

    presses: list[Press] = field(default_factory=list)
    #: The last entry of each log that was compared with them.
    seen: dict[bool, int] = field(default_factory=dict)

    def add(self, visit: str, pause: timedelta) -> None:
        self.presses.append(Press(visit, datetime.now(UTC) + pause))

    def take_back(self, visit: str) -> None:
        """Whatever waits for this phone is not agreed to any more, if its time is not over."""
        for press in self.presses:
            if press.visit == visit and press.until is None:
                press.until = datetime.now(UTC)

    def begin_anew(self) -> None:
        """A program that was started again removes nothing that was agreed to before."""
        self.presses.clear()

    def cover(self, visit: str, intent: RemovalIntended, when: datetime) -> bool:
        """Whether a step at `when` follows from a press whose time was over, and that has not led to it before."""
        for press in self.presses:
            step = _named(intent, press)
            taken_back = press.until is not None and press.until < press.due
            if press.visit == visit and step not in press.steps and not taken_back and press.due <= when + _ROUNDING:
                press.steps.add(step)
                return True
        return False


def pause_of(office: Office, session: PhoneSession) -> timedelta:
    """How long a removal waits that was asked for now; where the policy has the officer say more, not at all."""
    if session.coming_removal is not None:  # part of its time may be over by now
        coming = session.coming_removal
        return timedelta(milliseconds=coming.milliseconds * (1 - coming.share))
    seconds = 0 if session.asks_told else office.desk.settings.removal_pause
    return timedelta(milliseconds=seconds * coming_removal.SECOND)


def says(state: VisitState) -> dict[str, object]:
    """What every surface says of a visit."""
    return {
        "verdict": state.verdict,
        "reasons": tuple(reason.value for reason in state.reasons) if state.verdict is not None else (),
        "found": state.found_count,
        "fates": sorted((str(product), fate.value) for product, fate in state.fates.items()),
    }


def page_against_log(office: Office) -> list[str]:
    """Where a phone that is at rest is shown in another way than its records say."""
    faults: list[str] = []
    for session in office.fanion.phones.sessions:
        if session.busy or session.at_work or session.coming_removal is not None:
            continue
        entries = _records_of(office, session)
        recorded = RecordedVisit(entries).state if entries else VisitState()
        shown = says(session.standing)
        if not session.unsettled.bans and shown != says(recorded):
            faults.append(f"{session.key} shows {shown}, its records say {says(recorded)}")
        faults += _untrue_green(session, entries, recorded)
    page = office.page
    green = page.session is not None and page.block.isVisible() and office.colour == "green"
    if green and page.session is not None and page.session.standing.verdict is not Verdict.GREEN:
        faults.append(f"the page of {page.session.key} is green, and its visit is {page.session.standing.verdict}")
    return faults


def sealed_against_phone(office: Office, session: PhoneSession, server: PracticeServer) -> list[str]:
    """Where another count of banned apps was sealed at a hand-back than the phone has."""
    entries = _records_of(office, session)
    sealed = [e.record.banned for e in entries if isinstance(e.record, HandBackIntended)]
    bans = RecordedVisit(entries).state.bans
    there = {str(b.product) for b in bans if b.fate is not Fate.EXCEPTED and can_start(server, b.package, b.profile)}
    if sealed and sealed[-1] != len(there):
        return [f"{session.key}: {sealed[-1]} banned apps were sealed, and it has {sorted(there)}"]
    return []


def _untrue_green(session: PhoneSession, entries: tuple[Entry, ...], recorded: VisitState) -> Iterable[str]:
    if session.verdict is not Verdict.GREEN:
        return
    ended = [entry.record for entry in entries if isinstance(entry.record, CheckEnded)]
    looked = recorded.look is not None and recorded.look.verdict is Verdict.GREEN
    if not ended or not (ended[-1].verdict == Verdict.GREEN or looked):
        yield f"{session.key} is green without an entry that is: {[str(e.verdict) for e in ended]}"


def _records_of(office: Office, session: PhoneSession) -> tuple[Entry, ...]:
    practice = session.phone.practice if session.phone is not None and session.phone.practice else session.practice
    for log in (practice, not practice):
        if log in _logs(office):
            with office.desk.read_ledger(practice=log) as ledger:
                if entries := tuple(ledger.of_visit(session.number)):
                    return entries
    return ()


def unasked_removals(office: Office, agreements: Agreements) -> list[str]:
    """Every removal on record, since this was asked last, that no press asked for whose time was over."""
    faults: list[str] = []
    for practice in _logs(office):
        with office.desk.read_ledger(practice=practice) as ledger:
            for entry in reversed(ledger.newest(1_000_000)):
                if entry.seq <= agreements.seen.get(practice, 0):
                    continue
                agreements.seen[practice] = entry.seq
                intent, visit = entry.record, entry.visit or ""
                if isinstance(intent, RemovalIntended) and not agreements.cover(visit, intent, entry.time):
                    faults.append(f"entry {entry.seq} of visit {visit} removes unasked: {_story(ledger, entry)}")
    return faults


def _story(ledger: LedgerReader, last: Entry) -> str:
    entries = (entry for entry in ledger.of_visit(last.visit or "") if entry.seq <= last.seq)
    return "; ".join(f"{entry.time:%H:%M:%S.%f} {entry.kind}" for entry in entries)


def unverified_logs(office: Office) -> list[str]:
    """What a verification finds amiss in either log."""
    faults: list[str] = []
    for practice in _logs(office):
        verification = log_evidence.verify(office.desk, practice)
        if not verification.intact:
            faults += [f"log ({practice=}): {fault}" for fault in verification.faults]
    return faults


def _logs(office: Office) -> list[bool]:
    files = {practice: ledger_file(office.desk.data, practice=practice) for practice in (True, False)}
    # One without a byte is being made at this moment.
    return [practice for practice, file in files.items() if file.exists() and file.stat().st_size]


def typed_elsewhere(office: Office, texts: Iterable[str]) -> list[str]:
    """Where what was typed lies in a file that no record, setting, list or policy of the officer's is in."""
    files = [path for path in office.data.rglob("*") if path.is_file() and _is_nobodys(path, office.data)]
    return [
        f"{path.name} has what was typed: {text}"
        for path in files
        for text in texts
        if len(text) > _TELLING and text.encode() in path.read_bytes()
    ]


def _is_nobodys(path: Path, data: Path) -> bool:
    name = path.relative_to(data).as_posix()
    return name == MEMORY or effect_on(name) in (ErasureEffect.NONE, ErasureEffect.ERASED)
