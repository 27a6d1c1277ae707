"""Whether each banned product could be installed again, by what the phone says of its management: one table.

Each row gives a reason where it holds. The worst state that any reason has decides, and its reasons are told. Those of
the second part are asked only where an owner forbids installing in every profile: an Android phone for which no row
holds is blocked. docs/decisions/016 says why each row is there.

| Android | reason | state |
|---|---|---|
| no app owns the phone or a profile | not managed | can come back |
| no owner has a say in a profile, and installing is not restricted there | installs are free | can come back |
| a profile is managed, and unknown sources are not forbidden | unknown sources allowed | can come back |
| the phone did not say who owns it, or what a managed profile may not do | no answer | not known |
| an answer was not understood, or two disagree | contradiction | not known |
| installing is restricted, and not by an owner | not by an owner | not known |
| unknown sources are forbidden, and a store that is known is on | store not told | not known |
| the same, and every such store is off, hidden or missing | stores off | not known |
| **installing is forbidden everywhere, but** a profile or anything else was not seen | not all read | not known |
| its system is not known to be its maker's and locked | system altered | not known |
| its owner is not the one that the policy expects, or is a banned app | other owner | not known |
| its owner is one for tests, which a computer can take away | not by an owner | not known |
| a user or profile could be added | new profiles | not known |

| iPhone | reason | state |
|---|---|---|
| nobody supervises it, and it has no configuration profile | not managed | can come back |
| it is supervised, or has such profiles: what that restricts, no iPhone tells | supervised, contents | not known |

Which ids management blocks or allows, no phone tells a computer in these answers; a store's own list, neither.

No row reads a text that an app chooses, and each leads away from *blocked*, never to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from core.model import (
    AndroidManagement,
    Finding,
    HealthSignal,
    Inventory,
    IphoneManagement,
    Light,
    PhoneOwner,
    Policy,
    ProductReturn,
    Restrictions,
    ReturnReason,
    Rule,
    Strength,
)
from core.model.can_return import STATES, Return
from core.policy.matching.per_policy import per_policy
from core.text import plain

#: Forbids every installation, also from a store, over a cable and by an owner (UserManager.DISALLOW_INSTALL_APPS).
INSTALLS: Final = "no_install_apps"
#: Forbid installing from anywhere but a store: in this profile, in all. Neither keeps a computer from installing over
#: a cable: "unknown sources exclude adb" (UserManager.DISALLOW_INSTALL_UNKNOWN_SOURCES).
SOURCES: Final = frozenset({"no_install_unknown_sources", "no_install_unknown_sources_globally"})
#: Forbid adding a user or profile, in which installing would be free, by the version of Android that knows each.
ADDING: Final = (
    (0, "no_add_user"),
    (0, "no_add_managed_profile"),
    (34, "no_add_clone_profile"),
    (35, "no_add_private_profile"),
)
#: Owns the profile that is Samsung's Secure Folder, for the phone's user.
_SECURE_FOLDER: Final = "com.samsung.knox.securefolder"
#: The signals by which a system shows itself to be another than its maker's, or open to be changed.
_SYSTEM: Final = ("bootloader", "build", "root")
_PROVEN: Final = "boot"
#: Names that are told of one phone.
_DETAILS: Final = 5


def judge(
    inventory: Inventory,
    policy: Policy,
    health: Sequence[HealthSignal],
    findings: Sequence[Finding],
    stores: Collection[str],
) -> tuple[ProductReturn, ...]:
    """Of each product that a ban names by an id on this phone's platform, in the policy's order: whether it can be
    installed again. `findings` are the apps that the policy's rules name on it, and `stores` the ids of the installers
    that are stores."""
    match inventory.management:
        case AndroidManagement() as android:
            banned = frozenset(finding.app.package for finding in findings if finding.strength is Strength.BAN)
            reasons = {*_of_android(android, inventory, stores)} or {
                *_of_the_phone(android, inventory, policy, health, banned)
            }
        case IphoneManagement() as iphone:
            reasons = {*_of_iphone(iphone)}
        case _:
            reasons = {ReturnReason.NOT_ASKED if inventory.names_only else ReturnReason.NO_ANSWER}
    reasons = reasons or {ReturnReason.INSTALLS_FORBIDDEN}
    states = {STATES[reason] for reason in reasons}
    state = next(state for state in Return if state in states)
    told = tuple(reason for reason in ReturnReason if reason in reasons and STATES[reason] is state)
    detail = _detail(inventory, state)
    return tuple(
        ProductReturn(rule.id, rule.product, state, told, detail) for rule in _bans(policy, inventory.phone.platform)
    )


@per_policy
def _bans(policy: Policy, platform: str) -> tuple[Rule, ...]:
    """The bans that name a product by an id on a platform, in their order."""
    return tuple(
        rule
        for rule in policy.rules
        if rule.strength is Strength.BAN and any(id.platform == platform for id in rule.ids)
    )


def _of_android(management: AndroidManagement, inventory: Inventory, stores: Collection[str]) -> Iterator[ReturnReason]:
    """What holds in each of the phone's profiles."""
    profiles = {profile.id for profile in inventory.profiles} | {0}
    # A user whom no list of the phone names may stand in the name of another one.
    if not management.clear or not set(management.restrictions) <= profiles:
        yield ReturnReason.CONTRADICTION
        return
    owners = _owners(management, inventory)
    for profile in sorted(profiles):
        restrictions = management.restrictions.get(profile)
        if not any(owner.is_over(profile) for owner in owners):
            forbidden = restrictions is not None and INSTALLS in restrictions.effective
            free = ReturnReason.INSTALLS_FREE if owners else ReturnReason.NOT_MANAGED
            yield ReturnReason.NOT_BY_OWNER if forbidden else free
        elif restrictions is None:
            yield ReturnReason.NO_ANSWER
        else:
            yield from _managed(restrictions, profile, inventory, stores)


