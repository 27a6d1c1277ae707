"""Notices of third parties: everything in a bundle is known and allowed, or nothing is written."""

from __future__ import annotations

import ctypes
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLibraryInfo

from installer.problem import BuildProblem
from installer.third_party import bundle_contents, licences, notices
from installer.third_party.licences import LicenceEntry
from tests.installer.bundles import MODULES, installed, make

ROOT = Path(__file__).resolve().parents[2]
TABLE = licences.load()


@pytest.fixture(autouse=True)
def _one_system_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a Debian says of its libraries, on every system."""

    def library(name: str, source: str) -> bundle_contents.HostLibrary:
        return bundle_contents.HostLibrary(name, source, "1.0-1", "1.0-1", "amd64")

    known = {
        "libreadline.so.8": library("libreadline8", "readline"),
        "libnew.so.1": library("libnew1", "new-library"),
    }

    def found(libraries: dict[str, str]) -> dict[str, bundle_contents.HostLibrary]:
        return {file: known[name] for file, name in libraries.items()}

    monkeypatch.setattr(bundle_contents, "host_libraries", found)


def written(bundle: Path) -> tuple[str, dict[str, notices.Component]]:
    found = notices.write(bundle, bundle / "licences")
    text = (bundle / "licences" / notices.FILE).read_text(encoding="utf-8")
    return text, {one.name: one for one in found}


@pytest.mark.slow
def test_every_part_is_named_with_its_licence_and_the_whole_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, parts = written(make(tmp_path, monkeypatch))
    assert {"fanion", "CPython", "PyInstaller", "click", "keyring", "cryptography"} <= set(parts)
    assert f"click {parts['click'].version}\n" in text
    assert "Licence:    BSD-3-Clause" in text
    assert "Copyright 2014 Pallets" in text
    assert "Redistribution and use in source and binary forms" in text
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in text


def test_why_the_bootloader_may_be_there_is_said_in_its_authors_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, parts = written(make(tmp_path, monkeypatch))
    assert parts["PyInstaller"].used == "GPL-2.0-or-later WITH Bootloader-exception"
    assert "unlimited permission to link or embed compiled bootloader" in " ".join(text.split())


def test_a_text_that_several_parts_share_is_printed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("importlib_resources", "tuf", "sqlite_utils")
    text, _ = written(make(tmp_path, monkeypatch, modules=[*MODULES, *names]))
    bodies = re.findall(r"\n=+\n\[(\d+)\] (.+)\n=+\n\n([^=]+)", text)
    assert len({" ".join(body.split()) for _, _, body in bodies}) == len(bodies)


def test_two_builds_have_the_same_notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = make(tmp_path, monkeypatch)
    assert written(bundle)[0] == written(bundle)[0]


def test_a_file_that_is_nobodys_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = make(tmp_path, monkeypatch, "lib/stray.bin")
    with pytest.raises(BuildProblem, match=r"lib/stray\.bin, which belongs to no known part"):
        notices.write(bundle, bundle / "licences")
    assert not (bundle / "licences").exists()


def test_a_module_that_is_nobodys_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = make(tmp_path, monkeypatch, modules=[*MODULES, "somebodys_module"])
    with pytest.raises(BuildProblem, match="the module somebodys_module"):
        notices.write(bundle, bundle / "licences")


def test_a_developers_tool_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = make(tmp_path, monkeypatch, modules=[*MODULES, "hypothesis"])
    with pytest.raises(BuildProblem, match=r"hypothesis is in the bundle and not in installer/requirements\.txt"):
        notices.write(bundle, bundle / "licences")


def test_another_version_than_the_pinned_one_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = make(tmp_path, monkeypatch)
    real = bundle_contents.installed()
    other = real | {"click": replace(real["click"], version="1.0")}
    monkeypatch.setattr(bundle_contents, "installed", lambda: other)
    with pytest.raises(BuildProblem, match=r"click 1\.0 is in the bundle, and installer/requirements\.txt wants"):
        notices.write(bundle, bundle / "licences")


def test_readline_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GNU Readline is under the GPL, and Python builds link to it."""
    bundle = make(tmp_path, monkeypatch, "lib/libreadline.so.8")
    with pytest.raises(BuildProblem, match="GNU Readline is under the GPL"):
        notices.write(bundle, bundle / "licences")


