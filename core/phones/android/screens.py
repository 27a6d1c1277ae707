"""What stands behind an app's screens, and who signed it: two listings that go beyond the names of packages.

`dumpsys package r activity content` prints the screens (activities) that the phone would open for anything, below
``Activity Resolver Table:``, each as ``        7dfa6c6 com.example/.Main``, with ``filter 1a2b3c`` or ``(2 filters)``
behind it on some versions. A class that is named after its package is written short, with a full stop in front; that
of a copy under another name mostly is not. The table of providers, short and on every phone that can open documents,
is asked for as the proof that the one before it has ended. Before Android 6 these words are ignored and all tables
follow, which does no harm.

`pm get-app-links` (Android 12 and later) prints, for each app that names web addresses, the SHA-256 of its signers.
"""

from __future__ import annotations

import re
from typing import Final

from core.phones.android.shell import is_package_name

#: Classes that are kept, of one app and in all. Real apps have at most some hundred, and real phones some thousand.
CLASS_LIMIT: Final = 5_000
TOTAL_LIMIT: Final = 200_000
#: Signers that are kept of one app. Real apps have one to three.
SIGNER_LIMIT: Final = 20
#: Apps that name web addresses.
LINKS_LIMIT: Final = 20_000

_TABLE: Final = "Activity Resolver Table:"
_NEXT_TABLE: Final = re.compile(r"^(?:Receiver|Service|Provider) Resolver Table:", re.MULTILINE)
_SCREEN: Final = re.compile(
    r"^ +[0-9a-f]{1,16} ([A-Za-z][A-Za-z0-9_.]{0,254})/([A-Za-z_$.][A-Za-z0-9_.$]{0,399})"
    r"(?: filter [0-9a-f]{1,16}| \(\d{1,6} filters\))?\r?$",
    re.MULTILINE | re.ASCII,
)
#: A line that names a screen, whether we can read it or not.
_LIKE_A_SCREEN: Final = re.compile(r"^ {8}[0-9a-f]{1,16} \S", re.MULTILINE | re.ASCII)
#: dumpsys gave up in the middle.
_COMPLAINT: Final = "*** SERVICE"
_LINK: Final = re.compile(
    r"^(?:  ([A-Za-z][A-Za-z0-9_.]{0,254}):|    Signatures: \[([0-9A-Fa-f:, ]{1,4000})\])[ \t\r]*$",
    re.MULTILINE | re.ASCII,
)


class Screens:
    """Reads the table of screens as it comes. Never fails: what it could not read makes it not `whole`."""

    def __init__(self) -> None:
        self._began = False
        self._passed = False
        self._ended = False
        self._broken = False
        self._classes: dict[str, dict[str, None]] = {}
        self._total = 0

    def block(self, text: str) -> None:
        """Some lines of it, each with its line end."""
        self._began = self._began or _TABLE in text
        self._passed = self._passed or _NEXT_TABLE.search(text) is not None
        found = _SCREEN.findall(text)
        self._broken |= _COMPLAINT in text
        indented = text.count("\n        ") + text.startswith("        ")
        if indented != len(found):  # mostly they agree, and counting is ten times as fast
            self._broken |= len(found) != len(_LIKE_A_SCREEN.findall(text))
        known = self._classes
        for package, name in found:
            classes = known.get(package)
            if classes is None:
                classes = known[package] = {}
            full = package + name if name[0] == "." else name
            if full in classes:
                continue
            if self._total >= TOTAL_LIMIT or len(classes) >= CLASS_LIMIT:
                self._broken = True
                return
            classes[full] = None
            self._total += 1

    def end(self, code: int) -> None:
        """The command ended with this exit code."""
        self._ended = True
        self._broken |= code != 0

    @property
    def whole(self) -> bool:
        """Whether all of it was there and could be read: a phone without any screen there is not."""
        return self._began and self._passed and self._ended and not self._broken and self._total > 0

    def of(self, package: str) -> tuple[str, ...]:
        """The classes behind the screens of `package`, by their full names."""
        return tuple(self._classes.get(package, ()))


class Links:
    """Reads `pm get-app-links` as it comes: the SHA-256 of each app's signers, in lower-case hex without colons."""

    def __init__(self) -> None:
        self.signers: dict[str, tuple[str, ...]] = {}
        #: Whether no limit was reached.
        self.whole = True
        self._package = ""

    def block(self, text: str) -> None:
        """Some lines of it, each with its line end."""
        for package, signers in _LINK.findall(text):
            if package:
                self._package = package if is_package_name(package) else ""
            elif self._package and self._package not in self.signers:
                if len(self.signers) >= LINKS_LIMIT or signers.count(",") >= SIGNER_LIMIT:
                    self.whole = False
                    continue
                digests = (text.strip().replace(":", "").lower() for text in signers.split(","))
                self.signers[self._package] = tuple(digest for digest in digests if len(digest) == 64)

    def end(self, code: int) -> None:
        """The command ended. Before Android 12 there is no such command, and nothing rests on it alone."""
