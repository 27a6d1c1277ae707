"""Lists of others on their way into a policy file, sound ones and hostile ones."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import RULE_STRENGTHS, Policy, Strength
from core.policy.convert import ImportedPolicy, export, import_file, incoming, stalkerware, stix2, suggested_id
from core.policy.format import policy_file, schema, tables
from core.policy.problems import PolicyProblem
from tests.unit.policy.convert.conftest import MD5, SHA1, SHA256
from tests.unit.policy.convert.generated import policies

DAY = date(2026, 11, 24)
Convert = Callable[..., ImportedPolicy]


@pytest.fixture
def convert(tmp_path: Path) -> Convert:
    def run(name: str, content: str | bytes, **options: Any) -> ImportedPolicy:
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return import_file(file, **{"id": "list", "issued": DAY, **options})

    return run


def loaded(imported: ImportedPolicy) -> Policy:
    document = tomllib.loads(imported.toml)
    assert list(schema.faults(document)) == []
    return tables.build(document, "", "")


def bundle(*objects: dict[str, Any]) -> str:
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": list(objects)})


def indicator(id: str, pattern: str, **more: Any) -> dict[str, Any]:
    return {"type": "indicator", "id": f"indicator--{id}", "pattern": pattern, "pattern_type": "stix", **more}


def indicates(number: int, target: str) -> dict[str, Any]:
    source = f"indicator--{number}"
    return {"type": "relationship", "id": f"relationship--{number}", "source_ref": source, "target_ref": target}


def told(imported: ImportedPolicy) -> dict[str, int]:
    return {one.kind: one.count for one in imported.not_understood}


def ids(policy: Policy) -> set[tuple[str, str]]:
    return {(app.platform, app.id) for rule in policy.rules for app in rule.ids}


def digests(policy: Policy, *names: str) -> set[str]:
    return {getattr(s, n) for rule in policy.rules for s in rule.signers for n in names} - {""}


SOUND = """
- name: TheTruthSpy
  names: [Copy9, TheTruthSpy]
  type: stalkerware
  packages:
  - com.apspy.app
  - com.fone
  certificates:
  - 31A6ECECD97CF39BC4126B8745CD94A7C30BF81C
  websites: [copy9.com, mxspy.com]
  c2: {domains: [a.example], ips: [192.0.2.1]}
- name: Life360
  type: watchware
  ios_bundles: [com.life360.safetymap]
- name: Sites
  type: stalkerware
  websites: [c.example]
