"""Which records are asked for, and what is asked of them as conditions of SQL.

LIKE is fast, but knows upper and lower case only of ASCII, and takes a field's name for a text: it chooses what is
worth a closer look. That is taken by the database where the text is ASCII, else by Python, which takes five times as
long and keeps the window from drawing meanwhile.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from core import phone_models
from core.ledger.records import Kind, sql
from core.ledger.records.entry import texts
from core.ledger.records.leaf import clean
from core.model import Phone, Verdict
from core.text import plain

#: Characters of a text or a name that are kept in the record of an export.
_WORDS_LIMIT: Final = 120
#: Phones of which the name is kept while leaves are looked at.
_NAMES_KEPT: Final = 1_000
#: What may be a whole serial number or IMEI: letters and digits in one piece, a digit among them.
_LIKE_A_SERIAL: Final = re.compile(r"(?=[^\W_]*\d)[^\W_]{6,}")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a record must have; false if nothing is asked.

    `text` stands anywhere in it, `officer` in the name of who wrote it. `phone` stands in the phone's maker and model,
    in what a person calls it by them (:attr:`core.model.Phone.name`), or in its asset tag or its holder's name, or is
    the end of its serial number, as long as those are not erased. Upper and lower case are the same, and so are an
    accent and its letter in one character or in two. From `since` on, and before `until`; both have to say their zone.
    """

    text: str = ""
    kind: Kind | None = None
    verdict: Verdict | None = None
    officer: str = ""
    phone: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        for time in (self.since, self.until):
            if time is not None and time.tzinfo is None:
                raise ValueError("a time without its zone could be any of them")
        for name in ("text", "officer", "phone"):
            object.__setattr__(self, name, getattr(self, name).strip())

    def __bool__(self) -> bool:
        return self != _EVERYTHING

    def words(self) -> Mapping[str, str]:
        """What was asked, in plain words for a record: which is for ever, so that no serial number may be in it.

        Other personal values only a ledger can tell: see :meth:`core.ledger.search.scan.ScanReader.words_of`.
        """
        words: dict[str, str] = {}
        for name in ("text", "kind", "verdict", "officer", "phone"):
            if value := getattr(self, name):
                words[name] = plain(str(value), _WORDS_LIMIT)
        for name in {"text", "phone"} & words.keys():
            words[name] = _LIKE_A_SERIAL.sub("***", words[name])
        for name in ("since", "until"):
            if (time := getattr(self, name)) is not None:
                words[name] = time.astimezone(UTC).isoformat(timespec="milliseconds")
        return words


_EVERYTHING: Final = Filter()


#: Characters of a search that the database compares; the rest is compared afterwards.
PATTERN_LIMIT: Final = 200

#: The texts and numbers in a leaf that :func:`core.ledger.records.entry.texts` names, as rows with an `atom`.
PARTS: Final = "json_tree(CAST(leaf AS TEXT)) AS part"
IS_TEXT: Final = "part.type IN ('text', 'integer') AND part.key NOT IN ('sha256', 'session', 'boot')"

_LOOKS_LIKE_IT: Final = "CAST(leaf AS TEXT) LIKE ?"
#: Where something is looked for that is not ASCII, most leaves need not be looked at by Python: they are.
_NOT_ASCII: Final = "length(CAST(leaf AS BLOB)) > length(CAST(leaf AS TEXT))"
_TEXT_HAS_IT: Final = f"""({_LOOKS_LIKE_IT} AND EXISTS (
    SELECT 1 FROM {PARTS} WHERE part.atom LIKE ? ESCAPE '!' AND {IS_TEXT}
))"""  # noqa: S608 - nothing but what stands here
_PHONE: Final = f"""(coalesce({sql.MAKER}, '') || ' '
    || coalesce({sql.MODEL}, ''))"""
_SERIAL_OPENED: Final = f"""EXISTS (SELECT 1 FROM entry NOT INDEXED WHERE entry.seq = opening.seq
    AND {sql.SERIAL_SEALED} = lower(hex(opening.commitment)))"""  # noqa: S608 - nothing but what stands here
_LABEL_OPENED: Final = f"""EXISTS (SELECT 1 FROM entry NOT INDEXED WHERE entry.seq = opening.seq
    AND lower(hex(opening.commitment)) IN ({sql.TAG_SEALED},
    {sql.HOLDER_SEALED}))"""  # noqa: S608 - nothing but what stands here
_VALUE: Final = "CAST(value AS TEXT)"


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a filter asks: of a leaf, or else of a personal value beside it.

    Each is a condition with its values; `in_opening` is empty where no personal value counts. `words` are folded, and
    all of them stand in the texts of every leaf that fulfils the first condition.
    """

    in_leaf: str
    of_leaf: tuple[str, ...]
    in_opening: str
    of_opening: tuple[str, ...]
    words: tuple[str, ...]


def clauses(chosen: Filter) -> tuple[Clause, ...]:
    """The conditions of `chosen` beyond a record's kind, verdict and time."""
    questions = ((_text, chosen.text), (_officer, chosen.officer), (_phone, chosen.phone))
    return tuple(ask(text) for ask, text in questions if text)


def folded(text: str) -> str:
    """`text` as it is compared: without regard to case, nor to whether an accent is a character of its own."""
    return unicodedata.normalize("NFC", text).casefold()


