"""What ``fanion store`` does so that others can believe a store: verify it, sign its list of files, and list them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final

from core.cli import terminal
from core.cli.arguments import Actions, argument, flag
from core.cli.store_commands import store_remarks
from core.desk.desk import Desk
from core.desk.papers.store_keys import store_keys
from core.head_office.questions.remarks import of_store
from core.head_office.store.list_signature import KeyFrom
from core.head_office.store.store import read
from core.head_office.store.store_faults import StoreFault
from core.head_office.store.store_files import list_files, sign_list
from core.head_office.store.tables import TABLES
from core.head_office.verification.store_verification import StoreVerification, verify_store
from core.system.minisign import MinisignError, PublicKey
from core.text import N, T, grouped, plain

#: Faults that are told to people; `--json` has up to a thousand.
_SHOWN: Final = 20
_NAME: Final = 500


def add(actions: Actions) -> None:
    """Add the actions of this module to those of ``fanion store``."""
    actions.add(
        "verify",
        run_verify,
        T("find whether a file, a row or an entry of the store was changed, removed or added"),
        argument("bundles", T("bundles to compare with, or folders of such"), T("BUNDLE"), type=Path, nargs="*"),
        argument("--enrolled", T("the texts of the desks’ enrolment sheets, to verify with"), T("FILE"), type=Path),
        argument(
            "--key",
            T("a file with head office’s private key, where the bundles are encrypted; also several times"),
            T("FILE"),
            type=Path,
            action="append",
            default=[],
        ),
        argument("--signed-by", T("the public key that the list of files is signed by"), T("KEY"), type=_public_key),
    )
    actions.add(
        "sign",
        run_sign,
        T("sign the list of files, now and after each merge, with a key of the store"),
        flag("--new-key", T("with a new key in the place of the one that was")),
    )
    actions.add(
        "files",
        run_files,
        T("list the files that DuckDB, Spark and others are to read now"),
        argument("--table", T("of this table alone"), choices=tuple(TABLES)),
        argument("--at", T("where the reader has the store, such as s3a://bucket/fanion"), T("ADDRESS"), default=""),
    )


def run_verify(options: argparse.Namespace, desk: Desk) -> int:
    with terminal.stop_button() as cancel:
        result = verify_store(
            options.store,
            options.bundles,
            enrolled=options.enrolled,
            private_keys=options.key,
            store_keys=store_keys(desk),
            signed_by=options.signed_by,
            report=terminal.progress,
            cancel=cancel,
        )
    lines = _lines(result, options)
    return store_remarks.answer(options, _as_json(result, options), *lines, code=0 if result.intact else 5)


def run_sign(options: argparse.Namespace, desk: Desk) -> int:
    with terminal.stop_button() as cancel:
        result = sign_list(
            options.store, store_keys(desk), new_key=options.new_key, report=terminal.progress, cancel=cancel
        )
    fields = {"key": result.key.line, **terminal.pick(result, "new_key generation fingerprints")}
    lines: list[object] = [T("The list of files is signed, and will be after each merge.")]
    if result.new_key:
        lines.append(T("A key was made for it. Keep its public half elsewhere, for those who read the store:"))
    return store_remarks.answer(options, fields, *lines, result.key.line)


def run_files(options: argparse.Namespace, desk: Desk) -> int:
    tables = (options.table,) if options.table else tuple(TABLES)
    listing = list_files(options.store, tables, options.at, store_keys(desk))
    fields = {
        "generation": listing.generation,
        "tables": {name: terminal.pick(table, "folder columns files") for name, table in listing.tables.items()},
    }
    remarks = of_store(read(options.store))
    if not options.json:  # beside the answer, which another program reads
        terminal.say(*store_remarks.lines(remarks))
    fields |= store_remarks.as_json(remarks)
    return terminal.answer(options, fields, *(file for table in listing.tables.values() for file in table.files))


def _public_key(typed: str) -> PublicKey:
    """The key that was typed. Raises ArgumentTypeError."""
    try:
        return PublicKey.parse(typed)
    except MinisignError as error:
        raise argparse.ArgumentTypeError(str(T("“{text}” is no public key of minisign", text=typed))) from error


def _lines(result: StoreVerification, options: argparse.Namespace) -> list[object]:
    counts = result.counts
    numbers = {
        "files": grouped(result.files),
        "rows": grouped(counts.rows),
        "entries": grouped(counts.entries),
        "seals": grouped(counts.seals),
    }
    if result.intact:
        headline = terminal.paint(f"✔ {T('The store is as the desks’ bundles made it.')}", "green", sys.stdout)
    else:
        headline = terminal.paint(f"✖ {T('The store was changed, or is damaged.')}", "red", sys.stdout)
    lines: list[object] = [
        headline,
        N(
            "Compared: {files} files, {rows} rows, {entries} entries and {seals} seals, of {count} desk.",
            "Compared: {files} files, {rows} rows, {entries} entries and {seals} seals, of {count} desks.",
            counts.desks,
            **numbers,
        ),
        T("The list is that after merge {merge}. Its SHA-256: {sha256}", merge=result.generation, sha256=result.sha256),
    ]
    if counts.bundles:
        lines.append(N("It was compared with {count} bundle.", "It was compared with {count} bundles.", counts.bundles))
    lines += [f"? {line}" for line in _limits(result, options)]
    lines += [f"  ✖ {fault.sentence}" for fault in result.faults[:_SHOWN]]
    if (remaining := result.count - _SHOWN) > 0:
        lines.append(N("  and {count} more", "  and {count} more", remaining))
    if not result.intact:
        lines += [
            "",
            T("Keep the store as it is, report it to your IT security team, and bring it back from a backup."),
        ]
    return lines


def _limits(result: StoreVerification, options: argparse.Namespace) -> list[object]:
    """List what was not verified, so that nothing wrong could be found in it."""
    lines: list[object] = []
    if result.signature.source is None:
        lines.append(T("The list of files is not signed: sign it with “fanion store sign”."))
    elif result.signature.source is KeyFrom.STORE:
        lines.append(T("The list names its key itself. Give the key that you know, with --signed-by."))
    if result.unlisted_hashes:
        lines.append(
            N(
                "An earlier version has made {count} file, of which the list has no fingerprint.",
                "An earlier version has made {count} files, of which the list has no fingerprint.",
                result.unlisted_hashes,
            )
        )
    if options.enrolled is None:
        lines.append(T("The desks’ keys are those in the store. Give the ones that you know, with --enrolled."))
    if result.counts.unproved:
        lines.append(
            N(
                "{count} entry is behind a gap: no seal verifies it without the bundle that brought it.",
                "{count} entries are behind a gap: no seal verifies them without the bundle that brought them.",
                result.counts.unproved,
            )
        )
    return lines


def _as_json(result: StoreVerification, options: argparse.Namespace) -> dict[str, Any]:
    signature = result.signature
    return {
        **terminal.pick(result, "intact generation"),
        "list": {
            "sha256": result.sha256,
            "signed": signature.signed,
            "key": signature.key.line if signature.key is not None else None,
            "key_from": signature.source,
        },
        **terminal.pick(result, "files without_fingerprint=unlisted_hashes"),
        **terminal.pick(result.counts, "rows entries seals desks bundles unproved"),
        "keys_given": options.enrolled is not None,
        "faults": [_fault_json(fault) for fault in result.faults],
        "fault_count": result.count,
    }


def _fault_json(fault: StoreFault) -> dict[str, Any]:
    return {
        "kind": fault.kind,
        **{key: plain(getattr(fault, key), _NAME) for key in ("file", "log", "desk")},
        **terminal.pick(fault, "first last columns problem=sentence"),
    }
