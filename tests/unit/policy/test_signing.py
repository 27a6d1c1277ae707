"""What the policy team publishes is complete, accepted by computers, and in place whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import sys
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Cancel
from core.policy.problems import PolicyProblem
from core.policy.signing import repository, signers, signing
from core.policy.signing.changes import ChangeOutcome, Lives, Missing
from core.policy.signing.repository import SigningProblem
from core.policy.signing.signers import SigningKeyProblem, WrongPassphrase
from core.policy.signing.signing import RepositoryStatus, repository_status
from core.policy.trust import trust
from core.policy.trust.accepted import Accepted
from core.policy.trust.refusals import TrustProblem
from tests.unit.policy.team import LIVES, Team, a_key, faulty_text, image, policy_text

PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path / "team")


@pytest.fixture
def now(team: Team) -> datetime:
    """When the team began to work."""
    return team.now


def read(team: Team, store: Path) -> Accepted:
    """What a computer makes of the repository."""
    return trust.accept(team.folder, store, team.root, now=team.now, floor=None, cancel=Cancel())


def refusal(team: Team, act: Any, *, changes: bool = False) -> PolicyProblem:
    """The problem; the repository is as it was to the last byte."""
    before = image(team.folder)
    with pytest.raises(PolicyProblem) as caught:
        act()
    assert image(team.folder) == before
    return caught.value


def roles(team: Team, **options: Any) -> dict[str, Any]:
    return {role.role: role for role in repository_status(team.folder, now=team.now, **options).roles}


# Beginning


def test_a_new_repository_has_its_root_and_nothing_else(team: Team, now: datetime) -> None:
    assert [name for name, data in image(team.folder).items() if data != b"/"] == ["metadata/1.root.json"]
    found = repository_status(team.folder, now=now)
    assert found.root_file == team.root_file
    root, targets, snapshot, timestamp = found.roles
    assert (root.threshold, [name for name, _ in root.keys]) == (2, ["root-1", "root-2", "root-3"])
    assert (targets.threshold, [name for name, _ in targets.keys]) == (2, ["targets-1", "targets-2"])
    assert [(role.threshold, len(role.keys)) for role in (snapshot, timestamp)] == [(1, 1), (1, 1)]
    assert root.signed_by == ("root-1", "root-2", "root-3")
    assert (root.expires, root.due) == (now + timedelta(days=730), False)
    assert targets.expires is None


def test_nothing_is_begun_in_a_folder_that_is_in_use(team: Team, now: datetime) -> None:
    again = lambda: signing.init(team.folder, team.holders(), now=now, lives=LIVES)  # noqa: E731
    assert "something in it" in str(refusal(team, again))


def test_a_first_version_is_a_number_above_zero(tmp_path: Path) -> None:
    with pytest.raises(SigningProblem):
        Team(tmp_path / "team", first_version=0)


def test_a_folder_without_a_repository_is_named(tmp_path: Path, now: datetime) -> None:
    with pytest.raises(SigningProblem) as caught:
        repository_status(tmp_path, now=now)
    assert "There is no policy repository" in str(caught.value)


# Publishing


def test_what_is_published_is_what_computers_accept(team: Team, tmp_path: Path, now: datetime) -> None:
    done = team.publish("1")
    assert done.complete
    assert done.accepted == read(team, tmp_path / "store")
    assert done.accepted.expires == now + timedelta(days=180)
    found = repository_status(team.folder, now=now)
    assert (found.policy_id, found.policy_version, found.waiting) == ("ministry", "1", None)
    assert [role.version for role in found.roles] == [1, 1, 1, 1]
    assert [role.signed_by for role in found.roles[1:]] == [("targets-1", "targets-2"), ("online",), ("online",)]


def test_sticks_may_be_valid_for_less_long(team: Team, now: datetime) -> None:
    done = team.publish("1", lives=Lives(online=30))
    assert done.accepted is not None
    assert done.accepted.expires == now + timedelta(days=30)


def test_versions_go_up(team: Team) -> None:
    for number in (1, 2, 3):
        done = team.publish(str(number))
        assert done.accepted is not None
        assert (done.accepted.targets_version, done.accepted.timestamp_version) == (number, number)
    assert len(list(team.folder.glob("targets/*"))) == 3


def test_the_root_keys_are_not_needed_to_publish(team: Team) -> None:
    assert team.publish("1", "targets-1", "targets-2", "online").complete


def test_a_faulty_policy_is_not_published(team: Team, now: datetime) -> None:
    file = team.policy("1", faulty_text())
    publish = lambda: signing.publish(team.folder, file.read_bytes(), team.holders(), now=now, lives=LIVES)  # noqa: E731
    problem = refusal(team, publish)
    assert problem.line is not None


def test_one_version_has_one_content_for_ever(team: Team, now: datetime) -> None:
    team.publish("1")
    team.publish("2")
    other = team.policy("1", policy_text("1") + "# a remark\n")
    publish = lambda: signing.publish(team.folder, other.read_bytes(), team.holders(), now=now, lives=LIVES)  # noqa: E731
    assert "Version 1 of this policy" in str(refusal(team, publish))
    assert team.publish("1").complete  # going back to it, on the other hand, is possible


def test_the_same_policy_is_not_published_twice(team: Team) -> None:
    team.publish("1")
    assert "renew" in str(refusal(team, lambda: team.publish("1")))


@pytest.mark.parametrize(
    ("names", "role", "lacks"),
    [
        (("targets-1", "online"), "targets", "targets-2"),
        (("online",), "targets", "targets-1"),
        (("targets-1", "targets-2"), "online", "online"),
        (("root-1", "root-2", "root-3", "online"), "targets", "targets-2"),
    ],
)
def test_without_enough_keys_nothing_is_published(team: Team, names: tuple[str, ...], role: str, lacks: str) -> None:
    problem = refusal(team, lambda: team.publish("1", *names))
    assert f"“{role}”" in str(problem.sentence)
    assert lacks in str(problem.next_step)
    assert "--stage" in str(problem.next_step)


def test_another_teams_keys_do_not_count(team: Team, tmp_path: Path, now: datetime) -> None:
    strangers = Team(tmp_path / "strangers").holders()
    publish = lambda: signing.publish(team.folder, team.policy().read_bytes(), strangers, now=now, lives=LIVES)  # noqa: E731
    assert "has 0 of the 2" in str(refusal(team, publish))


def test_what_computers_would_refuse_is_not_published(team: Team, now: datetime) -> None:
    """Published with a clock that is years behind."""
    publish = lambda: signing.publish(  # noqa: E731
        team.folder, team.policy().read_bytes(), team.holders(), now=now - timedelta(days=500), lives=LIVES
    )
    problem = refusal(team, publish)
    assert "computers would refuse it. The signatures" in str(problem.sentence)
    assert "expired" in problem.detail


# Signatures one after the other


def add_waiting(team: Team, *names: str) -> ChangeOutcome:
    """Sign what waits with these keys, or all."""
    return signing.add(team.folder, signing.waiting(team.folder), team.holders(*names), now=team.now, lives=LIVES)


def test_two_key_holders_need_not_be_in_one_room(team: Team, tmp_path: Path, now: datetime) -> None:
    first = team.publish("1", "targets-1", stage=True)
    assert (first.complete, first.accepted) == (False, None)
    assert first.missing == (Missing("targets", 1, 2, ("targets-2",)), Missing("online", 0, 1, ("online",)))
    waiting = repository_status(team.folder, now=now).waiting
    assert waiting == (Missing("targets", 1, 2, ("targets-2",)),)
    with pytest.raises(TrustProblem):
        read(team, tmp_path / "store")
    second = add_waiting(team, "targets-2")
    assert (second.complete, [one.role for one in second.missing]) == (False, ["online"])
    third = add_waiting(team, "online")
    assert third.accepted == read(team, tmp_path / "store")
    assert repository_status(team.folder, now=now).waiting is None
    assert not (team.folder / "staged").exists()


def test_a_change_may_be_put_aside_although_it_is_complete(team: Team) -> None:
    assert not team.publish("1", stage=True).complete
    assert add_waiting(team, "online").complete


def test_a_waiting_change_keeps_others_out_until_it_is_given_up(team: Team) -> None:
    team.publish("1")
    team.publish("2", "targets-1", stage=True)
    for act in (lambda: team.publish("3"), lambda: team.renew(), lambda: signing.successors(team.folder, "root")):
        assert "still waits" in str(refusal(team, act))
    assert repository.discard(team.folder)
    assert not repository.discard(team.folder)
    assert team.publish("3").complete


def test_nothing_waits(team: Team) -> None:
    add = partial(add_waiting, team)
    assert "No change waits" in str(refusal(team, add))


def test_what_nobody_should_sign_is_not_signed(team: Team) -> None:
    """Whoever had the stick between two key holders has changed what waits."""
    team.publish("1")
    spare = team.stick("spare")

    def wait(version: str) -> Path:
        shutil.rmtree(team.folder)
        shutil.copytree(spare, team.folder)
        team.publish(version, "targets-1", stage=True)
        return team.folder / "staged"

    add = partial(add_waiting, team, "targets-2", "online")
    (wait("2") / "policy.toml").write_text(policy_text("3"), encoding="utf-8")
    assert "does not fit" in str(refusal(team, add))
    (wait("2") / "policy.toml").write_text("nonsense", encoding="utf-8")
    assert "line 1" in str(refusal(team, add))
    (wait("2") / "targets.json").write_bytes(b"{}")
    assert "is damaged" in str(refusal(team, add))
    place = wait("2") / "targets.json"
    signed = json.loads(place.read_bytes())["signed"]
    signed["targets"]["evil.toml"] = signed["targets"]["policy.toml"]
    place.write_bytes(team.sign(signed))
    assert "does not fit" in str(refusal(team, add))
    (wait("2") / "policy.toml").unlink()
    assert "does not fit" in str(refusal(team, add))
    wait("2")
    assert add().complete


def test_a_false_signature_that_waits_is_replaced(team: Team) -> None:
    team.publish("1", "targets-1", stage=True)
    place = team.folder / "staged/targets.json"
    document = json.loads(place.read_bytes())
    document["signatures"].append({"keyid": team.keys["targets-2"].id, "sig": "00" * 64})
    place.write_bytes(json.dumps(document).encode())
    assert add_waiting(team, "targets-2", "online").complete


# Renewing


def test_the_online_key_alone_renews_what_sticks_need_most(team: Team, tmp_path: Path, now: datetime) -> None:
    team.publish("1", lives=Lives(online=10))
    assert roles(team)["timestamp"].due
    done = team.renew("online")
    assert done.accepted == read(team, tmp_path / "store")
    assert done.accepted.expires == now + timedelta(days=180)
    assert (done.accepted.targets_version, done.accepted.timestamp_version, done.due) == (1, 2, ())
    assert not roles(team)["timestamp"].due


def test_what_offline_keys_must_renew_is_said_and_then_done(team: Team, now: datetime) -> None:
    team.publish("1", lives=Lives(targets=50))
    assert roles(team)["targets"].due
    assert team.renew("online").due == ("targets",)
    done = team.renew("online", "targets-1", "targets-2")
    assert done.due == ()
    assert roles(team)["targets"].expires == now + timedelta(days=400)
    late = signing.renew(team.folder, team.holders("online"), now=now, lives=LIVES, within=1_000)
    assert late.due == ("root", "targets")
    assert signing.renew(team.folder, team.holders(), now=now, lives=LIVES, within=1_000).complete
    assert roles(team)["root"].version == 2


def test_a_root_is_renewed_before_the_first_policy(team: Team, now: datetime) -> None:
    assert "No policy has been published" in str(refusal(team, lambda: team.renew()))
    done = signing.renew(team.folder, team.holders("root-1", "root-2"), now=now, lives=LIVES, within=1_000)
    assert (done.complete, done.accepted) == (True, None)
    assert roles(team)["root"].signed_by == ("root-1", "root-2")
    assert team.publish("1").complete


def test_a_renewal_that_needs_the_online_key_alone_cannot_wait(team: Team, now: datetime) -> None:
    team.publish("1")
    renew = lambda: signing.renew(team.folder, team.holders(), now=now, lives=LIVES, stage=True)  # noqa: E731
    assert "Only the online key" in str(refusal(team, renew))
    assert "online" in str(refusal(team, lambda: team.renew("root-1")))


# New keys


@pytest.mark.parametrize("published", [False, True])
@pytest.mark.parametrize(
    ("role", "replaced", "now"),
    [
        ("root", ("root-2",), ["root-1", "root-3", "root-4"]),
        ("root", (), ["root-4", "root-5", "root-6"]),
        ("targets", ("targets-1",), ["targets-2", "targets-3"]),
        ("targets", (), ["targets-3", "targets-4"]),
        ("online", (), ["online-2"]),
    ],
)
def test_keys_are_replaced(
    team: Team, tmp_path: Path, published: bool, role: Any, replaced: tuple[str, ...], now: list[str]
) -> None:
    if published:
        team.publish("1")
        read(team, tmp_path / "store")
    done = team.rotate(role, *replaced)
    assert done.complete
    here = roles(team)
    for signed in ("snapshot", "timestamp") if role == "online" else (role,):
        assert sorted(name for name, _ in here[signed].keys) == now
        assert not published or set(here[signed].signed_by) <= set(now)
    assert here["root"].version == 2
    if published:
        assert done.accepted == read(team, tmp_path / "store")
    team.publish("2")
    assert read(team, tmp_path / "store").policy_version == "2"
    team.rotate(role)  # and again: no name is used twice
    assert not {name for name, _ in roles(team)[here[role].role if role != "online" else "timestamp"].keys} & set(now)


def test_a_replaced_key_signs_nothing_any_more(team: Team) -> None:
    team.publish("1")
    team.rotate("targets", "targets-2")
    assert "has 1 of the 2" in str(refusal(team, lambda: team.publish("2", "targets-1", "targets-2", "online")))
    assert team.publish("2", "targets-1", "targets-3", "online").complete


def test_a_new_root_needs_two_old_keys(team: Team, now: datetime) -> None:
    team.publish("1")
    rotate = lambda *names: signing.rotate(  # noqa: E731
        team.folder, "root", ("root-1",), [a_key("root-4")], team.holders(*names), now=now, lives=LIVES
    )
    assert "“root”" in str(refusal(team, lambda: rotate("root-2", "online")))
    assert rotate("root-2", "root-3", "online").complete


def test_a_new_root_may_wait_for_signatures(team: Team, now: datetime) -> None:
    team.publish("1")
    new = a_key("root-4")
    done = signing.rotate(
        team.folder, "root", ("root-1",), [new], team.holders("root-2"), now=now, lives=LIVES, stage=True
    )
    assert [(one.role, one.have, one.needed) for one in done.missing] == [("root", 1, 2), ("online", 0, 1)]
    done = add_waiting(team, "root-3", "online")
    assert done.complete
    assert roles(team)["root"].signed_by == ("root-2", "root-3", "root-4")


def test_a_key_that_is_not_there_is_named(team: Team) -> None:
    problem = refusal(team, lambda: signing.successors(team.folder, "root", ("root-9",)))
    assert "root-9" in str(problem.sentence)
    assert "root-1, root-2, root-3" in str(problem.next_step)


# The disk


def test_a_damaged_repository_is_not_built_upon(team: Team) -> None:
    team.publish("1")
    path = team.folder / "metadata/1.targets.json"
    path.write_bytes(path.read_bytes()[:-5])
    problem = refusal(team, lambda: team.publish("2"))
    assert "damaged or incomplete" in str(problem.sentence)
    assert "1.targets.json" in problem.detail


def test_a_disk_that_fails_leaves_readers_a_whole_repository(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.publish("1")
    spare = team.stick("spare")
    really = os.replace
    for nth in range(1, 20):
        shutil.rmtree(team.folder)
        shutil.copytree(spare, team.folder)
        count = 0

        def fail(old: Any, new: Any, nth: int = nth) -> None:
            nonlocal count
            if Path(new).is_relative_to(team.folder):
                count += 1
                if count == nth:
                    raise OSError(errno.ENOSPC, "No space left on device")
            really(old, new)

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", fail)
            try:
                done = team.publish("2")
            except SigningProblem as problem:
                said = str(problem)
            else:
                assert done.complete
                break
        assert "could not be written" in said
        assert read(team, tmp_path / f"store-{nth}").policy_version == "1"
        assert team.publish("3").complete  # what was left does not stand in the way
        assert read(team, tmp_path / f"store-{nth}").policy_version == "3"
    assert nth == 5  # policy, targets, snapshot, timestamp


@pytest.mark.parametrize("then", ["rotate", "publish"])
@pytest.mark.parametrize("role", ["online", "targets"])
def test_a_new_root_without_its_timestamp_does_not_count_yet(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: Any, then: str
) -> None:
    team.publish("1")
    really = os.replace

    def fail(old: Any, new: Any) -> None:
        if Path(new) == team.folder / "metadata/timestamp.json":
            raise OSError(errno.EIO, "Input/output error")
        really(old, new)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(SigningProblem):
            team.rotate(role)
    assert (team.folder / "metadata/2.root.json").exists()
    assert roles(team)["root"].version == 1
    if then == "rotate":
        team.rotate(role)
    else:
        team.publish("2")
    assert read(team, tmp_path / "store").root_version == (2 if then == "rotate" else 1)


def test_the_timestamp_comes_last(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    really = os.replace

    def watch(old: Any, new: Any) -> None:
        order.append(Path(new).name)
        really(old, new)

    team.publish("1")
    monkeypatch.setattr(os, "replace", watch)
    team.rotate("targets")
    mine = [name for name in order if (name.endswith(".json") and name[0].isdigit()) or name == "timestamp.json"]
    assert mine[-4:] == ["2.targets.json", "2.snapshot.json", "2.root.json", "timestamp.json"]


# Key files


def test_a_key_is_made_for_its_holder_alone(tmp_path: Path) -> None:
    made = signers.create(tmp_path, "root-1", PASSPHRASE)
    file = tmp_path / "root-1" / "root-1.pem"
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert b"ENCRYPTED PRIVATE KEY" in file.read_bytes()
    again = signers.load(file, PASSPHRASE)
    assert (again.name, again.id) == (made.name, made.id)
    with pytest.raises(WrongPassphrase):
        signers.load(file, PASSPHRASE + "!")
    with pytest.raises(WrongPassphrase):
        signers.load(file, "")
    before = file.read_bytes()
    with pytest.raises(SigningKeyProblem, match="already"):
        signers.create(tmp_path, "root-1", PASSPHRASE)
    assert file.read_bytes() == before


@pytest.mark.slow
def test_every_wrong_passphrase_is_a_wrong_passphrase(tmp_path: Path) -> None:
    """One in 256 decrypts to something that is padded well and is no key: two thousand have some of them."""
    signers.create(tmp_path, "root-1", PASSPHRASE)
    for number in range(2_000):
        with pytest.raises(WrongPassphrase):
            signers.load(tmp_path / "root-1/root-1.pem", f"wrong {number}")


def test_a_short_passphrase_protects_nothing(tmp_path: Path) -> None:
    with pytest.raises(SigningKeyProblem, match="too short"):
        signers.create(tmp_path, "root-1", "x" * (signers.SHORTEST - 1))
    assert not list(tmp_path.iterdir())


def test_files_that_are_no_keys_are_named(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    file = tmp_path / "some.pem"
    curve = ec.generate_private_key(ec.SECP256R1())
    encrypted = BestAvailableEncryption(PASSPHRASE.encode())
    good = signers.create(tmp_path / "keys", "root-1", PASSPHRASE)
    text = (tmp_path / "keys/root-1/root-1.pem").read_bytes()
    for content in (
        b"",
        b"hello",
        b"\xff" * 50_000,
        text[:100],
        text[:-60] + text[-50:],
        text.replace(b"M", b"N", 1),
        text.replace(b"-----END", b"-----ENDE"),
        curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encrypted),
        good.signer.private_bytes,  # not encrypted
    ):
        file.write_bytes(content)
        with pytest.raises(SigningKeyProblem) as caught:
            signers.load(file, PASSPHRASE)
        assert str(file) in str(caught.value.sentence)
    with pytest.raises(SigningKeyProblem):
        signers.load(tmp_path / "nowhere.pem", PASSPHRASE)
    with pytest.raises(SigningKeyProblem):
        signers.load(tmp_path, PASSPHRASE)


def test_keys_are_found_in_folders(tmp_path: Path) -> None:
    for name in ("root-1", "root-2"):
        signers.create(tmp_path / "keys", name, PASSPHRASE)
    one = tmp_path / "keys/root-1/root-1.pem"
    assert [file.stem for file in signers.find([tmp_path / "keys", one])] == ["root-1", "root-2"]
    assert signers.find([one.parent]) == [one]
    (tmp_path / "empty").mkdir()
    with pytest.raises(SigningKeyProblem, match="no key"):
        signers.find([tmp_path / "empty"])


def test_another_passphrase_is_asked_for(tmp_path: Path) -> None:
    signers.create(tmp_path, "root-1", PASSPHRASE)
    (holder,) = signers.load_all([tmp_path], lambda file: iter(["wrong passphrase", PASSPHRASE]))
    assert holder.name == "root-1"
    with pytest.raises(WrongPassphrase):
        signers.load_all([tmp_path], lambda file: iter(["wrong passphrase"]))


def test_a_standing_is_a_value(team: Team, now: datetime) -> None:
    assert isinstance(repository_status(team.folder, now=now), RepositoryStatus)
    assert repository_status(team.folder, now=now) == repository_status(team.folder, now=now)
    later = repository_status(team.folder, now=now + timedelta(days=731))
    assert later.due
    assert later.roles[0].expired
