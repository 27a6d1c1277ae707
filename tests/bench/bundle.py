"""The bundle that is installed against the source tree: how soon its window answers, and how soon a command does."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "dist" / "fanion" / "fanion"
TREE = (sys.executable, "-m", "gui")
_ROUNDS = 11


def start() -> None:
    """The window, from the start of the process until it says that it is seen; then a command, until it has ended."""
    if not BUNDLE.exists():
        print("bundle / source tree: no bundle here; build one: python3 installer/bootstrap.py package")
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "settings.toml").write_text('officer = "A. Roy"\ndesk = "Desk 4"\n')
        for what, once in (("window", _window), ("fanion --version", _version), ("a practice check", _check)):
            once(TREE, folder), once([str(BUNDLE)], folder)  # what is read from the disk is read before
            tree, bundle = [], []
            for _ in range(_ROUNDS):
                tree.append(once(TREE, folder))
                bundle.append(once([str(BUNDLE)], folder))
            ours, theirs = statistics.median(bundle), statistics.median(tree)
            print(f"{what}, bundle / source tree: {ours / theirs:.2f}  ({ours:.3f} s / {theirs:.3f} s)")


def _window(command: Sequence[str], folder: str) -> float:
    """Seconds until the window answers a second start, which it does once it was painted."""
    begun = time.perf_counter()
    quiet = subprocess.DEVNULL
    window = subprocess.Popen([*command, "--data", folder], cwd=ROOT, env=_environment(), stderr=quiet)
    try:
        while not _answers(Path(folder, "window.socket")):
            if window.poll() is not None:
                raise RuntimeError("the window did not open")
            time.sleep(0.001)
        return time.perf_counter() - begun
    finally:
        window.send_signal(signal.SIGTERM)
        window.wait()


def _answers(path: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(path))
        caller.sendall(b"fanion 1 show\n")
        return caller.recv(64).startswith(b"fanion 1 shown")
    return False


def _version(command: Sequence[str], folder: str) -> float:
    return _run(command, "--version")


def _check(command: Sequence[str], folder: str) -> float:
    return _run(command, "check", "--practice", "clean", "--data", folder)


def _run(command: Sequence[str], *words: str) -> float:
    begun = time.perf_counter()
    quiet = subprocess.DEVNULL
    subprocess.run([*command, *words], cwd=ROOT, env=_environment(), stdout=quiet, stderr=quiet, check=False)
    return time.perf_counter() - begun


def _environment() -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
