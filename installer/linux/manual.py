"""The manual page, fanion(1), in both languages: out of the command line's own parser, and prose that it has not."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Iterator
from typing import Final

from core import cli, text
from core.text import Bilingual, Language, T

_PURPOSE: Final = Bilingual(
    "see and remove the banned apps on government phones",
    "voir et supprimer les applications interdites des appareils mobiles gouvernementaux",
)
_DESCRIPTION: Final = (
    Bilingual(
        "Without a command, fanion opens its window. With one, it does the same work in the terminal: it reads the "
        "apps of a phone that is plugged in, compares them with the policy, removes those that are banned, and keeps "
        "the evidence in a local log. It opens USB, connections to this computer itself, and files; nothing else.",
        "Sans commande, fanion ouvre sa fenêtre. Avec une commande, il fait le même travail dans le terminal : il lit "
        "les applications de l’appareil branché, les compare à la politique, supprime celles qui sont interdites et "
        "consigne la preuve dans un journal local. Il ouvre l’USB, des connexions à cet ordinateur même et des "
        "fichiers; rien d’autre.",
    ),
    Bilingual(
        "The JSON answer of a command (--json) is one object on standard output; progress and prose go to standard "
        "error.",
        "La réponse JSON d’une commande (--json) est un seul objet sur la sortie standard; la progression et le texte "
        "vont à la sortie d’erreur.",
    ),
)
#: What every command takes, and is said once, of fanion itself.
_SHARED: Final = ("help", "data", "language", "portable")
_TITLES: Final = {
    "NAME": "NOM",
    "SYNOPSIS": "SYNOPSIS",
    "DESCRIPTION": "DESCRIPTION",
    "OPTIONS": "OPTIONS",
    "COMMANDS": "COMMANDES",
    "EXIT STATUS": "CODE DE SORTIE",
    "ENVIRONMENT": "ENVIRONNEMENT",
    "FILES": "FICHIERS",
    "EXAMPLES": "EXEMPLES",
    "SEE ALSO": "VOIR AUSSI",
}
_EXIT: Final = (
    ("0", Bilingual("green, or done", "vert, ou fait")),
    ("1", Bilingual("red, or something could not be removed", "rouge, ou quelque chose n’a pu être supprimé")),
    ("2", Bilingual("wrong usage, or no screen for the window", "mauvais usage, ou pas d’écran pour la fenêtre")),
    ("3", Bilingual("amber", "jaune")),
    ("4", Bilingual("a problem with the phone, or cancelled", "un problème avec l’appareil, ou une annulation")),
    (
        "5",
        Bilingual(
            "a problem with the log, the policy or the settings; nothing was done, unless it says so",
            "un problème avec le journal, la politique ou les paramètres; rien n’a été fait, sauf indication contraire",
        ),
    ),
    (
        "69",
        Bilingual("Fanion cannot run on this computer; it says why", "Fanion ne peut s’exécuter ici; il dit pourquoi"),
    ),
    ("70", Bilingual("a fault of Fanion itself", "une erreur de Fanion même")),
    ("74", Bilingual("the answer could not be written", "la réponse n’a pu être écrite")),
)
_ENVIRONMENT: Final = (
    ("FANION_DATA", Bilingual("the data folder, unless --data names one", "le dossier de données, à défaut de --data")),
    (
        "LANGUAGE, LC_ALL, LC_MESSAGES, LANG",
        Bilingual(
            "the language, unless --language or a setting names one",
            "la langue, à défaut de --language ou d’un paramètre",
        ),
    ),
)  # fmt: skip
_FILES: Final = (
    (
        "/etc/fanion/settings.toml",
        Bilingual(
            "what the organisation decides for the whole computer; it locks what it sets",
            "ce que l’organisation décide pour tout l’ordinateur; ce qui y est fixé est verrouillé",
        ),
    ),
    (
        "~/.local/share/fanion",
        Bilingual(
            "the user’s data: log, keys, settings. Removing the package leaves it",
            "les données de l’utilisateur : journal, clés, paramètres. La suppression du paquet les laisse",
        ),
    ),
    ("/usr/share/doc/fanion", Bilingual("the guides, as PDF", "les guides, en PDF")),
    (
        "/usr/lib/fanion/licences",
        Bilingual("the licences of all parts, and their list", "les licences de toutes les composantes, et leur liste"),
    ),
)
_EXAMPLES: Final = (
    ("fanion check", Bilingual("Check the phone that is plugged in.", "Vérifier l’appareil branché.")),
    (
        "fanion check --practice walk-up",
        Bilingual("Check a phone that is not real.", "Vérifier un appareil qui n’est pas réel."),
    ),
    (
        "fanion remove --plan",
        Bilingual("Show what would be removed.", "Montrer ce qui serait supprimé."),
    ),
    (
        "fanion log verify --keys SHEET.pdf",
        Bilingual("Verify the log with the desk’s enrolment sheet.", "Vérifier le journal avec la fiche du poste."),
    ),
    (
        "fanion log export --format ocsf --out FOLDER",
        Bilingual("Export the log for a SIEM.", "Exporter le journal pour un GIES (SIEM)."),
    ),
)


def page(language: Language, version: str, epoch: int) -> str:
    """The manual page as roff, for man(7). Always the same for the same version and time."""
    before = text.language()
    text.use(language)
    try:
        return "\n".join(_lines(language, version, epoch)) + "\n"
    finally:
        text.use(before)


def _lines(language: Language, version: str, epoch: int) -> Iterator[str]:
    day = datetime.datetime.fromtimestamp(epoch, datetime.UTC).date().isoformat()

    def title(name: str) -> str:
        return f".SH {_TITLES[name] if language == 'fr' else name}"

    def say(words: Bilingual) -> str:
        return escaped(words.in_language(language))

    top = cli.parser()
    yield f'.TH FANION 1 {day} "Fanion {version}" "Fanion"'
    yield from (title("NAME"), f"fanion \\- {say(_PURPOSE)}")
    yield title("SYNOPSIS")
    yield from _usage(top, "fanion")
    yield title("DESCRIPTION")
    for number, paragraph in enumerate(_DESCRIPTION):
        yield from [".PP"] * (number > 0)
        yield say(paragraph)
    yield title("OPTIONS")
    yield from _options(top)
    yield title("COMMANDS")
    yield from _commands(top, "fanion")
    for name, table in (("EXIT STATUS", _EXIT), ("ENVIRONMENT", _ENVIRONMENT), ("FILES", _FILES)):
        yield title(name)
        for word, meaning in table:
            yield from (".TP", f".B {escaped(word)}", say(meaning))
    yield title("EXAMPLES")
    for command, meaning in _EXAMPLES:
        yield from (".TP", f".B {escaped(command)}", say(meaning))
    yield title("SEE ALSO")
    yield from (".BR adb (1),", ".BR udev (7)")


def _commands(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    """Every command below the parser's, and what is below those, each with its options."""
    for actions in _subparsers(parser):
        helps = {choice.dest: choice.help or "" for choice in actions._choices_actions}
        for word, below in actions.choices.items():
            full = f"{name} {word}"
            yield f".SS {escaped(full)}"
            if helps.get(word):
                yield from (escaped(_sentence(helps[word])), ".PP")
            yield from _usage(below, full)
            yield from _options(below)
            yield from _commands(below, full)


