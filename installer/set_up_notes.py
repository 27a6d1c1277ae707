"""What a clone is set up with, and what a set-up writes down for the next one. Only the standard library is used."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from installer.clone import Clone
from installer.system_packages import PYTHON, Level

#: Raised when a change to how it is set up means that every set-up has to be made anew.
RECIPE: Final = 1
BUILD_TOOLS: Final = "installer/requirements-build.txt"
RUNTIME: Final = "installer/requirements.txt"
OFFICE: Final = "installer/requirements-office.txt"
DEVELOPMENT: Final = "installer/requirements-dev.txt"
#: What each level of the set-up is made of. The others come on top of `run`, and `test` has all of `office`.
REQUIREMENTS: Final[Mapping[Level, Sequence[str]]] = {
    "run": (BUILD_TOOLS, RUNTIME),
    "office": (OFFICE,),
    "test": (DEVELOPMENT,),
}


def digest(clone: Clone, level: Level) -> str:
    """All that the set-up of `level` depends on, as one hash: the requirements, and how the project is installed."""
    parts = [str(RECIPE).encode(), *((clone.root / name).read_bytes() for name in REQUIREMENTS[level])]
    if level == "run":
        project = tomllib.loads((clone.root / "pyproject.toml").read_text(encoding="utf-8"))
        installed_by = (project["build-system"], project["project"], project["tool"]["setuptools"])
        parts.append(json.dumps(installed_by, sort_keys=True).encode())
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def read_stamp(clone: Clone) -> dict[str, str]:
    """What the last completed set-up wrote; empty if there is none."""
    return read_note(clone.stamp)


def read_note(path: Path) -> dict[str, str]:
    """What a set-up wrote for the next one; empty if there is none."""
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def write_note(clone: Clone, path: Path, content: Mapping[str, str]) -> None:
    """Write in one piece what belongs to this clone and this Python."""
    draft = path.with_suffix(".new")
    draft.write_text(
        json.dumps({"clone": str(clone.root), "python": PYTHON, **content}, indent=1) + "\n", encoding="utf-8"
    )
    draft.replace(path)


def is_ours(clone: Clone, note: Mapping[str, str]) -> bool:
    """Whether a note is of this clone and this Python: an environment that was moved does not start."""
    return note.get("clone") == str(clone.root) and note.get("python") == PYTHON


def write_stamp(clone: Clone, levels: Sequence[Level]) -> None:
    """Written last: where it stands, all before it was done."""
    write_note(clone, clone.stamp, {level: digest(clone, level) for level in levels})
