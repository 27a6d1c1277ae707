"""How fast, as ratios: the same work done by something else on the same machine. Nothing here passes or fails.

python -m tests.bench            all
python -m tests.bench adb        a whole check against `adb shell` with the same script on the same daemon
python -m tests.bench parse      how fast the largest dump is parsed
python -m tests.bench many       32 practice phones at once against one
python -m tests.bench start      the window's first painting against that of a bare window
python -m tests.bench typing     a key in the search over 2,000 apps
python -m tests.bench late       how late the window's event loop gets while 32 phones are checked
python -m tests.bench cycles     what 200 phones, plugged, checked and unplugged, leave behind
python -m tests.bench log        a log of a million records against one of ten thousand (needs a gigabyte of room)
python -m tests.bench verify     the verification of a million records
python -m tests.bench append     a sealed check against a commit of one row
python -m tests.bench receipt    a receipt out of a million records
python -m tests.bench export     the export of a million records
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.check import check
from core.jobs import Cancel, silent
from core.model import Verdict
from core.phones.android import shell
from core.phones.android.dump import Dump
from core.phones.android.inventory import script
from core.phones.android.key import desk_key
from core.phones.android.link import connect_tcp
from core.phones.android.phone import AndroidPhone
from core.phones.practice import PracticeServer, load
from core.phones.reach import Reach
from core.policy import files
from tests.bench import append, export, log, receipt, verify, window

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
ADBD = Path("/usr/lib/android-sdk/platform-tools/adbd")
POLICY = files.load_built_in("canada")

BLOCK = """\
  Package [com.example.app{i}] (a1b2c3):
    appId={i}
    pkg=Package{{b828f71 com.example.app{i}}}
    codePath=/data/app/~~325smTR9oZ4UGISDj0YEkQ==/com.example.app{i}-b9EuZSUHjb7Ri4ctS29gMQ==
    versionCode=42 minSdk=24 targetSdk=34
    versionName=1.0.{i}
    lastUpdateTime=2026-03-01 10:00:00
    installerPackageName=com.android.vending
    signatures=PackageSignatures{{8214729 version:2, signatures:[260f9e73], past signatures:[]}}
    pkgFlags=[ HAS_CODE ALLOW_CLEAR_USER_DATA ALLOW_BACKUP ]
    requested permissions:
{permissions}
    User 0: ceDataInode=1 installed=true hidden=false suspended=false stopped=false enabled=0 instant=false
      firstInstallTime=2026-01-01 09:00:00
      runtime permissions:
{permissions}
"""


def seconds(work: Callable[[], object], times: int) -> float:
    """The median of several runs, after one that does not count."""
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def phone_of_500_apps(folder: Path, dumpsys: float, pm: float) -> Path:
    """Programs for adbd's PATH that answer from files, after so many seconds."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    permissions = "\n".join(
        f"      android.permission.SOMETHING_{n}: granted=true, flags=[ USER_SET]" for n in range(18)
    )
    dump = "Packages:\n" + "".join(BLOCK.format(i=i, permissions=permissions) for i in range(500)) + "\nQueries:\n"
    answers = {
        "getprop": "[ro.product.model]: [Bench]\n[ro.product.manufacturer]: [Fanion]\n[ro.build.version.sdk]: [34]\n",
        "users": "Users:\n\tUserInfo{0:Owner:4c13} running\n",
        "packages": "".join(f"package:com.example.app{i}\n" for i in range(500)),
        "dump": dump,
        "policy": "Current Device Policy Manager state:\n",
    }
    for name, text in answers.items():
        (folder / name).write_text(text)

    def program(name: str, text: str) -> None:
        (programs / name).write_text(f"#!/bin/sh\nD={folder}\n{text}\n")
        (programs / name).chmod(0o755)

    program("getprop", 'case $1 in "") exec cat $D/getprop;; *) echo 34;; esac')
    program("pm", f"sleep {pm}; case $2 in users) exec cat $D/users;; *) exec cat $D/packages;; esac")
    wait = f"sleep {dumpsys}; " if dumpsys else ""
    program(
        "dumpsys",
        f'case "$*" in *packages) {wait}exec cat $D/dump;; user) exec cat $D/users;; *) exec cat $D/policy;; esac',
    )
    return programs


