"""The reader of the whole app list: what a liar, a cut and noise do to it."""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import App
from core.phones.android.inventory import InventoryReading
from core.phones.android.link.shell import Lines
from core.phones.android.listings.dump import PACKAGE_LIMIT, Dump

BLOCK = """\
  Package [{name}] (74ff918):
    appId=10248
    codePath=/data/app/~~325==/{name}-b9E==
    versionCode=7 minSdk=33 targetSdk=35
    versionName={version}
    installerPackageName=com.android.vending
    signatures=PackageSignatures{{272a63c version:2, signatures:[293a2c13], past signatures:[]}}
    pkgFlags=[ HAS_CODE ]
    User 0: ceDataInode=1 installed={installed} hidden=false suspended=false stopped=false enabled=0 instant=false
      firstInstallTime=2026-08-04 15:20:20
"""


def block(name: str = "com.example.a", version: str = "1.0", installed: str = "true") -> str:
    return BLOCK.format(name=name, version=version, installed=installed)


def factory(name: str) -> str:
    """The version of an app that came with the phone, as it is listed once it was updated."""
    return block(name).replace("/data/app", "/system/app").replace("[ HAS_CODE", "[ SYSTEM HAS_CODE")


def updated(name: str = "com.android.chrome") -> str:
    """The update of an app that came with the phone."""
    return block(name).replace("[ HAS_CODE", "[ SYSTEM UPDATED_SYSTEM_APP HAS_CODE")


def read(text: str) -> Dump:
    dump = Dump()
    dump.block(text + "\n")
    return dump


def installed(dump: Dump) -> set[str]:
    everything = dump.account().value
    for left_out in ({a.package for a in everything[::2]}, {a.package for a in everything}):
        assert dump.account(but=left_out).value == [a for a in everything if a.package not in left_out]
    return {a.package for a in everything if any(s.installed for s in a.states)}


def only(dump: Dump) -> App:
    (app,) = dump.account().value
    return app


def test_a_package_only_in_queries_or_hidden_packages_is_not_installed() -> None:
    text = "Packages:\n" + block() + updated() + "\nHidden system packages:\n" + factory("com.android.chrome")
    text += "\nQueries:\n  queries via package name:\n    com.kms.free:\n      com.example.a\n    User 0:\n"
    dump = read(text)
    assert installed(dump) == {"com.example.a", "com.android.chrome"}
    assert {a.package: a.updated_system for a in dump.account().value}["com.android.chrome"]
    assert dump.account().whole


@pytest.mark.parametrize(
    "hidden",
    [
        lambda: block("com.tencent.mm"),
        lambda: factory("com.tencent.mm"),
        lambda: factory("com.android.chrome") + block("com.tencent.mm"),
        lambda: block("com.tencent.mm").replace("/data/app", "/mnt/expand/5f2a/app"),
    ],
    ids=["on the data partition", "without its update", "behind a real one", "on a card"],
)
def test_what_stands_below_a_heading_of_factory_versions_and_is_none_is_an_app(hidden: Callable[[], str]) -> None:
    """An app can write the heading: what follows it then is not hidden, and is accused."""
    dump = read("Packages:\n" + block() + updated() + "Hidden system packages:\n" + hidden())
    assert "com.tencent.mm" in installed(dump)
    assert "com.tencent.mm" in {left.app for left in dump.account().left}
    assert dump.is_doubtful("com.tencent.mm")


@pytest.mark.parametrize("heading", ["Queries:", "Foo:", "Renamed packages:", "Hidden system packages 1:", "Packages:"])
@pytest.mark.parametrize(
    "where", ["versionName=1.0", "pkgFlags=[ HAS_CODE ]", "      firstInstallTime=2026-08-04 15:20:20"]
)
def test_no_heading_that_an_app_writes_loses_a_later_app(heading: str, where: str) -> None:
    liar = block("com.example.liar").replace(where, f"{where}\n{heading}\n")
    dump = read("Packages:\n" + liar + block("com.tencent.mm"))
    assert "com.tencent.mm" in installed(dump)
    assert not dump.account().whole


