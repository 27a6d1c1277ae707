"""``fanion self-test``: whether this installation has everything that it needs, in a report for an administrator."""

from __future__ import annotations

import argparse
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import __version__, words
from core.check import check
from core.cli import terminal
from core.desk import Desk
from core.jobs import Cancel, silent
from core.ledger import records
from core.ledger.store import Ledger, ledger_file
from core.model import Problem, Verdict
from core.phones import practice
from core.phones.android import server, usb
from core.phones.reach import Reach
from core.policy import files
from core.text import N, T, Text


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "self-test", parents=[common], help=str(T("test whether this installation has everything that it needs"))
    )
    parser.add_argument("--json", action="store_true", help=str(T("answer with one JSON object")))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, desk: Desk) -> int:
    probes: tuple[tuple[Text, Callable[[], Text]], ...] = (
        (T("Python"), _python),
        (T("USB"), _usb),
        (T("adb server"), _adb_server),
        (T("Settings"), lambda: _settings(desk)),
        (T("Log"), lambda: _log(desk)),
        (T("Policy"), lambda: _policy(desk)),
        (T("Policies"), _policies),
        (T("French"), _french),
        (T("Practice check"), _practice_check),
    )
    results = [(name, *_tried(probe)) for name, probe in probes]
    if options.json:
        parts = [{"name": str(n), "ok": ok, "says": says} for n, ok, says in results]
        terminal.answer_json({"version": __version__, "ok": all(ok for _, ok, _ in results), "parts": parts})
    else:
        terminal.out(T("Fanion {version}, self-test", version=__version__))
        for name, ok, says in results:
            terminal.out(f"{'✔' if ok else '✖'} {words.pair(name, says)}")
    return 0 if all(ok for _, ok, _ in results) else 1


def _tried(probe: Callable[[], Text]) -> tuple[bool, str]:
    try:
        return True, str(probe())
    except Problem as problem:
        return False, f"{problem} {problem.detail}".strip()
    except Exception as error:  # a report must come out, above all when something is broken that nobody thought of
        return False, f"{type(error).__name__}: {error}"


def _python() -> Text:
    version = platform.python_version()
    return T("{version} on {system}, SQLite {sqlite}", version=version, system=platform.platform(terse=True),
             sqlite=sqlite3.sqlite_version)  # fmt: skip


def _usb() -> Text:
    bus = usb.Bus()
    try:
        return N(
            "the bus can be read; {count} phone is plugged in",
            "the bus can be read; {count} phones are plugged in",
            len(bus.look()),
        )
    finally:
        bus.close()


def _adb_server() -> Text:
    return (
        T("one runs; phones that it holds are reached through it")
        if server.running()
        else T("none runs; none is needed")
    )


def _log(desk: Desk) -> Text:
    """A record is written and read back in a folder beside the real log, which stays as it is."""
    desk.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=desk.data, prefix="self-test-") as folder:
        path = ledger_file(Path(folder))
        with Ledger.open(path, desk=desk.name, officer=desk.officer, app_version=__version__) as ledger:
            ledger.append(records.ProgramStart(sys.platform, 0))
            written = ledger.entry(1)
    if written is None:
        raise RuntimeError("what was written cannot be read")
    for practice_log in (False, True):
        if ledger_file(desk.data, practice=practice_log).exists():
            with desk.read_ledger(practice_log) as ledger:
                ledger.newest(1)
    return T("can be written in {folder}", folder=str(desk.data))


def _settings(desk: Desk) -> Text:
    if desk.fault is not None:
        raise desk.fault
    return T("officer {officer}, desk {desk}", officer=desk.officer, desk=desk.name)


def _policy(desk: Desk) -> Text:
    policy = desk.policy(None)
    return T("{id} {version}, SHA-256 {sha256}", id=policy.id, version=policy.version, sha256=policy.sha256)


def _policies() -> Text:
    """All that come along can be read, and so can signed ones and others' lists: their libraries are there."""
    import yaml

    from core.policy import trust

    count = len([files.load_built_in(name) for name in files.built_in()])
    if not (callable(trust.accept) and callable(yaml.safe_load)):
        raise RuntimeError("a library is not whole")
    return N(
        "{count} comes along and is sound; signed ones can be read",
        "{count} come along and are sound; signed ones can be read",
        count,
    )


def _french() -> Text:
    sentence = T("No phone is plugged in.")
    if sentence.in_language("fr") == sentence.in_language("en"):
        raise RuntimeError("the French catalogue is not there")
    return T("the catalogue is there")


def _practice_check() -> Text:
    with (
        tempfile.TemporaryDirectory() as folder,
        practice.PracticeServer(practice.load("walk-up"), pace=0) as phone,
    ):
        driver = Reach(Path(folder), "self-test").address("127.0.0.1", phone.port, Cancel())
        try:
            found = check(driver, files.load_built_in("canada"), silent, Cancel())
        finally:
            driver.close()
    if found.verdict is not Verdict.RED:
        raise RuntimeError(f"the practice phone is {found.verdict}, not red")
    return T("red, as it should be, in {seconds} s", seconds=found.seconds)
