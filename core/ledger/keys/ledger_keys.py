"""A ledger's private keys, and what outsiders are told of them.

Three keys, all Ed25519. The identity key signs every seal and stays the same; it lives in the computer's keyring where
there is one, else in a file that only those can read who may write the ledger. The epoch key signs one seal, after
which the next one takes its place and it is erased: who gets at this computer later cannot sign for the past. The
cosigner's key is made out of the identity's and states that another desk's ledger has only grown.

The epoch keys' file has two slots of fixed length, so that a key is made durable with one fsync, and erased by being
overwritten where it stands. What a disk keeps of overwritten blocks, or a backup of the file, is beyond this program.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from core.ledger.file.sessions import lock_file
from core.ledger.problems import LedgerProblem
from core.ledger.records.keys import Keys
from core.ledger.tlog.notes import COSIGNATURE, ED25519, NoteError, Signer, Verifier
from core.system import permissions
from core.system.file_lock import Waiting
from core.system.files import TooLargeError, open_file, read_file, replace_file, sync_folder
from core.text import T

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Place = Literal["keyring", "file"]


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
            T("The key of this log is in a keyring, and a log that is shared or carried around uses none."),
            T("Go on with this log where it was begun, and begin the other one in an empty folder."),
        )


class KeyFileForbidden(LedgerProblem):
    """A file with a key, or the folder of the keys, may not be used by whoever works here, although the log may be."""

    code = "key-file-forbidden"

    def __init__(self, file: Path, detail: str = "") -> None:
        super().__init__(
            T("You may not use {file}, in which a key of the log is kept.", file=str(file)),
            T("Ask your IT support to give it the same owner, group and rights as the log beside it has."),
            detail,
        )


_making: Final = threading.Lock()
_SEED: Final = 32
_MAGIC: Final = b"FNE1"
_SLOT: Final = 64
_ENROLMENT_LIMIT: Final = 4_000
#: Bytes of a file with keys.
_KEY_LIMIT: Final = 4_000
#: Bytes of a file with enrolments: some thousand of them.
_ENROLMENTS_LIMIT: Final = 1_000_000
_SERVICE: Final = "Fanion"
_HEAD: Final = "Fanion desk keys"
#: The keyrings that protect what is in them. Others on a computer may be plain files, or ask questions in a terminal.
_KEYRINGS: Final = tuple(
    f"keyring.backends.{name}" for name in ("SecretService", "macOS", "Windows", "kwallet", "libsecret")
)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an outsider has to know of a desk before anything else: the keys that its ledger begins with.

    `epoch` is the one that the first seal is signed with; all later ones are announced in the ledger itself.
    """

    identity: Verifier
    epoch: Verifier
    cosigner: Verifier

    @classmethod
    def recorded(cls, keys: Keys) -> Enrolment:
        """What a record of the ledger's keys says. Raises NoteError."""
        return cls(*map(Verifier.parse, (keys.identity, keys.epoch, keys.cosigner)))

    @property
    def origin(self) -> str:
        """The ledger's name, which nothing else has."""
        return self.identity.name

    @property
    def text(self) -> str:
        """What is printed, and what a QR code of it holds."""
        return f"{_HEAD}\nidentity {self.identity}\nepoch {self.epoch}\ncosigner {self.cosigner}\n"

    @classmethod
    def parse(cls, text: str) -> Enrolment:
        """Raises NoteError."""
        lines = text.removeprefix("\ufeff").replace("\r\n", "\n").strip().split("\n")
        if len(text) > _ENROLMENT_LIMIT or len(lines) != 4 or lines[0].strip() != _HEAD:
            raise NoteError(T("these are not the keys of a desk"))
        keys = []
        for line, word in zip(lines[1:], ("identity", "epoch", "cosigner"), strict=True):
            name, _, vkey = line.strip().partition(" ")
            if name != word:
                raise NoteError(T("these are not the keys of a desk"))
            keys.append(Verifier.parse(vkey))
        found = cls(*keys)
        if len({key.name for key in keys}) != 1 or [key.type for key in keys] != [ED25519, ED25519, COSIGNATURE]:
            raise NoteError(T("these are not the keys of a desk"))
        return found


