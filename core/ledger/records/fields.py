"""How a class of records stands in a leaf: written from its fields, and read back into them.

A class lists its fields in the order in which they are shown, each with :class:`Display`. Writing gives JSON. Reading
takes what stands there: a log may come from anywhere, and from a later version. A field that is missing or of another
type is read as nothing of its type, and one that the class does not know stays in the leaf, where it can be shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, is_dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, Final, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from core.ledger.records.kinds import Kind
from core.ledger.records.leaf import INTEGER_LIMIT, Json, JsonObject, Personal, commitment
from core.ledger.records.sentences import NO_SENTENCE, as_text, bilingual_json, is_sentence, sentence
from core.text import Bilingual, T, Text, Value

T_ = TypeVar("T_")
#: The personal values that are not erased, by commitment in hex; None where they were not asked for.
Openings: TypeAlias = Mapping[str, str] | None
_Reader: TypeAlias = Callable[[Any, Openings], Any]

_NUMERAL: Final = re.compile(r"-?[0-9]{1,19}")
_LIMIT: Final = 2**63


@dataclass(frozen=True, slots=True)
class Display:
    """How a field is called in front of people, and its value where that is a word or a number of ours.

    `name` is its name in the leaf where that is another, and `within` the object there in which it stands.
    """

    label: Text | None = None
    words: Mapping[Any, Text] = field(default_factory=dict)
    say: Callable[[int], Value] | None = None
    name: str = ""
    within: str = ""
    #: What is shown where there is no value.
    none: Text | None = None
    #: What the sealed form of a personal value is called.
    seal: Text | None = None
    #: Not shown where there is nothing.
    silent: bool = False
    #: Not written where there is nothing; else null is.
    left_out: bool = False
    #: The platform that alone has it: not shown of other phones where it says nothing.
    platform: str = ""
    #: How it is called on a platform where that is another word.
    elsewhere: Mapping[str, Display] = field(default_factory=dict)
    #: An object with these fields and no others is told in one line.
    line: Callable[[Mapping[str, Any]], Value] | None = None


#: The id of an app, by each platform's own word.
APP_ID: Final = Display(T("Package"), elsewhere={"ios": Display(T("App id"))})


class Record(msgspec.Struct, frozen=True):
    """What happened, as the ledger writes it down and gives it back; each kind is a class of its own."""

    kind: ClassVar[Kind]
    #: The field that has the number of an earlier record, and the kind that this record has to be of.
    builds_on: ClassVar[tuple[str, Kind] | None] = None

    def body(self) -> JsonObject:
        """The fields of this kind, as they stand in `body`."""
        return json_fields(self)

    def refers_to(self) -> Mapping[int, Kind]:
        """The earlier records that this one builds on, by number; the ledger checks their kind."""
        if self.builds_on is None:
            return {}
        name, kind = self.builds_on
        return {getattr(self, name): kind}


class UnknownRecord(msgspec.Struct, frozen=True):
    """A record of a kind that this version does not know. `content` is what stands in its body."""

    kind: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spec:
    """One field of a class, or (without an attribute) the object in which some of its fields stand."""

    display: Display
    attribute: str = ""
    #: The fields of its value by their names in the leaf, where that is an object, or a list of such.
    inner: Mapping[str, Spec] = field(default_factory=dict)


NO_SPEC: Final = Spec(Display())


@cache
def specs(cls: Any) -> Mapping[str, Spec]:
    """The fields of a class by their names in the leaf, in the order in which they are shown."""
    types, by_name = get_type_hints(cls), dict[str, Spec]()
    for attribute, display in _displays_of(cls).items():
        spec = Spec(display, attribute, _inner(types[attribute]))
        if display.within:
            around = by_name.get(display.within, NO_SPEC)
            by_name[display.within] = Spec(around.display, inner={**around.inner, display.name or attribute: spec})
        else:
            by_name[display.name or attribute] = spec
    return by_name


def _displays_of(cls: type) -> Mapping[str, Display]:
    """How the fields of a class are shown, in their order; those that stand in no leaf have nothing."""
    if cls in _PARTS:
        return _PARTS[cls]
    hints = get_type_hints(cls, include_extras=True)
    # A class that adds to another one shows its own fields last.
    names = [name for base in reversed(cls.__mro__) for name in getattr(base, "__annotations__", {}) if name in hints]
    metadata = {name: getattr(hints[name], "__metadata__", ()) for name in names}
    return {name: mark for name, marks in metadata.items() for mark in marks if isinstance(mark, Display)}


def parts(cls: type, **displays: Display) -> None:
    """Write `cls`, one of the road's nouns, into records with these of its fields."""
    _PARTS[cls] = displays


