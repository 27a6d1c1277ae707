"""Exceptions: they hold for one phone, one app, as long as they say and the policy allows, and not a day longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import (
    App,
    AppState,
    Certificate,
    Finding,
    Identity,
    Inventory,
    Labels,
    Match,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Signed,
)
from core.policy import exceptions
from core.policy.exceptions import BoundPhone, Grant, Request, faults, needs_signer, signer_of
from core.policy.format.policy_file import load_built_in
from core.policy.matching.match import judge
from core.text import T, Text

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
RULE = CANADA.rule("wechat")
assert RULE is not None
WECHAT = next(Certificate(s.sha256, hash=s.hash) for s in RULE.signers if "com.tencent.mm" in s.signs)
KASPERSKY, ANYBODY = Certificate("ab" * 32, hash="1"), Certificate("cd" * 32, hash="2")
FILES = {
    "com.tencent.mm": Identity("com.tencent.mm", certificates=(WECHAT,)),
    "com.kms.free": Identity("com.kms.free", certificates=(KASPERSKY,)),
}


def findings(files: Mapping[str, Identity], platform: str = "android", **more: Any) -> tuple[Finding, ...]:
    apps = tuple(App(p, states=(AppState(0, installed=True),), **more) for p in ("com.tencent.mm", "com.kms.free"))
    phone = replace(PHONE, platform=platform)
    return judge(Inventory(phone, (Profile(0, "Owner", ProfileKind.PERSONAL),), apps), CANADA, files)


FINDINGS = findings(FILES)


def apply(
    found: Sequence[Finding], phone: Phone, labels: Labels, grants: Sequence[Grant], policy: Policy, today: date
) -> tuple[Finding, ...]:
    """At the end of a check in which all files were read."""
    return exceptions.apply(found, phone, labels, grants, policy, today, read={f.app.package for f in found})


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
    own = replace(GRANT, request=replace(REQUEST, package="com.pocket.notes", signer=WECHAT.sha256))
    assert apply([copy], PHONE, Labels(), [own], CANADA, TODAY)[0].excepted
    # Another app under that id, with the same code: the exception is not for it.
    another = replace(copy, app=replace(copy.app, certificates=(ANYBODY.sha256,)))
    assert not apply([another], PHONE, Labels(), [own], CANADA, TODAY)[0].excepted


# Another app under the same id


FREE = replace(REQUEST, rule="kaspersky", package="com.kms.free")


def free(files: Mapping[str, Identity], read: Sequence[str] | None = None, signer: str = "", **more: Any) -> Finding:
    """What becomes of com.kms.free, whose maker's certificate the policy does not know."""
    grants = [Grant(12, replace(FREE, signer=signer), date(2026, 11, 1))]
    found = findings(files, **more)
    names = [f.app.package for f in found if f.app.package in files] if read is None else read
    phone = replace(PHONE, platform=more.get("platform", "android"))
    marked = exceptions.apply(found, phone, Labels(), grants, CANADA, TODAY, read=names)
    return next(f for f in marked if f.app.package == "com.kms.free")


def test_a_grant_that_names_the_signer_holds_for_its_app_alone() -> None:
    assert free(FILES, signer=KASPERSKY.sha256).excepted
    other = {"com.kms.free": Identity("com.kms.free", certificates=(ANYBODY,))}
    refused = free(other, signer=KASPERSKY.sha256)
    assert refused.excepted is None
    assert "The exception of entry 12 does not count for it: another signer signed" in str(refused.why)


@pytest.mark.parametrize(
    ("files", "signer", "said"),
    [
        (FILES, "", "was not known when it was granted"),
        ({}, KASPERSKY.sha256, "the app that is there is not known"),
        (
            {"com.kms.free": replace(FILES["com.kms.free"], certificates=(KASPERSKY, ANYBODY))},
            KASPERSKY.sha256,
            "is not known",
        ),
        ({"com.kms.free": Identity("com.kms.free")}, KASPERSKY.sha256, "is not known"),
    ],
    ids=["not at granting", "not read", "two signers", "no certificate"],
)
def test_where_a_signer_is_not_known_it_excuses_nothing_and_says_why(
    files: Mapping[str, Identity], signer: str, said: str
) -> None:
    refused = free(files, signer=signer)
    assert refused.excepted is None
    assert said in str(refused.why)
    assert refused.is_ban


def test_what_a_listing_says_of_a_signer_excuses_nothing() -> None:
    for more in ({"certificates": (KASPERSKY.sha256,)}, {"signers": (KASPERSKY.hash,)}):
        assert free({}, read=[], signer=KASPERSKY.sha256, **more).excepted is None
    # Nor where the policy knows the maker's certificate, and the app's own file was not read.
    listed = findings({}, certificates=(WECHAT.sha256,))
    assert Match.NAMED_AND_SIGNED in {f.match for f in listed}
    assert not any(f.excepted for f in exceptions.apply(listed, PHONE, Labels(), [GRANT], CANADA, TODAY, read=()))


