"""The picture of an app: what a phone gives is a picture within bounds, or nothing. Any word of Qt's fails a test."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QColor, QImage

from core.icon_file import LOSSLESS, LOSSY, SIZE_LIMIT, still_webp
from core.simulator.apk import pictures
from gui.toolkit.images.app_icon import _part as part
from gui.toolkit.images.app_icon import decode_icon
from tests.examples import examples

MAGIC = b"\x89PNG\r\n\x1a\n"
DISC = pictures.file("disc")
BARS = pictures.file("bars.webp")


def saved(image: QImage, form: str = "PNG", quality: int = -1) -> bytes:
    """The picture as a file; WebP is lossless where the quality is 100."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, form, quality)  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def made(head: tuple[int, ...], rows: bytes, *further: tuple[bytes, bytes]) -> bytes:
    """A file of these parts; what IHDR leaves out is 0."""
    ihdr = struct.pack(">IIBBBBB", *head, *[0] * (7 - len(head)))
    parts = [(b"IHDR", ihdr), *further, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return MAGIC + b"".join(part(kind, content) for kind, content in parts)


def test_an_icon_is_shown_as_it_is_and_never_made_larger() -> None:
    image = decode_icon(DISC, 200)
    assert image is not None
    assert (image.width(), image.height()) == (96, 96)
    assert image.pixelColor(48, 48) == QColor(0x2F, 0x6F, 0xB7)
    assert image.pixelColor(0, 0).alpha() == 0
    small = decode_icon(DISC, 24)
    assert small is not None
    assert (small.width(), small.height()) == (24, 24)


@pytest.mark.parametrize(
    "form",
    [
        QImage.Format.Format_Mono,
        QImage.Format.Format_Indexed8,
        QImage.Format.Format_Grayscale8,
        QImage.Format.Format_Grayscale16,
        QImage.Format.Format_RGB888,
        QImage.Format.Format_ARGB32,
        QImage.Format.Format_RGBA64,
    ],
)
def test_every_kind_of_colour_is_the_same_picture(form: QImage.Format) -> None:
    before = QImage.fromData(DISC).convertToFormat(form)
    after = decode_icon(saved(before), 96)
    assert after is not None
    assert after.convertToFormat(QImage.Format.Format_ARGB32) == before.convertToFormat(QImage.Format.Format_ARGB32)


def test_a_narrow_one_keeps_its_form() -> None:
    image = decode_icon(made((512, 1, 8, 0), bytes(513)), 16)
    assert image is not None
    assert (image.width(), image.height()) == (16, 1)


def quarters(transparent: bool) -> QImage:
    """64 x 64: red, blue, white, and what is transparent or black."""
    image = QImage(64, 64, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0 if transparent else 255))
    colours = {(0, 0): "red", (32, 0): "blue", (0, 32): "white"}
    for (left, top), colour in colours.items():
        for x in range(left, left + 32):
            for y in range(top, top + 32):
                image.setPixelColor(x, y, QColor(colour))
    return image


def test_a_lossless_webp_picture_has_the_pixels_of_the_same_png() -> None:
    """Of two makers: the practice phone's, and libwebp with all that it can do."""
    assert decode_icon(BARS, 96) == decode_icon(pictures.file("bars"), 96)
    data = saved(quarters(transparent=True), "WEBP", 100)
    assert (still_webp(data) or data)[2] == LOSSLESS
    image = decode_icon(data, 64)
    assert image is not None
    assert image.convertToFormat(QImage.Format.Format_ARGB32) == quarters(transparent=True)
    assert decode_icon(data, 16) == image.scaled(16, 16, mode=Qt.TransformationMode.SmoothTransformation)


@pytest.mark.parametrize("transparent", [True, False])
def test_a_lossy_webp_picture_has_nearly_the_same_pixels(transparent: bool) -> None:
    before = quarters(transparent)
    data = saved(before, "WEBP", 90)
    found = still_webp(data)
    assert found is not None
    assert (found.coding, bool(found.alpha)) == (LOSSY, transparent)
    after = decode_icon(data, 64)
    assert after is not None
    for x, y in ((8, 8), (48, 8), (8, 48), (48, 48)):
        was, now = before.pixelColor(x, y), after.pixelColor(x, y)
        assert now.alpha() == was.alpha()
        if was.alpha():
            assert max(abs(a - b) for a, b in zip(was.getRgb(), now.getRgb(), strict=True)) < 8


@pytest.mark.parametrize("quality", [100, 60])
def test_a_webp_picture_that_ends_in_a_whole_file_is_none(quality: int) -> None:
    """The file says that it is as long as it is; only the decoder can see that pixels are missing."""
    whole = still_webp(saved(quarters(transparent=True), "WEBP", quality))
    assert whole is not None
    torn = whole._replace(picture=whole.picture[: len(whole.picture) // 2])
    assert still_webp(torn.file()) == torn
    assert decode_icon(torn.file(), 48) is None


def test_without_qts_plugin_a_webp_picture_is_none_and_a_png_is_shown() -> None:
    """In a process of its own: Qt looks for its plugins once."""
    program = (
        "from PySide6.QtCore import QCoreApplication\n"
        "QCoreApplication.setLibraryPaths([])\n"
        "from core.simulator.apk import pictures\n"
        "from gui.toolkit.images.app_icon import decode_icon\n"
        "print(*(decode_icon(pictures.file(name), 96) is None for name in ('bars.webp', 'bars')))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False)
    assert (done.stdout, done.stderr) == ("True False\n", "")


GREY = made((2, 2, 8, 0), bytes(6))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        MAGIC,
        b"GIF89a" + bytes(100),
        DISC[:200],
        DISC[:-1],
        DISC.replace(b"IDAT", b"IDAX"),
        pictures.file("bomb"),
        pictures.file("noise"),
        pictures.file("bomb.webp"),
        pictures.file("torn.webp"),
        BARS[:-1],
        BARS[:12] + DISC,  # one format that says it is the other
        BARS.replace(b"VP8L", b"VP8 "),
        DISC.replace(b"PNG", b"RIF"),
        DISC + bytes(SIZE_LIMIT),
        made((513, 1, 8, 0), bytes(514)),
        made((1, 513, 8, 0), bytes(2 * 513)),
        made((0, 1, 8, 0), b"\0"),
        made((2**32 - 1, 2**32 - 1, 8, 6), bytes(9)),
        made((2, 2, 3, 0), bytes(6)),
        made((2, 2, 8, 5), bytes(6)),
        made((2, 2, 8, 0), bytes(5)),  # a row is missing
        made((2, 2, 8, 0), b"\x09" + bytes(5)),  # no such filter
        made((2, 2, 8, 0, 0, 0, 1), bytes(6)),  # interlaced
        made((2, 2, 8, 3), bytes(6)),  # no palette
        made((2, 2, 1, 3), bytes(4), (b"PLTE", bytes(9))),  # of more colours than a bit can name
        GREY.replace(b"IDAT", b"IDAT", 1)[:-20] + bytes(20),
    ],
)
def test_what_is_no_icon_is_none(data: bytes) -> None:
    assert decode_icon(data, 48) is None


def test_what_is_beside_the_picture_does_not_reach_the_decoder() -> None:
    """A text that unpacks to megabytes, a colour profile, transparency that makes no sense, a colour that is not there,
    and more rows than the picture has."""
    text = b"Comment\0\0" + zlib.compress(bytes(20 * 2**20), 9)
    further = [(b"zTXt", text), (b"iCCP", b"x\0\0" + zlib.compress(bytes(2**20))), (b"tRNS", b"1")]
    assert decode_icon(made((2, 2, 8, 0), bytes(6 * 1000), *further), 48) is not None
    assert decode_icon(made((2, 2, 8, 3), b"\0\xff\xff" * 2, (b"PLTE", b"abc"), (b"tRNS", bytes(256))), 48) is not None


@given(st.binary(max_size=400))
def test_no_bytes_are_a_failure(data: bytes) -> None:
    for given_ in (data, MAGIC + data):
        assert decode_icon(given_, 48) is None


KINDS = st.sampled_from([b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"zTXt", b"gAMA", b"sBIT", b"\0\0\0\0"])


@given(
    st.tuples(*[st.integers(0, 20)] * 2, *[st.sampled_from([0, 1, 2, 3, 4, 6, 8, 16])] * 2, *[st.integers(0, 1)] * 3),
    st.lists(st.tuples(KINDS, st.binary(max_size=60)), max_size=4),
    st.binary(max_size=30),
)
@example((1, 1, 8, 3, 0, 0, 0), [(b"PLTE", b"abc"), (b"tRNS", bytes(200))], b"\0\x09")
def test_parts_of_any_kind_are_a_picture_or_nothing(
    head: tuple[int, ...], further: list[tuple[bytes, bytes]], rows: bytes
) -> None:
    image = decode_icon(made(head, rows + bytes(3000), *further), 16)
    assert image is None or (0 < image.width() <= 16 and 0 < image.height() <= 16)


@given(st.integers(0, len(DISC) - 1), st.binary(min_size=1, max_size=4))
def test_a_damaged_icon_is_none_or_within_bounds(at: int, bytes_: bytes) -> None:
    image = decode_icon(DISC[:at] + bytes_ + DISC[at + len(bytes_) :], 48)
    assert image is None or max(image.width(), image.height()) <= 48


PICTURES = {quality: still_webp(saved(quarters(transparent=True), "WEBP", quality)) for quality in (100, 60)}


@given(
    st.sampled_from([100, 60]), st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=3)), max_size=5)
)
@examples(200)
def test_a_damaged_webp_picture_is_none_or_within_bounds(quality: int, damage: list[tuple[int, bytes]]) -> None:
    found = PICTURES[quality]
    assert found is not None
    data = bytearray(found.file())
    for at, bytes_ in damage:
        at = 20 + at % (len(data) - 24)
        data[at : at + len(bytes_)] = bytes_
    image = decode_icon(bytes(data), 48)
    assert image is None or 0 < max(image.width(), image.height()) <= 48