def test_an_unknown_library_of_the_system_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = make(tmp_path, monkeypatch, "lib/libnew.so.1")
    with pytest.raises(
        BuildProblem, match=r"new-library is in the bundle, and installer/third_party/licences\.toml does not say"
    ):
        notices.write(bundle, bundle / "licences")


def test_an_lgpl_module_that_nobody_could_replace_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = make(tmp_path, monkeypatch, modules=[*MODULES, "usb1"])
    with pytest.raises(BuildProblem, match="libusb1 is under the LGPL, and its module usb1 is frozen"):
        notices.write(bundle, bundle / "licences")


def test_an_lgpl_part_says_how_to_replace_it_and_where_its_source_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, parts = written(make(tmp_path, monkeypatch, "lib/usb1/__init__.py", "lib/usb1/_libusb1.pyc"))
    assert parts["libusb1"].files == ("lib/usb1/__init__.py", "lib/usb1/_libusb1.pyc")
    assert "Lesser General Public License (LGPL): libusb1." in " ".join(text.split())
    whole = " ".join(text.split())
    assert f"beside each release of Fanion, as the archive fanion-{parts['fanion'].version}-sources.tar.xz" in whole
    assert "Written offer: for as long as a release is offered, and for three years at least" in whole
    assert "Ask by mail to fanion@fanion.ca; the project's page is https://fanion.ca." in whole
    assert "https://github.com/vpelletier/python-libusb1" in text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text


def test_qt_comes_with_its_own_and_its_third_parties_licences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, parts = written(make(tmp_path, monkeypatch, "lib/PySide6/QtCore.abi3.so"))
    assert parts["Qt"].used == "LGPL-3.0-only"
    assert parts["Qt"].inside == (parts["pyside6-essentials"].purl,)
    assert parts["pyside6-essentials"].used == "LGPL-3.0-only"
    assert "third parties' code in Qt" in parts
    assert "https://download.qt.io/official_releases/qt/" in text
    assert "GNU GENERAL PUBLIC LICENSE" in text, "the LGPL 3 is additions to the GPL 3, so both are passed on"


linux = pytest.mark.skipif(sys.platform != "linux", reason="of the file as Qt for Linux has it")


@linux
def test_libwebp_is_named_where_its_plugin_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = "lib/PySide6/Qt/plugins/imageformats/libqwebp.so"
    text, parts = written(make(tmp_path, monkeypatch, "lib/PySide6/QtCore.abi3.so", plugin))
    assert parts["libwebp"].used == "BSD-3-Clause"
    assert parts["libwebp"].inside == (parts["pyside6-essentials"].purl,)
    assert "Neither the name of Google nor the names of its contributors" in text


@linux
def test_libwebp_is_as_the_notices_say_and_newer_than_its_fault_of_2023() -> None:
    """CVE-2023-4863, mended in 1.3.2: a picture could write beyond its tables."""
    plugins = QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)
    number = ctypes.CDLL(f"{plugins}/imageformats/libqwebp.so").WebPGetDecoderVersion()
    version = number >> 16, number >> 8 & 0xFF, number & 0xFF
    assert version >= (1, 3, 2)
    (said,) = (entry.version for entry in TABLE.inside if entry.name == "libwebp")
    assert ".".join(map(str, version)) == said


def test_what_a_wheel_says_is_compiled_into_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = make(tmp_path, monkeypatch, "lib/typst/_typst.abi3.so", "lib/cryptography/hazmat/bindings/_rust.abi3.so")
    _, parts = written(bundle)
    if "typst-library" not in parts:
        pytest.skip("this system's wheels bring no bill of materials")
    assert parts["rustybuzz"].kind == "rust"
    assert parts["aho-corasick"].used == "MIT", "of “Unlicense OR MIT” the preferred one"
    assert "openssl" in parts
    assert parts["Libertinus Serif"].used == "OFL-1.1"
    both = {parts["typst"].purl, parts["cryptography"].purl}
    assert any(set(one.inside) == both for one in parts.values()), "one crate in two wheels is one part"


