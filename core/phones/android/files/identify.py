"""What apps on a phone are by their own files: who signed them, what they call themselves, which classes they have.

The phone says where the files are; then parts of them are read, many files side by side, so that a step of all of them
costs one round trip. An app whose file cannot be read costs the others nothing. At the end, app by app, comes the code
of those that no store installed, which is most of a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from core.jobs import Cancel, Progress, Report
from core.model import NOTHING_SOUGHT, App, Identity, SoughtInFiles
from core.phones.accounting import Account, Left, Why
from core.phones.android import apk
from core.phones.android.apk import Manifest, OverBudget, Remote, Signers, Steps, Unreadable, dex
from core.phones.android.apk.resources import LABEL
from core.phones.android.apk.source import Allowance
from core.phones.android.apk.zip import ZipEntry
from core.phones.android.files import ranges
from core.phones.android.files.file_reading import AppFile, FileReading, NotGiven
from core.phones.android.files.locate import BASE, Splits, ask_parts, locate
from core.phones.android.files.ranges import FileRange
from core.phones.android.link import shell
from core.phones.android.link.link import Link
from core.text import N, T, Text, plain

#: So many apps are read side by side, so that a step of all of them costs one round trip. Each holds some 100 kB
#: meanwhile: with 40, a window with 32 phones at once took 30 MB more, and a check three round trips less of 28.
SIDE_BY_SIDE: Final = 28
#: So many apps have their launcher icons read, which costs each a few ranges more.
ICONS_LIMIT: Final = 12
#: ADB's service without a terminal is there since Android 5.
_RAW_SINCE: Final = 21
#: Of all files beside the base together, at most so much is read (bytes); of each of them as much as of a base.
_PARTS_LIMIT: Final = 40 * 2**20
#: Classes that are kept of all files of an app. Real ones have some hundred, rarely more than a thousand.
_CLASSES_LIMIT: Final = 10_000
#: Of the code of all apps of one check, as it is in their files and unpacked (bytes).
_CODE_LIMIT: Final = 2**30
_UNPACKED_LIMIT: Final = 4 * 2**30
_MEGABYTE: Final = 10**6
#: Characters of the address at which an app starts that is a page.
_ADDRESS_LIMIT: Final = 2_000

_TOO_OLD: Final = T("This phone's Android is too old to read parts of an app's file.")
_NO_VERSION: Final = T("The phone did not say which version of Android it has.")
_NO_FILE: Final = T("The phone did not say where the app's file is.")
_NOT_GIVEN: Final = T("The phone did not give the parts of the app's file that were asked for.")
_DAMAGED: Final = T("The certificate could not be read: the app's file is damaged, or made so that it cannot be read.")
_TOO_LARGE: Final = T("The certificate could not be read: too much of the app's file would have had to be read.")
_NO_MANIFEST: Final = T("What the app says of itself could not be read from its file.")
_PARTS_DIFFER: Final = T("The files that make up the app are not all signed by the same certificate.")
_PARTS_UNREAD: Final = T("Not all of the files that make up the app could be read.")
_CLASSES_UNREAD: Final = T("Not all of the app's screens and services could be read from its files.")
_CODE_UNREAD: Final = T("Not all of the app's code could be read.")
_TWO_WAYS: Final = T("The app's files can be read in two ways, so that the phone may see something else in them.")
_ADDRESS_UNREAD: Final = T("A browser made the app of a page, and its file does not tell which.")


class IdentityMemory:
    """What the files of one opened phone said. Where all of an app's files are the same, they need not be read again.

    An app cannot write its own files, nor choose their inode, time or folder; so none can profit from what was read of
    another. But a phone could, which can claim to be any phone: so this lives no longer than one connection.
    """

    def __init__(self) -> None:
        self._identities: dict[tuple[str, tuple[AppFile, ...]], tuple[Identity, Hashable]] = {}
        #: The files of each app that was looked into, as they were then.
        self.located: dict[str, tuple[AppFile, ...]] = {}

    def of(self, package: str, files: Sequence[AppFile], sought: SoughtInFiles | None = None) -> Identity | None:
        """What the files said of the app if they are the very same, and the same was sought in them (None: whatever
        was); None if not, or if they were not read."""
        identity, before = self._identities.get((package, tuple(files)), (None, None))
        return identity if sought is None or before == self._about(package, sought) else None

    def add(self, identity: Identity, files: Sequence[AppFile], sought: SoughtInFiles) -> None:
        """Remember an identity that was read whole."""
        if identity.why is None and all(file.stamp for file in files):
            self._identities[identity.package, tuple(files)] = identity, self._about(identity.package, sought)

    @staticmethod
    def _about(package: str, sought: SoughtInFiles) -> Hashable:
        return sought.files, sought.classes, package in sought.outside


def identify(
    link: Link,
    apps: Sequence[App],
    report: Report,
    cancel: Cancel,
    on_identity: Callable[[Identity], None] | None = None,
    memory: IdentityMemory | None = None,
    splits: Splits = lambda app: None,
    sought: SoughtInFiles = NOTHING_SOUGHT,
) -> dict[str, Identity]:
    """What each of `apps` is, by its package; `on_identity` hears each as soon as it is known. The first
    ones have their icon.

    `splits` gives the names of an app's splits, without its base, as another answer of the phone has them: an app of
    which one has no file, or a file has none, is not wholly read. `sought` is looked for in the files.

    Raises what `Link.run` raises, but not TooMuch.
    """
    identities: dict[str, Identity] = {}

    def tell(identity: Identity) -> None:
        if identity.package in identities:
            return  # Nothing is lost: one package was asked for twice
        identities[identity.package] = identity
        doing = N(
            "Looking into the apps: {read} of {count} file",
            "Looking into the apps: {read} of {count} files",
            len(apps),
            read=len(identities),
        )
        report(Progress(doing, len(identities) / len(apps)))
        if on_identity:
            on_identity(identity)

    if not apps:
        return identities
    sdk = _sdk(link, cancel)
    if sdk < _RAW_SINCE:
        for app in apps:
            tell(Identity(app.package, why=_TOO_OLD if sdk else _NO_VERSION))
        return identities
    located = locate(link, apps, cancel, ranges.command_limit(sdk), splits)
    files, unread = located.value, {item.app for item in located.left}
    if memory:
        memory.located |= {package: tuple(its_files) for package, its_files in files.items()}
    if "" in unread:  # it may be about any of them
        unread |= {app.package for app in apps}
    reader = ranges.Reader(link, ranges.command_limit(sdk))
    waiting: list[tuple[str, list[FileReading]]] = []
    pictured = {app.package for app in apps[:ICONS_LIMIT]}
    for app in apps:
        mine = files.get(app.package, [])
        base, *parts = _ordered(mine)
        cached = memory.of(app.package, mine, sought) if memory and app.package not in unread else None
        if base is None:
            tell(Identity(app.package, why=_NO_FILE))
        elif cached is not None:
            tell(cached)
        else:
            remote = Remote(base.size)
            first = FileReading(base, apk.read(remote, sdk, sought), remote if app.package in pictured else None)
            together = Allowance(_PARTS_LIMIT)
            rest = [
                FileReading(f, apk.read(Remote(f.size, together=together), sdk, sought, base=False)) for f in parts if f
            ]
            waiting.append((app.package, [first, *rest]))
    waiting.reverse()
    under_way: dict[str, list[FileReading]] = {}
    with_code: dict[str, tuple[Identity, list[FileReading], dex.SoughtClasses]] = {}
    try:
        while waiting or under_way:
            while waiting and len(under_way) < SIDE_BY_SIDE:
                package, readings = waiting.pop()
                under_way[package] = readings
                for reading in readings:
                    reading.advance(None)
            for package in [p for p, readings in under_way.items() if all(r.is_complete for r in readings)]:
                readings = under_way.pop(package)
                identity = _identity(package, readings, all_files=package not in unread)
                if package in sought.outside and any(_code_of(readings)):
                    with_code[package] = (identity, readings, dex.SoughtClasses(sought))
                    continue  # Nothing is lost: its code comes last, and then it is told
                if memory:
                    memory.add(identity, files[package], sought)
                tell(identity)
            unfinished = [r for readings in under_way.values() for r in readings if not r.is_complete]
            if unfinished and (len(under_way) == SIDE_BY_SIDE or not waiting):
                step(reader, unfinished, cancel)
        left, unpacked_left = _CODE_LIMIT, _UNPACKED_LIMIT
        for package, (identity, readings, classes) in list(with_code.items()):
            entries = [entry for _, entry in _code_of(readings)]
            size, unpacked = sum(entry.stored for entry in entries), sum(entry.size for entry in entries)
            why: Text | None = _CODE_UNREAD
            if not dex.is_too_large(entries) and size <= left and unpacked <= unpacked_left:
                left, unpacked_left = left - size, unpacked_left - unpacked
                on_read = _progress(identity, size, (len(identities), len(apps)), report)
                why = _read_code(readings, classes, reader, on_read, cancel)
            identity = replace(identity, code=classes.names, why=identity.why or why)
            if memory:
                memory.add(identity, files[package], sought)
            del with_code[package]
            tell(identity)
    except BaseException:  # of an app whose base file was read, that one tells what it shows
        for package, readings in under_way.items():
            if readings[0].result is not None:
                tell(_identity(package, readings, all_files=False))
        for identity, _, classes in with_code.values():
            tell(replace(identity, code=classes.names, why=identity.why or _CODE_UNREAD))
        raise
    return identities


def replaced(link: Link, apps: Sequence[App], sdk: int, memory: IdentityMemory, cancel: Cancel) -> frozenset[str]:
    """Those of `apps` whose files are not those any more that were looked into: of another size, inode or time. Raises
    what `Link.run` raises, but not TooMuch."""
    before = [app for app in apps if memory.located.get(app.package)]
    now = locate(link, before, cancel, ranges.command_limit(sdk), lambda app: app.splits).value
    return frozenset(a.package for a in before if set(now.get(a.package, ())) != set(memory.located[a.package]))


def _code_of(readings: Iterable[FileReading]) -> Iterator[tuple[AppFile, ZipEntry]]:
    """The files of an app's code, each with the file that it is in."""
    for reading in readings:
        if isinstance(reading.result, Account):
            yield from ((reading.file, entry) for entry in reading.result.value.code)


