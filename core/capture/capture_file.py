"""The file of a capture: text that a person reads line by line, and a program within limits.

Every line is one value of JSON. A line in braces says what it is by its ``kind``; a line in quotes is one line of the
answer above it, as the phone gave it or as its pseudonyms stand for it::

    {"kind":"capture","version":2,"platform":"android","made_by":"fanion 0.9.0","policy":"ca-2023 3"}
    {"kind":"unchanged","group":"ids","values":["com.android.vending","com.tencent.mm"]}
    {"kind":"answer","command":"properties","code":0,"script":"properties"}
    "[ro.build.version.sdk]: [34]"
    {"kind":"app","package":"com.tencent.mm","version_code":2340,"label":"WeChat",...}
    {"kind":"expected","verdict":"red",...}

A file may have been altered, or made by hand: it is data, and believed as little as a phone. What is wrong with one is
told in one sentence with the number of its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal

import msgspec

from core.problem import Problem
from core.text import T, Text

#: The format that is written; one that is newer is not read.
VERSION: Final = 2
#: Of a whole file (bytes), of one of its lines (characters), and of what it holds.
FILE_LIMIT: Final = 64 * 2**20
LINE_LIMIT: Final = 8 * 2**20
LINES_LIMIT: Final = 1_000_000
ITEMS_LIMIT: Final = 20_000

_Short = Annotated[str, msgspec.Meta(max_length=300)]
_Long = Annotated[str, msgspec.Meta(max_length=20_000)]
_Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{0,64}$")]


class CaptureProblem(Problem):
    """A capture cannot be made, or its file cannot be used."""

    code = "capture"
    exit_code = 2


class _Item(msgspec.Struct, frozen=True, tag_field="kind", forbid_unknown_fields=True, omit_defaults=True):
    """What a line in braces says."""


class CaptureHead(_Item, frozen=True, tag="capture", omit_defaults=False):
    """The first line: what the file is, by which Fanion it was made, and which policy (id and version) was in force.

    `wrong` is what the officer says is wrong with the reading, in a word; empty where that was not said.
    """

    version: int
    platform: Literal["android", "ios"]
    made_by: _Short = ""
    policy: _Short = ""
    wrong: _Short = ""


class UnchangedValues(_Item, frozen=True, tag="unchanged"):
    """What was kept as the phone gave it, for the officer to see: `group` in a word or two, and each value."""

    group: _Short
    values: tuple[_Long, ...] = ()


class CapturedAnswer(_Item, frozen=True, tag="answer"):
    """What the phone printed to one command, or question: its lines, and its exit code.

    `command` is the name of a part of the script by which an Android phone was asked, `script` the name of that, and
    `run` its number among those of its kind, of which the last stands for all after it. `cut`: the phone's answer broke
    off here. `endless`: it went on for longer than is read, and what came later was not kept.
    """

    command: _Long
    code: Annotated[int, msgspec.Meta(ge=-1, le=99_999)] = 0
    script: _Long = ""
    run: Annotated[int, msgspec.Meta(ge=0, le=99_999)] = 0
    cut: bool = False
    endless: bool = False
    #: In the file they stand below it, one a line.
    lines: tuple[str, ...] = ()


class CapturedCertificate(msgspec.Struct, frozen=True, array_like=True):
    """A signer's certificate by its digests: those that a rule names as they are, the others by their pseudonyms."""

    sha256: _Digest
    sha1: _Digest
    md5: _Digest
    hash: _Digest


class CapturedIdentity(_Item, frozen=True, tag="app"):
    """What the files of one app said, or what an iPhone says of its signature. `classes` are those that a rule named,
    `code` those of the code, `files` the names of files inside; `because` is the reason why it was not wholly read, in
    English."""

    package: _Short
    version_code: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] | None = None
    label: _Short = ""
    certificates: tuple[CapturedCertificate, ...] = ()
    earlier: tuple[CapturedCertificate, ...] = ()
    classes: tuple[_Long, ...] = ()
    code: tuple[_Long, ...] = ()
    files: tuple[_Long, ...] = ()
    start_url: _Long = ""
    teams: tuple[_Short, ...] = ()
    because: _Long = ""


class ExpectedFinding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One finding of the check: the rule, the app by its pseudonym, where it is, and by what it was recognised."""

    rule: _Short
    app: _Short
    profile: int
    match: _Short
    evidence: tuple[_Short, ...] = ()


class ExpectedGap(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One gap of the check, as the sentence of the catalogue that tells it, in English and without its values."""

    sentence: _Long
    profile: int | None = None


class Expected(_Item, frozen=True, tag="expected"):
    """What the check of the phone came to, and what a check of this file comes to: with pseudonyms, the same.

    `health` has the light of each signal.
    """

    verdict: Literal["red", "amber", "green"]
    findings: tuple[ExpectedFinding, ...] = ()
    gaps: tuple[ExpectedGap, ...] = ()
    health: dict[_Short, _Short] = {}


class Differs(_Item, frozen=True, tag="differs"):
    """Where the file is read otherwise than the phone was, as something had to be changed or left out; in English."""

    sentence: _Long


Item = UnchangedValues | CapturedAnswer | CapturedIdentity | Expected | Differs


@dataclass(frozen=True, slots=True)
class Capture:
    """A capture, item by item, in the order of its file."""

    SUFFIX: ClassVar[str] = ".fanion-capture"

    head: CaptureHead
    items: tuple[Item, ...] = ()

    @property
    def answers(self) -> tuple[CapturedAnswer, ...]:
        return tuple(item for item in self.items if isinstance(item, CapturedAnswer))

    @property
    def apps(self) -> tuple[CapturedIdentity, ...]:
        return tuple(item for item in self.items if isinstance(item, CapturedIdentity))

    @property
    def unchanged(self) -> tuple[UnchangedValues, ...]:
        return tuple(item for item in self.items if isinstance(item, UnchangedValues))

    @property
    def expected(self) -> Expected | None:
        """What its check comes to; None in a file that does not say."""
        return next((item for item in self.items if isinstance(item, Expected)), None)

    @property
    def differs(self) -> tuple[Differs, ...]:
        return tuple(item for item in self.items if isinstance(item, Differs))


