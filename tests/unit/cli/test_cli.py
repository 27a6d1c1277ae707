"""The command line as a script, a tester or an auditor meets it, over practice phones."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from core import text
from core.cli import terminal
from core.phones.states import PhoneState
from core.phones.watch import Road, Sighting
from core.policy.format.policy_file import load_built_in
from core.policy.format.tables import to_toml
from tests.unit.cli.conftest import Fanion, Serve


@pytest.mark.usefixtures("short_flood")
@pytest.mark.parametrize(
    ("scenario", "verdict", "code"),
    [
        ("clean", "green", 0),
        ("walk-up", "red", 1),
        ("work-profile", "red", 1),
        ("secure-folder", "red", 1),
        ("unseen", "amber", 3),
        ("preinstalled", "red", 1),
        ("device-admin", "red", 1),
        ("stubborn", "red", 1),
        ("hostile", "red", 1),
    ],
)
def test_each_scenario_has_its_verdict(fanion: Fanion, phone: Serve, scenario: str, verdict: str, code: int) -> None:
    answer = fanion("check", "--connect", phone(scenario).address, "--json")
    assert (answer.json["verdict"], answer.code) == (verdict, code)
    assert answer.json["practice"] is True


def test_json_has_every_promised_key(fanion: Fanion, phone: Serve) -> None:
    check = fanion("check", "--connect", phone("walk-up").address, "--json").json
    assert set(check) >= {"verdict", "phone", "profiles", "apps", "findings", "coverage", "policy", "entry"}
    assert set(check["phone"]) >= {"platform", "maker", "model", "os", "serial"}
    assert set(check["profiles"][0]) >= {"id", "kind", "readable", "why"}
    assert check["apps"]["seen"] > 5
    finding = next(f for f in check["findings"] if f["app"] == "com.tencent.mm")
    assert set(finding) >= {
        "rule", "product", "app", "version", "profile", "strength", "evidence", "installer", "label",
    }  # fmt: skip
    assert check["coverage"] == {"complete": True, "missing": []}
    assert set(check["policy"]) >= {"id", "version", "sha256"}
    assert isinstance(check["entry"], int)
    assert check["can_return"] == "can-return"
    assert {one["rule"] for one in check["returns"]} == {"tiktok", "wechat", "kaspersky"}
    assert all(
        one | {"rule": "", "product": ""}
        == {
            "rule": "",
            "product": "",
            "state": "can-return",
            "reasons": ["not-managed"],
            "detail": [],
            "decides": False,
        }
        for one in check["returns"]
    )


@pytest.mark.slow
@pytest.mark.usefixtures("all_apps")
def test_a_phones_health_is_told_and_changes_no_verdict(fanion: Fanion, phone: Serve) -> None:
    check = fanion("check", "--connect", phone("walk-up").address, "--json").json
    assert check["health"]["patch"]["light"] == "amber"
    assert check["health"]["patch"]["value"] in ("4 months old", "5 months old", "6 months old")
    assert check["health"]["lock"] == {
        "value": "PIN",
        "light": "green",
        "says": "The screen is locked with a code or a pattern.",
        "decides": False,
    }
    assert {one["light"] for one in check["health"].values()} <= {"green", "amber", "red", "not-known"}
    closed = fanion("check", "--connect", phone("unseen").address, "--json").json
    assert closed["health"]["keyboard"]["light"] == "not-known"
    prose = fanion("check", "--connect", phone("walk-up").address).out
    (line,) = [line for line in prose.splitlines() if line.startswith("Phone health")]
    assert line.startswith("Phone health: ! Patch: ")
    assert "✔ Storage: encrypted" in line


def test_the_policy_can_let_health_decide(fanion: Fanion, phone: Serve, tmp_path: Path) -> None:
    file = tmp_path / "strict.toml"
    canada = (resources.files("resources") / "policies/canada.toml").read_text(encoding="utf-8")
    file.write_text(
        canada.replace("\n[authority", '\n[health]\nmin_sdk = 60\nred = ["system"]\n\n[authority', 1), "utf-8"
    )
    answer = fanion("check", "--connect", phone("clean").address, "--policy", str(file), "--json")
    assert (answer.json["verdict"], answer.code, answer.json["findings"]) == ("red", 1, [])
    assert "health is not as the policy requires: System version." in answer.json["headline"]
    assert answer.json["health"]["system"]["decides"] is True
    entry = str(answer.json["entry"])
    shown = fanion("log", "show", "--practice", entry).out
    assert "System version: Android 16 (red)" in shown
    listed = fanion("log", "list", "--practice").out
    assert "Red: 1 health signal is not as required" in listed


def test_the_policy_can_demand_that_management_blocks(fanion: Fanion, phone: Serve, tmp_path: Path) -> None:
    file = tmp_path / "strict.toml"
    canada = (resources.files("resources") / "policies/canada.toml").read_text(encoding="utf-8")
    file.write_text(canada.replace("\n[authority", '\n[return]\ndemands = "blocked"\n\n[authority', 1), "utf-8")
    at = phone("clean").address
    answer = fanion("check", "--connect", at, "--policy", str(file), "--json")
    assert (answer.json["verdict"], answer.json["reason"], answer.code) == ("amber", "can-return", 3)
    assert answer.json["coverage"]["complete"] is True
    assert all(one["decides"] for one in answer.json["returns"])
    shown = fanion("log", "show", "--practice", str(answer.json["entry"])).out
    assert "TikTok: can be reinstalled (phone not managed)" in shown
    assert "not known to be blocked" in fanion("log", "list", "--practice").out
    prose = fanion("check", "--connect", at).out
    assert "Banned apps can be reinstalled: phone not managed." in prose


def test_the_policys_table_of_ios_decides_on_an_iphone(fanion: Fanion, tmp_path: Path) -> None:
    file = tmp_path / "strict.toml"
    canada = (resources.files("resources") / "policies/canada.toml").read_text(encoding="utf-8")
    asked = '[health]\nexpected_organisation = "Another Agency"\nred = ["ios", "supervision", "patch"]\n'
    table = "".join(f'[[health.ios]]\nnewest = "{major}.9.9"\nsince = 2024-01-01\n' for major in range(15, 40))
    file.write_text(canada.replace("\n[authority", f"\n{asked}{table}\n[authority", 1), "utf-8")
    answer = fanion("check", "--practice", "iphone-clean", "--policy", str(file), "--json").json
    assert (answer["verdict"], answer["findings"]) == ("red", [])
    assert "health is not as the policy requires: iOS." in answer["headline"]
    assert {name for name, one in answer["health"].items() if one["decides"]} == {"ios"}
    assert "26.9.9" in answer["health"]["ios"]["says"]
    assert answer["health"]["supervision"]["light"] == "amber"
    shown = fanion("log", "show", "--practice", str(answer["entry"])).out
    assert "(red)" in shown
    assert "Android" not in shown


def test_json_is_all_there_is_on_stdout(fanion: Fanion, phone: Serve) -> None:
    answer = fanion("check", "--connect", phone("walk-up").address, "--json")
    assert answer.out.lstrip().startswith("{")
    json.loads(answer.out)
    assert "Reading the phone" in answer.err


def test_prose_says_verdict_reason_and_practice(fanion: Fanion, phone: Serve) -> None:
    answer = fanion("check", "--connect", phone("walk-up").address)
    assert "PRACTICE" in answer.out
    assert "✖ Red  2 banned apps are on this phone." in answer.out
    assert "WeChat has been banned on government-issued mobile devices since 30 October 2023" in answer.out
    assert "\x1b" not in answer.out + answer.err
    assert answer.code == 1


def test_amber_says_what_was_not_seen_and_how_to_see_it(fanion: Fanion, phone: Serve) -> None:
    server = phone("secure-folder")
    check = fanion("check", "--connect", server.address, "--json").json
    (gap,) = check["coverage"]["missing"]
    assert gap["profile"] == 150
    assert "Secure Folder" in gap["what"]
    assert gap["how"]
    assert [(f["app"], f["profile"]) for f in check["findings"]] == [("com.tencent.mm", 150)]


def test_remove_then_green(fanion: Fanion, phone: Serve) -> None:
    server = phone("walk-up")
    removed = fanion("remove", "--connect", server.address, "--yes", "--json")
    assert removed.code == 0
    assert removed.json["verdict"] == "green"
    assert {r["result"] for r in removed.json["removal"]} == {"removed"}
    assert fanion("check", "--connect", server.address).code == 0


def test_what_was_there_before_a_removal_is_told(fanion: Fanion, phone: Serve) -> None:
    removed = fanion("remove", "--connect", phone("walk-up").address, "--yes", "--json").json["removal"]
    for item in removed:
        there = item["evidence"]
        assert [(file["name"], file["by"], len(file["sha256"])) for file in there["files"]] == [
            ("base.apk", "phone", 64)
        ]
        assert there["size"] == sum(file["size"] for file in there["files"])
        assert (there["missing"], there["last_used"]) == ([], None)
        assert there["signers"]
    prose = fanion("remove", "--connect", phone("walk-up").address, "--yes").out
    assert "    What was there: version 8.0.50 " in prose
    assert "1 file with its fingerprint" in prose
    entries = fanion("log", "list", "--practice", "--json").json["entries"]
    entry = next(str(entry["seq"]) for entry in entries if entry["type"] == "app-evidence")
    shown = fanion("log", "show", "--practice", entry).out
    assert "base.apk: SHA-256 " in shown
    assert "as the phone says" in shown


def test_what_left_the_phone_cannot_be_restored_and_that_is_said(fanion: Fanion, phone: Serve) -> None:
    server = phone("walk-up")
    fanion("remove", "--connect", server.address, "--yes")
    answer = fanion("restore", "--connect", server.address, "wechat")
    assert answer.code == 4
    assert "WeChat has left the phone" in answer.err
    assert "from the store" in answer.err


def test_what_was_switched_off_is_switched_on_again(fanion: Fanion, phone: Serve) -> None:
    server = phone("preinstalled")
    assert fanion("remove", "--connect", server.address, "--yes").code == 3
    restored = fanion("restore", "--connect", server.address, "com.kmsjp", "--json")
    assert restored.code == 0
    assert [(r["app"], r["act"], r["outcome"]) for r in restored.json["restored"]] == [("com.kmsjp", "enable", "done")]
    assert restored.json["verdict"] == "red"
    nothing = fanion("restore", "--connect", server.address, "com.kmsjp")
    assert nothing.code == 4
    assert "could be undone" in nothing.err


def test_plan_changes_nothing(fanion: Fanion, phone: Serve) -> None:
    server = phone("walk-up")
    answer = fanion("remove", "--connect", server.address, "--plan", "--json")
    assert answer.code == 1
    assert [p["steps"][0]["act"] for p in answer.json["plan"]] == ["uninstall", "uninstall"]
    assert not [line for line in server.phone.log if "uninstall" in line]
    prose = fanion("remove", "--connect", server.address, "--plan").out
    assert "Remove WeChat from the profile “Personal”" in prose
    assert "if the phone refuses: switch WeChat off" in prose


def test_without_yes_and_without_a_terminal_nothing_is_removed(fanion: Fanion, phone: Serve) -> None:
    server = phone("walk-up")
    answer = fanion("remove", "--connect", server.address)
    assert answer.code == 2
    assert "Nothing was removed" in answer.err
    assert not [line for line in server.phone.log if "uninstall" in line]


def test_where_the_policy_asks_that_the_holder_was_told_it_is_asked_and_on_record(
    fanion: Fanion, phone: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "told.toml"
    file.write_text(to_toml(replace(load_built_in("canada"), confirm_told=True)), encoding="utf-8")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    asked: list[str] = []
    for answers in ((False,), (True, False)):
        given = iter(answers)
        monkeypatch.setattr(terminal, "confirmed", lambda words, given=given: asked.append(str(words)) or next(given))
        server = phone("walk-up")
        assert "Nothing was done" in fanion("remove", "--connect", server.address, "--policy", str(file)).err
        assert not [line for line in server.phone.log if "uninstall" in line]
    told = "Did you tell the holder that data kept only in Kaspersky and WeChat is lost?"
    assert asked == [told, told, "Do this now?"]
    assert fanion("remove", "--connect", phone("walk-up").address, "--policy", str(file), "--yes").code == 0
    entries = fanion("log", "list", "--practice", "--json").json["entries"]
    removals = [str(entry["seq"]) for entry in entries if entry["type"] == "removal-intended"]
    assert removals
    for entry in removals:
        assert "The holder was told, according to the officer: yes" in fanion("log", "show", "--practice", entry).out


def test_stubborn_stays_red_and_says_what_to_do_by_hand(fanion: Fanion, phone: Serve) -> None:
    server = phone("stubborn")
    answer = fanion("remove", "--connect", server.address, "--yes")
    assert answer.code == 1
    assert "Still there" in answer.out
    assert "tap Uninstall or Disable" in answer.out
    assert "now open on the phone" in answer.out
    assert server.phone.screen is not None


def test_a_device_administrator_is_removed_and_an_owner_is_left_to_its_organisation(
    fanion: Fanion, phone: Serve
) -> None:
    answer = fanion("remove", "--connect", phone("device-admin").address, "--yes", "--json")
    results = {r["app"]: r for r in answer.json["removal"]}
    assert results["com.kms.free"]["result"] == "removed"
    assert results["com.kaspersky.kes"]["result"] == "still-there"
    assert "organisation" in results["com.kaspersky.kes"]["by_hand"]
    assert answer.code == 1


def test_preinstalled_on_android_17_is_switched_off_and_stays_amber(fanion: Fanion, phone: Serve) -> None:
    answer = fanion("remove", "--connect", phone("preinstalled").address, "--yes", "--json")
    assert {r["result"] for r in answer.json["removal"]} == {"switched-off"}
    assert answer.json["verdict"] == "amber"
    assert answer.code == 3
    assert "cannot be removed" in answer.json["headline"]
    assert answer.json["coverage"]["complete"] is True
    assert all(f["contained"] for f in answer.json["findings"])


def test_a_secure_folder_is_a_job_for_hands(fanion: Fanion, phone: Serve) -> None:
    answer = fanion("remove", "--connect", phone("secure-folder").address, "--yes", "--json")
    (done,) = answer.json["removal"]
    assert done["steps"] == []
    assert "Secure Folder" in done["by_hand"]
    assert answer.code == 1


def test_unplugged_in_the_middle_says_so_and_the_next_check_works(fanion: Fanion, phone: Serve) -> None:
    server = phone("unplugged")
    answer = fanion("check", "--connect", server.address)
    assert answer.code == 1  # what was seen until then is banned, and a red is final
    assert "Not all of the phone was read. The phone was unplugged" in answer.out
    assert "Traceback" not in answer.err
    assert "7 apps listed, 0 read, in 1 profile, in " in answer.out
    assert "1 banned app" in fanion("log", "list", "--practice").out
    assert fanion("check", "--connect", server.address).code == 1


def test_of_a_phone_that_was_gone_it_is_not_said_that_it_did_not_tell(fanion: Fanion, phone: Serve) -> None:
    answer = fanion("check", "--connect", phone("unplugged").address, "--json")
    assert (answer.json["apps"]["seen"], answer.json["apps"]["read"]) == (7, 0)
    health = answer.json["health"] | answer.json["health_information"]
    known = {"patch", "system"}  # how it described itself, and that its patch is old
    assert {s for s in health if health[s]["value"] != "not read"} == known
    for signal in set(health) - known:
        assert health[signal]["says"].startswith("The phone did not answer this. The phone was unplugged")
    shown = fanion("log", "show", str(answer.json["entry"]), "--practice").out
    assert re.search(r"Apps listed\W+7\b", shown), shown
    assert "did not tell" not in answer.out


def test_how_many_apps_were_read_is_told_of_every_check(fanion: Fanion, phone: Serve) -> None:
    whole = fanion("check", "--connect", phone("clean").address, "--json").json["apps"]
    assert whole["seen"] == whole["read"] > 5
    quick = fanion("check", "--connect", phone("clean").address, "--json", "--quick").json["apps"]
    assert 0 < quick["read"] < quick["seen"] == whole["seen"]
    answer = fanion("check", "--connect", phone("clean").address, "--quick")
    assert f"{quick['seen']} apps listed, {quick['read']} read, in 1 profile" in answer.out


@pytest.mark.usefixtures("short_flood")
def test_a_hostile_phone_gets_nothing_drawn_or_run(fanion: Fanion, phone: Serve) -> None:
    server = phone("hostile")
    answer = fanion("check", "--connect", server.address)
    shown = answer.out + answer.err
    assert not {c for c in shown if not c.isprintable()} - {"\n"}
    assert answer.code == 1


def test_practice_has_a_log_of_its_own(fanion: Fanion, phone: Serve, data: Path) -> None:
    fanion("check", "--connect", phone("clean").address)
    assert (data / "practice-ledger.db").exists()
    assert not (data / "ledger.db").exists()


def test_the_log_lists_shows_and_finds(fanion: Fanion, phone: Serve) -> None:
    fanion("remove", "--connect", phone("walk-up").address, "--yes")
    listing = fanion("log", "list", "--practice")
    assert "A removal step was about to be taken" in listing.out
    assert "✔ Green" in listing.out
    entries = fanion("log", "list", "--practice", "--json").json["entries"]
    assert [e["seq"] for e in entries] == sorted((e["seq"] for e in entries), reverse=True)
    removal = next(e for e in entries if e["type"] == "removal-intended")
    shown = fanion("log", "show", "--practice", str(removal["seq"]))
    assert f"Package: {removal['body']['package']}" in shown.out
    assert "PRACTICE-WALKUP" in shown.out
    found = fanion("log", "search", "--practice", "wechat", "--json").json["entries"]
    assert found
    assert fanion("log", "search", "--practice", "practice-walkup", "--json").json["entries"]
    assert "no such entries" in fanion("log", "search", "--practice", "nothing like this").out
    reds = fanion("log", "list", "--practice", "--verdict", "red", "--json").json["entries"]
    assert {e["body"]["verdict"] for e in reds} == {"red"}


def test_only_findings_are_recorded(fanion: Fanion, phone: Serve) -> None:
    server = phone("walk-up")
    fanion("check", "--connect", server.address)
    recorded = fanion("log", "list", "--practice", "--limit", "1000", "--json").out
    named = {package for package in server.phone.installed() if f'"{package}"' in recorded}
    assert named <= {"com.tencent.mm", "com.kms.free", "com.android.vending", "com.sec.android.app.samsungapps"}


def test_an_empty_log_says_so(fanion: Fanion) -> None:
    answer = fanion("log", "list")
    assert answer.code == 5
    assert "Nothing has been recorded yet" in answer.err


def test_an_entry_that_is_not_there(fanion: Fanion, phone: Serve) -> None:
    fanion("check", "--connect", phone("clean").address)
    answer = fanion("log", "show", "--practice", "999")
    assert answer.code == 5
    assert "no entry 999" in answer.err


def test_a_problem_is_json_too(fanion: Fanion, plug: Callable[[list[Sighting]], None]) -> None:
    plug([])
    answer = fanion("check", "--json")
    assert answer.code == 4
    assert answer.json["problem"]["code"] == "no-phone"
    assert answer.json["problem"]["next"]


def test_two_phones_with_one_serial_number_are_named_by_their_places(
    fanion: Fanion, plug: Callable[[list[Sighting]], None]
) -> None:
    plugged = [
        Sighting(f"usb:1-{port}", "0123456789ABCDEF", "Cheap", PhoneState.CHARGING, Road.USB, (1, port))
        for port in (1, 2)
    ]
    plug(plugged)
    answer = fanion("check", "--phone", "0123456789ABCDEF")
    assert answer.code == 2
    assert "--phone usb:1-1" in answer.err
    assert fanion("check", "--phone", "usb:1-2", "--json").json["problem"]["code"] == "phone-charging-only"
    assert [one["port"] for one in fanion("phones", "--json").json["phones"]] == [[1, 1], [1, 2]]


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a file that takes nothing")
def test_a_verdict_is_a_verdict_where_nothing_can_be_said_beside_it(data: Path) -> None:
    root = Path(text.__file__).parents[1]
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "gui", "check", "--practice", "walk-up", "--json"],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=full,
            check=False,
        )
    assert done.returncode == 1
    assert json.loads(done.stdout)["verdict"] == "red"


# --- folders


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder was deleted."""
    if sys.platform == "win32":
        pytest.skip("Windows deletes no folder that somebody is in")
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()


