"""Records as events of the Open Cybersecurity Schema Framework 1.8.0, for whoever collects events of many tools.

A check is a Scan Activity (6007), a finding a Compliance Finding (2003), a step of a removal or an undo a Remediation
Activity (7001). Each event leads back to its record by the log's name, the record's number and its hash. Nothing
personal is in it. Words are English: programs look for them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import IO, Any, Final, TypeAlias

from core import describe
from core.describe.values import at
from core.ledger.reader import LedgerReader
from core.ledger.records.entry import Entry
from core.ledger.records.records import INTENTS, Kind
from core.ledger.tlog.notes import Checkpoint
from core.model import Strength, Verdict
from core.phones.driver import Outcome
from core.reports.columns import Row
from core.text import plain

Event: TypeAlias = dict[str, Any]
#: A number of the schema with its caption.
Choice: TypeAlias = tuple[int, str]

VERSION: Final = "1.8.0"
#: Characters of one text.
_TEXT_LIMIT: Final = 4_000
#: Open steps that are fetched at a time.
_PAGE: Final = 500
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_UNKNOWN: Final = (0, "Unknown")
_OTHER: Final = (99, "Other")
_INFORMATIONAL: Final = (1, "Informational")
_LOW: Final = (2, "Low")
_MEDIUM: Final = (3, "Medium")
_HIGH: Final = (4, "High")

_OF_VERDICT: Final = {Verdict.RED: _HIGH, Verdict.AMBER: _MEDIUM, Verdict.GREEN: _INFORMATIONAL}
_OF_STRENGTH: Final = {Strength.BAN: _HIGH, Strength.RECOMMENDATION: _LOW, Strength.NOTICE: _INFORMATIONAL}
_COMPLIANCE: Final = {
    Strength.BAN: (3, "Fail"),
    Strength.RECOMMENDATION: (2, "Warning"),
    Strength.NOTICE: _OTHER,
}
#: What a step does, by the driver's word for it: D3FEND's tactics, as the schema has them.
_ACTS: Final = {
    "uninstall": (2, "Evict"),
    "uninstall-updates": (2, "Evict"),
    "disable": (1, "Isolate"),
    "suspend": (1, "Isolate"),
}
_RESTORE: Final = (3, "Restore")
_SUCCESS: Final = (1, "Success")
_FAILURE: Final = (2, "Failure")
#: What came of a step; every other outcome is a failure.
_OUTCOMES: Final = {
    Outcome.DONE: _SUCCESS,
    Outcome.NOT_THERE: (3, "Does Not Exist"),
    Outcome.UNSUPPORTED: (5, "Unsupported"),
    Outcome.UNKNOWN: _UNKNOWN,
}
_SYSTEMS: Final = {"android": (201, "Android"), "ios": (301, "iOS"), "ipados": (302, "iPadOS")}
_INTENDED: Final = {Kind.REMOVAL_OUTCOME: Kind.REMOVAL_INTENDED, Kind.UNDO_OUTCOME: Kind.UNDO_INTENDED}


class OcsfEvents:
    """A file of events, one JSON object a line."""

    def __init__(self, file: IO[bytes], ledger: LedgerReader, checkpoint: Checkpoint) -> None:
        self._file = file
        self._ledger = ledger
        self._checkpoint = checkpoint
        #: Steps that were announced, and of which no outcome has come yet.
        self._open: set[int] = set()

    def write(self, entries: Sequence[Entry]) -> None:
        """Add the events of these records, those that give one."""
        intents = self._intents(entries)
        events = []
        for entry in entries:
            match entry.kind:
                case Kind.CHECK_ENDED:
                    events.append(scan(Row(entry), self._checkpoint.origin))
                case Kind.FINDING:
                    events.append(finding(Row(entry), self._checkpoint.origin))
                case Kind.REMOVAL_INTENDED | Kind.UNDO_INTENDED:
                    self._open.add(entry.seq)
                case Kind.REMOVAL_OUTCOME | Kind.UNDO_OUTCOME:
                    intent = intents.get(_whole(at(entry.leaf, "body.intent"), -1))
                    if intent is None or intent.kind != _INTENDED[Kind(entry.kind)]:
                        events.append(remediation(None, Row(entry), self._checkpoint.origin))
                    else:
                        self._open.discard(intent.seq)
                        events.append(remediation(Row(intent), Row(entry), self._checkpoint.origin))
        self._write(events)

    def end(self) -> None:
        """Steps of which no outcome came are events too: nobody knows what became of them."""
        still_open = sorted(self._open)
        for start in range(0, len(still_open), _PAGE):
            intents = self._ledger.entries_numbered(still_open[start : start + _PAGE])
            self._write([remediation(Row(intent), None, self._checkpoint.origin) for intent in intents])

    def _intents(self, entries: Sequence[Entry]) -> Mapping[int, Entry]:
        """What was announced by the steps whose outcomes are among `entries`."""
        known = {e.seq: e for e in entries if e.kind in INTENTS}
        asked = {_whole(at(e.leaf, "body.intent"), 0) for e in entries if e.kind in _INTENDED} - known.keys()
        missing = sorted(seq for seq in asked if 0 < seq <= self._checkpoint.size)
        return known | {e.seq: e for e in self._ledger.entries_numbered(missing)} if missing else known

    def _write(self, events: Sequence[Event]) -> None:
        lines = (json.dumps(event, ensure_ascii=False, separators=(",", ":")) for event in events)
        self._file.write("".join(f"{line}\n" for line in lines).encode())


def scan(row: Row, origin: str) -> Event:
    """The event of a check that ended."""
    verdict = describe.verdict(row.entry)
    took, gaps = _count(row, "body", "took_ms"), _count(row, "body", "counts", "gaps")
    policy = _some(
        name=_text(row, "policy", "id"), uid=_text(row, "policy", "id"), version=_text(row, "policy", "version")
    )
    time = _time(row)
    return _some(
        **_event(row, origin, (6, "Application Activity"), (6007, "Scan Activity"), (2, "Completed")),
        **_choice("severity", _OF_VERDICT[verdict] if verdict else _UNKNOWN),
        **_choice("status", _OTHER if gaps else _SUCCESS, "Partial" if gaps else ""),
        status_code=_text(row, "body", "verdict"),
        status_detail="Some items could not be checked." if gaps else "",
        message=f"Check of a phone: {verdict or 'unknown'}",
        scan={"name": "Fanion check", "uid": _uid(row, origin), "type": "Manual", "type_id": 1},
        policy={**policy, "is_applied": True} if policy else None,
        start_time=time - took,
        end_time=time,
        duration=took,
        total=_count(row, "body", "counts", "apps"),
        num_detections=_count(row, "body", "counts", "bans"),
        num_skipped_items=gaps,
        unmapped=_unmapped(
            row,
            origin,
            verdict=_text(row, "body", "verdict"),
            products=_count(row, "body", "counts", "products"),
            findings=_count(row, "body", "counts", "findings"),
            profiles=_count(row, "body", "counts", "profiles"),
        ),
    )


def finding(row: Row, origin: str) -> Event:
    """The event of an app that a rule names."""
    word = row.get("body", "strength")
    strength = Strength(word) if word in list(Strength) else None
    contained = row.get("body", "contained") is True
    package, rule = _text(row, "body", "package") or "unknown", _text(row, "body", "rule")
    product = _text(row, "body", "product", "en") or package
    why = _text(row, "body", "why", "en")
    standard = " ".join(part for part in (_text(row, "policy", "id"), _text(row, "policy", "version")) if part)
    severity = _OF_STRENGTH[strength] if strength else _UNKNOWN
    complies = _COMPLIANCE[strength] if strength else _UNKNOWN
    if contained and strength is Strength.BAN:
        severity, complies = _MEDIUM, (2, "Warning")
    if strength is Strength.BAN and (row.get("body", "excepted") is not None or not describe.bans(row.entry)):
        severity, complies = _MEDIUM, (2, "Warning")
    return _some(
        **_event(row, origin, (2, "Findings"), (2003, "Compliance Finding"), (1, "Create")),
        **_choice("severity", severity),
        **_choice("status", (1, "New")),
        status_code=_text(row, "body", "strength"),
        message=why,
        finding_info=_some(
            uid=_uid(row, origin),
            title=f"{product} ({package})",
            desc=why,
            created_time=_time(row),
            types=[t for t in (_text(row, "body", "strength"),) if t],
            product_uid="fanion",
        ),
        compliance=_some(
            **_choice("status", complies),
            control=rule,
            standards=[standard] if standard else None,
            desc=why,
        ),
        resources=[
            _some(
                name=product,
                uid=package,
                type="Mobile application",
                version=_text(row, "body", "version_name"),
                namespace=_text(row, "body", "profile", "kind"),
                role_id=3,
                role="Affected",
            )
        ],
        unmapped=_unmapped(
            row,
            origin,
            contained=contained,
            match=_text(row, "body", "match"),
            excepted_until=_text(row, "body", "excepted", "until"),
            policy_unsigned=True if row.get("policy", "unsigned") is True else None,
            exception_reference=_text(row, "body", "excepted", "reference"),
            profile=_whole(row.get("body", "profile", "id"), None),
            version_code=_text(row, "body", "version_code"),
            installer=_text(row, "body", "installer"),
            policy_sha256=_text(row, "policy", "sha256"),
        ),
    )


def remediation(intent: Row | None, outcome: Row | None, origin: str) -> Event:
    """The event of a step of a removal or of an undo: what was announced, and what the phone said.

    One of the two may be missing, not both: a step may have been broken off, and a log may come from anywhere.
    """
    row = outcome or intent
    if row is None:
        raise ValueError("nothing was announced, and nothing came of it")
    undo = row.entry.kind in (Kind.UNDO_INTENDED, Kind.UNDO_OUTCOME)
    act = _text(intent, "body", "act") if intent else ""
    package = _text(intent, "body", "package") if intent else ""
    word = outcome.get("body", "outcome") if outcome else None
    status = _OUTCOMES.get(Outcome(word), _FAILURE) if word in list(Outcome) else _UNKNOWN
    what = " ".join(part for part in (act or "step", package) if part)
    return _some(
        **_event(
            row,
            origin,
            (7, "Remediation"),
            (7001, "Remediation Activity"),
            _RESTORE if undo else _ACTS.get(act, _OTHER if act else _UNKNOWN),
        ),
        **_choice("severity", _INFORMATIONAL if status == _SUCCESS else _LOW),
        **_choice("status", status, "" if outcome else "No outcome in this export"),
        status_code=_text(outcome, "body", "outcome") if outcome else "",
        status_detail=_text(outcome, "body", "answer") if outcome else "",
        message=(_text(outcome, "body", "means", "en") if outcome else "") or f"{what}: no outcome in this export",
        command_uid=_uid(intent, origin) if intent else _uid(row, origin),
        remediation={"desc": f"undo: {what}" if undo else what},
        start_time=_time(intent) if intent else None,
        end_time=_time(outcome) if outcome else None,
        unmapped=_unmapped(
            row,
            origin,
            act=act,
            package=package,
            profile=_whole(intent.get("body", "profile"), None) if intent else None,
            intent=_step(intent, origin) if intent else None,
            finding=_whole(intent.get("body", "finding"), None) if intent else None,
            removal=_whole(intent.get("body", "removal"), None) if intent else None,
        ),
    )


def _event(row: Row, origin: str, category: Choice, class_: Choice, activity: Choice) -> Event:
    """What every event has."""
    practice = row.get("practice") is not False
    user = _text(row, "officer")
    return {
        "category_uid": category[0],
        "category_name": category[1],
        "class_uid": class_[0],
        "class_name": class_[1],
        "activity_id": activity[0],
        "activity_name": activity[1],
        "type_uid": class_[0] * 100 + activity[0],
        "type_name": f"{class_[1]}: {activity[1]}",
        "time": _time(row),
        "metadata": _some(
            version=VERSION,
            product=_some(name="Fanion", uid="fanion", version=_text(row, "app", "version")),
            profiles=["host"],
            uid=_uid(row, origin),
            original_event_uid=str(row.entry.seq),
            sequence=row.entry.seq,
            correlation_uid=_text(row, "visit"),
            log_name=plain(origin, _TEXT_LIMIT),
            event_code=plain(row.entry.kind),
            original_time=_text(row, "time"),
            labels=["practice"] if practice else None,
        ),
        "actor": _some(app_name="Fanion", user={"name": user, "type_id": 1, "type": "User"} if user else None),
        "device": _device(row),
    }


def _device(row: Row) -> Event | None:
    """The phone, as far as it may be told: nothing that tells it from another one of its model."""
    if not isinstance(row.get("device"), Mapping):
        return None
    platform = _text(row, "device", "platform")
    id, name = _SYSTEMS.get(platform.lower(), (0, platform or "Unknown"))
    return _some(
        type_id=5,
        type="Mobile",
        name=describe.phone(row.entry) or "Unknown",
        model=_text(row, "device", "model"),
        vendor_name=_text(row, "device", "maker"),
        os=_some(name=name, type_id=id, type=name if id else "Unknown", version=_text(row, "device", "os")),
    )


def _unmapped(row: Row, origin: str, **more: object) -> Event:
    """What the schema has no place for; first of all, what leads back to the record."""
    return _some(
        **_step(row, origin),
        leaf_hash=row.entry.leaf_hash.hex(),
        practice=row.get("practice") is not False,
        desk=_text(row, "desk"),
        **more,
    )


def _step(row: Row, origin: str) -> Event:
    return {"origin": plain(origin, _TEXT_LIMIT), "seq": row.entry.seq}


def _uid(row: Row, origin: str) -> str:
    return f"{plain(origin, _TEXT_LIMIT)}#{row.entry.seq}"


def _choice(name: str, choice: Choice, said: str = "") -> Event:
    return {f"{name}_id": choice[0], name: said or choice[1]}


def _some(**fields: Any) -> Event:
    """These fields, as far as they say something."""
    return {name: value for name, value in fields.items() if value is not None and value != "" and value != []}


def _text(row: Row, *path: str) -> str:
    """The text or number that stands there; nothing where it is anything else."""
    value = row.get(*path)
    return plain(str(value), _TEXT_LIMIT) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _whole(value: object, otherwise: Any) -> Any:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53 else otherwise


def _count(row: Row, *path: str) -> int:
    value = _whole(row.get(*path), 0)
    return value if isinstance(value, int) and value >= 0 else 0


def _time(row: Row) -> int:
    """Milliseconds since 1970."""
    return (row.entry.time - _EPOCH) // timedelta(milliseconds=1)
