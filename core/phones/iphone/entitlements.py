"""Who made an app: the developer teams of its entitlements, which stand inside its signature, so that no app can choose
them.

A second Lookup asks for them, for some apps at a time. ``application-identifier`` is the app's id behind the team under
which Apple gave that id out; ``com.apple.developer.team-identifier`` is the team that signed it, which for old apps may
be another one. (Apple, "Entitlements"; seen in the answer of a phone with iOS 13.)
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from core.jobs import Cancel
from core.model import App, Identity, id_key
from core.phones.accounting import Account, Leftovers, Why
from core.phones.driver import Silent
from core.phones.iphone import apps
from core.phones.iphone.apps import PLATFORM
from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist
from core.phones.iphone.property_lists.plist import Message
from core.phones.iphone.stream import Clock, Stream
from core.text import T, Text

ENTITLEMENTS: Final = "Entitlements"
APPLICATION: Final = "application-identifier"
TEAM: Final = "com.apple.developer.team-identifier"
#: Apps that are asked for at a time: an app may have many kilobytes of entitlements, and a message is bounded.
_AT_ONCE: Final = 100
#: Answers that may make no sense before no further one is asked for: one app can spoil that of all that are asked for
#: with it, and is found by halves.
_SPOILT: Final = 40
#: Seconds for all answers together.
_ALL: Final = 180.0
_A_TEAM: Final = re.compile(r"[A-Z0-9]{10}")

NOT_UNDERSTOOD: Final = T("What it is signed for could not be understood.")
ANOTHER_APP: Final = T("It is signed for another app than the phone lists.")
_NOT_LISTED: Final = T("The phone did not list it any more.")
_NO_ID: Final = T("The phone lists it under an id that no app can have.")


def identities(
    service: Callable[[], Stream], listed: Sequence[App], cancel: Cancel, clock: Clock = time.monotonic
) -> Iterator[Identity]:
    """What each app is by its entitlements, with `why` where they could not be understood; without teams where the
    phone tells none. `service` opens the phone's list of apps.

    Apple's own apps come last and in answers of their own, so that theirs, of which little is known, spoil no other's.
    Raises what a request raises, but not Malformed: of the apps that such an answer was for it is not known.
    """
    askable = [app for app in listed if apps.is_bundle_id(app.package)]
    for app in listed:
        if not apps.is_bundle_id(app.package):
            yield Identity(app.package, label=app.label, why=_NO_ID)
    kinds = [[app for app in askable if app.of_maker(PLATFORM) is apples] for apples in (False, True)]
    work = [kind[at : at + _AT_ONCE] for kind in kinds for at in range(0, len(kind), _AT_ONCE)]
    stream: Stream | None = None
    spoilt, end = 0, clock() + _ALL
    try:
        while work:
            if clock() > end:
                raise Silent(_ALL)
            batch = work.pop(0)
            if spoilt > _SPOILT:
                yield from (_not_understood(app) for app in batch)
                continue  # Nothing is lost: each of these apps says why it was not looked into.
            stream = stream or service()
            try:
                answer = _entries(stream, batch, cancel)
            except Malformed:  # Nothing is lost: its apps are asked for anew, and say at last why not.
                spoilt += 1
                stream.close()  # what is left of that answer stands in the way of the next
                stream = None
                half = len(batch) // 2
                if half:
                    work[:0] = [batch[:half], batch[half:]]
                else:
                    yield _not_understood(batch[0])
            else:
                yield from (_identity(app, answer) for app in batch)
    finally:
        if stream is not None:
            stream.close()


def _entries(stream: Stream, batch: Sequence[App], cancel: Cancel) -> Account[dict[str, Message | None]]:
    """The entries of these apps, by their ids as they are compared. Raises Malformed where the answer is not for
    them alone."""
    packages = [app.package for app in batch]
    answer = apps.lookup(stream, cancel, packages, (ENTITLEMENTS,))
    entries = {id_key(bundle, PLATFORM): entry for bundle, entry in answer.value.items()}
    if not entries.keys() <= {id_key(package, PLATFORM) for package in packages}:
        raise Malformed("an answer for apps that were not asked for")
    if any(not leftover.app for leftover in answer.left):
        raise Malformed("an answer that can be read in two ways")
    return Account(entries, answer.left)


def _not_understood(app: App, why: Text = NOT_UNDERSTOOD, teams: tuple[str, ...] = ()) -> Identity:
    """An app of which not all that it is signed for makes sense. What Apple's own apps are signed for is not known well
    enough to hold that against them; a team that they are told to be of counts."""
    return Identity(app.package, label=app.label, teams=teams, why=None if app.of_maker(PLATFORM) else why)


def _identity(app: App, answer: Account[dict[str, Message | None]]) -> Identity:
    id = id_key(app.package, PLATFORM)
    if id not in answer.value:
        return Identity(app.package, label=app.label, why=_NOT_LISTED)
    entry = answer.value[id]
    if entry is None:
        return _not_understood(app)
    teams = teams_of(app.package, entry)
    if any(id_key(leftover.app, PLATFORM) == id for leftover in answer.left):
        return _not_understood(app, teams=teams.value)
    if teams.left:
        disagrees = all(leftover.why is Why.DISAGREES for leftover in teams.left)
        return _not_understood(app, ANOTHER_APP if disagrees else NOT_UNDERSTOOD, teams.value)
    return Identity(app.package, label=app.label, teams=teams.value)


def teams_of(bundle: str, entry: Message) -> Account[tuple[str, ...]]:
    """The teams that an app is signed for, that of its signature first; none where the phone tells none.

    A system app's ``application-identifier`` is its id without a team.
    """
    leftovers = Leftovers()
    signed = entry.get(ENTITLEMENTS, {})
    if not isinstance(signed, dict):
        leftovers.add(Why.REFUSED, ENTITLEMENTS, bundle, plist.excerpt(signed))
        return leftovers.account(())
    team, application = (_text(signed, key, bundle, leftovers) for key in (TEAM, APPLICATION))
    if team and not _A_TEAM.fullmatch(team):
        leftovers.add(Why.REFUSED, TEAM, bundle, team)
        team = ""
    prefix, _, id = application.partition(".")
    if not application or id_key(application, PLATFORM) == id_key(bundle, PLATFORM):
        prefix = ""
    elif not _A_TEAM.fullmatch(prefix):
        leftovers.add(Why.DISAGREES if id else Why.REFUSED, APPLICATION, bundle, application)
        prefix = ""
    elif not _is_for(id, bundle):
        leftovers.add(Why.DISAGREES, APPLICATION, bundle, application)
    return leftovers.account(tuple(dict.fromkeys(candidate for candidate in (team, prefix) if candidate)))


def _is_for(id: str, bundle: str) -> bool:
    """Whether an app is signed for that id: it is its own, or begins so where a developer signs for many at once."""
    signed, listed = id_key(id, PLATFORM), id_key(bundle, PLATFORM)
    return signed == listed or (signed.endswith("*") and listed.startswith(signed[:-1]))


def _text(signed: Message, key: str, bundle: str, leftovers: Leftovers) -> str:
    value = signed.get(key, "")
    if isinstance(value, str):
        return value
    leftovers.add(Why.REFUSED, key, bundle, plist.excerpt(value))
    return ""
