"""How a phone is made ready, by maker: the words that it shows, the three steps, and the cures where they do not help.

All of it is data in ``resources/guides/getting-ready``: what Android's makers share in ``common.toml``, an iPhone's own
words, steps and cures in its file. Each of the phone's own words has a confidence and a source, so that one look at a
real phone can mend a word without code. A file that makes no sense is a bug and raises ValueError, never a Problem.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final, Literal

import msgspec

from core.model import platforms
from core.text import Bilingual, Language

#: The guide for phones of a maker that has none.
OTHER: Final = "other"
#: The guide for iPhones.
IPHONE: Final = "apple"
#: The word at the top of the screen that the first step leads to.
SCREEN: Final = "screen"
_COMMON: Final = "common"
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")

Confidence = Literal["A", "B", "C", "none"]


class GuideStep(StrEnum):
    """What the owner does: the first three on an Android phone, the others on an iPhone, in this order."""

    DEVELOPER_OPTIONS = "developer_options"
    USB_DEBUGGING = "usb_debugging"
    ALLOW = "allow"
    ACCESSORY = "accessory"
    TRUST = "trust"
    PASSCODE = "passcode"

    @property
    def drawing(self) -> str:
        """The name of the small drawing beside the step."""
        android = {
            GuideStep.DEVELOPER_OPTIONS: "build-number",
            GuideStep.USB_DEBUGGING: "usb-debugging",
            GuideStep.ALLOW: "allow-small",
        }
        return android.get(self, self.value)

    @property
    def is_seen(self) -> bool:
        """Whether Fanion sees by itself that the step is done."""
        return self in (GuideStep.ALLOW, GuideStep.ACCESSORY, GuideStep.PASSCODE)


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


@dataclass(frozen=True, slots=True)
class Word:
    """What the phone shows, exactly, in both languages."""

    text: Bilingual
    en: WordEvidence
    fr: WordEvidence


@dataclass(frozen=True, slots=True)
class StepGuide:
    """One step on one maker's phones. `path` leads to its screen; empty where the phone opens it by itself.

    `where` tells where on the screen, `note` what to know, `grey` what to do where the switch is grey.
    """

    step: GuideStep
    short: Bilingual
    title: Bilingual
    path: Bilingual
    note: Bilingual
    grey: Bilingual


@dataclass(frozen=True, slots=True)
class Cure:
    """What helps where the steps did not, and the drawing of it, if there is one."""

    name: str
    title: Bilingual
    detail: Bilingual
    drawing: str = ""


@dataclass(frozen=True, slots=True)
class PhoneLook:
    """A place on the phone that no computer is known to see: where the officer looks together with its owner."""

    title: Bilingual
    path: Bilingual
    note: Bilingual
    drawing: str


@dataclass(frozen=True)
class Guide:
    """One maker's phones. `after` is what the owner switches on again at the end; empty where there is nothing.

    `hidden`: where the phone keeps apps that its owner has hidden, if a computer is not known to see them.
    """

    maker: str
    platform: str
    title: Bilingual
    models: str
    words: Mapping[str, Word]
    steps: tuple[StepGuide, ...]
    after: Bilingual
    hidden: PhoneLook | None
    _cures: tuple[tuple[frozenset[Sign], Cure], ...]

    def step(self, step: GuideStep) -> StepGuide:
        return next(guide for guide in self.steps if guide.step is step)

    def cures(self, *seen_signs: Sign) -> tuple[Cure, ...]:
        """What helps against any of the signs that are seen, in the order of what it costs."""
        return tuple(cure for signs, cure in self._cures if signs.intersection(seen_signs))

    def unsure(self, language: Language) -> bool:
        """Whether some of the phone's words were not found in this language."""
        return any((word.en if language == "en" else word.fr).confidence == "none" for word in self.words.values())

    def word_text(self, word: str, language: Language) -> str:
        """The text that the phone shows; empty for a word that phones of this maker do not have."""
        entry = self.words.get(word)
        return entry.text.in_language(language) if entry else ""


def makers() -> tuple[str, ...]:
    """The makers that have a guide, in the order of their tabs; `OTHER` is the last."""
    return tuple(sorted(_makers(), key=lambda name: _makers()[name].order))


