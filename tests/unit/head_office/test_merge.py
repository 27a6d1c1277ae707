"""Many desks in one store: each bundle once, in any order; what is not a desk's own is refused, and changes nothing."""

from __future__ import annotations

import errno
import itertools
import json
import shutil
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest

from core.head_office.bundles import layout
from core.head_office.bundles.carried import BundleReason, BundleRefused, CarriedBundle
from core.head_office.bundles.encryption import Lock
from core.head_office.bundles.manifest import BundleFile, BundleManifest
from core.head_office.merging import inspection
from core.head_office.merging.merge import EnrolmentsUnusable
from core.head_office.store import store, tables
from core.head_office.store.store import StoreProblem
from core.head_office.verification.store_verification import verify_store
from core.ledger.keys.enrolment import keys_folder
from core.ledger.records import read_entry
from core.ledger.records.leaf import leaf_hash
from core.ledger.tlog.notes import Checkpoint, Note
from tests.unit.head_office.conftest import NOW, Desk, Office, OpenDesk

pytest.importorskip("pyarrow")


def test_every_entry_and_seal_of_every_desk_is_in_the_store_exactly(office: Office, open_desk: OpenDesk) -> None:
    desks = [open_desk("Desk 1"), open_desk("Desk 2")]
    for one in desks:
        one.check("R58N12ABCDE", banned=True, removed=True)
        one.check(f"{one.name}-PHONE", banned=False)
    office.enrol(*desks)
    merged = office.merge(*(one.bundle() for one in desks))
    assert [(one.desk, one.checks) for one in merged.counted] == [("Desk 1", 2), ("Desk 2", 2)]
    for one in desks:
        log = one.ledger.enrolment.origin
        mine = [row for row in office.rows("records") if row["log"] == log]
        kept = [entry for entry in one.ledger.entries() if entry.seq <= len(mine)]
        assert [row["leaf"] for row in mine] == [entry.exact for entry in kept]
        notes = [row["note"].encode() for row in office.rows("seals") if row["log"] == log]
        assert notes == [note for size, note in one.ledger.notes() if size <= len(mine)]
    checks = office.rows("checks")
    assert sorted(row["verdict"] for row in checks) == ["green", "green", "red", "red"]
    red = [row for row in checks if row["verdict"] == "red"]
    assert red[0]["phone"] == red[1]["phone"], "one phone is known again at another desk"
    assert {row["phone_known"] for row in checks} == {True}
    assert [row["product_en"] for row in office.rows("findings")] == ["WeChat", "WeChat"]
    assert {row["outcome"] for row in office.rows("steps")} == {None, "done"}
    assert {row["value"] for row in office.rows("personal") if row["field"] == "serial"} >= {"R58N12ABCDE"}


@pytest.mark.slow
def test_no_order_and_no_repetition_makes_a_difference(office: Office, desk: Desk) -> None:
    for number in range(3):
        after = desk.ledger.newest_sizes(1)
        desk.check(f"R58N12ABC{number:02}", banned=True)
        desk.bundle(after=after[0] if after else 0)
    whole = desk.bundle()
    office.enrol(desk)
    expected = None
    for order in itertools.permutations([*desk.made[:3], whole]):
        shutil.rmtree(office.store, ignore_errors=True)
        for folder in order:
            assert not office.merge(folder).refused
        again = office.merge(*desk.made)
        assert not again.counted
        assert len(again.unchanged) == 4
        found = {name: [(r["log"], r["seq"]) for r in office.rows(name)] for name in ("records", "checks", "findings")}
        found["seals"] = [(row["log"], row["size"]) for row in office.rows("seals")]
        expected = expected or found
        assert found == expected
        (row,) = office.rows("desks")
        assert len(json.loads(row["stretches"])) == 1
    assert len(expected["checks"] if expected else []) == 3


