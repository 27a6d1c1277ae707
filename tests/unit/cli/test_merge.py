"""``fanion merge``, as head office types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest

from core.head_office.bundles import bundle
from core.ledger.records import CheckStarted
from core.ledger.writer import Ledger
from core.model import Phone
from core.text import T
from tests.unit.head_office.conftest import Office, desks_in

pytest.importorskip("pyarrow")


@pytest.fixture
def carried(tmp_path: Path) -> tuple[Path, Path]:
    """A bundle, and the file with its desk's keys."""
    stick = tmp_path / "stick"
    stick.mkdir()
    with Ledger(tmp_path / "desk" / "ledger.db", desk="Desk 1", officer="A", app_version="1", keyring=False) as ledger:
        ledger.append(CheckStarted(T("over USB")), phone=Phone("android", "samsung", "SM-A546B", "14", "R58N12ABCDE"))
        folder = bundle.write(ledger, stick, bundle.BundleContents("Desk 1")).folder
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


def test_what_was_never_brought_is_told_until_it_comes(fanion: Callable[..., Any], tmp_path: Path) -> None:
    office = Office(tmp_path)
    with desks_in(tmp_path) as open_desk:
        desk = open_desk("Desk 4")
        office.enrol(desk)
        bundles, after = [], 0
        for number in range(3):
            desk.check(f"R58N12ABC{number:02}")
            bundles.append(desk.bundle(after=after))
            (after,) = desk.ledger.newest_sizes(1)
    first, missing, last = bundles
    into = ("--into", str(office.store), "--enrolled", str(office.enrolled))
    done = fanion("merge", str(first), str(last), *into)
    begin, end = missing.name.split("-")[-2:]
    gap = f"! Desk 4: entries {begin} to {end} were never brought."
    assert done.code == 0
    assert "1 bundle is kept apart: entries before it were never brought." in done.out
    assert gap in done.out.splitlines()
    told = json.loads(fanion("merge", str(last), *into, "--json").out)
    assert [one["bundle"] for one in told["apart"]] == [str(last)]
    assert [(str(one["first"]), str(one["last"])) for one in told["gaps"]] == [(begin, end)]
    assert gap in fanion("merge", "--into", str(office.store)).out.splitlines(), "also where nothing came"
    done = fanion("merge", str(missing), *into)
    assert "were kept apart, and count now" in done.out
    assert "never brought" not in done.out


def test_a_bundle_that_is_not_encrypted_is_merged_only_where_that_is_asked_for(
    fanion: Callable[..., Any], carried: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, keys = carried
    key = pyrage.x25519.Identity.generate()
    (tmp_path / "key.txt").write_text(f"{key}\n")
    into = (str(folder), "--into", str(tmp_path / "store"), "--enrolled", str(keys))
    done = fanion("merge", *into, "--key", str(tmp_path / "key.txt"))
    assert done.code == 5
    assert "it is not encrypted, and head office’s bundles are" in done.err
    told = json.loads(fanion("merge", *into, "--json").out)
    assert [one["reason"] for one in told["refused"]] == ["not-encrypted"]
    done = fanion("merge", *into, "--accept-plain")
    assert done.code == 0
    assert "1 bundle was not encrypted, and was merged because --accept-plain was given." in done.out


def test_a_store_of_practice_says_so(fanion: Callable[..., Any], tmp_path: Path) -> None:
    office = Office(tmp_path)
    with desks_in(tmp_path) as open_desk:
        desk = open_desk(practice=True)
        office.enrol(desk)
        desk.check("R58N12ABCDE")
        folder = desk.bundle()
    into = (str(folder), "--into", str(office.store), "--enrolled", str(office.enrolled), "--practice")
    assert "! Practice: this store has only practice phones" in fanion("merge", *into).out
    assert json.loads(fanion("merge", *into, "--json").out)["practice"] is True
    for form in ("table", "tsv", "csv"):  # also with rows, and with none
        for days in ((), ("--last", "2020-01-01")):
            out = fanion("store", "ask", str(office.store), "by-unit", *days, "--format", form).out
            assert out.lstrip('"').startswith("# Practice: this store has only practice phones"), (form, days)
