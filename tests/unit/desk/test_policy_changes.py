"""What a desk does with its policy: bring, keep rules of its own, try a change on what was checked, except."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.desk.desk import Desk
from core.desk.policy import policy_changes, policy_import
from core.desk.policy.granted_exceptions import CannotGrant
from core.desk.policy.policy_changes import Locked, OwnRules
from core.desk.settings.settings_table import Settings
from core.jobs import Cancel
from core.ledger import records
from core.ledger.file.clock import Instant
from core.ledger.place import ledger_file
from core.ledger.writer import Ledger
from core.model import (
    App,
    AppState,
    Authority,
    Cancelled,
    Check,
    Inventory,
    Labels,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Rule,
    RuleId,
    Strength,
    Trust,
    Verdict,
)
from core.policy import exceptions
from core.policy.exceptions import Request
from core.policy.matching import match
from core.policy.problems import PolicyProblem
from core.policy.trust import trust
from core.policy.trust.refusals import RefusalReason, TrustProblem
from core.text import Bilingual, T
from tests.unit.policy.team import Team, image

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
BY = Authority(Bilingual("us", "nous"), Bilingual("File 1", "Dossier 1"), Bilingual("No.", "Non."), official_fr=True)


def rule(id: str = "games", package: str = "org.example.games", **more: Any) -> Rule:
    name = Bilingual("Games", "Jeux")
    ids = (RuleId("android", package, name, "one source", "File 1"),)
    return Rule(id, name, Strength.BAN, date(2026, 11, 1), Bilingual("It is loud.", "Il crie."), BY, ids, **more)


@pytest.fixture
def make_desk(tmp_path: Path) -> Callable[..., Desk]:
    def make(**settings: Any) -> Desk:
        return Desk(tmp_path / "data", Settings(**{"unsigned_policy": True, **settings}))

    return make


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    team = Team(tmp_path_factory.mktemp("team"))
    team.publish("1")
    return team


def checked(policy: Policy, *packages: str, **phone: Any) -> Check:
    about = replace(Phone("android", "google", "Pixel 9", "16", "SERIAL1"), **phone)
    apps = tuple(App(package, states=(AppState(0, installed=True),)) for package in packages)
    inventory = Inventory(about, (Profile(0, "", ProfileKind.PERSONAL),), apps)
    return Check(inventory, policy, match.judge(inventory, policy), NOW, NOW)


def put_on_record(desk: Desk, check: Check, visit: str) -> None:
    told: dict[str, Any] = {"visit": visit, "policy": check.policy, "phone": check.inventory.phone}
    with desk.custodian(False, make=True) as ledger:
        ledger.append(records.CheckStarted(T("over USB")), **told)
        for finding in check.findings:
            ledger.append(records.AppFound.of(finding), **told)
        red = len(check.red)
        ledger.append(
            records.CheckEnded(
                verdict=check.verdict, profiles=1, apps=9, findings=red, bans=red, products=red, gaps=(), took_ms=9
            ),
            **told,
        )


# A signed policy


def test_what_is_brought_is_in_force_and_on_record(make_desk: Callable[..., Desk], team: Team) -> None:
    desk = make_desk(policy_root=str(team.root_file))
    accepted = policy_import.import_policy(desk, team.stick(), Cancel())
    force = desk.active_policy()
    assert (force.policy.id, force.policy.trust, force.accepted) == ("ministry", Trust.SIGNED, accepted)
    assert policy_import.import_policy(desk, team.stick(), Cancel()) == accepted  # again: nothing new
    with desk.read_ledger(practice=False) as ledger:
        kinds = [entry.kind for entry in ledger.newest(100)]
        assert kinds.count(records.Kind.POLICY_ACCEPTED) == 1


def swaps(stick: Path, other: Path) -> list[tuple[str, Callable[[], object]]]:
    """Every way in which a stick may be another one when it is looked at again, each with its name."""
    found: list[tuple[str, Callable[[], object]]] = [("all", lambda: shutil.copytree(other, stick, dirs_exist_ok=True))]
    for path in (p for p in sorted(stick.rglob("*")) if p.is_file()):
        name = path.relative_to(stick).as_posix()
        found.append((f"{name} damaged", partial(path.write_bytes, path.read_bytes()[:-1] + b"#")))
        found.append((f"{name} gone", path.unlink))
        if (other / name).exists():
            found.append((f"{name} of another", partial(path.write_bytes, (other / name).read_bytes())))
    return found


@pytest.mark.slow
def test_what_was_verified_is_on_record_and_in_force_whatever_the_stick_says_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stick may have a computer in it: it answers once with a sound policy, and then with something else."""
    team = Team(tmp_path / "team")
    team.rotate("root", "root-1")
    team.publish("1")
    first = image(team.stick("first"))
    team.publish("2")
    names = [name for name, _ in swaps(team.stick("names"), team.stick("second"))]
    append, swap = Ledger.append, dict[str, Callable[[], object]]()

    def announced(self: Ledger, record: records.Record, **options: Any) -> Any:
        if isinstance(record, records.PolicyAccepted):
            swap.pop("now")()
        return append(self, record, **options)

    monkeypatch.setattr(Ledger, "append", announced)
    for number, name in enumerate(names):
        shutil.copytree(team.beside / "first", stick := tmp_path / f"stick-{number}")
        desk = Desk(tmp_path / f"desk-{number}", Settings(policy_root=str(team.root_file)))
        swap["now"] = dict(swaps(stick, team.beside / "second")).get(name, lambda: None)
        accepted = policy_import.import_policy(desk, stick, Cancel())
        assert not swap, name
        stored = image(desk.log_folder / "policy")
        assert all(first[path.partition("/")[2]] == data for path, data in stored.items() if path.count("/") == 2), name
        assert desk.accepted() == accepted, name
        assert desk.active_policy().accepted == accepted, name
        assert (accepted.policy_version, accepted.sha256) == ("1", desk.active_policy().policy.sha256), name


