"""What stands behind an app's screens, and who signed it: two listings that go beyond the names of packages.

`dumpsys package r activity content` prints the screens (activities) that the phone would open for anything, below
``Activity Resolver Table:``, each as ``        7dfa6c6 com.example/.Main``, with ``filter 1a2b3c`` or ``(2 filters)``
behind it on some versions. A class that is named after its package is written short, with a full stop in front; that
of a copy under another name mostly is not. The table of providers, short and on every phone that can open documents,
is asked for as the proof that the one before it has ended. Before Android 6 these words are ignored and all tables
follow, which does no harm.

Classes, and the actions, schemes and types under which they stand, are texts of apps, line breaks and all: a screen may
be planted on another app. Android keeps those texts in the order of their hashes (`ArrayMap`, since Android 4.4), so a
text that brings lines of its own shows as being out of that order.

`pm get-app-links` (Android 12 and later) prints, for each app that names web addresses, the SHA-256 of its signers. Its
lines are wrapped at 120 characters (`IndentingPrintWriter`), and a line break in an app's text is indented like the
rest of that text.
"""

from __future__ import annotations

import re
from typing import Final

from core.phones.accounting import Account, Leftovers, Why
from core.phones.android.link.shell import is_package_name

#: Classes that are kept, of one app and in all. Real apps have at most some hundred, and real phones some thousand.
CLASS_LIMIT: Final = 5_000
TOTAL_LIMIT: Final = 200_000
#: Signers that are kept of one app. Real apps have one to three.
SIGNER_LIMIT: Final = 20
#: Apps that name web addresses.
LINKS_LIMIT: Final = 20_000

_TABLE: Final = "Activity Resolver Table:"
_NEXT_TABLE: Final = re.compile(r"^(?:Receiver|Service) Resolver Table:", re.MULTILINE)
_PROVIDERS: Final = re.compile(r"^Provider Resolver Table:", re.MULTILINE)
#: The characters of a class (dalvik/dex-format, SimpleName).
_IN_CLASS: Final = r"\w$\-.\u00a1-\u1fff\u2010-\u2027\u2030-\ud7ff\ue000-\uffef\U00010000-\U0010ffff"
SCREEN: Final = re.compile(
    rf"^ +[0-9a-f]{{1,16}} ([A-Za-z.][A-Za-z0-9_.]{{0,254}})/([{_IN_CLASS}]{{1,400}})"
    r"(?: filter [0-9a-f]{1,16}| \(\d{1,6} filters\))?\r?$",
    re.MULTILINE,
)
#: A line in the place of a screen, whether it is one, and its class as a class may be called, or not.
_PLACE_OF_A_SCREEN: Final = re.compile(r"^ {8}(?! ).*$", re.MULTILINE)
_LIKE_A_SCREEN: Final = re.compile(r" {8}[0-9a-f]{1,16} ([A-Za-z0-9_.]+)/")
#: The tables of one listing, and the texts of apps in them, each with the screens that it leads to below it.
_TITLE_OR_KEY: Final = re.compile(r"^(?:  |      )(\S.*)$|^\S.*$", re.MULTILINE)
#: dumpsys gave up in the middle.
_COMPLAINT: Final = "*** SERVICE"
_BLOCK_START: Final = re.compile(r"  (\S+):")
_SIGNERS: Final = re.compile(r"    Signatures: \[([0-9A-Fa-f:, ]*)\]")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
#: Characters after which a line of `pm get-app-links` is wrapped.
WRAPPED: Final = 120


