"""Targets: what an iPhone, and the service that carries messages to it, can say."""

from __future__ import annotations

import io
import plistlib
import struct
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from unittest import mock

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.jobs import Cancel, silent
from core.phones.accounting import Leftovers
from core.phones.driver import PhoneProblem
from core.phones.iphone import apps, inventory, mux, pair_record
from core.phones.iphone.lockdown import Lockdown
from core.phones.iphone.mux import MuxPhone
from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist
from core.phones.iphone.stream import Stream
from tests.fuzz.target import Target
from tests.kit.iphone import hostile_plists
from tests.unit.phones.android import apks

UDID = "00008110-000A4D1E0C39801E"
LOCKDOWN = 62078


class Said:
    """A connection on which the bytes of `told` come, and then it ends. Several may share them."""

    def __init__(self, told: io.BytesIO) -> None:
        self._told = told

    def settimeout(self, seconds: float | None, /) -> None:
        """Nothing is waited for."""

    def recv(self, count: int, /) -> bytes:
        return self._told.read(count)

    def send(self, data: bytes | memoryview, /) -> int:
        """It is heard by nobody."""
        return len(data)

    def close(self) -> None:
        """Nothing is held."""


class Talking(Lockdown):
    """A phone that says the same to each service, one answer after the other."""

    def __init__(self, data: bytes) -> None:
        self._told = io.BytesIO(data)
        super().__init__(MuxPhone(1, UDID, ""), Cancel())

    def _open(self, service: str, port: int, cancel: Cancel) -> Stream:
        return Stream(Said(self._told))


#: What answers every question of a reading.
EVERYTHING = {
    "Value": "iPhone14,5",
    "Port": 49200,
    "LookupResult": {
        "com.example.app": {
            "CFBundleIdentifier": "com.example.app",
            "CFBundleDisplayName": "Example",
            "ApplicationType": "User",
            "SignerIdentity": "Apple iPhone OS Application Signing",
            "CFBundleShortVersionString": "1.0",
            "IsDemotedApp": False,
        }
    },
    "CurrentList": [{"CFBundleIdentifier": "com.example.app"}],
    "Status": "Complete",
    "CloudConfiguration": {"IsSupervised": True, "OrganizationName": "Department"},
    "OrderedIdentifiers": ["one"],
}


def framed(message: dict[str, Any], form: Any = plistlib.FMT_XML) -> bytes:
    body = plistlib.dumps(message, fmt=form)
    return struct.pack(">I", len(body)) + body


def answers() -> list[bytes]:
    refused = framed({"Error": "InvalidService"})
    return [
        framed(EVERYTHING) * 60,
        framed(EVERYTHING, plistlib.FMT_BINARY) * 60,
        framed({"Value": True}) * 4 + framed(EVERYTHING) * 20 + refused + framed(EVERYTHING) * 20,
        framed(EVERYTHING) * 3 + framed({"Error": "PasswordProtected"}),
    ]


def phone_answers(data: bytes) -> None:
    """A whole reading of an iPhone."""
    with closing(Talking(data)) as lockdown:
        inventory.is_practice(lockdown, Cancel())
        inventory.read(lockdown, False, silent, Cancel())


class Listings:
    """A phone whose two lists of apps are these messages, one after the other on each connection."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self._said = b"".join(framed(message, plistlib.FMT_BINARY) for message in messages)

    def service(self, name: str, cancel: Cancel) -> Stream:
        return Stream(Said(io.BytesIO(self._said)))


def understood(*messages: dict[str, Any]) -> tuple[object, object, object]:
    """What is taken up of two lists, their gaps, and everything that is left of them."""
    left = Leftovers()
    lockdown: Any = Listings(*messages)
    found, gaps = inventory._apps(lockdown, silent, Cancel(), left, lambda apps: None)
    return found, gaps, left.all


def altered(entries: dict[str, Any], one: str) -> Iterator[dict[str, Any]]:
    """The entries with that one taken away, and altered in each way."""
    rest = {bundle: entry for bundle, entry in entries.items() if bundle != one}
    yield rest
    yield rest | {one: "x"}
    yield rest | {f"{one}.x": entries[one]}
    entry = entries[one]
    if isinstance(entry, dict):
        yield rest | {one: entry | {"CFBundleIdentifier": f"{one}.x"}}
        yield rest | {one: entry | {"CFBundleDisplayName": f"{str(entry.get('CFBundleDisplayName', ''))[:50]}x"}}
        yield rest | {one: entry | {"SignerIdentity": f"{str(entry.get('SignerIdentity', ''))[:50]}x"}}
        yield rest | {one: entry | {"ApplicationType": ["System"]}}
        yield rest | {one: entry | {"IsAppClip": entry.get("IsAppClip") is not True}}


#: Entries of one input that are altered.
ALTERED = 4


def entries_accounted_for(data: bytes) -> None:
    """One entry less or another one, of either list, is another reading, or is left over. Refuses what is no list."""
    message = plist.parse(data).value
    entries, listed = message.get("LookupResult"), message.get("CurrentList")
    if not isinstance(entries, dict) or not isinstance(listed, list):
        raise Malformed("no lists")
    before = understood(message, message)
    if before[1:] != ([], ()):
        return  # the phone is amber in any case
    for one in [*entries][:ALTERED]:
        for other in altered(entries, one):
            assert understood(message | {"LookupResult": other}, message) != before, f"{one!r} was not missed"
    for number, one in enumerate(listed[:ALTERED]):
        for changed in ([], ["x"], [{"CFBundleIdentifier": "org.example.new"}]):
            other = [*listed[:number], *changed, *listed[number + 1 :]]
            if other != listed:
                now = understood(message, message | {"CurrentList": other})
                assert now != before, f"{one!r} was not missed in the second list"


def lists_of_apps() -> list[bytes]:
    entry = EVERYTHING["LookupResult"]["com.example.app"]  # type: ignore[index]
    entries = {f"com.example.app{n}": entry | {"CFBundleIdentifier": f"com.example.app{n}"} for n in range(3)}
    listed = [{"CFBundleIdentifier": bundle} for bundle in entries]
    whole = {"LookupResult": entries, "CurrentList": listed, "CurrentIndex": 0, "CurrentAmount": 3}
    return [
        plistlib.dumps(whole | more, fmt=form)
        for form in (plistlib.FMT_XML, plistlib.FMT_BINARY)
        for more in ({"Status": "Complete"}, {"Status": "Complete", "CurrentAmount": 4}, {"LookupResult": {}})
    ]


def read_as_others_read_it(data: bytes) -> None:
    """A list of which nothing is left is read by Python's own reader too, and alike."""
    read = plist.parse(data)
    if read.whole:
        form = plistlib.FMT_BINARY if data.startswith(b"bplist") else plistlib.FMT_XML
        assert _comparable(plistlib.loads(data, fmt=form)) == _comparable(read.value), "two readers do not agree"


