"""A job with a phone as one function that reads from top to bottom, and the jobs that settle a visit by hand."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from core.ledger import records
from core.model import Afterwards, Attested, Finding, HandBack, Labels
from core.phones.driver import WrongPhone
from core.problem import Cancelled, Problem
from core.visit.by_hand import ByHand
from core.visit.visit import Visit
from gui.desk.session.phone_view import Phase, PhoneView
from gui.toolkit.jobs import Done, Failed, JobEnd, Work

#: A job with a phone as one function that reads from top to bottom: a generator that lives on the GUI thread. What it
#: yields is work for the phone's lane, a thread of its own; it goes on, again on the GUI thread, with what the work
#: gave. A failure is raised where it waits.
Flow = Generator[Work[Any], Any, None]
#: Has work done on the lane, and calls back on the GUI thread.
Start = Callable[[Work[Any], Callable[[JobEnd[Any]], None]], object]


def run_flow(flow: Flow, start: Start, end: JobEnd[Any] | None = None) -> None:
    """Run `flow` until the work that it waits for next, and have that done; `end` is how the work before ended."""
    try:
        if end is None:
            work = next(flow)
        elif isinstance(end, Done):
            work = flow.send(end.value)
        else:
            work = flow.throw(end.problem if isinstance(end, Failed) else Cancelled())
    except StopIteration:
        return
    start(work, partial(run_flow, flow, start))


def attest(session: PhoneView, visit: Visit, answer: Attested, rules: Sequence[str], note: str) -> Flow:
    """Put on record what the officer saw on the phone itself."""
    check = session.check
    session.problem = None
    try:
        entry = yield lambda cancel, report: visit.attest(answer, rules, note)
    except Problem as problem:
        session.problem = problem
    else:
        if session.check is check and isinstance(entry.record, records.Attestation):
            session.looked = entry.record
    session.tell_change(recorded=True)


def hand_back(session: PhoneView, visit: Visit, how: HandBack) -> Flow:
    """Hand the phone back: what is asked of it is on record before, and what is known of it after."""
    session.phase, session.problem = Phase.HANDING_BACK, None
    try:
        session.handed_back = yield lambda cancel, report: visit.hand_back(how, cancel)
        session.handed_back_at = datetime.now()
    except Problem as problem:
        session.problem = problem
        if isinstance(problem, WrongPhone):  # whose verdict it is not
            session.checked = session.checked_at = session.looked = None
    except Cancelled:
        session.stopped = True
    session.phase = Phase.RESTING
    session.tell_change(recorded=True)


def after_hand_back(session: PhoneView, visit: Visit, what: Afterwards) -> Flow:
    """Put on record what was seen of a phone after it was handed back."""
    try:
        yield lambda cancel, report: visit.after_hand_back(what)
    except Problem as problem:
        session.problem = problem
    except (Cancelled, ValueError):  # another visit has begun meanwhile
        return
    session.tell_change(recorded=True)


def open_screen(session: PhoneView, visit: Visit, item: ByHand) -> Flow:
    """Open the phone's own screen on which an app is removed by hand."""
    try:
        session.screen_answer = yield lambda cancel, report: visit.open_screen(item, cancel)
    except Problem as problem:
        session.screen_answer, session.problem = None, problem
    except Cancelled:
        session.screen_answer = None
    session.tell_change(recorded=True)


def look_for(session: PhoneView, visit: Visit, finding: Finding) -> Flow:
    """Look whether an app that is removed by hand is still on the phone."""
    session.looking_for = True
    try:
        session.there = yield lambda cancel, report: visit.still_there(finding, cancel)
    except (Problem, Cancelled):
        session.there = None
    session.looking_for = False
    session.tell_change(recorded=session.there is False)


def label(session: PhoneView, visit: Visit | None, labels: Labels) -> Flow:
    """Write down what the department calls the phone; without a visit, its first check will."""
    told = session.labels
    told.problem = told.unsaved = None
    if visit is None:  # it cannot be opened yet
        told.of, told.current = None, labels
        session.tell_change(recorded=False)
        return
    told.of = session.phone
    told.waiting.append(labels)
    session.tell_change(recorded=False)
    try:
        record = yield lambda cancel, report: visit.label(labels)
    except Problem as problem:
        told.problem, told.unsaved = problem, labels
        record = None
    else:
        told.current = labels
    told.waiting.popleft()
    session.tell_change(recorded=record is not None)
