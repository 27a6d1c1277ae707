"""Logs that an earlier version wrote: they open, lose nothing, verify, and say in every form what they said then."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

import pytest

from tests.data import earlier
from tests.data.earlier import LANGUAGES, LOGS, Earlier

pytestmark = [
    pytest.mark.skipif(not earlier.HAS_ZONES, reason="the texts have local times, which cannot be chosen here"),
]


def test_together_they_have_every_kind_of_record(tmp_path: Path) -> None:
    logs = [Earlier(name, tmp_path / name) for name in LOGS]
    found = chain(*(log.rows("SELECT DISTINCT json_extract(CAST(leaf AS TEXT), '$.type') FROM entry") for log in logs))
    assert {kind for (kind,) in found} == earlier.KINDS


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LOGS)
def test_the_command_line_says_what_it_said(name: str, language: str, tmp_path: Path) -> None:
    """Lists, searches, every record, verification, standing, exceptions; in English also as JSON."""
    log = Earlier(name, tmp_path)
    before = log.stored()
    found = earlier.texts(log, language)
    earlier.compare(name, f"texts-{language}", found)
    assert log.stored() == before


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LOGS)
def test_receipts_and_the_page_of_a_day_say_what_they_said(name: str, language: str, tmp_path: Path) -> None:
    found = earlier.papers(name, tmp_path, language)
    earlier.compare(name, f"papers-{language}", found)


@pytest.mark.parametrize("name", LOGS)
def test_exports_are_what_they_were(name: str, tmp_path: Path) -> None:
    """Rows and events in every form, of the whole log and of what is chosen."""
    found = earlier.exports(name, tmp_path)
    earlier.compare(name, "exports", found)


@pytest.mark.parametrize("name", LOGS)
def test_an_export_has_the_records_to_the_byte(name: str, tmp_path: Path) -> None:
    log = Earlier(name, tmp_path / "log")
    leaves = [leaf for (leaf,) in log.rows("SELECT leaf FROM entry ORDER BY seq")]
    assert log.on_log("export", "--format", "jsonl", "--out", str(tmp_path / "out"))[0] == 0
    (file,) = (tmp_path / "out").glob("*/leaves.jsonl")
    assert file.read_bytes().splitlines() == leaves


@pytest.mark.slow
@pytest.mark.parametrize("name", LOGS)
def test_the_log_goes_on_under_its_own_keys_and_nothing_is_lost(name: str, tmp_path: Path) -> None:
    log = Earlier(name, tmp_path / "log")
    before, enrolled = log.stored(), log.on_log("enrolment")
    verified = json.loads(log.on_log("verify", "--json")[1])
    if log.practice:
        assert log.run("check", "--practice", "clean", "--quick")[0] == 3
    else:
        assert log.on_log("export", "--format", "jsonl", "--out", str(tmp_path / "out"))[0] == 0
    after = log.stored()
    for table in ("entry", "seal"):
        assert after[table][: len(before[table])] == before[table]
        assert len(after[table]) > len(before[table])
    assert {*before["opening"]} <= {*after["opening"]}
    assert log.on_log("enrolment") == enrolled
    now = json.loads(log.on_log("verify", "--json")[1])
    assert now["intact"] == verified["intact"]
    # The clock of one log was far ahead: that it is not any more is told.
    assert [fault for fault in now["faults"] if fault["kind"] != "clock-back"] == verified["faults"]
    assert now["sealed"] == len(after["entry"])


def test_personal_values_that_are_due_can_be_erased(tmp_path: Path) -> None:
    log = Earlier("removals", tmp_path)
    due = json.loads(log.on_log("retention", "--json")[1])
    assert due["entries"]
    assert json.loads(log.on_log("retention", "--erase", "--yes", "--json")[1]) == {"erased": due["values"]}
    assert json.loads(log.on_log("retention", "--json")[1])["entries"] == []


def test_an_exception_of_then_can_be_withdrawn(tmp_path: Path) -> None:
    log = Earlier("exceptions", tmp_path)
    held = [e["entry"] for e in json.loads(log.run("exception", "list", "--json")[1])["exceptions"] if e["in_force"]]
    assert held
    assert log.run("exception", "withdraw", held[0])[0] == 0
    left = json.loads(log.run("exception", "list", "--json")[1])["exceptions"]
    assert held[0] not in [e["entry"] for e in left if e["in_force"]]


def test_other_desks_checkpoints_are_met_again(tmp_path: Path) -> None:
    """The one that contradicts what was seen of its log is still not cosigned; our own are still our own."""
    log = Earlier("evidence", tmp_path)
    code, out, err = log.on_log("checkpoint", str(log.folder / "medium"), "--json")
    assert code == 5, err
    met = json.loads(out)
    assert [conflict["origin"].split("/")[1] for conflict in met["conflicts"]] == ["desk-7"]
    assert met["cosigned"] == []


def test_a_time_stamp_of_then_can_be_attached_again(tmp_path: Path) -> None:
    log = Earlier("evidence", tmp_path)
    before = log.stored()
    papers = log.folder / "papers"
    code, out, _ = log.on_log(
        "timestamp", "--attach", str(papers / "reply.tsr"), "--authority", str(papers / "authority.pem"), "--json"
    )
    assert (code, json.loads(out)["authority"], json.loads(out)["checked"]) == (0, "Autorité 1", True)
    assert log.stored() == before  # it is known
