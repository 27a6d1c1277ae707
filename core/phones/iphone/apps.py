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
#: What of an app is another one where another version of it is installed, or another app under its id.
COMPARED: Final = (
    "CFBundleIdentifier",
    "CFBundleShortVersionString",
    "CFBundleVersion",
    "ApplicationType",
    "SignerIdentity",
    "IsDemotedApp",
    "IsPlaceholder",
    "IsAppClip",
)
_ATTRIBUTES: Final = (*COMPARED, "CFBundleDisplayName", "CFBundleName")
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
#: The two whole names of Apple's, and how those of others begin.
APPLE_SIGNERS: Final = (_STORE, _TESTFLIGHT)
SIGNER_BEGINNINGS: Final = (*_ORGANISATIONS, *_DEVELOPERS)
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
    if bundle_ids := list(bundles):
        options["BundleIDs"] = bundle_ids
    leftovers = Leftovers()
    request = {"Command": "Lookup", "ClientOptions": options}
    answer = leftovers.take(stream.request(request, cancel, LISTING, apps_under=_RESULT))
    entries = answer.get(_RESULT)
    if not isinstance(entries, dict) or "Error" in answer:
        raise Malformed(f"no list of apps: {plist.text(answer, 'Error')[:100]}")
    by_id: dict[str, Message | None] = {}
    for bundle, app in entries.items():
        if len(by_id) >= _MOST:
            leftovers.add(Why.CUT, "list of apps")
            break
        by_id[bundle] = app if isinstance(app, dict) else None
        if not isinstance(app, dict):
            leftovers.add(Why.REFUSED, "app", bundle, plist.excerpt(app))
            continue  # Nothing is lost: its id is known, and the rest is left.
        inner = app.get("CFBundleIdentifier", bundle)
        if not isinstance(inner, str) or len(inner) > max(_LONGEST, len(bundle)):
            leftovers.add(Why.REFUSED, "CFBundleIdentifier", bundle, plist.excerpt(inner))
        elif inner != bundle and id_key(inner, PLATFORM) != id_key(bundle, PLATFORM):
            leftovers.add(Why.DISAGREES, "CFBundleIdentifier", bundle, inner)
            leftovers.add(Why.DISAGREES, "CFBundleIdentifier", inner, bundle)
            if inner not in entries:
                by_id[inner] = None
    _once(by_id, leftovers)
    return leftovers.account(by_id)


def browse(
    stream: Stream, cancel: Cancel, so_far: dict[str, None] | None = None, clock: Clock = time.monotonic
) -> Account[frozenset[str]]:
    """The bundle ids of all apps but those that management keeps from being started, by the phone's other listing,
    which comes in parts; where it breaks off, those that came until then.

    Each is in `so_far` as soon as it came. Raises Malformed where nothing came that is a list, and Silent, Unplugged,
    Cancelled.
    """
    show = {option: value for option, value in _SHOW.items() if option != _BLOCKED}
    options: Message = {"ApplicationType": "Any", "ReturnAttributes": ["CFBundleIdentifier"]} | show
    stream.send_message({"Command": "Browse", "ClientOptions": options}, cancel)
    end = clock() + LISTING
    leftovers, before = Leftovers(), _Part(0, 0)
    ids: dict[str, None] = {} if so_far is None else so_far
    for number in range(_MESSAGES):
        try:
            answer = leftovers.take(stream.receive_message(cancel, max(end - clock(), 0.0)))
        except Malformed as broken:
            if not number:
                raise
            leftovers.add(Why.CUT, "list of apps", text=broken.detail)
            break
        before = _part(answer, ids, before, leftovers)
        if "Error" in answer:
            leftovers.add(Why.CUT, "list of apps", text=plist.text(answer, "Error"))
            break
        if plist.text(answer, "Status") == "Complete":
            break
    else:
        leftovers.add(Why.CUT, "list of apps", text="without an end")
    _once(ids, leftovers)
    return leftovers.account(frozenset(ids))


@dataclass(frozen=True, slots=True)
class _Part:
    """Where one part of a listing stands in it, as the phone says, and how many apps it has."""

    index: int
    amount: int


