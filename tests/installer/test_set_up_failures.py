"""What stops a set-up is recognised, with what to do: by pip itself against indexes that refuse, and by its words."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import socket
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core import __version__
from core.head_office.questions.questions import connected
from core.head_office.store.tables import arrow
from core.jobs import Cancel
from core.problem import Problem
from installer import pip_run, set_up_failures
from installer.bootstrap import Clone
from installer.set_up_failures import BootstrapProblem

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the environment's Python is a shell script here")

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = set_up_failures.PYTHONS


def _connect() -> None:
    with connected(Cancel()):
        pass


@contextmanager
def an_index(answer: Callable[[], int]) -> Iterator[str]:
    """An index on this computer that answers each question with a status alone. Gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer())
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/simple"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """A clone whose environment has this Python's pip, and requirements that no index has."""
    made = Clone(tmp_path)
    python = made.program("python")
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    made.log.parent.mkdir()
    made.log.write_bytes(b"")
    (tmp_path / "wanted.txt").write_text(f"no-such-package==1 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    for name in ("HTTP_PROXY", "http_proxy", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_RETRIES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return made


def failure(clone: Clone, patience: float = pip_run.PATIENCE) -> str:
    with pytest.raises(BootstrapProblem) as stop:
        pip_run.pip_install(clone, "--require-hashes", "-r", "wanted.txt", patience=patience)
    assert list(clone.log.parent.glob("pip-*")) == []  # nothing of it is left
    return str(stop.value)


@pytest.mark.slow
@pytest.mark.parametrize("status", [401, 403, 404, 503])
def test_an_index_that_refuses_is_named_with_its_answer(
    clone: Clone, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    with an_index(lambda: status) as address:
        monkeypatch.setenv("PIP_INDEX_URL", address.replace("http://", "http://user:secret@"))
        told = failure(clone)
    host = address.split("/")[2].split(":")[0]
    assert told.startswith(f"The package index ({host}")
    assert f"refuses to hand out packages (HTTP {status})" in told
    assert "PIP_INDEX_URL" in told
    assert "secret" not in told


@pytest.mark.slow
def test_no_network_is_told(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:  # bound, and never listening
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}/simple")
        told = failure(clone)
    assert "cannot be reached. Connect this computer to the network" in told
    assert "it goes on where it stopped" in told


@pytest.mark.slow
def test_an_index_that_is_silent_is_told_while_it_is_waited_for(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()

    class Terminal(io.StringIO):
        def flush(self) -> None:
            told.set()

    def answer() -> int:
        told.wait()
        return 404

    with an_index(answer) as address, contextlib.redirect_stderr(Terminal()) as terminal:
        monkeypatch.setenv("PIP_INDEX_URL", address)
        failure(clone, patience=0.1)
    said = terminal.getvalue()
    assert said.startswith("No package index has answered")
    assert said.count("Ctrl+C ends this") == 1


def test_it_is_told_within_ten_seconds() -> None:
    assert pip_run.PATIENCE < 10


@pytest.mark.parametrize(
    ("log", "told", "step"),
    [
        (
            "Could not fetch URL https://pypi.example/simple/pbr/: connection error: HTTPSConnectionPool(host="
            "'pypi.example', port=443): Max retries exceeded with url: /simple/pbr/ (Caused by NewConnectionError("
            "'<...>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution'))\n"
            "ERROR: No matching distribution found for pbr==7.1.3",
            "The package index (pypi.example) cannot be reached.",
            "Connect this computer to the network",
        ),
        (
            "Could not fetch URL https://i.example/simple/pbr/: There was a problem confirming the ssl certificate: "
            "(Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] self-signed')))",
            "pip does not trust the certificate of the package index (i.example).",
            "PIP_CERT",
        ),
        (
            "Could not fetch URL https://i.example/simple/pbr/: connection error: (Caused by ProxyError('Cannot "
            "connect to proxy.', OSError('Tunnel connection failed: 407 Proxy Authentication Required')))",
            "The proxy does not let pip through to the package index (i.example).",
            "HTTPS_PROXY",
        ),
        (
            "Looking in indexes: https://i.example/simple\n"
            "ERROR: HTTP error 403 while getting https://files.example/cffi.whl",
            "The package index (files.example) refuses to hand out packages (HTTP 403).",
            "PIP_INDEX_URL",
        ),
        (
            "WARNING: The repository located at no-such.example is not a trusted or secure host and is being ignored.\n"
            "ERROR: No matching distribution found for pbr==7.1.3",
            "pip does not ask the package index, which is without TLS.",
            "one that begins with https",
        ),
        ("OSError: [Errno 28] No space left on device", "The disk is full.", "Make room on this disk"),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/c/.venv/lib/x'",
            "/c/.venv/lib/x cannot be written to.",
            "a folder of your own",
        ),
        ("ERROR: No matching distribution found for cffi==2.1.1", "has no cffi for this Python", PYTHONS),
        (
            "WARNING: Retrying (Retry(total=2)) after connection broken by 'ReadTimeoutError(\"timed out\")': /x\n"
            "ERROR: Package 'adb-shell' requires a different Python: 3.15.0 not in '<3.15'",
            "for this Python",
            PYTHONS,
        ),
    ],
)
def test_each_cause_has_its_sentence_and_its_step(log: str, told: str, step: str) -> None:
    sentence = set_up_failures.why_pip_failed(log)
    assert told in sentence
    assert step in sentence


def test_what_is_not_known_is_left_to_pips_own_words() -> None:
    assert set_up_failures.why_pip_failed("Segmentation fault") == ""


@pytest.mark.parametrize(
    ("number", "told"),
    [(errno.ENOSPC, "The disk is full."), (errno.EROFS, "/clone cannot be written to"), (errno.EIO, "cannot go on")],
)
def test_what_the_system_refuses_is_told(number: int, told: str) -> None:
    assert told in set_up_failures.why_system_refused(OSError(number, os.strerror(number)), Path("/clone"))


def test_the_pythons_are_those_that_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [line.rpartition(" ")[2] for line in project["classifiers"] if "Python :: 3." in line]
    newest = ".".join(map(str, set_up_failures.NEWEST_PYTHON))
    assert (named[0], named[-1], set_up_failures.PYTHONS) == ("3.11", newest, f"Python 3.11 to {newest}")


@pytest.mark.parametrize(("version", "implementation"), [((3, 15), "cpython"), ((3, 11), "pypy")])
def test_a_python_without_packages_is_told_before_anything_is_made(
    version: tuple[int, int], implementation: str
) -> None:
    with pytest.raises(BootstrapProblem, match="Start the same command with one of those"):
        set_up_failures.demand_python(version, implementation)
    set_up_failures.demand_python(set_up_failures.NEWEST_PYTHON, "cpython")


@pytest.mark.parametrize(("library", "act"), [("pyarrow", arrow), ("duckdb", _connect)])
def test_the_sentence_on_what_is_missing_names_both_ways_to_it(
    monkeypatch: pytest.MonkeyPatch, library: str, act: Callable[[], object]
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(Problem) as problem:
        act()
    for language in ("en", "fr"):
        assert library in problem.value.sentence.in_language(language)
        assert "python3 installer/bootstrap.py office" in problem.value.next_step.in_language(language)
        assert f"fanion-office {__version__} (.deb, .rpm" in problem.value.next_step.in_language(language)


# --- by which name it is installed

#: An installer of packages that would ask a public index for Fanion by its name.
FROM_AN_INDEX = re.compile(
    r"fanion\[|\b(?:pip3?|pipx|uvx|uv (?:pip|tool|add|run)|poetry add|conda|easy_install)\b"
    r"[^\n`|]*[ =\"']fanion(?:-office)?(?![\w/.-])"
)


def texts() -> Iterator[Path]:
    """Whatever of this project people read, and the code that speaks to them."""
    for folder in ("core", "gui", "installer", "resources", "docs", ".github"):
        for kind in ("*.py", "*.md", "*.po", "*.toml", "*.txt", "*.sh", "*.yml", "*.typ"):
            yield from (ROOT / folder).rglob(kind)
    yield from ROOT.glob("*.md")


def test_nobody_is_told_to_install_it_from_a_public_index() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in texts()
        for match in FROM_AN_INDEX.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "Install fanion[office].",
        "python3 -m pip install fanion",
        "pip install fanion-office",
        "pipx install 'fanion'",
        "uv tool install fanion",
    ],
)
def test_a_sentence_that_says_so_is_noticed(text: str) -> None:
    assert FROM_AN_INDEX.search(text)
