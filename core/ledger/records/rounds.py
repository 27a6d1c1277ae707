"""Records of rounds: which field audit was begun, which list of phones it has, and what it came to."""

from __future__ import annotations

from typing import Annotated, ClassVar

from core.ledger.records.fields import Record, Shown
from core.ledger.records.kinds import Kind
from core.ledger.records.leaf import Personal
from core.text import T

_ROUND = Shown(T("Number of the round"))


class RoundBegun(Record, frozen=True, kw_only=True):
    """A field audit was begun. `round` is its number, 12 hexadecimal digits; `first` and `last` are its days (ISO
    8601). `policy` is the id of the policy that its phones are judged by. `recheck` is the share of its phones, in per
    cent, that a second officer looks at."""

    kind: ClassVar[Kind] = Kind.ROUND_BEGUN
    round: Annotated[str, _ROUND]
    name: Annotated[str, Shown(T("Round"))]
    place: Annotated[str, Shown(T("Place"), silent=True)] = ""
    first: Annotated[str, Shown(T("First day"))]
    last: Annotated[str, Shown(T("Last day"))]
    policy: Annotated[str, Shown(T("Policy"))]
    officers: Annotated[tuple[str, ...], Shown(T("Officers"), silent=True)] = ()
    recheck: Annotated[int, Shown(T("Checked twice (per cent)"))] = 0


class RosterBrought(Record, frozen=True, kw_only=True):
    """A list of the phones that must be seen came to a round, in place of an earlier one.

    `phones` and `units` are how many it names, `left_out` the lines of its file that could not be used, and `sha256`
    the hash of the list as Fanion keeps it beside the log. The list itself names people: no record has it. The name of
    its `file` can name them as well.
    """

    kind: ClassVar[Kind] = Kind.ROSTER_BROUGHT
    round: Annotated[str, _ROUND]
    phones: Annotated[int, Shown(T("Phones"))]
    units: Annotated[int, Shown(T("Units"))]
    left_out: Annotated[int, Shown(T("Lines left out"))] = 0
    sha256: Annotated[str, Shown(T("Fingerprint of the roster"))]
    file: Annotated[Personal, Shown(T("File"), seal=T("Sealed name of the file"))] = Personal("")


class RosterForgotten(Record, frozen=True, kw_only=True):
    """The roster of a round, which names people, is kept no longer. What the round came to stays on record."""

    kind: ClassVar[Kind] = Kind.ROSTER_FORGOTTEN
    round: Annotated[str, _ROUND]


class RecheckDrawn(Record, frozen=True, kw_only=True):
    """The phones of a round that a second officer looks at were drawn: `share` per cent `among` those that were checked
    by then. Which ones follows from the checkpoint that seals this record."""

    kind: ClassVar[Kind] = Kind.RECHECK_DRAWN
    round: Annotated[str, _ROUND]
    among: Annotated[int, Shown(T("Phones checked by then"))]
    share: Annotated[int, Shown(T("Checked twice (per cent)"))]


class RoundEnded(Record, frozen=True, kw_only=True):
    """A round was closed: how many phones of its list were checked and with which verdict they were left, how many are
    still due, and how many others were checked in its days."""

    kind: ClassVar[Kind] = Kind.ROUND_ENDED
    round: Annotated[str, _ROUND]
    phones: Annotated[int, Shown(T("Phones"))]
    green: Annotated[int, Shown(T("Green"))]
    amber: Annotated[int, Shown(T("Amber"))]
    red: Annotated[int, Shown(T("Red"))]
    due: Annotated[int, Shown(T("Due"))]
    unexpected: Annotated[int, Shown(T("Not on the roster"))]
