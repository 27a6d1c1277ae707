"""How a phone is made ready, by maker: the words that it shows, the three steps, and the cures where they do not help.

All of it is data in ``resources/guides/getting-ready``: what Android's makers share in ``common.toml``, an iPhone's own
words, steps and cures in its file, and in ``protections.toml`` what protects a phone and is met at a desk. Each of the
phone's own words has a confidence and a source, so that one look at a real phone can mend a word without code. A file
that makes no sense is a bug and raises ValueError, never a Problem.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from core.guide_files import (
    CommonData,
    Confidence,
    CureData,
    LookData,
    MakerData,
    ProtectionData,
    Sign,
    StepData,
    TwoLanguages,
    WordData,
    WordEvidence,
    filled,
    path_of,
    read_common,
    read_maker,
    read_protections,
)
from core.model import platforms
from core.text import LANGUAGES, Bilingual, Language

#: The guide for phones of a maker that has none.
OTHER: Final = "other"
#: The guide for iPhones.
IPHONE: Final = "apple"
#: The word at the top of the screen that the first step leads to.
SCREEN: Final = "screen"
_COMMON: Final = "common"
_PROTECTIONS: Final = "protections"
#: How well a word is known, the best first.
_CONFIDENCES: Final[tuple[Confidence, ...]] = ("A", "B", "C", "none")


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
    """What helps where the steps did not, and the drawing of it, if there is one. `protection` is the one of the
    phone's that it is about."""

    name: str
    title: Bilingual
    detail: Bilingual
    drawing: str = ""
    protection: str = ""


@dataclass(frozen=True, slots=True)
class PhoneProtection:
    """Something that protects a phone, which an officer meets: how it shows, and what its holder does about it.

    `since` tells from which version on phones have it. `sign` is what Fanion sees of it, empty where that is nothing.
    `sentence` says what it does to a check, `act` what the holder does, and `path` where it stands in the phone's
    menus, empty where that is nowhere. `known` is how well those words are known, the worst of them, in English and in
    French. `source`: from where it is known what the protection does.
    """

    id: str
    title: Bilingual
    since: Bilingual
    sign: Bilingual
    sentence: Bilingual
    act: Bilingual
    path: Bilingual
    known: tuple[Confidence, Confidence]
    source: str


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
    `protections` are those that its phones have.

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
    protections: tuple[PhoneProtection, ...]
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
    return compose(maker, _common(), _makers()[maker], _protections())


def maker_of(vendor: int, name: str = "") -> str:
    """The maker of a phone, by its own word on the USB bus, else by its vendor's number; empty if not known.

    The name comes first: some makers build phones with Google's number.
    """
    words = re.findall(r"[a-z0-9]+", name[:200].casefold())
    for maker, data in _makers().items():
        if any(usb_name in words for usb_name in data.usb_names):
            return maker
    return next((maker for maker, data in _makers().items() if vendor in data.usb_vendors), "")


#: What other platforms' phones have in common with Android's.
_NOTHING_IN_COMMON: Final = CommonData({}, StepData(), StepData(), StepData(), ())


def steps_of(platform: str) -> tuple[GuideStep, ...]:
    """The steps on the phones of a platform, in their order."""
    return tuple(map(GuideStep, platforms.of(platform).steps))


def compose(maker: str, common: CommonData, data: MakerData, protections: tuple[ProtectionData, ...] = ()) -> Guide:
    """The guide of a maker, out of what all have in common, of its own file, and of the protections of all phones.

    Raises ValueError for a word that has no text or no source, or for a word or protection that is named and is not
    there.
    """
    if platforms.of(data.platform).guide:
        common = _NOTHING_IN_COMMON
    words = {name: _word(name, common.words.get(name), data) for name in {**common.words, **data.words}}
    plain = {name: word.text for name, word in words.items()}
    on_the_way = data.developer_options.path or common.developer_options.path or ()
    if on_the_way and on_the_way[-1] in words:
        words[SCREEN] = words[on_the_way[-1]]
    steps = tuple(
        _step(step, getattr(common, step, StepData()), getattr(data, step), plain) for step in steps_of(data.platform)
    )
    met = tuple(
        _protection(maker, row, words)
        for row in protections
        if data.platform in row.platforms and (not row.makers or maker in row.makers) and maker not in row.not_for
    )
    cures = tuple(
        (frozenset(c.signs), _cure(c, plain, met))
        for c in (*common.cures, *data.cures)
        if (not c.makers or maker in c.makers) and maker not in c.not_for
    )
    title = Bilingual(data.title.en, data.title.fr)
    after, hidden = filled(data.after, plain), _look(data.hidden, plain)
    return Guide(maker, data.platform, title, data.models, words, steps, after, hidden, met, cures)


