"""What a Linux bundle is made lighter by: bytes out of a library, ICU's data, typst's fonts; and what is left alone."""

from __future__ import annotations

import contextlib
import re
import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from installer.linux import elf, fonts_inside, icu_data, lighter
from tests.examples import examples

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="of a bundle for Linux")

REPORTS = Path(__file__).parents[2] / "resources" / "reports"
PAGE = 4096
#: Where the data of the small library begin and end in its file, and how far its second segment is moved in memory.
DATA, END, AHEAD = 2 * PAGE, 10 * PAGE, PAGE


def library(*, rights: int = 4) -> bytes:
    """A library with `data` in a segment that is only read, and a second segment; no processor could run it."""
    names = b"\0data\0elsewhere\0"
    symbols = [(0, 0, 0, 0, 0, 0), (1, 0x11, 0, 1, DATA, END - DATA), (6, 0x10, 0, 0, 0, 0)]
    table = b"".join(struct.pack("<IBBHQQ", *symbol) for symbol in symbols)
    body = bytearray(12 * PAGE)
    body[DATA:END] = bytes(1 + n % 251 for n in range(END - DATA))
    body[END:] = b"\xfe" * (len(body) - END)
    body[1024 : 1024 + len(names)] = names
    body[2048 : 2048 + len(table)] = table
    segments = [
        (1, rights, 0, 0, 0, 10 * PAGE + 100, 10 * PAGE + 100, PAGE),
        (1, 6, 10 * PAGE + 100, 10 * PAGE + 100 + AHEAD, 0, 100, 200, PAGE),
        (4, 4, 3000, 3000, 3000, 36, 36, 4),
    ]
    sections = [
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        (1, 1, 2, DATA, DATA, END - DATA, 0, 0, 16, 0),
        (1, 11, 2, 2048, 2048, len(table), 3, 0, 8, 24),
        (1, 3, 2, 1024, 1024, len(names), 0, 0, 1, 0),
    ]
    header = (3, 62, 1, 0, 64, 11 * PAGE, 0, 64, 56, len(segments), 64, len(sections), 0)
    body[:64] = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack("<HHIQQQIHHHHHH", *header)
    for n, segment in enumerate(segments):
        struct.pack_into("<IIQQQQQQ", body, 64 + 56 * n, *segment)
    for n, section in enumerate(sections):
        struct.pack_into("<IIQQQQIIQQ", body, 11 * PAGE + 64 * n, *section)
    return bytes(body)


def loaded(file: bytes) -> dict[int, int]:
    """What is in memory once this library is loaded, byte by byte, by address."""
    (at,), (count,) = struct.unpack_from("<Q", file, 32), struct.unpack_from("<H", file, 56)
    memory: dict[int, int] = {}
    for n in range(count):
        kind, _, offset, address, _, in_file, in_memory, align = struct.unpack_from("<IIQQQQQQ", file, at + 56 * n)
        if kind == 1:
            assert offset % align == address % align, "a loader maps whole pages"
            assert address >= max(memory, default=-1), "in ascending order"
            memory |= dict(enumerate(file[offset : offset + in_file].ljust(in_memory, b"\0"), address))
    return memory


def test_data_are_found_by_their_name() -> None:
    assert elf.place_of(library(), "data") == range(DATA, END)
    with pytest.raises(elf.ElfProblem, match="no data called elsewhere"):
        elf.place_of(library(), "elsewhere")
    assert elf.wanted(library()) == ["elsewhere"]


