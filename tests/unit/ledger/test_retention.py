"""What may be erased, and what has to be kept: nobody's values too long, no decision's evidence too short."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.jobs import Cancel, Progress
from core.ledger.evidence.folder import EvidenceFolder, EvidenceProblem
from core.ledger.file.clock import Instant
from core.ledger.problems import DamagedLedger
from core.ledger.records import (
    AppFound,
    Attestation,
    CheckEnded,
    CheckStarted,
    Erased,
    EvidenceTaken,
    Kind,
    Personal,
    PhoneLabelled,
    PhoneSeen,
    ProblemMet,
    ProgramStart,
    Record,
    RemovalIntended,
    RemovalOutcome,
    Timestamped,
    UndoIntended,
)
from core.ledger.records.stored_time import as_stored
from core.ledger.retention.due_values import Due, TooEarly, check_erasable, due
from core.ledger.retention.elapsed_time import BELIEVED
from core.ledger.writer import Ledger
from core.model import (
    AppEvidence,
    Attested,
    Cancelled,
    FileHash,
    Finding,
    HashedBy,
    Labels,
    Phone,
    Strength,
    Verdict,
)
from core.text import T
from tests.entries import personal

from .thief import Thief

NOTHING = Due((), 0, None, 0)
START = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)


class Days:
    """A computer that is started anew each day; its clock may be set."""

    def __init__(self) -> None:
        self.now = START
        self.counter = 0
        self.boot = "boot-0"

    def __call__(self) -> Instant:
        self.counter += 1_000
        self.now += timedelta(seconds=1)
        return Instant(self.now, self.counter, self.boot)

    def start_at(self, time: datetime) -> None:
        self.now, self.counter, self.boot = time, 0, f"{self.boot}'"


@dataclass
class Desk:
    ledger: Ledger
    clock: Days

    def start_at(self, time: datetime) -> datetime:
        self.clock.start_at(time)
        self.ledger.append(ProgramStart("Linux", 0))
        return time

    def work_at(self, time: datetime) -> datetime:
        """Start the computer once in two months until `time`, and then: only so the log shows that it is so late."""
        while time - self.clock.now > BELIEVED:
            self.start_at(self.clock.now + BELIEVED - timedelta(minutes=1))
        return self.start_at(time)

    def time_of(self, seq: int) -> datetime:
        entry = self.ledger.entry(seq)
        assert entry is not None
        return entry.time

    def visit(self, number: str, phone: Phone, *records: Record) -> list[int]:
        records = (CheckStarted(T("over USB")), *records)
        return [e.seq for e in self.ledger.append_all(records, visit=number, phone=phone)]


def ended(verdict: Verdict = Verdict.GREEN, bans: int = 0) -> CheckEnded:
    return CheckEnded(
        verdict=verdict, profiles=1, apps=100, findings=bans, bans=bans, products=bans, gaps=(), took_ms=900
    )


@pytest.fixture
def desk(path: Path) -> Iterator[Desk]:
    clock = Days()
    with Ledger(path, desk="D", officer="O", app_version="0.1.0", practice=False, clock=clock) as ledger:
        ledger.append(ProgramStart("Linux", 0))
        yield Desk(ledger, clock)


def test_nothing_is_due_in_an_empty_log_nor_without_a_setting(path: Path, desk: Desk, phone: Phone) -> None:
    assert due(desk.ledger, 6, START) == NOTHING
    desk.visit("v1", phone, ended())
    assert due(desk.ledger, 0, desk.work_at(datetime(2046, 1, 1, tzinfo=UTC))) == NOTHING


def test_log_without_any_record(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.db", desk="D", officer="O", app_version="1") as ledger:
        assert due(ledger, 1, START) == NOTHING
        check_erasable(ledger, [1], START, consent=False)


def test_clean_check_is_due_after_the_months_of_the_setting(desk: Desk, phone: Phone) -> None:
    seqs = desk.visit("v1", phone, ended())
    written = desk.ledger.entry(seqs[0])
    assert written is not None
    # One month after 31 January is the end of February; the day after that, it is over.
    assert due(desk.ledger, 1, desk.work_at(datetime(2026, 2, 28, 9, 0, 0, tzinfo=UTC))) == NOTHING
    found = due(desk.ledger, 1, desk.work_at(datetime(2026, 3, 31, 9, 0, 10, tzinfo=UTC)))
    assert found == Due(tuple(seqs), 2, written.time, 0)
    assert personal(desk.ledger.entry(seqs[0])) == phone.serial  # type: ignore[union-attr]
    check_erasable(desk.ledger, found.records, desk.clock.now, consent=False)


def test_what_was_erased_is_not_due_again(desk: Desk, phone: Phone) -> None:
    desk.visit("v1", phone, ended())
    now = desk.work_at(datetime(2026, 6, 1, tzinfo=UTC))
    assert desk.ledger.erase_records(due(desk.ledger, 1, now).records, "retention") == 2
    assert due(desk.ledger, 1, now) == NOTHING
    check_erasable(desk.ledger, range(1, desk.ledger.count()), now, consent=False)


def affecting(finding: Finding) -> list[tuple[Record, ...]]:
    return [
        (ended(Verdict.RED, 1),),
        (ended(Verdict.AMBER, 1),),  # a ban that is contained
        (AppFound.of(finding),),  # the check was cut off
    ]


@pytest.mark.parametrize("case", range(3))
def test_record_that_affected_a_person_is_kept_for_two_years(
    desk: Desk, phone: Phone, finding: Finding, case: int
) -> None:
    seqs = tuple(desk.visit("v1", phone, *affecting(finding)[case]))
    now = desk.work_at(START + timedelta(days=729))
    assert due(desk.ledger, 1, now) == Due((), 0, None, len(seqs))
    with pytest.raises(TooEarly, match="until 2028-01-31") as refused:
        check_erasable(desk.ledger, seqs, now, consent=False)
    assert refused.value.entries == seqs
    assert "consent" in refused.value.next_step.in_language("en")
    check_erasable(desk.ledger, seqs, now, consent=True)
    now = desk.work_at(START + timedelta(days=732))
    check_erasable(desk.ledger, seqs, now, consent=False)
    assert due(desk.ledger, 1, now).records == seqs


def test_removal_and_undo_make_their_whole_visits_wait(desk: Desk, phone: Phone, finding: Finding) -> None:
    recommended = replace(finding, strength=Strength.RECOMMENDATION)
    found = desk.visit("v1", phone, AppFound.of(recommended))[-1]
    intent = desk.visit("v1", phone, RemovalIntended("remove", "com.tencent.mm", 10, found))[-1]
    desk.visit(
        "v1", phone, RemovalOutcome(intent=intent, outcome="done", answer="Success", means=T("It is gone.")), ended()
    )
    undone = desk.visit("v2", phone, UndoIntended("install", "com.tencent.mm", 10, intent), ended())
    other = desk.visit("v3", replace(phone, serial="OTHER"), AppFound.of(recommended), ended(Verdict.AMBER))
    now = desk.work_at(START + timedelta(days=400))
    found_due = due(desk.ledger, 6, now)
    assert found_due.records == tuple(other)
    assert found_due.affected_waiting == 2 + 2 + 3 + len(undone)


def test_a_banned_app_that_an_officer_saw_makes_its_whole_visit_wait(desk: Desk, phone: Phone) -> None:
    def looked(visit: str, of: Phone, answer: Attested) -> list[int]:
        seqs = desk.visit(visit, of, ended(Verdict.AMBER))
        record = Attestation(answer=answer, verdict=Verdict.AMBER, note=Personal("a note"), check=seqs[-1])
        return [*seqs, *desk.visit(visit, of, record)]

    saw = looked("v1", phone, Attested.APP_SEEN)
    saw_none = looked("v2", replace(phone, serial="OTHER"), Attested.NOTHING_SEEN)
    found = due(desk.ledger, 6, desk.work_at(START + timedelta(days=400)))
    assert found.records == tuple(saw_none)
    assert found.affected_waiting == len(saw)


def test_two_years_begin_anew_with_the_phones_next_record(desk: Desk, phone: Phone) -> None:
    red = desk.visit("v1", phone, ended(Verdict.RED, 1))
    desk.work_at(START + timedelta(days=365))
    clean = desk.visit("v2", phone, ended())
    stranger = desk.visit("v3", replace(phone, model="SM-OTHER"), ended())
    now = desk.work_at(START + timedelta(days=800))
    oldest = desk.ledger.entry(clean[0])
    assert oldest is not None
    assert due(desk.ledger, 12, now) == Due(tuple(clean + stranger), 4, oldest.time, len(red))
    with pytest.raises(TooEarly, match="2029-01-31"):
        check_erasable(desk.ledger, red[:1], now, consent=False)
    check_erasable(desk.ledger, clean, now, consent=False)


def test_setting_can_only_lengthen_the_two_years(desk: Desk, phone: Phone) -> None:
    red = desk.visit("v1", phone, ended(Verdict.RED, 1))
    now = desk.work_at(START + timedelta(days=3 * 366))
    assert due(desk.ledger, 1, now).records == tuple(red)
    assert due(desk.ledger, 60, now) == NOTHING
    check_erasable(desk.ledger, red, now, consent=False)


def test_record_outside_a_visit_stands_alone(desk: Desk, phone: Phone) -> None:
    seen = desk.ledger.append(PhoneSeen("ready", T("over USB")), phone=phone)
    desk.ledger.append(ended(Verdict.RED, 1), phone=replace(phone, serial="OTHER"))
    now = desk.work_at(START + timedelta(days=100))
    assert due(desk.ledger, 1, now) == Due((seen.seq,), 1, seen.time, 1)


FAR = datetime(2099, 1, 1, tzinfo=UTC)


def refused(desk: Desk, seqs: list[int], now: datetime | None = None) -> TooEarly:
    with pytest.raises(TooEarly) as told:
        check_erasable(desk.ledger, seqs, now or desk.clock.now, consent=False)
    return told.value


def test_clock_set_forward_makes_nothing_due(desk: Desk, phone: Phone) -> None:
    red = desk.visit("v1", phone, ended(Verdict.RED, 1))
    assert due(desk.ledger, 1, FAR) == NOTHING  # the log knows of no such time
    desk.clock.now = FAR  # while the computer runs
    desk.ledger.append(ProgramStart("Linux", 0))
    assert due(desk.ledger, 1, FAR).records == ()
    desk.start_at(FAR)  # before it was started
    assert due(desk.ledger, 1, FAR).records == ()
    desk.start_at(START + timedelta(days=1))  # and set right again
    clean = desk.visit("v2", replace(phone, serial="OTHER"), ended())
    assert due(desk.ledger, 1, desk.work_at(START + timedelta(days=20))) == NOTHING
    refused(desk, red)
    assert due(desk.ledger, 1, desk.work_at(START + timedelta(days=60))).records == tuple(clean)


@pytest.mark.parametrize("before", [False, True], ids=["while the computer runs", "before a start"])
def test_no_number_of_starts_makes_one_change_of_the_clock_true(desk: Desk, phone: Phone, before: bool) -> None:
    red, green = (
        desk.visit("v1", phone, ended(Verdict.RED, 1)),
        desk.visit("v2", replace(phone, serial="OTHER"), ended()),
    )
    far = START + timedelta(days=800)
    if not before:
        desk.clock.now = far
        desk.ledger.append(ProgramStart("Linux", 0))
    for _ in range(4):  # on Windows, starts of Fanion
        desk.start_at(far + timedelta(minutes=5))
        assert due(desk.ledger, 1, far).records == ()
    told = refused(desk, red)
    assert told.gap is not None
    assert "From 2026-01-31 to 2028-04-1" in told.sentence.in_language("en")
    assert "fanion log timestamp" in told.next_step.in_language("en")
    assert told.until.year == 2030
    check_erasable(desk.ledger, green, far, consent=False)
    check_erasable(desk.ledger, red, far, consent=True)


def test_clock_set_forward_step_by_step_in_one_start(desk: Desk, phone: Phone) -> None:
    red = desk.visit("v1", phone, ended(Verdict.RED, 1))
    for _ in range(30):
        desk.clock.now += timedelta(days=30)
        desk.ledger.append(ProgramStart("Linux", 0))
    assert due(desk.ledger, 1, desk.clock.now).records == ()
    refused(desk, red)


def test_clock_set_forth_and_back_counts_once(desk: Desk, phone: Phone) -> None:
    red = desk.visit("v1", phone, ended(Verdict.RED, 1))
    for n in range(60):
        desk.start_at(START + timedelta(days=n % 2 * 60 + n // 2))
    refused(desk, red)
    desk.work_at(START + timedelta(days=729))
    refused(desk, red)


def test_who_works_once_in_a_month_is_never_behind(desk: Desk, phone: Phone) -> None:
    red = desk.visit("v1", phone, ended(Verdict.RED, 1))
    for month in range(2, 25):  # on its first day, or on its last one: up to 62 days lie between
        first = datetime(2026 + (month - 1) // 12, (month - 1) % 12 + 1, 1, 9, tzinfo=UTC)
        desk.start_at(first + timedelta(days=27 if month % 2 else 0))
    desk.start_at(datetime(2028, 1, 31, 8, tzinfo=UTC))
    assert refused(desk, red).gap is None
    check_erasable(desk.ledger, red, desk.start_at(datetime(2028, 2, 1, tzinfo=UTC)), consent=False)


def closed(desk: Desk, phone: Phone) -> tuple[list[int], list[int]]:
    """A desk that was closed for three years; what was checked before, and after."""
    red = desk.visit("v1", phone, ended(Verdict.RED, 1))
    desk.start_at(START + timedelta(days=3 * 365))
    return red, desk.visit("v2", replace(phone, serial="OTHER"), ended(Verdict.RED, 1))


def stamp(desk: Desk, time: datetime, *, checked: bool = True) -> None:
    desk.ledger.append(
        Timestamped(
            size=1,
            root="A" * 43 + "=",
            time=as_stored(time),
            authority="An authority",
            checked=checked,
            token="ab" * 32,
        )
    )


def test_desk_that_was_closed_for_years_needs_a_time_stamp(desk: Desk, phone: Phone) -> None:
    red, later = closed(desk, phone)
    now = desk.clock.now
    found = due(desk.ledger, 12, now)
    assert (found.records, found.affected_waiting) == ((), 0)
    assert found.gap is not None
    assert (found.gap.since.year, found.gap.until.year) == (2026, 2029)
    assert refused(desk, red).until.year == 2031
    stamp(desk, now, checked=False)
    refused(desk, red)
    stamp(desk, START + timedelta(days=500))  # a reply that was kept for long
    refused(desk, red)
    stamp(desk, now)
    check_erasable(desk.ledger, red, now, consent=False)
    assert due(desk.ledger, 12, now) == Due(tuple(red), 2, desk.time_of(red[0]), 0)
    refused(desk, later)  # nothing that was written since has grown older by it


def test_desk_that_was_closed_goes_on_as_if_it_had_not_been(desk: Desk, phone: Phone) -> None:
    red, later = closed(desk, phone)
    now = desk.work_at(desk.clock.now + timedelta(days=725))
    refused(desk, red)
    now = desk.work_at(now + timedelta(days=10))
    check_erasable(desk.ledger, [*red, *later], now, consent=False)


def test_time_stamp_says_nothing_for_a_clock_that_was_false(desk: Desk, phone: Phone) -> None:
    red = desk.visit("v1", phone, ended(Verdict.RED, 1))
    desk.start_at(START + timedelta(days=800))
    stamp(desk, START)
    refused(desk, red)
    desk.start_at(START + timedelta(days=1))
    stamp(desk, START + timedelta(days=1))
    refused(desk, red)


def test_start_with_a_clock_that_was_set_forward_makes_nothing_due(desk: Desk, phone: Phone) -> None:
    desk.visit("v1", phone, ended())
    desk.start_at(FAR)
    assert due(desk.ledger, 1, desk.clock.now).records == ()


def test_clock_at_the_end_of_time(desk: Desk, phone: Phone) -> None:
    clean = desk.visit("v1", phone, ended())
    desk.start_at(datetime(9999, 12, 31, 23, 0, tzinfo=UTC))
    lost = desk.visit("v2", phone, ended())
    assert due(desk.ledger, 1, desk.clock.now).records == ()
    desk.start_at(START + timedelta(days=1))
    assert due(desk.ledger, 1, desk.work_at(START + timedelta(days=90))).records == (*clean, *lost)


def test_record_without_a_proper_time_is_damage(desk: Desk, phone: Phone) -> None:
    seqs = desk.visit("v1", phone, ended(Verdict.RED, 1))
    now = desk.work_at(START + timedelta(days=90))
    with Thief(desk.ledger.path) as thief:
        thief.edit(seqs[1], lambda leaf: leaf.update(time=leaf["time"][:11] + "soon"))
    for ask in (lambda: check_erasable(desk.ledger, seqs, now, consent=False), lambda: due(desk.ledger, 1, now)):
        with pytest.raises(DamagedLedger):
            ask()


def test_problem_before_a_phone_is_known_is_kept_with_its_visit(desk: Desk, phone: Phone) -> None:
    met = desk.ledger.append(
        ProblemMet(
            code="p", sentence=T("It went away."), next_step=T("Again."), detail=Personal("device 'X' not found")
        ),
        visit="v1",
    )
    desk.visit("v1", phone, ended(Verdict.RED, 1))
    alone = desk.ledger.append(
        ProblemMet(
            code="p", sentence=T("It went away."), next_step=T("Again."), detail=Personal("device 'X' not found")
        ),
        visit="v2",
    )
    now = desk.work_at(START + timedelta(days=700))
    refused(desk, [met.seq])
    assert due(desk.ledger, 1, now).records == (alone.seq,)


def test_looking_for_what_is_due_can_be_stopped_and_tells_how_far_it_is(desk: Desk, phone: Phone) -> None:
    desk.visit("v1", phone, ended())
    now = desk.work_at(START + timedelta(days=90))
    told: list[Progress] = []
    assert due(desk.ledger, 1, now, told.append).records
    assert told[0].share == 0.0
    cancel = Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        due(desk.ledger, 1, now, cancel=cancel)


def test_computer_that_is_never_switched_off_still_grows_older(desk: Desk, phone: Phone) -> None:
    seqs = desk.visit("v1", phone, ended())
    desk.clock.now += timedelta(days=90)
    desk.clock.counter += 90 * 86_400_000
    desk.ledger.append(ProgramStart("Linux", 0))
    assert due(desk.ledger, 2, desk.clock.now).records == tuple(seqs)


def test_clock_that_lost_its_battery_makes_no_record_old(desk: Desk, phone: Phone) -> None:
    desk.clock.start_at(datetime(1970, 1, 1, tzinfo=UTC))
    red = desk.visit("v1", phone, ended(Verdict.RED, 1))
    now = desk.work_at(START + timedelta(days=10))
    assert due(desk.ledger, 1, now) == NOTHING
    with pytest.raises(TooEarly, match="2028-01-31"):
        check_erasable(desk.ledger, red, now, consent=False)


def test_many_records_are_read_page_by_page(desk: Desk, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ledger.retention.due_values._STRETCH", 3)
    seqs = [seq for n in range(5) for seq in desk.visit(f"v{n}", phone, ended())]
    assert due(desk.ledger, 1, desk.work_at(START + timedelta(days=90))).records == tuple(seqs)


LABELS = Labels("TB-114", "Zoé Tremblay")


def test_labels_are_due_and_erased_with_the_rest(desk: Desk, phone: Phone) -> None:
    seqs = desk.visit("v1", phone, ended())
    labelled = desk.ledger.append(PhoneLabelled(), visit="v1", phone=phone, labels=LABELS)
    now = desk.work_at(START + timedelta(days=60))
    found = due(desk.ledger, 1, now)
    assert (found.records, found.values) == ((*seqs, labelled.seq), 5)
    assert desk.ledger.erase_records(found.records, "retention") == 5
    erased = desk.ledger.entry(labelled.seq)
    assert erased is not None
    assert (personal(erased, "tag"), personal(erased, "holder")) == (None, None)
    assert erased.exact == labelled.exact


def test_a_phone_is_the_same_with_labels_and_without(desk: Desk, phone: Phone, finding: Finding) -> None:
    """What affected a person waits for two years after the phone's last record, whatever it was called since."""
    seqs = tuple(desk.visit("v1", phone, AppFound.of(finding), ended(Verdict.RED, 1)))
    desk.work_at(START + timedelta(days=500))
    desk.ledger.append_all([CheckStarted(T("over USB")), ended()], visit="v2", phone=phone, labels=LABELS)
    now = desk.work_at(START + timedelta(days=735))
    with pytest.raises(TooEarly) as refused:
        check_erasable(desk.ledger, seqs, now, consent=False)
    assert refused.value.entries == seqs
    assert not set(seqs) & set(due(desk.ledger, 1, now).records)


