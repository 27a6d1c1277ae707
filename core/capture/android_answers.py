"""An Android phone's answers made anonymous, line by line, each by the forms that its command prints.

A line of a known form keeps what the form is made of, and has the rest replaced by what it is: an id, a class, a path,
a time, a text. A line of no known form keeps Android's own words alone, and hardly any behind the name of a field: it
has the length and the signs that it had, so that a reader leaves it as it left the phone's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from core.capture.android_names import AndroidNames, LineForm, Replace
from core.capture.android_properties import AndroidProperties
from core.capture.android_words import FLAGS, KEYS, STATE_KEYS, VALUE_WORDS, VALUES
from core.capture.hash_order import in_order
from core.phones.android.listings.screens import WRAPPED

_DUMP: Final = (
    LineForm(r"  Package \[(?P<name>[^\]]*)\] \((?P<hexadecimal>[0-9a-f]{1,16})\):(?P<text>.*)"),
    LineForm(r"    codePath=(?P<path>.*)"),
    LineForm(r"    resourcePath=(?P<path>.*)"),
    LineForm(r"    compat name=(?P<name>.*)"),
    LineForm(r"    versionCode=(?P<number>\d+)(?: minSdk=\d{1,2})?(?: targetSdk=\d{1,2})?(?P<text>.*)"),
    LineForm(r"    versionName=(?P<version>.*)"),
    LineForm(r"    splits=\[base(?P<split>, .*)?\]"),
    LineForm(r"    (?:firstInstallTime|lastUpdateTime|timeStamp)=(?P<time>.*)"),
    LineForm(r"    (?:installerPackageName|initiatingPackageName|originatingPackageName)=(?P<name>.*)"),
    LineForm(r"    signatures=(?P<hashes>.*)"),
    LineForm(r"    pkgFlags=(?P<flags>.*)"),
    LineForm(r"    User \d{1,5}:(?P<state>.*)"),
    LineForm(r"      (?:firstInstallTime|archiveTime)=(?P<time>.*)"),
)
_SCREENS: Final = (
    LineForm(r"(?:Activity|Receiver|Service|Provider) Resolver Table:"),
    LineForm(r"  (?:Full MIME|Base MIME|Wild MIME) Types:|  Schemes:|  Non-Data Actions:|  MIME Typed Actions:"),
    LineForm(
        r" +(?P<hexadecimal>[0-9a-f]{1,16}) (?P<component>[A-Za-z.][\w.]*/\S+)"
        r"(?: filter (?P<hexadecimal2>[0-9a-f]{1,16})| \(\d{1,3} filters\))?"
    ),
)
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
        r"(?:  installer=(?P<name2>[\w.]+))?(?: uid:(?P<number2>[\d,]+))?(?P<blank>\s*)"
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
#: Settings of which each line is components, with colons between them.
_COMPONENTS: Final = ("enabled_accessibility_services", "enabled_notification_listeners", "default_input_method")
_SMALL: Final = (LineForm(r"-?\d{1,2}"), LineForm(r"(?P<path>/\S+)"))
#: A field and its value; an error, which no blank is before, has no such.
_FIELD: Final = re.compile(r"(\s[^=:]*[=:]\s*)(.+)", re.DOTALL)
_KEY: Final = re.compile(r"      (\S.*?)(:?)")
_STATE: Final = re.compile(r"\b(\w+)=(\S+)")
_QUOTED: Final = re.compile(r'"([^"]*)"')
_LISTED_DIGEST: Final = re.compile(r"[^,\s]+")
_DIGEST: Final = re.compile(r"[0-9A-Fa-f:]{8,}")
_FIRST_FLAGS: Final = re.compile(r"0x[0-9a-f]{1,8}")


class AndroidAnswers:
    """Makes the answers of one phone anonymous. Each has as many lines as before, of the length that they had."""

    def __init__(self, names: AndroidNames) -> None:
        self._names = names
        self._properties = AndroidProperties(names)
        self._ways: dict[str, Replace] = {
            "name": names.name,
            "component": names.component,
            "path": names.path,
            "text": names.text,
            "free": names.free_text,
            "split": names.split,
            "time": names.time,
            "number": names.number,
            "hexadecimal": names.hexadecimal,
            "hashes": names.hashes,
            "digests": lambda text: _LISTED_DIGEST.sub(self._digest, text),
            "version": names.version,
            "flags": self._flags,
            "state": self._state,
            "blank": lambda text: text,
        }

    def anonymous(self, command: str, lines: Sequence[str]) -> tuple[str, ...]:
        """The lines that `command` printed, without what is somebody's."""
        words = command.split()
        match [word for word in words if word not in ("-t", "60")]:
            case ["getprop"]:
                return self._properties.anonymous(lines)
            case ["dumpsys", "package", "packages"]:
                return self._by_forms(_DUMP, lines)
            case ["dumpsys", "package", "r", *_]:
                return self._screens(lines)
            case ["pm", "get-app-links"]:
                return self._links(lines)
            case ["pm", "list", "packages", *_]:
                return self._by_forms(_PACKAGES, lines)
            case ["pm", "list", "users"] | ["dumpsys", "user"]:
                return self._by_forms(_USERS, lines)
            case ["dumpsys", "device_policy"]:
                return self._by_forms(_POLICY, lines)
            case ["dumpsys", "lock_settings"]:
                return self._by_forms(_LOCKS, lines)
            case ["cat", *_]:
                return self._by_forms(_BOOT, lines)
            case ["settings", *_, key] if key in _COMPONENTS:
                return tuple(map(self._components, lines))
        return tuple(line if line in VALUES else self._line(_SMALL, line) for line in lines)

    def _by_forms(self, forms: Sequence[LineForm], lines: Sequence[str]) -> tuple[str, ...]:
        rewritten_before: dict[str, str] = {}
        rewritten = []
        for line in lines:
            replaced = rewritten_before.get(line)
            if replaced is None:
                replaced = rewritten_before[line] = self._line(forms, line)
            rewritten.append(replaced)
        return tuple(rewritten)

    def _line(self, forms: Sequence[LineForm], line: str) -> str:
        for form in forms:
            if (replaced := form.rewritten(line, self._ways)) is not None:
                return replaced
        field = _FIELD.fullmatch(line)
        if field is None:
            return self._names.text(line)
        return self._names.text(field[1]) + self._names.text(field[2], VALUE_WORDS)

    def _components(self, line: str) -> str:
        if line in VALUES:
            return line
        return ":".join(self._names.component(c) if "/" in c else self._names.text(c) for c in line.split(":"))

    def _digest(self, listed: re.Match[str]) -> str:
        return self._names.digest(listed[0]) if _DIGEST.fullmatch(listed[0]) else self._names.free_text(listed[0])

    def _flags(self, text: str) -> str:
        first = _FIRST_FLAGS.match(text)
        if first is None:
            return self._names.text(text, FLAGS)
        return first[0] + self._state(text[first.end() :])  # before Android 4.2, the state stands behind them

    def _state(self, text: str) -> str:
        """Keep the keys that decide with values of a known form, and replace all else."""
        pieces, at = [], 0
        for pair in _STATE.finditer(text):
            pieces.append(self._names.text(text[at : pair.start()]))
            at = pair.end()
            if pair[1] in STATE_KEYS and (pair[2] in VALUES or re.fullmatch(r"\d{1,2}", pair[2])):
                pieces.append(pair[0])
            else:
                pieces.append(f"{self._names.text(pair[1])}={self._names.text(pair[2])}")
        return "".join((*pieces, self._names.text(text[at:])))

    def _screens(self, lines: Sequence[str]) -> tuple[str, ...]:
        """The tables of screens; their keys stay in the order of their hashes."""
        keys = [match[1] for line in lines if line[6:7] != " " and (match := _KEY.fullmatch(line))]
        ordered = in_order(keys, KEYS, self._names.pseudonyms)

        def screen_line(line: str) -> str:
            if line[6:7] != " " and (match := _KEY.fullmatch(line)):
                return f"      {ordered[match[1]]}{match[2]}"
            if line[:10] == " " * 10:  # a filter, with keys of its own in quotes
                parts = _QUOTED.split(line)
                parts[::2] = map(self._names.text, parts[::2])
                parts[1::2] = (f'"{ordered.get(part) or self._names.text(part)}"' for part in parts[1::2])
                return "".join(parts)
            return self._line(_SCREENS, line)

        return tuple(map(screen_line, lines))

    def _links(self, lines: Sequence[str]) -> tuple[str, ...]:
        """What `pm get-app-links` printed: its wrapped lines are put together, and wrapped again where they were."""
        rewritten: list[str] = []
        group: list[str] = []
        for number, line in enumerate(lines):
            group.append(line)
            indent = len(group[0]) - len(group[0].lstrip(" "))
            goes_on = len(line) >= WRAPPED and number + 1 < len(lines) and not lines[number + 1][:indent].strip(" ")
            if not goes_on:
                joined = group[0] + "".join(rest[indent:] for rest in group[1:])
                replaced, at = self._line(_LINKS, joined), 0
                for place, rest in enumerate(group):
                    length = len(rest) - (indent if place else 0)
                    rewritten.append(rest[: len(rest) - length] + replaced[at : at + length])
                    at += length
                group = []
        return tuple(rewritten)
