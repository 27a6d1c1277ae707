"""Leaves looked at together: whatever is wrong with one of them is found as if each was looked at by itself."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import fields

from core.ledger.records.entry import Device, PolicyUsed
from core.ledger.records.leaf import LEAF_LIMIT, Opening, leaf_hash
from core.ledger.records.stored_time import as_stored, seconds_of, time_of
from core.ledger.verify import record_check
from core.ledger.verify.faults import FaultKind as F
from core.ledger.verify.leaf_check import read_leaves
from core.ledger.verify.record_check import LeafRow, examine
from tests.examples import examples
from tests.unit.ledger.one_by_one import examine_one_by_one
from tests.unit.ledger.thief import canonical

SALT = bytes(range(32))
VALUE = b"R58N12ABCDE"
COMMITTED = hashlib.sha256(SALT + VALUE).digest()


def leaf_of(seq: int, **change: Any) -> dict[str, Any]:
    """Record number `seq` of a log, as Fanion writes it."""
    return {
        "app": {"version": "0.3.0"},
        "body": {"intent": seq - 1, "list": [1, {"b": None, "a": "ü\n\\/\u2028é"}], "text": "日本 \U0001f600"},
        "boot": "boot-1",
        "desk": "Desk 1",
        "device": {"maker": "samsung", "serial": {"sha256": COMMITTED.hex()}},
        "mono_ms": seq * 1_000,
        "officer": "A. Officer",
        "policy": {"id": "canada", "sha256": "ab" * 32, "version": "1"},
        "practice": False,
        "seq": seq,
        "session": "0123456789abcdef",
        "time": f"2026-11-24T09:{seq // 60:02}:{seq % 60:02}.000+00:00",
        "type": "removal-outcome",
        "v": 1,
        "visit": None,
    } | change


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda leaf: leaf.replace(old, new, 1)


def rewritten(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Whatever the pattern `old` finds first is put otherwise."""
    return lambda leaf: re.sub(old, lambda _: new, leaf, count=1, flags=re.DOTALL)


