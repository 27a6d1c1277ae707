"""No record says for ever which phone it was: what can tell is kept beside the record, where it can be erased."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.jobs import Cancel
from core.ledger.records import Kind
from core.ledger.writer import Ledger
from core.model import Labels
from core.phones.android.link.server import ServerLink
from core.phones.android.phone import AndroidPhone
from core.phones.connect import Reach
from core.phones.driver import PhoneProblem, Unplugged
from core.policy.format import policy_file
from core.simulator import PracticeServer, load, scenarios
from core.visit.visit import Visit
from tests.kit.opened_phone import OpenedPhone

POLICY = policy_file.load_built_in("canada")
SERIAL = "R58N12ABCDE"
LABELS = Labels("TB-114-XYZ", "Zoé Tremblay", "356938035643809")


def leaves(ledger: Ledger) -> str:
    """Everything in a ledger that stays for ever, one record a line."""
    with contextlib.closing(sqlite3.connect(ledger.path)) as database:
        found = [leaf for (leaf,) in database.execute("SELECT leaf FROM entry ORDER BY seq")]
    assert found
    return "\n".join(json.dumps(json.loads(leaf), ensure_ascii=False) for leaf in found)


class Server:
    """An adb server that has a phone until somebody wants something of it."""

    def __init__(self) -> None:
        self._listens = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listens.getsockname()[1])
        self.gone = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._listens.shutdown(socket.SHUT_RDWR)
        self._listens.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listens.accept()
            except OSError:
                return
            with client:
                self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        length = client.recv(4, socket.MSG_WAITALL)
        if len(length) < 4:
            return
        if client.recv(int(length, 16), socket.MSG_WAITALL) == b"host:devices-l":
            told = b"" if self.gone else f"{SERIAL:<22} device transport_id:1\n".encode()
            client.sendall(b"OKAY%04x%b" % (len(told), told))
        else:
            self.gone = True
            told = f"device '{SERIAL}' not found".encode()
            client.sendall(b"FAIL%04x%b" % (len(told), told))


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def test_phone_that_goes_away_from_an_adb_server(tmp_path: Path, server: Server) -> None:
    with Ledger(tmp_path / "l.db", desk="Desk 4", officer="A. Roy", app_version="test") as ledger:
        visit = Visit(OpenedPhone(AndroidPhone(ServerLink(SERIAL, server.port)), POLICY, ledger))
        with pytest.raises(Unplugged) as told:
            visit.check(Cancel())
        assert SERIAL in told.value.detail
        (problem,) = ledger.newest(5, kind=Kind.PROBLEM)
        assert problem.record.detail.value == told.value.detail
        assert SERIAL not in leaves(ledger)
        assert ledger.erase_records([problem.seq], "retention") == 1
    assert SERIAL.encode() not in (tmp_path / "l.db").read_bytes()


@pytest.mark.usefixtures("short_flood")
@pytest.mark.parametrize("scenario", scenarios())
def test_no_record_of_a_whole_visit_names_the_phone(tmp_path: Path, scenario: str) -> None:
    practised = load(scenario)
    path = tmp_path / "practice.db"
    with (
        PracticeServer(practised, pace=0.0) as phone,
        Ledger(path, desk="Desk 4", officer="A. Roy", app_version="test", practice=True) as ledger,
    ):
        driver = Reach(tmp_path / "keys", "Desk 4").address("127.0.0.1", phone.port, Cancel())
        with contextlib.closing(Visit(OpenedPhone(driver, POLICY, ledger), labels=LABELS)) as visit:
            with contextlib.suppress(PhoneProblem):
                visit.check(Cancel())
                visit.remove(visit.plan(), Cancel())
                visit.undo(visit.undoable(), Cancel())
            phone.close()  # and now the cable
            with pytest.raises(PhoneProblem):
                visit.check(Cancel())
        kept = leaves(ledger)
        assert {str(e.kind) for e in ledger.newest(1_000)} >= {Kind.CHECK_STARTED, Kind.PROBLEM}
    for secret in (practised.device.serial, LABELS.tag, LABELS.holder, LABELS.imei):
        assert not re.search(re.escape(secret), kept, re.IGNORECASE)
