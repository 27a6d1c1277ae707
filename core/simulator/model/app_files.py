"""Which files a practice phone's apps have, and where: built when somebody looks at them, gone when the app is."""

from __future__ import annotations

import posixpath
import stat
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from core.simulator.apk import apk
from core.simulator.apk.apk import Apk
from core.simulator.apk.manifest import Manifest
from core.simulator.model.files import Entry, clean
from core.simulator.model.identity import (
    activities,
    apk_paths,
    certificate,
    factory_path,
    installed_at,
    label,
    receivers,
    scheme,
    splits,
)
from core.simulator.model.installed import Package
from core.simulator.model.scenario import Version


class AppFiles:
    """The files of all apps of one phone. May be used from any thread."""

    def __init__(self, revision: Callable[[], int], packages: Callable[[], tuple[Package, ...]], sdk: int) -> None:
        """`packages` gives those whose files are there; `revision` a number that goes up with every change of them."""
        self._revision = revision
        self._packages = packages
        self._sdk = sdk
        self._lock = threading.Lock()
        self._known: tuple[int, Mapping[str, Entry]] = (-1, {})

    def entries(self) -> Mapping[str, Entry]:
        """Files and folders by their paths, as they are now."""
        revision = self._revision()
        with self._lock:
            known, entries = self._known
        if known != revision:
            entries = dict(self._all(self._packages()))
            with self._lock:
                self._known = (revision, entries)
        return entries

    def _all(self, packages: tuple[Package, ...]) -> Iterator[tuple[str, Entry]]:
        for package in packages:
            yield from self._of(package)

    def _of(self, package: Package) -> Iterator[tuple[str, Entry]]:
        files = dict(apks(package, self._sdk))
        modified = int(datetime.fromisoformat(installed_at(package.data, 0)).replace(tzinfo=UTC).timestamp())
        for path in (clean(p) for p in files):
            folder = posixpath.dirname(path)
            while folder != "/":
                yield folder, Entry(stat.S_IFDIR | (0o771 if folder == "/data" else 0o755), modified)
                folder = posixpath.dirname(folder)
        if package.data.apk != "missing":
            for path, built in files.items():
                yield clean(path), Entry(stat.S_IFREG | 0o644, modified, built)


def apks(package: Package, sdk: int) -> Iterator[tuple[str, Apk]]:
    """The files of `package` by path: those that it has now, and what is in the system image behind an update."""
    paths = apk_paths(package, sdk)
    for path, split in zip(paths, ("", *splits(package.data)), strict=True):
        yield path, _apk(package, package.version, sdk, split)
    if package.updated and package.data.factory is not None:
        folder = factory_path(package)
        yield f"{folder}/{posixpath.basename(folder)}.apk", _apk(package, package.data.factory, sdk, "")


def _apk(package: Package, version: Version, sdk: int, split: str) -> Apk:
    data = package.data
    number = zlib.crc32(data.package.encode("utf-8", "surrogateescape"))
    as_resource = number % 4 != 0
    about = Manifest(
        data.package.rpartition("_")[0] if data.library else data.package,
        version.code,
        version.name,
        sdk,
        **(
            {"split": split}
            if split
            else {
                "label": apk.LABEL if as_resource else label(data),
                "activities": tuple(_short(data.package, name) if number & 4 else name for name in activities(data)),
                "receivers": receivers(data),
                "scheme": scheme(data),
            }
        ),
    )
    filling = (data.apk_kilobytes or 80 + number % 240) * 1024
    return Apk(about, label(data), as_resource, certificate(data), filling, data.apk == "garbled")


def _short(package: str, name: str) -> str:
    """A class of the package's own as ``.Main``, as some build tools leave it."""
    return name.removeprefix(package) if name.startswith(f"{package}.") else name
