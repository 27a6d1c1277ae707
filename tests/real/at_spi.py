"""The real window on a screen of its own, as a screen reader finds it: what is showing, what is told, and keys.

The screen is Xvfb's, the buses are private ones, and the reader is ``screen_reader.py``, in Debian's own Python.
"""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

READER: Final = Path(__file__).with_name("screen_reader.py")
#: Debian's own, which its packages of AT-SPI are for.
DEBIANS_PYTHON: Final = "/usr/bin/python3"
#: What has to be there, each in a package of Debian's.
PROGRAMS: Final = ("Xvfb", "xdotool", "dbus-run-session", "/usr/libexec/at-spi2-registryd")
#: How the window is started.
FANION: Final = (sys.executable, "-m", "gui")
#: Seconds that anything may take to show itself.
LIMIT: Final = 60.0
#: How Orca's debug file tells what goes to its voice.
SPOKEN: Final = re.compile(r"SPEECH OUTPUT: ['\"](.*)['\"] \{")
#: Roles of what is only there to hold other things.
HOLDERS: Final = frozenset({"filler", "panel", "layered pane", "split pane", "scroll pane", "viewport", "unknown"})


def missing() -> str:
    """What the machine lacks for these tests; empty where nothing is."""
    lacking = [name for name in PROGRAMS if not shutil.which(name)]
    if lacking:
        return ", ".join(lacking)
    speaks = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"
    tried = subprocess.run([DEBIANS_PYTHON, "-c", speaks], capture_output=True, check=False)
    return "AT-SPI for Python" if tried.returncode else ""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that is showing, as AT-SPI tells of it."""

    role: str
    name: str
    description: str
    states: frozenset[str]
    #: The place in the tree of what it is in; -1 for a window.
    within: int
    #: What is written in a field.
    text: str
    #: The language that it is in, such as "fr_CA".
    locale: str

    @property
    def usable(self) -> bool:
        """Whether it can be used now; a screen reader says "unavailable" where it cannot."""
        return {"enabled", "sensitive"} <= self.states

    def __str__(self) -> str:
        return f"{self.role} {self.name!r}"


@dataclass(frozen=True, slots=True)
class Told:
    """Something that the window told a screen reader by itself."""

    event: str
    role: str
    name: str
    on: bool
    text: str


class Reader:
    """Looks at one application, and hears what it tells."""

    def __init__(self, environment: dict[str, str], application: str) -> None:
        self._application = application
        self._process = subprocess.Popen(
            [DEBIANS_PYTHON, str(READER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        self._read = b""
        #: Everything that was told, in order.
        self.told: list[Told] = []
        self._next(time.monotonic() + LIMIT)  # it listens

    def look(self) -> list[Thing]:
        """What is showing now."""
        tree = self._ask(f"look {self._application}", "tree")
        return [Thing(**{**thing, "states": frozenset(thing["states"])}) for thing in tree]

    def act(self, role: str, name: str) -> str | None:
        """Do what the thing of this role and name offers first; gives what that is called, or None without any."""
        action = self._ask(f"act {self._application}\t{role}\t{name}", "action")
        return None if action is None else str(action)

    def _ask(self, command: str, answer: str) -> Any:
        """Say a command to the reader, and listen for the answer of this name."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n".encode())
        self._process.stdin.flush()
        until = time.monotonic() + LIMIT
        while (said := self._next(until)) is None or answer not in said:
            assert time.monotonic() < until, f"the reader does not answer: {command}"
        return said[answer]

    def until(self, true: Callable[[list[Thing]], object], what: str) -> list[Thing]:
        """What is showing once `true` says yes to it. Raises AssertionError with `what` if it never does."""
        end = time.monotonic() + LIMIT
        while True:
            seen = self.look()
            if true(seen):
                return seen
            if time.monotonic() > end:
                shown = "\n".join(f"{thing} {thing.text!r} {sorted(thing.states)}" for thing in seen)
                raise AssertionError(f"not found: {what}. Showing:\n{shown}\nTold: {self.told[-20:]}")
            self.wait(0.5)

    def hear(self, true: Callable[[], object], what: str) -> None:
        """Listen until `true` says yes to what was told. Raises AssertionError with `what` if it never does."""
        end = time.monotonic() + LIMIT
        while not true():
            assert time.monotonic() < end, f"not told: {what}. Told: {self.told[-20:]}"
            self.wait(0.5)

    def wait(self, seconds: float) -> None:
        """Wait until something is told, but no longer than this, and take in all of it."""
        until = time.monotonic() + seconds
        while self._next(until) is not None:
            until = time.monotonic()

    def announced(self, since: int = 0) -> list[str]:
        """What was to be said at once, whatever has the focus."""
        return [told.text for told in self.told[since:] if told.event == "announcement"]

    def hear_said(self, begins: str, since: int = 0) -> str:
        """What begins so, once it is announced. Raises AssertionError if it never is, or is twice."""
        self.hear(lambda: any(said.startswith(begins) for said in self.announced(since)), f"“{begins}”")
        (said,) = [said for said in self.announced(since) if said.startswith(begins)]
        return said

    def hear_event(self, event: str, name: str, on: bool, *, since: int) -> None:
        """Listen until a state of the thing of this name is told. Raises AssertionError if it never is."""
        wanted = event, name, on
        self.hear(lambda: wanted in [(one.event, one.name, one.on) for one in self.told[since:]], str(wanted))

    def focused(self, since: int = 0) -> list[Told]:
        """Where the focus went."""
        return [told for told in self.told[since:] if told.event == "focus" and told.on]

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(LIMIT)
        self._process.stdout.close()

    def _next(self, end: float) -> dict[str, Any] | None:
        """The next thing that the reader says, an event being kept too; None if there is none until `end`."""
        assert self._process.stdout is not None
        while b"\n" not in self._read:
            left = max(end - time.monotonic(), 0.0)
            if not select.select([self._process.stdout], [], [], left)[0]:
                return None
            read = os.read(self._process.stdout.fileno(), 65_536)
            assert read, "the reader has ended"
            self._read += read
        line, _, self._read = self._read.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        if "role" in said:
            self.told.append(Told(**said))
        return said


