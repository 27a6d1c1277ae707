"""The table of what protects a phone, as the officer's guide has it: made of the rows of `protections.toml`."""

from __future__ import annotations

from importlib import resources
from typing import Final

from core import guides
from core.guide_files import read_protections
from core.guides import Guide, PhoneProtection
from core.text import Language

#: The guides that between them have every protection.
_GUIDES: Final = ("google", "samsung", guides.IPHONE)
_NO_SIGN: Final = {"en": "Fanion sees no sign.", "fr": "Fanion n’en voit aucun signe."}


def rows(language: Language) -> list[list[str]]:
    """The table's body: protection, sign, what is done about it, and where it stands."""
    of_id: dict[str, list[tuple[Guide, PhoneProtection]]] = {}
    for guide in map(guides.guide, _GUIDES):
        for protection in guide.protections:
            of_id.setdefault(protection.id, []).append((guide, protection))
    file = resources.files("resources") / "guides" / "getting-ready" / "protections.toml"
    return [_row(of_id[row.id], language) for row in read_protections(file.read_text(encoding="utf-8"))]


def _row(met: list[tuple[Guide, PhoneProtection]], language: Language) -> list[str]:
    first = met[0][1]
    title, since = first.title.in_language(language), first.since.in_language(language)
    name = f"*{title}* ({since})" if since else title
    sign = first.sign.in_language(language) or _NO_SIGN[language]
    act = f"{first.sentence.in_language(language)} {first.act.in_language(language)}"
    return [name, sign, act, _places(met, language)]


def _places(met: list[tuple[Guide, PhoneProtection]], language: Language) -> str:
    """Where it stands on each maker's phones that have it elsewhere, with how well the words are known."""
    places: dict[str, str] = {}
    for guide, protection in met:
        known = protection.known[0 if language == "en" else 1]
        if path := protection.path.in_language(language):
            places.setdefault(f"{path} ({known})", "" if not places else f"{guide.title.in_language(language)}: ")
    colon = "\N{NO-BREAK SPACE}: " if language == "fr" else ": "
    return "; ".join(f"{maker.replace(': ', colon)}{path}" for path, maker in places.items()) or "–"
