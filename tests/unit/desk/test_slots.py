"""A number for each phone at a desk, which stays with it and with its port."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk import slots as module
from core.desk.slots import FILE_NAME, LIMIT, Port, Slots, load, save

PORTS = st.lists(st.integers(0, 20), min_size=1, max_size=4).map(tuple)
#: Phones come, with or without a port, and go; each by its number.
ACTS = st.lists(st.tuples(st.integers(0, 9), st.one_of(st.just(()), PORTS), st.booleans()), max_size=60)


@given(ACTS)
def test_two_phones_at_once_never_have_one_number_and_none_changes_its_own(acts: list[tuple[int, Port, bool]]) -> None:
    slots, here = Slots(), dict[int, int]()
    for phone, port, leaves in acts:
        if leaves:
            slots.release(phone)
            here.pop(phone, None)
            continue
        number = slots.take(phone, port)
        assert here.setdefault(phone, number) == number > 0
        assert len(set(here.values())) == len(here)


@given(ACTS, PORTS)
def test_the_next_phone_at_a_port_has_its_number(acts: list[tuple[int, Port, bool]], port: Port) -> None:
    slots = Slots()
    number = slots.take("first", port)
    slots.release("first")
    for phone, other, leaves in acts:
        slots.release(phone) if leaves else slots.take(phone, other if other != port else ())
    assert slots.take("next", port) == number


@given(st.lists(st.integers(1, 10), max_size=10))
def test_the_ports_of_a_hub_are_numbered_in_its_order(used: list[int]) -> None:
    slots = Slots()
    numbers = {port: slots.take(port, (1, 4, port)) for port in used}
    assert sorted(numbers, key=numbers.__getitem__) == sorted(numbers)


def test_the_third_port_of_the_only_hub_is_slot_three() -> None:
    slots = Slots()
    assert [slots.take(n, (1, 4, n)) for n in (3, 1, 2, 7)] == [3, 1, 2, 7]
    assert slots.take("at the computer itself", (2, 9)) == 8
    assert slots.take("practice") == 9


def test_a_phone_whose_port_becomes_known_keeps_its_number() -> None:
    slots = Slots()
    assert slots.take("a") == 1
    assert slots.take("a", (1, 4, 4)) == 1


def test_tomorrow_a_port_has_the_number_of_today(tmp_path: Path) -> None:
    slots = load(tmp_path)
    assert [slots.take(n, (1, 4, n)) for n in (3, 5)] == [3, 5]
    save(tmp_path, slots.ports)
    again = load(tmp_path)
    assert [again.take("x", (1, 4, 5)), again.take("practice")] == [5, 6]


@pytest.mark.parametrize("kept", [b"", b"{}", b'[[1, "x"]]', b"\xff", b"[[0, [1]], [-1, [2]], [99999, [3]], [4, []]]"])
def test_a_list_that_makes_no_sense_is_none(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(kept)
    assert load(tmp_path).ports == {}
    assert load(tmp_path).take("a") == 1


def test_a_folder_that_cannot_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    save(tmp_path / "data", {(1, 2): 1})
    assert load(tmp_path / "data").ports == {}


def test_no_more_ports_are_kept_than_are_read_back() -> None:
    slots = Slots()
    for number in range(LIMIT + 50):
        slots.take(number, (1, number))
        slots.release(number)
    assert 0 < len(slots.ports) <= LIMIT
    assert len(Slots(slots.ports).ports) == len(slots.ports)
    assert module.FILE_NAME == "slots.json"
