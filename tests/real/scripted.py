"""A phone for Debian's real adbd: `pm`, `dumpsys`, `getprop`, `cmd` and `am` as small programs over one state file.

As a module it makes such a phone; as a program (under the name of each command) it is the phone.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

COMMANDS = ("pm", "cmd", "dumpsys", "getprop", "am", "settings-put")

PROPERTIES = {
    "ro.product.manufacturer": "samsung",
    "ro.product.model": "SM-S901W",
    "ro.build.version.release": "14",
    "ro.build.version.sdk": "34",
    "ro.build.version.security_patch": "2026-10-01",
    "ro.serialno": "R5CT1000001",
}


#: Programs that are asked too often for a Python each. The last word of `settings get` is a key.
_SMALL = {
    "settings": 'case " $*" in *" put "*) exec "$D/../bin/settings-put" "$@";; esac\n'
    'for K; do :; done; cat "$D/$K" 2>/dev/null || echo null',
    "getenforce": "echo Enforcing",
    "which": "exit 1",
    "locksettings": "echo false",
}


class ScriptedPhone:
    """The state of one phone, shared with the programs that adbd starts."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        self._file = folder / "state.json"
        for name in COMMANDS:
            program = self.bin / name
            program.write_text(f'#!/bin/sh\nPHONE={self._file} exec {sys.executable} -IS {__file__} {name} "$@"\n')
            program.chmod(0o755)
        self._settings = folder / "settings"
        self._settings.mkdir()
        for key in ("adb_enabled", "development_settings_enabled"):
            self.set(key, "1")
        for name, script in _SMALL.items():
            program = self.bin / name
            program.write_text(f"#!/bin/sh\nD={self._settings}\n{script}\n")
            program.chmod(0o755)
        self.change(
            properties=PROPERTIES,
            users={"0": ["Owner", "4c13"]},
            closed=[],
            apps={},
            screens=[],
            admins=[],
            lock="Pin",
            sluggish={},
            answers={},
            settings={"adb_enabled": "1", "development_settings_enabled": "1"},
            runner=0,
            pulled="",
            log=[],
        )

    @property
    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self._file.read_text())
        return state

    def change(self, **values: Any) -> None:
        state = self.state if self._file.exists() else {}
        state |= values
        # No profile is empty: Android itself is in each.
        everywhere = {user: {"installed": True, "enabled": 0} for user in state["users"]}
        state["apps"]["android"] = {"version": "14", "system": True, "users": everywhere}
        _save(self._file, state)

    def install(
        self, package: str, *users: int, system: bool = False, version: str = "1.0", signer: str = "anybody"
    ) -> None:
        """Install an app, with a file that `signer` has signed."""
        from core.phones.android.apk.signing import java_hash
        from tests.unit.phones.android import apks

        place = self.bin.parent / "app" / f"{package}-1"
        place.mkdir(parents=True, exist_ok=True)
        (place / "base.apk").write_bytes(apks.simple(signer, package=package, label=package).file())
        apps = self.state["apps"]
        apps[package] = {
            "version": version,
            "system": system,
            "path": str(place / "base.apk"),
            "hash": java_hash(apks.encoded(signer)),
            "users": {str(u): {"installed": True, "enabled": 0} for u in users or (0,)},
        }
        self.change(apps=apps)

    def set(self, key: str, value: str) -> None:
        """Have `settings get` answer so, in every profile."""
        (self._settings / key).write_text(f"{value}\n")

    def is_installed(self, package: str, user: int = 0) -> bool:
        app = self.state["apps"].get(package, {"users": {}})
        return bool(app["users"].get(str(user), {}).get("installed"))

    @property
    def log(self) -> list[str]:
        return [*self.state["log"]]


def _save(file: Path, state: dict[str, Any]) -> None:
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(state))
    fresh.replace(file)


