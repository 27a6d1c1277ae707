"""The C library's allocator is asked for less memory where it can be, and nothing fails where it cannot."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from core.system.processes import allocator

of_glibc = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallopt"), reason="this C library is not glibc"
)

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


#: Frees a large block, and prints how many blocks have pages of their own with another one.
LARGE = """if True:
    import ctypes, sys
    from core.system.processes import allocator

    if sys.argv[1] == "back":
        assert allocator.give_large_blocks_back()
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    library.free.argtypes = [ctypes.c_void_p]

    class Allocated(ctypes.Structure):
        _fields_ = [(name, ctypes.c_int) for name in ("arena", "free", "fast", "own_pages", *"abcdef")]

    library.mallinfo.restype = Allocated
    before = library.mallinfo().own_pages
    library.free(library.malloc(4_000_000))
    assert library.malloc(1_000_000)
    print(library.mallinfo().own_pages - before)
"""


@pytest.fixture(autouse=True)
def looked_for_anew() -> Iterator[None]:
    allocator._glibc.cache_clear()
    yield
    allocator._glibc.cache_clear()


def arenas(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
    return done.stdout.count("<heap nr=")


@of_glibc
def test_threads_share_one_arena() -> None:
    assert arenas("many") > 1
    assert arenas("one") == 1


@of_glibc
@pytest.mark.parametrize(("how", "own_pages"), [("as it is", 0), ("back", 1)])
def test_a_large_block_is_given_back_when_it_is_freed(how: str, own_pages: int) -> None:
    done = subprocess.run([sys.executable, "-c", LARGE, how], capture_output=True, text=True, check=True)
    assert int(done.stdout) == own_pages


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_are_left_alone(platform: str, on_system: Callable[[str], None]) -> None:
    on_system(platform)
    assert not allocator.use_one_arena()
    assert not allocator.give_large_blocks_back()
    allocator.give_back()


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda name: object())
    assert not allocator.use_one_arena()
    assert not allocator.give_large_blocks_back()
    allocator.give_back()
