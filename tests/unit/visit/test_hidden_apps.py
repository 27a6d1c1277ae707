"""The hidden apps of an iPhone: an officer's look at them is on record, and a policy may demand it before a green."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import guides, value_names
from core.describe import record as exact
from core.describe import verdicts
from core.describe import visit as described
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
    Inventory,
    Paper,
    Phone,
    Profile,
    ProfileKind,
    Strength,
    Verdict,
)
from core.phones.iphone.connect import Iphones
from core.phones.iphone.inventory import hidden_apps
from core.policy.format.policy_file import load_built_in
from core.policy.layers import lay
from core.simulator.iphone import IphoneScenario, MuxServer, PracticeIphone, load_iphone
from core.text import Bilingual, T
from core.visit import attestation
from core.visit.visit import Visit
from tests.kit.opened_phone import OpenedPhone

CANADA = load_built_in("canada")
DEMANDED = (ProfileKind.HIDDEN_APPS,)
NOW = datetime(2026, 11, 27, tzinfo=UTC)
#: From the least believed of a phone to the most.
ORDER = (Verdict.RED, Verdict.AMBER, Verdict.GREEN)

Begin = Callable[..., Visit]


@pytest.fixture
def checked(practice_ledger: Ledger) -> Iterator[Begin]:
    """A visit of a practice iPhone, checked once; `policy` are values of the one that judges it."""
    opened: list[Any] = []

    def begin(scenario: str | IphoneScenario = "iphone-clean", **policy: Any) -> Visit:
        loaded = load_iphone(scenario) if isinstance(scenario, str) else scenario
        mux = MuxServer(PracticeIphone(loaded), pace=0)
        opened.append(mux)
        mux.__enter__()
        service = ("127.0.0.1", mux.port)
        driver = Iphones("Desk 4").open_through(service, "", Cancel(), may_ask=True, practice=True)
        visit = Visit(OpenedPhone(driver, replace(CANADA, **policy), practice_ledger))
        opened.append(closing(visit))
        visit.check(Cancel())
        return visit

    yield begin
    for one in reversed(opened):
        one.__exit__(None, None, None)


def looked(visit: Visit, *answer: Any, **more: Any) -> records.Attestation:
    record = visit.attest(*answer, **more).record
    assert isinstance(record, records.Attestation)
    return record


def test_where_it_is_demanded_only_the_officers_word_makes_it_green(checked: Begin, practice_ledger: Ledger) -> None:
    visit = checked(demanded=DEMANDED)
    check = visit.last_check
    assert check is not None
    assert visit.entry is not None
    assert (check.verdict, visit.verdict) == (Verdict.AMBER, Verdict.AMBER)
    ended = visit.entry.record
    assert isinstance(ended, records.CheckEnded)
    # Its own record says what made it amber, in the words of both languages, and counts no profile for it.
    (gap,) = ended.gaps
    assert "Hidden apps: the policy requires" in gap.what.in_language("en")
    assert "Bibliothèque d’apps › Masquées" in gap.how.in_language("fr")
    assert (ended.profiles, ended.profiles_read, ended.unseen) == (1, 1, 1)
    with pytest.raises(ValueError, match="for a reason"):
        visit.hand_back(HandBack(Paper.PRINTED), Cancel())
    entry = visit.attest(Attested.NOTHING_SEEN, note="with the holder")
    assert visit.verdict is Verdict.GREEN
    assert check.verdict is Verdict.AMBER
    said = {str(one.label): one.value for group in exact.fields(entry) for one in group.fields}
    assert said["Profiles that had not been seen"] == "Hidden apps"
    assert said["Profiles that count as seen by that"] == "1"
    assert "which the policy accepts" in str(described.looked_at(entry))
    assert practice_ledger.unsealed() == 0
    assert visit.hand_back(HandBack(Paper.PRINTED), Cancel()).intended.verdict is Verdict.GREEN


def test_an_owner_who_declines_leaves_it_amber_and_an_app_that_was_seen_makes_it_red(checked: Begin) -> None:
    visit = checked(demanded=DEMANDED)
    assert looked(visit, Attested.DECLINED).counted == ()
    assert visit.verdict is Verdict.AMBER
    seen = looked(visit, Attested.APP_SEEN, [CANADA.rules[0].id])
    assert (seen.verdict, visit.verdict, visit.banned_left) == (Verdict.RED, Verdict.RED, 1)
    visit.check(Cancel())
    assert visit.verdict is Verdict.AMBER  # what was said of the last check is not said of this one


def test_where_it_is_not_demanded_it_is_on_record_and_changes_no_green(checked: Begin) -> None:
    visit = checked()
    check = visit.last_check
    assert check is not None
    assert (check.verdict, check.gaps) == (Verdict.GREEN, ())
    assert "Whether hidden apps are among them is not known" in str(verdicts.headline(check))
    for answer in (Attested.NOTHING_SEEN, Attested.DECLINED):
        record = looked(visit, answer)
        assert (record.verdict, record.profile_kinds, record.counted) == (Verdict.GREEN, ("hidden-apps",), ())
        assert visit.verdict is Verdict.GREEN
    looked(visit, Attested.APP_SEEN, [CANADA.rules[0].id])
    assert (visit.verdict, visit.banned_left) == (Verdict.RED, 1)


def test_no_word_about_hidden_apps_clears_an_iphone_that_is_red(checked: Begin) -> None:
    visit = checked("iphone-wechat", demanded=DEMANDED)
    banned = visit.banned_left
    assert looked(visit, Attested.NOTHING_SEEN).verdict is Verdict.RED
    assert (visit.verdict, visit.banned_left) == (Verdict.RED, banned)


@pytest.mark.parametrize("version", ["17.7.2", "26.6.1", ""])
def test_no_version_spares_a_phone_the_look(version: str, checked: Begin) -> None:
    """It is the phone's own word."""
    clean = load_iphone("iphone-clean")
    device = msgspec.structs.replace(clean.device, version=version)
    check = checked(msgspec.structs.replace(clean, device=device), demanded=DEMANDED).last_check
    assert check is not None
    assert check.verdict is Verdict.AMBER
    assert len(check.demanded) == 1


