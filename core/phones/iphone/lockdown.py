"""lockdownd, the phone's own service: what it tells of itself, its trust in this computer, and its other services.

Each message has a label and the version of the protocol: without that the phone gives older, vaguer errors. What a
phone answers to a computer that it does not trust is less. A session is TLS with the two certificates of the pair
record, and the phone's has to be the very one of the record: another phone is told nothing further.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Final

from core.jobs import Cancel
from core.phones.accounting import Leftovers, Why
from core.phones.driver import PhoneProblem
from core.phones.iphone import pair_record
from core.phones.iphone.mux import Mux, MuxPhone
from core.phones.iphone.pair_record import PairRecord
from core.phones.iphone.problems import IphoneNotReady, Malformed, OtherCertificate
from core.phones.iphone.property_lists import plist
from core.phones.iphone.property_lists.plist import Message
from core.phones.iphone.stream import Clock, MessageRecorder, Stream
from core.phones.states import PhoneState
from core.text import plain

PORT: Final = 62078
#: By what a recording calls lockdownd itself, beside the phone's other services.
LOCKDOWN: Final = "lockdown"
#: Gives what keeps the messages of a service of the phone, which is named.
Recording = Callable[[str], MessageRecorder]
_LABEL: Final = "Fanion"
#: Seconds between two questions whether the owner has tapped Trust, and how long that is waited for.
POLL: Final = 1.0
PATIENCE: Final = 180.0

#: The state that an error of the phone means before or while it trusts this computer.
_ERRORS: Final[dict[str, PhoneState]] = {
    "PairingDialogResponsePending": PhoneState.NOT_TRUSTED,
    "UserDeniedPairing": PhoneState.DENIED,
    "PasswordProtected": PhoneState.LOCKED,
    "EscrowLocked": PhoneState.LOCKED,
    "InvalidHostID": PhoneState.FORGOTTEN,
    "InvalidPairRecord": PhoneState.FORGOTTEN,
    "MCProtected": PhoneState.MANAGED,
    "MCChallengeRequired": PhoneState.MANAGED,
    "PairingProhibitedOverThisConnection": PhoneState.MANAGED,
}


class Refused(PhoneProblem):
    """The phone answered with an error that nothing else is known of: `error`, its own word."""

    code = "iphone-refused"

    def __init__(self, error: str) -> None:
        problem = Malformed(error)
        super().__init__(problem.sentence, problem.next_step, error)
        self.error = error


class Lockdown:
    """A conversation with a phone's lockdownd. For one thread; the code that opens it closes it."""

    def __init__(self, phone: MuxPhone, cancel: Cancel, recording: Recording | None = None) -> None:
        """`recording` keeps what is said. Raises NotReady, Unplugged, Silent, Malformed, Cancelled."""
        self.phone = phone
        #: What was left of the phone's answers until now.
        self.leftovers = Leftovers()
        self._record: PairRecord | None = None
        self._session = ""
        self._recording = recording
        self._stream = self._open(LOCKDOWN, PORT, cancel)

    def value(self, key: str, cancel: Cancel, domain: str = "") -> object:
        """One value of the phone; None where it has none, or does not tell it to this computer."""
        question: Message = {"Key": key} | ({"Domain": domain} if domain else {})
        try:
            return self._ask("GetValue", cancel, **question).get("Value")
        except Refused:  # Nothing is lost: that the phone has or tells no such value is its answer.
            return None

    def text(self, key: str, cancel: Cancel, limit: int = 64) -> str:
        """One value that is a text, made plain and cut to `limit` characters; empty where there is none."""
        value = self.value(key, cancel)
        if value is not None and not isinstance(value, str):
            self.leftovers.add(Why.REFUSED, key, text=repr(value)[:100])
        if not isinstance(value, str):
            return ""
        if len(value) > limit:
            self.leftovers.add(Why.CUT, key, text=value)
        return plain(value, limit)

    def begin(self, record: PairRecord, cancel: Cancel) -> None:
        """Begin a session, which is encrypted. Raises NotReady (forgotten, locked), OtherCertificate, and others."""
        answer = self._ask("StartSession", cancel, HostID=record.host_id, SystemBUID=record.system_buid)
        self._record, self._session = record, plist.text(answer, "SessionID")
        if answer.get("EnableSessionSSL") is not True:
            raise Malformed("a session that is not encrypted")
        self._secure(self._stream, record, cancel)

    def service(self, name: str, cancel: Cancel) -> Stream:
        """A connection to another service of the phone. Raises Refused where it does not start it, and others."""
        answer = self._ask("StartService", cancel, Service=name)
        port = plist.number(answer, "Port")
        if port is None or not 0 < port < 1 << 16:
            raise Malformed("a service without a port")
        stream = self._open(name, port, cancel)
        try:
            if answer.get("EnableServiceSSL") is True and self._record is not None:
                self._secure(stream, self._record, cancel)
        except BaseException:
            stream.close()
            raise
        return stream

    def pair(
        self,
        system_buid: str,
        host_name: str,
        cancel: Cancel,
        on_question: Callable[[], None],
        clock: Clock = time.monotonic,
    ) -> PairRecord:
        """Have the owner trust this computer, and give the new record. `on_question` is called once it asks them.

        The question is asked once, with one record, however long it takes. Raises NotReady: not trusted after three
        minutes without an answer, denied, locked, managed; and others.
        """
        key = self.value("DevicePublicKey", cancel)
        record = pair_record.make(key if isinstance(key, bytes) else b"", system_buid, self.text("WiFiAddress", cancel))
        has_asked, end = False, clock() + PATIENCE
        while clock() < end:
            try:
                answer = self._ask(
                    "Pair",
                    cancel,
                    PairRecord=record.public,
                    PairingOptions={"ExtendedPairingErrors": True},
                    HostName=host_name,
                )
            except IphoneNotReady as asks:  # Nothing is lost: the owner has not answered yet, and is asked again.
                if asks.state is not PhoneState.NOT_TRUSTED:
                    raise
                if not has_asked:
                    has_asked = True
                    on_question()
                cancel.wait(POLL)
                continue  # Nothing is lost: likewise.
            return replace(record, escrow_bag=plist.data(answer, "EscrowBag"))
        raise IphoneNotReady(PhoneState.NOT_TRUSTED)

    def trusts(self, record: PairRecord, cancel: Cancel) -> bool:
        """Whether the phone still knows a record: it begins a session by it. Raises what else keeps it from that."""
        try:
            self._ask("StartSession", cancel, HostID=record.host_id, SystemBUID=record.system_buid)
        except IphoneNotReady as refused:  # Nothing is lost: that it is forgotten is the answer.
            if refused.state is not PhoneState.FORGOTTEN:
                raise
            return False
        return True

    def unpair(self, record: PairRecord, cancel: Cancel) -> None:
        """Have the phone forget a record. Raises as each request does."""
        self._ask("Unpair", cancel, PairRecord=record.public, ProtocolVersion="2")

    def close(self) -> None:
        """End the conversation. Never raises."""
        self._stream.close()

    def _ask(self, request: str, cancel: Cancel, **fields: object) -> Message:
        message: Message = {"Request": request, "Label": _LABEL, "ProtocolVersion": "2"}
        answer = self.leftovers.take(self._stream.request(message | fields, cancel))
        error = plist.text(answer, "Error")
        if error:
            raise (IphoneNotReady(_ERRORS[error]) if error in _ERRORS else Refused(error[:100]))
        return answer

    def _open(self, service: str, port: int, cancel: Cancel) -> Stream:
        mux = Mux(self.phone.service, cancel)
        try:
            stream = mux.connect(self.phone, port, cancel)
        except BaseException:
            mux.close()
            raise
        stream.recorder = self._recording(service) if self._recording is not None else None
        return stream

    @staticmethod
    def _secure(stream: Stream, record: PairRecord, cancel: Cancel) -> None:
        try:
            certificate = stream.secure(record.context(), cancel)
        except ssl.SSLError as error:
            # A phone that forgot this computer refuses its certificate.
            raise IphoneNotReady(PhoneState.FORGOTTEN, error.reason or "TLS") from None
        if not record.is_of(certificate):
            stream.close()
            raise OtherCertificate


def recorded(phone: MuxPhone, cancel: Cancel) -> PairRecord | None:
    """The record by which the phone trusts this computer, as the service keeps it; None where it keeps none."""
    with closing(Mux(phone.service, cancel)) as mux:
        record = mux.pair_record(phone.udid, cancel)
    return pair_record.read(record) if record else None
