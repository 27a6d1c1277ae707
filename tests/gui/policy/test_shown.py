"""What is in force, since when, why it is believed, and the answer to “would this app be banned?”."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from core.desk.desk import Desk
from core.desk.settings.settings_table import Settings
from core.ledger import records
from core.model import Code, Label, Policy, Rule, RuleFile, Signer, Strength, Team
from core.policy.format.policy_file import load_built_in
from core.policy.matching.ask import would_be
from core.policy.wording import long_date
from core.text import Bilingual
from gui.policy.page_header import moment
from gui.policy.policy_page import PolicyPage
from gui.policy.rules.ask_field import verdict
from gui.policy.rules.rule_model import SIGNATURE_COLUMNS, Query, rule_row, signatures
from gui.toolkit.jobs import JobRunner
from gui.toolkit.lists.rows_table import TableRows
from gui.toolkit.theme import Status
from gui.toolkit.translated_text import speak
from tests.gui.policy.conftest import MakePage, look_at, offered

CANADA = load_built_in("canada")
PolicyFile = Callable[..., Path]


def rule_of_canada(id: str) -> Rule:
    rule = CANADA.rule(id)
    assert rule is not None
    return rule


# The answer


@pytest.mark.parametrize(
    ("typed", "status", "begins"),
    [
        ("com.tencent.mm", Status.RED, "Yes, it would be banned. com.tencent.mm is the id of WeChat."),
        ("wechat", Status.RED, "Yes, it would be banned. WeChat goes by this name."),
        ("962f5b7", Status.RED, "Yes, it would be banned. The maker of WeChat signs with this certificate."),
        ("deepseek", Status.AMBER, "Not banned, but recommended to restrict. DeepSeek goes by this name."),
        ("lemon8", Status.INFO, "Not banned, only related. "),
        ("kasp", Status.AMBER, "Perhaps: this is like what the rule “Kaspersky suite of applications” names."),
        ("debogage", Status.AMBER, "Perhaps: "),  # as the list finds it, without its accent
        ("Signal", Status.NEUTRAL, "No rule names “Signal”. An app under another name can still be recognised"),
    ],
)
def test_what_is_typed_is_answered_in_one_sentence(page: PolicyPage, typed: str, status: Status, begins: str) -> None:
    page.search.setText(typed)
    assert page.answer.isVisible()
    assert page.answer.sentence.text().startswith(begins)
    assert page.answer.property("kind") == status.value
    assert page.answer.accessibleName() == page.answer.sentence.text()
    page.search.clear()
    assert not page.answer.isVisible()


def test_one_letter_is_no_question(page: PolicyPage) -> None:
    page.search.setText("w")
    assert not page.answer.isVisible()


def test_the_answer_changes_its_language(page: PolicyPage) -> None:
    page.search.setText("com.tencent.mm")
    before = page.answer.sentence.text()
    speak("fr")
    assert "com.tencent.mm" in page.answer.sentence.text()
    assert page.rule.words.strength.accessibleName() == "Interdite"
    speak("en")
    assert page.answer.sentence.text() == before


def test_a_ban_is_told_before_a_notice_of_the_same_name() -> None:
    wechat = rule_of_canada("wechat")
    policy = replace(CANADA, rules=(replace(wechat, id="also", strength=Strength.NOTICE), wechat))
    assert verdict("com.tencent.mm", would_be(policy, "com.tencent.mm")).status is Status.RED


@settings(deadline=None)
@given(st.text(max_size=250))
def test_whatever_is_typed_is_answered_and_shown_plain(typed: str) -> None:
    said = str(verdict(typed, would_be(CANADA, typed)).sentence)
    assert said
    assert "\n" not in said
    assert "\u202e" not in said


def test_a_large_policy_is_asked_off_the_gui_thread_and_only_the_last_answer_counts(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.policy.rules.ask_field._AT_ONCE", 1)
    threads = JobRunner()
    page = PolicyPage(Desk(tmp_path, Settings()), threads)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.policy is not None)
    for typed in ("com.ten", "com.tencent", "com.tencent.mm"):
        page.search.setText(typed)
    qtbot.waitUntil(lambda: page.answer.sentence.text().startswith("Yes"))
    page.search.setText("Signal")
    page.search.clear()
    qtbot.waitUntil(lambda: threads.idle)
    assert not page.answer.isVisible()
    threads.close()


# Since when, and why


def test_since_when_it_is_in_force_is_told_once_it_has_judged(make_page: MakePage, tmp_path: Path) -> None:
    desk = Desk(tmp_path, Settings(unsigned_policy=True))
    policy = desk.active_policy().policy
    with desk.custodian(False, make=True) as ledger:
        ledger.append(records.PolicyLoaded.of(policy), policy=policy)
        (loaded,) = ledger.newest(1, kind=records.Kind.POLICY_LOADED)
    page = make_page()
    assert page.head.since.value.whole() == str(moment(loaded.time))
    speak("fr")
    assert page.head.since.value.whole() == str(moment(loaded.time))


def test_a_moment_is_told_by_this_computers_clock() -> None:
    when = datetime(2026, 11, 24, 12, 5, tzinfo=UTC)
    assert str(moment(when)).endswith(f"{when.astimezone():%H:%M}")


def test_that_nobody_has_signed_it_cannot_be_missed(make_page: MakePage, policy_file: PolicyFile) -> None:
    page = make_page(policy_file())
    assert page.warnings.isVisible()
    assert page.warnings.accessibleName() == (
        "This policy is not signed: a person who can write the file ours.toml decides what is banned here."
    )


def test_a_file_that_the_administrator_named_is_believed(make_page: MakePage, policy_file: PolicyFile) -> None:
    page = make_page(policy_file(), locked=frozenset({"policy"}))
    assert not page.warnings.isVisible()
    assert page.head.trust.value.whole().startswith("set for this computer by your organisation: ours.toml, in ")


def test_a_file_that_may_not_count_is_told(
    qtbot: QtBot, runner: JobRunner, tmp_path: Path, policy_file: PolicyFile
) -> None:
    page = PolicyPage(Desk(tmp_path, Settings(policy=str(policy_file()))), runner)
    qtbot.addWidget(page)
    page.show()
    assert page.states.currentWidget() is page.unusable
    assert page.problem.sentence.text().startswith("The policy ours.toml is not signed")


def test_what_a_lower_policy_has_and_this_one_switches_off_is_listed(
    make_page: MakePage, policy_file: PolicyFile
) -> None:
    file = policy_file()
    text = file.read_text(encoding="utf-8").replace('id = "ours"', 'id = "ours"\non = "canada"\noff = ["lemon8"]', 1)
    file.write_text(text, encoding="utf-8")
    page = make_page(file)
    assert page.count.whole() == "17 rules, 1 not in force"
    look_at(page, "lemon8")
    assert page.rule.words.owner.whole().startswith("Switched off by your organisation’s policy")
    assert offered(page) == []
    page.take_out()  # nothing that this desk could switch on
    assert page.head.parts.text() == "Made of 2 files…"


# What a rule knows its product by


def rich(rule: Rule) -> Rule:
    signer = Signer(
        ("com.tencent.mm",), "one source", "a list", sha256="ab" * 32, sha1="cd" * 20, md5="ef" * 16, hash="7"
    )
    return replace(
        rule,
        signers=(signer,),
        code=(
            Code("com.loud.game.", "one source", "a list"),
            Code("com.loud.game.Main", "one source", "a list"),
            Code("com.loud.engine.", "one source", "a list", inside=True),
        ),
        files=(RuleFile("lib/*/libloud.so", "one source", "a list", ("com.loud.other",)),),
        labels=(Label("Loud", "a list"),),
        teams=(Team("ABCDE12345", "com.loud.", "one source", "a list"),),
    )


def test_every_sign_of_a_rule_is_a_row(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    model = TableRows(SIGNATURE_COLUMNS)
    model.show_rows(signatures(rich(rule_of_canada("wechat"))))
    qtmodeltester.check(model)
    assert [model.cells(row)[:3] for row in range(model.rowCount())] == [
        ["Certificate, SHA-256", "ab" * 32, "com.tencent.mm"],
        ["Certificate, SHA-1", "cd" * 20, "com.tencent.mm"],
        ["Certificate, MD5", "ef" * 16, "com.tencent.mm"],
        ["Certificate, short code", "7", "com.tencent.mm"],
        ["Classes that begin with", "com.loud.game.", "any app"],
        ["Class", "com.loud.game.Main", "any app"],
        ["In the code, ten classes of", "com.loud.engine.", "any app"],
        ["File in the app", "lib/*/libloud.so", "any app but com.loud.other"],
        ["Apple developer team", "ABCDE12345", "ids that begin with com.loud."],
        ["Name on the screen", "Loud", "only a hint"],
    ]


def test_a_digest_is_found_with_and_without_colons() -> None:
    one = rule_row(rich(rule_of_canada("wechat")))
    with_colons = ":".join(["AB"] * 32)
    assert one.rank(Query(with_colons)) == one.rank(Query("ab" * 32)) == 0
    assert one.matching_signatures(Query(with_colons)) == (0,)
    assert one.matching_signatures(Query("")) == ()


def test_all_that_a_rule_says_of_itself_is_shown(qtbot: QtBot, page: PolicyPage) -> None:
    day = CANADA.issued
    rule = replace(
        rich(rule_of_canada("wechat")),
        publisher="Loud Inc.",
        announced=day,
        deadline=day,
        scope=Bilingual("tablets", "les tablettes"),
    )
    page.rule.show_entry(rule_row(rule), Query(""))
    words = page.rule.words
    assert words.maker.text() == "Loud Inc."
    assert words.scope.text() == "tablets"
    announced = f"Announced on {long_date(day).en}. In effect since 30 October 2023. To be carried"
    assert words.dates.text().startswith(announced)
    speak("fr")
    assert words.scope.text() == "les tablettes"


@pytest.mark.parametrize("policy", [CANADA])
def test_most_rules_show_nothing_that_they_do_not_say(page: PolicyPage, policy: Policy) -> None:
    look_at(page, "weread")
    words = page.rule.words
    assert not any(part.isVisible() for part in (words.owner, words.scope))
