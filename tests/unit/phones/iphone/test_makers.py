"""Who made an app is told by its entitlements, which it cannot choose, and by nothing that its signer calls itself."""

from __future__ import annotations

import plistlib
import struct
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.describe import verdicts
from core.jobs import Cancel, silent
from core.model import (
    App,
    AppState,
    Check,
    Finding,
    Identity,
    Inventory,
    Match,
    Phone,
    Profile,
    ProfileKind,
    Signed,
    Strength,
    Verdict,
)
from core.phones.accounting import Why
from core.phones.driver import Answer, Outcome, Silent
from core.phones.iphone import entitlements
from core.phones.iphone.entitlements import APPLICATION, ENTITLEMENTS, TEAM, teams_of
from core.phones.iphone.stream import Stream
from core.policy.format.policy_file import load_built_in
from core.policy.matching import ask, match
from core.simulator.iphone import IphoneScenario, MuxServer, load_iphone
from core.simulator.iphone.scenario import IphoneApp
from core.text import T
from core.visit.check import check, to_look_into
from tests.kit.iphone.faults import Faults
from tests.unit.phones.iphone.conftest import Serve, opened
from tests.unit.phones.iphone.test_load import Clock, Drips

CANADA = load_built_in("canada")
WECHAT, ITS_TEAM = "com.tencent.xin", "532LCLCWL8"


def with_apps(*changed: IphoneApp) -> IphoneScenario:
    return msgspec.structs.replace(load_iphone("iphone-clean"), apps=changed)


def signed(app: str, team: str = ITS_TEAM, **more: Any) -> dict[str, Any]:
    return {APPLICATION: f"{team}.{app}", TEAM: team, **more}


def checked(mux: MuxServer, *, quick: bool = False) -> Check:
    return check(opened(mux), CANADA, silent, Cancel(), quick=quick)


def said_in(found: Check) -> str:
    return " ".join(str(gap.what) for gap in found.gaps)


# --- reading them


@pytest.mark.parametrize(
    ("table", "teams", "why"),
    [
        (signed("ca.example.app"), (ITS_TEAM,), set()),
        (signed("CA.Example.App"), (ITS_TEAM,), set()),
        (signed("ca.example.app", **{TEAM: "ABCDE12345"}), ("ABCDE12345", ITS_TEAM), set()),
        ({APPLICATION: f"{ITS_TEAM}.ca.example.app"}, (ITS_TEAM,), set()),
        ({TEAM: ITS_TEAM}, (ITS_TEAM,), set()),
        (signed("*"), (ITS_TEAM,), set()),
        (signed("ca.example.*"), (ITS_TEAM,), set()),
        ({APPLICATION: "ca.example.app"}, (), set()),
        ({}, (), set()),
        (signed("ca.example.other"), (ITS_TEAM,), {Why.DISAGREES}),
        (signed("ca.other.*"), (ITS_TEAM,), {Why.DISAGREES}),
        (signed(WECHAT), (ITS_TEAM,), {Why.DISAGREES}),
        ({APPLICATION: "ca.example.other"}, (), {Why.DISAGREES}),
        ({APPLICATION: "nothing"}, (), {Why.REFUSED}),
        ({APPLICATION: 7, TEAM: ITS_TEAM}, (ITS_TEAM,), {Why.REFUSED}),
        ({TEAM: "not a team"}, (), {Why.REFUSED}),
        ({TEAM: [ITS_TEAM]}, (), {Why.REFUSED}),
    ],
)
def test_the_teams_of_an_app(table: dict[str, Any], teams: tuple[str, ...], why: set[Why]) -> None:
    read = teams_of("ca.example.app", {ENTITLEMENTS: table})
    assert read.value == teams
    assert {one.why for one in read.left} == why


@pytest.mark.parametrize("table", ["x", b"x", [], 7, True])
def test_entitlements_that_are_no_table_are_left(table: Any) -> None:
    read = teams_of("ca.example.app", {ENTITLEMENTS: table})
    assert not read.value
    assert [(one.why, one.app) for one in read.left] == [(Why.REFUSED, "ca.example.app")]


