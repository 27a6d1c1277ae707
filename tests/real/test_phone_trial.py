"""The self-test of a phone over Debian's real adbd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.jobs import Cancel, silent
from core.phones.android.link.link import connect_tcp
from core.phones.android.phone import AndroidPhone
from core.phones.assumptions import ANDROID, try_phone
from core.phones.assumptions.assumption import Trial, TrialAnswer, TrialResult

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
#: Its apps' files are of another version than its lists say, a part of its system has none, and no parts are told.
OWN_WAYS = {"apk.same", "files.there", "snapshot.splits"}


def failed(trial: Trial) -> set[str]:
    return {row.key for row in trial.failed}


def held(trial: Trial) -> dict[str, TrialResult]:
    return {row.key: row.result for row in trial.rows if row.result.answer is TrialAnswer.HELD}


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
    assert [row.key for row in trial.rows] == [row.key for row in ANDROID]
    assert trial.problem is None
    assert failed(trial) == OWN_WAYS, [(row.key, row.result.detail) for row in trial.failed]
    assert {"answer.parts", "link.raw", "files.form", "files.readable", "identity.start"} <= held(trial).keys()
    assert running.phone.state["apps"] == before
