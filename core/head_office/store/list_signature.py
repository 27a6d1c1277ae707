"""Who has signed a store's list of files, ``store.json``: a key of head office's own, in the form of minisign.

Neither of the keys that head office has otherwise can do it: age's encrypts and does not sign, and those of the policy
team are kept offline, each with its passphrase. A list is signed at each merge, also by a timer at night. So the store
has an Ed25519 key of its own. It is made once, and kept as a desk keeps its keys in files: beside the data of this
computer's Fanion, for its owner alone, and never in the store, which others may be able to write to.

The signature over the list after merge 12 is ``store-000012.minisig``. It is written before the list counts, and goes
when the next one does, so that at every moment the list and its signature fit.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from core.system.files.files import TooLargeError, read_file, replace_file, write_private
from core.system.minisign import MinisignError, PublicKey
from core.system.minisign_signature import MinisignSignature, SecretKey

_STORES: Final = "stores.json"
_LIMIT: Final = 1_000_000
_SIGNATURE_LIMIT: Final = 4_000
_SEED_BYTES: Final = 32


class KeyFrom(StrEnum):
    """The place from which a reader knows the key that signs the list of files."""

    #: A person has named the key.
    GIVEN = "given"
    #: This computer has signed that store's list before.
    COMPUTER = "computer"
    #: The list names it itself, so that a person who could write to the store could have replaced it.
    STORE = "store"


@dataclass(frozen=True, slots=True)
class ListSignature:
    """Whether a list of files is signed as it has to be: by `key`, None where no key is known, as `source` has it."""

    key: PublicKey | None = None
    source: KeyFrom | None = None
    signed: bool = False


class StoreKeys:
    """The keys for stores that this computer has, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def key_of(self, store: Path) -> PublicKey | None:
        """The key by which the list of the store in that folder is signed, as this computer knows. Raises OSError."""
        line = self._keys_by_store().get(_path_of(store))
        return None if line is None else PublicKey.parse(line)

    def secret(self, key: PublicKey) -> SecretKey | None:
        """The pair to a public key, if it is here. Raises OSError."""
        with contextlib.suppress(FileNotFoundError, TooLargeError, ValueError):
            pair = SecretKey(bytes.fromhex(read_file(self._file(key), _SIGNATURE_LIMIT).decode().strip()))
            return pair if pair.public == key else None
        return None

    def make(self) -> SecretKey:
        """A new pair, kept. Raises OSError."""
        seed = secrets.token_bytes(_SEED_BYTES)
        pair = SecretKey(seed)
        write_private(self._file(pair.public), f"{seed.hex()}\n".encode(), shared=False)
        return pair

    def remember(self, store: Path, key: PublicKey) -> None:
        """Require this key's signature under the list of that store from now on. Raises OSError."""
        lines = self._keys_by_store() | {_path_of(store): key.line}
        write_private(self._folder / _STORES, msgspec.json.encode(lines), shared=False)

    def _keys_by_store(self) -> dict[str, str]:
        """The public keys by store. Raises OSError, also where the file is damaged: no key may be lost that way."""
        try:
            lines = msgspec.json.decode(read_file(self._folder / _STORES, _LIMIT), type=dict[str, str])
            for line in lines.values():
                PublicKey.parse(line)
        except FileNotFoundError:
            return {}
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise OSError(f"{self._folder / _STORES}: {error}") from error
        return lines

    def _file(self, key: PublicKey) -> Path:
        return self._folder / f"store-{key.number.hex()}.key"


def look_at_signature(
    store: Path,
    content: bytes,
    generation: int,
    own_key: str,
    keys: StoreKeys | None,
    asked_key: PublicKey | None = None,
) -> ListSignature:
    """Whether the list with this `content` is signed by the `asked_key`, else by the one that this computer knows
    for the store, else by its `own_key`, which the list names. Raises OSError."""
    key, source = asked_key, KeyFrom.GIVEN
    if key is None and keys is not None:
        key, source = keys.key_of(store), KeyFrom.COMPUTER
    if key is None and own_key:
        source = KeyFrom.STORE
        try:
            key = PublicKey.parse(own_key)
        except MinisignError:
            return ListSignature(None, source, False)
    if key is None:
        return ListSignature()
    try:
        signature = MinisignSignature.parse(read_file(store / signature_name(generation), _SIGNATURE_LIMIT))
        return ListSignature(key, source, signature.is_by(key, content))
    except (FileNotFoundError, TooLargeError, MinisignError):
        return ListSignature(key, source, False)


def write_signature(store: Path, pair: SecretKey, content: bytes, generation: int) -> None:
    """Sign a list, before it counts. Raises OSError."""
    signature = pair.sign(content, f"store.json of Fanion, after merge {generation}")
    replace_file(store / signature_name(generation), signature, private=False)


def drop_signatures(store: Path, generation: int) -> None:
    """Remove the signatures over all lists but that of this merge. Raises OSError."""
    present = signature_name(generation)
    for path in store.glob("store-*.minisig"):
        if path.name != present:
            path.unlink()


def signature_name(generation: int) -> str:
    """The file with the signature over the list after so many merges."""
    return f"store-{generation:06}.minisig"


def _path_of(store: Path) -> str:
    """A folder's name, however it was typed."""
    return os.path.normcase(store.resolve())
