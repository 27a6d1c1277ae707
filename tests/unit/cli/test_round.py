"""``fanion round``: begun, given a roster, looked at and closed."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyrage
import pytest

from core.desk.desk import Desk
from core.desk.settings.settings_table import Settings
from core.ledger.records import RoundBegun
from core.model import Labels
from tests.unit.cli.conftest import Fanion
from tests.unit.reports.conftest import PHONE, finding
from tests.unit.reports.conftest import Desk as Visits

ROSTER = """Serial Number,Asset tag,Assigned to,Department
R58N12ABCDE,DRH-1,Yves Caron,Finance
,DRH-2,Anna,Field
unknown,,,
"""


def roster(tmp_path: Path, content: str = ROSTER) -> Path:
    file = tmp_path / "phones.csv"
    file.write_text(content, encoding="utf-8")
    return file


@pytest.fixture
def last_day(today: date) -> date:
    """A day on which a round ends that is still under way."""
    return today + timedelta(days=30)


def test_a_round_from_its_beginning_to_its_end(fanion: Fanion, tmp_path: Path, last_day: date) -> None:
    begun = fanion("round", "new", "Autumn round", "--first", "2026-09-01", "--last", last_day, "--json")
    assert begun.code == 0
    number = begun.json["id"]
    assert fanion("round", "list", "--json").json["rounds"][0]["roster"] is None
    brought = fanion("round", "roster", roster(tmp_path), "--json")
    assert (brought.code, brought.json["phones"], brought.json["left_out"]) == (0, 2, 1)
    assert [fault["line"] for fault in brought.json["faults"]] == [4]
    status = fanion("round", "status", number, "--json").json
    assert (status["coverage"]["phones"], status["coverage"]["due"], status["roster"]) == (2, 2, 2)
    told = fanion("round", "status", "autumn ROUND").out
    assert "0 of 2 checked" in told
    assert "Finance: 1 of 1 due" in told
    assert fanion("round", "end").code == 0
    assert fanion("round", "list", "--json").json["rounds"][0]["ended"] is True
    assert fanion("round", "forget").code not in (0, 70)  # nobody could be asked
    assert fanion("round", "forget", "--yes").code == 0
    assert fanion("round", "list", "--json").json["rounds"][0]["roster"] is None


def test_a_practice_round_has_every_practice_phone_and_ticks_them_off(fanion: Fanion, last_day: date) -> None:
    assert fanion("round", "new", "To learn", "--last", last_day, "--practice").code == 0
    before = fanion("round", "status", "--practice", "--json").json["coverage"]
    assert before["phones"] == before["due"] > 20
    fanion("check", "--practice", "iphone-clean")
    after = fanion("round", "status", "--practice", "--json").json["coverage"]
    assert (after["green"], after["due"], after["unexpected"]) == (1, before["due"] - 1, 0)
    assert fanion("round", "list").out.strip() == "No round has been begun at this desk."


def test_what_is_wrong_is_said_with_what_to_do(fanion: Fanion, tmp_path: Path, last_day: date) -> None:
    none = fanion("round", "status")
    assert (none.code, "round new" in none.err) == (2, True)
    fanion("round", "new", "Autumn round", "--last", last_day)
    for words, told in (
        (("status", "Spring"), "There is no round “Spring”."),
        (("roster", tmp_path / "none.csv"), "could not be read"),
        (("roster", roster(tmp_path), "--sheet", "July"), "has no sheet “July”"),
        (("roster", roster(tmp_path), "--serial", "Number"), "has no column “Number”"),
        (("roster", roster(tmp_path, "a,b\n1,2\n")), "which column"),
        (("new", "Backwards", "--first", "2026-09-02", "--last", "2026-09-01"), "end before it begins"),
    ):
        answer = fanion("round", *words)
        assert answer.code not in (0, 70)
        assert told in answer.err
    assert fanion("round", "new", "X", "--last", "soon").code == 2


def test_its_report_names_people_only_where_that_is_asked_for(fanion: Fanion, tmp_path: Path, last_day: date) -> None:
    fanion("round", "new", "To learn", "--last", last_day, "--practice", "--recheck", "50")
    fanion("check", "--practice", "iphone-wechat")
    out = tmp_path / "out"
    out.mkdir()
    page = fanion("round", "report", "--practice", "--out", out, "--in", "both", "--json")
    assert page.code == 0
    assert Path(page.json["file"]).read_bytes().startswith(b"%PDF-")
    plain = fanion("round", "report", "--practice", "--out", out, "--format", "csv", "--json").json["file"]
    named = fanion("round", "report", "--practice", "--out", out, "--format", "csv", "--phones", "--json").json["file"]
    assert "PRACTICEWECHAT" not in Path(plain).read_text("utf-8-sig")
    assert "WeChat" in Path(plain).read_text("utf-8-sig")
    assert "PRACTICEWECHAT" in Path(named).read_text("utf-8-sig")
    shown = fanion("log", "list", "--practice", "--json").json["entries"]
    assert [entry["type"] for entry in shown].count("exported") == 2
    assert [entry["type"] for entry in shown].count("outside-copy") == 1
    assert "none" in fanion("round", "report", "None").err.casefold()


def test_every_table_for_a_spreadsheet_is_separated_as_the_desk_is_set(
    fanion: Fanion, tmp_path: Path, last_day: date
) -> None:
    fanion("round", "new", "To learn", "--last", last_day, "--practice")
    fanion("check", "--practice", "iphone-wechat")
    (tmp_path / "data" / "settings.toml").write_text('csv_separator = "semicolon"\n', encoding="utf-8")
    log, month, report, due, merge = (
        tmp_path / name for name in ("log", "month.csv", "round.csv", "due.csv", "to.csv")
    )
    chosen = ("round", "due", "--practice", "--round", "To learn")
    for command in (
        ("log", "export", "--practice", "--format", "csv", "--out", log),
        ("log", "summary", "--practice", "--format", "csv", month),
        ("round", "report", "--practice", "--format", "csv", "--phones", "--out", report),
        (*chosen, "--write", due, "--letters", merge, "--yes"),
    ):
        assert fanion(*command).code == 0, command
    (records,) = log.glob("*/records.csv")
    for file in (records, month, report, due, merge):
        rows = list(csv.reader(file.read_text("utf-8-sig").splitlines(), delimiter=";"))
        assert len({len(row) for row in rows}) == 1, file
        assert len(rows[0]) > 2, file


def test_the_second_look_does_not_tell_how_the_first_ended(fanion: Fanion, last_day: date) -> None:
    fanion("round", "new", "To learn", "--last", last_day, "--practice", "--recheck", "100")
    assert "No phone of this round was checked yet" in fanion("round", "recheck", "--practice").err
    fanion("check", "--practice", "iphone-wechat")
    drawn = fanion("round", "recheck", "--practice")
    assert "to be checked again" in drawn.out
    assert "Red" not in drawn.out
    again = fanion("round", "recheck", "--practice", "--json").json
    assert again["phones"][0]["agrees"] is None
    assert "verdict" not in str(again)


def test_what_is_due_is_told_outside_a_round_too(fanion: Fanion) -> None:
    assert "Every phone was seen" in fanion("round", "due").out
    fanion("check", "--practice", "iphone-clean")
    assert fanion("round", "due", "--practice", "--json").json["phones"] == []
    (seen,) = fanion("round", "due", "--practice", "--days", "-1", "--json").json["phones"]
    assert seen["serial"] == "PRACTICECLEAN"


def test_writing_to_those_who_are_due_is_confirmed_and_on_record(
    fanion: Fanion, tmp_path: Path, last_day: date
) -> None:
    fanion("round", "new", "To learn", "--last", last_day, "--practice", "--place", "Room 12")
    due = ("round", "due", "--practice", "--round", "To learn")
    whole, merge, letters = (tmp_path / name for name in ("due.csv", "merge.csv", "letters.pdf"))
    assert "Add --yes" in fanion(*due, "--write", whole).err
    assert not whole.exists()
    assert fanion(*due, "--write", tmp_path / "due.txt", "--yes").code == 2
    assert fanion(*due, "--write", tmp_path / "due.pdf", "--yes").code == 2  # a page is for letters
    unit = fanion(*due, "--json").json["phones"][0]["unit"]
    made = fanion(*due, "--write", whole, "--letters", letters, "--unit", unit, "--in", "both", "--yes", "--json")
    assert [Path(file) for file in made.json["files"]] == [whole, letters]
    assert letters.read_bytes().startswith(b"%PDF-")
    assert len(whole.read_text("utf-8-sig").splitlines()) == len(made.json["phones"]) + 1 == 9
    fanion(*due, "--letters", merge, "--yes")
    assert "Room 12" in merge.read_text("utf-8-sig")
    assert "Serial" not in merge.read_text("utf-8-sig")
    assert "already" in fanion(*due, "--letters", merge, "--yes").err
    entries = fanion("log", "list", "--practice", "--json").json["entries"]
    assert [entry["type"] for entry in entries].count("exported") == 3
    assert "No phone is due." in fanion("round", "due", "--practice", "--letters", tmp_path / "x.csv", "--yes").err


def test_what_waits_for_a_second_look_is_told_nowhere(fanion: Fanion, tmp_path: Path, last_day: date) -> None:
    fanion("round", "new", "To learn", "--last", last_day, "--practice", "--recheck", "100")
    fanion("check", "--practice", "iphone-wechat")
    assert fanion("round", "status", "--practice", "--json").json["coverage"]["red"] == 1
    fanion("round", "recheck", "--practice")
    status = fanion("round", "status", "--practice", "--json")
    assert (status.json["coverage"]["red"], status.json["coverage"]["waiting"]) == (0, 1)
    shown = fanion("round", "status", "--practice").out
    assert "waits for a second check" in shown
    files = [
        fanion("round", "report", "--practice", "--out", tmp_path, "--format", "csv", *phones, "--json").json["file"]
        for phones in ((), ("--phones",))
    ]
    told = [shown, status.out, *(Path(file).read_text("utf-8-sig") for file in files)]
    told.append(fanion("round", "due", "--practice", "--days", "-1", "--json").out)
    told.append(fanion("round", "due", "--practice", "--days", "-1").out)
    for words in told:
        assert "WeChat" not in words
        assert '"verdict": "red"' not in words
    assert "Second check to come" in told[3]
    fanion("round", "end", "--practice")
    after = fanion("round", "report", "--practice", "--out", tmp_path, "--format", "csv", "--json").json["file"]
    assert "WeChat" in Path(after).read_text("utf-8-sig")


def test_two_laptops_carry_one_round_home(
    fanion: Fanion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last_day: date
) -> None:
    """Each has a data folder of its own, and head office a store; what was carried before is not carried again."""
    stick, enrolled = tmp_path / "stick", tmp_path / "enrolled.txt"
    stick.mkdir()
    texts = []
    for laptop, scenario in (("one", "iphone-wechat"), ("two", "iphone-clean")):
        monkeypatch.setenv("FANION_DATA", str(tmp_path / laptop))
        fanion("round", "new", "Autumn", "--last", last_day, "--practice")
        fanion("check", "--practice", scenario)
        texts.append(fanion("log", "enrolment", "--practice").out)
        made = fanion("round", "export", stick, "--practice", "--json")
        assert (made.code, made.json["first"], made.json["encrypted"]) == (0, 1, False)
        assert (Path(made.json["folder"]) / "extra-coverage.jsonl").exists() or any(
            "coverage" in file.name for file in Path(made.json["folder"]).iterdir()
        )
        again = fanion("round", "export", stick, "--practice", "--json")
        assert (again.code, again.json["first"]) == (0, made.json["last"] + 1)
    enrolled.write_text("\n".join(texts), encoding="utf-8")
    into = ("--into", tmp_path / "store", "--enrolled", enrolled, "--practice", "--json")
    merged = fanion("merge", stick, *into)
    assert merged.code == 0, merged.out
    before = merged.json
    again = fanion("merge", stick, *into)
    assert again.code == 0
    assert str(before) != str(again.json)  # everything is known by now, and nothing is taken twice


def test_what_is_set_encrypts_what_is_carried_and_head_office_opens_it(
    fanion: Fanion, data: Path, tmp_path: Path
) -> None:
    stick, store = tmp_path / "stick", ("--into", tmp_path / "store", "--practice")
    stick.mkdir()
    identity, other = (pyrage.x25519.Identity.generate() for _ in range(2))
    (tmp_path / "office.txt").write_text(f"# public key: {identity.to_public()}\n{identity}\n", encoding="utf-8")
    fanion("check", "--practice", "iphone-wechat")
    (data / "settings.toml").write_text(f'head_office_key = "{identity.to_public()}"\n', encoding="utf-8")
    made = fanion("round", "export", stick, "--practice", "--json").json
    assert (made["encrypted"], made["to"], made["mended"]) == (True, [str(identity.to_public())], [])
    folder = Path(made["folder"])
    assert not any(b"PRACTICEWECHAT" in file.read_bytes() for file in folder.iterdir())
    (tmp_path / "enrolled.txt").write_text(fanion("log", "enrolment", "--practice").out, encoding="utf-8")
    store += ("--enrolled", tmp_path / "enrolled.txt", "--key", tmp_path / "office.txt", "--json")
    cut = next(folder.glob("leaves-*.age"))
    cut.write_bytes(cut.read_bytes()[:-9])
    refused = fanion("merge", folder, *store)
    assert (refused.code, refused.json["refused"][0]["reason"]) == (5, "damaged")

    again = fanion("round", "export", stick, "--practice")
    assert f"Repaired: entries {made['first']} to {made['last']}" in again.out
    assert "Encrypted to the key age1" in again.out
    merged = fanion("merge", stick, *store)
    assert (merged.code, merged.json["refused"]) == (0, [])

    for words in (("--to", other.to_public()), ("--to", tmp_path / "office.txt")):
        assert fanion("round", "export", stick, "--practice", *words).code == 0
    for nothing in ("", " ", "age1"):
        answer = fanion("round", "export", stick, "--practice", "--to", nothing)
        assert (answer.code, "no public key" in answer.err) == (2, True)
    (data / "settings.toml").write_text('head_office_key = ""\n', encoding="utf-8")
    answer = fanion("round", "export", stick, "--practice")
    assert (answer.code, "head_office_key" in answer.err) == (5, True)


def test_a_key_that_is_none_is_said(fanion: Fanion, tmp_path: Path, last_day: date) -> None:
    fanion("round", "new", "Autumn", "--last", last_day, "--practice")
    none = tmp_path / "none.txt"
    none.write_text("no key", encoding="utf-8")
    answer = fanion("round", "export", tmp_path, "--practice", "--to", none)
    assert (answer.code, "no public key" in answer.err) == (2, True)
    assert fanion("round", "export", tmp_path / "gone", "--practice").code not in (0, 70)


def real_round(fanion: Fanion, tmp_path: Path, last_day: date, *more: str) -> str:
    """A round of this desk's own log, with the roster of two phones."""
    number = fanion("round", "new", "Autumn", "--first", "2026-09-01", "--last", last_day, *more, "--json").json["id"]
    assert fanion("round", "roster", roster(tmp_path)).code == 0
    return str(number)


