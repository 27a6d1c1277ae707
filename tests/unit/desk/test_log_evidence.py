"""What a desk does with its log as evidence: what is written, what is on record, and what is left where it fails."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shutil
import signal
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import pypdfium2  # type: ignore[import-untyped]
import pytest

from core.desk.desk import Desk
from core.desk.papers import log_evidence, log_papers
from core.desk.problems import NoSuchEntry, NothingRecorded
from core.desk.settings.settings_table import Settings
from core.jobs import Cancel, Progress
from core.ledger.keys.enrolment import Enrolment, enrolment_file, keys_folder
from core.ledger.problems import LedgerFault, LedgerMissing, LedgerProblem, NoSpace, ReadOnlyLedger
from core.ledger.records import Kind, PhoneLabelled
from core.ledger.retention.due_values import TooEarly
from core.ledger.seals import NotSealed
from core.ledger.search.record_filter import Filter
from core.ledger.tlog.notes import Checkpoint, Note, Proof
from core.ledger.verify.exported import ExportUnusable
from core.ledger.verify.faults import FaultKind
from core.ledger.verify.outside_copy import CopyRefused
from core.ledger.witness.peer_folder import MediumProblem
from core.ledger.witness.time_stamps import StampRefused
from core.ledger.writer import Ledger, ledger_file
from core.model import Labels, Phone
from core.policy.format import policy_file
from core.problem import Cancelled, Problem
from core.reports.filing import BesideTheLog, FileProblem, FileThere, NoSuchFolder, file_name, handed_out, put
from core.reports.page import PageProblem
from core.reports.page_programs import PagePrograms
from core.reports.tables.exports import ExportProblem, Format
from core.simulator import PracticeServer, load
from core.text import Language
from core.visit.visit import Visit
from tests.entries import personal
from tests.kit.opened_phone import OpenedPhone

POLICY = policy_file.load_built_in("canada")
SETTINGS = Settings(officer="A. Roy", desk="Desk 4", organisation="example.org", retention_months=24)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after one visit: a check, a removal, and the check after it."""
    desk = Desk(tmp_path_factory.mktemp("made") / "data", SETTINGS)
    with closing(PracticeServer(load("walk-up"), pace=0.0)) as server, desk.ledger(True, POLICY) as ledger:
        driver = desk.reach.address("127.0.0.1", server.port, Cancel(), lambda _: None)
        with closing(Visit(OpenedPhone(driver, POLICY, ledger), lambda event: None)) as visit:
            visit.check(Cancel())
            visit.remove(visit.plan(), Cancel())
    return desk.data


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(made, tmp_path / "data")
    desk = Desk(tmp_path / "data", SETTINGS)
    yield desk
    desk.close()


@pytest.fixture
def empty(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "nothing", SETTINGS)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def check_of(desk: Desk) -> int:
    with desk.read_ledger(True) as reader:
        return reader.newest(1, kind=Kind.CHECK_ENDED)[0].seq


def newest(desk: Desk, kind: Kind) -> dict[str, Any] | None:
    with desk.read_ledger(True) as reader:
        found = reader.newest(1, kind=kind)
        return found[0].leaf["body"] if found else None


def count(desk: Desk) -> int:
    with desk.read_ledger(True) as reader:
        return reader.count()


