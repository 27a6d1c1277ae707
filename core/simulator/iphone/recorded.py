"""What an iPhone answered in one check, and a service that answers so again.

A question is known by its service and what is asked. Each has its answers in the order in which they came, and the last
one is given from then on. What is asked of some apps only is answered app by app, as another order of the apps asks for
others together. What was never asked has the answer of a phone that knows nothing of it.
"""

from __future__ import annotations

import json
import plistlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from xml.sax.saxutils import escape

from core.model import id_key
from core.simulator.iphone import wire

INSTALLATION_PROXY: Final = "com.apple.mobile.installation_proxy"
#: The keys of a Lookup's answer and of a Browse's under which the apps are.
LOOKED_UP: Final = "LookupResult"
LISTED: Final = "CurrentList"
_PLATFORM: Final = "ios"
#: Before the ids of the apps that a question is about.
_ABOUT: Final = " about "
#: What of a request asks for nothing: who asks, and in which words.
_HOW: Final = frozenset({"Label", "ProtocolVersion", "Request", "RequestType", "Command", "ClientOptions"})
#: No property list of a phone: a list in the place of a table.
_UNREADABLE: Final = b'<plist version="1.0"><array/></plist>'
#: No property list has need of it: that it is there can mean anything.
_ODD: Final = b"<?odd?>"


@dataclass(frozen=True, slots=True)
class RecordedMessage:
    """One message of a phone's. `value` is None where it was no property list, or over a limit.

    `odd` are the ids of the apps about which it could be read in more than one way; an empty one stands for the phone.
    """

    value: Mapping[str, Any] | None
    odd: tuple[str, ...] = ()

    def encoded(self) -> bytes:
        """The message as it goes, as hard to read as it was; one that no XML can hold is none that can be read."""
        if self.value is None:
            return _UNREADABLE
        try:
            data = plistlib.dumps(dict(self.value), sort_keys=False)
        except (ValueError, OverflowError, TypeError):
            return _UNREADABLE
        for app in self.odd:
            key = f"\t\t<key>{escape(app)}</key>\n".encode() if app else b""
            if key and key in data:
                data = data.replace(key, key + _ODD, 1)
            else:
                data = data.replace(b"</plist>", _ODD + b"</plist>", 1)
        return data


