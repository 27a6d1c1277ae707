"""The names that product code binds, and those among them that leave open what they name.

A name is bound as a parameter, as the target of an assignment, loop, `with`, `except`, `case` or comprehension, as a
function, a class, a field of a class, or an attribute that is set on an object. It counts once in each scope.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

#: A name counts as a filler if all of it, but for underscores at its ends, is one of these: `found` does, `found_apps`
#: says what was found; a constant `OTHER` may be. Not among them: `now` (a time), `rest` (what a parser still
#: has before it), `all` and `any` (the command line's and Python's own words), `first`, `last`, `next`, `old` and `new`
#: (each says which).
FILLERS = frozenset(
    word
    for kind in (
        # Participles, and verbs that are not an order
        "asked begun brought called came done found given going gone got heard held kept known left looked made meant",
        "named said seen shown taken told wanted written wrote",
        # Pronouns
        "another both each it its many more most much one ones other others some such thing things stuff",
        "what which who whom whose",
        # Adverbs
        "here so then there",
    )
    for word in kind.split()
)

#: Fields that a log, a bundle or a desk's own file has under these names: they cannot be called otherwise.
WRITTEN_FIELDS = frozenset(
    {
        "Fork.brought",
        "Fork.known",
        "Gap.what",
        "HandBackFollowed.what",
        "HandedBack.left",
        "LookedFor.there",
        "BundleManifest.made",
        "Person.done",
        "PhoneLine.other",
        "PhoneLine.seen",
        "Roster.brought",
        "_State.brought",
    }
)

#: Functions and classes are scopes; so are comprehensions and lambdas, whose names are their own.
_SCOPES = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)

#: What may bind a name.
_BINDERS = (
    ast.Name,
    ast.Attribute,
    ast.arg,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.ExceptHandler,
    ast.MatchAs,
    ast.MatchStar,
    ast.MatchMapping,
)
#: What has nothing below it that binds a name.
_LEAVES = (ast.Name, ast.Constant, ast.alias)


class Binding(NamedTuple):
    """One name in one scope, where it is bound first."""

    path: Path
    line: int
    scope: str
    name: str
    is_class: bool

    @property
    def filler(self) -> bool:
        """Whether the name leaves open what it names, and could be another one."""
        owner = self.scope.rpartition(".")[2]
        word = self.name.strip("_")
        return (word.lower() if self.is_class else word) in FILLERS and f"{owner}.{self.name}" not in WRITTEN_FIELDS

    @property
    def public_class(self) -> bool:
        """Whether other modules may ask for a class by this name."""
        return self.is_class and not self.scope and not self.name.startswith("_")


def bindings(path: Path) -> list[Binding]:
    """Every name that a module binds, once for each scope."""
    first: dict[tuple[str, str], tuple[int, bool]] = {}
    _collect(ast.parse(path.read_text(encoding="utf-8")), "", first)
    return [Binding(path, line, scope, name, is_class) for (scope, name), (line, is_class) in first.items()]


def _collect(node: ast.AST, scope: str, first: dict[tuple[str, str], tuple[int, bool]]) -> None:
    """Note the line of each binding below a node, and whether it is a class, by its scope and name."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _BINDERS):
            for name in _names(child):
                if name not in ("self", "cls") and name.strip("_"):
                    line = getattr(child, "lineno", 0)
                    first.setdefault((scope, name), (line, isinstance(child, ast.ClassDef)))
        inner = scope
        if isinstance(child, _SCOPES):
            inner = f"{scope}.{getattr(child, 'name', f'<{child.lineno}:{child.col_offset}>')}"
        if not isinstance(child, _LEAVES):
            _collect(child, inner, first)


def _names(node: ast.AST) -> Iterator[str]:
    """The names that a node itself binds."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name


def room(path: Path, root: Path) -> str:
    """The folder below `core`, `gui` or `installer` that a module stands in; or that folder itself."""
    parts = path.relative_to(root).parts
    return "/".join(parts[: 2 if len(parts) > 2 else 1])


def by_room(root: Path) -> dict[str, list[Path]]:
    """The modules of all product code, by the room that they are in."""
    rooms: dict[str, list[Path]] = defaultdict(list)
    for top in ("core", "gui", "installer"):
        for path in sorted((root / top).rglob("*.py")):
            rooms[room(path, root)].append(path)
    return rooms


def share(names: list[Binding]) -> float:
    """How many names in a hundred leave open what they name."""
    return 100 * sum(name.filler for name in names) / len(names)
