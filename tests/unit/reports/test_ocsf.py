"""Events are what the schema of OCSF 1.8.0 says, whatever stands in the records that they are made of."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Cancel, silent
from core.ledger.records import (
    Attestation,
    Cosigned,
    Entry,
    Exported,
    ForkSeen,
    HandBackIntended,
    HandedBack,
    HealthTold,
    Kind,
    OutsideCopy,
    Personal,
    ProblemMet,
    RemovalIntended,
    RemovalOutcome,
    Timestamped,
    read_entry,
)
from core.ledger.records.leaf import encode, leaf_hash
from core.ledger.search.record_filter import Filter
from core.model import Attested, FileHash, Gap, HashedBy, Light, Paper, Strength, Verdict
from core.phones.driver import Outcome
from core.reports.ocsf.ocsf import OcsfEvents, remediation, scan
from core.reports.ocsf.ocsf import finding as finding_event
from core.reports.ocsf.ocsf import health as health_event
from core.reports.ocsf.ocsf_visit import app_evidence
from core.reports.tables.exports import Format, export
from core.text import Bilingual, T
from tests.unit.reports.conftest import GAP, RETURNS, SERIAL, Desk, MakeDesk, finding

CLASSES = {
    6007: "scan_activity",
    2003: "compliance_finding",
    7001: "remediation_activity",
    5020: "software_info",
}
HOSTILE = '\x1b[31m"=cmd|calc"\u202e\ud800\x00<script>\r\n{}\N{ZERO WIDTH SPACE}é'


@lru_cache(maxsize=1)
def validators() -> Mapping[int, Any]:
    # Loaded here and not by every process that collects the tests: it takes three seconds.
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema  # type: ignore[import-untyped]

    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema("1.8.0"))
    return {uid: Draft202012Validator(schema.get_class_schema(name, ["host"])) for uid, name in CLASSES.items()}


def faults(event: Mapping[str, Any]) -> list[str]:
    return [f"{list(e.path)}: {e.message}" for e in validators()[event["class_uid"]].iter_errors(event)]


def events_of(desk: Desk, folder: Path, chosen: Filter = Filter()) -> list[dict[str, Any]]:  # noqa: B008 - frozen
    desk.ledger.seal()
    made = export(desk.ledger, Format.OCSF, chosen, folder, silent, Cancel())
    lines = (made.folder / "events.jsonl").read_bytes().decode().split("\n")
    assert lines.pop() == ""
    events = [json.loads(line) for line in lines]
    for event in events:
        assert faults(event) == []
    return events


@pytest.fixture
def visited(desk: Desk) -> Desk:
    """A visit in which about everything happened."""
    desk.visit().check(
        finding(),
        finding("TikTok", "com.zhiliaoapp.musically", contained=True),
        finding("RedNote", "com.xingin.xhs", strength=Strength.RECOMMENDATION),
        finding("Vendor", "com.vendor.app", strength=Strength.NOTICE),
        gaps=(GAP,),
    )
    removed = desk.remove("com.tencent.mm")
    desk.remove("com.zhiliaoapp.musically", "disable", Outcome.OWNER)
    desk.undo(removed)
    desk.remove("com.xingin.xhs", "open-app-settings", None)
    desk.write(
        ProblemMet(
            code="phone", sentence=T("The phone went away."), next_step=T("Plug it in again."), detail=Personal(HOSTILE)
        )
    )
    desk.ledger.append_all(
        [
            OutsideCopy("folder", 3, "A" * 44),
            Exported("csv", 4, {"text": HOSTILE}),
            Cosigned(origin="example.org/other", size=4, root="B" * 44, key="key"),
            ForkSeen(origin="example.org/other", size=4, root="B" * 44, other_size=3, other_root="C" * 44),
            Timestamped(
                size=4, root="B" * 44, time="2026-11-24T15:00:00Z", authority=HOSTILE, checked=True, token="00" * 32
            ),
        ]
    )
    desk.check()
    return desk


@pytest.mark.slow
def test_each_kind_of_record_has_the_event_that_it_should(visited: Desk, tmp_path: Path) -> None:
    events = events_of(visited, tmp_path)
    kinds = [(e["class_uid"], e["activity_name"], e["status"]) for e in events]
    assert kinds == [
        (2003, "Create", "New"),
        (2003, "Create", "New"),
        (2003, "Create", "New"),
        (2003, "Create", "New"),
        (6007, "Completed", "Partial"),
        (7001, "Evict", "Success"),
        (7001, "Isolate", "Failure"),
        (7001, "Restore", "Success"),
        (6007, "Completed", "Success"),
        (7001, "Other", "No outcome in this export"),
    ]


def test_a_check_says_what_was_scanned_and_by_which_policy(visited: Desk, tmp_path: Path) -> None:
    event = next(e for e in events_of(visited, tmp_path) if e["class_uid"] == 6007)
    assert (event["severity"], event["status_code"]) == ("High", Verdict.RED)
    assert (event["total"], event["num_detections"], event["num_skipped_items"], event["duration"]) == (302, 2, 1, 756)
    assert event["end_time"] - event["start_time"] == 756
    assert event["policy"] == {"name": "canada", "uid": "canada", "version": "2026-11-01", "is_applied": True}
    assert event["device"]["os"] == {"name": "Android", "type_id": 201, "type": "Android", "version": "14"}


def test_a_phones_health_is_one_finding_with_a_check_for_each_signal(desk: Desk, tmp_path: Path) -> None:
    told = {"patch": (Light.AMBER, T("{count} months old", count=5)), "lock": (Light.NOT_KNOWN, T("not known"))}
    health = tuple(HealthTold(name, light, value) for name, (light, value) in told.items())
    red = HealthTold("encryption", Light.RED, T("not encrypted"), decides=True)
    desk.visit().check(health=(*health, red, HealthTold("lock-of-tomorrow", "blue", T("on"))))
    scanned, found = events_of(desk, tmp_path)
    assert (scanned["class_uid"], found["class_uid"], found["severity"]) == (6007, 2003, "High")
    assert found["compliance"]["status"] == "Fail"
    checks = [(c["uid"], c["name"], c["status"], c["desc"]) for c in found["compliance"]["checks"]]
    assert checks == [
        ("patch", "Patch", "Warning", "5 months old"),
        ("lock", "Lock", "Unknown", "not known"),
        ("encryption", "Storage", "Fail", "not encrypted"),
        ("lock-of-tomorrow", "lock-of-tomorrow", "Unknown", "on"),
    ]
    assert found["unmapped"]["decides"] == ["encryption"]
    assert found["metadata"]["uid"] == f"{scanned['metadata']['uid']}/health", "each event has a number of its own"


def test_a_check_says_whether_banned_apps_can_come_back(desk: Desk, tmp_path: Path) -> None:
    desk.visit().check(returns=RETURNS)
    desk.visit().check()
    told, untold = events_of(desk, tmp_path)
    assert told["unmapped"]["can_return"] == "can-return"
    assert told["unmapped"]["returns"] == [
        {"rule": "tiktok", "state": "can-return", "reasons": ["not-managed"]},
        {"rule": "wechat", "state": "blocked", "reasons": ["installs-forbidden"]},
    ]
    assert not {"can_return", "returns"} & set(untold["unmapped"]), "what is not on record is not told"


def test_a_finding_fails_the_rule_that_names_it(visited: Desk, tmp_path: Path) -> None:
    banned, contained, recommended, noticed = (e for e in events_of(visited, tmp_path) if e["class_uid"] == 2003)
    assert [e["compliance"]["status"] for e in (banned, contained, recommended, noticed)] == [
        "Fail",
        "Warning",
        "Warning",
        "Other",
    ]
    assert [e["severity"] for e in (banned, contained, recommended, noticed)] == [
        "High",
        "Medium",
        "Low",
        "Informational",
    ]
    assert banned["compliance"]["control"] == "wechat"
    assert banned["compliance"]["standards"] == ["canada 2026-11-01"]
    assert banned["finding_info"]["title"] == "WeChat (com.tencent.mm)"
    assert banned["resources"][0]["uid"] == "com.tencent.mm"


def test_an_event_leads_back_to_its_record(visited: Desk, tmp_path: Path) -> None:
    events = events_of(visited, tmp_path)
    origin = visited.ledger.enrolment.origin
    for event in events:
        entry = visited.ledger.entry(event["unmapped"]["seq"])
        assert entry is not None
        assert event["unmapped"]["leaf_hash"] == entry.leaf_hash.hex()
        assert event["unmapped"]["origin"] == event["metadata"]["log_name"] == origin
        assert event["metadata"]["original_event_uid"] == str(entry.seq)
        assert event["metadata"]["uid"] == f"{origin}#{entry.seq}"
        assert event["metadata"]["correlation_uid"] == entry.visit
        assert event["time"] == round(entry.time.timestamp() * 1000)
    assert len({e["metadata"]["uid"] for e in events}) == len(events)
    removal, undo = events[5]["unmapped"], events[7]["unmapped"]
    assert removal["finding"] == events[0]["unmapped"]["seq"]
    assert undo["removal"] == removal["intent"]["seq"]
    assert events[5]["command_uid"] == f"{origin}#{removal['intent']['seq']}"


def test_no_event_has_a_personal_value(visited: Desk, tmp_path: Path) -> None:
    visited.ledger.seal()
    made = export(visited.ledger, Format.OCSF, Filter(), tmp_path, silent, Cancel(), personal=True)
    for file in made.folder.iterdir():
        assert SERIAL.encode() not in file.read_bytes()


def test_practice_is_marked(make_desk: MakeDesk, visited: Desk, tmp_path: Path) -> None:
    practice = make_desk("practice", practice=True)
    practice.visit().check(finding())
    practice.remove("com.tencent.mm")
    events = events_of(practice, tmp_path)
    assert len(events) == 3
    assert all(e["metadata"]["labels"] == ["practice"] and e["unmapped"]["practice"] for e in events)
    assert not any("labels" in e["metadata"] or e["unmapped"]["practice"] for e in events_of(visited, tmp_path))


def test_outcomes_without_their_announcements_are_events_too(visited: Desk, tmp_path: Path) -> None:
    """The choice may have left the announcement out: it is looked up."""
    outcomes = events_of(visited, tmp_path, Filter(kind=Kind.REMOVAL_OUTCOME))
    assert [e["unmapped"]["package"] for e in outcomes] == ["com.tencent.mm", "com.zhiliaoapp.musically"]
    announced = events_of(visited, tmp_path, Filter(kind=Kind.REMOVAL_INTENDED))
    assert [e["status_id"] for e in announced] == [0, 0, 0]


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_a_status(desk: Desk, tmp_path: Path, outcome: Outcome) -> None:
    desk.visit().check(finding())
    desk.remove("com.tencent.mm", outcome=outcome)
    status = events_of(desk, tmp_path)[-1]["status"]
    known = {"done": "Success", "not-there": "Does Not Exist", "unsupported": "Unsupported", "unknown": "Unknown"}
    assert status == known.get(outcome, "Failure")


def test_what_was_there_of_an_app_is_a_package_with_its_fingerprint(desk: Desk, tmp_path: Path) -> None:
    desk.visit().check(finding())
    base = FileHash("base.apk", 2**20, "1a" * 32, HashedBy.HERE)
    desk.evidence("com.tencent.mm", base, FileHash("split_fr.apk", None, "2b" * 32, HashedBy.PHONE), size=2**20)
    desk.evidence("com.tencent.mm", last_used="2026-11-20 09:00:00", missing=(T("The phone went away."),))
    whole, partial = events_of(desk, tmp_path, Filter(kind=Kind.APP_EVIDENCE))
    assert (whole["class_uid"], whole["activity_name"], whole["status"]) == (5020, "Collect", "Success")
    assert whole["package"]["hash"] == {"algorithm": "SHA-256", "algorithm_id": 3, "value": "1a" * 32}
    assert (whole["package"]["uid"], whole["package"]["version"]) == ("com.tencent.mm", "8.0.49 (2600)")
    assert whole["unmapped"]["files"] == [
        {"name": "base.apk", "size": 2**20, "sha256": "1a" * 32, "by": "here"},
        {"name": "split_fr.apk", "sha256": "2b" * 32, "by": "phone"},
    ]
    assert (partial["status"], partial["status_detail"]) == ("Partial", "The phone went away.")
    assert "2026-11-20" not in json.dumps(partial)  # nothing personal


def test_hostile_phones_make_no_invalid_event(desk: Desk, tmp_path: Path) -> None:
    desk.visit()
    gap = Gap(T("{x}", x=HOSTILE), T("{x}", x=HOSTILE), 2**63)
    desk.check(finding(HOSTILE, HOSTILE, version=HOSTILE * 50), gaps=(gap,) * 400)
    intent = desk.write(RemovalIntended(HOSTILE, HOSTILE, 2**63, desk.found[HOSTILE]))
    desk.write(RemovalOutcome(intent=intent.seq, outcome=HOSTILE, answer=HOSTILE * 20, means=T("{x}", x=HOSTILE)))
    events = events_of(desk, tmp_path)
    assert [e["class_uid"] for e in events] == [2003, 6007, 7001]
    text = json.dumps(events, ensure_ascii=False)
    assert not any(sign in text for sign in "\x1b\u202e\x00\N{ZERO WIDTH SPACE}")


def leaf(kind: str, body: object, **more: object) -> Entry:
    """A record that somebody else's program wrote."""
    fields: dict[str, Any] = {
        "v": 1,
        "seq": 7,
        "type": kind,
        "time": "2026-11-24T14:32:00.000+00:00",
        "mono_ms": 1,
        "boot": "b",
        "desk": "d",
        "officer": "o",
        "session": "s",
        "visit": None,
        "practice": False,
        "app": {"version": "1"},
        "policy": None,
        "device": None,
        "body": body,
    }
    exact = encode(fields | more)[0]
    return read_entry(7, exact, leaf_hash(exact), None)


