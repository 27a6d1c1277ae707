"""The verdict of a check or a visit in words: for each length of text one map from the reason to its words.

What the reason is, and all numbers, come from :mod:`core.model.visit_state`; nothing here decides either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from core import value_names
from core.ledger import records
from core.model import Check, Verdict, platforms
from core.model.visit_state import CheckFacts, Fate, Reason, VisitState
from core.policy.wording import long_date
from core.text import N, T, Text

#: Words for a number of apps.
Counted: TypeAlias = Callable[[int], Text]

#: In two or three words: on a pill of the log, in a row of the Desk.
_PILL: Final[Mapping[Reason, Counted]] = {
    Reason.BANNED: lambda count: N("{count} banned", "{count} banned", count),
    Reason.BANNED_SEEN: lambda count: N("{count} banned seen", "{count} banned seen", count),
    Reason.SUSPECTED: lambda count: N("{count} suspected", "{count} suspected", count),
    Reason.EXCEPTED: lambda _: T("Excepted"),
    Reason.SWITCHED_OFF: lambda _: T("Switched off"),
    Reason.UNSEEN: lambda _: T("Not all seen"),
    Reason.LOOKED_AT: lambda _: T("Checked by hand"),
    Reason.HEALTH: lambda _: T("Phone health"),
    Reason.CAN_RETURN: lambda _: T("Not blocked"),
    Reason.REMOVED: lambda count: N("{count} removed", "{count} removed", count),
    # For narrow rows; French says it shorter than in a headline.
    Reason.NONE_BANNED: lambda _: T("No banned apps"),
    Reason.NOT_READ_AGAIN: lambda _: T("Not checked again"),
    Reason.BROKEN_OFF: lambda _: T("Check not finished"),
    Reason.NOT_READ: lambda _: T("Not read"),
}
#: The verdict in large letters.
_TITLE: Final[Mapping[Reason, Counted]] = {
    Reason.BANNED: lambda count: N("{count} banned app", "{count} banned apps", count),
    Reason.BANNED_SEEN: lambda count: N("{count} banned app seen", "{count} banned apps seen", count),
    Reason.SUSPECTED: lambda count: N("{count} suspected app", "{count} suspected apps", count),
    Reason.EXCEPTED: lambda count: N("{count} banned app, excepted", "{count} banned apps, excepted", count),
    Reason.SWITCHED_OFF: lambda count: N(
        "{count} banned app, switched off", "{count} banned apps, switched off", count
    ),
    Reason.UNSEEN: lambda _: T("Incomplete check"),
    Reason.LOOKED_AT: lambda _: T("Checked by hand"),
    Reason.HEALTH: lambda _: T("Phone health not as required"),
    Reason.CAN_RETURN: lambda _: T("Banned apps not blocked as required"),
    Reason.REMOVED: lambda _: T("No banned app is left"),
    Reason.NONE_BANNED: lambda _: T("No banned app"),
    Reason.NOT_READ_AGAIN: lambda _: T("Not checked again after removal"),
    Reason.BROKEN_OFF: lambda _: T("Check not finished"),
    Reason.NOT_READ: lambda _: T("Not read"),
}
#: Why visits were amber, where they are counted.
AMBER: Final[Mapping[Reason, Text]] = {
    Reason.SUSPECTED: T("an app that may be a banned one"),
    Reason.EXCEPTED: T("a banned app that an exception allows"),
    Reason.SWITCHED_OFF: T("a banned app that is switched off"),
    Reason.UNSEEN: T("not all could be seen"),
    Reason.LOOKED_AT: T("checked by hand, where not all could be read"),
    Reason.HEALTH: T("phone health not as the policy requires"),
    Reason.CAN_RETURN: T("banned apps not blocked as the policy requires"),
}
#: What became of a banned app.
FATES: Final[Mapping[Fate, Text]] = {
    Fate.REMOVED: T("Removed"),
    Fate.GONE: T("Gone"),
    Fate.SWITCHED_OFF: T("Switched off"),
    Fate.EXCEPTED: T("Excepted"),
    Fate.STILL_THERE: T("Still there"),
    Fate.NOT_VERIFIED: T("Removed, but not checked again"),
    Fate.UNKNOWN: T("Result not known"),
}


def pill_of(reason: Reason, count: int) -> Text:
    """How a phone stands for this reason, in two or three words; `count` is of apps."""
    return _PILL[reason](count)


def pill(state: VisitState) -> Text:
    """How a phone stands, in two or three words."""
    if state.reason is Reason.REMOVED and not state.products(Fate.REMOVED):
        return N("{count} gone", "{count} gone", _count(state))
    return _PILL[state.reason](_count(state))


def check_pill(facts: CheckFacts) -> Text:
    """What one check found, in two or three words."""
    return _PILL[facts.reason](_count_of(facts, facts.reason))


def title(state: VisitState) -> Text:
    """How a phone stands, as the headline of its page."""
    return _TITLE[state.reason](_count(state))


def left_with(state: VisitState) -> Text:
    """That a phone left as red as it was, for its row."""
    if state.reason in (Reason.BANNED, Reason.BANNED_SEEN):
        return N("Unplugged, {count} banned", "Unplugged, {count} banned", _count(state))
    return pill(state)


def left_title(state: VisitState) -> Text:
    """That a phone left as red as it was, as the headline of its page."""
    if state.reason in (Reason.BANNED, Reason.BANNED_SEEN):
        return N("Unplugged with {count} banned app", "Unplugged with {count} banned apps", _count(state))
    return title(state)


def _count(state: VisitState) -> int:
    """The number that belongs to the reason of a visit's verdict."""
    match state.reason:
        case Reason.BANNED | Reason.BANNED_SEEN:
            return max(state.left_count, 1)
        case Reason.REMOVED:
            return len(state.products(Fate.REMOVED, Fate.GONE))
    return _count_of(state.last, state.reason) if state.last is not None else 0


