"""Sentences in records: kept so that they can be read in English as they stand, and put into French later.

A sentence is ``{"code": the catalogue's message id, "en": its English wording, "values": {...}}``, with ``"plural"``
and ``"count"`` where it depends on a number. Values are texts, whole numbers, sentences, or ``{"en": ..., "fr": ...}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from core.ledger.records.leaf import Json, JsonObject
from core.text import Bilingual, Text


def sentence(text: Text) -> JsonObject:
    """`text` as a record keeps it."""
    kept: dict[str, Json] = {
        "code": text.message,
        "en": text.in_language("en"),
        "values": {name: _value(value) for name, value in text.values},
    }
    if text.plural is not None:
        kept |= {"plural": text.plural, "count": text.count}
    return kept


def both(text: Bilingual) -> JsonObject:
    """A text that has both languages from the start."""
    return {"en": text.en, "fr": text.fr}


def as_text(kept: Mapping[str, Any]) -> Text:
    """The sentence of a record, to be shown in either language.

    A log may come from anywhere: what is no simple sentence with its values is shown in the English that stands there.
    """
    code, values = kept.get("code"), kept.get("values")
    plural, count = kept.get("plural", code), kept.get("count", 1)
    if (
        not isinstance(values, Mapping)
        or not isinstance(count, int)
        or not all(_is_simple(pattern, values) for pattern in (code, plural))
    ):
        return Text("{sentence}", (("sentence", str(kept.get("en", ""))),))
    shown = tuple((name, _shown(value)) for name, value in sorted(values.items()))
    return Text(str(code), shown, kept.get("plural"), count)


def _value(value: object) -> Json:
    match value:
        case Text():
            return sentence(value)
        case Bilingual():
            return both(value)
        case bool() | int():
            return value
        case _:
            return str(value)


def _shown(value: Any) -> object:
    if not isinstance(value, Mapping):
        return value
    return as_text(value) if "code" in value else Bilingual(str(value.get("en", "")), str(value.get("fr", "")))


def _is_simple(pattern: object, values: Mapping[str, Any]) -> bool:
    """Whether `pattern` only names its values: a format such as ``{x:>999999999}`` would be a trap."""
    if not isinstance(pattern, str) or not pattern:
        return False
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError:
        return False
    return all(
        name is None or (name.isidentifier() and name in values and not spec and conversion is None)
        for _, name, spec, conversion in parts
    )
