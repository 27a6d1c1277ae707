"""Policies in the formats of device managers and of forensic tools."""

from __future__ import annotations

import csv
import io
import json
import plistlib
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import stix2 as oasis  # type: ignore[import-untyped]
import yaml
from hypothesis import given

from core.model import RULE_STRENGTHS, Policy, Strength
from core.policy.convert import FORMATS, ExportedPolicy, export
from core.policy.format import policy_file
from core.policy.problems import PolicyProblem
from core.text import LANGUAGES
from tests.unit.policy.convert.conftest import MD5, SHA1, SHA256, app, rule
from tests.unit.policy.convert.generated import policies

EVERY = RULE_STRENGTHS


def rows(exported: ExportedPolicy) -> list[list[str]]:
    return list(csv.reader(io.StringIO(exported.data.decode(), newline="")))


def left_out(exported: ExportedPolicy) -> list[tuple[str, str]]:
    return [(one.rule, one.value) for one in exported.left_out]


def blocked(exported: ExportedPolicy) -> list[str]:
    return plistlib.loads(exported.data)["PayloadContent"][0]["blockedAppBundleIDs"]  # type: ignore[no-any-return]


def bundle(exported: ExportedPolicy, type: str) -> list[dict[str, Any]]:
    return [one for one in json.loads(exported.data)["objects"] if one["type"] == type]


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_policy_gives_the_same_bytes(policy: Policy, format: str) -> None:
    assert export(policy, format) == export(policy, format)


@pytest.mark.parametrize("format", FORMATS)
def test_only_bans_unless_more_is_asked_for(policy: Policy, format: str) -> None:
    assert b"com.example.related" not in export(policy, format).data
    more = export(policy, format, strengths=EVERY)
    assert b"com.example.related" in more.data


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_to_say_is_a_problem_and_no_empty_list(policy: Policy, format: str) -> None:
    with pytest.raises(PolicyProblem) as caught:
        export(policy, format, strengths=(Strength.RECOMMENDATION,))
    assert "Nothing in the chosen rules" in str(caught.value.sentence)
    assert "--include" in str(caught.value.next_step)


@pytest.mark.slow
@given(policies())
def test_every_policy_can_be_exported_or_says_why_not(policy: Policy) -> None:
    for format in FORMATS:
        try:
            exported = export(policy, format, strengths=EVERY)
        except PolicyProblem:
            continue
        exported.data.decode()
        known = {rule.id for rule in policy.rules}
        assert all(one.rule in known and one.value and one.why for one in exported.left_out)
        if format == "stix2":
            oasis.parse(exported.data.decode(), allow_custom=False)
        elif format == "intune":
            assert all(len(row) == 3 and not row[1].startswith(("=", "+", "-", "@")) for row in rows(exported))


@pytest.mark.parametrize("name", policy_file.built_in())
@pytest.mark.parametrize("format", FORMATS)
def test_the_built_in_policies_can_be_exported(name: str, format: str) -> None:
    assert export(policy_file.load_built_in(name), format, strengths=EVERY).data


def test_the_iphone_apps_of_canada_are_carried_to_device_managers() -> None:
    """The bans by their bundle ids; DeepSeek, which is only advised against, where it is asked for."""
    canada = policy_file.load_built_in("canada")
    bans = blocked(export(canada, "apple"))
    assert {"com.tencent.xin", "com.zhiliaoapp.musically", "com.kaspersky.passwordmanager"} <= set(bans)
    assert "com.deepseek.chat" not in bans
    assert "com.deepseek.chat" in blocked(export(canada, "apple", strengths=EVERY))
    addresses = [row[0] for row in rows(export(canada, "intune", strengths=EVERY, platforms=("ios",)))]
    assert "https://apps.apple.com/us/app/deepseek/id6737597349" in addresses
    assert "https://apps.apple.com/us/app/wechat/id414478124" in addresses


