"""What is assumed of apps' files on an Android phone, of the connection to it, and of what removing an app answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from core.icon_file import PNG_MAGIC
from core.phones.accounting import Account, Left
from core.phones.android.apk import Contents, Manifest, Signers
from core.phones.android.apk.resources import LABEL
from core.phones.android.files.file_reading import FileReading, NotGiven
from core.phones.android.files.ranges import OLD_COMMAND_LIMIT, PACKETS_GREW
from core.phones.android.inventory import HASHES_SINCE
from core.phones.assumptions.android_facts import AndroidFacts
from core.phones.assumptions.assumption import (
    NO_ANSWER,
    NOTHING,
    OTHER_SYSTEM,
    Assumption,
    TrialResult,
    Untried,
    accounted,
    aosp,
    by_maker,
    captured,
    concluded,
    detailed,
    kinds,
    published,
    result,
    untried,
)
from core.text import T

_LOCATE: Final = ("android/files/locate.py",)
_RANGES: Final = ("android/files/ranges.py",)
_IDENTIFY: Final = ("android/files/identify.py",)
_APK: Final = "android/apk/"
#: Seconds in which a short answer, and all that a check asks at once, are expected.
_SHORT: Final = 10.0
_WHOLE: Final = 75.0
#: How the ids of apps begin that Chromium makes of pages.
_WEB_APK: Final = "org.chromium.webapk."
#: ADB's service without a terminal is there since Android 5.
_RAW_SINCE: Final = 21


def _located(*names: str, others: bool = False) -> Callable[[AndroidFacts], TrialResult]:
    """Whether nothing of these kinds was left where apps' files were looked for; with `others`, of any but these."""

    def probe(facts: AndroidFacts) -> TrialResult:
        if facts.files is None:
            return NO_ANSWER
        located = facts.files.located
        left = [item for item in located.left if (item.kind in names) is not others]
        return accounted(left, apps=len(located.value), files=sum(map(len, located.value.values())))

    return probe


def _splits(facts: AndroidFacts) -> TrialResult:
    if facts.files is None:
        return NO_ANSWER
    left = [item for item in facts.files.located.left if item.kind == "split"]
    told = [app for app in facts.apps if app.package in facts.files.located.value and app.splits]
    return accounted(left, apps_with_splits=len(told)) if told or left else NOTHING


def _files_there(facts: AndroidFacts) -> TrialResult:
    if facts.files is None:
        return NO_ANSWER
    without = sum(not files for files in facts.files.located.value.values())
    return result(without == 0, apps=len(facts.files.located.value), without_a_file=without)


def _given(facts: AndroidFacts) -> TrialResult:
    if facts.files is None or not facts.files.all:
        return NO_ANSWER
    readings = facts.files.all
    refused = sum(isinstance(reading.result, NotGiven) for reading in readings)
    return result(refused == 0, files=len(readings), not_given=refused)


def _tail(facts: AndroidFacts) -> TrialResult:
    tails = [e for e in facts.recorder.runs if "tail -c " in e.command]
    if not tails:
        return NOTHING if facts.files is not None else NO_ANSWER
    in_form = sum(b"\n==> /" in e.data or b"==> /" in e.data[:200] for e in tails)
    return result(in_form == len(tails), commands=len(tails), in_form=in_form)


def _read_files(facts: AndroidFacts, readings: Iterable[FileReading]) -> list[Account[Contents]]:
    return [reading.result for reading in readings if isinstance(reading.result, Account)]


def _of_contents(readable: Callable[[Contents], bool], *kinds_of_left: str) -> Callable[[AndroidFacts], TrialResult]:
    """Whether `readable` is true of each file that came, and nothing of these kinds was left of any."""

    def probe(facts: AndroidFacts) -> TrialResult:
        if facts.files is None:
            return NO_ANSWER
        accounts = _read_files(facts, facts.files.all)
        if not accounts:
            return NO_ANSWER
        unreadable = sum(not readable(account.value) for account in accounts)
        left: list[Left] = [item for account in accounts for item in account.left if item.kind in kinds_of_left]
        numbers = [("files", len(accounts)), ("unreadable", unreadable), *kinds(left)]
        return detailed(unreadable == 0 and not left, numbers)

    return probe