@cache
def guide(maker: str) -> Guide:
    """The guide of one of :func:`makers`. Raises KeyError, ValueError."""
    return compose(maker, _common(), _makers()[maker])


def maker_of(vendor: int, name: str = "") -> str:
    """The maker of a phone, by its own word on the USB bus, else by its vendor's number; empty if not known.

    The name comes first: some makers build phones with Google's number.
    """
    words = re.findall(r"[a-z0-9]+", name[:200].casefold())
    for maker, data in _makers().items():
        if any(usb_name in words for usb_name in data.usb_names):
            return maker
    return next((maker for maker, data in _makers().items() if vendor in data.usb_vendors), "")


# --- the files


class _TwoLanguages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    en: str
    fr: str


class _WordData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word; what is not given is that of ``common.toml``, or of its file as a whole."""

    en: str = ""
    fr: str = ""
    confidence: Confidence | None = None
    source: str = ""
    fr_confidence: Confidence | None = None
    fr_source: str = ""


class _StepData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    short: _TwoLanguages | None = None
    title: _TwoLanguages | None = None
    path: tuple[str, ...] | None = None
    where: _TwoLanguages | None = None
    note: _TwoLanguages | None = None
    grey: _TwoLanguages | None = None


class _LookData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: _TwoLanguages
    path: tuple[str, ...]
    note: _TwoLanguages
    drawing: str


class _CureData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    signs: tuple[Sign, ...]
    title: _TwoLanguages
    detail: _TwoLanguages
    source: str
    makers: tuple[str, ...] = ()
    not_for: tuple[str, ...] = ()
    drawing: str = ""


class CommonData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``common.toml``: what Android's makers have in common."""

    words: dict[str, _WordData]
    developer_options: _StepData
    usb_debugging: _StepData
    allow: _StepData
    cures: tuple[_CureData, ...]


class MakerData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One maker's file. `en` and `fr` tell how well its words are known that say nothing of it themselves."""

    order: int
    title: _TwoLanguages
    models: str
    usb_vendors: tuple[int, ...]
    usb_names: tuple[str, ...]
    en: WordEvidence
    fr: WordEvidence
    words: dict[str, _WordData] = {}
    developer_options: _StepData = _StepData()
    usb_debugging: _StepData = _StepData()
    allow: _StepData = _StepData()
    accessory: _StepData = _StepData()
    trust: _StepData = _StepData()
    passcode: _StepData = _StepData()
    after: _TwoLanguages = _TwoLanguages("", "")
    platform: str = "android"
    hidden: _LookData | None = None
    cures: tuple[_CureData, ...] = ()


#: What other platforms' phones have in common with Android's.
_NOTHING_IN_COMMON: Final = CommonData({}, _StepData(), _StepData(), _StepData(), ())


def read_common(source: str) -> CommonData:
    """Read ``common.toml``. Raises ValueError."""
    return msgspec.convert(tomllib.loads(source), CommonData)


def read_maker(source: str) -> MakerData:
    """Read a maker's file. Raises ValueError."""
    data = msgspec.convert(tomllib.loads(source), MakerData)
    if data.platform not in platforms.PLATFORMS:
        raise ValueError(f"unknown platform {data.platform}")
    return data


def steps_of(platform: str) -> tuple[GuideStep, ...]:
    """The steps on the phones of a platform, in their order."""
    return tuple(map(GuideStep, platforms.of(platform).steps))


def compose(maker: str, common: CommonData, data: MakerData) -> Guide:
    """The guide of a maker, out of what all have in common and of its own file.

    Raises ValueError for a word that has no text or no source, or that is named and is not there.
    """
    if platforms.of(data.platform).guide:
        common = _NOTHING_IN_COMMON
    words = {name: _word(name, common.words.get(name), data) for name in {**common.words, **data.words}}
    plain = {name: word.text for name, word in words.items()}
    on_the_way = data.developer_options.path or common.developer_options.path or ()
    if on_the_way and on_the_way[-1] in words:
        words[SCREEN] = words[on_the_way[-1]]
    steps = tuple(
        _step(step, getattr(common, step, _StepData()), getattr(data, step), plain) for step in steps_of(data.platform)
    )
    cures = tuple(
        (frozenset(c.signs), Cure(c.name, _filled(c.title, plain), _filled(c.detail, plain), c.drawing))
        for c in (*common.cures, *data.cures)
        if (not c.makers or maker in c.makers) and maker not in c.not_for
    )
    title = Bilingual(data.title.en, data.title.fr)
    after, hidden = _filled(data.after, plain), _look(data.hidden, plain)
    return Guide(maker, data.platform, title, data.models, words, steps, after, hidden, cures)


