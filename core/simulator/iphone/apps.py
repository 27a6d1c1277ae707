"""``com.apple.mobile.installation_proxy``: which apps are on a practice iPhone, and taking them away.

What is left out unless it is asked for counts by the option's being there, whatever its value; that is what makes an
offloaded app easy to miss.
"""

from __future__ import annotations

import plistlib
from collections.abc import Collection, Mapping
from typing import Any, Final

from core.simulator.iphone import wire
from core.simulator.iphone.phone import PracticeIphone
from core.simulator.iphone.scenario import IphoneApp, Kind

#: How many apps are in one message of a Browse.
PAGE: Final = 10

#: The option without which apps of a kind are left out.
SHOWN_BY: Final[Mapping[Kind, str]] = {
    "offloaded": "ShowPlaceholders",
    "placeholder": "ShowPlaceholders",
    "blocked": "ShowLaunchProhibitedApps",
    "clip": "ShowAppClips",
    "playground": "ShowSwiftPlaygroundsApps",
}

#: What is said only where it is asked for by name.
_BY_NAME_ONLY: Final = frozenset({"StaticDiskUsage", "DynamicDiskUsage", "iTunesMetadata", "ApplicationSINF"})
_STORE: Final = "Apple iPhone OS Application Signing"
_SIGNERS: Final[Mapping[Kind, str]] = {
    "testflight": "TestFlight Beta Distribution",
    "enterprise": "iPhone Distribution: Example Holdings Ltd.",
    "sideloaded": "Apple Development: practice@example.invalid (PRACTICE01)",
}
#: The team for which all of them are signed, where the scenario says nothing else.
TEAM: Final = "PRACTICE00"
#: A client that asks for this learns who bought the app. It is here so that a test sees who asks.
_PURCHASE: Final = plistlib.dumps(
    {"com.apple.iTunesStore.downloadInfo": {"accountInfo": {"AppleID": "practice@example.invalid"}}}
)
#: What the phone says while it removes an app, and how far it is (percent). Which words a phone uses is not known.
_PROGRESS: Final = (("RemovingApplication", 50), ("GeneratingApplicationMap", 90))
_TYPES: Final = {"User": ("User",), "System": ("System",), "Any": ("User", "System")}
#: How long each step of a removal takes (seconds).
_STEP: Final = 0.4


def serve(stream: wire.PracticeStream, phone: PracticeIphone) -> None:
    """Answer commands until the computer hangs up. Raises GoneError."""
    while True:
        request = wire.receive(stream)
        command = wire.word(request, "Command")
        options = request.get("ClientOptions")
        options = options if isinstance(options, dict) else {}
        phone.record("installation_proxy", command, request)
        match command:
            case "Browse":
                _browse(stream, phone, options)
            case "Lookup":
                apps = _listed(phone, options, "Lookup")
                _answer(
                    stream, phone, "Lookup", {"LookupResult": {_id(app): app for app in apps}, "Status": "Complete"}
                )
            case "Uninstall":
                _uninstall(stream, phone, request.get("ApplicationIdentifier"), options)
            case _:
                _answer(stream, phone, command, {"Error": "UnknownCommand"})


def attributes(app: IphoneApp) -> dict[str, Any]:
    """Everything that the phone can say of an app."""
    kind = app.kind
    own = kind != "system"
    folder = "/private/var/containers/Bundle/Application/PRACTICE" if own else "/Applications"
    name: Any = app.name or app.id.rpartition(".")[2]
    values: dict[str, Any] = {
        "CFBundleIdentifier": app.id,
        "CFBundleDisplayName": name + "x" * (app.padding * 1024),
        "CFBundleName": name,
        "CFBundleShortVersionString": app.version,
        "CFBundleVersion": app.version,
        "ApplicationType": "User" if own else "System",
        "SignerIdentity": app.signer or _SIGNERS.get(kind, _STORE),
        "Path": f"{folder}/{app.id.rpartition('.')[2]}.app",
        "MinimumOSVersion": "16.0",
        "IsUpgradeable": own,
        "IsDemotedApp": kind == "offloaded",
        "IsPlaceholder": kind in ("offloaded", "placeholder"),
        "IsAppClip": kind == "clip",
        "ApplicationDSID": 1_234_567_890 if own else 0,
        "StaticDiskUsage": 2**20,
        "DynamicDiskUsage": 2**16,
        "ApplicationSINF": b"practice",
        "iTunesMetadata": _PURCHASE,
    }
    if (entitlements := _entitlements(app)) is not None:
        values["Entitlements"] = entitlements
    for _ in range(app.nesting):
        values["CFBundleName"] = {"CFBundleName": values["CFBundleName"]}
    return values | dict(app.attributes)


