"""Getting a phone ready: every maker's guide is whole, in both languages, and says how well it is known."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import drawings, guide_files, guides
from core.guide_files import Sign
from core.guides import GuideStep
from core.manual import manual
from core.text import Language
from tests import protection_table
from tests.examples import examples

ANDROID = [maker for maker in guides.makers() if guides.guide(maker).platform == "android"]
NO_BREAK = "\N{NO-BREAK SPACE}"


def everything(guide: guides.Guide) -> list[tuple[str, str]]:
    """All that a guide says, in English and in French."""
    said = [guide.title, guide.after, *(w.text for w in guide.words.values())]
    for step in guide.steps:
        said += [step.short, step.title, step.path, step.note, step.grey]
    if guide.hidden is not None:
        said += [guide.hidden.title, guide.hidden.path, guide.hidden.note]
    for row in guide.protections:
        said += [row.title, row.since, row.sign, row.sentence, row.act, row.path]
    for sign in Sign:
        said += [text for cure in guide.cures(sign) for text in (cure.title, cure.detail)]
    return [(one.en, one.fr) for one in said]


def test_the_makers_stand_in_their_order_and_the_others_last() -> None:
    assert guides.makers()[:3] == ("samsung", "google", "xiaomi")
    assert guides.makers()[-1] == guides.OTHER
    assert {"oneplus", "motorola", "huawei", "zebra", "sony", "nokia"} < set(ANDROID)
    assert guides.makers()[-2] == guides.IPHONE


@pytest.mark.parametrize("maker", guides.makers())
def test_a_guide_is_whole(maker: str) -> None:
    guide = guides.guide(maker)
    assert [one.step for one in guide.steps] == list(guides.steps_of(guide.platform))
    for en, fr in everything(guide):
        assert bool(en) == bool(fr), (en, fr)
        assert not re.search(r"[{}]", en + fr)
        # French has no-break spaces where it has any, and no English marks.
        assert not re.search(r"« | »| :|[“”]", fr), fr
    for name, word in guide.words.items():
        for known in (word.en, word.fr):
            assert known.confidence in ("A", "B", "C", "none"), name
            assert known.source, name


@pytest.mark.parametrize("maker", guides.makers())
def test_the_words_and_drawings_of_every_step_and_cure_are_there(maker: str) -> None:
    guide = guides.guide(maker)
    shown = {one.step.drawing for one in guide.steps}
    shown |= {"allow"} if guide.platform == "android" else set()
    shown |= {guide.hidden.drawing} if guide.hidden is not None else set()
    shown |= {cure.drawing for sign in Sign for cure in guide.cures(sign) if cure.drawing}
    for name in shown:
        drawing = drawings.drawing(name, frozenset(guide.words))
        assert drawing.coloured(dict.fromkeys(drawings.COLOURS, "#123456"))
        for place in drawing.places:
            for language in ("en", "fr"):
                assert place.words(lambda word, of=language: guide.word_text(word, of), ("AA", "BB")), (name, place)


def test_samsung_says_it_as_its_own_settings_do() -> None:
    guide = guides.guide("samsung")
    first, second, third = guide.steps
    assert first.path.en == "Settings › About phone › Software information"
    assert second.path.fr == "Paramètres › Options de développement, tout en bas"
    assert third.note.en == "Compare the fingerprint, leave the box empty, tap Allow."
    assert guide.words["auto_blocker"].fr == guide_files.WordEvidence(
        "A", "Samsung Settings, December 2024, values-fr-rCA"
    )


def test_french_that_was_not_found_says_so_and_shows_androids_word() -> None:
    word = guides.guide("huawei").words["build_number"]
    assert (word.text.fr, word.fr.confidence) == ("Numéro de version", "none")
    assert word.en.confidence == "B"


def test_a_word_that_is_androids_is_known_no_better_on_a_makers_phone() -> None:
    assert guides.guide("sony").words["usb_debugging"].en.confidence == "C"
    assert guides.guide("samsung").words["always_allow"].en.source.startswith("AOSP")


def test_cures_come_in_the_order_of_what_they_cost() -> None:
    names = [cure.name for cure in guides.guide("samsung").cures(Sign.NOT_AUTHORISED)]
    assert names[:5] == ["unlock", "replug", "off-and-on", "main-user", "auto-blocker"]
    assert "cable" not in names  # the interface is there: the cable is good
    assert [cure.name for cure in guides.guide("sony").cures(Sign.NO_ADB)][:2] == ["switch", "sony-window"]


@pytest.mark.parametrize("maker", ANDROID)
def test_a_switch_that_management_has_forbidden_leads_to_management_on_every_phone(maker: str) -> None:
    cure = next(c for c in guides.guide(maker).cures(Sign.NO_ADB) if c.name == "managed")
    assert "Do not work around it" in cure.detail.en


@pytest.mark.parametrize(
    ("vendor", "name", "maker"),
    [
        (0x04E8, "SAMSUNG Galaxy S22", "samsung"),
        (0x18D1, "", "google"),
        (0x18D1, "Xiaomi POCO X3", "xiaomi"),  # Google's number, as many have
        (0x12D1, "", "huawei"),
        (0x05E0, "Zebra Technologies TC57", "zebra"),
        (0x2E04, "HMD Global Nokia 5.4", "nokia"),
        (0x1004, "LGE", "other"),
        (0x05AC, "Apple Inc. iPhone", "apple"),
        (0x05AC, "", "apple"),
        (0x046D, "Logitech", ""),
    ],
)
def test_the_maker_is_known_by_usb(vendor: int, name: str, maker: str) -> None:
    assert guides.maker_of(vendor, name) == maker


def test_no_two_makers_have_one_number_or_tab() -> None:
    files = guides._makers().values()
    numbers = sorted(number for data in files for number in data.usb_vendors)
    assert all(a < b for a, b in pairwise(numbers))
    assert len({data.order for data in files}) == len(files)


# --- the iPhone


def test_an_iphone_has_nothing_of_androids() -> None:
    guide = guides.guide(guides.IPHONE)
    for english, french in everything(guide):
        for said in (english, french):
            assert "ebug" not in said
            assert "Developer options" not in said
            assert "fingerprint" not in said
    assert not {"build_number", "usb_debugging", "developer_options", "question"} & set(guide.words)
    assert guide.cures(Sign.NO_ADB, Sign.NOT_AUTHORISED) == ()
    assert 0x05AC not in guides.phone_vendors()  # by them an Android phone is known that only charges


def test_its_french_is_marked_where_it_was_not_found() -> None:
    guide = guides.guide(guides.IPHONE)
    french = {name: word.fr.confidence for name, word in guide.words.items()}
    assert {french[name] for name in ("accessory_question", "trust", "dont_trust", "hidden", "reset")} == {"none"}
    assert french["wired_accessories"] == "B"
    assert {word.en.confidence for word in guide.words.values()} <= {"B", "C"}  # no iPhone was at hand
    assert (guide.unsure("en"), guide.unsure("fr")) == (False, True)


@pytest.mark.parametrize(
    ("sign", "cures"),
    [
        (Sign.NOT_LISTED, ["unlock", "replug", "wired-accessories", "lockdown-mode", "cable", "managed"]),
        (Sign.NOT_TRUSTED, ["unlock", "replug", "reset-privacy", "managed"]),
        (Sign.DENIED, ["replug", "reset-privacy"]),
        (Sign.FORGOTTEN, ["forgotten"]),
        (Sign.LOCKED, ["passcode-once", "replug"]),
        (Sign.SILENT, ["replug", "restart", "cable"]),
    ],
)
def test_its_cures_belong_to_what_is_seen_of_it(sign: Sign, cures: list[str]) -> None:
    assert [cure.name for cure in guides.guide(guides.IPHONE).cures(sign)] == cures


def test_the_officer_is_led_to_its_hidden_apps() -> None:
    hidden = guides.guide(guides.IPHONE).hidden
    assert hidden is not None
    assert hidden.path.en == "App Library › Hidden"
    assert "iOS 18" in hidden.note.fr
    assert all(guides.guide(maker).hidden is None for maker in ANDROID)


# --- what protects a phone


@pytest.mark.parametrize("maker", guides.makers())
def test_each_protection_of_a_makers_phones_has_its_words_and_its_source(maker: str) -> None:
    rows = guides.guide(maker).protections
    assert len({row.id for row in rows}) == len(rows)
    assert "no-data-cable" in {row.id for row in rows}
    for row in rows:
        assert row.source
        assert set(row.known) <= {"A", "B", "C", "none"}
        assert row.path.en or row.known == ("none", "none")


def test_phones_have_the_protections_of_their_maker() -> None:
    def ids(maker: str) -> set[str]:
        return {row.id for row in guides.guide(maker).protections}

    android = {"advanced-protection", "identity-check", "theft-protection", "no-data-cable"}
    assert ids("google") == android | {"private-space", "repair-mode"}
    assert ids("samsung") == android | {"maintenance-mode"}
    assert ids("sony") == android | {"private-space"}
    assert ids(guides.IPHONE) == {"lockdown-mode", "stolen-device-protection", "no-data-cable"}


def test_a_protection_stands_where_the_maker_has_it_and_a_word_is_as_well_known_as_its_worst() -> None:
    def row(maker: str, name: str) -> guides.PhoneProtection:
        return next(row for row in guides.guide(maker).protections if row.id == name)

    of_samsung = row("samsung", "identity-check")
    assert of_samsung.path.fr.endswith(
        "Sécurité et confidentialité › Protection contre le vol › Confirmation d’identité"
    )
    assert of_samsung.known == ("A", "A")
    assert row("google", "identity-check").known == ("C", "C")
    assert row("samsung", "advanced-protection").path.en == ""  # where that is was not found


@pytest.mark.parametrize(
    ("maker", "sign", "names"),
    [
        ("google", Sign.COMES_AND_GOES, {"advanced-protection"}),
        ("samsung", Sign.COMES_AND_GOES, {"advanced-protection"}),
        ("samsung", Sign.NO_ADB, {"identity-check"}),
        (guides.IPHONE, Sign.COMES_AND_GOES, {"lockdown-mode"}),
        (guides.IPHONE, Sign.NOTHING, {"no-data-cable"}),
        ("zebra", Sign.NOTHING, {"no-data-cable"}),
    ],
)
def test_a_protection_is_offered_where_its_sign_is_seen_with_the_words_of_its_row(
    maker: str, sign: Sign, names: set[str]
) -> None:
    guide = guides.guide(maker)
    cures = {cure.protection: cure for cure in guide.cures(sign) if cure.protection}
    assert set(cures) == names
    for row in guide.protections:
        if row.id in cures:
            assert cures[row.id].title == row.title
            assert cures[row.id].detail.fr == f"{row.sentence.fr} {row.act.fr}"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_officers_guide_tells_of_each_protection_as_its_row_does(language: Language) -> None:
    chapter = manual(language).sections["officer#what-protects-a-phone"].text
    told = [line for line in chapter.splitlines() if line.startswith("| ")]
    assert told[1:] == [f"| {' | '.join(row)} |" for row in protection_table.rows(language)]


COMMON = """
[words.settings]
en = "Settings"
fr = "Paramètres"
confidence = "A"
source = "x"
[developer_options]
short = { en = "a", fr = "a" }
title = { en = "a", fr = "a" }
path = ["settings"]
[usb_debugging]
short = { en = "a", fr = "a" }
title = { en = "Turn on {settings}", fr = "Activez {settings}" }
[allow]
short = { en = "a", fr = "a" }
title = { en = "a", fr = "a" }
[[cures]]
name = "a"
signs = ["no-adb"]
title = { en = "a", fr = "a" }
detail = { en = "a", fr = "a" }
source = "x"
"""
MAKER = """
order = 1
title = { en = "A", fr = "A" }
models = "A"
usb_vendors = [1]
usb_names = []
en = { confidence = "B", source = "y" }
fr = { confidence = "none", source = "y" }
"""


def test_a_small_guide_is_enough() -> None:
    guide = guides.compose("a", guide_files.read_common(COMMON), guide_files.read_maker(MAKER))
    assert guide.step(GuideStep.USB_DEBUGGING).title.fr == "Activez Paramètres"


PROTECTION = """
[[protections]]
id = "a"
platforms = ["android"]
title = { en = "{settings}", fr = "{settings}" }
sentence = { en = "b", fr = "b" }
act = { en = "c", fr = "c" }
path = ["settings"]
source = "x"
"""
CURED = COMMON + '[[cures]]\nname = "b"\nsigns = ["nothing"]\nprotection = "a"\n'


def test_a_cure_has_the_words_of_the_protection_that_it_names() -> None:
    rows = guide_files.read_protections(PROTECTION)
    guide = guides.compose("a", guide_files.read_common(CURED), guide_files.read_maker(MAKER), rows)
    (cure,) = guide.cures(Sign.NOTHING)
    assert (cure.title.fr, cure.detail.en, cure.protection) == ("Paramètres", "b c", "a")


@pytest.mark.parametrize(
    "rows",
    [
        "",
        PROTECTION.replace('id = "a"', 'id = "b"'),
        PROTECTION.replace('["android"]', '["ios"]'),
        PROTECTION.replace('path = ["settings"]', 'path = ["setings"]'),
        PROTECTION.replace('{ en = "c", fr = "c" }', '{ en = "c", fr = "" }'),
        PROTECTION.replace('{ en = "c", fr = "c" }', '{ en = "", fr = "" }'),
        PROTECTION.replace('source = "x"', 'source = ""'),
        PROTECTION + PROTECTION,
        PROTECTION + "colour = 1",
    ],
)
def test_a_table_of_protections_that_makes_no_sense_is_refused(rows: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        guides.compose(
            "a", guide_files.read_common(CURED), guide_files.read_maker(MAKER), guide_files.read_protections(rows)
        )


@pytest.mark.parametrize(
    ("common", "maker"),
    [
        (COMMON.replace('path = ["settings"]', 'path = ["setings"]'), MAKER),
        (COMMON.replace("{settings}", "{setings}"), MAKER),
        (COMMON.replace('signs = ["no-adb"]', 'signs = ["no-abd"]'), MAKER),
        (COMMON.replace('fr = "Activez {settings}"', 'fr = ""'), MAKER),
        (COMMON.replace('confidence = "A"', 'confidence = "D"'), MAKER),
        (COMMON.replace('source = "x"\n[dev', "[dev"), MAKER.replace('source = "y"', 'source = ""')),
        (COMMON + "colour = 1", MAKER),
        (CURED, MAKER),  # a protection that is not there
        (COMMON.replace('detail = { en = "a", fr = "a" }', ""), MAKER),
        (COMMON, MAKER + "colour = 1"),
        (COMMON, MAKER + 'platform = "symbian"'),
        (COMMON, MAKER + 'platform = "ios"'),  # without steps of its own
        (
            COMMON,
            MAKER
            + '[hidden]\npath = ["setings"]\ndrawing = "a"\n'
            + 'title = { en = "a", fr = "a" }\nnote = { en = "a", fr = "a" }\n',
        ),
        (COMMON, MAKER + '[words.tap]\nen = "Tap"\n'),
        (COMMON, MAKER.replace("order = 1", 'order = "1"')),
        (COMMON, "not toml"),
        ("", MAKER),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(common: str, maker: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        guides.compose("a", guide_files.read_common(common), guide_files.read_maker(maker))


@examples(60)
@given(st.text(max_size=300), st.integers(0, 0xFFFF))
def test_whatever_a_phone_calls_itself_leads_to_a_guide_or_to_none(name: str, vendor: int) -> None:
    assert guides.maker_of(vendor, name) in ("", *guides.makers())


@pytest.mark.parametrize(
    "svg",
    [
        "<svg",
        '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect data-size="1" data-word="a"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect data-size="1" x="0" y="0" width="1"'
        ' height="1"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect data-size="1" x="0" y="0" width="1"'
        ' height="1" data-word="a" data-tone="red"/></svg>',
    ],
)
def test_a_drawing_that_makes_no_sense_is_refused(svg: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        drawings.parse(svg, frozenset())


def test_a_fingerprint_is_compared_in_two_lines() -> None:
    assert drawings.halves("3F:9A:0C:71") == ("3F:9A", "0C:71")


def test_there_is_no_drawing_of_any_other_name() -> None:
    for name in ("nothing", "../icons/cable"):
        with pytest.raises(KeyError):
            drawings.drawing(name, frozenset())
