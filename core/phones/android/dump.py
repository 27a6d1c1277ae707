"""What `dumpsys package packages` prints: every package in every profile, in one snapshot.

The text differs with the Android version; facts used here, all seen in real dumps from Android 2.3 to 17:

* one block a package, ``  Package [id] (hash):``, its fields at four spaces, a profile's own lines at six;
* below ``Hidden system packages:`` stand the factory versions of updated system apps; they are not installed;
* what stands in other sections (Queries, Dexopt state...) is not installed either;
* an app chooses its own version name, which is printed as it is, line breaks and all. So what follows it may be the
  app's own text: further fields, profiles, whole blocks, headings.

Therefore nothing in here decides anything in an app's favour: whether it is part of the system, in which profiles it
is, and whether it is switched off is what `pm list packages` says (`inventory.py`), which has no such text in it. What
no Android prints (a field twice or out of its turn, a heading twice, a block outside of its section) is counted as
malformed, and its package is one of `odd`.

The reader never fails: what it could not make sense of makes the reading incomplete.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from core.model import App, AppState, Enabled
from core.phones.android.shell import is_package_name
from core.text import plain

#: More packages or profiles than this are not a phone's (AOSP's own tests stop far below).
PACKAGE_LIMIT: Final = 20_000
PROFILE_LIMIT: Final = 100
#: Nor are more pairs of a package and a profile than this; each takes about 200 bytes here.
STATE_LIMIT: Final = 200_000

#: The fields that are read, in the order in which Android 2.3 to 17 print them; the lines of the profiles follow.
_KEPT: Final = (
    "compat name",
    "codePath",
    "versionCode",
    "versionName",
    "firstInstallTime",
    "lastUpdateTime",
    "installerPackageName",
    "signatures",
    "pkgFlags",
)
_TURN: Final = {key: turn for turn, key in enumerate(_KEPT)}
_AFTER_FIELDS: Final = len(_KEPT)
_NONE: Final[Mapping[str, tuple[str, ...]]] = {}
#: The indented lines that say nothing for us, nine of ten: it takes a third of the time not to look at them one by one.
_UNREAD: Final = re.compile(
    rf"^    (?!(?:{'|'.join(_KEPT)})=|User |  (?:firstInstallTime|archiveTime)=).*\n", re.MULTILINE
)

_BLOCK = re.compile(r"  Package \[([^\]]*)\] \(")
_SECTION = re.compile(r"[A-Z][A-Za-z ]*(?: \d+)?:\s*\Z")
_USER = re.compile(r"    User (\d{1,9}):(.*)")
_PAIR = re.compile(r"\b(\w+)=(\S+)")
_SIGNERS = re.compile(r"\[((?:0|[1-9a-f][0-9a-f]{0,7})(?:, ?(?:0|[1-9a-f][0-9a-f]{0,7}))*)\]")
# Earlier signers of an app whose key was replaced: "past signatures:[962f5b7 flags: 17, ...]" (Android 9 and later).
_PAST_SIGNERS = re.compile(r"past signatures:\[([0-9a-z:, ]*)\]")
_PAST_SIGNER = re.compile(r"([0-9a-f]{1,8}) flags: ")
_ENABLED: Final = tuple(Enabled)[:5]
#: Characters of the signers of one package. Real ones have some hundred.
_SIGNATURES: Final = 4_000


@dataclass(slots=True)
class _Block:
    package: str
    fields: dict[str, str] = field(default_factory=dict)
    states: dict[int, AppState] = field(default_factory=dict)
    #: The place in their order of the last field that was read.
    turn: int = -1
    odd: bool = False


class Dump:
    """Reads the dump as it comes. Afterwards `apps()` and what could not be read."""

    def __init__(self) -> None:
        self.began = False
        #: Whether the command ended with an error.
        self.failed = False
        self.malformed = 0
        self.too_many = False
        self.complaint = ""
        #: Hears how many packages have begun, at each.
        self.counted: Callable[[int], None] = lambda packages: None
        self._blocks: dict[str, _Block] = {}
        self._hidden: set[str] = set()
        self._sections: set[str] = set()
        self._states = 0
        self._in_hidden = False
        self._in_packages = False
        self._block: _Block | None = None
        self._user: int | None = None

    def __len__(self) -> int:
        return len(self._blocks)

    def block(self, text: str) -> None:
        """Some lines of the dump, each with its line end."""
        for line in _UNREAD.sub("", text).split("\n"):
            self._line(line)

    def end(self, code: int) -> None:
        """The command ended with this exit code."""
        self.failed |= code != 0

    def _line(self, line: str) -> None:
        if line[:4] == "    ":
            if self._block is not None:
                self._field(self._block, line)
        elif line[:2] == "  ":
            self._header(line)
        elif line:
            self._section(line)

    @property
    def truncated(self) -> bool:
        """Whether the last package's block broke off before its end (every block since Android 4.2 names a user)."""
        if not self._blocks:
            return False
        last = next(reversed(self._blocks.values()))
        return not (last.states or _before_profiles(last.fields))

    @property
    def stateless(self) -> bool:
        """Whether a package, other than one that broke off, says of no profile whether it is there."""
        whole = list(self._blocks.values())[: -1 if self.truncated else None]
        return any(not (b.states or _before_profiles(b.fields)) for b in whole)

    @property
    def odd(self) -> frozenset[str]:
        """The packages whose blocks have lines that Android does not print there."""
        return frozenset(b.package for b in self._blocks.values() if b.odd)

    def has_odd_lines(self, package: str) -> bool:
        """Whether `package` is one of `odd`, without going through all of them."""
        block = self._blocks.get(package)
        return block is not None and block.odd

    @property
    def profiles(self) -> frozenset[int]:
        """The profiles that the dump speaks of."""
        return frozenset(p for b in self._blocks.values() for p in b.states)

    def apps(
        self,
        screens: Callable[[str], tuple[str, ...]] = lambda package: (),
        certificates: Mapping[str, tuple[str, ...]] = _NONE,
        *,
        hashes: bool = True,
    ) -> list[App]:
        """The apps, with the classes and the certificates that other listings give of them. Where `hashes` is false,
        what is printed as the signer's is none."""
        return [
            self._app(b, screens(b.package), certificates.get(b.package, ()), hashes) for b in self._blocks.values()
        ]

    def _section(self, line: str) -> None:
        # Only what looks like a heading ends a section: saved answers have prompts and messages in between.
        if _SECTION.match(line):
            if line.strip() in self._sections:  # one of the two is an app's own text
                self._is_odd(self._block)
            self._sections.add(line.strip())
            self._in_packages = line.startswith("Packages:")
            self._in_hidden = line.startswith("Hidden system packages:")
            self.began |= self._in_packages
            self._block, self._user = None, None
        elif not self.began and not self.complaint:
            self.complaint = plain(line, 200)
        elif line.startswith("*** SERVICE"):  # dumpsys: "*** SERVICE 'package' DUMP TIMEOUT (10000ms) EXPIRED ***"
            self.complaint = plain(line, 200)
            self.malformed += 1

    def _is_odd(self, block: _Block | None) -> None:
        self.malformed += 1
        if block is not None:
            block.odd = True

    def _header(self, line: str) -> None:
        found = _BLOCK.match(line)
        if not found:
            return  # nothing that Android prints ends a block but the next one's header, or a heading
        if not (self._in_packages or self._in_hidden):
            self._is_odd(None)  # an app's own text has ended the section before its time
            return
        self._user = None
        name = found[1]
        # What is not kept still has fields, which are no other block's.
        self._block = _Block(name)
        if not is_package_name(name):
            self.malformed += 1
        elif self._in_hidden:
            self._hidden.add(name)
        elif name in self._blocks:
            self._block = self._blocks[name]
            self._is_odd(self._block)
        elif len(self._blocks) >= PACKAGE_LIMIT:
            self.too_many = True
        else:
            self._blocks[name] = self._block
            self.counted(len(self._blocks))

    def _field(self, block: _Block, line: str) -> None:
        if line[4] == " ":
            if self._user is not None:
                self._detail(block.states[self._user], line.strip())
            return
        key, is_field, value = line[4:].partition("=")
        if key == "compat name" and not block.fields and is_package_name(value):  # its header has the original name
            if value in self._blocks:
                self._is_odd(self._blocks[value])
            elif self._blocks.get(block.package) is block:
                del self._blocks[block.package]
                block.package, self._blocks[value] = value, block
        elif is_field and key in _TURN:
            self._kept(block, key, value)
        elif line.startswith("    User "):
            block.turn = _AFTER_FIELDS
            self._profile(block, line)

    def _kept(self, block: _Block, key: str, value: str) -> None:
        """A field that is read. Of two, one is an app's own text: the first is the system's up to the version name."""
        if _TURN[key] <= block.turn:
            self._is_odd(block)
        block.turn = max(block.turn, _TURN[key])
        if key == "signatures" and key in block.fields:  # which is whose is not known: both accuse
            value = f"{block.fields.pop(key)} {value}"[:_SIGNATURES]
        block.fields.setdefault(key, value)

    def _detail(self, state: AppState, line: str) -> None:
        """A line below that of a profile."""
        key, _, value = line.partition("=")
        if key == "firstInstallTime" and state.installed:
            state = replace(state, first_install=plain(value, 30))
        elif key == "archiveTime" and not state.installed:  # Android 15: its data and its icon are there
            state = replace(state, archived=True)
        if self._block is not None:
            self._block.states[state.profile] = state

    def _profile(self, block: _Block, line: str) -> None:
        found = _USER.match(line)
        pairs = dict(_PAIR.findall(found[2][:2000])) if found else {}
        if not found or pairs.get("installed") not in ("true", "false"):
            self._is_odd(block)
            return
        id = int(found[1])
        known = block.states.get(id)
        if known is None:
            self._states += 1
            if len(block.states) >= PROFILE_LIMIT or self._states > STATE_LIMIT:
                self.too_many = True
                return
        self._user = id
        state = AppState(
            profile=id,
            installed=pairs["installed"] == "true",
            hidden="true" in (pairs.get("hidden"), pairs.get("blocked")),
            suspended=pairs.get("suspended") == "true",
            enabled=_enabled(pairs.get("enabled", "0")),
            instant="true" in (pairs.get("instant"), pairs.get("virtual")),
        )
        if known is not None:  # two lines for one profile: believe the worse
            self._is_odd(block)
            if known.installed and not (state.installed and known.off):
                return
        block.states[id] = state

    def _app(self, block: _Block, classes: tuple[str, ...], certificates: tuple[str, ...], hashes: bool) -> App:
        fields = block.fields
        flags = fields.get("pkgFlags", "")
        system, updated = _system(flags)
        states = block.states or _before_profiles(fields)
        return App(
            package=block.package,
            version_code=_number(fields.get("versionCode", "").partition(" ")[0]),
            version_name=plain(_known(fields.get("versionName", "")), 60),
            installer=plain(_known(fields.get("installerPackageName", "")), 255),
            system=system and not block.odd,
            updated_system=not block.odd and (updated or (system and block.package in self._hidden)),
            signers=_signers(fields.get("signatures", "")[:_SIGNATURES]) if hashes else (),
            certificates=certificates,
            components=classes,
            code_path=plain(fields.get("codePath", ""), 500),
            first_install=plain(fields.get("firstInstallTime", ""), 30),
            last_update=plain(fields.get("lastUpdateTime", ""), 30),
            states=tuple(states.values()),
        )


