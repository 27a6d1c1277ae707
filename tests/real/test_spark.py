"""Spark reads a store by the recipe of head office's guide, and answers as DuckDB does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.head_office.questions.questions import ask, names
from core.head_office.store.store import read
from core.head_office.store.tables import TABLES
from installer import spark
from tests.unit.head_office.conftest import asked_store, desks_in
from tests.unit.head_office.test_store_files import as_json

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

ROOT = Path(__file__).resolve().parents[2]
PYSPARK = ROOT / spark.FOLDER / "pyspark"
GUIDE = ROOT / "resources" / "guides" / "head-office.en.md"
FIRST, LAST = date(2026, 11, 20), date(2026, 11, 27)


@pytest.mark.first
def test_spark_answers_every_question_as_duckdb_does(tmp_path: Path) -> None:
    if shutil.which("java") is None or not PYSPARK.exists():
        pytest.skip("needs Java, and PySpark as the whole tests bring it")
    with desks_in(tmp_path) as open_desk:
        store = asked_store(open_desk, tmp_path)
    listing = tmp_path / "files.json"
    # As addresses, as they are of s3a:// and hdfs://.
    told = as_json(store, f"file://{store}")
    told["tables"]["seals"]["files"] = []  # no question asks for it: a table without files is an empty one
    listing.write_text(json.dumps(told))
    ours = {name: ask(store, name, FIRST, LAST) for name in names()}
    # What a merge that was cut off leaves behind: no reader by the list meets it.
    for table in ("checks", "findings"):
        file = next((store / table).rglob("*.parquet"))
        shutil.copy(file, file.with_name("000009-1.parquet"))
    (py4j,) = (PYSPARK / "lib").glob("py4j-*-src.zip")
    places = {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, PYSPARK, py4j))), "SPARK_HOME": str(PYSPARK / "deps")}
    done = subprocess.run(
        [sys.executable, "-P", Path(__file__).with_name("spark_answers.py"), GUIDE, listing, str(FIRST), str(LAST)],
        env=os.environ | places | {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"},
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    theirs = json.loads(done.stdout)
    assert "rounds" in theirs.pop("gone"), "a file that is gone is an error, and no shorter answer"
    rows = theirs.pop("tables")
    assert set(rows) == set(TABLES)
    counts = {name: sum(file.rows for file in read(store).of_table(name).values()) for name in TABLES}
    assert rows == counts | {"seals": 0}
    assert sorted(theirs) == sorted(names())
    for name in names():
        assert ours[name]
        assert list(map(_told, theirs[name])) == list(map(_told, ours[name])), name


def _told(row: dict[str, Any]) -> dict[str, str]:
    """A row without what the engines only write differently."""
    return {name: f"{value:.3f}" if isinstance(value, float) else str(value)[:19] for name, value in row.items()}
