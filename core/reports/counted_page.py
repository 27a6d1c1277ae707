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
from core.ledger.reader import LedgerReader
from core.ledger.records import Entry
from core.ledger.seals import NotSealed, Seal
from core.model import Verdict
from core.reports.page import Attached, Said, say, typeset
from core.reports.receipt import proof_words
from core.reports.story import stamp
from core.text import Language, T, Text, Value

LABELS: Final = {
    "practice": T("Practice: no real phone is counted here"),
    "practice_short": T("Practice"),
    "checkpoint": T("Checkpoint"),
    "qr": T("QR code of the checkpoint that is printed beside it"),
}

#: A heading, and under it what was counted, with its number.
Group = tuple[Text, Sequence[tuple[Value, Value]]]


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

        def rows(some: Iterable[tuple[Value, Value]], **limit: int) -> list[dict[str, Said]]:
            return [{"label": say(label, languages), "value": say(value, languages, **limit)} for label, value in some]

        foot = T("Fanion {version}, from the log of the desk", version=self.newest.app_version)
        return {
            "title": say(title, languages),
            "name": say(name, languages),
            "practice": self.newest.practice is not False,
            "foot": say(foot, languages),
            "facts": rows(facts, limit=160),
            "verdicts": [
                {"verdict": str(v), "word": say(value_names.VERDICTS[v], languages), "count": verdicts[v]}
                for v in Verdict
            ],
            "groups": [{"title": say(head, languages), "rows": rows(some)} for head, some in groups],
            "use": [say(use, languages, 1_000)],
            **proof_words(self.seal.note, languages),
        }

    def typeset(self, template: str, page: Mapping[str, Any], languages: tuple[Language, ...]) -> bytes:
        """The page as a PDF, with the checkpoint attached. Raises PageProblem."""
        note = bytes(self.seal.note).decode()
        attached = [Attached("checkpoint.txt", note, "text/plain", T("The checkpoint"))]
        return typeset(template, page, time=self.newest.time, languages=languages, attached=attached)