FIELDS = re.findall(
    r"\w+",
    "verdict counts gaps took_ms product strength contained package version_name version_code profile rule "
    "health signal light value returns state reasons evidence why installer act outcome answer means "
    "intent finding removal "
    "files size sha256 signers store missing first_installed last_updated",
)
ODD: tuple[Any, ...] = (None, True, 0, -1, 2**53 - 1, "", HOSTILE, "x" * 5_000, [], ["x", {"y": 1}], {}, {"en": 5})


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
def test_records_of_other_shapes_make_no_invalid_event(odd: Any) -> None:
    everywhere = dict.fromkeys(FIELDS, odd)
    context = dict.fromkeys(("desk", "officer", "app", "policy", "device", "practice", "visit", "session"), odd)
    makes: list[tuple[Kind, Callable[[Any], dict[str, Any]]]] = [
        (Kind.CHECK_ENDED, lambda entry: scan(entry, entry.record, HOSTILE)),
        (Kind.CHECK_ENDED, lambda entry: health_event(entry, entry.record, HOSTILE)),
        (Kind.FINDING, lambda entry: finding_event(entry, entry.record, HOSTILE)),
        (Kind.APP_EVIDENCE, lambda entry: app_evidence(entry, entry.record, HOSTILE)),
        (Kind.REMOVAL_OUTCOME, lambda entry: remediation(None, entry, HOSTILE)),
        (Kind.UNDO_INTENDED, lambda entry: remediation(entry, None, HOSTILE)),
        (Kind.REMOVAL_INTENDED, lambda entry: remediation(entry, entry, HOSTILE)),
    ]
    for kind, make in makes:
        for body in ({}, everywhere, {name: {"en": odd, "id": odd, "kind": odd} for name in everywhere}):
            for more in ({}, context, {"device": {"platform": odd, "maker": odd, "model": odd, "os": odd}}):
                event = make(leaf(kind, body, **more))
                assert faults(event) == []
                json.dumps(event, ensure_ascii=False).encode()


