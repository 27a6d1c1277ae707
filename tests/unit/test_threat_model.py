"""The threat model names tests and fuzz targets that exist, and every fuzz target stands at its border."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.fuzz.all_targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "docs" / "threat-model.md"

pytestmark = pytest.mark.skipif(not MODEL.is_file(), reason="only a clone has the threat model")


def test_every_test_that_is_named_exists() -> None:
    file, missing = Path(), []
    named = re.findall(
        r"`((?:unit|gui|installer|fuzz|real)/[\w/]+\.py)?(?:::(test_\w+))?`", MODEL.read_text(encoding="utf-8")
    )
    named = [pair for pair in named if any(pair)]
    for path, test in named:
        file = ROOT / "tests" / path if path else file
        source = file.read_text(encoding="utf-8") if file.is_file() else ""
        if not source or f"\ndef {test}" not in source:
            missing.append(f"{path}::{test}")
    assert len(named) > 40
    assert missing == []


def test_every_fuzz_target_is_named() -> None:
    text = MODEL.read_text(encoding="utf-8")
    assert [name for name in TARGETS if f"`{name}`" not in text] == []
