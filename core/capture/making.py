"""From the answers of one check to a capture: made anonymous, played, and compared with what the phone came to."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from core.capture import capture_file
from core.capture.android_recording import AndroidRecording
from core.capture.anonymous import anonymous_android
from core.capture.capture_file import (
    FILE_LIMIT,
    Capture,
    CaptureProblem,
    Differs,
    Expected,
    ExpectedFinding,
    ExpectedGap,
)
from core.capture.iphone_answers import anonymous_iphone, captured_iphone
from core.capture.iphone_recording import IphoneRecording
from core.capture.playing import captured_server
from core.jobs import Cancel
from core.model import Check, id_key, platforms
from core.phones.connect import Reach
from core.phones.driver import Driver
from core.simulator.iphone import MuxServer
from core.text import T, Text, plain

#: Keeps the answers of one check.
Recording: TypeAlias = AndroidRecording | IphoneRecording

#: What two checks are compared by.
Item = TypeVar("Item")
#: Differences that a file tells of.
_TOLD: Final = 50
_LONGEST: Final = 300


def new_recording(platform: str) -> Recording:
    """What keeps the answers of a phone of this platform."""
    return IphoneRecording() if platforms.of(platform).protocol == "usbmux" else AndroidRecording()


@dataclass(frozen=True, slots=True)
class ComparedCapture:
    """A capture, and where a check of it came to something else than that of the phone."""

    capture: Capture
    differences: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class MadeCapture:
    """A capture, and what it has to come to when it is checked."""

    capture: Capture
    expected: Expected

    def compared(self, again: Check) -> ComparedCapture:
        """The capture, with what it has to come to, and where the check `again` of it came to something else."""
        differences = _differences(self.expected, expected(again))
        told = tuple(Differs(difference.in_language("en")) for difference in differences)
        return ComparedCapture(replace(self.capture, items=(self.expected, *told, *self.capture.items)), differences)


def read_file(path: Path) -> Capture:
    """The capture in a file, which can be played. Raises CaptureProblem for any other file."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise CaptureProblem(
            T("{file} could not be read.", file=plain(path.name, 100)),
            T("See whether the file is there and may be read, then open it again."),
            str(error),
        ) from error
    capture = capture_file.read(content)
    if platforms.of(capture.head.platform).protocol == "usbmux":
        captured_iphone(capture)
    return capture


def make(recording: Recording, check: Check) -> MadeCapture:
    """The capture of a check. Raises CaptureProblem where the phone said more than is kept."""
    if recording.overflowed:
        raise CaptureProblem(
            T("The phone’s answers are too long for a file that may be sent."),
            T("Send the log for support instead, and say which phone it was."),
        )
    if isinstance(recording, IphoneRecording):
        capture, app = anonymous_iphone(recording, check)
    else:
        capture, app = anonymous_android(recording, check)
    # What a department lets a phone carry stands in its log, and not in what the phone answered.
    findings = tuple(replace(finding, excepted=None) for finding in check.findings)
    return MadeCapture(capture, expected(replace(check, findings=findings), app))


@contextmanager
def played(capture: Capture, cancel: Cancel, reach: Reach | None = None) -> Iterator[Driver]:
    """A capture as an opened practice phone. `reach` has the desk's keys, which are made anew where it is not given:
    that takes longer. Raises PhoneProblem, CaptureProblem, Cancelled."""
    with ExitStack() as stack:
        if reach is None:
            reach = Reach(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fanion-"))), "Fanion")
        if platforms.of(capture.head.platform).protocol == "usbmux":
            port = stack.enter_context(MuxServer(captured_iphone(capture), pace=0)).port
            opened: Driver = reach.iphones.open_through(("127.0.0.1", port), "", cancel, may_ask=True, practice=True)
        else:
            opened = reach.address("127.0.0.1", stack.enter_context(captured_server(capture)).port, cancel)
        yield stack.enter_context(closing(opened))


def expected(check: Check, app: Callable[[str], str] = str) -> Expected:
    """What a check came to; `app` gives the pseudonym of an app's id."""
    platform = check.inventory.phone.platform
    findings = [
        ExpectedFinding(
            finding.rule,
            id_key(app(finding.app.package), platform)[:_LONGEST],
            finding.profile.id,
            finding.match.value,
            tuple(sorted(evidence.kind.value for evidence in finding.evidence)),
        )
        for finding in check.findings
    ]
    return Expected(
        check.verdict.value,
        tuple(sorted(findings, key=lambda f: (f.rule, f.app, f.profile, f.match))),
        tuple(ExpectedGap(gap.what.message, gap.profile) for gap in check.gaps),
        {signal.signal: signal.light.value for signal in check.health},
    )


def _differences(phone: Expected, file: Expected) -> tuple[Text, ...]:
    """Where a check of the file came to something else than that of the phone."""
    differences: list[Text] = []
    if phone.verdict != file.verdict:
        differences.append(T("The phone was {phone}, the file is {file}.", phone=phone.verdict, file=file.verdict))
    lost, added = _apart(phone.findings, file.findings)
    differences += [T("Seen on the phone only: {app} ({rule}).", app=f.app, rule=f.rule) for f in lost]
    differences += [T("Seen in the file only: {app} ({rule}).", app=f.app, rule=f.rule) for f in added]
    missing, more = _apart(phone.gaps, file.gaps)
    differences += [T("Said of the phone only: {gap}", gap=Text(gap.sentence)) for gap in missing]
    differences += [T("Said of the file only: {gap}", gap=Text(gap.sentence)) for gap in more]
    for signal in sorted(phone.health.keys() | file.health.keys()):
        before, now = phone.health.get(signal, "-"), file.health.get(signal, "-")
        if before != now:
            facts = {"signal": signal, "phone": before, "file": now}
            differences.append(T("{signal} was {phone} on the phone, and is {file} in the file.", **facts))
    return tuple(differences[:_TOLD])


def _apart(first: Iterable[Item], second: Iterable[Item]) -> tuple[list[Item], list[Item]]:
    """What only the first has, and what only the second has; as often as it has it more."""
    counts = Counter(first), Counter(second)
    return list((counts[0] - counts[1]).elements()), list((counts[1] - counts[0]).elements())
