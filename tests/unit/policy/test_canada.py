"""The Canadian federal policy says what was decided, no more and no less, in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date

import pytest

from core.model import App, AppState, Inventory, Phone, Profile, ProfileKind, Strength
from core.policy.format.policy_file import load_built_in
from core.policy.format.tables import PLATFORMS
from core.policy.matching.index import index
from core.policy.matching.match import judge
from core.text import Bilingual

CANADA = load_built_in("canada")

#: Ids that circulate in public lists, or look as if they belonged, and are not the product on a phone.
REJECTED = (
    # Found in no source.
    "com.kaspersky.tvs",
    "com.kaspersky.iot.scanner",
    "com.kaspersky.ksc",
    "com.kaspersky.pure",
    "com.kaspersky.lightscanner",
    "com.kaspersky.adcleaner",
    "com.kaspersky.cleaner",
    # The name of a screen inside an app.
    "com.kms.qrscanner",
    # Wrong or invented.
    "com.kaspersky.kasperskyinternetsecurity",
    "com.kaspersky.kes.android",
    "com.kaspersky.browser",
    # Desktop computers.
    "com.kaspersky.kav",
    "com.kaspersky.ksec",
    "com.kaspersky.kav_agent",
    "com.tencent.xinWeChat",
    # A test library.
    "com.kaspersky.kaspressample",
    "com.kaspersky.kaspresso",
    # Phone makers' own parts.
    "com.tencent.soter.soterserver",
    "com.samsung.android.sskds",
    "com.huawei.easygo",
    "com.skms.android.agent",
    "com.huawei.distributed.kms",
    "com.google.android.apps.pixel.merlin.tiktok",
    # A clone of CapCut, whose maker is not known.
    "com.lemon.lvoverseat",
)

NAMED = {
    "tiktok": {
        ("android", "com.zhiliaoapp.musically"),
        ("android", "com.ss.android.ugc.trill"),
        ("android", "com.zhiliaoapp.musically.go"),
        ("android", "com.tiktok.lite.go"),
        ("android", "com.ss.android.ugc.tiktok.lite"),
        ("android", "com.zhiliaoapp.musicallylite"),
        ("android", "com.ss.android.ugc.trill.go"),
        ("ios", "com.zhiliaoapp.musically"),
        ("ios", "com.ss.iphone.ugc.Ame"),
        ("ios", "com.ss.iphone.ugc.tiktok.lite"),
    },
    "wechat": {("android", "com.tencent.mm"), ("ios", "com.tencent.xin")},
    "kaspersky": {
        ("android", "com.kms.free"),
        ("android", "com.kaspersky.kes"),
        ("android", "com.kaspersky.security.cloud"),
        ("android", "com.kaspersky.passwordmanager"),
        ("android", "com.kaspersky.secure.connection"),
        ("android", "com.kaspersky.qrscanner"),
        ("android", "com.kaspersky.safekids"),
        ("android", "com.kaspersky.who_calls"),
        ("android", "com.kaspersky.batterysaver"),
        ("android", "com.kmsjp"),
        ("android", "com.kms"),
        ("android", "com.kaspersky.kts"),
        ("android", "com.kts.free"),
        ("android", "com.kaspersky.pctrl"),
        ("ios", "com.kaspersky.securityadvisor"),
        ("ios", "com.kaspersky.safekids"),
        ("ios", "com.kaspersky.passwordmanager"),
    },
    "deepseek": {("android", "com.deepseek.chat"), ("ios", "com.deepseek.chat")},
}

RELATED = (
    "com.tencent.wework",
    "com.tencent.mobileqq",
    "com.tencent.tim",
    "com.tencent.wetype",
    "com.tencent.weread",
    "com.tencent.wechatkids",
    "com.ss.android.ugc.aweme",
    "com.ss.android.ugc.aweme.mobile",
    "com.ss.android.ugc.now",
    "com.lemon.lvoverseas",
    "com.bd.nproject",
)


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


def ids() -> list[tuple[str, str]]:
    return [(identity.platform, identity.id) for rule in CANADA.rules for identity in rule.ids]


def test_how_many_rules_of_each_strength() -> None:
    assert Counter(rule.strength for rule in CANADA.rules) == {
        Strength.BAN: 3,
        Strength.RECOMMENDATION: 1,
        Strength.NOTICE: 13,
    }
    assert len(ids()) == 75


def test_nothing_is_listed_twice() -> None:
    assert len(set(ids())) == len(ids())
    assert len({rule.id for rule in CANADA.rules}) == len(CANADA.rules)


@pytest.mark.parametrize(
    ("id", "strength", "effective"),
    [
        ("tiktok", Strength.BAN, date(2023, 2, 28)),
        ("wechat", Strength.BAN, date(2023, 10, 30)),
        ("kaspersky", Strength.BAN, date(2023, 10, 30)),
        ("deepseek", Strength.RECOMMENDATION, date(2025, 2, 6)),
    ],
)
def test_the_named_products(id: str, strength: Strength, effective: date) -> None:
    rule = CANADA.rule(id)
    assert rule is not None
    assert (rule.strength, rule.effective) == (strength, effective)
    assert {(identity.platform, identity.id) for identity in rule.ids} == NAMED[id]


def test_every_other_rule_is_a_notice_that_says_it_is_not_named() -> None:
    for rule in CANADA.rules:
        if rule.id in NAMED:
            continue
        assert rule.strength is Strength.NOTICE
        assert rule.authority.instrument.en.startswith("None: shown for information only.")
        assert rule.authority.instrument.fr.startswith("Aucun\u00a0: à titre d’information seulement.")


@pytest.mark.parametrize("package", RELATED)
def test_a_related_app_is_never_a_violation(package: str) -> None:
    ((rule, _),) = index(CANADA, "android").by_id(package)
    assert rule.strength is Strength.NOTICE


def test_every_text_is_in_both_languages() -> None:
    found = list(texts(CANADA))
    assert len(found) > 150
    for text in found:
        assert text.en.strip()
        assert text.fr.strip()


def test_sentences_are_translated_and_not_copied() -> None:
    for rule in CANADA.rules:
        for text in (rule.reason, rule.authority.name, rule.authority.instrument, rule.authority.quote, rule.note):
            assert text is None or text.en != text.fr


def test_every_id_says_where_it_was_seen_and_how_well() -> None:
    for rule in CANADA.rules:
        for identity in rule.ids:
            assert identity.source
            assert identity.confidence in ("several sources", "one source")


def test_no_french_quote_is_passed_off_as_official() -> None:
    for rule in CANADA.rules:
        assert not rule.authority.official_fr
        released = "TikTok" in rule.authority.quote.en  # of that one, the whole French release was found
        source = ("as the news agency CNW", "agence de presse CNW") if released else ("in the press", "par la presse")
        assert source[0] in " ".join(rule.authority.instrument.en.split())
        assert source[1] in " ".join(rule.authority.instrument.fr.split())


def test_a_quotation_has_the_same_sentences_in_both_languages() -> None:
    """The one whose release was found in both."""
    for rule in CANADA.rules:
        if "TikTok" in rule.authority.quote.en:
            assert rule.authority.quote.en.count("[...]") == rule.authority.quote.fr.count("[...]") == 2
            assert "28 février 2023" in rule.authority.quote.fr


@pytest.mark.parametrize(
    ("id", "en", "fr"),
    [
        (
            "tiktok",
            "Effective February 28, 2023, the TikTok application will be removed from government-issued mobile devices."
            " Users of these devices will also be blocked from downloading the application in the future.",
            "les méthodes de collecte de données de TikTok donnent un accès considérable au contenu du téléphone",
        ),
        (
            "wechat",
            "Effective October 30, 2023, the WeChat and Kaspersky suite of applications will be removed from"
            " government-issued mobile devices.",
            "À compter du 30 octobre 2023, la suite d’applications WeChat et Kaspersky sera supprimée des appareils"
            " mobiles fournis par le gouvernement.",
        ),
        (
            "deepseek",
            "it is recommended that departments and agencies restrict the use of the DeepSeek chatbot on government"
            " devices.",
            "il est recommandé aux ministères et aux agences de restreindre l’utilisation de l’agent conversationnel"
            " DeepSeek sur les appareils gouvernementaux",
        ),
    ],
)
def test_decisions_are_quoted_in_their_own_words(id: str, en: str, fr: str) -> None:
    rule = CANADA.rule(id)
    assert rule is not None
    assert en in rule.authority.quote.en
    assert fr in rule.authority.quote.fr


@pytest.mark.parametrize(
    ("id", "en", "fr"),
    [
        ("wechat", "suite of applications” can be read as", "peuvent désigner"),
        ("kaspersky", "suite of applications” can be read as", "peuvent désigner"),
        ("deepseek", "cannot show that it is not used", "ne peut pas montrer qu’il n’est pas utilisé"),
        ("douyin", "also worn by a modified camera application", "aussi porté par une application photo modifiée"),
    ],
)
def test_what_an_officer_has_to_know_first_is_in_the_note(id: str, en: str, fr: str) -> None:
    rule = CANADA.rule(id)
    assert rule is not None
    assert rule.note is not None
    assert en in rule.note.en
    assert fr in rule.note.fr


def test_no_rejected_id_is_listed_or_found() -> None:
    apps = tuple(App(package, states=(AppState(0, installed=True),)) for package in REJECTED)
    for platform in PLATFORMS:
        phone = Phone(platform, "any", "any", "1", "1")
        assert judge(Inventory(phone, (Profile(0, "", ProfileKind.PERSONAL),), apps), CANADA) == ()


def test_a_guessed_id_of_the_iphone_is_not_listed() -> None:
    assert index(CANADA, "ios").by_id("com.kms.free") == []


def test_no_kaspresso_id_is_listed() -> None:
    assert not [id for _, id in ids() if id.startswith("com.kaspersky.kaspress")]
