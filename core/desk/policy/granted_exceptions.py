"""The register of exceptions, as the log has it: what was granted, and what of that was withdrawn.

The log is its only place. So who granted what to which phone, and each use of it, can be verified by an outsider; and a
grant whose phone's values were erased counts for no phone any more. So is the binding of a grant by asset tag to the
phone on which it was used first. Days are those of the department's time zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from core.desk.settings.time_zone import day_of
from core.ledger import records
from core.ledger.records import Personal
from core.model import Finding, Policy, Problem
from core.policy import exceptions
from core.policy.exceptions import BoundPhone, Grant, Request
from core.text import T, Text, plain

# For types alone: the policy page is loaded without the log's libraries.
if TYPE_CHECKING:
    from core.ledger.reader import LedgerReader
    from core.ledger.records import Entry
    from core.ledger.writer import Ledger

#: Grants that are looked through, the newest: more than any desk gives in the years that one may last.
_LIMIT: Final = 20_000
#: Characters of what an officer types.
_TYPED: Final = 200


class CannotGrant(Problem):
    """An exception cannot be granted as it was asked for. `field` is what has to be changed."""

    code = "cannot-grant"
    exit_code = 5

    def __init__(self, field: str, why: Text) -> None:
        super().__init__(why, T("Change that, and grant it again."))
        self.field = field


def today(ledger: LedgerReader, zone: tzinfo) -> date:
    """The day by the computer's clock, or by the newest record where the clock was set back behind it."""
    newest = ledger.newest(1)
    now = datetime.now(UTC)
    return day_of(max(now, newest[0].time) if newest else now, zone)


def grants(ledger: LedgerReader, zone: tzinfo) -> tuple[Grant, ...]:
    """All that was granted, the newest first."""
    revoked = ledger.decided(records.Kind.EXCEPTION_REVOKED, limit=_LIMIT)
    withdrawn = {
        e.record.grant: day_of(e.time, zone) for e in revoked if isinstance(e.record, records.ExceptionRevoked)
    }
    bindings = ledger.decided(records.Kind.EXCEPTION_BOUND, limit=_LIMIT)
    # The newest first: the oldest one of a grant stays, and that counts.
    bound = {e.record.grant: _bound(e) for e in bindings if isinstance(e.record, records.ExceptionBound)}
    granted = ledger.decided(records.Kind.EXCEPTION_GRANTED, limit=_LIMIT)
    candidates = (_grant(entry, day_of(entry.time, zone), withdrawn, bound) for entry in granted)
    return tuple(grant for grant in candidates if grant is not None)


def grant(ledger: Ledger, request: Request, policy: Policy, zone: tzinfo) -> Grant:
    """Put an exception on record. Raises CannotGrant, LedgerProblem."""
    request = _tidied(request)
    wrong = exceptions.faults(request, policy, today(ledger, zone))
    if wrong:
        raise CannotGrant(*wrong[0])
    rule = policy.rule(request.rule)
    if rule is None:
        raise ValueError("a request without faults names a rule")
    entry = ledger.append(
        records.ExceptionGranted(
            rule=request.rule,
            product=rule.product,
            package=request.package,
            signer=request.signer,
            until=request.until.isoformat(),
            authority=request.authority,
            reference=request.reference,
            maker=request.maker,
            model=request.model,
            serial=Personal(request.serial) if request.serial else None,
            tag=Personal(request.tag) if request.tag else None,
        ),
        policy=policy,
        seal=True,
    )
    return Grant(entry.seq, request, day_of(entry.time, zone))


def to_bind(grants: Iterable[Grant], findings: Iterable[Finding]) -> tuple[Grant, ...]:
    """The grants by asset tag that excuse one of these findings, and are bound to no phone yet."""
    used = {finding.excepted.entry for finding in findings if finding.excepted is not None}
    return tuple(grant for grant in grants if grant.entry in used and grant.by_tag and grant.bound is None)


def revoke(ledger: Ledger, entry: int, reason: str) -> None:
    """Withdraw the exception that record `entry` gives; a second time does nothing.

    Raises CannotGrant, LedgerProblem.
    """
    grant = next((g for g in grants(ledger, UTC) if g.entry == entry), None)
    if grant is None:
        raise CannotGrant("entry", T("Entry {entry} of the log grants no exception.", entry=entry))
    if grant.revoked is None:
        ledger.append(records.ExceptionRevoked(entry, plain(reason.strip(), _TYPED)), seal=True)


def ends_soon(grant: Grant, policy: Policy, day: date, days: int = 30) -> bool:
    """Whether an exception that holds on `day` ends within `days`."""
    return grant.holds(policy, day) and grant.until(policy) <= day + timedelta(days=days)


def _tidied(request: Request) -> Request:
    """Trim what was typed, so that it may be kept and shown."""
    return replace(
        request,
        authority=plain(request.authority.strip(), _TYPED),
        reference=plain(request.reference.strip(), _TYPED),
        package=request.package.strip(),
        tag=plain(request.tag.strip(), _TYPED),
    )


def _bound(entry: Entry) -> BoundPhone:
    """The phone of a record by which an exception was bound."""
    device = entry.device
    if device is None:
        return BoundPhone(entry.seq, "", "", "")
    return BoundPhone(entry.seq, device.maker, device.model, _personal_value(device.serial))


def _grant(entry: Entry, day: date, withdrawn: Mapping[int, date], bound: Mapping[int, BoundPhone]) -> Grant | None:
    """The exception that a record gives; None for one that another version wrote and that makes no sense here."""
    granted = entry.record
    if not isinstance(granted, records.ExceptionGranted) or not granted.rule:
        return None
    try:
        until = date.fromisoformat(granted.until)
    except ValueError:
        return None
    # Where one of the values that tell the phone was erased, the other does not stand for it.
    erased = any(value is not None and value.value is None for value in (granted.serial, granted.tag))
    request = Request(
        rule=granted.rule,
        until=until,
        authority=granted.authority,
        reference=granted.reference,
        package=granted.package,
        serial="" if erased else _personal_value(granted.serial),
        maker=granted.maker,
        model=granted.model,
        tag="" if erased else _personal_value(granted.tag),
        signer=granted.signer,
    )
    return Grant(entry.seq, request, day, withdrawn.get(entry.seq), bound.get(entry.seq))


def _personal_value(value: Personal | None) -> str:
    return (value.value or "") if value is not None else ""
