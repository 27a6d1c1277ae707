"""What the folder of a ledger's keys tells of what was here before: seals that were made, logs that were begun."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Final

from core.ledger.keys.enrolment import Enrolment, enrolment_file, keys_folder, read_enrolment, read_enrolment_file
from core.ledger.keys.epoch_keys import unused

#: Logs that are named.
_LIMIT: Final = 20


def has_sealed(ledger: Path, enrolment: Enrolment) -> bool:
    """Whether the first seal has been made: the key for it was overwritten then. In doubt it has not."""
    try:
        return not unused(keys_folder(ledger) / "epoch.keys", enrolment.epoch)
    except OSError:
        return False


def earlier_logs(ledger: Path) -> tuple[str, ...]:
    """The names of other logs that were begun in the same place, as far as their keys' files are still there."""
    present = read_enrolment(ledger)
    if present is None:
        return ()
    found = []
    for path in islice(sorted(enrolment_file(ledger).parent.glob("enrolment-*.txt")), _LIMIT):
        try:
            enrolment = Enrolment.parse(read_enrolment_file(path))
        except (OSError, ValueError):
            continue
        if enrolment.origin != present.origin:
            found.append(enrolment.origin)
    return tuple(dict.fromkeys(found))
