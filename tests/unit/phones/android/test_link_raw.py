"""Commands without a terminal in between, and a pipe that stays usable after too much has come."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.jobs import Cancel
from core.phones.android.link.adb_key import desk_key
from core.phones.android.link.link import connect_tcp
from core.phones.android.link.problems import TooMuch
from core.phones.android.link.transport import Careful
from core.simulator import PracticeServer, load
from tests.unit.phones.android.test_link import Cable, header


def test_a_raw_command_runs_beside_every_other(tmp_path: Path) -> None:
    with PracticeServer(load("clean"), pace=0) as phone:
        link = connect_tcp("127.0.0.1", phone.port, desk_key(tmp_path, "Desk 4"), Cancel())
        for raw in (True, False, True):
            pieces: list[bytes] = []
            link.run("echo one; echo; echo two", pieces.append, Cancel(), raw=raw)
            assert b"".join(pieces) == b"one\n\ntwo\n"
            with pytest.raises(TooMuch):
                link.run("getprop; dumpsys package packages", pieces.append, Cancel(), 100, raw=raw)
        link.close()


def test_after_too_much_the_pipe_is_left_between_two_packets() -> None:
    cable = Cable(header(b"WRTE", 4000), b"y\n" * 2000, header(b"CNXN", 0))
    careful = Careful(cable)
    careful.bytes_left = 1000
    with pytest.raises(TooMuch):
        careful.bulk_read(24, 1.0)
    careful.abandon()
    assert careful.bulk_read(24, 1.0) == header(b"CNXN", 0)