def test_while_a_check_goes_on_the_id_is_enough() -> None:
    for grant in (GRANT, Grant(12, FREE, date(2026, 11, 1))):
        marked = exceptions.apply(findings({}), PHONE, Labels(), [grant], CANADA, TODAY, read=None)
        assert [f.app.package for f in marked if f.excepted] == [grant.request.package]


def test_of_two_grants_the_one_that_holds_counts() -> None:
    grants = [Grant(12, FREE, date(2026, 11, 1)), Grant(13, replace(FREE, signer=KASPERSKY.sha256), date(2026, 11, 1))]
    marked = apply(FINDINGS, PHONE, Labels(), grants, CANADA, TODAY)
    (kept,) = (f for f in marked if f.excepted)
    assert kept.excepted is not None
    assert kept.excepted.entry == 13


@pytest.mark.parametrize(
    ("signed", "team", "signer", "holds"),
    [
        (Signed.STORE, "", "", True),
        (Signed.STORE, "2Y8XE5CQ94", "2Y8XE5CQ94", True),
        (Signed.TESTING, "", "", True),
        (Signed.STORE, "AAAAAAAAAA", "2Y8XE5CQ94", False),
        (Signed.DEVELOPER, "2Y8XE5CQ94", "", False),
        (Signed.DEVELOPER, "2Y8XE5CQ94", "2Y8XE5CQ94", True),
        (Signed.ORGANISATION, "AAAAAAAAAA", "2Y8XE5CQ94", False),
        (Signed.ORGANISATION, "", "2Y8XE5CQ94", False),
        (Signed.UNKNOWN, "", "", False),
        (None, "", "", False),
    ],
)
def test_on_an_iphone_the_store_or_the_team_says_that_it_is_the_one(
    signed: Signed | None, team: str, signer: str, holds: bool
) -> None:
    app = App("com.kaspersky.safekids", states=(AppState(0, installed=True),), signed=signed, team=team)
    phone = replace(PHONE, platform="ios")
    found = judge(Inventory(phone, (Profile(0, "Owner", ProfileKind.PERSONAL),), (app,)), CANADA)
    grant = Grant(12, replace(FREE, package=app.package, signer=signer), date(2026, 11, 1))
    (finding,) = (
        f
        for f in exceptions.apply(found, phone, Labels(), [grant], CANADA, TODAY, read=())
        if f.app.package == app.package and f.is_ban
    )
    assert bool(finding.excepted) is holds


def test_who_signed_an_app_as_a_request_names_it() -> None:
    (wechat, *_) = (f for f in FINDINGS if f.rule == "wechat")
    assert signer_of(wechat, "android") == WECHAT.sha256
    assert signer_of(replace(wechat, app=replace(wechat.app, certificates=())), "android") == ""
    assert signer_of(replace(wechat, app=replace(wechat.app, team="532LCLCWL8")), "ios") == "532LCLCWL8"
    assert RULE is not None
    assert not needs_signer(RULE, "com.tencent.mm")
    assert needs_signer(RULE, "com.pocket.notes")


@pytest.mark.parametrize(
    ("named", "listed"), [("com.tencent.xin", "Com.Tencent.XIN"), ("COM.tencent.xin", "com.tencent.xin")]
)
def test_on_an_iphone_ids_are_compared_without_regard_to_case(named: str, listed: str) -> None:
    iphone = replace(PHONE, platform="ios")
    grant = replace(GRANT, request=replace(REQUEST, package=named))
    there = App(listed, states=(AppState(0, installed=True),), signed=Signed.STORE)
    found = judge(Inventory(iphone, (Profile(0, "", ProfileKind.PERSONAL),), (there,)), CANADA)
    assert [f.excepted is not None for f in apply(found, iphone, Labels(), [grant], CANADA, TODAY)] == [True]
    assert not [name for name, _ in faults(replace(REQUEST, package=named), CANADA, TODAY) if name == "package"]


def test_an_exception_for_an_app_is_none_for_its_app_clip() -> None:
    iphone = replace(PHONE, platform="ios")
    grant = replace(GRANT, request=replace(REQUEST, package="com.tencent.xin"))
    clip = App("com.tencent.xin.Clip", states=(AppState(0, installed=True, instant=True),), signed=Signed.STORE)
    found = judge(Inventory(iphone, (Profile(0, "", ProfileKind.PERSONAL),), (clip,)), CANADA)
    assert [f.excepted for f in apply(found, iphone, Labels(), [grant], CANADA, TODAY)] == [None]


def test_on_android_an_id_in_another_case_is_another_app() -> None:
    assert not excepted(replace(GRANT, request=replace(REQUEST, package="com.Tencent.mm")))


# An asset tag, which anybody can type

