"""What holds in every test: no screen, fonts of their own, no network but this machine's own, no thread left behind.

Also which tests are run, in which order, and how many examples hypothesis tries: see "Working" in CONTRIBUTING.md.
"""

from __future__ import annotations

import functools
import gc
import importlib
import ipaddress
import itertools
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import zoneinfo
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, settings

from core import text
from core.desk.settings import data_choice
from core.desk.settings import settings as core_settings
from core.phones.android.link import shell
from core.phones.iphone import lockdown
from core.simulator.model.filler import ordinary_apps
from core.simulator.model.scenario import AppData
from core.system import local_zone
from installer.system_packages import lacking, loads
from installer.test_run import ALL, NIGHTLY, PYTHON, RECORD, REST
from tests import floods

ROOT = Path(__file__).resolve().parents[1]
REAL, GUI = ROOT / "tests" / "real", ROOT / "tests" / "gui"

os.environ["QT_QPA_PLATFORM"] = "offscreen"
# Whatever language a developer speaks: a test begins in English, and so does every program that it starts.
for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
    os.environ.pop(name, None)
os.environ["LANG"] = "C.UTF-8"
# On Linux the tests have their own fonts: what is measured in them does not depend on the system's.
os.environ["FONTCONFIG_FILE"] = str(ROOT / "tests" / "fonts" / "fonts.conf")
# No test puts a key into the keyring of whoever runs it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

# On Unix, Fanion asks the system for its zone, and Python asks this variable: here a test is in one place.
if (zone := os.environ.get("TZ")) and sys.platform != "win32":
    local_zone.FILE = next(  # type: ignore[misc]
        (file for folder in zoneinfo.TZPATH if (file := Path(folder, zone)).is_file()), local_zone.FILE
    )

#: What Qt needs and this machine does not have, as a test says it that is skipped for that; empty where it is there.
LACKS_QT = ""
try:
    importlib.import_module("PySide6.QtWidgets")
except ImportError:
    LACKS_QT = f"needs {' '.join(lacking('qt-libraries', loads).values())}"

# A suite that a script starts in the background is told to ignore Ctrl-C, and so would be every program that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Programs that the tests start hundreds of times, and the tests themselves, are compiled once.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

#: Where temporary folders lie in memory, on Linux, and how much room there has to be.
MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30


def is_good_for_tests(memory: Path) -> bool:
    """Whether `memory` has room for all temporary folders, and programs that are built there can be started."""
    if not (memory.is_dir() and os.access(memory, os.W_OK)):
        return False
    return shutil.disk_usage(memory).free >= ROOM and not os.statvfs(memory).f_flag & os.ST_NOEXEC


# pytest reads the variable when the first temporary folder is asked for.
if sys.platform == "linux" and is_good_for_tests(MEMORY):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

#: How many RSA keys a process of the tests makes at most: as many in a row differ.
RSA_KEYS = 16
_key_number, _make_key, _load_key = itertools.count(), rsa.generate_private_key, serialization.load_pem_private_key
#: The keys that this process has made, by what is written of them without a password.
_made_keys: dict[bytes, rsa.RSAPrivateKey] = {}


@functools.lru_cache(2 * RSA_KEYS)
def _kept_key(number: int, public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
    key = _make_key(public_exponent, key_size)
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    _made_keys[key.private_bytes(pem, form, serialization.NoEncryption())] = key
    return key


@functools.lru_cache(100)
def _loaded_key(data: bytes, password: bytes | None, unsafe: bool) -> Any:
    return _made_keys.get(data) or _load_key(data, password, unsafe_skip_rsa_key_validation=unsafe)


# Every new desk and every iPhone makes keys, which takes 50 ms each time; and every connection loads the desk's key for
# phones twice: to look whether it is a good one takes 30 ms each time.
rsa.generate_private_key = lambda public_exponent, key_size, backend=None: _kept_key(  # type: ignore[assignment]
    next(_key_number) % RSA_KEYS, public_exponent, key_size
)
serialization.load_pem_private_key = (  # type: ignore[assignment]
    lambda data, password, backend=None, *, unsafe_skip_rsa_key_validation=False: _loaded_key(
        bytes(data), password, unsafe_skip_rsa_key_validation
    )
)

# No test is timed, and a fixture that all examples share is meant.
for name, count in (("python", 10), ("whole", 45), ("thorough", 2000)):
    settings.register_profile(
        name,
        max_examples=count,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        print_blob=True,
    )
settings.load_profile("python")

#: How many ordinary apps a practice phone has in most tests.
FEW_APPS = 6

#: The number in the markers of this process's scripts.
process_nonce = functools.cache(shell.nonce)

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
    if event.startswith("socket.") and not stays_here(event, args):  # most that it hears is of something else
        tried.append(f"{event} {args[0] if isinstance(args[0], str | bytes) else args[1]!r}")
        raise NetworkError(tried[-1])


sys.addaudithook(fence)


# --- which tests are run, and in which order


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    parts = (PYTHON, REST, ALL, NIGHTLY)
    parser.addoption("--part", choices=parts, help="a part of the tests: see installer/test_run.py")
    if LACKS_QT:
        pluginmanager.unregister(name="pytest-qt")


def pytest_configure(config: pytest.Config) -> None:
    part = config.getoption("part")
    if part in (REST, ALL) and not config.getoption("hypothesis_profile", None):
        settings.load_profile("whole")
    if part is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(part), "recorder")


