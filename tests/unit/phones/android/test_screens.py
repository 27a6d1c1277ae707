"""What a phone lists beyond names: the classes behind its screens, and the SHA-256 of signers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phones.android.listings.screens import CLASS_LIMIT, TOTAL_LIMIT, Links, Screens

CAPTURES = Path(__file__).parents[4] / ".." / "shared" / "captures"
TABLE = """\
Activity Resolver Table:
  Full MIME Types:
      application/pkix-cert:
        393317 com.android.certinstaller/.CertInstallerMain
  Non-Data Actions:
      android.intent.action.MAIN:
        7dfa6c6 com.pocket.notes/com.tencent.mm.ui.LauncherUI filter 1a2b3c
        7dfa6c7 com.pocket.notes/.Settings filter 1a2b3d
        7dfa6c9 com.pocket.notes/com.tencent.mm.plugin.Welcome (2 filters)
        7dfa6ca com.pocket.notes/com.tencent.mm.plugin.Bare
        7dfa6c8 com.tencent.mm/.ui.LauncherUI filter 1a2b3e
      com.pocket.notes.A:
        7dfa6c6 com.pocket.notes/com.tencent.mm.ui.LauncherUI filter 1a2b3f

"""
END = """\
Provider Resolver Table:
  Non-Data Actions:
      android.content.action.DOCUMENTS_PROVIDER:
        4275bc1 com.android.externalstorage/.ExternalStorageProvider
"""


def read(*blocks: str, code: int = 0, ordered: bool = True) -> Screens:
    screens = Screens(ordered=ordered)
    for block in blocks:
        screens.block(block)
    screens.end(code)
    return screens


def links(*blocks: str) -> dict[str, tuple[str, ...]]:
    found = Links()
    for block in blocks:
        found.block(block)
    found.end(0)
    return found.signers


def test_every_class_is_kept_by_its_full_name() -> None:
    screens = read(TABLE, END)
    assert screens.account().whole
    assert screens.of("com.pocket.notes") == (
        "com.tencent.mm.ui.LauncherUI",
        "com.pocket.notes.Settings",
        "com.tencent.mm.plugin.Welcome",
        "com.tencent.mm.plugin.Bare",
    )
    assert screens.of("com.tencent.mm") == ("com.tencent.mm.ui.LauncherUI",)
    assert screens.of("never.heard") == ()


def test_it_is_read_alike_in_whatever_blocks_it_comes() -> None:
    text = TABLE + END
    for other in (read(*text.splitlines(keepends=True)), read(text.replace("\n", "\r\n"))):
        assert other.account().whole
        assert other.of("com.pocket.notes") == read(text).of("com.pocket.notes")


@pytest.mark.parametrize("lines", range(1, TABLE.count("\n") + 1))
def test_wherever_a_table_ends_too_early_it_is_not_whole_although_the_phone_calls_it_done(lines: int) -> None:
    assert not read(*TABLE.splitlines(keepends=True)[:lines], code=0).account().whole
    assert read(TABLE, END, code=0).account().whole


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Can't find service: package\n", 0),
        ("", 0),
        ("Activity Resolver Table:\n", 0),
        (TABLE + END, 255),
        (TABLE + END + "*** SERVICE 'package' DUMP TIMEOUT (10000ms) EXPIRED ***\n", 0),
        (TABLE + "        7dfa6cb com.pocket.notes/com.tencent.mm.Odd one filter 1\n" + END, 0),
        (TABLE + "        7dfa6cb com.pocket.notes\n" + END, 0),
    ],
    ids=["no table", "nothing", "no screen", "error", "timed out", "an odd class", "no class"],
)
def test_what_is_not_whole_says_so(text: str, code: int) -> None:
    assert not read(text, code=code).account().whole


def test_an_answer_that_breaks_off_is_not_whole() -> None:
    screens = Screens()
    screens.block(TABLE)
    assert not screens.account().whole


def test_a_phone_cannot_fill_the_memory_and_what_is_left_out_is_noticed() -> None:
    one = read(
        "Activity Resolver Table:\n", *(f"        a{n:x} com.a/com.b.C{n}\n" for n in range(CLASS_LIMIT + 1)), END
    )
    assert len(one.of("com.a")) == CLASS_LIMIT
    assert not one.account().whole
    rows = (f"        a com.a{n}/com.b.C{m}\n" for n in range(TOTAL_LIMIT // 1_000 + 1) for m in range(1_000))
    many = read("Activity Resolver Table:\n", "".join(rows), END)
    assert not many.account().whole
    assert many.of(f"com.a{TOTAL_LIMIT // 1_000}") == ()


@given(st.text(alphabet="abc/.:\n ${}0123filter", max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    read(text)
    links(text)


@pytest.mark.parametrize(
    ("folder", "package", "name"),
    [
        (
            "emulator-sdk_gphone_x86-android9",
            "com.google.android.music",
            "com.android.music.activitymanagement.TopLevelActivity",
        ),
        ("meizu-MX6-flyme6-android7.1.1", "com.tencent.mm", "com.tencent.mm.ui.LauncherUI"),
        ("htc-nexusone-miui1.8.12-android2.3", "com.android.settings", "com.android.settings.Settings"),
    ],
)
def test_real_tables_are_read(folder: str, package: str, name: str) -> None:
    files = sorted((CAPTURES / folder).glob("dumpsys_package*.txt"))
    if not files:
        pytest.skip("the captures of real phones are not here")
    text = files[0].read_text(encoding="utf-8", errors="replace")
    table = text[text.index("Activity Resolver Table:") : text.index("Receiver Resolver Table:")]
    ordered = "android2.3" not in folder  # the table keeps an order since Android 4.4
    assert not read(table).account().whole
    screens = read(table, text[text.index("Receiver Resolver Table:") :].partition("\n")[0] + "\n", ordered=ordered)
    assert screens.account().whole
    assert name in screens.of(package)


LINKS = """\
  com.tencent.mm:
    ID: 2f8f7a3e-1111-2222-3333-444455556666
    Signatures: [0F:E4:FF:85:C2:15:91:83:96:DA:DC:7C:D8:CE:69:63:33:9A:F3:3D:37:75:1A:56:E5:4C:72:06:B6:3A:3C:7C]
    Domain verification state:
      weixin.qq.com: verified
  com.example.two:
    Signatures: [AA:BB, 0F:E4:FF:85:C2:15:91:83:96:DA:DC:7C:D8:CE:69:63:33:9A:F3:3D:37:75:1A:56:E5:4C:72:06:B6:3A:3C:7C]
  com.example.none:
    ID: 1
