"""What a fuzz target is, and what counts as a finding."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

if sys.platform != "win32":
    import resource


@dataclass(frozen=True, slots=True)
class Target:
    """A parser of bytes that somebody else may choose.

    `parse` takes such bytes; of exceptions only those of `refuses` may come out, which its docstring names. `seeds` are
    bytes as an honest sender has them. A run may take `seconds` of processor time, and raise the process's peak of
    memory by `memory` bytes. Where a run is costly, such as one with a process of its own, `costly` says so.
    """

    name: str
    parse: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    refuses: tuple[type[Exception], ...] = ()
    seconds: float = 3.0
    memory: int = 512 * 2**20
    costly: bool = False


class Finding(Exception):  # noqa: N818 - what a search looks for
    """A target did what it may not; `data` are the bytes that made it."""

    def __init__(self, target: Target, data: bytes, why: str) -> None:
        super().__init__(f"{target.name}: {why}")
        self.data = data


def try_one(target: Target, data: bytes) -> bool:
    """Give `data` to a target. Returns whether it took them, and did not refuse. Raises Finding."""
    peak, start = _peak(), time.process_time()
    try:
        target.parse(data)
        taken = True
    except target.refuses:
        taken = False
    except Exception as error:
        raise Finding(target, data, f"{type(error).__name__} came out: {error}") from error
    if (took := time.process_time() - start) > target.seconds:
        raise Finding(target, data, f"took {took:.1f} s")
    if (grown := _peak() - peak) > target.memory:
        raise Finding(target, data, f"took {grown / 2**20:.0f} MiB")
    return taken


def _peak() -> int:
    """The most memory that this process ever had (bytes); 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    told = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return told if sys.platform == "darwin" else told * 1024