def test_the_log_and_the_guide_name_the_same_place() -> None:
    place = hidden_apps()
    hidden = guides.guide(guides.IPHONE).hidden
    assert hidden is not None
    for language in ("en", "fr"):
        assert hidden.path.in_language(language) in place.gap.how.in_language(language)
    assert place.gap.profile == place.profile.id != 0


def test_every_kind_of_profile_has_its_words() -> None:
    assert set(value_names.PROFILES) == set(ProfileKind)


@st.composite
def checks(draw: st.DrawFn) -> Check:
    """A check of an iPhone, or of an Android phone with a profile that was not read, with whatever keeps it from
    green."""
    gap = st.sampled_from([None, 0, 1, 150]).map(lambda profile: Gap(T("Not seen."), T("Look."), profile))
    gaps = st.lists(gap, max_size=2).map(tuple)
    folder = Profile(150, "", ProfileKind.SECURE_FOLDER, readable=False)
    profiles = (Profile(0, "", ProfileKind.PERSONAL), *([folder] if draw(st.booleans()) else []))
    places = (hidden_apps(),) if draw(st.booleans()) else ()
    app = App("com.tencent.mm", states=(AppState(0, installed=True),))
    ban = Finding("wechat", Bilingual("WeChat", "WeChat"), Strength.BAN, app, profiles[0], (), T("Banned."))
    counts = draw(st.none() | st.lists(st.sampled_from(ProfileKind), max_size=2).map(tuple))
    phone = Phone("ios", "Apple", "iPhone15,4", "26.6.1", "F2LXK1ABCD")
    inventory = Inventory(phone, profiles, (app,), gaps=draw(gaps), places=places)
    found = (ban,) if draw(st.booleans()) else ()
    policy = replace(CANADA, rules=CANADA.rules[:1], attested=counts)
    return Check(inventory, policy, found, NOW, NOW, unsure=draw(gaps))


@given(checks(), st.sampled_from(Attested))
def test_a_demand_never_moves_a_verdict_towards_green(found: Check, answer: Attested) -> None:
    rules = (CANADA.rules[0].id,) if answer is Attested.APP_SEEN else ()
    own = replace(CANADA, id="own", rules=(), demanded=DEMANDED)
    demanded = replace(found, policy=lay(found.policy, replace(own, attested=found.policy.attested)))
    assert ORDER.index(demanded.verdict) <= ORDER.index(found.verdict)
    before, after = (attestation.look_record(one, 5, answer, rules, "").verdict for one in (found, demanded))
    assert isinstance(before, Verdict)
    assert isinstance(after, Verdict)
    assert ORDER.index(after) <= ORDER.index(before)
    if found.inventory.places:
        assert demanded.verdict is not Verdict.GREEN
        assert after is before or answer is Attested.DECLINED
