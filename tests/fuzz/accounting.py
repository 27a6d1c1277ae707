"""Targets whose oracle is the accounting: what names an app or a class of one does not go without a word."""

from __future__ import annotations

import random
from collections.abc import Iterator

from core.phones.android.apk import manifest
from core.phones.android.apk.fields import Unreadable
from tests.fuzz.target import Target
from tests.unit.phones.android import accounted, axml


def changed_app(data: bytes) -> None:
    """A made file with one byte changed where it says what the app is, or one part of its manifest taken out; `data`
    says which, and how."""
    place, change = int.from_bytes(data[:4], "little"), sum(data[4:])
    for utf8 in (True, False):
        assert accounted.is_accounted(accounted.altered(place, change, utf8=utf8), utf8=utf8)
        assert accounted.is_accounted(accounted.without(place, utf8=utf8), utf8=utf8)


def hostile_manifest(data: bytes) -> None:
    """A class of a banned app in a manifest that is changed in some way: seen, or the app is not whole."""
    chance = random.Random(data)
    root = axml.app(axml.PACKAGE, axml.component(axml.BANNED))
    for _ in range(chance.randrange(1, 3)):
        chance.choice(axml.CHANGES)(root, chance)
    around = chance.choice(axml.AROUND) if chance.random() < 0.5 else None
    written = axml.compiled(root, change=lambda chunks: around(chunks, chance) if around else chunks)
    account = manifest.parse(written)
    assert not account.whole or axml.BANNED in account.value.components


def list_of_files(data: bytes) -> None:
    """One line of what a phone says of an app's files, changed: `data` says which, where, and by what."""
    at, text = int.from_bytes(data[:3], "little"), data[3:].decode("utf-8", "replace")
    for read, lines in accounted.LISTS:
        changed = accounted.changed_line(lines, at, text[1:], len(text) % 4)
        assert changed is None or read(changed) != read(lines)
        assert set(_files(read(lines).value)) <= set(_files(read([*lines, *text.split("\n")]).value))


def _files(value: object) -> list[object]:
    """The files in what a list of files is read as."""
    return [file for files in value.values() for file in files] if isinstance(value, dict) else list(value)  # type: ignore[call-overload]


def targets() -> Iterator[Target]:
    yield Target("apk-changed", changed_app, lambda: [bytes(6), b"\x80\2\0\0\1"])
    yield Target("apk-hostile", hostile_manifest, lambda: [b"1", b"22", b"333"], (Unreadable,))
    yield Target("app-paths", list_of_files, lambda: [b"\0\0\0", b"\x20\1\0 split_x y.apk", b"\x07\0\0\n"])
