"""The window: how soon it is there, how quick its search is, how late it gets, what many phones leave behind."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bench.rig import ROOT, ServedPhone, practice_phones

#: A bare window with a table of 300 rows, which says when it was painted first.
BARE = """
import os, sys
from PySide6.QtCore import QAbstractTableModel, QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

class Rows(QAbstractTableModel):
    def rowCount(self, parent=None): return 300
    def columnCount(self, parent=None): return 7
    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        return f"row {index.row()} {index.column()}" if role == Qt.ItemDataRole.DisplayRole else None

class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        os._exit(0)

app = QApplication([])
app.setStyle("Fusion")
window = Window()
table = QTableView()
rows = Rows()
table.setModel(rows)
window.setCentralWidget(table)
window.resize(1366, 768)
window.show()
app.exec()
"""

#: Fanion as it is started, which ends with its first painting. The window is loaded when Fanion loads it.
OURS = """
import os, sys
from gui import __main__
from gui.startup import startup_check

has_no_screen = startup_check.has_no_screen

def painted(self, event):
    os._exit(0)

def loads_window():
    from gui.window.main_window import MainWindow
    MainWindow.paintEvent = painted
    return has_no_screen()

startup_check.has_no_screen = loads_window
sys.argv = ["fanion", "--data", sys.argv[1]]
sys.exit(__main__.main())
"""

#: A desk's screen: a smaller one has the list of phones lose its words.
SCREEN = {"name": "a", "x": 0, "y": 0, "width": 1366, "height": 768, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}


def start() -> None:
    """From the start of the process to the first painting, against a bare window: seconds, and seconds of the
    processor, which are nearly the same on a machine that does other things too."""
    with tempfile.TemporaryDirectory() as folder:
        screen = Path(folder, "screen.json")
        screen.write_text(json.dumps({"screens": [SCREEN]}))
        environment = {"QT_QPA_PLATFORM": f"offscreen:configfile={screen}", **os.environ}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody's second start compiles anything
        environment["PYTHONPYCACHEPREFIX"] = str(Path(folder, "compiled"))

        def run(program: str) -> tuple[float, float]:
            begun = time.perf_counter()
            process = subprocess.Popen([sys.executable, "-c", program, folder], cwd=ROOT, env=environment)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0, program
            return time.perf_counter() - begun, used.ru_utime + used.ru_stime

        # As on every day but the first, on which it also asks who works here.
        Path(folder, "settings.toml").write_text('officer = "A. Roy"\ndesk = "Desk 4"\n')
        run(BARE), run(OURS)
        bare, ours = [], []
        for _ in range(15):  # in turn, so that whatever else the machine does hits both
            bare.append(run(BARE))
            ours.append(run(OURS))
    for number, name in enumerate(("", ", seconds of the processor")):
        with_us, without = (statistics.median(taken[number] for taken in runs) for runs in (ours, bare))
        print(f"start / bare window{name}: {with_us / without:.2f}  ({with_us:.3f} s / {without:.3f} s)")


@contextlib.contextmanager
def window(folder: Path, **phones: Any) -> Iterator[tuple[Any, Any]]:
    """Fanion's window with nothing plugged in."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from core.desk.desk import Desk
    from gui.startup.application import Fanion
    from gui.startup.garbage_collector import keep_responsive

    app = QApplication.instance() or QApplication([])
    # A phone that is plugged in waits until it is known who works here.
    Path(folder, "settings.toml").write_text('officer = "A. Roy"\ndesk = "Desk 4"\n')
    fanion = Fanion(app, Desk.at(folder), **{"watch": NoPhones, **phones})
    garbage = keep_responsive(app)
    garbage.follow(fanion.phones, fanion.runner)
    fanion.window.show()
    wait(app, lambda: fanion.runner.idle)
    try:
        yield app, fanion
    finally:
        garbage.stop()
        fanion.close()
        app.processEvents()


class NoPhones:
    """A watch that sees nothing, so that what is plugged into this machine is left alone."""

    def __init__(self, changed: Callable[[Any], None]) -> None:
        pass

    def start(self) -> None:
        return None

    def stop(self) -> None:
        pass


