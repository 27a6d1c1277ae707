"""Policies, phones and apps' files of any size, always the same ones, for what is measured of the policy."""

from __future__ import annotations

import hashlib
import random
import struct
from collections.abc import Sequence
from datetime import date
from itertools import accumulate
from typing import Final

from core.model import (
    App,
    AppState,
    Authority,
    Certificate,
    Code,
    Identity,
    Inventory,
    Label,
    Match,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Rule,
    RuleId,
    Signer,
    Strength,
    Team,
)
from core.text import Bilingual
from tests.unit.phones.android import apks

_SEVERAL: Final = "several sources"
_AUTHORITY: Final = Authority(Bilingual("the Minister", "la ministre"), *(Bilingual("Words", "Mots"),) * 2, False)
_STRENGTHS: Final = (Strength.BAN, Strength.RECOMMENDATION, Strength.NOTICE)

#: Of so many apps, one falls under a rule: each in another way than the one before.
APART: Final = 200
#: These ways, by platform.
WAYS: Final = {
    "android": (
        Match.NAMED_AND_SIGNED,
        Match.SAME_SIGNER,
        Match.SUSPECTED_SIGNER,
        Match.SUSPECTED_CODE,
        Match.LABEL,
    ),
    "ios": (Match.NAMED, Match.SAME_SIGNER, Match.LABEL),
}

#: A file of a large game is this large before what is read of it begins (bytes).
LARGE: Final = 250 * 2**20
#: The texts of a resource table, from the smallest to one that is larger, deflated, than what is read of one.
TEXTS: Final = 40_000
MANY_TEXTS: Final = 110_000
#: Numbers in a type's table, and where its configuration begins.
_TYPE: Final = 20_000
_CONFIG: Final = 20


# Policies and phones


def certificate(name: str) -> Certificate:
    """Digests that are no certificate's, as long as real ones."""
    data = name.encode()
    sha256, sha1 = hashlib.sha256(data).hexdigest(), hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return Certificate(sha256, sha1, hashlib.md5(data, usedforsecurity=False).hexdigest(), f"{int(sha256[:8], 16):x}")


def sha256(data: bytes) -> str:
    """As certificates are told."""
    return hashlib.sha256(data).hexdigest()


def policy_of(rules: int) -> Policy:
    """A policy of so many rules, each of which recognises its product in every way that there is."""
    everything = tuple(map(_rule, range(rules)))
    scope = Bilingual("mobile devices", "les appareils mobiles")
    return Policy("bench", "1", date(2026, 11, 1), Bilingual("Bench", "Banc"), scope, everything, "ab" * 32)


def _rule(number: int) -> Rule:
    product = Bilingual(f"Banned {number}", f"Interdite {number}")
    signs, by = (f"com.banned{number}.app",), certificate(f"maker {number}")
    return Rule(
        f"rule-{number}",
        product,
        _STRENGTHS[number % 10 if number % 10 < 3 else 0],
        date(2023, 10, 30),
        Bilingual("Reason.", "Raison."),
        _AUTHORITY,
        (
            RuleId("android", f"com.banned{number}.app", product, _SEVERAL, "a list"),
            RuleId("android", f"com.banned{number}.lite", product, _SEVERAL, "a list"),
            RuleId("ios", f"com.banned{number}.phone", product, _SEVERAL, "a list"),
        ),
        signers=(Signer(signs, _SEVERAL, "a kit", by.sha256, by.sha1, by.md5, by.hash),),
        code=(
            Code(f"com.banned{number}.ui.", _SEVERAL, "a file"),
            Code(f"com.banned{number}.core.Main", _SEVERAL, "a file"),
        ),
        labels=(Label(f"Banned {number}", "a store"),),
        teams=(Team(f"{number:010}", f"org.maker{number}.", _SEVERAL, "a store"),),
    )


def phone_of(apps: int, platform: str = "android") -> Inventory:
    """A phone with so many apps, of which one in `APART` falls under a rule."""
    phone = Phone(platform, "samsung", "SM-S901W", "14", "R58N12ABCDE", 34)
    made = (_app(number, platform) for number in range(apps))
    return Inventory(phone, (Profile(0, "Owner", ProfileKind.PERSONAL),), tuple(made))