@pytest.mark.parametrize("sign", ['"', "\N{SMILING FACE WITH HEART-SHAPED EYES}", "é"])
def test_no_event_is_longer_than_collectors_are_told(sign: str) -> None:
    """256 KiB, of the largest records that there can be: see the guide for head office."""
    long, policy = sign * 4_000, {"id": sign * 900, "version": sign * 900, "sha256": ""}
    bodies = [
        (Kind.CHECK_ENDED, {"health": [{"signal": "s", "light": "red", "value": {"en": sign}}] * 800}, health_event),
        (Kind.CHECK_ENDED, {"health": [{"signal": sign * 100, "light": "red"}] * 90}, health_event),
        (Kind.CHECK_ENDED, {"returns": [{"rule": "r", "state": "blocked", "reasons": [sign]}] * 1_000}, scan),
        (Kind.CHECK_ENDED, {"returns": [{"rule": "r", "reasons": [sign] * 5_000}]}, scan),
        (Kind.CHECK_ENDED, {"returns": [{"rule": sign * 100, "state": sign * 100}] * 70}, scan),
        (Kind.FINDING, {"rule": long, "strength": "ban", "why": {"en": long}}, finding_event),
        (Kind.FINDING, {"package": sign * 2_000, "product": {"en": sign * 2_000}, "why": {"en": long}}, finding_event),
        (Kind.REMOVAL_OUTCOME, {"outcome": "x", "answer": long, "means": {"en": long}}, remediation_of),
    ]
    for kind, body, make in bodies:
        record = leaf(kind, body, policy=policy)
        assert len(record.exact) < 65_536
        event = make(record, record.record, HOSTILE)
        assert len(json.dumps(event, ensure_ascii=False).encode()) < 256 * 1024
        assert faults(event) == []