def words_of(pdf: Path) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def left_in(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def told_in_words(problem: Problem) -> None:
    for text in (str(problem.sentence), str(problem.next_step)):
        assert text
        assert text[0].isupper()
        assert text.endswith(".")
        assert "Errno" not in text
        assert "{" not in text


def full_for(monkeypatch: pytest.MonkeyPatch, kind: Kind) -> None:
    """The disk with the log is full when that record is to be written."""
    insert = Ledger._insert

    def limited(self: Ledger, record: Any, *rest: Any) -> Any:
        if record.kind == kind:
            raise NoSpace(self.path)
        return insert(self, record, *rest)

    monkeypatch.setattr(Ledger, "_insert", limited)


# --- how it stands


def test_how_a_log_stands(desk: Desk) -> None:
    found = log_evidence.log_status(desk, True)
    assert found.records == found.sealed == count(desk)
    assert found.faults == ()
    assert found.keys_in == "file"
    assert found.outside.size == 0
    assert 0 < found.outside.newer <= found.records


def test_where_the_key_is_told_without_asking_for_it(desk: Desk) -> None:
    """Looking how a log stands must not make a keyring ask for its password."""
    (key,) = keys_folder(ledger_file(desk.data, practice=True)).glob("identity-*.key")
    key.with_suffix(".place").touch()
    assert log_evidence.log_status(desk, True).keys_in == "keyring"


def test_what_is_wrong_with_its_end_is_seen_at_once(desk: Desk) -> None:
    file = ledger_file(desk.data, practice=True)
    file.write_bytes(file.read_bytes().replace(b'"verdict":"green"', b'"verdict":"great"'))
    found = log_evidence.log_status(desk, True)
    assert FaultKind.ALTERED in {fault.kind for fault in found.faults}


def test_without_the_keys_that_it_was_enrolled_with_it_says_so(desk: Desk) -> None:
    enrolment_file(ledger_file(desk.data, practice=True)).write_bytes(b"\xff none")
    found = log_evidence.log_status(desk, True)
    assert {fault.kind for fault in found.faults} == {FaultKind.NO_KEYS}


NEEDS_A_LOG: list[Callable[[Desk, Path], object]] = [
    lambda desk, out: log_evidence.log_status(desk, True),
    lambda desk, out: log_evidence.verify(desk, True),
    lambda desk, out: log_evidence.seal(desk, True),
    lambda desk, out: log_papers.receipt(desk, True, 1, out),
    lambda desk, out: log_evidence.proof_text(desk, True, 1),
    lambda desk, out: log_papers.export(desk, True, Format.JSONL, Filter(), out),
    lambda desk, out: log_papers.close_day(desk, True, date(2026, 11, 24), out),
    lambda desk, out: log_evidence.leave_checkpoint(desk, True, out),
    lambda desk, out: log_evidence.timestamp_request(desk, True, out),
    lambda desk, out: log_evidence.attach_timestamp(desk, True, Path(__file__)),
    lambda desk, out: log_evidence.due(desk, True),
    lambda desk, out: log_evidence.erase(desk, True, [1], "asked for"),
]


@pytest.mark.parametrize("act", NEEDS_A_LOG)
def test_where_there_is_no_log_nothing_is_made(empty: Desk, out: Path, act: Callable[[Desk, Path], object]) -> None:
    with pytest.raises(NothingRecorded, match="Nothing has been recorded yet") as told:
        act(empty, out)
    assert "fanion check --practice walk-up" in str(told.value)
    told_in_words(told.value)
    assert not empty.data.exists()
    assert left_in(out) == []


# --- verified


def test_a_whole_log_is_verified(desk: Desk) -> None:
    steps: list[Progress] = []
    found = log_evidence.verify(desk, True, report=steps.append)
    assert (found.records, found.sealed, found.faults, found.pinned) == (count(desk), count(desk), (), False)
    assert found.origin.startswith("practice.invalid/desk-4/")
    assert [step.share for step in steps] == sorted(step.share for step in steps)
    assert steps[-1].share == 1.0


def test_with_keys_from_outside_and_a_receipt_it_is_pinned(desk: Desk, out: Path) -> None:
    handed = log_papers.receipt(desk, True, check_of(desk), out)
    (out / "keys.txt").write_text(log_evidence.enrolment(desk, True).text)
    found = log_evidence.verify(desk, True, [handed.pdf, handed.proof], out / "keys.txt")
    assert (found.pinned, found.faults) == (True, ())
    assert found.outside == Proof.parse(handed.proof.read_bytes()).checkpoint.size


def test_a_checkpoint_may_be_typed(desk: Desk) -> None:
    with desk.read_ledger(True) as reader:
        seal = reader.newest_seal()
    assert seal is not None
    found = log_evidence.verify(desk, True, texts=[bytes(seal.note).decode()])
    assert found.outside == seal.size
    with pytest.raises(CopyRefused, match="the typed checkpoint cannot be compared"):
        log_evidence.verify(desk, True, texts=["nothing"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 nothing", b"\x00" * 100, b"c2sp.org/tlog-proof@v1\n", "é\n\n".encode()]
)
def test_what_is_no_receipt_is_refused(desk: Desk, out: Path, content: bytes) -> None:
    (out / "receipt.pdf").write_bytes(content)
    with pytest.raises(CopyRefused, match=r"receipt\.pdf cannot be compared with this log"):
        log_evidence.verify(desk, True, [out / "receipt.pdf"])


def test_a_receipt_of_another_desk_is_refused(desk: Desk, made: Path, out: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "other", ignore=shutil.ignore_patterns("practice-ledger*"))
    other = Desk(tmp_path / "other", SETTINGS)
    with other.ledger(True, POLICY) as ledger:
        foreign = ledger.seal()
    assert foreign is not None
    (out / "foreign.checkpoint").write_bytes(bytes(foreign.note))
    with pytest.raises(CopyRefused, match="about another log"):
        log_evidence.verify(desk, True, [out / "foreign.checkpoint"])
    # Under our name, but signed by somebody else.
    ours = log_evidence.enrolment(desk, True).origin
    text = Checkpoint(ours, 3, bytes(32)).text
    forged = Note(text, (other_signature(text, ours),))
    (out / "forged.checkpoint").write_bytes(bytes(forged))
    with pytest.raises(CopyRefused, match="not signed by this desk"):
        log_evidence.verify(desk, True, [out / "forged.checkpoint"])


def other_signature(text: str, origin: str) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from core.ledger.tlog.notes import NoteSigner

    return NoteSigner(origin, Ed25519PrivateKey.generate()).sign(text)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"Fanion desk keys\n", b"x" * 200_000])
def test_keys_that_are_none_are_refused(desk: Desk, out: Path, content: bytes) -> None:
    (out / "keys.txt").write_bytes(content)
    with pytest.raises(LedgerProblem, match=r"keys\.txt cannot be used") as told:
        log_evidence.verify(desk, True, keys=out / "keys.txt")
    told_in_words(told.value)


