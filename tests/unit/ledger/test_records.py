"""What each kind of record says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.describe import can_return
from core.ledger.problems import NoSpace
from core.ledger.records import (
    AppFound,
    CheckEnded,
    CheckStarted,
    Kind,
    PhoneLabelled,
    PhoneSeen,
    PolicyLoaded,
    ProblemMet,
    ProgramStart,
    Record,
    RemovalIntended,
    RemovalOutcome,
    UndoIntended,
    UndoOutcome,
)
from core.ledger.records.check import RETURNS_COUNT
from core.ledger.records.fields import read
from core.ledger.records.leaf import LEAF_LIMIT, encode
from core.model import (
    App,
    Check,
    Finding,
    Gap,
    Inventory,
    Phone,
    Policy,
    ProductReturn,
    Profile,
    ProfileKind,
    Return,
    ReturnReason,
    Verdict,
)
from core.model.can_return import overall
from core.phones.driver import Unplugged
from core.text import Bilingual, T

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def body(record: Record) -> Any:
    return json.loads(encode(record.body())[0])


def check(phone: Phone, policy: Policy, *findings: Finding, gaps: tuple[Gap, ...] = ()) -> Check:
    apps = (*(f.app for f in findings), App("org.private.diary"))
    profiles = tuple(f.profile for f in findings)
    return Check(Inventory(phone, profiles, apps, gaps=gaps), policy, findings, NOON, NOON, 1.2345)


def test_finding_has_its_evidence_and_not_the_owners_words(finding: Finding) -> None:
    written = body(AppFound.of(finding))
    assert written == {
        "rule": "wechat",
        "product": {"en": "WeChat", "fr": "WeChat (Weixin)"},
        "strength": "ban",
        "contained": False,
        "package": "com.tencent.mm",
        "version_name": "8.0.50",
        "version_code": 2740,
        "system": False,
        "installer": "com.android.vending",
        "signers": ["962f5b7"],
        "profile": {"id": 10, "kind": "work"},
        "evidence": [
            {"kind": "package-id", "value": "com.tencent.mm", "confidence": "2+", "source": "a public list"},
        ],
        "match": "named",
        "label": "",
        "excepted": None,
        "why": written["why"],
    }
    assert written["why"]["en"] == "WeChat is banned."
    assert "Jeanne" not in json.dumps(written)


@pytest.mark.parametrize(
    ("code", "kept"), [(None, None), (2**53 - 1, 2**53 - 1), (2**53, str(2**53)), (2**63, str(2**63))]
)
def test_version_code_of_any_size_can_be_recorded(finding: Finding, code: int | None, kept: object) -> None:
    app = replace(finding.app, version_code=code)
    assert body(AppFound.of(replace(finding, app=app)))["version_code"] == kept


def test_check_says_what_it_saw_and_names_no_other_app(phone: Phone, policy: Policy, finding: Finding) -> None:
    gap = Gap(T("The work profile was not read."), T("Unlock it."), 10)
    written = body(CheckEnded.of(check(phone, policy, finding, gaps=(gap,))))
    assert written["verdict"] == "red"
    assert written["counts"] == {
        "profiles": 1,
        "profiles_read": 1,
        "apps": 2,
        "apps_read": 1,
        "findings": 1,
        "bans": 1,
        "products": 1,
        "excepted": 0,
        "suspected": 0,
        "gaps": 1,
    }
    assert written["took_ms"] == 1234
    assert written["gaps"][0]["what"]["en"] == "The work profile was not read."
    assert written["gaps"][0]["profile"] == 10
    assert "diary" not in json.dumps(written)


def test_a_profile_that_was_not_read_is_not_counted_as_read(phone: Phone, policy: Policy, finding: Finding) -> None:
    closed = Profile(150, "", ProfileKind.SECURE_FOLDER, readable=False)
    seen = check(phone, policy, finding)
    seen = replace(seen, inventory=replace(seen.inventory, profiles=(finding.profile, closed)))
    counts = body(CheckEnded.of(seen))["counts"]
    assert (counts["profiles"], counts["profiles_read"]) == (2, 1)


def test_phone_with_endless_gaps_can_be_recorded_all_the_same(phone: Phone, policy: Policy) -> None:
    gap = Gap(T("Not seen: {what}", what="\U0001f4f1" * 120), T("Unlock it."), 2**60)
    ended = CheckEnded.of(check(phone, policy, gaps=(gap,) * 5_000))
    assert ended.verdict is Verdict.AMBER
    assert body(ended)["counts"]["gaps"] == 5_000
    assert 10 < len(body(ended)["gaps"]) < 5_000
    assert len(encode(ended.body())[0]) < LEAF_LIMIT / 1.5


def test_policy_is_named_in_both_languages(policy: Policy) -> None:
    assert body(PolicyLoaded.of(policy)) == {
        "title": {"en": "Bans", "fr": "Interdits"},
        "issued": "2023-10-30",
        "rules": 0,
        "source": "",
        "trust": "unsigned",
        "layers": [],
    }


def test_problem_is_kept_in_the_words_that_were_shown(tmp_path: Any) -> None:
    written = body(ProblemMet.of(NoSpace(tmp_path / "ledger.db", "x" * 10_000)))
    assert written["code"] == "ledger"
    assert written["sentence"]["en"].endswith("the disk is full.")
    assert written["next_step"]["en"] == "Free some space on the disk, then try again."
    assert written["detail"].keys() == {"sha256"}


def test_what_a_machine_said_is_kept_where_it_can_be_erased() -> None:
    detail = "device 'R58N12ABCDE' not found"
    leaf, (opening,) = encode(ProblemMet.of(Unplugged(detail)).body())
    assert b"R58N12ABCDE" not in leaf
    assert opening.value.decode() == detail
    _, (long,) = encode(ProblemMet.of(Unplugged("x" * 10_000)).body())
    assert len(long.value) == 2_000
    assert body(ProblemMet.of(Unplugged()))["detail"] == ""


MEANS = T("Removed.")


@pytest.mark.parametrize(
    ("record", "kind", "expected"),
    [
        (ProgramStart("Linux", -300), Kind.PROGRAM_START, {"system": "Linux", "utc_offset_minutes": -300}),
        (PhoneSeen("ready", MEANS), Kind.PHONE_SEEN, {"state": "ready"}),
        (PhoneLabelled(), Kind.PHONE_LABELLED, {}),
        (CheckStarted(MEANS), Kind.CHECK_STARTED, {}),
        (
            RemovalIntended("uninstall", "com.a", 10, 4),
            Kind.REMOVAL_INTENDED,
            {"act": "uninstall", "package": "com.a", "profile": 10, "finding": 4},
        ),
        (
            RemovalOutcome(intent=5, outcome="done", answer="Success", means=MEANS),
            Kind.REMOVAL_OUTCOME,
            {"intent": 5, "answer": "Success"},
        ),
        (
            UndoIntended("install-existing", "com.a", 10, 5),
            Kind.UNDO_INTENDED,
            {"act": "install-existing", "removal": 5},
        ),
        (
            UndoOutcome(intent=7, outcome="refused", answer="Failure", means=MEANS),
            Kind.UNDO_OUTCOME,
            {"intent": 7, "outcome": "refused"},
        ),
    ],
)
def test_fields_of_the_short_kinds(record: Record, kind: Kind, expected: dict[str, object]) -> None:
    assert record.kind is kind
    assert body(record).items() >= expected.items()


def test_whether_an_app_can_come_back_is_read_as_it_was_written(phone: Phone, policy: Policy) -> None:
    product = ProductReturn(
        "tiktok", Bilingual("TikTok", "TikTok"), Return.UNKNOWN, (ReturnReason.NO_ANSWER,), ("Name",)
    )
    record = CheckEnded.of(replace(check(phone, policy), returns=(product,)))
    assert read(CheckEnded, record.body(), None) == record
    assert "Name" not in str(record.body())


def test_earlier_checks_do_not_tell_whether_an_app_can_come_back(phone: Phone, policy: Policy) -> None:
    earlier = body(CheckEnded.of(check(phone, policy)))
    assert "returns" not in earlier
    record = read(CheckEnded, earlier, None)
    assert (record.returns, overall(record.returns)) == ((), None)
    assert str(can_return.sentence(record.returns)) == "Whether banned apps could be reinstalled was not recorded."


def test_a_later_versions_words_are_never_taken_for_blocked(phone: Phone, policy: Policy) -> None:
    later = [
        {"rule": "a", "product": {"en": "A", "fr": "A"}, "state": "blocked-by-magic", "reasons": ["magic"]},
        {"rule": "b", "product": None, "state": "blocked", "reasons": ["installs-forbidden"]},
    ]
    record = read(CheckEnded, body(CheckEnded.of(check(phone, policy))) | {"returns": later}, None)
    assert overall(record.returns) is Return.UNKNOWN
    assert str(can_return.line(record.returns)) == "Not known whether banned apps can be reinstalled: A."


def test_of_very_many_products_that_could_come_back_a_record_has_as_many_as_fit(phone: Phone, policy: Policy) -> None:
    product = ProductReturn("a", Bilingual("A", "A"), Return.BLOCKED, (ReturnReason.INSTALLS_FORBIDDEN,))
    many = tuple(replace(product, rule=f"rule-{n}") for n in range(20_000))
    worst = replace(product, rule="last", state=Return.POSSIBLE, reasons=(ReturnReason.NOT_MANAGED,))
    record = CheckEnded.of(replace(check(phone, policy), returns=(*many, worst)))
    kept = read(CheckEnded, body(record), None).returns
    assert 50 < len(kept) <= RETURNS_COUNT
    assert (kept[0].rule, overall(kept)) == ("last", Return.POSSIBLE)