def kept_file(finding: int, content: bytes) -> EvidenceTaken:
    """What was there of an app, of whose one file a copy is kept."""
    file = FileHash("base.apk", len(content), hashlib.sha256(content).hexdigest(), HashedBy.HERE, kept=True)
    evidence = AppEvidence("com.tencent.mm", 0, (file,), (), "8", "", "", "", size=len(content))
    return EvidenceTaken.of(evidence, finding)


def keep(desk: Desk, content: bytes) -> Path:
    """Put this file into the evidence folder; where it is."""
    folder = EvidenceFolder(desk.ledger.path)
    with folder.copying() as copies:
        with copies.file() as file:
            file.write(memoryview(content))
        copies.keep([file.sha256], lambda: None)
    return folder.path / file.sha256


@pytest.mark.parametrize("serial", ["R5CT10ABCDE", ""])
def test_copies_of_files_are_kept_as_long_as_their_record_is_and_go_with_it(
    desk: Desk, phone: Phone, finding: Finding, serial: str
) -> None:
    """Also where no personal value stands beside the record: the phone has no serial number."""
    phone, file = replace(phone, serial=serial), keep(desk, b"an app")
    *_, found, _ = desk.visit("v1", phone, AppFound.of(finding, None), ended(Verdict.RED, 1))
    seq = desk.ledger.append(kept_file(found, b"an app"), visit="v1", phone=phone).seq
    early = desk.work_at(START + timedelta(days=700))
    assert seq not in due(desk.ledger, 6, early).records
    with pytest.raises(TooEarly):
        check_erasable(desk.ledger, [seq], early, consent=False)
    late = desk.work_at(START + timedelta(days=800))
    over = due(desk.ledger, 6, late)
    assert seq in over.records
    assert (over.files, over.file_bytes) == (1, 6)
    check_erasable(desk.ledger, over.records, late, consent=False)
    desk.ledger.erase_records(over.records, "retention")
    assert not file.exists()
    assert due(desk.ledger, 6, late) == replace(NOTHING, gap=None)
    erased = desk.ledger.newest(1, kind=Kind.ERASED)[0].record
    assert isinstance(erased, Erased)
    assert (seq in erased.records, erased.files, erased.file_bytes) == (True, 1, 6)