class Screens:
    """Reads the table of screens as it comes. Never fails: what it could not read is in its account."""

    def __init__(self, *, ordered: bool = True) -> None:
        """`ordered`: the phone's Android is known to keep the texts in the order of their hashes."""
        self.ordered = ordered
        self._began = False
        self._passed = False
        self._providers = False
        self._ended = False
        self._classes: dict[str, dict[str, None]] = {}
        self._total = 0
        self._leftovers = Leftovers()
        #: The hash of the text that came last, in the table that is read.
        self._hash: int | None = None

    def block(self, text: str) -> None:
        """Some lines of it, each with its line end."""
        if not self._began:
            self._began = _TABLE in text
        if _COMPLAINT in text:
            self._leftovers.add(Why.CUT, "listing", text=_COMPLAINT)
        text = self._activities(text)
        screens = SCREEN.findall(text)
        indented = text.count("\n        ") + text.startswith("        ")
        if indented != len(screens):  # mostly they agree, and counting is ten times as fast
            self._odd_classes(text)
        if self.ordered:
            self._order(text)
        by_package = self._classes
        for package, name in screens:
            classes = by_package.get(package)
            if classes is None:
                classes = by_package[package] = {}
            full = package + name if name[0] == "." else name
            if full not in classes:
                if self._total >= TOTAL_LIMIT or len(classes) >= CLASS_LIMIT:
                    self._leftovers.add(Why.CUT, "screens")
                    return  # left
                classes[full] = None
                self._total += 1

    def _activities(self, text: str) -> str:
        """`text` as far as the table of providers, which has no screens. Behind it nothing is read: where it begins a
        second time, one of the two headings is an app's own text."""
        begin = _PROVIDERS.search(text)
        if begin is None:
            self._passed = self._passed or _NEXT_TABLE.search(text) is not None
            return "" if self._providers else text
        if self._providers or _PROVIDERS.search(text, begin.end()):
            self._leftovers.add(Why.TWICE, "heading", text=begin[0])
        before = "" if self._providers else text[: begin.start()]
        self._passed = self._providers = True
        return before

    def _odd_classes(self, text: str) -> None:
        """Leave what stands in the place of a screen and is none, as a screen whose class no compiler writes: it may
        bring lines of its own, for other apps."""
        for line in _PLACE_OF_A_SCREEN.finditer(text):
            if not SCREEN.fullmatch(line[0]):
                match = _LIKE_A_SCREEN.match(line[0])
                package = match[1] if match and is_package_name(match[1]) else ""
                self._leftovers.add(Why.REFUSED, "screen", package, line[0].strip())

    def _order(self, text: str) -> None:
        """Leave a text that does not stand where its hash would put it: one before it has brought lines of its own."""
        for line in _TITLE_OR_KEY.finditer(text):
            if line[0][:6] != "      ":  # a table begins, and its texts anew
                self._hash = None
                continue  # Nothing is lost: a title names no app
            hash = java_hash(line[1].removesuffix("\r").removesuffix(":"))
            if self._hash is not None and hash < self._hash:
                self._leftovers.add(Why.TWICE, "text out of its turn", text=line[1])
            self._hash = hash

    def end(self, code: int) -> None:
        """The command ended with this exit code."""
        self._ended = True
        if code != 0:
            self._leftovers.add(Why.CUT, "listing", text=str(code))

    def account(self) -> Account[None]:
        """What could not be read of it: a phone without any screen did not list them."""
        leftovers = Leftovers(dict(self._leftovers.items), self._leftovers.over)
        if not (self._began and self._passed and self._ended and self._total > 0):
            leftovers.add(Why.CUT, "listing")
        return leftovers.account(None)

    @property
    def packages(self) -> frozenset[str]:
        """The apps that have screens."""
        return frozenset(self._classes)

    def of(self, package: str) -> tuple[str, ...]:
        """The classes behind the screens of `package`, by their full names."""
        return tuple(self._classes.get(package, ()))


def java_hash(text: str) -> int:
    """Java's String.hashCode: a signed number of 32 bits, over the UTF-16 units of `text`."""
    value = 0
    for unit in memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"):
        value = (31 * value + unit) & 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


class Links:
    """Reads `pm get-app-links` as it comes: the SHA-256 of each app's signers, in lower-case hex without colons."""

    def __init__(self) -> None:
        self.signers: dict[str, tuple[str, ...]] = {}
        self._leftovers = Leftovers()
        self._package = ""
        self._packages: dict[str, None] = {}
        #: A line that was wrapped, as far as it has come.
        self._wrapped = ""

    def block(self, text: str) -> None:
        """Some lines of it, each with its line end."""
        for line in text.split("\n")[:-1]:
            line = line.removesuffix("\r")
            # Android repeats the indent of a wrapped line before its rest: a line without that is no rest of it.
            indent = len(self._wrapped) - len(self._wrapped.lstrip(" "))
            if line[:indent].strip(" "):
                self._leftovers.add(Why.UNKNOWN, "line that was wrapped", self._package, self._wrapped)
                self._line(self._wrapped)
                self._wrapped, indent = "", 0
            joined = self._wrapped + line[indent:]
            if len(line) >= WRAPPED and len(joined) < 2**20:
                self._wrapped = joined
            else:
                self._wrapped = ""
                self._line(joined)

    def _line(self, line: str) -> None:
        if line[:2] == "  " and line[2:3] not in ("", " "):
            block = _BLOCK_START.fullmatch(line.rstrip())
            self._package = block[1] if block and is_package_name(block[1]) else ""
            if not self._package:
                self._leftovers.add(Why.REFUSED, "package name", text=line)
            elif len(self._packages) < LINKS_LIMIT:
                self._packages[self._package] = None
        elif line.startswith("    Signatures:"):
            self._signatures(line.rstrip())

    def _signatures(self, line: str) -> None:
        signatures = _SIGNERS.fullmatch(line)
        digests = [d.strip().replace(":", "").lower() for d in signatures[1].split(",")] if signatures else []
        good = tuple(digest for digest in digests if _DIGEST.fullmatch(digest))
        before = self.signers.get(self._package)
        if not self._package or before is not None:
            self._leftovers.add(Why.TWICE, "signatures", self._package, line)
        if len(good) != len(digests) or not good:
            self._leftovers.add(Why.REFUSED, "signatures", self._package, line)
        if len(self.signers) >= LINKS_LIMIT or len(good) > SIGNER_LIMIT:
            self._leftovers.add(Why.CUT, "signatures", self._package, line)
        elif self._package:
            self.signers[self._package] = (*(before or ()), *good)

    def end(self, code: int) -> None:
        """The command ended. Before Android 12 there is no such command, and nothing rests on it alone."""
        if self._wrapped:
            self._line(self._wrapped)
            self._wrapped = ""

    @property
    def packages(self) -> frozenset[str]:
        """The apps that it names."""
        return frozenset(self._packages)

    def account(self) -> Account[None]:
        """What could not be read of it. Android prints the signers of each app."""
        leftovers = Leftovers(dict(self._leftovers.items), self._leftovers.over)
        for package in self._packages:
            if package not in self.signers:
                leftovers.add(Why.MISSING, "signatures", package)
        return leftovers.account(None)
