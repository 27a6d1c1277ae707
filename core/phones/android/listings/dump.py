"""What `dumpsys package packages` prints: every package in every profile, in one snapshot.

The text differs with the Android version; facts used here, all seen in real dumps from Android 2.3 to 17, or in AOSP's
own printing code:

* one block a package, ``  Package [id] (hash):``, its fields at four spaces, a line for each profile of the phone, and
  that profile's own lines at six;
* below ``Hidden system packages:`` stand the factory versions of updated system apps; they are not installed. Each is
  on a partition of the system, and its update stands in ``Packages:``, on the data partition;
* what stands in other sections (Queries, Dexopt state...) is not installed either;
* an app, or what installs it, chooses its version name, names of libraries and permissions, classes, and texts beside
  them, which are printed as they are, line breaks and all. So what stands between two of the system's own lines may be
  an app's own text: further fields, profiles, whole blocks, headings. The path of its code comes before all of these.

Therefore nothing in here decides anything in an app's favour: whether it is part of the system, in which profiles it
is, and whether it is switched off is what `pm list packages` says (`inventory.py`), which has no such text in it. Every
block is an app, wherever it stands, but a factory version that is proven to be one. What no Android prints (a field
twice or out of its turn, a heading twice, a block outside of its section, fields without a block) is left over, and
accuses its app; a block that lacks what every Android prints is not confirmed.

The reader never fails: what it could not make sense of is in its account.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from core.model import App, AppState
from core.phones.accounting import Account, Leftovers, Why
from core.phones.android.link.shell import is_package_name
from core.phones.android.listings import dump_fields
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
    "splits",
    "firstInstallTime",
    "lastUpdateTime",
    "installerPackageName",
    "initiatingPackageName",
    "signatures",
    "pkgFlags",
)
_TURN: Final = {key: turn for turn, key in enumerate(_KEPT)}
_AFTER_FIELDS: Final = len(_KEPT)
#: The fields that every Android prints in every block.
_ALWAYS: Final = ("codePath", "versionCode", "signatures", "pkgFlags")
#: The fields that stand in blocks only: outside of one, they are what is left of a block that a text has ended.
IN_BLOCKS: Final = ("codePath", "signatures", "pkgFlags")
_NONE: Final[Mapping[str, tuple[str, ...]]] = {}
#: The indented lines that say nothing for us, nine of ten: it takes a third of the time not to look at them one by one.
UNREAD: Final = re.compile(
    rf"^    (?!(?:{'|'.join(_KEPT)})=|User |  firstInstallTime=| +(?:un)?archive).*\n", re.MULTILINE
)
#: Where apps lie that did not come with the phone: its data partition, and cards that are used as a part of it.
DATA: Final = ("/data/", "/mnt/expand/")

#: What dumpsys or the service itself prints where it gives up in the middle.
COMPLAINTS: Final = ("*** SERVICE", "Exception occurred", "Error dumping", "Security exception", "Failure while")
BLOCK = re.compile(r"  Package \[([^\]]*)\] \(")
SECTION = re.compile(r"[A-Z][A-Za-z ]*(?: \d+)?:\s*\Z")
#: Any of the fields that Android prints of an archived app: its time, its installer's name, its icons (Settings.java).
_OF_ARCHIVED: Final = re.compile(r"(?:un)?archive")
_USER = re.compile(r"    User (\d{1,9}):(.*)")
#: Characters of the signers of one package. Real ones have some hundred.
_SIGNATURES: Final = 4_000
#: Characters of a path: Linux takes no longer one.
_PATH: Final = 4_096


class _Section(Enum):
    """Which part of the dump is read."""

    PACKAGES = "Packages:"
    HIDDEN = "Hidden system packages:"
    OTHER = ""


@dataclass(slots=True)
class _Block:
    package: str
    section: _Section
    fields: dict[str, str] = field(default_factory=dict)
    states: dict[int, AppState] = field(default_factory=dict)
    #: The place in their order of the last field that was read.
    turn: int = -1
    #: It has lines that Android does not print there.
    odd: bool = False
    #: It does not have all that Android prints of every package, or another answer contradicts it.
    doubtful: bool = False

    @property
    def on_data(self) -> bool:
        """Whether its code lies where no factory version does."""
        return self.fields.get("codePath", "/data/").startswith(DATA)


class Dump:
    """Reads the dump as it comes. Afterwards `account()` has the apps and what could not be read."""

    def __init__(self, sought: Collection[str] = ()) -> None:
        """The packages `sought` are kept past every limit."""
        self._sought = sought
        self.began = False
        #: Whether the command ended with an error.
        self.failed = False
        self.too_many = False
        #: Hears how many packages have begun, at each.
        self.counted: Callable[[int], None] = lambda packages: None
        self._leftovers = Leftovers()
        self._blocks: dict[str, _Block] = {}
        self._factory: list[_Block] = []
        #: Of each system app that was updated, the folder of the version that came with the phone.
        self._updated: dict[str, str] = {}
        self._headings: set[str] = set()
        self._block_count = 0
        self._states = 0
        self._section = _Section.OTHER
        self._block: _Block | None = None
        #: The block that was read last, which may have ended before its time.
        self._last: _Block | None = None
        self._user: int | None = None
        self._finished = False

    def __contains__(self, package: str) -> bool:
        return package in self._blocks

    def block(self, text: str) -> None:
        """Some lines of the dump, each with its line end."""
        for line in UNREAD.sub("", text).split("\n"):
            self._line(line)

    def end(self, code: int) -> None:
        """The command ended with this exit code."""
        self.failed |= code != 0

    def _line(self, line: str) -> None:
        if line[:4] == "    ":
            if self._block is not None:
                self._field(self._block, line)
            elif not self.too_many:
                self._outside(line)
        elif line[:2] == "  ":
            self._header(line)
        elif line:
            self._heading(line)

    @property
    def truncated(self) -> bool:
        """Whether the last package's block broke off before its end (every block since Android 4.2 names a user)."""
        return self._last is not None and not (self._last.states or dump_fields.before_profiles(self._last.fields))

    @property
    def odd(self) -> frozenset[str]:
        """The packages whose blocks have lines that Android does not print there."""
        self._finish()
        return frozenset(b.package for b in self._blocks.values() if b.odd)

    def is_odd(self, package: str) -> bool:
        """Whether `package` is one of `odd`, without going through all of them."""
        block = self._blocks.get(package)
        return block is not None and block.odd

    def is_doubtful(self, package: str) -> bool:
        """Whether the dump does not say of `package` all that it says of every package, or contradicts itself."""
        block = self._blocks.get(package)
        return block is not None and (block.odd or block.doubtful)

    @property
    def profiles(self) -> frozenset[int]:
        """The profiles that the dump speaks of."""
        self._finish()
        return frozenset(p for b in self._blocks.values() for p in b.states)

    def account(
        self,
        screens: Callable[[str], tuple[str, ...]] = lambda package: (),
        certificates: Mapping[str, tuple[str, ...]] = _NONE,
        *,
        hashes: bool = True,
        but: Collection[str] = (),
    ) -> Account[list[App]]:
        """The apps, with the classes and the certificates that other listings give of them, and what was left. Where
        `hashes` is false, what is printed as the signer's is none. Those named in `but` are left out."""
        self._finish()
        blocks = (block for block in self._blocks.values() if block.package not in but)
        return self._leftovers.account(
            [self._app(b, screens(b.package), certificates.get(b.package, ()), hashes) for b in blocks]
        )

    # --- the lines

    def _heading(self, line: str) -> None:
        # Only what looks like a heading ends a section: saved answers have prompts and messages in between, and lists
        # of libraries' overlays stand at the same column.
        if SECTION.match(line) and not line.startswith(COMPLAINTS):
            heading = line.strip()
            if heading in self._headings:  # one of the two is an app's own text
                self._strange(self._last, Why.TWICE, "heading", line)
            self._headings.add(heading)
            self._close()
            self._section = next(
                (s for s in (_Section.PACKAGES, _Section.HIDDEN) if s.value == heading), _Section.OTHER
            )
            self.began |= self._section is _Section.PACKAGES
        elif line.startswith(COMPLAINTS):
            self._leftovers.add(Why.CUT, "dump", text=line)

    def _strange(self, block: _Block | None, why: Why, kind: str, line: str) -> None:
        """Leave a line that Android does not print there, and accuse the app in whose block it stands."""
        self._leftovers.add(why, kind, block.package if block is not None else "", line)
        if block is not None:
            block.odd = True

    def _outside(self, line: str) -> None:
        """A field that stands in no block is what is left of one that an app's own text has ended before its time."""
        user = _USER.match(line)
        if line[4:].partition("=")[0] in IN_BLOCKS or (user and "installed=" in user[2]):
            self._strange(self._last, Why.UNKNOWN, "field outside of a block", line)

    def _header(self, line: str) -> None:
        """Begin a block with its header. Another line at this place in a block is an app's own text, and left."""
        header = BLOCK.match(line)
        if not header:
            # Nothing that Android prints ends a block but the next one's header, or a heading.
            if self._block is not None:
                self._strange(self._block, Why.UNKNOWN, "line", line)
            return  # left, or outside of all blocks
        self._close()
        if len(self._blocks) >= PACKAGE_LIMIT and header[1] not in self._blocks and header[1] not in self._sought:
            # No phone has so many: the rest is not looked at, so that a flood costs no more than its bytes.
            self.too_many = True
            self._leftovers.add(Why.CUT, "packages")
            self._last = None
            return  # left
        self._block = self._last = _Block(header[1], self._section)
        self._block_count += 1
        if self._section is _Section.PACKAGES:
            self.counted(self._block_count)
        elif self._section is _Section.OTHER:  # an app's own text has ended the section before its time
            self._strange(self._block, Why.UNKNOWN, "block outside of its section", line)

    def _field(self, block: _Block, line: str) -> None:
        """Take up an indented line of `block`: a field, the line of a profile, or what stands below one."""
        if line[4] == " ":
            if self._user is not None:
                self._detail(block.states[self._user], line.strip())
            return  # Nothing is lost: what stands deeper says nothing of an app but in a profile
        key, is_field, value = line[4:].partition("=")
        if key == "compat name" and block.turn < 0 and is_package_name(value):
            block.package = value  # its header has the name that it had before it was renamed
            block.turn = 0
        elif is_field and key in _TURN:
            self._keep_field(block, key, value)
        elif line.startswith("    User "):
            block.turn = _AFTER_FIELDS
            self._profile(block, line)

    def _keep_field(self, block: _Block, key: str, value: str) -> None:
        """A field that is read. Of two, one is an app's own text: the first is the system's up to the version name."""
        if _TURN[key] <= block.turn:
            self._strange(block, Why.TWICE, "field", key)
        block.turn = max(block.turn, _TURN[key])
        if key == "signatures" and key in block.fields:  # which is whose is not known: both accuse
            value = f"{block.fields.pop(key)} {value}"
        block.fields.setdefault(key, value)

    def _detail(self, state: AppState, line: str) -> None:
        """A line below that of a profile."""
        key, _, value = line.partition("=")
        if key == "firstInstallTime" and state.installed:
            state = replace(state, first_install=plain(value, 30))
        elif _OF_ARCHIVED.match(key) and not state.installed:  # Android 15: its data and its icon are there
            state = replace(state, archived=True)
        if self._block is not None:
            self._block.states[state.profile] = state

    def _profile(self, block: _Block, line: str) -> None:
        """Take up the line of a profile: the state of the app in it. Of two for one profile the worse counts."""
        profile = _USER.match(line)
        pairs = dict(dump_fields.PAIR.findall(profile[2][:2000])) if profile else {}
        if not profile or pairs.get("installed") not in ("true", "false"):
            self._strange(block, Why.REFUSED, "profile", line)
            return  # left
        id = int(profile[1])
        earlier = block.states.get(id)
        if earlier is None:
            self._states += 1
            flooded = self._states > STATE_LIMIT and block.package not in self._sought
            if len(block.states) >= PROFILE_LIMIT or flooded:
                self.too_many = True
                self._leftovers.add(Why.CUT, "profiles", block.package)
                return  # left
        self._user = id
        state = AppState(
            profile=id,
            installed=pairs["installed"] == "true",
            hidden="true" in (pairs.get("hidden"), pairs.get("blocked")),
            suspended=pairs.get("suspended") == "true",
            enabled=dump_fields.enabled(pairs.get("enabled", "0")),
            instant="true" in (pairs.get("instant"), pairs.get("virtual")),
        )
        if earlier is not None:
            self._strange(block, Why.TWICE, "profile", line)
        block.states[id] = dump_fields.worse(earlier, state)

    # --- the blocks

    def _close(self) -> None:
        """The block ends: file it by its name and section."""
        block, self._block, self._user = self._block, None, None
        if block is None:
            return  # Nothing is lost: none had begun
        if not is_package_name(block.package):
            self._leftovers.add(Why.REFUSED, "package name", text=block.package)
        elif block.section is _Section.HIDDEN and not block.on_data:
            self._factory.append(block)
        else:
            if block.section is _Section.HIDDEN:
                self._strange(block, Why.UNKNOWN, "installed app below a heading of factory versions", block.package)
            self._file(block)

    def _file(self, block: _Block) -> None:
        """A block is an app. Of two of one name, one is an app's own text: the worse of the two counts."""
        earlier = self._blocks.get(block.package)
        if earlier is not None:
            self._strange(earlier, Why.TWICE, "block", block.package)
            for id, state in block.states.items():
                earlier.states[id] = dump_fields.worse(earlier.states.get(id), state)
            if "signatures" in block.fields:
                earlier.fields["signatures"] = f"{earlier.fields.get('signatures', '')} {block.fields['signatures']}"
        elif len(self._blocks) >= PACKAGE_LIMIT and block.package not in self._sought:
            self.too_many = True
            self._leftovers.add(Why.CUT, "packages", block.package)
        else:
            self._blocks[block.package] = block

    def _finish(self) -> None:
        """Judge the blocks together, once all were read."""
        if self._finished:
            return  # Nothing is lost: they were judged before
        self._finished = True
        self._close()
        for block in self._factory:
            update = self._blocks.get(block.package)
            if update is not None and update.on_data and dump_fields.system(update.fields.get("pkgFlags", ""))[0]:
                self._updated[block.package] = plain(block.fields.get("codePath", ""), _PATH)
                continue  # Nothing is lost: it is the factory version of an app that was read
            self._leftovers.add(Why.DISAGREES, "factory version without its update", block.package)
            if update is None:
                block.doubtful = True
                self._file(block)
            else:
                update.doubtful = True
        common = self._common_profiles()
        for block in self._blocks.values():
            self._judge(block, common)

    def _common_profiles(self) -> frozenset[int]:
        """The profiles that most blocks name: Android prints a line for each profile in each block."""
        counted = Counter(frozenset(b.states) for b in self._blocks.values() if b.states)
        return counted.most_common(1)[0][0] if counted else frozenset()

    def _judge(self, block: _Block, common: frozenset[int]) -> None:
        """Accuse a block that lacks what every Android prints."""
        for key in _ALWAYS:
            if key not in block.fields:
                self._strange(block, Why.UNKNOWN, "block without a field", key)
        states = block.states or dump_fields.before_profiles(block.fields)
        if not states:
            self._leftovers.add(Why.CUT, "profiles", block.package)
            block.doubtful = True
        elif block.states and block.states.keys() != common:
            self._strange(block, Why.UNKNOWN, "profiles", " ".join(map(str, block.states)))

    def _app(self, block: _Block, classes: tuple[str, ...], certificates: tuple[str, ...], hashes: bool) -> App:
        fields = block.fields
        flags = fields.get("pkgFlags", "")
        system, updated = dump_fields.system(flags)
        states = block.states or dump_fields.before_profiles(fields)
        return App(
            package=block.package,
            version_code=dump_fields.number(fields.get("versionCode", "").partition(" ")[0]),
            version_name=plain(dump_fields.text_or_empty(fields.get("versionName", "")), 60),
            installer=plain(dump_fields.text_or_empty(fields.get("installerPackageName", "")), 255),
            initiator=plain(dump_fields.text_or_empty(fields.get("initiatingPackageName", "")), 255),
            system=system and not block.odd,
            updated_system=not block.odd and (updated or (system and block.package in self._updated)),
            signers=self._signers(block) if hashes else (),
            certificates=certificates,
            components=classes,
            code_path=plain(fields.get("codePath", ""), _PATH),
            factory_path=self._updated.get(block.package, ""),
            splits=dump_fields.splits(fields["splits"]) if "splits" in fields else None,
            first_install=plain(fields.get("firstInstallTime", ""), 30),
            last_update=plain(fields.get("lastUpdateTime", ""), 30),
            states=tuple(states.values()),
        )

    def _signers(self, block: _Block) -> tuple[str, ...]:
        """The hashes of those that sign the app, then of those that it proves to have been signed by before."""
        text = block.fields.get("signatures", "")
        if len(text) > _SIGNATURES:
            self._leftovers.add(Why.CUT, "signatures", block.package)
            block.doubtful = True
        signers, clean = dump_fields.signers(text[:_SIGNATURES])
        if not clean:
            self._leftovers.add(Why.REFUSED, "signers", block.package, text)
            block.doubtful = True
        if not signers:
            self._leftovers.add(Why.MISSING, "signers", block.package)
            block.doubtful = True
        return signers
