"""Records as events of the Open Cybersecurity Schema Framework 1.8.0, for programs that collect events of many tools.

A check is a Scan Activity (6007), what it found of the phone's own health a Compliance Finding (2003) with a check for
each signal; an app that a rule names and an officer's look on the phone are one each, too. What was there of
an app before a removal is a Software Inventory Info (5020). A step of a removal or an undo and a handing back are a
Remediation Activity (7001). Each event leads back to its record by the log's name, the record's number and its hash.
Nothing personal is in it. Words are English: programs look for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Final

from core import describe
from core.describe import verdicts
from core.ledger import records
from core.ledger.records import Entry
from core.model import Light, Strength, Verdict
from core.phones.driver import Outcome
from core.reports.ocsf.ocsf_event import (
    FAILURE,
    HIGH,
    INFORMATIONAL,
    LOW,
    MEDIUM,
    OTHER,
    RESTORE,
    SUCCESS,
    UNKNOWN,
    Event,
    choice,
    compact,
    english,
    event,
    step_of,
    text_of,
    time_of,
    uid_of,
    unmapped,
)
from core.reports.ocsf.ocsf_visit import app_evidence, handed_back, looked_on_phone
from core.text import Text, plain

#: Open steps that are fetched at a time.
_PAGE: Final = 500
#: Signals of one phone's health and products that are told one by one, and characters of what signals are held against:
#: an event never has more than 256 KiB, whatever a record says.
_SIGNALS: Final = 100
_PRODUCTS: Final = 100
_STANDARD: Final = 200


_OF_VERDICT: Final = {Verdict.RED: HIGH, Verdict.AMBER: MEDIUM, Verdict.GREEN: INFORMATIONAL}
_OF_STRENGTH: Final = {
    Strength.BAN: HIGH,
    Strength.RECOMMENDATION: LOW,
    Strength.NOTICE: INFORMATIONAL,
    Strength.REVIEW: LOW,
}
_COMPLIANCE: Final = {
    Strength.BAN: (3, "Fail"),
    Strength.RECOMMENDATION: (2, "Warning"),
    Strength.NOTICE: OTHER,
    Strength.REVIEW: OTHER,
}
#: How a signal of the phone's health is judged, from the worst on.
_OF_LIGHT: Final = {
    Light.RED: ((3, "Fail"), HIGH),
    Light.AMBER: ((2, "Warning"), MEDIUM),
    Light.NOT_KNOWN: (UNKNOWN, LOW),
    Light.GREEN: ((1, "Pass"), INFORMATIONAL),
}
#: What a step does, by the driver's word for it: D3FEND's tactics, as the schema has them.
_ACTS: Final = {
    "uninstall": (2, "Evict"),
    "uninstall-archived": (2, "Evict"),
    "uninstall-updates": (2, "Evict"),
    "disable": (1, "Isolate"),
    "suspend": (1, "Isolate"),
}
#: The status of a step by its outcome; every other outcome is a failure.
_OUTCOMES: Final = {
    Outcome.DONE: SUCCESS,
    Outcome.NOT_THERE: (3, "Does Not Exist"),
    Outcome.UNSUPPORTED: (5, "Unsupported"),
    Outcome.UNKNOWN: UNKNOWN,
}


#: The kinds of records that give an event.
TOLD: Final = frozenset(
    {
        records.Kind.CHECK_ENDED,
        records.Kind.FINDING,
        records.Kind.APP_EVIDENCE,
        records.Kind.LOOKED,
        records.Kind.HAND_BACK_INTENDED,
        records.Kind.HANDED_BACK,
        *records.INTENTS,
        *records.OUTCOMES,
    }
)


class OcsfEvents:
    """The events of one log in a file, one JSON object a line. `origin` is the log's name.

    `numbered` gives the records with these numbers, as far as they are there: a step may have been announced in a
    record that was written earlier. `event_count` counts the events.
    """

    def __init__(self, file: IO[bytes], origin: str, numbered: Callable[[Sequence[int]], Sequence[Entry]]) -> None:
        self.event_count = 0
        self._file = file
        self._origin = origin
        self._numbered = numbered
        #: Steps that were announced, and of which no outcome has come yet.
        self._open: set[int] = set()
        #: Likewise phones that were about to be handed back.
        self._leaving: set[int] = set()

    def write(self, entries: Sequence[Entry]) -> None:
        """Add the events of these records, those that give one."""
        origin = self._origin
        steps = self._steps(entries)
        events = []
        for entry in entries:
            if entry.kind not in TOLD:
                continue
            match entry.record:
                case records.CheckEnded() as ended:
                    events.append(scan(entry, ended, origin))
                    if ended.health:
                        events.append(health(entry, ended, origin))
                case records.AppFound() as app:
                    events.append(finding(entry, app, origin))
                case records.EvidenceTaken() as evidence:
                    events.append(app_evidence(entry, evidence, origin))
                case records.Attestation() as attestation:
                    events.append(looked_on_phone(entry, attestation, origin))
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
        """Add an event for each step and handing back of which no outcome came: its result is not known."""
        for steps in self._pages(self._open):
            self._write([remediation(step, None, self._origin) for step in steps])
        for phones in self._pages(self._leaving):
            self._write([handed_back(phone, None, self._origin) for phone in phones])

    def _pages(self, numbers: set[int]) -> Iterator[Sequence[Entry]]:
        ordered = sorted(numbers)
        for start in range(0, len(ordered), _PAGE):
            yield self._numbered(ordered[start : start + _PAGE])

    def _steps(self, entries: Sequence[Entry]) -> dict[int, Entry]:
        """What was announced by the steps whose outcomes are among `entries`."""
        intents = {e.seq: e for e in entries if e.kind in records.INTENTS}
        outcomes = (e.record for e in entries if e.kind in records.OUTCOMES)
        intent_seqs = {
            outcome.intent for outcome in outcomes if isinstance(outcome, records.StepOutcome)
        } - intents.keys()
        missing = sorted(seq for seq in intent_seqs if seq > 0)
        return intents | {e.seq: e for e in self._numbered(missing)} if missing else intents

    def _write(self, events: Sequence[Event]) -> None:
        lines = (json.dumps(event, ensure_ascii=False, separators=(",", ":")) for event in events)
        self._file.write("".join(f"{line}\n" for line in lines).encode())
        self.event_count += len(events)


def scan(entry: Entry, ended: records.CheckEnded, origin: str) -> Event:
    """The event of a check that ended."""
    verdict = describe.verdict(entry)
    took, gaps, time = max(ended.took_ms, 0), max(ended.gaps_counted, 0), time_of(entry)
    used = entry.policy
    policy = (
        compact(name=text_of(used.id), uid=text_of(used.id), version=text_of(used.version))
        if used is not None
        else None
    )
    return compact(
        **event(entry, origin, (6, "Application Activity"), (6007, "Scan Activity"), (2, "Completed")),
        **choice("severity", _OF_VERDICT[verdict] if verdict else UNKNOWN),
        **choice("status", OTHER if gaps else SUCCESS, "Partial" if gaps else ""),
        status_code=text_of(ended.verdict),
        status_detail="Some items could not be checked." if gaps else "",
        message=f"Check of a phone: {verdict or 'unknown'}",
        scan={"name": "Fanion check", "uid": uid_of(entry, origin), "type": "Manual", "type_id": 1},
        policy={**policy, "is_applied": True} if policy else None,
        start_time=time - took,
        end_time=time,
        duration=took,
        total=max(ended.apps, 0),
        num_detections=max(ended.bans, 0),
        num_skipped_items=gaps,
        unmapped=unmapped(
            entry,
            origin,
            verdict=text_of(ended.verdict),
            reason=str(verdicts.facts_of(ended).reason),
            products=max(ended.products, 0),
            findings=max(ended.findings, 0),
            profiles=max(ended.profiles, 0),
            can_return=ended.can_return,
            returns=[
                {"rule": text_of(told.rule), "state": text_of(told.state), "reasons": [*map(text_of, told.reasons)]}
                for told in ended.returns[:_PRODUCTS]
            ],
        ),
    )


def health(entry: Entry, ended: records.CheckEnded, origin: str) -> Event:
    """The event of what a check found of the phone's own protection: of each signal its name, value and light."""
    judged_signals = [
        (signal, _OF_LIGHT.get(Light(signal.light)) if signal.light in list(Light) else None) for signal in ended.health
    ]
    lights = [signal.light for signal in ended.health]
    status, severity = next((pair for light, pair in _OF_LIGHT.items() if light in lights), (UNKNOWN, UNKNOWN))
    policy = entry.policy
    standard = " ".join(filter(None, (policy.id, policy.version))) if policy is not None else ""
    standard = plain(standard, _STANDARD)  # it is in each of the checks
    message = f"Health of a phone: {', '.join(f'{lights.count(light)} {light}' for light in _OF_LIGHT)}"
    checks = [
        compact(
            **choice("status", judged[0] if judged else UNKNOWN),
            **choice("severity", judged[1] if judged else UNKNOWN),
            uid=text_of(signal.signal) or "unknown",
            name=english(signal.title) if isinstance(signal.title, Text) else text_of(signal.signal) or "unknown",
            desc=english(signal.value) or "unknown",
            standards=[standard] if standard else None,
        )
        for signal, judged in judged_signals[:_SIGNALS]
    ]
    common = event(entry, origin, (2, "Findings"), (2003, "Compliance Finding"), (1, "Create"))
    uid = f"{uid_of(entry, origin)}/health"  # one record has two events
    return compact(
        **common | {"metadata": common["metadata"] | {"uid": uid}},
        **choice("severity", severity),
        **choice("status", (1, "New")),
        message=message,
        finding_info=compact(
            uid=uid,
            title="Phone health",
            desc=message,
            created_time=time_of(entry),
            types=["health"],
            product_uid="fanion",
        ),
        compliance=compact(
            **choice("status", status),
            control="health",
            standards=[standard] if standard else None,
            checks=checks,
        ),
        unmapped=unmapped(entry, origin, decides=[text_of(signal.signal) for signal in ended.unhealthy]),
    )


