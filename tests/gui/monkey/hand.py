"""The monkey: it chooses steps by a seed, takes them from within Qt's event loop, and keeps a list of what it did.

A step is chosen among what can be done at that moment and written down in words that find the same thing again, so that
a list of steps can be taken once more. The phones answer on threads of their own: a replay is as close as that allows.
"""

from __future__ import annotations

import io
import random
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import IO, Any, Final

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from core.phones.states import PhoneState
from core.simulator import scenario_list
from core.simulator.model.installed import Package
from gui.desk.acts.all_acts import HAND_BACK, REMOVE, STOP, STOP_REMOVAL
from gui.desk.acts.desk_act import DeskAct
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_view import Phase
from tests.gui.conftest import MakeOffice, Office
from tests.gui.monkey import controls, truth
from tests.gui.monkey.inputs import LONG_BADGE, SIZES, STATES, TEXTS, WORKING_KEYS
from tests.gui.toolkit.test_key_bursts import scan
from tests.kit.holders_hand import can_start, come_back, remove_by_hand

#: Phones in pockets, phones on the bus, and practice phones of the menu, that are there at once.
_POCKETS: Final = 4
_PLUGGED: Final = 8
_PRACTISED: Final = 4
#: How many of the last steps are told of a failure.
TOLD: Final = 60
#: Steps between two looks whether all is true.
_LOOK: Final = 50


@dataclass(frozen=True)
class Step:
    """One thing that is done, with what it is done to."""

    kind: str
    arguments: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return repr((self.kind, *self.arguments))


