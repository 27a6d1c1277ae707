"""What an entry of a desk's log becomes in the tables of the store.

Only what a question reads has columns; everything else is in the exact entry. Of personal values, only those beside
the checks are taken: by them a phone is known again. Whatever else a desk keeps of a person stays there.
"""

from __future__ import annotations

import contextlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final, Protocol

import msgspec

from core.head_office.bundles.layout import PhoneLine
from core.ledger.records import (
    AppFound,
    BansSeen,
    CheckEnded,
    Device,
    Entry,
    Erased,
    Kind,
    RoundBegun,
    StepIntended,
    StepOutcome,
    read_entry,
)
from core.ledger.records.leaf import Opening, Personal, decode, leaf_hash
from core.ledger.records.removal import RemovalIntended
from core.ledger.retention.due_values import FLOOR_MONTHS, months_on
from core.model import Match, Strength, Verdict
from core.model.can_return import Return
from core.same_phone import names_one_phone
from core.text import Bilingual, plain

#: The kinds that have columns of their own.
_TYPED: Final = frozenset(
    {
        Kind.BANS_SEEN,
        Kind.CHECK_ENDED,
        Kind.FINDING,
        Kind.REMOVAL_INTENDED,
        Kind.REMOVAL_OUTCOME,
        Kind.UNDO_INTENDED,
        Kind.UNDO_OUTCOME,
        Kind.ERASED,
        Kind.ROUND_BEGUN,
    }
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TEXT: Final = 500
_FEW_TEXTS: Final = 4_096
_MILLISECOND: Final = timedelta(milliseconds=1)
#: The personal values of a check that are taken, by the names of their fields.
_FIELDS: Final = ("serial", "tag", "holder", "imei")
#: How good it is that a banned product cannot be installed again: a state that this version does not know is not known.
_RETURN_ORDER: Final[Mapping[str, int]] = {Return.BLOCKED: 0, Return.UNKNOWN: 1, Return.POSSIBLE: 2}
_NUMERAL: Final = re.compile(r"[0-9a-f]{16,}")


#: What stands in a row, in the order of its table's columns.
_Row = Sequence[object]


class RowTaker(Protocol):
    """What takes the rows: new files of the store, or what compares rows with them."""

    def add(self, table: str, day: str, row: _Row) -> None: ...

    def extend(self, table: str, day: str, rows: Sequence[_Row]) -> None: ...


class _Head(msgspec.Struct, gc=False):
    """What every entry says of itself."""

    seq: int
    time: str
    type: str
    desk: str
    visit: str | None


_head: Final = msgspec.json.Decoder(_Head).decode


class EntryRows:
    """Puts the entries of one log into tables. `months`: how long the desk keeps the values of clean checks.

    The day of a row is that which the log had reached by then: a clock that fell back takes nothing out of the days
    that a question is about.
    """

    def __init__(
        self,
        files: RowTaker,
        log: str,
        secret: bytes,
        months: int,
        reached: int | None = None,
        *,
        every_ban: bool = False,
    ) -> None:
        """`reached` is the latest time (in milliseconds since 1970) of the entries before, where that is known. With
        `every_ban`, what was seen of bans has a row also where the end of its check is here."""
        self._files = files
        self._log = log
        self._secret = secret
        self._months = months
        self._reached = _EPOCH if reached is None else _EPOCH + timedelta(milliseconds=reached)
        self._every_ban = every_ban
        #: Entries whose values were erased by an entry that was read here.
        self.erased: set[int] = set()
        #: By which rule a finding is one, and what a step that has no outcome yet is, by their numbers.
        self._rules: dict[int, str | None] = {}
        self._steps: dict[int, tuple[str | None, str | None, str | None, int | None]] = {}

    def add(
        self,
        leaves: Sequence[tuple[int, bytes]],
        openings: Mapping[int, Sequence[Opening]],
        seals: Mapping[int, tuple[bytes, str]],
    ) -> None:
        """The entries of one part, with their numbers.

        `openings` are their personal values, `seals` the root and note over so many entries. That the entries are those
        that the desk sealed is known; one of a form that this version does not know has fewer columns.
        """
        heads = [_read_head(leaf) for _, leaf in leaves]
        records, sealed = dict[str, list[_Row]](), dict[str, list[_Row]]()
        entries, affected = list[tuple[str, Entry]](), set[str]()
        for (number, leaf), head in zip(leaves, heads, strict=True):
            moment = _utc_of(datetime.fromisoformat(head.time))
            self._reached = max(self._reached, moment)
            day = moment.date().isoformat()
            row = (self._log, _plain(head.desk), number, in_ms(moment), head.type[:_TEXT], head.visit, leaf)
            records.setdefault(day, []).append(row)
            if number in seals:
                sealed.setdefault(day, []).append((self._log, number, *seals[number]))
            if head.type in _TYPED:
                values = {commitment.hex(): value.decode() for commitment, _, value in openings.get(number, ())}
                try:
                    entry = read_entry(number, leaf, leaf_hash(leaf), values)
                except (ValueError, TypeError):
                    continue
                entries.append((self._reached.date().isoformat(), entry))
                if entry.visit is not None and _affects(entry):
                    affected.add(entry.visit)
        for table, by_day in (("records", records), ("seals", sealed)):
            for day, rows in by_day.items():
                self._files.extend(table, day, rows)
        ended = {entry.visit for _, entry in entries if isinstance(entry.record, CheckEnded)}
        for day, entry in entries:
            if not isinstance(entry.record, BansSeen) or self._every_ban or entry.visit not in ended:
                self._add_typed(day, entry, openings, affected)

    def add_roster(self, day: str, lines: Sequence[PhoneLine]) -> None:
        """The phones that rounds were to see. One without a usable serial number is known by what else names it, so
        that two desks with one list have it once."""
        for line in lines:
            phone = phone_number(self._secret, line.serial)
            is_known = phone is not None
            if phone is None:
                phone = _keyed(self._secret, f"\0{line.other or line.serial}")
            self._files.add(
                "roster", day, (self._log, _plain(line.round), phone, is_known, _plain(line.unit), line.seen)
            )

    def _add_typed(self, day: str, entry: Entry, openings: Mapping[int, Sequence[Opening]], affected: set[str]) -> None:
        start = (self._log, _plain(entry.desk), entry.seq, in_ms(_utc_of(entry.time)), entry.visit)
        match entry.record:
            case CheckEnded() as record:
                self._files.add("checks", day, (*start, *self._phone(entry), *_check(entry, record)))
                self._add_personal(day, entry, openings.get(entry.seq, ()), entry.visit in affected)
                for row in _returns(record):
                    self._files.add("returns", day, (self._log, entry.seq, *row))
            case BansSeen() as record:  # as long as no end of that check comes, it is all that is known: it was red
                self._files.add("checks", day, (*start, *self._phone(entry), *_seen(entry, record)))
                self._add_personal(day, entry, openings.get(entry.seq, ()), affected=True)
            case AppFound() as record:
                self._rules[entry.seq] = _text(record.rule)
                self._files.add("findings", day, (*start, *self._phone(entry), *_finding(record)))
            case StepIntended() as record:
                finding = record.finding if isinstance(record, RemovalIntended) else None
                step = (_text(record.act), _text(record.package), self._rules.get(finding or 0), finding)
                self._steps[entry.seq] = step
                self._files.add("steps", day, (*start, *self._phone(entry), entry.kind, *step, None, None))
            case StepOutcome() as record:
                step = self._steps.pop(record.intent, (None, None, None, None))
                outcome = (entry.kind, *step, record.intent, _text(record.outcome))
                self._files.add("steps", day, (*start, *self._phone(entry), *outcome))
            case Erased() as record:
                for number in record.records:
                    if 0 < number < entry.seq:
                        self._files.add("erased", day, (self._log, number, entry.seq))
                        self.erased.add(number)
            case RoundBegun() as record:
                names = (_text(record.round), _text(record.name), _text(record.place))
                days = (_day(record.first), _day(record.last))
                self._files.add("rounds", day, (*start[:4], *names, *days))

    def _phone(self, entry: Entry) -> tuple[int, bool]:
        """The number of an entry's phone, and whether it is known by it from check to check."""
        serial = entry.device.serial if entry.device is not None else None
        if serial is None:
            return sealed_number(entry.leaf_hash.hex()), False
        phone = phone_number(self._secret, serial.value or "")
        return (sealed_number(serial.sealed or entry.leaf_hash.hex()), False) if phone is None else (phone, True)

    def _add_personal(self, day: str, entry: Entry, openings: Sequence[Opening], affected: bool) -> None:
        salts = {commitment.hex(): salt for commitment, salt, _ in openings}
        erase_by = self._erase_by(entry.time, affected)
        for name, value in _personal(entry.device):
            if value.value and value.sealed in salts:
                row = (self._log, entry.seq, entry.visit, name, value.value, salts[value.sealed], erase_by)
                self._files.add("personal", day, row)

    def _erase_by(self, time: datetime, affected: bool) -> date | None:
        """The last day on which the store may have the values of a check.

        The desk keeps those of a check that affected a person until two years after its last entry about the phone; the
        store counts from the check itself, and so never has them for longer than the desk may.
        """
        if not self._months:
            return None
        with contextlib.suppress(ValueError):  # a year that no calendar has
            return months_on(time, max(self._months, FLOOR_MONTHS) if affected else self._months).date()
        return None


def phone_number(secret: bytes, serial: str) -> int | None:
    """The number by which a phone is known at every desk; None where its serial number tells it from no other.

    63 bits of HMAC-SHA256 with the store's secret: without it, a list of serial numbers tells nothing.
    """
    number = serial.strip().upper()
    if not names_one_phone(number):
        return None
    return _keyed(secret, number)


def _keyed(secret: bytes, text: str) -> int:
    return int.from_bytes(hmac.digest(secret, text.encode(errors="replace"), "sha256")[:8], "big") >> 1


def sealed_number(sealed: str) -> int:
    """A number for a phone of which only the sealed serial number is here: it is of one entry alone."""
    if not _NUMERAL.match(sealed):
        sealed = sha256(sealed.encode(errors="replace")).hexdigest()
    return int(sealed[:16], 16) >> 1


def _personal(device: Device | None) -> list[tuple[str, Personal]]:
    if device is None:
        return []
    fields = [(name, getattr(device, name)) for name in _FIELDS]
    return [(name, value) for name, value in fields if isinstance(value, Personal)]


def _affects(entry: Entry) -> bool:
    """Whether an entry affected a person, as far as it tells by itself: see core.ledger.retention.due_values."""
    match entry.record:
        case CheckEnded(verdict=verdict, bans=bans):
            return verdict == Verdict.RED or bans > 0
        case AppFound(strength=strength):
            return strength == Strength.BAN
        case _:
            return entry.kind != Kind.ERASED


def _check(entry: Entry, record: CheckEnded) -> tuple[object, ...]:
    counts = (record.banned, record.excepted, record.suspected, record.unseen, record.apps, record.took_ms)
    return _judged(entry, str(record.verdict), counts)


def _seen(entry: Entry, record: BansSeen) -> tuple[object, ...]:
    return _judged(entry, Verdict.RED, (record.counted, *[None] * 5))


def _judged(entry: Entry, verdict: str, counts: Sequence[int | None]) -> tuple[object, ...]:
    device, policy = entry.device, entry.policy
    phone = (device.platform, device.maker, device.model, device.os) if device is not None else (None,) * 4
    judged = (policy.id, policy.version, policy.sha256) if policy is not None else (None,) * 3
    return (*map(_text, phone), _text(verdict), *counts, *map(_text, judged), _text(entry.app_version))


def _returns(record: CheckEnded) -> Iterable[tuple[str | None, ...]]:
    """The rule, product and state of each banned product of a check. A record that names a rule twice, which no Fanion
    writes, has the worse of the two."""
    rows: dict[str, tuple[str | None, ...]] = {}
    for told in sorted(record.returns, key=lambda told: _RETURN_ORDER.get(told.state, 1)):
        rule = _plain(told.rule)
        rows[rule] = (rule, *map(_text, _names(told.product)), _plain(told.state))
    return rows.values()


def _names(product: Bilingual | None) -> tuple[str | None, str | None]:
    return (None, None) if product is None else (product.en, product.fr)


def _finding(record: AppFound) -> tuple[object, ...]:
    names = _names(record.product)
    sure = str(record.match) if isinstance(record.match, Match) else record.match
    return (
        _text(record.rule),
        *map(_text, names),
        _text(str(record.strength)),
        _text(sure),
        record.is_ban,
        record.excepted is not None,
        _text(record.package),
        _text(record.version_name),
        _text(str(record.profile_kind)),
    )


def _day(text: str) -> date | None:
    """A day as a desk wrote it; None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _text(value: str | None) -> str | None:
    return None if value is None else _plain(value)


@lru_cache(_FEW_TEXTS)
def _plain(value: str) -> str:
    """A text as the store has it. Makers, models, policies and desks are few, and each stands in thousands of rows."""
    return plain(value, _TEXT)


def _read_head(leaf: bytes) -> _Head:
    """What an entry says of itself, of which number, time and kind were looked at when it was verified."""
    try:
        return _head(leaf)
    except (msgspec.MsgspecError, RecursionError):
        fields = decode(leaf)
        return _Head(fields["seq"], fields["time"], fields["type"], str(fields.get("desk")), None)


def day_of_entry(leaf: bytes, otherwise: str) -> str:
    """The day on which an entry says that it was written; `otherwise` where it says none."""
    try:
        return _utc_of(datetime.fromisoformat(_read_head(leaf).time)).date().isoformat()
    except (ValueError, TypeError, KeyError):
        return otherwise


def is_ban_seen(leaf: bytes) -> bool:
    """Whether an entry tells of banned apps that were seen, by which it has a row only without the end of its check."""
    return b'"type":"%s"' % Kind.BANS_SEEN.value.encode() in leaf


def _utc_of(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first and the last day of the calendar
        return moment.replace(tzinfo=UTC)


def in_ms(moment: datetime) -> int:
    """A moment in milliseconds since 1970."""
    return (moment - _EPOCH) // _MILLISECOND
