"""``fanion lessons``: the ten lessons with how far the officer is, and the training record as a page."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

from core.cli import terminal
from core.cli.arguments import JSON, argument, declare
from core.cli.paper_arguments import IN, languages
from core.describe import both_times
from core.desk import training
from core.desk.desk import Desk
from core.desk.training import Standing
from core.lessons.course import LESSONS
from core.lessons.lesson import Lesson
from core.system.files.folder_check import whole_path
from core.text import T, Text, Value


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    declare(
        parser,
        run,
        JSON,
        argument(
            "--record",
            T("write the training record as PDF: into this folder, made if need be, or as a new file of this name"),
            T("PATH"),
            type=Path,
        ),
        IN,
    )


def run(options: argparse.Namespace, desk: Desk) -> int:
    standing = training.standing(desk)
    if standing.damaged_file is not None:
        terminal.say(damaged(standing.damaged_file))
    if options.record is None:
        return terminal.answer(options, _as_json(standing), *_lines(standing))
    pdf = training.training_record(desk, whole_path(options.record), languages(options))
    return terminal.answer(options, {"pdf": str(pdf)}, T("Written: {file}", file=str(pdf)))


def damaged(kept_file: Path) -> Text:
    """Say that the file with the progress could not be read, and where it is kept now."""
    return T(
        "The file with the progress of the lessons could not be read. It is kept as {file}; the lessons start "
        "again from the first.",
        file=str(kept_file),
    )


def _lines(standing: Standing) -> Iterator[Value]:
    name, count, whole = standing.person.name, standing.completed_count, len(LESSONS)
    yield T("{name}: {done} of {all} lessons completed", name=name, done=count, all=whole)
    for lesson in LESSONS:
        completion = standing.person.completed(lesson.number)
        sign = "✔" if completion is not None else "→" if lesson is standing.lesson else " "
        words = T("{number}. {title}", number=lesson.number, title=lesson.title)
        if completion is not None:
            when = both_times(completion.when, completion.when.tzinfo or UTC)
            words = T(
                "{lesson}: completed {when}, Fanion {version}", lesson=words, when=when, version=completion.version
            )
        elif reached := _reached(standing, lesson):
            steps = len(lesson.steps)
            words = T("{lesson}: {done} of {all} steps", lesson=words, done=len(reached), all=steps)
        yield f"{sign} {words}"
    yield T("The lessons are done in the window: Ctrl+Shift+K opens the list.")


def _reached(standing: Standing, lesson: Lesson) -> tuple[str, ...]:
    attempt = standing.person.attempt(lesson.number)
    return attempt.reached if attempt is not None else ()


def _as_json(standing: Standing) -> dict[str, Any]:
    entries = []
    for lesson in LESSONS:
        completion = standing.person.completed(lesson.number)
        completed = None
        if completion is not None:
            utc = completion.when.astimezone(UTC).isoformat(timespec="seconds")
            completed = {"time": completion.time, "utc": utc, **terminal.pick(completion, "version policy")}
        entries.append(
            {
                "number": lesson.number,
                "title": str(lesson.title),
                "open": lesson is standing.lesson,
                "steps": [step.key for step in lesson.steps],
                "reached": list(_reached(standing, lesson)),
                "completed": completed,
                "chapter": lesson.chapter,
            }
        )
    damaged_file = str(standing.damaged_file) if standing.damaged_file is not None else None
    return {"officer": standing.person.name, "lessons": entries, "damaged": damaged_file}