def _nothing_left(facts: AndroidFacts) -> TrialResult:
    if facts.files is None or not (accounts := _read_files(facts, facts.files.all)):
        return NO_ANSWER
    return accounted([i for a in accounts for i in a.left if i.kind != LABEL], files=len(accounts))


def _labels(facts: AndroidFacts) -> TrialResult:
    if facts.files is None or not (contents := facts.files.contents):
        return NO_ANSWER
    left = [item for account in contents.values() for item in account.left if item.kind == LABEL]
    named = sum(bool(account.value.label) for account in contents.values())
    return detailed(named * 2 >= len(contents), [("apps", len(contents)), ("with a label", named), *kinds(left)])


def _pages(facts: AndroidFacts) -> TrialResult:
    contents = facts.files.contents if facts.files else {}
    manifests = [account.value.manifest for package, account in contents.items() if package.startswith(_WEB_APK)]
    if not manifests:
        return NOTHING if facts.files else NO_ANSWER
    named = sum(isinstance(manifest, Manifest) and bool(manifest.start_url) for manifest in manifests)
    return result(named == len(manifests), apps=len(manifests), with_an_address=named)


def _icons(facts: AndroidFacts) -> TrialResult:
    if facts.files is None:
        return NO_ANSWER
    pictured = [first for first, *_ in facts.files.readings.values() if first.pictured is not None]
    if not pictured:
        return NOTHING
    png = sum(reading.icon.startswith(PNG_MAGIC) for reading in pictured)
    webp = sum(reading.icon.startswith(b"RIFF") for reading in pictured)
    if not png + webp:
        return NOTHING
    return result(True, apps=len(pictured), png=png, webp=webp, none=len(pictured) - png - webp)


def _manifests(facts: AndroidFacts) -> TrialResult:
    """Whether each base file's manifest is that of the app, in the version that the list has."""
    if facts.files is None or not (contents := facts.files.contents):
        return NO_ANSWER
    apps = {app.package: app for app in facts.apps}
    read = {package: account.value.manifest for package, account in contents.items()}
    manifests = {package: manifest for package, manifest in read.items() if isinstance(manifest, Manifest)}
    other_id = sum(manifest.package != package for package, manifest in manifests.items())
    other_version = sum(
        None not in (m.version_code, apps[package].version_code) and m.version_code != apps[package].version_code
        for package, m in manifests.items()
    )
    return result(
        not other_id and not other_version, apps=len(manifests), other_id=other_id, other_version=other_version
    )


def _same_signers(facts: AndroidFacts) -> TrialResult:
    """Whether the numbers of the snapshot are Java's hashes of the certificates in the files."""
    if facts.files is None or not facts.files.contents:
        return NO_ANSWER
    if facts.sdk < HASHES_SINCE:
        return OTHER_SYSTEM
    apps = {app.package: app for app in facts.apps}
    pairs = [
        (set(apps[package].signers), {certificate.hash for certificate in signers.certificates})
        for package, account in facts.files.contents.items()
        if isinstance(signers := account.value.signers, Signers) and apps[package].signers
    ]
    differ = sum(not hashes <= listed for listed, hashes in pairs)
    return result(differ == 0, apps=len(pairs), differ=differ) if pairs else NOTHING


def _same_certificates(facts: AndroidFacts) -> TrialResult:
    """Whether the digests of the list of signers are those of the certificates in the files."""
    if facts.files is None or not facts.files.contents:
        return NO_ANSWER
    if facts.links is None:
        return OTHER_SYSTEM
    pairs = [
        (set(facts.links.signers[package]), {certificate.sha256 for certificate in signers.certificates})
        for package, account in facts.files.contents.items()
        if isinstance(signers := account.value.signers, Signers) and package in facts.links.signers
    ]
    differ = sum(listed != digests for listed, digests in pairs)
    return result(differ == 0, apps=len(pairs), differ=differ) if pairs else NOTHING