def _usage(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    """The command and what may stand after it, the name in bold."""
    words = [f"\\fB{escaped(name)}\\fR"]
    for action in parser._actions:
        if action.help == argparse.SUPPRESS or (action.dest in _SHARED and parser.prog != "fanion"):
            continue
        words.append(_word(action))
    yield " ".join(words)


def _word(action: argparse.Action) -> str:
    if isinstance(action, argparse._SubParsersAction):
        return f"\\fI{escaped(str(action.metavar or 'COMMAND'))}\\fR ..."
    value = _value(action)
    if action.option_strings:
        shown = f"\\fB{escaped(action.option_strings[-1])}\\fR{' ' + value if value else ''}"
        return shown if action.required else f"[{shown}]"
    return value if action.nargs not in ("?", "*") else f"[{value}]"


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if action.choices is not None and action.metavar is None:
        return "{" + "|".join(f"\\fB{escaped(str(choice))}\\fR" for choice in action.choices) + "}"
    name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    return f"\\fI{escaped(name)}\\fR{' ...' if action.nargs in ('+', '*') else ''}"


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    top = parser.prog == "fanion"
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) or action.help in (None, argparse.SUPPRESS):
            continue
        if not top and action.dest in _SHARED:
            continue
        names = ", ".join(f"\\fB{escaped(option)}\\fR" for option in action.option_strings)
        value = _value(action)
        yield from (".TP", " ".join(part for part in (names, value) if part))
        # argparse has the words of its own option from when it was loaded, in whatever language that was.
        help = T("show this help message and exit") if action.dest == "help" else str(action.help).replace("%%", "%")
        yield escaped(_sentence(str(help)))


def _subparsers(parser: argparse.ArgumentParser) -> Iterator[argparse._SubParsersAction[argparse.ArgumentParser]]:
    return (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))


def _sentence(words: str) -> str:
    """With a capital at its beginning and a full stop at its end, as manuals have it."""
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?")) else ".")


def escaped(words: str) -> str:
    """Words that roff takes for nothing but words."""
    safe = words.replace("\\", "\\e").replace("-", "\\-").replace("\N{NO-BREAK SPACE}", "\\~")
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe
