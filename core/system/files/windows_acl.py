"""Windows: whose a file or a folder is, who may do what with it, and where administrators alone write.

What Windows says of a file is a security descriptor: its owner and its access list, which is read here from the bytes
that Windows gives, because its texts abbreviate the accounts. Descriptor, list, entries and identifiers (SID) are those
of [MS-DTYP] 2.4, https://learn.microsoft.com/openspecs/windows_protocols/ms-dtyp; the rights are those of
https://learn.microsoft.com/windows/win32/fileio/file-access-rights-constants.

Only entries that allow something are kept. What others forbid is passed over: then too much seems to be allowed, and
never too little.
"""

from __future__ import annotations

import re
import struct
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

if sys.platform == "win32":
    import ctypes
    import winreg
    from ctypes.wintypes import DWORD, HANDLE, LPCWSTR, LPDWORD, LPHANDLE, LPVOID

#: Administrators, the system, and the service that installs Windows' own parts (TrustedInstaller): an account that acts
#: as one of them could change everything on the computer, Fanion too.
_KEEPERS: Final = frozenset(
    (
        "S-1-5-32-544",
        "S-1-5-18",
        "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
    )
)
#: Administrator, Domain Admins and Enterprise Admins: members of Administrators from the start.
_MEMBERS: Final = re.compile(r"S-1-5-21-\d+-\d+-\d+-(500|512|519)")
#: Creator owner, creator group and owner rights: no accounts, only what becomes of an owner.
_STAND_INS: Final = frozenset(("S-1-3-0", "S-1-3-1", "S-1-3-4"))

#: Groups of all who can reach the computer, or who sign in to it: Everyone, Local, Console Logon, Network, Interactive,
#: Anonymous, Authenticated Users, Remote Interactive Logon, This Organization, Users and Guests.
_CROWDS: Final = frozenset(
    (
        "S-1-1-0",
        "S-1-2-0",
        "S-1-2-1",
        "S-1-5-2",
        "S-1-5-4",
        "S-1-5-7",
        "S-1-5-11",
        "S-1-5-14",
        "S-1-5-15",
        "S-1-5-32-545",
        "S-1-5-32-546",
    )
)
#: Of a computer or a domain: the account Guest, Domain Users and Domain Guests.
_CROWDS_OF_A_DOMAIN: Final = re.compile(r"S-1-5-21-\d+-\d+-\d+-(501|513|514)")

_WRITE_DATA: Final = 0x2
_APPEND_DATA: Final = 0x4
_DELETE_CHILD: Final = 0x40
_DELETE: Final = 0x1_0000
_READ_CONTROL: Final = 0x2_0000
_WRITE_DAC: Final = 0x4_0000
_WRITE_OWNER: Final = 0x8_0000
_GENERIC_ALL: Final = 0x1000_0000
_GENERIC_WRITE: Final = 0x4000_0000
#: With one of these something else can be put in the place of a folder or of what is in it. To make new files in it is
#: not among them: Windows allows that in ProgramData, and a new file is its maker's.
_REPLACE: Final = _DELETE_CHILD | _DELETE | _WRITE_DAC | _WRITE_OWNER | _GENERIC_ALL
#: With one of these a file can be changed, or put away.
_CHANGE: Final = _WRITE_DATA | _APPEND_DATA | _DELETE | _WRITE_DAC | _WRITE_OWNER | _GENERIC_ALL | _GENERIC_WRITE

_DACL_PRESENT: Final = 0x4
#: Kinds of entries: those that allow, and those that forbid; of each, those that have two identifiers of objects before
#: that of the account.
_ALLOWED: Final = (0x00, 0x05, 0x09, 0x0B)
_DENIED: Final = (0x01, 0x06, 0x0A, 0x0C)
_OF_OBJECTS: Final = (0x05, 0x0B)
_INHERIT_ONLY: Final = 0x8


class NotAdministrators(Exception):  # noqa: N818 - what it says is what is wrong
    """Others than administrators have written, or could have, what stands at `place`.

    `owned` is true where it belongs to another account, and false where that may only change it. `account` is that
    account's identifier, or empty where Windows names none.
    """

    def __init__(self, place: Path, account: str, *, owned: bool) -> None:
        super().__init__(f"{place}: {'owner' if owned else 'access list'} {account or 'nobody'}")
        self.place = place
        self.account = account
        self.owned = owned