def test_files_that_are_not_there_are_named(desk: Desk, out: Path) -> None:
    for act in (
        lambda: log_evidence.verify(desk, True, keys=out / "keys.txt"),
        lambda: log_evidence.verify(desk, True, [out / "receipt.pdf"]),
        lambda: log_evidence.verify(desk, True, [out]),
        lambda: log_evidence.attach_timestamp(desk, True, out / "reply.tsr"),
        lambda: log_evidence.attach_timestamp(desk, True, out, out / "ca.pem"),
    ):
        with pytest.raises(FileProblem, match="cannot be read") as told:
            act()
        assert str(out) in str(told.value)
        told_in_words(told.value)


def test_a_receipt_without_any_keys_cannot_be_compared(desk: Desk, out: Path) -> None:
    handed = log_papers.receipt(desk, True, check_of(desk), out)
    enrolment_file(ledger_file(desk.data, practice=True)).unlink()
    with pytest.raises(LedgerProblem, match="are not on this computer") as told:
        log_evidence.verify(desk, True, [handed.pdf])
    told_in_words(told.value)


def test_the_name_of_a_file_that_was_brought_is_shown_as_text(desk: Desk, out: Path) -> None:
    evil = out / "a\x1b]0;b\u202efdp.proof"
    evil.write_bytes(b"none")
    with pytest.raises(CopyRefused) as told:
        log_evidence.verify(desk, True, [evil])
    assert not {c for c in str(told.value) if not c.isprintable()}


def test_stopped_while_it_verifies(desk: Desk) -> None:
    cancel = Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        log_evidence.verify(desk, True, cancel=cancel)


def test_another_desks_export_is_verified_without_its_database(desk: Desk, out: Path) -> None:
    handed = log_papers.receipt(desk, True, check_of(desk), out)
    (out / "keys.txt").write_text(log_evidence.enrolment(desk, True).text)
    made = log_papers.export(desk, True, Format.JSONL, Filter(), out)
    shutil.rmtree(desk.data)
    found = log_evidence.verify_export(made.folder, [handed.pdf], out / "keys.txt")
    assert (found.records, found.faults, found.pinned) == (made.records, (), True)
    assert found.outside > 0
    without = log_evidence.verify_export(made.folder)
    assert [fault.kind for fault in without.faults if fault.first == 0] == [FaultKind.NO_KEYS]
    with pytest.raises(LedgerProblem, match="are not on this computer"):
        log_evidence.verify_export(made.folder, [handed.pdf])
    with pytest.raises(ExportUnusable, match="a file of it is missing") as told:
        log_evidence.verify_export(out)
    told_in_words(told.value)


# --- handed out


def test_a_receipt_is_two_files_and_on_record(desk: Desk, out: Path) -> None:
    seq = check_of(desk)
    handed = log_papers.receipt(desk, True, seq, out)
    assert handed == log_papers.ReceiptFiles(
        out / f"fanion-practice-desk-4-receipt-{seq:06}.pdf",
        out / f"fanion-practice-desk-4-receipt-{seq:06}.tlog-proof",
        seq,
    )
    assert left_in(out) == sorted([handed.pdf.name, handed.proof.name])
    proof = Proof.parse(handed.proof.read_bytes())
    assert proof.index == seq - 1
    assert log_evidence.proof_text(desk, True, seq) == handed.proof.read_bytes()
    assert "PRACTICE-WALKUP" not in words_of(handed.pdf)
    root = base64.b64encode(proof.checkpoint.root).decode()
    assert newest(desk, Kind.OUTSIDE_COPY) == {"how": "receipt", "size": proof.checkpoint.size, "root": root}
    assert log_evidence.log_status(desk, True).outside.newer == 0
    assert log_evidence.log_status(desk, True).faults == ()


@pytest.mark.parametrize("languages", [("en",), ("fr",), ("en", "fr")])
def test_a_receipt_in_any_language_under_any_name(desk: Desk, out: Path, languages: tuple[Language, ...]) -> None:
    handed = log_papers.receipt(desk, True, check_of(desk), out / "new" / "for them.pdf", languages)
    assert handed.pdf == out / "new" / "for them.pdf"
    assert left_in(out) == ["new", "new/for them.pdf", "new/for them.tlog-proof"]
    words = words_of(handed.pdf)
    assert ("Green" in words) == ("en" in languages)
    assert ("Vert" in words) == ("fr" in languages)


def test_what_is_not_sealed_yet_is_sealed_first(desk: Desk, out: Path) -> None:
    with desk.custodian(True) as ledger:
        before = ledger.count()
    ledger = desk.hold_ledger(True, POLICY)  # as the window holds it: what it writes is not sealed at once
    assert ledger.unsealed() > 0
    log_papers.receipt(desk, True, check_of(desk), out)
    with desk.read_ledger(True) as reader:
        assert reader.newest_sizes(1)[0] > before
    assert log_evidence.seal(desk, True) == count(desk)
    desk.close()
    newer = desk.hold_ledger(True, POLICY).count()
    with pytest.raises(NotSealed):
        log_evidence.proof_text(desk, True, newer)


