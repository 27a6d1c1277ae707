"""Targets: what a log, its receipts and its outside copies may hold that another has made."""

from __future__ import annotations

import contextlib
import shutil
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from core.head_office.bundles.layout import read_sums
from core.jobs import Cancel, silent
from core.ledger.keys.enrolment import Enrolment, split_enrolments
from core.ledger.problems import LedgerProblem
from core.ledger.records import leaf
from core.ledger.records.entry import read_entry, texts
from core.ledger.tlog.notes import Checkpoint, Note, NoteError, Proof, Verifier
from core.ledger.verify.exported import verify_export
from core.ledger.verify.ledger_check import quick_look
from core.ledger.verify.record_check import examine
from core.ledger.witness import exchange
from core.ledger.witness.peer_folder import FOLDER, PeerFolder, folder_name
from core.ledger.witness.time_stamps import StampRefused, _Reply
from core.ledger.writer import Ledger
from core.reports.receipt.pdf_text import read_pdf
from core.reports.receipt.receipt import leaf_in, read_receipt
from core.text import as_cell, one_line, plain
from tests.fuzz.folders import scratch
from tests.fuzz.target import Target
from tests.unit.head_office.conftest import NOW, desks_in
from tests.unit.ledger.test_stamps import EXPIRED_REPLY


@cache
def made() -> tuple[Path, tuple[bytes, ...], bytes, bytes, str, bytes]:
    """A small log: its file, its leaves, a checkpoint, a proof, its keys, and the bytes of its file."""
    with desks_in(scratch("log")) as open_desk:
        desk = open_desk()
        desk.check("R58N12ABCDE", banned=True, removed=True, tag="DRH-1")
        desk.check("R58N12FGHIJ")
        ledger = desk.ledger
        exchange.leave(ledger, scratch("peers"), NOW)
        desk.check("R58N12KLMNO")
        exchange.leave(ledger, scratch("peers"), NOW)
        leaves = tuple(entry.exact for entry in ledger.entries())
        note = bytes(ledger.newest_seal().note)  # type: ignore[union-attr]
        proof = bytes(ledger.proof(3))
        path, keys = ledger.path, ledger.enrolment.text
    return path, leaves, note, proof, keys, path.read_bytes()


def notes(data: bytes) -> None:
    """A checkpoint, a proof or keys: refused as a note, and as nothing else."""
    with contextlib.suppress(NoteError):
        note = Note.parse(data)
        assert bytes(Note.parse(bytes(note))) == bytes(note)
        Checkpoint.parse(note.text)
    with contextlib.suppress(NoteError):
        assert bytes(Proof.parse(bytes(Proof.parse(data))))
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(NoteError):
        Verifier.parse(text.strip())
    for one in split_enrolments(text):
        with contextlib.suppress(NoteError):
            Enrolment.parse(one)


def note_seeds() -> list[bytes]:
    _, _, note, proof, keys, _ = made()
    return [note, proof, keys.encode(), keys.encode() * 2, keys.split()[-1].encode()]


def record(data: bytes) -> None:
    """A leaf that another has written, as verification sees it, and as a page shows it."""
    examine([(3, data, None)], {3: []})
    entry = read_entry(3, data, leaf.leaf_hash(data), {})
    assert entry.record is not None
    assert all(isinstance(text, str) for text in texts(entry.leaf))


def receipt(data: bytes) -> None:
    read_pdf(data)
    read_receipt(data)
    leaf_in(data, 3)


def receipt_seeds() -> list[bytes]:
    _, leaves, note, proof, _, _ = made()

    def pdf(*texts: bytes) -> bytes:
        streams = (b"1 0 obj\n<</Length 9>>\nstream\n" + one + b"\nendstream\nendobj\n" for one in texts)
        return b"%PDF-1.7\n" + b"".join(streams) + b"%%EOF\n"

    page = b"<</Type/Pages/Kids[1 0 R]/Contents 1 0 R/Resources<</Font<</f0 1 0 R>>>>/ToUnicode 1 0 R/ObjStm/First 9>>"
    drawn = b"1 beginbfchar <0001> <0041> endbfchar BDC BT/f0 9 Tf[(\\000\\001)3<0002>]TJ ET EMC"
    whole = b"%PDF-1.7\n1 0 obj\n" + page + b"\nstream\n" + drawn + b"\nendstream\nendobj\n"
    return [note, proof, note.replace("— ".encode(), b"- "), pdf(proof, leaves[2]), pdf(zlib.compress(note)), whole]