def test_a_file_that_could_not_be_deleted_is_told_and_goes_the_next_time(
    desk: Desk, phone: Phone, finding: Finding, make_read_only: Callable[[Path], None]
) -> None:
    file = keep(desk, b"an app")
    *_, found, _ = desk.visit("v1", phone, AppFound.of(finding, None), ended(Verdict.RED, 1))
    seq = desk.ledger.append(kept_file(found, b"an app"), visit="v1", phone=phone).seq
    make_read_only(file.parent)
    with pytest.raises(EvidenceProblem) as told:
        desk.ledger.erase_records([seq], "a test")
    assert told.value.code == "evidence-not-deleted"
    assert desk.ledger.erasures()[seq]
    assert file.exists()


def test_an_erased_file_that_is_still_there_goes_with_the_next_erasing(
    desk: Desk, phone: Phone, finding: Finding
) -> None:
    file = keep(desk, b"an app")
    *_, found, _ = desk.visit("v1", phone, AppFound.of(finding, None), ended(Verdict.RED, 1))
    seqs = [desk.ledger.append(kept_file(found, data), visit="v1", phone=phone).seq for data in (b"an app", b"two")]
    desk.ledger.erase_records(seqs[:1], "a test")
    assert not file.exists()
    keep(desk, b"an app")  # as if it could not have been deleted
    desk.ledger.erase_records(seqs[1:], "a test")
    assert not file.exists()
