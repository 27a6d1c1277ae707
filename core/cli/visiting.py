"""The phone that a command is about: the options that choose it, and a visit of it for the length of the command.

Phone and log are open, news is on the terminal, and Ctrl-C is the stop button.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core import capture, describe, simulator, value_names
from core.cli import terminal
from core.cli.arguments import JSON, Argument, argument, group, one_of
from core.desk import officer_name
from core.desk.desk import Desk
from core.desk.settings.settings import FILE_NAME
from core.jobs import Cancel, Progress
from core.ledger.records import StepIntended
from core.ledger.writer import Ledger
from core.model import Labels, Policy, Problem, platforms
from core.phones.driver import Driver, PhoneProblem, WrongPhone
from core.phones.states import PhoneState
from core.phones.watch import Sighting, look
from core.simulator import scenario_list
from core.system.support import support_log
from core.text import T, plain
from core.visit.events import Event, Glimpse, StepBegins, StepEnds
from core.visit.journal import record_refusal
from core.visit.phone_source import OpenedPhone
from core.visit.visit import Visit


class PracticeNames(tuple[str, ...]):
    """The names of practice phones, and of every file: which of them are captures is seen when they are read."""

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and Path(name).is_file())


def phone_arguments() -> tuple[Argument, ...]:
    """The options that choose a phone, and what else the commands that read one take."""
    scenarios = scenario_list.every()
    return (
        one_of(
            argument("--phone", T("the phone with this serial number, or at this place"), T("SERIAL")),
            argument("--connect", T("a phone that answers on this computer"), T("HOST:PORT")),
            argument(
                "--practice",
                T("a practice phone: {names}; or the file of a capture", names=", ".join(scenarios)),
                T("SCENARIO"),
                choices=PracticeNames(scenarios),
            ),
        ),
        argument("--policy", T("judge by this policy instead of the one in force"), T("FILE")),
        group(
            T("about the phone"),
            T("for the log, where it can be erased"),
            argument("--asset-tag", T("the asset tag that the department gave it"), T("TAG")),
            argument("--holder", T("whose phone it is"), T("NAME")),
            argument("--imei", T("its IMEI, if your department asks for it"), "IMEI"),
        ),
        JSON,
    )


@contextlib.contextmanager
def visiting(options: argparse.Namespace, desk: Desk) -> Iterator[tuple[Visit, Cancel]]:
    """A visit of the chosen phone. Raises Problem."""
    policy = desk.policy(options.policy, practice=True)  # whether it is sound is known before a phone is asked for
    support_log.keep()
    with terminal.stop_button() as cancel, support_log.of_phone(""), opened(options, desk, cancel) as driver:
        if not driver.practice:
            policy = _in_force(options.policy, desk)
            introduce(desk)
        terminal.say(T("Reading the phone {how}.", how=driver.how))
        with desk.ledger(driver.practice, policy) as ledger:
            _crashed(ledger)
            phone = OpenedPhone(desk, driver, policy, ledger)
            yield Visit(phone, Teller(), labels=_labels(options)), cancel


def _in_force(name: str | None, desk: Desk) -> Policy:
    """The policy that judges a real phone; what has to be said with it is said. Raises PolicyProblem, LedgerProblem."""
    if name is not None:
        return desk.policy(name)
    active = desk.active_policy()
    for warning in active.warnings:
        terminal.say(f"? {warning}")
    return active.policy


def _labels(options: argparse.Namespace) -> Labels:
    """What the officer typed of the phone."""
    return Labels(*(plain(value or "", 120) for value in (options.asset_tag, options.holder, options.imei)))


class Teller:
    """Shows a visit's events on the terminal."""

    def __init__(self) -> None:
        self._read_before = False

    def __call__(self, event: Event) -> None:
        match event:
            case Progress():
                terminal.progress(event)
            case Glimpse():
                self._glimpse(event)
            case StepBegins():
                terminal.say(f"→ {event.step.does}")
            case StepEnds():
                words = f" ({event.answer.text})" if event.answer.text else ""
                terminal.say(f"  {event.answer.means}{words}")

    def _glimpse(self, glimpse: Glimpse) -> None:
        bans = {str(f.product) for f in glimpse.findings if f.is_ban and f.excepted is None and not f.contained}
        if self._read_before:
            terminal.say(T("Reading the phone again, to see the result."))
        elif bans:
            warning = T("Already found: {apps}.", apps=value_names.listed(sorted(bans)))
            terminal.say(terminal.paint(f"✖ {warning}", "red", sys.stderr))
        self._read_before = True


def introduce(desk: Desk) -> None:
    """Officer and desk are asked once, and said in every run: they stand in every record. Where nobody can be asked,
    and the account is nobody's, the records say that, and so does this."""
    if sys.stdin.isatty():
        officer = _ask_officer(desk) if desk.must_ask("officer") else None
        question = T("Name of this desk [{name}]:", name=desk.name)
        name = terminal.ask(question, desk.name) if desk.must_ask("desk") else None
        if officer is not None or name is not None:
            desk.introduce(officer, name)
            terminal.say(T("Kept in {file}; change it there.", file=str(desk.data / FILE_NAME)))
    terminal.say(T("Officer: {officer}. Desk: {desk}.", officer=desk.officer, desk=desk.name))
    if desk.must_ask("officer") and not desk.proposed_officer:
        file = str(desk.data / FILE_NAME)
        terminal.say(T("No name stands in these entries. Write yours as “officer” into {file}.", file=file))


