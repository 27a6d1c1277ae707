"""What docstrings refer to is there: modules, classes, functions, attributes and files; and the API pages can be made.

A reference is a role of reStructuredText, such as ``:func:`core.text.plain```, and is looked up as a reader would: in
the class, in the module, then from the top. Nothing is imported for that, so that the window's modules are covered too.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("core", "gui", "installer")
ROLE: Final = re.compile(r":(mod|func|class|meth|attr|data):`([^`]+)`")
ANY_ROLE: Final = re.compile(r":([a-z]+):`")
#: A reference is written whole, without what only Sphinx knows: no leading dot or tilde, no other text for it.
PLAIN: Final = re.compile(r"[A-Za-z_][\w.]*")
FILE: Final = re.compile(r"`((?:core|gui|installer|resources|tests|docs)/[\w./-]+)`")
PDOC: Final = importlib.util.find_spec("pdoc") is not None


@dataclass
class Scope:
    """What a module or class binds: each name with the scope behind it, if it has one."""

    names: dict[str, Scope | None] = field(default_factory=dict)
    #: Where an imported name is found: module, then name in it (empty for the module itself).
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)
    bases: list[str] = field(default_factory=list)


def _bound(node: ast.AST) -> Iterator[str]:
    """The plain names that an assignment, a loop or a type alias binds."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id


def _own_attributes(function: ast.AST) -> Iterator[str]:
    """What a method binds on its object."""
    for inner in ast.walk(function):
        stored = isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store)
        if stored and isinstance(inner.value, ast.Name) and inner.value.id == "self":
            yield inner.attr


def _scope(body: list[ast.stmt], module: str, scope: Scope) -> Scope:
    for node in body:
        match node:
            case ast.ClassDef():
                inner = Scope(bases=[ast.unparse(base).partition("[")[0] for base in node.bases])
                scope.names[node.name] = _scope(node.body, module, inner)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                scope.names[node.name] = None
                scope.names.update(dict.fromkeys(_own_attributes(node)))
            case ast.ImportFrom():
                start = ".".join(module.split(".")[: -node.level]) if node.level else ""
                source = ".".join(filter(None, (start, node.module)))
                scope.imported.update({alias.asname or alias.name: (source, alias.name) for alias in node.names})
            case ast.Import():
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    scope.imported[alias.asname or top] = (alias.name if alias.asname else top, "")
            case ast.If() | ast.Try() | ast.With():
                for part in ("body", "orelse", "finalbody"):
                    _scope(getattr(node, part, []), module, scope)
            case _:
                scope.names.update(dict.fromkeys(_bound(node)))
    return scope


@cache
def paths() -> dict[str, Path]:
    """The file of each module of the product, by its dotted name."""
    by_name = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            by_name[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return by_name


@cache
def module(name: str) -> tuple[ast.Module, Scope] | None:
    """The syntax of a module and what it binds; None where there is no such module."""
    path = paths().get(name)
    if path is None:
        return None
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return tree, _scope(tree.body, name, Scope())


def from_top(dotted: str) -> bool:
    """Whether a name that begins with a package is a module, or something in one."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        known = module(".".join(parts[:cut]))
        if known is not None:
            return cut == len(parts) or within(known[1], parts[cut:], known[1])
    return parts[0] not in PACKAGES and (hasattr(builtins, parts[0]) or _outside(parts[0]))


@cache
def _outside(package: str) -> bool:
    """Whether another's package of this name is there: what is in it, is for its own pages to say."""
    return importlib.util.find_spec(package) is not None


def within(scope: Scope, parts: list[str], top: Scope) -> bool:
    """Whether a dotted name leads somewhere from a scope, through imports and base classes."""
    first, rest = parts[0], parts[1:]
    if first in scope.names:
        inner = scope.names[first]
        return not rest or inner is None or within(inner, rest, top)
    if first in scope.imported:
        source, name = scope.imported[first]
        return from_top(".".join(filter(None, (source, name, *rest))))
    return any(_in_base(base, parts, top) for base in scope.bases)


def _in_base(base: str, parts: list[str], top: Scope) -> bool:
    return within(top, [*base.split("."), *parts], top)


def docstrings() -> Iterator[tuple[str, str, list[Scope]]]:
    """The docstrings and comments of modules that refer to something: where, the text, the scopes to look in."""
    for name, path in paths().items():
        text = path.read_text(encoding="utf-8")
        if not ANY_ROLE.search(text) and not FILE.search(text):
            continue
        known = module(name)
        assert known is not None
        tree, scope = known
        place = str(path.relative_to(ROOT))
        yield from _documented(tree, place, [scope])
        comments = "\n".join(re.findall(r"#:? (.*)", text))
        yield place, comments, [*filter(None, scope.names.values()), scope]


def _documented(
    node: ast.Module | ast.ClassDef, place: str, scopes: list[Scope]
) -> Iterator[tuple[str, str, list[Scope]]]:
    yield f"{place} {getattr(node, 'name', '')}", ast.get_docstring(node) or "", scopes
    for inner in node.body:
        if isinstance(inner, ast.ClassDef):
            own = scopes[0].names[inner.name]
            assert own is not None
            yield from _documented(inner, place, [own, *scopes])
        elif isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{place} {inner.name}", ast.get_docstring(inner) or "", scopes


@pytest.mark.slow
def test_every_reference_leads_somewhere() -> None:
    lost = [
        f"{place}: {name}"
        for place, text, scopes in docstrings()
        for _, name in ROLE.findall(text)
        if not PLAIN.fullmatch(name)
        or not (from_top(name) or any(within(scope, name.split("."), scopes[-1]) for scope in scopes))
    ]
    assert lost == []


def test_every_role_is_one_that_a_reader_knows() -> None:
    known = {"mod", "func", "class", "meth", "attr", "data"}
    assert {role for _, text, _ in docstrings() for role in ANY_ROLE.findall(text)} <= known


def test_every_file_that_is_named_is_there() -> None:
    lost = [
        f"{place}: {name}"
        for place, text, _ in docstrings()
        for name in FILE.findall(text)
        if not (ROOT / name).exists()
    ]
    assert lost == []


def test_a_name_is_looked_up_through_imports_classes_and_bases() -> None:
    """The look-up itself: what is there, by each way, and what is not."""
    for name in ("core.problem", "core.problem.Problem", "core.model.Check.verdict", "core.ledger.writer.Ledger.entry"):
        assert from_top(name), name
    for name in ("core.no_such_module", "core.problem.Probelm", "core.model.Check.verdikt", "no_such_package.name"):
        assert not from_top(name), name


def test_what_the_api_pages_need_is_pinned_by_its_hash_and_names_no_address() -> None:
    text = (ROOT / "docs" / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in text
    parts = re.split(r"\n(?=\w)", text.partition("\n\n")[2] or text)
    pinned = [part for part in parts if "==" in part.partition("\n")[0]]
    assert any(part.startswith("pdoc==") for part in pinned)
    assert all("--hash=sha256:" in part for part in pinned)


@pytest.mark.skipif(not PDOC, reason="needs pdoc, of docs/requirements.txt")
@pytest.mark.skipif(sys.version_info < (3, 12), reason="some annotations cannot be read before Python 3.12")
def test_the_api_pages_are_made_without_a_warning(tmp_path: Path) -> None:
    """By a process of its own, as pdoc imports every module."""
    command = [sys.executable, str(ROOT / "docs" / "api_pages.py"), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "Problem" in (tmp_path / "core" / "problem.html").read_text(encoding="utf-8")
