"""The practice phone's ADB, spoken to by a client of our own, by adb-shell, and by clients that make no sense."""

from __future__ import annotations

import base64
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from adb_shell.adb_device import AdbDevice
from adb_shell.auth.keygen import keygen
from adb_shell.auth.sign_cryptography import CryptographySigner
from adb_shell.auth.sign_pythonrsa import PythonRSASigner
from adb_shell.transport.tcp_transport import TcpTransport
from hypothesis import given
from hypothesis import strategies as st

from core.simulator import AllowQuestion, PracticeServer, load
from core.simulator.adb import wire
from core.simulator.adb.wire import AdbPacket
from core.simulator.model.computer_keys import read_host_key
from core.simulator.model.identity import apk_path
from tests.examples import examples
from tests.unit.simulator.conftest import Client, Key

Clients = Callable[..., AbstractContextManager[Client]]

WECHAT = "com.tencent.mm"


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    with PracticeServer(load("walk-up"), pace=0) as served:
        yield served


@pytest.fixture(scope="module")
def adb_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "adbkey"
    keygen(str(path))
    return path


# Starting and ending


def test_it_listens_on_this_computer_only(server: PracticeServer) -> None:
    assert server.address == f"127.0.0.1:{server.port}"
    assert server._listener.getsockname()[0] == "127.0.0.1"


def test_when_it_is_closed_no_thread_is_left(client: Clients, key: Key) -> None:
    before = set(threading.enumerate())
    with PracticeServer(load("walk-up"), pace=0) as served, client(served) as one, client(served):
        one.connect(key)
        one.open("shell:sleep 100000", 1)
        one.open("shell:dumpsys package packages", 2)
        one.open("shell:", 3)
        assert set(threading.enumerate()) - before
    assert set(threading.enumerate()) - before == set()
    served.close()  # twice is no mistake


def test_two_phones_do_not_know_of_each_other(client: Clients, key: Key) -> None:
    with PracticeServer(load("walk-up"), pace=0) as one, PracticeServer(load("walk-up"), pace=0) as two:
        with client(one) as at:
            at.connect(key)
            assert at.output(f"shell:pm uninstall --user 0 {WECHAT}") == b"Success\n"
        assert WECHAT not in one.phone.installed()
        assert WECHAT in two.phone.installed()
        assert two.phone.log == ()


def test_a_port_that_is_taken_is_an_error(server: PracticeServer) -> None:
    with pytest.raises(OSError, match=r"."):
        PracticeServer(load("clean"), port=server.port)


# Connecting


def test_the_banner_says_what_the_phone_is_and_can(server: PracticeServer, client: Clients, key: Key) -> None:
    with client(server) as at:
        banner = at.connect(key).payload.decode()
    assert banner == (
        "device::ro.product.name=r0qcsx;ro.product.model=SM-S901W;ro.product.device=r0q;features=shell_v2,cmd,stat_v2"
    )


def test_a_computer_is_asked_about_once(client: Clients, key: Key, other_key: Key) -> None:
    asked: list[AllowQuestion] = []

    def answer(question: AllowQuestion) -> bool:
        asked.append(question)
        return True

    with PracticeServer(load("clean"), answer=answer, pace=0) as served:
        for who in (key, key, other_key, key):
            with client(served) as at:
                at.connect(who)
        assert [q.name for q in asked] == ["officer@desk", "stranger"]
        assert [k.fingerprint for k in served.phone.known_keys] == [q.fingerprint for q in asked]
        assert len(asked[0].fingerprint.split(":")) == 16


@pytest.mark.parametrize("answer", ["deny", lambda question: False])
def test_without_a_yes_nothing_is_answered(answer: str, client: Clients, key: Key) -> None:
    with PracticeServer(load("clean"), answer=answer, pace=0) as served, client(served) as at:  # type: ignore[arg-type]
        token = at.greet().payload
        at.send(wire.AUTH, wire.AUTH_PUBLIC_KEY, 0, key.public)
        at.send(wire.AUTH, wire.AUTH_SIGNATURE, 0, key.sign(token))
        assert at.receive().arg0 == wire.AUTH_TOKEN  # the next answer is to the signature, not to the key
        at.send(wire.OPEN, 1, 0, b"shell:id\0")
        assert at.closed_by_phone()
        assert served.phone.known_keys == ()
        assert served.phone.log == ()


