"""What outsiders are told of a ledger's keys, and the files in which this computer keeps what it told."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from core.ledger.place import keys_folder as keys_folder
from core.ledger.records.desk import KeyNext, RecordedKeys
from core.ledger.records.entry import record_in
from core.ledger.tlog.notes import COSIGNATURE, ED25519, NoteError, Verifier
from core.system.files.files import read_file
from core.text import T

_HEAD: Final = "Fanion desk keys"
#: Characters of one enrolment, and bytes of a file with some thousand of them.
_LIMIT: Final = 4_000
_FILE_LIMIT: Final = 1_000_000
#: Earlier logs that are named.
_EARLIER_LIMIT: Final = 20
#: Where in a file of several enrolments each begins.
_EACH: Final = re.compile(rf"^(?={_HEAD}$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an outsider has to know of a desk before anything else: the keys that its ledger begins with.

    `epoch` is the one that the first seal is signed with; all later ones are announced in the ledger itself.
    """

    identity: Verifier
    epoch: Verifier
    cosigner: Verifier

    @classmethod
    def recorded(cls, keys: RecordedKeys) -> Enrolment:
        """The keys that a record of the ledger's keys names. Raises NoteError."""
        return cls(*map(Verifier.parse, (keys.identity, keys.epoch, keys.cosigner)))

    @property
    def origin(self) -> str:
        """The ledger's name, which nothing else has."""
        return self.identity.name

    @property
    def text(self) -> str:
        """The enrolment in four lines, as it is printed and as its QR code holds it."""
        return f"{_HEAD}\nidentity {self.identity}\nepoch {self.epoch}\ncosigner {self.cosigner}\n"

    @classmethod
    def parse(cls, text: str) -> Enrolment:
        """Read an enrolment of four lines, as :attr:`text` writes it. Raises NoteError."""
        lines = text.removeprefix("\ufeff").replace("\r\n", "\n").strip().split("\n")
        if len(text) > _LIMIT or len(lines) != 4 or lines[0].strip() != _HEAD:
            raise NoteError(T("these are not the keys of a desk"))
        keys = []
        for line, word in zip(lines[1:], ("identity", "epoch", "cosigner"), strict=True):
            name, _, vkey = line.strip().partition(" ")
            if name != word:
                raise NoteError(T("these are not the keys of a desk"))
            keys.append(Verifier.parse(vkey))
        enrolment = cls(*keys)
        if len({key.name for key in keys}) != 1 or [key.type for key in keys] != [ED25519, ED25519, COSIGNATURE]:
            raise NoteError(T("these are not the keys of a desk"))
        return enrolment


def key_announced_in(leaf: object) -> Verifier:
    """The epoch key that the leaf of the last record under a seal announces. Raises ValueError where it does not."""
    try:
        record = record_in(leaf)
    except (TypeError, KeyError) as error:
        raise ValueError(f"no ledger wrote this leaf: {error}") from error
    if not isinstance(record, KeyNext):
        raise ValueError("a seal is followed by no key")
    return Verifier.parse(record.key)


def readable_enrolments(texts: Iterable[str]) -> list[Enrolment]:
    """The enrolments in these texts, in their order; a text that is none is passed over."""
    enrolments = []
    for text in texts:
        with contextlib.suppress(NoteError):
            enrolments.append(Enrolment.parse(text))
    return enrolments


def split_enrolments(text: str) -> list[str]:
    """The texts of several enrolments that stand in a file, one behind the other."""
    return [
        block for block in _EACH.split(text.removeprefix("\ufeff").replace("\r\n", "\n")) if block.startswith(_HEAD)
    ]


def enrolment_file(ledger: Path) -> Path:
    """Where this computer keeps what it told outsiders: apart from the ledger, which is checked against it."""
    return keys_folder(ledger) / "enrolment.txt"


def later_file(ledger: Path) -> Path:
    """Where this computer keeps with which keys it went on after some were lost, one :attr:`Enrolment.text` each."""
    return keys_folder(ledger) / "enrolments-later.txt"


def read_enrolment_file(path: Path) -> str:
    """The text of a file with enrolments, to which no link leads. Raises OSError, ValueError."""
    return read_file(path, _FILE_LIMIT, links=False).decode()


def read_enrolment(ledger: Path) -> Enrolment | None:
    """The keys that this computer enrolled the ledger with; None where they are not there, or are none."""
    try:
        return Enrolment.parse(read_enrolment_file(enrolment_file(ledger)))
    except (OSError, ValueError):
        return None


def read_enrolments(ledger: Path) -> tuple[Enrolment, ...]:
    """The keys that this computer enrolled the ledger with, and then those that it went on with here after a loss.

    The last ones are in force, and are what an enrolment sheet of today has to name.
    """
    first = read_enrolment(ledger)
    later: list[Enrolment] = []
    with contextlib.suppress(OSError, ValueError):
        later = readable_enrolments(_EACH.split(read_enrolment_file(later_file(ledger))))
    origin = first.origin if first is not None else later[-1].origin if later else ""
    enrolments = [first] if first is not None else []
    return tuple(dict.fromkeys(enrolments + [enrolment for enrolment in later if enrolment.origin == origin]))


def earlier_logs(ledger: Path) -> tuple[str, ...]:
    """The names of other logs that were begun in the same place, as far as their keys' files are still there."""
    present = read_enrolment(ledger)
    if present is None:
        return ()
    origins = []
    for path in islice(sorted(enrolment_file(ledger).parent.glob("enrolment-*.txt")), _EARLIER_LIMIT):
        try:
            enrolment = Enrolment.parse(read_enrolment_file(path))
        except (OSError, ValueError):
            continue
        if enrolment.origin != present.origin:
            origins.append(enrolment.origin)
    return tuple(dict.fromkeys(origins))
