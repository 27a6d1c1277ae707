"""Archives as .xz files (https://tukaani.org/xz/xz-file-format.txt) of blocks, of which each is compressed only once.

Nearly all that a .deb and a .tar.xz of a bundle hold are the same large files, and to compress them takes most of the
processor's time of packing. An .xz file may have many blocks: each large file is one, made once for both, and what is
between them is another. Every reader of .xz files reads these. Only the standard library is used.
"""

from __future__ import annotations

import hashlib
import io
import lzma
import os
import platform
import tarfile
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

#: Files of this many bytes and more are blocks of their own.
LARGE: Final = 1 << 18
#: Most of a bundle are libraries, of which xz makes less once the addresses in them count from the file's begin, which
#: Python's lzma cannot do for ARM. Preset 1 takes a quarter of the processor's time of preset 9.
_FILTERS: Final[Sequence[Mapping[str, Any]]] = (
    *([{"id": lzma.FILTER_X86}] if platform.machine() in ("x86_64", "AMD64") else []),
    {"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 1 << 23},
)
#: The length of a file's header, and of its footer.
_ENDS: Final = 12


def compress(piece: bytes | memoryview) -> bytes:
    """An .xz file of one block."""
    return lzma.compress(piece, filters=_FILTERS)


class Blocks:
    """Compresses pieces on all processors, and remembers them by what is in them."""

    def __init__(self, compress: Callable[[memoryview], bytes] = compress) -> None:
        self._compress = compress
        self._pool = ThreadPoolExecutor(os.cpu_count())
        self._lock = threading.Lock()
        self._by_digest: dict[bytes, Future[bytes]] = {}

    def of_tar(self, content: bytes | memoryview) -> bytes:
        """An archive of tar(1) as an .xz file."""
        return _joined([future.result() for future in [self._begun(piece) for piece in _pieces(content)]])

    def _begun(self, piece: memoryview) -> Future[bytes]:
        digest = hashlib.sha256(piece).digest()
        with self._lock:
            if digest not in self._by_digest:
                self._by_digest[digest] = self._pool.submit(self._compress, piece)
            return self._by_digest[digest]


def _pieces(content: bytes | memoryview) -> Iterator[memoryview]:
    """The parts of an archive of tar(1): the content of each large file, and what is between two of them."""
    view, at = memoryview(content), 0
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for entry in archive:
            if entry.isreg() and entry.size >= LARGE:
                yield view[at : entry.offset_data]
                at = entry.offset_data + entry.size
                yield view[entry.offset_data : at]
    yield view[at:]


def _joined(files: Sequence[bytes]) -> bytes:
    """One .xz file with the blocks of these, each of which has one."""
    blocks, records = [], []
    for file in files:
        index_length = 4 * (int.from_bytes(file[-8:-4], "little") + 1)
        index = file[-_ENDS - index_length : -_ENDS]
        blocks.append(file[_ENDS : -_ENDS - index_length])
        records.append(_record(index))
    index = b"\0" + _number(len(records)) + b"".join(records)
    index += b"\0" * (-len(index) % 4)
    index += zlib.crc32(index).to_bytes(4, "little")
    header, flags = files[0][:_ENDS], files[0][-4:-2]
    footer = (len(index) // 4 - 1).to_bytes(4, "little") + flags
    return b"".join([header, *blocks, index, zlib.crc32(footer).to_bytes(4, "little"), footer, b"YZ"])


def _record(index: bytes) -> bytes:
    """The one record of an index: two numbers, behind a zero and the number of records."""
    at = 2
    for _ in range(2):
        while index[at] & 0x80:
            at += 1
        at += 1
    return index[2:at]


def _number(value: int) -> bytes:
    """A number as .xz files have it: seven bits a byte, the lowest first; all but the last byte have the eighth bit."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