class Identity:
    """The desk's lasting secret."""

    def __init__(self, seed: bytes, place: Place) -> None:
        self._seed = seed
        self._key = _private(seed)
        self.place = place

    def signer(self, origin: str) -> Signer:
        return Signer(origin, self._key)

    def cosigner(self, origin: str) -> Signer:
        """C2SP wants a key of its own for cosignatures."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        seed = HKDF(SHA256(), _SEED, salt=None, info=b"fanion cosigner 1").derive(self._seed)
        return Signer(origin, _private(seed), COSIGNATURE)

    @classmethod
    def make(cls, folder: Path, origin: str, *, keyring: bool) -> Identity:
        """A new one, kept in the keyring if there is one. Raises OSError."""
        seed = secrets.token_bytes(_SEED)
        verifier = Signer(origin, _private(seed)).verifier
        if keyring and _into_keyring(_entry(verifier), seed.hex()):
            write_private(_elsewhere_file(folder, verifier), b"keyring\n")
            return cls(seed, "keyring")
        write_private(_identity_file(folder, verifier), f"{seed.hex()}\n".encode())
        return cls(seed, "file")

    @classmethod
    def load(cls, folder: Path, verifier: Verifier, *, keyring: bool) -> Identity | None:
        """The one that `verifier` verifies; None if it is nowhere to be found.

        Raises KeyringLocked, also where a keyring has it no more; KeyInKeyring where none is to be asked;
        KeyFileForbidden; OSError.
        """
        elsewhere = False
        try:
            with _forbidden(file := _identity_file(folder, verifier)):
                text: str | None = read_file(file, _KEY_LIMIT).decode("ascii", errors="replace")
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
            if len(seed) == _SEED and Signer(verifier.name, _private(seed)).verifier == verifier:
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
        import keyring as keyrings

        if is_safe(backend := keyrings.get_keyring()):
            return True
        if _elsewhere_file(folder, verifier).exists():
            raise KeyringLocked(f"no keyring, but {type(backend).__module__}")
        return False


class EpochKeys:
    """The file with this epoch's key and, while a seal is made, the next one's. Every method may raise OSError."""

    def __init__(self, path: Path, *, make: bool = True, waiting: Waiting | None = None) -> None:
        """It is made if it is not there or not whole; without `make` it is left as it is. Raises KeyFileForbidden."""
        self._waiting = waiting
        #: What was in the slots when they were last read: a key takes longer to be made than to be used.
        self._seeds: dict[int, bytes] = {}
        self._signers: dict[int, Signer] = {}
        if make:
            make_private(path)
        with _forbidden(path):
            self._descriptor = open_file(path, os.O_RDWR)
        try:
            with self.locked():
                if make and os.fstat(self._descriptor).st_size < 2 * _SLOT:
                    self._write(0, bytes(2 * _SLOT))
                    os.fsync(self._descriptor)
                    sync_folder(path.parent)
        except BaseException:
            os.close(self._descriptor)
            raise

    def close(self) -> None:
        """A second time does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other program from the file."""
        with lock_file(self._descriptor, self._waiting):
            yield

    def signer(self, expected: Verifier) -> Signer | None:
        """The key that `expected` verifies, if it is here."""
        slot = self._slot(expected)
        return None if slot is None else self._signers[slot]

    def make_next(self, origin: str, beside: Verifier | None) -> Signer:
        """A new key, durable when this returns, beside the one that is still needed. Only while locked."""
        seed = secrets.token_bytes(_SEED)
        kept = self._slot(beside) if beside is not None else None
        slot = 0 if kept is None else 1 - kept
        self._write(slot, _filled(seed))
        os.fsync(self._descriptor)
        self._seeds[slot], self._signers[slot] = seed, Signer(origin, _private(seed))
        return self._signers[slot]

    def erase_all_but(self, needed: Verifier, *, durably: bool = False) -> None:
        """Overwrite every other key. Only while locked.

        A power cut may undo it until the next key is made, or the ledger opened again, unless it is done `durably`.
        """
        kept = self._slot(needed)
        for slot in (0, 1):
            if slot != kept and self._read(slot).strip(b"\0"):
                self._write(slot, bytes(_SLOT))
                self._seeds.pop(slot, None)
                self._signers.pop(slot, None)
        if durably:
            os.fsync(self._descriptor)

    def _slot(self, verifier: Verifier) -> int | None:
        for slot in (0, 1):
            seed = _seed(self._read(slot))
            if seed is None:
                continue
            if self._seeds.get(slot) != seed or self._signers[slot].name != verifier.name:
                self._seeds[slot], self._signers[slot] = seed, Signer(verifier.name, _private(seed))
            if self._signers[slot].verifier == verifier:
                return slot
        return None

    def _read(self, slot: int) -> bytes:
        os.lseek(self._descriptor, slot * _SLOT, os.SEEK_SET)
        return os.read(self._descriptor, _SLOT)

    def _write(self, slot: int, content: bytes) -> None:
        os.lseek(self._descriptor, slot * _SLOT, os.SEEK_SET)
        os.write(self._descriptor, content)


def unused(path: Path, first: Verifier) -> bool:
    """Whether the key that `first` verifies is still in the file of the epoch keys. Raises OSError."""
    content = read_file(path, _KEY_LIMIT)[: 2 * _SLOT]
    seeds = [_seed(content[slot * _SLOT : (slot + 1) * _SLOT]) for slot in (0, 1)]
    return any(Signer(first.name, _private(seed)).verifier == first for seed in seeds if seed)


def keys_folder(ledger: Path) -> Path:
    """Where the keys of a ledger are: beside it."""
    return ledger.with_name(f"{ledger.stem}-keys")


def enrolment_file(ledger: Path) -> Path:
    """Where this computer keeps what it told outsiders: apart from the ledger, which is checked against it."""
    return keys_folder(ledger) / "enrolment.txt"


def later_file(ledger: Path) -> Path:
    """Where this computer keeps with which keys it went on after some were lost, one :attr:`Enrolment.text` each."""
    return keys_folder(ledger) / "enrolments-later.txt"


def read_enrolment_file(path: Path) -> str:
    """The text of a file with enrolments. Raises OSError, ValueError."""
    return read_file(path, _ENROLMENTS_LIMIT).decode()


def in_keyring(ledger: Path, identity: Verifier) -> bool:
    """Whether the identity key was put into the keyring, which is not asked."""
    return _elsewhere_file(keys_folder(ledger), identity).exists()


def new_origin(organisation: str, desk: str, *, practice: bool) -> str:
    """A name that no other ledger has, as C2SP wants it: a URL without its scheme, without spaces and plus signs."""
    place = re.sub(r"[^a-z0-9]+", "-", desk.casefold()).strip("-")[:40] or "desk"
    # .invalid can be nobody's: RFC 6761.
    return f"{'practice.invalid' if practice else organisation or 'fanion.invalid'}/{place}/{secrets.token_hex(8)}"


def write_private(path: Path, content: bytes, *, shared: bool = True) -> None:
    """Put a file in the place of `path` that only its owner can read, durably. Raises OSError.

    In a folder for several people they all can, unless it is not to be `shared`: see :mod:`core.system.permissions`.
    """
    make_folder(path.parent, shared=shared)
    replace_file(path, content, shared=shared)


def make_private(path: Path) -> None:
    """An empty file for those alone who may use its folder's files, unless there is one already. Raises OSError.

    One thread at a time: none may open the file, and lock it, before the others have closed theirs. POSIX takes every
    lock that a program has on a file from it as soon as the program closes any descriptor of that file.
    """
    with _making, contextlib.suppress(FileExistsError):
        permissions.new_file(path)


def make_folder(folder: Path, *, shared: bool = True) -> None:
    """Make a folder that only its owner can read, and what leads to it, durably; `shared` as in write_private().

    Raises OSError.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    if missing and shared and permissions.is_shared(missing[-1].parent):
        for one in reversed(missing):
            with contextlib.suppress(FileExistsError):
                permissions.new_folder(one)
    folder.mkdir(mode=permissions.OWN_FOLDER, parents=True, exist_ok=True)
    for made in missing:
        sync_folder(made.parent)


