"""Papers of a log's file that somebody has altered: each says what the sealed entries say, or is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from core.describe.visits import RecordedVisit
from core.head_office.bundles.bundle import carried_until
from core.ledger.problems import LedgerProblem
from core.ledger.records import CheckEnded, Kind, OutsideCopy
from core.ledger.writer import Ledger
from core.reports.receipt.owner_page import owner_page
from core.reports.receipt.receipt import make_receipt
from core.reports.receipt.story import Story
from core.reports.summaries.day_page import Tally
from core.reports.summaries.month_summary import tally_of
from core.visit.greeting import greeting
from tests.inside import forget_entries
from tests.unit.ledger.test_altered import LIES, raw, rewritten
from tests.unit.reports.conftest import PHONE, Desk, finding, text_of

MONTH: Final = date(2026, 11, 1)
DAYS: Final = {"since": datetime(2026, 11, 1, tzinfo=UTC), "until": datetime(2026, 12, 1, tzinfo=UTC)}


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """Two red visits, one of them ended green, with an outside copy and everything sealed."""
    desk.visit().check(finding(), seal=True)
    desk.remove("com.tencent.mm")
    desk.check(seal=True)
    desk.visit().check(finding(), seal=True)
    desk.write(OutsideCopy("bundle", desk.ledger.count(), "x"), seal=True)
    return desk


def papers(ledger: Any) -> dict[str, Callable[[], object]]:
    """What is said on paper and at the desk, each by itself."""
    checks = [3, 9]

    def story(check: int) -> object:
        entry = next(e for e in ledger.newest(100, kind=Kind.CHECK_ENDED)[::-1] if e.seq >= check)
        assert isinstance(entry.record, CheckEnded)
        told = Story.of(ledger, entry, entry.record)
        return [e.exact for e in (*told.before, *told.after)]

    return {
        "receipt": lambda: [text_of(make_receipt(ledger, check, ("en",)).pdf) for check in checks],
        "owner's page": lambda: [text_of(owner_page(ledger, check).pdf) for check in checks],
        "story": lambda: [story(check) for check in checks],
        "day": lambda: Tally.of(ledger.entries(**DAYS)),
        "month": lambda: tally_of(ledger, MONTH),
        "greeting": lambda: str(greeting(ledger, PHONE, now=datetime(2026, 11, 29, tzinfo=UTC))),
        "bundle": lambda: carried_until(ledger),
        "visits": lambda: [RecordedVisit(entries).verdict for entries in ledger.of_visits(range(1, ledger.count()))],
    }


ALTERED: Final = {
    **{name: lie for name, lie in LIES.items() if not name.startswith("roots")},
    "green checks": rewritten(b'"verdict":"red"', b'"verdict":"green"', True),
    "green checks, not hashed": rewritten(b'"verdict":"red"', b'"verdict":"green"', False),
    "no findings": rewritten(b'"type":"finding"', b'"type":"problem"', True),
    "another day": rewritten(b'"time":"2026-11', b'"time":"2026-10', True),
    "another form of the day": rewritten(b'+00:00"', b'-00:00"', True),
}


@pytest.mark.slow
def test_no_paper_of_an_altered_log_says_something_else(busy: Desk) -> None:
    path = busy.ledger.path
    busy.ledger.close()
    honest = path.read_bytes()
    with Ledger.read(path) as ledger:
        right = {name: paper() for name, paper in papers(ledger).items()}
    assert "red" in str(right["visits"])
    given = dict.fromkeys(right, 0)
    for name, attack in ALTERED.items():
        path.write_bytes(honest)
        with raw(path) as file:
            attack(file)
        forget_entries()
        with contextlib.suppress(LedgerProblem), Ledger.read(path) as ledger:
            for paper, make in papers(ledger).items():
                with contextlib.suppress(LedgerProblem):
                    assert make() == right[paper], (name, paper)
                    given[paper] += 1
    assert all(count >= 15 for count in given.values()), given
