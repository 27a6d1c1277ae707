"""lockdownd of a practice iPhone: what the phone says of itself, whom it trusts, and the way to its services."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from typing import Any, Final

from core.simulator.iphone import services, wire
from core.simulator.iphone.certificates import Computer, server_context
from core.simulator.iphone.phone import BY_KEY_ONLY, PRACTICE_DOMAIN, PUBLIC, PracticeIphone

PORT: Final = 62078
#: By what a recording calls it, beside the phone's other services.
SERVICE: Final = "lockdown"


def secure(stream: wire.PracticeStream, phone: PracticeIphone, computer: Computer, name: str) -> None:
    """Go over to TLS with `computer`; `name` is what faults call the handshake. Raises GoneError."""
    phone.faults.strike(stream, name)
    try:
        context = server_context(computer, forged=phone.faults.forged, newest=phone.newest_tls, oldest=phone.oldest_tls)
    except (OSError, ValueError) as error:  # the certificates are none
        raise wire.GoneError(str(error)) from error
    stream.secure(context)


def listener(phone: PracticeIphone, port: int) -> Callable[[wire.PracticeStream], None] | None:
    """What serves a stream to `port` of the phone, until the computer hangs up (raises GoneError): lockdownd, or the
    started service that waits there. None if the port is closed."""
    started = phone.take(port)
    if started is None:
        return (lambda stream: PracticeLockdown(stream, phone).serve()) if port == PORT else None
    name, computer = started

    def serve(stream: wire.PracticeStream) -> None:
        secure(stream, phone, computer, "tls.service")
        service = services.service(name, phone)
        if service is not None:
            service(stream, phone)

    return serve


class PracticeLockdown:
    """One connection to lockdownd."""

    def __init__(self, stream: wire.PracticeStream, phone: PracticeIphone) -> None:
        self._stream = stream
        self._phone = phone
        #: With whom a session is open.
        self._computer: Computer | None = None

    def serve(self) -> None:
        """Answer requests until the computer hangs up. Raises GoneError."""
        while True:
            request = wire.receive(self._stream)
            name = wire.word(request, "Request")
            self._phone.record("lockdown", name, request)
            opened = self._computer
            reply = self._reply(name, request)
            message = {"Request": name, **reply}
            wire.answer(self._stream, f"lockdown.{name}", message, self._phone.faults, binary=self._phone.binary)
            if opened is None and self._computer is not None:
                secure(self._stream, self._phone, self._computer, "tls.session")
            elif opened is not None and self._computer is None:
                self._stream.bare()

    def _reply(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        match name:
            case "QueryType":
                return {"Type": "com.apple.mobile.lockdown"}
            case "GetValue":
                return self._value(wire.word(request, "Domain"), wire.word(request, "Key"))
            case "Pair":
                return self._pair(Computer.of(request.get("PairRecord")))
            case "ValidatePair":
                return {} if self._paired_computer(request.get("PairRecord")) else {"Error": "InvalidHostID"}
            case "Unpair":
                return self._unpair(request.get("PairRecord"))
            case "StartSession":
                return self._start_session(request.get("HostID"))
            case "StopSession":
                if self._computer is None:
                    return {"Error": "SessionInactive"}
                self._computer = None
                return {}
            case "StartService":
                return self._start_service(wire.word(request, "Service"))
        return {"Error": "InvalidRequest"}

    def _value(self, domain: str, key: str) -> dict[str, Any]:
        echo = {"Domain": domain} if domain else {}
        values = self._phone.values().get(domain, {})
        if not key:
            if self._computer is None and domain != PRACTICE_DOMAIN:
                values = {k: v for k, v in values.items() if not domain and k in PUBLIC}
            return {**echo, "Value": {} if domain in BY_KEY_ONLY else values}
        echo["Key"] = key
        if self._computer is None and domain != PRACTICE_DOMAIN and (domain or key not in PUBLIC):
            return {**echo, "Error": "GetProhibited"}
        if key not in values:
            return {**echo, "Error": "MissingValue"}
        return {**echo, "Value": values[key]}

    def _pair(self, computer: Computer | None) -> dict[str, Any]:
        if computer is None:
            return {"Error": "InvalidPairRecord"}
        error = self._phone.pair(computer)
        return {"Error": error} if error else {"EscrowBag": secrets.token_bytes(32)}

    def _paired_computer(self, record: object) -> Computer | None:
        """The trusted computer that `record` names."""
        host_id = record.get("HostID") if isinstance(record, dict) else record
        with self._phone.mutex:
            return self._phone.computers.get(host_id) if isinstance(host_id, str) else None

    def _unpair(self, record: object) -> dict[str, Any]:
        computer = self._paired_computer(record)
        if computer is None:
            return {"Error": "InvalidHostID"}
        with self._phone.mutex:
            self._phone.computers.pop(computer.host_id, None)
        return {}

    def _start_session(self, host_id: object) -> dict[str, Any]:
        if self._computer is not None:
            return {"Error": "SessionActive"}
        if self._phone.restarted:
            return {"Error": "PasswordProtected"}
        self._computer = self._paired_computer(host_id)
        if self._computer is None:
            return {"Error": "InvalidHostID"}
        return {"SessionID": str(uuid.uuid4()).upper(), "EnableSessionSSL": True}

    def _start_service(self, name: str) -> dict[str, Any]:
        echo = {"Service": name}
        if self._computer is None:
            return {**echo, "Error": "SessionInactive"}
        if self._phone.restarted or self._phone.locked_long:
            return {**echo, "Error": "PasswordProtected"}
        if services.service(name, self._phone) is None:
            return {**echo, "Error": "InvalidService"}
        return {**echo, "Port": self._phone.start(name, self._computer), "EnableServiceSSL": True}
