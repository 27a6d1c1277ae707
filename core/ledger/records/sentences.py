"""Sentences in records: kept so that they can be read in English as they stand, and put into French later.

A sentence is ``{"code": the catalogue's message id, "en": its English wording, "values": {...}}``, with ``"plural"``
and ``"count"`` where it depends on a number. Values are texts, whole numbers, sentences, or ``{"en": ..., "fr": ...}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from string import Formatter
from typing import Any, Final

from core.ledger.records.leaf import INTEGER_LIMIT, Json, JsonObject
from core.text import Bilingual, Text, Value

#: A sentence that is not there.
NO_SENTENCE: Final = Text("{sentence}", (("sentence", ""),))
#: Places for values in one sentence.
_PLACES: Final = 8


def sentence(text: Text) -> JsonObject:
    """`text` as a record keeps it."""
    fields: dict[str, Json] = {
        "code": text.message,
        "en": text.in_language("en"),
        "values": {name: _value(value) for name, value in text.values},
    }
    if text.plural is not None:
        fields |= {"plural": text.plural, "count": text.count}
    return fields


def bilingual_json(text: Bilingual) -> JsonObject:
    """A text that has both languages from the start."""
    return {"en": text.en, "fr": text.fr}


def is_sentence(value: object) -> bool:
    """Whether `value` has the parts of a sentence; what they say is looked at when it is read."""
    return (
        isinstance(value, Mapping)
        and {"code", "en", "values"} <= value.keys() <= {"code", "en", "values", "plural", "count"}
        and isinstance(value["en"], str)
        and isinstance(value["code"], str)
        and isinstance(value["values"], Mapping)
    )


def is_both(value: object) -> bool:
    """Whether `value` is a text that has both languages."""
    return (
        isinstance(value, Mapping)
        and value.keys() == {"en", "fr"}
        and all(isinstance(text, str) for text in value.values())
    )


def as_text(fields: Mapping[str, Any]) -> Text:
    """The sentence of a record, to be shown in either language.

    A log may come from anywhere: what is no simple sentence with its values is shown in the English that stands there.
    Nor is one that is larger than any of ours: sentences in sentences can be made to fill any memory.
    """
    code, values = fields.get("code"), fields.get("values")
    plural, count = fields.get("plural"), fields.get("count", 1)
    if (
        isinstance(code, str)
        and isinstance(values, Mapping)
        and isinstance(plural, str | None)
        and type(count) is int
        and _is_small(values)
    ):
        names = _names(code), _names(code if plural is None else plural)
        shown_values = tuple((name, _shown_value(value)) for name, value in sorted(values.items()))
        if all(placeholders is not None and placeholders <= values.keys() for placeholders in names) and all(
            v is not None for _, v in shown_values
        ):
            return Text(code, shown_values, plural, count)
    return Text("{sentence}", (("sentence", str(fields.get("en", ""))),))


def _value(value: object) -> Json:
    match value:
        case Text():
            return sentence(value)
        case Bilingual():
            return bilingual_json(value)
        case bool() | int():
            return value
        case _:
            return str(value)


def _is_small(values: Mapping[str, Any], depth: int = 3) -> bool:
    """Whether there are few sentences in sentences."""
    inner = [value["values"] for value in values.values() if is_sentence(value)]
    return depth > 0 and all(_is_small(mapping, depth - 1) for mapping in inner)


def _shown_value(value: Any) -> Value:
    """A value of a sentence; None for one that no sentence of ours has."""
    if is_both(value):
        return Bilingual(value["en"], value["fr"])
    if isinstance(value, Mapping):
        return as_text(value) if is_sentence(value) else None
    is_small = isinstance(value, str | bool) or (isinstance(value, int) and abs(value) < INTEGER_LIMIT)
    return value if is_small else None


@lru_cache(maxsize=1_000)
def _names(pattern: str) -> frozenset[str] | None:
    """The values that `pattern` names, if it does no more: a format such as ``{x:>999999999}`` would be a trap."""
    try:
        places = [(name, spec, how) for _, name, spec, how in Formatter().parse(pattern) if name is not None]
    except ValueError:
        return None
    simple = all(name.isidentifier() and not spec and how is None for name, spec, how in places)
    return frozenset(name for name, _, _ in places) if simple and pattern and len(places) <= _PLACES else None
