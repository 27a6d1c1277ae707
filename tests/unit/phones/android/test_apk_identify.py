"""What apps on a phone are by their own files: found on it, read in parts, told one by one."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel, Progress, silent
from core.model import App, AppState, Cancelled, Identity, Inventory, Phone, Profile, ProfileKind
from core.phones.android.files import identify as module
from core.phones.android.files.identify import IdentityMemory, identify
from core.phones.android.files.locate import FILES_LIMIT, files_of, script
from core.phones.android.phone import AndroidPhone
from core.phones.driver import Unplugged
from core.simulator.shell.syntax import parse
from tests.unit.phones.android.apks import Apk, encoded, second, signing_block, simple
from tests.unit.phones.android.local import LocalLink


class Desk:
    """A phone with files in a folder, whose `pm path` prints what the test says."""

    def __init__(self, folder: Path, shell: str = "sh") -> None:
        self.folder = folder
        self.paths = folder / "paths"
        self.paths.mkdir()
        self.link = LocalLink(folder, shell)
        # As Android does: by profile, and without one for the first.
        self.link.program(
            "pm",
            f'[ "$1" = path ] || exit 1; shift; U=0; [ "$1" = --user ] && {{ U=$2; shift 2; }}\n'
            f"cat {self.paths}/$U/$1 2>/dev/null || {{ echo 'java.lang.SecurityException' >&2; exit 255; }}",
        )

    def install(self, package: str, *files: tuple[str, bytes], user: int | None = 0) -> App:
        """An app of some files; with `user` None `pm path` says nothing of it."""
        place = self.folder / f"app~{package}-x==" / package
        place.mkdir(parents=True)
        lines = []
        for name, data in files:
            (place / name).write_bytes(data)
            lines.append(f"package:{place / name}\n")
        if user is not None:
            (self.paths / str(user)).mkdir(exist_ok=True)
            (self.paths / str(user) / package).write_text("".join(lines))
        state = AppState(user if user is not None else 150, installed=True)
        return App(package, code_path=os.fspath(place), states=(state,))

    def identify(self, *apps: App) -> dict[str, Identity]:
        return identify(self.link, apps, silent, Cancel())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def file(package: str, signer: str = "maker", **options: object) -> bytes:
    return simple(signer, package=package, **options).file()


def sha(*names: str) -> list[str]:
    return [hashlib.sha256(encoded(n)).hexdigest() for n in names]


def split(signer: str = "maker", *components: tuple[str, str], package: str = "org.example.one") -> bytes:
    return simple(signer, package=package, version=None, label=None, components=components).file()


def test_an_app_is_what_its_file_says(desk: Desk) -> None:
    app = desk.install("org.example.one", ("base.apk", file("org.example.one", label="One\u202e!" + "x" * 200)))
    found = desk.identify(app)["org.example.one"]
    assert [c.sha256 for c in found.certificates] == sha("maker")
    assert found.version_code == 7
    assert found.components == ("org.example.one.Main",)
    assert found.label.startswith("One\N{REPLACEMENT CHARACTER}!")
    assert len(found.label) == 120
    assert found.why is None


def test_many_apps_cost_few_round_trips_and_are_told_as_they_are_known(desk: Desk) -> None:
    names = [f"org.example.app{i}" for i in range(30)]
    apps = [desk.install(name, ("base.apk", file(name))) for name in names]
    told: list[str] = []
    news: list[Progress] = []
    found = identify(desk.link, apps, news.append, Cancel(), lambda identity: told.append(identity.package))
    assert set(told) == set(found) == set(names)
    assert len(told) == 30
    assert all(i.certificates for i in found.values())
    assert len(desk.link.commands) <= 5  # the SDK; then for each batch where they are, and parts of them
    shares = [n.share for n in news]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_parts_of_an_app_are_signed_alike(desk: Desk) -> None:
    base = file("org.example.one")
    app = desk.install("org.example.one", ("split_config.fr.apk", split()), ("base.apk", base))
    assert desk.identify(app)["org.example.one"].why is None
    other = desk.install("org.example.two", ("base.apk", file("org.example.two")), ("split_a.apk", split("other")))
    found = desk.identify(other)["org.example.two"]
    assert "not all signed by the same" in str(found.why)
    assert [c.sha256 for c in found.certificates] == sha("maker")
    torn = desk.install("org.example.three", ("base.apk", file("org.example.three")), ("split_a.apk", b"torn"))
    assert "Not all of the files" in str(desk.identify(torn)["org.example.three"].why)


def test_the_screens_of_every_part_are_read(desk: Desk) -> None:
    part = split("maker", ("activity", "com.tencent.mm.ui.LauncherUI"))
    app = desk.install("org.example.one", ("base.apk", file("org.example.one")), ("split_feature.apk", part))
    found = desk.identify(app)["org.example.one"]
    assert found.components == ("org.example.one.Main", "com.tencent.mm.ui.LauncherUI")
    assert found.why is None
    no_manifest = Apk([("x", b"x")], signing_block([(0x7109871A, second("maker"))])).file()
    app = desk.install("org.example.two", ("base.apk", file("org.example.two")), ("split_a.apk", no_manifest))
    assert "Not all of the files" in str(desk.identify(app)["org.example.two"].why)


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        (".Main", True),
        ("com.example.ﺃ$Inner-x", True),
        (7, False),  # by the number of a resource
        ("", False),
        ("com.tencent.mm.ui.Launcher UI", False),
        ("com.tencent.mm.ui.\u202eLauncherUI", False),
        ("a." * 300 + "B", False),
    ],
)
def test_a_screen_whose_name_cannot_be_followed_is_said_to_be_missing(
    desk: Desk, name: str | int, *, whole: bool
) -> None:
    app = desk.install("org.example.one", ("base.apk", file("org.example.one", components=[("activity", name)])))
    found = desk.identify(app)["org.example.one"]
    assert found.certificates
    assert (found.why is None) == whole
    assert whole or "screens and services" in str(found.why)


def test_more_screens_than_are_kept_are_said_to_be_missing(desk: Desk) -> None:
    names = [("activity", f".Screen{n}") for n in range(5_001)]
    app = desk.install("org.example.one", ("base.apk", file("org.example.one", components=names)))
    assert "screens and services" in str(desk.identify(app)["org.example.one"].why)


def test_more_screens_in_all_files_than_are_kept_are_said_to_be_missing(desk: Desk) -> None:
    parts = []
    for number in range(3):
        names = [("activity", f"org.example.p{number}.Screen{n}") for n in range(4_900)]
        parts.append((f"split_p{number}.apk", split("maker", *names)))
    app = desk.install("org.example.one", ("base.apk", file("org.example.one")), *parts)
    found = desk.identify(app)["org.example.one"]
    assert len(found.components) == 10_000
    assert "screens and services" in str(found.why)


def test_a_shared_library_is_listed_with_its_version(desk: Desk) -> None:
    library = desk.install("org.example.lib_12", ("base.apk", file("org.example.lib")))
    assert desk.identify(library)["org.example.lib_12"].why is None
    other = desk.install("org.example.lib_x1", ("base.apk", file("org.example.lib")))
    assert "org.example.lib" in str(desk.identify(other)["org.example.lib_x1"].why)


def listed(app: App) -> App:
    """As the list of apps names it: by its base file."""
    return replace(app, code_path=f"{app.code_path}/base.apk")


def test_where_the_list_names_the_base_file_one_command_finds_the_files_of_all(desk: Desk) -> None:
    apps = []
    for number in range(30):
        name = f"org.example.app{number}"
        parts = [("base.apk", file(name)), ("split_a.apk", split(package=name))]
        apps.append(listed(desk.install(name, *parts)))
    desk.link.program("pm", "exit 1")
    found = desk.identify(*apps)
    assert all(identity.why is None for identity in found.values())
    assert len(found) == 30
    assert len(desk.link.commands) <= 6


def test_a_base_file_that_is_not_where_the_list_says_is_asked_for(desk: Desk) -> None:
    app = desk.install("org.example.one", ("base.apk", file("org.example.one")))
    assert desk.identify(replace(app, code_path="/data/app/x/base.apk"))["org.example.one"].why is None


def test_files_that_are_the_same_are_read_once_for_one_opened_phone(desk: Desk) -> None:
    apps = [listed(desk.install(f"org.example.app{n}", ("base.apk", file(f"org.example.app{n}")))) for n in range(5)]
    phone = AndroidPhone(desk.link)
    first = phone.identify(apps, silent, Cancel())
    reads = sum(desk.link.raw)
    assert reads > 0
    assert phone.identify(apps, silent, Cancel()) == first
    assert sum(desk.link.raw) == reads
    replaced = Path(apps[2].code_path)
    fresh = replaced.with_name("fresh")
    fresh.write_bytes(file("org.example.app2", "other"))
    fresh.replace(replaced)
    again = phone.identify(apps, silent, Cancel())
    assert [c.sha256 for c in again["org.example.app2"].certificates] == sha("other")
    assert again["org.example.app1"] == first["org.example.app1"]
    before = sum(desk.link.raw)
    AndroidPhone(desk.link).identify(apps, silent, Cancel())
    assert sum(desk.link.raw) > before  # nothing outlives a connection


def test_what_could_not_be_read_whole_is_tried_again(desk: Desk) -> None:
    app = listed(desk.install("org.example.one", ("base.apk", b"torn" * 2000)))
    phone = AndroidPhone(desk.link)
    for _ in range(2):
        reads = sum(desk.link.raw)
        assert phone.identify([app], silent, Cancel())["org.example.one"].why is not None
        assert sum(desk.link.raw) > reads


@pytest.mark.slow
def test_an_app_of_endless_parts_is_not_wholly_read(desk: Desk) -> None:
    parts = [(f"split_{i}.apk", split()) for i in range(FILES_LIMIT)]
    app = desk.install("org.example.one", ("base.apk", file("org.example.one")), *parts)
    assert "Not all of the files" in str(desk.identify(app)["org.example.one"].why)


def test_a_system_app_has_a_file_of_its_own_name(desk: Desk) -> None:
    app = desk.install("org.example.one", ("Settings.apk", file("org.example.one")), ("split_x.apk", split()))
    assert desk.identify(app)["org.example.one"].certificates


def test_two_files_that_could_be_the_base_are_none(desk: Desk) -> None:
    data = file("org.example.one")
    app = desk.install("org.example.one", ("A.apk", data), ("B.apk", data))
    assert "did not say where" in str(desk.identify(app)["org.example.one"].why)


def test_a_file_of_another_app_proves_nothing(desk: Desk) -> None:
    app = desk.install("org.example.one", ("base.apk", file("com.other.app")))
    found = desk.identify(app)["org.example.one"]
    assert "com.other.app" in str(found.why)
    assert found == Identity("org.example.one", why=found.why)


@pytest.mark.parametrize(
    "name", ["base.apk", "org.example.one.apk", "Foo.apk"]
)  # the last is found by looking into the folder
def test_a_profile_that_is_closed_to_the_shell(desk: Desk, name: str) -> None:
    app = desk.install("org.example.one", (name, file("org.example.one")), ("split_a.apk", split()), user=None)
    found = desk.identify(app)["org.example.one"]
    assert [c.sha256 for c in found.certificates] == sha("maker")
    assert found.why is None
    whole = replace(app, code_path=f"{app.code_path}/{name}")
    assert desk.identify(whole)["org.example.one"].why is None


def test_an_android_that_does_not_know_profiles_here(desk: Desk) -> None:
    app = desk.install("org.example.one", ("base.apk", file("org.example.one")))
    desk.link.program("pm", f'[ "$2" = --user ] && exit 1; cat {desk.paths}/0/$2')
    assert desk.identify(replace(app, code_path=""))["org.example.one"].why is None


@pytest.mark.parametrize(
    "line",
    [
        "-rw-r--r-- system   system      {size} 2015-01-01 10:00 base.apk",  # Android 5
        "-rw-r--r-- 1 system system {size} 2015-01-01 10:00 /data/app/base.apk",
    ],
)
def test_before_there_was_stat(desk: Desk, line: str) -> None:
    data = file("org.example.one")
    app = desk.install("org.example.one", ("base.apk", data))
    desk.link.program("stat", "exit 127")
    desk.link.program("ls", f"echo '{line.format(size=len(data))}'")
    assert desk.identify(app)["org.example.one"].why is None


@pytest.mark.parametrize(("answer", "why"), [("20", "too old"), ("", "which version"), ("x\ny", "which version")])
def test_an_android_that_cannot_be_read_in_parts(desk: Desk, answer: str, why: str) -> None:
    app = desk.install("org.example.one", ("base.apk", file("org.example.one")))
    desk.link.program("getprop", f"echo '{answer}'")
    told: list[Identity] = []
    found = identify(desk.link, [app], silent, Cancel(), told.append)
    assert why in str(found["org.example.one"].why)
    assert told == [*found.values()]
    assert len(desk.link.commands) == 1


def test_old_androids_get_short_commands(desk: Desk) -> None:
    desk.link.program("getprop", "echo 23")
    names = [f"org.example.app{i}" for i in range(25)]
    apps = []
    for name in names:
        apk = simple(package=name)
        apps.append(desk.install(name, ("base.apk", apk.file())))
    found = desk.identify(*apps)
    assert set(found) == set(names)
    assert all(len(c) < 4096 for c in desk.link.commands)


def test_a_file_that_cannot_be_opened_costs_the_others_nothing(desk: Desk) -> None:
    good = desk.install("org.example.good", ("base.apk", file("org.example.good")))
    bad = desk.install("org.example.bad", ("base.apk", b"no zip" * 5000))
    short = desk.install("org.example.short", ("base.apk", file("org.example.short")))
    desk.link.program("stat", f'case $3 in *short*) echo 999999;; *) exec {shutil.which("stat")} "$@";; esac')
    gone = desk.install("org.example.gone")
    strange = App("org.example'; reboot; '", states=(AppState(0, True),))
    found = desk.identify(bad, good, short, gone, strange)
    assert found["org.example.good"].why is None
    assert "damaged" in str(found["org.example.bad"].why)
    assert "did not give" in str(found["org.example.short"].why)
    assert "did not say where" in str(found["org.example.gone"].why)
    assert "did not say where" in str(found[strange.package].why)
    assert not any("reboot" in c for c in desk.link.commands)


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "package:",
        "package:/etc/passwd",
        "package:/x'y.apk",
        "Error: boo",
        "package:/a b.apk",
        "package:/dev/../x.apk",
    ],
)
def test_a_path_that_is_none(desk: Desk, printed: str) -> None:
    desk.link.program("pm", f'echo "{printed}"')
    app = App("org.example.one", code_path="relative/'x", states=(AppState(0, True),))
    assert "did not say where" in str(desk.identify(app)["org.example.one"].why)
    assert "relative" not in desk.link.commands[1]


def test_a_phone_that_talks_without_end_says_nothing(desk: Desk) -> None:
    app = desk.install("org.example.one", ("base.apk", file("org.example.one")))
    desk.link.changed = lambda answer: answer if b"sdk" in answer else bytes(10_000_000)
    assert desk.identify(app)["org.example.one"].why


def test_nothing_to_read_asks_nothing(desk: Desk) -> None:
    assert desk.identify() == {}
    assert not desk.link.commands


def test_the_stop_button_and_the_cable(desk: Desk) -> None:
    apps = [desk.install(f"a.b{i}", ("base.apk", file(f"a.b{i}"))) for i in range(3)]
    cancel = Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        identify(desk.link, apps, silent, cancel)
    answers = iter([True, True])

    def pulled(answer: bytes) -> bytes:
        if next(answers, None) is None:
            raise Unplugged
        return answer

    desk.link.changed = pulled
    with pytest.raises(Unplugged):
        identify(desk.link, apps, silent, Cancel())


def test_a_base_file_that_was_read_tells_what_it_shows_where_the_phone_leaves_before_its_splits(desk: Desk) -> None:
    part = simple(package="org.example.one", version=None, label=None)
    part.files.insert(1, ("lib/large.so", os.urandom(900_000)))
    app = desk.install("org.example.one", ("base.apk", file("org.example.one")), ("split_a.apk", part.file()))
    assert desk.identify(app)["org.example.one"].why is None
    told: dict[int, list[Identity]] = {}
    for last in range(len(desk.link.commands)):
        answers = iter([True] * last)

        def pulled(answer: bytes, answers: Iterator[bool] = answers) -> bytes:
            if next(answers, None) is None:
                raise Unplugged
            return answer

        told[last] = []
        desk.link.changed = pulled
        with pytest.raises(Unplugged):
            identify(desk.link, [app], silent, Cancel(), told[last].append)
    assert not told[0]
    (base,) = told[max(told)]
    assert [c.sha256 for c in base.certificates] == sha("maker")
    assert base.why is not None, "its splits were not read: it acquits of nothing"


def test_what_was_told_before_the_stop_button_stays_told(desk: Desk) -> None:
    apps = [desk.install(f"a.b{i}", ("base.apk", file(f"a.b{i}"))) for i in range(module.SIDE_BY_SIDE + 5)]
    cancel = Cancel()
    told: list[Identity] = []

    def heard(identity: Identity) -> None:
        told.append(identity)
        if len(told) == module.SIDE_BY_SIDE:
            cancel.press()

    with pytest.raises(Cancelled):
        identify(desk.link, apps, silent, cancel, heard)
    assert len(told) == module.SIDE_BY_SIDE


def test_a_phone_is_asked_through_its_driver(desk: Desk) -> None:
    app = desk.install("org.example.one", ("base.apk", file("org.example.one")))
    assert AndroidPhone(desk.link).identify([app], silent, Cancel())["org.example.one"].certificates


def test_the_shell_of_a_practice_phone_understands_the_script() -> None:
    assert parse(script("0" * 32, ["'0:org.example.one:/data/app/~~x==/y'", "'150:a.b:'"]))


@given(st.lists(st.text(max_size=80), max_size=20))
def test_whatever_a_phone_says_of_its_files(lines: list[str]) -> None:
    for found in files_of("org.example.one", lines).value:
        assert 0 <= found.size < 10**12
        assert found.path.endswith(".apk")


@pytest.mark.parametrize("change", [lambda d: d[: len(d) // 2], lambda d: d[:-9] + b"x" * 9, lambda d: b""])
def test_a_file_that_changes_while_it_is_read(desk: Desk, change: Callable[[bytes], bytes]) -> None:
    app = desk.install("org.example.one", ("base.apk", file("org.example.one")))
    path = Path(app.code_path) / "base.apk"
    data, size = path.read_bytes(), path.stat()[stat.ST_SIZE]
    desk.link.program("stat", f"echo {size}")
    path.write_bytes(change(data))
    assert desk.identify(app)["org.example.one"].why is not None


def test_a_file_that_lies_where_another_lay_is_another(desk: Desk) -> None:
    """Before Android 8 the folders of an app's installations take turns, so that its path may be the same again."""
    memory = IdentityMemory()
    apps = [desk.install(name, ("base.apk", file(name))) for name in ("org.example.one", "org.example.two")]
    identify(desk.link, apps, silent, Cancel(), memory=memory)
    assert module.replaced(desk.link, apps, 25, memory, Cancel()) == frozenset()
    base = Path(apps[0].code_path) / "base.apk"
    content, times = base.read_bytes(), base.stat()
    other = base.with_name("other")
    other.write_bytes(content)
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(base)
    assert module.replaced(desk.link, apps, 25, memory, Cancel()) == {"org.example.one"}
    (Path(apps[1].code_path) / "base.apk").write_bytes(file("org.example.two", "another"))
    assert module.replaced(desk.link, apps, 25, memory, Cancel()) == {"org.example.one", "org.example.two"}


