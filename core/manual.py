"""The manual: the guides of ``resources/guides``, as chapters that can be opened by name, linked and searched.

A chapter has one name in every language, such as ``officer#a-red-phone``: its guide, and its English heading as a link
has it. The guides have the same headings in the same order in both languages, which a test of the guides holds; so a
chapter is found in French by its place. The guides are Fanion's own files, and no text of a phone is ever in them. One
that makes no sense is a bug and raises ValueError, never a Problem.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from core.text import LANGUAGES, Language

#: The guides, in the order of the contents.
GUIDES: Final = (
    "officer",
    "lessons",
    "troubleshooting",
    "administrator",
    "auditor",
    "head-office",
    "policy-signing",
    "security",
    "threats",
    "privacy-assessment",
    "conformance",
)
#: A guide of one file holds both languages, English first, with such a line between.
_BOTH: Final = re.compile(r"^---\n+(?=# )", re.MULTILINE)
_OTHER_FOLLOWS: Final = re.compile(r"^\*Le français suit\.\*\n", re.MULTILINE)
_HEADING: Final = re.compile(r"(#{1,3}) +(.+)")
_LINK: Final = re.compile(r"(!?)\[([^]]*)\]\(([^)\s]+)\)")
_OUTSIDE: Final = re.compile(r"[a-z]+:")
#: The number of a claim, behind its sentence.
_CLAIM: Final = re.compile(r"\[\^(\d+)\]")
#: The same as a link, as `with_tests` makes it.
_CLAIM_LINK: Final = re.compile(r"\[\d+\]\(#[^)\s]+\)")
#: What of Markdown is no word: rules and edges of tables, signs of lists, code and stress.
_MARKS: Final = re.compile(r"^\|[-|]+\|$|^```\w*$|^#+ |^- |^> ?|^\||\|$|`|\*", re.MULTILINE)
#: How the anchor of a chapter ends that names tests: no reader of a guide searches for these first.
TESTS: Final = "#what-shows-it"
#: Characters of a hit's snippet before and after the word that was found.
_BEFORE, _AFTER = 50, 110
#: Hits that are given at most, and characters of what is searched for.
_HITS, _ASKED = 40, 100
#: What is typed in more than one way.
_APOSTROPHES: Final = str.maketrans({"’": "'", "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " "})


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a guide with what stands under it, up to the next heading.

    `anchor` is its name in every language, `level` 1 for the guide's title, 2 for a chapter, 3 for a part of one.
    `chapter` is the anchor of the chapter that it stands in, its own where it is one. `text` is Markdown, with its
    heading; `words` is what of it is read, and `folded` the same, character by character, as a search compares it.
    """

    anchor: str
    chapter: str
    level: int
    title: str
    text: str
    words: str
    folded: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A section in which every word of a search stands. `guide` is the title of its guide, `snippet` what stands around
    the first word."""

    section: Section
    guide: str
    snippet: str


class Manual:
    """All guides in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        #: Every section by its anchor, in the order of the guides.
        self.sections: dict[str, Section] = {}
        #: The anchors by guide and heading, as a link in this language has it.
        self._slugs: dict[tuple[str, str], str] = {}
        for guide in GUIDES:
            self._add(guide)

    def _add(self, guide: str) -> None:
        english = [slug(title) for _, title, _ in _split(_read(guide, "en"))]
        ours = list(_split(_read(guide, self.language)))
        chapter = guide
        for name, (level, title, text) in zip(english, ours, strict=True):
            anchor = guide if level == 1 else f"{guide}#{name}"
            if level <= 2:
                chapter = anchor
            words = _words(_CLAIM_LINK.sub("", text))
            self.sections[anchor] = Section(anchor, chapter, level, title, text, words, folded(words))
            self._slugs[guide, "" if level == 1 else slug(title)] = anchor

    def parts(self, anchor: str) -> tuple[Section, ...]:
        """The sections of a chapter, itself first; of a part of one, that part. Raises KeyError for no such section."""
        if self.sections[anchor].chapter != anchor:
            return (self.sections[anchor],)
        return tuple(section for section in self.sections.values() if section.chapter == anchor)

    def guide(self, anchor: str) -> Section:
        """The title of the guide that a section is in."""
        return self.sections[anchor.partition("#")[0]]

    def target(self, link: str, within: str) -> str | None:
        """The anchor that a link of the guide `within` leads to; None where it leads out of the manual."""
        file, _, place = link.partition("#")
        guide = file.removesuffix(".md").removesuffix(f".{self.language}") if file else within.partition("#")[0]
        return self._slugs.get((guide, place))

    def markdown(self, chapter: str) -> str:
        """A chapter to be shown. A link within the manual has the anchor as its address; any other is only words, with
        its address behind them: nothing leads to a network."""

        def linked(match: re.Match[str]) -> str:
            picture, words, url = match.groups()
            if picture:
                return match[0]
            anchor = self.target(url, chapter)
            if anchor is not None:
                return f"[{words}]({anchor})"
            return f"{words} (`{url}`)" if _OUTSIDE.match(url) else words

        return "\n".join(_LINK.sub(linked, section.text) for section in self.parts(chapter))

    def plain(self, chapter: str) -> str:
        """A chapter or a part of one to be read as text: Markdown without addresses, pictures and numbers of claims.

        Raises KeyError for no such section.
        """
        texts = (_CLAIM_LINK.sub("", section.text) for section in self.parts(chapter))
        return "\n".join(_LINK.sub(lambda link: link[2], text) for text in texts)

    def search(self, query: str) -> tuple[Hit, ...]:
        """The sections in which every word of `query` stands, in any case and with or without accents: first those
        that have them in their heading, then those that have them most often; names of tests come last."""
        words = folded(query[:_ASKED]).split()
        if not words:
            return ()
        sections = [section for section in self.sections.values() if all(word in section.folded for word in words)]

        def rank(section: Section) -> tuple[bool, bool, int]:
            title = folded(section.title)
            times = sum(section.folded.count(word) for word in words)
            return section.anchor.endswith(TESTS), not all(word in title for word in words), -times

        sections.sort(key=rank)
        return tuple(
            Hit(section, self.guide(section.anchor).title, _snippet(section, words)) for section in sections[:_HITS]
        )


