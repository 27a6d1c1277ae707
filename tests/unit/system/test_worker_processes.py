"""Workers: where they stand, what surrounds them, and that they work where this process has lost its folder."""

from __future__ import annotations

import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from core.system.processes.worker_processes import worker, worker_pool


def tell(word: str, sender: Connection) -> None:
    """What a worker says of itself."""
    sender.send([word, os.getcwd(), sys.flags.safe_path, os.environ.get("LD_AUDIT"), os.environ.get("PYTHONPATH")])


def gone_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()


@pytest.mark.skipif(os.name == "nt", reason="a folder that is in use is not deleted there")
@pytest.mark.parametrize("deleted", [False, True])
def test_a_worker_stands_in_a_safe_folder_with_nothing_that_brings_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deleted: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LD_AUDIT", "/nowhere")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    if deleted:
        gone_folder(tmp_path, monkeypatch)
    process, receiver = worker(tell, "x")
    assert receiver.recv() == ["x", "/", True, None, None]
    receiver.close()
    process.join()
    assert process.exitcode == 0
    assert os.environ["LD_AUDIT"] == "/nowhere"


@pytest.mark.skipif(os.name == "nt", reason="a folder that is in use is not deleted there")
@pytest.mark.parametrize("deleted", [False, True])
def test_the_workers_of_a_pool_find_what_is_named_from_where_this_process_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deleted: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    if deleted:
        gone_folder(tmp_path, monkeypatch)
    pool = worker_pool(2)
    try:
        assert pool.submit(os.getcwd).result() == ("/" if deleted else str(tmp_path))
    finally:
        pool.shutdown()
