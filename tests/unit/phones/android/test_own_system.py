"""A phone on which another system than its holder's runs lists true things that say nothing of the holder's apps."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import silent
from core.model import Gap, HealthAnswer, Phone
from core.phones.accounting import Why
from core.phones.android import inventory
from core.phones.android.inventory import InventoryReading
from core.phones.android.link.shell import Lines, Sorter
from core.phones.android.listings import own_system, short_answers
from core.phones.android.listings.health import Health
from tests.examples import examples
from tests.unit.phones.android.test_health import lines_of

NONCE = "0" * 32
PROPERTIES = ("[ro.product.manufacturer]: [Google]", "[ro.product.model]: [Pixel]", "[ro.build.version.sdk]: [36]")
NULL = HealthAnswer(("null",), 0)


def phone(maker: str = "Google", sdk: int = 36) -> Phone:
    return Phone("android", maker, "X", "16", "S", sdk)


def read(*properties: str, repair: str | None = "null", users: str = "{0:Owner:4c13} running") -> InventoryReading:
    """What a reading has once the phone has answered the first questions; nothing else comes."""
    reading = InventoryReading(False, silent, None)
    sorter = Sorter(NONCE, reading.begin)
    parts = {"properties": "\n".join((*PROPERTIES, *properties))}
    parts["health repair-mode" if repair is not None else "health tracer"] = repair or ""
    parts["users"] = "Users:\n" + "\n".join(f"\tUserInfo{user}" for user in users.split("|"))
    lines = Lines(sorter.block)
    for name, text in parts.items():
        lines.feed(f"\n{NONCE} begin {name}\n{text}\n\n{NONCE} end {name} 0\n".encode())
    lines.end()
    return reading


def first(gaps: tuple[Gap, ...]) -> tuple[str, str]:
    return str(gaps[0].what), str(gaps[0].how)


def test_it_is_asked_before_anything_is_listed_and_costs_one_question() -> None:
    script = inventory.script(NONCE)
    assert script.count("repair_mode_active") == 1
    assert script.index("repair_mode_active") < script.index("pm list users")


def test_repair_mode_says_what_to_do() -> None:
    for word in ("1", "2", "true"):
        said = first(read(repair=word).inventory().gaps)
        assert said == (
            "The phone is in repair mode: its holder’s apps are not listed.",
            "End repair mode on the phone, then check again.",
        )


def test_a_second_system_image_is_not_the_owner_s() -> None:
    what, how = first(read("[ro.gsid.image_running]: [1]").inventory().gaps)
    assert "DSU" in what
    assert "Restart" in how


def test_maintenance_mode_is_a_user_of_samsung_s_phones() -> None:
    users = "{0:Owner:4c13}|{77:Maintenance:410} running"
    reading = read("[ro.product.manufacturer]: [samsung]", users=users)
    reading.phone = phone("samsung")
    assert "maintenance mode" in first(reading.inventory().gaps)[0]
    assert not own_system.gaps(phone("Google"), (), NULL, {0, 77})
    assert own_system.gaps(phone("Samsung"), (), NULL, {0, 77})


def test_a_glimpse_says_it_too() -> None:
    seen: list[tuple[Gap, ...]] = []
    reading = read(repair="1")
    reading._glimpse = lambda early: seen.append(early.gaps)
    reading.begin("snapshot")
    assert "repair mode" in str(seen[0][0].what)


@pytest.mark.parametrize("words", ["", "null\nnull", "1 0", "off", "-1", "Error: no such setting", "NULL", "０"])
def test_an_answer_that_is_not_understood_is_not_no(words: str) -> None:
    assert "does not say clearly" in first(read(repair=words).inventory().gaps)[0]
    assert "does not say clearly" in first(read(repair=None).inventory().gaps)[0]


def test_an_answer_that_came_with_an_error_is_not_no() -> None:
    assert own_system.gaps(phone(), (), HealthAnswer(("null",), 1), {0})
    assert not own_system.gaps(phone(), (), NULL, {0})
    assert not own_system.gaps(phone(), (), HealthAnswer(("0",), 0), {0})


def test_older_phones_are_not_asked_and_say_nothing() -> None:
    assert not own_system.gaps(phone(sdk=32), (), HealthAnswer((), 0), {0})
    assert not own_system.gaps(phone(sdk=10), (), HealthAnswer(), {0})
    assert own_system.gaps(phone(sdk=0), (), HealthAnswer((), 0), {0})
    assert not own_system.gaps(phone(), (), None, {0})


@pytest.mark.parametrize(
    "properties",
    [
        ["[ro.gsid.image_running]: [0", "]"],
        ["[ro.gsid.image_running]: [maybe]"],
        ["[ro.gsid.image_running]: 0"],
        ["[ro.gsid.image_running: [0]"],
        ["[ro.gsid.image_running]: [0]", "[ro.gsid.image_running]: [2]"],
        ["[ro.build.type]: [user]", "[ro.build.type]: [userdebug]"],
    ],
)
def test_a_property_that_matters_and_is_told_twice_or_in_part_is_a_gap(properties: list[str]) -> None:
    assert not read().health.gaps(phone(), {0}, whole=True)
    assert read(*properties).health.gaps(phone(), {0}, whole=True)


def test_what_is_left_is_told_by_its_reason() -> None:
    found = Health()
    account = found.properties(
        ["[ro.secure]: [1]", "[ro.secure]: [0]", "[ro.build.tags]: [a", "b]", "[other]: [x", "y]"]
    )
    assert [left.why for left in account.left] == [Why.TWICE, Why.CUT]
    assert account.value["ro.secure"] == ("1", "0")
    many = [f"[ro.lineage.{chr(97 + n // 26)}{chr(97 + n % 26)}]: [1]" for n in range(400)]
    assert Why.CUT in {left.why for left in found.properties(many).left}


@examples(100)
@given(value=st.text(max_size=12))
def test_nothing_but_the_known_words_says_that_the_owner_s_system_runs(value: str) -> None:
    told = own_system.gaps(phone(), (value,), NULL, {0})
    assert bool(told) is (value != "0")
    told = own_system.gaps(phone(), (), HealthAnswer((value,), 0), {0})
    assert bool(told) is (value not in ("null", "0"))


def test_captures_of_real_phones_leave_nothing_and_run_their_owner_s_system(shared: Path) -> None:
    files = sorted((shared / "captures").glob("*/getprop*"))
    assert len(files) >= 6
    for file in files:
        found, lines = Health(), lines_of(file)
        assert not found.properties(lines).left, file
        captured = short_answers.phone(short_answers.properties(lines).value, practice=False)
        assert not own_system.gaps(captured, found.readings.properties.get(own_system.IMAGE_RUNNING, ()), NULL, {0})
