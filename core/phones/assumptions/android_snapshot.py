"""What is assumed of the full list of apps of an Android phone, its table of screens and its list of signers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from core.model import App, Enabled
from core.phones.accounting import Left
from core.phones.android.inventory import HASHES_SINCE
from core.phones.android.listings import short_answers
from core.phones.android.listings.screens import WRAPPED
from core.phones.assumptions.android_facts import AndroidFacts
from core.phones.assumptions.assumption import (
    NO_ANSWER,
    NOTHING,
    OTHER_SYSTEM,
    Assumption,
    TrialResult,
    accounted,
    aosp,
    captured,
    concluded,
    detailed,
    form,
    result,
)
from core.text import T

_DUMP: Final = ("android/listings/dump.py", "android/listings/dump_fields.py")
_LISTS: Final = ("android/inventory.py",)
_SCREENS: Final = ("android/listings/screens.py",)
_LINKS_SINCE: Final = 31
#: The first API level at which apps have parts beside their base.
_SPLITS_SINCE: Final = 21
_ARCHIVED: Final = re.compile(r"^      archiveTime=(.{1,60})$", re.MULTILINE)
_TIME: Final = re.compile(r"^ {4,6}(?:firstInstallTime|lastUpdateTime)=(.{1,60})$", re.MULTILINE)
_DATE: Final = "9999-99-99 99:99:99"
_PAST: Final = re.compile(r"^    signatures=.*past signatures:\[([^\]\n]{1,4000})\]", re.MULTILINE)
_PAST_ONE: Final = re.compile(r"[0-9a-f]{1,8} flags: -?[0-9a-f]{1,10}")


def _same_apps(facts: AndroidFacts) -> TrialResult:
    if facts.dump is None or not facts.lists:
        return NO_ANSWER
    apps = facts.dump.account().value
    only_listed = only_dumped = 0
    for id, (account, code) in facts.lists.items():
        listed = set(account.value.apps)
        states = ((app.package, app.state(id)) for app in apps)
        dumped = {package for package, state in states if state is not None and state.installed and not state.hidden}
        if account.value.problem(code) is None:
            only_listed += len(listed - dumped)
            only_dumped += len(dumped - listed)
    return result(not only_listed and not only_dumped, apps=len(apps), lists_only=only_listed, dump_only=only_dumped)


def _same_facts(facts: AndroidFacts) -> TrialResult:
    listed = [app for app in facts.apps if any(app.package in a.value.apps for a, _ in facts.lists.values())]
    if not listed or facts.dump is None:
        return NO_ANSWER
    doubtful = sum(not app.confirmed for app in listed)
    return result(doubtful == 0, apps=len(listed), doubtful=doubtful)


def _snapshot(*kinds: str, others: bool = False) -> Callable[[AndroidFacts], TrialResult]:
    """Whether the snapshot's reader left nothing of these kinds; with `others`, of any kind but these."""

    def probe(facts: AndroidFacts) -> TrialResult:
        if facts.dump is None:
            return NO_ANSWER
        account = facts.dump.account(hashes=facts.sdk >= HASHES_SINCE)
        left = [item for item in account.left if (item.kind in kinds) is not others]
        return accounted(left, blocks=len(account.value))

    return probe


def _whole_snapshot(facts: AndroidFacts) -> TrialResult:
    if facts.dump is None:
        return NO_ANSWER
    dump = facts.dump
    apps = len(dump.account().value)
    whole = dump.began and not dump.failed and not dump.truncated and not dump.too_many
    seconds = facts.parts["snapshot"].seconds
    return result(whole, blocks=apps, bytes=len(facts.parts["snapshot"].text), seconds=round(seconds, 1))


def _states(check: Callable[[App], int]) -> Callable[[AndroidFacts], TrialResult]:
    """Whether `check` counts nothing wrong in any app of the snapshot."""

    def probe(facts: AndroidFacts) -> TrialResult:
        if facts.dump is None:
            return NO_ANSWER
        apps = facts.dump.account().value
        unknown = sum(map(check, apps))
        return result(unknown == 0, apps=len(apps), unknown=unknown)

    return probe


