"""The files of apps in a capture: what was read of them is written down, and files that are read alike made of it."""

from __future__ import annotations

import hashlib
import posixpath
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast, get_args

from core.capture.android_names import AndroidNames
from core.capture.capture_file import Capture, CapturedFile, FileForm, PublicCertificate
from core.model import App, Certificate, Check, Identity
from core.phones.android.files.identify import FORMS
from core.phones.android.files.locate import BASE
from core.policy.matching.pages import host_of
from core.simulator.apk import apk, manifest
from core.simulator.apk.certificates import PracticeSigner, java_hash, of_publisher, signer
from core.simulator.model.files import FileEntry, FileError, clean

#: How many made certificates are tried for one whose hash is as long as the phone's.
_TRIES: Final = 40
#: When all files of a capture were written.
_MODIFIED: Final = 1_600_000_000
_ANOTHER: Final = "another.app"
_MANIFEST: Final = "AndroidManifest.xml"


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
class _NotGivenFile(FileEntry):
    """A file of which the phone tells the size, and which it does not give."""

    @property
    def content(self) -> bytes:
        raise FileError("Permission denied")


def entries(capture: Capture) -> Mapping[str, FileEntry]:
    """The files of a capture's apps by their paths, and the folders around them."""
    publishers = {certificate.sha256: certificate.content for certificate in capture.certificates}
    file_entries: dict[str, FileEntry] = {}
    for file in capture.files:
        signers = [of_publisher(publishers[n]) if n in publishers else signer(n) for n in file.signers]
        for path, content in _contents(file, signers or [signer(file.package)]):
            folder = posixpath.dirname(clean(path))
            while folder != "/":
                file_entries[folder] = FileEntry(stat.S_IFDIR | (0o771 if folder == "/data" else 0o755), _MODIFIED)
                folder = posixpath.dirname(folder)
            kind = _NotGivenFile if file.form == "not-given" else FileEntry
            file_entries[clean(path)] = kind(stat.S_IFREG | 0o644, _MODIFIED, content)
    return file_entries


def _contents(file: CapturedFile, signers: Sequence[PracticeSigner]) -> list[tuple[str, bytes]]:
    """The files of one app by path."""
    if file.form == "missing" or not file.paths:
        return []
    base, *splits = file.paths
    if file.form in ("parts-unread", "parts-differ") and not splits:
        splits = [f"{posixpath.dirname(base)}/split_part.apk"]
    by = signers[0]
    package = _ANOTHER if file.form == "of-another" else file.package
    about = manifest.PracticeManifest(
        package,
        file.version_code & 0x7FFFFFFF,
        "1.0",
        30,
        label=file.label,
        activities=(*file.classes, *(("no class",) if file.form == "classes-unread" else ())),
        start_url=1 if file.form == "address-unread" else file.start_url,
    )
    contents = [(base, _built(file.form, manifest.compiled(about), by))]
    of_split = manifest.compiled(manifest.PracticeManifest(package, about.version_code, "1.0", 30))
    for path in splits:
        part_signer = signer(f"part {file.package}") if file.form == "parts-differ" else by
        content = _built("whole", of_split, part_signer)
        contents.append((path, bytes(len(content)) if file.form == "parts-unread" else content))
    return contents


def _built(form: FileForm, about: bytes, by: PracticeSigner) -> bytes:
    inside = [("assets/filling.bin", bytes(64))]
    if form != "without-manifest":
        inside.insert(0, (_MANIFEST, about))
    if form == "two-ways":
        inside.append((_MANIFEST, about))
    content = apk.signed(inside, by)
    return bytes(len(content)) if form in ("garbled", "too-large") else content
