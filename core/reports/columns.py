"""Records as rows: for people in CSV, in the language in use; for programs in Parquet, typed and with English names.

Whatever stands in a record gives a row: a value of another kind than the column's is left out, and a text that a
spreadsheet would take for a formula is marked as text.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib import import_module
from types import MappingProxyType
from typing import IO, Any, Final, TypeAlias

import msgspec

from core import describe
from core.describe.values import shown
from core.ledger.records.entry import FIELDS, Entry
from core.ledger.records.leaf import clean
from core.ledger.records.leaf import leaf_hash as hash_of
from core.problem import Problem
from core.text import T, Text, as_cell, plain

#: Characters of one text; a phone's longest answer is shorter.
_TEXT_LIMIT: Final = 4_000
#: Rows of one group in a Parquet file: enough to compress well, few enough to hold.
_GROUP: Final = 20_000
_OBJECTS: Final = (dict, MappingProxyType)
_FIELDS: Final = frozenset(FIELDS)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NUMERAL: Final = re.compile(r"-?[0-9]{1,19}")
_decode: Final = msgspec.json.Decoder().decode


class Row:
    """A record with its values by their path, such as ``("body", "counts", "apps")``: found once, asked for often."""

    __slots__ = ("entry", "values")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.values: dict[tuple[str, ...], Any] = {}
        for name, value in entry.leaf.items():
            self.values[(name,)] = value
            if isinstance(value, _OBJECTS):
                for second, inner in value.items():
                    self.values[name, second] = inner
                    if isinstance(inner, _OBJECTS):
                        for third, innermost in inner.items():
                            self.values[name, second, third] = innermost

    def get(self, *path: str) -> Any:
        """What stands there; None where nothing does."""
        return self.values.get(path)


def as_entry(seq: int, leaf: bytes, leaf_hash: bytes) -> Entry:
    """A stored record without its personal values: as :func:`core.ledger.records.entry.entry` makes one, but much
    faster.

    For whoever only looks: its values could be changed. Raises ValueError or TypeError where no ledger wrote it.
    """
    if hash_of(leaf) != leaf_hash:
        raise ValueError(f"record {seq} is not what was hashed")
    try:
        fields = _decode(leaf)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"record {seq}: {error}") from error
    if not isinstance(fields, dict) or not fields.keys() >= _FIELDS or not isinstance(fields["body"], dict):
        raise ValueError(f"record {seq}: fields are missing")
    time = datetime.fromisoformat(fields["time"])
    if time.tzinfo is None:
        raise ValueError(f"record {seq}: the time does not say which")
    return Entry(seq, str(fields["type"]), time, fields["visit"], fields, leaf, leaf_hash, {})


#: What a column has of a row.
Value: TypeAlias = Callable[[Row], Any]


class Type(StrEnum):
    """What a column of a Parquet file holds, by pyarrow's name for it."""

    TEXT = "string"
    NUMBER = "int64"
    FLAG = "bool"
    HASH = "binary"
    TIME = "timestamp"


def _typed(type: Type, *paths: str) -> Value:
    """The value that stands at the first of `paths` where there is one of that type; None where there is none."""
    split = tuple(tuple(path.split(".")) for path in paths)
    as_type = {Type.TEXT: _as_text, Type.NUMBER: _as_number, Type.FLAG: _as_flag}[type]

    def value(row: Row) -> Any:
        for path in split:
            found = row.values.get(path)
            if found is not None and (typed := as_type(found)) is not None:
                return typed
        return None

    return value


def _as_text(value: object) -> str | None:
    if isinstance(value, str):
        return plain(value, _TEXT_LIMIT)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _as_number(value: object) -> int | None:
    """Numbers from 2^53 on stand in records as text."""
    if isinstance(value, str) and _NUMERAL.fullmatch(value):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63 else None


def _as_flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _text(path: str) -> Value:
    return _typed(Type.TEXT, path)


def _number(*paths: str) -> Value:
    return _typed(Type.NUMBER, *paths)


def _words(path: str) -> Value:
    """A value that is a word of ours, as people say it."""
    names = tuple(path.split("."))

    def value(row: Row) -> str | None:
        found = row.values.get(names)
        return None if found is None or found == "" else shown(path, found)

    return value


def _utc(row: Row) -> str:
    try:
        time = row.entry.time.astimezone(UTC)
    except OverflowError:  # the first and the last day of the calendar
        time = row.entry.time
    return time.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")


