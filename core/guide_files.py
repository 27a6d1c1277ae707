"""The files of the guides as they are written: what `resources/guides/getting-ready` holds, read and checked.

:mod:`core.guides` puts them together into a guide for each maker. A file that makes no sense is a bug and raises
ValueError, never a Problem.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

import msgspec

from core.model import platforms
from core.text import Bilingual, Language

_PLACE: Final = re.compile(r"\{([a-z_]+)\}")

Confidence = Literal["A", "B", "C", "none"]


class Sign(StrEnum):
    """What Fanion sees of a phone that is not ready, and a cure is for."""

    NO_ADB = "no-adb"
    NOT_AUTHORISED = "not-authorised"
    COMES_AND_GOES = "comes-and-goes"
    SILENT = "silent"
    NOTHING = "nothing"
    NOT_LISTED = "not-listed"
    LOCKED = "locked"
    NOT_TRUSTED = "not-trusted"
    DENIED = "denied"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """How well a word is known (see ``common.toml``), and from where."""

    confidence: Confidence
    source: str


class TwoLanguages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    en: str
    fr: str


class WordData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word; what is not given is that of ``common.toml``, or of its file as a whole."""

    en: str = ""
    fr: str = ""
    confidence: Confidence | None = None
    source: str = ""
    fr_confidence: Confidence | None = None
    fr_source: str = ""


class StepData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    short: TwoLanguages | None = None
    title: TwoLanguages | None = None
    path: tuple[str, ...] | None = None
    where: TwoLanguages | None = None
    note: TwoLanguages | None = None
    grey: TwoLanguages | None = None


class LookData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: TwoLanguages
    path: tuple[str, ...]
    note: TwoLanguages
    drawing: str


class CureData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cure, with words of its own, or with those of the `protection` that it names."""

    name: str
    signs: tuple[Sign, ...]
    title: TwoLanguages = TwoLanguages("", "")
    detail: TwoLanguages = TwoLanguages("", "")
    source: str = ""
    protection: str = ""
    makers: tuple[str, ...] = ()
    not_for: tuple[str, ...] = ()
    drawing: str = ""


class CommonData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``common.toml``: what Android's makers have in common."""

    words: dict[str, WordData]
    developer_options: StepData
    usb_debugging: StepData
    allow: StepData
    cures: tuple[CureData, ...]


class MakerData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One maker's file. `en` and `fr` tell how well its words are known that say nothing of it themselves."""

    order: int
    title: TwoLanguages
    models: str
    usb_vendors: tuple[int, ...]
    usb_names: tuple[str, ...]
    en: WordEvidence
    fr: WordEvidence
    words: dict[str, WordData] = {}
    developer_options: StepData = StepData()
    usb_debugging: StepData = StepData()
    allow: StepData = StepData()
    accessory: StepData = StepData()
    trust: StepData = StepData()
    passcode: StepData = StepData()
    after: TwoLanguages = TwoLanguages("", "")
    platform: str = "android"
    hidden: LookData | None = None
    cures: tuple[CureData, ...] = ()


class ProtectionData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of ``protections.toml``. `path` are the words that lead to it on a phone, `paths` those of makers that
    have it elsewhere. Without `makers`, all phones of its platforms have it but those of `not_for`."""

    id: str
    platforms: tuple[str, ...]
    title: TwoLanguages
    sentence: TwoLanguages
    act: TwoLanguages
    source: str
    since: TwoLanguages = TwoLanguages("", "")
    sign: TwoLanguages = TwoLanguages("", "")
    path: tuple[str, ...] = ()
    paths: dict[str, tuple[str, ...]] = {}
    makers: tuple[str, ...] = ()
    not_for: tuple[str, ...] = ()


class _ProtectionsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    protections: tuple[ProtectionData, ...]


def read_common(source: str) -> CommonData:
    """Read ``common.toml``. Raises ValueError."""
    return msgspec.convert(tomllib.loads(source), CommonData)


def read_maker(source: str) -> MakerData:
    """Read a maker's file. Raises ValueError."""
    data = msgspec.convert(tomllib.loads(source), MakerData)
    if data.platform not in platforms.PLATFORMS:
        raise ValueError(f"unknown platform {data.platform}")
    return data


def read_protections(source: str) -> tuple[ProtectionData, ...]:
    """Read ``protections.toml``. Raises ValueError."""
    rows = msgspec.convert(tomllib.loads(source), _ProtectionsFile).protections
    if any(row.id == other.id for at, row in enumerate(rows) for other in rows[:at]):
        raise ValueError("a protection is there twice")
    return rows


def path_of(names: tuple[str, ...], words: Mapping[str, Bilingual]) -> Bilingual:
    """The way through the phone's menus. Raises ValueError for a word that is not there."""
    if missing := [name for name in names if name not in words]:
        raise ValueError(f"unknown {missing}")
    return Bilingual(*(" › ".join(words[n].in_language(language) for n in names) for language in ("en", "fr")))


def filled(text: TwoLanguages, words: Mapping[str, Bilingual]) -> Bilingual:
    """A sentence with the phone's words in it. Raises ValueError for one that is not there, or one language alone."""
    if bool(text.en) != bool(text.fr):
        raise ValueError(f"one language is missing: {text}")

    def word(place: re.Match[str], language: Language) -> str:
        if place[1] not in words:
            raise ValueError(f"unknown word {place[1]}")
        return words[place[1]].in_language(language)

    return Bilingual(
        _PLACE.sub(lambda place: word(place, "en"), text.en), _PLACE.sub(lambda place: word(place, "fr"), text.fr)
    )
