"""Head office's question whether banned apps can come back: what is not on record is not known, whatever it is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from core.head_office.bundles import layout
from core.head_office.questions.dashboard import dashboard
from core.head_office.questions.questions import ask
from core.head_office.store.tables import TABLES
from core.head_office.verification.store_verification import verify_store
from core.model import Return
from tests.unit.head_office.conftest import Desk, Office, OpenDesk
from tests.unit.head_office.forging import files, forge_list, kinds, rewrite

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 27)
POSSIBLE, UNKNOWN, BLOCKED = Return.POSSIBLE, Return.UNKNOWN, Return.BLOCKED
ALL_BLOCKED: Final = {"tiktok": BLOCKED, "wechat": BLOCKED}

#: Of a unit and a rule, the phones, and on how many of them it can come back, is not known, is blocked.
Numbers = tuple[int, int, int, int]


def asked(store: Path, first: date = FIRST, last: date = LAST) -> dict[tuple[str, str], Numbers]:
    return {
        (row["unit"], row["rule"]): (row["phones"], row["can_return"], row["not_known"], row["blocked"])
        for row in ask(store, "can-return", first, last)
    }


def rostered(desk: Desk, office: Office, units: Mapping[str, str]) -> None:
    """The desk's bundle is merged, with the units of phones by their serial numbers."""
    lines = ({"round": "r1", "serial": serial, "unit": unit, "seen": None} for serial, unit in units.items())
    office.enrol(desk)
    merged = office.merge(desk.bundle(extra={"coverage.jsonl": b"".join(map(layout.json_line, lines))}))
    assert not merged.refused


@pytest.mark.slow
def test_it_is_counted_by_unit_and_product(desk: Desk, office: Office) -> None:
    desk.check("R58N1AAAAA1", returns={"tiktok": POSSIBLE, "wechat": BLOCKED})
    desk.check("R58N1AAAAA2", returns=ALL_BLOCKED)
    desk.check("R58N1AAAAA3", returns={"tiktok": UNKNOWN, "wechat": BLOCKED})
    rostered(desk, office, {"R58N1AAAAA1": "Fleet", "R58N1AAAAA2": "Fleet"})
    assert asked(office.store) == {
        ("Fleet", ""): (2, 1, 0, 1),
        ("Fleet", "tiktok"): (2, 1, 0, 1),
        ("Fleet", "wechat"): (2, 0, 0, 2),
        ("", ""): (1, 0, 1, 0),
        ("", "tiktok"): (1, 0, 1, 0),
        ("", "wechat"): (1, 0, 0, 1),
    }
    first, *_ = ask(office.store, "can-return", FIRST, LAST)
    assert (first["unit"], first["rule"], first["product"]) == ("Fleet", "", "")
    tiktok = next(row for row in ask(office.store, "can-return", FIRST, LAST) if row["rule"] == "tiktok")
    assert (tiktok["product"], tiktok["product_fr"]) == ("Tiktok", "Tiktok (fr)")


@pytest.mark.parametrize("state", [POSSIBLE, UNKNOWN])
def test_what_a_desk_with_a_wrong_clock_found_last_counts(desk: Desk, office: Office, state: Return) -> None:
    """At one desk by its log; and of another desk within two days, the worst."""
    desk.check("R58N1AAAAA1", returns={"tiktok": BLOCKED})
    desk.clock.now -= timedelta(hours=3)
    desk.check("R58N1AAAAA1", returns={"tiktok": state})
    rostered(desk, office, {})
    expected = (1, state is POSSIBLE, state is UNKNOWN, 0)
    assert asked(office.store) == {("", ""): expected, ("", "tiktok"): expected}


@pytest.mark.parametrize(("hours", "possible"), [(3, 1), (47, 1), (49, 0)])
def test_of_two_desks_within_two_days_the_worst_counts(
    open_desk: OpenDesk, office: Office, hours: int, possible: int
) -> None:
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    first.check("R58N1AAAAA1", returns={"tiktok": POSSIBLE})
    second.clock.now = first.clock.now + timedelta(hours=hours)
    second.check("R58N1AAAAA1", returns={"tiktok": BLOCKED})
    rostered(first, office, {})
    rostered(second, office, {})
    assert asked(office.store)["", "tiktok"] == (1, possible, 0, 1 - possible)


def test_what_no_check_has_on_record_is_not_known(desk: Desk, office: Office) -> None:
    """A check of an earlier version; one by a policy without the rule; a state that a later version will write."""
    desk.check("R58N1AAAAA1", returns=ALL_BLOCKED)
    desk.check("R58N1AAAAA2")
    desk.check("R58N1AAAAA3", returns={"tiktok": BLOCKED})
    desk.check("R58N1AAAAA4", returns={"tiktok": "fenced", "wechat": BLOCKED})
    rostered(desk, office, {})
    assert asked(office.store) == {
        ("", ""): (4, 0, 3, 1),
        ("", "tiktok"): (4, 0, 2, 2),
        ("", "wechat"): (4, 0, 2, 2),
    }


