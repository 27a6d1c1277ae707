"""Who owns an Android phone, and what may not be done on it: `dumpsys device_policy` and `dumpsys user`.

Both are read anyway. The forms, of Android 8 to 16:

* Owners, from AOSP's OwnersData.dump and OwnerInfo.dump: ``  Device Owner: `` or ``  Profile Owner (User 10): ``, below
  it at four spaces ``admin=``, ``name=`` (up to Android 12), ``package=``, ``isOrganizationOwnedDevice=`` (since 11),
  and for the phone's owner ``User ID: 0``. They stand before all administrators, whose own texts may follow.
* Restrictions, from UserManagerService.dump, UserRestrictionsUtils.dumpRestrictions and RestrictionsSet: below each
  ``  UserInfo{`` at four spaces ``Has profile owner:``, ``Restrictions:`` (the system's own), ``Device policy
  restrictions:`` (owners'; up to Android 13 two lists, global and local, since 11 the local one by ``User Id:``, below
  which names stand two spaces deeper, as RestrictionsSet.dumpRestrictions has it), and
  ``Effective restrictions:``; below each at six spaces one name a line, or ``none`` or ``null``. Seen so on Android 9,
  10 and 11; an older one has other lists, and is not read.

An owner chooses its name, an administrator its texts, and a person the name of a user: all of them may have line
breaks. So a line counts only at its exact place and in its turn, and one that is there twice, or out of its turn, is
left. What is left is no gap: it is then not known what the phone's management forbids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from core.model import AndroidManagement, PhoneOwner, Restrictions
from core.phones.accounting import Account, Leftovers, Why
from core.phones.android.link.shell import is_package_name

#: More owners, users or restrictions of one user than these are not a phone's.
_OWNERS_LIMIT: Final = 100
_USERS_LIMIT: Final = 100
_NAMES_LIMIT: Final = 500

_BEGIN: Final = "Current Device Policy Manager state:"
_DEVICE_OWNER: Final = re.compile(r"  Device Owner: ?")
_PROFILE_OWNER: Final = re.compile(r"  Profile Owner \(User (\d{1,9})\): ?")
_ADMINS: Final = re.compile(r"  Enabled Device Admins\b.*")
_OWNER_FIELD: Final = re.compile(r"    (\w+)=(.*)")
_OWNER_USER: Final = re.compile(r"    User ID: (\d{1,9})")
_COMPONENT: Final = re.compile(r"ComponentInfo\{([^/{}]+)/[^/{}]+\}")

_USER: Final = re.compile(r"  UserInfo\{(\d{1,9}):.*:[0-9a-fA-F]{1,8}\} serialNo=-?\d{1,9}\b.*")
_HAS_OWNER: Final = re.compile(r"    Has profile owner: (true|false)")
#: The lists of a user in their order, up to Android 13 and since.
_BASE, _GLOBAL, _LOCAL, _POLICY, _EFFECTIVE = (
    "    Restrictions:",
    "    Device policy global restrictions:",
    "    Device policy local restrictions:",
    "    Device policy restrictions:",
    "    Effective restrictions:",
)
_ORDERS: Final = ((_BASE, _GLOBAL, _LOCAL, _EFFECTIVE), (_BASE, _POLICY, _EFFECTIVE))
_LISTS: Final = frozenset(name for order in _ORDERS for name in order)
_RESTRICTION: Final = re.compile(r"      ([a-z][a-z0-9_]{2,80})")
_OF_OWNER: Final = re.compile(r"      User Id: \d{1,9}")
_RESTRICTION_OF_OWNER: Final = re.compile(r"        ([a-z][a-z0-9_]{2,80})")
_NOTHING: Final = ("none", "null")
#: Below the users: who owns the phone, by their own count.
_MANAGED: Final = re.compile(r"  Device managed: (true|false)")
_OWNER_ID: Final = re.compile(r"  Device owner id:(-?\d{1,9})")


def owners(lines: Iterable[str]) -> Account[tuple[PhoneOwner, ...]]:
    """`dumpsys device_policy`: who owns the phone and its profiles."""
    reader = _Owners()
    for line in lines:
        reader.line(line)
    return reader.account()


class _Owners:
    """Reads the owners, line by line, until the administrators begin."""

    def __init__(self) -> None:
        self._leftovers = Leftovers()
        self._began = False
        #: Whether the administrators have begun: no owner stands behind them.
        self._ended = False
        self._owners: list[PhoneOwner] = []
        #: The fields of the owner that is read, by name; None where none is.
        self._fields: dict[str, str] | None = None
        self._is_device = False
        self._profile = 0

    def line(self, line: str) -> None:
        """Take up the next line."""
        device, profile = _DEVICE_OWNER.fullmatch(line), _PROFILE_OWNER.fullmatch(line)
        if not self._began:
            self._began = line.rstrip() == _BEGIN
            if device or profile:
                self._leftovers.add(Why.TWICE, "owner", text=line)
        elif self._ended:
            if device or profile or line.rstrip() == _BEGIN:
                self._leftovers.add(Why.TWICE, "owner", text=line)
        elif device or profile or _ADMINS.fullmatch(line):
            self._close()
            self._ended = not (device or profile)
            if not self._ended:
                self._fields, self._is_device = {}, device is not None
                self._profile = int(profile[1]) if profile else 0
        elif line[:4] != "    ":
            self._close()
        elif self._fields is not None:
            self._field(self._fields, line)

    def _field(self, fields: dict[str, str], line: str) -> None:
        named, user = _OWNER_FIELD.fullmatch(line), _OWNER_USER.fullmatch(line)
        name, value = ("User ID", user[1]) if user else (named[1], named[2]) if named else ("", "")
        if not name or name in fields:
            self._leftovers.add(Why.TWICE if name else Why.UNKNOWN, "field of an owner", text=line)
        fields[name] = value

    def _close(self) -> None:
        """The owner that was read ends here."""
        fields, self._fields = self._fields, None
        if fields is None:
            return  # Nothing is lost: no owner was read
        component = _COMPONENT.fullmatch(fields.get("admin", "").rstrip())
        package = component[1] if component else ""
        organisation = fields.get("isOrganizationOwnedDevice", "false").rstrip()
        if (
            not is_package_name(package)
            or fields.get("package", package).rstrip() != package
            or organisation not in ("true", "false")
            or len(self._owners) >= _OWNERS_LIMIT
        ):
            self._leftovers.add(Why.REFUSED, "owner", text=package)
        profile = int(fields.get("User ID", "0")) if self._is_device else self._profile
        if any(o.device == self._is_device and (o.device or o.profile == profile) for o in self._owners):
            self._leftovers.add(Why.TWICE, "owner", text=package)
        if len(self._owners) < _OWNERS_LIMIT:
            self._owners.append(PhoneOwner(package, profile, self._is_device, organisation == "true"))

    def account(self) -> Account[tuple[PhoneOwner, ...]]:
        """All owners. A dump that breaks off before its administrators is not all of it."""
        if not self._ended:
            self._close()
            self._leftovers.add(Why.MISSING, "administrators")
        return self._leftovers.account(tuple(self._owners))


@dataclass(slots=True)
class _User:
    """One user while it is read."""

    id: int
    has_owner: bool | None = None
    #: The names of each list; those of the local one for each owner that has set some.
    lists: dict[str, list[list[str]]] = field(default_factory=dict)
    #: The list that is read.
    now: str = ""
    #: Whether the local list has named a user: its restrictions stand deeper then.
    of_owner: bool = False


@dataclass(frozen=True, slots=True)
class UserDump:
    """What `dumpsys user` says: the restrictions of each user, which of them have an owner, and whether the phone has
    one (None: it does not say)."""

    restrictions: Mapping[int, Restrictions] = field(default_factory=dict)
    owned: frozenset[int] = frozenset()
    managed: bool | None = None


def restrictions(lines: Iterable[str]) -> Account[UserDump]:
    """`dumpsys user`: what may not be done in each profile."""
    reader = _Users()
    for line in lines:
        reader.line(line)
    return reader.account()


class _Users:
    """Reads the restrictions of users, line by line."""

    def __init__(self) -> None:
        self._leftovers = Leftovers()
        self._restrictions: dict[int, Restrictions] = {}
        self._owned: set[int] = set()
        self._managed: set[bool] = set()
        self._user: _User | None = None

    def line(self, line: str) -> None:
        """Take up the next line. A user ends where the next one begins, or where the indent does."""
        user = _USER.fullmatch(line)
        if user or line[:4] != "    ":
            self._close()
            if user:
                self._user = _User(int(user[1]))
            else:
                self._outside(line)
        elif self._user is not None:
            self._inside(self._user, line)
        elif line in _LISTS or _HAS_OWNER.fullmatch(line):
            # It is some user's: a text that brings a user of its own and ends it has left the true one without a line.
            self._leftovers.add(Why.UNKNOWN, "restrictions", text=line)

    def _outside(self, line: str) -> None:
        if line.startswith("  UserInfo{"):
            self._leftovers.add(Why.UNKNOWN, "user", text=line)
        managed, owner = _MANAGED.fullmatch(line), _OWNER_ID.fullmatch(line)
        if managed:
            self._managed.add(managed[1] == "true")
        elif owner and int(owner[1]) >= 0:  # since Android 14 it may be -10000 although there is an owner
            self._managed.add(True)

    def _inside(self, user: _User, line: str) -> None:
        owner = _HAS_OWNER.fullmatch(line)
        if line in _LISTS or owner:
            if line in user.lists or (owner and user.has_owner is not None):
                self._leave(user, Why.TWICE, line)
            if owner:
                user.has_owner, user.now = owner[1] == "true", ""
            else:
                user.lists[line], user.now, user.of_owner = [[]], line, False
        elif line[4:5] != " ":
            user.now = ""  # another fact of the user
        elif user.now:
            self._name(user, line)

    def _name(self, user: _User, line: str) -> None:
        """One restriction of the list that is read, or that there is none."""
        names = user.lists[user.now][-1]
        if user.now == _LOCAL and _OF_OWNER.fullmatch(line) and (user.of_owner or not names):
            if user.of_owner:
                user.lists[user.now].append([])
            user.of_owner = True
            return  # Nothing is lost: it says which user's owner has set what follows
        name = (_RESTRICTION_OF_OWNER if user.of_owner else _RESTRICTION).fullmatch(line)
        if name is None or len(names) >= _NAMES_LIMIT:
            self._leave(user, Why.UNKNOWN if name is None else Why.CUT, line)
        else:
            names.append(name[1])

    def _leave(self, user: _User, why: Why, line: str = "") -> None:
        self._leftovers.add(why, "restrictions", text=line or str(user.id))

    def _close(self) -> None:
        """The user that was read ends here: all of its lists must be there, in their order, and none empty."""
        user, self._user = self._user, None
        if user is None:
            return  # Nothing is lost: no user was read
        if len(self._restrictions) >= _USERS_LIMIT or user.id in self._restrictions:
            self._leave(user, Why.TWICE if user.id in self._restrictions else Why.CUT)
            return  # left
        if (
            tuple(user.lists) not in _ORDERS
            or user.has_owner is None
            or not all(_is_list(names) for parts in user.lists.values() for names in parts)
        ):
            self._leave(user, Why.MISSING)
            return  # left
        by_name = {
            title: frozenset(name for names in parts for name in names).difference(_NOTHING)
            for title, parts in user.lists.items()
        }
        effective = by_name[_EFFECTIVE]
        by_owner = frozenset[str]().union(*(by_name.get(name, ()) for name in (_GLOBAL, _LOCAL, _POLICY)))
        if not (by_owner | by_name[_BASE]) <= effective:
            self._leave(user, Why.DISAGREES)
        self._restrictions[user.id] = Restrictions(by_owner, effective)
        if user.has_owner:
            self._owned.add(user.id)

    def account(self) -> Account[UserDump]:
        """What was said of all users."""
        self._close()
        if len(self._managed) > 1:
            self._leftovers.add(Why.DISAGREES, "owner of the phone")
        managed = next(iter(self._managed), None)
        return self._leftovers.account(UserDump(self._restrictions, frozenset(self._owned), managed))


def _is_list(names: list[str]) -> bool:
    """Whether these lines are what Android prints of one list: some restrictions, each once, or one word for none."""
    return len(names) == 1 or (len(names) > 1 and len(set(names)) == len(names) and not set(names) & set(_NOTHING))


class ManagementAnswers:
    """Both answers of one phone. What is not there, or ended with an error, tells nothing."""

    def __init__(self) -> None:
        self._owners: Account[tuple[PhoneOwner, ...]] | None = None
        self._users: Account[UserDump] | None = None
        #: Whether one of them came twice, which only a phone that makes up parts can do.
        self._twice = False

    def device_policy(self, lines: Iterable[str], code: int) -> None:
        """Take up what `dumpsys device_policy` printed, and its exit code."""
        self._twice |= self._owners is not None
        self._owners = owners(lines) if code == 0 else None

    def user(self, lines: Iterable[str], code: int) -> None:
        """Take up what `dumpsys user` printed, and its exit code."""
        self._twice |= self._users is not None
        self._users = restrictions(lines) if code == 0 else None

    @property
    def reading(self) -> AndroidManagement | None:
        """What both say together; None where the phone did not say who owns it. They must agree on the owners."""
        if self._owners is None:
            return None  # Nothing is lost: nothing is said of its management then
        owners, users = self._owners, self._users or Account(UserDump())
        dump = users.value
        of_profiles = {owner.profile for owner in owners.value if not owner.device}
        of_device = any(owner.device for owner in owners.value)
        agree = dump.owned == of_profiles & set(dump.restrictions) and dump.managed in (None, of_device)
        clear = owners.whole and users.whole and agree and not self._twice
        return AndroidManagement(owners.value, dump.restrictions, clear)
