"""Apps' files read in parts by Debian's real adbd and adb server: its own `stat` and `dd`, a scripted `pm path`."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Cancel, silent
from core.model import App, AppState, Cancelled, Identity
from core.phones.android.files import ranges
from core.phones.android.files.identify import SIDE_BY_SIDE, identify
from core.phones.android.files.ranges import FileRange
from core.phones.android.link.link import AdbLink, Link, connect_tcp
from core.phones.android.link.problems import TooMuch
from core.phones.android.link.server import ServerLink
from core.phones.android.link.transport import STREAM_LIMIT
from core.phones.driver import Unplugged
from tests.unit.phones.android import apks

from .conftest import Adbd
from .test_server import AdbServer, adb_server

__all__ = ["adb_server"]

LARGE = 250 * 2**20


class Counting:
    """A link that counts round trips and the bytes that came."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.how, self.loopback = link.how, link.loopback
        self.lasting, self.transport = link.lasting, link.transport
        self.trips = self.bytes = 0

    def run(
        self,
        command: str,
        feed: Callable[[bytes], None],
        cancel: Cancel,
        limit: int = STREAM_LIMIT,
        *,
        raw: bool = False,
    ) -> None:
        self.trips += 1

        def counted(data: bytes) -> None:
            self.bytes += len(data)
            feed(data)

        self._link.run(command, counted, cancel, limit, raw=raw)

    def close(self) -> None:
        self._link.close()


@pytest.fixture
def phone(adbd: Callable[..., Adbd]) -> Adbd:
    return adbd()


@pytest.fixture
def link(phone: Adbd, signer: Any) -> Iterator[AdbLink]:
    opened = connect_tcp("127.0.0.1", phone.port, signer, Cancel())
    yield opened
    opened.close()


@pytest.fixture(params=["direct", "server"])
def either(request: pytest.FixtureRequest, phone: Adbd) -> Iterator[Link]:
    """Our own connection, and one through an adb server."""
    if request.param == "direct":
        yield request.getfixturevalue("link")
    else:
        server: AdbServer = request.getfixturevalue("adb_server")
        address = f"127.0.0.1:{phone.port}"
        assert "connected" in server.adb("connect", address)
        yield ServerLink(address, server.port)


def output(link: Link, command: str, cancel: Cancel | None = None, limit: int = STREAM_LIMIT) -> bytes:
    pieces: list[bytes] = []
    link.run(command, pieces.append, cancel or Cancel(), limit, raw=True)
    return b"".join(pieces)


def placed(folder: Path, phone: Adbd, package: str, *files: tuple[str, apks.Apk]) -> App:
    """An app's files on the phone, and `pm path` that names them."""
    place = folder / "app" / f"{package}-1"
    place.mkdir(parents=True)
    for name, apk in files:
        with (place / name).open("wb") as opened:
            opened.seek(apk.before)
            opened.write(apk.file())
    answers = phone.phone.state["answers"]
    paths = "\n".join(f"package:{place / name}" for name, _ in files)
    phone.phone.change(answers=answers | {f"pm path --user 0 {package}": [paths, 0]})
    return App(package, code_path=os.fspath(place), states=(AppState(0, installed=True),))


def large() -> apks.Apk:
    """The shape of a large game: many files, a stored resource table of megabytes, 250 MB before all of it."""
    strings = [f"text {i}" for i in range(40_000)]
    types = [
        apks.type_spec(1, 20_000),
        apks.type_chunk(1, [(0x1C, 0)] * 20_000),
        apks.type_spec(2, 3),
        apks.type_chunk(2, [(1, 0x7F020001), (3, 39_999), None]),
        *(apks.type_chunk(2, [(3, 0)] * 20_000, apks.config(c)) for c in ("de", "fr", "ja", "ko", "pl", "pt")),
    ]
    apk = apks.simple(package="org.example.large", label=0x7F020000)
    apk.before = LARGE
    apk.files += [(f"res/{i:05}.png", b"x") for i in range(6_000)]
    apk.files.append(("resources.arsc", apks.resources(strings, *types)))
    apk.block = apks.signing_block([(apks.V2, apks.second("maker")), (0x42726577, bytes(4096))])
    return apk


def sha(name: str) -> str:
    return hashlib.sha256(apks.encoded(name)).hexdigest()


def test_raw_bytes_come_as_they_are(either: Link) -> None:
    assert output(either, r"printf 'a\r\n\377\000b\n\n'") == b"a\r\n\xff\x00b\n\n"
    assert output(either, "head -c 5000000 /dev/zero") == bytes(5_000_000)
    assert output(either, "true") == b""


def test_a_raw_command_has_the_manners_of_every_other(either: Link) -> None:
    cancel = Cancel()
    with pytest.raises(Cancelled):
        either.run("exec cat /dev/zero", lambda data: cancel.press(), cancel, raw=True)
    with pytest.raises(TooMuch):
        output(either, "yes", limit=100_000)
    assert output(either, "echo usable") == b"usable\n"


