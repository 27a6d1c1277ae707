"""Apps that are recognised by more than their name: renamed, repackaged, look-alikes, and those that only seem so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import (
    App,
    AppState,
    Authority,
    Certificate,
    Code,
    EvidenceKind,
    Finding,
    Identity,
    Inventory,
    Label,
    Match,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Rule,
    RuleId,
    Signer,
    Strength,
    Team,
)
from core.policy.matching.match import judge, unsure
from core.text import Bilingual, T

MAKER = Certificate("aa" * 32, "bb" * 20, "cc" * 16, "962f5b7")
ELDER = Certificate("ee" * 32, "", "", "abc1234")
OTHER = Certificate("11" * 32, "22" * 20, "33" * 16, "7777777")
#: A certificate that was made so that its short code is the maker's.
FORGED = replace(OTHER, hash=MAKER.hash)
LAUNCHER = "com.tencent.mm.ui.LauncherUI"


def same(text: str) -> Bilingual:
    return Bilingual(text, text)


BY = Authority(Bilingual("the Minister", "la ministre"), same("Directive"), same("Words"), official_fr=True)
RULE = Rule(
    "chat",
    same("Chat"),
    Strength.BAN,
    date(2023, 10, 30),
    Bilingual("Reason.", "Raison."),
    BY,
    (
        RuleId("android", "com.tencent.mm", same("Chat"), "one source", "ids"),
        RuleId("android", "com.tencent.lite", same("Chat Lite"), "one source", "ids"),
        RuleId("ios", "com.tencent.xin", same("Chat"), "one source", "ids"),
    ),
    signers=(Signer(("com.tencent.mm",), "one source", "sdk", sha256=MAKER.sha256, hash=MAKER.hash),),
    code=(Code("com.tencent.mm.ui.", "one source", "icons"), Code("com.tencent.mm.app.WeApp", "one source", "icons")),
    labels=(Label("WeChat", "store"),),
    teams=(Team("532LCLCWL8", "com.tencent.", "one source", "links"),),
)
RELATED = Rule(
    "related",
    same("Work Chat"),
    Strength.NOTICE,
    date(2023, 10, 30),
    Bilingual("Work Chat is not named.", "Work Chat n’est pas nommé."),
    BY,
    (RuleId("android", "com.tencent.wework", same("Work Chat"), "one source", "ids"),),
)
POLICY = Policy("p", "1", date(2026, 11, 1), same("P"), Bilingual("phones", "les téléphones"), (RULE, RELATED), "")


def app(package: str = "com.pocket.notes", **values: object) -> App:
    return replace(App(package, states=(AppState(0, installed=True),)), **values)  # type: ignore[arg-type]


def found(
    *apps: App, platform: str = "android", policy: Policy = POLICY, **identities: Identity
) -> tuple[Finding, ...]:
    phone = Phone(platform, "google", "Pixel 9", "16", "SERIAL")
    inventory = Inventory(phone, (Profile(0, "Owner", ProfileKind.PERSONAL),), apps)
    return judge(inventory, policy, {i.package: i for i in identities.values()})


def one(*apps: App, **values: object) -> Finding:
    (finding,) = found(*apps, **values)  # type: ignore[arg-type]
    return finding


def read(package: str = "com.pocket.notes", **values: object) -> Identity:
    return replace(Identity(package), **values)  # type: ignore[arg-type]


def kinds(finding: Finding) -> list[EvidenceKind]:
    return [evidence.kind for evidence in finding.evidence]


NAMED = app("com.tencent.mm")


@pytest.mark.parametrize(
    ("phone", "identity", "match"),
    [
        (NAMED, None, Match.NAMED),
        (replace(NAMED, signers=("962f5b7",)), None, Match.NAMED_AND_SIGNED),
        (replace(NAMED, signers=("1", "962f5b7")), None, Match.NAMED_AND_SIGNED),
        (replace(NAMED, signers=("7777777",)), None, Match.LOOK_ALIKE),
        (replace(NAMED, certificates=(MAKER.sha256,)), None, Match.NAMED_AND_SIGNED),
        (replace(NAMED, certificates=(OTHER.sha256,), signers=("962f5b7",)), None, Match.LOOK_ALIKE),
        (NAMED, read("com.tencent.mm", certificates=(MAKER,)), Match.NAMED_AND_SIGNED),
        (replace(NAMED, signers=("962f5b7",)), read("com.tencent.mm", certificates=(FORGED,)), Match.LOOK_ALIKE),
        (NAMED, read("com.tencent.mm", certificates=(OTHER,), lineage=(MAKER,)), Match.NAMED_AND_SIGNED),
        (NAMED, read("com.tencent.mm", why=T("It could not be read.")), Match.NAMED),
        (NAMED, read("com.tencent.mm", certificates=(OTHER,), why=T("A part could not be read.")), Match.NAMED),
        (NAMED, read("com.tencent.mm", certificates=(MAKER,), why=T("A part is not.")), Match.NAMED_AND_SIGNED),
        (app("com.tencent.lite", signers=("7777777",)), None, Match.NAMED),
    ],
    ids=[
        "nothing known",
        "short code",
        "one of two signers",
        "other short code",
        "SHA-256 told",
        "other SHA-256 told",
        "SHA-256 read",
        "forged short code",
        "key replaced by its maker",
        "unreadable",
        "read in part, another's",
        "read in part, its maker's",
        "no signer known for this id",
    ],
)
def test_an_app_that_bears_the_name_is_red_whoever_signed_it(
    phone: App, identity: Identity | None, match: Match
) -> None:
    finding = one(phone, **({"identity": identity} if identity else {}))
    assert finding.match is match
    assert finding.is_ban
    assert kinds(finding)[0] is EvidenceKind.PACKAGE_ID


def test_a_look_alike_is_said_to_be_one() -> None:
    finding = one(replace(NAMED, signers=("7777777",)))
    assert kinds(finding) == [EvidenceKind.PACKAGE_ID, EvidenceKind.OTHER_SIGNER]
    assert finding.why.in_language("en").startswith("This app has the id of Chat, but its maker did not sign it. Chat")


@pytest.mark.parametrize(
    ("phone", "identity", "match"),
    [
        (app(certificates=(MAKER.sha256,)), None, Match.SAME_SIGNER),
        (app(), read(certificates=(MAKER,)), Match.SAME_SIGNER),
        (app(), read(certificates=(OTHER,), lineage=(MAKER,)), Match.SAME_SIGNER),
        (app(), read(certificates=(MAKER,), why=T("A part could not be read.")), Match.SAME_SIGNER),
        (app(components=(LAUNCHER,)), read(certificates=(OTHER,), components=(LAUNCHER,)), Match.SAME_CODE),
        (app(), read(certificates=(OTHER,), components=("com.tencent.mm.app.WeApp",)), Match.SAME_CODE),
        (app(signers=("962f5b7",), components=(LAUNCHER,)), read(certificates=(MAKER,)), Match.SAME_SIGNER),
    ],
    ids=[
        "told by the phone",
        "read",
        "by its lineage",
        "read in part",
        "same code",
        "a class by its own name",
        "the surest counts",
    ],
)
def test_a_copy_under_another_name_is_red(phone: App, identity: Identity | None, match: Match) -> None:
    finding = one(phone, **({"identity": identity} if identity else {}))
    assert finding.match is match
    assert finding.is_ban
    assert finding.product == same("Chat")
    assert "under another name" in finding.why.in_language("en")
    assert "has been banned on phones since 30 October 2023" in finding.why.in_language("en")


@pytest.mark.parametrize(
    ("phone", "identity", "match"),
    [
        (app(signers=("962f5b7",)), None, Match.SUSPECTED_SIGNER),
        (app(signers=("962f5b7",)), read(why=T("It could not be read.")), Match.SUSPECTED_SIGNER),
        (app(signers=("962f5b7",)), read(certificates=(OTHER,), why=T("In part.")), Match.SUSPECTED_SIGNER),
        (app(signers=("962f5b7",), certificates=(OTHER.sha256,)), None, Match.SUSPECTED_SIGNER),
        (app(components=(LAUNCHER,)), None, Match.SUSPECTED_CODE),
        (app(components=(LAUNCHER,)), read(certificates=(OTHER,)), Match.SUSPECTED_CODE),
    ],
    ids=[
        "short code",
        "short code, unreadable",
        "short code, read in part",
        "short code, and another certificate told elsewhere",
        "screens",
        "screens that its file does not have",
    ],
)
def test_what_could_not_be_made_sure_is_suspected_and_no_ban(
    phone: App, identity: Identity | None, match: Match
) -> None:
    finding = one(phone, **({"identity": identity} if identity else {}))
    assert finding.match is match
    assert finding.is_suspect
    assert not finding.is_ban
    assert "may be Chat under another name" in finding.why.in_language("en")


@pytest.mark.parametrize(
    ("phone", "identity"),
    [
        (app(signers=("962f5b7",)), read(certificates=(FORGED,))),
        (app(components=("com.tencent.mmm.ui.LauncherUI", "com.tencent.mm.opensdk.WXEntryActivity")), None),
        (app(label="WeChat", system=True), None),
        (app(label="WeChat stickers"), None),
        (app(team="532LCLCWL8"), None),
        (app(signers=("962f5b",)), None),
    ],
    ids=[
        "forged and read",
        "classes like it",
        "a system app's name",
        "a name like it",
        "a team",
        "a part",
    ],
)
def test_what_only_seems_so_is_not_accused(phone: App, identity: Identity | None) -> None:
    assert found(phone, **({"identity": identity} if identity else {})) == ()


def test_what_only_calls_itself_so_is_a_hint_and_comes_last() -> None:
    hint, *others = reversed(found(app(label=" WECHAT "), app("com.tencent.wework")))
    assert hint.match is Match.LABEL
    assert (hint.is_ban, hint.is_suspect) == (False, False)
    assert [finding.rule for finding in others] == ["related"]
    assert hint.why.in_language("en").startswith("com.pocket.notes calls itself “ WECHAT ”, like Chat")


def test_an_app_that_another_rule_names_is_not_the_product_for_its_label() -> None:
    assert [f.rule for f in found(app("com.tencent.wework", label="Chat"))] == ["related"]


def test_whatever_it_is_called_the_maker_s_own_certificate_tells() -> None:
    work = app("com.tencent.wework", certificates=(MAKER.sha256,))
    assert [(f.rule, f.match) for f in found(work)] == [("chat", Match.SAME_SIGNER), ("related", Match.NAMED)]
    # A policy can say that the maker signs that one too; but only its own file shows that the maker did.
    theirs = replace(RELATED, signers=(Signer(("com.tencent.wework",), "one source", "sdk", sha256=MAKER.sha256),))
    policy = replace(POLICY, rules=(RULE, theirs))
    named = ("related", Match.NAMED_AND_SIGNED)
    assert [(f.rule, f.match) for f in found(work, policy=policy)] == [("chat", Match.SUSPECTED_SIGNER), named]
    assert unsure(found(work, policy=policy), policy) == ("com.tencent.wework",)
    file = read("com.tencent.wework", certificates=(MAKER,))
    assert [(f.rule, f.match) for f in found(work, policy=policy, identity=file)] == [named]
    cut = replace(file, why=T("It is damaged."))
    assert [f.rule for f in found(work, policy=policy, identity=cut)] == ["chat", "related"]


def test_a_banned_app_does_not_hide_behind_a_name_that_a_rule_only_mentions() -> None:
    disguised = app("com.tencent.wework", components=(LAUNCHER,))
    assert [(f.rule, f.match) for f in found(disguised)] == [
        ("chat", Match.SUSPECTED_CODE),
        ("related", Match.NAMED),
    ]
    file = read("com.tencent.wework", certificates=(OTHER,), components=(LAUNCHER,))
    assert [(f.rule, f.match) for f in found(disguised, identity=file)] == [
        ("chat", Match.SAME_CODE),
        ("related", Match.NAMED),
    ]


def test_an_app_that_is_known_to_share_the_code_is_cleared_by_the_maker_s_signature_alone() -> None:
    shared = Signer(("com.tencent.mm",), "one source", "sdk", sha256=OTHER.sha256, hash=OTHER.hash, shared=True)
    rule = replace(
        RULE, signers=(*RULE.signers, shared), code=(replace(RULE.code[0], also_in=("com.tencent.wework",)),)
    )
    policy = replace(POLICY, rules=(rule, RELATED))

    def judged(identity: Identity | None = None, **values: object) -> list[tuple[str, Match]]:
        work = app("com.tencent.wework", components=(LAUNCHER,), **values)
        given = {"identity": identity} if identity else {}
        return [(f.rule, f.match) for f in found(work, policy=policy, **given)]

    innocent = [("related", Match.NAMED)]
    suspected = [("chat", Match.SUSPECTED_CODE), ("related", Match.NAMED)]
    assert judged() == judged(signers=("abc",)) == suspected
    assert judged(signers=(OTHER.hash,)) == judged(certificates=(OTHER.sha256,)) == suspected
    fake = read("com.tencent.wework", certificates=(Certificate("99" * 32),), components=(LAUNCHER,))
    assert judged(fake, signers=(OTHER.hash,)) == suspected
    genuine = read("com.tencent.wework", certificates=(OTHER,), components=(LAUNCHER,))
    assert judged(genuine, signers=(OTHER.hash,)) == innocent
    # A file can name the maker beside its own signer, with a signature that Android never looked at.
    for certificates in ((OTHER, Certificate("99" * 32)), (Certificate("99" * 32), OTHER)):
        assert judged(replace(genuine, certificates=certificates), signers=(OTHER.hash,)) == suspected


def test_a_signature_acquits_only_of_code_that_the_policy_lists_for_the_app() -> None:
    related = replace(RELATED, signers=(Signer(("com.tencent.wework",), "one source", "sdk", sha256=OTHER.sha256),))
    listed = replace(RULE, code=(replace(RULE.code[0], also_in=("com.tencent.wework",)),))
    genuine = read("com.tencent.wework", certificates=(OTHER,), components=(LAUNCHER,))
    for rule, matches in ((RULE, [("chat", Match.SAME_CODE)]), (listed, [])):
        policy = replace(POLICY, rules=(rule, related))
        made = found(app("com.tencent.wework"), policy=policy, identity=genuine)
        assert [(f.rule, f.match) for f in made] == [*matches, ("related", Match.NAMED_AND_SIGNED)]


def test_on_an_iphone_a_team_behind_an_id_is_a_copy_of_that_app() -> None:
    for copy in ("com.tencent.xin.7X2PQ9KLMN", "com.tencent.XIN.7x2pq9klmn"):
        finding = one(app(copy, label="Notes"), platform="ios")
        assert (finding.rule, finding.match, finding.strength) == ("chat", Match.NAMED, Strength.BAN)
        (ban,) = found(app(copy.replace("xin", "ww").replace("XIN", "ww"), label="WeChat"), platform="ios")
        assert ban.match is Match.LABEL
    for other in ("com.tencent.xin.7X2PQ9KLM", "com.tencent.xin.7X2PQ9KLMN.x", "com.tencent.xin.7X2PQ9KL-N"):
        assert found(app(other), platform="ios") == ()
    assert found(app("com.tencent.mm.7X2PQ9KLMN")) == ()  # an Android app is of that very id


def test_an_iphone_app_of_the_same_team_is_recognised_by_it() -> None:
    finding = one(app("com.tencent.new", team="532LCLCWL8"), platform="ios")
    assert (finding.match, kinds(finding)) == (Match.SAME_SIGNER, [EvidenceKind.TEAM_ID])
    assert found(app("org.other", team="532LCLCWL8"), platform="ios") == ()
    assert found(app("com.tencent.new", signers=("962f5b7",)), platform="ios") == ()


def test_a_signer_known_by_a_weaker_digest_alone_is_compared_by_it() -> None:
    weak = replace(RULE, signers=(Signer(("com.tencent.mm",), "one source", "sdk", md5=MAKER.md5),))
    policy = replace(POLICY, rules=(weak,))
    assert one(NAMED, policy=policy, identity=read("com.tencent.mm", certificates=(MAKER,))).match is (
        Match.NAMED_AND_SIGNED
    )
    assert one(app(), policy=policy, identity=read(certificates=(MAKER,))).match is Match.SAME_SIGNER
    assert one(replace(NAMED, signers=("962f5b7",)), policy=policy).match is Match.NAMED
    assert found(app(signers=("962f5b7",)), policy=policy) == ()


def test_files_are_looked_into_where_they_would_tell_more_and_nowhere_else() -> None:
    apps = (
        replace(NAMED, signers=("962f5b7",)),
        app("a.suspect", signers=("962f5b7",)),
        app("a.screen", components=(LAUNCHER,)),
        app("a.hint", label="WeChat"),
        app("com.tencent.lite"),
        app("com.tencent.wework"),
        app("an.innocent"),
    )
    looked_into = {"com.tencent.mm", "com.tencent.lite", "a.suspect", "a.screen", "a.hint"}
    assert set(unsure(found(*apps), POLICY)) == looked_into
    sure = replace(NAMED, certificates=(MAKER.sha256,))
    assert unsure(found(sure), POLICY) == ()


def test_many_classes_of_one_app_do_not_fill_the_record() -> None:
    finding = one(app(components=tuple(f"com.tencent.mm.ui.C{n}" for n in range(100))))
    assert len(finding.evidence) == 5


TEXTS = st.sampled_from(["", "962f5b7", MAKER.sha256, LAUNCHER, "WeChat", "532LCLCWL8", "x"])


@given(TEXTS, TEXTS, TEXTS, TEXTS, st.booleans())
def test_whatever_an_app_says_it_is_judged_once_for_each_rule(a: str, b: str, c: str, d: str, system: bool) -> None:
    judged = found(app(signers=(a,), certificates=(b,), components=(c,), label=d, system=system))
    assert len({f.rule for f in judged}) == len(judged)
    for finding in judged:
        assert finding.evidence
        assert "{" not in finding.why.in_language("fr")
