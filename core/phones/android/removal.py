"""Removing an app from one profile of an Android phone: which commands, in which order, and what their answers mean.

The texts are PackageManager's, its makers' variants and Android 17's new rule, as its sources and public reports have
them. What is not known stays "not known"; it is never taken for success.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Final

from core import value_names
from core.model import Finding, Inventory, Profile, ProfileKind
from core.phones.android.link.shell import is_package_name
from core.phones.driver import Answer, Name, Outcome, Step
from core.phones.hand_kind import HandKind, android_kind
from core.phones.removal_plan import way_by_hand
from core.text import T, Text, plain

#: Since Android 17 the shell may not remove a system app for one user.
NO_SYSTEM_REMOVAL_SDK: Final = 37

_COMMANDS: Final = {
    "uninstall": "pm uninstall --user {profile} {package}",
    # By AOSP's source an archived app is "not installed for" any one user; asked for all, it is removed with its data.
    "uninstall-archived": "pm uninstall {package}",
    "uninstall-updates": "pm uninstall-system-updates {package}",
    "disable": "pm disable-user --user {profile} {package}",
    "suspend": "pm suspend --user {profile} {package}",
    "install-existing": "cmd package install-existing --user {profile} {package}",
    "enable": "pm enable --user {profile} {package}",
    "unsuspend": "pm unsuspend --user {profile} {package}",
    "open-app-settings": (
        "am start --user {profile} -a android.settings.APPLICATION_DETAILS_SETTINGS -d package:{package}"
    ),
    "open-admin-settings": "am start --user {profile} -a android.settings.SECURITY_SETTINGS",
}

#: They act in every profile of the phone: no command does the same in one. So they are taken only where no other
#: profile has the app.
_WHOLE_PHONE: Final = frozenset({"uninstall-archived", "uninstall-updates"})
#: They delete what the app has stored.
_REMOVING: Final = frozenset({"uninstall", "uninstall-archived", "uninstall-updates"})
_UNDO: Final = {"uninstall": "install-existing", "disable": "enable", "suspend": "unsuspend"}


def make_step(act: str, package: str, name: Name, profile: Profile) -> Step:
    """The step `act` for `package` in `profile`. ValueError for a name that may not stand in a command line."""
    if not is_package_name(package):
        raise ValueError(f"not a package name: {package!r}")
    where = value_names.profile(profile)
    does = {
        "uninstall": T("Remove {app} from the profile “{profile}”", app=name, profile=where),
        "uninstall-archived": T("Remove the archived {app}, with its data, from the phone", app=name),
        "uninstall-updates": T("Take {app} back to the version that came with the phone", app=name),
        "disable": T("Switch {app} off in the profile “{profile}”", app=name, profile=where),
        "suspend": T("Suspend {app} in the profile “{profile}”", app=name, profile=where),
        "install-existing": T("Put {app} back into the profile “{profile}”", app=name, profile=where),
        "enable": T("Switch {app} on again in the profile “{profile}”", app=name, profile=where),
        "unsuspend": T("Lift the suspension of {app} in the profile “{profile}”", app=name, profile=where),
        "open-app-settings": T("Open the settings of {app} on the phone", app=name),
        "open-admin-settings": T("Open the security settings on the phone", app=name),
    }[act]
    return Step(act, package, profile.id, name, does)


def command(step: Step) -> str:
    """The command line of `step`."""
    if not is_package_name(step.package):
        raise ValueError(f"not a package name: {step.package!r}")
    return _COMMANDS[step.act].format(profile=int(step.profile), package=shlex.quote(step.package))


def next_step(finding: Finding, inventory: Inventory, history: Sequence[tuple[Step, Answer]]) -> Step | None:
    """What to try next, after `history`; None if nothing is left to try, or nothing needs to be.

    Uninstall first. An active administrator loses that role when it is switched off, so it is switched off first. What
    cannot be uninstalled is switched off, and failing that suspended; a system app loses its updates before, where no
    other profile has the app. Nothing is done in any profile but the finding's.
    """
    if _is_closed(finding.profile) or _owns(finding, inventory):
        # Nothing is lost: the finding stays, and by_hand says who removes it.
        return None
    admin = _is_admin(finding, inventory) or any(a.outcome is Outcome.ADMIN for _, a in history)
    if history and _is_settled(*history[-1], admin):
        # Nothing is lost: the next reading decides what the last answer was worth.
        return None
    tried = [s.act for s, _ in history]
    if any(s.act == "disable" and a.outcome is Outcome.DONE for s, a in history):
        tried.append("suspend")  # switched off, it cannot be started as it is
    act = next((a for a in _order(finding, inventory) if a not in tried), None)
    if admin and history and history[-1][0].act == "disable" and tried.count("uninstall") < 2:
        act = "uninstall"  # switched off, it is no administrator any more
    return make_step(act, finding.app.package, finding.display_name, finding.profile) if act else None


def _is_settled(step: Step, answer: Answer, admin: bool) -> bool:
    """Whether `answer` ends the matter, until the phone is read again."""
    if answer.outcome is Outcome.PROFILE_CLOSED:
        return True
    only_a_beginning = step.act == "uninstall-updates" or (step.act == "disable" and admin)
    return answer.outcome in (Outcome.DONE, Outcome.NOT_THERE) and not only_a_beginning


def _order(finding: Finding, inventory: Inventory) -> tuple[str, ...]:
    """The acts that may be tried, in turn."""
    acts = _acts(finding, inventory)
    if _may_be_elsewhere(finding, inventory):
        return tuple(act for act in acts if act not in _WHOLE_PHONE)
    return acts


def _may_be_elsewhere(finding: Finding, inventory: Inventory) -> bool:
    """Whether another profile has the app too, or it is not known that none has."""
    own_profile = finding.profile.id
    now = inventory.app(finding.app.package) or finding.app
    states = [state for state in (*finding.app.states, *now.states) if state.profile != own_profile]
    if any(state.present for state in states):
        return True
    known_profiles = {own_profile, *(state.profile for state in states)}
    unseen = any(not profile.readable and profile.id not in known_profiles for profile in inventory.profiles)
    return unseen or any(gap.profile is None for gap in inventory.gaps)


def _acts(finding: Finding, inventory: Inventory) -> tuple[str, ...]:
    app = finding.app
    state = app.state(finding.profile.id)
    if state is not None and state.archived:
        return "uninstall-archived", "uninstall"
    if app.system:
        first = () if inventory.phone.sdk >= NO_SYSTEM_REMOVAL_SDK else ("uninstall",)
        return (*first, *(("uninstall-updates",) if app.updated_system else ()), "disable", "suspend")
    if _is_admin(finding, inventory):
        return "disable", "uninstall", "suspend"
    return "uninstall", "disable", "suspend"


def holds(step: Step, inventory: Inventory) -> bool:
    """Whether a reading shows what `step` does. Of what no reading shows, the phone's word is all there is."""
    app = inventory.app(step.package)
    state = app.state(step.profile) if app else None
    if state is not None and state.archived and step.act in _REMOVING:
        return False  # its code is gone, and its data and its icon are there
    if state is None or not state.installed:
        return step.act not in ("install-existing", "enable", "unsuspend")
    return {
        "uninstall": False,
        "uninstall-archived": False,
        "disable": state.enabled.off,
        "suspend": state.suspended,
        "install-existing": True,
        "enable": not state.enabled.off,
        "unsuspend": not state.suspended,
    }.get(step.act, True)