def test_the_root_file_is_read_once_too(tmp_path: Path, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on record of it is the one by which the stick was judged."""
    pinned = tmp_path / "root.json"
    pinned.write_bytes(team.root)
    desk = Desk(tmp_path / "data", Settings(policy_root=str(pinned)))
    read_file, others = trust.read_file, Team(tmp_path / "others").root

    def swapped(folder: Path, name: str, limit: int) -> bytes | None:
        data = read_file(folder, name, limit)
        if folder / name == pinned:
            pinned.write_bytes(others)
        return data

    monkeypatch.setattr(trust, "read_file", swapped)
    policy_import.import_policy(desk, team.stick(), Cancel())
    with desk.read_ledger(practice=False) as ledger:
        (accepted,) = ledger.newest(10, kind=records.Kind.POLICY_ACCEPTED)
    assert accepted.leaf["body"]["pinned"] == hashlib.sha256(team.root).hexdigest()
    pinned.write_bytes(team.root)
    assert desk.active_policy().policy.trust is Trust.SIGNED


def test_what_fails_before_anything_is_announced_takes_nothing_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk must not make this computer forget which policy it accepted last: an older one would do again."""
    team = Team(tmp_path / "team")
    desk = Desk(tmp_path / "data", Settings(policy_root=str(team.root_file)))
    team.publish("1")
    old = team.stick("old")
    team.publish("2")
    accepted = policy_import.import_policy(desk, team.stick("new"), Cancel())
    store = desk.log_folder / "policy"

    def full(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    for place in ("core.policy.trust.trust.momentary_folder", "core.policy.trust.policy_store.locked"):
        team.renew("online")
        with monkeypatch.context() as patch:
            patch.setattr(place, full)
            with pytest.raises(TrustProblem, match="cannot be written just now"):
                policy_import.import_policy(desk, team.stick("renewed"), Cancel())
        assert desk.accepted() == accepted
    shutil.rmtree(store)
    with pytest.raises(TrustProblem) as caught:
        policy_import.import_policy(desk, old, Cancel())
    assert caught.value.reason is RefusalReason.OLDER


def test_what_is_refused_changes_nothing_and_is_on_record(
    make_desk: Callable[..., Desk], team: Team, tmp_path: Path
) -> None:
    desk = make_desk(policy_root=str(team.root_file))
    with pytest.raises(TrustProblem) as caught:
        policy_import.import_policy(desk, tmp_path, Cancel())
    assert caught.value.reason is RefusalReason.NOT_A_STICK
    assert desk.active_policy().policy.id == "canada"
    with desk.read_ledger(practice=False) as ledger:
        (refused,) = ledger.newest(10, kind=records.Kind.POLICY_REFUSED)
        assert refused.leaf["body"]["code"] == "policy-not-a-stick"


def test_a_clock_that_was_set_back_lets_no_expired_policy_in(
    make_desk: Callable[..., Desk], team: Team, tmp_path: Path, now: datetime
) -> None:
    """The log knows a later time than the computer's clock."""
    desk = make_desk(policy_root=str(team.root_file))
    stick = team.stick()
    later = Instant(now + timedelta(days=4_000), 1, "boot")
    with Ledger(
        ledger_file(desk.log_folder), desk="D", officer="O", app_version="t", clock=lambda: later, keyring=False
    ) as ledger:
        ledger.append(records.CheckStarted(T("over USB")), seal=True)
    with pytest.raises(TrustProblem) as caught:
        policy_import.import_policy(desk, stick, Cancel())
    assert caught.value.reason is RefusalReason.EXPIRED


def test_without_a_root_nothing_can_be_brought(desk: Desk, team: Team) -> None:
    with pytest.raises(TrustProblem) as caught:
        policy_import.import_policy(desk, team.stick(), Cancel())
    assert caught.value.reason is RefusalReason.NO_ROOT


def test_bringing_can_be_cancelled(make_desk: Callable[..., Desk], team: Team) -> None:
    desk, cancel = make_desk(policy_root=str(team.root_file)), Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        policy_import.import_policy(desk, team.stick(), cancel)
    assert desk.active_policy().policy.id == "canada"


def test_since_when_it_is_in_force_is_told_from_the_log_without_a_break(desk: Desk) -> None:
    policy = desk.active_policy().policy
    other = replace(policy, sha256="0" * 64)
    assert policy_changes.in_force(desk, policy) == policy_changes.InForce(None, first=True)
    with desk.custodian(False, make=True) as ledger:
        for one in (policy, other, policy, policy):
            ledger.append(records.PolicyLoaded.of(one), policy=one)
        times = [entry.time for entry in reversed(ledger.newest(10, kind=records.Kind.POLICY_LOADED))]
    assert policy_changes.in_force(desk, policy).since == times[2]
    assert policy_changes.in_force(desk, other) == policy_changes.InForce(None, first=False)


def test_since_when_it_is_in_force_is_told_however_often_fanion_was_started(desk: Desk) -> None:
    policy = desk.active_policy().policy
    with desk.custodian(False, make=True) as ledger:
        ledger.append_all([records.PolicyLoaded.of(policy)] * 600, policy=policy)  # more than are read at a time
        first = ledger.newest(1_000, kind=records.Kind.POLICY_LOADED)[-1]
    assert policy_changes.in_force(desk, policy).since == first.time


# The desk's own rules


def test_own_rules_are_put_in_force_changed_and_ended(desk: Desk) -> None:
    assert policy_changes.own(desk) == OwnRules()
    mine = OwnRules((rule(),), ("wechat",))
    force = policy_changes.put_in_force(desk, mine)
    assert force.policy.rule("games") is not None
    assert force.policy.rule("wechat") is None
    assert force.base.rule("wechat") is not None
    assert force.policy.trust is Trust.UNSIGNED
    assert policy_changes.own(desk) == mine
    assert policy_changes.put_in_force(desk, OwnRules(off=("wechat",))).policy.rule("wechat") is None
    assert policy_changes.put_in_force(desk, OwnRules()).policy.id == "canada"
    assert not (desk.data / "own-rules.toml").exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"unsigned_policy": False}, "This computer uses only what is signed"),
        ({"own_rules": False, "locked": frozenset({"own_rules"})}, "Your organisation does not allow"),
    ],
)
def test_where_they_are_locked_it_is_said_why_and_nothing_is_written(
    make_desk: Callable[..., Desk], settings: dict[str, Any], words: str
) -> None:
    desk = make_desk(**settings)
    locked = policy_changes.may_edit(desk)
    assert locked is not None
    assert str(locked.sentence).startswith(words)
    with pytest.raises(Locked):
        policy_changes.put_in_force(desk, OwnRules((rule(),)))
    assert not desk.data.exists()
    assert 'id = "games"' in policy_changes.text_of(OwnRules((rule(),)), desk.active_policy().base)


