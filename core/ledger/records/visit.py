"""Records of a visit beside its checks and steps: what a person saw on the phone itself, and how it was handed back."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from core import value_names
from core.ledger.records.fields import APP_ID, Display, Record
from core.ledger.records.kinds import Kind
from core.ledger.records.leaf import Personal
from core.model import Afterwards, Attested, Paper, Verdict
from core.text import Bilingual, T, Text

#: Characters of an officer's own words that are kept.
WORDS_LIMIT: Final = 500
#: Profiles and products that one record lists: a phone that claims to have more wants to fill the log.
LIST_LIMIT: Final = 100
_NOT_KNOWN: Final = T("not known")


def _fact(label: Text, within: str = "", name: str = "", *, platform: str = "android") -> Display:
    """How a fact about the handing back is shown: of phones of one `platform` alone, and as not known where it is None.

    In the leaf it stands under `name` in the object `within`; where these are empty, by itself under its own name.
    """
    return Display(label, none=_NOT_KNOWN, platform=platform, within=within, name=name)


class Attestation(Record, frozen=True, kw_only=True):
    """An officer looked on the phone itself, or could not, where the check of record `check` had not seen all.

    `profiles` are the numbers of those that this check could not read, or is not known to have seen, and
    `profile_kinds` what each is. `products` are the banned ones that were seen, `rules` the rules that name them.
    `counted` are the profiles that count as seen by it, because the policy says so. `verdict` is the visit's by then;
    the check's own stays as it is on record.
    """

    kind: ClassVar[Kind] = Kind.LOOKED
    builds_on = ("check", Kind.CHECK_ENDED)
    answer: Annotated[Attested | str, Display(T("What the officer saw on the phone"), value_names.ATTESTED)]
    products: Annotated[tuple[Bilingual, ...], Display(T("Banned apps that were seen"), silent=True)] = ()
    verdict: Annotated[
        Verdict | str, Display(T("Verdict of the visit"), value_names.VERDICTS, within="visit", name="verdict")
    ]
    profile_kinds: Annotated[tuple[str, ...], Display(T("Profiles that had not been seen"), value_names.PROFILES)] = ()
    profiles: Annotated[tuple[int, ...], Display(T("Their numbers"), silent=True)] = ()
    counted: Annotated[tuple[int, ...], Display(T("Profiles that count as seen by that"), none=T("none"))] = ()
    note: Annotated[Personal, Display(T("Note"), seal=T("Sealed note"))] = Personal("")
    rules: Annotated[tuple[str, ...], Display(T("Rules"), silent=True)] = ()
    check: Annotated[int, Display(T("About the check of entry"))]


class LookedFor(Record, frozen=True, kw_only=True):
    """A quick look, after something was done on the phone by hand, whether the app of record `finding` is there.

    It says nothing of the rest of the phone: only the next check does.
    """

    kind: ClassVar[Kind] = Kind.LOOKED_FOR
    builds_on = ("finding", Kind.FINDING)
    there: Annotated[bool, Display(T("Still there"))]
    package: Annotated[str, APP_ID]
    profile: Annotated[int | None, Display(T("Profile number"))]
    finding: Annotated[int, Display(T("Because of entry"))]


class HandBackIntended(Record, frozen=True, kw_only=True):
    """A phone is about to be handed back, as the check of record `check` and what was seen by hand left it.

    `banned` counts the banned apps that are on it. `reason` is the officer's, where the verdict asks for
    one. `platform` is the phone's where it is not Android.
    """

    kind: ClassVar[Kind] = Kind.HAND_BACK_INTENDED
    builds_on = ("check", Kind.CHECK_ENDED)
    verdict: Annotated[
        Verdict | str, Display(T("Verdict of the visit"), value_names.VERDICTS, within="visit", name="verdict")
    ]
    banned: Annotated[int, Display(T("Banned apps on it"))] = 0
    paper: Annotated[Paper | str, Display(T("The holder’s page"), value_names.PAPERS)]
    reason: Annotated[Personal, Display(T("Reason"), seal=T("Sealed reason"))] = Personal("")
    platform: Annotated[str, Display(T("Platform"), silent=True)] = ""
    keeps_debugging: Annotated[bool, Display(T("USB debugging stays on, as the policy allows"), platform="android")] = (
        False
    )
    check: Annotated[int, Display(T("About the check of entry"))]


class HandedBack(Record, frozen=True, kw_only=True):
    """What is known of the handing back that record `intent` announced. None: that is not known.

    `options_asked`: the phone was asked to switch developer options off; `options_off`: it was read back that they are.
    `wireless_asked` and `wireless_off`: the same of wireless debugging, which is asked for only where it is on.
    `debugging_asked`: it was asked to switch USB debugging off; `left`: after that it left the computer, from which
    follows that it is off, and nothing else can tell. `trust_asked` and `trust_forgotten`: an iPhone that Fanion had
    trust this computer, and the computer, were asked to forget that, and both were seen to have. `auto_blocker`:
    Samsung’s was on. `computers` counts the other computers that the phone trusts. `why` says what kept more from
    being known.
    """

    kind: ClassVar[Kind] = Kind.HANDED_BACK
    builds_on = ("intent", Kind.HAND_BACK_INTENDED)
    options_asked: Annotated[bool | None, _fact(T("Asked to switch developer options off"), "options", "asked")] = False
    options_off: Annotated[bool | None, _fact(T("Read back that they are off"), "options", "read_back")] = None
    wireless_asked: Annotated[bool | None, _fact(T("Asked to switch wireless debugging off"), "wireless", "asked")] = (
        False
    )
    wireless_off: Annotated[bool | None, _fact(T("Read back that it is off"), "wireless", "read_back")] = None
    debugging_asked: Annotated[bool | None, _fact(T("Asked to switch USB debugging off"), "debugging", "asked")] = False
    left: Annotated[bool | None, _fact(T("Then the phone left this computer"), "debugging", "left")] = None
    trust_asked: Annotated[
        bool | None, _fact(T("Asked to take back the trust in this computer"), "trust", "asked", platform="ios")
    ] = False
    trust_forgotten: Annotated[
        bool | None, _fact(T("Read back that it is forgotten"), "trust", "forgotten", platform="ios")
    ] = None
    auto_blocker: Annotated[bool | None, _fact(T("Auto Blocker was on"))] = None
    computers: Annotated[int | None, _fact(T("Other computers that the phone trusts"))] = None
    why: Annotated[Text | None, Display(T("Why not more is known"), silent=True)] = None
    intent: Annotated[int, Display(T("Announced in entry"))]


class HandBackFollowed(Record, frozen=True, kw_only=True):
    """What was seen or said of a phone after the handing back that record `hand_back` announced."""

    kind: ClassVar[Kind] = Kind.HAND_BACK_FOLLOWED
    builds_on = ("hand_back", Kind.HAND_BACK_INTENDED)
    what: Annotated[Afterwards | str, Display(T("What was seen or said"), value_names.AFTERWARDS)]
    hand_back: Annotated[int, Display(T("Announced in entry"))]