def _ask_officer(desk: Desk) -> str | None:
    """The officer's name, asked for until it is a person's; None after three tries."""
    proposed = desk.proposed_officer
    question = T("Your name, for the log [{name}]:", name=proposed) if proposed else T("Your name, for the log:")
    for _ in range(terminal.TRIES):
        try:
            return officer_name.require(terminal.ask(question, proposed))
        except officer_name.NoPersonsName as problem:
            terminal.say(problem.sentence)
    return None


def _crashed(ledger: Ledger) -> None:
    """Tell of steps whose result is not known, because Fanion stopped before the phone answered."""
    for entry in ledger.open_intents():
        terminal.say(
            T(
                "Not known: entry {entry} says that {app} was to be changed on a {phone}, but not the result."
                " {next_step}",
                entry=entry.seq,
                app=entry.record.package if isinstance(entry.record, StepIntended) else "",
                phone=describe.phone_with_model(entry),
                next_step=describe.settles(entry),
            )
        )


def _practice_android(scenario: str, desk: Desk, stack: contextlib.ExitStack, cancel: Cancel) -> Driver:
    server = stack.enter_context(simulator.PracticeServer(simulator.load(scenario)))
    return desk.reach.address("127.0.0.1", server.port, cancel)


def _practice_iphone(scenario: str, desk: Desk, stack: contextlib.ExitStack, cancel: Cancel) -> Driver:
    iphone = simulator.PracticeIphone(simulator.load_iphone(scenario))
    mux = stack.enter_context(simulator.MuxServer(iphone))
    return desk.reach.iphones.open_through(
        ("127.0.0.1", mux.port), "", cancel, lambda: _announce_prompt(""), may_ask=True, practice=True
    )


#: How a practice phone is opened, by the protocol of its platform.
_PRACTICE: Final = {"adb": _practice_android, "usbmux": _practice_iphone}


@contextlib.contextmanager
def opened(options: argparse.Namespace, desk: Desk, cancel: Cancel) -> Iterator[Driver]:
    """The chosen phone, opened; closed at the end. Raises Problem."""
    with contextlib.ExitStack() as stack:
        if options.practice:
            if options.practice in scenario_list.every():
                open_practice = _PRACTICE[platforms.of(scenario_list.platform(options.practice)).protocol]
                driver = open_practice(options.practice, desk, stack, cancel)
            else:
                driver = capture.playing.opened(capture.making.read_file(Path(options.practice)))
        elif options.connect:
            driver = desk.reach.address(*_address(options.connect), cancel, _announce_prompt)
        else:
            sighting = _chosen(desk, options.phone)
            support_log.info("phone.state", state=sighting.state, road=sighting.road)
            try:
                driver = desk.reach.phone(sighting, cancel, _announce_prompt)
            except WrongPhone as refused:
                policy = desk.active_policy().policy
                with desk.ledger(False, policy) as ledger:
                    record_refusal(ledger, policy, refused)
                raise
        stack.callback(driver.close)
        yield driver


def _announce_prompt(fingerprint: str) -> None:
    """Say what the phone asks now; `fingerprint` is that of this computer's ADB key, empty for an iPhone."""
    if not fingerprint:
        terminal.say(T("Look at the phone: it asks whether to trust this computer. Tap Trust and enter the passcode."))
        return
    terminal.say(
        T(
            "Look at the phone: it asks “Allow USB debugging?”. Tap Allow, if the fingerprint that it shows is"
            " {fingerprint}.",
            fingerprint=fingerprint,
        )
    )


def _chosen(desk: Desk, serial: str | None) -> Sighting:
    """The phone with that serial number or at that place, or the only one there is. Raises Problem."""
    plugged = look(desk.reach.iphones)
    if serial is None:
        sentence, code = T("No phone is plugged in."), "no-phone"
        next_step = T("Plug one in and unlock it, or try a practice phone: fanion check --practice walk-up.")
        matches = [s for s in plugged if s.state is not PhoneState.CHARGING] or plugged
    else:
        sentence, code = T("No phone with the serial number {serial} is plugged in.", serial=serial), "no-such-phone"
        next_step = T("List the phones that are: fanion phones.")
        matches = [s for s in plugged if s.key == serial] or [s for s in plugged if s.serial == serial]
    if not matches:
        raise PhoneProblem(sentence, next_step, code=code)
    if len(matches) > 1:
        phones = ", ".join(f"{s.key} ({s.serial})" if s.serial else s.key for s in matches)
        raise Problem(
            T("Several phones are plugged in: {phones}.", phones=phones),
            T("Name one of them by its place, such as --phone {place}.", place=matches[0].key),
            code="several-phones",
            exit_code=2,
        )
    return matches[0]


def _address(text: str) -> tuple[str, int]:
    """The host and the port of an address on this computer. Raises Problem for any other address."""
    host, _, port = text.rpartition(":")
    if host not in ("127.0.0.1", "localhost") or not port.isdecimal() or not 0 < int(port) < 65536:
        raise Problem(
            T("“{address}” is not an address that Fanion connects to.", address=text),
            T("Use 127.0.0.1:PORT. Fanion opens no connection to other computers; use the cable, or an adb server."),
            code="bad-address",
            exit_code=2,
        )
    return host, int(port)
