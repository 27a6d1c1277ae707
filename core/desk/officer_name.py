"""Who an officer is in the records: a person's name, never that of an account that belongs to nobody.

A record says who did something. The name of an account such as "root" or "admin" says only with which rights it was
done; it is not proposed as a name and not taken as one. A department may set whatever it wants.
"""

from __future__ import annotations

import re
from typing import Final

from core.desk.settings.settings import SettingsProblem
from core.system.account import account_name
from core.text import T, plain

#: Accounts that systems and their makers bring along, and those that several people share.
_ACCOUNT_WORDS: Final = (
    "root toor admin administrator administrateur admin-local localadmin local-admin sysadmin superuser "
    "superutilisateur user utilisateur usager username owner guest invité invite default defaultuser "
    "defaultaccount public kiosk kiosque system système systeme service localservice networkservice daemon nobody "
    "operator operateur opérateur support helpdesk test tester demo ubuntu debian fedora centos vagrant ec2-user "
    "azureuser pi vm oem wdagutilityaccount unknown fanion"
)
_ACCOUNTS: Final = frozenset(_ACCOUNT_WORDS.split())
#: What stands before the name of a Windows account: its computer or domain.
_DOMAIN: Final = re.compile(r"^.*\\")
#: What tells several accounts of one kind apart.
_NUMBER: Final = re.compile(r"[\s._-]*\d+$")


def is_account(name: str) -> bool:
    """Whether `name` is that of an account which belongs to nobody: ``root``, ``.\\Administrator``, ``user2``."""
    bare = _DOMAIN.sub("", name.strip()).strip()
    return _NUMBER.sub("", bare).casefold() in _ACCOUNTS


def proposed() -> str:
    """The name that is proposed to somebody who has not said theirs: their account's; empty where that is nobody's."""
    account = plain(account_name())
    return "" if is_account(account) else account


def without_name() -> str:
    """What stands in a record that was made before anybody had said who they are: the account, named as such where it
    is nobody's. In English, as all that a log holds."""
    return proposed() or f"not named (account {plain(account_name())})"


class NoPersonsName(SettingsProblem):
    """What was given as the officer's name is no person's."""

    def __init__(self, name: str) -> None:
        if name.strip():
            sentence = T("“{name}” is an account of the computer, not a person’s name.", name=plain(name.strip()))
        else:
            sentence = T("The name is missing.")
        super().__init__(sentence, T("Enter your own name: it stands in every record."))


def require(name: str) -> str:
    """`name` without the blanks around it. Raises NoPersonsName."""
    if not name.strip() or is_account(name):
        raise NoPersonsName(name)
    return name.strip()
