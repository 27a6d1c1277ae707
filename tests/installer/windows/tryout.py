"""Try the installer on this Windows, as a department would use it.

    python tests/installer/windows/tryout.py SETUP [OLDER_SETUP]

It installs, upgrades, uses, locks by policy and uninstalls Fanion, and looks after each step at what a person or a
deployment tool would see: exit codes, files, the registry, and that no data was touched. build.sh starts it with
Windows' Python under Wine; on a real Windows it needs an administrator. It refuses a computer that has a Fanion, or
data of one, so that nothing on it can be lost. Exit code 0: all was as it should be; 1: something was not.
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

import winreg

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.installer.windows.computer import (
    LIMIT,
    POLICIES,
    Done,
    WrongError,
    described,
    digests,
    is_key,
    is_wine,
    link_to,
    policies,
    require,
    require_protected,
    run,
    value,
    wait_until,
    writable_by_all,
)

PROGRAM: Final = Path(os.environ["PROGRAMW6432"]) / "Fanion"
DATA: Final = Path(os.environ["LOCALAPPDATA"]) / "fanion"
MACHINE: Final = Path(os.environ["PROGRAMDATA"]) / "Fanion"
SHORTCUT: Final = Path(os.environ["PROGRAMDATA"]) / r"Microsoft\Windows\Start Menu\Programs\Fanion.lnk"
UNINSTALL_KEY: Final = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\Fanion"
#: Ours on the computer, whether or not Fanion is installed.
KEYS: Final = (
    UNINSTALL_KEY,
    r"Software\Fanion",
    r"Software\Microsoft\Windows\CurrentVersion\App Paths\fanion.exe",
    r"Software\Microsoft\Windows\CurrentVersion\App Paths\fanionw.exe",
)

RUNNING: Final = 1618
OLD_WINDOWS: Final = 1150
FAILURE: Final = 1603


def fanion(*arguments: str, expect: int | None = 0, more: dict[str, str] | None = None) -> Done:
    """Run the installed command line."""
    return run([PROGRAM / "fanion.exe", *arguments], expect=expect, more=more)


# --- the steps


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: an installer, and one of an older version, which has a file that the newer has not."""

    setup: Path
    older: Path | None

    #: Files in the program's folder: of the older version, and of an administrator.
    old_file = PROGRAM / "lib" / "only-in-the-older.txt"
    foreign = PROGRAM / "notes of the administrator.txt"

    def steps(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        return (
            ("nothing of Fanion is here yet", self.nothing_here),
            (
                "into another folder: it and those around it are the administrators'; through a link: not",
                self.elsewhere,
            ),
            ("an older version is installed silently", self.install_older),
            ("the new one is installed over it: old files gone, others' files kept", self.install),
            ("Windows' list of programs has it, with all that a deployment tool asks for", self.entries),
            ("both programs say what they are, in English and French", self.versions),
            ("fanion.exe self-test", self.self_test),
            ("fanionw.exe runs without a console", self.windowed),
            ("a practice check is red, the removal makes it green, the log verifies", self.practice),
            ("group policies are obeyed: language, a locked name", self.obeys),
            ("a wrong policy is told, and nothing is judged with it", self.wrong_policy),
            ("no environment leads away from the department's settings", self.environment),
            ("settings that everybody can change are told, and nothing is judged with them", self.open_settings),
            ("a shared log that everybody can reach is refused, and one of administrators is not", self.shared_log),
            ("an open window holds off installer and uninstaller (1618)", self.open_window),
            ("a running command holds off installer and uninstaller (1618)", self.running_command),
            ("the same version again mends a missing file and touches no data", self.again),
            ("a Windows before 1809 is refused (1150)", self.old_windows),
            ("uninstalled silently: program and entries gone, data and settings kept", self.uninstall),
        )

    def nothing_here(self) -> None:
        with suppress(OSError):
            MACHINE.rmdir()  # an empty one is what an uninstalled Fanion has left
        there = [str(path) for path in (PROGRAM, DATA, MACHINE) if path.exists()]
        there += [key for key in (*KEYS, POLICIES) if is_key(key)]
        require(not there, f"This computer has something of Fanion already, so nothing is tried here: {there}")

    def elsewhere(self) -> None:
        if self.older is None:
            return
        top = Path(tempfile.gettempdir()).anchor / Path("fanion-tryout")
        folder, link = top / "Programs" / "Fanion", top / "link"
        try:
            run(f'"{self.older}" /S /D={folder}')
            for made in (top, top / "Programs", folder):
                require_protected(made)
            run(str(value(UNINSTALL_KEY, "QuietUninstallString")))
            self.wait_for_its_end(folder)
            target = top / "somebodys"
            (target / "fanion-new").mkdir(parents=True)
            (target / "fanion-new" / "file").touch()
            with link_to(target, link):
                for through in (link, link / "below" / "Fanion"):
                    done = run(f'"{self.older}" /S /D={through}', expect=FAILURE)
                    require(str(link) in done.out, f"That there is a link is not said, but: {done.out}")
            left = sorted(path.name for path in target.rglob("*"))
            require(left == ["fanion-new", "file"], f"The installer wrote through a link: {left}")
            require(not is_key(UNINSTALL_KEY), "What was not installed is in the list of programs.")
        finally:
            shutil.rmtree(top, ignore_errors=True)
            shutil.rmtree(MACHINE, ignore_errors=True)  # so that the next one makes it, too

    def install_older(self) -> None:
        if self.older is None:
            return
        run([self.older, "/S"])
        self.set_for_all()
        require(self.old_file.exists(), "The older version is not there after its installation.")

    def install(self) -> None:
        PROGRAM.mkdir(exist_ok=True)
        self.foreign.write_text("keep this", encoding="ascii")
        run([self.setup, "/S"])
        self.set_for_all()
        require((PROGRAM / "fanionw.exe").is_file(), "fanionw.exe is not there after the installation.")
        require(not self.old_file.exists(), "A file of the older version was left.")
        require(not (PROGRAM / "fanion-new").exists(), "The folder for unpacking was left.")
        require(self.foreign.read_text(encoding="ascii") == "keep this", "Somebody else's file was touched.")
        require(SHORTCUT.is_file(), "The Start menu has no entry.")

    def set_for_all(self) -> None:
        """What an administrator does after the first installation, and no other account may."""
        require_protected(MACHINE)
        (MACHINE / "settings.toml").write_text('desk = "Tour Jeanne-Mance"\n', encoding="utf-8")

    def entries(self) -> None:
        expected = {
            "DisplayName": "Fanion",
            "Publisher": "Fanion",
            "InstallLocation": str(PROGRAM),
            "UninstallString": f'"{PROGRAM}\\uninstall.exe"',
            "QuietUninstallString": f'"{PROGRAM}\\uninstall.exe" /S _?={PROGRAM}',
            "NoModify": 1,
        }
        for name, wanted in expected.items():
            found = value(UNINSTALL_KEY, name)
            require(found == wanted, f"{name} is {found!r} instead of {wanted!r}.")
        version = json.loads(fanion("self-test", "--json").out)["version"]
        require(value(UNINSTALL_KEY, "DisplayVersion") == version, "DisplayVersion is not the program's version.")
        size = sum(path.stat().st_size for path in PROGRAM.rglob("*") if path.is_file()) / 1024
        told = value(UNINSTALL_KEY, "EstimatedSize")
        require(abs(told - size) < size / 20, f"EstimatedSize is {told} KB, and there are {size:.0f} KB.")
        require(value(KEYS[2], "") == str(PROGRAM / "fanion.exe"), "Windows' Run box does not find fanion.")

    def versions(self) -> None:
        for name, english, french in (
            ("fanion.exe", "Fanion (command line)", "Fanion (ligne de commande)"),
            ("fanionw.exe", "Fanion", "Fanion"),
        ):
            found = (described(PROGRAM / name, "0409"), described(PROGRAM / name, "0C0C"))
            require(found == (english, french), f"{name} calls itself {found}.")

    def self_test(self) -> None:
        answer = json.loads(run([PROGRAM / "fanion.exe", "self-test", "--json"], expect=None).out)
        wrong = [f"{part['part']}: {part['says']} {part['detail']}" for part in answer["parts"] if not part["ok"]]
        require(answer["ok"] and not wrong, "The self-test is not in order. " + "; ".join(wrong))

    def windowed(self) -> None:
        # As Windows' shell starts it: with no streams at all.
        code = subprocess.run(
            [PROGRAM / "fanionw.exe", "self-test"],
            creationflags=subprocess.DETACHED_PROCESS,
            timeout=LIMIT,
            check=False,
        ).returncode
        require(code == 0, f"fanionw.exe self-test ended with {code}.")

    def practice(self) -> None:
        check = json.loads(fanion("check", "--practice", "walk-up", "--json", expect=1).out)
        require(check["verdict"] == "red", "The practice check is not red.")
        removal = fanion("remove", "--practice", "walk-up", "--yes", "--json")
        require(json.loads(removal.out), "The removal answered nothing.")
        fanion("log", "verify", "--practice")

    def obeys(self) -> None:
        DATA.mkdir(exist_ok=True)
        (DATA / "settings.toml").write_text('officer = "Somebody Else"\nlanguage = "en"\n', encoding="utf-8")
        require("Green" in fanion("check", "--practice", "clean").out, "Fanion does not speak English.")
        with policies(language="fr", officer="Agente Tremblay", ask_imei=1, retention_months=24):
            told = fanion("check", "--practice", "clean").out
            require("Vert" in told, f"Fanion does not speak French, as its policy says: {told}")
            settings = fanion("self-test").out
            require("Agente Tremblay" in settings, f"Fanion does not use the policy's officer: {settings}")
            require("Tour Jeanne-Mance" in settings, "Fanion does not use the desk of the department's file.")
        with policies(desk="Bureau 401"):
            require("Bureau 401" in fanion("self-test").out, "A policy does not win over the department's file.")

    def wrong_policy(self) -> None:
        with policies(retention_months="soon"):
            done = fanion("check", "--practice", "clean", expect=5)
        require("retention_months" in done.err, f"Fanion does not say which policy is wrong: {done.err}")
        require("Traceback" not in done.err, "A traceback reached the user.")

    def environment(self) -> None:
        with tempfile.TemporaryDirectory() as mine:
            (Path(mine) / "Fanion").mkdir()
            (Path(mine) / "Fanion" / "settings.toml").write_text('desk = "My own"\n', encoding="utf-8")
            names = ("WIN_PD_OVERRIDE_COMMON_APPDATA", "PROGRAMDATA", "ALLUSERSPROFILE")
            told = fanion("self-test", more=dict.fromkeys(names, mine)).out
        require("Tour Jeanne-Mance" in told, f"The environment leads to other settings: {told}")

    def open_settings(self) -> None:
        for place in (MACHINE, MACHINE / "settings.toml"):
            with writable_by_all(place):
                done = fanion("check", "--practice", "clean", expect=5)
            require(f"{place} can be changed by others" in done.err, f"Who can change {place} is not said: {done.err}")
        fanion("check", "--practice", "clean")

    def shared_log(self) -> None:
        folder = Path(tempfile.mkdtemp())
        with policies(shared_log=str(folder)):
            with writable_by_all(folder):
                done = fanion("log", "verify", expect=5)
            require("Any user could change the log" in done.err, f"An open folder was not refused: {done.err}")
            require("S-1-1-0" in done.err, f"How it is closed is not said: {done.err}")
            done = fanion("log", "verify", expect=None)
            require("Nothing has been recorded yet" in done.err, f"A folder of administrators is refused: {done.err}")
        folder.rmdir()

    def held_off(self) -> None:
        for command in (f'"{self.setup}" /S', str(value(UNINSTALL_KEY, "QuietUninstallString"))):
            done = run(command, expect=RUNNING)
            require("Fanion" in done.out, "Why it was held off is not said.")

    def open_window(self) -> None:
        before = digests(PROGRAM)
        with subprocess.Popen([PROGRAM / "fanionw.exe"], creationflags=subprocess.DETACHED_PROCESS) as window:
            try:
                end = time.monotonic() + LIMIT
                # A second start hands over to the first and ends; before the first one listens, it would be the first.
                while not any(DATA.glob("*.lock")):
                    require(window.poll() is None, f"The window ended with {window.returncode}.")
                    require(time.monotonic() < end, "The window did not open.")
                    time.sleep(0.1)
                run([PROGRAM / "fanionw.exe"])
                require(window.poll() is None, "The window did not stay open.")
                self.held_off()
            finally:
                window.terminate()
        require(digests(PROGRAM) == before, "Files changed although Fanion was open.")

    def running_command(self) -> None:
        serve: list[str | Path] = [PROGRAM / "fanion.exe", "practice", "--scenario", "walk-up", "--port", "0"]
        with subprocess.Popen(serve, stdout=subprocess.PIPE) as command:
            try:
                require(command.stdout and command.stdout.readline(), "The practice phone does not start.")
                self.held_off()
            finally:
                command.terminate()

    def again(self) -> None:
        before = digests(DATA)
        missing = PROGRAM / "lib" / "python3.dll"
        missing.unlink()
        run([self.setup, "/S"])
        require(missing.is_file(), "A missing file is still missing.")
        require(digests(DATA) == before, "The installation touched the user's data.")
        require(self.foreign.exists(), "Somebody else's file was removed.")
        fanion("log", "verify", "--practice")

    def old_windows(self) -> None:
        if not is_wine():
            return
        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, r"Software\Wine") as key:
            winreg.SetValueEx(key, "Version", 0, winreg.REG_SZ, "win81")
            try:
                done = run([self.setup, "/S"], expect=OLD_WINDOWS)
            finally:
                winreg.DeleteValue(key, "Version")
        require("1809" in done.out, "Which Windows is needed is not said.")

    def wait_for_its_end(self, folder: Path) -> None:
        """Wait for what the uninstaller leaves: itself and the folder go once it has ended."""
        left = [path.name for path in folder.iterdir()] if folder.exists() else []
        require(left in ([], ["uninstall.exe"]), f"The program's folder was left, with {left}.")
        wait_until(lambda: not folder.exists(), f"The program's folder was left, with {left}.")

    def uninstall(self) -> None:
        self.foreign.unlink()
        before = digests(DATA) | digests(MACHINE)
        run(str(value(UNINSTALL_KEY, "QuietUninstallString")))
        self.wait_for_its_end(PROGRAM)
        require(not SHORTCUT.exists(), "The Start menu still has its entry.")
        left_keys = [key for key in KEYS if is_key(key)]
        require(not left_keys, f"The registry still has {left_keys}.")
        require(digests(DATA) | digests(MACHINE) == before, "Uninstalling touched data or settings.")


def main(arguments: list[str]) -> int:
    if not 1 <= len(arguments) <= 2:
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    trial = Trial(Path(arguments[0]).resolve(), Path(arguments[1]).resolve() if len(arguments) == 2 else None)
    os.chdir(tempfile.gettempdir())
    began = False
    try:
        for what, step in trial.steps():
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
