"""A phone for Debian's real adbd: `pm`, `dumpsys`, `getprop`, `cmd` and `am` as small programs over one state file."""

from __future__ import annotations

import py_compile
import sys
from pathlib import Path
from typing import Any

from tests.real import scripted_commands

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
        self._file = folder / "state"
        compiled = folder / "phone.pyc"  # to compile it takes as long as to start Python
        py_compile.compile(scripted_commands.__file__, str(compiled), doraise=True)
        for name in COMMANDS:
            program = self.bin / name
            program.write_text(f'#!/bin/sh\nPHONE={self._file} exec {sys.executable} -IS {compiled} {name} "$@"\n')
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
        return scripted_commands.load(str(self._file))

    def change(self, **values: Any) -> None:
        state = self.state if self._file.exists() else {}
        state |= values
        # No profile is empty: Android itself is in each.
        everywhere = {user: {"installed": True, "enabled": 0} for user in state["users"]}
        state["apps"]["android"] = {"version": "14", "system": True, "users": everywhere}
        scripted_commands.save(str(self._file), state)

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
