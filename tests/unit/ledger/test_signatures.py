"""By whichever library a signature is looked at, the same ones are true."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.keys.identity import signing_key
from core.ledger.tlog import signatures
from core.ledger.tlog.signatures import COFACTORED, true_signatures
from core.system.ed25519 import has_signed
from tests.examples import examples

KEY = signing_key(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
SIGNED = b"made.invalid/desk-1\n7\nroot\n"
TRUE = (PUBLIC, KEY.sign(SIGNED), SIGNED)


@pytest.fixture(autouse=True)
def chosen_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(signatures, "_FEW", 0)
    fastest = signatures._fastest
    fastest.cache_clear()
    yield
    fastest.cache_clear()


@examples(60)
@given(which=st.integers(0, 2), at=st.integers(0, 63), bit=st.integers(0, 7), cut=st.integers(0, 70))
def test_what_is_changed_or_cut_is_false(which: int, at: int, bit: int, cut: int) -> None:
    claim = list(TRUE)
    changed = bytearray(claim[which])
    changed[at % len(changed)] ^= 1 << bit
    claim[which] = bytes(changed)
    # The end of a signature moved to what was signed gives the same bytes in one piece.
    moved = (PUBLIC, TRUE[1][: 64 - cut % 64 - 1], TRUE[1][64 - cut % 64 - 1 :] + SIGNED)
    short = (PUBLIC[:cut], TRUE[1], SIGNED) if cut < 32 else (PUBLIC + b"x", TRUE[1], SIGNED)
    claims = [TRUE, (claim[0], claim[1], claim[2]), moved, short]
    assert true_signatures(claims) == [has_signed(*one) for one in claims] == [True, False, False, False]


def test_what_is_true_with_the_cofactor_alone_is_false() -> None:
    assert true_signatures([COFACTORED]) == [has_signed(*COFACTORED)] == [False]


def test_a_key_of_small_order_is_judged_as_at_the_desk() -> None:
    # With the neutral element as key and as point, and 0 as the factor, the equation holds for whatever was signed.
    neutral = b"\x01" + bytes(31)
    claim = (neutral, neutral + bytes(32), SIGNED)
    assert true_signatures([claim]) == [has_signed(*claim)]


def test_a_library_that_multiplies_by_the_cofactor_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nacl.bindings.crypto_sign_open", lambda signed, public: b"anything")
    assert true_signatures([TRUE, (PUBLIC, bytes(64), SIGNED)]) == [True, False]


def test_for_few_signatures_the_library_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "_FEW", 2)
    monkeypatch.setattr(signatures, "_fastest", lambda: lambda *claim: claim is None)
    assert true_signatures([TRUE] * 2) == [True] * 2
    assert true_signatures([TRUE] * 3) == [False] * 3
