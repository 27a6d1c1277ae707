"""How much work a file can make, counted in what is decoded and fetched, and how much of an honest one is read."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from core.jobs import Cancel, silent
from core.model import Cancelled
from core.phones.accounting import Account
from core.phones.android import apk as reader
from core.phones.android.apk import Contents, Manifest, OverBudget, Signers, source, strings
from core.phones.android.apk.source import Allowance, Remote
from core.phones.android.files import identify as module
from core.phones.android.files.file_reading import FileReading
from core.phones.android.files.identify import identify
from tests.unit.phones.android import apks
from tests.unit.phones.android.apks import NOTHING, V2, chunk, second, signing_block, simple
from tests.unit.phones.android.test_apk_identify import Desk, file, listed, sha, split

ONE = "org.example.one"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# Texts that are not well formed


def many_tags(content: bytes, count: int, *, utf8: bool, units: int, size: int) -> bytes:
    """A manifest in which `count` elements of nobody's have names that are different strings of the same bytes."""
    data, offsets = b"", []
    for word in ("manifest", "package", ONE, "application"):
        offsets.append(len(data))
        text = bytes([len(word), len(word)]) + word.encode() + b"\0"
        data += text if utf8 else struct.pack("<H", len(word)) + word.encode("utf-16-le") + b"\0\0"
    offsets += [len(data)] * count
    lengths = _length(units) + _length(size) if utf8 else struct.pack("<H", units)
    data += lengths + content + b"\0\0"
    data += bytes(-len(data) % 4)
    table = struct.pack(f"<{len(offsets)}I", *offsets)
    flags = 0x100 if utf8 else 0
    pool = chunk(1, struct.pack("<5I", len(offsets), 0, flags, 28 + len(table), 0), table + data)

    def begin(name: int, *named: tuple[int, int]) -> bytes:
        values = b"".join(struct.pack("<3IHBBI", NOTHING, n, value, 8, 0, 3, value) for n, value in named)
        body = struct.pack("<II6H", NOTHING, name, 20, 20, len(named), 0, 0, 0) + values
        return chunk(0x0102, struct.pack("<II", 1, NOTHING), body)

    def close(name: int) -> bytes:
        return chunk(0x0103, struct.pack("<II", 1, NOTHING), struct.pack("<II", NOTHING, name))

    inside = b"".join(begin(4 + number) + close(4 + number) for number in range(count))
    return chunk(3, b"", pool + begin(0, (1, 2)) + begin(3) + inside + close(3) + close(0))


def _length(number: int) -> bytes:
    return bytes([0x80 | number >> 8, number & 0xFF])


def read(data: bytes) -> Account[Contents]:
    block = signing_block([(V2, second("maker"))])
    return apks.account(apks.Apk([("AndroidManifest.xml", data)], block).file())


ILL_FORMED = [
    pytest.param(b"\xc3\x28" * 1000, True, 1000, 2000, id="as Java reads it"),
    pytest.param(b"\xff" * 3000, True, 3000, 3000, id="cut"),
    pytest.param(b"\xff" * 1000 + b"\0" + b"x" * 999, True, 1000, 2000, id="before a NUL"),
    pytest.param(b"a" * 1999 + b"\xff", True, 2000, 2000, id="at its end"),
    pytest.param(b"\x00\xd8" * 1000, False, 1000, 0, id="halves of pairs"),
]


@pytest.mark.parametrize(("content", "utf8", "units", "size"), ILL_FORMED)
def test_of_ill_formed_text_so_much_is_decoded_and_then_the_manifest_is_unreadable(
    content: bytes, utf8: bool, units: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_java, decoded = strings._as_java, [0]

    def count(raw: bytes) -> str:
        decoded[0] += len(raw)
        return as_java(raw)

    monkeypatch.setattr(strings, "_as_java", count)
    few = read(many_tags(content, 20, utf8=utf8, units=units, size=size))
    assert isinstance(few.value.manifest, Manifest)
    assert not few.whole
    decoded[0] = 0
    account = read(many_tags(content, 8_300, utf8=utf8, units=units, size=size))
    assert isinstance(account.value.manifest, OverBudget)
    assert isinstance(account.value.signers, Signers)  # which is no less true for that
    assert decoded[0] <= strings.ILL_FORMED_LIMIT == 64 * 1024


def test_well_formed_text_counts_nothing_towards_it() -> None:
    content = "é😀".encode() * 330
    account = read(many_tags(content, 1_000, utf8=True, units=990, size=len(content)))
    assert isinstance(account.value.manifest, Manifest)
    assert account.whole


def test_the_stop_button_is_seen_between_two_files(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    apps = [desk.install(f"a.b{i}", ("base.apk", file(f"a.b{i}"))) for i in range(5)]
    cancel, advance, advanced = Cancel(), FileReading.advance, []

    def slow(self: FileReading, pieces: list[bytes] | None) -> None:
        if pieces is not None:
            advanced.append(self.file.path)
            cancel.press()
        advance(self, pieces)

    monkeypatch.setattr(FileReading, "advance", slow)
    with pytest.raises(Cancelled):
        identify(desk.link, apps, silent, cancel)
    assert len(advanced) == 1


# Many files, and large directories


@pytest.mark.parametrize("by_list", [True, False])
def test_an_app_of_many_splits_is_read_whole(desk: Desk, by_list: bool) -> None:
    data = split()
    app = desk.install(ONE, ("base.apk", file(ONE)), *((f"split_m{n}.apk", data) for n in range(120)))
    assert desk.identify(listed(app) if by_list else app)[ONE].why is None


def pack(entries: int, signer: str = "maker") -> bytes:
    """A split with so many files, as a pack of a game's levels is."""
    apk = simple(signer, package=ONE, version=None, label=None, components=())
    names = [f"assets/levels/world_{n // 100:03d}/chunk_{n:06d}.bin" for n in range(entries)]
    apk.files += [(name, b"") for name in names]
    apk.stored = tuple(names)
    return apk.file()


@pytest.mark.slow
def test_a_pack_of_many_files_is_read_as_a_base_would_be(desk: Desk) -> None:
    app = desk.install(ONE, ("base.apk", file(ONE)), ("split_pack.apk", pack(7_500)))
    assert desk.identify(app)[ONE].why is None
    other = desk.install(
        "org.example.two", ("base.apk", file("org.example.two")), ("split_pack.apk", pack(7_500, "other"))
    )
    assert "not all signed by the same" in str(desk.identify(other)["org.example.two"].why)


def test_the_parts_of_one_app_share_what_is_read_of_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack(500)
    parts = [(f"split_m{n}.apk", data) for n in range(4)]
    app = desk.install(ONE, ("base.apk", file(ONE)), *parts)
    assert desk.identify(app)[ONE].why is None
    monkeypatch.setattr(module, "_PARTS_LIMIT", 3 * len(data))
    found = desk.identify(app)[ONE]
    assert "Not all of the files" in str(found.why)
    assert [c.sha256 for c in found.certificates] == sha("maker")


def test_an_allowance_is_spent_by_all_that_share_it() -> None:
    data = simple().file()
    together = Allowance(2 * source.BLOCK)
    results = []
    for _ in range(3):
        steps = reader.read(Remote(len(data), together=together), 34, base=False)
        try:
            wish = next(steps)
            while True:
                wish = steps.send([data[at : at + length] for at, length in wish])
        except StopIteration as end:
            results.append(isinstance(end.value.value.signers, Signers))
    assert results == [True, True, False]
