"""Fanion's own line drawings of phones: SVG files in ``resources/drawings``, with places for the phone's own words.

A colour is written as ``$name``, a part that is only there for one word as a group with ``data-if``, and a place for
words as a ``rect`` with ``data-word`` (a word of the maker's guide), ``data-text`` (the same everywhere),
``data-fingerprint`` (a half of the desk's key's) or ``data-app`` (the app that is spoken of). The words are painted by
the code that shows the drawing: on the screen in the language in use, on paper in the language of the column.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import Template
from typing import Final, Literal, TypeVar

Tone = Literal["text", "muted", "base"]
Align = Literal["left", "center", "right"]
Choice = TypeVar("Choice")
_TONES: Final[tuple[Tone, ...]] = ("text", "muted", "base")
_ALIGNS: Final[tuple[Align, ...]] = ("left", "center", "right")

_SVG: Final = "http://www.w3.org/2000/svg"
ET.register_namespace("", _SVG)
#: The colours that a drawing may name; `lit` is the ground of what is to be tapped or compared.
COLOURS: Final = ("base", "window", "text", "line", "control", "focus", "lit")


@dataclass(frozen=True, slots=True)
class WordPlace:
    """Where words stand in a drawing, in its own units. One of `word`, `text`, `fingerprint` and `app` is given."""

    x: float
    y: float
    width: float
    height: float
    size: float
    word: str = ""
    text: str = ""
    fingerprint: int | None = None
    app: bool = False
    bold: bool = False
    mono: bool = False
    tone: Tone = "text"
    align: Align = "left"
    lines: int = 1

    def words(self, word_of: Callable[[str], str], fingerprint: tuple[str, str], app: str = "") -> str:
        """The text at this place, by a guide's words, the two halves of the fingerprint and the name of an app."""
        if self.app:
            return app
        if self.fingerprint is not None:
            return fingerprint[self.fingerprint]
        return self.text or word_of(self.word)


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing; in `svg` its colours still stand by name."""

    width: float
    height: float
    places: tuple[WordPlace, ...]
    svg: str

    def coloured(self, colours: Mapping[str, str]) -> bytes:
        """The drawing in these colours: one for each of `COLOURS`. Raises KeyError for one that is missing."""
        return Template(self.svg).substitute(colours).encode()


@cache
def drawing(name: str, words: frozenset[str]) -> Drawing:
    """The drawing `name`, without the parts that stand round a word which is not among `words`, those of a guide.

    Raises KeyError if there is none. One that makes no sense is a bug and raises ValueError.
    """
    file = resources.files("resources") / "drawings" / f"{name}.svg"
    if "/" in name or not file.is_file():
        raise KeyError(name)
    return parse(file.read_text(encoding="utf-8"), words)


def parse(source: str, words: frozenset[str]) -> Drawing:
    """The drawing in the SVG text `source`. Raises ValueError."""
    try:
        root = ET.fromstring(source)  # noqa: S314 - Fanion's own file, from its own folder
    except ET.ParseError as error:
        raise ValueError(str(error)) from error
    places = []
    for around in list(root.iter()):
        for element in list(around):
            if element.get("data-if", "") not in {"", *words}:
                around.remove(element)
    for around in list(root.iter()):
        for element in list(around):
            if element.tag == f"{{{_SVG}}}rect" and "data-size" in element.attrib:
                places.append(_place(element))
                around.remove(element)
    return Drawing(
        float(root.attrib["width"]), float(root.attrib["height"]), tuple(places), ET.tostring(root, "unicode")
    )


def halves(fingerprint: str) -> tuple[str, str]:
    """A fingerprint of 16 pairs of digits in two lines that can be compared with one look each."""
    pairs = fingerprint.split(":")
    middle = (len(pairs) + 1) // 2
    return ":".join(pairs[:middle]), ":".join(pairs[middle:])


def _one_of(choices: tuple[Choice, ...], value: str) -> Choice | None:
    return next((choice for choice in choices if choice == value), None)


def _place(element: ET.Element) -> WordPlace:
    """Read a place for words out of its rectangle. Raises ValueError."""
    attributes = element.attrib
    half = attributes.get("data-fingerprint")
    tone = _one_of(_TONES, attributes.get("data-tone", "text"))
    align = _one_of(_ALIGNS, attributes.get("data-align", "left"))
    if tone is None or align is None or half not in (None, "0", "1"):
        raise ValueError(f"a place for words that makes no sense: {attributes}")
    if sum(name in attributes for name in ("data-word", "data-text", "data-fingerprint", "data-app")) != 1:
        raise ValueError(f"a place for one thing: {attributes}")
    try:
        x, y, width, height, size = (float(attributes[n]) for n in ("x", "y", "width", "height", "data-size"))
    except KeyError as missing:
        raise ValueError(f"a place without {missing}") from missing
    return WordPlace(
        x,
        y,
        width,
        height,
        size,
        word=attributes.get("data-word", ""),
        text=attributes.get("data-text", ""),
        fingerprint=int(half) if half else None,
        app="data-app" in attributes,
        bold="data-bold" in attributes,
        mono="data-mono" in attributes,
        tone=tone,
        align=align,
        lines=int(attributes.get("data-lines", "1")),
    )
