"""What goes wrong on the phone's end of a USB cable, as data that a test sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.kit.iphone.usb_packets import MAGIC


@dataclass(frozen=True, slots=True)
class UsbFaults:
    """How the phone's end goes wrong.

    `hello`: the computer's hello is answered; not at all (``silent``); with the bytes `garbage` in its place; or with
    `garbage` before it, as what an earlier program has left unread (``stale``). `version` is the phone's own.
    `controls` are the payloads of control packets that follow the set-up, `garbage` (where the hello is answered) a
    transfer behind them.

    Every later packet has `magic`, lies about its length by `claim`, and the number of the `jump_at`-th one (from 0)
    and of all behind it is `jump` too high.

    `refused`: every port is closed. `deaf`: no SYN is answered. `mute`: a stream opens, and then nothing of it is
    answered or acknowledged. `reset_after`: it is reset when so many bytes of it, 1 or more, went to the computer.
    Every reset carries `reset_text`. `closed_for`: its window is 0 at first, and opens after so many seconds.
    `over_window`: the phone sends whatever the computer's window. `first_number` is where its numbers begin.
    """

    hello: Literal["answered", "silent", "garbage", "stale"] = "answered"
    version: int = 2
    garbage: bytes = b""
    controls: tuple[bytes, ...] = ()
    magic: int = MAGIC
    claim: int = 0
    jump_at: int = 0
    jump: int = 0
    refused: bool = False
    deaf: bool = False
    mute: bool = False
    reset_after: int | None = None
    reset_text: bytes = b""
    closed_for: float | None = None
    over_window: bool = False
    first_number: int = 0
