"""What somebody finds out who lays the very list of the holder's apps beside a capture: no more than by chance.

He pairs apps with pseudonyms by whatever can be counted of both: their order, lengths, versions, times, signers, files
and screens. Of 340 pairs made by chance, one is right on average, and more than seven hardly ever.
"""

from __future__ import annotations

import plistlib
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest

from core.capture.android_answers import AndroidAnswers
from core.capture.android_names import AndroidNames
from core.capture.iphone_anonymous import IphoneAnonymiser
from core.capture.iphone_messages import anonymous, messages
from core.capture.pseudonyms import Pseudonyms
from core.capture.recording import ServiceExchange
from core.capture.unchanged import Unchanged
from core.phones.android.listings import short_answers
from core.phones.android.listings.dump import Dump
from core.phones.android.listings.screens import Links, Screens, java_hash
from core.policy.format import policy_file

POLICY = policy_file.load_built_in("canada")
KEY = bytes(range(32))
COUNT = 340
BY_CHANCE = 7


@dataclass(frozen=True)
class Published:
    """An app as a store has it, and a phone that it is on."""

    id: str
    maker: int
    version: str
    code: int
    installed: str
    screens: int
    permissions: int
    splits: int


def published() -> list[Published]:
    """Some hundred apps of some dozen makers, in the order of their hashes, as Android has them."""
    chance = random.Random(20261203)
    makers = [f"{''.join(chance.choices('abcdefghij', k=2 + number % 9))}{number}" for number in range(60)]
    apps = []
    for number in range(COUNT):
        maker = min(int(chance.expovariate(0.08)), 59)
        words = ["".join(chance.choices("klmnopqrstuvw", k=chance.randint(2, 14))) for _ in range(chance.randint(1, 3))]
        version = ".".join(str(chance.randint(0, 4000)) for _ in range(chance.randint(1, 4)))
        day = f"2025-{1 + number % 12:02}-{1 + number % 28:02} 10:{number % 60:02}:00"
        sizes = (chance.randint(1, 60), chance.randint(0, 40), chance.randint(0, 6))
        id = ".".join(["com", makers[maker], *words, f"x{number}"])
        apps.append(Published(id, maker, version, chance.randint(1, 10**9), day, *sizes))
    return sorted(apps, key=lambda app: java_hash(app.id))


def signer(app: Published) -> str:
    return f"{0x1000000 + app.maker:x}"


def printed(apps: Sequence[Published]) -> dict[str, list[str]]:
    """The answers of an Android phone with these apps."""
    answers: dict[str, list[str]] = {"packages 0": [], "snapshot": ["Packages:"], "links": []}
    screens: dict[str, list[str]] = {}
    for app in apps:
        path = f"/data/app/~~{app.id[-3:]}==/{app.id}-abc=="
        answers["packages 0"].append(f"package:{path}/base.apk={app.id} versionCode:{app.code} uid:{app.maker}")
        answers["snapshot"] += [
            f"  Package [{app.id}] (1a2b3c):",
            f"    codePath={path}",
            f"    versionCode={app.code} minSdk=21 targetSdk={20 + app.splits}",
            f"    versionName={app.version}",
            f"    splits=[{', '.join(['base', *(f'config.s{n}' for n in range(app.splits))])}]",
            f"    lastUpdateTime={app.installed}",
            f"    signatures=PackageSignatures{{1 version:3, signatures:[{signer(app)}], past signatures:[]}}",
            "    pkgFlags=[ HAS_CODE LARGE_HEAP ]" if app.splits % 2 else "    pkgFlags=[ HAS_CODE ]",
            "    requested permissions:",
            *(f"      com.example.permission.P{n}" for n in range(app.permissions)),
            f"    User 0: ceDataInode={app.code} installed=true hidden=false enabled=0",
        ]
        answers["links"] += [
            f"  {app.id}:",
            f"    ID: {app.id}",
            f"    Signatures: [{':'.join([f'{app.maker:02X}'] * 32)}]",
            *(f"      host{n}.example.com: 1" for n in range(app.splits)),
        ]
        for number in range(app.screens):
            screens.setdefault(f"act{number}.{app.maker}", []).append(f"        1a2b {app.id}/.Screen{number}")
    answers["screens"] = ["Activity Resolver Table:", "  Non-Data Actions:"]
    for key in sorted(screens, key=java_hash):
        answers["screens"] += [f"      {key}:", *screens[key]]
    answers["screens"] += ["Provider Resolver Table:", "  com.example:"]
    return answers


