"""What the readers leave of an app's files, and what of it keeps the app from being wholly known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.phones.android.apks import resources, simple, type_chunk
from tests.unit.phones.android.test_apk_identify import Desk, file, sha, split


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_split_of_another_package_is_not_the_apps(desk: Desk) -> None:
    part = split("maker", ("activity", ".ui.LauncherUI"), package="com.tencent.mm")
    app = desk.install("org.example.one", ("base.apk", file("org.example.one")), ("split_a.apk", part))
    found = desk.identify(app)["org.example.one"]
    assert "another one, com.tencent.mm" in str(found.why)
    assert "com.tencent.mm.ui.LauncherUI" in found.components


TABLES = (None, b"", b"no table", resources(["One"]), resources(["One"], type_chunk(1, [(1, 0x01040000)])))


@pytest.mark.parametrize("table", TABLES)
def test_a_label_that_is_out_of_reach_accuses_nobody(desk: Desk, table: bytes | None) -> None:
    """An app calls itself what it likes."""
    apk = simple(package="org.example.one", label=0x7F010000)
    apk.files += [] if table is None else [("resources.arsc", table)]
    found = desk.identify(desk.install("org.example.one", ("base.apk", apk.file())))["org.example.one"]
    assert (found.label, found.why) == ("", None)


def test_a_label_that_can_be_read_in_two_ways_is_made_so(desk: Desk) -> None:
    table = resources(["One_"], type_chunk(1, [(3, 0)])).replace(b"One_", b"One\0")
    apk = simple(package="org.example.one", label=0x7F010000)
    apk.files.append(("resources.arsc", table))
    found = desk.identify(desk.install("org.example.one", ("base.apk", apk.file())))["org.example.one"]
    assert found.label == "One"
    assert "read in two ways" in str(found.why)


@pytest.mark.parametrize("in_split", [True, False])
def test_what_is_left_of_any_file_keeps_an_app_from_being_whole(desk: Desk, in_split: bool) -> None:
    """And what was seen stays: it accuses."""
    hidden = "com.tencent.mm.ui.LauncherUI"
    odd = split("maker", ("activity", hidden + "\0x"))
    good = split("maker", ("activity", hidden))
    files = (good, odd) if in_split else (odd, good)
    app = desk.install("org.example.one", ("base.apk", files[0]), ("split_a.apk", files[1]))
    found = desk.identify(app)["org.example.one"]
    assert "read in two ways" in str(found.why)
    assert hidden in found.components
    assert [c.sha256 for c in found.certificates] == sha("maker")
