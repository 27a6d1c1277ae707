"""The owners of practice phones that are not ready: every one can be brought to ready, act by act."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.simulator import ACT_NAMES, Act, PracticeOwner, UsbAppearance, load, scenario_list
from core.simulator.scenario_list import Begins
from core.text import LANGUAGES
from tests.examples import examples

#: "locked" is said of iPhones.
NOT_READY = [begins for begins in get_args(Begins) if begins not in ("ready", "locked")]


@dataclass
class Asked:
    """A question of a phone; one that is withdrawn is not waited for."""

    withdrawn: threading.Event = field(default_factory=threading.Event)


def withdrawn() -> Asked:
    asked = Asked()
    asked.withdrawn.set()
    return asked


def test_there_is_a_scenario_for_each() -> None:
    named = {scenario_list.begins(name) for name in scenario_list.names() if name.startswith("not-ready-")}
    assert named == set(NOT_READY)
    assert all(load(f"not-ready-{begins}").begins == begins for begins in NOT_READY)


def test_every_act_is_said_in_both_languages() -> None:
    assert set(ACT_NAMES) == set(Act)
    assert all(name.in_language(language) for name in ACT_NAMES.values() for language in LANGUAGES)


def test_one_that_is_ready_needs_nothing() -> None:
    owner = PracticeOwner("ready")
    assert (owner.appearance, owner.acts, owner.answer(Asked())) == (UsbAppearance.READY, (), True)


@pytest.mark.parametrize(
    ("begins", "before", "act"),
    [
        ("debugging-off", UsbAppearance.CHARGING, Act.SWITCH_ON),
        ("no-permission", UsbAppearance.NO_PERMISSION, Act.ADMIT),
    ],
)
def test_what_is_switched_on_asks_afterwards(begins: Begins, before: UsbAppearance, act: Act) -> None:
    owner = PracticeOwner(begins)
    assert (owner.appearance, owner.acts) == (before, (act,))
    owner.perform(Act.ALLOW)  # too early
    assert owner.appearance is before
    owner.perform(act)
    assert (owner.appearance, owner.acts) == (UsbAppearance.READY, (Act.ALLOW,))
    assert not owner.answer(withdrawn())
    owner.perform(Act.ALLOW)
    assert owner.answer(Asked())


def test_a_question_waits_until_allow_is_tapped() -> None:
    owner, answers = PracticeOwner("asks"), []
    asking = threading.Thread(target=lambda: answers.append(owner.answer(Asked())))
    asking.start()
    assert not answers
    owner.perform(Act.ALLOW)
    asking.join()
    assert answers == [True]


@pytest.mark.parametrize(
    ("begins", "seen", "act"), [("denies", UsbAppearance.READY, Act.REPLUG), ("locks", UsbAppearance.AWAY, Act.UNLOCK)]
)
def test_the_first_question_ends_badly_and_the_second_can_be_answered(
    begins: Begins, seen: UsbAppearance, act: Act
) -> None:
    told: list[bool] = []
    owner = PracticeOwner(begins, lambda: told.append(True))
    assert owner.acts == ()
    assert owner.answer(Asked()) is False
    assert (owner.appearance, owner.acts, told) == (seen, (act,), [True])
    owner.perform(act)
    assert (owner.appearance, owner.acts) == (UsbAppearance.READY, (Act.ALLOW,))
    owner.perform(Act.ALLOW)
    assert owner.answer(Asked())


@examples(60)
@given(st.sampled_from(NOT_READY), st.lists(st.sampled_from([*Act, "asked"]), max_size=12))
def test_whatever_is_done_there_is_a_way_to_ready(begins: Begins, done: list[Act | str]) -> None:
    owner = PracticeOwner(begins)
    for one in done:
        owner.answer(withdrawn()) if one == "asked" else owner.perform(Act(one))
    for _ in range(6):
        if owner.acts:
            owner.perform(owner.acts[0])
        else:
            owner.answer(withdrawn())
    assert (owner.appearance, owner.acts, owner.answer(withdrawn())) == (UsbAppearance.READY, (), True)
