"""The file with the progress: whole or not there, and nothing that stands in it makes Fanion fail."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk import training
from core.desk.desk import Desk
from core.lessons import FILE_NAME, progress
from core.lessons.course import lesson
from core.lessons.progress import (
    PEOPLE_LIMIT,
    Attempt,
    Person,
    ProgressProblem,
    changing,
    load,
    parse,
    reach,
)
from tests.examples import examples


def person(**values: Any) -> dict[str, Any]:
    return {"name": "A. Roy", "current": 0, "attempts": [], "done": [], **values}


def done(**values: Any) -> dict[str, Any]:
    return {
        "lesson": 1,
        "time": "2026-11-24T09:32:05-05:00",
        "version": "0.1.0",
        "policy": "canada 2026-11",
        **values,
    }


def written(*people: dict[str, Any], form: object = 1) -> bytes:
    return json.dumps({"form": form, "people": people}).encode()


def test_what_was_kept_is_read_back(tmp_path: Path) -> None:
    with changing(tmp_path) as change:
        change.keep(Person("A. Roy", 1, (Attempt(1, 12, ("check",)),)))
    again = load(tmp_path)
    assert again.of("A. Roy") == Person("A. Roy", 1, (Attempt(1, 12, ("check",)),))
    assert again.moved_to is None
    assert again.of("somebody else") == Person("somebody else")
    if sys.platform != "win32":
        assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0
    assert not (tmp_path / "lessons.lock").exists()


def test_a_failure_while_it_is_changed_changes_nothing(tmp_path: Path) -> None:
    with changing(tmp_path) as change:
        change.keep(Person("A. Roy", 1, (Attempt(1, 0),)))

    def fail() -> None:
        with changing(tmp_path) as change:
            change.keep(Person("A. Roy"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert load(tmp_path).of("A. Roy").current == 1


def test_the_last_step_completes_a_lesson_once() -> None:
    begun = Person("A. Roy", 1, (Attempt(1, 0),))
    half = reach(begun, 1, frozenset({"check", "meaning"}))
    assert half.completed(1) is None
    assert half.attempts[0].reached == ("check", "meaning")
    whole = reach(half, 1, frozenset({"back"}))
    assert (known := whole.completed(1)) is not None
    assert known.when.utcoffset() is not None
    assert reach(whole, 1, lesson(1).keys) is whole
    assert reach(begun, 2, lesson(2).keys) is begun, "a lesson that was not begun"


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"form": 1, "people": 7}',
        written(form=2),
        written(person(name=7)),
        written(person(), person()),
        written(person(name="a\x1b[31m")),
        written(person(name="x" * 200)),
        written(person(current=11)),
        written(person(current=3)),
        written(person(attempts=[{"lesson": 0, "after": 0}])),
        written(person(attempts=[{"lesson": 1, "after": -1}])),
        written(person(attempts=[{"lesson": 1, "after": 0}] * 2)),
        written(person(attempts=[{"lesson": 1, "after": 0, "reached": ["x"] * 51}])),
        written(person(done=[done(lesson=99)])),
        written(person(done=[done(time="yesterday")])),
        written(person(done=[done(time="2026-11-24T09:32:05")])),
        written(person(done=[done(version="")])),
        written(person(done=[done(policy="a\u202eb")])),
        written(*(person(name=str(n)) for n in range(PEOPLE_LIMIT + 1))),
    ],
    ids=range(22),
)
def test_a_damaged_file_begins_anew_and_is_kept_beside(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(damaged)
    found = load(tmp_path, datetime(2026, 11, 24, 9, 32))
    assert found.people == ()
    assert found.moved_to == tmp_path / "lessons-20261124-093200-000000.json"
    assert found.moved_to.read_bytes() == damaged
    assert load(tmp_path).moved_to is None, "the second time there is none"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / FILE_NAME).open("wb") as file:
        file.truncate(progress._FILE_LIMIT + 1)
    assert load(tmp_path).moved_to is not None


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="whom no right keeps from reading")
def test_a_file_that_may_not_be_read_stays_and_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(written(person()))
    (tmp_path / FILE_NAME).chmod(0)
    with pytest.raises(ProgressProblem):
        load(tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ProgressProblem) as told, changing(tmp_path / "file"):
        pass
    assert str(tmp_path / "file") in str(told.value.sentence)


def test_steps_of_another_version_are_left_out() -> None:
    known = {"lesson": 1, "after": 0, "reached": ["no-such-step", "check"]}
    assert parse(written(person(attempts=[known])))[0].attempts[0].reached == ("check",)


def test_of_too_many_people_the_one_who_was_away_longest_is_forgotten(tmp_path: Path) -> None:
    everybody = [person(name=str(number)) for number in range(PEOPLE_LIMIT)]
    (tmp_path / FILE_NAME).write_bytes(written(*everybody))
    with changing(tmp_path) as change:
        change.keep(Person("A. Roy"))
    names = [one.name for one in load(tmp_path).people]
    assert len(names) == PEOPLE_LIMIT
    assert names[0] == "1"
    assert names[-1] == "A. Roy"


def test_a_desk_tells_once_that_the_file_was_damaged(tmp_path: Path) -> None:
    desk = Desk.at(tmp_path)
    (tmp_path / FILE_NAME).write_bytes(b"\0")
    kept = training.standing(desk).damaged_file
    assert kept is not None
    assert kept.exists()
    assert training.begin(desk, 1).damaged_file is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
PEOPLE = st.fixed_dictionaries(
    {"name": st.text(max_size=10) | JSON},
    optional={
        "current": st.integers(-1, 12) | JSON,
        "attempts": st.lists(
            st.fixed_dictionaries(
                {"lesson": st.integers(-1, 12), "after": st.integers()},
                optional={"reached": st.lists(st.sampled_from(["check", "back", "?"]), max_size=3) | JSON},
            ),
            max_size=3,
        )
        | JSON,
        "done": st.lists(
            st.fixed_dictionaries(
                {
                    "lesson": st.integers(-1, 12),
                    "time": st.datetimes().map(datetime.isoformat) | st.just("2026-11-24T09:32:05-05:00"),
                    "version": st.text(max_size=4),
                    "policy": st.text(max_size=4),
                }
            ),
            max_size=3,
        )
        | JSON,
    },
)
FILES = st.one_of(
    st.binary(max_size=200),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.lists(PEOPLE, max_size=3).map(lambda people: written(*people)),
)


@examples(200)
@given(FILES)
def test_the_parser_takes_only_what_it_could_have_written(data: bytes) -> None:
    try:
        people = parse(data)
    except ValueError:
        return
    for one in people:
        assert one.name.isprintable()
        assert all(1 <= a.lesson <= 10 for a in one.attempts)
        assert all(d.when.utcoffset() is not None and d.version.isprintable() for d in one.done)
        assert {a.lesson for a in one.attempts} >= {one.current} - {0}
