"""What a rehearsal says of each thing: rows, which the steps write down and the page shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

#: `not tried` is what this machine cannot show, `before the tag` what a person changes before the real release.
State = Literal["made", "verified", "failed", "before the tag", "not tried"]
FILE: Final = "rows.json"


@dataclass(frozen=True)
class Row:
    """One thing that was made or looked at: what it is, how it stands, and what was seen."""

    subject: str
    state: State
    detail: str = ""


def write(folder: Path, rows: Sequence[Row]) -> None:
    text = json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False)
    (folder / FILE).write_text(f"{text}\n", encoding="utf-8", newline="\n")


def read(folder: Path) -> list[Row]:
    """The rows of a step that is done. Raises OSError, ValueError."""
    return parse((folder / FILE).read_text(encoding="utf-8"))


def parse(text: str) -> list[Row]:
    """The rows in a text that :func:`write` made, or an outsider's process. Raises ValueError."""
    return [Row(row["subject"], row["state"], row["detail"]) for row in json.loads(text)]
