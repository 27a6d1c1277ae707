"""A verification with the records that the outside copies are about: the pages are compared with these by eye."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core import describe, value_names
from core.describe.verification import Paragraph
from core.desk import log_evidence
from core.desk.desk import Desk
from core.jobs import Cancel
from core.ledger.records import Entry, read_entry
from core.ledger.records.leaf import LEAF_LIMIT
from core.ledger.verify.faults import Verification
from core.ledger.verify.record_check import SEQ
from core.text import T
from gui.toolkit.jobs import Report

#: Characters of a time, without its seconds.
_MINUTE: Final = len("2026-11-24 14:32")


@dataclass(frozen=True, slots=True)
class SuppliedEvidence:
    """What is brought from outside to be compared with a log: files, pasted texts, keys."""

    files: list[Path]
    texts: list[str]
    keys: Path | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What was verified, and the records that the receipts are about."""

    verification: Verification
    proved: tuple[Entry, ...] = ()


def about_receipt(entry: Entry) -> Paragraph:
    """What a receipt is about, in words to be compared with its page."""
    verdict = describe.verdict(entry)
    what = value_names.VERDICTS[verdict] if verdict is not None else describe.kind(entry)
    told = ", ".join(filter(None, (describe.when(entry)[:_MINUTE], describe.phone(entry), str(what))))
    return Paragraph(
        T("This receipt is about entry {entry}: {told}.", entry=entry.seq, told=told),
        T("Compare that with the page."),
    )


# On a lane


def verify_own(desk: Desk, practice: bool, supplied: SuppliedEvidence, cancel: Cancel, report: Report) -> Verified:
    """Verify a log of this desk. Raises Problem, Cancelled."""
    found = log_evidence.verify(desk, practice, supplied.files, supplied.keys, report, cancel, supplied.texts)
    if not found.proved:
        return Verified(found)
    with desk.read_ledger(practice) as ledger:
        entries = ledger.entries_numbered(list(found.proved))
    return Verified(found, tuple(entry for entry in entries if entry.leaf_hash == found.proved[entry.seq]))


def verify_export(folder: Path, supplied: SuppliedEvidence, cancel: Cancel, report: Report) -> Verified:
    """Verify what another desk exported. Raises Problem, Cancelled."""
    found = log_evidence.verify_export(folder, supplied.files, supplied.keys, report, cancel, supplied.texts)
    return Verified(found, tuple(_exported(folder, found.proved, cancel)))


def _exported(folder: Path, proved: Mapping[int, bytes], cancel: Cancel) -> Iterator[Entry]:
    """Those records of a verified export that have these hashes, by number: what was changed since is not shown."""
    wanted = dict(proved)
    try:
        with (folder / "leaves.jsonl").open("rb") as file:
            for count in itertools.count(1):
                if not wanted or not (line := file.readline(LEAF_LIMIT + 2)):
                    return
                if count % 4096 == 0:
                    cancel.check()
                said = SEQ.search(line)
                if said and (expected := wanted.pop(int(said[1]), None)):
                    with contextlib.suppress(ValueError, TypeError):
                        yield read_entry(int(said[1]), line.rstrip(b"\n"), expected, {})
    except OSError:
        return
