"""What can hold other apps is a gap with its name, and a page that opens like an app is a notice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import (
    App,
    AppState,
    Certificate,
    Check,
    EvidenceKind,
    Finding,
    Gap,
    Identity,
    Inventory,
    Match,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Strength,
    Verdict,
)
from core.policy.format.policy_file import built_in, load_built_in
from core.policy.matching.containers import held_apart
from core.policy.matching.match import judge, unsure
from core.policy.matching.pages import host_of
from tests.examples import examples

CANADA = load_built_in("canada")
STUB = "com.lody.virtual.client.stub.StubActivity$C0"
OWNER, WORK = Profile(0, "Owner", ProfileKind.PERSONAL), Profile(10, "Work", ProfileKind.WORK)
BROWSER = Certificate("ab" * 32, hash="1234567")


def app(package: str = "com.example.space", *profiles: int, **more: Any) -> App:
    return App(package, states=tuple(AppState(id, installed=True) for id in profiles or (0,)), **more)


def phone(*apps: App, platform: str = "android") -> Inventory:
    return Inventory(Phone(platform, "any", "any", "15", "S"), (OWNER, WORK), apps)


def gaps(*apps: App, policy: Policy = CANADA, platform: str = "android", **files: Identity) -> tuple[Gap, ...]:
    return held_apart(phone(*apps, platform=platform), policy, {one.package: one for one in files.values()})


@pytest.mark.parametrize("name", built_in())
def test_every_built_in_policy_knows_them_by_id_and_by_stub(name: str) -> None:
    policy = load_built_in(name)
    for container in policy.containers:
        for id in container.ids:
            (gap,) = gaps(app(id.id), policy=policy, platform=id.platform)
            assert str(container.product) in str(gap.what)
            assert id.id in str(gap.how)
        for code in container.code:
            assert gaps(app(components=(f"{code.prefix}Stub",)), policy=policy)
    assert {service.rule for service in policy.web} <= {rule.id for rule in policy.rules}


def test_a_stub_in_the_app_s_own_file_tells_it_under_any_name() -> None:
    hidden = Identity("com.example.space", label="Calculator", certificates=(BROWSER,), components=(STUB,))
    (gap,) = gaps(app(), file=hidden)
    assert str(gap.what) == "Calculator can hold apps that no list shows (the engine VirtualApp)."
    assert gaps(app(components=(STUB,)))
    assert not gaps(app(components=("com.lody.virtual.client.Other", "com.lody.virtual.client.stubs.X")))


def test_it_is_told_in_each_profile_and_also_switched_off_or_archived() -> None:
    found = gaps(app("com.vmos.app", 0, 10))
    assert [gap.profile for gap in found] == [0, 10]
    archived = App("com.vmos.app", states=(AppState(0, installed=False, archived=True), AppState(10, installed=False)))
    assert [gap.profile for gap in gaps(archived)] == [0]


def test_an_iphone_s_ids_are_compared_as_apple_does_and_with_the_team_that_a_store_puts_behind() -> None:
    for id in ("com.kdt.livecontainer", "com.kdt.LiveContainer", "com.kdt.livecontainer.3432ZHJUF9"):
        assert gaps(app(id), platform="ios"), id
    for id in ("com.kdt.livecontainers", "com.kdt.livecontainer.helper", "com.kdt.livecontainer.3432ZHJUF9.x"):
        assert not gaps(app(id), platform="ios"), id
    assert not gaps(app("com.kdt.livecontainer"))
    assert not gaps(app("com.VMOS.app"))


def test_no_id_excuses_the_code_of_a_container() -> None:
    (one, *others) = CANADA.containers
    code = replace(one.code[0], also_in=("com.example.space",))
    policy = replace(CANADA, containers=(replace(one, code=(code,)), *others))
    assert gaps(app(components=(STUB,)), policy=policy)
    assert gaps(app("com.example.other", components=(STUB,)), policy=policy)
    assert not gaps(app(components=(STUB,)), policy=replace(CANADA, containers=()))


def test_a_phone_with_one_is_amber_and_it_is_no_finding() -> None:
    inventory = phone(app(components=(STUB,)))
    from datetime import datetime

    time = datetime(2026, 11, 29)
    check = Check(inventory, CANADA, judge(inventory, CANADA), time, time, unsure=held_apart(inventory, CANADA))
    assert (check.verdict, check.findings) == (Verdict.AMBER, ())


# Pages


def page(url: str, label: str = "TikTok", package: str = "org.chromium.webapk.a1_v2", **more: Any) -> Identity:
    return Identity(package, 3, label, (BROWSER,), start_url=url, **more)


def found(*files: Identity, policy: Policy = CANADA, **more: Any) -> tuple[Finding, ...]:
    apps = (app(file.package, label=file.label, **more) for file in files)
    return judge(phone(*apps), policy, {file.package: file for file in files})


@pytest.mark.parametrize(
    "url",
    [
        "https://www.tiktok.com/?utm_source=pwa",
        "https://tiktok.com",
        "https://WWW.TikTok.COM./@someone",
        "http://m.tiktok.com:443/x",
        "https://user@www.tiktok.com/",
        " https://www.tiktok.com/ ",
    ],
)
def test_a_page_of_a_named_service_is_a_notice_whatever_it_calls_itself(url: str) -> None:
    for label in ("TikTok", "Recipes", ""):
        (finding,) = found(page(url, label))
        assert (finding.rule, finding.strength, finding.match) == ("tiktok", Strength.NOTICE, Match.WEB_PAGE)
        assert finding.evidence[0].kind is EvidenceKind.START_ADDRESS
        assert "opens a page of TikTok" in str(finding.why)
        assert not finding.is_ban
        assert unsure([finding], CANADA) == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://www.nottiktok.com/",
        "https://tiktok.com.example.org/",
        "https://www.tiktok.com@example.org/",
        "https://example.org/https://www.tiktok.com",
        "https://example.org/?u=tiktok.com",
        "https://[",
        "tiktok",
        "",
    ],
)
def test_other_pages_are_none(url: str) -> None:
    assert found(page(url, "Recipes")) == ()


def test_a_page_that_has_the_product_s_code_or_signer_stays_what_it_is() -> None:
    rule = CANADA.rule("wechat")
    assert rule is not None
    signer = next(one for one in rule.signers if one.sha256)
    url = "https://web.wechat.com/"
    copy = replace(page(url, "WeChat"), certificates=(Certificate(signer.sha256, hash=signer.hash),))
    (finding,) = found(copy)
    assert (finding.match, finding.strength, finding.is_ban) == (Match.SAME_SIGNER, Strength.BAN, True)
    renamed = replace(page(url, "Notes"), components=("com.tencent.mm.ui.LauncherUI",))
    assert [one.is_ban for one in found(renamed)] == [True]
    (named,) = found(page(url, "WeChat", package="com.tencent.mm"))
    assert named.is_ban


def test_a_service_of_a_rule_that_is_switched_off_is_told_of_no_more() -> None:
    policy = replace(CANADA, rules=tuple(rule for rule in CANADA.rules if rule.id != "tiktok"))
    assert found(page("https://www.tiktok.com/", "Recipes"), policy=policy) == ()


@examples(100)
@given(address=st.text(max_size=40) | st.text(max_size=20).map("https://".__add__))
def test_no_address_makes_it_fail(address: str) -> None:
    assert isinstance(host_of(address), str)
    found(page(address, "x"))
