"""Whether the system that answers is the one that the phone's owner uses.

A phone can start another system, or the same one with other data, beside its owner's: the listings are then true, and
say nothing of the owner's apps. It tells so itself, each in its own way:

* Dynamic System Updates (DSU): init sets the property ``ro.gsid.image_running`` to 1 where such an image runs and to 0
  where none does, since Android 10 (AOSP, system/core/init, second stage).
* Repair Mode of Pixel phones: the global setting ``repair_mode_active`` is more than 0 (AOSP, LockPatternUtils and
  Settings.Global); phones without it print ``null``. Not asked before Android 13, which has none.
* Maintenance Mode of Samsung's phones (since One UI 5): a user with the number 77.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from core.model import Gap, HealthAnswer, Phone
from core.problem_chapters import PROTECTIONS
from core.text import T, Text

#: The property that tells of a DSU image.
IMAGE_RUNNING: Final = "ro.gsid.image_running"
#: The command that asks for Repair Mode, in the shell in which $S is the API level; also where that is not known.
REPAIR_MODE: Final = "case $S in [1-9]|1[0-9]|2[0-9]|3[0-2]) ;; *) settings get global repair_mode_active;; esac"
#: The first API level that is asked.
_ASKED_SINCE: Final = 33
_MAINTENANCE: Final = 77
_NUMBER: Final = re.compile(r"[0-9]{1,9}")

_AGAIN: Final = T("End repair mode on the phone, then check again.")


def gaps(
    phone: Phone, running: Sequence[str], repair: HealthAnswer | None, profiles: Collection[int]
) -> tuple[Gap, ...]:
    """Why what is listed may not be the owner's; none where the phone says that its owner's system runs.

    `running` are the values of IMAGE_RUNNING: a phone that has none says nothing. `repair` is the answer about Repair
    Mode, None where the whole answer broke off before it.
    """
    candidates = [_of_image(running), _of_repair(phone.sdk, repair)]
    if _MAINTENANCE in profiles and phone.maker.casefold() in ("samsung", ""):
        sentence = T("The phone is in maintenance mode: its holder’s apps are not listed.")
        how = T("End maintenance mode on the phone, then check again.")
        candidates.append(Gap(sentence, how, chapter=PROTECTIONS))
    return tuple(gap for gap in candidates if gap is not None)


def _of_image(running: Sequence[str]) -> Gap | None:
    if all(value == "0" for value in running):
        return None  # Nothing is lost: every value is the one that says that no image runs, or there is none.
    sentence: Text = T(
        "The phone does not say clearly which of its systems runs: what is listed may not be its holder’s."
    )
    if any(_is_on(value) for value in running):
        sentence = T("Another system than its holder’s runs on the phone (DSU): its holder’s apps are not listed.")
    how = T("Restart the phone, so that its holder’s system starts, then check again.")
    return Gap(sentence, how, chapter=PROTECTIONS)


def _of_repair(sdk: int, repair: HealthAnswer | None) -> Gap | None:
    if repair is None or (0 < sdk < _ASKED_SINCE and not repair.lines):
        return None  # Nothing is lost: a broken answer is a gap of its own, and older phones are not asked.
    if any(_is_on(line) for line in repair.lines):
        return Gap(T("The phone is in repair mode: its holder’s apps are not listed."), _AGAIN, chapter=PROTECTIONS)
    if repair.code == 0 and repair.lines in (("null",), ("0",)):
        return None  # Nothing is lost: these are the two answers of a phone that is not in it.
    sentence = T(
        "The phone does not say clearly whether it is in repair mode, in which its holder’s apps are not listed."
    )
    how = T("See on the phone whether repair mode is on, and end it; then check again.")
    return Gap(sentence, how, chapter=PROTECTIONS)


def _is_on(word: str) -> bool:
    return word == "true" or (_NUMBER.fullmatch(word) is not None and word.isascii() and int(word) > 0)
