"""Choosing among the policies that come with Fanion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.desk.desk import Desk
from core.desk.policy import policy_changes, policy_choice
from core.desk.policy.policy_changes import Locked
from core.desk.settings import settings as desk_settings
from core.desk.settings.settings import SettingsProblem
from core.desk.settings.settings_table import Settings
from core.ledger import records
from core.policy.format import policy_file
from core.text import T


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, Settings(officer="A. Roy", desk="Desk 4"))


def loaded(desk: Desk) -> list[tuple[str, str]]:
    """The policies that were put on record, the oldest first, and by whom."""
    with desk.read_ledger(False) as ledger:
        found = ledger.newest(20, kind=records.Kind.POLICY_LOADED)
    return [(entry.policy.id, entry.officer) for entry in reversed(found) if entry.policy is not None]


def test_every_policy_that_comes_with_fanion_can_be_chosen(desk: Desk) -> None:
    assert [policy.id for policy in policy_choice.choices()] == list(policy_file.built_in())
    for name in policy_file.built_in():
        assert policy_choice.choose(desk, name).policy.id == name
        assert desk.active_policy().policy.id == name
        assert Desk.at(desk.data).active_policy().policy.id == name  # also after a start
        since = policy_changes.in_force(desk, desk.active_policy().policy).since
        assert since is not None
    assert loaded(desk)[0][1] == "A. Roy"
    assert [id for id, _ in loaded(desk)] == list(policy_file.built_in())


@pytest.mark.parametrize(
    "locked",
    [{"policy": "canada", "locked": frozenset({"policy"})}, {"policy_root": "/etc/fanion/root.json"}],
)
def test_where_the_organisation_has_set_one_no_other_can_be_chosen(tmp_path: Path, locked: dict[str, Any]) -> None:
    desk = Desk(tmp_path, Settings(**locked))
    why = policy_choice.may_choose(desk)
    assert why is not None
    with pytest.raises(Locked, match=str(why.sentence)[:20]):
        policy_choice.choose(desk, "texas")
    assert not desk.ledger_path(practice=False).exists()


def test_a_choice_that_cannot_be_kept_is_on_record_as_taken_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Settings:
        raise SettingsProblem(T("The disk is full."), T("Make room."))

    monkeypatch.setattr(desk_settings, "save_personal", refuse)
    with pytest.raises(SettingsProblem):
        policy_choice.choose(desk, "texas")
    assert desk.active_policy().policy.id == "canada"
    assert [id for id, _ in loaded(desk)] == ["texas", "canada"]


def test_only_what_comes_with_fanion_can_be_chosen(desk: Desk) -> None:
    with pytest.raises(KeyError):
        policy_choice.choose(desk, "/tmp/mine.toml")