def main(file: Path, name: str, args: list[str]) -> int:
    state = json.loads(file.read_text())
    args = args[2:] if name == "dumpsys" and args[0] == "-t" else args
    name = name.removesuffix("-put")
    line = " ".join([name, *args])
    if state["pulled"] and line.startswith(state["pulled"]):
        os.kill(state["runner"], signal.SIGTERM)  # the cable, before anything is done
        time.sleep(30)
        return 1
    for start, seconds in state["sluggish"].items():
        if line.startswith(start):
            time.sleep(seconds)  # a phone that takes its time
    for start, (text, code) in state["answers"].items():
        if line.startswith(start):
            print(text)
            return int(code)
    if name == "settings":
        return settings(file, state, args)
    if name == "getprop":
        return getprop(state, args)
    if name == "dumpsys":
        return dumpsys(state, args)
    if name == "am":
        state["log"].append(line)
        _save(file, state)
        print("Starting: Intent { act=" + args[args.index("-a") + 1] + " }")
        return 0
    if args[:2] == ["appops", "query-op"]:
        print("No operations.")
        return 0
    args = args[1:] if name == "cmd" else args
    if args[0] == "get-app-links":
        return 0
    if args[0] == "path":
        app = state["apps"].get(args[-1], {})
        if not app.get("path") or not app["users"].get("0", {}).get("installed"):
            return 1
        print(f"package:{app['path']}")
        return 0
    if args[0] == "list":
        return listing(state, args[1:])
    code = change(state, args)
    state["log"].append(line)
    _save(file, state)
    return code


