"""The address at which an app starts that a browser made of a page, as its manifest has it."""

from __future__ import annotations

from typing import Any

import pytest

from core.phones.accounting import Account
from core.phones.android.apk import Contents, Manifest, read
from core.phones.android.files.file_reading import AppFile, FileReading
from core.phones.android.files.identify import _identity
from tests.unit.phones.android.apks import (
    NAME,
    NUMBER,
    REFERENCE,
    STRING,
    V2,
    Apk,
    Xml,
    resources,
    run,
    second,
    signing_block,
    type_chunk,
    type_spec,
)

VALUE = 0x01010024
URL = "https://www.tiktok.com/"
KEY = "org.chromium.webapk.shell_apk.startUrl"
PACKAGE = "org.chromium.webapk.a1"


def manifest(*values: tuple[str, int, Any], where: str = "application") -> bytes:
    """A manifest with an element of meta-data for each name, kind and value."""
    xml = Xml()
    xml._numbers.append(VALUE)
    xml._strings.append("value")
    xml.start("manifest", ("package", STRING, PACKAGE))
    xml.start("application")
    if where == "activity":
        xml.start("activity", (NAME, STRING, ".Main"))
    for name, kind, value in values:
        xml.start("meta-data", (NAME, STRING, name), (VALUE, kind, value))
        xml.end("meta-data")
    if where == "activity":
        xml.end("activity")
    xml.end("application")
    xml.end("manifest")
    return xml.file()


def contents(data: bytes, *more: tuple[str, bytes]) -> Account[Contents]:
    apk = Apk([("AndroidManifest.xml", data), *more], signing_block([(V2, second("browser"))]))
    return run(read, apk.file())


def url_of(data: bytes, *more: tuple[str, bytes]) -> str | int:
    found = contents(data, *more).value.manifest
    assert isinstance(found, Manifest)
    return found.start_url


def test_the_text_and_the_resource_are_followed() -> None:
    assert url_of(manifest((KEY, STRING, URL))) == URL
    table = resources([URL], type_spec(1, 1), type_chunk(1, [(STRING, 0)]))
    assert url_of(manifest((KEY, REFERENCE, 0x7F010000)), ("resources.arsc", table)) == URL


def test_other_apps_have_none() -> None:
    assert url_of(manifest()) == ""
    assert (
        url_of(manifest(("com.example.key", STRING, URL), ("org.chromium.webapk.shell_apk.scope", STRING, URL))) == ""
    )
    assert url_of(manifest((KEY, STRING, URL), where="activity")) == ""


@pytest.mark.parametrize(("kind", "value"), [(REFERENCE, 0x7F010000), (NUMBER, 7), (STRING, "")])
def test_an_address_that_cannot_be_read_makes_the_app_not_whole(kind: int, value: Any) -> None:
    data = manifest((KEY, kind, value))
    assert isinstance(url_of(data), int)
    reading = FileReading(AppFile("/data/app/x/base.apk", 1), iter(()))  # type: ignore[arg-type]
    reading.result = contents(data)
    identity = _identity(PACKAGE, [reading], all_files=True)
    assert identity.start_url == ""
    assert "does not tell which" in str(identity.why)
