"""An exception by asset tag at a visit: bound to the first phone that uses it, on record before it is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.desk.policy import granted_exceptions
from core.jobs import Cancel
from core.ledger.records import ExceptionBound, Kind
from core.ledger.writer import Ledger
from core.model import Check, Labels, Verdict
from core.policy.exceptions import Request
from core.text import T, Text
from core.visit.visit import Visit
from tests.kit.opened_phone import OpenedPhone
from tests.unit.visit.test_check import WECHAT, app
from tests.unit.visit.test_closer import CANADA, NOTES, Driver

TYPED = Labels(tag="DRH-1")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", desk="Desk 4", officer="A. Roy", app_version="test") as opened:
        yield opened


@pytest.fixture
def granted(ledger: Ledger) -> int:
    """The number of an exception for the phone that has the tag DRH-1."""
    until = granted_exceptions.today(ledger, UTC) + timedelta(30)
    asked = Request("wechat", until, "Minister", "1", "com.pocket.notes", tag="DRH-1", signer=WECHAT.sha256)
    return granted_exceptions.grant(ledger, asked, CANADA, UTC).entry


class Numbered(Driver):
    """A phone with a serial number of its own."""

    def __init__(self, serial: str) -> None:
        super().__init__(app(), files=[NOTES])
        self.serial = serial

    def read(self, *words: Any, **more: Any) -> Any:
        found = super().read(*words, **more)
        return replace(found, phone=replace(found.phone, serial=self.serial))


def visit(ledger: Ledger, serial: str, source: type[OpenedPhone] = OpenedPhone, labels: Labels = TYPED) -> Visit:
    return Visit(source(Numbered(serial), CANADA, ledger), labels=labels)  # type: ignore[arg-type]


def why(check: Check) -> str:
    return " ".join(str(finding.why) for finding in check.red)


def test_its_first_use_binds_it_on_record_before_it_counts(ledger: Ledger, granted: int) -> None:
    assert visit(ledger, "SERIAL1").check(Cancel()).verdict is Verdict.AMBER
    (bound,) = ledger.decided(Kind.EXCEPTION_BOUND)
    assert bound.record == ExceptionBound(granted)
    assert bound.device is not None
    assert bound.device.serial is not None
    assert bound.device.serial.value == "SERIAL1"
    (use,) = (entry for entry in ledger.newest(10, kind=Kind.FINDING))
    assert bound.seq < use.seq
    assert ledger.unsealed() == 0
    # The same phone again, with and without the tag: it is known by its serial number, and nothing more is bound.
    assert visit(ledger, "SERIAL1").check(Cancel()).verdict is Verdict.AMBER
    assert visit(ledger, "SERIAL1", labels=Labels()).check(Cancel()).verdict is Verdict.AMBER
    assert len(list(ledger.decided(Kind.EXCEPTION_BOUND))) == 1


def test_another_phone_with_the_same_typed_tag_is_red_and_says_why(ledger: Ledger, granted: int) -> None:
    visit(ledger, "SERIAL1").check(Cancel())
    check = visit(ledger, "SERIAL2").check(Cancel())
    assert check.verdict is Verdict.RED
    assert "This exception is bound to another phone." in why(check)
    (found, _) = ledger.newest(10, kind=Kind.FINDING)
    assert "This exception is bound to another phone." in str(found.record.why)  # type: ignore[attr-defined]


def test_without_the_tag_nothing_is_excused_or_bound(ledger: Ledger, granted: int) -> None:
    assert visit(ledger, "SERIAL1", labels=Labels(tag="DRH-2")).check(Cancel()).verdict is Verdict.RED
    assert not list(ledger.decided(Kind.EXCEPTION_BOUND))


def test_of_two_phones_with_one_typed_tag_the_first_on_record_is_excused(
    ledger: Ledger, granted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both were read before either was bound: what stands in the log first decides."""
    slow = visit(ledger, "SERIAL2")
    to_bind, first = granted_exceptions.to_bind, []

    def meanwhile(*words: Any) -> Any:
        waiting = to_bind(*words)
        if waiting and len(first) == 1:  # it has been read anew, and is about to be bound
            first.append(None)
            assert visit(ledger, "SERIAL1").check(Cancel()).verdict is Verdict.AMBER
        elif not first:
            first.append(None)
        return waiting

    monkeypatch.setattr(granted_exceptions, "to_bind", meanwhile)
    check = slow.check(Cancel())
    assert check.verdict is Verdict.RED
    assert "This exception is bound to another phone." in why(check)
    (grant,) = granted_exceptions.grants(ledger, UTC)
    assert grant.bound is not None
    assert grant.bound.serial == "SERIAL1"


class Listed(OpenedPhone):
    """A phone of a desk whose list has the tag for another one."""

    def listed_otherwise(self, *_: object) -> Text | None:
        return T("In the list of the round “{round}”, this asset tag is another phone’s.", round="Autumn")


def test_what_a_list_knows_otherwise_is_not_excused(ledger: Ledger, granted: int) -> None:
    check = visit(ledger, "SERIAL1", Listed).check(Cancel())
    assert check.verdict is Verdict.RED
    assert "In the list of the round “Autumn”, this asset tag is another phone’s." in why(check)
    assert not list(ledger.decided(Kind.EXCEPTION_BOUND))


def test_once_the_values_of_the_binding_are_erased_it_counts_for_none(ledger: Ledger, granted: int) -> None:
    visit(ledger, "SERIAL1").check(Cancel())
    (bound,) = ledger.decided(Kind.EXCEPTION_BOUND)
    ledger.erase_records([bound.seq], "consent")
    (grant,) = granted_exceptions.grants(ledger, UTC)
    assert not grant.names_a_phone
    assert visit(ledger, "SERIAL1").check(Cancel()).verdict is Verdict.RED