def _comparable(value: Any) -> Any:
    """The value with its kinds: True is not 1, and what is no number is itself."""
    if isinstance(value, dict):
        return {key: _comparable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_comparable(one) for one in value]
    return type(value).__name__, repr(value)


def removal(data: bytes) -> None:
    apps.uninstall(Stream(Said(io.BytesIO(data))), "com.example.app", Cancel())


def removals() -> list[bytes]:
    return [
        framed({"Status": "RemovingApplication"}) + framed({"Status": "Complete"}),
        framed({"Error": "ApplicationVerificationFailed", "ErrorDescription": "no"}),
    ]


def lists() -> list[bytes]:
    """Messages, and what a phone would send to do harm: small ones of each kind."""
    hostile = (
        hostile_plists.billion_laughs(),
        hostile_plists.outside_entity(),
        hostile_plists.deep_xml(300),
        hostile_plists.deep_binary(300),
        hostile_plists.endless_binary(),
        hostile_plists.wide_binary(),
        hostile_plists.many_objects(),
    )
    honest = [plistlib.dumps(EVERYTHING, fmt=form) for form in (plistlib.FMT_XML, plistlib.FMT_BINARY)]
    return [*honest, *hostile]


def service_messages(data: bytes) -> None:
    """A conversation with usbmuxd, or with what stands in for it."""
    told = mock.patch.object(mux, "_connected", return_value=Said(io.BytesIO(data)))
    with told, closing(mux.Mux("/there", Cancel())) as one:
        for phone in one.phones(Cancel()):
            assert mux.checked(phone.udid) == phone.udid
        one.buid(Cancel())
        one.pair_record(UDID, Cancel())
        one.connect(MuxPhone(1, UDID, "/there"), LOCKDOWN, Cancel())


def service_seeds() -> list[bytes]:
    def said(message: dict[str, Any]) -> bytes:
        body = plistlib.dumps(message)
        return struct.pack("<IIII", 16 + len(body), 1, 8, 1) + body

    listed = {"DeviceID": 3, "Properties": {"SerialNumber": UDID, "ConnectionType": "USB"}}
    told = (
        said({"BUID": "1-2-3"}) + said({"PairRecordData": b"<plist/>"}) + said({"MessageType": "Result", "Number": 0})
    )
    return [said({"DeviceList": [listed]}) + told, said({"DeviceList": []}) + told, said({"Number": 1})]


def record(data: bytes) -> None:
    """What a service keeps of a phone that trusts this computer."""
    found = pair_record.read(data)
    found.is_of(b"certificate")
    found.context()


def records() -> list[bytes]:
    key, certificate = apks.key("host")
    pem = certificate.public_bytes(Encoding.PEM)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    kept = {
        "HostID": "0D9C0F2E-0000-4000-8000-000000000001",
        "SystemBUID": "0D9C0F2E-0000-4000-8000-000000000002",
        "DeviceCertificate": pem,
        "HostCertificate": pem,
        "RootCertificate": pem,
        "HostPrivateKey": private,
        "RootPrivateKey": private,
        "EscrowBag": b"bag",
    }
    return [plistlib.dumps(kept), plistlib.dumps(kept, fmt=plistlib.FMT_BINARY)]


def targets() -> Iterator[Target]:
    yield Target("plist", plist.parse, lists, (Malformed,))
    yield Target("plist-readers", read_as_others_read_it, lists, (Malformed,))
    yield Target("iphone-entries", entries_accounted_for, lists_of_apps, (PhoneProblem,))
    yield Target("iphone-answers", phone_answers, answers, (PhoneProblem,))
    yield Target("iphone-removal", removal, removals, (PhoneProblem,))
    yield Target("usbmuxd", service_messages, service_seeds, (PhoneProblem,))
    yield Target("pair-record", record, records, (Malformed,))
