"""OpenSSL's own command opens the policy team's keys, and verifies what they signed."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from core.policy.signing import signers
from tests.real.test_openssl import DER_HEAD
from tests.real.test_openssl import openssl as openssl
from tests.unit.policy.team import Team

PASSPHRASE = "correct horse battery staple"


def canonical(signed: object) -> bytes:
    """Canonical JSON as TUF signs it, made without TUF's library: for the texts and whole numbers that are in there."""
    return json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def accepts(openssl: str, folder: Path, public: bytes, text: bytes, signature: bytes) -> bool:
    for name, content in (("key.der", DER_HEAD + public), ("signed", text), ("signature", signature)):
        (folder / name).write_bytes(content)
    command = [openssl, "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin"]
    command += ["-in", "signed", "-sigfile", "signature"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def test_openssl_verifies_every_signature_of_a_repository(openssl: str, tmp_path: Path) -> None:
    team = Team(tmp_path / "team")
    team.publish("1")
    team.rotate("root", "root-1")
    keys: dict[str, bytes] = {}
    count = 0
    for file in sorted(team.folder.glob("metadata/*.root.json")):
        for id, key in json.loads(file.read_bytes())["signed"]["keys"].items():
            assert hashlib.sha256(canonical({k: v for k, v in key.items() if not k.startswith("x-")})).hexdigest() == id
            keys[id] = bytes.fromhex(key["keyval"]["public"])
    for file in sorted(team.folder.glob("metadata/*.json")):
        document = json.loads(file.read_bytes())
        text = canonical(document["signed"])
        for signature in document["signatures"]:
            count += 1
            public, signed = keys[signature["keyid"]], bytes.fromhex(signature["sig"])
            assert accepts(openssl, tmp_path, public, text, signed), file.name
            assert not accepts(openssl, tmp_path, public, text.replace(b'"version":', b'"versiom":', 1), signed)
    assert count == 3 + 4 + 2 + 2 + 1  # two roots, the targets, two snapshots, the timestamp


@pytest.mark.parametrize("passphrase", [PASSPHRASE, "another one altogether"])
def test_openssl_opens_a_key_with_its_passphrase_and_no_other(openssl: str, tmp_path: Path, passphrase: str) -> None:
    made = signers.create(tmp_path, "root-1", PASSPHRASE)
    (tmp_path / "passphrase").write_text(passphrase)
    file = signers.key_file(tmp_path, "root-1")
    command = [openssl, "pkey", "-in", str(file), "-passin", f"file:{tmp_path / 'passphrase'}", "-pubout"]
    done = subprocess.run([*command, "-outform", "DER"], capture_output=True, check=False)
    assert (done.returncode == 0) == (passphrase == PASSPHRASE)
    if passphrase == PASSPHRASE:
        public = bytes.fromhex(made.signer.public_key.keyval["public"])
        assert done.stdout == DER_HEAD + public
