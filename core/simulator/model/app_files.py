"""Which files a practice phone's apps have, and where: built when they are looked at, gone when the app is."""

from __future__ import annotations

import posixpath
import stat
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from core.simulator.apk import apk
from core.simulator.apk.apk import Apk
from core.simulator.apk.manifest import PracticeManifest
from core.simulator.model.files import FileEntry, clean
from core.simulator.model.identity import (
    activities,
    apk_path,
    certificate,
    factory_path,
    icon,
    installed_at,
    label,
    receivers,
    scheme,
)
from core.simulator.model.installed import Package
from core.simulator.model.scenario import Version


def app_files(packages: Iterable[Package], sdk: int) -> Mapping[str, FileEntry]:
    """The files of `packages` by their paths, and the folders around them."""
    entries: dict[str, FileEntry] = {}
    for package in packages:
        modified = int(datetime.fromisoformat(installed_at(package.data, 0)).replace(tzinfo=UTC).timestamp())
        for path, built in apks(package, sdk):
            folder = posixpath.dirname(clean(path))
            while folder != "/":
                entries[folder] = FileEntry(stat.S_IFDIR | (0o771 if folder == "/data" else 0o755), modified)
                folder = posixpath.dirname(folder)
            if package.data.apk != "missing":
                entries[clean(path)] = FileEntry(stat.S_IFREG | 0o644, modified, built)
    return entries


def apks(package: Package, sdk: int) -> Iterator[tuple[str, Apk]]:
    """The files of `package` by path: those that it has now, and what is in the system image behind an update."""
    yield apk_path(package, sdk), _apk(package, package.version, sdk)
    if package.updated and package.data.factory is not None:
        folder = factory_path(package)
        yield f"{folder}/{posixpath.basename(folder)}.apk", _apk(package, package.data.factory, sdk)


def _apk(package: Package, version: Version, sdk: int) -> Apk:
    data = package.data
    number = zlib.crc32(data.package.encode("utf-8", "surrogateescape"))
    about = PracticeManifest(
        data.package.rpartition("_")[0] if data.library else data.package,
        version.code,
        version.name,
        sdk,
        label=apk.LABEL if number % 4 else label(data),
        activities=tuple(_short(data.package, name) if number & 4 else name for name in activities(data)),
        receivers=receivers(data),
        scheme=scheme(data),
        icon=apk.ICON if icon(data) else 0,
        start_url=data.start_url,
    )
    filling = (data.apk_kilobytes or 80 + number % 240) * 1024
    return Apk(about, label(data), certificate(data), filling, data.apk == "garbled", icon(data), data.code)


def _short(package: str, name: str) -> str:
    """A class of the package's own as ``.Main``, as some build tools leave it."""
    return name.removeprefix(package) if name.startswith(f"{package}.") else name
