"""Targets: lists of phones, settings, and what desks carry to head office."""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openpyxl import Workbook

from core.desk import newer_version, slots
from core.desk.newer_version import UpdateProblem
from core.desk.settings import data_choice, settings
from core.desk.settings.data_choice import ChoiceUnreadable
from core.desk.settings.settings import SettingsProblem
from core.head_office.bundles import encryption
from core.head_office.bundles.carried import BundleRefused, CarriedBundle
from core.head_office.bundles.encryption import BadKey
from core.head_office.bundles.manifest import BundleManifest
from core.head_office.merging import merging
from core.head_office.merging.inspection import inspect
from core.head_office.questions.remarks import of_store
from core.head_office.store.list_signature import signature_name
from core.head_office.store.store import FORM, StoreProblem, read
from core.head_office.store.stretches import Fork, KeptApart, LogGap, MergedStretch, Uncounted
from core.head_office.store.tables import LiveFile
from core.jobs import Cancel
from core.ledger.keys.enrolment import Enrolment
from core.ledger.tlog.notes import NoteError
from core.lessons import FILE_NAME, progress
from core.lessons.progress import Attempt, Completion, Person, changing
from core.rounds.roster import columns, roster_file, tables
from core.rounds.roster.columns import RosterColumn
from core.rounds.roster.identifiers import imei_of, key_of, serial_of, wrong_serial
from core.rounds.roster.roster import read_roster
from core.rounds.roster.roster_file import RosterFileProblem
from core.rounds.roster.tables import RosterProblem
from core.system.minisign import MinisignError, PublicKey, public_keys
from core.system.minisign_signature import SecretKey
from installer import release_notice
from tests.fuzz.folders import scratch
from tests.fuzz.target import Target
from tests.unit.head_office.conftest import NOW, desks_in

BROUGHT = datetime(2026, 11, 1, tzinfo=UTC)


def _read_list(data: bytes) -> None:
    table = tables.parse_table(data, "list", Cancel())
    sheet = table.sheets[columns.propose_sheet(table)]
    sheet.require_read()
    found = columns.propose(sheet)
    columns.require(found)
    read_roster(table, sheet, found, BROUGHT, Cancel())


def roster(data: bytes) -> None:
    """A department's list of phones, as text."""
    if not data.startswith(tables._WORKBOOKS):
        _read_list(data)


def roster_seeds() -> list[bytes]:
    text = 'Serial number;IMEI;Asset tag;User\r\nR58N12ABCDE;490154203237518;T-1;"A; B"\r\n;356938035643809;T-2;\r\n'
    return [
        text.encode("utf-8-sig"),
        text.encode("utf-16"),
        text.replace(";", ",").encode("cp1252"),
        b"sep=\t\r\n" + text.replace(";", "\t").encode(),
        b"R58N12ABCDE\nR58N12FGHIJ\n",
    ]


@cache
def workbook_seeds() -> list[bytes]:
    book, out = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in (("Serial number", "IMEI"), ("R58N12ABCDE", 490154203237518), ("=1+1", "x")):
        book.active.append(row)
    book.save(out)
    return [out.getvalue()]


def identifiers(data: bytes) -> None:
    """A serial number, an IMEI or a tag, as it stands in a list, a form or a code that was scanned."""
    text = data.decode("utf-8", "replace")
    imei_of(text)
    wrong_serial(serial_of(text))
    assert key_of(key_of(text)) == key_of(text)


def identifier_seeds() -> list[bytes]:
    return [b"490154203237518", b"49-015420-323751-8", " R58N12ABCDE\u00a0".encode(), b"DRH-0001", b"4.90154E+14"]


def kept_roster(data: bytes) -> None:
    """The list of a round in the data folder, whose hash is on record."""
    folder = scratch("rosters")
    sha256 = hashlib.sha256(data).hexdigest()
    file = roster_file._file(folder, "r1", sha256)
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)
    try:
        roster_file.load(folder, "r1", sha256)
    finally:
        file.unlink()


def kept_roster_seeds() -> list[bytes]:
    table = tables.parse_table(roster_seeds()[0], "list", Cancel())
    sheet = table.sheets[0]
    found = read_roster(table, sheet, columns.propose(sheet), BROUGHT, Cancel())
    return [msgspec.json.encode(roster_file._StoredRoster("ab" * 16, found.roster))]


