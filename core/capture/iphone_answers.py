"""The answers of an iPhone as the lines of a capture, and back.

Each message stands as the property list in XML that it was, without the lines above it; a value stands on the line of
its key. A message that no one can read is one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from core import __version__
from core.capture.android_recording import without_repetitions
from core.capture.capture_file import (
    VERSION,
    Capture,
    CapturedAnswer,
    CaptureHead,
    CaptureProblem,
    Differs,
    UnchangedValues,
)
from core.capture.iphone_anonymous import IphoneAnonymiser
from core.capture.iphone_recording import IphoneRecording, ServiceExchange
from core.capture.pseudonyms import Pseudonyms
from core.model import Check, id_key
from core.phones.iphone import apps
from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist
from core.simulator.iphone import IphoneScenario, PracticeIphone
from core.simulator.iphone.recorded import LOOKED_UP, Question, RecordedAnswers, RecordedMessage
from core.simulator.iphone.scenario import UDID_START, IphoneDevice
from core.text import T, plain

_BEGIN: Final = "<plist>"
_END: Final = "</plist>"
#: Stands for a message that is no property list, or is over a limit.
_UNREADABLE: Final = "<unreadable/>"
#: A key on a line of its own, and the value on the next one.
_KEY_AND_VALUE: Final = re.compile(r"(</key>)\n *(<(?:string|integer|real|date|true|false)[ />].*)")
_CUT: Final = "A text of the phone was so long that it was cut."
#: Apps whose answers stand together.
_AT_ONCE: Final = 25


def anonymous_iphone(
    recording: IphoneRecording, check: Check, key: bytes = b""
) -> tuple[Capture, Callable[[str], str]]:
    """The capture of a check of an iPhone, and what gives the pseudonym of an id, which is not to be kept: the key of
    the pseudonyms is thrown away with it."""
    anonymiser = IphoneAnonymiser(check.policy, Pseudonyms((), key))
    answers = without_repetitions(
        [answer for exchange in recording.exchanges for answer in anonymous(exchange, anonymiser)]
    )
    kept = [UnchangedValues(group, tuple(sorted(values))) for group, values in sorted(anonymiser.kept.items())]
    cut = [Differs(_CUT)] if anonymiser.has_cut else []
    head = CaptureHead(VERSION, "ios", f"fanion {__version__}", f"{check.policy.id} {check.policy.version}")
    return Capture(head, (*kept, *cut, *answers)), anonymiser.id


def anonymous(exchange: ServiceExchange, anonymiser: IphoneAnonymiser) -> Iterator[CapturedAnswer]:
    """One exchange as it stands in a file."""
    messages = [_read(data) for data in exchange.answers]
    question = Question.of(exchange.service, exchange.request)
    replaced = [
        RecordedMessage(
            anonymiser.answer(exchange.request, message.value) if message.value is not None else None,
            tuple(anonymiser.id(app) if app else "" for app in message.odd),
        )
        for message in messages
    ]
    if question.apps is None:
        yield CapturedAnswer(question.text, lines=tuple(_lines(replaced)))
        return
    ids = anonymiser.ids(question.apps)
    for at in range(0, len(ids), _AT_ONCE):
        some = ids[at : at + _AT_ONCE]
        about = replaced if len(ids) <= _AT_ONCE else [_about(message, some) for message in replaced]
        yield CapturedAnswer(Question(question.service, question.asked, some).text, lines=tuple(_lines(about)))


def captured_iphone(capture: Capture) -> PracticeIphone:
    """A practice iPhone that gives the answers of a capture. Raises CaptureProblem."""
    device = IphoneDevice("", "", "", "iPhone", f"{UDID_START}RECORDED", "PRACTICE")
    return PracticeIphone(IphoneScenario("capture", device), recorded(capture.answers))


def recorded(answers: Iterable[CapturedAnswer]) -> RecordedAnswers:
    """What a practice iPhone answers, by the lines of a file. Raises CaptureProblem."""
    by_question: dict[tuple[str, str], list[tuple[RecordedMessage, ...]]] = {}
    by_app: dict[tuple[str, str], dict[str, RecordedMessage]] = {}
    for answer in answers:
        question, messages = _question(answer.command), tuple(_messages(answer.lines))
        key = (question.service, question.asked)
        if question.apps is None:
            by_question.setdefault(key, []).append(messages)
        else:
            _split(question.apps, messages, by_app.setdefault(key, {}))
    return RecordedAnswers(by_question, by_app)


def _question(command: str) -> Question:
    try:
        return Question.read(command)
    except (ValueError, RecursionError) as error:
        again = T("Ask for the file again; it must be as Fanion wrote it.")
        raise CaptureProblem(T("A line of the capture makes no sense."), again, plain(command, 200)) from error


def _split(ids: Sequence[str], messages: Sequence[RecordedMessage], into: dict[str, RecordedMessage]) -> None:
    """Keep an answer about some apps app by app. One that cannot be read stands for those of which nothing else is
    known: a phone that is asked for them one by one tells more."""
    message = messages[0] if messages else RecordedMessage(None)
    keys = [id_key(id, apps.PLATFORM) for id in ids]
    if len(keys) == 1:
        into[keys[0]] = message
    elif message.value is None or not isinstance(message.value.get(LOOKED_UP), Mapping) or "" in message.odd:
        for key in keys:
            into.setdefault(key, RecordedMessage(None))
    else:
        into |= _by_app(message, message.value, message.value[LOOKED_UP], keys)


def _by_app(
    message: RecordedMessage, value: Mapping[str, Any], listed: Mapping[str, Any], keys: Sequence[str]
) -> dict[str, RecordedMessage]:
    """What of a Lookup's answer `listed` is about each of `keys`; each of its apps is looked at once."""
    about: dict[str, dict[str, Any]] = {key: {} for key in keys}
    odd: dict[str, list[str]] = {key: [] for key in keys}
    for id, app in listed.items():
        about.get(id_key(id, apps.PLATFORM), {})[id] = app
    for id in message.odd:
        odd.get(id_key(id, apps.PLATFORM), []).append(id)
    return {key: RecordedMessage({**value, LOOKED_UP: about[key]}, tuple(odd[key])) for key in keys}


