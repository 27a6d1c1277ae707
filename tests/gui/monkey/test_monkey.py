"""Bad input of the window: random steps by a seed, and what must be true all the same.

`FANION_MONKEY_SEED` takes another seed, `FANION_MONKEY_STEPS` or `FANION_MONKEY_MINUTES` another length,
`FANION_MONKEY_REPLAY` a file of steps as a failure tells them, `FANION_MONKEY_MEMORY` a number of steps after each of
which is told what is in memory; `python -m tests.gui.monkey` sets them.
"""

from __future__ import annotations

import ast
import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from core.model import Verdict
from core.model.visit_state import CheckFacts, VisitState
from core.visit.visit import Visit
from gui.desk import phone_acts
from gui.desk.acts.all_acts import REMOVE
from gui.desk.desk_page import DeskPage
from gui.desk.phone_acts import PhoneActs
from gui.desk.session import flows
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_view import PhoneView
from gui.startup.garbage_collector import keep_responsive
from tests.examples import examples
from tests.gui.conftest import MakeOffice
from tests.gui.monkey.hand import Monkey, Step
from tests.gui.monkey.memory import MemoryReport

pytestmark = [pytest.mark.qt_log_ignore("does not support grabbing the keyboard")]

#: Milliseconds of a removal's second here.
SECOND = 20
#: Where the steps of a run are kept, for one that ends without a word.
TRACES = Path(__file__).resolve().parents[3] / "build" / "monkey"
SEED = 1
#: Steps where hypothesis tries 100 examples: 675 by its profile `ci`, 30,000 by `thorough`.
STEPS = 1_500


@pytest.fixture
def monkey_at(
    open_office: MakeOffice,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    qtlog: Any,
    short_flood: None,
    opened_outside: list[Path],
    choose_path: Callable[[Path | None], None],
    second_lasts: Callable[[int], None],
    no_printer: Callable[[Path], None],
) -> Iterator[Callable[[int], Monkey]]:
    """A monkey by its seed. What it writes lies in the test's own folder."""
    monkeypatch.chdir(tmp_path)
    for home in ("HOME", "USERPROFILE"):  # where a dialog proposes to write
        monkeypatch.setenv(home, str(tmp_path))
    second_lasts(SECOND)
    choose_path(None)
    no_printer(tmp_path / "printed.pdf")

    def warnings() -> list[str]:
        return [f"Qt: {record.message}" for record in qtlog.records if not record.ignored]

    yield lambda seed: Monkey(open_office, warnings, seed)
    gc.collect()


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.slow
def test_whatever_is_pressed_the_log_is_true_and_nothing_is_done_unasked(
    monkey_at: Callable[[int], Monkey],
    qapp: QApplication,
    capsys: pytest.CaptureFixture[str],
    closing: ExitStack,
) -> None:
    seed = int(os.environ.get("FANION_MONKEY_SEED", SEED))
    monkey = monkey_at(seed)
    TRACES.mkdir(parents=True, exist_ok=True)
    monkey.trace = closing.enter_context((TRACES / f"{seed}.txt").open("w", encoding="utf-8"))
    minutes = float(os.environ.get("FANION_MONKEY_MINUTES", 0))
    limit = int(os.environ.get("FANION_MONKEY_STEPS", examples(STEPS).max_examples))
    if every := int(os.environ.get("FANION_MONKEY_MEMORY") or 0) or (1_000 if minutes else 0):
        _tell_memory(monkey, every, qapp, capsys, closing)
    end = time.monotonic() + minutes * 60
    if replayed := os.environ.get("FANION_MONKEY_REPLAY"):
        monkey.replay(steps_of(Path(replayed).read_text(encoding="utf-8")))
    else:
        monkey.run(lambda: time.monotonic() > end if minutes else len(monkey.steps) >= limit)
    if not monkey.faults:
        monkey.end()
    if monkey.faults:
        pytest.fail(monkey.report(), pytrace=False)


