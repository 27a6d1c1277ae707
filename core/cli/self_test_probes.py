"""What ``fanion self-test`` tries, one function a part: each says what it found, or raises what is wrong.

What a part needs is imported where it is tried: a library that is missing is then a line of the report, not its end.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from importlib import resources as files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core import __version__
from core.problem import Problem
from core.system.packaged import is_packaged
from core.text import N, T, Text, plain

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from core.desk.desk import Desk

#: Bytes that have to be free for the log to grow.
_FREE: Final = 200_000_000
_MEGA: Final = 1_000_000
_GIGA: Final = 1_000_000_000
#: The kinds of files that come along: folder, ending, and how many there are at least. One level of folders below
#: counts too; the catalogue's source does not come along everywhere.
_KINDS: Final = (
    ("policies", ".toml", 6),
    ("icons", ".svg", 30),
    ("guides", ".md", 3),
    ("reports", ".typ", 4),
    ("practice", ".toml", 10),
    ("practice/certificates", ".der", 1),
    ("locale/fr/LC_MESSAGES", ".mo", 1),
    ("audit", ".py", 1),
)
#: What the builder wrote down of the packaged program’s folder: the length in bytes and the name of a file in each
#: line. Not on macOS, where signing changes files afterwards.
LIST: Final = "files.txt"
_PAGE: Final = b'#set document(title: "Fanion")\n#set page(width: 60mm, height: 20mm)\nFanion'


class Lacking(Problem):
    """Part of the installation, or of the computer, is not as Fanion needs it."""

    code = "lacking"
    exit_code = 1


def _again() -> Text:
    return T("Install Fanion again.")


# --- the computer and what comes along


def machine() -> Text:
    """The system, the processor and the C library: what the packages are built for."""
    if sys.platform == "linux":
        libc = " ".join(platform.libc_ver()) or "libc"
        return T("{system}, {processor}, {library}", system=_linux(), processor=platform.machine(), library=libc)
    if sys.platform == "darwin":
        return T("{system}, {processor}", system=f"macOS {platform.mac_ver()[0]}", processor=platform.machine())
    name = f"{platform.system()} {platform.release()} ({platform.version()})"
    return T("{system}, {processor}", system=name, processor=platform.machine())


def _linux() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = "Linux"
    return f"{name}, Linux {platform.release()}"


def python() -> Text:
    packaged = is_packaged()
    version = platform.python_version()
    return (
        T("{version}, which came with Fanion", version=version)
        if packaged
        else T("{version}, {file}", version=version, file=sys.executable)
    )


def sqlite() -> Text:
    """Tried with tables as the log and its search have them."""
    version = sqlite3.sqlite_version
    try:
        with contextlib.closing(sqlite3.connect(":memory:")) as trial:
            trial.execute("CREATE TABLE a (b TEXT) STRICT")
            trial.execute("CREATE VIRTUAL TABLE c USING fts5(b, tokenize='trigram')")
            trial.execute("SELECT '{}' ->> '$.a'")  # came with 3.38, as everything else that the log needs
    except sqlite3.Error as error:
        raise Lacking(
            T("SQLite {version} is older than what the log needs, or lacks part of it.", version=version),
            T("Use the packaged Fanion, which brings its own."),
            str(error),
        ) from error
    return T("{version}, with all that the log needs", version=version)


def resources() -> Text:
    """Every kind of file is there, and none is empty; in the packaged program, every file as it was packed."""
    if (packaged := getattr(sys, "_MEIPASS", None)) is not None and sys.platform != "darwin":
        _require_whole(Path(packaged))
    root = files.files("resources")
    count = 0
    for folder, suffix, at_least in _KINDS:
        found = list(_with_suffix(root, folder, suffix))
        missing = T("the files in {folder} are not all there", folder=f"resources/{folder}")
        if len(found) < at_least:
            raise Lacking(T("Fanion’s folder is not whole: {missing}.", missing=missing), _again())
        for file in found:
            if not file.read_bytes().strip():
                raise Lacking(T("Fanion’s folder is not whole: {file} is empty.", file=file.name), _again())
        count += len(found)
    return N("{count} file is there", "{count} files are there", count)


def _require_whole(folder: Path) -> None:
    """Raise Lacking for the first file of the list that is not there, or not as long as it was."""
    try:
        told = (folder / LIST).read_text(encoding="utf-8").splitlines()
        if not told:
            raise FileNotFoundError(LIST)
    except (OSError, ValueError) as error:
        raise Lacking(T("Fanion’s folder is not whole: {file} is missing.", file=LIST), _again(), str(error)) from error
    for line in told:
        length, _, name = line.partition(" ")
        try:
            found = (folder / name).stat().st_size
        except (OSError, ValueError) as error:
            missing = T("Fanion’s folder is not whole: {file} is missing.", file=name)
            raise Lacking(missing, _again(), str(error)) from error
        if str(found) != length:
            raise Lacking(
                T("Fanion’s folder is not whole: {file} is not as long as it was.", file=name),
                _again(),
                f"{found} ≠ {length}",
            )


def _with_suffix(root: Traversable, folder: str, suffix: str) -> Iterator[Traversable]:
    place = root
    for name in folder.split("/"):
        place = place / name
    with contextlib.suppress(OSError):
        yield from (file for file in place.iterdir() if file.name.endswith(suffix) and file.is_file())


def french() -> Text:
    sentence = T("No phone is plugged in.")
    try:
        found = sentence.in_language("fr")
    except (OSError, ValueError) as error:
        raise Lacking(T("The French texts are not there."), _again(), str(error)) from error
    if found == sentence.in_language("en"):
        raise Lacking(T("The French texts are not there."), _again())
    return T("the catalogue is there")


# --- phones


def usb() -> Text:
    from core.phones.android import usb as android

    bus = android.Bus()
    try:
        return N(
            "the bus can be read; {count} phone is plugged in",
            "the bus can be read; {count} phones are plugged in",
            len(bus.look()),
        )
    finally:
        bus.close()


def adb_server() -> Text:
    from core.phones.android import server

    return (
        T("one runs; phones that it holds are reached through it")
        if server.running()
        else T("none runs; none is needed")
    )


# --- the log and what it is made with


def keyring(desk: Desk) -> Text:
    """Where the log's key would go. Only asked for its kind: nothing is put in, and nothing is unlocked."""
    if desk.portable or desk.log_folder != desk.data:
        return T("not used for a log that is shared or carried around; its key is in a file")
    import keyring as keyrings

    from core.ledger.keys.identity import is_safe

    try:
        found = keyrings.get_keyring()
    except Exception as error:  # keyrings are anybody's code
        raise Lacking(
            T("The keyring of this computer cannot be asked."),
            T("Unlock it or sign in again; until then, a new log’s key is put into a file."),
            f"{type(error).__name__}: {error}",
        ) from error
    if not is_safe(found):
        return T("there is none here; the log’s key is in a file that only this account can read")
    return T("{name} keeps the log’s key", name=plain(found.name))


