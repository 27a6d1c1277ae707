"""Texts, attributes and chunks of a manifest that Java, Android's C++ code and other readers may read differently: a
class that any of them may see is seen, and the app is not whole."""

from __future__ import annotations

import random

import pytest

from core.phones.accounting import Account, Why
from core.phones.android.apk import Contents, Manifest, Unreadable
from tests.unit.phones.android import apks, axml
from tests.unit.phones.android.apks import NAME, NUMBER, REFERENCE, TARGET
from tests.unit.phones.android.axml import BANNED, DECOY, PACKAGE, Attr, Node, android, component, odd, oddly

ODD_ACTIVITIES = oddly("activity")


def read(root: Node, *, utf8: bool = True, change: object = None) -> Account[Contents]:
    data = axml.compiled(root, utf8=utf8, change=change or (lambda chunks: chunks))  # type: ignore[arg-type]
    block = apks.signing_block([(apks.V2, apks.second("maker"))])
    return apks.account(apks.Apk([("AndroidManifest.xml", data)], block).file())


def classes(account: Account[Contents]) -> tuple[str, ...]:
    manifest = account.value.manifest
    return manifest.components if isinstance(manifest, Manifest) else ()


def is_unreadable(account: Account[Contents]) -> bool:
    return isinstance(account.value.manifest, Unreadable)


# Honest ones


@pytest.mark.parametrize("utf8", [True, False])
@pytest.mark.parametrize("name", [BANNED, "com.example.ﺃ$Inner-x", ".Main", "Main", "com.example." + "x" * 300])
def test_an_honest_class_is_read_whole(name: str, *, utf8: bool) -> None:
    account = read(axml.app(PACKAGE, component(name)), utf8=utf8)
    full = PACKAGE + name if name.startswith(".") else name if "." in name else f"{PACKAGE}.{name}"
    assert (classes(account), account.left) == ((full,), ())


@pytest.mark.parametrize("utf8", [True, False])
def test_a_label_beyond_the_basic_plane_is_read_whole(*, utf8: bool) -> None:
    """aapt2 writes such a letter as two surrogates of three bytes each, others write it in four bytes: to Java both
    are one text."""
    root = axml.app(PACKAGE, component(DECOY))
    pair = odd(b"a" + b"\xed\xa0\xbd\xed\xb8\x80", 3)
    for label in ("a😀", axml.Odd(pair.utf8, b"\x03\0a\0\x3d\xd8\x00\xde\0\0")):
        root.inside[1].attrs[0].value = label
        account = read(root, utf8=utf8)
        assert (account.value.label, account.left) == ("a😀", ())


@pytest.mark.parametrize("utf8", [True, False])
def test_an_element_of_another_namespace_is_what_android_takes_it_for(*, utf8: bool) -> None:
    inner = component(BANNED)
    inner.space = "http://example.com"
    assert classes(read(axml.app(PACKAGE, inner), utf8=utf8)) == (BANNED,)


@pytest.mark.parametrize("name", ["", "label", "a"])
def test_an_attribute_is_told_by_its_number_whatever_it_is_called(name: str) -> None:
    """Tools that make files smaller take its name away."""
    account = read(axml.app(PACKAGE, Node("activity", [Attr(name, BANNED, NAME)])))
    assert (classes(account), account.left) == ((BANNED,), ())


def test_a_package_may_have_empty_parts_and_a_class_may_not() -> None:
    """Android takes `com..pocket`; no class of that package can be in an app's code."""
    account = read(axml.app("com..pocket", component(DECOY)))
    assert isinstance(account.value.manifest, Manifest)
    assert (account.value.manifest.package, account.left) == ("com..pocket", ())
    assert not read(axml.app("com..pocket", component(".Main"))).whole


# Texts


@pytest.mark.parametrize("word", ODD_ACTIVITIES)
def test_an_element_that_may_be_called_activity(word: axml.Odd) -> None:
    account = read(axml.app(PACKAGE, component(DECOY), component(BANNED, word)))
    assert not account.whole
    if b"\xff" not in word.utf8 and b"\xed" not in word.utf8 and b"\xc0" not in word.utf8 and word.utf8[1] != 7:
        assert BANNED in classes(account)


@pytest.mark.parametrize("word", oddly(BANNED))
def test_a_class_that_may_be_a_banned_one(word: axml.Odd) -> None:
    account = read(axml.app(PACKAGE, component(DECOY), component(word)))
    assert not account.whole


@pytest.mark.parametrize(
    "content", [BANNED.encode() + b"\0", BANNED.encode() + b"\0.x", b"\xc1\xa3om" + BANNED[3:].encode()]
)
def test_what_java_makes_of_a_class_is_seen(content: bytes) -> None:
    account = read(axml.app(PACKAGE, component(odd(content))))
    assert (classes(account), account.whole) == ((BANNED,), False)


@pytest.mark.parametrize("utf8", [True, False])
def test_a_nul_ends_a_text_for_one_reader_only(*, utf8: bool) -> None:
    account = read(axml.app(PACKAGE, component(odd(BANNED.encode() + b"\0x"))), utf8=utf8)
    assert (classes(account), account.whole) == ((BANNED,), False)


