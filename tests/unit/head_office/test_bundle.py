"""What a desk carries home: whole, resumable, readable by head office alone."""

from __future__ import annotations

import errno
import subprocess
from pathlib import Path

import pytest

from core.head_office import bundle
from core.head_office.bundle import BundleProblem, NothingNew, carried_until
from core.head_office.carried import BundleRefused, CarriedBundle, Reason
from core.head_office.encryption import BadKey, Lock, NoAge, PrivateKeys
from core.head_office.manifest import Manifest
from core.ledger.records import Exported, OutsideCopy
from core.reports.filing import NoSuchFolder
from core.system import files
from tests.unit.head_office.conftest import Desk

pyrage = pytest.importorskip("pyrage")


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
        assert refused.value.reason is Reason.OTHER_KEY


def test_a_damaged_encrypted_file_is_told_from_another_key(desk: Desk, pair: tuple[Lock, PrivateKeys]) -> None:
    lock, keys = pair
    desk.check("R58N12ABCDE")
    folder = desk.bundle(lock=lock)
    for name in ("manifest.age", "policies.jsonl.age"):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[:-20])
        with pytest.raises(BundleRefused) as refused:
            CarriedBundle(folder, keys).read("policies.jsonl")
        assert refused.value.reason is Reason.DAMAGED
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
    made = bundle.write(desk.ledger, desk.stick, desk="Desk 1", lock=lock)
    assert (made.folder, made.last) == (begun, size)
    assert made.kept == 5  # three parts of entries less the damaged one, and the seals of three
    assert CarriedBundle(begun, keys).parts()[-1][1] == size


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


def test_what_is_no_key_is_said() -> None:
    with pytest.raises(BadKey):
        Lock("age1nothing")
    with pytest.raises(BadKey):
        PrivateKeys(["no key in here"])


def test_without_the_library_encryption_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyrage", None)
    with pytest.raises(NoAge):
        Lock("age1nothing")


def test_the_manifest_is_a_note_that_names_its_files(desk: Desk) -> None:
    desk.check("R58N12ABCDE")
    manifest, note = Manifest.parse((desk.bundle() / "manifest").read_bytes())
    assert note.text.startswith("fanion-bundle/1\n{")
    assert manifest.origin == desk.ledger.enrolment.origin
    assert {file.name for file in manifest.files} >= {"policies.jsonl", "receipts.jsonl"}
