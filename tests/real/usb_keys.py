"""RSA keys for what runs in the virtual machine with a USB bus: to make one there takes seconds, and here none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

#: How many keys the questions in the machine ask for at most.
COUNT: Final = 16


def write(folder: Path) -> None:
    """Make the keys."""
    for number in range(COUNT):
        key = rsa.generate_private_key(65537, 2048)
        form = serialization.PrivateFormat.PKCS8
        pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        (folder / f"{number:02}.pem").write_bytes(pem)


def use(folder: Path) -> None:
    """From now on, whoever makes a key in this process takes the next one of `folder`."""
    left = _keys(folder)
    rsa.generate_private_key = lambda public_exponent, key_size: next(left)  # type: ignore[assignment]


def _keys(folder: Path) -> Iterator[rsa.RSAPrivateKey]:
    for file in sorted(folder.glob("*.pem")):
        key = serialization.load_pem_private_key(file.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
        assert isinstance(key, rsa.RSAPrivateKey)
        yield key