def test_half_of_a_pair_in_utf_16() -> None:
    word = axml.Odd(b"\x01\x01a\0", b"\x02\0a\0\x00\xd8\0\0")
    assert Why.TWO_WAYS in {left.why for left in read(axml.app(PACKAGE, component(word)), utf8=False).left}


def test_a_string_in_utf_16_at_an_odd_place() -> None:
    """Android rounds the place down."""

    def change(chunks: axml.Chunks) -> axml.Chunks:
        pool = bytearray(chunks[0][1])
        for at in range(28, 28 + 4 * int.from_bytes(pool[8:12], "little"), 4):
            pool[at] |= 1
        return [(axml.POOL, bytes(pool)), *chunks[1:]]

    account = read(axml.app(PACKAGE, component(BANNED)), utf8=False, change=change)
    assert is_unreadable(account) or not account.whole


@pytest.mark.parametrize("word", oddly(PACKAGE))
def test_an_odd_package(word: axml.Odd) -> None:
    account = read(axml.app(word, component(".Main")))
    assert is_unreadable(account) or not account.whole


# Attributes


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    "second",
    [
        Attr("name", BANNED, NAME),
        Attr("label", BANNED, NAME),
        Attr("name", BANNED),  # by its name alone
        Attr("name", BANNED, 0x7F010099),
        Attr("name", BANNED, 0x02010003),  # a number that the app's own table makes Android's
        Attr("theme", BANNED, 0x10010003),
        *(Attr(word, BANNED) for word in oddly("name") if b"\xff" not in word.utf8),
    ],
)
def test_a_second_attribute_that_may_name_the_class(second: Attr, *, first: bool) -> None:
    node = component(DECOY)
    node.attrs.insert(0 if first else 1, second)
    account = read(axml.app(PACKAGE, node))
    assert not account.whole
    assert DECOY in classes(account)
    if isinstance(second.name, str):
        assert BANNED in classes(account)


@pytest.mark.parametrize("space", [None, "", "http://schemas.android.com/tools"])
def test_an_attribute_of_that_name_in_another_namespace_is_not_androids(space: str | None) -> None:
    node = component(DECOY)
    node.attrs.append(Attr("name", BANNED, space=space))
    account = read(axml.app(PACKAGE, node))
    assert (classes(account), account.left) == ((DECOY,), ())


#: Whatever in a manifest names a class of the app, or something that it alone can have (attrs_manifest.xml), by the
#: element and the attribute, with the attribute's number (public-final.xml).
NAMES = [
    *((tag, "name", NAME) for tag in ("activity", "activity-alias", "service", "receiver", "provider")),
    *((tag, "name", NAME) for tag in ("application", "instrumentation", "permission", "permission-tree")),
    *((tag, "name", NAME) for tag in ("permission-group", "library", "static-library", "sdk-library")),
    ("activity-alias", "targetActivity", TARGET),
    *((tag, "parentActivityName", 0x010103A7) for tag in ("activity", "activity-alias")),
    ("application", "manageSpaceActivity", 0x01010004),
    ("application", "backupAgent", 0x0101027F),
    ("application", "appComponentFactory", 0x0101057A),
    ("application", "zygotePreloadName", 0x0101059D),
    ("provider", "authorities", 0x01010018),
]


@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize(("tag", "attribute", "number"), NAMES)
def test_every_name_of_the_app_itself_is_seen(tag: str, attribute: str, number: int, by_name: bool) -> None:
    root = axml.app(PACKAGE)
    names = Attr(attribute, BANNED, 0 if by_name else number)
    needed = {"activity-alias": [TARGET], "activity": [NAME], "provider": [NAME]}.get(tag, [])
    others = [android(other, DECOY) for other in needed if other != number]
    application = root.inside[-1]
    if tag == "application":
        application.attrs.append(names)
    else:
        place = application if tag in ("activity", "activity-alias", "service", "receiver", "provider") else root
        place.inside.append(Node(tag, sorted([names, *others], key=lambda attr: attr.number)))
    account = read(root)
    assert BANNED in classes(account)
    assert account.whole is not by_name  # Android goes by numbers: it is made so that readers differ


@pytest.mark.parametrize(("tag", "attribute", "number"), [row for row in NAMES if row[0] == "application"])
def test_a_class_that_is_no_text_is_not_known(tag: str, attribute: str, number: int) -> None:
    root = axml.app(PACKAGE)
    root.inside[-1].attrs.append(Attr(attribute, 0x7F010001, number, kind=REFERENCE))
    assert not read(root).whole


def test_the_screen_above_one_is_seen_where_early_apps_name_it() -> None:
    named = [android(NAME, "android.support.PARENT_ACTIVITY"), Attr("value", BANNED, 0x01010024)]
    node = component(DECOY)
    node.inside.append(Node("meta-data", named))
    assert classes(read(axml.app(PACKAGE, node))) == (DECOY, BANNED)


