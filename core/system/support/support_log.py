"""The log for support: what one run of Fanion did, in a file that can be given away without giving a person away.

It is no evidence (that is the ledger), and there is nothing of a person or of a phone in it. That does not rest on the
care of those who write a line: a line is one of the :data:`Event` names with some :class:`EventFields`, whose values
are numbers, members of enumerations, kinds of exceptions, ids of rules, and sentences of the catalogue without what is
put into them. There is no way to log a text. What gets in all the same is withheld, and the line says so (``?``).

Phones are numbers: 1 is the first that this run has met. Lines go through the standard library's `logging`, to a logger
that no library writes to and that passes nothing on. They stay in memory until :func:`keep`: what only reads a data
folder leaves nothing in it. A log that cannot be written is no problem of Fanion's user: nothing here raises.
"""

from __future__ import annotations

import contextlib
import gettext
import logging
import os
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypedDict, Unpack, get_args

from core import __version__
from core.problem import Problem
from core.text import Text

if TYPE_CHECKING:
    from core.model import Check  # 30 classes that the window's first paint does without
    from core.system.support.support_log_file import SupportLogFile

FOLDER: Final = "support"
FILE_NAME: Final = "fanion.log"
#: Bytes of one file, and how many older ones are kept beside the newest.
SIZE: Final = 512 * 1024
OLDER: Final = 2
#: Lines that wait in memory for :func:`keep`; of more, the oldest go.
_WAITING: Final = 500
#: Frames of an exception, kinds of its causes, and gaps of one check that are told of.
_FRAMES: Final = 12
_CAUSES: Final = 5
_GAPS: Final = 20
#: Numbers from here on (16 GB) are no count of ours: an IMEI has fifteen digits.
_TOO_LARGE: Final = 2**34

Event: TypeAlias = Literal[
    "program.start",
    "window.open",
    "window.close",
    "command.start",
    "command.end",
    "phone.state",
    "phone.open",
    "phone.read",
    "phone.files",
    "phone.again",
    "phone.evidence",
    "check.end",
    "check.gap",
    "removal.step",
    "removal.end",
    "undo.step",
    "ledger.verify",
    "ledger.verified",
    "ledger.fault",
    "sound.silent",
    "problem",
    "bug",
]
_EVENTS: Final = frozenset(get_args(Event))

_CODE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_RULE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


class FoundRules:
    """The ids of the rules by which a check found something. They are the policy's: no phone can name one."""

    def __init__(self, check: Check) -> None:
        rule_ids = {finding.rule for finding in check.findings}
        self._ids = sorted(rule.id for rule in check.policy.rules if rule.id in rule_ids and _RULE.fullmatch(rule.id))

    def __str__(self) -> str:
        return ",".join(self._ids) or "none"


class EventFields(TypedDict, total=False):
    """All that a line can say besides what happened. There is no field for a text."""

    #: A number of this run's own; where it is left out, that of :func:`of_phone`.
    phone: int
    state: StrEnum
    road: StrEnum
    practice: bool
    seconds: float
    bytes: int
    apps: int
    files: int
    verdict: StrEnum
    findings: int
    rules: FoundRules
    gaps: int
    gap: Text
    outcome: StrEnum
    result: StrEnum
    records: int
    faults: int
    fault: StrEnum
    command: StrEnum
    exit: int
    error: type[BaseException]


_WITHHELD: Final = "?"


# --- what is logged


def info(event: Event, **fields: Unpack[EventFields]) -> None:
    """Log that `event` happened."""
    if _run is not None:
        _log(event, _field_texts(fields))


@contextlib.contextmanager
def step(event: Event, **fields: Unpack[EventFields]) -> Iterator[None]:
    """Log `event` at the end of the block: how long it took, how much the phone sent, and what ended it early."""
    counter = _Counter()
    before = _received.set(counter)
    started = time.monotonic()
    stopped: BaseException | None = None
    try:
        yield
    except BaseException as error:
        stopped = error
        raise
    finally:
        _received.reset(before)
        ended: EventFields = {**fields, "seconds": time.monotonic() - started, "bytes": counter.bytes}
        if stopped is not None:
            ended["error"] = type(stopped)
        info(event, **ended)


