"""One word for one thing: what is not said to people, in the window, on the command line, in papers and in the guides.

Each pattern has what is said in its place. The words that are said stand in the glossary of the officer’s guide. The
spaces of Canadian French are held as well: a no-break space before a colon and a per cent sign and inside quotation
marks, none before the other signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from babel.messages.pofile import read_po

from installer import catalogue

ROOT: Final = Path(__file__).resolve().parents[2]
GUIDES: Final = ROOT / "resources" / "guides"
#: Sentences that stand in earlier logs, as they were.
EARLIER: Final = "core/ledger/records/earlier_sentences.py"

NOT_SAID: Final[dict[str, dict[str, str]]] = {
    "en": {
        r"(?:USB )?sticks?": "USB key",
        r"nothing (?:is )?banned|prohibited|forbidden apps?": "no banned app, banned",
        r"personal values?|personal data": "personal information",
        r"on record|for the record|in every record": "in the log, in every entry",
        r"hash(?:es|ed)?": "fingerprint",
        r"bring (?:a|its|the) (?:roster|signed policy)": "import",
        r"whoever|nobody|somebody|anybody|everybody": "who is meant: the owner, the officer, your IT support",
        r"came of it|it came to|comes to": "its result",
        r"clone of a phone|handset|cell ?phone": "phone",
    },
    "fr": {
        r"titulaires?|qui utilise le téléphone": "propriétaire; détenteur pour le nom inscrit",
        r"agente?s?": "responsable",
        r"magasins?": "boutique",
        r"étiquettes? d’inventaire": "numéro d’inventaire",
        r"valeurs? personnelles?|données personnelles": "renseignements personnels",
        r"clôture du jour|le jour est clos": "clôture de la journée, la journée est close",
        r"apport\w+ (?:la|une) politique": "importer une politique",
        r"bannies?|prohibées?|rien d’interdit": "interdite, aucune application interdite",
        r"e-?mails?|mails?|uploader|downloader": "courriel, téléverser, télécharger",
        r"clefs?|hachages?": "clé, empreinte",
        r"appareils? (?:vus?|d’exercice|vérifiés?)|(?:cet|sur l’) ?appareil(?! mobile)": "téléphone",
    },
}
_PATTERNS: Final = {
    language: [(re.compile(rf"(?<![\w’]){wrong}(?!\w)", re.IGNORECASE), right) for wrong, right in words.items()]
    for language, words in NOT_SAID.items()
}
#: Values, code and options, which are not words of ours.
_NO_WORDS: Final = re.compile(r"\{\w+\}|%\(\w+\)s|`[^`]*`|--[\w-]+")
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_SPACES: Final = re.compile(
    rf"(?<=[^\W\d]):(?=\s|$)|(?<=[)»]):(?=\s|$)| :(?=\s|$)|\d %"
    rf"|[ {_NO_BREAK}](?:;|[!?](?=\s*$))|«(?!{_NO_BREAK})|(?<!{_NO_BREAK})»"
)


def faults(text: str, language: str) -> Iterator[str]:
    """What is wrong with the words or the spaces of a text, with what is said instead."""
    words = _NO_WORDS.sub("x", text)
    for pattern, right in _PATTERNS[language]:
        if (found := pattern.search(words)) is not None:
            yield f"“{found[0]}” is not said here, but: {right}"
    if language == "fr" and _SPACES.search(words):
        yield "a space before : ; ! ? % or inside « » is not as French has it"


def test_the_sentences_of_the_window_and_the_command_line_say_one_thing_by_one_word() -> None:
    found = []
    with catalogue.path_of(ROOT, "fr").open("rb") as file:
        for message in read_po(file, locale="fr"):
            if not message.id or {name for name, _ in message.locations} == {EARLIER}:
                continue
            for language, forms in (("en", message.id), ("fr", message.string)):
                for sentence in (forms,) if isinstance(forms, str) else forms:
                    found += [f"{sentence!r}: {fault}" for fault in faults(sentence, language)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("guide", ["officer", "troubleshooting", "head-office"])
def test_the_guides_say_one_thing_by_one_word(guide: str, language: str) -> None:
    code = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
    text = code.sub("", (GUIDES / f"{guide}.{language}.md").read_text(encoding="utf-8"))
    found = [f"{line}: {fault}" for line in text.splitlines() for fault in faults(line, language)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Plug the USB stick in."),
        ("en", "Nothing banned"),
        ("en", "Tell whoever looks after Fanion."),
        ("fr", "Demandez au titulaire."),
        ("fr", "Le jour est clos"),
        ("fr", "Résultat : rouge"),
        ("fr", "Résultat: rouge"),
        ("fr", "« rouge\N{NO-BREAK SPACE}»"),
        ("fr", "Rouge ?"),
        ("fr", "Rouge\N{NO-BREAK SPACE}; vert"),
    ],
)
def test_what_is_not_said_is_noticed(language: str, text: str) -> None:
    assert list(faults(text, language))


@pytest.mark.parametrize(
    "text", ["Rouge\N{NO-BREAK SPACE}: {count}", "À 12:30", "http://x", "Lesquelles? Celles-ci; oui!"]
)
def test_what_is_said_is_left_alone(text: str) -> None:
    assert not list(faults(text, "fr"))
