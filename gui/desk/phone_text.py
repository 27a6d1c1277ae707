"""What the Desk page says about one phone: in its verdict block, its lists and its titles. No widget in here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core import value_names
from core.describe import by_hand, verdicts
from core.jobs import Progress
from core.model import Attested, Check, Verdict, platforms
from core.model.visit_state import Reason, Since, VisitState
from core.text import N, T, Text
from core.visit import attestation
from gui.desk import queue
from gui.desk.bullet_list import Bullet
from gui.desk.session.phone_view import Phase, PhoneView
from gui.toolkit.theme import Status

#: What must have been read, and for how long, before it can be said how long the rest will take.
_FILES_FOR_A_GUESS: Final = 5
_SECONDS_FOR_A_GUESS: Final = 3.0
#: Seconds above which the guess is told in minutes.
_IN_MINUTES: Final = 90
_LISTED: Final = T("No banned app is among the apps that this iPhone lists to a computer.")
_CUT_OFF = T("Fanion was changing it. What was done is in the log; the result of the last step is not known.")

_STOPPED: Final = T("You stopped the check. Check the phone again to see what is on it.")
_CHECK_IT: Final = T("Check it to see what is on it.")


@dataclass(frozen=True, slots=True)
class BlockText:
    """The verdict block of a phone in its present state. `verdict`: the headline is one, and is shown large."""

    status: Status
    headline: Text
    sentences: tuple[Text, ...] = ()
    glyph: str = ""
    verdict: bool = False
    progress: Progress | None = None


def block_text(session: PhoneView) -> BlockText:
    """What is to be said now. It never says more than the last reading gave."""
    if session.phase is Phase.ASKED and not session.fingerprint:  # an iPhone
        trust = T("It asks whether to trust this computer.")
        return BlockText(Status.INFO, T("Look at the phone"), (trust, T("Tap Trust and enter the passcode.")), "hand")
    if session.phase is Phase.ASKED:
        asks = T("It asks whether to allow USB debugging.")
        tap = T("Tap Allow, if the fingerprint that it shows is {fingerprint}.", fingerprint=session.fingerprint)
        return BlockText(Status.INFO, T("Look at the phone"), (asks, tap), "hand")
    if session.busy:
        return _under_way(session)
    if session.is_handed_back:
        return _handed_back(session)
    if session.check is not None:
        return _checked(session, session.check)
    if session.verdict is Verdict.RED:
        return _still_red(session)
    if session.problem is not None:
        cut = (_CUT_OFF,) if session.cut_off else ()
        return BlockText(Status.NEUTRAL, session.problem.sentence, (*cut, session.problem.next_step), "warning")
    if session.absent:
        why = _CUT_OFF if session.cut_off else T("Its check did not finish.")
        return BlockText(Status.NEUTRAL, T("The phone was unplugged"), (why, T("Plug it in again.")), "cable")
    if session.phase is Phase.WAITING and session.sighting is not None:
        sighted = session.sighting.words
        return BlockText(Status.NEUTRAL, sighted.sentence, (sighted.next_step,), "warning")
    if session.stopped:
        return BlockText(Status.NEUTRAL, T("Not checked"), (_STOPPED,), "stop")
    return BlockText(Status.NEUTRAL, T("Not checked yet"), (_CHECK_IT,), "phone")


def _still_red(session: PhoneView) -> BlockText:
    """It was red, or banned apps were seen on it, and no reading that ended has shown otherwise."""
    state = session.standing
    sentences: list[Text] = []
    if state.since is Since.CHANGE:
        sentences += verdicts.became(state)
    elif state.left_products:
        apps = value_names.listed(state.left_products)
        sentences.append(T("Found so far: {apps}. The rest is not known.", apps=apps))
    if session.problem is not None:
        sentences += [session.problem.sentence, session.problem.next_step]
    elif session.absent:
        sentences += [T("It is not plugged in any more."), T("Plug it in again.")]
    elif session.phase is Phase.WAITING and session.sighting is not None:
        sentences += [session.sighting.words.sentence, session.sighting.words.next_step]
    else:
        sentences.append(_STOPPED if session.stopped else _CHECK_IT)
    return BlockText(Status.RED, _red_title(session), tuple(sentences), "pennant")


def _red_title(session: PhoneView) -> Text:
    """The headline of a red phone that is not read as it is now."""
    if session.absent and session.standing.since is Since.CHANGE:
        return T("Unplugged during removal")
    return verdicts.left_title(session.standing) if session.absent else verdicts.title(session.standing)


def _under_way(session: PhoneView) -> BlockText:
    progress = session.progress
    if session.stopping:
        return BlockText(Status.NEUTRAL, T("Stopping…"), (T("What was done until now is in the log."),), "stop")
    match session.phase:
        case Phase.REMOVING:
            stay = T("Leave the phone plugged in.")
            headline = T("Switching off…") if session.only_switches_off else T("Removing…")
            return BlockText(Status.NEUTRAL, headline, (stay,), "remove", True, progress)
        case Phase.UNDOING:
            stay = T("Leave the phone plugged in.")
            return BlockText(Status.NEUTRAL, T("Putting back…"), (stay,), "undo", True, progress)
        case Phase.KEEPING:
            stay = T("Nothing is removed meanwhile. Leave the phone plugged in.")
            return BlockText(session.status, T("Keeping a copy of the files…"), (stay,), "copy", True, progress)
        case Phase.HANDING_BACK:
            off = platforms.of(session.platform).leaving.note
            return BlockText(session.status, T("Handing back…"), (off,), "hand", True, progress)
        case Phase.READING | Phase.LOOKING if session.bans:
            products = dict.fromkeys(f.product for f in session.bans)
            headline = N("{count} banned app so far", "{count} banned apps so far", len(products))
            names = value_names.listed(products)
            note = T("Already found: {apps}. The reading goes on.", apps=names)
            return BlockText(Status.RED, headline, (note,), "pennant", True, progress)
        case Phase.LOOKING if session.reading is not None:
            read = N(
                "Keep it plugged in: {read} of {count} file.",
                "Keep it plugged in: {read} of {count} files.",
                session.reading.files,
                read=session.files_read,
            )
            remaining = time_left(session.files_read, session.reading.files, session.files_time)
            # They stand where a screen reader is not told of each change.
            doing = Progress(
                T("{count} {left}", count=read, left=remaining) if remaining else read,
                progress.share if progress else 0.0,
            )
            not_yet = T("This is not a result yet.")
            return BlockText(Status.NEUTRAL, T("No banned app so far"), (not_yet,), "phone", True, doing)
        case Phase.READING:
            return BlockText(Status.NEUTRAL, T("Reading…"), (), "phone", True, progress)
        case _:
            return BlockText(Status.NEUTRAL, T("Opening the phone…"), (), "phone", True)


def time_left(read: int, total: int, seconds: float) -> Text | None:
    """A guess, in words, of how long the other files will take, where `read` of `total` took so many seconds.

    None before enough was read for one. It is rounded up: to ten seconds, from a minute and a half on to minutes.
    """
    if read < _FILES_FOR_A_GUESS or seconds < _SECONDS_FOR_A_GUESS or read >= total:
        return None
    remaining = seconds / read * (total - read)
    if remaining > _IN_MINUTES:
        minutes = math.ceil(remaining / 60)
        return N("About {count} minute more.", "About {count} minutes more.", minutes)
    tens = math.ceil(remaining / 10) * 10
    return N("About {count} second more.", "About {count} seconds more.", tens)


def _checked(session: PhoneView, check: Check) -> BlockText:
    status, state = session.status, session.standing
    sentences: list[Text] = []
    if session.absent and session.checked_at is not None:
        time = session.checked_at.strftime("%H:%M")
        sentences.append(T("It is not plugged in any more. This was found at {time}.", time=time))
    if (closing := verdicts.bans_outcome(state, session.platform)) is not None:
        sentences.append(closing)
    sentences += _reason(session, check, state)
    if session.kept and check.red:
        sentences.append(_kept(session.kept_files))
    if session.absent and status is Status.RED:
        sentences.append(T("Plug it in again."))
    elif session.phase is Phase.WAITING and session.sighting is not None:
        sentences.append(session.sighting.words.sentence)
    amber = "question" if check.bans or check.suspected else "eye-off"
    glyph = {Status.RED: "pennant", Status.AMBER: amber, Status.GREEN: "check"}[status]
    return BlockText(status, _title(session, check, state), tuple(sentences), glyph, True)


def _kept(files: int) -> Text:
    """Say that copies of the banned apps' files are kept, if the phone has any."""
    if not files:
        return T("The phone has no file of these apps of which a copy could be kept.")
    return N("A copy of {count} file is kept beside the log.", "A copy of {count} files is kept beside the log.", files)