@given(st.lists(st.integers(DATA, END), min_size=2, max_size=8, unique=True))
@examples(60)
def test_what_is_taken_out_reads_as_zeros_and_all_else_stays_where_it_was(borders: list[int]) -> None:
    borders = sorted(borders)
    holes = [range(*pair) for pair in zip(borders[::2], borders[1::2], strict=False)]
    before = library()
    if holes[0].stop - -(-holes[0].start // 8) * 8 < 56 * (3 + len(holes)):
        with pytest.raises(elf.ElfProblem, match="too short for the table"):
            elf.without(before, holes)
        return
    after = elf.without(before, holes)
    was, now = loaded(before), loaded(after)
    assert now.keys() == was.keys()
    out = {place for hole in holes for place in hole}
    changed = {place for place in was if now[place] != was[place]}
    assert changed - out <= set(range(32, 58)), "the header says where the tables are"
    moved_to = struct.unpack_from("<Q", after, 32)[0]
    table = set(range(moved_to, moved_to + 56 * (3 + len(holes))))
    assert not any(now[place] for place in out - table)
    assert table <= out
    pages = sum(max(0, hole.stop // PAGE - -(-hole.start // PAGE)) for hole in holes)
    assert len(before) - len(after) in (pages * PAGE, (pages - 1) * PAGE)
    assert elf.place_of(before, "data") == range(DATA, END)
    assert after.endswith(before[11 * PAGE + 256 :]), "what is behind the segments comes along"


def test_the_tables_of_a_shorter_library_say_where_things_are_now() -> None:
    after = elf.without(library(), [range(DATA + 100, END - PAGE)])
    assert len(after) == len(library()) - 6 * PAGE
    assert elf.wanted(after) == ["elsewhere"]
    (sections,) = struct.unpack_from("<Q", after, 40)
    assert sections == 5 * PAGE
    offset, size = struct.unpack_from("<QQ", after, sections + 64 + 24)
    assert (offset, size) == (DATA, PAGE), "the section ends where the first cut begins"


@pytest.mark.parametrize(
    ("holes", "why"),
    [
        ([range(END - 10, 11 * PAGE)], "not in one segment"),
        ([range(10 * PAGE + 120, 10 * PAGE + 150)], "only read"),
        ([range(12 * PAGE, 13 * PAGE)], "not in one segment"),
        ([range(2000, 2 * PAGE)], "needed by the loader"),
        ([range(60, 2000)], "needed by the loader"),
        ([range(DATA, DATA + PAGE), range(DATA + 5, END)], "overlap"),
        ([range(DATA, DATA + 100), range(DATA + PAGE, END)], "too short"),
    ],
)
def test_what_is_needed_is_not_taken_out(holes: list[range], why: str) -> None:
    with pytest.raises(elf.ElfProblem, match=why):
        elf.without(library(), holes)


def test_nothing_is_taken_out_of_code() -> None:
    with pytest.raises(elf.ElfProblem, match="only read"):
        elf.without(library(rights=5), [range(DATA, END)])


@given(st.integers(0, 12 * PAGE), st.integers(0, 3000), st.binary(max_size=64))
@examples(100)
def test_a_damaged_library_is_refused_or_read(length: int, place: int, noise: bytes) -> None:
    damaged = library()[:place] + noise + library()[place + len(noise) : length]
    for read in (lambda: elf.place_of(damaged, "data"), lambda: elf.wanted(damaged)):
        with contextlib.suppress(elf.ElfProblem):
            read()
    with contextlib.suppress(elf.ElfProblem):
        elf.without(damaged, [range(DATA, END)])


# --- ICU's data


def package(**items: bytes) -> bytes:
    """A package of ICU's data with these items, `__` in a name for a folder and `_dot_` for the last point."""
    named = sorted((f"icudt73l/{name.replace('__', '/').replace('_dot_', '.')}", item) for name, item in items.items())
    head = struct.pack("<H2sHHBBBB4s4s4s", 32, b"\xda\x27", 20, 0, 0, 0, 2, 0, b"CmnD", b"\1\0\0\0", b"\3\0\0\0")
    names_at = 4 + 8 * len(named)
    names = b"".join(name.encode() + b"\0" for name, _ in named)
    names += b"\xaa" * (-(names_at + len(names)) % 16)
    table, name_at, item_at = struct.pack("<I", len(named)), names_at, names_at + len(names)
    for name, item in named:
        table += struct.pack("<II", name_at, item_at)
        name_at += len(name) + 1
        item_at += len(item)
    return head.ljust(32, b"\0") + table + names + b"".join(item for _, item in named)


ITEMS = {
    "brkitr__thaidict_dot_dict": b"a" * 16,
    "coll__de_dot_res": b"b" * 16,
    "coll__fr_CA_dot_res": b"c" * 32,
    "coll__root_dot_res": b"d" * 16,
    "coll__ucadata_dot_icu": b"e" * 48,
    "curr__fr_dot_res": b"f" * 16,
    "de_dot_res": b"g" * 16,
    "en_dot_res": b"h" * 16,
    "fry_dot_res": b"i" * 16,
    "ibm-943_P15A-2003_dot_cnv": b"j" * 16,
    "unames_dot_icu": b"k" * 16,
    "zoneinfo64_dot_res": b"l" * 16,
    "zone__tzdbNames_dot_res": b"m" * 16,
}


def test_english_and_french_are_kept_and_what_all_languages_need() -> None:
    kept = icu_data.items(icu_data.trimmed(package(**ITEMS)))
    assert [name.partition("/")[2] for name in kept] == [
        "coll/fr_CA.res",
        "coll/root.res",
        "coll/ucadata.icu",
        "en.res",
        "zone/tzdbNames.res",
        "zoneinfo64.res",
    ]
    assert kept["icudt73l/coll/ucadata.icu"] == b"e" * 48


def test_what_is_kept_is_packed_as_it_was() -> None:
    kept = {name: item for name, item in ITEMS.items() if name.startswith(("coll__fr", "coll__root", "en", "zone"))}
    assert icu_data.trimmed(package(**kept)) == package(**kept)
    with pytest.raises(icu_data.DataProblem, match="nothing"):
        icu_data.trimmed(package(de_dot_res=b"g" * 16))


@given(st.integers(0, 700), st.integers(0, 700), st.binary(max_size=40))
@examples(100)
def test_damaged_data_are_refused_or_read(length: int, place: int, noise: bytes) -> None:
    whole = package(**ITEMS)
    with contextlib.suppress(icu_data.DataProblem):
        icu_data.trimmed((whole[:place] + noise + whole[place + len(noise) :])[:length])


@pytest.mark.parametrize("place", [2, 8, 9, 12, 16], ids=["magic", "big-endian", "ebcdic", "form", "version"])
def test_data_of_another_form_are_refused(place: int) -> None:
    other = bytearray(package(**ITEMS))
    other[place] += 1
    with pytest.raises(icu_data.DataProblem, match="another form"):
        icu_data.trimmed(bytes(other))


# --- fonts


def font(name: str, filling: int = 1) -> bytes:
    """A font without letters."""
    tags = sorted(fonts_inside._REQUIRED)
    written = name.encode("utf-16-be")
    names = struct.pack(">HHH6H", 0, 1, 18, 3, 1, 0x409, 4, len(written), 0) + written
    place, entries, bodies = 12 + 16 * len(tags), b"", b""
    for tag in tags:
        body = names if tag == b"name" else bytes([filling]) * 8
        entries += struct.pack(">4s4xII", tag, place, len(body))
        bodies += body
        place += len(body)
    return b"\0\1\0\0" + struct.pack(">4H", len(tags), 0, 0, 0) + entries + bodies


def test_fonts_are_found_in_a_heap_of_bytes() -> None:
    one, other = font("One Sans"), font("Other Serif Bold")
    found = fonts_inside.find(b"\0\1\0\0" * 9 + one + b"OTTO\0\x09......" + other + b"OTTO")
    assert [(each.name, len(each.place)) for each in found] == [
        ("One Sans", len(one)),
        ("Other Serif Bold", len(other)),
    ]
    assert found[0].place.start == 36


@given(st.integers(0, 300), st.integers(0, 300), st.binary(max_size=40))
@examples(100)
def test_a_damaged_font_is_none_or_lies_within(length: int, place: int, noise: bytes) -> None:
    whole = font("One Sans")
    damaged = (whole[:place] + noise + whole[place + len(noise) :])[:length]
    assert all(each.place.stop <= len(damaged) for each in fonts_inside.find(damaged))


def test_the_papers_ask_for_no_other_fonts() -> None:
    """Else typst would take the one that is nearest, and say nothing."""
    asked = "".join(file.read_text(encoding="utf-8") for file in REPORTS.glob("*.typ"))
    families = re.findall(r"#let (?:serif|mono) = [(](.*?)[)]", asked)
    assert set(re.findall(r'"(.*?)"', " ".join(families))) == {
        "Libertinus Serif", "DejaVu Sans Mono", "New Computer Modern"
    }  # fmt: skip
    assert set(re.findall(r"font: ([^,)]+)", asked)) <= {"serif", "mono", "if p.mono { mono } else { serif }"}
    assert set(re.findall(r'weight: "?(\w+)', asked)) == {"bold", "semibold", "if"}
    assert set(re.findall(r'style: "?(\w+)', asked)) == {"italic"}
    assert not re.search(r"#emph|#smallcaps", asked)


def test_fonts_that_follow_each_other_are_one_part() -> None:
    a, b, c = font("A"), font("B"), font("C")
    heap = a + b"\0\0\0" + b + b"\0x" + c
    found = fonts_inside.find(heap)
    assert lighter._joined(heap, found) == [range(len(a) + 3 + len(b)), range(len(heap) - len(c), len(heap))]


# --- what is left alone


def a_bundle(folder: Path, qt: bytes, icu: bytes, typst: bytes) -> dict[str, Path]:
    files = {
        "qt": folder / "lib/PySide6/Qt/lib/libQt6Core.so.6",
        "icu": folder / "lib/PySide6/Qt/lib/libicudata.so.73",
        "typst": folder / "lib/typst/_typst.abi3.so",
    }
    for file, content in zip(files.values(), (qt, icu, typst), strict=True):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return files


def test_libraries_that_are_not_as_they_are_known_stay_and_the_build_says_so(tmp_path: Path) -> None:
    files = a_bundle(tmp_path, library(), library(), library())
    said = lighter.make_lighter(tmp_path)
    assert said == [
        "ICU's data stayed as heavy as it was: it has no data called icudt73_dat.",
        "typst stayed as heavy as it was: it has 0 of the 8 fonts that are needed.",
    ]
    assert all(file.read_bytes() == library() for file in files.values())
    assert not list(tmp_path.rglob("*.new"))


def test_what_qt_newly_asks_icu_for_is_not_taken_away(tmp_path: Path) -> None:
    asks = library().replace(b"elsewhere\0", b"ubrk_x_73\0")
    a_bundle(tmp_path, asks, library(), library())
    assert lighter.make_lighter(tmp_path)[0] == (
        "ICU's data stayed as heavy as it was: Qt asks ICU for ubrk_x_73, which installer/linux/icu_data.py does not "
        "know."
    )


def test_a_bundle_without_them_is_packed_too(tmp_path: Path) -> None:
    said = lighter.make_lighter(tmp_path)
    assert len(said) == 2
    assert all("has 0 files" in sentence for sentence in said)
