"""What leaves head office's store as a file of its own: a list of phones or desks. This desk's log has it on record.

A list may name people and their phones, so that it is on record before the first byte of it leaves, as every export is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.desk.desk import Desk
from core.desk.papers.log_evidence import require_away
from core.ledger.records import Exported
from core.reports.filing import put
from core.reports.tables.csv_table import csv_of


def write_store_list(desk: Desk, about: str, rows: Sequence[Sequence[str]], file: Path) -> Path:
    """Write a list as CSV, the first of whose `rows` has the heads, in place of a file of that name.

    `about` says which list it is, as the record has it; what was searched for in it is not on record, for it can be a
    person's name. A computer that has no log yet gets one. Raises BesideTheLog, LedgerProblem, FileProblem.
    """
    require_away(file, desk)
    content = csv_of(rows, desk.settings.csv_separator)
    with desk.custodian(False, make=True) as ledger:
        ledger.append(Exported("csv", len(rows) - 1, {"store": about}))
        put(file, content)
    return file
