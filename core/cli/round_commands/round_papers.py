"""``fanion round`` on paper and for others: its report, the bundle for head office, the second look."""

from __future__ import annotations

import argparse
from base64 import b64encode
from pathlib import Path
from typing import Any

from core.cli import terminal
from core.cli.arguments import Actions, argument, flag
from core.cli.paper_arguments import FORM, IN, languages
from core.cli.round_commands import round_due
from core.cli.round_commands.round_choice import LINE, WHICH, asked_for, covered
from core.desk.desk import Desk
from core.desk.papers import round_papers
from core.desk.papers.carry_home import carry_home, files_here_words, readable_words
from core.head_office.bundles.bundle import WrittenBundle
from core.head_office.bundles.encryption import short
from core.problem import Problem
from core.reports.summaries.month_summary import SummaryForm
from core.rounds import recheck
from core.system.files.files import read_file
from core.system.files.folder_check import whole_path
from core.text import N, T


def add(actions: Actions) -> None:
    """Add the actions of this module to those of ``fanion round``."""
    actions.add(
        "report",
        run_report,
        T("the result of a round, as a page or a table: no phone and no holder is named, unless --phones is given"),
        WHICH,
        argument("--out", T("the name of a new file, or a folder for it"), T("PATH"), type=Path, default=Path()),
        FORM,
        IN,
        flag("--phones", T("also list every phone, with its holder: for those who may know")),
    )
    actions.add(
        "export",
        run_export,
        T("write a bundle for head office: what is new in the log, and the state of its rounds"),
        argument("folder", T("the folder that it is written into, such as a USB key"), T("FOLDER"), type=Path),
        argument(
            "--to",
            T("head office’s public key (age1…), or a file with it, in place of the one that is set"),
            T("KEY"),
        ),
        flag("--whole", T("the whole log, also what was sent before")),
    )
    actions.add("recheck", run_recheck, T("draw the phones that a second officer checks, or list them"), WHICH)
    round_due.add(actions)


def run_report(options: argparse.Namespace, desk: Desk) -> int:
    known_round = asked_for(options, desk)
    form, path = SummaryForm(options.format), whole_path(options.out)
    file = round_papers.round_report(
        desk, options.practice, known_round.about.id, path, languages(options), form, phones=options.phones
    )
    return terminal.answer(options, {"file": str(file)}, T("✔ Written: {file}", file=str(file)))


def run_export(options: argparse.Namespace, desk: Desk) -> int:
    to = options.to
    if to is not None and not to.lstrip().startswith("age1"):
        to = _keys_in(Path(to)) if to.strip() else ""
    with terminal.stop_button() as cancel:
        carried = carry_home(
            desk,
            options.practice,
            whole_path(options.folder),
            whole=options.whole,
            to=to,
            report=terminal.progress,
            cancel=cancel,
        )
    lines = [
        T(
            "✔ Repaired: entries {first} to {last}, in {folder}.",
            first=bundle.first,
            last=bundle.last,
            folder=str(bundle.folder),
        )
        for bundle in carried.mended
    ]
    new_bundle = carried.new_bundle
    lines.append(
        T(
            "✔ Written and read back: entries {first} to {last}, in {folder}.",
            first=new_bundle.first,
            last=new_bundle.last,
            folder=str(new_bundle.folder),
        )
    )
    if new_bundle.encrypted:
        keys = ", ".join(map(short, new_bundle.to))
        lines.append(N("Encrypted to the key {keys}.", "Encrypted to the keys {keys}.", len(new_bundle.to), keys=keys))
    else:
        lines.append(T("Not encrypted: any person who has the folder can read it."))
    if carried.readable:
        lines.append(readable_words(carried.readable))
    if carried.files_here:
        lines.append(files_here_words(carried.files_here))
    fields = [_bundle_json(bundle) for bundle in (new_bundle, *carried.mended)]
    return terminal.answer(options, {**fields[0], "mended": fields[1:]}, *lines)


def _bundle_json(bundle: WrittenBundle) -> dict[str, Any]:
    return terminal.pick(bundle, "first last files kept=files_kept encrypted to") | {"folder": str(bundle.folder)}


def _keys_in(file: Path) -> str:
    """The public keys in a file, such as age-keygen writes beside private ones. Raises Problem where it has none."""
    words, detail = list[str](), ""
    try:
        words = read_file(file, 10_000).decode("ascii", "replace").split()
    except OSError as error:
        detail = str(error)
    keys = [word for word in words if word.startswith("age1")]
    if not keys:
        sentence = T("There is no public key in {file}.", file=str(file))
        next_step = T("Give the key itself, which begins with age1.")
        raise Problem(sentence, next_step, detail, code="no-such-key", exit_code=2)
    return " ".join(keys)


def run_recheck(options: argparse.Namespace, desk: Desk) -> int:
    known_round, coverage = covered(options, desk)
    with desk.custodian(options.practice) as ledger:
        of = recheck.drawn(ledger, known_round.about.id) or recheck.draw(ledger, coverage)
    looks = recheck.sample(coverage, of)
    stands = recheck.status(coverage, of)
    # How the first look ended is not told: the second officer is not to know.
    fields = {
        **terminal.pick(of, "entry size"),
        "root": b64encode(of.root).decode(),
        "phones": [
            {**({} if look.phone.line is None else terminal.pick(look.phone.line, LINE)), "agrees": look.agrees}
            for look in looks
        ],
        "not_matched": stands.lost,
    }
    lines = [
        T(
            "{phone}, {unit}: {state}",
            phone=look.phone.display_name,
            unit=look.phone.unit or T("without a unit"),
            state=state,
        )
        for look in looks
        for state in (T("checked again") if look.second is not None else T("to be checked again"),)
    ]
    if stands.lost:
        lines.append(recheck.lost_words(stands.lost))
    values = {"agreed": stands.agreed, "checked": stands.again, "drawn": stands.size}
    return terminal.answer(options, fields, *lines, T("{agreed} of {checked} agree, {drawn} were drawn.", **values))
