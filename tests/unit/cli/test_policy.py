"""Policies and exceptions on the command line: what is in force, bringing one on a stick, who may carry what."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core import text
from core.desk.active_policy import NotYours
from core.desk.desk import Desk
from core.ledger.problems import NoSpace
from core.ledger.records import Kind
from core.ledger.writer import Ledger
from core.policy.format import policy_file
from core.simulator import PracticeServer, load
from tests.unit.cli.conftest import Fanion, Serve
from tests.unit.policy.team import policy_text


@pytest.fixture
def until(today: date) -> str:
    """A day in ninety days."""
    return (today + timedelta(90)).isoformat()


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, department_is: Callable[[Path], None]) -> Path:
    """The department's settings file, which is not there yet."""
    file = tmp_path / "department" / "settings.toml"
    file.parent.mkdir()
    department_is(file)
    return file


@pytest.fixture
def walk_up(phone: Serve) -> str:
    return phone("walk-up").address


def test_what_is_in_force_and_why_it_is_believed(fanion: Fanion) -> None:
    shown = fanion("policy", "show", "--json").json
    assert (shown["id"], shown["trust"], shown["in_force_since"]) == ("canada", "built-in", None)
    assert [layer["id"] for layer in shown["layers"]] == ["canada"]
    wechat = next(rule for rule in shown["rules"] if rule["id"] == "wechat")
    assert wechat["signers"][0]["hash"] == "962f5b7"
    assert wechat["code"]
    assert "comes with Fanion" in fanion("policy", "show").out


def test_since_when_it_is_in_force_the_log_tells(fanion: Fanion, walk_up: str) -> None:
    assert fanion("check", "--connect", walk_up).code == 1
    assert fanion("policy", "show", "--json").json["in_force_since"] is None  # that was practice


def test_every_built_in_policy_is_listed_and_can_be_chosen(fanion: Fanion, machine: Path) -> None:
    machine.write_text('policy = "united-kingdom"')
    listed = fanion("policy", "list", "--json").json["policies"]
    assert {p["id"]: p["in_force"] for p in listed} == {
        "australia": False,
        "canada": False,
        "european-commission": False,
        "texas": False,
        "united-kingdom": True,
        "us-federal": False,
    }


@pytest.mark.parametrize(
    ("app", "code"),
    [("com.tencent.mm", 1), ("WeChat", 1), ("962f5b7", 1), ("com.deepseek.chat", 3), ("kasper", 3), ("Firefox", 0)],
)
def test_would_this_app_be_banned(fanion: Fanion, app: str, code: int) -> None:
    answer = fanion("policy", "ask", app)
    assert answer.code == code
    assert bool(fanion("policy", "ask", app, "--json").json["answers"]) is (code != 0)
    assert ("No rule names" in answer.out) is (code == 0)


def test_an_unsigned_policy_judges_practice_phones_and_no_others(fanion: Fanion, walk_up: str, tmp_path: Path) -> None:
    canada = (Path(text.__file__).parents[1] / "resources/policies/canada.toml").read_text(encoding="utf-8")
    file = tmp_path / "ours.toml"
    file.write_text(canada)
    checked = fanion("check", "--connect", walk_up, "--policy", str(file))
    assert checked.code == 1
    assert "This policy is not signed" in checked.out
    file.write_text(canada.replace('strength = "ban"', 'strength = "bann"', 1))
    refused = fanion("check", "--connect", walk_up, "--policy", str(file))
    assert refused.code == 5
    assert "ours.toml, line" in refused.err


def test_a_stick_is_refused_where_nobody_said_whose_signature_counts_and_that_is_on_record(
    fanion: Fanion, tmp_path: Path
) -> None:
    answer = fanion("policy", "import", str(tmp_path))
    assert answer.code == 5
    assert "does not know whose policies to trust" in answer.err
    assert "A policy was refused" in fanion("log", "list").out


