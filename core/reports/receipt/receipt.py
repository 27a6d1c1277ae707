"""The receipt of one check: a page that an outsider can hold against the log, with someone else's tools if need be.

It says what the log says of the check and of what was done before it in the same visit, and it carries the proof that
the check's record is under a signed checkpoint. Kept away from the computer, it is an outside copy.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from importlib import resources
from typing import Any, Final

from core import __version__, describe, value_names
from core.describe import can_return, health, verdicts, visit
from core.ledger.problems import LedgerProblem
from core.ledger.reader import LedgerReader
from core.ledger.records import CheckEnded, Entry, Kind, PolicyLoaded
from core.ledger.records.check import light_word
from core.ledger.tlog.notes import NOTE_LIMIT, PROOF_HEAD, Checkpoint, Note, NoteError, Proof
from core.model import Verdict, platforms
from core.reports.page import Attached, is_pdf, labels, printable, qr_svg, say, shortened, texts_in, typeset, unbroken
from core.reports.receipt.story import (
    CheckRecords,
    Story,
    read,
    recorded_zone,
    rows_done,
    rows_found,
    rows_unseen,
    zone,
)
from core.text import Language, T, Text, Value, grouped, one_line

#: Bytes of other records that are attached. A visit has a few kilobytes of them.
_ATTACHED_LIMIT: Final = 4_000_000
#: Records that are looked through for the policy's title.
_LOADED: Final = 200
#: What is attached beside the check's own record. A problem's record is not: it has a machine's own words in it, which
#: may name a phone that this receipt shall not name.
BESIDE: Final = (
    Kind.CHECK_ENDED,
    Kind.FINDING,
    Kind.APP_EVIDENCE,
    Kind.REMOVAL_INTENDED,
    Kind.REMOVAL_OUTCOME,
    Kind.UNDO_INTENDED,
    Kind.UNDO_OUTCOME,
    Kind.LOOKED,
    Kind.LOOKED_FOR,
    Kind.HAND_BACK_INTENDED,
    Kind.HANDED_BACK,
    Kind.HAND_BACK_FOLLOWED,
)
#: Rows of one list that are handed to the page, and of what was done. It shows those that it has room for.
_ROWS: Final = 60
_STEPS: Final = 200
#: Characters of one fact, and of the sentence whether a banned app can come back.
_FACT: Final = 120
_SENTENCE: Final = 400
#: The values of a phone that are personal, and what they are called on the page.
PERSONAL: Final = {"serial": T("Serial number"), "tag": T("Asset tag"), "holder": T("Holder")}
#: Signals of the phone's health that are printed, those that are red or amber; all are in the record.
_SIGNALS: Final = 4
#: Digits that stand for a phone whose serial number is not printed: they do not tell whose it is.
_DIGITS: Final = 16
#: Bytes of a receipt that is brought.
_FILE_LIMIT: Final = 20_000_000
#: Where the signatures of a note begin.
_SIGNATURE: Final = "\n\n— ".encode()
OTHERS: Final = "entries.jsonl"
#: That the fingerprints of files have no room on the page. Their number, `%n`, only the template knows.
_NO_ROOM_FOR_FILES: Final = T(
    "SHA-256 not shown for lack of room: {count}. They are in {file}, attached to this PDF.", count="%n", file=OTHERS
)

_LABELS: Final = {
    "practice": T("Practice: this was not a real phone"),
    "practice_short": T("Practice"),
    "entry": T("Entry"),
    "found": T("What was found"),
    "app": T("App"),
    "version": T("Version"),
    "profile": T("Profile"),
    "strength": T("Policy"),
    "nothing_found": T("No app that the policy names was found."),
    "done": T("What was done before, in the same visit"),
    "what": T("Step"),
    "answer": T("Result"),
    "after": T("Next check"),
    "nothing_done": T("Nothing: this was the first check of the visit."),
    "unseen": T("What could not be seen"),
    "nothing_unseen": T("Everything that Fanion asks a phone for could be read."),
    "policy": T("Policy"),
    "at": T("Checked at"),
    "returns": T("Reinstalling"),
    "proof": T("Proof"),
    "checkpoint": T("Checkpoint"),
    "path": T("Proof of inclusion"),
    "qr": T("QR code of the checkpoint that is printed beside it"),
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt. `proof` is the one that is also in the PDF, to be kept as a ``.tlog-proof`` file beside it.

    `seq` is the number of the check's record; `size` and `root` are of the checkpoint that covers it.
    """

    pdf: bytes
    proof: bytes
    seq: int
    size: int
    root: bytes


