"""What is assumed of an iPhone's two lists of apps, and of what it tells that apps are signed for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from core.model import Signed, id_key
from core.phones.assumptions.assumption import (
    NO_ANSWER,
    NOTHING,
    OTHER,
    Assumption,
    TrialResult,
    accounted,
    by_maker,
    captured,
    concluded,
    detailed,
    published,
    result,
    tally,
)
from core.phones.assumptions.iphone_facts import IphoneFacts
from core.phones.iphone import app_evidence, apps
from core.phones.iphone.entitlements import APPLICATION, ENTITLEMENTS, TEAM
from core.text import T

_APPS: Final = ("iphone/apps.py",)
_INVENTORY: Final = ("iphone/inventory.py",)
_ENTITLEMENTS: Final = ("iphone/entitlements.py",)
_TYPES: Final = frozenset({"User", "System", "Internal"})


def _lookup(facts: IphoneFacts) -> TrialResult:
    if facts.lookup is None:
        return result(False) if "lookup" in facts.garbled else NO_ANSWER
    return accounted(facts.lookup.left, apps=len(facts.lookup.value), seconds=facts.seconds["first list"])


def _browse(facts: IphoneFacts) -> TrialResult:
    if facts.browse is None:
        return result(False) if "browse" in facts.garbled else NO_ANSWER
    return accounted(facts.browse.left, apps=len(facts.browse.value), seconds=facts.seconds["second list"])


def _both(facts: IphoneFacts) -> TrialResult:
    if facts.lookup is None or facts.browse is None:
        return NO_ANSWER
    first, second = facts.ids(), {id_key(bundle, apps.PLATFORM) for bundle in facts.browse.value}
    return result(
        second <= first,
        first=len(first),
        second=len(second),
        blocked=len(first - second),
        second_only=len(second - first),
    )


def _same_again(facts: IphoneFacts) -> TrialResult:
    if facts.lookup is None or facts.inventory is None:
        return NO_ANSWER
    before = {id_key(app.package, apps.PLATFORM) for app in facts.apps}
    return result(before == facts.ids(), new=len(facts.ids() - before), gone=len(before - facts.ids()))


def _left_of_apps(facts: IphoneFacts) -> TrialResult:
    if facts.lookup is None:
        return NO_ANSWER
    left = [i for id, entry in facts.entries.items() if entry is not None for i in apps.app_of(id, entry).left]
    return accounted(left, apps=len(facts.entries))


def _types(facts: IphoneFacts) -> TrialResult:
    if facts.lookup is None:
        return NO_ANSWER
    types = [str(entry.get("ApplicationType", "")) for entry in facts.entries.values() if entry is not None]
    return detailed(set(types) <= _TYPES, tally(types, _TYPES))


def _signers(facts: IphoneFacts) -> TrialResult:
    if not facts.apps:
        return NO_ANSWER
    words = [app.signed.value for app in facts.apps if app.signed is not None]
    unknown = sum(app.signed is Signed.UNKNOWN and bool(app.signed_by) for app in facts.apps)
    return detailed(unknown == 0, [("other words", unknown), *tally(words, {kind.value for kind in Signed})])


def _offloaded(facts: IphoneFacts) -> TrialResult:
    entries = [entry for entry in facts.entries.values() if entry is not None]
    marked = [e for e in entries if "IsDemotedApp" in e or "IsPlaceholder" in e]
    if not marked:
        return NOTHING if facts.lookup else NO_ANSWER
    kinds = [type(e.get(key, False)).__name__ for e in marked for key in ("IsDemotedApp", "IsPlaceholder")]
    offloaded = sum(any(state.archived for state in app.states) for app in facts.apps)
    return detailed(set(kinds) <= {"bool", "int"}, [("marked", len(marked)), ("offloaded", offloaded)])


def _clips(facts: IphoneFacts) -> TrialResult:
    """Whether the id of each App Clip begins with that of an app, or of what may be one that is not there."""
    clips = [app.package for app in facts.apps if any(state.instant for state in app.states)]
    if not clips:
        return NOTHING if facts.apps else NO_ANSWER
    others = [id_key(app.package, apps.PLATFORM) for app in facts.apps if app.package not in clips]
    with_app = sum(any(id_key(clip, apps.PLATFORM).startswith(f"{id}.") for id in others) for clip in clips)
    return result(all(clip.count(".") > 1 for clip in clips), clips=len(clips), app_is_there=with_app)


def _spelling(facts: IphoneFacts) -> TrialResult:
    if facts.lookup is None:
        return NO_ANSWER
    refused = sum(not apps.is_bundle_id(bundle) for bundle in facts.entries)
    twice = len(facts.entries) - len(facts.ids())
    return result(not refused and not twice, apps=len(facts.entries), refused=refused, twice=twice)


def _room(facts: IphoneFacts) -> TrialResult:
    if facts.sizes is None:
        return result(False) if "sizes" in facts.garbled else NO_ANSWER
    values = [(entry or {}).get(app_evidence.SIZE) for entry in facts.sizes.value.values()]
    told = [value for value in values if value is not None]
    if not told:
        return NOTHING
    return result(all(type(value) is int for value in told), apps=len(values), told=len(told))


def _entitled(kind: str) -> Callable[[IphoneFacts], TrialResult]:
    """Whether the phone gives the entitlements of apps of this kind, and they make sense."""

    def probe(facts: IphoneFacts) -> TrialResult:
        listing = facts.entitlements.get(kind)
        if listing is None:
            return result(False) if kind in facts.garbled else NO_ANSWER if facts.lookup is None else NOTHING
        teams = facts.teams(kind)
        given = sum(bool((entry or {}).get(ENTITLEMENTS)) for entry in listing.value.values())
        left = [*listing.left, *(item for account in teams.values() for item in account.left)]
        if not given:
            return NOTHING
        with_team = sum(bool(account.value) for account in teams.values())
        return accounted(left, apps=len(teams), given=given, with_a_team=with_team)

    return probe


def _application_ids(facts: IphoneFacts) -> TrialResult:
    """Whether ``application-identifier`` is the app's id behind a team, of apps that were installed."""
    listing = facts.entitlements.get("User")
    entries = listing.value if listing else {}
    shapes = []
    for bundle, entry in entries.items():
        signed = (entry or {}).get(ENTITLEMENTS)
        if isinstance(signed, dict) and isinstance(identifier := signed.get(APPLICATION), str):
            team, _, id = identifier.partition(".")
            own = id_key(id, apps.PLATFORM) == id_key(bundle, apps.PLATFORM)
            shapes.append("own id" if own and len(team) == 10 else "wildcard" if id.endswith("*") else OTHER)
    if not shapes:
        return NOTHING if facts.lookup else NO_ANSWER
    return detailed(OTHER not in shapes, tally(shapes, ("own id", "wildcard")))


