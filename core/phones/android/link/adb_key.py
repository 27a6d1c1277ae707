"""The desk's ADB key: one a desk, made on first use, readable by its owner only.

In its question "Allow USB debugging?" a phone shows the key's fingerprint, so that the holder can see that it is this
computer that asks. The name at the end of the public key, ours is ``fanion@DESK``, is only kept with it.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
from pathlib import Path

from adb_shell.auth.keygen import encode_pubkey
from adb_shell.auth.sign_cryptography import CryptographySigner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from core.phones.driver import PhoneProblem
from core.system.files.files import create_file, make_folder, replace_file
from core.text import T


class KeyProblem(PhoneProblem):
    """The desk's ADB key cannot be made or read."""

    code = "adb-key"


def desk_key(folder: Path, desk: str) -> CryptographySigner:
    """The signer for this desk, made in `folder` if it is not there yet.

    Raises KeyProblem if the folder cannot be written or the key in it cannot be read.
    """
    private = folder / "adbkey"
    try:
        make_folder(folder)
        if not private.exists():
            _make(private)
        # The public half is derived again at every start, so that a renamed desk is asked for by its new name.
        public = base64.b64encode(encode_pubkey(str(private))) + f" {key_name(desk)}".encode()
        beside = folder / "adbkey.pub"
        if not beside.exists() or beside.read_bytes() != public:
            replace_file(beside, public)
        return CryptographySigner(str(private))
    except (OSError, ValueError) as error:
        raise KeyProblem(
            T("The desk's key for phones, {file}, cannot be read or made.", file=str(private)),
            T("Make the folder writable; if the file is damaged, delete it (phones will then ask again)."),
            str(error),
        ) from error


def fingerprint(signer: CryptographySigner) -> str:
    """What a phone shows of this key: the MD5 of its public half, as 16 pairs of hexadecimal digits.

    From Android's sources: ``getFingerprints`` in UsbDebuggingManager. It is for recognising, and proves nothing.
    """
    blob = base64.b64decode(signer.GetPublicKey().split()[0])
    digest = hashlib.md5(blob, usedforsecurity=False).hexdigest().upper()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def public_half(signer: CryptographySigner) -> str:
    """The public half of the key in base64, as a phone keeps it."""
    key = signer.GetPublicKey().split()[0]
    return key.decode() if isinstance(key, bytes) else str(key)


def key_name(desk: str) -> str:
    """The name that a phone keeps with the key. Spaces end the name there, so they become hyphens."""
    return "fanion@" + (re.sub(r"[^\w.-]+", "-", desk).strip("-") or "desk")[:60]


def _make(path: Path) -> None:
    """Make a new private key, durably. If another Fanion makes one at the same moment, the first one stays."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)  # the only size that phones accept
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with contextlib.suppress(FileExistsError):  # Nothing is lost: the key that is there is read.
        create_file(path, pem)
