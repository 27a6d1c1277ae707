"""``fanion log`` as evidence: seal, verify, prove, and leave copies outside."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from core import describe, value_names
from core.cli import terminal
from core.cli.arguments import ENTRY, Actions, argument, flag, one_of
from core.describe.verification import fault_about, is_warning, more_words, verification_text
from core.desk.desk import Desk
from core.desk.papers import log_evidence
from core.desk.papers.evidence_files import STATES as EVIDENCE_STATES
from core.desk.papers.evidence_files import EvidenceFile, EvidenceState, evidence_files
from core.desk.papers.log_evidence import KeptIn
from core.jobs import silent
from core.ledger.records import Entry
from core.ledger.seals import OutsideCoverage
from core.ledger.verify.faults import ComparedReceipt, Fault, Verification
from core.system.files.folder_check import whole_path
from core.text import N, T, Text, Value, grouped, plain

#: What a verification ends with: as a check does, but what is wrong is wrong with the log.
EXIT_CODES: Final = {"green": 0, "neutral": 0, "amber": 3, "red": 5}
_SIGNS: Final = {"green": "✔", "neutral": "i", "amber": "?", "red": "✖"}
_FAULTS: Final = 20
_EVIDENCE_SIGNS: Final = {
    EvidenceState.THERE: "·",
    EvidenceState.WHOLE: "✔",
    EvidenceState.ALTERED: "✖",
    EvidenceState.MISSING: "✖",
    EvidenceState.ERASED: "–",
    EvidenceState.NOT_IN_LOG: "?",
}
#: Where the desk's key is, in words.
_KEY_IS_IN: Final[Mapping[KeptIn, Text]] = {
    "keyring": T("The desk’s key is in this computer’s keyring."),
    "shared-file": T("The desk’s key is in a file that all users who may write this log can read."),
    "carried-file": T("The desk’s key is in a file beside the log, and goes where the log is carried."),
    "file": T("The desk’s key is in a file that only its owner can read."),
}
#: Bytes of a checkpoint that is typed or piped in.
_TYPED: Final = 100_000
#: Characters of a name that another desk or an authority gave.
_NAME: Final = 1_000


def add(actions: Actions) -> None:
    """Add the actions of this module to those of ``fanion log``."""
    actions.add("seal", run_seal, T("seal what is not sealed yet"))
    actions.add("status", run_status, T("how much is sealed, and how much no outside copy covers"))
    actions.add(
        "verify",
        run_verify,
        T("find whether entries were changed, removed, reordered or cut off"),
        argument("export", T("another desk’s export, instead of this log"), T("DIR"), nargs="?", type=Path),
        argument(
            "--receipt",
            T("a receipt, proof or checkpoint to compare with; “-” reads one that is typed or scanned"),
            T("FILE"),
            action="append",
            default=[],
        ),
        argument(
            "--keys", T("the desk’s keys: the PDF of its enrolment sheet, or the sheet’s text"), T("FILE"), type=Path
        ),
    )
    actions.add(
        "evidence",
        run_evidence,
        T("the copies of apps’ files that are kept beside the log"),
        flag("--verify", T("read each file whole and compare it with the log")),
    )
    actions.add("proof", run_proof, T("the proof that an entry is in the log"), ENTRY)
    actions.add(
        "checkpoint",
        run_checkpoint,
        T("leave a checkpoint on a USB key, and cosign those of other desks"),
        argument("folder", T("a folder on the USB key, or on a share; it has to be there"), T("DIR"), type=Path),
    )
    request = T("write the request into this folder, or under this name that ends in .tsq")
    actions.add(
        "timestamp",
        run_timestamp,
        T("a time stamp from an authority (RFC 3161), by way of files"),
        one_of(
            argument("--request", request, T("PATH"), type=Path),
            argument("--attach", T("attach the authority’s reply"), T("FILE"), type=Path),
            required=True,
        ),
        argument("--authority", T("the authority’s certificates, to check it with"), T("FILE"), type=Path),
    )


def run_seal(options: argparse.Namespace, desk: Desk) -> int:
    size = log_evidence.seal(desk, options.practice)
    confirmation = N("{count} entry is sealed.", "All {count} entries are sealed.", size)
    return terminal.answer(options, {"sealed": size}, confirmation)


def run_status(options: argparse.Namespace, desk: Desk) -> int:
    status = log_evidence.log_status(desk, options.practice)
    value = {
        **terminal.pick(status, "records sealed"),
        "outside": terminal.pick(status.outside, "size time how newer"),
        "identity_key_in": status.keys_in,
        "faults": [_fault_json(f) for f in status.faults],
    }
    return terminal.answer(
        options,
        value,
        T("{count} entries, {sealed} of them sealed.", count=status.records, sealed=grouped(status.sealed)),
        _covered(status.outside),
        N("{count} entry not yet outside.", "{count} entries not yet outside.", status.outside.newer),
        _KEY_IS_IN[status.keys_in],
        *[f"✖ {_fault_line(fault)}" for fault in status.faults],
        code=5 if status.faults else 0,
    )


def run_verify(options: argparse.Namespace, desk: Desk) -> int:
    receipts = [Path(name) for name in options.receipt if name != "-"]
    texts = [sys.stdin.read(_TYPED)] if "-" in options.receipt else []
    with terminal.stop_button() as cancel:
        if options.export is not None:
            verification = log_evidence.verify_export(
                options.export, receipts, options.keys, terminal.progress, cancel, texts
            )
        else:
            verification = log_evidence.verify(
                desk, options.practice, receipts, options.keys, terminal.progress, cancel, texts
            )
    result = verification_text(verification)
    proved = _proved(verification, desk, options)
    value = {
        **terminal.pick(verification, "intact origin records seals sealed outside"),
        "keys_from_outside": verification.pinned,
        "faults": [_fault_json(f) for f in verification.faults],
        "fault_count": verification.count,
        "proved": [_proved_json(*pair) for pair in proved],
    }
    if verification.receipts:
        value["receipts"] = [_receipt_json(receipt) for receipt in verification.receipts]
    headline = f"{_SIGNS[result.tone]} {result.headline}"
    if result.tone != "neutral":
        headline = terminal.paint(headline, result.tone, sys.stdout)
    lines: list[object] = [headline, result.sentence]
    if result.faults:
        lines += ["", T("What was found")]
    lines += [f"  {'?' if is_warning(fault) else '✖'} {_fault_line(fault)}" for fault in result.faults[:_FAULTS]]
    if (remaining := verification.count - _FAULTS) > 0:
        lines.append(f"  {more_words(remaining)}")
    if proved:
        lines += ["", *[_proved_line(*pair) for pair in proved]]
    for part in result.parts:
        lines += ["", part.title, f"  {part.meaning}"]
    return terminal.answer(options, value, *lines, code=EXIT_CODES[result.tone])


def run_evidence(options: argparse.Namespace, desk: Desk) -> int:
    with terminal.stop_button() as cancel:
        report = terminal.progress if options.verify else silent
        evidence = evidence_files(desk, options.practice, verify=options.verify, report=report, cancel=cancel)
    bad = evidence.count(EvidenceState.ALTERED, EvidenceState.MISSING)
    strange = evidence.count(EvidenceState.NOT_IN_LOG)
    value = {
        "folder": str(evidence.folder),
        "verified": options.verify,
        "files": [_evidence_json(file) for file in evidence.files],
        "altered_or_missing": bad,
        "not_in_log": strange,
    }
    lines: list[object] = [_evidence_line(file) for file in evidence.files]
    if not lines:
        lines = [T("No copies of apps’ files are kept beside this log.")]
    else:
        folder, size = str(evidence.folder), evidence.size / 1e6
        lines += ["", T("The folder is {folder}; what is kept takes {size} MB.", folder=folder, size=size)]
    if bad:
        lines.append(T("Tell your IT security team of what is altered or missing, and change nothing in the folder."))
    if strange:
        lines.append(T("What is not in the log was not put there by Fanion, or was erased since: do not open it."))
    return terminal.answer(options, value, *lines, code=5 if bad else 3 if strange else 0)


def _evidence_line(file: EvidenceFile) -> str:
    sign, state = _EVIDENCE_SIGNS[file.state], EVIDENCE_STATES[file.state]
    if file.on_record is None:
        return f"{sign} {value_names.pair(file.name, state)}"
    on_record = file.on_record
    size = N("{count} byte", "{count} bytes", on_record.size or 0)
    about = T(
        "entry {entry}, {app}, {file}, {size}",
        entry=on_record.entry,
        app=on_record.package,
        file=on_record.name,
        size=size,
    )
    return f"{sign} {value_names.pair(about, state)}\n    {file.name}"


def _evidence_json(file: EvidenceFile) -> dict[str, Any]:
    value = {"name": file.name, "state": file.state}
    if file.on_record is not None:
        value |= terminal.pick(file.on_record, "entry app=package file=name size sha256 erased_by")
    return value


def run_proof(options: argparse.Namespace, desk: Desk) -> int:
    proof = log_evidence.proof_text(desk, options.practice, options.entry).decode()
    return terminal.answer(options, {"entry": options.entry, "proof": proof}, proof.rstrip("\n"))


def run_checkpoint(options: argparse.Namespace, desk: Desk) -> int:
    checkpoint = log_evidence.leave_checkpoint(desk, options.practice, options.folder)
    conflicts = [terminal.pick(conflict, "origin problem=sentence next_step") for conflict in checkpoint.conflicts]
    value = {
        "left": str(checkpoint.checkpoint_file),
        "size": checkpoint.size,
        "cosigned": [terminal.pick(cosignature, "origin size first") for cosignature in checkpoint.cosigned],
        "received": [terminal.pick(received, "origin size first") for received in checkpoint.received],
        "conflicts": conflicts,
        "skipped": [{"file": str(s.path), "why": str(s.why)} for s in checkpoint.skipped],
    }
    lines = [
        T(
            "The checkpoint over {count} entries is in {file}.",
            count=checkpoint.size,
            file=str(checkpoint.checkpoint_file),
        )
    ]
    for cosignature in checkpoint.cosigned:
        log = _printable(cosignature.origin)
        lines.append(
            T("Cosigned, its key being new here: {log}, {count} entries.", log=log, count=cosignature.size)
            if cosignature.first
            else T("Cosigned: {log}, {count} entries.", log=log, count=cosignature.size)
        )
    for received in checkpoint.received:
        lines.append(
            T("Cosigned for this desk by {log}: {count} entries.", log=_printable(received.origin), count=received.size)
        )
    terminal.answer(options, value, *lines)
    if not options.json:
        for skipped in checkpoint.skipped:
            terminal.say(T("Left alone: {file}, because {why}.", file=_printable(str(skipped.path)), why=skipped.why))
        for conflict in checkpoint.conflicts:
            terminal.problem(conflict)
    return 5 if checkpoint.conflicts else 0


def run_timestamp(options: argparse.Namespace, desk: Desk) -> int:
    if options.request is not None:
        request = log_evidence.timestamp_request(desk, options.practice, whole_path(options.request))
        return terminal.answer(
            options,
            {"size": request.size, "file": str(request.file)},
            T(
                "The request for the seal over {count} entries is in {file}.",
                count=request.size,
                file=str(request.file),
            ),
            T("Carry it to a computer with a network, have it answered there, and attach the reply."),
        )
    stamp = log_evidence.attach_timestamp(desk, options.practice, options.attach, options.authority)
    return terminal.answer(
        options,
        terminal.pick(stamp, "size time authority checked"),
        T(
            "{authority} says that the seal over {count} entries existed at {time}.",
            authority=stamp.authority,
            count=stamp.size,
            time=stamp.time.isoformat(sep=" ", timespec="seconds"),
        ),
        T("Its signature was checked.")
        if stamp.checked
        else T("Its signature was not checked: give the authority’s certificates with --authority."),
    )


def _printable(name: str) -> str:
    """A name from a medium that others write on too, as it may be printed."""
    return plain(name, _NAME)


def _covered(outside: OutsideCoverage) -> Text:
    """Up to which entry the newest outside copy covers the log, and what that copy is."""
    if outside.time is None:
        return T("Nothing of it is covered by an outside copy.")
    at = f"{outside.time.astimezone():%Y-%m-%d %H:%M}"
    values: dict[str, Value] = {"entry": outside.size, "time": at}
    by_way = {
        "receipt": T("Covered up to entry {entry}, by a receipt of {time}.", **values),
        "folder": T("Covered up to entry {entry}, by a checkpoint of {time} in a folder.", **values),
        "day-close": T("Covered up to entry {entry}, by a daily close of {time}.", **values),
        "month-summary": T("Covered up to entry {entry}, by a month’s summary of {time}.", **values),
        "round-report": T("Covered up to entry {entry}, by a round’s report of {time}.", **values),
        "timestamp": T("Covered up to entry {entry}, by a time stamp of {time}.", **values),
    }
    return by_way.get(outside.how, T("Covered up to entry {entry}, by an outside copy of {time}.", **values))


def _proved(verification: Verification, desk: Desk, options: argparse.Namespace) -> list[tuple[int, Entry | None]]:
    """The numbers of the entries that receipts and proofs were brought for, each with its entry in this log.

    None stands for an entry of another desk's export, which no log here has, and for one that was changed since.
    """
    if options.export is not None or not verification.proved:
        return [(number, None) for number in verification.proved]
    with desk.read_ledger(options.practice) as ledger:
        entries = {number: ledger.entry(number) for number in verification.proved}
    return [(n, entry if entry and entry.leaf_hash == verification.proved[n] else None) for n, entry in entries.items()]


def _proved_line(number: int, entry: Entry | None) -> Text:
    if entry is None:
        return T("This receipt is about entry {entry}. Compare that with the page.", entry=number)
    verdict = describe.verdict(entry)
    return T(
        "This receipt is about entry {entry}: {time}, {phone}, {verdict}. Compare that with the page.",
        entry=number,
        time=describe.when(entry),
        phone=describe.phone_with_model(entry) or "–",
        verdict=value_names.VERDICTS[verdict] if verdict else describe.kind(entry),
    )


def _proved_json(number: int, entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {"entry": number}
    fields = {"phone": describe.maker_and_model(entry), "kind": entry.kind, "verdict": describe.verdict(entry)}
    return {"entry": number, "time": entry.time.isoformat(), **fields}


def _receipt_json(receipt: ComparedReceipt) -> dict[str, Any]:
    return {
        **terminal.pick(receipt, "name entry compared"),
        "differences": [str(difference) for difference in receipt.differences],
        "not_compared": [str(field) for field in receipt.unknown],
    }


def _fault_json(fault: Fault) -> dict[str, Any]:
    return terminal.pick(fault, "kind first last what=sentence")


def _fault_line(fault: Fault) -> str:
    return str(value_names.pair(fault_about(fault), fault.sentence))