class Recorder:
    """Keeps what a part of the tests did, for a run of the rest and for the last line of all."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._skipped: dict[str, str] = {"tests/gui": LACKS_QT} if LACKS_QT else {}
        self._run: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            self._skipped[report.nodeid] = report.longrepr[2].removeprefix("Skipped: ")
        elif report.when == "call" or report.failed:
            self._run.add(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            self._skipped[report.nodeid] = report.longrepr[2].removeprefix("Skipped: ")

    def pytest_sessionfinish(self) -> None:
        record = {"part": self._part, "skipped": Counter(self._skipped.values()), "run": sorted(self._run)}
        file = ROOT / RECORD
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(record), encoding="utf-8")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What a part leaves out is not even imported; nor are tests of the window where Qt cannot be loaded."""
    if collection_path == REAL and config.getoption("part") == PYTHON:
        return True
    return (collection_path == GUI and bool(LACKS_QT)) or None


#: How Python says that a library of the system's is missing which a module needs.
NO_LIBRARY = "cannot open shared object file"


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Leave out a module of tests that needs Qt where it cannot be loaded."""
    report = yield
    if LACKS_QT and report.failed and NO_LIBRARY in str(report.longrepr):
        report.outcome, report.longrepr = "skipped", (report.nodeid, 0, f"Skipped: {LACKS_QT}")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Leave out a test that comes upon Qt where it cannot be loaded."""
    try:
        return (yield)
    except ImportError as error:
        if LACKS_QT and NO_LIBRARY in str(error):
            pytest.skip(LACKS_QT)
        raise


@pytest.fixture
def qt() -> None:
    """Qt can be loaded, for what a test starts."""
    if LACKS_QT:
        pytest.skip(LACKS_QT)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """All that a collection makes stays: to look for garbage in it would take a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run a test; once more if it failed and the day changed meanwhile, here or by UTC: what it had reckoned from the
    day is over then."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    begun = days()
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    if any(report.failed for report in reports) and days() != begun:
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    look_for_garbage()
    return True


def look_for_garbage() -> None:
    """Between tests, and so on the main thread alone: what is Qt's may not end on another one."""
    for age, (count, limit) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)):
        if count <= limit:
            break
        gc.collect(age)


def moment() -> datetime:
    """Now, in this computer's zone."""
    return datetime.now().astimezone()


def days() -> tuple[date, date]:
    """The day here, and by UTC."""
    now = moment()
    return now.date(), now.astimezone(UTC).date()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a part leaves out, and put first what takes longest, so that no process is left with it alone."""
    part = config.getoption("part")
    run = run_before() if part == REST else set()

    def is_left_out(item: pytest.Item) -> bool:
        slow, nightly = (item.get_closest_marker(name) is not None for name in ("slow", "nightly"))
        return item.nodeid in run or nightly != (part == NIGHTLY) or (slow and part == PYTHON)

    left_out = [item for item in items if part and is_left_out(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]
    items.sort(key=lambda item: item.get_closest_marker("first") is None)


def run_before() -> set[str]:
    """What the last run of a part ran; nothing where there was none."""
    file = ROOT / RECORD
    return set(json.loads(file.read_text(encoding="utf-8"))["run"]) if file.exists() else set()


# --- what holds in every test


@pytest.fixture
def now() -> datetime:
    """The moment at which a test begins, in this computer's zone. What a test says of days is reckoned from it."""
    return moment()


