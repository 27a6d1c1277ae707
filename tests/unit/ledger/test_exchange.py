"""Desks that meet in a folder: honest ones, rolled back ones, and folders that anybody has been at."""

from __future__ import annotations

import base64
import errno
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.keys.enrolment import Enrolment
from core.ledger.keys.identity import new_origin
from core.ledger.records import CheckStarted, Kind
from core.ledger.tlog.notes import COSIGNATURE, Checkpoint, Note, NoteSignature, NoteSigner
from core.ledger.witness import exchange, peer_folder
from core.ledger.witness.exchange import Exchange, OwnLogContradicted, leave
from core.ledger.witness.peer_folder import FOLDER, MediumProblem, folder_name
from core.ledger.writer import Ledger
from tests.examples import examples
from tests.unit.ledger.conftest import with_signatures

from .conftest import FakeClock

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

Freezer = Callable[[Path], None]


@dataclass
class Desk:
    """A desk with its data folder, which can be put back to what it was."""

    name: str
    data: Path
    clock: FakeClock

    def __post_init__(self) -> None:
        self.ledger = self._open()

    def _open(self) -> Ledger:
        # Practice keeps its keys in files: this test is about folders, not about keyrings.
        return Ledger(
            self.data / "ledger.db", desk=self.name, officer="O", app_version="1", practice=True, clock=self.clock
        )

    def work(self, started: CheckStarted, times: int = 1) -> None:
        for _ in range(times):
            self.ledger.append(started, seal=True)

    def leave(self, folder: Path) -> Exchange:
        return leave(self.ledger, folder, NOW)

    def save(self) -> Path:
        """Copy everything, keys and all: a snapshot of the computer."""
        self.ledger.close()
        copy = self.data.with_name(f"{self.data.name}-saved")
        shutil.copytree(self.data, copy)
        self.ledger = self._open()
        return copy

    def restore(self, copy: Path) -> None:
        self.ledger.close()
        shutil.rmtree(self.data)
        shutil.copytree(copy, self.data)
        self.ledger = self._open()

    @property
    def origin(self) -> str:
        return self.ledger.enrolment.origin

    def folder(self, key: Path) -> Path:
        return key / FOLDER / folder_name(self.origin)

    def newest(self, key: Path) -> Path:
        return max(self.folder(key).glob("*.checkpoint"), key=lambda p: int(p.stem))

    def bodies(self, kind: Kind) -> list[dict[str, object]]:
        return [e.leaf["body"] for e in self.ledger.newest(100, kind=kind)]


@pytest.fixture
def desks(tmp_path: Path, clock: FakeClock, started: CheckStarted) -> Iterator[Callable[[str], Desk]]:
    with ExitStack() as opened:

        def one(name: str) -> Desk:
            desk = Desk(name, tmp_path / name, clock)
            opened.callback(lambda: desk.ledger.close())
            desk.work(started)
            return desk

        yield one


@pytest.fixture
def anna(desks: Callable[[str], Desk]) -> Desk:
    return desks("Anna")


@pytest.fixture
def boris(desks: Callable[[str], Desk]) -> Desk:
    return desks("Boris")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    folder = tmp_path / "key"
    folder.mkdir()
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def in_english(conflict: object) -> str:
    return str(conflict)


def test_two_desks_vouch_for_each_other(anna: Desk, boris: Desk, key: Path, started: CheckStarted) -> None:
    left = anna.leave(key)
    assert (left.cosigned, left.conflicts, left.received, left.skipped) == ((), (), (), ())
    assert left.checkpoint_file == anna.folder(key) / f"{left.size}.checkpoint"
    assert anna.ledger.outside().how == "folder"
    assert (anna.ledger.outside().size, anna.ledger.outside().newer) == (left.size, 0)
    assert anna.ledger.unsealed() == 0

    met = boris.leave(key)
    assert [(s.origin, s.size, s.first) for s in met.cosigned] == [(anna.origin, left.size, True)]
    root = base64.b64encode(anna.ledger.root_at(left.size)).decode()
    assert boris.bodies(Kind.COSIGNED) == [
        {"origin": anna.origin, "size": left.size, "root": root, "key": str(anna.ledger.enrolment.identity)}
    ]
    assert boris.ledger.outside().newer == 0  # that it was cosigned is in what Boris left

    back = anna.leave(key)
    cosigner = str(boris.ledger.enrolment.cosigner)
    assert [(r.origin, r.size, r.key, r.first) for r in back.received] == [(boris.origin, left.size, cosigner, True)]
    assert [(s.origin, s.size) for s in back.cosigned] == [(boris.origin, met.size)]
    assert anna.bodies(Kind.COSIGNATURES) == [{"size": left.size, "cosigners": [cosigner]}]
    assert anna.leave(key).received == ()  # once

    anna.work(started, 3)
    anna.leave(key)
    boris.work(started)
    again = boris.leave(key)
    assert [(s.origin, s.first) for s in again.cosigned] == [(anna.origin, False)]
    assert (again.conflicts, again.skipped) == ((), ())
    assert [r.first for r in anna.leave(key).received] == [False]
    assert sorted(key.iterdir()) == [key / FOLDER]
    assert not [name for name in files(key) if ".fanion" in name]


