"""The manual: its chapters have one name in both languages, links lead to them, and a search finds them."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from core import manual as core_manual
from core.manual import Manual, folded, manual
from core.problem_chapters import ABOUT_SIGNALS, PROTECTIONS, problem_rows
from core.text import LANGUAGES, Language
from installer import catalogue, papers
from tests.examples import examples


@pytest.fixture(params=LANGUAGES)
def book(request: pytest.FixtureRequest) -> Manual:
    return manual(request.param)


def test_every_guide_is_a_part_of_the_manual() -> None:
    topics = {one.name.rpartition(".")[0] for one in papers.guides()}
    assert set(core_manual.GUIDES) == topics


def test_a_chapter_has_the_same_name_in_both_languages() -> None:
    english, french = manual("en").sections, manual("fr").sections
    assert list(english) == list(french)
    assert len(english) > 90
    assert english["officer#a-red-phone"].title == "A red phone"
    assert french["officer#a-red-phone"].title == "Un téléphone rouge"
    assert french["officer#a-red-phone"].chapter == "officer#check-a-phone"


def test_what_looks_like_a_heading_in_code_is_none(book: Manual) -> None:
    assert not [one for one in book.sections.values() if "settings.toml" in one.title]
    assert "# /etc/fanion/settings.toml" in book.markdown("administrator#settings")


def test_every_link_within_the_manual_leads_to_a_chapter_and_no_other_leads_anywhere(book: Manual) -> None:
    addresses = set()
    for chapter in {one.chapter for one in book.sections.values()}:
        addresses |= set(re.findall(r"(?<!!)\[[^]]*\]\(([^)]+)\)", book.markdown(chapter)))
    assert len(addresses) > 20
    assert addresses <= set(book.sections)


def test_a_link_out_of_the_manual_is_only_words() -> None:
    book = Manual("en")
    book._slugs = {}
    text = book.sections["officer"].text
    assert "](lessons.en.md)" in text
    assert "](" not in book.markdown("officer")


def test_every_chapter_of_troubleshooting_is_led_to_by_a_problem(book: Manual) -> None:
    of_it = {anchor for anchor in book.sections if anchor.startswith("troubleshooting#")}
    assert PROTECTIONS in set(ABOUT_SIGNALS.values())
    assert of_it <= {*(row.chapter for row in problem_rows().values()), PROTECTIONS}


def test_a_chapter_is_also_text_without_addresses(book: Manual) -> None:
    assert "](" in book.sections["troubleshooting#the-settings"].text
    assert "](" not in book.plain("troubleshooting#the-settings")
    assert book.sections["troubleshooting#the-settings"].title in book.plain("troubleshooting#the-settings")


def test_the_number_of_a_claim_leads_to_its_tests_and_is_no_word(book: Manual) -> None:
    assert re.search(r"\.\[1\]\(threats#what-shows-it\)", book.markdown("threats"))
    assert book.sections["threats#what-shows-it"].chapter == "threats#what-shows-it"
    for said in (book.sections["threats"].words, book.plain("threats")):
        assert not re.search(r"\w\.\d|\[\d", said)


def test_the_names_of_tests_are_the_last_that_a_search_gives(book: Manual) -> None:
    hits = [hit.section.anchor.endswith(core_manual.TESTS) for hit in book.search("android")]
    assert True in hits
    assert hits == sorted(hits)


@pytest.mark.slow
def test_what_troubleshooting_quotes_is_what_fanion_says() -> None:
    def printed(sentence: str) -> str:
        return re.sub(r"\{\w+\}", "…", sentence).replace("'", "’")

    def quoted(language: Language) -> list[str]:
        pattern = r"^> “(.*)”$" if language == "en" else r"^> «\N{NO-BREAK SPACE}(.*)\N{NO-BREAK SPACE}»$"
        sections = manual(language).sections.values()
        return [said for one in sections for said in re.findall(pattern, one.text, re.MULTILINE)]

    said = {printed(sentence): sentence for call in catalogue.calls(papers.ROOT) for sentence in call.sentences}
    with catalogue.path_of(papers.ROOT, "fr").open("rb") as file:
        french = {str(m.id): str(m.string) for m in read_po(file) if m.string}
    pairs = list(zip(quoted("en"), quoted("fr"), strict=True))
    assert len(pairs) > 30
    for ours, theirs in pairs:
        assert printed(french[said[ours]]) == theirs


# --- searching


@pytest.mark.parametrize(
    ("language", "wanted", "anchor"),
    [
        ("en", "disk is full", "troubleshooting#the-log-cannot-be-used"),
        ("en", "RED phone", "officer#a-red-phone"),
        ("fr", "telephone rouge", "officer#a-red-phone"),
        ("fr", "N'IMPORTE QUI POURRAIT MODIFIER", "troubleshooting#the-shared-log"),
        ("fr", "dossier sécurisé", "officer#look-on-the-phone-yourself"),
        ("en", "exit codes", "administrator#exit-codes"),
    ],
)
def test_a_search_finds_the_chapter_in_any_case_and_without_accents(
    language: Language, wanted: str, anchor: str
) -> None:
    hits = manual(language).search(wanted)
    hit = next(one for one in hits if one.section.anchor == anchor)
    assert folded(wanted).split()[0] in folded(f"{hit.section.title} {hit.snippet}")
    assert hit.guide


def test_a_heading_with_the_words_comes_first(book: Manual) -> None:
    title = book.sections["administrator#exit-codes"].title
    assert book.search(title)[0].section.anchor == "administrator#exit-codes"


def test_every_word_has_to_be_there(book: Manual) -> None:
    assert book.search("fanion")
    assert book.search("fanion xyzzy") == ()
    assert book.search("  ") == ()


@examples(60)
@given(st.text(max_size=300), st.sampled_from(LANGUAGES))
def test_any_search_ends_with_hits_or_none(wanted: str, language: Language) -> None:
    for hit in manual(language).search(wanted):
        assert hit.section.anchor in manual(language).sections
        assert len(hit.snippet) <= 300


def test_what_is_searched_stands_character_by_character_beside_what_is_read(book: Manual) -> None:
    for one in book.sections.values():
        assert len(one.words) == len(one.folded)
        assert "|---" not in one.words
        assert "](" not in one.words


def test_the_papers_and_the_manual_name_headings_alike(book: Manual) -> None:
    for one in book.sections.values():
        assert core_manual.slug(one.title) == papers.slug(one.title)
