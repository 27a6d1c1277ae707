"""Describe a published .msi for winget: ``winget.py MSI ADDRESS FOLDER``.

ADDRESS is where the .msi is fetched from (https). FOLDER gets the manifests, as the schema of version 1.10.0 wants them
(https://github.com/microsoft/winget-cli, schemas/JSON/manifests): the version, the installer, and the texts in both
languages. A department that has a winget source of its own puts them there; `winget install --manifest FOLDER` takes
them as they are. It is the last step of a release, after signing, which changes the hash. Needed is msiinfo (msitools).
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

IDENTIFIER: Final = "Fanion.Fanion"
SCHEMA: Final = "1.10.0"
DEFAULT_LOCALE: Final = "en-CA"
_HOME: Final = "https://fanion.ca/"
_TEXTS: Final = {
    "en-CA": {
        "ShortDescription": "See and remove the banned apps on government phones",
        "Description": (
            "Plug a phone in: its apps are read and compared with the policy, the verdict is red, amber or green,"
            " banned apps are removed with one press, and everything that was found and done is in a local log that an"
            " outsider can verify. It needs no network and no server."
        ),
    },
    "fr-CA": {
        "ShortDescription": "Voir et retirer les applications interdites des appareils mobiles du gouvernement",
        "Description": (
            "Branchez un appareil mobile\u00a0: ses applications sont lues et comparées avec la politique, le verdict"
            " est rouge, ambre ou vert, les applications interdites sont retirées d’une seule touche, et tout ce qui a"
            " été constaté et fait se trouve dans un journal local qu’un tiers peut vérifier. Aucun réseau ni serveur"
            " n’est requis."
        ),
    },
}


class WingetProblem(Exception):  # noqa: N818 - what the person at the keyboard reads
    """A package that cannot be described: why."""


def properties(package: Path) -> dict[str, str]:
    """What a .msi says of itself. Raises WingetProblem."""
    try:
        process = subprocess.run(["msiinfo", "export", package, "Property"], capture_output=True, check=False)
    except FileNotFoundError:
        raise WingetProblem("There is no msiinfo here: sudo apt-get install msitools") from None
    rows = [line.split("\t") for line in process.stdout.decode(errors="replace").splitlines()[3:]]
    values = {row[0]: row[1] for row in rows if len(row) == 2}
    names = ("ProductName", "ProductVersion", "ProductCode", "UpgradeCode", "Manufacturer")
    if process.returncode or not all(values.get(name) for name in names):
        raise WingetProblem(f"{package} is no package for Windows Installer.")
    return values


def manifests(package: Path, address: str) -> dict[str, str]:
    """The files, by their names. Raises WingetProblem and OSError."""
    if not re.fullmatch(r"https://\S+\.msi", address):
        raise WingetProblem("The address has to be that of a .msi, and to begin with https://.")
    values = properties(package)
    version = values["ProductVersion"]
    entry = {"DisplayName": values["ProductName"], "Publisher": values["Manufacturer"], "DisplayVersion": version}
    codes = {"ProductCode": values["ProductCode"], "UpgradeCode": values["UpgradeCode"]}
    installer: dict[str, object] = {
        "Platform": ["Windows.Desktop"],
        "MinimumOSVersion": "10.0.17763.0",
        "InstallerType": "wix",
        "Scope": "machine",
        "InstallModes": ["silent", "silentWithProgress"],
        "UpgradeBehavior": "install",
        "UnsupportedArguments": ["location"],
        "ProductCode": values["ProductCode"],
        "AppsAndFeaturesEntries": [entry | codes],
        "ElevationRequirement": "elevatesSelf",
        "Installers": [
            {
                "Architecture": "x64",
                "InstallerUrl": address,
                "InstallerSha256": hashlib.sha256(package.read_bytes()).hexdigest().upper(),
            }
        ],
    }
    kinds: dict[str, tuple[str, dict[str, object]]] = {
        "": ("version", {"DefaultLocale": DEFAULT_LOCALE}),
        ".installer": ("installer", installer),
    }
    for locale, texts in _TEXTS.items():
        about = {
            "PackageLocale": locale,
            "Publisher": values["Manufacturer"],
            "PackageName": values["ProductName"],
            "PackageUrl": _HOME,
            "License": "Apache-2.0",
        }
        kind = "defaultLocale" if locale == DEFAULT_LOCALE else "locale"
        kinds[f".locale.{locale}"] = (kind, {**about, **texts})
    first = {"PackageIdentifier": IDENTIFIER, "PackageVersion": version}
    return {f"{IDENTIFIER}{part}.yaml": _yaml(kind, first | content) for part, (kind, content) in kinds.items()}


def _yaml(kind: str, content: dict[str, object]) -> str:
    """One manifest, each of its values in JSON, which is YAML too: so nothing is taken for what it is not."""
    lines = [f"# yaml-language-server: $schema=https://aka.ms/winget-manifest.{kind}.{SCHEMA}.schema.json"]
    whole = content | {"ManifestType": kind, "ManifestVersion": SCHEMA}
    lines += [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in whole.items()]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    if len(arguments) != 3:
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    package, address, folder = Path(arguments[0]), arguments[1], Path(arguments[2])
    try:
        files = manifests(package, address)
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except (WingetProblem, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{folder}: {', '.join(files)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
