"""The phone that was checked is the phone that is changed: another one that answers in its place is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import describe
from core.desk.serial_numbers import SerialNumbers
from core.jobs import Cancel, silent
from core.ledger.records import Kind
from core.ledger.writer import Ledger
from core.model import Labels, Phone, PhoneIdentity, Verdict
from core.phones.android.link import phone_identity
from core.phones.android.link.server import ServerLink
from core.phones.android.phone import AndroidPhone
from core.phones.driver import OtherPhone, Unplugged
from core.policy import exceptions
from core.policy.format import policy_file
from core.same_phone import differences, is_same, is_still, names_one_phone
from core.simulator import PracticePhone, load
from core.simulator.commands.streams import Io
from core.simulator.commands.tools import tools
from core.simulator.model.files import FileTree
from core.simulator.model.installed import AppOnProfile
from core.simulator.shell.shell import Shell
from core.visit.events import Event, StepBegins, StepEnds
from core.visit.visit import Visit
from tests.kit.opened_phone import OpenedPhone
from tests.unit.phones.android.scripted_server import ScriptedServer

POLICY = policy_file.load_built_in("canada")
SERIAL = "127.0.0.1:5555"
WECHAT = "com.tencent.mm"
PLACEHOLDER = "0123456789ABCDEF"


def phone(scenario: str = "walk-up", serial: str = "", boot: bool = True) -> PracticePhone:
    """A phone; `boot` tells whether its shell may read the boot id."""
    made = load(scenario)
    if serial:
        made = replace(made, device=replace(made.device, serial=serial))
    one = PracticePhone(made, 0.0)
    if not boot:
        one.files._entries.pop("/proc/sys/kernel/random/boot_id")
    return one


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", desk="Desk 4", officer="A. Roy", app_version="test") as ledger:
        yield ledger


@pytest.fixture
def serve() -> Iterator[Callable[[PracticePhone], ScriptedServer]]:
    servers: list[ScriptedServer] = []

    def start(one: PracticePhone) -> ScriptedServer:
        servers.append(ScriptedServer(SERIAL, one))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


Serve = Callable[[PracticePhone], ScriptedServer]


def visiting(
    server: ScriptedServer, ledger: Ledger, listen: Callable[[Event], None] = lambda event: None, number: str = ""
) -> Visit:
    phone = OpenedPhone(AndroidPhone(ServerLink(SERIAL, server.port)), POLICY, ledger)
    visit = Visit(phone, listen, number)
    visit.connect(Cancel())
    return visit


def changed(one: PracticePhone) -> list[str]:
    """The commands by which a phone was changed."""
    return [c for c in one.log if c.startswith(("pm uninstall", "pm disable", "pm suspend", "cmd package", "am "))]


def read(one: PracticePhone) -> list[str]:
    """The commands by which its apps' files were read."""
    return [c for c in one.log if c.startswith(("dd", "tail"))]


def problems(ledger: Ledger) -> list[str]:
    return [e.leaf["body"]["code"] for e in ledger.newest(100, kind=Kind.PROBLEM)]


# --- the four swaps


def test_swapped_while_the_question_was_asked(serve: Serve, ledger: Ledger) -> None:
    checked, other = phone(), phone()
    server = serve(checked)
    visit = visiting(server, ledger)
    assert visit.check(Cancel()).verdict is Verdict.RED
    server.phone = other
    with pytest.raises(OtherPhone) as problem:
        visit.remove(visit.plan(), Cancel())
    assert "not the phone that was checked" in str(problem.value.sentence)
    assert problem.value.detail == "not the same: boot id"
    assert WECHAT in checked.installed()
    assert WECHAT in other.installed()
    assert changed(other) == read(other) == []
    assert problems(ledger) == ["another-phone"]
    # It was noticed when the phone was asked what there is: no step was announced.
    assert ledger.newest(1, kind=Kind.REMOVAL_INTENDED) == ledger.newest(1, kind=Kind.APP_EVIDENCE) == ()


def test_swapped_when_a_step_was_on_record(serve: Serve, ledger: Ledger) -> None:
    checked, other = phone(), phone()
    server = serve(checked)

    def swap(event: Event) -> None:
        if isinstance(event, StepBegins):
            server.phone = other

    visit = visiting(server, ledger, swap)
    assert visit.check(Cancel()).verdict is Verdict.RED
    with pytest.raises(OtherPhone):
        visit.remove(visit.plan(), Cancel())
    assert WECHAT in checked.installed()
    assert changed(other) == read(other) == []
    assert problems(ledger) == ["another-phone"]
    assert ledger.newest(1, kind=Kind.REMOVAL_OUTCOME)[0].leaf["body"]["outcome"] == "not-taken"
    assert ledger.open_intents() == ()


