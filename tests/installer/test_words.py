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

from core.lessons.course import LESSONS
from core.lessons.lesson import LessonQuestion
from core.problem_chapters import problem_rows
from installer import catalogue

ROOT: Final = Path(__file__).resolve().parents[2]
GUIDES: Final = ROOT / "resources" / "guides"
THREAT_MODEL: Final = ROOT / "docs" / "threat-model.md"
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
        r"whoever|nobody|somebody|anybody|everybody": "who is meant: the holder, the officer, your IT support",
        r"phone’s owners?|owners? of (?:a|the) phones?|owner’s page": "holder",
        r"(?:tell|told|have|asks?) (?:the|its) owner|(?:with|by|to|for) the owner": "holder",
        r"came of it|it came to|comes to": "its result",
        r"carr(?:y|ies|ied|ying) (?:\w+ ){0,6}home": "send to head office",
        r"by (?:itself|themselves)": "automatically, alone",
        r"cures?": "things to try",
        r"(?:un)?fold(?:s|ed)?": "show, hide, expanded, collapsed",
        r"due again": "plan re-checks, to check again",
        r"none (?:is )?banned": "no banned app",
        r"begins? anew|plugged in anew": "starts again, starts with, plugged in again",
        r"mend(?:s|ed|ing)?": "repair",
        r"(?:is|was|are|were) believed": "is trusted, is accepted",
        r"as (?:the policy )?demand(?:s|ed)": "as the policy requires",
        r"carried around": "portable",
        r"(?:is )?sent nowhere": "is not sent anywhere",
        r"cannot be (?:told|said)|by the button": "not known; when you finish",
        r"clone of a phone|handset|cell ?phone": "phone",
    },
    "fr": {
        r"titulaires?|qui utilise le téléphone": "détenteur",
        r"propriétaires? (?:du|d’un|de ce) téléphone|feuille du propriétaire": "détenteur",
        r"agente?s?": "responsable",
        r"magasins?(?! central)": "boutique",  # what Windows has for administrative templates is called so
        r"étiquettes? d’inventaire": "numéro d’inventaire",
        r"valeurs? personnelles?|données personnelles": "renseignements personnels",
        r"clôture du jour|le jour est clos": "clôture de la journée, la journée est close",
        r"apport\w+ (?:la|une) politique": "importer une politique",
        r"bannies?|prohibées?|rien d’interdit": "interdite, aucune application interdite",
        r"e-?mails?|mails?|uploader|downloader": "courriel, téléverser, télécharger",
        r"clefs?|hachages?": "clé, empreinte",
        r"phrases? secrètes?": "phrase de passe",
        r"sosies?": "imitation",
        r"insignes?": "porte-nom",
        r"remèdes?": "solutions",
        r"pareil(?:le)?s?": "le même, différent",
        r"tou(?:te?|tes|s) seule?s?|(?<!dit )d’(?:elles?|eux|lui)-mêmes?": "automatiquement",
        r"constatations?": "constat",
        r"gestion des appareils mobiles": "gestion des appareils",
        r"appareils? (?:vus?|d’exercice|vérifiés?)|(?:cet|sur l’) ?appareil(?! mobile)": "téléphone",
    },
}
#: The guides that people decide by, install by and audit by: nothing in them is a figure of speech.
FORMAL: Final = ("administrator", "privacy-assessment", "security", "threats")
NOT_SAID_FORMALLY: Final[dict[str, dict[str, str]]] = {
    "en": {
        r"(?:phone|officer|machine|error)’s (?:own )?words?": "what it says, the text of an error, a statement",
        r"stands? (?:in|on)|stood in": "is in",
        r"for ever": "from then on",
        r"another road": "another way",
        r"(?:is|was|are|were) brought": "imported",
    },
    "fr": {
        r"paroles?": "déclaration, ce que dit le téléphone",
        r"mots propres": "le texte d’une erreur",
        r"quiconque": "une personne qui",
        r"réserve": "politique conservée, entrepôt",
    },
}


def _compiled(words: dict[str, dict[str, str]]) -> dict[str, list[tuple[re.Pattern[str], str]]]:
    return {
        language: [(re.compile(rf"(?<![\w’]){wrong}(?!\w)", re.IGNORECASE), right) for wrong, right in pairs.items()]
        for language, pairs in words.items()
    }


_PATTERNS: Final = _compiled(NOT_SAID)
_FORMAL_PATTERNS: Final = _compiled(NOT_SAID_FORMALLY)
#: Values, code and options, which are not words of ours.
_NO_WORDS: Final = re.compile(r"\{\w+\}|%\(\w+\)s|`[^`]*`|--[\w-]+")
#: Blocks of code and drawings.
_CODE: Final = re.compile(r"^```.*?^```$|^ {4}[^\n]*$", re.MULTILINE | re.DOTALL)
#: How texts begin that are in both languages: the paper on threats, and the notice of the privacy assessment.
_BEGINS: Final = {
    "# Ce que le journal": "fr",
    "> **Check of government": "en",
    "> **Vérification des appareils": "fr",
}
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_SPACES: Final = re.compile(
    rf"(?<=[^\W\d]):(?=\s|$)|(?<=[)»]):(?=\s|$)| :(?=\s|$)|\d %"
    rf"|[ {_NO_BREAK}](?:;|[!?](?=\s*$))|«(?!{_NO_BREAK})|(?<!{_NO_BREAK})»"
)


