"""usbmux: which phones are there, how they are reached, and what is kept of them."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples


def test_phones_are_listed_come_and_go(plugged: Any, iphone: Any) -> None:
    one, two = iphone(), iphone('connection = "Network"', 2)
    computer = plugged(one)
    computer.mux.plug(two)
    listed = computer.client().mux("ListDevices")["DeviceList"]
    assert [(d["Properties"]["SerialNumber"], d["Properties"]["ConnectionType"]) for d in listed] == [
        (one.udid, "USB"),
        (two.udid, "Network"),
    ]
    watcher = computer.client()
    assert watcher.mux("Listen")["Number"] == 0
    first = watcher.event()
    assert (first["MessageType"], first["Properties"]["SerialNumber"]) == ("Attached", one.udid)
    watcher.event()
    one.detach()
    assert watcher.event() == {"MessageType": "Detached", "DeviceID": first["DeviceID"]}
    assert len(computer.client().mux("ListDevices")["DeviceList"]) == 1
    one.attach()
    again = watcher.event()
    assert again["Properties"]["SerialNumber"] == one.udid
    assert again["DeviceID"] != first["DeviceID"]


def test_a_pulled_cable_breaks_every_connection(plugged: Any, iphone: Any) -> None:
    phone = iphone()
    computer = plugged(phone)
    apps, lockdown = computer.apps(), computer.lockdown()
    phone.detach()
    assert apps.socket.recv(1) == lockdown.socket.recv(1) == b""
    assert computer.client().connect() == 2
    phone.attach()
    assert computer.lockdown().ask(Request="QueryType")["Type"] == "com.apple.mobile.lockdown"


def test_a_port_where_nothing_waits_is_refused(plugged: Any, iphone: Any) -> None:
    computer = plugged(iphone())
    assert computer.client().connect(49152) == 3
    client = computer.client()
    number = next(iter(computer.mux.attached()))
    # Not swapped, as a careless program sends it.
    assert client.mux("Connect", DeviceID=number, PortNumber=62078)["Number"] == 3


def test_records_are_kept_by_name_and_nowhere_else(plugged: Any, iphone: Any) -> None:
    computer = plugged(iphone('trust = "asks"'))
    client, name = computer.client(), "../../etc/passwd"
    assert client.mux("ReadPairRecord", PairRecordID=name)["Number"] == 2
    number = next(iter(computer.mux.attached()))
    watcher = computer.client()
    watcher.mux("Listen")
    watcher.event()
    saved = {"PairRecordID": name, "PairRecordData": b"record"}
    assert client.mux("SavePairRecord", DeviceID=number, **saved)["Number"] == 0
    assert watcher.event() == {"MessageType": "Paired", "DeviceID": number}
    # Debian's usbmuxd keeps it, and says that it did not.
    assert client.mux("SavePairRecord", DeviceID=99, **saved)["Number"] == 2
    assert client.mux("ReadPairRecord", PairRecordID=name)["PairRecordData"] == b"record"
    assert client.mux("DeletePairRecord", PairRecordID=name)["Number"] == 0
    assert client.mux("DeletePairRecord", PairRecordID=name)["Number"] == 2
    assert client.mux("ReadBUID")["BUID"] == computer.mux.buid
    assert client.mux("Nonsense")["Number"] == 1


@examples(20)
@given(st.binary(max_size=80))
def test_noise_ends_its_own_connection_only(plugged: Any, iphone: Any, noise: bytes) -> None:
    computer = plugged(iphone())
    for client in (computer.client(), computer.lockdown()):
        with suppress(OSError):  # it is cut off at once
            client.socket.sendall(noise)
            client.socket.shutdown(socket.SHUT_WR)
            while client.socket.recv(4096):
                pass
        client.socket.close()
    assert len(computer.client().mux("ListDevices")["DeviceList"]) == 1


def test_closing_breaks_what_is_open(plugged: Any, iphone: Any) -> None:
    computer = plugged(iphone())
    apps, idle = computer.apps(), computer.client()
    computer.mux.close()
    computer.mux.close()
    assert apps.socket.recv(1) == idle.socket.recv(1) == b""


def test_a_phone_may_be_listed_without_its_dash(plugged: Any, iphone: Any) -> None:
    phone = iphone()
    computer = plugged(phone)
    phone.dashless = True
    (listed,) = computer.client().mux("ListDevices")["DeviceList"]
    assert listed["Properties"]["SerialNumber"] == phone.udid.replace("-", "")
