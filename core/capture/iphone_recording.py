"""What an iPhone answers while it is checked, kept as it comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from core.phones.iphone.lockdown import LOCKDOWN
from core.phones.iphone.stream import MessageRecorder

#: Bytes of all answers that are kept.
_LIMIT: Final = 32 * 2**20
#: Messages of lockdownd that are kept: of the others the answers hold keys.
_OF_LOCKDOWN: Final = frozenset({"GetValue", "StartService"})


@dataclass(slots=True)
class ServiceExchange:
    """One request to a service of the phone, and the property lists that came for it; an empty one was none."""

    service: str
    request: Mapping[str, Any]
    answers: list[bytes] = field(default_factory=list)


class IphoneRecording:
    """Keeps the answers of one check. For one thread."""

    def __init__(self) -> None:
        self.exchanges: list[ServiceExchange] = []
        #: More came than is kept.
        self.overflowed = False
        self._size = 0

    def __call__(self, service: str) -> MessageRecorder:
        """What keeps the messages of one connection to a service."""
        return _StreamRecorder(self, service)

    def keep(self, exchange: ServiceExchange, data: bytes) -> None:
        """Keep one answer, as long as there is room."""
        self._size += len(data) + 64
        self.overflowed = self.overflowed or self._size > _LIMIT
        if not self.overflowed:
            exchange.answers.append(data)


class _StreamRecorder:
    """Keeps the messages of one connection."""

    def __init__(self, recording: IphoneRecording, service: str) -> None:
        self._recording = recording
        self._service = service
        self._current: ServiceExchange | None = None

    def asked(self, message: Mapping[str, Any]) -> None:
        self._current = None
        if self._service != LOCKDOWN or message.get("Request") in _OF_LOCKDOWN:
            self._current = ServiceExchange(self._service, dict(message))
            self._recording.exchanges.append(self._current)

    def answered(self, data: bytes) -> None:
        if self._current is not None:
            self._recording.keep(self._current, data)
