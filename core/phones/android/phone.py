"""One opened Android phone: the Driver of this platform."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.jobs import Cancel, Report
from core.model import App, Finding, Identity, Inventory, Profile
from core.phones import Answer, Step
from core.phones.android import identify as identities
from core.phones.android import inventory as reading
from core.phones.android import removal, shell
from core.phones.android.link import Link
from core.text import Text

#: Set by practice phones. It is believed only of a phone that answers on this computer itself: a real one could lie.
PRACTICE_PROPERTY = "ro.fanion.practice"


class AndroidPhone:
    """Reads and changes the phone behind a link."""

    def __init__(self, link: Link) -> None:
        """Raises PhoneProblem if a phone on this computer itself does not answer whether it is for practice."""
        self._link = link
        self._memory = identities.Memory()
        self.practice = link.loopback and self._ask(f"getprop {PRACTICE_PROPERTY}", Cancel())[0].strip() == "1"

    @property
    def how(self) -> Text:
        return self._link.how

    def read(self, report: Report, cancel: Cancel, glimpse: Callable[[Inventory], None] | None = None) -> Inventory:
        return reading.read(self._link, self.practice, report, cancel, glimpse)

    def identify(
        self, apps: Sequence[App], report: Report, cancel: Cancel, told: Callable[[Identity], None] | None = None
    ) -> dict[str, Identity]:
        return identities.identify(self._link, apps, report, cancel, told, self._memory)

    def next_step(self, finding: Finding, inventory: Inventory, history: Sequence[tuple[Step, Answer]]) -> Step | None:
        return removal.next_step(finding, inventory, history)

    def by_hand(self, finding: Finding, inventory: Inventory) -> Text:
        return removal.by_hand(finding, inventory)

    def for_good(self, finding: Finding) -> bool:
        return not finding.app.system

    def undo(self, step: Step, profile: Profile) -> Step | None:
        return removal.undo(step, profile)

    def perform(self, step: Step, cancel: Cancel) -> Answer:
        text, code = self._ask(removal.command(step), cancel)
        return removal.recognise(step.act, code, text)

    def settings_screen(self, finding: Finding, inventory: Inventory) -> Step | None:
        return removal.settings_screen(finding, inventory)

    def close(self) -> None:
        self._link.close()

    def _ask(self, command: str, cancel: Cancel) -> tuple[str, int]:
        """What `command` printed, and its exit code; -1 where the phone did not say."""
        cancel.check()
        answer: list[Any] = [[], -1]

        def done(lines: list[str], code: int) -> None:
            answer[:] = lines, code

        nonce = shell.nonce()
        sorter = shell.Sorter(nonce, lambda name: shell.Collect(done))
        lines = shell.Lines(sorter.block)
        self._link.run(shell.part(nonce, "answer", command), lines.feed, cancel, limit=2**20)
        lines.end()
        return "\n".join(answer[0]), answer[1]
