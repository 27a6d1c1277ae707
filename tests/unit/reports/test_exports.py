"""An export is whole or not there, has what was sealed and no more, and does nothing when a spreadsheet opens it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Cancel, Progress, silent
from core.ledger.problems import DamagedLedger
from core.ledger.records import CheckStarted, Entry, Erased, Kind, Personal, ProblemMet, read_entry
from core.ledger.records.leaf import encode, leaf_hash
from core.ledger.seals import NotSealed
from core.ledger.search.record_filter import Filter
from core.ledger.tlog.notes import Checkpoint, Note
from core.ledger.writer import Ledger
from core.model import Verdict
from core.problem import Cancelled, Problem
from core.reports.tables import exports
from core.reports.tables.exports import (
    ExportProblem,
    Format,
    LogExport,
    export,
)
from core.text import T, as_cell, use
from tests.unit.reports.conftest import RETURNS, SERIAL, USB, Desk, MakeDesk, finding

ALWAYS = {"README.md", "checkpoint", "leaves.jsonl", "seals.jsonl", "verify_log.py"}
BESIDE = {Format.CSV: "records.csv", Format.JSONL: "", Format.OCSF: "events.jsonl", Format.PARQUET: "records.parquet"}
EVERYTHING = Filter()


@pytest.fixture
def busy(desk: Desk) -> Desk:
    desk.visit().check(finding())
    desk.remove("com.tencent.mm")
    desk.check()
    desk.visit().check()
    return desk


def made(
    desk: Desk, folder: Path, format: Format = Format.JSONL, chosen: Filter = EVERYTHING, **more: bool
) -> LogExport:
    return export(desk.ledger, format, chosen, folder, silent, Cancel(), **more)


def leaves(whole: LogExport) -> list[bytes]:
    lines = (whole.folder / "leaves.jsonl").read_bytes().split(b"\n")
    assert lines.pop() == b""
    return lines


def rows(whole: LogExport) -> list[dict[str, str]]:
    text = (whole.folder / "records.csv").read_bytes().decode()
    assert text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
    assert text.count("\n") == text.count("\r\n")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def table(whole: LogExport) -> Any:
    parquet = pytest.importorskip("pyarrow.parquet")
    return parquet.read_table(whole.folder / "records.parquet")


def verified(whole: LogExport) -> bool:
    program = [sys.executable, str(whole.folder / "verify_log.py")]
    return subprocess.run(program, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("chosen", [EVERYTHING, Filter(kind=Kind.CHECK_ENDED)], ids=["all", "some"])
def test_an_export_has_all_that_is_needed_to_check_it(
    busy: Desk, tmp_path: Path, format: Format, chosen: Filter
) -> None:
    whole = made(busy, tmp_path / "ledger", format, chosen)
    names = {file.name for file in whole.folder.iterdir()}
    assert names == ALWAYS | ({BESIDE[format]} - {""}) | ({"hashes.txt"} if chosen else set())
    assert len(leaves(whole)) == whole.records
    assert verified(whole)


def test_the_leaves_are_the_exact_bytes_that_were_sealed(busy: Desk, tmp_path: Path) -> None:
    whole = made(busy, tmp_path)
    assert leaves(whole) == [entry.exact for entry in busy.ledger.entries()]
    seal = busy.ledger.newest_seal()
    assert seal is not None
    assert (whole.folder / "checkpoint").read_bytes() == bytes(seal.note)
    kept = [json.loads(line) for line in (whole.folder / "seals.jsonl").read_bytes().splitlines()]
    assert [(k["size"], k["note"].encode()) for k in kept] == list(busy.ledger.notes())
    assert all(Checkpoint.parse(Note.parse(k["note"].encode()).text).size == k["size"] for k in kept)


def test_a_choice_has_the_hashes_of_all_records_each_on_its_line(busy: Desk, tmp_path: Path) -> None:
    whole = made(busy, tmp_path, chosen=Filter(verdict=Verdict.GREEN))
    assert [json.loads(line)["body"]["verdict"] for line in leaves(whole)] == ["green", "green"]
    hashes = (whole.folder / "hashes.txt").read_text().splitlines()
    assert hashes == [entry.leaf_hash.hex() for entry in busy.ledger.entries()]
    for line in leaves(whole):
        assert hashes[json.loads(line)["seq"] - 1] == leaf_hash(line).hex()


@pytest.mark.parametrize("format", Format)
def test_a_choice_that_nothing_fits_is_no_export(busy: Desk, out: Path, format: Format) -> None:
    with pytest.raises(ExportProblem, match=r"No entry matches; nothing was written\."):
        made(busy, out, format, Filter(text="nothing has this in it"))
    assert list(out.iterdir()) == []


def test_days_the_wrong_way_round_are_refused(busy: Desk, out: Path) -> None:
    first, last = datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)
    for since, until in ((last, first), (first, first)):
        with pytest.raises(ExportProblem, match="The first day is after the last one"):
            made(busy, out, chosen=Filter(since=since, until=until))
    assert list(out.iterdir()) == []


def test_what_stands_after_the_newest_seal_is_not_in_it(busy: Desk, tmp_path: Path) -> None:
    sealed = busy.ledger.count()
    busy.write(CheckStarted(USB))
    assert made(busy, tmp_path).records == sealed
    later = made(busy, tmp_path, chosen=Filter(kind=Kind.CHECK_STARTED))
    assert max(json.loads(line)["seq"] for line in leaves(later)) <= sealed
    assert len((later.folder / "hashes.txt").read_text().splitlines()) == sealed
    assert verified(later)


@pytest.mark.parametrize("format", Format)
def test_what_is_added_and_sealed_meanwhile_is_not_in_it(busy: Desk, tmp_path: Path, format: Format) -> None:
    sealed = busy.ledger.count()

    def go_on(progress: Progress) -> None:
        busy.check(finding())

    whole = export(busy.ledger, format, EVERYTHING, tmp_path, go_on, Cancel())
    assert whole.records == sealed < busy.ledger.count()
    assert verified(whole)
    chosen = export(busy.ledger, format, Filter(kind=Kind.FINDING), tmp_path, go_on, Cancel())
    assert verified(chosen)


def test_a_log_that_was_never_sealed_cannot_be_exported(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk("new")
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(NotSealed):
        made(desk, out)
    assert list(out.iterdir()) == []


def test_no_export_takes_the_place_of_another(busy: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Clock:
            return cls(2026, 11, 24, 20, 13, tzinfo=tz)

    monkeypatch.setattr(exports, "datetime", Clock)
    (tmp_path / "fanion-log-2026-11-24-2013-2").write_text("somebody’s")
    folders = [made(busy, tmp_path).folder.name for _ in range(3)]
    assert folders == [
        "fanion-log-2026-11-24-2013",
        "fanion-log-2026-11-24-2013-3",
        "fanion-log-2026-11-24-2013-4",
    ]
    assert (tmp_path / "fanion-log-2026-11-24-2013-2").read_text() == "somebody’s"


def test_a_row_for_each_record(busy: Desk, tmp_path: Path) -> None:
    whole = made(busy, tmp_path, Format.CSV)
    found = rows(whole)
    assert [row["Entry number"] for row in found] == [str(n) for n in range(1, whole.records + 1)]
    assert [row["Fingerprint of the entry"] for row in found] == [leaf_hash(line).hex() for line in leaves(whole)]
    red = next(row for row in found if row["Verdict"])
    assert (red["Verdict"], red["Banned apps"], red["Apps listed"], red["Model"]) == ("Red", "1", "302", "SM-S901W")
    assert list(red)[:3] == ["Entry number", "Date and time (local)", "Date and time (UTC)"]  # programs read them
    last = [
        "Date and time (local, with its distance from UTC)",
        "Can a banned app be reinstalled",
        "Files with their fingerprints (SHA-256)",
    ]
    assert list(red)[-3:] == last, "new ones come last"
    local = datetime.fromisoformat(red[last[0]])
    assert local.replace(tzinfo=None).isoformat(" ") == red["Date and time (local)"]
    assert local.astimezone(UTC).replace(tzinfo=None).isoformat(" ") == red["Date and time (UTC)"]
    assert red["Date and time (UTC)"] == json.loads(leaves(whole)[int(red["Entry number"]) - 1])["time"][:19].replace(
        "T", " "
    )
    app = next(row for row in found if row["Product"])
    assert (app["Product"], app["Package"], app["Profile"], app["Profile number"], app["What the policy says"]) == (
        "WeChat",
        "com.tencent.mm",
        "Personal",
        "0",
        "Banned",
    )
    step = next(row for row in found if row["Step"])
    assert (step["Step"], step["Package"], step["Because of entry"]) == (
        "remove",
        "com.tencent.mm",
        app["Entry number"],
    )
    result = next(row for row in found if row["Result"])
    assert (result["Announced in entry"], result["What the phone said"]) == (step["Entry number"], "Success")


def test_the_table_is_in_the_language_in_use(busy: Desk, tmp_path: Path) -> None:
    english = rows(made(busy, tmp_path, Format.CSV))
    use("fr")
    try:
        french = rows(made(busy, tmp_path, Format.CSV))
    finally:
        use("en")
    assert [row["Verdict"] for row in french if row["Verdict"]] == ["Rouge", "Vert", "Vert"]
    assert len(french) == len(english)
    assert len(french[0]) == len(english[0])


def test_nobody_sees_a_serial_number_without_asking(busy: Desk, tmp_path: Path) -> None:
    for format in Format:
        whole = made(busy, tmp_path, format)
        for file in whole.folder.iterdir():
            assert SERIAL.encode() not in file.read_bytes()
    assert {row["Serial number"] for row in rows(made(busy, tmp_path, Format.CSV))} == {""}


def test_whoever_asks_has_the_serial_numbers_that_are_not_erased(busy: Desk, tmp_path: Path) -> None:
    numbers = [e.seq for e in busy.ledger.entries() if e.openings]
    busy.ledger.erase_records(numbers[:2], "asked")
    busy.ledger.seal()
    for format in (Format.CSV, Format.PARQUET):
        whole = made(busy, tmp_path, format, personal=True)
        if format is Format.CSV:
            serials = [row["Serial number"] for row in rows(whole)]
        else:
            serials = [serial or "" for serial in table(whole)["device_serial"].to_pylist()]
        assert [n + 1 for n, serial in enumerate(serials) if serial] == numbers[2:]
        assert set(serials) == {"", SERIAL}
        assert SERIAL.encode() not in (whole.folder / "leaves.jsonl").read_bytes()
    assert any(json.loads(line)["type"] == Erased.kind for line in leaves(whole))


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\N{NO-BREAK SPACE}=1",
        "\N{IDEOGRAPHIC SPACE}=1",
        "\N{ZERO WIDTH SPACE}=1",
        "\N{ZERO WIDTH NO-BREAK SPACE}=1",
        "\N{RIGHT-TO-LEFT OVERRIDE}=1",
        "\x00=1",
        "\N{FULLWIDTH EQUALS SIGN}1",
        "\N{FULLWIDTH PLUS SIGN}1",
        "\N{FULLWIDTH HYPHEN-MINUS}1",
        "\N{FULLWIDTH COMMERCIAL AT}1",
        "\N{SMALL EQUALS SIGN}1",
        "\N{SUPERSCRIPT PLUS SIGN}1",
        "\N{MINUS SIGN}1",
    ],
)
def test_no_cell_is_a_formula(text: str) -> None:
    cell = as_cell(text)
    assert cell.startswith("'")
    assert not set(cell) & set("\t\r\n")


@pytest.mark.parametrize("text", ["", "a=1", "3 apps", "é", "(1)", "«1»", "a\tb", '"quoted"'])
def test_other_cells_say_what_they_said(text: str) -> None:
    assert as_cell(text) == text.replace("\t", " ")


def test_hostile_phones_make_rows_of_whole_cells(desk: Desk, tmp_path: Path) -> None:
    hostile = '=HYPERLINK("http://x")\t\r\n\u2028;,"\x00\u202e\ud800'
    desk.visit().check(finding(hostile, hostile, version=hostile))
    desk.write(
        ProblemMet(code=hostile, sentence=T("{x}", x=hostile), next_step=T("{x}", x=hostile), detail=Personal(hostile)),
        seal=True,
    )
    whole = made(desk, tmp_path, Format.CSV)
    found = rows(whole)
    assert len(found) == whole.records
    for row in found:
        assert None not in row
        for cell in row.values():
            assert not cell.lstrip().startswith(("=", "+", "@", "\t"))
            assert "\n" not in cell
            assert "\r" not in cell
    assert verified(whole)
    assert table(made(desk, tmp_path, Format.PARQUET)).num_rows == whole.records


def test_whether_a_banned_app_can_come_back_is_a_column(desk: Desk, tmp_path: Path) -> None:
    """By the worst of all products; a check that has nothing on record says nothing."""
    desk.visit().check(returns=RETURNS)
    desk.visit().check(returns=RETURNS[1:])
    desk.visit().check()
    made_rows = rows(made(desk, tmp_path, Format.CSV))
    told = [row["Can a banned app be reinstalled"] for row in made_rows if row["Verdict"]]
    assert told == ["can be reinstalled", "blocked", ""]
    content = table(made(desk, tmp_path, Format.PARQUET))
    ended = [kind == "check-ended" for kind in content["kind"].to_pylist()]
    states = content["can_return"].to_pylist()
    assert [state for state, ends in zip(states, ended, strict=True) if ends] == ["can-return", "blocked", None]
    assert not any(state for state, ends in zip(states, ended, strict=True) if not ends)


def test_columns_for_programs_are_typed(busy: Desk, tmp_path: Path) -> None:
    whole = made(busy, tmp_path, Format.PARQUET)
    found = table(whole)
    types = {field.name: str(field.type) for field in found.schema}
    assert (types["seq"], types["time"], types["practice"]) == ("int64", "timestamp[ms, tz=UTC]", "bool")
    assert (types["leaf_hash"], types["kind"]) == ("binary", "string")
    assert found.schema.metadata[b"origin"].decode() == busy.ledger.enrolment.origin
    entries = list(busy.ledger.entries())
    assert found["seq"].to_pylist() == [e.seq for e in entries]
    assert found["leaf_hash"].to_pylist() == [e.leaf_hash for e in entries]
    assert found["kind"].to_pylist() == [e.kind for e in entries]
    assert [time.astimezone(UTC) for time in found["time"].to_pylist()] == [e.time for e in entries]
    assert [v for v in found["verdict"].to_pylist() if v] == ["red", "green", "green"]
    bodies = [json.loads(body) for body in found["body_json"].to_pylist()]
    assert bodies == [json.loads(e.exact)["body"] for e in entries]
    assert found["profile"].to_pylist() == [
        p["id"] if isinstance(p := body.get("profile"), dict) else p for body in bodies
    ]


ODD: tuple[Any, ...] = (None, True, -1, 2**53 - 1, "9" * 19, "9" * 40, "x" * 30_000, [{"a": 1}], {}, {"id": []})


@pytest.mark.slow
@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
def test_records_of_other_shapes_are_rows_too(desk: Desk, odd: Any) -> None:
    fields = json.loads(desk.check(finding()).exact)
    names = fields["body"].keys()
    for name in fields.keys() - {"seq", "type", "time", "body"}:
        fields[name] = odd
    entries = []
    for kind in (*Kind, "from-a-later-version"):
        for body in ({}, dict.fromkeys(names, odd), {"profile": odd, "act": odd}):
            exact = encode(fields | {"type": kind, "body": body})[0]
            entries.append(read_entry(1, exact, leaf_hash(exact), None))
    for format in (Format.CSV, Format.PARQUET):
        write_all(format, entries)


def write_all(format: Format, entries: list[Entry]) -> None:
    from core.reports.tables.columns import CsvRows, ParquetRows

    file = io.BytesIO()
    rows_ = CsvRows(file) if format is Format.CSV else ParquetRows(file, {})
    rows_.write(entries)
    rows_.end()
    assert file.getvalue()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_cancelled_export_leaves_nothing(busy: Desk, out: Path, format: Format, step: int) -> None:
    cancel, steps = Cancel(), iter(range(1, 100))

    def press(progress: Progress) -> None:
        if next(steps) == step:
            cancel.press()

    with pytest.raises(Cancelled):
        export(busy.ledger, format, Filter(kind=Kind.FINDING), out, press, cancel)
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("chosen", [EVERYTHING, Filter(kind=Kind.FINDING)], ids=["all", "some"])
def test_progress_is_told_and_only_grows(busy: Desk, out: Path, chosen: Filter) -> None:
    told: list[Progress] = []
    export(busy.ledger, Format.CSV, chosen, out, told.append, Cancel())
    assert [p.share for p in told] == sorted(p.share for p in told)
    assert told[-1].share == 1.0


def test_a_folder_that_is_not_there(busy: Desk, tmp_path: Path) -> None:
    whole = made(busy, tmp_path / "new" / "one")
    assert whole.folder.parent == tmp_path / "new" / "one"
    assert verified(whole)
    for folder in (tmp_path / "ledger" / "ledger.db", tmp_path / "ledger" / "ledger.db" / "below"):
        with pytest.raises(ExportProblem, match="Nothing can be written into the folder") as caught:
            made(busy, folder)
        assert str(folder) in str(caught.value)


def test_a_folder_that_was_made_for_an_export_that_failed_is_gone(busy: Desk, out: Path) -> None:
    (out / "there").mkdir()
    cancel = Cancel()
    cancel.press()
    for folder in (out / "there", out / "there" / "new" / "one"):
        with pytest.raises(Cancelled):
            export(busy.ledger, Format.CSV, EVERYTHING, folder, silent, cancel)
    assert [path.name for path in out.rglob("*")] == ["there"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Makes a disk with room for so many pages; only root can."""
    folder = tmp_path / "small"

    def make(pages: int) -> Path:
        folder.mkdir()
        size = f"size={pages * os.sysconf('SC_PAGE_SIZE')}"
        mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
        if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("no right to mount a small disk")
        return folder

    yield make
    if os.path.ismount(folder):
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.skipif(not hasattr(os, "sysconf"), reason="there are no such disks here")
@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("missing", [1, 2, 100])
def test_a_full_disk_leaves_nothing(
    busy: Desk, out: Path, small_disk: Callable[[int], Path], format: Format, missing: int
) -> None:
    files = made(busy, out, format).folder.iterdir()
    pages = sum(-(-file.stat().st_size // os.sysconf("SC_PAGE_SIZE")) for file in files)
    disk = small_disk(max(pages - missing, 1))
    with pytest.raises(ExportProblem, match="There is not enough room") as caught:
        made(busy, disk, format)
    assert str(disk) in str(caught.value)
    assert list(disk.iterdir()) == []


@pytest.mark.parametrize("format", Format)
def test_a_disk_that_was_unplugged(
    busy: Desk, out: Path, format: Format, sync_by: Callable[[Callable[[int], None]], None]
) -> None:
    def fail(number: int) -> None:
        raise OSError(5, "Input/output error")

    sync_by(fail)
    with pytest.raises(ExportProblem, match="the disk reported an error"):
        made(busy, out, format)
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("format", Format)
def test_a_bug_leaves_nothing_either(busy: Desk, out: Path, format: Format) -> None:
    def fail(progress: Progress) -> None:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        export(busy.ledger, format, EVERYTHING, out, fail, Cancel())
    assert list(out.iterdir()) == []


def test_parquet_says_what_it_needs(busy: Desk, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(Problem, match="pyarrow"):
        made(busy, out, Format.PARQUET)
    assert list(out.iterdir()) == []
    assert made(busy, out, Format.CSV).records


def altered(desk: Desk, change: Callable[[Any], None]) -> Ledger:
    """The same ledger after somebody went past its guards."""
    import sqlite3

    path = desk.ledger.path
    database = sqlite3.connect(path)
    try:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        change(database)
        database.commit()
    finally:
        database.close()
    return desk.ledger


def test_a_log_with_an_altered_record_is_not_exported(busy: Desk, out: Path) -> None:
    number = busy.ledger.count() // 2
    altered(
        busy,
        lambda d: d.execute(
            "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'A. Roy', 'B. Roy') AS BLOB) WHERE seq = ?",
            [number],
        ),
    )
    for format in Format:
        with pytest.raises(DamagedLedger) as refused:
            made(busy, out, format)
        assert str(number) in refused.value.detail
    assert list(out.iterdir()) == []


def test_a_log_without_one_of_its_records_is_not_exported(busy: Desk, out: Path) -> None:
    altered(busy, lambda d: d.execute("DELETE FROM entry WHERE seq = 5"))
    for chosen in (EVERYTHING, Filter(kind=Kind.CHECK_ENDED)):
        with pytest.raises(DamagedLedger):
            made(busy, out, chosen=chosen)


def test_a_record_of_two_lines_is_no_leaf(busy: Desk, out: Path) -> None:
    altered(
        busy, lambda d: d.execute("UPDATE entry SET leaf = CAST(CAST(leaf AS TEXT) || char(10) AS BLOB) WHERE seq = 5")
    )
    with pytest.raises(DamagedLedger):
        made(busy, out)
    assert list(out.iterdir()) == []


def test_the_readme_says_it_in_both_languages_and_names_every_file(busy: Desk, tmp_path: Path) -> None:
    text = (made(busy, tmp_path).folder / "README.md").read_text(encoding="utf-8")
    english, french = text.split("# Journal exporté de Fanion")
    for part in (english, french):
        for name in ALWAYS | set(BESIDE.values()) - {""} | {"hashes.txt"}:
            assert name in part or name == "README.md"
