"""Where head office has a key, a bundle that is not encrypted comes from a desk that has avoided it: it is refused."""

from __future__ import annotations

from pathlib import Path

import pyrage
import pytest

from core.head_office.bundles.carried import BundleReason
from core.head_office.bundles.encryption import Lock
from core.head_office.store import store
from tests.unit.head_office.conftest import Office, OpenDesk

pytest.importorskip("pyarrow")


@pytest.fixture
def key(tmp_path: Path) -> pyrage.x25519.Identity:
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "key.txt").write_text(f"{identity}\n")
    return identity


def test_a_plain_bundle_is_refused_from_the_first_key_on(
    office: Office, open_desk: OpenDesk, key: pyrage.x25519.Identity, tmp_path: Path
) -> None:
    obeying, avoiding = open_desk("Desk 1"), open_desk("Desk 2")
    office.enrol(obeying, avoiding)
    obeying.check("R58N12ABCDE")
    avoiding.check("R58N12FGHIJ")
    encrypted, plain = obeying.bundle(lock=Lock(str(key.to_public()))), avoiding.bundle()
    office.keys = [tmp_path / "key.txt"]
    merged = office.merge(plain, encrypted)
    (outcome,) = merged.refused
    assert (outcome.folder, outcome.reason) == (plain, BundleReason.NOT_ENCRYPTED)
    assert "is not encrypted" in str(outcome.sentence)
    assert [one.folder for one in merged.counted] == [encrypted]
    assert store.read(office.store).uncounted.encrypted_to == (str(key.to_public()),)
    office.keys = []
    assert [one.reason for one in office.merge(plain).refused] == [BundleReason.NOT_ENCRYPTED], "the store remembers"
    assert {row["desk"] for row in office.rows("records")} == {"Desk 1"}

    merged = office.merge(plain, accept_plain=True)
    assert [one.folder for one in merged.counted] == [one.folder for one in merged.plain] == [plain]
    merged = office.merge(plain)
    assert merged.unchanged, "what counts already is no news"
    assert not merged.plain


def test_a_plain_bundle_behind_a_gap_is_refused_too(
    office: Office, open_desk: OpenDesk, key: pyrage.x25519.Identity, tmp_path: Path
) -> None:
    desk = open_desk()
    office.enrol(desk)
    desk.check("R58N12ABCDE")
    after = desk.ledger.count()
    desk.check("R58N12FGHIJ")
    office.keys = [tmp_path / "key.txt"]
    late = desk.bundle(after=after)
    assert [one.reason for one in office.merge(late).refused] == [BundleReason.NOT_ENCRYPTED]
    assert store.read(office.store).uncounted.apart == {}
    assert [one.plain for one in office.merge(late, accept_plain=True).apart] == [True]


def test_without_a_key_plain_bundles_are_merged(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    office.enrol(desk)
    desk.check("R58N12ABCDE")
    merged = office.merge(desk.bundle())
    assert merged.counted
    assert not merged.plain
