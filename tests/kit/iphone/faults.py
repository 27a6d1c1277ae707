"""How a practice iPhone's answers go wrong, and those of the usbmuxd before it, as data that a test sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.simulator.iphone.wire import Faultless, GoneError, PracticeStream


@dataclass(frozen=True)
class Faults(Faultless):
    """How answers go wrong, by the name of the message that is answered, as ``lockdown.Pair`` or ``mux.Connect``.

    In `hang` no answer ever comes, in `close` the connection ends in its place, in `unplug` the phone's cable is
    pulled, in `truncate` the connection ends in the middle of the answer. `replace` has the bytes that are sent in the
    answer's place, `claim` the length that is said of it. The names ``tls.session`` and ``tls.service`` stand for the
    two handshakes; they can hang, close and unplug only.
    """

    hang: frozenset[str] = frozenset()
    close: frozenset[str] = frozenset()
    unplug: frozenset[str] = frozenset()
    truncate: frozenset[str] = frozenset()
    replace: Mapping[str, bytes] = field(default_factory=dict)
    claim: Mapping[str, int] = field(default_factory=dict)
    forged: bool = False
    ignored_options: frozenset[str] = frozenset()
    left_out_of_lookup: int = 0

    def strike(self, stream: PracticeStream, name: str) -> None:
        """Hang, end the connection or pull the cable. Raises GoneError."""
        if name in self.hang:
            stream.hang()
        if name in self.unplug:
            stream.unplug()
        if name in self.close or name in self.unplug:
            raise GoneError("closed")

    def send(self, stream: PracticeStream, name: str, body: bytes, head: Callable[[int], bytes]) -> None:
        """Send something else, less, or nothing. Raises GoneError."""
        self.strike(stream, name)
        body = self.replace.get(name, body)
        whole = head(self.claim.get(name, len(body))) + body
        if name in self.truncate:
            stream.send(whole[: len(whole) - len(body) // 2 - 1])
            raise GoneError("cut in the middle")
        stream.send(whole)
