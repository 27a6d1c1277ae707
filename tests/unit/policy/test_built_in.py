"""What every policy that Fanion brings along must keep: nothing invented, nothing innocent, both languages."""

from __future__ import annotations

import hashlib
import re
import ssl
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.model import (
    App,
    AppState,
    Certificate,
    Finding,
    Identity,
    Inventory,
    Match,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Rule,
    Signer,
    Strength,
)
from core.policy.format.policy_file import built_in, load, load_built_in
from core.policy.format.tables import CONFIDENCES, PLATFORMS
from core.policy.matching.index import index
from core.policy.matching.match import judge
from core.text import Bilingual

HERE = Path(__file__).parent
RESOURCES = HERE.parents[2] / "resources" / "policies"
SHARED = HERE.parents[2] / ".." / "shared"
REJECTED: dict[str, dict[str, list[str]]] = tomllib.loads((HERE / "rejected_ids.toml").read_text(encoding="utf-8"))

POLICIES = {name: load_built_in(name) for name in built_in()}
RULES = [
    pytest.param(policy, rule, id=f"{name}-{rule.id}") for name, policy in POLICIES.items() for rule in policy.rules
]
EVERY_POLICY = pytest.mark.parametrize("policy", [pytest.param(p, id=name) for name, p in POLICIES.items()])
EVERY_RULE = pytest.mark.parametrize(("policy", "rule"), RULES)

#: The certificate of ByteDance that signs TikTok (Asia), TikTok Lite and Douyin alike.
BYTEDANCE = "2606a464"
WECHAT = "962f5b7"

BANNED = {
    "australia": {
        "tiktok": (date(2023, 4, 4), None),
        "deepseek": (date(2025, 2, 4), None),
        "kaspersky": (date(2025, 2, 21), date(2025, 4, 1)),
    },
    "canada": {
        "tiktok": (date(2023, 2, 28), None),
        "wechat": (date(2023, 10, 30), None),
        "kaspersky": (date(2023, 10, 30), None),
    },
    "european-commission": {"tiktok": (date(2023, 2, 23), date(2023, 3, 15))},
    "united-kingdom": {"tiktok": (date(2023, 3, 16), None)},
    "us-federal": {
        "tiktok": (date(2023, 2, 27), date(2023, 3, 29)),
        "kaspersky": (date(2018, 10, 1), None),
    },
}
TEXAS = {
    date(2022, 12, 7): {"tiktok"},
    date(2023, 2, 6): {
        "bytedance",
        "wechat",
        "tencent",
        "kaspersky",
        "alipay",
        "camscanner",
        "shareit",
        "vmate",
        "wps-office",
    },
    date(2025, 1, 31): {"rednote", "deepseek", "webull", "tiger-brokers", "moomoo", "lemon8"},
    date(2026, 1, 26): {
        "pdd",
        "shein",
        "alibaba",
        "baidu",
        "tp-link",
        "xiaomi",
        "moonshot",
        "minimax",
        "iflytek",
    },
}

#: Apple's developer teams, and the beginnings of the bundle ids that are believed together with them, by rule.
TEAMS = {
    ("kaspersky", "com.kaspersky.", "2Y8XE5CQ94"),
    ("wechat", "com.tencent.xin.", "532LCLCWL8"),
    ("wechat", "com.tencent.xin.", "88L2Q4487U"),
    ("tencent", "com.tencent.", "532LCLCWL8"),
    ("tencent", "com.tencent.", "88L2Q4487U"),
}
BAN, ADVICE, NOTICE = Strength.BAN, Strength.RECOMMENDATION, Strength.NOTICE
IPHONE_APPS = {
    "canada": {
        "com.zhiliaoapp.musically": ("tiktok", BAN),
        "com.ss.iphone.ugc.Ame": ("tiktok", BAN),
        "com.ss.iphone.ugc.tiktok.lite": ("tiktok", BAN),
        "com.tencent.xin": ("wechat", BAN),
        "com.kaspersky.securityadvisor": ("kaspersky", BAN),
        "com.kaspersky.safekids": ("kaspersky", BAN),
        "com.kaspersky.passwordmanager": ("kaspersky", BAN),
        "com.deepseek.chat": ("deepseek", ADVICE),
        "com.tencent.ww": ("wecom", NOTICE),
        "com.lemon.lvoverseas": ("capcut", NOTICE),
    },
    "australia": {"com.deepseek.chat": ("deepseek", BAN), "com.kaspersky.passwordmanager": ("kaspersky", BAN)},
    "texas": {
        "com.deepseek.chat": ("deepseek", BAN),
        "com.xingin.discover": ("rednote", BAN),
        "com.moonshot.kimichat": ("moonshot", BAN),
        "com.ss.iphone.lark": ("bytedance", BAN),
    },
}