"""


def test_a_stalkerware_list_becomes_rules_that_ban_nothing(convert: Convert) -> None:
    imported = convert("ioc.yaml", SOUND)
    policy = loaded(imported)
    assert (imported.rules, imported.ids, imported.certificates) == (2, 3, 1)
    spy, life = policy.rules
    assert spy.strength is Strength.NOTICE
    assert (spy.id, spy.product.en, spy.effective) == ("list-thetruthspy", "TheTruthSpy", DAY)
    assert [(app.platform, app.id) for app in spy.ids] == [("android", "com.apspy.app"), ("android", "com.fone")]
    assert spy.signers[0].sha1 == "31a6ececd97cf39bc4126b8745cd94a7c30bf81c"
    assert spy.signers[0].signs == ()
    assert spy.ids[0].confidence == "one source"
    assert spy.ids[0].source == "ioc.yaml, TheTruthSpy"
    assert spy.note is not None
    assert "Copy9" in spy.note.en
    assert spy.authority.quote.en == "type: stalkerware"
    assert ("ios", "com.life360.safetymap") in ids(policy)
    assert life.note is None
    assert told(imported) == {"websites": 3, "c2": 2, "name": 1}


def test_the_caller_may_want_a_ban(convert: Convert) -> None:
    policy = loaded(convert("ioc.yaml", SOUND, strength=Strength.BAN))
    assert {rule.strength for rule in policy.rules} == {Strength.BAN}


def test_values_stay_the_text_that_stands_there(convert: Convert) -> None:
    digest = "1234567890" * 4
    imported = convert("a.yml", f"- name: no\n  type: ~\n  packages: [com.a.b]\n  certificates: [{digest}, 12E4]\n")
    policy = loaded(imported)
    assert policy.rules[0].product.en == "no"
    assert digests(policy, "sha1") == {digest}
    assert told(imported) == {"certificates": 1}


def test_what_no_app_can_be_called_is_told_and_left_out(convert: Convert) -> None:
    imported = convert(
        "a.yaml", "- name: A\n  packages: [com.a.b, 'com.a;rm -rf /', 'x', com.a.b]\n- name: B\n  packages: [com.a.b]\n"
    )
    assert ids(loaded(imported)) == {("android", "com.a.b")}
    (refused, twice, name) = imported.not_understood
    assert (refused.kind, refused.count, refused.example) == ("packages", 2, "com.a;rm -rf /")
    assert (twice.kind, twice.count) == ("packages", 1)
    assert "already" in str(twice.why)
    assert (name.kind, name.example) == ("name", "B")


def test_stix_as_mvt_reads_it(convert: Convert) -> None:
    by = {"created_by_ref": "identity--1"}
    imported = convert(
        "spy.stix2",
        bundle(
            {"type": "malware", "id": "malware--1", "name": "Spy", "description": "Bad.", **by},
            {"type": "identity", "id": "identity--1", "name": "Amnesty"},
            indicator("1", "[app:id='com.oneplussync.bat']"),
            indicator("2", f"[ app:cert.'SHA-256' = '{SHA256.upper()}' ]"),
            indicator("3", f"[app:cert.sha1='{':'.join(SHA1[i : i + 2] for i in range(0, 40, 2))}']"),
            indicator("4", f"[app:cert.md5='{MD5}']", labels=["ios"]),
            indicator("5", "[domain-name:value='a.example']"),
            indicator("6", "[app:id='com.a.b' OR app:id='com.a.c']"),
            indicator("7", "[app:id='com.revoked.app']", revoked=True),
            indicator("8", "[app:id='com.only.ios']", labels=["ios"]),
            indicator("9", "alert tcp any any", pattern_type="snort"),
            *(indicates(n, "malware--1") for n in range(1, 9)),
            {"type": "file", "id": "file--1"},
        ),
    )  # fmt: skip
    policy = loaded(imported)
    (rule,) = policy.rules
    assert (rule.product.en, rule.authority.name.en, rule.authority.quote.en) == ("Spy", "Amnesty", "Bad.")
    assert ids(policy) == {("android", "com.oneplussync.bat"), ("ios", "com.oneplussync.bat"), ("ios", "com.only.ios")}
    assert digests(policy, "sha256", "sha1", "md5") == {SHA256, SHA1, MD5}
    assert rule.ids[0].source == "spy.stix2, indicator--1"
    assert told(imported) == {"domain-name:value": 1, "pattern": 2, "revoked": 1, "file": 1}


def test_an_id_of_either_platform_is_looked_for_where_it_can_be(convert: Convert) -> None:
    imported = convert("a.json", bundle(indicator("1", "[app:id='com.a-b.c']"), indicator("2", "[app:id='com.x']")))
    assert ids(loaded(imported)) == {("ios", "com.a-b.c"), ("android", "com.x"), ("ios", "com.x")}
    assert imported.not_understood == ()


def test_indicators_of_nobody_are_named_after_the_file(convert: Convert) -> None:
    policy = loaded(convert("a.json", bundle(indicator("1", "[app:id='com.a.b']"))))
    assert policy.rules[0].product.en == "a.json"
    assert "a.json" in policy.rules[0].authority.name.en


def searched(policy: Policy) -> Policy:
    """With the certificates alone by which an app of another name is found: a list has no others."""
    rules = [replace(r, signers=tuple(s for s in r.signers if not s.shared)) for r in policy.rules]
    return replace(policy, rules=tuple(rules))


@pytest.mark.slow
@given(policies())
def test_there_and_back_again(policy: Policy) -> None:
    for format, names in (("stix2", ("sha256", "sha1", "md5")), ("stalkerware", ("sha1",))):
        try:
            data = export(policy, format, strengths=RULE_STRENGTHS).data.decode()
        except PolicyProblem:
            continue
        groups, tally = (stix2 if format == "stix2" else stalkerware).read(data, "list")
        imported = incoming.build("list", groups, tally, id="list", strength=Strength.BAN, issued=DAY)
        back = loaded(imported)
        assert ids(back) == ids(policy)
        assert digests(back, *names) == digests(searched(policy), *names)
        assert imported.not_understood == ()
        assert len(imported.toml.encode()) <= policy_file.LIMIT


def test_names_and_their_french_come_back_from_stix(policy: Policy, convert: Convert) -> None:
    back = loaded(convert("example.stix2", export(policy, "stix2").data))
    assert [rule.product for rule in back.rules] == [rule.product for rule in policy.rules[:2]]
    assert back.rules[0].authority.name == policy.rules[0].authority.name


DEEP = 100_000


@pytest.mark.parametrize(
    ("name", "content", "line", "says"),
    [
        ("a.yaml", b"- name: A\n- name: \xff\n", 2, "UTF-8"),
        ("a.yaml", "- name: A\n  packages: [a\n  b: c", 3, "not YAML"),
        ("a.yaml", "- name: A\n  name: B\n", 2, "given twice"),
        ("a.yaml", "- &a [x]\n- *a\n", 2, "reference"),
        ("a.yaml", "- name: A\n---\n- name: B\n", 2, "second document"),
        ("a.yaml", "[" * 200, 1, "nested deeper"),
        ("a.yaml", "- ? [a]\n  : b\n", 1, "key must be a text"),
        ("a.yaml", "- name: \x01\n", None, "not YAML"),
        ("a.yaml", "name: A\n", None, "no list of apps"),
        ("a.yaml", "", None, "no list of apps"),
        ("a.stix2", "[1, 2]", None, "no STIX bundle"),
        ("a.stix2", '{"type": "bundle"}', None, "no STIX bundle"),
        ("a.stix2", '{"objects": [\n', 2, "not JSON"),
        ("a.stix2", '{"objects": ' + "[" * DEEP, None, "nested deeper"),
        ("a.stix2", '{"objects": [], "objects": []}', None, "given twice"),
        ("a.stix2", '{"objects": [' + "9" * 5_000 + "]}", None, "longer than any number"),
        ("a.stix2", "", 1, "not JSON"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_where_and_why(
    convert: Convert, name: str, content: str | bytes, line: int | None, says: str
) -> None:
    with pytest.raises(PolicyProblem) as caught:
        convert(name, content)
    assert name in str(caught.value.sentence)
    assert says in str(caught.value.sentence)
    assert caught.value.line == line
    assert str(caught.value.next_step)


BOMB = "- &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"- &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)


def test_a_small_file_is_not_made_huge(convert: Convert) -> None:
    with pytest.raises(PolicyProblem) as caught:
        convert("bomb.yaml", BOMB)
    assert caught.value.line == 2


def test_a_tag_makes_nothing(convert: Convert) -> None:
    imported = convert(
        "a.yaml", "- name: !!python/object/apply:os.system ['exit 1']\n  packages: [!!python/name:os.system com.a.b]\n"
    )
    assert ids(loaded(imported)) == {("android", "com.a.b")}


def test_too_large_is_not_even_parsed(convert: Convert, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "LIMIT", 1_000)
    with pytest.raises(PolicyProblem) as caught:
        convert("a.yaml", "#" * 1_001)
    assert "20 MB" in str(caught.value.sentence)


def test_too_many_objects(convert: Convert, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stix2, "OBJECTS_LIMIT", 2)
    assert convert("a.stix2", bundle(indicator("1", "[app:id='com.a.b']"), {})).rules == 1
    with pytest.raises(PolicyProblem) as caught:
        convert("a.stix2", bundle(indicator("1", "[app:id='com.a.b']"), {}, {}))
    assert "longer" in str(caught.value.sentence)


def test_a_pattern_without_end(convert: Convert) -> None:
    long = indicator("2", "[app:id='" + "\\" * 1_000_000)
    imported = convert("a.stix2", bundle(indicator("1", "[app:id='com.a.b']"), long))
    assert told(imported) == {"pattern": 1}


def test_too_many_values(convert: Convert, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stalkerware, "NODES_LIMIT", 100)
    with pytest.raises(PolicyProblem) as caught:
        convert("a.yaml", "- x\n" * 200)
    assert caught.value.line is not None


@pytest.mark.parametrize("count", [7_000, 20_000])
def test_too_long_for_one_policy(convert: Convert, count: int) -> None:
    packages = "".join(f"  - com.example.application.number{n}\n" for n in range(count))
    with pytest.raises(PolicyProblem) as caught:
        convert("a.yaml", f"- name: A\n  packages:\n{packages}")
    assert "too long for one policy" in str(caught.value.sentence)


@pytest.mark.parametrize("content", ["- name: A\n", "- name: A\n  packages: ['?']\n", "- A\n", "[]"])
def test_nothing_to_look_for(convert: Convert, content: str) -> None:
    with pytest.raises(PolicyProblem) as caught:
        convert("a.yaml", content)
    assert "no app and no certificate" in str(caught.value.sentence)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(PolicyProblem):
            import_file(path, id="a", issued=DAY)


def test_an_id_that_no_policy_can_have(convert: Convert) -> None:
    with pytest.raises(PolicyProblem) as caught:
        convert("a.yaml", SOUND, id="Not An Id")
    assert "--id" in str(caught.value.next_step)


def test_groups_of_one_name_and_names_that_hide(convert: Convert) -> None:
    imported = convert("a.yaml", '- name: A\n  packages: [com.a.b]\n- name: "A\\u202e\\u0000"\n  packages: [com.a.c]\n')
    policy = loaded(imported)
    assert [rule.id for rule in policy.rules] == ["list-a", "list-a-2"]
    assert policy.rules[1].product.en == "A??"


def test_an_id_is_suggested_after_the_file() -> None:
    assert suggested_id(Path("Stalkerware IOC (2026).yaml")) == "stalkerware-ioc-2026"
    assert suggested_id(Path("微信.yaml")) == "imported"


KEYS = ["type", "id", "name", "names", "packages", "certificates", "pattern", "object_refs", "labels", "contents"]
REFS = ["target_ref", "source_ref", "created_by_ref", "object_ref"]
SCRAPS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["app", "com.a.b", "indicator", "[app:id='com.a.b']"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS + REFS), inner, max_size=6),
    max_leaves=20,
)
TYPES = st.sampled_from(["indicator", "malware", "report", "relationship", "identity", "language-content"])
OBJECTS = st.builds(
    lambda scraps, type, id: {**scraps, "type": type, "id": id},
    st.dictionaries(st.sampled_from([*KEYS, *REFS, "revoked"]), SCRAPS, max_size=6),
    TYPES,
    st.text(max_size=5),
)


def digested(read: Any, text: str) -> None:
    """Either a policy file that can be loaded, or a problem that can be told: never anything else."""
    try:
        groups, tally = read(text, "list")
        imported = incoming.build("list", groups, tally, id="list", strength=Strength.NOTICE, issued=DAY)
    except PolicyProblem:
        return
    loaded(imported)


@given(st.lists(OBJECTS | SCRAPS, max_size=8))
def test_any_bundle(objects: list[Any]) -> None:
    digested(stix2.read, json.dumps({"objects": objects}))


@given(SCRAPS | st.lists(SCRAPS, max_size=5))
def test_any_yaml(value: Any) -> None:
    import yaml

    digested(stalkerware.read, yaml.safe_dump(value, allow_unicode=True))


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    digested(stalkerware.read, text)
    digested(stix2.read, text)
