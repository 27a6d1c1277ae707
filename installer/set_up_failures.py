"""Why a set-up cannot go on, told from what pip, Python and the system wrote: one sentence, and what to do about it.

Only the standard library is used.
"""

from __future__ import annotations

import errno
import platform
import re
import shutil
import sys
from pathlib import Path
from typing import Final

#: The newest Python that Fanion is tried with, and all of them in words: the packages that are named with their hashes
#: are for these.
NEWEST_PYTHON: Final = (3, 14)
PYTHONS: Final = f"Python 3.11 to {NEWEST_PYTHON[0]}.{NEWEST_PYTHON[1]}"

#: What pip writes once every package is downloaded and compared, and the environment begins to change.
INSTALLING: Final = "Installing collected packages"
#: How a line of pip's begins that only comes once an index, a folder or a cache has answered.
_ANSWERS: Final = re.compile(
    r"^\s*(Collecting|Processing|Obtaining|Downloading|Using cached|Requirement already)", re.M
)

AGAIN: Final = "Then start the same command again: it goes on where it stopped."
_MORE_ROOM: Final = "Make room on this disk, or put the clone on another one."
_OWN_FOLDER: Final = "Put the clone into a folder of your own."
NETWORK: Final = (
    "Connect this computer to the network, or have PIP_INDEX_URL and HTTPS_PROXY, or pip's settings, "
    "name what it reaches."
)

#: A host in an address, without the name and password that may stand before it.
_HOST: Final = re.compile(r"https?://(?:[^/@\s'\"]*@)?([\w.:\[\]-]+)")
#: What pip warns of before it tries once more.
_RETRIED: Final = re.compile(r"^.*Retrying \(Retry\(.*$", re.M)
#: Signs in pip's full log, in this order: what is sure before what may only follow from it.
_FULL: Final = re.compile(r"No space left on device|\[Errno 28\]|Disk quota exceeded|\[Errno 122\]")
_NOT_WRITABLE: Final = re.compile(r"\[Errno (?:13|30)\] [\w -]+: '([^'\n]+)'")
_HASHES: Final = re.compile(r"DO NOT MATCH THE HASHES")
_PROXY: Final = re.compile(r"ProxyError|407 (?:Client Error|Proxy Authentication)|Tunnel connection failed")
_CERTIFICATE: Final = re.compile(r"CERTIFICATE_VERIFY_FAILED|problem confirming the ssl certificate|SSLError")
_REFUSED: Final = re.compile(
    r"(?P<answer>[45]\d\d) (?:Client|Server) Error|HTTP error (?P<file>[45]\d\d)|too many (?P<many>[45]\d\d) error"
)
_NOT_SECURE: Final = re.compile(r"located at (\S+) is not a trusted or secure host")
_NO_ANSWER: Final = re.compile(
    r"connection error|timed out|Temporary failure in name resolution|Name or service not known"
    r"|Network is unreachable|NewConnectionError|Connection reset|Connection aborted|IncompleteRead"
)
_NO_PACKAGE: Final = re.compile(
    r"No matching distribution found for ([\w.-]+)|([\w.-]+)[^\n]{0,80}requires a different Python"
    r"|ERROR: ([\w.+-]+\.whl) is not a supported wheel"
)


class BootstrapProblem(Exception):  # noqa: N818 - what the person at the keyboard reads, after which nothing more happens
    """The set-up cannot go on: why, and what to do."""

    #: The exit code that the program ends with.
    code = 1


def index_answered(log: str) -> bool:
    """Whether pip, as far as it has come, has had an answer to its first question."""
    return _ANSWERS.search(log) is not None


def why_pip_failed(log: str) -> str:
    """One sentence on why pip has failed and one on what to do, from its full log; empty for what is not known."""
    log = _RETRIED.sub("", log)
    if _HASHES.search(log):
        return "A package that was downloaded is not the one that this project names, and was not installed. Report it."
    if _FULL.search(log):
        return f"The disk is full. {_MORE_ROOM} {AGAIN}"
    if match := _NOT_WRITABLE.search(log):
        return f"{match[1]} cannot be written to. {_OWN_FOLDER} {AGAIN}"
    if match := _PROXY.search(log):
        return (
            f"The proxy does not let pip through to {_index(log, match)}. Have HTTPS_PROXY, or pip's settings, name it "
            f"as your network wants it. {AGAIN}"
        )
    if match := _CERTIFICATE.search(log):
        return (
            f"pip does not trust the certificate of {_index(log, match)}. Have PIP_CERT, or pip's settings, name your "
            f"network's own certificates. {AGAIN}"
        )
    if match := _REFUSED.search(log):
        code = match["answer"] or match["file"] or match["many"]
        return (
            f"{_first(_index(log, match))} refuses to hand out packages (HTTP {code}). Have PIP_INDEX_URL, or pip's "
            f"settings, name one that this computer may use. {AGAIN}"
        )
    if match := _NOT_SECURE.search(log):
        return (
            f"pip does not ask {_index(log, match)}, which is without TLS. Have PIP_INDEX_URL, or pip's settings, name "
            f"one that begins with https. {AGAIN}"
        )
    if match := _NO_ANSWER.search(log):
        return f"{_first(_index(log, match))} cannot be reached. {NETWORK} {AGAIN}"
    if match := _NO_PACKAGE.search(log):
        name = next(filter(None, match.groups()))
        return (
            f"{_first(_index(log, match))} has no {name} for this Python ({this_python()}). Start the same command "
            f"with another one ({PYTHONS}, of 64 bits), or have PIP_INDEX_URL name an index that has it."
        )
    return ""


def _index(log: str, match: re.Match[str]) -> str:
    """The index that a line of the log is about, or else the first that the log names."""
    line = log[log.rfind("\n", 0, match.start()) + 1 : (log + "\n").index("\n", match.end())]
    host = _HOST.search(line) or _HOST.search(log)
    return f"the package index ({host[1]})" if host else "the package index"


def _first(words: str) -> str:
    """Words as a sentence begins with them."""
    return words[:1].upper() + words[1:]


def this_python() -> str:
    """Which Python runs this, and on what."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return f"{platform.python_implementation()} {version}, {platform.system()}, {platform.machine()}"


def why_system_refused(error: OSError, folder: Path) -> str:
    """One sentence and what to do for an error of the system's while `folder`, the clone, is set up."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full. {_MORE_ROOM} {AGAIN}"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        place = error.filename or folder
        return f"{place} cannot be written to ({error.strerror}). {_OWN_FOLDER} Then start the same command there."
    return f"The set-up cannot go on: {error}"


def demand_python(version: tuple[int, int], implementation: str) -> None:
    """Raise BootstrapProblem for a Python whose packages there are not: pip would try to build them, for minutes."""
    if implementation != "cpython" or version > NEWEST_PYTHON:
        raise BootstrapProblem(
            f"Fanion is tried with {PYTHONS} (CPython), and this is {this_python()}. "
            "Start the same command with one of those."
        )


def demand_room(folder: Path, needed: int) -> None:
    """Raise BootstrapProblem where the disk of `folder` has less room than the megabytes that are `needed`."""
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < needed:
        raise BootstrapProblem(
            f"Setting up needs {needed} MB in {folder}, and {free} MB are free there. {_MORE_ROOM}\n{AGAIN}"
        )