BY_TAG = replace(GRANT, request=replace(REQUEST, serial="", maker="", model="", tag="DRH-1"))
TYPED = Labels(tag="drh-1 ")
BOUND = replace(BY_TAG, bound=BoundPhone(40, "google", "Pixel 9", "SERIAL1"))


def refusal(grant: Grant, phone: Phone = PHONE, labels: Labels = TYPED, **more: Any) -> str:
    """Why WeChat is not excused; nothing where it is."""
    marked = exceptions.apply(FINDINGS, phone, labels, [grant], CANADA, TODAY, read=FILES, **more)
    (wechat,) = (f for f in marked if f.rule == "wechat")
    return "" if wechat.excepted else str(wechat.why)


def test_once_bound_a_typed_tag_excuses_no_other_phone() -> None:
    assert refusal(BOUND) == ""
    assert refusal(BOUND, labels=Labels()) == "", "its serial number tells it"
    for change in ({"serial": "SERIAL2"}, {"model": "Pixel 8"}, {"maker": "samsung"}, {"serial": ""}):
        said = refusal(BOUND, replace(PHONE, **change))  # type: ignore[arg-type]
        assert "The exception of entry 12 does not count. This exception is bound to another phone." in said


@given(st.text(max_size=20), st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_whatever_a_phone_and_an_officer_say_it_excuses_the_bound_phone_alone(
    serial: str, maker: str, model: str, tag: str
) -> None:
    phone = Phone("android", maker, model, "16", serial)
    for labels in (TYPED, Labels(tag=tag)):
        marked = apply(FINDINGS, phone, labels, [BOUND], CANADA, TODAY)
        excused = any(f.excepted for f in marked)
        assert not excused or (maker, model, serial) == ("google", "Pixel 9", "SERIAL1")


def test_before_the_end_of_a_check_a_bound_one_is_no_other_phone_s_either() -> None:
    marked = exceptions.apply(FINDINGS, replace(PHONE, serial="SERIAL2"), TYPED, [BOUND], CANADA, TODAY, read=None)
    assert not any(f.excepted for f in marked)


def test_where_what_tells_the_bound_phone_was_erased_it_is_for_none() -> None:
    erased = replace(BOUND, bound=BoundPhone(40, "google", "Pixel 9", ""))
    assert not erased.names_a_phone
    assert "was erased" in refusal(erased)
    assert "was erased" in refusal(erased, replace(PHONE, serial=""))


def test_a_phone_without_a_serial_number_cannot_be_bound() -> None:
    assert "has no serial number" in refusal(BY_TAG, replace(PHONE, serial=""))


def test_where_two_phones_have_the_serial_number_a_tag_tells_neither() -> None:
    for grant in (BY_TAG, BOUND):
        assert "Another phone at this desk has the same serial number." in refusal(grant, alone=False)


def test_what_a_list_says_of_the_tag_outweighs_what_was_typed() -> None:
    asked: list[str] = []

    def listed(tag: str) -> Text:
        asked.append(tag)
        return T("In the list of the round “{round}”, this asset tag is another phone’s.", round="Autumn")

    for grant in (BY_TAG, BOUND):
        assert "this asset tag is another phone’s" in refusal(grant, listed=listed)
    assert set(asked) == {"DRH-1"}
    assert refusal(GRANT, listed=listed) == "", "an exception by serial number asks no list"


def test_a_serial_of_many_phones_and_its_tag_are_for_that_kind_of_phone_alone() -> None:
    many = replace(PHONE, serial="0123456789ABCDEF")
    seen = replace(GRANT, request=replace(REQUEST, serial=many.serial, tag="DRH-1"))
    bound = replace(BY_TAG, bound=BoundPhone(40, "google", "Pixel 9", many.serial))
    for grant in (seen, bound):
        assert refusal(grant, many) == ""
        for other in (PHONE, replace(many, model="Pixel 8")):
            assert refusal(grant, other) != ""
        assert refusal(grant, many, Labels()) != ""


@pytest.mark.parametrize(
    "signs",
    [
        {"components": ("com.tencent.mm.ui.LauncherUI",)},
        {"code": tuple(f"com.tencent.mm.plugin.sns.C{number}" for number in range(10))},
    ],
)
def test_an_exception_for_one_app_allows_no_other_banned_app_s_code_under_its_id(signs: dict[str, Any]) -> None:
    """Also where it was granted while that code had the id, and so names its signer."""
    grant = Grant(12, replace(FREE, signer=KASPERSKY.sha256), date(2026, 11, 1))
    found = findings({"com.kms.free": Identity("com.kms.free", certificates=(KASPERSKY,), **signs)})
    marked = apply(found, PHONE, Labels(), [grant], CANADA, TODAY)
    left = {f.rule for f in marked if f.app.package == "com.kms.free" and f.is_ban and f.excepted is None}
    assert left == {"wechat"}
