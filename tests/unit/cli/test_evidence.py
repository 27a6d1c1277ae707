"""``fanion log`` as evidence, as a script, an officer or an auditor meets it, over practice phones."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from core import describe, text
from core.desk.desk import Desk
from core.desk.papers import log_evidence
from core.desk.settings.settings_table import Settings
from core.jobs import Cancel, Progress
from core.ledger.keys.enrolment import Enrolment, keys_folder
from core.ledger.records import Kind
from core.ledger.retention.due_values import Due
from core.ledger.tlog.notes import Proof
from core.ledger.writer import Ledger, ledger_file
from core.policy.format import policy_file
from core.reports.filing import file_name
from core.reports.page import typeset
from core.reports.receipt.receipt import receipt_page
from core.simulator import PracticeServer, load
from core.visit.visit import Visit
from tests import floods
from tests.kit.opened_phone import OpenedPhone
from tests.unit.cli.conftest import Answer, Fanion

ROOT = Path(text.__file__).parents[1]
POLICY = policy_file.load_built_in("canada")
pytestmark = pytest.mark.usefixtures("out")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after one visit with a hostile phone."""
    desk = Desk(tmp_path_factory.mktemp("made") / "data", Settings(officer="A. Roy", desk="Desk 4"))
    with closing(PracticeServer(load("hostile"), pace=0.0)) as server, desk.ledger(True, POLICY) as ledger:
        driver = desk.reach.address("127.0.0.1", server.port, Cancel(), lambda _: None)
        with (
            closing(Visit(OpenedPhone(driver, POLICY, ledger), lambda event: None)) as visit,
            pytest.MonkeyPatch.context() as patch,
        ):
            floods.shorten(patch)
            visit.check(Cancel())
    return desk.data


