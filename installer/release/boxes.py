"""The boxes of `installer/RELEASE.md` that only a person can tick, for the page that is read before signing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: What the rehearsal itself ticks is the box that names its command.
COMMAND: Final = "bootstrap.py rehearse"
_HEADING: Final = re.compile(r"#{2,3} (.+)")
_ITEM: Final = re.compile(r"- \[ \] (.+)")
_ROW: Final = re.compile(r"\| \[ \] (.+)")
#: How a line of code in an item begins; what is told of it stands around it.
_CODE: Final = " " * 10
_LINK: Final = re.compile(r"\[([^\]]+)\]\([^)]+\)")


@dataclass(frozen=True)
class Box:
    """A box that is open: the headings that it stands under, and its sentences as plain text."""

    heading: str
    text: str


def boxes(paper: str) -> list[Box]:
    """The boxes of the paper, in its order, without the one that the rehearsal ticks."""
    return list(_boxes(paper.splitlines()))


def _boxes(lines: list[str]) -> Iterator[Box]:
    heading = ""
    for number, line in enumerate(lines):
        if match := _HEADING.fullmatch(line):
            heading = _plain(match[1])
        elif match := _ITEM.fullmatch(line):
            item = [match[1], *_continued(lines[number + 1 :])]
            if not any(COMMAND in part for part in item):
                yield Box(heading, _plain(" ".join(part.strip() for part in item if not part.startswith(_CODE))))
        elif match := _ROW.fullmatch(line):
            cells = [cell.strip() for cell in match[1].strip("|").split("|")]
            yield Box(
                heading, _plain(": ".join(cell for cell in (cells[0], "; ".join(filter(None, cells[1:]))) if cell))
            )


def _continued(lines: list[str]) -> Iterator[str]:
    """The lines that go on with an item, code among them."""
    for line in lines:
        if line and not line.startswith("  "):
            return
        if line:
            yield line


def _plain(text: str) -> str:
    """Markdown as a person reads it; what is in code stays as it is."""
    parts = _LINK.sub(r"\1", text).split("`")
    return "".join(part if number % 2 else re.sub(r"[*<>]", "", part) for number, part in enumerate(parts))