@pytest.mark.parametrize("words", [["check", "--practice", "clean"], ["log", "list"], ["self-test"]])
def test_a_data_folder_in_a_folder_that_is_gone_is_a_problem_and_no_verdict(
    fanion: Fanion, nowhere: None, words: list[str]
) -> None:
    answer = fanion("--data", "data", *words)
    assert answer.code == 5
    assert answer.err.splitlines() == [
        "The current folder, in which data would be, is not there any more.",
        "Go into another folder, or name this one by its full path.",
        "More about this: fanion explain no-folder",
    ]


def test_papers_for_a_folder_that_is_gone(fanion: Fanion, phone: Serve, nowhere: None) -> None:
    entry = fanion("check", "--connect", phone("walk-up").address, "--json").json["entry"]
    for words in (["receipt", str(entry)], ["export", "--format", "csv"], ["enrolment", "--sheet"]):
        answer = fanion("log", *words, "--practice")
        assert answer.code == 5, answer.err
        assert "is not there any more" in answer.err


def test_a_data_folder_without_a_name_is_not_the_usual_one(fanion: Fanion, data: Path) -> None:
    for words in (["--data", "", "log", "list"], ["log", "list", "--data="]):
        answer = fanion(*words)
        assert answer.code == 2
        assert "--data has to name a folder" in answer.err


