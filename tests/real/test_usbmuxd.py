"""Debian's own usbmuxd, without a phone: the conversation with it, and the records that it keeps."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.jobs import Cancel
from core.phones.iphone import pair_record
from core.phones.iphone.connect import listed
from core.phones.iphone.mux import Mux, MuxPhone
from core.phones.iphone.problems import IphoneNotReady
from core.phones.states import PhoneState
from tests.unit.phones.iphone.test_pair_record import BUID, pkcs1

#: Its own socket and records, seen by nobody else: both places are built into it.
_ALONE = (
    "mount -t tmpfs tmpfs /run && mkdir -p /var/lib/lockdown && mount -t tmpfs tmpfs /var/lib/lockdown"
    " && exec usbmuxd --foreground --disable-hotplug --no-preflight"
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if shutil.which("usbmuxd") is None or shutil.which("unshare") is None or os.geteuid() != 0:
        pytest.skip("usbmuxd in a place of its own needs root, and to be installed")
    log = tmp_path_factory.mktemp("usbmuxd") / "log"
    with (
        log.open("wb") as told,
        subprocess.Popen(["unshare", "-m", "sh", "-c", _ALONE], stdout=told, stderr=told) as own,
    ):
        socket = f"/proc/{own.pid}/root/run/usbmuxd"
        try:
            for _ in range(200):
                if Path(socket).exists() or own.poll() is not None:
                    break
                Cancel().wait(0.05)
            if own.poll() is not None:
                pytest.skip(f"no namespaces here: {log.read_text()[-300:]}")
            yield socket
        finally:
            own.terminate()


def test_it_lists_nothing_and_names_this_computer(service: str) -> None:
    assert listed(service, Cancel()) == []
    with closing(Mux(service, Cancel())) as mux:
        assert mux.buid(Cancel())


def test_a_record_is_kept_read_back_and_forgotten(service: str) -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    phone = MuxPhone(1, "00008101-000A1B2C3D4E5F60", service)
    record = pair_record.make(pkcs1(rsa.generate_private_key(65537, 2048)), BUID)
    with closing(Mux(service, Cancel())) as mux:
        assert mux.pair_record(phone.udid, Cancel()) == b""
        mux.save_pair_record(phone, record.dump(), Cancel())
        kept = mux.pair_record(phone.udid, Cancel())
        assert pair_record.read(kept) == record
        mux.delete_pair_record(phone.udid, Cancel())
        assert mux.pair_record(phone.udid, Cancel()) == b""


def test_no_name_of_a_record_leaves_its_folder(service: str) -> None:
    with closing(Mux(service, Cancel())) as mux:
        for name in ("../../../etc/shadow", "a/b", "", "00008101-000A1B2C3D4E5F60/../x"):
            with pytest.raises(ValueError, match="identifier"):
                mux.pair_record(name, Cancel())


def test_where_no_service_listens_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(IphoneNotReady, check=lambda met: met.state is PhoneState.NO_SERVICE):
        Mux(str(tmp_path / "none"), Cancel())