def _parts_told(facts: AndroidFacts) -> TrialResult:
    if facts.dump is None:
        return NO_ANSWER
    if facts.sdk < _SPLITS_SINCE:
        return OTHER_SYSTEM
    apps = facts.dump.account().value
    told = [app for app in apps if app.splits is not None]
    return result(bool(told), apps=len(apps), told=len(told), with_splits=sum(bool(app.splits) for app in told))


def _as_system(facts: AndroidFacts) -> TrialResult:
    system = [part for part in facts.of_profiles("system").values() if part.code == 0]
    if facts.dump is None or not system:
        return NO_ANSWER
    listed = frozenset().union(*(short_answers.packages(part.lines).value.names for part in system))
    differ = sum(
        app.system is not (app.package in listed) for app in facts.dump.account().value if _is_listed(facts, app)
    )
    return result(differ == 0, system_apps=len(listed), differ=differ)


def _is_listed(facts: AndroidFacts, app: App) -> bool:
    return any(app.package in account.value.apps for account, _ in facts.lists.values())


def _forms(pattern: re.Pattern[str], *known: str) -> Callable[[AndroidFacts], TrialResult]:
    """Whether each value that `pattern` has in the snapshot has one of the known forms."""

    def probe(facts: AndroidFacts) -> TrialResult:
        if (part := facts.parts.get("snapshot")) is None:
            return NO_ANSWER
        values = pattern.findall(part.text)
        shapes = sorted({form(value) for value in values})
        forms: Iterable[tuple[str, int | str]] = ((f"form {n}", shape) for n, shape in enumerate(shapes[:5], 1))
        return detailed(set(shapes) <= set(known), [("values", len(values)), *forms]) if values else NOTHING

    return probe


def _earlier_signers(facts: AndroidFacts) -> TrialResult:
    if (part := facts.parts.get("snapshot")) is None:
        return NO_ANSWER
    signers = [item.strip() for text in _PAST.findall(part.text) for item in text.split(",")]
    unknown = sum(_PAST_ONE.fullmatch(item) is None for item in signers)
    return result(unknown == 0, signers=len(signers), unknown=unknown) if signers else NOTHING


def _screens(*kinds: str, others: bool = False) -> Callable[[AndroidFacts], TrialResult]:
    def probe(facts: AndroidFacts) -> TrialResult:
        if facts.screens is None:
            return NO_ANSWER
        left: list[Left] = [item for item in facts.screens.account().left if (item.kind in kinds) is not others]
        return accounted(left, apps=len(facts.screens.packages), seconds=round(facts.parts["screens"].seconds, 1))

    return probe


def _links(*kinds: str, others: bool = False) -> Callable[[AndroidFacts], TrialResult]:
    def probe(facts: AndroidFacts) -> TrialResult:
        if facts.sdk and facts.sdk < _LINKS_SINCE:
            return OTHER_SYSTEM
        if facts.links is None:
            return NO_ANSWER
        left = [item for item in facts.links.account().left if (item.kind in kinds) is not others]
        wide = sum(len(line) >= WRAPPED for line in facts.parts["links"].lines)
        return accounted(left, apps=len(facts.links.packages), wide_lines=wide)

    return probe


_SETTINGS: Final = "frameworks/base, server/pm/Settings.java"

