"""What single fields of `dumpsys package packages` say."""

from __future__ import annotations

import re
from typing import Final

from core.model import AppState, Enabled
from core.text import plain

#: ``name=value``, as the states of a profile stand in a line.
PAIR: Final = re.compile(r"\b(\w+)=(\S+)")
#: Java prints the hash of a certificate without leading zeros.
_HASH: Final = re.compile(r"0|[1-9a-f][0-9a-f]{0,7}")
_LIST: Final = re.compile(r"\[([^\]]*)\]")
# Earlier signers of an app whose key was replaced: "past signatures:[962f5b7 flags: 17, ...]" (Android 9 and later).
_PAST_SIGNERS: Final = re.compile(r"past signatures:\[([^\]]*)\]")
_PAST_SIGNER: Final = re.compile(r"([0-9a-f]{1,8}) flags: -?[0-9a-f]{1,10}")
_REVISION: Final = re.compile(r":-?[0-9]{1,10}\Z")
_ENABLED: Final = tuple(Enabled)[:5]


def worse(first: AppState | None, second: AppState) -> AppState:
    """The one of two states of an app in one profile by which it is there, and can be started."""
    if first is None or (second.present and (not first.present or first.off)):
        return second
    return first


def splits(text: str) -> tuple[str, ...] | None:
    """The parts of an app beside its base, by their names (``splits=[base, config.en]``); None where they are not told.

    A part of a revision of its own has that number behind it (``base:10``).
    """
    listed = text.strip()
    if not (listed.startswith("[") and listed.endswith("]")):
        return None  # Nothing is lost: the phone calls it unknown, and its files are counted by themselves
    names = (_REVISION.sub("", name) for name in listed[1:-1].split(", "))
    return tuple(plain(name, 255) for name in names if name not in ("", "base"))


def signers(text: str) -> tuple[tuple[str, ...], bool]:
    """The hashes of those that sign an app, then of those that it proves to have been signed by before; and whether all
    that is listed as one is one."""
    earlier = [hash for listed in _PAST_SIGNERS.findall(text) for hash in _listed(listed)]
    now = [hash for listed in _LIST.findall(_PAST_SIGNERS.sub("", text)) for hash in _listed(listed)]
    past = [_PAST_SIGNER.fullmatch(hash) for hash in earlier]
    hashes = [hash for hash in now if _HASH.fullmatch(hash)]
    hashes += [match[1] for match in past if match]
    return tuple(dict.fromkeys(hashes)), len(hashes) == len(now) + len(earlier)


def _listed(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def before_profiles(fields: dict[str, str]) -> dict[int, AppState]:
    """Before Android 4.2 a phone had one user; its state stands behind the flags (``pkgFlags=0x1 ... enabled=0``)."""
    flags = fields.get("pkgFlags", "")
    if not flags.startswith("0x"):
        return {}
    setting = str(dict(PAIR.findall(flags[:2000])).get("enabled", "0"))
    return {0: AppState(0, installed=True, enabled=enabled(setting))}


def enabled(number: str) -> Enabled:
    """PackageManager's own number of a setting; one that is not known is not taken for any."""
    return _ENABLED[int(number)] if number in ("0", "1", "2", "3", "4") else Enabled.UNKNOWN


def system(flags: str) -> tuple[bool, bool]:
    """(system app, updated system app) from ``[ SYSTEM UPDATED_SYSTEM_APP ... ]`` or, before Android 4, ``0x81``."""
    first, *_ = flags.split(maxsplit=1) or [""]
    if first.startswith("0x"):
        bits = int(first[2:], 16) if re.fullmatch(r"[0-9a-f]{1,8}", first[2:]) else 0
        return bool(bits & 0x1), bool(bits & 0x80)
    words = flags[:2000].split()
    return "SYSTEM" in words, "UPDATED_SYSTEM_APP" in words


def number(text: str) -> int | None:
    """A whole number of 64 bits, if it is one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def text_or_empty(text: str) -> str:
    """A text; empty where Java printed that there is none."""
    return "" if text == "null" else text