@given(st.dictionaries(st.sampled_from([APPLICATION, TEAM, "x"]), st.text() | st.binary() | st.integers()))
def test_whatever_stands_there_a_team_is_ten_capitals_and_digits(table: dict[str, Any]) -> None:
    read = teams_of("ca.example.app", {ENTITLEMENTS: table})
    assert all(len(team) == 10 and team.isascii() and team.upper() == team for team in read.value)
    assert not any(key in table for key in (APPLICATION, TEAM)) or read.value or read.left or _own(table)


def _own(table: dict[str, Any]) -> bool:
    return all(table.get(key, "") in ("", "ca.example.app") for key in (APPLICATION, TEAM))


# --- a whole check


def test_a_banned_makers_app_under_a_new_id_is_red_by_its_team(serve: Serve) -> None:
    new = f"{WECHAT}.work"
    found = checked(serve(with_apps(IphoneApp(new, "Notes", entitlements=signed(new)))))
    assert found.verdict is Verdict.RED
    (banned,) = found.bans
    assert (banned.match, banned.app.package, banned.app.team) == (Match.SAME_SIGNER, new, ITS_TEAM)


@pytest.mark.parametrize("signer", [f"iPhone Distribution: A ({ITS_TEAM})", f"Apple Development: A ({ITS_TEAM})"])
def test_what_a_signer_calls_itself_is_no_team(serve: Serve, signer: str) -> None:
    found = checked(serve(with_apps(IphoneApp(f"{WECHAT}.work", "Notes", signer=signer))))
    assert found.verdict is Verdict.GREEN
    (review,) = found.for_review
    assert review.app.team == "PRACTICE00"


@pytest.mark.parametrize("signer", ["", "Apple Development: A (ABCDE12345)"])
@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("WeChat", Verdict.AMBER),
        ("WeChat Work", Verdict.AMBER),
        ("W\u0435-C h\u0430\u0442", Verdict.AMBER),
        ("Wechaat", Verdict.GREEN),
    ],
)
def test_an_app_of_no_told_maker_that_calls_itself_like_a_banned_one_is_amber(
    serve: Serve, signer: str, name: str, verdict: Verdict
) -> None:
    found = checked(serve(with_apps(IphoneApp("ca.example.chat", name, signer=signer, entitlements={}))))
    assert found.verdict is verdict
    if verdict is Verdict.AMBER:
        assert f"{name} calls itself like WeChat, and the phone does not tell who made it." in said_in(found)
    else:
        assert "does not tell who made 1 of them" in str(verdicts.headline(found))


@pytest.mark.parametrize("kind", ["sideloaded", "enterprise"])
def test_one_that_came_from_no_store_and_calls_itself_like_a_banned_one_is_amber(serve: Serve, kind: Any) -> None:
    """Its team is told, and may be that of whoever has signed a banned app anew."""
    found = checked(serve(with_apps(IphoneApp("ca.example.chat", "T\u0456k T\u043ek", kind=kind))))
    assert found.verdict is Verdict.AMBER
    assert "T\u0456k T\u043ek calls itself like TikTok, and came from no store." in said_in(found)


def test_one_whose_maker_is_told_may_be_called_anything(serve: Serve) -> None:
    found = checked(serve(with_apps(IphoneApp("ca.example.chat", "WeChat"))))
    assert found.verdict is Verdict.GREEN
    assert [finding.match for finding in found.findings] == [Match.LABEL]
    assert "does not tell" not in str(verdicts.headline(found))


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (signed(WECHAT), "signed for another app"),
        ({TEAM: "short"}, "could not be understood"),
        ({APPLICATION: {"a": "b"}}, "could not be understood"),
    ],
)
def test_entitlements_that_make_no_sense_make_it_amber_by_the_apps_name(
    serve: Serve, table: dict[str, Any], why: str
) -> None:
    found = checked(serve(with_apps(IphoneApp("ca.example.odd", "Odd", entitlements=table))))
    assert found.verdict is Verdict.AMBER
    assert "Odd" in said_in(found)
    assert why in said_in(found)


def test_an_offloaded_app_is_asked_for_too(serve: Serve) -> None:
    app = IphoneApp(f"{WECHAT}.work", "Notes", kind="offloaded", entitlements=signed(f"{WECHAT}.work"))
    assert checked(serve(with_apps(app))).verdict is Verdict.RED


