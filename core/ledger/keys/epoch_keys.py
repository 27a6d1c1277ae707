"""The epoch keys: each signs one seal, after which the next one takes its place and it is erased.

So a thief of this computer's keys cannot sign for the past. Their file has two slots of fixed length, so that a key is
made durable with one fsync, and erased by being overwritten where it stands. What a disk keeps of overwritten blocks,
or a backup of the file, is beyond this program.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.ledger.keys.enrolment import Enrolment, keys_folder
from core.ledger.keys.identity import KEY_FILE_LIMIT, SEED_BYTES, forbidden_named, signing_key
from core.ledger.tlog.notes import NoteSigner, Verifier
from core.system.files.file_lock import Waiting, locked
from core.system.files.files import ensure_file, open_file, read_file, sync_file, sync_folder

_MAGIC: Final = b"FNE1"
_SLOT: Final = 64


class EpochKeys:
    """The file with this epoch's key and, while a seal is made, the next one's. Every method may raise OSError."""

    def __init__(self, path: Path, *, make: bool = True, waiting: Waiting | None = None) -> None:
        """It is made if it is not there or not whole; without `make` it is left as it is. Raises KeyFileForbidden."""
        self._waiting = waiting
        #: What was in the slots when they were last read: a key takes longer to be made than to be used.
        self._cached: dict[int, tuple[bytes, NoteSigner]] = {}
        if make:
            ensure_file(path)
        with forbidden_named(path):
            self._descriptor = open_file(path, os.O_RDWR, links=False)
        try:
            with self.locked():
                if make and os.fstat(self._descriptor).st_size < 2 * _SLOT:
                    self._write(0, bytes(2 * _SLOT))
                    sync_file(self._descriptor)
                    sync_folder(path.parent)
        except BaseException:
            os.close(self._descriptor)
            raise

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other program from the file."""
        with locked(self._descriptor, self._waiting):
            yield

    def signer(self, expected: Verifier) -> NoteSigner | None:
        """The key that `expected` verifies, if it is here."""
        slot = self._slot(expected)
        return None if slot is None else self._cached[slot][1]

    def make_next(self, origin: str, beside: Verifier | None) -> NoteSigner:
        """A new key, durable when this returns, beside the one that is still needed. Only while locked."""
        seed = secrets.token_bytes(SEED_BYTES)
        used_slot = self._slot(beside) if beside is not None else None
        slot = 0 if used_slot is None else 1 - used_slot
        self._write(slot, (_MAGIC + seed).ljust(_SLOT, b"\0"))
        sync_file(self._descriptor)
        signer = NoteSigner(origin, signing_key(seed))
        self._cached[slot] = seed, signer
        return signer

    def erase_all_but(self, needed: Verifier, *, durably: bool = False) -> None:
        """Overwrite every other key. Only while locked.

        A power cut may undo it until the next key is made, or the ledger opened again, unless it is done `durably`.
        """
        needed_slot = self._slot(needed)
        for slot in (0, 1):
            if slot != needed_slot and self._read(slot).strip(b"\0"):
                self._write(slot, bytes(_SLOT))
                self._cached.pop(slot, None)
        if durably:
            sync_file(self._descriptor)

    def _slot(self, verifier: Verifier) -> int | None:
        for slot in (0, 1):
            seed = _seed_in(self._read(slot))
            if seed is None:
                continue
            cached_seed, signer = self._cached.get(slot, (b"", None))
            if signer is None or cached_seed != seed or signer.name != verifier.name:
                signer = NoteSigner(verifier.name, signing_key(seed))
                self._cached[slot] = seed, signer
            if signer.verifier == verifier:
                return slot
        return None

    def _read(self, slot: int) -> bytes:
        os.lseek(self._descriptor, slot * _SLOT, os.SEEK_SET)
        return os.read(self._descriptor, _SLOT)

    def _write(self, slot: int, content: bytes) -> None:
        os.lseek(self._descriptor, slot * _SLOT, os.SEEK_SET)
        os.write(self._descriptor, content)


def has_sealed(ledger: Path, enrolment: Enrolment) -> bool:
    """Whether the first seal has been made: the key for it was overwritten then. In doubt it has not."""
    first = enrolment.epoch
    try:
        seeds = kept_seeds(keys_folder(ledger) / "epoch.keys")
    except OSError:
        return False
    return not any(NoteSigner(first.name, signing_key(seed)).verifier == first for seed in seeds)


def kept_seeds(path: Path) -> tuple[bytes, ...]:
    """The keys that are in the file, which is only read. Raises OSError."""
    content = read_file(path, KEY_FILE_LIMIT, links=False)
    seeds = (_seed_in(content[slot * _SLOT : (slot + 1) * _SLOT]) for slot in (0, 1))
    return tuple(seed for seed in seeds if seed)


def _seed_in(slot: bytes) -> bytes | None:
    whole = len(slot) == _SLOT and slot.startswith(_MAGIC)
    return slot[len(_MAGIC) : len(_MAGIC) + SEED_BYTES] if whole else None