def remembered(data: bytes) -> None:
    """The columns that officers have chosen, as the data folder keeps them."""
    folder = scratch("columns")
    (folder / columns.FILE_NAME).write_bytes(data)
    sheet = tables.parse_table(roster_seeds()[0], "list", Cancel()).sheets[0]
    found = columns.propose(sheet, folder)
    assert all(0 <= place < 4 for place in found.places.values())


def remembered_seeds() -> list[bytes]:
    sheet = tables.parse_table(roster_seeds()[0], "list", Cancel()).sheets[0]
    mark = columns._fingerprint(sheet.rows[0].cells)
    return [msgspec.json.encode({mark: {RosterColumn.SERIAL: 0, RosterColumn.IMEI: 1}})]


def desk_slots(data: bytes) -> None:
    """Which port of this computer has which number at the desk."""
    (scratch("slots") / slots.FILE_NAME).write_bytes(data)
    slots.load(scratch("slots"))


def settings_file(data: bytes) -> None:
    """The officer's own settings."""
    folder = scratch("settings")
    (folder / settings.FILE_NAME).write_bytes(data)
    settings.load(folder, None)


def data_folder_choice(data: bytes) -> None:
    """Which data folder an officer has chosen."""
    file = scratch("data-folder") / data_choice.FILE_NAME
    file.write_bytes(data)
    folder, _ = data_choice.read_choice(file)
    assert folder.is_absolute()


def data_folder_seeds() -> list[bytes]:
    return [b'folder = "/media/a.roy/KEY/fanion-data"\nmark = "0123456789abcdef0123456789abcdef"\n']


def settings_seeds() -> list[bytes]:
    return [
        b'language = "fr"\nofficer = "A. Officer"\ndesk = "Desk 1"\n',
        b'"officer" = """\nx"""\n[desk]\na = 1\n',
    ]


@cache
def carried() -> tuple[Path, Enrolment]:
    """A desk's bundle, which goes on with an earlier one, and the desk's keys."""
    with desks_in(scratch("carried")) as open_desk:
        desk = open_desk()
        desk.check("R58N12ABCDE", banned=True)
        after = desk.ledger.count()
        desk.check("R58N12FGHIJ")
        coverage = b'{"round":"r1","serial":"R58N12ABCDE","unit":"Legal","seen":3}\n'
        folder = desk.bundle(after=after, extra={"coverage.jsonl": coverage})
        return folder, desk.ledger.enrolment


def bundle(data: bytes) -> None:
    """What a desk carries, of which one file, named by the first byte, is what somebody likes."""
    folder, keys = carried()
    work = folder.with_name("work")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(folder, work)
    files = sorted(work.iterdir())
    files[data[0] % len(files) if data else 0].write_bytes(data[1:])
    found = CarriedBundle(work)
    inspect(found, [keys], (), NOW)
    for file in found.manifest.files:
        found.read(file.name)
    merging._roster(found)


def bundle_seeds() -> list[bytes]:
    return [bytes([number]) + file.read_bytes() for number, file in enumerate(sorted(carried()[0].iterdir()))]


class Coverage:
    """A bundle whose list of a round's phones is what a desk has signed."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def lines(self, name: str) -> list[bytes]:
        return self._data.split(b"\n")[:-1]


def coverage(data: bytes) -> None:
    found: Any = Coverage(data)
    for line in merging._roster(found):
        assert line.seen is None or 0 < line.seen < 2**53


def keys(data: bytes) -> None:
    """What stands in the place of head office's keys."""
    text = data.decode("utf-8", "replace")
    try:
        encryption.public_keys(text)
    except BadKey:
        encryption.PrivateKeys([text])


def key_seeds() -> list[bytes]:
    made = pyrage.x25519.Identity.generate()
    return [str(made.to_public()).encode(), str(made).encode(), f"{made.to_public()} {made.to_public()}".encode()]


def lesson_seeds() -> list[bytes]:
    """The file with the progress of the lessons."""
    attempts = (Attempt(2, 7, ("check", "remove")), Attempt(3, 0))
    done = Completion(1, "2026-11-24T09:32:05-05:00", "0.1.0", "canada 2026-11-23")
    folder = scratch("lessons")
    with changing(folder) as change:
        change.keep(Person("A. Roy", 2, attempts, (done,)))
    return [(folder / FILE_NAME).read_bytes()]


def store_state(data: bytes) -> None:
    """The list of what is in head office's store and its signature, in a folder that others can write to.

    The signature is what stands behind the last NUL.
    """
    folder = scratch("state")
    content, _, signature = data.rpartition(b"\0")
    (folder / "store.json").write_bytes(content or data)
    store = read(folder)
    assert all(str(sentence).isprintable() for sentence in of_store(store).sentences)
    (folder / signature_name(store.generation)).write_bytes(signature)
    store.signature(None)


