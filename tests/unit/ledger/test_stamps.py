"""Time stamps: with a real authority (openssl), and with everything that is none."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.records import CheckStarted, Kind
from core.ledger.seals import Seal
from core.ledger.witness.time_stamps import (
    REPLY_LIMIT,
    StampRefused,
    _authority,
    _certificates,
    _Reply,
    attach,
    request,
    stamp_file,
)
from core.ledger.writer import Ledger

Opener = Callable[..., Ledger]

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="there is no openssl here to be the authority")

CONFIG = """
[authority]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
certs = {folder}/ca.pem
other_policies = 1.2.3.4.2
"""

#: A stamp of which all certificates ended a minute after it was made.
EXPIRED_REPLY = base64.b64decode(
    """
    MIIDUjADAgEAMIIDSQYJKoZIhvcNAQcCoIIDOjCCAzYCAQMxDzANBglghkgBZQMEAgEFADBoBgsqhkiG9w0BCRABBKBZBFcwVQIBAQYEKgME
    ATAxMA0GCWCGSAFlAwQCAQUABCDK+Y321k8A3+dLGbhfLQP9dmFsF+xW7bMjhAnALfEcAwIBAhgPMjAyNjExMjQyMjIyMDFaMAMCAQGgggF4
    MIIBdDCCARqgAwIBAgIUBll/DlSQ2+S+UhSjBKNaiQ1o7y4wCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBUjAeFw0yNjExMDEwMDAwMDBaFw0y
    NjExMjQyMjIzMDFaMAwxCjAIBgNVBAMMAVQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ2CaS/C0VvYeCDB8lWamJ0Xoanu3KIsK/TFVc8
    7SkNAXBF86sdLokqFv6LIb5hUeETXGKav7ZMZLhecInE9A1To1owWDAWBgNVHSUBAf8EDDAKBggrBgEFBQcDCDAdBgNVHQ4EFgQUfvr1DrfL
    ADbgvNqTZEd+3wT+hUEwHwYDVR0jBBgwFoAU7hQwiFIO3CocEoH+m9EGfjNUwYowCgYIKoZIzj0EAwIDSAAwRQIgRD9mHX/BJ3afDh6x1LNf
    ejElzLvZrsOPDuHH6/8DbnICIQDgWwJaKnqbCdhoApw11MJ9yCdy8/l37PBoHNyVEy7JoDGCATgwggE0AgEBMCQwDDEKMAgGA1UEAwwBUgIU
    Bll/DlSQ2+S+UhSjBKNaiQ1o7y4wDQYJYIZIAWUDBAIBBQCggaQwGgYJKoZIhvcNAQkDMQ0GCyqGSIb3DQEJEAEEMBwGCSqGSIb3DQEJBTEP
    Fw0yNjExMjQyMjIyMDFaMC8GCSqGSIb3DQEJBDEiBCAJ0+75mE+8Q/T1bfjqTl7/EocQ/89SIyHzNSHrO5pUnTA3BgsqhkiG9w0BCRACLzEo
    MCYwJDAiBCBUxvISPxr5hcPVJM4qPjJBH56anJTtfMspVHeIxesKazAKBggqhkjOPQQDAgRHMEUCIGLF0Q2Ne2dvOVsVl2rdomvpS2CKun2V
    i64bTgtl8L+3AiEA68M2IKG6iqHgGd7fp2Sg/MjfpzwqGb93iujdcbIcqJU=
    """
)
#: Who vouched for that authority.
EXPIRED_ROOT = base64.b64decode(
    """
    MIIBbTCCAROgAwIBAgIUKrOU09O5R3luLXkVLzYaK3JTByswCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBUjAeFw0yNjExMDEwMDAwMDBaFw0y
    NjExMjQyMjIzMTFaMAwxCjAIBgNVBAMMAVIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT1Ih3UxkXBdSlx3nk62/gWNacotDmpp1STg/bG
    aUqbU7t4b/9Or2319DEgBU3FQLP7PN4aUP4C6z94MYnzhDyoo1MwUTAdBgNVHQ4EFgQU7hQwiFIO3CocEoH+m9EGfjNUwYowHwYDVR0jBBgw
    FoAU7hQwiFIO3CocEoH+m9EGfjNUwYowDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEApGfqf6gnJJaV5P6vftvkc8oZUP7m
    aemzyU3JI/6FYrgCIBxC/NrqxVLSK076fp8XFAInzzpDEVGms3t7B7KvpBNE
    """
)


def run(*arguments: object) -> bytes:
    assert OPENSSL
    return subprocess.run([OPENSSL, *map(str, arguments)], check=True, capture_output=True).stdout


class Authority:
    """A certificate authority and a time-stamping authority that it vouches for."""

    def __init__(self, folder: Path, name: str, purpose: str = "critical,timeStamping") -> None:
        folder.mkdir()
        self.folder = folder
        subject = f"/O=Ministère/CN={name}"
        new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8")
        run("req", "-x509", *new, "-keyout", folder / "ca.key", "-out", folder / "ca.pem", "-subj", subject + " root")
        run("req", *new, "-keyout", folder / "tsa.key", "-out", folder / "tsa.csr", "-subj", subject)
        (folder / "extensions").write_text(f"extendedKeyUsage={purpose}\nkeyUsage=critical,digitalSignature\n")
        (folder / "serial").write_text("01\n")
        (folder / "config").write_text(CONFIG.format(folder=folder))
        self.sign("20260101000000Z", "20960101000000Z")

    def sign(self, begin: str, end: str) -> None:
        run(
            *("x509", "-req", "-in", self.folder / "tsa.csr", "-CA", self.folder / "ca.pem"),
            *("-CAkey", self.folder / "ca.key", "-CAcreateserial"),
            *("-not_before", begin, "-not_after", end),
            *("-extfile", self.folder / "extensions", "-out", self.folder / "tsa.pem"),
        )

    @property
    def root(self) -> bytes:
        return (self.folder / "ca.pem").read_bytes()

    def reply(self, asked: bytes) -> bytes:
        query, answer = self.folder / "query.tsq", self.folder / "answer.tsr"
        query.write_bytes(asked)
        run(
            *("ts", "-reply", "-config", self.folder / "config", "-section", "authority", "-queryfile", query),
            *("-signer", self.folder / "tsa.pem", "-inkey", self.folder / "tsa.key", "-out", answer),
        )
        return answer.read_bytes()

    def reply_to(self, data: bytes, *options: str) -> bytes:
        """A stamp that somebody else asked for."""
        (self.folder / "data").write_bytes(data)
        return self.reply(run("ts", "-query", "-data", self.folder / "data", *(options or ("-sha256", "-cert"))))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "tsa", "Autorité 1")


@pytest.fixture
def seal(ledger: Ledger, started: CheckStarted) -> Seal:
    ledger.append(started, seal=True)
    newest = ledger.newest_seal()
    assert newest is not None
    return newest


def kept(ledger: Ledger) -> list[str]:
    folder = ledger.path.parent / "stamps"
    return sorted(os.listdir(folder)) if folder.exists() else []


def stamped(ledger: Ledger) -> list[dict[str, object]]:
    return [e.leaf["body"] for e in ledger.newest(10, kind=Kind.TIMESTAMPED)]


@needs_openssl
def test_stamp_of_an_authority_is_kept_and_recorded(
    ledger: Ledger, seal: Seal, started: CheckStarted, authority: Authority, tmp_path: Path
) -> None:
    asked = request(seal)
    reply = authority.reply(asked)
    for _ in range(3):  # it comes back later
        ledger.append(started, seal=True)
    stamp = attach(ledger, reply, [authority.root])
    assert (stamp.size, stamp.authority, stamp.checked) == (seal.size, "Autorité 1", True)
    assert abs(stamp.time - datetime.now(UTC)) < timedelta(hours=1)
    root = base64.b64encode(seal.checkpoint.root).decode()
    token = sha256(reply).hexdigest()
    assert stamped(ledger) == [
        {
            "size": seal.size,
            "root": root,
            "time": stamp.time.isoformat(timespec="milliseconds"),
            "authority": "Autorité 1",
            "checked": True,
            "token": token,
        }
    ]
    assert ledger.unsealed() == 0
    assert (ledger.outside().how, ledger.outside().size) == ("timestamp", seal.size)
    file = stamp_file(ledger.path, seal.size, token)
    assert kept(ledger) == [file.name] == [f"{seal.size}-{token[:8]}.tsr"]
    # Somebody else's program takes what we kept, for the text that the seal signs, and for no other.
    text, other = tmp_path / "text", tmp_path / "other"
    text.write_text(seal.checkpoint.text, encoding="utf-8")
    other.write_text(seal.checkpoint.text + " ", encoding="utf-8")
    checked = ("ts", "-verify", "-in", file, "-CAfile", authority.folder / "ca.pem", "-data")
    run(*checked, text)
    with pytest.raises(subprocess.CalledProcessError):
        run(*checked, other)


@needs_openssl
def test_request_says_nothing_but_the_imprint(seal: Seal, tmp_path: Path) -> None:
    (tmp_path / "query").write_bytes(request(seal))
    told = run("ts", "-query", "-in", tmp_path / "query", "-text").decode()
    assert "Hash Algorithm: sha256" in told
    assert "Nonce: unspecified" in told
    assert "Certificate required: yes" in told
    assert request(seal) == request(seal)
    assert sha256(seal.checkpoint.text.encode()).digest() in request(seal)


@needs_openssl
def test_without_certificates_it_says_that_nothing_was_checked(
    ledger: Ledger, seal: Seal, authority: Authority
) -> None:
    reply = authority.reply(request(seal))
    assert not attach(ledger, reply, []).checked
    assert not attach(ledger, reply, []).checked
    assert [body["checked"] for body in stamped(ledger)] == [False]
    assert attach(ledger, reply, [authority.root]).checked
    assert not attach(ledger, reply, []).checked
    assert [body["checked"] for body in stamped(ledger)] == [True, False]
    assert len(kept(ledger)) == 1


@needs_openssl
def test_certificates_in_every_form(ledger: Ledger, seal: Seal, authority: Authority, tmp_path: Path) -> None:
    reply = authority.reply(request(seal))
    other = Authority(tmp_path / "other", "Other")
    der = run("x509", "-in", authority.folder / "ca.pem", "-outform", "DER")
    assert attach(ledger, reply, [der]).checked
    assert attach(ledger, reply, [other.root, authority.root]).checked
    assert attach(ledger, reply, [b"Bag Attributes\n" + other.root + b"\r\n" + authority.root]).checked


@needs_openssl
@pytest.mark.parametrize("bad", [b"", b"text", b"-----BEGIN CERTIFICATE-----\n", b"\x30\x00", b"-----BEGIN" * 200_000])
def test_certificates_that_are_none(ledger: Ledger, seal: Seal, authority: Authority, bad: bytes) -> None:
    with pytest.raises(StampRefused, match="certificates cannot be read"):
        attach(ledger, authority.reply(request(seal)), [authority.root, bad])
    assert (kept(ledger), stamped(ledger)) == ([], [])


def test_certificates_that_are_over_by_now_were_valid_then() -> None:
    said = _Reply(EXPIRED_REPLY)
    said.check(_certificates(EXPIRED_ROOT))
    assert (said.authority, said.imprint) == ("T", sha256(b"a seal").digest())


@needs_openssl
@pytest.mark.parametrize("days", [("20200101000000Z", "20210101000000Z"), ("21000101000000Z", "21010101000000Z")])
def test_certificate_that_was_not_valid_then(ledger: Ledger, seal: Seal, tmp_path: Path, days: tuple[str, str]) -> None:
    authority = Authority(tmp_path / "early", "Early")
    authority.sign(*days)
    with pytest.raises(StampRefused, match="does not lead to"):
        attach(ledger, authority.reply(request(seal)), [authority.root])


@needs_openssl
@pytest.mark.parametrize("checked", [True, False])
def test_stamp_of_something_else(ledger: Ledger, seal: Seal, authority: Authority, checked: bool) -> None:
    roots = [authority.root] if checked else []
    for reply in (
        authority.reply_to(b"something else"),
        authority.reply_to(seal.checkpoint.text.encode() + b" "),
        authority.reply_to(seal.checkpoint.text.encode(), "-sha512", "-cert"),
    ):
        with pytest.raises(StampRefused, match="something else than a seal of this log"):
            attach(ledger, reply, roots)
    assert (kept(ledger), stamped(ledger)) == ([], [])
    assert ledger.outside().how == ""


@needs_openssl
def test_stamp_of_another_desks_seal(
    ledger: Ledger, seal: Seal, authority: Authority, open_ledger: Opener, started: CheckStarted, tmp_path: Path
) -> None:
    other = open_ledger(tmp_path / "other" / "ledger.db")
    other.append(started, seal=True)
    reply = authority.reply(request(seal))
    with pytest.raises(StampRefused, match="this log"):
        attach(other, reply, [authority.root])
    assert attach(ledger, reply, [authority.root]).size == seal.size


@needs_openssl
def test_authority_that_nobody_vouches_for(ledger: Ledger, seal: Seal, authority: Authority, tmp_path: Path) -> None:
    # It has the name of the right one, and brings its own root along.
    other = Authority(tmp_path / "other", "Autorité 1")
    with pytest.raises(StampRefused, match="does not lead to the certificates"):
        attach(ledger, other.reply(request(seal)), [authority.root])
    # The right one's own web server, say, is no authority for times.
    server = Authority(tmp_path / "server", "Server", purpose="serverAuth")
    with pytest.raises((StampRefused, subprocess.CalledProcessError)):
        attach(ledger, server.reply(request(seal)), [server.root])
    assert (kept(ledger), stamped(ledger)) == ([], [])


@needs_openssl
def test_reply_without_certificates_cannot_be_checked(ledger: Ledger, seal: Seal, authority: Authority) -> None:
    reply = authority.reply_to(seal.checkpoint.text.encode(), "-sha256")
    with pytest.raises(StampRefused, match="does not lead to"):
        attach(ledger, reply, [authority.root])
    assert attach(ledger, reply, []).authority == "Autorité 1 root"


@needs_openssl
def test_reply_that_was_not_granted(ledger: Ledger, seal: Seal, authority: Authority) -> None:
    refused = authority.reply_to(seal.checkpoint.text.encode(), "-sha384")
    with pytest.raises(StampRefused, match="did not grant it") as told:
        attach(ledger, refused, [authority.root])
    assert "new request" in told.value.next_step.in_language("en")
    assert (kept(ledger), stamped(ledger)) == ([], [])


@pytest.mark.slow
@needs_openssl
def test_tampered_reply_never_says_anything_else(ledger: Ledger, seal: Seal, authority: Authority) -> None:
    reply = authority.reply(request(seal))
    good = attach(ledger, reply, [authority.root])
    # Nothing is taken from the root that the authority sends along: the one that we were given counts.
    root = run("x509", "-in", authority.folder / "ca.pem", "-outform", "DER")
    beside = range(reply.index(root), reply.index(root) + len(root))
    accepted = []
    for place in range(0, len(reply), 3):
        tampered = bytearray(reply)
        tampered[place] ^= 0x55
        try:
            stamp = attach(ledger, bytes(tampered), [authority.root])
        except StampRefused:
            continue
        accepted += [place] if place not in beside else []
        assert stamp == good
    assert len(accepted) < 8  # the name of the signature's algorithm, which the certificate's key decides
    for cut in (reply[:-1], reply + b"\0", reply[: len(reply) // 2]):
        with pytest.raises(StampRefused):
            attach(ledger, cut, [authority.root])


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda b: b"\x30\x82" + len(b).to_bytes(2, "big") + b))
def test_garbage_is_refused(ledger: Ledger, garbage: bytes) -> None:
    with pytest.raises(StampRefused) as refused:
        attach(ledger, garbage, [])
    assert str(refused.value)
    assert kept(ledger) == []


def test_reply_that_is_too_long(ledger: Ledger, seal: Seal) -> None:
    with pytest.raises(StampRefused, match="too long"):
        attach(ledger, bytes(REPLY_LIMIT + 1), [])


@needs_openssl
def test_disk_that_fails_leaves_no_record(
    ledger: Ledger, seal: Seal, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = authority.reply(request(seal))

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", fail)
        with pytest.raises(StampRefused, match="could not be kept") as refused:
            attach(ledger, reply, [authority.root])
    assert "No space left" in refused.value.detail
    assert (kept(ledger), stamped(ledger)) == ([], [])
    assert attach(ledger, reply, [authority.root]).checked


@needs_openssl
def test_seal_is_found_among_many(
    ledger: Ledger, seal: Seal, started: CheckStarted, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.ledger.witness.time_stamps._STRETCH", 4)
    for _ in range(7):
        ledger.append(started, seal=True)
    for one in list(ledger.seals()):
        assert attach(ledger, authority.reply(request(one)), []).size == one.size


def test_name_of_an_authority_that_is_hostile() -> None:
    class Broken:
        @property
        def signed_data(self) -> object:
            raise KeyError("2.5.4.3")

    assert _authority(Broken()) == ""  # type: ignore[arg-type]
