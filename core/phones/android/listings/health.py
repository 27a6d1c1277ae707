"""Asking a phone about its own protection: the parts of the reading's script, and what is kept of their answers.

Each key of the settings is asked for alone: a list of all of them would bring names of networks and of people. Nothing
is judged here, and what is kept stays in memory: of the computers that the phone trusts a digest of each key and no
name, of its services the packages, so that they can be compared with the phone's own apps.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Final

from core.model import Gap, HealthAnswer, HealthReadings, Phone
from core.phones.accounting import Account, Leftovers, Why
from core.phones.android.link import shell
from core.phones.android.link.shell import AnswerPart, part
from core.phones.android.listings import own_system
from core.text import T, first_few, plain

#: Lines of one answer that are kept, and characters of each: what is longer counts as cut.
_LINES: Final = 500
_WIDTH: Final = 300
#: Characters of a list of services.
_LIST_WIDTH: Final = 4_096
#: Values that are kept of one property, and profiles of one answer.
_VALUES: Final = 4
#: Properties that are kept by the beginning of their names: a custom system has some ten of its own.
_NAMES: Final = 300
#: Names that a gap tells.
_TOLD: Final = 3
_PROFILES: Final = 200
#: What stands for lines or values that there was no room for: no known word.
_MORE: Final = "…"

#: The properties that are kept.
PROPERTIES: Final = frozenset(
    {
        "ro.build.version.security_patch",
        "ro.vendor.build.security_patch",
        "ro.crypto.state",
        "ro.boot.verifiedbootstate",
        "ro.boot.flash.locked",
        "ro.boot.vbmeta.device_state",
        "ro.secureboot.lockstate",
        "sys.oem_unlock_allowed",
        "ro.build.tags",
        "ro.build.type",
        "ro.debuggable",
        "ro.secure",
        "ro.adb.secure",
        "ro.boot.warranty_bit",
        "ro.warranty_bit",
        "ro.usb.data_protection.disable_when_locked.supported",
        own_system.IMAGE_RUNNING,
        "ro.build.flavor",
        "ro.build.fingerprint",
        "ro.build.version.codename",
        "ro.build.version.release",
        "ro.build.version.release_or_codename",
        "ro.build.version.release_or_preview_display",
    }
)
#: Further ones, which contradict a phone that says that its system is its maker's: the kind of build of each of its
#: parts, the product's name in each, what only Samsung's and OPPO's phones have, and what custom systems call their own
#: (those that are looked for by Godot's os_android.cpp, and the ones that LineageOS, crDroid, Evolution X and RisingOS
#: set in their vendor trees).
FURTHER: Final = re.compile(
    r"ro\.[a-z_]{1,40}\.build\.type|ro\.product\.(?:[a-z_]{1,40}\.)?name|ro\.(?:[a-z]{1,20}\.)?warranty_bit"
    r"|oplusboot\.[a-z_.]{1,80}|ro\.(?:lineage|crdroid|evolution|rising)\.[a-z_.]{1,80}"
    r"|(?:ro\.(?:havoc|potato|xtended|corvus|pa|syberia|arrow|droidx)|org\.(?:pex|pixelexperience|evolution))"
    r"\.version[a-z_.]{0,40}"
)

#: By the phone's API level, in the patterns of a shell's `case`.
_UNTIL_7: Final = "1[0-9]|2[0-5]"
_SINCE_8: Final = "2[6-9]|[3-9][0-9]"
_SINCE_11: Final = "[3-9][0-9]"
_SINCE_16: Final = "3[6-9]|[4-9][0-9]"

#: The questions to the whole phone: which phones are asked, and how.
_ASKED: Final = {
    "enforcing": ("*", "getenforce"),
    "root": ("*", "which -a su magisk busybox supersu magiskpolicy"),
    "development": ("*", "settings get global development_settings_enabled"),
    "verifier": ("*", "settings get global package_verifier_enable"),
    "verifier-consent": ("*", "settings get global package_verifier_user_consent"),
    "verifier-adb": ("*", "settings get global verifier_verify_adb_installs"),
    "old-verifier-consent": (_UNTIL_7, "settings get secure package_verifier_user_consent"),
    "unknown-sources": (_UNTIL_7, "settings get secure install_non_market_apps"),
    "wireless": (_SINCE_11, "settings get global adb_wifi_enabled"),
    "key-time": (_SINCE_11, "settings get global adb_allowed_connection_time"),
    "proxy": (_SINCE_8, "settings get global http_proxy"),
    "vpn": (_SINCE_8, "settings get secure always_on_vpn_app"),
    "advanced-protection": (_SINCE_16, "settings get secure advanced_protection_mode"),
    "usb-protection": (_SINCE_16, "cmd advanced_protection is-usb-data-protection-enabled"),
}
#: Those to each profile.
_ASKED_OF_PROFILES: Final = {
    "accessibility": ("*", "settings --user $I get secure enabled_accessibility_services"),
    "listeners": ("*", "settings --user $I get secure enabled_notification_listeners"),
    "keyboard": ("*", "settings --user $I get secure default_input_method"),
    "installing": (_SINCE_8, "cmd appops query-op --user $I REQUEST_INSTALL_PACKAGES allow"),
    "mock-location": (_SINCE_8, "cmd appops query-op --user $I MOCK_LOCATION allow"),
    # Only where the dump has no word for it: before Android 11 or 12.
    "lock-disabled": (_SINCE_8, "case $K in *CredentialType:*) ;; *) locksettings get-disabled --user $I;; esac"),
}
#: Samsung's own switch against a cable.
_AUTO_BLOCKER: Final = (
    "case $(getprop ro.product.manufacturer) in [Ss]amsung) settings get secure rampart_main_switch_enabled;; esac"
)

_PROPERTY: Final = re.compile(r"\[([a-z_.]{1,100})\]: \[(.*?)(\]?)\Z")
#: What begins like a property, whatever comes after its name.
_LIKE_A_PROPERTY: Final = re.compile(r"\s*\[\s*([a-z_.]{1,100})(?![A-Za-z0-9_.-]*[A-Z0-9-])")
_USER: Final = re.compile(r"\s*User (\d{1,9}):?\s*\Z")
_OF_LOCK: Final = re.compile(r"\s*(CredentialType|SeparateChallenge): ?(.{0,40}?)\s*\Z")
_ENCRYPTION: Final = re.compile(r"\s*Encryption Status: (.{0,40}?)\s*\Z")
#: A key of 2048 bits as ADB writes it: 524 bytes in base 64.
KEY: Final = re.compile(r"(?<![A-Za-z0-9+/])([A-Za-z0-9+/]{600,800}={0,2})(?![A-Za-z0-9+/=])")


def first(nonce: str) -> str:
    """What is asked before all else, in the shell in which $S is the API level: what is listed depends on it."""
    return part(nonce, "health repair-mode", own_system.REPAIR_MODE)


def script(nonce: str) -> str:
    """The questions to the whole phone, in the shell in which $S is the API level. $K becomes what is said of locks."""
    questions = {name: _if(versions, command) for name, (versions, command) in _ASKED.items()}
    questions["auto-blocker"] = _AUTO_BLOCKER
    questions["computers"] = _if(_SINCE_11, "dumpsys adb")
    return "K=$(dumpsys lock_settings 2>&1)\n" + "".join(
        part(nonce, f"health {name}", command) for name, command in {**questions, "locks": 'echo "$K"'}.items()
    )


def script_of_profile(nonce: str) -> str:
    """The questions to the profile $I, after :func:`script`."""
    return "".join(
        part(nonce, f"health {name} $I", _if(versions, command))
        for name, (versions, command) in _ASKED_OF_PROFILES.items()
    )


def _if(versions: str, command: str) -> str:
    return command if versions == "*" else f"case $S in {versions}) {command};; esac"


class Health:
    """What one reading has gathered of the phone's protection."""

    def __init__(self) -> None:
        self._properties: dict[str, tuple[str, ...]] = {}
        self._answers: dict[str, HealthAnswer] = {}
        self._of_profiles: dict[tuple[str, int], HealthAnswer] = {}
        self._repair: HealthAnswer | None = None
        #: Whether the phone has answered any question about its protection.
        self._has_answers = False
        self._leftovers = Leftovers()

    @property
    def readings(self) -> HealthReadings:
        return HealthReadings(dict(self._properties), dict(self._answers), dict(self._of_profiles))

    def begin(self, name: str) -> AnswerPart:
        """Return the reader of the script's part ``health <name>``. A part that was not asked for is dropped."""
        self._has_answers = True
        question, _, number = name.partition(" ")
        if number:
            id = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else -1
            is_known = question in _ASKED_OF_PROFILES and id >= 0 and len(self._of_profiles) < _PROFILES * 6
            return shell.Collect(partial(self._of_profile, question, id) if is_known else _nothing)
        of_their_own = {"repair-mode": self._repair_mode, "locks": self._locks, "computers": self._computers}
        is_known = question in _ASKED or question == "auto-blocker"
        answer = partial(self._answer, question) if is_known else _nothing
        return shell.Collect(of_their_own.get(question, answer))

    def properties(self, lines: Iterable[str]) -> Account[Mapping[str, tuple[str, ...]]]:
        """Keep what `getprop` says, every value of a property that it names twice.

        Left are, of the properties that are kept and of no others, those that are told twice in different words, that
        run over several lines, or whose line has another form.
        """
        leftovers = Leftovers()
        for line in lines:
            match = _PROPERTY.match(line)
            name = match[1] if match else (like[1] if (like := _LIKE_A_PROPERTY.match(line)) else "")
            if name not in PROPERTIES and not FURTHER.fullmatch(name):
                continue  # Nothing is lost: nothing is judged by it, and `inventory` keeps what it needs itself.
            if match is None:
                leftovers.add(Why.UNKNOWN, "property", text=line)
                self._property(name, _MORE, leftovers)
            elif not match[3]:
                leftovers.add(Why.CUT, "property", text=line)
                self._property(name, _MORE, leftovers)  # a value of several lines is none that is known
            elif value := match[2].strip():
                self._property(name, plain(value, _WIDTH), leftovers)
        account = leftovers.account(dict(self._properties))
        self._leftovers.take(account)
        return account

    def _property(self, name: str, value: str, leftovers: Leftovers) -> None:
        before = self._properties.get(name, ())
        if not before and len(self._properties) >= _NAMES:
            leftovers.add(Why.CUT, "properties", text=name)
            return  # Nothing is lost: it is left over.
        if before and value not in before:
            leftovers.add(Why.TWICE, "property", text=name)
        self._properties[name] = _with(before, value, _VALUES)

    def gaps(self, phone: Phone, profiles: Collection[int], *, whole: bool) -> tuple[Gap, ...]:
        """Why what the phone lists may not be its owner's, and what it says of itself in a form that cannot be relied
        upon. `whole` tells that all of its answer came, so that nothing that is missing may still come."""
        # Of a phone that answers no question at all about its protection, all of it is not known, and said as such.
        repair = self._repair or (HealthAnswer() if whole and self._has_answers else None)
        gaps = own_system.gaps(phone, self._properties.get(own_system.IMAGE_RUNNING, ()), repair, profiles)
        if not (leftovers := self._leftovers.all):
            return gaps
        lines = first_few([leftover.text for leftover in leftovers], _TOLD)
        sentence = T("The phone says some things of itself twice, or not in one line: {lines}.", lines=lines)
        return (*gaps, Gap(sentence, T("Check the phone again; if it stays so, restart it first.")))

    def device_policy(self, lines: Iterable[str], code: int) -> None:
        """Keep what the dump of the device's policy says of encryption, and whether it is one."""
        lines = list(lines)
        is_dump = any(line.startswith("Current Device Policy Manager state") for line in lines)
        self._answers["device-policy"] = HealthAnswer(code=code if is_dump else -1)
        words: tuple[str, ...] = ()
        for line in lines:
            if match := _ENCRYPTION.match(line):
                words = _with(words, plain(match[1], _WIDTH), _VALUES)
        self._answers["encryption"] = HealthAnswer(words, code)

    def _repair_mode(self, lines: list[str], code: int) -> None:
        self._repair = _joined(self._repair, _answer_of(lines, code))

    def _answer(self, question: str, lines: list[str], code: int) -> None:
        self._answers[question] = _joined(self._answers.get(question), _answer_of(lines, code))

    def _of_profile(self, question: str, id: int, lines: list[str], code: int) -> None:
        before = self._of_profiles.get((question, id))
        self._of_profiles[question, id] = _joined(before, _answer_of(lines, code, _LIST_WIDTH))

    def _locks(self, lines: list[str], code: int) -> None:
        """`dumpsys lock_settings`: below each ``User N`` how its lock is called, and whether a profile has its own."""
        id: int | None = None
        for line in lines:
            user, word = _USER.match(line), _OF_LOCK.match(line)
            if user:
                id = int(user[1])
            elif line.strip().startswith("User ") or line[:1].strip():
                id = None  # another part of the dump, such as the files of each user
            elif word and id is not None and len(self._of_profiles) < _PROFILES * 6:
                answer = self._of_profiles.get(("lock", id), HealthAnswer(code=code))
                words = _with(answer.lines, plain(f"{word[1]}: {word[2]}", _WIDTH), _VALUES)
                self._of_profiles["lock", id] = HealthAnswer(words, code)

    def _computers(self, lines: list[str], code: int) -> None:
        """`dumpsys adb`: the keys of the computers that the phone trusts, as digests; their names are not kept."""
        keys = {hashlib.sha256(key[1].encode()).hexdigest() for line in lines for key in KEY.finditer(line)}
        is_dump = any(line.strip().startswith("debugging_manager") for line in lines)
        self._answers["computers"] = HealthAnswer(tuple(sorted(keys)[:_LINES]), code if is_dump else -1)


def _answer_of(lines: Iterable[str], code: int, width: int = _WIDTH) -> HealthAnswer:
    """The lines of an answer that say something, within bounds."""
    texts = [line.strip() for line in lines if line.strip()]
    cut = len(texts) > _LINES or any(len(line) > width for line in texts)
    return HealthAnswer(tuple(plain(line, width) for line in texts[:_LINES]), -1 if cut else code)


def _joined(before: HealthAnswer | None, now: HealthAnswer) -> HealthAnswer:
    """An answer that came twice, which only a phone that makes up parts can do: all of it counts."""
    if before is None:
        return now
    return HealthAnswer((*before.lines, *now.lines)[: 2 * _LINES], -1)


def _with(values: tuple[str, ...], value: str, limit: int) -> tuple[str, ...]:
    """`values` with one more, each once; where there is no room, with a word that is none."""
    if value in values:
        return values
    return (*values, value) if len(values) < limit else (*values[:limit], _MORE)


def _nothing(lines: list[str], code: int) -> None:
    """Drop the answer to what was not asked: the phone made the part up."""
