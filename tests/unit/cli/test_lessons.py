"""``fanion lessons``: how far a person is, and the page for the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.desk import training
from core.desk.desk import Desk
from tests.unit.cli.conftest import Fanion


def test_at_first_all_ten_are_to_be_done(fanion: Fanion, data: Path) -> None:
    listed = fanion("lessons")
    assert listed.code == 0
    assert "0 of 10 lessons completed" in listed.out
    assert "  3. Secure Folder\n" in listed.out
    assert "Ctrl+Shift+K" in listed.out
    assert not data.exists() or not list(data.glob("lessons*"))


@pytest.mark.slow
def test_what_is_done_on_the_command_line_counts_too(fanion: Fanion, data: Path) -> None:
    desk = Desk.at(data)
    training.begin(desk, 6)
    assert fanion("check", "--practice", "unseen").code == 3
    assert "→ 6. An amber phone: 1 of 4 steps" in fanion("lessons").out
    told = fanion("lessons", "--json").json["lessons"][5]
    assert (told["open"], told["reached"], told["completed"]) == (True, ["check"], None)
    assert told["chapter"] == "lessons#lesson-6-an-amber-phone"


def test_the_record_is_written_where_it_is_asked_for_and_replaces_nothing(fanion: Fanion, tmp_path: Path) -> None:
    made = fanion("lessons", "--record", tmp_path / "papers", "--in", "both", "--json")
    pdf = Path(made.json["pdf"])
    assert pdf.parent == tmp_path / "papers"
    assert pdf.read_bytes().startswith(b"%PDF-")
    again = fanion("lessons", "--record", pdf)
    assert again.code == 5
    assert "is there already" in again.err


def test_a_damaged_file_is_told_and_kept(fanion: Fanion, data: Path) -> None:
    data.mkdir()
    (data / "lessons.json").write_bytes(b"{")
    listed = fanion("lessons", "--json")
    kept = Path(listed.json["damaged"])
    assert kept.read_bytes() == b"{"
    assert "the lessons start again from the first" in listed.err
    assert fanion("lessons", "--json").json["damaged"] is None
