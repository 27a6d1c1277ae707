"""The readers of iPhones' answers, as :mod:`core.phones.trial` tries each of them by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from core.model import id_key
from core.phones.accounting import Left, Why
from core.phones.iphone import apps
from core.phones.trial.iphone_facts import IphoneFacts
from core.phones.trial.reader_result import NO_ANSWER, NOTHING, PhoneReader, ReaderResult, changes, of
from core.text import T, Text


def _garbled(facts: IphoneFacts, name: str) -> ReaderResult:
    """The result for an answer that did not come, or could not be read at all."""
    return of((Left(Why.REFUSED, "answer"),), 0) if name in facts.garbled else NO_ANSWER


def _timed(facts: IphoneFacts, stage: str, result: ReaderResult) -> ReaderResult:
    """The same, with how long that stage of the reading took."""
    return replace(result, seconds=facts.seconds.get(stage))


def _identity(facts: IphoneFacts) -> ReaderResult:
    if facts.inventory is None or facts.inventory.identity is None:
        return NO_ANSWER
    identity = facts.inventory.identity
    words = {"serial": identity.serial, "model": identity.model, "build": identity.build, "start": identity.boot}
    missing = [Left(Why.MISSING, name) for name, word in words.items() if not word]
    return of(missing, len(words) - len(missing))


def _values(facts: IphoneFacts) -> ReaderResult:
    if not facts.values:
        return NO_ANSWER
    odd = [Left(Why.UNKNOWN, "value") for value in facts.values.values() if not isinstance(value, bool | str | None)]
    return _timed(facts, "values", of((*facts.left_of_values, *odd), len(facts.values) - len(odd)))


def _lookup(facts: IphoneFacts) -> ReaderResult:
    if facts.lookup is None:
        return _garbled(facts, "lookup")
    return _timed(facts, "first list", of(facts.lookup.left, len(facts.lookup.value)))


def _browse(facts: IphoneFacts) -> ReaderResult:
    if facts.browse is None:
        return _garbled(facts, "browse")
    listed = {id_key(bundle, apps.PLATFORM) for bundle in facts.browse.value}
    apart = listed ^ facts.ids() if facts.lookup is not None else set()
    return _timed(
        facts, "second list", of((*facts.browse.left, *(Left(Why.DISAGREES, "app") for _ in apart)), len(listed))
    )


def _apps(facts: IphoneFacts) -> ReaderResult:
    if facts.lookup is None:
        return NO_ANSWER
    entries = [(bundle, entry) for bundle, entry in facts.entries.items() if entry is not None]
    left = [item for bundle, entry in entries for item in apps.app_of(bundle, entry).left]
    return of(left, len(entries))


def _management(request: str) -> Callable[[IphoneFacts], ReaderResult]:
    def result(facts: IphoneFacts) -> ReaderResult:
        if (account := facts.management.get(request)) is None:
            return NOTHING if facts.management_refused else _garbled(facts, request)
        return of(account.left, len(account.value))

    return result


def _entitlements(facts: IphoneFacts) -> ReaderResult:
    if not facts.entitlements:
        return NO_ANSWER if facts.lookup is None else NOTHING
    left = [item for listing in facts.entitlements.values() for item in listing.left]
    teams = [account for kind in facts.entitlements for account in facts.teams(kind).values()]
    garbled = [Left(Why.REFUSED, "answer") for kind in ("User", "System") if kind in facts.garbled]
    result = of((*left, *garbled, *(item for account in teams for item in account.left)), len(teams))
    return _timed(facts, "entitlements", result)


def _sizes(facts: IphoneFacts) -> ReaderResult:
    return _garbled(facts, "sizes") if facts.sizes is None else of(facts.sizes.left, len(facts.sizes.value))


READERS: Final[tuple[PhoneReader[IphoneFacts], ...]] = (
    PhoneReader("identity", T("Which phone it is, and since when it runs"), _identity),
    PhoneReader("values", T("Its own protection"), _values),
    PhoneReader("lookup", T("The first list of apps"), _lookup),
    PhoneReader("browse", T("The second list of apps, and whether both agree"), _browse),
    PhoneReader("apps", T("What the first list says of each app"), _apps),
    PhoneReader("supervision", T("Whether it is supervised"), _management("GetCloudConfiguration")),
    PhoneReader("profiles", T("Its configuration profiles"), _management("GetProfileList")),
    PhoneReader("entitlements", T("What some apps are signed for"), _entitlements),
    PhoneReader("sizes", T("How much room some apps take"), _sizes),
    PhoneReader("removal", T("What it answers to a removal"), changes),
    PhoneReader("leaving", T("What it does when it is to forget this computer"), changes),
)


def new_to_fanion(facts: IphoneFacts) -> Iterator[Text]:
    """Say what of the phone no phone before has shown."""
    if facts.inventory is not None:
        yield T("No iPhone has been read before.")
