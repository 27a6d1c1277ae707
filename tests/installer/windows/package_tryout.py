"""Try the package for Windows Installer on this Windows, as group policy or Intune would use it.

    python tests/installer/windows/package_tryout.py MSI [SETUP [OLDER_MSI]]

It installs, upgrades, repairs and uninstalls Fanion silently, and looks after each step at exit codes, files and the
registry. build.sh starts it with Windows' Python under Wine; on a real Windows it needs an administrator. It refuses a
computer that has a Fanion, or data of one. Exit code 0: all was as it should be; 1: something was not.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    sys.exit("This is for Windows, or Wine.")

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.installer.windows.computer import (
    POLICIES,
    Done,
    WrongError,
    is_key,
    is_wine,
    require,
    require_protected,
    run,
    value,
    wait_until,
)

PROGRAM: Final = Path(os.environ["PROGRAMW6432"]) / "Fanion"
MACHINE: Final = Path(os.environ["PROGRAMDATA"]) / "Fanion"
DATA: Final = Path(os.environ["LOCALAPPDATA"]) / "fanion"
#: Wine's Start menu of all users is the user's own for Windows Installer.
SHORTCUT: Final = (
    Path(os.environ["APPDATA" if is_wine() else "PROGRAMDATA"]) / r"Microsoft\Windows\Start Menu\Programs\Fanion.lnk"
)
KEY: Final = r"Software\Fanion"
SETUP_KEY: Final = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\Fanion"
FAILURE: Final = 1603
OTHER_INSTALLED: Final = 1638


def msiexec(action: str, package: Path, *properties: str, expect: int = 0) -> Done:
    """Run Windows Installer silently, and read its log, in which Wine leaves out what a condition says.

    Raises WrongError, with the end of the log, if it ends with another code.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "install.log")
        done = run(["msiexec", action, package, "/qn", "/norestart", "/l*v", log, *properties], expect=None)
        said = log.read_bytes() if log.exists() else b""
    text = said.decode("utf-16" if said.startswith(b"\xff\xfe") else "utf-8", errors="replace")
    require(done.code == expect, f"msiexec {action} ended with {done.code} instead of {expect}: {text[-1500:]}")
    return Done(done.code, text, done.err)


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: a package, a setup program, and a package of an older version with a file that the newer has
    not."""

    package: Path
    setup: Path | None
    older: Path | None

    old_file = PROGRAM / "lib" / "only-in-the-older.txt"
    foreign = PROGRAM / "notes of the administrator.txt"

    def steps(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        return (
            ("nothing of Fanion is here yet", self.nothing_here),
            ("beside the setup program's Fanion it is not installed", self.beside_setup),
            ("an older version is installed silently", self.install_older),
            ("the new one is installed over it: old files gone, others' files and settings kept", self.install),
            ("the registry has what a deployment tool asks for", self.entries),
            ("fanion.exe self-test", self.self_test),
            ("the setup program does not install over it (1638)", self.setup_over_it),
            ("an older version over it is refused", self.downgrade),
            ("a repair brings back a missing and a changed file", self.repair),
            ("a running command holds off repair and removal", self.running_command),
            ("uninstalled silently: program and entries gone, settings kept", self.uninstall),
        )

    def nothing_here(self) -> None:
        with suppress(OSError):
            MACHINE.rmdir()  # an empty one is what an uninstalled Fanion has left
        there = [str(path) for path in (PROGRAM, DATA, MACHINE) if path.exists()]
        there += [key for key in (KEY, SETUP_KEY, POLICIES) if is_key(key)]
        require(not there, f"This computer has something of Fanion already, so nothing is tried here: {there}")

    def beside_setup(self) -> None:
        if self.setup is None:
            return
        run([self.setup, "/S"])
        said = msiexec("/i", self.package, expect=FAILURE)
        require(is_wine() or "its setup program" in said.out, "Why it was refused is not said.")
        run(str(value(SETUP_KEY, "QuietUninstallString")))
        wait_until(lambda: not PROGRAM.exists(), "The setup program's Fanion was not removed.")
        shutil.rmtree(MACHINE, ignore_errors=True)

    def install_older(self) -> None:
        if self.older is None:
            return
        msiexec("/i", self.older)
        require(self.old_file.exists(), "The older version is not there after its installation.")

    def install(self) -> None:
        PROGRAM.mkdir(exist_ok=True)
        self.foreign.write_text("keep this", encoding="ascii")
        msiexec("/i", self.package)
        # Wine knows nothing of the table with the access lists; Windows does.
        require(MACHINE.is_dir() if is_wine() else not require_protected(MACHINE), f"There is no {MACHINE}.")
        (MACHINE / "settings.toml").write_text('desk = "Tour Jeanne-Mance"\n', encoding="utf-8")
        require((PROGRAM / "fanionw.exe").is_file(), "fanionw.exe is not there after the installation.")
        require(not self.old_file.exists(), "A file of the older version was left.")
        require(self.foreign.read_text(encoding="ascii") == "keep this", "Somebody else's file was touched.")
        require(SHORTCUT.is_file(), "The Start menu has no entry.")

    def entries(self) -> None:
        version = json.loads(run([PROGRAM / "fanion.exe", "self-test", "--json"], expect=None).out)["version"]
        for name, wanted in (("Version", version), ("Installer", "msi"), ("InstallLocation", f"{PROGRAM}\\")):
            found = value(KEY, name)
            require(found == wanted, f"{name} is {found!r} instead of {wanted!r}.")
        require(not is_key(SETUP_KEY), "The older of two entries in the list of programs is left.")

    def self_test(self) -> None:
        answer = json.loads(run([PROGRAM / "fanion.exe", "self-test", "--json"], expect=None).out)
        wrong = [f"{part['part']}: {part['says']} {part['detail']}" for part in answer["parts"] if not part["ok"]]
        require(answer["ok"] and not wrong, "The self-test is not in order. " + "; ".join(wrong))

    def setup_over_it(self) -> None:
        if self.setup is not None:
            done = run([self.setup, "/S"], expect=OTHER_INSTALLED)
            require(".msi" in done.out, "Why it was refused is not said.")

    def downgrade(self) -> None:
        if self.older is not None:
            said = msiexec("/i", self.older, expect=FAILURE)
            require(is_wine() or "A newer Fanion" in said.out, "Why it was refused is not said.")

    def repair(self) -> None:
        missing, changed = PROGRAM / "lib" / "python3.dll", PROGRAM / "licences" / "LICENSE"
        whole = changed.read_bytes()
        missing.unlink()
        changed.write_text("changed", encoding="ascii")
        msiexec("/i", self.package, "REINSTALL=ALL", "REINSTALLMODE=amus")
        require(missing.is_file(), "A missing file is still missing.")
        require(changed.read_bytes() == whole, "A changed file is still changed.")

    def running_command(self) -> None:
        serve: list[str | Path] = [PROGRAM / "fanion.exe", "practice", "--scenario", "walk-up", "--port", "0"]
        with subprocess.Popen(serve, stdout=subprocess.PIPE) as command:
            try:
                require(command.stdout and command.stdout.readline(), "The practice phone does not start.")
                msiexec("/i", self.package, "REINSTALL=ALL", "REINSTALLMODE=amus", expect=FAILURE)
                # Wine takes back nothing of a removal that fails; Windows does.
                if not is_wine():
                    msiexec("/x", self.package, expect=FAILURE)
            finally:
                command.terminate()
        require((PROGRAM / "fanion.exe").is_file(), "A program that ran was removed.")

    def uninstall(self) -> None:
        self.foreign.unlink()
        msiexec("/x", self.package)
        require(not PROGRAM.exists(), f"{PROGRAM} was left: {[path.name for path in PROGRAM.glob('*')]}")
        require(not SHORTCUT.exists(), "The Start menu still has its entry.")
        require(not is_key(KEY), "The registry still has Fanion's key.")
        require((MACHINE / "settings.toml").is_file(), "Uninstalling touched the settings.")


def main(arguments: list[str]) -> int:
    if not 1 <= len(arguments) <= 3:
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    package, setup, older = [*(Path(argument).resolve() for argument in arguments), None, None][:3]
    assert package is not None
    os.chdir(tempfile.gettempdir())
    began = False
    try:
        for what, step in Trial(package, setup, older).steps():
            start = time.monotonic()
            try:
                step()
            except (WrongError, OSError, ValueError, KeyError) as wrong:
                print(f"FAILED  {what}\n{wrong}", flush=True)
                return 1
            began = True
            print(f"ok {time.monotonic() - start:6.1f} s  {what}", flush=True)
        return 0
    finally:
        if began:  # else what is here was here before
            shutil.rmtree(DATA, ignore_errors=True)
            shutil.rmtree(MACHINE, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