@pytest.mark.parametrize("tag", ["uses-permission", "uses-library", "action"])
def test_what_an_app_uses_of_another_is_no_name_of_its_own(tag: str) -> None:
    root = axml.app(PACKAGE)
    root.inside.append(Node(tag, [android(NAME, BANNED)]))
    root.inside.append(Node("queries", [], [Node("provider", [Attr("authorities", BANNED, 0x01010018)])]))
    account = read(root)
    assert (classes(account), account.whole) == ((), True)


def test_several_authorities_are_several_names() -> None:
    node = Node("provider", [android(NAME, DECOY), Attr("authorities", f"a.b.c;{BANNED}", 0x01010018)])
    assert classes(read(axml.app(PACKAGE, node))) == (DECOY, "a.b.c", BANNED)


def test_an_alias_goes_by_its_name_and_its_target() -> None:
    node = component(DECOY, "activity-alias")
    node.attrs.insert(0, android(NAME, ".Alias"))
    account = read(axml.app(PACKAGE, node))
    assert (classes(account), account.left) == ((DECOY, f"{PACKAGE}.Alias"), ())
    node.attrs.append(Attr("targetActivity", BANNED))
    account = read(axml.app(PACKAGE, node))
    assert (set(classes(account)), account.whole) == ({DECOY, BANNED, f"{PACKAGE}.Alias"}, False)


def test_a_number_behind_a_higher_one_is_not_seen_by_android() -> None:
    node = component(BANNED)
    node.attrs.insert(0, Attr("exported", 0, 0x01010010, kind=0x12))
    account = read(axml.app(PACKAGE, node))
    assert (classes(account), account.whole) == ((BANNED,), False)


def test_what_stood_in_the_source_counts_beside_the_value() -> None:
    node = component(DECOY)
    node.attrs[0].raw = BANNED
    account = read(axml.app(PACKAGE, node))
    assert (set(classes(account)), account.whole) == ({DECOY, BANNED}, False)
    node.attrs[0].raw = ""  # it need not be kept
    assert read(axml.app(PACKAGE, node)).left == ()


@pytest.mark.parametrize(("kind", "value"), [(REFERENCE, 0x7F010000), (NUMBER, 7), (0, 0), (2, 0x7F010000)])
def test_a_class_that_is_no_text(kind: int, value: int) -> None:
    node = Node("activity", [Attr("name", value, NAME, kind=kind)])
    assert not read(axml.app(PACKAGE, component(DECOY), node)).whole


@pytest.mark.parametrize("space", [None, ""])
@pytest.mark.parametrize("at", [0, 2])
def test_two_packages(at: int, space: str | None) -> None:
    root = axml.app(PACKAGE, component(".Main"))
    root.attrs.insert(at, Attr("package", "com.tencent.mm", space=space))
    assert not read(root).whole


def test_a_package_whose_source_says_otherwise() -> None:
    root = axml.app(PACKAGE, component(".ui.LauncherUI"))
    root.attrs[-1].raw = "com.tencent.mm"
    account = read(root)
    assert not account.whole
    assert classes(account) == (BANNED,)  # as Android reads it


def test_a_package_with_a_number_is_still_the_package() -> None:
    """Android looks for it by its name."""
    root = axml.app(PACKAGE, component(".Main"))
    root.attrs[-1].number = 0x7F010001
    account = read(root)
    assert isinstance(account.value.manifest, Manifest)
    assert account.value.manifest.package == PACKAGE


# Chunks and elements


@pytest.mark.parametrize("change", axml.AROUND)
def test_chunks_that_are_odd(change: axml.ChunkChange) -> None:
    root = axml.app(PACKAGE, component(BANNED))
    whole = read(root)
    for number in range(30):
        account = read(root, change=lambda chunks, number=number: change(chunks, random.Random(number)))
        assert is_unreadable(account) or not account.whole or account == whole


def test_bytes_behind_the_document() -> None:
    data = axml.compiled(axml.app(PACKAGE, component(DECOY)))
    for more, whole in ((b"\0" * 7, True), (b"more", False)):
        file = apks.Apk([("AndroidManifest.xml", data + more)], apks.signing_block([(apks.V2, apks.second("maker"))]))
        assert apks.account(file.file()).whole == whole


@pytest.mark.parametrize("place", ["manifest", "permission", "application", "activity"])
@pytest.mark.parametrize(
    "what", [component(BANNED), Node("application", [], [component(BANNED)]), Node("x", [], [component(BANNED)])]
)
def test_a_component_in_an_odd_place(place: str, what: Node) -> None:
    root = axml.app(PACKAGE, component(DECOY))
    application = root.inside[1]
    where = {
        "manifest": root,
        "permission": root.inside[0],
        "application": application,
        "activity": application.inside[0],
    }[place]
    where.inside.append(what)
    account = read(root)
    assert BANNED in classes(account)
    assert account.whole == (place == "application" and what.name == "activity")


def test_every_component_names_its_class_by_its_own_attribute() -> None:
    for kind in ("activity", "service", "receiver", "provider"):
        assert classes(read(axml.app(PACKAGE, component(BANNED, kind)))) == (BANNED,)
        assert not read(axml.app(PACKAGE, Node(kind, [android(TARGET, BANNED)]))).whole
