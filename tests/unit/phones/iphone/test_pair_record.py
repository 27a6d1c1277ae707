"""Pair records: made, kept, read back, and compared with what a phone shows."""

from __future__ import annotations

import os
import plistlib
import signal
import ssl
import sys
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from core.phones.iphone import mux, pair_record
from core.phones.iphone.problems import IphoneNotReady, Malformed
from core.phones.states import PhoneState
from core.system.files import momentary

BUID = "30142955-444094379208051516"


def pkcs1(key: Any, form: Any = serialization.PublicFormat.PKCS1) -> bytes:
    return bytes(key.public_key().public_bytes(serialization.Encoding.PEM, form))


@pytest.fixture(scope="module")
def made() -> pair_record.PairRecord:
    return pair_record.make(pkcs1(rsa.generate_private_key(65537, 2048)), BUID, "00:11:22:33:44:55")


def test_a_new_record_is_kept_and_read_back_whole(made: pair_record.PairRecord) -> None:
    assert pair_record.read(made.dump()) == made
    assert made.context().verify_mode is ssl.CERT_NONE  # the certificate itself is compared
    assert not any(b"PRIVATE" in value for value in made.public.values() if isinstance(value, bytes))
    assert set(plistlib.loads(made.dump())) >= {"HostPrivateKey", "RootPrivateKey", "HostID", "SystemBUID"}


def test_a_record_says_that_fanion_made_it(made: pair_record.PairRecord) -> None:
    name = uuid.UUID(made.host_id)
    assert (name.version, name.variant) == (8, uuid.RFC_4122)
    assert made.by_fanion
    assert pair_record.read(made.dump()).by_fanion
    assert not replace(made, host_id=str(uuid.uuid4()).upper()).by_fanion
    assert pair_record._new_host_id() != pair_record._new_host_id()


def test_only_the_certificate_of_the_record_is_the_phones(made: pair_record.PairRecord) -> None:
    certificate = ssl.PEM_cert_to_DER_cert(made.device_certificate.decode())
    assert made.is_of(certificate)
    assert not made.is_of(certificate[:-1])
    assert not made.is_of(b"")
    assert not made.is_of(ssl.PEM_cert_to_DER_cert(made.host_certificate.decode()))


@pytest.mark.parametrize(
    "key",
    [b"", b"noise", pkcs1(ec.generate_private_key(ec.SECP256R1()), serialization.PublicFormat.SubjectPublicKeyInfo)],
)
def test_what_is_no_key_of_a_phone_makes_no_record(key: bytes) -> None:
    with pytest.raises(Malformed):
        pair_record.make(key, BUID)


@pytest.mark.parametrize("missing", ["HostID", "DeviceCertificate", "HostCertificate", "HostPrivateKey"])
def test_a_record_without_a_part_is_none(made: pair_record.PairRecord, missing: str) -> None:
    kept = plistlib.loads(made.dump())
    del kept[missing]
    with pytest.raises(Malformed):
        pair_record.read(plistlib.dumps(kept))


def test_a_record_with_another_key_cannot_be_used(made: pair_record.PairRecord) -> None:
    kept = plistlib.loads(made.dump()) | {"HostPrivateKey": made.root_key}
    with pytest.raises(Malformed):
        pair_record.read(plistlib.dumps(kept)).context()


@pytest.fixture(params=["in memory", "in a folder"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, temporary: Path) -> str:
    """How OpenSSL is given the key: as on Linux, and as on the systems that know no files in memory."""
    if request.param == "in a folder":
        monkeypatch.setattr(momentary, "_PROCESSES", tmp_path / "none")
    elif sys.platform != "linux":
        pytest.skip("only Linux has files in memory")
    return str(request.param)


def test_a_key_is_given_to_openssl(system: str, made: pair_record.PairRecord, temporary: Path) -> None:
    assert pair_record.read(made.dump()).context().verify_mode is ssl.CERT_NONE
    assert not list(temporary.iterdir())
    for wrong in (made.root_key, b"noise"):
        with pytest.raises(Malformed):
            replace(made, host_key=wrong).context()
    assert not list(temporary.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork and no SIGKILL")
def test_a_program_that_is_killed_meanwhile_leaves_no_key(
    system: str, made: pair_record.PairRecord, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", die)
            replace(made, wifi="killed").context()
        finally:
            os._exit(1)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    left = b"".join(file.read_bytes() for file in temporary.rglob("*") if file.is_file())
    assert bool(left) is (system == "in a folder")
    for line in made.host_key.splitlines()[1:-1]:
        assert line not in left
    assert left.count(b"PRIVATE KEY") == left.count(b"ENCRYPTED PRIVATE KEY")


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("00008101000A1B2C3D4E5F60", "00008101-000A1B2C3D4E5F60"),
        ("00008101-000A1B2C3D4E5F60", "00008101-000A1B2C3D4E5F60"),
        ("a" * 40, "a" * 40),
        ("../../etc/passwd", ""),
        ("..%2f" + "a" * 35, ""),
        ("a" * 39 + "/", ""),
        ("", ""),
        ("00008101-000A1B2C3D4E5F60\n", ""),
    ],
)
def test_a_phones_identifier_is_one_or_none(said: str, whole: str) -> None:
    assert mux.whole_udid(said) == whole


@pytest.mark.parametrize(
    ("named", "where"),
    [
        ("127.0.0.1:27015", ("127.0.0.1", 27015)),
        ("[::1]:27015", ("::1", 27015)),
        ("/run/usbmuxd", "/run/usbmuxd"),
        ("UNIX:/run/usbmuxd", "/run/usbmuxd"),
    ],
)
def test_the_service_is_on_this_computer(monkeypatch: pytest.MonkeyPatch, named: str, where: mux.Address) -> None:
    monkeypatch.setenv(mux.ADDRESS_VARIABLE, named)
    assert mux.address() == where


@pytest.mark.parametrize("named", ["192.0.2.1:27015", "example.org:1", "127.0.0.1", "127.0.0.1:x", "relative/path"])
def test_a_service_elsewhere_is_not_asked(monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv(mux.ADDRESS_VARIABLE, named)
    with pytest.raises(IphoneNotReady, check=lambda met: met.state is PhoneState.NO_SERVICE):
        mux.address()