def _times(facts: AndroidFacts) -> TrialResult:
    runs = [run for run in facts.recorder.runs if run.ended]
    if not runs:
        return NO_ANSWER
    slowest = max(run.seconds for run in runs)
    trips = ((f"trip {n} seconds", round(e.seconds, 2)) for n, e in enumerate(runs[:30], 1))
    size = sum(run.size for run in runs)
    return detailed(slowest < _WHOLE, [("trips", len(runs)), ("bytes", size), *trips])


def _part_times(facts: AndroidFacts) -> TrialResult:
    if not facts.parts:
        return NO_ANSWER
    names = ("properties", "users", "profiles", "snapshot", "screens", "links", "admins")
    seconds = [(name, round(facts.parts[name].seconds, 2)) for name in names if name in facts.parts]
    return detailed(max((s for _, s in seconds), default=0.0) < _WHOLE, [(f"{name} seconds", s) for name, s in seconds])


def _short_trip(facts: AndroidFacts) -> TrialResult:
    trips = [e.seconds for e in facts.recorder.runs if e.ended and " begin debugging" in e.command]
    return result(trips[0] < _SHORT, seconds=round(trips[0], 3)) if trips else NO_ANSWER


def _long_commands(facts: AndroidFacts) -> TrialResult:
    if facts.sdk and facts.sdk < PACKETS_GREW:
        return OTHER_SYSTEM
    lengths = [len(run.command) for run in facts.recorder.runs if run.ended and len(run.command) > OLD_COMMAND_LIMIT]
    return result(True, commands=len(lengths), longest=max(lengths)) if lengths else NO_ANSWER


def _usb(facts: AndroidFacts) -> TrialResult:
    return result(True) if facts.over_usb and facts.parts else OTHER_SYSTEM


def _server(facts: AndroidFacts) -> TrialResult:
    return OTHER_SYSTEM if facts.recorder.lasting else result(bool(facts.parts))


def _raw(facts: AndroidFacts) -> TrialResult:
    if facts.sdk and facts.sdk < _RAW_SINCE:
        return OTHER_SYSTEM
    if facts.files is None or not facts.files.all:
        return NO_ANSWER
    given = sum(not isinstance(reading.result, NotGiven) for reading in facts.files.all)
    return result(given > 0, files=len(facts.files.all), unchanged=given)


