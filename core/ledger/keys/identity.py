"""The desk's lasting secret, the identity key, and where it is kept.

A ledger has three keys, all Ed25519. The identity key signs every seal and stays the same; it lives in the computer's
keyring where there is one, else in a file that only those can read who may write the ledger. The epoch key signs one
seal (see :mod:`core.ledger.keys.epoch_keys`). The cosigner's key is made out of the identity's and states that another
desk's ledger has only grown.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.ledger.keys.enrolment import keys_folder
from core.ledger.problems import PATH, LedgerFileProblem, LedgerProblem
from core.ledger.tlog.notes import COSIGNATURE, NoteSigner, Verifier
from core.system.files.files import TooLargeError, read_file, write_private
from core.text import T

Place = Literal["keyring", "file"]

SEED_BYTES: Final = 32
#: Bytes of a file with keys.
KEY_FILE_LIMIT: Final = 4_000
_SERVICE: Final = "Fanion"
#: The keyrings that protect what is in them. Others on a computer may be plain files, or ask questions in a terminal.
_KEYRINGS: Final = tuple(
    f"keyring.backends.{name}" for name in ("SecretService", "macOS", "Windows", "kwallet", "libsecret")
)


class KeyringLocked(LedgerProblem):
    """The desk's key was put into a keyring, and the keyring that is here does not give it.

    It may be another one, or another person's. No other key takes its place: that would be a fault of the log for ever.
    """

    code = "keyring"

    def __init__(self, detail: str) -> None:
        super().__init__(
            T("The key of the log is in this computer’s keyring, which does not open or does not have it any more."),
            T(
                "Sign in as the one who began the log and unlock the keyring, or begin a new log in another data "
                "folder."
            ),
            detail,
        )


class KeyInKeyring(LedgerProblem):
    """The desk's key is in a keyring, and the log is now one that uses none: several people share it, or it travels."""

    code = "keyring"

    def __init__(self) -> None:
        super().__init__(
            T("The key of this log is in a keyring, and a log that is shared or portable uses none."),
            T("Go on with this log where it was begun, and begin the other one in an empty folder."),
        )


class KeyFileForbidden(LedgerFileProblem):
    """A file with a key, or the folder of the keys, may not be used by this officer, although the log may be."""

    code = "key-file-forbidden"
    sentence_text = T("You may not use {file}, in which a key of the log is kept.", file=PATH)
    next_text = T("Ask your IT support to give it the same owner, group and rights as the log beside it has.")


class LogIdentity:
    """The desk's lasting secret."""

    def __init__(self, seed: bytes, place: Place) -> None:
        self._seed = seed
        self._key = signing_key(seed)
        self.place = place

    def signer(self, origin: str) -> NoteSigner:
        return NoteSigner(origin, self._key)

    def cosigner(self, origin: str) -> NoteSigner:
        """The key for cosignatures: C2SP wants one of its own."""
        seed = HKDF(SHA256(), SEED_BYTES, salt=None, info=b"fanion cosigner 1").derive(self._seed)
        return NoteSigner(origin, signing_key(seed), COSIGNATURE)

    @classmethod
    def make(cls, folder: Path, origin: str, *, keyring: bool) -> LogIdentity:
        """Make a new identity key, and keep it in the keyring if there is one. Raises OSError."""
        seed = secrets.token_bytes(SEED_BYTES)
        verifier = NoteSigner(origin, signing_key(seed)).verifier
        if keyring and _into_keyring(_entry(verifier), seed.hex()):
            write_private(_elsewhere_file(folder, verifier), b"keyring\n")
            return cls(seed, "keyring")
        write_private(_identity_file(folder, verifier), f"{seed.hex()}\n".encode())
        return cls(seed, "file")

    @classmethod
    def load(cls, folder: Path, verifier: Verifier, *, keyring: bool) -> LogIdentity | None:
        """The identity that `verifier` verifies; None if its key is nowhere to be found.

        Raises KeyringLocked, also where a keyring has it no more; KeyInKeyring where none is to be asked;
        KeyFileForbidden; OSError.
        """
        elsewhere = False
        try:
            with forbidden_named(file := _identity_file(folder, verifier)):
                text: str | None = read_file(file, KEY_FILE_LIMIT, links=False).decode("ascii", errors="replace")
            place: Place = "file"
        except TooLargeError:  # no key is that long
            text, place = None, "file"
        except FileNotFoundError:
            elsewhere = _elsewhere_file(folder, verifier).exists()
            if elsewhere and not keyring:
                raise KeyInKeyring from None
            text, place = _from_keyring(_entry(verifier), elsewhere) if keyring else None, "keyring"
        with contextlib.suppress(ValueError):
            seed = bytes.fromhex((text or "").strip())
            if len(seed) == SEED_BYTES and NoteSigner(verifier.name, signing_key(seed)).verifier == verifier:
                return cls(seed, place)
        if elsewhere:
            raise KeyringLocked("nothing by that name" if text is None else "another key by that name")
        return None

    @classmethod
    def is_here(cls, folder: Path, verifier: Verifier, *, keyring: bool) -> bool:
        """Whether :meth:`load` would find it, as far as can be told without asking a keyring, which may be locked.

        Raises as that does.
        """
        if not keyring or _identity_file(folder, verifier).exists():
            return cls.load(folder, verifier, keyring=False) is not None
        if is_safe(backend := keyring_library().get_keyring()):
            return True
        if _elsewhere_file(folder, verifier).exists():
            raise KeyringLocked(f"no keyring, but {type(backend).__module__}")
        return False


