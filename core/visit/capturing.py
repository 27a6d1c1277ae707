"""A check of which everything that the phone answered is kept: what a file is made of that plays as the phone was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import capture
from core.jobs import Cancel, Progress, Report
from core.model import Cancelled, Check
from core.phones.driver import Driver
from core.text import T
from core.visit.check import check as check_phone

if TYPE_CHECKING:  # what plays a phone is loaded with the first capture
    from core.capture.making import ComparedCapture
    from core.capture.recording import Recording


def begin(driver: Driver) -> Recording:
    """Have everything kept that a phone answers from now on, until ``driver.record(None)``."""
    recording = capture.making.new_recording(driver.platform)
    driver.record(recording)
    return recording


@dataclass(frozen=True, slots=True)
class RecordedCheck:
    """A check, and the answers of the phone in it. `recording` is as the phone gave it: it never leaves the memory.

    `stopped`: the stop button was pressed before it had read all.
    """

    check: Check
    recording: Recording
    stopped: bool = False

    def capture(self, report: Report, cancel: Cancel) -> ComparedCapture:
        """The file of it, which was played as a practice phone, and says what is read otherwise then.

        Raises CaptureProblem, Cancelled; for a check that was stopped or lost the phone, which is no reading of it,
        Cancelled or what it was lost by.
        """
        if self.check.broken_off is not None:
            raise self.check.broken_off
        if self.stopped:
            raise Cancelled
        report(Progress(T("Making the answers of the phone anonymous"), 0.0))
        made = capture.making.make(self.recording, self.check)
        cancel.check()
        report(Progress(T("Reading the file as a practice phone"), 0.4))
        driver = capture.playing.opened(made.capture)
        return made.compared(check_phone(driver, self.check.policy, lambda progress: None, cancel, quick=False))
