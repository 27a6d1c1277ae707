"""The self-test of a phone over Debian's real adbd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.jobs import Cancel, silent
from core.phones.android.link.link import connect_tcp
from core.phones.android.phone import AndroidPhone
from core.phones.trial import try_phone
from core.phones.trial.android_readers import READERS
from core.phones.trial.reader_result import ReaderState

from .conftest import Adbd
from .scripted import PROPERTIES

#: What the scripted phone does not say of itself.
FURTHER = {
    "ro.build.fingerprint": "samsung/r0q/r0q:14/UP1A.231005.007/1:user/release-keys",
    "ro.boot.verifiedbootstate": "green",
    "ro.boot.flash.locked": "1",
    "ro.build.type": "user",
    "ro.build.tags": "release-keys",
    "ro.crypto.state": "encrypted",
}


def fill(running: Adbd) -> None:
    for number in range(12):
        running.phone.install(f"com.example.app{number}")
    running.phone.install("com.android.settings", system=True)
    running.phone.change(properties=PROPERTIES | FURTHER)


def test_over_the_real_adbd(adbd: Callable[..., Adbd], signer: Any) -> None:
    running = adbd()
    fill(running)
    before = running.phone.state["apps"]
    phone = AndroidPhone(connect_tcp("127.0.0.1", running.port, signer, Cancel()))
    trial = try_phone(phone, silent, Cancel())
    phone.close()
    assert [reader.key for reader in trial.readers] == [reader.key for reader in READERS]
    assert trial.problem is None
    states = {reader.key: reader.result.state for reader in trial.readers}
    assert not trial.with_leftovers
    assert {states[key] for key in ("start", "snapshot", "files", "sums")} == {ReaderState.UNDERSTOOD}
    assert running.phone.state["apps"] == before