@contextlib.contextmanager
def _forbidden(file: Path) -> Iterator[None]:
    """Name the file that may not be opened: it is another one than the log's."""
    try:
        yield
    except PermissionError as error:
        raise KeyFileForbidden(file, str(error)) from error


def _filled(seed: bytes) -> bytes:
    return (_MAGIC + seed).ljust(_SLOT, b"\0")


def _seed(slot: bytes) -> bytes | None:
    whole = len(slot) == _SLOT and slot.startswith(_MAGIC)
    return slot[len(_MAGIC) : len(_MAGIC) + _SEED] if whole else None


def _entry(verifier: Verifier) -> str:
    """What an identity key is called in a keyring: never the name of another one, which it would overwrite."""
    return f"{verifier.name} {verifier.id.hex()}"


def _identity_file(folder: Path, verifier: Verifier) -> Path:
    return folder / f"identity-{verifier.id.hex()}.key"


def _elsewhere_file(folder: Path, verifier: Verifier) -> Path:
    """Says that the identity key is in the keyring: where there is no keyring just now, the key is not lost."""
    return folder / f"identity-{verifier.id.hex()}.place"


def _private(seed: bytes) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed)


def _into_keyring(entry: str, secret: str) -> bool:
    """Whether the keyring has it now. Whatever a keyring raises: there is a file to fall back on."""
    try:
        import keyring

        if not is_safe(keyring.get_keyring()):
            return False
        keyring.set_password(_SERVICE, entry, secret)
        return keyring.get_password(_SERVICE, entry) == secret
    except Exception:
        return False


def _from_keyring(entry: str, known: bool) -> str | None:
    """What the keyring has; None if it has nothing by that name, or there is no keyring.

    Raises KeyringLocked, also where there is no keyring and the key is `known` to be in one: a command that is started
    without a desktop has none.
    """
    try:
        import keyring

        backend = keyring.get_keyring()
        found = keyring.get_password(_SERVICE, entry) if is_safe(backend) else None
    except Exception as error:
        raise KeyringLocked(f"{type(error).__name__}: {error}") from error
    if known and not is_safe(backend):
        raise KeyringLocked(f"no keyring, but {type(backend).__module__}")
    return found


def is_safe(backend: object) -> bool:
    """Whether a keyring keeps secrets secret, and asks for nothing in a terminal."""
    several = getattr(backend, "backends", None)
    first = several[0] if several else backend
    return type(first).__module__ in _KEYRINGS
