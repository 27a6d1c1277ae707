"""A drawing of rectangles, lines and texts as SVG, for the screen and for paper.

Only what QtSvg (SVG Tiny 1.2) and typst both draw is used, without style sheets, patterns and clipping. Each text is
measured before it is placed, so that none is cut and none lies over another.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from core.text import Bilingual, Language, Text, Value, grouped, one_line

#: How wide a text is, by its size in pixels and whether it is bold.
Measure = Callable[[str, float, bool], float]
Anchor = Literal["start", "middle", "end"]
#: A segment of a line, by the places of its ends.
Point = tuple[float, float]

#: Characters of one text in a drawing.
TEXT_LIMIT: Final = 120
#: The size of a text, in pixels, at which a drawing is not scaled.
BODY: Final = 14.0
#: What is small, in relation to that.
SMALL: Final = 0.86
#: Letters that are narrower or wider than others of their kind.
_NARROW: Final = frozenset("iIjl|!.,:;'’‘ ()[]/\\ftr-·\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")
_WIDE: Final = frozenset("mwMW%@&ŒœÆæŴŵĦħ—…+=<>~±×÷−¬#_©®™‰→←^$?¥£¤¶¼½¾€Ω")


#: Pixels by which a sum of widths may be off.
_ROUNDED: Final = 0.01


class ChartColours(NamedTuple):
    """The colours of a drawing, as `#rrggbb`. `green`, `amber`, `red` and `line` have at least 3:1 on `base`, `text`,
    `muted` and `red_text` at least 4.5:1."""

    base: str
    text: str
    muted: str
    hair: str
    control: str
    green: str
    amber: str
    red: str
    red_text: str
    due: str
    line: str
    area: str


class Drawn(NamedTuple):
    """An SVG document, and its size in pixels."""

    svg: bytes
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class LetterWidths:
    """The widest letter of each kind of a font's bold weight, by its size; `regular` is that of the other weight."""

    narrow: float
    lower: float
    digit: float
    upper: float
    wide: float
    fallback: float
    regular: float = 1.0

    def __call__(self, words: str, size: float, bold: bool) -> float:
        """How wide a text is at most, where no font can be asked."""
        # A sign that stands for several, as some of Arabic do, is as wide as all of them.
        ems = sum(map(self._em, unicodedata.normalize("NFKC", words)))
        return ems * size * (1.0 if bold else self.regular)

    def _em(self, character: str) -> float:
        if character in _NARROW:
            return self.narrow
        if character in _WIDE:
            return self.wide
        if character.isdigit():
            return self.digit
        if unicodedata.combining(character):
            return 0.2
        if character < "\u0250":
            return self.upper if character.isupper() else self.lower
        return self.fallback


#: Of DejaVu Sans, the widest of the fonts of the window; of Libertinus Serif, on paper (measured with typst 0.15).
SANS: Final = LetterWidths(0.54, 0.78, 0.7, 0.87, 1.18, 1.3, 0.92)
SERIF: Final = LetterWidths(0.41, 0.6, 0.5, 0.74, 1.0, 1.1)


@dataclass(frozen=True, slots=True)
class ChartLook:
    """How a drawing looks: its colours, the font's name and size in pixels, and the languages of its words.

    All that is drawn grows with the size of the font. `measure` is asked how wide a text of this font is.
    """

    colours: ChartColours
    family: str
    languages: tuple[Language, ...]
    size: float = BODY
    measure: Measure = SANS

    @property
    def unit(self) -> float:
        """One pixel of a drawing that is not scaled."""
        return self.size / BODY

    def text_of(self, value: Value) -> str:
        """A value in the languages of the drawing, with a stroke between where they differ."""
        if isinstance(value, Text | Bilingual):
            return " / ".join(dict.fromkeys(single_line(value.in_language(language)) for language in self.languages))
        return single_line(str(value))

    def number(self, number: int) -> str:
        """A number as it is read in the language of the drawing; as an international one where there are several."""
        return grouped(number).in_language(self.languages[0] if len(self.languages) == 1 else "fr")

    def width_of(self, words: str, *, size: float = 1.0, bold: bool = False) -> float:
        """How wide a text is, in pixels; `size` is in relation to the font's."""
        return self.measure(words, self.size * size, bold)

    def wrapped(self, words: str, room: float, *, size: float = 1.0, bold: bool = False) -> list[str]:
        """A text in lines that are no wider than `room`: broken at spaces, and within a word that is too long alone."""
        lines, line = [], ""
        for word in single_line(words).split(" "):
            joined = f"{line} {word}" if line else word
            if self._fits(joined, room, size, bold):
                line = joined
                continue
            if line:
                lines.append(line)
            line = word
            while len(line) > 1 and not self._fits(line, room, size, bold):
                fits = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or self._fits(line[:n], room, size, bold))
                lines.append(line[:fits])
                line = line[fits:]
        return [*lines, line]

    def _fits(self, words: str, room: float, size: float, bold: bool) -> bool:
        return self.width_of(words, size=size, bold=bold) <= room + _ROUNDED