def faults(text: str, language: str, formal: bool = False) -> Iterator[str]:
    """What is wrong with the words or the spaces of a text, with what is said instead; `formal` as of such a guide."""
    words = _NO_WORDS.sub("x", text)
    for pattern, right in _PATTERNS[language] + (_FORMAL_PATTERNS[language] if formal else []):
        if (found := pattern.search(words)) is not None:
            yield f"“{found[0]}” is not said here, but: {right}"
    if language == "fr" and _SPACES.search(words):
        yield "a space before : ; ! ? % or inside « » is not as French has it"


def paragraphs(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Each paragraph, list item and row of a guide that is words and not code, as one line, with its language.

    A heading or a quotation that begins in the other language changes it: one until the next heading of the first
    order, the other until the quotation ends.
    """
    now = language
    for block in re.split(r"\n\s*\n|\n(?=\||- |\d+\. )", _CODE.sub("", text)):
        quoted = block.startswith(">")
        begins = next((other for start, other in _BEGINS.items() if block.startswith(start)), now)
        if not quoted:
            now = begins
        yield re.sub(r"\s*(?:\n>?[ \t]*)+", " ", block.strip("\n")), begins


@pytest.mark.slow
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


def test_the_rows_of_problems_say_one_thing_by_one_word() -> None:
    found = []
    for code, row in problem_rows().items():
        for sentence in (row.meaning, row.next_step):
            for language, words in (("en", sentence.en), ("fr", sentence.fr)):
                found += [f"{code}: {words!r}: {fault}" for fault in faults(words, language)]
    assert not found, "\n".join(found)


def test_the_lessons_say_one_thing_by_one_word() -> None:
    found = []
    for lesson in LESSONS:
        texts = [lesson.title, lesson.about]
        for step in lesson.steps:
            texts += [step.do, step.hint]
            if isinstance(step.goal, LessonQuestion):
                texts += [step.goal.asks, *(text for one in step.goal.answers for text in (one.words, one.reply))]
        for text in texts:
            for language, words in (("en", text.en), ("fr", text.fr)):
                found += [f"{lesson.number}: {words!r}: {fault}" for fault in faults(words, language)]
    assert not found, "\n".join(found)


GUIDES_OF_BOTH: Final = ("officer", "troubleshooting", "head-office", "administrator", "privacy-assessment", "security")


@pytest.mark.parametrize(
    "guide", [*(f"{topic}.{language}" for topic in GUIDES_OF_BOTH for language in ("en", "fr")), "threats"]
)
def test_the_guides_say_one_thing_by_one_word(guide: str) -> None:
    topic, _, language = guide.partition(".")
    text = (GUIDES / f"{guide}.md").read_text(encoding="utf-8")
    found = [
        f"{said}: {fault}"
        for said, spoken in paragraphs(text, language or "en")
        for fault in faults(said, spoken, topic in FORMAL)
    ]
    assert not found, "\n".join(found)


@pytest.mark.skipif(not THREAT_MODEL.is_file(), reason="only a clone has the threat model")
def test_the_threat_model_says_one_thing_by_one_word() -> None:
    text = THREAT_MODEL.read_text(encoding="utf-8")
    found = [f"{said}: {fault}" for said, _ in paragraphs(text, "en") for fault in faults(said, "en", formal=True)]
    assert not found, "\n".join(found)


def test_a_guide_is_read_in_the_language_of_each_of_its_parts() -> None:
    both = "# A\n\nOne\ntwo.\n\n> **Vérification des appareils**\n>\n> Trois\n> quatre.\n\n- Five\n- six\n\n```\nx\n```"
    assert [pair for pair in paragraphs(both, "en") if pair[0]] == [
        ("# A", "en"),
        ("One two.", "en"),
        ("> **Vérification des appareils** Trois quatre.", "fr"),
        ("- Five", "en"),
        ("- six", "en"),
    ]
    assert ("Voici.", "fr") in paragraphs("# What\n\n---\n\n# Ce que le journal peut montrer\n\nVoici.", "en")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Plug the USB stick in."),
        ("en", "Nothing banned"),
        ("en", "Tell whoever looks after Fanion."),
        ("en", "Ask the phone’s owner."),
        ("en", "The check starts by itself."),
        ("en", "Carry the log home."),
        ("fr", "Demandez au titulaire."),
        ("fr", "Rien n’est effacé tout seul."),
        ("fr", "La feuille du propriétaire"),
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
    ("language", "text"), [("en", "The officer’s word decides."), ("fr", "La parole du responsable décide.")]
)
def test_what_is_said_only_in_other_texts_is_noticed_in_a_formal_one(language: str, text: str) -> None:
    assert not list(faults(text, language))
    assert list(faults(text, language, formal=True))


@pytest.mark.parametrize(
    "text", ["Rouge\N{NO-BREAK SPACE}: {count}", "À 12:30", "http://x", "Lesquelles? Celles-ci; oui!"]
)
def test_what_is_said_is_left_alone(text: str) -> None:
    assert not list(faults(text, "fr"))
