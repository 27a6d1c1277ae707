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
    lines = [*_counted(merged), *_beside(merged), *_tidied(merged), *store_remarks.lines(merged.remarks)]
    code = terminal.answer(options, _as_json(merged), *lines, code=5 if merged.refused else 0)
    if not options.json:
        for refusal in merged.refused:
            terminal.say(
                f"✖ {refusal.sentence}", refusal.next_step or "", *[_indented(note) for note in refusal.checkpoints]
            )
    return code


def _counted(merged: Merged) -> Iterator[object]:
    """Lines on the entries that count from now on."""
    if counted := merged.counted:
        entries, checks = sum(bundle.entries for bundle in counted), sum(bundle.checks for bundle in counted)
        logs = len({bundle.log for bundle in counted})
        yield N(
            "Merged: {entries} entries with {checks} checks, of {count} desk.",
            "Merged: {entries} entries with {checks} checks, of {count} desks.",
            logs,
            entries=entries,
            checks=checks,
        )
    for filled in merged.filled:
        yield T(
            "{desk}: entries {first} to {last} were kept apart, and count now.",
            desk=plain(filled.desk, 500),
            first=filled.first,
            last=filled.last,
        )
    if unencrypted := len(merged.plain):
        yield N(
            "{count} bundle was not encrypted, and was merged because --accept-plain was given.",
            "{count} bundles were not encrypted, and were merged because --accept-plain was given.",
            unencrypted,
        )


def _beside(merged: Merged) -> Iterator[object]:
    """Lines on the bundles that changed nothing that counts."""
    if apart := len(merged.apart):
        yield N(
            "{count} bundle is kept apart: entries before it were never brought.",
            "{count} bundles are kept apart: entries before them were never brought.",
            apart,
        )
    if unchanged := len(merged.unchanged):
        yield N("{count} bundle was merged before.", "{count} bundles were merged before.", unchanged)
    if refused := len(merged.refused):
        yield N(
            "{count} bundle was refused; nothing of it counts.",
            "{count} bundles were refused; nothing of them counts.",
            refused,
        )


def _tidied(merged: Merged) -> Iterator[object]:
    """Lines on what the merge did to the store itself."""
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
        "merged": [_bundle_json(bundle) | terminal.pick(bundle, "entries checks limits") for bundle in merged.counted],
        "known": [_bundle_json(bundle) for bundle in merged.unchanged],
        "apart": [_bundle_json(bundle) | terminal.pick(bundle, "first last checks") for bundle in merged.apart],
        "filled": [terminal.pick(filled, "log desk first last entries checks") for filled in merged.filled],
        "plain": [_bundle_json(bundle) for bundle in merged.plain],
        "refused": [
            _bundle_json(refusal) | terminal.pick(refusal, "reason problem=sentence next_step checkpoints")
            for refusal in merged.refused
        ],
        **terminal.pick(merged, "erased joined"),
        **store_remarks.as_json(merged.remarks),
    }


def _bundle_json(bundle: BundleOutcome) -> dict[str, Any]:
    return {"bundle": str(bundle.folder), "log": plain(bundle.log, 500), "desk": plain(bundle.desk, 500)}


def _indented(note: str) -> str:
    return "\n".join(f"    {plain(line, 500)}" for line in note.splitlines())