def test_a_question_ends_when_the_cable_is_pulled(client: Clients, key: Key) -> None:
    asked = threading.Event()

    def wait(question: AllowQuestion) -> bool:
        asked.set()
        return question.withdrawn.wait()

    with PracticeServer(load("clean"), answer=wait, pace=0) as served, client(served) as at:
        at.greet()
        at.send(wire.AUTH, wire.AUTH_PUBLIC_KEY, 0, key.public)
        asked.wait()
        served.unplug()
        assert at.closed_by_phone()
        assert served.phone.known_keys == ()


def test_a_wrong_signature_does_not_open(server: PracticeServer, client: Clients, key: Key, other_key: Key) -> None:
    with client(server) as at:
        at.connect(key)
    with client(server) as at:
        token = at.greet().payload
        for wrong in (other_key.sign(token), key.sign(bytes(20)), b"", bytes(256), b"\xff" * 256, bytes(5000)):
            at.send(wire.AUTH, wire.AUTH_SIGNATURE, 0, wrong)
            answer = at.receive()
            assert (answer.command, answer.arg0) == (wire.AUTH, wire.AUTH_TOKEN)
            assert answer.payload != token
            token = answer.payload
        at.send(wire.AUTH, wire.AUTH_SIGNATURE, 0, key.sign(token))
        assert at.receive().command == wire.CNXN


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"not base64 name\0",
        base64.b64encode(b"short") + b" name\0",
        base64.b64encode(struct.pack("<II256s256sI", 63, 0, b"\xff" * 256, bytes(256), 65537)) + b" name\0",
        base64.b64encode(struct.pack("<II256s256sI", 64, 0, bytes(256), bytes(256), 65537)) + b" name\0",
        base64.b64encode(struct.pack("<II256s256sI", 64, 0, b"\xff" * 256, bytes(256), 0)) + b" name\0",
    ],
)
def test_what_is_no_key_is_refused(sent: bytes, server: PracticeServer, client: Clients) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_host_key(sent)
    with client(server) as at:
        at.greet()
        at.send(wire.AUTH, wire.AUTH_PUBLIC_KEY, 0, sent)
        assert at.closed_by_phone()


@given(st.binary(max_size=800))
def test_no_bytes_make_the_key_reader_fail(sent: bytes) -> None:
    with suppress(ValueError):
        read_host_key(sent)


def test_a_key_of_any_number_can_be_checked_against(key: Key) -> None:
    """Numbers that are no real key must not be an error when a signature is looked at."""
    for modulus in (b"\x02" * 256, b"\x01" + bytes(254) + b"\x80", b"\xfe" * 256):
        sent = base64.b64encode(struct.pack("<II256s256sI", 64, 0, modulus, bytes(256), 65537)) + b" x\0"
        try:
            found = read_host_key(sent)
        except ValueError:
            continue
        assert not found.signed(bytes(20), key.sign(bytes(20)))


# Streams


def test_a_command_with_output_errors_and_exit_code(server: PracticeServer, client: Clients, key: Key) -> None:
    with client(server) as at:
        at.connect(key)
        assert at.output("shell:echo out; echo err >&2; exit 3") == b"out\nerr\n"
        assert at.output("exec:echo out; echo err >&2") == b"out\nerr\n"
        framed = at.output("shell,v2,TERM=xterm,raw:echo out; echo err >&2; exit 3")
        assert framed == b"\x01\x04\0\0\0out\n" + b"\x02\x04\0\0\0err\n" + b"\x03\x01\0\0\0\x03"
        assert at.output("shell,v2:true") == b"\x03\x01\0\0\0\x00"


@pytest.mark.parametrize(
    "service",
    ["reboot:", "root:", "tcp:80", "shell", "shell:", "shell,v2,raw:", "sync:x", "exec:", "", "jdwp:1", "\xff"],
)
def test_a_service_that_is_not_there_is_refused(
    service: str, server: PracticeServer, client: Clients, key: Key
) -> None:
    with client(server) as at:
        at.connect(key)
        answer = at.open(service, 7)
        assert (answer.command, answer.arg0, answer.arg1) == (wire.CLSE, 0, 7)
        assert at.output("shell:echo on") == b"on\n"