def sign(fanion: Fanion, tmp_path: Path) -> Path:
    """A policy team's repository with Canada's policy in it, and its first root beside it."""
    secret = tmp_path / "passphrase"
    secret.write_text("six quite random words of a team\n")
    given = ("--passphrase-file", str(secret))
    team, keys = tmp_path / "team", tmp_path / "keys"
    assert fanion("policy", "sign", "init", str(team), "--keys", str(keys), *given).code == 0
    canada = Path(text.__file__).parents[1] / "resources/policies/canada.toml"
    made = fanion("policy", "sign", "publish", str(team), str(canada), "--keys", str(keys), *given)
    assert made.code == 0, made.err
    return team


def root_of(team: Path) -> Path:
    return next(team.rglob("1.root.json"))


def test_a_signed_policy_is_brought_comes_into_force_and_is_on_record(
    fanion: Fanion, tmp_path: Path, machine: Path, walk_up: str
) -> None:
    team = sign(fanion, tmp_path)
    machine.write_text(f'policy_root = "{root_of(team)}"')
    brought = fanion("policy", "import", str(team), "--json")
    assert brought.code == 0, brought.err
    shown = fanion("policy", "show", "--json").json
    assert (shown["trust"], shown["sha256"]) == ("signed", brought.json["accepted"]["sha256"])
    assert shown["expires"]
    assert "A signed policy was accepted" in fanion("log", "list").out
    assert fanion("check", "--connect", walk_up, "--json").json["policy"]["trust"] == "signed"
    size = len(fanion("log", "list").out.splitlines())
    assert fanion("policy", "import", str(team)).code == 0
    assert len(fanion("log", "list").out.splitlines()) == size  # the same again says nothing new
    assert fanion("log", "verify").code == 0


def test_a_bad_stick_changes_nothing(fanion: Fanion, tmp_path: Path, machine: Path) -> None:
    team = sign(fanion, tmp_path)
    machine.write_text(f'policy_root = "{root_of(team)}"')
    assert fanion("policy", "import", str(team)).code == 0
    before = fanion("policy", "show", "--json").json
    target = next(file for file in team.rglob("*.toml"))
    target.write_bytes(target.read_bytes() + b"\n# changed\n")
    refused = fanion("policy", "import", str(team), "--json")
    assert refused.code == 5
    assert refused.json["problem"]["code"].startswith("policy-")
    assert fanion("policy", "show", "--json").json == before


def test_an_exception_is_granted_used_shown_and_withdrawn(fanion: Fanion, walk_up: str, until: str) -> None:
    check = fanion("check", "--connect", walk_up, "--json").json
    granted = fanion(
        "exception", "grant", "wechat", "--until", until, "--authority", "Deputy minister", "--reference", "2026-117",
        "--entry", str(check["entry"]), "--practice", "--json",
    )  # fmt: skip
    assert granted.code == 0, granted.err
    excepted = fanion("check", "--connect", walk_up, "--json").json
    assert excepted["verdict"] == "red"  # Kaspersky is still there
    wechat = next(f for f in excepted["findings"] if f["rule"] == "wechat")
    assert wechat["excepted"] == {
        "until": until,
        "authority": "Deputy minister",
        "reference": "2026-117",
        "entry": granted.json["entry"],
    }
    assert fanion("remove", "--connect", walk_up, "--yes").code == 3  # Kaspersky goes, WeChat may stay
    after = fanion("check", "--connect", walk_up)
    assert after.code == 3
    assert f"excepted until {until}" in after.out
    assert "Granted" not in fanion("exception", "list").out  # the real register
    listed = fanion("exception", "list", "--practice", "--json").json["exceptions"]
    assert [(e["rule"], e["in_force"]) for e in listed] == [("wechat", True)]
    assert fanion("exception", "withdraw", str(granted.json["entry"]), "--practice").code == 0
    assert fanion("check", "--connect", walk_up).code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("wechat", "--until", "2020-01-01", "--asset-tag", "X"), "That day is over."),
        (("wechat", "--until", "9999-01-01", "--asset-tag", "X"), "365 days at most"),
        (("nonsense", "--until", "UNTIL", "--asset-tag", "X"), "has no rule"),
        (("wechat", "--until", "UNTIL", "--entry", "999"), "no entry"),
    ],
)
def test_what_cannot_be_granted_is_not(
    fanion: Fanion, walk_up: str, until: str, words: tuple[str, ...], said: str
) -> None:
    fanion("check", "--connect", walk_up)
    words = tuple(until if word == "UNTIL" else word for word in words)
    answer = fanion("exception", "grant", *words, "--authority", "A", "--reference", "B", "--practice")
    assert answer.code == 5
    assert said in answer.err
    assert fanion("exception", "list", "--practice", "--json").json["exceptions"] == []


