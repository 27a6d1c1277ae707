"""pip, started for a set-up: what it could not do is told in a sentence. Only the standard library is used."""

from __future__ import annotations

import os
import subprocess
import tempfile
from typing import Final

from installer import set_up_failures
from installer.clone import Clone, Command, last_error, logged, say
from installer.set_up_failures import BootstrapProblem

#: Seconds after which it is said that no index has answered pip.
PATIENCE: Final = 8


def pip_install(clone: Clone, *arguments: str, patience: float = PATIENCE) -> None:
    """Have pip install packages into the environment. Raises BootstrapProblem where it fails.

    After `patience` seconds without an answer of an index it is said what is waited for.
    """
    # No build isolation: pip would fetch the build tools anew, and no hash would guard them.
    pip: Command = [
        "-m",
        "pip",
        "--no-input",
        "--log",
        clone.pip_log,
        "install",
        "--no-build-isolation",
        "--use-pep517",
    ]
    clone.pip_log.unlink(missing_ok=True)
    # What it unpacks lies where room was asked for, and is gone with it.
    with tempfile.TemporaryDirectory(prefix="pip-", dir=clone.log.parent, ignore_cleanup_errors=True) as folder:
        variables = {
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_RETRIES": os.environ.get("PIP_RETRIES", "3"),  # within ten seconds
            "PYTHONUTF8": "1",
            **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder),
        }
        command: Command = [clone.program("python"), *pip, *arguments]
        if logged(clone, command, lambda process: say_who_does_not_answer(clone, process, patience), **variables):
            return
    if sentence := set_up_failures.why_pip_failed(read_pip_log(clone)):
        raise BootstrapProblem(f"{sentence}\nThe full story is in {clone.log}")
    raise BootstrapProblem(
        f"pip could not install the packages: {last_error(clone)}. Check the network and pip's settings, "
        f"then start the same command again. The full story is in {clone.log}"
    )


def read_pip_log(clone: Clone) -> str:
    """All that the last pip has written, to its own log and to ours; empty where it has not begun."""
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in (clone.pip_log, clone.log) if path.exists()]
    return "\n".join([*texts[:-1], *(text.rpartition("\n$ ")[2] for text in texts[-1:])])


def say_who_does_not_answer(clone: Clone, pip: subprocess.Popen[bytes], patience: float) -> None:
    """Say it, in time, where no index has answered: pip itself may wait for minutes before it gives up."""
    try:
        pip.wait(patience)
    except subprocess.TimeoutExpired:
        if not set_up_failures.index_answered(read_pip_log(clone)):
            say(
                f"No package index has answered for {patience:g} s. {set_up_failures.NETWORK}\n"
                "Waiting for it; Ctrl+C ends this, and the same command goes on where it stopped."
            )
