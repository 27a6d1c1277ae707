"""The one message catalogue, and the one door through which a phone's text enters.

Every sentence for people is a :class:`Text`: a gettext message id (its English wording) with named values.
It is put into words as late as possible, so that one value can be shown in English, in French, or in both.
"""

from __future__ import annotations

import gettext
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")
#: Where the catalogue is. Not through importlib.resources, which a start would have to load.
LOCALE: Final = Path(__file__).resolve().parents[1] / "resources" / "locale"

_current: Language = "en"


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A text that exists in both languages from the start: a product's name, a quoted authority."""

    en: str
    fr: str

    def in_language(self, language: Language) -> str:
        return self.fr if language == "fr" else self.en

    def __str__(self) -> str:
        return self.in_language(_current)


Value = object  # Text, Bilingual, float; anything else is shown with str()


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence of the catalogue, not yet in any language."""

    message: str
    values: tuple[tuple[str, Value], ...] = ()
    plural: str | None = None
    count: int = 1

    def in_language(self, language: Language) -> str:
        """The sentence in `language`; English where the catalogue has no translation."""
        if language == "en":  # the message ids are English
            pattern = self.message if self.plural is None or self.count == 1 else self.plural
        elif self.plural is None:
            pattern = _catalogue(language).gettext(self.message)
        else:
            pattern = _catalogue(language).ngettext(self.message, self.plural, self.count)
        # What is counted is a number to be read; one of another name may be that of a record, or of a step.
        values = [(name, grouped(v) if name == "count" and type(v) is int else v) for name, v in self.values]
        return pattern.format(**{name: _value_text(value, language) for name, value in values})

    def __str__(self) -> str:
        return self.in_language(_current)


def grouped(number: int) -> Bilingual:
    """A number as it is read: 1,000,000 in English, 1 000 000 in French."""
    english = f"{number:,}"
    return Bilingual(english, english.replace(",", "\N{NARROW NO-BREAK SPACE}"))


def _value_text(value: Value, language: Language) -> str:
    """A value inside a sentence. A number with a fraction has one digit after the decimal sign of the language."""
    if isinstance(value, Text | Bilingual):
        return value.in_language(language)
    if isinstance(value, float):
        return f"{value:.1f}".replace(".", "," if language == "fr" else ".")
    return str(value)


def T(message: str, /, **values: Value) -> Text:  # noqa: N802 - the mark that the catalogue's extraction looks for
    """A sentence of the catalogue. `message` must be a literal; `{name}` stands for ``values['name']``.

    A whole number that is named ``count`` is shown as :func:`grouped` has it.
    """
    return Text(message, tuple(sorted(values.items())))


def N(singular: str, plural: str, count: int, /, **values: Value) -> Text:  # noqa: N802 - likewise
    """A sentence that depends on a number, which it may show as ``{count}``."""
    return Text(singular, tuple(sorted({**values, "count": count}.items())), plural, count)


def use(language: Language) -> None:
    """Show every text without a named language in `language` from now on."""
    global _current
    _current = language


def language() -> Language:
    """The language in use."""
    return _current


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: Language) -> gettext.NullTranslations:
    with (LOCALE / language / "LC_MESSAGES" / "fanion.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


# Cc control, Cf format (bidi overrides, zero width), Cs surrogate, Co private, Cn unassigned, Zl and Zp separators.
_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def first_few(words: Sequence[object], most: int) -> str:
    """The first of these with commas between them, at most so many, and a sign that there are more."""
    return ", ".join(map(str, words[:most])) + ("…" if len(words) > most else "")


def plain(value: str, limit: int = 120) -> str:
    """`value` as it may be shown, stored and compared: no control or bidi character, at most `limit` characters.

    What is replaced becomes U+FFFD, so that it can be seen that something was there; every kind of space becomes one.
    """
    cut = value[: limit + 1]
    safe = cut if cut.isascii() and cut.isprintable() else "".join(map(_safe, cut))
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def _safe(character: str) -> str:
    category = unicodedata.category(character)
    if category in _UNSAFE:
        return "\N{REPLACEMENT CHARACTER}"
    return " " if category == "Zs" else character


_NO_BREAK: Final = "\N{NO-BREAK SPACE}"


def one_line(text: str, limit: int = 4_000) -> str:
    """`text` as it may be shown on one line: as :func:`plain` leaves it, but with the no-break spaces of French."""
    whole = " / ".join(part for part in text.splitlines() if part)
    cut = whole if len(whole) <= limit else f"{whole[: limit - 1]}…"
    return _NO_BREAK.join(plain(part, limit) for part in cut.split(_NO_BREAK))


#: What a spreadsheet takes for the beginning of a formula, once look-alikes of other widths have become the usual ones.
_FORMULA: Final = frozenset("=+-@\N{MINUS SIGN}")
_BREAKS: Final = str.maketrans("\t\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029", " " * 11)


def as_cell(text: str) -> str:
    """`text` as one cell of a spreadsheet: on one line, and never a formula; what looks like one gets an apostrophe."""
    if not text or (text[0].isalnum() and text.isprintable()):
        return text
    flat = text.translate(_BREAKS)
    first = next((c for c in flat if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf")), "")
    return f"'{flat}" if unicodedata.normalize("NFKC", first)[:1] in _FORMULA else flat
