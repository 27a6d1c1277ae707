"""What a desk carries home: whole, resumable, readable by head office alone."""

from __future__ import annotations

import errno
import subprocess
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.head_office.bundles import bundle
from core.head_office.bundles.bundle import BundleContents, BundleProblem, NothingNew, carried_until
from core.head_office.bundles.carried import BundleReason, BundleRefused, CarriedBundle
from core.head_office.bundles.encryption import BadKey, Lock, NoAge, PrivateKeys, public_keys
from core.head_office.bundles.manifest import BundleManifest
from core.ledger.records import Exported, OutsideCopy
from core.reports.filing import NoSuchFolder
from core.system.files import files
from tests.examples import examples
from tests.unit.head_office.conftest import Desk


@pytest.fixture(scope="module")
def pair() -> tuple[Lock, PrivateKeys]:
    identity = pyrage.x25519.Identity.generate()
    return Lock(str(identity.to_public())), PrivateKeys([f"# created: today\n{identity}\n"])


def test_a_bundle_has_the_exact_entries_and_the_sums_that_another_program_checks(desk: Desk) -> None:
    desk.check("R58N12ABCDE")
    size = desk.ledger.count()
    folder = desk.bundle(extra={"coverage.jsonl": b'{"round":"r1","serial":"R58N12ABCDE"}\n'})

    read = CarriedBundle(folder)
    (first, last), *more = read.parts()
    lines = read.leaves(first, last)
    assert (first, last, more) == (1, size, [])
    assert lines == [entry.exact for entry in desk.ledger.entries() if entry.seq <= size]
    assert desk.ledger.signer.verifier.has_signed(read.note)
    assert read.read("extra-coverage.jsonl").startswith(b'{"round"')
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_that_entries_left_is_on_record_and_the_next_bundle_goes_on_from_there(desk: Desk) -> None:
    assert carried_until(desk.ledger) == 0
    desk.check("R58N12ABCDE")
    size = desk.ledger.count()
    desk.bundle()
    told = [entry.record for entry in desk.ledger.entries(size)]
    assert any(isinstance(one, Exported) and one.chosen == {"entries": f"1-{size}"} for one in told)
    assert any(isinstance(one, OutsideCopy) and one.size == size for one in told)

    assert carried_until(desk.ledger) == size
    following = CarriedBundle(desk.bundle(after=carried_until(desk.ledger)))
    assert following.manifest.base == size
    assert following.parts()[0][0] == size + 1


def test_where_nothing_is_new_nothing_is_written(desk: Desk) -> None:
    desk.check("R58N12ABCDE")
    with pytest.raises(NothingNew):
        desk.bundle(after=10**6)
    assert list(desk.stick.iterdir()) == []


def test_a_folder_that_is_not_there_is_not_made(desk: Desk) -> None:
    desk.check("R58N12ABCDE")
    desk.stick.rmdir()
    with pytest.raises(NoSuchFolder):
        desk.bundle()
    assert not desk.stick.exists()


def test_only_head_office_can_read_what_was_encrypted_to_it(desk: Desk, pair: tuple[Lock, PrivateKeys]) -> None:
    lock, keys = pair
    desk.check("R58N12ABCDE")
    folder = desk.bundle(lock=lock)

    assert not any(
        b"R58N12ABCDE" in file.read_bytes() or b"check-ended" in file.read_bytes() for file in folder.iterdir()
    )
    assert CarriedBundle(folder, keys).parts()
    other = PrivateKeys([str(pyrage.x25519.Identity.generate())])
    for wrong in (other, None):
        with pytest.raises(BundleRefused) as refused:
            CarriedBundle(folder, wrong)
        assert refused.value.reason is BundleReason.OTHER_KEY


def test_a_damaged_encrypted_file_is_told_from_another_key(desk: Desk, pair: tuple[Lock, PrivateKeys]) -> None:
    lock, keys = pair
    desk.check("R58N12ABCDE")
    folder = desk.bundle(lock=lock)
    for name in ("manifest.age", "policies.jsonl.age"):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[:-20])
        with pytest.raises(BundleRefused) as refused:
            CarriedBundle(folder, keys).read("policies.jsonl")
        assert refused.value.reason is BundleReason.DAMAGED
        assert name in str(refused.value)
        (folder / name).write_bytes(whole)


