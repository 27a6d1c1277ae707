"""Records of a removal and of its undoing: what was there before it, each step before it is taken, and what the phone
said to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final

from core import model, value_names
from core.ledger.records.check import SIGNERS_LIMIT
from core.ledger.records.fields import APP_ID, Display, Record, parts, read
from core.ledger.records.kinds import Kind
from core.ledger.records.leaf import Personal
from core.model import FileHash, HashedBy
from core.text import N, T, Text, Value

#: Bytes that the files of one app may take in its record. An app of a hundred splits needs a third of it.
FILES_ROOM: Final = 40_000
#: Of each file, beside its name.
_FILE_ROOM: Final = 150

#: What a phone's answer to a step comes to, by the driver's word for it.
OUTCOMES: Final[Mapping[str, Text]] = {
    "done": T("done, as the phone says"),
    "not-there": T("the app was not there"),
    "device-admin": T("refused: the app is a device administrator"),
    "owner-blocks": T("refused: the phone says that its management does not allow it"),
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


def _bytes(count: int) -> Text:
    return N("{count} byte", "{count} bytes", count)


parts(
    FileHash,
    name=Display(T("File")),
    size=Display(T("Size of the file"), say=_bytes),
    sha256=Display(T("SHA-256")),
    by=Display(T("Fingerprint computed by"), value_names.HASHED_BY),
    kept=Display(T("A copy is kept"), left_out=True),
)


def _file_line(fields: Mapping[str, Any]) -> Value:
    file = read(FileHash, fields, None)
    # A later version may have another word.
    by: Value = value_names.HASHED_BY[file.by] if isinstance(file.by, HashedBy) else str(fields.get("by"))
    if file.size is None:
        text = T("{file}: SHA-256 {sha256}, {by}", file=file.name, sha256=file.sha256, by=by)
    else:
        size = _bytes(file.size)
        text = T("{file}: SHA-256 {sha256}, {by}, {size}", file=file.name, sha256=file.sha256, by=by, size=size)
    return T("{file}; a copy is kept", file=text) if file.kept else text


class EvidenceTaken(Record, frozen=True, kw_only=True):
    """What was there of a banned app in one profile, before a removal of it began: see :class:`model.AppEvidence`.
    `finding` is the number of the record of the app.

    `last_used` is about a person, so that it can be erased; None where the policy does not ask for it. Of the files as
    many are here as there is room for; where there are more, `missing` says so. A copy is kept of those alone that are
    here.
    """

    kind: ClassVar[Kind] = Kind.APP_EVIDENCE
    builds_on = ("finding", Kind.FINDING)
    package: Annotated[str, APP_ID]
    profile: Annotated[int | None, Display(T("Profile number"))]
    version: Annotated[str, Display(T("Version"))]
    files: Annotated[tuple[FileHash, ...], Display(T("File"), line=_file_line)]
    size: Annotated[int | None, Display(T("Size of all files"), say=_bytes)]
    signers: Annotated[tuple[str, ...], Display(T("Signed with"), elsewhere={"ios": Display(T("Developer team"))})]
    store: Annotated[str, Display(T("Installed by"), value_names.ORIGINS)]
    first_installed: Annotated[str, Display(T("First installed"))]
    last_updated: Annotated[str, Display(T("Last updated"))]
    last_used: Annotated[
        Personal | None, Display(T("Last used"), seal=T("Sealed time of the last use"), left_out=True)
    ] = None
    missing: Annotated[tuple[Text, ...], Display(T("What could not be had"))] = ()
    finding: Annotated[int, Display(T("Because of entry"))]

    @classmethod
    def of(cls, evidence: model.AppEvidence, finding: int) -> EvidenceTaken:
        """The record of `evidence` of the app of the record `finding`."""
        files = _that_fit(evidence.files)
        left = len(evidence.files) - len(files)
        no_room = N("{count} more file has no room here.", "{count} more files have no room here.", left)
        return cls(
            package=evidence.package,
            profile=evidence.profile,
            version=evidence.version,
            files=files,
            size=evidence.size,
            signers=evidence.signers[:SIGNERS_LIMIT],
            store=evidence.store,
            first_installed=evidence.first_installed,
            last_updated=evidence.last_updated,
            last_used=Personal(evidence.last_used) if evidence.last_used else None,
            missing=(*evidence.missing, *([no_room] if left else [])),
            finding=finding,
        )


def _that_fit(files: Sequence[FileHash]) -> tuple[FileHash, ...]:
    """The first of `files`, as many as have room in a record."""
    room = FILES_ROOM
    fitting = []
    for file in files:
        room -= len(file.name) + _FILE_ROOM
        if room < 0:
            break
        fitting.append(file)
    return tuple(fitting)


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
