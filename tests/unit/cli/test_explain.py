"""``fanion explain``: what a code means, what to do, and the chapter about it; a mistyped one has near matches."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.problem_chapters import problem_rows
from tests.unit.cli.conftest import Fanion


def test_a_code_is_explained_with_its_chapter(fanion: Fanion) -> None:
    said = fanion("explain", "phone-busy")
    assert said.code == 0
    assert said.out.startswith("phone-busy\nMeaning: Another program on this computer has the phone open.\n")
    assert "## Another program has the phone" in said.out
    assert "Close Android Studio" in said.out


def test_it_is_explained_in_french(fanion: Fanion) -> None:
    said = fanion("--language", "fr", "explain", "settings")
    assert "## Les paramètres" in said.out
    assert "](" not in said.out


def test_it_is_explained_in_json(fanion: Fanion) -> None:
    told = fanion("explain", "ledger", "--json").json
    assert (told["code"], told["chapter"]["name"]) == ("ledger", "troubleshooting#the-log-cannot-be-used")
    assert told["meaning"]
    assert told["next"]
    assert told["chapter"]["text"].startswith("## The log cannot be used")


def test_every_code_is_explained(fanion: Fanion) -> None:
    for code in problem_rows():
        said = fanion("explain", code)
        assert (said.code, said.out.splitlines()[0]) == (0, code)
        assert len(said.out.splitlines()) > 5


@pytest.mark.parametrize(("typed", "meant"), [("phone-bussy", "phone-busy"), ("shared-log", "shared-log-open")])
def test_a_mistyped_code_is_wrong_usage_and_told_what_is_near(fanion: Fanion, typed: str, meant: str) -> None:
    said = fanion("explain", typed)
    assert (said.code, said.out) == (2, "")
    assert meant in said.err
    assert fanion("explain", typed, "--json").json["problem"]["code"] == "no-such-code"


def test_a_code_like_none_has_the_list_as_next_step(fanion: Fanion) -> None:
    assert "fanion explain." in fanion("explain", "xyzzy\x1b[31m").err
    listed = fanion("explain")
    assert len(listed.out.splitlines()) == len(problem_rows())


def test_a_problem_says_how_more_is_said_of_it(fanion: Fanion) -> None:
    assert "fanion explain nothing-recorded" in fanion("log", "list").err


def test_a_broken_settings_file_is_no_obstacle(fanion: Fanion, data: Path) -> None:
    data.mkdir()
    (data / "settings.toml").write_text("nonsense")
    assert fanion("explain", "settings").code == 0


def test_it_is_completed_and_in_the_help(fanion: Fanion) -> None:
    assert "phone-busy" in fanion("completion", "bash").out
    assert "explain" in fanion("--help").out
