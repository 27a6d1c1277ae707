"""The practice iPhones that there are."""

from __future__ import annotations

import plistlib

import pytest

from core.simulator import scenario_list
from core.simulator.iphone import PracticeIphone, load_iphone, wire
from core.simulator.iphone.apps import attributes
from core.simulator.iphone.scenario import parse

NAMES = scenario_list.names("ios")


def test_there_are_these_and_the_android_phones_are_others() -> None:
    kinds = ("app-clip", "clean", "hostile", "locked", "offloaded", "supervised", "untrusted", "wechat")
    assert tuple(f"iphone-{kind}" for kind in kinds) == NAMES
    assert not set(NAMES) & set(scenario_list.names())


@pytest.mark.parametrize("name", NAMES)
def test_each_is_plainly_practice(name: str) -> None:
    scenario = load_iphone(name)
    assert scenario.device.udid.startswith("00008101-PRACTICE")
    phone = PracticeIphone(scenario)
    assert len(phone.apps()) > 20


def test_what_a_hostile_phone_says_can_be_sent() -> None:
    phone = PracticeIphone(load_iphone("iphone-hostile"))
    for binary in (False, True):
        said = plistlib.loads(wire.encode({"a": [attributes(app) for app in phone.apps()]}, binary=binary))
        assert max(len(app["CFBundleDisplayName"]) for app in said["a"]) > 3 * 2**20


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("PRACTICE0", "REAL00000"), "practice"),
        (('id = "com.b"', 'id = "com.b"\nsurprise = 1'), "surprise"),
        (('"com.b"', '"com.a"'), "twice"),
    ],
)
def test_a_file_that_makes_no_sense_is_a_bug(change: tuple[str, str], fault: str) -> None:
    source = """
[device]
product_type = "iPhone15,4"
version = "26.6.1"
build = "23G82"
name = "iPhone"
udid = "00008101-PRACTICE00000001"
serial = "PRACTICE1"
[[apps]]
id = "com.a"
[[apps]]
id = "com.b"
"""
    parse("good", source)
    with pytest.raises(ValueError, match=fault):
        parse("bad", source.replace(*change, 1))


def test_an_unknown_name_is_a_bug() -> None:
    with pytest.raises(ValueError, match="no scenario"):
        load_iphone("clean")
