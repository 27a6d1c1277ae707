"""Taking a removal back: which steps of earlier removals can be undone on this phone, and undoing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.jobs import Cancel
from core.ledger import records
from core.model import Check, Profile, ProfileKind
from core.phones.driver import Answer, Driver, Name, Outcome, PhoneProblem, Step
from core.text import Bilingual, T
from core.visit.events import Listener
from core.visit.journal import Journal


@dataclass(frozen=True, slots=True)
class Undoable:
    """A step of an earlier removal: the record that announced it, the step back, and whether that can work.

    An app that is in no profile any more has left the phone, and no computer can put it back.
    """

    removal: int
    step: Step
    possible: bool


@dataclass(frozen=True, slots=True)
class Undone:
    """What the phone said to each step back, and the check afterwards."""

    answers: tuple[tuple[Step, Answer], ...]
    check: Check

    @property
    def is_back(self) -> bool:
        """Whether the reading afterwards shows every app back in its profile."""
        return all(is_back(step, self.check) for step, _ in self.answers)


class NothingToUndo(PhoneProblem):
    """No removal of this app from this phone is on record that could be taken back."""

    code = "nothing-to-undo"

    def __init__(self, app: str, certain: bool = True) -> None:
        """`certain` tells whether the phone can be told from others."""
        super().__init__(
            T("The log has no removal of {app} from this phone that could be undone.", app=app)
            if app
            else T("The log has no removal from this phone that could be undone."),
            T("See in the log what was removed: fanion log list.")
            if certain
            else T(
                "Many phones have its serial number, so it is not certain that an earlier removal was made on this one."
            ),
        )


class LeftThePhone(PhoneProblem):
    """The app was removed from its last profile."""

    code = "cannot-undo"

    def __init__(self, app: Name) -> None:
        super().__init__(
            T("{app} has left the phone; a computer cannot put it back.", app=app),
            T("Have the phone's holder install it again from the store."),
        )


def undoable(journal: Journal, driver: Driver, check: Check | None, app: str = "") -> tuple[Undoable, ...]:
    """What can be taken back on the phone of `journal`, the newest first, as `check` has found it.

    All of the last removal, or every removal of `app`, which is a package id or a product's name.
    """
    undoing = {e.seq: step.removal for e, step in journal.own(records.UndoIntended)}
    undone = [outcome for _, outcome in journal.own(records.UndoOutcome) if outcome.outcome == Outcome.DONE]
    taken_back = {undoing[outcome.intent] for outcome in undone}
    # A step with an unknown result may have happened; whether there is something to take back, the phone tells.
    maybe = (Outcome.DONE, Outcome.UNKNOWN)
    maybe_done = {outcome.intent for _, outcome in journal.own(records.RemovalOutcome) if outcome.outcome in maybe}
    undoables: list[Undoable] = []
    last_visit = None
    for entry, removal in journal.own(records.RemovalIntended):
        if entry.seq not in maybe_done or entry.seq in taken_back:
            continue
        product = _product(journal, removal)
        names = (removal.package, product.en, product.fr)
        if app and app.casefold() not in map(str.casefold, names):
            continue
        if not app and last_visit not in (None, entry.visit):
            break
        step = _back(removal, product, driver, check)
        if step is not None and not (check and is_back(step, check)):
            last_visit = entry.visit
            is_there = check is not None and check.inventory.app(step.package) is not None
            undoables.append(Undoable(entry.seq, step, is_there))
    return tuple(undoables)


def take_back(
    undoable: Sequence[Undoable], journal: Journal, driver: Driver, listener: Listener, cancel: Cancel
) -> tuple[tuple[Step, Answer], ...]:
    """Take steps back where that is possible. Returns what the phone said to each.

    Raises LeftThePhone if it is possible for none, PhoneProblem, Cancelled, LedgerProblem.
    """
    possible = [item for item in undoable if item.possible]
    if undoable and not possible:
        names = {item.step.package: str(item.step.name) for item in undoable}
        raise LeftThePhone(", ".join(names.values()))
    answers = []
    for item in possible:
        cancel.check()
        intent = journal.record_undo_intent(item.step, item.removal)
        answer = journal.take(item.step, intent, driver, listener, cancel)
        if answer.outcome is Outcome.DONE:
            journal.forget_tried(item.step)
        answers.append((item.step, answer))
    return tuple(answers)


def is_back(step: Step, check: Check) -> bool:
    """Whether the app is in its profile and can be started: then there is nothing to take back."""
    app = check.inventory.app(step.package)
    state = app.state(step.profile) if app else None
    return state is not None and state.installed and not state.off


def _product(journal: Journal, removal: records.RemovalIntended) -> Bilingual:
    """What the app of a removal is called; its finding has the name."""
    entry = journal.ledger.entry(removal.finding)
    product = entry.record.product if entry and isinstance(entry.record, records.AppFound) else None
    return product or Bilingual(removal.package, removal.package)


def _back(removal: records.RemovalIntended, product: Bilingual, driver: Driver, check: Check | None) -> Step | None:
    id = removal.profile or 0
    known_profile = check.inventory.profile(id) if check else None
    profile = known_profile or Profile(id, "", ProfileKind.OTHER)
    return driver.undo(Step(removal.act, removal.package, id, product, T("Undo")), profile)
