#!/usr/bin/env python3
"""The manual as it is published beside a release: ``fanion-VERSION-manual.tar.xz``.

    python installer/release/manual_site.py OUT      write the archive into the folder OUT

In it are the guides of ``resources/guides`` twice: as the PDFs that every package has (:mod:`installer.papers`), and as
a small site of the same nodes, one page for each guide and language. The site needs no network, no script and no
server: it is read from a disk, a share or a web server as it is. The same guides, version and date give the same bytes.
"""

from __future__ import annotations

import html
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import __version__
from core.manual import GUIDES as ORDER
from core.text import LANGUAGES, Language
from installer import archives, papers
from installer.papers import Node, PaperGuide

STYLE: Final = Path(__file__).with_suffix(".css")
#: What the pages say beside the guides' own words.
WORDS: Final[dict[str, dict[Language, str]]] = {
    "language": {"en": "English", "fr": "Français"},
    "manual": {"en": "Fanion: the manual", "fr": "Fanion\N{NO-BREAK SPACE}: le manuel"},
    "skip": {"en": "Skip to the text", "fr": "Aller au texte"},
    "guides": {"en": "Guides", "fr": "Guides"},
    "contents": {"en": "Contents", "fr": "Table des matières"},
    "paper": {"en": "This guide as PDF", "fr": "Ce guide en PDF"},
    "previous": {"en": "Previous guide", "fr": "Guide précédent"},
    "next": {"en": "Next guide", "fr": "Guide suivant"},
    "table": {"en": "Table", "fr": "Tableau"},
    "code": {"en": "Code", "fr": "Code"},
}
#: A guide with fewer chapters than this has no table of contents.
_CONTENTS_FROM: Final = 3


def write_archive(out: Path, version: str, epoch: int, guides: Path = papers.GUIDES) -> Path:
    """Write the PDFs and the site as one archive into the folder `out`.

    `epoch` (seconds since 1970, UTC) is their date. Raises PaperError, OSError.
    """
    name = f"fanion-{version}-manual"
    out.mkdir(parents=True, exist_ok=True)
    archive, draft = out / f"{name}.tar.xz", out / f"{name}.part"
    with tempfile.TemporaryDirectory(prefix="fanion-manual-") as place:
        folder = Path(place, name)
        papers.write(folder / "pdf", version, epoch, guides)
        write_site(folder / "site", version, epoch, guides)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        archives.tarball(folder, draft, name, epoch)
    draft.replace(archive)
    return archive


def write_site(out: Path, version: str, epoch: int, guides: Path = papers.GUIDES) -> list[Path]:
    """Write the pages, their style and their pictures into the new folder `out`. Raises PaperError, OSError."""
    every = sorted(papers.guides(guides), key=_place)
    names = frozenset(guide.name for guide in every)
    nodes = {guide.name: papers.paper(guide, version, epoch, names, "html") for guide in every}
    out.mkdir(parents=True)
    pages = {"index.html": _index(every, nodes)}
    for guide in every:
        pages[f"{guide.name}.html"] = _page(
            guide, nodes, [other for other in every if other.language == guide.language]
        )
    for name, text in pages.items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")
    shutil.copyfile(STYLE, out / "style.css")
    for node in nodes.values():
        for picture in _pictures(node):
            target = out / picture.lstrip("/")
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(guides / picture.lstrip("/"), target)
    return [out / name for name in pages]


def _place(guide: PaperGuide) -> tuple[int, str]:
    """Where a guide stands among the others: as in the window's manual, and what that does not have behind."""
    topic = guide.name.rpartition(".")[0]
    return ORDER.index(topic) if topic in ORDER else len(ORDER), guide.name


def _pictures(node: Node) -> Iterator[str]:
    """The files of the pictures in a guide, as the template names them."""
    for part in (*node["lead"], *node["body"]):
        if part["t"] == "picture":
            yield part["file"]


# --- pages


def _document(language: Language, title: str, body: Sequence[str]) -> str:
    head = (
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_escaped(title)}</title>",
        '<link rel="stylesheet" href="style.css">',
    )
    return "\n".join(["<!doctype html>", f'<html lang="{language}">', *head, *body, "</html>", ""])


