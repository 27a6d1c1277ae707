"""Windows' owners and access lists: what the bytes say, and whom they let do what."""

from __future__ import annotations

import struct
import sys
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.system.files import windows_acl
from core.system.files.windows_acl import Access, AccessGrant, NotAdministrators, expand, parse, require_administrators

ADMINISTRATORS, SYSTEM, USERS, EVERYONE = "S-1-5-32-544", "S-1-5-18", "S-1-5-32-545", "S-1-1-0"
INSTALLER = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
OFFICER = "S-1-5-21-1004336348-1177238915-682003330-1104"
#: https://learn.microsoft.com/windows/win32/secauthz/ace-strings: FA, FR with FX, and what icacls calls M.
FULL, READ, MODIFY = 0x1F01FF, 0x1200A9, 0x1301BF
#: Of ProgramData: files and folders may be made in it.
MAKE = 0x2 | 0x4 | 0x10 | 0x100

Entry = tuple[int, int, int, str] | tuple[int, int, int, str, int]


def sid(written: str) -> bytes:
    _, revision, authority, *parts = written.split("-")
    return (
        bytes((int(revision), len(parts)))
        + int(authority).to_bytes(6, "big")
        + struct.pack(f"<{len(parts)}I", *map(int, parts))
    )


def ace(kind: int, flags: int, rights: int, who: str, objects: int | None = None) -> bytes:
    """An entry; `objects` says which of the two identifiers of objects are in it."""
    between = b"" if objects is None else struct.pack("<I", objects) + b"\x55" * 16 * objects.bit_count()
    body = struct.pack("<I", rights) + between + sid(who)
    return struct.pack("<BBH", kind, flags, 4 + len(body)) + body


def descriptor(owner: str | None, entries: list[Entry] | None, *, control: int = 0x8004) -> bytes:
    """As Windows gives it: self-relative, with the list before the owner."""
    content = b""
    if entries is not None:
        aces = b"".join(ace(*entry) for entry in entries)
        content = struct.pack("<BBHHH", 2, 0, 8 + len(aces), len(entries), 0) + aces
    owner_at = 20 + len(content) if owner else 0
    head = struct.pack("<BBHIIII", 1, 0, control, owner_at, 0, 0, 20 if entries is not None else 0)
    return head + content + (sid(owner) if owner else b"")


def test_what_the_installer_makes_is_the_administrators_alone() -> None:
    found = parse(descriptor(ADMINISTRATORS, [(0, 3, FULL, SYSTEM), (0, 3, FULL, ADMINISTRATORS), (0, 3, READ, USERS)]))
    assert found == Access(
        ADMINISTRATORS, (AccessGrant(SYSTEM, FULL), AccessGrant(ADMINISTRATORS, FULL), AccessGrant(USERS, READ))
    )
    for folder in (True, False):
        require_administrators(Path("x"), found, None, folder=folder)


@pytest.mark.parametrize("owner", [ADMINISTRATORS, SYSTEM, INSTALLER])
def test_a_folder_made_by_hand_in_programdata_is_the_administrators(owner: str) -> None:
    """It has what is inherited there: users may make files in it, which are theirs, and touch nothing of others."""
    listed: list[Entry] = [
        (0, 0x13, FULL, SYSTEM),
        (0, 0x13, FULL, ADMINISTRATORS),
        (0, 0x1B, FULL, "S-1-3-0"),
        (0, 0x13, READ, USERS),
        (0, 0x12, MAKE, USERS),
    ]
    require_administrators(Path("x"), parse(descriptor(owner, listed)), None, folder=True)


@pytest.mark.parametrize("owner", [OFFICER, USERS, EVERYONE, "S-1-5-80-1-2-3-4-5", "S-1-5-32-5440", None])
@pytest.mark.parametrize("folder", [True, False])
def test_what_belongs_to_somebody_else_is_not(owner: str | None, folder: bool) -> None:
    with pytest.raises(NotAdministrators, match=r"owner") as refused:
        require_administrators(
            Path("x"), parse(descriptor(owner, [(0, 0, FULL, SYSTEM)])), "S-1-5-21-1-2-3-1000", folder=folder
        )
    assert refused.value.owned
    assert refused.value.place == Path("x")
    assert refused.value.account == (owner or "")


