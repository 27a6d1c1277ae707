"""What the command line says, and where: JSON on stdout, prose and progress on stderr, colours only on a terminal.

And what it hears there: answers to questions, and Ctrl-C as a stop button.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import getpass
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final, TextIO

from core.cli.layout import LEAST, wrapped
from core.jobs import Cancel, Progress
from core.problem import Problem
from core.system.files.file_lock import Waiting
from core.text import Bilingual, T, Text

_COLOURS: Final = {"red": "1;31", "amber": "1;33", "green": "1;32", "dim": "2", "bold": "1"}
#: The exit code of wrong usage.
WRONG_USAGE: Final = 2
#: How often a password may be typed.
TRIES: Final = 3
#: What the further lines of a broken line are indented by: its own indent, and the sign or number that it begins with.
_HANGING: Final = re.compile(r"\s*(?:[✖✔?!i→] |\d+  \S+ \S+(?: \S+)?  )?")


class Unwritten(Exception):  # noqa: N818 - a state of the world around the answer
    """The answer could not be written on stdout: its reader is gone, or the disk behind it is full or broken."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        #: Whether a program stopped reading, as ``head`` does: that is no failure of anyone.
        self.reader_gone = error.errno == errno.EPIPE or (sys.platform == "win32" and error.errno == errno.EINVAL)


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """Write a part of the answer on stdout. Raises Unwritten."""
    try:
        yield
    except OSError as error:
        raise Unwritten(error) from error


def flush() -> None:
    """Have what was answered until now leave this program. Raises Unwritten."""
    with answering():
        sys.stdout.flush()


class ColourMode(StrEnum):
    """When the output is coloured: on a terminal that can and may be, always, or never."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class _Colours:
    """Whether a stream is coloured in this run."""

    mode = ColourMode.AUTO

    def on(self, stream: TextIO) -> bool:
        """https://no-color.org: NO_COLOR with any value switches colours off where nothing else was asked for."""
        if self.mode is ColourMode.AUTO:
            return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        return self.mode is ColourMode.ALWAYS


_colours = _Colours()


def use_colours(mode: ColourMode) -> None:
    """Colour what is printed from now on as `mode` says."""
    _colours.mode = mode


def paint(text: object, colour: str, stream: TextIO) -> str:
    """`text` in `colour` if `stream` is coloured."""
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if _colours.on(stream) else str(text)


def columns(stream: TextIO) -> int:
    """The columns that a table may take: those of a terminal, or COLUMNS where that is exported; 0: any number."""
    width = shutil.get_terminal_size().columns if stream.isatty() or os.environ.get("COLUMNS") else 0
    return width if width >= LEAST else 0


def out(*lines: object) -> None:
    """Print lines of the answer on stdout. Raises Unwritten."""
    _progress.clear()
    with answering():
        _print(lines, sys.stdout)


def out_whole(*lines: str) -> None:
    """Print lines of the answer that another program reads: never broken. Raises Unwritten."""
    _progress.clear()
    with answering():
        for line in lines:
            print(line)


def say(*lines: object) -> None:
    """Print lines beside the answer on stderr. That they cannot be written changes nothing."""
    with contextlib.suppress(OSError, ValueError):
        _progress.clear()
        _print(lines, sys.stderr)


