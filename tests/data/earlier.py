"""Data folders that an earlier version wrote, and what the present code prints of them: see README.md beside this file.

The only place of these tests that knows how the command line is called and what has to be kept away from it.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import json
import lzma
import os
import re
import sqlite3
import tarfile
import time
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from unittest import mock

import pyarrow.parquet  # type: ignore[import-untyped]
import pypdfium2  # type: ignore[import-untyped]

from core.desk.settings import settings
from core.ledger.records import Kind
from core.text import LANGUAGES as LANGUAGES
from tests import command
from tests.command import Answer

HERE: Final = Path(__file__).parent
FOLDERS: Final = HERE / "earlier"
EXPECTED: Final = HERE / "expected"
#: Each folder, and whether its log is that of practice phones.
LOGS: Final = {"plain": True, "removals": False, "exceptions": False, "evidence": False, "visits": True}
#: The kinds of records that are in none of these logs.
_LATER: Final = (
    *(Kind.EXCEPTION_BOUND, Kind.LOOKED_FOR, Kind.APP_EVIDENCE),
    *(Kind.ROUND_BEGUN, Kind.ROSTER_BROUGHT, Kind.ROSTER_FORGOTTEN, Kind.RECHECK_DRAWN, Kind.ROUND_ENDED),
)
#: Every kind of record that is in them.
KINDS: Final = frozenset(map(str, set(Kind) - set(_LATER)))
#: Where the logs were written, without asking this computer for its list of places.
ZONE: Final = "EST5EDT,M3.2.0,M11.1.0"
#: Whether the local time can be chosen for one test.
HAS_ZONES: Final = hasattr(time, "tzset")

#: What is looked for in each log.
_SEARCHES: Final = ("wechat", "SM-S901W", "R58N12ABCDE", "TB-114", "Zoé", "Roy", "kaspersky tiktok", "nothing of that")
#: Checks of which a receipt is made, by folder, and the day that is closed.
_RECEIPTS: Final = {
    "plain": (48,),
    "removals": (57, 158),
    "exceptions": (41,),
    "evidence": (15,),
    "visits": (18, 57, 65),
}
_DAYS: Final = {"removals": "2026-11-03", "evidence": "2026-10-06"}
#: Differing texts that are shown, and lines of them.
_SHOWN: Final = 8
_LINES: Final = 120
#: The first records of each kind.
_FIRST: Final = """SELECT seq FROM (SELECT seq, row_number() OVER (PARTITION BY kind ORDER BY seq) AS number FROM entry)
    WHERE number <= 5 ORDER BY seq"""
_NOW: Final = re.compile(r"fanion-log-\d{4}-\d\d-\d\d-\d{4}(-\d+)?")


class Earlier:
    """A copy of a folder that an earlier version wrote."""

    def __init__(self, name: str, folder: Path) -> None:
        """Unpack it into `folder`, which is made."""
        self.name = name
        self.folder = folder
        self.data = folder / "data"
        self.practice = LOGS[name]
        with tarfile.open(FOLDERS / f"{name}.tar.xz") as packed:
            packed.extractall(folder, filter="data")
        self._department = folder / "department.toml"
        if self._department.exists():
            told = self._department.read_text(encoding="utf-8")
            self._department.write_text(told.replace("{folder}", folder.as_posix()), encoding="utf-8")

    @property
    def log(self) -> Path:
        """The file of the log."""
        return self.data / ("practice-ledger.db" if self.practice else "ledger.db")

    def rows(self, query: str) -> list[Any]:
        """What stands in the file of the log, asked without Fanion."""
        with contextlib.closing(sqlite3.connect(f"{self.log.as_uri()}?mode=ro", uri=True)) as database:
            return database.execute(query).fetchall()

    def stored(self) -> dict[str, list[Any]]:
        """Everything that must never be lost or changed: the records, the seals and the personal values."""
        return {
            "entry": self.rows("SELECT seq, leaf, leaf_hash FROM entry ORDER BY seq"),
            "seal": self.rows("SELECT * FROM seal ORDER BY 1"),
            "opening": self.rows("SELECT * FROM opening ORDER BY 1"),
        }

    def run(self, *words: object, language: str = "en") -> Answer:
        """Run a command with this data folder."""
        with self.surroundings(language):
            return command.run(*words, "--data", self.data, "--language", language)

    def on_log(self, action: str, *words: object, language: str = "en") -> Answer:
        """Run an action of ``fanion log`` on this log."""
        return self.run("log", action, *(["--practice"] if self.practice else []), *words, language=language)

    def text(self, *words: object, language: str = "en") -> str:
        """What a command prints, and what it ends with, without what differs from run to run."""
        code, out, err = self.run(*words, language=language)
        return self.normal(f"{out}--- beside it ---\n{err}--- exit code {code} ---\n")

    def normal(self, text: str) -> str:
        """`text` without what differs from run to run."""
        return _NOW.sub("fanion-log-NOW", text.replace(str(self.folder), "FOLDER"))

    @contextlib.contextmanager
    def surroundings(self, language: str = "en") -> Iterator[None]:
        """The settings of this folder's department and none of this computer's, and the local time of its desk."""
        load = settings.load
        with (
            _environment(TZ=ZONE, LC_ALL="C.UTF-8", LANGUAGE=None, FANION_DATA=None),
            mock.patch.object(settings, "load", lambda data, machine=self._department: load(data, machine)),
            mock.patch("sys.stdin", io.StringIO()),
        ):
            yield


@contextlib.contextmanager
def _environment(**wanted: str | None) -> Iterator[None]:
    """These variables and the local time that they choose; None is a variable that is not set."""
    before = {name: os.environ.get(name) for name in wanted}
    try:
        _set(wanted)
        yield
    finally:
        _set(before)


def _set(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    time.tzset()


# --- what is compared


def texts(log: Earlier, language: str) -> dict[str, str]:
    """What the command line prints of a log without changing it, by command.

    In English all records are shown, in French the first of each kind.
    """
    which = ("--practice",) if log.practice else ()
    count = log.rows("SELECT count(*) FROM entry")[0][0]
    shown = [number for (number,) in log.rows(_FIRST)] if language == "fr" else range(1, count + 1)
    commands: list[tuple[object, ...]] = [
        ("log", "list", "--limit", 1_000),
        ("log", "list"),
        ("log", "list", "--kind", "finding"),
        ("log", "list", "--kind", "removal-outcome", "--limit", 3),
        *(("log", "list", "--verdict", verdict) for verdict in ("red", "amber", "green")),
        *(("log", "search", word) for word in _SEARCHES),
        ("log", "search", "wechat", "--limit", 2),
        *(("log", "show", number) for number in shown),
        ("log", "show", count + 1),
        ("log", "verify"),
        ("log", "status"),
        ("log", "retention"),
        ("log", "enrolment"),
        ("exception", "list"),
    ]
    if log.name == "exceptions":
        commands += [("policy", "list"), ("policy", "show"), ("policy", "ask", "wechat"), ("policy", "ask", "nothing")]
    if log.name == "evidence":
        papers = log.folder / "papers"
        told = ("log", "verify", "--keys", papers / "enrolment.pdf")
        commands += [
            (*told, "--receipt", papers / "receipt.pdf", "--receipt", papers / "day.pdf"),
            ("log", "verify", "--keys", papers / "enrolment.txt", "--receipt", papers / "receipt.tlog-proof"),
            ("log", "verify", "--receipt", papers / "export" / "checkpoint"),
            ("log", "verify", papers / "export"),
            ("log", "verify", papers / "export", "--keys", papers / "enrolment.pdf"),
        ]
    if language == "en":
        first = log.rows("SELECT min(seq) FROM entry GROUP BY kind ORDER BY 1")
        commands += [
            ("log", "list", "--json", "--limit", 1_000),
            ("log", "search", "--json", "wechat"),
            *(("log", "show", "--json", number) for (number,) in first),
            *(("log", "proof", number) for number in (1, count - 1, count)),
            *(("log", action, "--json") for action in ("verify", "status", "retention", "enrolment")),
            ("exception", "list", "--json"),
        ]
        if log.name == "exceptions":
            commands += [("policy", "list", "--json"), ("policy", "show", "--json"), ("policy", "ask", "x", "--json")]
    found = {}
    for words in commands:
        said = words if words[0] == "policy" else (*words, *which)
        found[log.normal(" ".join(map(str, words)))] = log.text(*said, language=language)
    return found


def papers(name: str, folder: Path, language: str) -> dict[str, str]:
    """What stands on the pages that are made of a log, by command. Each is made of a copy of its own in `folder`."""
    commands: list[tuple[object, ...]] = [("receipt", number) for number in _RECEIPTS[name]]
    commands += [("receipt", "--in", "both", 57)] if (name, language) == ("removals", "en") else []
    commands += [("close-day", "--day", _DAYS[name])] if name in _DAYS else []
    found = {}
    for number, words in enumerate(commands):
        log = Earlier(name, folder / str(number))
        pdf = log.folder / "page.pdf"
        code, out, err = log.on_log(*map(str, words), "--out", str(pdf), language=language)
        found[" ".join(map(str, words))] = log.normal(f"{out}{err}{code}\n{_text_of(pdf)}")
    return found


def exports(name: str, folder: Path) -> dict[str, str]:
    """What an export of a log has, by command and file. Each is made of a copy of its own in `folder`."""
    wanted: list[tuple[str, tuple[str, ...]]] = [("csv", ("--personal",)), ("ocsf", ()), ("parquet", ())]
    if name == "removals":
        chosen = ("--kind", "check-ended", "--officer", "Roy", "--text", "samsung", "--since", "2026-01-01")
        wanted += [("csv", ()), ("csv", chosen), ("jsonl", ("--verdict", "red", "--until", "2026-11-03"))]
        wanted += [("parquet", ("--personal", "--about", "SM-S901W"))]
    found: dict[str, str] = {}
    for format, options in wanted:
        log = Earlier(name, folder / str(len(found)))
        words = ("--format", format, *options)
        code, out, err = log.on_log("export", *words, "--out", str(log.folder / "out"))
        title = f"export {' '.join(words)}"
        found[title] = log.normal(f"{out}{err}{code}\n")
        for file in sorted((log.folder / "out").glob("*/*")):
            if file.suffix not in (".py", ".md"):  # they come along, and say nothing of the log
                found[f"{title}: {file.name}"] = _content_of(file)
    return found


def _text_of(pdf: Path) -> str:
    """What can be read on the pages of a PDF, and what is attached to it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.get_textpage().get_text_range() for page in document]
        attached = [document.get_attachment(number) for number in range(document.count_attachments())]
        parts = [f"--- {one.get_name()} ---\n{bytes(one.get_data()).decode()}" for one in attached]
        return "\n".join([*pages, *parts]).replace("\r\n", "\n")
    finally:
        document.close()


