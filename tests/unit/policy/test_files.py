"""A policy file is used whole or not at all, and who wrote it is told which line to look at."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import HealthRules, IosRelease, Policy, Strength
from core.policy.format.policy_file import FAULTS_LIMIT, LIMIT, built_in, examine, load, load_built_in
from core.policy.problems import PolicyProblem
from core.text import Bilingual
from tests.examples import examples

GOOD = '''\
id = "ministry"
version = "3"
issued = 2026-11-01
title.en = "Ministry"
title.fr = "Ministère"
scope.en = "ministry phones"
scope.fr = "les téléphones du ministère"

[authority.minister]
name.en = "the Minister"
name.fr = "la ministre"
instrument.en = "Directive 1"
instrument.fr = "Directive 1"
quote.en = "It is banned."
quote.fr = "Elle est interdite."
official_fr = true
url = "https://example.invalid/1"

[[rule]]
id = "chat"
strength = "ban"
effective = 2026-10-31
authority = "minister"
product.en = "Chat"
product.fr = "Clavardage"
reason.en = """
It is \t not
  safe."""
reason.fr = "Elle n'est pas sûre\u00a0: voilà."
note.en = "A note."
note.fr = "Une note."

[[rule.app]]
platform = "android"
id = "org.example.Chat_2"
product.en = "Chat for Android"
product.fr = "Clavardage pour Android"
confidence = "several sources"
source = "seen"

[[rule.app]]
platform = "ios"
id = "org.example.Chat-2"
product.en = "Chat for iPhone"
product.fr = "Clavardage pour iPhone"
confidence = "one source"
source = "seen"

[[rule]]
id = "talk"
strength = "notice"
effective = 2026-10-31
authority = "minister"
product.en = "Talk"
product.fr = "Parle"
reason.en = "Because."
reason.fr = "Parce que."

[[rule.app]]
platform = "android"
id = "org.example.talk"
product.en = "Talk"
product.fr = "Parle"
confidence = "one source"
source = "seen"
'''


def line(text: str, nth: int = 1) -> int:
    """The number of the `nth` line of GOOD that starts with `text`."""
    numbers = [number for number, content in enumerate(GOOD.split("\n"), start=1) if content.startswith(text)]
    return numbers[nth - 1]


def write(folder: Path, text: str) -> Path:
    file = folder / "list.toml"
    file.write_bytes(text.encode())
    return file


def check(file: Path) -> tuple[PolicyProblem, ...]:
    result = examine(file)
    return () if isinstance(result, Policy) else result


def sentences(file: Path) -> list[str]:
    return [problem.sentence.in_language("en") for problem in check(file)]


def test_everything_in_a_good_file_arrives(tmp_path: Path) -> None:
    policy = load(write(tmp_path, GOOD))
    assert (policy.id, policy.version, policy.issued) == ("ministry", "3", date(2026, 11, 1))
    assert policy.title == Bilingual("Ministry", "Ministère")
    assert policy.scope == Bilingual("ministry phones", "les téléphones du ministère")
    assert policy.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    assert policy.source == "list.toml"
    chat, talk = policy.rules
    assert (chat.id, chat.strength, chat.effective) == ("chat", Strength.BAN, date(2026, 10, 31))
    assert chat.reason == Bilingual("It is not safe.", "Elle n'est pas sûre\u00a0: voilà.")
    assert chat.note == Bilingual("A note.", "Une note.")
    assert chat.authority.name == Bilingual("the Minister", "la ministre")
    assert chat.authority.instrument == Bilingual("Directive 1", "Directive 1")
    assert chat.authority.quote == Bilingual("It is banned.", "Elle est interdite.")
    assert chat.authority.official_fr is True
    assert chat.authority.url == "https://example.invalid/1"
    assert [(app.platform, app.id, app.confidence, app.source) for app in chat.ids] == [
        ("android", "org.example.Chat_2", "several sources", "seen"),
        ("ios", "org.example.Chat-2", "one source", "seen"),
    ]
    assert chat.ids[0].product == Bilingual("Chat for Android", "Clavardage pour Android")
    assert (talk.strength, talk.note) == (Strength.NOTICE, None)
    assert check(tmp_path / "list.toml") == ()


def test_what_a_policy_asks_of_a_phones_health(tmp_path: Path) -> None:
    asked = 'patch_amber_days = 30\nexpected_owner = "com.example.mdm"\nred = ["lock"]\nshow = ["boot", "patch"]'
    policy = load(write(tmp_path, GOOD.replace("[[rule]]", f"[health]\n{asked}\n[[rule]]", 1)))
    wanted = HealthRules(30, expected_owner="com.example.mdm", red=("lock",), show=("boot", "patch"))
    assert policy.health == wanted
    assert load(write(tmp_path, GOOD)).health == HealthRules()


def test_what_a_policy_asks_of_an_iphones_health(tmp_path: Path) -> None:
    asked = (
        '[health]\nexpected_organisation = "Example Agency"\namber = ["passcode"]\nshow = ["jailbreak", "patch"]\n'
        '[[health.ios]]\nnewest = "26.6.1"\nsince = 2026-08-18\n'
        '[[health.ios]]\nnewest = "15.8.4"\nsince = 2025-03-31\nended = true\n'
    )
    policy = load(write(tmp_path, GOOD.replace("[[rule]]", f"{asked}[[rule]]", 1)))
    newest = IosRelease("26.6.1", date(2026, 8, 18))
    last = IosRelease("15.8.4", date(2025, 3, 31), ended=True)
    assert policy.health.ios == (newest, last)
    assert policy.health.expected_organisation == "Example Agency"
    assert policy.health.strip_signals("ios") == ("jailbreak",)
    assert policy.health.strip_signals("android") == ("patch",)


def test_the_digest_is_of_the_bytes_and_not_of_what_they_mean(tmp_path: Path) -> None:
    text = GOOD.replace("\n", "\r\n")
    policy = load(write(tmp_path, text))
    assert policy.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert policy.rules == load(write(tmp_path, GOOD)).rules


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert load(write(tmp_path, "\ufeff" + GOOD)).id == "ministry"


def test_the_sentence_names_the_file_the_line_and_the_fault(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD.replace("strength", "strenght", 1))
    with pytest.raises(PolicyProblem) as raised:
        load(file)
    assert str(raised.value) == (
        "list.toml, line 21: “strenght” is not a key that a rule can have; perhaps “strength” is meant."
        " Correct the file, or ask the person who gave it to you."
    )
    assert (raised.value.line, raised.value.code, raised.value.exit_code) == (21, "policy", 5)
    assert line("strength") == 21


@pytest.mark.parametrize(
    ("old", "new", "at", "what"),
    [
        # Unknown keys.
        ('id = "ministry"', 'colour = 1\nid = "ministry"', 1, "“colour” is not a key that a policy can have."),
        ("[[rule]]", "[rules]\n[[rule]]", line("[[rule]]"), "“rules” is not a key that a policy can have."),
        ("official_fr", "zz = 1\nofficial_fr", line("official_fr"), "is not a key that an authority can have."),
        ('platform = "a', 'when = 1\nplatform = "a', line("platform"), "“when” is not a key that an app can have."),
        (
            "note.en",
            "note.de = 1\nnote.en",
            line("note.en"),
            "“note.de” is not a key that a text in two languages can have.",
        ),
        # Missing keys.
        ('id = "ministry"\n', "", 1, "“id” is missing."),
        ('title.fr = "Ministère"\n', "", line("title.en"), "“title.fr” is missing."),
        ('reason.fr = "Parce que."\n', "", line("reason.en", 2), "“reason.fr” is missing."),
        ('reason.en = "Because."\nreason.fr = "Parce que."\n', "", line("[[rule]]", 2), "“reason” is missing."),
        ('quote.en = "It is banned."\n', "", line("quote.fr") - 1, "“authority.minister.quote.en” is missing."),
        ('source = "seen"\n', "", line("[[rule.app]]"), "“source” is missing."),
        ("official_fr = true\n", "", line("[authority"), "“authority.minister.official_fr” is missing."),
        # Wrong types.
        ('version = "3"', "version = 3", line("version"), "“version” must be text in quotation marks."),
        ('id = "chat"', "id = []", line('id = "chat"'), "“id” must be text in quotation marks."),
        ("2026-11-01", '"2026-11-01"', line("issued"), "“issued” must be a date such as 2023-10-30"),
        ("2026-11-01", "2026-11-01T00:00:00", line("issued"), "“issued” must be a date such as 2023-10-30"),
        ("2026-11-01", "20261101", line("issued"), "“issued” must be a date such as 2023-10-30"),
        ("true", '"yes"', line("official_fr"), "must be true or false, without quotation marks."),
        ("true", "1", line("official_fr"), "must be true or false, without quotation marks."),
        ('"ban"', "1", line("strength"), "“strength” must be text in quotation marks."),
        ('"android"', "false", line("platform"), "“platform” must be text in quotation marks."),
        ('"org.example.talk"', "7", line('id = "org.example.talk'), "“id” must be text in quotation marks."),
        ('note.fr = "Une note."', "note.fr = ['x']", line("note.fr"), "“note.fr” must be text in quotation marks."),
        (
            'scope.en = "ministry phones"\nscope.fr = "les téléphones du ministère"\n',
            'scope = "phones"\n',
            line("scope.en"),
            "“scope” must be given in two languages, as “scope.en” and “scope.fr”.",
        ),
        (
            'scope.en = "ministry phones"\nscope.fr = "les téléphones du ministère"\n',
            "scope = 1\n",
            line("scope.en"),
            "“scope” must be a group of keys, not a single value.",
        ),
        # Empty or odd texts.
        ('"Une note."', '" \t "', line("note.fr"), "“note.fr” is empty."),
        ('"Parce que."', '""', line("reason.fr", 2), "“reason.fr” is empty."),
        ('version = "3"', 'version = ""', line("version"), "“version” is empty."),
        ('source = "seen"', 'source = ""', line("source"), "“source” is empty."),
        ('"Une note."', '"\\u202eUne note."', line("note.fr"), "“note.fr” holds a character that cannot be shown."),
        ('"Une note."', '"Une\\u0000note."', line("note.fr"), "“note.fr” holds a character that cannot be shown."),
        # Values that are not among the choices.
        ('"ban"', '"Ban"', line("strength"), "“Ban”, but must be one of: ban, recommendation, notice."),
        ('"android"', '"Android"', line("platform"), "“Android”, but must be one of: android, ios."),
        ('"one source"', '"guess"', line("confidence", 2), "must be one of: several sources, one source."),
        ('id = "chat"', 'id = "We Chat"', line('id = "chat"'), "“id” is “We Chat”, but may have only small letters"),
        ("https://", "http://", line("url"), "must be an address that begins with https://."),
        # Ids that no app can have.
        ("org.example.talk", "talk", line('id = "org.example.talk'), "“talk” is not an id that an app can have"),
        ("org.example.talk", "org..talk", line('id = "org.example.talk'), "is not an id that an app can have"),
        ("org.example.talk", "org.example.", line('id = "org.example.talk'), "is not an id that an app can have"),
        ("org.example.talk", "org.example.*", line('id = "org.example.talk'), "is not an id that an app can have"),
        ("org.example.talk", "org.example.talk ", line('id = "org.example.talk'), "is not an id that an app can have"),
        (
            "org.example.talk",
            "org.example.talk\\n",
            line('id = "org.example.talk'),
            "is not an id that an app can have",
        ),
        ("org.example.talk", "org.1.talk", line('id = "org.example.talk'), "that an app can have on android."),
        ("org.example.talk", "org.a-b.talk", line('id = "org.example.talk'), "that an app can have on android."),
        ("org.example.Chat-2", "org.é", line('id = "org.example.Chat-2'), "that an app can have on ios."),
        ("org.example.talk", "a." + "b" * 222, line('id = "org.example.talk'), "is not an id that an app can have"),
        # Things that contradict each other.
        ('id = "talk"', 'id = "chat"', line('id = "talk"'), "the rule id “chat” is used more than once."),
        (
            "org.example.talk",
            "org.example.Chat_2",
            line('id = "org.example.talk'),
            "the app “org.example.Chat_2” (android) is already in the rule “chat”.",
        ),
        (
            'authority = "minister"',
            'authority = "king"',
            line("authority ="),
            "there is no authority named “king” in this file.",
        ),
        (
            "2026-10-31",
            "2026-11-02",
            line("effective"),
            "the rule takes effect on 2026-11-02, after the policy was issued on 2026-11-01.",
        ),
        # What is asked of a phone's health.
        *(
            ("[[rule]]", f"[health]\n{given}\n[[rule]]", line("[[rule]]") + 1, what)
            for given, what in (
                ("patch_amber_days = 0", "“health.patch_amber_days” must be a whole number from 1 to 3650."),
                ("patch_red_days = true", "“health.patch_red_days” must be a whole number from 1 to 3650."),
                ("min_sdk = 10_000", "“health.min_sdk” must be a whole number from 1 to 60."),
                ('expected_owner = "mdm"', "“health.expected_owner” is “mdm”, but is no id"),
                ('red = "lock"', "“health.red” must be a list of texts in square brackets."),
                ('amber = ["locks"]', "“health.amber” is “locks”, but must be one of: patch, encryption, lock,"),
                ("patch = 3", "“health.patch” is not a key that [health] can have."),
                ("expected_organisation = true", "“health.expected_organisation” must be text in quotation marks."),
                (
                    "patch_red_days = 30\npatch_amber_days = 31",
                    "“patch_red_days” (30) must not be less than “patch_amber_days” (31).",
                ),
            )
        ),
        *(
            ("[[rule]]", f"[[health.ios]]\n{given}\n[[rule]]", line("[[rule]]") + lines, what)
            for given, lines, what in (
                ('newest = "26.6.1"', 0, "“since” is missing."),
                ('newest = "26"\nsince = 2026-08-18', 1, "“newest” is “26”, but must be a version of iOS such as 26.1"),
                ('newest = "26.6.0"\nsince = 2026-08-18', 1, "“newest” is “26.6.0”, but must be a version of iOS"),
                ('newest = "26.6"\nsince = "2026"', 2, "“since” must be a date such as 2023-10-30"),
                ('newest = "26.6"\nsince = 2026-08-18\nend = true', 3, "perhaps “ended” is meant."),
                (
                    'newest = "26.6"\nsince = 2026-08-18\n[[health.ios]]\nnewest = "26.5"\nsince = 2026-06-18',
                    4,
                    "there is already a newest release of iOS 26 in this file.",
                ),
            )
        ),
        # Not TOML.
        ('version = "3"', 'version = "3', line("version"), "Fanion cannot make sense of the text here."),
        ('version = "3"', "version is 3", line("version"), "Fanion cannot make sense of the text here."),
        ("2026-11-01", "2026-11-31", line("issued"), "Fanion cannot make sense of the text here."),
        ('version = "3"', 'id = "3"', line("version"), "Fanion cannot make sense of the text here."),
    ],
)
def test_one_fault_is_named_with_its_line(tmp_path: Path, old: str, new: str, at: int, what: str) -> None:
    assert old in GOOD
    file = write(tmp_path, GOOD.replace(old, new, 1))
    (sentence,) = sentences(file)
    assert sentence.startswith(f"list.toml, line {at}: ")
    assert what in sentence
    with pytest.raises(PolicyProblem, match=f"line {at}:"):
        load(file)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("rule = []", "“rule” must be one or more groups"),
        ("rule = [1]", "“rule” must be a group of keys"),
        ("[rule]\nid = 'x'", "“rule” must be one or more groups, each under a heading in double square brackets."),
        ("[[rule]]\napp = 1", "“app” must be one or more groups"),
        ("[[rule]]\napp = []", "“app” must be one or more groups"),
        ("[[rule]]\nid = 'x'", "a rule must name at least one app, signer, code prefix or team."),
        ("[authority]", "“authority” must be one or more groups, each with a name of its own."),
        ("[[authority]]", "“authority” must be one or more groups, each with a name of its own."),
        ("authority.x = 1", "“authority.x” must be a group of keys"),
        ("", "a policy must have at least one rule."),
    ],
)
def test_groups_must_have_the_right_shape(tmp_path: Path, text: str, what: str) -> None:
    assert any(what in sentence for sentence in sentences(write(tmp_path, text)))


def test_two_platforms_may_share_an_id(tmp_path: Path) -> None:
    same = GOOD.replace("org.example.Chat_2", "org.example.same").replace("org.example.Chat-2", "org.example.same")
    assert [app.id for app in load(write(tmp_path, same)).rules[0].ids] == ["org.example.same"] * 2


def test_all_faults_are_given_by_line_and_the_first_is_raised(tmp_path: Path) -> None:
    text = GOOD.replace("2026-11-01", "true").replace('"ban"', '"bann"').replace("org.example.talk", "talk")
    problems = check(write(tmp_path, text))
    assert [problem.line for problem in problems] == [line("issued"), line("strength"), line('id = "org.example.talk')]
    with pytest.raises(PolicyProblem) as raised:
        load(tmp_path / "list.toml")
    assert str(raised.value) == str(problems[0])


@pytest.mark.parametrize(
    ("data", "at"),
    [(GOOD.encode("utf-16"), 1), (GOOD.encode("latin-1"), line("title.fr")), (b"a = 1\n\xff\n", 2)],
)
def test_a_file_in_another_encoding(tmp_path: Path, data: bytes, at: int) -> None:
    file = tmp_path / "list.toml"
    file.write_bytes(data)
    (problem,) = check(file)
    assert problem.sentence.in_language("en") == f"list.toml, line {at}: a character is not written in UTF-8."
    assert "Save the file again as UTF-8" in problem.next_step.in_language("en")


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "{a=" * 5000, "a = " + "9" * 5000, 'a = """\n', "\x00"])
def test_what_makes_the_parser_stumble_is_a_fault_of_the_file(tmp_path: Path, text: str) -> None:
    assert any(sentence.startswith("list.toml, line 1") for sentence in sentences(write(tmp_path, text)))


