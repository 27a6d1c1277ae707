"""PySpark is brought once, and only whole."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from installer import spark


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "installer").mkdir()
    (tmp_path / spark.REQUIREMENTS).write_text("pyspark==1\n", encoding="utf-8")
    return tmp_path


class Registry:
    """Counts what is downloaded from it; whether there is a network, it is told."""

    def __init__(self) -> None:
        self.asked = 0
        self.there = True

    def __call__(self, arguments: Sequence[str | Path]) -> bool:
        self.asked += 1
        assert "--require-hashes" in arguments
        folder = Path(arguments[arguments.index("--dest") + 1])
        if self.there:
            with tarfile.open(folder / "pyspark-1.tar.gz", "w:gz") as archive:
                archive.addfile(tarfile.TarInfo("pyspark-1/deps/jars/x.jar"), io.BytesIO())
        return self.there


def test_it_is_unpacked_once_and_anew_when_another_is_wanted(root: Path) -> None:
    registry = Registry()
    assert spark.bring(root, registry)
    assert spark.bring(root, registry)
    assert registry.asked == 1
    assert (root / spark.FOLDER / "pyspark" / "deps" / "jars" / "x.jar").exists()
    (root / spark.REQUIREMENTS).write_text("pyspark==1 # another\n", encoding="utf-8")
    assert spark.bring(root, registry)
    assert registry.asked == 2


def test_without_a_network_it_is_not_there_and_is_tried_again(root: Path) -> None:
    registry = Registry()
    registry.there = False
    assert not spark.bring(root, registry)
    assert not (root / spark.FOLDER / "pyspark").exists()
    registry.there = True
    assert spark.bring(root, registry)