@lru_cache(maxsize=len(LANGUAGES))
def manual(language: Language) -> Manual:
    """The manual in a language, read once."""
    return Manual(language)


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it: what a link says behind its #."""
    characters = [c for c in heading.strip().lower() if c in " -_" or unicodedata.category(c)[0] in "LNM"]
    return "".join(characters).replace(" ", "-")


def folded(words: str) -> str:
    """`words` as a search compares them: without capitals and accents, each character in its place."""
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFC", words).lower()).translate(_APOSTROPHES)
    return "".join(c for c in apart if not unicodedata.combining(c)) if not apart.isascii() else apart


@lru_cache(maxsize=1)
def claims() -> dict[str, Any]:
    """``claims.toml``: by guide which tests show the claim of each number, and by language the words around them."""
    file = resources.files("resources") / "guides" / "claims.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def with_tests(guide: str, text: str, language: Language) -> str:
    """The text of a guide, with a last chapter that names the tests of each number that stands behind a claim.

    A number, ``[^7]``, becomes a link to that chapter. A text without numbers stays as it is. Raises KeyError for a
    number that ``claims.toml`` does not have under the guide's name.
    """
    numbers = sorted({int(number) for number in _CLAIM.findall(text)})
    if not numbers:
        return text
    words, tests = claims()[language], claims()[guide]
    rows = [f"| {number} | {', '.join(f'`{test}`' for test in tests[str(number)])} |" for number in numbers]
    linked = _CLAIM.sub(rf"[\1](#{slug(words['title'])})", text.rstrip("\n"))
    table = "\n".join([f"| {words['number']} | {words['tests']} |", "|---|---|", *rows])
    return f"{linked}\n\n## {words['title']}\n\n{words['lead']}\n\n{table}\n"


def _read(guide: str, language: Language) -> str:
    folder = resources.files("resources") / "guides"
    own = folder / f"{guide}.{language}.md"
    if own.is_file():
        return with_tests(guide, own.read_text(encoding="utf-8"), language)
    parts = _BOTH.split((folder / f"{guide}.md").read_text(encoding="utf-8"))
    if len(parts) != len(LANGUAGES):
        raise ValueError(f"{guide} does not hold both languages")
    return with_tests(guide, _OTHER_FOLLOWS.sub("", parts[LANGUAGES.index(language)]), language)


def _split(text: str) -> Iterator[tuple[int, str, str]]:
    """The sections of a guide: level, title and text. A line of code that looks like a heading is none."""
    level, title, lines = 0, "", list[str]()
    code = False
    for line in text.splitlines():
        if line.startswith("```"):
            code = not code
        heading = None if code else _HEADING.fullmatch(line)
        if heading is None:
            lines.append(line)
            continue
        if level:
            yield level, title, "\n".join(lines) + "\n"
        level, title, lines = len(heading[1]), heading[2], [line]
    yield level, title, "\n".join(lines) + "\n"


def _words(text: str) -> str:
    """The words of Markdown as a person reads them, on one line."""
    words = _LINK.sub(lambda link: link[2], text)
    return unicodedata.normalize("NFC", " ".join(_MARKS.sub("", words).replace(" | ", " · ").split()))


def _snippet(section: Section, words: list[str]) -> str:
    """The words around the first word of a search, cut at words."""
    body = len(section.title)
    position = section.folded.find(words[0], body)
    at = position if position >= 0 else body
    start, end = max(at - _BEFORE, min(body + 1, at)), at + _AFTER
    if start > body + 1:
        start = section.words.find(" ", start) + 1 or start
    if end < len(section.words):
        end = max(section.words.rfind(" ", at, end), at + len(words[0]))
    before, after = "…" if start > body + 1 else "", "…" if end < len(section.words) else ""
    return f"{before}{section.words[start:end].strip()}{after}"
