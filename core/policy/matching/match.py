"""Matching: which of a phone's apps a policy speaks of, by what they are recognised, and how sure that is.

An app that bears an id is what that rule names, and nothing else; its signer tells whether it is what it says. An app
that bears none is compared by its certificate, by the classes behind its screens, by its maker's team and, as a hint,
by what it calls itself: so a copy under another name is found. What the phone's listing alone shows of a signer is a
hash of 32 bits, which can be forged, and of its code the names of some screens; so such an app is only suspected until
its own file was looked into (:func:`unsure` says which to look into).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from core.model import (
    RULE_STRENGTHS,
    App,
    Code,
    Evidence,
    EvidenceKind,
    Finding,
    Identity,
    Inventory,
    Match,
    Policy,
    Profile,
    ProfileKind,
    Rule,
    RuleFile,
    RuleId,
    Signer,
    SoughtInFiles,
    Strength,
    platforms,
)
from core.policy.matching.index import Index, index, is_of
from core.policy.matching.pages import pages
from core.policy.matching.review import for_review, signer_of
from core.policy.wording import why
from core.text import LANGUAGES, Bilingual, T

_SUREST: Final = (Match.SAME_SIGNER, Match.SAME_CODE, Match.SUSPECTED_SIGNER, Match.SUSPECTED_CODE, Match.LABEL)
_SUSPECTED: Final = {Match.SAME_SIGNER: Match.SUSPECTED_SIGNER}
#: Classes of one app that are kept as evidence.
_CLASSES_SHOWN: Final = 5
#: So many names of classes or of files inside an app make it the product: an app that was made to work with the product
#: may have a few.
_CLASSES_LEAST: Final = 10
_FILES_LEAST: Final = 2
_NONE: Final[Mapping[str, Identity]] = {}


@dataclass(frozen=True, slots=True)
class Recognised:
    """A rule that an app falls under: how, by what, and what the very application is called."""

    rule: Rule
    match: Match
    product: Bilingual
    evidence: tuple[Evidence, ...]


def judge(inventory: Inventory, policy: Policy, identities: Mapping[str, Identity] = _NONE) -> tuple[Finding, ...]:
    """What the policy has to say about a phone: one finding for each rule, app and profile that has the app, installed
    or archived.

    `identities` is what was read from the files of some of the apps. That an app is hidden, disabled or suspended
    changes nothing. Bans come first, then recommendations, notices and apps for review; within each by product and
    profile.
    """
    rule_index = index(policy, inventory.phone.platform)
    archived_too = platforms.of(inventory.phone.platform).archived
    findings: list[Finding] = []
    for app in inventory.apps:
        identity = identities.get(app.package)
        recognised = _with_pages(recognise(app, rule_index, identity), app, identity, policy)
        present = {state.profile for state in app.states if state.present}
        if app.past_the_store and not any(_convicts(hit) for hit in recognised):
            is_named = any(hit.match is not Match.LABEL for hit in recognised)
            findings += (
                for_review(_with_label(app, identity), profile_of(inventory, id), is_named=is_named) for id in present
            )
        for hit in recognised:
            read_app = _as_read(app, identity)
            reason = why(policy, hit.rule, hit.product, read_app, hit.match)
            archived = {state.profile for state in app.states if state.archived}
            findings += (
                Finding(
                    rule=hit.rule.id,
                    product=hit.product,
                    strength=Strength.NOTICE if hit.match is Match.WEB_PAGE else hit.rule.strength,
                    app=read_app,
                    profile=profile_of(inventory, profile),
                    evidence=(*hit.evidence, *(e for e in signer_of(read_app) if e not in hit.evidence)),
                    why=archived_too(reason) if profile in archived else reason,
                    match=hit.match,
                )
                for profile in present
            )
    return tuple(sorted(findings, key=_rank))


def recognise(app: App, rule_index: Index, identity: Identity | None = None) -> tuple[Recognised, ...]:
    """The rules that `app` falls under: those that name it, else those whose signer, code or label it has."""
    hits = tuple(_by_id(app, rule, id, identity) for rule, id in rule_index.by_id(app.package))
    named_rules = {hit.rule.id for hit in hits}
    hits += tuple(_by_parent(rule, id) for rule, id in rule_index.by_parent(app) if rule.id not in named_rules)
    if hits:
        return (*hits, *_disguised(app, rule_index, identity, hits))
    if (identity is None or not rule_index.may_tell(app, identity)) and not rule_index.knows(app):
        return ()
    return _by_others(app, rule_index, identity)


def _with_pages(
    recognised: tuple[Recognised, ...], app: App, identity: Identity | None, policy: Policy
) -> tuple[Recognised, ...]:
    """What an app was recognised as, with the pages of services that it opens: where it only calls itself like the
    product, that is what it is; a surer sign of the product stays what it is."""
    opened = pages(app, identity, policy)
    if not opened:
        return recognised
    by_rule = {hit.rule.id: hit for hit in recognised}
    for rule, evidence in opened:
        before = by_rule.get(rule.id)
        if before is None or before.match is Match.LABEL:
            signs = (evidence, *(before.evidence if before is not None else ()))
            by_rule[rule.id] = Recognised(rule, Match.WEB_PAGE, rule.product, signs)
    return tuple(by_rule.values())


def sought(policy: Policy, platform: str, outside: Iterable[str]) -> SoughtInFiles:
    """What tells the apps of a policy's rules in files; in the code of the apps `outside`, which no store installed."""
    return index(policy, platform).sought(outside)


