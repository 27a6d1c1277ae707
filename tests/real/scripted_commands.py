"""The programs of a scripted phone: `pm`, `dumpsys`, `getprop`, `cmd` and `am` over one state file.

One is started for each command, many times in each test: what they import takes longer than what they do. So nothing is
imported that Python has not loaded by itself, and the state is in Python's own format.
"""

from __future__ import annotations

import marshal
import os
import sys
import time


def load(file: str) -> dict:
    """The state of a phone."""
    with open(file, "rb") as state:
        return marshal.load(state)


def save(file: str, state: dict) -> None:
    """Put another state in the place of the phone's."""
    fresh = f"{file}.{os.getpid()}"
    with open(fresh, "wb") as whole:
        marshal.dump(state, whole)
    os.replace(fresh, file)


def main(file: str, name: str, args: list[str]) -> int:
    state = load(file)
    args = args[2:] if name == "dumpsys" and args[0] == "-t" else args
    name = name.removesuffix("-put")
    line = " ".join([name, *args])
    if state["pulled"] and line.startswith(state["pulled"]):
        os.kill(state["runner"], 15)  # the cable, before anything is done
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
        save(file, state)
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
    save(file, state)
    return code


def settings(file: str, state: dict, args: list[str]) -> int:
    """`settings [--user N] put SPACE NAME VALUE`. Without debugging, `runner` is ended, and adbd with it."""
    args = args[2:] if args[0] == "--user" else args
    state["settings"][args[2]] = args[3]
    with open(os.path.join(os.path.dirname(file), "settings", args[2]), "w", encoding="utf-8") as setting:
        setting.write(f"{args[3]}\n")
    state["log"].append(" ".join(["settings", *args]))
    save(file, state)
    if args[2:] == ["adb_enabled", "0"] and state["runner"]:
        # Android answers, and then lets go of the connection by itself, a moment later.
        nothing = " </dev/null >/dev/null 2>&1"
        os.system(f"(setsid /bin/sh -c 'sleep 0.5; kill {state['runner']}'{nothing} &)")
    return 0


def getprop(state: dict, args: list[str]) -> int:
    if args:
        print(state["properties"].get(args[0], ""))
    else:
        for name, value in state["properties"].items():
            print(f"[{name}]: [{value}]")
    return 0


def listing(state: dict, args: list[str]) -> int:
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


def dumpsys(state: dict, args: list[str]) -> int:
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


def _is_anywhere(app: dict) -> bool:
    """Whether the phone still has an app: one that came with it, or that a profile has."""
    return bool(app["system"]) or any(user["installed"] for user in app["users"].values())


def change(state: dict, args: list[str]) -> int:
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
    sys.exit(main(os.environ["PHONE"], sys.argv[1], sys.argv[2:]))
