"""What else an earlier version left in a data folder: settings, signed policies, own rules, keys, names of apps."""

from __future__ import annotations

import json
import stat
from dataclasses import asdict
from pathlib import Path

import pytest

from core.desk.settings import settings
from tests.data import earlier
from tests.data.earlier import Earlier

pytestmark = pytest.mark.skipif(not earlier.HAS_ZONES, reason="the texts have local times, which cannot be chosen here")

#: Every key that a settings file could have, and a value of it.
OWN = {
    "officer": "Zoé Tremblay",
    "desk": "Desk 4, Gatineau",
    "language": "fr",
    "policy": "canada",
    "organisation": "example.gc.ca",
    "retention_months": 24,
    "ask_imei": True,
}
DEPARTMENTS = {
    "policy_root": "/etc/fanion/root.json",
    "unsigned_policy": True,
    "own_rules": False,
    "exceptions": False,
    "shared_log": "/var/lib/fanion",
}
OWN_FILE = """\
officer = "Zoé Tremblay"
desk = "Desk 4, Gatineau"
language = "fr"
policy = "canada"
organisation = "example.gc.ca"
retention_months = 24
ask_imei = true
"""
DEPARTMENTS_FILE = """\
policy_root = "/etc/fanion/root.json"
unsigned_policy = true
own_rules = false
exceptions = false
shared_log = "/var/lib/fanion"
"""


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but those of the log and its keys, which go on."""
    files = (path for path in folder.rglob("*") if path.is_file() and "ledger" not in str(path.relative_to(folder)))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_every_setting_is_read(tmp_path: Path) -> None:
    department = tmp_path / "department.toml"
    (tmp_path / "settings.toml").write_text(OWN_FILE, encoding="utf-8")
    department.write_text(DEPARTMENTS_FILE, encoding="utf-8")
    found = asdict(settings.load(tmp_path, department))
    assert found.pop("locked") == frozenset(DEPARTMENTS)
    later = {"head_office_key": "", "csv_separator": "comma", "place": "", "ask_tag": False, "automatic_check": True}
    later |= {"sounds": True, "tray": False, "kiosk": False, "kiosk_password": "", "text_size": 100, "release_key": ""}
    later |= {"time_zone": "", "badge_pattern": "", "removal_pause": 3}
    assert found == OWN | DEPARTMENTS | later


def test_what_the_department_sets_wins_key_by_key(tmp_path: Path) -> None:
    department = tmp_path / "department.toml"
    (tmp_path / "settings.toml").write_text(OWN_FILE, encoding="utf-8")
    department.write_text(DEPARTMENTS_FILE + 'officer = "The department"\n', encoding="utf-8")
    found = settings.load(tmp_path, department)
    assert (found.officer, found.desk) == ("The department", OWN["desk"])
    assert found.locked == frozenset({*DEPARTMENTS, "officer"})


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "exceptions"])
def test_a_check_leaves_the_files_beside_the_log_as_they_are(name: str, tmp_path: Path) -> None:
    """The key that phones know this desk by, the policy store, own rules, settings: none is made anew."""
    log = Earlier(name, tmp_path)
    before = files_in(log.data)
    assert "keys/adbkey" in before
    assert log.run("check", "--practice", "clean", "--quick")[0] == 3
    after = files_in(log.data)
    after.pop("app-names.db", None)
    before.pop("app-names.db", None)
    after.pop("support/fanion.log")  # new since 0.1.0, and beside all that was there
    assert after == before
    keys = [path for path in log.data.rglob("*") if path.name == "adbkey" or path.suffix in (".key", ".keys")]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in keys)


@pytest.mark.slow
def test_names_of_apps_are_known_from_before(tmp_path: Path) -> None:
    """The quick check looks into no file: what it knows, it knows from earlier checks."""
    log = Earlier("plain", tmp_path)
    assert json.loads(log.run("check", "--practice", "walk-up", "--quick", "--json")[1])["apps"]["named"] == 122


def test_the_signed_policy_and_own_rules_are_in_force(tmp_path: Path) -> None:
    log = Earlier("exceptions", tmp_path)
    found = json.loads(log.run("policy", "show", "--json")[1])
    assert [layer["trust"] for layer in found["layers"]] == ["signed", "unsigned"]
    assert [layer["id"] for layer in found["layers"]] == ["ministry", "own-rules"]
    assert found["off"] == ["translate"]
    assert {"wechat", "kaspersky", "own-music"} <= {rule["id"] for rule in found["rules"]}
    assert not found["expired"]


def test_a_policy_store_that_was_changed_is_refused(tmp_path: Path) -> None:
    log = Earlier("exceptions", tmp_path)
    (policy,) = (log.data / "policy").glob("*/targets/*.policy.toml")
    policy.write_bytes(policy.read_bytes().replace(b"com.tencent.mm", b"com.tencent.nn"))
    assert log.run("policy", "show")[0] == 5


def test_a_stick_of_then_is_accepted(tmp_path: Path) -> None:
    """By a computer that has accepted none, and again by the one that accepted it."""
    log = Earlier("exceptions", tmp_path)
    stick = log.folder / "team" / "repository"
    was = json.loads(log.run("policy", "show", "--json")[1])["layers"][0]["sha256"]
    assert log.run("policy", "import", stick)[0] == 0
    for path in ("ledger.db", "own-rules.toml", "policy/current"):
        (log.data / path).unlink()
    code, out, err = log.run("policy", "import", stick, "--json")
    assert code == 0, err
    accepted = json.loads(out)
    assert (accepted["accepted"]["id"], accepted["accepted"]["version"]) == ("ministry", "2")
    assert accepted["in_force"] == accepted["accepted"]["sha256"] == was


def test_the_policy_team_goes_on_with_its_keys_and_repository(tmp_path: Path) -> None:
    log = Earlier("exceptions", tmp_path)
    team = log.folder / "team"
    signing = ("--keys", team / "keys", "--passphrase-file", team / "passphrase.txt")
    was = json.loads(log.run("policy", "sign", "status", team / "repository", "--json")[1])
    assert (was["policy"]["id"], was["policy"]["version"]) == ("ministry", "2")
    assert {role["role"]: role["version"] for role in was["roles"]}["root"] == 3
    code, out, err = log.run("policy", "sign", "renew", team / "repository", *signing, "--days", "9999", "--json")
    assert code == 0, err
    assert json.loads(out)["complete"]
    now = json.loads(log.run("policy", "sign", "status", team / "repository", "--json")[1])
    assert now["policy"] == was["policy"]
    assert {role["role"]: role["version"] for role in now["roles"]}["timestamp"] > {
        role["role"]: role["version"] for role in was["roles"]
    }["timestamp"]