class Monkey:
    """Takes steps in an open window, for as many as it is told; `faults` is what was wrong at the first look."""

    def __init__(self, open_office: MakeOffice, warnings: Callable[[], Sequence[str]], seed: int) -> None:
        self._open_office = open_office
        self._warnings = warnings
        self._random = random.Random(seed)
        self._replay: deque[Step] | None = None
        self.steps: list[Step] = []
        self.faults: list[str] = []
        self.agreements = truth.Agreements()
        #: The visits whose sealed count was compared, or on whose phone something was done while it was handed back.
        self.compared: set[str] = set()
        #: The packages of phones as they were before a hand removed them.
        self.known: dict[tuple[str, str], Package | None] = {}
        self.office = self._open()
        #: Whether it closes the window now and then, and opens it again.
        self.closes = True
        #: Where each step is written before it is taken.
        self.trace: IO[str] = io.StringIO()
        #: Called after every so many steps, with how many it has taken.
        self.on_many: Callable[[int], None] = lambda steps: None
        self.many = 1_000
        #: Who pressed what of a removal, for a report.
        self.heard: list[str] = []
        self._number = 0
        self._kind = ""
        self._limit: Callable[[], bool] = lambda: True
        self._depth, self._resting = 0, False
        self._loop = QEventLoop()

    # --- a run

    def run(self, is_over: Callable[[], bool]) -> None:
        """Take steps until `is_over`, or until something is wrong; then close whatever asks something."""
        self._limit = is_over
        hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = partial(self._caught, hooks[0])
        threading.excepthook = partial(self._caught, hooks[1])
        sys.unraisablehook = partial(self._caught, hooks[2])
        try:
            self._later()
            self._loop.exec()
        finally:
            sys.excepthook, threading.excepthook, sys.unraisablehook = hooks

    def replay(self, steps: Sequence[Step]) -> None:
        """Take these steps again; one whose control is not there is left out."""
        self._replay = deque(steps)
        self.run(lambda: not self._replay)

    def end(self) -> None:
        """Let everything come to rest, close the window, and look a last time."""
        office = self.office
        office.let_go()
        phones = office.fanion.phones
        office.until(lambda: not phones.changing, "to an end of the removals")
        for key in list(office.sightings):
            office.unplug(key)
        for session in [session for session in phones.sessions if session.scenario and not session.absent]:
            phones.put_away(session)  # one that waits for its holder would do so for ever
        office.until(lambda: not any(s.busy or s.at_work for s in phones.sessions), "to rest")
        self._look()
        self.faults += truth.unasked_removals(office, self.agreements)
        office.close()
        self.faults += truth.unverified_logs(office)
        self.faults += truth.typed_elsewhere(office, TEXTS)

    def report(self) -> str:
        """What was wrong, and the last steps, as they can be replayed."""
        steps = "\n".join(map(str, self.steps[-TOLD:]))
        return "\n".join((*self.faults, *self.heard[-TOLD:])) + f"\nThe last of {len(self.steps)} steps:\n{steps}"

    def _caught(self, hook: Callable[..., object], *arguments: Any) -> None:
        self.faults.append(f"exception: {arguments[0]!r} {arguments[1:2]!r}")
        hook(*arguments)

    def _open(self) -> Office:
        office = self._open_office()
        office.page.desk_actions.act_wanted.connect(self._heard)
        office.fanion.phones.changed.connect(self._compare)
        return office

    def _compare(self, session: PhoneSession) -> None:
        """Lay what was sealed of a phone that was just handed back beside what is on it."""
        server = self.office.servers.get(session.key)
        there = server is not None and session.key in self.office.sightings
        if session.is_handed_back and server is not None and there and session.number not in self.compared:
            self.compared.add(session.number)
            self.faults += truth.sealed_against_phone(self.office, session, server)

    def _heard(self, act: DeskAct) -> None:
        """The page hears that an act is wanted, and has done it: note who has agreed to what."""
        session = self.office.page.session
        if session is None:
            return
        if act in (REMOVE, STOP, STOP_REMOVAL):
            self.heard.append(f"{datetime.now(UTC):%H:%M:%S.%f} {session.number} {act.name} by {self.steps[-1]}")
        if act is REMOVE and self._kind in ("key", "click", "double", "entry", "point", "type"):
            if session.coming_removal is not None or session.asks_told:
                self.agreements.add(session.number, truth.pause_of(self.office, session))
        elif act in (STOP, STOP_REMOVAL):
            self.agreements.take_back(session.number)

    # --- in the event loop

    def _later(self) -> None:
        QTimer.singleShot(self._random.choice((0, 0, 0, 5, 15)), self._turn)

    def _turn(self) -> None:
        if self._resting:  # the turn that waits goes on first
            self._later()
            return
        if self.faults or self._limit():
            self._wind_up()
            return
        if self._depth == 0 and not self.office.window.isVisible():
            self._reopen()
        self._later()  # before anything is done: a dialog has a loop of its own
        self._depth += 1
        try:
            for _ in range(self._random.choice((1, 1, 2, 3, 5))):
                if self.faults or self._limit() or not self.office.window.isVisible():
                    break
                self.take(self._next())
        finally:
            self._depth -= 1

    def _wind_up(self) -> None:
        """Close menus and dialogs, the innermost first: each has a loop of its own."""
        popup, dialog = QApplication.activePopupWidget(), QApplication.activeModalWidget()
        if popup is not None:
            popup.close()
        elif isinstance(dialog, QDialog):
            dialog.reject()
        elif dialog is not None:
            dialog.close()
        if self._depth:
            QTimer.singleShot(0, self._wind_up)
        else:
            self._loop.quit()

    def _reopen(self) -> None:
        """The window was closed: the program ends, and is started again."""
        self.faults += truth.unasked_removals(self.office, self.agreements)
        office = self.office
        office.close()
        del office.fanion, office.window  # the fixture keeps every office to the end, and would keep these with it
        self.office = self._open()
        self.agreements.begin_anew()

    def _look(self) -> None:
        self.faults += truth.page_against_log(self.office)

    # --- steps

    def _next(self) -> Step:
        if self._replay is not None:
            return self._replay.popleft()
        return self._choose()

    def take(self, step: Step) -> None:
        """Take one step, and write it down."""
        self.steps.append(step)
        print(step, file=self.trace, flush=True)
        before, self._kind = self._kind, step.kind
        try:
            getattr(self, f"_do_{step.kind}")(*step.arguments)
        finally:
            self._kind = before
        if warnings := self._warnings():
            listeners = controls.listeners(step.arguments[0]) if step.kind == "key" else []
            self.faults += [f"{warning} (after {step}, listening: {listeners})" for warning in warnings]
        if len(self.steps) % _LOOK == 0:
            self._look()
        if len(self.steps) % self.many == 0:
            self.on_many(len(self.steps))

    def _choose(self) -> Step:
        pick = self._random
        if (
            QApplication.activePopupWidget() is not None or QApplication.activeModalWidget() is not None
        ) and pick.random() < 0.7:
            return self._press_or_click()
        kinds = {
            self._press_or_click: 62,
            self._plug_or_pull: 9,
            self._change_state: 4,
            self._by_hand: 4,
            self._hand_back: 2,
            self._scan: 4,
            self._type: 10,
            self._surroundings: 3,
            self._point: 6,
            self._end_of_day: 0.25 if self.closes else 0,
        }
        return pick.choices(list(kinds), list(kinds.values()))[0]()

    def _press_or_click(self) -> Step:
        pick = self._random
        if pick.random() < 0.45:
            return Step("key", (self._key(),))
        if entries := controls.menu_entries():
            return Step("entry", (pick.choice(entries),))
        here = controls.controls()
        if not here:
            return Step("key", ("Esc",))
        kind = "double" if pick.random() < 0.1 else "click"
        at = (round(pick.uniform(0.05, 0.95), 2), round(pick.uniform(0.05, 0.95), 2))
        return Step(kind, (pick.choice(here)[0], at))

    def _key(self) -> str:
        pick = self._random
        source = pick.random()
        if source < 0.5:
            return pick.choice(WORKING_KEYS)
        window: QWidget = QApplication.activeModalWidget() or self.office.window
        keys = controls.keys_of(window) if source < 0.85 else controls.mnemonics()
        keys = [key for key in keys if self.closes or key != "Ctrl+Q"]
        return pick.choice(keys or WORKING_KEYS)

    def _plug_or_pull(self) -> Step:
        pick, office = self._random, self.office
        roll = pick.random()
        if len(office.sightings) >= _PLUGGED or (office.sightings and roll < 0.4):
            return Step("unplug", (pick.choice(sorted(office.sightings)),))
        if roll < 0.55:
            return Step("practise", (pick.choice(scenario_list.every()),))
        pocket = sorted(set(office.servers) - set(office.sightings))
        if pocket and roll < 0.75:
            return Step("plug", (pick.choice(pocket), ""))
        self._number += 1
        return Step("plug", (f"K{self._number}", pick.choice(_at_desk())))

    def _change_state(self) -> Step:
        there = sorted(self.office.sightings)
        if not there:
            return self._plug_or_pull()
        return Step("state", (self._random.choice(there), self._random.choice(STATES).name))

    def _by_hand(self) -> Step:
        there = sorted(set(self.office.servers) & {s.key for s in self.office.fanion.phones.sessions if s.check})
        if not there:
            return self._plug_or_pull()
        key = self._random.choice(there)
        return Step("by_hand", (key, self._random.randrange(8)))

    def _hand_back(self) -> Step:
        return Step("hand_back", (self._random.choice(TEXTS),))

    def _scan(self) -> Step:
        text = self._random.choice((*TEXTS, LONG_BADGE if self._random.random() < 0.1 else "DRH-1"))
        return Step("scan", (text + self._random.choice(("\n", "\n", "", "\t")),))

    def _type(self) -> Step:
        return Step("type", (self._random.choice(TEXTS),))

    def _surroundings(self) -> Step:
        pick = self._random
        if pick.random() < 0.4:
            return Step("size", pick.choice(SIZES))
        return Step("page", (pick.choice(sorted(self.office.window.rows)),))

    def _point(self) -> Step:
        return Step("point", (round(self._random.random(), 3), round(self._random.random(), 3)))

    def _end_of_day(self) -> Step:
        return Step("close")

    # --- what each does

    def _do_key(self, keys: str) -> None:
        if controls.key_target() is not None:
            self.office.press(keys)

    def _do_click(self, signature: str, at: tuple[float, float]) -> None:
        if (widget := controls.control(signature)) is not None:
            controls.click(widget, at)

    def _do_entry(self, words: str) -> None:
        controls.choose_entry(words)

    def _do_double(self, signature: str, at: tuple[float, float]) -> None:
        if (widget := controls.control(signature)) is not None:
            controls.click(widget, at, double=True)

    def _do_point(self, x: float, y: float) -> None:
        if windows := controls.open_windows():
            controls.click_at(windows[-1], (x, y))

    def _do_type(self, text: str) -> None:
        if (target := controls.key_target()) is not None:
            controls.write(target, text)

    def _do_scan(self, text: str) -> None:
        if QApplication.activePopupWidget() is None and QApplication.activeWindow() is not None:
            scan(self.office.window, text)

    def _do_plug(self, key: str, scenario: str) -> None:
        office = self.office
        if scenario:
            for old in sorted(set(office.servers) - set(office.sightings))[: max(len(office.servers) - _POCKETS, 0)]:
                office.servers.pop(old).close()
        if scenario or key in office.servers:
            office.plug(key, scenario)

    def _do_unplug(self, key: str) -> None:
        if key in self.office.sightings:
            self._leaves(key)
            self.office.unplug(key)

    def _do_state(self, key: str, state: str) -> None:
        if key in self.office.sightings:
            if PhoneState[state] is not PhoneState.READY:
                self._leaves(key)
            self.office.plug(key, state=PhoneState[state])

    def _do_by_hand(self, key: str, number: int) -> None:
        """Its holder removes one of the apps that were found, or installs it again."""
        server = self.office.servers.get(key)
        checks = [s.check for s in self.office.fanion.phones.sessions if s.key == key and s.check is not None]
        found = sorted({finding.app.package for check in checks for finding in check.red})
        if server is None or not found:
            return
        name = found[number % len(found)]
        package = self.known.setdefault((key, name), server.phone.packages.get(name))
        if can_start(server, name):
            remove_by_hand(server, name)
        elif package is not None:
            come_back(server, package)
        self._changes(key)

    def _do_hand_back(self, reason: str) -> None:
        """Hand a phone back as it is: chance alone does not find all of its presses."""
        read = [s for s in self.office.fanion.phones.sessions if s.check and not (s.busy or s.absent or s.at_work)]
        if read and QApplication.activePopupWidget() is None and QApplication.activeModalWidget() is None:
            self.office.window.open_page("desk")
            self.office.window.desk_page.choose(read[0])
            page = self.office.page
            page.desk_actions.want(HAND_BACK)
            if page.block.reason.isVisible():
                page.block.reason.setFocus()
                controls.write(page.block.reason, reason)
            self._do_key("Alt+F")

    def _changes(self, key: str) -> None:
        """Something happens to a phone: what is just being sealed of it may be from before that, or from after."""
        sessions = self.office.fanion.phones.sessions
        self.compared |= {s.number for s in sessions if s.key == key and s.phase is Phase.HANDING_BACK}

    def _leaves(self, key: str) -> None:
        """A phone leaves before what was agreed to for it is due: it is not agreed to any more."""
        self._changes(key)
        for session in self.office.fanion.phones.sessions:
            if session.key == key and session.coming_removal is not None:
                self.agreements.take_back(session.number)

    def _do_practise(self, scenario: str) -> None:
        phones = self.office.fanion.phones
        practised = [s for s in phones.sessions if s.scenario and not s.absent]
        if len(practised) >= _PRACTISED:
            phones.put_away(practised[0])
        self.office.window.desk_page.practise(scenario)

    def _do_size(self, width: int, height: int) -> None:
        self.office.window.resize(width, height)

    def _do_page(self, name: str) -> None:
        if QApplication.activeModalWidget() is None:
            self.office.window.open_page(name)

    def _do_rest(self) -> None:
        """Wait until nothing is under way with any phone. No monkey does: for lists of steps that are written."""
        self._resting = True
        self.office.idle()
        self._resting = False

    def _do_close(self) -> None:
        if QApplication.activeModalWidget() is None:
            self.office.window.close()


def _at_desk() -> tuple[str, ...]:
    """The practice phones that a bus can bring: an iPhone's server is another one."""
    names = scenario_list.names("android")
    return tuple(name for name in names if scenario_list.begins(name) == "ready")
