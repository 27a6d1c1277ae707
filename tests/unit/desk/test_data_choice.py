"""Which data folder a user has chosen: remembered, known again, and never replaced in silence."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk.desk import Desk
from core.desk.settings import data_choice
from core.desk.settings.data_choice import (
    FILE_NAME,
    MARK,
    ChoiceNotKept,
    ChoiceUnreadable,
    ChosenFolderGone,
    DataFolder,
    FolderContents,
    Origin,
    choose,
    choose_standard,
    contents,
    find,
    fitting,
)
from core.desk.settings.setting_files import export_settings, import_settings
from core.ledger.writer import ledger_file
from core.system.files import folder_check, removable_drives, windows_acl
from core.system.files.folder_check import NotPrivate, NotWritable
from core.system.files.windows_acl import Access, AccessGrant
from tests import command
from tests.examples import examples

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists")


@pytest.fixture(autouse=True)
def standard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, standard_folder_is: Callable[[Path], None]) -> Path:
    """The standard folder, which is not there yet."""
    monkeypatch.delenv("FANION_DATA", raising=False)
    folder = tmp_path / "standard"
    standard_folder_is(folder)
    return folder


@pytest.fixture
def looked_at_on(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has a folder be looked at as on this system."""
    return lambda system: monkeypatch.setattr(folder_check, "sys", SimpleNamespace(platform=system))


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """Where another folder can be chosen."""
    folder = tmp_path / "stick"
    folder.mkdir(mode=0o700)
    return folder


# --- what decides


def test_without_a_choice_it_is_the_standard_folder_and_nothing_is_made(standard: Path) -> None:
    assert find() == DataFolder(standard, Origin.STANDARD)
    assert find().folder == Desk.at(None).data == standard
    assert not standard.exists()


def test_a_choice_counts_from_then_on_and_can_be_taken_back(standard: Path, stick: Path) -> None:
    choose(stick)
    assert find() == DataFolder(stick, Origin.CHOSEN)
    desk = Desk.at(None)
    assert (desk.data, desk.origin, desk.log_folder, desk.portable) == (stick, Origin.CHOSEN, stick, False)
    assert sorted(file.name for file in standard.iterdir()) == [FILE_NAME]
    assert sorted(file.name for file in stick.iterdir()) == [MARK]
    choose_standard()
    assert find() == DataFolder(standard, Origin.STANDARD)
    assert list(standard.iterdir()) == []
    choose_standard()  # a second time does nothing


def test_what_is_said_at_the_start_wins(
    standard: Path,
    stick: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    carried_folder_is: Callable[[Path], None],
) -> None:
    choose(stick)
    assert find(tmp_path / "said") == DataFolder(tmp_path / "said", Origin.ARGUMENT)
    monkeypatch.setenv("FANION_DATA", str(tmp_path / "variable"))
    assert find() == DataFolder(tmp_path / "variable", Origin.VARIABLE)
    assert Desk.at("").origin is Origin.VARIABLE
    assert find("said").origin is Origin.ARGUMENT
    carried_folder_is(tmp_path / "carried")
    carried = Desk.at(None, portable=True)
    assert (carried.data, carried.origin) == (tmp_path / "carried", Origin.PORTABLE)


def test_what_is_said_at_the_start_needs_no_choice_that_can_be_read(standard: Path, tmp_path: Path) -> None:
    standard.mkdir()
    (standard / FILE_NAME).write_text("no TOML")
    assert find(tmp_path).folder == tmp_path


def test_a_chosen_folder_leads_no_further(standard: Path, stick: Path, tmp_path: Path) -> None:
    """A whole data folder that was copied has the choice in it, too: no circle comes of it."""
    choose(stick)
    (stick / FILE_NAME).write_bytes((standard / FILE_NAME).read_bytes())
    other = tmp_path / "other"
    choose(other)
    (other / FILE_NAME).write_bytes((standard / FILE_NAME).read_bytes())
    choose(stick)
    assert find().folder == stick


