"""Whether this is the program that departments install."""

from __future__ import annotations

import sys
from pathlib import Path


def is_packaged() -> bool:
    """Whether this is the program that departments install, which brings its own Python and libraries."""
    return bool(getattr(sys, "frozen", False))


def licences() -> Path:
    """The file with the notices of third parties, as the packages have it; from a clone, Fanion's own licence."""
    if not is_packaged():
        return Path(__file__).resolve().parents[2] / "LICENSE"
    program = Path(sys.executable).resolve().parent
    inside = program.parent / "Resources" if sys.platform == "darwin" else program
    return inside / "licences" / "THIRD-PARTY-NOTICES.txt"
