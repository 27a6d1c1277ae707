"""The files of apps in a capture: what was read of them is written down, and files that are read alike made of it."""

from __future__ import annotations

import hashlib
import posixpath
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final, cast, get_args

from core.capture.android_names import AndroidNames
from core.capture.capture_file import Capture, CapturedFile, FileForm, PublicCertificate
from core.model import App, Certificate, Check, Identity
from core.phones.android.files.identify import FORMS
from core.phones.android.files.locate import BASE
from core.policy.matching.pages import host_of
from core.simulator.apk import apk, dex, manifest
from core.simulator.apk.certificates import PracticeSigner, java_hash, of_publisher, signer
from core.simulator.model.files import FileEntry, FileError, clean

#: How many made certificates are tried for one whose hash is as long as the phone's.
_TRIES: Final = 40
#: When all files of a capture were written.
_MODIFIED: Final = 1_600_000_000
#: Files and folders of a whole capture that are made, and of each file the characters of its path and the folders on
#: the way to it: a capture that was made by hand may name any number of them in few bytes.
_FILES_LIMIT: Final = 30_000
_PATH_LIMIT: Final = 1_024
_DEPTH_LIMIT: Final = 16
_ANOTHER: Final = "another.app"
_MANIFEST: Final = "AndroidManifest.xml"
#: What a manifest's number of the version can be, and the Android that made apps are for.
_VERSIONS: Final = 0x7FFFFFFF
_SDK: Final = 30


class FilesOfApps:
    """Writes down the files of a check. For one capture."""

    def __init__(self, names: AndroidNames, check: Check) -> None:
        self._names = names
        self._check = check
        self._signers: dict[str, str] = {}
        self._certificates: dict[str, PublicCertificate] = {}
        for identity in check.identities.values():
            for certificate in (*identity.certificates, *identity.lineage):
                self._signer(certificate)

    def items(self) -> tuple[PublicCertificate | CapturedFile, ...]:
        """The certificates that are kept, and what was read of each app that was looked into."""
        apps = {app.package: app for app in self._check.inventory.apps}
        files = [
            self._file(apps[identity.package], identity)
            for identity in self._check.identities.values()
            if identity.package in apps and any(state.installed for state in apps[identity.package].states)
        ]
        return (*self._certificates.values(), *files)

    def _signer(self, certificate: Certificate) -> str:
        """The name of a certificate in the file: the digest of one that a rule names, which is kept, or that of which
        one is made in its place."""
        earlier = self._signers.get(certificate.sha256)
        if earlier is not None:
            return earlier
        if certificate.der and self._names.unchanged.has_certificate(certificate):
            name = certificate.sha256
            self._certificates[name] = PublicCertificate.of(name, certificate.der)
        else:
            name = self._stand_in(certificate)
        self._signers[certificate.sha256] = name
        return name

    def _stand_in(self, certificate: Certificate) -> str:
        seed = self._names.pseudonyms.hexadecimal(certificate.sha256)[:40]
        stand_in, hash = signer(seed), ""
        for attempt in range(_TRIES):
            stand_in = signer(f"{seed}-{attempt}")
            hash = java_hash(stand_in.der)
            if len(hash) == len(certificate.hash):
                break
        digest = hashlib.sha256(stand_in.der).hexdigest()
        self._names.signed_by(certificate.hash, certificate.sha256, (hash, digest))
        return f"{seed}-{attempt}"

    def _file(self, app: App, identity: Identity) -> CapturedFile:
        names = self._names
        form = FORMS.get(identity.why.message, "whole") if identity.why is not None else "whole"
        path = app.code_path or f"/data/app/{app.package}"
        base = path if path.endswith(".apk") else f"{path}/{BASE}"
        folder = posixpath.dirname(base)
        paths = (base, *(f"{folder}/split_{name}.apk" for name in app.splits or ()))
        label = identity.label if names.unchanged.has_label(identity.label) else names.free_text(identity.label)
        return CapturedFile(
            package=names.name(app.package),
            paths=tuple(map(names.path, paths)),
            form=cast(FileForm, form if form in get_args(FileForm) else "whole"),
            version_code=_number(names.number(str(identity.version_code or 0))),
            label=label,
            signers=tuple(map(self._signer, identity.certificates)),
            earlier_signers=tuple(map(self._signer, identity.lineage)),
            classes=tuple(names.name(name) for name in identity.components if names.unchanged.has_code(name)),
            code=tuple(map(names.name, identity.code)),
            files=identity.files,
            start_url=self._address(identity.start_url),
            because=identity.why.message if identity.why is not None else "",
        )

    def _address(self, address: str) -> str:
        """The address of a page: the service of a rule is kept, and nothing else of it."""
        host = host_of(address)
        service = self._names.unchanged.host(host) if host else ""
        before, host_text, after = address.partition(service) if service else (address, "", "")
        scheme, colon, rest = before.partition("://")
        first = scheme if scheme in ("http", "https") else self._names.free_text(scheme)
        return f"{first}{colon}{self._names.free_text(rest)}{host_text}{self._names.free_text(after)}"