@posix
def test_what_is_made_for_it_is_its_owners_alone(standard: Path, stick: Path) -> None:
    choose(stick / "deeper")
    made = [standard, standard / FILE_NAME, stick / "deeper", stick / "deeper" / MARK]
    assert [path.stat().st_mode & 0o777 for path in made] == [0o700, 0o600, 0o700, 0o600]


def test_no_file_of_settings_has_it(standard: Path, stick: Path) -> None:
    choose(stick)
    desk = Desk.at(None)
    desk.change(organisation="tbs-sct.gc.ca")
    assert str(stick).encode() not in export_settings(desk.settings)
    theirs = standard / "theirs.toml"
    theirs.write_text(f"organisation = 'nrc.ca'\nfolder = '{stick}/other'\ndata = 'other'\n", encoding="utf-8")
    assert import_settings(desk.data, theirs).settings.organisation == "nrc.ca"
    assert find().folder == stick


# --- gone, or another one


def gone() -> ChosenFolderGone:
    with pytest.raises(ChosenFolderGone) as caught:
        find()
    with pytest.raises(ChosenFolderGone):
        Desk.at(None)
    assert (caught.value.exit_code, caught.value.code) == (5, "data-folder-gone")
    return caught.value


def test_a_folder_that_is_gone_is_told_and_no_other_begins(standard: Path, stick: Path) -> None:
    choose(stick / "fanion")
    away = stick.with_name("away")
    stick.rename(away)
    problem = gone()
    assert f"{stick / 'fanion'}, which was chosen in the settings, is not there." in str(problem.sentence)
    assert str(standard) in str(problem.next_step)
    assert not stick.exists(), "nothing is made where it was"
    assert sorted(file.name for file in standard.iterdir()) == [FILE_NAME]
    away.rename(stick)
    assert find().folder == stick / "fanion"


def test_an_empty_folder_in_its_place_is_not_it(stick: Path) -> None:
    """As where a share is not connected, and its place is there all the same."""
    choose(stick)
    (stick / MARK).unlink()
    assert "another one is in its place" in str(gone().sentence)


def test_another_chosen_folder_in_its_place_is_not_it(stick: Path, tmp_path: Path) -> None:
    """As another USB key under the same letter."""
    choose(stick)
    stick.rename(tmp_path / "first")
    choose(stick)
    kept = (data_choice.standard_folder() / FILE_NAME).read_bytes()
    stick.rename(tmp_path / "second")
    (tmp_path / "first").rename(stick)
    assert "another one is in its place" in str(gone().sentence)
    assert (data_choice.standard_folder() / FILE_NAME).read_bytes() == kept


def test_two_accounts_may_choose_the_same_folder(
    stick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, standard_folder_is: Callable[[Path], None]
) -> None:
    choose(stick)
    mark = (stick / MARK).read_bytes()
    first = data_choice.standard_folder
    standard_folder_is(tmp_path / "another")
    choose(stick)
    assert (stick / MARK).read_bytes() == mark
    monkeypatch.setattr(data_choice, "standard_folder", first)
    assert find().folder == stick


def test_a_mark_that_is_garbage_is_made_anew(stick: Path) -> None:
    (stick / MARK).write_bytes(b"\xff\x00 nothing")
    choose(stick)
    assert find().folder == stick


def test_the_desk_in_the_standard_folder_says_that_it_stands_in(standard: Path, stick: Path) -> None:
    choose(stick)
    desk = Desk.at_standard()
    assert (desk.data, desk.origin) == (standard, Origin.INSTEAD)
    assert data_choice.chosen_name() == str(stick)


# --- a choice that cannot be read