def test_what_stands_behind_two_hyphens_is_no_option(fanion: Fanion, data: Path) -> None:
    answer = fanion("policy", "ask", "--json", "--", "--language=fr")
    assert answer.code == 0
    assert "application" not in answer.out
    assert text.language() == "en"


def test_who_stands_in_the_records_is_not_for_the_environment_to_say(
    fanion: Fanion, phone: Serve, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "minister")
    fanion("check", "--connect", phone("clean").address)
    assert "minister" not in fanion("log", "list", "--practice", "--json").out


def test_a_changed_record_is_found_when_it_is_read(fanion: Fanion, phone: Serve, data: Path) -> None:
    fanion("check", "--connect", phone("walk-up").address)
    file = data / "practice-ledger.db"
    file.write_bytes(file.read_bytes().replace(b'"verdict":"red"', b'"verdict":"ren"'))
    answer = fanion("log", "list", "--practice")
    assert answer.code == 5
    assert "practice-ledger.db" in answer.err


def test_a_practice_log_is_not_shown_as_a_real_one(fanion: Fanion, phone: Serve, data: Path) -> None:
    fanion("check", "--connect", phone("walk-up").address)
    (data / "practice-ledger.db").rename(data / "ledger.db")
    answer = fanion("log", "list")
    assert answer.code == 5
    assert "practice" in answer.err


