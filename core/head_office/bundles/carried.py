"""Reading a bundle that was brought: it may have been changed on its way, so each file is held against the manifest.

Nothing is believed before the desk's signature under the manifest is checked, which
core.head_office.merging.inspection does. Bounded: one file is in memory at a time, or all of a small bundle.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from core.head_office.bundles import layout
from core.head_office.bundles.encryption import OVERHEAD, PrivateKeys, Undecryptable
from core.head_office.bundles.manifest import BundleFile, BundleManifest
from core.ledger.records.leaf import Opening
from core.ledger.tlog.notes import NOTE_LIMIT, Note, NoteError
from core.problem import Problem
from core.system.files.files import read_file
from core.text import T, Text, plain

#: Bytes of a bundle that is kept in memory once it was read.
_SMALL: Final = 8 << 20
#: Lines of a file: a desk writes none of less than 68 bytes, so that a file of FILE_LIMIT has less.
_LINES_LIMIT: Final = 1_000_000
_seal: Final = msgspec.json.Decoder(layout.SealLine).decode
_opening: Final = msgspec.json.Decoder(layout.OpeningLine).decode
_PART: Final = re.compile(rf"{layout.LEAVES}(\d{{12,16}})-(\d{{12,16}})\.jsonl")

_Read = TypeVar("_Read")


class BundleReason(StrEnum):
    """Why a bundle was refused, in one word for machines."""

    #: It is no bundle, or a file of it is missing or cut.
    UNUSABLE = "unusable"
    #: A file is not as it was written.
    DAMAGED = "damaged"
    #: It is not encrypted, and head office's bundles are.
    NOT_ENCRYPTED = "not-encrypted"
    #: It was encrypted to a key that is not here.
    OTHER_KEY = "other-key"
    #: The desk was never enrolled.
    UNKNOWN_DESK = "unknown-desk"
    #: The desk has not signed it.
    NOT_SIGNED = "not-signed"
    #: Its entries or seals are not those that the desk made.
    TAMPERED = "tampered"
    #: The log goes on with keys that were not enrolled.
    KEYS_REPLACED = "keys-replaced"
    #: The log has two histories.
    FORKED = "forked"
    #: It has an entry of a time that is still to come, or that no entry after it has reached.
    FUTURE = "future"
    #: It is of practice phones and the store is not, or the other way round.
    PRACTICE = "practice"


class BundleRefused(Problem):
    """A bundle is not merged; nothing of it is in the store. `reason` says why, `notes` are checkpoints that tell
    it."""

    code = "bundle-refused"
    exit_code = 5

    def __init__(
        self,
        folder: Path,
        reason: BundleReason,
        why: Text,
        next_step: Text,
        detail: str = "",
        notes: tuple[Note, ...] = (),
    ) -> None:
        sentence = T("The bundle {folder} was refused: {why}.", folder=plain(str(folder), 500), why=why)
        super().__init__(sentence, next_step, detail)
        self.folder = folder
        self.reason = reason
        self.notes = notes


_AGAIN: Final = T("Have the desk write the bundle again: only what is damaged is written anew.")


class CarriedBundle:
    """A bundle in its folder, of which the manifest was read. No signature is checked here."""

    def __init__(self, folder: Path, keys: PrivateKeys | None = None) -> None:
        """Read and check the manifest of the bundle in `folder`. Raises BundleRefused."""
        self.folder = folder
        self._keys = keys
        self.encrypted = _is_there(folder / f"{layout.MANIFEST}{layout.AGE}")
        data = self._stored(layout.MANIFEST, NOTE_LIMIT)
        try:
            self.manifest, self.note = BundleManifest.parse(data)
        except NoteError as error:
            raise self.refusal(BundleReason.UNUSABLE, error.why) from error
        self._files = {file.name: file for file in self.manifest.files}
        self._small = sum(file.bytes for file in self.manifest.files) <= _SMALL
        #: What was read of a small bundle, by the names of its files.
        self._cache: dict[str, Any] = {}

    def refusal(
        self, reason: BundleReason, why: Text, next_step: Text = _AGAIN, detail: str = "", notes: tuple[Note, ...] = ()
    ) -> BundleRefused:
        """The refusal of this bundle."""
        return BundleRefused(self.folder, reason, why, next_step, detail, notes)

    def parts(self) -> list[tuple[int, int]]:
        """The first and the last number of the entries in each file, in their order: one behind the other, none
        missing. Raises BundleRefused."""
        matches = [match for name in self._files if (match := _PART.fullmatch(name))]
        parts = sorted((int(match[1]), int(match[2])) for match in matches)
        expected = self.manifest.base
        for first, last in parts:
            if first != expected + 1 or last < first:
                raise self.refusal(BundleReason.UNUSABLE, T("entries of it are missing"))
            expected = last
        if expected != self.manifest.size:
            raise self.refusal(BundleReason.UNUSABLE, T("entries of it are missing"))
        return parts

    def has(self, name: str) -> bool:
        """Whether the manifest names such a file."""
        return name in self._files

    def read(self, name: str) -> bytes:
        """The bytes of a file that the manifest names, once they are those that it tells of. Raises BundleRefused."""
        file: BundleFile | None = self._files.get(name)
        if file is None:
            raise self.refusal(BundleReason.UNUSABLE, T("its manifest names no file {file}", file=name))
        data = self._stored(name, file.bytes)
        if len(data) != file.bytes or sha256(data).hexdigest() != file.sha256:
            raise self.refusal(BundleReason.DAMAGED, T("its file {file} is not as the desk has written it", file=name))
        return data

    def lines(self, name: str) -> list[bytes]:
        """The lines of such a file. Raises BundleRefused."""
        data = self.read(name)
        # Counted before they are parted: each line is an object of its own.
        if (lines := data.count(b"\n")) > _LINES_LIMIT:
            raise self._not_understood(name, f"{lines} lines")
        if data and not data.endswith(b"\n"):
            raise self.refusal(BundleReason.TAMPERED, T("the last line of its file {file} is cut off", file=name))
        return data.split(b"\n")[:-1]

    def leaves(self, first: int, last: int) -> list[bytes]:
        """The exact entries `first` to `last`, as many as there are. Raises BundleRefused."""
        return self._once(layout.part(layout.LEAVES, first, last), self.lines)

    def seals(self, first: int, last: int) -> list[layout.SealLine]:
        """The seals over entries `first` to `last`. Raises BundleRefused."""
        return self._once(layout.part(layout.SEALS, first, last), self._seals)

    def openings(self, first: int, last: int) -> dict[int, list[Opening]]:
        """The personal values beside entries `first` to `last`, by the entry's number. Raises BundleRefused."""
        openings = self._once(layout.part(layout.OPENINGS, first, last), self._openings)
        if strange := [seq for seq in openings if not first <= seq <= last]:
            raise self._not_understood(layout.part(layout.OPENINGS, first, last), f"values of entry {strange[0]}")
        return openings

    def _once(self, name: str, read: Callable[[str], _Read]) -> _Read:
        """What a file has. Of a small bundle it is kept, since a merge looks twice: to verify, and to take."""
        if name in self._cache:
            cached: _Read = self._cache[name]
            return cached
        content = read(name)
        if self._small:
            self._cache[name] = content
        return content

    def _seals(self, name: str) -> list[layout.SealLine]:
        try:
            return [_seal(line) for line in self.lines(name)]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self._not_understood(name, str(error)) from error

    def _openings(self, name: str) -> dict[int, list[Opening]]:
        openings: dict[int, list[Opening]] = {}
        try:
            for line in self.lines(name):
                fields = _opening(line)
                opening = Opening(bytes.fromhex(fields.commitment), bytes.fromhex(fields.salt), fields.value.encode())
                openings.setdefault(fields.seq, []).append(opening)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise self._not_understood(name, str(error)) from error
        return openings

    def _not_understood(self, name: str, detail: str) -> BundleRefused:
        return self.refusal(BundleReason.TAMPERED, T("its file {file} cannot be understood", file=name), detail=detail)

    def _stored(self, name: str, limit: int) -> bytes:
        """What is in a file, decrypted. `limit`: bytes that it may have."""
        stored = f"{name}{layout.AGE}" if self.encrypted else name
        try:
            stored_limit = limit + limit // 4_096 + OVERHEAD if self.encrypted else limit
            data = read_file(self.folder / stored, stored_limit, links=False)
        except FileNotFoundError as error:
            raise self.refusal(
                BundleReason.UNUSABLE, T("its file {file} is missing", file=stored), _AGAIN, str(error)
            ) from error
        except OSError as error:
            why = T("its file {file} cannot be read", file=stored)
            raise self.refusal(BundleReason.UNUSABLE, why, _AGAIN, str(error)) from error
        if not self.encrypted:
            return data
        if self._keys is None:
            raise self.refusal(
                BundleReason.OTHER_KEY,
                T("it is encrypted, and no private key was given"),
                T("Give the file with head office’s private key."),
            )
        try:
            return self._keys.decrypt(data)
        except Undecryptable as error:
            if error.other_key and self._as_written(stored, data):
                raise self.refusal(
                    BundleReason.OTHER_KEY,
                    T("it is encrypted to another key"),
                    T("Give the private key that belongs to the public key which the desk has."),
                ) from error
            why = T("its file {file} is damaged and cannot be decrypted", file=stored)
            raise self.refusal(BundleReason.DAMAGED, why) from error

    def _as_written(self, stored: str, data: bytes) -> bool:
        """Whether a file is as SHA256SUMS tells: no proof, but it tells a damaged stick from another key."""
        return layout.sums_in(self.folder).get(stored) in (None, sha256(data).hexdigest())


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # reading it will tell
        return False
