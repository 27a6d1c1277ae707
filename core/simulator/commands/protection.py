"""What a practice phone says of its own protection: settings, its lock, who may install apps, whom it trusts."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Final

from core.simulator.commands.streams import Reply, closed_profile
from core.simulator.model.phone import PracticePhone
from core.simulator.model.scenario import PracticeDevice

#: Seconds that a question takes which one of the system's services answers at once.
QUESTION_TIME: Final = 0.01
_PATCH: Final = re.compile(r"([0-9]{1,3}) months? ago")
#: Since when `dumpsys lock_settings` names the kind of a lock, and `dumpsys adb` has its present form.
_KINDS_SINCE: Final = 31
_ADB_SINCE: Final = 30
_ADVANCED_SINCE: Final = 36


def patch(device: PracticeDevice, today: date) -> str:
    """The phone's security patch: as the scenario has it, or the one of so many months before `today`."""
    ago = _PATCH.fullmatch(device.patch)
    if ago is None:
        return device.patch
    day = today.replace(day=1)
    for _ in range(int(ago[1])):
        day = (day - timedelta(days=1)).replace(day=1)
    return day.isoformat()


class Protection:
    """The commands about it, of one phone. Only `settings put` changes something."""

    def __init__(self, phone: PracticePhone) -> None:
        self._phone = phone
        self._device = phone.scenario.device

    def settings(self, words: Sequence[str]) -> Reply:
        """`settings get`, `put` and `list`; a user may be named in front."""
        words, profile = _user(words)
        if refused := self._refused("get", profile):
            return refused
        match words:
            case ["get", "system" | "secure" | "global" as space, key]:
                return Reply(f"{self._phone.settings[space].get(key, 'null')}\n")
            case ["put", "system" | "secure" | "global" as space, key, value]:
                self._phone.set(space, key, value)
                return Reply()
            case ["list", "system" | "secure" | "global" as space]:
                values = self._phone.settings[space]
                return Reply("".join(f"{key}={value}\n" for key, value in sorted(values.items())))
        return Reply(err="Error: Bad arguments\n", code=255)

    def appops(self, words: Sequence[str]) -> Reply:
        """`cmd appops query-op`: no app of a practice phone ever asked."""
        match _user(words):
            case ["query-op", _, "allow"], profile:
                return self._refused("query-op", profile) or Reply("No operations.\n")
        return Reply(err=f"Unknown command: {words[0] if words else ''}\n", code=255)

    def advanced_protection(self, words: Sequence[str]) -> Reply:
        """`cmd advanced_protection`: its USB part is on where all of it is."""
        if self._device.sdk < _ADVANCED_SINCE:
            return Reply(err="cmd: Can't find service: advanced_protection\n", code=20)
        if list(words) in (["is-protection-enabled"], ["is-usb-data-protection-enabled"]):
            is_on = self._phone.settings["secure"].get("advanced_protection_mode") == "1"
            return Reply(f"{str(is_on).lower()}\n")
        return Reply(err=f"Unknown command: {words[0] if words else ''}\n", code=255)

    def locksettings(self, words: Sequence[str]) -> Reply:
        """`locksettings get-disabled`: whether the choice is "None"."""
        match _user(words):
            case ["get-disabled"], profile:
                return self._refused("get-disabled", profile) or Reply(f"{str(self._device.lock == 'None').lower()}\n")
        return Reply(err=f"Unknown command: {words[0] if words else ''}\n", code=255)

    def lock_dump(self) -> str:
        """`dumpsys lock_settings`. A profile has no lock of its own, and stands behind the owner's."""
        text = ["Current lock settings service state:\n\nUser State:\n"]
        for profile in self._phone.profiles.values():
            lock = self._device.lock if profile.id == 0 else "None"
            kind = f"    CredentialType: {lock}\n" if self._device.sdk >= _KINDS_SINCE else ""
            text.append(f"  User {profile.id}\n    Quality: 0\n{kind}    SeparateChallenge: false\n")
        return "".join(text) + "\nKeys in namespace:\n\nStorage:\n"

    def adb_dump(self) -> str:
        """`dumpsys adb`: the computers that may connect, by key and name."""
        if self._device.sdk < _ADB_SINCE:
            return "USB MANAGER STATE (dumpsys adb):\n"
        computers = [(key.text, key.name) for key in self._phone.known_keys]
        computers += [(_made_up_key(name), name) for name in self._phone.scenario.computers]
        keys = "".join(f"{key} {name}\n" for key, name in computers)
        inner = f"    connected_to_adb=true\n    user_keys={keys}\n"
        return f"ADB MANAGER STATE (dumpsys adb):\n{{\n  debugging_manager={{\n{inner}  }}\n}}\n"

    def _refused(self, act: str, profile: int | None) -> Reply | None:
        """The refusal of a profile that is closed to the shell; None where it is open, or none is named."""
        if profile in self._phone.profiles and self._phone.profiles[profile].closed:
            return closed_profile(self._device, act, profile)
        return None


def _made_up_key(name: str) -> str:
    """What looks like a computer's public key: 524 bytes, the first of which tell its length."""
    noise = hashlib.shake_256(name.encode()).digest(520)
    return base64.b64encode(b"\x40\x00\x00\x00" + noise).decode()


def find_programs(words: Sequence[str], programs: Collection[str]) -> Reply:
    """Answer `which`: the paths of the named programs, all in one folder."""
    names = [word for word in words if not word.startswith("-")]
    paths = [f"/system/bin/{name}\n" for name in names if name in programs]
    return Reply("".join(paths), code=int(len(paths) < len(names)))


def _user(words: Sequence[str]) -> tuple[list[str], int | None]:
    """The words without `--user N`, and the number."""
    rest, profile = list(words), None
    if "--user" in rest:
        at = rest.index("--user")
        number = rest[at + 1] if at + 1 < len(rest) else ""
        profile = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else None
        del rest[at : at + 2]
    return rest, profile
