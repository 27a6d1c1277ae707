"""installation_proxy: the apps of a phone, and the removal of one.

A listing leaves out what it is not asked for: offloaded apps, apps that management blocks, App Clips. An option counts
by being there. What an app says of a purchase (iTunesMetadata) is its owner's business and never asked for.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from core.jobs import Cancel
from core.model import App, AppState, Signed, id_key
from core.phones.accounting import Account, Leftovers, Why
from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist
from core.phones.iphone.property_lists.plist import Message
from core.phones.iphone.stream import Clock, Stream
from core.text import plain

SERVICE: Final = "com.apple.mobile.installation_proxy"
#: Without each of these a listing leaves some apps out.
_SHOW: Final[Message] = dict.fromkeys(
    ("ShowPlaceholders", "ShowLaunchProhibitedApps", "ShowAppClips", "ShowSwiftPlaygroundsApps"), True
)
_BLOCKED: Final = "ShowLaunchProhibitedApps"
_ATTRIBUTES: Final = (
    "CFBundleIdentifier",
    "CFBundleDisplayName",
    "CFBundleName",
    "CFBundleShortVersionString",
    "CFBundleVersion",
    "ApplicationType",
    "SignerIdentity",
    "IsDemotedApp",
    "IsPlaceholder",
    "IsAppClip",
    "MinimumOSVersion",
)
#: Apps that are read. No phone has as many.
_MOST: Final = 20_000
#: Messages of a listing that goes on and on.
_MESSAGES: Final = 4_000
#: Characters of an id that are compared: no id has as many.
_LONGEST: Final = 1_000
#: Seconds that the phone may take for a whole list, between two messages of a removal, and for the whole of one.
LISTING: Final = 60.0
REMOVING: Final = 90.0
REMOVED: Final = 600.0
#: The key of a Lookup's answer under which the apps are, by their ids.
_RESULT: Final = "LookupResult"
#: What an app is to the phone, in its own words, and those that came with it.
_OF_IOS: Final = frozenset({"System", "Internal"})
_TYPES: Final = _OF_IOS | {"User"}
_VERSIONS: Final = frozenset({"CFBundleShortVersionString", "CFBundleVersion"})
#: How policies and listings call the system of iPhones, whose ids are compared without regard to case.
PLATFORM: Final = "ios"
#: The profile that all apps of a phone are in: an iPhone has one.
PROFILE: Final = 0

#: Who signs: Apple's store and system, and its TestFlight; else an organisation or a developer, by name. What stands
#: before the name is that of the certificate: ad hoc and enterprise have the same. What stands in brackets behind it is
#: not the team: of a developer it is the person's own number.
_STORE: Final = "Apple iPhone OS Application Signing"
_TESTFLIGHT: Final = "TestFlight Beta Distribution"
_ORGANISATIONS: Final = ("iPhone Distribution: ", "Apple Distribution: ")
_DEVELOPERS: Final = ("iPhone Developer: ", "Apple Development: ")
#: A bundle id: what is anything else is shown, and never sent.
_BUNDLE: Final = re.compile(r"[A-Za-z0-9._-]{1,255}")

#: From where an app came, as `App.installer`.
APP_STORE: Final = "com.apple.AppStore"
TESTFLIGHT: Final = "com.apple.TestFlight"
#: Signed by an organisation or a person, and put on the phone by other ways than Apple's store.
OUTSIDE: Final = "signed-outside-the-store"
_ORIGINS: Final = {Signed.STORE: APP_STORE, Signed.TESTING: TESTFLIGHT}


def lookup(
    stream: Stream, cancel: Cancel, bundles: Iterable[str] = (), attributes: Iterable[str] = _ATTRIBUTES
) -> Account[dict[str, Message | None]]:
    """The apps of the phone by bundle id, each with the attributes that are asked for; all, or only `bundles`.

    Of an app that is no dictionary only its id is known: None. One whose entry bears another id is there under both.
    Raises Malformed where there is no list at all, and what :meth:`Stream.request` raises.
    """
    options: Message = {"ApplicationType": "Any", "ReturnAttributes": list(attributes)} | _SHOW
    if wanted := list(bundles):
        options["BundleIDs"] = wanted
    left = Leftovers()
    request = {"Command": "Lookup", "ClientOptions": options}
    answer = left.take(stream.request(request, cancel, LISTING, apps_under=_RESULT))
    found = answer.get(_RESULT)
    if not isinstance(found, dict) or "Error" in answer:
        raise Malformed(f"no list of apps: {plist.text(answer, 'Error')[:100]}")
    known: dict[str, Message | None] = {}
    for bundle, app in found.items():
        if len(known) >= _MOST:
            left.add(Why.CUT, "list of apps")
            break
        known[bundle] = app if isinstance(app, dict) else None
        if not isinstance(app, dict):
            left.add(Why.REFUSED, "app", bundle, plist.shown(app))
            continue  # Nothing is lost: its id is known, and the rest is left.
        inner = app.get("CFBundleIdentifier", bundle)
        if not isinstance(inner, str) or len(inner) > max(_LONGEST, len(bundle)):
            left.add(Why.REFUSED, "CFBundleIdentifier", bundle, plist.shown(inner))
        elif id_key(inner, PLATFORM) != id_key(bundle, PLATFORM):
            left.add(Why.DISAGREES, "CFBundleIdentifier", bundle, inner)
            left.add(Why.DISAGREES, "CFBundleIdentifier", inner, bundle)
            if inner not in found:
                known[inner] = None
    _once(known, left)
    return left.account(known)


def browse(
    stream: Stream, cancel: Cancel, came: dict[str, None] | None = None, clock: Clock = time.monotonic
) -> Account[frozenset[str]]:
    """The bundle ids of all apps but those that management keeps from being started, by the phone's other listing,
    which comes in parts; where it breaks off, those that came until then.

    Each is in `came` as soon as it came. Raises Malformed where nothing came that is a list, and NoAnswer, Unplugged,
    Cancelled.
    """
    shown = {option: value for option, value in _SHOW.items() if option != _BLOCKED}
    options: Message = {"ApplicationType": "Any", "ReturnAttributes": ["CFBundleIdentifier"]} | shown
    stream.send_message({"Command": "Browse", "ClientOptions": options}, cancel)
    end = clock() + LISTING
    left, before = Leftovers(), _Part(0, 0)
    found: dict[str, None] = {} if came is None else came
    for number in range(_MESSAGES):
        try:
            answer = left.take(stream.receive_message(cancel, max(end - clock(), 0.0)))
        except Malformed as broken:
            if not number:
                raise
            left.add(Why.CUT, "list of apps", text=broken.detail)
            break
        before = _part(answer, found, before, left)
        if "Error" in answer:
            left.add(Why.CUT, "list of apps", text=plist.text(answer, "Error"))
            break
        if plist.text(answer, "Status") == "Complete":
            break
    else:
        left.add(Why.CUT, "list of apps", text="without an end")
    _once(found, left)
    return left.account(frozenset(found))


@dataclass(frozen=True, slots=True)
class _Part:
    """Where one part of a listing stands in it, as the phone says, and how many apps it has."""

    index: int
    amount: int


def _part(answer: Message, found: dict[str, None], before: _Part, left: Leftovers) -> _Part:
    """Take up one part of a listing; where it stands, or that of the part before, where it is none."""
    if "CurrentList" not in answer:
        return before
    listed = answer["CurrentList"]
    if not isinstance(listed, list):
        left.add(Why.REFUSED, "CurrentList", text=plist.shown(listed))
        return before
    if answer.get("CurrentAmount", len(listed)) != len(listed):
        left.add(Why.DISAGREES, "CurrentAmount")
    index = plist.number(answer, "CurrentIndex")
    # Whether a part's place is that of its first app or of its last is the phone's matter; none may be missing between.
    if before.amount and index is not None and index - before.index not in (before.amount, len(listed)):
        left.add(Why.DISAGREES, "CurrentIndex")
    for app in listed:
        bundle = app.get("CFBundleIdentifier") if isinstance(app, dict) else None
        if not isinstance(bundle, str):
            left.add(Why.REFUSED, "app", text=plist.shown(app))
        elif bundle in found:
            left.add(Why.TWICE, "app", bundle)
        elif len(found) >= _MOST:
            left.add(Why.CUT, "list of apps")
        else:
            found[bundle] = None
    return _Part(before.index + before.amount if index is None else index, len(listed))


def _once(found: Iterable[str], left: Leftovers) -> None:
    """Leave the ids that are one and the same for iOS, and those that no app can have."""
    known: dict[str, str] = {}
    for bundle in found:
        other = known.setdefault(id_key(bundle, PLATFORM), bundle)
        if other != bundle:
            left.add(Why.TWICE, "app", bundle, other)
        if not is_bundle_id(bundle):
            left.add(Why.REFUSED, "bundle id", bundle)


def uninstall(stream: Stream, bundle: str, cancel: Cancel, clock: Clock = time.monotonic) -> str:
    """Have an app removed. Returns the phone's last word: ``Complete``, or the name of an error.

    That it says so removes nothing: only another listing tells. ValueError for what is no bundle id. Raises Unplugged,
    NoAnswer and Cancelled, after which it is not known whether the app is gone.
    """
    if not is_bundle_id(bundle):
        raise ValueError(f"not a bundle id: {bundle!r}")
    request: Message = {"Command": "Uninstall", "ApplicationIdentifier": bundle, "ClientOptions": {}}
    stream.send_message(request, cancel)
    end = clock() + REMOVED
    for _ in range(_MESSAGES):
        # Nothing is lost: an answer to a removal is believed in no case, and the apps are listed again.
        answer = stream.receive_message(cancel, min(REMOVING, max(end - clock(), 0.0))).value
        error = plist.text(answer, "Error")
        if error:
            return plain(error, 100)
        if plist.text(answer, "Status") == "Complete":
            return "Complete"
    raise Malformed("a removal without an end")


def is_bundle_id(bundle: str) -> bool:
    """Whether it may be sent to a phone as the id of an app."""
    return _BUNDLE.fullmatch(bundle) is not None


def app_of(bundle: str, listed: Message) -> Account[App]:
    """One app of a listing. What it is called, its version and its signer are the app's own words, made plain."""
    left = Leftovers()
    signer = _word(listed, ("SignerIdentity",), 200, bundle, left)
    kind = _word(listed, ("ApplicationType",), 60, bundle, left)
    if kind and kind not in _TYPES:
        left.add(Why.UNKNOWN, "ApplicationType", bundle, kind)
    system = kind in _OF_IOS
    demoted, placeholder = (_is(listed, key, bundle, left) for key in ("IsDemotedApp", "IsPlaceholder"))
    offloaded = demoted or placeholder
    # What is only half there may have no signer yet, or any more; what can be started without one is of interest.
    signed = _signed(signer) if signer or not offloaded else None
    state = AppState(
        profile=PROFILE,
        installed=not offloaded,
        instant=_is(listed, "IsAppClip", bundle, left),
        archived=offloaded,
    )
    app = App(
        package=plain(bundle, 255),
        version_name=_word(listed, ("CFBundleShortVersionString", "CFBundleVersion"), 64, bundle, left),
        installer=_origin(signed, system),
        system=system,
        signed=signed,
        signed_by=signer,
        label=_word(listed, ("CFBundleDisplayName", "CFBundleName"), 100, bundle, left),
        states=(state,),
    )
    return left.account(app)


