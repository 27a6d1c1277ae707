"""A practice iPhone from plugging in to handing back: read, judged, changed, forgotten, and what it can do wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from core.describe import verdicts
from core.jobs import Cancel, silent
from core.model import Check, Verdict
from core.phones.driver import Answer, Outcome, Unplugged
from core.phones.iphone import apps
from core.phones.iphone.connect import listed
from core.phones.iphone.problems import IphoneNotReady, OtherCertificate
from core.phones.iphone.stream import Stream
from core.phones.states import PhoneState
from core.policy import convert
from core.policy.format.policy_file import load_built_in
from core.simulator.iphone import MuxServer, load_iphone
from core.text import T
from core.visit.check import check
from tests.unit.phones.iphone.conftest import Serve, opened

CANADA = load_built_in("canada")
WECHAT = "com.tencent.xin"


def checked(mux: MuxServer) -> Check:
    return check(opened(mux), CANADA, silent, Cancel(), quick=False)


@pytest.mark.parametrize(
    ("scenario", "verdict", "banned"),
    [
        ("iphone-clean", Verdict.GREEN, set()),
        ("iphone-wechat", Verdict.RED, {WECHAT}),
        ("iphone-offloaded", Verdict.RED, {WECHAT}),
        ("iphone-supervised", Verdict.RED, {WECHAT}),
    ],
)
def test_each_practice_iphone_has_its_verdict(serve: Serve, scenario: str, verdict: Verdict, banned: set[str]) -> None:
    mux = serve(scenario)
    found = checked(mux)
    assert found.verdict is verdict
    assert banned <= {finding.app.package for finding in found.bans}
    phone = found.inventory.phone
    assert (phone.platform, phone.maker, phone.practice) == ("ios", "Apple", True)
    assert {state.profile for app in found.inventory.apps for state in app.states} == {apps.PROFILE}
    assert not [line for line in mux.phones[0].log if "iTunesMetadata" in line]


def test_a_green_says_what_it_covers_and_what_not(serve: Serve) -> None:
    said = str(verdicts.headline(checked(serve("iphone-clean"))))
    assert "lists to a computer" in said
    assert "hidden apps" in said


def test_an_offloaded_app_is_there_and_counts(serve: Serve) -> None:
    found = checked(serve("iphone-offloaded"))
    states = {app.package: app.states[0] for app in found.inventory.apps}
    assert states[WECHAT].archived
    assert not states[WECHAT].installed


def test_a_removal_is_the_phones_word_and_then_a_second_look(serve: Serve) -> None:
    mux = serve("iphone-wechat")
    driver = opened(mux)
    found = check(driver, CANADA, silent, Cancel(), quick=False)
    (finding,) = [f for f in found.bans if f.app.package == WECHAT]
    step = driver.next_step(finding, found.inventory, ())
    assert step is not None
    assert driver.loses_data(step)
    answer = driver.perform(step, Cancel())
    assert answer.outcome is Outcome.DONE
    assert driver.next_step(finding, found.inventory, [(step, answer)]) is None
    assert driver.look_for([finding], Cancel())[0] is False
    assert driver.holds(step, driver.read(silent, Cancel()))
    assert WECHAT not in mux.phones[0].installed()


@pytest.mark.parametrize(
    ("removal", "outcome"),
    [
        ("UninstallProhibited", Outcome.RESTRICTED),
        ("APIInternalError", Outcome.REFUSED),
        ("SomethingNew", Outcome.UNKNOWN),
    ],
)
def test_what_a_phone_answers_to_a_removal_is_an_outcome_in_words(serve: Serve, removal: str, outcome: Outcome) -> None:
    scenario = load_iphone("iphone-wechat")
    changed = tuple(msgspec.structs.replace(app, removal=removal) for app in scenario.apps)
    driver = opened(serve(msgspec.structs.replace(scenario, apps=changed)))
    found = check(driver, CANADA, silent, Cancel(), quick=False)
    step = driver.next_step(found.bans[0], found.inventory, ())
    assert step is not None
    answer = driver.perform(step, Cancel())
    assert (answer.outcome, answer.text) == (outcome, removal)
    assert driver.look_for(found.bans[:1], Cancel())[0]


def test_of_a_supervised_phone_management_is_told_to_be_the_better_tool(serve: Serve) -> None:
    driver = opened(serve("iphone-supervised"))
    found = check(driver, CANADA, silent, Cancel(), quick=False)
    (banned,) = found.bans
    step = driver.next_step(banned, found.inventory, ())
    assert step is not None
    answer = driver.perform(step, Cancel())
    assert "Nothing was removed." in str(answer.means)
    said = str(driver.by_hand(banned, found.inventory, [(step, answer)]))
    assert "Screen Time" in said
    assert "Give its device management the list of banned apps" in said
    management = driver.management(found.inventory)
    assert management is not None
    assert management.export in convert.FORMATS


def test_one_that_no_organisation_supervises_has_no_better_tool(serve: Serve) -> None:
    driver = opened(serve("iphone-wechat"))
    found = check(driver, CANADA, silent, Cancel(), quick=False)
    assert driver.management(found.inventory) is None
    step = driver.next_step(found.bans[0], found.inventory, ())
    assert step is not None
    kept = Answer(Outcome.CAME_BACK, "", T("It is still there."))
    # What the phone said before is no advice: the app is removed by hand.
    assert "tap Remove App" in str(driver.by_hand(found.bans[0], found.inventory, [(step, kept)]))


def test_a_cable_that_is_pulled_in_a_removal_leaves_it_not_known(serve: Serve) -> None:
    scenario = load_iphone("iphone-wechat")
    changed = tuple(msgspec.structs.replace(app, removal="drop") for app in scenario.apps)
    driver = opened(serve(msgspec.structs.replace(scenario, apps=changed)))
    found = check(driver, CANADA, silent, Cancel(), quick=False)
    step = driver.next_step(found.bans[0], found.inventory, ())
    assert step is not None
    with pytest.raises(Unplugged):
        driver.perform(step, Cancel())


def test_an_app_that_spoils_a_list_hides_no_other(serve: Serve) -> None:
    found = checked(serve("iphone-hostile"))
    assert found.verdict is not Verdict.GREEN
    assert found.inventory.gaps
    for app in found.inventory.apps:
        for text in (app.package, app.label, app.version_name, app.signed_by):
            assert text.isprintable()
            assert len(text) <= 260


# --- trust


def test_trust_is_asked_for_only_where_the_officer_has_that_done(serve: Serve) -> None:
    mux = serve("iphone-untrusted")
    ((_, trusted),) = listed(("127.0.0.1", mux.port), Cancel())
    assert not trusted
    with pytest.raises(IphoneNotReady, check=lambda met: met.state is PhoneState.NOT_TRUSTED):
        opened(mux, may_ask=False)
    assert not [line for line in mux.phones[0].log if "Pair" in line.split()]


def test_what_fanion_was_trusted_with_is_forgotten_by_both(serve: Serve, poll_often: Callable[[], None]) -> None:
    poll_often()
    mux = serve("iphone-untrusted")
    driver = opened(mux)
    driver.read(silent, Cancel())
    left = driver.trust_off(Cancel())
    assert (left.asked, left.seen) == (True, True)
    ((_, trusted),) = listed(("127.0.0.1", mux.port), Cancel())
    assert not trusted
    with pytest.raises(IphoneNotReady, check=lambda met: met.state in (PhoneState.NOT_TRUSTED, PhoneState.FORGOTTEN)):
        driver.read(silent, Cancel())


def test_trust_of_a_visit_that_was_cut_off_is_taken_back_with_the_next(
    serve: Serve, poll_often: Callable[[], None]
) -> None:
    poll_often()
    mux = serve("iphone-untrusted")
    opened(mux)  # and the program ends here
    driver = opened(mux, may_ask=False)
    left = driver.trust_off(Cancel())
    assert (left.asked, left.seen) == (True, True)
    ((_, trusted),) = listed(("127.0.0.1", mux.port), Cancel())
    assert not trusted


def test_trust_that_was_there_before_stays(serve: Serve) -> None:
    mux = serve("iphone-clean")
    driver = opened(mux)
    assert driver.trust_off(Cancel()).asked is False
    ((_, trusted),) = listed(("127.0.0.1", mux.port), Cancel())
    assert trusted


def test_a_no_and_a_locked_phone_are_told(serve: Serve, poll_often: Callable[[], None]) -> None:
    poll_often()
    with pytest.raises(IphoneNotReady, check=lambda met: met.state is PhoneState.DENIED):
        opened(serve(msgspec.structs.replace(load_iphone("iphone-untrusted"), trust="denies")))
    with pytest.raises(IphoneNotReady, check=lambda met: met.state is PhoneState.LOCKED):
        opened(serve("iphone-locked"))


def test_another_certificate_is_another_phone_and_gets_no_further_byte(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure = Stream.secure

    def other(stream: Stream, *arguments: Any) -> bytes:
        return secure(stream, *arguments)[:-1] + b"x"

    monkeypatch.setattr(Stream, "secure", other)
    mux = serve("iphone-clean")
    with pytest.raises(OtherCertificate):
        opened(mux)
    assert "GetValue" not in mux.phones[0].log[-1]


def test_a_real_phone_cannot_say_that_it_is_for_practice(serve: Serve) -> None:
    assert not opened(serve("iphone-clean"), practice=False).practice