def test_help_and_self_test_work_although_the_settings_are_broken(fanion: Fanion, data: Path) -> None:
    data.mkdir()
    (data / "settings.toml").write_text("officer = 7\n")
    told = fanion("--help")
    assert told.code == 0
    assert "Without a command, the window opens." in " ".join(told.out.split())
    assert fanion("completion", "bash").code == 0
    report = fanion("self-test", "--json")
    assert report.code == 1
    assert [p["name"] for p in report.json["parts"] if not p["ok"]] == ["Settings"]


def test_self_test_finds_a_broken_log(fanion: Fanion, data: Path) -> None:
    data.mkdir()
    (data / "ledger.db").write_bytes(b"no database" * 100)
    report = fanion("self-test", "--json")
    assert [p["name"] for p in report.json["parts"] if not p["ok"]] == ["Log"]


def test_options_are_not_shortened(fanion: Fanion) -> None:
    assert fanion("--lang", "fr", "phones").code == 2
    assert fanion("log", "--language", "fr", "list").code == 5


def test_nothing_is_put_back_that_is_there(fanion: Fanion, phone: Serve) -> None:
    fanion("remove", "--connect", phone("preinstalled").address, "--yes")
    fresh = phone("preinstalled")  # the same serial number, as it was before
    assert fanion("restore", "--connect", fresh.address).code == 4
    assert not [line for line in fresh.phone.log if line.startswith("pm enable")]


