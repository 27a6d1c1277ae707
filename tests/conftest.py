"""What holds in every test: no screen, fonts of their own, no network but this machine's own, no thread left behind."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]

os.environ["QT_QPA_PLATFORM"] = "offscreen"
# The languages that a developer likes best come before every locale that a test sets.
os.environ.pop("LANGUAGE", None)
# On Linux the tests have their own fonts: what is measured in them does not depend on the system's.
os.environ["FONTCONFIG_FILE"] = str(ROOT / "tests" / "fonts" / "fonts.conf")
# No test puts a key into the keyring of whoever runs it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

#: What was tried outside this machine in the running test.
tried: list[str] = []


class NetworkError(Exception):
    """Something reached for an address that is not this machine's own. Fanion never does."""


def is_loopback(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def stays_here(event: str, args: tuple[Any, ...]) -> bool:
    """Whether what an audit event tells of remains on this machine. An event that is no socket's does."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        return args[0] in (None, "", b"") or is_loopback(args[0])  # without a name nobody is asked
    if event not in ("socket.bind", "socket.connect", "socket.sendto", "socket.sendmsg"):
        return True
    family, address = args[0].family, args[1]
    if family in (socket.AF_INET, socket.AF_INET6):
        return address is None or is_loopback(address[0])  # None: to where it is connected already
    return family in (getattr(socket, "AF_UNIX", None), getattr(socket, "AF_NETLINK", None))


def fence(event: str, args: tuple[Any, ...]) -> None:
    """An audit hook (PEP 578): it sees every socket that Python uses, whoever asked for it."""
    if not stays_here(event, args):
        tried.append(f"{event} {args[0] if isinstance(args[0], str | bytes) else args[1]!r}")
        raise NetworkError(tried[-1])


sys.addaudithook(fence)


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Fails also where the code under test swallowed the refusal."""
    tried.clear()
    yield
    assert not tried, f"reached for the network: {tried}"


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """A thread that a test started has ended with it."""
    before = set(threading.enumerate())
    yield
    # Qt's own threads show up as dummies once they ran Python; they are Qt's to end.
    left = [t for t in threading.enumerate() if t not in before and not isinstance(t, threading._DummyThread)]
    for thread in left:
        thread.join(2)
    alive = [thread.name for thread in left if thread.is_alive()]
    assert not alive, f"still running: {alive}"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the project, with captures of real phones and rigs of real daemons; skips where it is not."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"there is no folder {folder.name} beside the project: captures and rigs are not here")
    return folder
