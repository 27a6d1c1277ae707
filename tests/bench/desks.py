"""Synthetic desks, always the same ones: what thousands of them carry home in a day, with a share of faulty bundles.

Each has a log of its own, of the very records, seals and keys that the ledger writes, but made in memory: five thousand
databases would take longer than what is to be measured. Phones come from one pool, so that some come back elsewhere.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from core.head_office.bundles import layout
from core.head_office.bundles.encryption import Lock
from core.head_office.bundles.manifest import BundleFile, BundleManifest
from core.ledger.file.deciding_records import LOOKED_FOR, DecidingTally, GrowingTally
from core.ledger.keys.enrolment import Enrolment
from core.ledger.keys.identity import signing_key
from core.ledger.records import (
    AppFound,
    CheckEnded,
    CheckStarted,
    Device,
    LogBegun,
    PhoneSeen,
    PolicyUsed,
    Record,
    RemovalIntended,
    RemovalOutcome,
)
from core.ledger.records.fields import json_fields
from core.ledger.records.leaf import Json, Opening, encode, leaf_hash
from core.ledger.tlog.notes import COSIGNATURE, Checkpoint, Note, NoteSigner
from core.ledger.tlog.tree import Frontier
from core.model import Labels, Phone, Policy, Verdict
from core.text import Bilingual, T
from tests.unit.head_office.conftest import wechat

#: Phones that there are, and of so many one has a banned app.
POOL: Final = 400_000
APART: Final = 12
#: Of banned apps, this share is removed at once; and of checks, this share is amber.
REMOVED: Final = 0.8
AMBER: Final = 0.1
_BOOT: Final = "3f0f7a1e-7c1e-4a52-9d1e-6a3a1b1c0d11"
_POLICIES: Final = [
    Policy("ca-tbs", version, date(2023, 10, 30), Bilingual("Bans", "Interdits"), Bilingual("", ""), (), "ab" * 32)
    for version in ("3", "4")
]


@dataclass(frozen=True, slots=True)
class Faults:
    """Shares of desks that are faulty in a way: 0.01 is one in a hundred."""

    forked: float = 0.0
    cut: float = 0.0
    late: float = 0.0
    duplicated: float = 0.0


class MadeDesk:
    """One desk and its log. The same number gives the same keys and phones."""

    def __init__(self, number: int, day: date) -> None:
        self.name = f"Desk {number}"
        self._random = random.Random(number)
        self._clock = datetime(day.year, day.month, day.day, 13, tzinfo=UTC)
        self._mono = 1_000_000
        origin = f"made.invalid/desk-{number}/{self._random.getrandbits(64):016x}"
        self._identity, self._epoch = (NoteSigner(origin, signing_key(self._random.randbytes(32))) for _ in range(2))
        cosigner = NoteSigner(origin, signing_key(self._random.randbytes(32)), COSIGNATURE)
        self.enrolment = Enrolment(self._identity.verifier, self._epoch.verifier, cosigner.verifier)
        self.tree = Frontier()
        self._tally = GrowingTally(DecidingTally())
        self.leaves: list[bytes] = []
        self.seals: list[tuple[int, str]] = []
        self.openings: list[tuple[int, Opening]] = []
        keys = (str(key) for key in (self.enrolment.identity, self.enrolment.epoch, self.enrolment.cosigner))
        self._append(LogBegun(origin, *keys))
        self._seal()

    def branch(self) -> MadeDesk:
        """The same desk, as a copy of its data as it is now would go on."""
        other = MadeDesk.__new__(MadeDesk)
        other.__dict__.update(self.__dict__)
        other._random = random.Random(self.name)
        other.tree = Frontier(self.tree.size, self.tree.hashes)
        other._tally = GrowingTally(self._tally.now(self.tree.size))
        other.leaves, other.seals, other.openings = [*self.leaves], [*self.seals], [*self.openings]
        return other

    def work(self, day: date, checks: int) -> None:
        """Check so many phones on a day."""
        self._clock = max(self._clock, datetime(day.year, day.month, day.day, 13, tzinfo=UTC))
        for _ in range(checks):
            self._check(self._random.randrange(POOL))

    def _check(self, number: int) -> None:
        phone = Phone("android", "samsung", "SM-A546B", "14", f"R58N{number:07}X")
        policy = _POLICIES[self._random.random() < 0.9]
        about: dict[str, Json] = {
            "visit": f"{self._random.getrandbits(64):016x}",
            "policy": json_fields(PolicyUsed.of(policy)),
            "device": json_fields(Device.of(phone, Labels())),
        }
        self._clock += timedelta(seconds=60)
        self._append(CheckStarted(T("over USB")), about)
        self._append(PhoneSeen("ready", T("over USB")), about)
        banned = number % APART == 0
        finding = self._append(AppFound.of(wechat()), about) if banned else 0
        clean = Verdict.AMBER if self._random.random() < AMBER else Verdict.GREEN
        ended = CheckEnded(
            verdict=Verdict.RED if banned else clean,
            products=int(banned),
            bans=int(banned),
            findings=int(banned),
            apps=80 + number % 60,
            profiles=1,
            took_ms=700 + number % 900,
        )
        self._append(ended, about)
        self._seal()
        if banned and self._random.random() < REMOVED:
            self._clock += timedelta(seconds=20)
            intent = self._append(RemovalIntended("uninstall", "com.tencent.mm", 0, finding), about)
            outcome = RemovalOutcome(outcome="done", means=T("done"), answer="Success", intent=intent)
            self._append(outcome, about)
            self._seal()

    def _append(self, record: Record, about: dict[str, Json] | None = None) -> int:
        self._clock += timedelta(milliseconds=200)
        self._mono += 200
        number = self.tree.size + 1
        leaf, openings = encode(
            {
                "v": 1,
                "seq": number,
                "type": record.kind,
                "time": self._clock.isoformat(timespec="milliseconds"),
                "mono_ms": int(self._clock.timestamp() * 1000) - 1_700_000_000_000,
                "boot": _BOOT,
                "desk": self.name,
                "officer": "A. Officer",
                "session": "fa183a577ef76ced",
                "visit": None,
                "policy": None,
                "device": None,
                "practice": False,
                "app": {"version": "0.1.0"},
                "body": record.body(),
            }
            | (about or {})
        )
        hashed = leaf_hash(leaf)
        self.tree.extend(hashed)
        self.leaves.append(leaf)
        self.openings += [(number, opening) for opening in openings]
        if record.kind in LOOKED_FOR:
            self._tally.add(number, record.kind, hashed, getattr(record, "intent", None))
        return number

    def _seal(self) -> None:
        following = NoteSigner(self._identity.name, signing_key(self._random.randbytes(32)))
        self._append(self._tally.now(self.tree.size).record(str(following.verifier)))
        text = Checkpoint(following.name, self.tree.size, self.tree.root()).text
        note = Note(text, tuple(signer.sign(text) for signer in (self._identity, self._epoch)))
        self.seals.append((self.tree.size, bytes(note).decode()))
        self._epoch = following

    def bundle(self, folder: Path, base: int = 0, lock: Lock | None = None) -> Path:
        """What the desk carries home, behind entry number `base`, which ends with a seal."""
        size = self.tree.size
        files = {
            layout.part(layout.LEAVES, base + 1, size): b"\n".join([*self.leaves[base:], b""]),
            layout.part(layout.SEALS, base + 1, size): b"".join(
                layout.json_line({"size": at, "note": note}) for at, note in self.seals if at > base
            ),
            layout.part(layout.OPENINGS, base + 1, size): b"".join(
                layout.json_line(
                    {"seq": seq, "commitment": o.commitment.hex(), "salt": o.salt.hex(), "value": o.value.decode()}
                )
                for seq, o in self.openings
                if seq > base
            ),
        }
        if base:
            tree = Frontier()
            tree.extend(b"".join(map(leaf_hash, self.leaves[: base - 1])))
            told = {"tree": tree.hashes.hex(), "leaf": self.leaves[base - 1].decode(), "note": dict(self.seals)[base]}
            files[layout.BASE] = layout.json_line(told)
        manifest = BundleManifest(
            origin=self.enrolment.origin,
            desk=self.name,
            base=base,
            size=size,
            root=base64.b64encode(self.tree.root()).decode(),
            made=self._clock.isoformat(),
            retention_months=24,
            files=tuple(BundleFile(name, len(data), sha256(data).hexdigest()) for name, data in files.items()),
        )
        files[layout.MANIFEST] = manifest.signed(self._identity)
        folder.mkdir(parents=True)
        for name, data in files.items():
            if lock is not None:
                (folder / f"{name}{layout.AGE}").write_bytes(lock.encrypt(data))
            else:
                (folder / name).write_bytes(data)
        return folder


@dataclass(slots=True)
class MadeDay:
    """A day's bundles, and what is to be refused of them."""

    folders: list[Path] = field(default_factory=list)
    enrolments: list[str] = field(default_factory=list)
    forked: int = 0
    cut: int = 0
    checks: int = 0