@pytest.mark.slow
def test_a_file_at_the_limit_is_read_and_one_above_it_is_not(tmp_path: Path) -> None:
    file = tmp_path / "list.toml"
    padding = LIMIT - len(GOOD.encode())
    file.write_bytes(GOOD.encode() + b"\n" * padding)
    assert load(file).id == "ministry"
    file.write_bytes(GOOD.encode() + b"\n" * (padding + 1))
    assert sentences(file) == ["The policy file list.toml is larger than any policy needs to be."]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert sentences(tmp_path / "none.toml") == [f"The policy file {tmp_path / 'none.toml'} is not there."]


def test_a_folder_and_a_pipe_are_not_policy_files(tmp_path: Path) -> None:
    assert sentences(tmp_path) == [f"The policy file {tmp_path} is not there."]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.toml")
        assert sentences(tmp_path / "pipe.toml") == [f"The policy file {tmp_path / 'pipe.toml'} is not there."]


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, GOOD)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PolicyProblem) as raised:
        load(file)
    assert raised.value.sentence.in_language("en") == "The policy file list.toml cannot be read."
    assert "Permission denied" in raised.value.detail


def test_a_name_cannot_disturb_the_sentence(tmp_path: Path) -> None:
    (sentence,) = sentences(tmp_path / "a{line}\u202eb.toml")
    assert sentence == f"The policy file {tmp_path}{os.sep}a{{line}}\N{REPLACEMENT CHARACTER}b.toml is not there."


