"""What is done on a phone, in words: the steps that would be taken or are, and what came of each. No widget in here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core import describe, value_names
from core.describe.installers import installer
from core.model import Strength
from core.phones.driver import Outcome
from core.phones.removal_plan import Planned, Removal, Result
from core.text import Bilingual, N, T, Text
from core.visit.undo import Undoable, Undone, is_back
from gui.desk.bullet_list import Bullet
from gui.desk.finding_text import recognised
from gui.desk.session.phone_view import Phase, PhoneView
from gui.toolkit.theme import Status


def losing(session: PhoneView, chosen: Sequence[Planned]) -> list[Bilingual | Text | str]:
    """The apps whose owner loses for good what is kept in them, where `chosen` is removed.

    While files are still looked into, that is not known: then all that were found.
    """
    if session.busy:
        return list(dict.fromkeys(f.product for f in session.seen)) if session.phase is Phase.LOOKING else []
    return list(dict.fromkeys(item.finding.display_name for item in chosen if item.loses_data))


#: Steps that leave an app on the phone, where it cannot be started.
_SWITCHES_OFF = frozenset(("disable", "suspend"))


def removal_name(session: PhoneView, chosen: Sequence[Planned]) -> Text:
    """What the button says: exactly what it does."""
    findings = [item.finding for item in chosen] or list(session.seen)
    products = list(dict.fromkeys(f.product for f in findings))
    off = bool(chosen) and all(step.act in _SWITCHES_OFF for item in chosen for step in item.steps)
    if len(products) == 1:
        return T("Switch {app} off", app=products[0]) if off else T("Remove {app}", app=products[0])
    if off:
        return N("Switch off {count} app", "Switch off {count} apps", len(products))
    return N("Remove {count} app", "Remove {count} apps", len(products))


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
            lines.append(T("The app and its data leave the phone for good."))
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
        said = (T("The phone said: “{words}”", words=answer.text),) if answer.text else ()
        bullets.append(Bullet(Status.GREEN if good else Status.AMBER, step.does, (answer.means, *said)))
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
    for done in removal.items:
        where = value_names.app_in(done.finding.product, done.finding.profile)
        lines: list[Text] = []
        if done.result is Result.STILL_THERE and done.history:
            lines.append(done.history[-1][1].means)
        if done.by_hand is not None:
            lines.append(done.by_hand)
        if done.screen_open:
            lines.append(T("The screen for it is now open on the phone."))
        heading = value_names.pair(where, describe.RESULTS[done.result])
        bullets.append(Bullet(_RESULT_STATUS[done.result], heading, tuple(lines)))
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
        said = _BACK.get(step.act, T("It is back on the phone.")) if back else answer.means
        bullets.append(Bullet(status, step.does, (said,), "info" if back else "undo"))
    return bullets
