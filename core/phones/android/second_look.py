"""The last look at an Android phone before it is judged: are its apps still those that were read?

Reading takes seconds, and looking into files takes more: an app that is installed in that time is in no answer. So the
lists of apps are asked for once more, with the users, and with the number of the phone's present start; they are the
short ones, and no app can write into them. Beside what a profile lists it is asked what it knows (``-u``), where an app
stands that was hidden or archived since; and where an app was there before as data alone, the snapshot tells
whether it is still no more than that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from core import value_names
from core.jobs import Cancel
from core.model import App, AppState, Gap, Inventory, PhoneIdentity, Profile
from core.phones.android.inventory import HOW_AGAIN, for_each_user, users_and_lists
from core.phones.android.link import phone_identity, shell
from core.phones.android.link.link import Answers, Link, ask
from core.phones.android.listings import short_answers
from core.phones.android.listings.dump import Dump
from core.phones.android.listings.short_answers import ListedApp
from core.phones.driver import OtherPhone, SecondLook
from core.text import T

#: What the lists of a phone may take (bytes); a phone with 1,000 apps in ten profiles prints 2 MB.
_LIMIT: Final = 8 * 2**20
#: And the snapshot of all apps (bytes).
_SNAPSHOT_LIMIT: Final = 32 * 2**20
#: `dumpsys` has a time limit of its own, which it takes as an option since Android 8 (the API level of that).
_TIMED_SINCE: Final = 26
_ASKED: Final = re.compile(r"packages [0-9]{1,9}")


def script(nonce: str) -> str:
    """The users, and the list of apps of each; the phone's present start before and after them."""
    return (
        "set -f\n"
        + shell.part(nonce, "boot", phone_identity.BOOT_ID)
        + users_and_lists(nonce)
        + for_each_user(shell.part(nonce, "known $I", "pm list packages -u --user $I"))
        + shell.part(nonce, "boot again", phone_identity.BOOT_ID)
    )


def look_again(link: Link, inventory: Inventory, cancel: Cancel) -> SecondLook:
    """Compare the phone's lists with `inventory`. Raises OtherPhone where the phone was restarted since that was read,
    and what `Link.run` raises."""
    answers = ask(link, script, cancel, _LIMIT)
    _same_start(answers, inventory.identity)
    samsung = inventory.phone.maker.casefold() == "samsung"
    lines, code = answers.get("users", ([], -1))
    users = short_answers.users(lines, samsung, alone=True)
    gaps: list[Gap] = []
    if code != 0 or not users.whole:
        gaps.append(Gap(T("The phone did not list its profiles a second time."), HOW_AGAIN))
    before = {profile.id: profile for profile in inventory.profiles}
    fresh = [profile for profile in users.value if profile.id not in before]
    answer_ids = {int(name.partition(" ")[2]) for name in answers if _ASKED.fullmatch(name)}
    listed_ids = {*before, *(profile.id for profile in fresh)}
    fresh += [short_answers.unlisted(id, samsung) for id in sorted(answer_ids - listed_ids) if _lists_any(answers, id)]
    if fresh:
        gaps.append(Gap(T("The phone was given another profile while it was checked."), HOW_AGAIN))
    lists: dict[int, Mapping[str, ListedApp]] = {}
    #: The apps that a profile keeps data of and does not list: removed, hidden or archived.
    unlisted: dict[int, frozenset[str]] = {}
    for profile in (*before.values(), *fresh):
        lines, code = answers.get(f"packages {profile.id}", ([], -1))
        listed = short_answers.packages(lines).value
        lists[profile.id] = listed.apps
        lines, known_code = answers.get(f"known {profile.id}", ([], -1))
        with_uninstalled = short_answers.packages(lines).value
        unlisted[profile.id] = with_uninstalled.names - listed.names
        answered = ((listed, code), (with_uninstalled, known_code))
        unread = any(packages.problem(code) or not packages.apps for packages, code in answered)
        if profile.readable and unread:
            gaps.append(_unread(profile))
    returned = _returned(link, inventory, unlisted, cancel)
    merged, changed = _merged(inventory, lists, unlisted, returned)
    profiles = (*inventory.profiles, *fresh)
    return SecondLook(replace(inventory, apps=merged, profiles=profiles), frozenset(changed), tuple(gaps))