REMOVES = [Step("plug", ("K1", "walk-up")), Step("rest"), Step("key", ("Alt+R",)), Step("rest")]
SCANS = [Step("plug", ("K1", "walk-up")), Step("rest"), Step("scan", ("R58N12\n",)), Step("rest")]
BY_HAND = [*SCANS[:2], Step("by_hand", ("K1", 0)), Step("hand_back", ("A. Roy",)), Step("rest")]
LOOKS = [Step("plug", ("K1", "unseen")), Step("rest")]


class _AtOnce:
    """A timer whose time is over at once."""

    @staticmethod
    def singleShot(milliseconds: int, begin: Callable[[], None]) -> None:  # noqa: N802 - Qt has it so
        begin()


def _green(view: PhoneView) -> VisitState:
    return replace(VisitState(), last=CheckFacts(Verdict.GREEN)) if view.check is not None else VisitState()


def _fail(acts: PhoneActs) -> None:
    raise LookupError("a bug")


#: A bug, the steps that meet it, and what the monkey says of it.
BUGS = {
    "nothing waits": ((flows, "QTimer", _AtOnce), REMOVES, "removes unasked"),
    "a scan is a press": (
        (DeskPage, "scanned", lambda page, *scan: page.page.desk_actions.want(REMOVE)),
        SCANS,
        "removes unasked",
    ),
    "nothing is looked at again": ((Visit, "_looked_once_more", lambda visit, *rest: None), BY_HAND, "were sealed"),
    "unseen is green": ((PhoneView, "standing", property(_green)), LOOKS, "its records say"),
}


@pytest.mark.parametrize("bug", BUGS)
def test_the_monkey_finds_what_it_is_for(
    bug: str, monkey_at: Callable[[int], Monkey], monkeypatch: pytest.MonkeyPatch
) -> None:
    patched, steps, words = BUGS[bug]
    monkeypatch.setattr(*patched)
    monkey = monkey_at(1)
    monkey.replay(steps)
    monkey.end()
    assert any(words in fault for fault in monkey.faults), monkey.report()


@pytest.mark.qt_no_exception_capture
def test_the_monkey_stops_at_an_exception_and_tells_its_last_steps(
    monkey_at: Callable[[int], Monkey], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(phone_acts.HANDLERS, REMOVE, _fail)
    monkey = monkey_at(1)
    monkey.replay([*REMOVES, *REMOVES])
    assert ["LookupError" in fault for fault in monkey.faults] == [True]
    assert steps_of(monkey.report()) == REMOVES[:3]


@pytest.mark.parametrize("steps", [REMOVES, SCANS, LOOKS, BY_HAND], ids=["removes", "scans", "looks", "by hand"])
def test_without_a_bug_the_same_steps_are_right(steps: list[Step], monkey_at: Callable[[int], Monkey]) -> None:
    monkey = monkey_at(1)
    monkey.replay(steps)
    monkey.end()
    assert not monkey.faults


def steps_of(listing: str) -> list[Step]:
    """The steps that a failure has told."""
    read = (ast.literal_eval(line) for line in listing.splitlines() if line.startswith("("))
    return [Step(kind, tuple(arguments)) for kind, *arguments in read]


def _tell_memory(
    monkey: Monkey, every: int, qapp: QApplication, capsys: pytest.CaptureFixture[str], closing: ExitStack
) -> None:
    """Print what is in memory on the way, with Python's memory kept as the program keeps it."""
    garbage = keep_responsive(qapp)
    closing.callback(gc.disable)  # as the tests have it
    closing.callback(garbage.stop)
    garbage.follow(monkey.office.fanion.phones, monkey.office.fanion.runner)
    report = MemoryReport()

    def tell(steps: int) -> None:
        phones = monkey.office.fanion.phones
        sessions = [thing for thing in gc.get_objects() if isinstance(thing, PhoneSession)]
        kept = [session for session in sessions if session not in phones.sessions]
        with capsys.disabled():
            print(
                report.line(steps),
                f"\n    phones {len(phones.sessions)}, kept though not listed {len(kept)}",
                flush=True,
            )

    monkey.closes = False  # what grows would begin anew
    monkey.many, monkey.on_many = every, tell
    tell(0)
