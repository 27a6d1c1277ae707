"""Where the files of apps are: a path that is not understood is never taken for one that is not there."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

import pytest

from core.jobs import Cancel, silent
from core.model import App, AppState, Identity
from core.phones.accounting import KEPT, Why
from core.phones.android.files import ranges
from core.phones.android.files.identify import IdentityMemory, identify
from core.phones.android.files.locate import files_of, locate, stated
from tests.unit.phones.android.accounted import FOLDER
from tests.unit.phones.android.apks import simple
from tests.unit.phones.android.local import LocalLink
from tests.unit.phones.android.test_apk_identify import Desk, file, listed, split

ONE = "org.example.one"
UNREAD = "Not all of the files"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def base() -> tuple[str, bytes]:
    return "base.apk", file(ONE)


def look(desk: Desk, app: App, splits: Collection[str] | None = None) -> Identity:
    return identify(desk.link, [app], silent, Cancel(), splits=lambda _: splits)[app.package]


@pytest.mark.parametrize("by_list", [True, False])
def test_a_split_of_a_long_name_is_read(desk: Desk, by_list: bool) -> None:
    """A package of 223 letters and a file's name of 255, as Linux has them: more than 500 characters."""
    package = "org.example." + "x" * 211
    name = f"split_{'y' * 245}.apk"
    part = split("maker", ("activity", "com.tencent.mm.ui.LauncherUI"), package=package)
    app = desk.install(package, ("base.apk", file(package)), (name, part))
    assert len(f"{app.code_path}/{name}") > 500
    found = desk.identify(listed(app) if by_list else app)[package]
    assert found.why is None
    assert "com.tencent.mm.ui.LauncherUI" in found.components


def test_a_package_with_empty_parts_is_read_like_others(desk: Desk) -> None:
    """Android takes such a name; where the list names the base file, nothing else is asked for."""
    main = simple(package="com..pocket", components=[("activity", "com.pocket.Main")])
    app = desk.install("com..pocket", ("base.apk", main.file()))
    found = desk.identify(listed(app))["com..pocket"]
    assert (found.components, found.why) == (("com.pocket.Main",), None)


@pytest.mark.parametrize("by_list", [True, False])
@pytest.mark.parametrize("name", ["split_a b.apk", "split_é.apk", "split_a'.apk", "split_a;b.apk", "split_(a).apk"])
def test_a_split_whose_path_may_not_stand_in_a_command(desk: Desk, name: str, by_list: bool) -> None:
    app = desk.install(ONE, base(), (name, split()))
    found = desk.identify(listed(app) if by_list else app)[ONE]
    assert UNREAD in str(found.why)
    assert found.certificates


@pytest.mark.parametrize(
    "line", ["package:/data/app/x/split_a.dm", "package:relative.apk", "WARNING: linker", "package:/a b/split_a.apk"]
)
def test_what_android_names_and_is_no_path_of_a_file(desk: Desk, line: str) -> None:
    app = desk.install(ONE, base())
    path = desk.paths / "0" / ONE
    path.write_text(path.read_text() + line + "\n")
    assert UNREAD in str(look(desk, app).why)


def test_a_file_that_android_names_and_nobody_finds(desk: Desk) -> None:
    app = desk.install(ONE, base(), ("split_a.apk", split()))
    (Path(app.code_path) / "split_a.apk").unlink()
    assert UNREAD in str(look(desk, app).why)


def test_a_file_that_only_may_be_there_is_not_missed(desk: Desk) -> None:
    """Where a profile is closed to the shell, the folder is looked into under names that are guessed."""
    app = desk.install(ONE, base(), ("split_a.apk", split()), user=None)
    assert look(desk, app).why is None


def test_what_stands_beside_the_base_and_android_does_not_name(desk: Desk) -> None:
    """The base cannot be seen beside the splits, so Android is asked, and does not agree."""
    app = desk.install(ONE, base(), ("split_a.apk", split()))
    path = desk.paths / "0" / ONE
    path.write_text(path.read_text().splitlines()[0] + "\n")
    without_base = 'case "$*" in *%n*) shift 3; set -- -c "%s %i %Y %n" "$@";; esac; exec /usr/bin/stat "$@"'
    desk.link.program("stat", without_base)
    assert UNREAD in str(look(desk, listed(app)).why)


@pytest.mark.parametrize(
    ("splits", "why"),
    [(None, None), (("a",), None), ((), UNREAD), (("a", "b"), UNREAD), (("b",), UNREAD), (("A",), UNREAD)],
)
@pytest.mark.parametrize("by_list", [True, False])
def test_splits_that_another_answer_names(
    desk: Desk, splits: tuple[str, ...] | None, why: str | None, by_list: bool
) -> None:
    app = desk.install(ONE, base(), ("split_a.apk", split()))
    found = look(desk, listed(app) if by_list else app, splits)
    assert (found.why is None) == (why is None)
    assert why is None or why in str(found.why)