def is_banned(app: App, identity: Identity, policy: Policy, platform: str) -> bool:
    """Whether an app is on the phone and is surely a banned one, by its listing and what was read of its file."""
    return any(state.present for state in app.states) and any(
        _convicts(hit) and not hit.match.suspected for hit in recognise(app, index(policy, platform), identity)
    )


def _convicts(hit: Recognised) -> bool:
    """Whether the rule is a ban and the sign may convict: what an app calls itself does not."""
    return hit.rule.strength is Strength.BAN and hit.match not in (Match.LABEL, Match.WEB_PAGE)


def unsure(findings: Iterable[Finding], policy: Policy) -> tuple[str, ...]:
    """The packages whose files would tell more than the phone's listing did: suspects, look-alikes, and all bans but
    those whose maker's certificate was compared whole."""
    packages: dict[str, None] = {}
    for finding in findings:
        rule = policy.rule(finding.rule)
        has_signer = rule is not None and any(finding.app.package in signer.signs for signer in rule.signers)
        whole = any(e.kind is EvidenceKind.CERTIFICATE for e in finding.evidence)
        by_signer = finding.match.other_name and finding.match not in (Match.SAME_CODE, Match.WEB_PAGE)
        if finding.match.suspected or ((by_signer or has_signer or finding.is_ban) and not whole):
            packages[finding.app.package] = None
    return tuple(packages)


def without_id(findings: Iterable[Finding], inventory: Inventory) -> tuple[App, ...]:
    """The apps of an iPhone that no ban names by id: who made them decides.

    That a notice or a recommendation names an app, or that the phone lists it as its own, spares it nothing: an app can
    be signed anew under any id, and installed as System.
    """
    banned = {f.app.package for f in findings if f.is_ban and not f.match.other_name}
    apps = (app for app in inventory.apps if any(state.present for state in app.states))
    return tuple(app for app in apps if app.package not in banned)


def _by_id(app: App, rule: Rule, id: RuleId, identity: Identity | None) -> Recognised:
    """The app bears an id of the rule, and is that rule's by any signer; the signer tells whether it is genuine."""
    evidence = [Evidence(EvidenceKind.PACKAGE_ID, id.id, id.confidence, id.source)]
    signers = [signer for signer in rule.signers if app.package in signer.signs]
    match = Match.NAMED
    compared = _compared(app, signers, identity)
    if compared is not None:
        evidence.append(compared)
        is_other = compared.kind is EvidenceKind.OTHER_SIGNER
        match = Match.LOOK_ALIKE if is_other else Match.NAMED_AND_SIGNED
    return Recognised(rule, match, id.product, tuple(evidence))