def exported(data: bytes) -> None:
    """What another desk exported, of which one file, named by the first byte, is what somebody likes."""
    folder, names = scratch("export"), ("leaves.jsonl", "checkpoint", "seals.jsonl", "hashes.txt")
    shutil.rmtree(folder)
    folder.mkdir()
    _, leaves, note, _, keys, _ = made()
    (folder / names[0]).write_bytes(b"".join(one + b"\n" for one in leaves))
    (folder / names[1]).write_bytes(note)
    (folder / names[data[0] % len(names) if data else 0]).write_bytes(data[1:])
    verify_export(folder, Enrolment.parse(keys), report=silent, cancel=Cancel())


def export_seeds() -> list[bytes]:
    _, leaves, note, _, _, _ = made()
    hashes = b"".join(leaf.leaf_hash(one).hex().encode() + b"\n" for one in leaves)
    return [b"\0" + b"".join(one + b"\n" for one in leaves), b"\1" + note, b'\2{"size":3,"note":"x"}\n', b"\3" + hashes]


def peers(data: bytes) -> None:
    """The folder of another desk on a stick, of which one file is what somebody likes."""
    kind, content = data[:1], data[1:]
    keys = Enrolment.parse(made()[4])
    folder = scratch("brought") / folder_name(keys.origin)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(scratch("peers") / FOLDER / folder_name(keys.origin), folder)
    files = sorted(folder.iterdir())
    files[kind[0] % len(files) if kind else 0].write_bytes(content)
    peer = PeerFolder(folder)
    sizes = peer.sizes()
    with contextlib.suppress(NoteError):
        peer.enrolment()
    for size in sizes:
        with contextlib.suppress(NoteError):
            _, root = peer.note(size, keys.origin, [keys.identity])
            peer.grown(size, root, sizes[0], root)


def peer_seeds() -> list[bytes]:
    folder = scratch("peers") / FOLDER / folder_name(Enrolment.parse(made()[4]).origin)
    return [bytes([number]) + file.read_bytes() for number, file in enumerate(sorted(folder.iterdir()))]


def log_file(data: bytes) -> None:
    """The file of a log, after somebody has written into it: read, searched and looked at, or refused."""
    folder = scratch("file")
    path = folder / "ledger.db"
    for old in folder.glob("ledger.db*"):
        old.unlink()
    path.write_bytes(data)
    with Ledger.read(path) as ledger:
        for entry in ledger.newest(20):
            _ = entry.record
        ledger.search("WeChat", 5)
        quick_look(ledger, Enrolment.parse(made()[4]))


def stamp(data: bytes) -> None:
    _Reply(data)


def shown(data: bytes) -> None:
    """Text from elsewhere, at the doors that it passes: within its length, on one line, and no formula."""
    whole = data[: len(data) // 2 * 2]
    for text in (data.decode("utf-8", "replace"), whole.decode("utf-16-le", "surrogatepass")):
        for one in (plain(text, 40), one_line(text, 40)):
            assert len(one) <= 40
            assert one.isprintable() or "\N{NO-BREAK SPACE}" in one
        assert as_cell(text)[:1] not in ("=", "+", "-", "@", "\t", "\r")
    list(read_sums(data))


def text_seeds() -> list[bytes]:
    return [b"=cmd|' /C calc'!A0", "\u202egnp.exe".encode(), "\uff1d1+1".encode(), b"a" * 64 + b"  x\nb" * 3]


def targets() -> Iterator[Target]:
    yield Target("note", notes, note_seeds)
    yield Target("record", record, lambda: list(made()[1]), (ValueError, TypeError))
    yield Target("receipt", receipt, receipt_seeds, (NoteError,))
    yield Target("export", exported, export_seeds, (LedgerProblem,))
    yield Target("peer-folder", peers, peer_seeds)
    yield Target("ledger-file", log_file, lambda: [made()[5]], (LedgerProblem,))
    yield Target("time-stamp", stamp, lambda: [EXPIRED_REPLY], (StampRefused,))
    yield Target("text", shown, text_seeds)
