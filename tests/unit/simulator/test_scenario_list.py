"""What practice phones there are, told without making one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.simulator import scenario_list

ROOT = Path(__file__).resolve().parents[3]


def test_there_are_some_and_always_in_the_same_order() -> None:
    names = scenario_list.names()
    assert {"walk-up", "clean", "unseen"} <= set(names)
    assert list(names) == sorted(names)


def test_each_scenario_is_offered_once_and_nothing_else_is() -> None:
    assert sorted(scenario_list.offers()) == sorted(scenario_list.every())


@pytest.mark.parametrize("name", scenario_list.every())
def test_each_is_offered_with_a_title_and_one_sentence_in_both_languages(name: str) -> None:
    offer = scenario_list.offer(name)
    assert (offer.name, offer.platform) == (name, scenario_list.platform(name))
    for words in (offer.title, offer.sentence):
        assert words.en.strip()
        assert words.fr.strip()
        assert words.en != words.fr
    assert len(offer.title.fr) < 60  # it has to fit on a button and a card
    for sentence in (offer.sentence.en, offer.sentence.fr):
        assert sentence.endswith(".")
        assert ". " not in sentence
        assert len(sentence) < 180


def test_they_are_offered_in_groups_and_the_recommended_one_is_the_first() -> None:
    offered = list(scenario_list.offers().values())
    assert offered[0].name == "walk-up"
    groups = [offer.group for offer in offered]
    assert groups == sorted(groups, key=list(scenario_list.OfferGroup).index)
    assert set(groups) == set(scenario_list.OfferGroup)
    assert {offer.name for offer in offered if offer.group is scenario_list.OfferGroup.IPHONE} == set(
        scenario_list.names("ios")
    )


def test_one_is_offered_as_not_ready_if_its_holder_has_to_do_something() -> None:
    not_ready = {name for name in scenario_list.names() if scenario_list.begins(name) != "ready"}
    offered = scenario_list.offers().values()
    assert {offer.name for offer in offered if offer.group is scenario_list.OfferGroup.NOT_READY} == not_ready


def test_an_unknown_name_is_a_bug() -> None:
    with pytest.raises(KeyError):
        scenario_list.offer("no-such-phone")
    with pytest.raises(FileNotFoundError):
        scenario_list.serial("no-such-phone")


def test_to_tell_of_them_loads_nothing_that_is_slow() -> None:
    program = """if True:
        import sys
        from core.simulator import scenario_list as practice
        practice.offers()
        print(*{"cryptography", "adb_shell", "core.phones"} & set(sys.modules))
    """
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == ""