def make_receipt(ledger: LedgerReader, seq: int, languages: tuple[Language, ...]) -> Receipt:
    """The receipt of the check with this number, or of the last one of the visit that the record belongs to.

    Raises NotSealed or another LedgerProblem, and PageProblem. The same records give the same bytes.
    """
    check, _ = check_of(ledger, seq, only_later=True)
    proof = ledger.proof(check.seq)
    page, attached = receipt_page(ledger, check, proof, languages)
    pdf = typeset("receipt", page, time=check.time, languages=languages, attached=attached)
    return Receipt(pdf, bytes(proof), check.seq, proof.checkpoint.size, proof.checkpoint.root)


def receipt_page(
    records: CheckRecords,
    check: Entry,
    proof: Proof,
    languages: tuple[Language, ...],
    personal: Mapping[str, str] | None = None,
    where: tzinfo | None = None,
) -> tuple[dict[str, Any], list[Attached]]:
    """The words of a receipt's page, and what is attached to it.

    `personal` are values of the phone that are erased by now, by their fields in :data:`PERSONAL`, as a page has them
    that is compared. `where` is the local time, where it is on no record. ValueError where `check` is no check that
    came to its end.
    """
    ended = check.record
    if not isinstance(ended, CheckEnded):
        raise ValueError("a receipt is for a check that came to its end")
    checkpoint = proof.checkpoint
    story = Story.of(records, check, ended)
    leaf = f"entry-{check.seq}.json"
    attached = [
        Attached(leaf, check.exact.decode(), "application/json", T("The entry of this check, as it was sealed")),
        Attached(f"entry-{check.seq}.tlog-proof", bytes(proof).decode(), "text/plain", T("The proof of inclusion")),
    ]
    if other_records := _other_records(story):
        attached.append(Attached(OTHERS, other_records, "application/jsonl", T("The other entries of the visit")))
    found_rows, unseen = rows_found(story, languages), rows_unseen(story, languages)
    local = recorded_zone(records, check) or where or zone(records, check)
    done_rows = rows_done(story, local, languages)
    page = {
        **_head(records, check, ended, story, languages, personal or {}),
        "at": describe.both_times(check.time, local),
        "returns": say(can_return.sentence(ended.returns), languages, _SENTENCE) if ended.returns else [],
        "form": [form()],
        "found": found_rows[:_ROWS],
        "done": done_rows[:_STEPS],
        "unseen": unseen[:_ROWS],
        "counts": {"found": len(found_rows), "done": len(done_rows), "unseen": ended.unseen},
        "more_others": say(_no_room(OTHERS), languages),
        "more_leaf": say(_no_room(leaf), languages),
        "more_files": say(_NO_ROOM_FOR_FILES, languages),
        "labels": labels(_LABELS, languages),
        "use": [say(text, languages, 1_000) for text in _use(check.seq, checkpoint.size)],
        **proof_words(proof.note, languages),
        "index": say(
            T("index {index}, counted from 0, for entry {entry}", index=proof.index, entry=check.seq), languages
        ),
        "path": [base64.b64encode(step).decode() for step in proof.path],
    }
    return page, attached


@cache
def form() -> str:
    """The form of the page, by which versions of it are told: with other words, or another template, it is another."""
    folder = resources.files("resources")
    parts = ("reports/common.typ", "reports/receipt.typ", "locale/fr/LC_MESSAGES/fanion.mo")
    digest = hashlib.sha256(b"".join(folder.joinpath(*part.split("/")).read_bytes() for part in parts))
    return f"Fanion {__version__}, form {digest.hexdigest()[:_DIGITS]}"


def proof_words(note: Note, languages: tuple[Language, ...]) -> dict[str, Any]:
    """What a page shows of a checkpoint: it as lines and as QR, and how many records it covers."""
    short = bytes(shortened(note)).decode()
    covers = T("over the first {size} entries of the log", size=grouped(Checkpoint.parse(note.text).size))
    return {
        "note": [printable(line, breaks=False) for line in short.splitlines()],
        "qr": qr_svg(short),
        "covers": say(covers, languages),
    }


def read_receipt(data: bytes) -> Proof | Note:
    """What is brought to hold against a log: a receipt as PDF, a ``.tlog-proof``, or a checkpoint.

    A checkpoint may also have been typed from a printed page. Raises NoteError, and nothing else. No signature is
    checked.
    """
    if len(data) > _FILE_LIMIT:
        raise NoteError(T("it is too long for a receipt"))
    if is_pdf(data):
        return _in_pdf(data)
    try:
        return _parsed(data)
    except NoteError:
        if len(data) > NOTE_LIMIT:
            raise
        return _parsed(_tidied(data))


