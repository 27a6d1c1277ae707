"""``fanion capture``: check a phone that was read wrong, and save what it answered, without its holder's data."""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path

from core.capture import capture_file
from core.capture.capture_file import Capture
from core.capture.making import ComparedCapture
from core.cli import terminal
from core.cli.arguments import YES, argument, declare
from core.cli.visiting import phone_arguments, visiting
from core.describe.captures import group_words
from core.desk.desk import Desk
from core.reports.filing import FileProblem, FileThere
from core.system.files import files
from core.system.files.momentary import momentary_file
from core.text import N, T, plain

#: What the file is called that the officer reads before it is saved, where it has a name; an earlier version left it in
#: the data folder when it was killed.
PREVIEW = f"capture-to-read{Capture.SUFFIX}"


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    declare(
        parser,
        run,
        argument("file", T("where the capture is saved: a new file, or a folder"), T("FILE"), type=Path),
        *phone_arguments(),
        YES,
    )


def run(options: argparse.Namespace, desk: Desk) -> int:
    file = _target(options.file)
    with visiting(options, desk) as (visit, cancel):
        recorded = visit.check_and_record(cancel)
        entry = visit.entry.seq if visit.entry else None
        compared = recorded.capture(terminal.progress, cancel)
    content = capture_file.to_bytes(compared.capture)
    lines = content.count(b"\n")
    if not options.json:
        _show(compared)
    if not options.yes and not _agreed(file, content, lines):
        terminal.say(T("Nothing was saved."))
        return 1
    try:
        files.create_file(file, content)
    except FileExistsError as error:
        raise FileThere(file) from error
    except OSError as error:
        raise FileProblem.unwritten(file, error) from error
    answer = {
        "file": str(file),
        "lines": lines,
        "verdict": recorded.check.verdict.value,
        "entry": entry,
        "unchanged": {group.group: list(group.values) for group in compared.capture.unchanged},
        "differs": [difference.in_language("en") for difference in compared.differences],
    }
    saved = N("Saved as {file}, {count} line.", "Saved as {file}, {count} lines.", lines, file=str(file))
    play = T("Play it: fanion check --practice {file}", file=str(file))
    return terminal.answer(options, answer, saved, play, T("In the log as entry {entry}.", entry=entry))


def _target(path: Path) -> Path:
    """The file that is written: a new name in a folder. Raises FileThere for one that is there."""
    if path.is_dir():
        names = (path / f"capture-{number}{Capture.SUFFIX}" for number in itertools.count(1))
        return next(name for name in names if not name.exists())
    if path.exists():
        raise FileThere(path)
    return path


def _show(compared: ComparedCapture) -> None:
    """Say what was kept as the phone gave it, and what is read otherwise."""
    terminal.out(T("Kept as the phone gave it:"))
    for group in compared.capture.unchanged:
        terminal.out(f"  {group_words(group.group)}", *(f"      {plain(value, 300)}" for value in group.values))
    if compared.differences:
        terminal.out(T("Read otherwise than on the phone:"), *(f"  {words}" for words in compared.differences))


def _agreed(file: Path, content: bytes, lines: int) -> bool:
    """Whether the officer has read every line and says yes. Without a terminal, nobody can: then no."""
    if not sys.stdin.isatty():
        terminal.say(T("No officer is at the keyboard to read it: give --yes to save it unread."))
        return False
    try:
        with momentary_file(PREVIEW, content) as preview:
            terminal.say(
                N(
                    "Read the {count} line of it: {file}",
                    "Read the {count} lines of it: {file}",
                    lines,
                    file=str(preview),
                )
            )
            return terminal.confirmed(T("Save it as {file}?", file=str(file)))
    except OSError as error:
        raise FileProblem.unwritten(Path(PREVIEW), error) from error
