"""The result of a verification in words for readers who never heard of a hash. Nothing is promised beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core import value_names
from core.ledger.verify.faults import (
    LIMITS,
    OF_THE_CLOCK,
    Compared,
    ComparedReceipt,
    Fault,
    FaultKind,
    Verification,
)
from core.text import N, T, Text, grouped

#: Faults that are listed in the text of a result.
_LISTED: Final = 1_000


class Tone(StrEnum):
    """The colour of a result."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One stretch of the log or one thing that the result rests on: what covers it, and what that means."""

    title: Text
    meaning: Text
    #: It limits what the result is worth.
    limits: bool = False


@dataclass(frozen=True, slots=True)
class VerificationText:
    """A verification in words."""

    tone: Tone
    headline: Text
    sentence: Text
    parts: tuple[Paragraph, ...]
    faults: tuple[Fault, ...]
    #: Faults that there are beyond those listed.
    further_count: int


def verification_text(verification: Verification) -> VerificationText:
    """A verification in words."""
    tone, headline, sentence = _verdict(verification)
    return VerificationText(
        tone,
        headline,
        sentence,
        _parts(verification),
        verification.faults,
        max(0, verification.count - len(verification.faults)),
    )


def _verdict(verification: Verification) -> tuple[Tone, Text, Text]:
    """The colour, the headline and the sentence of a result: what is wrong comes before what only limits it."""
    clock = len([fault for fault in verification.faults if fault.kind in OF_THE_CLOCK])
    if (wrong := _wrong_keys(verification)) is not None:
        sentence = T(
            "Bring the enrolment sheet of this very log. If it is the right one, the log was replaced by another."
        )
        return Tone.RED, wrong.sentence, sentence
    if (differences := _only_of_receipts(verification)) > 0:
        headline = N(
            "A receipt does not say what the log says: {number} difference.",
            "A receipt does not say what the log says: {number} differences.",
            differences,
            number=grouped(differences),
        )
        sentence = T(
            "The log itself matches its seals. Keep the receipt and this result, and tell your IT security team."
        )
        return Tone.RED, headline, sentence
    if not verification.intact:
        breaks = max(verification.breaks, 1)
        headline = N(
            "The log does not match its seals: {number} break.",
            "The log does not match its seals: {number} breaks.",
            breaks,
            number=grouped(breaks),
        )
        sentence = T("Keep a copy of the log and of this result, change nothing, and tell your IT security team.")
        return Tone.RED, headline, sentence
    if not verification.records:
        return Tone.NEUTRAL, T("The log is empty"), T("There is nothing to verify yet.")
    if not verification.sealed:
        sentence = T("The entries can be read, but a change to them could not be noticed.")
        return Tone.AMBER, T("Nothing is sealed yet"), sentence
    if not _has_keys(verification):
        sentence = T("Bring the keys from the desk’s enrolment sheet, and verify again with them.")
        return Tone.AMBER, T("The entries match their seals; who sealed them was not checked"), sentence
    unchanged = N(
        "Nothing was changed, removed or reordered in the {number} sealed entry.",
        "Nothing was changed, removed or reordered in the {number} sealed entries.",
        verification.sealed,
        number=grouped(verification.sealed),
    )
    if any(fault.kind is FaultKind.RECEIPT_NOT_COMPARED for fault in verification.faults):
        return Tone.AMBER, unchanged, T("But what is on a receipt could not be compared: see below.")
    if any(fault.kind is FaultKind.EARLIER_LOG for fault in verification.faults):
        return Tone.AMBER, unchanged, T("But this computer had another log before: see below.")
    if clock:
        sentence = N(
            "But the clock of the computer was changed once: see below.",
            "But the clock of the computer was changed {count} times: see below.",
            clock,
        )
        return Tone.AMBER, unchanged, sentence
    if verification.outside:
        return Tone.GREEN, unchanged, T("This was also compared with what you brought from outside.")
    if verification.pinned:
        sentence = T("The keys were compared with those that you brought; no outside copy of the log was.")
        return Tone.GREEN, unchanged, sentence
    return Tone.GREEN, unchanged, T("As far as this computer alone can tell: nothing from outside was compared.")


def _parts(verification: Verification) -> tuple[Paragraph, ...]:
    """What is covered by what, the strongest first."""
    sealed = N(
        "Sealed: {number} entry", "Sealed: {number} entries", verification.sealed, number=grouped(verification.sealed)
    )
    seals = N(
        "By {number} seal of the log itself. The key of each seal is overwritten once it has been used.",
        "By {number} seals of the log itself. The key of each seal is overwritten once it has been used.",
        verification.seals,
        number=grouped(verification.seals),
    )
    parts = [_outside(verification), *map(_page, verification.receipts), Paragraph(sealed, seals)]
    if verification.chosen is not None:
        numbers = {"number": grouped(verification.chosen), "all": grouped(verification.records)}
        title = N("Here: {number} entry of {all}", "Here: {number} entries of {all}", verification.chosen, **numbers)
        meaning = T(
            "Of the others, only the fingerprints are here. The desk’s own signatures under the seals were "
            "checked; the keys of the single seals stand in entries that are not here."
        )
        parts.append(Paragraph(title, meaning, limits=True))
    last = verification.records - verification.sealed
    if last > 0 and not verification.intact:
        number = grouped(last)
        title = N("Not confirmed: the last entry", "Not confirmed: the last {number} entries", last, number=number)
        meaning = T("Because of what was found, nothing can be said of these.")
        parts.append(Paragraph(title, meaning, limits=True))
    elif last > 0:
        number = grouped(last)
        title = N("Not sealed yet: the last entry", "Not sealed yet: the last {number} entries", last, number=number)
        meaning = T("A change to these could not be noticed. They are sealed at the end of the next check.")
        parts.append(Paragraph(title, meaning, limits=True))
    never = T("Whether an entry was true when it was written, and whether checks were done that were never recorded.")
    return (*parts, _keys(verification), Paragraph(T("What no log can show"), never))


