"""An iPhone's own protection: green only by the exact words that are known to be good, and never for a jailbreak."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cli.rendering import check_as_json
from core.describe import health as health_words
from core.ledger.records import CheckEnded
from core.model import (
    App,
    AppState,
    Check,
    HealthReadings,
    HealthRules,
    HealthSignal,
    Inventory,
    IosRelease,
    Light,
    Phone,
    Profile,
    ProfileKind,
    Verdict,
)
from core.model.signals import of_platform
from core.policy import health
from core.policy.format.policy_file import load_built_in
from core.text import LANGUAGES
from tests.examples import examples

CANADA = load_built_in("canada")
TODAY = date(2026, 9, 10)
GREEN, AMBER, RED, OPEN, INFO = Light.GREEN, Light.AMBER, Light.RED, Light.NOT_KNOWN, Light.INFORMATION
AGENCY = "Example Agency"
TABLE = (
    IosRelease("26.6.1", date(2026, 8, 18)),
    IosRelease("18.7.2", date(2026, 5, 1)),
    IosRelease("15.8.4", date(2025, 3, 31), ended=True),
)
RULES = HealthRules(expected_organisation=AGENCY, ios=TABLE)
MAPS = App("org.example.maps", states=(AppState(0, installed=True),))
HEALTHY = {
    "ProductVersion": "26.6.1",
    "BuildVersion": "23G82",
    "ProductType": "iPhone17,1",
    "PasswordProtected": "true",
    "ActivationState": "Activated",
    "DeviceIsChaperoned": "true",
    "IsSupervised": "true",
    "OrganizationName": AGENCY,
    "DeveloperModeStatus": "false",
    "EnableWifiConnections": "false",
    "afc2": "refused",
    "profiles": "2",
}
Told = dict[str, tuple[str, ...]]


def told(**changed: str | None) -> Told:
    """What a healthy iPhone says, but for what is changed; None is what it does not tell."""
    return {name: (value,) for name, value in {**HEALTHY, **changed}.items() if value is not None}


def inventory(properties: Told, *apps: App) -> Inventory:
    phone = Phone("ios", "Apple", "iPhone17,1", "26.6.1", "S")
    return Inventory(phone, (Profile(0, "", ProfileKind.PERSONAL),), apps or (MAPS,), health=HealthReadings(properties))


def signals(properties: Told, *apps: App, rules: HealthRules = RULES, today: date = TODAY) -> dict[str, HealthSignal]:
    judged = health.judge(inventory(properties, *apps), rules, (), today, ())
    assert [s.signal for s in judged] == [row.id for row in of_platform("ios")]
    return {s.signal: s for s in judged}


def light(signal: str, rules: HealthRules = RULES, **changed: str | None) -> Light:
    return signals(told(**changed), rules=rules)[signal].light


def check(rules: HealthRules, **changed: str | None) -> Check:
    time = datetime(2026, 9, 10, 12, 0)
    judged = tuple(signals(told(**changed), rules=rules).values())
    policy = replace(CANADA, health=rules)
    return Check(inventory(told(**changed)), policy, (), time, time, health=judged)


def test_a_healthy_iphone_is_green_but_for_what_is_neither_good_nor_bad() -> None:
    found = signals(told())
    neither = {"profiles", "jailbreak"}
    assert {name for name, s in found.items() if s.light is INFO} == neither
    assert {s.light for name, s in found.items() if name not in neither} == {GREEN}
    assert str(found["ios"].value) == "26.6.1"
    assert str(found["profiles"].value) == "2 profiles"


def test_an_iphone_that_says_nothing_has_only_what_is_not_known() -> None:
    found = signals({}, rules=HealthRules())
    assert {s.light for s in found.values()} == {OPEN}


def test_every_signal_has_a_title_of_its_own_in_both_languages() -> None:
    found = signals(told()).values()
    for language in LANGUAGES:
        assert len({s.title.in_language(language) for s in found}) == len(of_platform("ios"))


@pytest.mark.parametrize(
    ("version", "today", "wanted"),
    [
        ("26.6.1", TODAY, GREEN),
        ("26.6", TODAY, AMBER),  # 23 days after the newest
        ("26.6", date(2026, 9, 16), AMBER),
        ("26.6", date(2026, 9, 17), RED),
        ("26.10", TODAY, OPEN),  # newer than the table
        ("26.6.2", TODAY, OPEN),
        ("26.6.0", TODAY, OPEN),  # no version that Apple gives
        ("26.06.1", TODAY, OPEN),
        ("26.6.1 ", TODAY, OPEN),
        ("18.7.2", TODAY, GREEN),
        ("18.6.2", TODAY, RED),
        ("15.8.4", TODAY, RED),  # no fixes any more
        ("15.9", TODAY, RED),
        ("17.7.9", TODAY, OPEN),  # not in the table
        ("٢٦.6.1", TODAY, OPEN),
        ("26", TODAY, OPEN),
    ],
)
def test_the_version_is_compared_with_the_policys_table(version: str, today: date, wanted: Light) -> None:
    assert signals(told(ProductVersion=version), today=today)["ios"].light is wanted


def test_without_a_table_no_version_is_green() -> None:
    found = signals(told(), rules=HealthRules())["ios"]
    assert (found.light, str(found.value)) == (OPEN, "26.6.1")
    assert "Software Update" in str(found.says)


def test_one_of_two_versions_that_is_too_old_counts() -> None:
    two: Told = {**told(), "ProductVersion": ("26.6.1", "18.6.2")}
    assert signals(two)["ios"].light is RED


@pytest.mark.parametrize(
    ("signal", "name", "lights"),
    [
        ("passcode", "PasswordProtected", {"true": GREEN, "false": AMBER, "True": OPEN, "1": OPEN, None: OPEN}),
        ("activation", "ActivationState", {"Activated": GREEN, "Unactivated": AMBER, "activated": AMBER, None: OPEN}),
        ("developer-mode", "DeveloperModeStatus", {"false": GREEN, "true": AMBER, "": OPEN, None: OPEN}),
        ("wifi-trust", "EnableWifiConnections", {"false": GREEN, "true": AMBER, "no": OPEN, None: OPEN}),
        ("profiles", "profiles", {"0": INFO, "12": INFO, "-1": OPEN, "1e3": OPEN, "²": OPEN, None: OPEN}),
        ("jailbreak", "afc2", {"refused": INFO, "open": RED, "closed": OPEN, None: OPEN}),
    ],
)
def test_words_and_their_lights(signal: str, name: str, lights: dict[str | None, Light]) -> None:
    for word, wanted in lights.items():
        assert light(signal, **{name: word}) is wanted, word


def test_no_passcode_is_not_taken_for_sure() -> None:
    found = signals(told(PasswordProtected="false"))["passcode"]
    assert "because it is unlocked" in str(found.says)


@pytest.mark.parametrize(
    ("chaperoned", "supervised", "organisation", "expecting", "otherwise"),
    [
        ("true", "true", AGENCY, GREEN, INFO),
        ("true", None, AGENCY, GREEN, INFO),
        (None, "true", AGENCY, GREEN, INFO),
        ("true", "true", "Example agency", RED, INFO),
        ("true", "true", None, OPEN, INFO),
        ("false", "false", None, AMBER, INFO),
        ("false", None, AGENCY, AMBER, INFO),
        ("true", "false", AGENCY, AMBER, OPEN),
        ("true", "false", "Another", RED, OPEN),
        ("yes", "true", AGENCY, OPEN, OPEN),
        (None, None, AGENCY, OPEN, OPEN),
    ],
)
def test_who_supervises_the_phone(
    chaperoned: str | None, supervised: str | None, organisation: str | None, expecting: Light, otherwise: Light
) -> None:
    said: dict[str, str | None] = {
        "DeviceIsChaperoned": chaperoned,
        "IsSupervised": supervised,
        "OrganizationName": organisation,
    }
    assert light("supervision", **said) is expecting
    assert light("supervision", HealthRules(), **said) is otherwise
    assert "Another" not in str(signals(told(**said))["supervision"].value)  # the phone's own text is not repeated


@pytest.mark.parametrize(
    "package", ["com.saurik.Cydia", "org.coolstar.SileoStore", "xyz.willy.Zebra", "com.tigisoftware.Filza"]
)
def test_an_app_of_a_jailbreak_is_red_whatever_the_phone_says(package: str) -> None:
    offloaded = App(package, states=(AppState(0, installed=False, archived=True),))
    for afc2 in ("refused", "open", None):
        assert signals(told(afc2=afc2), MAPS, offloaded)["jailbreak"].light is RED


def test_no_sign_of_a_jailbreak_says_little() -> None:
    assert "does not prove" in str(signals(told())["jailbreak"].says)
    bare = Inventory(Phone("ios", "Apple", "iPhone17,1", "", "S"), (), (), health=HealthReadings(told()))
    (found,) = (s for s in health.judge(bare, RULES, (), TODAY, ()) if s.signal == "jailbreak")
    assert found.light is OPEN  # no listing came


# No text makes it better

_EXACT = [*HEALTHY.values(), "false", "open", "Unactivated", "18.6.2", "26.6", "15.8.4", "27.0", "0", "", "TRUE"]
WORDS = st.one_of(st.sampled_from(_EXACT), st.text(max_size=12))
_RANK = {RED: 0, AMBER: 1, OPEN: 2, INFO: 3, GREEN: 4}
_GOOD = {name: {value} for name, value in HEALTHY.items()} | {"ProductVersion": {"26.6.1", "18.7.2"}}


@examples(200)
@given(name=st.sampled_from(sorted(HEALTHY)), word=WORDS)
def test_no_word_that_is_not_known_to_be_good_is_green(name: str, word: str) -> None:
    good, silent, found = signals(told()), signals(told(**{name: None})), signals(told(**{name: word}))
    for signal, one in found.items():
        if silent[signal] == good[signal] or one.light is not GREEN:
            continue
        assert word in _GOOD[name], signal
    assert found["jailbreak"].light is not GREEN


@examples(200)
@given(
    name=st.sampled_from(sorted(HEALTHY)),
    before=st.lists(WORDS, min_size=1, max_size=2),
    more=st.lists(WORDS, min_size=1, max_size=3),
    rules=st.sampled_from([RULES, HealthRules()]),
)
def test_what_an_iphone_adds_makes_no_light_better(
    name: str, before: list[str], more: list[str], rules: HealthRules
) -> None:
    first = signals({**told(), name: tuple(before)}, rules=rules)
    later = signals({**told(), name: (*before, *more)}, rules=rules)
    for signal, one in first.items():
        if one.light in (RED, AMBER):
            assert _RANK[later[signal].light] <= _RANK[one.light], signal


# Beside the verdict, and in it


def names(check: Check) -> list[str]:
    return [s.signal for s in health_words.signals_to_show(check)]


def test_the_strip_of_an_iphone_has_its_own_signals() -> None:
    assert names(check(RULES)) == ["ios", "passcode", "supervision", "developer-mode"]
    assert names(check(replace(RULES, show=("patch", "boot")))) == ["ios", "passcode", "supervision", "developer-mode"]
    assert names(check(replace(RULES, show=("patch", "jailbreak", "ios")))) == ["jailbreak", "ios"]
    assert names(check(RULES, EnableWifiConnections="true"))[0] == "wifi-trust"  # what is amber goes first


@pytest.mark.parametrize(
    ("rules", "changed", "verdict"),
    [
        ({}, {"afc2": "open", "PasswordProtected": "false"}, Verdict.GREEN),
        ({"red": ("jailbreak",)}, {"afc2": "open"}, Verdict.RED),
        ({"red": ("passcode",)}, {"PasswordProtected": "false"}, Verdict.GREEN),
        ({"amber": ("passcode",)}, {"PasswordProtected": "false"}, Verdict.AMBER),
        ({"amber": ("ios",)}, {"ProductVersion": None}, Verdict.AMBER),
        ({"red": ("ios",)}, {"ProductVersion": "18.6.2"}, Verdict.RED),
        ({"red": ("encryption", "patch"), "amber": ("lock",)}, {}, Verdict.GREEN),  # an iPhone has none of them
    ],
)
def test_the_policy_lets_an_iphones_signals_decide(
    rules: dict[str, Any], changed: dict[str, str | None], verdict: Verdict
) -> None:
    assert check(replace(RULES, **rules), **changed).verdict is verdict


def test_the_check_and_its_record_tell_an_iphones_signals() -> None:
    ended = check(replace(RULES, red=("jailbreak",)), afc2="open", OrganizationName="=HYPERLINK()")
    shown = check_as_json(ended, 1)
    assert shown["health"]["jailbreak"]["light"] == "red"
    assert shown["health"]["jailbreak"]["decides"] is True
    assert shown["health"]["supervision"]["light"] == "red"
    assert "profiles" in shown["health_information"]
    record = CheckEnded.of(ended)
    assert [(one.signal, one.light) for one in record.health if one.decides] == [("jailbreak", RED)]
    assert "HYPERLINK" not in str(record.health)


def test_a_layer_renews_the_table_of_the_one_below() -> None:
    upper = HealthRules(ios=(IosRelease("26.7", date(2026, 9, 9)), IosRelease("27.0", date(2026, 9, 9))))
    laid = upper.over(RULES)
    assert {release.newest for release in laid.ios} == {"26.7", "27.0", "18.7.2", "15.8.4"}
    assert laid.expected_organisation == AGENCY
    assert HealthRules(expected_organisation="Other").over(laid).expected_organisation == "Other"
