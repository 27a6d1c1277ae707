"""The readers of Android phones' answers, as :mod:`core.phones.trial` tries each of them by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sized
from functools import partial
from typing import Final

from core.phones.accounting import Account, Left, Why
from core.phones.android import leaving
from core.phones.android.files import app_evidence
from core.phones.android.inventory import HASHES_SINCE
from core.phones.android.listings import health, management, short_answers
from core.phones.trial.android_facts import AndroidFacts
from core.phones.trial.reader_result import NO_ANSWER, NOTHING, PhoneReader, ReaderResult, changes, of
from core.phones.trial.recorder import PartAnswer
from core.text import N, T, Text

#: The makers and API levels of phones whose answers are known from published ones, from 2010 to 2025.
_MAKERS: Final = frozenset(
    ("google", "htc", "hisense", "meizu", "motorola", "nothing", "oneplus", "oppo", "realme", "samsung", "xiaomi")
)
_LEVELS: Final = frozenset((10, 24, 25, 28, 29, 30, 31, 33, 34, 35, 36))
#: The fields of an app in the full list, as those phones and Android's own code print them.
_FIELDS: Final = re.compile(
    "apexModuleName|apkSigningVersion|appId|appMetadata[A-Z][A-Za-z]+|applicationInfo|codePath|cpuAbiOverride|dataDir|"
    "developerVerificationStatus|"
    "extractNativeLibs|firstInstallTime|flags|forceQueryable|hiddenApiEnforcementPolicy|initiatingPackageName|"
    "installPermissionsFixed|installer(?:AttributionTag|PackageName|PackageUid)|lastUpdateTime|legacyNativeLibraryDir|"
    "loading[A-Z][A-Za-z]+|minExtensionVersions|nativeLibraryPath|originatingPackageName|overlay(?:Category|Target)|"
    "packageSource|pageSizeCompat|pccId|permissionsFixed|pkg(?:Flags(?:Ex)?|PrivateFlags)?|primaryCpuAbi|"
    "priv(?:ate|atePkg)Flags|queries(?:Intents|Packages)|resizeable|resourcePath|scannedAsStoppedSystemApp|"
    "secondaryCpuAbi|sharedUser|signatures|splits|supportsScreens|targetSdk|timeStamp|updateOwnerPackageName|userId|"
    "uses(?:LibraryFiles|NonSdkApi|StaticLibraries)|version(?:Code|Name)|volumeUuid"
)
_FIELD: Final = re.compile(r"^    ([A-Za-z]{1,40})=", re.MULTILINE)
#: The section of the full list that has the apps.
_APPS: Final = re.compile(r"^Packages:\n(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


def _short(name: str, read: Callable[[list[str]], Account[Sized]]) -> Callable[[AndroidFacts], ReaderResult]:
    """What a reader of one of the short answers makes of it."""

    def result(facts: AndroidFacts) -> ReaderResult:
        if (part := facts.parts.get(name)) is None:
            return NO_ANSWER
        account = read(part.lines)
        return of(account.left, len(account.value), part)

    return result


def _start(facts: AndroidFacts) -> ReaderResult:
    if facts.inventory is None or facts.inventory.identity is None:
        return NO_ANSWER
    identity = facts.inventory.identity
    words = {"serial": identity.serial, "maker": identity.maker, "model": identity.model, "build": identity.build}
    missing = [Left(Why.MISSING, name) for name, word in {**words, "start": identity.boot}.items() if not word]
    return of(missing, len(words) + 1 - len(missing))


def _users(facts: AndroidFacts) -> ReaderResult:
    return _short("users", partial(short_answers.users, samsung=facts.samsung, alone=True))(facts)


def _profiles(facts: AndroidFacts) -> ReaderResult:
    if (part := facts.parts.get("profiles")) is None:
        return NO_ANSWER
    profiles = short_answers.users(part.lines, facts.samsung)
    restrictions = management.restrictions(part.lines).left if facts.sdk >= _MANAGEMENT_SINCE else ()
    return of((*profiles.left, *restrictions), len(profiles.value), part)


def _lists(*words: str) -> Callable[[AndroidFacts], ReaderResult]:
    """What is made of the lists of each profile; one that the phone refuses in the known words has nothing to read."""

    def result(facts: AndroidFacts) -> ReaderResult:
        parts = [part for word in words for part in facts.of_profiles(word).values()]
        if not parts:
            return NO_ANSWER
        left: list[Left] = []
        apps = 0
        for part in parts:
            account = short_answers.packages(part.lines)
            apps += len(account.value.names)
            if not account.value.refusal:
                left += account.left
                if account.value.problem(part.code) is not None and not account.left:
                    left.append(Left(Why.CUT, "list"))
            elif _REFUSAL not in account.value.refusal:
                left.append(Left(Why.UNKNOWN, "refusal", text=account.value.refusal))
        return of(left, apps, *parts)

    return result


def _snapshot(facts: AndroidFacts) -> ReaderResult:
    if (dump := facts.dump) is None:
        return NO_ANSWER
    account = dump.account(hashes=facts.sdk >= HASHES_SINCE)
    broken = [Left(Why.CUT, "list")] if dump.failed or dump.truncated or dump.too_many or not dump.began else []
    return of((*account.left, *broken), len(account.value), facts.parts["snapshot"])


def _screens(facts: AndroidFacts) -> ReaderResult:
    if (screens := facts.screens) is None:
        return NO_ANSWER
    return of(screens.account().left, len(screens.packages), facts.parts["screens"])


def _links(facts: AndroidFacts) -> ReaderResult:
    if (links := facts.links) is None:
        return NO_ANSWER if "links" not in facts.parts else NOTHING
    return of(links.account().left, len(links.packages), facts.parts["links"])


def _admins(facts: AndroidFacts) -> ReaderResult:
    if (part := facts.parts.get("admins")) is None:
        return NO_ANSWER
    admins, owners = short_answers.admins(part.lines), management.owners(part.lines)
    left_of_owners = owners.left if facts.sdk >= _MANAGEMENT_SINCE else ()
    return of((*admins.left, *left_of_owners), len(admins.value) + len(owners.value), part)


def _health(facts: AndroidFacts) -> ReaderResult:
    parts = {name.removeprefix("health "): part for name, part in facts.parts.items() if name.startswith("health ")}
    properties = facts.parts.get("properties")
    if not parts or properties is None:
        return NO_ANSWER
    answers = health.Health()
    account = answers.properties(properties.lines)
    for name, part in parts.items():
        reader = answers.begin(name)
        reader.block(part.text)
        reader.end(part.code)
    # An answer that is longer than any that is known has no exit code of its own.
    cut = [name for name, answer in answers.readings.answers.items() if answer.lines and answer.code == -1]
    return of((*account.left, *(Left(Why.CUT, name) for name in cut)), len(parts) - len(cut), *parts.values())


def _again(facts: AndroidFacts) -> ReaderResult:
    if facts.again is None:
        return NO_ANSWER
    parts = list(facts.again_parts.values())
    left = [Left(Why.DISAGREES, "second look") for _ in facts.again.gaps]
    return of([*left, *(Left(Why.DISAGREES, "app") for _ in facts.again.changed)], len(parts), *parts)


def _places(facts: AndroidFacts) -> ReaderResult:
    if facts.files is None:
        return NO_ANSWER
    return of(facts.files.located.left, len(facts.files.located.value))


def _files(facts: AndroidFacts) -> ReaderResult:
    if facts.files is None or not facts.files.all:
        return NO_ANSWER if facts.files is None else NOTHING
    left: list[Left] = []
    understood = 0
    for reading in facts.files.all:
        if isinstance(reading.result, Account):
            understood += 1
            left += reading.result.left
        else:
            left.append(Left(Why.CUT if reading.result is None else Why.REFUSED, "file"))
    return of(left, understood)


def _sums(facts: AndroidFacts) -> ReaderResult:
    if (whole := facts.whole_file) is None:
        return NO_ANSWER if facts.files is None else NOTHING
    lines, code = whole.sums
    account = app_evidence.hashes_of(lines, (whole.path,))
    left = list(account.left)
    if code != 0:
        left.append(Left(Why.REFUSED, "hash"))
    if whole.given and (whole.bytes != whole.size or account.value.get(whole.path, whole.sha256) != whole.sha256):
        left.append(Left(Why.DISAGREES, "file that was read whole"))
    return of(left, len(account.value))


def _switches(facts: AndroidFacts) -> ReaderResult:
    if not facts.short:
        return NO_ANSWER
    unknown = [lines for lines, _ in facts.short.values() if any(lines) and leaving.switch(lines) is None]
    left = [Left(Why.UNKNOWN, "switch", text=" ".join(lines)) for lines in unknown if lines != ["null"]]
    return of(left, len(facts.short) - len(left))


#: The first API level whose owners and restrictions are read.
_MANAGEMENT_SINCE: Final = 26
#: In which words a phone refuses the list of a profile that is closed.
_REFUSAL: Final = "permission to access user"

READERS: Final[tuple[PhoneReader[AndroidFacts], ...]] = (
    PhoneReader("properties", T("What the phone says of itself"), _short("properties", short_answers.properties)),
    PhoneReader("start", T("Which phone it is, and since when it runs"), _start),
    PhoneReader("users", T("The list of its profiles"), _users),
    PhoneReader("profiles", T("The kinds of its profiles, and what they may not do"), _profiles),
    PhoneReader("lists", T("The lists of apps of each profile"), _lists("packages")),
    PhoneReader("system", T("Which apps came with it, and which are switched off"), _lists("system", "disabled")),
    PhoneReader("snapshot", T("The full list of apps in all profiles"), _snapshot),
    PhoneReader("screens", T("The table of apps’ screens"), _screens),
    PhoneReader("links", T("The list of apps’ signers"), _links),
    PhoneReader("admins", T("Device administrators, and who owns the phone"), _admins),
    PhoneReader("health", T("Its own protection"), _health),
    PhoneReader("again", T("The lists of apps, looked at again"), _again),
    PhoneReader("places", T("Where apps’ files are"), _places),
    PhoneReader("files", T("Some apps’ files"), _files),
    PhoneReader("sums", T("A file, and its fingerprint as the phone tells it"), _sums),
    PhoneReader("switches", T("Whether debugging, developer options and wireless debugging are on"), _switches),
    PhoneReader("removal", T("What it answers to a removal"), changes),
    PhoneReader("leaving", T("What it does when debugging is switched off"), changes),
)


def new_to_fanion(facts: AndroidFacts) -> Iterator[Text]:
    """Say what of the phone no phone before has shown. A field counts where most apps have it: it is the system's own,
    and no app's."""
    if facts.phone is None:
        return  # Nothing is lost: that nothing came is told of each reader
    if facts.maker not in _MAKERS:
        yield T("No phone of this maker was seen before.")
    if facts.sdk not in _LEVELS:
        yield T("No phone with this version of Android was seen before.")
    part: PartAnswer | None = facts.parts.get("snapshot")
    if part is not None and facts.dump is not None:
        most = len(facts.dump.account().value) / 2
        apps = _APPS.search(part.text)
        fields = Counter(_FIELD.findall(apps[1] if apps else ""))
        if unknown := sum(1 < most <= count and not _FIELDS.fullmatch(name) for name, count in fields.items()):
            yield N(
                "Its full list of apps has {count} field that was not seen before.",
                "Its full list of apps has {count} fields that were not seen before.",
                unknown,
            )
