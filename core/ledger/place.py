"""Where a ledger and its keys are. Apart from what opens them, for a start asks for no more."""

from __future__ import annotations

from pathlib import Path


def ledger_file(data: Path, *, practice: bool = False) -> Path:
    """Where the ledger stands in the data folder. Practice has one of its own."""
    return data / ("practice-ledger.db" if practice else "ledger.db")


def keys_folder(ledger: Path) -> Path:
    """Where the keys of a ledger are: beside it."""
    return ledger.with_name(f"{ledger.stem}-keys")


def evidence_folder(ledger: Path) -> Path:
    """Where the copies of apps' files are that a ledger's records refer to: beside it."""
    return ledger.with_name(f"{ledger.stem}-evidence")
