"""What may be an app's icon: a PNG or a still WebP picture within limits, and no bytes are a failure."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.icon_file import LOSSLESS, LOSSY, SIDE_LIMIT, SIZE_LIMIT, StillWebp, is_icon, still_webp
from core.simulator.apk import pictures
from tests.examples import examples

BARS = pictures.file("bars.webp")


def lossy(width: int, height: int, rest: bytes = b"the picture") -> bytes:
    """A key frame of VP8."""
    return b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height) + rest


def lossless(width: int, height: int, rest: bytes = b"the picture") -> bytes:
    return b"\x2f" + struct.pack("<I", width - 1 | height - 1 << 14) + rest


def extended(width: int, height: int, flags: int = 0) -> bytes:
    return bytes((flags, 0, 0, 0)) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    content = b"".join(
        kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2) for kind, content in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(content)) + b"WEBP" + content


def test_a_picture_is_taken_out_with_its_size() -> None:
    assert still_webp(webp((LOSSY, lossy(48, 72)))) == StillWebp(48, 72, LOSSY, lossy(48, 72))
    found = still_webp(BARS)
    assert found is not None
    assert found[:3] == (96, 96, LOSSLESS)
    assert found.file() == BARS


def test_two_bits_beside_a_lossy_size_say_how_to_scale_and_are_no_part_of_it() -> None:
    found = still_webp(webp((LOSSY, lossy(48 | 0x4000, 72 | 0xC000))))
    assert found is not None
    assert found[:2] == (48, 72)


def test_of_a_file_with_more_only_the_picture_and_its_transparency_are_written_anew() -> None:
    """Profiles, metadata, chunks of no known kind, a second picture, and what follows the file."""
    picture = webp(
        (b"VP8X", extended(48, 72, 0x3C)),
        (b"ICCP", b"a profile"),
        (b"ALPH", b"how transparent"),
        (b"abcd", b"?"),
        (LOSSY, lossy(48, 72)),
        (LOSSY, lossy(500, 500)),
        (b"EXIF", b"where it was taken"),
        (b"XMP ", b"<by/>"),
    )
    found = still_webp(picture + b"and more")
    assert found == StillWebp(48, 72, LOSSY, lossy(48, 72), b"how transparent")
    assert found is not None
    assert found.file() == webp(
        (b"VP8X", extended(48, 72, 0x10)), (b"ALPH", b"how transparent"), (LOSSY, lossy(48, 72))
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF\xff\xff\xff\xffWEBP",
        pictures.file("bomb"),
        pictures.file("bomb.webp"),
        pictures.file("torn.webp"),
        webp(),
        webp((LOSSY, lossy(0, 48))),
        webp((LOSSY, lossy(48, 0))),
        webp((LOSSY, lossy(SIDE_LIMIT + 1, 48))),
        webp((LOSSY, lossy(48, SIDE_LIMIT + 1))),
        webp((LOSSLESS, lossless(SIDE_LIMIT + 1, 48))),
        webp((LOSSLESS, lossless(48, SIDE_LIMIT + 1))),
        webp((b"VP8X", extended(30_000, 30_000)), (LOSSLESS, lossless(48, 48))),
        webp((b"VP8X", extended(48, 48)), (LOSSLESS, lossless(16_384, 16_384))),
        webp((b"VP8X", extended(48, 48)), (LOSSLESS, lossless(47, 48))),  # of another size than it says
        webp((b"VP8X", extended(48, 48, 0x02)), (LOSSLESS, lossless(48, 48))),  # it moves
        webp((b"VP8X", extended(48, 48)), (b"ANIM", bytes(6)), (LOSSLESS, lossless(48, 48))),
        webp((b"VP8X", extended(48, 48)), (b"ANMF", bytes(16) + b"VP8L"), (LOSSLESS, lossless(48, 48))),
        webp((b"VP8X", extended(48, 48)[:9]), (LOSSLESS, lossless(48, 48))),
        webp((b"VP8X", extended(48, 48))),  # no picture
        webp((b"ALPH", b"?"), (LOSSY, lossy(48, 48))),  # more than a picture, and it does not say so
        webp((LOSSY, b"\x11" + lossy(48, 48)[1:])),  # no key frame
        webp((LOSSY, b"\x10\0\0\x9d\x01\x2b" + lossy(48, 48)[6:])),
        webp((LOSSY, lossy(48, 48)[:9])),
        webp((LOSSLESS, b"\x2e" + lossless(48, 48)[1:])),
        webp((LOSSLESS, lossless(48, 48)[:4])),
        webp((LOSSLESS, b"\x2f\xff\0\0\x20")),  # of version 1
        webp((LOSSY, lossy(48, 48, bytes(SIZE_LIMIT)))),
    ],
)
def test_what_is_no_still_picture_of_an_icons_size_is_none(data: bytes) -> None:
    assert still_webp(data) is None
    assert not is_icon(data)


WHOLE = webp((b"VP8X", extended(48, 72, 0x10)), (b"ALPH", b"how transparent"), (LOSSY, lossy(48, 72, b"odd")))


@pytest.mark.parametrize("whole", [BARS, WHOLE, webp((LOSSY, lossy(48, 72)))])
def test_a_file_that_ends_early_is_none_wherever_it_ends(whole: bytes) -> None:
    assert is_icon(whole)
    assert not any(is_icon(whole[:end]) for end in range(len(whole)))


KINDS = st.sampled_from([LOSSY, LOSSLESS, b"VP8X", b"ALPH", b"ICCP", b"ANIM", b"ANMF", b"RIFF", b"\0\0\0\0"])
SIDES = st.one_of(st.integers(1, 600), st.integers(1, 16_384))
CONTENTS = st.one_of(
    st.binary(max_size=40),
    st.builds(lossy, SIDES, SIDES),
    st.builds(lossless, SIDES, SIDES),
    st.builds(extended, SIDES, SIDES, st.integers(0, 255)),
)
FILES = st.lists(st.tuples(KINDS, CONTENTS), max_size=5).map(lambda chunks: webp(*chunks))


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda rest: BARS[:12] + rest), FILES))
@examples(300)
def test_no_bytes_are_a_failure_and_what_is_taken_is_within_limits(data: bytes) -> None:
    found = still_webp(data)
    assert is_icon(data) == (found is not None)
    if found is not None:
        assert 0 < found.width <= SIDE_LIMIT
        assert 0 < found.height <= SIDE_LIMIT
        assert still_webp(found.file()) == found


@given(st.sampled_from([BARS, WHOLE]), st.integers(0, 60), st.binary(min_size=1, max_size=8), st.integers(0, 80))
@examples(200)
def test_a_damaged_file_is_within_limits_or_none(whole: bytes, at: int, damage: bytes, end: int) -> None:
    found = still_webp((whole[:at] + damage + whole[at + len(damage) :])[: len(whole) - end])
    assert found is None or max(found.width, found.height) <= SIDE_LIMIT
