"""What a test can make go wrong, at a message of its choice."""

from __future__ import annotations

from typing import Any

import pytest

from core.simulator.iphone import Faults

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
