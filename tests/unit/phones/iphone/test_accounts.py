"""What a phone's lists leave accuses: the app that it is about by its name, or the phone; green needs nothing left."""

from __future__ import annotations

import plistlib
import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from core.describe import can_return
from core.jobs import Cancel, silent
from core.model import App, Check, Return, ReturnReason, Verdict
from core.phones.accounting import Why
from core.phones.iphone import apps
from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist
from core.phones.iphone.stream import Stream
from core.policy.format.policy_file import load_built_in
from core.simulator.iphone import MuxServer, load_iphone
from core.simulator.iphone.apps import attributes
from core.simulator.iphone.scenario import IphoneApp, all_apps
from core.visit.check import check
from tests.kit.iphone.faults import Faults
from tests.unit.phones.iphone.conftest import Serve, opened
from tests.unit.phones.iphone.test_load import Clock, Drips

CANADA = load_built_in("canada")
ENTRY = {"CFBundleIdentifier": "ca.example.app", "CFBundleDisplayName": "Example", "ApplicationType": "User"}


class Says(Drips):
    """A connection on which these messages come, at once."""

    def __init__(self, *bodies: bytes) -> None:
        super().__init__(b"".join(struct.pack(">I", len(body)) + body for body in bodies), Clock(), 0.0, Cancel())

    def recv(self, count: int, /) -> bytes:
        piece, self._data = self._data[:count], self._data[count:]
        return piece


def said(*messages: dict[str, Any]) -> Stream:
    return Stream(Says(*(plistlib.dumps(one) for one in messages)))


def looked_up(**entries: Any) -> Any:
    return apps.lookup(
        said({"LookupResult": {key.replace("_", "."): value for key, value in entries.items()}}), Cancel()
    )


# --- lists


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (ENTRY, None),
        ({}, None),
        ("WeChat", Why.REFUSED),
        ([ENTRY], Why.REFUSED),
        (True, Why.REFUSED),
        (ENTRY | {"CFBundleIdentifier": "com.tencent.xin"}, Why.DISAGREES),
        (ENTRY | {"CFBundleIdentifier": 5}, Why.REFUSED),
        (ENTRY | {"CFBundleIdentifier": "CA.Example.App"}, None),
    ],
)
def test_what_an_entry_is_not_is_left_in_the_apps_name(entry: Any, why: Why | None) -> None:
    answer = looked_up(ca_example_app=entry)
    assert "ca.example.app" in answer.value
    assert [one.why for one in answer.left if one.app == "ca.example.app"] == ([why] if why else [])


def test_an_entry_under_two_ids_is_an_app_under_each() -> None:
    answer = looked_up(ca_example_app=ENTRY | {"CFBundleIdentifier": "com.tencent.xin"})
    assert answer.value.keys() == {"ca.example.app", "com.tencent.xin"}


@pytest.mark.parametrize("bundle", ["", "a b", "../etc", "x" * 256, "com.ex\u0430mple.app", "com.example\0.app"])
def test_an_id_that_no_app_can_have_is_left(bundle: str) -> None:
    body = plistlib.dumps({"LookupResult": {bundle: {}}}, fmt=plistlib.FMT_BINARY)
    answer = apps.lookup(Stream(Says(body)), Cancel())
    assert Why.REFUSED in {one.why for one in answer.left}
    assert bundle in answer.value


def test_two_ids_that_are_one_for_ios_are_left() -> None:
    answer = looked_up(ca_example_app=ENTRY, CA_example_APP={})
    assert [(one.why, one.kind) for one in answer.left] == [(Why.TWICE, "app")]
    assert len(answer.value) == 2


def test_a_key_that_is_there_twice_is_left_in_the_apps_name() -> None:
    body = plistlib.dumps({"LookupResult": {"ca.example.app": ENTRY}})
    kind = b"<key>ApplicationType</key>"
    twice = body.replace(kind, kind + b"<string>System</string>" + kind)
    for changed in (twice, body.replace(b"<string>Example", b"<string>Ex<!-- -->ample")):
        answer = apps.lookup(Stream(Says(changed)), Cancel())
        assert [one.app for one in answer.left] == ["ca.example.app"]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({}, set()),
        ({"CFBundleVersion": 7}, set()),
        ({"CFBundleShortVersionString": 7.5, "IsDemotedApp": 1, "SignerIdentity": ""}, set()),
        ({"CFBundleDisplayName": ["WeChat"]}, {Why.REFUSED}),
        ({"CFBundleName": {"a": "WeChat"}}, {Why.REFUSED}),
        ({"CFBundleDisplayName": " " * 200 + "WeChat"}, {Why.CUT}),
        ({"SignerIdentity": b"Apple iPhone OS Application Signing"}, {Why.REFUSED}),
        ({"SignerIdentity": "x" * 400}, {Why.CUT}),
        ({"ApplicationType": "Kernel"}, {Why.UNKNOWN}),
        ({"ApplicationType": ["System"]}, {Why.REFUSED}),
        ({"IsDemotedApp": "no", "IsPlaceholder": "no"}, {Why.REFUSED}),
        ({"IsAppClip": "no"}, {Why.REFUSED}),
    ],
)
def test_an_attribute_of_another_kind_is_left_in_the_apps_name(change: dict[str, Any], left: set[Why]) -> None:
    read = apps.app_of("ca.example.app", ENTRY | change)
    assert {one.why for one in read.left} == left
    assert {one.app for one in read.left} <= {"ca.example.app"}
    assert not read.value.system