def test_cosignature_is_what_the_format_says(anna: Desk, boris: Desk, key: Path) -> None:
    left = anna.leave(key)
    boris.leave(key)
    text, _, lines = left.checkpoint_file.read_text(encoding="utf-8").partition("\n\n")
    last = lines.splitlines()[-1]
    assert last.startswith(f"— {boris.origin} ")
    raw = base64.b64decode(last.rpartition(" ")[2])
    verifier = boris.ledger.enrolment.cosigner
    assert raw[:4] == verifier.id
    assert int.from_bytes(raw[4:12], "big") == int(NOW.timestamp())
    signed = f"cosignature/v1\ntime {int(NOW.timestamp())}\n{text}\n".encode()
    Ed25519PublicKey.from_public_bytes(verifier.public).verify(raw[12:], signed)


def test_what_is_left_can_be_followed(anna: Desk, key: Path, started: CheckStarted) -> None:
    sizes = []
    for _ in range(4):
        anna.work(started, 2)
        sizes.append(anna.leave(key).size)
    names = {p.name for p in anna.folder(key).iterdir()}
    assert names == {
        "enrolment.txt",
        *(f"{s}.checkpoint" for s in sizes),
        *(f"{s}.consistency" for s in sizes[1:]),
    }
    assert Enrolment.parse((anna.folder(key) / "enrolment.txt").read_text()) == anna.ledger.enrolment
    step = (anna.folder(key) / f"{sizes[2]}.consistency").read_text().splitlines()
    assert step[0] == str(sizes[1])
    assert all(len(base64.b64decode(line)) == 32 for line in step[1:])


def test_growth_is_proved_over_many_visits(anna: Desk, boris: Desk, key: Path, started: CheckStarted) -> None:
    anna.leave(key)
    boris.leave(key)
    for _ in range(5):
        anna.work(started, 3)
        anna.leave(key)
    met = boris.leave(key)
    assert [s.size for s in met.cosigned] == [int(anna.newest(key).stem)]
    assert met.conflicts == ()


def test_growth_is_proved_on_a_key_that_was_never_here(
    anna: Desk, boris: Desk, key: Path, tmp_path: Path, started: CheckStarted
) -> None:
    anna.leave(key)
    boris.leave(key)
    anna.work(started, 4)
    other = tmp_path / "other"
    other.mkdir()
    anna.leave(other)
    met = boris.leave(other)
    assert (len(met.cosigned), met.conflicts) == (1, ())
    # And the older key says nothing new, and nothing that contradicts.
    old = boris.leave(key)
    assert (old.cosigned, old.conflicts, old.skipped) == ((), (), ())


def test_lost_cosignature_is_given_again_without_a_second_record(anna: Desk, boris: Desk, key: Path) -> None:
    left = anna.leave(key)
    before = left.checkpoint_file.read_bytes()
    boris.leave(key)
    left.checkpoint_file.write_bytes(before)
    assert [s.size for s in boris.leave(key).cosigned] == [left.size]
    assert boris.ledger.cosigner.verifier.has_signed(Note.parse(left.checkpoint_file.read_bytes()))
    assert len(boris.bodies(Kind.COSIGNED)) == 1
    assert boris.leave(key).cosigned == ()


def test_false_line_in_our_name_is_replaced(anna: Desk, boris: Desk, key: Path) -> None:
    left = anna.leave(key)
    note = Note.parse(left.checkpoint_file.read_bytes())
    false = NoteSignature(boris.origin, boris.ledger.cosigner.verifier.id, bytes(72))
    left.checkpoint_file.write_bytes(bytes(with_signatures(note, false)))
    boris.leave(key)
    assert boris.ledger.cosigner.verifier.has_signed(Note.parse(left.checkpoint_file.read_bytes()))