def test_one_packet_at_a_time(server: PracticeServer, client: Clients, key: Key) -> None:
    """Without an OKAY, the phone says nothing more on that stream, and goes on with the others."""
    with client(server) as at:
        at.connect(key)
        at.send(wire.OPEN, 1, 0, b"shell:dumpsys package packages\0")
        at.send(wire.OPEN, 2, 0, b"shell:echo two\0")
        seen = []
        while (packet := at.receive()).command != wire.CLSE:
            seen.append(packet)
            if packet.command == wire.WRTE and packet.arg1 == 2:
                at.send(wire.OKAY, 2, packet.arg0)
        assert packet.arg1 == 2
        assert sum(p.command == wire.WRTE and p.arg1 == 1 for p in seen) <= 1


def test_no_packet_is_larger_than_the_computer_allows(server: PracticeServer, client: Clients, key: Key) -> None:
    with client(server) as at:
        at.connect(key, max_payload=4096)
        opened = at.open("shell:dumpsys package packages")
        sizes = []
        while (packet := at.receive()).command == wire.WRTE:
            sizes.append(len(packet.payload))
            at.send(wire.OKAY, 1, opened.arg0)
        assert max(sizes) == 4096
        assert sum(sizes) > 1_000_000


@pytest.mark.parametrize("version", [0x01000000, 0x01000001])
def test_checksums_as_the_version_demands(version: int, server: PracticeServer, client: Clients, key: Key) -> None:
    with client(server, version=version) as at:
        at.connect(key)
        assert at.output("shell:getprop").count(b"\n") > 50
        bad = bytearray(wire.encode(AdbPacket(wire.OPEN, 1, 0, b"shell:id\0"), checked=True))
        bad[16] ^= 1
        at.socket.sendall(bad)
        if version == 0x01000000:
            assert at.closed_by_phone()
        else:
            assert at.receive().command == wire.OKAY


def test_a_host_that_reconnects_leaves_checksums_out(server: PracticeServer, client: Clients, key: Key) -> None:
    with client(server) as at:
        at.connect(key)
    with client(server) as at:
        at.socket.sendall(wire.encode(AdbPacket(wire.CNXN, wire.VERSION, 4096, b"host::\0"), checked=False))
        signature = key.sign(at.receive().payload)
        at.socket.sendall(wire.encode(AdbPacket(wire.AUTH, wire.AUTH_SIGNATURE, 0, signature), checked=False))
        assert at.receive().command == wire.CNXN
    with client(server) as at:
        at.socket.sendall(wire.encode(AdbPacket(wire.CNXN, 0x01000000, 4096, b"host::\0"), checked=False))
        assert at.closed_by_phone()


def test_closing_a_stream_stops_the_command(client: Clients, key: Key) -> None:
    """A dump that would take days ends when its stream is closed, and the connection lives on."""
    with PracticeServer(load("walk-up"), pace=100_000.0) as served, client(served) as at:
        at.connect(key)
        opened = at.open("shell:dumpsys package packages; echo never")
        at.send(wire.CLSE, 1, opened.arg0)
        assert at.receive() == AdbPacket(wire.CLSE, opened.arg0, 1)
        assert at.output("shell:echo on") == b"on\n"


def test_input_is_taken_and_dropped_by_a_command(server: PracticeServer, client: Clients, key: Key) -> None:
    with client(server) as at:
        at.connect(key)
        opened = at.open("shell:sleep 100000")
        for _ in range(3):
            at.send(wire.WRTE, 1, opened.arg0, b"typed")
            assert at.receive() == AdbPacket(wire.OKAY, opened.arg0, 1)
        at.send(wire.CLSE, 1, opened.arg0)
        assert at.receive().command == wire.CLSE


def test_too_many_streams_are_refused(server: PracticeServer, client: Clients, key: Key) -> None:
    with client(server) as at:
        at.connect(key)
        answers = [at.open("shell:sleep 100000", n).command for n in range(1, 40)]
        assert answers == [wire.OKAY] * 32 + [wire.CLSE] * 7


# Files


