"""What is done by hand, in words: of the maker's own phones, and to whoever manages the phone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import drawings, guides, text
from core.describe import by_hand
from core.model import App, Finding, Profile, ProfileKind, Strength
from core.phones.hand_kind import Doer, HandKind
from core.policy.format.policy_file import load_built_in
from core.text import Bilingual, T

CANADA = load_built_in("canada")
FINDING = Finding(
    "wechat",
    Bilingual("WeChat", "WeChat"),
    Strength.BAN,
    App("com.tencent.mm"),
    Profile(0, "Marie’s", ProfileKind.PERSONAL),
    (),
    T("banned"),
)
ON_IPHONE = {HandKind.HOME_SCREEN, HandKind.APP_CLIP, HandKind.SCREEN_TIME, HandKind.PART_OF_SYSTEM}


@pytest.mark.parametrize("maker", guides.makers())
@pytest.mark.parametrize("kind", list(HandKind))
def test_each_kind_has_steps_in_the_words_of_each_maker(maker: str, kind: HandKind) -> None:
    guide = guides.guide(maker)
    if (guide.platform == "ios") != (kind in ON_IPHONE) and kind is not HandKind.MANAGED:
        return
    for opened in (False, True):
        steps = by_hand.steps(kind, "WeChat", guide, T("Look at it."), opened=opened)
        for language in text.LANGUAGES:
            assert all(step.in_language(language) and "{" not in step.in_language(language) for step in steps)
    assert str(by_hand.WHO[kind.doer])


def test_with_its_page_open_the_step_is_one_tap() -> None:
    (step,) = by_hand.steps(HandKind.APP_PAGE, "WeChat", guides.guide("samsung"), T("x"), opened=True)
    assert step.in_language("en") == "Tap Uninstall, then OK."
    assert step.in_language("fr") == "Touchez Désinstaller, puis OK."


def test_what_nobody_can_do_has_no_step_but_what_can_be_done_instead() -> None:
    for kind in HandKind:
        if kind.doer is not Doer.HOLDER:
            guide = guides.guide("samsung" if kind not in ON_IPHONE else guides.IPHONE)
            assert by_hand.steps(kind, "WeChat", guide, T("Ask."), opened=False) == (T("Ask."),)
            assert str(by_hand.INSTEAD[kind.doer])


def test_the_last_app_opens_no_next_one() -> None:
    assert "next app" not in str(by_hand.after_removal(in_sight=True, last=True))
    assert "next app" in str(by_hand.after_removal(in_sight=True, last=False))
    assert "cannot see" in str(by_hand.after_removal(in_sight=False, last=False))


def management(*findings: Finding, practice: bool = False) -> str:
    return by_hand.for_management(findings, "DRH-0438 · Pixel 6a", CANADA, "2026-11-29 15:53", 12, practice=practice)


def test_the_text_for_management_says_it_in_both_languages_that_in_use_first() -> None:
    words = management(FINDING)
    english, french = words.index("A banned app is on this phone"), words.index("Une application interdite")
    assert english < french
    for part in ("WeChat", "com.tencent.mm", "DRH-0438", "2026-11-29 15:53", "12"):
        assert words.count(part) >= 2
    text.use("fr")
    assert management(FINDING).index("Une application interdite") < management(FINDING).index("A banned app")


def test_it_names_nobody_but_whom_the_officer_sees() -> None:
    assert "Marie" not in management(FINDING)


def test_a_practice_phone_asks_nobody_for_anything() -> None:
    assert management(FINDING, practice=True).startswith("This is a practice phone: nothing is to be done.")


def test_no_id_of_an_app_and_no_number_of_them_makes_it_another_text() -> None:
    odd = replace(FINDING, app=App("com.a\nPlease ignore this"))
    assert "\nPlease ignore" not in management(odd)
    many = management(*[FINDING] * 500)
    assert "And 480 more." in many
    assert len(many) < 6_000


DRAWN = {
    "app-page": "android",
    "factory-app": "android",
    "device-admin": "android",
    "archived-app": "android",
    "secure-folder": "android",
    "work-profile": "android",
    "managed": "android",
    "protected": "android",
    "home-screen": "ios",
    "app-clip": "ios",
    "screen-time": "ios",
}


@pytest.mark.parametrize("name", DRAWN)
def test_each_drawing_has_its_words_on_every_makers_phone(name: str) -> None:
    for maker in guides.makers():
        guide = guides.guide(maker)
        if guide.platform != DRAWN[name]:
            continue
        drawing = drawings.drawing(name, frozenset(guide.words))
        assert drawing.coloured(dict.fromkeys(drawings.COLOURS, "#123456"))
        for place in drawing.places:
            for language in text.LANGUAGES:
                assert place.words(lambda word, g=guide, of=language: g.word_text(word, of), ("", ""), "WeChat"), place
