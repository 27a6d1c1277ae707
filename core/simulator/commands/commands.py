"""The practice phone's own commands, by the names that a shell finds them under.

Every command is recorded, takes its time, and may be hit by the scenario's faults.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Final

from core.simulator.commands.dumpsys import COMMAND_TIME, PIECE, Dumps, without_limit
from core.simulator.commands.package_manager import PackageManager
from core.simulator.commands.protection import QUESTION_TIME, Protection, find_programs, patch
from core.simulator.commands.streams import Io, Program, Reply, Sink, closed_profile
from core.simulator.commands.tools import tools
from core.simulator.model.phone import CableCutError, PracticePhone, Screen
from core.simulator.model.scenario import CableFault, PracticeDevice, common

_ID: Final = (
    "uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1007(log),1011(adb),1015(sdcard_rw),1028(sdcard_r),"
    "3001(net_bt_admin),3002(net_bt),3003(inet),3006(net_bw_stats),3009(readproc),3011(uhid) context=u:r:shell:s0\n"
)

#: Every practice phone has this property, and no real one.
PRACTICE: Final = "ro.fanion.practice"

#: Since Android 8 there is a program for SHA-256 (AOSP, shell_and_utilities).
_SUMS_SINCE: Final = 26
#: Seconds that a program takes which never ends, and the pieces of an answer that is far too long.
_FOR_EVER: Final = 86_400.0
_FLOOD_PIECES: Final = 1_000

_Command = Callable[[Sequence[str]], Reply]


class Commands:
    """All that can be run on one phone."""

    def __init__(self, phone: PracticePhone) -> None:
        self._phone = phone
        self._device = phone.scenario.device
        self._packages = PackageManager(phone)
        self._protection = Protection(phone)
        self._properties = _properties(self._device)

    def programs(self) -> Mapping[str, Program]:
        """Every command by name, the shell's small ones among them."""
        own: Mapping[str, _Command] = {
            "pm": self._packages.run,
            "cmd": self._cmd,
            "am": self._am,
            "getprop": self._getprop,
            "id": lambda words: Reply(_ID),
            "whoami": lambda words: Reply("shell\n"),
        }
        quick: Mapping[str, _Command] = {
            "settings": self._protection.settings,
            "locksettings": self._protection.locksettings,
            "getenforce": lambda words: Reply("Enforcing\n"),
        }
        programs = dict(tools(self._phone.files))
        recorded = {name: programs[name] for name in ("ls", "stat", "dd")} | {"dumpsys": Dumps(self._phone).run}
        if self._has_sums:
            recorded["sha256sum"] = self._sums(programs["sha256sum"])
        else:
            del programs["sha256sum"]
        recorded |= {name: self._replying(command) for name, command in own.items()}
        recorded |= {name: self._replying(command, QUESTION_TIME) for name, command in quick.items()}
        names = frozenset((*programs, *recorded))
        recorded["which"] = self._replying(lambda words: find_programs(words, names), QUESTION_TIME)
        return programs | {name: self._on_phone(program) for name, program in recorded.items()}

    @property
    def _has_sums(self) -> bool:
        return self._device.sdk >= _SUMS_SINCE and self._phone.scenario.sums != "none"

    def _sums(self, program: Program) -> Program:
        """`program`, or what a phone has in its place that does not tell the sums of its files."""

        def garbled(words: Sequence[str], streams: Io) -> int:
            return program(words, replace(streams, out=lambda data: streams.out(data.upper())))

        def silent(words: Sequence[str], streams: Io) -> int:
            streams.cancel.wait(_FOR_EVER)
            return 1

        def flood(words: Sequence[str], streams: Io) -> int:
            for _ in range(_FLOOD_PIECES):
                streams.say("0" * PIECE)
            return 0

        instead = {"garbled": garbled, "silent": silent, "flood": flood}
        return instead.get(self._phone.scenario.sums, program)

    def _on_phone(self, program: Program) -> Program:
        """`program`, recorded and exposed to faults.

        Once USB debugging is off, the connection ends a moment after the command that did it, as on any phone.
        """

        def run(words: Sequence[str], streams: Io) -> int:
            if not self._phone.debugging:
                raise CableCutError
            self._phone.record(" ".join(words))
            fault = self._phone.take_fault(_plainest(words))
            if fault is None:
                return program(words, streams)
            program(words, replace(streams, out=_until(fault, streams.out)))
            raise CableCutError

        return run

    def _replying(self, command: _Command, seconds: float = COMMAND_TIME) -> Program:
        def run(words: Sequence[str], streams: Io) -> int:
            streams.cancel.wait(seconds * self._phone.pace)
            reply = command(words[1:])
            streams.say(reply.out)
            streams.complain(reply.err)
            return reply.code

        return run

    def _cmd(self, words: Sequence[str]) -> Reply:
        services: Mapping[str, _Command] = {
            "package": self._packages.run,
            "appops": self._protection.appops,
            "advanced_protection": self._protection.advanced_protection,
        }
        if words and words[0] in services:
            return services[words[0]](words[1:])
        return Reply(err=f"cmd: Can't find service: {words[0] if words else ''}\n", code=20)

    def _getprop(self, words: Sequence[str]) -> Reply:
        if words:
            return Reply(f"{self._properties.get(words[0], '')}\n")
        return Reply("".join(f"[{key}]: [{value}]\n" for key, value in sorted(self._properties.items())))

    def _am(self, words: Sequence[str]) -> Reply:
        """Only screens of the system itself can be started: there is nothing inside the practice phone's apps."""
        if words[:1] != ["start"]:
            return Reply(err=f"Unknown command: {words[0] if words else ''}\n", code=255)
        options = {"--user": "0", "-a": "", "-d": ""}
        rest = list(words[1:])
        while rest:
            option = rest.pop(0)
            if option not in options or not rest:
                return Reply(err=f"Error: Unknown option: {option}\n", code=255)
            options[option] = rest.pop(0)
        profile = next((p for p in self._phone.profiles.values() if str(p.id) == options["--user"]), None)
        if profile is not None and profile.closed:
            return closed_profile(self._device, "start", profile.id)
        action, data = options["-a"], options["-d"]
        intent = f"Intent {{ act={action}{' dat=' if data else ''}{data} }}"
        starting = f"Starting: {intent}\n"
        if profile is None or not action.startswith("android.settings."):
            return Reply(starting, f"Error: Activity not started, unable to resolve {intent}\n", 1)
        self._phone.screen = Screen(profile.id, action, data)
        return Reply(starting)


def _properties(device: PracticeDevice) -> Mapping[str, str]:
    """What `getprop` knows; the device's own come last and win."""
    build = f"{zlib.crc32(device.serial.encode()):08X}"
    facts = {**asdict(device), "patch": patch(device, date.today()), "brand": device.maker.lower(), "build": build}
    same = {key: value.format_map(facts) for key, value in common("phone")["properties"].items()}
    return {**same, **device.properties, PRACTICE: "1"}


def _plainest(words: Sequence[str]) -> str:
    """The command as a scenario's faults name it, whichever way it was written."""
    match words:
        case ["cmd", "package", *rest]:
            return " ".join(["pm", *rest])
        case ["dumpsys", *rest]:
            return " ".join(["dumpsys", *without_limit(rest)])
        case _:
            return " ".join(words)


def _until(fault: CableFault, sink: Sink) -> Sink:
    """`sink` for the first bytes; then the cable loses contact."""
    remaining = fault.after_bytes

    def limited(data: bytes) -> None:
        nonlocal remaining
        if remaining > 0:
            sink(data[:remaining])
        remaining -= len(data)
        if remaining <= 0:
            raise CableCutError

    return limited