def test_a_product_of_the_other_system_is_not_asked_of_a_phone(desk: Desk, office: Office) -> None:
    desk.check("R58N1AAAAA1", returns={"tiktok": BLOCKED})
    desk.check("F17N1AAAAA2", returns={"wechat": UNKNOWN}, platform="ios")
    rostered(desk, office, {})
    assert asked(office.store) == {
        ("", ""): (2, 0, 1, 1),
        ("", "tiktok"): (1, 0, 0, 1),
        ("", "wechat"): (1, 0, 1, 0),
    }


def test_the_last_check_of_a_phone_counts_at_whichever_desk(open_desk: OpenDesk, office: Office) -> None:
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    first.check("R58N1AAAAA1", returns=ALL_BLOCKED)
    second.clock.now += timedelta(days=1)
    second.check("R58N1AAAAA1", returns={"tiktok": POSSIBLE, "wechat": POSSIBLE})
    office.enrol(first, second)
    office.merge(first.bundle(), second.bundle())
    assert asked(office.store)["", ""] == (1, 1, 0, 0)
    assert asked(office.store, last=date(2026, 11, 24))["", ""] == (1, 0, 0, 1)


def test_an_earlier_blocked_does_not_come_back_when_the_later_check_is_erased(desk: Desk, office: Office) -> None:
    desk.check("R58N1AAAAA1", returns=ALL_BLOCKED)
    desk.check("R58N1AAAAA2", returns={"tiktok": POSSIBLE, "wechat": BLOCKED})
    desk.clock.now += timedelta(days=1)
    erased = [desk.check("R58N1AAAAA1"), desk.check("R58N1AAAAA2")]
    after = desk.ledger.newest_sizes(1)[0]
    rostered(desk, office, {})
    desk.ledger.erase_records(erased, "asked for")
    office.merge(desk.bundle(after=after))
    # Each of the two, whose later check is of no phone any more; and these two checks.
    assert asked(office.store)["", ""] == (4, 1, 3, 0)


def test_a_store_of_an_earlier_version_opens_and_says_not_known(desk: Desk, office: Office) -> None:
    """It has no such table, whatever its entries say: the answer is not known, and nothing of it is a fault."""
    desk.check("R58N1AAAAA1", returns=ALL_BLOCKED)
    rostered(desk, office, {"R58N1AAAAA1": "Fleet"})
    state = json.loads((office.store / "store.json").read_bytes())
    state["files"] = {path: file for path, file in state["files"].items() if not path.startswith("returns/")}
    (office.store / "store.json").write_text(json.dumps(state))
    shutil.rmtree(office.store / "returns")
    assert asked(office.store) == {("Fleet", ""): (1, 0, 1, 0)}
    assert verify_store(office.store).intact
    after = desk.ledger.newest_sizes(1)[0]
    desk.check("R58N1AAAAA2", returns={"tiktok": BLOCKED})
    office.merge(desk.bundle(after=after))
    assert verify_store(office.store).intact
    assert asked(office.store)["Fleet", "tiktok"] == (1, 0, 1, 0)
    assert asked(office.store)["", "tiktok"] == (1, 0, 0, 1)


@pytest.mark.parametrize("what", ["state", "added", "removed"])
def test_a_row_that_the_entry_does_not_say_is_found(desk: Desk, office: Office, what: str) -> None:
    desk.check("R58N1AAAAA1", returns={"tiktok": POSSIBLE, "wechat": POSSIBLE})
    rostered(desk, office, {})
    (path,) = files(office.store, "returns")

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        match what:
            case "state":
                return [{**row, "state": "blocked"} for row in rows]
            case "added":
                return [*rows, {**rows[0], "rule": "kaspersky"}]
        return rows[1:]

    rewrite(path, change)
    forge_list(office.store)
    assert kinds(verify_store(office.store)) == {
        {"state": "row-changed", "added": "row-added", "removed": "row-missing"}[what]
    }


def test_the_dashboard_has_the_units_first(desk: Desk, office: Office) -> None:
    for number, unit in enumerate(("Fleet", "Legal", "Finance")):
        desk.check(f"R58N1AAAAA{number}", returns={"tiktok": POSSIBLE if unit == "Legal" else UNKNOWN})
    rostered(desk, office, {f"R58N1AAAAA{number}": unit for number, unit in enumerate(("Fleet", "Legal", "Finance"))})
    answer = dashboard(office.store).can_return
    told = [(str(name), str(words)) for name, words in answer.brief]
    assert told[0] == ("Legal", "any banned app: can be reinstalled on 1 of 1 phones, not known on 0")
    assert [name for name, _ in told[:3]] == ["Legal", "Finance", "Fleet"]
    assert [str(head) for head in answer.heads] == [
        "Unit",
        "Product",
        "Can be reinstalled",
        "Not known",
        "Blocked",
        "Phones",
    ]
    assert list(map(str, answer.rows[0])) == ["Legal", "Any banned app", "1", "0", "0", "1"]


def test_no_number_of_a_phone_is_in_its_table() -> None:
    """So that nothing has to go from it when a phone is erased."""
    assert not {"phone", "phone_known", "visit"} & set(TABLES["returns"])