def undo(step: Step, profile: Profile) -> Step | None:
    """The step that takes `step` back, where there is one: removed updates stay removed."""
    act = _UNDO.get(step.act)
    return make_step(act, step.package, step.name, profile) if act else None


def loses_data(step: Step) -> bool:
    """Whether what the owner keeps in the app is gone once `step` is done: an app that comes back begins anew."""
    return step.act in _REMOVING


def hand_kind(finding: Finding, inventory: Inventory, history: Sequence[tuple[Step, Answer]] = ()) -> HandKind:
    """Where on the phone itself it is done, or why it is not; `history` is what was tried before."""
    profile, state = finding.profile, finding.app.state(finding.profile.id)
    in_secure_folder = profile.kind is ProfileKind.SECURE_FOLDER
    if not in_secure_folder and (_owns(finding, inventory) or _is_forbidden(inventory, history)):
        return HandKind.MANAGED
    if finding.app.system and any(s.act == "disable" and a.outcome is Outcome.PROTECTED for s, a in history):
        return HandKind.PROTECTED
    return android_kind(
        profile.kind,
        closed=not profile.readable,
        admin=_is_admin(finding, inventory),
        system=finding.app.system,
        archived=state is not None and state.archived,
    )


def by_hand(finding: Finding, inventory: Inventory, history: Sequence[tuple[Step, Answer]] = ()) -> Text:
    """What the officer does on the phone itself, read aloud in one breath; `history` is what was tried before."""
    name, profile = finding.on_phone, finding.profile
    state = finding.app.state(profile.id)
    match hand_kind(finding, inventory, history):
        case HandKind.MANAGED if _owns(finding, inventory):
            return T(
                "{app} manages this phone or profile. Ask the organisation that enrolled it to release it.", app=name
            )
        case HandKind.MANAGED if not _has_owner(inventory):
            return T(
                "The phone says that an organisation keeps {app} from being removed, but names none. Ask your IT"
                " security team which organisation that manages this phone it may be.",
                app=name,
            )
        case HandKind.MANAGED:
            return T(
                "The organisation that manages this phone keeps {app} from being removed. Ask it to remove {app}, or to"
                " allow that.",
                app=name,
            )
        case HandKind.PROTECTED:
            return T(
                "The maker of this phone protects {app}: its settings neither remove it nor switch it off. Ask your IT"
                " security team.",
                app=name,
            )
    return way_by_hand(
        name,
        profile.kind,
        closed=not profile.readable,
        admin=_is_admin(finding, inventory),
        system=finding.app.system,
        archived=state is not None and state.archived,
    )