def _reason(session: PhoneView, check: Check, state: VisitState) -> Sequence[Text]:
    """Why it has its verdict, in sentences; of a banned app, its card and its details say that."""
    look = session.attestation
    match state.reason:
        case Reason.BANNED:
            return ()
        case Reason.BANNED_SEEN:
            apps = value_names.listed(state.left_products) if state.left_products else ""
            return (T("Seen on the phone by {officer}: {apps}.", officer=session.officer, apps=apps),)
        case Reason.LOOKED_AT | Reason.UNSEEN if look is not None:
            return (_looked_at(session, look.answer),)
        case Reason.UNSEEN if session.unseen and len(gaps_of(check)) == 0 and not check.demanded:
            read = N(
                "No banned app is in the {count} that was read.",
                "No banned app is in the {count} that were read.",
                len(check.inventory.apps),
            )
            return read, T("No computer can look inside; you and the holder can.")
        case Reason.UNSEEN if _only_demanded(check):
            return _LISTED, T("The policy requires an officer to look at its hidden apps.")
        case Reason.NONE_BANNED | Reason.REMOVED if check.inventory.places and look is not None:
            return _looked_at_place(session, check, look.answer)
        case Reason.NONE_BANNED | Reason.REMOVED if check.verdict is not Verdict.GREEN:
            by = T("{officer} checked by hand what was not read, which the policy accepts.", officer=session.officer)
            return (by,)
        case Reason.NONE_BANNED | Reason.REMOVED if platforms.of(check.inventory.phone.platform).green is not None:
            return (verdicts.headline(check),)
        case Reason.NONE_BANNED | Reason.REMOVED:
            return (T("Everything was read: {apps} in {profiles}.", **_counted(check)),)
    return (verdicts.headline(check),)


