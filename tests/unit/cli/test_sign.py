"""``fanion policy sign`` as a policy team meets it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.jobs import Cancel
from core.policy.trust import trust
from core.policy.trust.accepted import Accepted
from tests.unit.cli.conftest import Answer, Fanion
from tests.unit.policy.team import faulty_text, policy_text

PASSPHRASE = "correct horse battery staple"


class Office:
    """Where the team works: a repository, keys, a policy file and a passphrase file."""

    def __init__(self, folder: Path, fanion: Fanion) -> None:
        self.folder = folder
        self.repository = folder / "repository"
        self.keys = folder / "keys"
        self.passphrase = folder / "passphrase.txt"
        self.passphrase.write_text(f"{PASSPHRASE}\n")
        self._fanion = fanion

    def policy(self, version: str, content: str | None = None) -> Path:
        file = self.folder / f"policy-{version}.toml"
        file.write_text(policy_text(version) if content is None else content, encoding="utf-8")
        return file

    def run(self, step: str, *words: object, keys: tuple[str, ...] | None = None, typed: bool = False) -> Answer:
        """`keys` are names of keys; all of them if None. With `typed`, there is no passphrase file."""
        line = ["sign", step, str(self.repository), *map(str, words)]
        if step not in ("status", "discard"):
            named = [self.keys] if keys is None else [self.keys / name for name in keys]
            line += ["--keys", *map(str, named)]
            line += [] if typed else ["--passphrase-file", str(self.passphrase)]
        return self._fanion("policy", *line)

    def accepted(self) -> Accepted:
        root = trust.pinned_root(self.repository / "metadata/1.root.json")
        return trust.accept(
            self.repository, self.folder / "store", root, now=datetime.now(UTC), floor=None, cancel=Cancel()
        )


@pytest.fixture
def office(tmp_path: Path, fanion: Fanion) -> Office:
    return Office(tmp_path, fanion)


@pytest.fixture
def begun(office: Office) -> Office:
    assert office.run("init").code == 0
    return office


def test_the_ceremony_makes_six_keys_and_prints_their_fingerprints(office: Office) -> None:
    answer = office.run("init")
    assert answer.code == 0
    names = ["online", "root-1", "root-2", "root-3", "targets-1", "targets-2"]
    assert sorted(path.stem for path in office.keys.glob("*/*.pem")) == names
    standing = office.run("status", "--json").json
    ids = {key["name"]: key["id"] for role in standing["roles"] for key in role["keys"]}
    assert sorted(ids) == names
    for id in ids.values():
        assert id in answer.out
    assert standing["root_sha256"] in answer.out
    assert "1.root.json" in answer.out
    assert "No policy has been published" in office.run("status").out
    assert office.run("init").code == 5


def test_a_policy_is_published_and_accepted(begun: Office) -> None:
    answer = begun.run("publish", begun.policy("1"), keys=("targets-1", "targets-2", "online"))
    assert answer.code == 0, answer.err
    assert "✔ Published: ministry 1." in answer.out
    accepted = begun.accepted()
    assert accepted.sha256 in answer.out
    told = begun.run("publish", begun.policy("2"), "--json").json
    assert told["complete"]
    assert (told["policy"]["version"], told["policy"]["timestamp"]) == ("2", 2)
    status = begun.run("status")
    assert status.code == 0
    assert "Published: ministry 2." in status.out
    assert status.out.count("✔") == 4
    assert "signed by targets-1, targets-2" in status.out


def test_every_fault_of_a_policy_is_told(begun: Office) -> None:
    answer = begun.run("publish", begun.policy("1", faulty_text()))
    assert answer.code == 5
    assert "strenght" in answer.err
    assert "reson" in answer.err
    assert begun.run("status", "--json").json["policy"] is None


def test_one_signature_is_not_enough_and_may_wait_for_the_other(begun: Office) -> None:
    refused = begun.run("publish", begun.policy("1"), keys=("targets-1", "online"))
    assert refused.code == 5
    assert "1 of the 2 signatures" in refused.err
    waits = begun.run("publish", begun.policy("1"), "--stage", keys=("targets-1",))
    assert waits.code == 0
    assert "targets: 1 of 2 signatures; can still sign: targets-2" in waits.out
    assert "targets: 1 of 2" in begun.run("status").out
    again = begun.run("add", "--json", keys=("targets-2",))
    assert again.json["missing"] == [{"role": "online", "have": 0, "needed": 1, "keys": ["online"]}]
    assert "You sign the policy ministry 1, SHA-256" in again.err
    done = begun.run("add", keys=("online",))
    assert (done.code, "✔ Published: ministry 1." in done.out) == (0, True)
    assert begun.accepted().policy_version == "1"
    assert begun.run("add").code == 5


def test_a_waiting_change_is_given_up(begun: Office) -> None:
    begun.run("publish", begun.policy("1"), "--stage", keys=("targets-1",))
    assert begun.run("publish", begun.policy("2")).code == 5
    assert "given up" in begun.run("discard").out
    assert begun.run("discard", "--json").json == {"discarded": False}
    assert begun.run("publish", begun.policy("2")).code == 0


def test_what_is_due_is_told_and_renewed(begun: Office) -> None:
    begun.run("publish", begun.policy("1"), "--days", "30")
    status = begun.run("status")
    assert status.code == 3
    assert status.out.count("! ") == 2
    assert "to be renewed before" in status.out
    assert begun.run("status", "--within", "10").code == 0
    renewed = begun.run("renew", keys=("online",))
    assert (renewed.code, "The USB keys are valid until" in renewed.out) == (0, True)
    assert begun.run("status").code == 0
    late = begun.run("renew", "--within", "500", keys=("online",))
    assert "“targets” ends soon" in late.out
    assert begun.run("renew", "--within", "500", "--json").json["due"] == []


@pytest.mark.parametrize("days", ["0", "-1", "many", "1000000"])
def test_days_are_a_sensible_number(begun: Office, days: str) -> None:
    assert begun.run("renew", f"--days={days}").code == 2


def test_a_key_is_replaced(begun: Office) -> None:
    begun.run("publish", begun.policy("1"))
    begun.accepted()
    words = ("--role", "root", "--replace", "root-2", "--new-keys", begun.folder / "new")
    refused = begun.run("rotate", *words, keys=("root-1", "online"))
    assert refused.code == 5
    done = begun.run("rotate", *words, keys=("root-1", "root-3", "online"))
    assert done.code == 0, done.err
    assert "New keys: root-4." in done.out
    assert (begun.folder / "new/root-4/root-4.pem").exists()
    assert begun.accepted().root_version == 2
    waits = begun.run(
        "rotate", "--role", "online", "--new-keys", begun.folder / "new", "--stage", "--json", keys=("root-1",)
    )
    assert [one["role"] for one in waits.json["missing"]] == ["root"]
    done = begun.run("add", keys=("root-3",))
    assert "root with number 3" in done.err
    assert "online: 0 of 1 signatures; can still sign: online-2" in done.out


def test_all_of_a_role_is_replaced_before_the_first_policy(begun: Office) -> None:
    done = begun.run("rotate", "--role", "targets", "--new-keys", begun.folder / "new")
    assert (done.code, "✔ The keys are replaced." in done.out) == (0, True)


def test_a_first_number_above_those_of_a_lost_repository(office: Office) -> None:
    assert office.run("init", "--first-version", "7").code == 0
    assert (office.repository / "metadata/7.root.json").exists()
    done = office.run("publish", office.policy("1"), "--json").json
    assert (done["policy"]["root"], done["policy"]["timestamp"]) == (7, 7)


# Passphrases


class Typist:
    """Somebody at a terminal who types what is next; remembers what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("getpass.getpass", self)

    def __call__(self, question: str) -> str:
        self.asked.append(question)
        return self._answers.pop(0)


