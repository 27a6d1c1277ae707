"""Apps for review: who came past the store is told with its signer, and decides nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.describe.installers import from_store, installer
from core.ledger.records import AppFound, CheckEnded, Personal
from core.model import (
    App,
    AppState,
    Check,
    EvidenceKind,
    Inventory,
    Match,
    Phone,
    Profile,
    ProfileKind,
    Signed,
    Strength,
    Verdict,
)
from core.phones.iphone.apps import app_of
from core.policy.format.policy_file import load_built_in
from core.policy.matching.match import judge
from core.text import plain
from tests.examples import examples

CANADA = load_built_in("canada")
PAST = (Signed.ORGANISATION, Signed.DEVELOPER, Signed.UNKNOWN)
NOW = datetime(2026, 11, 27, tzinfo=UTC)
ENTERPRISE = "iPhone Distribution: Example Holdings Ltd. (ABCDE12345)"


def an_app(package: str = "ca.example.intranet", signed: Signed | None = Signed.ORGANISATION, **more: object) -> App:
    known = App(package, signed=signed, signed_by=ENTERPRISE, team="ABCDE12345", states=(AppState(0, installed=True),))
    return replace(known, **more)  # type: ignore[arg-type]


def checked(*apps: App) -> Check:
    phone = Phone("ios", "Apple", "iPhone15,4", "26.6.1", "SERIAL")
    inventory = Inventory(phone, (Profile(0, "", ProfileKind.PERSONAL),), apps)
    return Check(inventory, CANADA, judge(inventory, CANADA), NOW, NOW)


@pytest.mark.parametrize("signed", PAST)
def test_what_came_past_the_store_is_for_review_with_its_signer(signed: Signed) -> None:
    (found,) = checked(an_app(signed=signed, label="Intranet")).for_review
    assert (found.strength, found.match) == (Strength.REVIEW, Match.PAST_THE_STORE)
    assert str(found.display_name) == "Intranet"
    assert {(e.kind, e.value) for e in found.evidence} == {
        (EvidenceKind.SIGNER_NAME, ENTERPRISE),
        (EvidenceKind.TEAM_ID, "ABCDE12345"),
    }
    assert str(found.why).startswith("Intranet came from no store")


@pytest.mark.parametrize("signed", [Signed.STORE, Signed.TESTING, None])
def test_what_a_store_knows_is_not(signed: Signed | None) -> None:
    assert not checked(an_app(signed=signed)).findings


@pytest.mark.parametrize("id", ["ca.example.intranet", "com.apple.intranet"])
@pytest.mark.parametrize("signed", [Signed.ORGANISATION, Signed.DEVELOPER])
def test_what_somebody_signed_is_also_where_the_phone_lists_it_as_its_own(id: str, signed: Signed) -> None:
    (found,) = checked(an_app(id, signed, system=True)).for_review
    assert found.app.past_the_store
    assert str(installer(found.app)) == f"Signed by {ENTERPRISE}"
    assert not from_store(found.app)


@pytest.mark.parametrize("signed", [Signed.STORE, Signed.TESTING, Signed.UNKNOWN, None])
def test_a_system_app_that_nobody_else_signed_never_is(signed: Signed | None) -> None:
    assert not checked(an_app(signed=signed, system=True)).findings


@pytest.mark.parametrize("id", ["com.lemon.lvoverseas", "com.deepseek.chat"])
def test_what_a_notice_or_a_recommendation_names_is_too(id: str) -> None:
    found = checked(an_app(id))
    assert [f.strength is Strength.REVIEW for f in found.findings] == [False, True]
    assert "No rule names it" not in str(found.for_review[0].why)


def test_a_banned_app_signed_past_the_store_stays_banned_and_tells_its_signer() -> None:
    found = checked(an_app("com.tencent.xin"))
    assert found.verdict is Verdict.RED
    assert not found.for_review
    kinds = [evidence.kind for evidence in found.bans[0].evidence]
    assert kinds == [EvidenceKind.PACKAGE_ID, EvidenceKind.SIGNER_NAME, EvidenceKind.TEAM_ID]


def test_one_that_only_calls_itself_like_a_banned_app_is_a_hint_and_for_review() -> None:
    found = checked(an_app(label="WeChat"))
    assert [f.match for f in found.findings] == [Match.LABEL, Match.PAST_THE_STORE]


@examples(60)
@given(
    apps=st.lists(
        st.builds(
            an_app,
            st.sampled_from(("com.tencent.xin", "ca.example.one", "ca.example.two", "=cmd|' /C calc'!A0")),
            st.sampled_from((None, *Signed)),
            label=st.text(max_size=20).map(lambda text: plain(text, 100)),
            signed_by=st.text(max_size=60).map(lambda text: plain(text, 200)),
            system=st.booleans(),
        ),
        max_size=5,
        unique_by=lambda app: app.package,
    )
)
def test_a_signer_never_moves_a_verdict(apps: list[App]) -> None:
    told, silent = checked(*apps), checked(*(replace(app, signed=None, signed_by="", team="") for app in apps))
    assert told.verdict is silent.verdict
    assert not any(found.is_ban or found.is_suspect for found in told.for_review)


@given(st.text(max_size=400))
def test_a_hostile_signer_is_shown_bounded_and_plain(signer: str) -> None:
    app = app_of("ca.example.app", {"ApplicationType": "User", "SignerIdentity": signer}).value
    (found,) = checked(app).for_review or (None,)
    if found is None:  # it passes for the store's
        assert app.signed in (Signed.STORE, Signed.TESTING)
        return
    assert all(evidence.value.isprintable() and len(evidence.value) <= 260 for evidence in found.evidence)


@pytest.mark.parametrize(
    ("signer", "signed"),
    [
        ("Apple iPhone OS Application Signing", Signed.STORE),
        ("TestFlight Beta Distribution", Signed.TESTING),
        ("iPhone Distribution: Example Inc. (ABCDE12345)", Signed.ORGANISATION),
        ("Apple Distribution: Example Inc. (ABCDE12345)", Signed.ORGANISATION),
        ("iPhone Developer: a@example.com (ABCDE12345)", Signed.DEVELOPER),
        ("Apple Development: A Name", Signed.DEVELOPER),
        ("Apple iPhone OS Application Signing (me)", Signed.UNKNOWN),
        ("", Signed.UNKNOWN),
    ],
)
def test_who_signed_is_told_by_the_signers_words_and_the_team_is_not(signer: str, signed: Signed) -> None:
    app = app_of("ca.example.app", {"ApplicationType": "User", "SignerIdentity": signer}).value
    assert (app.signed, app.team) == (signed, "")


def test_what_is_only_half_there_and_names_no_signer_is_not_for_review() -> None:
    app = app_of("ca.example.app", {"ApplicationType": "User", "IsPlaceholder": True}).value
    assert app.signed is None


def test_the_log_keeps_the_team_and_seals_the_name() -> None:
    check = checked(an_app())
    kept = AppFound.of(check.for_review[0])
    assert kept.signed_by == Personal(ENTERPRISE)
    assert [evidence.value for evidence in kept.evidence] == ["ABCDE12345"]
    assert not kept.is_ban
    ended = CheckEnded.of(check)
    assert (ended.verdict, ended.findings, ended.for_review) == (Verdict.GREEN, 0, 1)
    assert CheckEnded.of(checked()).for_review is None