def _word(listed: Message, keys: Sequence[str], limit: int, bundle: str, left: Leftovers) -> str:
    """The first of these attributes that says something, made plain; what is no text, or is cut, is left."""
    said = ""
    for key in keys:
        value = listed.get(key, "")
        if isinstance(value, int | float) and key in _VERSIONS:
            value = str(value)  # as some apps have it
        if not isinstance(value, str):
            left.add(Why.REFUSED, key, bundle, plist.shown(value))
        elif not said and value:
            said = plain(value, limit)
            if len(value) > limit:
                left.add(Why.CUT, key, bundle, value)
    return said


def _origin(signed: Signed | None, system: bool) -> str:
    if signed is None or (system and signed is Signed.STORE):
        return ""
    return _ORIGINS.get(signed, OUTSIDE)


def _signed(signer: str) -> Signed:
    if signer in (_STORE, _TESTFLIGHT):
        return Signed.STORE if signer == _STORE else Signed.TESTING
    if signer.startswith(_ORGANISATIONS):
        return Signed.ORGANISATION
    return Signed.DEVELOPER if signer.startswith(_DEVELOPERS) else Signed.UNKNOWN


def _is(listed: Message, key: str, bundle: str, left: Leftovers) -> bool:
    """Whether an attribute says yes; a number other than 0 does too. What is neither is left."""
    value = listed.get(key, False)
    if not isinstance(value, bool | int):
        left.add(Why.REFUSED, key, bundle, plist.shown(value))
        return False
    return bool(value)
