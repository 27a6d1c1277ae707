"""Records as events of the Open Cybersecurity Schema Framework 1.8.0, for programs that collect events of many tools.

A check is a Scan Activity (6007); a finding and an officer's look on the phone are a Compliance Finding (2003); a step
of a removal or an undo and a handing back are a Remediation Activity (7001). Each event leads back to its record by the
log's name, the record's number and its hash. Nothing personal is in it. Words are English: programs look for them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import IO, Any, Final, TypeAlias

from core import describe
from core.ledger import records
from core.ledger.reader import LedgerReader
from core.ledger.records import Entry
from core.ledger.tlog.notes import Checkpoint
from core.model import Attested, Strength, Verdict
from core.phones.driver import Outcome
from core.text import Text, plain

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
#: The status of a step by its outcome; every other outcome is a failure.
_OUTCOMES: Final = {
    Outcome.DONE: _SUCCESS,
    Outcome.NOT_THERE: (3, "Does Not Exist"),
    Outcome.UNSUPPORTED: (5, "Unsupported"),
    Outcome.UNKNOWN: _UNKNOWN,
}
_SYSTEMS: Final = {"android": (201, "Android"), "ios": (301, "iOS"), "ipados": (302, "iPadOS")}


#: The kinds of records that give an event.
_TOLD: Final = frozenset(
    {
        records.Kind.CHECK_ENDED,
        records.Kind.FINDING,
        records.Kind.LOOKED,
        records.Kind.HAND_BACK_INTENDED,
        records.Kind.HANDED_BACK,
        *records.INTENTS,
        *records.OUTCOMES,
    }
)


class OcsfEvents:
    """A file of events, one JSON object a line."""

    def __init__(self, file: IO[bytes], ledger: LedgerReader, checkpoint: Checkpoint) -> None:
        self._file = file
        self._ledger = ledger
        self._checkpoint = checkpoint
        #: Steps that were announced, and of which no outcome has come yet.
        self._open: set[int] = set()
        #: Likewise phones that were about to be handed back.
        self._leaving: set[int] = set()

    def write(self, entries: Sequence[Entry]) -> None:
        """Add the events of these records, those that give one."""
        origin = self._checkpoint.origin
        steps = self._steps(entries)
        events = []
        for entry in entries:
            if entry.kind not in _TOLD:
                continue
            match entry.record:
                case records.CheckEnded() as ended:
                    events.append(scan(entry, ended, origin))
                case records.AppFound() as found:
                    events.append(finding(entry, found, origin))
                case records.Looked() as looked:
                    events.append(looked_on_phone(entry, looked, origin))
                case records.HandBackIntended():
                    self._leaving.add(entry.seq)
                case records.HandedBack() as back:
                    self._leaving.discard(back.intent)
                    events.append(handed_back(entry, back, origin))
                case records.StepIntended():
                    self._open.add(entry.seq)
                case records.StepOutcome() as outcome:
                    step = steps.get(outcome.intent)
                    if step is not None and step.kind in outcome.refers_to().values():
                        self._open.discard(step.seq)
                        events.append(remediation(step, entry, origin))
                    else:
                        events.append(remediation(None, entry, origin))
        self._write(events)

    def end(self) -> None:
        """Steps of which no outcome came are events too: their result is not known."""
        still_open = sorted(self._open)
        for start in range(0, len(still_open), _PAGE):
            steps = self._ledger.entries_numbered(still_open[start : start + _PAGE])
            self._write([remediation(step, None, self._checkpoint.origin) for step in steps])
        for phone in self._ledger.entries_numbered(sorted(self._leaving)[:_PAGE]):
            self._write([handed_back(phone, None, self._checkpoint.origin)])

    def _steps(self, entries: Sequence[Entry]) -> dict[int, Entry]:
        """What was announced by the steps whose outcomes are among `entries`."""
        known = {e.seq: e for e in entries if e.kind in records.INTENTS}
        outcomes = (e.record for e in entries if e.kind in records.OUTCOMES)
        asked = {outcome.intent for outcome in outcomes if isinstance(outcome, records.StepOutcome)} - known.keys()
        missing = sorted(seq for seq in asked if 0 < seq <= self._checkpoint.size)
        return known | {e.seq: e for e in self._ledger.entries_numbered(missing)} if missing else known

    def _write(self, events: Sequence[Event]) -> None:
        lines = (json.dumps(event, ensure_ascii=False, separators=(",", ":")) for event in events)
        self._file.write("".join(f"{line}\n" for line in lines).encode())


def scan(entry: Entry, ended: records.CheckEnded, origin: str) -> Event:
    """The event of a check that ended."""
    verdict = describe.verdict(entry)
    took, gaps, time = max(ended.took_ms, 0), max(ended.gaps_counted, 0), _time(entry)
    used = entry.policy
    policy = _some(name=_text(used.id), uid=_text(used.id), version=_text(used.version)) if used is not None else None
    return _some(
        **_event(entry, origin, (6, "Application Activity"), (6007, "Scan Activity"), (2, "Completed")),
        **_choice("severity", _OF_VERDICT[verdict] if verdict else _UNKNOWN),
        **_choice("status", _OTHER if gaps else _SUCCESS, "Partial" if gaps else ""),
        status_code=_text(ended.verdict),
        status_detail="Some items could not be checked." if gaps else "",
        message=f"Check of a phone: {verdict or 'unknown'}",
        scan={"name": "Fanion check", "uid": _uid(entry, origin), "type": "Manual", "type_id": 1},
        policy={**policy, "is_applied": True} if policy else None,
        start_time=time - took,
        end_time=time,
        duration=took,
        total=max(ended.apps, 0),
        num_detections=max(ended.bans, 0),
        num_skipped_items=gaps,
        unmapped=_unmapped(
            entry,
            origin,
            verdict=_text(ended.verdict),
            products=max(ended.products, 0),
            findings=max(ended.findings, 0),
            profiles=max(ended.profiles, 0),
        ),
    )


def finding(entry: Entry, found: records.AppFound, origin: str) -> Event:
    """The event of an app that a rule names."""
    strength = found.strength if isinstance(found.strength, Strength) else None
    package = _text(found.package) or "unknown"
    product = _text(found.product.en if found.product is not None else "") or package
    why, policy = _english(found.why), entry.policy
    standard = " ".join(filter(None, (_text(policy.id), _text(policy.version)))) if policy is not None else ""
    severity = _OF_STRENGTH[strength] if strength else _UNKNOWN
    complies = _COMPLIANCE[strength] if strength else _UNKNOWN
    if strength is Strength.BAN and (found.contained or found.excepted is not None or not found.is_ban):
        severity, complies = _MEDIUM, (2, "Warning")
    return _some(
        **_event(entry, origin, (2, "Findings"), (2003, "Compliance Finding"), (1, "Create")),
        **_choice("severity", severity),
        **_choice("status", (1, "New")),
        status_code=_text(found.strength),
        message=why,
        finding_info=_some(
            uid=_uid(entry, origin),
            title=f"{product} ({package})",
            desc=why,
            created_time=_time(entry),
            types=[t for t in (_text(found.strength),) if t],
            product_uid="fanion",
        ),
        compliance=_some(
            **_choice("status", complies),
            control=_text(found.rule),
            standards=[standard] if standard else None,
            desc=why,
        ),
        resources=[
            _some(
                name=product,
                uid=package,
                type="Mobile application",
                version=_text(found.version_name),
                namespace=_text(found.profile_kind),
                role_id=3,
                role="Affected",
            )
        ],
        unmapped=_unmapped(
            entry,
            origin,
            contained=found.contained,
            match=_text(found.match),
            excepted_until=found.excepted.until.isoformat() if found.excepted else None,
            policy_unsigned=True if policy is not None and policy.unsigned else None,
            exception_reference=_text(found.excepted.reference) if found.excepted else None,
            profile=found.profile,
            version_code="" if found.version_code is None else str(found.version_code),
            installer=_text(found.installer),
            policy_sha256=_text(policy.sha256) if policy is not None else None,
        ),
    )


def remediation(announced: Entry | None, answered: Entry | None, origin: str) -> Event:
    """The event of a step of a removal or of an undo: what was announced, and what the phone said.

    One of the two may be missing, not both: a step may have been broken off, and a log may come from anywhere.
    """
    entry = answered or announced
    if entry is None:
        raise ValueError("nothing was announced, and nothing was answered")
    step = announced.record if announced is not None and isinstance(announced.record, records.StepIntended) else None
    outcome = answered.record if answered is not None and isinstance(answered.record, records.StepOutcome) else None
    undo = isinstance(entry.record, records.UndoIntended | records.UndoOutcome)
    act, package = (_text(step.act), _text(step.package)) if step is not None else ("", "")
    word = outcome.outcome if outcome is not None else None
    status = _OUTCOMES.get(Outcome(word), _FAILURE) if word in list(Outcome) else _UNKNOWN
    what = " ".join(part for part in (act or "step", package) if part)
    return _some(
        **_event(
            entry,
            origin,
            (7, "Remediation"),
            (7001, "Remediation Activity"),
            _RESTORE if undo else _ACTS.get(act, _OTHER if act else _UNKNOWN),
        ),
        **_choice("severity", _INFORMATIONAL if status == _SUCCESS else _LOW),
        **_choice("status", status, "" if outcome else "No outcome in this export"),
        status_code=_text(outcome.outcome) if outcome else "",
        status_detail=_text(outcome.answer) if outcome else "",
        message=(_english(outcome.means) if outcome else "") or f"{what}: no outcome in this export",
        command_uid=_uid(announced or entry, origin),
        remediation={"desc": f"undo: {what}" if undo else what},
        start_time=_time(announced) if announced else None,
        end_time=_time(answered) if answered else None,
        unmapped=_unmapped(
            entry,
            origin,
            act=act,
            package=package,
            profile=step.profile if step else None,
            intent=_step(announced, origin) if announced else None,
            finding=step.finding if isinstance(step, records.RemovalIntended) else None,
            removal=step.removal if isinstance(step, records.UndoIntended) else None,
            loses_data=step.loses_data if isinstance(step, records.RemovalIntended) else None,
            owner_told=step.owner_told if isinstance(step, records.RemovalIntended) else None,
        ),
    )


def looked_on_phone(entry: Entry, looked: records.Looked, origin: str) -> Event:
    """The event of an officer's look on the phone itself. A word of a person passes nothing that no machine saw, unless
    the policy lets it."""
    seen = ", ".join(_text(product.en) for product in looked.products)
    counts = looked.verdict == Verdict.GREEN
    choices: dict[str, tuple[Choice, Choice]] = {
        Attested.APP_SEEN: (_HIGH, (3, "Fail")),
        Attested.NOTHING_SEEN: (_INFORMATIONAL, (1, "Pass")) if counts else (_LOW, (2, "Warning")),
        Attested.DECLINED: (_MEDIUM, (2, "Warning")),
    }
    severity, complies = choices.get(looked.answer, (_UNKNOWN, _UNKNOWN))
    said = f"An officer looked on the phone: {_text(looked.answer)}" + (f" ({seen})" if seen else "")
    return _some(
        **_event(entry, origin, (2, "Findings"), (2003, "Compliance Finding"), (2, "Update")),
        **_choice("severity", severity),
        **_choice("status", _OTHER, "Attested"),
        status_code=_text(looked.answer),
        message=_text(said),
        finding_info=_some(
            uid=_uid(entry, origin), title="Looked at on the phone", desc=_text(said), created_time=_time(entry)
        ),
        compliance=_some(**_choice("status", complies), desc=_text(said)),
        unmapped=_unmapped(
            entry,
            origin,
            check=looked.check,
            visit_verdict=_text(looked.verdict),
            profiles=list(looked.profiles),
            profile_kinds=[_text(kind) for kind in looked.profile_kinds],
            counted=list(looked.counted),
            rules=[_text(rule) for rule in looked.rules],
        ),
    )


def handed_back(entry: Entry, back: records.HandedBack | None, origin: str) -> Event:
    """The event of a phone that was handed back; without `back`, of one that was about to be, by that record."""
    intended = entry.record if isinstance(entry.record, records.HandBackIntended) else None
    left = back.left if back is not None else None
    status = _UNKNOWN if left is None else _SUCCESS if left else _FAILURE
    known = back is not None
    return _some(
        **_event(entry, origin, (7, "Remediation"), (7001, "Remediation Activity"), _RESTORE),
        **_choice("severity", _INFORMATIONAL),
        **_choice("status", status, "" if known else "No outcome in this export"),
        message="A phone was handed back" if known else "A phone was about to be handed back",
        command_uid=f"{plain(origin, _TEXT_LIMIT)}#{back.intent if back is not None else entry.seq}",
        remediation={"desc": "developer options and USB debugging off"},
        unmapped=_unmapped(
            entry,
            origin,
            intent=back.intent if back is not None else entry.seq,
            options_asked=back.options_asked if back is not None else None,
            options_off=back.options_off if back is not None else None,
            debugging_asked=back.debugging_asked if back is not None else None,
            left=left,
            auto_blocker=back.auto_blocker if back is not None else None,
            other_computers=back.computers if back is not None else None,
            visit_verdict=_text(intended.verdict) if intended is not None else None,
            paper=_text(intended.paper) if intended is not None else None,
            keeps_debugging=intended.keeps_debugging if intended is not None else None,
        ),
    )


def _event(entry: Entry, origin: str, category: Choice, class_: Choice, activity: Choice) -> Event:
    """What every event has."""
    user = _text(entry.officer)
    return {
        "category_uid": category[0],
        "category_name": category[1],
        "class_uid": class_[0],
        "class_name": class_[1],
        "activity_id": activity[0],
        "activity_name": activity[1],
        "type_uid": class_[0] * 100 + activity[0],
        "type_name": f"{class_[1]}: {activity[1]}",
        "time": _time(entry),
        "metadata": _some(
            version=VERSION,
            product=_some(name="Fanion", uid="fanion", version=_text(entry.app_version)),
            profiles=["host"],
            uid=_uid(entry, origin),
            original_event_uid=str(entry.seq),
            sequence=entry.seq,
            correlation_uid=_text(entry.visit or ""),
            log_name=plain(origin, _TEXT_LIMIT),
            event_code=plain(entry.kind),
            original_time=entry.time.isoformat(timespec="milliseconds"),
            labels=["practice"] if entry.practice is not False else None,
        ),
        "actor": _some(app_name="Fanion", user={"name": user, "type_id": 1, "type": "User"} if user else None),
        "device": _device(entry),
    }


def _device(entry: Entry) -> Event | None:
    """The phone, as far as it may be told: nothing that tells it from another one of its model."""
    device = entry.device
    if device is None:
        return None
    platform = _text(device.platform)
    id, name = _SYSTEMS.get(platform.lower(), (0, platform or "Unknown"))
    return _some(
        type_id=5,
        type="Mobile",
        name=describe.phone(entry) or "Unknown",
        model=_text(device.model),
        vendor_name=_text(device.maker),
        os=_some(name=name, type_id=id, type=name if id else "Unknown", version=_text(device.os)),
    )


def _unmapped(entry: Entry, origin: str, **more: object) -> Event:
    """What the schema has no place for; first of all, what leads back to the record."""
    return _some(
        **_step(entry, origin),
        leaf_hash=entry.leaf_hash.hex(),
        practice=entry.practice is not False,
        desk=_text(entry.desk),
        **more,
    )


def _step(entry: Entry, origin: str) -> Event:
    return {"origin": plain(origin, _TEXT_LIMIT), "seq": entry.seq}


def _uid(entry: Entry, origin: str) -> str:
    return f"{plain(origin, _TEXT_LIMIT)}#{entry.seq}"


def _choice(name: str, choice: Choice, said: str = "") -> Event:
    return {f"{name}_id": choice[0], name: said or choice[1]}


def _some(**fields: Any) -> Event:
    """These fields, as far as they say something."""
    return {name: value for name, value in fields.items() if value is not None and value != "" and value != []}


def _text(value: str) -> str:
    return plain(str(value), _TEXT_LIMIT)


def _english(sentence: Text) -> str:
    return _text(sentence.in_language("en"))


def _time(entry: Entry) -> int:
    """Milliseconds since 1970."""
    return (entry.time - _EPOCH) // timedelta(milliseconds=1)
