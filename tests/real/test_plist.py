"""Somebody else's readers of property lists: they take the configuration profile that Fanion exports, and read what a
phone says as Fanion does. Where they do not, Fanion says that a list is not whole, or refuses it."""

from __future__ import annotations

import itertools
import plistlib
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist
from core.policy.convert import export
from core.policy.format import policy_file
from tests.fuzz.mutate import mutated
from tests.kit.iphone import hostile_plists

needs_plistutil = pytest.mark.skipif(not shutil.which("plistutil"), reason="needs plistutil of libplist")

FORMS: Final = (plistlib.FMT_XML, plistlib.FMT_BINARY)
#: Made lists that are read by each of the two other readers: a process of its own is costly.
BY_PLISTLIB: Final = 20_000
BY_PLISTUTIL: Final = 1_200
HEAD: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">'
#: Two readers' word for one list: that it is none.
REFUSED: Final = "refused"


@needs_plistutil
def test_plistutil_reads_the_profile(tmp_path: Path) -> None:
    profile, again = tmp_path / "canada.mobileconfig", tmp_path / "again"
    data = export(policy_file.load_built_in("canada"), "apple").data
    profile.write_bytes(data)
    done = subprocess.run(["plistutil", "-i", profile, "-o", again, "-f", "bin"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert plistlib.loads(again.read_bytes()) == plistlib.loads(data)


# --- lists as a phone sends them, and as one would send them to do harm


def honest(number: int) -> dict[str, Any]:
    """What a phone says, of every kind of value."""
    pick = random.Random(number)
    texts = ["", "WeChat", "微信", "Café & Co <br>", "a\tb\nc", "'\"", "𝒳", " lead", "trail ", "x" * 300]
    leaves: list[Callable[[], Any]] = [
        lambda: pick.choice(texts),
        lambda: pick.choice([True, False]),
        lambda: pick.choice([0, 1, 255, 256, 65_536, 2**31, 2**63 - 1]),
        lambda: pick.choice([0.5, -1.25, 1024.0]),
        lambda: pick.choice([b"", b"\0\1\2", b"x" * 70]),
        lambda: datetime(2020 + pick.randrange(9), 1 + pick.randrange(12), 1, 2, 3, 4),
    ]

    def value(depth: int) -> Any:
        kind = pick.randrange(len(leaves) + (2 if depth < 4 else 0))
        if kind < len(leaves):
            return leaves[kind]()
        inner = [value(depth + 1) for _ in range(pick.randrange(4))]
        return inner if kind == len(leaves) else {f"key{n}": one for n, one in enumerate(inner)}

    return {"LookupResult": {f"ca.example.app{n}": {"CFBundleName": value(1)} for n in range(3)}, "x": value(0)}


def texts_of_xml() -> Iterator[bytes]:
    """Every odd thing in the place of a value, of a key, and around the list."""
    odd = [
        "<string>We<!-- -->Chat</string>",
        "<string>We<?x y?>Chat</string>",
        "<string>We<![CDATA[Chat]]></string>",
        "<string><![CDATA[<b>]]></string>",
        "<string>We&#67;hat</string>",
        "<string>We&#x43;hat</string>",
        "<string>&lt;b&gt; &amp;amp;</string>",
        "<string>&unknown;</string>",
        "<string>a\rb</string>",
        "<string>a\r\nb</string>",
        "<string>a&#13;b</string>",
        "<string>a\nb</string>",
        "<string/>",
        "<string></string>",
        '<string lang="fr">a</string>',
        "<string>a<string>b</string></string>",
        "<integer>1_000</integer>",
        "<integer>\u0661</integer>",
        "<integer>0x1F</integer>",
        "<integer>-0x1F</integer>",
        "<integer>+5</integer>",
        "<integer> 5 </integer>",
        "<integer></integer>",
        "<integer>5.5</integer>",
        "<integer>99999999999999999999</integer>",
        "<integer>-9223372036854775808</integer>",
        "<integer>18446744073709551615</integer>",
        "<integer>18446744073709551616</integer>",
        "<integer>007</integer>",
        "<integer>00777</integer>",
        "<integer>-0</integer>",
        "<real>1_0.5</real>",
        "<real>0x10</real>",
        "<real>1e3</real>",
        "<real>nan</real>",
        "<real></real>",
        "<true>yes</true>",
        "<true><false/></true>",
        "<True/>",
        "<data>AAEC</data>",
        "<data>AA!EC</data>",
        "<data>AAE</data>",
        "<data>AA EC\n</data>",
        "<data>=AAEC</data>",
        "<date>2020-01-02T03:04:05Z</date>",
        "<date>2020-13-02T03:04:05Z</date>",
        "<date>2020-01-02</date>",
        "<date>\n2020-01-02T03:04:05Z</date>",
        "<array>text<true/></array>",
        "<array><key>a</key></array>",
        "<dict><key>a</key></dict>",
        "<dict><true/></dict>",
        "<dict><key>a</key><key>b</key><true/></dict>",
        "<dict><key>a</key><true/><key>a</key><false/></dict>",
        "<dict><key>a</key><true/><!-- <key>a</key> --><key>b</key><false/></dict>",
        "<dict><key>a<!-- -->b</key><true/></dict>",
        "<set><true/></set>",
        "<uid>5</uid>",
        "<dict><key>CF$UID</key><integer>5</integer></dict>",
        "<plist><true/></plist>",
        "",
    ]
    for one in odd:
        yield HEAD + f"<dict><key>k</key>{one}</dict></plist>".encode()
        yield HEAD + f"<dict><key>k</key>{one}<key>l</key>{one}</dict></plist>".encode()
        yield HEAD + f"<dict><key>k</key><array>{one}{one}</array></dict></plist>".encode()
    table = b"<dict><key>k</key><string>caf\xc3\xa9</string></dict>"
    yield HEAD + table + b"</plist>\n"
    yield HEAD + table + table + b"</plist>"
    yield HEAD + table + b"</plist><plist>" + table + b"</plist>"
    yield HEAD + table + b"</plist>\0"
    yield HEAD + table + b"</plist>junk"
    yield HEAD + b"text" + table + b"</plist>"
    yield b"\xef\xbb\xbf" + HEAD + table + b"</plist>"
    yield HEAD.replace(b"UTF-8", b"latin-1") + table + b"</plist>"
    yield HEAD.replace(b"UTF-8", b"ascii") + table + b"</plist>"
    yield (HEAD + table + b"</plist>").decode().replace("UTF-8", "UTF-16").encode("utf-16")
    yield (HEAD + table + b"</plist>").decode().encode("utf-16-le")
    yield HEAD.replace(b"plist version", b"plists version") + table + b"</plists>"
    yield table
    yield HEAD + table.replace(b"\xc3\xa9", b"\xc0\xa9") + b"</plist>"
    yield HEAD + table.replace(b"\xc3\xa9", b"\xed\xa0\x80") + b"</plist>"
    yield HEAD.replace(b"\n", b'\n<!DOCTYPE plist [<!ENTITY e "x">]>') + table.replace(b"caf", b"&e;") + b"</plist>"


def odd_binary() -> Iterator[bytes]:
    """Lists in binary with objects, frames and references that no honest writer makes."""
    texts = [
        b"\x53a\0b",
        b"\x51\xe9",
        b"\x62\xd8\x00\x00a",
        b"\x61\x00\x00",
        b"\x50",
        b"\x54text",
        b"\x5f\x10\x04text",
        b"\x5f\x11\x00\x04text",
        b"\x5f\x50text",
        b"\x13\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x12\xff\xff\xff\xff",
        b"\x14" + b"\0" * 7 + b"\x00" + b"\xff" * 8,
        b"\x14" + b"\xff" * 16,
        b"\x15" + b"\0" * 32,
        b"\x22\x3f\x80\0\0",
        b"\x23\x7f\xf8\0\0\0\0\0\0",
        b"\x33\x41\x00\0\0\0\0\0\0",
        b"\x33\x7f\xf0\0\0\0\0\0\0",
        b"\x80\x05",
        b"\x00",
        b"\x0f",
        b"\x08",
        b"\x09",
        b"\x0c\x51x",
        b"\xb1\x01",
        b"\xc1\x01",
        b"\x44data",
        b"\xa0",
        b"\xa1\x00",
        b"\xd0",
        b"\xd1\x01\x02",
    ]
    for text in texts:
        yield binary([b"\xd1\x01\x02", b"\x51k", text])
        yield binary([b"\xd1\x02\x01", b"\x51k", text])
        yield binary([b"\xa2\x01\x02", b"\x51k", text])
    whole = [b"\xd2\x01\x02\x03\x03", b"\x51k", b"\x51l", b"\x54text"]
    yield binary(whole)
    yield binary([*whole, b"\x54more"])
    yield binary([b"\xd2\x01\x01\x02\x03", b"\x51k", b"\x51x", b"\x51y"])
    yield binary([b"\xd2\x01\x02\x03\x03", b"\x51k", b"\x51k", b"\x51y"])
    yield binary(whole, between=b"\0")
    yield binary(whole, before_table=b"junk")
    yield binary(whole, places=[8, 13, 13, 17])
    yield binary(whole, top=3)
    yield binary(whole, top=9)
    yield binary(whole, head=b"bplist01")
    yield binary(whole, head=b"bplist0\0")
    yield binary(whole) + b"\0"
    yield binary([b"\xd1\x01\x09", b"\x51k"])


def binary(
    objects: list[bytes],
    *,
    head: bytes = b"bplist00",
    between: bytes = b"",
    before_table: bytes = b"",
    places: list[int] | None = None,
    top: int = 0,
) -> bytes:
    made, found = bytearray(head), []
    for one in objects:
        found.append(len(made))
        made += one + between
    made += before_table
    table = bytes(places or found)
    frame = bytes([0, 0, 0, 0, 0, 0, 1, 1]) + len(objects).to_bytes(8) + top.to_bytes(8) + len(made).to_bytes(8)
    return bytes(made) + table + frame


def made(count: int) -> Iterator[bytes]:
    """So many lists: those of every form and oddity, honest ones, and both with a few bytes altered."""
    told = [plistlib.dumps(honest(number), fmt=form) for number in range(40) for form in FORMS]
    seeds = [*texts_of_xml(), *odd_binary(), *told]
    changed = (mutated(number, seeds) for number in itertools.count())
    hostile = (one() for name, one in hostile_plists.HOSTILE.items() if name not in ("long_text", "deep_xml"))
    return itertools.islice(itertools.chain(seeds, hostile, changed), count)


def ours(data: bytes) -> Any:
    """What Fanion takes a list for, if it calls it whole; else None."""
    try:
        read = plist.parse(data)
    except Malformed:
        return None
    return comparable(read.value) if read.whole else None


def plistlib_s(data: bytes) -> Any:
    form = plistlib.FMT_BINARY if data.startswith(b"bplist") else plistlib.FMT_XML
    try:
        return comparable(plistlib.loads(data, fmt=form))
    except Exception:  # whatever its parser meets
        return REFUSED


def plistutil_s(data: bytes, folder: Path) -> Any:
    """Written anew in binary, which loses nothing, and read by plistlib."""
    before, after = folder / "before", folder / "after"
    before.write_bytes(data)
    after.unlink(missing_ok=True)
    command = ["plistutil", "-i", before, "-o", after, "-f", "bin"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    if done.returncode or not after.exists():
        return REFUSED
    return comparable(plistlib.loads(after.read_bytes()))


def comparable(value: Any) -> Any:
    """A value with its kinds: True is not 1, and 1 is not 1.0. Of a moment its second counts."""
    if isinstance(value, dict):
        return {key: comparable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [comparable(one) for one in value]
    if isinstance(value, datetime):
        return "date", value.isoformat(timespec="seconds")
    return type(value).__name__, f"{value:.6g}" if isinstance(value, float) else repr(value)


@pytest.mark.parametrize("form", FORMS)
def test_what_a_phone_says_is_whole(form: Any) -> None:
    for number in range(500):
        data = plistlib.dumps(honest(number), fmt=form)
        assert ours(data) == comparable(honest(number))


def test_plistlib_reads_what_is_whole_alike() -> None:
    whole = 0
    for data in made(BY_PLISTLIB):
        read = ours(data)
        if read is not None:
            whole += 1
            assert plistlib_s(data) == read, data
    assert whole > BY_PLISTLIB // 100


@needs_plistutil
def test_plistutil_reads_what_is_whole_alike(tmp_path: Path) -> None:
    whole = 0
    for data in made(BY_PLISTUTIL * 20):
        read = ours(data)
        if read is not None:
            whole += 1
            assert plistutil_s(data, tmp_path) == read, data
            if whole == BY_PLISTUTIL:
                break
    assert whole > BY_PLISTUTIL // 10