def remediation_of(entry: Entry, _: object, origin: str) -> dict[str, Any]:
    return remediation(None, entry, origin)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda event: event.pop("severity_id"), "severity_id"),
        (lambda event: event.update(activity_id=77), "77"),
        (lambda event: event.update(serial="R58"), "serial"),
        (lambda event: event["metadata"].pop("product"), "product"),
        (lambda event: event["device"].update(type_id="phone"), "phone"),
        (lambda event: event.update(time="yesterday"), "yesterday"),
    ],
)
def test_the_schema_refuses_what_is_none(
    visited: Desk, tmp_path: Path, spoil: Callable[[dict[str, Any]], Any], why: str
) -> None:
    for event in events_of(visited, tmp_path):
        spoil(event)
        assert why in str(faults(event))


def test_an_outcome_is_not_joined_with_what_it_cannot_be_of(desk: Desk) -> None:
    """An undo's outcome that names a removal's announcement, as only another program would write it."""
    desk.visit().check(finding())
    intent = desk.remove("com.tencent.mm", outcome=None)
    seal = desk.ledger.seal()
    assert seal is not None
    file = io.BytesIO()
    events = OcsfEvents(file, seal.checkpoint.origin, desk.ledger.entries_numbered)
    for named in (intent.seq, -5, 2**53 - 1, "x", None):
        odd = leaf(Kind.UNDO_OUTCOME, {"intent": named, "outcome": "done", "answer": "", "means": None})
        events.write([intent, odd])
    events.end()
    *odd_ones, still_open = [json.loads(line) for line in file.getvalue().splitlines()]
    assert len(odd_ones) == 5
    for event in (*odd_ones, still_open):
        assert faults(event) == []
    assert all(event["activity_name"] == "Restore" and "package" not in event["unmapped"] for event in odd_ones)
    assert (still_open["activity_name"], still_open["unmapped"]["seq"]) == ("Evict", intent.seq)


