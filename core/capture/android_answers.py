"""An Android phone's answers made anonymous, line by line, each by the forms that its command prints.

A line of a known form keeps what the form is made of, and has the rest replaced by what it is: an id, a class, a path,
a time, a text. A line of no known form keeps Android's own words alone, and hardly any behind the name of a field.

What could be known again without its name goes, too, so that nobody can lay a list of published apps beside the file:
lists are in the order of the pseudonyms; of each app stands what its readers take up, not how many permissions,
libraries and screens it has; versions, times and signers are drawn for each app. A line that a reader leaves stays, and
so does its place between the others, as far as that is why it was left.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from core.capture.android_names import AndroidNames, LineForm, Replace
from core.capture.android_properties import AndroidProperties
from core.capture.android_words import STATE_KEYS, VALUE_WORDS, VALUES
from core.phones.android.listings import dump, health
from core.phones.android.listings.screens import CLASS_LIMIT, SCREEN, WRAPPED, java_hash

_DUMP: Final = (
    LineForm(r"  Package \[(?P<name>[^\]]*)\] \((?P<hexadecimal>[0-9a-f]{1,16})\):(?P<text>.*)"),
    LineForm(r"    codePath=(?P<path>.*)"),
    LineForm(r"    compat name=(?P<name>.*)"),
    LineForm(r"    versionCode=(?P<number>\d+)(?P<nothing>(?: minSdk=\d{1,2})?(?: targetSdk=\d{1,2})?)(?P<text>.*)"),
    LineForm(r"    versionName=(?P<version>.*)"),
    LineForm(r"    splits=\[(?P<splits>base.*)\]"),
    LineForm(r"    (?:firstInstallTime|lastUpdateTime)=(?P<time>.*)"),
    LineForm(r"    (?:installerPackageName|initiatingPackageName)=(?P<name>.*)"),
    LineForm(r"    signatures=(?P<hashes>.*)"),
    LineForm(r"    pkgFlags=(?P<flags>.*)"),
    LineForm(r"    User \d{1,5}:(?P<state>.*)"),
    LineForm(r"      firstInstallTime=(?P<time>.*)"),
)
_TITLES: Final = (
    LineForm(r"(?:Activity|Receiver|Service|Provider) Resolver Table:"),
    LineForm(r"  (?:Full MIME|Base MIME|Wild MIME) Types:|  Schemes:|  Non-Data Actions:|  MIME Typed Actions:"),
)
_SCREEN: Final = re.compile(r" +(?P<hexadecimal>[0-9a-f]{1,16}) (?P<component>[A-Za-z.][\w.]*/\S+).*")
_LINKS: Final = (
    LineForm(r"  (?P<name>[A-Za-z.][\w.]*):(?P<blank>\s*)"),
    LineForm(r"    Signatures: \[(?P<digests>.*)\](?P<blank>\s*)"),
    LineForm(r"    User \d{1,5}:"),
)
_USERS: Final = (
    LineForm(r"(?P<blank>\s*)UserInfo\{\d{1,5}:(?P<free>.*):[0-9a-fA-F]{1,8}\}(?P<text>.*)"),
    LineForm(r"(?P<blank>\s*)UserInfo\{\d{1,5}:(?P<free>.*)"),
    LineForm(r"  Device owner id:(?:-10000|\d{1,5})|      User Id: \d{1,5}"),
    LineForm(r"WARNING: linker: (?P<text>.*)"),
)
_PACKAGES: Final = (
    LineForm(
        r"package:(?:(?P<path>\S*)=)?(?P<name>[^\s=]+)(?: versionCode:(?P<number>\d+))?"
        r"(?:  installer=(?P<name2>[\w.]+))?(?P<nothing>(?: uid:[\d,]+)?)(?P<blank>\s*)"
    ),
    LineForm(r"package:(?P<free>.*)"),
    LineForm(r"WARNING: linker: (?P<text>.*)"),
)
_POLICY: Final = (
    LineForm(r"Current Device Policy Manager state:"),
    LineForm(r"  Enabled Device Admins \(User \d{1,5}(?:, provisioningState: \d)?\):"),
    LineForm(r"    (?P<component>[A-Za-z0-9_.]{1,255}/\S+):(?P<blank>\s*)"),
    LineForm(r"(?P<blank>\s*)(?:admin|mAdmin)=ComponentInfo\{(?P<component>[^{}]*)\}(?P<blank2>\s*)"),
    LineForm(r"  +(?:User ID: |Profile Owner \(User )\d{1,5}(?P<text>.*)"),
    LineForm(r"(?P<blank>\s*)Encryption Status: (?P<text>.{0,40})"),
)
_LOCKS: Final = (LineForm(r"(?P<blank>\s*)User \d{1,5}:?(?P<blank2>\s*)"),)
_BOOT: Final = (LineForm(r"(?P<hexadecimal>.*)"),)
#: Answers of which each line is components, with colons between them.
_COMPONENTS: Final = ("health accessibility", "health listeners", "health keyboard")
_SMALL: Final = (LineForm(r"-?\d{1,2}"), LineForm(r"(?P<path>/\S+)"))
#: By the part of a script.
_FORMS: Final = {
    "snapshot": _DUMP,
    "users": _USERS,
    "profiles": _USERS,
    "admins": _POLICY,
    "health locks": _LOCKS,
    **dict.fromkeys(("packages", "known", "system", "disabled"), _PACKAGES),
    **dict.fromkeys(("boot", "boot again"), _BOOT),
}
#: A field and its value; an error, which no blank is before, has no such.
_FIELD: Final = re.compile(r"(\s[^=:]*[=:]\s*)(.+)", re.DOTALL)
#: Behind this table, no other is read; and what dumpsys prints where it gives up.
_LAST_TABLE: Final = "Provider Resolver Table:"
_COMPLAINT: Final = "*** SERVICE"
_KEY: Final = re.compile(r"      (\S.*?)(:?)")
_STATE: Final = re.compile(r"\b(\w+)=(\S+)")
_LISTED_DIGEST: Final = re.compile(r"[^,\s]+")
_DIGEST: Final = re.compile(r"[0-9A-Fa-f:]{8,}")
#: Which flags are read: of the system, and updated. Before Android 4 they are bits of a number.
_FLAGS: Final = ("SYSTEM", "UPDATED_SYSTEM_APP")
_BITS: Final = 0x81
_FIRST_FLAGS: Final = re.compile(r"0x[0-9a-f]{1,8}")
#: The app that a line of a list is about, and that a block of lines is.
_LISTED: Final = re.compile(r"package:(?:\S*=)?([^\s=]+)")
_COMPAT: Final = "    compat name="
#: The name of a field that nothing reads.
_UNREAD_FIELD: Final = re.compile(r"    ([A-Za-z][A-Za-z ]{0,40})[=:].*")


class AndroidAnswers:
    """Makes the answers of one phone anonymous."""

    def __init__(self, names: AndroidNames) -> None:
        self._names = names
        self._properties = AndroidProperties(names)
        self._ways: dict[str, Replace] = {
            "name": names.name,
            "component": names.component,
            "path": names.path,
            "text": names.text,
            "free": names.free_text,
            "splits": self._splits,
            "time": names.time,
            "number": names.number,
            "hexadecimal": names.hexadecimal,
            "hashes": names.hashes,
            "digests": lambda text: _LISTED_DIGEST.sub(self._digest, text),
            "version": names.version,
            "flags": self._flags,
            "state": self._state,
            "blank": lambda text: text,
            "nothing": lambda text: "",
        }
        self._texts = 0

    def anonymous(self, part: str, lines: Sequence[str]) -> tuple[str, ...]:
        """The lines that the phone printed to a part of a script, without what is somebody's."""
        name = re.sub(r" \d+\Z", "", part)  # whose profile it is about
        whole: dict[str, Callable[[Sequence[str]], Iterable[str]]] = {
            "properties": self._properties.anonymous,
            "snapshot": self._snapshot,
            "screens": self._screens,
            "links": self._links,
        }
        self._names.app = ""
        if name in whole:
            return tuple(whole[name](lines))
        if name in _COMPONENTS:
            return tuple(map(self._components, lines))
        if name == "health computers":
            return tuple(map(self._computers, lines))
        forms = _FORMS.get(name)
        if forms is None:
            return tuple(line if line in VALUES else self._line(_SMALL, line) for line in lines)
        if forms is _PACKAGES:
            return self._listed(lines)
        return tuple(self._line(forms, line) for line in lines)

    def _line(self, forms: Sequence[LineForm], line: str) -> str:
        for form in forms:
            if (replaced := form.rewritten(line, self._ways)) is not None:
                return replaced
        field = _FIELD.fullmatch(line)
        if field is None:
            return self._names.text(line)
        return self._names.text(field[1]) + self._names.text(field[2], VALUE_WORDS)

    # --- lists of apps

    def _listed(self, lines: Sequence[str]) -> tuple[str, ...]:
        """A list of apps, in another order; what else stands between them stays in its place."""
        rewritten = []
        for line in lines:
            match = _LISTED.match(line)
            self._names.app = match[1] if match else ""
            rewritten.append(self._line(_PACKAGES, line))
        in_order = iter(sorted((line for line in rewritten if line.startswith("package:")), key=_by_app))
        return tuple(next(in_order) if line.startswith("package:") else line for line in rewritten)

    def _snapshot(self, lines: Sequence[str]) -> Iterable[str]:
        """The blocks of each section in another order, with the lines of which something is read.

        A field that nothing reads is there once where most blocks have it: it is the system's, and may be a new one.
        """
        read = [line for line in lines if not dump.UNREAD.match(f"{line}\n")]
        not_read = itertools.filterfalse(set(read).__contains__, lines)
        fields = [match[1] for line in not_read if (match := _UNREAD_FIELD.fullmatch(line))]
        half = len([line for line in read if dump.BLOCK.match(line)]) / 2
        new = [f"    {self._names.text(key)}=" for key, count in Counter(fields).items() if 1 < half <= count]
        blocks = _Blocks()
        for line in read:
            if header := dump.BLOCK.match(line):
                self._names.app = header[1]
                blocks.begin(self._line(_DUMP, line), *new)
                new = []
            elif line.startswith("    "):
                if line.startswith(_COMPAT):
                    self._names.app = line.removeprefix(_COMPAT)
                blocks.add(self._line(_DUMP, line))
            elif line.startswith("  "):
                if blocks.has_block:  # a line that ends no block accuses its app
                    blocks.add(self._names.text(line))
            elif line.startswith(dump.COMPLAINTS):
                blocks.add(self._names.text(line))
            elif dump.SECTION.match(line):
                blocks.begin_section(self._names.text(line))
        return blocks.in_order()

    def _screens(self, lines: Sequence[str]) -> Iterable[str]:
        """The tables of screens: of each app one screen and those that a rule names, below texts that are drawn. Where
        texts stood out of their turn, as many do."""
        rewritten: list[str] = []
        groups: list[list[str]] = []
        with_screen: set[str] = set()
        out: set[str] = set()
        flooded = {app for app, count in Counter(map(_app_of_screen, lines)).items() if app and count > CLASS_LIMIT}
        out_of_turn, last, ended = 0, None, False
        for line in lines:
            if ended and not line.startswith((_LAST_TABLE, _COMPLAINT)):
                continue  # Nothing is lost: the tables have ended, and no reader reads on
            if line[:6] == " " * 6 and line[6:7] != " " and (key := _KEY.fullmatch(line)):
                hash = java_hash(key[1].removesuffix("\r"))
                if last is not None and hash < last and key[1] not in out:  # of one text it is told once
                    out.add(key[1])
                    out_of_turn += 1
                last = hash
                groups.append([])
            elif line[:6] == " " * 6:
                if (screen := self._screen(line, with_screen, flooded)) is not None:
                    (groups[-1] if groups else rewritten).append(screen)
            elif line[:3].strip():  # a table begins
                rewritten += self._table(groups, out_of_turn)
                groups, out_of_turn, last = [], 0, None
                rewritten.append(self._line(_TITLES, line))
                ended = ended or line.startswith(_LAST_TABLE)
        return [*rewritten, *self._table(groups, out_of_turn)]

    def _screen(self, line: str, with_screen: set[str], flooded: set[str]) -> str | None:
        """A line of a table below a text; None for one that says nothing more than those before it."""
        match = _SCREEN.fullmatch(line)
        if match is None or not SCREEN.fullmatch(line):
            is_refused = line[:8] == " " * 8 and line[8:9] != " "
            return self._names.text(line) if is_refused else None  # Nothing is lost: a filter names no app
        package, _, name = match["component"].partition("/")
        full = package + name if name.startswith(".") else name
        is_named = self._names.unchanged.has_code(full)
        if package in with_screen and package not in flooded and not is_named:
            return None  # Nothing is lost: the app is known to have a screen
        with_screen.add(package)
        return f"        {self._names.hexadecimal(match['hexadecimal'])} {self._names.component(match['component'])}"

    def _table(self, groups: list[list[str]], out_of_turn: int) -> Iterable[str]:
        """What stands below the texts of a table, each below a drawn one; as many of these out of their turn."""
        filled = [group for group in groups if group]
        filled += [[] for _ in range(out_of_turn + 1 - len(filled) if out_of_turn else 0)]
        self._texts += 1
        texts = [self._names.pseudonyms.name(f"text {self._texts} {number}") for number in range(len(filled))]
        texts.sort(key=java_hash)
        turned = len(texts) - out_of_turn - 1 if out_of_turn else len(texts)
        for text, group in zip([*texts[:turned], *reversed(texts[turned:])], sorted(filled), strict=True):
            yield f"      {text}:"
            yield from group

    def _links(self, lines: Sequence[str]) -> Iterable[str]:
        """What `pm get-app-links` printed of apps and their signers: wrapped lines are put together, and wrapped again
        where they were. Which addresses an app has nothing reads."""
        blocks = _Blocks()
        group: list[str] = []
        for number, line in enumerate(lines):
            group.append(line)
            indent = len(group[0]) - len(group[0].lstrip(" "))
            goes_on = len(line) >= WRAPPED and number + 1 < len(lines)
            broken_off = goes_on and bool(lines[number + 1][:indent].strip(" "))
            if goes_on and not broken_off:
                continue  # Nothing is lost: it is put together with the next one
            joined = group[0] + "".join(rest[indent:] for rest in group[1:])
            is_app = indent == 2
            if is_app:
                self._names.app = joined.strip().removesuffix(":")
            if is_app or broken_off or joined.startswith("    Signatures:"):
                replaced = _wrapped(self._line(_LINKS, joined), [len(line) for line in group], indent)
                if is_app:
                    blocks.begin(*replaced)
                else:
                    for line in replaced:
                        blocks.add(line)
            group = []
        return blocks.in_order()

    # --- values

    def _components(self, line: str) -> str:
        if line in VALUES:
            return line
        parts = line.split(":")
        return ":".join(
            sorted(self._names.component(part) if "/" in part else self._names.text(part) for part in parts)
        )

    def _computers(self, line: str) -> str:
        """The keys of computers stay as long as they are, and apart from one another."""
        pieces = health.KEY.split(line)
        pieces[::2] = (self._line((), piece) for piece in pieces[::2])
        pieces[1::2] = (self._names.pseudonyms.digest(key, "") for key in pieces[1::2])
        return "".join(pieces)

    def _digest(self, listed: re.Match[str]) -> str:
        return self._names.digest(listed[0]) if _DIGEST.fullmatch(listed[0]) else self._names.free_text(listed[0])

    def _splits(self, text: str) -> str:
        """The parts of an app: another number of others, or none."""
        count = self._names.pseudonyms.number(f"splits {self._names.app}", 3)
        return ", ".join(["base", *(f"config.part{number}" for number in range(count))])

    def _flags(self, text: str) -> str:
        first = _FIRST_FLAGS.match(text)
        if first is None:
            return f"[ {''.join(f'{flag} ' for flag in _FLAGS if flag in text.split())}]"
        bits = int(first[0], 16) & _BITS
        return f"{bits:#x}{self._state(text[first.end() :])}"  # before Android 4.2, the state stands behind them

    def _state(self, text: str) -> str:
        """The keys that decide with values of a known form; of others only what no Android prints there."""
        pairs = []
        for key, value in _STATE.findall(text):
            if key in STATE_KEYS:
                is_known = value in VALUES or re.fullmatch(r"\d{1,2}", value)
                pairs.append(f" {key}={value if is_known else self._names.text(value)}")
        return "".join(pairs) or self._names.text(text)