def counted(answers: Mapping[str, Sequence[str]]) -> dict[str, dict[str, object]]:
    """What can be counted of each app in the answers of an Android phone: by name, and for each app by its id."""
    dump, screens, links = Dump(), Screens(), Links()
    for reader, part in ((dump, "snapshot"), (screens, "screens"), (links, "links")):
        reader.block("".join(f"{line}\n" for line in answers[part]))
        reader.end(0)
    apps = {app.package: app for app in dump.account().value}
    text = "\n".join(answers["snapshot"]).split("  Package [")
    lines = {block.partition("]")[0]: block.count("\n") for block in text[1:]}
    signers = Counter(app.signers for app in apps.values())
    makers = Counter(id.split(".")[1] for id in apps)
    digests = Counter(links.signers.values())
    listed = {id: place for place, id in enumerate(short_answers.packages(answers["packages 0"]).value.apps)}
    with_links = {id: place for place, id in enumerate(links.packages and links.signers)}
    uids = {line.split("=")[-1].split()[0]: line.partition("uid:")[2] for line in answers["packages 0"]}
    return {
        "order of the list": dict(listed),
        "order of the dump": {id: place for place, id in enumerate(apps)},
        "order of the links": dict(with_links),
        "length": {id: len(id) for id in apps},
        "parts": {id: [len(part) for part in id.split(".")] for id in apps},
        "number of parts": {id: (id.count("."), len(id.split(".")[-1])) for id in apps},
        "apps of the maker": {id: makers[id.split(".")[1]] for id in apps},
        "apps of the signer": {id: signers[app.signers] for id, app in apps.items()},
        "apps of the digest": {id: digests[links.signers[id]] for id in apps},
        "signer": {id: app.signers for id, app in apps.items()},
        "version": {id: len(app.version_name) for id, app in apps.items()},
        "version's parts": {id: [int(n) for n in app.version_name.split(".")] for id, app in apps.items()},
        "number of the version": {id: app.version_code for id, app in apps.items()},
        "time": {id: app.last_update for id, app in apps.items()},
        "path": {id: len(app.code_path) for id, app in apps.items()},
        "splits": {id: len(app.splits or ()) for id, app in apps.items()},
        "screens": {id: len(screens.of(id)) for id in apps},
        "names of screens": {id: sum(map(len, screens.of(id))) for id in apps},
        "lines": {id: lines[id] for id in apps},
        "uid": {id: uids[id] for id in apps},
    }


def of_iphone(answers: Sequence[Mapping[str, object]]) -> dict[str, dict[str, object]]:
    """The same of an iPhone: of the apps that it looks up, and of those that it lists."""
    looked_up: dict[str, dict[str, str]] = answers[0]["LookupResult"]  # type: ignore[assignment]
    parts: list[list[dict[str, str]]] = [part["CurrentList"] for part in answers[1:]]  # type: ignore[misc]
    listed = [app for part in parts for app in part]
    teams = Counter(app["Team"] for app in looked_up.values())
    return {
        "order": {id: place for place, id in enumerate(looked_up)},
        "order of the list": {app["CFBundleIdentifier"]: place for place, app in enumerate(listed)},
        "length": {id: len(id) for id in looked_up},
        "parts": {id: [len(part) for part in id.split(".")] for id in looked_up},
        "name": {id: len(app["CFBundleDisplayName"]) for id, app in looked_up.items()},
        "version": {id: len(app["CFBundleVersion"]) for id, app in looked_up.items()},
        "apps of the signer": {id: teams[app["Team"]] for id, app in looked_up.items()},
    }


def right(real: Mapping[str, object], seen: Mapping[str, object], pseudonym: Callable[[str], str]) -> int:
    """How many apps are named rightly by one who pairs both by what is counted, and where that is alike by order."""
    pairs = zip(sorted(real, key=real.__getitem__), sorted(seen, key=seen.__getitem__), strict=True)  # type: ignore[arg-type]
    return sum(pseudonym(app) == other for app, other in pairs)


ANDROID = printed(published())
COUNTED = counted(ANDROID)


@pytest.fixture(scope="module")
def android() -> tuple[dict[str, dict[str, object]], Callable[[str], str]]:
    unchanged = Unchanged(POLICY)
    names = AndroidNames(Pseudonyms(unchanged, KEY), unchanged)
    rewriter = AndroidAnswers(names)
    return counted({part: rewriter.anonymous(part, lines) for part, lines in ANDROID.items()}), names.name


@pytest.mark.parametrize("by", COUNTED)
def test_nothing_in_a_capture_names_an_app(
    by: str, android: tuple[dict[str, dict[str, object]], Callable[[str], str]]
) -> None:
    seen, pseudonym = android
    assert len(seen[by]) == COUNT
    assert right(COUNTED[by], COUNTED[by], str) == COUNT  # the names alone taken away, all would be known
    assert right(COUNTED[by], seen[by], pseudonym) <= BY_CHANCE


def test_nothing_in_a_capture_of_an_iphone_names_an_app() -> None:
    apps = [
        {
            "CFBundleIdentifier": app.id,
            "CFBundleDisplayName": app.id.split(".")[-2],
            "CFBundleVersion": app.version,
            "SignerIdentity": f"iPhone Distribution: Maker {app.maker}",
        }
        for app in published()
    ]
    ids = [{"CFBundleIdentifier": app["CFBundleIdentifier"]} for app in apps]
    exchanges: dict[str, list[Mapping[str, object]]] = {
        "Lookup": [{"LookupResult": {app["CFBundleIdentifier"]: app for app in apps}}],
        "Browse": [{"CurrentList": ids[at : at + 20], "CurrentAmount": 20} for at in range(0, COUNT, 20)],
    }
    anonymiser = IphoneAnonymiser(POLICY, Pseudonyms((), KEY))

    def told(answers: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
        for app in answers[0]["LookupResult"].values():  # type: ignore[attr-defined]
            app["Team"] = app["SignerIdentity"]
        return list(answers)

    seen: list[Mapping[str, object]] = []
    for command, values in exchanges.items():
        exchange = ServiceExchange("apps", {"Command": command}, [plistlib.dumps(v, sort_keys=False) for v in values])
        seen += [message.value or {} for message in messages(anonymous(exchange, anonymiser).lines)]
    real_counts = of_iphone(told([*exchanges["Lookup"], *exchanges["Browse"]]))
    seen_counts = of_iphone(told(seen))
    for by, real in real_counts.items():
        assert len(seen_counts[by]) == COUNT
        assert right(real, seen_counts[by], anonymiser.id) <= BY_CHANCE, by
