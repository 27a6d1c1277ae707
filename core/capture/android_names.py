"""Names of apps, classes and files, signers and values in lines: each replaced by its kind, in one way everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from typing import Final

from core.capture.android_words import FOLDERS, NAMES, RESTRICTIONS, WORDS
from core.capture.pseudonyms import Pseudonyms
from core.capture.unchanged import Unchanged

#: What may be a name with full stops in it, or a word of Android's own, in a text.
_NAME: Final = re.compile(r"(?<![\w.])[A-Za-z]\w*(?:\.[\w$]+)+|\w+")
_APK: Final = ".apk"
#: A folder of an app as Android calls it: the package, and what is random.
_OF_APP: Final = re.compile(r"([A-Za-z][\w.]*)(-.*)")
_HASH: Final = re.compile(r"0|[1-9a-f][0-9a-f]{0,7}")
_BRACKETS: Final = re.compile(r"\[([^\]]*)\]")
_LISTED: Final = re.compile(r"[^,\s]+")
#: What stands behind the hash of an earlier signer: ``flags: 17``.
_OF_PAST_SIGNER: Final = re.compile(r"flags:|-?[0-9]{1,3}")
#: A part of an id or of a class, and how long no name is.
_PART: Final = re.compile(r"[A-Za-z_$][\w$-]*", re.ASCII)
_LONGEST: Final = 200
#: A version's name as makers choose it.
_VERSION: Final = re.compile(r"[\w .()+-]{1,60}", re.ASCII)
_KEEP: Final = WORDS | RESTRICTIONS


class AndroidNames:
    """Replaces names and texts of one phone; what is kept is `unchanged`."""

    def __init__(self, pseudonyms: Pseudonyms, unchanged: Unchanged) -> None:
        self.pseudonyms = pseudonyms
        self.unchanged = unchanged
        #: What people and apps write is not to be known again in ids and classes.
        self._free = pseudonyms.apart("free texts")
        self._names: dict[str, str] = {}
        #: The app that the lines are about: what is printed of each one is replaced in a way of its own.
        self.app = ""

    def name(self, name: str) -> str:
        """Return an id or a class as another one, but with the beginning that is kept, if any."""
        earlier = self._names.get(name)
        if earlier is not None:
            return earlier
        if name in NAMES or name in ("null", ""):
            return name
        words = name.split(".")
        count = self.unchanged.parts(name)
        if not all(_PART.fullmatch(word) for word in words) or len(name) > _LONGEST:
            replaced = ".".join([*words[:count], *map(self._part, words[count:])])
        elif count == len(words):
            replaced = name
        else:
            begin = ".".join((*words[:count], "")) if count else ""
            replaced = self.pseudonyms.name(name, begin) + "".join(self.unchanged.root_words(name[len(begin) :])[1::2])
        self._names[name] = replaced
        return replaced

    def _part(self, part: str) -> str:
        """Return a part of what is no id replaced, but the words by which programs that rule over a phone are known."""
        pieces = self.unchanged.root_words(part)
        pieces[::2] = map(self.pseudonyms.text, pieces[::2])
        return "".join(pieces)

    def component(self, component: str) -> str:
        """Return ``package/class`` replaced; a class that is written short stays so."""
        package, stroke, name = component.partition("/")
        replaced = self.name(package)
        if not name.startswith("."):
            return f"{replaced}{stroke}{self.name(name)}"
        if not self.unchanged.parts(package + name):
            return f"{replaced}/{self.pseudonyms.name(package + name, '.')}"
        full = self.name(package + name)
        return f"{replaced}/{full.removeprefix(replaced) if full.startswith(f'{replaced}.') else full}"

    def path(self, path: str) -> str:
        """Return a path with what its folders and its file are called replaced, but Android's own folders."""
        return "/".join(map(self._file, path.split("/")))

    def _file(self, file: str) -> str:
        if file in FOLDERS:
            return file
        end = _APK if file.endswith(_APK) else ""
        stem = file.removesuffix(end)
        of_app = _OF_APP.fullmatch(stem)
        if of_app is not None:
            return f"{self.name(of_app[1])}{self.pseudonyms.text(of_app[2])}{end}"
        return self.name(stem) + end

    def text(self, text: str, keep: Container[str] = _KEEP) -> str:
        """Return a text with everything replaced but Android's own words and the names that are kept."""

        def replace(match: re.Match[str]) -> str:
            word = match[0]
            if word in keep:
                return word
            return self.name(word) if "." in word else self.pseudonyms.text(word)

        replaced = _NAME.sub(replace, text)
        return replaced if replaced.isascii() else self.pseudonyms.text(replaced, _Everything())

    def free_text(self, text: str) -> str:
        """Return what a person or an app wrote with every word replaced."""
        return self._free.text(text)

    def number(self, text: str) -> str:
        """Return the number of a version replaced, but that of a banned app's version; what is none, too."""
        if self.unchanged.has_version(text):
            return text
        is_number = text.isascii() and text.isdigit() and len(text) < 20
        return str(1 + self.pseudonyms.number(f"code {self.app} {text}", 10**6)) if is_number else self.text(text)

    def version(self, text: str) -> str:
        """Return the name of a version replaced, but that of a banned app."""
        if text == "null" or self.unchanged.has_version(text):
            return text
        return self.pseudonyms.version(f"{self.app} {text}") if _VERSION.fullmatch(text) else self.free_text(text)

    def time(self, text: str) -> str:
        return self.pseudonyms.time(text, self.app) if text != "null" else text

    def hexadecimal(self, number: str) -> str:
        return self.pseudonyms.hexadecimal(number)

    def hash(self, hash: str) -> str:
        """Return the hash of 32 bits of a certificate replaced, unless a rule names it."""
        if not _HASH.fullmatch(hash):
            return self.free_text(hash)
        return hash if self.unchanged.has_hash(hash) else self.pseudonyms.digest(hash.zfill(8), self.app)

    def digest(self, digest: str) -> str:
        """Return a certificate's SHA-256, with or without colons, replaced, unless a rule names it."""
        plain = digest.replace(":", "").lower()
        if self.unchanged.has_digest(plain):
            return digest
        replaced = self.pseudonyms.digest(plain, self.app)
        if plain.upper() == digest.replace(":", ""):
            replaced = replaced.upper()
        return ":".join(re.findall("..?", replaced)) if ":" in digest else replaced

    def hashes(self, text: str) -> str:
        """Return what `dumpsys` prints of an app's signers, with the hashes in its lists replaced."""

        parts = _BRACKETS.split(text)
        outside = [self.text(part) for part in parts[::2]]
        inside = [f"[{_LISTED.sub(lambda match: self._of_signer(match[0]), part)}]" for part in parts[1::2]]
        return "".join(a + b for a, b in zip(outside, [*inside, ""], strict=True))

    def _of_signer(self, word: str) -> str:
        return word if _OF_PAST_SIGNER.fullmatch(word) else self.hash(word)


class _Everything:
    """Has every word."""

    def __contains__(self, word: object) -> bool:
        return True


#: How a part of a line is replaced.
Replace = Callable[[str], str]


class LineForm:
    """A form of line: a regular expression, of which each named group is replaced in its own way.

    What stands outside of all groups is of the form itself, and kept. Numbers behind a group's name tell two apart.
    """

    def __init__(self, expression: str) -> None:
        self._expression = re.compile(expression, re.DOTALL)
        groups = self._expression.groupindex
        self._groups = [(number, name.rstrip("0123456789")) for name, number in groups.items()]

    def rewritten(self, line: str, ways: dict[str, Replace]) -> str | None:
        """Return the line with its groups replaced; None where it has another form."""
        match = self._expression.fullmatch(line)
        if match is None:
            return None
        pieces, at = [], 0
        for number, name in self._groups:
            start, end = match.span(number)
            if start >= 0:
                pieces += [line[at:start], ways[name](line[start:end])]
                at = end
        return "".join((*pieces, line[at:]))