def test_the_built_in_policies() -> None:
    assert "canada" in built_in()
    for name in built_in():
        policy = load_built_in(name)
        data = (resources.files("resources") / "policies" / f"{name}.toml").read_bytes()
        assert policy.sha256 == hashlib.sha256(data).hexdigest()
        assert policy.source == f"{name}.toml"


@pytest.mark.parametrize("name", ["", "Canada", "../policies/canada", "canada.toml", "atlantis"])
def test_a_built_in_policy_that_does_not_exist(name: str) -> None:
    with pytest.raises(PolicyProblem, match="no built-in policy") as raised:
        load_built_in(name)
    assert "canada" in raised.value.next_step.in_language("en")


CANADA = (resources.files("resources") / "policies" / "canada.toml").read_bytes()


def look_into(file: Path, data: bytes) -> None:
    """Whatever the bytes: a policy, or problems that each name a line that the file has."""
    file.write_bytes(data)
    problems = check(file)
    last = data.count(b"\n") + 1
    assert all(problem.line is not None and 1 <= problem.line <= last for problem in problems)
    if problems:
        with pytest.raises(PolicyProblem) as raised:
            load(file)
        assert str(raised.value) == str(problems[0])
    else:
        assert load(file).rules


@examples(60)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
def test_random_bytes_are_never_a_crash(tmp_path: Path, data: bytes) -> None:
    look_into(tmp_path / "list.toml", data)


