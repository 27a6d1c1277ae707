"""A signing block in which others have put much: what is theirs is not fetched, and whose signature it is, is known."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import replace

import pytest

from core.phones.android.apk import OverBudget, Signers, read
from core.phones.android.apk.signing import BLOCK_LIMIT
from tests.unit.phones.android import apks
from tests.unit.phones.android.apks import V2, V3, second, signing_block, simple

THEIRS = 0x71777777


def signed(pairs: Sequence[tuple[int, bytes]]) -> apks.Apk:
    return replace(simple(), block=signing_block(pairs))


LARGE = bytes(BLOCK_LIMIT)


@pytest.mark.parametrize(
    "pairs",
    [
        [(V2, second("maker")), (THEIRS, LARGE)],
        [(THEIRS, LARGE), (V2, second("maker"))],
        [(THEIRS, LARGE * 2), (V2, second("maker")), (THEIRS + 1, LARGE * 6)],
    ],
)
def test_pairs_of_others_are_not_fetched_however_large(pairs: list[tuple[int, bytes]]) -> None:
    data = signed(pairs).file()
    account, remote = apks.drive(read, len(data), 34, lambda at, length: data[at : at + length])
    assert isinstance(account.value.signers, Signers)
    assert [c.sha256 for c in account.value.signers.certificates] == [hashlib.sha256(apks.encoded("maker")).hexdigest()]
    assert account.left == ()
    assert remote.fetched < BLOCK_LIMIT


def test_a_large_block_is_accounted_for_as_a_small_one_is() -> None:
    for scheme in (V2, V3):
        theirs = second("other") if scheme == V2 else apks.third(("other", 28, apks.FOREVER, ()))
        mine = second("maker") if scheme == V2 else apks.third(("maker", 28, apks.FOREVER, ()))
        assert not apks.account(signed([(scheme, mine), (THEIRS, LARGE), (scheme, theirs)]).file()).whole
    large = apks.account(signed([(V2, LARGE), (V2, second("maker"))]).file())
    assert isinstance(large.value.signers, OverBudget)
    small = [(number, b"") for number in range(5_000)]
    assert isinstance(
        apks.account(signed([(THEIRS, LARGE), *small, (V2, second("maker"))]).file()).value.signers, OverBudget
    )


@pytest.mark.parametrize("tail", [b"\0" * 7, struct.pack("<QI", 2**62, 5), struct.pack("<QI", 2, 5), bytes(12)])
def test_a_large_block_that_breaks_off(tail: bytes) -> None:
    inner = signing_block([(V2, second("maker")), (THEIRS, LARGE)])[8:-24] + tail
    size = struct.pack("<Q", len(inner) + 24)
    body = size + inner + size + b"APK Sig Block 42"
    account = apks.account(replace(simple(), block=body).file())
    assert not (account.whole and isinstance(account.value.signers, Signers))
