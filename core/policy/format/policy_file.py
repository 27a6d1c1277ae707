"""Policy files: read from a disk or from Fanion itself, and checked to the last key before anything trusts them."""

from __future__ import annotations

import hashlib
import re
import tomllib
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import islice
from pathlib import Path
from typing import Any, Final

from core.model import Policy
from core.policy.format.lines import deep_keys, line_of, locate
from core.policy.format.schema import faults
from core.policy.format.tables import build
from core.policy.problems import PolicyProblem
from core.text import T, Text, plain

#: In bytes. The largest public list of apps met so far would need about half of it.
LIMIT: Final = 1_000_000

#: Faults that are told of one file: who made more of them has to begin anew.
FAULTS_LIMIT: Final = 1_000
#: Full stops between two values. Python's reader takes time that grows with the square of a key's length.
KEY_PARTS: Final = 64

_SUFFIX: Final = ".toml"
#: The last sound policies, by their files' names and exact bytes: what is in force, which may be several files, is
#: asked for anew with every check of every phone.
_KEPT: Final = 8
_last: Final[dict[tuple[str, bytes], Policy]] = {}
# The form in which every version of tomllib says where it stopped, unless that was the end of the document.
_STOPPED: Final = re.compile(r"at line (?P<line>\d+), column (?P<column>\d+)")


def load(file: Path | Traversable) -> Policy:
    """The policy in `file`. Raises PolicyProblem, for the first fault by line, if anything at all is wrong with it."""
    return parse(read(file), file.name)


def parse(data: bytes, name: str) -> Policy:
    """The policy in `data`, the bytes of a file of that name. Raises PolicyProblem as :func:`load` does."""
    result = examine_bytes(data, name)
    if isinstance(result, Policy):
        return result
    raise result[0]


def examine(file: Path | Traversable) -> Policy | tuple[PolicyProblem, ...]:
    """The policy in `file`, or else all that is wrong with it, by line: just one thing if it is not TOML."""
    try:
        return examine_bytes(read(file), file.name)
    except PolicyProblem as problem:
        return (problem,)


def examine_bytes(data: bytes, name: str) -> Policy | tuple[PolicyProblem, ...]:
    """The policy in `data`, the bytes of a file of that name, or all that is wrong with it: see :func:`examine`."""
    name = plain(name)
    cached = _last.pop((name, data), None)
    if cached is not None:
        _last[name, data] = cached  # the one that was asked for last goes last
        return cached
    try:
        text = _decoded(data, name)
        document = _parsed(text, name)
    except PolicyProblem as problem:
        return (problem,)
    first_faults = list(islice(faults(document), FAULTS_LIMIT))
    if not first_faults:
        policy = build(document, hashlib.sha256(data).hexdigest(), name)
        while len(_last) >= _KEPT:
            _last.pop(next(iter(_last)), None)
        _last[name, data] = policy
        return policy
    lines = locate(text)
    placed = sorted(((line_of(lines, fault.path), fault) for fault in first_faults), key=lambda pair: pair[0])
    return tuple(_fault(name, line, fault.sentence) for line, fault in placed)


def read(file: Path | Traversable) -> bytes:
    """The bytes of a policy file, whatever they say. Raises PolicyProblem."""
    name = plain(file.name)
    try:
        # Asked first, because opening a pipe or a device could wait for ever.
        if not file.is_file():
            raise PolicyProblem(
                T("The policy file {file} is not there.", file=plain(str(file), 1_000)),
                T("Connect its medium or put it back, or change “policy” in the settings."),
            )
        with file.open("rb") as opened:
            data = opened.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        raise PolicyProblem(
            T("The policy file {file} cannot be read.", file=name),
            T("Check that its drive is connected and that you are allowed to open it."),
            str(error),
        ) from error
    if len(data) > LIMIT:
        raise PolicyProblem(
            T("The policy file {file} is larger than any policy needs to be.", file=name),
            T("Check that you chose the right file."),
        )
    return data


def built_in() -> tuple[str, ...]:
    """The names of the policies that come with Fanion, in alphabetical order."""
    files = (resources.files("resources") / "policies").iterdir()
    return tuple(sorted(file.name.removesuffix(_SUFFIX) for file in files if file.name.endswith(_SUFFIX)))


def load_built_in(name: str) -> Policy:
    """The policy of that name that comes with Fanion. Raises PolicyProblem if there is none."""
    if name not in built_in():
        raise PolicyProblem(
            T("Fanion has no built-in policy named “{name}”.", name=plain(name)),
            T("Choose one of these: {names}.", names=", ".join(built_in())),
        )
    return load(resources.files("resources") / "policies" / f"{name}{_SUFFIX}")


def _decoded(data: bytes, name: str) -> str:
    try:
        # Some editors on Windows begin a file with a byte order mark, which TOML does not know.
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise _fault(
            name,
            data.count(b"\n", 0, error.start) + 1,
            T("a character is not written in UTF-8."),
            T("Save the file again as UTF-8, or ask the person who gave it to you."),
            str(error),
        ) from error


def _parsed(text: str, name: str) -> dict[str, Any]:
    for line, dots in deep_keys(text, KEY_PARTS):
        raise _fault(name, line, T("a key has {count} parts, more than any key of a policy.", count=dots + 1))
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: TOMLDecodeError, and a number of thousands of digits
        stopped = _STOPPED.search(str(error))
        raise _fault(
            name,
            int(stopped["line"]) if stopped else text.rstrip("\n").count("\n") + 1,
            T("Fanion cannot make sense of the text here."),
            T("Look there and just before for a missing quotation mark, bracket or equals sign, or a key given twice."),
            str(error),
        ) from error


def _fault(name: str, line: int, sentence: Text, next_step: Text | None = None, detail: str = "") -> PolicyProblem:
    return PolicyProblem(
        T("{file}, line {line}: {what}", file=name, line=line, what=sentence),
        next_step or T("Correct the file, or ask the person who gave it to you."),
        detail,
        line,
    )