_ODD_VALUES = st.sampled_from(
    [b"1", b"-0.0", b"nan", b"true", b"[]", b"[{}]", b"{}", b'""', b'"x"', b"2026-13-01", b"1e999", b"0001-01-01", b"'"]
)


@examples(60)
@given(st.data())
def test_a_damaged_canadian_policy_is_never_a_crash(tmp_path: Path, data: st.DataObject) -> None:
    lines = CANADA.split(b"\n")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["drop", "double", "cut", "value", "byte", "swap"])):
            case "drop" if len(lines) > 1:
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "cut":
                lines = lines[: at + 1]
            case "value":
                lines[at] = lines[at].partition(b"=")[0] + b"= " + data.draw(_ODD_VALUES)
            case "byte":
                column = data.draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:column] + data.draw(st.binary(max_size=2)) + lines[at][column + 1 :]
            case _:
                other = data.draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
    look_into(tmp_path / "list.toml", b"\n".join(lines))


@pytest.mark.parametrize("text", ["a" + ".a" * 20_000 + " = 1", "x = {" + "b." * 100 + "c = 1}"])
def test_a_key_that_would_take_minutes_is_refused_at_once(tmp_path: Path, text: str) -> None:
    (sentence,) = sentences(write(tmp_path, f"id = 'x'\n{text}"))
    assert "line 2: a key has" in sentence


def test_only_so_many_faults_are_told(tmp_path: Path) -> None:
    assert len(check(write(tmp_path, "[[rule]]\n" * 5_000))) == FAULTS_LIMIT
