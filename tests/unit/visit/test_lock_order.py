"""All locks of the program are taken in one order, and none is held while a turn, or another program, is waited for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.lock_watch import LockWatch

#: Phones at one desk: read, their files kept, apps removed and put back, each by a job with turns; and the log
#: searched, verified and exported meanwhile, by this program and by another one.
WORK = """
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tests.kit.lock_watch import LockWatch

watch = LockWatch()
watch.begin()

from core.jobs import Cancel, silent, turn
from core.ledger.seals import NotSealed
from core.ledger.search.record_filter import Filter
from core.ledger.verify.ledger_check import verify
from core.ledger.writer import Ledger
from core.phones.connect import Reach
from core.policy.format import policy_file
from core.reports.tables.exports import Format, export
from core.simulator import PracticeServer, load
from core.visit.undo import LeftThePhone
from core.visit.visit import Visit
from tests.kit.opened_phone import OpenedPhone

folder, scenarios = Path(sys.argv[1]), sys.argv[2:]
policy = replace(policy_file.load_built_in("canada"), evidence_copies=True)
reach = Reach(folder / "keys", "Desk 4")


def phone(scenario, ledger):
    with PracticeServer(load(scenario), pace=0) as server:
        with turn(Cancel()):
            visit = Visit(OpenedPhone(reach.address("127.0.0.1", server.port, Cancel()), policy, ledger))
            visit.check(Cancel())
            visit.keep_copies(Cancel())
        with turn(Cancel()):
            visit.remove(visit.plan(), Cancel())
            with suppress(LeftThePhone):
                visit.undo(visit.undoable(), Cancel())
            visit.close()


def look(ledger, number):
    for again in range(3):
        list(ledger.scan(Filter()))
        ledger.newest(50)
        verify(ledger, None, pinned=False, report=silent, cancel=Cancel())
        ledger.seal()
        with suppress(NotSealed):
            export(ledger, Format.CSV, Filter(), folder / f"{len(scenarios)} {number} {again}", silent, Cancel())


with Ledger(folder / "log.db", desk="Desk 4", officer="A", app_version="1", practice=True) as ledger:
    with ThreadPoolExecutor(6) as jobs:
        work = [jobs.submit(phone, name, ledger) for name in scenarios] + [jobs.submit(look, ledger, n) for n in (1, 2)]
        for one in work:
            one.result()
print(*sorted(watch.found), sep="\\n", end="")
assert len(watch.order) > 2
"""


def test_all_locks_are_taken_in_one_order_and_none_is_held_while_a_turn_is_waited_for(tmp_path: Path) -> None:
    """Two programs at one log, with phones at both."""
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", WORK, str(tmp_path), *scenarios],
            cwd=Path(__file__).parents[3],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for scenarios in (("walk-up", "work-profile", "stubborn"), ("secure-folder", "walk-up"))
    ]
    for program in programs:
        found, errors = program.communicate()
        assert (program.returncode, found) == (0, ""), errors


def watched() -> LockWatch:
    watch = LockWatch()
    watch.turn = "turn"
    return watch


def take(watch: LockWatch, *locks: str) -> None:
    for lock in locks:
        watch.wants(lock)
        watch.has(lock)
    for lock in reversed(locks):
        watch.let_go(lock)


@pytest.mark.parametrize("orders", [["ab", "ba"], ["ab", "bc", "ca"]])
def test_a_circle_is_found_without_anyone_waiting(orders: list[str]) -> None:
    watch = watched()
    for order in orders[:-1]:
        take(watch, *order)
    assert watch.found == set()
    take(watch, *orders[-1])
    assert watch.found


def test_a_turn_that_is_waited_for_with_a_lock_is_found() -> None:
    watch = watched()
    take(watch, "turn", "log")
    assert watch.found == set()
    take(watch, "log", "turn")
    assert watch.found
