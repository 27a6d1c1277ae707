"""A desk's enrolment on paper: the keys that its log begins with, for those who will check it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from core.ledger.keys.enrolment import Enrolment
from core.ledger.tlog.notes import NoteError
from core.reports.page import Attached, is_pdf, labels, printable, qr_svg, say, texts_in, typeset, unbroken
from core.text import Language, T

_FILE: Final = "desk-keys.txt"
#: How the lines of the keys begin, and how many bytes of them are looked at.
_HEAD: Final = b"Fanion desk keys\n"
_KEYS_LIMIT: Final = 10_000

_LABELS: Final = {
    "practice": T("Practice: the keys of the log of practice phones"),
    "practice_short": T("Practice"),
    "desk": T("Desk"),
    "log": T("Name of the log"),
    "date": T("Date of this sheet"),
    "keys": T("The keys"),
    "qr": T("QR code of the keys that are printed beside it"),
    "for": T("What this sheet is for"),
    "where": T("Where to keep it"),
    "how": T("How it is used"),
    "renew": T("When another one is needed"),
    "sign": T("Handed over"),
    "officer": T("Officer: name, signature, date"),
    "receiver": T("Received by: name, signature, date"),
}
_USE: Final = {
    "for": T(
        "This desk signs its log. These keys tell an auditor of the log, or of a receipt, whether it was this desk "
        "that signed. They are no secret: nothing can be signed with them."
    ),
    "where": T(
        "Away from this computer: one copy with the supervisor, one with the auditor. Keys that are taken from the "
        "computer itself prove nothing once another person has had it in hand."
    ),
    "how": T(
        "Put the lines of the box into a text file, by scanning the code or from the file {file} attached to this PDF. "
        "Then: fanion log verify --keys FILE.",
        file=_FILE,
    ),
    "renew": T(
        "When Fanion says that the keys of the log were replaced, or begins a new log at this desk. Keep the old sheet "
        "together with the new one."
    ),
}


def make_sheet(
    enrolment: Enrolment, desk: str, languages: tuple[Language, ...], *, time: datetime, practice: bool = False
) -> bytes:
    """The sheet as PDF, dated `time` (aware). Raises PageProblem."""
    text = enrolment.text
    page = {
        "title": say(T("Enrolment sheet of a desk"), languages),
        "name": say(T("Enrolment sheet of the desk {desk}", desk=desk), languages),
        "foot": say(T("Made by Fanion"), languages),
        "practice": practice,
        "desk": printable(desk[:200]),
        "log": printable(enrolment.origin),
        "date": time.date().isoformat(),
        "labels": labels(_LABELS, languages),
        "use": labels(_USE, languages),
        "keys": [printable(line, breaks=False) for line in text.splitlines()],
        "qr": qr_svg(text),
    }
    attached = [Attached(_FILE, text, "text/plain", T("The keys of the desk"))]
    return typeset("sheet", page, time=time, languages=languages, attached=attached)


def read_sheet(data: bytes) -> Enrolment:
    """The keys that are brought: a sheet as PDF, or its lines as a text. Raises NoteError, and nothing else."""
    texts = [t for t in texts_in(data) if t.startswith(_HEAD)] if is_pdf(data) else [data]
    enrolments = {Enrolment.parse(unbroken(text[:_KEYS_LIMIT].decode("utf-8", "replace"))) for text in texts}
    if len(enrolments) != 1:
        raise NoteError(T("these are not the keys of a desk"))
    return enrolments.pop()
