"""Keeping copies of banned apps' files, for the commands that read a phone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from core.cli import terminal
from core.cli.arguments import flag
from core.ledger.place import evidence_folder
from core.ledger.records import Entry, EvidenceTaken
from core.text import N, T

KEEP_FILES: Final = flag(
    "--keep-files", T("keep a copy of the banned apps’ files in the evidence folder beside the log")
)


def show_kept(entries: Sequence[Entry], ledger: Path) -> None:
    """Say of which files copies are kept beside the log file `ledger`, by the records that refer to them."""
    files = sum(len(entry.record.files) for entry in entries if isinstance(entry.record, EvidenceTaken))
    if files:
        kept = N(
            "A copy of {count} file of a banned app is kept in {folder}.",
            "A copy of {count} files of banned apps is kept in {folder}.",
            files,
            folder=str(evidence_folder(ledger)),
        )
        terminal.out(kept)
    elif entries:
        terminal.out(T("The phone has no file of these apps of which a copy could be kept."))


def kept_as_json(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """What the records of copies say."""
    return [
        {
            "entry": entry.seq,
            "app": entry.record.package,
            "files": [terminal.pick(file, "name size sha256") for file in entry.record.files],
        }
        for entry in entries
        if isinstance(entry.record, EvidenceTaken)
    ]
