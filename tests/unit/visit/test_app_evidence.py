"""What there was of a banned app: on record before anything is done to it, and never of another app."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.jobs import Cancel, Progress
from core.ledger.problems import NoSpace
from core.ledger.records import AppFound, Entry, EvidenceTaken, Kind, RemovalIntended
from core.ledger.writer import Ledger
from core.model import Cancelled, FileHash, HashedBy
from core.phones.android.files.app_evidence import app_evidence
from core.phones.android.files.identify import IdentityMemory
from core.phones.android.link.adb_key import desk_key
from core.phones.android.link.link import connect_tcp
from core.phones.android.phone import AndroidPhone
from core.phones.driver import Outcome, PhoneProblem
from core.phones.iphone.connect import Iphones
from core.phones.removal_plan import Result
from core.policy.format.policy_file import load_built_in
from core.policy.matching.match import judge
from core.simulator import PracticeServer, load
from core.simulator.commands import usage
from core.simulator.iphone import MuxServer, PracticeIphone, load_iphone
from core.simulator.model.identity import installed_at
from core.simulator.model.scenario import CableFault
from core.visit.events import Event
from core.visit.visit import Visit
from tests.kit.opened_phone import OpenedPhone
from tests.unit.visit.conftest import Checked
from tests.unit.visit.test_by_hand import refuse_everything
from tests.unit.visit.test_visit import fail_to_write

_WECHAT = "com.tencent.mm"


def evidence(ledger: Ledger) -> list[EvidenceTaken]:
    entries = ledger.newest(100, kind=Kind.APP_EVIDENCE)
    return [e.record for e in reversed(entries) if isinstance(e.record, EvidenceTaken)]


def by_number(ledger: Ledger) -> dict[int, Entry]:
    return {entry.seq: entry for entry in ledger.entries()}


def assert_evidence_came_first(ledger: Ledger) -> None:
    """For each step about a banned app, it is on record before, in the same visit, what there was of it in that
    profile, or why that is not known; and there is no such record of an app that is not banned."""
    entries = by_number(ledger)
    before: set[tuple[str | None, str, int | None]] = set()
    for entry in entries.values():
        record = entry.record
        if isinstance(record, EvidenceTaken):
            cause = entries[record.finding].record
            assert isinstance(cause, AppFound)
            assert cause.is_ban
            assert (cause.package, cause.profile) == (record.package, record.profile)
            assert record.files or record.missing
            before.add((entry.visit, record.package, record.profile))
        elif isinstance(record, RemovalIntended):
            cause = entries[record.finding].record
            assert isinstance(cause, AppFound)
            if cause.is_ban:
                assert (entry.visit, record.package, record.profile) in before


@pytest.mark.parametrize(
    "scenario",
    ["walk-up", "work-profile", "secure-folder", "preinstalled", "stubborn", "archived", "device-admin", "older"],
)
def test_what_there_was_is_on_record_before_each_step(checked: Checked, practice_ledger: Ledger, scenario: str) -> None:
    visit, _ = checked(scenario)
    assert evidence(practice_ledger) == []
    visit.remove(visit.plan(), Cancel())
    for item in visit.by_hand():
        visit.open_screen(item, Cancel())
    assert_evidence_came_first(practice_ledger)
    assert evidence(practice_ledger)


def test_the_record_has_the_phones_own_hashes_and_what_is_known_of_the_app(
    checked: Checked, practice_ledger: Ledger
) -> None:
    visit, server = checked("walk-up")
    assert visit.last_check is not None
    app = visit.last_check.inventory.app(_WECHAT)
    assert app is not None
    content = server.phone.files.read(app.code_path)
    data = server.phone.packages[_WECHAT].data
    visit.remove(visit.plan(), Cancel())
    (record,) = [r for r in evidence(practice_ledger) if r.package == _WECHAT]
    expected = FileHash("base.apk", len(content), hashlib.sha256(content).hexdigest(), HashedBy.PHONE)
    assert record.files == (expected,)
    assert record.size == len(content)
    assert (record.missing, record.last_used) == ((), None)
    assert (record.version, record.store) == (f"{app.version_name} ({app.version_code})", app.installer)
    assert record.first_installed == installed_at(data, 0)
    assert record.last_updated == app.last_update
    assert all(len(signer) == 64 for signer in record.signers)
    assert not any("usagestats" in command for command in server.phone.log)


def test_of_a_system_app_that_was_updated_both_versions_are_there(checked: Checked, practice_ledger: Ledger) -> None:
    visit, server = checked("preinstalled")
    visit.remove(visit.plan(), Cancel())
    record = next(r for r in evidence(practice_ledger) if len(r.files) > 1)
    package = server.phone.packages[record.package]
    assert package.data.factory is not None
    assert [file.name == "base.apk" for file in record.files] == [True, False]
    assert len({file.sha256 for file in record.files}) == 2


def test_an_app_in_two_profiles_has_a_record_for_each(checked: Checked, practice_ledger: Ledger) -> None:
    visit, _ = checked("work-profile")
    bans = {(f.app.package, f.profile.id) for f in visit.plan().check.red}
    visit.remove(visit.plan(), Cancel())
    assert {(r.package, r.profile) for r in evidence(practice_ledger)} == bans


# --- what a phone does not tell keeps no removal from going on


@pytest.mark.parametrize(
    ("sums", "sentence"),
    [
        ("none", "The phone has no program that computes the fingerprints of files (sha256sum)."),
        ("garbled", "The phone did not tell the fingerprint of 1 file as it must be told: base.apk"),
        ("flood", "The phone answered with far more than was asked for when it was asked what there is of the app."),
    ],
)
def test_what_a_phone_does_not_tell_is_missing_and_the_removal_goes_on(
    checked: Checked, practice_ledger: Ledger, sums: str, sentence: str
) -> None:
    visit, server = checked(replace(load("walk-up"), sums=sums))  # type: ignore[arg-type]
    removal = visit.remove(visit.plan(), Cancel())
    assert {item.result for item in removal.items} == {Result.REMOVED}
    assert _WECHAT not in server.phone.installed()
    assert_evidence_came_first(practice_ledger)
    for record in evidence(practice_ledger):
        assert record.files == ()
        assert [str(text) for text in record.missing] == [sentence]
        assert record.size is not None  # which the phone told


def test_a_phone_that_never_answers_is_asked_on_after_the_time_limit(tmp_path: Path) -> None:
    """Over one connection: what hangs is ended there, and the next command is carried out."""
    server = PracticeServer(replace(load("walk-up"), sums="silent"), pace=0.0)
    with closing(server):
        link = connect_tcp("127.0.0.1", server.port, desk_key(tmp_path, "Desk 4"), Cancel())
        phone = AndroidPhone(link)
        with closing(phone):
            inventory = phone.read(lambda progress: None, Cancel())
            finding = next(f for f in judge(inventory, load_built_in("canada")) if f.app.package == _WECHAT)
            told = app_evidence(link, finding, inventory, IdentityMemory(), Cancel(), seconds=0.3)
            assert [str(text) for text in told.missing] == [
                "The phone did not answer in time when it was asked what there is of the app."
            ]
            count = len(server.phone.log)
            late = app_evidence(link, finding, inventory, IdentityMemory(), Cancel(), seconds=-1.0)
            assert late.missing == told.missing  # its time is over: it is not asked at all
            assert len(server.phone.log) == count
            step = phone.next_step(finding, inventory, [])
            assert step is not None
            assert phone.perform(step, Cancel()).outcome is Outcome.DONE
            assert _WECHAT not in server.phone.installed()


# --- when the app was last used


def test_the_last_use_is_asked_for_only_where_the_policy_asks(checked: Checked, practice_ledger: Ledger) -> None:
    visit, server = checked("walk-up", evidence_last_used=True)
    packages = dict(server.phone.packages)
    visit.remove(visit.plan(), Cancel())
    for record in evidence(practice_ledger):
        package = packages[record.package]
        assert record.last_used is not None
        assert record.last_used.value == usage.last_used(package, record.profile or 0)
    entry = practice_ledger.newest(1, kind=Kind.APP_EVIDENCE)[0]
    assert entry.openings is not None
    assert (entry.record.last_used.value or "?") not in entry.exact.decode()  # type: ignore[union-attr]


# --- what breaks off


def test_a_cable_that_is_pulled_meanwhile_leaves_the_phone_as_it_was(checked: Checked, practice_ledger: Ledger) -> None:
    scenario = load("walk-up")
    visit, server = checked(replace(scenario, faults=(CableFault("sha256sum", 20),)))
    before = server.phone.installed()
    with pytest.raises(PhoneProblem):
        visit.remove(visit.plan(), Cancel())
    assert server.phone.installed() == before
    assert practice_ledger.newest(1, kind=Kind.REMOVAL_INTENDED) == ()
    assert practice_ledger.newest(1)[0].kind == Kind.PROBLEM
    visit.check(Cancel())
    visit.remove(visit.plan(), Cancel())
    assert_evidence_came_first(practice_ledger)
    assert _WECHAT not in server.phone.installed()


def test_a_stop_meanwhile_leaves_the_phone_as_it_was(checked: Checked, practice_ledger: Ledger) -> None:
    visit, server = checked("walk-up")
    before, cancel = server.phone.installed(), Cancel()
    doing: list[str] = []

    def stop(event: Event) -> None:
        if isinstance(event, Progress):
            doing.append(str(event.doing))
            cancel.press()

    visit.listener = stop
    with pytest.raises(Cancelled):
        visit.remove(visit.plan(), cancel)
    assert len(doing) == 1
    assert doing[0].startswith("Recording what is there of ")
    assert server.phone.installed() == before
    assert practice_ledger.newest(1)[0].kind == Kind.PROBLEM


def test_where_it_cannot_be_written_down_nothing_is_removed(
    checked: Checked, practice_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, server = checked("walk-up")
    before = server.phone.installed()
    fail_to_write(monkeypatch, Kind.APP_EVIDENCE)
    with pytest.raises(NoSpace):
        visit.remove(visit.plan(), Cancel())
    assert server.phone.installed() == before
    assert practice_ledger.newest(1, kind=Kind.REMOVAL_INTENDED) == ()


def test_what_is_on_record_is_not_asked_for_again_as_long_as_the_app_stays_as_it_is(
    checked: Checked, practice_ledger: Ledger
) -> None:
    visit, server = checked("walk-up")
    refuse_everything(server)
    visit.remove(visit.plan(), Cancel())
    count = len(evidence(practice_ledger))
    visit.remove(visit.plan(), Cancel())
    for item in visit.by_hand():
        visit.open_screen(item, Cancel())
    assert len(evidence(practice_ledger)) == count
    package = server.phone.packages[_WECHAT]
    package.version = replace(package.version, code=package.version.code + 1)
    visit.check(Cancel())
    visit.remove(visit.plan(), Cancel())
    assert [r.package for r in evidence(practice_ledger)[count:]] == [_WECHAT]


def test_what_a_hand_removes_later_is_on_record_when_a_removal_of_others_begins(
    checked: Checked, practice_ledger: Ledger
) -> None:
    visit, _ = checked("device-admin")
    plan = visit.plan()
    steps = tuple(item for item in plan.items if item.steps)
    assert 0 < len(steps) < len(plan.items)
    visit.remove(replace(plan, items=steps), Cancel())
    assert {r.package for r in evidence(practice_ledger)} == {item.finding.app.package for item in plan.items}


def test_what_no_computer_shows_a_screen_for_is_on_record_before_a_hand_begins(
    checked: Checked, practice_ledger: Ledger
) -> None:
    visit, _ = checked("secure-folder")
    (item,) = visit.by_hand()
    assert item.screen is None
    assert visit.open_screen(item, Cancel()) is None
    assert [(r.package, r.profile) for r in evidence(practice_ledger)] == [(_WECHAT, 150)]


def test_what_a_hand_removes_is_on_record_before_its_screen_opens(checked: Checked, practice_ledger: Ledger) -> None:
    visit, _ = checked("device-admin")
    by_hand = visit.by_hand()
    assert by_hand
    assert evidence(practice_ledger) == []
    for item in by_hand:
        visit.open_screen(item, Cancel())
    assert_evidence_came_first(practice_ledger)


# --- iPhones


def test_of_an_iphones_app_the_team_and_the_size_are_on_record_and_that_no_file_is_had(practice_ledger: Ledger) -> None:
    with MuxServer(PracticeIphone(load_iphone("iphone-wechat")), pace=0) as mux:
        driver = Iphones("Desk 4").open_through(("127.0.0.1", mux.port), "", Cancel(), may_ask=True, practice=True)
        policy = replace(load_built_in("canada"), evidence_last_used=True)
        visit = Visit(OpenedPhone(driver, policy, practice_ledger))
        visit.check(Cancel())
        visit.remove(visit.plan(), Cancel())
        assert_evidence_came_first(practice_ledger)
        record = next(r for r in evidence(practice_ledger) if r.package == "com.tencent.xin")
        assert record.files == ()
        assert len(record.signers) == 1
        assert record.size == 2**20
        assert [str(text) for text in record.missing] == [
            "An iPhone gives a computer no file of an app, so that there are no fingerprints of its files.",
            "An iPhone does not tell a computer when an app was last used.",
        ]
        visit.close()