def in_keyring(ledger: Path, identity: Verifier) -> bool:
    """Whether a file says that the identity key was put into the keyring. The keyring is not asked."""
    return _elsewhere_file(keys_folder(ledger), identity).exists()


def new_origin(organisation: str, desk: str, *, practice: bool) -> str:
    """A name that no other ledger has, as C2SP wants it: a URL without its scheme, without spaces and plus signs."""
    place = re.sub(r"[^a-z0-9]+", "-", desk.casefold()).strip("-")[:40] or "desk"
    # No domain can end in .invalid: RFC 6761.
    return f"{'practice.invalid' if practice else organisation or 'fanion.invalid'}/{place}/{secrets.token_hex(8)}"


@contextlib.contextmanager
def forbidden_named(file: Path) -> Iterator[None]:
    """Raise KeyFileForbidden instead of a PermissionError in the block, and name the key's file in it."""
    try:
        yield
    except PermissionError as error:
        raise KeyFileForbidden(file, str(error)) from error


def _entry(verifier: Verifier) -> str:
    """What an identity key is called in a keyring: never the name of another one, which it would overwrite."""
    return f"{verifier.name} {verifier.id.hex()}"


def _identity_file(folder: Path, verifier: Verifier) -> Path:
    return folder / f"identity-{verifier.id.hex()}.key"


def _elsewhere_file(folder: Path, verifier: Verifier) -> Path:
    """Says that the identity key is in the keyring: where there is no keyring just now, the key is not lost."""
    return folder / f"identity-{verifier.id.hex()}.place"


def signing_key(seed: bytes) -> Ed25519PrivateKey:
    """The key that these random bytes are."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def keyring_library() -> ModuleType:
    """The library for keyrings: it looks for each installed one as it is loaded, and most starts ask none.

    It reads no file of settings: one may name a folder of modules, and XDG_CONFIG_HOME where that file is.
    PYTHON_KEYRING_BACKEND chooses among the library's own.
    """
    import keyring.core  # see above

    keyring.core.load_config = lambda: None
    return keyring


def _into_keyring(entry: str, secret: str) -> bool:
    """Put the key into the keyring; whether the keyring has it now."""
    try:
        keyring = keyring_library()
        if not is_safe(keyring.get_keyring()):
            return False
        keyring.set_password(_SERVICE, entry, secret)
        return bool(keyring.get_password(_SERVICE, entry) == secret)
    except Exception:  # a keyring may raise anything: there is a file to fall back on
        return False


def _from_keyring(entry: str, is_stored: bool) -> str | None:
    """What the keyring has; None if it has nothing by that name, or there is no keyring.

    Raises KeyringLocked, also where there is no keyring (as without a desktop) and the key `is_stored` in one.
    """
    try:
        keyring = keyring_library()
        backend = keyring.get_keyring()
        secret = keyring.get_password(_SERVICE, entry) if is_safe(backend) else None
    except Exception as error:
        raise KeyringLocked(f"{type(error).__name__}: {error}") from error
    if is_stored and not is_safe(backend):
        raise KeyringLocked(f"no keyring, but {type(backend).__module__}")
    return secret


def is_safe(backend: object) -> bool:
    """Whether a keyring keeps secrets secret, and asks for nothing in a terminal."""
    several = getattr(backend, "backends", None)
    first = several[0] if several else backend
    return type(first).__module__ in _KEYRINGS
