"""A visit as its records tell it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from core.describe.visits import RecordedVisit
from core.ledger import records
from core.ledger.file.clock import Instant
from core.ledger.records import HOUSEKEEPING, Kind, Record
from core.ledger.writer import Ledger
from core.model import AppEvidence, Attested, Excepted, Gap, Labels, Phone, Verdict
from core.model.visit_state import Fate
from core.phones.driver import Outcome
from core.text import T
from tests.gui.log.conftest import POLICY, STARTED, WECHAT, ended

PHONE = Phone("android", "samsung", "SM-S901W", "14", "R58N12ABCDE")
GAP = Gap(T("a part"), T("look"), 10)
FOUND = records.AppFound.of(WECHAT)

Visit = Callable[..., RecordedVisit]


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    """The visit that a ledger has after these records, each a minute after the one before."""

    def made(*written: Record, labels: Sequence[Labels] = ()) -> RecordedVisit:
        now = datetime(2026, 11, 27, 12, tzinfo=UTC)

        def clock() -> Instant:
            nonlocal now
            now += timedelta(minutes=1)
            return Instant(now, 0, "boot")

        with Ledger(tmp_path / "ledger.db", desk="D", officer="A. Roy", app_version="1", clock=clock) as ledger:
            for number, record in enumerate(written):
                about = labels[number] if number < len(labels) else Labels()
                ledger.append(record, visit="v1", policy=POLICY, phone=PHONE, labels=about)
            return RecordedVisit(ledger.of_visit("v1"))

    return made


def removal(outcome: Outcome = Outcome.DONE, finding: int = 2) -> tuple[Record, Record]:
    step = records.RemovalIntended("uninstall", "com.tencent.mm", 0, finding)
    return step, records.RemovalOutcome(intent=finding + 2, outcome=outcome, answer="Success", means=T("as it says"))


def test_an_app_that_the_next_check_does_not_find_was_removed(visit: Visit) -> None:
    seen = visit(STARTED, FOUND, ended(Verdict.RED, bans=1), *removal(), STARTED, ended())
    assert (str(seen.before.words), str(seen.state_words)) == ("1 banned", "1 removed")
    assert list(seen.state.fates.values()) == [Fate.REMOVED]
    assert str(seen.actions) == "Removed: WeChat"


@pytest.mark.parametrize(
    ("then", "says"),
    [
        ((), "Removed, but not checked again: WeChat"),
        ((STARTED, FOUND, ended(Verdict.RED, bans=1)), "Still there: WeChat"),
        # What could not be read may still have it: that is not called removed.
        ((STARTED, ended(Verdict.AMBER, gaps=(replace(GAP, profile=None),))), "Removed, but not checked again: WeChat"),
        ((STARTED, ended(Verdict.AMBER, gaps=(replace(GAP, profile=0),))), "Removed, but not checked again: WeChat"),
        ((STARTED, ended(Verdict.AMBER, gaps=(GAP,))), "Removed: WeChat"),
    ],
)
def test_only_a_check_that_read_the_profile_says_that_an_app_is_gone(
    visit: Visit, then: tuple[Record, ...], says: str
) -> None:
    assert str(visit(STARTED, FOUND, ended(Verdict.RED, bans=1), *removal(), *then).actions) == says


def test_what_was_there_of_an_app_is_told_in_the_story_and_not_in_the_row(visit: Visit) -> None:
    told = AppEvidence("com.tencent.mm", 0, (), ("26496159",), "8.0.49", "", "", "", missing=(T("It is gone."),))
    before = (STARTED, FOUND, ended(Verdict.RED, bans=1), records.EvidenceTaken.of(told, 2))
    seen = visit(*before, STEP, answer("done", 5), STARTED, ended())
    assert str(seen.actions) == "Removed: WeChat"
    words = [str(event.headline) for event in seen.events]
    assert "WeChat before removal: version 8.0.49 · signed with 26496159 · It is gone." in words


def test_what_a_phone_refused_is_said(visit: Visit) -> None:
    seen = visit(STARTED, FOUND, ended(Verdict.RED, bans=1), *removal(Outcome.ADMIN))
    assert str(seen.actions) == "1 app refused"


CAME = (STARTED, FOUND, ended(Verdict.RED, bans=1))
STILL, GONE = (STARTED, FOUND, ended(Verdict.RED, bans=1)), (STARTED, ended())
STEP = records.RemovalIntended("uninstall", "com.tencent.mm", 0, 2)


def answer(outcome: str, intent: int = 4) -> Record:
    return records.RemovalOutcome(intent=intent, outcome=outcome, answer="", means=T("x"))


@pytest.mark.parametrize(
    ("then", "fate"),
    [
        ((STEP, answer("unknown")), Fate.UNKNOWN),
        ((STEP, answer("unknown"), *GONE), Fate.GONE),  # who did that, nobody knows
        ((STEP, answer("unknown"), *STILL), Fate.STILL_THERE),
        ((STEP,), Fate.UNKNOWN),  # Fanion stopped, and put down no answer
        ((STEP, *GONE, answer("unknown")), Fate.GONE),
        ((STEP, *STILL, answer("unknown")), Fate.STILL_THERE),
        ((STEP, answer("a word of a later version")), Fate.UNKNOWN),
        # One step was refused, and of the next one nobody knows.
        ((STEP, answer("device-admin"), STEP), Fate.UNKNOWN),
        ((STEP, answer("unknown"), STEP, answer("protected", 6)), Fate.UNKNOWN),
        ((STEP, answer("unknown"), STEP, answer("done", 6)), Fate.NOT_VERIFIED),
        ((STEP, answer("unknown"), STEP, answer("done", 6), *GONE), Fate.REMOVED),
        ((STEP, answer("done"), STEP, answer("unknown", 6), *GONE), Fate.REMOVED),
    ],
)
def test_an_unknown_result_is_no_refusal(visit: Visit, then: tuple[Record, ...], fate: Fate) -> None:
    seen = visit(*CAME, *then)
    assert list(seen.state.fates.values()) == [fate]
    assert "refused" not in str(seen.actions)
    assert (str(seen.actions) == "Result not known: WeChat") is (fate is Fate.UNKNOWN)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [(o, "1 app refused" if o.refused else "Read") for o in Outcome if o not in (Outcome.DONE, Outcome.UNKNOWN)],
)
def test_only_what_was_asked_of_this_phone_and_not_done_was_refused(visit: Visit, outcome: Outcome, said: str) -> None:
    assert outcome.refused is (outcome not in (Outcome.NOT_THERE, Outcome.NOT_TAKEN))
    assert str(visit(STARTED, FOUND, ended(Verdict.RED, bans=1), *removal(outcome)).actions) == said


@pytest.mark.parametrize(("before", "said"), [((), "Read"), ((STEP, answer("device-admin")), "1 app refused")])
def test_a_screen_that_was_opened_removed_nothing(visit: Visit, before: tuple[Record, ...], said: str) -> None:
    step = records.RemovalIntended("open-app-settings", "com.tencent.mm", 0, 2)
    seen = visit(*CAME, *before, step, answer("done", 4 + len(before)))
    assert str(seen.actions) == said


def test_a_phone_that_was_never_read_says_why(visit: Visit) -> None:
    away = records.ProblemMet(code="gone", sentence=T("It went away."), next_step=T("Plug it in."))
    seen = visit(STARTED, away)
    assert seen.before is seen.after is None
    assert str(seen.actions) == "It went away."
    assert str(replace(seen, entries=seen.entries[:1]).actions) == "Check not finished"


def test_a_use_of_an_exception_is_told(visit: Visit) -> None:
    until = date(2027, 1, 1)
    allowed = replace(WECHAT, excepted=Excepted(entry=1, until=until, authority="the CIO", reference="EX-1"))
    granted = records.ExceptionGranted(
        product=WECHAT.product, until="2027-01-01", reference="EX-1", package="", rule="wechat", authority="the CIO"
    )
    seen = visit(granted, STARTED, records.AppFound.of(allowed), ended(Verdict.AMBER, bans=1))
    assert str(seen.actions) == "1 exception used; An exception was granted"


def test_it_is_called_by_what_was_said_last_of_the_phone(visit: Visit) -> None:
    first, last = Labels(tag="DRH-1"), Labels(tag="DRH-1", holder="Yves Caron")
    seen = visit(STARTED, records.PhoneLabelled(), ended(), labels=(Labels(), first, last))
    assert seen.holder_or_tag == "Yves Caron"
    assert seen.tail == "BCDE"
    assert (seen.ended - seen.began) == timedelta(minutes=2)


def test_every_record_but_the_housekeeping_is_an_event_with_words(visit: Visit) -> None:
    copied = records.OutsideCopy("receipt", 1, "")
    seen = visit(STARTED, FOUND, ended(Verdict.RED, bans=1), *removal(), copied, STARTED, ended())
    told = [str(event.headline) for event in seen.events]
    assert len(told) == len([e for e in seen.entries if e.kind not in HOUSEKEEPING]) == 7
    assert told[1:5] == ["Banned: WeChat", "Checked: 1 banned app", "WeChat: remove", "WeChat: as it says"]
    assert told[-1].startswith("Checked again: ")


def test_a_kind_that_is_unknown_here_is_named_and_hides_nothing(visit: Visit) -> None:
    """Another version may have written it, also a later one."""
    seen = visit(STARTED, ended(), records.Exported("csv", 3, {}))
    assert Kind.EXPORTED in seen.other_kinds
    assert str(seen.actions) == "Entries were exported"
    assert "Entries were exported" in str(seen.events[-1].headline)


@pytest.mark.parametrize(
    ("answer", "verdict", "left"),
    [
        (Attested.NOTHING_SEEN, Verdict.AMBER, "Checked by hand"),
        (Attested.APP_SEEN, Verdict.RED, "1 banned seen"),
        (Attested.NOTHING_SEEN, Verdict.GREEN, "No banned apps"),
        (Attested.DECLINED, Verdict.AMBER, "Not all seen"),
    ],
)
def test_what_an_officer_saw_on_the_phone_is_how_it_was_left(
    visit: Visit, answer: Attested, verdict: Verdict, left: str
) -> None:
    looked = records.Attestation(answer=answer, verdict=verdict, check=2)
    seen = visit(STARTED, ended(Verdict.AMBER, gaps=(GAP,)), looked)
    assert (seen.verdict, str(seen.state_words)) == (verdict, left)
    assert str(seen.actions) == "Checked by hand by A. Roy"
    again = RecordedVisit((*seen.entries, msgspec.structs.replace(seen.entries[1], seq=9)))
    assert (again.verdict, str(again.state_words)) == (
        Verdict.AMBER,
        "Not all seen",
    )  # a check that came later says more


def test_a_handing_back_is_told_once(visit: Visit) -> None:
    checked = visit(STARTED, ended(), STARTED, STARTED)
    kinds = ("hand-back-intended", "handed-back")
    back = (msgspec.structs.replace(e, kind=k) for e, k in zip(checked.entries[2:], kinds, strict=True))
    assert str(RecordedVisit((*checked.entries[:2], *back)).actions) == "Handed back"