@dataclass(frozen=True, slots=True)
class AccessGrant:
    """What an access list allows an account or a group. `inherit_only`: only of what will be made in the folder."""

    account: str
    rights: int
    inherit_only: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """The owner's identifier, empty where there is none; what is allowed, or None where everybody may do everything."""

    owner: str
    grants: tuple[AccessGrant, ...] | None

    def crowds(self) -> tuple[str, ...]:
        """The groups of everybody that are allowed anything, here or in what will be made here: their identifiers."""
        if self.grants is None:
            return ("S-1-1-0",)
        accounts = (grant.account for grant in self.grants if grant.rights)
        return tuple(dict.fromkeys(account for account in accounts if _is_crowd(account)))

    def crowds_that_change(self, *, itself: bool) -> tuple[str, ...]:
        """The groups of everybody that may put something in the place of this file or folder, or of what is in it.

        Where it is the thing `itself` that matters, also those that may change it or make new files in it.
        """
        if self.grants is None:
            return ("S-1-1-0",)
        dangerous = _REPLACE | _CHANGE if itself else _REPLACE
        accounts = (grant.account for grant in self.grants if grant.rights & dangerous and not grant.inherit_only)
        return tuple(dict.fromkeys(account for account in accounts if _is_crowd(account)))


def _is_crowd(account: str) -> bool:
    return account in _CROWDS or bool(_CROWDS_OF_A_DOMAIN.fullmatch(account))


def parse(descriptor: bytes) -> Access:
    """Read a security descriptor in its self-relative form. Raises ValueError for everything else."""
    try:
        revision, control, owner_at, list_at = struct.unpack_from("<BxHI8xI", descriptor)
        if revision != 1:
            raise ValueError(f"security descriptor of revision {revision}")
        owner = _identifier(descriptor, owner_at) if owner_at else ""
        if not control & _DACL_PRESENT or not list_at:
            return Access(owner, None)
        return Access(owner, tuple(_grants(descriptor, list_at)))
    except struct.error as error:
        raise ValueError(f"security descriptor that is cut off: {error}") from error


def _grants(descriptor: bytes, at: int) -> list[AccessGrant]:
    """The entries of a list that allow something. Raises ValueError and struct.error."""
    _, _, count = struct.unpack_from("<BxHH", descriptor, at)
    at += 8
    grants: list[AccessGrant] = []
    for _ in range(count):
        kind, flags, size, rights = struct.unpack_from("<BBHI", descriptor, at)
        if size < 8:
            raise ValueError(f"entry of {size} bytes in an access list")
        if kind in _ALLOWED:
            account_at = at + 8
            if kind in _OF_OBJECTS:
                (objects,) = struct.unpack_from("<I", descriptor, account_at)
                account_at += 4 + 16 * (objects & 3).bit_count()
            grants.append(AccessGrant(_identifier(descriptor, account_at), rights, bool(flags & _INHERIT_ONLY)))
        elif kind not in _DENIED:
            raise ValueError(f"entry of the kind {kind} in an access list")
        at += size
    return grants


def _identifier(content: bytes, at: int = 0) -> str:
    """The SID in these bytes, as it is written. Raises ValueError and struct.error."""
    revision, count = struct.unpack_from("<BB", content, at)
    if revision != 1 or count > 15:  # SID_MAX_SUB_AUTHORITIES
        raise ValueError("an account's identifier that is none")
    authority = int.from_bytes(struct.unpack_from("6s", content, at + 2)[0], "big")
    return "-".join(("S", "1", str(authority), *map(str, struct.unpack_from(f"<{count}I", content, at + 8))))


def require_administrators(place: Path, access: Access, me: str | None, *, folder: bool) -> None:
    """Raise NotAdministrators unless administrators alone have written what is at `place` or in it.

    `me` is the account that asks where it has an administrator's rights: it could do everything there in any case.
    """
    mine = {me} if me else set()
    if access.owner not in _KEEPERS | mine:
        raise NotAdministrators(place, access.owner, owned=True)
    if access.grants is None:
        raise NotAdministrators(place, "S-1-1-0", owned=False)
    dangerous = _REPLACE if folder else _CHANGE
    for grant in access.grants:
        if grant.inherit_only or not grant.rights & dangerous:
            continue
        if grant.account not in _KEEPERS | _STAND_INS | mine and not _MEMBERS.fullmatch(grant.account):
            raise NotAdministrators(place, grant.account, owned=False)


def is_administrators(file: Path) -> bool:
    """Whether `file` is there, where administrators alone could have written it; its folder is looked at first.

    Where the folder is theirs and no other account can put something in its place, a file of theirs that was found
    stays what it is; one that was not found must not be read afterwards. Links are looked at, and what they lead to;
    one that leads nowhere counts as there, so that the reading tells it. Always true anywhere but on Windows.

    Raises NotAdministrators; and OSError or ValueError where Windows does not say.
    """
    if sys.platform != "win32":
        return True
    me = _administrator()
    for place in (file.parent, file):
        try:
            access = of(place)
        except FileNotFoundError:
            return False
        require_administrators(place, access, me, folder=place != file)
        try:
            access = of(place, follow=True)
        except FileNotFoundError:
            return True
        require_administrators(place, access, me, folder=place != file)
    return True


