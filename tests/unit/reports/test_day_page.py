"""The close of a day: the numbers that a supervisor signs for, and the checkpoint that they keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.desk.serial_numbers import SharedSerial
from core.ledger.problems import LedgerProblem
from core.ledger.records import Exported, KeysReplaced, ProblemMet
from core.ledger.seals import NotSealed
from core.phones.driver import Outcome
from core.reports.receipt.receipt import read_receipt
from core.reports.summaries.day_page import DayClose, make_close
from core.text import Language, T
from tests.inside import clock_of
from tests.unit.reports.conftest import GAP, Desk, MakeDesk, finding, pages_of, text_of, words

DAY = date(2026, 11, 24)

pytestmark = pytest.mark.usefixtures("gatineau")


def close(
    desk: Desk, day: date = DAY, *, today: date | None = None, languages: tuple[Language, ...] = ("en",)
) -> DayClose:
    """The page of a day, made on the same day unless told otherwise."""
    return make_close(desk.ledger, day, languages, today=today or day)


def a_day(desk: Desk) -> None:
    """Two phones; one of them came twice, and had a banned app the first time."""
    desk.visit().check(finding(), finding("Kaspersky", "com.kms.free"))
    removal = desk.remove("com.tencent.mm")
    desk.remove("com.kms.free", outcome=Outcome.OWNER)
    desk.check(finding("Kaspersky", "com.kms.free"))
    desk.undo(removal)
    desk.write(ProblemMet(code="phone", sentence=T("The phone was unplugged."), next_step=T("Plug it in.")))
    desk.visit().check()
    desk.ledger.append(Exported("csv", 12, {}))
    desk.ledger.append(Exported("jsonl", 12, {}))
    desk.ledger.erase_records([5, 6, 7, 8], "retention")
    desk.phone = type(desk.phone)("android", "google", "Pixel 8", "15", "A1B2C3")
    desk.visit().check(gaps=(GAP,))


def test_the_day_is_counted(desk: Desk) -> None:
    a_day(desk)
    closed = close(desk)
    said = words(closed)
    last = desk.ledger.count()
    for expected in (
        "Close of the day 2026-11-24",
        "Desk 4, Gatineau",
        "Officers A. Roy",
        "Red 2 Amber 1 Green 1",
        "Checks that came to their end 4",
        "Visits 3",
        "Problems met 1",
        "Banned apps Found 2 Removed 0 Still there 2 Removal steps undone 1",  # one of them was put back
        f"Entries of the day {last}",
        f"Their numbers 1–{last}",
        "Exports 2",
        "Erasures 1",
        "Officer: name, signature, date",
        "Supervisor: name, signature, date",
        f"over the first {closed.size} entries of the log",
    ):
        assert expected in said
    assert "keys of the log were replaced" not in said
    assert pages_of(closed.pdf) == 1


def test_a_phone_that_comes_twice_is_one_phone(desk: Desk) -> None:
    desk.visit().check()
    desk.visit().check()
    desk.phone = type(desk.phone)("android", "google", "Pixel 8", "15", "A1B2C3")
    desk.visit().check()
    assert "Phones 2 Visits 3" in words(close(desk))


def test_what_cannot_be_told_apart_any_more_is_counted_by_visit(desk: Desk) -> None:
    checks = [desk.visit().check().seq, desk.check().seq, desk.visit().check().seq]
    desk.ledger.erase_records(checks, "retention")
    desk.ledger.seal()
    assert "Phones 2 Visits 2" in words(close(desk))


def test_two_phones_with_one_serial_number_are_two_phones(desk: Desk) -> None:
    desk.visit().check(finding())
    desk.visit().check()
    desk.write(ProblemMet.of(SharedSerial()), seal=True)
    said = words(close(desk))
    assert "Phones 2 Visits of phones with one serial number, each counted as a phone 2 Visits 2" in said
    assert "2 phones: 1 red, 0 amber, 1 green at their last check." in said
    desk.phone = replace(desk.phone, serial="B2B2C3C4")
    desk.visit().check()
    desk.visit().check(finding())
    said = words(close(desk))
    assert "Phones 3 Visits of phones with one serial number, each counted as a phone 2 Visits 4" in said
    assert "3 phones: 2 red, 0 amber, 1 green at their last check." in said


def test_the_checkpoint_on_it_is_the_newest_and_covers_the_day(desk: Desk) -> None:
    a_day(desk)
    closed = close(desk)
    seal = desk.ledger.newest_seal()
    assert seal is not None
    assert (closed.size, closed.root) == (seal.size, seal.checkpoint.root)
    lines = text_of(closed.pdf).splitlines()
    first = lines.index(seal.checkpoint.origin)
    printed = "\n".join(lines[first : first + 5])
    assert read_receipt(printed.encode()) == seal.note
    assert read_receipt(closed.pdf) == seal.note


def test_another_day_has_nothing_of_this_one(desk: Desk) -> None:
    a_day(desk)
    said = words(close(desk, DAY + timedelta(days=1)))
    assert "Red 0 Amber 0 Green 0" in said
    assert "Entries of the day 0 Exports 0" in said
    assert "0 phones: 0 red, 0 amber, 0 green at their last check." in said
    assert "Banned apps Found 0 Removed 0 Still there 0 " in said
    assert "Still open 0" in said
    assert "–" not in said
    assert "Officers" not in said


def test_checks_are_counted_as_checks_and_phones_by_their_last(desk: Desk) -> None:
    desk.visit().check(finding())
    desk.remove("com.tencent.mm")
    desk.check()
    desk.phone = type(desk.phone)("android", "google", "Pixel 8", "15", "A1B2C3")
    desk.visit().check(finding())
    said = words(close(desk))
    assert "Checks by their verdict Red 2 Amber 0 Green 1" in said
    assert "2 phones: 1 red, 0 amber, 1 green at their last check." in said


def test_a_day_to_come_cannot_be_closed(desk: Desk, today: date) -> None:
    desk.visit().check()
    with pytest.raises(LedgerProblem, match="2026-11-25 has not begun yet") as caught:
        close(desk, DAY + timedelta(days=1), today=DAY)
    assert "Choose today or an earlier day" in str(caught.value.next_step)
    with pytest.raises(LedgerProblem, match="has not begun yet"):
        make_close(desk.ledger, today + timedelta(days=2), ("en",))


def test_the_checkpoint_of_a_past_day_is_not_called_of_its_end(desk: Desk) -> None:
    desk.visit().check()
    assert "The log at the end of the day" in words(close(desk))
    said = words(close(desk, today=DAY + timedelta(days=1)))
    assert "The log when this page was made" in said
    assert "at the end of the day Kept" not in said


def test_a_day_is_one_of_the_local_time(make_desk: MakeDesk) -> None:
    desk = make_desk()
    clock = clock_of(desk.ledger)
    clock.now = clock.now.replace(hour=4, minute=59, second=0)  # type: ignore[attr-defined]
    desk.visit().check()  # before midnight
    clock.now = clock.now.replace(hour=5, minute=0, second=0)  # type: ignore[attr-defined]
    desk.visit().check(finding())  # after it
    assert "Red 1 Amber 0 Green 0" in words(close(desk))
    assert "Red 0 Amber 0 Green 1" in words(close(desk, DAY - timedelta(days=1)))


def test_steps_without_a_result_are_named(desk: Desk) -> None:
    desk.visit().check(finding())
    step = desk.remove("com.tencent.mm", outcome=None)
    desk.ledger.give_up(step.seq)
    desk.ledger.seal()
    assert f"Still open 1: entry {step.seq}" in words(close(desk))


def test_what_should_not_happen_is_named(desk: Desk) -> None:
    desk.ledger.append(KeysReplaced("a", "b", "c", "d"), seal=True)
    assert "The keys of the log were replaced 1" in words(close(desk))


def test_a_day_that_is_not_sealed_cannot_be_closed(desk: Desk) -> None:
    with pytest.raises(NotSealed):
        close(desk)
    desk.visit().check()
    desk.visit().check(seal=False)
    with pytest.raises(NotSealed):
        close(desk)
    desk.ledger.seal()
    assert close(desk).size == desk.ledger.count()


def test_both_languages_practice_and_long_names_keep_to_one_page(make_desk: MakeDesk) -> None:
    desk = make_desk("practice", practice=True, place="#panic() " * 60, officer="*Marguerite-Joséphine* " * 40)
    desk.visit().check(finding())
    for outcome in Outcome:
        desk.remove("com.tencent.mm", outcome=outcome)
    for n in range(30):
        desk.ledger.sign_as(desk=f"Desk {n}", officer=f"Officer number {n} with a rather long name")
        desk.check()
    closed = close(desk, languages=("fr", "en"))
    said = words(closed)
    assert pages_of(closed.pdf) == 1
    assert "EXERCICE PRACTICE" in said
    assert "Practice: no real phone is counted here" in said
    assert closed == close(desk, languages=("fr", "en"))
