"""The slots of a desk: a small number for each phone that is plugged in, which an officer finds at the hub.

A phone keeps its number as long as it is there, and a port keeps its own for the next phone, as long as the list of
ports in the data folder is kept. Ports of one hub are numbered in the hub's order: where the third is used first, the
first two have their numbers from then on. What has no port (a practice phone, one over the network) has the lowest
number that is nobody's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from core.system.files.files import read_file, write_private

#: Bus, and the ports from its root to the phone, as :class:`core.phones.watch.Sighting` has them.
Port = tuple[int, ...]

FILE_NAME: Final = "slots.json"
#: Ports that are remembered; a desk that had more begins anew.
LIMIT: Final = 512
_FILE_LIMIT: Final = 64 * 1024
#: A hub with more ports than this is none that somebody counts along.
_HUB_LIMIT: Final = 16
#: Bus, port of the computer, port of the hub: shorter ones are the computer's own, which have no order that is seen.
_BEHIND_A_HUB: Final = 3


class Slots:
    """Which phone has which number. For one thread at a time."""

    def __init__(self, ports: Mapping[Port, int] | None = None) -> None:
        """`ports` are the numbers that ports had before."""
        self._ports: dict[Port, int] = {}
        for port, number in (ports or {}).items():
            if port and 0 < number <= LIMIT and number not in self._ports.values():
                self._ports[port] = number
        self._phone_numbers: dict[Hashable, int] = {}

    @property
    def ports(self) -> Mapping[Port, int]:
        """The numbers of all ports that have one."""
        return dict(self._ports)

    def take(self, phone: Hashable, port: Port = ()) -> int:
        """The number of a phone, for as long as it is not released; `port` is where it is plugged in, if that is known.

        The number of a phone that has one is not another because its port becomes known.
        """
        if phone not in self._phone_numbers:
            self._phone_numbers[phone] = self._number(port)
        return self._phone_numbers[phone]

    def release(self, phone: Hashable) -> None:
        """The phone does not need its number any more."""
        self._phone_numbers.pop(phone, None)

    def _number(self, port: Port) -> int:
        if port and port not in self._ports:
            self._remember(port)
        number = self._ports.get(port, 0)
        used_numbers = set(self._phone_numbers.values())
        if number and number not in used_numbers:
            return number
        reserved = used_numbers.union(self._ports.values())
        return next(number for number in range(1, len(reserved) + 2) if number not in reserved)

    def _remember(self, port: Port) -> None:
        """Give a port its number, and those before it on its hub that have none yet."""
        *hub, last = port
        first = last
        if len(port) >= _BEHIND_A_HUB and 0 < last <= _HUB_LIMIT:
            numbered = [p[-1] for p in self._ports if p[:-1] == tuple(hub) and p[-1] < last]
            first = max(numbered, default=0) + 1
        new = [(*hub, port_number) for port_number in range(first, last + 1)]
        if len(self._ports) + len(new) > LIMIT:
            self._ports.clear()
            new = [port]
        number = max([0, *self._ports.values(), *self._phone_numbers.values()])
        for new_port in new:
            number += 1
            self._ports[new_port] = number


def load(data: Path) -> Slots:
    """The slots of the desk whose data folder this is; empty where nothing is remembered, or cannot be read."""
    with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
        stored = msgspec.json.decode(read_file(data / FILE_NAME, _FILE_LIMIT), type=list[tuple[int, list[int]]])
        return Slots({tuple(port): number for number, port in stored})
    return Slots()


def save(data: Path, ports: Mapping[Port, int]) -> None:
    """Remember the numbers of ports. Never raises: without its file, a desk counts anew."""
    stored = [(number, list(port)) for port, number in ports.items()]
    with contextlib.suppress(OSError):
        write_private(data / FILE_NAME, msgspec.json.encode(stored))