def test_what_encrypts_is_named_with_all_that_is_compiled_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, parts = written(make(tmp_path, monkeypatch, "lib/pyrage/pyrage.abi3.so"))
    assert parts["pyrage"].used == "MIT"
    if "age" not in parts:
        pytest.skip("this system's wheels bring no bill of materials")
    assert (parts["age"].kind, parts["x25519-dalek"].used) == ("rust", "BSD-3-Clause")
    assert parts["tinystr"].used == "Unicode-3.0", "which its own list does not name"
    assert "UNICODE LICENSE V3" in text


def test_a_link_out_of_the_bundle_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = make(tmp_path, monkeypatch)
    try:
        (bundle / "lib" / "libz.so").symlink_to(Path(__file__))
    except OSError:
        pytest.skip("this system does not let its users make links")
    with pytest.raises(BuildProblem, match=r"The link lib/libz\.so leads out of the bundle"):
        notices.write(bundle, bundle / "licences")


def test_a_folder_that_is_no_bundle_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "fanion").write_text("", encoding="utf-8")
    with pytest.raises(BuildProblem, match="is it a bundle"):
        notices.write(tmp_path, tmp_path / "licences")


def test_a_program_that_pyinstaller_did_not_make_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "fanion-app").write_bytes(b"#!/bin/sh\n" * 40)
    with pytest.raises(BuildProblem, match="fanion-app is not a program that PyInstaller made"):
        notices.write(tmp_path, tmp_path / "licences")


# --- whose a file is, as each system lays a bundle out


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("fanion-app", "PyInstaller"),
        ("fanion.exe", "PyInstaller"),
        ("Contents/MacOS/fanion", "PyInstaller"),
        ("fanion-portable", "fanion"),
        ("lib/resources/icons/app/fanion.svg", "fanion"),
        ("Contents/Resources/resources/icons/app/fanion.svg", "fanion"),
        ("Contents/Info.plist", "fanion"),
        ("lib/base_library.zip", "CPython"),
        ("lib/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so", "CPython"),
        ("lib/libpython3.11.so.1.0", "CPython"),
        ("Contents/Frameworks/python3__dot__13/lib-dynload/_ssl.cpython-313-darwin.so", "CPython"),
        ("Contents/Frameworks/Python.framework/Versions/3.13/Python", "CPython"),
        ("Contents/Frameworks/libcrypto.3.dylib", "CPython"),
        ("lib/python313.dll", "CPython"),
        ("lib/_sqlite3.pyd", "CPython"),
        ("lib/libcrypto-3.dll", "CPython"),
        ("lib/VCRUNTIME140_1.dll", "microsoft-runtime"),
        ("lib/PySide6/MSVCP140.dll", "microsoft-runtime"),
        ("lib/api-ms-win-core-path-l1-1-0.dll", "microsoft-runtime"),
        ("lib/click/core.pyc", "click"),
        ("Contents/Frameworks/click/core.py", "click"),
        ("lib/libsomething.so.1", None),
        ("lib/stray.dll", None),
        ("lib/deep/er/stray.pyd", None),
    ],
)
def test_every_system_has_its_own_places(name: str, owner: str | None) -> None:
    owners = bundle_contents.Owners({"click": installed()["click"]})
    assert bundle_contents.owner_of_file(name, TABLE, owners) == owner


# --- the table


def test_every_requirement_has_a_licence_that_is_allowed() -> None:
    """Also those of other systems, and those that no bundle has today."""
    for name in bundle_contents.pinned(notices.REQUIREMENTS):
        assert licences.chosen(TABLE, TABLE.of_python(name).spdx, name)


def test_every_licence_in_the_table_is_allowed() -> None:
    for of, entry in [*TABLE.python.items(), *TABLE.base.items(), *TABLE.host.items(), *TABLE.named.items()]:
        assert licences.chosen(TABLE, entry.spdx, of)
    for entry in TABLE.inside:
        assert licences.chosen(TABLE, entry.spdx, entry.name)


