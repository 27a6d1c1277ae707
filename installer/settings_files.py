#!/usr/bin/env python3
"""What administrators get of the settings, made from their rows: the templates for group policies, the department's
example file, and the table in the administrator's guide.

    python -m installer.settings_files update    write the files
    python -m installer.settings_files check     say which are not as they should be, and exit 1 if any is

The rows are those of :mod:`core.desk.settings.settings_table`; the words, in both languages, those of
``settings_texts.toml``. The order of the policies and of the guide's table is that of the rows; the order of the texts
of group policies and of the example file, that of the words.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from core.desk.settings.settings_table import ROWS, SettingRow
from core.desk.settings.value_rules import REG_SZ, Choice, Number, OneLine, Switch, TextFormat
from core.system import windows_registry
from core.text import LANGUAGES, Language
from installer.problem import BuildProblem

ROOT: Final = Path(__file__).resolve().parent.parent
TEXTS: Final = Path(__file__).with_name("settings_texts.toml")
ADMX: Final = ROOT / "installer" / "windows" / "admx"
EXAMPLE: Final = ROOT / "installer" / "linux" / "settings.toml"
GUIDES: Final = ROOT / "resources" / "guides"
#: What Windows calls the languages.
CULTURES: Final[Mapping[Language, str]] = {"en": "en-US", "fr": "fr-CA"}

_SCHEMA: Final = 'schemaVersion="1.0" xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"'
_PROLOGUE: Final = '<?xml version="1.0" encoding="utf-8"?>'
_REGISTRY_KEY: Final = windows_registry.NAME.removeprefix("HKLM\\")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What administrators read of a setting in one language.

    `title`, `help`, `label` and `choices` are of its group policy; `comment` stands over it in the example file, line
    by line; `guide`, `type` and `default` are cells of the guide's table. Where one of the last two is empty, the row
    says it.
    """

    title: str
    help: str
    guide: str
    label: str = ""
    comment: str = ""
    type: str = ""
    default: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SettingTexts:
    """The value that the example file has of a setting, as TOML, and its words."""

    example: str
    words: Mapping[Language, Words]


@dataclass(frozen=True, slots=True)
class Texts:
    """All that administrators read: of each setting, and around the settings. `templates` are the general texts of
    group policies, `guide` the general words of the guide's table, `introduction` begins the example file."""

    settings: Mapping[str, SettingTexts]
    templates: Mapping[Language, Mapping[str, str]]
    guide: Mapping[Language, Mapping[str, str]]
    introduction: str


def read_texts() -> Texts:
    """The texts that there are. Raises BuildProblem."""
    tables = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    settings = {key: _setting_texts(key, table) for key, table in tables["settings"].items()}
    templates = {
        language: {name: _paragraphs(text) for name, text in tables["templates"][language].items()}
        for language in LANGUAGES
    }
    return Texts(settings, templates, tables["guide"], tables["example"]["introduction"])


def _setting_texts(key: str, table: Mapping[str, Any]) -> SettingTexts:
    try:
        return SettingTexts(table["example"], {language: _words(table[language]) for language in LANGUAGES})
    except (KeyError, TypeError) as error:
        raise BuildProblem(f"{TEXTS.name}: a text of “{key}” is missing or not known: {error}") from error


def _words(table: Mapping[str, Any]) -> Words:
    """Raises TypeError for a text that is missing or not known."""
    in_paragraphs = {name: _paragraphs(table[name]) for name in ("help", "guide") if name in table}
    return Words(**{**table, **in_paragraphs})


def _paragraphs(text: str) -> str:
    """A text that was wrapped, with each paragraph on one line."""
    return "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in text.split("\n\n"))


def made(rows: Mapping[str, SettingRow], texts: Texts) -> dict[Path, str]:
    """Every file that is made of the rows, and what it says. Raises BuildProblem where the texts do not fit."""
    for key in rows.keys() ^ texts.settings.keys():
        raise BuildProblem(f"“{key}” needs a row in settings_table.py and its texts in {TEXTS.name}")
    for key, row in rows.items():
        _require_texts(key, row, texts)
    answer = {ADMX / "fanion.admx": _text(admx(rows)), EXAMPLE: _text(example(texts))}
    for language in LANGUAGES:
        answer[ADMX / CULTURES[language] / "fanion.adml"] = _text(adml(rows, texts, language))
        guide = GUIDES / f"administrator.{language}.md"
        answer[guide] = with_table(guide.read_text(encoding="utf-8"), guide_rows(rows, texts, language))
    return answer