def test_there_is_no_receipt_for_what_is_no_check(desk: Desk, out: Path) -> None:
    """The first record is the start of the program."""
    before = count(desk)
    with pytest.raises(LedgerProblem, match="belongs to no check") as told:
        log_papers.receipt(desk, True, 1, out)
    told_in_words(told.value)
    assert left_in(out) == []
    assert count(desk) == before


@pytest.mark.parametrize("seq", [0, -1, 10_000, 2**70])
def test_an_entry_that_is_not_there_is_told_apart_from_one_of_no_check(desk: Desk, out: Path, seq: int) -> None:
    before = count(desk)
    acts: list[Callable[[], object]] = [
        lambda: log_papers.receipt(desk, True, seq, out),
        lambda: log_evidence.proof_text(desk, True, seq),
        lambda: log_evidence.erase(desk, True, [check_of(desk), seq], "asked for", consent=True),
    ]
    for act in acts:
        with pytest.raises(NoSuchEntry, match=f"has no entry {seq}: the newest one is {before}") as told:
            act()
        told_in_words(told.value)
    assert left_in(out) == []
    assert count(desk) == before


def papers(desk: Desk, folder: Path, **more: Any) -> dict[str, Path]:
    """One of each."""
    return {
        "receipt": log_papers.receipt(desk, True, check_of(desk), folder, **more).pdf,
        "close": log_papers.close_day(desk, True, DAY, folder, **more),
        "sheet": log_papers.enrolment_sheet(desk, True, folder, **more),
        "request": log_evidence.timestamp_request(desk, True, folder).file,
    }


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_nothing_that_was_handed_out_is_replaced(desk: Desk, out: Path) -> None:
    """Two desks of one name may share a key, and one desk may make a receipt in both languages."""
    first = papers(desk, out, languages=("en",))
    kept = contents(out)
    second = papers(desk, out, languages=("fr",))
    assert {path.stem for path in second.values()} >= {f"{first[n].stem}-2" for n in ("receipt", "close", "sheet")}
    assert {name: content for name, content in contents(out).items() if name in kept} == kept
    third = log_papers.receipt(desk, True, check_of(desk), out)
    assert third.pdf.stem == third.proof.stem == f"{first['receipt'].stem}-3"
    assert "Vert" in words_of(second["receipt"])
    assert "Green" in words_of(first["receipt"])


def test_desks_that_share_a_folder_have_their_own_names(desk: Desk, out: Path) -> None:
    log_papers.receipt(desk, True, check_of(desk), out)
    desk.settings = Settings(officer="A. Roy", desk="Bureau d’Élodie / 2ᵉ\x00")
    log_papers.receipt(desk, True, check_of(desk), out)
    seq = f"{check_of(desk):06}"
    assert sorted(p.name for p in out.glob("*.pdf")) == [
        f"fanion-practice-bureau-d-elodie-2e-receipt-{seq}.pdf",
        f"fanion-practice-desk-4-receipt-{seq}.pdf",
    ]


@pytest.mark.parametrize("name", ["", "ᐃᓄᒃᑎᑐᑦ", "../..", "CON", "a" * 500, "-- -", 'x/y\\z:*?"<>|\n'])
def test_any_name_of_a_desk_makes_the_name_of_a_file(name: str) -> None:
    made = file_name(name, False, "enrolment")
    assert re.fullmatch(r"fanion-[a-z0-9]+(-[a-z0-9]+)*-enrolment", made)
    assert len(made) < 70


def test_half_a_pair_keeps_its_name_too(desk: Desk, out: Path) -> None:
    stem = f"fanion-practice-desk-4-receipt-{check_of(desk):06}"
    (out / f"{stem}.tlog-proof").write_text("somebody’s")
    (out / f"{stem}-2.pdf").mkdir()
    handed = log_papers.receipt(desk, True, check_of(desk), out)
    assert (handed.pdf.name, handed.proof.name) == (f"{stem}-3.pdf", f"{stem}-3.tlog-proof")
    assert (out / f"{stem}.tlog-proof").read_text() == "somebody’s"


def test_a_name_that_was_given_is_not_replaced(desk: Desk, out: Path, today: date) -> None:
    wanted = out / "mine.pdf"
    log_papers.receipt(desk, True, check_of(desk), wanted)
    before, records = contents(out), count(desk)
    acts: list[Callable[[], object]] = [
        lambda: log_papers.close_day(desk, True, today, wanted),
        lambda: log_papers.enrolment_sheet(desk, True, wanted),
        lambda: log_papers.receipt(desk, True, check_of(desk), wanted),
    ]
    for act in acts:
        with pytest.raises(FileThere, match=r"mine\.pdf is there already; nothing was written") as told:
            act()
        told_in_words(told.value)
        assert contents(out) == before
    assert count(desk) == records


def test_the_proof_of_another_is_not_replaced_either(desk: Desk, out: Path) -> None:
    (out / "mine.tlog-proof").write_text("another’s")
    with pytest.raises(FileThere, match=r"mine\.tlog-proof"):
        log_papers.receipt(desk, True, check_of(desk), out / "mine.pdf")
    assert contents(out) == {"mine.tlog-proof": "another’s".encode()}