def single_line(words: str) -> str:
    """A text from outside as it stands in a drawing: bounded, on one line, and with single spaces."""
    return " ".join(part for part in one_line(words, TEXT_LIMIT).split(" ") if part)


class Canvas:
    """The elements of a drawing, in the order in which they are painted."""

    def __init__(self, look: ChartLook) -> None:
        self._look = look
        self._elements: list[str] = []

    def rect(self, x: float, y: float, width: float, height: float, fill: str, *, stroke: str = "") -> None:
        """A rectangle; with a `stroke`, its frame lies inside it."""
        unit = self._look.unit
        inset = unit / 2 if stroke else 0.0
        inset = min(inset, width / 2, height / 2)
        around = f' stroke="{stroke}" stroke-width="{_n(unit)}"' if stroke else ""
        radius = min(2 * unit, width / 2, height / 2)
        self._elements.append(
            f'<rect x="{_n(x + inset)}" y="{_n(y + inset)}" width="{_n(width - 2 * inset)}"'
            f' height="{_n(height - 2 * inset)}" rx="{_n(radius)}" fill="{fill}"{around}/>'
        )

    def lines(
        self,
        lines: Sequence[Sequence[Point]],
        stroke: str,
        width: float,
        *,
        dashes: tuple[float, float] | None = None,
        fill: str = "",
    ) -> None:
        """Lines from point to point. With a `fill` they enclose an area; without a `stroke` only that is drawn.

        `dashes` are as many pixels on and off; where they are on for less than the line is wide, they are dots.
        """
        steps = " ".join(
            " ".join(f"{'L' if number else 'M'}{_n(x)} {_n(y)}" for number, (x, y) in enumerate(line))
            for line in lines
            if line
        )
        if not steps:
            return
        look = ""
        if stroke:
            ends = f'stroke-dasharray="{_n(dashes[0])} {_n(dashes[1])}"' if dashes else ""
            cap = "round" if not dashes or dashes[0] < width else "butt"
            look = f'stroke="{stroke}" stroke-width="{_n(width)}" stroke-linejoin="round" stroke-linecap="{cap}" {ends}'
        self._elements.append(f'<path d="{steps}" fill="{fill or "none"}" {look}/>')

    def dot(self, x: float, y: float, radius: float, fill: str, stroke: str, width: float) -> None:
        """A disc with a rim."""
        self._elements.append(
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{fill}" stroke="{stroke}"'
            f' stroke-width="{_n(width)}"/>'
        )

    def text(
        self,
        x: float,
        baseline: float,
        words: str,
        fill: str,
        *,
        size: float = 1.0,
        bold: bool = False,
        anchor: Anchor = "start",
        suffix: tuple[str, str] | None = None,
    ) -> None:
        """A text on one line. `size` is in relation to the font's. `suffix` follows it, in its colour and not bold."""
        weight = ' font-weight="600"' if bold else ""
        # QtSvg leaves out a space with which an element begins.
        tail = (
            f' <tspan font-weight="400" fill="{suffix[1]}">{escape(single_line(suffix[0]))}</tspan>' if suffix else ""
        )
        self._elements.append(
            f'<text x="{_n(x)}" y="{_n(baseline)}" font-family={quoteattr(self._look.family)}'
            f' font-size="{_n(self._look.size * size)}"{weight} text-anchor="{anchor}" fill="{fill}">'
            f"{escape(single_line(words))}{tail}</text>"
        )

    def drawn(self, width: float, height: float) -> Drawn:
        """The SVG document of all elements, of this size in pixels."""
        size = f'width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}"'
        body = "\n".join(self._elements)
        return Drawn(
            f'<svg xmlns="http://www.w3.org/2000/svg" version="1.1" {size}>\n{body}\n</svg>\n'.encode(), width, height
        )


def _n(number: float) -> str:
    """A number of an attribute: hundredths of a pixel are enough."""
    return f"{number:.2f}".rstrip("0").rstrip(".") if number else "0"
