"""What every platform offers for one opened phone (:class:`Driver`), and what a step on it comes to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final, Protocol

from core.jobs import Cancel, Report
from core.model import (
    NOTHING_SOUGHT,
    App,
    AppEvidence,
    Finding,
    Gap,
    Identity,
    Inventory,
    PhoneIdentity,
    Problem,
    Profile,
    SoughtInFiles,
    platforms,
)
from core.phones.hand_kind import HandKind
from core.text import Bilingual, T, Text


class PhoneProblem(Problem):
    """A phone cannot be reached, read or changed."""

    code = "phone"
    exit_code = 4


#: What an app is called in front of people.
Name = Text | Bilingual | str


@dataclass(frozen=True, slots=True)
class Step:
    """One command on the phone, for one app in one profile. `act` is a platform's own word, such as ``uninstall``."""

    act: str
    package: str
    profile: int
    name: Name
    does: Text


class Outcome(StrEnum):
    """What a phone's answer to one step means. Only reading the phone again tells whether it is true."""

    DONE = "done"
    NOT_THERE = "not-there"
    ADMIN = "device-admin"
    OWNER = "owner-blocks"
    RESTRICTED = "user-restricted"
    PROTECTED = "protected"
    PROFILE_CLOSED = "profile-closed"
    UNSUPPORTED = "unsupported"
    REFUSED = "refused"
    #: The step was not carried out: another phone answered than the one that it was for.
    NOT_TAKEN = "not-taken"
    #: The phone said that it was done, and it was not: the app is there.
    CAME_BACK = "came-back"
    #: Not known: the phone's words are new to us, or it went away before it answered.
    UNKNOWN = "unknown"

    @property
    def refused(self) -> bool:
        """Whether the phone was asked, and is known not to have done it."""
        return self not in (Outcome.DONE, Outcome.NOT_THERE, Outcome.NOT_TAKEN, Outcome.UNKNOWN)


