"""Every fuzz target takes what honest senders send, and withstands a few changes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import __main__ as runner
from tests.fuzz.all_targets import TARGETS
from tests.fuzz.mutate import mutated
from tests.fuzz.target import Finding, Target, try_one

#: Changed inputs that each target gets here; the nightly workflow gives each a minute.
CHANGED = 12


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_what_is_right_and_withstands_what_is_not(name: str) -> None:
    target = TARGETS[name]
    seeds = target.seeds()
    taken = [try_one(target, seed) for seed in seeds]
    assert any(taken), "no honest input gets through: the target tests nothing"
    for number in range(1 if target.costly else CHANGED):
        try_one(target, mutated(number, seeds))


def test_the_same_number_is_the_same_input() -> None:
    seeds = [b"one,2,three\n" * 20, b"\x00\xff" * 40]
    made = [mutated(number, seeds) for number in range(200)]
    assert made == [mutated(number, seeds) for number in range(200)]
    assert len(set(made)) > 150


def test_what_comes_out_unasked_is_a_finding() -> None:
    def parse(data: bytes) -> None:
        raise (ValueError if data else KeyError)("x")

    target = Target("example", parse, lambda: [b"x"], (ValueError,))
    assert not try_one(target, b"x")
    with pytest.raises(Finding, match="KeyError came out"):
        try_one(target, b"")


def test_a_finding_is_kept_and_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def parse(data: bytes) -> None:
        if data != b"right":
            raise ZeroDivisionError

    monkeypatch.chdir(tmp_path)
    target = Target("example", parse, lambda: [b"right"])
    assert runner.run_mutations(target, 60, first=0) == 1
    (kept,) = (tmp_path / "build" / "fuzz").iterdir()
    assert str(kept.relative_to(tmp_path)) in capsys.readouterr().err
    with pytest.raises(Finding, match="ZeroDivisionError"):
        runner.try_again(target, [kept])
