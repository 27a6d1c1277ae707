"""Which records are asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from core.ledger.records import Kind
from core.model import Verdict
from core.text import plain

#: Characters of a text or a name that are kept in the record of an export.
_WORDS_LIMIT: Final = 120
#: What may be a whole serial number or IMEI: letters and digits in one piece, a digit among them.
_LIKE_A_SERIAL: Final = re.compile(r"(?=[^\W_]*\d)[^\W_]{6,}")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a record must have; false if nothing is asked.

    `text` stands anywhere in it, `officer` in the name of who wrote it. `phone` stands in the phone's maker and model,
    or in its asset tag or its holder's name, or is the end of its serial number, as long as those are not erased. Upper
    and lower case are the same, and so are an accent and its letter in one character or in two. From `since` on, and
    before `until`; both have to say their zone.
    """

    text: str = ""
    kind: Kind | None = None
    verdict: Verdict | None = None
    officer: str = ""
    phone: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        for time in (self.since, self.until):
            if time is not None and time.tzinfo is None:
                raise ValueError("a time without its zone could be any of them")
        for name in ("text", "officer", "phone"):
            object.__setattr__(self, name, getattr(self, name).strip())

    def __bool__(self) -> bool:
        return self != _EVERYTHING

    def words(self) -> Mapping[str, str]:
        """What was asked, in plain words for a record: which is for ever, so that no serial number may be in it.

        Other personal values only a ledger can tell from other words: see
        :meth:`core.ledger.search.scan.ScanReader.words_of`.
        """
        asked: dict[str, str] = {}
        for name in ("text", "kind", "verdict", "officer", "phone"):
            if value := getattr(self, name):
                asked[name] = plain(str(value), _WORDS_LIMIT)
        for name in {"text", "phone"} & asked.keys():
            asked[name] = _LIKE_A_SERIAL.sub("***", asked[name])
        for name in ("since", "until"):
            if (time := getattr(self, name)) is not None:
                asked[name] = time.astimezone(UTC).isoformat(timespec="milliseconds")
        return asked


_EVERYTHING: Final = Filter()