def _by_parent(rule: Rule, id: RuleId) -> Recognised:
    """An App Clip of the app that bears an id of the rule: it is that app, in part, and comes from its maker alone."""
    clip = T("App Clip of {product}", product=id.product)
    evidence = Evidence(EvidenceKind.PACKAGE_ID, id.id, id.confidence, id.source)
    return Recognised(rule, Match.NAMED, Bilingual(*map(clip.in_language, LANGUAGES)), (evidence,))


def _disguised(
    app: App, rule_index: Index, identity: Identity | None, hits: tuple[Recognised, ...]
) -> tuple[Recognised, ...]:
    """The bans under which an app falls although it bears the name of something else.

    A banned app can be repackaged under any name, best under one that a policy only mentions, or that is excepted. One
    whose own file is signed by the maker of what it is called is what it is called, and may have the banned code that
    is known to be in it, and no other; what a listing says of its signer acquits no app.
    """
    named_rules = {hit.rule.id for hit in hits}
    is_banned_anyway = any(hit.rule.strength is Strength.BAN for hit in hits)
    genuine = any(_is_maker_s(hit.rule, identity) for hit in hits)
    signs: Iterable[_Sign] = (
        *_by_code(app, rule_index, identity, genuine=genuine),
        *_by_contents(app, rule_index, identity, genuine=genuine),
    )
    if not genuine and not is_banned_anyway:  # a maker's signature is under an id of his own
        signs = (
            *signs,
            *_by_certificate(app, rule_index, identity),
            *_by_team(app, rule_index, identity),
            # No certificate of an iPhone's app tells whether it is what its id says.
            *(_by_label(app, rule_index, identity) if rule_index.by_teams else ()),
        )
    if identity is None and any(f.match is Match.NAMED_AND_SIGNED for f in hits):
        # By the listing it is the maker's other product. Its file, which will be read, says whether that is true.
        signs = ((rule, _SUSPECTED.get(match, match), evidence) for rule, match, evidence in signs)
    found = (hit for hit in _together(signs) if hit.rule.id not in named_rules)
    # What is banned by its name has that said of it, and of other bans only what is sure.
    return tuple(h for h in found if h.rule.strength is Strength.BAN and not (is_banned_anyway and h.match.suspected))


def _compared(app: App, signers: list[Signer], identity: Identity | None) -> Evidence | None:
    """The evidence of an app's signer against its maker's, by the best that is known; None without a comparison."""
    if not signers:
        return None
    if identity is not None:
        maker = _maker(identity, signers)
        if maker is not None:
            return maker
        if identity.why is None and identity.certificates:
            return _other_signer(identity.certificates[0].sha256, signers[0])
    if app.certificates:
        for signer in signers:
            if signer.sha256 in app.certificates:
                return _certificate(signer.sha256, signer)
        if all(signer.sha256 for signer in signers):
            return _other_signer(app.certificates[0], signers[0])
    for signer in signers:
        if signer.hash and signer.hash in app.signers:
            return Evidence(EvidenceKind.SIGNER_HASH, signer.hash, signer.confidence, signer.source)
    if app.signers and all(signer.hash for signer in signers):
        return _other_signer(app.signers[0], signers[0])
    return None


def _by_others(app: App, rule_index: Index, identity: Identity | None) -> tuple[Recognised, ...]:
    """The rules of an app that bears no id of any: by its signer, its code and its name on the screen."""
    signs = [*_by_certificate(app, rule_index, identity), *_by_code(app, rule_index, identity)]
    signs += _by_contents(app, rule_index, identity)
    signs += _by_team(app, rule_index, identity)
    signs += _by_label(app, rule_index, identity)
    return _together(signs) if signs else ()


_Sign = tuple[Rule, Match, Evidence]


def _together(signs: Iterable[_Sign]) -> tuple[Recognised, ...]:
    """Put the signs of one app together by rule. How surely a rule names the app is told by its surest sign."""
    evidence: dict[str, tuple[Rule, dict[Evidence, Match]]] = {}
    for rule, match, sign in signs:
        evidence.setdefault(rule.id, (rule, {}))[1].setdefault(sign, match)
    return tuple(
        Recognised(rule, min(matches.values(), key=_SUREST.index), rule.product, tuple(matches))
        for rule, matches in evidence.values()
    )