def installed(package: str, **more: Any) -> App:
    return App(package, states=(AppState(0, installed=True),), **more)


def found(
    policy: Policy, *apps: App, platform: str = "android", files: Mapping[str, Identity] | None = None
) -> tuple[Finding, ...]:
    phone = Phone(platform, "any", "any", "1", "1")
    return judge(Inventory(phone, (Profile(0, "", ProfileKind.PERSONAL),), apps), policy, files or {})


def of_strength(policy: Policy, strength: Strength) -> set[str]:
    return {rule.id for rule in policy.rules if rule.strength is strength}


def texts(value: object) -> Iterator[Bilingual]:
    """Every text in two languages inside a value."""
    if isinstance(value, Bilingual):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))


def signers() -> Iterator[tuple[Rule, Signer]]:
    for policy in POLICIES.values():
        for rule in policy.rules:
            for signer in rule.signers:
                yield rule, signer


def by_hash(policy: Policy, hash: str) -> list[tuple[Rule, Signer]]:
    """The rules by which an app with this signer is found, whatever it is called."""
    return [(r, signer) for r in policy.rules for signer in r.signers if signer.hash == hash and not signer.shared]


@pytest.mark.parametrize("name", sorted(BANNED))
def test_the_editions_of_tiktok_with_the_shared_certificate_are_compared_with_it(name: str) -> None:
    if POLICIES[name].rule("tiktok") is None:
        pytest.skip("it does not speak of TikTok")
    for id in ("com.ss.android.ugc.trill", "com.zhiliaoapp.musically.go", "com.tiktok.lite.go"):
        (genuine,) = found(POLICIES[name], installed(id, signers=(BYTEDANCE,)))
        assert (genuine.rule, genuine.match) == ("tiktok", Match.NAMED_AND_SIGNED)
        (fake,) = found(POLICIES[name], installed(id, signers=("1234567",)))
        assert (fake.rule, fake.match) == ("tiktok", Match.LOOK_ALIKE)


def test_which_policies_come_with_fanion() -> None:
    assert set(POLICIES) == {*BANNED, "texas"}


@pytest.mark.parametrize("name", built_in())
def test_every_file_is_without_fault_and_called_like_its_policy(name: str) -> None:
    assert load(RESOURCES / f"{name}.toml") == POLICIES[name]
    assert POLICIES[name].id == name


@EVERY_POLICY
def test_no_text_says_that_it_comes_from_the_authority_itself(policy: Policy) -> None:
    beginning = (RESOURCES / f"{policy.id}.toml").read_text(encoding="utf-8")[:600]
    assert "It is not a publication of the" in beginning


@EVERY_RULE
def test_everything_by_which_a_product_is_known_says_where_it_was_seen(policy: Policy, rule: Rule) -> None:
    known = [(id.source, id.confidence) for id in rule.ids]
    known += [(signer.source, signer.confidence) for signer in rule.signers]
    known += [(code.source, code.confidence) for code in rule.code]
    known += [(team.source, team.confidence) for team in rule.teams]
    for source, confidence in known:
        assert source.strip()
        assert confidence in CONFIDENCES
    for label in rule.labels:
        assert label.source.strip()
    assert rule.ids


@EVERY_RULE
def test_stores_are_the_two_that_are_known_and_name_the_app(policy: Policy, rule: Rule) -> None:
    for id in rule.ids:
        if not id.store:
            continue
        if id.platform == "android":
            assert id.store == f"https://play.google.com/store/apps/details?id={id.id}"
        else:
            assert re.fullmatch(r"https://apps\.apple\.com/us/app/[a-z-]+/id[0-9]+", id.store)