@pytest.mark.parametrize("encrypted", [False, True])
def test_writing_goes_on_where_it_was_broken_off(
    desk: Desk, pair: tuple[Lock, PrivateKeys], monkeypatch: pytest.MonkeyPatch, encrypted: bool
) -> None:
    lock, keys = pair if encrypted else (None, None)
    monkeypatch.setattr(bundle, "PART_ENTRIES", 4)
    for number in range(6):
        desk.check(f"R58N12ABC{number:02}")
    size = desk.ledger.count()
    written = 0

    def full(path: Path, content: bytes, **more: bool) -> None:
        nonlocal written
        if path.name.startswith("leaves") and (written := written + 1) > 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        files.replace_file(path, content, **more)

    monkeypatch.setattr(bundle, "replace_file", full)
    with pytest.raises(BundleProblem, match="not enough room"):
        desk.bundle(lock=lock)
    monkeypatch.setattr(bundle, "replace_file", files.replace_file)
    (begun,) = desk.stick.iterdir()
    with pytest.raises(BundleRefused):
        CarriedBundle(begun, keys)
    damaged = next(begun.glob("leaves-*"))
    damaged.write_bytes(damaged.read_bytes()[:-1])

    desk.check("R58N12ABC99")  # what comes meanwhile is for the next one
    assert carried_until(desk.ledger) == 0
    (made,) = bundle.mend(desk.ledger, desk.stick, BundleContents("Desk 1", lock))
    assert (made.folder, made.last) == (begun, size)
    assert made.files_kept == 5  # three parts of entries less the damaged one, and the seals of three
    assert carried_until(desk.ledger) == size
    assert CarriedBundle(begun, keys).parts()[-1][1] == size


def test_a_file_that_was_damaged_later_costs_that_file_alone(desk: Desk, pair: tuple[Lock, PrivateKeys]) -> None:
    lock, keys = pair
    desk.check("R58N12ABCDE")
    folder = desk.bundle(lock=lock)
    desk.check("R58N12ABCDF")
    later = desk.bundle(lock=lock, after=carried_until(desk.ledger))
    assert bundle.mend(desk.ledger, desk.stick, BundleContents("Desk 1", lock)) == ()
    cut = next(folder.glob("leaves-*"))
    others = {file.name: file.read_bytes() for file in folder.glob("seals-*")}
    cut.write_bytes(cut.read_bytes()[:-20])
    (folder / "._leaves").write_bytes(b"what a Mac leaves behind")
    with pytest.raises(BundleRefused):
        CarriedBundle(folder, keys).read(cut.name.removesuffix(".age"))
    (made,) = bundle.mend(desk.ledger, desk.stick, BundleContents("Desk 1", lock))
    assert (made.folder, made.files_kept, made.to) == (folder, 1, lock.keys)
    assert {name: (folder / name).read_bytes() for name in others} == others
    assert CarriedBundle(folder, keys).read(cut.name.removesuffix(".age"))
    assert bundle.mend(desk.ledger, desk.stick, BundleContents("Desk 1", lock)) == ()
    assert carried_until(desk.ledger) == CarriedBundle(later, keys).manifest.size


def test_what_was_begun_unencrypted_is_not_left_beside_what_is_encrypted(
    desk: Desk, pair: tuple[Lock, PrivateKeys]
) -> None:
    lock, keys = pair
    desk.check("R58N12ABCDE")
    folder = desk.bundle()
    (folder / "manifest").unlink()
    (folder / "letter.txt").write_text("not of the bundle")
    (made,) = bundle.mend(desk.ledger, desk.stick, BundleContents("Desk 1", lock))
    assert (made.folder, made.files_kept) == (folder, 0)
    assert CarriedBundle(folder, keys).parts()
    (folder / "letter.txt").unlink()
    assert not [file.name for file in folder.iterdir() if b"R58N12ABCDE" in file.read_bytes()]


