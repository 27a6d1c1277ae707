"""A capture's file is read as it was written; of any other, one sentence says what is wrong, and where."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.capture import capture_file
from core.capture.capture_file import (
    Capture,
    CapturedAnswer,
    CapturedCertificate,
    CapturedIdentity,
    CaptureHead,
    CaptureProblem,
    Differs,
    Expected,
    ExpectedFinding,
    ExpectedGap,
    UnchangedValues,
)
from tests.examples import examples

WHOLE = Capture(
    CaptureHead(2, "android", "fanion 0.9.0", "ca 3"),
    (
        UnchangedValues("ids", ("com.tencent.mm",)),
        CapturedAnswer("getprop", 0, lines=("[ro.build.version.sdk]: [34]", "", "a\u2028b\u202ec\x00\t“é”")),
        CapturedAnswer("dumpsys user", 255, cut=True),
        CapturedIdentity(
            "com.tencent.mm", 7, "WeChat", (CapturedCertificate("0" * 64, "", "", "962f5b7"),), classes=("a.b.C",)
        ),
        Expected(
            "red",
            (ExpectedFinding("wechat", "com.tencent.mm", 0, "named", ("package-id",)),),
            (ExpectedGap("It was not read.", 10),),
            {"patch": "green"},
        ),
        Differs("The phone’s table of screens was not kept whole."),
    ),
)
TEXT = capture_file.to_bytes(WHOLE)


def test_what_is_written_is_read_again() -> None:
    assert capture_file.read(TEXT) == WHOLE


def test_a_person_can_read_it_line_by_line() -> None:
    lines = TEXT.decode().split("\n")
    assert lines[2] == '{"kind":"answer","command":"getprop"}'
    assert lines[3] == '"[ro.build.version.sdk]: [34]"'
    # What an editor would obey or hide is written by its number.
    assert lines[5] == '"a\\u2028b\\u202ec\\u0000\\t“é”"'


def test_a_file_that_windows_saved_is_the_same() -> None:
    assert capture_file.read(b"\xef\xbb\xbf" + TEXT.replace(b"\n", b"\r\n")) == WHOLE


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"{}", "Line 1: The file is no capture"),
        (b"PK\x03\x04", "Line 1: The file is no capture"),
        (b'{"kind":"capture","version":9,"platform":"android"}', "form that this Fanion does not know (version 9)"),
        (TEXT.replace(b'"[ro.build', b"[ro.build"), "Line 4: A line of the capture makes no sense."),
        (TEXT.replace(b'"code":255', b'"code":"no"'), "Line 7: A line of the capture makes no sense."),
        (TEXT.replace(b'"962f5b7"', b'"A"'), "Line 8: A line of the capture makes no sense."),
        (TEXT.replace(b'"label"', b'"name"'), "Line 8: A line of the capture"),
        (TEXT + b'"one line more"\n', "Line 11: A line of an answer stands where no answer begins."),
        (TEXT + b'{"kind":"answer","command":"x","lines":["a"]}', "Line 11: A line of the capture makes no sense."),
        (TEXT + b"[" * 100_000, "Line 11: A line of the capture makes no sense."),
        (TEXT + b'"' + b"a" * capture_file.LINE_LIMIT + b'"', "Line 11: A line of the capture is too long."),
        (TEXT + b"\xff\xfe", "Line 11: The file is no capture: it is not text in UTF-8."),
    ],
)
def test_what_is_wrong_is_told_with_its_line(content: bytes, sentence: str) -> None:
    with pytest.raises(CaptureProblem) as problem:
        capture_file.read(content)
    assert sentence in str(problem.value.sentence)


@examples(150)
@given(
    st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, 60), st.binary(max_size=40)), min_size=1, max_size=4)
)
def test_a_mutated_file_is_read_or_refused_with_a_sentence(changes: list[tuple[int, int, bytes]]) -> None:
    content = TEXT
    for at, length, put in changes:
        content = content[:at] + put + content[at + length :]
    with contextlib.suppress(CaptureProblem):
        capture = capture_file.read(content)
        assert capture_file.read(capture_file.to_bytes(capture)) == capture


def test_a_line_as_long_as_a_phone_may_print_it_is_read_again() -> None:
    answer = CapturedAnswer("getprop", lines=("\x01" * 2**20,))
    capture = Capture(WHOLE.head, (answer,))
    assert capture_file.read(capture_file.to_bytes(capture)) == capture


def test_more_than_a_file_may_hold_is_not_written() -> None:
    answer = CapturedAnswer("getprop", lines=("x" * 2**20,) * 65)
    with pytest.raises(CaptureProblem, match="too long"):
        capture_file.to_bytes(Capture(WHOLE.head, (answer,)))


@pytest.mark.parametrize("line", [b"\n", b'""\n'])
def test_lines_are_counted_before_they_are_parted(line: bytes) -> None:
    """A file of tiny lines would take gigabytes."""
    with pytest.raises(CaptureProblem, match="too many lines"):
        capture_file.read(line * (capture_file.LINES_LIMIT + 1))