def test_what_belongs_to_the_administrator_who_asks_is() -> None:
    mine = parse(descriptor(OFFICER, [(0, 0, FULL, OFFICER)]))
    require_administrators(Path("x"), mine, OFFICER, folder=True)
    with pytest.raises(NotAdministrators):
        require_administrators(Path("x"), mine, None, folder=True)


@pytest.mark.parametrize("who", [EVERYONE, USERS, "S-1-5-11", OFFICER, "S-1-5-21-1-2-3-513", "S-1-5-21-1-2-3-1512"])
@pytest.mark.parametrize(
    ("right", "folder"),
    [
        (0x40, True),  # to delete what is in it
        (0x10000, True),  # to rename it
        (0x40000, True),  # to change its list
        (0x80000, True),  # to take it over
        (0x10000000, True),
        (MODIFY, True),
        (FULL, True),
        (0x2, False),  # to write
        (0x4, False),  # to append
        (0x10000, False),
        (0x40000, False),
        (0x80000, False),
        (0x10000000, False),
        (0x40000000, False),
        (MODIFY, False),
    ],
)
def test_nobody_else_may_change_it_or_put_it_away(who: str, right: int, folder: bool) -> None:
    found = parse(descriptor(ADMINISTRATORS, [(0, 0, FULL, SYSTEM), (0, 0x10, READ | right, who)]))
    with pytest.raises(NotAdministrators, match=r"access list") as refused:
        require_administrators(Path("x"), found, None, folder=folder)
    assert not refused.value.owned
    assert refused.value.account == who


@pytest.mark.parametrize(
    "entry",
    [
        (0, 0x0B, FULL, USERS),  # only of what will be made in it: that is looked at by itself
        (0, 0, FULL, "S-1-3-0"),
        (0, 0, FULL, "S-1-3-4"),
        (0, 0, FULL, "S-1-5-21-1-2-3-512"),
        (1, 0, FULL, EVERYONE),  # which forbids
        (0x0A, 0, FULL, EVERYONE),
        (6, 0, FULL, EVERYONE, 3),
    ],
)
def test_what_lets_nobody_else_do_anything(entry: Entry) -> None:
    require_administrators(Path("x"), parse(descriptor(ADMINISTRATORS, [entry])), None, folder=True)


@pytest.mark.parametrize("kind", [(5, 0), (5, 1), (5, 2), (5, 3), (9, None), (0x0B, 3)])
def test_rarer_entries_that_allow_something_are_seen(kind: tuple[int, int | None]) -> None:
    code, objects = kind
    entry = (code, 0, FULL, USERS) if objects is None else (code, 0, FULL, USERS, objects)
    assert parse(descriptor(ADMINISTRATORS, [entry])).grants == (AccessGrant(USERS, FULL),)


@pytest.mark.parametrize("control", [0x8004, 0x8000])
def test_without_a_list_everybody_may_do_everything(control: int) -> None:
    found = parse(descriptor(ADMINISTRATORS, None, control=control))
    assert found.crowds() == (EVERYONE,)
    with pytest.raises(NotAdministrators, match=r"access list"):
        require_administrators(Path("x"), found, None, folder=True)


def test_an_empty_list_lets_nobody_do_anything() -> None:
    found = parse(descriptor(ADMINISTRATORS, []))
    assert found.crowds() == ()
    require_administrators(Path("x"), found, None, folder=True)


@pytest.mark.parametrize(
    "who",
    [
        EVERYONE,
        "S-1-5-11",  # Authenticated Users
        USERS,
        "S-1-5-32-546",  # Guests
        "S-1-5-21-1-2-3-501",  # Guest
        "S-1-5-7",  # Anonymous
        "S-1-5-4",  # Interactive
        "S-1-5-2",  # Network
        "S-1-5-21-1-2-3-513",  # Domain Users
    ],
)
@pytest.mark.parametrize("flags", [0, 0x0B])
def test_groups_of_everybody_are_known(who: str, flags: int) -> None:
    found = parse(descriptor(ADMINISTRATORS, [(0, 3, FULL, ADMINISTRATORS), (0, flags, READ, who), (0, 0, 1, who)]))
    assert found.crowds() == (who,)


def test_a_group_of_some_is_none_of_everybody() -> None:
    some: list[Entry] = [
        (0, 3, FULL, SYSTEM),
        (0, 3, FULL, ADMINISTRATORS),
        (0, 3, MODIFY, OFFICER),
        (0, 3, MODIFY, "S-1-5-21-1-2-3-1513"),
        (0, 11, FULL, "S-1-3-0"),
        (1, 0, FULL, EVERYONE),
        (0, 0, 0, EVERYONE),
    ]
    assert parse(descriptor(OFFICER, some)).crowds() == ()