def test_swapped_between_two_steps(serve: Serve, ledger: Ledger) -> None:
    checked, other = phone("device-admin"), phone("device-admin")
    server = serve(checked)

    def swap(event: Event) -> None:
        if isinstance(event, StepEnds):
            server.phone = other

    visit = visiting(server, ledger, swap)
    visit.check(Cancel())
    assert sum(len(item.steps) for item in visit.plan().items) > 1
    with pytest.raises(OtherPhone):
        visit.remove(visit.plan(), Cancel())
    assert changed(other) == []
    assert len(changed(checked)) == 1
    outcomes = [e.leaf["body"]["outcome"] for e in ledger.newest(10, kind=Kind.REMOVAL_OUTCOME)]
    assert outcomes == ["not-taken", "done"]
    assert problems(ledger) == ["another-phone"]


def test_swapped_before_the_reading_that_verifies(serve: Serve, ledger: Ledger) -> None:
    """A clean phone in its place would have made green what was not read again."""
    checked, clean = phone(), phone("clean", serial="PRACTICE-WALKUP")
    server = serve(checked)

    def swap(event: Event) -> None:
        if isinstance(event, StepEnds):
            server.phone = clean

    visit = visiting(server, ledger, swap)
    visit.check(Cancel())
    with pytest.raises(OtherPhone):
        visit.remove(replace(visit.plan(), items=visit.plan().items[:1]), Cancel())
    assert not any(c.startswith("pm list") for c in clean.log)
    assert [e.leaf["body"]["verdict"] for e in ledger.newest(10, kind=Kind.CHECK_ENDED)] == ["red"]
    assert problems(ledger) == ["another-phone"]


def test_swapped_while_the_files_are_looked_into(serve: Serve, ledger: Ledger) -> None:
    """A red that was seen on the first phone is on record as that one's, and is none of the second's."""
    checked, other = phone("walk-up"), phone("clean", serial="PRACTICE-WALKUP")
    server = serve(checked)
    looking: list[bool] = []

    def swap(command: str) -> None:
        looking.append("stat -c" in command)
        server.phone = other if any(looking) else checked

    server.before = swap
    check = visiting(server, ledger).check(Cancel())
    assert any(looking)
    assert (check.verdict, type(check.broken_off)) == (Verdict.RED, OtherPhone)
    assert changed(other) == read(other) == []
    assert problems(ledger) == ["another-phone"]
    (ended,) = ledger.newest(10, kind=Kind.CHECK_ENDED)
    assert ended.leaf["body"]["verdict"] == "red"


def test_a_phone_that_does_not_say_how_it_booted_is_no_invitation_to_take_the_next_one(
    serve: Serve, ledger: Ledger
) -> None:
    """Through a server, which phone it is is asked before it is read, and not after."""
    server = serve(phone())
    commands: list[str] = []
    server.before = commands.append
    visiting(server, ledger).check(Cancel())
    first = next(number for number, command in enumerate(commands) if "dumpsys" in command)
    assert any("boot_id" in command for command in commands[:first])
    assert "boot_id" in commands[first]
    assert commands[first].index("boot_id") < commands[first].index("dumpsys")


def test_swapped_before_something_is_put_back(serve: Serve, ledger: Ledger) -> None:
    checked, other = phone("preinstalled"), phone("preinstalled")
    server = serve(checked)
    visit = visiting(server, ledger)
    visit.check(Cancel())
    visit.remove(visit.plan(), Cancel())
    back = [u for u in visit.undoable() if u.possible]
    assert back
    server.phone = other
    with pytest.raises(OtherPhone):
        visit.undo(back, Cancel())
    assert changed(other) == []
    assert ledger.newest(1, kind=Kind.UNDO_OUTCOME)[0].leaf["body"]["outcome"] == "not-taken"
    assert problems(ledger) == ["another-phone"]


def test_a_phone_that_does_not_let_its_boot_id_be_read_is_told_by_the_rest(serve: Serve, ledger: Ledger) -> None:
    server = serve(phone(boot=False))
    visit = visiting(server, ledger)
    visit.check(Cancel())
    visit.check(Cancel())  # it was unreadable before as well
    server.phone = phone("older", boot=False)
    with pytest.raises(OtherPhone) as problem:
        visit.check(Cancel())
    assert "serial number" in problem.value.detail
    assert "boot id" not in problem.value.detail


@pytest.mark.parametrize("before", [True, False])
def test_a_boot_id_that_is_there_only_once_differs(serve: Serve, ledger: Ledger, before: bool) -> None:
    server = serve(phone(boot=before))
    visit = visiting(server, ledger)
    visit.check(Cancel())
    server.phone = phone(boot=not before)
    with pytest.raises(OtherPhone):
        visit.remove(visit.plan(), Cancel())
    assert WECHAT in server.phone.installed()