def test_splits_of_an_app_that_came_with_the_phone_have_names_of_their_own(desk: Desk) -> None:
    app = desk.install(ONE, ("Settings.apk", file(ONE)), ("Extra.apk", split()))
    assert "did not say where" in str(look(desk, app, ("extra",)).why)  # which one is the base is not known
    app = desk.install("org.example.two", ("Two.apk", file("org.example.two")))
    assert look(desk, app, ()).why is None


def test_what_is_not_whole_is_not_remembered(desk: Desk) -> None:
    app = desk.install(ONE, base(), ("split_a.apk", split()))
    memory = IdentityMemory()
    assert identify(desk.link, [app], silent, Cancel(), None, memory)[ONE].why is None
    found = identify(desk.link, [app], silent, Cancel(), None, memory, lambda _: ("a", "b"))
    assert UNREAD in str(found[ONE].why)
    assert identify(desk.link, [app], silent, Cancel(), None, memory)[ONE].why is None


def test_other_apps_are_not_accused(desk: Desk) -> None:
    apps = [listed(desk.install(f"org.example.n{n}", ("base.apk", file(f"org.example.n{n}")))) for n in range(3)]
    place = Path(apps[1].code_path).parent
    (place / "split_a b.apk").write_bytes(split(package="org.example.n1"))
    found = desk.identify(*apps)
    assert [found[app.package].why is None for app in apps] == [True, False, True]


def test_lines_that_are_no_apps_ask_for_all_by_name(desk: Desk) -> None:
    """Such as what a phone's linker prints between them."""
    apps = [listed(desk.install(f"org.example.n{n}", ("base.apk", file(f"org.example.n{n}")))) for n in range(3)]
    desk.link.program("stat", 'echo "WARNING: linker: something"; exec /usr/bin/stat "$@"')
    desk.link.program("ls", "exit 1")
    found = desk.identify(*apps)
    assert len(found) == 3
    assert any("pm path" in command for command in desk.link.commands)


@pytest.mark.parametrize("name", ["a" * 250 + ".apk", "com..pocket-x==/base.apk", "x" * 255 + "/base.apk"])
def test_paths_are_as_long_as_linux_has_them(name: str) -> None:
    assert ranges.is_apk_path(f"/data/app/{name}")


@pytest.mark.parametrize("path", ["/" + "a" * 252 + ".apk", "/" + "a" * 256 + "/b.apk", "/a" * 2046 + "/b.apk"])
def test_no_longer_path_exists(path: str) -> None:
    assert not ranges.is_apk_path(path)


def test_a_path_that_no_command_of_an_old_phone_can_hold(desk: Desk) -> None:
    app = desk.install(ONE, base())
    long = Path(app.code_path).joinpath(*["d" * 200] * 15)
    lines = [f"file {app.code_path}/base.apk", "5 1 1", f"file {long}/split_a.apk", "6 2 2"]
    assert files_of(ONE, lines).whole
    answer = "\n".join(("", "$N begin " + ONE, *lines, "", "$N end " + ONE + " 0", ""))
    link = LocalLink(desk.folder / "old") if (desk.folder / "old").mkdir() is None else desk.link
    link.changed = lambda data: answer.replace("$N", data.split()[0].decode()).encode() if data.split() else data
    account = locate(link, [app], Cancel(), ranges.OLD_COMMAND_LIMIT, lambda _: None)
    assert [file.name for file in account.value[ONE]] == ["base.apk"]
    assert [(left.why, left.app) for left in account.left] == [(Why.CUT, ONE)]


def test_the_same_file_twice() -> None:
    path = f"{FOLDER}/base.apk"
    assert files_of(ONE, [f"maybe {path}", "5 1 1", f"maybe {path}", "5 1 1"]).whole
    account = files_of(ONE, [f"file {path}", "5 1 1", f"file {path}", "6 1 1"])
    assert [left.why for left in account.left] == [Why.TWICE]
    account = stated([f"5 1 1 {path}", f"6 1 1 {path}"], {f"{FOLDER}/": ONE})  # type: ignore[assignment]
    assert [(left.why, left.app) for left in account.left] == [(Why.TWICE, ONE)]


def test_more_than_is_kept_of_what_is_left_accuses_all(desk: Desk) -> None:
    apps = [listed(desk.install(f"org.example.n{n}", ("base.apk", file(f"org.example.n{n}")))) for n in range(2)]
    folder = os.path.dirname(apps[0].code_path)
    lines = "".join(f"{n} 2 3 {folder}/split_x y.apk\\n" for n in range(KEPT + 1))
    (desk.folder / "lines").write_text(lines.replace("\\n", "\n"))
    desk.link.program("stat", f'case "$*" in *%n*) cat {desk.folder}/lines;; esac; exec /usr/bin/stat "$@"')
    found = desk.identify(*apps)
    assert [str(found[app.package].why)[: len(UNREAD)] for app in apps] == [UNREAD, UNREAD]


def test_an_app_without_a_word_is_told_so(desk: Desk) -> None:
    app = App("org.example'; reboot; '", code_path="/data/app/x/base.apk", states=(AppState(0, True),))
    assert "did not say where" in str(look(desk, app).why)
