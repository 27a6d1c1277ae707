"""One part of a bundle, as the notices and the bill of materials both need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from installer.third_party import licences
from installer.third_party.licences import LicenceEntry, LicenceTable

Kind = Literal["program", "python", "base", "host", "inside", "rust"]


@dataclass(frozen=True)
class Component:
    """One part of a bundle.

    `spdx` is what its makers say, `used` what it is used under. `purl` tells it apart from all others. `inside` are
    the purls of the parts that it is in, none for one by itself; `needs` are the purls of what it needs to work.
    `files` are its paths in the bundle, `hashes` the SHA-256 of the archive that it came as, where that is known.
    """

    name: str
    version: str
    kind: Kind
    spdx: str
    used: str
    why: str
    purl: str
    copyright: str = ""
    texts: tuple[tuple[str, str], ...] = ()
    source: str = ""
    inside: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()


def judged(
    kind: Kind, name: str, version: str, purl: str, entry: LicenceEntry, table: LicenceTable, where: str = ""
) -> Component:
    """A part as the table's entry for it says, and why it may be there; `where` tells which in a problem.

    Raises BuildProblem for one that may not.
    """
    used = licences.chosen(table, entry.spdx, where or name)
    why = entry.why or licences.reasons(table, used)
    texts = tuple(standard(text) for text in entry.texts)
    return Component(name, version, kind, entry.spdx, used, why, purl, entry.copyright, texts, entry.source)


def standard(name: str) -> tuple[str, str]:
    """A text that this clone keeps, and what it is called."""
    return f"installer/third_party/licence-texts/{name}", licences.text(name)
