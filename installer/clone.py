"""A clone that is set up: where everything lies in it, and programs that are started for it. Standard library only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

Command = Sequence[str | Path]


def say(sentence: str) -> None:
    """To stderr: stdout belongs to what is started."""
    print(sentence, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Clone:
    """Where everything lies."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def stamp(self) -> Path:
        return self.venv / "fanion-set-up.json"

    @property
    def part(self) -> Path:
        """Which steps of a set-up that failed are done."""
        return self.venv / "fanion-set-up-part.json"

    @property
    def pip_log(self) -> Path:
        return self.root / "build" / "pip.log"

    @property
    def log(self) -> Path:
        return self.root / "build" / "bootstrap.log"

    @property
    def lock(self) -> Path:
        return self.root / "build" / "bootstrap.lock"

    def program(self, name: str) -> Path:
        """A program of the virtual environment."""
        return self.venv / "Scripts" / f"{name}.exe" if os.name == "nt" else self.venv / "bin" / name


def environment() -> dict[str, str]:
    """Ours, less what would make a Python look for its packages elsewhere, or pip put them elsewhere; and programs are
    not looked for in the working directory."""
    strays = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
    variables = {name: value for name, value in os.environ.items() if name not in strays}
    folders = filter(os.path.isabs, os.environ.get("PATH", "").split(os.pathsep))
    return variables | {"PATH": os.pathsep.join(folders) or os.defpath}


def start(command: Command, **variables: str) -> int:
    """Run a program with our own screen and keyboard, and give its exit code as a shell would."""
    code = subprocess.run(command, env=environment() | variables, check=False).returncode
    return code if code >= 0 else 128 - code


def no_watch(process: subprocess.Popen[bytes]) -> None:
    """Nothing is said of the program while it runs."""


def logged(
    clone: Clone,
    command: Command,
    watch: Callable[[subprocess.Popen[bytes]], None] = no_watch,
    **variables: str,
) -> bool:
    """Run a program into the log; `watch` looks at it while it runs. False if it failed."""
    with clone.log.open("ab") as log:
        log.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        log.flush()
        process = subprocess.Popen(
            command,
            cwd=clone.root,
            env=environment() | variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            close_fds=False,  # the lock is handed on: see only_one()
        )
        try:
            watch(process)
            return process.wait() == 0
        except BaseException:
            process.kill()
            process.wait()
            raise


def last_error(clone: Clone) -> str:
    """The last error that pip (``ERROR: ...``) or apt (``E: ...``) wrote into the log, or the log's last line."""
    lines = [line.strip() for line in clone.log.read_text(encoding="utf-8", errors="replace").splitlines()]
    errors = [line.partition(": ")[2] for line in lines if line.startswith(("ERROR: ", "E: "))]
    return (errors or [line for line in lines if line])[-1].rstrip(".")
