"""Checks and entries in words and in JSON, for every command that shows them."""

from __future__ import annotations

import sys
from typing import Any

from core import value_names
from core.cli.signs import LIGHT_SIGNS, SIGNS, STRENGTH_SIGNS
from core.cli.terminal import out, paint, pick
from core.describe import can_return, health, installers, verdicts
from core.model import Check, Finding, Light, Trust, platforms
from core.model.can_return import overall
from core.model.visit_state import CheckFacts
from core.policy.layers import layers
from core.policy.wording import excepted_words, long_date
from core.text import N, T, Text


def check(check: Check) -> None:
    """A check as an officer reads it: the phone, the verdict, each finding with its reason, and what was not seen."""
    phone = check.inventory.phone
    if phone.practice:
        out(paint(T("PRACTICE: this is not a real phone."), "bold", sys.stdout))
    phone_values = {
        "phone": phone.name_with_model,
        "os": phone.os,
        "patch": phone.patch or "?",
        "serial": phone.serial or "?",
    }
    out(platforms.of(phone.platform).line(**phone_values))
    verdict = f"{SIGNS[check.verdict]} {value_names.VERDICTS[check.verdict]}"
    out("", f"{paint(verdict, check.verdict, sys.stdout)}  {verdicts.headline(check)}")
    for finding in check.findings:
        _finding(finding)
    if check.gaps:
        out("", T("Could not be checked:"))
        for gap in check.gaps:
            out(f"  ? {gap.what}", f"    {gap.how}")
    if signals := health.signals_to_show(check):
        signal_words = (f"{LIGHT_SIGNS[s.light]} {value_names.pair(s.title, s.value)}" for s in signals)
        out("", value_names.pair(T("Phone health"), " · ".join(signal_words)))
    if check.returns:
        out("", can_return.line(check.returns))
    read = [p for p in check.inventory.profiles if p.readable]
    how = {
        "apps": value_names.apps_read(len(check.inventory.apps), check.apps_read),
        "profiles": N("{count} profile", "{count} profiles", len(read)),
        "seconds": check.seconds,
        "policy": check.policy.id,
        "version": check.policy.version,
    }
    if check.apps_read < len(check.inventory.apps):
        out("", T("{apps}, in {profiles}, in {seconds} s; policy {policy} {version}.", **how))
    else:
        out("", T("{apps} in {profiles} read in {seconds} s; policy {policy} {version}.", **how))
    if check.policy.expired is not None:
        out(T("The signed policy was valid until {date}: import a newer one.", date=long_date(check.policy.expired)))
    if check.policy.trust is Trust.UNSIGNED:
        out(T("This policy is not signed. Your organisation allows that on this computer."))


def _finding(finding: Finding) -> None:
    strength = value_names.strength(finding)
    state = finding.app.state(finding.profile.id)
    off = f" ({T('switched off')})" if state is not None and state.off else ""
    app = paint(finding.product, "bold", sys.stdout)
    version = f" {finding.app.version_name}" if finding.app.version_name else ""
    heading = f"{value_names.pair(strength, app)}{version}, {value_names.profile(finding.profile)}{off}"
    out(
        "",
        f"  {STRENGTH_SIGNS[finding.strength]} {heading}",
        f"    {finding.why}",
        f"    {value_names.pair(_name_and_id(finding), value_names.MATCHES[finding.match])}, {_installer(finding)}",
    )
    if finding.excepted is not None:
        out(f"    {excepted_words(finding.excepted, long_date(finding.excepted.until))}")


def _name_and_id(finding: Finding) -> str:
    """The app by what it calls itself, where that is known and it goes by another name, and by its id."""
    app = finding.app
    return f"{app.label} ({app.package})" if app.label and finding.match.other_name else app.package


def _installer(finding: Finding) -> Text:
    """Who installed the app, in the words that stand behind its id."""
    app = finding.app
    if app.past_the_store:
        return T("not from the App Store, signed by {signer}", signer=app.signed_by or "?")
    if app.signed is not None and not app.system:
        installer = installers.installer(app)
        return (
            value_names.inside(installer)
            if isinstance(installer, Text)
            else T("installed by {installer}", installer=installer)
        )
    if app.installer:
        return T("installed by {installer}", installer=app.installer)
    return T("came with the phone") if app.system else T("installer not known")


def check_as_json(check: Check, entry: int | None) -> dict[str, Any]:
    """A check with the keys that scripts rely upon."""
    phone, policy = check.inventory.phone, check.policy
    return {
        "verdict": check.verdict,
        "reason": str(CheckFacts.of(check).reason),
        "headline": str(verdicts.headline(check)),
        "practice": phone.practice,
        "phone": pick(phone, "platform maker model name os patch serial"),
        "profiles": [
            {**pick(p, "id kind readable"), "why": str(p.why) if p.why else ""} for p in check.inventory.profiles
        ],
        "places": [
            {**pick(place.profile, "id kind"), "why": str(place.profile.why or "")} for place in check.inventory.places
        ],
        "apps": {"seen": len(check.inventory.apps), "read": check.apps_read},
        "findings": [_finding_as_json(f) for f in check.findings],
        "health": {
            s.signal: {**pick(s, "value light says"), "decides": s in check.unhealthy}
            for s in health.signals(check)
            if s.light is not Light.INFORMATION
        },
        "health_information": {
            s.signal: pick(s, "value says") for s in health.signals(check) if s.light is Light.INFORMATION
        },
        "can_return": overall(check.returns),
        "returns": [
            {**pick(r, "rule product state reasons detail"), "decides": r in check.unblocked} for r in check.returns
        ],
        "coverage": {"complete": not check.gaps, "missing": [pick(gap, "what how profile") for gap in check.gaps]},
        "policy": {
            **pick(policy, "id version sha256 trust expired off"),
            "layers": [pick(layer, "id version sha256 trust") for layer in layers(policy)],
        },
        "seconds": round(check.seconds, 3),
        "entry": entry,
    }


def _finding_as_json(finding: Finding) -> dict[str, Any]:
    app = finding.app
    state = app.state(finding.profile.id)
    return {
        **pick(finding, "rule product"),
        "app": app.package,
        "label": app.label or ("" if finding.match.other_name else str(finding.product)),
        **pick(app, "version=version_name version_code"),
        "profile": finding.profile.id,
        "strength": finding.strength,
        "off": bool(state and state.off),
        **pick(finding, "contained match suspected=is_suspect"),
        "excepted": finding.excepted and pick(finding.excepted, "until authority reference entry"),
        "evidence": [pick(evidence, "kind value confidence source") for evidence in finding.evidence],
        **pick(app, "installer system signers signed signed_by team"),
        "first_install": (state.first_install if state else "") or app.first_install,
        "last_update": app.last_update,
        "why": str(finding.why),
    }
