"""One record, whole: every field of it with a word for what it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.describe import platform, when
from core.ledger.records import Entry, UnknownRecord
from core.ledger.records.fields import NO_SPEC, Display, Spec, specs
from core.ledger.records.leaf import commitment
from core.ledger.records.sentences import as_text, is_both, is_sentence
from core.text import Bilingual, T, Text, Value, one_line, plain


@dataclass(frozen=True, slots=True)
class RecordField:
    """One field of a record: what it is called, or its name in the record where this version has no word for it."""

    label: Text | str
    value: str


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields that belong together."""

    title: Text
    fields: tuple[RecordField, ...]


_HAPPENED: Final = T("What happened")
_PHONE: Final = T("The phone")
_WHEN: Final = T("When and where")
_POLICY: Final = T("The policy")
_RECORD: Final = T("The entry itself")

#: What each part of a leaf is about; all others are about the record itself.
_GROUPS: Final[Mapping[str, Text]] = {
    "seq": _WHEN,
    "type": _HAPPENED,
    "body": _HAPPENED,
    "device": _PHONE,
    "time": _WHEN,
    "desk": _WHEN,
    "officer": _WHEN,
    "place": _WHEN,
    "visit": _WHEN,
    "practice": _WHEN,
    "policy": _POLICY,
}
#: Characters of a field's name in a record that are shown; of a longer one, its end.
_NAME_LIMIT: Final = 200


def fields(entry: Entry) -> tuple[FieldGroup, ...]:
    """Every field of a record in words, in the language in use: what happened first, what only an auditor needs last.

    A field that this version does not know is shown by its name in the record: none is left out, but those that say
    nothing of what the phone's platform does not have.
    """
    groups: dict[Text, list[RecordField]] = {title: [] for title in (_HAPPENED, _PHONE, _WHEN, _POLICY, _RECORD)}
    proofs: list[RecordField] = []
    for top, spec, name, value in _parts(entry):
        how = spec.display.elsewhere.get(platform(entry), spec.display)
        group, label = groups[_GROUPS.get(top, _RECORD)], how.label or name
        if spec.display.silent and (value is None or value == [] or value == {}):
            continue
        if not value and spec.display.platform and platform(entry) not in ("", spec.display.platform):
            continue
        if name == "time":
            group.append(RecordField(label, when(entry)))
            proofs.append(RecordField(T("Exact time"), _value_text(value, spec.display)))
        elif (sealed := commitment(value)) is not None:
            opened = (entry.openings or {}).get(sealed)
            group.append(RecordField(label, str(T("erased")) if opened is None else _value_text(opened, spec.display)))
            proofs.append(RecordField(spec.display.seal or _joined(name, "sha256"), plain(sealed)))
        else:
            group.append(RecordField(label, _value_text(value, how)))
    proofs.append(RecordField(T("Fingerprint of the entry"), entry.leaf_hash.hex()))
    groups[_RECORD] += proofs
    return tuple(FieldGroup(title, tuple(lines)) for title, lines in groups.items() if lines)


def _specs(entry: Entry) -> Mapping[str, Spec]:
    """The fields of a leaf in the order in which they are shown."""
    body_specs = {} if isinstance(entry.record, UnknownRecord) else specs(type(entry.record))
    header = specs(Entry)
    return {
        "type": header["type"],
        "body": Spec(Display(silent=True), inner=body_specs),
        "device": header["device"],
        "seq": Spec(Display(T("Entry number"))),
        "time": Spec(Display(T("Date and time"))),
        **header,
    }


def _parts(entry: Entry) -> Iterator[tuple[str, Spec, str, Any]]:
    """Everything in a record that is shown as one value: the part of the leaf in which it stands, its field, and its
    name, which counts in lists too.

    Not recursive: a record from elsewhere may be nested more deeply than Python can follow.
    """
    waiting: list[tuple[str, Spec, str, Any]] = [("", Spec(Display(), inner=_specs(entry)), "", entry.leaf)]
    while waiting:
        top, spec, name, value = waiting.pop()
        if spec.display.line is not None and isinstance(value, dict) and value.keys() <= spec.inner.keys():
            yield top, spec, name, value
        elif isinstance(value, dict) and value and not (is_sentence(value) or is_both(value) or commitment(value)):
            ranks = {key: rank for rank, key in enumerate(spec.inner)}
            inner = sorted(value.items(), key=lambda part: ranks.get(part[0], len(ranks)))
            waiting += [
                (top or key, spec.inner.get(key, NO_SPEC), _joined(name, plain(str(key))), part)
                for key, part in reversed(inner)
            ]
        elif isinstance(value, list) and any(isinstance(part, dict | list) for part in value):
            waiting += reversed([(top, spec, _joined(name, f"[{i}]", ""), part) for i, part in enumerate(value)])
        else:
            yield top, spec, name, value


def _joined(start: str, end: str, dot: str = ".") -> str:
    whole = f"{start}{dot}{end}" if start else end
    return whole if len(whole) <= _NAME_LIMIT else f"…{whole[1 - _NAME_LIMIT :]}"


def _value_text(value: Any, how: Display) -> str:
    """One value as it is shown: plain text of bounded length, in the language in use."""
    text: Value
    match value:
        case None:
            text = how.none or T("nothing")
        case bool():
            text = T("yes") if value else T("no")
        case "":
            text = T("nothing")
        case str():
            text = how.words.get(value, value)
        case int() if how.say is not None and abs(value) < 2**53:
            text = how.say(value)
        case dict() if how.line is not None and value:
            text = how.line(value)
        case dict() if is_sentence(value):
            text = as_text(value)
        case dict() if is_both(value):
            text = Bilingual(value["en"], value["fr"])
        case list():
            text = ", ".join(_value_text(inner, how) for inner in value) if value else T("nothing")
        case dict():
            text = T("nothing")
        case _:
            text = str(value)
    return one_line(str(text))