def received(count: int) -> None:
    """Count bytes of a phone for the step that is under way on this thread."""
    counter = _received.get()
    if counter is not None:
        counter.bytes += count


def check_ended(check: Check) -> None:
    """Log what a check came to: its colour, its rules, and what made it amber."""
    if _run is None:
        return
    info(
        "check.end",
        verdict=check.verdict,
        seconds=check.seconds,
        apps=len(check.inventory.apps),
        files=len(check.identities),
        findings=len(check.findings),
        rules=FoundRules(check),
        gaps=len(check.gaps),
    )
    for gap in check.gaps[:_GAPS]:
        info("check.gap", gap=gap.what)
    if check.broken_off is not None:
        problem(check.broken_off)


def problem(met: Problem) -> None:
    """Log a problem's code and the kinds of what caused it, once."""
    global _last
    if _run is None or met is _last:
        return
    _last = met
    code = met.code if len(met.code) <= 80 and _CODE.fullmatch(met.code) else _WITHHELD
    kinds, cause = [_name(type(met))], met.__cause__
    while cause is not None and len(kinds) <= _CAUSES:
        kinds.append(_name(type(cause)))
        cause = cause.__cause__
    _log("problem", {**_field_texts({}), "code": code, "kinds": ",".join(kinds)})


def bug(error: BaseException) -> None:
    """Log an exception that is no problem: its kind, and through which places of Fanion's own code it came."""
    if _run is None:
        return
    frames = []
    trace = error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith(("core.", "gui.")):
            frames.append(f"{module}.{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    _log("bug", {**_field_texts({}), "kind": _name(type(error)), "through": ",".join(frames[-_FRAMES:])})


# --- phones, by numbers


def phone_number(key: str) -> int:
    """The number that a phone has in this run. `key` is what tells it from the others, and is in no line."""
    with _lock:
        return _numbers.setdefault(key, len(_numbers) + 1)


@contextlib.contextmanager
def of_phone(key: str) -> Iterator[None]:
    """Log what this thread does in the block as done with that phone, and a problem that leaves the block."""
    before = _phone.set(phone_number(key))
    try:
        yield
    except Problem as met:
        problem(met)
        raise
    finally:
        _phone.reset(before)


# --- where it goes


def start(data: Path) -> None:
    """Begin a run's log, in memory. Its file, if :func:`keep` is called, will be in the data folder `data`."""
    global _run
    stop()
    _numbers.clear()
    _run = _Run(data)
    _logger.addHandler(_run)
    python = ".".join(map(str, sys.version_info[:3]))
    _log("program.start", {"version": __version__, "system": sys.platform, "python": python})


def keep() -> None:
    """Write the lines into the file from now on, and those until now first: this run writes into its data folder
    anyway."""
    if _run is not None:
        _run.keep()


def stop() -> None:
    """End the run's log, and let go of its file."""
    global _run, _last
    ended, _run, _last = _run, None, None
    if ended is not None:
        _logger.removeHandler(ended)
        ended.close()


def log_files_in(data: Path) -> list[Path]:
    """The files of the log in a data folder that are there, the newest first."""
    names = [FILE_NAME, *(f"{FILE_NAME}.{n}" for n in range(1, OLDER + 1))]
    return [path for name in names if (path := data / FOLDER / name).is_file() and not path.is_symlink()]


@dataclass(frozen=True, slots=True)
class _Line:
    """What alone passes into the file. Made in this module, of what was looked at."""

    event: str
    fields: Mapping[str, str]

    def __str__(self) -> str:
        return " ".join([self.event, *(f"{name}={value}" for name, value in self.fields.items())])


class _Counter:
    def __init__(self) -> None:
        self.bytes = 0


class _Run(logging.Handler):
    """The lines of one run: in memory, then in the file."""

    def __init__(self, data: Path) -> None:
        super().__init__()
        self._data = data
        self._waiting: deque[logging.LogRecord] = deque(maxlen=_WAITING)
        self._keeps = False
        self._file: SupportLogFile | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, _Line):  # the logger can be found by its name, and told anything
            self._waiting.append(record)
            self._write()

    def keep(self) -> None:
        with self.lock or contextlib.nullcontext():
            self._keeps = True
            self._write()

    def close(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._file is not None:
                self._file.close()
        super().close()

    def _write(self) -> None:
        """Write the lines into the file, if it is to be kept and the data folder is there: it is not made for this."""
        if self._file is None and self._keeps and os.path.isdir(self._data):
            # logging.handlers takes 20 ms, and most runs have nothing to write yet.
            from core.system.support.support_log_file import SupportLogFile

            self._file = SupportLogFile(self._data / FOLDER / FILE_NAME, SIZE, OLDER)
        while self._file is not None and self._waiting:
            self._file.handle(self._waiting.popleft())


def _log(event: Event, fields: Mapping[str, str]) -> None:
    if event in _EVENTS:
        _logger.info(_Line(event, fields))


def _field_texts(fields: EventFields) -> dict[str, str]:
    """The fields as a line shows them, with the phone that is spoken of. What may not be there is withheld."""
    texts: dict[str, str] = {}
    number = _phone.get()
    if number is not None and "phone" not in fields:
        texts["phone"] = str(number)
    for name, value in fields.items():
        if name in EventFields.__annotations__:
            texts[name] = _value_text(value)
        else:
            texts["withheld"] = _WITHHELD
    return texts


def _value_text(value: object) -> str:
    """A value as a line shows it. Types are asked for exactly: what inherits from a number may print as anything."""
    if isinstance(value, StrEnum):
        return value.value if any(value is member for member in type(value)) else _WITHHELD
    if type(value) is bool:
        return "yes" if value else "no"
    if type(value) is int:
        return str(value) if abs(value) < _TOO_LARGE else _WITHHELD
    if type(value) is float:
        return f"{value:.3f}" if abs(value) < _TOO_LARGE else _WITHHELD
    if type(value) is Text:
        return f'"{_sentence(value)}"'
    if type(value) is FoundRules:
        return str(value)
    if isinstance(value, type) and issubclass(value, BaseException):
        return _name(value)
    return _WITHHELD


def _sentence(text: Text) -> str:
    """A sentence without its values, but with the sentences among these; only what stands in the catalogue."""
    message = text.message if _catalogue().gettext(text.message) else _WITHHELD
    inner = [_sentence(value) for _, value in text.values if type(value) is Text]
    return " ".join([message, *(f"<{sentence}>" for sentence in inner)])


@lru_cache(maxsize=1)
def _catalogue() -> gettext.NullTranslations:
    """The French catalogue, which has all sentences. It answers with nothing for a sentence that it has not."""

    class Unknown(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return ""

    compiled = Path(__file__).resolve().parents[3] / "resources" / "locale" / "fr" / "LC_MESSAGES" / "fanion.mo"
    try:
        with compiled.open("rb") as file:
            catalogue: gettext.NullTranslations = gettext.GNUTranslations(file)
    except (OSError, ValueError):
        return Unknown()
    catalogue.add_fallback(Unknown())
    return catalogue


def _name(kind: type[BaseException]) -> str:
    name = kind.__name__
    return name if name.isascii() and name.isidentifier() and len(name) <= 80 else _WITHHELD


_logger: Final = logging.getLogger("fanion")
_logger.setLevel(logging.INFO)
_logger.propagate = False

_lock: Final = threading.Lock()
_numbers: Final[dict[str, int]] = {}
_phone: Final[ContextVar[int | None]] = ContextVar("_phone", default=None)
_received: Final[ContextVar[_Counter | None]] = ContextVar("_received", default=None)
_run: _Run | None = None
#: The problem that was logged last: it may pass several places that log.
_last: Problem | None = None
