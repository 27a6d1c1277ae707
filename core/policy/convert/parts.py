"""What all formats share: what is handed back, what cannot be said in a format, and ids that are always the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from core.model import Policy, Rule, RuleId
from core.policy.problems import PolicyProblem
from core.text import T, Text

#: Fanion's own, drawn once at random: ids made in it (RFC 9562, version 5) are unique to Fanion.
NAMESPACE: Final = UUID("25e9dab0-c508-4469-b54c-2ddb756725c7")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that a rule says and the format cannot say: the rule's id, the value, and why."""

    rule: str
    value: str
    why: Text


@dataclass(frozen=True, slots=True)
class ExportedPolicy:
    """A policy in another format. `data` are the file's bytes, the same for the same policy every time."""

    data: bytes
    left_out: tuple[LeftOut, ...]


_PLATFORMS: Final = {"android": "Android", "ios": "iOS"}

#: Writes the rules that a policy still has into the bytes of a format.
Write = Callable[[Policy], ExportedPolicy]


@dataclass(frozen=True, slots=True)
class PolicyFormat:
    """A format that others speak. `suffix` is that of its files, with the full stop. `is_imported`: Fanion also makes a
    policy of a list in it. `manages`: the platforms whose phones are managed with it, where a management reads it."""

    name: str
    title: Text
    suffix: str
    write: Write
    is_imported: bool = False
    manages: tuple[str, ...] = ()


def stable_id(*names: str) -> UUID:
    """An id for what `names` name, the same in every export."""
    # No name has a line break in it, so that no two ways of naming come to the same text.
    return uuid5(NAMESPACE, "\n".join(names))


def apps(policy: Policy, platform: str) -> Iterator[tuple[Rule, RuleId]]:
    """The apps of one platform, with their rules, in the policy's order."""
    return ((rule, app) for rule in policy.rules for app in rule.ids if app.platform == platform)


def without_apps(policy: Policy, platform: str) -> Iterator[LeftOut]:
    """The rules of which a format for one platform says nothing, because they name no app there."""
    for rule in policy.rules:
        if not any(app.platform == platform for app in rule.ids):
            yield LeftOut(rule.id, platform, T("The rule names no app on {platform}.", platform=_PLATFORMS[platform]))


def only_names(policy: Policy) -> Iterator[LeftOut]:
    """What a format cannot say that knows apps by their ids alone."""
    why = T("This format knows apps by their ids alone, so a renamed copy is not found by it.")
    for rule in policy.rules:
        for signer in rule.signers:
            yield LeftOut(rule.id, signer.sha256 or signer.sha1 or signer.md5 or signer.hash, why)
        yield from without_digests(rule, why)


def without_digests(rule: Rule, why: Text) -> Iterator[LeftOut]:
    """What a rule looks for besides ids and certificates, each left out for the same reason."""
    for value in (
        *(code.prefix for code in rule.code),
        *(file.name for file in rule.files),
        *(label.text for label in rule.labels),
        *(f"{team.id} {team.prefix}" for team in rule.teams),
    ):
        yield LeftOut(rule.id, value, why)


def must_say_something(policy: Policy, contents: Sequence[object], title: Text) -> None:
    """A list that blocks nothing would look like protection. Raises PolicyProblem where there is nothing to say."""
    if not contents:
        raise PolicyProblem(
            T(
                "Nothing in the chosen rules of the policy {policy} can be said as: {format}.",
                policy=policy.id,
                format=title,
            ),
            T("Choose another format, or add --include recommendation,notice."),
        )