def test_the_servers_number_neither_stops_nor_acquits(serve: Serve, ledger: Ledger) -> None:
    server = serve(phone())
    visit = visiting(server, ledger)
    check = visit.check(Cancel())
    assert check.inventory.identity is not None
    assert check.inventory.identity.transport == "1"
    server.transport = 7
    assert visit.remove(visit.plan(), Cancel()).check.verdict is not Verdict.RED
    server.phone = phone()
    with pytest.raises(OtherPhone):
        visit.check(Cancel())


def test_a_road_that_was_opened_anew_is_held_against_what_was_read_before(serve: Serve, ledger: Ledger) -> None:
    server = serve(phone())
    first = AndroidPhone(ServerLink(SERIAL, server.port))
    known = first.read(silent, Cancel()).identity
    assert known is not None
    again = AndroidPhone(ServerLink(SERIAL, server.port))
    again.expect(known)
    again.read(silent, Cancel())
    server.phone = phone()
    other = AndroidPhone(ServerLink(SERIAL, server.port))
    other.expect(known)
    with pytest.raises(OtherPhone):
        other.read(silent, Cancel())


# --- practice is never concluded from a serial number


def test_what_an_adb_server_holds_is_never_practice(serve: Serve, ledger: Ledger) -> None:
    server = serve(phone())  # it says that it is a practice phone, and its serial number looks like this computer
    visit = visiting(server, ledger)
    assert not visit.practice
    assert not visit.check(Cancel()).inventory.phone.practice
    assert ledger.newest(1, kind=Kind.CHECK_ENDED)[0].leaf["practice"] is False


# --- two phones of one model with one serial number


def interrupted(server: ScriptedServer, ledger: Ledger) -> int:
    """A removal of which nobody knows what came of it. Returns its record."""
    visit = visiting(server, ledger)
    visit.check(Cancel())
    plan = visit.plan()
    intent = visit.journal.record_intent(plan.items[0].finding, plan.items[0].steps[0])
    ledger.give_up(intent.seq)
    return intent.seq


def test_an_open_step_is_settled_by_the_phone_that_it_was_for(serve: Serve, ledger: Ledger) -> None:
    server = serve(phone(serial="R5CT1000001"))
    interrupted(server, ledger)
    server.phone = phone(serial="R5CT1000002")
    visiting(server, ledger).check(Cancel())
    assert len(ledger.open_intents()) == 1
    server.phone = phone(serial="R5CT1000001")  # restarted since
    visiting(server, ledger).check(Cancel())
    assert ledger.open_intents() == ()


def test_an_open_step_on_a_phone_with_a_placeholder_for_a_serial_number_stays_open(
    serve: Serve, ledger: Ledger
) -> None:
    server = serve(phone(serial=PLACEHOLDER))
    intent = interrupted(server, ledger)
    server.phone = phone("clean", serial=PLACEHOLDER)
    visiting(server, ledger).check(Cancel())
    (step,) = ledger.open_intents()
    assert step.seq == intent
    assert "many phones have" in str(describe.settles(step))


def test_nothing_is_put_back_on_a_phone_that_only_has_the_same_placeholder(serve: Serve, ledger: Ledger) -> None:
    server = serve(phone("preinstalled", serial=PLACEHOLDER))
    first = visiting(server, ledger)
    first.check(Cancel())
    first.remove(first.plan(), Cancel())
    assert first.undoable()  # of this stay: there it is one phone
    server.phone = phone("preinstalled", serial=PLACEHOLDER)
    for package in ("com.kmsjp", "com.tencent.mm"):  # gone from there as well, by somebody else's hand
        if package in server.phone.packages:
            server.phone.change(server.phone.packages[package], 0, AppOnProfile(False))
    second = visiting(server, ledger)
    second.check(Cancel())
    assert second.undoable() == ()
    assert not second.certain