#: The columns of the CSV file.
_CELLS: Final[tuple[tuple[Text, Value], ...]] = (
    (T("Entry number"), lambda row: row.entry.seq),
    (T("Date and time (local)"), lambda row: describe.when(row.entry)),
    (T("Date and time (UTC)"), _utc),
    (T("Kind of entry"), lambda row: str(describe.kind(row.entry))),
    (T("Verdict"), _words("body.verdict")),
    (T("Summary"), lambda row: describe.summary(row.entry)),
    (T("Maker"), _text("device.maker")),
    (T("Model"), _text("device.model")),
    (T("System"), _words("device.platform")),
    (T("System version"), _text("device.os")),
    (T("Serial number"), lambda row: describe.serial(row.entry) if row.entry.openings else None),
    (T("Product"), _words("body.product")),
    (T("What the policy says"), _words("body.strength")),
    (T("How sure"), _words("body.match")),
    (T("Excepted until"), _text("body.excepted.until")),
    (T("Reference of the exception"), _text("body.excepted.reference")),
    (T("Package"), _text("body.package")),
    (T("Version"), _text("body.version_name")),
    (T("Installed by"), _text("body.installer")),
    (T("Profile"), _words("body.profile.kind")),
    (T("Profile number"), _number("body.profile.id", "body.profile")),
    (T("Switched off for good"), _words("body.contained")),
    (T("Step"), _words("body.act")),
    (T("Result"), _words("body.outcome")),
    (T("What the phone said"), _text("body.answer")),
    (T("Apps read"), _number("body.counts.apps")),
    (T("Banned apps"), _number("body.counts.products", "body.counts.bans")),
    (T("Items that could not be checked"), _number("body.counts.gaps")),
    (T("Time taken (ms)"), _number("body.took_ms")),
    (T("Code of the problem"), _text("body.code")),
    (T("Because of entry"), _number("body.finding")),
    (T("Announced in entry"), _number("body.intent")),
    (T("Takes back the step of entry"), _number("body.removal")),
    (T("Officer"), _text("officer")),
    (T("Desk"), _text("desk")),
    (T("Visit"), _text("visit")),
    (T("Policy"), _text("policy.id")),
    (T("Version of the policy"), _text("policy.version")),
    (T("Policy not signed by anybody"), _words("policy.unsigned")),
    (T("Version of Fanion"), _text("app.version")),
    (T("Practice"), _words("practice")),
    (T("Hash of the entry"), lambda row: row.entry.leaf_hash.hex()),
)


class CsvRows:
    """A CSV file: RFC 4180, in UTF-8 with the mark by which spreadsheets know it, in the language in use."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._text = io.StringIO(newline="")
        self._rows = csv.writer(self._text)
        self._text.write("\N{ZERO WIDTH NO-BREAK SPACE}")
        self._rows.writerow([as_cell(str(head)) for head, _ in _CELLS])

    def write(self, entries: Sequence[Entry]) -> None:
        """Add a row for each of these records."""
        rows = map(Row, entries)
        self._rows.writerows(
            [[as_cell(v) if isinstance(v := value(row), str) else v for _, value in _CELLS] for row in rows]
        )
        self._flush()

    def end(self) -> None:
        """Nothing comes any more. The file is not closed."""
        self._flush()

    def _flush(self) -> None:
        self._file.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()


class NoParquet(Problem):
    """The library that writes Parquet files is not there."""

    code = "no-parquet"
    exit_code = 5

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            T("This Fanion cannot write Parquet files: the library for them, pyarrow, is not installed."),
            T("Export as CSV or as JSON lines."),
            detail,
        )


def _time(row: Row) -> int:
    """Milliseconds since 1970."""
    return (row.entry.time - _EPOCH) // timedelta(milliseconds=1)


def _body(row: Row) -> str | None:
    """All fields of the record's kind, as JSON: the columns are only those that are asked for most."""
    try:
        return clean(json.dumps(row.entry.body, default=dict, ensure_ascii=False, separators=(",", ":")))
    except RecursionError:
        return None


def _column(name: str, type: Type, *paths: str) -> tuple[str, Type, Value]:
    return name, type, _typed(type, *(paths or (name,)))


