"""What names a start of the computer."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Any

import pytest

from core.ledger.file import clock

UUID = b"5C1E9A0B-7C53-4B0E-9B1F-0123456789AB"


class Library:
    """A system library that knows a name for this start, or none."""

    def __init__(self, name: bytes | None) -> None:
        def sysctlbyname(asked: bytes, into: Any, size: Any, new: None, length: Any) -> int:
            assert (asked, new, length.value) == (b"kern.bootsessionuuid", None, 0)
            if name is None:
                return -1
            into.value = name
            return 0

        self.sysctlbyname: Callable[..., int] = sysctlbyname


def boot() -> str:
    """The name of the computer's start, found out anew: the clock keeps it."""
    return clock._boot()


def test_a_start_of_macos_has_the_name_that_its_kernel_gives(
    monkeypatch: pytest.MonkeyPatch, on_system: Callable[[str], None]
) -> None:
    on_system("darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library(UUID))
    assert boot() == boot() == UUID.decode()


@pytest.mark.parametrize("library", [Library(None), Library(b""), Library(b"\xff"), object()])
def test_where_nothing_names_it_the_process_stands_for_it(
    monkeypatch: pytest.MonkeyPatch, library: object, on_system: Callable[[str], None]
) -> None:
    on_system("darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    assert boot().startswith("process-")


@pytest.mark.skipif(sys.platform != "linux", reason="what Linux has")
def test_a_start_of_linux_has_its_name() -> None:
    assert boot() == clock.system_clock().boot
    assert not boot().startswith("process-")
