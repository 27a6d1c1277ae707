"""From the answers of one check to a capture: made anonymous, played, and compared with what the phone came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec

from core import __version__
from core.capture import capture_file, identities, iphone_messages
from core.capture.android_answers import AndroidAnswers
from core.capture.android_names import AndroidNames
from core.capture.capture_file import (
    FILE_LIMIT,
    VERSION,
    Capture,
    CaptureHead,
    CaptureProblem,
    Differs,
    Expected,
    ExpectedFinding,
    ExpectedGap,
    Item,
    UnchangedValues,
)
from core.capture.iphone_anonymous import IphoneAnonymiser
from core.capture.pseudonyms import Pseudonyms
from core.capture.recording import AndroidRecording, IphoneRecording, Recording
from core.capture.unchanged import Unchanged
from core.model import Check, id_key, platforms
from core.system.files import files
from core.text import T, Text, plain

#: What two checks are compared by.
_Told = TypeVar("_Told")
#: Differences that a file tells of.
_TOLD: Final = 50
_LONGEST: Final = 300
_CUT: Final = "A text of the phone was so long that it was cut."


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
        content = files.read_file(path, FILE_LIMIT)
    except files.TooLargeError as error:
        raise capture_file.too_large() from error
    except OSError as error:
        raise CaptureProblem(
            T("{file} could not be read.", file=plain(path.name, 100)),
            T("See whether the file is there and may be read, then open it again."),
            str(error),
        ) from error
    return capture_file.read(content)


def make(recording: Recording, check: Check) -> MadeCapture:
    """The capture of a check. Raises CaptureProblem where the phone said more than is kept."""
    if recording.overflowed:
        raise CaptureProblem(
            T("The phone’s answers are too long for a file that may be sent."),
            T("Send the log for support instead, and say which phone it was."),
        )
    capture, app = _iphone(recording, check) if isinstance(recording, IphoneRecording) else _android(recording, check)
    # What a department lets a phone carry stands in its log, and not in what the phone answered.
    findings = tuple(replace(finding, excepted=None) for finding in check.findings)
    return MadeCapture(capture, expected(replace(check, findings=findings), app))


def _android(recording: AndroidRecording, check: Check, key: bytes = b"") -> tuple[Capture, Callable[[str], str]]:
    """The capture of a check of an Android phone, and what gives the pseudonym of an id, which is not to be kept: the
    key of the pseudonyms is thrown away with it."""
    bans = [finding.app for finding in check.bans]
    unchanged = Unchanged(check.policy, (v for app in bans for v in (app.version_name, str(app.version_code))))
    names = AndroidNames(Pseudonyms(unchanged, key), unchanged)
    rewriter = AndroidAnswers(names)
    items: list[Item] = [
        msgspec.structs.replace(answer, lines=rewriter.anonymous(answer.command, answer.lines))
        for answer in recording.answers()
    ]
    return _capture("android", check, unchanged.met, [*identities.of_android(names, check), *items]), names.name


def _iphone(recording: IphoneRecording, check: Check, key: bytes = b"") -> tuple[Capture, Callable[[str], str]]:
    """The same of an iPhone."""
    anonymiser = IphoneAnonymiser(check.policy, Pseudonyms((), key))
    answers = [iphone_messages.anonymous(exchange, anonymiser) for exchange in recording.exchanges]
    items: list[Item] = [*identities.of_iphone(anonymiser, check), *answers]
    cut: list[Item] = [Differs(_CUT)] if anonymiser.has_cut else []
    return _capture("ios", check, anonymiser.kept, [*cut, *items]), anonymiser.id


def _capture(
    platform: Literal["android", "ios"], check: Check, kept: Mapping[str, Iterable[str]], items: list[Item]
) -> Capture:
    head = CaptureHead(VERSION, platform, f"fanion {__version__}", f"{check.policy.id} {check.policy.version}")
    unchanged = [UnchangedValues(group, tuple(sorted(values))) for group, values in sorted(kept.items()) if values]
    return Capture(head, (*unchanged, *items))


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


def _apart(first: Iterable[_Told], second: Iterable[_Told]) -> tuple[list[_Told], list[_Told]]:
    """What only the first has, and what only the second has; as often as it has it more."""
    counts = Counter(first), Counter(second)
    return list((counts[0] - counts[1]).elements()), list((counts[1] - counts[0]).elements())