@pytest.fixture
def today(now: datetime) -> date:
    """The day on which a test begins, in this computer's zone."""
    return now.date()


@pytest.fixture
def utc_today(now: datetime) -> date:
    """The day on which a test begins, by UTC."""
    return now.astimezone(UTC).date()


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """In memory where that is possible; on a disk for tests that are marked so."""
    if not request.node.get_closest_marker("disk"):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="fanion-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(autouse=True)
def few_apps(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Practice phones have six ordinary apps, beside those that their scenario is about: three hundred take far longer
    to read, file by file. Where they matter, a test asks for `all_apps`, and a folder has a fixture of its own."""
    if not request.path.name.startswith("test_earlier"):  # whose phones were recorded with all of theirs
        monkeypatch.setattr("core.simulator.model.phone.ordinary_apps", few_ordinary_apps)


@pytest.fixture(autouse=True)
def one_nonce(monkeypatch: pytest.MonkeyPatch) -> None:
    """All scripts for phones have one number in their markers, so that a practice phone, which keeps what it parsed,
    parses each once. A folder where it matters that the next number is another one has a fixture of its own."""
    monkeypatch.setattr(shell, "nonce", process_nonce)


@pytest.fixture
def all_apps(few_apps: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Practice phones have as many apps as people's."""
    monkeypatch.setattr("core.simulator.model.phone.ordinary_apps", ordinary_apps)


@pytest.fixture
def short_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hostile phone's list without an end is given up after less."""
    floods.shorten(monkeypatch)


def few_ordinary_apps(count: int, maker: str, profiles: tuple[int, ...]) -> tuple[AppData, ...]:
    return ordinary_apps(min(count, FEW_APPS), maker, profiles)


@pytest.fixture(autouse=True)
def own_surroundings() -> Iterator[None]:
    """Every test begins in English and in the zone of the environment, whatever another one has left."""
    text.use("en")
    if hasattr(time, "tzset"):
        time.tzset()
    yield
    text.use("en")


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


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the system has what is there for a moment; it is empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the project, with captures of real phones and rigs of real daemons; skips where it is not."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"there is no folder {folder.name} beside the project: captures and rigs are not here")
    return folder


# --- what is put in the place of the system's, each in one place


@pytest.fixture
def on_system(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has Python name another system than this one: ``on_system("win32")``."""
    return lambda name: monkeypatch.setattr(sys, "platform", name)


@pytest.fixture
def sync_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], None]], None]:
    """Has bytes made durable by a function of the test's: one that fails is a full or broken disk."""
    return lambda sync: monkeypatch.setattr(os, "fsync", sync)


@pytest.fixture
def standard_folder_is(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Has another folder be this person's standard data folder."""
    return lambda folder: monkeypatch.setattr(data_choice, "standard_folder", lambda: folder)


@pytest.fixture
def carried_folder_is(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Has another folder be the one beside a program that is carried around."""
    return lambda folder: monkeypatch.setattr(data_choice, "portable_folder", lambda: folder)


@pytest.fixture
def packaged_program_is(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has this be the packaged program, which is started from there where a path is given."""

    def started(program: Path | str = sys.executable) -> None:
        monkeypatch.setattr(sys, "frozen", True, raising=False)
        monkeypatch.setattr(sys, "executable", str(program))

    return started


@pytest.fixture
def department_is(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Has the department's settings stand in another file than the system's."""
    load, save, forget = core_settings.load, core_settings.save_personal, core_settings.forget_personal

    def read_from(file: Path) -> None:
        monkeypatch.setattr(core_settings, "load", lambda data, machine=file: load(data, machine))
        monkeypatch.setattr(core_settings, "save_personal", functools.partial(save, machine=file))
        monkeypatch.setattr(core_settings, "forget_personal", functools.partial(forget, machine=file))

    return read_from


@pytest.fixture
def poll_often(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Has an iPhone whose owner decides be asked a hundred times a second, and not once."""
    return lambda: monkeypatch.setattr(lockdown, "POLL", 0.01)
