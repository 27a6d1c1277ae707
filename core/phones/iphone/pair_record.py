"""What a phone and this computer know each other by: keys and certificates, made once and kept by the usbmux service.

The phone shows the certificate that was made of its own key then, and takes the computer's. Records that
libimobiledevice or Apple's programs made are used as they are.
"""

from __future__ import annotations

import contextlib
import secrets
import ssl
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hmac import compare_digest
from typing import Final

from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist
from core.phones.iphone.property_lists.plist import Message
from core.system.files.momentary import is_in_memory, momentary_file

#: How the computer's name to a phone ends where Fanion made the record: its own in ASCII, in the part of a UUID of
#: version 8 (RFC 9562) that means what its maker likes.
_BY_FANION: Final = b"FANION".hex().upper()
#: Old phones' keys and signatures are below what OpenSSL takes by itself; the certificate is compared in any case.
_CIPHERS: Final = "DEFAULT:@SECLEVEL=0"
#: Where Linux has the files that a program has open, by their numbers.


@dataclass(frozen=True, slots=True)
class PairRecord:
    """One record. Certificates and keys are PEM; `escrow_bag` and `wifi` are the phone's, and may be empty."""

    host_id: str
    system_buid: str
    device_certificate: bytes
    host_certificate: bytes
    root_certificate: bytes
    host_key: bytes
    root_key: bytes
    escrow_bag: bytes = b""
    wifi: str = ""

    @property
    def by_fanion(self) -> bool:
        """Whether Fanion made it, for one visit: also for one that was cut off and did not take it back."""
        return self.host_id.endswith(f"-{_BY_FANION}")

    @property
    def public(self) -> Message:
        """What the phone is given of it, which names no private key."""
        return {
            "DeviceCertificate": self.device_certificate,
            "HostCertificate": self.host_certificate,
            "RootCertificate": self.root_certificate,
            "HostID": self.host_id,
            "SystemBUID": self.system_buid,
        }

    def dump(self) -> bytes:
        """The record as the service keeps it."""
        private: Message = {"HostPrivateKey": self.host_key, "RootPrivateKey": self.root_key}
        if self.escrow_bag:
            private["EscrowBag"] = self.escrow_bag
        if self.wifi:
            private["WiFiMACAddress"] = self.wifi
        return plist.dump(self.public | private)

    def is_of(self, certificate: bytes) -> bool:
        """Whether a phone's certificate, in DER, is that of this record."""
        try:
            own = ssl.PEM_cert_to_DER_cert(self.device_certificate.decode("ascii"))
        except (ValueError, UnicodeDecodeError):  # Nothing is lost: the caller raises OtherCertificate.
            return False
        return compare_digest(own, certificate)

    @lru_cache(maxsize=32)  # noqa: B019 - a desk's phones: their keys are in memory in any case
    def context(self) -> ssl.SSLContext:
        """How TLS is spoken with the phone. The chain proves nothing here: the caller compares the certificate.

        Raises Malformed for a record whose key and certificate do not go together.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers(_CIPHERS)
        with _key_file(self.host_certificate.rstrip() + b"\n", self.host_key) as (file, password):
            try:
                context.load_cert_chain(file, password=password)
            except (ssl.SSLError, OSError) as error:
                raise Malformed(f"a pair record that cannot be used: {type(error).__name__}") from None
        return context


@contextlib.contextmanager
def _key_file(certificate: bytes, key: bytes) -> Iterator[tuple[str, str | None]]:
    """A file with a certificate and its key, as OpenSSL takes them from nothing else, and the password of the key.

    On Linux it is in memory, and ends with this program. Elsewhere it is in a temporary folder, and would stay there if
    the program was killed: the key in it is encrypted by a password that is nowhere else. Raises Malformed, OSError.
    """
    password = None
    if not is_in_memory():
        from core.phones.iphone import pair_keys  # cryptography, which Linux does without here

        password = secrets.token_hex(32)
        key = pair_keys.encrypted(key, password)
    with momentary_file("host.pem", certificate + key) as file:
        yield str(file), password


def read(record_bytes: bytes) -> PairRecord:
    """The record in what the service keeps. Raises Malformed where a part of it is missing."""
    # Nothing is lost: it is this computer's own, and the phone that it is of proves itself by its certificate.
    fields = plist.parse(record_bytes).value
    record = PairRecord(
        host_id=plist.text(fields, "HostID"),
        system_buid=plist.text(fields, "SystemBUID"),
        device_certificate=plist.data(fields, "DeviceCertificate"),
        host_certificate=plist.data(fields, "HostCertificate"),
        root_certificate=plist.data(fields, "RootCertificate"),
        host_key=plist.data(fields, "HostPrivateKey"),
        root_key=plist.data(fields, "RootPrivateKey"),
        escrow_bag=plist.data(fields, "EscrowBag"),
        wifi=plist.text(fields, "WiFiMACAddress"),
    )
    if not (record.host_id and record.device_certificate and record.host_certificate and record.host_key):
        raise Malformed("a pair record without all of its parts")
    return record


def make(device_key: bytes, system_buid: str, wifi: str = "") -> PairRecord:
    """A new record for a phone with this public key (PKCS #1, PEM). Raises Malformed for what is no RSA key."""
    from core.phones.iphone import pair_keys  # cryptography: with the first record that is made

    return PairRecord(host_id=_new_host_id(), system_buid=system_buid, wifi=wifi, **pair_keys.make(device_key))


def _new_host_id() -> str:
    """A new name of this computer to one phone, by which a record of Fanion's is known again."""
    random, version, variant = uuid.uuid4().int, 0x8, 0b10
    own = random & ~((0xF << 76) | (0b11 << 62) | (2**48 - 1)) | version << 76 | variant << 62 | int(_BY_FANION, 16)
    return str(uuid.UUID(int=own)).upper()
