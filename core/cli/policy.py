"""``fanion policy``: what is banned, on whose word, and whether a policy file is sound."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core import words
from core.cli import terminal
from core.desk import Desk
from core.model import Policy, Rule
from core.policy import files
from core.policy.match import long_date
from core.text import T


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("policy", parents=[common], help=str(T("read and test policies")))
    actions = parser.add_subparsers(dest="action", required=True, metavar=str(T("ACTION")))
    options = argparse.ArgumentParser(add_help=False, parents=[common])
    options.add_argument("--json", action="store_true", help=str(T("answer with one JSON object")))
    listing = actions.add_parser("list", parents=[options], help=str(T("the policies that Fanion brings along")))
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", parents=[options], help=str(T("the policy in force, rule by rule")))
    show.add_argument("name", nargs="?", metavar=str(T("NAME")), help=str(T("one that Fanion brings along, or a file")))
    show.set_defaults(run=run_show)
    check = actions.add_parser("check", parents=[options], help=str(T("find every fault in a policy file")))
    check.add_argument("file", type=Path, metavar=str(T("FILE")), help=str(T("the policy file")))
    check.set_defaults(run=run_check)


def run_list(options: argparse.Namespace, desk: Desk) -> int:
    in_force = desk.policy(None)
    policies = [files.load_built_in(name) for name in files.built_in()]
    if in_force.sha256 not in [p.sha256 for p in policies]:
        policies.insert(0, in_force)
    if options.json:
        terminal.answer_json({"policies": [{**_head(p), "in_force": p == in_force} for p in policies]})
        return 0
    for policy in policies:
        mark = f"  ({T('in force')})" if policy == in_force else ""
        terminal.out(words.pair(f"{policy.id} {policy.version}", f"{policy.title}{mark}"))
    return 0


def run_show(options: argparse.Namespace, desk: Desk) -> int:
    policy = _named(options.name, desk)
    if options.json:
        terminal.answer_json({**_head(policy), "rules": [_rule_as_json(r) for r in policy.rules]})
        return 0
    terminal.out(
        f"{policy.title} ({policy.id} {policy.version})",
        T("In force for: {scope}", scope=policy.scope),
        T("Issued {date}. SHA-256 {sha256}", date=long_date(policy.issued), sha256=policy.sha256),
    )
    for rule in policy.rules:
        _show_rule(rule)
    return 0


def run_check(options: argparse.Namespace, desk: Desk) -> int:
    faults = files.check(options.file)
    if options.json:
        found = [{"line": f.line, "sentence": str(f.sentence), "next": str(f.next_step)} for f in faults]
        terminal.answer_json({"sound": not faults, "faults": found})
    elif faults:
        for fault in faults:
            terminal.out(f"✖ {fault.sentence} {fault.next_step}")
    else:
        policy = files.load(options.file)
        terminal.out(T("✔ The policy is sound: {id} {version}.", id=policy.id, version=policy.version))
    return 5 if faults else 0


def _named(name: str | None, desk: Desk) -> Policy:
    if name in files.built_in():
        return files.load_built_in(name)
    return desk.policy(Path(name) if name else None)


def _head(policy: Policy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "version": policy.version,
        "issued": policy.issued.isoformat(),
        "title": {"en": policy.title.en, "fr": policy.title.fr},
        "scope": {"en": policy.scope.en, "fr": policy.scope.fr},
        "sha256": policy.sha256,
        "source": policy.source,
    }


def _rule_as_json(rule: Rule) -> dict[str, Any]:
    both = {
        "product": rule.product,
        "reason": rule.reason,
        "authority": rule.authority.name,
        "quote": rule.authority.quote,
    }
    return {
        "id": rule.id,
        "strength": rule.strength,
        "effective": rule.effective.isoformat(),
        **{name: {"en": text.en, "fr": text.fr} for name, text in both.items()},
        "ids": [
            {
                "platform": i.platform,
                "id": i.id,
                "product": str(i.product),
                "confidence": i.confidence,
                "source": i.source,
            }
            for i in rule.ids
        ],
    }


def _show_rule(rule: Rule) -> None:
    terminal.out(
        "",
        f"{terminal.STRENGTH_SIGNS[rule.strength]} {words.pair(words.STRENGTHS[rule.strength], rule.product)}",
        f"    {T('since {date}, {authority}', date=long_date(rule.effective), authority=rule.authority.name)}",
        f"    {rule.reason}",
        f"    {T('“{quote}”', quote=rule.authority.quote)}",
    )
    if rule.note:
        terminal.out(f"    {rule.note}")
    for id in rule.ids:
        confidence = words.CONFIDENCES.get(id.confidence, id.confidence)
        terminal.out(f"    {id.platform}: {id.id}  {id.product}  ({words.pair(confidence, id.source)})")
