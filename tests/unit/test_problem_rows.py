"""Every problem's code has a row: what it means, what to do, and a chapter of the manual, in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.manual import manual
from core.phones.states import PhoneState
from core.policy.trust.refusals import RefusalReason
from core.problem_chapters import near_codes, problem_rows
from core.same_phone import SHARED_SERIAL
from core.text import LANGUAGES
from installer.papers import ROOT
from tests.examples import examples

#: Codes that are made of something, or have a name in the code.
MADE = {
    SHARED_SERIAL,
    *(f"phone-{state}" for state in PhoneState),
    *(f"policy-{reason}" for reason in RefusalReason),
}


def texts(value: ast.expr | None) -> Iterator[str]:
    """The text that an expression is, or those of a tuple."""
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Tuple(elts=parts):
            for part in parts:
                yield from texts(part)


def given_codes() -> dict[str, str]:
    """Every code that a class or a call of the product gives to a problem, with the file."""
    codes = dict[str, str]()
    for path in [path for room in ("core", "gui") for path in (ROOT / room).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            values: list[ast.expr | None] = []
            match node:
                case ast.ClassDef(body=body):
                    for line in body:
                        match line:
                            case ast.Assign(targets=[ast.Name(id="code")], value=value):
                                values.append(value)
                            case ast.AnnAssign(target=ast.Name(id="code"), value=value):
                                values.append(value)
                case ast.Call(keywords=keywords):
                    values += [keyword.value for keyword in keywords if keyword.arg == "code"]
                case ast.Assign(targets=[ast.Tuple(elts=[_, ast.Name(id="code")])], value=ast.Tuple(elts=[_, value])):
                    values.append(value)
            codes |= {text: str(path.relative_to(ROOT)) for value in values for text in texts(value)}
    return codes


@pytest.mark.slow
def test_every_code_has_a_row_and_every_row_a_code() -> None:
    codes = given_codes()
    assert len(codes) > 110
    missing = {code: codes.get(code, "made") for code in {*codes, *MADE} - set(problem_rows())}
    assert not missing, "give each a row in resources/problems.toml"
    assert not set(problem_rows()) - {*codes, *MADE}, "rows of codes that no problem has"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_leads_to_a_chapter_that_is_there(language: str) -> None:
    sections = manual("fr" if language == "fr" else "en").sections
    assert {row.chapter for row in problem_rows().values()} <= set(sections)


def test_every_row_has_sentences_in_both_languages() -> None:
    for code, row in problem_rows().items():
        for sentence in (row.meaning, row.next_step):
            assert sentence.en.endswith("."), code
            assert sentence.fr.endswith("."), code
            assert sentence.en != sentence.fr, code


@examples(60)
@given(st.sampled_from(sorted(problem_rows())), st.integers(0, 40))
def test_a_code_with_a_letter_too_few_is_recognised(code: str, place: int) -> None:
    at = place % len(code)
    if len(code) > 4:
        assert code in near_codes(code[:at] + code[at + 1 :]) or len(near_codes(code)) == 5


@examples(60)
@given(st.text(max_size=200))
def test_anything_may_be_asked_for(typed: str) -> None:
    assert len(near_codes(typed)) <= 5
    assert set(near_codes(typed)) <= set(problem_rows())
