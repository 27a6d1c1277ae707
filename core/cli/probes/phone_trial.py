"""``fanion self-test --phone``: which of Fanion's assumptions about real phones hold on one phone.

A line for each: ✔ where it held, ✖ where it did not, – where it could not be tried, with numbers. Exit code 0 if none
failed, 3 if some did, 4 for a problem with the phone; what came until then is told all the same.

Nothing on the phone is changed, nothing is judged and nothing is kept, so that nothing goes into the log. What is
printed has no text of the phone's in it but its maker, model and version, so that it may be sent.

``--json`` answers with one object::

    {"version": "0.9.0", "ok": true, "problem": null,
     "phone": {"platform": "android", "maker": "samsung", "model": "SM-A536B", "os": "16", "practice": false},
     "counts": {"held": 61, "did-not-hold": 0, "not-tried": 23},
     "assumptions": [
        {"key": "users.form", "says": "Each user ...", "source": {"kind": "capture", "where": "19 phones"},
         "confirmed": true, "answer": "held", "why": null, "detail": {"users": 2, "left": 0}}
    ]}

``key``, ``kind``, ``answer``, ``why`` and the names in ``detail`` stay what they are in every language.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from core import __version__
from core.cli import terminal
from core.cli.visiting import opened
from core.desk.desk import Desk
from core.model import platforms
from core.phones.assumptions import try_phone
from core.phones.assumptions.assumption import Trial, TrialAnswer, TriedAssumption
from core.problem import Cancelled
from core.system.support import support_log
from core.text import N, T, Text

_FAILED: Final = 3
_MARKS: Final = {TrialAnswer.HELD: "✔", TrialAnswer.FAILED: "✖", TrialAnswer.NOT_TRIED: "–"}


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
    return _FAILED if trial.failed else 0


def as_json(trial: Trial) -> dict[str, Any]:
    problem = trial.problem and terminal.pick(trial.problem, "code sentence next=next_step")
    counted = Counter(row.result.answer for row in trial.rows)
    return {
        "version": __version__,
        "ok": not trial.failed and trial.problem is None,
        "problem": problem,
        "phone": terminal.pick(trial, "platform maker model os practice"),
        "counts": {answer.value: counted[answer] for answer in TrialAnswer},
        "assumptions": [_row_as_json(row) for row in trial.rows],
    }


def _row_as_json(row: TriedAssumption) -> dict[str, Any]:
    return {
        **terminal.pick(row, "key says=sentence"),
        "source": {"kind": row.source.kind.value, "where": row.source.where},
        "confirmed": row.source.confirmed,
        "answer": row.result.answer.value,
        "why": row.result.untried and row.result.untried.value,
        "detail": dict(row.result.detail),
    }


def report(trial: Trial) -> Iterator[Text | str]:
    """The lines that people read."""
    yield T("Fanion {version}, self-test of a phone", version=__version__)
    if trial.practice:
        yield T("PRACTICE: this is not a real phone.")
    yield f"{trial.maker} {trial.model}, {platforms.of(trial.platform).system} {trial.os}"
    for row in trial.rows:
        yield from _lines(row)
    counted = Counter(row.result.answer for row in trial.rows)
    yield ""
    yield N("{count} assumption held.", "{count} assumptions held.", counted[TrialAnswer.HELD])
    if trial.failed:
        yield N("{count} did not hold; see ✖ above.", "{count} did not hold; see ✖ above.", len(trial.failed))
    yield N("{count} could not be tried.", "{count} could not be tried.", counted[TrialAnswer.NOT_TRIED])
    yield _sending(trial)


def _lines(row: TriedAssumption) -> Iterator[str]:
    """One assumption: its sentence, then its key with the numbers, which are the same in each language."""
    yield f"{_MARKS[row.result.answer]} {row.sentence}"
    if row.result.untried is not None:
        yield f"    {row.key}: {row.result.untried.says}"
    else:
        numbers = ", ".join(f"{name} {value}" for name, value in row.result.detail)
        yield f"    {row.key}: {numbers}" if numbers else f"    {row.key}"
    if row.result.answer is TrialAnswer.FAILED:
        yield f"    {row.source.kind.value}: {row.source.where}"


def _sending(trial: Trial) -> Text:
    """What to do with the report."""
    if trial.practice:
        return T("A real phone’s report may be sent: the administrator’s guide says where, and what is in it.")
    return T(
        "This report names no person, no app and no number of this phone, and may be sent: the administrator’s guide"
        " says where, and what is in it."
    )
