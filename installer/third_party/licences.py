"""Under which licences parts of the bundle are, as ``installer/third_party/licences.toml`` says, and whether they may
be in it.

Nothing here knows a bundle. What is unknown or not allowed raises `BuildProblem`. Expressions are SPDX's
(https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/), read by the library license-expression.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from license_expression import (  # type: ignore[import-untyped]
    ExpressionError,
    LicenseWithExceptionSymbol,
    get_spdx_licensing,
)

from installer.problem import BuildProblem

TABLE: Final = Path(__file__).with_name("licences.toml")
#: The standard texts, each under its SPDX identifier, and texts that belong to one part.
TEXTS: Final = Path(__file__).with_name("licence-texts")


@dataclass(frozen=True)
class LicenceEntry:
    """What the table says of one part."""

    spdx: str
    why: str = ""
    texts: tuple[str, ...] = ()
    copyright: str = ""
    source: str = ""
    #: Only of parts inside others: what they are in, what they are called, and what their files are called.
    of: str = ""
    name: str = ""
    version: str = ""
    files: str = ""


@dataclass(frozen=True)
class LicenceTable:
    """The whole table."""

    #: The licences that may be in a bundle and why, the preferred first.
    allowed: Mapping[str, str]
    own_files: tuple[str, ...]
    own_programs: tuple[str, ...]
    base: Mapping[str, LicenceEntry]
    base_files: Mapping[str, tuple[str, ...]]
    python: Mapping[str, LicenceEntry]
    inside: tuple[LicenceEntry, ...]
    #: Parts that a wheel's own bill of materials names without their licence.
    named: Mapping[str, LicenceEntry]
    host: Mapping[str, LicenceEntry]
    forbidden: Mapping[str, str]

    def of_host(self, source_package: str) -> LicenceEntry:
        """What is said of a library of the system, by Debian's source package. Raises BuildProblem."""
        if source_package in self.forbidden:
            raise BuildProblem(
                f"{source_package} is in the bundle and must not be: {self.forbidden[source_package]}. "
                "Leave it out in installer/fanion.spec."
            )
        for pattern, entry in self.host.items():
            if fnmatch(source_package, pattern):
                return entry
        raise BuildProblem(
            f"The system's library {source_package} is in the bundle, and installer/third_party/licences.toml "
            "does not say under which licence: look it up and add it under [host], or leave the library out."
        )

    def of_python(self, name: str) -> LicenceEntry:
        """What is said of a Python package. Raises BuildProblem."""
        if name not in self.python:
            raise BuildProblem(
                f"The Python package {name} is in the bundle, and installer/third_party/licences.toml does not say "
                "under which licence: look it up and add it under [python], or leave the package out."
            )
        return self.python[name]


def load(path: Path = TABLE) -> LicenceTable:
    """Read the table. Raises BuildProblem where it is not one."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        base = {name: dict(value) for name, value in raw["base"].items()}
        base_files = {name: tuple(value.pop("files", ())) for name, value in base.items()}
        return LicenceTable(
            allowed=raw["allowed"],
            own_files=tuple(raw["own"]["files"]),
            own_programs=tuple(raw["own"]["programs"]),
            base=_entries(base),
            base_files=base_files,
            python=_entries(raw["python"]),
            inside=tuple(_entry(value) for value in raw["inside"]),
            named=_entries(raw["named"]),
            host=_entries(raw["host"]),
            forbidden=raw["forbidden"],
        )
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise BuildProblem(f"{path.name} cannot be read: {error}") from error


def _entries(raw: Mapping[str, Mapping[str, Any]]) -> dict[str, LicenceEntry]:
    return {name: _entry(value) for name, value in raw.items()}


def _entry(raw: Mapping[str, Any]) -> LicenceEntry:
    return LicenceEntry(**{**raw, "texts": tuple(raw.get("texts", ())), "why": raw.get("why", "").strip()})


@functools.cache
def _licensing() -> Any:
    return get_spdx_licensing()


def parsed(expression: str) -> Any:
    """An SPDX expression as a tree. Raises BuildProblem."""
    try:
        # Cargo once wrote MIT/Apache-2.0 for a choice.
        tree = _licensing().parse(expression.replace("/", " OR "), validate=False, strict=False)
    except ExpressionError as error:
        raise BuildProblem(f"“{expression}” is not an SPDX licence expression.") from error
    if tree is None:
        raise BuildProblem("An empty text is not an SPDX licence expression.")
    return tree


def same(first: str, second: str) -> bool:
    """Whether two expressions mean the same licences, in whatever order."""
    return bool(parsed(first).simplify() == parsed(second).simplify())


def chosen(table: LicenceTable, expression: str, of: str) -> str:
    """The licences that `of` is used under: of every choice the allowed one that is preferred. Raises BuildProblem."""
    order = list(table.allowed)

    def best(node: Any) -> list[str] | None:
        if not node.args or isinstance(node, LicenseWithExceptionSymbol):
            return [node.render()] if node.render() in table.allowed else None
        parts = [best(part) for part in node.args]
        if node.operator.strip() == "AND":
            return None if None in parts else [name for part in parts if part for name in part]
        choices = [part for part in parts if part]
        return min(choices, key=lambda part: max(order.index(name) for name in part)) if choices else None

    licences = best(parsed(expression))
    if not licences:
        raise BuildProblem(
            f"{of} is licensed as “{expression}”, and that may not be in the bundle: leave it out, or say in "
            "installer/third_party/licences.toml under [allowed] why it may."
        )
    return " AND ".join(dict.fromkeys(licences))


def reasons(table: LicenceTable, used: str) -> str:
    """Why licences that were chosen are allowed."""
    return "; ".join(dict.fromkeys(table.allowed[name] for name in used.split(" AND ")))


def standard_texts(used: str) -> tuple[str, ...]:
    """The files of `licence-texts` that have the text of each licence in use, as far as there are any."""
    names = [f"{part}.txt" for name in used.split(" AND ") for part in name.split(" WITH ")]
    return tuple(dict.fromkeys(name for name in names if (TEXTS / name).exists()))


def text(name: str) -> str:
    """One text of installer/third_party/licence-texts. Raises BuildProblem."""
    try:
        return (TEXTS / name).read_text(encoding="utf-8")
    except OSError as error:
        raise BuildProblem(f"The licence text installer/third_party/licence-texts/{name} is missing.") from error


#: A line that says whose something is, with a year: a licence's own sentences about copyright have none.
_WHOSE: Final = re.compile(r"(?:copyright\b|©|\(c\) ?(?:19|20)\d\d).*\b(?:19|20)\d\d", re.IGNORECASE)
#: Whose the texts of licences are, which stand in them.
_OF_LICENCES: Final = ("free software foundation", "stichting mathematisch centrum")


def copyright_lines(texts: Sequence[str], at_most: int = 12) -> str:
    """Find the copyright lines in texts: those that begin with "Copyright", and Debian's fields of that name."""
    holders: dict[str, None] = {}
    field = False
    for line in "\n".join(texts).splitlines():
        field = line.startswith("Copyright:") or (field and line.startswith((" ", "\t")))
        words = " ".join(line.removeprefix("Copyright:").strip(" \t*#/%;-.=").split())
        if words and (field or _WHOSE.match(words)) and not any(name in words.lower() for name in _OF_LICENCES):
            holders[words] = None
    lines = list(holders)
    return "\n".join([*lines[:at_most], *(["and others: see its texts below"] if len(lines) > at_most else [])])
