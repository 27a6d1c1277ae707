"""Whole windows: the real one, over real practice phones, with real ledgers and threads; only the bus is a stand-in."""

from __future__ import annotations

import gc
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from PySide6.QtCore import QCoreApplication, QEvent, QKeyCombination, QSize, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QMessageBox,
    QTableView,
    QWidget,
)
from pytestqt.exceptions import TimeoutError as QtTimeoutError
from pytestqt.qtbot import QtBot

from core import text
from core.desk.desk import Desk
from core.jobs import Cancel
from core.ledger import writer
from core.model import Problem
from core.phones.connect import OnQuestion, Reach
from core.phones.driver import Driver
from core.phones.states import PhoneState
from core.phones.watch import Change, Road, Sighting
from core.simulator import PracticePhone, PracticeServer, Scenario, load
from core.system import sounds
from gui.desk.phone_page import PhonePage
from gui.desk.session import coming_removal
from gui.desk.session.phone_session import PhoneSession
from gui.desk.verdict.verdict_block import VerdictBlock
from gui.startup.application import Fanion
from gui.toolkit import buttons, file_dialogs, printing, roles
from gui.toolkit.focus_marks import FocusMarks
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.widgets import ElidedLabel
from tests.inside import is_at_rest, shows_all

#: Milliseconds that anything may take to show itself; and between two looks whether it has.
LIMIT = 60_000
LOOK = 8


@pytest.fixture(autouse=True)
def spoken_roles() -> None:
    """A screen reader is told of widgets as it is by the program."""
    roles.install()


@pytest.fixture(autouse=True)
def own_looks(qapp: QApplication) -> Iterator[None]:
    """Every test finds the application's palette, font, style sheet and colour scheme as the first one did."""
    palette, font, sheet = qapp.palette(), qapp.font(), qapp.styleSheet()
    yield
    qapp.styleHints().unsetColorScheme()
    if qapp.styleSheet() != sheet:
        qapp.setStyleSheet(sheet)
    if qapp.palette() != palette:
        qapp.setPalette(palette)
    if qapp.font() != font:
        qapp.setFont(font)


@pytest.fixture
def no_wrapper_left() -> None:
    """PySide holds nothing of what earlier tests have left to the collector: it would give the wrapper of a widget that
    is gone for another one at the same address, of which Qt would then tell a screen reader as of any widget."""
    gc.collect()


@pytest.fixture
def focus_marks(qapp: QApplication) -> Iterator[FocusMarks]:
    """Marks the focus, where a test has windows of its own."""
    marks = FocusMarks(qapp)
    yield marks
    marks.deleteLater()


def press_in(window: QWidget, key: Qt.Key = Qt.Key.Key_Home) -> None:
    """Press a key as the system hands it to a window; where none is named, one of those that lead on."""
    QTest.keyClick(window.windowHandle(), key)


@pytest.fixture
def department(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, department_is: Callable[[Path], None]) -> Path:
    """The department's settings file for this test alone, which is not there yet; nothing in the environment speaks."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "FANION_DATA"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "department" / "settings.toml"
    department_is(file)
    return file


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A desk's key for phones: making one takes a while."""
    from core.phones.android.link.adb_key import desk_key

    folder = tmp_path_factory.mktemp("key")
    desk_key(folder, "desk")
    return (folder / "adbkey").read_bytes()


@pytest.fixture(autouse=True)
def silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test is heard."""
    monkeypatch.setattr(sounds, "_play_by_windows", lambda file: False, raising=False)  # on Windows alone
    monkeypatch.setattr(sounds, "players", list)


@pytest.fixture(autouse=True)
def short_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A removal begins at once where a test does not say otherwise."""
    monkeypatch.setattr(coming_removal, "SECOND", 0)


class FakeWatch:
    """Stands for the bus: a test says what is plugged in. As the real one does, it tells on a thread of its own."""

    def __init__(self, changed: Callable[[Change], None], trouble: Problem | None) -> None:
        self._changed = changed
        self._trouble = trouble
        self.started = self.stopped = False

    def start(self) -> Problem | None:
        self.started = True
        return self._trouble

    def stop(self) -> None:
        self.stopped = True

    def tell(self, sighting: Sighting, *, plugged: bool) -> None:
        thread = threading.Thread(target=self._changed, args=(Change(sighting, plugged),), name="bus")
        thread.start()
        thread.join()


