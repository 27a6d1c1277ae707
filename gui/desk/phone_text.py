"""What the Desk page says about one phone: in the banner, on its card, in its notices. No widget in here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core import describe, value_names
from core.jobs import Progress
from core.model import Check, Verdict
from core.phones.driver import Outcome
from core.phones.removal_plan import Planned, Removal, Result
from core.text import N, T, Text
from core.visit.undo import Undoable, Undone, is_back
from gui.desk.bullet_list import Bullet
from gui.desk.session.phone_view import Phase, PhoneView
from gui.toolkit.theme import Status

#: Reasons that are said under the headline; the table has them all.
_REASONS = 3


_CUT_OFF = T("It was being changed: what was done is in the log, and the result of the last step is not known.")


@dataclass(frozen=True, slots=True)
class BannerText:
    """The banner for a phone in its present state. `verdict` tells whether the headline is one, and is shown large."""

    status: Status
    headline: Text
    sentences: tuple[Text, ...] = ()
    glyph: str = ""
    verdict: bool = False
    progress: Progress | None = None


def banner_text(session: PhoneView, *, compact: bool = False) -> BannerText:
    """What is to be said now. It never says more than the last reading gave.

    `compact` gives one reason where there are several: the table has them all.
    """
    if session.phase is Phase.ASKED:
        asks = T("It asks whether to allow USB debugging.")
        tap = T("Tap Allow, if the fingerprint that it shows is {fingerprint}.", fingerprint=session.fingerprint)
        return BannerText(Status.INFO, T("Look at the phone"), (asks, tap), "hand")
    if session.busy:
        return _under_way(session)
    if session.check is not None:
        return _checked(session, session.check, 1 if compact else _REASONS)
    if session.problem is not None:
        cut = (_CUT_OFF,) if session.cut_off else ()
        return BannerText(Status.NEUTRAL, session.problem.sentence, (*cut, session.problem.next_step), "warning")
    if session.gone:
        why = _CUT_OFF if session.cut_off else T("It was not checked to the end.")
        return BannerText(Status.NEUTRAL, T("The phone was unplugged"), (why, T("Plug it in again.")), "cable")
    if session.phase is Phase.WAITING and session.sighting is not None:
        told = session.sighting.words
        return BannerText(Status.NEUTRAL, told.sentence, (told.next_step,), "warning")
    if session.stopped:
        why = T("You stopped it. Nothing can be said about this phone until it is checked.")
        return BannerText(Status.NEUTRAL, T("Not checked"), (why,), "stop")
    return BannerText(Status.NEUTRAL, T("Not checked yet"), (T("Check it to see what is on it."),), "phone")


def _under_way(session: PhoneView) -> BannerText:
    progress = session.progress
    if session.stopping:
        return BannerText(Status.NEUTRAL, T("Stopping…"), (T("What was done until now is in the log."),), "stop")
    match session.phase:
        case Phase.REMOVING:
            stay = T("Leave the phone plugged in.")
            return BannerText(Status.NEUTRAL, T("Removing…"), (stay,), "remove", True, progress)
        case Phase.UNDOING:
            stay = T("Leave the phone plugged in.")
            return BannerText(Status.NEUTRAL, T("Putting back…"), (stay,), "undo", True, progress)
        case Phase.READING | Phase.LOOKING if session.bans:
            products = dict.fromkeys(f.product for f in session.bans)
            found = N("{count} banned app so far", "{count} banned apps so far", len(products))
            names = ", ".join(dict.fromkeys(map(str, products)))
            more = T("Already found: {apps}. The reading goes on.", apps=names)
            return BannerText(Status.RED, found, (more,), "pennant", True, progress)
        case Phase.LOOKING if session.reading is not None:
            read = N(
                "Keep it plugged in: {read} of {count} file.",
                "Keep it plugged in: {read} of {count} files.",
                session.reading.files,
                read=session.files_read,
            )
            # The count stands where a screen reader is not told of each change.
            doing = Progress(read, progress.share if progress else 0.0)
            not_yet = T("This is not a result yet.")
            return BannerText(Status.NEUTRAL, T("No banned app so far"), (not_yet,), "phone", True, doing)
        case Phase.READING:
            return BannerText(Status.NEUTRAL, T("Reading…"), (), "phone", True, progress)
        case _:
            return BannerText(Status.NEUTRAL, T("Opening the phone…"), (), "phone", True)


def _checked(session: PhoneView, check: Check, most: int) -> BannerText:
    status = session.status
    sentences: list[Text] = []
    if session.gone and session.checked_at is not None:
        time = session.checked_at.strftime("%H:%M")
        sentences.append(T("It is not plugged in any more. This was found at {time}.", time=time))
    match check.verdict:
        case Verdict.RED if not check.red:
            sentences.append(describe.headline(check))
        case Verdict.RED:
            sentences += _reasons(check, most)
        case Verdict.AMBER:
            sentences.append(describe.headline(check))
        case Verdict.GREEN:
            sentences.append(T("Everything was read: {apps} in {profiles}.", **_counted(check)))
    amber = "question" if check.bans or check.suspected else "eye-off"
    glyph = {Status.RED: "pennant", Status.AMBER: amber, Status.GREEN: "check"}[status]
    return BannerText(status, _verdict(check), tuple(sentences), glyph, True)


def _reasons(check: Check, most: int) -> list[Text]:
    """Why each product is banned, once each; of many only the first."""
    reasons = list({f.product: f.why for f in check.red}.values())
    more = len(reasons) - most
    if more <= 0:
        return reasons
    return [*reasons[:most], N("And {count} more, in the table.", "And {count} more, in the table.", more)]


def _counted(check: Check) -> dict[str, Text]:
    """How much was read, for `{apps}` and `{profiles}` in a sentence."""
    return {
        "apps": N("{count} app", "{count} apps", len(check.inventory.apps)),
        "profiles": N("{count} profile", "{count} profiles", len(check.inventory.profiles)),
    }


def _verdict(check: Check, *, brief: bool = False) -> Text:
    """A verdict in a few words; `brief` for a card, which is narrow."""
    bans, suspected = len(check.banned_products), len({f.app.package for f in check.suspected})
    match check.verdict:
        case Verdict.RED if not check.red:
            return T("Phone health not as demanded")
        case Verdict.RED:
            return N("{count} banned app", "{count} banned apps", bans)
        case Verdict.AMBER if any(f.excepted for f in check.bans):
            counted = N("{count} banned app, excepted", "{count} banned apps, excepted", bans)
            return T("Banned, excepted") if brief else counted
        case Verdict.AMBER if check.bans:
            counted = N("{count} banned app, switched off", "{count} banned apps, switched off", bans)
            return T("Banned, switched off") if brief else counted
        case Verdict.AMBER if check.suspected:
            return T("Suspected app") if brief else N("{count} suspected app", "{count} suspected apps", suspected)
        case Verdict.AMBER if not check.gaps:
            return T("Phone health not as demanded")
        case Verdict.AMBER:
            return T("Incomplete check")
        case Verdict.GREEN:
            return T("Nothing banned") if brief else T("No banned app")


def state_of(session: PhoneView) -> Text:
    """What a phone's card in the list says under its name: where it stands."""
    if session.gone:
        return _left(session)
    match session.phase:
        case Phase.OPENING:
            return T("Being opened…")
        case Phase.ASKED:
            return T("Look at the phone: tap Allow")
        case Phase.LOOKING if session.reading is not None and session.seen:
            return T("Banned app found · {read} of {total} files", read=session.files_read, total=session.reading.files)
        case Phase.LOOKING if session.reading is not None:
            return T("No result yet · {read} of {total} files", read=session.files_read, total=session.reading.files)
        case Phase.READING | Phase.REMOVING | Phase.UNDOING if session.progress is not None:
            return T("{doing} · {percent} %", doing=session.progress.doing, percent=int(session.progress.share * 100))
        case Phase.READING:
            return T("Being read…")
        case Phase.WAITING if session.sighting is not None:
            return session.sighting.words.sentence
    if session.problem is not None:
        return session.problem.sentence
    if session.check is not None and session.checked_at is not None:
        verdict = _verdict(session.check, brief=True)
        return T("{verdict} · {time}", verdict=verdict, time=session.checked_at.strftime("%H:%M"))
    return T("Not checked") if session.stopped else T("Waiting")


