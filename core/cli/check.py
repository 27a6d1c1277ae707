"""``fanion check``: read a phone, judge it, show the verdict."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from core.cli import rendering, terminal
from core.cli.arguments import declare, flag
from core.cli.keeping import KEEP_FILES, kept_as_json, show_kept
from core.cli.visiting import phone_arguments, visiting
from core.desk.desk import Desk
from core.model import Check, Verdict
from core.text import N, T

EXIT_CODES = {Verdict.GREEN: 0, Verdict.RED: 1, Verdict.AMBER: 3}


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    quick = T("leave the apps’ files out: a banned app under another name may be missed, and nothing is green")
    # Scripts of earlier versions ask by --names for what every check does now.
    names = flag("--names", argparse.SUPPRESS)
    declare(parser, run, *phone_arguments(), flag("--quick", quick), KEEP_FILES, names)


def run(options: argparse.Namespace, desk: Desk) -> int:
    with visiting(options, desk) as (visit, cancel):
        check = visit.check(cancel, quick=options.quick)
        entry = visit.entry.seq if visit.entry else None
        management = visit.management()
        kept = visit.keep_copies(cancel) if options.keep_files and check.red else ()
        ledger = visit.journal.ledger.path
    more = {"kept": kept_as_json(kept)} if options.keep_files else {}
    show(check, entry, options.json, desk.names.of(check.inventory.apps), more)
    if not options.json:
        show_kept(kept, ledger)
    if management is not None and not options.json:
        export_hint = T("It is saved by: fanion policy export --format {form}", form=management.export)
        terminal.out("", management.says, export_hint)
    return EXIT_CODES[check.verdict]


def show(
    check: Check,
    entry: int | None,
    as_json: bool,
    known_names: Mapping[str, str],
    more: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """The check; `known_names` is what this computer knows apps to be called, by package, and `more` what the answer in
    JSON has as well."""
    named_count = sum(bool(app.label or known_names.get(app.package)) for app in check.inventory.apps)
    if as_json:
        answer = rendering.check_as_json(check, entry)
        terminal.answer_json({**answer, "apps": {**answer["apps"], "named": named_count}, **more})
        return
    rendering.check(check)
    if named_count:
        count = len(check.inventory.apps)
        names = N(
            "{named} of {count} app has a known name.",
            "{named} of {count} apps have a known name.",
            count,
            named=named_count,
        )
        terminal.out(names)
    terminal.out(T("In the log as entry {entry}.", entry=entry))
