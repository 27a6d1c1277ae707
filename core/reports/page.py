"""One page as a PDF: set by typst from a template of ours, tagged for screen readers, the same bytes each time.

Words reach a template only as data, never as markup, so that nothing that a phone says can become part of the program.
Only the fonts that typst brings are used: a page looks the same everywhere, and nothing is looked up anywhere.
"""

from __future__ import annotations

import json
import re
import threading
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from core.ledger.tlog.notes import NOTE_LIMIT, Note, NoteError
from core.problem import Problem
from core.text import Bilingual, Language, T, Text, Value, one_line

if TYPE_CHECKING:
    from core.reports.page_programs import PagePrograms

#: A value in the languages of a page, each with its language; one alone, without any, where they are the same.
Said: TypeAlias = list[tuple[str, str]]

#: PDF for screen readers, and for archives that keep files with it.
_STANDARDS: Final = ["ua-1", "a-3a"]
#: Characters of one value on a page.
_LIMIT: Final = 240
#: Bytes of a note that are printed, as text and as QR: about 20 printed lines, and a code that a phone can still read.
_NOTE_BYTES: Final = 900

#: What typst's fonts have: it refuses to write a PDF with a character that no font has. Marks that are set over others
#: are left out on purpose, since a heap of them covers what stands around; so is whatever runs from right to left.
_FOREIGN: Final = re.compile(
    r"[^\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u0482\u048a-\u04ff"
    r"\u1e00-\u1eff\u2010-\u2027\u202f-\u2040\u2042\u2044-\u2052\u2054-\u205e\u2070\u2071\u2074-\u208e\u2090-\u209c"
    r"\u20a0-\u20bf\u2100-\u211e\u2120\u2122\u2124\u2126-\u2151\u2153-\u2184\u2189\u2190-\u22ff\ufffd]"
)
_STREAM: Final = re.compile(rb"stream\r?\n")
_STREAM_END: Final = b"endstream"
#: Streams of a PDF from elsewhere that are looked into.
_STREAMS_LIMIT: Final = 1_000
#: A part of a word that is too long for a line, after which it may go on in the next one.
_PIECE: Final = re.compile(r"\S{25,}")
_STOPS: Final = re.compile(r"([._/\-]|[^._/\-]{24})(?=\S)")


class PageProblem(Problem):
    """A page could not be set. Nothing was written; the log has everything that was to stand on it."""

    code = "page"
    exit_code = 5

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            T("The page could not be made."),
            T("The log itself is as it was: try again, and report this if it stays so."),
            detail,
        )


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside the PDF."""

    name: str
    data: str
    type: str
    about: Text


def say(value: Value, languages: Sequence[Language], limit: int = _LIMIT) -> Said:
    """`value` as it is printed in these languages: one line each, of at most `limit` characters."""
    lines = [(language, printable(one_line(_in_language(value, language), limit))) for language in languages]
    return [("", lines[0][1])] if len({words for _, words in lines}) == 1 and len(lines) > 1 else list(lines)


def labels(texts: Mapping[str, Text], languages: Sequence[Language]) -> dict[str, Said]:
    """The words of a template by their names, each in the languages of the page."""
    return {name: say(text, languages, 1_000) for name, text in texts.items()}


def printable(text: str, *, breaks: bool = True) -> str:
    """`text` with what no font of the page has replaced by U+FFFD, and with places where a long word may be broken."""
    replaced = _FOREIGN.sub("\N{REPLACEMENT CHARACTER}", unicodedata.normalize("NFC", text))
    return replaced if not breaks else _PIECE.sub(lambda word: _STOPS.sub("\\1\N{ZERO WIDTH SPACE}", word[0]), replaced)


def unbroken(text: str) -> str:
    """Lines that were typed as a page has them, where a long one is broken and its second part set in."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\N{ZERO WIDTH SPACE}", "")
    text = "\n".join(line.rstrip(" \t") for line in text.strip("\n ").split("\n"))
    # Behind the name of a key the line is broken at a space; everywhere else within a word.
    text = re.sub(r"^([—–-]{1,2} \S+|[a-z]+)\n[ \t]+", r"\1 ", text, flags=re.MULTILINE)
    return re.sub(r"\n[ \t]+", "", text) + "\n"


def shortened(note: Note) -> Note:
    """`note` with as many of its signatures, from the first on, as have room on a page."""
    signatures = list(note.signatures[:1])
    for signature in note.signatures[1:]:
        if len(bytes(Note(note.text, (*signatures, signature)))) > _NOTE_BYTES:
            break
        signatures.append(signature)
    return Note(note.text, tuple(signatures))


