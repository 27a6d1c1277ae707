"""The code of apps that no store installed: which classes it has, and which files are beside it."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel, Progress, silent
from core.model import App, Cancelled, Identity, SoughtInFiles
from core.phones.android.apk import Remote, Unreadable, dex, read
from core.phones.android.apk.zip import ZipEntry
from core.phones.android.files.identify import IdentityMemory, identify
from core.simulator.apk.dex import compiled
from tests.examples import examples
from tests.unit.phones.android.apks import Apk, manifest, run, second, signing_block
from tests.unit.phones.android.test_apk_identify import Desk

ONE = "org.example.one"
LIBRARY = "lib/x86_64/libchat.so"
SOUGHT = SoughtInFiles((LIBRARY, "assets/chat.bin"), ("com.chat.ui.", "com.chat.Main"), ("com.chat.ui.kit.",))
OUTSIDE = SoughtInFiles(SOUGHT.files, SOUGHT.classes, SOUGHT.parts, frozenset({ONE}))
BLOCK = signing_block([(0x7109871A, second("maker"))])


def apk(*code: bytes, package: str = ONE, more: tuple[str, ...] = (), **options: Any) -> Apk:
    """An app of these files of code, and of others by name."""
    names = ("classes.dex", *(f"classes{number}.dex" for number in range(2, 9)))
    files = [("AndroidManifest.xml", manifest(package)), *zip(names, code, strict=False)]
    return Apk([*files, *((name, b"content") for name in more)], BLOCK, **options)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def looked_into(desk: Desk, *apps: App, sought: SoughtInFiles = OUTSIDE) -> dict[str, Identity]:
    return identify(desk.link, apps, silent, Cancel(), sought=sought)


def test_the_classes_sought_are_found_in_every_part_of_the_code(desk: Desk) -> None:
    first = compiled(["a.b.C", "com.chat.ui.A", "com.chat.ui.kit.Login", "com.chat.Main", "com.chat.MainOther"])
    part = Apk([("AndroidManifest.xml", manifest(ONE, None, label=None)), ("classes.dex", compiled(["com.chat.ui.D"]))])
    part.block = BLOCK
    base = apk(first, compiled(["com.chat.ui.B"])).file()
    app = desk.install(ONE, ("base.apk", base), ("split_feature.apk", part.file()))
    found = looked_into(desk, app)[ONE]
    assert found.why is None
    assert sorted(found.code) == ["com.chat.Main", "com.chat.ui.A", "com.chat.ui.B", "com.chat.ui.D"]


def test_of_many_alike_a_few_are_kept(desk: Desk) -> None:
    names = [f"com.chat.ui.C{number:03}" for number in range(200)]
    app = desk.install(ONE, ("base.apk", apk(compiled([*names, "com.chat.Main"])).file()))
    assert looked_into(desk, app)[ONE].code == (*names[: dex.KEPT], "com.chat.Main")


def test_files_are_found_by_their_names_in_every_part(desk: Desk) -> None:
    named = apk(more=("lib/x86_64/libchat.so.txt", "res/assets/chat.bin")).file()
    app = desk.install(ONE, ("base.apk", named))
    assert looked_into(desk, app)[ONE].files == ()
    split_files = Apk([("AndroidManifest.xml", manifest(ONE, None, label=None)), (LIBRARY, b"x")], BLOCK).file()
    two = desk.install(
        "org.example.two", ("base.apk", apk(package="org.example.two", more=("assets/chat.bin",)).file())
    )
    assert looked_into(desk, two)["org.example.two"].files == ("assets/chat.bin",)
    both = desk.install(
        "org.example.three", ("base.apk", apk(package="org.example.three").file()), ("split_x.apk", split_files)
    )
    assert looked_into(desk, both)["org.example.three"].files == (LIBRARY,)


def test_the_code_of_an_app_from_a_store_costs_nothing(desk: Desk) -> None:
    content = apk(compiled(["com.chat.ui.A"])).file()
    identify(desk.link, [desk.install(ONE, ("base.apk", content))], silent, Cancel())
    without = len(desk.link.commands)
    assert looked_into(desk, desk.install("x.y", ("base.apk", content)), sought=SOUGHT)["x.y"].code == ()
    assert len(desk.link.commands) == 2 * without


def test_it_is_read_last_and_tells_how_far_it_is(desk: Desk) -> None:
    two = "org.example.two"
    apps = [
        desk.install(ONE, ("base.apk", apk(compiled(["a.b.C"]), b"x" * 3_000_000).file())),
        desk.install(two, ("base.apk", apk(package=two).file())),
    ]
    told: list[str] = []
    news: list[Progress] = []
    found = identify(desk.link, apps, news.append, Cancel(), lambda i: told.append(i.package), sought=OUTSIDE)
    assert told == [two, ONE]
    assert "Looking into the code of Example: 0 of 1 MB" in [str(n.doing) for n in news]
    assert [n.share for n in news] == sorted(n.share for n in news)
    assert str(found[ONE].why) == "Not all of the app's code could be read."  # three megabytes of x are no code


@pytest.mark.parametrize(
    ("code", "claims"),
    [
        (b"dex\n035\0", {}),
        (b"dex\n099\0" + compiled(["com.chat.ui.B"])[8:], {}),
        (compiled(["com.chat.ui.B"])[:-200], {}),
        (compiled(["com.chat.ui.B"]), {"size": 100_000_000}),
        (compiled(["com.chat.ui.B"]), {"packed": 300_000_000}),
        (compiled(["com.chat.ui.B"]), {"size": 9}),
        (compiled(["com.chat.ui.B"]), {"at": 7}),
    ],
)
def test_code_that_cannot_be_read_is_told_and_what_was_found_counts(
    code: bytes, claims: dict[str, int], desk: Desk
) -> None:
    content = apk(compiled(["com.chat.ui.A"]), code, claims={"classes2.dex": claims}).file()
    found = looked_into(desk, desk.install(ONE, ("base.apk", content)))[ONE]
    assert str(found.why) == "Not all of the app's code could be read."
    assert found.certificates
    assert found.code == (() if "packed" in claims else ("com.chat.ui.A",))  # more than any app has is not begun


def test_where_the_phone_leaves_before_the_code_the_app_is_not_known(desk: Desk) -> None:
    cancel = Cancel()
    told: list[Identity] = []
    large = apk(compiled(["com.chat.ui.A"]), bytes(3_000_000), stored=("classes2.dex",)).file()
    app = desk.install(ONE, ("base.apk", large))

    def stop(progress: Progress) -> None:
        if "code" in str(progress.doing):
            cancel.press()

    with pytest.raises(Cancelled):
        identify(desk.link, [app, app], stop, cancel, told.append, sought=OUTSIDE)
    (identity,) = told
    assert (str(identity.why), len(identity.certificates)) == ("Not all of the app's code could be read.", 1)


def test_what_is_remembered_was_sought_too(desk: Desk) -> None:
    memory = IdentityMemory()
    app = desk.install(ONE, ("base.apk", apk(compiled(["com.chat.ui.A"])).file()))
    first = identify(desk.link, [app], silent, Cancel(), memory=memory, sought=SOUGHT)[ONE]
    again = identify(desk.link, [app], silent, Cancel(), memory=memory, sought=OUTSIDE)[ONE]
    assert (first.code, again.code) == ((), ("com.chat.ui.A",))


@examples(300)
@given(st.data())
def test_code_that_was_altered_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(compiled(["com.chat.ui.A", "com.chat.ui.B", "a.b.C"]))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    archive = bytearray(apk(bytes(content)).file())
    if data.draw(st.booleans()):
        archive[data.draw(st.integers(0, len(archive) - 1))] = data.draw(st.integers(0, 255))
    classes = dex.SoughtClasses(SOUGHT)
    for entry in run(read, bytes(archive)).value.code:

        def steps(file: Remote, sdk: int, entry: ZipEntry = entry) -> dex.Steps[bytes]:
            return (yield from dex.unpacked(file.size, entry, lambda count: None))

        with contextlib.suppress(Unreadable):
            classes.take_from(run(steps, bytes(archive)))
    assert all(name.startswith("com.chat.") for name in classes.names)


# Forms that Android takes and other readers may not


def numbered(names: list[str], number: Callable[[int], bytes]) -> bytes:
    """The code of these classes, the length of each name written in another form."""
    content = bytearray(compiled(names))
    (first,) = struct.unpack_from("<I", content, 0x70)
    texts = bytes(content[first:])
    for place, text in enumerate(texts.split(b"\0")[:-1]):
        struct.pack_into("<I", content, 0x70 + 4 * place, len(content))
        content += number(len(text) - 1) + text[1:] + b"\0"
    struct.pack_into("<I", content, 0x20, len(content))
    return bytes(content)


@pytest.mark.parametrize("top", [0, 0x7F, 0x80])
def test_a_length_of_five_bytes_ends_there(top: int, desk: Desk) -> None:
    """As Android's reader of such numbers has it (art, leb128.h)."""
    code = numbered(["com.chat.ui.A"], lambda n: bytes([n & 0x7F | 0x80, n >> 7 | 0x80, 0x80, 0x80, top]))
    app = desk.install(ONE, ("base.apk", apk(code).file()))
    found = looked_into(desk, app)[ONE]
    assert (found.code, found.why) == (("com.chat.ui.A",), None)


