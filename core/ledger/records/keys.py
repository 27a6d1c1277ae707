"""Records of the keys that a ledger is sealed with."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from core.ledger.records.fields import Record, Shown
from core.ledger.records.kinds import Kind
from core.text import T, Text


class Keys(Record, frozen=True):
    """The keys that a ledger goes on with: verifier keys, as in https://c2sp.org/signed-note."""

    origin: Annotated[str, Shown(T("Name of the log"))]
    identity: Annotated[str, Shown(T("Identity key"))]
    epoch: Annotated[str, Shown(T("Key of the next seal"))]
    cosigner: Annotated[str, Shown(T("Key for cosigning"))]


class LogBegun(Keys, frozen=True):
    """From here on this ledger is sealed."""

    kind: ClassVar[Kind] = Kind.LOG_BEGUN
    title: ClassVar[Text] = T("The log is sealed from here on")


class KeysReplaced(Keys, frozen=True):
    """The keys that this ledger goes on with could not be found on this computer: it goes on with these."""

    kind: ClassVar[Kind] = Kind.KEYS_REPLACED
    title: ClassVar[Text] = T("The keys of the log were replaced")


class DecidingCount(msgspec.Struct, frozen=True):
    """How many records decide something, and one hash over them: see :mod:`core.ledger.file.deciding_records`."""

    count: Annotated[int | None, Shown()]
    sha256: Annotated[str, Shown()]


class KeyNext(Record, frozen=True):
    """The next seal will be signed by this epoch key, and by no other.

    It is the last record under a seal, and so tells of those above it: what decides something, and which steps are
    still `open`.
    """

    kind: ClassVar[Kind] = Kind.KEY_NEXT
    title: ClassVar[Text] = T("The key of the next seal was announced")
    key: Annotated[str, Shown(T("Key"))]
    deciding: Annotated[DecidingCount | None, Shown(left_out=True)] = None
    open: Annotated[tuple[int, ...] | None, Shown(left_out=True)] = None