def test_no_folder_but_a_bundle_of_this_log_is_mended(desk: Desk, tmp_path: Path) -> None:
    desk.check("R58N12ABCDE")
    folder = desk.bundle()
    name = folder.name.rpartition("-")[0].rpartition("-")[0]
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "manifest").write_text("mine")
    (desk.stick / f"{name}-1-{desk.ledger.count()}").symlink_to(mine, target_is_directory=True)
    for other in (f"{name}-1-99999999", f"{name}-2-3", f"{name}-1", f"{name}-3-2", "fanion-bundle-other-1-2"):
        (desk.stick / other).mkdir()
    assert bundle.mend(desk.ledger, desk.stick, BundleContents("Desk 1")) == ()
    assert [file.name for file in mine.iterdir()] == ["manifest"]


def test_each_of_several_keys_opens_it(desk: Desk) -> None:
    office, auditor = (pyrage.x25519.Identity.generate() for _ in range(2))
    lock = Lock(f" {office.to_public()}\n{auditor.to_public()} {office.to_public()}")
    assert len(lock.keys) == 2
    desk.check("R58N12ABCDE")
    folder = desk.bundle(lock=lock)
    for identity in (office, auditor):
        assert CarriedBundle(folder, PrivateKeys([str(identity)])).parts()
    told = [entry.record for entry in desk.ledger.entries(1) if isinstance(entry.record, Exported)]
    assert told[0].chosen["encrypted_to"].split() == [str(office.to_public()), str(auditor.to_public())]


def test_a_stick_that_does_not_keep_what_is_written_is_found_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.check("R58N12ABCDE")

    def forgetful(path: Path, content: bytes, **more: bool) -> None:
        files.replace_file(path, content[:-1] if path.name.startswith("seals") else content, **more)

    monkeypatch.setattr(bundle, "replace_file", forgetful)
    with pytest.raises(BundleProblem, match="seals-"):
        desk.bundle()


def test_a_read_only_stick_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.check("R58N12ABCDE")

    def refuse(path: Path, content: bytes, **more: bool) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(bundle, "replace_file", refuse)
    with pytest.raises(BundleProblem, match="Nothing can be written"):
        desk.bundle()


@examples(100)
@given(st.text(max_size=80) | st.text("qpzry9x8gf2tvdw0s3jn54khce6mua7l", min_size=58, max_size=58).map("age1".__add__))
def test_a_key_is_one_where_age_takes_it_for_one(text: str) -> None:
    try:
        pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        with pytest.raises(BadKey):
            public_keys(text)
    else:
        assert public_keys(text) == (text,)


def test_a_mistyped_or_cut_key_is_none(pair: tuple[Lock, PrivateKeys]) -> None:
    (key,) = pair[0].keys
    assert public_keys(f"\t{key}\n") == (key,)
    for place in range(4, len(key)):
        mistyped = f"{key[:place]}{'q' if key[place] != 'q' else 'p'}{key[place + 1 :]}"
        for wrong in (mistyped, key[:place], key.upper(), f"{key},{key}"):
            with pytest.raises(BadKey):
                public_keys(wrong)


def test_what_is_no_key_is_said() -> None:
    for wrong in ("age1nothing", "", "   ", str(pyrage.x25519.Identity.generate())):
        with pytest.raises(BadKey):
            Lock(wrong)
    with pytest.raises(BadKey):
        PrivateKeys(["no key in here"])


def test_without_the_library_encryption_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    key = str(pyrage.x25519.Identity.generate().to_public())
    monkeypatch.setitem(__import__("sys").modules, "pyrage", None)
    with pytest.raises(NoAge):
        Lock(key)


def test_the_manifest_is_a_note_that_names_its_files(desk: Desk) -> None:
    desk.check("R58N12ABCDE")
    manifest, note = BundleManifest.parse((desk.bundle() / "manifest").read_bytes())
    assert note.text.startswith("fanion-bundle/1\n{")
    assert manifest.origin == desk.ledger.enrolment.origin
    assert {file.name for file in manifest.files} >= {"policies.jsonl", "receipts.jsonl"}