@pytest.mark.parametrize("line", range(BLOCK.count("\n")))
@pytest.mark.parametrize("change", [lambda line: "", lambda line: line.replace("=", "~").replace("[", "~")])
def test_a_line_that_is_missing_or_altered_is_noticed_or_says_something_else(
    line: int, change: Callable[[str], str]
) -> None:
    lines = (block("com.example.a") + block("com.tencent.mm") + block("com.example.z")).splitlines(keepends=True)
    at = BLOCK.count("\n") + line
    altered = "".join([*lines[:at], change(lines[at]), *lines[at + 1 :]])
    before, after = read("Packages:\n" + "".join(lines)).account(), read("Packages:\n" + altered).account()
    assert before.whole
    unread = lines[at].lstrip().startswith("appId=")  # it is in no answer of ours
    assert unread or after != before


def test_a_block_that_names_other_profiles_than_the_rest_is_noticed() -> None:
    """Android prints a line for each profile of the phone in each block."""
    one, other = block("com.example.a"), block("com.example.b")
    more = "    User 10: ceDataInode=1 installed=true hidden=false suspended=false stopped=false enabled=0\n"
    assert read("Packages:\n" + one + more + other + more).account().whole
    dump = read("Packages:\n" + one + more + other + more + block("com.example.c"))
    assert dump.odd == {"com.example.c"}


def test_what_began_an_installation_and_the_parts_of_an_app_are_told() -> None:
    text = block().replace("    signatures", "    initiatingPackageName=com.android.shell\n    signatures")
    text = text.replace("    installer", "    splits=[base, config.en, config.xxhdpi]\n    installer")
    app = only(read("Packages:\n" + text))
    assert (app.installer, app.initiator) == ("com.android.vending", "com.android.shell")
    assert app.splits == ("config.en", "config.xxhdpi")
    revised = text.replace("[base, config.en, config.xxhdpi]", "[base:10, config.en:12, config.xxhdpi:-1]")
    assert only(read("Packages:\n" + revised)).splits == ("config.en", "config.xxhdpi")
    assert only(read("Packages:\n" + text.replace("[base, config.en, config.xxhdpi]", "unknown"))).splits is None
    assert only(read("Packages:\n" + block())).splits is None


def test_a_cut_in_the_middle_of_a_block_is_noticed() -> None:
    whole = "Packages:\n" + block() + block("com.example.b")
    assert not read(whole).truncated
    assert read(whole[: whole.rindex("    User 0")]).truncated


def test_a_prompt_or_message_in_between_loses_no_app() -> None:
    text = (
        "C:\\> adb shell dumpsys package\nPackages:\n"
        + block()
        + "user@host ~ % \nWARNING: linker: x\n"
        + block("com.example.b")
    )
    assert installed(read(text)) == {"com.example.a", "com.example.b"}


def test_dumpsys_own_time_out_is_noticed() -> None:
    dump = read("Packages:\n" + block() + "\n*** SERVICE 'package' DUMP TIMEOUT (10000ms) EXPIRED ***\n")
    assert not dump.account().whole
    assert any("TIMEOUT" in leftover.text for leftover in dump.account().left)


def test_an_app_cannot_hide_itself_by_its_version_name() -> None:
    forged = "1.0\n    User 0: installed=false hidden=false enabled=0"
    dump = read("Packages:\n" + block("com.tencent.mm", version=forged))
    assert installed(dump) == {"com.tencent.mm"}
    assert dump.odd == {"com.tencent.mm"}


@pytest.mark.parametrize(
    "user",
    ["", "    User #0: installed=true enabled=0\n", "    User 0: installed=1 hidden=true\n", "    User 0: enabled=0\n"],
)
def test_a_package_that_does_not_say_where_it_is_makes_no_sense(user: str) -> None:
    lines = block("com.tencent.mm").splitlines(keepends=True)
    text = "".join(line for line in lines if "User 0" not in line and "firstInstallTime" not in line)
    dump = read("Packages:\n" + text + user + block())
    assert not dump.account().whole


def test_an_app_cannot_make_itself_a_switched_off_system_app() -> None:
    forged = "1\n    pkgFlags=[ SYSTEM ]\n    User 0: installed=true enabled=3"
    app = only(read("Packages:\n" + block(version=forged)))
    assert not app.system
    assert not app.states[0].off


