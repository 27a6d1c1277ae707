"""A name says what it names."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from tests import names

ROOT = Path(__file__).resolve().parents[2]

#: At most so many names in a hundred of a room may leave open what they name.
LIMIT = 1.0

#: How many public names of classes may mean several things.
CLASS_LIMIT = 0


@pytest.fixture(scope="module")
def rooms() -> dict[str, list[names.Binding]]:
    """The names of each room."""
    return {
        room: [binding for path in paths for binding in names.bindings(path)]
        for room, paths in names.by_room(ROOT).items()
    }


def fillers(bindings: list[names.Binding]) -> str:
    """The fillers of a room, one a line, as an editor opens them."""
    return "\n".join(
        f"{name.path.relative_to(ROOT)}:{name.line} {name.scope} {name.name}" for name in bindings if name.filler
    )


@pytest.mark.slow
def test_few_names_of_a_room_are_fillers(rooms: dict[str, list[names.Binding]]) -> None:
    found = {room: fillers(bindings) for room, bindings in rooms.items() if names.share(bindings) > LIMIT}
    assert not found, "\n".join(found.values())


def test_a_public_class_name_means_one_thing(rooms: dict[str, list[names.Binding]]) -> None:
    modules: dict[str, set[str]] = defaultdict(set)
    for bindings in rooms.values():
        for binding in bindings:
            if binding.public_class:
                modules[binding.name].add(str(binding.path.relative_to(ROOT)))
    several = {name: sorted(paths) for name, paths in modules.items() if len(paths) > 1}
    assert len(several) <= CLASS_LIMIT, "\n".join(f"{name}: {', '.join(paths)}" for name, paths in several.items())


@pytest.mark.parametrize(
    ("code", "fillers"),
    [
        ("found = 1", ["found"]),
        ("_found = found_apps = 1", ["_found"]),
        ("def told(one, *others, some=1, **which): ...", ["told", "one", "others", "some", "which"]),
        ("for one in x:\n    one = 2", ["one"]),
        ("with x as made: ...", ["made"]),
        ("try: ...\nexcept E as gone: ...", ["gone"]),
        ("[one for one in x if (told := one)]", ["told", "one"]),
        ("lambda one: one", ["one"]),
        (
            "match x:\n    case [one, *rest]: ...\n    case {**others}: ...\n    case 1 as which: ...",
            ["one", "others", "which"],
        ),
        ("class Seen:\n    what: str\n    def f(self): self.kept = 1", ["Seen", "what", "kept"]),
        ("class HandedBack:\n    left: str", []),
        ("print(found, told=one)", []),
    ],
)
def test_a_binding_is_found_wherever_it_may_stand(code: str, fillers: list[str], tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(code, encoding="utf-8")
    assert sorted(b.name for b in names.bindings(path) if b.filler) == sorted(fillers)
