"""The command line: the same road as the window's, for scripts, tests and auditors.

One module a command; each adds its own options (`add_arguments`) and returns an exit code: 0 green or done, 1 red or
something could not be removed, 2 wrong usage, 3 amber, 4 a problem with the phone, 5 a problem with the ledger, the
policy or the settings, 70 a bug, 74 an answer that could not be written, 141 one that is not read any more.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import gettext
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from itertools import pairwise

from core import text
from core.cli import arguments, practising, terminal
from core.cli.arguments import parser
from core.desk.desk import Desk
from core.desk.personal_places import clear
from core.desk.settings import data_choice
from core.desk.settings.data_choice import ChoiceProblem
from core.desk.settings.settings import SettingsProblem
from core.problem import Cancelled, Problem
from core.system.files import folder_check
from core.system.language import system_language
from core.system.support import crash_files, support_log
from core.text import T, Text

__all__ = ["CANNOT_WRITE", "READER_GONE", "Command", "Probe", "main", "parser"]

#: The commands that can be used although a settings file is broken.
_WITHOUT_SETTINGS = frozenset({"self-test", "completion", "practice", "policy", "kiosk", "explain", "settings"})
#: Those that are of use although nothing can be written in the data folder of a Fanion that is carried around.
_WITHOUT_WRITING = frozenset({"self-test", "completion", "kiosk", "explain"})
#: Those that can be used although the data folder that was chosen is not there: they write nothing that would stay.
_WITHOUT_FOLDER = frozenset({"self-test", "completion", "kiosk", "explain"})
#: The errors of a pipe that is not read any more, of a full disk, and of a broken one.
_UNWRITTEN = frozenset({errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EINVAL})
#: EX_IOERR of BSD's sysexits.
CANNOT_WRITE = 74
#: As a shell says that a program was ended by SIGPIPE: it wrote to a pipe that is not read any more.
READER_GONE = 128 + 13

#: A further part of the self-test: its name for programs and for people, and what tries it.
Probe = tuple[str, Text, Callable[[], Text]]


#: The commands, as the log for support names them, which takes no texts.
Command = StrEnum("Command", {name: name for name in arguments.COMMANDS})  # type: ignore[misc]


@contextlib.contextmanager
def _languages_kept() -> Iterator[None]:
    """Put the variable LANGUAGE back at the end: it tells gettext, which argparse asks, in which language to speak."""
    before = os.environ.get("LANGUAGE")
    try:
        yield
    finally:
        os.environ.pop("LANGUAGE", None)
        if before is not None:
            os.environ["LANGUAGE"] = before


@_languages_kept()
def main(argv: Sequence[str], probes: Sequence[Probe] = ()) -> int:
    """Run one command. Never raises for a failure that a user can meet.

    `probes` are further parts of the self-test, for what is no part of the core.
    """
    _be_unicode()
    text.use(system_language())
    _translate_argparse()
    early = arguments.common_options(argv)
    terminal.use_colours(terminal.ColourMode(early.color))
    text.use(early.language or system_language())
    try:
        code = _run(argv, early, probes)
        terminal.flush()
    except terminal.Unwritten as unwritten:
        return _unwritten(str(unwritten), reader_gone=unwritten.reader_gone)
    except (Cancelled, KeyboardInterrupt):
        terminal.say(T("Cancelled. What was done until then is in the log."))
        return 4
    except ImportError:  # the installation is not whole, which the caller tells
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _UNWRITTEN:
            return _unwritten(error.strerror or str(error))
        # A bug: told in one sentence, kept in a file, and never mistaken for a verdict.
        return _crashed(error, early)
    finally:
        support_log.stop()
        _end_output()
    return code


def _unwritten(reason: str, *, reader_gone: bool = False) -> int:
    """End where the answer cannot be written, which is no verdict; without a word where the reader is gone."""
    if reader_gone:
        return READER_GONE
    terminal.say(T("The answer could not be written: {error}.", error=reason))
    return CANNOT_WRITE


def _end_output() -> None:
    """Flush what was printed, or throw away what cannot be written: Python would try again, and end with code 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _run(argv: Sequence[str], early: argparse.Namespace, probes: Sequence[Probe]) -> int:
    """Find the desk, read the command line and run its command; a Problem becomes words and an exit code.

    Raises what :func:`main` deals with: Cancelled, and whatever is a bug.
    """
    as_json = "--json" in argv or "--format=json" in argv or ("--format", "json") in pairwise(argv)
    try:
        desk, folder_problem = _desk(early)
        support_log.start(desk.data)
        text.use(early.language or desk.settings.language)
        _translate_argparse()
        parser = arguments.parser(argv)
        try:
            options = parser.parse_args(arguments.with_text_last(argv))
        except SystemExit:  # argparse's way out, also after the help
            terminal.flush()
            raise
        if early.portable and early.data is not None:
            parser.error(str(T("--portable and --data cannot be used together")))
        if early.data == "":  # a variable of a script that is not set must not mean the usual folder
            parser.error(str(T("--data has to name a folder")))
        if options.command is None:
            parser.print_help()
            return 0
        if folder_problem is not None and options.command not in _WITHOUT_FOLDER:
            raise folder_problem
        if desk.fault is not None and options.command not in _WITHOUT_SETTINGS:
            raise desk.fault
        if early.portable and options.command not in _WITHOUT_WRITING:
            folder_check.require(desk.data, portable=True)
        options.probes = probes
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        command, started = Command(options.command), time.monotonic()
        support_log.info("command.start", command=command)
        clear(desk.data)
        with practising.usable(desk, options) as desk:
            desk.waiting = terminal.waiting()
            code: int = options.run(options, desk)
        support_log.info("command.end", command=command, exit=code, seconds=time.monotonic() - started)
        return code
    except Problem as problem:
        support_log.problem(problem)
        terminal.problem(problem)
        if as_json:
            terminal.answer_json({"problem": terminal.pick(problem, "code sentence next=next_step")})
        return problem.exit_code


def _desk(early: argparse.Namespace) -> tuple[Desk, ChoiceProblem | None]:
    """The desk that is meant; where its folder is gone, one in the standard folder for what needs none, and why.

    Raises NoFolder.
    """
    try:
        return Desk.at(early.data, early.portable), None
    except ChoiceProblem as folder_problem:
        desk = Desk.at_standard()
        desk.fault = desk.fault or SettingsProblem(
            folder_problem.sentence, folder_problem.next_step, folder_problem.detail
        )
        return desk, folder_problem


def _crashed(error: Exception, early: argparse.Namespace) -> int:
    """Keep the traceback in a file for the developers, and tell the user where it is."""
    support_log.bug(error)
    support_log.keep()
    description = crash_files.describe(error)
    try:
        file = crash_files.keep(description, data_choice.find(early.data, early.portable).folder)
    except Problem:
        file = None
    if file is None:
        terminal.say(T("The details could not be kept in a file."), description.splitlines()[-1])
    bug = crash_files.Bug(file)
    terminal.problem(bug)
    return bug.exit_code


def _translate_argparse() -> None:
    """Have gettext, which argparse asks for its own words, answer from the catalogue in the language in use."""
    os.environ["LANGUAGE"] = text.language()
    gettext.bindtextdomain("fanion", str(text.LOCALE))
    gettext.textdomain("fanion")


def _be_unicode() -> None:
    """Write UTF-8: Windows' consoles and pipes may have an older code page, and names of apps and French need more."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="replace")
