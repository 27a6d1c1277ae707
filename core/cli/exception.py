"""``fanion exception``: the register of exceptions, which lets a named phone carry a banned app until a day."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from core import describe, value_names
from core.cli import terminal
from core.desk import granted_exceptions, policy_changes
from core.desk.desk import Desk
from core.desk.problems import NoSuchEntry
from core.ledger.records import Entry
from core.model import Policy
from core.policy.exceptions import Grant, Request, only_app
from core.policy.wording import long_date
from core.text import T, Text


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar=str(T("ACTION")))
    options = argparse.ArgumentParser(add_help=False, parents=[common])
    options.add_argument("--json", action="store_true", help=str(T("answer with one JSON object")))
    options.add_argument("--practice", action="store_true", help=str(T("the log of practice phones")))
    listing = actions.add_parser("list", parents=[options], help=str(T("the register of exceptions")))
    listing.set_defaults(run=run_list)
    grant = actions.add_parser("grant", parents=[options], help=str(T("grant an exception")))
    grant.add_argument("rule", metavar=str(T("RULE")), help=str(T("the rule’s id, as “fanion check --json” has it")))
    grant.add_argument("--until", type=_day, required=True, metavar="YYYY-MM-DD", help=str(T("the last day")))
    grant.add_argument("--authority", required=True, metavar=str(T("NAME")), help=str(T("who granted it")))
    grant.add_argument("--reference", required=True, metavar=str(T("TEXT")), help=str(T("such as a file number")))
    which = grant.add_mutually_exclusive_group(required=True)
    which.add_argument("--asset-tag", metavar=str(T("TEXT")), help=str(T("the phone by its asset tag")))
    which.add_argument("--entry", type=int, metavar="N", help=str(T("the phone of this entry of the log")))
    grant.add_argument(
        "--app", default="", metavar=str(T("PACKAGE")), help=str(T("which app, where the rule names several"))
    )
    grant.set_defaults(run=run_grant)
    withdraw = actions.add_parser("withdraw", parents=[options], help=str(T("withdraw an exception")))
    withdraw.add_argument("entry", type=int, metavar="N", help=str(T("the entry that grants it")))
    withdraw.add_argument("--reason", default="", metavar=str(T("TEXT")), help=str(T("why")))
    withdraw.set_defaults(run=run_withdraw)


def run_list(options: argparse.Namespace, desk: Desk) -> int:
    policy = desk.policy(None)
    grants = policy_changes.exceptions(desk, practice=options.practice)
    today = policy_changes.today(desk, practice=options.practice)
    if options.json:
        terminal.answer_json({"exceptions": [_as_json(grant, policy, today) for grant in grants]})
    elif not grants:
        terminal.out(T("No exception has been granted at this desk."))
    for grant in () if options.json else grants:
        terminal.out(*_lines(grant, policy, today))
    return 0


def run_grant(options: argparse.Namespace, desk: Desk) -> int:
    policy = desk.policy(None)
    rule = policy.rule(options.rule)
    app = options.app or (only_app(rule) if rule else "")
    request = Request(
        options.rule, options.until, options.authority, options.reference, app, tag=options.asset_tag or ""
    )
    if options.entry is not None:
        request = _with_phone(request, options.entry, desk, options.practice)
    grant = policy_changes.grant(desk, request, policy, practice=options.practice)
    if options.json:
        terminal.answer_json(_as_json(grant, policy, grant.granted))
        return 0
    terminal.out(
        T(
            "✔ Granted until {date}, on record as entry {entry}. Check the phone again.",
            date=long_date(grant.until(policy)),
            entry=grant.entry,
        )
    )
    return 0


def run_withdraw(options: argparse.Namespace, desk: Desk) -> int:
    policy_changes.revoke(desk, options.entry, options.reason, practice=options.practice)
    if options.json:
        terminal.answer_json({"withdrawn": options.entry})
    else:
        terminal.out(T("✔ Withdrawn. The next check of that phone is red again."))
    return 0


def _with_phone(request: Request, number: int, desk: Desk, practice: bool) -> Request:
    """The request for the phone of a record."""
    with desk.read_ledger(practice) as ledger:
        entry = ledger.entry(number)
        if entry is None:
            newest = ledger.newest(1)
            raise NoSuchEntry(number, newest[0].seq if newest else 0)
    return Request(
        request.rule,
        request.until,
        request.authority,
        request.reference,
        request.package,
        **_phone_of(entry, number),
    )


def _phone_of(entry: Entry, number: int) -> dict[str, str]:
    device, serial = entry.device, describe.serial(entry)
    if device is None or not serial:
        raise granted_exceptions.CannotGrant(
            "entry", T("Entry {entry} is about no phone that can still be told.", entry=number)
        )
    return {"serial": serial, "maker": device.maker, "model": device.model, "tag": describe.labels(entry).tag}


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(T("“{text}” is no day such as 2027-03-31", text=typed))) from error


def _state(grant: Grant, policy: Policy, today: date) -> Text:
    if grant.revoked is not None:
        return T("withdrawn on {date}", date=grant.revoked.isoformat())
    if not grant.request.serial and not grant.request.tag:
        return T("counts for no phone: what tells it was erased")
    return T("in force") if grant.holds(policy, today) else T("over")


def _lines(grant: Grant, policy: Policy, today: date) -> tuple[object, ...]:
    asked, rule = grant.request, policy.rule(grant.request.rule)
    phone = " ".join(part for part in (asked.maker, asked.model, asked.serial, asked.tag) if part)
    return (
        value_names.pair(
            T("Entry {entry}", entry=grant.entry),
            T(
                "{product} until {date} ({state})",
                product=rule.product if rule else asked.rule,
                date=long_date(grant.until(policy)),
                state=_state(grant, policy, today),
            ),
        ),
        f"    {T('{authority}, {reference}', authority=asked.authority, reference=asked.reference)}",
        f"    {phone or T('phone not known any more')}{f', {asked.package}' if asked.package else ''}",
    )


def _as_json(grant: Grant, policy: Policy, today: date) -> dict[str, Any]:
    asked = grant.request
    return {
        "entry": grant.entry,
        "rule": asked.rule,
        "app": asked.package,
        "until": grant.until(policy).isoformat(),
        "granted": grant.granted.isoformat(),
        "withdrawn": grant.revoked.isoformat() if grant.revoked else None,
        "in_force": grant.holds(policy, today),
        "authority": asked.authority,
        "reference": asked.reference,
        "phone": {"maker": asked.maker, "model": asked.model, "serial": asked.serial, "asset_tag": asked.tag},
    }
