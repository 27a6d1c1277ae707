"""Property lists in the plain form are read to the value that the strict reader gives, or left to it."""

from __future__ import annotations

import plistlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist_plain, plist_xml
from core.phones.iphone.property_lists.plist_reading import DEPTH, VALUES
from tests.examples import examples

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
TYPE = (
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
    '<plist version="1.0">\n'
)
BEGIN, END = HEAD + TYPE, "</plist>\n"

PLAIN_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="<>&\ufffe\uffff"))
PLAIN = st.recursive(
    PLAIN_TEXTS | st.booleans() | st.integers(-(10**18) + 1, 10**18 - 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN_TEXTS, inner, max_size=4),
    max_leaves=12,
)
#: What a list is made of, in the plain form and beside it.
PIECES = st.sampled_from(
    [
        *("<dict>", "</dict>", "<array>", "</array>", "<dict/>", "<array/>", "<true/>", "<false/>", "</plist>"),
        *("<key>a</key>", "<key>b</key>", "<key></key>", "<key/>", "<string>x</string>", "<string/>"),
        *("<integer>7</integer>", "<integer>-0</integer>", "<integer>007</integer>", "<integer> 7 </integer>"),
        *("<integer>99999999999999999999</integer>", "<integer>0x1F</integer>", "<real>1.5</real>"),
        *(
            "<data>AAAA</data>",
            "<true></true>",
            "<!-- c -->",
            "<?p i?>",
            "\n\t",
            " ",
            "x",
            "\r",
            "\r\n",
            "\x0b",
            "\xa0",
        ),
        *("<string>&amp;</string>", "<string>]]&gt;</string>", "<string>a\rb</string>", "<string>a\x01b</string>"),
        *(
            "<string>\ufffe</string>",
            "<string>\U0001f600</string>",
            "<string>\x85</string>",
            '<string a="b">x</string>',
        ),
        *(
            "<string>x<!-- c -->y</string>",
            "<string><dict/></string>",
            "<key>a</key><string>x</string>",
            "\ufeff",
            "\0",
        ),
    ]
)


def strictly(data: bytes) -> Any:
    """What the strict reader says of a list; None if it refuses it."""
    try:
        return plist_xml.read_strictly(data)
    except Malformed:
        return None


def same(one: Any, other: Any) -> bool:
    """Whether both are one value, of the same types, in the same order."""
    return repr(one) == repr(other)


@examples(100)
@given(st.dictionaries(PLAIN_TEXTS, PLAIN, min_size=1, max_size=6))
def test_what_is_written_plainly_is_read_at_once(table: dict[str, Any]) -> None:
    data = plistlib.dumps(table, sort_keys=False)
    if b"<string/>" not in data and b"<key/>" not in data:
        assert same(plist_plain.read(data), table)
    assert same(plist_xml.read(data).value, table)


@examples(200)
@given(st.lists(PIECES, max_size=14), st.booleans())
def test_nothing_is_read_that_the_strict_reader_reads_otherwise(pieces: list[str], is_inside: bool) -> None:
    content = "".join(pieces)
    data = (BEGIN + (f"<dict>{content}</dict>" if is_inside else content) + END).encode()
    value = plist_plain.read(data)
    if value is not None:
        account = strictly(data)
        assert account is not None
        assert account.whole
        assert same(value, account.value)


@examples(100)
@given(st.data())
def test_no_byte_can_be_changed_into_another_meaning(chosen: st.DataObject) -> None:
    table = {"LookupResult": {"a.b": {"Version": "1", "Demoted": False, "Number": 5, "Names": ["x", {}]}}}
    data = bytearray(plistlib.dumps(table))
    for _ in range(chosen.draw(st.integers(1, 3))):
        at = chosen.draw(st.integers(0, len(data) - 1))
        data[at : at + chosen.draw(st.integers(0, 2))] = chosen.draw(st.binary(max_size=2))
    value = plist_plain.read(bytes(data))
    if value is not None:
        account = strictly(bytes(data))
        assert account is not None
        assert account.whole
        assert same(value, account.value)


@pytest.mark.parametrize(
    "content",
    [
        "<dict><key>a</key><true/><key>a</key><false/></dict>",  # it is told that the key is there twice
        "<dict><key>a</key></dict>",
        "<dict><true/></dict>",
        "<dict><key>a</key><array><key>b</key><true/></array></dict>",
        "<dict><key>a</key><array></dict></array>",
        "<dict><key>a</key><true/></dict><dict/>",
        "<dict><key>a</key><true/>",
        "<array/>",
        "<string>x</string>",
        "",
    ],
)
def test_what_holds_more_than_one_table_is_not_read_here(content: str) -> None:
    assert plist_plain.read((BEGIN + content + END).encode()) is None


@pytest.mark.parametrize(
    "begin",
    [
        "\ufeff" + BEGIN,
        "\n" + BEGIN,
        HEAD.replace("UTF-8", "ISO-8859-1") + TYPE,
        HEAD.replace("1.0", "1.1") + TYPE,
        BEGIN.replace("<plist", '<!DOCTYPE plist [<!ENTITY a "b">]><plist'),
        BEGIN.replace("<plist", "<plist><plist"),
    ],
)
def test_what_begins_otherwise_is_not_read_here(begin: str) -> None:
    assert plist_plain.read((begin + "<dict></dict>" + END).encode()) is None


def test_what_is_over_a_limit_is_not_read_here() -> None:
    deep = "<key>a</key><dict>" * DEPTH + "<key>a</key><true/>" + "</dict>" * DEPTH
    many = "<key>a</key><array>" + "<true/>" * VALUES + "</array>"
    for content in (deep, many):
        data = f"{BEGIN}<dict>{content}</dict>{END}".encode()
        assert plist_plain.read(data) is None
        assert strictly(data) is None


@pytest.mark.parametrize("content", [" " * 3_000_000, "<key>" + "a" * 3_000_000, "<key>a</key>" + "\n" * 3_000_000])
def test_a_list_that_never_goes_on_is_walked_through_once(content: str) -> None:
    """Where each blank were tried anew, this would take hours."""
    assert plist_plain.read((BEGIN + "<dict>" + content + "?").encode()) is None
