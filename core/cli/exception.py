"""``fanion exception``: the register of exceptions, which lets a named phone carry a banned app until a day."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date
from typing import Any

from core import describe, value_names
from core.cli import terminal
from core.cli.arguments import JSON, PRACTICE, Actions, argument, day, one_of
from core.desk.desk import Desk
from core.desk.policy import granted_exceptions, policy_changes
from core.desk.problems import NoSuchEntry
from core.model import Policy
from core.policy.exceptions import Grant, Request, needs_signer, only_app
from core.policy.wording import long_date
from core.text import T, Text


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = Actions(parser, common, JSON, PRACTICE)
    actions.add("list", run_list, T("the register of exceptions"))
    actions.add(
        "grant",
        run_grant,
        T("grant an exception"),
        argument("rule", T("the rule’s id, as “fanion check --json” has it"), T("RULE")),
        argument("--until", T("the last day"), "YYYY-MM-DD", type=day, required=True),
        argument("--authority", T("who granted it"), T("NAME"), required=True),
        argument("--reference", T("such as a file number"), T("TEXT"), required=True),
        one_of(
            argument("--asset-tag", T("the phone by its asset tag"), T("TEXT")),
            argument("--entry", T("the phone of this entry of the log"), "N", type=int),
            required=True,
        ),
        argument("--app", T("which app, where the rule names several"), T("PACKAGE"), default=""),
        argument(
            "--signer",
            T("who signed the app, where the rule does not know it: SHA-256 of its certificate, or Apple team"),
            T("SIGNER"),
            default="",
        ),
    )
    actions.add(
        "withdraw",
        run_withdraw,
        T("withdraw an exception"),
        argument("entry", T("the entry that grants it"), "N", type=int),
        argument("--reason", T("why"), T("TEXT"), default=""),
    )


def run_list(options: argparse.Namespace, desk: Desk) -> int:
    policy = desk.policy(None)
    grants = policy_changes.exceptions(desk, practice=options.practice)
    today = policy_changes.today(desk, practice=options.practice)
    lines = [line for grant in grants for line in _lines(grant, policy, today)]
    return terminal.answer(
        options,
        {"exceptions": [_as_json(grant, policy, today) for grant in grants]},
        *(lines or [T("No exception has been granted at this desk.")]),
    )


def run_grant(options: argparse.Namespace, desk: Desk) -> int:
    policy = desk.policy(None)
    rule = policy.rule(options.rule)
    app = options.app or (only_app(rule) if rule else "")
    request = Request(
        options.rule,
        options.until,
        options.authority,
        options.reference,
        app,
        tag=options.asset_tag or "",
        signer=options.signer.strip(),
    )
    if options.entry is not None:
        request = _with_phone(request, options.entry, desk, options.practice)
    grant = policy_changes.grant(desk, request, policy, practice=options.practice)
    confirmation = T(
        "✔ Granted until {date}, in the log as entry {entry}. Check the phone again.",
        date=long_date(grant.until(policy)),
        entry=grant.entry,
    )
    lines: list[object] = [confirmation]
    if rule is not None and not grant.request.signer and needs_signer(rule, app):
        lines.append(
            T(
                "? The rule does not know who signs this app: on an Android phone the exception counts only if it was "
                "granted with --signer, or in the window for a phone that was checked."
            )
        )
    if grant.by_tag:
        lines.append(T("It applies to the first phone checked with this tag, and to no other."))
    return terminal.answer(options, _as_json(grant, policy, grant.granted), *lines)


def run_withdraw(options: argparse.Namespace, desk: Desk) -> int:
    policy_changes.revoke(desk, options.entry, options.reason, practice=options.practice)
    confirmation = T("✔ Withdrawn. The next check of that phone is red again.")
    return terminal.answer(options, {"withdrawn": options.entry}, confirmation)


def _with_phone(request: Request, number: int, desk: Desk, practice: bool) -> Request:
    """The request for the phone of a record. Raises NoSuchEntry, CannotGrant."""
    with desk.read_ledger(practice) as ledger:
        entry = ledger.entry(number)
        if entry is None:
            newest = ledger.newest(1)
            raise NoSuchEntry(number, newest[0].seq if newest else 0)
    device, serial = entry.device, describe.serial(entry)
    if device is None or not serial:
        raise granted_exceptions.CannotGrant(
            "entry", T("Entry {entry} is about no phone that can still be told.", entry=number)
        )
    return replace(request, serial=serial, maker=device.maker, model=device.model, tag=describe.labels(entry).tag)


def _state(grant: Grant, policy: Policy, today: date) -> Text:
    if grant.revoked is not None:
        return T("withdrawn on {date}", date=grant.revoked.isoformat())
    if not grant.names_a_phone:
        return T("counts for no phone: what tells it was erased")
    return T("in force") if grant.holds(policy, today) else T("over")


def _lines(grant: Grant, policy: Policy, today: date) -> tuple[object, ...]:
    request, rule = grant.request, policy.rule(grant.request.rule)
    identity = grant.bound or request
    phone = " ".join(part for part in (identity.maker, identity.model, identity.serial, request.tag) if part)
    bound = (f"    {T('bound to this phone by entry {entry}', entry=grant.bound.entry)}",) if grant.bound else ()
    return (
        value_names.pair(
            T("Entry {entry}", entry=grant.entry),
            T(
                "{product} until {date} ({state})",
                product=rule.product if rule else request.rule,
                date=long_date(grant.until(policy)),
                state=_state(grant, policy, today),
            ),
        ),
        f"    {T('{authority}, {reference}', authority=request.authority, reference=request.reference)}",
        f"    {phone or T('phone not known any more')}{f', {request.package}' if request.package else ''}",
        *bound,
    )


def _as_json(grant: Grant, policy: Policy, today: date) -> dict[str, Any]:
    request = grant.request
    return {
        **({"bound": grant.bound.entry} if grant.bound is not None else {}),
        "entry": grant.entry,
        **terminal.pick(request, "rule app=package"),
        "until": grant.until(policy).isoformat(),
        "granted": grant.granted.isoformat(),
        "withdrawn": grant.revoked.isoformat() if grant.revoked else None,
        "in_force": grant.holds(policy, today),
        **terminal.pick(request, "authority reference"),
        "phone": {**terminal.pick(grant.bound or request, "maker model serial"), "asset_tag": request.tag},
    }