#: The columns of the Parquet file.
_COLUMNS: Final[tuple[tuple[str, Type, Value], ...]] = (
    ("seq", Type.NUMBER, lambda row: row.entry.seq),
    ("time", Type.TIME, _time),
    ("kind", Type.TEXT, lambda row: plain(row.entry.kind)),
    _column("practice", Type.FLAG),
    _column("desk", Type.TEXT),
    _column("officer", Type.TEXT),
    _column("visit", Type.TEXT),
    _column("session", Type.TEXT),
    _column("boot", Type.TEXT),
    _column("mono_ms", Type.NUMBER),
    _column("app_version", Type.TEXT, "app.version"),
    _column("policy_id", Type.TEXT, "policy.id"),
    _column("policy_version", Type.TEXT, "policy.version"),
    _column("policy_sha256", Type.TEXT, "policy.sha256"),
    _column("policy_unsigned", Type.FLAG, "policy.unsigned"),
    _column("device_platform", Type.TEXT, "device.platform"),
    _column("device_maker", Type.TEXT, "device.maker"),
    _column("device_model", Type.TEXT, "device.model"),
    _column("device_os", Type.TEXT, "device.os"),
    ("device_serial", Type.TEXT, lambda row: describe.serial(row.entry) or None if row.entry.openings else None),
    _column("verdict", Type.TEXT, "body.verdict"),
    _column("profiles", Type.NUMBER, "body.counts.profiles"),
    _column("apps", Type.NUMBER, "body.counts.apps"),
    _column("findings", Type.NUMBER, "body.counts.findings"),
    _column("bans", Type.NUMBER, "body.counts.bans"),
    _column("products", Type.NUMBER, "body.counts.products"),
    _column("gaps", Type.NUMBER, "body.counts.gaps"),
    _column("took_ms", Type.NUMBER, "body.took_ms"),
    _column("rule", Type.TEXT, "body.rule"),
    _column("product_en", Type.TEXT, "body.product.en"),
    _column("product_fr", Type.TEXT, "body.product.fr"),
    _column("strength", Type.TEXT, "body.strength"),
    _column("match", Type.TEXT, "body.match"),
    _column("excepted_until", Type.TEXT, "body.excepted.until"),
    _column("excepted_reference", Type.TEXT, "body.excepted.reference"),
    _column("contained", Type.FLAG, "body.contained"),
    _column("package", Type.TEXT, "body.package"),
    _column("version_name", Type.TEXT, "body.version_name"),
    _column("version_code", Type.NUMBER, "body.version_code"),
    _column("installer", Type.TEXT, "body.installer"),
    _column("profile", Type.NUMBER, "body.profile.id", "body.profile"),
    _column("profile_kind", Type.TEXT, "body.profile.kind"),
    _column("act", Type.TEXT, "body.act"),
    _column("outcome", Type.TEXT, "body.outcome"),
    _column("answer", Type.TEXT, "body.answer"),
    _column("finding_seq", Type.NUMBER, "body.finding"),
    _column("intent_seq", Type.NUMBER, "body.intent"),
    _column("removal_seq", Type.NUMBER, "body.removal"),
    _column("problem_code", Type.TEXT, "body.code"),
    _column("problem", Type.TEXT, "body.sentence.en"),
    ("body_json", Type.TEXT, _body),
    ("leaf_hash", Type.HASH, lambda row: row.entry.leaf_hash),
)


class ParquetRows:
    """A Parquet file, compressed with zstd. `about` is kept with its columns. Raises NoParquet."""

    def __init__(self, file: IO[bytes], about: Mapping[str, str]) -> None:
        arrow, parquet = _arrow()
        types = [arrow.timestamp("ms", tz="UTC") if t is Type.TIME else arrow.type_for_alias(t) for _, t, _ in _COLUMNS]
        names = [name for name, _, _ in _COLUMNS]
        self._arrow = arrow
        self._schema = arrow.schema(zip(names, types, strict=True), metadata=dict(about))
        self._columns: list[list[Any]] = [[] for _ in _COLUMNS]
        self._writer = parquet.ParquetWriter(file, self._schema, compression="zstd")

    def write(self, entries: Sequence[Entry]) -> None:
        """Add a row for each of these records."""
        rows = list(map(Row, entries))
        for column, (_, _, value) in zip(self._columns, _COLUMNS, strict=True):
            column.extend([value(row) for row in rows])
        if len(self._columns[0]) >= _GROUP:
            self._flush()

    def end(self) -> None:
        """Nothing comes any more. The file is not closed."""
        self._flush()
        self._writer.close()

    def close(self) -> None:
        """Let go of the file, whole or not. A second time, or after the end, does nothing."""
        with contextlib.suppress(Exception):  # whoever closes early has a failure to tell already
            self._writer.close()

    def _flush(self) -> None:
        arrays = [self._arrow.array(c, type=f.type) for c, f in zip(self._columns, self._schema, strict=True)]
        self._writer.write_batch(self._arrow.record_batch(arrays, schema=self._schema))
        self._columns = [[] for _ in _COLUMNS]


def require_parquet() -> None:
    """Raises NoParquet: better at once than when half is done."""
    _arrow()


def _arrow() -> tuple[Any, Any]:
    # Not an import statement: neither the packaged program nor the type checker is to look for it.
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise NoParquet(str(error)) from error
