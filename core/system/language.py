"""The language that the system speaks."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from pathlib import Path
from typing import Final

from core.text import Language

if sys.platform == "win32":
    import ctypes
elif sys.platform == "darwin":
    import plistlib


def system_language() -> Language:
    """The language that the environment asks for, or else the system's own, where it is one of ours; else English.

    As gettext has it: ``LANGUAGE`` is a list of languages, the best first, and comes before the locale; but the locale
    C (or POSIX), also where it is none, is English.
    """
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    locale = locale or _chosen_language()
    locales = [locale] if _NO_LANGUAGE.match(locale) else (os.environ.get("LANGUAGE") or locale).split(":")
    return next((language for name in locales if (language := _one_of_ours(name))), "en")


#: C.UTF-8 is C too, since gettext 0.22 and glibc 2.39.
_NO_LANGUAGE: Final = re.compile(r"(?:C|POSIX)(?:\.|\Z)")


def _one_of_ours(locale: str) -> Language | None:
    """The language of a locale, as fr_CA.UTF-8, or None. What ends a list in gettext is English."""
    if re.match(r"fr(?![a-z])", locale, re.IGNORECASE):
        return "fr"
    return "en" if re.match(r"en(?![a-z])", locale, re.IGNORECASE) or _NO_LANGUAGE.match(locale) else None


def _chosen_language() -> str:
    """What the user has chosen in the system's settings, where the environment does not have it: Windows and macOS.

    Elsewhere C: a system without any locale speaks no language.
    """
    if sys.platform == "win32":
        # The lower ten bits are the language, and 0x0C is French of any country (Windows' language identifiers).
        return "fr" if ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == 0x0C else "en"
    if sys.platform == "darwin":
        with contextlib.suppress(Exception):  # whatever is in that file: it is only asked for a language
            content = (Path.home() / "Library/Preferences/.GlobalPreferences.plist").read_bytes()
            return str(plistlib.loads(content)["AppleLanguages"][0])
        return "en"
    return "C"
