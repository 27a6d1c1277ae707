"""What was there of the banned apps, on record before a removal of them begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.jobs import Cancel, Progress
from core.model import Cancelled, Finding, Inventory
from core.phones.driver import Driver, PhoneProblem
from core.text import T
from core.visit.events import Listener
from core.visit.journal import Journal

#: The part of a removal that it takes, of 1.0, as progress tells it.
EVIDENCE_SHARE: Final = 0.3


def record_evidence(
    findings: Sequence[Finding],
    inventory: Inventory,
    driver: Driver,
    journal: Journal,
    listener: Listener,
    cancel: Cancel,
) -> None:
    """Put on record what there is of each banned app among `findings`, once in a visit as long as it stays as it is.

    Of other apps nothing is asked. What a phone does not tell is on record as missing. Raises PhoneProblem or Cancelled
    after which nothing has been removed, and that is on record too; LedgerProblem.
    """
    banned = [f for f in findings if f.is_ban and not journal.has_evidence(f)]
    for number, finding in enumerate(banned):
        doing = T("Recording what is there of {app}", app=finding.display_name)
        listener(Progress(doing, EVIDENCE_SHARE * number / len(banned)))
        try:
            cancel.check()
            evidence = driver.app_evidence(finding, inventory, cancel, last_used=journal.policy.evidence_last_used)
        except (PhoneProblem, Cancelled) as stopped:
            journal.record_problem(stopped)
            raise
        journal.record_evidence(finding, evidence)