class _Blocks:
    """Lines of a listing by section and, in each, in blocks of which each is about one app."""

    def __init__(self) -> None:
        self._sections: list[tuple[list[str], list[list[str]]]] = [([], [])]

    @property
    def has_block(self) -> bool:
        """Whether a block of this section has begun."""
        return bool(self._sections[-1][1])

    def begin(self, *lines: str) -> None:
        self._sections[-1][1].append(list(lines))

    def add(self, line: str) -> None:
        before, blocks = self._sections[-1]
        (blocks[-1] if blocks else before).append(line)

    def begin_section(self, heading: str) -> None:
        self._sections.append(([heading], []))

    def in_order(self) -> tuple[str, ...]:
        """All lines, the blocks of each section in the order of their own first lines. A block behind which fields
        stand in none accuses its app: it stays the last one; and so does one that is not whole where it was that, as
        the listing broke off there then, and nowhere else."""
        pieces: list[list[str]] = []
        is_last_read = is_last_accused = True
        for before, blocks in reversed(self._sections):
            stays = bool(blocks) and is_last_accused and not (is_last_read and _is_whole(blocks[-1]))
            last = [blocks.pop()] if stays else []
            is_last_read = is_last_read and not blocks and not last
            has_fields = any(line.startswith("    ") for line in before)
            is_last_accused = has_fields or (is_last_accused and not last and not blocks)
            blocks.sort(key=lambda block: (_is_whole(block), block[0].partition("]")[0]))
            pieces += reversed([before, *blocks, *last])
        return tuple(line for piece in reversed(pieces) for line in piece)


def _is_whole(block: Sequence[str]) -> bool:
    """Whether the state of the app in some profile stands in its block, as in each that has not broken off."""
    return any(line.startswith(("    User ", "    pkgFlags=0x")) for line in block)


def _by_app(line: str) -> str:
    """By what lines of a list are put in order: the pseudonym."""
    match = _LISTED.match(line)
    return match[1] if match else line


def _app_of_screen(line: str) -> str:
    match = _SCREEN.fullmatch(line)
    return match["component"].partition("/")[0] if match else ""


def _wrapped(text: str, lengths: Sequence[int], indent: int) -> list[str]:
    """`text` in as many lines of these lengths, the last of any length, all but the first behind an indent."""
    lines, at = [], 0
    for place, length in enumerate(lengths):
        begin = " " * indent if place else ""
        end = len(text) if place == len(lengths) - 1 else at + length - len(begin)
        lines.append(begin + text[at:end])
        at = end
    return lines
