"""Policies in the formats that others speak: out of Fanion, and into a policy file of its own.

:func:`export` turns a policy into the bytes of a format, and tells what that format could not say. :func:`import_file`
turns a list of others into the text of a policy file, which then goes the way of every policy file: it is checked to
the last key before anything is judged by it. Nothing that is imported ever reaches the matching by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from core.model import Policy, Rule, Strength
from core.policy.convert import device_managers, incoming, stalkerware, stix2
from core.policy.convert.incoming import ImportedPolicy, NotUnderstood
from core.policy.convert.parts import ExportedPolicy, LeftOut, PolicyFormat
from core.policy.format.tables import PLATFORMS, slug
from core.policy.problems import PolicyProblem
from core.text import T

#: Every format, by its name on the command line.
FORMATS: Final[Mapping[str, PolicyFormat]] = {
    format.name: format
    for format in (
        PolicyFormat(
            "intune", device_managers.INTUNE, ".csv", device_managers.write_intune, manages=("android", "ios")
        ),
        PolicyFormat("apple", device_managers.APPLE, ".mobileconfig", device_managers.write_apple, manages=("ios",)),
        PolicyFormat(
            "android-management",
            device_managers.ANDROID,
            ".json",
            device_managers.write_android,
            manages=("android",),
        ),
        PolicyFormat("stix2", stix2.TITLE, ".stix2", stix2.write, is_imported=True),
        PolicyFormat("stalkerware", stalkerware.TITLE, ".yaml", stalkerware.write, is_imported=True),
    )
}
_STIX: Final = (".stix2", ".stix", ".json")
_YAML: Final = (".yaml", ".yml")


def export(
    policy: Policy,
    format: str,
    *,
    strengths: Sequence[Strength] = (Strength.BAN,),
    platforms: Sequence[str] = PLATFORMS,
) -> ExportedPolicy:
    """The rules of these strengths in `format`, a key of :data:`FORMATS`; of their apps, those of these platforms.

    Only bans by default: what takes such lists blocks what stands in them. Raises PolicyProblem where the format could
    say nothing at all of them, or not all that it would have to.
    """
    rules = tuple(_on(rule, platforms) for rule in policy.rules if rule.strength in strengths)
    exported = FORMATS[format].write(replace(policy, rules=rules))
    return ExportedPolicy(exported.data, (*exported.left_out, *_shared(policy, strengths, platforms)))


def _on(rule: Rule, platforms: Sequence[str]) -> Rule:
    """The part of a rule that is about these platforms: certificates and code are Android's, teams are Apple's.

    Without certificates that sign other apps too: the reader of the list would find those apps by them.
    """
    android, ios = "android" in platforms, "ios" in platforms
    return replace(
        rule,
        ids=tuple(app for app in rule.ids if app.platform in platforms),
        signers=tuple(signer for signer in rule.signers if android and not signer.shared),
        code=rule.code if android else (),
        files=rule.files if android else (),
        teams=rule.teams if ios else (),
    )


def _shared(policy: Policy, strengths: Sequence[Strength], platforms: Sequence[str]) -> tuple[LeftOut, ...]:
    why = T("This certificate signs other apps too, which would be found by it.")
    return tuple(
        LeftOut(rule.id, signer.sha256 or signer.sha1 or signer.md5 or signer.hash, why)
        for rule in policy.rules
        if rule.strength in strengths and "android" in platforms
        for signer in rule.signers
        if signer.shared
    )


def import_file(path: Path, *, id: str, strength: Strength = Strength.NOTICE, issued: date) -> ImportedPolicy:
    """The list in `path` as a policy file: every group of it one rule of `strength`, in force from the day `issued`.

    STIX 2 bundles as MVT reads them, and the YAML of stalkerware-indicators; which of them it is, its name tells, or
    else its first character. `id` is the policy's. Raises PolicyProblem if the file cannot be read or is none of them,
    if there is nothing in it that Fanion could look for, or if it is too long for one policy.
    """
    text = incoming.read(path)
    file = incoming.words(path.name, "?")
    suffix = path.suffix.lower()
    is_stix = suffix in _STIX or (suffix not in _YAML and text.lstrip().startswith("{"))
    groups, tally = (stix2 if is_stix else stalkerware).read(text, file)
    return incoming.build(file, groups, tally, id=id, strength=strength, issued=issued)


def suggested_id(path: Path) -> str:
    """An id for a policy made out of the file `path`, from its name."""
    return slug(path.stem, "imported")
