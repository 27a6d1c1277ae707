"""Ledgers to test with, and the values that go into them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core.ledger.file.clock import Instant
from core.ledger.records import CheckStarted
from core.ledger.tlog.notes import Note, NoteSignature
from core.ledger.tlog.tree import Frontier
from core.ledger.writer import Ledger
from core.model import (
    App,
    AppState,
    Evidence,
    EvidenceKind,
    Finding,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Strength,
)
from core.text import Bilingual, T

SERIAL = "R58N12ABCDE"

Opener = Callable[..., Ledger]


class FakeClock:
    """Each look at it is a second later."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def __call__(self) -> Instant:
        self.now += timedelta(seconds=1)
        return Instant(self.now, int(self.now.timestamp() * 1000) % 1_000_000, "boot-1")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.db"


@pytest.fixture
def open_ledger(path: Path, clock: FakeClock) -> Iterator[Opener]:
    """Opens ledgers that are closed at the end."""
    with ExitStack() as opened:

        def open_one(
            at: Path = path, *, officer: str = "A. Officer", practice: bool = False, place: str = ""
        ) -> Ledger:
            names = {"desk": "Desk 1", "officer": officer, "place": place}
            return opened.enter_context(Ledger(at, **names, app_version="0.1.0", practice=practice, clock=clock))

        yield open_one


@pytest.fixture
def ledger(open_ledger: Opener) -> Ledger:
    return open_ledger()


@pytest.fixture
def phone() -> Phone:
    return Phone("android", "samsung", "SM-A546B", "14", SERIAL)


@pytest.fixture
def policy() -> Policy:
    return Policy("ca-tbs", "3", date(2023, 10, 30), Bilingual("Bans", "Interdits"), Bilingual("", ""), (), "ab" * 32)


@pytest.fixture
def finding() -> Finding:
    return Finding(
        rule="wechat",
        product=Bilingual("WeChat", "WeChat (Weixin)"),
        strength=Strength.BAN,
        app=App(
            package="com.tencent.mm",
            version_code=2740,
            version_name="8.0.50",
            installer="com.android.vending",
            signers=("962f5b7",),
            states=(AppState(10, installed=True),),
        ),
        profile=Profile(10, "Jeanne’s own words", ProfileKind.WORK),
        evidence=(Evidence(EvidenceKind.PACKAGE_ID, "com.tencent.mm", "2+", "a public list"),),
        why=T("{app} is banned.", app=Bilingual("WeChat", "WeChat (Weixin)")),
    )


@pytest.fixture
def started() -> CheckStarted:
    return CheckStarted(T("over USB"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with one megabyte; only root can make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    if not _mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)):
        pytest.skip("no right to mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def make_read_only(tmp_path: Path) -> Iterator[Callable[[Path], None]]:
    """Takes away the right to write in a folder, from root too."""
    frozen: list[Path] = []

    def freeze(folder: Path) -> None:
        if os.geteuid() != 0:
            for path in (*folder.rglob("*"), folder):
                path.chmod(0o500 if path.is_dir() else 0o400)
        elif not (_mount("--bind", str(folder), str(folder)) and _mount("-o", "remount,ro,bind", str(folder))):
            pytest.skip("no right to mount a folder read-only")
        frozen.append(folder)

    yield freeze
    for folder in frozen:
        if os.geteuid() == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        else:
            for path in (folder, *filter(Path.is_dir, folder.rglob("*"))):
                path.chmod(0o700)


def _mount(*arguments: str) -> bool:
    return os.geteuid() == 0 and subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root of the tree with these leaves."""
    frontier = Frontier()
    for leaf_hash in leaf_hashes:
        frontier.append(leaf_hash)
    return frontier.root()


def with_signatures(note: Note, *more: NoteSignature) -> Note:
    return Note(note.text, (*note.signatures, *more))
