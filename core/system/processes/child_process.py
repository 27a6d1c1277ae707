"""How Fanion starts other programs: here, or in :mod:`core.system.processes.worker_processes`, and nowhere else.

What is started is named by its full path, found in a trusted folder (:mod:`core.system.processes.programs`), has an
environment that brings no code with it (:mod:`core.system.processes.surroundings`), and stands in a folder in which
nobody can put something in its way. ``tests/unit/test_processes.py`` finds whatever is started elsewhere.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import PIPE, CompletedProcess, Popen, TimeoutExpired
from typing import IO, NoReturn

from core.system.packaged import is_packaged
from core.system.processes.surroundings import own_environment, safe_folder

__all__ = ["PIPE", "CompletedProcess", "Popen", "TimeoutExpired", "begin", "own_process", "replace", "run"]


def begin(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
    stderr: int | IO[bytes] = subprocess.DEVNULL,
    in_terminal: bool = False,
) -> Popen[bytes]:
    """Start a program, which reads and says nothing unless it is given streams. Raises OSError.

    `in_terminal` lets it stand where this process stands, and ask the user there: for a program that is given what the
    user typed, which may name files from that folder.
    """
    if not os.path.isabs(command[0]):  # it would be looked for in PATH, and on Windows first where this process stands
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
    return subprocess.Popen(
        command,
        env=dict(environment),
        cwd=None if in_terminal else safe_folder(),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        creationflags=0 if in_terminal else getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def run(
    command: Sequence[str], environment: Mapping[str, str], *, timeout: float | None = None
) -> CompletedProcess[bytes]:
    """What a program says until its end, which is waited for. Raises OSError; TimeoutExpired, and has it ended."""
    with begin(command, environment, stdout=PIPE, stderr=PIPE) as process:
        try:
            output, complaints = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return CompletedProcess(command, process.returncode, output, complaints)


def own_process(*words: str) -> tuple[list[str], dict[str, str]]:
    """The command that starts this Fanion once more with these words, and the environment that it needs."""
    if is_packaged():
        return [sys.executable, *words], own_environment()
    clone = str(Path(__file__).resolve().parents[3])
    return [sys.executable, "-P", "-m", "gui", *words], own_environment() | {"PYTHONPATH": clone}


def replace(command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Put a program in the place of this process, in its working directory. Raises OSError.

    On Windows it goes on in a process of its own, and this one ends.
    """
    if not os.path.isabs(command[0]):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
    if os.name == "nt":
        subprocess.Popen(command, env=dict(environment))
        sys.exit(0)
    os.execve(command[0], list(command), environment)  # noqa: S606 - a shell is not wanted
