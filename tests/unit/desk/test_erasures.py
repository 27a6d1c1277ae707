"""What an erasure does not reach is said: the copies that left, as far as the log knows them, and what a disk keeps."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.papers import erasures, log_papers
from core.desk.papers.carry_home import carry_home
from core.desk.settings.settings_table import Settings
from core.jobs import Cancel
from core.ledger.records import CheckStarted, Exported, OutsideCopy
from core.ledger.search.record_filter import Filter
from core.model import Labels, Phone
from core.problem import Cancelled
from core.reports.tables.exports import Format
from core.rounds import rounds
from core.rounds.model import Roster, RosterLine
from core.system.files import erasing
from core.text import T
from tests.unit.conftest import Fanion

PHONE = Phone("android", "samsung", "SM-A546B", "14", "R58N12ABCDE")
STARTED = CheckStarted(T("over USB"))
HOLDER = "Erasmus Example"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path / "data", Settings(officer="A. Roy", desk="Desk 4"), portable=True)
    with desk.custodian(False, make=True) as ledger:
        ledger.append(STARTED)
        ledger.append(Exported("csv", 1, {"personal": "yes"}))  # before there was anything to erase
        ledger.append(STARTED, phone=PHONE, labels=Labels("T-1", HOLDER, ""), seal=True)
    return desk


def value_of(desk: Desk) -> int:
    with desk.read_ledger(False) as ledger:
        return int(ledger.rows("SELECT max(seq) FROM opening", [])[0][0])


def test_the_copies_that_have_it_are_named_and_no_others(desk: Desk, tmp_path: Path) -> None:
    out, seq = tmp_path / "out", value_of(desk)
    out.mkdir()
    log_papers.export(desk, False, Format.CSV, Filter(), out)
    log_papers.export(desk, False, Format.JSONL, Filter(), out, personal=True)
    log_papers.export(desk, False, Format.CSV, Filter(), out, personal=True)
    carry_home(desk, False, out)
    with desk.custodian(False) as ledger:
        for chosen in (
            {"due": "letters"},
            {"round": "1", "phones": "all"},
            {"round": "1", "phones": "none"},
            {"store": "x"},
        ):
            ledger.append(Exported("xlsx", 3, chosen))
        for how in ("receipt", "day-close", "folder"):
            ledger.append(OutsideCopy(how, 1, "x"))
    erased = erasures.erase(desk, False, [seq], "asked for", consent=True)
    assert erased.values >= 2
    said = [str(line) for line in erasures.copy_lines(erased.copies)]
    forms = ("on a receipt", *["table (Excel)"] * 3, "bundle for head office", "table (CSV)")
    for line, form in zip(said, forms, strict=True):
        assert ", A. Roy: " in line
        assert form in line
    assert str(erasures.remaining(erased.copies)).startswith("6 copies that were handed out since then may have it")
    again = erasures.erase(desk, False, [seq], "asked for", consent=True)
    assert (again.values, again.copies) == (0, ())


def test_however_many_copies_there_are_some_are_named(desk: Desk) -> None:
    with desk.custodian(False) as ledger:
        ledger.append_all([OutsideCopy("receipt", 1, "x")] * 1_234)
        copies = erasures.copies_since(ledger, 0)
    assert len(copies) == 1_235
    assert str(list(erasures.copy_lines(copies))[-1]) == "and 1,225 more."
    assert len(list(erasures.copy_lines(copies))) == 11


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_command_line_says_what_an_erasure_does_not_reach(
    desk: Desk, tmp_path: Path, fanion: Fanion, language: str
) -> None:
    (tmp_path / "out").mkdir()
    log_papers.export(desk, False, Format.CSV, Filter(), tmp_path / "out", personal=True)
    words = ["log", "erase", str(value_of(desk)), "--reason", "asked for", "--consent", "--yes"]
    code, told, _ = fanion(*words, "--data", desk.data, "--language", language)
    assert code == 0
    assert "A. Roy" in told
    assert ("flash" if language == "en" else "mémoire flash") in told
    assert ("1 copy that was handed out" if language == "en" else "1 copie") in told
    assert fanion(*words, "--data", desk.data, "--json").json == {"erased": 0}


def test_a_forgotten_roster_is_overwritten_and_its_copies_are_named(
    desk: Desk, tmp_path: Path, fanion: Fanion, monkeypatch: pytest.MonkeyPatch
) -> None:
    roster = Roster(
        (RosterLine(1, serial=PHONE.serial, holder=HOLDER),), "list.csv", "", datetime(2026, 11, 24, tzinfo=UTC)
    )
    with desk.custodian(False) as ledger:
        about = rounds.begin(ledger, "Autumn", date(2026, 11, 1), date(2026, 11, 30), "canada")
        rounds.bring(ledger, desk.data, about, roster)
        ledger.append(Exported("xlsx", 1, {"round": about.id, "phones": "all"}))
    (file,) = (desk.data / "rounds").iterdir()
    kept = tmp_path / "kept"
    overwrite = erasing.overwrite

    def watched(descriptor: int) -> None:
        overwrite(descriptor)
        kept.write_bytes(file.read_bytes())

    monkeypatch.setattr(erasing, "overwrite", watched)
    size = file.stat().st_size
    code, told, _ = fanion("round", "forget", about.id, "--yes", "--data", desk.data)
    assert code == 0
    assert kept.read_bytes() == bytes(size)
    assert not list((desk.data / "rounds").iterdir())
    assert "The roster is forgotten" in told
    assert "table (Excel)" in told


@pytest.mark.skipif(sys.platform == "win32", reason="few may make links there")
def test_a_roster_that_is_a_link_is_neither_read_nor_overwritten(desk: Desk, tmp_path: Path) -> None:
    from core.rounds.roster import roster_file

    roster = Roster((RosterLine(1, holder=HOLDER),), "list.csv", "", datetime(2026, 11, 24, tzinfo=UTC))
    sha256 = roster_file.save(desk.data, "0a1b2c", roster)
    (file,) = (desk.data / "rounds").iterdir()
    bait = tmp_path / "bait"
    file.rename(bait)
    file.symlink_to(bait)
    before = bait.read_bytes()
    with pytest.raises(roster_file.RosterFileProblem):
        roster_file.load(desk.data, "0a1b2c", sha256)
    with pytest.raises(roster_file.RosterFileProblem):
        roster_file.forget(desk.data, "0a1b2c")
    file.unlink()
    (desk.data / "rounds").rmdir()
    bait.rename(tmp_path / "there")
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (tmp_path / "there").rename(folder / file.name)
    (desk.data / "rounds").symlink_to(folder)
    for act in (
        lambda: roster_file.load(desk.data, "0a1b2c", sha256),
        lambda: roster_file.forget(desk.data, "0a1b2c"),
        lambda: roster_file.save(desk.data, "0a1b2c", roster),
    ):
        with pytest.raises(roster_file.RosterFileProblem):
            act()
    assert [path.read_bytes() for path in folder.iterdir()] == [before]


def test_a_bundle_that_was_broken_off_is_a_copy_too(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "key").mkdir()
    cancel, seq = Cancel(), value_of(desk)
    with pytest.raises(Cancelled):
        carry_home(desk, False, tmp_path / "key", report=lambda progress: cancel.press(), cancel=cancel)
    assert any(HOLDER.encode() in file.read_bytes() for file in (tmp_path / "key").rglob("*.jsonl"))
    erased = erasures.erase(desk, False, [seq], "asked for", consent=True)
    assert [entry.record.format for entry in erased.copies if isinstance(entry.record, Exported)] == ["bundle"]