def _only_demanded(check: Check) -> bool:
    """Whether nothing keeps the phone from green but a look that the policy demands."""
    open_matters = check.bans or check.suspected or len(check.gaps) > len(check.demanded)
    return bool(check.demanded) and not open_matters and not check.unhealthy and not check.unblocked


def _looked_at(session: PhoneView, answer: str) -> Text:
    if answer == Attested.DECLINED:
        return T("The holder did not open what a computer cannot see. Recorded by {officer}.", officer=session.officer)
    return T(
        "{officer} checked by hand what was not read, and saw no banned app. Fanion still could not read it.",
        officer=session.officer,
    )


def _looked_at_place(session: PhoneView, check: Check, answer: str) -> tuple[Text, Text]:
    """What a green iPhone rests on, once its officer has asked for what a computer may not see."""
    if answer != Attested.NOTHING_SEEN:
        return verdicts.headline(check), _looked_at(session, answer)
    return _LISTED, T("{officer} checked its hidden apps and saw no banned app.", officer=session.officer)


def _handed_back(session: PhoneView) -> BlockText:
    status = session.status
    banned = session.handed_back.intended.banned if session.handed_back else 0
    if banned:
        headline: Text = N("Handed back with {count} banned app", "Handed back with {count} banned apps", banned)
    else:
        headline = T("Handed back")
    when = session.handed_back_at.strftime("%H:%M") if session.handed_back_at is not None else ""
    state = session.standing
    sentences = [verdicts.outcome(state, session.platform)]
    if state.left_products:
        sentences.append(T("Left on the phone: {apps}.", apps=value_names.listed(state.left_products)))
    if session.absent:
        sentences.append(T("Handed back at {time}. It is not plugged in any more.", time=when))
    else:
        sentences.append(T("Handed back at {time}. Unplug it and give it to its holder.", time=when))
    glyph = {Status.RED: "pennant", Status.AMBER: "question"}.get(status, "check")
    return BlockText(status, headline, tuple(sentences), glyph, True)


def _counted(check: Check) -> dict[str, Text]:
    """How much was read, for `{apps}` and `{profiles}` in a sentence."""
    return {
        "apps": N("{count} app", "{count} apps", len(check.inventory.apps)),
        "profiles": N("{count} profile", "{count} profiles", len(check.inventory.profiles)),
    }


def _title(session: PhoneView, check: Check, state: VisitState) -> Text:
    """The verdict in a few words; of what was not seen, which."""
    if session.absent and state.verdict is Verdict.RED:
        return verdicts.left_title(state)
    if state.reason is Reason.UNSEEN and _only_demanded(check):
        return T("Hidden apps not checked")
    if state.reason is Reason.UNSEEN and len(session.unseen) == 1:
        return T("{profile} not seen", profile=value_names.profile(session.unseen[0]))
    if state.reason is Reason.UNSEEN and session.unseen:
        names = tuple(dict.fromkeys(map(value_names.profile, session.unseen)))
        return T("{profiles} not seen", profiles=value_names.listed(names))
    return verdicts.title(state)


def title(session: PhoneView) -> str:
    """What the phone is called at the desk: by its holder, else by its tag, else by its model."""
    labels = session.labels.latest
    return labels.holder or labels.tag or session.name


def ending(session: PhoneView) -> Text | str:
    """What follows a model where phones of one model are to be told apart: the end of the serial number."""
    return T(" · …{end}", end=session.serial_end) if session.serial_end else ""


def model_with_ending(session: PhoneView) -> str:
    """The model, and the end of the serial number."""
    return f"{session.name}{ending(session)}"


