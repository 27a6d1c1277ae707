"""What a desk carries home to head office: a bundle of its log, with how its rounds stand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from core.desk.desk import Desk
from core.head_office import bundle
from core.head_office.bundle import WrittenBundle
from core.head_office.encryption import Lock
from core.head_office.layout import PhoneLine, json_line
from core.jobs import Cancel, Report, silent
from core.ledger.reader import LedgerReader
from core.rounds import rounds
from core.rounds.identifiers import key_of
from core.rounds.model import RosterLine
from core.rounds.roster_file import RosterFileProblem
from core.same_phone import names_one_phone

#: The file of a bundle that says which phones rounds were to see.
COVERAGE: Final = "coverage.jsonl"


def carry_home(
    desk: Desk,
    practice: bool,
    folder: Path,
    *,
    whole: bool = False,
    to: str = "",
    report: Report = silent,
    cancel: Cancel | None = None,
) -> WrittenBundle:
    """Write what is new in the desk's log since the last bundle into a new folder inside `folder`, or its `whole` log.

    `to` is head office's public key (age): with it nothing in the bundle can be read but by head office. Raises
    NoSuchFolder, NothingNew or another LedgerProblem, BundleProblem, EncryptionProblem, Cancelled.
    """
    lock = Lock(to) if to else None
    with desk.custodian(practice) as ledger:
        return bundle.write(
            ledger,
            folder,
            desk=desk.name,
            after=0 if whole else bundle.carried_until(ledger),
            lock=lock,
            retention_months=desk.settings.retention_months,
            extra={COVERAGE: _coverage(ledger, desk.data, practice=practice)},
            report=report,
            cancel=cancel,
        )


def _coverage(ledger: LedgerReader, data: Path, *, practice: bool) -> bytes:
    """The phones of each round's roster, a line each. A round whose roster is not here any more has none."""
    lines = []
    for one in rounds.known(ledger, practice=practice):
        try:
            found = rounds.covered(ledger, data, one, date.today())
        except RosterFileProblem:
            continue
        for phone in found.phones:
            line = phone.line or RosterLine(0)
            seen = phone.last.entry if phone.last is not None else None
            other = "" if names_one_phone(line.serial) else line.imei or key_of(line.tag)
            told = PhoneLine(one.about.id, line.serial, line.unit, seen, other)
            lines.append(json_line(msgspec.to_builtins(told)))
    return b"".join(lines)
