"""One opened Android phone: the Driver of this platform."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from core.jobs import Cancel, Report
from core.model import NOTHING_SOUGHT, App, AppEvidence, Finding, Identity, Inventory, PhoneIdentity, SoughtInFiles
from core.phones.android import inventory as reading
from core.phones.android import leaving, removal, second_look
from core.phones.android.files import app_evidence
from core.phones.android.files import identify as identities
from core.phones.android.link import phone_identity, shell
from core.phones.android.link.link import Link, ask
from core.phones.android.link.recorded_link import RecordedLink, Recording
from core.phones.android.listings import short_answers
from core.phones.driver import Answer, Asked, FileKeeper, LeftToOwner, Management, OtherPhone, SecondLook, Step
from core.same_phone import differences
from core.system.support import support_log
from core.text import T, Text

#: Set by practice phones. It is believed only where Fanion itself has connected to this computer: a real one could lie.
PRACTICE_PROPERTY = "ro.fanion.practice"

#: Since Android 8 an app's folder has a name of its own for each installation; before, the same two take turns.
_FOLDERS_NAMED_ANEW: Final = 26
_ARCHIVED: Final = T("It is archived: the phone keeps its data, and no file that would tell what it is.")


class AndroidPhone:
    """Reads and changes the phone behind a link."""

    next_step = staticmethod(removal.next_step)
    by_hand = staticmethod(removal.by_hand)
    hand_kind = staticmethod(removal.hand_kind)
    holds = staticmethod(removal.holds)
    undo = staticmethod(removal.undo)
    loses_data = staticmethod(removal.loses_data)
    settings_screen = staticmethod(removal.settings_screen)

    platform = "android"

    def __init__(self, link: Link, own_key: str | None = None) -> None:
        """`own_key` is the public half of the key by which the phone knows this computer, in base64, if it is known.

        Raises PhoneProblem if a phone on this computer itself does not answer whether it is for practice; `link` is
        closed then."""
        self._link = link
        self._own_key = own_key
        self._memory = identities.IdentityMemory()
        #: What is left of the time that the phone has to tell what there is of all its banned apps.
        self._evidence_seconds = app_evidence.ALL_LIMIT
        self._expected: PhoneIdentity | None = None
        #: The expected phone has answered over this link.
        self._met = False
        try:
            self.practice = link.loopback and self._ask(f"getprop {PRACTICE_PROPERTY}", Cancel())[0].strip() == "1"
        except BaseException:
            link.close()
            raise

    @property
    def how(self) -> Text:
        return self._link.how

    def record(self, recording: Recording | None) -> None:
        """Have `recording` keep what the phone prints to each command from now on; None: nothing keeps it any more."""
        link: Link = self._link.link if isinstance(self._link, RecordedLink) else self._link
        self._link = link if recording is None else RecordedLink(link, recording)

    def identity(self, cancel: Cancel) -> PhoneIdentity:
        return phone_identity.ask(self._link, cancel)

    def expect(self, identity: PhoneIdentity) -> None:
        self._expected, self._met = identity, False

    @support_log.step("phone.read")
    def read(
        self,
        report: Report,
        cancel: Cancel,
        glimpse: Callable[[Inventory], None] | None = None,
        sought: Collection[str] = (),
    ) -> Inventory:
        if self._expected is None and not self._link.lasting:
            self._expected = self.identity(cancel)  # before, so that all of the reading is of one phone
        inventory = reading.read(self._reading_link(), self.practice, report, cancel, glimpse, sought)
        now = inventory.identity
        if now is not None:
            now = replace(now, transport=self._link.transport)
        if self._expected is None:
            self._expected = now or self.identity(cancel)
        elif now is not None and (differs := differences(now, self._expected)):
            raise OtherPhone(differs)  # in what a shell cannot compare
        self._met = True
        return replace(inventory, identity=now)

    @support_log.step("phone.files")
    def identify(
        self,
        apps: Sequence[App],
        report: Report,
        cancel: Cancel,
        on_identity: Callable[[Identity], None] | None = None,
        sought: SoughtInFiles = NOTHING_SOUGHT,
    ) -> dict[str, Identity]:
        archived = {
            a.package: Identity(a.package, why=_ARCHIVED) for a in apps if not any(s.installed for s in a.states)
        }
        for identity in archived.values():
            if on_identity:
                on_identity(identity)
        present = [app for app in apps if app.package not in archived]
        return archived | identities.identify(
            self._reading_link(), present, report, cancel, on_identity, self._memory, lambda app: app.splits, sought
        )

    @support_log.step("phone.again")
    def look_again(self, inventory: Inventory, cancel: Cancel) -> SecondLook:
        look = second_look.look_again(self._reading_link(), inventory, cancel)
        sdk = inventory.phone.sdk
        if sdk >= _FOLDERS_NAMED_ANEW:
            return look
        same_place = [app for app in look.inventory.apps if app.package not in look.changed]
        replaced = identities.replaced(self._reading_link(), same_place, sdk, self._memory, cancel)
        return replace(look, changed=look.changed | replaced)

    @support_log.step("phone.evidence")
    def app_evidence(
        self,
        finding: Finding,
        inventory: Inventory,
        cancel: Cancel,
        *,
        last_used: bool = False,
        keeper: FileKeeper | None = None,
    ) -> AppEvidence:
        if keeper is not None:  # how long that takes, the size of the files tells
            link = self._reading_link()
            return app_evidence.app_evidence(
                link, finding, inventory, self._memory, cancel, last_used=last_used, keeper=keeper
            )
        started = time.monotonic()
        seconds = min(app_evidence.TIME_LIMIT, self._evidence_seconds)
        try:
            return app_evidence.app_evidence(
                self._guarded_link(), finding, inventory, self._memory, cancel, last_used=last_used, seconds=seconds
            )
        finally:
            self._evidence_seconds -= time.monotonic() - started

    def for_good(self, finding: Finding) -> bool:
        return not finding.app.system

    def look_for(self, findings: Sequence[Finding], cancel: Cancel) -> Sequence[bool | None]:
        listed = cache(lambda option, profile: self._list(option, profile, cancel))  # each list is asked for once
        return [self._is_there(finding, listed) for finding in findings]

    @staticmethod
    def _is_there(finding: Finding, listed_by: Callable[[str, int], frozenset[str] | None]) -> bool | None:
        state = finding.app.state(finding.profile.id)
        if state is not None and (state.archived or state.hidden):
            # Nothing is lost: no quick list has it, and that it is not known says so.
            return None
        listed, off = (listed_by(option, finding.profile.id) for option in ("", " -d"))
        if not listed or (off is None and finding.app.system):
            # Nothing is lost: Android itself is in every profile, so that this list tells of no app.
            return None
        if finding.app.package not in listed:
            # Its owner may have hidden it, or archived it: what is kept of it is in a longer list.
            kept = listed_by(" -u", finding.profile.id)
            is_gone = kept is not None and listed <= kept and finding.app.package not in kept
            return False if is_gone else None
        return not (finding.app.system and off and finding.app.package in off)

    def _list(self, option: str, profile: int, cancel: Cancel) -> frozenset[str] | None:
        """The apps of one profile; None where the phone does not list them, or not in a way that can be relied upon."""
        text, code = self._ask(f"pm list packages{option} --user {int(profile)}", cancel)
        listed = short_answers.packages(text.splitlines()).value
        return listed.names if listed.problem(code) is None else None

    def management(self, inventory: Inventory) -> Management | None:
        # Nothing is lost: what manages an Android phone is no better tool than its steps.
        return None

    def left_to_owner(self, cancel: Cancel) -> LeftToOwner:
        return leaving.left_to_owner(self._guarded_link(), self._own_key, cancel)

    def options_off(self, cancel: Cancel) -> Asked:
        return leaving.options_off(self._guarded_link(), cancel)

    def wireless_off(self, cancel: Cancel) -> Asked:
        return leaving.wireless_off(self._guarded_link(), cancel)

    def debugging_off(self, cancel: Cancel) -> Asked:
        return leaving.debugging_off(self._guarded_link(), cancel)

    def trust_off(self, cancel: Cancel) -> Asked:
        return Asked(False)  # the phone forgets this computer by itself, and its owner can have it forget at once

    def perform(self, step: Step, cancel: Cancel) -> Answer:
        text, code = self._ask(removal.command(step), cancel)
        return removal.recognise(step.act, code, text)

    def close(self) -> None:
        self._link.close()

    def link(self, cancel: Cancel) -> Link:
        """The link on which this phone alone answers, for what tries how it answers. Raises PhoneProblem, Cancelled."""
        self._expected = self._expected or self.identity(cancel)
        return self._guarded_link()

    def _guarded_link(self) -> Link:
        """The link, on which no phone but the expected one does anything."""
        return self._link if self._expected is None else phone_identity.OnlyOn(self._link, self._expected)

    def _reading_link(self) -> Link:
        """The link for commands that only read. Where one connection carries all commands, and the expected phone has
        answered over it, no command has to ask again which phone it is."""
        return self._link if self._met and self._link.lasting else self._guarded_link()

    def _ask(self, command: str, cancel: Cancel) -> tuple[str, int]:
        """What `command` printed, and its exit code; -1 where the phone did not say. Raises OtherPhone."""
        answers = ask(self._guarded_link(), shell.parts({"answer": command}), cancel, 2**20)
        lines, code = answers.get("answer", ([], -1))
        return "\n".join(lines), code
