"""What is kept of files by their content: the same answer as a reading gives, and never another file's."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phones.android.apk import Manifest, Unreadable, manifest
from core.phones.android.apk.memo import Memo
from tests.examples import examples
from tests.unit.phones.android import apks


class _Counted:
    """A reading that says how often it was done."""

    def __init__(self) -> None:
        self.read: list[bytes] = []

    def __call__(self, data: bytes, times: int = 1) -> str:
        self.read.append(data)
        if not data:
            raise Unreadable("nothing")
        return data.decode() * times


def test_the_same_bytes_are_read_once() -> None:
    reading = _Counted()
    memo = Memo(reading, len, 100)
    assert [memo.of(b"a"), memo.of(b"b"), memo.of(b"a")] == ["a", "b", "a"]
    assert reading.read == [b"a", b"b"]


def test_the_same_bytes_of_which_something_else_is_known_are_read_again() -> None:
    memo = Memo(_Counted(), len, 100)
    assert [memo.of(b"a", 1), memo.of(b"a", 3), memo.of(b"a", 1)] == ["a", "aaa", "a"]


def test_what_cannot_be_read_is_refused_each_time() -> None:
    reading = _Counted()
    memo = Memo(reading, len, 100)
    for _ in range(2):
        with pytest.raises(Unreadable):
            memo.of(b"")
    assert reading.read == [b"", b""]


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    reading = _Counted()
    memo = Memo(reading, len, 6)
    for data in (b"aa", b"bb", b"cc", b"aa", b"dd", b"aa", b"bb"):
        memo.of(data)
    assert reading.read == [b"aa", b"bb", b"cc", b"dd", b"bb"]


def test_what_is_too_large_to_be_kept_is_read_all_the_same() -> None:
    reading = _Counted()
    memo = Memo(reading, len, 3)
    assert [memo.of(b"abcd"), memo.of(b"abcd"), memo.of(b"abc"), memo.of(b"abc")] == ["abcd", "abcd", "abc", "abc"]
    assert reading.read == [b"abcd", b"abcd", b"abc"]


@examples(40)
@given(st.lists(st.text(max_size=4).map(str.encode), max_size=30), st.integers(0, 8))
def test_it_never_answers_otherwise_than_a_reading(asked: list[bytes], limit: int) -> None:
    memo = Memo(lambda data: data.decode(), len, limit)
    assert [memo.of(data) for data in asked] == [data.decode() for data in asked]


def test_phones_that_are_read_at_once_may_share_it() -> None:
    memo, start, wrong = Memo(lambda data: data.decode(), len, 20), threading.Barrier(4), list[str]()

    def ask() -> None:
        start.wait()
        wrong.extend(str(n) for n in [*range(50)] * 20 if memo.of(str(n).encode()) != str(n))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@examples(40)
@given(st.data())
def test_a_manifest_with_one_byte_changed_is_read_for_itself(data: st.DataObject) -> None:
    """A phone cannot have its own app taken for one that was read of another phone."""
    honest = apks.manifest(components=[("activity", "org.example.Main"), ("service", "org.example.Sync")])
    assert manifest.parse(honest).value.components == ("org.example.Main", "org.example.Sync")
    at = honest.index(b"org.example.Main") + data.draw(st.integers(0, 15))
    changed = honest[:at] + bytes([honest[at] ^ data.draw(st.sampled_from([1, 2, 4, 8]))]) + honest[at + 1 :]
    try:
        account = manifest.parse(changed)
    except Unreadable:
        return
    assert isinstance(account.value, Manifest)
    assert "org.example.Main" not in account.value.components or account.left
