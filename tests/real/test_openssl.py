"""OpenSSL's own command says that a checkpoint is signed by the desk, and that no other text is."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.ledger.keys.enrolment import Enrolment
from core.ledger.tlog.notes import Note, Verifier
from tests.unit.ledger.thief import Place

#: What stands before the 32 bytes of an Ed25519 public key in DER: RFC 8410, section 4.
DER_HEAD = bytes.fromhex("302a300506032b6570032100")


@pytest.fixture(scope="session")
def openssl() -> str:
    found = shutil.which("openssl")
    if found is None:
        pytest.skip("needs openssl")
    said = subprocess.run([found, "version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"OpenSSL (\d+)", said)
    if version is None or int(version[1]) < 3:
        pytest.skip(f"needs OpenSSL 3 or later for -rawin with Ed25519: this is {said.strip()}")
    return found


@dataclass
class Sealed:
    """A log with two checks, and what it is to be checked with."""

    openssl: str
    folder: Path
    note: Note
    enrolment: Enrolment

    def accepts(self, key: Verifier, text: bytes, signature: bytes) -> bool:
        for name, content in (("key.der", DER_HEAD + key.public), ("signed", text), ("signature", signature)):
            (self.folder / name).write_bytes(content)
        command = [self.openssl, "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der"]
        command += ["-rawin", "-in", "signed", "-sigfile", "signature"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert ("Verified Successfully" in done.stdout) == (done.returncode == 0), done.stderr
        return done.returncode == 0


@pytest.fixture
def sealed(openssl: str, tmp_path: Path) -> Sealed:
    place = Place(tmp_path / "data")
    note = place.check(1).note
    return Sealed(openssl, tmp_path, note, place.enrolment())


def test_openssl_accepts_both_signatures_of_a_seal(sealed: Sealed) -> None:
    by_identity, by_epoch = sealed.note.signatures
    text = sealed.note.text.encode()
    assert sealed.accepts(sealed.enrolment.identity, text, by_identity.signature)
    assert sealed.accepts(sealed.enrolment.epoch, text, by_epoch.signature)


def test_openssl_refuses_another_text_another_key_and_another_signature(sealed: Sealed) -> None:
    by_identity, by_epoch = sealed.note.signatures
    text, identity = sealed.note.text.encode(), sealed.enrolment.identity
    assert not sealed.accepts(identity, text.replace(b"\n4\n", b"\n5\n"), by_identity.signature)
    assert not sealed.accepts(identity, text[:-1], by_identity.signature)
    assert not sealed.accepts(identity, text, by_epoch.signature)
    assert not sealed.accepts(sealed.enrolment.cosigner, text, by_identity.signature)
    assert not sealed.accepts(identity, text, bytes(64))


def test_openssl_accepts_a_cosignature_over_what_it_says(sealed: Sealed, tmp_path: Path) -> None:
    place = Place(tmp_path / "other")
    with place.open() as ledger:
        made = ledger.cosigner.cosign(sealed.note.text, 1_679_315_147)
        cosigner = ledger.enrolment.cosigner
    text = f"cosignature/v1\ntime 1679315147\n{sealed.note.text}".encode()
    assert sealed.accepts(cosigner, text, made.signature[8:])
    assert not sealed.accepts(cosigner, text.replace(b"47\n", b"48\n"), made.signature[8:])