def test_only_apps_that_no_ban_names_by_id_are_asked_for(serve: Serve) -> None:
    found = checked(serve("iphone-wechat"))
    listed = {app.package for app in found.inventory.apps}
    banned = {finding.app.package for finding in found.bans}
    assert {WECHAT, "com.zhiliaoapp.musically"} <= banned
    assert found.identities.keys() == listed - banned
    assert {app.package for app in to_look_into(found)} == listed - banned


# --- what a phone lists as its own


def of_ios(type: str, id: str, name: str, **more: Any) -> IphoneApp:
    """An app that the phone lists under another type than User, as TrollStore has it."""
    return IphoneApp(id, name, kind="system", attributes={"ApplicationType": type}, **more)


TYPES = pytest.mark.parametrize("type", ["System", "Internal"])


@TYPES
def test_a_banned_makers_app_installed_as_part_of_the_system_is_red_by_its_team(serve: Serve, type: str) -> None:
    new = f"{WECHAT}.notes"
    driver = opened(serve(with_apps(of_ios(type, new, "Notes", entitlements=signed(new)))))
    found = check(driver, CANADA, silent, Cancel(), quick=False)
    (banned,) = found.bans
    assert (banned.match, banned.app.package) == (Match.SAME_SIGNER, new)
    assert "a part of iOS, which it is not" in str(driver.by_hand(banned, found.inventory))


@TYPES
def test_one_that_is_signed_for_another_app_is_amber_and_for_review(serve: Serve, type: str) -> None:
    app = of_ios(type, "ca.example.x", "WeChat", signer="iPhone Developer: A", entitlements=signed(WECHAT))
    found = checked(serve(with_apps(app)))
    assert found.verdict is Verdict.AMBER
    assert "signed for another app" in said_in(found)
    assert [finding.match for finding in found.findings] == [Match.LABEL, Match.PAST_THE_STORE]


@TYPES
def test_one_of_no_told_maker_that_calls_itself_like_a_banned_one_is_amber(serve: Serve, type: str) -> None:
    found = checked(serve(with_apps(of_ios(type, "ca.example.x", "WeChat", entitlements={}))))
    assert found.verdict is Verdict.AMBER
    assert "calls itself like WeChat" in said_in(found)


@pytest.mark.parametrize("id", ["com.apple.example", "COM.Apple.Example"])
@pytest.mark.parametrize(
    "table",
    [{}, {APPLICATION: "com.apple.other"}, {APPLICATION: 7}, {TEAM: "short"}, {"deep": [[[[[[[[[[[[[[1]]]]]]]]]]]]]]}],
)
def test_what_apples_own_apps_are_signed_for_makes_no_phone_amber(serve: Serve, id: str, table: dict[str, Any]) -> None:
    found = checked(serve(with_apps(of_ios("System", id, "WeChat", entitlements=table))))
    assert (found.verdict, found.findings, found.makers_not_told) == (Verdict.GREEN, (), ())
    assert id in found.identities


def test_an_id_that_only_looks_like_apples_is_none_of_its_own(serve: Serve) -> None:
    app = of_ios("System", "com.applet.x", "Notes", entitlements={APPLICATION: "com.apple.other"})
    assert checked(serve(with_apps(app))).verdict is Verdict.AMBER


@pytest.mark.parametrize("table", [signed(WECHAT), signed("com.apple.example"), {TEAM: ITS_TEAM, APPLICATION: 7}])
def test_a_banned_makers_team_accuses_what_passes_for_apples(serve: Serve, table: dict[str, Any]) -> None:
    found = checked(serve(with_apps(of_ios("System", "com.apple.example", "Notes", entitlements=table))))
    assert found.verdict is Verdict.RED


@pytest.mark.slow
def test_answers_for_apples_apps_that_make_no_sense_spoil_no_other_apps(serve: Serve) -> None:
    deep = {"deep": [[[[[[[[[[[[[[1]]]]]]]]]]]]]]}
    spoilt = [of_ios("System", f"com.apple.a{n}", "A", entitlements=deep) for n in range(60)]
    new = f"{WECHAT}.notes"
    found = checked(serve(with_apps(*spoilt, IphoneApp("ca.example.z", "Z"))))
    assert found.verdict is Verdict.GREEN
    found = checked(serve(with_apps(*spoilt, IphoneApp(new, "Z", entitlements=signed(new)))))
    assert found.verdict is Verdict.RED