def _app(number: int, platform: str) -> App:
    way = WAYS[platform][number // APART % len(WAYS[platform])] if number % APART == 0 else None
    rule = number // APART * 37 + 11
    android = platform == "android"
    by = certificate(f"{'maker' if way in (Match.NAMED_AND_SIGNED, Match.SAME_SIGNER) else 'other'} {rule}")
    if way is None:
        by = certificate(f"publisher {number}")
    own = f"com.banned{rule}.{'app' if android else 'phone'}" if way in (Match.NAMED, Match.NAMED_AND_SIGNED) else ""
    team = f"{rule:010}" if way is Match.SAME_SIGNER else f"T{number:09}"
    # Of the two signs of a signer, the phone tells the short one alone of most apps that name no web addresses.
    hash = certificate(f"maker {rule}").hash if way is Match.SUSPECTED_SIGNER else by.hash
    told = android and (number % 2 == 0 or way is not None) and way is not Match.SUSPECTED_SIGNER
    foreign = (f"com.banned{rule}.ui.Main",) if way is Match.SUSPECTED_CODE else ()
    return App(
        own or f"org.maker{rule if way else number % 300 + 90_000}.app{number}",
        number,
        f"1.{number}",
        "com.android.vending",
        signers=(hash,) if android else (),
        certificates=(by.sha256,) if told else (),
        components=(*foreign, *classes(number, 5)) if android else (),
        team="" if android else team,
        label=f"Banned {rule}" if way is Match.LABEL else f"App {number}",
        states=(AppState(0, installed=True),),
    )


def classes(number: int, count: int) -> tuple[str, ...]:
    """Classes of others that an app has inside: of five to seven words each, as those of real libraries."""
    return tuple(f"com.library{(number * 7 + n) % 60}.sdk.ads.internal.ui.Screen{n}Activity" for n in range(count))


def identities_of(inventory: Inventory) -> dict[str, Identity]:
    """What the files of all apps would say: their certificates, and thirty classes of each."""
    return {
        app.package: Identity(
            app.package, app.version_code, app.label, (certificate(f"file of {app.package}"),), (), classes(n, 30)
        )
        for n, app in enumerate(inventory.apps)
    }


# Apps' files


def large_file(texts: int = TEXTS, *, deflated: bool = False, tables: int = 1, signer: str = "maker") -> apks.Apk:
    """The shape of a large game: 6,000 files, a resource table of megabytes, and 250 MB before all of it.

    Of the table, `tables` times twenty thousand numbers in as many configurations stand before the label.
    """
    chance = random.Random(texts)
    strings = ["".join(chance.choices("eeeettaoinshrdlu  ", k=chance.randrange(12, 60))) for _ in range(texts - 1)]
    numbers = apks.type_chunk(1, [(0x1C, chance.randrange(2**24)) for _ in range(_TYPE)])
    languages = ("", *(f"{a}{b}" for a in "abcdef" for b in "klmnopqr"))[:tables]
    types = [
        apks.type_spec(1, _TYPE),
        *(numbers[:_CONFIG] + apks.config(language) + numbers[_CONFIG + 64 :] for language in languages),
        apks.type_spec(2, 3),
        apks.type_chunk(2, [(1, 0x7F020001), (3, texts - 1), None]),
        *(apks.type_chunk(2, [(3, 0)] * 1_000, apks.config(language)) for language in ("de", "fr", "ja", "ko")),
    ]
    apk = apks.simple(signer, package="org.example.large", label=0x7F020000)
    apk.before = LARGE
    apk.files += [(f"res/{n:05}.png", b"x") for n in range(6_000)]
    apk.files.append(("resources.arsc", _table([*strings, "A Large Game"], *types)))
    apk.stored = () if deflated else ("resources.arsc",)
    apk.block = apks.signing_block([(apks.V2, apks.second(signer)), (0x42726577, bytes(4096))])
    return apk


def _table(strings: Sequence[str], *types: bytes) -> bytes:
    """As `apks.resources`, in a time that grows with the number of strings and not with its square."""
    texts = [bytes([len(text), len(text)]) + text.encode("ascii") + b"\0" for text in strings]
    offsets = struct.pack(f"<{len(texts)}I", *accumulate(map(len, texts[:-1]), initial=0))
    packed = b"".join(texts)
    header = struct.pack("<5I", len(texts), 0, 0x100, 28 + len(offsets), 0)
    pool = apks.chunk(1, header, offsets + packed + bytes(-len(packed) % 4))
    small = apks.resources([], *types)
    return apks.chunk(2, struct.pack("<I", 1), pool + small[12 + len(apks.string_pool([])) :])


def ordinary_files(number: int) -> dict[str, bytes]:
    """Both files of an app as a store delivers it, by their names."""
    package, maker = f"org.example.n{number}", f"maker {number % 8}"
    texts = [f"text {n} of {package}" for n in range(2_000)]
    base = apks.simple(maker, package=package, label=0x7F010001)
    base.files += [(f"res/{n:05}.png", b"x") for n in range(300)]
    table = apks.type_chunk(1, [(3, n) for n in range(2_000)])
    base.files.append(("resources.arsc", apks.resources(["", f"Name {number}", *texts], table)))
    split = apks.simple(maker, package=package, version=None, label=None, components=())
    return {"base.apk": base.file(), "split_config.xxhdpi.apk": split.file()}
