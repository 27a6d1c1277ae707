"""A visit of a practice iPhone, from the first reading to its handing back, as the log has it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.describe import record
from core.describe import visit as describe
from core.jobs import Cancel
from core.ledger.records import HandedBack, Kind
from core.ledger.writer import Ledger
from core.model import HandBack, Paper, Verdict
from core.phones.iphone.connect import Iphones
from core.phones.removal_plan import Result
from core.policy.format.policy_file import load_built_in
from core.simulator.iphone import MuxServer, PracticeIphone, load_iphone
from core.visit.visit import Visit
from tests.kit.opened_phone import OpenedPhone


def visit_of(mux: MuxServer, ledger: Ledger, **policy: Any) -> Visit:
    service = ("127.0.0.1", mux.port)
    driver = Iphones("Desk 4").open_through(service, "", Cancel(), may_ask=True, practice=True)
    return Visit(OpenedPhone(driver, replace(load_built_in("canada"), **policy), ledger))


def words(visit: Visit) -> dict[str, str]:
    back = visit.handed_back
    assert back is not None
    return {str(known.subject): str(known.how) for known in describe.hand_back_facts(back.outcome, back.intended)}


def test_a_removal_counts_once_the_phone_was_read_again(practice_ledger: Ledger) -> None:
    with MuxServer(PracticeIphone(load_iphone("iphone-wechat")), pace=0) as mux:
        visit = visit_of(mux, practice_ledger)
        found = visit.check(Cancel())
        assert found.verdict is Verdict.RED
        removal = visit.remove(visit.plan(), Cancel())
        results = {item.finding.app.package: item.result for item in removal.items}
        # The practice phone says of one of the two that it is done, and keeps it.
        assert results == {"com.tencent.xin": Result.REMOVED, "com.zhiliaoapp.musically": Result.STILL_THERE}
        assert removal.check.verdict is Verdict.RED
        visit.hand_back(HandBack(Paper.DECLINED, "It keeps TikTok"), Cancel())
        assert words(visit)["Trust in this computer"] == "unchanged: the phone trusted it before"
        visit.close()


def test_what_was_asked_for_at_the_desk_is_taken_back_there(
    practice_ledger: Ledger, poll_often: Callable[[], None]
) -> None:
    poll_often()
    with MuxServer(PracticeIphone(load_iphone("iphone-untrusted")), pace=0) as mux:
        visit = visit_of(mux, practice_ledger)
        visit.check(Cancel())
        visit.hand_back(HandBack(Paper.PRINTED, "checked"), Cancel())
        assert words(visit) == {
            "Trust in this computer taken back": "confirmed by the phone",
            "Paper for the holder": "given to the holder",
        }
        (back,) = [entry.record for entry in practice_ledger.newest(50, kind=Kind.HANDED_BACK)]
        assert isinstance(back, HandedBack)
        assert (back.trust_asked, back.trust_forgotten) == (True, True)
        assert (back.options_asked, back.debugging_asked, back.left) == (False, False, None)
        visit.close()


@pytest.mark.slow
def test_an_app_that_came_past_the_store_is_on_record_for_review(practice_ledger: Ledger) -> None:
    with MuxServer(PracticeIphone(load_iphone("iphone-untrusted")), pace=0) as mux:
        visit = visit_of(mux, practice_ledger)
        found = visit.check(Cancel())
        assert found.verdict is Verdict.GREEN
        (entry,) = practice_ledger.newest(50, kind=Kind.FINDING)
        assert "Apple Development: practice@example.invalid" not in entry.exact.decode()
        told = {str(field.label): field.value for group in record.fields(entry) for field in group.fields}
        assert told["Signed by"] == "Apple Development: practice@example.invalid (PRACTICE01)"
        assert told["What the policy says"] == "For review"
        visit.close()


def test_a_policy_that_lets_debugging_stay_lets_no_trust_stay(
    practice_ledger: Ledger, poll_often: Callable[[], None]
) -> None:
    poll_often()
    with MuxServer(PracticeIphone(load_iphone("iphone-untrusted")), pace=0) as mux:
        visit = visit_of(mux, practice_ledger, keep_debugging=True)
        visit.check(Cancel())
        visit.hand_back(HandBack(Paper.PRINTED, "checked", keep_debugging=True), Cancel())
        assert words(visit)["Trust in this computer taken back"] == "confirmed by the phone"
        assert not mux.phones[0].computers
        visit.close()


def test_an_iphone_is_asked_for_named_values_and_its_apps_alone(practice_ledger: Ledger) -> None:
    """Not for all that it would tell: among that are its telephone number, its IMEI and its holder's accounts."""
    with MuxServer(PracticeIphone(load_iphone("iphone-wechat")), pace=0) as mux:
        visit = visit_of(mux, practice_ledger)
        visit.check(Cancel())
        visit.remove(visit.plan(), Cancel())
        visit.close()
        asked = mux.phones[0].log
    keys = {key[1] for line in asked if (key := re.search(r"'Key': '(\w+)'", line))}
    assert keys == {
        "practice",
        *("ProductType", "ProductVersion", "BuildVersion", "SerialNumber", "ActivationState", "PasswordProtected"),
        *("DeviceIsChaperoned", "EnableWifiConnections", "DeveloperModeStatus"),
    }
    assert not [line for line in asked if line.startswith("lockdown GetValue") and "'Key': " not in line]
    services = {service[1] for line in asked if (service := re.search(r"'Service': '([\w.]+)'", line))}
    # The last is only looked for: a phone that has it was jailbroken.
    assert services == {f"com.apple.{name}" for name in ("mobile.installation_proxy", "mobile.MCInstall", "afc2")}
    assert {line.split()[0] for line in asked} == {"lockdown", "installation_proxy", "MCInstall"}