def test_rules_that_are_wrong_are_told_by_their_place_and_never_replace_sound_ones(desk: Desk) -> None:
    base = desk.active_policy().base
    policy_changes.put_in_force(desk, OwnRules((rule(),)))
    bad = OwnRules((rule(), replace(rule("other", "no id"), product=Bilingual("", ""))))
    places = {fault.path for fault in policy_changes.wrong(bad, base)}
    assert {("rule", 1, "app", 0, "id"), ("rule", 1, "product", "en")} <= places
    with pytest.raises(PolicyProblem):
        policy_changes.put_in_force(desk, bad)
    assert policy_changes.own(desk) == OwnRules((rule(),))
    assert [file.name for file in desk.data.iterdir() if "own-rules" in file.name] == ["own-rules.toml"]
    assert not list(desk.data.glob(".fanion-*"))
    assert policy_changes.wrong(OwnRules(), base) == ()


def test_a_disk_that_takes_nothing_is_told_and_the_old_rules_stay(
    desk: Desk, sync_by: Callable[[Callable[[int], None]], None]
) -> None:
    policy_changes.put_in_force(desk, OwnRules((rule(),)))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    sync_by(full)
    with pytest.raises(PolicyProblem, match="could not be saved"):
        policy_changes.put_in_force(desk, OwnRules((rule("other", "org.example.other"),)))
    assert policy_changes.own(desk) == OwnRules((rule(),))


# What a change would mean


