"""What may be erased, and what has to be kept: nobody's values too long, no decision's evidence too short."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.ledger.clock import Instant
from core.ledger.records import (
    CheckEnded,
    CheckStarted,
    Found,
    PhoneSeen,
    ProgramStart,
    Record,
    RemovalIntended,
    RemovalOutcome,
    UndoIntended,
)
from core.ledger.retention import Due, TooEarly, check_erasable, due
from core.ledger.store import Ledger
from core.model import Finding, Phone, Strength, Verdict
from core.text import T

NOTHING = Due((), 0, None, 0)
START = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)


class Days:
    """A computer that is started anew each day; its clock may be set."""

    def __init__(self) -> None:
        self.now = START
        self.counter = 0
        self.boot = "boot-0"

    def __call__(self) -> Instant:
        self.counter += 1_000
        self.now += timedelta(seconds=1)
        return Instant(self.now, self.counter, self.boot)

    def start_at(self, time: datetime) -> None:
        self.now, self.counter, self.boot = time, 0, f"{self.boot}'"


@dataclass
class Desk:
    ledger: Ledger
    clock: Days

    def work_at(self, time: datetime) -> datetime:
        """Start the computer at `time`, twice: only then does what is written mean that it is so late."""
        for day in (time - timedelta(days=1), time):
            self.clock.start_at(day)
            self.ledger.append(ProgramStart("Linux", 0))
        return time

    def visit(self, number: str, phone: Phone, *records: Record) -> list[int]:
        records = (CheckStarted(T("over USB")), *records)
        return [e.seq for e in self.ledger.append_all(records, visit=number, phone=phone)]


def ended(verdict: Verdict = Verdict.GREEN, bans: int = 0) -> CheckEnded:
    return CheckEnded(verdict, 1, 100, bans, bans, bans, (), 900)


@pytest.fixture
def desk(path: Path) -> Iterator[Desk]:
    clock = Days()
    with Ledger.open(path, desk="D", officer="O", app_version="0.1.0", practice=False, clock=clock) as ledger:
        ledger.append(ProgramStart("Linux", 0))
        yield Desk(ledger, clock)


def test_nothing_is_due_in_an_empty_log_nor_without_a_setting(path: Path, desk: Desk, phone: Phone) -> None:
    assert due(desk.ledger, 6, START) == NOTHING
    desk.visit("v1", phone, ended())
    assert due(desk.ledger, 0, desk.work_at(datetime(2046, 1, 1, tzinfo=UTC))) == NOTHING


def test_log_without_any_record(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "l.db", desk="D", officer="O", app_version="1") as ledger:
        assert due(ledger, 1, START) == NOTHING
        check_erasable(ledger, [1], START, consent=False)


def test_clean_check_is_due_after_the_months_of_the_setting(desk: Desk, phone: Phone) -> None:
    seqs = desk.visit("v1", phone, ended())
    written = desk.ledger.entry(seqs[0])
    assert written is not None
    # One month after 31 January is the end of February; the day after that, it is over.
    assert due(desk.ledger, 1, desk.work_at(datetime(2026, 2, 28, 9, 0, 0, tzinfo=UTC))) == NOTHING
    found = due(desk.ledger, 1, desk.work_at(datetime(2026, 3, 31, 9, 0, 10, tzinfo=UTC)))
    assert found == Due(tuple(seqs), 2, written.time, 0)
    assert desk.ledger.entry(seqs[0]).revealed("device.serial") == phone.serial  # type: ignore[union-attr]
    check_erasable(desk.ledger, found.records, desk.clock.now, consent=False)


def test_what_was_erased_is_not_due_again(desk: Desk, phone: Phone) -> None:
    desk.visit("v1", phone, ended())
    now = desk.work_at(datetime(2026, 6, 1, tzinfo=UTC))
    assert desk.ledger.erase_records(due(desk.ledger, 1, now).records, "retention") == 2
    assert due(desk.ledger, 1, now) == NOTHING
    check_erasable(desk.ledger, range(1, desk.ledger.count()), now, consent=False)


def affecting(finding: Finding) -> list[tuple[Record, ...]]:
    return [
        (ended(Verdict.RED, 1),),
        (ended(Verdict.AMBER, 1),),  # a ban that is contained
        (Found(finding),),  # the check was cut off
    ]


@pytest.mark.parametrize("case", range(3))
def test_record_that_affected_a_person_is_kept_for_two_years(
    desk: Desk, phone: Phone, finding: Finding, case: int
) -> None:
    seqs = tuple(desk.visit("v1", phone, *affecting(finding)[case]))
    now = desk.work_at(START + timedelta(days=729))
    assert due(desk.ledger, 1, now) == Due((), 0, None, len(seqs))
    with pytest.raises(TooEarly, match="until 2028-01-31") as refused:
        check_erasable(desk.ledger, seqs, now, consent=False)
    assert refused.value.entries == seqs
    assert "consent" in refused.value.next_step.in_language("en")
    check_erasable(desk.ledger, seqs, now, consent=True)
    now = desk.work_at(START + timedelta(days=732))
    check_erasable(desk.ledger, seqs, now, consent=False)
    assert due(desk.ledger, 1, now).records == seqs


def test_removal_and_undo_make_their_whole_visits_wait(desk: Desk, phone: Phone, finding: Finding) -> None:
    recommended = replace(finding, strength=Strength.RECOMMENDATION)
    found = desk.visit("v1", phone, Found(recommended))[-1]
    intent = desk.visit("v1", phone, RemovalIntended("remove", "com.tencent.mm", 10, found))[-1]
    desk.visit("v1", phone, RemovalOutcome(intent, "done", "Success", T("It is gone.")), ended())
    undone = desk.visit("v2", phone, UndoIntended("install", "com.tencent.mm", 10, intent), ended())
    other = desk.visit("v3", replace(phone, serial="OTHER"), Found(recommended), ended(Verdict.AMBER))
    now = desk.work_at(START + timedelta(days=400))
    found_due = due(desk.ledger, 6, now)
    assert found_due.records == tuple(other)
    assert found_due.affected_waiting == 2 + 2 + 3 + len(undone)


def test_two_years_begin_anew_with_the_phones_next_record(desk: Desk, phone: Phone) -> None:
    red = desk.visit("v1", phone, ended(Verdict.RED, 1))
    desk.work_at(START + timedelta(days=365))
    clean = desk.visit("v2", phone, ended())
    stranger = desk.visit("v3", replace(phone, model="SM-OTHER"), ended())
    now = desk.work_at(START + timedelta(days=800))
    oldest = desk.ledger.entry(clean[0])
    assert oldest is not None
    assert due(desk.ledger, 12, now) == Due(tuple(clean + stranger), 4, oldest.time, len(red))
    with pytest.raises(TooEarly, match="2029-01-31"):
        check_erasable(desk.ledger, red[:1], now, consent=False)
    check_erasable(desk.ledger, clean, now, consent=False)


def test_setting_can_only_lengthen_the_two_years(desk: Desk, phone: Phone) -> None:
    red = desk.visit("v1", phone, ended(Verdict.RED, 1))
    now = desk.work_at(START + timedelta(days=3 * 366))
    assert due(desk.ledger, 1, now).records == tuple(red)
    assert due(desk.ledger, 60, now) == NOTHING
    check_erasable(desk.ledger, red, now, consent=False)


def test_record_outside_a_visit_stands_alone(desk: Desk, phone: Phone) -> None:
    seen = desk.ledger.append(PhoneSeen("ready", T("over USB")), phone=phone)
    desk.ledger.append(ended(Verdict.RED, 1), phone=replace(phone, serial="OTHER"))
    now = desk.work_at(START + timedelta(days=100))
    assert due(desk.ledger, 1, now) == Due((seen.seq,), 1, seen.time, 1)


def test_clock_set_forward_makes_nothing_due(desk: Desk, phone: Phone) -> None:
    red = desk.visit("v1", phone, ended(Verdict.RED, 1))
    far = datetime(2099, 1, 1, tzinfo=UTC)
    assert due(desk.ledger, 1, far) == NOTHING  # the log knows of no such time
    desk.clock.now = far  # while the computer runs
    desk.ledger.append(ProgramStart("Linux", 0))
    assert due(desk.ledger, 1, far) == NOTHING
    desk.clock.start_at(far)  # before it was started
    desk.ledger.append(ProgramStart("Linux", 0))
    desk.clock.start_at(START + timedelta(days=1))  # and set right again
    desk.ledger.append(ProgramStart("Linux", 0))
    clean = desk.visit("v2", replace(phone, serial="OTHER"), ended())
    assert due(desk.ledger, 1, desk.work_at(START + timedelta(days=20))) == NOTHING
    with pytest.raises(TooEarly):
        check_erasable(desk.ledger, red, desk.clock.now, consent=False)
    assert due(desk.ledger, 1, desk.work_at(START + timedelta(days=60))).records == tuple(clean)


def test_start_with_a_clock_that_was_set_forward_makes_nothing_due(desk: Desk, phone: Phone) -> None:
    desk.visit("v1", phone, ended())
    desk.clock.start_at(datetime(2099, 1, 1, tzinfo=UTC))
    desk.ledger.append(ProgramStart("Linux", 0))
    assert due(desk.ledger, 1, desk.clock.now) == NOTHING


def test_computer_that_is_never_switched_off_still_grows_older(desk: Desk, phone: Phone) -> None:
    seqs = desk.visit("v1", phone, ended())
    desk.clock.now += timedelta(days=90)
    desk.clock.counter += 90 * 86_400_000
    desk.ledger.append(ProgramStart("Linux", 0))
    assert due(desk.ledger, 2, desk.clock.now).records == tuple(seqs)


def test_clock_that_lost_its_battery_makes_no_record_old(desk: Desk, phone: Phone) -> None:
    desk.clock.start_at(datetime(1970, 1, 1, tzinfo=UTC))
    red = desk.visit("v1", phone, ended(Verdict.RED, 1))
    now = desk.work_at(START + timedelta(days=10))
    assert due(desk.ledger, 1, now) == NOTHING
    with pytest.raises(TooEarly, match="2028-01-31"):
        check_erasable(desk.ledger, red, now, consent=False)


def test_many_records_are_read_page_by_page(desk: Desk, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ledger.retention._PAGE", 3)
    seqs = [seq for n in range(5) for seq in desk.visit(f"v{n}", phone, ended())]
    assert due(desk.ledger, 1, desk.work_at(START + timedelta(days=90))).records == tuple(seqs)
