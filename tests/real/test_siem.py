"""Events on their way to a SIEM: real collectors take them out of the folder and send them over loopback.

Their settings are those in the guide for head office; places and ports are put in.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pytest

from core.head_office.questions.events import write_events
from core.jobs import Cancel
from core.ledger.records import AppFound, RemovalIntended, RemovalOutcome
from core.text import T
from tests.unit.head_office.conftest import Desk, Office, OpenDesk, desks_in, wechat
from tests.unit.reports.test_ocsf import faults

pytest.importorskip("pyarrow")

DOC = Path(__file__).resolve().parents[2] / "resources" / "guides" / "head-office.en.md"
#: What stands before an event in a message of syslog (RFC 5424), without structured data or with it.
HEAD = re.compile(rb"<\d+>1 \S+ \S+ fanion - - (?:-|\[meta [^\]]*\]) ")
ODD = (
    '%s%n $! {"x":1}\r\n\x1b[31m\u202e\u2028<134>1 - \\u0000 '
    "Québec, «\N{NO-BREAK SPACE}été\N{NO-BREAK SPACE}» \N{FACE WITH TEARS OF JOY}"
)
WAIT = 20.0


def program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"needs {name}")
    return found


def settings(kind: str, number: int = 0) -> str:
    """A block of the document."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", DOC.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)[number]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def running(folder: Path, *command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon in the foreground; it is ended as the system would, and has time to put its things away."""
    with (folder / "said").open("ab") as said, subprocess.Popen(command, stdout=said, stderr=said) as daemon:
        try:
            yield daemon
        finally:
            daemon.terminate()
            daemon.wait(WAIT)


@contextmanager
def rsyslogd(folder: Path, text: str) -> Iterator[subprocess.Popen[bytes]]:
    (folder / "work").mkdir(parents=True, exist_ok=True)
    (folder / "conf").write_text(text.replace("/var/spool/rsyslog", str(folder / "work")), encoding="utf-8")
    with running(folder, program("rsyslogd"), "-n", "-f", folder / "conf", "-i", folder / "pid") as daemon:
        yield daemon


class Siem:
    """Takes in what is sent to its port."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(WAIT)
        self.port = int(self._server.getsockname()[1])
        self._opened = ExitStack()
        self._opened.enter_context(self._server)
        self._file: IO[bytes] | None = None

    def close(self) -> None:
        self._opened.close()

    def hang_up(self) -> None:
        """The next message comes by another connection."""
        self._file = None

    def lines(self, count: int) -> list[bytes]:
        """So many messages, one a line."""
        return [self._open().readline().removesuffix(b"\n") for _ in range(count)]

    def messages(self, count: int) -> list[bytes]:
        """So many messages, each behind its length (RFC 6587, 3.4.1); what is before the event is taken off."""
        found = []
        for _ in range(count):
            length = b""
            while (digit := self._open().read(1)).isdigit():
                length += digit
            assert digit == b" ", (length, digit)
            message = self._open().read(int(length))
            head = HEAD.match(message)
            assert head is not None, message[:200]
            found.append(message[head.end() :].removesuffix(b"\n"))
        return found

    def _open(self) -> IO[bytes]:
        if self._file is None:
            caller, _ = self._server.accept()
            caller.settimeout(WAIT)
            self._opened.enter_context(caller)
            self._file = self._opened.enter_context(caller.makefile("rb"))
        return self._file


@pytest.fixture
def siem() -> Iterator[Siem]:
    one = Siem()
    yield one
    one.close()


class HeadOffice:
    """A store whose events go into a folder that a collector watches."""

    def __init__(self, folder: Path, open_desk: OpenDesk) -> None:
        self.events = folder / "events"
        self._office = Office(folder)
        self._desk: Desk = open_desk("Bureau d’été \N{FACE WITH TEARS OF JOY}")
        self._office.enrol(self._desk)

    def hostile(self) -> list[bytes]:
        """A visit in which a phone says odd things, in records as large as there can be."""
        ledger, about = self._desk.ledger, {"visit": "v"}
        for name in (ODD, ODD * 200, "\N{FACE WITH TEARS OF JOY}" * 4_000, '"' * 8_000):
            finding = wechat()
            object.__setattr__(finding.app, "package", name)
            object.__setattr__(finding, "why", T("{x}", x=name))
            found = ledger.append(AppFound.of(finding), **about)
            intent = ledger.append(
                RemovalIntended(act="uninstall", package=name, profile=0, finding=found.seq), **about
            )
            said = RemovalOutcome(outcome="done", means=T("{x}", x=name), answer=name, intent=intent.seq)
            ledger.append(said, **about, seal=True)
        return self.write()

    def check(self, serial: str) -> list[bytes]:
        self._desk.check(serial, banned=True)
        return self.write()

    def write(self) -> list[bytes]:
        """Merge what is new, and write its events; their lines."""
        self._office.merge(self._desk.bundle())
        (file,) = write_events(self._office.store, self.events).files
        return file.read_bytes().splitlines()


@pytest.fixture
def head_office(tmp_path: Path) -> Iterator[HeadOffice]:
    with desks_in(tmp_path) as open_desk:
        yield HeadOffice(tmp_path, open_desk)


def wait_for(port: int, daemon: subprocess.Popen[bytes]) -> None:
    """Until something listens there."""
    for _ in range(400):
        assert daemon.poll() is None
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        Cancel().wait(0.05)
    pytest.fail("it does not listen")


def test_what_rsyslog_collects_and_another_rsyslog_receives_is_what_was_written(
    head_office: HeadOffice, siem: Siem, tmp_path: Path
) -> None:
    port, kept = free_port(), tmp_path / "kept.jsonl"
    onward = f'action(type="omfwd" target="127.0.0.1" port="{siem.port}" protocol="tcp" template="line")\n}}'
    receiver = settings("rsyslog", 1).replace("0.0.0.0", "127.0.0.1").replace('"601"', f'"{port}"')
    receiver = receiver.replace("/var/log/fanion.jsonl", str(kept)).replace("}\n", f"{onward}\n")
    collector = settings("rsyslog").replace("siem.example", "127.0.0.1").replace('"601"', f'"{port}"')
    collector = collector.replace("/srv/fanion-events", str(head_office.events))
    (tmp_path / "receiver").mkdir()
    written = head_office.hostile()
    assert max(map(len, written)) > 64 * 1024
    with rsyslogd(tmp_path / "receiver", receiver) as daemon:
        wait_for(port, daemon)
        with rsyslogd(tmp_path / "collector", collector):
            assert siem.lines(len(written)) == written
            more = head_office.check("R58N12ABCDE")  # while it runs
            assert siem.lines(len(more)) == more
        last = head_office.check("R58N12FGHIJ")  # while it does not
        with rsyslogd(tmp_path / "collector", collector):
            assert siem.lines(len(last)) == last, "and nothing that was sent before"
    assert kept.read_bytes().splitlines() == [*written, *more, *last]
    events = [json.loads(line) for line in kept.read_bytes().splitlines()]
    assert [fault for event in events for fault in faults(event)] == []
    assert len({event["metadata"]["uid"] for event in events}) == len(events)


def test_rsyslog_sends_what_it_collects_octet_counted(head_office: HeadOffice, siem: Siem, tmp_path: Path) -> None:
    collector = settings("rsyslog").replace("siem.example", "127.0.0.1").replace('"601"', f'"{siem.port}"')
    written = head_office.hostile()
    with rsyslogd(tmp_path / "collector", collector.replace("/srv/fanion-events", str(head_office.events))):
        assert siem.messages(len(written)) == written


def test_syslog_ng_sends_what_was_written(head_office: HeadOffice, siem: Siem, tmp_path: Path) -> None:
    syslog_ng = program("syslog-ng")
    version = subprocess.run([syslog_ng, "--version"], capture_output=True, text=True, check=True).stdout
    text = settings("syslog-ng").replace("siem.example", "127.0.0.1").replace("601", str(siem.port))
    text = text.replace("/srv/fanion-events", str(head_office.events))
    (tmp_path / "conf").write_text(f"@version: {re.findall(r'[0-9]+.[0-9]+', version)[0]}\n{text}", encoding="utf-8")
    files = ["-R", tmp_path / "persist", "-p", tmp_path / "pid", "-c", tmp_path / "control"]
    written = head_office.hostile()
    with running(tmp_path, syslog_ng, "-F", "--no-caps", "-f", tmp_path / "conf", *files):
        assert siem.messages(len(written)) == written
        more = head_office.check("R58N12ABCDE")
        assert siem.messages(len(more)) == more