def test_a_renamed_package_goes_by_its_true_name() -> None:
    renamed = block("app.original.browser").replace("    appId", "    compat name=org.chromium.chrome\n    appId")
    assert installed(read("Packages:\n" + renamed)) == {"org.chromium.chrome"}
    forged = read("Packages:\n" + block("com.tencent.mm", version="1\n    compat name=com.example.innocent"))
    assert installed(forged) == {"com.tencent.mm"}


def test_an_app_cannot_hide_its_signer_behind_its_version() -> None:
    """A version name is printed before the signers, and may hold what looks like them: then both count, and it is
    noticed."""
    forged = "1.0\n    signatures=PackageSignatures{1 version:2, signatures:[deadbeef], past signatures:[]}"
    dump = read("Packages:\n" + block(version=forged))
    app = only(dump)
    assert app.signers == ("deadbeef", "293a2c13")
    assert dump.odd == {"com.example.a"}
    assert [dump.is_odd(f"com.example.{letter}") for letter in "abz"] == [True, False, False]
    assert app.version_name == "1.0"


@pytest.mark.parametrize("printed", ["962F5B7", "0962f5b7", "0x962f5b7", "962f5b7ff", "", "x"])
def test_what_is_no_hash_is_no_signer(printed: str) -> None:
    told = f"1.0\n    signatures=PackageSignatures{{1 version:2, signatures:[{printed}], past signatures:[]}}"
    assert only(read("Packages:\n" + block(version=told))).signers == ("293a2c13",)


def test_text_for_people_has_no_control_or_bidi_characters_and_ends() -> None:
    app = only(read("Packages:\n" + block(version="1\x1b[31m\u202egnp" + "9" * 500)))
    assert app.version_name.isprintable()
    assert "\x1b" not in app.version_name
    assert len(app.version_name) <= 60


def test_ids_that_are_none_are_left() -> None:
    dump = read("Packages:\n" + block("com.example.$(reboot)") + block("../../etc") + block("com.example.ok"))
    assert installed(dump) == {"com.example.ok"}
    assert [left.text for left in dump.account().left] == ["com.example.$(reboot)", "../../etc"]


@pytest.mark.slow
def test_no_phone_has_that_many_apps() -> None:
    dump = Dump({"com.tencent.mm"})
    dump.block("Packages:\n")
    dump.block("".join(f"  Package [com.example.p{i}] (1):\n" for i in range(PACKAGE_LIMIT + 5)))
    dump.block(block("com.tencent.mm"))
    assert not dump.account().whole
    assert dump.too_many
    apps = {app.package: app for app in dump.account().value}
    assert len(apps) == PACKAGE_LIMIT + 1
    assert apps["com.tencent.mm"].states


def test_no_list_is_too_long_for_an_app_that_is_sought() -> None:
    reading = InventoryReading(False, lambda news: None, None, {"com.tencent.mm"})
    reading.begin("users").block("Users:\n\tUserInfo{0:Owner:4c13} running\n")
    listed = reading.begin("packages 0")
    listed.block("".join(f"package:/data/app/{'x' * 300}=com.example.p{i}\n" for i in range(20_005)))
    listed.block("package:/data/app/y/base.apk=com.tencent.mm\n" * 2)
    listed.end(0)
    assert "com.tencent.mm" in reading.lists[0]
    assert not any(profile.readable for profile in reading.profiles.values())


def test_no_phone_has_that_many_profiles() -> None:
    dump = read("Packages:\n" + block() + "".join(f"    User {i}: installed=true\n" for i in range(1, 500)))
    assert dump.too_many
    assert len(only(dump).states) == 100


@pytest.mark.parametrize(
    "sign",
    [
        "      archiveTime=2026-01-01 00:00:00",
        "      unarchiveInstallerTitle=null",
        "        archiveActivityInfo=ArchiveActivityInfo { title = WeChat, iconBitmap = null }",
    ],
)
def test_an_app_that_was_archived_says_so(sign: str) -> None:
    """Any one of the lines that Android prints of such an app is enough: a maker may leave one out."""
    lines = block("com.tencent.mm").replace("installed=true", "installed=false")
    (state,) = only(read(f"Packages:\n{lines}{sign}\n")).states
    assert (state.installed, state.archived, state.present) == (False, True, True)
    (state,) = only(read("Packages:\n" + block() + "      archiveTime=2026-01-01 00:00:00\n")).states
    assert (state.installed, state.archived) == (True, False)