def _progress(identity: Identity, size: int, told: tuple[int, int], report: Report) -> Callable[[int], None]:
    """What hears how many bytes came of an app's code, of `size`; `told` of so many apps are known before it."""
    read = 0

    def on_read(count: int) -> None:
        nonlocal read
        read += count
        doing = T(
            "Looking into the code of {app}: {read} of {size} MB",
            app=identity.label or identity.package,
            read=read // _MEGABYTE,
            size=-(-size // _MEGABYTE),
        )
        report(Progress(doing, (told[0] + read / max(size, 1)) / told[1]))

    return on_read


def _read_code(
    readings: Sequence[FileReading],
    classes: dex.SoughtClasses,
    reader: ranges.Reader,
    on_read: Callable[[int], None],
    cancel: Cancel,
) -> Text | None:
    """Find `classes` in an app's code. Why not all of it could be read, if it could not."""
    why: Text | None = None
    for file, entry in _code_of(readings):
        cancel.check()
        try:
            classes.take_from(_run(dex.unpacked(file.size, entry, on_read), file, reader, cancel))
        except Unreadable:  # Nothing is lost: the app is not wholly read, and what else of it is found counts
            why = _CODE_UNREAD
    return why


def _run(steps: Steps[bytes], file: AppFile, reader: ranges.Reader, cancel: Cancel) -> bytes:
    """What comes out of reading a part of one file. Raises Unreadable."""
    pieces: list[bytes] | None = None
    while True:
        try:
            wish = next(steps) if pieces is None else steps.send(pieces)
        except StopIteration as end:
            content: bytes = end.value
            return content
        got = reader.read([FileRange(file.path, at, length, file.size) for at, length in wish], cancel)
        # A piece that did not come is too short, which the reader says.
        pieces = [piece or b"" for piece in got]


def step(reader: ranges.Reader, waiting: Sequence[FileReading], cancel: Cancel) -> None:
    """Fetch what all of them want, and let them go on."""
    wishes = [FileRange(r.file.path, at, length, r.file.size) for r in waiting for at, length in r.wish]
    pieces = iter(reader.read(wishes, cancel))
    for reading in waiting:
        cancel.check()  # what one of many files holds may take long to decode
        mine = [next(pieces) for _ in reading.wish]
        whole = [p for p in mine if p is not None]
        if len(whole) == len(mine):
            reading.advance(whole)
        else:
            reading.finish(NotGiven())


def _ordered(files: Sequence[AppFile]) -> list[AppFile | None]:
    """The app's base file first, then its splits; None first where it cannot be told which is the base."""
    bases = [f for f in files if f.name == BASE] or [f for f in files if not f.name.startswith("split_")]
    if len(bases) != 1:
        return [None]
    return [bases[0], *(f for f in files if f is not bases[0])]


def _identity(package: str, readings: Sequence[FileReading], *, all_files: bool) -> Identity:
    """What came of an app's files; `all_files`: whether they are all that the phone has of it."""
    base, *parts = readings
    if not isinstance(base.result, Account):
        return Identity(package, why=_NOT_GIVEN if isinstance(base.result, NotGiven) else _DAMAGED)
    manifest, signers = base.result.value.manifest, base.result.value.signers
    accounts = [r.result for r in readings if isinstance(r.result, Account)]
    inside = tuple(dict.fromkeys(name for account in accounts for name in account.value.files))
    if isinstance(manifest, Unreadable):
        if isinstance(signers, Unreadable):
            return Identity(package, why=_reason(signers), files=inside)
        own, earlier = signers.certificates, signers.lineage
        return Identity(package, certificates=own, lineage=earlier, why=_NO_MANIFEST, files=inside)
    if package not in (manifest.package, _as_library(manifest.package, package)):
        return Identity(package, why=_of_another(manifest.package), files=inside)
    certificates, lineage, why = (
        ((), (), _reason(signers))
        if isinstance(signers, Unreadable)
        else (signers.certificates, signers.lineage, _parts_problem(signers, parts))
    )
    if why is None and not all_files:
        why = _PARTS_UNREAD
    why = why or _why_not_whole(tuple(item for account in accounts for item in account.left))
    manifests = [m for account in accounts if isinstance(m := account.value.manifest, Manifest)]
    # Android gives a split's classes the base's package, and takes no split of another one.
    why = why or next((_of_another(m.package) for m in manifests if m.package != manifest.package), None)
    components = tuple(dict.fromkeys(name for m in manifests for name in m.components))
    if len(components) > _CLASSES_LIMIT:
        components, why = components[:_CLASSES_LIMIT], why or _CLASSES_UNREAD
    label = plain(base.result.value.label, 120)
    url = ""
    if isinstance(manifest.start_url, str):
        url = plain(manifest.start_url, _ADDRESS_LIMIT)
    else:
        why = why or _ADDRESS_UNREAD
    return Identity(
        package, manifest.version_code, label, certificates, lineage, components, why, base.icon, url, files=inside
    )


def _of_another(package: str) -> Text:
    other = plain(package, 255)
    return T("The file that the phone named for the app belongs to another one, {other}.", other=other)


#: How an app's files are, by the message of the reason why it is not known by them: so that files can be made that are
#: read alike.
FORMS: Final = {
    _NO_FILE.message: "missing",
    _NOT_GIVEN.message: "not-given",
    _DAMAGED.message: "garbled",
    _of_another("").message: "of-another",
    _NO_MANIFEST.message: "without-manifest",
    _PARTS_DIFFER.message: "parts-differ",
    _PARTS_UNREAD.message: "parts-unread",
    _TOO_LARGE.message: "too-large",
    _CLASSES_UNREAD.message: "classes-unread",
    _CODE_UNREAD.message: "code-unread",
    _TWO_WAYS.message: "two-ways",
    _ADDRESS_UNREAD.message: "address-unread",
}


def _why_not_whole(leftovers: Sequence[Left]) -> Text | None:
    """Why an app is not wholly known, by what was left of its files.

    A label that was not found, or not within what one app is worth, is no reason: an app calls itself what it likes, so
    that none can hide behind a label that it did not choose, and many a large app's is out of reach. One that can be
    read in two ways is made so.
    """
    if any(item.why in (Why.TWO_WAYS, Why.TWICE) for item in leftovers):
        return _TWO_WAYS
    return _CLASSES_UNREAD if any(item.kind != LABEL for item in leftovers) else None


def _as_library(name: str, package: str) -> str:
    """How Android lists a shared library of that name: its version follows an underscore (``com.example.lib_12``)."""
    return package if re.fullmatch(re.escape(name) + r"_[0-9]{1,19}", package) else name


def _reason(problem: Unreadable) -> Text:
    return _TOO_LARGE if isinstance(problem, OverBudget) else _DAMAGED


def _parts_problem(signers: Signers, parts: Sequence[FileReading]) -> Text | None:
    """What is wrong with the splits of an app, if anything is."""
    read = [p.result.value for p in parts if isinstance(p.result, Account)]
    signed = [contents.signers for contents in read]
    if any(isinstance(s, Signers) and set(s.certificates) != set(signers.certificates) for s in signed):
        return _PARTS_DIFFER
    whole = sum(isinstance(c.manifest, Manifest) and isinstance(c.signers, Signers) for c in read)
    return None if whole == len(parts) else _PARTS_UNREAD


def _sdk(link: Link, cancel: Cancel) -> int:
    """The phone's SDK; 0 if it does not say."""
    answers = ask_parts(link, shell.parts({"sdk": "getprop ro.build.version.sdk"}), cancel)
    lines, _ = answers.get("sdk", ([], -1))
    word = "".join(lines).strip()
    return int(word) if re.fullmatch(r"[0-9]{1,3}", word) else 0
