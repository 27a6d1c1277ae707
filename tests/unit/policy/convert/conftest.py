"""One policy that has everything that a policy can say."""

from __future__ import annotations

from datetime import date

import pytest

from core.model import Authority, Code, Label, Policy, Rule, RuleId, Signer, Strength, Team
from core.text import Bilingual

AUTHORITY = Authority(
    Bilingual("the Chief", "la dirigeante"),
    Bilingual("Notice 1", "Avis 1"),
    Bilingual("Gone.", "Parti."),
    True,
    "https://a.example/",
)
SHA256, SHA1, MD5 = "ab" * 32, "cd" * 20, "ef" * 16


def rule(id: str, strength: Strength = Strength.BAN, **more: object) -> Rule:
    values: dict[str, object] = {
        "id": id,
        "product": Bilingual(id.title(), f"{id.title()} (fr)"),
        "strength": strength,
        "effective": date(2023, 2, 28),
        "reason": Bilingual("It is a risk.", "C’est un risque."),
        "authority": AUTHORITY,
        "ids": (),
        **more,
    }
    return Rule(**values)  # type: ignore[arg-type]


def app(platform: str, id: str, store: str = "", name: str = "Chat") -> RuleId:
    return RuleId(platform, id, Bilingual(name, f"{name} (fr)"), "one source", "a list", store)


@pytest.fixture
def policy() -> Policy:
    chat = rule(
        "chat",
        ids=(
            app("android", "com.example.chat"),
            app("ios", "com.example.Chat-1", "https://apps.apple.com/ca/app/id1"),
            app("ios", "com.example.lite"),
        ),
        signers=(
            Signer(("com.example.chat",), "one source", "an APK", sha256=SHA256, sha1=SHA1, md5=MD5, hash="962f5b7"),
            Signer((), "one source", "a phone", hash="1f"),
        ),
        code=(Code("com.example.chat.ui.", "one source", "an APK"),),
        labels=(Label("Chatty", "a screen"),),
        teams=(Team("ABCDE12345", "com.example.", "one source", "the store"),),
        publisher="=Example, Inc.",
        note=Bilingual("Look twice.", "Regardez deux fois."),
        scope=Bilingual("tablets", "les tablettes"),
        announced=date(2023, 2, 27),
        deadline=date(2023, 4, 1),
    )
    android_only = rule("only", ids=(app("android", "com.example.only"),))
    notice = rule(
        "related", Strength.NOTICE, ids=(app("android", "com.example.related"), app("ios", "com.example.related"))
    )
    return Policy(
        id="example",
        version="7",
        issued=date(2026, 11, 1),
        title=Bilingual("Banned & gone", "Interdites"),
        scope=Bilingual("phones", "les téléphones"),
        rules=(chat, android_only, notice),
        sha256="0" * 64,
        exception_days=90,
    )
