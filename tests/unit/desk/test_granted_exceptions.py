"""The register of exceptions in the log: granting, withdrawing, and what becomes of it when values are erased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core.desk.policy import granted_exceptions
from core.ledger.file.clock import Instant
from core.ledger.records import CheckStarted, Kind
from core.ledger.writer import Ledger
from core.policy.exceptions import Request
from core.policy.format.policy_file import load_built_in
from core.text import T

CANADA = load_built_in("canada")


@pytest.fixture
def asked(utc_today: date) -> Request:
    """What was asked for, for ninety days."""
    return Request(
        "wechat",
        utc_today + timedelta(90),
        "Deputy minister",
        "2026-117",
        "com.tencent.mm",
        serial="SERIAL1",
        maker="google",
        model="Pixel 9",
        tag="DRH-1",
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", desk="Desk 4", officer="A. Roy", app_version="test") as opened:
        yield opened


def test_what_was_granted_is_in_the_register_and_sealed(ledger: Ledger, asked: Request) -> None:
    granted = granted_exceptions.grant(ledger, asked, CANADA, UTC)
    assert granted_exceptions.grants(ledger, UTC) == (granted,)
    entry = ledger.entry(granted.entry)
    assert entry is not None
    assert entry.kind == Kind.EXCEPTION_GRANTED
    assert "SERIAL1" not in entry.exact.decode()
    assert "DRH-1" not in entry.exact.decode()
    assert ledger.unsealed() == 0


def test_the_newest_comes_first(ledger: Ledger, asked: Request) -> None:
    first = granted_exceptions.grant(ledger, asked, CANADA, UTC)
    second = granted_exceptions.grant(ledger, replace(asked, serial="SERIAL2"), CANADA, UTC)
    assert [g.entry for g in granted_exceptions.grants(ledger, UTC)] == [second.entry, first.entry]


def test_what_is_withdrawn_holds_no_longer(ledger: Ledger, utc_today: date, asked: Request) -> None:
    granted = granted_exceptions.grant(ledger, asked, CANADA, UTC)
    granted_exceptions.revoke(ledger, granted.entry, "The phone was handed on.")
    (known,) = granted_exceptions.grants(ledger, UTC)
    assert known.revoked is not None
    assert not known.holds(CANADA, utc_today)
    size = ledger.count()
    granted_exceptions.revoke(ledger, granted.entry, "Again.")
    assert ledger.count() == size


def test_only_an_exception_can_be_withdrawn(ledger: Ledger, asked: Request) -> None:
    granted_exceptions.grant(ledger, asked, CANADA, UTC)
    with pytest.raises(granted_exceptions.CannotGrant, match="grants no exception"):
        granted_exceptions.revoke(ledger, 99, "")


def test_what_is_wrong_is_said_and_nothing_is_written(ledger: Ledger, utc_today: date, asked: Request) -> None:
    with pytest.raises(granted_exceptions.CannotGrant) as refused:
        granted_exceptions.grant(ledger, replace(asked, until=utc_today + timedelta(366)), CANADA, UTC)
    assert refused.value.field == "until"
    assert "365 days at most" in str(refused.value)
    assert ledger.count() == 0


def test_what_was_typed_is_kept_on_one_line_and_short(ledger: Ledger, asked: Request) -> None:
    granted = granted_exceptions.grant(ledger, replace(asked, authority="A\nB\u202e" + "x" * 500), CANADA, UTC)
    assert "\n" not in granted.request.authority
    assert len(granted.request.authority) <= 200


def test_without_the_phone_s_values_it_counts_for_no_phone(ledger: Ledger, asked: Request) -> None:
    granted = granted_exceptions.grant(ledger, asked, CANADA, UTC)
    ledger.erase_records([granted.entry], "due")
    (known,) = granted_exceptions.grants(ledger, UTC)
    assert (known.request.serial, known.request.tag) == ("", "")


def test_a_clock_that_is_set_back_revives_nothing(tmp_path: Path, now: datetime) -> None:
    later = (now + timedelta(400)).astimezone(UTC)
    with Ledger(
        tmp_path / "other.db", desk="D", officer="O", app_version="t", clock=lambda: Instant(later, 1, "boot")
    ) as opened:
        opened.append(CheckStarted(T("over USB")))
        assert granted_exceptions.today(opened, UTC) == later.date()
