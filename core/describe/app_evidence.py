"""What was there of an app before a removal, in words: by the record of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core import value_names
from core.ledger.records import Entry, EvidenceTaken
from core.text import N, T, Text, Value, one_line

#: Digits of a signer's fingerprint by which it is told in a line; all of it is in the record.
_DIGITS: Final = 16
#: Characters of a version in a line.
_VERSION: Final = 40
_MEGABYTE: Final = 1_000_000


def line(evidence: EvidenceTaken) -> Text:
    """Version, signer, number and size of the files, whether copies are kept, and what is missing, on one line."""
    parts: list[Value] = []
    if evidence.version:
        parts.append(T("version {version}", version=one_line(evidence.version, _VERSION)))
    if evidence.signers:
        parts.append(T("signed with {signer}", signer=_short(evidence.signers[0])))
    if evidence.files:
        parts.append(
            N("{count} file with its fingerprint", "{count} files with their fingerprints", len(evidence.files))
        )
    if copies := sum(file.kept is True for file in evidence.files):
        parts.append(N("a copy of {count} file is kept", "a copy of {count} files is kept", copies))
    if evidence.size:
        parts.append(T("{size} MB", size=evidence.size / _MEGABYTE))
    parts += evidence.missing
    return value_names.on_one_line(parts or [T("nothing is known of it")])


def _short(signer: str) -> str:
    return one_line(signer) if len(signer) <= _DIGITS else f"{one_line(signer[:_DIGITS])}…"


def files_kept(entries: Sequence[Entry]) -> Text | None:
    """Say of how many files a copy was kept, by these records; None where none was. It may have been erased since."""
    records = [entry.record for entry in entries if isinstance(entry.record, EvidenceTaken)]
    names = {file.sha256 for record in records for file in record.files if file.kept}
    return N("A copy of {count} file was kept", "A copy of {count} files was kept", len(names)) if names else None


def of_app(entries: Sequence[Entry], package: str, profile: int) -> Entry | None:
    """The last record of what was there of an app in a profile, among `entries`, the oldest first."""
    for entry in reversed(entries):
        record = entry.record
        if isinstance(record, EvidenceTaken) and (record.package, record.profile) == (package, profile):
            return entry
    return None