def _managed(
    restrictions: Restrictions, profile: int, inventory: Inventory, stores: Collection[str]
) -> Iterator[ReturnReason]:
    """What holds in a profile that an owner has a say in."""
    if INSTALLS in restrictions.effective:
        if INSTALLS not in restrictions.by_owner:
            yield ReturnReason.NOT_BY_OWNER
    elif not SOURCES & restrictions.effective:
        yield ReturnReason.UNKNOWN_SOURCES
    elif _has_store(inventory, profile, stores):
        yield ReturnReason.STORE_NOT_TOLD
    else:
        yield ReturnReason.STORES_OFF


def _has_store(inventory: Inventory, profile: int, stores: Collection[str]) -> bool:
    """Whether a store that is known can be started in a profile."""
    states = (app.state(profile) for app in inventory.apps if app.package in stores)
    return any(state is not None and state.present and not state.off for state in states)


def _of_the_phone(
    management: AndroidManagement,
    inventory: Inventory,
    policy: Policy,
    health: Sequence[HealthSignal],
    banned: frozenset[str],
) -> Iterator[ReturnReason]:
    """What keeps an Android phone from being blocked although an owner forbids installing in each of its profiles."""
    if inventory.names_only or inventory.gaps or not all(profile.readable for profile in inventory.profiles):
        yield ReturnReason.NOT_ALL_READ
    lights = {signal.signal: signal.light for signal in health}
    if lights.get(_PROVEN) is not Light.GREEN or any(lights.get(name) in (Light.RED, Light.AMBER) for name in _SYSTEM):
        yield ReturnReason.SYSTEM_ALTERED
    expected, packages = policy.health.expected_owner, {owner.package for owner in _owners(management, inventory)}
    if (expected and expected not in packages) or packages & banned:
        yield ReturnReason.OTHER_OWNER
    if any(admin.owner and admin.test_only for admin in inventory.admins):
        yield ReturnReason.NOT_BY_OWNER
    adding = {name for since, name in ADDING if inventory.phone.sdk >= since}
    if not adding <= management.restrictions.get(0, Restrictions()).effective:
        yield ReturnReason.NEW_PROFILES


def _owners(management: AndroidManagement, inventory: Inventory) -> list[PhoneOwner]:
    """The owners that manage the phone for somebody else than its user."""
    samsung = inventory.phone.maker.casefold() == "samsung"
    return [o for o in management.owners if not (samsung and o.package == _SECURE_FOLDER and not o.device)]


def _of_iphone(management: IphoneManagement) -> Iterator[ReturnReason]:
    if not management.clear:
        yield ReturnReason.CONTRADICTION
    elif management.supervised is None or management.profiles is None:
        yield ReturnReason.NO_ANSWER
    elif not management.supervised and not management.profiles:
        yield ReturnReason.NOT_MANAGED
    if management.supervised:
        yield ReturnReason.SUPERVISED
    if management.profiles:
        yield ReturnReason.PROFILE_CONTENTS


def _detail(inventory: Inventory, state: Return) -> tuple[str, ...]:
    """By which names a person can follow that up."""
    match inventory.management:
        case AndroidManagement() as android:
            packages = (plain(owner.package) for owner in _owners(android, inventory))
            return tuple(dict.fromkeys((*([INSTALLS] if state is Return.BLOCKED else ()), *packages)))[:_DETAILS]
        case IphoneManagement(profiles=names) if names:
            return names[:_DETAILS]
    return ()