def _signers(text: str) -> tuple[str, ...]:
    """The hashes of those that sign the app, then of those that it proves to have been signed by before."""
    past = [] if text.count("past signatures:") == text.count("past signatures:[]") else _PAST_SIGNERS.findall(text)
    current = _PAST_SIGNERS.sub("", text) if past else text
    now = [hash for found in _SIGNERS.findall(current) for hash in found.split(",")]
    known = [hash.strip() for hash in now if hash.strip()]
    return tuple(dict.fromkeys([*known, *(hash for found in past for hash in _PAST_SIGNER.findall(found))]))


def _before_profiles(fields: dict[str, str]) -> dict[int, AppState]:
    """Before Android 4.2 a phone had one user; its state stands behind the flags (``pkgFlags=0x1 ... enabled=0``)."""
    flags = fields.get("pkgFlags", "")
    if not flags.startswith("0x"):
        return {}
    enabled = str(dict(_PAIR.findall(flags[:2000])).get("enabled", "0"))
    return {0: AppState(0, installed=True, enabled=_enabled(enabled))}


def _enabled(number: str) -> Enabled:
    return _ENABLED[int(number)] if number in ("0", "1", "2", "3", "4") else Enabled.UNKNOWN


def _system(flags: str) -> tuple[bool, bool]:
    """(system app, updated system app) from ``[ SYSTEM UPDATED_SYSTEM_APP ... ]`` or, before Android 4, ``0x81``."""
    first, *_ = flags.split(maxsplit=1) or [""]
    if first.startswith("0x"):
        bits = int(first[2:], 16) if re.fullmatch(r"[0-9a-f]{1,8}", first[2:]) else 0
        return bool(bits & 0x1), bool(bits & 0x80)
    words = flags[:2000].split()
    return "SYSTEM" in words, "UPDATED_SYSTEM_APP" in words


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _known(text: str) -> str:
    return "" if text == "null" else text
