"""What an officer saw on a phone, and how it was handed back, in words: out of the records, or before there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core import value_names
from core.describe import officer, verdicts
from core.ledger import records
from core.ledger.records import Entry
from core.model import Attested, Paper, Phone, Verdict, platforms
from core.model.visit_state import Reason, VisitState
from core.phones.driver import LeftToOwner
from core.text import LANGUAGES, Bilingual, N, T, Text, one_line

_NAMED: Final = 5
#: How a phone says where Auto Blocker is: Samsung's own words, One UI 6 to 8.5.
_BLOCKER_ON: Final = T("In Settings, Security and privacy, please turn Auto Blocker on again.")
_BLOCKER_IF: Final = T("If your phone has Auto Blocker, please turn it on again in Settings, Security and privacy.")
#: What the phone calls the menu from which it was made ready; the rest has the same words on all.
_DEVELOPER: Final = Bilingual("Developer options", "Options pour les développeurs")
_SAMSUNG_DEVELOPER: Final = Bilingual("Developer options", "Options de développement")


def looked_at(entry: Entry) -> Text | None:
    """Who looked on the phone itself, and what was seen, by the record of it; None for another record."""
    look = entry.record
    if not isinstance(look, records.Attestation):
        return None
    officer_name = officer(entry)
    if look.answer is Attested.APP_SEEN:
        return T("Seen on the phone by {officer}: {apps}", officer=officer_name, apps=_apps(look.products))
    if look.answer is Attested.DECLINED:
        return T("The holder would not show it to {officer}.", officer=officer_name)
    if look.counted and look.verdict is Verdict.GREEN:
        return T("Checked by hand by {officer}: no banned app seen, which the policy accepts.", officer=officer_name)
    if look.answer is Attested.NOTHING_SEEN:
        return T("Checked by hand by {officer}: no banned app seen.", officer=officer_name)
    return T("Checked by hand by {officer}: {answer}", officer=officer_name, answer=look.answer)


def handed_back(intended: records.HandBackIntended) -> Text:
    """How a phone was left, in one sentence."""
    if intended.verdict is Verdict.RED and intended.banned:
        return N("Handed back with {count} banned app", "Handed back with {count} banned apps", intended.banned)
    if intended.verdict is Verdict.RED:
        return T("Handed back, not as the policy requires")
    if intended.verdict is Verdict.AMBER:
        return T("Handed back, not everything could be checked")
    return T("Handed back, no banned app")


@dataclass(frozen=True, slots=True)
class HandBackFact:
    """What is known of one thing at a handing back. `is_known`: it is known to be so, and `how` says by what."""

    subject: Text
    how: Text
    is_known: bool


def hand_back_facts(back: records.HandedBack, intended: records.HandBackIntended) -> tuple[HandBackFact, ...]:
    """What is known of a handing back, and how it is known: never more than that. The paper is the last."""
    paper_text = value_names.PAPERS[intended.paper] if isinstance(intended.paper, Paper) else T("not known")
    paper = HandBackFact(T("Paper for the holder"), paper_text, intended.paper == Paper.PRINTED)
    if not platforms.of_record(intended.platform).leaving.debugging:
        if back.trust_asked is False and back.why is None:
            unchanged = T("unchanged: the phone trusted it before")
            return (HandBackFact(T("Trust in this computer"), unchanged, True), paper)
        trust = T("Trust in this computer taken back")
        return (HandBackFact(trust, _trust(back), bool(back.trust_forgotten)), paper)
    options = HandBackFact(T("Developer options off"), _options(back, intended), bool(back.options_off))
    wireless = HandBackFact(T("Wireless debugging off"), _wireless(back), bool(back.wireless_off))
    debugging = HandBackFact(T("USB debugging off"), _debugging(back, intended), bool(back.left))
    items = (options, debugging) if back.wireless_asked is False else (options, wireless, debugging)
    return (*items, paper)


def _answered(asked: bool | None, seen: bool | None, yes: Text, no: Text) -> Text:
    """How something at a handing back is known: `yes` or `no` where it was `seen` afterwards; else as the phone was
    `asked`, None where no record tells whether it was."""
    if asked is False:
        return T("not asked: phone already disconnected")
    if seen is not None:
        return yes if seen else no
    return T("asked; result not known") if asked else T("not known whether the phone was asked")


def _options(back: records.HandedBack, intended: records.HandBackIntended) -> Text:
    if intended.keeps_debugging:
        return T("not asked: they stay on, as the policy allows")
    no = T("asked, but the phone says that they are on")
    return _answered(back.options_asked, back.options_off, T("confirmed by the phone"), no)


def _wireless(back: records.HandedBack) -> Text:
    """How it is known that wireless debugging is off: Fanion asks for it only where it is on."""
    no = T("asked, but the phone says that it is on")
    return _answered(back.wireless_asked, back.wireless_off, T("confirmed by the phone"), no)


def _trust(back: records.HandedBack) -> Text:
    """How it is known that trust was taken back: Fanion takes back only what it had the owner give."""
    no = T("asked, but the phone still trusts it")
    return _answered(back.trust_asked, back.trust_forgotten, T("confirmed by the phone"), no)


def _debugging(back: records.HandedBack, intended: records.HandBackIntended) -> Text:
    if intended.keeps_debugging:
        return T("not asked: it stays on, as the policy allows")
    no = T("asked, but the phone is still connected")
    return _answered(back.debugging_asked, back.left, T("turned off; phone disconnected"), no)


def for_the_owner(platform: str, maker: str, owner: LeftToOwner, *, keeps_debugging: bool = False) -> tuple[Text, ...]:
    """What only the owner can do, on the phone, once it is back: in its own words."""
    leaving = platforms.of(platform).leaving
    todo = [leaving.put_back] if leaving.put_back is not None else []
    if not leaving.debugging:
        return tuple(todo)
    if owner.auto_blocker is False:
        todo.append(_BLOCKER_ON)
    elif owner.auto_blocker is None and maker.casefold() == "samsung":
        todo.append(_BLOCKER_IF)
    if not keeps_debugging:
        menu = _SAMSUNG_DEVELOPER if maker.casefold() == "samsung" else _DEVELOPER
        todo.append(
            T(
                "The phone forgets this computer within 7 days. To have it forget at once: turn {menu} on, tap Revoke"
                " USB debugging authorizations, then turn {menu} off.",
                menu=menu,
            )
        )
    if owner.computers:
        todo.append(
            N(
                "The phone also trusts {count} other computer; the same setting has it forget that one too.",
                "The phone also trusts {count} other computers; the same setting has it forget those too.",
                owner.computers,
            )
        )
    return tuple(todo)


def say_aloud(state: VisitState, phone: Phone, owner: LeftToOwner) -> Bilingual:
    """What the officer says aloud to the owner of `phone`, in both languages."""
    todo = for_the_owner(phone.platform, phone.maker, owner, keeps_debugging=True)
    sentences = [outcome_for_owner(state, phone.platform), T("Nothing was installed on your phone."), *todo[:1]]
    return Bilingual(*(" ".join(sentence.in_language(language) for sentence in sentences) for language in LANGUAGES))


def outcome_for_owner(state: VisitState, platform: str = "") -> Text:
    """What a visit came to, as the owner is told."""
    if state.reason in (Reason.BANNED, Reason.BANNED_SEEN) and verdicts.bans_outcome(state) is None:
        return N(
            "{count} banned app is still on your phone.",
            "{count} banned apps are still on your phone.",
            max(state.left_count, 1),
        )
    return T("No banned app was found.") if state.reason is Reason.NONE_BANNED else verdicts.outcome(state, platform)


def _apps(products: Sequence[Bilingual]) -> Bilingual:
    """The first of these products in a row."""
    short = [Bilingual(one_line(product.en, 80), one_line(product.fr, 80)) for product in products[:_NAMED]]
    if not short:
        return Bilingual("", "")
    if len(products) <= _NAMED:
        whole = value_names.listed(short)
        return Bilingual(whole.in_language("en"), whole.in_language("fr"))
    return Bilingual(*(", ".join(name.in_language(of) for name in short) + ", …" for of in LANGUAGES))
