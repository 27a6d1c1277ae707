"""The phones on which Fanion's speed is measured are whole ones: nothing is left out of what is measured."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.jobs import Cancel, silent
from core.model import EvidenceKind, Match, Verdict
from core.phones.android.files import ranges
from core.phones.android.files.identify import identify
from core.phones.android.phone import AndroidPhone
from core.policy.format import policy_file
from core.visit.check import check
from tests.bench import adb, made
from tests.bench.policy import phone_with_files, place
from tests.bench.rig import Counting
from tests.unit.phones.android.apks import encoded
from tests.unit.phones.android.local import LocalLink


def phone(folder: Path, *, copy: bool) -> LocalLink:
    """The phone of `tests.bench.adb`, behind this computer's shell."""
    link = LocalLink(folder)
    for program in adb.phone_of_500_apps(folder / "phone", 0.0, 0.0, copy=copy).iterdir():
        shutil.copy(program, folder / "bin" / program.name)
    return link


def test_the_phone_on_which_all_is_well_is_read_whole(tmp_path: Path) -> None:
    link = phone(tmp_path, copy=False)
    found = check(AndroidPhone(link), policy_file.load_built_in("canada"), silent, Cancel(), quick=False)
    assert (found.verdict, found.gaps, found.findings) == (Verdict.GREEN, (), ())
    apps = found.inventory.apps
    assert len(apps) == adb.APPS
    assert all(app.signers and len(app.components) == 14 for app in apps)
    assert sum(bool(app.certificates) for app in apps) == adb.APPS // 2 - 1
    assert len(link.commands) == 2  # the reading, and the last look


@pytest.mark.slow
def test_the_renamed_copy_is_found_by_its_own_file_and_by_the_same_commands_each_time(tmp_path: Path) -> None:
    link = Counting(phone(tmp_path, copy=True))
    policy = adb.policy_with_copy(50)
    costs = []
    for _ in range(2):
        link.forget()
        found = check(AndroidPhone(link), policy, silent, Cancel(), quick=False)
        costs.append((link.trips, len([raw for _, raw in link.asked if raw])))
    (finding,) = found.findings
    assert (found.verdict, finding.match, finding.app.package) == (Verdict.RED, Match.SAME_SIGNER, adb.COPY)
    assert [e.kind for e in finding.evidence] == [EvidenceKind.CERTIFICATE]
    assert finding.app.label == "A Large Game"
    assert costs[0] == costs[1]
    assert 1 < costs[0][1] < costs[0][0]


def test_a_counting_link_counts(tmp_path: Path) -> None:
    link = Counting(LocalLink(tmp_path))
    link.run("printf 12345", lambda data: None, Cancel())
    link.run("printf 678", lambda data: None, Cancel(), raw=True)
    assert (link.trips, link.bytes, [raw for _, raw in link.asked]) == (2, 8, [False, True])
    link.forget()
    assert (link.trips, link.bytes) == (0, 0)


@pytest.mark.parametrize("number", [0, 7, 119])
def test_ordinary_apps_have_a_name_and_one_maker(number: int, tmp_path: Path) -> None:
    link = LocalLink(tmp_path)
    shutil.copy(phone_with_files(tmp_path / "phone") / "pm", tmp_path / "bin" / "pm")
    for name, data in made.ordinary_files(number).items():
        app = place(tmp_path / "phone", f"org.example.n{number}", name, data)
    identity = identify(link, [app], silent, Cancel())[app.package]
    assert (identity.label, identity.why) == (f"Name {number}", None)
    assert [c.sha256 for c in identity.certificates] == [made.sha256(encoded(f"maker {number % 8}"))]


@pytest.mark.slow
def test_the_large_files_are_what_they_are_said_to_be() -> None:
    """Deflated, one table is smaller than what is read of one, and the other is larger."""
    sizes = {texts: len(made.large_file(texts, deflated=True).file()) for texts in (made.TEXTS, made.MANY_TEXTS)}
    directory = 900_000  # of 6,000 names, twice, with their small files
    assert sizes[made.TEXTS] - directory < 1_000_000 < sizes[made.MANY_TEXTS] - directory
    assert made.LARGE > 50 * ranges.ANSWER_LIMIT