#: What an app can write behind its version name, and no Android prints there.
FORGED = {
    "fields again": "\n    pkgFlags=[ SYSTEM ]",
    "a profile": "\n    User 0: installed=false",
    "a whole block": "\n    signatures=X\n    pkgFlags=[ SYSTEM ]\n    User 0: installed=true enabled=3\n  ",
    "a block of its own": "\n  Package [com.example.other] (1):\n    codePath=/x",
    "another's block": "\n  Package [com.example.z] (1):\n    codePath=/x",
    "the end of the section": "\nQueries:",
    "another section": "\nHidden system packages:",
    "the section again": "\nPackages:",
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("last", [False, True])
def test_whatever_an_app_writes_into_the_list_is_noticed(forged: str, *, last: bool) -> None:
    blocks = [block("com.example.a", version=f"1{forged}"), block("com.example.z")]
    text = "Packages:\n" + "".join(blocks[::-1] if last else blocks) + "\nQueries:\n"
    dump = read(text)
    assert not dump.account().whole


LIKE_A_DUMP = st.lists(
    st.one_of(
        st.sampled_from(("Packages:\n" + block() + "Hidden system packages:\nQueries:\n").split("\n")),
        st.text(alphabet=string.printable + "\u202e\x00é", max_size=40),
    ),
    max_size=60,
)


@given(LIKE_A_DUMP, st.lists(st.integers(0, 2000), max_size=6))
def test_it_does_not_matter_how_the_lines_arrive(lines: list[str], cuts: list[int]) -> None:
    text = "".join(line.replace("\n", "") + "\n" for line in lines)
    whole, pieces = Dump(), Dump()
    whole.block(text)
    reader = Lines(pieces.block)
    edges = [0, *sorted(c for c in cuts if c < len(text)), len(text)]
    for a, b in itertools.pairwise(edges):
        reader.feed(text[a:b].encode(errors="replace"))
    reader.end()
    if "\r" not in text and not text.startswith("\ufeff"):
        assert pieces.account() == whole.account()


@given(LIKE_A_DUMP)
def test_nothing_makes_it_fail(lines: list[str]) -> None:
    dump = Dump()
    for line in lines:
        dump.block(line.replace("\n", "") + "\n")
    for app in dump.account().value:
        assert app.version_name.isprintable()
    assert isinstance(dump.truncated, bool)


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=6))
def test_lines_do_not_depend_on_how_the_bytes_are_cut(data: bytes, cuts: list[int]) -> None:
    def lines(pieces: list[bytes]) -> list[str]:
        blocks: list[str] = []
        reader = Lines(blocks.append)
        for piece in pieces:
            reader.feed(piece)
        reader.end()
        return "".join(blocks).split("\n")

    edges = [0, *sorted(c for c in cuts if c < len(data)), len(data)]
    pieces = [data[a:b] for a, b in itertools.pairwise(edges)]
    assert lines(pieces) == lines([data])


@given(st.text(alphabet=st.characters(exclude_characters="\r\n\ufeff", exclude_categories=["Cs"]), max_size=30))
def test_one_text_in_every_encoding(text: str) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        for end in ("\n", "\r\n"):
            found: list[str] = []
            reader = Lines(found.append)
            reader.feed((text + end + "second" + end).encode(encoding))
            reader.end()
            assert "".join(found) == text + "\nsecond\n"


def test_a_line_without_end_is_kept_within_bounds() -> None:
    found: list[str] = []
    reader = Lines(found.append)
    for _ in range(40):
        reader.feed(b"x" * 100_000)
    reader.feed(b"\nnext\n")
    first, second, end = "".join(found).split("\n")
    assert len(first) <= 2**20
    assert (second, end) == ("next", "")


def test_work_grows_with_the_input_only() -> None:
    """Counted in calls, not in seconds: twice the input, twice the lines and nothing else."""
    import sys

    def calls(repeat: int) -> int:
        count = 0

        def tracer(frame: object, event: str, arg: object) -> None:
            nonlocal count
            count += event == "call"

        text = "Packages:\n" + "".join(block(f"com.example.p{i}") for i in range(repeat))
        sys.setprofile(tracer)
        try:
            dump = Dump()
            reader = Lines(dump.block)
            reader.feed(text.encode())
            reader.end()
        finally:
            sys.setprofile(None)
        return count

    assert calls(400) < 2.2 * calls(200)
