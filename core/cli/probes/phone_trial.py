"""``fanion self-test --phone``: what each reader makes of one phone's answers.

A line for each: ✔ where it understood all, ✖ where it left something, – where it could not be tried, with numbers.
Exit code 0 if nothing was left, 3 if something was, 4 for a problem with the phone; what came until then is told all
the same.

Nothing on the phone is changed, nothing is judged and nothing is kept, so that nothing goes into the log. What is
printed has no text of the phone's in it but its maker, model and version, so that it may be sent.

``--json`` answers with one object::

    {"version": "0.9.0", "ok": true, "problem": null,
     "phone": {"platform": "android", "maker": "samsung", "model": "SM-A536B", "os": "16", "practice": false},
     "new": ["No phone with this version of Android was seen before."],
     "readers": [
        {"key": "users", "reads": "The list of its profiles", "state": "left", "why": null, "understood": 2,
         "left": {"unknown line": 1}, "example": "aa{9:a}", "seconds": 0.1, "characters": 310}
    ]}

``key``, ``state``, ``why`` and the names in ``left`` stay what they are in every language.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any, Final

from core import __version__
from core.cli import terminal
from core.cli.visiting import opened
from core.desk.desk import Desk
from core.model import platforms
from core.phones.trial import try_phone
from core.phones.trial.reader_result import ReaderState, Trial, TriedReader
from core.problem import Cancelled
from core.system.support import support_log
from core.text import N, T, Text

_LEFT: Final = 3
_MARKS: Final = {ReaderState.UNDERSTOOD: "✔", ReaderState.LEFT: "✖", ReaderState.NOT_TRIED: "–"}


def run(options: argparse.Namespace, desk: Desk) -> int:
    """Try the chosen phone, and tell of it. Raises Problem where the phone could not be read at all."""
    if desk.fault is not None:
        raise desk.fault
    options.phone = options.phone or None
    support_log.keep()
    try:
        with terminal.stop_button() as cancel, support_log.of_phone(""), opened(options, desk, cancel) as driver:
            terminal.say(T("Reading the phone {how}.", how=driver.how))
            trial = try_phone(driver, terminal.progress, cancel)
    except Cancelled:
        terminal.say(T("Stopped. Nothing on the phone was changed."))
        return 4
    if options.json:
        terminal.answer_json(as_json(trial))
    else:
        terminal.out(*report(trial))
    if trial.problem is not None:
        terminal.problem(trial.problem)
        return trial.problem.exit_code
    return _LEFT if trial.with_leftovers else 0


def as_json(trial: Trial) -> dict[str, Any]:
    problem = trial.problem and terminal.pick(trial.problem, "code sentence next=next_step")
    return {
        "version": __version__,
        "ok": not trial.with_leftovers and trial.problem is None,
        "problem": problem,
        "phone": terminal.pick(trial, "platform maker model os practice"),
        "new": list(map(str, trial.new)),
        "readers": [_reader_as_json(reader) for reader in trial.readers],
    }


def _reader_as_json(reader: TriedReader) -> dict[str, Any]:
    result = reader.result
    return {
        **terminal.pick(reader, "key reads=sentence"),
        "state": result.state.value,
        "why": result.untried and result.untried.value,
        **terminal.pick(result, "understood example seconds characters=size"),
        "left": dict(result.left),
    }


def report(trial: Trial) -> Iterator[Text | str]:
    """The lines that people read."""
    yield T("Fanion {version}, self-test of a phone", version=__version__)
    if trial.practice:
        yield T("PRACTICE: this is not a real phone.")
    yield f"{trial.maker} {trial.model}, {platforms.of(trial.platform).system} {trial.os}"
    yield from trial.new
    for reader in trial.readers:
        yield from _lines(reader)
    yield ""
    if left := len(trial.with_leftovers):
        yield N(
            "{count} reader left something; see ✖ above. What the phone answered can be sent too: fanion capture.",
            "{count} readers left something; see ✖ above. What the phone answered can be sent too: fanion capture.",
            left,
        )
    yield _sending(trial)


def _lines(reader: TriedReader) -> Iterator[Text | str]:
    """What a reader reads, then its key with the numbers, which are the same in each language."""
    result = reader.result
    yield f"{_MARKS[result.state]} {reader.sentence}"
    if result.untried is not None:
        yield f"    {reader.key}: {result.untried.says}"
        return
    numbers = [f"understood {result.understood}", *(f"{kind} {count}" for kind, count in result.left)]
    if result.seconds is not None:
        numbers.append(f"{result.seconds} s")
    yield f"    {reader.key}: {', '.join(numbers)}"
    if result.example:
        yield f"    {result.example}"


def _sending(trial: Trial) -> Text:
    """What to do with the report."""
    if trial.practice:
        return T("A real phone’s report may be sent: the administrator’s guide says where, and what is in it.")
    return T(
        "This report names no person, no app and no number of this phone, and may be sent: the administrator’s guide"
        " says where, and what is in it."
    )
