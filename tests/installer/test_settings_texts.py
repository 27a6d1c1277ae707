"""What a department reads of a setting, in three places and two languages, against what the setting does.

Some settings decide nothing by themselves: what another one says decides too. Each of these pairs is shown here by what
Fanion does; then every text about the one has to name the other.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from core.desk.active_policy import Unsigned, load_active_policy, load_named, may_have_own_rules, own_file
from core.desk.desk import Desk
from core.desk.settings.settings_table import Settings
from core.jobs import Cancel
from core.model import Trust
from core.policy.problems import PolicyProblem
from core.policy.trust import trust
from core.text import LANGUAGES
from installer import papers
from tests.unit.policy.team import Team, policy_text

INSTALLER: Final = papers.ROOT / "installer"
SPACE: Final = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"
CULTURES: Final = {"en": "en-US", "fr": "fr-CA"}
#: What else decides what a setting does. The tests below show each pair.
DECIDED_WITH: Final = {
    "policy": ("policy_root", "unsigned_policy"),
    "policy_root": ("policy",),
    "unsigned_policy": ("policy", "own_rules"),
    "own_rules": ("unsigned_policy",),
}
PAIRS: Final = [(key, other) for key, others in DECIDED_WITH.items() for other in others]


# --- what they do


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A policy that nobody has signed."""
    path = tmp_path / "ours.toml"
    path.write_text(policy_text(), encoding="utf-8")
    return path


@pytest.fixture
def team(tmp_path: Path) -> Team:
    (tmp_path / "team").mkdir()
    team = Team(tmp_path / "team")
    team.publish("9")
    return team


def judging(data: Path, settings: Settings) -> tuple[str, str, Trust]:
    policy = load_active_policy(data, settings, datetime.now(UTC)).policy
    return policy.id, policy.version, policy.trust


def test_the_policy_of_the_department_judges_until_a_signed_one_is_accepted(
    tmp_path: Path, file: Path, team: Team, now: datetime
) -> None:
    root = str(team.root_file)
    settings = Settings(policy=str(file), policy_root=root, locked=frozenset({"policy", "policy_root"}))
    assert judging(tmp_path, replace(settings, policy_root="")) == ("ministry", "1", Trust.MACHINE)
    assert judging(tmp_path, settings) == ("ministry", "1", Trust.MACHINE)
    trust.accept(team.stick(), tmp_path / "policy", team.root, now=now, floor=None, cancel=Cancel())
    assert judging(tmp_path, settings) == ("ministry", "9", Trust.SIGNED)


def test_where_a_root_file_is_set_the_policy_of_a_user_does_not_count(tmp_path: Path, file: Path, team: Team) -> None:
    settings = Settings(policy=str(file), policy_root=str(team.root_file), unsigned_policy=True)
    assert judging(tmp_path, settings)[0] == "canada"


def test_what_nobody_has_signed_does_not_count_with_or_without_a_root_file(
    tmp_path: Path, file: Path, team: Team, now: datetime
) -> None:
    for root in ("", str(team.root_file)):
        with pytest.raises(PolicyProblem):
            load_named(str(file), Settings(policy_root=root))
        assert load_named(str(file), Settings(policy_root=root, unsigned_policy=True)).trust is Trust.UNSIGNED
    with pytest.raises(Unsigned):
        load_active_policy(tmp_path, Settings(policy=str(file)), now)


def test_beside_the_policy_of_the_department_others_can_be_named_only_where_unsigned_ones_count(file: Path) -> None:
    settings = Settings(policy="canada", locked=frozenset({"policy"}))
    with pytest.raises(PolicyProblem):
        load_named("texas", settings)
    assert load_named("texas", replace(settings, unsigned_policy=True)).trust is Trust.BUILT_IN


def test_own_rules_count_only_where_what_is_unsigned_counts(tmp_path: Path, file: Path, now: datetime) -> None:
    own_file(tmp_path).write_text(policy_text(), encoding="utf-8")
    for own_rules in (True, False):
        for unsigned in (True, False):
            settings = Settings(own_rules=own_rules, unsigned_policy=unsigned)
            counts = load_active_policy(tmp_path, settings, now).policy.rule("chat") is not None
            assert counts == may_have_own_rules(settings) == (own_rules and unsigned)


@pytest.mark.parametrize(
    ("key", "english", "french"), [("officer", "account", "compte"), ("desk", "computer", "ordin")]
)
def test_without_a_name_the_computer_s_own_stands_in_the_records(
    tmp_path: Path, key: str, english: str, french: str
) -> None:
    desk = Desk(tmp_path, Settings())
    assert {"officer": desk.officer, "desk": desk.name}[key]
    assert any(english in text for text in texts(key, "en"))
    assert any(french in text for text in texts(key, "fr"))


# --- what is said of them


def strings(language: str) -> dict[str, str]:
    root = ET.parse(INSTALLER / "windows/admx" / CULTURES[language] / "fanion.adml").getroot()
    return {string.attrib["id"]: string.text or "" for string in root.iter(f"{SPACE}string")}


def comment(key: str, language: str) -> str:
    """What the settings file for Linux says of a key: a comment, English first, then French, before the example."""
    text = (INSTALLER / "linux/settings.toml").read_text(encoding="utf-8")
    paragraph = text[: re.search(rf"^# {key} = ", text, re.MULTILINE).start()].rstrip("\n")  # type: ignore[union-attr]
    lines = [line.removeprefix("# ") for line in paragraph[paragraph.rindex("\n\n") + 2 :].split("\n")]
    french = next(number for number, line in enumerate(lines) if re.match(r"(Si|Qui|Le|La|Après|Jusqu’) ", line))
    return " ".join(lines[:french] if language == "en" else lines[french:])


def row(key: str, language: str) -> str:
    """What the administrator's guide says of a key, in its table."""
    text = (papers.GUIDES / f"administrator.{language}.md").read_text(encoding="utf-8")
    return next(line for line in text.splitlines() if line.startswith(f"| `{key}` |"))


def texts(key: str, language: str) -> Iterator[str]:
    yield strings(language)[f"{key}_help"]
    yield comment(key, language)
    yield row(key, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("key", "other"), PAIRS)
def test_a_text_names_the_setting_that_decides_too(key: str, other: str, language: str) -> None:
    told = strings(language)
    title = f"“{told[other]}”" if language == "en" else f"«\N{NO-BREAK SPACE}{told[other]}\N{NO-BREAK SPACE}»"
    assert title in told[f"{key}_help"]
    assert other in comment(key, language)
    assert f"`{other}`" in row(key, language)


def test_a_title_that_a_text_names_is_one_of_a_policy() -> None:
    for language, quoted in (("en", "“([^”]+)”"), ("fr", "«\N{NO-BREAK SPACE}([^»]+)\N{NO-BREAK SPACE}»")):
        told = strings(language)
        named_there = [
            title for key, text in told.items() if key.endswith("_help") for title in re.findall(quoted, text)
        ]
        assert len(named_there) >= len(PAIRS)
        assert set(named_there) <= set(told.values())