# What shows that a log was cut, rolled back or forked


def test_own_log_that_was_rolled_back(anna: Desk, key: Path, started: CheckStarted) -> None:
    saved = anna.save()
    anna.work(started, 3)
    anna.leave(key)
    anna.restore(saved)
    before, count = files(key), anna.ledger.count()
    with pytest.raises(OwnLogContradicted, match="it was cut, or an older copy") as told:
        anna.leave(key)
    assert "Keep the folder" in told.value.next_step.in_language("en")
    assert (files(key), anna.ledger.count()) == (before, count)


def test_own_log_that_went_on_from_an_older_copy(anna: Desk, key: Path, started: CheckStarted) -> None:
    saved = anna.save()
    anna.work(started, 3)
    size = anna.leave(key).size
    anna.restore(saved)
    anna.work(started, size)
    before, count = files(key), anna.ledger.count()
    with pytest.raises(OwnLogContradicted, match="does not fit the log"):
        anna.leave(key)
    assert (files(key), anna.ledger.count()) == (before, count)


def rolled_back(anna: Desk, boris: Desk, key: Path, started: CheckStarted, work: int) -> Exchange:
    """Anna's computer is put back to what it was, and her folder cleared away; then Boris comes."""
    anna.leave(key)
    boris.leave(key)
    saved = anna.save()
    anna.work(started, 3)
    anna.leave(key)
    boris.leave(key)
    anna.restore(saved)
    shutil.rmtree(anna.folder(key))
    anna.work(started, work)
    anna.leave(key)
    before = files(anna.folder(key))
    met = boris.leave(key)
    assert met.cosigned == ()
    assert files(anna.folder(key)) == before
    return met


@pytest.mark.parametrize("work", [0, 1])
def test_other_log_that_was_rolled_back(anna: Desk, boris: Desk, key: Path, started: CheckStarted, work: int) -> None:
    seen = boris
    met = rolled_back(anna, boris, key, started, work)
    (conflict,) = met.conflicts
    assert conflict.origin == anna.origin
    assert "has cosigned one over" in in_english(conflict)
    (fork,) = seen.bodies(Kind.FORK_SEEN)
    assert int(str(fork["other_size"])) < int(str(fork["size"]))
    # Both are kept, and the desk's own key stands under both.
    identity = anna.ledger.enrolment.identity
    notes = [Note.parse(path.read_bytes()) for path in conflict.copies]
    assert [identity.has_signed(note) for note in notes] == [True, True]
    assert [Checkpoint.parse(note.text).size for note in notes] == [fork["size"], fork["other_size"]]
    # It is told again, but stands once on record.
    assert len(boris.leave(key).conflicts) == 1
    assert len(boris.bodies(Kind.FORK_SEEN)) == 1
    assert boris.ledger.outside().newer == 0


def test_other_log_that_went_on_from_an_older_copy(anna: Desk, boris: Desk, key: Path, started: CheckStarted) -> None:
    met = rolled_back(anna, boris, key, started, 20)
    (conflict,) = met.conflicts
    assert "Nothing in the folder proves" in in_english(conflict)
    (fork,) = boris.bodies(Kind.FORK_SEEN)
    assert int(str(fork["other_size"])) > int(str(fork["size"]))


def test_other_log_with_two_histories_of_one_length(
    anna: Desk, boris: Desk, key: Path, tmp_path: Path, started: CheckStarted
) -> None:
    saved = anna.save()
    anna.work(started)
    anna.leave(key)
    boris.leave(key)
    anna.restore(saved)
    anna.ledger.append(started)
    anna.ledger.seal()
    other = tmp_path / "other"
    other.mkdir()
    assert anna.leave(other).size == int(anna.newest(key).stem)
    met = boris.leave(other)
    assert "two histories" in in_english(met.conflicts[0])
    assert met.cosigned == ()
    (fork,) = boris.bodies(Kind.FORK_SEEN)
    assert fork["size"] == fork["other_size"]
    assert fork["root"] != fork["other_root"]
    assert all(path.exists() for path in met.conflicts[0].copies)
    assert len(met.conflicts[0].copies) == 2


