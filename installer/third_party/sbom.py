"""The bill of materials of a bundle: CycloneDX 1.6 as JSON, made with the library of that name.

The same bundle, version and time always make the same file: its serial number is made of its content. In it are
every component of `installer.third_party.notices`, with its licence and where its source code is; below each the files
that it has in the bundle, with their SHA-256; what is inside what (Qt in PySide6, crates in an extension), what needs
what.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.bom_ref import BomRef
from cyclonedx.model.component import Component as Part
from cyclonedx.model.component import ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.license import LicenseAcknowledgement, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from installer.third_party.component import Component

#: Under which the serial numbers are made: a number of Fanion's own.
NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://fanion.ca/sbom")
#: Files of the bundle that are not in the bill: itself and what it comes with, since it is written among them.
UNLISTED: Final = ("licences/", "Contents/Resources/licences/")


def write(components: Sequence[Component], bundle: Path, out: Path, epoch: int) -> None:
    """Write the bill of materials of the bundle, of which `components` are the parts, to the file `out`.

    `epoch` is the time of the release in seconds since 1970.
    """
    bom = Bom(components=(_part(component, bundle) for component in components if component.kind != "program"))
    program = next(component for component in components if component.kind == "program")
    bom.metadata = BomMetaData(component=_part(program, bundle), timestamp=datetime.fromtimestamp(epoch, UTC), tools=[])
    bom.dependencies = [
        Dependency(BomRef(component.purl), (Dependency(BomRef(purl)) for purl in component.needs))
        for component in components
    ]
    bom.serial_number = uuid.UUID(int=0)
    bom.serial_number = uuid.uuid5(NAMESPACE, _text(bom))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(_text(bom), encoding="utf-8", newline="\n")


def _text(bom: Bom) -> str:
    return (
        json.dumps(json.loads(JsonV1Dot6(bom).output_as_string()), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    )


def _part(component: Component, bundle: Path) -> Part:
    return Part(
        name=component.name,
        version=component.version,
        type=ComponentType.APPLICATION if component.kind == "program" else ComponentType.LIBRARY,
        bom_ref=component.purl,
        purl=PackageURL.from_string(component.purl),
        licenses=[LicenseExpression(component.used, acknowledgement=LicenseAcknowledgement.CONCLUDED)],
        copyright=component.copyright or None,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in component.hashes],
        external_references=(
            [ExternalReference(type=ExternalReferenceType.SOURCE_DISTRIBUTION, url=XsUri(component.source))]
            if component.source
            else []
        ),
        properties=[
            Property(name="fanion:licence-declared", value=component.spdx),
            Property(name="fanion:why-allowed", value=" ".join(component.why.split())),
            *(Property(name="fanion:inside", value=purl) for purl in component.inside),
        ],
        components=(
            _file(name, bundle, component.purl)
            for name in component.files
            if not name.startswith(UNLISTED) and (bundle / name).is_file()
        ),
    )


def _file(name: str, bundle: Path, owner: str) -> Part:
    with (bundle / name).open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    return Part(
        name=name,
        type=ComponentType.FILE,
        bom_ref=f"{owner}#{name}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content)],
    )