@pytest.mark.parametrize(("sdk", "again"), [(25, True), (26, False)])
def test_an_old_phone_s_files_are_compared_at_the_last_look(sdk: int, desk: Desk, *, again: bool) -> None:
    app = desk.install("org.example.one", ("base.apk", file("org.example.one")))
    phone = AndroidPhone(desk.link)
    phone.identify([app], silent, Cancel())
    (Path(app.code_path) / "base.apk").write_bytes(file("org.example.one", "another"))
    owner = Profile(0, "Owner", ProfileKind.PERSONAL)
    inventory = Inventory(Phone("android", "LGE", "Nexus 5", "7", "S", sdk), (owner,), (app,))
    assert ("org.example.one" in phone.look_again(inventory, Cancel()).changed) is again


def test_what_was_read_of_one_phone_s_file_says_nothing_of_another_s_that_only_looks_the_same(tmp_path: Path) -> None:
    """Same id, version, size and times, as a phone may tell them; other bytes."""
    found = []
    for name, screen in (("honest", ".Main"), ("lying", ".Evil"), ("again", ".Main")):
        (tmp_path / name).mkdir()
        phone = Desk(tmp_path / name)
        content = file("org.example.one", components=(("activity", screen),))
        app = phone.install("org.example.one", ("base.apk", content))
        os.utime(Path(app.code_path) / "base.apk", ns=(0, 0))
        identity = AndroidPhone(phone.link).identify([app], silent, Cancel())["org.example.one"]
        found.append((len(content), identity.version_code, identity.components))
    assert [what[:2] for what in found] == [found[0][:2]] * 3
    assert [what[2] for what in found] == [(f"org.example.one{end}",) for end in (".Main", ".Evil", ".Main")]