def _about(message: RecordedMessage, ids: Iterable[str]) -> RecordedMessage:
    """What of a Lookup's answer is about these apps."""
    listed = message.value.get(LOOKED_UP) if message.value is not None else None
    if message.value is None or not isinstance(listed, Mapping):
        return message
    keys = {id_key(id, apps.PLATFORM) for id in ids}
    about = {id: app for id, app in listed.items() if id_key(id, apps.PLATFORM) in keys}
    odd = tuple(app for app in message.odd if not app or id_key(app, apps.PLATFORM) in keys)
    return RecordedMessage({**message.value, LOOKED_UP: about}, odd)


def _read(data: bytes) -> RecordedMessage:
    """A message as the phone sent it."""
    try:
        account = plist.parse(data, LOOKED_UP)
    except Malformed:  # Nothing is lost: that it cannot be read is what is kept of it.
        return RecordedMessage(None)
    value: dict[str, Any] = account.value
    return RecordedMessage(value, tuple(dict.fromkeys(left.app for left in account.left)))


def _lines(messages: Iterable[RecordedMessage]) -> Iterator[str]:
    for message in messages:
        text = message.encoded().decode()
        if message.value is None or "<plist" not in text:
            yield _UNREADABLE
            continue
        body = text[text.index("<plist") :].replace('<plist version="1.0">', _BEGIN, 1).replace("\t", "  ").rstrip()
        yield from _KEY_AND_VALUE.sub(r"\1\2", body).split("\n")


def _messages(lines: Iterable[str]) -> Iterator[RecordedMessage]:
    gathered: list[str] | None = None
    for line in lines:
        if gathered is not None:
            gathered.append(line)
            if line.endswith(_END):
                yield _read("\n".join(gathered).encode("utf-8", "replace"))
                gathered = None
        elif line == _BEGIN:
            gathered = [line]
        else:
            yield RecordedMessage(None)
    if gathered is not None:
        yield RecordedMessage(None)
