"""What a phone's answer is to a reader: no line of it that names an app may go, or change, without a trace.

An answer is the text of each part of the script, with its exit code. `reading` makes of it what was understood, in
single facts, and what was left: the sentences of gaps, and the apps that are not confirmed. `silent` says whether a
change of a line went unnoticed.

    python -m tests.unit.phones.android.accounts [SCENARIO ...]

changes each line of practice phones in each way, and prints what went unnoticed.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from core import simulator
from core.jobs import Cancel
from core.jobs import silent as no_report
from core.phones.android import inventory
from core.simulator.commands.commands import Commands
from core.simulator.commands.streams import Io
from core.simulator.model.phone import PracticePhone
from core.simulator.shell.shell import Shell
from core.text import T

NONCE: Final = "0" * 32

#: By the first word of a part's name: the lines that name an app or a profile, and where in them.
NAMING: Final[Mapping[str, re.Pattern[str]]] = {
    "users": re.compile(r"^\tUserInfo\{(\d+):"),
    "packages": re.compile(r"^package:(?:\S*=)?(\S+)"),
    "system": re.compile(r"^package:(\S+)"),
    "disabled": re.compile(r"^package:(\S+)"),
    "snapshot": re.compile(r"^  Package \[([^\]]+)\] \(|^    User (\d+): "),
    "screens": re.compile(r"^ {8}[0-9a-f]+ ([\w.]+/[\w.$]+)$"),
    "links": re.compile(r"^  ([\w.]+):$|^    Signatures: \[([0-9A-F:]+)"),
    "admins": re.compile(r"^    ([\w.]+/[\w.$]+):$|^    admin=ComponentInfo\{([\w./$]+)\}"),
}
#: Lines of the snapshot that every Android prints of every app: they may not go. What one of them says is compared with
#: nothing else, so that only the signer's may not change either.
ALWAYS: Final = re.compile(
    r"^    (codePath|versionCode|pkgFlags)=|^    signatures=PackageSignatures\{\w+ .*?\[([0-9a-f]+)"
)

_NEVER: Final = re.compile(r"(?!)")
#: Lines of which nothing is taken below a heading: of a factory version's block only its name and its path; of the
#: table of providers only that it is there, after the table of screens.
_NOTHING_BELOW: Final[Mapping[str, re.Pattern[str]]] = {
    "Hidden system packages:": re.compile("    (?!codePath=)"),
    "Provider Resolver Table:": re.compile(""),
}

#: What may happen to a line.
WAYS: Final = ("removed", "cut", "letter", "split", "garbage")
#: Letters that take another one's place.
LETTERS: Final = "aZ7_ é\u202e\0|/:"


@dataclass(frozen=True)
class Answer:
    """Each part's text and exit code, by its name, in the script's order."""

    parts: Mapping[str, tuple[str, int]]
    name: str = ""

    def bytes(self) -> bytes:
        """As it comes over the cable."""
        return b"".join(
            f"\n{NONCE} begin {name}\n{text}\n{NONCE} end {name} {code}\n".encode("utf-8", "surrogatepass")
            for name, (text, code) in self.parts.items()
        )

    def lines(self) -> list[Line]:
        """Those that name an app or a profile. Of lines that stand there twice, one says what the other does; so it is
        with an owner, who is an administrator too."""
        found = []
        off = _switched_off(self.parts.get("snapshot", ("", 0))[0])
        for name, (text, _) in self.parts.items():
            lines, heading = text.split("\n"), ""
            for number, line in enumerate(lines):
                heading = line if line in _NOTHING_BELOW else heading
                spans = list(_spans(name.partition(" ")[0], line))
                once = lines.count(line) == 1 and _once(name, line, spans, lines)
                # An app counts as switched off where the snapshot says so as well: of others this list says nothing.
                once &= not name.startswith("disabled") or line.removeprefix("package:") in off
                if spans and once and not _NOTHING_BELOW.get(heading, _NEVER).match(line):
                    found.append(Line(name, number, line, *spans[0]))
        return found

    def changed(self, line: Line, way: str, place: int, letter: str) -> Answer | None:
        """With `line` changed in one of WAYS; None where the change would change nothing. `place` chooses a letter."""
        text, code = self.parts[line.part]
        lines = text.split("\n")
        new = line.changed(way, place, letter)
        if new == [line.text] or (
            way == "removed" and any(f"ComponentInfo{{{line.component}}}" in one for one in lines)
        ):
            return None
        lines[line.number : line.number + 1] = new
        return replace(self, parts={**self.parts, line.part: ("\n".join(lines), code)})


@dataclass(frozen=True)
class Line:
    """A line of a part, and where in it the name stands. Where `fixed`, it may only go."""

    part: str
    number: int
    text: str
    start: int
    end: int
    fixed: bool

    @property
    def component(self) -> str:
        """A class behind its package (``com.example/.Admin``) in full, as it stands in `ComponentInfo{…}`."""
        package, _, name = self.text[self.start : self.end].partition("/")
        return f"{package}/{package if name.startswith('.') else ''}{name}"

    def changed(self, way: str, place: int, letter: str) -> list[str]:
        at = self.start + place % (self.end - self.start)
        before, after = self.text[:at], self.text[at:]
        if way == "removed":
            return []
        if self.fixed:
            return [self.text]
        if way == "cut":
            return [before] if at > self.start else [self.text]
        if way == "split":
            return [before, after] if at > self.start else [self.text]
        if way == "garbage":
            return [re.match(r"\s*", self.text)[0] + "?????"]  # type: ignore[index]
        same = letter.casefold() == after[0].casefold()
        return [self.text] if same else [before + letter + after[1:]]


def _switched_off(snapshot: str) -> set[str]:
    """The packages that are switched off in a profile, by the snapshot."""
    blocks = re.split(r"^  Package \[", snapshot, flags=re.MULTILINE)[1:]
    return {b.partition("]")[0] for b in blocks if re.search(r"^    User .* enabled=[234] ", b, re.MULTILINE)}


def _once(part: str, line: str, spans: list[tuple[int, int, bool]], lines: list[str]) -> bool:
    """Whether no other screen has the same class: then one says what the other does."""
    if part != "screens" or not spans:
        return True
    named = " " + line[spans[0][0] : spans[0][1]]
    return sum(other.endswith(named) for other in lines) == 1


def _spans(part: str, line: str) -> Iterator[tuple[int, int, bool]]:
    """Where in `line` what it names stands, and whether the line may only go."""
    patterns = [NAMING[part]] if part in NAMING else []
    if part == "snapshot":
        patterns.append(ALWAYS)
    for pattern in patterns:
        named = pattern.match(line)
        if named:
            group = named.lastindex or 1
            yield *named.span(group), pattern is ALWAYS and group == 1


class Said:
    """A link that answers with the bytes of an answer, whose markers have the number that the script has."""

    how, loopback, lasting, transport = T("over USB"), False, True, ""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def run(self, command: str, feed: Any, cancel: Cancel, *_: Any, **__: Any) -> None:
        nonce = re.search(r"[0-9a-f]{32}", command)
        assert nonce is not None
        feed(self._answer.bytes().replace(NONCE.encode(), nonce[0].encode()))


#: The app that a fact is about, or nothing; and what is so.
Fact = tuple[str, object]


@dataclass(frozen=True)
class Account:
    """What was understood of an answer, in single facts, and what was left of it: of the phone, and the apps that are
    looked into because something was left of them."""

    understood: frozenset[Fact]
    left: frozenset[str]
    doubted: frozenset[str]


def reading(answer: Answer) -> Account:
    """What Fanion makes of an answer."""
    found = inventory.read(Said(answer), True, no_report, Cancel())  # type: ignore[arg-type]
    facts: set[Fact] = {("", fact) for fact in (found.phone, *found.profiles, *found.admins)}
    for app in found.apps:
        rest = replace(app, states=(), components=(), signers=(), certificates=(), confirmed=True)
        single = (*app.states, *app.components, *app.signers, *app.certificates, rest)
        facts |= {(app.package, fact) for fact in single}
    doubted = frozenset(app.package for app in found.apps if not app.confirmed)
    gaps = frozenset(f"{gap.profile}: {gap.what}" for gap in found.gaps)
    return Account(frozenset(facts), gaps, doubted)


def silent(before: Account, after: Account, way: str) -> bool:
    """Whether the change of a line went unnoticed: nothing more was left, and nothing else was understood.

    A line that went takes along what it said, which nobody can miss. One that changed is there, and must be told of:
    as something else, or as something that was not understood. An app that is looked into anyway needs no more of it.
    """
    if after.left - before.left or after.doubted - before.doubted:
        return False
    gone = {app for app, _ in before.understood - after.understood}
    if gone and gone <= after.doubted:
        return False
    return before.understood == after.understood if way == "removed" else after.understood <= before.understood


def practice(name: str, filler: int = 4, sdk: int = 0) -> Answer:
    """The answer of a practice phone, with few ordinary apps."""
    scenario = simulator.load(name)
    device = replace(scenario.device, sdk=sdk or scenario.device.sdk)
    out = bytearray()
    phone = PracticePhone(replace(scenario, device=device, filler=filler, flood_megabytes=0), pace=0)
    Shell(Commands(phone).programs()).run(inventory.script(NONCE), Io(out.extend, out.extend, Cancel()))
    return parsed(out.decode("utf-8", "surrogateescape"), f"{name} {sdk}")


def parsed(text: str, name: str) -> Answer:
    """An answer from the text that came over the cable."""
    marked = re.compile(rf"^{NONCE} begin (.*)\n((?:.*\n)*?)?\n?{NONCE} end \1 (-?\d+)$", re.MULTILINE)
    return Answer({part: (content, int(code)) for part, content, code in marked.findall(text)}, name)


def printed(model: dict[str, Any], texts: Mapping[str, str]) -> Answer:
    """The answer of a phone whose texts `tests.real.aosp_printer` has printed."""
    properties = {
        "ro.build.version.sdk": str(model["sdk"]),
        "ro.product.model": "M",
        "ro.product.manufacturer": "G",
        "ro.serialno": "S",
    }
    users = [user["id"] for user in model["users"]]
    parts = {
        "properties": "".join(f"[{key}]: [{value}]\n" for key, value in properties.items()),
        "boot": "5f2a1f6c-1111-2222-3333-444444444444\n",
        "users": texts["users.txt"],
        **{f"packages {user}": texts[f"list.{user}.txt"] for user in users},
        **{f"{kind} {user}": texts[f"{kind}.{user}.txt"] for user in users for kind in ("system", "disabled")},
        "profiles": texts["user.txt"],
        "snapshot": texts["packages.txt"],
        "screens": texts["screens.txt"],
        "links": texts.get("links.txt", ""),
        "admins": texts.get("admins.txt", ""),
        "end": "",
    }
    return Answer({part: (text, 0) for part, text in parts.items()}, f"SDK {model['sdk']}")


def main() -> int:
    chance, count = random.Random(1), 0
    for name in sys.argv[1:] or ("walk-up", "archived", "work-profile", "device-admin", "odd-answers", "preinstalled"):
        answer = practice(name)
        before = reading(answer)
        for line in answer.lines():
            for way in WAYS:
                changed = answer.changed(line, way, chance.randrange(300), chance.choice(LETTERS))
                if changed is not None and silent(before, reading(changed), way):
                    count += 1
                    print(f"{name}: {line.part}: {way}: {line.text[:120]}")
    print(f"{count} unnoticed", file=sys.stderr)
    return bool(count)


if __name__ == "__main__":
    sys.exit(main())