def _count_of(facts: CheckFacts, reason: Reason) -> int:
    """The number that belongs to a reason of a check's verdict."""
    match reason:
        case Reason.BANNED:
            return max(facts.banned, 1)
        case Reason.SUSPECTED:
            return facts.suspected
        case Reason.EXCEPTED | Reason.SWITCHED_OFF:
            return facts.banned
        case Reason.UNSEEN:
            return facts.unseen
        case Reason.CAN_RETURN:
            return facts.unblocked
    return 0


def facts_of(ended: records.CheckEnded, findings: Iterable[records.AppFound] = ()) -> CheckFacts:
    """The facts of a check on record. `findings` are those that were recorded with it.

    Without them it is not known of some banned apps whether they were switched off: where some are not excepted, and
    the phone is red, they are taken to make it so.
    """
    bans = [app for app in findings if app.is_ban]
    verdict = ended.verdict if isinstance(ended.verdict, Verdict) else None
    has_unexcepted = ended.bans > ended.excepted or (ended.banned > 0 and not ended.excepted)
    red = verdict is Verdict.RED
    return CheckFacts(
        verdict=verdict,
        banned=ended.banned,
        red=any(app.makes_red for app in bans) if bans else red and has_unexcepted,
        excepted=any(app.excepted is not None for app in bans) if bans else ended.excepted > 0 and ended.banned > 0,
        switched_off=any(f.contained and f.excepted is None for f in bans) if bans else not red and has_unexcepted,
        suspected=ended.suspected,
        unseen=ended.unseen,
        unhealthy=tuple(signal.title for signal in ended.unhealthy),
        unblocked=len(ended.unblocked),
    )


def counted(ended: records.CheckEnded) -> Text:
    """What made the verdict of a check, in numbers: for its own line in the log."""
    facts = facts_of(ended)
    count = _count_of(facts, facts.reason)
    match facts.reason:
        case Reason.HEALTH:
            unhealthy = len(facts.unhealthy)
            return N(
                "{count} health signal is not as required", "{count} health signals are not as required", unhealthy
            )
        case Reason.NONE_BANNED:
            return N("{count} app read, no banned app", "{count} apps read, no banned app", ended.apps)
        case Reason.UNSEEN:
            return N("{count} item could not be checked", "{count} items could not be checked", count)
        case Reason.CAN_RETURN:
            return N(
                "{count} banned app is not known to be blocked",
                "{count} banned apps are not known to be blocked",
                count,
            )
    return _TITLE[facts.reason](count)