def pages() -> Text:
    """A page is made in memory, as receipts are."""
    import typst

    pdf = typst.compile(_PAGE, format="pdf")
    if not isinstance(pdf, bytes) or not pdf.startswith(b"%PDF-"):
        raise Lacking(T("A page cannot be made: receipts and reports would fail."), _again())
    return T("a PDF can be made ({name} {version})", name="typst", version=getattr(typst, "__version__", "?"))


def settings(desk: Desk) -> Text:
    if desk.fault is not None:
        raise desk.fault
    return T("officer {officer}, desk {desk}", officer=desk.officer, desk=desk.name)


def disk(desk: Desk) -> Text:
    """On the disk that has the log, or will have it."""
    import shutil

    folder = desk.log_folder
    there = next((one for one in (folder, *folder.parents) if os.path.isdir(one)), folder)
    free = shutil.disk_usage(there).free
    if free < _FREE:
        raise Lacking(
            T(
                "Only {free} MB are free in {folder}; the log should have {needed} MB.",
                free=free // _MEGA,
                folder=str(folder),
                needed=_FREE // _MEGA,
            ),
            T("Free some space on the disk, then test again: fanion self-test."),
        )
    return T("{free} GB are free in {folder}", free=free / _GIGA, folder=str(folder))


def log(desk: Desk) -> Text:
    """A record is written and read back in a folder beside the real log, which stays as it is.

    As practice: its key must not go into the user's keyring. A log that is there is looked at as its opening would do.
    """
    from core.ledger import records
    from core.ledger.write_check import require_ready
    from core.ledger.writer import Ledger, ledger_file
    from core.system import folder_check

    folder_check.require(desk.data, portable=desk.portable)
    folder = desk.usable_folder()
    with tempfile.TemporaryDirectory(dir=folder, prefix="self-test-") as trial:
        path = ledger_file(Path(trial), practice=True)
        with Ledger.open(path, desk=desk.name, officer=desk.officer, app_version=__version__, practice=True) as ledger:
            ledger.append(records.ProgramStart(sys.platform, 0))
            written = ledger.entry(1)
    if written is None:
        raise RuntimeError("what was written cannot be read")
    for practice in (False, True):
        if os.path.lexists(there := desk.ledger_path(practice)):
            require_ready(there, practice=practice, keyring=not (desk.portable or desk.shared))
            if there.stat().st_size:
                with desk.read_ledger(practice) as reader:
                    reader.newest(1)
    return T("can be written in {folder}", folder=str(folder))


def policy(desk: Desk) -> Text:
    """The one in force. A root file has to be one even before a signed policy was accepted: it would accept none."""
    if desk.settings.policy_root:
        from core.policy.trust import chain, trust

        chain.follow_roots(lambda path, limit: None, trust.pinned_root(Path(desk.settings.policy_root)))
    found = desk.policy(None)
    return T("{id} {version}, SHA-256 {sha256}", id=found.id, version=found.version, sha256=found.sha256)


def policies() -> Text:
    """All that come along can be read, and so can signed ones and others' lists: their libraries are there."""
    import yaml

    from core.policy.format import policy_file as built_in
    from core.policy.trust import trust

    count = len([built_in.load_built_in(name) for name in built_in.built_in()])
    if not (callable(trust.accept) and callable(yaml.safe_load)):
        raise RuntimeError("a library is not whole")
    return N(
        "{count} comes along and is sound; signed ones can be read",
        "{count} come along and are sound; signed ones can be read",
        count,
    )


def practice_check() -> Text:
    """A phone that is only simulated, from its connection to its verdict."""
    from core import simulator
    from core.jobs import Cancel, silent
    from core.model import Verdict
    from core.phones.connect import Reach
    from core.policy.format import policy_file as built_in
    from core.visit.check import check

    with (
        tempfile.TemporaryDirectory() as folder,
        simulator.PracticeServer(simulator.load("walk-up"), pace=0) as phone,
    ):
        driver = Reach(Path(folder), "self-test").address("127.0.0.1", phone.port, Cancel())
        try:
            found = check(driver, built_in.load_built_in("canada"), silent, Cancel(), quick=False)
        finally:
            driver.close()
    if found.verdict is not Verdict.RED:
        raise RuntimeError(f"the practice phone is {found.verdict}, not red")
    return T("red, as it should be, in {seconds} s", seconds=found.seconds)
