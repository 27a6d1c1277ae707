"""The command line, run in this process: the one place where tests call it."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from core.cli import Probe, main


class Answer(NamedTuple):
    """The exit code of a command, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*words: object, probes: Sequence[Probe] = ()) -> Answer:
    """Run one command, as ``run("log", "list")``. Nobody is at the keyboard unless the test has put somebody there."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(word) for word in words], probes)
        except SystemExit as end:  # argparse's way out
            code = int(end.code or 0)
    return Answer(code, *(_text(stream) for stream in (out, err)))


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