def of(path: Path, *, follow: bool = False) -> Access:
    """Whose `path` is and who may do what with it: a link itself or, if asked to follow, what it leads to.

    Raises OSError (FileNotFoundError where there is nothing), or ValueError for an answer that cannot be understood.
    """
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        security = ctypes.WinDLL("advapi32", use_last_error=True)
        kernel.CreateFileW.restype = HANDLE
        kernel.CreateFileW.argtypes = (LPCWSTR, DWORD, DWORD, LPVOID, DWORD, DWORD, HANDLE)
        kernel.CloseHandle.argtypes = (HANDLE,)
        security.GetKernelObjectSecurity.argtypes = (HANDLE, DWORD, LPVOID, DWORD, LPDWORD)
        share_all, open_existing = 7, 3
        backup_semantics, open_reparse_point = 0x0200_0000, 0x0020_0000
        flags = backup_semantics if follow else backup_semantics | open_reparse_point
        handle = kernel.CreateFileW(str(path), _READ_CONTROL, share_all, None, open_existing, flags, None)
        if handle == HANDLE(-1).value:
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            owner_and_list = 0x1 | 0x4
            size = DWORD()
            security.GetKernelObjectSecurity(handle, owner_and_list, None, 0, ctypes.byref(size))
            descriptor = ctypes.create_string_buffer(size.value or 1)
            if not security.GetKernelObjectSecurity(handle, owner_and_list, descriptor, size, ctypes.byref(size)):
                raise ctypes.WinError(ctypes.get_last_error())
        finally:
            kernel.CloseHandle(handle)
        return parse(descriptor.raw)
    raise OSError(f"no access list can be asked for here: {path}")


def _administrator() -> str | None:
    """The account that runs this, where it has an administrator's rights now; else None. Raises OSError."""
    if sys.platform == "win32":
        if not ctypes.WinDLL("shell32").IsUserAnAdmin():
            return None
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        security = ctypes.WinDLL("advapi32", use_last_error=True)
        kernel.GetCurrentProcess.restype = HANDLE
        kernel.CloseHandle.argtypes = (HANDLE,)
        security.OpenProcessToken.argtypes = (HANDLE, DWORD, LPHANDLE)
        security.GetTokenInformation.argtypes = (HANDLE, ctypes.c_int, LPVOID, DWORD, LPDWORD)
        token = HANDLE()
        token_query, token_user = 8, 1
        if not security.OpenProcessToken(kernel.GetCurrentProcess(), token_query, ctypes.byref(token)):
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            # A TOKEN_USER, which begins with the address of the identifier, and that itself behind it.
            answer = ctypes.create_string_buffer(256)
            size = DWORD()
            if not security.GetTokenInformation(token, token_user, answer, len(answer), ctypes.byref(size)):
                raise ctypes.WinError(ctypes.get_last_error())
        finally:
            kernel.CloseHandle(token)
        address = ctypes.c_void_p.from_buffer(answer).value or 0
        try:
            return _identifier(answer.raw, address - ctypes.addressof(answer))
        except struct.error as error:
            raise ValueError(f"no account: {error}") from error
    return None


def program_data() -> Path:
    """Windows' folder for what programs keep for the whole computer, usually ``C:\\ProgramData``. Raises OSError.

    It is read where Windows itself has it, in a key that only administrators write, with the drive of Windows, which
    Windows itself says. SHGetKnownFolderPath, which is there for that, puts in what ``%ProgramData%`` is in the
    asking program's environment (https://devblogs.microsoft.com/oldnewthing/20200520-00/?p=103775): any user's own.
    """
    if sys.platform == "win32":
        list_of_profiles = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
        rights = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, list_of_profiles, 0, rights) as key:
            value, _ = winreg.QueryValueEx(key, "ProgramData")
        windows = ctypes.create_unicode_buffer(260)
        if not ctypes.WinDLL("kernel32", use_last_error=True).GetSystemWindowsDirectoryW(windows, len(windows)):
            raise ctypes.WinError(ctypes.get_last_error())
        return expand(value, windows.value)
    raise OSError("this is not Windows")


def expand(value: object, windows: str) -> Path:
    """The folder that a value of Windows' list of profiles names; `windows` is Windows' own folder. Raises OSError."""
    text = re.sub(r"^%SystemDrive%(?=\\)", windows[:2].replace("\\", r"\\"), str(value), flags=re.IGNORECASE)
    # A full path of Windows, on whichever system this is asked, with nothing left that an environment would fill in.
    if "%" in text or not re.match(r"[A-Za-z]:\\[^\\]", text):
        raise OSError(f"Windows does not say where its folder ProgramData is: {value!r}")
    return Path(text)