def test_formats_have_names_and_suffixes() -> None:
    assert set(FORMATS) == {"stix2", "stalkerware", "intune", "apple", "android-management"}
    assert {name for name, format in FORMATS.items() if format.is_imported} == {"stix2", "stalkerware"}
    for name, format in FORMATS.items():
        assert format.name == name
        assert format.suffix.startswith(".")
        assert all(format.title.in_language(language) for language in LANGUAGES)


def test_intune_has_an_address_a_name_and_a_publisher(policy: Policy) -> None:
    exported = export(policy, "intune")
    assert rows(exported) == [
        ["https://play.google.com/store/apps/details?id=com.example.chat", "Chat", "'=Example, Inc."],
        ["https://play.google.com/store/apps/details?id=com.example.only", "Chat", ""],
        ["https://apps.apple.com/ca/app/id1", "Chat", "'=Example, Inc."],
    ]
    assert ("chat", "com.example.lite") in left_out(exported)


def test_intune_takes_no_other_shop_for_the_app_store(policy: Policy) -> None:
    chat = rule(
        "chat",
        ids=(app("android", "com.a.b", "https://shop.example/?id=9"), app("ios", "com.a.b", "https://shop.example/9")),
    )
    exported = export(replace(policy, rules=(chat,)), "intune")
    assert rows(exported) == [["https://play.google.com/store/apps/details?id=com.a.b", "Chat", ""]]
    assert left_out(exported) == [("chat", "com.a.b")]


def test_one_platform_alone(policy: Policy) -> None:
    assert [row[0] for row in rows(export(policy, "intune", platforms=("ios",)))] == [
        "https://apps.apple.com/ca/app/id1"
    ]
    indicators = bundle(export(policy, "stix2", platforms=("ios",)), "indicator")
    assert {i["pattern"] for i in indicators} == {"[app:id='com.example.Chat-1']", "[app:id='com.example.lite']"}


@pytest.mark.parametrize("format", ["intune", "apple", "android-management"])
def test_what_knows_only_ids_says_what_it_cannot_find(policy: Policy, format: str) -> None:
    told = left_out(export(policy, format))
    for value in (SHA256, "1f", "com.example.chat.ui.", "Chatty", "ABCDE12345 com.example."):
        assert ("chat", value) in told


def test_apple_blocks_bundle_ids_on_supervised_devices(policy: Policy) -> None:
    exported = export(policy, "apple")
    profile = plistlib.loads(exported.data)
    (payload,) = profile["PayloadContent"]
    assert payload["PayloadType"] == "com.apple.applicationaccess"
    assert payload["blockedAppBundleIDs"] == ["com.example.Chat-1", "com.example.lite"]
    assert (profile["PayloadType"], profile["PayloadVersion"]) == ("Configuration", 1)
    assert profile["PayloadIdentifier"] == "org.fanion.policy.example"
    assert payload["PayloadIdentifier"].startswith("org.fanion.policy.example.")
    assert profile["PayloadDisplayName"] == "Banned & gone / Interdites"
    assert "supervised" in profile["PayloadDescription"]
    assert all(title in profile["PayloadDescription"] for title in ("Banned & gone", "Interdites"))
    assert UUID(profile["PayloadUUID"]) != UUID(payload["PayloadUUID"])
    assert ("only", "ios") in left_out(exported)


def test_a_newer_version_replaces_the_profile_of_an_older_one(policy: Policy) -> None:
    one, two = (plistlib.loads(export(replace(policy, version=v), "apple").data) for v in ("1", "2"))
    assert [one[k] for k in ("PayloadUUID", "PayloadIdentifier")] == [
        two[k] for k in ("PayloadUUID", "PayloadIdentifier")
    ]
    other = plistlib.loads(export(replace(policy, id="other"), "apple").data)
    assert other["PayloadUUID"] != one["PayloadUUID"]


