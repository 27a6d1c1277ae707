"""Outside copies: what was once taken away from a log, brought back to compare it with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.ledger.keys.enrolment import Enrolment
from core.ledger.problems import LedgerProblem
from core.ledger.tlog.notes import Checkpoint, Note, NoteError, Proof, Verifier
from core.text import T, Text, plain


@dataclass(frozen=True, slots=True)
class BroughtCopy:
    """An outside copy: a checkpoint that was signed by the desk, and perhaps the proof of one record under it."""

    name: str
    checkpoint: Checkpoint
    proof: Proof | None = None
    #: The record that it says it is about, where it has that too.
    leaf: bytes | None = None
    #: The PDF around the proof, where that is one: what its page says is compared with the records.
    page: bytes | None = None


class CopyRefused(LedgerProblem):
    """What was brought to compare with is no outside copy of this log."""

    code = "copy-refused"

    def __init__(self, name: str, why: Text) -> None:
        super().__init__(
            T("{file} cannot be compared with this log: {why}.", file=name, why=why),
            T("Bring a receipt, a proof or a checkpoint of this log."),
        )


class CopyOfAnotherLog(CopyRefused):
    """What was brought is about a log of another name: another desk's, or the one that this one has replaced."""

    code = "copy-of-another-log"

    def __init__(self, name: str, origin: str) -> None:
        super().__init__(name, T("it is about another log, {origin}", origin=plain(origin, 200)))
        self.next_step = T(
            "If it is another desk’s, bring one of this desk. If it is of this desk, its log was replaced by this "
            "one: keep everything, and tell your IT security team."
        )


def outside_copy(name: str, content: Proof | Note, enrolment: Enrolment, later: Sequence[Verifier] = ()) -> BroughtCopy:
    """An outside copy, once it is certain that the desk itself has signed it. Raises CopyRefused.

    `later` are identity keys that the log says it went on with: that it did, is a fault of its own.
    """
    note = content.note if isinstance(content, Proof) else content
    try:
        checkpoint = Checkpoint.parse(note.text)
    except NoteError as error:
        raise CopyRefused(name, error.why) from error
    if checkpoint.origin != enrolment.origin:
        raise CopyOfAnotherLog(name, checkpoint.origin)
    if not any(key.has_signed(note) for key in (enrolment.identity, *later)):
        raise CopyRefused(name, T("it is not signed by this desk"))
    return BroughtCopy(name, checkpoint, content if isinstance(content, Proof) else None)
