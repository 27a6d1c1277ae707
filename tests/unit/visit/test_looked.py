"""An officer looks on the phone itself where a check has not seen everything: what that changes, and what it never
does."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.describe import visit as describe
from core.jobs import Cancel
from core.ledger import records
from core.ledger.writer import Ledger
from core.model import (
    App,
    AppState,
    Attested,
    Check,
    Finding,
    Gap,
    HandBack,
    HealthSignal,
    Inventory,
    Light,
    Match,
    Paper,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Strength,
    Verdict,
)
from core.policy.format.policy_file import load_built_in
from core.text import Bilingual, T
from core.visit import attestation
from tests.unit.visit.conftest import Checked

CANADA = load_built_in("canada")
COUNTS = (ProfileKind.SECURE_FOLDER,)
NOW = datetime(2026, 11, 27, tzinfo=UTC)


def test_what_an_officer_saw_is_on_record_with_the_check_and_the_profiles_it_is_about(
    checked: Checked, practice_ledger: Ledger
) -> None:
    visit, _ = checked("unseen")
    assert visit.verdict is Verdict.AMBER
    entry = visit.attest(Attested.NOTHING_SEEN, note="with the holder, M. Tremblay")
    looked = entry.record
    assert isinstance(looked, records.Attestation)
    assert visit.entry is not None
    assert looked.check == visit.entry.seq
    assert looked.profiles == tuple(profile.id for profile in visit.unseen) != ()
    assert (looked.verdict, looked.counted, visit.verdict) == (Verdict.AMBER, (), Verdict.AMBER)
    assert str(describe.looked_at(entry)) == "Checked by hand by A. Roy: no banned app seen."
    assert "Tremblay" not in json.dumps(entry.leaf)
    assert looked.note.value == "with the holder, M. Tremblay"
    assert practice_ledger.unsealed() == 0
    assert visit.last_check is not None
    assert visit.last_check.verdict is Verdict.AMBER
    with pytest.raises(ValueError, match="for a reason"):
        visit.hand_back(HandBack(Paper.PRINTED), Cancel())


def test_a_banned_app_that_was_seen_makes_the_visit_red(checked: Checked) -> None:
    visit, _ = checked("unseen", attested=tuple(ProfileKind))
    (rule,) = (rule for rule in CANADA.rules if rule.product.en == "WeChat")
    entry = visit.attest(Attested.APP_SEEN, [rule.id])
    assert (visit.verdict, visit.banned_left) == (Verdict.RED, 1)
    assert str(describe.looked_at(entry)) == "Seen on the phone by A. Roy: WeChat"
    back = visit.hand_back(HandBack(Paper.PRINTED, "Its holder removes it at home"), Cancel())
    assert str(describe.handed_back(back.intended)) == "Handed back with 1 banned app"


def test_another_check_knows_nothing_of_it(checked: Checked) -> None:
    visit, _ = checked("unseen", attested=tuple(ProfileKind))
    visit.attest(Attested.NOTHING_SEEN)
    visit.check(Cancel())
    assert (visit.look_entry, visit.verdict) == (None, Verdict.AMBER)


@pytest.mark.parametrize("scenario", ["clean", "walk-up"])
def test_where_a_check_has_seen_everything_or_is_red_there_is_nothing_to_attest(
    checked: Checked, scenario: str
) -> None:
    visit, _ = checked(scenario)
    with pytest.raises(ValueError, match="not seen everything"):
        visit.attest(Attested.NOTHING_SEEN)


def check(
    *profiles: Profile, gaps: tuple[Gap, ...] = (), unsure: tuple[Gap, ...] = (), policy: Policy = CANADA
) -> Check:
    phone = Phone("android", "samsung", "SM-S901W", "14", "R58N12ABCDE")
    inventory = Inventory(phone, profiles, (), (), gaps)
    return Check(inventory, policy, (), NOW, NOW, unsure=unsure)


FOLDER = Profile(150, "Secure Folder", ProfileKind.SECURE_FOLDER, readable=False, why=T("Not seen."))
WORK = Profile(10, "Work", ProfileKind.WORK, readable=False, why=T("Not seen."))


def gap(profile: int | None) -> Gap:
    return Gap(T("Not seen."), T("Look."), profile)


@pytest.mark.parametrize(
    ("found", "counts", "verdict"),
    [
        (check(FOLDER, gaps=(gap(150),)), COUNTS, Verdict.GREEN),
        (check(FOLDER, gaps=(gap(150),)), (), Verdict.AMBER),
        (check(FOLDER, gaps=(gap(150),)), (ProfileKind.WORK,), Verdict.AMBER),
        (check(FOLDER, WORK, gaps=(gap(150), gap(10))), COUNTS, Verdict.AMBER),
        (check(FOLDER, WORK, gaps=(gap(150), gap(10))), (*COUNTS, ProfileKind.WORK), Verdict.GREEN),
        (check(FOLDER, gaps=(gap(150), gap(None))), COUNTS, Verdict.AMBER),
        (check(FOLDER, gaps=(gap(150),), unsure=(gap(150),)), COUNTS, Verdict.AMBER),
        (check(FOLDER, gaps=(gap(150), gap(0))), COUNTS, Verdict.AMBER),
    ],
)
def test_a_word_counts_only_for_profiles_of_which_the_policy_says_so_and_for_nothing_else(
    found: Check, counts: tuple[ProfileKind, ...], verdict: Verdict
) -> None:
    judged = replace(found, policy=replace(CANADA, attested=counts))
    assert attestation.look_record(judged, 5, Attested.NOTHING_SEEN, (), "").verdict is verdict
    assert attestation.look_record(judged, 5, Attested.DECLINED, (), "").verdict is Verdict.AMBER
    assert judged.verdict is Verdict.AMBER


@given(st.sampled_from(Attested), st.sampled_from([Match.NAMED, Match.SUSPECTED_CODE]), st.booleans())
def test_no_word_makes_a_banned_or_suspected_app_green(answer: Attested, match: Match, contained: bool) -> None:
    state = AppState(0, True)
    app = App("com.tencent.mm", system=contained, states=(state,))
    found = Finding("wechat", Bilingual("WeChat", "WeChat"), Strength.BAN, app, FOLDER, (), T("Banned."), match=match)
    judged = replace(
        check(FOLDER, gaps=(gap(150),), policy=replace(CANADA, attested=tuple(ProfileKind))), findings=(found,)
    )
    rules = (CANADA.rules[0].id,) if answer is Attested.APP_SEEN else ()
    assert attestation.look_record(judged, 5, answer, rules, "").verdict is not Verdict.GREEN


@given(st.sampled_from(Light))
def test_no_word_turns_a_phone_green_whose_health_keeps_it_from_green(light: Light) -> None:
    demanded = replace(CANADA, attested=COUNTS, health=replace(CANADA.health, amber=("lock",)))
    signal = HealthSignal("lock", T("Screen lock"), T("None"), light, T("Set one."))
    judged = replace(check(FOLDER, gaps=(gap(150),), policy=demanded), health=(signal,))
    without_gap = replace(judged, inventory=replace(judged.inventory, gaps=()))
    assert attestation.look_record(judged, 5, Attested.NOTHING_SEEN, (), "").verdict is without_gap.verdict


@pytest.mark.parametrize(
    ("answer", "rules"),
    [
        (Attested.APP_SEEN, ()),
        (Attested.APP_SEEN, ("no-such-rule",)),
        (Attested.NOTHING_SEEN, (CANADA.rules[0].id,)),
        (Attested.DECLINED, (CANADA.rules[0].id,)),
    ],
)
def test_an_answer_that_makes_no_sense_is_no_record(answer: Attested, rules: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="by rules of the policy"):
        attestation.look_record(check(FOLDER, gaps=(gap(150),)), 5, answer, rules, "")


def test_it_is_said_that_a_word_counted() -> None:
    judged = check(FOLDER, gaps=(gap(150),), policy=replace(CANADA, attested=COUNTS))
    looked = attestation.look_record(judged, 5, Attested.NOTHING_SEEN, (), "")
    assert looked.counted == (150,)
    assert looked.profile_kinds == ("secure-folder",)