class Changing:
    """A share on which a checkpoint is another one each time that it is read: both are signed by its desk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, file: Path, *answers: bytes) -> None:
        self._file, self._answers, self._read = file, list(answers), peer_folder.read
        monkeypatch.setattr(peer_folder, "read", self)

    def __call__(self, path: Path, limit: int) -> bytes | None:
        if path != self._file or not self._answers:
            return self._read(path, limit)
        return self._answers.pop(0)


@pytest.mark.parametrize("known", [True, False])
def test_what_is_cosigned_is_what_was_judged(
    anna: Desk,
    boris: Desk,
    key: Path,
    tmp_path: Path,
    started: CheckStarted,
    monkeypatch: pytest.MonkeyPatch,
    known: bool,
) -> None:
    """A desk with two histories shows the one that was cosigned to be compared, and the other one to be signed."""
    anna.leave(key)
    boris.leave(key)
    saved, other = anna.save(), tmp_path / "other"
    shutil.copytree(key, other)
    anna.work(started)
    anna.leave(key)
    if known:
        boris.leave(key)
    anna.restore(saved)
    anna.work(started)
    true, false = anna.newest(key), anna.leave(other).checkpoint_file
    assert true.name == false.name
    forked = Note.parse(false.read_bytes())
    Changing(monkeypatch, true, false.read_bytes())
    met = boris.leave(key)
    assert met.cosigned == ()
    assert len(met.conflicts) == 1
    assert not boris.ledger.cosigner.verifier.has_signed(Note.parse(true.read_bytes())) or known
    root = base64.b64encode(Checkpoint.parse(forked.text).root).decode()
    assert root not in [body["root"] for body in boris.bodies(Kind.COSIGNED)]


@pytest.mark.parametrize("damage", ["missing", "garbage", "false", "of another size", "binary"])
def test_growth_that_nothing_proves(anna: Desk, boris: Desk, key: Path, started: CheckStarted, damage: str) -> None:
    anna.leave(key)
    boris.leave(key)
    anna.work(started, 3)
    size = anna.leave(key).size
    step = anna.folder(key) / f"{size}.consistency"
    first, *path = step.read_text().splitlines()
    match damage:
        case "missing":
            step.unlink()
        case "garbage":
            step.write_text("\n\n\n" * 900)
        case "binary":
            step.write_bytes(bytes(range(256)))
        case "of another size":
            step.write_text("\n".join([str(int(first) - 1), *path]) + "\n")
        case "false":
            step.write_text("\n".join([first, *path[:-1], base64.b64encode(bytes(32)).decode()]) + "\n")
    met = boris.leave(key)
    assert (len(met.conflicts), met.cosigned) == (1, ())
    # The desk itself sets it right when it comes by again.
    anna.leave(key)
    met = boris.leave(key)
    assert (met.conflicts, len(met.cosigned)) == ((), 1)


# Keys


def impostor(origin: str) -> tuple[Enrolment, NoteSigner]:
    signers = [NoteSigner(origin, Ed25519PrivateKey.generate(), type) for type in (1, 1, COSIGNATURE)]
    return Enrolment(*(signer.verifier for signer in signers)), signers[0]


def forge(folder: Path, origin: str, size: int) -> Enrolment:
    """What somebody else signs with keys of his own."""
    folder.mkdir(exist_ok=True)
    enrolment, signer = impostor(origin)
    (folder / "enrolment.txt").write_text(enrolment.text, encoding="utf-8")
    text = Checkpoint(origin, size, bytes(32)).text
    (folder / f"{size}.checkpoint").write_bytes(bytes(Note(text, (signer.sign(text),))))
    return enrolment


def test_other_key_for_a_desk_that_is_known(anna: Desk, boris: Desk, key: Path) -> None:
    anna.leave(key)
    boris.leave(key)
    forge(anna.folder(key), anna.origin, 10_000)
    before = files(anna.folder(key))
    met = boris.leave(key)
    (conflict,) = met.conflicts
    assert "another key" in in_english(conflict)
    assert conflict.copies[0].read_text(encoding="utf-8") == (anna.folder(key) / "enrolment.txt").read_text()
    assert (met.cosigned, files(anna.folder(key))) == ((), before)
    assert len(boris.bodies(Kind.PROBLEM)) == 1
    # Anna herself says so at once.
    with pytest.raises(OwnLogContradicted, match="keys for this log that it never had"):
        anna.leave(key)


def test_checkpoint_that_the_desks_key_did_not_sign(anna: Desk, boris: Desk, key: Path) -> None:
    left = anna.leave(key)
    true = (anna.folder(key) / "enrolment.txt").read_bytes()
    forge(anna.folder(key), anna.origin, 10_000)
    (anna.folder(key) / "enrolment.txt").write_bytes(true)
    met = boris.leave(key)
    assert [(s.path.name, in_english(s.why)) for s in met.skipped] == [
        ("10000.checkpoint", "it is not signed by the desk’s key")
    ]
    assert [s.size for s in met.cosigned] == [left.size]
    assert [s.path.name for s in anna.leave(key).skipped] == ["10000.checkpoint"]


def test_other_folder_in_our_own_name(anna: Desk, boris: Desk, key: Path) -> None:
    anna.leave(key)
    forge(key / FOLDER / "another", anna.origin, 7)
    shutil.copytree(anna.folder(key), key / FOLDER / "copy")
    met = anna.leave(key)
    assert "another key" in in_english(met.conflicts[0])
    assert [(s.path.name, in_english(s.why)) for s in met.skipped] == [("copy", "it is a copy of this desk’s folder")]
    # To Boris, neither has the name that its desk's folder has.
    assert [s.path.name for s in boris.leave(key).skipped] == ["another", "copy"]


def test_cosignature_with_another_key_than_before(anna: Desk, boris: Desk, key: Path, started: CheckStarted) -> None:
    anna.leave(key)
    boris.leave(key)
    anna.leave(key)
    # Somebody puts a cosigner of his own into Boris's enrolment, and signs with it.
    signer = NoteSigner(boris.origin, Ed25519PrivateKey.generate(), COSIGNATURE)
    told = boris.ledger.enrolment
    false = Enrolment(told.identity, told.epoch, signer.verifier)
    (boris.folder(key) / "enrolment.txt").write_text(false.text, encoding="utf-8")
    newest = anna.newest(key)
    note = Note.parse(newest.read_bytes())
    newest.write_bytes(bytes(with_signatures(note, signer.cosign(note.text, 1))))
    met = anna.leave(key)
    assert met.received == ()
    assert "another key" in in_english(met.conflicts[0])


def test_false_and_unknown_cosignatures_are_not_counted(anna: Desk, boris: Desk, key: Path) -> None:
    left = anna.leave(key)
    boris.leave(key)
    verifier = boris.ledger.cosigner.verifier
    stranger = NoteSigner("stranger.example/x", Ed25519PrivateKey.generate(), COSIGNATURE)
    note = Note.parse(left.checkpoint_file.read_bytes())
    mine = tuple(s for s in note.signatures if s.name == anna.origin)
    false = NoteSignature(boris.origin, verifier.id, bytes(72))
    left.checkpoint_file.write_bytes(bytes(Note(note.text, (*mine, false, stranger.cosign(note.text, 1)))))
    back = anna.leave(key)
    assert back.received == ()
    assert [in_english(s.why) for s in back.skipped] == ["a cosignature on it is false"]


def test_note_without_room_for_a_signature(anna: Desk, boris: Desk, key: Path) -> None:
    left = anna.leave(key)
    note = Note.parse(left.checkpoint_file.read_bytes())
    noise = (NoteSignature(f"n{i}", bytes(4), bytes([i])) for i in range(62))
    left.checkpoint_file.write_bytes(full := bytes(with_signatures(note, *noise)))
    met = boris.leave(key)
    assert [in_english(s.why) for s in met.skipped] == ["it has no room for another signature"]
    assert (met.cosigned, left.checkpoint_file.read_bytes()) == ((), full)


# Folders that anybody has been at


def test_strange_things_beside_the_desks(anna: Desk, boris: Desk, key: Path, tmp_path: Path) -> None:
    anna.leave(key)
    place = key / FOLDER
    (place / "desktop.ini").write_text("[x]")
    (place / ".DS_Store").write_bytes(b"x")
    (place / "file").write_bytes(b"x")
    (place / "empty").mkdir()
    (place / "long").mkdir()
    (place / "long" / "enrolment.txt").write_bytes(b"x" * 5_000)
    (place / "binary").mkdir()
    (place / "binary" / "enrolment.txt").write_bytes(b"\xff\xfe")
    (place / "folder").mkdir()
    (place / "folder" / "enrolment.txt").mkdir()
    shutil.copytree(anna.folder(key), place / "renamed")
    before = files(key)
    met = boris.leave(key)
    assert {s.path.name: in_english(s.why) for s in met.skipped} == {
        "file": "it is not a desk’s folder",
        "empty": "it does not say whose it is",
        "long": "these are not the keys of a desk",
        "binary": "it is not text",
        "folder": "these are not the keys of a desk",
        "renamed": "it does not have its desk’s name",
    }
    assert len(met.cosigned) == 1
    changed = {name for name, content in files(key).items() if before.get(name) != content}
    mine = {name for name in changed if folder_name(boris.origin) in name}
    assert {Path(name).name for name in changed - mine} == {anna.newest(key).name}


@pytest.mark.skipif(sys.platform == "win32", reason="needs a right on Windows")
def test_nothing_is_followed(anna: Desk, boris: Desk, key: Path, tmp_path: Path) -> None:
    left = anna.leave(key)
    place, secret = key / FOLDER, tmp_path / "secret"
    shutil.copytree(anna.folder(key), secret)
    shutil.rmtree(anna.folder(key))
    anna.folder(key).symlink_to(secret)
    assert [in_english(s.why) for s in boris.leave(key).skipped] == ["it is not a desk’s folder"]
    with pytest.raises(MediumProblem, match="there is something else"):
        anna.leave(key)
    anna.folder(key).unlink()
    anna.folder(key).mkdir()
    shutil.copy(secret / "enrolment.txt", anna.folder(key))
    (anna.folder(key) / left.checkpoint_file.name).symlink_to(secret / left.checkpoint_file.name)
    os.mkfifo(anna.folder(key) / "99999.checkpoint")
    met = boris.leave(key)
    assert [s.path.name for s in met.skipped] == ["99999.checkpoint", left.checkpoint_file.name]
    assert met.cosigned == ()
    # What stands in our own folder's place is replaced, and what it led to stays as it is.
    before = (secret / left.checkpoint_file.name).read_bytes()
    anna.leave(key)
    assert not (anna.folder(key) / left.checkpoint_file.name).is_symlink()
    assert (secret / left.checkpoint_file.name).read_bytes() == before
    shutil.move(place, tmp_path / "moved")
    place.symlink_to(tmp_path / "moved")
    with pytest.raises(MediumProblem, match="there is something else"):
        boris.leave(key)


def test_more_files_than_anybody_reads(anna: Desk, boris: Desk, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    anna.leave(key)
    for n in range(120):
        (anna.folder(key) / f"{n + 10**6}.checkpoint").write_bytes(b"x" * 200_000)
    met = boris.leave(key)
    assert met.cosigned == ()
    assert len(met.skipped) == 50
    assert len(anna.leave(key).skipped) == 120


@given(
    st.sampled_from(["enrolment.txt", "note", "consistency", "other.checkpoint", "18.checkpoint"]),
    st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace")),
    st.sampled_from(["put", "append", "cut"]),
)
@examples(25)
def test_garbage_never_crashes_and_is_never_cosigned(
    anna: Desk, boris: Desk, key: Path, which: str, content: bytes, how: str
) -> None:
    newest = anna.leave(key).checkpoint_file
    name = {"note": newest.name, "consistency": f"{newest.stem}.consistency"}.get(which, which)
    file = anna.folder(key) / name
    old = file.read_bytes() if file.exists() else b""
    file.write_bytes({"put": content, "append": old + content, "cut": old[: len(content)]}[how])
    for desk in (boris, anna):
        met = desk.leave(key)
        for told in (*met.conflicts, *(s.why for s in met.skipped)):
            assert in_english(told)
        for seen in met.cosigned:
            owner = anna if desk is boris else boris
            assert seen.origin == owner.origin
            written = Note.parse((owner.folder(key) / f"{seen.size}.checkpoint").read_bytes())
            assert Checkpoint.parse(written.text).root == owner.ledger.root_at(seen.size)


# Media that fail


def test_folder_that_is_not_there(anna: Desk, key: Path) -> None:
    with pytest.raises(MediumProblem, match="cannot be reached") as told:
        anna.leave(key / "missing")
    assert "Plug the medium in again" in told.value.next_step.in_language("en")
    (key / "file").touch()
    with pytest.raises(MediumProblem):
        anna.leave(key / "file")
    assert not (key / "missing").exists()


def test_folder_beside_the_log_is_no_outside(anna: Desk) -> None:
    inside = anna.data / "backup"
    inside.mkdir()
    for folder in (anna.data, inside):
        with pytest.raises(MediumProblem, match="where the log itself is kept"):
            anna.leave(folder)
    assert not any(inside.iterdir())


def test_medium_that_is_write_protected(anna: Desk, boris: Desk, key: Path, make_read_only: Freezer) -> None:
    anna.leave(key)
    before, count = files(key), boris.ledger.count()
    make_read_only(key)
    with pytest.raises(MediumProblem, match="write-protected") as told:
        boris.leave(key)
    assert "Take off the protection" in told.value.next_step.in_language("en")
    assert (files(key), boris.ledger.count()) == (before, count)
    assert boris.ledger.outside().how == ""


def test_medium_that_is_full(anna: Desk, small_disk: Path) -> None:
    with pytest.raises(OSError, match="space"):
        (small_disk / "film").write_bytes(bytes(2_000_000))
    count = anna.ledger.count()
    with pytest.raises(MediumProblem, match="is full") as told:
        anna.leave(small_disk)
    assert "Free some space" in told.value.next_step.in_language("en")
    assert anna.ledger.count() == count
    assert [path.name for path in small_disk.iterdir()] == ["film"]
    (small_disk / "film").unlink()
    assert anna.leave(small_disk).checkpoint_file.exists()


def test_key_that_is_pulled_at_any_moment(
    anna: Desk, boris: Desk, key: Path, started: CheckStarted, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna.leave(key)
    boris.leave(key)
    replace, moment = os.replace, 0
    done = False
    while not done:
        moment += 1
        left = [moment]

        def pulled(source: Path, target: Path, left: list[int] = left) -> None:
            if key in Path(target).parents:
                left[0] -= 1
                if left[0] <= 0:
                    raise OSError(errno.EIO, "Input/output error")
            replace(source, target)

        boris.work(started)
        outside = boris.ledger.outside().size
        with monkeypatch.context() as broken:
            broken.setattr(os, "replace", pulled)
            try:
                boris.leave(key)
                done = True
            except MediumProblem:
                assert boris.ledger.outside().size == outside
        assert not [name for name in files(key) if ".fanion" in name]
        for path in (key / FOLDER).rglob("*.checkpoint"):
            Note.parse(path.read_bytes())
        anna.work(started)
        assert anna.leave(key).conflicts == ()
    assert moment > 4


def test_medium_that_gives_back_something_else(anna: Desk, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put = peer_folder.put
    monkeypatch.setattr(peer_folder, "put", lambda path, content: put(path, content[:-1]))
    with pytest.raises(MediumProblem, match="reported an error"):
        anna.leave(key)
    assert anna.ledger.outside().how == ""


def test_other_medium_in_the_same_place(anna: Desk, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put = peer_folder.put

    def swapped(path: Path, content: bytes) -> None:
        put(path, content)
        if path.suffix == ".checkpoint":
            shutil.copytree(key, key.with_name("new"))
            shutil.rmtree(key)
            key.with_name("new").rename(key)

    monkeypatch.setattr(peer_folder, "put", swapped)
    with pytest.raises(MediumProblem, match="cannot be reached any more"):
        anna.leave(key)
    assert anna.ledger.outside().how == ""


def test_folder_without_permission_for_one_desk(
    anna: Desk, boris: Desk, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna.leave(key)
    put = peer_folder.put

    def forbidden(path: Path, content: bytes) -> None:
        if path.parent == anna.folder(key):
            raise PermissionError(errno.EACCES, "Permission denied")
        put(path, content)

    with monkeypatch.context() as guarded:
        guarded.setattr(peer_folder, "put", forbidden)
        met = boris.leave(key)
    assert [(s.path, in_english(s.why)) for s in met.skipped] == [(anna.folder(key), "you have no permission for it")]
    assert met.checkpoint_file.exists()
    assert [s.size for s in boris.leave(key).cosigned] == [int(anna.newest(key).stem)]


def test_file_systems_that_know_no_fsync_of_a_folder(
    anna: Desk, key: Path, sync_by: Callable[[Callable[[int], None]], None]
) -> None:
    really = os.fsync

    def unknown(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        really(descriptor)

    sync_by(unknown)
    assert anna.leave(key).checkpoint_file.exists()


def test_log_without_any_record(tmp_path: Path, key: Path) -> None:
    ledger = Ledger(tmp_path / "new" / "l.db", desk="New", officer="O", app_version="1", practice=True)
    with closing(ledger):
        assert leave(ledger, key, NOW).checkpoint_file.exists()


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("tbs-sct.gc.ca/desk-4/0f3a", "desk-4-0f3a"),
        ("gc.ca/Bureau é: <4>/0f", "bureau_4_-0f"),
        ("..", "_"),
        ("a/../..", "_-_"),
        ("x", "x"),
        ("con", "con"),
        ("a/" + "y" * 300 + "/0f3a", "y" * 95 + "-0f3a"),
    ],
)
def test_names_that_every_file_system_takes(origin: str, name: str) -> None:
    assert folder_name(origin) == name


def test_medium_that_fills_up_keeps_nothing_empty(anna: Desk, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as limited:
        limited.setattr(peer_folder, "put", full)
        with pytest.raises(MediumProblem, match="is full"):
            anna.leave(key)
    assert list(key.iterdir()) == []
    (key / FOLDER).mkdir()  # what somebody else made stays
    with monkeypatch.context() as limited:
        limited.setattr(exchange, "sync_folder", lambda folder: full(folder, b""))
        with pytest.raises(MediumProblem, match="is full"):
            anna.leave(key)
    assert [list(path.iterdir()) for path in key.iterdir()] == [[]]
    assert anna.leave(key).checkpoint_file.exists()


@pytest.mark.parametrize(
    "origin",
    [
        "a/../..",
        "evil.example/SERIAL12345/0123456789abcdef",
        "evil.example/desk/0123456789abcdef/more",
        "évil.example/desk/0123456789abcdef",
        f"{'x' * 900}/desk/0123456789abcdef",
        "e" * 63 + f".example/{'x' * 40}/0123456789abcdef",
    ],
)
def test_name_that_fanion_gives_to_no_log_stays_out_of_ours(anna: Desk, key: Path, origin: str) -> None:
    left = anna.leave(key)
    records = anna.ledger.count()
    forge(key / FOLDER / folder_name(origin), origin, 5)
    met = anna.leave(key)
    (skipped,) = met.skipped
    assert in_english(skipped.why) == "its name is not one that Fanion gives to a log"
    assert (met.cosigned, anna.bodies(Kind.COSIGNED)) == ((), [])
    assert anna.ledger.count() - records == records - left.size  # no more than when nothing is there
    assert not list((anna.data).rglob(f"log-{folder_name(origin)}"))


@pytest.mark.parametrize("organisation", ["", "tbs-sct.gc.ca"])
@pytest.mark.parametrize("desk", ["", "Bureau é: <4>", "x" * 300])
def test_names_that_fanion_gives_to_logs_are_taken(key: Path, anna: Desk, organisation: str, desk: str) -> None:
    origin = new_origin(organisation, desk, practice=not organisation)
    anna.leave(key)
    forge(key / FOLDER / folder_name(origin), origin, 5)
    assert [seen.origin for seen in anna.leave(key).cosigned] == [origin]


def invent(key: Path, count: int, checkpoints: bool = True) -> None:
    for n in range(count):
        origin = f"evil.example/desk/{n:016x}"
        forge(key / FOLDER / folder_name(origin), origin, 5)
        if not checkpoints:
            (key / FOLDER / folder_name(origin) / "5.checkpoint").unlink()


@pytest.mark.parametrize("checkpoints", [True, False])
def test_more_new_desks_than_a_department_has(anna: Desk, boris: Desk, key: Path, checkpoints: bool) -> None:
    anna.leave(key)
    boris.leave(key)
    anna.leave(key)  # so that she knows him
    before = anna.ledger.count()
    invent(key, 60, checkpoints)
    met = anna.leave(key)
    assert len(met.skipped) == 40
    assert {in_english(s.why) for s in met.skipped} == {"it is new, and at most 20 new ones are taken at a time"}
    assert anna.ledger.count() - before < 25
    assert len(anna.bodies(Kind.COSIGNED)) == (21 if checkpoints else 1)
    if checkpoints:
        assert len(anna.leave(key).skipped) == 20  # those that were taken are not new any more


def test_more_keys_in_our_own_name_than_anybody_reads(anna: Desk, key: Path) -> None:
    anna.leave(key)
    for n in range(30):
        forge(key / FOLDER / f"other-{n}", anna.origin, 7)
    met = anna.leave(key)
    assert (len(met.conflicts), len(met.skipped)) == (20, 10)
    assert len(anna.bodies(Kind.PROBLEM)) == 20
