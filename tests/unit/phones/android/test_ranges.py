"""Byte ranges of files on a phone: what comes back is exactly what was asked for, or nothing."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel
from core.model import Cancelled
from core.phones.android.files import ranges
from core.phones.android.files.ranges import BLOCK, COMMAND_LIMIT, FileRange, Reader, is_apk_path, is_folder_path
from core.phones.driver import Unplugged
from tests.unit.phones.android.local import LocalLink


def read(
    link: LocalLink, wanted: Sequence[FileRange], cancel: Cancel, longest: int = COMMAND_LIMIT
) -> list[bytes | None]:
    """What a new reader reads in one go."""
    return Reader(link, longest).read(wanted, cancel)


@pytest.mark.parametrize(
    "path",
    [
        "/data/app/~~3zPOT2-v1ZzJYbUz_gCfSQ==/com.tencent.mm-2bJh8r5Ovlz3qYgDmVl5rw==/base.apk",
        "/data/app/com.example-1/split_config.arm64_v8a.apk",
        "/data/app/com.example-1.apk",
        "/system/priv-app/Settings/Settings.apk",
        "/system_ext/app/X+Y/X,Y.apk",
        "/mnt/asec/com.example-1/pkg.apk",
        "/apex/com.android.wifi@340090000/app/WifiResources#1/R.apk",
        "/my_product/app/A/A.apk",
    ],
)
def test_the_paths_of_real_apps_pass(path: str) -> None:
    assert is_apk_path(path)
    assert is_folder_path(path.rpartition("/")[0])


@pytest.mark.parametrize(
    "path",
    [
        "",
        "base.apk",
        "/",
        "/.apk",
        "/data/app/x/base.apk'",
        "/data/app/x'; reboot; '/base.apk",
        "/data/app/$(reboot)/base.apk",
        "/data/app/`reboot`/base.apk",
        "/data/app/x y/base.apk",
        "/data/app/x\n/base.apk",
        "/data/app/x/base.apk\n",
        "/data/../etc/base.apk",
        "/data/./app/base.apk",
        "/data//app/base.apk",
        "/data/app/base.apk/",
        "/data/app/base.APK",
        "/data/app/é/base.apk",
        "/data/app/*/base.apk",
        "/data/app/x\\/base.apk",
        "/" + "a" * 500 + ".apk",
    ],
)
def test_no_other_path_enters_a_command(path: str, tmp_path: Path) -> None:
    link = LocalLink(tmp_path)
    assert not is_apk_path(path)
    with pytest.raises(ValueError, match=f"^{re.escape(path)}$"):
        read(link, [FileRange(path, 0, 1)], Cancel())
    assert not link.commands


@given(st.text(max_size=60))
def test_what_passes_is_one_word_in_quotes(text: str) -> None:
    for path in (text, f"/data/{text}.apk"):
        if is_apk_path(path) or is_folder_path(path):
            assert path.startswith("/")
            assert not set(path) & set("'\"\\$`;&|<>()*?[]{}!^ \t\r\n\0")
            assert path.isascii()


@pytest.fixture
def apk(tmp_path: Path) -> Path:
    """A file whose bytes look like anything, markers and line ends among them."""
    file = tmp_path / "base.apk"
    file.write_bytes((b"\r\n\0\xff echo\n" + os.urandom(50) + b"\n0\n") * 3000)
    return file


def wanted(file: Path, *parts: tuple[int, int]) -> list[FileRange]:
    return [FileRange(os.fspath(file), at, length) for at, length in parts]


def test_ranges_of_several_files_in_one_command(apk: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.apk"
    other.write_bytes(b"other" * 2000)
    data = apk.read_bytes()
    end = len(data) // BLOCK * BLOCK
    link = LocalLink(tmp_path)
    asked = [*wanted(apk, (0, BLOCK), (2 * BLOCK, 3 * BLOCK), (end, len(data) - end)), *wanted(other, (0, 10_000))]
    assert read(link, asked, Cancel()) == [
        data[:BLOCK],
        data[2 * BLOCK : 5 * BLOCK],
        data[end:],
        other.read_bytes(),
    ]
    assert link.raw == [True]
    assert link.fed[0] < sum(w.length for w in asked) + 500


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7])
def test_files_of_a_few_bytes_are_read_like_others(size: int, tmp_path: Path) -> None:
    """No honest app has one, and a phone may say what it likes of its files' sizes."""
    files = [tmp_path / name for name in ("one.apk", "two.apk")]
    for file in files:
        file.write_bytes(file.name.encode()[:size])
    asked = [FileRange(os.fspath(file), 0, size, size) for file in files]
    assert read(LocalLink(tmp_path), asked, Cancel()) == [file.read_bytes() for file in files]


