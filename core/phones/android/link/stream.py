"""What comes on one stream of a phone's connection, until the phone closes it.

adb-shell's own loop copies each packet twice more, adds its bytes up one by one, and looks for it in a store: with it a
whole check took a quarter longer.
"""

from __future__ import annotations

from collections.abc import Iterator

from adb_shell import constants
from adb_shell.adb_device import AdbDevice
from adb_shell.adb_message import AdbMessage
from adb_shell.exceptions import AdbConnectionError

from core.phones.android.link.transport import TOTAL_LIMIT, Careful


def stream(device: AdbDevice, transport: Careful, service: bytes, message: bytes, silence: float) -> Iterator[bytes]:
    """Open `service` on the phone behind `transport`, write `message` to it, and give what comes, packet by packet;
    `silence` is for how long the phone may say nothing (seconds).

    Raises AdbConnectionError where nothing is connected, and what :meth:`Careful.packet` raises.
    """
    if not device.available:
        raise AdbConnectionError("not connected")
    opened = device._open(service, silence, TOTAL_LIMIT, None)
    ours, theirs = opened.local_id, opened.remote_id
    if message:
        transport.bulk_write(AdbMessage(constants.WRTE, ours, theirs, message).pack(), silence)
        transport.bulk_write(message, silence)
    go_on: bytes = AdbMessage(constants.OKAY, ours, theirs).pack()
    while True:
        kind, data = transport.packet(silence)
        if kind == constants.CLSE:
            transport.bulk_write(AdbMessage(constants.CLSE, ours, theirs).pack(), silence)
            return  # Nothing is lost: the answer has ended, and its reader looks whether it is whole
        transport.bulk_write(go_on, silence)  # at once: the phone goes on while this piece is used
        yield data
