"""What the window that faces the holder says: the verdict and what comes next, and nothing that names the phone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from core.model import (
    Attested,
    Check,
    Gap,
    HealthSignal,
    Inventory,
    Labels,
    Light,
    Phone,
    Profile,
    ProfileKind,
    Verdict,
)
from core.model.visit_state import Look, VisitState
from core.phones.removal_plan import Plan
from core.policy.format.policy_file import load_built_in
from core.text import T
from core.visit import attestation
from gui.desk.hand_back.owner_window import told_to_owner
from gui.desk.session.lane import FinishedCheck
from gui.desk.session.phone_view import PhoneView
from gui.toolkit.theme import Status

CANADA = load_built_in("canada")
NOW = datetime(2026, 11, 27, tzinfo=UTC)


def check(*gaps: Gap) -> Check:
    phone = Phone("android", "samsung", "SM-S901W", "14", "R58N12ABCDE")
    folder = Profile(150, "Secure Folder", ProfileKind.SECURE_FOLDER, readable=not gaps, why=T("Not seen."))
    return Check(Inventory(phone, (folder,), (), (), gaps), CANADA, (), NOW, NOW)


def view_of(checked: Check) -> PhoneView:
    view = PhoneView("usb", "Galaxy S22", practice=False)
    view.checked = FinishedCheck(checked, 1, (), Plan(checked, ()), (), Labels())
    view.state = VisitState.of(checked)
    return view


def test_a_phone_that_is_red_for_its_health_alone_is_not_said_to_hold_a_banned_app() -> None:
    demanded = replace(CANADA, health=replace(CANADA.health, red=("lock",)))
    signal = HealthSignal("lock", T("Screen lock"), T("None"), Light.RED, T("Set one."))
    status, headline, _ = told_to_owner(view_of(replace(check(), policy=demanded, health=(signal,))))
    assert (status, str(headline)) == (Status.RED, "Not as the policy requires")


def test_the_apps_that_an_officer_saw_are_counted() -> None:
    not_seen = check(Gap(T("Not seen."), T("Look."), 150))
    view = view_of(not_seen)
    assert str(told_to_owner(view)[1]) == "Not everything could be read"
    rules = [rule.id for rule in CANADA.rules[:2]]
    view.attestation = looked = attestation.look_record(not_seen, 1, Attested.APP_SEEN, rules, "")
    view.state = replace(view.state, look=Look(looked.answer, Verdict(looked.verdict), looked.products))
    status, headline, sentence = told_to_owner(view)
    assert (status, str(headline)) == (Status.RED, "2 banned apps")
    assert "remove them with you" in str(sentence)
    assert "Galaxy" not in f"{headline} {sentence}"


def test_what_was_read_whole_without_a_banned_app_is_green() -> None:
    status, headline, _ = told_to_owner(view_of(check()))
    assert (status, str(headline)) == (Status.GREEN, "No banned app")


def test_of_a_phone_that_left_unfinished_nothing_is_told_any_more() -> None:
    view = view_of(check())
    view.absent = True
    status, headline, sentence = told_to_owner(view)
    assert (status, str(headline)) == (Status.NEUTRAL, "Unplugged")
    assert "plug your phone in again" in str(sentence)
