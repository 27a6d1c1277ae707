#!/usr/bin/env python3
"""The papers that come with Fanion: each guide of ``resources/guides`` as a PDF, for people who print and file.

    python installer/papers.py OUT      write administrator.en.pdf and so on into the folder OUT

A guide is Markdown. It is read by markdown-it-py, becomes plain data here, and is set by typst from ``papers.typ``: no
word of a guide is ever markup there. The PDFs are tagged for screen readers (PDF/UA-1), and the same guide, version and
date give the same bytes. A guide whose name has no language holds both, English first, with a line ``---`` between.
"""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import unquote

import typst
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core import __version__
from core.manual import claims, with_tests
from core.policy.wording import long_date
from core.text import Language

ROOT: Final = Path(__file__).resolve().parent.parent
GUIDES: Final = ROOT / "resources" / "guides"
TEMPLATE: Final = Path(__file__).with_name("papers.typ")

#: What JSON has: a node of a guide as the template reads it.
Node: TypeAlias = dict[str, Any]
#: How the files are called that guides link to each other as.
Ending: TypeAlias = Literal["pdf", "html"]

#: PDF for screen readers, and for archives.
_STANDARDS: Final[list[typst.PDFStandard]] = ["ua-1", "a-2a"]
_SUSPECTS: Final = b"/Suspects false"
_BOTH: Final = re.compile(r"^---\n+(?=# )", re.MULTILINE)
#: What says on a page of two languages that the other follows; on paper each has its own.
_OTHER_FOLLOWS: Final = re.compile(r"^\*Le français suit\.\*\n", re.MULTILINE)
#: Margins at the foot (mm) that are tried for one with which no last row of a table stands alone on a page.
_BOTTOMS: Final = (23, 21, 19, 24, 26, 28, 30, 32)
#: What a paragraph before it introduces: the two stand on one page.
_INTRODUCED: Final = ("table", "fence", "code_block", "bullet_list", "ordered_list")
#: Guides with fewer headings than this need no table of contents.
_CONTENTS_FROM: Final = 7
#: Characters of a line of a block of code, as many as the page has room for.
_CODE_WIDTH: Final = 94
#: Characters of inline code that are never torn apart.
_WHOLE: Final = 26
#: Behind these a longer piece of code may go on in the next line.
_STOPS: Final = re.compile(r"(?<=[/\\._=|])(?=[^/\\._=|])")
#: A blank for the department to fill in is bold and stands in square brackets.
_BLANK: Final = re.compile(r"\[.*\]", re.DOTALL)
#: What an item to be ticked begins with.
_CHECK: Final = "☐ "
#: Characters of a cell to be written into with a pen.
_TO_WRITE: Final = 30
#: Characters up to which a column of a table is as wide as what stands in it.
_NARROW: Final = 22

#: Where the pictures of the manual lie, beside the guides.
_OWN_PICTURE: Final = re.compile(r"pictures/[a-z-]+\.png")

_CONTENTS: Final[dict[Language, str]] = {"en": "Contents", "fr": "Table des matières"}


class PaperError(Exception):
    """A guide has something that a paper cannot show, or typst refused it."""


@dataclass(frozen=True, slots=True)
class PaperGuide:
    """One guide in one language. `name` is that of its PDF without the ending, such as ``administrator.en``."""

    name: str
    language: Language
    text: str


def guides(folder: Path = GUIDES) -> list[PaperGuide]:
    """All guides in all languages, by name. Raises PaperError for one that has not both."""
    all_guides: list[PaperGuide] = []
    for file in sorted(folder.glob("*.md")):
        text = file.read_text(encoding="utf-8")
        topic, _, language = file.stem.rpartition(".")
        if language in ("en", "fr"):
            spoken: Language = "fr" if language == "fr" else "en"
            all_guides.append(PaperGuide(f"{topic}.{spoken}", spoken, with_tests(topic, text, spoken)))
            continue
        parts = _BOTH.split(text)
        if len(parts) != 2:
            raise PaperError(f"{file.name} names no language, and does not hold both")
        english = with_tests(file.stem, _OTHER_FOLLOWS.sub("", parts[0]), "en")
        all_guides.append(PaperGuide(f"{file.stem}.en", "en", english))
        all_guides.append(PaperGuide(f"{file.stem}.fr", "fr", with_tests(file.stem, parts[1], "fr")))
    return sorted(all_guides, key=lambda guide: guide.name)


