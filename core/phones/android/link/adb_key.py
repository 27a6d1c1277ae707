"""The desk's ADB key: one a desk, made on first use, readable by its owner only.

In its question "Allow USB debugging?" a phone shows the key's fingerprint, so that the holder can see that it is this
computer that asks. The name at the end of the public key, ours is ``fanion@DESK``, is only kept with it.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import secrets
import struct
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from core.phones.driver import PhoneProblem
from core.system.files.files import create_file, make_folder, replace_file
from core.text import T

#: The only size that phones accept, and how they keep the public half (AOSP's android_pubkey.c): words of the modulus,
#: -1 / modulus modulo 2**32, the modulus, 2**4096 modulo it, the exponent; all little-endian.
_BITS: Final = 2048
_PUBLIC: Final = struct.Struct(f"<II{_BITS // 8}s{_BITS // 8}sI")
#: What a phone has a computer sign: random bytes in the place of a SHA-1 hash.
_HASHED: Final = Prehashed(hashes.SHA1())  # noqa: S303 - nothing is hashed with it
_TOKEN_BYTES: Final = 20


class KeyProblem(PhoneProblem):
    """The desk's ADB key cannot be made or read."""

    code = "adb-key"


class DeskKey:
    """The key of a desk; its methods are those that adb-shell asks a signer for."""

    def __init__(self, pem: bytes, name: str) -> None:
        """`name` is what a phone keeps with the key. Raises ValueError for what is no key that a phone accepts.

        That its numbers are prime is not tested anew, which took 40 ms, and twice at each start: it was made here. A
        damaged one signs nothing that its own public half confirms, or is as good as before.
        """
        key = serialization.load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != _BITS:
            raise ValueError(f"no RSA key of {_BITS} bits")
        self._key = key
        token = secrets.token_bytes(_TOKEN_BYTES)
        try:
            key.public_key().verify(self.Sign(token), token, PKCS1v15(), _HASHED)
        except InvalidSignature:
            raise ValueError("a damaged key") from None
        self._public = base64.b64encode(_as_phones_keep(key.public_key().public_numbers())) + f" {name}".encode()

    def Sign(self, data: bytes) -> bytes:  # noqa: N802 - adb-shell's name
        """The signature of a phone's token."""
        return self._key.sign(data, PKCS1v15(), _HASHED)

    def GetPublicKey(self) -> bytes:  # noqa: N802 - likewise
        """The public half in base64, and the name."""
        return self._public


def _as_phones_keep(public: rsa.RSAPublicNumbers) -> bytes:
    """The public half of a key in the form that phones keep."""
    word, size = 2**32, _BITS // 8
    modulus, square = public.n.to_bytes(size, "little"), pow(2, 2 * _BITS, public.n).to_bytes(size, "little")
    return _PUBLIC.pack(size // 4, -pow(public.n, -1, word) % word, modulus, square, public.e)


def desk_key(folder: Path, desk: str) -> DeskKey:
    """The signer for this desk, made in `folder` if it is not there yet.

    Raises KeyProblem if the folder cannot be written or the key in it cannot be read.
    """
    private = folder / "adbkey"
    try:
        make_folder(folder)
        if not private.exists():
            _make(private)
        # The public half is derived again at every start, so that a renamed desk is asked for by its new name.
        key = DeskKey(private.read_bytes(), key_name(desk))
        beside = folder / "adbkey.pub"
        if not beside.exists() or beside.read_bytes() != key.GetPublicKey():
            replace_file(beside, key.GetPublicKey())
        return key
    except (OSError, ValueError, TypeError, struct.error, UnsupportedAlgorithm) as error:
        raise KeyProblem(
            T("The desk's key for phones, {file}, cannot be read or made.", file=str(private)),
            T("Make the folder writable; if the file is damaged, delete it (phones will then ask again)."),
            str(error),
        ) from error


def fingerprint(signer: DeskKey) -> str:
    """What a phone shows of this key: the MD5 of its public half, as 16 pairs of hexadecimal digits.

    From Android's sources: ``getFingerprints`` in UsbDebuggingManager. It is for recognising, and proves nothing.
    """
    blob = base64.b64decode(signer.GetPublicKey().split()[0])
    digest = hashlib.md5(blob, usedforsecurity=False).hexdigest().upper()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def public_half(signer: DeskKey) -> str:
    """The public half of the key in base64, as a phone keeps it."""
    return signer.GetPublicKey().split()[0].decode()


def key_name(desk: str) -> str:
    """The name that a phone keeps with the key. Spaces end the name there, so they become hyphens."""
    return "fanion@" + (re.sub(r"[^\w.-]+", "-", desk).strip("-") or "desk")[:60]


def _make(path: Path) -> None:
    """Make a new private key, durably. If another Fanion makes one at the same moment, the first one stays."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with contextlib.suppress(FileExistsError):  # Nothing is lost: the key that is there is read.
        create_file(path, pem)