def test_several_files_of_code_in_one_are_not_taken_for_one(desk: Desk) -> None:
    first, second = bytearray(compiled(["a.b.C"])), bytearray(compiled(["com.chat.ui.A"]))
    for part, at in ((first, 0), (second, len(first))):
        part[4:7] = b"041"
        part[0x70:0x70] = struct.pack("<2I", len(first) + len(second) + 16, at)
    app = desk.install(ONE, ("base.apk", apk(bytes(first + second)).file()))
    assert str(looked_into(desk, app)[ONE].why) == "Not all of the app's code could be read."


@pytest.mark.parametrize(
    "code",
    [
        [compiled([])] * (dex.FILES_LIMIT + 1),
        [compiled([]) + bytes(60_000_000)] * 9,  # a few kilobytes, half a gigabyte unpacked
        [compiled(["a.b.C"])[:0x60] + struct.pack("<I", 70_000) + compiled(["a.b.C"])[0x64:] + bytes(3_000_000)],
    ],
)
def test_more_code_than_an_app_has_is_not_read(code: list[bytes], desk: Desk) -> None:
    names = ("classes.dex", *(f"classes{number}.dex" for number in range(2, 1_000)))
    content = Apk([("AndroidManifest.xml", manifest(ONE)), *zip(names, code, strict=False)], BLOCK).file()
    found = looked_into(desk, desk.install(ONE, ("base.apk", content)))[ONE]
    assert str(found.why) == "Not all of the app's code could be read."


def test_what_was_found_before_the_phone_left_is_told(desk: Desk) -> None:
    large = apk(compiled(["com.chat.ui.A"]), bytes(3_000_000), stored=("classes2.dex",)).file()
    app, cancel, told = desk.install(ONE, ("base.apk", large)), Cancel(), list[Identity]()

    def stop(progress: Progress) -> None:
        if "code of Example: 1 of" in str(progress.doing):
            cancel.press()

    with pytest.raises(Cancelled):
        identify(desk.link, [app], stop, cancel, told.append, sought=OUTSIDE)
    assert [(identity.code, identity.why is None) for identity in told] == [(("com.chat.ui.A",), False)]


def test_no_name_of_a_class_is_more_than_plain_text(desk: Desk) -> None:
    app = desk.install(ONE, ("base.apk", apk(compiled(["com.chat.ui.A\u202e\x1b[2J\nB"])).file()))
    (name,) = looked_into(desk, app)[ONE].code
    assert name.startswith("com.chat.ui.A")
    assert name.isprintable()