def test_an_exception_by_asset_tag_is_bound_and_the_register_says_so(fanion: Fanion, walk_up: str, until: str) -> None:
    by = ("--authority", "Deputy minister", "--reference", "2026-117", "--practice")
    granted = fanion("exception", "grant", "wechat", "--until", until, "--asset-tag", "DRH-1", *by)
    assert "and to no other" in granted.out
    check = fanion("check", "--connect", walk_up, "--asset-tag", "DRH-1", "--json").json
    assert [f["rule"] for f in check["findings"] if f["excepted"]] == ["wechat"]
    (entry,) = (
        e for e in fanion("log", "list", "--practice", "--json").json["entries"] if e["type"] == "exception-bound"
    )
    (listed,) = fanion("exception", "list", "--practice", "--json").json["exceptions"]
    assert listed["bound"] == entry["seq"]
    assert listed["phone"]["serial"] == check["phone"]["serial"]
    assert f"bound to this phone by entry {entry['seq']}" in fanion("exception", "list", "--practice").out


def test_a_last_day_is_over_with_the_day_of_the_department(fanion: Fanion, machine: Path, now: datetime) -> None:
    now = now.astimezone(UTC)
    east, west = now + timedelta(hours=14), now - timedelta(hours=11)
    by = ("--asset-tag", "X", "--authority", "A", "--reference", "B")
    machine.write_text('time_zone = "Pacific/Kiritimati"')
    over = fanion("exception", "grant", "wechat", "--until", west.date(), *by)
    assert (over.code, "That day is over." in over.err) == (5, True)
    assert fanion("exception", "grant", "wechat", "--until", east.date(), *by).code == 0
    machine.write_text('time_zone = "Pacific/Pago_Pago"')
    assert fanion("exception", "grant", "wechat", "--until", west.date(), *by).code == 0
    states = [e["in_force"] for e in fanion("exception", "list", "--json").json["exceptions"]]
    assert states[0] is True
    machine.write_text('time_zone = "Eastern"')
    assert fanion("exception", "list").code == 5


def test_where_the_organisation_allows_no_exceptions_there_are_none(fanion: Fanion, machine: Path, until: str) -> None:
    machine.write_text("exceptions = false")
    answer = fanion(
        "exception",
        "grant",
        "wechat",
        "--until",
        until,
        "--asset-tag",
        "X",
        "--authority",
        "A",
        "--reference",
        "B",
    )
    assert answer.code == 5
    assert "does not allow exceptions" in answer.err


