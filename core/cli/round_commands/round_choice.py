"""Which round a command is about, and how it stands."""

from __future__ import annotations

import argparse

from core.cli.arguments import argument
from core.desk.desk import Desk
from core.desk.papers.round_days import round_day, round_zone
from core.desk.problems import NothingRecorded
from core.problem import Problem
from core.rounds import recheck, rounds
from core.rounds.coverage.coverage import Coverage
from core.rounds.rounds import KnownRound
from core.text import T

#: What JSON has of a line of a roster.
LINE = "line serial imei tag holder unit"
WHICH = argument("round", T("its number or its name; otherwise the newest"), T("ROUND"), nargs="?", default="")


def rounds_on_record(desk: Desk, practice: bool) -> tuple[KnownRound, ...]:
    try:
        with desk.read_ledger(practice) as ledger:
            return rounds.recorded_rounds(ledger, practice=practice)
    except NothingRecorded:
        return ()


def asked_for(options: argparse.Namespace, desk: Desk) -> KnownRound:
    """The round that was asked for. Raises Problem."""
    on_record = rounds_on_record(desk, options.practice)
    query = options.round.casefold()
    known_round = next((k for k in on_record if not query or query in (k.about.id, k.about.name.casefold())), None)
    if known_round is None:
        sentence = T("No round has been begun at this desk.")
        if options.round:
            sentence = T("There is no round “{round}”.", round=options.round)
        next_step = T("See “fanion round list”, or begin one: fanion round new.")
        raise Problem(sentence, next_step, code="no-such-round", exit_code=2)
    return known_round


def covered(options: argparse.Namespace, desk: Desk, *, blindly: bool = False) -> tuple[KnownRound, Coverage]:
    """The round that was asked for, and how it stands: for what is drawn from it and what is put on record.

    `blindly` is for what is shown: how phones were left that wait for a second look is then not in it. Raises Problem.
    """
    known_round = asked_for(options, desk)
    coverage_of = recheck.covered_blindly if blindly else rounds.covered
    with desk.read_ledger(options.practice) as ledger:
        return known_round, coverage_of(ledger, desk.data, known_round, round_day(desk), round_zone(desk))