def test_merging_again_writes_nothing(office: Office, desk: Desk) -> None:
    desk.check("R58N12ABCDE")
    office.enrol(desk)
    folder = desk.bundle()
    office.merge(folder, folder)
    before = office.state()
    assert office.merge(folder).unchanged
    assert office.state() == before


def test_two_laptops_of_one_round_count_each_check_once(office: Office, open_desk: OpenDesk) -> None:
    one, other = open_desk("Laptop 1"), open_desk("Laptop 2")
    seen = one.check("R58N12ABCDE")
    other.check("R58N12FGHIJ")
    lines = [
        {"round": "r1", "serial": "R58N12ABCDE", "unit": "Fleet", "seen": seen},
        {"round": "r1", "serial": "R58N12ZZZZZ", "unit": "Legal", "seen": None},
    ]
    coverage = b"".join(layout.json_line(line) for line in lines) + b"no line of a round\n"
    bundles = [one.bundle(extra={"coverage.jsonl": coverage}), other.bundle()]
    office.enrol(one, other)
    office.merge(*bundles)
    office.merge(*reversed(bundles))
    assert len(office.rows("checks")) == 2
    roster = {row["unit"]: row for row in office.rows("roster")}
    assert roster["Fleet"]["phone"] in {row["phone"] for row in office.rows("checks")}
    assert roster["Legal"]["seen_seq"] is None
    assert "R58N12ZZZZZ" not in str(roster)


def test_keys_of_desks_that_were_merged_are_kept(office: Office, desk: Desk) -> None:
    desk.check("R58N12ABCDE")
    office.enrol(desk)
    office.merge(desk.bundle())
    office.enrolled.write_text("")
    desk.check("R58N12FGHIJ")
    assert office.merge(desk.bundle(after=1)).counted


@pytest.fixture
def sound(office: Office, open_desk: OpenDesk) -> Path:
    """A bundle of another desk, which is to be merged whatever the others are."""
    one = open_desk("Sound desk")
    one.check("R58N12SOUND")
    office.enrol(one)
    return one.bundle()


def refused(office: Office, folder: Path, sound: Path, **more: object) -> BundleReason | None:
    """Why a bundle is refused; the sound one beside it is merged, and the store has nothing of the other."""
    merged = office.merge(folder, sound, **more)
    (outcome,) = merged.refused
    assert outcome.folder == folder
    assert outcome.sentence
    assert outcome.next_step
    assert [one.folder for one in (*merged.counted, *merged.unchanged)] == [sound]
    assert len({row["log"] for row in office.rows("records")} - {outcome.log}) == 1
    return outcome.reason


def test_an_unknown_desk_is_refused(office: Office, desk: Desk, sound: Path) -> None:
    desk.check("R58N12ABCDE")
    assert refused(office, desk.bundle(), sound) is BundleReason.UNKNOWN_DESK


def test_a_bundle_of_a_desk_with_other_keys_than_enrolled_is_refused(
    office: Office, open_desk: OpenDesk, desk: Desk, sound: Path
) -> None:
    desk.check("R58N12ABCDE")
    other = open_desk("Other")
    text = other.ledger.enrolment.text.replace(other.ledger.enrolment.origin, desk.ledger.enrolment.origin)
    assert text != other.ledger.enrolment.text
    office.enrol(other)  # its own keys are of no use
    assert refused(office, desk.bundle(), sound) is BundleReason.UNKNOWN_DESK


@pytest.mark.parametrize("what", ["cut", "changed", "missing", "extended", "swapped"])
def test_files_that_are_not_the_desks_are_refused(office: Office, desk: Desk, sound: Path, what: str) -> None:
    desk.check("R58N12ABCDE", banned=True)
    office.enrol(desk)
    folder = desk.bundle()
    leaves = next(folder.glob("leaves-*"))
    content = leaves.read_bytes()
    lines = content.splitlines(keepends=True)
    match what:
        case "cut":
            leaves.write_bytes(content[:-30])
        case "changed":
            leaves.write_bytes(content.replace(b'"red"', b'"gre"'))
        case "missing":
            leaves.unlink()
        case "extended":
            leaves.write_bytes(content + lines[-1])
        case "swapped":
            leaves.write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))
    assert refused(office, folder, sound) in (BundleReason.DAMAGED, BundleReason.UNUSABLE)
    leaves.write_bytes(content)
    assert office.merge(folder).counted, "it was refused for that alone"