def _left(session: PhoneView) -> Text:
    if session.check is not None and session.checked_at is not None and not session.changing:
        verdict = value_names.VERDICTS[session.check.verdict]
        return T("Unplugged · {verdict} at {time}", verdict=verdict, time=session.checked_at.strftime("%H:%M"))
    return T("Unplugged while it was being changed") if session.cut_off else T("Unplugged · not checked")


def about(session: PhoneView) -> Text | str:
    """The phone itself, in one line."""
    phone, check = session.phone, session.check
    if phone is None:
        return ""
    device = T(
        "{phone} · Android {os}, patch {patch} · Serial {serial}",
        phone=phone.name,
        os=phone.os or "?",
        patch=phone.patch or "?",
        serial=phone.serial or "?",
    )
    if check is None or session.checked is None:
        return device
    return T(
        "{device} · {apps} in {profiles}, {seconds} s · Log entry {entry}",
        device=device,
        **_counted(check),
        seconds=check.seconds,
        entry=session.checked.entry,
    )


def gaps_of(check: Check) -> list[Bullet]:
    """What was not seen, and how to see it."""
    return [Bullet(Status.AMBER, gap.what, (gap.how,), "eye-off") for gap in check.gaps]


def removal_name(session: PhoneView, *, compact: bool = False) -> Text:
    """What the one button says."""
    planned = session.removable
    count = len({f.product for f in ([i.finding for i in planned] or session.seen)})
    if planned and not any(i.steps for i in planned):
        return T("What to do by hand…")
    if compact:
        return N("Remove {count}…", "Remove {count}…", count)
    return N("Remove {count} banned app…", "Remove {count} banned apps…", count)


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