#: What somebody may do to the bytes of a leaf.
CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda leaf: leaf,
    "a key twice": replaced(b'"boot":', b'"boot":"boot-1","boot":'),
    "a key twice, further down": replaced(b'"id":"canada"', b'"id":"other","id":"canada"'),
    "a key twice in the body": replaced(b'"intent":', b'"intent":7,"intent":'),
    "a space": replaced(b',"boot"', b', "boot"'),
    "a space in an object": replaced(b'"id":"canada"', b'"id": "canada"'),
    "a space in an array": replaced(b"[1,", b"[1 ,"),
    "a line feed": replaced(b',"boot"', b',\n"boot"'),
    "a line feed at the end": lambda leaf: leaf + b"\n",
    "a line feed at the beginning": lambda leaf: b"\n" + leaf,
    "a carriage return": lambda leaf: leaf + b"\r",
    "an escape": replaced(b"Desk", b"\\u0044esk"),
    "an escape of a slash": replaced(b"canada", b"can\\/ada"),
    "an escape in capitals": replaced("é".encode(), b"\\u00E9"),
    "an escape of what is two characters": replaced("\U0001f600".encode(), b"\\ud83d\\ude00"),
    "half a character": replaced("\U0001f600".encode(), b"\\ud83d"),
    "half a character as it is": replaced("\U0001f600".encode(), b"\xed\xa0\xbd"),
    "no UTF-8": replaced(b"Desk", b"\xff\xfe"),
    "overlong UTF-8": replaced(b"Desk", b"\xc1\x84"),
    "a control character": replaced(b"Desk", b"De\x01sk"),
    "a control character, escaped": replaced(b"Desk", b"De\\u0001sk"),
    "an end of line, escaped": replaced(b"Desk", b"De\\nsk"),
    "an end of line, escaped as a number": replaced(b"Desk", b"De\\u000ask"),
    "a delete": replaced(b"Desk", b"De\x7fsk"),
    "unsorted keys": replaced(b'"app":{"version":"0.3.0"},', b""),
    "unsorted keys further down": replaced(b'"maker":"samsung",', b'"z":1,"maker":"samsung",'),
    "keys sorted otherwise": replaced(b'{"a":', '{"\U0001f600":1,"\uffee":1,"a":'.encode()),
    "a float": replaced(b"[1,", b"[1.0,"),
    "an exponent": replaced(b"[1,", b"[1e0,"),
    "a float for a counter": lambda leaf: leaf.replace(b'000,"officer"', b'000.0,"officer"'),
    "a float beside": replaced(b'"visit":null', b'"visit":1.5'),
    "a zero before": replaced(b"[1,", b"[01,"),
    "less than nothing": replaced(b"[1,", b"[-0,"),
    "a large number": replaced(b"[1,", b"[9007199254740993,"),
    "a larger number": replaced(b"[1,", b"[18446744073709551616,"),
    "a number of many digits": replaced(b"[1,", b"[1" + b"0" * 400 + b","),
    "no number": replaced(b"[1,", b"[NaN,"),
    "a large version": replaced(b'"v":1', b'"v":9223372036854775808'),
    "another version": replaced(b'"v":1', b'"v":2'),
    "true for a version": replaced(b'"v":1', b'"v":true'),
    "another number": replaced(b',"seq":', b',"seq":1'),
    "one field more": replaced(b',"seq":', b',"real":1,"seq":'),
    "one field less": replaced(b'"desk":"Desk 1",', b""),
    "one field more of the phone": replaced(b'"maker":', b'"mass":1,"maker":'),
    "a phone that is a text": lambda leaf: leaf.replace(b'"device":{', b'"device":"x","other":{', 1),
    "no fields of the program": replaced(b'{"version":"0.3.0"}', b"{}"),
    "no policy": rewritten(rb'"policy":\{[^}]*\}', b'"policy":null'),
    "no program": replaced(b'{"version":"0.3.0"}', b"null"),
    "a program with more fields": replaced(b'{"version"', b'{"sha256":"x","version"'),
    "a place": replaced(b',"policy":', b',"place":"Ottawa","policy":'),
    "a place that is nothing": replaced(b',"policy":', b',"place":null,"policy":'),
    "another type": replaced(b'"type":"removal-outcome"', b'"type":["a"]'),
    "a body that is a text": rewritten(rb'"body":.*,"boot"', b'"body":"x","boot"'),
    "no end of the body": replaced(b'"body":{', b'"body":[{'),
    "keys that are none": replaced(b"removal-outcome", b"log-begun"),
    "a next key": replaced(b"removal-outcome", b"key-next"),
    "a type that a later version knows": replaced(b"removal-outcome", b"later"),
    "another boot": replaced(b"boot-1", b"boot-2"),
    "a clock set back": replaced(b'"time":"2026', b'"time":"1953'),
    "Z": replaced(b"+00:00", b"Z"),
    "another offset": replaced(b"+00:00", b"+01:00"),
    "no milliseconds": replaced(b".000+", b"+"),
    "digits of another script": replaced(b'"time":"2026', '"time":"٢٠٢٦'.encode()),
    "a long text": replaced(b"Desk", b"x" * LEAF_LIMIT),
    "deep": replaced(b"[1,", b"[" * 5_000 + b"]" * 5_000 + b","),
    "an array around it": lambda leaf: b"[" + leaf + b"]",
    "two in one": lambda leaf: leaf + leaf,
    "two on one line": lambda leaf: leaf + b" " + leaf,
    "two on two lines": lambda leaf: leaf + b"\n" + leaf,
    "cut": lambda leaf: leaf[:-1],
    "empty": lambda leaf: b"",
    "a space alone": lambda leaf: b" ",
    "a byte order mark": lambda leaf: b"\xef\xbb\xbf" + leaf,
    "a committed value": replaced(b'"visit":null', b'"visit":{"sha256":"' + b"cd" * 32 + b'"}'),
}


def same(rows: list[LeafRow], openings: dict[int, list[Opening]] | None = None) -> None:
    """All that is found together is what is found one by one."""
    assert examine(rows, openings) == examine_one_by_one(rows, openings)


def rows_of(leaves: list[bytes]) -> list[LeafRow]:
    return [(seq, leaf, None) for seq, leaf in enumerate(leaves, 1)]


@pytest.mark.parametrize("name", CHANGES)
def test_a_leaf_that_is_written_otherwise_is_found_among_others(name: str) -> None:
    leaves = [canonical(leaf_of(seq)) for seq in range(1, 8)]
    changed = CHANGES[name](leaves[3])
    assert (changed == leaves[3]) == (name == "nothing")
    leaves[3] = changed
    same(rows_of(leaves), {3: [Opening(COMMITTED, SALT, VALUE)]})