@EVERY_POLICY
def test_kaspersky_is_nowhere_sent_to_the_store_that_removed_it(policy: Policy) -> None:
    ids = [id for rule in policy.rules for id in rule.ids if "kaspersky" in id.id or id.id.startswith("com.km")]
    assert not [id.id for id in ids if id.platform == "android" and id.store]


@EVERY_RULE
def test_no_prose_is_left_in_one_language(policy: Policy, rule: Rule) -> None:
    authority = rule.authority
    prose = [policy.title, policy.scope, rule.reason, authority.name, authority.instrument, authority.quote]
    prose += [text for text in (rule.note, rule.scope) if text is not None]
    for text in prose:
        assert text.en.strip()
        assert text.fr.strip()
        assert text.en != text.fr
    for text in texts(rule):
        assert text.en.strip()
        assert text.fr.strip()


@EVERY_RULE
def test_french_is_set_as_french(policy: Policy, rule: Rule) -> None:
    for text in (policy.title, policy.scope, *texts(rule)):
        assert "'" not in text.fr
        assert not re.search(r" [:;!?»]|« ", text.fr), text.fr
        assert not re.search(r"(?<![\u00a0\u202f:/.\d])[;!?»]|\w:(?!//)", text.fr), text.fr


@EVERY_RULE
def test_a_quote_can_be_read_elsewhere_and_french_words_of_ours_are_called_ours(policy: Policy, rule: Rule) -> None:
    authority = rule.authority
    assert authority.url
    assert not authority.official_fr
    en, fr = (" ".join(said.split()) for said in (authority.instrument.en, authority.instrument.fr))
    assert (
        ("the French is our translation" in en and "le français est notre traduction" in fr)
        or ("in the press" in en and "par la presse" in fr)
        or ("were not compared with canada.ca" in en and "sans comparaison avec canada.ca" in fr)
    )


@pytest.mark.parametrize("name", sorted({*BANNED, "texas"} - {"canada", "european-commission"}))
def test_authorities_without_french_say_so(name: str) -> None:
    for rule in POLICIES[name].rules:
        assert "There is no official French text" in rule.authority.instrument.en


@EVERY_RULE
def test_days_are_in_order_and_not_in_the_future(policy: Policy, rule: Rule) -> None:
    days = [day for day in (rule.announced, rule.effective, rule.deadline) if day is not None]
    assert days == sorted(days)
    assert date(2017, 1, 1) < days[0]
    assert days[-1] <= policy.issued <= date(2026, 12, 3)
    if rule.strength is not Strength.NOTICE:
        assert rule.effective < policy.issued


@EVERY_POLICY
def test_no_rejected_id_is_in_a_policy(policy: Policy) -> None:
    rejected = {id for group in REJECTED["ids"].values() for id in group}
    assert len(rejected) > 20
    listed = {id.id for rule in policy.rules for id in rule.ids}
    assert not listed & rejected
    assert not [id for id in listed if id.startswith("com.kaspersky.kaspress")]
    for platform in PLATFORMS:
        assert not listed_on(policy, platform) & set(REJECTED["guessed"][platform])


def listed_on(policy: Policy, platform: str) -> set[str]:
    return {id.id for rule in policy.rules for id in rule.ids if id.platform == platform}


@EVERY_POLICY
def test_a_phone_full_of_innocent_apps_has_no_finding(policy: Policy) -> None:
    for platform in PLATFORMS:
        ids = [id for group in REJECTED["ids"].values() for id in group] + REJECTED["guessed"][platform]
        apps = [installed(id) for id in ids if platform == "ios" or "-" not in id]
        apps.append(installed("org.example.shop", components=tuple(REJECTED["classes"]["innocent"])))
        assert found(policy, *apps, platform=platform) == ()


@EVERY_POLICY
def test_no_code_prefix_covers_a_library_that_others_use(policy: Policy) -> None:
    for rule in policy.rules:
        for code in rule.code:
            covered = [
                name
                for name in REJECTED["classes"]["innocent"]
                if name == code.prefix or (code.prefix.endswith(".") and name.startswith(code.prefix))
            ]
            assert not covered, code.prefix
            # Nor a whole library that has the innocent one inside.
            assert not [p for p in ("com.tencent.mm.", "com.tencent.mm.ui.", "com.kaspersky.") if code.prefix == p]