def _index(every: Sequence[PaperGuide], nodes: dict[str, Node]) -> str:
    """The first page: every guide in both languages, with how it begins."""
    body = ['<div class="first">', "<header>", "<h1>Fanion</h1>", "</header>", "<main>"]
    for language in LANGUAGES:
        ours = [guide for guide in every if guide.language == language]
        body += [f'<section lang="{language}">', f"<h2>{_escaped(WORDS['manual'][language])}</h2>"]
        if ours:
            body.append(f'<p class="made">{_escaped(nodes[ours[0].name]["made"])}</p>')
        body.append("<dl>")
        for guide in ours:
            node = nodes[guide.name]
            first = next((part for part in node["lead"] if part["t"] == "par"), None)
            body.append(f'<dt><a href="{guide.name}.html">{_escaped(node["title"])}</a></dt>')
            body.append(f"<dd>{_escaped(papers.plain(first['c'])) if first else ''}</dd>")
        body += ["</dl>", "</section>"]
    return _document("en", "Fanion", [*body, "</main>", "</div>"])


def _page(guide: PaperGuide, nodes: dict[str, Node], ours: Sequence[PaperGuide]) -> str:
    """One guide; `ours` are all in its language."""
    language, node = guide.language, nodes[guide.name]
    topic = guide.name.rpartition(".")[0]
    switch = (
        f'<a href="{topic}.{other}.html" hreflang="{other}" lang="{other}">{WORDS["language"][other]}</a>'
        for other in LANGUAGES
        if other != language
    )
    body = [
        f'<a class="skip" href="#text">{WORDS["skip"][language]}</a>',
        "<header>",
        f'<a class="home" href="index.html">{_escaped(WORDS["manual"][language])}</a>',
        *switch,
        "</header>",
        '<div class="sides">',
        f'<nav class="guides" aria-label="{WORDS["guides"][language]}">',
        "<ul>",
        *(
            f'<li><a href="{other.name}.html"{_current(other is guide)}>{_escaped(nodes[other.name]["title"])}</a></li>'
            for other in ours
        ),
        "</ul>",
        "</nav>",
        '<main id="text" tabindex="-1">',
        f"<h1>{_escaped(node['title'])}</h1>",
        f'<p class="made">{_escaped(node["made"])} ·',
        f'<a href="../pdf/{guide.name}.pdf">{WORDS["paper"][language]}</a></p>',
        *_contents(node, language),
        *_blocks(node["lead"], language),
        *_blocks(node["body"], language),
        *_neighbours(guide, nodes, ours),
        "</main>",
        "</div>",
    ]
    return _document(language, f"{node['title']} – {WORDS['manual'][language]}", body)


def _current(is_this: bool) -> str:
    return ' aria-current="page"' if is_this else ""


def _contents(node: Node, language: Language) -> Iterator[str]:
    """The chapters of a guide, as links to them."""
    chapters = [part for part in node["body"] if part["t"] == "heading" and part["level"] == 1]
    if len(chapters) < _CONTENTS_FROM:
        return
    heading = WORDS["contents"][language]
    yield f'<nav class="contents" aria-label="{heading}">'
    yield f"<p>{heading}</p>"
    yield "<ul>"
    yield from (f'<li><a href="#{_escaped(c["id"])}">{_escaped(papers.plain(c["c"]))}</a></li>' for c in chapters)
    yield "</ul>"
    yield "</nav>"


def _neighbours(guide: PaperGuide, nodes: dict[str, Node], ours: Sequence[PaperGuide]) -> Iterator[str]:
    """The guides before and behind this one."""
    at = ours.index(guide)
    yield f'<nav class="neighbours" aria-label="{WORDS["previous"][guide.language]}, {WORDS["next"][guide.language]}">'
    for word, place in (("previous", at - 1), ("next", at + 1)):
        if 0 <= place < len(ours):
            neighbour = ours[place]
            title = _escaped(nodes[neighbour.name]["title"])
            yield f'<a class="{word}" href="{neighbour.name}.html">{WORDS[word][guide.language]}<br>{title}</a>'
    yield "</nav>"


# --- what a guide has in it