def test_a_new_ban_turns_those_red_that_have_the_app(desk: Desk) -> None:
    policy = desk.active_policy().policy
    wanted = policy_changes.laid(OwnRules((rule(),)), policy)
    has, has_not = checked(policy, "org.example.games", "org.example.mail"), checked(policy, "org.example.mail")
    (change,) = policy_changes.preview([has, has_not], [], wanted)
    assert (change.before.verdict, change.after.verdict) == (Verdict.GREEN, Verdict.RED)
    assert [f.app.package for f in change.new] == ["org.example.games"]
    assert change.dropped == ()
    assert change.whole


def test_a_rule_that_is_switched_off_finds_nothing_any_more(desk: Desk) -> None:
    policy = desk.active_policy().policy
    (change,) = policy_changes.preview(
        [checked(policy, "com.tencent.mm")], [], policy_changes.laid(OwnRules(off=("wechat",)), policy)
    )
    assert (change.before.verdict, change.after.verdict) == (Verdict.RED, Verdict.GREEN)
    assert [f.rule for f in change.dropped] == ["wechat"]
    assert policy_changes.laid(OwnRules(), policy) is policy


def test_what_is_excepted_stays_so(desk: Desk) -> None:
    """A preview that forgot exceptions would say that a change makes red what it does not."""
    policy = desk.active_policy().policy
    check = checked(policy, "com.tencent.mm", "org.example.games")
    grant = exceptions.Grant(
        7,
        Request("wechat", NOW.date(), "CIO", "1", "com.tencent.mm", serial="SERIAL1", maker="google", model="Pixel 9"),
        NOW.date(),
    )
    marked = exceptions.apply(check.findings, check.inventory.phone, Labels(), [grant], policy, NOW.date(), read=None)
    check = replace(check, findings=marked)
    assert check.verdict is Verdict.AMBER
    notice = replace(rule(), strength=Strength.NOTICE)
    (change,) = policy_changes.preview([check], [], policy_changes.laid(OwnRules((notice,)), policy))
    assert change.after.verdict is Verdict.AMBER


def test_the_last_checks_are_read_from_the_log_as_far_as_it_has_them(desk: Desk) -> None:
    policy = desk.active_policy().policy
    assert policy_changes.last_checks(desk, policy) == ()
    put_on_record(desk, checked(policy, "com.tencent.mm"), "a" * 12)
    put_on_record(desk, checked(policy, "org.example.mail", model="Pixel 8"), "b" * 12)
    newest, oldest = policy_changes.last_checks(desk, policy)
    assert (newest.inventory.phone.model, newest.verdict, newest.inventory.apps) == ("Pixel 8", Verdict.GREEN, ())
    assert (oldest.inventory.phone.serial, oldest.verdict) == ("", Verdict.RED)
    (change,) = policy_changes.preview([], [newest, oldest], policy_changes.laid(OwnRules(off=("wechat",)), policy))
    assert not change.whole
    assert change.after.verdict is Verdict.GREEN


# Exceptions


def request(desk: Desk, **more: Any) -> Request:
    until = policy_changes.today(desk, practice=False) + timedelta(days=30)
    asked = {"rule": "wechat", "until": until, "authority": "The CIO"}
    return Request(**{**asked, "reference": "File 7", "tag": "IT-1", "package": "com.tencent.mm", **more})


def test_an_exception_is_granted_listed_and_withdrawn(desk: Desk) -> None:
    policy = desk.active_policy().policy
    assert policy_changes.exceptions(desk) == ()
    granted = policy_changes.grant(desk, request(desk), policy)
    assert policy_changes.exceptions(desk) == (granted,)
    assert policy_changes.exceptions(desk, practice=True) == ()
    policy_changes.revoke(desk, granted.entry, "handed back")
    (withdrawn,) = policy_changes.exceptions(desk)
    assert withdrawn.revoked is not None
    with pytest.raises(CannotGrant):
        policy_changes.revoke(desk, 4_711, "no such entry")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"rule": "lemon8"}, "rule"),
        ({"authority": " "}, "authority"),
        ({"tag": ""}, "tag"),
        ({"until": date(2020, 1, 1)}, "until"),
    ],
)
def test_a_wrong_request_is_told_by_its_field(desk: Desk, more: dict[str, Any], field: str) -> None:
    with pytest.raises(CannotGrant) as caught:
        policy_changes.grant(desk, request(desk, **more), desk.active_policy().policy)
    assert caught.value.field == field


def test_where_exceptions_are_locked_none_is_granted(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(exceptions=False)
    policy = desk.active_policy().policy
    with pytest.raises(Locked):
        policy_changes.grant(desk, request(desk), policy)
    allowed = make_desk()
    with pytest.raises(Locked, match="allows no exceptions"):
        policy_changes.grant(allowed, request(desk), replace(policy, exception_days=0))
    assert policy_changes.may_except(allowed, policy) is None
