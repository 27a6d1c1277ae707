"""Records of a removal and of its undoing: each step before it is taken, and what the phone said to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final

from core import value_names
from core.ledger.records.fields import APP_ID, Display, Record
from core.ledger.records.kinds import Kind
from core.text import T, Text

#: What a phone's answer to a step comes to, by the driver's word for it.
OUTCOMES: Final[Mapping[str, Text]] = {
    "done": T("done, as the phone says"),
    "not-there": T("the app was not there"),
    "device-admin": T("refused: the app is a device administrator"),
    "owner-blocks": T("refused: the organisation that manages the phone does not allow it"),
    "user-restricted": T("refused: the profile’s restrictions do not allow it"),
    "protected": T("refused: the phone protects this app"),
    "profile-closed": T("not possible: the profile is closed to this computer"),
    "unsupported": T("not possible: this phone does not know the command"),
    "refused": T("refused"),
    "not-taken": T("not carried out: it was another phone"),
    "came-back": T("done, as the phone said, but the app is still there"),
    "unknown": T("not known"),
}


class StepIntended(Record, frozen=True):
    """A step is about to be sent to the phone: `act` is the driver's word for it."""

    act: Annotated[str, Display(T("Step"), value_names.ACTS)]
    package: Annotated[str, APP_ID]
    profile: Annotated[int | None, Display(T("Profile number"))]


class StepOutcome(Record, frozen=True, kw_only=True):
    """What the phone said to the step that record `intent` announced: its words, and what they mean."""

    outcome: Annotated[str, Display(T("Result"), OUTCOMES)]
    means: Annotated[Text, Display(T("In words"))]
    answer: Annotated[str, Display(T("What the phone said"))]
    intent: Annotated[int, Display(T("Announced in entry"))]


class RemovalIntended(StepIntended, frozen=True):
    """One step of a removal is about to be sent. `finding` is the number of the record of what it is for.

    `loses_data`: removing the app takes away what its owner keeps in it. `owner_told`: the officer said that the owner
    had been told so before; None where nothing is lost, or the officer was not asked. Older records have neither.
    """

    kind: ClassVar[Kind] = Kind.REMOVAL_INTENDED
    builds_on = ("finding", Kind.FINDING)
    finding: Annotated[int, Display(T("Because of entry"))]
    loses_data: Annotated[bool | None, Display(T("The holder loses what is in the app"), left_out=True)] = None
    owner_told: Annotated[bool | None, Display(T("The holder was told, according to the officer"), left_out=True)] = (
        None
    )


class RemovalOutcome(StepOutcome, frozen=True, kw_only=True):
    """What the phone said to a step of a removal. Whether it is true, the next check says."""

    kind: ClassVar[Kind] = Kind.REMOVAL_OUTCOME
    builds_on = ("intent", Kind.REMOVAL_INTENDED)


class UndoIntended(StepIntended, frozen=True):
    """A step that takes back the one announced by record `removal` is about to be sent."""

    kind: ClassVar[Kind] = Kind.UNDO_INTENDED
    builds_on = ("removal", Kind.REMOVAL_INTENDED)
    removal: Annotated[int, Display(T("Takes back the step of entry"))]


class UndoOutcome(StepOutcome, frozen=True, kw_only=True):
    """What the phone said to an undoing step."""

    kind: ClassVar[Kind] = Kind.UNDO_OUTCOME
    builds_on = ("intent", Kind.UNDO_INTENDED)