def wait(app: Any, until: Callable[[], bool], seconds: float = 120.0) -> None:
    """Let the event loop run."""
    from PySide6.QtCore import QEventLoop

    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            raise TimeoutError
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


#: What is typed into a search, as it is there after each key.
TYPED = ("c", "co", "com", "com.", "app1", "app19", "app199", "app1999", "zzz", "", "1.7", "personal")


def typing() -> None:
    """One key after the other into the search over 2,000 apps and over 20,000, each painted, against a table that has
    nothing but words: seconds of the processor, which are nearly the same on a machine that does other things too."""
    with tempfile.TemporaryDirectory() as folder, window(Path(folder)) as (app, fanion):
        session = fanion.window.desk_page.practise("walk-up")
        wait(app, lambda: session.check is not None and not session.busy)
        page = fanion.window.desk_page.page
        page.fold.open(True)
        for count in (2_000, 20_000):
            show_apps(fanion, session, count)
            wait(app, lambda count=count: page.apps.model.rowCount() == count)
            ours = keys_taken(app, page.apps.search.setText)
            assert page.apps.model.rowCount() == count, "an empty search shows all"
            table, search = bare_table(app, count)
            table.resize(page.apps.table.size())
            table.show()
            bare = keys_taken(app, search)
            table.close()
            print(
                f"a key in the search over {count:,} apps / in a bare table: "
                f"{statistics.median(ours) / statistics.median(bare):.2f}  ({statistics.median(ours):.1f} ms, at most "
                f"{max(ours):.1f} ms / {statistics.median(bare):.1f} ms)"
            )


def show_apps(fanion: Any, session: Any, count: int) -> None:
    """Have the phone say that it has so many apps, none of which is banned."""
    from dataclasses import replace

    from core.model import App, AppState, Check, Inventory, Profile, ProfileKind
    from gui.desk.session.app_rows import rows_of

    made = [
        App(f"com.example.app{i}.something", i, f"1.{i}", "com.android.vending", states=(AppState(0, True),))
        for i in range(count)
    ]
    profile = Profile(0, "Owner", ProfileKind.PERSONAL)
    inventory = Inventory(session.check.inventory.phone, (profile,), tuple(made))
    check: Check = replace(session.check, inventory=inventory, findings=())
    session.checked = replace(session.checked, check=check, rows=rows_of(check))
    fanion.phones.has_changed(session)


def bare_table(app: Any, count: int) -> tuple[Any, Callable[[str], None]]:
    """A table of so many rows with seven columns of words, and what narrows it to the rows that have a text."""
    from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
    from PySide6.QtWidgets import QTableView

    root = QModelIndex()
    every = [[f"com.example.app{i}.something", f"1.{i}", "personal", "", "", "", ""] for i in range(count)]

    class Rows(QAbstractTableModel):
        shown = every

        def rowCount(self, parent: Any = root) -> int:  # noqa: N802 - Qt's own name
            return len(self.shown)

        def columnCount(self, parent: Any = root) -> int:  # noqa: N802
            return 7

        def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
            return self.shown[index.row()][index.column()] if role == Qt.ItemDataRole.DisplayRole else None

        def search(self, text: str) -> None:
            self.beginResetModel()
            self.shown = [row for row in every if any(text in cell for cell in row)]
            self.endResetModel()

    table = QTableView()
    rows = Rows(table)
    table.setModel(rows)
    return table, rows.search


def keys_taken(app: Any, search: Callable[[str], object]) -> list[float]:
    """Milliseconds of the processor for each key, until it is painted: the least of five times."""
    for _ in range(20):  # what was to be painted before is
        app.processEvents()
    taken = []
    for _ in range(5):
        times = []
        for text in TYPED:
            begun = time.process_time()
            search(text)
            app.processEvents()
            times.append((time.process_time() - begun) * 1000)
        search("")
        app.processEvents()
        taken.append(times)
    return [min(times) for times in zip(*taken, strict=True)]


