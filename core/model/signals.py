"""The signals of a phone's own protection: one row each, in the order in which they are told.

A new one is a row here, what judges it (:mod:`core.policy.health.signals`), and what asks the phone for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.text import T, Text


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal. `id` is the name by which policies and records know it, `title` what people call it, and `platform`
    the only one whose phones have it. `strip`: the strip beside a verdict shows it where the policy does not say."""

    id: str
    title: Text
    platform: str
    strip: bool = False


_ROWS: Final = (
    Signal("patch", T("Patch"), "android", strip=True),
    Signal("encryption", T("Storage"), "android", strip=True),
    Signal("lock", T("Lock"), "android", strip=True),
    Signal("bootloader", T("Bootloader"), "android", strip=True),
    Signal("play-protect", T("Play Protect"), "android", strip=True),
    Signal("boot", T("Verified boot"), "android"),
    Signal("unlocking", T("Bootloader unlocking"), "android"),
    Signal("build", T("Build"), "android"),
    Signal("knox", T("Knox fuse"), "android"),
    Signal("root", T("Root"), "android"),
    Signal("system", T("System version"), "android"),
    Signal("owner", T("Management"), "android"),
    Signal("unknown-sources", T("Installing from unknown sources"), "android"),
    Signal("sources", T("App sources"), "android"),
    Signal("accessibility", T("Accessibility services"), "android"),
    Signal("notifications", T("Reads notifications"), "android"),
    Signal("keyboard", T("Third-party keyboard"), "android"),
    Signal("mock-location", T("False location"), "android"),
    Signal("wireless", T("Wireless debugging"), "android"),
    Signal("computers", T("Trusted computers"), "android"),
    Signal("proxy", T("Proxy"), "android"),
    Signal("vpn", T("Always-on VPN"), "android"),
    Signal("advanced-protection", T("Advanced Protection"), "android"),
    Signal("usb-protection", T("USB protection"), "android"),
    Signal("auto-blocker", T("Auto Blocker"), "android"),
    Signal("debugging", T("Developer options"), "android"),
    Signal("ios", T("iOS"), "ios", strip=True),
    Signal("passcode", T("Passcode"), "ios", strip=True),
    Signal("activation", T("Activation"), "ios"),
    Signal("supervision", T("Supervision"), "ios", strip=True),
    Signal("profiles", T("Configuration profiles"), "ios"),
    Signal("developer-mode", T("Developer Mode"), "ios", strip=True),
    Signal("wifi-trust", T("Trust over Wi-Fi"), "ios"),
    Signal("jailbreak", T("Jailbreak"), "ios"),
)
#: The row of each signal.
SIGNALS: Final[dict[str, Signal]] = {row.id: row for row in _ROWS}


def of_platform(platform: str) -> tuple[Signal, ...]:
    """The signals that a platform's phones have, in their order."""
    return tuple(row for row in SIGNALS.values() if platform == row.platform)
