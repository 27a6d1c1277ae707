"""Small bundles as PyInstaller lays them out, for the tests of notices and of the bill of materials."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import pytest

from installer.third_party import bundle_contents

#: Modules that are in every bundle: Fanion's, Python's, the freezer's, and those of three packages.
MODULES = (
    "__main__", "core", "core.model", "gui", "resources", "json", "ssl", "struct", "pyimod01_archive",
    "pyi_rth_inspect",
    "click", "click.core", "keyring", "cryptography.fernet", "jaraco",
)  # fmt: skip


#: What is installed does not change while the tests run, and reading it takes most of their time.
installed = functools.cache(bundle_contents.installed)


def make(folder: Path, monkeypatch: pytest.MonkeyPatch, *files: str, modules: Sequence[str] = MODULES) -> Path:
    """A bundle with these files besides its program, and these modules in its program."""
    bundle = folder / "fanion"
    for name in ("fanion", "fanion-app", "lib/base_library.zip", "lib/resources/__init__.py", *files):
        path = bundle / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    if bundle_contents.installed.__module__ == bundle_contents.__name__:
        monkeypatch.setattr(bundle_contents, "installed", installed)
    monkeypatch.setattr(bundle_contents, "frozen_modules", lambda program: list(modules))
    return bundle


def schema_fault(bill: str) -> object:
    """What CycloneDX's schema has against a bill of materials; None if nothing."""
    # To import the schema's checker takes two seconds, in which it makes its grammars of web addresses: not for every
    # process that only collects the tests.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill)
