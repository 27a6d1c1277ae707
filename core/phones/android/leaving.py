"""Letting an Android phone go: what only its owner can see to, and switching off what the reading needed.

`adb_enabled` 0 ends the connection, so it comes last. That debugging is off can then be told by two things together:
that the phone says it has changed the setting, and that it leaves. So the command that asks for it goes on after that,
and either the connection ends under it, or the phone says at its end that it is still there. A phone that leaves before
it has answered may have been pulled off its cable before it heard: then nothing is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from core.jobs import Cancel
from core.phones.android.link import shell
from core.phones.android.link.link import Answers, Link, ask
from core.phones.android.link.problems import AndroidNotReady
from core.phones.driver import Asked, LeftToOwner, PhoneProblem, Unplugged, WrongPhone

#: Seconds that a phone has to leave after it was asked to. Android's own takes one or two.
LEAVING_TIME: Final = 10
#: How often a phone is looked for that ended the command and not the connection.
_LOOKS: Final = 2
#: Bytes of an answer. Each computer that a phone trusts takes about 800 of them.
_LIMIT: Final = 2**20
#: Computers that are counted. A phone that names more of them says nothing.
_COMPUTERS: Final = 200
#: Words of Samsung for its Auto Blocker, since One UI 6; other phones have nothing there.
_AUTO_BLOCKER: Final = "rampart_main_switch_enabled"
#: Android's own word for wireless debugging, since 11.
_WIRELESS: Final = "adb_wifi_enabled"
#: A computer's key, as adb writes it: the 524 bytes of an RSA key of 2048 bits, which begin with its length, in base64.
_KEY: Final = re.compile(r"(QAAAA[A-Za-z0-9+/]{600,800}={0,2})(?:\s|\Z)")
#: The next field of the dump ends the list of keys.
_FIELD: Final = re.compile(r"[a-z_]+=|[{}]")


def left_to_owner(link: Link, own_key: str | None, cancel: Cancel) -> LeftToOwner:
    """What only the phone's owner can see to. `own_key` is this computer's, in base64; None if it is not known.

    What the phone does not tell is not known. Raises PhoneProblem, Cancelled.
    """
    script = shell.parts({"blocker": f"settings get secure {_AUTO_BLOCKER}", "trusted": "dumpsys adb"})
    answers = ask(link, script, cancel, _LIMIT)
    blocker, trusted = (_lines_of(answers, name) for name in ("blocker", "trusted"))
    computers = None if own_key is None else other_computers(trusted, own_key)
    return LeftToOwner(switch(blocker), computers)


def options_off(link: Link, cancel: Cancel) -> Asked:
    """Ask the phone to switch its developer options off, and read back whether they are. Raises OtherPhone, Cancelled.

    Another PhoneProblem is in what it returns.
    """
    put, get = (f"settings {verb} global development_settings_enabled" for verb in ("put", "get"))
    answers, problem = _ask_script(link, {"begun": ":", "put": f"{put} 0", "get": get}, cancel)
    on = switch(_lines_of(answers, "get"))
    return Asked("begun" in answers or None, None if on is None else not on, problem)


def wireless_off(link: Link, cancel: Cancel) -> Asked:
    """Ask the phone to switch wireless debugging off where it is on, and read back whether it is.

    A phone on which it is off, or that knows no such thing (before Android 11), is asked for nothing. Raises
    OtherPhone, Cancelled; another PhoneProblem is in what it returns.
    """
    get, put = f"settings get global {_WIRELESS}", f"settings put global {_WIRELESS} 0"
    commands = {"was": get, "put": f"case $({get}) in 1) {put};; esac", "get": get}
    answers, problem = _ask_script(link, commands, cancel)
    was, on = (switch(_lines_of(answers, name)) for name in ("was", "get"))
    if was is not True:
        return Asked(False if "was" in answers else None, None, problem)
    return Asked(True, None if on is None else not on, problem)


def debugging_off(link: Link, cancel: Cancel) -> Asked:
    """Ask the phone to switch USB debugging off, and see whether it leaves once it has said that it did. Raises
    OtherPhone, Cancelled.

    Another PhoneProblem is in what it returns, but not that the phone left after its answer: that is what it was asked
    for.
    """
    answers, problem = _ask_script(
        link, {"begun": ":", "put": "settings put global adb_enabled 0"} | _still_there(), cancel
    )
    if "begun" not in answers:
        return Asked(None, None, problem)
    _, code = answers.get("put", ([], -1))
    for _ in range(_LOOKS):
        if problem is not None or "still" in answers:
            break
        # The phone ended the command and nothing more: its adb may be about to end too.
        answers, problem = _ask_script(link, _still_there(), cancel)
    if "still" in answers:
        return Asked(True, False)
    has_left = code == 0 and isinstance(problem, Unplugged | AndroidNotReady)
    return Asked(True, True) if has_left else Asked(True, None, problem)


def _still_there() -> dict[str, str]:
    """Whether the phone is still there after a while; at once, if it says that debugging is on."""
    return {"still": f"S=$(settings get global adb_enabled); echo $S; case $S in 0) sleep {LEAVING_TIME};; esac"}


def switch(lines: Sequence[str]) -> bool | None:
    """What `settings get` says of a switch: on, off, or nothing that can be relied on."""
    return {"0": False, "1": True}.get("\n".join(lines).strip())


def other_computers(lines: Sequence[str], own_key: str) -> int | None:
    """How many computers a phone trusts beside the one with `own_key`, by its `dumpsys adb`; None if it does not tell.

    Their names are free text of other people, and are neither looked at nor kept. A line of the list that is no key in
    the form that is known may be another computer's: then how many there are is not known.
    """
    keys: set[str] | None = None
    for line in lines:
        stripped = line[:2000].strip()
        if keys is None:
            if not stripped.startswith("user_keys="):
                # Nothing is lost: the list of keys has not begun.
                continue
            keys = set()
            stripped = stripped.removeprefix("user_keys=")
        elif _FIELD.match(stripped):
            break
        if (key := _KEY.match(stripped)) is not None:
            keys.add(key[1])
        elif stripped:
            # Nothing is lost: that the number is not known is what is said of it.
            return None
    if keys is None or len(keys) > _COMPUTERS:
        # Nothing is lost: that the number is not known is what is said of it.
        return None
    return len(keys - {own_key})


def _lines_of(answers: Answers, name: str) -> list[str]:
    """What the phone said to one part of a script; nothing where that did not end well."""
    lines, code = answers.get(name, ([], -1))
    return lines if code == 0 else []


def _ask_script(link: Link, commands: Mapping[str, str], cancel: Cancel) -> tuple[Answers, PhoneProblem | None]:
    """What was answered to each of the commands until the end, and why it ended early if it did."""
    answers: Answers = {}
    try:
        ask(link, shell.parts(commands), cancel, _LIMIT, answers)
    except WrongPhone:
        raise
    except PhoneProblem as problem:
        # Nothing is lost: why it ended is said with what had come until then.
        return answers, problem
    return answers, None