#: The messages that came for one asking: none where the connection ended instead.
Answer = tuple[RecordedMessage, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked of a service: `asked` names it, and `apps` are the ids of the apps that it is about; None: all."""

    service: str
    asked: str
    apps: tuple[str, ...] | None = None

    @classmethod
    def of(cls, service: str, request: Mapping[str, Any]) -> Question:
        """The question that a request is."""
        words = [wire.word(request, key) for key in ("Request", "RequestType", "Command")]
        rest = {key: value for key, value in request.items() if key not in _HOW and not isinstance(value, bytes)}
        options = request.get("ClientOptions")
        options = dict(options) if isinstance(options, dict) else {}
        apps = options.pop("BundleIDs", None)
        if isinstance(attributes := options.get("ReturnAttributes"), list):
            rest["ReturnAttributes"] = attributes
        asked = " ".join(filter(None, words))
        if rest:
            asked += " " + json.dumps(rest, ensure_ascii=True, sort_keys=True, default=str)
        return cls(service, asked, tuple(map(str, apps)) if isinstance(apps, list) else None)

    @classmethod
    def read(cls, text: str) -> Question:
        """The question that has this :attr:`text`. ValueError where the ids of its apps are no list."""
        service, _, asked = text.partition(" ")
        asked, has_apps, ids = asked.partition(_ABOUT)
        if not has_apps:
            return cls(service, asked)
        apps = json.loads(ids)
        if not isinstance(apps, list):
            raise ValueError("the apps of a question are no list")
        return cls(service, asked, tuple(map(str, apps)))

    @property
    def text(self) -> str:
        """The question on one line."""
        about = "" if self.apps is None else f"{_ABOUT}{json.dumps(self.apps, ensure_ascii=False)}"
        return f"{self.service} {self.asked}{about}"


@dataclass(frozen=True, slots=True)
class RecordedAnswers:
    """All answers of one check: to each question, and of it app by app where it was about some apps only (by the id as
    it is compared)."""

    answers: Mapping[tuple[str, str], Sequence[Answer]] = field(default_factory=dict)
    by_app: Mapping[tuple[str, str], Mapping[str, RecordedMessage]] = field(default_factory=dict)


class AnsweringPhone:
    """Gives the recorded answers, one after the other. May be used from any thread."""

    def __init__(self, recorded: RecordedAnswers) -> None:
        self._recorded = recorded
        self._asked: dict[tuple[str, str], int] = {}
        self._removed: set[str] = set()
        self._lock = threading.Lock()

    def remove(self, app_id: str) -> None:
        """Leave an app out of every answer from now on."""
        with self._lock:
            self._removed.add(id_key(app_id, _PLATFORM))

    def installed(self) -> frozenset[str]:
        """The ids of all apps that any answer lists and that were not removed."""
        ids: set[str] = set()
        for answers in self._recorded.answers.values():
            for answer in answers:
                for message in answer:
                    ids |= _ids(message)
        return frozenset(id for id in ids if id_key(id, _PLATFORM) not in self._removed)

    def answer(self, question: Question) -> Answer | None:
        """The answer to a question; None to one that was never asked."""
        with self._lock:
            if question.apps is not None:
                return (self._about(question, question.apps),)
            key = (question.service, question.asked)
            answers = self._recorded.answers.get(key)
            if not answers:
                key, answers = self._alike(question)
            if not answers:
                return None
            number = self._asked.get(key, 0)
            self._asked[key] = number + 1
            return tuple(self._without_removed(answers[min(number, len(answers) - 1)]))

    def _alike(self, question: Question) -> tuple[tuple[str, str], Sequence[Answer]]:
        """The answers to a question that asks for other attributes of the same apps; of several the longest one's."""
        word = question.asked.partition(" ")[0]
        alike = [
            (len(asked), (service, asked))
            for service, asked in self._recorded.answers
            if service == question.service == INSTALLATION_PROXY and asked.partition(" ")[0] == word
        ]
        key = max(alike)[1] if alike else (question.service, question.asked)
        return key, self._recorded.answers.get(key, ())

    def _about(self, question: Question, apps: Iterable[str]) -> RecordedMessage:
        """One answer about these apps. What spoilt the answer about one of them spoils that about several."""
        recorded = self._recorded.by_app.get((question.service, question.asked), {})
        ids = [id for id in dict.fromkeys(id_key(app, _PLATFORM) for app in apps) if id not in self._removed]
        messages = [recorded[id] for id in ids if id in recorded]
        if len(messages) == 1 == len(ids):
            return messages[0]
        entries: dict[str, Any] = {}
        odd: list[str] = []
        for id, message in zip([id for id in ids if id in recorded], messages, strict=True):
            entry = message.value.get(LOOKED_UP) if message.value is not None else None
            strange = not isinstance(entry, Mapping) or any(id_key(str(key), _PLATFORM) != id for key in entry)
            if strange or "" in message.odd or not isinstance(entry, Mapping):
                return RecordedMessage(None)
            entries |= entry
            odd += message.odd
        return RecordedMessage({LOOKED_UP: entries, "Status": "Complete"}, tuple(odd))

    def _without_removed(self, answer: Answer) -> Iterator[RecordedMessage]:
        for message in answer:
            if not self._removed or message.value is None:
                yield message
                continue
            value = dict(message.value)
            if isinstance(apps := value.get(LOOKED_UP), Mapping):
                value[LOOKED_UP] = {id: app for id, app in apps.items() if not self._is_removed(id)}
            if isinstance(listed := value.get(LISTED), list):
                value[LISTED] = [app for app in listed if not self._is_removed(_id(app))]
                value["CurrentAmount"] = len(value[LISTED])
                value.pop("CurrentIndex", None)
            yield RecordedMessage(value, message.odd)

    def _is_removed(self, id: str) -> bool:
        return id_key(id, _PLATFORM) in self._removed


def send(stream: wire.PracticeStream, name: str, answer: Answer, faults: wire.Faultless) -> None:
    """Send the messages of an answer to `name`. Raises GoneError, also where the connection ended in its place."""
    if not answer:
        raise wire.GoneError("as it was recorded")
    for message in answer:
        faults.send(stream, name, message.encoded(), wire.LENGTH.pack)


def _id(app: object) -> str:
    return wire.word(app, "CFBundleIdentifier") if isinstance(app, Mapping) else ""


def _ids(message: RecordedMessage) -> set[str]:
    value = message.value or {}
    apps, listed = value.get(LOOKED_UP), value.get(LISTED)
    ids = {str(id) for id in apps} if isinstance(apps, Mapping) else set()
    return ids | {_id(app) for app in listed if _id(app)} if isinstance(listed, list) else ids