def test_android_management_blocks_on_both_sides_of_a_phone(policy: Policy) -> None:
    exported = export(policy, "android-management")
    apps = [{"packageName": id, "installType": "BLOCKED"} for id in ("com.example.chat", "com.example.only")]
    assert json.loads(exported.data) == {
        "applications": apps,
        "playStoreMode": "BLACKLIST",
        "personalUsagePolicies": {"personalPlayStoreMode": "BLOCKLIST", "personalApplications": apps},
    }


def test_android_management_holds_three_thousand_apps(policy: Policy) -> None:
    many = rule("many", ids=tuple(app("android", f"com.example.a{n}") for n in range(3_001)))
    with pytest.raises(PolicyProblem) as caught:
        export(replace(policy, rules=(many,)), "android-management")
    assert "3,001" in str(caught.value.sentence)
    fits = replace(policy, rules=(replace(many, ids=many.ids[:3_000]),))
    assert len(json.loads(export(fits, "android-management").data)["applications"]) == 3_000


def test_stalkerware_yaml_has_the_keys_of_its_lists(policy: Policy) -> None:
    exported = export(policy, "stalkerware")
    chat, only = yaml.safe_load(exported.data)
    assert chat == {
        "name": "Chat",
        "type": "ban",
        "packages": ["com.example.chat"],
        "ios_bundles": ["com.example.Chat-1", "com.example.lite"],
        "certificates": [SHA1.upper()],
    }
    assert only["name"] == "Only"
    assert only["names"] == ["Chat"]
    assert ("chat", "1f") in left_out(exported)
    assert ("chat", SHA256) not in left_out(exported)


def test_stix_is_one_simple_comparison_a_pattern(policy: Policy) -> None:
    exported = export(policy, "stix2")
    indicators = bundle(exported, "indicator")
    assert [(i["pattern"], i["labels"]) for i in indicators] == [
        ("[app:id='com.example.chat']", ["android"]),
        ("[app:id='com.example.Chat-1']", ["ios"]),
        ("[app:id='com.example.lite']", ["ios"]),
        (f"[app:cert.sha256='{SHA256}']", ["android"]),
        (f"[app:cert.sha1='{SHA1}']", ["android"]),
        (f"[app:cert.md5='{MD5}']", ["android"]),
        ("[app:id='com.example.only']", ["android"]),
    ]
    assert left_out(exported) == [
        ("chat", "1f"),
        ("chat", "com.example.chat.ui."),
        ("chat", "Chatty"),
        ("chat", "ABCDE12345 com.example."),
    ]


def test_stix_calls_nothing_malicious(policy: Policy) -> None:
    text = export(policy, "stix2", strengths=EVERY).data.decode().lower()
    assert "malicious" not in text
    assert "malware" not in text
    assert "indicator_types" not in text


def test_stix_is_what_the_library_of_its_makers_accepts(policy: Policy) -> None:
    parsed = oasis.parse(export(policy, "stix2").data.decode(), allow_custom=False)
    reports = [one for one in parsed.objects if one.type == "report"]
    assert [(r.name, len(r.object_refs)) for r in reports] == [("Chat", 6), ("Only", 1)]
    french = {c.object_ref: c.contents["fr"]["name"] for c in parsed.objects if c.type == "language-content"}
    assert french[reports[0].id] == "Chat (fr)"


def test_stix_ids_stay_when_a_newer_version_is_issued(policy: Policy) -> None:
    newer = replace(policy, version="8", issued=policy.issued.replace(year=2027))
    before, after = (json.loads(export(p, "stix2").data)["objects"] for p in (policy, newer))
    assert [o["id"] for o in before] == [o["id"] for o in after]
    assert [o["created"] for o in before] == [o["created"] for o in after]
    assert {o["modified"] for o in after} == {"2027-11-01T00:00:00.000Z"}
    other = json.loads(export(replace(policy, id="other"), "stix2").data)["objects"]
    assert not {o["id"] for o in other} & {o["id"] for o in before}
