"""The practice phone's `pm` (`cmd package`): the texts and exit codes of Android's PackageManagerShellCommand."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from core.simulator.commands.replies import Reply, closed_profile, thrown
from core.simulator.model.identity import apk_path, apk_paths, signer_sha256
from core.simulator.model.installed import Package
from core.simulator.model.phone import DISABLED_USER, ENABLED, PracticePhone

_ALL: Final = -1
_STATE_NAMES: Final = ("default", "enabled", "disabled", "disabled-user", "disabled-until-used")
_NOT_GIVEN: Final = "Error: package name not specified\n"


class _Refused(Exception):  # noqa: N818 - a reply on its way out, not an error of ours
    """The command ends here, with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


@dataclass(frozen=True, slots=True)
class _Arguments:
    """What stood behind a subcommand: the user, the other options, the rest."""

    user: int
    options: frozenset[str]
    rest: tuple[str, ...]

    @property
    def package(self) -> str | None:
        return self.rest[0] if self.rest else None


class PackageManager:
    """`pm` on one phone."""

    def __init__(self, phone: PracticePhone) -> None:
        self._phone = phone
        self._device = phone.scenario.device
        self._commands: Mapping[str, Callable[[Sequence[str]], Reply]] = {
            "list": self._list,
            "path": self._path,
            "uninstall": self._uninstall,
            "uninstall-system-updates": self._uninstall_system_updates,
            "install-existing": self._install_existing,
            "disable-user": lambda words: self._set_enabled("disable-user", DISABLED_USER, words),
            "enable": lambda words: self._set_enabled("enable", ENABLED, words),
            "default-state": lambda words: self._set_enabled("default-state", 0, words),
            "suspend": lambda words: self._suspend("suspend", True, words),
            "unsuspend": lambda words: self._suspend("unsuspend", False, words),
            "hide": lambda words: self._hide("hide", words),
            "unhide": lambda words: self._hide("unhide", words),
            "clear": self._clear,
            "get-app-links": self._app_links,
        }

    def run(self, words: Sequence[str]) -> Reply:
        """`words` without the `pm`."""
        if not words:
            return Reply("Package manager (package) commands:\n  help\n    Print this help text.\n", code=255)
        command = self._commands.get(words[0])
        if command is None:
            return Reply(f"Unknown command: {words[0]}\n", code=255)
        with self._phone.lock:
            try:
                return command(words[1:])
            except _Refused as refused:
                return refused.reply

    # Reading

    def _list(self, words: Sequence[str]) -> Reply:
        if words[:1] == ["users"]:
            return Reply("Users:\n" + "".join(f"\t{self._user_info(p)}\n" for p in self._phone.profiles))
        if words[:1] in (["packages"], ["package"]):
            return self._list_packages(words[1:])
        return Reply(err=f"Error: unknown list type '{words[0] if words else None}'\n", code=255)

    def _user_info(self, profile: int) -> str:
        data = self._phone.profiles[profile]
        return f"UserInfo{{{profile}:{data.name}:{data.flags}}}{' running' if data.running else ''}"

    def _list_packages(self, words: Sequence[str]) -> Reply:
        known = {"-f", "-U", "-i", "-s", "-3", "-d", "-e", "-u", "-a", "-l", "--show-versioncode"}
        # Before Android 13, no user meant the first one; since then it means all, and one closed profile ends it all.
        given = self._arguments("list", words, known, 0 if self._device.sdk < 33 else _ALL, bad_option_code=255)
        users = self._open_users("list", given.user)
        wanted = given.package or ""
        lines: dict[str, list[str]] = {}
        for user in users:
            for package in self._phone.packages.values():
                if wanted in package.name and _listed(package, user, given.options):
                    lines.setdefault(self._line(package, given.options), []).append(str(_uid(package, user)))
        show_uids = "-U" in given.options
        return Reply(
            "".join(f"{line}{' uid:' + ','.join(uids) if show_uids else ''}\n" for line, uids in lines.items())
        )

    def _line(self, package: Package, options: Collection[str]) -> str:
        path = f"{apk_path(package, self._device.sdk)}=" if "-f" in options else ""
        code = f" versionCode:{package.version.code}" if "--show-versioncode" in options else ""
        installer = f"  installer={package.data.installer or 'null'}" if "-i" in options else ""
        return f"package:{path}{package.name}{code}{installer}"

    def _path(self, words: Sequence[str]) -> Reply:
        given = self._arguments("path", words, set(), 0)
        (user,) = self._open_users("path", given.user)[:1] or (0,)
        if given.package is None:
            return Reply(err="Error: no package specified\n", code=1)
        package = self._phone.packages.get(given.package)
        if package is None or package.data.library or not self._phone.state(package.name, user).installed:
            return Reply(code=1)
        return Reply("".join(f"package:{path}\n" for path in apk_paths(package, self._device.sdk)))

    def _app_links(self, words: Sequence[str]) -> Reply:
        if self._device.sdk < 31:
            return Reply("Unknown command: get-app-links\n", code=255)
        given = self._arguments("get-app-links", words, set(), _ALL)
        if given.package is not None and given.package not in self._phone.packages:
            return Reply(err=f"Error: package {given.package} unavailable\n", code=1)
        named = [self._phone.packages[given.package]] if given.package else self._phone.packages.values()
        return Reply("".join(_links(package) for package in named if package.data.domains))

    # Changing

    def _uninstall(self, words: Sequence[str]) -> Reply:
        given = self._arguments("uninstall", words, {"-k"}, _ALL)
        if given.package is None:
            return Reply(_NOT_GIVEN, code=1)
        users = self._open_users("uninstall", given.user)
        package = self._phone.packages.get(given.package)
        if given.user != _ALL and not self._phone.state(given.package, given.user).installed:
            return Reply(f"Failure [not installed for {given.user}]\n", code=1)
        if package is None:
            return _failure("DELETE_FAILED_INTERNAL_ERROR")
        self._answered(package, "uninstall", users)
        if self._phone.is_admin(package.name):
            return _failure("DELETE_FAILED_DEVICE_POLICY_MANAGER")
        if package.system and given.user == _ALL:
            return self._uninstall_update(package)
        if package.system and self._device.sdk >= 37:
            return _failure("only root can delete system app for a particular user")
        if "uninstall" not in package.data.undone:
            self._phone.uninstall(package, users, keep_data="-k" in given.options)
        return Reply("Success\n")

    def _uninstall_update(self, package: Package) -> Reply:
        """A system app, for all users: only what was installed over it can go."""
        if not package.updated:
            return _failure("DELETE_FAILED_INTERNAL_ERROR")
        self._phone.remove_update(package)
        return Reply("Success\n")

    def _uninstall_system_updates(self, words: Sequence[str]) -> Reply:
        """Android's own exit codes: 1 for success, 0 for failure. Before 13, the package's name is not looked at."""
        name = words[0] if words and self._device.sdk >= 33 else None
        if name is not None and name not in self._phone.packages:
            exception = "java.lang.NullPointerException: Attempt to invoke virtual method on a null object reference"
            return thrown(self._device, "uninstall-system-updates", exception)
        lines = []
        for package in self._phone.packages.values():
            if package.updated and name in (None, package.name):
                self._phone.remove_update(package)
                lines.append(f"Uninstalling updates to {package.name}...\n")
        return Reply("".join(lines) + "Success\n", code=1)

    def _install_existing(self, words: Sequence[str]) -> Reply:
        given = self._arguments("install-existing", words, {"--full", "--wait", "--restrict-permissions"}, 0)
        if given.package is None:
            return Reply(_NOT_GIVEN, code=1)
        users = self._open_users("install-existing", given.user)
        package = self._phone.packages.get(given.package)
        if package is None or not users:
            name = "android.content.pm.PackageManager$NameNotFoundException"
            return Reply(f"{name}: Package {given.package} doesn't exist\n", code=1)
        self._answered(package, "install-existing", users)
        for user in users:
            self._phone.change(package, user, replace(package.states[user], installed=True))
        return Reply(f"Package {given.package} installed for user: {given.user}\n")

    def _set_enabled(self, act: str, number: int, words: Sequence[str]) -> Reply:
        given = self._arguments(act, words, set(), 0)
        if given.package is None:
            return Reply(err="Error: no package or component specified\n", code=1)
        users = self._open_users(act, given.user)
        package = self._package(act, given.package)
        self._answered(package, act, users)
        if number == DISABLED_USER and self._phone.owner(package.name):
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

    def _suspend(self, act: str, wanted: bool, words: Sequence[str]) -> Reply:
        given = self._arguments(act, words, set(), 0)
        if given.package is None:
            return Reply(_NOT_GIVEN, code=1)
        users = self._open_users(act, given.user)
        package = self._phone.packages.get(given.package)
        if package is None or not users:
            return Reply(f"java.lang.IllegalArgumentException: Unknown target package: {given.package}\n", code=1)
        self._answered(package, act, users)
        if act not in package.data.undone and not (wanted and self._phone.is_admin(package.name)):
            for user in users:
                self._phone.change(package, user, replace(package.states[user], suspended=wanted))
        state = str(package.states[users[0]].suspended).lower()
        return Reply(f"Package {package.name} new suspended state: {state}\n")

    def _hide(self, act: str, words: Sequence[str]) -> Reply:
        """Since Android 6 only for root."""
        given = self._arguments(act, words, set(), 0)
        if given.package is None:
            return Reply(err="Error: no package or component specified\n", code=1)
        users = self._open_users(act, given.user)
        self._answered(self._package(act, given.package), "hide", users)
        text = "Neither user 2000 nor current process has android.permission.MANAGE_USERS."
        return thrown(self._device, act, f"java.lang.SecurityException: {text}")

    def _clear(self, words: Sequence[str]) -> Reply:
        given = self._arguments("clear", words, set(), 0)
        if given.package is None:
            return Reply(err="Error: no package specified\n", code=1)
        users = self._open_users("clear", given.user)
        package = self._phone.packages.get(given.package)
        if package is None or not any(package.states[user].installed for user in users):
            return Reply(err="Failed\n", code=1)
        self._answered(package, "clear", users)
        return Reply(err="Failed\n", code=1) if self._phone.is_admin(package.name) else Reply("Success\n")

    # What all of them need

    def _arguments(
        self, act: str, words: Sequence[str], known: Collection[str], default_user: int, *, bad_option_code: int = 1
    ) -> _Arguments:
        user, options, rest = default_user, set(), list(words)
        while rest and rest[0].startswith("-"):
            option = rest.pop(0)
            if option == "--user":
                user = self._user(act, rest.pop(0) if rest else "")
            elif option in known:
                options.add(option)
            else:
                raise _Refused(Reply(f"Error: Unknown option: {option}\n", code=bad_option_code))
        return _Arguments(user, frozenset(options), tuple(rest))

    def _user(self, act: str, word: str) -> int:
        if word in ("all", "current", "cur"):
            return _ALL if word == "all" else 0
        if word.isascii() and word.isdecimal() and len(word) < 10:
            return int(word)
        raise _Refused(thrown(self._device, act, f"java.lang.IllegalArgumentException: Bad user number: {word}"))

    def _open_users(self, act: str, user: int) -> list[int]:
        """The profiles that `user` means; none for one that is not there. One that is closed ends the command."""
        users = [p for p in self._phone.profiles if user in (_ALL, p)]
        for profile in users:
            if self._phone.profiles[profile].closed:
                raise _Refused(closed_profile(self._device, act, profile))
        return users

    def _package(self, act: str, name: str) -> Package:
        package = self._phone.packages.get(name)
        if package is None:
            text = f"java.lang.IllegalArgumentException: Unknown package: {name}"
            raise _Refused(thrown(self._device, act, text))
        return package

    def _answered(self, package: Package, act: str, users: Sequence[int]) -> None:
        """The scenario's own answer to `act`, where it has one."""
        for answer in package.data.answers:
            if answer.act == act and (answer.profile is None or answer.profile in users):
                if answer.exception:
                    raise _Refused(thrown(self._device, act, answer.exception))
                raise _Refused(Reply(answer.text, code=answer.code))


def _failure(why: str) -> Reply:
    return Reply(f"Failure [{why}]\n", code=1)


def _uid(package: Package, user: int) -> int:
    return user * 100_000 + package.app_id


def _listed(package: Package, user: int, options: Collection[str]) -> bool:
    state = package.states[user]
    enabled = state.enabled < 2
    return (
        (state.installed or "-u" in options)
        and not package.data.library
        and not (state.hidden and "-u" not in options)
        and not ("-s" in options and not package.system)
        and not ("-3" in options and package.system)
        and not ("-d" in options and enabled)
        and not ("-e" in options and not enabled)
    )


def _links(package: Package) -> str:
    """One block of `pm get-app-links`; Android prints it only for apps that name domains."""
    lines = [
        f"  {package.name}:",
        f"    ID: {uuid.uuid5(uuid.NAMESPACE_DNS, package.name)}",
        f"    Signatures: [{signer_sha256(package.data)}]",
        "    Domain verification state:",
        *(f"      {domain}: verified" for domain in package.data.domains),
    ]
    return "\n".join(lines) + "\n"