class Seat:
    """A screen, a keyboard, and a reader in front of Fanion's window."""

    def __init__(self, environment: dict[str, str], program: subprocess.Popen[bytes]) -> None:
        self.environment = environment
        self.program = program
        self.reader = Reader(environment, "Fanion")

    def press(self, *keys: str) -> None:
        """Press keys one after the other, each by its X11 name, such as ``alt+r``."""
        subprocess.run(["xdotool", "key", *keys], env=self.environment, check=True)

    def press_and_hear(self, key: str) -> Told:
        """Press a key that moves the focus, and listen to where."""
        before = len(self.reader.focused())
        self.press(key)
        self.reader.hear(lambda: len(self.reader.focused()) > before, f"where {key} leads")
        return self.reader.focused()[-1]

    def type(self, words: str) -> None:
        """Type where the focus is."""
        subprocess.run(["xdotool", "type", words], env=self.environment, check=True)

    def give_focus(self, title: str = "Fanion") -> None:
        """Have the keyboard write into the window: on this screen no window manager does that."""
        find = ["xdotool", "search", "--sync", "--onlyvisible", "--name", title, "windowfocus", "--sync"]
        subprocess.run(find, env=self.environment, check=True, timeout=LIMIT)

    def tab_to(self, name: str, most: int = 60, *, slowly: bool = False) -> None:
        """Press Tab until something of this name has the focus. Raises AssertionError.

        Orca says nothing of what the focus only passes by: where it is to be heard, all that is showing is looked at
        before each key, which takes its time.
        """
        if name in self._focused():
            return
        led: list[str] = []
        while name not in led[-1:]:
            assert len(led) < most, f"Tab does not lead to {name!r}, but to {led}"
            led.append(self.press_and_hear("Tab").name)
            if slowly:
                self._focused()

    def _focused(self) -> list[str]:
        return [one.name for one in self.reader.look() if "focused" in one.states]