_items: Final[msgspec.json.Decoder[Item]] = msgspec.json.Decoder(Item)
_head: Final = msgspec.json.Decoder(CaptureHead)
_line: Final = msgspec.json.Decoder(str)
_encode: Final = msgspec.json.Encoder().encode
#: What an editor or a terminal would not show, or obey: each is written by its number.
_UNSEEN: Final = re.compile(r"[\x7f-\xa0\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff0-\ufffc]")


def lines_of(capture: Capture) -> Iterator[str]:
    """The lines of the file, without their line ends, as an officer reads them."""
    yield _encoded(capture.head)
    for item in capture.items:
        lines = item.lines if isinstance(item, CapturedAnswer) else ()
        yield _encoded(msgspec.structs.replace(item, lines=()) if lines else item)
        for line in lines:
            yield _encoded(line)


def _encoded(value: object) -> str:
    text = _encode(value).decode()
    return text if text.isascii() else _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def say_wrong(content: bytes, wrong: str) -> bytes:
    """The content of a file that was made here, with what the officer says is wrong in its first line."""
    line, _, items = content.partition(b"\n")
    head = msgspec.structs.replace(msgspec.json.decode(line, type=CaptureHead), wrong=wrong)
    return msgspec.json.encode(head) + b"\n" + items


def to_bytes(capture: Capture) -> bytes:
    """The file's content. Raises CaptureProblem for one that could not be read again: it is too large."""
    content = "".join(f"{line}\n" for line in lines_of(capture)).encode()
    too_many = content.count(b"\n") > LINES_LIMIT or len(capture.items) > ITEMS_LIMIT
    if too_many or len(content) > FILE_LIMIT:
        raise CaptureProblem(
            T("The phone’s answers are too long for a file that may be sent."),
            T("Send the log for support instead, and say which phone it was."),
            f"{len(content)} bytes",
        )
    return content


def too_large() -> CaptureProblem:
    """The problem that a file has more bytes than a capture may have."""
    return _fault(T("The file is too large to be a capture."), 0)


def read(content: bytes) -> Capture:
    """The capture in a file's content. Raises CaptureProblem, with the number of the line at fault."""
    if len(content) > FILE_LIMIT:
        raise too_large()
    if content.count(b"\n") > LINES_LIMIT:  # before they are parted, which takes many times their room
        raise _fault(T("The file has too many lines to be a capture."), LINES_LIMIT)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise _fault(T("The file is no capture: it is not text in UTF-8."), number) from error
    # By line feeds alone: other separators may stand in a line that the phone gave.
    numbered = ((number, line.removesuffix("\r")) for number, line in enumerate(text.split("\n"), 1))
    lines = [(number, line) for number, line in numbered if line]
    if not lines:
        raise _fault(T("The file is empty."), 0)
    head = _first(*lines[0])
    return Capture(head, tuple(_all(lines[1:])))


def _first(number: int, line: str) -> CaptureHead:
    """The first line, by which the file is known. Raises CaptureProblem."""
    try:
        head = _head.decode(line[:LINE_LIMIT])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _fault(T("The file is no capture: its first line does not say so."), number, str(error)) from error
    if head.version != VERSION:
        raise CaptureProblem(
            T("The capture is of a form that this Fanion does not know (version {version}).", version=head.version),
            T("Open it with a newer Fanion.")
            if head.version > VERSION
            else T("Have it made again with this Fanion: earlier ones told more of the phone’s apps."),
        )
    return head


def _all(lines: Iterable[tuple[int, str]]) -> Iterator[Item]:
    """The items of a file, each answer with its lines. Raises CaptureProblem."""
    answer: CapturedAnswer | None = None
    answered: list[str] = []
    count = 0
    for number, line in lines:
        if len(line) > LINE_LIMIT:
            raise _fault(T("A line of the capture is too long."), number)
        if line[0] == '"':
            if answer is None:
                raise _fault(T("A line of an answer stands where no answer begins."), number)
            answered.append(_decoded_line(line, number))
            continue
        if answer is not None:
            yield msgspec.structs.replace(answer, lines=tuple(answered))
            answer, answered = None, []
        item = _decoded_item(line, number)
        count += 1
        if count > ITEMS_LIMIT:
            raise _fault(T("The file has too many parts to be a capture."), number)
        if isinstance(item, CapturedAnswer):
            answer = item
        else:
            yield item
    if answer is not None:
        yield msgspec.structs.replace(answer, lines=tuple(answered))


def _decoded_line(line: str, number: int) -> str:
    try:
        return _line.decode(line)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise _fault(T("A line of the capture makes no sense."), number, str(error)) from error


def _decoded_item(line: str, number: int) -> Item:
    try:
        item = _items.decode(line)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise _fault(T("A line of the capture makes no sense."), number, str(error)) from error
    if isinstance(item, CapturedAnswer) and item.lines:
        raise _fault(T("A line of the capture makes no sense."), number, "lines stand below their answer")
    return item


def _fault(sentence: Text, line: int, detail: str = "") -> CaptureProblem:
    """What is wrong with a file, in a line of it; 0 where it is about the whole file."""
    where = T("Line {line}: {fault}", line=line, fault=sentence) if line else sentence
    return CaptureProblem(where, T("Ask for the file again; it must be as Fanion wrote it."), detail)