@examples(150)
@given(
    changes=st.lists(st.tuples(st.sampled_from(list(CHANGES)), st.sampled_from(list(CHANGES))), min_size=1, max_size=9),
    kept=st.lists(st.sampled_from(["none", "right", "wrong", "text"]), min_size=9, max_size=9),
    steps=st.lists(st.sampled_from([1, 1, 1, 1, 2, 50]), min_size=9, max_size=9),
    opened=st.sets(st.integers(1, 9)),
    together=st.integers(1, 5),
)
def test_together_and_one_by_one_the_same_is_found(
    changes: list[tuple[str, str]], kept: list[str], steps: list[int], opened: set[int], together: int
) -> None:
    rows, seq = list[LeafRow](), 0
    for at, (first, second) in enumerate(changes):
        seq += steps[at]
        leaf = CHANGES[second](CHANGES[first](canonical(leaf_of(seq))))
        hashes: dict[str, Any] = {"none": None, "right": leaf_hash(leaf), "wrong": bytes(32), "text": "text"}
        rows.append((seq, leaf, hashes[kept[at]]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_check, "_TOGETHER", together)
        same(rows, {number: [Opening(COMMITTED, SALT, VALUE)] for number in opened})
        same(rows)


@examples(150)
@given(
    first=st.integers(0, 3),
    cut=st.integers(0, 900),
    kind=st.sampled_from(["moved", "inserted", "replaced", "deleted"]),
    data=st.binary(max_size=6) | st.sampled_from([b"\n", b",", b"{", b"}", b'"', b"\\", b" ", b"0", b"},{", b"\n\n"]),
)
@example(first=1, cut=20, kind="moved", data=b"")
def test_bytes_anywhere_are_found_as_one_by_one(first: int, cut: int, kind: str, data: bytes) -> None:
    """Also where what is cut off one leaf is put before the next: together they are what they were."""
    leaves = [canonical(leaf_of(seq)) for seq in range(1, 6)]
    here, following = leaves[first], leaves[first + 1]
    cut = min(cut, len(here))
    if kind == "moved":
        leaves[first], leaves[first + 1] = here[:cut], here[cut:] + data + following
    elif kind == "inserted":
        leaves[first] = here[:cut] + data + here[cut:]
    else:
        leaves[first] = here[:cut] + (data if kind == "replaced" else b"") + here[cut + len(data) :]
    same(rows_of(leaves))


def test_leaves_are_read_together_where_nothing_is_wrong_with_them() -> None:
    """Else all of them would be looked at one by one, and nobody would notice but by the time it takes."""
    leaves = [canonical(leaf_of(seq)) for seq in range(1, 200)]
    device = {field.name: None for field in fields(Device)}
    policy = {field.name: None for field in fields(PolicyUsed)}
    leaves += [canonical(leaf_of(200, place="Ottawa", device=device, policy=policy))]
    leaves += [canonical(leaf_of(201, device=None, policy=None))]
    read = read_leaves(leaves)
    assert read is not None
    assert [leaf.seq for leaf in read] == list(range(1, 202))


def test_as_many_as_there_are_are_examined() -> None:
    leaves = [canonical(leaf_of(seq)) for seq in range(1, 1_000)]
    found = examine(rows_of(leaves))
    assert (found.first, found.last, found.faults) == (1, 999, [])
    assert found.hashes == b"".join(map(leaf_hash, leaves))
    same(rows_of(leaves))


# The one form of a time

STORED = "2026-11-24T09:00:00.000+00:00"
OTHERWISE = [
    "2026-11-24T09:00:00.000Z",
    "2026-11-24T09:00:00.000",
    "2026-11-24T09:00:00+00:00",
    "2026-11-24T09:00:00.000000+00:00",
    "2026-11-24T09:00:00.00+00:00",
    "2026-11-24T09:00:00,000+00:00",
    "2026-11-24T10:00:00.000+01:00",
    "2026-11-24T09:00:00.000-00:00",
    "2026-11-24T09:00:00.000+0000",
    "2026-11-24T09:00:00.000+00:00:00",
    "2026-11-24 09:00:00.000+00:00",
    "2026-11-24t09:00:00.000+00:00",
    "20261124T090000.000+00:00",
    "2026-W48-2T09:00:00.000+00:00",
    "2026-11-23T24:00:00.000+00:00",
    "2026-11-24T09:00:60.000+00:00",
    "2026-11-31T09:00:00.000+00:00",
    "2026-13-01T09:00:00.000+00:00",
    "0000-01-01T09:00:00.000+00:00",
    "٢٠٢٦-11-24T09:00:00.000+00:00",
    "２026-11-24T09:00:00.000+00:00",
    " " + STORED,
    STORED + "\n",
    STORED + " ",
    "",
]
TIMES = ["0001-01-01T00:00:00.000+00:00", "1969-12-31T23:59:59.999+00:00", STORED, "9999-12-31T23:59:59.999+00:00"]


@pytest.mark.parametrize("text", OTHERWISE)
def test_a_time_in_another_form_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of whatever words
        time_of(text)
    with pytest.raises(ValueError):  # noqa: PT011
        seconds_of([STORED, text, STORED])
    leaves = [canonical(leaf_of(1)), canonical(leaf_of(2, time=text)), canonical(leaf_of(3))]
    assert examine(rows_of(leaves)).faults == [(F.UNREADABLE, 2, 2)]


@pytest.mark.parametrize("text", TIMES)
def test_a_time_of_any_year_is_read_back_as_it_was_stored(text: str) -> None:
    assert as_stored(time_of(text)) == text
    assert seconds_of([text]) == [time_of(text).timestamp()]


@examples(100)
@given(st.datetimes(timezones=st.timezones()) | st.datetimes(timezones=st.none()))
def test_what_is_stored_can_be_read(time: Any) -> None:
    if time.tzinfo is None or time.year in (1, 9999):
        return
    text = as_stored(time)
    assert as_stored(time_of(text)) == text
    assert len(json.dumps(text)) == 31
