"""By what a phone contradicts itself where it says that its system is its maker's.

A custom system can answer as its maker's would: that its boot was verified, that its bootloader is locked, that it is a
build for users. Seen so on a POCO F6 with crDroid, whose other properties said what it was. Each sign counts alone, and
none of them proves anything by being absent. What is compared holds for the phones of many makers (their parts are
built at different times and for different versions of Android, so that only what belongs to one part is compared).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from core.policy.health.phone_reading import PhoneReading
from core.text import plain

#: Kinds of builds: one for users, and two for developers, which no maker sells.
_KINDS: Final = ("user", "userdebug", "eng")
#: Of ``ro.build.fingerprint``: ``brand/name/device:version/build/number:kind/keys``.
_FINGERPRINT: Final = re.compile(r"[^:]*:([^/:]+)/[^:]*:([a-z]+)/[a-z-]+")
#: How custom systems call their products, and what they tell of themselves.
PRODUCT: Final = re.compile(r"(?:lineage|crdroid|evolution|rising|havoc|potato|xtended|corvus|syberia|arrow)_.*")
_OF_A_PART: Final = re.compile(r"ro\.[a-z_]+\.build\.type")
_NAMES: Final = re.compile(r"ro\.product\.(?:[a-z_]+\.)?name")
_OWN: Final = re.compile(
    r"ro\.(?:lineage|crdroid|evolution|rising|havoc|potato|xtended|corvus|pa|syberia|arrow|droidx)\..*"
    r"|org\.(?:pex|pixelexperience|evolution)\..*"
)
#: Only Samsung's phones have a fuse for Knox, and only those of OPPO's group what begins with ``oplusboot``.
_FUSE: Final = re.compile(r"ro\.(?:[a-z]+\.)?warranty_bit")
_OPPO: Final = frozenset({"oppo", "oneplus", "realme"})
#: Where a build says which version of Android it is.
VERSIONS: Final = (
    "ro.build.version.release",
    "ro.build.version.release_or_codename",
    "ro.build.version.release_or_preview_display",
    "ro.build.version.codename",
)
#: Characters of a property that are told as evidence.
_SHOWN: Final = 90


def contradictions(reading: PhoneReading) -> tuple[str, ...]:
    """The properties that say otherwise, each as ``name=value``; what is told first says most."""
    properties = [*_of_the_build(reading), *_of_the_parts(reading), *_of_the_maker(reading)]
    return tuple(dict.fromkeys(plain(f"{name}={value}", _SHOWN) for name, value in properties))


def _of_the_build(reading: PhoneReading) -> Iterator[tuple[str, str]]:
    """What belongs to one build and does not agree: its flavour, its kind, its fingerprint and its version."""
    kinds = set(reading.property_values("ro.build.type"))
    for flavour in reading.property_values("ro.build.flavor"):
        product, _, kind = flavour.rpartition("-")
        if PRODUCT.fullmatch(product) or (kind in _KINDS and kinds and kind not in kinds):
            yield "ro.build.flavor", flavour
    versions = set(reading.property_values(*VERSIONS))
    for fingerprint in reading.property_values("ro.build.fingerprint"):
        parts = _FINGERPRINT.fullmatch(fingerprint)
        other_version = parts is not None and bool(reading.property_values(VERSIONS[0])) and parts[1] not in versions
        other_kind = parts is not None and parts[2] in _KINDS and bool(kinds) and parts[2] not in kinds
        if other_version or other_kind:
            yield "ro.build.fingerprint", fingerprint


def _of_the_parts(reading: PhoneReading) -> Iterator[tuple[str, str]]:
    """A part of the system that is a developers' build, and products and properties that only custom systems have."""
    for name, values in reading.inventory.health.properties.items():
        for value in values:
            of_developers = _OF_A_PART.fullmatch(name) and value in _KINDS[1:]
            if of_developers or _OWN.fullmatch(name) or (_NAMES.fullmatch(name) and PRODUCT.fullmatch(value)):
                yield name, value


def _of_the_maker(reading: PhoneReading) -> Iterator[tuple[str, str]]:
    """What only another maker's phones have. A phone that does not say who made it contradicts nobody."""
    maker = reading.inventory.phone.maker.casefold()
    for name, values in reading.inventory.health.properties.items():
        of_samsung = _FUSE.fullmatch(name) and not reading.by_samsung
        of_oppo = name.startswith("oplusboot.") and maker not in _OPPO
        if maker and (of_samsung or of_oppo):
            yield from ((name, value) for value in values)