def test_a_personal_settings_file_cannot_say_whom_to_believe(fanion: Fanion, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.toml").write_text("unsigned_policy = true")
    answer = fanion("check")
    assert answer.code == 5
    assert "can be set only for the whole computer" in answer.err


def test_a_broken_policy_in_the_settings_judges_nothing_and_that_is_on_record_once(
    fanion: Fanion, machine: Path, tmp_path: Path, until: str
) -> None:
    ours = tmp_path / "ours.toml"
    ours.write_text("id = 1")
    assert fanion("exception", "grant", "wechat", "--until", until, "--asset-tag", "X", "--authority", "A",
                  "--reference", "B").code == 0  # fmt: skip
    machine.write_text(f'policy = "{ours}"')
    refused = fanion("policy", "show")
    assert refused.code == 5
    assert "ours.toml, line 1" in refused.err
    assert fanion("log", "list").out.count("A policy was refused") == 1


def page(folder: Path) -> str:
    """What the only PDF in a folder says, on one line."""
    import pypdfium2

    (file,) = folder.glob("*.pdf")
    with pypdfium2.PdfDocument(file) as document:
        said = "".join(sheet.get_textpage().get_text_range() for sheet in document)
    return " ".join(said.replace("\ufb03", "ffi").replace("\ufb01", "fi").split())


def test_a_receipt_says_how_sure_it_is_and_names_the_app_as_the_phone_does(fanion: Fanion, tmp_path: Path) -> None:
    with PracticeServer(load("repackaged"), pace=0) as server:
        entry = fanion("check", "--connect", server.address, "--json").json["entry"]
    made = fanion("--language", "fr", "log", "receipt", str(entry), "--practice", "--out", str(tmp_path / "out"))
    assert made.code == 0, made.err
    said = page(tmp_path / "out")
    assert "autre nom, même code" in said
    assert "ouvrez Paramètres, Applications, Sunny Chat" in said


def test_a_receipt_does_not_ask_to_remove_what_an_exception_allows(
    fanion: Fanion, walk_up: str, tmp_path: Path, until: str
) -> None:
    entry = fanion("check", "--connect", walk_up, "--json").json["entry"]
    by = ("--authority", "Deputy minister", "--reference", "2026-117")
    fanion("exception", "grant", "wechat", "--until", until, *by, "--entry", str(entry), "--practice")
    entry = fanion("check", "--connect", walk_up, "--json").json["entry"]
    fanion("log", "receipt", str(entry), "--practice", "--out", str(tmp_path / "out"))
    said = page(tmp_path / "out")
    assert f"Excepted until {until} by Deputy minister, 2026-117" in said
    assert "Apps, Kaspersky, and tap Uninstall" in said
    assert "Apps, WeChat" not in said


def test_what_comes_into_force_is_on_record_before_it_does(
    fanion: Fanion, tmp_path: Path, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = sign(fanion, tmp_path)
    machine.write_text(f'policy_root = "{root_of(team)}"')
    append = Ledger.append

    def full(self: Ledger, record: Any, **values: Any) -> Any:
        if record.kind == Kind.POLICY_ACCEPTED:
            raise NoSpace(self.path)
        return append(self, record, **values)

    monkeypatch.setattr(Ledger, "append", full)
    assert fanion("policy", "import", str(team)).code == 5
    shown = fanion("policy", "show")
    assert "comes with Fanion" in shown.out
    assert "No signed policy has been imported on this computer yet." in shown.out


def test_what_was_announced_and_could_not_be_stored_binds_nobody(
    fanion: Fanion, tmp_path: Path, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = sign(fanion, tmp_path)
    machine.write_text(f'policy_root = "{root_of(team)}"')

    def no_room(store: Path, files: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("core.policy.trust.policy_store.replace", no_room)
        assert fanion("policy", "import", str(team)).code == 5
    assert fanion("policy", "show", "--json").json["trust"] == "built-in"
    assert fanion("policy", "import", str(team)).code == 0
    assert fanion("policy", "show", "--json").json["trust"] == "signed"


def test_another_team_begins_anew_and_the_same_one_cannot_go_back(
    fanion: Fanion, tmp_path: Path, machine: Path
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = sign(fanion, tmp_path / "a"), sign(fanion, tmp_path / "b")
    machine.write_text(f'policy_root = "{root_of(first)}"')
    old = tmp_path / "old"
    shutil.copytree(first, old)
    given = ("--keys", str(tmp_path / "a" / "keys"), "--passphrase-file", str(tmp_path / "a" / "passphrase"))
    assert fanion("policy", "sign", "renew", str(first), *given).code == 0
    assert fanion("policy", "import", str(first)).code == 0
    shutil.rmtree(tmp_path / "data" / "policy")  # whoever wipes the store does not make an old stick new
    refused = fanion("policy", "import", str(old), "--json")
    assert refused.json["problem"]["code"] == "policy-older"
    machine.write_text(f'policy_root = "{root_of(second)}"')
    assert fanion("policy", "import", str(second)).code == 0


def test_an_expired_policy_stays_in_force_and_every_check_says_so(
    fanion: Fanion, tmp_path: Path, machine: Path, walk_up: str, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    team = sign(fanion, tmp_path)
    machine.write_text(f'policy_root = "{root_of(team)}"')
    assert fanion("policy", "import", str(team)).code == 0
    monkeypatch.setattr("core.desk.active_policy.built", lambda: now + timedelta(4_000))
    checked = fanion("check", "--connect", walk_up, "--json").json
    assert checked["policy"]["trust"] == "signed"
    assert checked["policy"]["expired"]
    assert "The signed policy was valid until" in fanion("check", "--connect", walk_up).out
    (expired,) = {e["policy"]["expired"] for e in log(fanion, "check-ended", practice=True)}
    assert expired == checked["policy"]["expired"]


def log(fanion: Fanion, kind: str, *, practice: bool = False) -> list[Any]:
    """The records of one kind."""
    which = ("--practice",) if practice else ()
    entries = fanion("log", "list", "--json", *which).json["entries"]
    return [e for e in entries if e["type"] == kind]


def test_a_policy_file_that_is_tested_is_read_once(
    fanion: Fanion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stick may be pulled out, or say something else, as soon as it was read."""
    file = tmp_path / "policy.toml"
    file.write_text(policy_text("once"), encoding="utf-8")
    faults = policy_file.faults

    def read(document: Any) -> Any:
        file.unlink(missing_ok=True)
        return faults(document)

    monkeypatch.setattr(policy_file, "faults", read)
    told = fanion("policy", "check", str(file))
    assert (told.code, "sound: ministry once" in told.out) == (0, True)


@pytest.mark.parametrize("locked", ['policy = "canada"', 'policy_root = "/nowhere/root.json"'])
def test_a_computer_with_its_organisation_s_policy_judges_real_phones_by_no_other(
    tmp_path: Path, machine: Path, locked: str
) -> None:
    machine.write_text(locked)
    desk = Desk.at(tmp_path / "data")
    with pytest.raises(NotYours):
        desk.policy("european-commission")
    assert desk.policy("european-commission", practice=True).id == "european-commission"


@pytest.mark.usefixtures("all_apps")
def test_a_policy_that_knows_certificates_by_digests_alone_looks_into_every_app(fanion: Fanion) -> None:
    """What the listing shows is not enough then: without that look the phone would be amber."""
    with PracticeServer(load("clean"), pace=0) as server:
        checked = fanion("check", "--connect", server.address, "--policy", "texas", "--json")
    assert (checked.code, checked.json["coverage"]["missing"]) == (0, [])
    assert checked.json["apps"]["named"] > 50


def test_a_check_goes_by_the_day_of_the_department_too(
    fanion: Fanion, walk_up: str, machine: Path, now: datetime
) -> None:
    now = now.astimezone(UTC)
    east, west = now + timedelta(hours=14), now - timedelta(hours=11)
    by = ("--authority", "A", "--reference", "B", "--asset-tag", "X", "--practice")
    in_the_west = west.date() != now.date()  # else it is tomorrow in the east
    machine.write_text(f'time_zone = "{"Pacific/Pago_Pago" if in_the_west else "Etc/UTC"}"')
    last = west.date() if in_the_west else now.date()
    assert fanion("exception", "grant", "wechat", "--until", last, *by).code == 0
    if not in_the_west:
        assert east.date() != now.date()
        machine.write_text('time_zone = "Pacific/Kiritimati"')
    check = fanion("check", "--connect", walk_up, "--asset-tag", "X", "--json").json
    assert [f["rule"] for f in check["findings"] if f["excepted"]] == (["wechat"] if in_the_west else [])
