"""A program that has PySpark read a store's folders as they are, and prints its answers to all questions as JSON.

    spark_answers.py STORE FIRST LAST

It is one of its own, as a Java machine comes with it. Its settings are what makes a small store answer soon: one task
at a time, and nothing compiled that runs once.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

from pyspark.sql import SparkSession  # type: ignore[import-not-found]

from core.head_office.questions import names, question
from core.head_office.tables import TABLES

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


def main(store: Path, first: date, last: date) -> None:
    builder = SparkSession.builder.master("local[1]")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    for table in TABLES:
        if any((store / table).rglob("*.parquet")):
            spark.read.parquet(str(store / table)).createOrReplaceTempView(table)
    answers = {name: [row.asDict() for row in spark.sql(question(name, first, last)).collect()] for name in names()}
    print(json.dumps(answers, default=str))
    spark.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), date.fromisoformat(sys.argv[3]))