def test_nothing_to_remove(fanion: Fanion, phone: Serve) -> None:
    answer = fanion("remove", "--connect", phone("clean").address)
    assert answer.code == 0
    assert "nothing to remove" in answer.out


@pytest.mark.parametrize("name", ["ledger", "policy", "settings"])
def test_a_corrupt_file_is_named_and_the_phone_is_left_alone(
    fanion: Fanion, phone: Serve, data: Path, tmp_path: Path, name: str
) -> None:
    server = phone("walk-up")
    data.mkdir()
    options = []
    if name == "ledger":
        file = data / "practice-ledger.db"
        file.write_bytes(b"this is no database" * 100)
    elif name == "settings":
        file = data / "settings.toml"
        file.write_text("officer = 7\n")
    else:
        file = tmp_path / "policy.toml"
        file.write_text('id = "x"\n[[rule]]\nstrenght = "ban"\n')
        options = ["--policy", str(file)]
    answer = fanion("remove", "--connect", server.address, "--yes", *options)
    assert answer.code == 5
    assert file.name in answer.err
    assert "Traceback" not in answer.err
    assert not [line for line in server.phone.log if "uninstall" in line]


def test_policy_list_show_and_check(fanion: Fanion, tmp_path: Path) -> None:
    assert "canada" in fanion("policy", "list").out
    shown = fanion("policy", "show")
    assert "com.tencent.mm" in shown.out
    assert "30 October 2023" in shown.out
    rules = fanion("policy", "show", "--json").json["rules"]
    assert {r["strength"] for r in rules} == {"ban", "recommendation", "notice"}
    bad = tmp_path / "bad.toml"
    bad.write_text('id = "x"\nversion = "1"\n')
    answer = fanion("policy", "check", str(bad))
    assert answer.code == 5
    assert "bad.toml, line" in answer.out
    good = tmp_path / "good.toml"
    good.write_bytes((Path(text.__file__).parents[1] / "resources/policies/canada.toml").read_bytes())
    assert fanion("policy", "check", str(good)).code == 0


