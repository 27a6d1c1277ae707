"""A policy on a USB stick is accepted only if everything about it is right, and nothing changes if anything is not."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel
from core.model import Cancelled, Trust
from core.policy.problems import PolicyProblem
from core.policy.signing.changes import Lives
from core.policy.trust import policy_store, trust
from core.policy.trust.accepted import Accepted
from core.policy.trust.refusals import RefusalReason, TrustProblem
from core.policy.trust.trust import accept, load
from core.policy.trust.usb_stick import Stick
from core.system.files import file_lock
from tests.examples import examples
from tests.unit.policy.team import Team, faulty_text, image, policy_text

posix = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there, and there is no fork")


@pytest.fixture
def now(team: Team) -> datetime:
    """When the team began to work."""
    return team.now


@dataclass
class Desk:
    """A computer: the root that it was given, and what it has accepted."""

    store: Path
    root: bytes
    now: datetime
    floor: Accepted | None = None

    def accept(self, stick: Path, now: datetime | None = None, floor: Accepted | None = None) -> Accepted:
        self.floor = accept(
            stick, self.store, self.root, now=now or self.now, floor=floor or self.floor, cancel=Cancel()
        )
        return self.floor

    def refusal(self, stick: Path, now: datetime | None = None, floor: Accepted | None = None) -> TrustProblem:
        """Why the stick is refused: with one sentence and a next step, and the store as it was to the last byte."""
        before = image(self.store) if self.store.exists() else None
        with pytest.raises(TrustProblem) as caught:
            self.accept(stick, now, floor)
        assert (image(self.store) if self.store.exists() else None) == before
        problem = caught.value
        assert problem.exit_code == 5
        assert problem.code == f"policy-{problem.reason}"
        for text in (str(problem.sentence), str(problem.next_step)):
            assert text.endswith(".")
            assert "{" not in text
        return problem

    def load(self, now: datetime | None = None, floor: Accepted | None = None) -> trust.SignedPolicy:
        found = load(self.store, self.root, now=now or self.now, floor=floor)
        assert found is not None
        return found

    def wipe(self) -> None:
        shutil.rmtree(self.store)


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path / "team")


@pytest.fixture
def desk(tmp_path: Path, team: Team) -> Desk:
    return Desk(tmp_path / "desk" / "policy", team.root, team.now)


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    trust._last.clear()


# What is right


def test_a_signed_policy_is_accepted_and_is_then_in_force(team: Team, desk: Desk, now: datetime) -> None:
    team.publish("7")
    accepted = desk.accept(team.stick())
    assert (accepted.policy_id, accepted.policy_version) == ("ministry", "7")
    assert (accepted.root_version, accepted.targets_version) == (1, 1)
    assert (accepted.snapshot_version, accepted.timestamp_version) == (1, 1)
    assert accepted.expires == now + timedelta(days=180)
    assert accepted.root_keys == tuple(sorted(team.keys[f"root-{n}"].id for n in (1, 2, 3)))
    assert accepted.online_keys == (team.keys["online"].id,)
    shutil.rmtree(team.beside / "stick")  # the stick is pulled out
    found = desk.load(floor=accepted)
    assert found.accepted == accepted
    assert found.expired_since is None
    assert found.policy.trust is Trust.SIGNED
    assert (found.policy.version, found.policy.sha256) == ("7", accepted.sha256)
    assert found.policy.source == "policy.toml"


def test_the_store_is_a_stick_itself(team: Team, desk: Desk, tmp_path: Path) -> None:
    team.rotate("root", "root-2")
    team.publish("1")
    accepted = desk.accept(team.stick())
    (kept_folder,) = [path for path in desk.store.iterdir() if path.is_dir()]
    assert Desk(tmp_path / "other", team.root, team.now).accept(kept_folder) == accepted


def test_the_same_stick_again_changes_nothing(team: Team, desk: Desk) -> None:
    team.publish("1")
    accepted = desk.accept(team.stick())
    before = image(desk.store)
    assert desk.accept(team.stick("another")) == accepted
    assert image(desk.store) == before


def test_a_newer_stick_takes_the_place_of_the_older_one(team: Team, desk: Desk) -> None:
    team.publish("1")
    desk.accept(team.stick())
    team.publish("2")
    accepted = desk.accept(team.stick())
    assert (accepted.policy_version, accepted.targets_version) == ("2", 2)
    assert desk.load().policy.version == "2"
    assert len([path for path in desk.store.iterdir() if path.is_dir()]) == 1


def test_a_renewed_stick_is_valid_for_longer(team: Team, desk: Desk, now: datetime) -> None:
    team.publish("1", lives=Lives(online=20))
    first = desk.accept(team.stick())
    team.renew("online", lives=Lives(online=150))
    second = desk.accept(team.stick())
    assert first.expires == now + timedelta(days=20)
    assert second.expires == now + timedelta(days=150)
    assert second.sha256 == first.sha256


def test_the_stick_may_have_other_things_beside_the_policy(team: Team, desk: Desk, tmp_path: Path) -> None:
    team.publish("1")
    drive = tmp_path / "drive"
    shutil.copytree(team.folder, drive / "fanion-policy")
    (drive / "holiday.jpg").write_bytes(b"\xff\xd8")
    assert desk.accept(drive).policy_version == "1"


def test_what_waits_for_signatures_is_never_read(team: Team, desk: Desk) -> None:
    team.publish("1")
    team.publish("2", "targets-1", stage=True)
    assert desk.accept(team.stick()).policy_version == "1"


def test_a_computer_may_be_given_a_later_root(team: Team, tmp_path: Path) -> None:
    team.rotate("root")
    team.publish("1")
    later = Desk(tmp_path / "later", (team.folder / "metadata/2.root.json").read_bytes(), team.now)
    assert later.accept(team.stick()).root_version == 2


def test_nothing_is_asked_of_any_network(team: Team, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket")

    team.publish("1")
    stick = team.stick()
    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    desk.accept(stick)
    desk.load()


def test_pressing_the_stop_button_leaves_everything_as_it_was(team: Team, desk: Desk, now: datetime) -> None:
    team.publish("1")
    cancel = Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        accept(team.stick(), desk.store, desk.root, now=now, floor=None, cancel=cancel)
    assert not desk.store.exists()


# What is no policy, or only half of one


def test_a_folder_without_a_policy_is_named(desk: Desk, tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", tmp_path):
        problem = desk.refusal(folder)
        assert problem.reason is RefusalReason.NOT_A_STICK
        assert str(folder) in str(problem.sentence)
    (tmp_path / "file").write_bytes(b"")
    assert desk.refusal(tmp_path / "file").reason is RefusalReason.NOT_A_STICK


def test_a_repository_without_a_policy_is_incomplete(team: Team, desk: Desk) -> None:
    problem = desk.refusal(team.stick())
    assert problem.reason is RefusalReason.INCOMPLETE
    assert "timestamp.json" in str(problem.sentence)


def needed(stick: Path) -> list[Path]:
    """The files of a stick that a computer with the first root must find on it."""
    return [path for path in sorted(stick.rglob("*.*")) if path.is_file() and path.name != "1.root.json"]


@pytest.mark.parametrize("has_older", [False, True])
def test_half_copied_at_every_file(team: Team, desk: Desk, has_older: bool) -> None:
    team.publish("1")
    if has_older:
        desk.accept(team.stick())
    team.rotate("root", "root-1")
    team.publish("2")
    for path in team.folder.glob("metadata/1.*"):  # what an older stick needs
        if "root" not in path.name:
            path.unlink()
    for path in team.folder.glob("metadata/2.snapshot.json"):
        path.unlink()
    old = next(p for p in team.folder.glob("targets/*") if b'version = "1"' in p.read_bytes())
    old.unlink()
    names = [path.name for path in needed(team.stick())]
    assert len(names) == 5
    for position, name in enumerate(names):
        size = needed(team.stick())[position].stat().st_size
        for length in (None, 0, 1, size // 3, size // 2, size - 1):
            path = needed(team.stick())[position]
            if length is None:
                path.unlink()
            else:
                os.truncate(path, length)
            problem = desk.refusal(path.parent.parent)
            assert problem.reason is RefusalReason.INCOMPLETE, (name, length)
            assert name in str(problem.sentence)
    assert desk.accept(team.stick()).policy_version == "2"


def test_a_stick_without_its_newest_root_is_incomplete(team: Team, desk: Desk) -> None:
    team.publish("1")
    team.rotate("root", "root-1")
    stick = team.stick()
    (stick / "metadata/2.root.json").unlink()
    problem = desk.refusal(stick)
    assert (problem.reason, "2.root.json" in str(problem.sentence)) == (RefusalReason.INCOMPLETE, True)


def test_zeros_where_the_rest_should_be_are_half_a_copy(team: Team, desk: Desk) -> None:
    team.publish("1")
    stick = team.stick()
    path = stick / "metadata/timestamp.json"
    data = path.read_bytes()
    path.write_bytes(data[:200] + bytes(len(data) - 200))
    assert desk.refusal(stick).reason is RefusalReason.INCOMPLETE


# What was changed


def test_a_changed_byte_in_any_file_is_found(team: Team, desk: Desk) -> None:
    team.rotate("root", "root-1")
    team.publish("1")
    for position in range(len(needed(team.stick()))):
        path = needed(team.stick())[position]
        data = bytearray(path.read_bytes())
        place = data.index(b"signed") + 40 if path.suffix == ".json" else len(data) // 2
        data[place] ^= 1
        path.write_bytes(data)
        problem = desk.refusal(path.parent.parent)
        assert problem.reason is RefusalReason.CHANGED, path.name
        assert path.name in str(problem.sentence)


def test_a_longer_policy_is_a_changed_one(team: Team, desk: Desk) -> None:
    team.publish("1")
    stick = team.stick()
    (policy,) = stick.glob("targets/*")
    policy.write_bytes(policy.read_bytes() + b"\n")
    assert desk.refusal(stick).reason is RefusalReason.CHANGED


def test_one_of_two_signatures_is_not_enough(team: Team, desk: Desk) -> None:
    team.publish("1")
    stick = team.stick()
    team.forge(stick, policy=policy_text("evil").encode(), targets_by=("targets-2",))
    problem = desk.refusal(stick)
    assert problem.reason is RefusalReason.TOO_FEW_SIGNATURES
    assert "1 of the 2" in str(problem.sentence)


def test_a_key_signs_for_its_own_role_only(team: Team, desk: Desk) -> None:
    team.publish("1")
    stick = team.stick()
    team.forge(stick, policy=policy_text("evil").encode(), targets_by=("root-1", "online"))
    assert desk.refusal(stick).reason is RefusalReason.OTHER_KEYS


def test_no_signature_at_all(team: Team, desk: Desk) -> None:
    team.publish("1")
    stick = team.stick()
    team.forge(stick, targets_by=())
    problem = desk.refusal(stick)
    assert (problem.reason, "0 of the 2" in str(problem.sentence)) == (RefusalReason.TOO_FEW_SIGNATURES, True)


def test_another_team_is_not_trusted(team: Team, desk: Desk, tmp_path: Path) -> None:
    other = Team(tmp_path / "others")
    other.publish("1")
    assert desk.refusal(other.stick()).reason is RefusalReason.OTHER_KEYS
    other.rotate("root", "root-1")
    assert desk.refusal(other.stick()).reason is RefusalReason.OTHER_KEYS
    team.publish("1")
    desk.accept(team.stick())
    assert desk.refusal(other.stick()).reason is RefusalReason.OTHER_KEYS


def test_targets_of_another_name_are_no_policy(team: Team, desk: Desk) -> None:
    team.publish("1")
    sha256 = {"sha256": "0" * 64}
    for targets in (
        {},
        {"other.toml": {"length": 1, "hashes": sha256}},
        {"policy.toml": {"length": 1, "hashes": {"sha512": "0" * 128}}},
        {"policy.toml": {"length": 1, "hashes": {"sha256": "../../../../etc/passwd"}}},
    ):
        stick = team.stick()
        team.forge(stick, targets={"targets": targets})
        assert desk.refusal(stick).reason is RefusalReason.CHANGED


def test_a_signed_policy_that_is_malformed_is_refused_with_its_line(team: Team, desk: Desk) -> None:
    team.publish("1")
    stick = team.stick()
    text = faulty_text("2")
    line = text[: text.index("strenght")].count("\n") + 1
    team.forge(stick, policy=text.encode())
    problem = desk.refusal(stick)
    assert problem.reason is RefusalReason.MALFORMED
    assert problem.line == line
    assert f"policy.toml, line {line}:" in str(problem.sentence)
    team.forge(stick, policy=b"\xff\xfe")
    assert desk.refusal(stick).reason is RefusalReason.MALFORMED


# Time


def test_an_expired_stick_is_refused_with_its_date(team: Team, desk: Desk, now: datetime) -> None:
    team.publish("1", lives=Lives(online=10))
    stick = team.stick()
    problem = desk.refusal(stick, now + timedelta(days=11))
    assert problem.reason is RefusalReason.EXPIRED
    end = now + timedelta(days=10)
    assert f"{end.day} {end:%B} {end.year}." in str(problem.sentence)
    assert desk.refusal(stick, end).reason is RefusalReason.EXPIRED
    desk.accept(stick, end - timedelta(seconds=1))


@pytest.mark.parametrize("lives", [Lives(root=10), Lives(targets=10), Lives(online=10)])
def test_whatever_expires_first_counts(team: Team, desk: Desk, lives: Lives, tmp_path: Path, now: datetime) -> None:
    if lives.root == 10:
        from core.policy.signing import signing

        signing.renew(team.folder, team.holders(), now=now, lives=lives, within=1_000)
    team.publish("1", lives=lives)
    assert desk.refusal(team.stick(), now + timedelta(days=11)).reason is RefusalReason.EXPIRED
    assert desk.accept(team.stick()).expires == now + timedelta(days=10)


def test_a_clock_that_was_set_back_revives_nothing(team: Team, desk: Desk, now: datetime) -> None:
    """The caller knows a later time than the clock says: from the ledger, say."""
    team.publish("1", lives=Lives(online=10))
    assert datetime.now(UTC) < now + timedelta(days=9)  # the computer's clock finds nothing wrong
    assert desk.refusal(team.stick(), now + timedelta(days=11)).reason is RefusalReason.EXPIRED


def test_what_the_clock_says_is_expired_is_so_whatever_the_caller_knows(team: Team, desk: Desk, now: datetime) -> None:
    team.publish("1")
    stick = team.stick()
    team.forge(stick, expires=now - timedelta(days=3))
    assert desk.refusal(stick, now - timedelta(days=5)).reason is RefusalReason.EXPIRED


def test_a_policy_that_has_expired_since_stays_in_force(team: Team, desk: Desk, now: datetime) -> None:
    team.publish("1")
    accepted = desk.accept(team.stick())
    found = desk.load(now + timedelta(days=400), accepted)
    assert found.policy.version == "1"
    assert found.expired_since == accepted.expires
    assert desk.load(accepted.expires).expired_since == accepted.expires
    assert desk.load(accepted.expires - timedelta(seconds=1)).expired_since is None


# Older sticks


def test_an_older_stick_is_refused(team: Team, desk: Desk) -> None:
    team.publish("1")
    old = team.stick("old")
    team.publish("2")
    desk.accept(team.stick())
    desk.floor = None
    assert desk.refusal(old).reason is RefusalReason.OLDER


def test_an_older_stick_is_refused_although_the_store_was_wiped(team: Team, desk: Desk) -> None:
    team.publish("1")
    old = team.stick("old")
    team.renew("online")
    desk.accept(team.stick())
    desk.wipe()
    assert desk.refusal(old).reason is RefusalReason.OLDER
    assert desk.accept(team.stick()).timestamp_version == 2


@pytest.mark.parametrize("part", ["root", "targets", "snapshot", "timestamp"])
def test_every_number_counts(team: Team, desk: Desk, part: str) -> None:
    team.publish("1")
    accepted = desk.accept(team.stick())
    higher = dataclasses.replace(accepted, **{f"{part}_version": getattr(accepted, f"{part}_version") + 1})
    problem = desk.refusal(team.stick(), floor=higher)
    assert (problem.reason, part in problem.detail) == (RefusalReason.OLDER, True)


def test_an_older_stick_that_expired_too_is_called_older(team: Team, desk: Desk, now: datetime) -> None:
    team.publish("1", lives=Lives(online=10))
    old = team.stick("old")
    team.publish("2")
    desk.accept(team.stick())
    assert desk.refusal(old, now + timedelta(days=11)).reason is RefusalReason.OLDER


def test_a_bad_newer_stick_does_not_keep_the_good_one_out(team: Team, desk: Desk) -> None:
    """One whose timestamp is good and whose targets are not: ngclient alone would go on to demand that timestamp."""
    team.publish("1")
    desk.accept(team.stick())
    team.publish("2")
    good = team.stick("good")
    team.renew("online")
    team.renew("online")
    bad = team.stick("bad")
    (bad / "metadata/2.targets.json").write_bytes(b"{}")
    assert desk.refusal(bad).reason in (RefusalReason.CHANGED, RefusalReason.INCOMPLETE)
    accepted = desk.accept(good)
    assert (accepted.policy_version, accepted.timestamp_version) == ("2", 2)


def test_two_policies_under_one_number_are_a_conflict(team: Team, desk: Desk) -> None:
    spare = team.beside / "spare"
    shutil.copytree(team.folder, spare)
    team.publish("1")
    one = team.stick("one")
    shutil.rmtree(team.folder)
    shutil.copytree(spare, team.folder)
    team.publish("2")
    desk.accept(one)
    assert desk.refusal(team.stick("two")).reason is RefusalReason.CONFLICT
    desk.wipe()
    assert desk.refusal(team.stick("two")).reason is RefusalReason.CONFLICT


def test_another_timestamp_under_the_same_number_is_a_conflict(team: Team, desk: Desk, now: datetime) -> None:
    team.publish("1")
    desk.accept(team.stick())
    stick = team.stick()
    signed = json.loads((stick / "metadata/timestamp.json").read_bytes())["signed"]
    end = (now + timedelta(days=5_000)).strftime("%Y-%m-%dT%H:%M:%SZ")
    (stick / "metadata/timestamp.json").write_bytes(team.sign(signed | {"expires": end}, "online"))
    assert desk.refusal(stick).reason is RefusalReason.CONFLICT


# New roots


def test_keys_may_be_replaced_several_times(team: Team, desk: Desk) -> None:
    team.publish("1")
    desk.accept(team.stick())
    team.rotate("root")
    team.rotate("targets")
    team.rotate("online")
    team.publish("2")
    accepted = desk.accept(team.stick())
    assert (accepted.root_version, accepted.policy_version) == (4, "2")
    assert accepted.root_keys == tuple(sorted(team.keys[f"root-{n}"].id for n in (4, 5, 6)))
    assert desk.load(floor=accepted).accepted == accepted


def forged_root(team: Team, stick: Path, old: list[str], new: list[str], version: int = 2) -> None:
    from tests.unit.policy.team import a_key

    signed = json.loads((stick / "metadata/1.root.json").read_bytes())["signed"]
    for name in ("evil-1", "evil-2"):
        team.keys[name] = a_key(name)
        signed["keys"][team.keys[name].id] = team.keys[name].public.to_dict()
    signed["roles"]["root"]["keyids"] = [team.keys[name].id for name in ("evil-1", "evil-2")]
    signed["version"] = version
    (stick / "metadata/2.root.json").write_bytes(team.sign(signed, *old, *new))


def test_a_new_root_needs_enough_old_and_enough_new_keys(team: Team, desk: Desk) -> None:
    team.publish("1")
    stick = team.stick()
    for old, new, reason in (
        ([], ["evil-1", "evil-2"], RefusalReason.OTHER_KEYS),
        (["root-1"], ["evil-1", "evil-2"], RefusalReason.TOO_FEW_SIGNATURES),
        (["root-1", "root-2"], ["evil-1"], RefusalReason.TOO_FEW_SIGNATURES),
        (["root-1", "root-2"], [], RefusalReason.OTHER_KEYS),
    ):
        forged_root(team, stick, old, new)
        problem = desk.refusal(stick)
        assert (problem.reason, "2.root.json" in str(problem.sentence)) == (reason, True), (old, new)
    forged_root(team, stick, ["root-1", "root-2"], ["evil-1", "evil-2"], version=3)
    assert desk.refusal(stick).reason is RefusalReason.CHANGED
    forged_root(team, stick, ["root-1", "root-2"], ["evil-1", "evil-2"])
    assert desk.accept(stick).root_version == 2


def test_a_stolen_online_key_cannot_lock_computers_out_for_ever(team: Team, desk: Desk) -> None:
    team.publish("1")
    stolen = team.stick("stolen")
    team.forge(stolen, version=2_000_000_000, targets_by=None)
    thief = desk.accept(stolen)
    assert thief.timestamp_version == 2_000_000_000
    team.renew("online")
    assert desk.refusal(team.stick()).reason is RefusalReason.OLDER
    team.rotate("online")
    team.publish("2")
    accepted = desk.accept(team.stick())
    assert (accepted.policy_version, accepted.root_version) == ("2", 2)
    assert desk.refusal(stolen).reason is RefusalReason.OLDER
    desk.wipe()
    assert desk.refusal(stolen).reason is RefusalReason.OLDER


def test_a_version_that_is_no_number_is_refused(team: Team, desk: Desk) -> None:
    team.publish("1")
    for version in (True, 1.5, "2", None, 2**31, 10**400, -1):
        stick = team.stick()
        signed = json.loads((stick / "metadata/timestamp.json").read_bytes())["signed"]
        try:
            data = team.sign(signed | {"version": version}, "online")
        except Exception:  # canonical JSON has no floats
            data = json.dumps({"signatures": [], "signed": signed | {"version": version}}).encode()
        (stick / "metadata/timestamp.json").write_bytes(data)
        assert desk.refusal(stick).reason in (RefusalReason.CHANGED, RefusalReason.TOO_FEW_SIGNATURES)


# Sticks that mean harm


def test_huge_files_are_not_read(team: Team, desk: Desk) -> None:
    team.rotate("root", "root-1")
    team.publish("1")
    for position in range(len(needed(team.stick()))):
        path = needed(team.stick())[position]
        os.truncate(path, 5_000_000_000)  # as good as none on the disk
        problem = desk.refusal(path.parent.parent)
        assert problem.reason is RefusalReason.TOO_LARGE, path.name
        assert path.name in str(problem.sentence)


def test_a_huge_policy_is_refused_before_it_is_read(team: Team, desk: Desk) -> None:
    team.publish("1")
    stick = team.stick()
    team.forge(stick, targets={"targets": {"policy.toml": {"length": 10**15, "hashes": {"sha256": "0" * 64}}}})
    assert desk.refusal(stick).reason is RefusalReason.TOO_LARGE


@posix
def test_links_are_not_followed(team: Team, desk: Desk, tmp_path: Path) -> None:
    team.publish("1")
    for name in ("metadata", "targets", "metadata/timestamp.json", "metadata/1.targets.json", "targets/*"):
        (path,) = team.stick().glob(name)
        outside = tmp_path / "outside"
        shutil.rmtree(outside, ignore_errors=True)
        outside.unlink(missing_ok=True) if outside.is_file() else None
        path.rename(outside)
        path.symlink_to(outside)
        problem = desk.refusal(tmp_path / "team" / "stick")
        assert problem.reason is RefusalReason.LINK, name
        outside.unlink() if outside.is_file() else shutil.rmtree(outside)


@posix
def test_a_linked_folder_on_a_drive_is_not_followed(team: Team, desk: Desk, tmp_path: Path) -> None:
    team.publish("1")
    (tmp_path / "drive").mkdir()
    (tmp_path / "drive" / "fanion-policy").symlink_to(team.stick())
    assert desk.refusal(tmp_path / "drive").reason is RefusalReason.LINK


@posix
def test_a_pipe_is_not_waited_for(team: Team, desk: Desk) -> None:
    team.publish("1")
    stick = team.stick()
    (stick / "metadata/timestamp.json").unlink()
    os.mkfifo(stick / "metadata/timestamp.json")
    assert desk.refusal(stick).reason is RefusalReason.LINK


def test_no_path_leads_out_of_a_stick(team: Team) -> None:
    team.publish("1")
    stick = Stick(team.stick())
    for path in (
        "../policy-1.toml",
        "metadata/../../policy-1.toml",
        "metadata/01.root.json",
        "targets/policy.toml",
        "",
        "/",
    ):
        assert stick.read(path, 1_000_000) is None


def test_a_stick_cannot_say_something_else_the_second_time(team: Team) -> None:
    team.publish("1")
    folder = team.stick()
    stick = Stick(folder)
    first = stick.read("metadata/timestamp.json", 16_000)
    (folder / "metadata/timestamp.json").write_bytes(b"something else")
    assert stick.read("metadata/timestamp.json", 16_000) == first


def test_a_stick_with_a_read_error_is_named(team: Team, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    team.publish("1")
    stick = team.stick()
    really = os.open

    def fail(path: Any, *args: Any, **options: Any) -> int:
        if str(path).endswith("snapshot.json"):
            raise OSError(errno.EIO, "Input/output error")
        return really(path, *args, **options)

    monkeypatch.setattr(os, "open", fail)
    problem = desk.refusal(stick)
    assert (problem.reason, "1.snapshot.json" in str(problem.sentence)) == (RefusalReason.UNREADABLE, True)
    assert "Input/output error" in problem.detail


def test_ngclient_decides_too(team: Team, desk: Desk, now: datetime) -> None:
    """What names the reasons of refusals is not what alone decides."""
    team.publish("1")
    chain, _, _ = trust.verified(Stick(team.stick()).read, desk.root, now=now)
    other = team.stick()
    team.forge(other, targets_by=("targets-1",))
    with pytest.raises(TrustProblem) as caught:
        trust._ask_ngclient(Stick(other).read, desk.root, None, chain)
    assert caught.value.reason is RefusalReason.CHANGED
    assert "targets was signed by 1/2 keys" in caught.value.detail


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *[place for key, one in inner for place in places(one, (*path, key))]]


@examples(150)
@given(data=st.data())
def test_corrupted_metadata_is_refused_and_never_anything_else(team: Team, desk: Desk, data: st.DataObject) -> None:
    if not (team.folder / "metadata/timestamp.json").exists():
        team.rotate("root", "root-1")
        team.publish("1")
        team.stick("good")
    good = desk.floor or desk.accept(team.beside / "good")
    stick = team.stick()
    path = data.draw(st.sampled_from(needed(stick)))
    before = path.read_bytes()
    if path.suffix == ".json" and data.draw(st.booleans()):
        document = json.loads(before)
        *way, last = data.draw(st.sampled_from(places(document)[1:]))
        inner = document
        for key in way:
            inner = inner[key]
        inner[last] = data.draw(JSON)
        after = json.dumps(document).encode()
    else:
        at = data.draw(st.integers(0, len(before)))
        length = data.draw(st.integers(0, 20))
        after = before[:at] + data.draw(st.binary(max_size=20)) + before[at + length :]
    path.write_bytes(after)
    try:
        assert desk.accept(stick) == good  # only what nobody signed has changed, such as the order of keys
    except TrustProblem:
        assert after != before


@examples(150)
@given(data=st.data())
def test_nonsense_that_is_signed_is_refused_and_never_anything_else(
    team: Team, desk: Desk, data: st.DataObject, now: datetime
) -> None:
    """Whoever has the keys signs what no honest team would: the library meets it after the signature was found good."""
    if not (team.folder / "metadata/timestamp.json").exists():
        team.publish("1")
    stick = team.stick()
    name, by = data.draw(
        st.sampled_from([("timestamp", ("online",)), ("2.root", ("root-1", "root-2")), ("1.snapshot", ("online",))])
    )
    if name == "2.root":
        signed = json.loads((stick / "metadata/1.root.json").read_bytes())["signed"] | {"version": 2}
    else:
        signed = json.loads((stick / f"metadata/{name}.json").read_bytes())["signed"]
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places(signed)[1:]))
        inner = signed
        for key in way:
            inner = inner[key]
        inner[last] = data.draw(JSON)
    try:
        nonsense = team.sign(signed, *by)
    except Exception:  # canonical JSON has no floats, and UTF-8 no half of a pair
        return
    (stick / f"metadata/{name}.json").write_bytes(nonsense)
    if name == "1.snapshot":  # the timestamp goes along
        timestamp = json.loads((stick / "metadata/timestamp.json").read_bytes())["signed"]
        timestamp["meta"]["snapshot.json"] = {"version": 1}
        (stick / "metadata/timestamp.json").write_bytes(team.sign(timestamp, "online"))
    with contextlib.suppress(TrustProblem):
        accept(stick, desk.store, desk.root, now=now, floor=None, cancel=Cancel())


@pytest.mark.parametrize("role", ["root", "timestamp", "snapshot", "targets"])
def test_a_root_that_is_signed_and_names_a_key_by_something_else_than_text_is_refused(
    team: Team, desk: Desk, role: str, now: datetime
) -> None:
    team.publish("1")
    stick = team.stick()
    signed = json.loads((stick / "metadata/1.root.json").read_bytes())["signed"] | {"version": 2}
    signed["roles"][role]["keyids"].append(None)
    (stick / "metadata/2.root.json").write_bytes(team.sign(signed, "root-1", "root-2"))
    with pytest.raises(TrustProblem) as caught:
        accept(stick, desk.store, desk.root, now=now, floor=None, cancel=Cancel())
    assert caught.value.reason is RefusalReason.CHANGED


# Roots


def test_without_a_root_nothing_is_trusted(tmp_path: Path) -> None:
    missing = tmp_path / "root.json"
    with pytest.raises(TrustProblem) as caught:
        trust.pinned_root(missing)
    assert (caught.value.reason, str(missing) in str(caught.value.sentence)) == (RefusalReason.NO_ROOT, True)


def test_a_root_that_is_none_is_named(team: Team, desk: Desk) -> None:
    team.publish("1")
    stick = team.stick()
    desk.accept(stick)
    good = desk.root
    for bad in (
        b"",
        b"{}",
        good[:-20],
        (stick / "metadata/timestamp.json").read_bytes(),
        good.replace(b'"version":1', b'"version":9'),
    ):
        desk.root = bad
        assert desk.refusal(stick).reason is RefusalReason.NO_ROOT
        with pytest.raises(TrustProblem) as caught:
            desk.load()
        assert caught.value.reason is RefusalReason.NO_ROOT


def test_a_new_team_takes_over_with_higher_numbers(team: Team, desk: Desk, tmp_path: Path) -> None:
    """After all root keys were lost: computers are given the new root by their administrators."""
    team.publish("1")
    old = desk.accept(team.stick())
    low, high = Team(tmp_path / "low"), Team(tmp_path / "high", first_version=10)
    low.publish("2")
    high.publish("2")
    desk.root = low.root
    with pytest.raises(TrustProblem) as caught:
        desk.load(floor=old)
    assert caught.value.reason is RefusalReason.OTHER_KEYS
    assert desk.refusal(low.stick()).reason is RefusalReason.CONFLICT
    desk.root = high.root
    accepted = desk.accept(high.stick())
    assert (accepted.root_version, accepted.targets_version, accepted.timestamp_version) == (10, 10, 10)
    assert desk.load(floor=accepted).policy.version == "2"


# What is on the computer


def test_nothing_is_in_force_before_anything_was_accepted(desk: Desk, now: datetime) -> None:
    assert load(desk.store, desk.root, now=now) is None
    desk.store.mkdir(parents=True)
    assert load(desk.store, desk.root, now=now) is None


def damages(path: Path) -> list[Callable[[], Any]]:
    data = path.read_bytes()
    return [
        lambda: path.write_bytes(data[: len(data) // 2] + b"#" + data[len(data) // 2 + 1 :]),
        lambda: path.write_bytes(data[: len(data) // 2]),
        lambda: path.write_bytes(b""),
        lambda: os.truncate(path, 5_000_000_000),
        path.unlink,
    ]


@pytest.mark.slow
@pytest.mark.parametrize("remembered", [False, True])
def test_whatever_is_altered_on_the_computer_is_found(team: Team, desk: Desk, remembered: bool) -> None:
    team.rotate("root", "root-1")
    team.publish("1")
    stick = team.stick()
    accepted = desk.accept(stick)
    for position in range(len(stored(desk))):
        for nth in range(5):
            if remembered:
                desk.load()
            path = stored(desk)[position]
            if path.name == "1.root.json":  # the one that the administrator gave counts
                continue
            damages(path)[nth]()
            if not remembered:
                trust._last.clear()
            with pytest.raises(TrustProblem) as caught:
                desk.load(floor=accepted)
            assert caught.value.reason is RefusalReason.ALTERED, (path.name, nth)
            assert desk.accept(stick) == accepted  # and the stick heals it
            assert desk.load(floor=accepted).accepted == accepted


def stored(desk: Desk) -> list[Path]:
    return [path for path in sorted(desk.store.rglob("*")) if path.is_file() and path.name not in ("lock", "current")]


def test_the_file_that_says_what_is_kept_leads_nowhere_else(team: Team, desk: Desk) -> None:
    team.publish("1")
    stick = team.stick()
    desk.accept(stick)
    good = (desk.store / "current").read_bytes()
    for bad in (b"", b"..\n", b"../../stick\n", b"\xff", b"0" * 16, good * 2):
        (desk.store / "current").write_bytes(bad)
        with pytest.raises(TrustProblem) as caught:
            desk.load()
        assert caught.value.reason is RefusalReason.ALTERED
    desk.accept(stick)
    assert desk.load().policy.version == "1"


def test_more_files_than_there_can_be_are_not_read(team: Team, desk: Desk) -> None:
    team.publish("1")
    desk.accept(team.stick())
    (folder,) = desk.store.glob("*/metadata")
    for number in range(300):
        (folder / f"junk-{number}").write_bytes(b"")
    with pytest.raises(TrustProblem) as caught:
        desk.load()
    assert caught.value.reason is RefusalReason.ALTERED


def test_a_store_that_is_gone_or_was_put_back_is_found_by_what_the_ledger_knows(team: Team, desk: Desk) -> None:
    team.publish("1")
    desk.accept(team.stick())
    backup = desk.store.with_name("backup")
    shutil.copytree(desk.store, backup)
    team.publish("2")
    accepted = desk.accept(team.stick())
    desk.wipe()
    with pytest.raises(TrustProblem) as caught:
        desk.load(floor=accepted)
    assert caught.value.reason is RefusalReason.ALTERED
    shutil.copytree(backup, desk.store)
    with pytest.raises(TrustProblem) as caught:
        desk.load(floor=accepted)
    assert (caught.value.reason, "older" in caught.value.detail) == (RefusalReason.ALTERED, True)
    assert desk.load().policy.version == "1"  # nobody can tell without the ledger


def test_a_store_that_cannot_be_written_is_named(team: Team, desk: Desk) -> None:
    team.publish("1")
    desk.store.parent.mkdir(parents=True)
    desk.store.write_bytes(b"")  # a file where the folder should be
    with pytest.raises(TrustProblem) as caught:
        desk.accept(team.stick())
    assert caught.value.reason in (RefusalReason.NO_ROOM, RefusalReason.ALTERED)


def failing(monkeypatch: pytest.MonkeyPatch, nth: int, error: BaseException) -> Callable[[], int]:
    """Let the nth of the calls that write fail; returns how many there were."""
    count = 0

    def wrap(name: str, module: Any) -> None:
        really = getattr(module, name)

        def call(*args: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == nth:
                raise error
            return really(*args, **options)

        monkeypatch.setattr(module, name, call)

    for name in ("fsync", "replace", "mkdir"):
        wrap(name, os)
    wrap("write_new", policy_store)
    wrap("sync_folder", policy_store)
    return lambda: count


def test_a_disk_that_fails_at_any_step_leaves_the_old_or_the_new(
    team: Team, desk: Desk, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    team.publish("1")
    desk.accept(team.stick("old"))
    backup = desk.store.with_name("backup")
    shutil.copytree(desk.store, backup)
    team.publish("2")
    new = team.stick("new")
    before = image(desk.store)
    for nth in range(1, 100):
        with monkeypatch.context() as patch:
            patch.setattr(trust, "_ask_ngclient", lambda *_: None)  # it writes too, but not into the store
            count = failing(patch, nth, OSError(errno.ENOSPC, "No space left on device"))
            reason = None
            try:
                accept(new, desk.store, desk.root, now=now, floor=None, cancel=Cancel())
            except TrustProblem as problem:
                reason = problem.reason
        in_force = desk.load().policy.version
        assert in_force == "2" or (
            reason in (RefusalReason.NO_ROOM, RefusalReason.NOT_STORED) and image(desk.store) == before
        )
        if count() < nth:
            break
        shutil.rmtree(desk.store)
        shutil.copytree(backup, desk.store)
    assert 15 < nth < 99


CRASHES = """
import os, sys, time
from datetime import datetime
from pathlib import Path
from core.jobs import Cancel
from core.policy.trust import policy_store as kept, trust
import shutil, tuf.ngclient
stick, backup, store, pinned, now = *map(Path, sys.argv[1:5]), datetime.fromisoformat(sys.argv[5])
root = pinned.read_bytes()
trust._ask_ngclient = lambda *_: None
CALLS = [(os, name) for name in ("open", "mkdir", "fsync", "replace", "unlink", "rmdir", "close", "rename")]
def run(nth):
    count = 0
    def wrap(module, name):
        really = getattr(module, name)
        def call(*args, **options):
            nonlocal count
            count += 1
            if count == nth:
                os._exit(9)
            return really(*args, **options)
        setattr(module, name, call)
    for module, name in CALLS:
        wrap(module, name)
    trust.accept(stick, store, root, now=now, floor=None, cancel=Cancel())
    os._exit(0)
