"""Where a store lies says nothing of what is in it: readers of Parquet take ``column=value`` in a path for a column."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from core.head_office.questions.dashboard import dashboard
from core.head_office.questions.questions import ask, ask_with_remarks, names
from core.head_office.store.store import StoreProblem
from core.head_office.store.tables import arrow
from core.head_office.verification.store_verification import verify_store
from tests.unit.head_office.conftest import Office, OpenDesk

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

DAYS = date(2026, 11, 20), date(2026, 11, 27)


@pytest.mark.parametrize("name", ["verdict=green", "Day=2026-01-01", "x=1", "st[o]re", "s*re", "a?b", "{a,b}"])
@pytest.mark.parametrize("linked", [False, True])
def test_a_store_below_a_folder_that_is_called_like_a_value_is_not_asked(
    tmp_path: Path, open_desk: OpenDesk, name: str, linked: bool
) -> None:
    """Every check there would be green, or of another day; or those of another folder would be asked."""
    desk = open_desk()
    desk.check("R58N12ABCDE", banned=True)
    office = Office(tmp_path)
    office.enrol(desk)
    office.merge(desk.bundle())
    folder = tmp_path / name
    if linked:
        folder.symlink_to(office.store.parent, target_is_directory=True)
        place = folder / office.store.name
    else:
        folder.mkdir()
        place = office.store.rename(folder / office.store.name)
    for question in names():
        with pytest.raises(StoreProblem, match="called like a value or a pattern"):
            ask(place, question, *DAYS)


@pytest.mark.parametrize("name", ["st'ore", 'a"b', "a;b--", "é x", "~", "%41", "a#b", "..."])
def test_any_other_name_of_a_folder_is_one(tmp_path: Path, open_desk: OpenDesk, name: str) -> None:
    (tmp_path / name).mkdir()
    desk = open_desk('D\'esk "1"')
    desk.check("R58N12ABCDE", banned=True, tag="'); DROP TABLE x;--", visit="v'1")
    office = Office(tmp_path / name)
    office.enrol(desk)
    office.merge(desk.bundle())
    for question in names():
        ask(office.store, question, *DAYS)
    assert [row["red"] for row in ask(office.store, "coverage", *DAYS)] == [1]


def _other_columns(file: Path) -> None:
    arrow("pyarrow.parquet").write_table(arrow().table({"verdict": [1, 2]}), file)


def _pipe(file: Path) -> None:
    os.mkfifo(file)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes with names")
@pytest.mark.parametrize(
    "put", [_pipe, Path.mkdir, Path.touch, _other_columns, lambda file: file.symlink_to("/dev/zero"), Path.unlink]
)
def test_what_stands_in_the_place_of_a_file_is_told_and_never_waited_for(
    tmp_path: Path, open_desk: OpenDesk, put: Callable[[Path], object]
) -> None:
    desk = open_desk()
    desk.check("R58N12ABCDE", banned=True)
    office = Office(tmp_path)
    office.enrol(desk)
    office.merge(desk.bundle())
    (file,) = (office.store / "checks").rglob("*.parquet")
    if put is not Path.unlink:
        file.unlink()
    put(file)
    for look in (
        lambda: ask(office.store, "coverage", *DAYS),
        lambda: ask_with_remarks(office.store, "can-return", *DAYS),
        lambda: dashboard(office.store),
    ):
        with pytest.raises(StoreProblem):
            look()
    assert not verify_store(office.store).intact