@EVERY_POLICY
def test_a_team_prefix_is_only_believed_together_with_the_team(policy: Policy) -> None:
    for rule in policy.rules:
        for team in rule.teams:
            unlisted = f"{team.prefix}unlisted"
            assert (rule.id, team.prefix, team.id) in TEAMS
            assert found(policy, installed(unlisted, team="AAAAAAAAAA"), platform="ios") == ()
            (finding,) = found(policy, installed(unlisted, team=team.id), platform="ios")
            assert (finding.rule, finding.match) == (rule.id, Match.SAME_SIGNER)
            assert found(policy, installed("org.example.innocent", team=team.id), platform="ios") == ()
            assert found(policy, installed("com.kaspersky.kaspressample", team=team.id)) == ()


def test_the_iphone_apps_of_every_policy_are_found_by_their_bundle_ids() -> None:
    """The apps of the public lists, on an iPhone; offloaded, they are found too."""
    for name, ids in IPHONE_APPS.items():
        for id, (rule, strength) in ids.items():
            for state in (AppState(0, installed=True), AppState(0, installed=False, archived=True)):
                (finding,) = found(POLICIES[name], App(id, states=(state,)), platform="ios")
                assert (finding.rule, finding.strength, finding.match) == (rule, strength, Match.NAMED), id


@pytest.mark.parametrize("name", sorted(BANNED))
def test_what_is_banned_since_when_and_until_when_to_remove(name: str) -> None:
    policy = POLICIES[name]
    banned = {rule.id: (rule.effective, rule.deadline) for rule in policy.rules if rule.strength is Strength.BAN}
    assert banned == BANNED[name]


def test_the_list_of_texas_grew_in_four_steps() -> None:
    texas = POLICIES["texas"]
    steps: dict[date, set[str]] = {}
    for rule in texas.rules:
        if rule.strength is Strength.BAN:
            steps.setdefault(rule.effective, set()).add(rule.id)
    assert steps == TEXAS


def test_the_three_strengths_of_canada_are_not_merged() -> None:
    canada = POLICIES["canada"]
    assert of_strength(canada, Strength.BAN) == {"tiktok", "wechat", "kaspersky"}
    assert of_strength(canada, Strength.RECOMMENDATION) == {"deepseek"}
    deepseek = canada.rule("deepseek")
    assert deepseek is not None
    assert deepseek.scope == Bilingual("government devices", "les appareils gouvernementaux")
    assert canada.exception_days == 365
    for id in (
        "com.tencent.wework",
        "com.tencent.mobileqq",
        "com.ss.android.ugc.aweme",
        "com.lemon.lvoverseas",
        "com.bd.nproject",
        "com.tencent.wetype",
        "com.tencent.weread",
    ):
        ((rule, _),) = index(canada, "android").by_id(id)
        assert rule.strength is Strength.NOTICE


def test_elsewhere_only_canada_recommends() -> None:
    for name, policy in POLICIES.items():
        assert bool(of_strength(policy, Strength.RECOMMENDATION)) == (name == "canada")


def test_capcut_and_lemon8_are_no_successors_yet() -> None:
    federal = POLICIES["us-federal"]
    for id in ("com.lemon.lvoverseas", "com.bd.nproject", "com.ss.android.ugc.aweme"):
        ((rule, _),) = index(federal, "android").by_id(id)
        assert rule.strength is Strength.NOTICE
        assert "does not settle whether it is a “successor”" in rule.reason.en


@pytest.mark.parametrize("name", ["canada", "australia", "us-federal", "texas"])
def test_it_is_said_that_no_certificate_of_kaspersky_is_known(name: str) -> None:
    rule = POLICIES[name].rule("kaspersky")
    assert rule is not None
    assert rule.note is not None
    assert rule.signers == ()
    assert "No certificate with which Kaspersky signs for Android was found" in rule.note.en
    assert "Aucun certificat avec lequel Kaspersky signe pour Android n’a été trouvé" in rule.note.fr


