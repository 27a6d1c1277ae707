"""What a desk carries home to head office: a bundle of its log, with how its rounds stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from core import describe
from core.desk.desk import Desk
from core.desk.papers.round_days import round_day, round_zone
from core.desk.problems import NothingRecorded
from core.desk.settings.settings import LockedSetting
from core.head_office.bundles import bundle
from core.head_office.bundles.bundle import BundleContents, WrittenBundle
from core.head_office.bundles.encryption import Lock, public_keys
from core.head_office.bundles.layout import PhoneLine, json_line
from core.jobs import Cancel, Report, silent
from core.ledger.evidence.kept_files import files_on_record
from core.ledger.reader import LedgerReader
from core.ledger.records import Entry, Exported, Kind
from core.rounds import rounds
from core.rounds.coverage.seen_phones import all_of
from core.rounds.model import RosterLine
from core.rounds.roster.identifiers import key_of
from core.rounds.roster.roster_file import RosterFileProblem
from core.same_phone import names_one_phone
from core.text import N, Text, plain

#: The file of a bundle that says which phones rounds were to see.
COVERAGE: Final = "coverage.jsonl"
#: The setting with the public keys of those who can read what is carried home.
SETTING: Final = "head_office_key"
#: Bundles that are named.
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class CarriedHome:
    """What is new, as `new_bundle`; and the bundles of the same log that lay there and had to be `mended`.

    `readable` are the records of earlier bundles that everybody can read, if this is the first one that is encrypted.
    `files_here` copies of apps' files are kept at the desk: a bundle never has them.
    """

    new_bundle: WrittenBundle
    mended: tuple[WrittenBundle, ...]
    readable: tuple[Entry, ...] = ()
    files_here: int = 0


def recipients(desk: Desk, to: str | None = None) -> tuple[str, ...]:
    """The public keys of those who can read what this desk carries home: those in `to`, else those of its setting
    ``head_office_key``; none where neither is there, and then anybody can read it.

    Raises SettingsProblem where the department has set other keys, or where it is not known what is set; BadKey.
    """
    settings = desk.settings
    locked = settings.is_locked(SETTING)
    if desk.fault is not None and not locked:
        raise desk.fault
    configured = public_keys(settings.head_office_key) if settings.head_office_key else ()
    if to is None:
        return configured
    chosen = public_keys(to)
    if locked and set(chosen) != set(configured):
        raise LockedSetting(SETTING)
    return chosen


def carry_home(
    desk: Desk,
    practice: bool,
    folder: Path,
    *,
    whole: bool = False,
    to: str | None = None,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> CarriedHome:
    """Write what is new in the desk's log since the last bundle into a new folder inside `folder`, or its `whole` log.

    Bundles of this log that lie in `folder` and were broken off or damaged are mended first. They are encrypted as
    :func:`recipients` says, and never unencrypted where a key is set. Raises what it raises, NoAge, NoSuchFolder,
    NothingNew or another LedgerProblem, BundleProblem, Cancelled.
    """
    keys = recipients(desk, to)
    lock = Lock(" ".join(keys)) if keys else None
    with desk.custodian(practice) as ledger:
        readable = _readable(ledger) if keys else ()
        extra = {COVERAGE: _coverage(ledger, desk, practice=practice)}
        contents = BundleContents(desk.name, lock, desk.settings.retention_months, extra)
        mended = bundle.mend(ledger, folder, contents, report, cancel)
        after = 0 if whole else bundle.carried_until(ledger)
        new_bundle = bundle.write(ledger, folder, contents, after=after, report=report, cancel=cancel)
        kept = {file.sha256 for file in files_on_record(ledger) if file.erased_by is None}
        return CarriedHome(new_bundle, mended, readable, len(kept))


def readable_bundles(desk: Desk, practice: bool) -> tuple[Entry, ...]:
    """The records of the newest bundles, up to one that was encrypted, which everybody can read who has them.

    Raises LedgerProblem; none where there is no log yet.
    """
    try:
        with desk.read_ledger(practice) as ledger:
            return _readable(ledger)
    except NothingRecorded:
        return ()


def _readable(ledger: LedgerReader) -> tuple[Entry, ...]:
    """As :func:`readable_bundles`, of a log that is open."""
    readable: list[Entry] = []
    for entry in all_of(ledger, Kind.EXPORTED):
        if isinstance(entry.record, Exported) and entry.record.format == bundle.BUNDLE:
            if "encrypted_to" in entry.record.chosen:
                break
            readable.append(entry)
    return tuple(readable)


def readable_words(records: Sequence[Entry]) -> Text:
    """Say that earlier bundles are not encrypted, name the newest, and say what to do with them."""
    listing = "; ".join(
        f"{describe.when(entry)}, {describe.officer(entry)}, {_stretch(entry)}" for entry in records[:_NAMED]
    )
    return N(
        "{count} earlier bundle is not encrypted: {named}{more}. Destroy it where it still is, or have head office do "
        "so.",
        "{count} earlier bundles are not encrypted: {named}{more}. Destroy them where they still are, or have head "
        "office do so.",
        len(records),
        named=listing,
        more="…" if len(records) > _NAMED else "",
    )


def files_here_words(files: int) -> Text:
    """Say that copies of apps' files stay at the desk."""
    return N(
        "The bundle does not have the copy of {count} app’s file that is kept here, only its fingerprint.",
        "The bundle does not have the copies of {count} apps’ files that are kept here, only their fingerprints.",
        files,
    )


def _stretch(entry: Entry) -> str:
    """Name the first and the last entry of a bundle, such as 1–120."""
    chosen = entry.record.chosen if isinstance(entry.record, Exported) else {}
    return plain(chosen.get("entries", ""), 50).replace("-", "–")


def _coverage(ledger: LedgerReader, desk: Desk, *, practice: bool) -> bytes:
    """The phones of each round's roster, a line each. A round whose roster is not here any more has none."""
    lines = []
    for known_round in rounds.recorded_rounds(ledger, practice=practice):
        if known_round.roster is None:
            continue
        try:
            coverage = rounds.covered(ledger, desk.data, known_round, round_day(desk), round_zone(desk))
        except RosterFileProblem:
            continue
        for phone in coverage.phones:
            line = phone.line or RosterLine(0)
            last_entry = phone.last.entry if phone.last is not None else None
            other_key = "" if names_one_phone(line.serial) else line.imei or key_of(line.tag)
            phone_line = PhoneLine(known_round.about.id, line.serial, line.unit, last_entry, other_key)
            lines.append(json_line(msgspec.to_builtins(phone_line)))
    return b"".join(lines)