def _require_texts(key: str, row: SettingRow, texts: Texts) -> None:
    """Raises BuildProblem where a text that this kind of setting needs is missing."""
    for language, words in texts.settings[key].words.items():
        missing = [value for value in _own_choices(key, row, texts.templates[language]) if value not in words.choices]
        if not isinstance(row.rule, Switch) and not words.label:
            missing.append("label")
        if missing:
            raise BuildProblem(f"{TEXTS.name}: “{key}” has no {', '.join(missing)} in the language {language}")


def _own_choices(key: str, row: SettingRow, general: Mapping[str, str]) -> list[str]:
    """The values, where the setting is a choice, whose names are not among the general texts."""
    values = row.rule.values if isinstance(row.rule, Choice) else ()
    return [str(value) for value in values if f"{key}_{value}" not in general]


def _text(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


# --- templates for group policies


def _versions(rows: Mapping[str, SettingRow]) -> dict[str, str]:
    """The versions since which there are settings, each with its name in the templates."""
    return {row.since: f"FANION_{row.since.replace('.', '_')}" for row in rows.values()}


def admx(rows: Mapping[str, SettingRow]) -> Iterator[str]:
    """The lines of the template itself, which has no words."""
    yield _PROLOGUE
    yield (
        f"<!-- Group policies for Fanion: every setting that a department can set, under {windows_registry.NAME}. -->"
    )
    yield f'<policyDefinitions revision="1.0" {_SCHEMA}>'
    yield "  <policyNamespaces>"
    yield '    <target prefix="fanion" namespace="Fanion.Policies.Fanion"/>'
    yield "  </policyNamespaces>"
    yield '  <resources minRequiredRevision="1.0" fallbackCulture="en-US"/>'
    yield "  <supportedOn>"
    yield "    <definitions>"
    for name in _versions(rows).values():
        yield f'      <definition name="{name}" displayName="$(string.{name})"/>'
    yield "    </definitions>"
    yield "  </supportedOn>"
    yield "  <categories>"
    yield '    <category name="fanion" displayName="$(string.fanion)" explainText="$(string.fanion_help)"/>'
    yield "  </categories>"
    yield "  <policies>"
    for key, row in rows.items():
        yield from _policy(key, row, _versions(rows)[row.since])
    yield "  </policies>"
    yield "</policyDefinitions>"


def _policy(key: str, row: SettingRow, version: str) -> Iterator[str]:
    """The lines of one setting's policy: a switch is 1 or 0, any other setting asks for its value."""
    is_switch = isinstance(row.rule, Switch)
    presentation = "" if is_switch else f' presentation="$(presentation.{key})"'
    value_name = f' valueName="{key}"' if is_switch else ""
    yield (
        f'    <policy name="{key}" class="Machine" displayName="$(string.{key})" explainText="$(string.{key}_help)"'
        f'{presentation} key="{_REGISTRY_KEY}"{value_name}>'
    )
    yield '      <parentCategory ref="fanion"/>'
    yield f'      <supportedOn ref="{version}"/>'
    if is_switch:
        for tag, number in (("enabledValue", 1), ("disabledValue", 0)):
            yield f"      <{tag}>"
            yield f'        <decimal value="{number}"/>'
            yield f"      </{tag}>"
    else:
        yield "      <elements>"
        yield from _element(key, row)
        yield "      </elements>"
    yield "    </policy>"


def _element(key: str, row: SettingRow) -> Iterator[str]:
    """The element that asks for the value. It is required: an empty one would be written otherwise."""
    head = f'id="{key}" valueName="{key}" required="true"'
    match row.rule:
        case Number(maximum):
            yield f'        <decimal {head} minValue="0" maxValue="{maximum}"/>'
        case Choice() as choice:
            value_tag = "<string>{}</string>" if choice.registry_type == REG_SZ else '<decimal value="{}"/>'
            yield f"        <enum {head}>"
            for value in choice.values:
                yield f'          <item displayName="$(string.{key}_{value})">'
                yield "            <value>"
                yield f"              {value_tag.format(value)}"
                yield "            </value>"
                yield "          </item>"
            yield "        </enum>"
        case OneLine() | TextFormat() as text:
            yield f'        <text {head} maxLength="{text.longest}"/>'


def adml(rows: Mapping[str, SettingRow], texts: Texts, language: Language) -> Iterator[str]:
    """The lines of the template's words in one language."""
    general = dict(texts.templates[language])
    description, since = general.pop("description"), general.pop("since")
    strings = {name: general.pop(name) for name in ("fanion", "fanion_help")}
    strings |= {name: since.format(version=version) for version, name in _versions(rows).items()}
    strings |= general
    for key, setting in texts.settings.items():
        words = setting.words[language]
        strings |= {f"{key}_{value}": words.choices[value] for value in _own_choices(key, rows[key], general)}
        strings |= {key: words.title, f"{key}_help": words.help}
    yield _PROLOGUE
    yield f'<policyDefinitionResources revision="1.0" {_SCHEMA}>'
    yield f"  <displayName>{escape(strings['fanion'])}</displayName>"
    yield f"  <description>{escape(description)}</description>"
    yield "  <resources>"
    yield "    <stringTable>"
    for name, string in strings.items():
        yield f'      <string id="{name}">{escape(string)}</string>'
    yield "    </stringTable>"
    yield "    <presentationTable>"
    for key, setting in texts.settings.items():
        yield from _presentation(key, rows[key], escape(setting.words[language].label))
    yield "    </presentationTable>"
    yield "  </resources>"
    yield "</policyDefinitionResources>"


def _presentation(key: str, row: SettingRow, label: str) -> Iterator[str]:
    """The field for a value; a switch has none."""
    if isinstance(row.rule, Switch):
        return
    yield f'      <presentation id="{key}">'
    match row.rule:
        case Number():
            value = f'defaultValue="{row.default}" spin="true"'
            yield f'        <decimalTextBox refId="{key}" {value}>{label}</decimalTextBox>'
        case Choice() as choice:
            default = choice.values.index(row.default)
            yield f'        <dropdownList refId="{key}" defaultItem="{default}" noSort="true">{label}</dropdownList>'
        case _:
            yield f'        <textBox refId="{key}">'
            yield f"          <label>{label}</label>"
            yield "        </textBox>"
    yield "      </presentation>"


# --- the department's example file


def example(texts: Texts) -> Iterator[str]:
    """The lines of the example file: comments alone. A setting without one shares that of the setting before."""
    yield from _comment(texts.introduction)
    for key, setting in texts.settings.items():
        comments = [words.comment for words in setting.words.values() if words.comment]
        if comments:
            yield ""
        for comment in comments:
            yield from _comment(comment)
        yield f"# {key} = {setting.example}"


def _comment(text: str) -> Iterator[str]:
    return (f"# {line}".rstrip(" ") for line in text.split("\n"))


# --- the guide's table


def guide_rows(rows: Mapping[str, SettingRow], texts: Texts, language: Language) -> Iterator[str]:
    """The rows of the table of settings in the administrator's guide."""
    general = texts.guide[language]
    for key, row in rows.items():
        words = texts.settings[key].words[language]
        kind = words.type or _type(row, general)
        default = words.default or (general["none"] if row.default == "" else f"`{str(row.default).lower()}`")
        who = general["department" if row.department else "both"]
        yield f"| `{key}` | {kind} | {default} | {who} | {words.guide} |"


def _type(row: SettingRow, general: Mapping[str, str]) -> str:
    match row.rule:
        case Switch():
            return "true, false"
        case Number(maximum):
            return f"0 {general['to']} {maximum}"
        case Choice() as choice:
            values = [str(value) if isinstance(value, int) else f"`{value}`" for value in choice.values]
            return f"{', '.join(values[:-1])} {general['or']} {values[-1]}"
        case _:
            return general["text"]


def with_table(guide: str, table: Iterator[str]) -> str:
    """The guide with these rows in its table of settings, which is the one of five columns that begins with a key."""
    lines = guide.split("\n")
    start = 2 + next(place for place, line in enumerate(lines) if _is_head(line))
    end = next(place for place, line in enumerate(lines) if place >= start and not line.startswith("|"))
    return "\n".join([*lines[:start], *table, *lines[end:]])


def _is_head(line: str) -> bool:
    return line.startswith(("| key |", "| clé |")) and line.count("|") == 6


# --- the command


def stale(files: Mapping[Path, str]) -> list[Path]:
    """The files that are not as they are made now."""
    return [path for path, text in files.items() if not path.is_file() or path.read_bytes() != text.encode()]


def main(arguments: list[str]) -> int:
    if arguments not in (["update"], ["check"]):
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    try:
        files = made(ROWS, read_texts())
    except BuildProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    changed = stale(files)
    for path in changed:
        print(path.relative_to(ROOT).as_posix())
        if arguments == ["update"]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[path].encode())
    return 1 if changed and arguments == ["check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
