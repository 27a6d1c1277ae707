"""Checks, removals and records in words."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import describe, text, value_names
from core.describe import verdicts
from core.describe.record import fields
from core.ledger import records
from core.ledger.records import Entry, read_entry
from core.ledger.records.leaf import Personal, encode, leaf_hash
from core.ledger.records.removal import OUTCOMES
from core.model import (
    App,
    AppEvidence,
    AppState,
    Check,
    Evidence,
    EvidenceKind,
    FileHash,
    Finding,
    Gap,
    HashedBy,
    Inventory,
    Labels,
    Light,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Strength,
    Verdict,
)
from core.phones.driver import Outcome
from core.phones.removal_plan import Result
from core.text import Bilingual, N, T
from tests.examples import examples

ROOT = Path(__file__).resolve().parents[3]
SERIAL = "R58N12ABCDE"
POLICY = Policy("canada", "4", date(2026, 11, 1), Bilingual("Bans", "Interdits"), Bilingual("", ""), (), "ab" * 32)


def record(kind: str, body: Mapping[str, Any], **more: Any) -> Entry:
    """A record as a ledger gives it back."""
    leaf: dict[str, Any] = {
        "v": 1,
        "seq": 12,
        "type": kind,
        "time": "2026-11-24T14:32:05.120+00:00",
        "mono_ms": 5,
        "boot": "b",
        "desk": "Desk 4",
        "officer": "A. Roy",
        "session": "0123456789abcdef",
        "visit": "v1",
        "practice": False,
        "app": {"version": "0.1.0"},
        "policy": {"id": "canada", "version": "4", "sha256": "ab" * 32},
        "device": {
            "platform": "android",
            "maker": "samsung",
            "model": "SM-S901W",
            "os": "14",
            "serial": Personal(SERIAL),
        },
        "body": body,
    } | more
    exact, openings = encode(leaf)
    return read_entry(12, exact, leaf_hash(exact), {o.commitment.hex(): o.value.decode() for o in openings})


def of(written: records.Record, **more: Any) -> Entry:
    return record(written.kind, written.body(), **more)


def foreign(leaf: Mapping[str, Any]) -> Entry:
    """A record with anything in it, read from its bytes."""
    whole = json.loads(record("x", {}).exact) | leaf
    exact = json.dumps(whole).encode()
    return read_entry(1, exact, leaf_hash(exact), {})


def finding(strength: Strength = Strength.BAN, *, contained: bool = False) -> Finding:
    state = AppState(10, installed=True)
    app = App("com.tencent.mm", 2740, "8.0.50", "com.android.vending", signers=("962f5b7", "11"), states=(state,))
    evidence = (
        Evidence(EvidenceKind.PACKAGE_ID, "com.tencent.mm", "several sources", "a list"),
        Evidence(EvidenceKind.PACKAGE_ID, "com.tencent.*", "one source", "another list"),
    )
    why = T("No banned app was found, but some items could not be checked.")
    return Finding(
        "wechat", Bilingual("WeChat", "Weixin"), strength, app, Profile(10, "", ProfileKind.WORK), evidence, why
    )


def ended(verdict: Verdict, gaps: tuple[Gap, ...] = (), bans: int = 0) -> records.CheckEnded:
    return records.CheckEnded(
        verdict=verdict, profiles=2, apps=312, findings=bans, bans=bans, products=bans, gaps=gaps, took_ms=1_250
    )


GAP = Gap(T("The profile “{name}” could not be read.", name="Work"), T("Check it."), profile=10)


def lines(of: Entry) -> dict[str, str]:
    """The fields by label; those with one label are joined."""
    found: dict[str, str] = {}
    for group in fields(of):
        for field in group.fields:
            label = str(field.label)
            found[label] = f"{found[label]} + {field.value}" if label in found else field.value
    return found


def test_every_kind_outcome_and_result_has_words() -> None:
    assert set(describe.KINDS) == set(records.Kind)
    assert set(OUTCOMES) == set(Outcome)
    assert set(describe.RESULTS) == set(Result)


EVIDENCE = AppEvidence(
    "com.tencent.mm",
    10,
    (FileHash("base.apk", 1_000_000, "1a" * 32, HashedBy.PHONE),),
    ("0a" * 32,),
    "8.0.49 (2600)",
    "com.android.vending",
    "2026-01-02 03:04:05",
    "2026-02-03 04:05:06",
    "2026-11-20 09:00:00",
    size=1_000_000,
)
WRITTEN: list[tuple[records.Record, str]] = [
    (records.ProgramStart("Linux", -300), "version 0.1.0 on Linux"),
    (records.PhoneSeen("ready", T("over USB")), "over USB"),
    (records.PhoneLabelled(), "asset tag, holder and IMEI taken out"),
    (records.CheckStarted(T("over USB")), "over USB"),
    (ended(Verdict.RED, bans=2), "Red: 2 banned apps"),
    (ended(Verdict.AMBER, (GAP,)), "Amber: 1 item could not be checked"),
    (ended(Verdict.AMBER, bans=1), "Amber: 1 banned app, switched off"),
    (ended(Verdict.GREEN), "Green: 312 apps read, no banned app"),
    (records.AppFound.of(finding()), "Banned: WeChat (com.tencent.mm), Work"),
    (
        records.EvidenceTaken.of(EVIDENCE, 5),
        "com.tencent.mm: version 8.0.49 (2600) · signed with 0a0a0a0a0a0a0a0a… · 1 file with its fingerprint · 1.0 MB",
    ),
    (
        records.EvidenceTaken.of(replace(EVIDENCE, files=(), size=None, missing=(T("It is gone."),)), 5),
        "com.tencent.mm: version 8.0.49 (2600) · signed with 0a0a0a0a0a0a0a0a… · It is gone.",
    ),
    (records.RemovalIntended("uninstall", "com.tencent.mm", 10, 5), "remove: com.tencent.mm, profile 10"),
    (
        records.RemovalOutcome(intent=6, outcome="done", answer="Success", means=T("The phone says it is done.")),
        "The phone says it is done. (Success)",
    ),
    (
        records.RemovalOutcome(intent=6, outcome="unknown", answer="", means=T("The phone says it is done.")),
        "The phone says it is done.",
    ),
    (records.UndoIntended("install-existing", "com.a", 0, 5), "put back: com.a, profile 0"),
    (records.UndoOutcome(intent=6, outcome="refused", answer="", means=T("x")), "x"),
    (records.PolicyLoaded.of(POLICY), "canada 4"),
    (records.ProblemMet(code="phone-unplugged", sentence=T("It is gone."), next_step=T("Plug it in.")), "It is gone."),
]


@pytest.mark.parametrize(("written", "expected"), WRITTEN)
def test_a_record_in_one_line(written: records.Record, expected: str) -> None:
    assert describe.summary(of(written)) == expected


def test_the_files_of_an_app_are_a_line_each_with_who_computed_their_fingerprints() -> None:
    shown = {str(f.label): f.value for g in fields(of(records.EvidenceTaken.of(EVIDENCE, 5))) for f in g.fields}
    assert shown["File"] == f"base.apk: SHA-256 {'1a' * 32}, as the phone says, 1,000,000 bytes"
    assert shown["Last used"] == "2026-11-20 09:00:00"
    assert "Sealed time of the last use" in shown


@pytest.mark.parametrize(("written", "_"), WRITTEN)
def test_every_field_of_every_kind_has_a_label(written: records.Record, _: str) -> None:
    raw = [f for g in fields(of(written)) for f in g.fields if not isinstance(f.label, text.Text)]
    assert raw == []


def test_who_when_and_which_phone() -> None:
    one = of(ended(Verdict.RED))
    assert str(describe.kind(one)) == "A check ended"
    assert describe.verdict(one) is Verdict.RED
    assert describe.phone(one) == "Samsung Galaxy S22"
    assert describe.phone_with_model(one) == "Samsung Galaxy S22 (SM-S901W)"
    assert describe.maker_and_model(one) == "Samsung SM-S901W"
    assert describe.serial(one) == SERIAL
    assert describe.officer(one) == "A. Roy"
    assert describe.when(one) == datetime(2026, 11, 24, 14, 32, 5, tzinfo=UTC).astimezone().strftime(
        "%Y-%m-%d %H:%M:%S"
    )


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system's local time cannot be set for one program")
@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("EST5", "2026-11-24 09:32:05 (UTC-05:00) = 2026-11-24 14:32:05 UTC"),
        ("NST3:30", "2026-11-24 11:02:05 (UTC-03:30) = 2026-11-24 14:32:05 UTC"),
        ("UTC0", "2026-11-24 14:32:05 UTC"),
    ],
)
def test_a_time_is_told_where_it_is_read_and_in_utc(zone: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as there:
        there.setenv("TZ", zone)
        time.tzset()
        said = describe.when_and_utc(of(ended(Verdict.RED)))
    time.tzset()
    assert said == told


def test_a_summary_names_the_labels_and_never_says_them() -> None:
    """It is in exports, and on lists that are looked at by more than one person."""
    device = record("x", {}).leaf["device"]
    labels = {"tag": Personal("TB-114"), "holder": Personal("J. Tremblay")}
    labelled = of(records.PhoneLabelled(), device={**device, **labels})
    assert describe.summary(labelled) == "Asset tag, Holder"
    assert describe.labels(labelled) == Labels("TB-114", "J. Tremblay")
    assert str(describe.kind(labelled)) == "The phone was labelled"
    shown = lines(labelled)
    assert (shown["Asset tag"], shown["Holder"]) == ("TB-114", "J. Tremblay")
    erased = read_entry(12, labelled.exact, labelled.leaf_hash, {})
    assert describe.labels(erased) == Labels()
    assert lines(erased)["Holder"] == "erased"


def test_a_record_about_no_phone() -> None:
    one = of(records.PolicyLoaded.of(POLICY), device=None, visit=None)
    assert (describe.phone(one), describe.serial(one), describe.verdict(one)) == ("", "", None)
    assert "The phone" not in {str(g.title) for g in fields(one)}
    assert "Visit" not in lines(one)


def test_a_check_with_gaps_whole() -> None:
    shown = lines(of(ended(Verdict.AMBER, (GAP, Gap(T("Not all."), T("Wait."))))))
    assert shown["Verdict"] == "Amber"
    assert shown["Apps listed"] == "312"
    assert shown["Items that could not be checked"] == "2"
    assert shown["What could not be checked"] == "The profile “Work” could not be read. + Not all."
    assert shown["How to check it"] == "Check it. + Wait."
    assert shown["Profile number"] == "10 + the whole phone"
    assert shown["Time taken"] == "1.2 s"
    assert shown["Serial number"] == SERIAL
    assert len(shown["Sealed serial number"]) == 64


def test_health_stands_in_one_line_a_signal_and_what_is_not_known_of_it_by_its_name() -> None:
    health = (
        records.HealthTold("patch", Light.AMBER, N("{count} month old", "{count} months old", 5)),
        records.HealthTold("encryption", Light.RED, T("not encrypted"), decides=True),
    )
    one = of(replace_health(ended(Verdict.RED), health))
    assert lines(one)["Phone health"] == "Patch: 5 months old (amber) + Storage: not encrypted (red)"
    assert describe.summary(one) == "Red: 1 health signal is not as required"
    record = one.record
    assert isinstance(record, records.CheckEnded)
    assert "not as the policy requires: Storage." in str(verdicts.recorded_headline(record))
    text.use("fr")
    assert lines(one)["Santé du téléphone"].startswith("Correctif\u00a0: 5 mois (jaune)")
    text.use("en")
    later = foreign({"type": "check-ended", "body": {"health": [{"signal": "patch", "light": "blue", "new": 7}]}})
    assert "7" in {f.value for g in fields(later) for f in g.fields}


def replace_health(one: records.CheckEnded, health: tuple[records.HealthTold, ...]) -> records.CheckEnded:
    return msgspec.structs.replace(one, health=health)


def test_what_belongs_together_stands_together() -> None:
    titles = [str(g.title) for g in fields(of(ended(Verdict.GREEN)))]
    assert titles == ["What happened", "The phone", "When and where", "The policy", "The entry itself"]


def test_a_finding_whole() -> None:
    shown = lines(of(records.AppFound.of(finding(Strength.NOTICE))))
    assert shown["What the policy says"] == "Related, not banned"
    assert shown["Profile"] == "Work"
    assert shown["Signed with"] == "962f5b7, 11"
    assert shown["Matching value"] == "com.tencent.mm + com.tencent.*"
    assert shown["Known from"] == "several sources + one source"
    assert shown["Came with the phone"] == "no"


def test_an_outcome_whole() -> None:
    shown = lines(
        of(records.RemovalOutcome(intent=6, outcome="device-admin", answer="Failure [X]", means=T("It refused.")))
    )
    assert shown["Result"] == "refused: the app is a device administrator"
    assert shown["What the phone said"] == "Failure [X]"
    assert shown["Announced in entry"] == "6"


def test_the_computer_of_a_start() -> None:
    shown = lines(of(records.ProgramStart("Linux-6", -210)))
    assert shown["Operating system"] == "Linux-6"
    assert shown["Distance from UTC"] == "UTC-03:30"


def test_an_erased_serial_number_is_said_to_be_erased() -> None:
    whole = of(ended(Verdict.GREEN))
    erased = read_entry(12, whole.exact, whole.leaf_hash, {})
    assert describe.serial(erased) == ""
    assert lines(erased)["Serial number"] == "erased"


def test_french_is_asked_for_late() -> None:
    one = of(ended(Verdict.RED, bans=1))
    text.use("fr")
    assert describe.summary(one).startswith("Rouge\N{NO-BREAK SPACE}: ")
    assert str(describe.kind(one)) == "Fin d’une vérification"


def test_what_this_version_does_not_know_is_shown_by_its_name() -> None:
    body = {
        "verdict": "violet",
        "tint": "x",
        "deep": {"a": [{"b": True}, None], "c": []},
        "both": {"en": "A", "fr": "B"},
    }
    shown = lines(foreign({"type": "check-ended", "body": body, "annex": {"n": 7}}))
    assert shown["Verdict"] == "violet"
    assert shown["body.tint"] == "x"
    assert shown["body.deep.a[0].b"] == "yes"
    assert shown["body.deep.a[1]"] == "nothing"
    assert shown["body.deep.c"] == "nothing"
    assert shown["body.both"] == "A"
    assert shown["annex.n"] == "7"


def test_a_kind_of_another_version_keeps_its_own_words() -> None:
    one = foreign({"type": "seal", "body": {"act": "uninstall"}})
    assert str(describe.kind(one)) == "seal"
    assert describe.summary(one) == ""
    assert lines(one)["body.act"] == "uninstall"


def test_nothing_in_a_record_draws_or_breaks_a_line() -> None:
    one = foreign({"type": "a\u202eb", "officer": "x\ny", "body": {"k\u202e": "a\u202eb\x1b[0m", "l": "one\ntwo"}})
    shown = [str(describe.kind(one)), describe.officer(one)]
    shown += [part for group in fields(one) for f in group.fields for part in (str(f.label), f.value)]
    assert not [s for s in shown if "\u202e" in s or not s.isprintable()]
    assert "one / two" in shown


SENTENCES = [
    {"code": "{} x", "en": "kept", "values": {"": "v"}},
    {"code": "{0}", "en": "kept", "values": {"0": "v"}},
    {"code": "{a.b}", "en": "kept", "values": {"a.b": "v", "a": 1}},
    {"code": "{a[b]}", "en": "kept", "values": {"a[b]": 1, "a": "x"}},
    {"code": "{a!r:>99999999}", "en": "kept", "values": {"a": 1}},
    {"code": "{", "en": "kept", "values": {}},
    {"code": "", "en": "kept", "values": {}},
    {"code": "a", "plural": "b", "count": "many", "en": "kept", "values": {}},
    {"code": "{a}" * 9, "en": "kept", "values": {"a": 1}},
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_that_fanion_did_not_write_is_shown_as_it_stands(sentence: dict[str, Any]) -> None:
    one = foreign({"type": "problem", "body": {"sentence": sentence}})
    assert describe.summary(one) == "kept"
    text.use("fr")
    assert describe.summary(one) == "kept"


def test_sentences_in_sentences_do_not_fill_the_memory() -> None:
    bomb: dict[str, Any] = {"code": "{a}", "en": "x", "values": {"a": "y" * 100}}
    for _ in range(40):
        bomb = {"code": "{a}" * 8, "en": "x", "values": {"a": bomb}}
    assert describe.summary(foreign({"type": "problem", "body": {"sentence": bomb}})) == "x"


def test_a_record_nested_deeply() -> None:
    deep: Any = "bottom"
    for _ in range(150):
        deep = {"a": [deep]}
    assert "bottom" in lines(foreign({"body": {"deep": deep}})).values()


def test_times_at_the_ends_of_the_calendar() -> None:
    assert describe.when(foreign({"time": "0001-01-01T00:00:00.000+00:00"})).startswith("0001-01-01")
    assert describe.when(foreign({"time": "9999-12-31T23:59:59.999+00:00"}))
    for edge in ("0001-01-01T00:00:00.000+00:00", "9999-12-31T23:59:59.999+00:00"):
        assert describe.when_and_utc(foreign({"time": edge}))[:4] in ("0001", "9999", "1-01")


NAMES = """code en fr values plural count sha256 verdict counts gaps what how profile kind id product strength act
package answer means took_ms evidence serial maker"""
KEYS = st.sampled_from(NAMES.split()) | st.text(max_size=5)
TEXTS = st.sampled_from(["{}", "{a}", "{0}", "red", "ban", "uninstall", "done", "\u202e", "\ud800", "a\nb"]) | st.text()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@examples(300)
@given(
    kind=st.sampled_from([*map(str, records.Kind), "other"]),
    body=st.dictionaries(KEYS, JSON, max_size=6),
    more=st.dictionaries(st.sampled_from(["device", "policy", "app", "officer", "desk", "practice", "new"]), JSON),
)
def test_no_record_is_too_odd_to_be_told(kind: str, body: Any, more: Any) -> None:
    one = foreign({**more, "type": kind, "body": body})
    for language in text.LANGUAGES:
        text.use(language)
        said = [
            str(describe.kind(one)),
            describe.summary(one),
            describe.phone(one),
            describe.officer(one),
            describe.serial(one),
        ]
        said += [part for group in fields(one) for f in group.fields for part in (str(f.label), f.value)]
        assert all(isinstance(s, str) and "\n" not in s and len(s) <= 4_000 for s in said)
    text.use("en")


@given(body=st.dictionaries(st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1), st.integers()))
def test_no_field_of_a_record_is_left_out(body: dict[str, int]) -> None:
    shown = [f.value for g in fields(foreign({"type": "other", "body": body})) for f in g.fields]
    assert not set(map(str, body.values())) - set(shown)


def check(findings: tuple[Finding, ...], gaps: tuple[Gap, ...] = ()) -> Check:
    time = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    return Check(Inventory(Phone("android", "a", "b", "14", "s"), (), (), gaps=gaps), POLICY, findings, time, time)


def test_the_verdict_in_one_sentence() -> None:
    assert str(verdicts.headline(check((finding(), finding())))) == "1 banned app is on this phone."
    assert "some items could not be checked" in str(verdicts.headline(check((), (GAP,))))
    assert str(verdicts.headline(check(()))) == "Everything was read, and no banned app is on this phone."


def test_a_green_iphone_is_not_said_to_be_wholly_read() -> None:
    """Nobody has shown whether an iPhone lists the apps that its holder hides."""
    iphone = replace(check(()), inventory=Inventory(Phone("ios", "Apple", "iPhone17,1", "26.1", "s"), (), ()))
    assert iphone.verdict is Verdict.GREEN
    said = verdicts.headline(iphone)
    assert "Whether hidden apps are among them is not known." in said.in_language("en")
    assert "applications masquées" in said.in_language("fr")
    red = replace(iphone, findings=(finding(),))
    assert str(verdicts.headline(red)) == "1 banned app is on this phone."


def test_the_system_is_called_by_its_platform() -> None:
    assert str(value_names.system(Phone("android", "a", "b", "16", "s"))) == "Android 16"
    assert str(value_names.system(Phone("ios", "Apple", "iPhone17,1", "26.1", "s"))) == "iOS 26.1"
    assert value_names.system(Phone("ios", "Apple", "iPhone17,1", "", "s")) == ""
    assert value_names.system(Phone("other", "a", "b", "3", "s")) == "3"


def test_telling_loads_no_database() -> None:
    """The window is up before anything slow is loaded."""
    program = (
        "import sys, core.describe; print({'sqlite3', 'sqlite_utils', 'cryptography', 'adb_shell'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