def test_a_new_passphrase_is_typed_twice_for_each_key(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    each = [f"{PASSPHRASE} {number}" for number in range(6)]
    typist = Typist(monkeypatch, "short", each[0], "not the same", *[word for one in each for word in (one, one)])
    answer = office.run("init", typed=True)
    assert answer.code == 0
    assert "at least 16 characters" in answer.err
    assert "The two are not the same." in answer.err
    assert len(typist.asked) == 3 + 12
    assert "root-1" in typist.asked[0]
    typist = Typist(monkeypatch, "wrong", each[3], each[4], each[5])
    office.run("publish", office.policy("1"), keys=("targets-1", "targets-2", "online"), typed=True)
    assert ["targets-1" in typist.asked[0], "targets-1" in typist.asked[1]] == [True, True]
    assert office.accepted().policy_version == "1"


def test_one_passphrase_for_all_is_typed_once(begun: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    typist = Typist(monkeypatch, PASSPHRASE)
    assert begun.run("publish", begun.policy("1"), typed=True).code == 0
    assert len(typist.asked) == 1


def test_what_a_key_holder_was_shown_is_what_the_key_signs(
    begun: Office, monkeypatch: pytest.MonkeyPatch, at_keyboard: Callable[[bool], None]
) -> None:
    """The stick goes from one to the next, and is written by others while a passphrase is typed."""

    def stage(version: str) -> Path:
        begun.run("discard")
        begun.run("publish", begun.policy(version), "--stage", keys=("targets-1", "targets-2"))
        return begun.repository / "staged"

    shutil.copytree(stage("other"), other := begun.folder / "other")
    shown = stage("1")

    def typed(question: str) -> str:
        shutil.copytree(other, shown, dirs_exist_ok=True)
        return PASSPHRASE

    at_keyboard(True)
    monkeypatch.setattr("getpass.getpass", typed)
    done = begun.run("add", keys=("online",), typed=True)
    assert "You sign the policy ministry 1, " in done.err
    assert (done.code, begun.accepted().policy_version) == (0, "1")


def test_what_was_found_sound_is_what_is_published(
    begun: Office, monkeypatch: pytest.MonkeyPatch, at_keyboard: Callable[[bool], None]
) -> None:
    policy = begun.policy("1")

    def typed(question: str) -> str:
        policy.write_text(policy_text("other"), encoding="utf-8")
        return PASSPHRASE

    at_keyboard(True)
    monkeypatch.setattr("getpass.getpass", typed)
    assert begun.run("publish", policy, typed=True).code == 0
    assert begun.accepted().policy_version == "1"


def test_a_wrong_passphrase_is_asked_for_three_times(begun: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    typist = Typist(monkeypatch, "no", "no", "no")
    answer = begun.run("publish", begun.policy("1"), typed=True)
    assert answer.code == 5
    assert "does not open the key" in answer.err
    assert len(typist.asked) == 3
    begun.passphrase.write_text("wrong\n")
    assert begun.run("publish", begun.policy("1")).code == 5


def test_nobody_is_asked_where_nobody_is(begun: Office, at_keyboard: Callable[[bool], None]) -> None:
    at_keyboard(False)
    answer = begun.run("publish", begun.policy("1"), typed=True)
    assert (answer.code, "--passphrase-file" in answer.err) == (5, True)
    begun.passphrase.unlink()
    assert "cannot be read" in begun.run("publish", begun.policy("1")).err


def test_no_passphrase_is_ever_on_the_command_line(fanion: Fanion) -> None:
    for words in (["--passphrase", "x"], ["--password", "x"]):
        refused = fanion("policy", "sign", "renew", "repository", "--keys", "keys", *words)
        assert refused.code == 2
        assert words[0] in refused.err
