"""What a desk and head office had with the last release, read now: log, keys, settings, rounds, store.

The folder was filled by that release itself: see tests/data/README.md. That this one's package is installed over that
release's is tried every night: tests/installer/linux/upgrade.sh.
"""

from __future__ import annotations

import contextlib
import json
import tarfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.desk.settings import settings
from core.system.local_zone import system_zone
from tests import command
from tests.installer.linux import same_answers

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

RELEASES = Path(__file__).parents[2] / "data" / "releases"


class Release:
    """A copy of what was there, and the present command line in its place."""

    def __init__(self, archive: Path, folder: Path) -> None:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        self.folder = folder
        self.answers = folder / "answers"

    def run(self, *words: object) -> str:
        """What a command prints. It has to end well, or with a red verdict."""
        with contextlib.chdir(self.folder):
            answer = command.run(*words, "--data", self.folder / "desk", "--language", "en")
        assert answer.code in (0, 1), answer.err
        return answer.out

    def ask(self, *words: object) -> Any:
        return json.loads(self.run(*words, "--json"))

    def before(self, name: str) -> Any:
        """What the release said."""
        return json.loads((self.answers / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(params=sorted(RELEASES.glob("*.tar.xz")), ids=lambda archive: archive.name.removesuffix(".tar.xz"))
def release(request: pytest.FixtureRequest, tmp_path: Path) -> Release:
    return Release(request.param, tmp_path)


def differences(release: Release, name: str, *words: object) -> list[str]:
    return list(same_answers.differences(release.before(name), release.ask(*words), name))


def test_log_keys_and_rounds_say_what_they_said(release: Release) -> None:
    found = [
        *differences(
            release,
            "verify",
            *("log", "verify", "--practice", "--keys", "papers/desks.txt", "--receipt", "papers/receipt.pdf"),
        ),
        *differences(release, "list", "log", "list", "--practice", "--limit", 1_000),
        *differences(release, "keys", "log", "enrolment", "--practice"),
        *differences(release, "rounds", "round", "list", "--practice"),
    ]
    if not system_zone().utcoffset(datetime(2026, 11, 30)):  # the days that are left are counted where the computer is
        found += differences(release, "spring", "round", "status", "Spring", "--practice")
    assert found == []


@pytest.mark.slow
def test_the_store_verifies_and_answers_as_it_did(release: Release) -> None:
    found = differences(release, "store-verify", "store", "verify", "store")
    for question in ("by-policy", "by-unit", "come-backs", "coverage", "not-seen"):
        days = release.before(question)
        found += differences(
            release, question, "store", "ask", "store", question, "--first", days["first"], "--last", days["last"]
        )
    assert found == []


def test_the_desks_settings_are_read(release: Release) -> None:
    found = settings.load(release.folder / "desk", machine=None)
    assert (found.officer, found.desk, found.organisation) == ("Zoé Tremblay", "Desk 4, Gatineau", "example.gc.ca")
    assert (found.retention_months, found.text_size, found.sounds) == (24, 125, False)


@pytest.mark.slow
def test_work_goes_on_in_all_of_it(release: Release) -> None:
    """A check more, sealed with the release's keys and carried to its store: both verify."""
    log, store = release.before("verify"), release.before("store-verify")
    release.run("check", "--practice", "clean")
    release.run("log", "seal", "--practice")
    after = release.ask("log", "verify", "--practice", "--keys", "papers/desks.txt")
    assert after["intact"]
    assert after["records"] == after["sealed"] > log["records"]
    release.run("round", "export", "usb-key", "--practice")
    release.run("merge", "usb-key", "--practice", "--into", "store")
    merged = release.ask("store", "verify", "store")
    assert merged["intact"]
    assert merged["entries"] > store["entries"]


def test_a_difference_is_a_line_with_its_place() -> None:
    before = {"a": [1, {"b": 2}], "gone": 3, "compared": "whole"}
    after = {"a": [1, {"b": 4, "new": 5}], "compared": "values"}
    assert sorted(same_answers.differences(before, after, "file")) == [
        "file/a/1/b: 2 is now 4",
        "file/gone: is not there any more",
    ]
