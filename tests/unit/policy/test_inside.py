"""A copy that was renamed to its last screen: by the classes of its code and the files in its archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from core.model import Code, EvidenceKind, Finding, Identity, Match, Policy, RuleFile
from core.policy.format.policy_file import built_in, examine_bytes, load_built_in, parse
from core.policy.format.tables import to_toml
from core.policy.matching import match, parts
from tests.unit.policy.test_recognised import MAKER, OTHER, POLICY, RULE, app, found, read

WORK = "com.tencent.wework"
INSIDE = replace(
    RULE,
    signers=(replace(RULE.signers[0], shared=True),),
    code=(Code("com.tencent.mm.plugin.", "one source", "decompiled", (WORK,), inside=True), *RULE.code),
    files=(
        RuleFile("lib/*/libwechatmm.so", "one source", "study", (WORK,)),
        RuleFile("assets/chat.bin", "one source", "study"),
    ),
)
RELATED = POLICY.rules[1]
RULES = replace(POLICY, rules=(INSIDE, RELATED))


def classes(count: int, package: str = "com.tencent.mm.plugin.sns") -> tuple[str, ...]:
    return tuple(f"{package}.C{number}" for number in range(count))


def judged(package: str = "com.pocket.notes", *, maker: bool = False, **values: object) -> Sequence[Finding]:
    identity = read(package, certificates=(MAKER if maker else OTHER,), **values)
    return [f for f in found(app(package), policy=RULES, identity=identity) if f.rule == "chat"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"code": classes(10)}, EvidenceKind.CODE),
        ({"code": (*classes(5), *classes(5, "com.tencent.mm.plugin.account"))}, EvidenceKind.CODE),
        ({"code": classes(10, "com.tencent.mm.ui")}, EvidenceKind.CODE),  # also that behind screens
        ({"files": ("lib/arm64-v8a/libwechatmm.so", "assets/chat.bin")}, EvidenceKind.FILE),
    ],
)
def test_enough_of_it_inside_is_the_product(values: dict[str, object], kind: EvidenceKind) -> None:
    (finding,) = judged(**values)
    assert (finding.match, finding.is_ban, finding.match.suspected) == (Match.SAME_CODE, True, False)
    assert {evidence.kind for evidence in finding.evidence} == {kind}
    assert "has the code of Chat, under another name" in str(finding.why)


@pytest.mark.parametrize(
    "values",
    [
        {"code": classes(9)},  # what is made to work with the product names some of its classes
        {"code": classes(10, "com.tencent.mm.opensdk.modelmsg")},
        {"code": classes(10, "com.tencent.mm.pluginsdk")},
        {"files": ("lib/arm64-v8a/libwechatmm.so",)},
        {"files": ("lib/arm64-v8a/libwechatmm.so", "lib/x86/libwechatmm.so")},  # one library, for two processors
        {"components": classes(10)},  # others declare some of the package as their own screens
    ],
)
def test_a_little_of_it_is_not(values: dict[str, object]) -> None:
    assert judged(**values) == []


def test_an_app_that_is_known_to_have_it_is_accused_only_if_its_maker_did_not_sign_it() -> None:
    assert judged(WORK, maker=True, code=classes(10)) == []
    (finding,) = judged(WORK, code=classes(10))
    assert finding.match is Match.SUSPECTED_CODE
    (finding,) = judged(WORK, files=("lib/x86/libwechatmm.so", "assets/chat.bin"))
    assert finding.match is Match.SUSPECTED_CODE


def test_what_is_read_in_part_counts() -> None:
    unread = Identity("com.pocket.notes", why=None, code=classes(10))
    (finding,) = [f for f in found(app(), policy=RULES, identity=unread) if f.rule == "chat"]
    assert finding.match is Match.SAME_CODE


@pytest.mark.parametrize("name", built_in())
def test_what_makers_give_to_others_is_no_sign_in_any_policy(name: str) -> None:
    policy = load_built_in(name)
    given = tuple(f"{package}C{number}" for package in parts.CLASSES for number in range(20))
    files = tuple(name.replace("*", "arm64-v8a") for name in parts.FILES)
    identity = Identity("org.example.shop", certificates=(OTHER,), components=given, code=given, files=files)
    assert found(app("org.example.shop"), policy=policy, identity=identity) == ()


def test_a_policy_that_names_what_makers_give_does_not_seek_it() -> None:
    broad = replace(RULE, code=(Code("com.tencent.mm.", "one source", "s", inside=True),))
    greedy = replace(broad, files=(RuleFile(parts.FILES[0], "one source", "s"),))
    sought = match.sought(replace(POLICY, rules=(greedy,)), "android", ["a.b"])
    assert (sought.files, sought.classes, sought.parts) == ((), ("com.tencent.mm.",), parts.CLASSES)
    assert sought.outside == {"a.b"}


@pytest.mark.parametrize(("rule", "file"), [("wechat", True), ("tiktok", False), ("kaspersky", False)])
def test_the_policy_of_canada_knows_its_three_products_inside(rule: str, *, file: bool) -> None:
    policy = load_built_in("canada")
    ban = policy.rule(rule)
    assert ban is not None
    assert bool(ban.files) is file
    for code in (code for code in ban.code if code.inside):
        identity = Identity("org.example.copy", certificates=(OTHER,), code=classes(10, code.prefix.rstrip(".")))
        (finding,) = found(app("org.example.copy"), policy=policy, identity=identity)
        assert (finding.rule, finding.match, finding.is_ban) == (rule, Match.SAME_CODE, True)


@pytest.mark.parametrize(
    ("group", "what"),
    [
        ('[[rule.file]]\nname = "lib/*/liba.so"', None),
        ('[[rule.file]]\nname = "assets/bases/a-1.dat"\nalso_in = ["com.example.other"]', None),
        ('[[rule.code]]\nprefix = "com.example.feed."\ninside = true', None),
        ('[[rule.file]]\nname = "lib/*/*.so"', "must be where a file is in an app’s archive"),
        ('[[rule.file]]\nname = "/assets/a"', "must be where a file is in an app’s archive"),
        ('[[rule.file]]\nname = "assets/../a"', "must be where a file is in an app’s archive"),
        ('[[rule.file]]\nname = "assets/a"\ninside = true', "“inside” is not a key that a file can have"),
        ('[[rule.code]]\nprefix = "com.example.feed."\ninside = 1', "must be"),
        ('[[container]]\nid = "x"\nproduct = {en = "X", fr = "X"}\n[[container.code]]\nprefix = "com.x.y."\n'
         'also_in = ["a.b"]', "“also_in” is not a key"),
    ],
)  # fmt: skip
def test_a_policy_file_says_it(group: str, what: str | None) -> None:
    text = to_toml(replace(POLICY, rules=(replace(RULE, code=(), labels=(), teams=()),)))
    rest = '\nconfidence = "one source"\nsource = "s"\n'
    result = examine_bytes(f"{text}\n{group}{rest}".encode(), "list.toml")
    if what is None:
        assert isinstance(result, Policy)
        assert parse(to_toml(result).encode(), "list.toml").rules == result.rules
    else:
        assert isinstance(result, tuple)
        assert any(what in str(problem) for problem in result), [str(problem) for problem in result]
