"""``fanion remove``: check, show what will be done, do it, check again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from core import describe, value_names
from core.cli import rendering, terminal
from core.cli.arguments import YES, argument, declare, flag
from core.cli.check import EXIT_CODES
from core.cli.keeping import KEEP_FILES, kept_as_json, show_kept
from core.cli.visiting import phone_arguments, visiting
from core.describe import app_evidence
from core.desk.desk import Desk
from core.ledger.records import Entry, EvidenceTaken
from core.model import Check, Finding, Problem
from core.phones.driver import Answer, Outcome, Step, WrongPhone
from core.phones.removal_plan import ItemResult, Plan, Planned, Removal, Result
from core.problem import Cancelled
from core.system.support import support_log
from core.text import T, Text
from core.visit.events import Event, Listener, StepBegins, StepEnds


class BrokenOffResult(StrEnum):
    """What is known of a finding where a removal broke off, and the phone was not read again."""

    #: A step was sent: what it did, only another reading tells.
    NOT_KNOWN = "not-known"
    NOT_TRIED = "not-tried"


#: What is known of an app where a removal broke off, in words.
_BROKEN_OFF: Final = {
    BrokenOffResult.NOT_KNOWN: T("not known whether it is removed; the next check tells"),
    BrokenOffResult.NOT_TRIED: T("not removed: nothing was sent to the phone for it"),
}


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    also = T("remove this app too, which is not banned but was found (its id or the product)")
    declare(
        parser,
        run,
        *phone_arguments(),
        YES,
        flag("--plan", T("only show what would be done")),
        KEEP_FILES,
        argument("--also", also, T("APP"), action="append", default=[]),
    )


def run(options: argparse.Namespace, desk: Desk) -> int:
    with visiting(options, desk) as (visit, cancel):
        check = visit.check(cancel)
        cancel.check()  # a check that was stopped is a check, but no beginning of a removal
        plan = visit.plan([_ticked(check, name) for name in options.also])
        if not options.json:
            rendering.check(check)
            _show_plan(plan)
        if options.plan or not plan.items:
            if not plan.items and not options.json:
                terminal.out("", T("There is nothing to remove."))
            if options.json:
                entry = visit.entry.seq if visit.entry else None
                terminal.answer_json({**rendering.check_as_json(check, entry), "plan": _plan_as_json(plan)})
            return EXIT_CODES[check.verdict]
        asks_told = check.policy.confirm_told and bool(plan.loses)
        if any(item.steps for item in plan.items) and not options.yes and not _agreed(plan, asks_told=asks_told):
            terminal.say(T("Nothing was done."))
            return EXIT_CODES[check.verdict]
        terminal.say("")
        kept = visit.keep_copies(cancel) if options.keep_files else ()
        if not options.json:
            show_kept(kept, visit.journal.ledger.path)
        more = {"kept": kept_as_json(kept)} if options.keep_files else {}
        tried = _Tried(visit.listener)
        visit.listener = tried
        try:
            removal = visit.remove(plan, cancel, owner_told=True if asks_told else None)
        except (Problem, Cancelled) as stopped:
            if not tried.steps:
                raise
            return _broken_off(options, plan, tried, stopped, more)
        entry = visit.entry.seq if visit.entry else None
        entries = visit.entries
    if options.json:
        answer = rendering.check_as_json(removal.check, entry)
        terminal.answer_json({**answer, "removal": [_done_as_json(d, entries) for d in removal.items], **more})
    else:
        _show_removal(removal, entries)
        terminal.out(T("In the log as entry {entry}.", entry=entry))
    failed = any(d.result.by_hand for d in removal.items)
    return 1 if failed else EXIT_CODES[removal.check.verdict]


class _Tried:
    """What was tried on the phone, in this order: each step with the phone's answer, None where there is none."""

    def __init__(self, listener: Listener) -> None:
        self.steps: list[tuple[Step, Answer | None]] = []
        self._listener = listener

    def __call__(self, event: Event) -> None:
        match event:
            case StepBegins():
                self.steps.append((event.step, None))
            case StepEnds():
                self.steps[-1] = (event.step, event.answer)
        self._listener(event)

    def of(self, finding: Finding) -> list[tuple[Step, Answer | None]]:
        """What was tried because of a finding."""
        place = (finding.app.package, finding.profile.id)
        return [(step, answer) for step, answer in self.steps if (step.package, step.profile) == place]


def _broken_off(
    options: argparse.Namespace, plan: Plan, tried: _Tried, stopped: Problem | Cancelled, more: Mapping[str, Any]
) -> int:
    """Tell what is not known after a removal that broke off, and why it did; `more` is told with it in JSON.

    Returns the exit code.
    """
    problem = stopped
    if isinstance(problem, Cancelled):
        cancelled = T("Cancelled. What was done until then is in the log.")
        problem = Problem(cancelled, T("Check the phone again."), code="cancelled")
    support_log.problem(problem)
    # Another phone was there: then the step that has no answer was not sent.
    without_answer = Outcome.NOT_TAKEN if isinstance(stopped, WrongPhone) else Outcome.UNKNOWN
    items = []
    for item in plan.items:
        steps = tried.of(item.finding)
        sent = any(answer is not None or without_answer is Outcome.UNKNOWN for _, answer in steps)
        items.append((item, steps, BrokenOffResult.NOT_KNOWN if sent else BrokenOffResult.NOT_TRIED))
    if options.json:
        fields = terminal.pick(problem, "code sentence next=next_step")
        terminal.answer_json(
            {"problem": fields, "removal": [_broken_off_as_json(*item, without_answer) for item in items]}
        )
    else:
        for item, _, result in items:
            where = value_names.profile(item.finding.profile)
            name = f"{item.finding.display_name}, {where}"
            terminal.out(f"? {value_names.pair(name, _BROKEN_OFF[result])}")
    terminal.problem(problem)
    return problem.exit_code