def _store_teams(facts: IphoneFacts) -> TrialResult:
    """Whether apps of Apple's store tell the team that signed them."""
    listing = facts.entitlements.get("User")
    whole = [app for app in facts.apps if not app.system and not any(state.archived for state in app.states)]
    store = {id_key(app.package, apps.PLATFORM) for app in whole if app.signed is Signed.STORE}
    asked_for = [b for b in (listing.value if listing else {}) if id_key(b, apps.PLATFORM) in store]
    if listing is None or not asked_for:
        return NOTHING if facts.lookup else NO_ANSWER
    signed = [(listing.value[bundle] or {}).get(ENTITLEMENTS) for bundle in asked_for]
    with_team = sum(isinstance(s, dict) and (TEAM in s or APPLICATION in s) for s in signed)
    return result(with_team == len(asked_for), apps=len(asked_for), with_a_team=with_team)


_TOOLS: Final = published("Debian's libimobiledevice 1.3, usbmuxd 1.1.1")

ROWS: Final[tuple[Assumption[IphoneFacts], ...]] = (
    Assumption(
        "lists.first",
        T("The first list of apps comes whole, each app in a known form."),
        captured("iPhone, iOS 13 (Lookup)"),
        _APPS,
        _lookup,
    ),
    Assumption(
        "lists.second",
        T("The second list of apps comes in parts that follow each other, and has an end."),
        _TOOLS,
        _APPS,
        _browse,
    ),
    Assumption(
        "lists.agree",
        T("The second list names no app that the first does not."),
        concluded("installation_proxy"),
        (*_APPS, *_INVENTORY),
        _both,
    ),
    Assumption(
        "lists.again",
        T("Asked a second time, the phone answers with the same list."),
        concluded("nothing is installed within a minute"),
        ("iphone/second_look.py",),
        _same_again,
    ),
    Assumption(
        "apps.attributes",
        T("Each app’s name, version, signer and kind are texts and numbers."),
        captured("iPhone, iOS 13 (Lookup)"),
        _APPS,
        _left_of_apps,
    ),
    Assumption(
        "apps.kinds",
        T("Each app is the user’s, the system’s or internal."),
        published("installation_proxy, as described"),
        _APPS,
        _types,
    ),
    Assumption(
        "apps.signers",
        T("Each app is signed in one of the known words: store, TestFlight, organisation or developer."),
        captured("iPhone, iOS 13 (Apple Development)"),
        _APPS,
        _signers,
    ),
    Assumption(
        "apps.offloaded",
        T("Offloaded apps are marked as such."),
        captured("iPhone 13 mini, iOS 26.2.1 (pymobiledevice3, issue 1602)"),
        _APPS,
        _offloaded,
    ),
    Assumption(
        "apps.clips",
        T("An App Clip’s id begins with the id of its app."),
        by_maker("developer.apple.com, App Clips"),
        _APPS,
        _clips,
    ),
    Assumption(
        "apps.ids",
        T("Bundle ids are made of known letters, and differ by more than capitals."),
        by_maker("developer.apple.com, CFBundleIdentifier"),
        _APPS,
        _spelling,
    ),
    Assumption(
        "apps.room",
        T("The phone tells how much room an app takes, as a number."),
        published("libimobiledevice, installation_proxy"),
        ("iphone/app_evidence.py",),
        _room,
    ),
    Assumption(
        "entitlements.installed",
        T("The phone tells what installed apps are signed for, in a known form."),
        captured("iPhone, iOS 13 (Lookup, Entitlements)"),
        _ENTITLEMENTS,
        _entitled("User"),
    ),
    Assumption(
        "entitlements.own",
        T("The phone tells what Apple’s own apps are signed for, in a known form."),
        concluded("as other apps"),
        _ENTITLEMENTS,
        _entitled("System"),
    ),
    Assumption(
        "entitlements.id",
        T("An app’s own id stands behind its team in what it is signed for."),
        by_maker("developer.apple.com, Entitlements"),
        _ENTITLEMENTS,
        _application_ids,
    ),
    Assumption(
        "entitlements.store",
        T("Apps of the App Store tell the team that signed them."),
        concluded("as a developer’s apps"),
        _ENTITLEMENTS,
        _store_teams,
    ),
)
