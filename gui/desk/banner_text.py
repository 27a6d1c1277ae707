"""What the Desk page says about one phone: headline, reason, and what can be done. No widget in here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import describe, value_names
from core.jobs import Progress
from core.model import Check, Verdict
from core.phones.removal_plan import Planned, Removal, Result
from core.text import N, T, Text
from gui.desk.bullet_list import Point
from gui.desk.session.phases import Phase
from gui.desk.session.phone_session import Stay
from gui.desk.verdict_text import short
from gui.toolkit.theme import Status

if TYPE_CHECKING:
    from core.visit.visit import Undoable, Undone

#: Reasons that are said under the headline; the table has them all.
_REASONS = 3


_CUT_OFF = T("It was being changed: what was done is in the log, and the result of the last step is not known.")


@dataclass(frozen=True, slots=True)
class Scene:
    """The banner for a phone in its present state. `verdict` tells whether the headline is one, and is shown large."""

    status: Status
    headline: Text
    sentences: tuple[Text, ...] = ()
    glyph: str = ""
    verdict: bool = False
    progress: Progress | None = None
    busy: bool = False


def scene_of(stay: Stay, *, compact: bool = False) -> Scene:
    """What is to be said now. It never says more than the last reading gave.

    `compact` gives one reason where there are several: the table has them all.
    """
    if stay.phase is Phase.ASKED:
        return Scene(
            Status.INFO,
            T("Look at the phone"),
            (
                T("It asks whether to allow USB debugging."),
                T("Tap Allow, if the fingerprint that it shows is {fingerprint}.", fingerprint=stay.fingerprint),
            ),
            "hand",
            busy=True,
        )
    if stay.busy:
        return _under_way(stay)
    if stay.check is not None:
        return _checked(stay, stay.check, 1 if compact else _REASONS)
    if stay.problem is not None:
        cut = (_CUT_OFF,) if stay.cut_off else ()
        return Scene(Status.NEUTRAL, stay.problem.sentence, (*cut, stay.problem.next_step), "warning")
    if stay.gone:
        why = _CUT_OFF if stay.cut_off else T("It was not checked to the end.")
        return Scene(Status.NEUTRAL, T("The phone was unplugged"), (why, T("Plug it in again.")), "cable")
    if stay.phase is Phase.WAITING and stay.sighting is not None:
        told = stay.sighting.words
        return Scene(Status.NEUTRAL, told.sentence, (told.next_step,), "warning")
    if stay.stopped:
        return Scene(
            Status.NEUTRAL,
            T("Not checked"),
            (T("You stopped it. Nothing can be said about this phone until it is checked."),),
            "stop",
        )
    return Scene(Status.NEUTRAL, T("Not checked yet"), (T("Check it to see what is on it."),), "phone")


def _under_way(stay: Stay) -> Scene:
    if stay.stopping:
        return Scene(Status.NEUTRAL, T("Stopping…"), (T("What was done until now is in the log."),), "stop", busy=True)
    match stay.phase:
        case Phase.REMOVING:
            keep = T("Leave the phone plugged in.")
            return Scene(Status.NEUTRAL, T("Removing…"), (keep,), "remove", True, stay.progress, True)
        case Phase.UNDOING:
            keep = T("Leave the phone plugged in.")
            return Scene(Status.NEUTRAL, T("Putting back…"), (keep,), "undo", True, stay.progress, True)
        case Phase.READING | Phase.LOOKING if stay.bans:
            names = ", ".join(dict.fromkeys(str(f.product) for f in stay.bans))
            count = len({f.product for f in stay.bans})
            return Scene(
                Status.RED,
                N("{count} banned app so far", "{count} banned apps so far", count),
                (T("Already found: {apps}. The reading goes on.", apps=names),),
                "pennant",
                True,
                stay.progress,
                True,
            )
        case Phase.LOOKING if stay.reading is not None:
            keep = N(
                "Keep it plugged in: {read} of {count} file.",
                "Keep it plugged in: {read} of {count} files.",
                stay.reading.files,
                read=stay.files_read,
            )
            share = stay.progress.share if stay.progress else 0.0
            not_yet = T("This is not a result yet.")
            # The count stands where a screen reader is not told of each change.
            doing = Progress(keep, share)
            return Scene(Status.NEUTRAL, T("No banned app so far"), (not_yet,), "phone", True, doing, True)
        case Phase.READING:
            return Scene(Status.NEUTRAL, T("Reading…"), (), "phone", True, stay.progress, True)
        case _:
            return Scene(Status.NEUTRAL, T("Opening the phone…"), (), "phone", True, None, True)


def _checked(stay: Stay, check: Check, most: int) -> Scene:
    status = stay.status
    sentences: list[Text] = []
    if stay.gone and stay.checked_at is not None:
        time = stay.checked_at.strftime("%H:%M")
        sentences.append(T("It is not plugged in any more. This was found at {time}.", time=time))
    match check.verdict:
        case Verdict.RED:
            sentences += _reasons(check, most)
        case Verdict.AMBER:
            sentences.append(describe.headline(check))
        case Verdict.GREEN:
            sentences.append(_all_read(check))
    amber = "question" if check.bans or check.suspected else "eye-off"
    glyph = {Status.RED: "pennant", Status.AMBER: amber, Status.GREEN: "check"}[status]
    return Scene(status, short(check), tuple(sentences), glyph, True)


def _reasons(check: Check, most: int) -> list[Text]:
    """Why each product is banned, once each; of many only the first."""
    reasons = list({f.product: f.why for f in check.red}.values())
    more = len(reasons) - most
    if more <= 0:
        return reasons
    return [*reasons[:most], N("And {count} more, in the table.", "And {count} more, in the table.", more)]


def _all_read(check: Check) -> Text:
    return T(
        "Everything was read: {apps} in {profiles}.",
        apps=N("{count} app", "{count} apps", len(check.inventory.apps)),
        profiles=N("{count} profile", "{count} profiles", len(check.inventory.profiles)),
    )


def about(stay: Stay) -> Text | str:
    """The phone itself, in one line."""
    phone, check = stay.phone, stay.check
    if phone is None:
        return ""
    device = T(
        "{phone} · Android {os}, patch {patch} · Serial {serial}",
        phone=phone.name,
        os=phone.os or "?",
        patch=phone.patch or "?",
        serial=phone.serial or "?",
    )
    if check is None or stay.checked is None:
        return device
    return T(
        "{device} · {apps} in {profiles}, {seconds} s · Log entry {entry}",
        device=device,
        apps=N("{count} app", "{count} apps", len(check.inventory.apps)),
        profiles=N("{count} profile", "{count} profiles", len(check.inventory.profiles)),
        seconds=check.seconds,
        entry=stay.checked.entry,
    )


def gaps_of(check: Check) -> list[Point]:
    """What was not seen, and how to see it."""
    return [Point(Status.AMBER, gap.what, (gap.how,), "eye-off") for gap in check.gaps]


def removal_name(stay: Stay, *, compact: bool = False) -> Text:
    """What the one button says."""
    planned = stay.removable
    count = len({f.product for f in ([i.finding for i in planned] or stay.seen)})
    if planned and not any(i.steps for i in planned):
        return T("What to do by hand…")
    if compact:
        return N("Remove {count}…", "Remove {count}…", count)
    return N("Remove {count} banned app…", "Remove {count} banned apps…", count)


def plan_of(items: Iterable[Planned], *, tick: bool = False) -> list[Point]:
    """Exactly what will be done, app by app and profile by profile."""
    return [_planned(item, tick) for item in items]


def _planned(item: Planned, tick: bool) -> Point:
    finding = item.finding
    heading = value_names.app_in(finding.product, finding.profile)
    if tick:
        heading = value_names.pair(value_names.strength(finding), heading)
    if not item.steps:
        return Point(Status.AMBER, heading, (T("A computer cannot remove it."), item.by_hand), "hand", tick)
    lines: list[Text] = [step.does for step in item.steps]
    if item.for_good:
        lines.append(T("The app and its data leave the phone for good."))
    lines += [T("If the phone refuses: {step}", step=value_names.inside(step.does)) for step in item.otherwise]
    status = Status.RED if finding.is_ban else Status.AMBER
    return Point(status, heading, tuple(lines), "remove", tick)


def undo_of(undoable: Iterable[Undoable]) -> list[Point]:
    """Exactly what putting back will do."""
    return [Point(Status.INFO, u.step.does, (), "undo") for u in undoable]


def steps_of(stay: Stay) -> list[Point]:
    """The steps taken so far, each with what the phone said."""
    from core.phones.driver import Outcome

    points = []
    for step, answer in stay.steps:
        if answer is None:
            points.append(Point(Status.NEUTRAL, step.does, (T("Waiting for the phone…"),)))
            continue
        good = answer.outcome in (Outcome.DONE, Outcome.NOT_THERE)
        said = (T("The phone said: “{words}”", words=answer.text),) if answer.text else ()
        points.append(Point(Status.GREEN if good else Status.AMBER, step.does, (answer.means, *said)))
    return points


_RESULT_STATUS = {
    Result.REMOVED: Status.GREEN,
    Result.SWITCHED_OFF: Status.AMBER,
    Result.NOT_VERIFIED: Status.AMBER,
    Result.OFF: Status.RED,
    Result.SUSPENDED: Status.RED,
    Result.STILL_THERE: Status.RED,
}


def outcome_of(removal: Removal) -> list[Point]:
    """What came of a removal, as the reading afterwards has it."""
    points = []
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
        points.append(Point(_RESULT_STATUS[done.result], heading, tuple(lines)))
    # What still needs a hand stands first.
    return sorted(points, key=lambda p: (p.status is not Status.RED, p.status is not Status.AMBER))


#: What is so again once a step was taken back, by the step that did it.
_BACK = {
    "install-existing": T("It is installed again."),
    "enable": T("It is switched on again."),
    "unsuspend": T("The suspension is lifted."),
}


def undone_of(undone: Undone) -> list[Point]:
    """What came of putting back. Never green: what is back may be a banned app."""
    from core.visit.visit import is_back

    points = []
    for step, answer in undone.answers:
        back = is_back(step, undone.check)
        status = Status.INFO if back else Status.AMBER
        said = _BACK.get(step.act, T("It is back on the phone.")) if back else answer.means
        points.append(Point(status, step.does, (said,), "info" if back else "undo"))
    return points
