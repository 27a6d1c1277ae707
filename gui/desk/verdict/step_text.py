"""What is done on a phone, in words: the steps that would be taken or are, and what came of each. No widget in here."""

from __future__ import annotations

from collections.abc import Iterable

from core import describe, value_names
from core.describe.installers import installer
from core.model import Strength
from core.phones.driver import Outcome
from core.phones.removal_plan import Planned, Removal, Result
from core.text import T, Text
from core.visit.undo import Undoable, Undone, is_back
from gui.desk.bullet_list import Bullet
from gui.desk.finding_text import recognised
from gui.desk.session.phone_view import PhoneView
from gui.toolkit.theme import Status


def plan_of(items: Iterable[Planned], *, tick: bool = False) -> list[Bullet]:
    """Exactly what will be done, app by app and profile by profile."""
    bullets = []
    for item in items:
        finding = item.finding
        heading = value_names.app_in(finding.product, finding.profile)
        if tick:
            heading = value_names.pair(value_names.strength(finding), heading)
        if not item.steps:
            by_hand = (T("A computer cannot remove it."), item.by_hand)
            bullets.append(Bullet(Status.AMBER, heading, by_hand, "hand", tick))
            continue
        lines: list[Text] = [step.does for step in item.steps]
        if finding.strength is Strength.REVIEW:
            signer = installer(finding.app)
            lines = [recognised(finding), *([signer] if isinstance(signer, Text) else []), *lines]
        if item.for_good:
            lines.append(T("The app and its data are deleted from the phone for good."))
        lines += [T("If the phone refuses: {step}", step=value_names.inside(step.does)) for step in item.otherwise]
        status = Status.RED if finding.is_ban else Status.AMBER
        bullets.append(Bullet(status, heading, tuple(lines), "remove", tick))
    return bullets


def undo_of(undoable: Iterable[Undoable]) -> list[Bullet]:
    """Exactly what putting back will do."""
    return [Bullet(Status.INFO, u.step.does, (), "undo") for u in undoable]


def steps_of(session: PhoneView) -> list[Bullet]:
    """The steps taken so far, each with what the phone said."""
    bullets = []
    for step, answer in session.steps:
        if answer is None:
            bullets.append(Bullet(Status.NEUTRAL, step.does, (T("Waiting for the phone…"),)))
            continue
        good = answer.outcome in (Outcome.DONE, Outcome.NOT_THERE)
        answer_lines = (T("The phone said: “{words}”", words=answer.text),) if answer.text else ()
        bullets.append(Bullet(Status.GREEN if good else Status.AMBER, step.does, (answer.means, *answer_lines)))
    return bullets


_RESULT_STATUS = {
    Result.REMOVED: Status.GREEN,
    Result.SWITCHED_OFF: Status.AMBER,
    Result.NOT_VERIFIED: Status.AMBER,
    Result.OFF: Status.RED,
    Result.SUSPENDED: Status.RED,
    Result.STILL_THERE: Status.RED,
}


def outcome_of(removal: Removal) -> list[Bullet]:
    """The result of a removal, as the reading afterwards has it."""
    bullets = []
    for item in removal.items:
        where = value_names.app_in(item.finding.product, item.finding.profile)
        lines: list[Text] = []
        if item.result is Result.STILL_THERE and item.history:
            lines.append(item.history[-1][1].means)
        if item.by_hand is not None:
            lines.append(item.by_hand)
        if item.screen_open:
            lines.append(T("The screen for it is now open on the phone."))
        heading = value_names.pair(where, describe.RESULTS[item.result])
        bullets.append(Bullet(_RESULT_STATUS[item.result], heading, tuple(lines)))
    # What still needs a hand stands first.
    return sorted(bullets, key=lambda p: (p.status is not Status.RED, p.status is not Status.AMBER))


#: What is so again once a step was taken back, by the step that did it.
_BACK = {
    "install-existing": T("It is installed again."),
    "enable": T("It is switched on again."),
    "unsuspend": T("The suspension is lifted."),
}


def undone_of(undone: Undone) -> list[Bullet]:
    """The result of putting back. Never green: what is back may be a banned app."""
    bullets = []
    for step, answer in undone.answers:
        back = is_back(step, undone.check)
        status = Status.INFO if back else Status.AMBER
        outcome = _BACK.get(step.act, T("It is back on the phone.")) if back else answer.means
        bullets.append(Bullet(status, step.does, (outcome,), "info" if back else "undo"))
    return bullets
