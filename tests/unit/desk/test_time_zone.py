"""On which day something counts: in the department's time zone, whatever the environment of the program says."""

from __future__ import annotations

import time
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path

import pytest
import tzdata
from hypothesis import assume, given
from hypothesis import strategies as st

from core.desk.policy import granted_exceptions
from core.desk.settings.time_zone import day_of, is_zone, zone_of
from core.ledger.file.clock import Instant
from core.ledger.records import CheckStarted
from core.ledger.writer import Ledger
from core.policy.exceptions import Request
from core.policy.format.policy_file import load_built_in
from core.system import local_zone
from core.text import T

CANADA = load_built_in("canada")
#: A system's file of its zone, here of Toronto.
RULES = (files(tzdata) / "zoneinfo" / "America" / "Toronto").read_bytes()
TORONTO = zone_of("America/Toronto")
#: The last second of 31 March 2090 in Toronto, by UTC.
LAST = datetime(2090, 4, 1, 3, 59, 59, tzinfo=UTC)


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file that has the rules of the computer's zone, which is not there yet."""
    file = tmp_path / "localtime"
    monkeypatch.setattr(local_zone, "FILE", file)
    local_zone.system_zone.cache_clear()
    yield file
    local_zone.system_zone.cache_clear()


@pytest.fixture
def computer_in_toronto(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system is set to Toronto, and the environment of the program asks for another zone."""
    rules.write_bytes(RULES)
    monkeypatch.setenv("TZ", "Pacific/Honolulu")
    time.tzset()


@pytest.mark.parametrize("moment", [LAST, LAST + timedelta(seconds=1)])
def test_the_last_day_ends_with_the_day_of_the_department(moment: datetime, tmp_path: Path) -> None:
    clock = [LAST - timedelta(days=30)]
    with Ledger(
        tmp_path / "log.db", desk="D", officer="O", app_version="t", clock=lambda: Instant(clock[0], 1, "boot")
    ) as log:
        log.append(CheckStarted(T("over USB")))
        asked = Request("wechat", date(2090, 3, 31), "A", "B", "com.tencent.mm", tag="DRH-1")
        granted_exceptions.grant(log, asked, CANADA, TORONTO)
        clock[0] = moment
        log.append(CheckStarted(T("over USB")))
        (grant,) = granted_exceptions.grants(log, TORONTO)
        assert grant.holds(CANADA, granted_exceptions.today(log, TORONTO)) is (moment == LAST)
        # In Honolulu the day is not over, and in UTC it was over hours before.
        assert grant.holds(CANADA, granted_exceptions.today(log, zone_of("Pacific/Honolulu")))
        assert not grant.holds(CANADA, granted_exceptions.today(log, UTC))


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has no file of its zone")
@pytest.mark.usefixtures("computer_in_toronto")
def test_the_zone_of_the_computer_is_not_that_of_the_environment() -> None:
    moment = LAST + timedelta(seconds=1)
    assert moment.astimezone().date() == date(2090, 3, 31), "what Python takes for local"
    assert day_of(moment, zone_of("")) == date(2090, 4, 1)


@pytest.mark.parametrize("content", [None, b"", b"TZif2 and then nothing", b"TZif" + b"\xff" * 200, RULES[:800]])
def test_where_the_system_tells_no_zone_it_is_utc(content: bytes | None, rules: Path) -> None:
    if content is not None:
        rules.write_bytes(content)
    assert zone_of("") is UTC


def test_rules_of_a_user_s_own_are_not_asked(tmp_path: Path) -> None:
    forged = tmp_path / "America" / "Toronto"
    forged.parent.mkdir()
    forged.write_bytes((files(tzdata) / "zoneinfo" / "Pacific" / "Honolulu").read_bytes())
    (tmp_path / "Nowhere").write_bytes(forged.read_bytes())
    zoneinfo.reset_tzpath([str(tmp_path)])
    try:
        assert day_of(LAST + timedelta(seconds=1), zone_of("America/Toronto")) == date(2090, 4, 1)
        assert not is_zone("Nowhere")
    finally:
        zoneinfo.reset_tzpath()


@pytest.mark.parametrize("name", ["UTC", "America/Toronto", "America/Argentina/Ushuaia", "Etc/GMT+5", "Asia/Tokyo"])
def test_names_of_time_zones(name: str) -> None:
    assert is_zone(name)
    assert zone_of(name).utcoffset(datetime(2026, 1, 1)) is not None


@given(
    st.one_of(st.text(min_size=1, max_size=30), st.sampled_from(["america/toronto", "America", "../zones", "/etc/x"]))
)
def test_what_is_no_name_of_a_zone_is_refused(name: str) -> None:
    assume(not is_zone(name))
    with pytest.raises(ValueError, match="no time zone is called"):
        zone_of(name)


@pytest.mark.parametrize("moment", [datetime.min, datetime.max])
def test_the_calendar_s_edges_are_days_too(moment: datetime) -> None:
    for zone in (TORONTO, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))):
        assert day_of(moment.replace(tzinfo=UTC), zone).year in (1, 9999)