def test_a_roster_that_replaces_another_is_asked_for(fanion: Fanion, tmp_path: Path, last_day: date) -> None:
    real_round(fanion, tmp_path, last_day)
    longer = roster(tmp_path, ROSTER + "R58N12ABCDG,DRH-3,Luc,Field\n")
    refused = fanion("round", "roster", longer)
    assert (refused.code, refused.out) == (2, "")
    for words in ("roster of 2 phones", "has 3 phones", "--replace"):
        assert words in refused.err
    assert "liste de 2 téléphones" in fanion("round", "roster", longer, "--language", "fr").err
    assert fanion("round", "list", "--json").json["rounds"][0]["roster"] == 2
    assert fanion("round", "roster", longer, "--replace", "--json").json["phones"] == 3
    assert fanion("round", "list", "--json").json["rounds"][0]["roster"] == 3


def test_a_closed_round_takes_no_roster(fanion: Fanion, tmp_path: Path, last_day: date) -> None:
    real_round(fanion, tmp_path, last_day)
    fanion("round", "end")
    for more in ((), ("--replace",)):
        refused = fanion("round", "roster", roster(tmp_path), *more)
        assert refused.code not in (0, 70)
        assert "The round “Autumn” is closed: no roster can be imported any more." in refused.err


@pytest.mark.slow
def test_what_is_done_after_its_end_does_not_make_a_closed_round_any_better(
    fanion: Fanion, tmp_path: Path, last_day: date
) -> None:
    fanion("round", "new", "To learn", "--last", last_day, "--practice")
    fanion("check", "--practice", "iphone-wechat")
    fanion("round", "end", "--practice")
    before = fanion("round", "status", "--practice", "--json").json["coverage"]
    fanion("remove", "--practice", "iphone-wechat", "--yes")
    fanion("check", "--practice", "iphone-clean")
    fanion("round", "forget", "--practice", "--yes")
    after = fanion("round", "status", "--practice", "--json").json["coverage"]
    assert before["red"] == after["red"] == 1
    assert [before[key] for key in ("phones", "due", "green")] == [after[key] for key in ("phones", "due", "green")]
    told = fanion("round", "status", "--practice").out
    assert "this is how it stood at its end" in told
    assert "The roster was forgotten on" in told
    out = fanion("round", "report", "--practice", "--out", tmp_path, "--format", "csv", "--json").json["file"]
    numbers = {tuple(row[:2]): row[3] for row in csv.reader(Path(out).read_text("utf-8-sig").splitlines())}
    assert numbers["Progress of the round", "Red, still open"] == "1"
    assert numbers["Phones of the round", "On the roster"] == str(before["phones"])