def page(*ids: Any, at: int = 0, **more: Any) -> dict[str, Any]:
    listed = [{"CFBundleIdentifier": one} if isinstance(one, str) else one for one in ids]
    place = {"CurrentIndex": at, "CurrentAmount": len(listed), "Total": 9}
    return {"Status": "BrowsingApplications", "CurrentList": listed} | place | more


COMPLETE = {"Status": "Complete"}


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ((page("a", "b"), page("c", at=2), COMPLETE), None),
        ((page("a", "b", Total=77), COMPLETE), None),
        ((COMPLETE,), None),
        ((page("a", "b"), page("c", at=4), COMPLETE), Why.DISAGREES),
        ((page("a", "b", CurrentAmount=3), COMPLETE), Why.DISAGREES),
        ((page("a", "a"), COMPLETE), Why.TWICE),
        ((page("a", "A"), COMPLETE), Why.TWICE),
        ((page("a", {}), COMPLETE), Why.REFUSED),
        ((page("a", "b", 7), COMPLETE), Why.REFUSED),
        ((page("a", {"CFBundleIdentifier": 7}), COMPLETE), Why.REFUSED),
        ((page("a", {"CFBundleIdentifier": ""}), COMPLETE), Why.REFUSED),
        ((page("a"), page("b", at=1, CurrentList="b"), COMPLETE), Why.REFUSED),
        ((page("a"), {"Error": "APIInternalError"}), Why.CUT),
        ((page("a"), {"Status": "SomethingNew"}, COMPLETE), None),
        ((page("a", "b", at=1), page("c", at=3), COMPLETE), None),
        ((page("a", "b", at=2), page("c", at=3), COMPLETE), None),
    ],
)
def test_a_listing_in_parts_leaves_what_it_does_not_take_up(messages: Any, why: Why | None) -> None:
    read = apps.browse(said(*messages), Cancel())
    assert (why in {one.why for one in read.left}) if why else read.whole
    assert messages[0] is COMPLETE or "a" in read.value


def test_a_listing_that_breaks_off_keeps_what_came() -> None:
    broken = Stream(Says(plistlib.dumps(page("com.tencent.xin")), b"<plist>"))
    read = apps.browse(broken, Cancel())
    assert read.value == {"com.tencent.xin"}
    assert [one.why for one in read.left] == [Why.CUT]
    with pytest.raises(Malformed):
        apps.browse(Stream(Says(b"<plist>")), Cancel())


# --- a whole check


def served(serve: Serve, *changed: IphoneApp, scenario: str = "iphone-clean") -> MuxServer:
    clean = load_iphone(scenario)
    return serve(msgspec.structs.replace(clean, apps=(*clean.apps, *changed)))


def checked(mux: MuxServer) -> Check:
    return check(opened(mux), CANADA, silent, Cancel(), quick=False)


def said_in(found: Check) -> str:
    return " ".join(str(gap.what) for gap in found.gaps)


def lookup_of(mux: MuxServer, **also: Any) -> dict[str, Any]:
    """What the phone's first listing says, and `also`."""
    listed = {app.id: attributes(app) for app in all_apps(mux.phones[0].scenario)}
    return {key: dict(value) for key, value in listed.items()} | also


