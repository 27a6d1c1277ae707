"""PySpark for the one test that asks it what DuckDB is asked.

It is a third of a gigabyte, of which pip would make a package for minutes before it installed it: so it is downloaded,
and unpacked beside the environment, in seconds. Only the standard library is used.
"""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

REQUIREMENTS: Final = "installer/requirements-spark.txt"
FOLDER: Final = "build/spark"
#: Written last: which requirements the folder was filled by.
_WHOLE: Final = "whole"


def bring(root: Path, pip_download: Callable[[Sequence[str | Path]], bool]) -> bool:
    """Have PySpark in `FOLDER` below `root`; False if it cannot be downloaded.

    `pip_download` is to download what its arguments say, and tells whether it could.
    """
    folder, requirements = root / FOLDER, (root / REQUIREMENTS).read_text(encoding="utf-8")
    if (folder / _WHOLE).exists() and (folder / _WHOLE).read_text(encoding="utf-8") == requirements:
        return True
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    options = ("--no-deps", "--no-build-isolation", "--require-hashes", "-r", root / REQUIREMENTS)
    if not pip_download(("--dest", folder, *options)):
        return False
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
    archive.unlink()
    next(folder.glob("pyspark-*")).rename(folder / "pyspark")
    (folder / _WHOLE).write_text(requirements, encoding="utf-8")
    return True