# --- what a notice or a recommendation names


@pytest.mark.parametrize("id", ["com.lemon.lvoverseas", "com.deepseek.chat"])
def test_the_id_of_what_is_not_banned_acquits_no_app(serve: Serve, id: str) -> None:
    entitled = checked(serve(with_apps(IphoneApp(id, "Any", kind="sideloaded", entitlements=signed(WECHAT)))))
    assert entitled.verdict is Verdict.AMBER
    assert "signed for another app" in said_in(entitled)
    (review,) = entitled.for_review
    assert "Its id is not banned" in str(review.why)
    unknown = checked(serve(with_apps(IphoneApp(id, "WeChat", entitlements={}))))
    assert unknown.verdict is Verdict.AMBER
    assert "calls itself like WeChat" in said_in(unknown)
    honest = checked(serve(with_apps(IphoneApp(id, "Any"))))
    assert (honest.verdict, len(honest.findings)) == (Verdict.GREEN, 1)


@pytest.mark.parametrize("strength", [Strength.NOTICE, Strength.RECOMMENDATION])
def test_a_bans_team_under_the_id_of_what_is_not_banned_is_a_ban(strength: Strength) -> None:
    new = f"{WECHAT}.work"
    wechat = next(rule for rule in CANADA.rules if rule.id == "wechat")
    id = next(id for id in wechat.ids if id.id == WECHAT)
    notice = replace(wechat, id="other", strength=strength, ids=(replace(id, id=new),), teams=(), labels=())
    policy = replace(CANADA, rules=(*CANADA.rules, notice))
    app = App(new, signed=Signed.STORE, states=(AppState(0, installed=True),))
    phone = Phone("ios", "Apple", "iPhone15,4", "26.6.1", "PRACTICE")
    listed = Inventory(phone, (Profile(0, "", ProfileKind.PERSONAL),), (app,))
    assert match.without_id(match.judge(listed, policy), listed) == (app,)
    identity = Identity(new, teams=(ITS_TEAM,))
    assert match.is_banned(app, identity, policy, "ios")
    assert {f.rule for f in match.judge(listed, policy, {new: identity}) if f.is_ban} == {"wechat"}


def test_one_app_can_spoil_the_answer_of_no_other(serve: Serve) -> None:
    deep: Any = "x"
    for _ in range(200):
        deep = {"a": deep}
    new = f"{WECHAT}.work"
    odd = IphoneApp("ca.example.odd", "Odd", entitlements={"deep": deep})
    found = checked(serve(with_apps(odd, IphoneApp(new, "Notes", entitlements=signed(new)))))
    assert found.verdict is Verdict.RED
    assert "Not looked into: Odd." in said_in(found)
    unread = [one.package for one in found.identities.values() if one.why is not None]
    assert unread == ["ca.example.odd"]


def test_a_phone_that_spoils_every_answer_is_asked_for_so_long_and_is_amber(serve: Serve) -> None:
    mux = serve("iphone-clean")
    driver = opened(mux)
    read = driver.read(silent, Cancel())
    apps = tuple(app for app in read.apps if not app.system)
    mux.faults = mux.phones[0].faults = Faults(replace={"installation_proxy.Lookup": b"<plist>"})
    found = driver.identify(apps, silent, Cancel())
    assert found.keys() == {app.package for app in apps}
    assert all(one.why is not None for one in found.values())
    asked = [line for line in mux.phones[0].log if "Lookup" in line]
    assert len(asked) <= entitlements._SPOILT + 10


def test_a_phone_that_takes_its_time_over_each_answer_has_a_limit_for_all() -> None:
    clock, cancel = Clock(), Cancel()
    listed = [App(f"ca.example.app{n:03}", states=(AppState(0, installed=True),)) for n in range(2_000)]
    body = plistlib.dumps({"LookupResult": {}})

    def service() -> Stream:
        return Stream(Slow(struct.pack(">I", len(body)) + body, clock, cancel), clock)

    with pytest.raises(Silent):
        list(entitlements.identities(service, listed, cancel, clock))
    assert clock.now - 1000.0 < 300