def _by_certificate(app: App, rule_index: Index, identity: Identity | None) -> Iterator[_Sign]:
    """The whole certificate decides where it is known; else the hash makes a suspect.

    Of a file that could only be read in part, what it shows counts, and what it does not show means nothing.
    """
    if identity is None and not rule_index.knows_signer(app):
        return
    read = identity is not None and identity.why is None and bool(identity.certificates)
    certificates = (*identity.certificates, *identity.lineage) if identity is not None else ()
    convicted: set[str] = set()
    for certificate in certificates:
        for digest in (certificate.sha256, certificate.sha1, certificate.md5):
            for rule, signer in rule_index.by_digest(digest):
                if is_of(certificate, signer):
                    convicted.add(rule.id)
                    yield rule, Match.SAME_SIGNER, _certificate(certificate.sha256, signer)
    for digest in app.certificates:
        for rule, signer in rule_index.by_digest(digest):
            convicted.add(rule.id)
            yield rule, Match.SAME_SIGNER, _certificate(digest, signer)
    for hash in app.signers:
        for rule, signer in rule_index.by_hash(hash):
            # Once it was compared whole, that the hashes agree was chance, or made so. What the phone says elsewhere of
            # the certificate convicts above, but acquits no app.
            compared = read and not any(is_of(certificate, signer) for certificate in certificates)
            if rule.id not in convicted and not compared:
                evidence = Evidence(EvidenceKind.SIGNER_HASH, hash, signer.confidence, signer.source)
                yield rule, Match.SUSPECTED_SIGNER, evidence


def _by_code(app: App, rule_index: Index, identity: Identity | None, *, genuine: bool = False) -> Iterator[_Sign]:
    """The rules whose code the app's classes are. Classes that are known to be in an app of this name accuse it only if
    its signer is not the maker: `genuine` says that it is the maker by whose rule the app is named."""
    inside = rule_index.code.of_interest(identity.components) if identity is not None else ()
    listed = rule_index.code.of_interest(app.components)
    if not (inside or listed):
        return
    for match, classes in ((Match.SAME_CODE, inside), (Match.SUSPECTED_CODE, listed)):
        counts: dict[str, int] = {}
        for name in classes:
            for rule, code in rule_index.code.of(name):
                shares = app.package in code.also_in
                if shares and (genuine or _is_maker_s(rule, identity)):
                    continue
                counts[rule.id] = counts.get(rule.id, 0) + 1
                if counts[rule.id] <= _CLASSES_SHOWN:
                    evidence = Evidence(EvidenceKind.CODE, name, code.confidence, code.source)
                    yield rule, Match.SUSPECTED_CODE if shares else match, evidence


def _by_contents(app: App, rule_index: Index, identity: Identity | None, *, genuine: bool = False) -> Iterator[_Sign]:
    """The rules of which an app has enough inside: names of classes in its code, of files in its archive. `genuine` is
    as that of :func:`_by_code`."""
    if identity is None:
        return
    classes = ((name, rule, code) for name in identity.code for rule, code in rule_index.inside.of(name))
    files = ((name, rule, file) for name in identity.files for rule, file in rule_index.files.get(name, ()))
    for kind, least, found in (
        (EvidenceKind.CODE, _CLASSES_LEAST, classes),
        (EvidenceKind.FILE, _FILES_LEAST, files),
    ):
        signs: dict[str, tuple[Rule, dict[str, Code | RuleFile]]] = {}
        for name, rule, sign in found:
            if not (app.package in sign.also_in and (genuine or _is_maker_s(rule, identity))):
                signs.setdefault(rule.id, (rule, {}))[1].setdefault(name.rpartition("/")[2], sign)
        for rule, names in signs.values():
            alone = sum(app.package not in sign.also_in for sign in names.values())
            match = Match.SAME_CODE if alone >= least else Match.SUSPECTED_CODE
            for name, sign in list(names.items())[:_CLASSES_SHOWN] if len(names) >= least else ():
                yield rule, match, Evidence(kind, name, sign.confidence, sign.source)


