"""What an officer is told about the apps on a phone: nothing missed, nothing accused that is not named."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import (
    App,
    AppState,
    Authority,
    Enabled,
    EvidenceKind,
    Inventory,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Rule,
    RuleId,
    Strength,
)
from core.policy.format.policy_file import load_built_in
from core.policy.matching.match import judge
from core.policy.wording import long_date
from core.text import Bilingual

OWNER = Profile(0, "Owner", ProfileKind.PERSONAL)
WORK = Profile(10, "Work", ProfileKind.WORK)
CANADA = load_built_in("canada")


def app(package: str, *profiles: int) -> App:
    return App(package, states=tuple(AppState(profile, installed=True) for profile in profiles or (0,)))


def phone(*apps: App, platform: str = "android", profiles: tuple[Profile, ...] = (OWNER, WORK)) -> Inventory:
    return Inventory(Phone(platform, "google", "Pixel 9", "16", "SERIAL"), profiles, apps)


def same(text: str) -> Bilingual:
    return Bilingual(text, text)


def rule(id: str, strength: Strength, **ids: str) -> Rule:
    """A rule with an Android id for each product that is named."""
    return Rule(
        id,
        same(id.capitalize()),
        strength,
        date(2023, 3, 1),
        Bilingual("Reason.", "Raison."),
        Authority(Bilingual("the Minister", "la ministre"), same("Directive"), same("Words"), official_fr=True),
        tuple(RuleId("android", package, same(product), "one source", "seen") for product, package in ids.items()),
    )


def policy(*rules: Rule) -> Policy:
    return Policy("p", "1", date(2026, 11, 1), same("P"), Bilingual("phones", "les téléphones"), rules, "")


def test_wechat_is_found_with_its_evidence_and_a_reason_to_read_aloud() -> None:
    (finding,) = judge(phone(app("com.tencent.mm"), app("org.mozilla.firefox")), CANADA)
    assert (finding.rule, finding.strength, finding.profile) == ("wechat", Strength.BAN, OWNER)
    assert finding.product == same("WeChat")
    assert finding.app.package == "com.tencent.mm"
    (evidence,) = finding.evidence
    assert (evidence.kind, evidence.value) == (EvidenceKind.PACKAGE_ID, "com.tencent.mm")
    assert evidence.confidence == "several sources"
    assert "LawnchairLauncher/lawnicons:17560" in evidence.source
    assert finding.why.in_language("en") == (
        "WeChat has been banned on government-issued mobile devices since 30 October 2023"
        " by decision of the Chief Information Officer of Canada."
    )


def test_every_value_of_the_reason_exists_in_french() -> None:
    (finding,) = judge(phone(app("com.kaspersky.safekids")), CANADA)
    french = {name: value.in_language("fr") for name, value in finding.why.values if isinstance(value, Bilingual)}
    assert french == {
        "app": "Kaspersky Safe Kids",
        "product": "suite d’applications Kaspersky",
        "scope": "les appareils mobiles fournis par le gouvernement",
        "date": "30 octobre 2023",
        "authority": "la dirigeante principale de l’information du Canada",
    }
    assert len(french) == len(finding.why.values)


@pytest.mark.parametrize(
    ("package", "why"),
    [
        (
            "com.kaspersky.safekids",
            "Kaspersky Safe Kids (Kaspersky suite of applications) has been banned on government-issued mobile devices"
            " since 30 October 2023 by decision of the Chief Information Officer of Canada.",
        ),
        (
            "com.zhiliaoapp.musically",
            "TikTok has been banned on government-issued mobile devices since 28 February 2023"
            " by decision of the Chief Information Officer of Canada.",
        ),
        (
            "com.deepseek.chat",
            "DeepSeek is not banned, but since 6 February 2025 the Chief Information Officer of Canada"
            " has recommended restricting its use on government devices.",
        ),
        (
            "com.tencent.wework",
            "WeCom is shown for information and is not counted as banned:"
            " WeCom comes from the maker of WeChat and is not named by the Treasury Board.",
        ),
    ],
)
def test_each_strength_has_its_own_words(package: str, why: str) -> None:
    (finding,) = judge(phone(app(package)), CANADA)
    assert finding.why.in_language("en") == why


@pytest.mark.parametrize("rule_id", [rule.id for rule in CANADA.rules])
def test_every_canadian_rule_gives_one_sentence(rule_id: str) -> None:
    one = CANADA.rule(rule_id)
    assert one is not None
    for identity in one.ids:
        (finding,) = judge(phone(app(identity.id), platform=identity.platform), CANADA)
        why = finding.why.in_language("en")
        assert why.startswith(identity.product.en)
        assert why.endswith(".")
        assert why.count(". ") == 0
        assert "{" not in why


@pytest.mark.parametrize(
    "package",
    [
        "com.tencent.mm.plugin",
        "com.tencent.m",
        "xcom.tencent.mm",
        "COM.TENCENT.MM",
        "com.tencent.mm ",
        "com.tencent",
        "",
    ],
)
def test_nothing_but_the_exact_id_matches(package: str) -> None:
    assert judge(phone(app(package)), CANADA) == ()


def test_an_id_of_another_platform_does_not_match() -> None:
    assert judge(phone(app("com.tencent.xin")), CANADA) == ()
    assert [finding.rule for finding in judge(phone(app("com.tencent.xin"), platform="ios"), CANADA)] == ["wechat"]
    assert judge(phone(app("com.tencent.mm"), platform="ios"), CANADA) == ()


@pytest.mark.parametrize(
    "state",
    [
        AppState(0, installed=True, hidden=True),
        AppState(0, installed=True, suspended=True),
        AppState(0, installed=True, instant=True),
        *(AppState(0, installed=True, enabled=enabled) for enabled in Enabled),
    ],
)
def test_an_app_that_is_switched_off_still_counts(state: AppState) -> None:
    assert len(judge(phone(App("com.tencent.mm", states=(state,))), CANADA)) == 1


def test_an_app_that_is_not_installed_in_a_profile_is_not_found_there() -> None:
    states = (AppState(0, installed=False), AppState(10, installed=True))
    (finding,) = judge(phone(App("com.tencent.mm", states=states)), CANADA)
    assert finding.profile == WORK


def test_an_app_that_is_installed_nowhere_is_not_found() -> None:
    assert judge(phone(App("com.tencent.mm", states=(AppState(0, installed=False),))), CANADA) == ()
    assert judge(phone(App("com.tencent.mm")), CANADA) == ()


def test_each_profile_has_its_own_finding() -> None:
    findings = judge(phone(app("com.tencent.mm", 10, 0)), CANADA)
    assert [finding.profile for finding in findings] == [OWNER, WORK]


def test_a_profile_that_the_phone_did_not_list_is_not_lost() -> None:
    findings = judge(phone(app("com.tencent.mm", 0, 95)), CANADA)
    assert [finding.profile for finding in findings] == [
        OWNER,
        Profile(95, "", ProfileKind.OTHER, readable=False),
    ]


def test_a_profile_that_is_named_twice_is_found_once() -> None:
    assert len(judge(phone(app("com.tencent.mm", 0, 0)), CANADA)) == 1


def test_bans_come_first_then_recommendations_then_notices_and_each_by_product_and_profile() -> None:
    apps = [
        app("com.tencent.wework", 0),
        app("com.deepseek.chat", 0),
        app("com.tencent.mm", 10, 0),
        app("com.zhiliaoapp.musically", 0),
        app("com.kms.free", 0),
        app("com.lemon.lvoverseas", 0),
    ]
    expected = [
        ("Kaspersky", 0),
        ("TikTok", 0),
        ("WeChat", 0),
        ("WeChat", 10),
        ("DeepSeek", 0),
        ("CapCut", 0),
        ("WeCom", 0),
    ]
    for seed in range(5):
        random.Random(seed).shuffle(apps)
        findings = judge(phone(*apps), CANADA)
        assert [(finding.product.en, finding.profile.id) for finding in findings] == expected


def test_two_rules_that_name_one_app_are_both_heard() -> None:
    """A file cannot say so, but a policy that was put together otherwise could."""
    both = policy(rule("note", Strength.NOTICE, A="a.b"), rule("ban", Strength.BAN, A="a.b"))
    assert [finding.rule for finding in judge(phone(app("a.b")), both)] == ["ban", "note"]


def test_a_phone_or_a_policy_without_anything_gives_nothing() -> None:
    assert judge(phone(), CANADA) == ()
    assert judge(phone(app("com.tencent.mm")), policy()) == ()


@pytest.mark.parametrize(
    ("day", "en", "fr"),
    [
        (date(2023, 10, 30), "30 October 2023", "30 octobre 2023"),
        (date(2023, 3, 1), "1 March 2023", "1er mars 2023"),
        (date(2025, 8, 11), "11 August 2025", "11 août 2025"),
        (date(2024, 2, 29), "29 February 2024", "29 février 2024"),
        (date(2026, 12, 31), "31 December 2026", "31 décembre 2026"),
    ],
)
def test_dates_are_written_out_as_each_language_does(day: date, en: str, fr: str) -> None:
    assert long_date(day) == Bilingual(en, fr)


IDS = st.sampled_from(["a.b", "a.c", "a.d", "a.e"])
PROFILES = st.integers(0, 3)
STATES = st.builds(AppState, PROFILES, installed=st.booleans(), hidden=st.booleans(), enabled=st.sampled_from(Enabled))
APPS = st.lists(
    st.builds(App, IDS, states=st.lists(STATES, max_size=4, unique_by=lambda state: state.profile).map(tuple)),
    max_size=4,
    unique_by=lambda found: found.package,
)


@given(APPS, st.lists(PROFILES, unique=True))
def test_exactly_what_is_installed_and_named_is_found(apps: list[App], listed: list[int]) -> None:
    rules = policy(rule("ban", Strength.BAN, B="a.b", C="a.c"), rule("note", Strength.NOTICE, D="a.d"))
    profiles = tuple(replace(OWNER, id=id) for id in listed)
    findings = judge(phone(*apps, profiles=profiles), rules)
    named = {"a.b": "ban", "a.c": "ban", "a.d": "note"}
    expected = {
        (named[one.package], one.package, state.profile)
        for one in apps
        for state in one.states
        if state.installed and one.package in named
    }
    found = [(finding.rule, finding.app.package, finding.profile.id) for finding in findings]
    assert len(found) == len(set(found))
    assert set(found) == expected
