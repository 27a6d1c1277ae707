"""Signed notes, checkpoints, cosignatures and proofs, in the public formats of C2SP.

https://c2sp.org/signed-note@v1.0.0, tlog-checkpoint@v1.0.0, tlog-cosignature@v1.0.1, tlog-proof@v1: so that an outsider
can check a log of Fanion with another program. What comes in may be hostile: everything here is
bounded, and raises NoteError, which says what is wrong.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.ledger.tlog.tree import HASH_BYTES
from core.system import canonical_base64, ed25519
from core.text import T, Text

#: Signature types, C2SP signed-note.
ED25519: Final = 0x01
COSIGNATURE: Final = 0x04

#: Bytes of a note, and signatures in it. C2SP asks for at least 16.
NOTE_LIMIT: Final = 100_000
SIGNATURES_LIMIT: Final = 64
#: Hashes in a proof: enough for 2**63 leaves.
PATH_LIMIT: Final = 63
PROOF_HEAD: Final = "c2sp.org/tlog-proof@v1"

_CONTROLS: Final = bytes({*range(0x20)} - {0x0A})
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
#: What no name of a key has; halves of a pair of surrogates, which JSON can hold and no note, are among it.
_NOT_IN_NAMES: Final = re.compile("[\\s+\x00-\x1f\ud800-\udfff]")

# Said of a million notes, before it is known whether it has to be said.
_KEY_NOT_BASE64: Final = T("its key is not base64")
_SIGNATURE_NOT_BASE64: Final = T("a signature is not base64")
_HASH_NOT_BASE64: Final = T("its fingerprint is not base64")
_PATH_NOT_BASE64: Final = T("its path is not base64")


class NoteError(ValueError):
    """This is no note, or not one that can be used. `why` says it in words, as the end of a sentence."""

    def __init__(self, why: Text) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with the name that it signs under. `type` is ED25519 or COSIGNATURE."""

    name: str
    type: int
    public: bytes
    #: The four bytes that tell this key from others.
    id: bytes = field(init=False, compare=False)

    def __post_init__(self) -> None:
        id = sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]
        object.__setattr__(self, "id", id)

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """The verifier of a line ``name+hex(id)+base64(type, key)``. Raises NoteError."""
        name, _, rest = vkey.strip().partition("+")
        id, _, encoded = rest.partition("+")
        material = _base64(encoded, _KEY_NOT_BASE64)
        if not _is_name(name):
            raise NoteError(T("its key has no proper name"))
        if len(material) != 1 + 32 or material[0] not in (ED25519, COSIGNATURE):
            raise NoteError(T("its key is of a kind that this version of Fanion does not know"))
        verifier = cls(name, material[0], material[1:])
        if verifier.id.hex() != id:
            raise NoteError(T("its key does not match the short number of the key"))
        return verifier

    def __str__(self) -> str:
        material = base64.b64encode(bytes([self.type]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{material}"

    def has_signed(self, note: Note) -> bool:
        """Whether a signature of this key stands under the note and is true; of several, every one must be."""
        signatures = [s for s in note.signatures if (s.name, s.id) == (self.name, self.id)]
        return bool(signatures) and all(self._is_true(note.text, s.signature) for s in signatures)

    def _is_true(self, text: str, signature: bytes) -> bool:
        signed = text.encode()
        if self.type == COSIGNATURE:
            timestamp, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            if len(signature) != 64 or timestamp >= 2**63:
                return False
            signed = cosigned(text, timestamp)
        return ed25519.has_signed(self.public, signature, signed)


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A private key with the name that it signs under."""

    name: str
    key: Ed25519PrivateKey = field(repr=False)
    type: int = ED25519
    verifier: Verifier = field(init=False)

    def __post_init__(self) -> None:
        public = self.key.public_key().public_bytes_raw()
        object.__setattr__(self, "verifier", Verifier(self.name, self.type, public))

    def sign(self, text: str) -> NoteSignature:
        """A signature under the text of a note."""
        return NoteSignature(self.name, self.verifier.id, self.key.sign(text.encode()))

    def cosign(self, text: str, timestamp: int) -> NoteSignature:
        """A statement, for a signer of type COSIGNATURE: seen at this time (seconds since 1970), and only grown.

        A clock before 1970 has its first second: no signature holds an earlier one.
        """
        timestamp = max(timestamp, 1)
        signature = timestamp.to_bytes(8, "big") + self.key.sign(cosigned(text, timestamp))
        return NoteSignature(self.name, self.verifier.id, signature)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line."""

    name: str
    id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"— {self.name} {base64.b64encode(self.id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text with signatures under it. `text` ends with its newline."""

    text: str
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """Raises NoteError. No signature is checked."""
        if len(data) > NOTE_LIMIT:
            raise NoteError(T("it is too long for a checkpoint"))
        try:
            whole = data.decode()
        except UnicodeDecodeError as error:
            raise NoteError(T("it is not text")) from error
        if len(data.translate(None, _CONTROLS)) != len(data):
            raise NoteError(T("it has control characters in it"))
        text, gap, lines = whole.rpartition("\n\n")
        if not gap or not text.strip("\n"):
            raise NoteError(T("it has no signed text"))
        if not lines or not lines.endswith("\n"):
            raise NoteError(T("its last line is cut off"))
        signatures = lines[:-1].split("\n")
        if len(signatures) > SIGNATURES_LIMIT:
            raise NoteError(T("it has too many signatures"))
        return cls(text + "\n", tuple(_signature(line) for line in signatures))

    def __bytes__(self) -> bytes:
        return f"{self.text}\n{''.join(str(s) for s in self.signatures)}".encode()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's state in three lines: which log, how many records, and the hash over all of them."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint of a note's text. Raises NoteError."""
        origin, *rest = text.split("\n")
        if len(rest) < 3 or rest[-1] or not origin or not all(rest[:-1]):
            raise NoteError(T("it is not a checkpoint of a log"))
        if not _DECIMAL.fullmatch(rest[0]) or int(rest[0]) >= 2**63:
            raise NoteError(T("it does not say how many entries the log had"))
        root = _base64(rest[1], _HASH_NOT_BASE64)
        if len(root) != HASH_BYTES:
            raise NoteError(T("its fingerprint has the wrong length"))
        return cls(origin, int(rest[0]), root)

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Proof:
    """That one record is in the log: its place (from 0), the path up the tree, and the checkpoint it leads to."""

    index: int
    path: tuple[bytes, ...]
    note: Note

    @classmethod
    def parse(cls, data: bytes) -> Proof:
        """A ``.tlog-proof`` file. Raises NoteError."""
        if len(data) > NOTE_LIMIT:
            raise NoteError(T("it is too long for a proof"))
        head, gap, note = data.partition(b"\n\n")
        try:
            lines = head.decode().split("\n")
        except UnicodeDecodeError as error:
            raise NoteError(T("it is not text")) from error
        if not gap or lines[0] != PROOF_HEAD:
            raise NoteError(T("it is not a proof of a form that this version of Fanion knows"))
        if len(lines) > 1 and lines[1].startswith("extra "):
            del lines[1]
        word, _, index = lines[1].partition(" ") if len(lines) > 1 else ("", "", "")
        if word != "index" or not _DECIMAL.fullmatch(index):
            raise NoteError(T("it does not say which entry it is about"))
        if len(lines) - 2 > PATH_LIMIT:
            raise NoteError(T("its path is too long"))
        path = tuple(_base64(line, _PATH_NOT_BASE64) for line in lines[2:])
        if any(len(step) != HASH_BYTES for step in path):
            raise NoteError(T("a fingerprint of its path has the wrong length"))
        return cls(int(index), path, Note.parse(note))

    def __bytes__(self) -> bytes:
        path = "".join(base64.b64encode(step).decode() + "\n" for step in self.path)
        return f"{PROOF_HEAD}\nindex {self.index}\n{path}\n".encode() + bytes(self.note)

    @property
    def checkpoint(self) -> Checkpoint:
        """Raises NoteError if its note is none."""
        return Checkpoint.parse(self.note.text)


def cosigned(text: str, timestamp: int) -> bytes:
    """What a cosigner signs."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


@lru_cache(maxsize=100)
def _is_name(text: str) -> bool:
    """Whether a key can be called so. A log's keys all have one name, under each of its seals."""
    return bool(text) and not _NOT_IN_NAMES.search(text)


def _signature(line: str) -> NoteSignature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—" or not _is_name(name):
        raise NoteError(T("what stands under it is no signature"))
    signature = _base64(encoded, _SIGNATURE_NOT_BASE64)
    if len(signature) < 5:
        raise NoteError(T("a signature is cut off"))
    return NoteSignature(name, signature[:4], signature[4:])


def _base64(text: str, why: Text) -> bytes:
    try:
        return canonical_base64.decode(text)
    except ValueError as error:
        raise NoteError(why) from error