def forge(desk: Desk, folder: Path, changes: dict[str, tuple[bytes, bytes]]) -> None:
    """Change files, and have the desk's own key sign a manifest that fits them: what a thief of it could do."""
    manifest, _ = BundleManifest.parse((folder / "manifest").read_bytes())
    files = []
    for one in manifest.files:
        content = (folder / one.name).read_bytes()
        for start, (old, new) in changes.items():
            if one.name.startswith(start):
                assert old in content
                content = content.replace(old, new, 1)
        (folder / one.name).write_bytes(content)
        files.append(BundleFile(one.name, len(content), sha256(content).hexdigest()))
    fields = {name: getattr(manifest, name) for name in manifest.__struct_fields__} | {"files": tuple(files)}
    (folder / "manifest").write_bytes(BundleManifest(**fields).signed(desk.ledger.signer))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("leaves-", b'"verdict":"red"', b'"verdict":"gre"'),
        ("leaves-", b'{"app"', b'{ "app"'),
        ("seals-", b'"note":"', b'"note":"x'),
        ("seals-", b'{"size":', b'{"size":1'),
        ("openings-", b'"value":"R58N12ABCDE"', b'"value":"R58N12OTHER"'),
        ("openings-", b'{"seq":', b'{"seq":9999'),
        ("openings-", b'"salt":"', b'"salt":"zz'),
    ],
)
def test_what_a_signed_manifest_lies_about_is_found_by_the_seals(
    office: Office, desk: Desk, sound: Path, file: str, old: bytes, new: bytes
) -> None:
    desk.check("R58N12ABCDE", banned=True)
    office.enrol(desk)
    folder = desk.bundle()
    forge(desk, folder, {file: (old, new)})
    assert refused(office, folder, sound) is BundleReason.TAMPERED


def test_a_bundle_that_goes_on_with_another_tree_is_refused(office: Office, desk: Desk, sound: Path) -> None:
    desk.check("R58N12ABCDE")
    size = desk.ledger.count()
    desk.check("R58N12FGHIJ")
    office.enrol(desk)
    folder = desk.bundle(after=size)
    text = json.loads((folder / "base.json").read_bytes())["tree"][:10].encode()
    forge(desk, folder, {"base.json": (text, b"0" * len(text))})
    assert refused(office, folder, sound) is BundleReason.TAMPERED


def test_a_manifest_that_the_desk_did_not_sign_is_refused(
    office: Office, desk: Desk, open_desk: OpenDesk, sound: Path
) -> None:
    desk.check("R58N12ABCDE")
    office.enrol(desk)
    folder = desk.bundle()
    manifest, _ = BundleManifest.parse((folder / "manifest").read_bytes())
    (folder / "manifest").write_bytes(manifest.signed(open_desk("Thief").ledger.signer))
    assert refused(office, folder, sound) is BundleReason.NOT_SIGNED


def fork(desk: Desk, open_desk: OpenDesk, tmp_path: Path) -> Desk:
    """The same desk, brought back from a copy of its data as it is now: it goes on with another history."""
    data = tmp_path / "copy"
    ledger = desk.ledger.path
    data.mkdir()
    shutil.copy(ledger, data / "ledger.db")
    shutil.copytree(keys_folder(ledger), keys_folder(data / "ledger.db"))
    return open_desk("Desk 1 again", start=desk.clock.now, data=data)


