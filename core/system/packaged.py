"""Whether this is the program that departments install, and what its own libraries mean for programs that it starts."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path


def is_packaged() -> bool:
    """Whether this is the program that departments install, which brings its own Python and libraries."""
    return bool(getattr(sys, "frozen", False))


def own_process(*words: str) -> tuple[list[str], dict[str, str]]:
    """The command that starts this Fanion once more with these words, and the environment that it needs."""
    if is_packaged():
        return [sys.executable, *words], dict(os.environ)
    clone = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (clone, os.environ.get("PYTHONPATH"))))
    return [sys.executable, "-P", "-m", "gui", *words], os.environ | {"PYTHONPATH": path}


def licences() -> Path:
    """The file with the notices of third parties, as the packages have it; from a clone, Fanion's own licence."""
    if not is_packaged():
        return Path(__file__).resolve().parents[2] / "LICENSE"
    program = Path(sys.executable).resolve().parent
    inside = program.parent / "Resources" if sys.platform == "darwin" else program
    return inside / "licences" / "THIRD-PARTY-NOTICES.txt"


def systems_environment() -> dict[str, str]:
    """The environment for a program of the system's, which uses the system's libraries and not ours."""
    environment = dict(os.environ)
    if is_packaged() and sys.platform == "linux":
        ours, original = environment.pop("LD_LIBRARY_PATH", ""), environment.pop("LD_LIBRARY_PATH_ORIG", "")
        if ours and original:
            environment["LD_LIBRARY_PATH"] = original
    return environment


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
