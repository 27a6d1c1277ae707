"""The policy in force at a desk, why it is believed, and the warnings that belong to it.

From the strongest to the weakest: a signed policy that was accepted from a stick, where the computer's administrator
has pinned the root of trust; the policy that the settings name; the built-in one. The desk's own rules are laid on it.
An unsigned file counts only where the administrator allows that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core import value_names
from core.desk.settings.settings_table import Settings
from core.model import Policy, Trust
from core.policy import layers
from core.policy.format import policy_file
from core.policy.problems import PolicyProblem
from core.policy.trust.accepted import Accepted
from core.policy.wording import long_date
from core.system.build_date import built
from core.text import T, Text, plain

if TYPE_CHECKING:
    from core.desk.pinned_root import PinnedRoot

#: The policy in force where the settings name no other.
BUILT_IN: Final = "canada"
#: The desk's own rules, in the data folder.
OWN_FILE: Final = "own-rules.toml"
#: Where accepted policies are kept, in the data folder.
STORE: Final = "policy"


class Unsigned(PolicyProblem):
    """An unsigned policy was to be used, and the administrator does not allow that."""

    code = "policy-unsigned"

    def __init__(self, file: str) -> None:
        super().__init__(
            T("The policy {file} is not signed, and this computer may use signed policies only.", file=file),
            T(
                "Import a signed one (fanion policy import), or ask your IT support to set “unsigned_policy” in "
                "the settings of the whole computer."
            ),
        )


class NotYours(PolicyProblem):
    """Another policy than the organisation's was to be used on a computer for which the organisation has set one."""

    code = "policy-not-yours"

    def __init__(self, name: str) -> None:
        super().__init__(
            T("This computer judges by its organisation’s policy only, not by {name}.", name=plain(name)),
            T("Leave out --policy, or use it with a practice phone."),
        )


@dataclass(frozen=True, slots=True)
class ActivePolicy:
    """A policy with what has to be said of it. `accepted` is how a signed one came; `base` is it without own rules."""

    policy: Policy
    base: Policy
    accepted: Accepted | None = None
    expired_since: datetime | None = None
    warnings: tuple[Text, ...] = ()


def load_active_policy(
    data: Path, settings: Settings, now: datetime, root: PinnedRoot | None = None, floor: Accepted | None = None
) -> ActivePolicy:
    """What is in force with this data folder and these settings.

    `now` is the newest time that is known, `floor` what the log has as accepted last. `root` is what :func:`pinned`
    gave, where it was asked already. Raises PolicyProblem: then nothing is judged.
    """
    active = _base(data, settings, now, pinned(settings) if root is None else root, floor)
    own = own_file(data)
    if not own.exists():
        return active
    if not may_have_own_rules(settings):
        warning = T("This desk’s own rules are not in force: your organisation does not allow them on this computer.")
        return replace(active, warnings=(*active.warnings, warning))
    rules = _believed(policy_file.load(own), Trust.UNSIGNED)
    strange = layers.unknown_off(active.base, rules)
    warnings = active.warnings
    if strange:
        warning = T(
            "The desk’s own rules switch off what the policy does not have: {rules}.", rules=value_names.listed(strange)
        )
        warnings = (*warnings, warning)
    return replace(active, policy=layers.lay(active.base, rules), warnings=warnings)


def load_named(name: str, settings: Settings, *, practice: bool = False) -> Policy:
    """The policy that comes with Fanion under `name`, or the one in the file of that name.

    Raises PolicyProblem: for phones that are not for practice also NotYours and Unsigned, where that is not allowed.
    """
    if not practice and not settings.unsigned_policy and (settings.policy_root or settings.is_locked("policy")):
        raise NotYours(name)
    if name in policy_file.built_in():
        return _built_in(name)
    path = Path(name)
    policy = _based(policy_file.load(path), Trust.UNSIGNED)
    if not practice and not settings.unsigned_policy:
        raise Unsigned(plain(path.name))
    return policy


def pinned(settings: Settings) -> PinnedRoot | None:
    """The root of trust that the settings name; None if they name none. Raises PolicyProblem."""
    if not settings.policy_root:
        return None
    from core.desk.pinned_root import PinnedRoot  # brings the libraries of signed policies (TUF)

    return PinnedRoot.read(Path(settings.policy_root))


def own_file(data: Path) -> Path:
    """Where the desk's own rules are."""
    return data / OWN_FILE


def may_have_own_rules(settings: Settings) -> bool:
    """Whether the desk may have rules of its own: they are unsigned rules."""
    return settings.unsigned_policy and settings.own_rules


def _base(
    data: Path, settings: Settings, now: datetime, root: PinnedRoot | None, floor: Accepted | None
) -> ActivePolicy:
    """The policy in force without the desk's own rules; the other values are those of :func:`load_active_policy`."""
    if root is None:
        policy = _set(settings)
        return ActivePolicy(policy, policy)
    signed = root.load(data / STORE, max(now, built()), floor)
    if signed is None:
        policy = _set(settings) if settings.is_locked("policy") else _built_in(BUILT_IN)
        return ActivePolicy(policy, policy, warnings=(T("No signed policy has been imported on this computer yet."),))
    day = signed.expired_since.date() if signed.expired_since is not None else None
    policy = _based(signed.policy, Trust.SIGNED, day)
    warnings: tuple[Text, ...] = ()
    if day is not None:
        warnings = (T("The signed policy was valid until {date}: import a newer one.", date=long_date(day)),)
    return ActivePolicy(policy, policy, signed.accepted, signed.expired_since, warnings)


def _set(settings: Settings) -> Policy:
    """The policy that the settings name, or else the one that comes with Fanion."""
    if not settings.policy or settings.policy in policy_file.built_in():
        return _built_in(settings.policy or BUILT_IN)
    if settings.is_locked("policy"):
        return _based(policy_file.load(Path(settings.policy)), Trust.MACHINE)
    return load_named(settings.policy, settings)


def _built_in(name: str) -> Policy:
    return _believed(policy_file.load_built_in(name), Trust.BUILT_IN)


def _based(policy: Policy, trust: Trust, expired: date | None = None) -> Policy:
    """`policy`, on the built-in one that it names."""
    policy = _believed(policy, trust, expired)
    return layers.lay(_built_in(policy.on), policy) if policy.on else policy


#: Policies as they were read, each with the same policy and its trust; the one that was asked for last comes first.
_believed_last: list[tuple[Policy, Policy]] = []


def _believed(policy: Policy, trust: Trust, expired: date | None = None) -> Policy:
    """`policy` with why it is believed, and the day on which a signed one expired.

    A file that was read once gives one object (:mod:`core.policy.format.policy_file` keeps it), and this gives one for
    it as well: who compares policies by identity sees that nothing has changed.
    """
    for pair in _believed_last:
        read, believed = pair
        if read is policy and (believed.trust, believed.expired) == (trust, expired):
            # The one that was asked for last stays longest.
            _believed_last[:] = [pair, *(earlier for earlier in _believed_last if earlier is not pair)]
            return believed
    believed = replace(policy, trust=trust, expired=expired)
    _believed_last[:] = [(policy, believed), *_believed_last[:5]]
    return believed