def _broken_off_as_json(
    item: Planned, steps: list[tuple[Step, Answer | None]], result: BrokenOffResult, without_answer: Outcome
) -> dict[str, Any]:
    return {
        "app": item.finding.app.package,
        "profile": item.finding.profile.id,
        "result": result,
        "steps": [
            {
                "act": step.act,
                **(terminal.pick(answer, "outcome answer=text means") if answer else {"outcome": without_answer}),
            }
            for step, answer in steps
        ],
    }


def _ticked(check: Check, name: str) -> Finding:
    """The finding that `name` (a package or a product) means."""
    folded_name = name.casefold()
    for finding in check.findings:
        if finding not in check.red and folded_name in (
            finding.app.package.casefold(),
            finding.product.en.casefold(),
            finding.product.fr.casefold(),
        ):
            return finding
    sentence = T("The check found no {app} that could be removed.", app=name)
    raise Problem(sentence, T("Check the phone to see what is there."), code="not-found", exit_code=2)


def _agreed(plan: Plan, *, asks_told: bool) -> bool:
    """Whether the officer says yes to the plan, and before, where the policy asks, that the holder was told."""
    if asks_told:
        apps = value_names.listed(dict.fromkeys(finding.display_name for finding in plan.loses))
        if not _confirmed(T("Did you tell the holder that data kept only in {apps} is lost?", apps=apps)):
            return False
    return _confirmed(T("Do this now?"))


def _confirmed(question: Text) -> bool:
    if not sys.stdin.isatty():
        raise terminal.NotConfirmed(
            T("Nothing was removed: the question could not be asked."),
            T("Add --yes, or --plan to see what would be done."),
        )
    terminal.say("")
    return terminal.confirmed(question)


def _show_plan(plan: Plan) -> None:
    if not plan.items:
        return
    terminal.out("", T("What will be done:"))
    for item in plan.items:
        if not item.steps:
            terminal.out(f"  ! {item.by_hand}")
            continue
        for step in item.steps:
            terminal.out(f"  → {step.does}")
        if item.for_good:
            terminal.out(f"      {T('The app and its data are deleted from the phone for good.')}")
        for step in item.otherwise:
            terminal.out(f"      {T('if the phone refuses: {step}', step=value_names.inside(step.does))}")


def _plan_as_json(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "app": i.finding.app.package,
            "profile": i.finding.profile.id,
            "steps": [terminal.pick(step, "act does") for step in i.steps],
            "otherwise": [terminal.pick(step, "act does") for step in i.otherwise],
            "for_good": i.for_good,
            "by_hand": "" if i.steps else str(i.by_hand),
        }
        for i in plan.items
    ]


def _show_removal(removal: Removal, entries: Sequence[Entry]) -> None:
    terminal.out("")
    for item in removal.items:
        sign = "✔" if item.result in (Result.REMOVED, Result.SWITCHED_OFF) else "✖"
        where = value_names.profile(item.finding.profile)
        terminal.out(
            f"{sign} {value_names.pair(f'{item.finding.display_name}, {where}', describe.RESULTS[item.result])}"
        )
        there = _evidence(item, entries)
        if there is not None:
            line = app_evidence.line(there)
            terminal.out(f"    {value_names.pair(T('What was there'), line)}")
        if item.result is Result.STILL_THERE and item.history:
            terminal.out(f"    {item.history[-1][1].means}")
        if item.by_hand:
            terminal.out(f"    {item.by_hand}")
        if item.screen_open:
            terminal.out(f"    {T('The screen for it is now open on the phone.')}")
    terminal.out("")
    rendering.check(removal.check)


def _evidence(item: ItemResult, entries: Sequence[Entry]) -> EvidenceTaken | None:
    """What was there of the app of `item` before its removal began; None where it is no banned one."""
    entry = app_evidence.of_app(entries, item.finding.app.package, item.finding.profile.id)
    return entry.record if entry is not None and isinstance(entry.record, EvidenceTaken) else None


def _evidence_as_json(evidence: EvidenceTaken) -> dict[str, Any]:
    return {
        **terminal.pick(evidence, "version store size first_installed last_updated"),
        "last_used": evidence.last_used.value if evidence.last_used is not None else None,
        "signers": list(evidence.signers),
        "files": [terminal.pick(file, "name size sha256 by") for file in evidence.files],
        "missing": [str(sentence) for sentence in evidence.missing],
    }


def _done_as_json(item: ItemResult, entries: Sequence[Entry]) -> dict[str, Any]:
    evidence = _evidence(item, entries)
    return {
        "app": item.finding.app.package,
        "profile": item.finding.profile.id,
        "result": item.result,
        "steps": [{"act": s.act, **terminal.pick(a, "outcome answer=text means")} for s, a in item.history],
        "by_hand": str(item.by_hand) if item.by_hand else "",
        "screen_open": item.screen_open,
        "evidence": _evidence_as_json(evidence) if evidence is not None else None,
    }