ROWS: Final[tuple[Assumption[AndroidFacts], ...]] = (
    Assumption(
        "lists.agree",
        T("The lists and the full list name the same apps in each profile."),
        concluded("both are PackageManager's own state"),
        (*_LISTS, *_DUMP),
        _same_apps,
    ),
    Assumption(
        "lists.facts-agree",
        T("For each app the lists and the full list tell the same version, file and state."),
        concluded("both are PackageManager's own state"),
        _LISTS,
        _same_facts,
    ),
    Assumption(
        "snapshot.whole",
        T("The full list of apps comes whole, within the time that the phone’s system gives it."),
        captured("emulator Android 9, Pixel Android 10, Meizu Android 7 (dumpsys package)"),
        (*_DUMP, *_LISTS),
        _whole_snapshot,
    ),
    Assumption(
        "snapshot.form",
        T("Every line of the full list that matters has a known form, and stands where it is expected."),
        captured("emulator Android 9, Pixel Android 10, Meizu Android 7 (dumpsys package)"),
        _DUMP,
        _snapshot(
            "block without a field",
            "profiles",
            "factory version without its update",
            "installed app below a heading of factory versions",
            "signers",
            "signatures",
            others=True,
        ),
    ),
    Assumption(
        "snapshot.fields",
        T("Every entry of the full list has the file, version, signers and flags of the app."),
        aosp(_SETTINGS),
        _DUMP,
        _snapshot("block without a field"),
    ),
    Assumption(
        "snapshot.profiles",
        T("Every entry of the full list has a line for each profile of the phone."),
        captured("Galaxy (user 150), ColorOS (user 999), Android 15 (users 0 and 10)"),
        _DUMP,
        _snapshot("profiles"),
    ),
    Assumption(
        "snapshot.factory",
        T("Factory versions stand below a heading of their own, and lie on the system’s part of the storage."),
        captured("emulator Android 9, Pixel Android 10 (dumpsys package)"),
        _DUMP,
        _snapshot("factory version without its update", "installed app below a heading of factory versions"),
    ),
    Assumption(
        "snapshot.signers",
        T("Every entry names its signers as numbers of 32 bits in a known form."),
        captured("Meizu Android 7, Pixel Android 10, emulator (dumpsys package)"),
        _DUMP,
        _snapshot("signers", "signatures"),
    ),
    Assumption(
        "snapshot.earlier-signers",
        T("Earlier signers of an app stand behind “past signatures” with their flags."),
        aosp("frameworks/base, PackageSignatures.java"),
        _DUMP,
        _earlier_signers,
    ),
    Assumption(
        "snapshot.splits",
        T("The full list tells the parts of each app beside its base."),
        aosp(_SETTINGS),
        _DUMP,
        _parts_told,
    ),
    Assumption(
        "snapshot.switched-off",
        T("Whether an app is switched off stands as a number from 0 to 4."),
        aosp("frameworks/base, PackageManager.java"),
        _DUMP,
        _states(lambda app: sum(state.enabled is Enabled.UNKNOWN for state in app.states)),
    ),
    Assumption(
        "snapshot.system",
        T("The full list and the lists call the same apps parts of the system."),
        concluded("both are PackageManager's own state"),
        (*_DUMP, *_LISTS),
        _as_system,
    ),
    Assumption(
        "snapshot.times",
        T("Times of installation stand as a date and a time."),
        captured("emulator Android 16 QPR2, Pixel Android 10 (dumpsys package)"),
        _DUMP,
        _forms(_TIME, _DATE),
    ),
    Assumption(
        "snapshot.archived",
        T("The time at which an app was archived stands as a date and a time."),
        aosp(_SETTINGS),
        _DUMP,
        _forms(_ARCHIVED, _DATE),
    ),
    Assumption(
        "screens.form",
        T("The table of screens has each screen in a known form, and comes whole."),
        captured("emulator Android 9, Pixel Android 10, Meizu Android 7"),
        _SCREENS,
        _screens("text out of its turn", others=True),
    ),
    Assumption(
        "screens.order",
        T("The texts of the table of screens stand in the order of their fingerprints."),
        captured("Android 7, 9 and 10; AOSP, ArrayMap.java"),
        (*_SCREENS, *_LISTS),
        _screens("text out of its turn"),
    ),
    Assumption(
        "links.form",
        T("Since Android 12 the phone lists the signers of apps that name web addresses."),
        aosp("frameworks/base, DomainVerificationDebug.java"),
        _SCREENS,
        _links("line that was wrapped", others=True),
    ),
    Assumption(
        "links.wrapped",
        T("Long lines of that list are wrapped, and go on behind the same indent."),
        aosp("frameworks/base, IndentingPrintWriter.java"),
        _SCREENS,
        _links("line that was wrapped"),
    ),
)