@pytest.mark.parametrize(
    ("app", "named"),
    [
        (IphoneApp("ca.example.odd", "Odd", attributes={"CFBundleDisplayName": ["TikTok"]}), "Odd"),
        (IphoneApp("ca.example.odd", "Odd", attributes={"IsAppClip": "yes"}), "Odd"),
        (IphoneApp("ca.example.odd", "Odd", attributes={"ApplicationType": "Other"}), "Odd"),
        (IphoneApp("ca.example.odd", "Odd\0TikTok"), "Odd"),
        (IphoneApp("ca.example.odd", "x" * 150), "x" * 50),
        (IphoneApp("Ca.Example.App005", "Twin"), "Twin"),
    ],
)
def test_what_is_left_of_an_app_makes_it_amber_by_its_name(serve: Serve, app: IphoneApp, named: str) -> None:
    found = checked(served(serve, app))
    assert found.verdict is Verdict.AMBER
    assert named in said_in(found)


@pytest.mark.parametrize("value", [7, b"x", ["a"], {"a": "b"}])
def test_a_value_of_another_kind_makes_the_phone_amber(serve: Serve, value: Any) -> None:
    clean = load_iphone("iphone-clean")
    device = msgspec.structs.replace(clean.device, values={"": {"ActivationState": value}})
    found = checked(serve(msgspec.structs.replace(clean, device=device)))
    assert found.verdict is Verdict.AMBER
    assert "Not all that the phone said could be understood." in said_in(found)


@pytest.mark.parametrize(
    "message",
    [
        {"CloudConfiguration": "none"},
        {"CloudConfiguration": {"IsSupervised": 2}},
        {"CloudConfiguration": {"OrganizationName": ["Department"]}},
        [],
    ],
)
def test_management_that_is_not_understood_makes_the_phone_amber(serve: Serve, message: Any) -> None:
    mux = serve("iphone-clean")
    mux.faults = mux.phones[0].faults = Faults(replace={"MCInstall.GetCloudConfiguration": plistlib.dumps(message)})
    found = checked(mux)
    assert found.verdict is Verdict.AMBER
    assert "Not all that the phone said could be understood." in said_in(found)


@pytest.mark.parametrize(
    ("metadata", "names"),
    [
        ({"a": {"PayloadDisplayName": "Department Wi-Fi"}, "b": {}}, ("Department Wi-Fi", "b")),
        (
            {"a": {"PayloadDisplayName": "Bad\u202ename\n"}, "b": {"PayloadDisplayName": 7}},
            ("Bad\ufffdname\ufffd", "b"),
        ),
        ({"a": {"PayloadDisplayName": "x" * 5_000}, "b": ["name"]}, ("x" * 79 + "…", "b")),
        ("none", ("a", "b")),
        (None, ("a", "b")),
    ],
)
@pytest.mark.parametrize("supervised", [False, True])
def test_profiles_are_named_and_say_nothing_of_what_they_block(
    serve: Serve, metadata: Any, names: tuple[str, ...], supervised: bool
) -> None:
    """Whatever a profile is called, and whatever stands beside its name: that something is blocked, no iPhone tells."""
    more = {} if metadata is None else {"ProfileMetadata": metadata}
    contents = {
        "PayloadContent": [{"blockedAppBundleIDs": ["com.zhiliaoapp.musically"], "allowAppInstallation": False}]
    }
    answer = {"Status": "Acknowledged", "OrderedIdentifiers": ["a", "b"], **contents, **more}
    clean = load_iphone("iphone-clean")
    mux = serve(msgspec.structs.replace(clean, supervised=supervised))
    mux.faults = mux.phones[0].faults = Faults(replace={"MCInstall.GetProfileList": plistlib.dumps(answer)})
    found = checked(mux)
    assert found.verdict is Verdict.GREEN
    assert {product.state for product in found.returns} == {Return.UNKNOWN}
    assert all(product.detail == names for product in found.returns)
    assert (ReturnReason.SUPERVISED in found.returns[0].reasons) is supervised
    assert str(can_return.line(found.returns)).endswith(f"profiles restrict ({names[0]} and {names[1]}).")


def test_nobody_manages_an_iphone_that_says_so(serve: Serve) -> None:
    returns = checked(serve("iphone-clean")).returns
    assert {(product.state, product.reasons) for product in returns} == {(Return.POSSIBLE, (ReturnReason.NOT_MANAGED,))}


@pytest.mark.parametrize("request_type", ["GetCloudConfiguration", "GetProfileList"])
def test_what_an_iphone_does_not_tell_of_its_management_is_not_known(serve: Serve, request_type: str) -> None:
    mux = serve("iphone-clean")
    mux.faults = mux.phones[0].faults = Faults(replace={f"MCInstall.{request_type}": b"<plist>"})
    assert {product.state for product in checked(mux).returns} == {Return.UNKNOWN}


