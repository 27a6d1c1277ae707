"""Records are read back as the class that wrote them, whatever else stands there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import model
from core.ledger.records import AppFound, CheckEnded, Entry, Kind, Personal, Record, UnknownRecord, Versions, read_entry
from core.ledger.records.check import SeenBan
from core.ledger.records.desk import DecidingCount
from core.ledger.records.entry import CLASSES
from core.ledger.records.fields import read, specs
from core.ledger.records.leaf import encode, leaf_hash
from core.text import Bilingual, N, T, Text

WORD = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBER = st.integers(-(2**63) + 1, 2**63 - 1)
SENTENCE = st.one_of(
    st.just(T("The phone was unplugged.")),
    st.builds(lambda app: T("{app} is in profile {id}.", app=Bilingual(app, "x"), id=10), WORD),
    st.builds(lambda count: N("{count} app", "{count} apps", count), st.integers(0, 9)),
)
for type_, strategy in (
    (Text, SENTENCE),
    (Bilingual, st.builds(Bilingual, WORD, WORD)),
    (Personal, st.builds(Personal, WORD)),
    (SeenBan, st.builds(lambda of, id, at: SeenBan(of, id, at), st.none(), WORD, st.none() | NUMBER)),
    (Versions, st.builds(Versions, NUMBER, NUMBER, NUMBER, NUMBER)),
    (DecidingCount, st.builds(DecidingCount, NUMBER, WORD)),
    (model.Gap, st.builds(model.Gap, SENTENCE, SENTENCE, st.none() | NUMBER)),
    (model.FileHash, st.builds(model.FileHash, WORD, st.none() | NUMBER, WORD, st.sampled_from(model.HashedBy))),
    (model.Excepted, st.builds(model.Excepted, NUMBER, st.dates(date(1, 1, 1)), WORD, WORD)),
):
    st.register_type_strategy(type_, strategy)


def filled(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field."""
    kinds = get_args(hint) or (hint,)
    if get_origin(hint) is tuple:
        return st.lists(filled(kinds[0]), max_size=3).map(tuple)
    if get_origin(hint) is Mapping:
        return st.dictionaries(st.text("abc", max_size=3), WORD, max_size=3)
    if hint is str:
        return WORD
    if hint is int:
        return NUMBER
    if str in kinds and type(None) not in kinds:  # a word of ours, or one of a later version
        return st.sampled_from(list(kinds[0])) | st.just("of a later version")
    if type(None) in kinds:
        return st.none() | filled(kinds[0])
    return st.from_type(hint)


@pytest.mark.parametrize("cls", CLASSES.values(), ids=lambda cls: str(cls.kind))
def test_every_kind_reads_back_as_it_was_written(cls: type[Record]) -> None:
    hints = {name: hint for name, hint in get_type_hints(cls).items() if name in cls.__struct_fields__}

    @settings(max_examples=20, deadline=None)
    @given(st.fixed_dictionaries({name: filled(hint) for name, hint in hints.items()}))
    def back(fields: dict[str, Any]) -> None:
        if cls is CheckEnded:
            fields["gaps"] = fields["gaps"][:3]
            fields["gaps_counted"] = len(fields["gaps"])
        written = cls(**fields)
        exact, openings = encode(written.body())
        kept = {one.commitment.hex(): one.value.decode() for one in openings}
        assert read(cls, json.loads(exact), kept) == written

    back()


def test_every_kind_has_a_class() -> None:
    assert set(CLASSES) == set(Kind)
    assert set(specs(Versions)) == {"root", "targets", "snapshot", "timestamp"}
    assert set(specs(DecidingCount)) == {"count", "sha256"}


def entry(kind: str, body: Any, openings: dict[str, str] | None = None) -> Entry:
    leaf: dict[str, Any] = dict.fromkeys(("mono_ms", "boot", "desk", "officer", "session", "visit", "practice"))
    leaf |= {"v": 1, "seq": 1, "type": kind, "time": "2026-11-24T14:32:05.120+00:00"}
    leaf |= {"app": None, "policy": None, "device": None, "body": body}
    exact = json.dumps(leaf).encode()
    return read_entry(1, exact, leaf_hash(exact), openings)


def test_what_a_later_version_writes_is_kept() -> None:
    newer = entry("finding", {"package": "com.a", "tint": "x", "strength": "shun", "excepted": {"until": "soon"}})
    found = newer.record
    assert isinstance(found, AppFound)
    assert (found.package, found.strength, found.excepted, found.by_hand) == ("com.a", "shun", None, None)
    assert newer.leaf["body"]["tint"] == "x"
    assert entry("round-held", {"place": "x"}).record == UnknownRecord("round-held", {"place": "x"})


def test_a_personal_value_is_known_erased_or_withheld() -> None:
    body = {"detail": {"sha256": "ab" * 32}}
    known, erased, withheld = (
        entry("problem", body, openings).record.detail  # type: ignore[union-attr]
        for openings in ({"ab" * 32: "said"}, {}, None)
    )
    assert (known.value, known.withheld) == ("said", False)
    assert (erased.value, erased.withheld) == (None, False)
    assert (withheld.value, withheld.withheld) == (None, True)
    assert {one.sealed for one in (known, erased, withheld)} == {"ab" * 32}
    plain = entry("problem", {"detail": "as it was"}).record.detail  # type: ignore[union-attr]
    assert (plain.value, plain.sealed) == ("as it was", "")
