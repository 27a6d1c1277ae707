"""The desk's key for phones."""

from __future__ import annotations

import base64
import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from adb_shell.auth.keygen import encode_pubkey
from adb_shell.auth.sign_cryptography import CryptographySigner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from core.phones.android.link.adb_key import KeyProblem, desk_key, fingerprint, key_name
from core.simulator.model.computer_keys import read_host_key


def test_it_is_made_once_and_kept(tmp_path: Path) -> None:
    first = desk_key(tmp_path / "keys", "Desk 4").GetPublicKey()
    made = serialization.load_pem_private_key((tmp_path / "keys" / "adbkey").read_bytes(), None)
    assert isinstance(made, rsa.RSAPrivateKey)
    assert made.key_size == 2048
    assert desk_key(tmp_path / "keys", "Desk 4").GetPublicKey() == first
    assert first.endswith(b" fanion@Desk-4")


@pytest.mark.skipif(os.name == "nt", reason="Windows has access lists instead")
def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    desk_key(data / "keys", "Desk 4")
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "keys/adbkey").stat().st_mode) == 0o600


def test_its_fingerprint_is_the_one_that_the_phone_shows(tmp_path: Path) -> None:
    signer = desk_key(tmp_path, "Desk 4")
    assert fingerprint(signer) == read_host_key(signer.GetPublicKey()).fingerprint
    assert re.fullmatch(r"([0-9A-F]{2}:){15}[0-9A-F]{2}", fingerprint(signer))


def test_a_renamed_desk_keeps_its_key_under_the_new_name(tmp_path: Path) -> None:
    before = desk_key(tmp_path, "Desk 4").GetPublicKey().split()
    after = desk_key(tmp_path, "Gatineau").GetPublicKey().split()
    assert before[0] == after[0]
    assert after[1] == b"fanion@Gatineau"


@pytest.mark.parametrize(
    ("desk", "name"),
    [
        ("Desk 4", "fanion@Desk-4"),
        ("Bureau de Gatineau", "fanion@Bureau-de-Gatineau"),
        ("", "fanion@desk"),
        (" \n", "fanion@desk"),
    ],
)
def test_the_name_that_the_phone_keeps(desk: str, name: str) -> None:
    assert key_name(desk) == name


def test_it_signs_and_shows_itself_as_a_key_of_adb_s_own(tmp_path: Path) -> None:
    key = desk_key(tmp_path, "Desk 4")
    other = CryptographySigner(str(tmp_path / "adbkey"))
    token = bytes(range(20))
    assert key.Sign(token) == other.Sign(token)
    assert key.GetPublicKey() == other.GetPublicKey()
    assert base64.b64decode(key.GetPublicKey().split()[0]) == encode_pubkey(str(tmp_path / "adbkey"))


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> bytes:
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)


@pytest.fixture(scope="module")
def real_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def test_a_key_of_which_a_bit_is_another_one_is_refused_or_signs_as_before(
    tmp_path: Path, real_key: rsa.RSAPrivateKey
) -> None:
    """In any part of it: that the numbers are prime is not tested."""
    form = serialization.PrivateFormat.PKCS8
    der = real_key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())
    (tmp_path / "adbkey").write_bytes(pem(real_key))
    whole, token = desk_key(tmp_path, "Desk 4"), bytes(range(20))
    refused = 0
    for at in range(0, len(der), 13):
        text = base64.encodebytes(der[:at] + bytes([der[at] ^ 1]) + der[at + 1 :])
        (tmp_path / "adbkey").write_bytes(b"-----BEGIN PRIVATE KEY-----\n" + text + b"-----END PRIVATE KEY-----\n")
        try:
            key = desk_key(tmp_path, "Desk 4")
        except KeyProblem:
            refused += 1
        else:
            assert (key.Sign(token), key.GetPublicKey()) == (whole.Sign(token), whole.GetPublicKey())
    assert refused > 20, "at least where the modulus stands"


@pytest.mark.parametrize("kind", ["no key", "nothing", "another size", "another kind", "with a password"])
def test_a_damaged_key_is_named_and_not_replaced(tmp_path: Path, real_key: rsa.RSAPrivateKey, kind: str) -> None:
    content = {
        "no key": lambda: b"this is no key",
        "nothing": lambda: b"",
        "another size": lambda: pem(rsa.generate_private_key(65537, 1024)),
        "another kind": lambda: pem(ec.generate_private_key(ec.SECP256R1())),
        "with a password": lambda: pem(real_key, b"secret"),
    }[kind]()
    (tmp_path / "adbkey").write_bytes(content)
    with pytest.raises(KeyProblem, match="adbkey"):
        desk_key(tmp_path, "Desk 4")
    assert (tmp_path / "adbkey").read_bytes() == content


def test_a_folder_that_cannot_be_made_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyProblem):
        desk_key(tmp_path / "file" / "keys", "Desk 4")


def test_several_threads_at_once_end_up_with_one_key(tmp_path: Path) -> None:
    """As when four phones are plugged in at a new desk."""
    made: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: made.append(desk_key(tmp_path, "Desk 4").GetPublicKey())) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert len(set(made)) == 1


def test_two_programs_at_once_end_up_with_one_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from core.phones.android.link.adb_key import desk_key\n"
        "print(desk_key(Path(sys.argv[1]), 'Desk 4').GetPublicKey().decode())"
    )
    root = Path(__file__).resolve().parents[4]
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert len({p.communicate()[0] for p in running}) == 1
    assert [f.name for f in sorted(tmp_path.iterdir())] == ["adbkey", "adbkey.pub"]
