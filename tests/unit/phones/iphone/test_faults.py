"""A phone, or the service before it, that breaks off, hangs, lies or does harm: at every message of the road."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from core.jobs import Cancel, silent
from core.model import Cancelled, Check, Verdict
from core.phones.driver import PhoneProblem
from core.phones.iphone.phone import IPhone
from core.phones.iphone.problems import IphoneNotReady, Malformed, OtherCertificate
from core.phones.states import PhoneState
from core.policy.format.policy_file import load_built_in
from core.simulator.iphone import MuxServer
from core.visit.check import check
from tests.kit.iphone import hostile_plists
from tests.kit.iphone.faults import Faults
from tests.unit.phones.iphone.conftest import Serve, opened

CANADA = load_built_in("canada")
SERVICE = ("mux.ListDevices", "mux.ReadPairRecord", "mux.Connect")
PHONE = ("lockdown.StartSession", "lockdown.GetValue", "lockdown.StartService")
OTHERS = ("installation_proxy.Lookup", "installation_proxy.Browse", "MCInstall.GetCloudConfiguration")
HANDSHAKES = ("tls.session", "tls.service")
#: Lists that are made to do harm, and one that is none.
HOSTILE = {
    "laughs": hostile_plists.billion_laughs(),
    "outside": hostile_plists.outside_entity(),
    "deep": hostile_plists.deep_xml(),
    "deep-binary": hostile_plists.deep_binary(),
    "endless": hostile_plists.endless_binary(),
    "wide": hostile_plists.wide_binary(),
    "many": hostile_plists.many_objects(),
    "long": hostile_plists.long_text(),
    "list": hostile_plists.not_a_table(),
    "noise": b"\x00\xff" * 20,
}


def have(mux: MuxServer, **faults: Any) -> None:
    """From the next message on, so; for the service and the phone behind it alike."""
    mux.faults = mux.phones[0].faults = Faults(**faults)


def attempt(mux: MuxServer, cancel: Cancel | None = None, *, may_ask: bool = True) -> Check | PhoneProblem:
    try:
        return check(opened(mux, practice=False, may_ask=may_ask), CANADA, silent, cancel or Cancel(), quick=False)
    except PhoneProblem as problem:
        return problem


@pytest.mark.parametrize("how", ["close", "unplug", "truncate"])
@pytest.mark.parametrize("message", [*SERVICE, *PHONE, *OTHERS])
def test_wherever_it_breaks_off_nothing_is_green_that_was_not_read(serve: Serve, message: str, how: str) -> None:
    mux = serve("iphone-clean")
    have(mux, **{how: frozenset([message])})
    found = attempt(mux)
    if isinstance(found, Check):
        # What is told of management is no app; all else has to be whole.
        assert message == "MCInstall.GetCloudConfiguration" or found.verdict is not Verdict.GREEN
    else:
        assert found.sentence
        assert found.next_step


@pytest.mark.parametrize("message", [*SERVICE, *PHONE, *OTHERS, *HANDSHAKES])
def test_where_it_hangs_the_officer_can_stop_it(serve: Serve, message: str) -> None:
    mux = serve("iphone-clean")
    phone = opened(mux, practice=False)
    have(mux, hang=frozenset([message]))
    cancel, ended = Cancel(), []

    def read() -> None:
        try:
            if message in ("mux.ListDevices", "mux.ReadPairRecord"):
                ended.append(attempt(mux, cancel))
            else:
                ended.append(phone.read(silent, cancel))
        except (Cancelled, PhoneProblem) as end:
            ended.append(end)

    reading = threading.Thread(target=read)
    reading.start()
    cancel.press()
    mux.close()
    reading.join(60)
    assert not reading.is_alive()
    assert not isinstance(ended[0], Check)


@pytest.mark.slow
@pytest.mark.parametrize("message", ["mux.ListDevices", "lockdown.GetValue", *OTHERS])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_list_that_is_to_do_harm_is_refused(serve: Serve, message: str, hostile: str) -> None:
    mux = serve("iphone-wechat")
    have(mux, replace={message: HOSTILE[hostile]})
    found = attempt(mux)
    assert not isinstance(found, Check) or found.verdict is not Verdict.GREEN
    if message == "installation_proxy.Lookup":  # what the other list has is red all the same
        assert isinstance(found, Check)
        assert found.verdict is Verdict.RED


@pytest.mark.parametrize("length", [2**32 - 1, 2**31, 0])
def test_a_length_that_is_a_lie_is_not_waited_for(serve: Serve, length: int) -> None:
    mux = serve("iphone-clean")
    have(mux, claim={"lockdown.GetValue": length})
    assert isinstance(attempt(mux), Malformed)


def test_a_forged_phone_is_not_the_one_that_was_trusted(serve: Serve) -> None:
    mux = serve("iphone-clean")
    have(mux, forged=True)
    before = len(mux.phones[0].log)
    assert isinstance(attempt(mux), OtherCertificate)
    said = [line for line in mux.phones[0].log[before:] if "StartSession" not in line]
    assert said == []


def test_apps_that_one_list_alone_has_make_it_amber(serve: Serve) -> None:
    mux = serve("iphone-clean")
    have(mux, left_out_of_lookup=2)
    found = attempt(mux)
    assert isinstance(found, Check)
    assert found.verdict is Verdict.AMBER
    assert "one of the phone’s two lists" in str(found.inventory.gaps[0].what)


@pytest.mark.parametrize("app", [b"<true/>", b"<string>WeChat</string>", b"<array/>"])
def test_an_app_that_is_no_table_is_not_left_out_in_silence(serve: Serve, app: bytes) -> None:
    mux = serve("iphone-clean")
    listed = b"<plist><dict><key>LookupResult</key><dict><key>ca.example.x</key>" + app + b"</dict></dict></plist>"
    have(mux, replace={"installation_proxy.Lookup": listed})
    found = attempt(mux)
    assert isinstance(found, Check)
    assert found.verdict is Verdict.AMBER
    assert any("these apps could be understood: ca.example.x." in str(gap.what) for gap in found.inventory.gaps)
    assert found.inventory.app("ca.example.x") is not None


@pytest.mark.slow
def test_a_phone_that_forgot_this_computer_says_so(serve: Serve) -> None:
    mux = serve("iphone-clean")
    mux.phones[0].forget()
    met = attempt(mux, may_ask=False)
    assert isinstance(met, IphoneNotReady)
    assert met.state is PhoneState.FORGOTTEN
    assert mux.phones[0].questions == 0
    assert isinstance(attempt(mux), Check)  # once the officer has it asked anew
    assert mux.phones[0].questions == 1


def test_a_phone_that_was_exchanged_gets_no_step(serve: Serve) -> None:
    mux = serve("iphone-wechat")
    phone: IPhone = opened(mux, practice=False)
    found = check(phone, CANADA, silent, Cancel(), quick=False)
    step = phone.next_step(found.bans[0], found.inventory, ())
    assert step is not None
    assert found.inventory.identity is not None
    phone.expect(replace(found.inventory.identity, serial="another"))
    before = mux.phones[0].installed()
    with pytest.raises(PhoneProblem, match="not the phone that was checked"):
        phone.perform(step, Cancel())
    assert mux.phones[0].installed() == before
