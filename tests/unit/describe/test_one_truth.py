"""What a visit comes to is one fact: each surface says the same reason of the same visit, live or from its records."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import value_names
from core.cli.rendering import check_as_json
from core.describe import verdicts, visit
from core.describe.visits import RecordedVisit
from core.ledger import records
from core.ledger.records import Entry
from core.model import (
    App,
    AppState,
    Attested,
    Check,
    Enabled,
    Excepted,
    Finding,
    Gap,
    HealthRules,
    HealthSignal,
    Inventory,
    Light,
    Match,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Strength,
    Verdict,
)
from core.model.visit_state import CheckFacts, Fate, Reason, Since, VisitState
from core.phones.driver import LeftToOwner, Outcome
from core.reports.ocsf.ocsf import OcsfEvents
from core.reports.summaries.month_summary import MonthTally
from core.rounds.coverage.seen_phones import seen_phone
from core.text import Bilingual, T, Text
from tests.examples import examples
from tests.unit.describe.test_describe import of

OWNER = Profile(0, "", ProfileKind.PERSONAL)
PHONE = Phone("android", "samsung", "SM-S901W", "14", "R58N12ABCDE")
GAP = Gap(T("Secure Folder"), T("Open it."), 150)
HEALTH = HealthRules(red=("lock",), amber=("patch",))
POLICY = Policy(
    "canada", "4", date(2026, 11, 1), Bilingual("Bans", "Interdits"), Bilingual("", ""), (), "ab" * 32, health=HEALTH
)
UNTIL = Excepted(7, date(2027, 3, 1), "CIO", "2026-114")
NOW = datetime(2026, 11, 24, 14, 32, tzinfo=UTC)


def found(name: str, **more: Any) -> Finding:
    """A banned app of this name."""
    off = more.pop("off", False)
    state = AppState(0, installed=True, enabled=Enabled.DISABLED_USER if off else Enabled.DEFAULT)
    app = App(f"ca.example.{name.casefold()}", 1, "1.0", "", states=(state,), system=off)
    product = Bilingual(name, name)
    return Finding(name.casefold(), product, Strength.BAN, app, OWNER, (), T("It is banned."), **more)


#: What a check may find, each with a name of its own.
FINDINGS: Mapping[str, Finding] = {
    "banned": found("WeChat"),
    "excepted": found("TikTok", excepted=UNTIL),
    "switched off": found("Kaspersky", off=True),
    "suspected": found("Unsure", match=Match.SUSPECTED_CODE),
}
#: Signals of health that decide nothing, amber, or red.
SIGNALS: Mapping[str, tuple[HealthSignal, ...]] = {
    "fine": (),
    "amber": (HealthSignal("patch", value_names.HEALTH["patch"], T("old"), Light.AMBER, T("Update it.")),),
    "red": (HealthSignal("lock", value_names.HEALTH["lock"], T("none"), Light.RED, T("Set one.")),),
}
LOOKS = (None, *Attested)
#: How a visit may go on after its check.
ENDS = (
    *("open", "handed back", "removed", "removal cut off", "cut off, then gone", "put back, then pulled"),
    *("gone by hand", "gone and there again", "another check broke off", "bans seen again"),
)
KINDS = tuple(itertools.chain.from_iterable(itertools.combinations(FINDINGS, n) for n in range(len(FINDINGS) + 1)))


def check_of(kinds: Sequence[str], gap: bool, health: str) -> Check:
    gaps = (GAP,) if gap else ()
    findings = tuple(FINDINGS[kind] for kind in kinds)
    apps = tuple(finding.app for finding in findings)
    inventory = Inventory(PHONE, (OWNER,), apps, gaps=gaps)
    return Check(inventory, POLICY, findings, NOW, NOW, health=SIGNALS[health])


def visit_of(check: Check, look: Attested | None = None, end: str = "open") -> RecordedVisit:
    """The records of a visit with this check, as a log has them."""
    written: list[records.Record] = [records.CheckStarted(T("over USB"))]
    written += [records.AppFound.of(finding) for finding in check.findings]
    written.append(records.CheckEnded.of(check))
    numbers = {f.rule: place + 2 for place, f in enumerate(check.findings)}
    if look is not None:
        verdict = Verdict.RED if look is Attested.APP_SEEN or check.red else check.verdict
        products = (Bilingual("Seen", "Vue"),) if look is Attested.APP_SEEN else ()
        written.append(records.Attestation(answer=look, products=products, verdict=verdict, check=len(written)))
    if end == "handed back":
        intent = len(written) + 1
        written.append(records.HandBackIntended(verdict=check.verdict, paper="printed", check=intent - 1))
        written.append(records.HandedBack(intent=intent))
    looks = {"gone by hand": (False,), "gone and there again": (False, True)}.get(end, ())
    for finding, there in itertools.product(check.red, looks):
        look_for = records.LookedFor(there=there, package=finding.app.package, profile=0, finding=numbers[finding.rule])
        written.append(look_for)
    intents: list[int] = []
    if end in ("removed", "removal cut off", "cut off, then gone", "put back, then pulled"):
        for finding in check.red:
            written.append(records.RemovalIntended("uninstall", finding.app.package, 0, numbers[finding.rule]))
            intents.append(len(written))
            outcome = Outcome.UNKNOWN if "cut off" in end else Outcome.DONE
            written.append(records.RemovalOutcome(outcome=outcome, means=T("So."), answer="", intent=len(written)))
    if end in ("removed", "cut off, then gone", "put back, then pulled"):
        left = tuple(finding for finding in check.findings if finding not in check.red)
        written.append(records.CheckStarted(T("over USB")))
        written += [records.AppFound.of(finding) for finding in left]
        written.append(records.CheckEnded.of(replace(check, findings=left)))
    if end == "put back, then pulled":
        for finding, intent in zip(check.red, intents, strict=True):
            written.append(records.UndoIntended("install-existing", finding.app.package, 0, intent))
    if end in ("another check broke off", "bans seen again"):
        written.append(records.CheckStarted(T("over USB")))
    if end == "bans seen again":
        written.append(records.BansSeen.of([FINDINGS["banned"]]))
    return RecordedVisit(tuple(entry(seq, record) for seq, record in enumerate(written, 1)))


def entry(seq: int, record: records.Record) -> Entry:
    return msgspec.structs.replace(of(record), seq=seq)


#: By which words each surface says which reason, in English: a surface that says another reason has none of them.
WORDS: Mapping[Reason, tuple[str, ...]] = {
    Reason.BANNED: ("banned app", " banned"),
    Reason.BANNED_SEEN: ("seen", "still on your phone"),
    Reason.SUSPECTED: ("suspected", "under another name", "may be a banned one"),
    Reason.EXCEPTED: ("xception", "xcepted"),
    Reason.SWITCHED_OFF: ("witched off",),
    Reason.UNSEEN: ("ould not be", "ot all ", "ncomplete"),
    Reason.LOOKED_AT: ("by hand",),
    Reason.HEALTH: ("ealth",),
    Reason.REMOVED: ("removed", "is left", "gone"),
    Reason.NONE_BANNED: ("No banned apps", "no banned app", "No banned app"),
    Reason.NOT_READ_AGAIN: ("ot checked again", "not known", "afterwards"),
    Reason.BROKEN_OFF: ("ot finish",),
    Reason.NOT_READ: ("ot read", "ot finish"),
}


def says(said: Text | str, reason: Reason) -> bool:
    return any(word in str(said) for word in WORDS[reason])


@pytest.mark.parametrize("kinds", KINDS, ids="-".join)
def test_a_check_has_one_reason_live_and_on_record(kinds: Sequence[str]) -> None:
    for gap, health in itertools.product((False, True), SIGNALS):
        check = check_of(kinds, gap, health)
        facts, recorded = CheckFacts.of(check), visit_of(check)
        assert recorded.after is not None
        assert recorded.after.facts == facts
        assert recorded.state == VisitState.of(check)
        ended = recorded.after.ended
        alone = verdicts.facts_of(ended).reason
        doubtful = health == "red" and "switched off" in kinds  # its own line does not tell which of them made it red
        assert alone is facts.reason or (doubtful and alone is Reason.BANNED)
        surfaces: list[Text | str] = [
            verdicts.check_pill(facts),
            verdicts.title(recorded.state),
            verdicts.headline(check),
            verdicts.sentence(facts, facts.reason),
            verdicts.outcome(recorded.state),
        ]
        if alone is facts.reason:
            surfaces += [verdicts.counted(ended), verdicts.recorded_headline(ended)]
        for said in surfaces:
            assert says(said, facts.reason), (facts.reason, str(said))
        assert check_as_json(check, 12)["reason"] == facts.reason
        if alone is facts.reason:
            assert exported(recorded.after.entry)["unmapped"]["reason"] == facts.reason


def exported(ended: Entry) -> dict[str, Any]:
    """The event of a check as a SIEM gets it."""
    file = io.BytesIO()
    OcsfEvents(file, "origin", lambda numbers: ()).write([ended])
    event: dict[str, Any] = json.loads(file.getvalue().splitlines()[0])
    return event


#: What each surface that is made of records says of a visit.
SURFACES: Mapping[str, Callable[[RecordedVisit], Text | str | None]] = {
    "page": lambda past: verdicts.title(past.state),
    "row": lambda past: verdicts.pill(past.state),
    "log": lambda past: past.state_words,
    "receipt": lambda past: verdicts.outcome(past.state),
    "holder's paper": lambda past: visit.outcome_for_owner(past.state),
    "said aloud": lambda past: visit.say_aloud(past.state, PHONE, LeftToOwner()).en,
    "month": lambda past: next(iter(month(past).reasons), None),
}


def month(past: RecordedVisit) -> MonthTally:
    tally = MonthTally()
    tally.add(past)
    return tally


@given(
    kinds=st.sampled_from(KINDS),
    gap=st.booleans(),
    health=st.sampled_from(sorted(SIGNALS)),
    look=st.sampled_from(LOOKS),
    end=st.sampled_from(ENDS),
)
@examples(120)
def test_every_surface_says_the_same_of_a_visit(
    kinds: Sequence[str], gap: bool, health: str, look: Attested | None, end: str
) -> None:
    check = check_of(kinds, gap, health)
    past = visit_of(check, look, end)
    state = past.state
    for name, surface in SURFACES.items():
        said = surface(past)
        assert said is None or says(said, state.reason) or _done(state, str(said)), (name, state.reason, str(said))
    tally, seen = month(past), seen_phone(past)
    assert tally.after == {state.verdict: 1}
    assert (tally.reasons.total() == 1) == (state.verdict is Verdict.AMBER)
    assert seen is not None
    assert seen.verdict is (state.verdict or Verdict.AMBER)  # a round counts what is not known as not good
    # What was red stays so until a reading that ended shows otherwise; nothing else may call it better.
    if check.verdict is Verdict.RED and end not in ("removed", "cut off, then gone"):
        assert state.verdict is Verdict.RED
    if end in ("another check broke off", "removal cut off") and state.since is not Since.NOTHING:
        assert state.verdict in (None, Verdict.RED)
    if check.red:
        assert state.found_count >= 1
        assert look is Attested.APP_SEEN or bool(state.left_products) is (end not in _NOT_LEFT)
        assert "No banned app was found" not in " ".join(str(surface(past)) for surface in SURFACES.values())


#: After these no banned app is known to be left.
_NOT_LEFT = ("removed", "removal cut off", "cut off, then gone", "gone by hand")


def _done(state: VisitState, said: str) -> bool:
    """Whether a surface says first what became of the apps that were found, and which."""
    done = verdicts.bans_outcome(state)
    return done is not None and str(done) in said


def test_two_that_were_removed_were_found(tmp_path: object) -> None:
    two = replace(check_of(("banned",), False, "fine"), findings=(FINDINGS["banned"], found("Kaspersky")))
    state = visit_of(two, end="removed").state
    assert (state.verdict, state.reason, state.found_count, len(state.products(Fate.REMOVED))) == (
        Verdict.GREEN,
        Reason.REMOVED,
        2,
        2,
    )
    assert str(verdicts.outcome(state)) == "2 banned apps were found and removed. None is left."
    assert str(verdicts.title(state)) == "No banned app is left"


def test_one_that_was_cut_off_is_not_known_and_stays_red() -> None:
    state = visit_of(check_of(("banned",), False, "fine"), end="removal cut off").state
    assert (state.verdict, state.reason) == (Verdict.RED, Reason.NOT_READ_AGAIN)
    assert [ban.fate for ban in state.bans] == [Fate.UNKNOWN]
    assert [str(line) for line in verdicts.became(state)] == ["WeChat: Result not known."]


def test_a_gap_does_not_hide_that_a_banned_app_is_there() -> None:
    state = visit_of(check_of(("excepted",), True, "fine")).state
    assert state.reasons == (Reason.EXCEPTED, Reason.UNSEEN)


@pytest.mark.parametrize("end", ["another check broke off", "removal cut off"])
def test_a_green_that_was_not_read_to_the_end_again_is_green_no_more(end: str) -> None:
    past = visit_of(check_of((), False, "fine"), end="another check broke off")
    assert (past.verdict, past.state.reason) == (None, Reason.BROKEN_OFF)
