"""The list of files is signed at every merge, by one key: what others have changed is neither signed nor believed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.head_office.store.list_signature import KeyFrom, StoreKeys
from core.head_office.store.store import ListNotSigned, NoStoreKey, StoreProblem
from core.head_office.store.store_files import list_files, sign_list
from core.head_office.verification.store_verification import verify_store
from core.jobs import Cancel
from core.problem import Cancelled
from core.system.minisign import MinisignError, PublicKey
from core.system.minisign_signature import MinisignSignature, SecretKey
from tests.examples import examples
from tests.unit.head_office.conftest import Desk, Office
from tests.unit.head_office.forging import files, forge_list, kinds, rewrite

pytest.importorskip("duckdb")


@pytest.fixture
def keys(tmp_path: Path) -> StoreKeys:
    return StoreKeys(tmp_path / "keys")


@pytest.fixture
def changed(office: Office, desk: Desk) -> Path:
    """A store that a test changes."""
    office.enrol(desk)
    desk.check("R58N12ABCDE", tag="DRH-1")
    office.merge(desk.bundle(retention_months=30))
    return office.store


@example(bytes(32), b"\0\0\1", 280, 6)  # a bit of the last letter that stands for nothing
@examples(60)
@given(
    seed=st.binary(min_size=32, max_size=32), content=st.binary(max_size=200), at=st.integers(0), bit=st.integers(0, 7)
)
def test_a_signature_is_true_for_its_bytes_and_its_key_alone(seed: bytes, content: bytes, at: int, bit: int) -> None:
    pair = SecretKey(seed)
    assert PublicKey.parse(pair.public.line) == pair.public
    signed = pair.sign(content, "store.json of Fanion, after merge 7")
    assert MinisignSignature.parse(signed).is_by(pair.public, content)
    assert not MinisignSignature.parse(signed).is_by(pair.public, content + b"x")
    other = SecretKey(bytes([seed[0] ^ 1]) + seed[1:])
    assert not MinisignSignature.parse(signed).is_by(other.public, content)
    spoilt = bytearray(signed)
    spoilt[at % len(spoilt)] ^= 1 << bit
    first = signed.index(b"\n") + 1
    try:
        assert not MinisignSignature.parse(bytes(spoilt)).is_by(pair.public, content) or at % len(spoilt) < first
    except MinisignError:
        return


@pytest.mark.parametrize("what", ["forged", "no signature", "no key", "other key", "garbage"])
def test_a_list_that_is_not_signed_by_the_key_that_is_known_is_found(
    changed: Path, keys: StoreKeys, tmp_path: Path, what: str
) -> None:
    signed = sign_list(changed, keys)
    assert verify_store(changed, store_keys=keys).signature.source is KeyFrom.COMPUTER
    (signature,) = changed.glob("store-*.minisig")
    match what:
        case "forged":
            rewrite(files(changed, "personal")[0], lambda rows: [{**row, "erase_by": None} for row in rows])
            forge_list(changed)
        case "no signature":
            signature.unlink()
        case "no key":
            state = json.loads((changed / "store.json").read_bytes())
            (changed / "store.json").write_bytes(json.dumps({**state, "key": ""}).encode())
            signature.unlink()
        case "other key":
            sign_list(changed, StoreKeys(tmp_path / "thief"), new_key=True)
        case "garbage":
            signature.write_bytes(b"\xff")
    for known in ({"store_keys": keys}, {"signed_by": signed.key}):
        found = verify_store(changed, **known)  # type: ignore[arg-type]
        assert kinds(found) == {"list-not-signed"}
        assert found.faults[0].file == "store.json"
    # Who knows no key is told by whose key it is signed.
    found = verify_store(changed)
    assert found.signature.source is (None if what == "no key" else KeyFrom.STORE)


def test_a_key_that_is_known_for_another_store_is_not_asked_of_this_one(
    changed: Path, keys: StoreKeys, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(changed, tmp_path / "other"))
    sign_list(other, keys)
    assert verify_store(changed, store_keys=keys).signature.source is None


def forge(store: Path) -> None:
    state = json.loads((store / "store.json").read_bytes())
    (store / "store.json").write_bytes(json.dumps(state, indent=1).encode())


def test_each_merge_signs_the_list_that_it_makes(office: Office, desk: Desk, keys: StoreKeys) -> None:
    office.enrol(desk)
    desk.check("R58N12ABCDE")
    office.merge(desk.bundle())
    signed = sign_list(office.store, keys)
    assert (signed.new_key, signed.generation, signed.fingerprints) == (True, 1, 0)
    desk.check("R58N12FGHIJ")
    office.merge(desk.bundle(), store_keys=keys)
    assert [path.name for path in office.store.glob("*.minisig")] == ["store-000002.minisig"]
    assert verify_store(office.store, signed_by=signed.key).signature.signed
    assert sign_list(office.store, keys).key == signed.key, "the key stays"


def test_what_another_has_changed_is_neither_signed_nor_listed(office: Office, desk: Desk, keys: StoreKeys) -> None:
    office.enrol(desk)
    desk.check("R58N12ABCDE")
    office.merge(desk.bundle())
    sign_list(office.store, keys)
    forge(office.store)
    before = office.state()
    desk.check("R58N12FGHIJ")
    with pytest.raises(ListNotSigned):
        office.merge(desk.bundle(), store_keys=keys)
    with pytest.raises(ListNotSigned):
        list_files(office.store, keys=keys)
    assert office.state() == before


def test_who_has_not_the_key_cannot_merge_into_a_signed_store(
    office: Office, desk: Desk, keys: StoreKeys, tmp_path: Path
) -> None:
    office.enrol(desk)
    desk.check("R58N12ABCDE")
    office.merge(desk.bundle())
    sign_list(office.store, keys)
    before = office.state()
    desk.check("R58N12FGHIJ")
    folder = desk.bundle()
    for others in (None, StoreKeys(tmp_path / "other")):
        with pytest.raises(NoStoreKey):
            office.merge(folder, store_keys=others)
    with pytest.raises(NoStoreKey):
        sign_list(office.store, StoreKeys(tmp_path / "other"))
    assert office.state() == before
    other = StoreKeys(tmp_path / "other")
    assert sign_list(office.store, other, new_key=True).new_key
    assert office.merge(folder, store_keys=other).counted


def test_a_key_file_that_is_lost_or_spoilt_is_said(office: Office, desk: Desk, keys: StoreKeys, tmp_path: Path) -> None:
    office.enrol(desk)
    desk.check("R58N12ABCDE")
    office.merge(desk.bundle())
    sign_list(office.store, keys)
    (file,) = (tmp_path / "keys").glob("*.key")
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0
    content = file.read_bytes()
    for spoilt in (b"", b"\xff", b"00" * 31, b"00" * 32, b"x" * 10_000):
        file.write_bytes(spoilt)
        with pytest.raises(NoStoreKey):
            office.merge(store_keys=keys)
    file.write_bytes(content)
    (tmp_path / "keys" / "stores.json").write_bytes(b"[")
    with pytest.raises(StoreProblem):
        office.merge(store_keys=keys)


def test_a_new_store_in_the_place_of_a_signed_one_is_signed_from_the_beginning(
    office: Office, desk: Desk, keys: StoreKeys
) -> None:
    office.enrol(desk)
    office.merge()
    signed = sign_list(office.store, keys)
    shutil.rmtree(office.store)
    desk.check("R58N12ABCDE")
    office.merge(desk.bundle(), store_keys=keys)
    assert verify_store(office.store, signed_by=signed.key).intact


def test_a_store_of_an_earlier_version_gets_its_fingerprints_when_it_is_signed(
    office: Office, desk: Desk, keys: StoreKeys
) -> None:
    office.enrol(desk)
    desk.check("R58N12ABCDE")
    office.merge(desk.bundle())
    state = json.loads((office.store / "store.json").read_bytes())
    for file in state["files"].values():
        del file["sha256"]
    (office.store / "store.json").write_bytes(json.dumps(state).encode())
    assert sign_list(office.store, keys).fingerprints == len(state["files"])
    assert not verify_store(office.store).unlisted_hashes


def test_nothing_is_signed_where_there_is_no_store_or_it_is_stopped(
    office: Office, desk: Desk, keys: StoreKeys, tmp_path: Path
) -> None:
    with pytest.raises(StoreProblem, match="no store"):
        sign_list(tmp_path / "none", keys)
    assert not (tmp_path / "none").exists()
    office.enrol(desk)
    desk.check("R58N12ABCDE")
    office.merge(desk.bundle())
    state = json.loads((office.store / "store.json").read_bytes())
    for file in state["files"].values():
        del file["sha256"]
    (office.store / "store.json").write_bytes(json.dumps(state).encode())
    cancel = Cancel()
    with pytest.raises(Cancelled):
        sign_list(office.store, keys, report=lambda _: cancel.press(), cancel=cancel)
    assert not list(office.store.glob("*.minisig"))
    assert verify_store(office.store, store_keys=keys).signature.source is None
