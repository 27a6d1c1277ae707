"""What a test can make go wrong, at a message of its choice."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock
from xml.parsers.expat import ExpatError

import pytest

from tests.kit.iphone.faults import Faults
from tests.kit.iphone.hostile_plists import HOSTILE

#: How long a client waits for what never comes (seconds).
SOON = 0.05


def get_value(client: Any, computer: Any) -> None:
    client.ask(Request="GetValue")


def open_session(client: Any, computer: Any) -> None:
    client.ask(Request="StartSession", HostID=computer.record()["HostID"])
    client.secure(computer.record())


@pytest.mark.parametrize(
    ("name", "talk"),
    [("lockdown.GetValue", get_value), ("lockdown.StartSession", open_session), ("tls.session", open_session)],
)
def test_a_message_is_never_answered_or_ends_the_connection(plugged: Any, iphone: Any, name: str, talk: Any) -> None:
    phone = iphone()
    computer = plugged(phone)
    phone.faults = Faults(close=frozenset({name}))
    with pytest.raises((EOFError, OSError)) as ended:
        talk(computer.lockdown(), computer)
    assert not isinstance(ended.value, TimeoutError)
    phone.faults = Faults(hang=frozenset({name}))
    client = computer.lockdown()
    client.socket.settimeout(SOON)
    with pytest.raises(TimeoutError):
        talk(client, computer)
    phone.faults = Faults()
    talk(computer.lockdown(), computer)


def test_an_answer_is_cut_replaced_or_lies_about_its_length(plugged: Any, iphone: Any) -> None:
    phone, name = iphone(), "lockdown.QueryType"
    computer = plugged(phone)
    phone.faults = Faults(truncate=frozenset({name}))
    with pytest.raises(EOFError) as cut:
        computer.lockdown().ask(Request="QueryType")
    assert cut.value.args[0].startswith(b"<?xml")
    phone.faults = Faults(replace={name: b'<plist version="1.0"><dict><key>a</key><true/></dict></plist>'})
    assert computer.lockdown().ask(Request="QueryType") == {"a": True}
    phone.faults = Faults(claim={name: 2**32 - 1})
    client = computer.lockdown()
    client.socket.settimeout(SOON)
    with pytest.raises(TimeoutError):  # it waits for the other four gigabytes
        client.ask(Request="QueryType")


def test_usbmuxd_itself_can_be_at_fault(plugged: Any, iphone: Any) -> None:
    computer = plugged(iphone())
    computer.mux.faults = Faults(close=frozenset({"mux.Connect"}))
    assert computer.client().mux("ReadBUID")["BUID"]
    with pytest.raises((EOFError, ConnectionError)):
        computer.client().connect()


@pytest.mark.parametrize("name", ["tls.service", "installation_proxy.Lookup"])
def test_the_cable_is_pulled_at_a_message(plugged: Any, iphone: Any, name: str) -> None:
    phone = iphone()
    computer = plugged(phone)
    phone.faults = Faults(unplug=frozenset({name}))
    with pytest.raises((EOFError, OSError)):
        computer.apps().ask(Command="Lookup")
    assert computer.client().mux("ListDevices")["DeviceList"] == []


def test_a_phone_that_is_pulled_out_is_listed_no_more_when_its_connections_break(plugged: Any, iphone: Any) -> None:
    """As with usbmuxd, which ends them and forgets the phone before it answers anyone."""
    phone, listed = iphone(), []
    computer = plugged(phone)
    phone.admit(Mock(end=lambda: listed.append(computer.client().mux("ListDevices")["DeviceList"])))
    phone.detach()
    assert listed == [[]]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_property_lists_are_what_they_are_called(plugged: Any, iphone: Any, name: str) -> None:
    """Those that can be read at all are read by Python as meant; they arrive as they are."""
    phone = iphone()
    computer = plugged(phone)
    phone.faults = Faults(replace={"lockdown.QueryType": HOSTILE[name]()})
    client = computer.lockdown()
    if name == "long_text":
        assert len(client.ask(Request="QueryType")["Value"]) == 8 * 2**20
    elif name in ("wide_binary", "not_a_table", "deep_binary", "deep_xml"):  # to read them is what does the harm
        assert len(HOSTILE[name]()) < 3 * 2**20
    else:
        with pytest.raises((ValueError, RecursionError, ExpatError)):
            client.ask(Request="QueryType")
