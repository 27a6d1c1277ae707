"""An app's launcher icon: read with the parts of its file, within bounds, and without a say in anything."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.icon_file import SIZE_LIMIT, is_icon
from core.jobs import Cancel, silent
from core.model import Check, Identity, Verdict
from core.phones.android.apk import Remote, Steps, Unreadable, icon, zip
from core.phones.android.files import identify as module
from core.phones.android.files.file_reading import FileReading
from core.phones.android.link.server import ServerLink
from core.phones.android.phone import AndroidPhone
from core.policy.format.policy_file import load_built_in
from core.simulator import PracticePhone, load
from core.simulator.apk import pictures
from core.simulator.apk.apk import ICON, LABEL, Apk
from core.simulator.apk.manifest import PracticeManifest
from core.visit.check import check
from tests.examples import examples
from tests.unit.phones.android import apks
from tests.unit.phones.android.apks import REFERENCE, STRING, config, drive, resources, type_chunk
from tests.unit.phones.android.scripted_server import ScriptedServer

DISC = pictures.file("disc")


def app(picture: pictures.Picture = "disc", package: str = "org.example.one") -> bytes:
    return Apk(
        PracticeManifest(package, 7, "1", 34, LABEL, (".Main",), icon=ICON), "One", "maker", 5000, icon=picture
    ).content


def read(data: bytes, number: int = ICON) -> bytes:
    return drive(lambda file, sdk: icon.read(file, number), len(data), 34, lambda at, length: data[at : at + length])[0]


@pytest.mark.parametrize("picture", ["disc", "ring", "bars", "bars.webp"])
def test_a_picture_is_found_by_its_density(picture: pictures.Picture) -> None:
    assert read(app(picture)) == pictures.file(picture)


@pytest.mark.parametrize("picture", ["bomb", "bomb.webp", "torn.webp", "noise"])
def test_what_is_no_icon_is_not_taken_along(picture: pictures.Picture) -> None:
    assert read(app(picture)) == b""


def test_a_resource_that_is_not_there_is_none() -> None:
    assert read(app(), ICON + 1) == read(app(), 0x7F050000) == read(app(), 0x01080000) == b""


def archive(table: bytes, *files: tuple[str, bytes], **how: object) -> bytes:
    named = [("AndroidManifest.xml", apks.manifest()), ("resources.arsc", table), *files]
    return apks.Apk(named, **how).file()  # type: ignore[arg-type]


DRAWABLE = 0x01010199


class Drawing(apks.Xml):
    """A file whose elements also name pictures."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers.append(DRAWABLE)
        self._strings.append("drawable")


def adaptive(front: int) -> bytes:
    xml = Drawing()
    xml.start("adaptive-icon")
    xml.start("background", (DRAWABLE, REFERENCE, 0x7F020007))
    xml.end("background")
    xml.start("foreground", (DRAWABLE, REFERENCE, front))
    xml.end("foreground")
    xml.end("adaptive-icon")
    return xml.file()


def test_a_smaller_density_is_taken_where_the_best_is_missing_and_a_language_is_passed_over() -> None:
    table = resources(
        ["fr.png", "nine.9.png", "hdpi.png", "mdpi.png"],
        type_chunk(2, [(STRING, 0)], config("fr", density=320)),
        type_chunk(2, [(STRING, 1)], config(density=320)),
        type_chunk(2, [(STRING, 2)], config(density=240)),
        type_chunk(2, [(STRING, 3)], config(density=160)),
    )
    ring = pictures.file("ring")
    assert read(archive(table, ("hdpi.png", DISC), ("mdpi.png", ring), ("fr.png", ring)), 0x7F020000) == DISC


@pytest.mark.parametrize(("front", "shown"), [(0x7F020001, DISC), (0x7F020000, b""), (0x7F020009, b"")])
def test_of_an_adaptive_icon_the_front_is_taken_where_that_is_a_picture(front: int, shown: bytes) -> None:
    """Also where it is itself once more, or nothing."""
    table = resources(["ic.xml", "front.png"], type_chunk(2, [(STRING, 0), (STRING, 1)], config(density=0xFFFE)))
    assert read(archive(table, ("ic.xml", adaptive(front)), ("front.png", DISC)), 0x7F020000) == shown


