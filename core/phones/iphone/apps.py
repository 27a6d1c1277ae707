"""installation_proxy: the apps of a phone, and the removal of one.

A listing leaves out what it is not asked for: offloaded apps, apps that management blocks, App Clips. An option counts
by being there. What an app says of a purchase (iTunesMetadata) is its owner's business and never asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from core.jobs import Cancel
from core.model import App, AppState, Signed
from core.phones.iphone import plist
from core.phones.iphone.plist import Message
from core.phones.iphone.problems import Malformed
from core.phones.iphone.stream import Stream
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
#: Seconds that the phone may take for a whole list, and between two messages of a removal.
LISTING: Final = 60.0
REMOVING: Final = 90.0
#: The profile that all apps of a phone are in: an iPhone has one.
PROFILE: Final = 0

#: Who signs: Apple's store and system, and its TestFlight; else an organisation or a developer, by name and mostly with
#: their team. What stands before the name is that of the certificate: ad hoc and enterprise have the same.
_STORE: Final = "Apple iPhone OS Application Signing"
_TESTFLIGHT: Final = "TestFlight Beta Distribution"
_ORGANISATIONS: Final = ("iPhone Distribution: ", "Apple Distribution: ")
_DEVELOPERS: Final = ("iPhone Developer: ", "Apple Development: ")
_TEAM: Final = re.compile(r"\(([A-Z0-9]{10})\)\s*\Z")
#: A bundle id: what is anything else is shown, and never sent.
_BUNDLE: Final = re.compile(r"[A-Za-z0-9._-]{1,255}")

#: From where an app came, as `App.installer`.
APP_STORE: Final = "com.apple.AppStore"
TESTFLIGHT: Final = "com.apple.TestFlight"
#: Signed by an organisation or a person, and put on the phone by other ways than Apple's store.
OUTSIDE: Final = "signed-outside-the-store"
_ORIGINS: Final = {Signed.STORE: APP_STORE, Signed.TESTING: TESTFLIGHT}


def lookup(stream: Stream, cancel: Cancel, bundles: Iterable[str] = ()) -> dict[str, Message]:
    """The apps of the phone by bundle id, each with the attributes that Fanion asks for; all, or only `bundles`."""
    options: Message = {"ApplicationType": "Any", "ReturnAttributes": list(_ATTRIBUTES)} | _SHOW
    if wanted := list(bundles):
        options["BundleIDs"] = wanted
    answer = stream.request({"Command": "Lookup", "ClientOptions": options}, cancel, LISTING)
    found = answer.get("LookupResult")
    if not isinstance(found, dict) or "Error" in answer:
        raise Malformed(f"no list of apps: {plist.text(answer, 'Error')[:100]}")
    if len(found) > _MOST or not all(isinstance(app, dict) for app in found.values()):
        raise Malformed("a list of apps that makes no sense")  # what is left out of it would not be missed
    return found


def browse(stream: Stream, cancel: Cancel) -> set[str]:
    """The bundle ids of all apps but those that management keeps from being started, by the phone's other listing,
    which comes in parts."""
    shown = {option: value for option, value in _SHOW.items() if option != _BLOCKED}
    options: Message = {"ApplicationType": "Any", "ReturnAttributes": ["CFBundleIdentifier"]} | shown
    stream.send_message({"Command": "Browse", "ClientOptions": options}, cancel)
    found: set[str] = set()
    for _ in range(_MESSAGES):
        answer = stream.receive_message(cancel, LISTING)
        listed = answer.get("CurrentList")
        for app in listed if isinstance(listed, list) else ():
            bundle = plist.text(app, "CFBundleIdentifier") if isinstance(app, dict) else ""
            if not bundle or len(found) >= _MOST:
                raise Malformed("a list of apps that makes no sense")
            found.add(bundle)
        if "Error" in answer:
            raise Malformed(f"a list of apps that broke off: {plist.text(answer, 'Error')[:100]}")
        if plist.text(answer, "Status") == "Complete":
            return found
    raise Malformed("a list of apps without an end")


def uninstall(stream: Stream, bundle: str, cancel: Cancel) -> str:
    """Have an app removed. Returns the phone's last word: ``Complete``, or the name of an error.

    That it says so removes nothing: only another listing tells. ValueError for what is no bundle id. Raises Unplugged,
    NoAnswer and Cancelled, after which it is not known whether the app is gone.
    """
    if not is_bundle_id(bundle):
        raise ValueError(f"not a bundle id: {bundle!r}")
    request: Message = {"Command": "Uninstall", "ApplicationIdentifier": bundle, "ClientOptions": {}}
    stream.send_message(request, cancel)
    for _ in range(_MESSAGES):
        answer = stream.receive_message(cancel, REMOVING)
        error = plist.text(answer, "Error")
        if error:
            return plain(error, 100)
        if plist.text(answer, "Status") == "Complete":
            return "Complete"
    raise Malformed("a removal without an end")


def is_bundle_id(bundle: str) -> bool:
    """Whether it may be sent to a phone as the id of an app."""
    return _BUNDLE.fullmatch(bundle) is not None


def app_of(bundle: str, listed: Message, *, blocked: bool = False) -> App:
    """One app of a listing. What it is called, its version and its signer are the app's own words, made plain.

    `blocked`: management keeps it from being started.
    """
    signer = plain(plist.text(listed, "SignerIdentity"), 200)
    team = _TEAM.search(signer)
    system = plist.text(listed, "ApplicationType") not in ("User", "")
    offloaded = _is(listed, "IsDemotedApp") or _is(listed, "IsPlaceholder")
    # What is only half there may have no signer yet, or any more; what can be started without one is of interest.
    signed = _signed(signer) if signer or not offloaded else None
    state = AppState(
        profile=PROFILE,
        installed=not offloaded,
        suspended=blocked,
        instant=_is(listed, "IsAppClip"),
        archived=offloaded,
    )
    names = ("CFBundleDisplayName", "CFBundleName")
    versions = ("CFBundleShortVersionString", "CFBundleVersion")
    return App(
        package=plain(bundle, 255),
        version_name=plain(next((v for key in versions if (v := plist.text(listed, key))), ""), 64),
        installer=_origin(signed, system),
        system=system,
        signed=signed,
        signed_by=signer,
        team=team[1] if team else "",
        label=plain(next((v for key in names if (v := plist.text(listed, key))), ""), 100),
        states=(state,),
    )


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


def _is(listed: Message, key: str) -> bool:
    """Whether an attribute says yes; a number other than 0 does too."""
    value = listed.get(key)
    return bool(value) if isinstance(value, bool | int) else False