def test_what_is_missing_or_short_costs_the_others_nothing(apk: Path, tmp_path: Path) -> None:
    link = LocalLink(tmp_path)
    size = apk.stat().st_size
    asked = [
        *wanted(tmp_path / "gone.apk", (0, BLOCK)),
        *wanted(apk, (0, BLOCK), (size // BLOCK * BLOCK, BLOCK), (100 * BLOCK, BLOCK), (BLOCK, BLOCK)),
    ]
    data = apk.read_bytes()
    assert read(link, asked, Cancel()) == [None, data[:BLOCK], None, None, data[BLOCK : 2 * BLOCK]]


@pytest.mark.parametrize(
    "changed",
    [
        lambda answer: b"",
        lambda answer: answer[:100],
        lambda answer: answer.replace(b"\n", b"\r\n"),
        lambda answer: answer.replace(b" 1\n", b" 2\n"),
        lambda answer: b"x" * 10_000_000,
        lambda answer: b"/system/bin/sh: dd: not found\n" * 3,
    ],
)
def test_an_answer_that_is_none_gives_nothing(apk: Path, tmp_path: Path, changed: Callable[[bytes], bytes]) -> None:
    link = LocalLink(tmp_path)
    link.changed = changed
    assert None in read(link, wanted(apk, (0, BLOCK), (BLOCK, BLOCK)), Cancel())


def test_after_too_much_what_came_counts(apk: Path, tmp_path: Path) -> None:
    link = LocalLink(tmp_path)
    link.changed = lambda answer: answer + bytes(10_000_000)
    assert read(link, wanted(apk, (0, BLOCK)), Cancel()) == [apk.read_bytes()[:BLOCK]]


def test_a_cut_at_any_place_gives_whole_ranges_or_none(apk: Path, tmp_path: Path) -> None:
    link = LocalLink(tmp_path)
    data = apk.read_bytes()
    whole = [data[:BLOCK], data[BLOCK : 2 * BLOCK]]
    for cut in itertools.chain(range(0, 200, 7), range(BLOCK, BLOCK + 200, 7), range(2 * BLOCK, 2 * BLOCK + 300, 7)):
        link.changed = lambda answer, cut=cut: answer[:cut]  # type: ignore[misc]
        found = read(link, wanted(apk, (0, BLOCK), (BLOCK, BLOCK)), Cancel())
        assert all(f in (None, w) for f, w in zip(found, whole, strict=True))


def test_no_command_is_longer_than_the_phone_takes(apk: Path, tmp_path: Path) -> None:
    link = LocalLink(tmp_path)
    asked = wanted(apk, *((i * BLOCK, BLOCK) for i in range(45)))
    data = apk.read_bytes()
    assert read(link, asked, Cancel(), ranges.command_limit(22)) == [
        data[i * BLOCK : (i + 1) * BLOCK] for i in range(45)
    ]
    assert len(link.commands) > 1
    assert all(len(c) < 4096 for c in link.commands)
    link.commands.clear()
    read(link, asked, Cancel(), ranges.command_limit(24))
    assert len(link.commands) == 1


def test_no_answer_is_larger_than_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "large.apk"
    with file.open("wb") as opened:
        opened.truncate(20 * 2**20)
    link = LocalLink(tmp_path)
    found = read(link, wanted(file, *((i * 2**20, 2**20) for i in range(10))), Cancel())
    assert found == [bytes(2**20)] * 10
    assert max(link.fed) < ranges.ANSWER_LIMIT + 10_000


def test_problems_of_the_phone_and_the_stop_button_go_through(apk: Path, tmp_path: Path) -> None:
    link = LocalLink(tmp_path)
    cancel = Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        read(link, wanted(apk, (0, BLOCK)), cancel)

    def gone(answer: bytes) -> bytes:
        raise Unplugged

    link.changed = gone
    with pytest.raises(Unplugged):
        read(link, wanted(apk, (0, BLOCK)), Cancel())


def test_nothing_wanted_asks_nothing(tmp_path: Path) -> None:
    link = LocalLink(tmp_path)
    assert read(link, [], Cancel()) == []
    assert not link.commands