def test_a_resource_may_be_another_ones_picture_but_not_in_a_ring() -> None:
    table = resources(["a.png"], type_chunk(2, [(REFERENCE, 0x7F020001), (STRING, 0), (REFERENCE, 0x7F020002)]))
    data = archive(table, ("a.png", DISC))
    assert read(data, 0x7F020000) == DISC
    assert read(data, 0x7F020002) == b""


def test_a_webp_picture_is_known_by_what_it_is_not_by_its_name() -> None:
    """As Android itself does; and a drawing beside it is passed over."""
    table = resources(
        ["draw.xml", "front.png"],
        type_chunk(2, [(STRING, 0)], config(density=0xFFFE)),
        type_chunk(2, [(STRING, 1)], config(density=480)),
    )
    bars = pictures.file("bars.webp")
    assert read(archive(table, ("draw.xml", b"?"), ("front.png", bars)), 0x7F020000) == bars


def test_two_files_of_one_name_are_none() -> None:
    table = resources(["a.png"], type_chunk(2, [(STRING, 0)]))
    with pytest.raises(Unreadable):
        read(archive(table, ("a.png", DISC), ("a.png", pictures.file("ring"))), 0x7F020000)


def test_a_directory_full_of_a_name_costs_no_time() -> None:
    table = resources(["a"], type_chunk(2, [(STRING, 0)]))
    with pytest.raises(Unreadable, match="files of one name"):
        run(
            archive(table, *((f"aaaaaaaaa{n}.png", b"") for n in range(500))),
            lambda file, end: zip.find(file, end, "a"),
        )


def run(data: bytes, find: object) -> object:
    def steps(file: Remote, sdk: int) -> Steps[object]:
        end = yield from zip.end(file)
        return (yield from find(file, end))  # type: ignore[operator]

    return drive(steps, len(data), 34, lambda at, length: data[at : at + length])[0]


def test_a_picture_that_is_larger_than_an_icon_is_not_fetched() -> None:
    table = resources(["a.png"], type_chunk(2, [(STRING, 0)]))
    large = DISC + bytes(SIZE_LIMIT)
    fetched: list[int] = []

    def piece(at: int, length: int) -> bytes:
        fetched.append(length)
        return data[at : at + length]

    for stored in (("resources.arsc",), ("resources.arsc", "a.png")):  # packed it is small
        data = archive(table, ("a.png", large), stored=stored)
        with pytest.raises(Unreadable):
            drive(lambda file, sdk: icon.read(file, 0x7F020000), len(data), 34, piece)


@given(st.integers(0, 8000), st.binary(min_size=1, max_size=12))
@examples(300)
def test_a_damaged_file_gives_an_icon_or_none_and_never_fails(at: int, damage: bytes) -> None:
    data = app()
    at %= len(data)
    wrong = data[:at] + damage + data[at + len(damage) :]
    try:
        found = read(wrong[: len(data)])
    except Unreadable:
        return
    assert found == b"" or is_icon(found)


# --- on a phone

CANADA = load_built_in("canada")


def judged(scenario: str) -> tuple[Check, ScriptedServer]:
    server = ScriptedServer("R5CT1000001", PracticePhone(load(scenario), 0.0))
    try:
        driver = AndroidPhone(ServerLink("R5CT1000001", server.port))
        return check(driver, CANADA, silent, Cancel(), quick=False), server
    finally:
        server.close()


def test_banned_apps_have_their_icons_and_few_others_do() -> None:
    found, _ = judged("walk-up")
    assert found.identities["com.tencent.mm"].icon == DISC
    assert found.identities["com.kms.free"].icon == pictures.file("bars.webp")
    assert sum(bool(one.icon) for one in found.identities.values()) <= module.ICONS_LIMIT


def test_a_phone_that_does_not_give_the_icon_is_judged_as_one_that_does(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = judged("walk-up")

    def refuse(self: FileReading, pieces: list[bytes] | None) -> None:
        self.finish(Unreadable("the range did not come"))

    monkeypatch.setattr(FileReading, "_picture", refuse)
    without, _ = judged("walk-up")
    assert not any(one.icon for one in without.identities.values())
    assert _but_icons(whole) == _but_icons(without)
    assert (whole.verdict, whole.findings, whole.unsure) == (without.verdict, without.findings, without.unsure)
    assert whole.verdict is Verdict.RED


def _but_icons(found: Check) -> dict[str, Identity]:
    return {package: replace(one, icon=b"") for package, one in found.identities.items()}
