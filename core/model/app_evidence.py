"""What was there of a banned app before it was removed: its files with their hashes, and what the phone says of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.text import Text


class HashedBy(StrEnum):
    """Who computed the hash of a file."""

    #: Fanion read the whole file, and hashed it on this computer.
    HERE = "here"
    #: The phone's own `sha256sum`: it is the phone's word, and a phone that lies can say what it likes.
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class FileHash:
    """One file of an app: its base name on the phone, never its path; its size in bytes where that is known; and its
    SHA-256, 64 hexadecimal digits in lower case. `kept` is true where a copy is kept in the evidence folder beside the
    log, under this hash; otherwise None."""

    name: str
    size: int | None
    sha256: str
    by: HashedBy
    kept: bool | None = None


@dataclass(frozen=True, slots=True)
class AppEvidence:
    """What a phone had of one app in one profile. Every text has passed :func:`core.text.plain`.

    `files` are those whose hash is known. `signers` are SHA-256 fingerprints of the signing certificates in hex, or
    where only these are known, the 32-bit hashes that Android prints; of an iPhone's app, its developer teams. `store`
    is what installed it (see :attr:`core.model.phone.App.installer`). The times are the phone's own local time as it
    printed them, empty where it tells none; `last_used` is also empty where the policy does not ask. `missing` says, a
    sentence each, what was asked for and not had.
    `size` is that of all its files together, also of those without a hash, in bytes; None where it is not told.
    """

    package: str
    profile: int
    files: tuple[FileHash, ...]
    signers: tuple[str, ...]
    version: str
    store: str
    first_installed: str
    last_updated: str
    last_used: str = ""
    missing: tuple[Text, ...] = ()
    size: int | None = None