@pytest.fixture
def data(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(made, folder)
    monkeypatch.setenv("FANION_DATA", str(folder))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return folder


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that commands are started in."""
    folder = tmp_path / "out"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def log(fanion: Fanion, *words: str, typed: str = "") -> Answer:
    return fanion("log", words[0], "--practice", *words[1:], typed=typed)


def check_in(data: Path) -> int:
    with Ledger.read(ledger_file(data, practice=True)) as reader:
        return next(e.seq for e in reader.newest(50) if e.kind == "check-ended")


def called() -> str:
    """This computer, as the names of files have it."""
    return file_name(Desk.at(None).name, True, "").removeprefix("fanion-practice-").removesuffix("-")


def spoil(data: Path) -> None:
    file = ledger_file(data, practice=True)
    file.write_bytes(file.read_bytes().replace(b'"verdict":"red"', b'"verdict":"ren"'))


# --- seal, status, verify, proof


def test_seal(fanion: Fanion) -> None:
    answer = log(fanion, "seal")
    assert answer.code == 0
    assert "entries are sealed." in answer.out
    sealed = log(fanion, "seal", "--json")
    assert set(sealed.json) == {"sealed"}
    assert sealed.json == log(fanion, "seal", "--json").json


def test_status(fanion: Fanion, data: Path) -> None:
    answer = log(fanion, "status", "--json")
    assert answer.code == 0
    assert set(answer.json) == {"records", "sealed", "outside", "identity_key_in", "faults"}
    assert answer.json["outside"] == {"size": 0, "time": None, "how": "", "newer": answer.json["outside"]["newer"]}
    assert (answer.json["faults"], answer.json["identity_key_in"]) == ([], "file")
    assert answer.json["records"] == answer.json["sealed"]
    prose = log(fanion, "status")
    assert f"{answer.json['records']} entries, {answer.json['sealed']} of them sealed." in prose.out
    assert f"{answer.json['outside']['newer']} entries not yet outside." in prose.out
    assert "Nothing of it is covered by an outside copy." in prose.out
    assert "in a file that only its owner can read" in prose.out
    spoil(data)
    bad = log(fanion, "status", "--json")
    assert bad.code == 5
    assert set(bad.json["faults"][0]) == {"kind", "first", "last", "what"}
    assert "altered" in {fault["kind"] for fault in bad.json["faults"]}
    assert "✖" in log(fanion, "status").out


@pytest.mark.slow
def test_status_tells_what_is_covered_and_by_what(fanion: Fanion, data: Path, out: Path) -> None:
    (out / "stick").mkdir()
    for words, how, told in (
        (["receipt", str(check_in(data))], "receipt", "a receipt of {time}"),
        (["close-day"], "day-close", "a daily close of {time}"),
        (["summary"], "month-summary", "a month’s summary of {time}"),
        (["checkpoint", "stick"], "folder", "a checkpoint of {time} in a folder"),
    ):
        log(fanion, "seal")
        assert log(fanion, *words).code == 0
        with Ledger.read(ledger_file(data, practice=True)) as reader:
            copy = reader.newest(1, kind=Kind.OUTSIDE_COPY)[0]
        size, when = copy.leaf["body"]["size"], f"{copy.time.astimezone():%Y-%m-%d %H:%M}"
        assert f"Covered up to entry {size}, by {told.format(time=when)}.\n" in log(fanion, "status").out
        answer = log(fanion, "status", "--json").json["outside"]
        assert (answer["size"], answer["how"]) == (size, how)
        assert datetime.fromisoformat(answer["time"]) == copy.time
        desk = Desk(data, Settings(officer="A. Roy", desk="Desk 4"))
        with desk.ledger(True, POLICY):  # something to be covered by the next one
            pass


def test_verify(fanion: Fanion, data: Path) -> None:
    answer = log(fanion, "verify", "--json")
    assert set(answer.json) == {
        "intact", "origin", "records", "seals", "sealed", "outside", "keys_from_outside", "faults", "fault_count",
        "proved",
    }  # fmt: skip
    assert answer.json["intact"] is True
    assert answer.json["keys_from_outside"] is False
    assert answer.code in (0, 3)  # nothing is wrong, but it is not proved by anything outside
    prose = log(fanion, "verify")
    assert prose.code == answer.code
    assert prose.out[0] in "✔?i"
    assert "tamper-proof" not in prose.out.lower()
    assert prose.err == ""
    spoil(data)
    bad = log(fanion, "verify", "--json")
    assert bad.code == 5
    assert bad.json["intact"] is False
    assert bad.json["fault_count"] >= len(bad.json["faults"]) > 0
    prose = log(fanion, "verify")
    assert prose.code == 5
    assert prose.out.startswith("✖ ")
    assert prose.out.split("\n")[2:4] == ["", "What was found"]
    assert "changed after it was written" in prose.out
    assert prose.out.index("changed after it was written") < prose.out.index("Sealed:")


def test_verify_tells_what_a_receipt_is_about(fanion: Fanion, data: Path, out: Path) -> None:
    """Whoever holds a page with another check's words over a true proof has to see that."""
    seq = check_in(data)
    log(fanion, "receipt", str(seq), "--out", "page.pdf")
    (out / "other.tlog-proof").write_text(log(fanion, "proof", "1").out)
    with Ledger.read(ledger_file(data, practice=True)) as reader:
        entry = reader.entry(seq)
    assert entry is not None
    when, phone = describe.when(entry), describe.phone(entry)
    words = ["--receipt", "page.pdf", "--receipt", "page.tlog-proof", "--receipt", "other.tlog-proof"]
    told = log(fanion, "verify", *words)
    line = f"This receipt is about entry {seq}: {when}, {phone}, Red. Compare that with the page."
    assert told.out.count(line) == 1
    assert "This receipt is about entry 1: " in told.out
    assert told.out.index(line) < told.out.index("Covered by the outside copies")
    proved = log(fanion, "verify", "--json", *words).json["proved"]
    assert {one["entry"] for one in proved} == {1, seq}
    (about,) = (one for one in proved if one["entry"] == seq)
    assert about == {
        "entry": seq, "time": entry.time.isoformat(), "phone": phone, "kind": "check-ended", "verdict": "red",
    }  # fmt: skip
    assert log(fanion, "verify", "--json").json["proved"] == []


def test_what_a_receipt_of_another_desk_is_about_is_told_by_its_number(fanion: Fanion, data: Path, out: Path) -> None:
    seq = check_in(data)
    log(fanion, "receipt", str(seq), "--out", "page.pdf")
    (out / "keys.txt").write_text(log(fanion, "enrolment").out)
    folder = log(fanion, "export", "--format", "jsonl", "--json").json["folder"]
    told = log(fanion, "verify", folder, "--keys", "keys.txt", "--receipt", "page.pdf")
    assert f"This receipt is about entry {seq}. Compare that with the page." in told.out
    answer = log(fanion, "verify", folder, "--keys", "keys.txt", "--receipt", "page.pdf", "--json")
    assert answer.json["proved"] == [{"entry": seq}]


def forged(data: Path, seq: int, file: Path) -> None:
    """A receipt that says green around the true proof of a check that was red."""
    with Ledger.read(ledger_file(data, practice=True)) as reader:
        check = reader.entry(seq)
        assert check is not None
        page, attached = receipt_page(reader, check, reader.proof(seq), ("en",))
    page |= {"verdict": "green", "word": [("en", "Green")]}
    file.write_bytes(typeset("receipt", page, time=check.time, languages=("en",), attached=attached))


@pytest.mark.slow
def test_a_receipt_with_other_words_around_a_true_proof_fails_and_is_told(
    fanion: Fanion, data: Path, out: Path
) -> None:
    seq = check_in(data)
    forged(data, seq, out / "forged.pdf")
    told = log(fanion, "verify", "--receipt", "forged.pdf")
    assert told.code == 5
    assert f"✖ Entry {seq}: forged.pdf: The receipt says “Green”; entry {seq} says “Red”." in told.out
    assert "A receipt does not say what the log says: 1 difference." in told.out
    assert "The log itself matches its seals." in told.out
    answer = log(fanion, "verify", "--json", "--receipt", "forged.pdf").json
    assert answer["intact"] is False
    assert [fault["kind"] for fault in answer["faults"]] == ["receipt-differs"]
    assert answer["receipts"] == [
        {
            "name": "forged.pdf",
            "entry": seq,
            "compared": "words",
            "differences": [f"The receipt says “Green”; entry {seq} says “Red”."],
            "not_compared": [],
        }
    ]


def test_a_log_that_was_changed_is_told_also_where_a_receipt_cannot_be_compared(
    fanion: Fanion, data: Path, out: Path
) -> None:
    seq = check_in(data)
    log(fanion, "receipt", str(seq), "--out", "page.pdf")
    with closing(sqlite3.connect(ledger_file(data, practice=True), isolation_level=None)) as file:
        file.execute("DROP TRIGGER entry_unchanged")
        file.execute("UPDATE entry SET leaf = CAST(leaf || ' ' AS BLOB) WHERE kind = 'finding'")
    answer = log(fanion, "verify", "--json", "--receipt", "page.pdf")
    assert answer.code == 5
    assert "altered" in {fault["kind"] for fault in answer.json["faults"]}


@pytest.mark.slow
def test_a_forged_receipt_is_found_by_an_export_too(fanion: Fanion, data: Path, out: Path) -> None:
    seq = check_in(data)
    forged(data, seq, out / "forged.pdf")
    log(fanion, "receipt", str(seq), "--out", "true.pdf")
    (out / "keys.txt").write_text(log(fanion, "enrolment").out)
    whole = log(fanion, "export", "--format", "jsonl", "--json").json["folder"]
    some = log(fanion, "export", "--format", "jsonl", "--json", "--verdict", "red").json["folder"]
    for folder, compared in ((whole, "whole"), (some, "values")):
        words = ["verify", folder, "--keys", "keys.txt", "--json", "--receipt"]
        true = log(fanion, *words, "true.pdf")
        assert true.code == 0
        (one,) = true.json["receipts"]
        assert (one["compared"], one["differences"]) == (compared, [])
        assert "Serial number" in one["not_compared"], "an export has no personal values"
        false = log(fanion, *words, "forged.pdf")
        assert false.code == 5
        assert f"The receipt says “Green”; entry {seq} says “Red”." in false.json["receipts"][0]["differences"]


def test_a_receipt_of_an_earlier_version_is_not_called_forged(fanion: Fanion, tmp_path: Path) -> None:
    with tarfile.open(ROOT / "tests" / "data" / "earlier" / "evidence.tar.xz") as packed:
        packed.extractall(tmp_path / "earlier", filter="data")
    papers = tmp_path / "earlier" / "papers"
    words = ["verify", str(papers / "export"), "--keys", str(papers / "enrolment.pdf")]
    told = log(fanion, *words, "--receipt", str(papers / "receipt.pdf"))
    assert told.code == 0
    assert "the other words of its page were not compared" in told.out
    assert log(fanion, *words, "--json", "--receipt", str(papers / "receipt.pdf")).json["faults"] == []


def test_the_sheet_itself_has_the_keys(fanion: Fanion, data: Path, out: Path) -> None:
    log(fanion, "enrolment", "--sheet", "--out", "sheet.pdf")
    assert log(fanion, "verify", "--keys", "sheet.pdf", "--json").json["keys_from_outside"] is True
    (out / "none.pdf").write_bytes(b"%PDF-1.7")
    refused = log(fanion, "verify", "--keys", "none.pdf")
    assert refused.code == 5
    assert "its PDF, or its text" in refused.err


def test_verify_with_a_receipt_and_keys_from_outside(fanion: Fanion, data: Path, out: Path) -> None:
    receipt = log(fanion, "receipt", str(check_in(data)), "--json").json
    (out / "keys.txt").write_text(log(fanion, "enrolment").out)
    log(fanion, "seal")
    answer = log(
        fanion, "verify", "--json", "--keys", "keys.txt", "--receipt", receipt["pdf"], "--receipt", receipt["proof"]
    )
    assert answer.json["keys_from_outside"] is True
    assert answer.json["outside"] > 0
    assert answer.json["faults"] == []
    # One that is typed, or comes out of a scanner.
    checkpoint = Proof.parse(Path(receipt["proof"]).read_bytes()).note
    typed = log(fanion, "verify", "--json", "--receipt", "-", typed=bytes(checkpoint).decode())
    assert typed.json["outside"] == answer.json["outside"]
    assert log(fanion, "verify", "--receipt", "-", typed="nothing").code == 5
    assert log(fanion, "verify", "--receipt", "-").code == 5
    assert log(fanion, "verify", "--receipt", "-", typed="x" * 10_000_000).code == 5


def test_verify_finds_that_the_log_was_cut_back(fanion: Fanion, data: Path, tmp_path: Path) -> None:
    shutil.copytree(data, tmp_path / "backup")
    receipt = log(fanion, "receipt", str(check_in(data)), "--json").json["proof"]
    log(fanion, "checkpoint", str(tmp_path))
    newer = log(fanion, "receipt", str(check_in(data)), "--json").json["proof"]
    left = next((tmp_path / "fanion-checkpoints").rglob("*.checkpoint"))
    shutil.rmtree(data)
    shutil.copytree(tmp_path / "backup", data)
    assert log(fanion, "verify", "--json").json["intact"] is True
    found = log(fanion, "verify", "--json", "--receipt", str(left))
    assert found.code == 5
    assert [fault["kind"] for fault in found.json["faults"]] == ["cut"]
    assert log(fanion, "verify", "--receipt", receipt, "--receipt", newer).code in (0, 3)  # of the check itself


def test_verify_another_desks_export(fanion: Fanion, data: Path, out: Path) -> None:
    (out / "keys.txt").write_text(log(fanion, "enrolment").out)
    folder = log(fanion, "export", "--format", "jsonl", "--json").json["folder"]
    shutil.rmtree(data)
    answer = log(fanion, "verify", folder, "--keys", "keys.txt", "--json")
    assert answer.json["intact"] is True
    assert answer.code in (0, 3)
    without = log(fanion, "verify", folder, "--json")
    assert without.code == 3  # who sealed it is not known
    (Path(folder) / "leaves.jsonl").write_bytes(b"\x1b]0;evil\x07{\n" * 5)
    spoiled = log(fanion, "verify", folder, "--keys", "keys.txt")
    assert spoiled.code == 5
    assert all(c.isprintable() or c == "\n" for c in spoiled.out + spoiled.err)
    nothing = log(fanion, "verify", str(out), "--keys", "keys.txt")
    assert nothing.code == 5
    assert "cannot be verified" in nothing.err


def test_proof(fanion: Fanion, data: Path) -> None:
    seq = check_in(data)
    answer = log(fanion, "proof", str(seq))
    assert answer.code == 0
    assert Proof.parse(answer.out.encode()).index == seq - 1
    assert log(fanion, "proof", str(seq), "--json").json == {"entry": seq, "proof": answer.out}


@pytest.mark.parametrize("number", ["0", "99999", "-1", "9" * 30])
def test_an_entry_that_is_not_there(fanion: Fanion, data: Path, out: Path, number: str) -> None:
    with Ledger.read(ledger_file(data, practice=True)) as reader:
        newest = reader.count()
    for words in (
        ["proof", "--", number],
        ["show", "--", number],
        ["receipt", "--", number],
        ["erase", "--reason", "asked for", "--consent", "--yes", "--", number],
    ):
        missing = log(fanion, *words)
        assert missing.code == 5
        assert f"The log has no entry {number}: the newest one is {newest}." in missing.err
    assert list(out.iterdir()) == []


# --- on paper and in files


def test_receipt(fanion: Fanion, data: Path, out: Path) -> None:
    seq = check_in(data)
    answer = log(fanion, "receipt", str(seq), "--json")
    assert answer.code == 0
    assert set(answer.json) == {"entry", "pdf", "proof"}
    assert answer.json["entry"] == seq
    assert sorted(p.name for p in out.iterdir()) == sorted(Path(answer.json[k]).name for k in ("pdf", "proof"))
    assert Path(answer.json["pdf"]).is_absolute()
    assert Path(answer.json["pdf"]).read_bytes().startswith(b"%PDF-")
    named = log(fanion, "receipt", str(seq), "--out", "mine.pdf", "--in", "both")
    assert named.code == 0
    assert f"Written: {out / 'mine.pdf'}" in named.out
    assert (out / "mine.tlog-proof").exists()
    kept = (out / "mine.pdf").read_bytes()
    refused = log(fanion, "receipt", str(seq), "--out", "mine.pdf", "--in", "fr")
    assert refused.code == 5
    assert "mine.pdf is there already; nothing was written." in refused.err
    assert (out / "mine.pdf").read_bytes() == kept
    french = fanion("--language", "fr", "log", "receipt", "--practice", str(seq), "--json").json["pdf"]
    assert Path(french).stem == f"{Path(answer.json['pdf']).stem}-2"
    assert Path(french).name.startswith("fanion-practice-")
    wrong = log(fanion, "receipt", "1")
    assert wrong.code == 5
    assert "belongs to no check" in wrong.err


def test_close_day(fanion: Fanion, out: Path, today: date) -> None:
    answer = log(fanion, "close-day", "--json")
    assert answer.code == 0
    assert answer.json == {"pdf": str(out / f"fanion-practice-{called()}-day-{today.isoformat()}.pdf")}
    assert log(fanion, "close-day", "--day", "2001-01-01", "--in", "fr", "--out", "new/folder").code == 0
    assert (out / "new" / "folder" / f"fanion-practice-{called()}-day-2001-01-01.pdf").exists()
    wrong = log(fanion, "close-day", "--day", "yesterday")
    assert wrong.code == 2
    assert "a date such as 2026-11-24" in wrong.err


def test_summary(fanion: Fanion, out: Path, today: date) -> None:
    month = f"{today:%Y-%m}"
    answer = log(fanion, "summary", "--json")
    assert answer.code == 0
    assert answer.json == {"file": str(out / f"fanion-practice-{called()}-month-{month}.pdf")}
    assert log(fanion, "summary", "--month", month, "--format", "csv", "numbers.csv", "--in", "fr").code == 0
    assert "Visites et téléphones,Visites,1" in (out / "numbers.csv").read_text(encoding="utf-8-sig")
    assert log(fanion, "summary", "--format", "xlsx", "numbers.xlsx").code == 0
    assert ("Visits and phones", "Visits", 1) in [*load_workbook(out / "numbers.xlsx").active.values]
    for wrong, code, said in (
        (["--month", "2026-13"], 2, "a month such as 2026-11"),
        (["--month", "2199-01"], 5, "has not begun yet"),
        (["--format", "csv", "numbers.csv"], 5, "is there already"),
    ):
        refused = log(fanion, "summary", *wrong)
        assert refused.code == code
        assert said in refused.err


def test_enrolment(fanion: Fanion, out: Path) -> None:
    answer = log(fanion, "enrolment")
    told = Enrolment.parse(answer.out)
    keys = log(fanion, "enrolment", "--json").json
    assert keys == {
        "origin": told.origin,
        "identity": str(told.identity),
        "epoch": str(told.epoch),
        "cosigner": str(told.cosigner),
    }
    sheet = log(fanion, "enrolment", "--sheet", "--json")
    assert Path(sheet.json["pdf"]) == out / f"fanion-practice-{called()}-enrolment.pdf"
    assert Path(sheet.json["pdf"]).exists()


@pytest.mark.parametrize("form", ["csv", "jsonl", "ocsf"])
def test_export(fanion: Fanion, out: Path, form: str) -> None:
    answer = log(fanion, "export", "--format", form, "--json")
    assert answer.code == 0
    assert set(answer.json) == {"folder", "records"}
    folder = Path(answer.json["folder"])
    assert folder.parent == out
    assert (folder / "leaves.jsonl").read_bytes().count(b"\n") == answer.json["records"]
    assert (folder / "checkpoint").exists()


def test_export_of_what_was_chosen(fanion: Fanion, today: date) -> None:
    everything = log(fanion, "export", "--format", "csv", "--json").json["records"]
    checks = log(fanion, "export", "--format", "csv", "--kind", "check-ended", "--verdict", "red", "--json")
    assert checks.json["records"] == 1
    assert log(fanion, "export", "--format", "csv", "--since", today, "--until", today, "--json").json["records"] > 0
    assert everything > 1
    exported = log(fanion, "list", "--kind", "exported", "--json").json["entries"]
    assert len(exported) == 3
    assert set(exported[0]["body"]["chosen"]) == {"since", "until"}
    assert "entries were written into" in log(fanion, "export", "--format", "csv").out


def test_an_export_of_nothing_is_refused(fanion: Fanion, out: Path) -> None:
    for words in (["--until", "2001-01-01"], ["--officer", "nobody"]):
        answer = log(fanion, "export", "--format", "csv", "--out", "new", *words)
        assert answer.code == 5
        assert "No entry matches; nothing was written." in answer.err
    turned = log(fanion, "export", "--format", "csv", "--since", "2026-02-01", "--until", "2026-01-31")
    assert turned.code == 2
    assert "The first day is after the last one" in turned.err
    assert list(out.iterdir()) == []
    assert log(fanion, "list", "--kind", "exported", "--json").json["entries"] == []


def test_a_folder_for_an_export_is_made(fanion: Fanion, out: Path) -> None:
    answer = log(fanion, "export", "--format", "csv", "--out", "new/folder", "--json")
    assert Path(answer.json["folder"]).parent == out / "new" / "folder"


# --- copies outside


def test_checkpoint(fanion: Fanion, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    answer = log(fanion, "checkpoint", str(stick), "--json")
    assert answer.code == 0
    assert set(answer.json) == {"left", "size", "cosigned", "received", "conflicts", "skipped"}
    assert Path(answer.json["left"]).is_file()
    prose = log(fanion, "checkpoint", str(stick))
    assert "The checkpoint over" in prose.out
    assert log(fanion, "status", "--json").json["outside"]["how"] == "folder"
    misspelt = log(fanion, "checkpoint", str(tmp_path / "stikc"))
    assert misspelt.code == 5
    assert f"There is no folder {tmp_path / 'stikc'}." in misspelt.err
    assert not (tmp_path / "stikc").exists()


def test_desks_cosign_each_other(fanion: Fanion, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    log(fanion, "checkpoint", str(stick))
    other = Desk(tmp_path / "other", Settings(officer="C. Roy", desk="Desk 5"))
    with other.ledger(True, POLICY):
        pass
    log_evidence.leave_checkpoint(other, True, stick)
    met = log(fanion, "checkpoint", str(stick), "--json").json
    assert len(met["cosigned"]) == len(met["received"]) == 1
    assert set(met["cosigned"][0]) == set(met["received"][0]) == {"origin", "size", "first"}
    assert met["conflicts"] == []
    again = log(fanion, "checkpoint", str(stick))
    assert "Cosigned" in again.out or again.code == 0


def test_what_stands_on_a_stick_is_shown_as_text(fanion: Fanion, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    log_of = stick / "fanion-checkpoints" / "desk\x1b[2J\u202e"
    log_of.mkdir(parents=True)
    (log_of / "enrolment.txt").write_bytes(b"\x1b]0;evil\x07")
    answer = log(fanion, "checkpoint", str(stick))
    assert answer.code == 0
    assert "Left alone" in answer.err
    assert all(c.isprintable() or c == "\n" for c in answer.out + answer.err)


def test_timestamp(fanion: Fanion, out: Path) -> None:
    answer = log(fanion, "timestamp", "--request", "mine.tsq", "--json")
    assert answer.code == 0
    assert answer.json == {"size": answer.json["size"], "file": str(out / "mine.tsq")}
    assert (out / "mine.tsq").exists()
    prose = log(fanion, "timestamp", "--request", ".").out
    assert f"entries is in {out / f'fanion-practice-{called()}'}-{answer.json['size']}.tsq." in prose
    assert "Carry it to a computer with a network" in prose
    (out / "reply").write_bytes(b"none")
    refused = log(fanion, "timestamp", "--attach", "reply", "--json")
    assert refused.code == 5
    assert refused.json["problem"]["code"] == "timestamp"
    assert log(fanion, "timestamp", "--attach", "nothing").code == 5
    assert log(fanion, "timestamp").code == 2
    assert log(fanion, "timestamp", "--request", "a", "--attach", "b").code == 2


# --- personal values


def test_what_is_due_is_told_in_numbers(fanion: Fanion, monkeypatch: pytest.MonkeyPatch) -> None:
    for records, values, told in (
        ((4,), 1, "1 item of personal information may be erased: entry 4."),
        ((4,), 2, "2 items of personal information may be erased: entry 4."),
        ((4, 9), 3, "3 items of personal information may be erased: entries 4, 9."),
    ):
        monkeypatch.setattr(log_evidence, "due", lambda *_, r=records, v=values: Due(r, v, None, 0))
        assert told in log(fanion, "retention").err


def test_where_the_department_has_set_no_time_nobody_is_sent_to_a_file(
    fanion: Fanion, tmp_path: Path, department_is: Callable[[Path], None]
) -> None:
    file = tmp_path / "department.toml"
    file.write_text("retention_months = 0\n")
    department_is(file)
    assert (
        log(fanion, "retention").out
        == "Your organisation has set no time after which personal information is to be erased.\n"
    )


def test_retention(fanion: Fanion, data: Path) -> None:
    assert f"set retention_months in {data / 'settings.toml'}." in log(fanion, "retention").out
    (data / "settings.toml").write_text("retention_months = 24\n")
    assert "No personal information is to be erased" in log(fanion, "retention").out
    answer = log(fanion, "retention", "--json")
    assert answer.code == 0
    assert answer.json == {"entries": [], "values": 0, "waiting": 0}
    assert log(fanion, "retention", "--erase", "--yes").code == 0


def test_erase(fanion: Fanion, data: Path) -> None:
    seq = str(check_in(data))
    asked = log(fanion, "erase", seq, "--reason", "asked for", "--consent")
    assert asked.code == 2
    assert "Nothing was erased: the question had no yes." in asked.err
    early = log(fanion, "erase", seq, "--reason", "asked for", "--yes")
    assert early.code == 5
    assert "two years" in early.err
    assert "written consent (--consent)" in early.err
    assert f"The personal information of entry {seq} is about to be erased." in early.err
    several = log(fanion, "erase", seq, seq, "--reason", "asked for")
    assert f"The personal information of entries {seq}, {seq} is about to be erased." in several.err
    done = log(fanion, "erase", seq, "--reason", "asked for", "--consent", "--yes", "--json")
    assert done.code == 0
    assert done.json["erased"] > 0
    assert log(fanion, "verify", "--json").json["faults"] == []
    again = log(fanion, "erase", seq, "--reason", "asked for", "--consent", "--yes")
    assert "0 items of personal information were erased." in again.out
    assert log(fanion, "erase", seq).code == 2  # without a reason


# --- what holds for all

ACTIONS: list[list[str]] = [
    ["seal"],
    ["status"],
    ["verify"],
    ["proof", "1"],
    ["receipt", "1"],
    ["close-day"],
    ["export", "--format", "csv"],
    ["checkpoint", "."],
    ["timestamp", "--request", "."],
    ["retention"],
    ["erase", "1", "--reason", "x", "--yes"],
]


@pytest.mark.parametrize("words", ACTIONS, ids=lambda words: words[0])
def test_without_a_log_it_says_so(fanion: Fanion, data: Path, out: Path, words: list[str]) -> None:
    shutil.rmtree(data)
    answer = log(fanion, *words)
    assert answer.code == 5
    assert "Nothing has been recorded yet" in answer.err
    assert answer.out == ""
    problem = log(fanion, *words, "--json")
    assert problem.json["problem"]["code"] == "nothing-recorded"
    assert not data.exists()
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("words", [*ACTIONS, ["list"]], ids=lambda words: words[0])
def test_the_real_log_is_meant_where_nothing_else_is_said(fanion: Fanion, data: Path, words: list[str]) -> None:
    """But whoever has only practised is told how to see that."""
    answer = fanion("log", *words)
    assert answer.code == 5
    assert "Nothing has been recorded yet" in answer.err
    assert "For what was practised, add --practice." in answer.err
    shutil.rmtree(data)
    assert "--practice" not in fanion("log", *words).err
    assert "fanion check --practice walk-up" in log(fanion, *words).err


@pytest.mark.parametrize("words", ACTIONS, ids=lambda words: words[0])
def test_in_french(fanion: Fanion, data: Path, words: list[str]) -> None:
    if words[0] in ("proof", "receipt", "erase"):
        words = [words[0], str(check_in(data)), *words[2:]]
    if words[0] == "erase":
        words = [*words, "--consent"]
    english = log(fanion, *words)
    french = fanion("--language", "fr", "log", words[0], "--practice", *words[1:])
    assert french.code == english.code
    if words[0] not in ("proof",):  # which is for programs
        assert french.out != english.out
        assert " the " not in french.out + french.err


@pytest.mark.parametrize("words", [*ACTIONS, ["enrolment"]], ids=lambda words: words[0])
def test_keys_that_are_not_there_are_no_crash(fanion: Fanion, data: Path, words: list[str]) -> None:
    shutil.rmtree(keys_folder(ledger_file(data, practice=True)))
    answer = log(fanion, *words)
    assert answer.code in (0, 2, 3, 5)
    assert "Traceback" not in answer.err
    assert "Something went wrong inside Fanion" not in answer.err


def test_help_names_every_action(fanion: Fanion) -> None:
    answer = fanion("log", "--help")
    assert answer.code == 0
    for words in (*ACTIONS, ["enrolment"]):
        assert words[0] in answer.out
        told = fanion("log", words[0], "--help")
        assert told.code == 0
        for puzzle in ("its number", "their numbers", "a folder on it", "in which form"):
            assert puzzle not in told.out


def test_no_text_of_a_phone_is_printed_as_it_is(fanion: Fanion, data: Path) -> None:
    seq = str(check_in(data))
    for words in (
        ["verify"],
        ["status"],
        ["proof", seq],
        ["receipt", seq],
        ["close-day"],
        ["export", "--format", "csv"],
    ):
        answer = log(fanion, *words)
        assert all(c.isprintable() or c == "\n" for c in answer.out + answer.err)
        machine = log(fanion, *words, "--json")
        assert not any(ord(c) < 32 and c != "\n" for c in machine.out)
        json.loads(machine.out)


def test_ctrl_c_while_it_verifies(fanion: Fanion, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a person presses it: at the first news of progress."""
    pressed: list[float] = []

    def press(progress: Progress) -> None:
        pressed.append(progress.share)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("core.cli.terminal.progress", press)
    monkeypatch.setattr("core.ledger.verify.ledger_check._RECORDS", 3)
    answer = log(fanion, "verify")
    assert len(pressed) == 1
    assert answer.code == 4
    assert "Cancelled." in answer.err
    assert answer.out == ""
    monkeypatch.undo()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_as_a_program_of_its_own(data: Path, tmp_path: Path) -> None:
    """From a pipe, as a scanner's program or a script uses it."""
    with Ledger.read(ledger_file(data, practice=True)) as reader:
        seal = reader.newest_seal()
    assert seal is not None
    command = [sys.executable, "-m", "gui", "log", "verify", "--practice", "--json", "--receipt", "-"]
    done = subprocess.run(
        command, cwd=ROOT, input=bytes(seal.note), capture_output=True, check=False, env={**os.environ}
    )
    assert done.stderr == b""
    assert json.loads(done.stdout)["outside"] == seal.size


# --- reading where nothing can be written, and texts of any kind


@pytest.mark.parametrize("action", [["list"], ["search", "a"], ["show", "1"]])
def test_reading_a_log_that_cannot_be_written_says_so(
    fanion: Fanion, data: Path, make_read_only: Callable[[Path], None], action: list[str]
) -> None:
    assert "read-only" not in log(fanion, *action).err
    make_read_only(data)
    answer = log(fanion, *action, "--json")
    assert answer.code == 0
    assert answer.json  # the answer is there all the same
    assert f"{ledger_file(data, practice=True)} is read-only here" in answer.err


@pytest.mark.parametrize("text", ["-", "-entry", "-h1", "--limit-of-none", "-1x", "--json-of-none=1"])
@pytest.mark.parametrize("place", ["first", "last", "behind --"])
def test_a_text_that_begins_with_a_dash_is_looked_for(fanion: Fanion, text: str, place: str) -> None:
    words = {"first": [text, "--json"], "last": ["--limit", "5", "--json", text], "behind --": ["--json", "--", text]}
    answer = log(fanion, "search", *words[place])
    assert answer.code == 0, answer.err
    found = answer.json["entries"]
    assert all(text in json.dumps(entry) for entry in found)
    assert bool(found) is (text == "-")  # which every time has in it


def test_what_is_found_may_begin_with_a_dash(fanion: Fanion) -> None:
    assert log(fanion, "search", "-ended", "--json").json["entries"][0]["type"] == "check-ended"


@pytest.mark.parametrize("words", [[], ["a", "b"], ["--limit", "0", "-x"], ["-x", "--data"]])
def test_a_search_that_cannot_be_understood_is_still_wrong_usage(fanion: Fanion, words: list[str]) -> None:
    assert log(fanion, "search", *words).code == 2


def test_other_commands_keep_their_dashes(fanion: Fanion) -> None:
    assert log(fanion, "list", "-x").code == 2
    assert fanion("check", "log", "search", "-x").code == 2
    assert "usage" in fanion("log", "search", "-h").out


def test_the_page_for_the_owner(fanion: Fanion, data: Path, out: Path) -> None:
    seq = check_in(data)
    made = log(fanion, "owner-page", str(seq), "--json")
    assert made.code == 0
    assert made.json["entry"] == seq
    assert Path(made.json["pdf"]).name == f"fanion-practice-{called()}-owner-{seq:06}.pdf"
    assert Path(made.json["pdf"]).read_bytes().startswith(b"%PDF-")
    assert "Written: " in log(fanion, "owner-page", str(seq), "--out", "owner.pdf").out
    assert log(fanion, "owner-page", "1").code == 5
    assert log(fanion, "owner-page", "999999").code == 5
    assert sorted(path.name for path in out.iterdir() if path.suffix == ".pdf")