def test_files_are_put_looked_at_and_fetched(server: PracticeServer, client: Clients, key: Key) -> None:
    content = bytes(range(256)) * 1000
    pieces = [content[n : n + 65536] for n in range(0, len(content), 65536)]
    put = b"".join(struct.pack("<4sI", b"DATA", len(p)) + p for p in pieces)
    path = b"/sdcard/new/file.bin"
    with client(server) as at:
        at.connect(key)
        at.send(wire.OPEN, 1, 0, b"sync:\0")
        opened = at.receive()
        request = (
            struct.pack("<4sI", b"SEND", len(path) + 6) + path + b",33188" + put + struct.pack("<4sI", b"DONE", 99)
        )
        request += struct.pack("<4sI", b"STAT", len(path)) + path + struct.pack("<4sI", b"LIST", 11) + b"/sdcard/new"
        request += struct.pack("<4sI", b"LST2", 8) + b"/nothing" + struct.pack("<4sI", b"RECV", len(path)) + path
        request += struct.pack("<4sI", b"QUIT", 0)
        answer = exchange(at, opened.arg0, request)
    expected = struct.pack("<4sI", b"OKAY", 0)
    expected += struct.pack("<4s3I", b"STAT", 0o100644, len(content), 99)
    expected += struct.pack("<4s4I", b"DENT", 0o100644, len(content), 99, 8) + b"file.bin" + b"DONE" + bytes(16)
    expected += struct.pack("<4sI", b"LST2", 2) + bytes(64)
    expected += put + struct.pack("<4sI", b"DONE", 0)
    assert answer == expected
    assert server.phone.files.read("/sdcard/new/file.bin") == content


def test_an_apps_file_can_be_looked_at_and_fetched(server: PracticeServer, client: Clients, key: Key) -> None:
    package = next(p for p in server.phone.with_code() if not p.system)
    path = apk_path(package, server.phone.scenario.device.sdk).encode()
    content = server.phone.files.read(path.decode())
    asked = b"".join(struct.pack("<4sI", word, len(path)) + path for word in (b"STAT", b"RECV")) + struct.pack(
        "<4sI", b"QUIT", 0
    )
    with client(server) as at:
        at.connect(key)
        answer = exchange(at, at.open("sync:").arg0, asked)
        size = at.output(f"exec:stat -c %s {path.decode()}", stream=2)
        block = at.output(f"shell:dd if={path.decode()} bs=4096 skip=1 count=1 2>/dev/null", stream=3)
    kind, mode, told, _ = struct.unpack_from("<4s3I", answer)
    assert (kind, mode, told) == (b"STAT", 0o100644, len(content))
    received, at_ = b"", 16
    while answer[at_ : at_ + 4] == b"DATA":
        (length,) = struct.unpack_from("<I", answer, at_ + 4)
        received += answer[at_ + 8 : at_ + 8 + length]
        at_ += 8 + length
    assert answer[at_ : at_ + 4] == b"DONE"
    assert received == content
    assert size == b"%d\n" % len(content)
    assert block == content[4096:8192]


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (struct.pack("<4sI", b"SEND", 13) + b"/data/x,33188" + struct.pack("<4sI", b"DONE", 0), b"Permission denied"),
        (struct.pack("<4sI", b"SEND", 13) + b"/sdcard,33188" + struct.pack("<4sI", b"DONE", 0), b"Permission denied"),
        (struct.pack("<4sI", b"SEND", 9) + b"/sdcard/x", b"no mode"),
        (struct.pack("<4sI", b"SEND", 15) + b"/sdcard/x,33188" + struct.pack("<4sI", b"DATA", 70000), b"oversize"),
        (struct.pack("<4sI", b"RECV", 9) + b"/sdcard/x", b"No such file or directory"),
        (struct.pack("<4sI", b"RECV", 7) + b"/sdcard", b"Is a directory"),
        (struct.pack("<4sI", b"STAT", 5000), b"path too long"),
        (struct.pack("<4sI", b"NOPE", 0), b"unknown command"),
    ],
)
def test_what_cannot_be_done_with_files_fails(
    request_: bytes, why: bytes, server: PracticeServer, client: Clients, key: Key
) -> None:
    with client(server) as at:
        at.connect(key)
        opened = at.open("sync:")
        answer = exchange(at, opened.arg0, request_ + struct.pack("<4sI", b"QUIT", 0))
        assert answer.startswith(b"FAIL")
        assert why in answer
        assert at.output("shell:echo on") == b"on\n"


def test_a_file_that_is_too_large_is_refused(server: PracticeServer, client: Clients, key: Key) -> None:
    piece = struct.pack("<4sI", b"DATA", 65536) + bytes(65536)
    head = struct.pack("<4sI", b"SEND", 15) + b"/sdcard/x,33188"
    request = head + piece * 129 + struct.pack("<4sI", b"DONE", 0) + struct.pack("<4sI", b"QUIT", 0)
    with client(server) as at:
        at.connect(key)
        assert b"No space left on device" in exchange(at, at.open("sync:").arg0, request)


