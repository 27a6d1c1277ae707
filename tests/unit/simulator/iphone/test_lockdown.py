"""lockdown: what the phone says, and whom it trusts."""

from __future__ import annotations

import ssl
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.simulator.iphone import certificates
from tests.examples import examples
from tests.kit.iphone.faults import Faults
from tests.kit.iphone.hostile_plists import deep_xml

ALL = {"ExtendedPairingErrors": True}


def pair(client: Any, record: dict[str, Any]) -> dict[str, Any]:
    told = {key: value for key, value in record.items() if "Private" not in key and key != "EscrowBag"}
    return dict(client.ask(Request="Pair", PairRecord=told, PairingOptions=ALL))


def test_before_trust_only_a_part_is_said(plugged: Any, iphone: Any) -> None:
    computer = plugged(iphone())
    stranger, trusted = computer.lockdown(), computer.session()
    before, after = (c.ask(Request="GetValue")["Value"] for c in (stranger, trusted))
    assert before.keys() < after.keys()
    assert "SerialNumber" not in before
    assert after["SerialNumber"] == "PRACTICE-1"
    assert stranger.ask(Request="GetValue", Key="SerialNumber")["Error"] == "GetProhibited"
    assert stranger.ask(Request="GetValue", Key="ProductVersion")["Value"] == "26.6.1"
    assert stranger.ask(Request="GetValue", Domain="com.apple.mobile.chaperone")["Value"] == {}
    assert stranger.ask(Request="GetValue", Domain="ca.fanion", Key="practice")["Value"] is True
    assert trusted.ask(Request="GetValue", Key="NoSuchKey")["Error"] == "MissingValue"


def test_developer_mode_is_told_by_key_only(plugged: Any, iphone: Any) -> None:
    session, domain = plugged(iphone()).session(), "com.apple.security.mac.amfi"
    assert session.ask(Request="GetValue", Domain=domain)["Value"] == {}
    assert session.ask(Request="GetValue", Domain=domain, Key="DeveloperModeStatus")["Value"] is False


def test_the_owner_is_asked_once_however_often_a_computer_asks(plugged: Any, iphone: Any) -> None:
    phone = iphone('trust = "asks"\npolls = 2')
    computer = plugged(phone)
    record, client = computer.new_record(), computer.lockdown()
    answers = [pair(client, record) for _ in range(3)]
    assert [a.get("Error") for a in answers] == ["PairingDialogResponsePending"] * 2 + [None]
    assert len(answers[2]["EscrowBag"]) == 32
    assert phone.questions == 1
    computer.session(record)
    assert computer.lockdown().ask(Request="ValidatePair", PairRecord={"HostID": record["HostID"]}).get("Error") is None
    assert computer.session(record).ask(Request="Unpair", PairRecord=record).get("Error") is None
    again = computer.lockdown().ask(Request="StartSession", HostID=record["HostID"])
    assert again["Error"] == "InvalidHostID"


def test_what_the_owner_does_decides(plugged: Any, iphone: Any) -> None:
    phone = iphone('trust = "waits"\nlocked = true')
    computer = plugged(phone)
    record = computer.new_record()
    assert pair(computer.lockdown(), record)["Error"] == "PasswordProtected"
    phone.unlock()
    assert pair(computer.lockdown(), record)["Error"] == "PairingDialogResponsePending"
    phone.deny()
    assert pair(computer.lockdown(), record)["Error"] == "UserDeniedPairing"
    phone.detach()
    phone.attach()
    phone.trust()
    assert "Error" not in pair(computer.lockdown(), record)
    phone.forget()
    assert computer.lockdown().ask(Request="StartSession", HostID=record["HostID"])["Error"] == "InvalidHostID"


def test_management_may_forbid_it(plugged: Any, iphone: Any) -> None:
    computer = plugged(iphone('trust = "asks"\npairing_error = "MCProtected"'))
    assert pair(computer.lockdown(), computer.new_record())["Error"] == "MCProtected"
    assert computer.lockdown().ask(Request="Pair", PairRecord={"HostID": "x"})["Error"] == "InvalidPairRecord"