@pytest.mark.slow
@pytest.mark.parametrize("places", [{1: "usb:1-1", 2: "usb:1-2"}, {}])
def test_two_phones_with_one_serial_number_at_one_desk_are_two_visits(
    serve: Serve, ledger: Ledger, places: dict[int, str]
) -> None:
    """Also where the server names no places. What is done to one is not done to the other, nor undone there."""
    one, other = (phone("preinstalled", serial="R5CT1000001") for _ in range(2))
    server = serve(one)
    server.twins, server.places = {2: other}, places
    serials = SerialNumbers()
    first, second = (
        Visit(OpenedPhone(AndroidPhone(ServerLink(SERIAL, server.port, n)), POLICY, ledger, serials=serials))
        for n in ("1", "2")
    )
    first.check(Cancel())
    first.label(Labels("TB-114", "L. Tremblay"))
    second.check(Cancel())
    assert second.labels == Labels()
    assert not second.certain
    first.remove(first.plan(), Cancel())
    assert (bool(changed(one)), bool(changed(other))) == (True, False)
    assert first.undoable()
    assert second.undoable() == ()
    assert second.check(Cancel()).verdict is Verdict.RED
    assert first.number != second.number
    assert problems(ledger) == ["serial-shared", "serial-shared"]  # once in each visit
    first.close()
    server.transport, server.phone, server.twins = 2, other, {}
    assert second.check(Cancel()).verdict is Verdict.RED  # the one that stays goes on


def test_several_that_nothing_tells_apart_are_not_opened(serve: Serve) -> None:
    server = serve(phone())
    server.twins = {2: phone()}
    with pytest.raises(Unplugged, match="unplugged") as problem:
        ServerLink(SERIAL, server.port)
    assert "2 with this serial number" in problem.value.detail


def test_an_exception_for_a_serial_number_of_two_phones_needs_the_asset_tag() -> None:
    asked = exceptions.Request(
        "wechat", date(2026, 12, 1), "CIO", "X", WECHAT, serial="R5CT1000001", maker="M", model="P", tag="TB-1"
    )
    grant = exceptions.Grant(1, asked, date(2026, 11, 1))
    mine = Phone("android", "M", "P", "14", "R5CT1000001")
    assert grant.is_for(mine, Labels())
    assert not grant.is_for(mine, Labels(), alone=False)
    assert grant.is_for(mine, Labels("TB-1"), alone=False)


def test_labels_stay_with_the_phone_that_they_were_said_of(serve: Serve, ledger: Ledger) -> None:
    server = serve(phone(serial=PLACEHOLDER))
    one = visiting(server, ledger).check(Cancel()).inventory.phone
    server.phone = phone(serial=PLACEHOLDER)
    driver = AndroidPhone(ServerLink(SERIAL, server.port))
    other = Visit(OpenedPhone(driver, POLICY, ledger), labels=Labels("TB-114"), labelled=one)
    other.check(Cancel())
    assert other.labels == Labels()


# --- the rule

VALUES = st.sampled_from(["", "a", "R5CT1", PLACEHOLDER])
IDENTITIES = st.builds(PhoneIdentity, VALUES, VALUES, VALUES, VALUES, VALUES, VALUES)


@given(IDENTITIES, IDENTITIES)
def test_whatever_differs_is_another_phone(now: PhoneIdentity, before: PhoneIdentity) -> None:
    same = replace(now, transport="") == replace(before, transport="")
    assert (differences(now, before) == ()) is same
    if is_still(now, before):
        assert names_one_phone(now.serial) or (now.boot and same)
    assert is_still(now, before) == is_still(before, now)


@given(VALUES, VALUES, VALUES)
def test_a_placeholder_is_nobody_s(maker: str, model: str, serial: str) -> None:
    mine = maker, model, serial
    assert is_same(mine, mine) is names_one_phone(serial)


HOSTILE = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
BOOT = "8e45928c-2d49-4020-a4db-306076aeea6c"


def says(phone: dict[str, str], expected: PhoneIdentity) -> str:
    """What a phone with these properties answers to the condition."""
    heard = bytearray()

    def getprop(words: Sequence[str], streams: Io) -> int:
        streams.say(phone.get(words[1], "") + "\n")
        return 0

    files = FileTree(boot_id=BOOT)
    programs = {**tools(files), "getprop": getprop}
    Shell(programs).run(
        phone_identity.condition("n", expected) + "echo did it", Io(heard.extend, heard.extend, Cancel())
    )
    return heard.decode(errors="replace")


@given(HOSTILE, HOSTILE, HOSTILE)
def test_a_phone_is_itself_whatever_it_calls_itself(serial: str, model: str, other: str) -> None:
    """No value gets out of its quotes, none makes a phone another one than itself, and a simple one is compared."""
    mine = {"ro.serialno": serial, "ro.product.model": model}
    known = phone_identity.identity(mine, [BOOT])
    assert says(mine, known) == "n same\ndid it\n"
    theirs = {"ro.serialno": other, "ro.product.model": model}
    if known.serial == serial and other.rstrip("\n") != serial:
        assert "did it" not in says(theirs, known)
        assert says(theirs, known).startswith("n other ")
    if other != serial:
        assert differences(phone_identity.identity(theirs, [BOOT]), known) == ("serial number",)