def _entitlements(app: IphoneApp) -> Mapping[str, Any] | None:
    """What the app is signed for; nothing of one whose program is not on the phone."""
    if app.entitlements is not None:
        return app.entitlements
    if app.kind in ("offloaded", "placeholder"):
        return None
    if app.kind == "system":
        return {"application-identifier": app.id}
    return {
        "application-identifier": f"{TEAM}.{app.id}",
        "com.apple.developer.team-identifier": TEAM,
    }


def _id(app: Mapping[str, Any]) -> str:
    return str(app.get("CFBundleIdentifier", ""))


def _listed(phone: PracticeIphone, options: Mapping[str, Any], command: str) -> list[dict[str, Any]]:
    """The apps that `options` ask for, each with the attributes that they name."""
    types = _TYPES.get(wire.word(options, "ApplicationType") if "ApplicationType" in options else "Any", ())
    by_id, attribute_names = isinstance(options.get("BundleIDs"), list), options.get("ReturnAttributes")
    # Apple's systems compare ids without regard to case.
    ids = {str(id).casefold() for id in options["BundleIDs"]} if by_id else set()
    listed = []
    for app in phone.apps():
        option = SHOWN_BY.get(app.kind)
        if option and (option not in options or option in phone.faults.ignored_options):
            continue
        if ("System" if app.kind == "system" else "User") not in types or (by_id and app.id.casefold() not in ids):
            continue
        values = attributes(app)
        shown: Collection[str] = values.keys() - _BY_NAME_ONLY
        if isinstance(attribute_names, list):
            shown = (*attribute_names, "CFBundleIdentifier")  # a tuple: a computer may send what has no hash
        listed.append({key: value for key, value in values.items() if key in shown})
    if command == "Lookup" and phone.faults.left_out_of_lookup and not by_id:
        return listed[: -phone.faults.left_out_of_lookup]
    return listed


def _browse(stream: wire.PracticeStream, phone: PracticeIphone, options: Mapping[str, Any]) -> None:
    apps = _listed(phone, options, "Browse")
    for start in range(0, len(apps), PAGE):
        page = apps[start : start + PAGE]
        place = {"CurrentIndex": start, "CurrentAmount": len(page), "Total": len(apps)}
        _answer(stream, phone, "Browse", {"Status": "BrowsingApplications", "CurrentList": page, **place})
    _answer(stream, phone, "Browse", {"Status": "Complete"})


def _uninstall(stream: wire.PracticeStream, phone: PracticeIphone, app_id: object, options: Mapping[str, Any]) -> None:
    error = _refusal(phone, app_id, options)
    if error:
        _answer(stream, phone, "Uninstall", {"Error": error})
        return
    app = phone.app(str(app_id))
    for status, percent in _PROGRESS:
        stream.wait(_STEP)
        _answer(stream, phone, "Uninstall", {"Status": status, "PercentComplete": percent})
        if app and app.removal == "hang":
            stream.hang()
        if app and app.removal in ("drop", "drop-removed"):
            if app.removal == "drop-removed":
                phone.remove(app.id)
            phone.cut()
            raise wire.GoneError("dropped")
    if app and app.removal == "ok":
        phone.remove(app.id)
    _answer(stream, phone, "Uninstall", {"Status": "Complete"})


def _refusal(phone: PracticeIphone, app_id: object, options: Mapping[str, Any]) -> str:
    """The error's name; empty if the phone begins. An app that is not there is no error."""
    if not isinstance(app_id, str):
        return "MissingApplicationIdentifier"
    if not phone.removal_allowed:
        return "UninstallProhibited"
    app = phone.app(app_id)
    if set(options) - {"WaitForStorageDeletion"} or (app and app.kind == "system"):
        return "APIInternalError"
    outcomes = ("ok", "silent", "drop", "drop-removed", "hang")
    return app.removal if app and app.removal not in outcomes else ""


def _answer(stream: wire.PracticeStream, phone: PracticeIphone, command: str, message: wire.Message) -> None:
    wire.answer(stream, f"installation_proxy.{command}", message, phone.faults, binary=phone.binary)
