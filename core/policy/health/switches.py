"""Signals that are one switch of the phone: Google's and the makers' own protection, and the ways in by cable and air.

Debugging itself is on while it is read: it is judged when the phone is handed back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.model import HealthSignal, Light
from core.policy.health.phone_reading import PhoneReading, health_signal, light_of, signal, worst
from core.text import N, T, Text

_STORE: Final = "com.android.vending"
_ON: Final = T("on")
_OFF: Final = T("off")
_INFO: Final = Light.INFORMATION
#: What `settings get` prints of a key that nobody has set.
_UNSET: Final = "null"


def play_protect(reading: PhoneReading) -> HealthSignal:
    """Google's own look at apps: -1 means that it was switched off, and no value that nobody has agreed to it."""
    if reading.inventory.apps and not any(app.package == _STORE for app in reading.inventory.apps):
        none = T("This phone has no Google Play, and so no Play Protect.")
        return health_signal("play-protect", T("does not apply"), _INFO, none)
    consent = reading.words("verifier-consent")
    if old := [word for word in reading.answer("old-verifier-consent").lines if word != _UNSET]:
        consent = (*(word for word in consent if word != _UNSET), *old)
    light = worst(
        (
            light_of(consent, {"1": Light.GREEN, "-1": Light.RED}),
            # Nobody has to switch these on.
            light_of(reading.words("verifier"), {"1": Light.GREEN, _UNSET: Light.GREEN, "0": Light.RED}),
            light_of(reading.words("verifier-adb"), {"1": Light.GREEN, _UNSET: Light.GREEN, "0": Light.AMBER}),
        )
    )
    says = {
        Light.GREEN: T("Play Protect looks at the apps of the phone."),
        Light.AMBER: T("Play Protect does not look at what is installed over a cable: switch that on."),
        Light.RED: T("Play Protect is off: have the holder switch it on in Google Play."),
    }
    return signal("play-protect", light, {Light.GREEN: _ON, Light.AMBER: T("partly on"), Light.RED: _OFF}, says)


def wireless(reading: PhoneReading) -> HealthSignal | None:
    """Whether a computer may come in over Wi-Fi. There since Android 11; off where nobody has ever set it."""
    if 0 < reading.sdk < 30:
        return None
    light = light_of(reading.words("wireless"), {"0": Light.GREEN, _UNSET: Light.GREEN, "1": Light.AMBER})
    says = {
        Light.GREEN: T("No computer can reach the phone over Wi-Fi."),
        Light.AMBER: T("Computers can reach the phone over Wi-Fi: switch “Wireless debugging” off."),
    }
    return signal("wireless", light, {Light.GREEN: _OFF, Light.AMBER: _ON}, says)


def computers(reading: PhoneReading) -> HealthSignal | None:
    """How many computers the phone trusts, by their keys. Which they are is not kept, so that one may be this one."""
    if 0 < reading.sdk < 30:
        return None
    answer, forever = reading.answer("computers"), "0" in reading.answer("key-time").lines
    count = len(answer.lines)
    if count > 1:
        light = Light.AMBER
        says = T("The phone trusts other computers too: the holder can tap “Revoke USB debugging authorizations”.")
    elif forever:
        light, says = Light.AMBER, T("The phone never forgets a computer that it trusts: have that changed.")
    else:
        light, says = (_INFO if answer.code == 0 else Light.NOT_KNOWN), T("The phone trusts this computer at most.")
        if count:
            says = T("The phone trusts one computer, which may be this one.")
    values = dict.fromkeys((Light.AMBER, _INFO), N("{count} computer", "{count} computers", count))
    sentences = {Light.AMBER: says, _INFO: says}
    return signal("computers", light, values, sentences)


def proxy(reading: PhoneReading) -> HealthSignal | None:
    """Whether what the phone sends goes through another computer. Not asked before Android 8."""
    if 0 < reading.sdk < 26:
        return None
    answer = reading.answer("proxy")
    names_one = any(word not in (_UNSET, ":0") and word.rpartition(":")[2].isdecimal() for word in answer.lines)
    light = Light.AMBER if names_one else light_of(reading.words("proxy") or (_UNSET,), {_UNSET: _INFO, ":0": _INFO})
    says = {
        _INFO: T("What the phone sends goes through no proxy."),
        Light.AMBER: T("What the phone sends goes through a proxy: ask who set it."),
    }
    return signal("proxy", light, {_INFO: T("none"), Light.AMBER: T("set")}, says)


def vpn(reading: PhoneReading) -> HealthSignal | None:
    """Whether an app carries all that the phone sends. Not asked before Android 8."""
    if 0 < reading.sdk < 26:
        return None
    words = reading.words("vpn") or (_UNSET,)
    is_set = "." in words[0] and " " not in words[0] and len(words) == 1
    says = {
        _INFO: T("An app carries all that the phone sends.")
        if is_set
        else T("No app has to carry what the phone sends.")
    }
    light = _INFO if is_set else light_of(words, {_UNSET: _INFO})
    return signal("vpn", light, {_INFO: T("set") if is_set else T("none")}, says)


def advanced_protection(reading: PhoneReading) -> HealthSignal | None:
    """Google's strictest setting, since Android 16; good where it is on, and no fault where it is not."""
    if 0 < reading.sdk < 36:
        return None
    light = light_of(reading.words("advanced-protection"), {"1": Light.GREEN, "0": _INFO, _UNSET: _INFO})
    says = {
        Light.GREEN: T("Advanced Protection is on."),
        _INFO: T("Advanced Protection, Google’s strictest setting, is off or not there."),
    }
    return signal("advanced-protection", light, {Light.GREEN: _ON, _INFO: _OFF}, says)


def usb_protection(reading: PhoneReading) -> HealthSignal | None:
    """Whether a locked phone lets nothing in by cable: it vanishes then in the midst of a check."""
    if 0 < reading.sdk < 36:
        return None
    words = reading.words("usb-protection")
    light = light_of(words, {"true": _INFO, "false": _INFO})
    on = words == ("true",)
    protected = T("A locked phone lets nothing in by cable: keep it unlocked during a check.")
    says = protected if on else T("The phone lets a cable in also while it is locked.")
    return signal("usb-protection", light, {_INFO: _ON if on else _OFF}, {_INFO: says})


def auto_blocker(reading: PhoneReading) -> HealthSignal | None:
    """Samsung's own switch against apps from elsewhere and against cables. Not there before One UI 6 (Android 14)."""
    if reading.inventory.phone.maker.casefold() != "samsung" or 0 < reading.sdk < 34:
        return None
    words = reading.words("auto-blocker")
    light = light_of(words, {"1": _INFO, "0": _INFO, _UNSET: _INFO})
    on = words == ("1",)
    again = T("Auto Blocker is off: the holder may switch it on again after the check.")
    says = T("Auto Blocker is on.") if on else again
    return signal("auto-blocker", light, {_INFO: _ON if on else _OFF}, {_INFO: says})


def debugging(reading: PhoneReading) -> HealthSignal:
    """The developer options, which a check needs."""
    values: Mapping[str, Text] = {"1": _ON, "0": _OFF}
    words = reading.words("development")
    value = values.get(words[0]) if len(words) == 1 else None
    says = T("A check needs them; have them switched off when the phone is handed back.")
    light = Light.NOT_KNOWN if value is None else _INFO
    return signal("debugging", light, {_INFO: value} if value else {}, {_INFO: says})