seen = []
for nth in range(1, 400):
    shutil.rmtree(store, ignore_errors=True)
    shutil.copytree(backup, store)
    child = os.fork()
    if child == 0:
        run(nth)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    found = trust.load(store, root, now=now)
    seen.append(found.policy.version)
    again = trust.accept(stick, store, root, now=now, floor=None, cancel=Cancel())
    assert again.policy_version == "2"
    left = sorted(path.name for path in store.iterdir() if path.name not in ("lock", "current"))
    if seen[-1] == "1":
        assert len(left) == 1, left
    if code == 0:
        break
    assert code == 9, code
print(nth, seen.count("1"), seen.count("2"))
"""


@pytest.mark.slow
@posix
def test_a_crash_at_any_step_leaves_the_old_or_the_new(team: Team, desk: Desk, now: datetime) -> None:
    """Killed at every call of the system in turn; the next stick clears away what was left."""
    team.publish("1")
    desk.accept(team.stick("old"))
    backup = desk.store.with_name("backup")
    shutil.copytree(desk.store, backup)
    team.publish("2")
    words = [str(w) for w in (team.stick("new"), backup, desk.store, team.root_file)]
    repository = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", CRASHES, *words, now.isoformat()],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steps, old, new = map(int, done.stdout.split())
    assert steps > 30
    assert old > 15
    assert new > 3


def test_two_programs_accept_one_after_the_other(
    team: Team, desk: Desk, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    """The other one accepts a newer stick after this one has looked at the store: the older does not replace it."""
    team.publish("1")
    old = team.stick("old")
    team.publish("2")
    new = team.stick("new")
    really = trust._ask_ngclient

    def meanwhile(*args: Any) -> None:
        really(*args)
        monkeypatch.setattr(trust, "_ask_ngclient", really)
        desk.accept(new)

    monkeypatch.setattr(trust, "_ask_ngclient", meanwhile)
    with pytest.raises(TrustProblem) as caught:
        accept(old, desk.store, desk.root, now=now, floor=None, cancel=Cancel())
    assert caught.value.reason is RefusalReason.OLDER
    assert desk.load().policy.version == "2"


def test_a_store_that_another_program_holds_is_named(team: Team, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    team.publish("1")
    monkeypatch.setattr(file_lock, "PATIENCE", 0.0)
    with policy_store.locked(desk.store), pytest.raises(TrustProblem) as caught:
        desk.accept(team.stick())
    assert caught.value.reason is RefusalReason.NO_ROOM


@pytest.mark.skipif(os.name == "nt", reason="Windows has access lists instead")
def test_a_data_folder_that_begins_with_a_policy_is_its_owners_alone(tmp_path: Path) -> None:
    with policy_store.locked(tmp_path / "data" / "policy"):
        pass
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_every_refusal_is_a_problem_with_the_policy() -> None:
    assert issubclass(TrustProblem, PolicyProblem)
    assert len({str(reason) for reason in RefusalReason}) == len(RefusalReason)