DAMAGED = [
    b"",
    b"no TOML",
    b"\xff\xfe",
    b"folder = 5\nmark = '0123456789abcdef0123456789abcdef'\n",
    b"folder = 'not/whole'\nmark = '0123456789abcdef0123456789abcdef'\n",
    b"folder = '/tmp'\n",
    b"folder = '/tmp'\nmark = '../../etc/passwd'\n",
    b"folder = '/tmp'\nmark = 'short'\n",
    b'folder = "/t\\u0000mp"\nmark = "0123456789abcdef0123456789abcdef"\n',
    b"a = " + b"[" * 40_000,
    b"#" * 200_000,
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_choice_is_told_and_stays(standard: Path, content: bytes) -> None:
    standard.mkdir()
    (standard / FILE_NAME).write_bytes(content)
    with pytest.raises(ChoiceUnreadable) as caught:
        find()
    assert caught.value.exit_code == 5
    assert str(standard / FILE_NAME) in str(caught.value.sentence)
    assert "--data" in str(caught.value.next_step)
    assert (standard / FILE_NAME).read_bytes() == content
    assert data_choice.chosen_name() == ""


@posix
@pytest.mark.parametrize("what", ["folder", "dangling link", "pipe"])
def test_what_is_no_file_is_no_choice_that_can_be_read(standard: Path, what: str) -> None:
    standard.mkdir()
    match what:
        case "folder":
            (standard / FILE_NAME).mkdir()
        case "dangling link":
            (standard / FILE_NAME).symlink_to(standard / "nowhere")
        case _:
            os.mkfifo(standard / FILE_NAME)
    with pytest.raises(ChoiceUnreadable):
        find()


@posix
def test_a_choice_that_cannot_be_reached_is_not_taken_for_none(standard: Path, stick: Path) -> None:
    standard.symlink_to(standard)
    with pytest.raises(ChoiceUnreadable):
        find()
    with pytest.raises(ChoiceNotKept):
        choose(stick)


def nothing_begins(folder: Path, content: bytes) -> None:
    """With this choice: it is said, and no log is made."""
    assert (folder / FILE_NAME).read_bytes() == content
    for words in (["log", "list"], ["check", "--practice", "walk-up"], ["round", "list"]):
        assert command.run(*words).code == 5
    assert not [path for path in folder.rglob("*") if path.suffix == ".db"]


@posix
@pytest.mark.parametrize("content", [b"", b"no TOML", bytes(64)], ids=["empty", "words", "zeros"])
def test_a_damaged_choice_on_a_full_disk_never_begins_another_log(
    small_disk: Path, stick: Path, content: bytes, standard_folder_is: Callable[[Path], None]
) -> None:
    folder = small_disk / "standard"
    folder.mkdir()
    standard_folder_is(folder)
    (folder / FILE_NAME).write_bytes(content)
    with contextlib.suppress(OSError), (small_disk / "ballast").open("wb", buffering=0) as file:
        while file.write(bytes(4_096)):
            pass
    nothing_begins(folder, content)
    with pytest.raises(ChoiceNotKept):
        choose(stick)
    nothing_begins(folder, content)


@posix
def test_a_choice_that_is_cut_off_leaves_the_one_of_before(standard: Path, stick: Path) -> None:
    """In a process of its own, which ends before each of its steps at names."""

    def act(left: int) -> None:
        def step(*_: object) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        for name in ("link", "replace", "rename", "unlink"):
            setattr(os, name, before(step, getattr(os, name)))
        choose(stick)

    def before(step: Callable[[], None], really: Callable[..., None]) -> Callable[..., None]:
        def stepped(*values: Any, **named: Any) -> None:
            step()
            really(*values, **named)

        return stepped

    choose(stick)  # so that its mark is there
    killed = True
    steps = 0
    while killed:
        (standard / FILE_NAME).write_bytes(b"no TOML")
        child = os.fork()
        if child == 0:
            try:
                act(steps)
            finally:
                os._exit(0)
        killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        if killed:
            nothing_begins(standard, b"no TOML")
        for aside in standard.glob("data-folder-*"):
            aside.unlink()
        steps += 1
    assert steps > 2
    assert find().folder == stick


@examples(40)
@given(st.binary(max_size=200))
def test_no_bytes_lead_to_another_folder_in_silence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("standard")
    (folder / FILE_NAME).write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_choice, "standard_folder", lambda: folder)
        with pytest.raises(data_choice.ChoiceProblem):
            find()