def _part(answer: Message, ids: dict[str, None], before: _Part, leftovers: Leftovers) -> _Part:
    """Take up one part of a listing; where it stands, or that of the part before, where it is none."""
    if "CurrentList" not in answer:
        return before
    listed = answer["CurrentList"]
    if not isinstance(listed, list):
        leftovers.add(Why.REFUSED, "CurrentList", text=plist.excerpt(listed))
        return before
    if answer.get("CurrentAmount", len(listed)) != len(listed):
        leftovers.add(Why.DISAGREES, "CurrentAmount")
    index = plist.number(answer, "CurrentIndex")
    # Whether a part's place is that of its first app or of its last is the phone's matter; none may be missing between.
    if before.amount and index is not None and index - before.index not in (before.amount, len(listed)):
        leftovers.add(Why.DISAGREES, "CurrentIndex")
    for app in listed:
        bundle = app.get("CFBundleIdentifier") if isinstance(app, dict) else None
        if not isinstance(bundle, str):
            leftovers.add(Why.REFUSED, "app", text=plist.excerpt(app))
        elif bundle in ids:
            leftovers.add(Why.TWICE, "app", bundle)
        elif len(ids) >= _MOST:
            leftovers.add(Why.CUT, "list of apps")
        else:
            ids[bundle] = None
    return _Part(before.index + before.amount if index is None else index, len(listed))


def _once(ids: Iterable[str], leftovers: Leftovers) -> None:
    """Leave the ids that are one and the same for iOS, and those that no app can have."""
    by_key: dict[str, str] = {}
    for bundle in ids:
        twin = by_key.setdefault(id_key(bundle, PLATFORM), bundle)
        if twin != bundle:
            leftovers.add(Why.TWICE, "app", bundle, twin)
        if not is_bundle_id(bundle):
            leftovers.add(Why.REFUSED, "bundle id", bundle)


def uninstall(stream: Stream, bundle: str, cancel: Cancel, clock: Clock = time.monotonic) -> str:
    """Have an app removed. Returns the phone's last word: ``Complete``, or the name of an error.

    That it says so removes nothing: only another listing tells. ValueError for what is no bundle id. Raises Unplugged,
    Silent and Cancelled, after which it is not known whether the app is gone.
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
    leftovers = Leftovers()
    signer = _word(listed, ("SignerIdentity",), 200, bundle, leftovers)
    kind = _word(listed, ("ApplicationType",), 60, bundle, leftovers)
    if kind and kind not in _TYPES:
        leftovers.add(Why.UNKNOWN, "ApplicationType", bundle, kind)
    system = kind in _OF_IOS
    demoted, placeholder = (_is(listed, key, bundle, leftovers) for key in ("IsDemotedApp", "IsPlaceholder"))
    offloaded = demoted or placeholder
    # What is only half there may have no signer yet, or any more; what can be started without one is of interest.
    signed = _signed(signer) if signer or not offloaded else None
    state = AppState(
        profile=PROFILE,
        installed=not offloaded,
        instant=_is(listed, "IsAppClip", bundle, leftovers),
        archived=offloaded,
    )
    app = App(
        package=plain(bundle, 255),
        version_name=_word(listed, ("CFBundleShortVersionString", "CFBundleVersion"), 64, bundle, leftovers),
        installer=_origin(signed, system),
        system=system,
        signed=signed,
        signed_by=signer,
        label=_word(listed, ("CFBundleDisplayName", "CFBundleName"), 100, bundle, leftovers),
        states=(state,),
    )
    return leftovers.account(app)


def _word(listed: Message, keys: Sequence[str], limit: int, bundle: str, leftovers: Leftovers) -> str:
    """The first of these attributes that says something, made plain; what is no text, or is cut, is left."""
    word = ""
    for key in keys:
        value = listed.get(key, "")
        if isinstance(value, int | float) and key in _VERSIONS:
            value = str(value)  # as some apps have it
        if not isinstance(value, str):
            leftovers.add(Why.REFUSED, key, bundle, plist.excerpt(value))
        elif not word and value:
            word = plain(value, limit)
            if len(value) > limit:
                leftovers.add(Why.CUT, key, bundle, value)
    return word


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


def _is(listed: Message, key: str, bundle: str, leftovers: Leftovers) -> bool:
    """Whether an attribute says yes; a number other than 0 does too. What is neither is left."""
    value = listed.get(key, False)
    if not isinstance(value, bool | int):
        leftovers.add(Why.REFUSED, key, bundle, plist.excerpt(value))
        return False
    return bool(value)