def _outside(verification: Verification) -> Paragraph:
    if not verification.outside:
        meaning = T(
            "Without one it cannot be seen whether entries were cut off at the end. "
            "A receipt or a checkpoint on a USB key is such a copy: add it, and verify again."
        )
        return Paragraph(T("Covered by outside copies that you brought: none"), meaning, limits=True)
    title = N(
        "Covered by the outside copies that you brought: {number} entry",
        "Covered by the outside copies that you brought: {number} entries",
        verification.outside,
        number=grouped(verification.outside),
    )
    if not verification.intact:
        return Paragraph(title, T("The log was compared with these copies."))
    meaning = T(
        "Up to there, nothing was changed, removed, reordered or replaced since those copies left this computer."
    )
    return Paragraph(title, meaning)


def _only_of_receipts(verification: Verification) -> int:
    """How many differences receipts have, where nothing else is wrong; 0 where something is."""
    breaks = [fault for fault in verification.faults if fault.kind not in LIMITS]
    only = all(fault.kind is FaultKind.RECEIPT_DIFFERS for fault in breaks)
    return len(breaks) if only and verification.breaks == len(breaks) else 0


#: What was compared of the page of a receipt, where nothing on it is otherwise.
_COMPARED: Final = {
    Compared.WHOLE: T("Everything on its page is what the entries say."),
    Compared.WORDS: T("The words of its page are what the entries say."),
    Compared.VALUES: T(
        "Another version of Fanion made it. The verdict, the names, the numbers and the times are those of the "
        "entries; the other words of its page were not compared."
    ),
    Compared.NOTHING: T("What is on its page could not be compared: compare it with the entry yourself."),
}


def _page(receipt: ComparedReceipt) -> Paragraph:
    """What was compared of the page of a receipt."""
    title = T("Receipt {file}: compared with entry {entry}", file=receipt.name, entry=receipt.entry)
    if receipt.differences:
        return Paragraph(title, T("It says something else than the entries: see what was found."), limits=True)
    meaning = _COMPARED[receipt.compared]
    if receipt.unknown:
        names = value_names.on_one_line(receipt.unknown)
        meaning = T("{what} Erased from the log since, and therefore not compared: {names}.", what=meaning, names=names)
    return Paragraph(
        title, meaning, limits=bool(receipt.unknown) or receipt.compared in (Compared.VALUES, Compared.NOTHING)
    )


def _keys(verification: Verification) -> Paragraph:
    if not _has_keys(verification):
        return Paragraph(T("Keys: none"), T("Any person could have made this log with keys of their own."), limits=True)
    if _wrong_keys(verification) is not None:
        meaning = T("The entries were checked with the keys that the log itself names.")
        return Paragraph(T("Keys: those of another log"), meaning, limits=True)
    if verification.pinned:
        meaning = T("The log begins with the keys that are on the enrolment sheet.")
        return Paragraph(T("Keys: from outside, as you brought them"), meaning)
    meaning = T(
        "A person who controls this computer could have replaced both the log and its keys. Compare them with the "
        "enrolment sheet, or verify again with its file."
    )
    return Paragraph(T("Keys: known only from this computer"), meaning, limits=True)


def _has_keys(verification: Verification) -> bool:
    return not any(fault.kind is FaultKind.NO_KEYS for fault in verification.faults)


def _wrong_keys(verification: Verification) -> Fault | None:
    """The fault that says that these are another log's keys, if nothing else is wrong; else None."""
    breaks = [fault for fault in verification.faults if fault.kind not in LIMITS]
    return breaks[0] if [fault.kind for fault in breaks] == [FaultKind.NOT_ENROLLED] else None


def fault_about(fault: Fault) -> Text:
    """Which records a fault is about."""
    if not fault.first:
        return T("The whole log")
    if fault.last <= fault.first:
        return T("Entry {entry}", entry=fault.first)
    return T("Entries {first} to {last}", first=fault.first, last=fault.last)


def is_warning(fault: Fault) -> bool:
    """Whether a fault only limits the result, and the records are as they were sealed."""
    return fault.kind in LIMITS


def as_text(verification: Verification, when: str, copies: tuple[str, ...]) -> str:
    """The result to be kept: everything that is shown, line by line, with what it was compared to."""
    result = verification_text(verification)
    lines: list[object] = [
        T("Verification of a log by Fanion"),
        value_names.pair(T("Log"), verification.origin or "?"),
        value_names.pair(T("Verified at"), when),
        value_names.pair(T("Entries"), grouped(verification.records)),
        value_names.pair(T("Compared with"), ", ".join(copies) if copies else T("nothing from outside")),
        "",
        result.headline,
        result.sentence,
        "",
    ]
    for part in result.parts:
        lines += [part.title, f"  {part.meaning}"]
    if result.faults:
        lines += ["", T("What was found")]
        lines += [f"  {value_names.pair(fault_about(f), f.sentence)} [{f.kind}]" for f in result.faults[:_LISTED]]
    if result.further_count:
        lines.append(f"  {more_words(result.further_count)}")
    return "".join(f"{line}\n" for line in lines)


def more_words(count: int) -> Text:
    """The sentence that so many faults more are not listed."""
    return N("And {number} more.", "And {number} more.", count, number=grouped(count))