def _protection(maker: str, row: ProtectionData, words: Mapping[str, Word]) -> PhoneProtection:
    plain = {name: word.text for name, word in words.items()}
    names = row.paths.get(maker, row.path)
    title, path = filled(row.title, plain), path_of(names, plain)
    shown = [words[name] for name in names]
    known = (_worst(word.en for word in shown), _worst(word.fr for word in shown))
    since, sign, sentence, act = (filled(text, plain) for text in (row.since, row.sign, row.sentence, row.act))
    if not (title.en and sentence.en and act.en and row.source):
        raise ValueError(f"{row.id}: not whole")
    return PhoneProtection(row.id, title, since, sign, sentence, act, path, known, row.source)


def _cure(data: CureData, words: Mapping[str, Bilingual], protections: Collection[PhoneProtection]) -> Cure:
    """A cure; one that names a protection has its words."""
    if not data.protection:
        if not (data.title.en and data.detail.en and data.source):
            raise ValueError(f"{data.name}: not whole")
        return Cure(data.name, filled(data.title, words), filled(data.detail, words), data.drawing)
    row = next((row for row in protections if row.id == data.protection), None)
    if row is None:
        raise ValueError(f"{data.name}: unknown protection {data.protection}")
    detail = Bilingual(*(f"{row.sentence.in_language(of)} {row.act.in_language(of)}" for of in LANGUAGES))
    return Cure(data.name, row.title, detail, data.drawing, row.id)


def _word(name: str, shared: WordData | None, data: MakerData) -> Word:
    own, base = data.words.get(name), shared or WordData()
    mine = own or WordData()
    en, fr = mine.en or base.en, mine.fr or base.fr
    known_en = _confidence(mine, data.en) if own else _worse(_confidence(base, data.en), data.en)
    known_fr = _confidence(_french(mine), data.fr) if own else _worse(_confidence(_french(base), data.fr), data.fr)
    if not (en and fr and known_en.source and known_fr.source):
        raise ValueError(f"{name}: no text, or no source")
    return Word(Bilingual(en, fr), known_en, known_fr)


def _confidence(word: WordData, otherwise: WordEvidence) -> WordEvidence:
    return WordEvidence(word.confidence or otherwise.confidence, word.source or otherwise.source)


def _french(word: WordData) -> WordData:
    """A word's own confidence is for both languages, unless French has one of its own."""
    return WordData(confidence=word.fr_confidence or word.confidence, source=word.fr_source or word.source)


def _worse(shared: WordEvidence, makers: WordEvidence) -> WordEvidence:
    """How well Android's word is known on this maker's phones: no better than either is."""
    return max(shared, makers, key=lambda entry: _CONFIDENCES.index(entry.confidence))


def _worst(words: Iterable[WordEvidence]) -> Confidence:
    """How well several words are known together: no better than each; not at all, where there are none."""
    return max((word.confidence for word in words), key=_CONFIDENCES.index, default="none")


def _step(step: GuideStep, common: StepData, own: StepData, words: Mapping[str, Bilingual]) -> StepGuide:
    def text_of(name: str) -> Bilingual:
        return filled(getattr(own, name) or getattr(common, name) or TwoLanguages("", ""), words)

    short, title, where = text_of("short"), text_of("title"), text_of("where")
    if not (short.en and title.en):
        raise ValueError(f"{step}: no title")
    path = path_of(own.path if own.path is not None else common.path or (), words)
    if where.en:
        path = Bilingual(f"{path.en}, {where.en}", f"{path.fr}, {where.fr}")
    return StepGuide(step, short, title, path, text_of("note"), text_of("grey"))


def _look(data: LookData | None, words: Mapping[str, Bilingual]) -> PhoneLook | None:
    if data is None:
        return None
    return PhoneLook(filled(data.title, words), path_of(data.path, words), filled(data.note, words), data.drawing)


def _text(name: str) -> str:
    return (_folder() / f"{name}.toml").read_text(encoding="utf-8")


def _folder() -> Traversable:
    return resources.files("resources") / "guides" / "getting-ready"


@cache
def _common() -> CommonData:
    return read_common(_text(_COMMON))


@cache
def _protections() -> tuple[ProtectionData, ...]:
    return read_protections(_text(_PROTECTIONS))


@cache
def _makers() -> Mapping[str, MakerData]:
    names = sorted(f.name.removesuffix(".toml") for f in _folder().iterdir() if f.name.endswith(".toml"))
    return {name: read_maker(_text(name)) for name in names if name not in (_COMMON, _PROTECTIONS)}


def phone_vendors() -> frozenset[int]:
    """The USB numbers of the makers of phones whose platform has many."""
    return frozenset(
        vendor for data in _makers().values() if not platforms.of(data.platform).guide for vendor in data.usb_vendors
    )