class Slow(Drips):
    """One that gives the same answer to each question, 50 seconds later."""

    def __init__(self, answer: bytes, clock: Clock, cancel: Cancel) -> None:
        super().__init__(b"", clock, 50.0, cancel)
        self._answer = answer

    def send(self, data: bytes | memoryview, /) -> int:
        self._data = self._answer
        self._look()
        return len(data)

    def recv(self, count: int, /) -> bytes:
        piece, self._data = self._data[:count], self._data[count:]
        return piece


def test_an_answer_for_other_apps_than_were_asked_for_is_none(serve: Serve) -> None:
    mux = serve("iphone-clean")
    driver = opened(mux)
    app = App("ca.example.app000", states=(AppState(0, installed=True),))
    body = plistlib.dumps({"LookupResult": {app.package: {}, "com.tencent.xin": {}}})
    mux.faults = mux.phones[0].faults = Faults(replace={"installation_proxy.Lookup": body})
    assert driver.identify((app,), silent, Cancel())[app.package].why is not None


@pytest.mark.parametrize("how", ["unplug", "close"])
def test_a_cable_that_is_pulled_then_leaves_it_amber_and_said(serve: Serve, how: str) -> None:
    mux = serve("iphone-clean")
    driver = opened(mux)
    read = driver.read(silent, Cancel())

    class Pulled:
        practice = True

        def __getattr__(self, name: str) -> Any:
            return getattr(driver, name)

        def read(self, *_: Any) -> Any:
            mux.faults = mux.phones[0].faults = Faults(**{how: frozenset(["installation_proxy.Lookup"])})
            return read

    found = check(Pulled(), CANADA, silent, Cancel(), quick=False)  # type: ignore[arg-type]
    assert found.verdict is Verdict.AMBER
    assert f"Who made {len(to_look_into(found))} apps of {len(to_look_into(found))} was not read." in said_in(found)


def test_a_quick_check_speaks_of_no_files(serve: Serve) -> None:
    found = checked(serve("iphone-clean"), quick=True)
    assert found.verdict is Verdict.AMBER
    assert "files" not in said_in(found)


# --- ids


@pytest.mark.parametrize("id", [WECHAT, WECHAT.upper(), "Com.Tencent.Xin"])
def test_ids_are_compared_without_regard_to_case(serve: Serve, id: str) -> None:
    mux = serve(with_apps(IphoneApp(id, "Chat")))
    driver = opened(mux)
    found = check(driver, CANADA, silent, Cancel(), quick=False)
    (banned,) = found.bans
    step = driver.next_step(banned, found.inventory, ())
    assert step is not None
    driver.perform(step, Cancel())
    assert id not in mux.phones[0].installed()
    assert driver.look_for([banned], Cancel())[0] is False
    assert driver.holds(replace(step, package=id.swapcase()), driver.read(silent, Cancel()))


def test_a_removal_in_another_case_is_not_taken_for_done(serve: Serve) -> None:
    mux = serve(with_apps(IphoneApp("Com.Tencent.Xin", "Chat", removal="silent")))
    driver = opened(mux)
    found = check(driver, CANADA, silent, Cancel(), quick=False)
    step = driver.next_step(found.bans[0], found.inventory, ())
    assert step is not None
    other = replace(step, package=WECHAT)
    assert not driver.holds(other, found.inventory)
    elsewhere = replace(found.bans[0], app=replace(found.bans[0].app, package=WECHAT))
    assert driver.look_for([elsewhere], Cancel())[0] is True


@pytest.mark.parametrize("typed", [WECHAT, "COM.Tencent.Xin"])
def test_what_is_asked_in_another_case_is_answered(typed: str) -> None:
    assert any(answer.certain for answer in ask.would_be(CANADA, typed))


def test_an_android_id_in_another_case_is_another_app() -> None:
    assert any(answer.certain for answer in ask.would_be(CANADA, "com.tencent.mm"))
    assert not any(answer.certain for answer in ask.would_be(CANADA, "com.Tencent.mm"))


