"""A process that may have only so much of the computer."""

from __future__ import annotations

import struct
import subprocess
import sys

import pytest

from core.system.processes.process_limits import job_limits

_MB = 1024 * 1024


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not hold a process to its memory")
def test_a_process_gets_no_more_memory_than_its_limit() -> None:
    program = """if True:
        from core.system.processes.process_limits import limit_this_process
        limit_this_process(512 * 1024 * 1024, 60)
        small = bytearray(16 * 1024 * 1024)
        try:
            bytearray(1024 * 1024 * 1024)
        except MemoryError:
            print("refused")
        limit_this_process(1024 * 1024 * 1024, 120)  # more than it may have: nothing happens
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("refused", "")


def test_windows_is_told_in_its_own_form() -> None:
    """144 bytes, of which the flags stand behind two times, and the memory of a process behind the counters."""
    told = job_limits(300 * _MB)
    assert len(told) == 144
    assert struct.unpack_from("<I", told, 16) == (0x500,)
    assert struct.unpack_from("<Q", told, 112) == (300 * _MB,)
