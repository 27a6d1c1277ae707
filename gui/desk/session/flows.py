"""What an officer can begin with a phone, each as one function that reads from top to bottom, and what follows later.

Each looks first whether it can be begun; where it cannot, nothing happens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QTimer

from core.ledger import records
from core.model import Afterwards, Attested, Finding, HandBack, Labels
from core.model.visit_state import VisitState
from core.phones.driver import WrongPhone
from core.phones.hand_kind import Doer
from core.phones.removal_plan import Plan, Planned, to_switch_off
from core.problem import Cancelled, Problem
from core.visit.by_hand import ByHand
from core.visit.journal import FindingKey, finding_key
from core.visit.undo import Undoable
from core.visit.visit import Visit
from gui.desk.session import lane
from gui.desk.session.coming_removal import ComingRemoval
from gui.desk.session.lane import Flow
from gui.desk.session.phone_view import Phase
from gui.desk.session.phone_work import PhoneWork

if TYPE_CHECKING:  # it loads what plays a phone
    from core.capture.making import ComparedCapture

#: What is made of a capture to be shown.
R = TypeVar("R")

# --- a check, and what ends with one


@contextmanager
def _under_way(phone: PhoneWork, phase: Phase) -> Iterator[None]:
    """A job of this phase, from what is shown at its beginning to what follows from its end."""
    changing = phase in (Phase.REMOVING, Phase.UNDOING)
    phone.begin(phase)
    phone.settling = changing
    try:
        yield
    except Problem as problem:
        phone.stand()
        phone.forget()
        phone.problem, again = problem, False
        phone.cut_off |= changing
    except Cancelled:
        phone.stand()
        phone.forget()
        phone.stopped, again = True, changing  # what is on it now is not known: read it
        phone.cut_off |= changing
    else:
        phone.cut_off, again = False, phone.outdated
    phone.phase, phone.settling = Phase.RESTING, False
    phone.progress = phone.reading = None
    phone.end(again=again)


def check_by_hand(phone: PhoneWork, items: Sequence[ByHand]) -> None:
    """Check the phone, on which these were to be removed by hand: what of them is still there is shown again."""
    phone.read_again_for = frozenset(finding_key(item.finding) for item in items)
    phone.by_hand_again = True
    check(phone)


def check(phone: PhoneWork) -> None:
    """Check the phone. Not while something is under way, nor where it is not there; nor, where it is a real one, before
    somebody has said who works here."""
    if phone.visit is None or not phone.checkable or phone.busy:
        return
    phone.waits_for_officer = not phone.practice and phone.desk.lacks_officer
    if phone.waits_for_officer:
        phone.tell_change(recorded=False)
    else:
        phone.run(_check(phone, phone.visit))


def _check(phone: PhoneWork, visit: Visit) -> Flow:
    with _under_way(phone, Phase.OPENING):
        _, checked = yield lane.work(visit, visit.check)
        phone.show_check(checked)


def report(phone: PhoneWork, prepare: Callable[[ComparedCapture], R], show: Callable[[R], object]) -> None:
    """Check the phone once more, keep all that it answers, and have `show` show what `prepare` makes of it.

    `prepare` is called off the GUI thread. Where the check breaks off there is nothing to show: the page says why.
    """
    if phone.visit is not None and phone.check is not None and not phone.busy and not phone.absent:
        phone.run(_report(phone, phone.visit, prepare, show))


def _report(
    phone: PhoneWork, visit: Visit, prepare: Callable[[ComparedCapture], R], show: Callable[[R], object]
) -> Flow:
    prepared: list[R] = []
    with _under_way(phone, Phase.OPENING):
        recorded, checked = yield lane.work(visit, visit.check_and_record)
        problem = None
        try:
            prepared.append((yield lane.capture_work(recorded, prepare, phone.desk)))
        except Problem as failure:
            problem = failure
        except Cancelled:  # the check stands
            problem = None
        phone.show_check(checked)
        phone.problem = problem
    for review in prepared:
        show(review)


def remove_shortly(phone: PhoneWork, items: Sequence[Planned]) -> None:
    """Carry out what was planned for `items` once the officer has had time to stop that; see :func:`remove`."""
    looking = phone.phase is Phase.LOOKING and bool(phone.bans_seen)
    if phone.visit is None or phone.absent or not (looking or (phone.checked is not None and not phone.busy)):
        return
    findings = phone.bans_seen if looking else tuple(item.finding for item in items)
    coming = ComingRemoval(
        phone.key,
        frozenset(map(finding_key, findings)),
        len({finding.product for finding in findings}),
        len(to_switch_off(findings, items)),
        phone.desk.settings.removal_pause,
        time.monotonic(),
    )
    phone.coming_removal = coming
    # Qt's timer may be early by a twentieth: the officer has the whole time.
    QTimer.singleShot(coming.milliseconds * 20 // 19, partial(_begin_removal, phone, coming))
    phone.tell_change(recorded=False)


def _begin_removal(phone: PhoneWork, coming: ComingRemoval) -> None:
    """Begin the removal whose time is over, unless it was called off: of what it was asked for, as far as that can be
    removed now."""
    if phone.coming_removal is not coming:
        return
    phone.call_off()
    if phone.phase is Phase.LOOKING:
        _remove_after_looking(phone, coming.findings, None)
    else:
        items = [item for item in (*phone.removable, *phone.also) if item.steps]
        remove(phone, [item for item in items if finding_key(item.finding) in coming.findings])


def _remove_after_looking(phone: PhoneWork, findings: frozenset[FindingKey], owner_told: bool | None) -> None:
    """Stop the look into the files, and remove these as soon as it has stopped."""
    phone.agreed = findings, owner_told
    phone.stop()


def remove(phone: PhoneWork, items: Iterable[Planned], owner_told: bool | None = None) -> None:
    """Carry out what was planned for `items`; `owner_told`: the officer says that the owner knows what is lost.

    While files are still looked into, that is stopped first, and what was seen until then is removed: the reading
    afterwards looks into the others.
    """
    if phone.visit is None or phone.absent:
        return
    if phone.phase is Phase.LOOKING and phone.bans_seen:
        _remove_after_looking(phone, frozenset(map(finding_key, phone.bans_seen)), owner_told)
    elif phone.checked is not None and not phone.busy:
        phone.run(_remove(phone, phone.visit, replace(phone.checked.plan, items=tuple(items)), owner_told))


def _remove(phone: PhoneWork, visit: Visit, plan: Plan, owner_told: bool | None) -> Flow:
    phone.only_switches_off = bool(plan.items) and all(item.only_switches_off for item in plan.items)
    with _under_way(phone, Phase.REMOVING):
        removal, checked = yield lane.work(visit, lambda cancel: visit.remove(plan, cancel, owner_told))
        phone.removal = removal
        phone.show_check(checked)
        # What is left is left to the holder: shown at once, without the cards a second time.
        phone.by_hand_again = not phone.to_remove and any(item.doer is Doer.HOLDER for item in phone.by_hand)


def remove_agreed(phone: PhoneWork) -> None:
    """Remove what the officer agreed to while files were looked into, now that this has stopped."""
    agreed, phone.agreed = phone.agreed, None
    if agreed is not None and not phone.absent:
        findings, owner_told = agreed
        items = [item for item in phone.removable if item.steps and finding_key(item.finding) in findings]
        if items:
            remove(phone, items, owner_told)


def keep_files(phone: PhoneWork) -> None:
    """Keep a copy of the files of the banned apps that the last check found."""
    if phone.visit is not None and phone.check is not None and not phone.busy and not phone.absent:
        phone.run(_keep_files(phone, phone.visit))


def _keep_files(phone: PhoneWork, visit: Visit) -> Flow:
    phone.phase, phone.problem, phone.progress, phone.stopped = Phase.KEEPING, None, None, False
    try:
        entries, checked = yield lane.work(visit, visit.keep_copies)
    except (Problem, Cancelled) as stopped:
        phone.problem = stopped if isinstance(stopped, Problem) else None
        if visit.last_check is not phone.check or isinstance(stopped, WrongPhone):  # it is to be read anew
            phone.stand()
            phone.forget()
    else:
        if checked.check is not phone.check:  # it was lost since, and read again
            phone.show_check(checked)
        phone.kept = frozenset(map(finding_key, checked.check.red))
        kept = [entry.record for entry in entries]
        phone.kept_files += sum(len(record.files) for record in kept if isinstance(record, records.EvidenceTaken))
    phone.phase, phone.progress = Phase.RESTING, None
    phone.end(again=phone.outdated)


def undo(phone: PhoneWork) -> None:
    """Take the last removal back."""
    if phone.visit is not None and phone.undoable and not phone.busy and not phone.absent:
        phone.run(_undo(phone, phone.visit, phone.undoable))


def _undo(phone: PhoneWork, visit: Visit, steps: tuple[Undoable, ...]) -> Flow:
    with _under_way(phone, Phase.UNDOING):
        undone, checked = yield lane.work(visit, lambda cancel: visit.undo(steps, cancel))
        phone.undone = undone
        phone.show_check(checked)


# --- handing back


def hand_back(phone: PhoneWork, how: HandBack) -> None:
    """Hand the phone back: all that is asked of it is on record before, and what is known of it after."""
    if phone.visit is not None and phone.check is not None and not phone.busy and not phone.absent:
        phone.run(_hand_back(phone, phone.visit, how))


def _hand_back(phone: PhoneWork, visit: Visit, how: HandBack) -> Flow:
    phone.phase, phone.problem = Phase.HANDING_BACK, None
    try:
        phone.handed_back = yield lambda cancel, report: visit.hand_back(how, cancel)
        phone.handed_back_at = datetime.now()
    except Problem as problem:
        phone.problem = problem
        if isinstance(problem, WrongPhone):  # whose verdict it is not
            phone.checked = phone.checked_at = phone.attestation = None
    except Cancelled:
        phone.stopped = True
    phone.state = VisitState() if phone.checked is None else visit.state
    phone.phase = Phase.RESTING
    phone.tell_change(recorded=True)


def follow_hand_back(phone: PhoneWork, fact: Afterwards) -> None:
    """Put on record what was seen of the phone after it was handed back."""
    if phone.visit is not None:
        phone.run_quietly(_follow_hand_back(phone, phone.visit, fact))


def _follow_hand_back(phone: PhoneWork, visit: Visit, fact: Afterwards) -> Flow:
    try:
        yield lambda cancel, report: visit.after_hand_back(fact)
    except Problem as problem:
        phone.problem = problem
    except (Cancelled, ValueError):  # another visit has begun meanwhile
        return
    phone.tell_change(recorded=True)


# --- by hand


def attest(phone: PhoneWork, answer: Attested, rules: Sequence[str] = (), note: str = "") -> None:
    """Put on record what the officer saw on the phone itself, where the check could not look."""
    if phone.visit is not None and phone.check is not None and not phone.busy:
        phone.run_quietly(_attest(phone, phone.visit, answer, rules, note))


def _attest(phone: PhoneWork, visit: Visit, answer: Attested, rules: Sequence[str], note: str) -> Flow:
    before = phone.check
    phone.problem = None
    try:
        entry = yield lambda cancel, report: visit.attest(answer, rules, note)
    except Problem as problem:
        phone.problem = problem
    else:
        if phone.check is before and isinstance(entry.record, records.Attestation):
            phone.attestation, phone.state = entry.record, visit.state
    phone.tell_change(recorded=True)


def open_screen(phone: PhoneWork, item: ByHand) -> None:
    """Have it on record what there is of the app of `item`, and open the phone's own screen on which it is removed by
    hand, where a computer can."""
    if phone.visit is not None and not phone.busy and not phone.absent:
        phone.run_quietly(_open_screen(phone, phone.visit, item))


def _open_screen(phone: PhoneWork, visit: Visit, item: ByHand) -> Flow:
    try:
        phone.screen_answer = yield lambda cancel, report: visit.open_screen(item, cancel)
        phone.screen_item = item
    except Problem as problem:
        phone.screen_answer, phone.problem = None, problem
    except Cancelled:
        phone.screen_answer = None
    phone.tell_change(recorded=True)


def look_for(phone: PhoneWork, finding: Finding) -> None:
    """A quick look whether an app that is removed by hand is still on the phone; `still_there` has the answer."""
    if phone.visit is not None and not phone.busy and not phone.absent and not phone.looking_for:
        phone.run_quietly(_look_for(phone, phone.visit, finding))


def _look_for(phone: PhoneWork, visit: Visit, finding: Finding) -> Flow:
    # What an earlier look has told, of another app perhaps, is not said of this one.
    phone.looking_for, phone.looked_for, phone.still_there = True, finding, None
    try:
        phone.still_there = yield lambda cancel, report: visit.still_there(finding, cancel)
    except (Problem, Cancelled):
        phone.still_there = None
    phone.looking_for = False
    before = phone.state
    if phone.check is not None and visit.last_check is phone.check:
        phone.state = visit.state
    phone.tell_change(recorded=phone.state != before)


# --- what the department calls it


def label(phone: PhoneWork, labels: Labels) -> None:
    """Say what the department calls the phone; written down as soon as nothing else is under way with it, without a
    visit by its first check."""
    phone.run_quietly(_label(phone, phone.visit, labels), must=True)


def _label(phone: PhoneWork, visit: Visit | None, labels: Labels) -> Flow:
    sent = phone.labels
    sent.problem = sent.unsaved = None
    if visit is None:  # it cannot be opened yet
        sent.of, sent.current = None, labels
        phone.tell_change(recorded=False)
        return
    sent.of = phone.phone
    sent.waiting.append(labels)
    phone.tell_change(recorded=False)
    try:
        record = yield lambda cancel, report: visit.label(labels)
    except Problem as problem:
        sent.problem, sent.unsaved = problem, labels
        record = None
    else:
        sent.current = labels
    sent.waiting.popleft()
    phone.tell_change(recorded=record is not None)


def give_up_labels(phone: PhoneWork) -> None:
    """Labels that could not be written down are not wanted any more."""
    phone.labels.problem = phone.labels.unsaved = None
    phone.tell_change(recorded=False)
