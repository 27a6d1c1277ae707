"""Archives of blocks: what everybody's xz reads of them, what is compressed once, and the same bytes each time."""

from __future__ import annotations

import io
import lzma
import random
import shutil
import subprocess
import tarfile
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from installer import xz
from tests.examples import examples

#: The lengths of files around those at which something changes.
LENGTHS = st.sampled_from([0, 1, 511, 512, 513, xz.LARGE - 1, xz.LARGE, xz.LARGE + 1, 2 * xz.LARGE])


def content_of(length: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(length // 2).ljust(length, b"\0")


def tar_of(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


@examples(20)
@given(st.lists(LENGTHS, max_size=6))
def test_what_is_packed_is_read_again(lengths: list[int]) -> None:
    content = tar_of({f"{number}-{'long' * 40}": content_of(length, number) for number, length in enumerate(lengths)})
    packed = xz.Blocks().of_tar(content)
    assert lzma.decompress(packed, format=lzma.FORMAT_XZ) == content
    assert xz.Blocks().of_tar(content) == packed


@pytest.mark.skipif(shutil.which("xz") is None, reason="xz is not here")
def test_the_program_xz_finds_no_fault() -> None:
    files = {
        "a": content_of(xz.LARGE, 1),
        "b": b"small",
        "c": content_of(3 * xz.LARGE, 2),
        "d": content_of(xz.LARGE, 1),
    }
    packed = xz.Blocks().of_tar(tar_of(files))
    for words in (["--test"], ["--decompress", "--stdout"], ["--decompress", "--stdout", "--threads=4"]):
        done = subprocess.run(["xz", *words], input=packed, capture_output=True, check=True)
        assert done.stdout in (b"", tar_of(files))
    assert lzma.LZMADecompressor(format=lzma.FORMAT_XZ).decompress(packed) == tar_of(files), (
        "it is one stream, not many"
    )


def test_a_large_file_of_two_archives_is_compressed_once() -> None:
    lengths: list[int] = []

    def counted(piece: memoryview) -> bytes:
        lengths.append(len(piece))
        return xz.compress(piece)

    blocks = xz.Blocks(counted)
    files = [content_of(xz.LARGE + number, number) for number in range(3)]
    for folder in ("fanion-1.2.3", "./usr/lib/fanion"):
        blocks.of_tar(tar_of({f"{folder}/{number}": content for number, content in enumerate(files)}))
    assert sorted(length for length in lengths if length >= xz.LARGE) == [len(content) for content in files]
