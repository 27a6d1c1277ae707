"""A check of a phone made into a capture: its answers and what was read of its apps, without what is somebody's."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from core import __version__
from core.capture.android_answers import AndroidAnswers
from core.capture.android_names import AndroidNames
from core.capture.android_recording import AndroidRecording
from core.capture.app_files import FilesOfApps
from core.capture.capture_file import VERSION, Capture, CaptureHead, UnchangedValues
from core.capture.pseudonyms import Pseudonyms
from core.capture.unchanged import Unchanged
from core.model import Check


def anonymous_android(
    recording: AndroidRecording, check: Check, key: bytes = b""
) -> tuple[Capture, Callable[[str], str]]:
    """The capture of a check of an Android phone, and what gives the pseudonym of an id, which is not to be kept: the
    key of the pseudonyms is thrown away with it."""
    bans = [finding.app for finding in check.bans]
    unchanged = Unchanged(check.policy, (v for app in bans for v in (app.version_name, str(app.version_code))))
    names = AndroidNames(Pseudonyms(unchanged, key), unchanged)
    files = FilesOfApps(names, check)  # first: certificates in lists stand for those of files
    rewriter = AndroidAnswers(names)
    answers = [
        msgspec.structs.replace(answer, lines=rewriter.anonymous(answer.command, answer.lines))
        for answer in recording.answers()
    ]
    items = files.items()
    unchanged_values = [
        UnchangedValues(group, tuple(sorted(values))) for group, values in sorted(unchanged.met.items()) if values
    ]
    head = CaptureHead(VERSION, "android", f"fanion {__version__}", f"{check.policy.id} {check.policy.version}")
    return Capture(head, (*unchanged_values, *items, *answers)), names.name
