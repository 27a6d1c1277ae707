"""``fanion self-test``: each part that fails is named, with what to do, and the report comes out whatever is broken."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import types
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from core import text
from core.cli.probes import Lacking, installation, keyring
from core.cli.probes import log as log_probe
from core.cli.probes import pages as pages_probe
from core.cli.probes import phones as phone_probes
from core.cli.probes import practice as practice_probe
from core.desk.desk import Desk
from core.desk.settings import settings
from core.desk.settings.settings_table import Settings
from core.ledger.file.database import REAL_ID
from core.ledger.file.schema import RECORDS
from core.ledger.keys.enrolment import keys_folder
from core.phones import usb
from core.phones.android.link import server
from core.phones.driver import PhoneProblem
from core.phones.iphone import mux
from core.phones.usb import NoUsb
from core.problem import Problem
from core.text import T, Text
from tests.unit.cli.conftest import Fanion
from tests.unit.policy.team import Team

PARTS = [
    "machine",
    "python",
    "sqlite",
    "resources",
    "french",
    "usb",
    "adb",
    "iphones",
    "keyring",
    "pages",
    "encryption",
    "settings",
    "disk",
    "log",
    "policy",
    "policies",
    "practice",
]
Usage = namedtuple("Usage", "total used free")
RESOURCES = Path(str(resources.files("resources")))

Tried = Callable[..., Any]


@pytest.fixture
def tried_whole(fanion: Fanion) -> Tried:
    """Runs the self-test and gives its JSON; checks that its exit code says the same."""

    def run(*words: str, further: Any = ()) -> Any:
        answer = fanion("self-test", "--json", *words, probes=further)
        report = answer.json
        assert answer.code == (0 if report["ok"] else 1)
        assert report["ok"] is all(part["ok"] for part in report["parts"])
        return report

    return run


@pytest.fixture
def tried(tried_whole: Tried, monkeypatch: pytest.MonkeyPatch) -> Tried:
    """Likewise, without the check of a practice phone and the page that is set, which take longest."""
    for module, name in ((practice_probe, "practice"), (pages_probe, "pages")):
        monkeypatch.setattr(module, name, lambda *_: T("not looked at"))
    return tried_whole


@pytest.fixture
def without_usb(monkeypatch: pytest.MonkeyPatch) -> None:
    """The USB ports cannot be used."""
    monkeypatch.setattr(phone_probes, "Bus", no_usb)


@pytest.fixture
def root_file_is(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Has the settings name this file as the policy team's."""
    load = settings.load
    return lambda root: monkeypatch.setattr(settings, "load", lambda data: replace(load(data), policy_root=str(root)))


def the_failing(report: Any) -> Any:
    (part,) = [part for part in report["parts"] if not part["ok"]]
    assert part["next"].endswith(".")
    return part


def test_every_part_is_there_under_its_own_name_and_well(tried_whole: Tried) -> None:
    report = tried_whole()
    assert [part["part"] for part in report["parts"]] == PARTS
    assert report["ok"], the_failing(report)
    assert all(set(part) == {"part", "name", "ok", "says", "next", "detail"} for part in report["parts"])
    assert all(part["says"] and not part["next"] and not part["detail"] for part in report["parts"])


def test_the_ids_are_the_same_in_french_and_everything_else_is_french(tried_whole: Tried) -> None:
    english, french = tried_whole(), tried_whole("--language", "fr")
    assert [part["part"] for part in french["parts"]] == PARTS
    assert [part["name"] for part in french["parts"]] != [part["name"] for part in english["parts"]]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_report_for_people(fanion: Fanion, without_usb: None, language: str) -> None:
    answer = fanion("self-test", "--language", language)
    lines = answer.out.splitlines()
    assert answer.code == 1
    bad = next(i for i, line in enumerate(lines) if line.startswith("✖"))
    problem = NoUsb(NO_USB, "LIBUSB_ERROR_OTHER")
    colon = "\N{NO-BREAK SPACE}:" if language == "fr" else ":"
    assert lines[bad : bad + 3] == [
        f"✖ USB{colon} {problem.sentence}",
        f"  → {problem.next_step}",
        "    LIBUSB_ERROR_OTHER",
    ]
    assert len([line for line in lines if line.startswith(("✔", "✖"))]) == len(PARTS)
    assert lines[-1] == str(T("Something is missing; see ✖ above."))