def settings(file: Path, state: dict[str, Any], args: list[str]) -> int:
    """`settings [--user N] put SPACE NAME VALUE`. Without debugging, `runner` is ended, and adbd with it."""
    args = args[2:] if args[0] == "--user" else args
    state["settings"][args[2]] = args[3]
    (file.parent / "settings" / args[2]).write_text(f"{args[3]}\n")
    state["log"].append(" ".join(["settings", *args]))
    _save(file, state)
    if args[2:] == ["adb_enabled", "0"] and state["runner"]:
        # Android answers, and then lets go of the connection by itself, a moment later.
        subprocess.Popen(
            ["/bin/sh", "-c", f"sleep 0.5; kill {state['runner']}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    return 0


def getprop(state: dict[str, Any], args: list[str]) -> int:
    if args:
        print(state["properties"].get(args[0], ""))
    else:
        for name, value in state["properties"].items():
            print(f"[{name}]: [{value}]")
    return 0


def listing(state: dict[str, Any], args: list[str]) -> int:
    if args[0] == "users":
        print("Users:")
        for id, (name, flags) in state["users"].items():
            print(f"\tUserInfo{{{id}:{name}:{flags}}} running")
        return 0
    user = args[args.index("--user") + 1]
    if int(user) in state["closed"]:
        print("\nException occurred while executing 'list':")
        print(f"java.lang.SecurityException: Shell does not have permission to access user {user}")
        return 255
    for package, app in state["apps"].items():
        here = app["users"].get(user, {})
        fits = not ("-s" in args and not app["system"]) and not ("-d" in args and here.get("enabled", 0) < 2)
        if here.get("installed") and fits:
            path = f"{app.get('path', '/system/app/' + package)}=" if "-f" in args else ""
            more = " versionCode:42  installer=com.android.vending uid:10248" if "-i" in args else ""
            print(f"package:{path}{package}{more}")
    return 0


def dumpsys(state: dict[str, Any], args: list[str]) -> int:
    if args[0] == "adb":
        print("ADB MANAGER STATE (dumpsys adb):\n{\n  debugging_manager={\n    user_keys=\n    keystore=ABX\n  }\n}")
        return 0
    if args[0] == "user":
        print("Users:", *state.get("restrictions", ()), sep="\n")
        return 0
    if args[0] == "lock_settings":
        for user in state["users"]:
            print(f"  User {user}\n    CredentialType: {state['lock']}\n    SeparateChallenge: false")
        return 0
    if args[0] == "adb":
        print("ADB MANAGER STATE (dumpsys adb):\n{\n  debugging_manager={\n    connected_to_adb=true\n  }\n}")
        return 0
    if args[0] == "device_policy":
        print("Current Device Policy Manager state:", *state.get("owners", ()), sep="\n")
        print("\n  Enabled Device Admins (User 0, provisioningState: 0):")
        for admin in state["admins"]:
            print(f"    {admin}:\n      uid=10086\n      testOnlyAdmin=false")
        print(" \n    mPasswordOwner=-1")
        return 0
    if args[:2] == ["package", "r"]:
        print("Activity Resolver Table:\n  Non-Data Actions:\n      android.intent.action.MAIN:")
        for package in filter(lambda p: _is_anywhere(state["apps"][p]), state["apps"]):
            print(f"        7dfa6c6 {package}/.Main filter 1a2b3c")
        for package, name in state["screens"]:
            print(f"        7dfa6c7 {package}/{name} filter 1a2b3d")
        print("\nProvider Resolver Table:")
        return 0
    lines = ["Packages:"]
    for package, app in state["apps"].items():
        if not _is_anywhere(app):
            continue  # it left the phone with its last profile
        signer = app.get("hash", "260f9e73")
        flags = "SYSTEM HAS_CODE" if app["system"] else "HAS_CODE ALLOW_CLEAR_USER_DATA"
        lines += [
            f"  Package [{package}] (a1b2c3):",
            "    appId=10248",
            f"    codePath={app.get('path', '/system/app/' + package).removesuffix('/base.apk')}",
            "    versionCode=42 minSdk=24 targetSdk=34",
            f"    versionName={app['version']}",
            "    lastUpdateTime=2026-03-01 10:00:00",
            "    installerPackageName=com.android.vending",
            f"    signatures=PackageSignatures{{8214729 version:2, signatures:[{signer}], past signatures:[]}}",
            f"    pkgFlags=[ {flags} ]",
            *(f"      android.permission.PERMISSION_{n}: granted=true" for n in range(20)),
        ]
        for user in state["users"]:
            s = app["users"].get(user, {"installed": False, "enabled": 0})
            lines.append(
                f"    User {user}: ceDataInode=1 installed={str(s['installed']).lower()} hidden=false suspended=false "
                f"stopped=false notLaunched=false enabled={s['enabled']} instant=false virtual=false"
            )
            lines.append("      firstInstallTime=2026-01-01 09:00:00")
    print("\n".join([*lines, "", "Queries:", "  system apps queryable: false", "Dexopt state:"]))
    return 0


def _is_anywhere(app: dict[str, Any]) -> bool:
    """Whether the phone still has an app: one that came with it, or that a profile has."""
    return bool(app["system"]) or any(user["installed"] for user in app["users"].values())


def change(state: dict[str, Any], args: list[str]) -> int:
    act, package, user = args[0], args[-1], args[args.index("--user") + 1]
    app = state["apps"].get(package, {"users": {}})
    there = app["users"].get(user, {"installed": False})
    if act == "install-existing":
        if not app.get("system") and not any(u["installed"] for u in app["users"].values()):
            print(f"android.content.pm.PackageManager$NameNotFoundException: Package {package} doesn't exist")
            return 1
        there["installed"] = True
        print(f"Package {package} installed for user: {user}")
        return 0
    if not there["installed"]:
        print(f"Failure [not installed for {user}]")
        return 1
    if act == "uninstall":
        if any(a.startswith(package + "/") for a in state["admins"]):
            print("Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]")
            return 1
        there["installed"] = False
        print("Success")
        return 0
    if act == "disable-user":
        state["admins"] = [a for a in state["admins"] if not a.startswith(package + "/")]
        there["enabled"] = 3
        print(f"Package {package} new state: disabled-user")
        return 0
    there["enabled"] = 1
    print(f"Package {package} new state: enabled")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(os.environ["PHONE"]), sys.argv[1], sys.argv[2:]))