@pytest.mark.parametrize("then", ["another", "standard"])
def test_a_damaged_choice_is_kept_beside_once_it_is_replaced(standard: Path, stick: Path, then: str) -> None:
    standard.mkdir()
    (standard / FILE_NAME).write_bytes(b"no TOML")
    if then == "another":
        choose(stick)
        assert find().folder == stick
    else:
        choose_standard()
        assert find() == DataFolder(standard, Origin.STANDARD)
    (kept,) = standard.glob("data-folder-*.toml")
    assert kept.read_bytes() == b"no TOML"


# --- which folder it would be


def test_among_other_things_the_data_have_a_folder_of_their_own(stick: Path) -> None:
    assert fitting(stick) == stick
    (stick / "letter.odt").touch()
    assert fitting(stick) == stick / "fanion-data"
    assert not (stick / "fanion-data").exists()


@pytest.mark.parametrize("name", ["settings.toml", "window.ini", "practice-ledger.db", "ledger.db", MARK])
def test_a_folder_with_data_is_used_as_it_is(stick: Path, name: str) -> None:
    (stick / name).touch()
    (stick / "letter.odt").touch()
    assert fitting(stick) == stick


def test_a_folder_that_cannot_be_looked_into_is_tried_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert fitting(tmp_path / "file") == tmp_path / "file"
    with pytest.raises(NotWritable):
        data_choice.check(tmp_path / "file")


def test_what_a_folder_has_is_told(stick: Path) -> None:
    assert contents(stick) is FolderContents.NOTHING
    (stick / MARK).touch()
    assert contents(stick) is FolderContents.NOTHING
    (stick / "settings.toml").touch()
    assert contents(stick) is FolderContents.DATA
    ledger_file(stick).touch()
    assert contents(stick) is FolderContents.LOG


# --- what is refused


def test_a_folder_that_cannot_be_written_is_not_chosen(standard: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotWritable):
        choose(tmp_path / "file")
    assert not standard.exists()


def test_a_check_makes_nothing(stick: Path) -> None:
    data_choice.check(stick / "fanion-data")
    data_choice.check(stick)
    assert list(stick.iterdir()) == []


@pytest.fixture
def seen() -> Iterator[Path]:
    """A folder that every account can get to, as pytest's are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(name).resolve() / "folder"
        folder.mkdir()
        if not all(parent.stat().st_mode & 0o001 for parent in folder.parents):
            pytest.skip("temporary folders are one person's here")
        yield folder


@posix
@pytest.mark.parametrize("mode", [0o2770, 0o777, 0o1777])
def test_a_folder_of_several_people_is_not_chosen(standard: Path, seen: Path, mode: int) -> None:
    seen.chmod(mode)
    with pytest.raises(NotPrivate) as caught:
        choose(seen)
    assert str(seen) in str(caught.value.sentence)
    assert not standard.exists()
    assert list(seen.iterdir()) == []
    if not mode & 0o1000:
        with pytest.raises(NotPrivate):  # others could put another folder in its place
            choose(seen / "fanion-data")


@posix
def test_a_folder_of_another_group_is_not_chosen(seen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen.chmod(0o775)
    folder_check.require_private(seen)  # the group is one's own
    monkeypatch.setattr(os, "getegid", lambda: seen.stat().st_gid + 1)
    with pytest.raises(NotPrivate):
        folder_check.require_private(seen)


@posix
def test_where_nobody_else_gets_to_the_mode_of_the_folder_itself_does_not_matter(stick: Path) -> None:
    """As a USB key whose file system knows no owners, below a folder that is one person's alone."""
    stick.chmod(0o777)
    stick.parent.chmod(0o700)
    folder_check.require_private(stick)
    folder_check.require_private(stick / "fanion-data")


@posix
def test_a_new_folder_among_those_of_all_is_private(seen: Path) -> None:
    """As in the folder for temporary files, where nobody can rename another's."""
    seen.chmod(0o1777)
    folder_check.require_private(seen / "fanion-data")