@pytest.fixture
def handed(desk: Desk) -> Desk:
    """Three visits: one that an officer looked into, one that ended, and one of which the end is not known."""
    for answer, verdict in (
        (Attested.NOTHING_SEEN, Verdict.AMBER),
        (Attested.NOTHING_SEEN, Verdict.GREEN),
        (Attested.APP_SEEN, Verdict.RED),
        (Attested.DECLINED, Verdict.AMBER),
    ):
        check = desk.visit().check(gaps=(GAP,)).seq
        seen = (Bilingual(HOSTILE, "x"),) if verdict is Verdict.RED else ()
        note = Personal("the holder, M. Tremblay")
        desk.write(Attestation(answer=answer, products=seen, verdict=verdict, profiles=(150,), note=note, check=check))
    for left in (True, False, None):
        check = desk.visit().check().seq
        reason = Personal("Jeanne had to leave")
        intent = desk.write(HandBackIntended(verdict=Verdict.GREEN, paper=Paper.PRINTED, reason=reason, check=check))
        desk.write(HandedBack(debugging_asked=True, left=left, computers=2, intent=intent.seq))
    check = desk.visit().check().seq
    desk.write(HandBackIntended(verdict=Verdict.GREEN, paper=Paper.DECLINED, check=check), seal=True)
    return desk


def test_what_an_officer_saw_passes_only_where_the_policy_lets_it(handed: Desk, tmp_path: Path) -> None:
    looked = [e for e in events_of(handed, tmp_path) if e["class_uid"] == 2003]
    assert [e["compliance"]["status"] for e in looked] == ["Warning", "Pass", "Fail", "Warning"]
    assert [e["severity"] for e in looked] == ["Low", "Informational", "High", "Medium"]
    assert {e["activity_name"] for e in looked} == {"Update"}


def test_a_handing_back_is_done_where_the_phone_was_seen_leaving(handed: Desk, tmp_path: Path) -> None:
    back = [e for e in events_of(handed, tmp_path) if e["class_uid"] == 7001]
    assert [e["status"] for e in back] == ["Success", "Failure", "Unknown", "No outcome in this export"]
    assert back[0]["unmapped"]["other_computers"] == 2
    assert "left" not in back[2]["unmapped"]


def test_no_word_of_an_officer_about_a_person_is_in_an_event(handed: Desk, tmp_path: Path) -> None:
    said = json.dumps(events_of(handed, tmp_path))
    assert "Tremblay" not in said
    assert "Jeanne" not in said
