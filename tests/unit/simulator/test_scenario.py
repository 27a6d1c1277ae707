"""Scenarios: every one can be loaded and is plainly practice; a wrong file is refused."""

from __future__ import annotations

import pytest

from core.simulator import load, scenarios
from core.simulator.model.filler import ordinary_apps
from core.simulator.model.scenario import parse

MINIMAL = """
[device]
maker = "Google"
model = "Pixel"
name = "p"
device = "p"
android = "16"
sdk = 36
patch = "2026-01-01"
serial = "PRACTICE-TEST"
[[profiles]]
id = 0
name = "Owner"
flags = "13"
"""


def test_the_scenarios_that_the_manual_names_are_there() -> None:
    assert set(scenarios()) >= {
        "clean",
        "walk-up",
        "work-profile",
        "secure-folder",
        "preinstalled",
        "device-admin",
        "stubborn",
        "unplugged",
        "hostile",
        "renamed",
        "repackaged",
        "look-alike",
    }


@pytest.mark.parametrize("name", scenarios())
def test_each_says_that_it_is_practice(name: str) -> None:
    scenario = load(name)
    assert scenario.device.serial.startswith("PRACTICE")


def test_a_minimal_file_is_enough() -> None:
    scenario = parse("test", MINIMAL)
    assert (scenario.filler, scenario.apps, scenario.faults) == (0, (), ())


@pytest.mark.parametrize(
    "wrong",
    [
        MINIMAL + '[title]\nen = "A"\nfr = "B"\n',
        MINIMAL.replace("PRACTICE-TEST", "R5CT1"),
        MINIMAL.replace("sdk = 36", 'sdk = "36"'),
        MINIMAL.replace("id = 0", "id = 10"),
        MINIMAL.replace("id = 0", "id = true"),
        "fillers = 3\n" + MINIMAL,
        MINIMAL + '[[profiles]]\nid = 0\nname = "x"\nflags = "0"\n',
        MINIMAL + '[[apps]]\npackage = "a.b"\nversion = { code = 1, name = "1" }\nprofiles = [10]\n',
        MINIMAL + '[[apps]]\npackage = "a.b"\nversion = { code = 1, name = "1" }\nundone = ["explode"]\n',
        MINIMAL + '[[apps]]\npackage = "a.b"\nversion = { code = 1, name = "1" }\ncolour = "red"\n',
        MINIMAL + '[[apps]]\npackage = "a.b"\nversion = { code = 1, name = "1" }\napk = "eaten"\n',
        MINIMAL + '[[apps]]\npackage = "a.b"\nversion = { code = 1, name = "1" }\napk_kilobytes = 9999999\n',
        MINIMAL + '[[apps]]\npackage = "a.b"\nversion = { code = 1, name = "1" }\ncomponents = [1]\n',
        MINIMAL + '[[apps]]\npackage = "a.b"\nversion = { code = 1, name = "1" }\n'
        'admin = { receiver = ".R", owner = "king" }\n',
        MINIMAL + '[[apps]]\npackage = "a.b"\nversion = { code = 1, name = "1" }\nprofiles = ["0"]\n',
        "not toml",
        "",
    ],
)
def test_a_file_that_makes_no_sense_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse("test", wrong)


def test_there_is_no_scenario_of_any_other_name() -> None:
    for name in ("nothing", "", "../policies/canada", "clean.toml"):
        with pytest.raises(ValueError, match="no scenario"):
            load(name)


def test_ordinary_apps_are_always_the_same_and_never_twice() -> None:
    apps = ordinary_apps(300, "samsung", (0, 10))
    assert apps == ordinary_apps(300, "samsung", (0, 10))
    assert len({a.package for a in apps}) == 300
    assert 100 < sum(a.system for a in apps) < 200
    assert all(a.profiles == (0, 10) if a.system else a.profiles == (0,) for a in apps)
    assert ordinary_apps(0, "samsung", (0,)) == ()