def settings_screen(finding: Finding, inventory: Inventory, history: Sequence[tuple[Step, Answer]] = ()) -> Step | None:
    """The step that opens the screen of which `by_hand` speaks; None if there is none that a computer may open."""
    kind = hand_kind(finding, inventory, history)
    if _is_closed(finding.profile) or kind in (HandKind.MANAGED, HandKind.PROTECTED):
        # Nothing is lost: by_hand says what is to be done, which no screen of the phone offers.
        return None
    act = "open-admin-settings" if _is_admin(finding, inventory) else "open-app-settings"
    return make_step(act, finding.app.package, finding.display_name, finding.profile)


def _is_closed(profile: Profile) -> bool:
    return profile.kind is ProfileKind.SECURE_FOLDER and not profile.readable


def _owns(finding: Finding, inventory: Inventory) -> bool:
    return any(a.owner and a.package == finding.app.package for a in inventory.admins)


def _is_forbidden(inventory: Inventory, history: Sequence[tuple[Step, Answer]]) -> bool:
    """Whether an owner keeps the app on the phone: Android says so, or restricts what may be uninstalled on a phone
    that has one. It cannot be tapped away on the phone."""
    outcomes = {answer.outcome for _, answer in history}
    return Outcome.OWNER in outcomes or (Outcome.RESTRICTED in outcomes and _has_owner(inventory))


def _has_owner(inventory: Inventory) -> bool:
    return any(admin.owner for admin in inventory.admins)


def _is_admin(finding: Finding, inventory: Inventory) -> bool:
    return any(a.profile == finding.profile.id and a.package == finding.app.package for a in inventory.admins)


_ADMIN: Final = T("It is a device admin app, which must be switched off first.")
_OWNER: Final = T("The phone says that its management forbids it.")
_RESTRICTED: Final = T("This phone does not let anyone uninstall it.")
_PROTECTED: Final = T("The phone's maker protects it.")
_CLOSED: Final = T("The phone does not let a computer into this profile.")
_GONE: Final = T("It is not in this profile.")
_DONE: Final = T("The phone says it is done.")
_NOT_DONE: Final = T("The phone answered, but did not do it.")
_UNSUPPORTED: Final = T("This phone does not know the command.")
_NOT_KNOWN: Final = T("The phone's answer is not known to Fanion.")
_BOOTING: Final = T("The phone is still starting up.")
_IN_USE: Final = T("Something on the phone uses it at the moment.")

#: In this order; the first that is found in the answer decides.
_ANSWERS: Final[tuple[tuple[re.Pattern[str], Outcome, Text], ...]] = tuple(
    (re.compile(pattern, re.MULTILINE), outcome, means)
    for pattern, outcome, means in (
        (r"DELETE_FAILED_DEVICE_POLICY_MANAGER", Outcome.ADMIN, _ADMIN),
        (r"DELETE_FAILED_OWNER_BLOCKED", Outcome.OWNER, _OWNER),
        (r"DELETE_FAILED_USER_RESTRICTED", Outcome.RESTRICTED, _RESTRICTED),
        (r"DELETE_FAILED_(ABORTED|APP_PINNED|USED_SHARED_LIBRARY|FOR_CHILD_PROFILE)", Outcome.REFUSED, _IN_USE),
        (r"DELETE_FAILED_INTERNAL_ERROR", Outcome.PROTECTED, _PROTECTED),
        (r"^Failure \[-1000\]|package is non-disable|no root permission", Outcome.PROTECTED, _PROTECTED),
        (r"only root can delete system app", Outcome.PROTECTED, _PROTECTED),
        (
            r"Cannot disable (a protected package|required package|system packages|miui core)",
            Outcome.PROTECTED,
            _PROTECTED,
        ),
        (r"^Failure (\[|- )not installed for \d+", Outcome.NOT_THERE, _GONE),
        (r"^Failure \[user \d+ doesn't exist\]", Outcome.NOT_THERE, _GONE),
        (r"Unknown package: ", Outcome.NOT_THERE, _GONE),
        (r"Package \S+ doesn't exist", Outcome.NOT_THERE, _GONE),
        (r"permission to access user \d+", Outcome.PROFILE_CLOSED, _CLOSED),
        (r"Shell cannot change component state", Outcome.REFUSED, _PROTECTED),
        (
            r"does not have permission|has android\.permission\.|Attempt to remove non-test admin",
            Outcome.REFUSED,
            _OWNER,
        ),
        (r"device is still booting", Outcome.REFUSED, _BOOTING),
        (r"^Error type \d|Activity not started|Activity class .* does not exist", Outcome.UNSUPPORTED, _UNSUPPORTED),
        (r"Unknown option|[Uu]nknown command|not found", Outcome.UNSUPPORTED, _UNSUPPORTED),
    )
)