@pytest.mark.parametrize("longer", ["the copy", "the desk", "neither"])
def test_a_log_with_two_histories_is_refused_with_both_checkpoints(
    office: Office, desk: Desk, open_desk: OpenDesk, tmp_path: Path, sound: Path, longer: str
) -> None:
    desk.check("R58N12ABCDE")
    office.enrol(desk)
    again = fork(desk, open_desk, tmp_path)
    for number in range(3 if longer == "the desk" else 1):
        desk.check(f"R58N12ABC{number:02}")
    for number in range(3 if longer == "the copy" else 1):
        again.check(f"R58N12XYZ{number:02}")
    assert office.merge(desk.bundle()).counted
    rows = office.rows("records")
    folder = again.bundle()
    merged = office.merge(folder, sound)
    (outcome,) = merged.refused
    assert outcome.reason is BundleReason.FORKED
    known, brought = (Checkpoint.parse(Note.parse(note.encode()).text) for note in outcome.checkpoints)
    assert known.origin == brought.origin == desk.ledger.enrolment.origin
    assert known.root != brought.root
    log = known.origin
    assert [row for row in office.rows("records") if row["log"] == log] == rows
    assert merged.counted


def test_two_histories_in_one_merge_are_refused_too(
    office: Office, desk: Desk, open_desk: OpenDesk, tmp_path: Path
) -> None:
    desk.check("R58N12ABCDE")
    office.enrol(desk)
    again = fork(desk, open_desk, tmp_path)
    desk.check("R58N12FGHIJ")
    again.check("R58N12KLMNO")
    again.check("R58N12PQRST")
    merged = office.merge(again.bundle(), desk.bundle())
    assert [one.reason for one in merged.refused] == [BundleReason.FORKED]
    assert len(merged.counted) == 1


def test_entries_of_a_time_to_come_are_refused(office: Office, open_desk: OpenDesk, sound: Path) -> None:
    desk = open_desk(start=NOW + timedelta(days=2))
    desk.check("R58N12ABCDE")
    office.enrol(desk)
    folder = desk.bundle()
    assert refused(office, folder, sound) is BundleReason.FUTURE
    assert office.merge(folder, now=NOW + timedelta(days=2)).counted, "by then they are of the past"


def test_what_was_encrypted_to_another_key_is_refused(office: Office, desk: Desk, sound: Path, tmp_path: Path) -> None:
    mine, other = (pyrage.x25519.Identity.generate() for _ in range(2))
    desk.check("R58N12ABCDE")
    office.enrol(desk)
    folder = desk.bundle(lock=Lock(str(mine.to_public())))
    key = tmp_path / "key.txt"
    key.write_text(f"{other}\n")
    office.keys = [key]
    assert refused(office, folder, sound, accept_plain=True) is BundleReason.OTHER_KEY
    key.write_text(f"{other}\n{mine}\n")
    assert office.merge(folder).counted


def test_keys_that_were_replaced_have_to_be_enrolled_anew(
    office: Office, open_desk: OpenDesk, tmp_path: Path, sound: Path
) -> None:
    desk = open_desk("Desk 1")
    desk.check("R58N12ABCDE")
    office.enrol(desk)
    desk.ledger.close()
    shutil.rmtree(keys_folder(desk.ledger.path))
    later = open_desk("Desk 1", start=desk.clock.now)
    later.check("R58N12FGHIJ")
    folder = later.bundle()
    assert refused(office, folder, sound) in (BundleReason.NOT_SIGNED, BundleReason.KEYS_REPLACED)
    office.enrol(later)
    assert office.merge(folder).counted


def test_practice_and_real_phones_are_never_mixed(office: Office, desk: Desk) -> None:
    desk.check("R58N12ABCDE")
    office.enrol(desk)
    (outcome,) = office.merge(desk.bundle(), practice=True).refused
    assert outcome.reason is BundleReason.PRACTICE


