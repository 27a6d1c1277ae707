"""What judges each signal of a phone's protection, by its name in :mod:`core.model.signals`, which has their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from core.model import HealthSignal
from core.policy.health import apps, iphone, profiles, switches, system
from core.policy.health.seen import Seen

#: None of a judge: this kind of phone does not have the signal.
JUDGES: Final[dict[str, Callable[[Seen], HealthSignal | None]]] = {
    "patch": system.patch,
    "encryption": system.encryption,
    "lock": profiles.lock,
    "bootloader": system.bootloader,
    "play-protect": switches.play_protect,
    "boot": system.boot,
    "unlocking": system.unlocking,
    "build": system.build,
    "knox": system.knox,
    "root": system.root,
    "system": system.version,
    "owner": apps.owner,
    "unknown-sources": apps.unknown_sources,
    "sources": apps.sources,
    "accessibility": profiles.accessibility,
    "notifications": profiles.notifications,
    "keyboard": profiles.keyboard,
    "mock-location": profiles.mock_location,
    "wireless": switches.wireless,
    "computers": switches.computers,
    "proxy": switches.proxy,
    "vpn": switches.vpn,
    "advanced-protection": switches.advanced_protection,
    "usb-protection": switches.usb_protection,
    "auto-blocker": switches.auto_blocker,
    "debugging": switches.debugging,
    "ios": iphone.ios,
    "passcode": iphone.passcode,
    "activation": iphone.activation,
    "supervision": iphone.supervision,
    "profiles": iphone.profiles,
    "developer-mode": iphone.developer_mode,
    "wifi-trust": iphone.wifi_trust,
    "jailbreak": iphone.jailbreak,
}