def test_two_parts_of_an_iphone_that_contradict_each_other_are_not_known(serve: Serve) -> None:
    mux = serve("iphone-clean")
    cloud = {"Status": "Acknowledged", "CloudConfiguration": {"IsSupervised": True}}
    mux.faults = mux.phones[0].faults = Faults(replace={"MCInstall.GetCloudConfiguration": plistlib.dumps(cloud)})
    assert {product.reasons for product in checked(mux).returns} == {(ReturnReason.CONTRADICTION,)}


def test_two_ids_in_another_case_in_the_two_lists_are_one_app(serve: Serve) -> None:
    mux = serve("iphone-clean")
    ids = [app.id.upper() for app in all_apps(mux.phones[0].scenario)]
    body = plistlib.dumps({"Status": "Complete", "CurrentList": [{"CFBundleIdentifier": one} for one in ids]})
    mux.faults = mux.phones[0].faults = Faults(replace={"installation_proxy.Browse": body})
    found = checked(mux)
    assert found.verdict is Verdict.GREEN
    assert not any(state.suspended for app in found.inventory.apps for state in app.states)


def test_a_ban_that_the_first_list_shows_stays_whatever_comes_after(serve: Serve) -> None:
    for fault in ("installation_proxy.Browse", "MCInstall.GetProfileList"):
        mux = serve("iphone-wechat")
        driver = opened(mux)
        mux.faults = mux.phones[0].faults = Faults(unplug=frozenset([fault]))
        found = check(driver, CANADA, silent, Cancel(), quick=False)
        assert found.verdict is Verdict.RED
        assert found.broken_off is not None


def test_a_ban_in_the_second_list_stays_where_the_first_is_spoilt_and_the_cable_is_pulled(serve: Serve) -> None:
    mux = serve("iphone-wechat")
    driver = opened(mux)
    faults = Faults(
        replace={"installation_proxy.Lookup": b"<plist>"}, unplug=frozenset(["MCInstall.GetCloudConfiguration"])
    )
    mux.faults = mux.phones[0].faults = faults
    assert check(driver, CANADA, silent, Cancel(), quick=False).verdict is Verdict.RED


# --- removing or altering one entry


Alter = Callable[[dict[str, Any], str], None]
ALTERED: dict[str, Alter] = {
    "removed": lambda listed, one: listed.pop(one) and None,
    "emptied": lambda listed, one: listed.update({one: {}}),
    "no table": lambda listed, one: listed.update({one: "x"}),
    "renamed": lambda listed, one: listed.update({f"{one}.x": listed.pop(one)}),
    "clip": lambda listed, one: listed.update({one: listed[one] | {"IsAppClip": True}}),
    "offloaded": lambda listed, one: listed.update({one: listed[one] | {"IsDemotedApp": True}}),
    "signer": lambda listed, one: listed.update({one: listed[one] | {"SignerIdentity": "x"}}),
    "another id": lambda listed, one: listed.update({one: listed[one] | {"CFBundleIdentifier": "x"}}),
}


@pytest.mark.parametrize("alter", ALTERED)
def test_one_entry_that_is_altered_changes_what_is_understood_or_left(serve: Serve, alter: str) -> None:
    mux = serve("iphone-clean")
    driver = opened(mux)
    plain: tuple[App, ...] | None = None
    for one in (None, "com.google.Maps", "ca.example.app020", "com.apple.tips"):
        listed = lookup_of(mux)
        if one is not None:
            ALTERED[alter](listed, one)
        body = plistlib.dumps({"LookupResult": listed, "Status": "Complete"})
        mux.faults = mux.phones[0].faults = Faults(replace={"installation_proxy.Lookup": body})
        read = driver.read(silent, Cancel())
        if plain is None:
            plain = read.apps
            assert not read.gaps
        else:
            assert read.apps != plain or read.gaps


def test_an_app_that_the_second_list_leaves_out_is_one_that_cannot_be_started(serve: Serve) -> None:
    mux = served(serve, IphoneApp("ca.example.blocked", "Blocked", kind="blocked"))
    found = checked(mux)
    blocked = found.inventory.app("CA.EXAMPLE.BLOCKED")
    assert blocked is not None
    assert blocked.states[0].suspended
    assert found.verdict is Verdict.GREEN
    assert replace(blocked.states[0], suspended=False) == found.inventory.apps[-1].states[0]


def test_the_reader_of_messages_says_in_whose_name() -> None:
    body = plistlib.dumps({"LookupResult": {"a.b": {"CFBundleName": "x\0y"}}, "x": "\0"}, fmt=plistlib.FMT_BINARY)
    assert [one.app for one in plist.parse(body, apps_under="LookupResult").left] == ["a.b", ""]
