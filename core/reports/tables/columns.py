"""Records as rows: for people in CSV, in the language in use; for programs in Parquet, typed and with English names.

A record of any origin gives a row, and a text that a spreadsheet would take for a formula is marked as text.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import IO, Any, Final, TypeAlias

from core import describe, value_names
from core.ledger import records
from core.ledger.records import Entry
from core.ledger.records.entry import PLATFORMS
from core.ledger.records.removal import OUTCOMES
from core.reports.tables.csv_table import CsvFile, CsvSeparator
from core.system.libraries import library
from core.text import Bilingual, T, Text, one_line, plain

#: Characters of one text; a phone's longest answer is shorter.
_TEXT_LIMIT: Final = 4_000
#: Rows of one group in a Parquet file: enough to compress well, few enough to hold.
_GROUP: Final = 20_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

#: What is in the columns of a record, by their names in a Parquet file.
Row: TypeAlias = dict[str, Any]


class _Fields:
    """Fields of an object, by their names divided by spaces."""

    def __init__(self, names: str) -> None:
        self._names = names.split()
        self._get = attrgetter(*self._names)

    def of(self, item: object) -> Row:
        return dict(zip(self._names, self._get(item), strict=True))


#: The columns that are a field of the same name of an entry, or of a class of records.
_OF_ENTRY: Final = _Fields("seq kind practice desk officer visit session boot mono_ms app_version leaf_hash")
_OF_RECORD: Final[Mapping[type, _Fields]] = {
    records.CheckEnded: _Fields("verdict profiles apps findings bans products banned took_ms"),
    records.AppFound: _Fields(
        "rule product strength match contained package version_name version_code installer profile profile_kind"
    ),
    records.EvidenceTaken: _Fields("package profile"),
    records.StepIntended: _Fields("act package profile"),
    records.StepOutcome: _Fields("outcome answer"),
    records.ExceptionGranted: _Fields("rule product package"),
}


def _row(entry: Entry) -> Row:
    """What there is to tell of a record in columns."""
    record = entry.record
    row = _OF_ENTRY.of(entry)
    for cls, fields in _OF_RECORD.items():
        if isinstance(record, cls):
            row |= fields.of(record)
    match record:
        case records.CheckEnded():
            row["gaps"], row["can_return"] = record.gaps_counted, record.can_return
        case records.AppFound(excepted=excepted) if excepted is not None:
            row["excepted_until"], row["excepted_reference"] = excepted.until.isoformat(), excepted.reference
        case records.EvidenceTaken():
            row["version_name"], row["installer"], row["finding_seq"] = record.version, record.store, record.finding
            row["files"] = "; ".join(f"{file.name} {file.sha256} ({file.by})" for file in record.files)
        case records.RemovalIntended():
            row["finding_seq"] = record.finding
        case records.UndoIntended():
            row["removal_seq"] = record.removal
        case records.StepOutcome():
            row["intent_seq"] = record.intent
        case records.ProblemMet(code=code, sentence=sentence) | records.PolicyRefused(code=code, sentence=sentence):
            row["problem_code"], row["problem"] = code, sentence
    if (policy := entry.policy) is not None:
        row["policy_id"], row["policy_version"], row["policy_sha256"] = policy.id, policy.version, policy.sha256
        row["policy_unsigned"] = policy.unsigned
    if (device := entry.device) is not None:
        row["device_platform"], row["device_maker"] = device.platform, device.maker
        row["device_model"], row["device_os"] = device.model, device.os
        row["device_serial"] = describe.serial(entry) or None
    return row


def _utc(entry: Entry) -> str:
    try:
        time = entry.time.astimezone(UTC)
    except OverflowError:  # the first and the last day of the calendar
        time = entry.time
    return time.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")


def _with_offset(entry: Entry) -> str:
    return describe.local_time(entry).isoformat(sep=" ", timespec="seconds")


#: The columns of the CSV file: what stands in them by its name in a row, or made of the record. New ones come last, and
#: none is renamed: programs of others read them.
_CELLS: Final[tuple[tuple[Text, str | Callable[[Entry], str]], ...]] = (
    (T("Entry number"), "seq"),
    (T("Date and time (local)"), describe.when),
    (T("Date and time (UTC)"), _utc),
    (T("Kind of entry"), lambda entry: str(describe.kind(entry))),
    (T("Verdict"), "verdict"),
    (T("Summary"), describe.summary),
    (T("Maker"), "device_maker"),
    (T("Model"), "device_model"),
    (T("System"), "device_platform"),
    (T("System version"), "device_os"),
    (T("Serial number"), "device_serial"),
    (T("Product"), "product"),
    (T("What the policy says"), "strength"),
    (T("Certainty"), "match"),
    (T("Excepted until"), "excepted_until"),
    (T("Reference of the exception"), "excepted_reference"),
    (T("Package"), "package"),
    (T("Version"), "version_name"),
    (T("Installed by"), "installer"),
    (T("Profile"), "profile_kind"),
    (T("Profile number"), "profile"),
    (T("Switched off for good"), "contained"),
    (T("Step"), "act"),
    (T("Result"), "outcome"),
    (T("What the phone said"), "answer"),
    (T("Apps listed"), "apps"),
    (T("Banned apps"), "banned"),
    (T("Items that could not be checked"), "gaps"),
    (T("Time taken (ms)"), "took_ms"),
    (T("Code of the problem"), "problem_code"),
    (T("Because of entry"), "finding_seq"),
    (T("Announced in entry"), "intent_seq"),
    (T("Takes back the step of entry"), "removal_seq"),
    (T("Officer"), "officer"),
    (T("Desk"), "desk"),
    (T("Visit"), "visit"),
    (T("Policy"), "policy_id"),
    (T("Version of the policy"), "policy_version"),
    (T("Policy not signed"), "policy_unsigned"),
    (T("Version of Fanion"), "app_version"),
    (T("Practice"), "practice"),
    (T("Fingerprint of the entry"), "leaf_hash"),
    (T("Date and time (local, with its distance from UTC)"), _with_offset),
    (T("Can a banned app be reinstalled"), "can_return"),
    (T("Files with their fingerprints (SHA-256)"), "files"),
)
#: The words for what stands in some of them.
_WORDS: Final[Mapping[str, Mapping[Any, Text]]] = {
    "verdict": value_names.VERDICTS,
    "device_platform": PLATFORMS,
    "strength": value_names.STRENGTHS,
    "match": value_names.MATCHES,
    "profile_kind": value_names.PROFILES,
    "act": value_names.ACTS,
    "outcome": OUTCOMES,
    "can_return": value_names.RETURNS,
}
_YES: Final = T("yes")
_NO: Final = T("no")


def _cells(entry: Entry) -> list[str | int | None]:
    """A record as the cells of its row."""
    row, cells = _row(entry), list[str | int | None]()
    for _, of in _CELLS:
        value = row.get(of) if isinstance(of, str) else of(entry)
        words = _WORDS.get(of) if isinstance(of, str) else None
        match value:
            case None | "":
                cells.append(None)
            case str() if words is not None:
                cells.append(one_line(str(words.get(value, value))))
            case str():
                cells.append(plain(value, _TEXT_LIMIT))
            case bool():
                cells.append(str(_YES if value else _NO))
            case bytes():
                cells.append(value.hex())
            case Bilingual():
                cells.append(one_line(str(value)))
            case _:
                cells.append(value)
    return cells


class CsvRows:
    """A CSV file in the language in use."""

    def __init__(self, file: IO[bytes], separator: CsvSeparator = "comma") -> None:
        self._file = CsvFile(file, separator)
        self._file.write([[str(head) for head, _ in _CELLS]])

    def write(self, entries: Sequence[Entry]) -> None:
        """Add a row for each of these records."""
        self._file.write(map(_cells, entries))

    def end(self) -> None:
        """Nothing comes any more. The file is not closed."""


def _all(kind: str, names: str) -> dict[str, str]:
    """Columns of one kind, their names divided by spaces."""
    return dict.fromkeys(names.split(), kind)


#: The columns of the Parquet file, each with pyarrow's name for what it holds.
_COLUMNS: Final = {
    "seq": "int64",
    "time": "timestamp",
    "kind": "string",
    "practice": "bool",
    **_all("string", "desk officer visit session boot"),
    "mono_ms": "int64",
    **_all("string", "app_version policy_id policy_version policy_sha256"),
    "policy_unsigned": "bool",
    **_all("string", "device_platform device_maker device_model device_os device_serial verdict"),
    **_all("int64", "profiles apps findings bans products gaps took_ms"),
    **_all("string", "rule product_en product_fr strength match excepted_until excepted_reference"),
    "contained": "bool",
    **_all("string", "package version_name"),
    "version_code": "int64",
    "installer": "string",
    "profile": "int64",
    **_all("string", "profile_kind act outcome answer"),
    **_all("int64", "finding_seq intent_seq removal_seq"),
    **_all("string", "problem_code problem body_json"),
    "leaf_hash": "binary",
    # New ones come last, as in CSV.
    "can_return": "string",
    "files": "string",
}


def _typed(entry: Entry) -> list[Any]:
    """A record as the values of its columns."""
    row = _row(entry)
    if isinstance(product := row.get("product"), Bilingual):
        row["product_en"], row["product_fr"] = product.en, product.fr
    if (problem := row.get("problem")) is not None:
        row["problem"] = problem.in_language("en")
    row["time"] = (entry.time - _EPOCH) // timedelta(milliseconds=1)
    values = [row.get(name) for name in _COLUMNS]
    values = [plain(str(value), _TEXT_LIMIT) if isinstance(value, str) else value for value in values]
    # All that stands in the record: the columns are only those that are asked for most.
    values[_BODY] = entry.body_json
    return values


_BODY: Final = list(_COLUMNS).index("body_json")


class ParquetRows:
    """A Parquet file, compressed with zstd. `about` is kept with its columns. Raises Problem."""

    def __init__(self, file: IO[bytes], about: Mapping[str, str]) -> None:
        arrow, parquet = _arrow()
        self._arrow = arrow
        types = {
            name: arrow.timestamp("ms", tz="UTC") if type == "timestamp" else arrow.type_for_alias(type)
            for name, type in _COLUMNS.items()
        }
        self._schema = arrow.schema(types.items(), metadata=dict(about))
        self._columns: list[list[Any]] = [[] for _ in _COLUMNS]
        self._writer = parquet.ParquetWriter(file, self._schema, compression="zstd")

    def write(self, entries: Sequence[Entry]) -> None:
        """Add a row for each of these records."""
        for column, values in zip(self._columns, zip(*map(_typed, entries), strict=True), strict=False):
            column.extend(values)
        if len(self._columns[0]) >= _GROUP:
            self._flush()

    def end(self) -> None:
        """Nothing comes any more. The file is not closed."""
        self._flush()
        self._writer.close()

    def close(self) -> None:
        """Let go of the file, whole or not. A second time, or after the end, does nothing."""
        with contextlib.suppress(Exception):  # what ended it early is the failure to tell
            self._writer.close()

    def _flush(self) -> None:
        arrays = [self._arrow.array(c, type=f.type) for c, f in zip(self._columns, self._schema, strict=True)]
        self._writer.write_batch(self._arrow.record_batch(arrays, schema=self._schema))
        self._columns = [[] for _ in _COLUMNS]


def require_parquet() -> None:
    """Raise the Problem that a Parquet file cannot be written: better at once than when half is done."""
    _arrow()


def _arrow() -> tuple[Any, Any]:
    """pyarrow and its module for Parquet. Raises Problem where they are not installed, or must not be used."""
    arrow, parquet = (
        library(
            name,
            T("This Fanion cannot write Parquet files: the library for them, pyarrow, is not installed."),
            code="no-parquet",
            otherwise=T("Export as CSV or as JSON lines."),
        )
        for name in ("pyarrow", "pyarrow.parquet")
    )
    return arrow, parquet
