"""The C library's allocator on Linux: how it spreads memory over threads, and that it gives free memory back.

glibc gives each thread an arena of its own, up to eight for each processor, and keeps what was freed in them: a window
beside a dozen threads that each read a phone once holds tens of megabytes that are not in use (man 3 mallopt,
M_ARENA_MAX). Python's lock lets one thread at a time run anyway, so that one arena costs no time. Another C library
has neither function, and other systems need neither.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Final

#: M_ARENA_MAX and M_MMAP_THRESHOLD of glibc's malloc.h.
_ARENA_MAX: Final = -8
_MMAP_THRESHOLD: Final = -3
#: Bytes from which on a block has pages of its own. glibc begins with as many, and takes more with each such block that
#: is freed, up to 32 MB: what dozens of phones are read into would then lie among what stays.
_LARGE: Final = 128 * 1024


@cache
def _glibc() -> ctypes.CDLL | None:
    """The C library of this process, where it is glibc."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None


def use_one_arena() -> bool:
    """Have all threads that begin from now on share one arena. Says whether the allocator took it."""
    library = _glibc()
    return library is not None and library.mallopt(_ARENA_MAX, 1) == 1


def give_large_blocks_back() -> bool:
    """Have every large block be given back to the system when it is freed. Says whether the allocator took it."""
    library = _glibc()
    return library is not None and library.mallopt(_MMAP_THRESHOLD, _LARGE) == 1


def give_back() -> None:
    """Give the system back what was freed; where nothing can be given back, nothing happens."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)
