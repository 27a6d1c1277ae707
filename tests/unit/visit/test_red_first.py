"""Red is kept first: what a phone has shown of a ban is on record and stays, whatever comes after it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.describe.visits import RecordedVisit
from core.jobs import Cancel
from core.ledger.problems import LedgerProblem
from core.ledger.records import Kind
from core.ledger.writer import Ledger
from core.model import Cancelled, HandBack, Paper, Verdict
from core.phones.android.link.server import ServerLink
from core.phones.android.phone import AndroidPhone
from core.phones.driver import OtherPhone, PhoneProblem, Unplugged
from core.policy.format import policy_file
from core.rounds.rounds import seen_phone
from core.simulator import PracticePhone
from core.visit.events import Event, Glimpse
from core.visit.phone_source import OpenedPhone
from core.visit.visit import Visit
from tests.unit.phones.android.scripted_server import ScriptedServer
from tests.unit.visit.test_same_phone import SERIAL, WECHAT, phone

POLICY = policy_file.load_built_in("canada")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", desk="Desk 4", officer="A. Roy", app_version="test") as opened:
        yield opened


@pytest.fixture
def serve() -> Iterator[Callable[[PracticePhone], ScriptedServer]]:
    servers: list[ScriptedServer] = []

    def start(served: PracticePhone) -> ScriptedServer:
        servers.append(ScriptedServer(SERIAL, served))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


#: The banned apps of the phone.
BANNED = (WECHAT, "com.kms.free", "com.zhiliaoapp.musically")
Serve = Callable[[PracticePhone], ScriptedServer]


def visiting(server: ScriptedServer, ledger: Ledger, listen: Callable[[Event], None] = lambda event: None) -> Visit:
    visit = Visit(OpenedPhone(AndroidPhone(ServerLink(SERIAL, server.port)), POLICY, ledger), listen)
    visit.connect(Cancel())
    return visit


def recorded(ledger: Ledger, number: str) -> RecordedVisit:
    (entries,) = ledger.of_visits([next(e.seq for e in ledger.newest(100) if e.visit == number)])
    return RecordedVisit(entries)


def kinds(ledger: Ledger) -> list[str]:
    return [entry.kind for entry in reversed(ledger.newest(100))]


def test_it_is_on_record_before_the_phone_is_asked_for_anything_else(serve: Serve, ledger: Ledger) -> None:
    server = serve(phone("walk-up"))
    before_files: list[list[str]] = []

    def asked(command: str) -> None:
        if "stat -c" in command:
            before_files.append(kinds(ledger))

    server.before = asked
    visiting(server, ledger).check(Cancel())
    assert Kind.BANS_SEEN in before_files[0]
    assert Kind.CHECK_ENDED not in before_files[0]
    (seen, *_) = ledger.newest(10, kind=Kind.BANS_SEEN)
    assert WECHAT in {app["package"] for app in seen.leaf["body"]["apps"]}
    assert seen.device is not None


def test_a_green_phone_leaves_no_such_record(serve: Serve, ledger: Ledger) -> None:
    visiting(serve(phone("clean")), ledger).check(Cancel())
    assert Kind.BANS_SEEN not in kinds(ledger)


class Power(BaseException):
    """The computer goes off."""


def test_where_the_computer_goes_off_the_visit_was_red(serve: Serve, ledger: Ledger) -> None:
    server = serve(phone("walk-up"))
    visit = visiting(server, ledger)

    def off(event: Event) -> None:
        if isinstance(event, Glimpse):
            raise Power

    visit.listener = off
    with pytest.raises(Power):
        visit.check(Cancel())
    past = recorded(ledger, visit.number)
    assert (past.verdict, past.after) == (Verdict.RED, None)
    assert str(past.state_words) == "2 banned seen"
    seen = seen_phone(past)
    assert seen is not None
    assert (seen.verdict, seen.banned) == (Verdict.RED, 2)


@pytest.mark.parametrize("lost", ["the log", "the phone", "stopped"])
def test_a_second_check_that_saw_red_and_failed_is_no_green_visit(
    serve: Serve, ledger: Ledger, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A phone that was green, then shows a banned app, is not handed back as green, however that check ends."""
    practice = phone("walk-up")
    banned = [p for p in practice.packages.values() if p.name in BANNED]
    states = {package.name: practice.state(package.name) for package in banned}
    for package in banned:
        practice.uninstall(package, [0])
    visit = visiting(serve(practice), ledger)
    first = visit.check(Cancel())
    assert not first.bans
    for package in banned:
        practice.packages[package.name] = package
        practice.change(package, 0, states[package.name])
    cancel = Cancel()
    shown: list[Glimpse] = []

    def then(event: Event) -> None:
        if isinstance(event, Glimpse) and event.findings:
            shown.append(event)
            if lost == "stopped":
                cancel.press()

    visit.listener = then
    if lost == "the log":

        def full(*_: object, **__: object) -> None:
            raise LedgerProblem.__new__(LedgerProblem)

        monkeypatch.setattr(visit.journal, "record_bans_seen", full)
    elif lost == "the phone":

        def other(*_: object, **__: object) -> None:
            raise OtherPhone(("boot",))

        monkeypatch.setattr("core.visit.check.match.judge", match_then(other))
    with contextlib.suppress(LedgerProblem, PhoneProblem, Cancelled):
        visit.check(cancel)
    assert shown
    assert visit.verdict is Verdict.RED
    assert visit.banned_left
    assert visit.needs_reason
    with pytest.raises(ValueError, match="reason"):
        visit.hand_back(HandBack(Paper.DECLINED), Cancel())


