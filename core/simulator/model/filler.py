"""The ordinary apps that every phone is full of. None of them is, or looks like, anything a policy might ban."""

from __future__ import annotations

import zlib
from typing import Final

from core.simulator.model.scenario import AppData, Version

#: Behind "com.android."
_SYSTEM: Final = """
    settings systemui phone nfc bluetooth shell stk vpndialogs keychain certinstaller printspooler dreams.basic egg
    externalstorage htmlviewer inputdevices location.fused managedprovisioning mms.service mtp providers.calendar
    providers.contacts providers.downloads providers.downloads.ui providers.media providers.settings providers.telephony
    providers.userdictionary proxyhandler se server.telecom sharedstoragebackup simappdialog statementservice
    storagemanager traceur wallpaper.livepicker wallpaperbackup wallpapercropper backupconfirm blockednumber
    bookmarkprovider calllogbackup captiveportallogin carrierconfig carrierdefaultapp companiondevicemanager cts.ctsshim
    cts.priv.ctsshim dynsystem emergency localtransport networkstack ons pacprocessor permissioncontroller
"""
#: Behind "com.google.android."
_GOOGLE: Final = """
    gms gsf webview documentsui ext.services ext.shared packageinstaller permissioncontroller youtube gm dialer calendar
    deskclock contacts apps.maps apps.photos apps.docs apps.messaging apps.wellbeing inputmethod.latin tts partnersetup
    setupwizard syncadapters.contacts
"""
#: Behind "com.example.", with a number.
_ORDINARY: Final = """
    notes weather recipes transit bicycle chess radio torch ledger podcasts calendar budget garden museum reader timer
    compass scanner metronome dictionary ferry parking trails crosswords camera library snow hockey
"""

#: What stands on the screen, where it is not simply the name; for ordinary apps with what tells several apart.
_LABELS: Final = {
    "systemui": "System UI",
    "nfc": "NFC Service",
    "stk": "SIM Toolkit",
    "vpndialogs": "VpnDialogs",
    "keychain": "Key Chain",
    "certinstaller": "Certificate Installer",
    "printspooler": "Print Spooler",
    "egg": "Android Easter Egg",
    "externalstorage": "External Storage",
    "htmlviewer": "HTML Viewer",
    "inputdevices": "Input Devices",
    "location.fused": "Fused Location",
    "managedprovisioning": "Work Setup",
    "mms.service": "MmsService",
    "mtp": "MTP Host",
    "se": "SecureElementApplication",
    "server.telecom": "Call Management",
    "storagemanager": "Storage Manager",
    "companiondevicemanager": "Companion Device Manager",
    "permissioncontroller": "Permission controller",
    "captiveportallogin": "CaptivePortalLogin",
    "networkstack": "Network manager",
    "gms": "Google Play services",
    "gsf": "Google Services Framework",
    "webview": "Android System WebView",
    "documentsui": "Files",
    "packageinstaller": "Package installer",
    "youtube": "YouTube",
    "gm": "Gmail",
    "dialer": "Phone",
    "deskclock": "Clock",
    "apps.maps": "Maps",
    "apps.photos": "Photos",
    "apps.docs": "Drive",
    "apps.messaging": "Messages",
    "apps.wellbeing": "Digital Wellbeing",
    "inputmethod.latin": "Gboard",
    "tts": "Speech Recognition & Synthesis",
    "setupwizard": "Android Setup",
    "radio": "Radio Tuner",
    "torch": "Flashlight",
    "reader": "Book Reader",
    "scanner": "Document Scanner",
    "ferry": "Ferry Times",
    "snow": "Snow Report",
    "hockey": "Hockey Scores",
}
_KINDS: Final = ("{}", "My {}", "Pocket {}", "{} Plus", "Simple {}", "{} Pro", "Easy {}")

#: Of a hundred apps on a phone, so many came with it.
_SYSTEM_SHARE: Final = 0.6


def ordinary_apps(count: int, maker: str, profiles: tuple[int, ...]) -> tuple[AppData, ...]:
    """`count` apps, always the same ones: part of the system in all `profiles`, the rest installed in profile 0."""
    known = [*(f"com.android.{n}" for n in _SYSTEM.split()), *(f"com.google.android.{n}" for n in _GOOGLE.split())]
    ordinary = _ORDINARY.split()
    of_system = min(count, round(count * _SYSTEM_SHARE))
    made_up = (f"com.{maker.lower()}.android.service{n}" for n in range(of_system - len(known)))
    apps = [_app(package, _named(package), True, profiles) for package in (*known[:of_system], *made_up)]
    for n in range(count - of_system):
        word = ordinary[n % len(ordinary)]
        label = _KINDS[n // len(ordinary) % len(_KINDS)].format(_named(word))
        apps.append(_app(f"com.example.{word}{n}", label, False, (0,)))
    return tuple(apps)


def _named(package: str) -> str:
    """What a package of the system, or an ordinary word, is called on the screen."""
    name = package.removeprefix("com.google.android.").removeprefix("com.android.")
    return _LABELS.get(name) or " ".join(
        part.capitalize() for part in name.split(".") if part not in ("com", "android")
    )


def _app(package: str, label: str, system: bool, profiles: tuple[int, ...]) -> AppData:
    number = zlib.crc32(package.encode())
    major, minor, patch = 1 + number % 19, (number >> 8) % 30, (number >> 16) % 10
    return AppData(
        package=package,
        version=Version(major * 10_000 + minor * 100 + patch, f"{major}.{minor}.{patch}"),
        system=system,
        label=label,
        installer="" if system else "com.android.vending",
        profiles=profiles,
    )
