"""The practice phone's `pm` (`cmd package`): the texts and exit codes of Android's PackageManagerShellCommand."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from core.simulator.commands.streams import Reply, closed_profile, no_access, thrown
from core.simulator.model.identity import apk_path, signer_sha256
from core.simulator.model.installed import Package
from core.simulator.model.java import array_map_order, hash_map_order, wrapped
from core.simulator.model.phone import DISABLED_USER, ENABLED, PracticePhone

_ALL: Final = -1
_STATE_NAMES: Final = {ENABLED: "enabled", DISABLED_USER: "disabled-user"}
_LIST_OPTIONS: Final = frozenset({"-f", "-U", "-i", "-s", "-3", "-d", "-e", "-u", "--show-versioncode"})
_ILLEGAL: Final = "java.lang.IllegalArgumentException: "


class _Refused(Exception):  # noqa: N818 - a reply on its way out, not an error of ours
    """The command ends here, with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


@dataclass(frozen=True, slots=True)
class _Arguments:
    """What stood behind a subcommand: the user, the other options, the package."""

    user: int
    options: frozenset[str]
    package: str


class PackageManager:
    """`pm` on one phone."""

    def __init__(self, phone: PracticePhone) -> None:
        self._phone = phone
        self._device = phone.scenario.device
        self._commands: Mapping[str, Callable[[str, Sequence[str]], Reply]] = {
            "list": self._list,
            "path": self._path,
            "get-app-links": self._app_links,
            "uninstall": self._uninstall,
            "uninstall-system-updates": self._uninstall_system_updates,
            "install-existing": self._install_existing,
            "disable-user": self._set_enabled,
            "enable": self._set_enabled,
            "suspend": self._suspend,
            "unsuspend": self._suspend,
        }

    def run(self, words: Sequence[str]) -> Reply:
        """Carry out `pm` with these words, itself not among them."""
        if not words:
            return Reply("Package manager (package) commands:\n  help\n    Print this help text.\n", code=255)
        command = self._commands.get(words[0])
        if command is None:
            return Reply(f"Unknown command: {words[0]}\n", code=255)
        with self._phone.lock:
            try:
                return command(words[0], words[1:])
            except _Refused as refused:
                return refused.reply

    # Reading

    def _list(self, act: str, words: Sequence[str]) -> Reply:
        match words:
            case ["users", *_]:
                infos = (
                    f"\tUserInfo{{{p.id}:{p.name}:{p.flags}}}{'' if p.is_quiet else ' running'}\n"
                    for p in self._phone.profiles.values()
                )
                return Reply(f"Users:\n{''.join(infos)}")
            case ["packages" | "package", *rest]:
                return self._list_packages(act, rest)
        return Reply(err=f"Error: unknown list type '{words[0] if words else None}'\n", code=255)

    def _list_packages(self, act: str, words: Sequence[str]) -> Reply:
        # Before Android 13, no user meant the first one; since then it means all, and one closed profile ends it all.
        arguments = self._arguments(act, words, 0 if self._device.sdk < 33 else _ALL, _LIST_OPTIONS)
        lines: dict[str, list[str]] = {}
        users, refused = self._users_of_list(act, arguments.user)
        for user in users:
            for package in self._phone.in_order():
                if arguments.package in package.name and _listed(package, user, arguments.options):
                    uid = str(user * 100_000 + package.app_id)
                    lines.setdefault(self._line(package, arguments.options), []).append(uid)
        ordered = hash_map_order(lines) if self._device.sdk >= 33 else list(lines)
        show_uids = "-U" in arguments.options
        return Reply(
            "".join(f"{line}{' uid:' + ','.join(lines[line]) if show_uids else ''}\n" for line in ordered), refused
        )

    def _users_of_list(self, act: str, user: int) -> tuple[list[int], str]:
        """The profiles that a list for `user` is about, and what is said of those that are closed.

        Since Android 15 a closed one is only passed over, and the command ends well; before, it ends the command.
        """
        if self._device.sdk < 35:
            return self._open_users(act, user), ""
        profiles = [profile for profile in self._phone.profiles.values() if user in (_ALL, profile.id)]
        refused = "".join(f"Error: {no_access(profile.id)}\n" for profile in profiles if profile.closed)
        return [profile.id for profile in profiles if not profile.closed], refused

    def _line(self, package: Package, options: Collection[str]) -> str:
        path = f"{apk_path(package, self._device.sdk)}=" if "-f" in options else ""
        code = f" versionCode:{package.version.code}" if "--show-versioncode" in options else ""
        installer = f"  installer={package.data.installer or 'null'}" if "-i" in options else ""
        return f"package:{path}{package.name}{code}{installer}"

    def _path(self, act: str, words: Sequence[str]) -> Reply:
        arguments, _, package = self._target(act, words, 0)
        is_installed = self._phone.state(arguments.package, max(0, arguments.user)).installed
        if package is None or package.data.library or not is_installed:
            return Reply(code=1)
        return Reply(f"package:{apk_path(package, self._device.sdk)}\n")

    def _app_links(self, act: str, words: Sequence[str]) -> Reply:
        if self._device.sdk < 31:
            return Reply("Unknown command: get-app-links\n", code=255)
        return Reply("".join(_links(package) for package in self._phone.in_order() if package.data.domains))

    # Changing

    def _uninstall(self, act: str, words: Sequence[str]) -> Reply:
        arguments, users, package = self._target(act, words, _ALL)
        if arguments.user != _ALL and not self._phone.state(arguments.package, arguments.user).installed:
            return _failure(f"not installed for {arguments.user}")
        if package is None:
            return _failure("DELETE_FAILED_INTERNAL_ERROR")
        self._check_refusals(package, act)
        if self._phone.admin(package.name):
            return _failure("DELETE_FAILED_DEVICE_POLICY_MANAGER")
        if package.system and arguments.user == _ALL:  # only what was installed over it can go
            if not package.updated:
                return _failure("DELETE_FAILED_INTERNAL_ERROR")
            self._phone.remove_update(package)
        elif package.system and self._device.sdk >= 37:
            return _failure("only root can delete system app for a particular user")
        elif act not in package.data.undone:
            self._phone.uninstall(package, users)
        return Reply("Success\n")

    def _uninstall_system_updates(self, act: str, words: Sequence[str]) -> Reply:
        """Android's own exit codes: 1 for success, 0 for failure. Before 13, the package's name is not looked at."""
        name = words[0] if words and self._device.sdk >= 33 else None
        if name is not None and name not in self._phone.packages:
            exception = "java.lang.NullPointerException: Attempt to invoke virtual method on a null object reference"
            return thrown(self._device, act, exception)
        lines = []
        for package in self._phone.packages.values():
            if package.updated and name in (None, package.name):
                self._phone.remove_update(package)
                lines.append(f"Uninstalling updates to {package.name}...\n")
        return Reply("".join(lines) + "Success\n", code=1)

    def _install_existing(self, act: str, words: Sequence[str]) -> Reply:
        arguments, users, package = self._target(act, words, 0)
        if package is None or not users:
            name = "android.content.pm.PackageManager$NameNotFoundException"
            return Reply(f"{name}: Package {arguments.package} doesn't exist\n", code=1)
        self._check_refusals(package, act)
        for user in users:
            self._phone.change(package, user, replace(package.states[user], installed=True))
        return Reply(f"Package {arguments.package} installed for user: {arguments.user}\n")

    def _set_enabled(self, act: str, words: Sequence[str]) -> Reply:
        number = DISABLED_USER if act == "disable-user" else ENABLED
        arguments, users, package = self._target(act, words, 0)
        if package is None:
            return thrown(self._device, act, f"{_ILLEGAL}Unknown package: {arguments.package}")
        self._check_refusals(package, act)
        admin = self._phone.admin(package.name)
        if number == DISABLED_USER and admin and admin.data.owner:
            text = f"java.lang.SecurityException: Cannot disable a protected package: {package.name}"
            return thrown(self._device, act, text)
        if not users:  # a user that is not there: this is what a phone says, and it does nothing
            return Reply(f"Package {package.name} new state: disabled\n")
        if act not in package.data.undone:
            for user in users:
                self._phone.change(package, user, replace(package.states[user], enabled=number))
            if number == DISABLED_USER:
                self._phone.dismiss_admin(package.name)
        return Reply(f"Package {package.name} new state: {_STATE_NAMES[number]}\n")

    def _suspend(self, act: str, words: Sequence[str]) -> Reply:
        suspended = act == "suspend"
        arguments, users, package = self._target(act, words, 0)
        if package is None or not users:
            return Reply(f"{_ILLEGAL}Unknown target package: {arguments.package}\n", code=1)
        self._check_refusals(package, act)
        if act not in package.data.undone and not (suspended and self._phone.admin(package.name)):
            for user in users:
                self._phone.change(package, user, replace(package.states[user], suspended=suspended))
        state = str(package.states[users[0]].suspended).lower()
        return Reply(f"Package {package.name} new suspended state: {state}\n")

    # What all of them need

    def _arguments(
        self, act: str, words: Sequence[str], default_user: int, known_options: Collection[str] = ()
    ) -> _Arguments:
        user, options, rest = default_user, set(), list(words)
        while rest and rest[0].startswith("-"):
            option = rest.pop(0)
            if option == "--user":
                user = self._user(act, rest.pop(0) if rest else "")
            elif option in known_options:
                options.add(option)
            else:
                raise _Refused(Reply(f"Error: Unknown option: {option}\n", code=255 if act == "list" else 1))
        return _Arguments(user, frozenset(options), rest[0] if rest else "")

    def _target(
        self, act: str, words: Sequence[str], default_user: int
    ) -> tuple[_Arguments, list[int], Package | None]:
        """Read the arguments of an act that needs a package: they, the profiles that they mean, and the package if it
        is there."""
        arguments = self._arguments(act, words, default_user)
        if not arguments.package:
            raise _Refused(Reply("Error: package name not specified\n", code=1))
        return arguments, self._open_users(act, arguments.user), self._phone.packages.get(arguments.package)

    def _user(self, act: str, word: str) -> int:
        if word == "all":
            return _ALL
        if word.isascii() and word.isdecimal() and len(word) < 10:
            return int(word)
        raise _Refused(thrown(self._device, act, f"{_ILLEGAL}Bad user number: {word}"))

    def _open_users(self, act: str, user: int) -> list[int]:
        """The profiles that `user` means; none for one that is not there. One that is closed ends the command."""
        users = [p for p in self._phone.profiles if user in (_ALL, p)]
        for profile in users:
            if self._phone.profiles[profile].closed:
                raise _Refused(closed_profile(self._device, act, profile))
        return users

    def _check_refusals(self, package: Package, act: str) -> None:
        """Raise the refusal that the scenario has for `act`, before anything is done."""
        for refusal in package.data.refusals:
            if refusal.act == act:
                reply = Reply(refusal.text, code=refusal.code)
                raise _Refused(thrown(self._device, act, refusal.exception) if refusal.exception else reply)


def _failure(why: str) -> Reply:
    return Reply(f"Failure [{why}]\n", code=1)


def _listed(package: Package, user: int, options: Collection[str]) -> bool:
    state = package.states[user]
    is_enabled = state.enabled < 2
    refused = (package.system and "-3", not package.system and "-s", is_enabled and "-d", not is_enabled and "-e")
    if "-u" in options:  # also what is kept of an app, and what its owner does not let be seen
        present = state.installed or state.archived or package.system
    else:
        present = state.installed and not state.hidden
    return present and not package.data.library and not any(option in options for option in refused)


def _links(package: Package) -> str:
    """One block of `pm get-app-links`; Android prints it only for apps that name domains."""
    lines = [
        wrapped(2, f"{package.name}:"),
        wrapped(4, f"ID: {uuid.uuid5(uuid.NAMESPACE_DNS, package.name)}"),
        wrapped(4, f"Signatures: [{signer_sha256(package.data)}]"),
        wrapped(4, "Domain verification state:"),
        *(wrapped(6, domain, ": ", "verified") for domain in array_map_order(package.data.domains)),
    ]
    return "".join(lines)