def exchange(at: Client, remote: int, request: bytes) -> bytes:
    """Send `request` piece by piece as the phone takes it, and collect what it answers until it closes."""
    pieces = [request[n : n + 60_000] for n in range(0, len(request), 60_000)]
    at.send(wire.WRTE, 1, remote, pieces.pop(0))
    written = bytearray()
    while (packet := at.receive()).command != wire.CLSE:
        if packet.command == wire.WRTE:
            written += packet.payload
            at.send(wire.OKAY, 1, remote)
        elif packet.command == wire.OKAY and pieces:
            at.send(wire.WRTE, 1, remote, pieces.pop(0))
    return bytes(written)


# The cable


def test_pulling_the_cable_and_putting_it_back(server: PracticeServer, client: Clients, key: Key) -> None:
    with client(server) as at:
        at.connect(key)
        at.open("shell:sleep 100000")
        server.unplug()
        assert at.closed_by_phone()
    with client(server) as at:
        assert at.closed_by_phone()
    server.plug()
    with client(server) as at:
        at.connect(key)
        assert at.output("shell:echo on") == b"on\n"


def test_a_loose_cable_breaks_the_dump_once(client: Clients, key: Key) -> None:
    with PracticeServer(load("unplugged"), pace=0) as served:
        received = 0
        with client(served) as at:
            at.connect(key)
            opened = at.open("shell:dumpsys package packages")
            with suppress(ConnectionError):
                while (packet := at.receive()).command == wire.WRTE:
                    received += len(packet.payload)
                    at.send(wire.OKAY, 1, opened.arg0)
            assert at.closed_by_phone()
        assert 0 < received <= 200_000
        with client(served) as at:
            at.connect(key)
            assert len(at.output("shell:dumpsys package packages")) > 700_000


def test_a_computer_that_leaves_in_the_middle_harms_no_other(server: PracticeServer, client: Clients, key: Key) -> None:
    with client(server) as at:
        at.connect(key)
        at.open("shell:dumpsys package packages")
    with client(server) as at:
        at.connect(key)
        assert at.output("shell:echo on") == b"on\n"


def test_too_many_computers_are_turned_away(server: PracticeServer, client: Clients) -> None:
    waiting = [Client(server.port) for _ in range(16)]
    for one in waiting:
        assert one.greet().command == wire.AUTH
    with client(server) as at:
        assert at.closed_by_phone()
    for one in waiting:
        one.close()


# Nonsense


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        struct.pack("<6I", wire.CNXN, wire.VERSION, 4096, 0, 0, 0),
        struct.pack("<6I", wire.CNXN, wire.VERSION, 4096, 2**31, 0, wire.CNXN ^ 0xFFFFFFFF),
        wire.encode(AdbPacket(wire.CNXN, wire.VERSION, 100, b"host::\0"), checked=True),
        wire.encode(AdbPacket(wire.OPEN, 1, 0, b"shell:id\0"), checked=True),
        wire.encode(AdbPacket(wire.AUTH, wire.AUTH_PUBLIC_KEY, 0, b"x"), checked=True),
        wire.encode(AdbPacket(0x12345678, 0, 0), checked=True),
    ],
)
def test_nonsense_before_connecting_ends_the_connection(sent: bytes, server: PracticeServer, client: Clients) -> None:
    with client(server) as at:
        at.socket.sendall(sent)
        assert at.closed_by_phone()
    assert server.phone.log == ()


@pytest.mark.parametrize(
    "packets",
    [
        [AdbPacket(wire.CNXN, wire.VERSION, 4096, b"host::\0")],
        [AdbPacket(wire.OPEN, 0, 0, b"shell:id\0")],
        [
            AdbPacket(wire.OPEN, 1, 0, b"sync:\0"),
            AdbPacket(wire.WRTE, 1, 1, b"x"),
            *[AdbPacket(wire.WRTE, 1, 1, b"y" * 99)] * 50,
        ],
        [AdbPacket(0x12345678, 0, 0)],
    ],
)
def test_nonsense_after_connecting_ends_the_connection(
    packets: list[AdbPacket], server: PracticeServer, client: Clients, key: Key
) -> None:
    with client(server) as at:
        at.connect(key)
        for packet in packets:
            try:
                at.send(packet.command, packet.arg0, packet.arg1, packet.payload)
            except ConnectionError:
                break
        at.says_no_more()
        assert at.closed_by_phone()
    with client(server) as at:
        at.connect(key)


