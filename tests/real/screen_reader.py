r"""Reads a program's window as a screen reader does: through AT-SPI, over the bus for accessibility.

It is started with Debian's own Python, whose packages ``python3-gi`` and ``gir1.2-atspi-2.0`` speak AT-SPI. It takes
commands on stdin, one a line, and writes JSON, one object a line::

    look NAME       {"tree": [...]}: every thing of the application NAME that is showing, from the root down
    act NAME\tROLE\tTHING
                    {"action": ...}: does what the thing of this role and name offers first, and tells what that is
                    called; null where there is no such thing, or it offers nothing
    {"event": ...}  what the application told by itself: an announcement, a new focus, a state that changed
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from typing import Any, Final

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402 - the version comes first

#: What is listened for, each with what it is called here.
EVENTS: Final = {
    "object:announcement": "announcement",
    "object:state-changed:focused": "focus",
    "object:state-changed:checked": "checked",
    "object:state-changed:enabled": "enabled",
    "object:state-changed:selected": "selected",
    "object:property-change:accessible-name": "name",
}
#: A look is given up beyond so many things, and below so many levels.
MOST, DEEPEST = 3_000, 40
#: Of a table or list, so many children are looked at.
CELLS: Final = 60


def say(said: dict[str, Any]) -> None:
    print(json.dumps(said), flush=True)


def hear(event: Any) -> None:
    """Tell of an event. What it is about may be gone already."""
    kind = next(name for prefix, name in EVENTS.items() if event.type.startswith(prefix))
    try:
        told = {"event": kind, "role": event.source.get_role_name(), "name": event.source.get_name()}
        say(told | {"on": bool(event.detail1), "text": event.any_data if isinstance(event.any_data, str) else ""})
    except GLib.GError:
        return


def look(name: str) -> tuple[list[dict[str, Any]], list[Any]]:
    """Everything of the application that is showing, each with the number of what it is in; and the things."""
    desktop = Atspi.get_desktop(0)
    found: list[dict[str, Any]] = []
    things: list[Any] = []
    for number in range(desktop.get_child_count()):
        application = desktop.get_child_at_index(number)
        if application is not None and application.get_name() == name:
            application.set_cache_mask(Atspi.Cache.NONE)  # what it is now, not what it last told
            for child in range(application.get_child_count()):
                add(found, things, application.get_child_at_index(child), -1, 0)
    return found, things


def act(name: str, role: str, thing_name: str) -> str | None:
    """Do what the one thing of this role and name offers first: what a press of it is called."""
    found, things = look(name)
    for told, thing in zip(found, things, strict=True):
        if (told["role"], told["name"]) == (role, thing_name) and thing.get_n_actions():
            called = str(thing.get_action_name(0))
            return called if thing.do_action(0) else None
    return None


def answer_to(command: str) -> dict[str, Any]:
    """What is said to one command."""
    word, _, about = command.partition(" ")
    if word == "look":
        return {"tree": look(about)[0]}
    try:
        return {"action": act(*about.split("\t"))}
    except GLib.GError:  # it went away meanwhile
        return {"action": None}


def add(found: list[dict[str, Any]], things: list[Any], thing: Any, within: int, depth: int) -> None:
    """Add `thing` and all that is in it, where it is showing. What goes away meanwhile is left out."""
    if thing is None or depth > DEEPEST or len(found) >= MOST:
        return
    try:
        states = sorted(state.value_nick for state in thing.get_state_set().get_states())
        if "showing" not in states:
            return
        place = len(found)
        told = {"role": thing.get_role_name(), "name": thing.get_name(), "description": thing.get_description()}
        told["locale"] = thing.get_object_locale()
        found.append(told | {"states": states, "within": within, "text": text_of(thing)})
        things.append(thing)
        for number in range(min(thing.get_child_count(), CELLS)):
            add(found, things, thing.get_child_at_index(number), place, depth + 1)
    except GLib.GError:
        return


def text_of(thing: Any) -> str:
    """What is written in a field."""
    editable = thing.get_role() in (Atspi.Role.TEXT, Atspi.Role.ENTRY, Atspi.Role.PASSWORD_TEXT)
    text = thing.get_text_iface() if editable else None
    return str(Atspi.Text.get_text(text, 0, Atspi.Text.get_character_count(text))) if text is not None else ""


def main() -> None:
    warnings.simplefilter("ignore", DeprecationWarning)  # of names of AT-SPI that have no other yet
    Atspi.init()
    listener = Atspi.EventListener.new(hear)
    for event in EVENTS:
        listener.register(event)
    loop = GLib.MainLoop()
    asked = b""

    def answer(source: int, condition: GLib.IOCondition) -> bool:
        nonlocal asked
        read = os.read(source, 4096)
        if not read:
            loop.quit()
            return False
        *lines, asked = (asked + read).split(b"\n")
        for line in lines:
            say(answer_to(line.decode()))
        return True

    GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, answer)
    say({"event": "listening"})
    loop.run()


if __name__ == "__main__":
    main()