_PARTS: Final[dict[type, Mapping[str, Display]]] = {}


def json_fields(value: Any) -> dict[str, Json]:
    """An object of a class with fields as it stands in a leaf."""
    return _json_of(value, specs(type(value)))  # type: ignore[arg-type]  # a class can be hashed


def _json_of(value: Any, fields: Mapping[str, Spec]) -> dict[str, Json]:
    by_name: dict[str, Json] = {}
    for name, spec in fields.items():
        if not spec.attribute:
            by_name[name] = _json_of(value, spec.inner)
            continue
        field_value = getattr(value, spec.attribute)
        if field_value is not None or not spec.display.left_out:
            by_name[name] = _json(field_value)
    return by_name


def _json(value: Any) -> Json:
    match value:
        case None | bool() | str() | Personal():
            return value
        case int():
            # A number that a phone gave: Android's version codes have 64 bits, and a leaf takes less.
            return value if abs(value) < INTEGER_LIMIT else str(value)
        case Text():
            return sentence(value)
        case Bilingual():
            return bilingual_json(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {name: _json(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_json(inner) for inner in value]
        case _:
            return json_fields(value)


def read(cls: type[T_], body: Mapping[str, Any], openings: Openings, /, **arguments: Any) -> T_:
    """The object of `cls` that stands in a leaf, as far as it can be understood; `arguments` are fields that do not."""
    for within, fields in _plan(cls):  # type: ignore[arg-type]  # a class can be hashed
        part = body.get(within) if within else body
        if not isinstance(part, dict):
            part = {}
        for attribute, name, plain, reader, otherwise in fields:
            value = part.get(name)
            if value is not None and type(value) is not plain:
                value = reader(value, openings)
            arguments[attribute] = otherwise if value is None else value
    return cls(**arguments)


#: A field of a class: its attribute, its name in the leaf, the type that needs no reading, its reader, and what it is
#: where nothing can be read.
_Planned: TypeAlias = tuple[str, str, type | None, _Reader, Any]


@cache
def _plan(cls: Any) -> tuple[tuple[str, tuple[_Planned, ...]], ...]:
    """The steps that read a class: for each object in the leaf, the fields that stand in it."""
    types, by_place = get_type_hints(cls), dict[str, list[_Planned]]()
    for attribute, display in _displays_of(cls).items():
        type_ = types[attribute]
        field = attribute, display.name or attribute, _plain(type_), _reader(type_), _nothing(type_)
        by_place.setdefault(display.within, []).append(field)
    return tuple((within, tuple(fields)) for within, fields in by_place.items())


def _plain(type_: Any) -> type | None:
    """The type of a value that needs no reading; None for every other."""
    only = [member for member in get_args(type_) or (type_,) if member is not NoneType]
    return only[0] if only in ([str], [bool]) and get_origin(type_) is not tuple else None


#: What a field is that cannot be nothing.
_ABSENT: Final = object()


def _nothing(type_: Any) -> Any:
    """The value of a field that is missing in a leaf."""
    simple = {str: "", int: 0, bool: False, Text: NO_SENTENCE, Personal: Personal("")}
    if type_ in simple:
        return simple[type_]
    if get_origin(type_) is tuple:
        return ()
    if get_origin(type_) in (dict, Mapping):
        return {}
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return read(type_, {}, None)
    of = get_args(type_)
    if not of:
        return _ABSENT
    return "" if str in of and NoneType not in of else None


def _inner(type_: Any) -> Mapping[str, Spec]:
    for member in (type_, *get_args(type_)):
        if (
            isinstance(member, type)
            and (is_dataclass(member) or issubclass(member, msgspec.Struct))
            and member not in _OURS
        ):
            return specs(member)
    return {}


def _reader(type_: Any) -> _Reader:
    if type_ in _READERS:
        return _READERS[type_]
    of = get_args(type_)
    if get_origin(type_) in (Union, UnionType):
        first, *alternatives = (member for member in of if member is not NoneType)
        if alternatives == [str]:  # a word of ours, or one of a later version
            return _word(first)
        return _reader(first)
    if get_origin(type_) is tuple:
        return _list_reader(_reader(of[0]))
    if get_origin(type_) is Mapping:
        return _mapping_reader(_reader(of[1]))
    if isinstance(type_, type) and issubclass(type_, StrEnum):
        words = {str(word): word for word in type_}
        return lambda value, _: words.get(value) if isinstance(value, str) else None
    return lambda value, openings: _part(type_, value, openings)


def _word(enumeration: type[StrEnum]) -> _Reader:
    words = {str(word): word for word in enumeration}
    return lambda value, _: words.get(value, value) if isinstance(value, str) else None


def _list_reader(reader: _Reader) -> _Reader:
    def read_list(value: Any, openings: Openings) -> Any:
        if not isinstance(value, list):
            return None
        return tuple([item for inner in value if (item := reader(inner, openings)) is not None])

    return read_list


def _mapping_reader(reader: _Reader) -> _Reader:
    def read_object(value: Any, openings: Openings) -> Any:
        if not isinstance(value, dict):
            return None
        read = {name: reader(inner, openings) for name, inner in value.items()}
        return {name: inner for name, inner in read.items() if inner is not None}

    return read_object


def _part(cls: type, value: Any, openings: Openings) -> Any:
    """An object in a record; one of which a word or a day cannot be understood is left out."""
    if not isinstance(value, dict):
        return None
    instance: object = read(cls, value, openings)
    return None if any(getattr(instance, name) is _ABSENT for name in _needed(cls)) else instance


@cache
def _needed(cls: Any) -> tuple[str, ...]:
    """The fields that cannot be nothing: words of ours, and days."""
    return tuple(field[0] for _, fields in _plan(cls) for field in fields if field[-1] is _ABSENT)


def _whole(value: Any, _: Openings) -> Any:
    if isinstance(value, str) and _NUMERAL.fullmatch(value):
        value = int(value)
    return value if type(value) is int and abs(value) < _LIMIT else None


def _date(value: Any, _: Openings) -> Any:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _personal(value: Any, openings: Openings) -> Any:
    if isinstance(value, str):  # older records have some values as they are
        return Personal(value)
    sealed = commitment(value)
    if sealed is None:
        return None
    return Personal(None if openings is None else openings.get(sealed), sealed, withheld=openings is None)


def _bilingual(value: Any, _: Openings) -> Any:
    if not isinstance(value, dict) or not all(isinstance(value.get(name), str) for name in ("en", "fr")):
        return None
    return Bilingual(value["en"], value["fr"])


_READERS: Final[dict[Any, _Reader]] = {
    str: lambda value, _: value if isinstance(value, str) else None,
    int: _whole,
    bool: lambda value, _: value if isinstance(value, bool) else None,
    date: _date,
    Text: lambda value, _: as_text(value) if is_sentence(value) else None,
    Bilingual: _bilingual,
    Personal: _personal,
}
_OURS: Final = (Text, Bilingual, Personal)