def _word(name: str, shared: _WordData | None, data: MakerData) -> Word:
    own, base = data.words.get(name), shared or _WordData()
    mine = own or _WordData()
    en, fr = mine.en or base.en, mine.fr or base.fr
    known_en = _confidence(mine, data.en) if own else _worse(_confidence(base, data.en), data.en)
    known_fr = _confidence(_french(mine), data.fr) if own else _worse(_confidence(_french(base), data.fr), data.fr)
    if not (en and fr and known_en.source and known_fr.source):
        raise ValueError(f"{name}: no text, or no source")
    return Word(Bilingual(en, fr), known_en, known_fr)


def _confidence(word: _WordData, otherwise: WordEvidence) -> WordEvidence:
    return WordEvidence(word.confidence or otherwise.confidence, word.source or otherwise.source)


def _french(word: _WordData) -> _WordData:
    """A word's own confidence is for both languages, unless French has one of its own."""
    return _WordData(confidence=word.fr_confidence or word.confidence, source=word.fr_source or word.source)


def _worse(shared: WordEvidence, makers: WordEvidence) -> WordEvidence:
    """How well Android's word is known on this maker's phones: no better than either is."""
    order: tuple[Confidence, ...] = ("A", "B", "C", "none")
    return max(shared, makers, key=lambda entry: order.index(entry.confidence))


def _step(step: GuideStep, common: _StepData, own: _StepData, words: Mapping[str, Bilingual]) -> StepGuide:
    def text_of(name: str) -> Bilingual:
        return _filled(getattr(own, name) or getattr(common, name) or _TwoLanguages("", ""), words)

    short, title, where = text_of("short"), text_of("title"), text_of("where")
    if not (short.en and title.en):
        raise ValueError(f"{step}: no title")
    path = _path(own.path if own.path is not None else common.path or (), words)
    if where.en:
        path = Bilingual(f"{path.en}, {where.en}", f"{path.fr}, {where.fr}")
    return StepGuide(step, short, title, path, text_of("note"), text_of("grey"))


def _path(names: tuple[str, ...], words: Mapping[str, Bilingual]) -> Bilingual:
    """The way through the phone's menus. Raises ValueError for a word that is not there."""
    if missing := [name for name in names if name not in words]:
        raise ValueError(f"unknown {missing}")
    return Bilingual(*(" › ".join(words[n].in_language(language) for n in names) for language in ("en", "fr")))


def _look(data: _LookData | None, words: Mapping[str, Bilingual]) -> PhoneLook | None:
    if data is None:
        return None
    return PhoneLook(_filled(data.title, words), _path(data.path, words), _filled(data.note, words), data.drawing)


def _filled(text: _TwoLanguages, words: Mapping[str, Bilingual]) -> Bilingual:
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


def _text(name: str) -> str:
    return (_folder() / f"{name}.toml").read_text(encoding="utf-8")


def _folder() -> Traversable:
    return resources.files("resources") / "guides" / "getting-ready"


@cache
def _common() -> CommonData:
    return read_common(_text(_COMMON))


@cache
def _makers() -> Mapping[str, MakerData]:
    names = sorted(f.name.removesuffix(".toml") for f in _folder().iterdir() if f.name.endswith(".toml"))
    return {name: read_maker(_text(name)) for name in names if name != _COMMON}


def phone_vendors() -> frozenset[int]:
    """The USB numbers of the makers of phones whose platform has many."""
    return frozenset(
        vendor for data in _makers().values() if not platforms.of(data.platform).guide for vendor in data.usb_vendors
    )
