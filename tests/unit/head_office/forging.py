"""A store that another program has changed, and its list of files with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.head_office.store.tables import file_hash
from core.head_office.verification.store_verification import StoreVerification

pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")


def files(store: Path, table: str) -> list[Path]:
    return sorted((store / table).rglob("*.parquet"))


def another(value: Any) -> Any:
    """A value of the same kind that is another one."""
    match value:
        case None:
            return None
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return value[:-1] + ("x" if value[-1:] != "x" else "y")
        case bytes():
            return value[:-1] + bytes([value[-1] ^ 1])
        case _:
            return value + timedelta(days=1)


def rewrite(path: Path, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    """Write a file of the store with other rows, as any program can that may write there."""
    content = pq.ParquetFile(path).read()
    pq.write_table(pa.Table.from_pylist(change(content.to_pylist()), content.schema), path, compression="zstd")


def forge_list(store: Path) -> None:
    """Have the list name the files as they are now."""
    state = json.loads((store / "store.json").read_bytes())
    for path, file in list(state["files"].items()):
        if not (store / path).exists():
            del state["files"][path]
            continue
        file["sha256"], file["rows"] = file_hash(store / path), pq.ParquetFile(store / path).metadata.num_rows
    for path in store.rglob("*.parquet"):
        name = path.relative_to(store).as_posix()
        if name not in state["files"]:
            rows = pq.ParquetFile(path).metadata.num_rows
            state["files"][name] = {"rows": rows, "sha256": file_hash(path)}
    (store / "store.json").write_bytes(json.dumps(state).encode())


def kinds(found: StoreVerification) -> set[str]:
    return {str(fault.kind) for fault in found.faults}
