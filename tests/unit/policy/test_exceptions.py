"""Exceptions: they hold for one phone, one app, as long as they say and the policy allows, and not a day longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import App, AppState, Inventory, Labels, Match, Phone, Profile, ProfileKind
from core.policy.exceptions import Grant, Request, apply, faults
from core.policy.format.policy_file import load_built_in
from core.policy.matching.match import judge

CANADA = load_built_in("canada")
PHONE = Phone("android", "google", "Pixel 9", "16", "SERIAL1")
TODAY = date(2026, 11, 25)
REQUEST = Request(
    "wechat",
    date(2027, 3, 31),
    "Deputy minister",
    "2026-117",
    "com.tencent.mm",
    serial="SERIAL1",
    maker="google",
    model="Pixel 9",
)
GRANT = Grant(12, REQUEST, date(2026, 11, 1))
FINDINGS = judge(
    Inventory(
        PHONE,
        (Profile(0, "Owner", ProfileKind.PERSONAL),),
        tuple(App(p, states=(AppState(0, installed=True),)) for p in ("com.tencent.mm", "com.kms.free")),
    ),
    CANADA,
)


def excepted(*grants: Grant, phone: Phone = PHONE, labels: Labels = Labels(), today: date = TODAY) -> set[str]:  # noqa: B008
    marked = apply(FINDINGS, phone, labels, grants, CANADA, today)
    return {f.app.package for f in marked if f.excepted}


def test_it_holds_for_the_app_that_it_names_and_says_by_whom_and_until_when() -> None:
    (wechat,) = (f for f in apply(FINDINGS, PHONE, Labels(), [GRANT], CANADA, TODAY) if f.excepted)
    assert wechat.app.package == "com.tencent.mm"
    assert wechat.is_ban
    assert wechat.excepted is not None
    assert (wechat.excepted.entry, wechat.excepted.until) == (12, date(2027, 3, 31))
    assert (wechat.excepted.authority, wechat.excepted.reference) == ("Deputy minister", "2026-117")


@pytest.mark.parametrize(
    ("today", "holds"),
    [
        (date(2026, 10, 31), False),
        (date(2026, 11, 1), True),
        (date(2027, 3, 31), True),
        (date(2027, 4, 1), False),
    ],
)
def test_its_last_day_is_the_one_that_it_names(today: date, holds: bool) -> None:
    assert bool(excepted(GRANT, today=today)) is holds


def test_the_policy_in_force_can_shorten_it() -> None:
    shorter = replace(CANADA, exception_days=30)
    assert GRANT.until(shorter) == date(2026, 12, 1)
    assert GRANT.holds(shorter, date(2026, 12, 1))
    assert not GRANT.holds(shorter, date(2026, 12, 2))
    assert not GRANT.holds(replace(CANADA, exception_days=0), TODAY)


@pytest.mark.parametrize(
    "grant",
    [
        replace(GRANT, revoked=date(2026, 11, 20)),
        replace(GRANT, request=replace(REQUEST, serial="SERIAL2")),
        replace(GRANT, request=replace(REQUEST, model="Pixel 8")),
        replace(GRANT, request=replace(REQUEST, rule="tiktok")),
        replace(GRANT, request=replace(REQUEST, package="com.tencent.other")),
        replace(GRANT, request=replace(REQUEST, serial="", tag="")),
        replace(GRANT, request=replace(REQUEST, serial="", tag="DRH-2")),
        replace(GRANT, request=replace(REQUEST, package="")),
    ],
    ids=[
        "withdrawn",
        "another phone",
        "same serial, other model",
        "other rule",
        "other app",
        "erased",
        "other tag",
        "no app",
    ],
)
def test_it_holds_for_nothing_else(grant: Grant) -> None:
    assert excepted(grant, labels=Labels(tag="DRH-1")) == set()


def test_an_asset_tag_names_a_phone_as_it_is_typed() -> None:
    tagged = replace(GRANT, request=replace(REQUEST, serial="", tag="drh-1 "))
    assert excepted(tagged, labels=Labels(tag=" DRH-1")) == {"com.tencent.mm"}
    assert excepted(tagged) == set()


def test_of_two_the_longer_one_is_told() -> None:
    longer = Grant(20, replace(REQUEST, until=date(2027, 6, 1)), date(2026, 11, 2))
    (wechat,) = (f for f in apply(FINDINGS, PHONE, Labels(), [GRANT, longer], CANADA, TODAY) if f.excepted)
    assert wechat.excepted is not None
    assert wechat.excepted.entry == 20


@given(st.integers(-1000, 1000), st.integers(0, 730), st.integers(-1000, 1000))
def test_it_never_holds_past_its_day_or_the_policy_s(until: int, days: int, today: int) -> None:
    grant = replace(GRANT, request=replace(REQUEST, until=TODAY + timedelta(until)), granted=TODAY)
    policy = replace(CANADA, exception_days=days)
    if grant.holds(policy, TODAY + timedelta(today)):
        assert 0 <= today <= min(until, days)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rule": "no-such-rule"}, "rule"),
        ({"rule": "wecom"}, "rule"),
        ({"package": ""}, "package"),
        ({"package": "not an app; rm -rf"}, "package"),
        ({"rule": "kaspersky", "package": "org.mozilla.firefox; x"}, "package"),
        ({"serial": "0123456789ABCDEF"}, "tag"),
        ({"serial": "000000000000"}, "tag"),
        ({"serial": "", "tag": " "}, "tag"),
        ({"authority": " "}, "authority"),
        ({"reference": ""}, "reference"),
        ({"until": TODAY - timedelta(1)}, "until"),
        ({"until": TODAY + timedelta(366)}, "until"),
    ],
)
def test_what_is_missing_or_too_much_is_said_at_its_field(change: dict[str, object], field: str) -> None:
    wrong = faults(replace(REQUEST, **change), CANADA, TODAY)  # type: ignore[arg-type]
    assert [name for name, _ in wrong] == [field]


def test_a_sound_request_can_be_granted() -> None:
    assert faults(REQUEST, CANADA, TODAY) == ()
    assert faults(replace(REQUEST, until=TODAY + timedelta(365)), CANADA, TODAY) == ()
    assert [f for f, _ in faults(REQUEST, replace(CANADA, exception_days=0), TODAY)] == ["rule", "until"]


def test_a_serial_that_many_phones_have_names_none() -> None:
    phone = replace(PHONE, serial="0123456789ABCDEF")
    grant = replace(GRANT, request=replace(REQUEST, serial="0123456789ABCDEF"))
    assert excepted(grant, phone=phone) == set()
    assert excepted(replace(grant, request=replace(grant.request, tag="DRH-1")), phone=phone) == set()
    assert excepted(
        replace(grant, request=replace(grant.request, tag="DRH-1")), phone=phone, labels=Labels(tag="DRH-1")
    ) == {"com.tencent.mm"}


@pytest.mark.parametrize("match", [Match.LOOK_ALIKE, Match.SUSPECTED_SIGNER, Match.LABEL])
def test_what_only_bears_the_name_is_not_excused(match: Match) -> None:
    findings = tuple(replace(f, match=match) for f in FINDINGS)
    assert not any(f.excepted for f in apply(findings, PHONE, Labels(), [GRANT], CANADA, TODAY))


def test_a_copy_under_another_name_needs_an_exception_of_its_own() -> None:
    (wechat,) = (f for f in FINDINGS if f.rule == "wechat")
    copy = replace(wechat, app=replace(wechat.app, package="com.pocket.notes"), match=Match.SAME_CODE)
    assert not apply([copy], PHONE, Labels(), [GRANT], CANADA, TODAY)[0].excepted
    own = replace(GRANT, request=replace(REQUEST, package="com.pocket.notes"))
    assert apply([copy], PHONE, Labels(), [own], CANADA, TODAY)[0].excepted


@pytest.mark.parametrize(
    ("named", "listed"), [("com.tencent.xin", "Com.Tencent.XIN"), ("COM.tencent.xin", "com.tencent.xin")]
)
def test_on_an_iphone_ids_are_compared_without_regard_to_case(named: str, listed: str) -> None:
    iphone = replace(PHONE, platform="ios")
    grant = replace(GRANT, request=replace(REQUEST, package=named))
    there = App(listed, states=(AppState(0, installed=True),))
    found = judge(Inventory(iphone, (Profile(0, "", ProfileKind.PERSONAL),), (there,)), CANADA)
    assert [f.excepted is not None for f in apply(found, iphone, Labels(), [grant], CANADA, TODAY)] == [True]
    assert not [name for name, _ in faults(replace(REQUEST, package=named), CANADA, TODAY) if name == "package"]


def test_an_exception_for_an_app_is_none_for_its_app_clip() -> None:
    iphone = replace(PHONE, platform="ios")
    grant = replace(GRANT, request=replace(REQUEST, package="com.tencent.xin"))
    clip = App("com.tencent.xin.Clip", states=(AppState(0, installed=True, instant=True),))
    found = judge(Inventory(iphone, (Profile(0, "", ProfileKind.PERSONAL),), (clip,)), CANADA)
    assert [f.excepted for f in apply(found, iphone, Labels(), [grant], CANADA, TODAY)] == [None]


def test_on_android_an_id_in_another_case_is_another_app() -> None:
    assert not excepted(replace(GRANT, request=replace(REQUEST, package="com.Tencent.mm")))
