"""What reading one large app's file costs through Debian's real adbd: counts of bytes and of round trips."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Cancel, silent
from core.phones.android.files.identify import identify
from core.phones.android.link.link import Link, connect_tcp
from core.phones.android.link.server import ServerLink
from tests.bench import made
from tests.bench.policy import BYTES_TARGET, TRIPS_TARGET, place
from tests.bench.rig import Counting
from tests.unit.phones.android import apks

from .conftest import Adbd
from .test_server import AdbServer, adb_server

__all__ = ["adb_server"]

PACKAGE = "org.example.large"


@pytest.fixture
def phone(adbd: Callable[..., Adbd]) -> Adbd:
    return adbd()


@pytest.fixture(params=["direct", "server"])
def link(request: pytest.FixtureRequest, phone: Adbd, signer: Any) -> Iterator[Link]:
    """Our own connection, and one through an adb server."""
    if request.param == "direct":
        opened = connect_tcp("127.0.0.1", phone.port, signer, Cancel())
        yield opened
        opened.close()
    else:
        server: AdbServer = request.getfixturevalue("adb_server")
        address = f"127.0.0.1:{phone.port}"
        assert "connected" in server.adb("connect", address)
        yield ServerLink(address, server.port)


def cost(phone: Adbd, link: Link, folder: Path, file: apks.Apk) -> tuple[str, Counting]:
    """The label that was read, and what that took; signer and classes must be right whatever the file looks like."""
    app = place(folder, PACKAGE, "base.apk", file.file(), file.before)
    path = os.path.join(app.code_path, "base.apk")
    assert os.path.getsize(path) > made.LARGE
    phone.phone.change(answers={f"pm path --user 0 {PACKAGE}": [f"package:{path}", 0]})
    counting = Counting(link)
    found = identify(counting, [app], silent, Cancel())[PACKAGE]
    assert found.why is None
    assert [c.sha256 for c in found.certificates] == [hashlib.sha256(apks.encoded("maker")).hexdigest()]
    assert found.components == (f"{PACKAGE}.Main",)
    return found.label, counting


@pytest.mark.parametrize("deflated", [False, True], ids=["stored", "deflated"])
def test_certificate_and_label_of_250_megabytes(phone: Adbd, link: Link, tmp_path: Path, *, deflated: bool) -> None:
    label, counting = cost(phone, link, tmp_path, made.large_file(deflated=deflated))
    assert label == "A Large Game"
    assert counting.bytes < BYTES_TARGET
    assert counting.trips < TRIPS_TARGET


def test_of_a_deflated_table_that_is_too_large_the_certificate_remains(phone: Adbd, link: Link, tmp_path: Path) -> None:
    label, counting = cost(phone, link, tmp_path, made.large_file(made.MANY_TEXTS, deflated=True))
    assert label == ""
    assert counting.bytes < BYTES_TARGET
    assert counting.trips < TRIPS_TARGET


def test_a_table_that_leads_far_away_costs_no_more_than_its_steps(phone: Adbd, link: Link, tmp_path: Path) -> None:
    """Ten steps within the file at most, and two before: which Android it is, and where the file is."""
    label, counting = cost(phone, link, tmp_path, made.large_file(tables=40))
    assert label == ""
    assert counting.bytes < BYTES_TARGET
    assert counting.trips <= 12
