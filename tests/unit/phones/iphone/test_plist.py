"""Property lists of a phone that may send anything: read within limits, or refused."""

from __future__ import annotations

import contextlib
import plistlib
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phones import accounting
from core.phones.accounting import Leftovers, Why
from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist, plist_binary

VALUES = st.recursive(
    st.text() | st.binary() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
FORMS = pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    for start in (b"", b"bplist00", b"<plist>", b'<?xml version="1.0"?><plist><dict>'):
        with contextlib.suppress(Malformed):
            plist.parse(start + data)


@FORMS
@given(st.data())
def test_a_message_comes_out_as_it_went_in_and_no_part_of_it_is_another_one(form: Any, data: st.DataObject) -> None:
    message = data.draw(st.dictionaries(st.text("abcXYZ", min_size=1), VALUES, max_size=4))
    try:
        written = plistlib.dumps(message, fmt=form)
    except (ValueError, TypeError):
        return  # a character that XML has not
    read = plist.parse(written)
    assert read.value == plistlib.loads(written)
    texts = [*_texts(message)]
    assert read.whole == (form == plistlib.FMT_XML or not any("\0" in text for text in texts))
    cut = written[: data.draw(st.integers(0, len(written) - 1))]
    with contextlib.suppress(Malformed):
        plist.parse(cut)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value:
            yield from _texts(one)
        for one in value.values() if isinstance(value, dict) else ():
            yield from _texts(one)


def laughs(levels: int) -> dict[str, Any]:
    value: Any = ["ha"]
    for _ in range(levels):
        value = [value] * 10
    return {"a": value}


def deep(levels: int) -> dict[str, Any]:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return {"a": value}


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><plist><dict><key>a</key><string>&c;</string></dict></plist>"""


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (ENTITIES, "property list"),
        (plistlib.dumps(laughs(9), fmt=plistlib.FMT_BINARY), "too many values|nested"),
        (plistlib.dumps(deep(40), fmt=plistlib.FMT_XML), "nested"),
        (b"<plist>" + b"<array>" * 200_000 + b"</array>" * 200_000 + b"</plist>", "nested|property list"),
        (plistlib.dumps(deep(40), fmt=plistlib.FMT_BINARY), "nested"),
        (plistlib.dumps({"a": "x" * plist.LIMIT}), "3 MiB"),
        (plistlib.dumps({"a": [1] * 320_000}, fmt=plistlib.FMT_BINARY), "too many values"),
        (plistlib.dumps([1]), "no dictionary"),
        (b"", "property list"),
    ],
)
def test_what_is_over_a_limit_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(Malformed) as refused:
        plist.parse(data)
    assert any(part in str(refused.value.detail) for part in why.split("|")), refused.value.detail


def test_a_value_of_another_kind_than_asked_for_is_none() -> None:
    message = {"text": "a", "number": 3, "flag": True, "data": b"b"}
    assert [plist.text(message, key) for key in message] == ["a", "", "", ""]
    assert [plist.number(message, key) for key in message] == [None, 3, None, None]
    assert [plist.data(message, key) for key in message] == [b"", b"", b"", b"b"]


# --- one value in many places


def binary(*objects: bytes, places: list[int] | None = None) -> bytes:
    """A binary list of these objects, whose references have four bytes; or with this table of where they begin."""
    data, begins = b"bplist00", []
    for one in objects:
        begins.append(len(data))
        data += one
    begins = places if places is not None else begins
    table = b"".join(struct.pack(">I", place) for place in begins)
    return data + table + bytes(6) + b"\x04\x04" + struct.pack(">QQQ", len(begins), 0, len(data))


def references(kind: int, count: int, *numbers: int) -> bytes:
    return bytes([kind | 0xF, 0x12]) + struct.pack(f">I{len(numbers)}I", count, *numbers)


def long_text(content: bytes) -> bytes:
    return b"\x5f\x12" + struct.pack(">I", len(content)) + content


@pytest.mark.parametrize("odd", [b"\xff", b"\0"])
def test_a_text_is_decoded_once_in_however_many_places_it_stands(odd: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded, left = [], []
    decode, add = plist_binary._Reader._text, Leftovers.add
    monkeypatch.setattr(plist_binary._Reader, "_text", lambda *a: (decoded.append(a[1]), decode(*a))[1])
    monkeypatch.setattr(Leftovers, "add", lambda *a: (left.append(a), add(*a))[1])
    many = 5_000
    message = binary(
        references(0xD0, 1, 1, 2), b"\x51k", references(0xA0, many, *[3] * many), long_text(b"text" * 1_000 + odd)
    )
    read = plist.parse(message)
    assert len(read.value["k"]) == many
    assert (len(decoded), len(left)) == (2, 1)
    assert [(one.why, one.kind) for one in read.left] == [(Why.TWO_WAYS, "text")]


def test_a_text_in_many_apps_is_left_in_the_name_of_each_as_far_as_any_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    plain = accounting.plain
    monkeypatch.setattr(accounting, "plain", lambda *a: (shown.append(a[0]), plain(*a))[1])
    many = 3_000
    apps = [b"\x55" + f"a{n:04}".encode() for n in range(many)]
    message = binary(
        references(0xD0, 1, 1, 2),
        b"\x51k",
        references(0xD0, many, *range(4, 4 + many), *[3] * many),
        long_text(b"text\0"),
        *apps,
    )
    read = plist.parse(message, "k")
    assert {one.app for one in read.left[:-1]} == {f"a{n:04}" for n in range(accounting.KEPT)}
    assert read.left[-1].why is Why.CUT
    assert len(shown) == accounting.KEPT + 1


def test_texts_that_lie_inside_each_other_are_not_all_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[int] = []
    decode = plist_binary._Reader._text
    monkeypatch.setattr(plist_binary._Reader, "_text", lambda *a: (decoded.append(len(a[2])), decode(*a))[1])
    many, size = 1_000, 20_000
    inside = (b"\x5f\x12" + struct.pack(">I", size)) * many + bytes(size)
    array = references(0xA0, many, *range(3, 3 + many))
    begin = 8 + len(references(0xD0, 1, 1, 2)) + 2 + len(array)
    places = [8, begin - len(array) - 2, begin - len(array), *(begin + 6 * n for n in range(many))]
    with pytest.raises(Malformed) as refused:
        plist.parse(binary(references(0xD0, 1, 1, 2), b"\x51k", array, inside, places=places))
    assert "inside each other" in refused.value.detail
    assert sum(decoded) <= len(inside) + 2 * size
    # The same place under many numbers is one value.
    places[3:] = [begin] * many
    read = plist.parse(binary(references(0xD0, 1, 1, 2), b"\x51k", array, long_text(b"x" * size), places=places))
    assert len(read.value["k"]) == many
    assert not read.whole


def test_comments_in_a_text_are_left_once(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[Any] = []
    add = Leftovers.add
    monkeypatch.setattr(Leftovers, "add", lambda *a: (left.append(a), add(*a))[1])
    many = b"<string>" + b"a<!---->" * 1_000 + b"</string>"
    read = plist.parse(b"<plist><dict><key>a</key><array>" + 2 * many + b"</array></dict></plist>")
    assert read.value == {"a": ["a" * 1_000] * 2}
    assert len(left) == 2
    assert not read.whole


@given(VALUES)
def test_what_is_shown_of_a_value_is_short(value: Any) -> None:
    assert len(plist.excerpt(value)) <= 120


@pytest.mark.parametrize("value", ["x" * 10**6, b"x" * 10**6, ["x" * 10**6], {"x" * 10**6: 1}])
def test_what_is_shown_of_a_long_value_is_short(value: Any) -> None:
    assert len(plist.excerpt(value)) <= 120
