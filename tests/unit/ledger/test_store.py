"""Writing records down."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.describe.record import fields
from core.jobs import Cancel, silent
from core.ledger.file.clock import system_clock
from core.ledger.problems import OtherLedger, RecordTooLong
from core.ledger.records import (
    AppFound,
    CheckStarted,
    Kind,
    Personal,
    ProblemMet,
    RemovalIntended,
    RemovalOutcome,
    UndoIntended,
)
from core.ledger.records.leaf import leaf_hash
from core.ledger.verify.ledger_check import verify
from core.ledger.writer import Ledger, ledger_file
from core.model import Finding, Phone, Policy
from core.phones.driver import Outcome
from core.text import T
from tests.entries import personal
from tests.examples import examples

pytestmark = pytest.mark.disk

SERIAL = "R58N12ABCDE"


def test_record_is_complete(ledger: Ledger, started: CheckStarted, phone: Phone, policy: Policy) -> None:
    entry = ledger.append(started, visit="v1", policy=policy, phone=phone)
    serial = entry.leaf["device"]["serial"]
    assert dict(entry.leaf) == {
        "v": 1,
        "seq": 1,
        "type": "check-started",
        "time": "2026-11-24T09:00:01.000+00:00",
        "mono_ms": 801_000,
        "boot": "boot-1",
        "desk": "Desk 1",
        "officer": "A. Officer",
        "session": ledger.session,
        "visit": "v1",
        "practice": False,
        "app": {"version": "0.1.0"},
        "policy": {"id": "ca-tbs", "version": "3", "sha256": "ab" * 32, "unsigned": True},
        "device": {"platform": "android", "maker": "samsung", "model": "SM-A546B", "os": "14", "serial": serial},
        "body": {"how": {"code": "over USB", "en": "over USB", "values": {}}},
    }
    assert (entry.seq, entry.kind, entry.visit) == (1, Kind.CHECK_STARTED, "v1")
    assert entry.time == datetime(2026, 11, 24, 9, 0, 1, tzinfo=UTC)
    assert entry.leaf_hash == leaf_hash(entry.exact)


def test_record_without_phone_or_policy_says_so(ledger: Ledger, started: CheckStarted) -> None:
    leaf = ledger.append(started).leaf
    assert (leaf["visit"], leaf["policy"], leaf["device"]) == (None, None, None)


def test_what_append_returns_is_what_is_read_back(ledger: Ledger, started: CheckStarted, phone: Phone) -> None:
    written = ledger.append(started, phone=phone)
    assert ledger.entry(1) == written
    assert ledger.entry(1).openings == written.openings  # type: ignore[union-attr]
    assert ledger.entry(2) is None


def test_log_goes_on_where_it_ended(open_ledger: Callable[..., Ledger], started: CheckStarted) -> None:
    first = open_ledger()
    first.append(started)
    first.close()
    second = open_ledger(officer="B. Officer")
    assert second.append(started).seq == 4  # closing it sealed it
    assert [e.kind for e in second.entries()] == ["check-started", "log-begun", "key-next", "check-started"]
    assert [e.leaf["officer"] for e in second.entries()][2:] == ["A. Officer", "B. Officer"]
    assert len({e.leaf["session"] for e in second.entries()}) == 2


def test_the_place_of_the_desk_stands_in_a_record_where_it_is_known(
    open_ledger: Callable[..., Ledger], started: CheckStarted
) -> None:
    with open_ledger(place="Gatineau, 10 Eddy, room 12") as ledger:
        assert "place" in ledger.append(started).leaf
        ledger.sign_as(desk="Desk 1", officer="A. Officer")
        assert "place" not in ledger.append(started).leaf
        first = ledger.entry(1)
        assert first is not None
        assert first.place == "Gatineau, 10 Eddy, room 12"
        assert "Place of the desk" in [str(one.label) for group in fields(first) for one in group.fields]
        ledger.seal()
        assert not verify(ledger, ledger.enrolment, pinned=True, report=silent, cancel=Cancel()).faults


def test_all_or_none(ledger: Ledger, started: CheckStarted, finding: Finding) -> None:
    entries = ledger.append_all([started, AppFound.of(finding)], visit="v1")
    assert [e.seq for e in entries] == [1, 2]
    with pytest.raises(ValueError, match="not a finding"):
        ledger.append_all([started, RemovalIntended("uninstall", "com.a", 0, finding=1)])
    assert ledger.count() == 2
    assert ledger.append_all([]) == ()


def test_removal_is_tied_to_its_finding_and_its_outcome_to_it(ledger: Ledger, finding: Finding) -> None:
    found = ledger.append(AppFound.of(finding)).seq
    intent = ledger.append(RemovalIntended("uninstall", "com.tencent.mm", 10, found)).seq
    done = T("Removed.")
    with pytest.raises(ValueError, match="not a removal-intended"):
        ledger.append(RemovalOutcome(intent=found, outcome="done", answer="Success", means=done))
    with pytest.raises(ValueError, match="not a removal-intended"):
        ledger.append(UndoIntended("install-existing", "com.tencent.mm", 10, removal=99))
    ledger.append(RemovalOutcome(intent=intent, outcome="done", answer="Success", means=done))
    assert [e.kind for e in ledger.entries()] == ["finding", "removal-intended", "removal-outcome"]


def test_record_that_does_not_fit_is_refused_in_words(ledger: Ledger, started: CheckStarted) -> None:
    with pytest.raises(RecordTooLong) as refused:
        ledger.append(ProblemMet(code="x" * 65_536, sentence=T("a"), next_step=T("b")))
    assert str(ledger.path) in str(refused.value)
    assert ledger.append(started).seq == 1


def test_practice_has_a_log_of_its_own(open_ledger: Callable[..., Ledger], tmp_path: Path, phone: Phone) -> None:
    real, practice = (ledger_file(tmp_path, practice=p) for p in (False, True))
    assert real != practice
    record = CheckStarted(T("practice"))
    assert (
        open_ledger(practice, practice=True).append(record, phone=replace(phone, practice=True)).leaf["practice"]
        is True
    )
    assert open_ledger(real).append(record, phone=phone).leaf["practice"] is False


@pytest.mark.parametrize("practice", [True, False])
def test_practice_and_real_checks_are_never_mixed(
    open_ledger: Callable[..., Ledger], path: Path, started: CheckStarted, phone: Phone, practice: bool
) -> None:
    ledger = open_ledger(practice=practice)
    with pytest.raises(ValueError, match="never mixed"):
        ledger.append(started, phone=replace(phone, practice=not practice))
    assert ledger.count() == 0
    ledger.close()
    with pytest.raises(OtherLedger) as refused:
        open_ledger(practice=not practice)
    assert ("holds practice" if practice else "holds real checks") in str(refused.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists instead")
def test_only_the_owner_can_read_it(ledger: Ledger, started: CheckStarted, path: Path) -> None:
    ledger.append(started)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    kept = list(path.parent.rglob("*"))
    assert {f.stat().st_mode & 0o777 for f in kept if f.is_file()} == {0o600}
    assert {f.stat().st_mode & 0o777 for f in kept if f.is_dir()} == {0o700}


def test_serial_is_beside_the_record_until_it_is_erased(
    ledger: Ledger, started: CheckStarted, phone: Phone, path: Path
) -> None:
    entry = ledger.append(started, phone=phone)
    assert SERIAL.encode() not in entry.exact
    assert personal(entry) == SERIAL
    assert ledger.erase_records([1], "asked for") == 1
    assert ledger.erase_records([1], "asked for") == 0
    again = ledger.entry(1)
    assert again is not None
    assert personal(again) is None
    assert again.exact == entry.exact
    ledger.close()
    assert SERIAL.encode() not in path.read_bytes()


def test_erasing_one_record_leaves_the_others(ledger: Ledger, started: CheckStarted, phone: Phone) -> None:
    second = ledger.append_all([started] * 2, phone=phone)[1]
    ledger.erase_records([1], "asked for")
    assert [personal(e) for e in ledger.entries()][:2] == [None, SERIAL]
    assert personal(second) == SERIAL


def test_a_record_without_a_serial_number(ledger: Ledger, started: CheckStarted, phone: Phone) -> None:
    assert personal(ledger.append(started)) is None
    assert personal(ledger.append(started, phone=replace(phone, serial=""))) is None


def test_many_threads_lose_nothing(ledger: Ledger, started: CheckStarted) -> None:
    def work(visit: str) -> None:
        for _ in range(10):
            ledger.append(started, visit=visit)
            ledger.newest(3)

    threads = [threading.Thread(target=work, args=[f"v{i}"]) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [e.seq for e in ledger.entries()] == list(range(1, 41))
    assert all(len(ledger.of_visit(f"v{i}")) == 10 for i in range(4))


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


@examples(40)
@given(text=ANY_TEXT, serial=ANY_TEXT)
def test_no_text_can_stop_a_record(ledger: Ledger, phone: Phone, text: str, serial: str) -> None:
    before = ledger.count()
    entry = ledger.append(
        ProblemMet(code="x", sentence=T("{a}", a=text), next_step=T("b"), detail=Personal(text)),
        visit=text,
        phone=replace(phone, serial=serial, model=text),
    )
    assert ledger.entry(before + 1) == entry
    kept = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    assert (entry.leaf["visit"], entry.record.detail.value) == (kept, kept)


def test_bugs_are_not_dressed_up_as_problems(ledger: Ledger, started: CheckStarted) -> None:
    ledger.append(started)
    ledger.close()
    with pytest.raises(Exception, match="closed database"):
        ledger.append(started)
    ledger.close()


def test_this_computers_clock_goes_forward() -> None:
    first, second = system_clock(), system_clock()
    assert first.time.utcoffset() is not None
    assert first.boot == second.boot
    assert 0 <= first.mono_ms <= second.mono_ms
    if sys.platform == "linux":
        assert first.boot == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert os.sep not in first.boot


def test_from_now_on_another_officer_signs(ledger: Ledger, started: CheckStarted) -> None:
    ledger.append(started)
    ledger.sign_as(desk="Desk 9", officer="B. Officer")
    ledger.append(started)
    signed = [(e.leaf["desk"], e.leaf["officer"]) for e in ledger.entries()]
    assert signed == [("Desk 1", "A. Officer"), ("Desk 9", "B. Officer")]
    assert len({e.leaf["session"] for e in ledger.entries()}) == 1  # it is still the same program


def test_an_intent_of_a_program_that_runs_is_open_only_once_it_was_given_up(
    ledger: Ledger, open_ledger: Callable[..., Ledger], finding: Finding
) -> None:
    found = ledger.append(AppFound.of(finding)).seq
    first, second = (ledger.append(RemovalIntended("uninstall", "com.a", 0, finding=found)).seq for _ in range(2))
    assert ledger.open_intents() == ()
    ledger.give_up(second)
    assert [e.seq for e in ledger.open_intents()] == [second]
    # Another program cannot know that it was given up: ours still runs.
    assert open_ledger().open_intents() == ()
    ledger.append(RemovalOutcome(intent=second, outcome=Outcome.UNKNOWN, answer="", means=T("Nobody knows.")))
    assert ledger.open_intents() == ()
    ledger.give_up(first)
    assert [e.seq for e in ledger.open_intents()] == [first]
