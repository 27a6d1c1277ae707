"""The source code that goes along with a release: of every part under the LGPL, or nothing is packed."""

from __future__ import annotations

import json
import os
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

from installer.third_party import licences, sources

ROOT = Path(__file__).resolve().parents[2]


def component(name: str, version: str, licence: str, purl: str, source: str = "") -> dict[str, Any]:
    links = [{"type": "source-distribution", "url": source}] if source else []
    return {
        "name": name,
        "version": version,
        "purl": purl,
        "licenses": [{"expression": licence, "acknowledgement": "concluded"}],
        "externalReferences": links,
    }


QT = component("Qt", "6.11.3", "LGPL-3.0-only", "pkg:generic/qt@6.11.3?in=pyside6-essentials")
LIBUSB = component("libusb", "1.0.30.0", "LGPL-2.1-or-later", "pkg:generic/libusb@1.0.30.0?in=libusb-package")
GLIB = component(
    "libglib2.0-0",
    "2.74.6-2+deb12u9",
    "LGPL-2.1-or-later",
    "pkg:deb/debian/libglib2.0-0@2.74.6-2%2Bdeb12u9?arch=amd64",
    "https://snapshot.debian.org/package/glib2.0/2.74.6-2+deb12u9/",
)
CLICK = component("click", "8.3.1", "BSD-3-Clause", "pkg:pypi/click@8.3.1")


def bill(folder: Path, *components: dict[str, Any], version: str = "1.2.3", name: str = "fanion-linux") -> Path:
    path = folder / f"{name}.cdx.json"
    path.write_text(
        json.dumps({"metadata": {"component": {"version": version}}, "components": components}), encoding="utf-8"
    )
    return path


def test_only_what_is_under_the_lgpl_and_each_once(tmp_path: Path) -> None:
    bills = [bill(tmp_path, QT, LIBUSB, GLIB, CLICK), bill(tmp_path, QT, LIBUSB, name="fanion-windows")]
    version, parts = sources.read(bills)
    assert version == "1.2.3"
    assert [part.name for part in parts] == ["Qt", "libglib2.0-0", "libusb"]
    qt, glib, libusb = parts
    assert glib.debian == "glib2.0=2.74.6-2+deb12u9", "the source package's name and version, not the library's"
    assert libusb.addresses == ("https://github.com/libusb/libusb/releases/download/v1.0.30/libusb-1.0.30.tar.bz2",)
    assert (
        "https://download.qt.io/official_releases/qt/6.11/6.11.3/submodules/qtbase-everywhere-src-6.11.3.tar.xz"
        in qt.addresses
    )
    assert any("/qtimageformats-everywhere-src-" in address for address in qt.addresses), "the plugin for WebP is there"


def test_every_part_that_may_be_in_a_bundle_has_its_place() -> None:
    table = licences.load()
    for name, entry in table.python.items():
        if licences.chosen(table, entry.spdx, name).startswith(sources.LGPL):
            assert name in sources.PLACES
    for inside in table.inside:
        if licences.chosen(table, inside.spdx, inside.name).startswith(sources.LGPL):
            assert inside.name in sources.PLACES


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (QT | {"name": "libnew"}, "Where the source code of libnew 6.11.3 is, is not known"),
        (LIBUSB | {"version": "as in libusb1 3.4.0"}, "Which libusb is in the bundle is not known"),
        (
            GLIB | {"externalReferences": [{"url": "https://launchpad.net/ubuntu/+source/glib2.0/2.80"}]},
            "build the release on Debian",
        ),
        (GLIB | {"externalReferences": []}, "build the release on Debian"),
    ],
)
def test_what_is_not_known_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], part: dict[str, Any], said: str
) -> None:
    assert sources.main([str(tmp_path / "out"), str(bill(tmp_path, part))]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_bills_of_two_releases_are_not_mixed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bills = [bill(tmp_path, QT), bill(tmp_path, QT, version="1.2.4", name="other")]
    assert sources.main([str(tmp_path / "out"), *map(str, bills)]) == 1
    assert "several versions of Fanion: 1.2.3, 1.2.4" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"metadata": 1}'])
def test_what_is_no_bill_is_said_to_be_none(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bill").write_text(text, encoding="utf-8")
    assert sources.main([str(tmp_path), str(tmp_path / "bill")]) == 1
    assert "is no bill of materials" in capsys.readouterr().err


@pytest.fixture
def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt that has one source package, and makers whose files are on this computer."""
    programs, published = tmp_path / "bin", tmp_path / "published"
    programs.mkdir()
    published.mkdir()
    (programs / "apt-get").write_text(
        "#!/bin/sh\n"
        "for source; do :; done\n"
        '[ "$source" = glib2.0=2.74.6-2+deb12u9 ] || { echo "E: Unable to find it" >&2; exit 100; }\n'
        "echo dsc >glib2.0_2.74.6-2+deb12u9.dsc; echo code >glib2.0_2.74.6.orig.tar.xz\n"
    )
    (programs / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    (published / "libusb-1.0.30.tar.bz2").write_bytes(b"libusb")
    monkeypatch.setattr(
        sources,
        "PLACES",
        {"libusb": [(published / "libusb-{three}.tar.bz2").as_uri().replace("%7B", "{").replace("%7D", "}")]},
    )
    return tmp_path


@pytest.mark.skipif(os.name == "nt", reason="apt is Debian's")
def test_all_of_it_is_one_archive_with_a_list(fetched: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = fetched / "out"
    arguments = [str(out), str(bill(fetched, LIBUSB, GLIB, CLICK))]
    assert sources.main(arguments) == 0
    archive = out / "fanion-1.2.3-sources.tar.xz"
    assert capsys.readouterr().out.endswith(f"{archive}\n")
    with tarfile.open(archive) as file:
        names = file.getnames()
        listed = file.extractfile("fanion-1.2.3-sources/SOURCES.txt")
        assert listed is not None
        text = listed.read().decode()
        assert all(entry.mtime == 0 and entry.uname == "root" for entry in file)
    assert {name.rpartition("/")[2] for name in names} == {
        "SOURCES.txt",
        "glib2.0_2.74.6-2+deb12u9.dsc",
        "glib2.0_2.74.6.orig.tar.xz",
        "libusb-1.0.30.tar.bz2",
    }
    assert re.search(r"(?m)^libusb 1\.0\.30\.0: libusb-1\.0\.30\.tar\.bz2$", text)
    first = archive.read_bytes()
    assert sources.main(arguments) == 0, "what was fetched is kept"
    assert archive.read_bytes() == first


@pytest.mark.skipif(os.name == "nt", reason="apt is Debian's")
def test_what_cannot_be_fetched_is_one_sentence_and_nothing_is_packed(
    fetched: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = GLIB | {"externalReferences": [{"url": "https://snapshot.debian.org/package/glib2.0/1.0-1/"}]}
    for parts, said in (
        ([gone], "apt-get could not fetch the source package glib2.0=1.0-1: Unable to find it"),
        ([GLIB, LIBUSB | {"version": "1.0.31.0"}], "libusb-1.0.31.tar.bz2 could not be fetched"),
    ):
        assert sources.main([str(fetched / "out"), str(bill(fetched, *parts))]) == 1
        told = capsys.readouterr().err
        assert said in told
        assert told.count("\n") == 1
    assert not list((fetched / "out").glob("*.tar.xz*"))