def write(out: Path, version: str, epoch: int, folder: Path = GUIDES) -> list[Path]:
    """Write every guide of `folder` as a PDF into `out`, made if need be.

    `epoch` (seconds since 1970, UTC) is their date. Returns the files. Raises PaperError, OSError.
    """
    out.mkdir(parents=True, exist_ok=True)
    every = guides(folder)
    names = frozenset(guide.name for guide in every)
    papers = []
    for guide in every:
        path = out / f"{guide.name}.pdf"
        path.write_bytes(typeset(guide, version, epoch, names))
        papers.append(path)
    return papers


def typeset(guide: PaperGuide, version: str, epoch: int, names: frozenset[str] = frozenset()) -> bytes:
    """The PDF of a guide. Links to the guides of these `names` lead to their PDFs. Raises PaperError."""
    node = paper(guide, version, epoch, names)
    try:
        bottom = next((b for b in _BOTTOMS if not _lone_rows(node | {"bottom": b})), _BOTTOMS[0])
        pdf = typst.Compiler(ignore_system_fonts=True).compile(
            root=GUIDES,
            input=TEMPLATE.read_bytes(),
            format="pdf",
            pdf_standards=_STANDARDS,
            sys_inputs={"data": json.dumps(node | {"bottom": bottom}, ensure_ascii=False)},
            timestamp=epoch,
        )
    except RuntimeError as failure:
        raise PaperError(f"{guide.name}: {failure}") from failure
    if not isinstance(pdf, bytes):
        raise PaperError(f"{guide.name}: typst gave no PDF")
    # An entry that says no more than its absence does, and that poppler takes for an error.
    return pdf.replace(_SUSPECTS, b" " * len(_SUSPECTS)) if pdf.count(_SUSPECTS) == 1 else pdf


def paper(
    guide: PaperGuide, version: str, epoch: int, names: frozenset[str] = frozenset(), ending: Ending = "pdf"
) -> Node:
    """A guide as the template reads it: title, what is before the first heading, and the rest. Raises PaperError.

    Links to the guides of these `names` lead to files with this `ending`.
    """
    reader = _Reader(guide, names, ending)
    nodes = list(reader.blocks(SyntaxTreeNode(markdown().parse(guide.text)).children))
    if not nodes or nodes[0].get("level") != 0 or any(n.get("level") == 0 for n in nodes[1:]):
        raise PaperError(f"{guide.name}: a guide begins with its title, and has only one")
    title, rest = plain(nodes[0]["c"]), nodes[1:]
    first = next((i for i, node in enumerate(rest) if node["t"] == "heading"), len(rest))
    day = long_date(datetime.fromtimestamp(epoch, UTC).date())
    contents = sum(node["t"] == "heading" and node["level"] == 1 for node in rest) >= _CONTENTS_FROM
    return {
        "title": title,
        "language": guide.language,
        "made": f"Fanion {version}, {day.in_language(guide.language)}",
        "foot": f"{title} – {version}",
        "contents": _CONTENTS[guide.language] if contents else "",
        "lead": rest[:first],
        "body": rest[first:],
    }


def _lone_rows(node: Node) -> int:
    """How many tables of a paper have their last row alone on a page. Raises RuntimeError."""
    answer = typst.query(  # type: ignore[type-var]  # its stub has one type for the template and its root
        TEMPLATE.read_bytes(),
        "<end-rows>",
        root=str(GUIDES),
        field="value",
        one=True,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(node, ensure_ascii=False)},
    )
    pages = {(table, from_end): page for table, from_end, page in json.loads(answer)}
    return sum(pages.get((table, 2), page) != page for (table, from_end), page in pages.items() if from_end == 1)


