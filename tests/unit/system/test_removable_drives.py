"""Which folders are taken for drives that are plugged in and taken away."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from core.system.files import removable_drives as drives
from core.system.files.removable_drives import removable_drives


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other places")
def test_what_is_mounted_for_a_user_or_for_all_is_found_and_no_other_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    media, run = tmp_path / "media", tmp_path / "run"
    for folder in (media / "usb0" / "photos", run / "marie" / "FANION", run / "marie" / "left-behind"):
        folder.mkdir(parents=True)
    (media / "a-file").write_text("")
    mounted = {media / "usb0", run / "marie" / "FANION"}
    monkeypatch.setattr(drives, "_MOUNTED", (media, run, tmp_path / "gone"))
    monkeypatch.setattr(os.path, "ismount", lambda path: path in mounted)
    assert set(removable_drives()) == mounted


def test_it_never_fails_here() -> None:
    assert all(isinstance(path, Path) for path in removable_drives())