def headline(check: Check) -> Text:
    """The verdict of a check in one sentence, while the phone is here."""
    facts = CheckFacts.of(check)
    match facts.reason:
        case Reason.BANNED:
            return N("{count} banned app is on this phone.", "{count} banned apps are on this phone.", facts.banned)
        case Reason.EXCEPTED:
            return N(
                "{count} banned app is on this phone, excepted until {date}.",
                "{count} banned apps are on this phone, excepted; the first of them until {date}.",
                facts.banned,
                date=long_date(min(f.excepted.until for f in check.bans if f.excepted)),
            )
        case Reason.NONE_BANNED:
            platform, unknown = platforms.of(check.inventory.phone.platform), len(check.makers_not_told)
            if unknown and platform.by_id_alone is not None:
                return platform.by_id_alone(unknown)
            return platform.green or T("Everything was read, and no banned app is on this phone.")
    return _in_a_sentence(facts, facts.reason)


def recorded_headline(ended: records.CheckEnded, platform: str = "") -> Text:
    """The verdict of a recorded check of a phone of this `platform` in one sentence: the phone is not here any more."""
    facts = facts_of(ended)
    return sentence(facts, facts.reason, platform)


def sentence(facts: CheckFacts, reason: Reason, platform: str = "") -> Text:
    """A reason of a check's verdict in one sentence, when the phone may not be here any more."""
    count = _count_of(facts, reason)
    match reason:
        case Reason.BANNED:
            return N(
                "{count} banned app was found on this phone.", "{count} banned apps were found on this phone.", count
            )
        case Reason.EXCEPTED:
            return N(
                "{count} banned app was found on this phone; an exception allows it.",
                "{count} banned apps were found on this phone; exceptions allow them.",
                count,
            )
        case Reason.NONE_BANNED:
            return platforms.of(platform).green or T("Everything was read, and no banned app was found.")
    return _in_a_sentence(facts, reason)


def _in_a_sentence(facts: CheckFacts, reason: Reason) -> Text:
    """The sentences that are the same of a phone that is still here and of one that is not."""
    count = _count_of(facts, reason)
    match reason:
        case Reason.SUSPECTED:
            return N(
                "{count} app may be a banned app under another name; this could not be confirmed.",
                "{count} apps may be banned apps under another name; this could not be confirmed.",
                count,
            )
        case Reason.SWITCHED_OFF:
            return N(
                "{count} banned app is switched off, but it came with the phone and cannot be removed.",
                "{count} banned apps are switched off, but they came with the phone and cannot be removed.",
                count,
            )
        case Reason.HEALTH if facts.banned:
            return _health_sentence(facts)
        case Reason.HEALTH:
            return T(
                "No banned app was found, but the phone’s health is not as the policy requires: {signals}.",
                signals=value_names.listed(facts.unhealthy),
            )
        case Reason.UNSEEN:
            return T("No banned app was found, but some items could not be checked.")
        case Reason.CAN_RETURN if facts.banned:
            return _return_sentence(facts)
        case Reason.CAN_RETURN:
            return T("No banned app was found. {more}", more=_return_sentence(facts))
    return T("The verdict is not known.")


def _health_sentence(facts: CheckFacts) -> Text:
    return T(
        "The phone’s health is not as the policy requires: {signals}.", signals=value_names.listed(facts.unhealthy)
    )


def _return_sentence(facts: CheckFacts) -> Text:
    return N(
        "The policy requires that management block banned apps; the phone does not show that for {count} of them.",
        "The policy requires that management block banned apps; the phone does not show that for {count} of them.",
        facts.unblocked,
    )


def outcome(state: VisitState, platform: str = "") -> Text:
    """What a visit came to, in a sentence or two: what was found, what of it was removed and is left, and what else
    keeps the phone from green. `platform` is the phone's."""
    met = bans_outcome(state, platform)
    if met is None:
        return _reason_sentence(state, platform)
    if state.reason in (Reason.REMOVED, Reason.BANNED, Reason.BANNED_SEEN, Reason.SWITCHED_OFF):
        return met
    addition = _AFTER_REMOVAL.get(state.reason)
    return T("{done} {more}", done=met, more=addition(state)) if addition is not None else met


def became(state: VisitState) -> tuple[Text, ...]:
    """What became of each banned product that the visit has met."""
    return tuple(T("{app}: {result}.", app=product, result=FATES[fate]) for product, fate in state.fates.items())


