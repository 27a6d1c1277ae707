"""What the pages of numbers have in common, the close of a day and the summary of a month.

Each counts what the log has of some time, and bears the newest checkpoint of the log, which covers all that was
counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from core import value_names
from core.describe import stamp, verdicts
from core.ledger.reader import LedgerReader
from core.ledger.records import Entry
from core.ledger.seals import NotSealed, Seal
from core.model import Verdict
from core.model.visit_state import Fate
from core.reports.page import Attached, Said, say, typeset
from core.reports.receipt.receipt import proof_words
from core.reports.tables.workbook import Cell
from core.text import Bilingual, Language, N, T, Text, Value, grouped, one_line

LABELS: Final = {
    "practice": T("Practice: no real phone is counted here"),
    "practice_short": T("Practice"),
    "checkpoint": T("Checkpoint"),
    "qr": T("QR code of the checkpoint that is printed beside it"),
}

#: Products, officers and kinds of acts that are listed each.
_LISTED: Final = 20
#: Characters of a text in a table for a spreadsheet.
_CELL: Final = 240

#: A heading, and under it what was counted, with its number.
Group = tuple[Text, Sequence[tuple[Value, Value]]]


def counted(of: Mapping[Any, int], nothing: Text) -> list[tuple[Value, Value]]:
    """The most frequent first, and what the rest comes to; a zero with the word `nothing` where there are none."""
    ranked = sorted(of.items(), key=lambda pair: (-pair[1], str(pair[0])))
    rows: list[tuple[Value, Value]] = [(name, count) for name, count in ranked[:_LISTED]]
    rest = ranked[_LISTED:]
    if rest:
        rows.append((N("{count} other", "{count} others", len(rest)), sum(count for _, count in rest)))
    return rows or [(nothing, 0)]


def fates(of: Mapping[Fate, int]) -> Group:
    """How many banned apps were found, and what became of them: of each phone's visit, each product once."""
    always = (Fate.REMOVED, Fate.STILL_THERE)
    became = [(words, of.get(fate, 0)) for fate, words in verdicts.FATES.items() if fate in always or of.get(fate)]
    return T("Banned apps"), [(T("Found"), sum(of.values())), *became]


def use_of_page(size: int) -> Text:
    """What the checkpoint on such a page is good for."""
    return T(
        "These numbers were counted in the log whose checkpoint this is. Kept away from the computer that made it, "
        "this page contradicts the log if any of its first {size} entries is later changed, removed or replaced. To "
        "check that: fanion log verify --receipt FILE, with this PDF, or with the checkpoint typed or scanned into a "
        "file.",
        size=grouped(size),
    )


def read_as(value: Value, languages: Sequence[Language]) -> Value:
    """A value as a page shows it: of a number the digits in groups, on a page in two languages with spaces."""
    return grouped(value).in_language(languages[0] if len(languages) == 1 else "fr") if type(value) is int else value


def table_cell(value: Value, languages: Sequence[Language]) -> Cell:
    """A value in a table for a spreadsheet: as `say` has it, without the places where a page may break a long word."""
    if isinstance(value, int):
        return value
    words = dict.fromkeys(
        value.in_language(language) if isinstance(value, Text | Bilingual) else str(value) for language in languages
    )
    return one_line(" / ".join(words), _CELL)


@dataclass(frozen=True, slots=True)
class NewestCheckpoint:
    """The newest seal of a log, and the last record under it."""

    seal: Seal
    newest: Entry

    @classmethod
    def over(cls, ledger: LedgerReader, last: int) -> NewestCheckpoint:
        """That of `ledger`. Raises NotSealed unless it covers record `last` (0: whatever it covers), LedgerProblem."""
        seal = ledger.newest_seal()
        newest = ledger.entry(seal.size) if seal else None
        if seal is None or newest is None or seal.size < last:
            raise NotSealed(last or max(1, ledger.count()))
        return cls(seal, newest)

    @property
    def number_and_time(self) -> str:
        """The last record under the seal, as a page names it."""
        return f"{self.newest.seq} · {stamp(self.newest.time, self.newest.time.astimezone().tzinfo or UTC)}"

    @property
    def facts(self) -> list[tuple[Value, Value]]:
        """What a table for a spreadsheet says of the log; a page has it in its checkpoint."""
        return [
            (T("Practice"), T("yes") if self.newest.practice is not False else T("no")),
            (T("Name of the log"), self.seal.checkpoint.origin),
            (T("Entries under the newest seal"), self.seal.size),
            (T("Fingerprint over the entries"), self.seal.checkpoint.root.hex()),
        ]

    def page(
        self,
        title: Text,
        name: Text,
        facts: Iterable[tuple[Value, Value]],
        verdicts: Mapping[Verdict, int] | Mapping[Verdict | None, int],
        groups: Iterable[Group],
        use: Text,
        languages: tuple[Language, ...],
    ) -> dict[str, Any]:
        """What every such page is made of, for its template."""

        def rows(pairs: Iterable[tuple[Value, Value]], **limit: int) -> list[dict[str, Said]]:
            return [
                {"label": say(label, languages), "value": say(read_as(value, languages), languages, **limit)}
                for label, value in pairs
            ]

        foot = T("Fanion {version}, from the log of the desk", version=self.newest.app_version)
        return {
            "title": say(title, languages),
            "name": say(name, languages),
            "practice": self.newest.practice is not False,
            "foot": say(foot, languages),
            "facts": rows(facts, limit=160),
            "verdicts": [
                {
                    "verdict": str(v),
                    "word": say(value_names.VERDICTS[v], languages),
                    "count": read_as(verdicts[v], languages),
                }
                for v in Verdict
            ],
            "groups": [{"title": say(head, languages), "rows": rows(pairs)} for head, pairs in groups],
            "use": [say(use, languages, 1_000)],
            **proof_words(self.seal.note, languages),
        }

    def typeset(self, template: str, page: Mapping[str, Any], languages: tuple[Language, ...]) -> bytes:
        """The page as a PDF, with the checkpoint attached. Raises PageProblem."""
        note = bytes(self.seal.note).decode()
        attached = [Attached("checkpoint.txt", note, "text/plain", T("The checkpoint"))]
        return typeset(template, page, time=self.newest.time, languages=languages, attached=attached)
