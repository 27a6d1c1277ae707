"""The C library's allocator is asked for less memory where it can be, and nothing fails where it cannot."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from core.system.processes import allocator

#: Has threads that each allocate, as libraries beside Python do, and prints how many arenas there are.
PROGRAM = """if True:
    import ctypes, re, sys, threading
    from core.system.processes import allocator

    if sys.argv[1] == "one":
        assert allocator.use_one_arena()
    library = ctypes.PyDLL(None)
    library.malloc.restype = ctypes.c_void_p
    barrier = threading.Barrier(4)

    def use():
        assert library.malloc(1000)
        barrier.wait()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    allocator.give_back()
    library.malloc_info(0, ctypes.c_void_p.in_dll(library, "stdout"))
    library.fflush(None)
"""


@pytest.fixture(autouse=True)
def looked_for_anew() -> Iterator[None]:
    allocator._glibc.cache_clear()
    yield
    allocator._glibc.cache_clear()


def arenas(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(allocator._glibc() is None, reason="this C library is not glibc")
def test_threads_share_one_arena() -> None:
    assert arenas("many") > 1
    assert arenas("one") == 1


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_are_left_alone(platform: str, on_system: Callable[[str], None]) -> None:
    on_system(platform)
    assert not allocator.use_one_arena()
    allocator.give_back()


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda name: object())
    assert not allocator.use_one_arena()
    allocator.give_back()
