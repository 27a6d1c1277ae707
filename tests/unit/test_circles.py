"""No module imports itself by way of others: not at its top, not inside a function, not for types alone."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.unit.test_house import ROOT, source

#: Where modules name each other without their package: it is copied out and started where nothing else of Fanion is.
APART = "installer.release.outsider."

#: The graph of the modules: whom each imports.
Graph = dict[str, set[str]]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(name: str, text: str, known: Mapping[str, object]) -> set[str]:
    """Whom a module imports of those that are known; `from package import module` imports the module."""
    wanted: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            wanted |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 or name.startswith(APART), f"{name}, line {node.lineno}: name the package"
            package = f"{APART}{node.module or ''}".rstrip(".") if node.level else str(node.module)
            inside = {f"{package}.{alias.name}" for alias in node.names}
            wanted |= {one if one in known else package for one in inside}
    return (wanted & known.keys()) - {name}


def graph_of(texts: Mapping[str, str]) -> Graph:
    """The graph of modules by their names and texts."""
    return {name: imports_of(name, text, texts) for name, text in texts.items()}


def circle_in(graph: Graph) -> list[str]:
    """A circle, if there is one: every set of modules that reach each other has one."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.slow
def test_no_module_imports_itself_by_way_of_others() -> None:
    files = [path for top in ("core", "gui", "installer") for path in (ROOT / top).rglob("*.py")]
    graph = graph_of({module_name(path): source(path) for path in files})
    assert "gui.window.shell" in graph["gui.window.kiosk"]
    assert not circle_in(graph)


@pytest.mark.parametrize(
    "back",
    [
        "from house.door import Door",
        "import house.door",
        "from house import door",
        "def enter():\n    from house import door",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.door import Door",
    ],
)
def test_the_rule_finds_a_circle_of_any_kind(back: str) -> None:
    texts = {"house": "", "house.door": "from house.wall import Wall", "house.wall": "from house.room import Room"}
    assert not circle_in(graph_of({**texts, "house.room": "from house import roof"}))
    assert set(circle_in(graph_of({**texts, "house.room": back}))) == {"house.door", "house.wall", "house.room"}
