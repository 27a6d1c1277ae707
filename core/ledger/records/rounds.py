"""Records of rounds: which field audit was begun, which list of phones it has, and what it came to."""

from __future__ import annotations

from typing import Annotated, ClassVar

from core.ledger.records.fields import Display, Record
from core.ledger.records.kinds import Kind
from core.ledger.records.leaf import Personal
from core.text import T

_ROUND = Display(T("Number of the round"))


class RoundBegun(Record, frozen=True, kw_only=True):
    """A field audit was begun. `round` is its number, 12 hexadecimal digits; `first` and `last` are its days (ISO
    8601). `policy` is the id of the policy that its phones are judged by. `recheck` is the share of its phones, in per
    cent, that a second officer looks at."""

    kind: ClassVar[Kind] = Kind.ROUND_BEGUN
    round: Annotated[str, _ROUND]
    name: Annotated[str, Display(T("Round"))]
    place: Annotated[str, Display(T("Place"), silent=True)] = ""
    first: Annotated[str, Display(T("First day"))]
    last: Annotated[str, Display(T("Last day"))]
    policy: Annotated[str, Display(T("Policy"))]
    officers: Annotated[tuple[str, ...], Display(T("Officers"), silent=True)] = ()
    recheck: Annotated[int, Display(T("Checked twice (per cent)"))] = 0


class RosterBrought(Record, frozen=True, kw_only=True):
    """A list of the phones that must be seen came to a round, in place of an earlier one.

    `phones` and `units` are how many it names, `left_out` the lines of its file that could not be used, and `sha256`
    the hash of the list as Fanion keeps it beside the log. The list itself names people: no record has it. The name of
    its `file` can name them as well.
    """

    kind: ClassVar[Kind] = Kind.ROSTER_BROUGHT
    round: Annotated[str, _ROUND]
    phones: Annotated[int, Display(T("Phones"))]
    units: Annotated[int, Display(T("Units"))]
    left_out: Annotated[int, Display(T("Lines left out"))] = 0
    sha256: Annotated[str, Display(T("Fingerprint of the roster"))]
    file: Annotated[Personal, Display(T("File"), seal=T("Sealed name of the file"))] = Personal("")


class RosterForgotten(Record, frozen=True, kw_only=True):
    """The roster of a round, which names people, is kept no longer. What the round came to stays on record."""

    kind: ClassVar[Kind] = Kind.ROSTER_FORGOTTEN
    round: Annotated[str, _ROUND]


class RecheckDrawn(Record, frozen=True, kw_only=True):
    """The phones of a round that a second officer looks at were drawn: `share` per cent `among` those that were checked
    by then. Which ones follows from the checkpoint that seals this record."""

    kind: ClassVar[Kind] = Kind.RECHECK_DRAWN
    round: Annotated[str, _ROUND]
    among: Annotated[int, Display(T("Phones checked by then"))]
    share: Annotated[int, Display(T("Checked twice (per cent)"))]


class RoundEnded(Record, frozen=True, kw_only=True):
    """A round was closed: how many phones of its list were checked and with which verdict they were left, how many are
    still due, and how many others were checked in its days."""

    kind: ClassVar[Kind] = Kind.ROUND_ENDED
    round: Annotated[str, _ROUND]
    phones: Annotated[int, Display(T("Phones"))]
    green: Annotated[int, Display(T("Green"))]
    amber: Annotated[int, Display(T("Amber"))]
    red: Annotated[int, Display(T("Red"))]
    due: Annotated[int, Display(T("Due"))]
    unexpected: Annotated[int, Display(T("Not on the roster"))]
