"""What judges each signal of a phone's protection, and by which of its answers; in the order of their rows in
:mod:`core.model.signals`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.model import HealthSignal
from core.policy.health import apps, iphone, profiles, switches, system
from core.policy.health.contradictions import VERSIONS
from core.policy.health.phone_reading import PhoneReading


@dataclass(frozen=True, slots=True)
class SignalJudge:
    """`judge` makes the signal; None: this kind of phone does not have it. `reads` are the names of the properties and
    answers that it looks at, beside the phone's apps, profiles and version: what asks the phone has them."""

    judge: Callable[[PhoneReading], HealthSignal | None]
    reads: tuple[str, ...] = ()


_BOOT: Final = (
    "ro.boot.verifiedbootstate",
    "ro.boot.flash.locked",
    "ro.boot.vbmeta.device_state",
    "ro.secureboot.lockstate",
)
#: The judge of each signal.
JUDGES: Final[dict[str, SignalJudge]] = {
    "patch": SignalJudge(system.patch, ("ro.build.version.security_patch", "ro.vendor.build.security_patch")),
    "encryption": SignalJudge(system.encryption, ("encryption", "ro.crypto.state")),
    "lock": SignalJudge(profiles.lock, ("lock", "lock-disabled")),
    "bootloader": SignalJudge(system.bootloader, _BOOT),
    "play-protect": SignalJudge(
        switches.play_protect, ("verifier-consent", "old-verifier-consent", "verifier", "verifier-adb")
    ),
    "boot": SignalJudge(system.boot, (*_BOOT, "ro.build.type", "ro.build.flavor", "ro.build.fingerprint", *VERSIONS)),
    "unlocking": SignalJudge(system.unlocking, ("sys.oem_unlock_allowed",)),
    "build": SignalJudge(
        system.build, ("ro.build.tags", "ro.build.type", "ro.debuggable", "ro.secure", "ro.adb.secure", "enforcing")
    ),
    "knox": SignalJudge(system.knox, ("ro.boot.warranty_bit", "ro.warranty_bit")),
    "root": SignalJudge(system.root, ("root",)),
    "system": SignalJudge(system.version),
    "owner": SignalJudge(apps.owner, ("device-policy",)),
    "unknown-sources": SignalJudge(apps.unknown_sources, ("installing", "unknown-sources")),
    "sources": SignalJudge(apps.sources),
    "accessibility": SignalJudge(profiles.accessibility, ("accessibility",)),
    "notifications": SignalJudge(profiles.notifications, ("listeners",)),
    "keyboard": SignalJudge(profiles.keyboard, ("keyboard",)),
    "mock-location": SignalJudge(profiles.mock_location, ("mock-location",)),
    "wireless": SignalJudge(switches.wireless, ("wireless",)),
    "computers": SignalJudge(switches.computers, ("computers", "key-time")),
    "proxy": SignalJudge(switches.proxy, ("proxy",)),
    "vpn": SignalJudge(switches.vpn, ("vpn",)),
    "advanced-protection": SignalJudge(switches.advanced_protection, ("advanced-protection",)),
    "usb-protection": SignalJudge(switches.usb_protection, ("usb-protection",)),
    "auto-blocker": SignalJudge(switches.auto_blocker, ("auto-blocker",)),
    "debugging": SignalJudge(switches.debugging, ("development",)),
    "ios": SignalJudge(iphone.ios, ("ProductVersion",)),
    "passcode": SignalJudge(iphone.passcode, ("PasswordProtected",)),
    "activation": SignalJudge(iphone.activation, ("ActivationState",)),
    "supervision": SignalJudge(iphone.supervision, ("DeviceIsChaperoned", "IsSupervised", "OrganizationName")),
    "profiles": SignalJudge(iphone.profiles, ("profiles",)),
    "developer-mode": SignalJudge(iphone.developer_mode, ("DeveloperModeStatus",)),
    "wifi-trust": SignalJudge(iphone.wifi_trust, ("EnableWifiConnections",)),
    "jailbreak": SignalJudge(iphone.jailbreak, ("afc2",)),
}
