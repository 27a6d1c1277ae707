"""What runs on a phone's lane for its page: a visit's news, and the check that it ends with, are made ready there.

No widget is known here. A hostile phone may claim to have twenty thousand apps: their rows are not made on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from core.desk.desk import Desk
from core.jobs import Cancel, turn
from core.model import Check, Labels
from core.model.visit_state import VisitState
from core.phones.driver import Management
from core.phones.removal_plan import Plan
from core.problem import Cancelled, Problem
from core.text import Text
from core.visit.by_hand import ByHand
from core.visit.capturing import RecordedCheck
from core.visit.check import to_look_into
from core.visit.events import Event, LookedInto, SoFar
from core.visit.undo import Undoable
from core.visit.visit import Visit
from gui.desk.session.app_rows import AppRow, rows_of
from gui.toolkit.jobs import Done, Failed, JobEnd, Report, Work

if TYPE_CHECKING:  # it loads what plays a phone
    from core.capture.making import ComparedCapture

T = TypeVar("T")
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


@dataclass(frozen=True, slots=True)
class UnfinishedCheck:
    """What is known of a phone while its apps' files are looked into: no result yet. `files` are to be read in all."""

    check: Check
    rows: tuple[AppRow, ...]
    files: int


@dataclass(frozen=True, slots=True)
class FileRead:
    """An app's file was looked into. `name` is what the app calls itself, if it does; `whole` whether all was read."""

    package: str
    name: str
    whole: bool = True


@dataclass(frozen=True, slots=True)
class FinishedCheck:
    """What a finished check brings to the page. `plan` has what can be removed, ticked or not; `visit` is the number
    by which the visit's records belong together."""

    check: Check
    entry: int
    rows: tuple[AppRow, ...]
    plan: Plan
    undoable: tuple[Undoable, ...]
    labels: Labels
    visit: str = ""
    by_hand: tuple[ByHand, ...] = ()
    #: What the log says of the phone's earlier visit, where it is certainly the same phone.
    greeting: Text | None = None
    #: The phone's management, where that is the better tool against the banned apps that were found.
    management: Management | None = None
    #: How the visit stands after it.
    state: VisitState | None = None


def work(visit: Visit, act: Callable[[Cancel], T]) -> Work[tuple[T, FinishedCheck]]:
    """Make `act` into work for the phone's lane. `act` ends with a check of `visit`, which the work gives as well."""

    def on_lane(cancel: Cancel, report: Report) -> tuple[T, FinishedCheck]:
        visit.listener = partial(_tell, visit, report)
        with turn(cancel):
            return act(cancel), _finished(visit)

    return on_lane


def capture_work(recorded: RecordedCheck, prepare: Callable[[ComparedCapture], T], desk: Desk) -> Work[T]:
    """Work for the phone's lane that makes a capture of a check, and of that what is shown. The capture is
    played once, by the keys of `desk`."""

    def on_lane(cancel: Cancel, report: Report) -> T:
        with turn(cancel):
            return prepare(recorded.capture(report, cancel))

    return on_lane


def _tell(visit: Visit, report: Report, event: Event) -> None:
    match event:
        case SoFar(check):
            report(UnfinishedCheck(check, _rows(visit, check), len(to_look_into(check))))
        case LookedInto(identity):
            report(FileRead(identity.package, identity.label, identity.why is None))
        case _:
            report(event)


def _finished(visit: Visit) -> FinishedCheck:
    check, entry = visit.last_check, visit.entry
    if check is None or entry is None:
        raise AssertionError("nothing was checked")
    also = tuple(f for f in check.findings if f not in check.red and not f.contained)
    plan, undoable = visit.plan(also), visit.undoable()
    return FinishedCheck(
        check,
        entry.seq,
        _rows(visit, check),
        plan,
        undoable,
        visit.labels,
        visit.number,
        visit.by_hand(),
        _greeting(visit),
        visit.management(),
        visit.state,
    )


def _greeting(visit: Visit) -> Text | None:
    """What the log says of the phone's last visit; nothing, where it cannot be searched, which is told elsewhere."""
    try:
        return visit.greeting()
    except Problem:
        return None


def _rows(visit: Visit, check: Check) -> tuple[AppRow, ...]:
    names = visit.names(check)
    return tuple(row.with_name(names.get(row.app.package, "")) for row in rows_of(check))
