"""The page that a person reads before the real key is used: as HTML, and the same as text."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from installer.release.boxes import Box
from installer.release.rows import Row, State

STYLE: Final = Path(__file__).with_name("manual_site.css")
WIDTH: Final = 100
#: How each state is marked, so that it is not told by its colour alone; and the colour.
MARKS: Final[dict[State, tuple[str, str]]] = {
    "failed": ("✖", "red"),
    "before the tag": ("!", "amber"),
    "made": ("✔", "green"),
    "verified": ("✔", "green"),
    "not tried": ("–", "neutral"),
}
_EXTRA: Final = """
main { margin: 0 auto; padding: 1.5rem; max-width: 62rem; }
.sum { padding: .8rem 1.2rem; border-radius: 12px; font-weight: 600; }
.red { color: var(--red); background: var(--red-back); } .amber { color: var(--amber); background: var(--amber-back); }
.green { color: var(--green); background: var(--green-back); }
.neutral { color: var(--neutral); background: var(--neutral-back); }
.state { white-space: nowrap; border-radius: 8px; padding: .1rem .5rem; font-weight: 600; font-size: .9rem; }
td:first-child { width: 9.5rem; } td:nth-child(2) { width: 45%; } td { overflow-wrap: anywhere; }
.facts th { width: 18rem; } .facts td:nth-child(2) { width: auto; }
.boxes { list-style: none; padding: 0; } .boxes label { display: flex; gap: .7rem; } .boxes li { margin: .5rem 0; }
.boxes input { flex: none; width: 1.1rem; height: 1.1rem; margin-top: .25rem; accent-color: var(--focus); }
"""

#: What stands over the rows that are not in order.
_FIRST: Final = "To put right"


@dataclass(frozen=True)
class RehearsalResult:
    """All that the page says. `facts` are pairs of a name and its value, `sections` rows under a heading."""

    version: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[tuple[str, Sequence[Row]]]
    boxes: Sequence[Box]

    def rows(self, *states: State) -> list[Row]:
        return [row for _, rows in self.sections for row in rows if row.state in states]

    def headed_rows(self) -> list[tuple[str, Sequence[Row]]]:
        """The sections, and before them what is not in order once more."""
        return [(_FIRST, [*self.rows("failed"), *self.rows("before the tag")]), *self.sections]

    @property
    def failed(self) -> bool:
        return bool(self.rows("failed"))


def _sum(result: RehearsalResult) -> tuple[str, str]:
    """The whole in a sentence or two, and its colour."""
    failed, before, untried = (len(result.rows(state)) for state in ("failed", "before the tag", "not tried"))
    good = len(result.rows("made", "verified"))
    rest = (
        f"{good} things were made and verified, {untried} could not be tried on this machine, "
        f"{len(result.boxes)} boxes are for people."
    )
    if failed:
        return f"Do not release this: {_count(failed, 'thing')} failed. {rest}", "red"
    if before:
        return f"Nothing failed. Before the tag, {_count(before, 'thing')} must be put right. {rest}", "amber"
    return f"Nothing failed, and nothing is in the way of the tag. {rest}", "green"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _title(result: RehearsalResult) -> str:
    return f"Rehearsal of the release of Fanion {result.version}"


_ABOUT: Final = (
    "Everything here was signed with a TEST key that was made for this rehearsal and deleted after it. Nothing of it "
    "is a release. Read this page whole before the real key is used."
)
_BOXES: Final = "Only people can tick these (installer/RELEASE.md)"


def as_html(result: RehearsalResult) -> str:
    """The page: no script, nothing loaded."""
    sentence, colour = _sum(result)
    style = STYLE.read_text(encoding="utf-8") + _EXTRA
    body = [
        "<main>",
        f"<h1>{_escaped(_title(result))}</h1>",
        f"<p>{_escaped(_ABOUT)}</p>",
        f'<p class="sum {colour}" role="status">{_escaped(sentence)}</p>',
        '<div class="wide"><table class="facts"><tbody>',
        *(f'<tr><th scope="row">{_escaped(name)}</th><td>{_escaped(value)}</td></tr>' for name, value in result.facts),
        "</tbody></table></div>",
    ]
    for heading, rows in result.headed_rows():
        if rows:
            body += [f"<h2>{_escaped(heading)}</h2>", *_html_rows(rows)]
    body.append(f"<h2>{_escaped(_BOXES)}</h2>")
    for heading, boxes in groupby(result.boxes, lambda box: box.heading):
        body += [f"<h3>{_escaped(heading)}</h3>", '<ul class="boxes">']
        body += [f'<li><label><input type="checkbox"><span>{_escaped(box.text)}</span></label></li>' for box in boxes]
        body.append("</ul>")
    head = (
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>TEST – {_escaped(_title(result))}</title>",
        f"<style>{style}</style>",
    )
    return "\n".join(["<!doctype html>", '<html lang="en">', *head, *body, "</main>", "</html>", ""])


def _html_rows(rows: Sequence[Row]) -> Iterator[str]:
    yield '<div class="wide"><table>'
    yield '<thead><tr><th scope="col">how it stands</th><th scope="col">what</th><th scope="col">seen</th></tr></thead>'
    yield "<tbody>"
    for row in rows:
        mark, colour = MARKS[row.state]
        state = f'<span class="state {colour}"><span aria-hidden="true">{mark} </span>{row.state}</span>'
        yield f"<tr><td>{state}</td><td>{_escaped(row.subject)}</td><td>{_escaped(row.detail)}</td></tr>"
    yield "</tbody></table></div>"


def _escaped(words: str) -> str:
    return html.escape(words, quote=True)


def as_text(result: RehearsalResult) -> str:
    """The same, for a terminal and for mail."""
    return "\n".join(_text_lines(result)) + "\n"


def _text_lines(result: RehearsalResult) -> Iterator[str]:
    yield _title(result)
    yield "=" * len(_title(result))
    yield ""
    yield textwrap.fill(_ABOUT, WIDTH)
    yield ""
    yield textwrap.fill(_sum(result)[0], WIDTH)
    yield ""
    yield from (f"{name}: {value}" for name, value in result.facts)
    for heading, rows in result.headed_rows():
        if rows:
            yield from ("", heading, "-" * len(heading), "")
            for row in rows:
                yield _wrapped(f"{MARKS[row.state][0]} {row.state}: ", f"{row.subject}. {row.detail}")
    yield from ("", _BOXES, "-" * len(_BOXES))
    for heading, boxes in groupby(result.boxes, lambda box: box.heading):
        yield from ("", heading)
        yield from (_wrapped("  [ ] ", box.text) for box in boxes)


def _wrapped(before: str, text: str) -> str:
    indent = " " * (6 if before.startswith("  [") else 4)
    return textwrap.fill(before + text.strip(), WIDTH, subsequent_indent=indent, break_on_hyphens=False)
