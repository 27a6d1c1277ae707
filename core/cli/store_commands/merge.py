"""``fanion merge``: head office brings the bundles of many desks together in a store."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.cli import terminal
from core.cli.arguments import JSON, argument, declare, flag
from core.cli.store_commands import store_remarks
from core.desk.desk import Desk
from core.desk.papers.store_keys import store_keys
from core.head_office.merging.group_task import BundleOutcome
from core.head_office.merging.merge import Merged, merge
from core.text import N, T, plain


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    declare(
        parser,
        run,
        argument(
            "bundles",
            T("bundles, or folders with bundles in them; without any, the store is only tidied"),
            T("BUNDLE"),
            type=Path,
            nargs="*",
        ),
        argument("--into", T("the store; made if it is not there"), T("STORE"), type=Path, required=True),
        argument(
            "--enrolled",
            T("the texts of the desks’ enrolment sheets, one behind the other; those of known desks are in the store"),
            T("FILE"),
            type=Path,
        ),
        argument(
            "--key",
            T("a file with head office’s private key, as age-keygen writes it; also several times"),
            T("FILE"),
            type=Path,
            action="append",
            default=[],
        ),
        flag(
            "--accept-plain",
            T("merge bundles that are not encrypted too, although head office’s are: the store knows its keys"),
        ),
        flag("--practice", T("the bundles are of practice phones; their store is one of its own")),
        JSON,
    )


def run(options: argparse.Namespace, desk: Desk) -> int:
    with terminal.stop_button() as cancel:
        merged = merge(
            options.bundles,
            options.into,
            enrolled=options.enrolled,
            private_keys=options.key,
            practice=options.practice,
            store_keys=store_keys(desk),
            accept_plain=options.accept_plain,
            report=terminal.progress,
            cancel=cancel,
        )
    code = terminal.answer(options, _as_json(merged), *_lines(merged), code=5 if merged.refused else 0)
    if not options.json:
        for one in merged.refused:
            terminal.say(f"✖ {one.sentence}", one.next_step or "", *[_indented(note) for note in one.checkpoints])
    return code


def _lines(merged: Merged) -> list[object]:
    """What the merge did, and what is missing now."""
    return [*_counted(merged), *_beside(merged), *_tidied(merged), *store_remarks.lines(merged.remarks)]


def _counted(merged: Merged) -> Iterator[object]:
    """What counts from now on."""
    if taken := merged.counted:
        entries, checks = sum(one.entries for one in taken), sum(one.checks for one in taken)
        logs = len({one.log for one in taken})
        yield N(
            "Merged: {entries} entries with {checks} checks, of {count} desk.",
            "Merged: {entries} entries with {checks} checks, of {count} desks.",
            logs,
            entries=entries,
            checks=checks,
        )
    for one in merged.filled:
        yield T(
            "{desk}: entries {first} to {last} were kept apart, and count now.",
            desk=plain(one.desk, 500),
            first=one.first,
            last=one.last,
        )
    if unencrypted := len(merged.plain):
        yield N(
            "{count} bundle was not encrypted, and was merged because --accept-plain was given.",
            "{count} bundles were not encrypted, and were merged because --accept-plain was given.",
            unencrypted,
        )


def _beside(merged: Merged) -> Iterator[object]:
    """Which bundles changed nothing that counts."""
    if apart := len(merged.apart):
        yield N(
            "{count} bundle is kept apart: entries before it were never brought.",
            "{count} bundles are kept apart: entries before them were never brought.",
            apart,
        )
    if known := len(merged.unchanged):
        yield N("{count} bundle was merged before.", "{count} bundles were merged before.", known)
    if refused := len(merged.refused):
        yield N(
            "{count} bundle was refused; nothing of it counts.",
            "{count} bundles were refused; nothing of them counts.",
            refused,
        )


def _tidied(merged: Merged) -> Iterator[object]:
    """What the merge did to the store itself."""
    if merged.erased:
        yield N(
            "The personal information of {count} entry was erased, as its desk did.",
            "The personal information of {count} entries was erased, as their desks did.",
            merged.erased,
        )
    if merged.joined:
        yield N("{count} small file was joined.", "{count} small files were joined into fewer.", merged.joined)
    if not merged.outcomes:
        yield T("The store is tidy: what is over its time is not in it.")


def _as_json(merged: Merged) -> dict[str, Any]:
    return {
        "merged": [_told(one) | terminal.pick(one, "entries checks limits") for one in merged.counted],
        "known": [_told(one) for one in merged.unchanged],
        "apart": [_told(one) | terminal.pick(one, "first last checks") for one in merged.apart],
        "filled": [terminal.pick(one, "log desk first last entries checks") for one in merged.filled],
        "plain": [_told(one) for one in merged.plain],
        "refused": [
            _told(one)
            | {
                "reason": one.reason,
                "problem": str(one.sentence),
                "next_step": str(one.next_step),
                "checkpoints": list(one.checkpoints),
            }
            for one in merged.refused
        ],
        "erased": merged.erased,
        "joined": merged.joined,
        **store_remarks.as_json(merged.remarks),
    }


def _told(one: BundleOutcome) -> dict[str, Any]:
    return {"bundle": str(one.folder), "log": plain(one.log, 500), "desk": plain(one.desk, 500)}


def _indented(note: str) -> str:
    return "\n".join(f"    {plain(line, 500)}" for line in note.splitlines())