@contextmanager
def seat(fanion: Sequence[str | Path], data: Path) -> Iterator[Seat]:
    """Start Fanion's window on a new screen, over a private session bus, and read it until the end."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DBUS_SESSION_BUS_ADDRESS", "AT_SPI_BUS_ADDRESS")}
    environment |= {"QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "XDG_RUNTIME_DIR": str(data)}
    with ExitStack() as ending:
        # Without -noreset, the screen begins anew, and takes no one, when the only program that used it has gone.
        screen = ["Xvfb", "-displayfd", "1", "-noreset", "-screen", "0", "1366x768x24", "-nolisten", "tcp"]
        environment["DISPLAY"] = f":{_first_line(ending, screen, environment)}"
        bus = ["dbus-run-session", "--", "sh", "-c", 'echo "$DBUS_SESSION_BUS_ADDRESS"; exec cat']
        environment["DBUS_SESSION_BUS_ADDRESS"] = _first_line(ending, bus, environment, ends_itself=True)
        program = subprocess.Popen([*map(str, fanion), "--data", str(data)], env=environment)
        ending.callback(_end, program)
        made = Seat(environment, program)
        ending.callback(made.reader.close)
        yield made


def _first_line(
    ending: ExitStack, command: Sequence[str], environment: dict[str, str], *, ends_itself: bool = False
) -> str:
    """Start a program that stays until `ending`, and say what it says first.

    One that `ends_itself` does so at the end of its input: a bus takes along then what it has started.
    """
    asked = subprocess.PIPE if ends_itself else subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
    assert process.stdout is not None
    ending.callback(process.stdout.close)
    ending.callback(process.wait, LIMIT)
    if process.stdin is not None:
        ending.callback(process.stdin.close)
    else:
        ending.callback(process.terminate)
    return process.stdout.readline().decode().strip()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(LIMIT)


class Orca:
    """The screen reader of GNOME, in front of a seat. It has no voice here, and writes what it would say into a
    file."""

    def __init__(self, at: Seat, folder: Path) -> None:
        self._seat = at
        self._file = folder / "orca.txt"
        environment = at.environment | {"HOME": str(folder), "XDG_DATA_HOME": str(folder)}
        command = ["orca", "--debug-file", str(self._file), "--user-prefs", str(folder)]
        with (folder / "orca.out").open("wb") as out:
            self._process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        self.hear("Screen reader on.")
        end = time.monotonic() + LIMIT
        while not any(" button" in said for said in self.said()):  # it misses what happens while it starts
            assert time.monotonic() < end, f"Orca says nothing of the focus, but: {self.said()}"
            at.press_and_hear("Tab")
            at.reader.wait(1.0)

    def said(self) -> list[str]:
        """Everything that was said, in order."""
        if not self._file.exists():
            return []
        return SPOKEN.findall(self._file.read_text(encoding="utf-8", errors="replace"))

    def hear(self, words: str, since: int = 0) -> str:
        """What was said with these words in it, once it is. Raises AssertionError if it never is.

        Orca keeps back the end of its file until there is more to write: a key that does nothing is pressed meanwhile.
        """
        end = time.monotonic() + LIMIT
        turn = 0
        while True:
            found = [said for said in self.said()[since:] if words in said]
            if found:
                return found[0]
            assert time.monotonic() < end, f"Orca does not say {words!r}, but: {self.said()}"
            assert self._process.poll() is None, "Orca has ended"
            self._seat.reader.wait(0.2)
            turn += 1
            if turn % 10 == 0:
                self._seat.press("Shift_L")

    def close(self) -> None:
        self._process.kill()  # it takes its time over a polite request
        self._process.wait(LIMIT)