def adb() -> None:
    """A whole check against the real `adb shell` that runs the same script on the same daemon."""
    if not ADBD.exists() or not shutil.which("adb") or not shutil.which("g++") or not SHARED.is_dir():
        print("adb: needs Debian's adb, adbd, g++ and the lab beside the project")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shim = folder / "shim.so"
        source = SHARED / "lab/adbd-shim.cpp"
        subprocess.run(["g++", "-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl"], check=True)
        for label, dumpsys, pm, times in (("as on a phone", 1.0, 0.1, 5), ("at once", 0.0, 0.0, 15)):
            bin_ = phone_of_500_apps(folder / label.replace(" ", "-"), dumpsys, pm)
            runner_ = str(SHARED / "lab/adbd-run.py")
            command = [sys.executable, runner_, "--shim", str(shim), "--path", str(bin_)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as runner:
                assert runner.stdout is not None
                port = int(runner.stdout.readline().split()[1])
                try:
                    compare(folder, port, label, times)
                finally:
                    runner.terminate()


def compare(folder: Path, port: int, label: str, times: int) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = free.getsockname()[1]
    environment = {**os.environ, "HOME": str(folder), "ANDROID_USER_HOME": str(folder)}

    def run(*words: str) -> None:
        subprocess.run(["adb", "-P", str(server), *words], env=environment, check=True, stdout=subprocess.DEVNULL)

    run("connect", f"127.0.0.1:{port}")
    try:
        start = seconds(lambda: run("version"), times)
        theirs = seconds(lambda: run("-s", f"127.0.0.1:{port}", "shell", script(shell.nonce())), times) - start
    finally:
        run("kill-server")
    driver = AndroidPhone(connect_tcp("127.0.0.1", port, desk_key(folder, "bench"), Cancel()))
    try:
        found = check(driver, POLICY, silent, Cancel())
        assert (found.verdict, len(found.inventory.apps)) == (Verdict.GREEN, 500)
        ours = seconds(lambda: check(driver, POLICY, silent, Cancel()), times)
    finally:
        driver.close()
    print(f"check / adb shell, 500 apps, phone answers {label}: {ours / theirs:.2f}  ({ours:.3f} s / {theirs:.3f} s)")


def parse() -> None:
    """The largest capture of a real phone, where there is one; else a made one."""
    captures = sorted((SHARED / "captures").glob("*/dumpsys_package.txt"), key=lambda f: f.stat().st_size)
    permissions = "\n".join(f"      android.permission.P{n}: granted=true" for n in range(40))
    made = "Packages:\n" + "".join(BLOCK.format(i=i, permissions=permissions) for i in range(500))
    data = captures[-1].read_bytes() if captures else made.encode()

    def read() -> None:
        dump = Dump()
        lines = shell.Lines(dump.block)
        for start in range(0, len(data), 65536):
            lines.feed(data[start : start + 65536])
        lines.end()
        dump.apps()

    rate = len(data) / seconds(read, 10) / 1e6
    split = len(data) / seconds(lambda: data.decode(errors="replace").split("\n"), 10) / 1e6
    print(f"parse: {rate:.0f} MB/s, {rate / split:.2f} of merely splitting it into lines  ({len(data) / 1e6:.1f} MB)")


def many() -> None:
    """As many practice phones at once as a desk might ever see, against one."""
    with tempfile.TemporaryDirectory() as folder:
        reach = Reach(Path(folder), "bench")

        def all_at_once(count: int) -> float:
            servers = [PracticeServer(load("walk-up")) for _ in range(count)]

            def one(server: PracticeServer) -> None:
                driver = reach.address("127.0.0.1", server.port, Cancel())
                assert check(driver, POLICY, silent, Cancel()).verdict is Verdict.RED
                driver.close()

            threads = [threading.Thread(target=one, args=(s,)) for s in servers]
            start = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            taken = time.perf_counter() - start
            for server in servers:
                server.close()
            return taken

        all_at_once(1)
        alone = statistics.median(all_at_once(1) for _ in range(3))
        together = statistics.median(all_at_once(32) for _ in range(3))
    print(f"32 practice phones at once / one: {together / alone:.2f}  ({together:.2f} s / {alone:.2f} s)")


if __name__ == "__main__":
    everything: dict[str, Callable[[], None]] = {
        "adb": adb,
        "parse": parse,
        "many": many,
        "start": window.start,
        "typing": window.typing,
        "late": window.late,
        "cycles": window.cycles,
        "log": log.log,
        "verify": verify.run,
        "append": append.run,
        "receipt": receipt.receipt,
        "export": export.run,
    }
    for name, bench in everything.items():
        if not sys.argv[1:] or name in sys.argv[1:]:
            bench()