def test_unplugged_in_the_middle_of_a_raw_command(either: Link, phone: Adbd) -> None:
    with pytest.raises(Unplugged):
        either.run("echo first; sleep 60", lambda data: phone.unplug(), Cancel(), raw=True)


def test_ranges_are_exact(either: Link, tmp_path: Path) -> None:
    file = tmp_path / "random.apk"
    file.write_bytes(os.urandom(1_000_003))
    data, path = file.read_bytes(), os.fspath(file)
    end = 1_000_003 // 4096 * 4096
    asked = [
        FileRange(path, 0, 4096),
        FileRange(path, 409_600, 500_000 // 4096 * 4096),
        FileRange(path, end, 1_000_003 - end),
    ]
    found = ranges.Reader(either).read([*asked, FileRange(path + ".apk", 0, 4096)], Cancel())
    assert found == [*(data[w.at : w.at + w.length] for w in asked), None]


def test_an_app_of_250_megabytes_costs_less_than_two_and_twelve_round_trips(
    either: Link, phone: Adbd, tmp_path: Path
) -> None:
    app = placed(tmp_path, phone, "org.example.large", ("base.apk", large()))
    assert (Path(app.code_path) / "base.apk").stat().st_size > LARGE
    counting = Counting(either)
    found = identify(counting, [app], silent, Cancel())["org.example.large"]
    assert found.why is None
    assert [c.sha256 for c in found.certificates] == [sha("maker")]
    assert found.label == "text 39999"
    assert found.components == ("org.example.large.Main",)
    assert counting.bytes < 2_000_000
    assert counting.trips <= 12


def test_an_ordinary_app_costs_six_round_trips_at_most(either: Link, phone: Adbd, tmp_path: Path) -> None:
    apk = apks.simple(package="org.example.app", label=0x7F010000)
    apk.files += [(f"res/{i:05}.png", bytes(2000)) for i in range(2_000)]
    apk.files.append(("resources.arsc", apks.resources(["Ordinary"], apks.type_chunk(1, [(3, 0)]))))
    split = apks.simple(package="org.example.app", version=None, label=None, components=())
    app = placed(tmp_path, phone, "org.example.app", ("base.apk", apk), ("split_config.fr.apk", split))
    counting = Counting(either)
    found = identify(counting, [app], silent, Cancel())["org.example.app"]
    assert (found.label, found.why) == ("Ordinary", None)
    assert counting.trips <= 6


def test_many_apps_side_by_side(either: Link, phone: Adbd, tmp_path: Path) -> None:
    apps = []
    for i in range(40):
        apk = apks.simple(f"maker{i % 3}", package=f"org.example.n{i:02}", label=f"App {i}")
        apps.append(placed(tmp_path, phone, f"org.example.n{i:02}", ("base.apk", apk)))
    counting = Counting(either)
    told: list[Identity] = []
    found = identify(counting, apps, silent, Cancel(), told.append)
    assert len(told) == len(found) == 40
    for i in range(40):
        identity = found[f"org.example.n{i:02}"]
        assert identity.label == f"App {i}"
        assert [c.sha256 for c in identity.certificates] == [sha(f"maker{i % 3}")]
    assert counting.trips <= 8


def test_a_file_that_the_shell_may_not_open(either: Link, phone: Adbd, tmp_path: Path) -> None:
    app = placed(tmp_path, phone, "org.example.app", ("base.apk", apks.simple()))
    file = Path(app.code_path) / "base.apk"
    for name in ("dd", "tail"):
        program = phone.phone.bin / name
        program.write_text(f'#!/bin/sh\ncase "$*" in *{file}*) exit 1;; esac\nexec {shutil.which(name)} "$@"\n')
        program.chmod(0o755)
    other = placed(tmp_path, phone, "org.example.other", ("base.apk", apks.simple(package="org.example.other")))
    found = identify(either, [app, other], silent, Cancel())
    assert "did not give" in str(found["org.example.app"].why)
    assert found["org.example.other"].why is None


def test_the_cable_is_pulled_while_apps_are_read(either: Link, phone: Adbd, tmp_path: Path) -> None:
    apps = [
        placed(tmp_path, phone, f"a.b{i}", ("base.apk", apks.simple(package=f"a.b{i}")))
        for i in range(SIDE_BY_SIDE + 5)
    ]
    with pytest.raises(Unplugged):
        identify(either, apps, silent, Cancel(), lambda identity: phone.unplug())


def test_a_closed_profile_is_read_from_the_folder_that_the_dump_named(
    either: Link, phone: Adbd, tmp_path: Path
) -> None:
    app = placed(tmp_path, phone, "org.example.app", ("base.apk", apks.simple()))
    phone.phone.change(answers={"pm path": ["java.lang.SecurityException: closed", 255]})
    assert identify(either, [app], silent, Cancel())["org.example.app"].why is None