def finding(entry: Entry, app: records.AppFound, origin: str) -> Event:
    """The event of an app that a rule names, or that is for review."""
    strength = app.strength if isinstance(app.strength, Strength) else None
    package = text_of(app.package) or "unknown"
    product = text_of(app.product.en if app.product is not None else "") or package
    why, policy = english(app.why), entry.policy
    standard = " ".join(filter(None, (text_of(policy.id), text_of(policy.version)))) if policy is not None else ""
    severity = _OF_STRENGTH[strength] if strength else UNKNOWN
    complies = _COMPLIANCE[strength] if strength else UNKNOWN
    if strength is Strength.BAN and (app.contained or app.excepted is not None or not app.is_ban):
        severity, complies = MEDIUM, (2, "Warning")
    return compact(
        **event(entry, origin, (2, "Findings"), (2003, "Compliance Finding"), (1, "Create")),
        **choice("severity", severity),
        **choice("status", (1, "New")),
        status_code=text_of(app.strength),
        message=why,
        finding_info=compact(
            uid=uid_of(entry, origin),
            title=f"{product} ({package})",
            desc=why,
            created_time=time_of(entry),
            types=[t for t in (text_of(app.strength),) if t],
            product_uid="fanion",
        ),
        compliance=compact(
            **choice("status", complies),
            control=text_of(app.rule),
            standards=[standard] if standard else None,
            desc=why,
        ),
        resources=[
            compact(
                name=product,
                uid=package,
                type="Mobile application",
                version=text_of(app.version_name),
                namespace=text_of(app.profile_kind),
                role_id=3,
                role="Affected",
            )
        ],
        unmapped=unmapped(
            entry,
            origin,
            contained=app.contained,
            match=text_of(app.match),
            excepted_until=app.excepted.until.isoformat() if app.excepted else None,
            policy_unsigned=True if policy is not None and policy.unsigned else None,
            exception_reference=text_of(app.excepted.reference) if app.excepted else None,
            profile=app.profile,
            version_code="" if app.version_code is None else str(app.version_code),
            installer=text_of(app.installer),
            policy_sha256=text_of(policy.sha256) if policy is not None else None,
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
    act, package = (text_of(step.act), text_of(step.package)) if step is not None else ("", "")
    word = outcome.outcome if outcome is not None else None
    status = _OUTCOMES.get(Outcome(word), FAILURE) if word in list(Outcome) else UNKNOWN
    step_text = " ".join(part for part in (act or "step", package) if part)
    return compact(
        **event(
            entry,
            origin,
            (7, "Remediation"),
            (7001, "Remediation Activity"),
            RESTORE if undo else _ACTS.get(act, OTHER if act else UNKNOWN),
        ),
        **choice("severity", INFORMATIONAL if status == SUCCESS else LOW),
        **choice("status", status, "" if outcome else "No outcome in this export"),
        status_code=text_of(outcome.outcome) if outcome else "",
        status_detail=text_of(outcome.answer) if outcome else "",
        message=(english(outcome.means) if outcome else "") or f"{step_text}: no outcome in this export",
        command_uid=uid_of(announced or entry, origin),
        remediation={"desc": f"undo: {step_text}" if undo else step_text},
        start_time=time_of(announced) if announced else None,
        end_time=time_of(answered) if answered else None,
        unmapped=unmapped(
            entry,
            origin,
            act=act,
            package=package,
            profile=step.profile if step else None,
            intent=step_of(announced, origin) if announced else None,
            finding=step.finding if isinstance(step, records.RemovalIntended) else None,
            removal=step.removal if isinstance(step, records.UndoIntended) else None,
            loses_data=step.loses_data if isinstance(step, records.RemovalIntended) else None,
            owner_told=step.owner_told if isinstance(step, records.RemovalIntended) else None,
        ),
    )
