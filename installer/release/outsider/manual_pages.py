"""The published manual: both languages, links that lead somewhere, nothing that is loaded from a network or run."""

from __future__ import annotations

import tarfile
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .report import NotInOrder, Report

LANGUAGES = ("en", "fr")
#: Attributes by which a page loads something.
LOADING = ("src", "srcset", "data", "poster", "background", "action", "formaction")
#: Elements that run something, or show another page.
RUNNING = ("script", "iframe", "object", "embed", "form", "applet", "base")
#: Elements without an end.
VOID = ("meta", "link", "br", "img", "hr", "input", "wbr")


def verify(report: Report, release: Path, version: str) -> None:
    name = f"fanion-{version}-manual.tar.xz"
    with tempfile.TemporaryDirectory(prefix="fanion-manual-") as place:
        with report.row(f"{name}: every guide as PDF and as a page, in both languages") as sentences:
            with tarfile.open(release / name) as archive:
                archive.extractall(place, filter="data")
            home = Path(place, name.removesuffix(".tar.xz"))
            sentences.append(look_at_guides(home))
        with report.row(f"{name}: no link leads nowhere, nothing is loaded from a network or run") as sentences:
            sentences.append(look_at_site(Path(place, name.removesuffix(".tar.xz"), "site")))


def look_at_guides(home: Path) -> str:
    """Hold the guides as PDF against those as pages. Raises NotInOrder, OSError."""
    papers = {path.stem: path for path in (home / "pdf").glob("*.pdf")}
    pages = {path.stem: path for path in (home / "site").glob("*.html") if path.stem != "index"}
    if not papers or papers.keys() != pages.keys():
        raise NotInOrder(f"As PDF or as a page alone: {', '.join(sorted(papers.keys() ^ pages.keys())) or 'nothing'}.")
    for stem, path in papers.items():
        topic, _, language = stem.rpartition(".")
        if any(f"{topic}.{other}" not in papers for other in LANGUAGES):
            raise NotInOrder(f"{topic} is not in both languages.")
        data = path.read_bytes()
        if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-1024:]:
            raise NotInOrder(f"{path.name} is no whole PDF.")
        if (page := _Page(pages[stem])).language != language:
            raise NotInOrder(f"{path.stem}.html says that it is in “{page.language}”.")
    return f"Guides: {len(papers)}."


def look_at_site(site: Path) -> str:
    """Look at every page and every link of the site. Raises NotInOrder, OSError."""
    pages = {path.name: _Page(path) for path in sorted(site.glob("*.html"))}
    if "index.html" not in pages:
        raise NotInOrder("There is no index.html.")
    if "url(" in (site / "style.css").read_text(encoding="utf-8") or "@import" in (site / "style.css").read_text(
        "utf-8"
    ):
        raise NotInOrder("style.css loads something.")
    count = 0
    for name, page in pages.items():
        page.demand_order()
        for link in page.links:
            count += 1
            if fault := _fault(site, name, link, pages):
                raise NotInOrder(f"{name}: {fault}")
    return f"Pages: {len(pages)}; links: {count}."


def _fault(site: Path, name: str, link: str, pages: dict[str, _Page]) -> str:
    """What is wrong with a link of a page; nothing with one that leads out, which only a person follows."""
    parts = urlsplit(link)
    if parts.scheme in ("https", "mailto"):
        return ""
    if parts.scheme or parts.netloc:
        return f"{link} leads elsewhere."
    target = (site / unquote(parts.path)).resolve() if parts.path else site / name
    if not target.is_file() or site.resolve().parent not in target.resolve().parents:
        return f"{link} leads to no file."
    place = unquote(parts.fragment)
    if place and target.name in pages and place not in pages[target.name].places:
        return f"{link} leads to no heading."
    return ""


class _Page(HTMLParser):
    """A page as far as it is looked at: its language, links and places, and what is wrong with it."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.name = path.name
        self.language = ""
        self.links: list[str] = []
        self.places: set[str] = set()
        self._faults: list[str] = []
        self._open: list[str] = []
        self._headings: list[int] = []
        self._text = path.read_text(encoding="utf-8")
        self.feed(self._text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = values.get("lang", "")
        if tag in RUNNING or any(name.startswith("on") for name in values):
            self._faults.append(f"<{tag}> runs or loads something.")
        if tag == "img" and not values.get("alt"):
            self._faults.append(f"the picture {values.get('src')} has no words for those who cannot see it.")
        for name in LOADING:
            if name in values:
                self._loaded(values[name])
        if tag == "link":
            self._loaded(values.get("href", ""))
        if tag == "a":
            self.links.append(values.get("href", ""))
        if "id" in values:
            if values["id"] in self.places:
                self._faults.append(f"two places are called {values['id']}.")
            self.places.add(values["id"])
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self._headings.append(int(tag[1]))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self._faults.append(f"</{tag}> ends what has not begun.")

    def _loaded(self, address: str) -> None:
        """What the page loads lies beside it."""
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            self._faults.append(f"{address} is loaded from elsewhere.")
        self.links.append(address)

    def demand_order(self) -> None:
        """Raise NotInOrder for the first thing that is wrong with the page itself."""
        if self.language not in LANGUAGES:
            self._faults.append("it does not say in which language it is.")
        if self._headings.count(1) != 1 or self._headings[0] != 1:
            self._faults.append("it has not one title, at its beginning.")
        if any(after > before + 1 for before, after in zip(self._headings, self._headings[1:], strict=False)):
            self._faults.append("a level of headings is left out.")
        if "<title>" not in self._text:
            self._faults.append("it has no title for the window.")
        if self._faults:
            raise NotInOrder(f"{self.name}: {self._faults[0]}")
