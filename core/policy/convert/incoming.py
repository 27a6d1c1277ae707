"""From the lists of others to a policy file: reading within limits, and building what the strict checker accepts.

A list comes from anywhere. Its bytes are bounded before they are looked at, every text passes :func:`words`, and what
the checker of policy files refuses (an id that no app can have, an app that stands there twice) is left out and told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from core.model import Authority, Policy, Rule, RuleId, Signer, Strength
from core.policy.format import policy_file
from core.policy.format.schema import faults
from core.policy.format.tables import PLATFORMS, Unique, document, slug, to_toml
from core.policy.problems import PolicyProblem
from core.text import LANGUAGES, Bilingual, T, Text, plain

#: Of a list, in bytes.
LIMIT: Final = 20_000_000

#: What one app or certificate takes in a policy file at the very least, in bytes.
_LEAST: Final = 80
_ONE_SOURCE: Final = "one source"
_NOT_WORDS: Final = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A part of a list that Fanion could not use: the list's word for it, how often, why, and one example."""

    kind: str
    count: int
    why: Text
    example: str = ""


@dataclass(frozen=True, slots=True)
class ImportedPolicy:
    """A list as the text of a policy file: how many rules, apps and certificates are in it, and what is not."""

    toml: str
    rules: int
    ids: int
    certificates: int
    not_understood: tuple[NotUnderstood, ...]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing to look for. `by` is ``android`` or ``ios`` for an app's id, or a digest's name for a certificate.

    `kind` is what the list calls it, `source` where in the list it stands.
    """

    kind: str
    by: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class IndicatorGroup:
    """What a list has under one name: one rule. `quote` is what the list says of it, in its own words."""

    name: Bilingual
    author: Bilingual
    quote: str
    reason: Bilingual
    indicators: tuple[Indicator, ...]
    note: Bilingual | None = None

    @property
    def apps(self) -> list[Indicator]:
        return [item for item in self.indicators if item.by in PLATFORMS]

    @property
    def digests(self) -> list[Indicator]:
        return [item for item in self.indicators if item.by not in PLATFORMS]

    def without(self, refused: Collection[Indicator]) -> IndicatorGroup:
        return replace(self, indicators=tuple(item for item in self.indicators if item not in refused))


class ImportTally:
    """Counts what cannot be used, by kind and reason, and keeps one of each as an example."""

    def __init__(self) -> None:
        # By the message alone: one line a reason, not one for every value that stands in it.
        self._all: dict[tuple[str, str], NotUnderstood] = {}

    def add(self, kind: str, why: Text, example: str = "", count: int = 1) -> None:
        if not count:
            return
        kind = words(kind, "?", 60)
        key = (kind, why.message)
        entry = self._all.get(key) or NotUnderstood(kind, 0, why, words(example, ""))
        self._all[key] = replace(entry, count=entry.count + count)

    def all(self) -> tuple[NotUnderstood, ...]:
        return tuple(self._all.values())


def words(text: str, otherwise: str, limit: int = 120) -> str:
    """A text of a list as a policy file may have it: on one line, bounded, and without characters that hide."""
    folded = " ".join(text[: 4 * limit].split())
    return plain(folded, limit).replace(_NOT_WORDS, "?").strip() or otherwise


def same(text: str) -> Bilingual:
    """A text in both languages where it has no translation, such as a name."""
    return Bilingual(text, text)


def bilingual(text: Text) -> Bilingual:
    """A sentence of the catalogue, put into both languages for a file that has to have both."""
    return Bilingual(*(text.in_language(language) for language in LANGUAGES))


def problem(file: str, sentence: Text, line: int | None = None, detail: str = "") -> PolicyProblem:
    """A list that cannot be read: where, as far as that is known, and what is wrong."""
    return PolicyProblem(
        T("{file}, line {line}: {what}", file=file, line=line, what=sentence)
        if line is not None
        else T("{file}: {what}", file=file, what=sentence),
        T("Ask the person who gave it to you for a sound copy."),
        detail,
        line,
    )


def read(path: Path) -> str:
    """The text of a list. Raises PolicyProblem if it is not there, too large, or not UTF-8."""
    file = plain(path.name)
    try:
        # Asked first, because opening a pipe or a device could wait for ever.
        if not path.is_file():
            raise PolicyProblem(
                T("The file {file} is not there.", file=plain(str(path), 1_000)), T("Check its name and its folder.")
            )
        with path.open("rb") as opened:
            data = opened.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        raise PolicyProblem(
            T("The file {file} cannot be read.", file=file),
            T("Check that its drive is connected and that you are allowed to open it."),
            str(error),
        ) from error
    if len(data) > LIMIT:
        raise PolicyProblem(
            T("The file {file} is larger than {limit} MB, which no list of apps needs.", file=file, limit=20),
            T("Check that you chose the right file."),
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise problem(file, T("a character is not written in UTF-8."), line, str(error)) from error


def build(
    file: str, groups: Sequence[IndicatorGroup], tally: ImportTally, *, id: str, strength: Strength, issued: date
) -> ImportedPolicy:
    """The groups as the text of a policy file that can be loaded. Raises PolicyProblem if there can be none."""
    if not groups:
        raise _nothing_in(file)
    if sum(len(group.indicators) for group in groups) * _LEAST > policy_file.LIMIT:
        raise _too_long(file)
    unique = Unique()
    named_groups = [(unique.name(slug(f"{id}-{slug(group.name.en)}")), group) for group in groups]
    refused = _refused(_policy(file, named_groups, id, strength, issued), named_groups, file, tally)
    remaining = [(name, group.without(refused.get(r, frozenset()))) for r, (name, group) in enumerate(named_groups)]
    for _, group in remaining:
        if not group.indicators:
            tally.add("name", T("All that stands under this name was left out."), group.name.en)
    remaining = [(name, group) for name, group in remaining if group.indicators]
    if not remaining:
        raise _nothing_in(file)
    policy = _policy(file, remaining, id, strength, issued)
    toml = to_toml(policy)
    if len(toml.encode()) > policy_file.LIMIT:
        raise _too_long(file)
    return ImportedPolicy(
        toml,
        len(policy.rules),
        sum(len(rule.ids) for rule in policy.rules),
        sum(len(rule.signers) for rule in policy.rules),
        tally.all(),
    )


def _policy(
    file: str, groups: Sequence[tuple[str, IndicatorGroup]], id: str, strength: Strength, issued: date
) -> Policy:
    instrument = bilingual(T("the list {file}", file=file))
    return Policy(
        id=id,
        version=issued.isoformat(),
        issued=issued,
        title=bilingual(T("Imported from {file}", file=file)),
        scope=bilingual(T("this organisation’s mobile devices")),
        rules=tuple(
            Rule(
                id=name,
                product=group.name,
                strength=strength,
                effective=issued,
                reason=group.reason,
                authority=Authority(group.author, instrument, same(group.quote), official_fr=False),
                ids=tuple(RuleId(item.by, item.value, group.name, _ONE_SOURCE, item.source) for item in group.apps),
                # Which of its apps a certificate signs, such a list does not say.
                signers=tuple(_signer(item) for item in group.digests),
                note=group.note,
            )
            for name, group in groups
        ),
        sha256="",
    )


def _signer(item: Indicator) -> Signer:
    digest: dict[str, Any] = {item.by: item.value}
    return Signer((), _ONE_SOURCE, item.source, **digest)


def _refused(
    policy: Policy, named_groups: Sequence[tuple[str, IndicatorGroup]], file: str, tally: ImportTally
) -> Mapping[int, frozenset[Indicator]]:
    """The indicators that the checker of policy files does not accept, by the number of the group, and counted."""
    refused_items: dict[int, dict[Indicator, Text]] = {}
    for fault in faults(document(policy)):
        match fault.path:
            case ("rule", int(r), "app", int(a), *_):
                refused_items.setdefault(r, {}).setdefault(named_groups[r][1].apps[a], fault.sentence)
            case ("rule", int(r), "signer", int(s), *_):
                refused_items.setdefault(r, {}).setdefault(named_groups[r][1].digests[s], fault.sentence)
            case _:
                sentence = T("{file} cannot become a policy: {what}", file=file, what=fault.sentence)
                raise PolicyProblem(sentence, T("Choose another id with --id."))
    for r, items in refused_items.items():
        kept_values = {item.value for item in named_groups[r][1].indicators if item not in items}
        for item, why in items.items():
            # An id that may be either platform's is one that was understood if it can be one of them.
            if item.value not in kept_values:
                tally.add(item.kind, why, item.value)
    return {r: frozenset(items) for r, items in refused_items.items()}


def _nothing_in(file: str) -> PolicyProblem:
    return PolicyProblem(
        T("There is no app and no certificate in {file} that Fanion could look for.", file=file),
        T("Check that you chose the right file."),
    )


def _too_long(file: str) -> PolicyProblem:
    return PolicyProblem(
        T(
            "{file} is too long for one policy, which may have {limit} MB.",
            file=file,
            limit=policy_file.LIMIT // 1_000_000,
        ),
        T("Divide the list into several files, and convert each."),
    )


def text_of(table: Mapping[str, Any], key: str) -> str:
    """The text under `key`; empty where there is none."""
    value = table.get(key)
    return value if isinstance(value, str) else ""