@pytest.fixture
def drives_are(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has these folders, and no others, be those of removable drives."""
    return lambda *folders: monkeypatch.setattr(removable_drives, "removable_drives", lambda: list(folders))


@posix
def test_a_usb_key_is_whose_it_is(seen: Path, drives_are: Callable[..., None]) -> None:
    seen.chmod(0o2777)
    drives_are(seen)
    folder_check.require_private(seen)
    folder_check.require_private(seen / "fanion-data")


@posix
def test_another_persons_folder_is_not_private(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:
        os.chown(stick, 4711, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(NotPrivate):
        folder_check.require_private(stick)


@pytest.mark.parametrize(
    ("grants", "private"),
    [
        ((AccessGrant("S-1-5-18", 1), AccessGrant("S-1-5-21-1-2-3-1104", 1)), True),
        ((AccessGrant("S-1-5-32-545", 0x1200A9),), False),  # the folder of a second disk: all users may read
        (None, False),
    ],
)
def test_on_windows_no_group_of_everybody_may_read(
    stick: Path,
    monkeypatch: pytest.MonkeyPatch,
    grants: tuple[AccessGrant, ...] | None,
    private: bool,
    looked_at_on: Callable[[str], None],
    drives_are: Callable[..., None],
) -> None:
    asked: list[Path] = []
    looked_at_on("win32")
    drives_are()
    monkeypatch.setattr(
        windows_acl, "of", lambda path, *, follow: (asked.append(path), Access("S-1-5-21-1-2-3-1104", grants))[1]
    )
    for folder in (stick, stick / "fanion-data"):
        with contextlib.nullcontext() if private else pytest.raises(NotPrivate):
            folder_check.require_private(folder)
    assert asked == [stick, stick]


@pytest.mark.parametrize("error", [OSError("no list"), ValueError("no descriptor")])
def test_a_folder_that_windows_does_not_tell_of_is_not_taken_for_private(
    stick: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    looked_at_on: Callable[[str], None],
    drives_are: Callable[..., None],
) -> None:
    """As on some servers of another system. Where nothing is there, the next check says so."""

    def fail(path: Path, *, follow: bool) -> Access:
        raise error

    looked_at_on("win32")
    drives_are()
    monkeypatch.setattr(windows_acl, "of", fail)
    with pytest.raises(NotPrivate):
        folder_check.require_private(stick)
    folder_check.require_private(stick / "gone" / "too")


@pytest.mark.parametrize("variable", ["OneDrive", "OneDriveCommercial", "OneDriveConsumer"])
def test_what_onedrive_copies_is_refused(
    stick: Path, monkeypatch: pytest.MonkeyPatch, variable: str, looked_at_on: Callable[[str], None]
) -> None:
    looked_at_on("win32")
    monkeypatch.setenv(variable, str(stick))
    for folder in (stick, stick / "Documents" / "fanion-data"):
        with pytest.raises(NotPrivate, match="copied to a network"):
            folder_check.require_private(folder)


def test_what_icloud_copies_is_refused(
    stick: Path, monkeypatch: pytest.MonkeyPatch, looked_at_on: Callable[[str], None]
) -> None:
    looked_at_on("darwin")
    monkeypatch.setattr(Path, "home", lambda: stick)
    for name in ("CloudStorage/OneDrive-GC", "Mobile Documents/com~apple~CloudDocs"):
        with pytest.raises(NotPrivate, match="copied to a network"):
            folder_check.require_private(stick / "Library" / name)


def test_a_choice_that_cannot_be_written_down_changes_nothing(stick: Path, standard: Path) -> None:
    standard.write_text("in the way")
    with pytest.raises(ChoiceNotKept) as caught:
        choose(stick)
    assert str(standard / FILE_NAME) in str(caught.value.sentence)
    assert caught.value.exit_code == 5


@posix
def test_a_name_that_is_no_text_is_refused(stick: Path, standard: Path) -> None:
    folder = stick / os.fsdecode(b"caf\xe9")
    with pytest.raises(ChoiceNotKept):
        choose(folder)
    assert find() == DataFolder(standard, Origin.STANDARD)


def test_the_standard_folder_has_to_be_usable_before_it_is_gone_back_to(standard: Path, stick: Path) -> None:
    choose(stick)
    kept = standard / FILE_NAME
    content = kept.read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder_check, "_fill", lambda descriptor: (_ for _ in ()).throw(OSError(28, "full")))
        with pytest.raises(NotWritable):
            choose_standard()
    assert kept.read_bytes() == content