class FakeReach(Reach):
    """Opens a practice phone where a real one was sighted."""

    def __init__(self, keys: Path, desk: str) -> None:
        super().__init__(keys, desk)
        self.ports: dict[str, int] = {}

    def phone(self, sighting: Sighting, cancel: Cancel, asked: OnQuestion = lambda _: None) -> Driver:
        return self.address("127.0.0.1", self.ports[sighting.key], cancel, asked)


class Gate:
    """Holds a phone before it runs a command, until it is opened."""

    def __init__(self, server: PracticeServer, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._reached, self._open = threading.Event(), threading.Event()
        self._heard = False
        take_fault = PracticePhone.take_fault

        def held(phone: PracticePhone, named: str) -> Any:
            if phone is server.phone and named.startswith(command):
                self._reached.set()
                self._open.wait(60)
            return take_fault(phone, named)

        monkeypatch.setattr(PracticePhone, "take_fault", held)

    @property
    def reached(self) -> bool:
        """Whether the phone waits, and the window has heard what came before: between two looks it hears all of it."""
        waits = self._reached.is_set() and not self._open.is_set()
        heard, self._heard = self._heard, waits
        return waits and heard

    def open(self) -> None:
        self._open.set()


class Mute:
    """Something on the cable that takes a connection and never says a word."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    def close(self) -> None:
        self._listening.close()


class Disk:
    """The disk under the logs: it has room for so many writings more; None is for any number."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room: int | None = None
        writing = writer.writing

        @contextmanager
        def limited(database: Any) -> Iterator[None]:
            if self.room == 0:
                full = sqlite3.OperationalError("database or disk is full")
                full.sqlite_errorcode = sqlite3.SQLITE_FULL
                full.sqlite_errorname = "SQLITE_FULL"
                raise full
            if self.room is not None:
                self.room -= 1
            with writing(database):
                yield

        monkeypatch.setattr(writer, "writing", limited)


class Office:
    """One open window, with the phones that a test plugs into it, as an officer sees and uses it."""

    def __init__(self, qtbot: QtBot, data: Path, monkeypatch: pytest.MonkeyPatch, trouble: Problem | None) -> None:
        self.qtbot = qtbot
        self._monkeypatch = monkeypatch
        self.servers: dict[str, PracticeServer] = {}
        self._gates: list[Gate] = []
        self.mutes: list[Mute] = []
        self.sightings: dict[str, Sighting] = {}
        self.data = data
        self.desk = Desk.at(data)
        text.use(self.desk.settings.language)
        self.reach = FakeReach(data / "keys", self.desk.name)
        monkeypatch.setattr(self.desk, "_reach", self.reach)
        self.watches: list[FakeWatch] = []

        def watch(changed: Callable[[Change], None]) -> FakeWatch:
            self.watches.append(FakeWatch(changed, trouble))
            return self.watches[-1]

        app = QApplication.instance()
        assert isinstance(app, QApplication)
        for widget in QApplication.topLevelWidgets():  # none is held: PySide takes what it holds for what comes there
            widget.setProperty("before", True)
        self.fanion = Fanion(app, self.desk, pace=0.0, watch=watch)
        self.window = self.fanion.window
        #: Every colour and headline that the banner has shown, without repetition.
        self.shown: list[tuple[str, str]] = []
        self._closed = False

    @property
    def page(self) -> PhonePage:
        """The page of the chosen phone."""
        return self.window.desk_page.page

    @property
    def block(self) -> VerdictBlock:
        return self.page.block

    def _remember(self, session: PhoneSession) -> None:
        if self.page.session is not None:
            seen = self.colour, self.block.headline.text()
            if not self.shown or self.shown[-1] != seen:
                self.shown.append(seen)

    def show(self) -> None:
        if not self.fanion.settings.contains("window/geometry") and not self.window.kiosk.locked:
            self.window.setWindowState(Qt.WindowState.WindowNoState)
            self.window.resize(1366, 768)  # the offscreen screen is smaller than any that an officer has
        with self.qtbot.waitExposed(self.window):
            self.window.show()
        self.until(lambda: bool(self.watches) and self.watches[-1].started)
        self.fanion.phones.changed.connect(self._remember)
        self.window.activateWindow()
        self.until(lambda: QApplication.activeWindow() is self.window)

    def go_to_list(self) -> None:
        """Put the cursor into the list of phones."""
        self.window.desk_page.cards.setFocus()

    def close(self) -> None:
        """Close the window; fails if a window stays behind. May be called twice."""
        if self._closed:
            return
        self._closed = True
        self.let_go()
        for session in self.fanion.phones.sessions:
            session.call_off()
        if self.window.isVisible():
            self.until(lambda: not self.fanion.phones.changing)
        self.fanion.close()
        for server in self.servers.values():
            server.close()
        for mute in self.mutes:
            mute.close()
        left = self.leaked()
        assert not left, f"windows were left: {left}"
        assert all(watch.stopped for watch in self.watches)

    def leaked(self) -> list[QWidget]:
        """The windows that are still there although everything was closed."""
        for _ in range(3):
            QApplication.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return [widget for widget in QApplication.topLevelWidgets() if not widget.property("before")]

    # --- phones

    def serve(self, key: str, scenario: str | Scenario, **how: Any) -> PracticeServer:
        """A phone in somebody's pocket, not plugged in yet."""
        made = load(scenario) if isinstance(scenario, str) else scenario
        server = PracticeServer(made, **{"pace": 0.0, **how})
        self.servers[key] = server
        self.reach.ports[key] = server.port
        return server

    def mute(self, key: str) -> Mute:
        """A phone that will never answer."""
        mute = Mute()
        self.mutes.append(mute)
        self.reach.ports[key] = mute.port
        return mute

    def gate(self, server: PracticeServer, command: str) -> Gate:
        """Hold this phone before it runs `command`."""
        self._gates.append(Gate(server, command, self._monkeypatch))
        return self._gates[-1]

    def let_go(self) -> None:
        """Open every gate."""
        for gate in self._gates:
            gate.open()

    def plug(
        self, key: str, scenario: str | Scenario = "", state: PhoneState = PhoneState.READY, **how: Any
    ) -> PracticeServer | None:
        """Plug a phone in, or have the bus see another state of it."""
        if scenario:
            self.serve(key, scenario, **how)
        server = self.servers.get(key)
        if server is not None:
            server.plug()
        name = server.phone.scenario.device.model if server is not None else "Some phone"
        sighting = self.sightings[key] = Sighting(key, f"R5CT1{key}", name, state, Road.USB)
        self.watches[-1].tell(sighting, plugged=True)
        return server

    def unplug(self, key: str) -> None:
        """Pull the cable."""
        server = self.servers.get(key)
        if server is not None:
            server.unplug()
        gone = replace(self.sightings.pop(key), state=PhoneState.UNPLUGGED)
        self.watches[-1].tell(gone, plugged=False)

    # --- what is done

    def until(self, true: Callable[[], object], where: str = "") -> None:
        """Wait for something that is to be seen; `where` is told if it never is."""
        end = time.monotonic() + LIMIT / 1000
        while not true():
            if time.monotonic() > end:
                raise QtTimeoutError(f"it never came {where}")
            self.qtbot.wait(LOOK)

    def idle(self) -> None:
        """Wait until nothing is under way with any phone, and the window shows it so."""
        phones = self.fanion.phones

        def shown() -> bool:
            busy = any(session.busy or session.coming_removal for session in phones.sessions)
            still = bool(phones.sessions) and not busy
            return still and is_at_rest(self.fanion.runner) and shows_all(self.window.desk_page)

        self.until(shown)

    def click(self, button: QWidget | str) -> None:
        """Click a button, given as it is or by its words; fails where an officer could not."""
        found = self.button(button) if isinstance(button, str) else button
        assert found.isVisible(), f"nobody sees {button!r}"
        assert found.isEnabled(), f"nobody can click {button!r}"
        self.qtbot.mouseClick(found, Qt.MouseButton.LeftButton)

    def button(self, words: str, within: QWidget | None = None) -> QAbstractButton:
        """The visible button with these words."""
        buttons = (within or self.window).findChildren(QAbstractButton)
        found = [b for b in buttons if b.isVisible() and words in (b.text(), b.accessibleName())]
        assert len(found) == 1, f"{len(found)} buttons say {words!r}"
        return found[0]

    def press(self, keys: str | QKeySequence) -> None:
        """Press a key, or several at once, wherever the cursor is."""
        combination = QKeySequence(keys)[0]
        assert isinstance(combination, QKeyCombination)
        target = QApplication.focusWidget() or QApplication.activeWindow() or self.window
        self.qtbot.keyClick(target, combination.key(), combination.keyboardModifiers())

    def type(self, words: str) -> None:
        """Type where the cursor is."""
        self.qtbot.keyClicks(QApplication.focusWidget(), words)

    def answer(self, words: str) -> list[str]:
        """Answer the next question with the button that says so. The list fills with what the question said."""
        said: list[str] = []
        timer = QTimer(self.window, interval=10)

        def look() -> None:
            box = QApplication.activeModalWidget()
            if isinstance(box, QMessageBox):
                timer.stop()
                timer.deleteLater()
                said.extend((box.text(), box.informativeText()))
                next(b for b in box.buttons() if b.text().replace("&", "") == words).click()

        timer.timeout.connect(look)
        timer.start()
        return said

    def choose(self, number: int) -> None:
        """Click the row of a phone, by the order in which they came."""
        list_ = self.window.desk_page.cards
        area = list_.visualRect(list_.phones.place(self.fanion.phones.sessions[number]))
        self.qtbot.mouseClick(list_.viewport(), Qt.MouseButton.LeftButton, pos=area.center())

    def open_apps(self) -> None:
        """Unfold the table of apps, if it is folded up."""
        if not self.page.fold.is_open:
            self.click(self.page.fold.toggle)

    def remove(self) -> None:
        """Press the button that removes; where the policy asks for it, tick first that the holder was told."""
        self.until(self.block.remove.isVisible)
        if self.block.owner_told_box.isVisible():
            self.click(self.block.owner_told_box.box)
        self.click(self.block.remove)

    # --- what is seen

    def texts(self, within: QWidget | None = None) -> list[str]:
        """Every text on the screen; of a table its first 400 rows."""
        return texts(within or self.window)

    def says(self, words: str, within: QWidget | None = None) -> bool:
        """Whether these words stand somewhere on the screen."""
        return any(words in said for said in self.texts(within))

    def see(self, *words: str, within: QWidget | None = None) -> None:
        """Wait until all of this stands on the screen."""
        for some in words:
            self.until(partial(self.says, some, within))

    @property
    def headline(self) -> str:
        return self.block.headline.text()

    @property
    def colour(self) -> str:
        return str(self.block.property("kind")).removeprefix("block-")

    def cards(self) -> list[str]:
        """What each phone's row says, in the order in which the phones came."""
        list_, role = self.window.desk_page.cards, Qt.ItemDataRole.AccessibleTextRole
        return [str(list_.phones.place(session).data(role)) for session in self.fanion.phones.sessions]

    def card(self, row: int) -> str:
        """What one phone's card says; nothing while it is not there."""
        cards = self.cards()
        return cards[row] if row < len(cards) else ""

    def rows(self) -> list[list[str]]:
        """The table of apps, cell by cell."""
        model = self.page.apps.table.model()
        return [[str(model.index(r, c).data()) for c in range(model.columnCount())] for r in range(model.rowCount())]

    # --- what is on record

    def records(self, *, practice: bool = True) -> list[Any]:
        """The log, the oldest first."""
        with self.desk.read_ledger(practice=practice) as ledger:
            # What the ledger writes about its own keys is nobody's doing.
            return [e for e in reversed(ledger.newest(1000)) if e.kind not in ("log-begun", "key-next")]

    def kinds(self) -> list[str]:
        """What the records are about, without those of the program's own start."""
        return [r.kind for r in self.records() if r.kind not in ("program-start", "policy-loaded")]


def texts(within: QWidget) -> list[str]:
    """Every text that is visible in `within`."""
    found: list[str] = []
    for widget in (within, *within.findChildren(QWidget)):
        if not widget.isVisible():
            continue
        if isinstance(widget, ElidedLabel):
            found.append(widget.whole())
        elif isinstance(widget, QLabel | QAbstractButton | QLineEdit):
            found.append(widget.text())
        elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
            model = widget.model()
            columns = model.columnCount() if isinstance(widget, QTableView) else 1
            for row in range(min(model.rowCount(), 400)):
                found += [str(model.index(row, c).data()) for c in range(columns)]
    return found


MakeOffice = Callable[..., Office]


@pytest.fixture
def open_office(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, department: Path, key: bytes
) -> Iterator[MakeOffice]:
    """Opens windows, one after the other on the same data folder if no other is named; closes what is left open."""
    opened: list[Office] = []

    def make(
        data: Path | None = None,
        own: dict[str, object] | None = None,
        *,
        scheme: str = "light",
        trouble: Problem | None = None,
        at_list: bool = True,
    ) -> Office:
        """`own` is the officer's own settings file; only the first window on a folder writes one."""
        folder = data or tmp_path / "data"
        if not folder.exists():
            (folder / "keys").mkdir(parents=True)
            (folder / "keys" / "adbkey").write_bytes(key)
            mine = {"officer": "A. Roy", "desk": "Desk 4", "language": "en"} | (own or {})
            (folder / "settings.toml").write_text(tomli_w.dumps(mine), encoding="utf-8")
            (folder / "window.ini").write_text(f"[General]\nscheme={scheme}\n", encoding="utf-8")
        office = Office(qtbot, folder, monkeypatch, trouble)
        opened.append(office)
        office.show()
        if at_list:
            office.go_to_list()
        return office

    yield make
    for office in opened:
        office.close()


@pytest.fixture
def office(open_office: MakeOffice) -> Office:
    """An open window, light and in English, of an officer who is known."""
    return open_office()


@pytest.fixture
def fanion(office: Office) -> Fanion:
    """The open window itself, where a test needs no phone."""
    return office.fanion


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk under the logs."""
    return Disk(monkeypatch)


@pytest.fixture
def choose_path(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path | None], None]:
    """Chooses this file or folder in whichever dialog of the system's is opened next; with None, cancels it."""

    def choose(path: Path | None) -> None:
        for dialog in ("choose_new", "choose_file", "choose_folder", "save_as", "choose_files"):
            chosen = path if dialog != "choose_files" else [path] if path is not None else []
            monkeypatch.setattr(file_dialogs, dialog, lambda *asked, chosen=chosen: chosen)

    return choose


@pytest.fixture
def opened_outside(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What the system was asked to open, which it does not."""
    opened: list[Path] = []
    monkeypatch.setattr(file_dialogs, "open_outside", opened.append)
    return opened


@pytest.fixture
def printer_is(monkeypatch: pytest.MonkeyPatch) -> Callable[[QPrinter | None], None]:
    """Has the system have a printer, as its dialog gives it to whoever prints; None is given by who cancels."""

    def here(chosen: QPrinter | None) -> None:
        monkeypatch.setattr(printing, "has_printer", lambda: True)
        monkeypatch.setattr(printing, "choose_printer", lambda *_: chosen)

    return here


@pytest.fixture
def no_printer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Has the system have no printer, and whoever prints choose a file in its place."""

    def file_is(file: Path) -> None:
        monkeypatch.setattr(printing, "has_printer", lambda: False)
        monkeypatch.setattr(printing, "save_as", lambda *_: file)

    return file_is


@pytest.fixture
def settle(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Has a button that has just appeared take no press for so many milliseconds."""
    return lambda milliseconds: monkeypatch.setattr(buttons, "SETTLE", milliseconds)


@pytest.fixture
def second_lasts(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Has a second before a removal last so many milliseconds."""
    return lambda milliseconds: monkeypatch.setattr(coming_removal, "SECOND", milliseconds)


@pytest.fixture
def sheet_room(monkeypatch: pytest.MonkeyPatch) -> Callable[[QSize], None]:
    """Has a sheet find only so much room on the screen."""
    return lambda room: monkeypatch.setattr(JobDialog, "room", lambda sheet: room)