def markdown() -> MarkdownIt:
    """The reader of guides: CommonMark with tables, and no HTML."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def slug(heading: str) -> str:
    """The anchor of a heading, as it stands behind the # of a link: made as GitHub makes it."""
    letters = [c for c in heading.strip().lower() if c in " -_" or unicodedata.category(c)[0] in "LNM"]
    return "".join(letters).replace(" ", "-")


class _Reader:
    """Turns markdown-it's tree into the nodes that the template reads."""

    def __init__(self, guide: PaperGuide, names: frozenset[str], ending: Ending) -> None:
        self._guide = guide
        self._names = names
        self._ending = ending
        self._tables = 0
        #: Whether what comes now is the list of tests, which is long and looked up, not read.
        self._tests = False

    def blocks(self, nodes: Sequence[SyntaxTreeNode], tight: bool = False) -> Iterator[Node]:
        for node in nodes:
            match node.type:
                case "heading":
                    parts = self.inline(node)
                    self._tests = plain(parts) == claims()[self._guide.language]["title"]
                    yield {"t": "heading", "level": int(node.tag[1]) - 1, "id": slug(plain(parts)), "c": parts}
                case "paragraph" if (picture := _picture(node)) is not None:
                    yield self._picture(picture)
                case "paragraph":
                    parts = self.inline(node)
                    after = node.next_sibling
                    keep = plain(parts).endswith(":") or (after is not None and after.type in _INTRODUCED)
                    yield {"t": "tight" if tight else "par", "keep": keep, "c": parts}
                case "bullet_list" | "ordered_list":
                    yield self._list(node)
                case "fence" | "code_block":
                    lines = node.content.rstrip("\n").split("\n")
                    if (longest := max(map(len, lines))) > _CODE_WIDTH:
                        raise PaperError(f"{self._guide.name}: a line of {longest} characters is too long: {lines[0]}")
                    yield {"t": "code", "lines": lines}
                case "blockquote":
                    yield {"t": "quote", "c": list(self.blocks(node.children))}
                case "table":
                    yield self._table(node)
                case kind:
                    raise PaperError(f"{self._guide.name}: no paper can show a {kind}")

    def _list(self, node: SyntaxTreeNode) -> Node:
        tight = all(child.hidden for item in node.children for child in item.children if child.type == "paragraph")
        items = [list(self.blocks(item.children, tight)) for item in node.children]
        if node.type == "bullet_list":
            if all(_is_check(item) for item in items):
                for item in items:
                    item[0]["c"][0]["v"] = item[0]["c"][0]["v"].removeprefix(_CHECK)
                return {"t": "checks", "items": items}
            return {"t": "bullets", "tight": tight, "items": items}
        return {"t": "numbers", "tight": tight, "start": int(node.attrs.get("start", 1)), "items": items}

    def _picture(self, picture: SyntaxTreeNode) -> Node:
        """The node of one of the manual's own pictures, with its words for those who cannot see it."""
        file, words = str(picture.attrs["src"]), picture.content
        if not _OWN_PICTURE.fullmatch(file) or not (GUIDES / file).is_file() or not words:
            raise PaperError(f"{self._guide.name}: no paper can show the image {file}")
        return {"t": "picture", "file": f"/{file}", "words": words, "c": []}

    def _table(self, node: SyntaxTreeNode) -> Node:
        rows = [[self.inline(cell) for cell in row.children] for part in node.children for row in part.children]
        self._tables += 1
        shape = {"widths": _widths(rows), "close": self._tests}
        return {"t": "table", "number": self._tables, "head": rows[0], "rows": rows[1:]} | shape

    def inline(self, node: SyntaxTreeNode) -> list[Node]:
        """The parts of what stands in a paragraph, heading or cell."""
        return [part for child in node.children for part in self._inline(child)]

    def _inline(self, node: SyntaxTreeNode) -> Iterator[Node]:
        match node.type:
            case "inline":
                yield from self.inline(node)
            case "text":
                yield {"t": "text", "v": node.content}
            case "softbreak":
                yield {"t": "text", "v": " "}
            case "hardbreak":
                yield {"t": "break"}
            case "code_inline":
                yield {"t": "code", "pieces": list(_pieces(node.content))}
            case "em":
                yield {"t": "em", "c": self.inline(node)}
            case "strong":
                parts = self.inline(node)
                yield {"t": "blank" if _BLANK.fullmatch(plain(parts)) else "strong", "c": parts}
            case "link":
                yield from self._link(str(node.attrs["href"]), self.inline(node))
            case kind:
                raise PaperError(f"{self._guide.name}: no paper can show a {kind}")

    def _link(self, url: str, parts: list[Node]) -> Iterator[Node]:
        """A link as it works on paper: within the guide, to the web, or to another paper; others are only words."""
        if url.startswith("#"):
            kind = "claim" if plain(parts).isdecimal() else "goto"
            yield {"t": kind, "to": unquote(url[1:]), "c": parts}
        elif re.match(r"https://|mailto:", url):
            yield {"t": "link", "url": url, "c": parts}
        elif (name := self._paper(url)) is not None:
            _, sign, place = url.partition("#")
            # Readers of PDF do not agree on how a place in another file is named.
            yield {
                "t": "link",
                "url": f"{name}.{self._ending}{sign + place if self._ending == 'html' else ''}",
                "c": parts,
            }
        else:
            yield from parts

    def _paper(self, url: str) -> str | None:
        stem = url.partition("#")[0].removesuffix(".md")
        return next((name for name in (stem, f"{stem}.{self._guide.language}") if name in self._names), None)