def made_day(
    folder: Path, numbers: Sequence[int], day: date, checks: int, faults: Faults = Faults(), lock: Lock | None = None
) -> MadeDay:
    """The bundles of desks on a day, written into `folder`; a faulty share of them as `faults` says.

    Of a forked desk there are two, of which one is refused; a cut one is refused; of a late desk the second half is
    brought before the first; a duplicated one is brought twice.
    """
    made = MadeDay()
    for number in numbers:
        desk = MadeDesk(number, day)
        made.enrolments.append(desk.enrolment.text)
        wrong = random.Random(f"fault {number}").random()
        half = checks // 2
        desk.work(day, half)
        base, other = desk.tree.size, desk.branch()
        place = folder / f"{number:06}"
        late = (
            desk.bundle(place / "b")
            if faults.forked + faults.cut <= wrong < faults.forked + faults.cut + faults.late
            else None
        )
        desk.work(day, checks - half)
        whole = desk.bundle(place / "a", base if late is not None else 0, lock)
        made.checks += checks
        made.folders.append(whole)
        if late is not None:
            made.folders.append(late)
        elif wrong < faults.forked:
            other.work(day, checks - half + 1)
            made.folders.append(other.bundle(place / "b", 0, lock))
            made.forked += 1
        elif wrong < faults.forked + faults.cut:
            file = next(whole.glob("leaves-*"))
            file.write_bytes(file.read_bytes()[:-1_000])
            made.cut += 1
            made.checks -= checks
        elif 1 - wrong < faults.duplicated:
            made.folders.append(desk.bundle(place / "c", 0, lock))
    return made
