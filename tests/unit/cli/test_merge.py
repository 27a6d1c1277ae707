"""``fanion merge``, as head office types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.head_office import bundle
from core.ledger.records import CheckStarted
from core.ledger.writer import Ledger
from core.model import Phone
from core.text import T

pytest.importorskip("pyarrow")


@pytest.fixture
def carried(tmp_path: Path) -> tuple[Path, Path]:
    """A bundle, and the file with its desk's keys."""
    stick = tmp_path / "stick"
    stick.mkdir()
    with Ledger(tmp_path / "desk" / "ledger.db", desk="Desk 1", officer="A", app_version="1", keyring=False) as ledger:
        ledger.append(CheckStarted(T("over USB")), phone=Phone("android", "samsung", "SM-A546B", "14", "R58N12ABCDE"))
        folder = bundle.write(ledger, stick, bundle.Contents("Desk 1")).folder
        keys = tmp_path / "enrolled.txt"
        keys.write_text(ledger.enrolment.text)
    return folder, keys


def test_a_stick_is_merged_and_the_second_time_nothing_is_new(
    fanion: Callable[..., Any], carried: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, keys = carried
    done = fanion("merge", str(folder.parent), "--into", str(tmp_path / "store"), "--enrolled", str(keys), "--json")
    told = json.loads(done.out)
    assert (done.code, [one["desk"] for one in told["merged"]], told["refused"]) == (0, ["Desk 1"], [])
    done = fanion("merge", str(folder), "--into", str(tmp_path / "store"))
    assert done.code == 0
    assert "1 bundle was merged before" in done.out


def test_a_refused_bundle_is_told_with_its_reason(
    fanion: Callable[..., Any], carried: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, _ = carried
    done = fanion("merge", str(folder), "--into", str(tmp_path / "store"))
    assert done.code == 5
    assert "were never enrolled" in done.err
    told = json.loads(fanion("merge", str(folder), "--into", str(tmp_path / "store"), "--json").out)
    assert [one["reason"] for one in told["refused"]] == ["unknown-desk"]


def test_what_is_no_store_or_no_key_is_a_problem(
    fanion: Callable[..., Any], carried: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, keys = carried
    done = fanion("merge", str(folder), "--into", str(tmp_path / "s"), "--enrolled", str(tmp_path / "none.txt"))
    assert (done.code, "no keys of desks" in done.err) == (5, True)
    done = fanion("merge", str(folder), "--into", str(tmp_path / "s"), "--key", str(tmp_path / "none.txt"))
    assert (done.code, "private key cannot be read" in done.err) == (5, True)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    done = fanion("merge", str(folder), "--into", str(tmp_path / "full"), "--enrolled", str(keys))
    assert (done.code, "is no store" in done.err) == (5, True)
