"""Nothing that names an app or a class goes without a word: what is changed changes the answer, or is left by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phones.accounting import Account
from tests.examples import examples
from tests.unit.phones.android import accounted, apks

CHANGES = st.integers(0, 254)


@pytest.mark.parametrize("utf8", [True, False])
def test_the_file_that_is_changed_is_whole(*, utf8: bool) -> None:
    account = apks.account(accounted.app(utf8=utf8))
    manifest = account.value.manifest
    assert not isinstance(manifest, Exception)
    assert account.left == ()
    assert len(manifest.components) == len(accounted.CLASSES)
    deflated = apks.account(accounted.app(utf8=utf8, deflated=True))
    assert replace(deflated, value=replace(deflated.value, code=account.value.code)) == account


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@examples(500)
@given(place=st.integers(0, 2**16), change=CHANGES, utf8=st.booleans())
def test_a_byte_where_an_app_says_what_it_is(place: int, change: int, *, utf8: bool) -> None:
    assert accounted.is_accounted(accounted.altered(place, change, utf8=utf8), utf8=utf8)


@pytest.mark.parametrize("utf8", [True, False])
def test_a_part_of_a_manifest_that_is_taken_out(*, utf8: bool) -> None:
    for chunk in range(40):
        assert accounted.is_accounted(accounted.without(chunk, utf8=utf8), utf8=utf8), chunk


@pytest.mark.parametrize(("read", "lines"), accounted.LISTS)
def test_a_line_of_a_list_of_files_that_is_taken_out(
    read: Callable[[Sequence[str]], Account[object]], lines: tuple[str, ...]
) -> None:
    whole = read(lines)
    assert whole.left == ()
    for at in range(len(lines)):
        assert read(lines[:at] + lines[at + 1 :]) != whole


@examples(300)
@given(which=st.sampled_from(accounted.LISTS), at=st.integers(0, 2**16), put=st.text(max_size=3), cut=st.integers(0, 3))
def test_a_line_of_a_list_of_files_that_is_changed(
    which: tuple[Callable[[Sequence[str]], Account[object]], tuple[str, ...]], at: int, put: str, cut: int
) -> None:
    read, lines = which
    changed = accounted.changed_line(lines, at, put, cut)
    assert changed is None or read(changed) != read(lines)