def test_an_erased_red_is_still_told(fanion: Fanion, tmp_path: Path, last_day: date) -> None:
    fanion("round", "new", "To learn", "--last", last_day, "--practice")
    fanion("check", "--practice", "iphone-wechat")
    entries = fanion("log", "list", "--practice", "--json", "--limit", "100").json["entries"]
    numbers = [entry["seq"] for entry in entries]
    erased = fanion("log", "erase", *numbers, "--practice", "--reason", "asked for", "--consent", "--yes")
    assert erased.code == 0, erased.err
    status = fanion("round", "status", "--practice", "--json").json["coverage"]
    assert (status["red"], status["not_matched"], status["checked"]) == (1, 1, 1)
    assert "was red, erased on" in fanion("round", "status", "--practice").out
    out = fanion("round", "report", "--practice", "--out", tmp_path, "--format", "csv", "--phones", "--json").json[
        "file"
    ]
    (red,) = [row for row in csv.reader(Path(out).read_text("utf-8-sig").splitlines()) if "Red" in row[0]]
    assert "was red, erased on" in red[-2]


def test_a_phone_under_the_tag_of_another_is_told_and_not_ticked_off(
    fanion: Fanion, data: Path, tmp_path: Path, last_day: date
) -> None:
    fanion("round", "new", "To learn", "--last", last_day, "--practice")
    listed = roster(tmp_path, "Serial Number,Asset tag\nR58N12ABCDE,DRH-1\n")
    assert fanion("round", "roster", listed, "--practice", "--replace").code == 0
    with Desk(data, Settings(officer="A. Roy", desk="Desk 4")).custodian(True) as ledger:
        visits = Visits(ledger, replace(PHONE, serial="OTHERPHONE1", practice=True)).visit()
        visits.label(Labels(tag="DRH-1"))
        visits.check(finding())
    status = fanion("round", "status", "--practice", "--json").json["coverage"]
    assert (status["due"], status["unexpected"], status["unexpected_red"], status["red"]) == (1, 1, 1, 0)
    (other,) = status["not_on_the_list"]
    assert other["state"] == "red"
    assert "does not tick it off" in other["remarks"][0]
    told = fanion("round", "status", "--practice").out
    assert "does not tick it off" in told
    assert "✖ Red, not on the roster: 1" in told
    listed_red = told.partition("\nRed, not on the roster:\n")[2]
    assert f"log entry {other['last']['entry']}" in listed_red  # the way to it
    assert "\nNot on the roster:" not in told  # each phone once
    assert "ne le coche pas" in fanion("round", "status", "--practice", "--language", "fr").out
    out = fanion("round", "report", "--practice", "--out", tmp_path, "--format", "csv", "--json").json["file"]
    numbers = {tuple(row[:2]): row[3] for row in csv.reader(Path(out).read_text("utf-8-sig").splitlines())}
    about = "What the numbers do not show"
    assert numbers[about, "Named by an asset tag or a number that is another phone’s"] == "1"
    assert numbers["Phones of the round", "Red, not on the roster"] == "1"


def test_all_rounds_are_listed_page_by_page(fanion: Fanion, data: Path, last_day: date) -> None:
    fanion("round", "new", "The oldest", "--last", last_day)
    fanion("round", "end")
    with Desk(data, Settings(officer="A. Roy", desk="Desk 4")).custodian(False) as ledger:
        days = {"first": "2026-09-01", "last": "2026-10-01", "policy": "canada"}
        ledger.append_all([RoundBegun(round=f"{n:012x}", name=f"R{n}", **days) for n in range(210)])
    first, second = (fanion("round", "list", "--page", page, "--json").json for page in (1, 2))
    assert (first["pages"], first["count"], len(first["rounds"]), len(second["rounds"])) == (2, 211, 200, 11)
    oldest = second["rounds"][-1]
    assert (oldest["name"], oldest["ended"]) == ("The oldest", True)
    assert "Page 2 of 2" in fanion("round", "list", "--page", "2").out
    assert fanion("round", "list", "--page", "9").out == fanion("round", "list", "--page", "2").out
    assert "closed" in fanion("round", "status", "The oldest").out.casefold()