# --- App Clips


def clip(id: str, **more: Any) -> IphoneApp:
    return IphoneApp(id, "Scan", kind="clip", **more)


@pytest.mark.parametrize("id", [f"{WECHAT}.Clip", f"{WECHAT}.mini.Scan", "COM.Tencent.XIN.clip"])
def test_an_app_clip_is_the_app_that_it_is_a_part_of(serve: Serve, id: str) -> None:
    mux = serve(with_apps(clip(id)))
    driver = opened(mux)
    found = check(driver, CANADA, silent, Cancel(), quick=False)
    assert found.verdict is Verdict.RED
    (banned,) = found.bans
    assert banned.match is Match.NAMED
    assert str(banned.product) == "App Clip of WeChat"
    assert banned.product.fr == "Extrait d’app de WeChat"
    step = driver.next_step(banned, found.inventory, ())
    assert step is not None
    refused = Answer(Outcome.REFUSED, "APIInternalError", T("x"))
    assert "Settings › Apps › App Clips" in str(driver.by_hand(banned, found.inventory, [(step, refused)]))
    assert "Settings › Apps › App Clips" in str(driver.by_hand(banned, found.inventory))


@pytest.mark.parametrize("id", ["ca.example.shop.Clip", "com.tencent.xing.Clip", "com.tencent", f"x.{WECHAT}.Clip"])
def test_an_app_clip_of_another_app_is_none_of_it(serve: Serve, id: str) -> None:
    found = checked(serve(with_apps(clip(id))))
    assert found.verdict is Verdict.GREEN
    assert not found.bans


def test_an_app_that_is_no_clip_belongs_to_itself() -> None:
    known = match.index(CANADA, "ios")
    whole = App(f"{WECHAT}.Clip", states=(AppState(0, installed=True),))
    assert match.recognise(whole, known) == ()
    part = replace(whole, states=(AppState(0, installed=True, instant=True),))
    assert [one.rule.id for one in match.recognise(part, known)] == ["wechat"]
    assert match.recognise(part, match.index(CANADA, "android")) == ()


def test_an_app_clip_that_a_rule_names_itself_is_found_once() -> None:
    rule = next(rule for rule in CANADA.rules if rule.id == "wechat")
    id = next(id for id in rule.ids if id.id == WECHAT)
    named = replace(rule, ids=(*rule.ids, replace(id, id=f"{WECHAT}.Clip")))
    policy = replace(CANADA, rules=tuple(named if one is rule else one for one in CANADA.rules))
    part = App(f"{WECHAT}.Clip", states=(AppState(0, installed=True, instant=True),))
    (one,) = match.recognise(part, match.index(policy, "ios"))
    assert one.evidence[0].value == f"{WECHAT}.Clip"


def test_findings_of_a_check_are_of_one_kind(serve: Serve) -> None:
    found = checked(serve(with_apps(clip(f"{WECHAT}.Clip"), IphoneApp(WECHAT, "WeChat"))))
    assert all(isinstance(one, Finding) for one in found.findings)
    assert len(found.banned_products) == 2


@given(
    st.sampled_from([WECHAT, f"{WECHAT}.work", f"{WECHAT}.Clip", "ca.example.app", "com.kaspersky.new"]),
    st.sampled_from(["", "WeChat", "Notes"]),
    st.lists(st.sampled_from([ITS_TEAM, "2Y8XE5CQ94", "PRACTICE00"]), max_size=2),
    st.booleans(),
    st.booleans(),
)
def test_one_app_is_judged_alone_as_among_others(
    id: str, label: str, teams: list[str], instant: bool, installed: bool
) -> None:
    app = App(id, label=label, signed=Signed.STORE, states=(AppState(0, installed=installed, instant=instant),))
    identity = Identity(id, label=label, teams=tuple(teams))
    phone = Phone("ios", "Apple", "iPhone15,4", "26.6.1", "PRACTICE")
    whole = Inventory(phone, (Profile(0, "", ProfileKind.PERSONAL),), (app,))
    found = match.judge(whole, CANADA, {id: identity})
    assert match.is_banned(app, identity, CANADA, "ios") == any(one.is_ban for one in found)