def _text(text: str) -> Clause:
    pattern, needle = _pattern(text), folded(clean(text))
    if _is_for_the_database(text):
        inside = f"%{_exactly(text)}%"
        return Clause(_TEXT_HAS_IT, (pattern, inside), f"{_VALUE} LIKE ? ESCAPE '!'", (inside,), (needle,))
    in_json = _as_in_json(needle)
    in_leaf = f"({_looks_like_it(needle)} AND leaf_has(CAST(leaf AS BLOB), ?, ?))"
    if "\0" in needle:  # LIKE takes a value only up to there
        return Clause(in_leaf, (pattern, needle, in_json), "value_has(CAST(value AS BLOB), ?)", (needle,), (needle,))
    in_opening = f"{_VALUE} LIKE ? AND value_has(CAST(value AS BLOB), ?)"
    return Clause(in_leaf, (pattern, needle, in_json), in_opening, (pattern, needle), (needle,))


def _officer(name: str) -> Clause:
    in_leaf, of_leaf = _part_of(sql.OFFICER, name)
    return Clause(in_leaf, of_leaf, "", (), (folded(clean(name)),))


def _phone(text: str) -> Clause:
    in_leaf, of_leaf = _part_of(_PHONE, text)
    needle = folded(clean(text))
    # Maker and model are two texts of a leaf, and one here: each word of it is in one of them.
    words = tuple(needle.split(" "))
    if any(needle in folded(_name(maker, number)) for maker, number in phone_models.all_models()):
        # No leaf has what a phone is sold as: its words say nothing of where to look.
        in_leaf, of_leaf, words = f"({in_leaf} OR phone_named({sql.MAKER}, {sql.MODEL}, ?))", (*of_leaf, needle), ()
    if _is_for_the_database(text):
        ends = has = f"{_VALUE} LIKE ? ESCAPE '!'"
        of_opening = (f"%{_exactly(text)}", f"%{_exactly(text)}%")
    else:
        ends, has, of_opening = (
            "value_ends(CAST(value AS BLOB), ?)",
            "value_has(CAST(value AS BLOB), ?)",
            (needle, needle),
        )
    in_opening = f"(({ends} AND {_SERIAL_OPENED}) OR ({has} AND {_LABEL_OPENED}))"
    return Clause(in_leaf, of_leaf, in_opening, of_opening, words)


def _part_of(column: str, text: str) -> tuple[str, tuple[str, ...]]:
    """A condition that `text` stands in `column`. The leaf is looked at first: to take it apart is slow."""
    pattern = _pattern(text).replace(" ", "%")
    if _is_for_the_database(text):
        return f"({_LOOKS_LIKE_IT} AND {column} LIKE ? ESCAPE '!')", (pattern, f"%{_exactly(text)}%")
    needle = folded(clean(text))
    return f"({_looks_like_it(needle)} AND text_has({column}, ?))", (pattern, needle)


def _looks_like_it(needle: str) -> str:
    return _LOOKS_LIKE_IT if needle.isascii() else f"{_NOT_ASCII} AND {_LOOKS_LIKE_IT}"


def _is_for_the_database(text: str) -> bool:
    return text.isascii() and text.isprintable() and len(text) <= PATTERN_LIMIT


def _exactly(text: str) -> str:
    """A LIKE pattern, with ! as its escape, that fits `text` alone."""
    return "".join(f"!{c}" if c in "!%_" else c for c in text)


def _pattern(text: str) -> str:
    """A LIKE pattern that fits every JSON text with `text` in it, in whatever case, and possibly some more."""
    # The sign for kelvin is composed to a letter of ASCII, and is none where it stands in a leaf.
    composed = unicodedata.normalize("NFC", text.replace("\N{KELVIN SIGN}", "\uffff"))[:PATTERN_LIMIT]
    return "%" + "".join(c if (c.isascii() and c.isalnum()) or c in " .-" else "%" for c in composed) + "%"


def _as_in_json(needle: str) -> str:
    """What a folded leaf has where one of its texts has `needle`; empty where that is not sure.

    JSON escapes some characters, and an accent behind an escape is composed with the escape's last letter when the leaf
    is folded as a whole: a line break and an acute accent become a backslash and an accented n.
    """
    escaped = json.dumps(needle, ensure_ascii=False)[1:-1] != needle
    return "" if escaped or unicodedata.combining(needle[0]) else needle


def _leaf_has(leaf: bytes, needle: str, in_json: str) -> bool:
    """Whether one of a leaf's texts has `needle`, which is folded, in it; `in_json` stands in the folded leaf then."""
    return in_json in folded(leaf.decode()) and any(needle in folded(text) for text in texts(json.loads(leaf)))


@lru_cache(_NAMES_KEPT)
def _name(maker: str, model: str) -> str:
    return Phone("", maker, model, "", "").name


def _phone_named(maker: object, model: object, needle: str) -> bool:
    return isinstance(maker, str) and isinstance(model, str) and needle in folded(_name(maker, model))


def _text_has(text: object, needle: str) -> bool:
    return isinstance(text, str) and needle in folded(text)


def _value_has(value: bytes, needle: str) -> bool:
    return needle in folded(value.decode())


def _value_ends(value: bytes, needle: str) -> bool:
    return folded(value.decode()).endswith(needle)


def numbers_in(numbers: Sequence[int] | Sequence[tuple[int, int]]) -> str:
    """Numbers, or pairs of them, as the database takes them: for json_each()."""
    return json.dumps(list(numbers))


#: The functions that the conditions use, by their names in SQL, with the number of their arguments.
FUNCTIONS: Final[Mapping[str, tuple[int, Callable[..., bool]]]] = {
    "leaf_has": (3, _leaf_has),
    "text_has": (2, _text_has),
    "phone_named": (3, _phone_named),
    "value_has": (2, _value_has),
    "value_ends": (2, _value_ends),
}