def _number(digits: str) -> int:
    return min(int(digits), 2**63 - 1)


# --- making files


@dataclass(frozen=True, slots=True)
class _MadeFile(FileEntry):
    """A file that is made when it is looked at, and once."""

    make: Callable[[], bytes] = bytes
    #: The phone tells its size, and does not give it.
    closed: bool = False

    @property
    def size(self) -> int:
        return len(self.make())

    @property
    def content(self) -> bytes:
        if self.closed:
            raise FileError("Permission denied")
        return self.make()


def entries(capture: Capture) -> Mapping[str, FileEntry]:
    """The files of a capture's apps by their paths, and the folders around them. What is beyond the limits is not
    there."""
    publishers = {certificate.sha256: certificate.content for certificate in capture.certificates}
    file_entries: dict[str, FileEntry] = {}
    for file in capture.files:
        for path, make in _contents(file, publishers):
            if len(path) > _PATH_LIMIT or path.count("/") > _DEPTH_LIMIT or len(file_entries) > _FILES_LIMIT:
                continue
            folder = posixpath.dirname(clean(path))
            while folder != "/" and folder not in file_entries:
                file_entries[folder] = FileEntry(stat.S_IFDIR | (0o771 if folder == "/data" else 0o755), _MODIFIED)
                folder = posixpath.dirname(folder)
            closed = file.form == "not-given"
            file_entries[clean(path)] = _MadeFile(
                stat.S_IFREG | 0o644, _MODIFIED, make=lru_cache(maxsize=1)(make), closed=closed
            )
    return file_entries


def _contents(file: CapturedFile, publishers: Mapping[str, bytes]) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The files of one app by path, each with what makes it."""
    if file.form == "missing" or not file.paths:
        return
    base, *splits = file.paths
    if file.form in ("parts-unread", "parts-differ") and not splits:
        splits = [f"{posixpath.dirname(base)}/split_part.apk"]
    yield base, partial(_base, file, publishers)
    for path in splits:
        yield path, partial(_split, file, publishers)


def _signed_by(file: CapturedFile, publishers: Mapping[str, bytes]) -> PracticeSigner:
    """Who signs an app: of several signers, the first."""
    name = next(iter(file.signers), file.package)
    return of_publisher(publishers[name]) if name in publishers else signer(name)


def _base(file: CapturedFile, publishers: Mapping[str, bytes]) -> bytes:
    about = manifest.PracticeManifest(
        _ANOTHER if file.form == "of-another" else file.package,
        file.version_code & _VERSIONS,
        "1.0",
        _SDK,
        label=file.label,
        activities=(*file.classes, *(("no class",) if file.form == "classes-unread" else ())),
        start_url=1 if file.form == "address-unread" else file.start_url,
        twice=file.form == "two-ways",
    )
    inside = [(name, bytes(16)) for name in file.files]
    if file.code or file.form == "code-unread":
        inside.append(("classes.dex", dex.compiled(file.code) if file.form != "code-unread" else bytes(16)))
    return _built(file.form, manifest.compiled(about), _signed_by(file, publishers), inside)


def _split(file: CapturedFile, publishers: Mapping[str, bytes]) -> bytes:
    about = manifest.compiled(manifest.PracticeManifest(file.package, file.version_code & _VERSIONS, "1.0", _SDK))
    by = signer(f"part {file.package}") if file.form == "parts-differ" else _signed_by(file, publishers)
    content = _built("whole", about, by)
    return bytes(len(content)) if file.form == "parts-unread" else content


def _built(form: FileForm, about: bytes, by: PracticeSigner, entries: Sequence[tuple[str, bytes]] = ()) -> bytes:
    inside = [("assets/filling.bin", bytes(64)), *entries]
    if form != "without-manifest":
        inside.insert(0, (_MANIFEST, about))
    content = apk.signed(inside, by)
    return bytes(len(content)) if form in ("garbled", "too-large") else content