def test_after_a_restart_it_has_to_be_unlocked_first(plugged: Any, iphone: Any) -> None:
    phone = iphone()
    computer = plugged(phone)
    phone.restart()
    host = computer.record()["HostID"]
    assert computer.lockdown().ask(Request="StartSession", HostID=host)["Error"] == "PasswordProtected"
    phone.unlock()
    session = computer.session()
    phone.lock(long_ago=True)
    service = "com.apple.mobile.installation_proxy"
    assert session.ask(Request="StartService", Service=service)["Error"] == "PasswordProtected"
    phone.unlock()
    assert session.ask(Request="StartService", Service=service)["EnableServiceSSL"] is True


def test_a_computer_with_another_key_is_not_let_in(plugged: Any, iphone: Any) -> None:
    computer = plugged(iphone())
    record, stranger = computer.record(), certificates.phone_key("stranger")
    record["HostPrivateKey"] = certificates.private_text(stranger)
    record["HostCertificate"] = certificates.certificate(stranger, stranger)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        computer.session(record)


def test_the_phone_presents_what_it_was_paired_with_unless_it_is_another(plugged: Any, iphone: Any) -> None:
    phone = iphone()
    computer = plugged(phone)
    phone.newest_tls = True
    computer.session()
    phone.newest_tls, phone.faults = False, Faults(forged=True)
    with pytest.raises(AssertionError):
        computer.session()


def test_services(plugged: Any, iphone: Any) -> None:
    """A session that has ended goes on without TLS; what it started goes on as well."""
    computer = plugged(iphone("jailbroken = true"))
    config = computer.service("com.apple.mobile.MCInstall")
    assert config.ask(RequestType="GetCloudConfiguration")["CloudConfiguration"]["IsSupervised"] is False
    assert config.ask(RequestType="GetProfileList")["OrderedIdentifiers"] == []
    computer.service("com.apple.afc2")
    session = computer.session()
    assert session.ask(Request="StartService", Service="com.apple.nothing")["Error"] == "InvalidService"
    assert "Error" not in session.ask(Request="StopSession")
    session.socket = session.socket.unwrap()
    assert session.ask(Request="GetValue", Key="SerialNumber")["Error"] == "GetProhibited"
    assert session.ask(Request="StartService", Service="com.apple.afc2")["Error"] == "SessionInactive"


def test_only_a_jailbreak_opens_all_files(plugged: Any, iphone: Any) -> None:
    session = plugged(iphone()).session()
    assert session.ask(Request="StartService", Service="com.apple.afc2")["Error"] == "InvalidService"


#: Anything that a property list can say, by the names that the phone looks for.
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.binary() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["HostID", "a"]), inner, max_size=3),
    max_leaves=5,
)
REQUESTS = ["QueryType", "GetValue", "Pair", "ValidatePair", "Unpair", "StartSession", "StartService", "StopSession"]
LOCKDOWN = ["Domain", "Key", "PairRecord", "HostID", "Service", "Request"]
APPS = ["Command", "ApplicationIdentifier", "ApplicationType", "BundleIDs", "ReturnAttributes", "ClientOptions"]


@examples(40)
@given(st.sampled_from(REQUESTS), st.dictionaries(st.sampled_from(LOCKDOWN), VALUES))
def test_any_request_is_answered(plugged: Any, iphone: Any, name: str, content: dict[str, Any]) -> None:
    client = plugged(iphone()).lockdown()
    assert "Request" in client.ask(**{"Request": name, **content})


@examples(20)
@given(st.sampled_from(["Browse", "Lookup", "Uninstall"]), st.dictionaries(st.sampled_from(APPS), VALUES))
def test_any_command_is_answered(plugged: Any, iphone: Any, name: str, content: dict[str, Any]) -> None:
    client = plugged(iphone()).apps()
    assert client.ask(**{"Command": name, "ClientOptions": content, **content})


def test_a_deep_request_ends_its_own_connection_at_most(plugged: Any, iphone: Any) -> None:
    computer = plugged(iphone())
    client = computer.lockdown()
    body = deep_xml()
    client.socket.sendall(struct.pack(">I", len(body)) + body)
    assert client.answer() == {"Request": "", "Error": "InvalidRequest"}