"""
WECHAT = "0fe4ff85c215918396dadc7cd8ce6963339af33d37751a56e54c7206b63a3c7c"


def test_signers_are_told_as_policies_write_them() -> None:
    assert links(LINKS) == {"com.tencent.mm": (WECHAT,), "com.example.two": (WECHAT,)}


def test_they_are_told_alike_in_whatever_blocks_they_come() -> None:
    assert links(*LINKS.splitlines(keepends=True)) == links(LINKS.replace("\n", "\r\n")) == links(LINKS)


def test_signers_that_are_left_out_are_noticed() -> None:
    found = Links()
    found.block("  com.a:\n    Signatures: [" + ", ".join(["AA"] * 30) + "]\n")
    found.end(0)
    assert {left.app for left in found.account().left} == {"com.a"}
    found = Links()
    found.block("  com.a:\n    Signatures: [" + ", ".join([":".join(["AA"] * 32)] * 30) + "]\n")
    found.end(0)
    assert not found.account().whole


WRAPPED = """\
  com.example.two:
    ID: 1
    Signatures: [BC:14:43:A0:D1:7A:AB:2D:B1:EA:03:02:EF:28:07:17:AC:9A:2F:23:35:5C:5B:64:9E:A8:7D:60:54:30:45:8D, 50:96:
    F0:43:E0:A4:47:55:7C:D2:CA:84:3D:65:91:1A:A6:7D:FD:D6:88:3A:B0:3B:DB:66:6C:44:A2:75:33:65]
  com.z00048aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.
  com.example.victim:
    Signatures: [BE:EA:D7:79:94:CF:57:33:41:EC:17:B5:8B:BF:7E:B3:4D:27:11:C9:93:C1:D9:76:B1:28:B3:18:8D:C1:82:9A]
"""


@pytest.mark.parametrize("size", [1, 7, 121, 10_000])
def test_a_line_that_android_wraps_is_read_as_one_and_lends_no_signer_to_another_app(size: int) -> None:
    """Lines of `pm get-app-links` are wrapped at 120 characters: the end of a long id can look like another's."""
    lines = WRAPPED.splitlines(keepends=True)
    signers = links(*lines) if size == 1 else links(*["".join(lines[n : n + size]) for n in range(0, len(lines), size)])
    assert len(signers["com.example.two"]) == 2
    assert "com.example.victim" not in signers
    (long,) = (name for name in signers if name.startswith("com.z00048"))
    assert long.endswith(".com.example.victim")


#: What an app can call an action of a filter, to plant a screen on another app.
PLANTED = "com.x.A:\n        7dfa6ff com.victim/com.tencent.mm.Planted{end}"


@pytest.mark.parametrize("end", ["", "\n      zz"])
def test_a_screen_that_is_planted_on_another_app_by_a_text_is_noticed(end: str) -> None:
    table = TABLE.replace("      com.pocket.notes.A:", f"      {PLANTED.format(end=end)}:")
    screens = read(table, END)
    assert not screens.account().whole
    assert read(TABLE, END).account().whole


@pytest.mark.parametrize("name", ["com.é中文.Main", "com.a$B", "com.a-b.C", "Bare"])
def test_a_class_that_a_compiler_writes_is_one_in_any_script(name: str) -> None:
    screens = read(TABLE.replace(".Settings", name), END)
    assert screens.account().whole
    assert name in screens.of("com.pocket.notes")


@pytest.mark.parametrize("name", ["a b", "", "com.x:", "a\u2028b"])
def test_a_class_that_no_compiler_writes_accuses_its_app(name: str) -> None:
    screens = read(TABLE.replace(".Settings", name), END)
    assert {left.app for left in screens.account().left} == {"com.pocket.notes"}


def test_what_is_no_listing_tells_nothing() -> None:
    assert links("Unknown command: get-app-links\n    Signatures: [0F]\n") == {}