def _blocks(nodes: Sequence[Node], language: Language) -> Iterator[str]:
    for node in nodes:
        yield _BLOCKS[node["t"]](node, language)


def _heading(node: Node, language: Language) -> str:
    level = min(node["level"] + 1, 6)
    return f'<h{level} id="{_escaped(node["id"])}">{_inline(node["c"])}</h{level}>'


def _paragraph(node: Node, language: Language) -> str:
    return f"<p>{_inline(node['c'])}</p>"


def _tight(node: Node, language: Language) -> str:
    return _inline(node["c"])


def _list(node: Node, language: Language) -> str:
    tag, about = {
        "bullets": ("ul", ""),
        "checks": ("ul", ' class="checks"'),
        "numbers": ("ol", f' start="{node.get("start", 1)}"'),
    }[node["t"]]
    items = ("<li>" + "\n".join(_blocks(item, language)) + "</li>" for item in node["items"])
    return "\n".join([f"<{tag}{about}>", *items, f"</{tag}>"])


def _code(node: Node, language: Language) -> str:
    lines = "\n".join(map(_escaped, node["lines"]))
    # What is wider than the page is moved with the keys, for which it has to be reached by them.
    return f'<pre tabindex="0" role="region" aria-label="{WORDS["code"][language]}"><code>{lines}</code></pre>'


def _quote(node: Node, language: Language) -> str:
    return "<blockquote>" + "\n".join(_blocks(node["c"], language)) + "</blockquote>"


def _table(node: Node, language: Language) -> str:
    head = "".join(f'<th scope="col">{_inline(cell)}</th>' if cell else "<td></td>" for cell in node["head"])
    rows = ("<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>" for row in node["rows"])
    label = f"{WORDS['table'][language]} {node['number']}"
    return "\n".join(
        [
            f'<div class="wide" tabindex="0" role="region" aria-label="{label}">',
            "<table>",
            f"<thead><tr>{head}</tr></thead>",
            "<tbody>",
            *rows,
            "</tbody>",
            "</table>",
            "</div>",
        ]
    )


def _picture(node: Node, language: Language) -> str:
    return f'<p class="picture"><img src="{_escaped(node["file"].lstrip("/"))}" alt="{_escaped(node["words"])}"></p>'


_BLOCKS: Final[dict[str, Callable[[Node, Language], str]]] = {
    "heading": _heading,
    "par": _paragraph,
    "tight": _tight,
    "bullets": _list,
    "checks": _list,
    "numbers": _list,
    "code": _code,
    "quote": _quote,
    "table": _table,
    "picture": _picture,
}


def _inline(parts: Sequence[Node]) -> str:
    return "".join(map(_piece, parts))


def _piece(part: Node) -> str:
    match part["t"]:
        case "text":
            return _escaped(part["v"])
        case "break":
            return "<br>"
        case "code":
            return f"<code>{_escaped(''.join(part['pieces']))}</code>"
        case "em":
            return f"<em>{_inline(part['c'])}</em>"
        case "strong":
            return f"<strong>{_inline(part['c'])}</strong>"
        case "blank":
            return f'<strong class="blank">{_inline(part["c"])}</strong>'
        case "goto":
            return f'<a href="#{_escaped(part["to"])}">{_inline(part["c"])}</a>'
        case "claim":
            return f'<sup><a href="#{_escaped(part["to"])}">{_inline(part["c"])}</a></sup>'
        case "link":
            return f'<a href="{_escaped(part["url"])}">{_inline(part["c"])}</a>'
    raise papers.PaperError(f"no page can show a {part['t']}")


def _escaped(words: str) -> str:
    """Words that HTML takes for nothing but words, also inside quotation marks."""
    return html.escape(words, quote=True)


def main(argv: Sequence[str]) -> int:
    """Write the archive into the folder that is named; dated by SOURCE_DATE_EPOCH, or today."""
    if len(argv) != 1 or argv[0].startswith("-"):
        print((__doc__ or "").split("\n\n")[1].strip(), file=sys.stderr)
        return 2
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.now(UTC).timestamp())
    print(write_archive(Path(argv[0]), __version__, epoch))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