def _is_maker_s(rule: Rule, identity: Identity | None) -> bool:
    """Whether an app's own file, read whole, shows that the rule's maker signed it: also with a certificate by which
    nothing is found. The 32-bit hash of a listing can be forged, and a listing's digests may be an app's own text."""
    if identity is None or identity.why is not None:
        return False
    return _maker(identity, [s for s in rule.signers if s.sha256 or s.sha1 or s.md5]) is not None


def _maker(identity: Identity, signers: Sequence[Signer]) -> Evidence | None:
    """The evidence that `signers` alone signed a file: each certificate is one of theirs, or the only one
    comes after one of theirs. A file can name further signers whose signatures Android never looked at."""
    by = [(c, s) for c in identity.certificates for s in signers if is_of(c, s)]
    if by and {certificate for certificate, _ in by} == set(identity.certificates):
        return _certificate(by[0][0].sha256, by[0][1])
    earlier = identity.lineage if len(identity.certificates) == 1 else ()
    by = [(c, s) for c in earlier for s in signers if is_of(c, s)]
    return _certificate(by[0][0].sha256, by[0][1]) if by else None


def _by_team(app: App, rule_index: Index, identity: Identity | None) -> Iterator[_Sign]:
    """The rules of the teams that signed the app: no app chooses its team, and an id is given to one team alone."""
    teams = dict.fromkeys((*((app.team,) if app.team else ()), *(identity.teams if identity is not None else ())))
    for rule, team in (team_rule for id in teams for team_rule in rule_index.by_team(id, app)):
        yield rule, Match.SAME_SIGNER, Evidence(EvidenceKind.TEAM_ID, team.id, team.confidence, team.source)


def _by_label(app: App, rule_index: Index, identity: Identity | None) -> Iterator[_Sign]:
    """The rules whose label the app bears."""
    if not rule_index.may_be_called(app):
        return
    label = _with_label(app, identity).label
    for rule, theirs in rule_index.by_label(label):
        yield rule, Match.LABEL, Evidence(EvidenceKind.LABEL, label, "one source", theirs.source)


def _certificate(sha256: str, signer: Signer) -> Evidence:
    return Evidence(EvidenceKind.CERTIFICATE, sha256, signer.confidence, signer.source)


def _other_signer(actual: str, expected: Signer) -> Evidence:
    return Evidence(EvidenceKind.OTHER_SIGNER, actual, expected.confidence, expected.source)


def _with_label(app: App, identity: Identity | None) -> App:
    """The app with the name that its file gives it and the team that it is signed for, where they are known."""
    if identity is None:
        return app
    label, team = identity.label or app.label, identity.teams[0] if identity.teams else app.team
    return app if (label, team) == (app.label, app.team) else replace(app, label=label, team=team)


def _as_read(app: App, identity: Identity | None) -> App:
    """The app with the name and the signers that its file shows, where all of that could be read."""
    named_app = _with_label(app, identity)
    if identity is None or identity.why is not None or not identity.certificates:
        return named_app
    return replace(named_app, certificates=tuple(certificate.sha256 for certificate in identity.certificates))


def profile_of(inventory: Inventory, id: int) -> Profile:
    """The profile with that number. One that the phone did not list still has the app: it must not be lost."""
    return inventory.profile(id) or Profile(id, name="", kind=ProfileKind.OTHER, readable=False)


def _rank(finding: Finding) -> tuple[int, bool, str, str, int]:
    """The key that orders findings: certain ones, then suspected ones, then hints and reviews; each by English name in
    both languages, so that a record does not depend on who reads it."""
    if finding.strength is Strength.REVIEW:
        order = len(RULE_STRENGTHS) + 1
    else:
        order = len(RULE_STRENGTHS) if finding.match is Match.LABEL else RULE_STRENGTHS.index(finding.strength)
    return order, finding.match.suspected, finding.product.en.casefold(), finding.app.package, finding.profile.id