#: What each act answers when it was done; anything else is not success.
_SUCCESS: Final = {
    "uninstall": re.compile(r"^Success\s*$", re.MULTILINE),
    "uninstall-archived": re.compile(r"^Success\s*$", re.MULTILINE),
    "uninstall-updates": re.compile(r"^Success\s*$", re.MULTILINE),
    "disable": re.compile(r"^Package \S+ new state: disabled-user\s*$", re.MULTILINE),
    "enable": re.compile(r"^Package \S+ new state: enabled\s*$", re.MULTILINE),
    "suspend": re.compile(r"^Package \S+ new suspended state: true\s*$", re.MULTILINE),
    "unsuspend": re.compile(r"^Package \S+ new suspended state: false\s*$", re.MULTILINE),
    "install-existing": re.compile(r"^Package \S+ installed for user: \d+\s*$", re.MULTILINE),
    "open-app-settings": re.compile(r"^Starting: ", re.MULTILINE),
    "open-admin-settings": re.compile(r"^Starting: ", re.MULTILINE),
}
#: AOSP's runUninstallSystemUpdates ends with 1 after "Success" and with 0 after failures.
_CODE_SAYS_NOTHING: Final = frozenset({"uninstall-updates"})
#: An answer in the form of success that says that nothing changed.
_REFUSED_SILENTLY: Final = re.compile(r"^Package \S+ new (suspended |hidden )?state: \S+\s*$", re.MULTILINE)


#: Lines of a Java trace: one frame; frames in a row; what leads to more of them.
_TRACE: Final = re.compile(
    r"\s*(?:at\s+[^\s(]+\s*\(.*|at\s+[\w$.]+|(?:[\w$./<>]+:\d+(?:\s+|\Z))+|\.\.\. \d+ more|(?:Caused by|Suppressed): .*"
    r"|Exception occurred while executing .*)"
)
#: A frame within a line, and everything that follows it.
_FRAME: Final = re.compile(r"\s+(?:at\s+)?[\w$./<>]+\([^()\s]*:\d+\).*|\s+at\s+[\w$]+\.[\w$.<>]+\(.*")
#: What Java writes before an exception's own text.
_CLASS: Final = re.compile(
    r"(?:Error: |Security exception: )?(?:[\w$]+\.)+[\w$]*(?:Exception|Error)(?:: |:?\Z)|Security exception: "
)


def _own_words(text: str) -> list[str]:
    """What an answer says to a person, in at most three pieces: where in Android's code it was said is left out."""
    words: dict[str, None] = {}
    for line in text.splitlines():
        if _TRACE.fullmatch(line[:2000]):
            # Nothing is lost: these are words for a person alone, and what an answer means was told by all of it.
            continue
        piece = _CLASS.sub("", _FRAME.sub("", line[:2000]), count=1).strip()
        if piece:
            words.setdefault(piece)
    return list(words)[:3]


#: Characters of an answer that are looked at. Of a longer one it is not known what it means, unless it is a refusal.
_ANSWER_LIMIT: Final = 20_000


def recognise(act: str, code: int, text: str) -> Answer:
    """What the phone's answer to `act` means: `code` is the exit code (-1: unknown), `text` all that it printed."""
    cut = len(text.strip()) > _ANSWER_LIMIT
    text = text.strip()[:_ANSWER_LIMIT]
    words = plain(" / ".join(_own_words(text)), 400)
    for pattern, outcome, means in _ANSWERS:
        if pattern.search(text):
            return Answer(outcome, words, means)
    if cut:  # what came after it may have been its end
        return Answer(Outcome.UNKNOWN, words, _NOT_KNOWN)
    if _SUCCESS[act].search(text) and (code in (0, -1) or act in _CODE_SAYS_NOTHING):
        return Answer(Outcome.DONE, words, _DONE)
    if _REFUSED_SILENTLY.search(text):
        return Answer(Outcome.REFUSED, words, _NOT_DONE)
    return Answer(Outcome.UNKNOWN, words, _NOT_KNOWN)
