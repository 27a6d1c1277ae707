"""A program that has PySpark read a store by the lines of head office's guide, and prints the answers to all questions.

    spark_answers.py GUIDE LISTING FIRST LAST

LISTING is what ``fanion store files --json`` has printed. It is a program of its own, as a Java machine comes with it.
Its settings are what makes a small store answer soon: one task at a time, and nothing compiled that runs once.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession  # type: ignore[import-not-found]

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.default.parallelism": "1",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "10000",
}


def main(guide: Path, listing: Path, first: date, last: date) -> None:
    builder = SparkSession.builder.master("local[1]")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    builder.getOrCreate()
    # The third and the fourth block of Python are those for Spark, which ask for this session.
    blocks = re.findall(r"^```python\n(.*?)^```$", guide.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    views, asking = blocks[2:4]
    questions = Path(__file__).resolve().parents[2] / "resources" / "head-office"
    assert "args=days" in asking
    space: dict[str, Any] = {}
    exec(views.replace("/srv/fanion-files.json", str(listing)), space)
    spark, days = space["spark"], {"first": first, "last": last}
    answers: dict[str, object] = {}
    for file in sorted(questions.glob("*.sql")):
        answer = spark.sql(file.read_text(encoding="utf-8"), args=days)
        answers[file.stem] = [row.asDict() for row in answer.collect()]
    answers["tables"] = {name: spark.sql(f"SELECT * FROM {name}").count() for name in space["tables"]}
    gone = Path(space["tables"]["rounds"]["files"][0].removeprefix("file://"))
    gone.unlink()
    try:
        spark.sql("SELECT * FROM rounds").collect()
    except Exception as error:  # of Spark's own, as it comes from Java
        answers["gone"] = str(error)
    print(json.dumps(answers, default=str))
    spark.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), date.fromisoformat(sys.argv[3]), date.fromisoformat(sys.argv[4]))
