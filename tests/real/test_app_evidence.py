"""What was there of an app, over Debian's real adbd, with real files and the system's own `sha256sum`; and phones whose
`sha256sum` hangs, floods or is not there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Cancel, Progress
from core.ledger.records import EvidenceTaken, Kind
from core.ledger.writer import Ledger
from core.model import FileHash, Finding, HashedBy, Inventory
from core.phones.android.files.app_evidence import app_evidence
from core.phones.android.files.identify import IdentityMemory
from core.phones.android.link.link import AdbLink, connect_tcp
from core.phones.android.phone import AndroidPhone
from core.phones.driver import Outcome, Unplugged
from core.phones.removal_plan import Result
from core.policy.format.policy_file import load_built_in
from core.policy.matching.match import judge
from core.visit.events import Event
from tests.real.conftest import Adbd
from tests.real.scripted import ScriptedPhone
from tests.real.test_road import kinds, open_ledger, visiting

_WECHAT = "com.tencent.mm"


def install(phone: ScriptedPhone, *users: int) -> list[FileHash]:
    """WeChat with a split; what is to be told of its files."""
    phone.install(_WECHAT, *users)
    folder = Path(phone.state["apps"][_WECHAT]["path"]).parent
    (folder / "split_config.fr.apk").write_bytes((folder / "base.apk").read_bytes())
    (folder / "lib").mkdir()
    (folder / "lib" / "other.apk").write_bytes(b"no file of an app")
    return [
        FileHash(file.name, file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest(), HashedBy.PHONE)
        for file in sorted(folder.glob("*.apk"))
    ]


def instead(phone: ScriptedPhone, script: str) -> None:
    """Have the phone run this in the place of `sha256sum`."""
    program = phone.bin / "sha256sum"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def evidence(ledger: Ledger) -> list[EvidenceTaken]:
    entries = ledger.newest(100, kind=Kind.APP_EVIDENCE)
    return [e.record for e in reversed(entries) if isinstance(e.record, EvidenceTaken)]


def banned(link: AdbLink) -> tuple[Finding, Inventory]:
    inventory = AndroidPhone(link).read(lambda progress: None, Cancel())
    (finding,) = judge(inventory, load_built_in("canada"))
    return finding, inventory


def test_the_base_and_each_split_have_their_true_hash_in_every_profile(
    adbd: Callable[..., Adbd], signer: Any, tmp_path: Path
) -> None:
    phone = adbd()
    phone.phone.change(users={"0": ["Owner", "4c13"], "10": ["Work profile", "1030"]})
    files = install(phone.phone, 0, 10)
    with open_ledger(tmp_path) as ledger, visiting(phone, signer, ledger) as visit:
        visit.check(Cancel())
        removal = visit.remove(visit.plan(), Cancel())
        assert [item.result for item in removal.items] == [Result.REMOVED, Result.REMOVED]
        records = evidence(ledger)
        assert [(r.package, r.profile) for r in records] == [(_WECHAT, 0), (_WECHAT, 10)]
        for record in records:
            assert sorted(record.files, key=lambda file: file.name) == files
            assert (record.size, record.missing) == (sum(f.size or 0 for f in files), ())
            assert (record.first_installed, record.last_updated) == ("2026-01-01 09:00:00", "2026-03-01 10:00:00")
        order = kinds(ledger)
        assert order.index(Kind.APP_EVIDENCE) < order.index(Kind.REMOVAL_INTENDED)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("exec sleep 600", "did not answer in time"),
        ("exec yes 0000000000000000000000000000000000000000000000000000000000000000", "far more than was asked for"),
        ("exit 127", "no program"),
        ("echo '0' \"$@\"", "did not tell the fingerprints of 2 files"),
    ],
    ids=["hangs", "floods", "is not there", "another form"],
)
def test_what_comes_instead_of_hashes_leaves_a_connection_that_goes_on(
    adbd: Callable[..., Adbd], signer: Any, script: str, sentence: str
) -> None:
    phone = adbd()
    install(phone.phone)
    instead(phone.phone, script)
    link = connect_tcp("127.0.0.1", phone.port, signer, Cancel())
    with closing(link):
        finding, inventory = banned(link)
        told = app_evidence(link, finding, inventory, IdentityMemory(), Cancel(), seconds=2.0)
        assert told.files == ()
        (missing,) = told.missing
        assert sentence in str(missing)
        driver = AndroidPhone(link)
        step = driver.next_step(finding, inventory, [])
        assert step is not None
        assert driver.perform(step, Cancel()).outcome is Outcome.DONE
        assert not phone.phone.is_installed(_WECHAT)


def test_a_cable_that_is_pulled_meanwhile_ends_it_before_any_step(
    adbd: Callable[..., Adbd], signer: Any, tmp_path: Path
) -> None:
    phone = adbd()
    install(phone.phone)
    instead(phone.phone, "exec sleep 600")
    pulled = False

    def pull(event: Event) -> None:
        nonlocal pulled
        if isinstance(event, Progress) and "Recording" in str(event.doing):
            pulled = True
            phone.unplug()

    with open_ledger(tmp_path) as ledger, visiting(phone, signer, ledger, pull) as visit:
        visit.check(Cancel())
        with pytest.raises(Unplugged):
            visit.remove(visit.plan(), Cancel())
        assert pulled
        assert kinds(ledger)[-1] == Kind.PROBLEM
        assert Kind.REMOVAL_INTENDED not in kinds(ledger)
    assert phone.phone.is_installed(_WECHAT)
