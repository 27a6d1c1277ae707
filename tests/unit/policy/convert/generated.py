"""Policies of every shape that a policy file may have."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import strategies as st

from core.model import (
    RULE_STRENGTHS,
    SIGNALS,
    Authority,
    Code,
    Container,
    HealthRules,
    IosRelease,
    Label,
    Policy,
    Rule,
    RuleId,
    Signer,
    Team,
    WebService,
)
from core.policy.format.schema import EXCEPTION_LIMIT
from core.text import Bilingual

CONFIDENCES = st.sampled_from(["several sources", "one source"])
#: What may stand in a policy file: every printable character, spaces only between others, French spaces among them.
WORDS = (
    st.one_of(
        st.text(
            st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"), exclude_characters="\ufffd"),
            min_size=1,
            max_size=30,
        ),
        st.sampled_from(
            ["=SUM(A1)", "a\u00a0: « b\u00a0»", 'it\'s "so" \\ ]]>&<', "no", "12E4", "[x='y']", "{}", "- a", "🐼"]
        ),
    )
    .map(lambda text: " ".join(word for word in text.split(" ") if word).strip())
    .filter(bool)
)
BOTH = st.builds(Bilingual, WORDS, WORDS)
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
SLUGS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)
ANDROID_IDS = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}(\.[A-Za-z][A-Za-z0-9_]{0,8}){1,3}", fullmatch=True)
IOS_IDS = st.from_regex(r"[A-Za-z0-9_-]{1,8}(\.[A-Za-z0-9_-]{1,8}){1,3}", fullmatch=True)
URLS = st.from_regex(r"https://[a-z]{1,8}\.example/[!-~]{0,12}", fullmatch=True)


def digests(size: int) -> st.SearchStrategy[str]:
    return st.text("0123456789abcdef", min_size=size, max_size=size)


_SIGNALS = st.lists(st.sampled_from(tuple(SIGNALS)), max_size=3, unique=True).map(tuple)
IOS = st.lists(
    st.builds(IosRelease, st.from_regex(r"[1-9][0-9]?\.(0|[1-9])(\.[1-9])?", fullmatch=True), DAYS, st.booleans()),
    max_size=3,
    unique_by=lambda release: release.major,
).map(tuple)
HEALTH = st.builds(
    HealthRules,
    patch_amber_days=st.integers(0, 100),
    patch_red_days=st.just(0) | st.integers(100, 3_650),
    min_sdk=st.integers(0, 60),
    expected_owner=st.sampled_from(["", "com.example.mdm"]),
    expected_organisation=st.just("") | WORDS,
    ios=IOS,
    red=_SIGNALS,
    amber=_SIGNALS,
    show=_SIGNALS,
)


@st.composite
def signers(draw: Any, own: list[str]) -> Signer:
    given = draw(st.sets(st.sampled_from(["sha256", "sha1", "md5", "hash"]), min_size=1))
    sizes = {"sha256": 64, "sha1": 40, "md5": 32}
    values = {name: draw(digests(size)) for name, size in sizes.items() if name in given}
    if "hash" in given:
        values["hash"] = draw(st.from_regex(r"[1-9a-f][0-9a-f]{0,7}", fullmatch=True))
    signs = tuple(draw(st.lists(st.sampled_from(own), unique=True))) if own else ()
    return Signer(signs, draw(CONFIDENCES), draw(WORDS), shared=draw(st.booleans()), **values)


@st.composite
def policies(draw: Any) -> Policy:
    issued = draw(DAYS)
    authorities = draw(
        st.lists(st.builds(Authority, BOTH, BOTH, BOTH, st.booleans(), st.just("") | URLS), min_size=1, max_size=3)
    )
    taken: set[tuple[str, str]] = set()
    rules = []
    for id in draw(st.lists(SLUGS, min_size=1, max_size=4, unique=True)):
        apps = []
        for platform, name in draw(
            st.lists(st.tuples(st.just("android"), ANDROID_IDS) | st.tuples(st.just("ios"), IOS_IDS), max_size=4)
        ):
            if (platform, name) not in taken:
                taken.add((platform, name))
                apps.append(
                    RuleId(platform, name, draw(BOTH), draw(CONFIDENCES), draw(WORDS), draw(st.just("") | URLS))
                )
        own = [app.id for app in apps if app.platform == "android"]
        effective = draw(st.dates(date(2000, 1, 1), issued))
        rule = Rule(
            id=id,
            product=draw(BOTH),
            strength=draw(st.sampled_from(RULE_STRENGTHS)),
            effective=effective,
            reason=draw(BOTH),
            authority=draw(st.sampled_from(authorities)),
            ids=tuple(apps),
            note=draw(st.none() | BOTH),
            signers=tuple(draw(st.lists(signers(own), max_size=2))),
            code=tuple(draw(st.lists(st.builds(Code, st.just("com.example.a.b."), CONFIDENCES, WORDS), max_size=1))),
            labels=tuple(draw(st.lists(st.builds(Label, WORDS, WORDS), max_size=1))),
            teams=tuple(
                draw(
                    st.lists(st.builds(Team, st.just("ABCDE12345"), st.just("com.a."), CONFIDENCES, WORDS), max_size=1)
                )
            ),
            publisher=draw(st.just("") | WORDS),
            scope=draw(st.none() | BOTH),
            announced=draw(st.none() | st.dates(date(2000, 1, 1), effective)),
            deadline=draw(st.none() | st.dates(effective, date(2101, 1, 1))),
        )
        if not (rule.ids or rule.signers or rule.teams):
            rule = replace(rule, teams=(Team("ABCDE12345", "com.a.", "one source", "x"),))
        rules.append(rule)
    return Policy(
        id=draw(SLUGS),
        version=draw(WORDS),
        issued=issued,
        title=draw(BOTH),
        scope=draw(BOTH),
        rules=tuple(rules),
        sha256="",
        on=draw(st.just("") | SLUGS),
        off=tuple(draw(st.lists(SLUGS, max_size=2, unique=True))),
        exception_days=draw(st.integers(0, EXCEPTION_LIMIT)),
        health=draw(HEALTH),
        containers=draw(containers({rule.id for rule in rules})),
        web=draw(services([rule.id for rule in rules])),
    )


@st.composite
def containers(draw: Any, taken: set[str]) -> tuple[Container, ...]:
    apps: set[str] = set()
    made = []
    for id in draw(st.lists(SLUGS.filter(lambda id: id not in taken), max_size=2, unique=True)):
        names = [name for name in draw(st.lists(ANDROID_IDS, max_size=2, unique=True)) if name not in apps]
        apps |= set(names)
        ids = tuple(RuleId("android", name, draw(BOTH), draw(CONFIDENCES), draw(WORDS)) for name in names)
        code = tuple(draw(st.lists(st.builds(Code, st.just("com.example.stub."), CONFIDENCES, WORDS), max_size=1)))
        if ids or code:
            made.append(Container(id, draw(BOTH), ids, code))
    return tuple(made)


@st.composite
def services(draw: Any, rules: list[str]) -> tuple[WebService, ...]:
    hosts = draw(st.lists(st.sampled_from(["a.example", "b.c.example", "xn--p1ai.example"]), max_size=3, unique=True))
    return tuple(WebService(draw(st.sampled_from(rules)), (host,), draw(CONFIDENCES), draw(WORDS)) for host in hosts)
