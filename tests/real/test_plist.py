"""Somebody else's reader of property lists takes the configuration profile that Fanion exports."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
from pathlib import Path

import pytest

from core.policy.convert import export
from core.policy.format import policy_file


@pytest.mark.skipif(not shutil.which("plistutil"), reason="needs plistutil of libplist")
def test_plistutil_reads_the_profile(tmp_path: Path) -> None:
    profile, again = tmp_path / "canada.mobileconfig", tmp_path / "again"
    data = export(policy_file.load_built_in("canada"), "apple").data
    profile.write_bytes(data)
    done = subprocess.run(["plistutil", "-i", profile, "-o", again, "-f", "bin"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert plistlib.loads(again.read_bytes()) == plistlib.loads(data)