def test_another_policy_decides_otherwise(fanion: Fanion, phone: Serve) -> None:
    assert fanion("check", "--connect", phone("walk-up").address, "--policy", "united-kingdom").code == 0


def test_phones_says_when_there_are_none(fanion: Fanion, plug: Callable[[list[Sighting]], None]) -> None:
    plug([])
    assert "No phone is plugged in." in fanion("phones").out
    assert fanion("phones", "--json").json == {"phones": []}


def test_check_without_a_phone_says_what_to_do(fanion: Fanion, plug: Callable[[list[Sighting]], None]) -> None:
    plug([])
    answer = fanion("check")
    assert answer.code == 4
    assert "No phone is plugged in." in answer.err
    assert "--practice" in answer.err


@pytest.mark.parametrize("address", ["192.0.2.1:5555", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", "localhost:x"])
def test_other_addresses_are_wrong_usage(fanion: Fanion, address: str) -> None:
    answer = fanion("check", "--connect", address)
    assert answer.code == 2
    assert "not an address" in answer.err


@pytest.mark.parametrize(
    "words",
    [
        ["check", "--nonsense"],
        ["nonsense"],
        ["check", "--practice", "none"],
        ["log"],
        ["log", "list", "--limit", "-5"],
        ["practice", "--port", "99999"],
    ],
)
def test_wrong_usage(fanion: Fanion, words: list[str]) -> None:
    assert fanion(*words).code == 2


def test_without_a_command_it_explains_itself(fanion: Fanion) -> None:
    answer = fanion()
    assert answer.code == 0
    assert "check" in answer.out


def test_a_bug_is_no_verdict_and_shows_no_traceback(
    fanion: Fanion, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.cli.phones.look", lambda iphones: 1 / 0)
    answer = fanion("phones")
    assert answer.code == 70
    assert "Something went wrong inside Fanion" in answer.err
    assert "Traceback" not in answer.err + answer.out
    (file,) = (data / "crashes").iterdir()
    assert file.name in answer.err
    assert "ZeroDivisionError" in file.read_text()


def test_practice_lists_its_scenarios(fanion: Fanion) -> None:
    out = fanion("practice").out
    for scenario in ("clean", "walk-up", "work-profile", "secure-folder", "preinstalled", "device-admin", "stubborn"):
        assert scenario in out


def test_self_test_reports_every_part(fanion: Fanion) -> None:
    answer = fanion("self-test", "--json")
    assert answer.code == 0
    assert all(part["ok"] for part in answer.json["parts"])
    assert {part["name"] for part in answer.json["parts"]} >= {"USB", "Policy", "Log", "French", "Practice check"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_the_commands(fanion: Fanion, shell: str) -> None:
    out = fanion("completion", shell).out
    assert "self-test" in out
    assert "--practice" in out


def test_bash_completes(fanion: Fanion, tmp_path: Path) -> None:
    script = tmp_path / "fanion.bash"
    script.write_text(fanion("completion", "bash").out)
    ask = f'source {script}; COMP_WORDS=(fanion rem); COMP_CWORD=1; _shtab_fanion; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True)
    assert "remove" in done.stdout


@pytest.mark.slow
def test_two_commands_on_one_data_folder_lose_nothing(data: Path, phone: Serve) -> None:
    addresses = [phone("clean").address, phone("walk-up").address]
    command = [sys.executable, "-m", "gui", "check", "--json", "--connect"]
    root = Path(text.__file__).parents[1]
    running = [
        subprocess.Popen([*command, a], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root)
        for a in addresses
        for _ in range(2)
    ]
    ended = [p.communicate() for p in running]
    assert sorted(p.returncode for p in running) == [0, 0, 1, 1], ended
    entries = [json.loads(out)["entry"] for out, _ in ended]
    assert len(set(entries)) == 4


def test_french_from_beginning_to_end(fanion: Fanion, phone: Serve) -> None:
    answer = fanion("--language", "fr", "check", "--connect", phone("walk-up").address)
    assert "interdite" in answer.out
    assert "Everything" not in answer.out
    usage = fanion("check", "--language", "fr", "--nonsense")
    assert "utilisation" in usage.err.lower() or "usage" in usage.err.lower()


def test_core_imports_no_qt() -> None:
    program = (
        "import sys; sys.modules['PySide6'] = None\n"
        "from gui.__main__ import main\n"
        "sys.argv = ['fanion', 'policy', 'list']\n"
        "sys.exit(main())"
    )
    root = Path(text.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True).returncode == 0


def test_the_languages_that_somebody_likes_best_are_obeyed_and_left_alone(
    fanion: Fanion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_CA.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de:fr_CA:en")
    answer = fanion("policy", "no-such-command")
    assert "choix" in answer.err  # argparse's own sentence too
    assert os.environ["LANGUAGE"] == "de:fr_CA:en"
    assert "choice" in fanion("--language", "en", "policy", "no-such-command").err
    assert os.environ["LANGUAGE"] == "de:fr_CA:en"