def _parsed(data: bytes) -> Proof | Note:
    """The proof or the note in `data`. Raises NoteError, also where the note is no checkpoint."""
    parsed = Proof.parse(data) if data.startswith(PROOF_HEAD.encode()) else Note.parse(data)
    Checkpoint.parse(parsed.note.text if isinstance(parsed, Proof) else parsed.text)
    return parsed


def _tidied(data: bytes) -> bytes:
    """A typed checkpoint with the dashes and blank lines that belong into it."""
    text = re.sub(r"^(?:--|[-–]) ", "— ", unbroken(data.decode("utf-8", "replace")), flags=re.MULTILINE)
    return (text if "\n\n" in text else text.replace("\n— ", "\n\n— ", 1)).encode()


def _in_pdf(data: bytes) -> Proof | Note:
    """The proof that is attached to a receipt, or the checkpoint that is attached to the close of a day."""
    texts = set(texts_in(data))
    candidates = {text for text in texts if text.startswith(PROOF_HEAD.encode())} or set(filter(_is_checkpoint, texts))
    if not candidates:
        raise NoteError(T("it is a PDF without a proof in it"))
    if len(candidates) > 1:
        raise NoteError(T("it is a PDF with more than one proof in it"))
    return _parsed(candidates.pop())


def leaf_in(data: bytes, number: int) -> bytes | None:
    """The record `number` as a receipt in PDF has it attached; nothing where it is no such PDF, or has no such record.

    A forger of a receipt's page may leave its proof alone: what the page goes by has to be compared too.
    """
    if not is_pdf(data):
        return None
    seq_field = f',"seq":{number},"session":'.encode()
    return next(
        (text for text in texts_in(data) if text.startswith(b"{") and b"\n" not in text and seq_field in text), b""
    )


def _is_checkpoint(text: bytes) -> bool:
    if _SIGNATURE not in text:
        return False
    try:
        _parsed(text)
    except NoteError:
        return False
    return True


def check_of(ledger: LedgerReader, seq: int, *, only_later: bool) -> tuple[Entry, CheckEnded]:
    """The check with this number, or the last one of the visit that the record belongs to, also where the record is
    behind it unless `only_later`. Raises LedgerProblem, also where there is none."""
    entry = ledger.entry(seq) if 0 < seq < 2**53 else None
    if entry is not None and isinstance(entry.record, CheckEnded):
        return entry, entry.record
    whole = ledger.of_visit(entry.visit) if entry is not None and entry.visit else ()
    checks = [(e, e.record) for e in whole if isinstance(e.record, CheckEnded)]
    if not checks or (only_later and checks[-1][0].seq < seq):
        raise LedgerProblem(
            T("Entry {entry} of the log belongs to no check that came to its end.", entry=seq),
            T("Choose the end of a check, or another entry of a visit that has one after it."),
            code="not-of-a-check",
        )
    return checks[-1]


def _other_records(story: Story) -> str:
    """The exact records of the visit but the check's own, one a line; the newest of them where that is much."""
    lines: list[str] = []
    room = _ATTACHED_LIMIT
    for entry in reversed((*story.before, *story.after)):
        if entry.kind in BESIDE:
            room -= len(entry.exact) + 1
            if room < 0:
                break
            lines.append(entry.exact.decode())
    return "".join(f"{line}\n" for line in reversed(lines))


