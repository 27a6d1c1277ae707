"""Real phones' adbd on a real USB bus, inside a small virtual machine: one and four phones, plugging, permission."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.nightly  # a machine of its own is started: it takes minutes


def test_four_phones_at_once(found_on_usb: dict[str, Any]) -> None:
    found = found_on_usb["android"]
    assert found["four"] == [[f"EMU000000{n}", "300000"] for n in range(1, 5)]
    serial, hello = "EMU0000001", "hello over USB"
    assert found["seen"] == [serial, "Google Pixel 7a", "ready", "usb"]
    assert found["said"] == hello
    assert found["gone"] == [serial, "unplugged"]
    assert found["back"] == serial
    assert found["said again"] == hello
    assert found["in a row"] == [hello] * 3  # closing and opening again does not reset the bus
    assert found["twins"] == [True, True, hello, hello]
    assert found["twin gone"] == [True, hello, "phone-unplugged"]
    assert found["cut"] == "phone-unplugged"
    assert (found["busy"], found["not busy"]) == ("phone-busy", hello)
    assert found["held"] == [serial, "hello through the adb server that already runs on this computer"]
    assert found["free"] == [serial, hello]
    (nobody,) = found["nobody"]
    assert nobody[:2] == [serial, "no-permission"]
    assert found["asked"] == found["remembered"] == hello