@EVERY_POLICY
def test_what_shares_code_and_certificate_with_tiktok_is_not_called_tiktok(policy: Policy) -> None:
    screens = ("com.ss.android.ugc.aweme.splash.SplashActivity",)
    for id in ("com.ss.android.ugc.aweme.lite", "com.ss.android.ugc.aweme.mobile", "com.ss.android.ugc.spark"):
        app = installed(id, components=screens, signers=(BYTEDANCE,))
        assert {f.match for f in found(policy, app) if f.rule == "tiktok"} <= {Match.SUSPECTED_CODE}
        ((_, signer),) = by_hash(policy, BYTEDANCE)
        file = Identity(id, certificates=(Certificate(signer.sha256, hash=BYTEDANCE),), components=screens)
        (finding,) = found(policy, app, files={id: file})
        assert finding.rule != "tiktok"
        assert finding.is_ban == (policy.id == "texas")


@EVERY_POLICY
def test_another_application_of_bytedance_is_banned_only_where_its_maker_is(policy: Policy) -> None:
    ((rule, _),) = by_hash(policy, BYTEDANCE)
    assert rule.id == ("bytedance" if policy.id == "texas" else "douyin")
    (finding,) = found(policy, installed("com.example.unlisted", signers=(BYTEDANCE,)))
    assert finding.match is Match.SUSPECTED_SIGNER
    assert finding.strength is (Strength.BAN if policy.id == "texas" else Strength.NOTICE)


@EVERY_POLICY
def test_a_renamed_tiktok_is_suspected(policy: Policy) -> None:
    for screen in (
        "com.ss.android.ugc.aweme.splash.SplashActivity",
        "com.ss.android.ugc.trill.splash.I18nSplashActivity",
    ):
        (finding,) = found(policy, installed("com.pocket.notes", components=(screen,)))
        assert (finding.rule, finding.match) == ("tiktok", Match.SUSPECTED_CODE)


@pytest.mark.parametrize("name", ["canada", "texas"])
def test_a_renamed_wechat_is_suspected(name: str) -> None:
    policy = POLICIES[name]
    (by_code,) = found(policy, installed("com.pocket.notes", components=("com.tencent.mm.ui.LauncherUI",)))
    (by_signer,) = found(policy, installed("com.pocket.notes", signers=(WECHAT,)))
    assert (by_code.rule, by_code.match) == ("wechat", Match.SUSPECTED_CODE)
    assert (by_signer.rule, by_signer.match) == ("wechat", Match.SUSPECTED_SIGNER)


def test_a_wechat_that_somebody_else_signed_is_a_look_alike() -> None:
    (genuine,) = found(POLICIES["canada"], installed("com.tencent.mm", signers=(WECHAT,)))
    (other,) = found(POLICIES["canada"], installed("com.tencent.mm", signers=("1234abcd",)))
    assert (genuine.match, other.match) == (Match.NAMED_AND_SIGNED, Match.LOOK_ALIKE)


def test_a_camera_that_wears_the_id_of_douyin_is_a_look_alike() -> None:
    """LMC 8.4 does."""
    (finding,) = found(POLICIES["canada"], installed("com.ss.android.ugc.aweme", signers=("1234abcd",)))
    assert (finding.rule, finding.match) == ("douyin", Match.LOOK_ALIKE)


def test_one_certificate_has_the_same_digests_in_every_policy() -> None:
    known: dict[str, tuple[str, str, str]] = {}
    for _, signer in signers():
        assert signer.sha256
        rest = (signer.sha1, signer.md5, signer.hash)
        assert known.setdefault(signer.sha256, rest) == rest
    assert len(known) == 4


def test_the_digests_of_wechat_are_those_of_its_certificate() -> None:
    pem = SHARED / "facts" / "wechat-signer.pem"
    if not pem.exists():
        pytest.skip("the certificate is not here")
    der = ssl.PEM_cert_to_DER_cert(pem.read_text(encoding="ascii"))
    hash = 1
    for byte in der:  # Java's Arrays.hashCode: bytes are signed, 32 bits
        hash = (31 * hash + (byte - 256 if byte > 127 else byte)) & 0xFFFFFFFF
    for name in ("canada", "texas"):
        rule = POLICIES[name].rule("wechat")
        assert rule is not None
        (signer,) = rule.signers
        assert signer.sha256 == hashlib.sha256(der).hexdigest()
        assert signer.sha1 == hashlib.sha1(der, usedforsecurity=False).hexdigest()
        assert signer.md5 == hashlib.md5(der, usedforsecurity=False).hexdigest()
        assert signer.hash == f"{hash:x}"
        assert signer.signs == ("com.tencent.mm",)
