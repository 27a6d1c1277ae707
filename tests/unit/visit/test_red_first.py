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
from core.model import AppState, Cancelled, Gap, HandBack, Inventory, Paper, Verdict
from core.phones.android import inventory
from core.phones.android.link.server import ServerLink
from core.phones.android.phone import AndroidPhone
from core.phones.driver import LeftToOwner, OtherPhone, PhoneProblem, Unplugged
from core.policy.format import policy_file
from core.policy.matching import match
from core.rounds.rounds import seen_phone
from core.same_phone import names_one_phone
from core.simulator import PracticePhone
from core.text import T
from core.visit.events import Event, Glimpse
from core.visit.visit import Visit
from tests.kit.opened_phone import OpenedPhone
from tests.unit.phones.android.scripted_server import ScriptedServer
from tests.unit.visit.test_check import app
from tests.unit.visit.test_closer import NOTES, Driver, visit
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

        def read(self, report: object, cancel: Cancel, glimpse: Callable[[object], None], sought: object) -> None:
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


@pytest.mark.parametrize("hidden", [False, True], ids=["listed", "hidden"])
def test_whatever_showed_a_banned_app_before_the_phone_was_lost_is_told(serve: Serve, hidden: bool) -> None:
    """Cut off behind any line, the reading tells what came until then. A hidden app is in no quick list."""
    practice = phone("walk-up")
    if hidden:
        practice.change(practice.packages[WECHAT], 0, replace(practice.state(WECHAT), hidden=True))
    whole: list[bytes] = []
    real = ServerLink(SERIAL, serve(practice).port)
    real.run(inventory.script("0a" * 16), whole.append, Cancel())
    lines = b"".join(whole).replace(b"\r\n", b"\n").splitlines(keepends=True)
    (block, *_) = [n for n, line in enumerate(lines) if b"Package [%s]" % WECHAT.encode() in line]
    listed = next(n for n, line in enumerate(lines, 1) if b"=%s " % WECHAT.encode() in line or n > block)
    behind = next(n for n, line in enumerate(lines) if n > block and line.startswith(b"  Package ["))
    named = behind if hidden else listed
    marks = {named} | {n for n, line in enumerate(lines) if line.startswith(b"0a0a") or WECHAT.encode() in line}
    told = {}
    for cut in sorted({n + more for n in marks for more in (0, 1, 2, 20)} | {len(lines)}):
        told[cut] = False

        def glimpse(so_far: Inventory, at: int = cut) -> None:
            told[at] |= any(f.is_ban and f.app.package == WECHAT for f in match.judge(so_far, POLICY))

        class Pulled:
            def run(self, command: str, feed: Callable[[bytes], None], *_: object, at: int = cut) -> None:
                nonce = command.partition(" begin ")[0].rpartition('"')[2]
                feed(b"".join(lines[:at]).replace(b"0a" * 16, nonce.encode()))
                raise Unplugged("gone")

        with pytest.raises(Unplugged):
            inventory.read(Pulled(), True, lambda news: None, Cancel(), glimpse)  # type: ignore[arg-type]
    first = min(cut for cut in told if told[cut])
    assert first <= named
    assert all(told[cut] for cut in told if cut >= first)


class Renamed(Driver):
    """A phone with a serial number of its own, and a copy of WeChat under another name that its file alone shows."""

    serial = "R58M42ABCDE"

    def left_to_owner(self, cancel: Cancel) -> LeftToOwner:
        raise Unplugged("gone")


def renamed(*, readable: bool = True) -> Renamed:
    return Renamed(app(), app("android", system=True), files=[NOTES] if readable else [])


def archived() -> Renamed:
    return Renamed(
        app(states=(AppState(0, installed=False, archived=True),), version_code=None), app("android", system=True)
    )


def stopped() -> Renamed:
    driver = renamed()
    driver.leaves = (0, Unplugged("gone"))
    return driver


@pytest.mark.parametrize(
    "again", [lambda: renamed(readable=False), archived, stopped], ids=["unread", "archived", "stopped"]
)
def test_what_is_on_record_as_seen_is_seen_until_a_reading_of_that_app(
    ledger: Ledger, again: Callable[[], Renamed]
) -> None:
    """Whatever becomes of the connection, the program and the visit; but not once the phone was handed back."""
    assert visit(ledger, renamed()).check(Cancel()).verdict is Verdict.RED
    second = visit(ledger, again())
    check = second.check(Cancel())
    assert (check.verdict, [f.app.package for f in check.red]) == (Verdict.RED, ["com.pocket.notes"])
    assert "Seen earlier, and their removal was not seen" in " ".join(str(gap.what) for gap in check.gaps)
    assert recorded(ledger, second.number).state.left_count == 1
    resumed = visit(ledger, again(), number=second.number, entries=second.entries)
    assert resumed.check(Cancel()).verdict is Verdict.RED
    assert visit(ledger, Renamed(app("android", system=True))).check(Cancel()).verdict is Verdict.GREEN
    assert visit(ledger, again()).check(Cancel()).verdict is Verdict.AMBER


@pytest.mark.parametrize("serial", ["R58M42ABCDE", "0123456789ABCDEF"])
def test_what_was_seen_of_another_phone_or_before_it_was_handed_back_is_not_held_against_one(
    ledger: Ledger, serial: str
) -> None:
    first = renamed()
    first.serial = serial
    one = visit(ledger, first)
    assert one.check(Cancel()).verdict is Verdict.RED
    if names_one_phone(serial):
        other = stopped()
        other.serial = "R58M42ABCDF"
        assert visit(ledger, other).check(Cancel()).verdict is Verdict.AMBER
        one.hand_back(HandBack(Paper.DECLINED, reason="It has to leave."), Cancel())
    later = stopped()
    later.serial = serial
    assert visit(ledger, later).check(Cancel()).verdict is Verdict.AMBER


def test_a_ban_that_a_check_without_an_end_has_shown_is_seen(ledger: Ledger) -> None:
    """The computer goes off once the listing has named WeChat; then the phone hides it and breaks off."""
    first = Renamed(app(WECHAT), app("android", system=True))
    first.lost = Power()
    with pytest.raises(Power):
        visit(ledger, first).check(Cancel())
    second = Renamed(app("android", system=True))
    second.gaps = (Gap(T("The phone broke off its answer before the end."), T("Again.")),)
    check = visit(ledger, second).check(Cancel())
    assert (check.verdict, [str(f.product) for f in check.red]) == (Verdict.RED, ["WeChat"])
    assert visit(ledger, Renamed(app("android", system=True))).check(Cancel()).verdict is Verdict.GREEN


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
