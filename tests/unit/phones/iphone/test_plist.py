"""Property lists of a phone that may send anything: read within limits, or refused."""

from __future__ import annotations

import contextlib
import plistlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phones.iphone import plist
from core.phones.iphone.problems import Malformed

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
