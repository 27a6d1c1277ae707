"""What is done on a phone itself, in words: the steps, who does them, and what is sent to the phone's management."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core import value_names
from core.guides import Guide
from core.model import Finding, Policy
from core.phones.hand_kind import Doer, HandKind
from core.text import LANGUAGES, N, T, Text, Value, language, one_line

#: Who does it, and that no computer can.
WHO: Final = {
    Doer.HOLDER: T("No computer can remove it. The holder does it on the phone."),
    Doer.MANAGEMENT: T("Neither a computer nor the holder can remove it. Only the phone’s management can."),
    Doer.NOBODY: T("Neither a computer nor the holder can remove it."),
}
#: What can be done at the desk where the holder can do nothing.
INSTEAD: Final = {
    Doer.MANAGEMENT: T("Send the text to the team that manages this phone. Until then, hand it back as it is."),
    Doer.NOBODY: T("Grant an exception, or hand it back as it is and send the text to your IT security team."),
}
#: More apps than a message to management lists.
_LISTED: Final = 20


def steps(kind: HandKind, app: Value, guide: Guide, instruction: Text, *, opened: bool) -> tuple[Text, ...]:
    """What is done on the phone, one thing after the other, in the words that phones of this maker show.

    `opened`: the screen for it is open on the phone. Where nothing can be done on it, the `instruction` alone.
    """
    words = {name: word.text for name, word in guide.words.items()}
    uninstall = words.get("uninstall")
    find = () if opened else (T("Open the phone’s settings, then Apps, then {app}.", app=app),)
    match kind:
        case HandKind.APP_PAGE:
            return (*find, T("Tap {uninstall}, then {ok}.", uninstall=uninstall, ok=words["ok"]))
        case HandKind.FACTORY_APP:
            tap = T("Tap {uninstall} or {disable}, then confirm.", uninstall=uninstall, disable=words["disable"])
            return (*find, tap)
        case HandKind.DEVICE_ADMIN:
            find = () if opened else (T("Open the phone’s settings, then its security."),)
            admins = words["device_admin_apps"]
            return (*find, T("Tap {admins}, then switch {app} off.", admins=admins, app=app))
        case HandKind.ARCHIVED:
            greyed = T("Touch and hold the greyed icon of {app}.", app=app)
            return (greyed, T("Tap {uninstall}, then {ok}.", uninstall=uninstall, ok=words["ok"]))
        case HandKind.SECURE_FOLDER:
            return (
                T("Have the holder open Secure Folder."),
                T("Touch and hold {app}, then tap {uninstall}.", app=app, uninstall=uninstall),
            )
        case HandKind.WORK_PROFILE:
            return (
                T("Have the holder open the list of apps, then {work}.", work=words["work"]),
                T("Touch and hold {app}, then tap {uninstall}.", app=app, uninstall=uninstall),
            )
        case HandKind.HOME_SCREEN:
            return (
                T("Touch and hold {app} on the Home Screen.", app=app),
                T("Tap {remove}, then {delete}.", remove=words["remove_app"], delete=words["delete_app"]),
            )
    return (instruction,)


def after_removal(*, in_sight: bool, last: bool) -> Text:
    """What Fanion does once the app is gone."""
    if not in_sight:
        return T("Fanion cannot see it go. Check again after that.")
    return (
        T("Fanion sees it go and checks the phone again.") if last else T("Fanion sees it go and opens the next app.")
    )


def for_management(
    bans: Sequence[Finding], phone: Value, policy: Policy, checked: str, entry: int, *, practice: bool
) -> str:
    """A text for those who manage the phone, in both languages, that in use first: which banned apps are on it, that no
    computer removes them, and where that is on record.

    `phone` is what the officer sees of it, `checked` the day and time of its check, `entry` the number of that in the
    log. It names nobody whom `phone` does not name.
    """
    lines = [T("This is a practice phone: nothing is to be done.")] if practice else []
    lines.append(
        N(
            "A banned app is on this phone, and no computer can remove it:",
            "{count} banned apps are on this phone, and no computer can remove them:",
            len(bans),
        )
    )
    for finding in bans[:_LISTED]:
        id = one_line(finding.app.package, 100)
        lines.append(T("- {app}, {id}", app=value_names.app_in(finding.display_name, finding.profile), id=id))
    if len(bans) > _LISTED:
        lines.append(N("And {count} more.", "And {count} more.", len(bans) - _LISTED))
    lines += [
        value_names.pair(T("Phone"), phone),
        value_names.pair(T("Policy"), policy.title),
        T("Checked: {time}, entry {entry} of the desk’s log", time=checked, entry=entry),
        N(
            "Please remove it, or allow that it is removed, and tell the desk when that is done.",
            "Please remove them, or allow that they are removed, and tell the desk when that is done.",
            len(bans),
        ),
    ]
    in_use = language()
    languages = sorted(LANGUAGES, key=lambda code: code != in_use)
    return "\n\n".join("\n".join(line.in_language(of) for line in lines) for of in languages) + "\n"