def _content_of(file: Path) -> str:
    if file.name in ("leaves.jsonl", "hashes.txt", "seals.jsonl"):  # as the data have them, to the byte
        return f"{sha256(file.read_bytes()).hexdigest()}\n"
    if file.suffix != ".parquet":
        return file.read_text(encoding="utf-8")
    table = pyarrow.parquet.read_table(file)
    rows = [json.dumps(row, ensure_ascii=False, default=str) for row in table.to_pylist()]
    return "\n".join([str(table.schema.remove_metadata()), *rows]) + "\n"


# --- what was printed


@cache
def expected(name: str) -> dict[str, dict[str, str]]:
    """What the earlier version printed of a folder: by what was asked, and then by title."""
    found: dict[str, dict[str, str]] = json.loads(lzma.decompress((EXPECTED / f"{name}.json.xz").read_bytes()))
    return found


def keep(name: str, found: dict[str, dict[str, str]]) -> None:
    """Have this expected of a folder from now on."""
    EXPECTED.mkdir(exist_ok=True)
    text = json.dumps(found, ensure_ascii=False, indent=0)
    (EXPECTED / f"{name}.json.xz").write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def compare(name: str, what: str, found: dict[str, str]) -> None:
    """Raise AssertionError, with what differs, if something of a folder is printed otherwise than it was."""
    before = expected(name)[what]
    other = [title for title in before | found if before.get(title) != found.get(title)]
    lines = [f"{len(other)} of {len(before | found)} texts of {name} differ:"]
    for title in other[:_SHOWN]:
        was, now = (said.get(title, "not there\n").splitlines() for said in (before, found))
        lines += difflib.unified_diff(was, now, f"{title} (as it was)", f"{title} (now)", n=1, lineterm="")
    if other:
        raise AssertionError("\n".join(lines[:_LINES]))
