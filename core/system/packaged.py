"""Whether this is the program that departments install, and what its own libraries mean for programs that it starts."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


def is_packaged() -> bool:
    """Whether this is the program that departments install, which brings its own Python and libraries."""
    return bool(getattr(sys, "frozen", False))


@contextlib.contextmanager
def systems_libraries() -> Iterator[None]:
    """Meanwhile, programs that are started use the system's libraries and not ours, whatever they are.

    The packaged program's loader puts our folder in front. It stays there otherwise: our own processes need it.
    """
    if not is_packaged() or sys.platform != "linux":
        yield
        return
    names = ("LD_LIBRARY_PATH", "LD_LIBRARY_PATH_ORIG")
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    if original := before.get("LD_LIBRARY_PATH_ORIG"):
        os.environ["LD_LIBRARY_PATH"] = original
    try:
        yield
    finally:
        os.environ.pop("LD_LIBRARY_PATH", None)
        os.environ.update(before)
