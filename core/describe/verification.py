"""What a verification came to, in words for somebody who never heard of a hash. Nothing is promised beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core import value_names
from core.ledger.verify.faults import LIMITS, OF_THE_CLOCK, Fault, FaultKind, Verification
from core.text import Bilingual, N, T, Text

#: Faults that are listed in the text of a result.
_LISTED: Final = 1_000


class Tone(StrEnum):
    """How a result is shown."""

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
    more: int


def verification_text(found: Verification) -> VerificationText:
    """What to say of it."""
    tone, headline, sentence = _verdict(found)
    return VerificationText(
        tone, headline, sentence, _parts(found), found.faults, max(0, found.count - len(found.faults))
    )


def _verdict(found: Verification) -> tuple[Tone, Text, Text]:
    clock = len([fault for fault in found.faults if fault.kind in OF_THE_CLOCK])
    if (wrong := _wrong_keys(found)) is not None:
        return (
            Tone.RED,
            wrong.what,
            T("Bring the enrolment sheet of this very log. If it is the right one, the log was replaced by another."),
        )
    if not found.intact:
        breaks = max(found.breaks, 1)
        return (
            Tone.RED,
            N(
                "The log does not match its seals: {number} break.",
                "The log does not match its seals: {number} breaks.",
                breaks,
                number=grouped(breaks),
            ),
            T(
                "Keep a copy of the log and of this result, change nothing, "
                "and tell whoever is responsible for security."
            ),
        )
    if not found.records:
        return Tone.NEUTRAL, T("The log is empty"), T("There is nothing to verify yet.")
    if not found.sealed:
        return (
            Tone.AMBER,
            T("Nothing is sealed yet"),
            T("The entries can be read, but a change of them could not be noticed."),
        )
    if not _has_keys(found):
        return (
            Tone.AMBER,
            T("The entries match their seals; who sealed them was not checked"),
            T("Bring the keys from the desk’s enrolment sheet, and verify again with them."),
        )
    sentence = N(
        "Nothing was changed, removed or reordered in the {number} sealed entry.",
        "Nothing was changed, removed or reordered in the {number} sealed entries.",
        found.sealed,
        number=grouped(found.sealed),
    )
    if any(fault.kind is FaultKind.EARLIER_LOG for fault in found.faults):
        return Tone.AMBER, sentence, T("But this computer had another log before: see below.")
    if clock:
        warned = N(
            "But the clock of the computer was changed once: see below.",
            "But the clock of the computer was changed {count} times: see below.",
            clock,
        )
        return Tone.AMBER, sentence, warned
    if found.outside:
        return Tone.GREEN, sentence, T("This was also compared with what you brought from outside.")
    if found.pinned:
        return (
            Tone.GREEN,
            sentence,
            T("The keys were compared with those that you brought; no outside copy of the log was."),
        )
    return Tone.GREEN, sentence, T("As far as this computer alone can tell: nothing from outside was compared.")


def _parts(found: Verification) -> tuple[Paragraph, ...]:
    """What is covered by what, the strongest first."""
    parts = [_outside(found), _sealed(found)]
    if found.chosen is not None:
        parts.append(
            Paragraph(
                N(
                    "Here: {number} entry of {all}",
                    "Here: {number} entries of {all}",
                    found.chosen,
                    number=grouped(found.chosen),
                    all=grouped(found.records),
                ),
                T(
                    "Of the others, only the hashes are here. The desk’s own signatures under the seals were checked; "
                    "the keys of the single seals stand in entries that are not here."
                ),
                limits=True,
            )
        )
    open_ = found.records - found.sealed
    if open_ > 0 and not found.intact:
        parts.append(
            Paragraph(
                N(
                    "Not confirmed: the last entry",
                    "Not confirmed: the last {number} entries",
                    open_,
                    number=grouped(open_),
                ),
                T("Because of what was found, nothing can be said of these."),
                limits=True,
            )
        )
    elif open_ > 0:
        parts.append(
            Paragraph(
                N(
                    "Not sealed yet: the last entry",
                    "Not sealed yet: the last {number} entries",
                    open_,
                    number=grouped(open_),
                ),
                T("A change of these could not be noticed. They are sealed at the end of the next check."),
                limits=True,
            )
        )
    parts.append(_keys(found))
    parts.append(
        Paragraph(
            T("What no log can show"),
            T("Whether an entry was true when it was written, and whether checks were done that were never recorded."),
        )
    )
    return tuple(parts)


def _outside(found: Verification) -> Paragraph:
    if not found.outside:
        return Paragraph(
            T("Covered by outside copies that you brought: none"),
            T(
                "Without one it cannot be seen whether entries were cut off at the end. "
                "A receipt or a checkpoint on a USB key is such a copy: add it, and verify again."
            ),
            limits=True,
        )
    return Paragraph(
        N(
            "Covered by the outside copies that you brought: {number} entry",
            "Covered by the outside copies that you brought: {number} entries",
            found.outside,
            number=grouped(found.outside),
        ),
        T("Up to there, nothing was changed, removed, reordered or replaced since those copies left this computer.")
        if found.intact
        else T("The log was compared with these copies."),
    )


def _sealed(found: Verification) -> Paragraph:
    return Paragraph(
        N("Sealed: {number} entry", "Sealed: {number} entries", found.sealed, number=grouped(found.sealed)),
        N(
            "By {number} seal of the log itself. The key of each seal is overwritten once it has been used.",
            "By {number} seals of the log itself. The key of each seal is overwritten once it has been used.",
            found.seals,
            number=grouped(found.seals),
        ),
    )


def _keys(found: Verification) -> Paragraph:
    if not _has_keys(found):
        return Paragraph(
            T("Keys: none"),
            T("Anybody could have made this log with keys of their own."),
            limits=True,
        )
    if _wrong_keys(found) is not None:
        return Paragraph(
            T("Keys: those of another log"),
            T("Whether the entries fit together was looked at with the keys that the log itself names."),
            limits=True,
        )
    if found.pinned:
        return Paragraph(
            T("Keys: from outside, as you brought them"),
            T("The log begins with the keys that are on the enrolment sheet."),
        )
    return Paragraph(
        T("Keys: known only from this computer"),
        T(
            "Whoever controls this computer could have replaced both the log and its keys. "
            "Compare them with the enrolment sheet, or verify again with its file."
        ),
        limits=True,
    )


def _has_keys(found: Verification) -> bool:
    return not any(fault.kind is FaultKind.NO_KEYS for fault in found.faults)


def _wrong_keys(found: Verification) -> Fault | None:
    """The log has other keys than it should have, and nothing else is wrong with it."""
    breaks = [fault for fault in found.faults if fault.kind not in LIMITS]
    return breaks[0] if [fault.kind for fault in breaks] == [FaultKind.NOT_ENROLLED] else None


def fault_about(fault: Fault) -> Text:
    """Which records a fault is about."""
    if not fault.first:
        return T("The whole log")
    if fault.last <= fault.first:
        return T("Entry {entry}", entry=fault.first)
    return T("Entries {first} to {last}", first=fault.first, last=fault.last)


def is_warning(fault: Fault) -> bool:
    """It limits the result, but the records are as they were sealed."""
    return fault.kind in LIMITS


def as_text(found: Verification, when: str, copies: tuple[str, ...]) -> str:
    """The result to be kept: everything that is shown, line by line, with what it was compared to."""
    result = verification_text(found)
    lines = [
        str(T("Verification of a log by Fanion")),
        str(value_names.pair(T("Log"), found.origin or "?")),
        str(value_names.pair(T("Verified at"), when)),
        str(value_names.pair(T("Entries"), grouped(found.records))),
        str(value_names.pair(T("Compared with"), ", ".join(copies) if copies else T("nothing from outside"))),
        "",
        str(result.headline),
        str(result.sentence),
        "",
    ]
    for part in result.parts:
        lines += [str(part.title), f"  {part.meaning}"]
    if result.faults:
        lines += ["", str(T("What was found"))]
        lines += [f"  {value_names.pair(fault_about(f), f.what)} [{f.kind}]" for f in result.faults[:_LISTED]]
    if result.more:
        lines.append(f"  {more_words(result.more)}")
    return "\n".join(lines) + "\n"


def more_words(more: int) -> Text:
    """That not everything is listed."""
    return N("And {number} more.", "And {number} more.", more, number=grouped(more))


def grouped(number: int) -> Bilingual:
    """A number as it is read: 1,000,000 in English, 1 000 000 in French."""
    english = f"{number:,}"
    return Bilingual(english, english.replace(",", "\N{NARROW NO-BREAK SPACE}"))