def test_a_folder_that_is_no_bundle_is_refused(office: Office, sound: Path, tmp_path: Path) -> None:
    empty = tmp_path / "nothing"
    empty.mkdir()
    assert refused(office, empty, sound) is BundleReason.UNUSABLE


def test_a_full_disk_in_the_middle_leaves_the_store_as_it_was(
    office: Office, open_desk: OpenDesk, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.merge(sound)
    before = office.state()
    desk = open_desk("Desk 2")
    desk.check("R58N12ABCDE", banned=True)
    office.enrol(desk)
    folder = desk.bundle()
    for stage in ("tables", "state"):
        with monkeypatch.context() as full:

            def no_room(path: Path, *rest: object, **more: object) -> None:
                raise OSError(errno.ENOSPC, "No space left on device", str(path))

            full.setattr(*(tables, "writing_new") if stage == "tables" else (store, "replace_file"), no_room)
            with pytest.raises(StoreProblem, match="not enough room"):
                office.merge(folder)
        assert office.state() == before
    assert office.merge(folder).counted


def test_what_an_earlier_version_had_not_moved_yet_is_moved_by_the_next_merge(office: Office, desk: Desk) -> None:
    """It had the new files count first, and moved them to their places then."""
    desk.check("R58N12ABCDE")
    office.enrol(desk)
    folder = desk.bundle()
    office.merge(folder)
    for path in list(office.store.rglob("*.parquet")):
        there = office.store / "staging" / "1" / path.relative_to(office.store)
        there.parent.mkdir(parents=True, exist_ok=True)
        path.rename(there)
    assert verify_store(office.store).intact
    assert office.merge(folder).unchanged
    assert len(office.rows("checks")) == 1
    assert not list((office.store / "staging").rglob("*"))


def test_a_file_that_cannot_be_moved_to_its_place_leaves_the_store_as_it_was(
    office: Office, open_desk: OpenDesk, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.merge(sound)
    before = office.state()
    desk = open_desk("Desk 2")
    desk.check("R58N12ABCDE", banned=True)
    office.enrol(desk)
    folder, moved = desk.bundle(), list[Path]()

    def third_fails(path: Path, target: Path) -> None:
        moved.append(target)
        if len(moved) == 3:
            raise OSError(errno.EIO, "gone", str(path))
        path.rename(target)

    with monkeypatch.context() as broken:
        broken.setattr(store, "move", third_fails)
        with pytest.raises(StoreProblem):
            office.merge(folder)
    assert office.state() == before
    assert office.merge(folder).counted


def test_only_one_program_merges_at_a_time(office: Office, desk: Desk) -> None:
    desk.check("R58N12ABCDE")
    office.enrol(desk)
    with store.opened(office.store), pytest.raises(StoreProblem, match="Another program"):
        office.merge(desk.bundle())


def test_a_folder_with_other_files_is_not_made_a_store(office: Office, desk: Desk) -> None:
    office.store.mkdir()
    (office.store / "letter.txt").write_text("mine")
    desk.check("R58N12ABCDE")
    office.enrol(desk)
    with pytest.raises(StoreProblem, match="other files"):
        office.merge(desk.bundle())


@pytest.mark.parametrize("content", [b"", b"nothing", b"Fanion desk keys\nidentity x\n", b"\xff\xfe"])
def test_a_file_without_keys_is_refused(office: Office, desk: Desk, content: bytes) -> None:
    desk.check("R58N12ABCDE")
    folder = desk.bundle()
    office.enrolled.write_bytes(content or b"\n")
    with pytest.raises(EnrolmentsUnusable):
        office.merge(folder)


@pytest.mark.slow
def test_what_a_desk_erases_goes_at_the_next_merge_and_never_comes_back(
    office: Office, desk: Desk, open_desk: OpenDesk
) -> None:
    office.enrol(desk)
    first = desk.check("R58N12ABCDE", banned=True, removed=True, visit="v1")
    early = desk.bundle()
    kept = desk.check("R58N12FGHIJ")
    late = desk.bundle(after=kept - 2)
    desk.ledger.erase_records([first], "asked for")
    erasing = desk.bundle(after=desk.ledger.newest_sizes(2)[-1])
    for order in itertools.permutations([early, late, erasing]):
        shutil.rmtree(office.store, ignore_errors=True)
        for folder in order:
            office.merge(folder)
        assert {row["seq"] for row in office.rows("personal")} == {kept}, order
        assert {row["seq"]: row["phone_known"] for row in office.rows("checks")} == {first: False, kept: True}
        assert [row["phone_known"] for row in (*office.rows("findings"), *office.rows("steps"))] == [False] * 3
        assert not any(b"R58N12ABCDE" in content for content in office.state().values())
        log = desk.ledger.enrolment.origin
        leaves = {row["seq"]: row["leaf"] for row in office.rows("records")}
        assert leaves[first] == next(e.exact for e in desk.ledger.entries() if e.seq == first)
        assert {row["log"] for row in office.rows("records")} == {log}


def test_the_store_has_no_personal_value_for_longer_than_the_desk(office: Office, desk: Desk, sound: Path) -> None:
    office.enrol(desk)
    clean = desk.check("R58N12ABCDE")
    red = desk.check("R58N12FGHIJ", banned=True)
    office.merge(desk.bundle(retention_months=6))
    due = {row["seq"]: row["erase_by"].isoformat() for row in office.rows("personal")}
    assert due == {clean: "2027-05-24", red: "2028-11-24"}
    office.merge(sound, now=NOW + timedelta(days=183))  # of whatever desk
    assert {row["seq"] for row in office.rows("personal") if row["erase_by"]} == {red}
    known = {row["seq"]: row["phone_known"] for row in office.rows("checks") if row["desk"] == "Desk 1"}
    assert known == {clean: False, red: True}


def test_entries_can_be_read_back_out_of_the_store(office: Office, desk: Desk) -> None:
    desk.check("R58N12ABCDE", banned=True)
    office.enrol(desk)
    office.merge(desk.bundle())
    kinds = [read_entry(row["seq"], row["leaf"], leaf_hash(row["leaf"]), None).kind for row in office.rows("records")]
    assert kinds[:3] == ["check-started", "finding", "check-ended"]


def listing(path: str) -> bytes:
    """A list of files with one under this path."""
    return json.dumps({"form": store.FORM, "files": {path: {"rows": 1}}}).encode()


@pytest.mark.parametrize(
    "state",
    [
        *(b"", b"[]", b'{"form":"\xff"}', b'{"x":' * 5_000, b'{"x":' + b"[" * 5_000),
        *map(
            listing, ("", "../other.parquet", "checks/../../x.parquet", "/etc/passwd", "checks;\n\\! true\n/x.parquet")
        ),
        *map(listing, ("others/group=01/000001-1.parquet", "checks/group=01/000001-1.parquet\n")),
    ],
)
def test_a_store_whose_list_of_files_makes_no_sense_is_refused(state: bytes, tmp_path: Path) -> None:
    (tmp_path / "store.json").write_bytes(state)
    with pytest.raises(StoreProblem, match="damaged, or of a later version"):
        store.read(tmp_path)


def test_a_real_entry_in_a_log_of_practice_is_refused_by_its_number(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk("Practice desk", practice=True)
    desk.check("R58N12ABCDE")
    bundle = CarriedBundle(desk.bundle())
    work = inspection._Work(bundle, [desk.ledger.enrolment])
    rows = [(at, entry.exact, None) for at, entry in enumerate(desk.ledger.entries(), 1)]
    work._refuse_mixed(rows)
    real = [(at, leaf.replace(b'"practice":true', b'"practice":false'), None) for at, leaf, _ in rows]
    with pytest.raises(BundleRefused, match="its entry 2 is not of a practice phone"):
        work._refuse_mixed([rows[0], *real[1:]])
