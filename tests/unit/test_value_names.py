"""The words for the nouns' values, where they stand inside other sentences."""

from __future__ import annotations

import pytest

from core import value_names
from core.model import Profile, ProfileKind
from core.text import Bilingual, N, T


@pytest.mark.parametrize(
    ("kind", "en", "fr"),
    [
        (ProfileKind.PERSONAL, "WeChat (personal profile)", "WeChat (profil personnel)"),
        (ProfileKind.WORK, "WeChat (work profile)", "WeChat (profil professionnel)"),
        (ProfileKind.SECURE_FOLDER, "WeChat (Secure Folder)", "WeChat (Dossier sécurisé)"),
        (ProfileKind.DUAL_APPS, "WeChat (dual apps)", "WeChat (applications doubles)"),
        (ProfileKind.PRIVATE_SPACE, "WeChat (private space)", "WeChat (espace privé)"),
        (ProfileKind.GUEST, "WeChat (guest profile)", "WeChat (profil d’invité)"),
        (ProfileKind.OTHER, "WeChat (profile of user 12)", "WeChat (profil de l’utilisateur 12)"),
    ],
)
def test_an_app_in_a_profile(kind: ProfileKind, en: str, fr: str) -> None:
    told = value_names.app_in("WeChat", Profile(12, "Anna’s own name for it", kind))
    assert (told.in_language("en"), told.in_language("fr")) == (en, fr)


def test_a_sentence_inside_another_begins_with_a_small_letter_in_both_languages() -> None:
    step = T("Remove {app} from the profile “{profile}”", app=Bilingual("WeChat", "WeChat"), profile=T("Work"))
    whole = T("If the phone refuses: {step}", step=value_names.inside(step))
    assert whole.in_language("en") == "If the phone refuses: remove WeChat from the profile “Work”"
    assert whole.in_language("fr") == (
        "Si le téléphone refuse\N{NO-BREAK SPACE}: supprimer WeChat du profil "
        "«\N{NO-BREAK SPACE}Professionnel\N{NO-BREAK SPACE}»"
    )


def test_a_number_inside_another_sentence_keeps_its_plural() -> None:
    assert str(value_names.inside(N("{count} app", "{count} apps", 2))) == "2 apps"
