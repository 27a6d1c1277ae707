"""What the buttons of the Desk page say where that depends on the phone. No widget in here."""

from __future__ import annotations

from typing import Final

from core import guides, value_names
from core.guides import Guide
from core.model import ProfileKind, platforms
from core.model.visit_state import Reason
from core.phones.removal_plan import to_switch_off
from core.text import N, T, Text
from gui.desk.session.page_state import PageState

#: Apps whose names stand beside the button.
_NAMED: Final = 3


def removal(state: PageState) -> Text:
    """Exactly what would be removed or switched off."""
    chosen = state.chosen
    findings = [item.finding for item in chosen] or list(state.bans_seen)
    products = list(dict.fromkeys(f.product for f in findings))
    off = len(to_switch_off(findings, chosen))
    if len(products) == 1:
        return T("Switch {app} off", app=products[0]) if off else T("Remove {app}", app=products[0])
    if off == len(products):
        return N("Switch off {count} app", "Switch off {count} apps", off)
    if off:
        return T("Remove {count}, switch off {off}", count=len(products) - off, off=off)
    return N("Remove {count} app", "Remove {count} apps", len(products))


def coming_removal(state: PageState) -> Text:
    """What is removed as soon as its time is over, and that this can be stopped."""
    count, off = (state.coming.count, state.coming.off) if state.coming is not None else (0, 0)
    if off and off == count:
        return N("Switching off {count} app – Stop", "Switching off {count} apps – Stop", count)
    if off:
        return T("Removing {count}, switching off {off} – Stop", count=count - off, off=off)
    return N("Removing {count} app – Stop", "Removing {count} apps – Stop", count)


def keep_files(state: PageState) -> Text:
    """Whose files are copied."""
    return N("Keep a copy of the app’s files", "Keep a copy of the apps’ files", state.banned)


def before_removal(state: PageState) -> Text | str:
    """What the officer tells the holder before apps are removed: what is lost for good, and what stays by hand."""
    sentences: list[Text] = []
    if state.loses:
        apps = (
            value_names.listed(state.loses)
            if (count := len(state.loses)) <= _NAMED
            else T("these {count} apps", count=count)
        )
        sentences.append(T("Data kept only in {apps} will be lost. Tell the holder.", apps=apps))
    if state.by_hand_apps:
        sentences.append(T("{apps}: by hand, after this.", apps=value_names.listed(state.by_hand_apps)))
    if state.staying_apps:
        apps = value_names.listed(state.staying_apps)
        sentences.append(T("{apps}: cannot be removed at this desk.", apps=apps))
    return value_names.sentences(sentences)


def reason_question(state: PageState) -> Text:
    """What is asked before a phone that is not green is handed back: by what keeps it from green."""
    if state.banned:
        return N(
            "Why is it handed back with {count} banned app?",
            "Why is it handed back with {count} banned apps?",
            state.banned,
        )
    return _REASONS.get(state.reason, T("Why is it handed back although not all was seen?"))


#: The question for each cause but what could not be seen.
_REASONS: Final = {
    Reason.SUSPECTED: T("Why is it handed back with an app that may be banned?"),
    Reason.EXCEPTED: T("Why is it handed back with an app that an exception allows?"),
    Reason.SWITCHED_OFF: T("Why is it handed back with an app that is only switched off?"),
    Reason.LOOKED_AT: T("Why is it handed back although Fanion could not read all?"),
    Reason.HEALTH: T("Why is it handed back although its health is not as required?"),
    Reason.CAN_RETURN: T("Why is it handed back although banned apps are not blocked?"),
    Reason.NOT_READ_AGAIN: T("Why is it handed back without a check after the removal?"),
}


def next_phone(state: PageState) -> Text:
    """Which phone is gone to next."""
    following = state.around.following
    if following is None:
        return T("No other phone needs you")
    return T("Next: slot {slot}", slot=following)


def next_shortly(state: PageState) -> Text:
    """The same where there is little room."""
    following = state.around.following
    return T("Next: {slot}", slot=following) if following is not None else next_phone(state)


def by_hand(state: PageState) -> Text:
    """How many apps are left to the holder; where the holder can remove none, that something else can be done."""
    if not state.by_holder:
        return N("See what can be done ({count} app)", "See what can be done ({count} apps)", state.by_hand)
    return N("Do it on the phone ({count} app)", "Do it on the phone ({count} apps)", state.by_hand)


def check(state: PageState) -> Text:
    """Check, or check again what was begun before."""
    return T("Check again") if state.broke_off else T("Check")


def plan(state: PageState) -> Text:
    """Unfold the plan, or fold it up."""
    return T("What will be done?") if not state.unfolded.plan else T("Hide")


def put_away(state: PageState) -> Text:
    """Unplug a practice phone; take one that has left off the list."""
    return T("Take off the list") if state.absent else T("Unplug the practice phone")


def look_at(state: PageState) -> Text:
    """Where the look leads which nothing demands."""
    guide = guide_of(state.platform)
    if guide is None or guide.hidden is None:
        return T("Look on the phone")
    return T("Look at {place}", place=guide.hidden.path)


def look_shortly(state: PageState) -> Text:
    """The same in a word or two, where there is little room."""
    return value_names.PROFILES[ProfileKind.HIDDEN_APPS] if state.around.compact else look_at(state)


def guide_of(platform: str) -> Guide | None:
    """The guide of a platform that has one maker: places to look at are told in its words. Else None."""
    guide = platforms.of(platform).guide
    return guides.guide(guide) if guide else None
