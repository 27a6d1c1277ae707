"""The identity key in the keyring of a real GNOME desktop, which runs in a session of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("dbus-run-session", "gnome-keyring-daemon")

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, PROGRAMS)), reason="there is no GNOME keyring here, or no private session bus"
)

#: Opens a ledger, seals, and says where the key is.
SEALING = """if True:
    import json, sys
    from pathlib import Path
    import keyring, keyring.errors
    from core.ledger.problems import LedgerProblem
    from core.ledger.records import CheckStarted
    from core.ledger.writer import Ledger
    from core.text import T
    path = Path(sys.argv[1])
    def kept(name):
        try:
            return keyring.get_password("Fanion", name)
        except keyring.errors.NoKeyringError:
            return None
    try:
        with Ledger(path, desk="Desk 4", officer="A. Roy", app_version="test") as ledger:
            ledger.append(CheckStarted(T("over USB")), seal=True)
            told = ledger.enrolment
            print(json.dumps({
                "keyring": type(keyring.get_keyring()).__module__,
                "place": ledger.keys_in,
                "origin": told.origin,
                "identity": str(told.identity),
                "kinds": [entry.kind for entry in ledger.entries()],
                "secret": kept(f"{told.origin} {told.identity.id.hex()}"),
            }))
    except LedgerProblem as problem:
        print(json.dumps({"problem": problem.code, "sentence": str(problem.sentence)}))
"""

Session = Callable[[str], dict[str, Any]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.db"


@pytest.fixture
def session(tmp_path: Path, path: Path) -> Session:
    """Seals within a desktop session: with its keyring unlocked, locked, or without one."""
    home, runtime = tmp_path / "home", tmp_path / "run"
    for folder in (home, runtime):
        folder.mkdir(mode=0o700)
    places = {
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "share"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_RUNTIME_DIR": str(runtime),
    }
    strange = (
        "PYTHON_KEYRING_BACKEND",
        "DBUS_SESSION_BUS_ADDRESS",
        "GNOME_KEYRING_CONTROL",
        "DISPLAY",
        "WAYLAND_DISPLAY",
    )
    environment = {name: value for name, value in os.environ.items() if name not in strange} | places
    sealing = [sys.executable, "-c", SEALING, str(path)]

    def run(keyring: str) -> dict[str, Any]:
        begin = {
            "unlocked": "printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null",
            "locked": "gnome-keyring-daemon --start --components=secrets >/dev/null",
            "none": "true",
        }[keyring]
        script = f'{begin} && exec "$@"'
        command = ["dbus-run-session", "--", "sh", "-c", script, "sh", *sealing]
        if keyring == "none":  # not even a bus, from which it could be started
            command = sealing
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer

    return run


def everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def test_the_key_is_in_the_keyring_and_in_no_file(session: Session, path: Path) -> None:
    told = session("unlocked")
    assert told["keyring"] == "keyring.backends.SecretService"
    assert told["place"] == "keyring"
    assert len(bytes.fromhex(told["secret"])) == 32
    here = everything(path.parent)
    assert bytes.fromhex(told["secret"]) not in here
    assert told["secret"].encode() not in here
    again = session("unlocked")
    assert (again["identity"], again["secret"], again["place"]) == (told["identity"], told["secret"], "keyring")
    assert again["kinds"].count("log-begun") == 1
    assert "keys-replaced" not in again["kinds"]


@pytest.mark.parametrize("keyring", ["locked", "none"])
def test_a_keyring_that_does_not_open_is_told_and_changes_nothing(session: Session, path: Path, keyring: str) -> None:
    before_all = session("unlocked")
    before = {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
    told = session(keyring)
    assert told == {
        "problem": "keyring",
        "sentence": "The key of the log is in this computer’s keyring, "
        "which does not open or does not have it any more.",
    }
    assert {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()} == before
    after = session("unlocked")
    assert after["identity"] == before_all["identity"]
    assert "keys-replaced" not in after["kinds"]


def test_without_a_keyring_the_key_is_in_a_file_of_its_owner(session: Session, path: Path) -> None:
    told = session("none")
    assert told["keyring"] != "keyring.backends.SecretService"
    assert told["place"] == "file"
    assert told["secret"] is None
    (kept,) = path.with_name("ledger-keys").glob("identity-*.key")
    assert kept.stat().st_mode & 0o777 == 0o600
    # A keyring that comes later changes nothing.
    again = session("unlocked")
    assert (again["identity"], again["place"]) == (told["identity"], "file")
    assert again["secret"] is None