@pytest.mark.parametrize(
    ("entry", "on_the_way", "itself"),
    [
        ((0, 3, READ, USERS), (), ()),  # C:\\Windows\\System32, C:\\Program Files
        ((0, 3, MODIFY, "S-1-5-11"), ("S-1-5-11",), ("S-1-5-11",)),  # a folder that is made in C:\\
        ((0, 0, MAKE, USERS), (), (USERS,)),  # C:\\ itself
        ((0, 11, MODIFY, USERS), (), ()),  # what is made in it alone
        ((0, 3, FULL, OFFICER), (), ()),
    ],
)
def test_who_may_change_a_folder_of_programs_is_known(
    entry: Entry, on_the_way: tuple[str, ...], itself: tuple[str, ...]
) -> None:
    found = parse(descriptor(ADMINISTRATORS, [(0, 3, FULL, SYSTEM), entry]))
    assert found.crowds_that_change(itself=False) == on_the_way
    assert found.crowds_that_change(itself=True) == itself


def test_without_a_list_everybody_changes_it() -> None:
    assert parse(descriptor(ADMINISTRATORS, None)).crowds_that_change(itself=False) == (EVERYONE,)


WHOLE = descriptor(ADMINISTRATORS, [(0, 3, FULL, SYSTEM), (5, 3, FULL, USERS, 3)])


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_what_is_cut_off_is_none(length: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(WHOLE[:length])


@pytest.mark.parametrize(
    ("at", "content"),
    [
        (0, b"\x02"),  # the revision of the whole
        (len(WHOLE) - 16, b"\x02"),  # and of the owner
        (len(WHOLE) - 15, b"\xff"),
        (28, b"\x11"),  # a label of integrity, which belongs into another list
        (28, b"\x04"),
        (30, b"\x00\x00"),  # an entry of no size
    ],
)
def test_what_windows_would_not_give_is_none(at: int, content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(WHOLE[:at] + content + WHOLE[at + len(content) :])


@given(st.binary(max_size=200) | st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8)))
def test_whatever_bytes_come_they_are_read_or_refused(change: Any) -> None:
    content = (
        change if isinstance(change, bytes) else WHOLE[: change[0]] + change[1] + WHOLE[change[0] + len(change[1]) :]
    )
    try:
        found = parse(content)
    except ValueError:
        return
    found.crowds()


# Where it is asked of Windows


@pytest.mark.skipif(sys.platform == "win32", reason="this is Windows")
def test_elsewhere_there_are_no_access_lists(tmp_path: Path) -> None:
    assert windows_acl.is_administrators(tmp_path / "nowhere" / "settings.toml")
    for ask in (lambda: windows_acl.of(tmp_path), windows_acl.program_data):
        with pytest.raises(OSError, match=r"."):
            ask()


@pytest.mark.skipif(sys.platform != "win32", reason="this is not Windows")
def test_windows_says_it(tmp_path: Path) -> None:
    assert windows_acl.of(tmp_path).owner.startswith("S-1-")
    with pytest.raises(FileNotFoundError):
        windows_acl.of(tmp_path / "nothing")
    assert windows_acl.program_data().is_dir()


@pytest.mark.parametrize(
    ("value", "windows", "expected"),
    [
        (r"%SystemDrive%\ProgramData", r"C:\Windows", r"C:\ProgramData"),
        (r"%systemdrive%\ProgramData", r"E:\WINNT", r"E:\ProgramData"),
        (r"D:\ProgramData", r"C:\Windows", r"D:\ProgramData"),
    ],
)
def test_where_windows_keeps_the_data_of_programs(
    value: str, windows: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SystemDrive", "ProgramData", "WIN_PD_OVERRIDE_COMMON_APPDATA"):
        monkeypatch.setenv(name, r"C:\Users\officer")
    assert PureWindowsPath(expand(value, windows)) == PureWindowsPath(expected)


@pytest.mark.parametrize(
    "value",
    [r"%ProgramData%", r"%PUBLIC%\x", r"C:\x\%SystemDrive%\y", "ProgramData", r"\\server\share", "", None, 3, "C:\\"],
)
def test_what_an_environment_would_fill_in_is_refused(value: object) -> None:
    with pytest.raises(OSError, match="does not say"):
        expand(value, r"C:\Windows")