#: What is not known, whichever way.
_NOT_KNOWN: Final = (Fate.NOT_VERIFIED, Fate.UNKNOWN)
#: How many banned apps each of these became of, in the order in which that is told.
_COUNTED: Final[Sequence[tuple[tuple[Fate, ...], Callable[[int], Text]]]] = (
    ((Fate.REMOVED,), lambda count: N("{count} removed", "{count} removed", count)),
    ((Fate.GONE,), lambda count: N("{count} gone", "{count} gone", count)),
    ((Fate.STILL_THERE,), lambda count: N("{count} still there", "{count} still there", count)),
    ((Fate.SWITCHED_OFF,), lambda count: N("{count} switched off", "{count} switched off", count)),
    ((Fate.EXCEPTED,), lambda count: N("{count} excepted", "{count} excepted", count)),
    (_NOT_KNOWN, lambda count: N("{count} not known", "{count} not known", count)),
)


def bans_outcome(state: VisitState, platform: str = "") -> Text | None:
    """What became of the banned apps that the visit has met; None where nothing became of them, or there were none.

    `platform` is the phone's: of one that hides apps from a computer it is not said that none is left.
    """
    count, fates = state.found_count, set(state.fates.values())
    if not fates or (len(fates) == 1 and fates <= {Fate.STILL_THERE, Fate.SWITCHED_OFF, Fate.EXCEPTED}):
        return None
    if fates <= set(_NOT_KNOWN):
        return N(
            "{count} banned app was found. It is not known whether it is still there.",
            "{count} banned apps were found. It is not known whether they are still there.",
            count,
        )
    if fates == {Fate.REMOVED} and state.verdict is Verdict.GREEN and platforms.of(platform).green is None:
        return N(
            "{count} banned app was found and removed. None is left.",
            "{count} banned apps were found and removed. None is left.",
            count,
        )
    if fates == {Fate.REMOVED}:
        return N("{count} banned app was found and removed.", "{count} banned apps were found and removed.", count)
    if fates == {Fate.GONE}:
        return N("{count} banned app was found; it is gone.", "{count} banned apps were found; they are gone.", count)
    parts = ((len(state.products(*of)), words) for of, words in _COUNTED)
    return N(
        "{count} banned app was found: {what}.",
        "{count} banned apps were found: {what}.",
        count,
        what=value_names.listed([words(number) for number, words in parts if number]),
    )


def _reason_sentence(state: VisitState, platform: str) -> Text:
    """The reason of a visit's verdict as a sentence, where nothing became of what was found."""
    match state.reason:
        case Reason.BANNED_SEEN:
            return N(
                "{count} banned app was seen on this phone.",
                "{count} banned apps were seen on this phone.",
                max(state.left_count, 1),
            )
        case Reason.LOOKED_AT:
            return T("No banned app was found. What could not be read was checked by hand.")
        case Reason.NOT_READ_AGAIN:
            return T("The phone was changed, and no check was finished afterwards.")
        case Reason.BROKEN_OFF | Reason.NOT_READ:
            return T("The check did not finish.")
        case Reason.NONE_BANNED if state.look is not None and state.last is not None:
            if state.last.verdict is not Verdict.GREEN:
                return T("No banned app was found. What could not be read was checked by hand.")
    return sentence(state.last, state.reason, platform) if state.last else T("The check did not finish.")


#: What keeps a phone from green once banned apps were removed from it: that none was found cannot be said of it.
_AFTER_REMOVAL: Final[Mapping[Reason, Callable[[VisitState], Text]]] = {
    Reason.SUSPECTED: lambda state: _in_a_sentence(state.last, Reason.SUSPECTED) if state.last else Text(""),
    Reason.EXCEPTED: lambda state: N(
        "{count} more is there that an exception allows.",
        "{count} more are there that exceptions allow.",
        state.last.banned if state.last is not None else 0,
    ),
    Reason.UNSEEN: lambda _: T("Some items could not be checked."),
    Reason.LOOKED_AT: lambda _: T("What could not be read was checked by hand."),
    Reason.HEALTH: lambda state: _health_sentence(state.last) if state.last is not None else Text(""),
    Reason.CAN_RETURN: lambda state: _return_sentence(state.last) if state.last is not None else Text(""),
    Reason.NOT_READ_AGAIN: lambda _: T("No check was finished afterwards."),
    Reason.BROKEN_OFF: lambda _: T("Another check was started and did not finish."),
}