def _returned(
    link: Link, inventory: Inventory, unlisted: Mapping[int, frozenset[str]], cancel: Cancel
) -> dict[str, frozenset[int]]:
    """The apps of which the phone had kept data alone, that are in some profiles now, hidden or archived; also those of
    which it does not tell. Raises what `Link.run` raises."""
    kept = {app.package for app in inventory.apps if app.states and not any(state.present for state in app.states)}
    names = kept & frozenset[str]().union(*unlisted.values())
    if not names:
        return {}
    command = f"dumpsys {'-t 60 ' if inventory.phone.sdk >= _TIMED_SINCE else ''}package packages"
    answers = ask(link, shell.parts({"snapshot": command}), cancel, _SNAPSHOT_LIMIT)
    lines, code = answers.get("snapshot", ([], -1))
    dump = Dump(names)
    dump.block("".join(f"{line}\n" for line in lines))
    dump.end(code)
    blocks = {app.package: app for app in dump.account(hashes=False).value}
    now: dict[str, frozenset[int]] = {}
    for name in sorted(names):
        profiles = frozenset(id for id, known in unlisted.items() if name in known)
        if name in blocks and not dump.failed and not dump.is_doubtful(name):
            profiles = frozenset(state.profile for state in blocks[name].states if state.present)
        if profiles:
            now[name] = profiles
    return now


def _lists_any(answers: Answers, id: int) -> bool:
    return bool(short_answers.packages(answers[f"packages {id}"][0]).value.apps)


def _unread(profile: Profile) -> Gap:
    why = T("the phone did not list its apps a second time")
    return Gap(value_names.pair(value_names.profile(profile), why), HOW_AGAIN, profile.id)


def _same_start(answers: Answers, before: PhoneIdentity | None) -> None:
    """Raise OtherPhone unless the phone has not been restarted, as far as it lets that be read."""
    if before is None or not before.boot:
        return  # Nothing is lost: this phone does not let the number be read, and its identity is compared anyway
    for part in ("boot", "boot again"):
        lines, code = answers.get(part, ([], -1))
        if code != 0 or [line.strip() for line in lines] != [before.boot]:
            raise OtherPhone(("boot",))


def _merged(
    inventory: Inventory,
    lists: Mapping[int, Mapping[str, ListedApp]],
    unlisted: Mapping[int, frozenset[str]],
    returned: Mapping[str, frozenset[int]],
) -> tuple[tuple[App, ...], list[str]]:
    """The apps as they are now, and those that are new or not as they were. An app that has left stays as it was; one
    that is new and in no list was installed and hidden, or archived, since."""
    apps = {app.package: app for app in inventory.apps}
    changed: dict[str, None] = {}
    for id, listed in lists.items():
        for name, now in listed.items():
            app = apps.get(name) or App(name, confirmed=False)
            state = app.state(id)
            is_new = state is None or not state.installed
            if is_new:
                app = _with_state(app, id)
            if is_new or _moved(app, now):
                apps[name] = _as_listed(app, now)
                changed[name] = None
    if not any(gap.profile is None for gap in inventory.gaps):  # else not all apps were known before, which is told
        for id, names in unlisted.items():
            for name in names - apps.keys():
                apps[name] = _with_state(App(name, confirmed=False), id)
                changed[name] = None
    for name, profiles in returned.items():
        for id in profiles:
            apps[name] = _with_state(apps[name], id)
        changed[name] = None
    return tuple(apps.values()), list(changed)


def _with_state(app: App, profile: int) -> App:
    other_states = tuple(state for state in app.states if state.profile != profile)
    return replace(app, states=(*other_states, AppState(profile, installed=True)), confirmed=False)


def _moved(app: App, now: ListedApp) -> bool:
    """Whether the app lies elsewhere than before, or has another version: each installation has a folder of its own."""
    elsewhere = bool(now.path) and now.path != app.code_path
    return elsewhere or (now.version_code is not None and now.version_code != app.version_code)


def _as_listed(app: App, now: ListedApp) -> App:
    """The app as the list has it. Who signed it and what it is made of was said of the file that it had before: its
    classes still accuse it, and its signers are not held against its new file."""
    return replace(
        app,
        code_path=now.path,
        version_code=now.version_code,
        version_name="",
        installer=now.installer,
        signers=(),
        certificates=(),
        splits=None,
        updated_system=app.system,
        confirmed=False,
    )
