"""A visit where the log, the cable or the officer fails it: what is then still true. Over practice phones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Cancel
from core.ledger.problems import LedgerProblem, NoSpace
from core.ledger.records import AppFound, Kind
from core.ledger.writer import Ledger
from core.model import Gap, Inventory, Labels, Phone
from core.phones.android.phone import AndroidPhone
from core.phones.connect import Reach
from core.phones.driver import PhoneProblem
from core.policy.format import policy_file
from core.simulator import PracticeServer, load
from core.text import T
from core.visit.journal import OutcomeNotRecorded
from core.visit.visit import Visit
from tests.entries import personal
from tests.kit.opened_phone import OpenedPhone

POLICY = policy_file.load_built_in("canada")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    path = tmp_path / "practice-ledger.db"
    with Ledger(path, desk="Desk 4", officer="A. Roy", app_version="test", practice=True) as ledger:
        yield ledger


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def visit(ledger: Ledger, keys: Path) -> Iterator[Callable[..., Visit]]:
    """Opens a visit with the practice phone of that name; the phone is the same for all."""
    servers: dict[str, PracticeServer] = {}
    visits: list[Visit] = []

    def begin(scenario: str, number: str = "", **said: Any) -> Visit:
        if scenario not in servers:
            servers[scenario] = PracticeServer(load(scenario), pace=0.0)
        driver = Reach(keys, "Desk 4").address("127.0.0.1", servers[scenario].port, Cancel(), lambda _: None)
        visits.append(Visit(OpenedPhone(driver, POLICY, ledger), lambda event: None, number, **said))
        visits[-1].connect(Cancel())
        return visits[-1]

    yield begin
    for one in visits:
        one.close()
    for server in servers.values():
        server.close()


Begin = Callable[..., Visit]


def fail_to_write(monkeypatch: pytest.MonkeyPatch, kind: Kind) -> None:
    """The disk is full whenever a record of that kind is written."""
    write = Ledger.append_all

    def limited(self: Ledger, records: Any, **values: Any) -> Any:
        records = list(records)
        if records[0].kind == kind:
            raise NoSpace(self.path)
        return write(self, records, **values)

    monkeypatch.setattr(Ledger, "append_all", limited)


def test_every_visit_has_a_number_of_its_own_unless_it_goes_on(visit: Begin, ledger: Ledger) -> None:
    first, second = visit("clean"), visit("clean")
    assert first.number != second.number
    again = visit("clean", first.number)
    assert again.number == first.number
    for one in (first, again):
        one.check(Cancel())
    assert {e.visit for e in ledger.newest(100, kind=Kind.CHECK_ENDED)} == {first.number}


def test_it_is_known_that_it_is_practice(visit: Begin) -> None:
    assert visit("clean").practice


def test_what_to_do_by_hand_is_on_record_with_the_check(visit: Begin, ledger: Ledger) -> None:
    visit("device-admin").check(Cancel())
    found = [e.record for e in ledger.newest(100, kind=Kind.FINDING) if isinstance(e.record, AppFound)]
    words = " / ".join(str(one.by_hand) for one in found if one.is_ban)
    assert "Device admin apps" in words
    assert "manages this phone or profile" in words


def test_nothing_is_to_be_done_by_hand_about_an_app_that_is_switched_off(visit: Begin, ledger: Ledger) -> None:
    one = visit("preinstalled")
    one.check(Cancel())
    one.remove(one.plan(), Cancel())
    last = ledger.newest(1, kind=Kind.FINDING)[0].record
    assert isinstance(last, AppFound)
    assert (last.contained, last.by_hand) == (True, None)


def test_a_removal_whose_outcome_was_not_written_is_settled_by_the_next_check(
    visit: Begin, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although Fanion still runs: nobody has to close it for that."""
    one = visit("walk-up")
    one.check(Cancel())
    with monkeypatch.context() as patched:
        fail_to_write(patched, Kind.REMOVAL_OUTCOME)
        with pytest.raises(OutcomeNotRecorded):
            one.remove(one.plan(), Cancel())
    (intent,) = ledger.open_intents()
    one.check(Cancel())
    assert ledger.open_intents() == ()
    (outcome,) = [e for e in ledger.newest(100, kind=Kind.REMOVAL_OUTCOME) if e.leaf["body"]["intent"] == intent.seq]
    assert outcome.leaf["body"]["outcome"] == "unknown"
    assert "is not there" in outcome.leaf["body"]["means"]["en"]


@pytest.mark.parametrize("profile", [None, 0])
def test_a_check_that_did_not_see_all_of_the_profile_does_not_say_that_the_app_is_gone(
    visit: Begin, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, profile: int | None
) -> None:
    one = visit("walk-up")
    one.check(Cancel())
    with monkeypatch.context() as patched:
        fail_to_write(patched, Kind.REMOVAL_OUTCOME)
        with pytest.raises(OutcomeNotRecorded):
            one.remove(one.plan(), Cancel())
    (intent,) = ledger.open_intents()
    read = AndroidPhone.read

    def partly(phone: AndroidPhone, *arguments: Any) -> Inventory:
        return replace(read(phone, *arguments), gaps=(Gap(T("a part"), T("look"), profile),))

    monkeypatch.setattr(AndroidPhone, "read", partly)
    one.check(Cancel())
    (outcome,) = [e for e in ledger.newest(100, kind=Kind.REMOVAL_OUTCOME) if e.leaf["body"]["intent"] == intent.seq]
    assert outcome.leaf["body"]["outcome"] == "unknown"
    assert "cannot tell whether" in outcome.leaf["body"]["means"]["en"]


