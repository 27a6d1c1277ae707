"""Whether a commit is ready to be tagged: its version and its changelog agree, and the version is not released yet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from installer.problem import BuildProblem
from installer.release.rows import Row

_VERSION: Final = re.compile(r'^__version__ = "(\d+\.\d+\.\d+)"$', re.MULTILINE)
_HEADING: Final = re.compile(r"^## \[([^\]]+)\](?: - (\S+))?$", re.MULTILINE)
UNRELEASED: Final = "Unreleased"


def version_of(clone: Path) -> str:
    """The program's version. Raises BuildProblem where there is none of the form 1.2.3, and OSError."""
    match = _VERSION.search((clone / "core" / "__init__.py").read_text(encoding="utf-8"))
    if match is None:
        raise BuildProblem("core/__init__.py names no version of the form 1.2.3: no release can be named after it.")
    return match[1]


def rows(clone: Path, tags: Sequence[str]) -> list[Row]:
    """What a person has to change before the tag; `tags` are those of other commits. Raises BuildProblem, OSError."""
    version = version_of(clone)
    changelog = list(_changelog(clone, version)) or [
        Row("CHANGELOG.md and the program's version agree", "verified", f"Both say {version}.")
    ]
    return [*changelog, *_tag(version, tags), *_key(clone)]


def _changelog(clone: Path, version: str) -> Iterator[Row]:
    text = (clone / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = list(_HEADING.finditer(text))
    if not any(heading[1] != UNRELEASED for heading in headings):
        raise BuildProblem("CHANGELOG.md has no heading of the form “## [1.2.3] - 2026-12-31”.")
    for number, heading in enumerate(headings):
        if heading[1] != UNRELEASED:
            break
        end = headings[number + 1].start() if number + 1 < len(headings) else len(text)
        if lines := [line for line in text[heading.end() : end].splitlines() if line.startswith("- ")]:
            detail = f"Changes that have no version and day yet: {len(lines)}."
            yield Row("CHANGELOG.md: what is unreleased", "before the tag", detail)
    newest = next(heading for heading in headings if heading[1] != UNRELEASED)
    if newest[1] != version:
        detail = f"CHANGELOG.md names {newest[1]} as the newest version, and core/__init__.py has {version}."
        yield Row("CHANGELOG.md and the program's version agree", "before the tag", detail)
    try:
        date.fromisoformat(newest[2] or "")
    except ValueError:
        yield Row(f"CHANGELOG.md: the day of {newest[1]}", "before the tag", "It is no day of the form 2026-12-31.")


def _tag(version: str, tags: Sequence[str]) -> Iterator[Row]:
    if f"v{version}" in tags:
        detail = f"The tag v{version} is another commit's: a version that was released is never released again."
        yield Row("The version is new", "before the tag", detail)


def _key(clone: Path) -> Iterator[Row]:
    if not list((clone / "resources" / "release-keys").glob("*.pub")):
        detail = "resources/release-keys has no public key: desks without a network would believe no news of a version."
        yield Row("The public key of releases is in the program", "before the tag", detail)
