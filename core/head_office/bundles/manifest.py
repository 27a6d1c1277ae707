"""The manifest of a bundle: which files it has, of which stretch of which log, signed by the desk.

It is a signed note, https://c2sp.org/signed-note, as the seals of the log are: its text is one line that says what it
is, and one line of JSON. So any program for signed notes can check it with the key of the desk's enrolment sheet. A
checkpoint begins with the name of a log and not with that line, so that neither can stand for the other.
"""

from __future__ import annotations

import base64
import re
from typing import Annotated, Final

import msgspec

from core.ledger.tlog.notes import Checkpoint, Note, NoteError, NoteSigner
from core.ledger.tlog.tree import HASH_BYTES
from core.text import T

HEAD: Final = "fanion-bundle/1"
#: Bytes of one file of a bundle, before it is encrypted.
FILE_LIMIT: Final = 64 << 20
#: Files of a bundle: as many as a note has room for.
FILES_LIMIT: Final = 600
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")

_Count = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
_Word = Annotated[str, msgspec.Meta(max_length=500)]


class BundleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file: its name, how many bytes it has, and their SHA-256 in hex; all before it is encrypted."""

    name: str
    bytes: _Count
    sha256: str


class BundleManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle has: the entries of the log `origin` after number `base`, up to number `size`.

    `root` is the log's root over `size` entries, in base64. `made` is the desk's own time (ISO 8601). The desk keeps
    the personal values of clean checks for `retention_months`; 0 means without a limit.
    """

    origin: _Word
    desk: _Word
    base: _Count
    size: _Count
    root: str
    made: _Word
    practice: bool = False
    retention_months: Annotated[int, msgspec.Meta(ge=0, le=1_200)] = 0
    files: tuple[BundleFile, ...] = ()

    @property
    def checkpoint(self) -> Checkpoint:
        """The state of the log that the bundle leads to."""
        return Checkpoint(self.origin, self.size, base64.b64decode(self.root))

    def signed(self, signer: NoteSigner) -> bytes:
        """The manifest as it stands in its file. Raises ValueError where it has more files than a note has room for."""
        text = f"{HEAD}\n{msgspec.json.encode(self, order='deterministic').decode()}\n"
        note = bytes(Note(text, (signer.sign(text),)))
        Note.parse(note)
        return note

    @classmethod
    def parse(cls, data: bytes) -> tuple[BundleManifest, Note]:
        """The manifest, and the note in which it stands. No signature is checked. Raises NoteError."""
        note = Note.parse(data)
        head, _, body = note.text.partition("\n")
        if head != HEAD:
            raise NoteError(T("it is not a bundle of a form that this version of Fanion knows"))
        try:
            manifest = msgspec.json.decode(body, type=cls)
            root = base64.b64decode(manifest.root, validate=True)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise NoteError(T("its manifest cannot be read")) from error
        names = [file.name for file in manifest.files]
        sound = (
            manifest.base < manifest.size
            and len(root) == HASH_BYTES
            and len(names) == len(set(names)) <= FILES_LIMIT
            and all(
                _NAME.fullmatch(f.name) and _HASH.fullmatch(f.sha256) and f.bytes <= FILE_LIMIT for f in manifest.files
            )
        )
        if not sound:
            raise NoteError(T("its manifest cannot be read"))
        return manifest, note