def test_an_undoing_whose_outcome_was_not_written_likewise(
    visit: Begin, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = visit("preinstalled")
    one.check(Cancel())
    one.remove(one.plan(), Cancel())
    back = [u for u in one.undoable() if u.possible]
    assert back
    with monkeypatch.context() as patched:
        fail_to_write(patched, Kind.UNDO_OUTCOME)
        with pytest.raises(OutcomeNotRecorded, match="was sent to the phone"):
            one.undo(back, Cancel())
    assert [e.kind for e in ledger.open_intents()] == [Kind.UNDO_INTENDED]
    one.check(Cancel())
    assert ledger.open_intents() == ()


# --- what a department calls a phone

TAGGED = Labels("TB-114", "Zoé Tremblay", "356938035643809")


def revealed(ledger: Ledger, seq: int) -> tuple[str | None, ...]:
    entry = ledger.entry(seq)
    assert entry is not None
    return tuple(personal(entry, name) for name in ("tag", "holder", "imei"))


def newest(ledger: Ledger, kind: Kind) -> int:
    return ledger.newest(1, kind=kind)[0].seq


def test_labels_are_written_down_and_every_later_record_has_them(visit: Begin, ledger: Ledger) -> None:
    one = visit("walk-up")
    one.check(Cancel())
    before = newest(ledger, Kind.CHECK_ENDED)
    written = one.label(TAGGED)
    assert written is not None
    assert (written.kind, written.visit, written.leaf["body"]) == ("phone-labelled", one.number, {})
    assert ledger.unsealed() == 0
    one.remove(one.plan(), Cancel())
    for kind in (Kind.PHONE_LABELLED, Kind.REMOVAL_INTENDED, Kind.REMOVAL_OUTCOME, Kind.CHECK_ENDED):
        assert revealed(ledger, newest(ledger, kind)) == ("TB-114", "Zoé Tremblay", "356938035643809")
    assert revealed(ledger, before) == (None, None, None)


def test_labels_are_in_no_record_in_the_clear(visit: Begin, ledger: Ledger) -> None:
    one = visit("walk-up")
    one.check(Cancel())
    one.label(TAGGED)
    one.check(Cancel())
    leaves = "".join(e.exact.decode() for e in ledger.newest(1000))
    for name in ("TB-114", "Tremblay", "356938035643809"):
        assert name not in leaves
    numbers = [e.seq for e in ledger.newest(1000)]
    ledger.erase_records(numbers, "for the test")
    assert all(revealed(ledger, n) == (None, None, None) for n in numbers)


def test_empty_labels_withdraw_them_from_what_comes_later(visit: Begin, ledger: Ledger) -> None:
    one = visit("clean")
    one.check(Cancel())
    first = one.label(TAGGED)
    assert one.label(TAGGED) is None  # it was said before
    withdrawn = one.label(Labels())
    assert first is not None
    assert withdrawn is not None
    one.check(Cancel())
    assert revealed(ledger, first.seq) == ("TB-114", "Zoé Tremblay", "356938035643809")
    for seq in (withdrawn.seq, newest(ledger, Kind.CHECK_ENDED)):
        assert revealed(ledger, seq) == (None, None, None)
    assert ledger.newest(1, kind=Kind.CHECK_ENDED)[0].leaf["device"].keys() >= {"maker", "serial"}


def test_before_a_phone_was_read_labels_wait_for_its_first_check(visit: Begin, ledger: Ledger) -> None:
    one = visit("clean")
    assert one.label(TAGGED) is None
    assert ledger.newest(10, kind=Kind.PHONE_LABELLED) == ()
    one.check(Cancel())
    assert revealed(ledger, newest(ledger, Kind.CHECK_ENDED))[0] == "TB-114"
    assert revealed(ledger, newest(ledger, Kind.PHONE_SEEN))[0] == "TB-114"
    assert ledger.newest(10, kind=Kind.PHONE_LABELLED) == ()


def test_labels_that_could_not_be_written_are_not_in_force(
    visit: Begin, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = visit("clean")
    one.check(Cancel())
    with monkeypatch.context() as patched:
        fail_to_write(patched, Kind.PHONE_LABELLED)
        with pytest.raises(LedgerProblem):
            one.label(TAGGED)
    assert one.labels == Labels()
    assert one.label(TAGGED) is not None


def test_a_phone_that_has_left_can_still_be_labelled(visit: Begin, ledger: Ledger) -> None:
    one = visit("walk-up")
    one.check(Cancel())
    one.close()
    assert one.label(TAGGED) is not None


def test_labels_go_on_with_the_same_phone_and_with_no_other(visit: Begin, ledger: Ledger) -> None:
    first = visit("clean")
    phone = first.check(Cancel()).inventory.phone
    first.label(TAGGED)
    assert first.labelled == phone
    again = visit("clean", first.number, labels=first.labels, labelled=first.labelled)
    again.check(Cancel())
    assert again.labels == TAGGED
    other = visit("walk-up", first.number, labels=first.labels, labelled=first.labelled)
    other.check(Cancel())
    assert other.labels == Labels()
    assert revealed(ledger, newest(ledger, Kind.CHECK_ENDED)) == (None, None, None)
    said_anew = visit("walk-up", first.number, labels=first.labels, labelled=Phone("android", "x", "y", "14", "z"))
    said_anew.label(Labels("TB-115"))
    said_anew.check(Cancel())
    assert revealed(ledger, newest(ledger, Kind.CHECK_ENDED))[0] == "TB-115"


def test_labels_outlast_a_check_that_failed(visit: Begin, ledger: Ledger) -> None:
    one = visit("unplugged")
    assert isinstance(one.check(Cancel()).broken_off, PhoneProblem)
    one.label(TAGGED)
    again = visit("unplugged", one.number, labels=one.labels, labelled=one.labelled)
    again.check(Cancel())
    assert revealed(ledger, newest(ledger, Kind.CHECK_ENDED))[0] == "TB-114"