def test_packets_for_streams_that_have_ended_are_passed_over(server: PracticeServer, client: Clients, key: Key) -> None:
    with client(server) as at:
        at.connect(key)
        for command in (wire.OKAY, wire.WRTE, wire.CLSE):
            at.send(command, 9, 99, b"")
        assert at.output("shell:echo on") == b"on\n"


def test_guessing_does_not_go_on_for_ever(server: PracticeServer, client: Clients) -> None:
    with client(server) as at:
        at.greet()
        for _ in range(64):
            at.send(wire.AUTH, wire.AUTH_SIGNATURE, 0, bytes(256))
            assert at.receive().command == wire.AUTH
        at.send(wire.AUTH, wire.AUTH_SIGNATURE, 0, bytes(256))
        assert at.closed_by_phone()


@pytest.fixture(scope="module")
def battered() -> Iterator[PracticeServer]:
    with PracticeServer(load("clean"), pace=0) as served:
        yield served


@examples(40)
@given(
    st.lists(
        st.binary(max_size=60)
        | st.builds(
            AdbPacket,
            st.sampled_from([wire.CNXN, wire.AUTH, wire.OPEN, wire.OKAY, wire.WRTE, wire.CLSE]),
            st.integers(0, 3),
            st.integers(0, 3),
            st.sampled_from(
                [b"", b"shell:id\0", b"sync:\0", b"shell,v2:\0", b"\0\xff\xff\xff\xff", b"LIST\x01\0\0\0/"]
            ),
        ),
        max_size=8,
    )
)
def test_no_bytes_stop_the_server(battered: PracticeServer, key: Key, sent: list[bytes | AdbPacket]) -> None:
    at = Client(battered.port)
    try:
        at.connect(key)
        for piece in sent:
            at.socket.sendall(piece if isinstance(piece, bytes) else wire.encode(piece, checked=True))
        at.says_no_more()
        assert at.closed_by_phone()
    except ConnectionError:
        pass  # the phone has hung up already
    finally:
        at.close()
    after = Client(battered.port)
    after.connect(key)
    assert after.output("shell:echo on") == b"on\n"
    after.close()


# adb-shell


@pytest.mark.parametrize("kind", ["pythonrsa", "cryptography"])
def test_adb_shell_does_its_whole_work(kind: str, server: PracticeServer, adb_key: Path, tmp_path: Path) -> None:
    signer = PythonRSASigner.FromRSAKeyPath(str(adb_key)) if kind == "pythonrsa" else CryptographySigner(str(adb_key))
    device = AdbDevice(TcpTransport("127.0.0.1", server.port), default_transport_timeout_s=20)
    device.connect(rsa_keys=[signer], auth_timeout_s=20)
    try:
        assert device.shell("pm list users") == "Users:\n\tUserInfo{0:Owner:4c13} running\n"
        dump = b"".join(device.streaming_shell("dumpsys package packages", decode=False))
        assert dump.count(b"\n  Package [") == 302
        assert device.exec_out("whoami") == "shell\n"
        sent, fetched = tmp_path / "sent", tmp_path / "fetched"
        sent.write_bytes(bytes(range(256)) * 700)
        device.push(str(sent), "/data/local/tmp/sent")
        assert device.stat("/data/local/tmp/sent")[1] == 256 * 700
        assert [f.filename for f in device.list("/data/local/tmp")] == [b"sent"]
        device.pull("/data/local/tmp/sent", str(fetched))
        assert fetched.read_bytes() == sent.read_bytes()
    finally:
        device.close()


def test_many_phones_at_once(client: Clients, key: Key) -> None:
    """Many phones at once, each with its own state."""
    scenario = replace(load("walk-up"), filler=20)
    servers = [PracticeServer(scenario, pace=0) for _ in range(32)]
    try:
        for served in servers:
            with client(served) as at:
                at.connect(key)
                assert b"com.tencent.mm" in at.output("shell:dumpsys package packages")
    finally:
        for served in servers:
            served.close()
