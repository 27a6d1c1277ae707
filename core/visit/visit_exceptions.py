"""The exceptions that hold at a visit: which findings they excuse, and to which phone one by asset tag is bound.

What comes in are findings of one phone; what goes out are the same, each that an exception allows marked so.
"""

from __future__ import annotations

from collections.abc import Collection

from core.desk.policy import granted_exceptions
from core.ledger import records
from core.model import Finding, Labels, Phone
from core.policy import exceptions
from core.text import Text
from core.visit.journal import Journal
from core.visit.phone_source import PhoneSource


class VisitExceptions:
    """The exceptions on record, as they were at the begin of a check. Everything here raises LedgerProblem."""

    def __init__(self, source: PhoneSource) -> None:
        self._source = source
        self._grants: tuple[exceptions.Grant, ...] = ()
        #: What the department's lists say against a phone's having an asset tag, by its serial number and the tag.
        self._listed: dict[tuple[str, str], Text | None] = {}

    def begin(self, journal: Journal) -> None:
        """A check begins: what was granted and withdrawn until now counts."""
        self._grants = granted_exceptions.grants(journal.ledger, self._source.zone)
        self._listed.clear()

    def apply(
        self,
        journal: Journal,
        findings: tuple[Finding, ...],
        phone: Phone,
        labels: Labels,
        *,
        alone: bool,
        read: Collection[str] | None,
    ) -> tuple[Finding, ...]:
        """The findings, each that an exception allows marked so; the arguments are those of
        :func:`core.policy.exceptions.apply`."""
        if not self._grants or not findings:
            return findings
        day = granted_exceptions.today(journal.ledger, self._source.zone)

        def listed(tag: str) -> Text | None:
            key = phone.serial, tag
            if key not in self._listed:
                self._listed[key] = self._source.listed_otherwise(journal.ledger, phone, tag)
            return self._listed[key]

        return exceptions.apply(
            findings, phone, labels, self._grants, journal.policy, day, alone=alone, listed=listed, read=read
        )

    def bind(self, journal: Journal, findings: tuple[Finding, ...]) -> None:
        """Bind to the phone of the journal, on record, what is about to excuse one of these findings by an asset tag
        alone. Of two phones that do this at once, the first on record has it: apply what is known then."""
        if not granted_exceptions.to_bind(self._grants, findings):
            return
        self._grants = granted_exceptions.grants(journal.ledger, self._source.zone)
        for grant in granted_exceptions.to_bind(self._grants, findings):
            journal.write(records.ExceptionBound(grant.entry))
        self._grants = granted_exceptions.grants(journal.ledger, self._source.zone)