def caption(session: PhoneView) -> Text:
    """Which phone it is, under its title."""
    labels, phone = session.labels.latest, session.phone
    parts: list[Text | str] = [T("Slot {slot}", slot=session.slot)]
    if labels.holder and labels.tag:
        parts.append(labels.tag)
    if labels.holder or labels.tag:
        parts.append(session.name)
    if phone is None:
        parts.append(T("model not read yet"))
    elif phone.os:
        parts.append(value_names.system(phone))
    if session.serial_end:
        parts.append(T("serial ending {end}", end=session.serial_end))
    return value_names.on_one_line(parts)


def management_text(session: PhoneView) -> str | None:
    """What is sent to those who manage the phone about its apps that no computer removes, as the officer sees it."""
    check, checked, labels = session.check, session.checked, session.labels.latest
    if check is None or checked is None or not session.by_hand:
        return None
    named: list[Text | str] = [name] if (name := labels.tag or labels.holder) else []
    named.append(session.name)
    if session.phone is not None and session.phone.os:
        named.append(value_names.system(session.phone))
    if session.serial_end:
        named.append(T("serial ending {end}", end=session.serial_end))
    at = session.checked_at.strftime("%Y-%m-%d %H:%M") if session.checked_at is not None else ""
    bans = [item.finding for item in session.by_hand]
    phone = value_names.on_one_line(named)
    return by_hand.for_management(bans, phone, check.policy, at, checked.entry, practice=session.practice)


def arrived(session: PhoneView) -> Text:
    """A phone that was just plugged in, and what it waits for."""
    row = queue.row_of(session, datetime.now())
    where = T("Slot {slot}, {phone}", slot=session.slot, phone=title(session))
    return T("{where}: {state}. This page stays open.", where=where, state=value_names.inside(row.word))


def aside_of(session: PhoneView) -> tuple[Text, Text | str] | None:
    """What is said beside the verdict while the officer would otherwise wait; None: nothing."""
    if session.phase is Phase.HANDING_BACK or session.stopping:
        return None
    if session.changing:
        return (
            T("If the phone refuses an app, Fanion shows what to tap."),
            T("Afterwards the whole phone is read again. Only that reading can turn it green."),
        )
    if session.busy and session.phase is not Phase.ASKED and not (session.bans or session.settling):
        note = T(
            "This page stays as it is, and the list shows when slot {slot} is done.",
            slot=session.slot,
        )
        return T("You can go on with the next phone."), note
    return None


def about(session: PhoneView) -> Text | str:
    """The phone itself, in one line."""
    phone, check = session.phone, session.check
    if phone is None:
        return ""
    facts = {"phone": phone.name_with_model, "os": phone.os, "patch": phone.patch, "serial": phone.serial}
    device = platforms.of(phone.platform).about(**{name: value or "?" for name, value in facts.items()})
    if check is None or session.checked is None:
        return device
    return T(
        "{device} · {apps} in {profiles}, {seconds} s · Log entry {entry}",
        device=device,
        apps=value_names.apps_read(len(check.inventory.apps), check.apps_read),
        profiles=_counted(check)["profiles"],
        seconds=check.seconds,
        entry=session.checked.entry,
    )


def gaps_of(check: Check) -> list[Bullet]:
    """What was not seen, and how to see it; but where an officer looks, which the form has."""
    unseen = {profile.id for profile in attestation.unseen(check)}
    gaps = [gap for gap in check.gaps if gap not in check.demanded and gap.profile not in unseen]
    return [Bullet(Status.AMBER, gap.what, (gap.how,), "eye-off", chapter=gap.chapter) for gap in gaps]


def gaps_until_removed(count: int) -> Bullet:
    """That something was not seen, as long as banned apps are to be removed first: the reading afterwards says what."""
    what = N("{count} item could not be checked", "{count} items could not be checked", count)
    return Bullet(Status.AMBER, what, (T("After the removal you see which, and what to do."),), "eye-off")


def reading_of(session: PhoneView) -> list[Bullet]:
    """What was read so far, and what is being read. None of it is a result."""
    if session.reading is None:
        return []
    check = session.reading.check
    neutral = Status.NEUTRAL
    profiles, apps = _counted(check)["profiles"], _counted(check)["apps"]
    kinds = value_names.on_one_line(dict.fromkeys(map(value_names.profile, check.inventory.profiles)))
    listed = T("None is on the list by name or signer.") if not session.bans else T("Some are on the list.")
    hidden = T("For apps that hide under another name.")
    return [
        Bullet(neutral, T("{profiles} found", profiles=profiles), (kinds,), "check"),
        Bullet(neutral, T("{apps} listed", apps=apps), (listed,), "check"),
        Bullet(Status.INFO, T("A closer look inside the files"), (hidden,), "more"),
    ]
