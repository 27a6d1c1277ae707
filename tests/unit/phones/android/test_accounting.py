"""No line of a phone's answer that names an app, or a profile, goes or changes without a trace.

What a reader understood changes, or something more is left: a gap, or an app that is looked into. The lines are those
of practice phones of each Android, and of `tests.real.aosp_printer`, which prints as AOSP does.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.real.aosp_cases import AOSP, SDKS, oracle
from tests.unit.phones.android import accounts
from tests.unit.phones.android.accounts import LETTERS, WAYS, Account, Answer, Line

PHONES = ("walk-up", "archived", "work-profile", "device-admin", "odd-answers", "older", "preinstalled", "clean")


@cache
def practice(name: str) -> tuple[Answer, Account, list[Line]]:
    return _read(accounts.practice(name))


@cache
def printed(sdk: int) -> tuple[Answer, Account, list[Line]]:
    tried = oracle(AOSP)
    seed = next(n for n in range(1000) if 5 <= len(tried.case(sdk, "benign", n)["model"]["packages"]) <= 11)
    case = tried.case(sdk, "benign", seed)
    return _read(accounts.printed(case["model"], case["texts"]))


def _read(answer: Answer) -> tuple[Answer, Account, list[Line]]:
    return answer, accounts.reading(answer), answer.lines()


def one_change(data: st.DataObject, of: tuple[Answer, Account, list[Line]]) -> None:
    """Change one line in one way, and see that it is told of."""
    answer, before, lines = of
    line = data.draw(st.sampled_from(lines))
    way = data.draw(st.sampled_from(WAYS))
    place, letter = data.draw(st.integers(0, 300)), data.draw(st.sampled_from(LETTERS))
    changed = answer.changed(line, way, place, letter)
    if changed is not None:
        after = accounts.reading(changed)
        assert not accounts.silent(before, after, way), f"{way}: {line.part}: {line.text}"


@pytest.mark.parametrize("name", PHONES)
@given(st.data())
@examples(80)
def test_no_line_of_a_practice_phone_goes_or_changes_without_a_trace(name: str, data: st.DataObject) -> None:
    one_change(data, practice(name))


@pytest.mark.skipif(not AOSP.is_dir(), reason=f"there is no folder {AOSP.name} that draws phones")
@pytest.mark.parametrize("sdk", SDKS)
@given(st.data())
@examples(80)
def test_no_line_that_aosp_prints_goes_or_changes_without_a_trace(sdk: int, data: st.DataObject) -> None:
    one_change(data, printed(sdk))


@pytest.mark.parametrize("name", PHONES)
def test_each_part_of_a_practice_phones_answer_has_such_lines(name: str) -> None:
    """Else the tests above would try nothing."""
    kinds = {line.part.partition(" ")[0] for line in practice(name)[2]}
    assert {"users", "packages", "system", "snapshot", "screens"} <= kinds


def example(**parts: Any) -> Answer:
    return Answer({name: (text, 0) for name, text in parts.items()})


def test_a_change_that_nobody_noticed_is_silent() -> None:
    """The oracle itself: what it takes for silent, and what not."""
    fact, other = ("com.example.one", 1), ("com.example.one", 2)
    before = Account(frozenset({fact}), frozenset(), frozenset())
    assert accounts.silent(before, before, "removed")
    assert accounts.silent(before, before, "letter")
    less = Account(frozenset(), frozenset(), frozenset())
    assert not accounts.silent(before, less, "removed")
    assert accounts.silent(before, less, "letter")
    for after in (
        Account(frozenset(), frozenset({"a gap"}), frozenset()),
        Account(frozenset(), frozenset(), frozenset({"com.example.one"})),
        Account(frozenset({other}), frozenset(), frozenset()),
    ):
        assert not accounts.silent(before, after, "letter")


def test_a_line_is_changed_where_its_name_stands() -> None:
    table = "Activity Resolver Table:\n        1f a.b/.C\n\nProvider Resolver Table:\n        2 c.d/.E\n"
    answer = example(screens=table)
    (line,) = answer.lines()
    assert line.text[line.start : line.end] == "a.b/.C"
    texts = {way: answer.changed(line, way, 2, "Z") for way in WAYS}
    found = {way: changed.parts["screens"][0].split("\n")[1:3] for way, changed in texts.items() if changed}
    assert found == {
        "removed": ["", "Provider Resolver Table:"],
        "cut": ["        1f a.", ""],
        "letter": ["        1f a.Z/.C", ""],
        "split": ["        1f a.", "b/.C"],
        "garbage": ["        ?????", ""],
    }
    assert answer.changed(line, "letter", 2, "B") is None