ROWS: Final[tuple[Assumption[AndroidFacts], ...]] = (
    Assumption(
        "usb.interface",
        T("The phone’s ADB interface is found on the USB bus, and can be used."),
        aosp("packages/modules/adb"),
        ("android/link/link.py", "usb.py"),
        _usb,
    ),
    Assumption(
        "link.server",
        T("An adb server of this computer passes commands on to the phone."),
        published("Debian's adb 34"),
        ("android/link/server.py",),
        _server,
    ),
    Assumption(
        "link.modes",
        T("A phone that is in another mode than its usual one names that mode."),
        aosp("packages/modules/adb, adb.cpp"),
        ("android/link/link.py",),
        lambda facts: untried(Untried.CHANGES),
    ),
    Assumption(
        "link.raw",
        T("Bytes come over ADB without a change (since Android 5)."),
        aosp("packages/modules/adb, SERVICES.TXT"),
        ("android/link/link.py", "android/link/stream.py", "android/link/transport.py"),
        _raw,
    ),
    Assumption(
        "link.short",
        T("A short question is answered within ten seconds."),
        published("Debian's adbd 34"),
        ("android/link/transport.py",),
        _short_trip,
    ),
    Assumption(
        "link.long",
        T("Since Android 7 the phone takes commands of more than four kilobytes."),
        aosp("packages/modules/adb, protocol"),
        (*_RANGES, "android/link/transport.py"),
        _long_commands,
    ),
    Assumption(
        "times.trips",
        T("Each round trip ends within 75 seconds."),
        concluded("dumpsys gives up after 60 s"),
        ("android/link/link.py",),
        _times,
    ),
    Assumption(
        "times.parts",
        T("Each part of the whole reading ends within 75 seconds."),
        concluded("dumpsys gives up after 60 s"),
        ("android/inventory.py",),
        _part_times,
    ),
    Assumption(
        "files.there",
        T("The phone names the files of each app that is installed."),
        aosp("frameworks/base, PackageManagerShellCommand.java"),
        _LOCATE,
        _files_there,
    ),
    Assumption(
        "files.form",
        T("Path, size and time of each file come in a known form."),
        published("toybox, stat and ls"),
        _LOCATE,
        _located("split", others=True),
    ),
    Assumption(
        "files.splits",
        T("The parts of an app in the full list are the files beside its base, by their names."),
        aosp("frameworks/base, PackageInstallerSession.java"),
        _LOCATE,
        _splits,
    ),
    Assumption(
        "files.readable",
        T("A computer may read the files of apps."),
        concluded("files of apps are readable to all"),
        _RANGES,
        _given,
    ),
    Assumption(
        "files.ends",
        T("The phone gives the ends of several files in one answer."),
        published("toybox, tail"),
        _RANGES,
        _tail,
    ),
    Assumption(
        "apk.signers",
        T("The signers of each file can be read."),
        by_maker("source.android.com, apksigning"),
        (_APK + "signing.py", _APK + "zip.py", _APK + "source.py"),
        _of_contents(lambda contents: isinstance(contents.signers, Signers)),
    ),
    Assumption(
        "apk.hashes",
        T("The numbers of the signers in the full list are Java’s fingerprints of their certificates."),
        captured("WeChat on three phones (962f5b7)"),
        (_APK + "signing.py", "android/listings/dump_fields.py"),
        _same_signers,
    ),
    Assumption(
        "apk.digests",
        T("The signers that the phone lists are those of the files."),
        aosp("frameworks/base, DomainVerificationDebug.java"),
        (_APK + "signing.py", "android/listings/screens.py"),
        _same_certificates,
    ),
    Assumption(
        "apk.manifests",
        T("The manifest of each file can be read."),
        aosp("frameworks/base, ResourceTypes.h"),
        (_APK + "manifest.py", _APK + "xml.py", _APK + "zip.py"),
        _of_contents(lambda contents: isinstance(contents.manifest, Manifest)),
    ),
    Assumption(
        "apk.same",
        T("Each file is that of the app, in the version that the list has."),
        concluded("both are of the installed file"),
        _IDENTIFY,
        _manifests,
    ),
    Assumption(
        "apk.one-reading",
        T("Each file can be read in one way only."),
        aosp("frameworks/base, ResourceTypes.cpp; system/libziparchive"),
        (_APK + "strings.py", _APK + "xml.py", _APK + "manifest.py", _APK + "zip.py", _APK + "__init__.py"),
        _nothing_left,
    ),
    Assumption(
        "apk.labels",
        T("Most apps’ names can be read from their files."),
        aosp("frameworks/base, ResourceTypes.h"),
        (_APK + "resources.py", _APK + "strings.py"),
        _labels,
    ),
    Assumption(
        "apk.pages",
        T("An app that a browser made of a page names the page’s address in its file."),
        published("Chromium, WebApkMetaDataKeys.java"),
        (_APK + "manifest.py", *_IDENTIFY),
        _pages,
    ),
    Assumption(
        "apk.icons",
        T("Launcher icons that are PNG or WebP pictures can be read."),
        aosp("frameworks/base, public-final.xml"),
        (_APK + "icon.py",),
        _icons,
    ),
)
