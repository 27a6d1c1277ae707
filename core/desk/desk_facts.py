"""What a settings page says of a desk beside its settings: where its data are, its keys, the bounds of phone health."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core import value_names
from core.desk.desk import Desk
from core.ledger.keys.enrolment import read_enrolment
from core.model import HealthRules
from core.problem import Problem
from core.text import T, Text


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """`key` is the name of the log's key, empty where there is no log yet; `fingerprint` is what phones show of this
    desk's ADB key; `health` says one bound of the policy in force each. `problem` tells why something of it is not
    known."""

    key: str
    fingerprint: str
    health: tuple[Text, ...]
    problem: Problem | None = None


def desk_facts(desk: Desk) -> DeskFacts:
    """Read what can be read; what is not there yet is empty, and what cannot be read, with its problem."""
    key, fingerprint, health, problem = "", "", tuple[Text, ...](), None
    try:
        path = desk.ledger_path(practice=False)
        enrolment = read_enrolment(path) if path.exists() else None
        key = enrolment.origin if enrolment is not None else ""
        if (desk.data / "keys" / "adbkey").exists():  # looking at it makes none
            fingerprint = desk.reach.fingerprint()
        health = bounds(desk.active_policy().policy.health)
    except Problem as raised:
        problem = raised
    return DeskFacts(key, fingerprint, health, problem)


def bounds(rules: HealthRules) -> tuple[Text, ...]:
    """What a policy asks of the health of phones, a sentence each."""
    sentences: list[Text] = [
        T(
            "Security patch of Android: amber after {amber} days, red after {red} days.",
            amber=rules.amber_days,
            red=rules.red_days,
        )
    ]
    if rules.min_sdk:
        sentences.append(T("Oldest Android: API level {level}.", level=rules.min_sdk))
    if rules.expected_owner:
        sentences.append(T("Android phones are managed by {app}.", app=rules.expected_owner))
    if rules.expected_organisation:
        sentences.append(T("iPhones are supervised by {name}.", name=rules.expected_organisation))
    if rules.ios:
        newest = ", ".join(release.newest for release in rules.ios)
        sentences.append(T("Newest iOS of each major version: {releases}.", releases=newest))
    if rules.red:
        sentences.append(T("A phone is red where one of these is red: {signals}.", signals=_signal_names(rules.red)))
    if rules.amber:
        amber = T(
            "A phone is amber where one of these is red, amber or unknown: {signals}.",
            signals=_signal_names(rules.amber),
        )
        sentences.append(amber)
    if not (rules.red or rules.amber):
        sentences.append(T("Phone health is shown, and changes no verdict."))
    return tuple(sentences)


def _signal_names(signals: Sequence[str]) -> Text:
    return value_names.on_one_line(value_names.HEALTH[signal] for signal in signals)