def _picture(paragraph: SyntaxTreeNode) -> SyntaxTreeNode | None:
    """The picture that a paragraph is, where it is nothing else."""
    inside = paragraph.children[0].children if paragraph.children else []
    return inside[0] if len(inside) == 1 and inside[0].type == "image" else None


def _is_check(item: Sequence[Node]) -> bool:
    """Whether an item of a list is one to be ticked."""
    parts: Sequence[Node] = item[0].get("c", []) if item else []
    return bool(parts) and parts[0]["t"] == "text" and str(parts[0]["v"]).startswith(_CHECK)


def _pieces(code: str) -> Iterator[str]:
    """Code in pieces between which a line may be broken; a space is one of its own."""
    for number, word in enumerate(code.split(" ")):
        if number:
            yield " "
        yield from _STOPS.split(word) if len(word) > _WHOLE else [word]


def plain(parts: Sequence[Node]) -> str:
    """The words of these parts."""
    return "".join(
        part["v"] if part["t"] == "text" else "".join(part.get("pieces", ())) or plain(part.get("c", ())) or " "
        for part in parts
    )


def _widths(rows: Sequence[Sequence[Sequence[Node]]]) -> list[float]:
    """How wide the columns are beside each other; 0 is as wide as what stands in it."""
    widths = []
    for column in zip(*rows, strict=True):
        lengths = [len(plain(cell)) for cell in column]
        if not any(lengths[1:]):
            lengths = [_TO_WRITE]
        long = (sum(lengths) / len(lengths) + max(lengths)) / 2
        widths.append(0.0 if max(lengths) <= _NARROW else round((long + 8) ** 0.6, 2))
    return widths if any(widths) else [*widths[:-1], 1.0]


def main(argv: Sequence[str]) -> int:
    """Write the papers into the folder that is named; dated by SOURCE_DATE_EPOCH, or today."""
    if len(argv) != 1 or argv[0].startswith("-"):
        print(__doc__.split("\n\n")[1].strip(), file=sys.stderr)
        return 2
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.now(UTC).timestamp())
    for path in write(Path(argv[0]), __version__, epoch):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
