"""A phone that is this computer's own shell: commands run for real, on real files, without ADB in between."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from core.jobs import Cancel
from core.phones.android.link.problems import TooMuch
from core.phones.android.link.transport import STREAM_LIMIT
from core.text import T


class LocalLink:
    """Runs each command in `shell`. `programs` are small shell scripts that stand before the computer's own.

    `changed` may alter an answer before it is fed. What was asked for is in `commands`, how much came in `fed`.
    """

    how = T("over USB")
    loopback = False
    lasting = True
    transport = ""

    def __init__(self, folder: Path, shell: str = "sh", **programs: str) -> None:
        if shutil.which(shell) is None or shutil.which("dd") is None:
            pytest.skip(f"needs {shell} and dd")
        self._shell = shell
        self._bin = folder / "bin"
        self._bin.mkdir()
        self.commands: list[str] = []
        self.raw: list[bool] = []
        self.fed: list[int] = []
        self.changed: Callable[[bytes], bytes] = lambda answer: answer
        self.program("getprop", "echo 34")
        for name, text in programs.items():
            self.program(name, text)

    def program(self, name: str, text: str) -> None:
        file = self._bin / name
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)

    def run(
        self,
        command: str,
        feed: Callable[[bytes], None],
        cancel: Cancel,
        limit: int = STREAM_LIMIT,
        *,
        raw: bool = False,
    ) -> None:
        cancel.check()
        self.commands.append(command)
        self.raw.append(raw)
        environment = {"PATH": f"{self._bin}:{os.environ['PATH']}"}
        done = subprocess.run([self._shell, "-c", command], stdout=subprocess.PIPE, env=environment, check=False)
        answer = self.changed(done.stdout)
        self.fed.append(len(answer))
        feed(answer[:limit])
        if len(answer) > limit:
            raise TooMuch(limit)

    def close(self) -> None:
        """Nothing is held."""