def qr_matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """The QR code of `text`, row by row, True where it is dark. Four light modules must be left around it.

    Raises ValueError for more than 2,331 bytes.
    """
    return tuple(tuple(module == 1 for module in row) for row in _programs().qr(text).matrix)


def qr_svg(text: str) -> str:
    """The QR code of `text` as an SVG drawing, with the light margin that belongs to it. Raises as `qr_matrix` does."""
    return _programs().qr(text).svg_inline(border=4, dark="#000", light="#fff", omitsize=True)


def typeset(
    template: str,
    words: Mapping[str, Any],
    *,
    time: datetime,
    languages: Sequence[Language],
    attached: Iterable[Attached] = (),
) -> bytes:
    """The PDF of a template in ``resources/reports`` with these words, dated `time`. Raises PageProblem."""
    pdf = _compiled(
        template, words, languages, attached, format="pdf", pdf_standards=_STANDARDS, timestamp=int(time.timestamp())
    )
    if not isinstance(pdf, bytes):
        raise PageProblem("typst gave no PDF")
    return _without_suspects(pdf)


def pictured(
    template: str, words: Mapping[str, Any], *, languages: Sequence[Language], resolution: int = 300
) -> list[bytes]:
    """The pages of a template as PNG, for a printer; `resolution` is in dots per inch. Raises PageProblem."""
    pictures = _compiled(template, words, languages, (), format="png", ppi=float(resolution))
    return [pictures] if isinstance(pictures, bytes) else pictures


def _compiled(
    template: str, words: Mapping[str, Any], languages: Sequence[Language], attached: Iterable[Attached], **how: Any
) -> bytes | list[bytes]:
    """What typst makes of a template, by its own arguments in `how`. Raises PageProblem."""
    files = [
        {"name": a.name, "data": a.data, "type": a.type, "about": " / ".join(map(a.about.in_language, languages))}
        for a in attached
    ]
    data = json.dumps({**words, "languages": list(languages), "files": files}, ensure_ascii=False)
    try:
        with _turn:
            output = _programs().compiler.compile(input=_source(template), sys_inputs={"data": data}, **how)
    except BaseException as failure:
        # A panic in typst comes as a BaseException of its own, and is no more a reason to end than an error is.
        if isinstance(failure, RuntimeError | OverflowError) or type(failure).__name__ == "PanicException":
            raise PageProblem(str(failure)) from failure
        raise
    if output is None:  # only where it writes into a file itself
        raise PageProblem("typst gave no page")
    return output


def is_pdf(data: bytes) -> bool:
    """Whether this calls itself a PDF. Some programs put something before it."""
    return b"%PDF-" in data[:1024]


def texts_in(pdf: bytes) -> Iterator[bytes]:
    """What may be a small text that is attached to a PDF: each of its streams, unpacked where it is packed.

    A whole PDF reader would be one more program that strangers' files are given to. Raises NoteError where there are
    too many streams.
    """
    for number, start in enumerate(_STREAM.finditer(pdf)):
        if number == _STREAMS_LIMIT:
            raise NoteError(T("it is a PDF with too much in it"))
        stream = pdf[start.end() : start.end() + NOTE_LIMIT + len(_STREAM_END)]
        try:
            yield zlib.decompressobj().decompress(stream, NOTE_LIMIT + 1)
        except zlib.error:
            yield stream.partition(_STREAM_END)[0].rstrip(b"\r\n") + b"\n"


def _without_suspects(pdf: bytes) -> bytes:
    """The page without an entry that says no more than its absence does: poppler takes a false one for an error."""
    mark, entry = b"/MarkInfo<</Marked true", b"/Suspects false"
    return pdf.replace(mark + entry, mark + b" " * len(entry)) if pdf.count(mark + entry) == 1 else pdf


#: One page at a time: the compiler keeps what it has read.
_turn: Final = threading.Lock()


@lru_cache(maxsize=1)
def _programs() -> PagePrograms:
    from core.reports.page_programs import PagePrograms  # takes long to load: with the first page or code

    return PagePrograms()


@lru_cache(maxsize=8)
def _source(template: str) -> bytes:
    folder = resources.files("resources") / "reports"
    return b"\n".join((folder / f"{name}.typ").read_bytes() for name in ("common", template))


def _in_language(value: Value, language: Language) -> str:
    return value.in_language(language) if isinstance(value, Text | Bilingual) else str(value)
