"""A visit for the length of one command: phone and ledger open, news on the terminal, Ctrl-C as stop button."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator

from core import describe
from core.cli import phone_options, terminal
from core.cli.stop_button import stop_button
from core.desk.desk import Desk
from core.jobs import Cancel, Progress
from core.ledger.records import StepIntended
from core.ledger.writer import Ledger
from core.model import Labels, Policy
from core.system import support_log
from core.text import T, plain
from core.visit.events import Event, Glimpse, StepBegins, StepEnds
from core.visit.phone_source import OpenedPhone
from core.visit.visit import Visit


@contextlib.contextmanager
def visiting(options: argparse.Namespace, desk: Desk) -> Iterator[tuple[Visit, Cancel]]:
    """A visit of the chosen phone. Raises Problem."""
    policy = desk.policy(options.policy, practice=True)  # whether it is sound is known before a phone is asked for
    cancel = Cancel()
    support_log.keep()
    with stop_button(cancel), support_log.of_phone(""), phone_options.opened(options, desk, cancel) as driver:
        if not driver.practice:
            policy = _in_force(options.policy, desk)
            _introduce(desk)
        terminal.say(T("Reading the phone {how}.", how=driver.how))
        with desk.ledger(driver.practice, policy) as ledger:
            _crashed(ledger)
            phone = OpenedPhone(driver, policy, ledger, desk.names)
            yield Visit(phone, Teller(), labels=_labels(options)), cancel


def _in_force(name: str | None, desk: Desk) -> Policy:
    """The policy that judges a real phone; what has to be said with it is said. Raises PolicyProblem, LedgerProblem."""
    if name is not None:
        return desk.policy(name)
    found = desk.active_policy()
    for warning in found.warnings:
        terminal.say(f"? {warning}")
    return found.policy


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
            seen = T("Already found: {apps}.", apps=", ".join(sorted(bans)))
            terminal.say(terminal.paint(f"✖ {seen}", "red", sys.stderr))
        self._read_before = True


def _introduce(desk: Desk) -> None:
    """Officer and desk are asked once, and said in every run: they stand in every record."""
    questions = {
        "officer": (T("Your name, for the log [{name}]:", name=desk.officer), desk.officer),
        "desk": (T("Name of this desk [{name}]:", name=desk.name), desk.name),
    }
    told = {key: terminal.ask(*question) for key, question in questions.items() if desk.must_ask(key)}
    if told and sys.stdin.isatty():
        desk.introduce(told.get("officer"), told.get("desk"))
        terminal.say(T("Kept in {file}; change it there.", file=str(desk.data / "settings.toml")))
    terminal.say(T("Officer: {officer}. Desk: {desk}.", officer=desk.officer, desk=desk.name))


def _crashed(ledger: Ledger) -> None:
    """Steps that were begun by a Fanion that then stopped."""
    for entry in ledger.open_intents():
        terminal.say(
            T(
                "Not known: entry {entry} says that {app} was to be changed on a {phone}, but not the result."
                " {next_step}",
                entry=entry.seq,
                app=entry.record.package if isinstance(entry.record, StepIntended) else "",
                phone=f"{entry.device.maker} {entry.device.model}" if entry.device is not None else "",
                next_step=describe.settles(entry),
            )
        )
