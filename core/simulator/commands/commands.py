"""The practice phone's own commands, by the names that a shell finds them under.

Every command is recorded, takes its time, and may be hit by the scenario's faults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from core.simulator.commands import resolvers
from core.simulator.commands.dumpsys import Dumps
from core.simulator.commands.file_tools import file_tools
from core.simulator.commands.package_manager import PackageManager
from core.simulator.commands.properties import properties
from core.simulator.commands.replies import Reply, closed_profile, thrown
from core.simulator.commands.tools import tools
from core.simulator.model.phone import CableCutError, PracticePhone, Screen
from core.simulator.model.scenario import Fault
from core.simulator.shell.streams import Io, Program, Sink

_ID: Final = (
    "uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1007(log),1011(adb),1015(sdcard_rw),1028(sdcard_r),"
    "3001(net_bt_admin),3002(net_bt),3003(inet),3006(net_bw_stats),3009(readproc),3011(uhid) context=u:r:shell:s0\n"
)
_NAMESPACES: Final = ("system", "secure", "global")

#: The tables of who opens what take so much less time than the list of packages.
_RESOLVERS_SHARE: Final = 0.25

_Command = Callable[[Sequence[str]], Reply]


class Commands:
    """All that can be run on one phone."""

    def __init__(self, phone: PracticePhone) -> None:
        self._phone = phone
        self._device = phone.scenario.device
        self._packages = PackageManager(phone)
        self._dumps = Dumps(phone)
        self._properties = properties(self._device)
        self._services: Mapping[str, _Command] = {
            "package": self._packages.run,
            "device_policy": self._dpm,
            "settings": self._settings,
            "activity": self._am,
        }

    def programs(self) -> Mapping[str, Program]:
        """Every command by name, the shell's small ones among them."""
        own: Mapping[str, _Command] = {
            "pm": self._packages.run,
            "cmd": self._cmd,
            "dpm": self._dpm,
            "settings": self._settings,
            "am": self._am,
            "getprop": self._getprop,
            "id": lambda words: Reply(_ID),
            "whoami": lambda words: Reply("shell\n"),
        }
        programs: dict[str, Program] = {**tools(self._phone.files), "dumpsys": self._on_phone(self._dumpsys)}
        for name, program in file_tools(self._phone.files).items():
            programs[name] = self._on_phone(program)
        for name, command in own.items():
            programs[name] = self._on_phone(self._replying(command))
        return programs

    def _on_phone(self, program: Program) -> Program:
        """`program`, recorded and exposed to faults."""

        def run(words: Sequence[str], streams: Io) -> int:
            command = " ".join(words)
            self._phone.record(command)
            fault = self._phone.take_fault(_plainest(words))
            if fault is None:
                return program(words, streams)
            if fault.acts:
                limited = _until(fault, streams.out)
                program(words, replace(streams, out=limited))
            raise CableCutError

        return run

    def _replying(self, command: _Command) -> Program:
        def run(words: Sequence[str], streams: Io) -> int:
            streams.cancel.wait(self._phone.scenario.timing.command * self._phone.pace)
            reply = command(words[1:])
            streams.say(reply.out)
            streams.complain(reply.err)
            return reply.code

        return run

    # dumpsys

    def _dumpsys(self, words: Sequence[str], streams: Io) -> int:
        words = _without_limit(words[1:])
        match words:
            case ["package"]:
                self._write_slowly(list(self._dumps.everything()), streams)
            case ["package", "packages" | "p"]:
                self._write_slowly(self._dumps.packages(), streams)
                for piece in self._dumps.flood():
                    streams.out(piece)
            case ["package", "resolvers" | "r", *kinds]:
                return self._resolvers(kinds, streams)
            case _:
                streams.cancel.wait(self._phone.scenario.timing.command * self._phone.pace)
                return self._small_dump(words, streams)
        return 0

    def _resolvers(self, words: Sequence[str], streams: Io) -> int:
        unknown = next((w for w in words if w not in resolvers.WORDS), None)
        if unknown is not None:
            streams.say(f"Error: unknown resolver table type: {unknown}\n")
        else:
            pieces = self._dumps.resolvers(*(resolvers.WORDS[w] for w in words))
            self._write_slowly(pieces, streams, share=_RESOLVERS_SHARE)
        return 0

    def _small_dump(self, words: Sequence[str], streams: Io) -> int:
        match words:
            case ["package", name]:
                streams.say(self._dumps.package(name))
            case ["device_policy"]:
                streams.say(self._dumps.device_policy())
            case ["user"]:
                streams.say(self._dumps.users())
            case [service, *_]:
                streams.complain(f"Can't find service: {service}\n")
            case _:
                streams.say("Currently running services:\n  device_policy\n  package\n  user\n")
        return 0

    def _write_slowly(self, pieces: Sequence[bytes], streams: Io, share: float = 1.0) -> None:
        """A long dump comes bit by bit, while the phone gathers it; `share` of the time that all packages take."""
        rest = share * self._phone.scenario.timing.dumpsys * self._phone.pace / max(1, len(pieces))
        for piece in pieces:
            streams.cancel.wait(rest)
            streams.out(piece)

    # The others

    def _cmd(self, words: Sequence[str]) -> Reply:
        service = self._services.get(words[0]) if words else None
        if service is None:
            return Reply(err=f"cmd: Can't find service: {words[0] if words else ''}\n", code=20)
        return service(words[1:])

    def _getprop(self, words: Sequence[str]) -> Reply:
        if words:
            return Reply(f"{self._properties.get(words[0], '')}\n")
        return Reply("".join(f"[{key}]: [{value}]\n" for key, value in sorted(self._properties.items())))

    def _dpm(self, words: Sequence[str]) -> Reply:
        match words:
            case ["list-owners"] if self._device.sdk >= 31:
                return self._owners()
            case ["remove-active-admin", "--user", _, component] | ["remove-active-admin", component]:
                return self._remove_admin(component)
            case _:
                return Reply(f"Unknown command: {words[0] if words else ''}\n", code=255)

    def _owners(self) -> Reply:
        with self._phone.lock:
            owners = [a for a in self._phone.admins if a.data.owner]
        if not owners:
            return Reply("no owners\n")
        kinds = {"device": "DeviceOwner", "profile": "ProfileOwner"}
        lines = [f"User {a.data.profile:2}: admin={a.short},{kinds[a.data.owner]}\n" for a in owners]
        return Reply(f"{len(owners)} owner{'' if len(owners) == 1 else 's'}:\n{''.join(lines)}")

    def _remove_admin(self, component: str) -> Reply:
        package, slash, receiver = component.partition("/")
        if not slash:
            text = f"java.lang.IllegalArgumentException: Invalid component {component}"
            return thrown(self._device, "remove-active-admin", text)
        full = f"ComponentInfo{{{package}/{package + receiver if receiver.startswith('.') else receiver}}}"
        with self._phone.lock:
            admin = next((a for a in self._phone.admins if f"ComponentInfo{{{a.component}}}" == full), None)
            if admin is None or not admin.data.test_only:
                text = f"java.lang.SecurityException: Attempt to remove non-test admin {full} 0"
                return thrown(self._device, "remove-active-admin", text)
            self._phone.dismiss_admin(package)
        return Reply(f"Success: Admin removed {full}\n")

    def _settings(self, words: Sequence[str]) -> Reply:
        user, rest = _without_user(words)
        if user is not None and (closed := self._closed("settings", user)) is not None:
            return closed
        if len(rest) < 2 or rest[1] not in _NAMESPACES:
            return Reply(err="Error: Invalid namespace\n", code=255)
        with self._phone.lock:
            values = self._phone.settings[rest[1]]
            match rest[0], rest[2:]:
                case "get", [key]:
                    return Reply(f"{values.get(key, 'null')}\n")
                case "put", [key, value]:
                    values[key] = value
                    return Reply()
                case "delete", [key]:
                    return Reply(f"Deleted {0 if values.pop(key, None) is None else 1} rows\n")
                case "list", []:
                    return Reply("".join(f"{key}={value}\n" for key, value in sorted(values.items())))
                case _:
                    return Reply(err="Error: Bad arguments\n", code=255)

    def _am(self, words: Sequence[str]) -> Reply:
        match words:
            case ["start", *rest]:
                return self._start(rest)
            case ["force-stop", *_]:
                return Reply()
            case ["get-current-user"]:
                return Reply("0\n")
            case _:
                return Reply(err=f"Unknown command: {words[0] if words else ''}\n", code=255)

    def _start(self, words: Sequence[str]) -> Reply:
        """Only screens of the system itself can be started: there is nothing inside the practice phone's apps."""
        user, rest = _without_user(words)
        values = {"-a": "", "-d": "", "-f": ""}
        while rest:
            option = rest.pop(0)
            if option in ("-W", "-S"):
                continue
            if option not in values or not rest:
                return Reply(err=f"Error: Unknown option: {option}\n", code=255)
            values[option] = rest.pop(0)
        profile = int(user) if user is not None and user.isdecimal() else 0
        if user is not None and (closed := self._closed("start", user)) is not None:
            return closed
        data = f" dat={values['-d']}" if values["-d"] else ""
        intent = f"Intent {{ act={values['-a']}{data} }}"
        starting = f"Starting: {intent}\n"
        if profile not in self._phone.profiles or not values["-a"].startswith(
            ("android.settings.", "android.app.action.")
        ):
            return Reply(starting, f"Error: Activity not started, unable to resolve {intent}\n", 1)
        self._phone.show(Screen(profile, values["-a"], values["-d"]))
        return Reply(starting)

    def _closed(self, act: str, user: str) -> Reply | None:
        """The refusal, if `user` is a profile that keeps the shell out."""
        for profile in self._phone.profiles.values():
            if str(profile.id) == user and profile.closed:
                return closed_profile(self._device, act, profile.id)
        return None


def _plainest(words: Sequence[str]) -> str:
    """The command as a scenario's faults name it, whichever way it was written."""
    match words:
        case ["cmd", "package", *rest]:
            return " ".join(["pm", *rest])
        case ["dumpsys", *rest]:
            return " ".join(["dumpsys", *_without_limit(rest)])
        case _:
            return " ".join(words)


def _without_limit(words: Sequence[str]) -> list[str]:
    """dumpsys' words without `-t SECONDS` or `-T MILLISECONDS`: the practice phone is never too slow."""
    return list(words[2:] if words[:1] in (["-t"], ["-T"]) else words)


def _without_user(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """The value of `--user`, wherever it stands, and the other words."""
    rest = list(words)
    if "--user" not in rest[:-1]:
        return None, rest
    at = rest.index("--user")
    user = rest[at + 1]
    del rest[at : at + 2]
    return user, rest


def _until(fault: Fault, sink: Sink) -> Sink:
    """`sink` for the first bytes; then the cable loses contact."""
    left = fault.after_bytes

    def limited(data: bytes) -> None:
        nonlocal left
        if left > 0:
            sink(data[:left])
        left -= len(data)
        if left <= 0:
            raise CableCutError

    return limited
