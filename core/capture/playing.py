"""A capture as a phone: it is read by the very readers that read the phone, of the answers in the file.

It is a practice phone wherever it is shown. Nothing can be removed from it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from core.capture import identities, iphone_messages
from core.capture.capture_file import Capture, CapturedAnswer
from core.capture.recording import question, script
from core.jobs import Cancel, Report
from core.model import NOTHING_SOUGHT, App, Identity, PhoneIdentity, SoughtInFiles, platforms
from core.phones.accounting import Account, Leftovers
from core.phones.android.link import phone_identity
from core.phones.android.link.file_service import FileNotGiven, Take
from core.phones.android.link.link import Feed, bounded
from core.phones.android.link.problems import TooMuch
from core.phones.android.link.transport import STREAM_LIMIT
from core.phones.android.listings import short_answers
from core.phones.android.phone import AndroidPhone
from core.phones.driver import Answer, Driver, Outcome, Step, Unplugged
from core.phones.iphone.lockdown import LOCKDOWN, Lockdown
from core.phones.iphone.mux import MuxPhone
from core.phones.iphone.pair_record import PairRecord
from core.phones.iphone.phone import IPhone
from core.phones.iphone.property_lists import plist
from core.phones.iphone.property_lists.plist import Message
from core.phones.iphone.stream import PATIENCE, Stream
from core.text import T

#: What a script asks before all else of a phone that is known: whether it is the same.
_SAME: Final = re.compile(r'echo "([0-9a-f]{32}) same"')
_UDID: Final = "00008101-PRACTICERECORDED"
#: What a phone answers that was never asked so: by the service and the request.
_NEVER_ASKED: Final = {f"{LOCKDOWN} GetValue": "MissingValue", f"{LOCKDOWN} StartService": "InvalidService"}
_ONLY_READ: Final = T("A capture is only read: nothing is done on the phone of which it was made.")


def opened(capture: Capture) -> Driver:
    """The phone of a capture, opened. Raises CaptureProblem."""
    is_android = platforms.of(capture.head.platform).protocol == "adb"
    return PlayedAndroid(capture) if is_android else PlayedIphone(capture)


class PlayedLink:
    """A link on which each script is answered as it was, the last one of its kind for good."""

    how = T("over the local connection of a practice phone")
    loopback = False
    lasting = True
    transport = ""

    def __init__(self, answers: Iterable[CapturedAnswer]) -> None:
        runs: dict[str, dict[int, list[CapturedAnswer]]] = defaultdict(lambda: defaultdict(list))
        for answer in answers:
            runs[answer.script][answer.run].append(answer)
        self._runs = {kind: list(of_kind.values()) for kind, of_kind in runs.items()}

    def run(self, command: str, feed: Feed, cancel: Cancel, limit: int = STREAM_LIMIT, *, raw: bool = False) -> None:
        """Answer as the phone did. What was never asked has no answer. Raises TooMuch, Unplugged, Cancelled."""
        cancel.check()
        take = bounded(feed, limit)
        for nonce in _SAME.findall(command):
            take(f"{nonce} same\n".encode())
        nonce, kind = script(command)
        runs = self._runs.get(kind, [])
        for answer in (runs.pop(0) if len(runs) > 1 else runs[0]) if runs else ():
            lines = (f"\n{nonce} begin {answer.command}\n", *(f"{line}\n" for line in answer.lines))
            take("".join(lines).encode(errors="replace"))
            if answer.endless:
                raise TooMuch(limit)
            if answer.cut:
                raise Unplugged("as it was recorded")
            take(f"\n{nonce} end {answer.command} {answer.code}\n".encode())

    def pull(self, path: str, take: Take, cancel: Cancel, size: int) -> None:
        """A capture has no files."""
        raise FileNotGiven("as it was recorded")

    def close(self) -> None:
        """Nothing is held."""


class PlayedAndroid(AndroidPhone):
    """An Android phone by its capture."""

    def __init__(self, capture: Capture) -> None:
        super().__init__(PlayedLink(capture.answers))
        self.practice = True
        self._answers = {answer.command: answer.lines for answer in capture.answers}
        self._identities = identities.by_package(capture)

    def identity(self, cancel: Cancel) -> PhoneIdentity:
        properties = short_answers.properties(self._answers.get("properties", ())).value
        return phone_identity.identity(properties, self._answers.get("boot", ()))

    def identify(
        self,
        apps: Sequence[App],
        report: Report,
        cancel: Cancel,
        on_identity: Callable[[Identity], None] | None = None,
        sought: SoughtInFiles = NOTHING_SOUGHT,
    ) -> dict[str, Identity]:
        return identities.give(self._identities, apps, cancel, on_identity)

    def perform(self, step: Step, cancel: Cancel) -> Answer:
        return Answer(Outcome.UNSUPPORTED, "", _ONLY_READ)


class _PlayedStream(Stream):
    """A service of a phone, by the messages that came for each question; the last ones for good."""

    recorder = None

    def __init__(self, answers: Mapping[str, list[Sequence[bytes]]], service: str) -> None:
        self._answers = answers
        self._service = service
        self._waiting: list[bytes] = []

    def send_message(self, message: Message, cancel: Cancel) -> None:
        cancel.check()
        key = question(self._service, message)
        answers = self._answers.get(key, [])
        error = _NEVER_ASKED.get(" ".join(key.split(" ")[:2]))
        never: Sequence[bytes] = [plist.dump({"Error": error}) if error else b""]
        self._waiting = list((answers.pop(0) if len(answers) > 1 else answers[0]) if answers else never)

    def receive_message(self, cancel: Cancel, seconds: float = PATIENCE, *, apps_under: str = "") -> Account[Message]:
        if not self._waiting:
            raise Unplugged("as it was recorded")
        return plist.parse(self._waiting.pop(0), apps_under)

    def close(self) -> None:
        """Nothing is held."""


class _PlayedLockdown(Lockdown):
    """lockdownd, likewise."""

    def __init__(self, phone: MuxPhone, answers: Mapping[str, list[Sequence[bytes]]]) -> None:
        self.phone, self.leftovers, self._record = phone, Leftovers(), None
        self._answers = answers
        self._stream = self._open(LOCKDOWN, 0, Cancel())

    def service(self, name: str, cancel: Cancel) -> Stream:
        self._ask("StartService", cancel, Service=name)
        return self._open(name, 0, cancel)

    def _open(self, service: str, port: int, cancel: Cancel) -> Stream:
        return _PlayedStream(self._answers, service)


class PlayedIphone(IPhone):
    """An iPhone by its capture."""

    def __init__(self, capture: Capture) -> None:
        """Raises CaptureProblem for answers that no phone gives."""
        phone, no_record = MuxPhone(0, _UDID, ""), PairRecord("", "", b"", b"", b"", b"", b"")
        super().__init__(phone, no_record, Cancel(), may_be_practice=False)
        self.practice = True
        self._answers: dict[str, list[Sequence[bytes]]] = defaultdict(list)
        for answer in capture.answers:
            self._answers[answer.command].append([m.encoded() for m in iphone_messages.messages(answer.lines)])
        self._identities = identities.by_package(capture)

    def _session(self, cancel: Cancel) -> Lockdown:
        return _PlayedLockdown(self._phone, self._answers)

    def identify(
        self,
        apps: Sequence[App],
        report: Report,
        cancel: Cancel,
        on_identity: Callable[[Identity], None] | None = None,
        sought: SoughtInFiles = NOTHING_SOUGHT,
    ) -> dict[str, Identity]:
        return identities.give(self._identities, apps, cancel, on_identity)

    def perform(self, step: Step, cancel: Cancel) -> Answer:
        return Answer(Outcome.UNSUPPORTED, "", _ONLY_READ)
