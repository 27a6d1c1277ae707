"""What the tests ask of entries of the log."""

from __future__ import annotations

from core.ledger.records import Entry, Personal


def personal(entry: Entry, name: str = "serial") -> str | None:
    """The personal value beside an entry's phone; None where there is none, or it was erased."""
    value = getattr(entry.device, name, None)
    return value.value if isinstance(value, Personal) else None