def switching() -> None:
    """The other language and the other colours, until they are painted, with three phones and every page opened."""
    from gui.toolkit.theme import ColourScheme

    with tempfile.TemporaryDirectory() as folder, window(Path(folder)) as (app, fanion):
        main = fanion.window
        sessions = [main.desk_page.practise(scenario) for scenario in ("walk-up", "secure-folder", "clean")]
        wait(app, lambda: all(session.check is not None and not session.busy for session in sessions))
        for page in ("log", "policy", "desk"):
            main.open_page(page)
            wait(app, lambda: fanion.runner.idle)

        def taken(act: Callable[[], None]) -> list[float]:
            times = []
            for _ in range(12):
                begun = time.perf_counter()
                act()
                main.repaint()
                times.append((time.perf_counter() - begun) * 1000)
                wait(app, lambda: fanion.runner.idle)
            return times

        main.looks.choose(ColourScheme.LIGHT)
        for name, act in (("language", main.switches.switch_language), ("colours", main.switches.switch_scheme)):
            times = taken(act)
            print(f"the other {name}: {statistics.median(times):.0f} ms, at most {max(times):.0f} ms")


def late() -> None:
    """How late the event loop gets while 32 practice phones, each in a process of another, are checked at once."""
    from PySide6.QtCore import QTimer

    count = 32
    with (
        practice_phones(*["walk-up"] * count) as ports,
        tempfile.TemporaryDirectory() as folder,
        window(Path(folder)) as (app, fanion),
    ):
        lateness = _lateness(app, fanion, ports, QTimer)
    ordered = sorted(lateness)
    print(
        f"event loop while {count} phones are checked: late by {statistics.median(ordered):.1f} ms (median), "
        f"{ordered[int(len(ordered) * 0.99)]:.1f} ms (99 %), at most {ordered[-1]:.1f} ms, in {len(ordered)} looks"
    )


def _lateness(app: Any, fanion: Any, ports: list[int], timer_class: Any) -> list[float]:
    # What is loaded once, with the first phone, is not what is measured here.
    first = fanion.window.desk_page.practise("walk-up")
    wait(app, lambda: not first.busy)
    lateness: list[float] = []
    last = [time.perf_counter()]

    def tick() -> None:
        now = time.perf_counter()
        lateness.append((now - last[0]) * 1000 - 10)
        last[0] = now

    timer = timer_class()
    timer.setInterval(10)
    timer.setTimerType(_precise())
    timer.timeout.connect(tick)
    begun = time.perf_counter()
    last[0] = begun
    timer.start()
    sessions = []
    for port in ports:  # a hub that is plugged in: one phone after the other, each told by itself
        sessions.append(fanion.phones.add(f"bench-{port}", f"Phone {port}", ServedPhone(fanion.desk, port)))
        app.processEvents()
    wait(app, lambda: all(not session.busy for session in sessions))
    timer.stop()
    assert all(session.check is not None and session.bans for session in sessions)
    return lateness


def _precise() -> Any:
    from PySide6.QtCore import Qt

    return Qt.TimerType.PreciseTimer


def cycles() -> None:
    """500 times plugged in, checked and unplugged: threads, widgets, open files and memory after the first 100 and
    all."""

    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0

    def memory() -> float:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20

    with tempfile.TemporaryDirectory() as folder, window(Path(folder), pace=0.0) as (app, fanion):

        def one() -> None:
            session = fanion.window.desk_page.practise("clean")
            wait(app, lambda: not session.busy)
            fanion.phones.put_away(session)
            wait(app, lambda: fanion.runner.idle)
            fanion.phones.put_away(session)
            wait(app, lambda: True)

        for _ in range(100):  # lists that are bounded have filled up by then
            one()
        gc.collect()
        before = threading.active_count(), len(app.allWidgets()), descriptors(), memory()
        for _ in range(400):
            one()
        gc.collect()
        after = threading.active_count(), len(app.allWidgets()), descriptors(), memory()
    names = ("threads", "widgets", "descriptors")
    told = ", ".join(f"{name} {b} -> {a}" for name, b, a in zip(names, before, after, strict=False))
    print(f"500 phones plugged, checked, unplugged: {told}, memory {before[3]:.0f} -> {after[3]:.0f} MiB")