def test_every_text_of_the_table_is_there_and_every_text_is_used() -> None:
    entries = [*TABLE.python.values(), *TABLE.base.values(), *TABLE.host.values(), *TABLE.named.values(), *TABLE.inside]
    named = {name for entry in entries for name in entry.texts}
    for name in named:
        assert len(licences.text(name)) > 200
    standard = {name for licence in TABLE.allowed for name in licences.standard_texts(licence)}
    there = {path.name for path in licences.TEXTS.iterdir()}
    # The GPL 3 is what GCC's exception and the LGPL are additions to.
    assert there - named - standard <= {"GPL-3.0-only.txt"}


def test_what_is_inside_something_is_inside_a_part_that_can_be_there() -> None:
    assert {entry.of for entry in TABLE.inside} <= {*TABLE.python, *TABLE.base}


@pytest.mark.parametrize(
    ("expression", "used"),
    [
        ("MIT OR Apache-2.0", "Apache-2.0"),
        ("Apache-2.0  OR  MIT", "Apache-2.0"),
        ("MIT/Apache-2.0", "Apache-2.0"),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", "Apache-2.0 AND Unicode-3.0"),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", "LGPL-3.0-only"),
        ("BSD-3-Clause OR GPL-2.0-only", "BSD-3-Clause"),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", "GPL-3.0-or-later WITH GCC-exception-3.1"),
        ("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", "Apache-2.0"),
    ],
)
def test_of_every_choice_the_preferred_one_is_used(expression: str, used: str) -> None:
    assert licences.chosen(TABLE, expression, "it") == used


@pytest.mark.parametrize(
    "expression",
    [
        "GPL-2.0-only",
        "GPL-3.0-or-later",
        "AGPL-3.0-only OR GPL-3.0-only",
        "MIT AND GPL-2.0-only",
        "GPL-2.0-or-later WITH Classpath-exception-2.0",
        "SSPL-1.0",
        "Proprietary",
        "LicenseRef-Whatever",
    ],
)
def test_what_is_not_allowed_stops_the_build(expression: str) -> None:
    with pytest.raises(BuildProblem, match="may not be in the bundle"):
        licences.chosen(TABLE, expression, "it")


@given(st.text(max_size=60))
def test_whatever_a_package_says_is_judged_or_refused(expression: str) -> None:
    try:
        used = licences.chosen(TABLE, expression, "it")
    except BuildProblem:
        return
    assert set(used.split(" AND ")) <= set(TABLE.allowed)


def test_a_package_that_changed_its_licence_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = replace(TABLE, python=dict(TABLE.python) | {"click": LicenceEntry("MIT")})
    monkeypatch.setattr(licences, "load", lambda: changed)
    bundle = make(tmp_path, monkeypatch)
    with pytest.raises(BuildProblem, match="says that it is licensed as “BSD-3-Clause”"):
        notices.write(bundle, bundle / "licences")


def test_a_table_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    for text in ("", "[allowed", '[own]\nfiles = 1\nprograms = []\n[base]\n[python]\na = "MIT"\n'):
        (tmp_path / "licences.toml").write_text(text, encoding="utf-8")
        with pytest.raises(BuildProblem, match=r"licences\.toml cannot be read"):
            licences.load(tmp_path / "licences.toml")


# --- whose it is


def test_only_lines_that_say_whose_it_is_are_taken() -> None:
    text = """
    Copyright (c) 2014, Somebody <somebody@example.org>
    # Copyright 2020-2026 The Others
    Redistributions must retain the above copyright notice.
    COPYRIGHT HOLDERS AND CONTRIBUTORS BE LIABLE
    Copyright (C) 2007 Free Software Foundation, Inc.
    (c) You must retain, in the Source form
    """
    said = licences.copyright_lines([text])
    assert said == "Copyright (c) 2014, Somebody <somebody@example.org>\nCopyright 2020-2026 The Others"


def test_debians_fields_say_whose_it_is() -> None:
    text = "Files: *\nCopyright: 2008, Lennart\n           2012 Zbigniew\nLicense: LGPL-2.1+\n This is free.\n"
    assert licences.copyright_lines([text]) == "2008, Lennart\n2012 Zbigniew"


def test_a_long_list_of_people_is_cut_and_says_so() -> None:
    text = "\n".join(f"Copyright (c) 20{number:02} Person {number}" for number in range(30))
    lines = licences.copyright_lines([text]).splitlines()
    assert len(lines) == 13
    assert lines[-1] == "and others: see its texts below"
