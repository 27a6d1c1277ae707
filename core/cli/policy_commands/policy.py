"""``fanion policy``: what is banned, on whose word, how it is recognised; bringing, signing and handing on policies."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from core import value_names
from core.cli import terminal
from core.cli.arguments import JSON, Actions, argument
from core.cli.policy_commands import convert, sign
from core.cli.signs import STRENGTH_SIGNS
from core.desk.active_policy import ActivePolicy
from core.desk.desk import Desk
from core.desk.policy import policy_changes, policy_import
from core.model import Code, Container, Policy, Rule, RuleId, Strength, Trust, WebService
from core.policy import layers
from core.policy.format import policy_file
from core.policy.matching.ask import would_be
from core.policy.wording import long_date
from core.text import T


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = Actions(parser, common, JSON)
    actions.add("list", run_list, T("the policies that Fanion brings along"))
    name = argument("name", T("one that Fanion brings along, or a file"), T("NAME"), nargs="?")
    actions.add("show", run_show, T("the policy in force, rule by rule"), name)
    file = argument("file", T("the policy file"), T("FILE"), type=Path)
    actions.add("check", run_check, T("find every fault in a policy file"), file)
    app = argument("app", T("an app’s id or name, a certificate’s digest, a class"), T("TEXT"))
    actions.add("ask", run_ask, T("would this app be banned?"), app)
    folder = argument("folder", T("the folder with the signed policy"), T("DIR"), type=Path)
    actions.add("import", run_import, T("accept a signed policy, such as from a USB key"), folder)
    convert.add(actions)
    if (signing := actions.parser("sign", T("sign policies for USB keys, as the policy team"))) is not None:
        sign.add_arguments(signing, common)


def run_list(options: argparse.Namespace, desk: Desk) -> int:
    in_force = desk.active_policy().policy
    policies = [policy_file.load_built_in(name) for name in policy_file.built_in()]
    if in_force.sha256 not in [p.sha256 for p in policies]:
        policies.insert(0, in_force)
    heads = [{**_head(p), "in_force": p.sha256 == in_force.sha256} for p in policies]
    lines = []
    for policy in policies:
        mark = f"  ({T('in force')})" if policy.sha256 == in_force.sha256 else ""
        lines.append(value_names.pair(f"{policy.id} {policy.version}", f"{policy.title}{mark}"))
    return terminal.answer(options, {"policies": heads}, *lines)


def run_show(options: argparse.Namespace, desk: Desk) -> int:
    active = desk.active_policy() if options.name is None else None
    policy = active.policy if active else policy_for_display(options.name)
    status = _status(active, desk) if active else {}
    return terminal.answer(
        options,
        {
            **_head(policy),
            **status,
            "rules": [_rule_as_json(r) for r in policy.rules],
            "containers": [_container_as_json(container) for container in policy.containers],
            "web": [terminal.pick(service, "rule hosts confidence source") for service in policy.web],
        },
        f"{policy.title} ({policy.id} {policy.version})",
        T("In force for: {scope}", scope=policy.scope),
        T("Issued {date}. SHA-256 {sha256}", date=long_date(policy.issued), sha256=policy.sha256),
        *(_status_lines(active, desk) if active else []),
        *[line for rule in policy.rules for line in _rule_lines(rule)],
        *[line for container in policy.containers for line in _container_lines(container)],
        *[line for service in policy.web for line in _service_lines(service, policy)],
    )


def run_check(options: argparse.Namespace, desk: Desk) -> int:
    result = policy_file.examine(options.file)
    faults = () if isinstance(result, Policy) else result
    value = [terminal.pick(fault, "line sentence next=next_step") for fault in faults]
    lines: list[object] = [f"✖ {fault.sentence} {fault.next_step}" for fault in faults]
    if isinstance(result, Policy):
        lines = [T("✔ The policy is sound: {id} {version}.", id=result.id, version=result.version)]
    return terminal.answer(options, {"sound": not faults, "faults": value}, *lines, code=5 if faults else 0)


def run_ask(options: argparse.Namespace, desk: Desk) -> int:
    """0: no rule names it; 1: it would be banned; 3: only something like it, or a rule that is no ban, names it."""
    policy = desk.policy(None)
    answers = would_be(policy, options.app)
    lines: list[object] = []
    for answer in answers:
        sign_of = STRENGTH_SIGNS[answer.rule.strength] if answer.certain else "?"
        lines.append(f"{sign_of} {value_names.pair(value_names.STRENGTHS[answer.rule.strength], answer.because)}")
    if not answers:
        lines = [
            T("No rule names “{app}”.", app=options.app),
            T("An app that no rule names is still recognised by its signer and by its code."),
        ]
    rows = [terminal.pick(a.rule, "rule=id strength") | terminal.pick(a, "certain because") for a in answers]
    terminal.answer(options, {"answers": rows}, *lines)
    if any(a.certain and a.rule.strength is Strength.BAN for a in answers):
        return 1
    return 3 if answers else 0


def run_import(options: argparse.Namespace, desk: Desk) -> int:
    with terminal.stop_button() as cancel:
        accepted = policy_import.import_policy(desk, options.folder, cancel)
    value = terminal.pick(accepted, "id=policy_id version=policy_version sha256 expires root_keys")
    return terminal.answer(
        options,
        {"accepted": value, "in_force": desk.active_policy().policy.sha256},
        T("✔ Accepted, and in force: {id} {version}.", id=accepted.policy_id, version=accepted.policy_version),
        T("Valid until {date}. SHA-256 {sha256}", date=long_date(accepted.expires.date()), sha256=accepted.sha256),
    )


def policy_for_display(name: str) -> Policy:
    """The policy that comes with Fanion under that name, or the one in that file, to be read only."""
    return policy_file.load_built_in(name) if name in policy_file.built_in() else policy_file.load(Path(name))


def _status(active: ActivePolicy, desk: Desk) -> dict[str, Any]:
    since = policy_changes.in_force(desk, active.policy).since
    return {
        "in_force_since": since.isoformat() if since else None,
        "layers": [terminal.pick(layer, "id version sha256 source trust") for layer in layers.layers(active.policy)],
        "off": list(active.policy.off),
        "expires": active.accepted.expires.isoformat() if active.accepted else None,
        "expired": active.expired_since is not None,
        "warnings": [str(warning) for warning in active.warnings],
    }


def _status_lines(active: ActivePolicy, desk: Desk) -> list[object]:
    lines: list[object] = []
    since = policy_changes.in_force(desk, active.policy).since
    if since is not None:
        lines.append(T("In force here since {date}.", date=long_date(since.astimezone().date())))
    for layer in layers.layers(active.policy):
        lines.append(f"  {value_names.pair(f'{layer.id} {layer.version}', value_names.TRUST[layer.trust])}")
    if active.policy.trust is Trust.UNSIGNED:
        lines.append(T("? Not all of this policy is signed: your organisation allows that on this computer."))
    lines += [f"? {warning}" for warning in active.warnings]
    if active.policy.off:
        lines.append(T("Switched off: {rules}", rules=", ".join(active.policy.off)))
    return lines


def _head(policy: Policy) -> dict[str, Any]:
    return {
        **terminal.pick(policy, "id version issued"),
        "title": terminal.pick(policy.title, "en fr"),
        "scope": terminal.pick(policy.scope, "en fr"),
        **terminal.pick(policy, "sha256 source trust exception_days"),
    }


def _rule_as_json(rule: Rule) -> dict[str, Any]:
    texts = {
        "product": rule.product,
        "reason": rule.reason,
        "authority": rule.authority.name,
        "quote": rule.authority.quote,
    }
    return {
        **terminal.pick(rule, "id strength announced effective deadline publisher"),
        **{name: terminal.pick(text, "en fr") for name, text in texts.items()},
        "ids": _ids_as_json(rule.ids),
        "signers": [terminal.pick(signer, "sha256 sha1 md5 hash signs confidence source") for signer in rule.signers],
        "code": _code_as_json(rule.code),
        "files": [terminal.pick(file, "name confidence source") for file in rule.files],
        "labels": [terminal.pick(label, "text source") for label in rule.labels],
        "teams": [terminal.pick(team, "id prefix confidence source") for team in rule.teams],
    }


def _ids_as_json(ids: Iterable[RuleId]) -> list[dict[str, Any]]:
    return [terminal.pick(id, "platform id product confidence source store") for id in ids]


def _code_as_json(codes: Iterable[Code]) -> list[dict[str, Any]]:
    return [terminal.pick(code, "prefix inside confidence source") for code in codes]


def _container_as_json(container: Container) -> dict[str, Any]:
    return {
        "id": container.id,
        "product": terminal.pick(container.product, "en fr"),
        "ids": _ids_as_json(container.ids),
        "code": _code_as_json(container.code),
    }


def _id_line(id: RuleId) -> str:
    confidence = value_names.CONFIDENCES.get(id.confidence, id.confidence)
    return f"{id.platform}: {id.id}  {id.product}  ({value_names.pair(confidence, id.source)})"


def _container_lines(container: Container) -> list[object]:
    lines: list[object] = [_id_line(id) for id in container.ids]
    lines += [f"{T('has the code {prefix}', prefix=code.prefix)}  ({code.source})" for code in container.code]
    return [
        "",
        value_names.pair(f"? {T('Can contain other apps')}", container.product),
        *[f"    {line}" for line in lines],
    ]


def _service_lines(service: WebService, policy: Policy) -> list[object]:
    rule = policy.rule(service.rule)
    heading = value_names.pair(f"i {T('On the web')}", rule.product if rule is not None else service.rule)
    return ["", heading, f"    {', '.join(service.hosts)}  ({service.source})"]


def _rule_lines(rule: Rule) -> list[object]:
    strength = f"{STRENGTH_SIGNS[rule.strength]} {value_names.STRENGTHS[rule.strength]}"
    lines: list[object] = [
        T("since {date}, {authority}", date=long_date(rule.effective), authority=rule.authority.name),
        rule.reason,
        T("“{quote}”", quote=rule.authority.quote),
    ]
    if rule.deadline:
        lines.append(T("to be carried out by {date}", date=long_date(rule.deadline)))
    if rule.scope:
        lines.append(T("about {scope}", scope=rule.scope))
    if rule.note:
        lines.append(rule.note)
    lines += [_id_line(id) for id in rule.ids]
    for signer in rule.signers:
        digest = signer.sha256 or signer.sha1 or signer.md5 or signer.hash
        signer_line = T("signs {apps}: {digest}", apps=", ".join(signer.signs), digest=digest)
        lines.append(f"{signer_line}  ({signer.source})")
    lines += [f"{T('has the code {prefix}', prefix=code.prefix)}  ({code.source})" for code in rule.code]
    lines += [f"{T('has the file {name}', name=file.name)}  ({file.source})" for file in rule.files]
    lines += [f"{T('calls itself “{label}”', label=label.text)}  ({label.source})" for label in rule.labels]
    for team in rule.teams:
        lines.append(f"{T('Apple team {team}: {prefix}…', team=team.id, prefix=team.prefix)}  ({team.source})")
    return ["", value_names.pair(strength, rule.product), *[f"    {line}" for line in lines]]