def test_what_was_to_be_replaced_is_back_if_that_fails(out: Path) -> None:
    wanted = out / "mine.tsq"
    wanted.write_bytes(b"before")

    def replace_and_fail() -> None:
        with handed_out(wanted, "request", ".tsq", replace=True) as (file,):
            put(file, b"after")
            raise NoSpace(file)

    with pytest.raises(NoSpace):
        replace_and_fail()
    assert contents(out) == {"mine.tsq": b"before"}


def test_folders_that_are_not_there_are_made(desk: Desk, out: Path) -> None:
    for name, path in papers(desk, out / "new" / "one").items():
        assert path.parent == out / "new" / "one", name
    made = log_papers.export(desk, True, Format.JSONL, Filter(), out / "other" / "one")
    assert made.folder.parent == out / "other" / "one"


def test_a_folder_that_was_made_for_nothing_is_gone_again(
    desk: Desk, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_for(monkeypatch, Kind.OUTSIDE_COPY)
    with pytest.raises(NoSpace):
        log_papers.receipt(desk, True, check_of(desk), out / "new" / "one")
    with pytest.raises(ExportProblem, match="No entry matches"):
        log_papers.export(desk, True, Format.CSV, Filter(officer="nobody"), out / "new" / "one")
    assert left_in(out) == []


def test_a_misspelt_folder_for_a_checkpoint_is_not_made(desk: Desk, out: Path) -> None:
    before = count(desk)
    for act in (
        lambda: log_evidence.leave_checkpoint(desk, True, out / "stikc"),
        lambda: log_evidence.verify_export(out / "stikc"),
    ):
        with pytest.raises(NoSuchFolder, match="There is no folder") as told:
            act()
        assert "stikc" in str(told.value)
        told_in_words(told.value)
    assert left_in(out) == []
    assert count(desk) == before


def test_an_export_of_nothing_is_refused_and_not_on_record(desk: Desk, out: Path) -> None:
    log_evidence.seal(desk, True)
    before = count(desk)
    for chosen, code in (
        (Filter(officer="nobody"), "nothing-chosen"),
        (Filter(since=datetime(2026, 2, 1, tzinfo=UTC), until=datetime(2026, 1, 1, tzinfo=UTC)), "days-reversed"),
    ):
        with pytest.raises(ExportProblem, match="nothing was written") as told:
            log_papers.export(desk, True, Format.CSV, chosen, out)
        assert told.value.code == code
        told_in_words(told.value)
    assert left_in(out) == []
    assert count(desk) == before


def test_the_day_is_closed_on_paper(desk: Desk, out: Path, today: date) -> None:
    pdf = log_papers.close_day(desk, True, today, out, ("en", "fr"))
    assert pdf == out / f"fanion-practice-desk-4-day-{today.isoformat()}.pdf"
    assert left_in(out) == [pdf.name]
    body = newest(desk, Kind.OUTSIDE_COPY)
    assert body is not None
    assert body["how"] == "day-close"
    assert today.isoformat() in words_of(pdf)
    found = log_evidence.verify(desk, True, [pdf])
    assert found.outside == body["size"]


def test_keys_are_told_and_made_if_there_are_none(desk: Desk, empty: Desk, out: Path) -> None:
    told = log_evidence.enrolment(desk, True)
    assert told.text == enrolment_file(ledger_file(desk.data, practice=True)).read_text()
    new = log_evidence.enrolment(empty, False)
    assert new.origin.startswith("example.org/desk-4/")
    assert log_evidence.enrolment(empty, False) == new
    assert log_evidence.log_status(empty, False).records == 0
    with empty.ledger(False, POLICY) as ledger:
        assert ledger.enrolment == new
    sheet = log_papers.enrolment_sheet(desk, True, out)
    assert sheet == out / "fanion-practice-desk-4-enrolment.pdf"
    assert told.origin in words_of(sheet).replace("\n", "").replace("\r", "").replace(" ", "")


def test_keys_of_a_log_that_was_deleted_are_not_told_any_more(desk: Desk) -> None:
    """The next check begins another log: a sheet with the old keys would be worth nothing."""
    before = log_evidence.enrolment(desk, True)
    ledger_file(desk.data, practice=True).unlink()
    told = log_evidence.enrolment(desk, True)
    assert told.origin != before.origin
    with desk.ledger(True, POLICY) as ledger:
        assert ledger.enrolment == told


def test_a_checkpoint_is_left_in_a_folder(desk: Desk, out: Path) -> None:
    left = log_evidence.leave_checkpoint(desk, True, out)
    assert left.checkpoint_file.is_file()
    assert out in left.checkpoint_file.parents
    assert (newest(desk, Kind.OUTSIDE_COPY) or {})["how"] == "folder"
    assert log_evidence.log_status(desk, True).outside.size == left.size
    assert log_evidence.verify(desk, True, [left.checkpoint_file]).outside == left.size


def test_a_request_for_a_time_stamp_is_a_file(desk: Desk, out: Path) -> None:
    made = log_evidence.timestamp_request(desk, True, out)
    size = made.size
    assert made.file.parent == out
    assert left_in(out) == [f"fanion-practice-desk-4-{size}.tsq"]
    assert log_evidence.timestamp_request(desk, True, out / "mine.tsq").size == size
    with pytest.raises(FileThere):
        log_evidence.timestamp_request(desk, True, out / "mine.tsq")
    assert log_evidence.timestamp_request(desk, True, out / "mine.tsq", replace=True).file == out / "mine.tsq"
    assert (out / "mine.tsq").read_bytes() == (out / f"fanion-practice-desk-4-{size}.tsq").read_bytes()
    assert newest(desk, Kind.OUTSIDE_COPY) is None  # it is none yet
    (out / "reply").write_bytes(b"none")
    with pytest.raises(StampRefused) as told:
        log_evidence.attach_timestamp(desk, True, out / "reply")
    told_in_words(told.value)
    assert newest(desk, Kind.TIMESTAMPED) is None


def test_an_empty_log_has_nothing_to_stamp(empty: Desk, out: Path) -> None:
    log_evidence.enrolment(empty, True)
    with pytest.raises(LedgerProblem, match="has no entries yet") as told:
        log_evidence.timestamp_request(empty, True, out)
    told_in_words(told.value)
    assert log_evidence.seal(empty, True) == 0
    assert left_in(out) == []


def test_an_export_is_a_folder_and_on_record(desk: Desk, out: Path) -> None:
    steps: list[Progress] = []
    made = log_papers.export(desk, True, Format.CSV, Filter(kind=Kind.FINDING), out, steps.append)
    assert made.folder.parent == out
    assert made.records > 0
    assert newest(desk, Kind.EXPORTED) == {"format": "csv", "records": made.records, "chosen": {"kind": "finding"}}
    assert steps
    everything = b"".join(file.read_bytes() for file in made.folder.rglob("*") if file.is_file())
    assert b"PRACTICE-WALKUP" not in everything
    with_serials = log_papers.export(desk, True, Format.CSV, Filter(phone="PRACTICE-WALKUP"), out, personal=True)
    told = newest(desk, Kind.EXPORTED)
    assert told is not None
    assert told["chosen"]["personal"] == "yes"
    assert with_serials.records == told["records"]


def test_a_stopped_export_leaves_nothing(desk: Desk, out: Path) -> None:
    cancel = Cancel()
    cancel.press()
    before = count(desk)
    with pytest.raises(Cancelled):
        log_papers.export(desk, True, Format.JSONL, Filter(), out, cancel=cancel)
    assert left_in(out) == []
    assert count(desk) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork and no SIGKILL")
def test_an_export_that_is_killed_leaves_no_serial_number_behind(desk: Desk, out: Path) -> None:
    child = os.fork()
    if child == 0:
        try:

            def end(report: Progress) -> None:
                if report.share and report.share > 0.9:
                    os.kill(os.getpid(), signal.SIGKILL)

            log_papers.export(desk, True, Format.CSV, Filter(), out, end, personal=True)
        finally:
            os._exit(1)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert left_in(out)
    log_papers.export(desk, True, Format.JSONL, Filter(), out)
    everything = b"".join(file.read_bytes() for file in out.rglob("*") if file.is_file())
    assert b"PRACTICE-WALKUP" not in everything
    assert len(list(out.iterdir())) == 1


# --- erased


def test_what_affected_a_person_stays_for_two_years(desk: Desk) -> None:
    assert log_evidence.due(desk, True).records == ()
    before = count(desk)
    with pytest.raises(TooEarly) as told:
        log_evidence.erase(desk, True, [check_of(desk)], "asked for")
    told_in_words(told.value)
    assert count(desk) == before


def test_values_are_erased_with_consent_and_it_is_on_record(desk: Desk) -> None:
    seq = check_of(desk)
    erased = log_evidence.erase(desk, True, [seq], "asked for", consent=True)
    assert erased > 0
    body = newest(desk, Kind.ERASED)
    assert body == {"records": [seq], "values": erased, "reason": "asked for", "consent": True}
    with desk.read_ledger(True) as reader:
        entry = reader.entry(seq)
        assert entry is not None
        assert personal(entry) is None
    assert log_evidence.verify(desk, True).faults == ()
    before = count(desk)
    assert log_evidence.erase(desk, True, [seq], "again", consent=True) == 0
    assert log_evidence.erase(desk, True, [], "nothing", consent=True) == 0
    assert count(desk) == before


# --- where it fails

Act = Callable[[Desk, Path], object]
#: A day that has begun, whenever that is.
DAY: Final = date(2026, 11, 24)

WRITING: dict[str, tuple[Act, Kind | None]] = {
    "receipt": (lambda desk, out: log_papers.receipt(desk, True, check_of(desk), out), Kind.OUTSIDE_COPY),
    "close": (lambda desk, out: log_papers.close_day(desk, True, DAY, out), Kind.OUTSIDE_COPY),
    "export": (lambda desk, out: log_papers.export(desk, True, Format.CSV, Filter(), out), Kind.EXPORTED),
    "folder": (lambda desk, out: log_evidence.leave_checkpoint(desk, True, out), Kind.OUTSIDE_COPY),
    "sheet": (lambda desk, out: log_papers.enrolment_sheet(desk, True, out), None),
    "request": (lambda desk, out: log_evidence.timestamp_request(desk, True, out), None),
}


@pytest.mark.parametrize("name", WRITING)
def test_a_folder_that_cannot_be_written(
    desk: Desk, out: Path, make_read_only: Callable[[Path], None], name: str
) -> None:
    make_read_only(out)
    before = count(desk)
    with pytest.raises((FileProblem, ExportProblem, MediumProblem)) as told:
        WRITING[name][0](desk, out)
    told_in_words(told.value)
    assert str(out) in str(told.value)
    assert left_in(out) == []
    assert count(desk) == before


@pytest.mark.parametrize("name", WRITING)
def test_a_folder_that_is_a_file(desk: Desk, out: Path, name: str) -> None:
    (out / "file").write_text("mine")
    before = count(desk)
    with pytest.raises((FileProblem, ExportProblem, MediumProblem)) as told:
        WRITING[name][0](desk, out / "file")
    told_in_words(told.value)
    assert left_in(out) == ["file"]
    assert (out / "file").read_text() == "mine"
    assert count(desk) == before


@pytest.mark.parametrize("name", WRITING)
def test_a_disk_that_is_full(desk: Desk, small_disk: Path, name: str) -> None:
    (small_disk / "ballast").write_bytes(bytes(1_048_576))  # all that there is
    before = count(desk)
    with pytest.raises((FileProblem, ExportProblem, MediumProblem)) as told:
        WRITING[name][0](desk, small_disk)
    told_in_words(told.value)
    assert [path.name for path in small_disk.rglob("*") if path.is_file()] == ["ballast"]
    assert count(desk) == before


@pytest.mark.parametrize("room", [1, 2, 4, 8, 12])
def test_a_disk_that_is_full_after_the_first_file(desk: Desk, small_disk: Path, room: int) -> None:
    """A receipt is two files, or none."""
    (small_disk / "ballast").write_bytes(bytes(1_048_576 - 4_096 * room))
    before = count(desk)
    with pytest.raises(FileProblem):
        log_papers.receipt(desk, True, check_of(desk), small_disk)
    assert left_in(small_disk) == ["ballast"]
    assert count(desk) == before


@pytest.mark.parametrize("name", [name for name, (_, kind) in WRITING.items() if kind is not None and name != "folder"])
def test_what_cannot_be_put_on_record_does_not_leave(
    desk: Desk, out: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    act, kind = WRITING[name]
    assert kind is not None
    full_for(monkeypatch, kind)
    with pytest.raises(NoSpace) as told:
        act(desk, out)
    told_in_words(told.value)
    assert left_in(out) == []


def test_a_receipt_that_was_handed_out_before_stays(desk: Desk, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed = log_papers.receipt(desk, True, check_of(desk), out)
    full_for(monkeypatch, Kind.OUTSIDE_COPY)
    with pytest.raises(NoSpace):
        log_papers.receipt(desk, True, handed.seq, out)
    assert left_in(out) == sorted([handed.pdf.name, handed.proof.name])
    assert log_evidence.verify(desk, True, [handed.pdf, handed.proof]).outside > 0


def test_a_page_that_cannot_be_set(desk: Desk, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(programs: PagePrograms) -> None:
        raise RuntimeError("no font")

    monkeypatch.setattr(PagePrograms, "compiler", property(broken))
    before = count(desk)
    for name in ("receipt", "close", "sheet"):
        with pytest.raises(PageProblem) as told:
            WRITING[name][0](desk, out)
        told_in_words(told.value)
    assert left_in(out) == []
    assert count(desk) == before


CUSTODIAN: list[Act] = [
    *(act for name, (act, _) in WRITING.items() if name != "sheet"),
    lambda desk, out: log_evidence.seal(desk, True),
    lambda desk, out: log_evidence.erase(desk, True, [1], "asked for", True),
]


@pytest.mark.parametrize("act", CUSTODIAN)
def test_keys_that_cannot_be_read(desk: Desk, out: Path, act: Act) -> None:
    keys = keys_folder(ledger_file(desk.data, practice=True)) / "epoch.keys"
    keys.unlink()
    keys.mkdir()
    with pytest.raises(LedgerFault) as told:
        act(desk, out)
    told_in_words(told.value)
    assert left_in(out) == []


@pytest.mark.parametrize("act", CUSTODIAN)
def test_a_log_that_may_only_be_read(desk: Desk, out: Path, make_read_only: Callable[[Path], None], act: Act) -> None:
    make_read_only(desk.data)
    with pytest.raises(ReadOnlyLedger) as told:
        act(desk, out)
    told_in_words(told.value)
    assert left_in(out) == []


@pytest.mark.parametrize("act", [*CUSTODIAN, *NEEDS_A_LOG[:3], NEEDS_A_LOG[5], NEEDS_A_LOG[11]])
@pytest.mark.parametrize("content", [b"no database" * 100, b""])
def test_a_log_that_is_none(desk: Desk, out: Path, act: Act, content: bytes) -> None:
    file = ledger_file(desk.data, practice=True)
    file.write_bytes(content)
    if not content:
        return  # whoever writes may begin with an empty file
    with pytest.raises(LedgerProblem) as told:
        act(desk, out)
    assert not isinstance(told.value, LedgerMissing)
    told_in_words(told.value)
    assert left_in(out) == []


def test_it_may_be_called_from_any_thread_while_a_ledger_is_held(desk: Desk, out: Path) -> None:
    ledger = desk.hold_ledger(True, POLICY)
    failures: list[BaseException] = []

    def work(act: Act) -> None:
        try:
            act(desk, out)
        except BaseException as failure:
            failures.append(failure)

    acts: list[Act] = [WRITING["receipt"][0], WRITING["folder"][0], lambda d, o: log_evidence.verify(d, True)]
    threads = [threading.Thread(target=work, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert ledger.count() == count(desk)
    assert log_evidence.verify(desk, True).faults == ()
    assert isinstance(ledger.enrolment, Enrolment)


def test_a_holder_who_was_looked_for_is_not_named_in_the_record_of_the_export(desk: Desk, out: Path) -> None:
    with desk.custodian(True) as ledger:
        phone = Phone("android", "Google", "Pixel 8", "14", "PRACTICE-1", practice=True)
        ledger.append(PhoneLabelled(), phone=phone, labels=Labels("TB-114", "Zoé Tremblay"))
    made = log_papers.export(desk, True, Format.CSV, Filter(phone="tremblay"), out)
    assert made.records == 1
    with desk.read_ledger(True) as reader:
        (exported,) = reader.newest(1, kind=Kind.EXPORTED)
    assert exported.leaf["body"]["chosen"] == {"phone": "***"}
    for file in made.folder.iterdir():
        assert b"Tremblay" not in file.read_bytes()


def test_a_receipt_of_which_the_page_was_changed_is_found(desk: Desk, out: Path) -> None:
    """The proof in it is as it was; the record that stands beside the proof is not."""
    made = log_papers.receipt(desk, True, check_of(desk), out)
    assert log_evidence.verify(desk, True, [made.pdf]).intact
    streams = list(pdf_streams(made.pdf.read_bytes()))
    pdf = made.pdf.read_bytes()
    for packed, plain_text in streams:
        if plain_text.startswith(b"{") and b"\n" not in plain_text and b'"check-ended"' in plain_text:
            changed = zlib.compress(re.sub(rb'"verdict":"\w+"', b'"verdict":"amber"', plain_text), 9)
            assert len(changed) <= len(packed) + 40
            pdf = pdf.replace(packed, changed)
    (out / "changed.pdf").write_bytes(pdf)
    found = log_evidence.verify(desk, True, [out / "changed.pdf"])
    assert [fault.kind for fault in found.faults] == [FaultKind.NOT_THE_RECEIPTS]


def test_keys_from_the_logs_own_folder_are_not_from_outside(desk: Desk, out: Path) -> None:
    own = enrolment_file(ledger_file(desk.data, practice=True))
    assert not log_evidence.verify(desk, True, keys=own).pinned
    (out / "keys.txt").write_bytes(own.read_bytes())
    assert log_evidence.verify(desk, True, keys=out / "keys.txt").pinned


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_receipt_that_never_ends_is_refused(desk: Desk, out: Path) -> None:
    os.mkfifo(out / "receipt.pdf")
    with pytest.raises(FileProblem):
        log_evidence.verify(desk, True, [out / "receipt.pdf"])


def test_a_long_line_of_blanks_takes_no_time(desk: Desk) -> None:
    with pytest.raises(CopyRefused):
        log_evidence.verify(desk, True, texts=["a" + " " * 99_000 + "a\n"])


def pdf_streams(pdf: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every stream of a PDF that is packed, as it stands there and unpacked."""
    for found in re.finditer(rb"stream\r?\n", pdf):
        packing = zlib.decompressobj()
        with contextlib.suppress(zlib.error):
            text = packing.decompress(pdf[found.end() :])
            yield pdf[found.end() : len(pdf) - len(packing.unused_data)], text


@pytest.mark.parametrize(
    "act",
    [
        lambda desk, folder: log_papers.receipt(desk, True, check_of(desk), folder),
        lambda desk, folder: log_papers.close_day(desk, True, date(2026, 11, 24), folder),
        lambda desk, folder: log_papers.export(desk, True, Format.JSONL, Filter(), folder),
        lambda desk, folder: log_papers.enrolment_sheet(desk, True, folder),
    ],
)
def test_a_copy_beside_the_log_is_refused(desk: Desk, act: Callable[[Desk, Path], object]) -> None:
    before = count(desk)
    with pytest.raises(BesideTheLog, match="lost with it") as refused:
        act(desk, desk.data / "receipts")
    assert "another medium" in str(refused.value.next_step)
    assert count(desk) == before
    assert not (desk.data / "receipts").exists()


def test_an_export_is_on_record_before_it_has_its_name(desk: Desk, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[list[Path], str]] = []
    append = Ledger.append

    def watched(self: Ledger, record: Any, **told: Any) -> Any:
        entry = append(self, record, **told)
        seen.append(([p for p in out.iterdir() if not p.name.startswith(".")], entry.kind))
        return entry

    monkeypatch.setattr(Ledger, "append", watched)
    made = log_papers.export(desk, True, Format.JSONL, Filter(), out, personal=True)
    assert seen == [([], "exported")]
    assert made.folder.stat().st_mode & 0o077 == 0 or sys.platform == "win32"