def store_seeds() -> list[bytes]:
    pair = SecretKey(bytes(32))
    unsigned = b'{"form":"fanion-store/1","practice":false,"groups":16,"generation":2,"files":{}}'
    named = unsigned.replace(b'"files"', b'"key":"' + pair.public.line.encode() + b'","files"')
    signed = named + b"\0" + pair.sign(named, "store.json of Fanion, after merge 2")
    stretch = MergedStretch(5, 9, "ab" * 32, "cd" * 32, "note")
    file = f"apart/{'a' * 16}/checks/group=01/000001-1.parquet"
    kept = KeptApart(log="l", desk="d", stretch=stretch, files={file: LiveFile(3)})
    brought = Uncounted({"a" * 16: kept}, (LogGap("l", "d", 1, 5),), {"l": Fork("l", "d", "n", "m")}, ("age1",))
    state: dict[str, Any] = {"form": FORM, "practice": False, "groups": 16, "generation": 2, "files": {}}
    return [msgspec.json.encode(state), msgspec.json.encode(state | {"brought": brought}), signed]


@cache
def _release_key() -> tuple[Ed25519PrivateKey, PublicKey]:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    return private, PublicKey(b"released", private.public_key().public_bytes_raw())


def minisigned(data: bytes) -> bytes:
    """A signature of minisign's over `data`, which is true."""
    private, public = _release_key()
    signature, comment = private.sign(hashlib.blake2b(data).digest()), "fanion-release"
    lines = (b"ED" + public.number + signature, private.sign(signature + comment.encode()))
    first, last = (base64.b64encode(line).decode() for line in lines)
    return f"untrusted comment: x\n{first}\ntrusted comment: {comment}\n{last}\n".encode()


def release(data: bytes) -> None:
    """A file that tells of a newer version, signed whatever it says: nothing in it is more than a line."""
    found = newer_version.parse(data, minisigned(data), [_release_key()[1]])
    for line in (found.version, found.where, found.about.en, found.about.fr):
        assert line.isprintable() or "\u00a0" in line
        assert len(line) <= 200
    assert isinstance(found.is_newer, bool)


def release_seeds() -> list[bytes]:
    return [
        release_notice.content("9.0.0", date(2026, 12, 1), "https://fanion.ca", "Faster.", "Plus rapide\u00a0: oui.")
    ]


def release_signature(data: bytes) -> None:
    """The signature beside such a file."""
    newer_version.parse(release_seeds()[0], data, [_release_key()[1]])


def release_keys(data: bytes) -> None:
    """A department's keys, as a settings file has them."""
    public_keys(data.decode("utf-8", "replace"))


def release_key_seeds() -> list[bytes]:
    return [b"RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"]


def targets() -> Iterator[Target]:
    yield Target("roster", roster, roster_seeds, (RosterProblem,))
    yield Target("identifiers", identifiers, identifier_seeds)
    yield Target("roster-workbook", _read_list, workbook_seeds, (RosterProblem,), costly=True)
    yield Target("roster-kept", kept_roster, kept_roster_seeds, (RosterFileProblem,))
    yield Target("roster-columns", remembered, remembered_seeds)
    yield Target("desk-slots", desk_slots, lambda: [b"[[1,[1,2]],[2,[1,4,3]]]"])
    yield Target("lessons", progress.parse, lesson_seeds, (ValueError,))
    yield Target("settings", settings_file, settings_seeds, (SettingsProblem,))
    yield Target("data-folder", data_folder_choice, data_folder_seeds, (ChoiceUnreadable,))
    yield Target("bundle", bundle, bundle_seeds, (BundleRefused,))
    yield Target(
        "bundle-manifest", BundleManifest.parse, lambda: [(carried()[0] / "manifest").read_bytes()], (NoteError,)
    )
    yield Target("bundle-coverage", coverage, lambda: [(carried()[0] / "extra-coverage.jsonl").read_bytes()])
    yield Target("head-office-key", keys, key_seeds, (BadKey,))
    yield Target("store-state", store_state, store_seeds, (StoreProblem,))
    yield Target("release-notice", release, release_seeds, (UpdateProblem,))
    yield Target("release-signature", release_signature, lambda: [minisigned(release_seeds()[0])], (UpdateProblem,))
    yield Target("release-keys", release_keys, release_key_seeds, (MinisignError,))