def _print(lines: tuple[object, ...], stream: TextIO) -> None:
    """Print lines; on a terminal broken between words, and indented as they began.

    What goes into a file or to another program has its lines whole: keys, paths and scripts may be among them.
    """
    width = columns(stream) if stream.isatty() else 0
    for line in (line for text in map(str, lines) for line in text.split("\n")):
        pieces = [line]
        if width:
            start = _HANGING.match(line)
            hanging = min(start.end() if start else 0, width // 2)
            pieces = wrapped(line, width, " " * hanging)
        print("\n".join(pieces), file=stream)


def pick(value: object, names: str) -> dict[str, Any]:
    """The attributes of `value` whose names are given, divided by spaces, as JSON has them; times in ISO 8601.

    ``key=name`` is an attribute that JSON has under another key.
    """
    keys = ((key, name or key) for key, _, name in (word.partition("=") for word in names.split()))
    return {key: _as_json(getattr(value, name)) for key, name in keys}


def _as_json(value: object) -> object:
    if isinstance(value, Bilingual | Text):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def answer_json(value: Mapping[str, Any] | list[Any]) -> None:
    """Print one JSON object on stdout. Raises Unwritten."""
    _progress.clear()
    with answering():
        json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
        print()


def answer(options: argparse.Namespace, value: Mapping[str, Any], *lines: object, code: int = 0) -> int:
    """Print `value` with ``--json``, else `lines`. Returns the exit code `code`."""
    if options.json:
        answer_json(value)
    else:
        out(*lines)
    return code


def problem(problem: Problem) -> None:
    """Print the sentence and the next step of a problem on stderr, and how the manual says more of it.

    Of wrong usage the next step says all.
    """
    say(paint(problem.sentence, "red", sys.stderr), problem.next_step)
    if problem.exit_code != WRONG_USAGE:
        more = T("More about this: fanion explain {code}", code=problem.code)
        say(paint(more, "dim", sys.stderr))


def ask(question: Text, default: str = "") -> str:
    """Ask for a line. Returns what the user typed; `default` if that is empty, or there is no terminal."""
    if not sys.stdin.isatty():
        return default
    _progress.clear()
    # At a question, Ctrl-C ends the command: from before it is seen, also where what started this program ignores it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    typed = ""
    try:
        with answering():  # a question that cannot be read is not answered either
            print(question, end=" ", file=sys.stderr, flush=True)
        typed = sys.stdin.readline()
    finally:
        signal.signal(signal.SIGINT, before)
        if not typed.endswith("\n"):  # Ctrl-C or Ctrl-D: what is said next begins on a line of its own
            print(file=sys.stderr)
    return typed.strip() or default


def ask_new_secret(question: Text, fault: Callable[[str], Text | None]) -> str | None:
    """Ask for a new password, which is not shown, until it was typed twice alike; None after three tries.

    `fault` says what is wrong with one that was typed, None if nothing is.
    """
    for _ in range(TRIES):
        typed = getpass.getpass(f"{question} ")
        if (wrong := fault(typed)) is not None:
            say(wrong)
        elif typed == getpass.getpass(f"{T('The same again:')} "):
            return typed
        else:
            say(T("The two are not the same."))
    return None


class NotConfirmed(Problem):
    """The user did not agree, or could not be asked. Nothing was done."""

    code = "not-confirmed"
    exit_code = 2


def confirmed(question: Text) -> bool:
    """Whether the user said yes, in either language."""
    typed = ask(T("{question} [y/N]", question=question)).casefold()
    return typed in ("y", "yes", "o", "oui")


class _Progress:
    """One line on the terminal that is written over; nothing where there is no terminal."""

    def __init__(self) -> None:
        self._visible = False

    def __call__(self, progress: Progress) -> None:
        if not sys.stderr.isatty():
            return
        filled = round(progress.share * 20)
        line = f"[{'█' * filled}{'·' * (20 - filled)}] {progress.doing}"
        with contextlib.suppress(OSError):
            print(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}", end="", file=sys.stderr, flush=True)
        self._visible = True

    def clear(self) -> None:
        if self._visible:
            with contextlib.suppress(OSError):
                print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._visible = False


_progress = _Progress()
#: Shows news of progress, as a :data:`core.jobs.Report`.
progress = _progress


#: The stop buttons of the commands that have one: Ctrl-C presses the last.
_buttons: list[Cancel] = []


@contextlib.contextmanager
def stop_button() -> Iterator[Cancel]:
    """A stop button that Ctrl-C presses; pressed again, Ctrl-C ends the program as usual."""
    cancel = Cancel()

    def pressed(*_: object) -> None:
        if cancel.pressed:
            raise KeyboardInterrupt
        cancel.press()

    before = signal.signal(signal.SIGINT, pressed)
    _buttons.append(cancel)
    try:
        yield cancel
    finally:
        _buttons.remove(cancel)
        signal.signal(signal.SIGINT, before)


def waiting() -> Waiting:
    """Have a command wait for another program that has the log: visibly, until Ctrl-C."""
    announced: list[bool] = []

    def announce(seconds: float) -> None:
        if not announced:
            announced.append(True)
            say(T("Another program is using the log: waiting for it. Ctrl+C stops."))
        progress(Progress(T("Waiting for the log: {seconds} s", seconds=round(seconds)), 0.0))

    return Waiting(announce, lambda: _buttons[-1] if _buttons else None)