def _head(
    ledger: CheckRecords,
    check: Entry,
    ended: CheckEnded,
    story: Story,
    languages: tuple[Language, ...],
    personal: Mapping[str, str],
) -> dict[str, Any]:
    """What was checked, when, where, by whom, by which policy, and the verdict."""
    verdict, device, policy = describe.verdict(check), check.device, check.policy
    system = f"{platforms.of(device.platform).system} {device.os}".strip() if device is not None else ""
    facts: list[tuple[Value, Value, str]] = [
        (T("Phone"), describe.phone_with_model(check), ""),
        (T("System"), system, ""),
    ]
    if device is not None and device.serial is not None and device.serial.sealed:
        serial_text = describe.serial(check) or personal.get("serial") or T("erased")
        serial = T("sealed, not printed") if verdict is Verdict.GREEN else serial_text
        facts.append((PERSONAL["serial"], serial, device.serial.sealed[:_DIGITS]))
    if verdict is not Verdict.GREEN:
        device_labels = describe.labels(labelled(ledger, check))
        tag, holder = device_labels.tag or personal.get("tag"), device_labels.holder or personal.get("holder")
        facts += [(PERSONAL[name], value, "") for name, value in (("tag", tag), ("holder", holder)) if value]
    facts += [
        (T("Desk"), check.desk, ""),
        *([(T("Place of the desk"), check.place, "")] if check.place else ()),
        (T("Officer"), check.officer, ""),
        (T("Read"), read(ended), ""),
    ]
    if story.look is not None and (look_text := visit.looked_at(story.look[0])) is not None:
        facts.append((T("On the phone"), look_text, ""))
    if (hand_back := story.hand_back) is not None:
        facts.append((T("Handing back"), visit.handed_back(hand_back[1]), ""))
        if hand_back[2] is not None:
            facts += [(fact.subject, fact.how, "") for fact in visit.hand_back_facts(hand_back[2], hand_back[1])[:-1]]
    if (counted := health.counted(ended)) is not None:
        facts.append((T("Phone health"), counted, ""))
        poor = health.poor(ended)[:_SIGNALS]
        facts += [
            (signal.title, T("{value} ({light})", value=signal.value, light=light_word(signal.light)), "")
            for signal in poor
        ]
    if policy is not None and policy.unsigned:
        facts.append((T("Policy"), T("not signed"), ""))
    return {
        "title": say(T("Receipt of a phone check"), languages),
        "name": say(T("Receipt of a phone check, entry {entry}", entry=check.seq), languages),
        "entry": str(check.seq),
        "foot": say(T("Fanion {version}, from the log of the desk", version=check.app_version), languages),
        "practice": check.practice is not False,
        "verdict": str(verdict or Verdict.AMBER),
        "word": say(value_names.VERDICTS[verdict] if verdict else ended.verdict, languages),
        "headline": say(verdicts.outcome(story.at_check, describe.platform(check)), languages),
        "facts": [
            {
                "label": say(label, languages),
                "value": say(value, languages, _FACT),
                "seal": printable(seal, breaks=False),
            }
            for label, value, seal in facts
        ],
        "policy": say(_policy_title(ledger, check), languages),
        "policy_id": printable(one_line(f"{policy.id} {policy.version}" if policy is not None else " ")),
        "policy_hash": printable(one_line(policy.sha256 if policy is not None else ""), breaks=False),
    }


def labelled(ledger: CheckRecords, check: Entry) -> Entry:
    """The record that says what the department calls the phone: the last one of the visit, also after the check."""
    whole = ledger.of_visit(check.visit) if check.visit else ()
    later = [e for e in whole if e.kind == Kind.PHONE_LABELLED and e.seq > check.seq and _is_of(check, e)]
    return later[-1] if later else check


def _is_of(check: Entry, labelled: Entry) -> bool:
    """Whether the labels are of the phone that was checked: another may have answered by another road."""
    same = describe.maker_and_model(check) == describe.maker_and_model(labelled)
    return same and describe.serial(labelled) in ("", describe.serial(check))


def _policy_title(ledger: CheckRecords, check: Entry) -> Value:
    """What the policy is called: the record of its loading has it, under the same hash."""
    for loaded in ledger.newest(_LOADED, before=check.seq, kind=Kind.POLICY_LOADED):
        title = loaded.record.name if isinstance(loaded.record, PolicyLoaded) else None
        if title is not None and loaded.policy and check.policy and loaded.policy.sha256 == check.policy.sha256:
            return title
    return ""


def _no_room(file: str) -> Text:
    """The words for rows that the page has no room for. Their number, `%n`, only the template knows."""
    return T("Not shown for lack of room: {count}. They are in {file}, attached to this PDF.", count="%n", file=file)


def _use(seq: int, size: int) -> tuple[Text, ...]:
    """What the page is good for, and how it is used: no more than that is promised anywhere."""
    return (
        T(
            "Kept away from the computer that made it, this page contradicts the log if entry {entry}, or any other of "
            "the first {size} entries, is later changed, removed or replaced. It does not prove that what was recorded "
            "was true, or that the computer’s clock was right.",
            entry=seq,
            size=grouped(size),
        ),
        T(
            "To check that: fanion log verify --receipt FILE, with this PDF or the attached {proof}; or other software "
            "for C2SP tlog-proof, with the attached {leaf}. Take the keys from the desk’s enrolment sheet, never from "
            "the log itself.",
            proof=f"entry-{seq}.tlog-proof",
            leaf=f"entry-{seq}.json",
        ),
        T(
            "With this paper alone: the code holds the checkpoint that is printed below it. Scanned or typed, it is "
            "read by fanion log verify --receipt -"
        ),
    )
