"""What practice phones there are, told without making one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.simulator import load, scenario_list

ROOT = Path(__file__).resolve().parents[3]


def test_there_are_some_and_always_in_the_same_order() -> None:
    names = scenario_list.names()
    assert {"walk-up", "clean", "unseen"} <= set(names)
    assert list(names) == sorted(names)


@pytest.mark.parametrize("name", scenario_list.names())
def test_each_is_offered_in_both_languages_as_it_is_then_made(name: str) -> None:
    offer = scenario_list.offer(name)
    assert offer.name == name
    for said in (offer.title, offer.description):
        assert said.en.strip()
        assert said.fr.strip()
        assert said.en != said.fr
    assert len(offer.title.fr) < 60  # it has to fit on a button and a card
    scenario = load(name)
    assert (scenario.title, scenario.description) == (offer.title, offer.description)


def test_an_unknown_name_is_a_bug() -> None:
    with pytest.raises(FileNotFoundError):
        scenario_list.offer("no-such-phone")


def test_to_tell_of_them_loads_nothing_that_is_slow() -> None:
    program = """if True:
        import sys
        from core.simulator import scenario_list as practice
        [practice.offer(name) for name in practice.names()]
        print(*{"cryptography", "adb_shell", "core.phones"} & set(sys.modules))
    """
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == ""
