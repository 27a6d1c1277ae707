"""What an app's file says that it is, read from parts of it: a few hundred kilobytes of a file of any size.

This is a parser of its own because the libraries for APK files want the whole file, put no bound on their work, or
bring far more along than a desk needs. Nothing in here knows of phones: a reader is a
generator that yields the ranges it wants and is sent their bytes (see `source.py`).

    steps = read(Remote(size), sdk)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core.model import NOTHING_SOUGHT, SoughtInFiles
from core.phones.accounting import Account, Leftovers, Why
from core.phones.android.apk import manifest, resources, signing, zip
from core.phones.android.apk.fields import OverBudget, Unreadable
from core.phones.android.apk.manifest import Manifest
from core.phones.android.apk.signing import Signers
from core.phones.android.apk.source import Remote, Steps, Wish
from core.phones.android.apk.zip import Directory, End, ZipEntry

__all__ = ["Contents", "Manifest", "OverBudget", "Remote", "Signers", "Steps", "Unreadable", "Wish", "read"]

#: Of the manifest, as it stands in the file (bytes).
_MANIFEST_LIMIT: Final = 512 * 1024
#: Resource tables up to this size are fetched as a whole; of a larger one its beginning (bytes).
_SMALL_TABLE: Final = 192 * 1024
_TABLE_START: Final = 4096


@dataclass(frozen=True, slots=True)
class Contents:
    """What could be read. `signers` or `manifest` is the reason where it could not be; `label` is empty then.

    `files` are those of the names sought that the archive has, `code` is where its code is.
    """

    signers: Signers | Unreadable
    manifest: Manifest | Unreadable
    label: str = ""
    files: tuple[str, ...] = ()
    code: tuple[ZipEntry, ...] = ()


def read(
    file: Remote, sdk: int, sought: SoughtInFiles = NOTHING_SOUGHT, *, base: bool = True
) -> Steps[Account[Contents]]:
    """Signers, manifest and label of an app's base file, as an Android of `sdk` sees them, and the files that are
    `sought` in it; or, with `base` false, the same but the label of a file that it has beside its base. Never raises
    Unreadable."""
    leftovers = Leftovers()
    return leftovers.account((yield from _contents(file, sdk, sought, leftovers, base=base)))


def _contents(file: Remote, sdk: int, sought: SoughtInFiles, leftovers: Leftovers, *, base: bool) -> Steps[Contents]:
    """Read what can be read. What one part of the file is refused for stands in its place, and costs the others
    nothing: a certificate accuses also where the manifest cannot be read."""
    try:
        end = yield from zip.end(file, short=not base)
        yield from _prefetch(file, end)
    except Unreadable as problem:  # Nothing is lost: the reason stands in the place of what could not be read
        return Contents(problem, problem)
    directory: Directory | Unreadable
    files: tuple[str, ...] = ()
    try:
        directory = leftovers.take((yield from zip.directory(file, end)))
        files = yield from zip.names(file, end, sought.files)
        yield from _prefetch_entries(file, directory, base=base)
    except Unreadable as problem:  # Nothing is lost: as above
        directory = problem
    signers: Signers | Unreadable
    try:
        signers = yield from _signers(file, end, directory, sdk, leftovers)
    except Unreadable as problem:  # Nothing is lost: as above
        signers = problem
    if isinstance(directory, Unreadable):
        return Contents(signers, directory, files=files)
    code = tuple(entry for name, entry in directory.items() if zip.is_code(name))
    try:
        own = leftovers.take((yield from _manifest(file, end, directory)))
    except Unreadable as problem:  # Nothing is lost: as above
        return Contents(signers, problem, files=files, code=code)
    label = ""
    if base:
        try:
            label = yield from _label(file, end, directory, own.label, leftovers)
        except Unreadable as problem:
            leftovers.add(
                Why.CUT if isinstance(problem, OverBudget) else Why.REFUSED, resources.LABEL, text=str(problem)
            )
        own = yield from _with_address(file, end, directory, own)
    return Contents(signers, own, label, files, code)


def _with_address(file: Remote, end: End, directory: Directory, own: Manifest) -> Steps[Manifest]:
    """`own`, with the text of the address at which the app starts where that is a resource. Where it cannot be read the
    number stays, which says so."""
    if not isinstance(own.start_url, int):
        return own
    try:
        url = yield from _label(file, end, directory, own.start_url, Leftovers())
    except Unreadable:
        return own  # Nothing is lost: the number stays, by which the app is not wholly known
    return replace(own, start_url=url or own.start_url)


def _signers(
    file: Remote, end: End, directory: Directory | Unreadable, sdk: int, leftovers: Leftovers
) -> Steps[Signers]:
    """The signers by the signing block, and by JAR signature only where the block names none to this Android, as
    Android itself does. Raises Unreadable where there is no signature at all."""
    pairs = yield from signing.block(file, end)
    signers = leftovers.take(signing.from_block(pairs, sdk)) if pairs is not None else None
    if signers is None:
        if isinstance(directory, Unreadable):
            raise directory
        signers = leftovers.take((yield from signing.from_files(file, end, signing.signature_files(directory))))
    if signers is None:
        raise Unreadable("no signature")
    return signers


def _prefetch(file: Remote, end: End) -> Steps[None]:
    """The directory and the signing block before it, which is rarely larger than a first look: one step for both."""
    ranges = [(end.directory - signing.FIRST_LOOK, signing.FIRST_LOOK)]
    if end.directory_size <= zip.DIRECTORY_LIMIT:
        ranges.append((end.directory, end.directory_size))
    yield from file.need(*ranges)


def _prefetch_entries(file: Remote, directory: Directory, *, base: bool) -> Steps[None]:
    """The manifest, and as much of a base's resources as will be looked at first: one step for both."""
    ranges = []
    for name, limit in ((zip.MANIFEST, _MANIFEST_LIMIT), *([(zip.RESOURCES, _SMALL_TABLE)] if base else [])):
        entry = directory.get(name)
        if entry is not None:
            at, length = entry.span
            ranges.append((at, length if entry.stored <= limit else _TABLE_START))
    yield from file.need(*ranges)


def _manifest(file: Remote, end: End, directory: Directory) -> Steps[Account[Manifest]]:
    entry = directory.get(zip.MANIFEST)
    if entry is None:
        raise Unreadable("no manifest")
    if entry.stored > _MANIFEST_LIMIT:
        raise OverBudget(f"a manifest of {entry.stored} bytes")
    return manifest.parse((yield from zip.content(file, end, entry, manifest.SIZE_LIMIT)))


def _label(file: Remote, end: End, directory: Directory, label: str | int, leftovers: Leftovers) -> Steps[str]:
    """The text itself, or that of the resource that it is."""
    if isinstance(label, str):
        return label
    entry = directory.get(zip.RESOURCES)
    if entry is None:
        leftovers.add(Why.MISSING, resources.LABEL)
        return ""
    source = yield from zip.opened(file, end, entry, min(zip.DEFLATED_TABLE_LIMIT, max(file.bytes_left - 3 * 4096, 0)))
    return leftovers.take((yield from resources.text(source, label)))
