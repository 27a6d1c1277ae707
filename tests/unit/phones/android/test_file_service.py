"""Files whole over ADB's file service: what is handed on, what is broken off, and that the link goes on afterwards."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel
from core.model import Cancelled
from core.phones.android.link import file_service
from core.phones.android.link.adb_key import desk_key
from core.phones.android.link.file_service import FileAnswer, FileNotGiven
from core.phones.android.link.link import AdbLink, connect_tcp
from core.phones.android.link.problems import Garbled, TooMuch
from core.simulator import PracticeServer, load
from tests.examples import examples

PIECE = 64 * 1024


def answer_of(content: bytes, piece: int = PIECE) -> bytes:
    """What the file service says of a file with this content."""
    pieces = [content[at : at + piece] for at in range(0, len(content), piece)]
    return b"".join(struct.pack("<4sI", b"DATA", len(p)) + p for p in pieces) + struct.pack("<4sI", b"DONE", 0)


def read(answer: bytes, *cuts: int) -> bytes:
    """The file in `answer`, which comes in pieces that end at `cuts`."""
    content = bytearray()
    reader = FileAnswer(content.extend)
    at = 0
    for cut in sorted({min(c, len(answer)) for c in (*cuts, len(answer))}):
        reader.feed(answer[at:cut])
        at = cut
    reader.end()
    return bytes(content)


@examples(60)
@given(st.binary(max_size=3000), st.integers(1, 700), st.lists(st.integers(0, 4000), max_size=8))
def test_a_file_is_the_same_however_it_is_cut(content: bytes, piece: int, cuts: list[int]) -> None:
    assert read(answer_of(content, piece), *cuts) == content


@pytest.mark.parametrize(
    "answer",
    [
        answer_of(b"whole") + b"more",
        answer_of(b"whole")[:-1],
        b"",
        struct.pack("<4sI", b"DATA", PIECE + 1) + b"x" * (PIECE + 1),
        struct.pack("<4sI", b"WHAT", 3) + b"abc",
        struct.pack("<4sI", b"FAIL", 100_000),
    ],
)
def test_what_is_not_the_format_is_refused(answer: bytes) -> None:
    with pytest.raises(Garbled):
        read(answer)


@examples(60)
@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=4))
def test_no_answer_raises_anything_else(answer: bytes, cuts: list[int]) -> None:
    with contextlib.suppress(Garbled, FileNotGiven):
        read(answer, *cuts)


def test_a_reason_is_told_as_plain_text() -> None:
    reason = "no such file \u202e\n".encode()
    with pytest.raises(FileNotGiven) as refused:
        read(struct.pack("<4sI", b"FAIL", len(reason)) + reason, 5, 9, 20)
    assert "\u202e" not in refused.value.reason
    assert refused.value.reason.startswith("no such file")


def test_a_path_that_the_service_does_not_take_is_not_sent() -> None:
    with pytest.raises(FileNotGiven):
        file_service.request("/data/" + "x" * 1100)


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdbLink]:
    key: Any = desk_key(tmp_path_factory.mktemp("keys"), "Desk 4")
    with PracticeServer(load("walk-up"), pace=0) as phone:
        opened = connect_tcp("127.0.0.1", phone.port, key, Cancel())
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def file(link: AdbLink) -> tuple[str, int]:
    """The path of an app's file on the practice phone, and how large it is."""
    said = bytearray()
    link.run("pm path com.tencent.mm", said.extend, Cancel())
    path = said.decode().splitlines()[0].removeprefix("package:")
    size = bytearray()
    link.run(f"stat -c %s '{path}'", size.extend, Cancel())
    return path, int(size)


def test_a_file_comes_whole(link: AdbLink, file: tuple[str, int]) -> None:
    path, size = file
    content, other = bytearray(), bytearray()
    link.pull(path, content.extend, Cancel(), size)
    link.run(f"cat '{path}'", other.extend, Cancel(), raw=True)
    assert len(content) == size
    assert content == other


def test_more_than_the_phone_said_is_broken_off(link: AdbLink, file: tuple[str, int]) -> None:
    path, size = file
    content = bytearray()
    with pytest.raises(TooMuch):
        link.pull(path, content.extend, Cancel(), size - 1)
    assert len(content) == size - 1
    link.pull(path, bytearray().extend, Cancel(), size)  # it can go on


def test_a_file_that_is_not_there_is_not_given(link: AdbLink, file: tuple[str, int]) -> None:
    with pytest.raises(FileNotGiven):
        link.pull("/data/app/none/base.apk", bytearray().extend, Cancel(), 10)
    link.pull(file[0], bytearray().extend, Cancel(), file[1])


def test_a_stop_button_is_answered_in_the_middle_of_a_file(link: AdbLink, file: tuple[str, int]) -> None:
    cancel = Cancel()
    with pytest.raises(Cancelled):
        link.pull(file[0], lambda piece: cancel.press(), cancel, file[1])
    link.pull(file[0], bytearray().extend, Cancel(), file[1])
