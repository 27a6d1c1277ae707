"""One iPhone that trusts this computer: the Driver of this platform.

Each job has a conversation of its own with the phone, as iOS ends one that is silent for a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from typing import Final

from core.jobs import Cancel, Progress, Report
from core.model import (
    NOTHING_SOUGHT,
    App,
    AppEvidence,
    Finding,
    Identity,
    Inventory,
    PhoneIdentity,
    Profile,
    SoughtInFiles,
    id_key,
)
from core.phones.driver import (
    Answer,
    Asked,
    FileKeeper,
    LeftToOwner,
    Management,
    OtherPhone,
    Outcome,
    PhoneProblem,
    SecondLook,
    Step,
    WrongPhone,
)
from core.phones.hand_kind import HandKind
from core.phones.iphone import app_evidence, apps, entitlements, inventory, second_look
from core.phones.iphone.apps import SERVICE
from core.phones.iphone.lockdown import Lockdown, Recording, recorded
from core.phones.iphone.mux import Mux, MuxPhone
from core.phones.iphone.pair_record import PairRecord
from core.phones.iphone.problems import IphoneNotReady, removal_answer
from core.phones.states import PhoneState
from core.same_phone import differences
from core.system.support import support_log
from core.text import T, Text

_UNINSTALL: Final = "uninstall"
#: Apps between two reports of how far the comparing is.
_REPORTED: Final = 20
_BY_HAND: Final = T(
    "On the phone, touch and hold the app, tap Remove App, then Delete App. Then check the phone again."
)
#: App Clips are on no Home Screen.
_CLIP_BY_HAND: Final = T(
    "It is an App Clip, which no Home Screen shows. On the phone, open Settings › Apps › App Clips (before iOS "
    "18: Settings › App Clips) and remove it there; otherwise the phone removes it once it has not been used "
    "for some time. Then check the phone again."
)
#: What is left to do where the phone refused, by the outcome; else it is removed by hand.
_BY_HAND_AFTER: Final = {
    Outcome.RESTRICTED: T(
        "Have the phone’s device management, or its holder under Settings, Screen Time, allow that apps are "
        "deleted. Then check the phone again."
    ),
    Outcome.REFUSED: T(
        "On the phone, touch and hold the app, tap Remove App, then Delete App. If the phone refuses that too, ask the"
        " team that manages it. Then check the phone again."
    ),
}
#: Of a part of iOS, and of what somebody installed as if it were one (TrollStore does).
_AS_SYSTEM_BY_HAND: Final = {
    True: T("It is part of iOS, and no computer can remove it. Ask your IT security team."),
    False: T(
        "The phone lists it as a part of iOS, which it is not, and so no computer can remove it. What installed it so"
        " may have changed the phone’s system: keep the phone, and ask your IT security team."
    ),
}
_MANAGEMENT: Final = T("Give its device management the list of banned apps; check again once it has blocked them.")
_SUPERVISED: Final = ("IsSupervised", "DeviceIsChaperoned")


class IPhone:
    """Reads and changes one phone by the record with which it trusts this computer."""

    def __init__(
        self,
        phone: MuxPhone,
        record: PairRecord,
        cancel: Cancel,
        *,
        may_be_practice: bool,
        forgotten: Callable[[str], None] = lambda udid: None,
    ) -> None:
        """`may_be_practice`: it is served on this computer itself, so it may say that it is for practice. `forgotten`
        is told the phone's identifier once it says that it does not know the record any more. Raises PhoneProblem,
        Cancelled.
        """
        self._phone = phone
        self._record = record
        self._forgotten = forgotten
        self._expected: PhoneIdentity | None = None
        self._recording: Recording | None = None
        self.platform = apps.PLATFORM
        self.practice = False
        if may_be_practice:
            with closing(self._session(cancel)) as lockdown:
                self.practice = inventory.is_practice(lockdown, cancel)

    @property
    def how(self) -> Text:
        return T("over the local connection of a practice phone") if self.practice else T("over USB")

    def record(self, recording: Recording | None) -> None:
        self._recording = recording

    def _session(self, cancel: Cancel) -> Lockdown:
        """A new conversation, encrypted, with the very phone of the record."""
        lockdown = Lockdown(self._phone, cancel, self._recording)
        try:
            lockdown.begin(self._record, cancel)
        except BaseException as error:
            lockdown.close()
            if isinstance(error, IphoneNotReady) and error.state is PhoneState.FORGOTTEN:
                self._forgotten(self._phone.udid)
            raise
        return lockdown

    def _expected_session(self, cancel: Cancel) -> Lockdown:
        """As :meth:`_session`. Raises OtherPhone where it is not the phone that was read."""
        lockdown = self._session(cancel)
        try:
            self._compare(inventory.identity_of(lockdown, cancel))
        except BaseException:
            lockdown.close()
            raise
        return lockdown

    def session(self, cancel: Cancel) -> Lockdown:
        """A new conversation with this phone, for what tries how it answers. Raises PhoneProblem, Cancelled."""
        return self._expected_session(cancel)

    def _compare(self, now: PhoneIdentity) -> None:
        if self._expected is not None and (differs := differences(now, self._expected)):
            raise OtherPhone(differs)

    def identity(self, cancel: Cancel) -> PhoneIdentity:
        with closing(self._session(cancel)) as lockdown:
            return inventory.identity_of(lockdown, cancel)

    def expect(self, identity: PhoneIdentity) -> None:
        self._expected = identity

    @support_log.step("phone.read")
    def read(
        self,
        report: Report,
        cancel: Cancel,
        glimpse: Callable[[Inventory], None] | None = None,
        sought: Collection[str] = (),
    ) -> Inventory:
        with closing(self._session(cancel)) as lockdown:
            current = inventory.read(lockdown, self.practice, report, cancel, self._glimpsed(glimpse))
        if current.identity is not None:
            self._compare(current.identity)
            self._expected = self._expected or current.identity
        return current

    def _glimpsed(self, glimpse: Callable[[Inventory], None] | None) -> Callable[[Inventory], None]:
        """Tells `glimpse` what was seen of the expected phone, and raises OtherPhone for another."""

        def check(so_far: Inventory) -> None:
            if so_far.identity is not None:
                self._compare(so_far.identity)
            if glimpse is not None:
                glimpse(so_far)

        return check

    def identify(
        self,
        apps: Sequence[App],
        report: Report,
        cancel: Cancel,
        on_identity: Callable[[Identity], None] | None = None,
        sought: SoughtInFiles = NOTHING_SOUGHT,
    ) -> dict[str, Identity]:
        """No file of an app can be had from an iPhone. What each is signed for is asked of iOS itself, which compares
        each app with its signature whenever it starts it."""
        identities: dict[str, Identity] = {}
        if not apps:
            return identities
        with closing(self._expected_session(cancel)) as lockdown:
            for identity in entitlements.identities(lambda: lockdown.service(SERVICE, cancel), apps, cancel):
                cancel.check()
                identities[identity.package] = identity
                if on_identity is not None:
                    on_identity(identity)
                if len(identities) % _REPORTED == 0:
                    report(Progress(T("Comparing with the policy"), len(identities) / len(apps)))
        return identities

    @support_log.step("phone.again")
    def look_again(self, inventory: Inventory, cancel: Cancel) -> SecondLook:
        with closing(self._expected_session(cancel)) as lockdown:
            return second_look.look_again(lockdown, inventory, cancel)

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
        with closing(self._expected_session(cancel)) as lockdown:
            return app_evidence.app_evidence(lockdown, finding, inventory, cancel, last_used=last_used)

    def next_step(self, finding: Finding, inventory: Inventory, history: Sequence[tuple[Step, Answer]]) -> Step | None:
        if history or finding.app.system or not apps.is_bundle_id(finding.app.package):
            return None  # Nothing is lost: what no computer can remove is told by `by_hand`.
        does = T("Remove {app} from the phone", app=finding.display_name)
        return Step(_UNINSTALL, finding.app.package, finding.profile.id, finding.display_name, does)

    def hand_kind(
        self, finding: Finding, inventory: Inventory, history: Sequence[tuple[Step, Answer]] = ()
    ) -> HandKind:
        if finding.app.system:
            return HandKind.PART_OF_SYSTEM
        if history and history[-1][1].outcome is Outcome.RESTRICTED:
            return HandKind.MANAGED if self.management(inventory) is not None else HandKind.SCREEN_TIME
        clip = any(state.instant for state in finding.app.states)
        return HandKind.APP_CLIP if clip else HandKind.HOME_SCREEN

    def by_hand(self, finding: Finding, inventory: Inventory, history: Sequence[tuple[Step, Answer]] = ()) -> Text:
        if finding.app.system:
            return _AS_SYSTEM_BY_HAND[finding.app.of_maker(apps.PLATFORM)]
        clip = any(state.instant for state in finding.app.states)
        todo = _BY_HAND_AFTER.get(history[-1][1].outcome, _BY_HAND) if history else _BY_HAND
        if clip and todo is not _BY_HAND_AFTER[Outcome.RESTRICTED]:
            todo = _CLIP_BY_HAND
        better = self.management(inventory)
        return T("{answer} {management}", answer=todo, management=better.says) if better is not None else todo

    def management(self, inventory: Inventory) -> Management | None:
        answers = (inventory.health.properties.get(name) for name in _SUPERVISED)
        return Management(_MANAGEMENT, "apple") if ("true",) in answers else None

    def holds(self, step: Step, inventory: Inventory) -> bool:
        app = inventory.app(step.package)
        return app is None or not any(state.present for state in app.states)

    def for_good(self, finding: Finding) -> bool:
        return True

    def loses_data(self, step: Step) -> bool:
        return step.act == _UNINSTALL

    def look_for(self, findings: Sequence[Finding], cancel: Cancel) -> Sequence[bool | None]:
        asked = [f.app.package for f in findings if apps.is_bundle_id(f.app.package)]  # of others it is not known
        if not asked:
            return [None] * len(findings)
        with closing(self._expected_session(cancel)) as lockdown, closing(lockdown.service(SERVICE, cancel)) as stream:
            answer = apps.lookup(stream, cancel, asked)
        there = {id_key(bundle, apps.PLATFORM) for bundle in answer.value}
        absent = False if answer.whole else None
        return [
            (id_key(f.app.package, apps.PLATFORM) in there or absent) if f.app.package in asked else None
            for f in findings
        ]

    def undo(self, step: Step, profile: Profile) -> Step | None:
        return None  # Nothing is lost: no removal of an iPhone's can be taken back.

    def settings_screen(
        self, finding: Finding, inventory: Inventory, history: Sequence[tuple[Step, Answer]] = ()
    ) -> Step | None:
        return None  # Nothing is lost: a computer can open no screen of an iPhone's.

    def left_to_owner(self, cancel: Cancel) -> LeftToOwner:
        return LeftToOwner()

    def options_off(self, cancel: Cancel) -> Asked:
        return Asked(False)

    def wireless_off(self, cancel: Cancel) -> Asked:
        return Asked(False)

    def debugging_off(self, cancel: Cancel) -> Asked:
        return Asked(False)

    def trust_off(self, cancel: Cancel) -> Asked:
        """Have the phone and the service forget the record, and see that both have; only where Fanion made it, in this
        visit or in one that was cut off."""
        if not self._record.by_fanion:
            return Asked(False)
        try:
            with closing(self._expected_session(cancel)) as lockdown:
                lockdown.unpair(self._record, cancel)
            with closing(Lockdown(self._phone, cancel)) as lockdown:
                forgotten = not lockdown.trusts(self._record, cancel)
            with closing(Mux(self._phone.service, cancel)) as mux:
                mux.delete_pair_record(self._phone.udid, cancel)
            return Asked(True, forgotten and recorded(self._phone, cancel) is None)
        except WrongPhone:
            raise
        except PhoneProblem as problem:  # Nothing is lost: it is told with what was asked for.
            return Asked(None, None, problem)

    def perform(self, step: Step, cancel: Cancel) -> Answer:
        with closing(self._expected_session(cancel)) as lockdown, closing(lockdown.service(SERVICE, cancel)) as stream:
            status = apps.uninstall(stream, step.package, cancel)
        if status == "Complete":
            return Answer(Outcome.DONE, status, T("The phone says it is done."))
        return removal_answer(status)

    def close(self) -> None:
        """Nothing is open between two jobs."""