def test_at_a_narrow_terminal_lines_are_broken_between_words_and_hang(
    fanion: Fanion, without_usb: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    answer = fanion("self-test")
    assert answer.code == 1
    lines = answer.out.splitlines()
    assert any(line.startswith("  → ") for line in lines)
    assert all(line.startswith(("Fanion", "✔ ", "✖ ", "  ", "Something")) for line in lines)


# --- each part, broken at the edge of the machine

NO_USB = T("This computer's USB ports cannot be used.")


def no_usb() -> None:
    raise NoUsb(NO_USB, "LIBUSB_ERROR_OTHER")


def raising(error: Exception) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


def test_usb(tried: Tried, without_usb: None) -> None:
    part = the_failing(tried())
    assert (part["part"], part["says"], part["detail"]) == ("usb", str(NO_USB), "LIBUSB_ERROR_OTHER")


def test_usb_whose_library_is_gone(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    usb.library.cache_clear()
    monkeypatch.delitem(sys.modules, "core.phones.libusb", raising=False)
    monkeypatch.delattr("core.phones.libusb", raising=False)
    monkeypatch.setitem(sys.modules, "usb1", None)
    part = the_failing(tried())
    assert part["part"] == "usb"
    assert "libusb" in part["says"]
    usb.library.cache_clear()


def test_an_adb_server_that_cannot_be_asked(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "running", raising(PermissionError(13, "Permission denied")))
    part = the_failing(tried())
    assert part["part"] == "adb"
    assert part["detail"].startswith("PermissionError: ")


def test_iphones_that_are_not_reached_are_no_fault(
    tried: Tried, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def says() -> str:
        return next(str(part["says"]) for part in tried()["parts"] if part["part"] == "iphones")

    monkeypatch.setenv(mux.ADDRESS_VARIABLE, str(tmp_path / "none"))
    assert says().startswith("not reached: ")


class OldDatabase:
    """As SQLite was before 3.37."""

    def execute(self, statement: str) -> None:
        raise sqlite3.OperationalError(f"unknown table option: {statement.split()[-1]}")

    def close(self) -> None: ...


def test_sqlite_that_is_too_old(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    real = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda name, **how: OldDatabase() if name == ":memory:" else real(name, **how)
    )
    part = the_failing(tried())
    assert part["part"] == "sqlite"
    assert sqlite3.sqlite_version in part["says"]
    assert "packaged Fanion" in part["next"]


def a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fanion's files, to be spoilt."""
    copy = tmp_path / "resources"
    shutil.copytree(RESOURCES, copy)
    monkeypatch.setattr(installation, "files", types.SimpleNamespace(files=lambda name: copy))
    return copy


@pytest.mark.parametrize("folder", [folder for folder, _, _ in installation._KINDS])
def test_files_that_are_gone(tried: Tried, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    shutil.rmtree(a_copy(tmp_path, monkeypatch) / folder)
    part = the_failing(tried())
    assert part["part"] == "resources"
    assert f"resources/{folder.split('/')[0]}" in part["says"]
    assert part["next"] == "Install Fanion again."


def test_a_file_that_is_empty(tried: Tried, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (a_copy(tmp_path, monkeypatch) / "icons" / "check.svg").write_bytes(b"\n")
    part = the_failing(tried())
    assert (part["part"], part["says"]) == ("resources", "Fanion’s folder is not whole: check.svg is empty.")


@pytest.mark.skipif(sys.platform == "darwin", reason="signing changes files there")
def test_a_file_of_the_packaged_program_that_is_not_as_it_was_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "packaged"
    (folder / "Qt").mkdir(parents=True)
    library, listed = folder / "Qt" / "a b.so", folder / "files.txt"
    monkeypatch.setattr(sys, "_MEIPASS", str(folder), raising=False)

    def says() -> str:
        try:
            return str(installation.resources(Desk(tmp_path, Settings())))
        except Lacking as lacking:
            return f"{lacking.sentence} {lacking.next_step}"

    library.write_bytes(b"12345")
    assert says() == "Fanion’s folder is not whole: files.txt is missing. Install Fanion again."
    listed.touch()
    assert says() == "Fanion’s folder is not whole: files.txt is missing. Install Fanion again."
    listed.write_text("5 Qt/a b.so\n6 Qt/c.so\n")
    assert says() == "Fanion’s folder is not whole: Qt/c.so is missing. Install Fanion again."
    listed.write_text("5 Qt/a b.so\n")
    assert says().endswith("files are there")
    library.write_bytes(b"123")
    assert says() == "Fanion’s folder is not whole: Qt/a b.so is not as long as it was. Install Fanion again."
    library.unlink()
    assert says() == "Fanion’s folder is not whole: Qt/a b.so is missing. Install Fanion again."


def test_french_that_is_gone(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Text.in_language
    gone = FileNotFoundError(2, "No such file or directory", "fanion.mo")

    def read(self: Text, language: text.Language) -> str:
        if language == "fr":
            raise gone
        return real(self, language)

    monkeypatch.setattr(Text, "in_language", read)
    part = the_failing(tried())
    assert (part["part"], part["says"]) == ("french", "The French texts are not there.")


def test_typst_that_cannot_be_loaded(tried_whole: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    monkeypatch.delitem(sys.modules, "core.cli.probes.pages", raising=False)
    part = the_failing(tried_whole())
    assert part["part"] == "pages"
    assert "typst" in part["detail"]


def test_typst_that_makes_no_page(tried_whole: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typst.compile", lambda *_, **__: b"")
    part = the_failing(tried_whole())
    assert part["part"] == "pages"
    assert "receipts" in part["says"]


def test_what_encrypts_that_cannot_be_loaded(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", None)
    monkeypatch.delitem(sys.modules, "core.cli.probes.encryption", raising=False)
    part = the_failing(tried())
    assert part["part"] == "encryption"
    assert "pyrage" in part["detail"]


def test_to_whom_bundles_are_encrypted_is_told(tried: Tried, data: Path) -> None:
    data.mkdir()
    key = "age1q84s2hqmg3gp9ery8avd632xx28pmphqqvn6d6m8kge89qr50cus0ptksc"
    for setting, told in (("", "leave unencrypted"), (f'head_office_key = "{key}"\n', "age1q84s2hqm…us0ptksc")):
        (data / "settings.toml").write_text(setting, encoding="utf-8")
        (part,) = [part for part in tried()["parts"] if part["part"] == "encryption"]
        assert part["ok"]
        assert told in part["says"]


def test_settings_that_cannot_be_used(tried: Tried, data: Path) -> None:
    data.mkdir()
    (data / "settings.toml").write_text("officer = 7\n", encoding="utf-8")
    part = the_failing(tried())
    assert part["part"] == "settings"
    assert "settings.toml" in part["says"]


def test_a_disk_that_is_nearly_full(tried: Tried, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**9, 10**9, 199_999_999))
    part = the_failing(tried())
    assert part["part"] == "disk"
    assert part["says"] == f"Only 199 MB are free in {data}; the log should have 200 MB."


def test_a_full_disk(tried: Tried, small_disk: Path) -> None:
    with open(small_disk / "big", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 1_000_000)
    failing = {part["part"]: part for part in tried("--data", str(small_disk / "data"))["parts"] if not part["ok"]}
    assert list(failing) == ["disk", "log"]
    assert "the disk is full" in failing["log"]["says"]


def test_a_folder_that_nobody_can_look_into(tried: Tried, tmp_path: Path) -> None:
    place = tmp_path / ("a" * 300)  # no system has such names
    failing = {part["part"]: part for part in tried("--data", str(place))["parts"] if not part["ok"]}
    assert "disk" not in failing  # the one above it is looked at
    assert str(place) in failing["log"]["says"]


def test_a_folder_that_cannot_be_written(tried: Tried, tmp_path: Path, make_read_only: Callable[[Path], None]) -> None:
    place = tmp_path / "place"
    place.mkdir()
    make_read_only(place)
    part = the_failing(tried("--data", str(place)))
    assert part["part"] == "log"
    assert str(place) in part["says"]


def test_a_log_that_is_damaged(tried: Tried, data: Path) -> None:
    data.mkdir()
    (data / "ledger.db").write_bytes(b"no database" * 100)
    part = the_failing(tried())
    assert part["part"] == "log"
    assert "ledger.db" in part["says"]
    assert sorted(file.name for file in data.iterdir()) == ["ledger.db"]


def recorded(data: Path, *, practice: bool = False) -> Path:
    """A log with a sealed record, as somebody's own is."""
    desk = Desk.at(data)
    with desk.ledger(practice, desk.policy(None)) as ledger:
        ledger.seal()
    desk.close()
    return desk.ledger_path(practice)


def state(folder: Path) -> dict[Path, tuple[bytes, int]]:
    """What is in every file, and when it was written."""
    return {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.rglob("*") if file.is_file()}


def without_a_guard(log: Path) -> None:
    with contextlib.closing(sqlite3.connect(log)) as other:
        other.execute("DROP TRIGGER entry_unchanged")


def with_a_later_head(log: Path) -> None:
    with contextlib.closing(sqlite3.connect(log)) as other, other:
        other.execute("UPDATE head SET size = 900, hashes = zeroblob(128)")


def without_its_epoch(log: Path) -> None:
    (keys_folder(log) / "epoch.keys").unlink()


def without_its_identity(log: Path) -> None:
    next(keys_folder(log).glob("identity-*.key")).unlink()


def without_its_keys(log: Path) -> None:
    shutil.rmtree(keys_folder(log))


def with_a_file_for_its_keys(log: Path) -> None:
    shutil.rmtree(keys_folder(log))
    keys_folder(log).touch()


def with_a_key_that_is_in_a_keyring(log: Path) -> None:
    key = next(keys_folder(log).glob("identity-*.key"))
    key.with_suffix(".place").write_text("keyring\n")
    key.unlink()


def cut_off(log: Path) -> None:
    """In the middle of a writing that is on disk by half."""
    code = (
        "import os, sqlite3, sys; other = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "other.execute('PRAGMA cache_size=1'); other.execute('BEGIN IMMEDIATE');"
        "other.execute('CREATE TABLE a AS WITH RECURSIVE n(i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) SELECT i, zeroblob(99) AS b FROM n'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(log)], check=True)


@pytest.mark.parametrize("practice", [False, True], ids=["real", "practice"])
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (without_a_guard, "was altered by another program"),
        (with_a_later_head, "was altered by another program"),
        (without_its_epoch, "A key of the log is missing in"),
        (without_its_identity, "A key of the log is missing in"),
        (without_its_keys, "A key of the log is missing in"),
        (with_a_file_for_its_keys, "cannot be kept in its folder"),
        (with_a_key_that_is_in_a_keyring, "is in this computer’s keyring"),
        (cut_off, "was cut off while it was being written"),
    ],
)
def test_a_log_that_could_not_go_on_as_it_is(
    data: Path, spoil: Callable[[Path], None], words: str, practice: bool
) -> None:
    if practice and spoil is with_a_key_that_is_in_a_keyring:
        pytest.skip("a practice log’s never is")
    log = recorded(data, practice=practice)
    assert "can be written" in str(log_probe.log(Desk.at(data)))
    spoil(log)
    before = state(data)
    with pytest.raises(Problem, match=words) as told:
        log_probe.log(Desk.at(data))
    assert str(told.value.next_step).endswith(".")
    assert state(data) == before


def test_a_log_of_which_only_the_name_is_there_yet_is_in_order(tried: Tried, data: Path) -> None:
    data.mkdir(mode=0o700)
    (data / "ledger.db").touch()
    assert tried()["ok"]
    assert not (data / "ledger.db").read_bytes()


def test_a_log_of_the_first_version_is_in_order_and_stays_so(tried: Tried, data: Path) -> None:
    data.mkdir(mode=0o700)
    with contextlib.closing(sqlite3.connect(data / "ledger.db")) as old:
        old.executescript(RECORDS)
        old.execute(f"PRAGMA application_id={REAL_ID}")
        old.execute("PRAGMA user_version=1")
    before = state(data)
    report = tried()
    assert report["ok"], the_failing(report)
    assert state(data) == before


def test_a_log_that_another_program_writes_is_in_order(tried: Tried, data: Path) -> None:
    desk = Desk.at(data)
    desk.hold_ledger(False, desk.policy(None))
    try:
        assert tried()["ok"]
    finally:
        desk.close()


def test_a_log_that_cannot_be_written_for_lack_of_rights(
    tried: Tried, data: Path, make_read_only: Callable[[Path], None]
) -> None:
    log = recorded(data)
    make_read_only(log)
    part = the_failing(tried())
    assert (part["part"], part["says"]) == ("log", f"The log file {log} cannot be written: it is read-only.")


@pytest.mark.parametrize("content", [b"", b"{}", b'{"signatures": [], "signed": {"_type": "root"}}', b"\0" * 99])
def test_a_root_file_that_is_none(
    tried: Tried, data: Path, tmp_path: Path, root_file_is: Callable[[Path], None], content: bytes
) -> None:
    root = tmp_path / "root.json"
    root.write_bytes(content)
    root_file_is(root)
    part = the_failing(tried())
    assert (part["part"], part["next"]) == (
        "policy",
        "Ask your IT support to install the policy team’s root file again.",
    )
    root.unlink()
    part = the_failing(tried())
    assert part["part"] == "policy"
    assert str(root) in part["says"]


def test_a_root_file_that_is_one(
    tried: Tried, data: Path, tmp_path: Path, root_file_is: Callable[[Path], None]
) -> None:
    team = Team(tmp_path / "team")
    team.publish("1")
    root_file_is(team.root_file)
    assert tried()["ok"]


def test_a_policy_that_is_gone(tried: Tried, data: Path) -> None:
    data.mkdir()
    (data / "settings.toml").write_text("policy = 'atlantis'\n", encoding="utf-8")
    part = the_failing(tried())
    assert part["part"] == "policy"
    assert "atlantis" in part["says"]


def test_policies_whose_library_is_gone(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    monkeypatch.delitem(sys.modules, "core.cli.probes.policies", raising=False)
    assert the_failing(tried())["part"] == "policies"


def test_a_practice_phone_that_is_not_red(tried_whole: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    from core import simulator

    real = simulator.load
    monkeypatch.setattr(simulator, "load", lambda name: real("clean"))
    part = the_failing(tried_whole())
    assert part["part"] == "practice"
    assert "green, not red" in part["detail"]


def test_what_nobody_thought_of_is_one_line_and_not_the_end(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    words = "two\nlines \x1b[31m" + "x" * 9_999
    monkeypatch.setattr(phone_probes, "usb", raising(ZeroDivisionError(words)))
    part = the_failing(tried())
    assert part["part"] == "usb"
    assert part["detail"].startswith("ZeroDivisionError: two")
    assert len(part["detail"]) <= 500
    assert part["detail"].isprintable()


def test_what_others_bring_is_tried_with_the_rest(tried: Tried) -> None:
    """The window, which the core does not know."""
    trouble = PhoneProblem(T("There is no log file {file}.", file="x"), T("Install Fanion again."), "said")
    well = tried(further=[("window", T("French"), lambda: T("the catalogue is there"))])
    assert [part["part"] for part in well["parts"]] == [*PARTS[:10], "window", *PARTS[10:]]
    part = the_failing(tried(further=[("window", T("French"), raising(trouble))]))
    assert (part["part"], part["detail"]) == ("window", "said")


# --- the keyring


class Vault:
    """A keyring that notes what is done with it."""

    name = "SecretService Keyring\x1b"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_password(self, *_: str) -> None:
        self.asked.append("get")

    def set_password(self, *_: str) -> None:
        self.asked.append("set")


def keyring_says(report: Any) -> str:
    return str(next(part["says"] for part in report["parts"] if part["part"] == "keyring"))


def test_the_keyring_is_named_and_nothing_is_put_into_it(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = Vault()
    monkeypatch.setattr(Vault, "__module__", "keyring.backends.SecretService")
    monkeypatch.setattr("keyring.get_keyring", lambda: vault)
    monkeypatch.setattr("keyring.get_password", vault.get_password)
    monkeypatch.setattr("keyring.set_password", vault.set_password)
    assert keyring_says(tried()) == "SecretService Keyring\N{REPLACEMENT CHARACTER} keeps the log’s key"
    assert vault.asked == []


def test_without_a_keyring_the_key_is_in_a_file(tried: Tried) -> None:
    assert "in a file" in keyring_says(tried())


def test_a_keyring_that_fails_is_told(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keyring.get_keyring", raising(RuntimeError("no D-Bus")))
    part = the_failing(tried())
    assert (part["part"], part["detail"]) == ("keyring", "RuntimeError: no D-Bus")


def test_what_is_carried_around_or_shared_uses_no_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keyring.get_keyring", raising(AssertionError()))
    carried = Desk(tmp_path, Settings(), portable=True)
    shared = Desk(tmp_path / "mine", Settings(shared_log=str(tmp_path / "all")))
    for desk in (carried, shared):
        assert "its key is in a file" in str(keyring.keyring(desk))


# --- what is not to be touched


def test_nothing_is_left_behind(tried_whole: Tried, data: Path) -> None:
    desk = Desk.at(data)
    with desk.ledger(True, desk.policy(None)):
        pass
    desk.close()
    before = {file: file.read_bytes() for file in data.rglob("*") if file.is_file()}
    assert tried_whole()["ok"]
    assert {file: file.read_bytes() for file in data.rglob("*") if file.is_file()} == before
