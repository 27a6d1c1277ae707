"""What the package fanion-office brings: as much of pyarrow and DuckDB as Fanion uses, in a folder ``office``.

That folder is laid into the program's own, where core.system.libraries looks for it: ``lib`` with the libraries,
``licences``, and the list of the libraries' files. The modules are compiled, as those in the bundle are, and of Python
itself only those are in it that the libraries load and the bundle has not. Nothing in it reaches for a network: what
pyarrow has for others' storage is left out, and DuckDB's extensions are not in the package that is installed here.
"""

from __future__ import annotations

import py_compile
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from core import __version__
from core.system import libraries
from installer.linux import needs
from installer.problem import BuildProblem
from installer.third_party import bundle_contents, notices, sbom

ROOT: Final = Path(__file__).resolve().parents[2]
REQUIREMENTS: Final = ROOT / "installer" / "requirements-office.txt"
NAME: Final = "fanion-office"
PACKAGES: Final = ("duckdb", "pyarrow")
#: What is taken of these packages, by their own lists of files; DuckDB asks its metadata for its version.
_TAKEN: Final = ("duckdb/*.py", "_duckdb.*.so", "pyarrow/*.py", "pyarrow/*.so*", "*.dist-info/METADATA")
#: What of that Fanion does not use.
_LEFT_OUT: Final = (
    # DuckDB as Spark and as Polars; a picture of a question's plan.
    "duckdb/experimental/*", "duckdb/polars_io.py", "duckdb/query_graph/*",
    # Storage on a network, and a server.
    "pyarrow/_azurefs.*", "pyarrow/_flight.*", "pyarrow/_gcsfs.*", "pyarrow/_hdfs.*", "pyarrow/_s3fs.*",
    "pyarrow/flight.py", "pyarrow/libarrow_flight.*", "pyarrow/libarrow_python_flight.*", "pyarrow/libarrow_s3.*",
    # Other files than Parquet; other programs.
    "pyarrow/_dataset_orc.*", "pyarrow/_feather.*", "pyarrow/_orc.*", "pyarrow/feather.py", "pyarrow/orc.py",
    "pyarrow/cffi.py", "pyarrow/cuda.py", "pyarrow/interchange/*", "pyarrow/jvm.py",
    # Encryption within a Parquet file.
    "pyarrow/*parquet_encryption.*", "pyarrow/parquet/encryption.py",
    # The same libraries under names by which nothing is linked to them.
    "pyarrow/libarrow*.so", "pyarrow/*.so.*.*",
    # pyarrow's tests, and what it is compiled with.
    "pyarrow/_pyarrow_cpp_tests.*", "pyarrow/benchmark.py", "pyarrow/conftest.py", "pyarrow/include/*",
    "pyarrow/includes/*", "pyarrow/src/*", "pyarrow/tests/*",
)  # fmt: skip
#: What head office does with them, for Python to say which of its modules are loaded then.
_USE: Final = """if True:
    import sys
    before = set(sys.modules)
    import duckdb, io, pyarrow, pyarrow.compute, pyarrow.parquet
    duckdb.connect().execute("SELECT now(), 1.5::DECIMAL(9, 3), uuid(), DATE '2026-01-01', INTERVAL 1 DAY").fetchall()
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"a": [1]}), file, compression="zstd")
    pyarrow.parquet.read_table(file, filters=[("a", "=", 1)], partitioning=None)
    for name in sorted(set(sys.modules) - before):
        if name.partition(".")[0] in sys.stdlib_module_names and getattr(sys.modules[name], "__file__", None):
            print(name, sys.modules[name].__file__)
"""


def gather(bundle: Path, folder: Path, epoch: int) -> None:
    """Make what is laid into the folder of `bundle`: ``office``, in the folder `folder`, which is emptied before.

    Raises BuildProblem, also for a licence that must not be in it.
    """
    shutil.rmtree(folder, ignore_errors=True)
    office = folder / libraries.FOLDER
    lib = office / libraries.LIBRARIES
    files = dict(wheel_files(bundle_contents.installed()))
    for name, file in sorted((files | dict(_lacking(bundle))).items()):
        _put(file, lib, name)
    demand_libraries(lib, bundle)
    lines = [libraries.MADE_FOR, *sorted(libraries.listed(office))]
    (office / libraries.LIST).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    licences = office / "licences"
    components = notices.write(office, licences, REQUIREMENTS, NAME)
    shutil.copyfile(ROOT / "LICENSE", licences / "LICENSE")
    sbom.write(components, office, licences / f"{NAME}-{__version__}.cdx.json", epoch)


def wheel_files(packages: Mapping[str, bundle_contents.Installed]) -> Iterable[tuple[str, Path]]:
    """What is taken of the packages: where each file is to be, and where it is. Raises BuildProblem."""
    for name in PACKAGES:
        if name not in packages:
            raise BuildProblem(f"{name} is not installed: start this with installer/bootstrap.py package.")
        for path, file in packages[name].files.items():
            if any(fnmatchcase(path, pattern) for pattern in _TAKEN) and not any(
                fnmatchcase(path, pattern) for pattern in _LEFT_OUT
            ):
                yield path, file


def _lacking(bundle: Path) -> Iterable[tuple[str, Path]]:
    """Python's own modules that the libraries load and the bundle has not. Raises BuildProblem."""
    process = subprocess.run([sys.executable, "-I", "-c", _USE], capture_output=True, encoding="utf-8", check=False)
    if process.returncode:
        last = (process.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise BuildProblem(f"What head office merges and asks with does not work here: {last}")
    has = set(bundle_contents.frozen_modules(bundle / "fanion-app"))
    with zipfile.ZipFile(bundle / "lib" / "base_library.zip") as first:
        has |= {name.rpartition(".")[0].removesuffix("/__init__").replace("/", ".") for name in first.namelist()}
    has |= {path.name.partition(".")[0] for path in (bundle / "lib").rglob("*.so")}
    for line in process.stdout.splitlines():
        name, _, file = line.partition(" ")
        if name not in has:
            path = Path(file)
            stem = f"{name.replace('.', '/')}{'/__init__' if path.stem == '__init__' else ''}"
            yield f"{stem}{path.suffix}", path


def _put(file: Path, lib: Path, name: str) -> None:
    """Copy a file to where it is to be, or compile it if it is a module: one without its source is ``NAME.pyc``."""
    target = lib / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix != ".py":
        shutil.copyfile(file, target)
        return
    # The same bytes wherever and whenever it is compiled.
    py_compile.compile(
        str(file),
        str(target.with_suffix(".pyc")),
        name,
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def demand_libraries(lib: Path, bundle: Path) -> None:
    """Raise BuildProblem for a library that neither these files have nor the program's."""
    has = {path.name for path in (bundle / "lib").rglob("*.so*")}
    missing = sorted(set(needs.libraries_needed(lib)) - has)
    if missing:
        raise BuildProblem(f"What head office needs links to {', '.join(missing)}, which the bundle has not got.")