def match_then(raising: Callable[..., None]) -> Callable[..., object]:
    """Judge as usual once, then raise: the phone turns out to be another one while it is read."""
    from core.policy.matching import match

    judge, calls = match.judge, []

    def judged(*given: object, **named: object) -> object:
        calls.append(given)
        if len(calls) == 2:
            raising()
        return judge(*given, **named)  # type: ignore[arg-type]

    return judged


def test_what_was_seen_of_a_phone_that_is_another_one_is_that_ones(serve: Serve, ledger: Ledger) -> None:
    checked = phone("clean")
    server = serve(checked)
    visit = visiting(server, ledger)
    assert visit.check(Cancel()).verdict is Verdict.GREEN
    driver = visit.driver

    class Swapped:
        """Shows a red phone, and then says that it is not the one that was expected."""

        def __getattr__(self, name: str) -> object:
            return getattr(driver, name)

        def read(self, report: object, cancel: Cancel, glimpse: Callable[[object], None]) -> None:
            red = Visit(OpenedPhone(AndroidPhone(ServerLink(SERIAL, other.port)), POLICY, ledger))
            red.connect(Cancel())
            inventory = red.driver.read(lambda news: None, cancel, None)
            glimpse(replace(inventory, phone=replace(inventory.phone, serial="OTHER")))
            raise OtherPhone(("serial",))

    other = ScriptedServer(SERIAL, phone("walk-up"))
    visit._driver = Swapped()  # type: ignore[assignment]
    try:
        with pytest.raises(OtherPhone):
            visit.check(Cancel())
    finally:
        other.close()
    (red, *_) = ledger.newest(10, kind=Kind.CHECK_ENDED)
    assert red.leaf["body"]["verdict"] == "red"
    assert red.visit != visit.number
    assert red.device is not None
    assert visit.verdict is None  # it was green, and was not read to the end again
    assert recorded(ledger, visit.number).verdict is None


def test_a_red_that_only_the_snapshot_shows_is_on_record_where_the_phone_is_lost_behind_it(
    serve: Serve, ledger: Ledger
) -> None:
    """A hidden app is in no quick list."""
    practice = phone("walk-up")
    for name in BANNED:
        if name in practice.packages:
            state = practice.state(name)
            practice.change(practice.packages[name], 0, replace(state, hidden=True))
    server = serve(practice)
    visit = visiting(server, ledger)
    link = visit.driver._link  # type: ignore[attr-defined]
    whole = link.run

    def pulled(command: str, feed: Callable[[bytes], None], *given: object, **named: object) -> None:
        def until(data: bytes) -> None:
            feed(data.partition(b" begin links")[0])
            if b" begin links" in data:
                raise Unplugged("gone")

        whole(command, until, *given, **named)

    link.run = pulled
    check = visit.check(Cancel())
    assert check.verdict is Verdict.RED
    assert Kind.BANS_SEEN in kinds(ledger)


def test_a_check_that_was_stopped_after_the_quick_lists_calls_nothing_gone(serve: Serve, ledger: Ledger) -> None:
    visit = visiting(serve(phone("walk-up")), ledger)
    assert visit.check(Cancel()).verdict is Verdict.RED
    cancel = Cancel()

    def stop(event: Event) -> None:
        if isinstance(event, Glimpse):
            cancel.press()

    visit.listener = stop
    with contextlib.suppress(Cancelled, PhoneProblem):
        visit.check(cancel)
    assert visit.verdict is Verdict.RED
    assert visit.banned_left == 2
