"""Why a signed policy is not accepted, or no longer believed: each reason with one sentence and one next step."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from core.policy.problems import PolicyProblem
from core.policy.wording import long_date
from core.text import T, Text, plain

#: Characters of a path or a file name in a sentence.
_NAME = 1_000


class RefusalReason(StrEnum):
    """Why a policy was refused, in a word for scripts, records and tests; stable across versions."""

    NOT_A_STICK = "not-a-stick"
    INCOMPLETE = "incomplete"
    CHANGED = "changed"
    TOO_FEW_SIGNATURES = "too-few-signatures"
    OTHER_KEYS = "other-keys"
    EXPIRED = "expired"
    OLDER = "older"
    #: Signed, and yet not the same as what was accepted under the same number.
    CONFLICT = "conflict"
    TOO_LARGE = "too-large"
    MALFORMED = "malformed"
    UNREADABLE = "unreadable"
    LINK = "link"
    NO_ROOT = "no-root"
    #: What this computer had accepted is not what is on its disk any more.
    ALTERED = "altered"
    #: A folder that is needed before anything is accepted cannot be written.
    NO_ROOM = "no-room"
    #: It was announced as accepted, and then could not be stored: the announcement does not count.
    NOT_STORED = "not-stored"


class TrustProblem(PolicyProblem):
    """A signed policy was refused. Nothing on this computer has changed by it."""

    def __init__(
        self, reason: RefusalReason, sentence: Text, next_step: Text, detail: str = "", line: int | None = None
    ) -> None:
        super().__init__(sentence, next_step, detail, line)
        self.reason = reason
        self.code = f"policy-{reason}"


def not_a_stick(folder: str) -> TrustProblem:
    return TrustProblem(
        RefusalReason.NOT_A_STICK,
        T("There is no signed policy in the folder {folder}.", folder=plain(folder, _NAME)),
        T("Choose the folder on the policy team’s USB key that has a folder named “metadata” in it."),
    )


def incomplete(file: str, detail: str = "") -> TrustProblem:
    return TrustProblem(
        RefusalReason.INCOMPLETE,
        T("The policy on this USB key is incomplete: the file {file} is missing or cut off.", file=plain(file)),
        T("Copy the policy team’s whole folder onto the USB key again, and eject the key before you pull it out."),
        detail,
    )


def changed(file: str, detail: str = "") -> TrustProblem:
    return TrustProblem(
        RefusalReason.CHANGED,
        T("The file {file} on this USB key was changed or damaged after it was signed.", file=plain(file)),
        T("Do not use this USB key; get the policy from the policy team again, and tell them what happened."),
        detail,
    )


def too_few_signatures(file: str, count: int, needed: int) -> TrustProblem:
    return TrustProblem(
        RefusalReason.TOO_FEW_SIGNATURES,
        T(
            "The file {file} on this USB key has {count} of the {needed} signatures that it needs.",
            file=plain(file),
            count=count,
            needed=needed,
        ),
        T("Ask the policy team for a USB key that all of its signers have signed."),
    )


def other_keys(file: str) -> TrustProblem:
    return TrustProblem(
        RefusalReason.OTHER_KEYS,
        T("The file {file} on this USB key has signatures that this computer does not trust.", file=plain(file)),
        T("Make sure that the USB key is from your policy team, and ask them whether their signing keys have changed."),
    )


def expired(since: datetime, detail: str = "") -> TrustProblem:
    return TrustProblem(
        RefusalReason.EXPIRED,
        T("The signatures on this USB key expired on {date}.", date=long_date(since.astimezone(UTC).date())),
        T("Ask the policy team for a newer USB key, and make sure that this computer’s date is right."),
        detail,
    )


def older(detail: str) -> TrustProblem:
    return TrustProblem(
        RefusalReason.OLDER,
        T("The policy on this USB key is older than what this computer has accepted before."),
        T("Use the policy team’s newest USB key."),
        detail,
    )


def conflict(detail: str) -> TrustProblem:
    return TrustProblem(
        RefusalReason.CONFLICT,
        T("This USB key has other contents under the same number than what this computer has accepted before."),
        T("Do not use this USB key, and show it to the policy team: one of their signing keys may have been misused."),
        detail,
    )


def too_large(file: str) -> TrustProblem:
    return TrustProblem(
        RefusalReason.TOO_LARGE,
        T("The file {file} on this USB key is larger than any that belongs there.", file=plain(file)),
        T("Do not use this USB key; get the policy from the policy team again."),
    )


def malformed(problem: PolicyProblem) -> TrustProblem:
    """The policy is signed, but no policy that Fanion can judge by: `problem` says why, and on which line."""
    return TrustProblem(
        RefusalReason.MALFORMED,
        problem.sentence,
        T("Tell the policy team: they have to publish a corrected policy."),
        problem.detail,
        problem.line,
    )


def unreadable(file: str, detail: str) -> TrustProblem:
    return TrustProblem(
        RefusalReason.UNREADABLE,
        T("The file {file} on this USB key cannot be read.", file=plain(file)),
        T("Plug the USB key in again and try once more, or use another one."),
        detail,
    )


def link(file: str) -> TrustProblem:
    return TrustProblem(
        RefusalReason.LINK,
        T("On this USB key, {file} is not an ordinary file or folder but leads elsewhere.", file=plain(file)),
        T("Do not use this USB key; get the policy from the policy team again."),
    )


def no_root(file: str, detail: str = "") -> TrustProblem:
    return TrustProblem(
        RefusalReason.NO_ROOT,
        T(
            "This computer does not know whose policies to trust: there is no root file {file}.",
            file=plain(file, _NAME),
        ),
        T("Ask your IT support to install the policy team’s root file."),
        detail,
    )


def no_root_named(settings: str) -> TrustProblem:
    return TrustProblem(
        RefusalReason.NO_ROOT,
        T(
            "This computer does not know whose policies to trust: “policy_root” is not set in {file}.",
            file=plain(settings, _NAME),
        ),
        T("Ask your IT support to install the policy team’s root file."),
    )


def bad_root(detail: str) -> TrustProblem:
    return TrustProblem(
        RefusalReason.NO_ROOT,
        T("The root file that says whose policies this computer trusts is damaged."),
        T("Ask your IT support to install the policy team’s root file again."),
        detail,
    )


def altered(detail: str) -> TrustProblem:
    return TrustProblem(
        RefusalReason.ALTERED,
        T("The signed policy on this computer was changed or damaged after it was accepted."),
        T("Import the policy team’s newest USB key again, and tell your IT security team."),
        detail,
    )


def accepted_policy_missing() -> TrustProblem:
    return TrustProblem(
        RefusalReason.ALTERED,
        T("The signed policy that this computer had accepted is not there any more."),
        T("Import the policy team’s newest USB key again, and tell your IT security team."),
    )


def trusted_no_more(detail: str) -> TrustProblem:
    return TrustProblem(
        RefusalReason.OTHER_KEYS,
        T("The signed policy on this computer was accepted under keys that it does not trust any more."),
        T("Import the newest USB key of the policy team whose root file is installed."),
        detail,
    )


def no_room(folder: str, detail: str) -> TrustProblem:
    return TrustProblem(
        RefusalReason.NO_ROOM,
        T("Nothing was accepted, because the folder {folder} cannot be written just now.", folder=plain(folder, _NAME)),
        T("Check that the disk has room and that you may write there, then import the policy again."),
        detail,
    )


def not_stored(folder: str, detail: str) -> TrustProblem:
    return TrustProblem(
        RefusalReason.NOT_STORED,
        T("The policy is sound, but could not be stored in the folder {folder}.", folder=plain(folder, _NAME)),
        T("Check that the disk has room and that you may write there, then import the policy again."),
        detail,
    )