#: Acts that show a screen on the phone: they do nothing to an app.
SCREENS: Final = frozenset({"open-app-settings", "open-admin-settings"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the phone said to a step. `text` has passed :func:`core.text.plain`; `means` says it in our words."""

    outcome: Outcome
    text: str
    means: Text


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether a phone was asked to switch something off, and whether it was then seen to be so; None: not known.

    `problem` says why not more is known.
    """

    asked: bool | None = False
    seen: bool | None = None
    problem: PhoneProblem | None = None


@dataclass(frozen=True, slots=True)
class LeftToOwner:
    """What only a phone's owner can see to before it is handed back; None where the phone does not tell.

    `auto_blocker`: whether Samsung's Auto Blocker is on. `computers`: how many other computers the phone trusts.
    """

    auto_blocker: bool | None = None
    computers: int | None = None


@dataclass(frozen=True, slots=True)
class Management:
    """An organisation's management of a phone, which does more about its banned apps than a computer can. `says` tells
    the officer so; `export` names the form in which it takes a policy, one of :data:`core.policy.convert.FORMATS`.
    """

    says: Text
    export: str


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What a phone's short lists say after everything was read: `inventory` with all that is new in it, and the
    packages that were not there before, or not as they are now. `gaps` are what could not be looked at again."""

    inventory: Inventory
    changed: frozenset[str] = frozenset()
    gaps: tuple[Gap, ...] = ()


class FileSink(Protocol):
    """A copy of one file that is being made: its bytes are written and hashed as they come."""

    @property
    def size(self) -> int:
        """How many bytes were written."""

    @property
    def sha256(self) -> str:
        """The hash of all that was written, in hex."""

    def write(self, piece: memoryview) -> None:
        """The next bytes, which do not change afterwards."""


class FileKeeper(Protocol):
    """Keeps copies of an app's files."""

    def expect(self, size: int) -> None:
        """Files of `size` bytes together are to come. Raises Problem where there is no room for them."""

    def file(self) -> AbstractContextManager[FileSink]:
        """A new file to write; it is kept only if the block does not raise."""


class Driver(Protocol):
    """One opened phone. Not for two threads at once; the code that opens it closes it.

    It stays one phone: what was read of it first, or what :meth:`expect` was given, is compared in each reading after
    that and in the same command as each step, and another phone raises OtherPhone before anything is done to it. One
    that does not show what it is known by raises another WrongPhone, likewise.
    """

    @property
    def how(self) -> Text:
        """The road to it, in words: over USB, through the adb server, a practice phone."""

    @property
    def practice(self) -> bool:
        """Whether it is a practice phone, whose records go into a ledger of their own."""

    @property
    def platform(self) -> str:
        """The id of its platform."""

    def record(self, recording: Callable[[str], Any] | None) -> None:
        """Have `recording` keep what the phone answers from now on, which is one of its platform's; None: nothing keeps
        it any more."""

    def identity(self, cancel: Cancel) -> PhoneIdentity:
        """Which phone answers now, be it another than before: one short command. Raises PhoneProblem, Cancelled."""

    def expect(self, identity: PhoneIdentity) -> None:
        """From now on only the phone with this identity is read and changed."""

    def read(
        self,
        report: Report,
        cancel: Cancel,
        glimpse: Callable[[Inventory], None] | None = None,
        sought: Collection[str] = (),
    ) -> Inventory:
        """Everything there is to see. `glimpse` is called once, early, with what a quick look gave. The apps `sought`,
        by their ids, are seen past every limit: a phone may claim to have more apps than any has.

        Raises PhoneProblem, Cancelled.
        """

    def identify(
        self,
        apps: Sequence[App],
        report: Report,
        cancel: Cancel,
        on_identity: Callable[[Identity], None] | None = None,
        sought: SoughtInFiles = NOTHING_SOUGHT,
    ) -> dict[str, Identity]:
        """What each of `apps` is by its own file: its certificates, its label, its classes; by package. Of the first
        few the launcher icon as well, where that can be read.

        Each is there; where its file could not be read, with the reason why. `on_identity` hears of each as soon as
        it is known, and keeps what it heard if this ends before all are. Costs parts of the files, and the code of the
        apps that `sought` names as from no store.
        Raises PhoneProblem, Cancelled.
        """

    def look_again(self, inventory: Inventory, cancel: Cancel) -> SecondLook:
        """Read the short lists once more, and compare them with `inventory`: what was installed or updated since it was
        read is not in it. What has left the phone since stays in it. Raises OtherPhone also where the phone was
        restarted since; PhoneProblem, Cancelled.
        """

    def app_evidence(
        self,
        finding: Finding,
        inventory: Inventory,
        cancel: Cancel,
        *,
        last_used: bool = False,
        keeper: FileKeeper | None = None,
    ) -> AppEvidence:
        """What the phone has of the app of `finding` in its profile, before anything is done to it: its files, with the
        hashes that the phone itself tells of them, and what `inventory` and the phone say of it. `last_used`: the phone
        is also asked when the app was last used.

        What a phone does not tell, or not within a time limit and in the form that it must have, is in `missing`: none
        of it keeps a removal from going on. Raises WrongPhone, Unplugged and other PhoneProblems after which the phone
        cannot be asked on, and Cancelled.

        A `keeper` is given each file whole, which is hashed on this computer then. What the phone names and does not
        give is a PhoneProblem; an app that has no files, or a phone that gives none, is no failure. Raises what
        `keeper` raises.
        """

    def next_step(self, finding: Finding, inventory: Inventory, history: Sequence[tuple[Step, Answer]]) -> Step | None:
        """What to try after `history`; None if nothing is left to try, or the last answer says that it is done.

        Decides by its arguments alone, so that it can also be asked what it would do.
        """

    def by_hand(self, finding: Finding, inventory: Inventory, history: Sequence[tuple[Step, Answer]] = ()) -> Text:
        """What the officer does on the phone itself when no step can, or none did, by what `history` says."""

    def hand_kind(
        self, finding: Finding, inventory: Inventory, history: Sequence[tuple[Step, Answer]] = ()
    ) -> HandKind:
        """Where on the phone that is done, or why it is not, and with it who does it."""

    def management(self, inventory: Inventory) -> Management | None:
        """The management that is the better tool for this phone; None where it has none that is."""

    def holds(self, step: Step, inventory: Inventory) -> bool:
        """Whether a reading shows that `step` has done what it does, where a reading can show it."""

    def for_good(self, finding: Finding) -> bool:
        """Whether the app leaves the phone, with its data, once no profile has it any more: there is no undo then."""

    def loses_data(self, step: Step) -> bool:
        """Whether what the owner keeps in the app is gone once `step` is done."""

    def look_for(self, findings: Sequence[Finding], cancel: Cancel) -> Sequence[bool | None]:
        """A quick look: whether the app of each finding is still there and can be started; None if that is not known,
        as of an app that no short list has while its data, or all of it, stays on the phone.

        It is no reading: a phone is judged by :meth:`read` alone. Raises PhoneProblem, Cancelled.
        """

    def left_to_owner(self, cancel: Cancel) -> LeftToOwner:
        """What only the phone's owner can see to. Raises PhoneProblem, Cancelled."""

    def options_off(self, cancel: Cancel) -> Asked:
        """Ask for the end of what was switched on for the reading, except the connection, and read back whether it has
        come. Raises OtherPhone (then nothing was asked), Cancelled.
        """

    def wireless_off(self, cancel: Cancel) -> Asked:
        """Ask for the end of connections without a cable where the phone takes them, and read back whether it has come.
        Raises as options_off does.
        """

    def debugging_off(self, cancel: Cancel) -> Asked:
        """Ask for the end of the connection, and see whether it ends: the phone leaves. Raises as options_off does."""

    def trust_off(self, cancel: Cancel) -> Asked:
        """Have the phone and this computer forget their trust where Fanion had asked for it, and see that they have.

        Raises as options_off does.
        """

    def perform(self, step: Step, cancel: Cancel) -> Answer:
        """Carry one step out. After WrongPhone it did not happen; after another PhoneProblem or Cancelled it is
        not known whether it did."""

    def undo(self, step: Step, profile: Profile) -> Step | None:
        """The step that takes `step` back, or None."""

    def settings_screen(
        self, finding: Finding, inventory: Inventory, history: Sequence[tuple[Step, Answer]] = ()
    ) -> Step | None:
        """The step that opens the settings screen of which `by_hand` speaks; None if a computer cannot open it."""

    def close(self) -> None:
        """Let go of the phone. Never raises."""


class Unplugged(PhoneProblem):
    """The phone went away."""

    code = "phone-unplugged"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            T("The phone was unplugged, or the cable lost contact."),
            T("Plug it in and check it again."),
            detail,
        )


class Silent(PhoneProblem):
    """The phone stopped answering; `seconds` is how long was waited."""

    code = "phone-silent"

    def __init__(self, seconds: float, detail: str = "") -> None:
        super().__init__(
            T("The phone has not answered for {seconds} seconds.", seconds=round(seconds)),
            T("Unlock it, unplug it and plug it in again, then check it again."),
            detail,
        )


class UnreadableAnswer(PhoneProblem):
    """What came is not in the form that phones use, or breaks its limits. Each platform has a class of its own."""

    code = "phone-garbled"
    platform: ClassVar[str]

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            platforms.of(self.platform).unreadable_answer,
            T("Unplug it and plug it in again, with another cable if there is one."),
            detail,
        )


class WrongPhone(PhoneProblem):
    """Not the phone that is expected: what was asked of it was not done. That it was refused is on record wherever it
    is noticed: in the visit that it interrupted, or by itself."""

    code = "wrong-phone"


class OtherPhone(WrongPhone):
    """Not the phone that was read before: nothing was done to it. `differs` names what is not the same."""

    code = "another-phone"

    def __init__(self, differs: Sequence[str]) -> None:
        super().__init__(
            T("This is not the phone that was checked, or it was restarted since. Nothing was done to it."),
            T("See which phone is plugged in, and check it again."),
            f"not the same: {', '.join(differs)}" if differs else "",
        )
