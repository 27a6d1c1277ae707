"""The line that a fault names is the line that the person has to look at."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.policy.format.lines import Path, line_of, locate


def keys_of(value: object, path: Path = ()) -> Iterator[Path]:
    """The way to everything in a parsed document."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from keys_of(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            if isinstance(inner, dict | list):  # what stands in a list of texts has no line of its own
                yield from keys_of(inner, (*path, number))


def test_headers_keys_and_arrays_of_tables() -> None:
    lines = locate(
        "id = 1\n"  # 1
        "\n"
        "[authority.a]\n"  # 3
        "name.en = 1\n"
        "name.fr = 2\n"
        "[[rule]]\n"  # 6
        "id = 1\n"
        "[[rule.app]]\n"  # 8
        "id = 1\n"
        "  [[rule.app]]\n"  # 10
        "  id = 1\n"
        "[[ rule ]]\n"  # 12
        "id = 1\n"
        "[rule.reason]\n"  # 14
        "en = 1\n"
        "[[rule.app]]\n"  # 16
        "id = 1"
    )
    assert lines == {
        (): 1,
        ("id",): 1,
        ("authority",): 3,
        ("authority", "a"): 3,
        ("authority", "a", "name"): 4,
        ("authority", "a", "name", "en"): 4,
        ("authority", "a", "name", "fr"): 5,
        ("rule",): 6,
        ("rule", 0): 6,
        ("rule", 0, "id"): 7,
        ("rule", 0, "app"): 8,
        ("rule", 0, "app", 0): 8,
        ("rule", 0, "app", 0, "id"): 9,
        ("rule", 0, "app", 1): 10,
        ("rule", 0, "app", 1, "id"): 11,
        ("rule", 1): 12,
        ("rule", 1, "id"): 13,
        ("rule", 1, "reason"): 14,
        ("rule", 1, "reason", "en"): 15,
        ("rule", 1, "app"): 16,
        ("rule", 1, "app", 0): 16,
        ("rule", 1, "app", 0, "id"): 17,
    }


def test_what_looks_like_a_key_in_a_text_or_a_comment_is_not_one() -> None:
    text = '''\
a = """
[[rule]]
b = 1
\\"""
# c = 1
"""
d = """ends with two quotation marks"""""
# e = """
f = "# not a comment" # g = 1
h = "= \\" = ["
i = \'\'\'
j = 1
\'it\'s\'\'\'\'
k = 'C:\\'
l = [ # m = "
  "]", # ]
  '[',
]
n = 1
'''
    assert tomllib.loads(text).keys() == {"a", "d", "f", "h", "i", "k", "l", "n"}
    found = {path[0]: line for path, line in locate(text).items() if path}
    assert found == {"a": 1, "d": 7, "f": 9, "h": 10, "i": 11, "k": 14, "l": 15, "n": 19}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('\n"a b" = 1', ("a b",)),
        ("\n'a.b' . c = 1", ("a.b", "c")),
        ('\n"\\u00e9" = 1', ("é",)),
        ('\n["a = [[b]]"]', ("a = [[b]]",)),
        ('\n["]"]', ("]",)),
        ('\n"" = 1', ("",)),
    ],
)
def test_keys_may_be_quoted(text: str, path: Path) -> None:
    assert locate(text)[path] == 2


def test_a_value_inside_a_value_is_found_where_that_begins() -> None:
    lines = locate("a = 1\nb = [\n  { c = 1 },\n  { c = 2 },\n]\n")
    assert line_of(lines, ("b", 1, "c")) == 2


def test_a_missing_key_is_found_at_its_table() -> None:
    lines = locate("a = 1\n[[rule]]\nid = 1\n")
    assert line_of(lines, ("rule", 0, "strength")) == 2
    assert line_of(lines, ("rule", 0, "reason", "fr")) == 2
    assert line_of(lines, ("issued",)) == 1


def test_everything_in_the_canadian_policy_has_a_line_of_its_own() -> None:
    text = (resources.files("resources") / "policies" / "canada.toml").read_text(encoding="utf-8")
    lines = locate(text)
    written = text.split("\n")
    for path in keys_of(tomllib.loads(text)):
        key = path[-1] if path else None
        if isinstance(key, str):
            assert key in written[lines[path] - 1]
    assert set(lines) == set(keys_of(tomllib.loads(text)))


_KEY = st.sampled_from(["a", "b", '"a"', "'x y'", '"#"', '"="', "a.b", 'a."[".c'])
_VALUE = st.sampled_from(
    ["1", "true", '"# ="', "'\"'", '"""\na = 1\n"""', "'''\n[x]\n'''", "[\n1, # ]\n2]", "{ q = 1, r = '}' }", '"\\\\"']
)
_LINE = st.one_of(
    st.builds("{} = {} # z = 1".format, _KEY, _VALUE),
    st.builds("[{}]".format, _KEY),
    st.builds("[[{}]]  # [".format, _KEY),
    st.just(""),
    st.just('# """'),
)


@given(st.lists(_LINE, max_size=12))
def test_every_key_of_any_document_is_located(statements: list[str]) -> None:
    text = "\n".join(statements)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    paths = set(keys_of(document))
    lines = locate(text)
    assert set(lines) <= paths
    assert {(key,) for key in document} <= set(lines)
    assert all(1 <= line_of(lines, path) <= text.count("\n") + 1 for path in paths)
